# %% [markdown]
# # Working in Colab
#
# A training run has finished three epochs when its machine disappears. Two students have saved their
# work, and each of them continues on another machine, with the same images in the same order. The
# first student's loss continues where it was, and the second student's loss jumps. What did the second
# student forget to save?

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
import os
import sys
import tempfile
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import matplotlib.image as mpimg
from PIL import Image

from convnet.data import digits, load_sample_image
from convnet.edges import load_blocks
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.models import digits_network
from convnet.own_edges import photograph
from convnet.plots import draw_image
from convnet.training import SGD, Adam, evaluate, train
from lesson_tools.questions.working_in_colab import predict

warnings.filterwarnings("ignore", "__array__ impl", DeprecationWarning)  # TensorFlow, NumPy 2

data = digits()
X, labels = data.train_images, data.train_labels
X_test, test_labels = data.test_images, data.test_labels


def losses_of(network, optimizer, first, last, seed):
    """Train from epoch `first` to epoch `last`: the loss of each mini-batch."""
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
    """Losses of epochs 1 to 3, and of epoch 4 with the optimizer's state and without it."""
    # In 64 bits: the difference of two trainings in 32 bits depends on the processor's rounding.
    network, optimizer = digits_network(seed, "float64"), make_optimizer()
    before = losses_of(network, optimizer, 1, 3, seed)
    copy = digits_network(seed, "float64")
    copy.parameters[:] = network.parameters
    return (
        before,
        losses_of(network, optimizer, 4, 4, seed),
        losses_of(copy, make_optimizer(), 4, 4, seed),
    )


SEEDS = range(3)
runs = [after_a_break(lambda: Adam(0.01), seed) for seed in range(6)]
before, first_student, second_student = (np.array(part) for part in zip(*runs, strict=True))

fig, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
for part, start, color, style, name in (
    (before[:, 93:], 93, "black", "-", "before the break"),
    (first_student, 141, "tab:blue", "-", "first student"),
    (second_student, 141, "tab:red", "--", "second student"),
):
    groups = part[:, : part.shape[1] // 6 * 6].reshape(len(runs), -1, 6).mean(axis=2)
    steps = start + 6 * np.arange(groups.shape[1]) + 3
    ax.fill_between(steps, groups.min(axis=0), groups.max(axis=0), color=color, alpha=0.15, lw=0)
    ax.plot(steps, groups.mean(axis=0), style, marker="o", ms=4, color=color, label=name)
ax.axvline(141, color="0.4", ls=":")
ax.set(xlabel="mini-batches since the beginning", ylabel="training loss", ylim=(0, 0.22))
ax.legend(loc="upper right", ncols=3)
assert second_student[:, :24].mean() > 1.5 * first_student[:, :24].mean()
present(
    fig,
    "The training loss in the third and fourth epoch, averaged over six mini-batches and six "
    "seeds, with the range of the seeds as a band. Before the break it falls below 0.1. The first "
    "student's loss continues at that height or below; the second student's begins the fourth epoch "
    "at about twice the height of the first one's and comes down slowly.",
)

# %% [markdown]
# Google Colab runs your notebook on one of Google's machines. You need not install anything, and you
# often get a GPU free of charge. But the machine is yours for some hours only, and whatever is
# stored nowhere else disappears with it. This lesson shows how to work in Colab without losing
# anything. Its cells run on any computer, and skip what needs Colab or a GPU where there is none.
#
# **By the end of this lesson you will be able to**
#
# 1. request a GPU, check that your framework uses it, and time it correctly;
# 2. read an image from Google Drive or elsewhere, and prepare it for a network;
# 3. save a training run so that it continues on another machine, and prove that nothing was lost.
#
# **Time:** about 45 minutes. **You need:** [Images and filters](01_images_and_filters.ipynb), and
# for the last part [Training](14_training.ipynb).

# %% [markdown] tags=["row-27"]
# ## Browser, runtime and Drive
#
# When you open a notebook in Colab, three computers take part. Your browser shows the notebook. A
# Python process on a virtual machine executes its cells; Colab calls this machine the
# [**runtime**](glossary.md#runtime). Your own files are in Google Drive.
#
# **Predict.** You have defined variables, installed a package with `%pip install`, and written a
# file to the folder `/content`. Then you choose *Runtime > Restart session*. What is still there?
# `"a"`: all three. `"b"`: the package and the file. `"c"`: nothing.

# %%
predict("restart", None)

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(7, 3.1), layout="constrained")
ax.set(xlim=(0, 100), ylim=(0, 45))
ax.axis("off")


def draw_part(x, y, width, height, text, color, style="-"):
    ax.add_patch(plt.Rectangle((x, y), width, height, fc=color, ec="0.3", ls=style, lw=1.5))
    ax.text(x + width / 2, y + height / 2, text, ha="center", va="center", fontsize=10)


draw_part(1, 12, 21, 22, "browser\n\nthe notebook\nas you see it", "white")
draw_part(30, 2, 39, 41, "", "#fdf3e1", "--")
ax.text(49.5, 39, "runtime: a virtual machine", ha="center", va="center", fontsize=10)
draw_part(32, 20, 35, 15, "memory: variables\nlost by a restart", "#f7cdb8", ":")
draw_part(32, 4, 35, 14, "disk: /content, packages\nlost with the machine", "#fbe0b5", "--")
draw_part(77, 12, 22, 22, "Google Drive\n\nMyDrive\nstays", "#d4e6d0")
for left, right in ((22.5, 29.5), (69.5, 76.5)):
    ax.annotate("", (right, 23), (left, 23), arrowprops={"arrowstyle": "<->", "lw": 1.6})
present(
    fig,
    "Three boxes joined by arrows: the browser with the notebook as you see it; the runtime, a "
    "virtual machine, with its memory, whose variables are lost by a restart, and its disk with the folder "
    "/content and the packages, which are lost with the machine; and Google Drive, which stays.",
)

# %% [markdown] tags=["row-27"]
# A restart ends the Python process, and your variables are lost. The disk is lost when Colab deletes
# the machine: when you choose *Disconnect and delete runtime*, when you have been idle for some time,
# and at the latest after 12 hours in the free version, according to Colab's FAQ. If you opened the
# notebook from GitHub, your edits exist only in the browser until you choose *File > Save a copy in
# Drive*.
#
# Therefore put `%pip install` and every import into the first cells, keep results in Drive, and run the
# notebook once on a new machine (*Run all*) before you rely on it.
#
# ## Getting a GPU and using it
#
# A [**GPU**](glossary.md#gpu) computes thousands of products at the same time. To get one, choose
# *Runtime > Change runtime type* and select a GPU. Colab then gives you **another machine**, so do this
# first. Check that your framework sees the GPU:

# %% needs="torch"
import torch
import torch.nn as nn
import torch.nn.functional as F

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print("PyTorch will compute on:", device)

# %% [markdown]
# In TensorFlow, `tf.config.list_physical_devices("GPU")` lists the GPUs. Keras and TensorFlow use a GPU
# as soon as they see one. PyTorch computes where its tensors are: you move the model *and* every
# batch to the GPU. NumPy, and with it this course's own layers, always computes on the CPU.
#
# **Predict.** On a machine with a GPU, you run
#
# ```python
# layer, batch = nn.Conv2d(1, 4, 3), torch.zeros(2, 1, 8, 8)
# layer.to(device)
# batch.to(device)
# layer(batch)
# ```
#
# `"a"`: This works. `"b"`: An error, as `layer` is still on the CPU. `"c"`: An error, as `batch` is.

# %%
predict("moved", None)

# %% needs="torch"
# `to` also changes the dtype, so the same mistake can be made without a GPU
layer, batch = nn.Conv2d(1, 4, 3), torch.zeros(2, 1, 8, 8)
layer.to(torch.float64)
batch.to(torch.float64)
print("weights:", layer.weight.dtype, "  batch:", batch.dtype)
try:
    layer(batch)
except RuntimeError as error:
    print("RuntimeError:", error)

layer, batch = layer.to(device), batch.to(device, torch.float64)
print("now they match:", layer(batch).dtype, "on", layer(batch).device.type)

# %% [markdown]
# The method `to` changes a module in place, but for a tensor it returns a new tensor and leaves the old
# one as it was. Always write `batch = batch.to(device)`. On a GPU, the error message names the types
# `torch.FloatTensor` and `torch.cuda.FloatTensor`. Another frequent error there is `OutOfMemoryError`. Use
# smaller batches, or restart the session: models in old variables still occupy memory.
#
# ## Measuring time on a GPU
#
# You want to know how long five operations take on a GPU. So you start a clock, call the five
# operations, and stop the clock when the fifth call has returned.
#
# The hidden cell below imitates this experiment on any computer: a second thread plays the GPU, and
# each of the five calls gives it a job of 20 milliseconds. Then it repeats the experiment with jobs of 80
# milliseconds.
#
# **Predict.** How does the measured time change from the first experiment to the second? `"a"`: It becomes
# four times as long. `"b"`: It stays about the same. `"c"`: It becomes shorter.

# %%
predict("queue", None)


# %% jupyter={"source_hidden": true} cellView="form"
def stopped_clock(seconds, wait):
    with ThreadPoolExecutor(max_workers=1) as gpu:
        start = time.perf_counter()
        jobs = [gpu.submit(time.sleep, seconds) for _ in range(5)]  # five calls
        if wait:
            jobs[-1].result()  # the jobs are done in their order
        return time.perf_counter() - start


fig, ax = plt.subplots(figsize=(7, 2.7), layout="constrained")
for row, seconds in enumerate((0.02, 0.08)):
    without, waited = (1000 * stopped_clock(seconds, wait) for wait in (False, True))
    assert without < 0.5 * waited
    widths = np.full(5, 1000 * seconds)
    ax.barh(-row, widths, left=widths.cumsum() - widths, height=0.4, fc="#dbe9f6", ec="0.4")
    names = (
        ("clock stopped without waiting", "clock stopped after waiting") if not row else ("", "")
    )
    ax.plot(without, 0.32 - row, "v", ms=10, clip_on=False, color="tab:red", label=names[0])
    ax.plot(waited, 0.32 - row, "s", ms=8, color="tab:blue", label=names[1])
ax.set(xlabel="milliseconds since the first call", yticks=[0, -1], ylim=(-1.4, 1.1))
ax.set_yticklabels(["5 jobs of 20 ms", "5 jobs of 80 ms"])
ax.legend(loc="upper right", handles=ax.get_legend_handles_labels()[0][:2])
present(
    fig,
    "Two rows of five boxes, one after another: jobs of 20 milliseconds, which end after 100, and "
    "jobs of 80, which end after 400. In both rows a red triangle, the clock stopped without "
    "waiting, is close to 0, and a blue square, the clock stopped after waiting, is at the end.",
)

# %% [markdown]
# A call only puts its job into a queue and returns at once, while the GPU is still working. This is
# [**asynchronous execution**](glossary.md#asynchronous-execution). The CPU waits only when it needs a
# result, for example to print it. If you do not wait, you measure how long it takes to queue the jobs. In
# PyTorch, `torch.cuda.synchronize()` waits for all of them. The first call also does some preparation, so
# make one call before you start the clock.


# %% needs="torch"
def seconds_per_product(n, device, wait=True):
    A = torch.rand(n, n, device=device)
    synchronize = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    A @ A  # warm-up
    synchronize()  # nothing may be left in the queue
    start = time.perf_counter()
    for _ in range(10):
        A @ A
    if wait:
        synchronize()
    return (time.perf_counter() - start) / 10


for n in (64, 512):
    print(f"CPU, {n} x {n}: {seconds_per_product(n, torch.device('cpu')):.1e} s")
if device.type == "cuda":
    for n in (64, 512, 4096):
        times = [seconds_per_product(n, device, wait) for wait in (False, True)]
        print(f"GPU, {n} x {n}: {times[0]:.1e} s without waiting, {times[1]:.1e} s with waiting")
else:
    print("no GPU here: run this cell in Colab")

# %% [markdown] tags=["row-27"]
# If you have a GPU, compare the times with and without waiting. For small matrices, expect no gain over
# the CPU, because starting a job takes longer than the product itself. For the same reason a GPU
# hardly speeds up the digits network of this course, but it pays off for VGG-16 and for fine-tuning.
# `torch.utils.benchmark.Timer` does the warm-up and the waiting for you.
#
# ## Reading an image
#
# An image file becomes an array, but its shape, dtype and range depend on the library that reads it.
# The next cell makes an image of six pixels whose values you know: pure red, green and blue, then black,
# dark gray (51, 51, 51) and white. It writes them to a file, and reads them back.

# %%
pixels = np.array(
    [
        [[255, 0, 0], [0, 255, 0], [0, 0, 255]],
        [[0, 0, 0], [51, 51, 51], [255, 255, 255]],
    ],
    dtype=np.uint8,
)
folder = Path(tempfile.mkdtemp())
Image.fromarray(pixels).save(folder / "six.png")
mpimg.imsave(folder / "six_alpha.png", pixels)
image = mpimg.imread(folder / "six_alpha.png")
as_bytes = np.asarray(Image.open(folder / "six.png"))
print("Matplotlib:", image.shape, image.dtype, "dark gray:", image[1, 1])
print("Pillow:    ", as_bytes.shape, as_bytes.dtype, "  dark gray:", as_bytes[1, 1])

# %% [markdown]
# Pillow returns the values of the file as bytes. Matplotlib divides the values of a PNG file by 255, so
# 51 becomes [0.2]{= f"{image[1, 1, 0]:.1f}" }. Its `imsave` has also added a fourth channel, the opacity or
# [**alpha**](glossary.md#alpha-channel). You can drop it with `image[..., :3]`.
#
# A PNG file keeps every value. A JPEG file discards details that the eye hardly notices in a photograph.
#
# **Predict.** The six pixels are saved as JPEG with quality 75. What is the largest change of a value
# from 0 to 255? `"a"`: at most 5. `"b"`: 6 to 50. `"c"`: more than 50.

# %%
predict("jpeg", None)


# %% jupyter={"source_hidden": true} cellView="form"
def as_jpeg(array):
    Image.fromarray(array).save(folder / "copy.jpg", quality=75)
    return np.asarray(Image.open(folder / "copy.jpg"))


flower = load_sample_image("flower.jpg")
changes = [np.abs(as_jpeg(array).astype(int) - array) for array in (pixels, flower)]
assert changes[0].max() > 50 > 10 > changes[1].mean()

fig, axes = plt.subplots(1, 2, figsize=(7, 2.7), layout="constrained")
for ax, array, title in zip(
    axes, (pixels, as_jpeg(pixels)), ("PNG: unchanged", "JPEG: changed"), strict=True
):
    ax.imshow(array)
    for row, column in np.ndindex(2, 3):
        value = array[row, column]
        color = "white" if value @ [0.3, 0.6, 0.1] < 128 else "black"
        text = ", ".join(map(str, value))
        ax.text(column, row, text, ha="center", va="center", color=color, fontsize=8)
    ax.set(xticks=[], yticks=[], title=title)
present(
    fig,
    "The six pixels with their red, green and blue values, twice. As PNG: red 255, 0, 0; green "
    "0, 255, 0; blue 0, 0, 255; black; gray 51; white. As JPEG the red and the green "
    "have become olive, the blue darker, the dark gray olive, too, and the white pale violet.",
)

# %% [markdown]
# The largest change is [163]{= changes[0].max() }, and the red has become olive. In a photograph, most
# neighboring pixels are similar. For the photograph that you will see below, the mean change is only
# [2.5]{= f"{changes[1].mean():.1f}" }. Save drawings, masks and label maps as PNG files.
#
# ## A wrong range gives no error
#
# After you have read an image, look at its shape, its dtype and its range, because a network accepts any
# numbers without an error. How much harm does a wrong range do? We train the digits network on pixels from
# 0 to 1, with white strokes on black, and test it with three mistakes.
#
# **Predict.** Which mistake hardly changes the accuracy? `"a"`: pixels from 0 to 255. `"b"`: pixels
# divided by 255 once more. `"c"`: black strokes on white.

# %%
predict("pixel_range", None)

# %% jupyter={"source_hidden": true} cellView="form"
inputs = {
    "0 to 1": X_test,
    "0 to 255": X_test * np.float32(255),
    "divided twice": X_test / np.float32(255),
    "inverted": 1 - X_test,
}
networks = []
for seed in SEEDS:
    network = digits_network(seed, "float64")  # 64 bits, as above
    train(network, X, labels, epochs=4, optimizer=Adam(0.01), seed=seed, progress=False)
    networks.append(network)
results = {
    name: np.array([evaluate(network, array, test_labels) for network in networks])
    for name, array in inputs.items()
}


def span(name, column, digits=2):
    low, high = results[name][:, column].min(), results[name][:, column].max()
    return f"{low:.{digits}f} to {high:.{digits}f}"


one_class = [len(np.unique(network.predict(X_test / 255).argmax(axis=1))) for network in networks]
fig, axes = plt.subplots(1, 4, figsize=(7, 2.9), layout="constrained")
for ax, (name, array) in zip(axes, inputs.items(), strict=True):
    high = 255 if name == "0 to 255" else 1
    draw_image(ax, array[3, :, :, 0], "", (0, high), scale=False)
    ax.set_title(name, fontsize=11)
    ax.set_xlabel(f"accuracy\n{span(name, 1)}\nloss\n{span(name, 0, 1)}", fontsize=10)
present(
    fig,
    "A digit in four versions, each with the range of accuracy and loss over three seeds. With "
    "pixels from 0 to 1 and from 0 to 255 it looks the same, and the accuracy is high both times, "
    "but the loss from 0 to 255 is over a hundred times as large. Divided twice, the image is black "
    "and the accuracy about 0.1. Inverted, it is black on white, and the accuracy is near 0.",
)

# %% [markdown] tags=["row-27"]
# If you multiply the input of a convolution, a ReLU or max pooling by a positive number, the output is
# multiplied by the same number, apart from the biases. So all scores of an image grow together, and most
# predictions stay right. The loss shows the mistake: the network is now far too confident when it is
# wrong. A good accuracy does not prove that the range is right.
#
# Divided twice, the image hardly contributes, and the biases decide: no network predicts more than
# [2]{= max(2, *one_class) } of the ten classes. Inverted digits are recognized less often than by guessing: the
# network has never seen black strokes.
#
# ## Your files in Google Drive
#
# **Mounting** your Drive makes it a folder of the runtime. Colab asks for your permission first. Create
# a folder `convolution` in your Drive and put a photograph of your own into it as `photo.jpg`. If there is
# none, the cell reads a photograph that comes with scikit-learn. It prepares the photograph for LeNet, which
# needs 28 x 28 pixels, one channel and a batch axis.

# %%
IN_COLAB = "google.colab" in sys.modules

if IN_COLAB:
    from google.colab import drive

    drive.mount("/content/drive")
    work = Path("/content/drive/MyDrive/convolution")
else:
    work = folder / "convolution"
work.mkdir(parents=True, exist_ok=True)

my_photo = work / "photo.jpg"
photo = Image.open(my_photo).convert("RGB") if my_photo.exists() else Image.fromarray(flower)
print(photo.size, "is (width, height); the array has the shape", np.asarray(photo).shape)

side = min(photo.size)
left, upper = (photo.width - side) // 2, (photo.height - side) // 2
square = photo.crop((left, upper, left + side, upper + side))
small = {
    "resized": photo.resize((28, 28)).convert("L"),
    "cropped, then resized": square.resize((28, 28)).convert("L"),
}
batch = np.asarray(small["cropped, then resized"], dtype=np.float32)[None, :, :, None] / 255
print("batch:", batch.shape, batch.dtype, "range", batch.min().round(2), "to", batch.max().round(2))

# %% jupyter={"source_hidden": true} cellView="form"
large = photograph(my_photo if my_photo.exists() else "flower.jpg", 640)
fig, axes = plt.subplots(2, 2, figsize=(7, 5), layout="constrained")
axes[0, 0].imshow(photo)
axes[0, 0].add_patch(plt.Rectangle((left, upper), side, side, fc="none", ec="white", lw=2, ls="--"))
axes[0, 0].set(xticks=[], yticks=[], title="photograph")
draw_image(
    axes[0, 1], 1 - load_blocks().draw(large), "edges, drawn by a network", (0, 1), scale=False
)
for ax, (title, array) in zip(axes[1], small.items(), strict=True):
    draw_image(ax, np.asarray(array), title, (0, 255), scale=False)
present(
    fig,
    "Above, the photograph, with a dashed square in its middle, and its edges as a trained network "
    "draws them. Below on the left, resized to 28 x 28 grayscale pixels, a photograph that is wider "
    "than high looks too narrow. On the right, cropped to the square and then resized, it keeps its "
    "proportions.",
)

# %% [markdown] tags=["row-27"]
# Pillow gives the width first, and NumPy the height. `resize` does not keep the proportions, so crop the
# image first. The drawing comes from two blocks of a VGG-16 trained to find edges, which also drew the
# palace at the beginning of [Images and filters](01_images_and_filters.ipynb).
#
# Reading many small files from a mounted Drive is slow. Keep them in one archive and unpack it in
# `/content`. The files that you write may reach Drive with a delay; `drive.flush_and_unmount()` waits for
# them.
#
# ## Saving and resuming a training run
#
# A [**checkpoint**](glossary.md#checkpoint) is a file from which training can continue. It must contain
# everything that the next step depends on: the parameters, the state of the optimizer, the number of
# finished epochs, and whatever determines the random numbers, such as the seed of the shuffling.
#
# The course's function `train` writes a checkpoint after each epoch if you give it the name of a file. The
# next cell trains for three epochs. Then we assume that the machine is lost.
#
# **Predict.** How many numbers does the checkpoint hold for each parameter of the network if the optimizer
# is [Adam](14_training.ipynb)?

# %%
predict("state", None)

# %%
checkpoint = work / "digits.h5"
checkpoint.unlink(missing_ok=True)
train(digits_network(1), X, labels, epochs=3, seed=1, checkpoint=checkpoint, progress=False)


def describe(name, item):
    if isinstance(item, h5py.Dataset):
        print(f"{name:26} {item.shape}")


with h5py.File(checkpoint) as file:
    file.visititems(describe)

# %% [markdown]
# Besides the six arrays of parameters, there are `first_moment` and `second_moment`, each as long as all
# parameters together. So the checkpoint holds 3 numbers for each parameter. The second student of the
# opening figure saved only the parameters. A new Adam knows no averages of past gradients, so its first
# steps have about the size of the learning rate for every parameter, even where the gradient is tiny.
#
# Does training really continue from a checkpoint, or does it start again? For a fair test, the new network
# must not be able to succeed by chance. So we overwrite its parameters with nan: every sum that contains a
# nan is nan. We count the epochs, and compare the result with an uninterrupted run and with two controls.

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

again = digits_network(1)  # control: no checkpoint, three more epochs from the beginning
train(again, X, labels, epochs=3, seed=1, progress=False)
weights_only = digits_network(1)  # control: these parameters, the same images, a new Adam
weights_only.parameters[:] = again.parameters
losses_of(weights_only, Adam(), 4, 6, seed=1)

print("epochs trained this time:", epochs_now, "of", len(history))
for name, network in (
    ("resumed", resumed),
    ("no checkpoint", again),
    ("weights only", weights_only),
):
    difference = np.abs(network.parameters - uninterrupted.parameters).max()
    print(f"{name:14} largest difference from the uninterrupted run: {difference:.3g}")
    assert (difference == 0) == (name == "resumed")

# %% [markdown]
# The resumed training computed epochs `[[4, 5, 6]]{= epochs_now }` and ended with **exactly** the
# parameters of the uninterrupted run, [3,818]{= f"{np.sum(resumed.parameters == uninterrupted.parameters):,}" }
# of them. The controls did not. A machine of another kind may round sums differently, and then you can
# only expect similar numbers.
#
# ## The same in PyTorch
#
# In PyTorch you write the training loop, so you decide what to save, and put it into a dictionary.
# `torch.manual_seed(epoch)` makes the order of the images depend on the number of the epoch alone.
# Otherwise you would have to save the state of the random number generator, too.


# %% needs="torch"
def new_training():
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10)
    )
    return model, torch.optim.Adam(model.parameters(), lr=0.01)


def fit(model, optimizer, first, last, path):
    x, y = torch.tensor(X.transpose(0, 3, 1, 2)), torch.tensor(labels)
    model.train()
    for epoch in range(first, last + 1):
        torch.manual_seed(epoch)
        for picked in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            F.cross_entropy(model(x[picked]), y[picked]).backward()
            optimizer.step()
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}
        torch.save(state, path)


torch.manual_seed(0)
model, optimizer = new_training()
fit(model, optimizer, 1, 2, work / "digits.pt")

new_model, new_optimizer = new_training()  # other random parameters
state = torch.load(work / "digits.pt", weights_only=True, map_location="cpu")
new_model.load_state_dict(state["model"])
new_optimizer.load_state_dict(state["optimizer"])
fit(new_model, new_optimizer, state["epoch"] + 1, 4, work / "resumed.pt")

fit(model, optimizer, 3, 4, work / "uninterrupted.pt")
torch.testing.assert_close(new_model.state_dict(), model.state_dict(), rtol=0, atol=0)
print("after epoch 4, the two models have equal parameters")

# %% [markdown]
# With `map_location="cpu"`, you can load on a CPU what was saved on a GPU. `weights_only=True`, the default
# since PyTorch 2.6, refuses files that would run code when they are loaded.
#
# ## The same in Keras
#
# In Keras, two callbacks do the work. `BackupAndRestore` saves the state of `fit` after each epoch, so that
# the next call of `fit` resumes from it, and deletes the backup when `fit` has finished. `ModelCheckpoint`
# with `save_best_only=True` keeps the best model.

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


class Interruption(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            raise ConnectionError("the machine disappears in the third epoch")


def fit_keras(model, *more):
    backup = keras.callbacks.BackupAndRestore(work / "backup")
    best = keras.callbacks.ModelCheckpoint(
        work / "best.keras", monitor="val_loss", save_best_only=True
    )
    return model.fit(
        X, labels, epochs=4, validation_data=(X_test, test_labels),
        callbacks=[backup, best, *more], verbose=0,
    )  # fmt: skip


keras.utils.set_random_seed(0)
try:
    fit_keras(build(), Interruption())
except ConnectionError as error:
    print(error)
resumed_model = build()
keras_history = fit_keras(resumed_model)
print("epochs of the second call, counted from 0:", keras_history.epoch)
print("steps of its optimizer:", int(resumed_model.optimizer.iterations), "= 4 epochs of 47")
best_model = keras.models.load_model(work / "best.keras")

# %% [markdown]
# The second call continued after the two saved epochs, and the optimizer has counted the steps of all four.
# Keras saves the parameters and the optimizer, but not the generator that shuffles, so the result is not
# exactly that of an uninterrupted run. (This small example uses the test images as validation data. When
# you choose the best epoch of a real project, use a validation set.)
#
# ## Exercises
#
# ### Exercise 1: one range for all images
#
# Write `to_unit(image)`, which returns an image with values from 0 to 1. Integers of any number of
# bits are divided by the largest value that their dtype can hold (`np.iinfo`). Floating-point images
# are in that range already.


# %%
def to_unit(image):
    unit = None
    ### BEGIN SOLUTION
    if np.issubdtype(image.dtype, np.integer):
        image = image / np.iinfo(image.dtype).max
    unit = image
    ### END SOLUTION
    return unit


# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_function(
    "Exercise 1",
    to_unit,
    lambda image: image / (np.iinfo(image.dtype).max if image.dtype.kind in "iu" else 1),
    [
        (pixels,),
        (image,),
        (np.array([[0, 1], [20, 30]], dtype=np.uint8),),
        (np.array([[0, 4660], [30000, 65535]], dtype=np.uint16),),
        (np.array([[0.0, 0.25], [0.5, 0.125]]),),
    ],
    "np.issubdtype(image.dtype, np.integer) tells you whether the image holds integers.",
    [
        (lambda image: image / 255, "A floating-point image runs from 0 to 1 already."),
        (lambda image: image * 1.0, "Changing the dtype does not change the range."),
        (
            lambda image: image / image.max(),
            "Divided by its own maximum, a dark image becomes a bright one.",
        ),
        (
            lambda image: image / (255 if image.dtype.kind == "u" else 1),
            "The largest value of 16 bits is 65,535.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 2: find the bug
#
# `save_buggy` writes the pieces of a checkpoint into a file and returns their size in bytes. If the
# machine disappears between two pieces, the new checkpoint is incomplete **and** the old one is lost.
# Write `save_safely` so that `path` holds a complete checkpoint at every moment. `os.replace(a, b)`
# renames the file `a` to `b` in one step, even if `b` exists.


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


# %% jupyter={"source_hidden": true} cellView="form"
def verdict(save):
    place = Path(tempfile.mkdtemp())
    path = place / "training.h5"
    path.write_bytes(b"old")

    def pieces(stop):
        yield b"new "
        if stop:
            raise InterruptedError("the machine disappears")
        yield b"checkpoint"

    try:
        if save(path, pieces(True)) is None:
            return None
    except InterruptedError:
        pass
    if not path.exists() or path.read_bytes() != b"old":
        return "the old checkpoint is lost"
    number = path.stat().st_ino
    size = save(path, pieces(False))
    if not path.exists() or path.read_bytes() != b"new checkpoint":
        return "the new checkpoint does not arrive"
    if path.stat().st_ino == number:
        return "the old file is overwritten"
    if len(list(place.iterdir())) > 1:
        return "a second file is left"
    return "right" if size == 14 else "the size is wrong"


public_tests.check_answer(
    "Exercise 2",
    verdict(save_safely),
    "right",
    "Write to another file in the same folder, and rename it when it is complete.",
    [
        (
            "the old checkpoint is lost",
            "After an interruption, `path` no longer holds the old checkpoint: is it opened for "
            "writing too early?",
        ),
        (
            "the new checkpoint does not arrive",
            "After a complete save, `path` does not hold the new checkpoint: is the file renamed?",
        ),
        (
            "the old file is overwritten",
            "An interruption while `path` itself is written destroys it, however short the time is. "
            "Complete another file first, and then rename it.",
        ),
        (
            "a second file is left",
            "The checkpoint is complete, but another file is left beside it.",
        ),
        ("the size is wrong", "Return the number of bytes that were written."),
    ],
)

# %% [markdown]
# ### Exercise 3: what happens if ...
#
# There is no check for these. Decide first, then change the cell below.
#
# 1. ... the optimizer is `SGD(0.1)`, and you save the weights alone? And `SGD(0.1, momentum=0.9)`?
# 2. ... you resume from `checkpoint` with `batch=16`, or with a network of another seed?
# 3. ... your loop shuffles with one generator, created before the first epoch?


# %%
def make_optimizer():
    return SGD(0.1)  # change this


_, with_state, without_state = after_a_break(make_optimizer, seed=0)
print("largest difference of a loss:", np.abs(np.subtract(with_state, without_state)).max())

try:
    train(digits_network(1), X, labels, epochs=7, seed=1, batch=16, checkpoint=checkpoint)
except ValueError as error:
    print(str(error).split(" is from ")[-1])

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. For plain SGD the largest difference is
#    [0]{= f"{np.abs(np.subtract(*after_a_break(lambda: SGD(0.1), 0)[1:])).max():g}" }: it has no
#    state, so the weights are enough. With momentum there is a velocity, and without it the largest
#    difference is [0.18]{= f"{np.abs(np.subtract(*after_a_break(lambda: SGD(0.1, momentum=0.9), 0)[1:])).max():.2f}" }.
# 2. `train` refuses, since the result would belong to neither of the two training runs. PyTorch and Keras
#    do not check this, so store the settings in your checkpoint and compare them.
# 3. After a break, the new generator begins with the order of the first epoch. Save its state
#    (`rng.bit_generator.state`, `torch.get_rng_state()`), or derive it from the epoch as above.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **request a [GPU](glossary.md#gpu), use it and time it:** choose the GPU first, move the model and
#    every batch to it, make one call before you measure, and wait before you read the clock;
# 2. **read and prepare an image:** look at its shape, dtype and range, drop the alpha channel, crop before
#    you resize, and save label maps as PNG files;
# 3. **save and resume a training run:** write parameters, optimizer, epoch and seed to a
#    [checkpoint](glossary.md#checkpoint) under another name, rename it, and compare a resumed run with
#    an uninterrupted one.
#
# Terms: [runtime](glossary.md#runtime), [asynchronous execution](glossary.md#asynchronous-execution),
# [alpha channel](glossary.md#alpha-channel).
#
# ## Where to go from here
#
# This is the last lesson. The first one opened with a photograph of a palace, whose edges a trained
# VGG-16 had drawn. Since then you have computed each of its operations by hand, written them in NumPy
# and in three frameworks, derived their gradients, trained networks of your own, looked inside larger ones and
# tested what their predictions depend on. At the end of the assignment
# [Convolution step by step](../release/convolution_step_by_step/convolution_step_by_step.ipynb), your own
# functions make that drawing. If you have not reached this point yet, do it now: writing a layer
# teaches more than reading one.
#
# Then begin a small project:
#
# 1. Choose a question about images that you can collect, and label a few hundred of them.
# 2. Put some images aside for the test before you look at them, and measure a simple baseline.
# 3. Train a linear head on frozen features ([Transfer learning](25_transfer_learning.ipynb)), and keep the
#    checkpoint in Drive.
# 4. Look at the mistakes, and change one thing at a time.
#
# ## What to read next
#
# - *Dive into Deep Learning*: [GPUs](https://d2l.ai/chapter_builders-guide/use-gpu.html), then
#   [Computer vision](https://d2l.ai/chapter_computer-vision/index.html) on detection and segmentation, and
#   [Transformers for vision](https://d2l.ai/chapter_attention-mechanisms-and-transformers/vision-transformer.html).
# - Karpathy, [A recipe for training neural networks](https://karpathy.github.io/2019/04/25/recipe/)
#   (2019): how to find mistakes that raise no error.
# - Colab: [Frequently asked questions](https://research.google.com/colaboratory/faq.html), on limits, and
#   [External data](https://colab.research.google.com/notebooks/io.ipynb), on Drive and files.
# - PyTorch: [CUDA semantics](https://docs.pytorch.org/docs/stable/notes/cuda.html), on asynchronous
#   execution, [Saving and loading models](https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html)
#   and [Reproducibility](https://docs.pytorch.org/docs/stable/notes/randomness.html).
# - Keras: [BackupAndRestore](https://keras.io/api/callbacks/backup_and_restore/) and
#   [ModelCheckpoint](https://keras.io/api/callbacks/model_checkpoint/).
