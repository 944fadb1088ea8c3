# %% [markdown]
# # Saving and resuming training
#
# A training run has completed three epochs when its machine disappears, as machines in Colab do after a few hours. Two
# students had saved their work, and each continues on a new machine, with the same images in the same order. The first
# student's loss continues as before. The second student's loss jumps.
#
# There was no error message. What did the second student forget to save?
#
# **By the end of this lesson you will be able to**
#
# 1. say what a checkpoint must contain, and prove that a resumed run has lost nothing;
# 2. save and resume a training run in NumPy, PyTorch and Keras;
# 3. write one program for an NVIDIA GPU, a Mac and a CPU, time it correctly, and keep working when Colab has no GPU.
#
# **Time:** about 65 minutes, and 35 for the exercises. **You need:** [Training](14_training.ipynb) for Adam, and
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
from lesson_tools.working_in_colab import figures as draw
from lesson_tools.working_in_colab.questions import check, predict

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
# Here is the story in code. `losses_of` trains for a range of epochs. The epoch number determines the order of the
# images, so that both students see the same mini-batches. After the third epoch, the first student continues with the
# network and the optimizer. The second student copies the parameters into a new network and creates a new optimizer with
# the same settings.


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
# [2.4]{= f"{second_student[:, :24].mean() / first_student[:, :24].mean():.1f}" } times as high as the first student's, on
# average over six seeds.
#
# **Predict.** What did the second student lose? `"a"`: the parameters. `"b"`: what the optimizer remembers.
# `"c"`: the order of the images.

# %%
predict("forgot", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. Without the parameters, the loss would start again near $\log 10 = 2.3$, as in an untrained network, and the
# order is the same for both students. If this was new, go back to *Adam* in [Training](14_training.ipynb).
#
# </details>
#
# Why does this matter? Adam divides a running average of the gradients by the root of a running average of their squares.
# In its first step, a new optimizer has seen a single gradient, so this quotient is 1 or -1. Every parameter then moves by
# the full learning rate, 0.01, however small its gradient is. The next cell measures the first step after the break.

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
# With the average of the *squares* alone, the loss after the break is no higher than the first student's. So the second
# student lacks the squares. They tell Adam how large the gradients of a parameter usually are, so that an unusually small
# gradient leads to a small step.

# %% [markdown] tags=["row-27"]
# ## Saving and resuming a training run
#
# A [**checkpoint**](glossary.md#checkpoint) is a file from which training can continue. It must contain everything
# that the next step depends on: the parameters, the state of the optimizer, the number of completed epochs, and
# whatever determines the random numbers, such as the seed for shuffling.
#
# The course's function `train` writes a checkpoint after each epoch if you pass it a file name. The next cell trains for
# three epochs. Then we assume that the machine is lost.
#
# **Predict.** With Adam, how many numbers does the checkpoint contain for each parameter of the network?

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
# A plausible loss proves little, because the run may have started from scratch and been lucky. For a fair test, the new
# network must be unable to succeed by chance. So we overwrite its parameters with `nan`, which turns every result that
# depends on it into `nan`. We also count the epochs, and compare the result with an uninterrupted run and with two
# controls: a run that ends after three epochs, and one that resumes with the parameters alone.

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
# In PyTorch you write the training loop, so you decide what to save. The usual checkpoint is a dictionary with the
# `state_dict()` of the network and of the optimizer, and of a learning rate schedule if you use one.


# %% needs="torch"
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


def new_training():
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10)
    )
    return model, torch.optim.Adam(model.parameters(), lr=0.01)


def fit(model, optimizer, first, last, path, device="cpu"):
    """Train from epoch `first` to epoch `last`, with a checkpoint after each, and return the loss."""
    dataset = TensorDataset(torch.tensor(X).permute(0, 3, 1, 2), torch.tensor(labels))
    generator = torch.Generator()
    loader = DataLoader(dataset, batch_size=32, shuffle=True, generator=generator)
    model.train()
    for epoch in range(first, last + 1):
        generator.manual_seed(epoch)  # the order depends on the epoch alone
        total = torch.zeros((), device=device)
        for images, targets in loader:
            images, targets = images.to(device), targets.to(device)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images), targets)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(images)  # stays on the device
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}
        torch.save(state, path)
    return total.item() / len(dataset)


torch.manual_seed(0)
model, optimizer = new_training()
fit(model, optimizer, 1, 2, work / "digits.pt")

# %% [markdown]
# To resume, create a network and an optimizer as before, and load the two states into them. `map_location="cpu"` makes it
# possible to load on a CPU what was saved on a GPU. `weights_only=True`, the default since PyTorch 2.6, rejects files that
# would run code when they are loaded.

# %% needs="torch"
new_model, new_optimizer = new_training()  # different random parameters
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
# In Keras, two callbacks do the work. `BackupAndRestore` saves the state of training after each epoch, and after an
# interruption the next call of `fit` resumes from it. When `fit` has finished, the backup is deleted. `ModelCheckpoint`
# with `save_best_only=True` keeps the model with the lowest validation loss.

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
# To try this, a third callback interrupts the first call of `fit` in its third epoch, as the loss of the machine would.


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
# saves the parameters and the optimizer, but not the random generator for shuffling, so the result is not exactly that of
# an uninterrupted run.

# %% [markdown]
# ## Where to keep a checkpoint
#
# A checkpoint on the disk of a machine is lost with the machine. In Colab, it belongs in a folder of your Google Drive,
# which `keep_in_drive()` mounts if you allow it (see [Start here](00_start_here.ipynb)). This lesson saves to Drive if it
# is mounted, and otherwise to a temporary folder, so that a denied permission does not stop the run.
#
# Files reach Drive with some delay, and Colab's `drive.flush_and_unmount()` waits until they have arrived. For images,
# Drive is a poor choice, because it is slow at reading many small files. Keep them in Drive as one archive, and unpack the
# archive to the machine's own disk, in `/content`.

# %% [markdown] tags=["row-27"]
# ## One program for every machine
#
# The new machine may be of a different kind. The old one had an NVIDIA GPU, which PyTorch calls `cuda`. Your laptop may
# be a Mac, whose GPU PyTorch calls `mps`, or have no GPU at all. A program with a hard-coded `"cuda"` fails on the other
# two, so let it choose the device once, at the beginning. (`torch.accelerator` needs PyTorch 2.6 or newer.)

# %% needs="torch"
device = torch.device("cpu")
if torch.accelerator.is_available():
    device = torch.accelerator.current_accelerator()
print("PyTorch computes on:", device)

# %% [markdown]
# After that, you have to move two things to the device: the network, before you create its optimizer, and each batch. The
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
# `"c"`. For a tensor, `to` returns a new tensor, which the third line discards. Always write
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
# The function `fit` above already moves each batch. So the run can continue on the device of your machine, wherever its
# checkpoint was saved, because `map_location` loads the arrays to the new device. (For large data on a GPU,
# `DataLoader(..., num_workers=2, pin_memory=True)` prepares the next batches while the GPU computes.)

# %% needs="torch"
model, _ = new_training()
model.to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
state = torch.load(work / "digits.pt", weights_only=True, map_location=device)
model.load_state_dict(state["model"])
optimizer.load_state_dict(state["optimizer"])
epoch = state["epoch"] + 1
loss = fit(model, optimizer, epoch, epoch, work / "device.pt", device)
print(f"epoch {epoch} on {device}: mean loss {loss:.3f}")

# %% [markdown]
# ## Keras chooses for you
#
# In Keras you do not need such lines. Its backend uses the GPU that it finds, for the network and for every batch of
# `fit`:
#
# | backend of Keras | NVIDIA GPU | GPU of a Mac |
# |---|---|---|
# | TensorFlow | used | with the plugin `tensorflow-metal`, if it supports your version |
# | PyTorch | used | used |
# | JAX | used, if installed for CUDA | not by default |
#
# You choose the backend before the first `import keras`, with the environment variable `KERAS_BACKEND`. On a Mac,
# `KERAS_BACKEND=torch` is the easiest way to use the GPU. (We could not test the right column. It comes from the
# documentation and the code of the libraries.)

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
# - `TypeError: Cannot convert a MPS Tensor to float64 dtype`: the GPU does not support 64-bit numbers. Convert the tensor
#   to `torch.float32` before you move it.
# - `NotImplementedError: The operator ... is not currently implemented for the MPS device`: set the environment
#   variable `PYTORCH_ENABLE_MPS_FALLBACK=1` before you import torch, and the CPU computes this operation.
#
# **Predict.** Which of these tensors can a Mac's GPU not hold? `"a"`: `torch.zeros(3)`. `"b"`:
# `torch.from_numpy(np.zeros(3))`. `"c"`: `torch.from_numpy(np.zeros(3, np.float32))`.

# %%
predict("mac", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. NumPy's default is `float64`, PyTorch's is `float32`, and `from_numpy` keeps the dtype of its array. The images
# of `digits()` are [float32]{= X.dtype }, so they cause no such error.
#
# </details>

# %% [markdown] tags=["row-27"]
# ## When Colab has no GPU for you
#
# "Cannot connect to GPU backend", says Colab, usually on the evening before a deadline. Free GPUs are limited, and if you
# have used one for hours, other users come first. The program above still runs, because it chooses the device itself. But
# will it finish today? Do not guess. Time a few mini-batches, and multiply.


# %%
def step(network, optimizer, picked):
    scores = network.forward(X[picked], training=True)
    network.backward(cross_entropy_backward(scores, labels[picked]))
    optimizer.step(network.parameters, network.gradients)


network, optimizer = digits_network(), Adam()
batches = np.arange(len(X)).reshape(-1, 30)  # 50 mini-batches of 30
step(network, optimizer, batches[0])  # warm-up: the first call takes longer

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
# 1. **Split the run.** With a checkpoint in Drive, three evenings are as good as a night.
# 2. **Make it smaller** while you debug: 5% of the images, half the resolution. Most bugs show there, too.
# 3. **Compute frozen features once.** In [Transfer learning](28_transfer_learning.ipynb), the body never changes. So do not
#    compute its features in each of 20 epochs: store them, and train the head in seconds.
# 4. **Use another service.** Kaggle notebooks, for example, include some hours of GPU time per week.
#
# If you do get a GPU, the next message may be `OutOfMemoryError`. Use smaller batches, or mixed precision
# ([How networks are trained today](20_training_today.ipynb)), or restart the session, because old variables may still hold
# models in its memory.

# %% [markdown] tags=["row-27"]
# ## Measuring time on a device
#
# "My network takes 0.4 milliseconds." For how many images? In the first call or the hundredth? And what else was the
# machine doing? A time is a measurement, so report its conditions and its spread. The function below makes one warm-up
# call and then times many calls one by one, as is usual.


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
# The figure shows two facts that hold on every device. First, the times of equal calls differ, and other programs can only
# make them longer. So report the **median** and a range, and when you compare two programs, alternate between them. Second,
# an image costs much less in a large batch, because all images of a batch share the fixed cost of a call, here that of
# Python and NumPy.
#
# On a GPU, this fixed cost weighs even more, because the computation itself is so fast. That is why the digits network of
# this course would gain nothing on a GPU, and VGG-16 a lot.

# %% [markdown]
# ## A GPU answers before it has finished
#
# On a GPU there is one more trap. A call only adds its job to a queue and returns immediately, and the CPU continues while
# the GPU is still working. This is [**asynchronous execution**](glossary.md#asynchronous-execution).
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
# The CPU waits only when it needs a result, as in `loss.item()`, or when you call `torch.accelerator.synchronize()`, which
# is the purpose of `wait` above. It is also the reason why `fit` sums the losses on the device and calls `item` only once.
#
# The next cell times a product of matrices on the CPU and, if you have one, on the GPU, with and without waiting. This page
# was made on a machine without a GPU, so **the numbers that matter are yours**: run the cell in Colab.

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
# With a GPU, look for two signs. If a product takes the same time at every size, the clock did not wait for the result.
# And for 64 x 64, the GPU should be no faster than the CPU. In practice, `torch.utils.benchmark.Timer` takes care of the
# warm-up, the waiting and the median. In Keras, you can simply time whole epochs of `fit`, which returns when the work is
# done.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: two numbers by hand
#
# 1. The digits network has 3,818 parameters of 32 bits. How many bytes of its checkpoint are parameters and the state
#    of Adam?
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
# the order of epoch 1. Write `order(seed, epoch, m)`, which returns the numbers from 0 to `m - 1` in a random order,
# different for each seed and each epoch, and the same on every machine. Create a new generator in each call, with the
# pair of the seed and the epoch as its seed.


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
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the cell below.
#
# 1. ... the optimizer is `SGD(0.1)`, and you save the weights alone? And `SGD(0.1, momentum=0.9)`?
# 2. ... you resume from `checkpoint` with `batch=16`, or with images from 0 to 255, `X * 255`?
# 3. ... you test the trained network with images from 0 to 255? What do the accuracy and the loss say?


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
# 2. `train` rejects both, since the result would mix two different runs. PyTorch and Keras do not check this, so
#    store the settings in your checkpoint and compare them when you resume.
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
# 1. **say what a [checkpoint](glossary.md#checkpoint) must contain:** parameters, optimizer, epoch and seed; and prove
#    with `nan` and an uninterrupted run that nothing was lost;
# 2. **save and resume** with `train(checkpoint=...)`, with two state dicts, or with `BackupAndRestore`, in a
#    folder that survives, under a temporary name until the file is complete;
# 3. **write one program for every machine:** choose the device, move the network and every batch to it; time it
#    after a warm-up call, more than once, and with an empty [queue](glossary.md#asynchronous-execution);
#    and without a [GPU](glossary.md#gpu), make the job smaller or split it.
#
# Terms: [asynchronous execution](glossary.md#asynchronous-execution), [state dict](glossary.md#state-dict),
# [runtime](glossary.md#runtime).

# %% [markdown]
# ## What comes next
#
# You can train a network, save it, and move it from machine to machine. What will you use it for? The last lesson,
# [Project](31_project.ipynb), begins with a question of your own.

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
