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
# 3. move a training run to a GPU, and time it correctly.
#
# **Time:** about 35 minutes, and 30 for the exercises. **You need:** [Training](14_training.ipynb) for Adam, and
# [Start here](00_start_here.ipynb) for Colab and its GPUs.

# %% include="lesson_setup"

# %%
import os
import tempfile
import time
from pathlib import Path

import h5py

from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.models import digits_network
from convnet.training import SGD, Adam, evaluate, train
from lesson_tools.drawings import working_in_colab as draw
from lesson_tools.questions.working_in_colab import check, predict

X, labels, X_test, test_labels, _ = digits()
work = Path(tempfile.mkdtemp())  # in Colab, use a folder of your Drive

# %% [markdown]
# ## Two questions about the lesson before
#
# In [Transfer learning](25_transfer_learning.ipynb) you reused a pretrained network.
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
# [8]{= f"{steps['second student'].mean() / steps['first student'].mean():.0f}" } times as far in this step. The first
# student's optimizer remembers [141]{= before.shape[1] } mini-batches, and takes small steps where the gradients
# keep changing their signs.

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
# A loss that looks right proves little: perhaps the run began again and was lucky. For a fair test, the new
# network must not be able to succeed by chance. So we overwrite its parameters with nan, which spoils every sum
# that it enters. We also count the epochs, and compare the result with an uninterrupted run and with two controls:
# one run without the checkpoint, and one with nothing but the parameters.

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

again = digits_network(1)  # three epochs from the beginning
train(again, X, labels, epochs=3, seed=1, progress=False)
weights_only = digits_network(1)  # the same parameters as in the checkpoint, and a new Adam
weights_only.parameters[:] = again.parameters
losses_of(weights_only, Adam(), 4, 6, seed=1)

for name, one in (("resumed", resumed), ("no checkpoint", again), ("weights only", weights_only)):
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
# In PyTorch you write the training loop, so you decide what to save. Put it into a dictionary, where
# `state_dict()` gives the state of a network, and also the state of an optimizer.


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
# Resuming is the same in the opposite direction, into a network and an optimizer that you create as before. With
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
# A checkpoint on the disk of a machine is lost with the machine. In Colab, write it to a folder of your Drive; it
# may arrive there with a delay, and `drive.flush_and_unmount()` waits for it. For your images it is the other way
# round: reading many small files from Drive is slow, so keep them in one archive, and unpack it on the machine's
# own disk, in `/content`.

# %% [markdown]
# ## Moving a network to a GPU
#
# How often should you save? That depends on how long an epoch takes, and on a GPU even this is a question with a
# trap. But first the network has to get there. The method `to` moves things:
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
# The other frequent error on a GPU is `OutOfMemoryError`. Use smaller batches, or restart the session, because models
# in old variables still occupy memory.

# %% [markdown] tags=["row-27"]
# ## Measuring time on a GPU
#
# You want to know how long five operations take on a GPU. So you start a clock, call the five operations, and stop
# the clock when the fifth call has returned. But a call only puts its job into a queue and returns at once. This
# is [**asynchronous execution**](glossary.md#asynchronous-execution): the CPU goes on while the GPU is still working.
#
# The next cell imitates this on any computer. A thread plays the GPU, and each of the five calls gives it a job
# of 20 milliseconds, then of 80 milliseconds.
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
# The CPU waits only when it needs a result, for example to print it. To wait for all jobs, call
# `torch.accelerator.synchronize()`, or `torch.cuda.synchronize()` before PyTorch 2.6. The first call also does some
# preparation, so make one call before you start the clock.


# %% needs="torch"
def seconds_per_product(n, device, wait=True):
    synchronize = torch.accelerator.synchronize if device != "cpu" else lambda: None
    A = torch.rand(n, n, device=device)
    A @ A  # warm-up
    synchronize()  # nothing may be left in the queue
    start = time.perf_counter()
    for _ in range(10):
        A @ A
    if wait:
        synchronize()
    return (time.perf_counter() - start) / 10


for n in (64, 512):
    print(f"CPU, {n} x {n}: {seconds_per_product(n, 'cpu'):.1e} s")
if torch.accelerator.is_available():
    for n in (64, 512, 4096):
        times = [
            seconds_per_product(n, torch.accelerator.current_accelerator(), wait)
            for wait in (False, True)
        ]
        print(f"GPU, {n} x {n}: {times[0]:.1e} s without waiting, {times[1]:.1e} s with waiting")
else:
    print("no GPU here: run this cell in Colab")

# %% [markdown]
# If you have a GPU, compare the times with and without waiting. For small matrices, expect no gain over the CPU,
# because starting a job takes longer than the product itself. For the same reason, expect little of a GPU for
# the digits network of this course, and a lot for VGG-16 and for fine-tuning. `torch.utils.benchmark.Timer` does
# the warm-up and the waiting for you.

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
# A loop that shuffles with one generator, created before the first epoch, begins again with the order of epoch 1
# when it is resumed. Write `order(seed, epoch, m)`, which returns the numbers from 0 to `m - 1` in a random
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
#    check this, so store the settings in your checkpoint and compare them.
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
# 3. **use a [GPU](glossary.md#gpu) and time it:** move the network and every batch, make one call before you
#    measure, and wait before you read the clock.
#
# Terms: [asynchronous execution](glossary.md#asynchronous-execution), [state dict](glossary.md#state-dict),
# [runtime](glossary.md#runtime).

# %% [markdown]
# ## Where to go from here
#
# This is the last lesson. The first one opened with a cat that was brightened by the wrong kind of addition. Since
# then you have computed each operation of a convolutional network by hand, written it in NumPy and in three
# frameworks, derived its gradient, trained networks of your own, looked inside larger ones, and tested what their
# predictions depend on. At the end of the assignment
# [Convolution step by step](../release/convolution_step_by_step/convolution_step_by_step.ipynb), your own
# functions draw the edges of a photograph. If you have not reached this point yet, do it now: writing a layer
# teaches more than reading one.

# %% [markdown]
# ## A project of your own
#
# 1. Choose a question about images that you can collect, and label a few hundred of them.
# 2. Put some images aside for the test before you look at them, and measure a simple baseline.
# 3. Train a linear head on frozen features ([Transfer learning](25_transfer_learning.ipynb)), and keep the
#    checkpoint in Drive.
# 4. Look at the mistakes, and change one thing at a time.

# %% [markdown]
# ## What to read next
#
# - *Dive into Deep Learning*: [Computer vision](https://d2l.ai/chapter_computer-vision/index.html) on detection and
#   segmentation, and
#   [Transformers for vision](https://d2l.ai/chapter_attention-mechanisms-and-transformers/vision-transformer.html).
# - Karpathy, [A recipe for training neural networks](https://karpathy.github.io/2019/04/25/recipe/)
#   (2019): how to find mistakes that raise no error.
# - PyTorch: [CUDA semantics](https://docs.pytorch.org/docs/stable/notes/cuda.html), on asynchronous execution,
#   [Saving and loading models](https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html)
#   and [Reproducibility](https://docs.pytorch.org/docs/stable/notes/randomness.html).
# - Keras: [BackupAndRestore](https://keras.io/api/callbacks/backup_and_restore/) and
#   [ModelCheckpoint](https://keras.io/api/callbacks/model_checkpoint/).
