# %% [markdown]
# # Working in Colab
#
# Google Colab runs a notebook on a computer of Google's: nothing has to be installed, and often a graphics
# processor can be had for nothing. That computer is lent. It forgets everything when it is taken
# back, which may happen in the middle of a training. This lesson is about working there without
# losing anything. All its cells run elsewhere too; what only Colab has is skipped there.
#
# **When you have finished, you will be able to**
#
# 1. ask for a GPU, and check in one line whether your framework sees it;
# 2. read an image from Google Drive or from anywhere else, and say what its numbers mean;
# 3. save your work so that a training goes on where it was cut off.
#
# About 40 minutes. You need [Images and filters](01_images_and_filters.ipynb); for the last part
# [Fashion-MNIST](13_fashion_mnist.ipynb).

# %% include="lesson_setup"

# %% [markdown] tags=["row-27"]
# ## Where am I?
#
# A notebook can find out whether it runs in Colab: the package `google.colab` can be imported there, and
# hardly anywhere else. The cells below ask this variable before they do what no other place can.

# %%
import importlib.util
import sys

IN_COLAB = "google.colab" in sys.modules or (
    importlib.util.find_spec("google") is not None
    and importlib.util.find_spec("google.colab") is not None
)
print("in Colab" if IN_COLAB else "not in Colab: cells that need it say so and do nothing")

# %% [markdown] tags=["row-27"]
# ## A GPU, and whether it is used
#
# A *graphics processor*, GPU for short, does thousands of multiplications at once. For the small
# networks of this course a laptop's processor will do; for training VGG, or a large network on CIFAR-10,
# a GPU saves hours.
#
# In Colab: menu *Runtime*, then *Change runtime type*, then choose a GPU and save. The notebook
# then starts anew on another computer, and every variable is gone; so do this first.
#
# **Predict, then run.** How many GPUs will TensorFlow and PyTorch find where you are now?

# %% needs="tensorflow"
import tensorflow as tf

gpus = tf.config.list_physical_devices("GPU")
print("TensorFlow sees", len(gpus), "GPU" if len(gpus) == 1 else "GPUs")
for gpu in gpus:
    print(gpu.name)

# %% needs="torch"
import torch

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print("PyTorch will compute on:", device)
if device.type == "cuda":
    print(torch.cuda.get_device_name(0))

# %% [markdown]
# TensorFlow, and Keras with it, use a GPU that they see by themselves. PyTorch uses it for what is
# put there: the model *and* every batch, by `.to(device)`. Where one of them is on the GPU and the
# other is not, the call ends in an error that says so. The next cell is right on any computer.

# %% needs="torch"
layer = torch.nn.Conv2d(1, 4, 3).to(device)
batch = torch.zeros(2, 1, 8, 8).to(device)
print(tuple(layer(batch).shape), "computed on", layer(batch).device.type)

# %% [markdown]
# NumPy, and with it the course's own layers, computes on the ordinary processor. A GPU changes nothing there.

# %% [markdown] tags=["row-27"]
# ## An image is a file, and then an array
#
# To see what reading an image does, make one of six pixels whose numbers you know: two rows, three
# columns, and for each pixel red, green and blue, from 0 to 255.

# %%
pixels = np.array(
    [
        [[255, 0, 0], [0, 255, 0], [0, 0, 255]],
        [[0, 0, 0], [51, 51, 51], [255, 255, 255]],
    ],
    dtype=np.uint8,
)
fig, ax = plt.subplots(figsize=(4, 2.6), layout="constrained")
ax.imshow(pixels)
for (row, column), colour in {
    (0, 0): "white",
    (0, 1): "black",
    (0, 2): "white",
    (1, 0): "white",
    (1, 1): "white",
    (1, 2): "black",
}.items():
    numbers = ", ".join(map(str, pixels[row, column]))
    ax.text(column, row, numbers, ha="center", va="center", color=colour, fontsize=9)
ax.set(xticks=range(3), yticks=range(2), xlabel="column", ylabel="row")
present(
    fig,
    "Six square pixels in two rows of three, each with its three numbers. Above: red 255, 0, 0; green "
    "0, 255, 0; blue 0, 0, 255. Below: black 0, 0, 0; dark grey 51, 51, 51; white 255, 255, 255.",
)

# %% [markdown]
# Now write it to a file and read it back, as you would read a photograph.
#
# **Predict, then run.** The dark grey pixel was written as 51. What number comes back?

# %%
import tempfile
from pathlib import Path

import matplotlib.image as mpimg

folder = Path(tempfile.mkdtemp())
mpimg.imsave(folder / "six.png", pixels)
image = mpimg.imread(folder / "six.png")
print("shape", image.shape, "dtype", image.dtype)
print("dark grey:", image[1, 1])

# %% [markdown]
# Two things have changed. The values run from 0 to 1: Matplotlib divides those of a PNG file by
# their largest possible value, here 255, and $51 / 255$ is [0.2]{= f"{image[1, 1, 0]:.1f}" }. And
# there are [4]{= image.shape[2] } channels, not 3: the last is *alpha*, how opaque the pixel is,
# here 1 everywhere. A network that expects three channels gets `image[..., :3]`.
#
# Other readers, and other kinds of file, have other habits. Pillow leaves the numbers as whole numbers
# from 0 to 255. A JPEG file does not even keep them: it stores what the eye would notice in a
# photograph, where most pixels resemble their neighbours, and the numbers come back changed.
#
# **Predict, then run.** By how much at most, in our six pixels?

# %%
from PIL import Image

print("Pillow, PNG: ", np.asarray(Image.open(folder / "six.png"))[1, 1])
Image.fromarray(pixels).save(folder / "six.jpg", quality=75)
jpeg = np.asarray(Image.open(folder / "six.jpg"))
print("Pillow, JPEG:", jpeg[1, 1], jpeg.dtype)
print("largest change of a number in the JPEG file:", np.abs(jpeg.astype(int) - pixels).max())

# %% [markdown]
# In a photograph most changes are small. Here they are not, since neighbouring pixels differ so much: do not
# keep drawings, or data, as JPEG.
#
# So after reading any image, look at three things: its shape, its dtype, its smallest and largest number.
# A network that was trained on numbers from 0 to 1 may give nonsense on 0 to 255, and there is no error.

# %% [markdown] tags=["row-27"]
# ## Your files: Google Drive
#
# The disk of the computer that Colab lends holds none of your files. Your *Drive* is where your
# files stay. Mounted, it is a folder, and its files are read like any others. Colab asks for your
# permission first.

# %%
if IN_COLAB:
    from google.colab import drive

    drive.mount("/content/drive")
    work = Path("/content/drive/MyDrive/convolution")
else:
    work = folder / "convolution"
work.mkdir(parents=True, exist_ok=True)
print("Work is kept in the folder", work.name)

# %% [markdown]
# The folder of your own files is called `MyDrive`, without a space. Put a photograph there, in the folder
# `convolution`, name it below, and run the cell. Without one it takes a photograph that comes with
# scikit-learn.

# %%
my_photograph = work / "flower.jpg"

if my_photograph.exists():
    photograph = np.asarray(Image.open(my_photograph).convert("RGB"))
else:
    from sklearn.datasets import load_sample_image

    photograph = load_sample_image("flower.jpg")
print("shape", photograph.shape, "dtype", photograph.dtype)
print("from", photograph.min(), "to", photograph.max())

fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
ax.imshow(photograph)
ax.axis("off")
present(
    fig,
    f"The photograph that was read, {photograph.shape[0]} pixels high and {photograph.shape[1]} wide.",
)

# %% [markdown]
# From here it is an image as in [Images and filters](01_images_and_filters.ipynb). A
# network takes a batch, numbers from 0 to 1, often a certain size, and LeNet takes one channel.
# (`resize` does not cut anything off, so a photograph that is not square is squeezed.)

# %%
small = np.asarray(Image.fromarray(photograph).convert("L").resize((28, 28)))
batch = small[None, :, :, None].astype(np.float32) / 255
print("shape", batch.shape, "dtype", batch.dtype)
assert batch.min() >= 0 and batch.max() <= 1

# %% [markdown] tags=["row-27"]
# ## Save, or lose it
#
# Colab takes its computer back after some idle time, and after some hours in any case. Then all
# variables and all files outside Drive are gone. Three things are worth keeping:
#
# | what | where it goes |
# |---|---|
# | the notebook | menu *File*, *Save a copy in Drive*: without it your changes to a notebook that was opened from GitHub are lost |
# | what a training has reached | a checkpoint in a folder of Drive, after each epoch |
# | results: weights, tables, figures | files in the same folder |
#
# The course's training loop writes a *checkpoint*, if it is given a file: weights, the optimizer's averages
# and the history so far, after every epoch, in one step, so that a half-written file cannot happen. Called
# again with the same file, it goes on after the last whole epoch.
#
# The next cell trains on the digits for three epochs and stops, as if the computer had been taken away.

# %%
from convnet.data import digits
from convnet.models import digits_network
from convnet.training import train

data = digits()
settings = {
    "validation": (data.test_images, data.test_labels),
    "seed": 1,
    "progress": False,
}
checkpoint = work / "digits.h5"
checkpoint.unlink(missing_ok=True)

cut_off = digits_network(seed=1)
history = train(
    cut_off, data.train_images, data.train_labels, epochs=3, checkpoint=checkpoint, **settings
)
print("epochs done:", len(history), "and the checkpoint is there:", checkpoint.exists())

# %% [markdown]
# **Predict, then run.** A new network, with fresh weights, is given the same checkpoint and asked for six
# epochs. How many will it train? Will the result be the same as that of six epochs without a break?

# %%
resumed = digits_network(seed=1)
history = train(
    resumed, data.train_images, data.train_labels, epochs=6, checkpoint=checkpoint, **settings
)
unbroken = digits_network(seed=1)
train(unbroken, data.train_images, data.train_labels, epochs=6, **settings)
same = np.array_equal(resumed.parameters, unbroken.parameters)
print("epochs in the history:", len(history))
print("every parameter the same, to the last bit:", same)

# %% [markdown]
# It trains the three that are missing; the history has all [6]{= len(history) }. And it makes no
# difference that there was a break: [True]{= same }. That is not a matter of course. A loop that saved
# the weights alone would begin with new averages of the optimizer, and would end elsewhere.
#
# In Keras a training goes on in the same way with a callback, `keras.callbacks.BackupAndRestore(folder)`, in
# `model.fit`; it deletes what it has saved when the training is over. In PyTorch one saves two
# dictionaries, that of the model and that of the optimizer:

# %% needs="torch"
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.Adam(model.parameters())
torch.save(
    {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3},
    work / "torch.pt",
)
saved = torch.load(work / "torch.pt", weights_only=True)
model.load_state_dict(saved["model"])
optimizer.load_state_dict(saved["optimizer"])
print("goes on after epoch", saved["epoch"])

# %% [markdown]
# `weights_only=True` refuses files that would run code when they are opened. Above all, use it for files
# that come from others.
#
# ## Exercises
#
# **Exercise 1.** Write `to_unit(image)`: an image as float32 numbers from 0 to 1. Whole numbers (`uint8`)
# are divided by 255; floating-point numbers are from 0 to 1 already and stay as they are.


# %%
def to_unit(image):
    result = None
    ### BEGIN SOLUTION
    if image.dtype == np.uint8:
        image = image / 255
    result = image.astype(np.float32)
    ### END SOLUTION
    return result


# %%
public_tests.check_function(
    "Exercise 1",
    to_unit,
    lambda image: image / 255 if image.dtype == np.uint8 else image,
    [(pixels,), (image,), (np.array([[0, 1]], dtype=np.uint8),)],
    "Ask image.dtype == np.uint8. Both kinds end as float32.",
    [
        (lambda image: image / 255, "The image from the PNG file runs from 0 to 1 already."),
        (lambda image: image * 1.0, "The whole numbers still run to 255."),
        (
            lambda image: image / image.max(),
            "Divided by its own largest number, a dark image becomes a bright one.",
        ),
    ],
)

# %% [markdown]
# **Exercise 2.** `image` from the PNG file has the shape (2, 3, 4). A network expects a batch of images
# with three channels. Make that batch of one image from `image`, of shape (1, 2, 3, 3), without alpha.

# %%
one_image = None
### BEGIN SOLUTION
one_image = image[None, :, :, :3]
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 2",
    one_image,
    image[np.newaxis, ..., :3],
    "Indexing with None makes a new axis, and a slice leaves channels out.",
    [
        (image[..., :3], "The axis of the batch is missing."),
        (image[None], "Alpha is still there."),
        (image[None, ..., 1:], "Red was left out, and alpha kept."),
    ],
)

# %% [markdown]
# ## Recap
#
# - You can ask for a GPU and check it: `tf.config.list_physical_devices("GPU")`,
#   `torch.cuda.is_available()`; and you know that PyTorch uses it for what is put there.
# - You can read an image from Drive or elsewhere, and look at its shape, its dtype and its range before a
#   network gets it: what was saved as 51 may come back as 51, as
#   [0.2]{= f"{image[1, 1, 0]:.1f}" }, or changed.
# - You can save your work: the notebook as a copy in Drive, a training as a checkpoint after each epoch,
#   from which it goes on to the same numbers.
#
# ## What to read next
#
# This is the last lesson. If you came here first, go on with
# [Images and filters](01_images_and_filters.ipynb). The assignments open in Colab as the lessons do,
# from the badge at their top.
#
# - Google, *Frequently asked questions* of Colab: how long its computers are lent, and to whom
#   (<https://research.google.com/colaboratory/faq.html>)
