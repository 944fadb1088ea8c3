# %% [markdown]
# # Working in Colab
#
# A training has finished three epochs when the machine that it runs on is taken back. Two students
# had saved their work. Both continue on another machine, with the same images in the same order.
# Then one loss goes on as if nothing had happened, and the other one jumps. What did the
# second student forget to save?

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
from sklearn.datasets import load_sample_image

from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.models import digits_network
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
    network, optimizer = digits_network(seed=seed), make_optimizer()
    before = losses_of(network, optimizer, 1, 3, seed)
    copy = digits_network(seed=seed)
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
# Google Colab runs your notebook on a machine of Google's. You need not install anything, and often
# you get a GPU free of charge. But the machine is only on loan, and with it goes everything
# that you have not stored elsewhere. This lesson shows how to work there without losing anything. Its
# cells run on any computer; what only Colab or a GPU can do is skipped elsewhere.
#
# **By the end of this lesson you will be able to**
#
# 1. ask for a GPU, check that your framework uses it, and measure its time correctly;
# 2. read an image from Google Drive or elsewhere, and prepare it for a network;
# 3. save a training so that it continues on another machine, and prove that nothing was lost.
#
# **Time:** about 40 minutes. **You need:** [Images and filters](01_images_and_filters.ipynb), and
# for the last part [Training](11_training.ipynb).

# %% [markdown] tags=["row-27"]
# ## Your browser, a machine on loan, and your Drive
#
# A notebook in Colab consists of three parts. Your browser shows it. Its cells are executed by a
# Python process on a virtual machine, which Colab calls the [**runtime**](glossary.md#runtime). Your
# own files are in Google Drive, a third computer.
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
ax.text(49.5, 39, "machine on loan", ha="center", va="center", fontsize=10)
draw_part(32, 20, 35, 15, "memory: variables\nlost by a restart", "#f7cdb8", ":")
draw_part(32, 4, 35, 14, "disk: /content, packages\nlost with the machine", "#fbe0b5", "--")
draw_part(77, 12, 22, 22, "Google Drive\n\nMyDrive\nstays", "#d4e6d0")
for left, right in ((22.5, 29.5), (69.5, 76.5)):
    ax.annotate("", (right, 23), (left, 23), arrowprops={"arrowstyle": "<->", "lw": 1.6})
present(
    fig,
    "Three boxes joined by arrows: the browser with the notebook as you see it; the machine on "
    "loan, with its memory, whose variables are lost by a restart, and its disk with the folder "
    "/content and the packages, which are lost with the machine; and Google Drive, which stays.",
)

# %% [markdown] tags=["row-27"]
# A restart ends the Python process and with it your variables. The disk is lost when the machine
# is taken back: after *Disconnect and delete runtime*, after some idle time, and after a maximum
# time, which Colab's FAQ gives as 12 hours for the free version. Your edits to a notebook
# from GitHub exist only in the browser, until you choose *File > Save a copy in Drive*.
#
# A good habit follows: put `%pip install` and every import into the first cells, keep results in Drive,
# and run the notebook once on a new machine (*Run all*) before you rely on it.
#
# ## Getting a GPU and using it
#
# A [**GPU**](glossary.md#gpu) computes thousands of products at the same time. To get one, choose
# *Runtime > Change runtime type* and a GPU. You then get **another machine**, so do this first.
# Check that your framework sees it:

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
# **Predict.** On a machine with a GPU, somebody writes
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
# A module changes itself; a tensor does not, because `to` returns a new tensor. Always write
# `batch = batch.to(device)`.
#
# ## Measuring time on a GPU
#
# A call that runs on a GPU only puts a job into a queue. It returns at once, while the GPU is still
# working: this is [**asynchronous execution**](glossary.md#asynchronous-execution). The CPU waits
# when it needs a result, for example to print it.
#
# You can imitate this on any computer. In the hidden cell below, a second thread plays the GPU: it
# works through a queue of five jobs of 20 milliseconds each, which five calls have put there.
#
# **Predict.** You stop the clock as soon as the fifth call has returned. How does the measured time change
# if each job takes 80 milliseconds? `"a"`: It becomes four times as long. `"b"`: It stays about the
# same. `"c"`: It becomes shorter.

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
# Without waiting, you measure how long it takes to queue the jobs. In PyTorch, the CPU waits in
# `torch.cuda.synchronize()`. The first call also does some preparation, so run once before you measure.


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
# With a GPU, compare the columns. For small matrices expect no gain over the CPU, because starting
# a job takes longer than the product. So do not expect a GPU to speed up the digits network of this
# course; VGG-16 or fine-tuning is another matter. `torch.utils.benchmark.Timer` does the warm-up and
# the waiting for you.
#
# ## Reading an image
#
# Reading an image file gives you an array, but which one? Make an image of six pixels whose values
# you know: pure red, green and blue, then black, dark gray (51, 51, 51) and white. Write it to a
# file, and read it back.

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
# Pillow returns the bytes of the file. Matplotlib divides the values of a PNG file by 255, so 51
# becomes [0.2]{= f"{image[1, 1, 0]:.1f}" }. And `imsave` has added a fourth channel,
# [**alpha**](glossary.md#alpha-channel), the opacity; `image[..., :3]` drops it.
#
# A PNG file keeps every value. A JPEG file discards what the eye would hardly notice in a photograph.
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
# The largest change is [163]{= changes[0].max() }, and the red is olive. In a photograph most
# neighbouring pixels are similar, and the mean change is only
# [2.5]{= f"{changes[1].mean():.1f}" } for the photograph that you will see below. Keep drawings, masks
# and label maps as PNG.
#
# ## A wrong range gives no error
#
# After you have read an image, look at its shape, its dtype and its range. A network accepts any
# numbers. How much harm do wrong ones do? We train the digits network on pixels from 0 to 1, white
# strokes on black, and test it with three mistakes.
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
    network = digits_network(seed=seed)
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
# Convolution, ReLU and max pooling multiply their output when their input is multiplied, apart from
# the biases. So all scores of an image grow together, and most predictions stay right. But look at the
# loss: the network is now extremely sure, even when it is wrong. A good accuracy does not
# prove that the range is right. Divided twice, the image hardly contributes, and the biases decide: no
# network predicts more than [2]{= max(one_class) } of the ten classes.
#
# ## Your files in Google Drive
#
# Mounting makes your Drive a folder of the machine. Colab asks for your permission first. Put a
# photograph of your own into its folder `convolution` as `photo.jpg`. If there is none, the cell reads
# a photograph that comes with scikit-learn. LeNet needs 28 x 28 pixels, one channel and a batch axis.

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
fig, axes = plt.subplots(1, 3, figsize=(7, 2.5), layout="constrained", width_ratios=[1.5, 1, 1])
axes[0].imshow(photo)
axes[0].add_patch(plt.Rectangle((left, upper), side, side, fc="none", ec="white", lw=2, ls="--"))
axes[0].set(xticks=[], yticks=[], title="photograph")
for ax, (title, array) in zip(axes[1:], small.items(), strict=True):
    draw_image(ax, np.asarray(array), title, (0, 255), scale=False)
present(
    fig,
    "Left, the photograph, wider than high, with a dashed square in its middle. Middle, resized "
    "to 28 x 28 grayscale pixels, everything in it is too narrow. Right, cropped to the square and "
    "then resized, it keeps its proportions.",
)

# %% [markdown] tags=["row-27"]
# Pillow gives the width first, and NumPy the height. `resize` does not keep the proportions; crop first.
#
# Reading many small files from a mounted Drive is slow. Keep them in one archive, and unpack it in
# `/content`. Files you write may reach Drive with a delay: `drive.flush_and_unmount()` waits for them.
#
# ## Saving a training and resuming it
#
# A [**checkpoint**](glossary.md#checkpoint) is a file from which a training can continue. It needs
# everything that the next step depends on: the parameters, the state of the optimizer, the number of
# epochs done, and whatever determines the random numbers, such as the seed for the shuffling.
#
# The function `train` of this course writes a checkpoint after each epoch if you name a file. The cell
# below trains three epochs, and then we assume that the machine is gone.
#
# **Predict.** How many numbers for each parameter does it hold if the optimizer is
# [Adam](11_training.ipynb)?

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
# Besides the six arrays of parameters there are `first_moment` and `second_moment`, each as long as all
# parameters together, so there are 3 numbers for each parameter. The second student of the opening
# figure saved only the first of them. A new Adam has no averages of past gradients, and its
# first steps have about the size of the learning rate for every parameter, even where the gradient is
# tiny.
#
# Does a training with a checkpoint really continue, or does it start again? A fair test starts from a
# network that cannot succeed by chance. So we overwrite its parameters with nan, which spoils every
# sum it enters. We count the epochs, and compare with an unbroken run and with two controls.

# %%
resumed = digits_network(1)
resumed.parameters[:] = np.nan
epochs_now = []
history = train(
    resumed, X, labels, epochs=6, seed=1, checkpoint=checkpoint, progress=False,
    after_epoch=lambda history: epochs_now.append(len(history)),
)  # fmt: skip

unbroken = digits_network(1)
train(unbroken, X, labels, epochs=6, seed=1, progress=False)

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
    difference = np.abs(network.parameters - unbroken.parameters).max()
    print(f"{name:14} largest difference from the unbroken run: {difference:.3g}")
    assert (difference == 0) == (name == "resumed")

# %% [markdown]
# The resumed training computed epochs `[[4, 5, 6]]{= epochs_now }` and ended with **exactly** the
# parameters of the unbroken run, [3,818]{= f"{np.sum(resumed.parameters == unbroken.parameters):,}" }
# of them. The controls did not. On another kind of machine, sums may be rounded differently, and then you
# can only expect similar numbers.
#
# ## The same in PyTorch
#
# PyTorch leaves the loop to you, so you save a dictionary of your own. `torch.manual_seed(epoch)`
# makes the order depend on the number of the epoch alone. Otherwise you would have to save the state of
# the random number generator, too.


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

fit(model, optimizer, 3, 4, work / "unbroken.pt")
torch.testing.assert_close(new_model.state_dict(), model.state_dict(), rtol=0, atol=0)
print("after epoch 4, the two models have equal parameters")

# %% [markdown]
# `map_location` lets you open on a CPU what was saved on a GPU. `weights_only=True`, the default since
# PyTorch 2.6, refuses files that would run code when they are opened.
#
# ## The same in Keras
#
# In Keras two callbacks do the work. `BackupAndRestore` saves a training so that it can resume, and
# deletes the backup when `fit` has finished. `ModelCheckpoint` keeps the best model.

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


class TakeAway(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            raise ConnectionError("the machine is taken back in the third epoch")


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
    fit_keras(build(), TakeAway())
except ConnectionError as error:
    print(error)
resumed_model = build()
keras_history = fit_keras(resumed_model)
print("epochs of the second call, counted from 0:", keras_history.epoch)
print("steps of its optimizer:", int(resumed_model.optimizer.iterations), "= 4 epochs of 47")
best_model = keras.models.load_model(work / "best.keras")

# %% [markdown]
# The second call continued after the two saved epochs, and the optimizer has counted all four. Keras
# saves parameters and optimizer, but not the generator that shuffles, so do not expect the same bits as
# without a break.
# (To choose an epoch, use a validation set, not the test images as in this small example.)
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
# machine is taken back between two pieces, the new checkpoint is incomplete **and** the old one is gone.
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
            raise InterruptedError("the machine is taken back")
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
            "Collecting the pieces first shortens the danger, but an interruption while `path` is "
            "written still destroys it.",
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
# 2. `train` refuses, since the result would be neither the one training nor the other. PyTorch and Keras
#    do not check this: write the settings into your checkpoint.
# 3. After a break, the new generator begins with the order of the first epoch. Save its state
#    (`rng.bit_generator.state`, `torch.get_rng_state()`), or derive it from the epoch as above.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **get a [GPU](glossary.md#gpu), use it and time it:** choose it first, move the model and every
#    batch, warm up, and wait before you read the clock;
# 2. **read and prepare an image:** from Drive or elsewhere, look at shape, dtype and range, drop alpha,
#    crop before you resize, and keep labels in PNG files;
# 3. **save and resume a training:** a [checkpoint](glossary.md#checkpoint) with parameters, optimizer,
#    epoch and seed, written under another name and renamed; proved by comparison with an unbroken run.
#
# Terms: [runtime](glossary.md#runtime), [asynchronous execution](glossary.md#asynchronous-execution),
# [alpha channel](glossary.md#alpha-channel).
#
# ## Where to go from here
#
# This is the last lesson. You can compute a convolution layer by hand, write it in NumPy and three
# frameworks, train it, explain what it does, and run all of this on a machine that may disappear. If
# an assignment is still open, do it now: writing a backward pass teaches more than reading one.
#
# Then build something small of your own:
#
# 1. Choose a question with images that you can collect or find, and a few hundred labels.
# 2. Set some images aside for testing before you look at them, and measure a simple baseline.
# 3. Put frozen features and a linear head on it
#    ([Transfer learning](22_transfer_learning.ipynb)), with a checkpoint in Drive.
# 4. Look at the mistakes, and change one thing at a time.
#
# ## What to read next
#
# - *Dive into Deep Learning*: [Computer vision](https://d2l.ai/chapter_computer-vision/index.html) on
#   detection and segmentation, then
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
