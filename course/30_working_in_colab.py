# %% [markdown]
# # Saving and resuming training
#
# A training run has completed three epochs when its machine disappears, as machines in Colab do after a few hours.
# Two students had saved their work, and each continues on a new machine, with the same images in the same order. The
# first student's loss stays as low as before. The second student's loss jumps to about twice that, as the figure
# below shows, and there was no error message. **What did the second student forget to save?**
#
# **By the end of this lesson you will be able to**
#
# 1. say what a checkpoint must contain, and prove that a resumed run has lost nothing;
# 2. save and resume a training run in NumPy, PyTorch and Keras, also on another device;
# 3. time a program on a GPU correctly, and decide whether a run will finish.
#
# **Time:** about 50 minutes, and 25 for the exercises. **You need:** [Training](14_training.ipynb) for Adam, and
# [Start here](00_start_here.ipynb) for Colab and its GPUs.

# %% include="lesson_setup"

# %%
import os
import tempfile
import time
from copy import deepcopy
from pathlib import Path

from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.models import digits_network
from convnet.training import Adam, evaluate
from lesson_tools.working_in_colab import figures as draw
from lesson_tools.working_in_colab.questions import check, predict

X, labels, X_test, test_labels, _ = digits()


def train_epochs(network, optimizer, epochs, seed):
    """Train, and return the loss of each mini-batch."""
    losses = []
    for epoch in epochs:
        order = np.random.default_rng((seed, epoch)).permutation(len(X))
        for start in range(0, len(X), 32):
            picked = order[start : start + 32]
            scores = network.forward(X[picked], training=True)
            losses.append(cross_entropy(scores, labels[picked]))
            network.backward(cross_entropy_backward(scores, labels[picked]))
            optimizer.step(network.parameters, network.gradients)
    return losses


def two_students(rate, seed):
    """Return the losses of epochs 1 to 3, and of epoch 4 for the first and the second student."""
    network, optimizer = digits_network(seed, "float64"), Adam(rate)
    before = train_epochs(network, optimizer, [1, 2, 3], seed)
    saved = network.parameters.copy()
    first = train_epochs(network, optimizer, [4], seed)
    network.parameters[:] = saved
    return before, first, train_epochs(network, Adam(rate), [4], seed)


runs = [two_students(0.01, seed) for seed in range(6)]
before, first, second = (np.array(part) for part in zip(*runs, strict=True))
draw.after_a_break(before, first, second)

# %% [markdown]
# ## The missing piece
#
# In the first 24 mini-batches after the break, the second student's loss is
# [2.4]{= f"{second[:, :24].mean() / first[:, :24].mean():.1f}" } times as high as the first student's, on average
# over six seeds. (Six other seeds gave 1.7.)
#
# **Predict.** What did the second student lose? `"a"`: the parameters. `"b"`: what the optimizer remembers.
# `"c"`: the order of the images.

# %%
predict("forgot", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. Without the parameters, the loss would start again near $\log 10 = 2.3$, as in an untrained network. And the order
# depends only on the seed and the number of the epoch, so it is the same for both students.
#
# </details>
#
# Why does the optimizer's memory matter? Adam moves a parameter $\theta$ by $-\eta\, \hat u / \sqrt{\hat v}$, where
# $\hat u$ and $\hat v$ are the bias-corrected running averages of its gradients and of their squares (we leave out
# the tiny $\epsilon$). A new optimizer has seen a single gradient $d\theta$, so in its first step
#
# $$\frac{\hat u}{\sqrt{\hat v}} = \frac{d\theta}{\sqrt{d\theta^2}} = \pm 1.$$
#
# Each parameter moves by the full learning rate $\eta$, however small its gradient (unless that is exactly 0). The
# first student's optimizer has seen [141]{= before.shape[1] } gradients of each parameter, with different signs and
# sizes. Their average is small compared with the root of the average square, and so is the step.

# %%
network, optimizer = digits_network(0, "float64"), Adam(0.01)
train_epochs(network, optimizer, [1, 2, 3], seed=0)
network.backward(cross_entropy_backward(network.forward(X[:32], training=True), labels[:32]))

steps = {}
for name, adam in {"first student": deepcopy(optimizer), "second student": Adam(0.01)}.items():
    moved = network.parameters.copy()
    adam.step(moved, network.gradients)
    steps[name] = np.abs(moved - network.parameters)
draw.first_steps(steps)

# %% [markdown]
# On average, a parameter of the second student moves
# [8]{= f"{steps['second student'].mean() / steps['first student'].mean():.0f}" } times as far, although both students
# have the same network and the same gradient.

# %% [markdown]
# ## A mistake that you do not see
#
# The learning rate of the two students, 0.01, is ten times Adam's usual one. How large is the jump at smaller rates?

# %%
for rate in (0.01, 0.003, 0.001):
    runs = [two_students(rate, seed) for seed in range(6)]
    first_24, second_24 = (np.mean([run[i][:24] for run in runs]) for i in (1, 2))
    print(f"rate {rate}: loss after the break {second_24 / first_24:.2f} times as high")

# %% [markdown]
# At 0.001, no jump is visible. But the second student has lost as much as before, and the rest of the run differs
# from the one that was interrupted. So a smooth curve is no proof that you saved everything. You need a definition
# and a test.

# %% [markdown] tags=["row-27"]
# ## Saving and resuming a training run
#
# A [**checkpoint**](glossary.md#checkpoint) is a file from which training can continue as if nothing had happened.
# Hence it must contain **everything that later steps and predictions depend on**: the parameters, the running
# averages of any batch normalization (there is none here), the state of the optimizer, the number of completed
# epochs, and whatever determines the random numbers. Here the seed and the epoch determine the order of the images.


# %%
def save(path, network, optimizer, epoch):
    np.savez(path, epoch=epoch, parameters=network.parameters, **optimizer.state)


def resume(path, network, optimizer):
    """Restore the network and the optimizer, and return the number of completed epochs."""
    with np.load(path) as file:
        saved = dict(file)
    network.parameters[:] = saved.pop("parameters")
    epoch = int(saved.pop("epoch"))
    optimizer.state = saved
    return epoch


# %% [markdown]
# **Predict.** With Adam, how many numbers does the checkpoint contain for each parameter of the network?

# %%
predict("state", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 3: the parameter itself, the average of its gradients, and the average of their squares. In the file, these two are
# called `first_moment` and `second_moment`. SGD without momentum has no state, so one number is enough.
#
# </details>

# %%
drive = Path("/content/drive/MyDrive")  # exists after keep_in_drive() in Colab
work = drive / "convolution" if drive.is_dir() else Path(tempfile.mkdtemp())
work.mkdir(exist_ok=True)

network, optimizer = digits_network(1), Adam()
train_epochs(network, optimizer, [1, 2, 3], seed=1)
save(work / "digits.npz", network, optimizer, epoch=3)
with np.load(work / "digits.npz") as file:
    print({name: array.shape for name, array in file.items()})

# %% [markdown]
# ## Does it really continue?
#
# The test compares the resumed run with an uninterrupted one, number by number. The new network must be unable to succeed
# by chance, so we fill it with `nan` first. Any parameter that the file does not restore would turn every result into
# `nan`. The second student, who loads the parameters alone, takes the test as well.

# %%
train_epochs(network, optimizer, [4, 5, 6], seed=1)  # the uninterrupted run

first_student, adam = digits_network(1), Adam()
first_student.parameters[:] = np.nan
completed = resume(work / "digits.npz", first_student, adam)
train_epochs(first_student, adam, range(completed + 1, 7), seed=1)

second_student = digits_network(1)
resume(work / "digits.npz", second_student, Adam())
train_epochs(second_student, Adam(), [4, 5, 6], seed=1)

for name, resumed in {"first": first_student, "second": second_student}.items():
    largest = np.abs(resumed.parameters - network.parameters).max()
    print(f"{name} student: largest difference of a parameter {largest:.3g}")

# %% [markdown]
# The first student's run ends with **exactly** the parameters of the uninterrupted one, all
# [3,818]{= f"{np.sum(first_student.parameters == network.parameters):,}" } of them. (A machine of another kind may
# round sums differently, and then you can only expect similar numbers.) The course's function `train(...,
# checkpoint=path)` saves a checkpoint after each epoch, and refuses to resume with other images or settings.
#
# A checkpoint on the disk of a machine is lost with the machine. In Colab, keep it in your Google Drive, which
# `keep_in_drive()` mounts. This lesson saves to Drive if it is mounted.

# %% [markdown]
# ## Checkpoints in PyTorch
#
# In PyTorch, you save a dictionary with the [state dict](glossary.md#state-dict) of the model and that of the
# optimizer. If you use a learning rate schedule, add its state dict as well. Forget the optimizer's, and you are the
# second student, because PyTorch does not complain.
#
# Dropout and shuffling draw random numbers. The line `torch.manual_seed(epoch)` makes them depend on the epoch alone.


# %% needs="torch"
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


def new_training(device="cpu"):
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.2),
        nn.Linear(128, 10),
    ).to(device)  # fmt: skip
    return model, torch.optim.Adam(model.parameters(), lr=0.01)


def fit(model, optimizer, epochs, path, device="cpu"):
    dataset = TensorDataset(torch.tensor(X).permute(0, 3, 1, 2), torch.tensor(labels))
    loader = DataLoader(dataset, batch_size=32, shuffle=True)
    model.train()
    for epoch in epochs:
        torch.manual_seed(epoch)
        for images, targets in loader:
            images, targets = images.to(device), targets.to(device)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images), targets)
            loss.backward()
            optimizer.step()
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}
        torch.save(state, path)


model, optimizer = new_training()
fit(model, optimizer, [1, 2], work / "digits.pt")

# %% [markdown]
# To resume, build a model and an optimizer as before, and load the two states into them. `weights_only=True`, the default
# since PyTorch 2.6, rejects files that would run code when they are loaded.

# %% needs="torch"
new_model, new_optimizer = new_training()  # different random parameters
state = torch.load(work / "digits.pt", weights_only=True)
new_model.load_state_dict(state["model"])
new_optimizer.load_state_dict(state["optimizer"])
fit(new_model, new_optimizer, range(state["epoch"] + 1, 5), work / "resumed.pt")

fit(model, optimizer, [3, 4], work / "uninterrupted.pt")
torch.testing.assert_close(new_model.state_dict(), model.state_dict(), rtol=0, atol=0)
print("after epoch 4, the two models have equal parameters")

# %% [markdown]
# ## Checkpoints in Keras
#
# In Keras, the callback `BackupAndRestore` saves the parameters, the optimizer and the epoch after each epoch. After an
# interruption, the same call of `fit` resumes from the backup, and at the end it deletes the backup. Here, a
# second callback plays the machine that disappears in the third epoch.


# %% needs="keras"
import keras
from keras import layers


class Interruption(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            raise ConnectionError("the machine disappears in the third epoch")


def fit_keras(*callbacks):
    stack = [layers.Input((8, 8, 1)), layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(10)]
    model = keras.Sequential(stack)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    backup = keras.callbacks.BackupAndRestore(work / "backup")
    history = model.fit(X, labels, epochs=4, callbacks=[backup, *callbacks], verbose=0)
    return history.epoch, int(model.optimizer.iterations)


try:
    fit_keras(Interruption())
except ConnectionError as error:
    print(error)
epochs, iterations = fit_keras()
print(f"the second call trained epochs {epochs}, counted from 0; the optimizer: {iterations} steps")

# %% [markdown]
# The second call trained the last two epochs only, and its optimizer has counted the 4 x 47 steps of all four. The
# backup does not contain the random generators of shuffling and dropout. With the TensorFlow backend, the same
# `keras.utils.set_random_seed` before both calls gives the numbers of an uninterrupted run here, because it makes all
# epochs use the same order. With dropout or the PyTorch backend, it does not.

# %% [markdown] tags=["row-27"]
# ## Resuming on another device
#
# The new machine may be of a different kind. PyTorch calls an NVIDIA GPU `cuda` and the GPU of a Mac `mps`, and a program
# with a hard-coded `"cuda"` fails wherever there is none. So let it choose the device once, at the beginning. (Keras
# leaves the choice to its backend.) `map_location` then loads the checkpoint to the new device, wherever it was saved.

# %% needs="torch"
device = torch.device("cpu")
if torch.accelerator.is_available():  # PyTorch 2.6 or newer
    device = torch.accelerator.current_accelerator()

model, optimizer = new_training(device)
state = torch.load(work / "digits.pt", weights_only=True, map_location=device)
model.load_state_dict(state["model"])
optimizer.load_state_dict(state["optimizer"])
fit(model, optimizer, [state["epoch"] + 1], work / "device.pt", device)
print("epoch", state["epoch"] + 1, "trained on", model[0].weight.device)

# %% [markdown]
# Two things must be on the device, the model and each mini-batch. The method `to` moves both, but not in the same way.
#
# ```python
# layer, batch = nn.Conv2d(1, 4, 3), torch.zeros(2, 1, 8, 8)
# layer.to("cuda")
# batch.to("cuda")
# layer(batch)
# ```
#
# The second line changes the layer in place. What does the third line do?
#
# **Predict.** What happens? `"a"`: This works. `"b"`: An error, because `layer` is still on the CPU. `"c"`: An error,
# because `batch` is still there.

# %%
predict("moved", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. A tensor never changes its device in place: `to` returns a new one, which the third line discards. Always
# write `batch = batch.to(device)`.
#
# </details>
#
# The method `to` also converts to another dtype, so you can see the difference without a GPU.

# %% needs="torch"
layer, batch = nn.Conv2d(1, 4, 3), torch.zeros(2, 1, 8, 8)
layer.to(torch.float64), batch.to(torch.float64)
print("weights:", layer.weight.dtype, "  batch:", batch.dtype)

# %% [markdown] tags=["row-27"]
# ## When Colab has no GPU for you
#
# Colab says "Cannot connect to GPU backend", usually on the evening before a deadline. Your program still runs on the
# CPU, but will it finish today? Do not guess. Time one epoch, or a few mini-batches of a long one, and multiply.

# %%
start = time.perf_counter()
train_epochs(digits_network(), Adam(), [1], seed=0)
print(f"estimate for 50 epochs: {50 * (time.perf_counter() - start):.0f} s")

# %% [markdown]
# If the estimate is three hours, you can do better than wait. With a checkpoint in Drive, three evenings are as good
# as a night. While you debug, use 5% of the images. And if the body of your network is frozen, as in [Transfer
# learning](28_transfer_learning.ipynb), compute its features once and train only the head on them.

# %% [markdown] tags=["row-27"]
# ## Measuring time on a device
#
# On a GPU, this way of timing fails. A call only adds its job to a queue and returns immediately, and the CPU continues
# while the GPU is still working. This is [**asynchronous execution**](glossary.md#asynchronous-execution).
#
# Imagine five calls, each of which gives a GPU a job of 20 milliseconds. You start a clock, make the calls, and stop
# the clock when the fifth has returned. Then you do the same with jobs of 80 milliseconds.
#
# **Predict.** How does the measured time change with the longer jobs? `"a"`: It becomes four times as long. `"b"`: It
# stays about the same. `"c"`: It becomes shorter.

# %%
predict("queue", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. The clock measures how long it takes to put five jobs into the queue, and a long job is queued as quickly as
# a short one.
#
# </details>

# %%
draw.queue()

# %% [markdown]
# The CPU waits only when it needs a result, as in `loss.item()`, or when you call `torch.accelerator.synchronize()`. So
# call `synchronize` before you stop the clock. This page was made without a GPU: run the next cell in Colab.

# %% needs="torch"
for n in (64, 1024):
    A = torch.rand(n, n, device=device)
    (A @ A).sum().item()  # warm-up: the first call takes longer; `item` waits for the result
    start = time.perf_counter()
    for _ in range(5):
        A @ A
    returned = time.perf_counter() - start
    if device.type != "cpu":
        torch.accelerator.synchronize()
    done = time.perf_counter() - start
    print(f"{n} x {n} on {device}: returned after {returned:.1e} s, done after {done:.1e} s")

# %% [markdown]
# On a CPU, a call returns when its work is done. On a GPU, compare the two times for the large matrices, and trust
# only the second. In practice, `torch.utils.benchmark.Timer` takes care of the warm-up and the waiting.

# %% [markdown]
# ## A machine that keeps disappearing
#
# Now for the worst machine in the world. It disappears in one of a hundred mini-batches, at random, and a run of 12 epochs
# takes 564 of them.
#
# **Predict.** Without checkpoints, every attempt starts from scratch. About how many attempts does it take until one gets
# to the end? `"a"`: 6. `"b"`: 60. `"c"`: 300.

# %%
predict("attempts", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. An attempt gets to the end with probability $0.99^{564}$, which is about
# 1 in [290]{= f"{0.99**-564:.0f}" }.
#
# </details>
#
# With `save` and `resume`, each attempt only has to reach the end of an epoch. Every new machine starts with a network
# full of `nan`, and knows nothing but the file.


# %%
class UnreliableAdam(Adam):
    survived = 0

    def step(self, parameters, gradients):
        if machine.random() < 0.01:
            raise ConnectionError("the machine has disappeared")
        super().step(parameters, gradients)
        self.survived += 1


def finish(resume, last=12):
    """Train on one machine after another; return the network and what each machine did."""
    path, attempts, completed = work / "unreliable.npz", [], 0
    save(path, digits_network(1, "float64"), Adam(), epoch=0)
    while completed < last:
        network, optimizer = digits_network(1, "float64"), UnreliableAdam(0.01)
        network.parameters[:] = np.nan
        completed = begin = resume(path, network, optimizer)
        try:
            for epoch in range(begin + 1, last + 1):
                train_epochs(network, optimizer, [epoch], seed=1)
                save(path, network, optimizer, epoch)
                completed = epoch
        except ConnectionError:
            pass  # on to the next machine
        attempts.append((begin, optimizer.survived))
    return network, attempts


machine = np.random.default_rng(0)
survivor, attempts = finish(resume)
draw.attempts(attempts, 12, 47)

# %% [markdown]
# It takes [9]{= len(attempts) } machines. Is the result as good as that of a machine that never fails? And how would
# the second student have fared on the same nine machines?


# %%
def resume_parameters(path, network, optimizer):
    return resume(path, network, Adam())  # the optimizer of the file is lost


machine = np.random.default_rng(0)
forgetful, _ = finish(resume_parameters)
uninterrupted = digits_network(1, "float64")
train_epochs(uninterrupted, Adam(0.01), range(1, 13), seed=1)

results = {"never fails": uninterrupted, "first student": survivor, "second student": forgetful}
for name, network in results.items():
    largest = np.abs(network.parameters - uninterrupted.parameters).max()
    accuracy = evaluate(network, X_test, test_labels)[1]
    print(f"{name:14} largest difference {largest:.3g}, test accuracy {accuracy:.3f}")

# %% [markdown]
# Nine machines have trained the same network as one that never fails, bit for bit. The second student's network is
# different, although its accuracy looks normal. Only the exact comparison shows that something is missing. (Try a
# machine that disappears with a probability of 0.03. It takes 64 of them, and the network is still the same.)

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: two numbers by hand
#
# 1. The digits network has 3,818 parameters of 32 bits. How many bytes of its checkpoint are parameters and the two
#    averages of Adam?
# 2. An epoch takes 12 minutes, and you save after each epoch, which takes almost no time. The machine disappears at a
#    random moment. How many minutes of work do you lose on average?
#
# Answer with two numbers, such as `(1, 2)`.

# %%
costs = None
### BEGIN SOLUTION
costs = (3 * 3818 * 4, 12 / 2)
### END SOLUTION

# %%
check("costs", costs)

# %% [markdown]
# ### Exercise 2: an order that survives the break
#
# Suppose that a loop creates its random generator once, before the first epoch. After a break, it would start again with
# the order of epoch 1. Write `order(seed, epoch, m)`, which returns the numbers from 0 to `m - 1` in a random order that
# differs for each pair of a seed and an epoch, but is the same in each call with this pair.


# %%
def order(seed, epoch, m):
    numbers = None
    ### BEGIN SOLUTION
    numbers = np.random.default_rng((seed, epoch)).permutation(m)
    ### END SOLUTION
    return numbers


# %%
check("order", order)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `save_buggy` writes the pieces of a checkpoint to a file and returns their size in bytes. If the machine disappears
# between two pieces, the new checkpoint is incomplete **and** the old one is lost. Write `save_safely` so that `path`
# contains a complete checkpoint at every moment. `os.replace(a, b)` renames the file `a` to `b` in one step, even if `b`
# exists.


# %%
def save_buggy(path, pieces):
    with path.open("wb") as file:
        return sum(file.write(piece) for piece in pieces)


def save_safely(path, pieces):
    size = None
    ### BEGIN SOLUTION
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        size = sum(file.write(piece) for piece in pieces)
    os.replace(new, path)
    ### END SOLUTION
    return size


# %%
check("save_safely", save_safely)

# %% [markdown]
# ## Recap
#
# A [checkpoint](glossary.md#checkpoint) contains everything that later steps and predictions depend on: the
# parameters, any running averages of batch normalization, the [state](glossary.md#state-dict) of the optimizer, the
# epoch, and what determines the random numbers. A smooth loss does not prove that nothing is missing. Compare
# parameters and predictions with those of an uninterrupted run. On a [GPU](glossary.md#gpu), move the model and every
# mini-batch to the device, and stop the clock only when the [queue](glossary.md#asynchronous-execution) is empty.

# %% [markdown]
# ## What to read next
#
# - Next is [Project](31_project.ipynb), which begins with a question of your own.
# - PyTorch: [Saving and loading
#   models](https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html) and
#   [Reproducibility](https://docs.pytorch.org/docs/stable/notes/randomness.html).
# - Keras: [BackupAndRestore](https://keras.io/api/callbacks/backup_and_restore/).
