# %% [markdown]
# # Start here
#
# To brighten a photograph of a cat, somebody added 80 to every pixel. Python reported no error. Run the first
# two cells and look at the cat.
#
# Many bugs in image code are like this one: nothing crashes, and the result is wrong. An hour with a small
# cat will save you evenings with large networks.
#
# **By the end of this lesson you will be able to**
#
# 1. run a notebook, predict a result, and use what a failing check tells you;
# 2. cut, average, combine and convert NumPy arrays, and know the shape of the result beforehand;
# 3. work in Colab: get a GPU, read an image, and keep your files.
#
# **Time:** about 70 minutes, and 15 for the exercises. **You need:** Python, up to functions.

# %% [markdown]
# ## Run a cell
#
# This page is a **notebook**, made of cells with text and cells with code. Click into the next cell, which
# contains code, and press **Shift+Enter**. In Colab, a message warns you that Google did not write the
# notebook; choose *Run anyway*.

# %% include="lesson_setup"

# %% [markdown]
# If nothing seems to happen, it has worked. Every lesson begins with this cell. It looks for the course's
# own packages, downloads them if they are missing, as in Colab, and imports NumPy as `np` and Matplotlib
# as `plt`. While a cell is running, the brackets on its left show a star or a circle.
#
# The next cell loads the cat and adds 80. Run it, then replace 80 with 20, 40 and 60, and run it again each
# time. **From which number on is the cat spoiled?**

# %%
from convnet.data import load_sample_image
from lesson_tools.start_here import figures as draw
from lesson_tools.start_here.questions import check, predict

cat = load_sample_image("chelsea.jpg")[::4, ::4]  # every fourth row and column
draw.brighter(cat, cat + 80)

# %% [markdown]
# ## All cells share one memory
#
# Run the next cell once, and the one below it **three times**.

# %%
shift = 0

# %%
shift = shift + 10
draw.shifted(np.roll(cat, shift, axis=1))

# %% [markdown]
# Each run moved the cat further, because `shift` keeps its value from cell to cell and from run to run.
# What counts is the order in which you run the cells, not their order on the page.
#
# **Predict.** You have run the cell with `shift + 10` three times. Now you delete the cell. What is
# `shift`? Replace `None` with your answer and run the cell. If you are stuck, answer with `"?"`, which
# prints a hint and, the second time, the answer.

# %%
predict("memory", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 30. The variable is in the memory of a Python process, which knows nothing about your page. (Jupyter calls
# this process a *kernel*. It has nothing to do with the kernels of lesson 01.)
#
# </details>
#
# So a notebook can show code that does not explain its results. When things become strange, restart the
# process and run all cells from the top: *Runtime > Restart session and run all* in Colab, *Kernel >
# Restart Kernel and Run All Cells* in Jupyter.
#
# Nobody counts your wrong predictions. But do commit to an answer, because if it was wrong, you will
# remember the right one.

# %% [markdown]
# ## Rows, then columns
#
# `cat.shape` is `[(67, 100, 3)]{= cat.shape }`: the image has 67 rows and 100 columns, with three numbers for
# each pixel, its red, green and blue: the three [**channels**](glossary.md#channel). The
# [**shape**](glossary.md#shape) lists the lengths of the [**axes**](glossary.md#axis), which are numbered 0,
# 1, 2.
#
# A [**slice**](glossary.md#slice) `a:b` selects the entries from `a` up to, **but not including**, `b`.
# The first slice selects rows, counted from the top, and the second one columns. A colon alone keeps a
# whole axis, and so does leaving out the axes at the end.
#
# **Predict.** The nose is `cat[46:64, 44:72]`. What is its shape?

# %%
predict("crop", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[(18, 28, 3)]{= cat[46:64, 44:72].shape }`: there are 64 - 46 rows and 72 - 44 columns, and the third axis
# stays whole.
#
# </details>

# %%
nose = cat[46:64, 44:72]
draw.crop(cat, nose)

# %% [markdown]
# ## What a failing check says
#
# Lessons end with exercises, and assignments consist of them. You write code where it says so, and
# `check` says whether it is right. Try one now: set `eye` to the cat's eye on the left of the image, which
# extends from row 19 to row 32 and from column 30 to column 46, **both ends included**.
#
# To see a check fail, begin with the most frequent mistake, the order of a plot, $x$ before $y$:
# `eye = cat[30:46, 19:32]`. Run both cells, read what the check says, and go on from there.

# %%
eye = None
### BEGIN SOLUTION
eye = cat[19:33, 30:47]
### END SOLUTION

# %%
check("eye", eye)

# %% [markdown]
# The last sentence of the message says what went wrong. A check recognizes frequent mistakes by their
# results, and here you may meet three of them. When the check passes, insert a cell (*+ Code* in Colab, *+*
# in Jupyter), and look at the eye with `draw.crop(cat, eye)`.

# %% [markdown]
# ## The axis that disappears
#
# The mean over an axis removes this axis from the shape. `cat.mean(axis=2)` averages red, green and
# blue, so 67 x 100 numbers remain: a grayscale image.
#
# **Predict.** What is the shape of `cat.mean(axis=0)`?

# %%
predict("columns", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[(100, 3)]{= cat.mean(axis=0).shape }`: cross out entry 0 of (67, 100, 3). The 67 rows are gone, and one
# mean color remains for each of the 100 columns.
#
# </details>

# %%
gray = cat.mean(axis=2)
draw.means(gray, cat.mean(axis=0), cat.mean(axis=1))

# %% [markdown]
# Sums and maxima take the same argument. Do not ask along which axis they "go". Ask which axis is gone.
#
# The mean is the simplest way to a grayscale image. Image editors and Pillow's `convert("L")` weight the colors as
# the eye does, with 0.299 for red, 0.587 for green and 0.114 for blue, so their grays differ from ours.

# %% [markdown]
# ## A new axis of length 1
#
# `None` between the brackets does the opposite and inserts an axis of length 1. The numbers stay the same.
# (`np.newaxis` is another name for `None`.)

# %%
print(gray[:, :, None].shape, "rows, columns, one channel")
print(cat[None].shape, "one image, rows, columns, channels")

# %% [markdown]
# Why would anybody want that? Networks read several images at a time, stacked along the first axis, and
# refuse an array that lacks it. And with a length of 1, NumPy can do something clever.

# %% [markdown]
# ## Broadcasting
#
# To combine two arrays, NumPy lines up their shapes **at the right end**. Two lengths fit if they are
# equal, or if one of them is 1 or missing. The array with length 1 is then repeated along that axis, as often
# as needed.
# This is [**broadcasting**](glossary.md#broadcasting). Here it combines the image with a color, `tint`, by
# `*`, which multiplies element by element. (The matrix product is `@`.)
#
# ```
# gray[:, :, None]      67 x 100 x 1
# tint                             3
# product               67 x 100 x 3
# ```
#
# **Predict.** `ramp` holds 100 numbers, from 0 up to 1. What happens to the cat in `gray * ramp`? `"a"`: It
# fades to black toward the left. `"b"`: It fades to black toward the top. `"c"`: An error, because the
# shapes differ.

# %%
predict("fade", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"a"`. The 100 numbers of the ramp line up with the 100 columns, and the ramp is repeated for each row.
# For a fade toward the top, 67 numbers need an axis of length 1 on their right: `steps[:, None]`.
#
# </details>

# %%
tint = np.array([1.0, 0.8, 0.55])  # of red, green and blue
ramp = np.linspace(0, 1, 100)
steps = np.linspace(0, 1, 67)
draw.broadcast(gray[:, :, None] * tint, gray * ramp, gray * steps[:, None])

# %% [markdown]
# `gray * steps`, without the new axis, is an error: 67 does not fit 100. Be glad. In a square
# image both would fit, and the image would fade in the wrong direction without a word.

# %% [markdown]
# ## A view, or a copy?
#
# `draw.crop` received the cat and the nose, but not the numbers 46 and 44. How did it know where to draw the
# box? A slice copies nothing. It is a [**view**](glossary.md#view) of numbers that stay where they are, in
# the memory of the cat. An operation such as `gray + 50`, on the other hand, creates a new array.
#
# **Predict.** What is `gray[0, 0]` after the second line below, and what is it after the fourth? Answer with
# two numbers, such as `(1, 2)`.
#
# ```python
# corner = gray[:20, :30]
# corner[:] = 255
# lighter = gray + 50
# lighter[:] = 0
# ```

# %%
predict("view", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `(255, 255)`. The slice shares the memory of `gray`, so the second line changes the image. The sum is
# a new array, and `gray` does not notice what happens to it.
#
# </details>

# %%
corner = gray[:20, :30]
corner[:] = 255
lighter = gray + 50
lighter[:] = 0
draw.corner(gray)

# %% [markdown]
# No line assigns to `gray`, and yet its corner is white. To change a slice and keep the original, begin with
# `gray[:20, :30].copy()`.

# %% [markdown]
# ## Eight bits
#
# Back to the spoiled cat. `cat.dtype` is `[uint8]{= cat.dtype }`, an integer of eight bits, as in most
# image files. Its [**data type**](glossary.md#data-type) can hold the numbers from 0 to 255, and after 255
# it begins again at 0. This is an [**overflow**](glossary.md#overflow), and NumPy does not report it.
#
# **Predict.** What does a pixel value of 200 become in `cat + 80`?

# %%
predict("overflow", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [24]{= 200 + 80 - 256 }. The sum is 280, and after 255 the numbers begin again at 0: 256 becomes 0, so 280
# becomes 280 - 256.
#
# </details>

# %%
bright = np.clip(cat.astype(int) + 80, 0, 255)
draw.brighter(cat, bright)

# %% [markdown]
# `astype(int)` makes a copy in larger integers, for which 280 is no problem, and `np.clip` limits the result
# to 255.
#
# From which number on was the cat spoiled? Its largest value is [214]{= cat.max() }, so adding
# [42]{= 256 - int(cat.max()) } is too much. The largest values are red, and a pixel that loses its red keeps
# green and blue, which make turquoise. Differences overflow, too: in `uint8`, 10 - 20 is
# [246]{= (np.array([10], np.uint8) - np.array([20], np.uint8))[0] }.

# %% [markdown]
# ## The difference between neighbors
#
# Negative indices count from the end, so `gray[:, :-1]` is all columns but the last, and `gray[:, 1:]` all
# but the first. Subtract one from the other, and each pixel meets its neighbor. (Means are floating-point
# numbers, so nothing can overflow here.)
#
# **Predict.** What is the shape of `gray[:, 1:] - gray[:, :-1]`?

# %%
predict("neighbors", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[(67, 99)]{= (gray[:, 1:] - gray[:, :-1]).shape }`. Each slice lacks one column, and 100 columns have 99
# pairs of neighbors.
#
# </details>

# %%
gray = cat.mean(axis=2)  # anew, without the white corner
difference = gray[:, 1:] - gray[:, :-1]
draw.differences(difference)

# %% [markdown]
# One line, no loop, and the outlines of the cat appear. Lesson 01 will call this line a *kernel* of two
# numbers, and find a better one.
#
# A column is missing. `np.pad` adds rows and columns of zeros. It takes a pair of numbers for each axis, how
# many before and how many after:

# %%
print(np.pad(difference, ((0, 0), (0, 1))).shape, "no rows; no column before and one after")

# %% [markdown]
# That was all the NumPy that you need for lesson 01, and the story of the spoiled cat is over. The next sections
# prepare you for Colab, and for images of your own. If you prefer to practice first, do the
# exercises at the end now and come back later.

# %% [markdown] tags=["row-27"]
# ## Browser, runtime and Drive
#
# This section and the next are for Colab. If you do not use Colab, skip to *Reading an image*.
#
# Three computers take part when you work in Colab. Your browser shows the notebook. A virtual machine at
# Google, which Colab calls the [**runtime**](glossary.md#runtime), executes its cells. Your own files are in
# Google Drive.

# %%
draw.runtime()

# %% [markdown]
# A restart ends the Python process: you lose your variables, but keep your files and packages. You lose those
# when Colab deletes the machine: if you choose *Disconnect and delete runtime*, after some time without
# activity, and, in the free version, after at most 12 hours, as Colab's FAQ says. If you opened the notebook
# from GitHub, your edits exist only in the browser until you choose *File > Save a copy in Drive*.

# %% [markdown] tags=["row-27"]
# ## Getting a GPU and using it
#
# A [**GPU**](glossary.md#gpu) computes thousands of products at the same time. NumPy does not use it, and so
# neither will the layers that you write. When a lesson trains a larger network in PyTorch or Keras, choose
# *Runtime > Change runtime type* **before** you begin, because Colab then gives you a new machine, without
# your variables and files. If Colab has no GPU to give, go on without one: everything runs on the CPU, too,
# only more slowly.

# %% needs="torch"
import torch

device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else "cpu"
x = torch.ones(2, 3).to(device)
print("PyTorch computes on:", x.device)

# %% [markdown]
# PyTorch works on [**tensors**](glossary.md#tensor), its name for arrays. Each operation runs on the device
# that holds its tensors, so you will move the network *and* every batch (group) of images with `.to(device)`.
# Keras and TensorFlow use a GPU as soon as they see one, and `tf.config.list_physical_devices("GPU")` lists
# what they see. The code above also finds the GPU of a Mac.

# %% [markdown] tags=["row-27"]
# ## Reading an image
#
# An image file becomes an array, but its dtype and its range depend on the library that reads it. Here are
# two libraries and one file.

# %%
import tempfile
from pathlib import Path

import matplotlib.image as mpimg
from PIL import Image

file = Path(tempfile.mkdtemp()) / "cat.png"
Image.fromarray(cat).save(file)

by_pillow = np.asarray(Image.open(file))
by_matplotlib = mpimg.imread(file)
for image in (by_pillow, by_matplotlib):
    print(image.shape, image.dtype, "from", image.min(), "to", image.max())
print(Image.open(file).size, "is (width, height)")

# %% [markdown]
# Pillow returns integers from 0 to 255. Matplotlib divides by 255 if the file is a PNG, but not if it is a
# JPEG. Make it a habit to print **shape, dtype and range** of every image that you have read. The shape may
# show a fourth channel, the opacity or [alpha channel](glossary.md#alpha-channel), which `image[..., :3]`
# removes. Note that Pillow gives the width first. Its `resize` does not keep the proportions, so crop an
# image before you resize it.
#
# PNG files keep every value. JPEG files discard details that you do not miss in a photograph. In drawings,
# masks and labels you would, so save those as PNG:

# %%
draw.jpeg()

# %% [markdown] tags=["row-27"]
# ## A wrong range gives no error
#
# A network accepts any numbers. The one below has been trained to draw the edges of photographs, that is,
# the positions where neighboring pixels differ a lot. It expects numbers from 0 to 255.
#
# **Predict.** Which mistake makes the network draw nothing? `"a"`: numbers from 0 to 1. `"b"`: black and white
# swapped. `"c"`: red and blue swapped.

# %%
predict("blank", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"a"`. All differences between neighbors become 255 times smaller. If black and white are swapped, a step
# up becomes a step down, which is just as large. And swapping red and blue moves no edge: where a channel
# changes, it still changes.
#
# </details>

# %%
draw.wrong_range("chelsea.jpg")

# %% [markdown]
# With numbers from 0 to 1, the photograph is black all over as far as the network is concerned. The two other
# mistakes are more dangerous. Their drawings look right at first sight, so nobody would search for a mistake,
# although some lines have become heavier, and others paler.

# %% [markdown] tags=["row-27"]
# ## Your files in Google Drive
#
# In Colab, every notebook runs on its own machine. The checks record your progress in a file,
# `progress.json`, which is lost with the machine. The next cell keeps the record in your Google Drive
# instead, for which Colab asks for your permission. If you refuse, the cell says so, and everything else works
# as before.

# %%
keep_in_drive()

# %% [markdown]
# Run this line in every notebook of the course, in a new cell below the first one. From then on, `progress()` shows
# in each of them what you have done in all of them, and the notebook [Milestones](milestones.ipynb) finds the
# functions that you have written. Without Drive, `progress()` offers your record for download. Upload the
# records of several notebooks beside one another, and they count together.
#
# `progress()` also links to all notebooks. Use its links in a copy that you have saved in Drive, because the links
# in the text look for the other notebooks beside the copy.
#
# The cell has **mounted** your Drive: it is now a folder of the runtime, `/content/drive/MyDrive`. Whatever you write
# there outlives the machine.

# %% [markdown] tags=["row-27"]
# ## Your own images: Drive, upload, address
#
# An image can reach the runtime in three ways, and afterwards it is a file like any other:
#
# - **Drive.** Once Drive is mounted, read `"/content/drive/MyDrive/my.jpg"`.
# - **Upload.** Drag the file into the Files panel (the folder icon on the left of Colab, the file browser of
#   Jupyter), and read `"my.jpg"`. It is lost with the runtime.
# - **Address.** If the image is on the web, Python can fetch it. The function below does this. We try it with the
#   cat's file, which needs no connection, because `file:` is an address, too.


# %%
from io import BytesIO
from urllib.request import Request, urlopen


def image_from(address):
    """Fetch an image from the web, as an array."""
    # Some servers refuse requests that say they come from Python.
    request = Request(address, headers={"User-Agent": "Mozilla/5.0"})
    with urlopen(request, timeout=30) as response:
        return np.asarray(Image.open(BytesIO(response.read())).convert("RGB"))


address = file.as_uri()  # replace it with "https://..."
print(address.partition(":")[0], image_from(address).shape)

# %% [markdown]
# Use the address of the image, not of the page that shows it; otherwise Pillow reports that it "cannot identify
# image file". And not every image on the web is yours to use, least of all photographs of people.

# %% [markdown]
# ## What this course builds
#
# The next cell draws the cat with that network, in its full size. For comparison, it also shows edges that
# were found by two small arrays of nine numbers each, from 1968. Replace `"chelsea.jpg"` with the name
# of a photograph of your own, or leave it out to upload one.

# %%
from lesson_tools.photo import draw_edges

draw_edges("chelsea.jpg")

# %% [markdown]
# The network consists of seven operations. You are going to write each of them in NumPy, until your own
# functions make this drawing. You are closer than you think, since you have already computed differences
# between neighbors. Go on with [Images and convolution](01_images_and_convolution.ipynb).

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: brighter, but right
#
# Write `brighten(image, amount)`, which adds `amount` to an image of bytes. Values that would exceed 255
# become 255, and the result is again an array of bytes (`np.uint8`).


# %%
def brighten(image, amount):
    bright = None
    ### BEGIN SOLUTION
    bright = np.clip(image.astype(int) + amount, 0, 255).astype(np.uint8)
    ### END SOLUTION
    return bright


# %%
check("brighten", brighten)

# %% [markdown]
# ### Exercise 2: one range for all images
#
# Write `to_unit(image)`, which returns an image with numbers from 0 to 1. Integers of any number of bits are
# divided by the largest number that their dtype can hold: `np.iinfo(image.dtype).max`. Floating-point images
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


# %%
check("to_unit", to_unit)

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **run a notebook:** all cells share one memory, so restart and run all when in doubt; answer questions
#    with `predict`, ask with `"?"`, and let a failing `check` tell you where to look;
# 2. **compute with arrays:** the table below fits on a slip of paper;
# 3. **work in Colab:** choose the GPU first, print shape, dtype and range, and keep your files in Drive.
#
# | you write | you get | of shape |
# |---|---|---|
# | `cat[46:64, 44:72]` | rows 46 to 63, columns 44 to 71; a [view](glossary.md#view) | [(18, 28, 3)]{= cat[46:64, 44:72].shape } |
# | `cat[::4, ::4]` | every fourth row and column | [(17, 25, 3)]{= cat[::4, ::4].shape } |
# | `cat[:, :-1]` | all columns but the last | [(67, 99, 3)]{= cat[:, :-1].shape } |
# | `cat.mean(axis=2)` | the mean color, gray | [(67, 100)]{= cat.mean(axis=2).shape } |
# | `cat[None]` | a batch of one image, with a new [axis](glossary.md#axis) | [(1, 67, 100, 3)]{= cat[None].shape } |
# | `cat[None][:, :, :-1]` | in a batch, axis 2 counts the columns | [(1, 67, 99, 3)]{= cat[None][:, :, :-1].shape } |
# | `cat * tint` | a factor for each color, by [broadcasting](glossary.md#broadcasting) | [(67, 100, 3)]{= (cat * tint).shape } |
# | `np.pad(cat, ((1, 1), (1, 1), (0, 0)))` | a frame of zeros | [(69, 102, 3)]{= np.pad(cat, ((1, 1), (1, 1), (0, 0))).shape } |
# | `cat.astype(int)` | a copy that does not [overflow](glossary.md#overflow) | [(67, 100, 3)]{= cat.astype(int).shape } |

# %% [markdown]
# ## What to read next
#
# - NumPy: [The absolute basics for beginners](https://numpy.org/doc/stable/user/absolute_beginners.html),
#   [Broadcasting](https://numpy.org/doc/stable/user/basics.broadcasting.html), with drawings, and
#   [Copies and views](https://numpy.org/doc/stable/user/basics.copies.html).
# - Colab: [Frequently asked questions](https://research.google.com/colaboratory/faq.html), on limits, and
#   [External data](https://colab.research.google.com/notebooks/io.ipynb), on Drive and files.
# - *Dive into Deep Learning*: [Data manipulation](https://d2l.ai/chapter_preliminaries/ndarray.html) and
#   [GPUs](https://d2l.ai/chapter_builders-guide/use-gpu.html).
# - N. Kornell, M. J. Hays and R. A. Bjork, [Unsuccessful retrieval attempts enhance subsequent
#   learning](https://doi.org/10.1037/a0015729) (2009): why a wrong prediction is worth making.
