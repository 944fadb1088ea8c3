# %% [markdown]
# # Saving and resuming training
#
# A training run has finished three epochs when its machine disappears, as machines in Colab do after some
# hours. Two students had saved their work. Each of them continues on a new machine, with the same images in the
# same order. The first student's loss goes on as before. The second student's loss jumps.
#
# Nobody saw an error message. What did the second student forget to save?
#
# **By the end of this lesson you will be able to**
#
# 1. say what a checkpoint must hold, and prove that a resumed run has lost nothing;
# 2. save and resume a training run in NumPy, PyTorch and Keras;
# 3. write one program for an NVIDIA GPU, a Mac and a CPU, time it honestly, and go on when Colab has no GPU.
#
# **Time:** about 55 minutes, and 25 for the exercises. **You need:** [Training](14_training.ipynb) for Adam, and
# [Start here](00_start_here.ipynb) for Colab and its GPUs.

# %% include="lesson_setup"

# %%
import os
import tempfile
import time
from copy import deepcopy
from pathlib import Path

import h5py

from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.models import digits_network
from convnet.training import SGD, Adam, evaluate, train
from lesson_tools.drawings import working_in_colab as draw
from lesson_tools.questions.working_in_colab import check, predict

X, labels, X_test, test_labels, _ = digits()
drive = Path("/content/drive/MyDrive")  # exists after keep_in_drive() in Colab
work = drive / "convolution" if drive.is_dir() else Path(tempfile.mkdtemp())
work.mkdir(exist_ok=True)

# %% [markdown]
# ## Two questions to warm up
#
# In [Transfer learning](28_transfer_learning.ipynb) you reused a pretrained network.
#
# **Recall.** You freeze its body, which computes 1,280 features, and put a dense layer for ten classes on top. How
# many parameters do you train?

# %%
predict("head", None)

# %% [markdown]
# **Recall.** In fine-tuning, which parameters change? `"a"`: those of the new head. `"b"`: those of the
# pretrained body. `"c"`: both.

# %%
predict("tuned", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# (1,280 + 1) x 10 = [12,810]{= f"{(1280 + 1) * 10:,}" }. In fine-tuning, both change (`"c"`); training the head
# alone is feature extraction.
#
# </details>

# %% [markdown]
# ## Two students
#
# Here is the story in code. `losses_of` trains from one epoch to another, and derives the order of the images
# from the number of the epoch, so that both students see the same mini-batches. After the third epoch, the
# first student continues with the network and the optimizer. The second one copies the parameters into a new
# network and starts a new optimizer with the same settings.


# %%
def losses_of(network, optimizer, first, last, seed):
    """Train from epoch `first` to epoch `last`, and return the loss of each mini-batch."""
    losses = []
    for epoch in range(first, last + 1):
        order = np.random.default_rng((seed, epoch)).permutation(len(X))
        for start in range(0, len(X), 32):
            picked = order[start : start + 32]
            scores = network.forward(X[picked], training=True)
            losses.append(cross_entropy(scores, labels[picked]))
            network.backward(cross_entropy_backward(scores, labels[picked]))
            optimizer.step(network.parameters, network.gradients)
    return losses


def after_a_break(make_optimizer, seed):
    """Return the losses of epochs 1 to 3, and of epoch 4 for the first and the second student."""
    network, optimizer = digits_network(seed, "float64"), make_optimizer()
    before = losses_of(network, optimizer, 1, 3, seed)
    copy = digits_network(seed, "float64")
    copy.parameters[:] = network.parameters
    first = losses_of(network, optimizer, 4, 4, seed)
    return before, first, losses_of(copy, make_optimizer(), 4, 4, seed)


runs = [after_a_break(lambda: Adam(0.01), seed) for seed in range(6)]
before, first_student, second_student = (np.array(part) for part in zip(*runs, strict=True))
draw.after_a_break(before, first_student, second_student)

# %% [markdown]
# In the first 24 mini-batches after the break, the second student's loss is
# [2.4]{= f"{second_student[:, :24].mean() / first_student[:, :24].mean():.1f}" } times the first one's, on average over
# six seeds.
#
# **Predict.** What did the second student lose? `"a"`: the parameters. `"b"`: what the optimizer remembers.
# `"c"`: the order of the images.

# %%
predict("forgot", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. Without the parameters, the loss would begin where an untrained network does, near $\log 10 = 2.3$,
# and the order is the same for both. If this was new, go back to *Adam* in [Training](14_training.ipynb).
#
# </details>
#
# Why does it hurt? Adam divides an average of past gradients by the root of an average of their squares. A
# new Adam remembers one gradient only, so this quotient is 1 or -1, and every parameter moves by the whole learning
# rate, 0.01, even where the gradient is tiny. The next cell measures the first step after the break.

# %%
network, optimizer = digits_network(0, "float64"), Adam(0.01)
losses_of(network, optimizer, 1, 3, seed=0)
network.backward(cross_entropy_backward(network.forward(X[:32], training=True), labels[:32]))

steps = {}
for name, one in {"first student": optimizer, "second student": Adam(0.01)}.items():
    moved = network.parameters.copy()
    one.step(moved, network.gradients)
    steps[name] = np.abs(moved - network.parameters)
draw.first_steps(steps)

# %% [markdown]
# On average, a parameter of the second student moves
# [8]{= f"{steps['second student'].mean() / steps['first student'].mean():.0f}" } times as far in this step as one of
# the first student, whose optimizer has seen [141]{= before.shape[1] } mini-batches. Which of Adam's two averages
# matters? We set one of them, the average of the gradients, to zero, again with six seeds:

# %%
losses = []
for seed in range(6):
    network, optimizer = digits_network(seed, "float64"), Adam(0.01)
    losses_of(network, optimizer, 1, 3, seed)
    parameters, kept = network.parameters.copy(), deepcopy(optimizer)
    kept.state["first_moment"][...] = 0  # what is left: the average of the squares
    first = np.mean(losses_of(network, optimizer, 4, 4, seed)[:24])
    network.parameters[:] = parameters
    losses.append([first, np.mean(losses_of(network, kept, 4, 4, seed)[:24])])
first, squares_kept = np.mean(losses, axis=0)
print(f"with the squares alone: {squares_kept / first:.2f} times the first student's loss")

# %% [markdown]
# With the average of the *squares* alone, the loss after the break is no higher than the first student's, so the
# squares are what the second student misses. They tell Adam how large the gradients of a parameter usually are, so that
# a tiny gradient leads to a tiny step.

# %% [markdown] tags=["row-27"]
# ## Saving and resuming a training run
#
# A [**checkpoint**](glossary.md#checkpoint) is a file from which training can continue. It must hold everything
# that the next step depends on: the parameters, the state of the optimizer, the number of finished epochs, and
# whatever determines the random numbers, such as the seed of the shuffling.
#
# The course's function `train` writes a checkpoint after each epoch if you give it the name of a file. The
# next cell trains for three epochs. Then we assume that the machine is lost.
#
# **Predict.** How many numbers does the checkpoint hold for each parameter of the network, if the optimizer is Adam?

# %%
predict("state", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 3: the parameter itself, the average of its gradient, and the average of the gradient's square. In the file
# these two are `first_moment` and `second_moment`, each as long as all arrays of parameters together.
#
# </details>

# %%
checkpoint = work / "digits.h5"
checkpoint.unlink(missing_ok=True)
train(digits_network(1), X, labels, epochs=3, seed=1, checkpoint=checkpoint, progress=False)

with h5py.File(checkpoint) as file:
    file.visititems(lambda name, item: print(f"{name:26} {getattr(item, 'shape', '')}"))

# %% [markdown]
# ## Does it really continue?
#
# A loss that looks right proves little, because the run may have begun again and been lucky. For a fair test, the new
# network must not be able to succeed by chance. So we overwrite its parameters with nan, which spoils every sum
# that it enters. We also count the epochs, and compare the result with an uninterrupted run and with two controls:
# a run that ends after three epochs, and one that resumes with nothing but the parameters.

# %%
resumed = digits_network(1)
resumed.parameters[:] = np.nan
epochs_now = []
history = train(
    resumed, X, labels, epochs=6, seed=1, checkpoint=checkpoint, progress=False,
    after_epoch=lambda history: epochs_now.append(len(history)),
)  # fmt: skip

uninterrupted = digits_network(1)
train(uninterrupted, X, labels, epochs=6, seed=1, progress=False)

again = digits_network(1)  # three epochs only
train(again, X, labels, epochs=3, seed=1, progress=False)
weights_only = digits_network(1)  # the same parameters as in the checkpoint, and a new Adam
weights_only.parameters[:] = again.parameters
losses_of(weights_only, Adam(), 4, 6, seed=1)

for name, one in (("resumed", resumed), ("three epochs", again), ("weights only", weights_only)):
    largest = np.abs(one.parameters - uninterrupted.parameters).max()
    print(f"{name:14} largest difference from the uninterrupted run: {largest:.3g}")

# %% [markdown]
# The resumed run computed epochs `[[4, 5, 6]]{= epochs_now }` and ended with **exactly** the parameters of the
# uninterrupted one, all [3,818]{= f"{np.sum(resumed.parameters == uninterrupted.parameters):,}" } of them. The
# controls did not. A machine of another kind may round sums differently, and then you can only expect similar
# numbers.

# %% [markdown]
# ## The same in PyTorch
#
# In PyTorch you write the training loop, so you decide what to save. Put it into a dictionary. The method
# `state_dict()` returns the state of a network, and also that of an optimizer.


# %% needs="torch"
import torch
import torch.nn as nn
import torch.nn.functional as F


def new_training():
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10)
    )
    return model, torch.optim.Adam(model.parameters(), lr=0.01)


def fit(model, optimizer, first, last, path):
    x, y = torch.tensor(X.transpose(0, 3, 1, 2)), torch.tensor(labels)
    model.train()
    for epoch in range(first, last + 1):
        torch.manual_seed(epoch)  # so that the order depends on nothing but the epoch
        for picked in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            F.cross_entropy(model(x[picked]), y[picked]).backward()
            optimizer.step()
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}
        torch.save(state, path)


torch.manual_seed(0)
model, optimizer = new_training()
fit(model, optimizer, 1, 2, work / "digits.pt")

# %% [markdown]
# To resume, create a network and an optimizer as before, and load the two states into them. With
# `map_location="cpu"`, you can load on a CPU what was saved on a GPU. `weights_only=True`, the default since
# PyTorch 2.6, refuses files that would run code when they are loaded.

# %% needs="torch"
new_model, new_optimizer = new_training()  # other random parameters
state = torch.load(work / "digits.pt", weights_only=True, map_location="cpu")
new_model.load_state_dict(state["model"])
new_optimizer.load_state_dict(state["optimizer"])
fit(new_model, new_optimizer, state["epoch"] + 1, 4, work / "resumed.pt")

fit(model, optimizer, 3, 4, work / "uninterrupted.pt")
torch.testing.assert_close(new_model.state_dict(), model.state_dict(), rtol=0, atol=0)
print("after epoch 4, the two models have equal parameters")

# %% [markdown]
# ## The same in Keras
#
# In Keras, two callbacks do the work. `BackupAndRestore` saves the state of `fit` after each epoch, so that the
# next call of `fit` resumes from it, and deletes the backup when `fit` has finished. `ModelCheckpoint` with
# `save_best_only=True` keeps the best model.

# %% needs="keras"
import keras
from keras import layers


def build():
    model = keras.Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    return model


def fit_keras(model, *more):
    backup = keras.callbacks.BackupAndRestore(work / "backup")
    best = keras.callbacks.ModelCheckpoint(
        work / "best.keras", monitor="val_loss", save_best_only=True
    )
    return model.fit(
        X, labels, epochs=4, validation_split=0.2, callbacks=[backup, best, *more], verbose=0
    )


# %% [markdown]
# To try it, a third callback ends the first call of `fit` in its third epoch, as a lost machine would.


# %% needs="keras"
class Interruption(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            raise ConnectionError("the machine disappears in the third epoch")


keras.utils.set_random_seed(0)
try:
    fit_keras(build(), Interruption())
except ConnectionError as error:
    print(error)
resumed_model = build()
keras_history = fit_keras(resumed_model)
print("epochs of the second call, counted from 0:", keras_history.epoch)
print("steps of its optimizer:", int(resumed_model.optimizer.iterations), "= 4 epochs of 38")
best_model = keras.models.load_model(work / "best.keras")

# %% [markdown]
# The second call continued after the two saved epochs, and the optimizer has counted the steps of all four. Keras
# saves the parameters and the optimizer, but not the generator that shuffles, so the result is not exactly that of
# an uninterrupted run.

# %% [markdown]
# ## Where to keep a checkpoint
#
# A checkpoint on the disk of a machine is lost with the machine. In Colab, it belongs in a folder of your Drive, which
# `keep_in_drive()` mounts if you allow it (see [Start here](00_start_here.ipynb)). The second cell of this lesson
# uses Drive if it is there, and a folder of this machine otherwise, so a refused permission never stops the run.
#
# Drive receives a file with some delay; Colab's `drive.flush_and_unmount()` waits until it has arrived. Images are a
# different matter, because Drive is slow at reading many small files. Keep them in Drive as one archive, and unpack it
# to the machine's own disk, in `/content`.

# %% [markdown] tags=["row-27"]
# ## One program for every machine
#
# The new machine may be of another kind. The old one had an NVIDIA GPU, which PyTorch calls `cuda`; your laptop may
# be a Mac, whose GPU it calls `mps`, or have neither. A program that contains the word `"cuda"` stops on the other
# two. So let the program ask, once, at its beginning. (`torch.accelerator` needs PyTorch 2.6 or newer.)

# %% needs="torch"
device = torch.device("cpu")
if torch.accelerator.is_available():
    device = torch.accelerator.current_accelerator()
print("PyTorch computes on:", device)

# %% [markdown]
# After that, two things have to get there: the network, before you create its optimizer, and each batch. The
# method `to` moves both, but not in the same way:
#
# ```python
# layer, batch = nn.Conv2d(1, 4, 3), torch.zeros(2, 1, 8, 8)
# layer.to("cuda")
# batch.to("cuda")
# layer(batch)
# ```
#
# The second line changes the layer in place. For a tensor, `to` cannot do that.
#
# **Predict.** What happens? `"a"`: This works. `"b"`: An error, as `layer` is still on the CPU. `"c"`: An error, as
# `batch` is.

# %%
predict("moved", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. For a tensor, `to` returns a new one, which the third line throws away. Always write
# `batch = batch.to(device)`. On a GPU, the error message names the types `torch.FloatTensor` and
# `torch.cuda.FloatTensor`.
#
# </details>
#
# The method `to` also changes the dtype, so you can make the same mistake without a GPU.

# %% needs="torch"
layer, batch = nn.Conv2d(1, 4, 3), torch.zeros(2, 1, 8, 8)
layer.to(torch.float64)
batch.to(torch.float64)
print("weights:", layer.weight.dtype, "  batch:", batch.dtype)
try:
    layer(batch)
except RuntimeError as error:
    print("RuntimeError:", error)

# %% [markdown]
# Here is an epoch on the device of your machine. It resumes from the checkpoint that was saved above, wherever
# that was: `map_location` loads the arrays to where you are now.

# %% needs="torch"
from torch.utils.data import DataLoader, TensorDataset

model, _ = new_training()
model.to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
state = torch.load(work / "digits.pt", weights_only=True, map_location=device)
model.load_state_dict(state["model"])
optimizer.load_state_dict(state["optimizer"])

data = TensorDataset(torch.tensor(X.transpose(0, 3, 1, 2)), torch.tensor(labels))
total = torch.zeros((), device=device)
for images, targets in DataLoader(data, batch_size=32, shuffle=True):
    images, targets = images.to(device), targets.to(device)
    optimizer.zero_grad()
    loss = F.cross_entropy(model(images), targets)
    loss.backward()
    optimizer.step()
    total += loss.detach() * len(images)  # stays on the device
print(f"epoch {state['epoch'] + 1} on {device}: mean loss {total.item() / len(data):.3f}")

# %% [markdown]
# ## Keras chooses for you
#
# In Keras you write no such lines. Its backend uses the GPU that it finds, for the network and for every batch of
# `fit`:
#
# | backend of Keras | NVIDIA GPU | GPU of a Mac |
# |---|---|---|
# | TensorFlow | used | with the plugin `tensorflow-metal`, if it supports your version |
# | PyTorch | used | used |
# | JAX | used, if installed for CUDA | not by default |
#
# You choose the backend before the first `import keras`, with the environment variable `KERAS_BACKEND`. So on a Mac,
# `KERAS_BACKEND=torch` is the easiest way to the GPU. We could not try the right column ourselves: it is what the
# libraries' documentation and code say.

# %% needs="keras tensorflow"
import tensorflow as tf

print("backend:", keras.backend.backend())
print("GPUs of TensorFlow:", len(tf.config.list_physical_devices("GPU")))

# %% [markdown]
# ## A Mac
#
# On a Mac with an Apple chip, everything in this course runs, and `torch.accelerator` finds its GPU. You may meet two
# errors that do not occur in Colab:
#
# - `TypeError: Cannot convert a MPS Tensor to float64 dtype`: the GPU has no numbers of 64 bits. Convert to
#   `torch.float32` before you move.
# - `NotImplementedError: The operator ... is not currently implemented for the MPS device`: set the environment
#   variable `PYTORCH_ENABLE_MPS_FALLBACK=1` before you import torch, and the CPU does that one operation.
#
# **Predict.** Which of these tensors can a Mac's GPU not hold? `"a"`: `torch.zeros(3)`. `"b"`:
# `torch.from_numpy(np.zeros(3))`. `"c"`: `torch.from_numpy(np.zeros(3, np.float32))`.

# %%
predict("mac", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. NumPy's default is `float64`, PyTorch's is `float32`, and `from_numpy` keeps what it gets. The images of
# `digits()` are [float32]{= X.dtype }, so you have been on the safe side.
#
# </details>

# %% [markdown] tags=["row-27"]
# ## When Colab has no GPU for you
#
# "Cannot connect to GPU backend", says Colab, usually on the evening before a deadline. Google lends free
# GPUs while it has some, and if you have used one for hours, others come first. The program above still runs,
# because it asks. But will it finish today? Do not guess. Time a few mini-batches, and multiply.


# %%
def step(network, optimizer, picked):
    scores = network.forward(X[picked], training=True)
    network.backward(cross_entropy_backward(scores, labels[picked]))
    optimizer.step(network.parameters, network.gradients)


network, optimizer = digits_network(), Adam()
batches = np.arange(len(X)).reshape(-1, 30)  # 50 mini-batches of 30
step(network, optimizer, batches[0])  # the first one prepares, and does not count

start = time.perf_counter()
for picked in batches[:10]:
    step(network, optimizer, picked)
estimate = (time.perf_counter() - start) / 10 * len(batches)

start = time.perf_counter()
for picked in batches:
    step(network, optimizer, picked)
print(f"estimate {estimate:.2f} s, one epoch took {time.perf_counter() - start:.2f} s")

# %% [markdown]
# If the estimate says three hours, there are better ideas than waiting:
#
# 1. **Divide the run.** With a checkpoint in Drive, three evenings are as good as a night.
# 2. **Make it smaller** while you look for mistakes: 5% of the images, half the resolution. A bug shows there, too.
# 3. **Compute frozen features once.** In [Transfer learning](28_transfer_learning.ipynb), the body never changes, so
#    20 epochs need not compute its features 20 times. Store them, and train the head in seconds.
# 4. **Ask elsewhere.** Kaggle's notebooks lend GPUs, too, for some hours a week.
#
# The other bad message is `OutOfMemoryError`, on a GPU that you did get. Use smaller batches, or restart the
# session, because models in old variables still occupy memory.

# %% [markdown] tags=["row-27"]
# ## Measuring time on a device
#
# "My network takes 0.4 milliseconds." For how many images? In the first call or the hundredth? And what else was the
# machine doing? A time is a measurement, so it comes with conditions and a spread. The function below does what is
# usual: one call that does not count, then many, each of them timed.


# %%
def all_times(call, repeats=40, wait=lambda: None):
    """Time a call several times; `wait` returns when the device has finished."""
    call()
    wait()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        wait()
        times.append(time.perf_counter() - start)
    return np.array(times)


times = {m: all_times(lambda m=m: network.forward(X[:m], training=False)) for m in (1, 8, 64, 512)}
draw.times_per_image(times)

# %% [markdown]
# The figure shows two things that hold on every device. First, the times of equal calls differ, and other
# programs can only make them longer. So report the **median** and a range, and when you compare two programs,
# let them take turns. Second, an image is much cheaper in a large batch. Each call has a fixed cost, here that of
# Python and NumPy, which is shared by all images of the batch.
#
# On a GPU the fixed cost of a call is larger still, compared with what it computes. That is why the digits
# network of this course would gain nothing there, and VGG-16 a lot.

# %% [markdown]
# ## A GPU answers before it has finished
#
# On a GPU there is one more trap. A call only puts its job into a queue and returns at once, and the CPU goes on
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
# The CPU waits only when it needs a result, as in `loss.item()`, or when you ask it to, with
# `torch.accelerator.synchronize()`. That is what `wait` is for. It is also why the loop above adds up the losses on the
# device, and asks for a number once an epoch.
#
# The next cell times a product of matrices on the CPU and, if you have one, on the GPU, with and without waiting. The
# machine that made this page has no GPU, so **the numbers that matter are yours**: run the cell in Colab.

# %% needs="torch"
places = {"CPU": ("cpu", lambda: None)}
if device.type != "cpu":
    places["GPU, not waiting"] = (device, lambda: None)
    places["GPU, waiting"] = (device, torch.accelerator.synchronize)

for n in (64, 512, 2048):
    for name, (place, wait) in places.items():
        A = torch.rand(n, n, device=place)
        low, middle, high = np.quantile(all_times(lambda A=A: A @ A, 10, wait), [0, 0.5, 1])
        print(f"{n:4} x {n:<4} {name:16} {middle:.1e} s, from {low:.1e} to {high:.1e}")
if len(places) == 1:
    print("no GPU here: run this cell in Colab")

# %% [markdown]
# With a GPU, look for two things. If a product takes the same time at every size, nobody has waited for it. And for
# 64 x 64, the GPU should be no faster than the CPU. `torch.utils.benchmark.Timer` does the first call, the waiting and
# the median for you. Keras needs none of this as long as you time whole epochs of `fit`, which returns when the
# work is done.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: two numbers by hand
#
# 1. The digits network has 3,818 parameters of 32 bits. How many bytes of its checkpoint are parameters and the state
#    of Adam?
# 2. An epoch takes 12 minutes, and you save after each epoch, which takes no time worth mentioning. The
#    machine disappears at a random moment. How many minutes of work do you lose on average?
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
# If a loop shuffles with one generator that is created before the first epoch, it begins again with the order of
# epoch 1 when it is resumed. Write `order(seed, epoch, m)`, which returns the numbers from 0 to `m - 1` in a random
# order, different for each seed and each epoch, and the same on every machine. Use a new generator in each call,
# with the pair of the seed and the epoch as its seed.


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
# `save_buggy` writes the pieces of a checkpoint into a file and returns their size in bytes. If the machine
# disappears between two pieces, the new checkpoint is incomplete **and** the old one is lost. Write `save_safely` so
# that `path` holds a complete checkpoint at every moment. `os.replace(a, b)` renames the file `a` to `b` in one
# step, even if `b` exists.


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
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the cell below.
#
# 1. ... the optimizer is `SGD(0.1)`, and you save the weights alone? And `SGD(0.1, momentum=0.9)`?
# 2. ... you resume from `checkpoint` with `batch=16`, or with images from 0 to 255, `X * 255`?
# 3. ... `train` did not notice, and you test the network with images from 0 to 255? What do the accuracy and the
#    loss say?


# %%
def make_optimizer():
    return SGD(0.1)  # change this


_, with_state, without_state = after_a_break(make_optimizer, seed=0)
print("largest difference of a loss:", np.abs(np.subtract(with_state, without_state)).max())

try:
    train(digits_network(1), X, labels, epochs=7, seed=1, batch=16, checkpoint=checkpoint)
except ValueError as error:
    print("refused: another", str(error).partition("another ")[2])

for scale in (1, 255):
    loss, accuracy = evaluate(uninterrupted, np.float32(scale) * X_test, test_labels)
    print(f"images from 0 to {scale}: loss {loss:.2f}, accuracy {accuracy:.3f}")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. For plain SGD the largest difference is
#    [0]{= f"{np.abs(np.subtract(*after_a_break(lambda: SGD(0.1), 0)[1:])).max():g}" }: it has no state, so the
#    weights are enough. With momentum there is a velocity, and without it the largest difference is
#    [0.18]{= f"{np.abs(np.subtract(*after_a_break(lambda: SGD(0.1, momentum=0.9), 0)[1:])).max():.2f}" }.
# 2. `train` refuses both, since the result would belong to neither of the two runs. PyTorch and Keras do not
#    check this, so store the settings in your checkpoint and compare them when you resume.
# 3. Convolutions, ReLU and max pooling multiply their output by the factor of their input, apart from the biases.
#    All scores of an image grow together, so most predictions stay as they are. The loss shows the mistake: the
#    network is now far too confident where it is wrong. A good accuracy does not prove that the range is right.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **say what a [checkpoint](glossary.md#checkpoint) must hold:** parameters, optimizer, epoch and seed; and prove
#    with nan and an uninterrupted run that nothing was lost;
# 2. **save and resume** with `train(checkpoint=...)`, with two state dictionaries, or with `BackupAndRestore`, in a
#    folder that survives, under another name until the file is complete;
# 3. **write one program for every machine:** ask for the device, move the network and every batch to it; time it
#    after a first call, more than once, and with nothing left in the [queue](glossary.md#asynchronous-execution);
#    and without a [GPU](glossary.md#gpu), make the job smaller or divide it.
#
# Terms: [asynchronous execution](glossary.md#asynchronous-execution), [state dict](glossary.md#state-dict),
# [runtime](glossary.md#runtime).

# %% [markdown]
# ## What comes next
#
# You can train a network, save it, and move it from machine to machine. It remains to decide what the network
# should be *for*. The last lesson, [Project](31_project.ipynb), begins with a question of your own.

# %% [markdown]
# ## What to read next
#
# - Next is your own [Project](31_project.ipynb).
# - *Dive into Deep Learning*: [GPUs](https://d2l.ai/chapter_builders-guide/use-gpu.html) and
#   [Asynchronous computation](https://d2l.ai/chapter_computational-performance/async-computation.html).
# - PyTorch: [torch.accelerator](https://docs.pytorch.org/docs/stable/accelerator.html), [MPS
#   backend](https://docs.pytorch.org/docs/stable/notes/mps.html) on the Mac,
#   [CUDA semantics](https://docs.pytorch.org/docs/stable/notes/cuda.html), on asynchronous execution,
#   [Saving and loading models](https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html)
#   and [Reproducibility](https://docs.pytorch.org/docs/stable/notes/randomness.html).
# - Keras: [BackupAndRestore](https://keras.io/api/callbacks/backup_and_restore/) and
#   [ModelCheckpoint](https://keras.io/api/callbacks/model_checkpoint/).
