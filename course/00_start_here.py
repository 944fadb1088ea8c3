# %% [markdown]
# # Start here
#
# To brighten a photograph of a cat, somebody added 80 to every pixel. Python reported no error. Run the first two code
# cells and look at the cat.
#
# Many bugs in image code are like this one: nothing crashes, and the result is wrong. In this lesson you find out
# what happened to the cat. At the end, a few lines of NumPy, which you will understand by then, draw the outlines of a
# photograph of your own.
#
# **By the end of this lesson you will be able to**
#
# 1. run a notebook, predict a result, and use what a failing check tells you;
# 2. slice, average and combine NumPy arrays, and know the shape of the result beforehand;
# 3. read a photograph from a file, and compute with its pixels without an overflow.
#
# **Time:** about 45 minutes, and 25 for the exercises. **You need:** Python, up to functions.

# %% [markdown]
# ## Run a cell
#
# This page is a **notebook**, made of cells with text and cells with code. Click into the next cell, which
# contains code, and press **Shift+Enter** or, on a phone, **▶**. In Colab, a message warns you that Google did not
# write the notebook; choose *Run anyway*.

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
from lesson_tools.photo import draw_edges
from lesson_tools.start_here import figures as draw
from lesson_tools.start_here.questions import check, predict

cat = load_sample_image("chelsea.jpg")[::4, ::4]  # every fourth row and column
draw.brighter(cat, cat + 80)

# %% [markdown]
# ## All cells share one memory
#
# Run the next cell once, and the one below it **three times**.

# %%
lives = 9

# %%
lives = lives - 1
print(lives)

# %% [markdown]
# Each run costs a life, because `lives` keeps its value from cell to cell and from run to run. What counts is the
# order in which you run the cells, not their order on the page.
#
# **Predict.** You have run the second cell three times. Now you delete it. What is `lives`? Replace `None` with your
# answer and run the cell. If you are stuck, answer with `"?"`, which prints a hint and, the second time, the answer.

# %%
predict("memory", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 6. The variable is in the memory of a Python process, which knows nothing about your page. (Jupyter calls
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

# %% [markdown] tags=["row-27"]
# ## Where Colab keeps your work
#
# If you do not use Colab, skip this section. In Colab, your browser only shows the notebook. A virtual machine at Google,
# the [**runtime**](glossary.md#runtime), executes its cells, and Colab deletes the machine after some time without
# activity, with all your variables and files. Two things survive in your Google Drive, if you want them to:
#
# - **your edits**, once you choose *File > Save a copy in Drive*;
# - **your progress**, which the checks record, once you run the next cell and give Colab the permission that it asks for.

# %%
keep_in_drive()

# %% [markdown]
# Run this line in every notebook of the course, in a new cell below the first one. Then `progress()` lists in each of
# them what you have done in all of them. Your Drive is now a folder of the runtime, `/content/drive/MyDrive`, and whatever
# you write there outlives the machine.
#
# Colab also lends you a [**GPU**](glossary.md#gpu), a processor that speeds up the training of networks. NumPy does
# not use it, and you will not miss it before you train larger networks. When you do, choose *Runtime > Change runtime
# type* before you run the first cell, because Colab then gives you a new machine. [Lesson
# 30](30_working_in_colab.ipynb) shows how to compute on it.

# %% [markdown]
# ## Rows, then columns
#
# `cat.shape` is `[(67, 100, 3)]{= cat.shape }`: the image has 67 rows, 100 columns and three
# [**channels**](glossary.md#channel), so each pixel consists of three numbers, for red, green and blue. The
# [**shape**](glossary.md#shape) lists the lengths of the [**axes**](glossary.md#axis), which are numbered 0, 1, 2.
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
# Only the two arrays went into `draw.crop`. How did it know where to draw the box? Unlike a slice of a list, a slice
# of an array copies nothing. It is a [**view**](glossary.md#view) of numbers that stay where they are, in the memory
# of `cat`. So `nose[:] = 0` would also paint the cat's nose black. To change a slice and keep the original, begin
# with `cat[46:64, 44:72].copy()`.

# %% [markdown]
# ## What a failing check says
#
# Every lesson has exercises, and assignments consist of them. You write code where it says so, and
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

# %% [markdown]
# ## Broadcasting
#
# To combine arrays of different shapes, NumPy lines up the shapes **at the right end**. Two lengths fit if they are
# equal, or if one of them is 1 or missing. NumPy then repeats the array whose length is 1 or missing along this axis,
# as often as needed, which is called [**broadcasting**](glossary.md#broadcasting). If an array lacks an axis, insert
# one of length 1 with `None`. Here the gray cat, with one channel, is multiplied by a color of three numbers, `tint`:
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
# ## Eight bits
#
# Back to the spoiled cat. `cat.dtype` is `[uint8]{= cat.dtype }`, an integer of eight bits, as in most image files.
# Its [**data type**](glossary.md#data-type) can hold the numbers from 0 to 255, and after 255 it begins again at 0.
# This is an [**overflow**](glossary.md#overflow), and in an array, NumPy does not report it.
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
# [42]{= 256 - int(cat.max()) } is too much, though for a single pixel at first. The largest values are red, and a
# pixel that loses its red keeps green and blue, which make turquoise. Differences overflow, too: in `uint8`, 10 - 20
# is [246]{= (np.array([10], np.uint8) - np.array([20], np.uint8))[0] }.

# %% [markdown] tags=["row-27"]
# ## A photograph from a file
#
# Now you know enough NumPy for a photograph of your own. Drag its file into the Files panel (the folder icon on the left
# of Colab, the file browser of Jupyter), and put its name into the line `file = ...`. Without one, you get the cat again,
# in its full size. `exif_transpose` rotates photographs that a phone has stored on their side, and `convert("RGB")` keeps
# three channels, without the [alpha channel](glossary.md#alpha-channel), the opacity, that some files have.

# %%
import tempfile
from pathlib import Path

from PIL import Image, ImageOps

cat_file = Path(tempfile.mkdtemp()) / "cat.png"
Image.fromarray(load_sample_image("chelsea.jpg")).save(cat_file)

file = cat_file  # or "my.jpg"
image = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
image.thumbnail((640, 640))  # at most 640 rows and columns
photo = np.asarray(image)
print(photo.shape, photo.dtype, "from", photo.min(), "to", photo.max())

# %% [markdown]
# Make it a habit to print **shape, data type and range** of every image that you read, because they depend on the library.
# For a PNG file, Matplotlib's `plt.imread` returns `[float32]{= plt.imread(cat_file).dtype }` numbers from 0 to 1. To a
# network that was trained on numbers up to 255, such an image is almost black.

# %% [markdown]
# ## The difference between neighbors
#
# There is an outline where neighboring pixels differ. To subtract each pixel from its right neighbor, you need no
# loop. Negative indices count from the end, so `gray[:, :-1]` is all columns but the last, and `gray[:, 1:]` all but
# the first. Their difference has one column fewer than the image, because 100 columns have 99 pairs of neighbors.
# Means are floating-point numbers, so nothing can overflow here.

# %%
gray = photo.mean(axis=2)
across = gray[:, 1:] - gray[:, :-1]  # one column fewer
down = gray[1:] - gray[:-1]  # one row fewer
outlines = np.abs(across[:-1]) + np.abs(down[:, :-1])  # cut to the same shape
draw.outlines(photo, outlines)

# %% [markdown]
# Four lines of NumPy make a photograph look like a pencil drawing. But they mark every change, down to single hairs.
# Which changes would *you* draw?

# %% [markdown]
# ## What this course builds
#
# The next cell draws the outlines of the same photograph twice more. The first drawing is made by two small arrays of
# nine numbers each, from 1968, which compute differences like yours from 3 x 3 pixels at a time. The second one is
# made by a small network, which has learned from outlines that people drew.

# %%
draw_edges(file)

# %% [markdown]
# The network consists of seven operations. You are going to write each of them in NumPy, and at the end this network
# draws with your own convolution. Go on with [Images and convolution](01_images_and_convolution.ipynb), in which a
# program learns its first nine numbers.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: brighter, but right
#
# Write `brighten(image, amount)`, which adds `amount`, a whole number from 0 to 255, to an image of bytes. Values
# that would exceed 255 become 255, and the result is again an array of bytes (`np.uint8`).


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
# ### Exercise 3: find the bug
#
# A camera takes two photographs, `before` and `after`, color images of bytes. `moved_buggy` should mark the pixels
# where something has moved: `True` where at least one channel has changed by more than 30. But it also marks pixels
# that have become only a little darker, and its result has three channels. Write `moved(before, after)`, which
# returns one `True` or `False` for each pixel.


# %%
def moved_buggy(before, after):
    return np.abs(after - before) > 30


def moved(before, after):
    marks = None
    ### BEGIN SOLUTION
    change = np.abs(after.astype(int) - before.astype(int))
    marks = change.max(axis=2) > 30
    ### END SOLUTION
    return marks


# %%
check("moved", moved)

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **run a notebook:** all cells share one memory, so restart and run all when in doubt; answer questions
#    with `predict`, ask with `"?"`, and let a failing `check` tell you where to look;
# 2. **compute with arrays:** the table below fits on a slip of paper;
# 3. **read a photograph:** print shape, data type and range, and beware of [overflow](glossary.md#overflow).
#
# | you write | you get | of shape |
# |---|---|---|
# | `cat[46:64, 44:72]` | rows 46 to 63, columns 44 to 71; a [view](glossary.md#view) | [(18, 28, 3)]{= cat[46:64, 44:72].shape } |
# | `cat[:, :-1]` | all columns but the last | [(67, 99, 3)]{= cat[:, :-1].shape } |
# | `cat.mean(axis=2)` | the mean color, gray; [axis](glossary.md#axis) 2 is gone | [(67, 100)]{= cat.mean(axis=2).shape } |
# | `cat * tint` | a factor for each color, by [broadcasting](glossary.md#broadcasting) | [(67, 100, 3)]{= (cat * tint).shape } |
# | `cat.astype(int)` | a copy that does not overflow | [(67, 100, 3)]{= cat.astype(int).shape } |

# %% [markdown]
# ## What to read next
#
# - NumPy: [The absolute basics for beginners](https://numpy.org/doc/stable/user/absolute_beginners.html), and
#   [Broadcasting](https://numpy.org/doc/stable/user/basics.broadcasting.html), with drawings.
# - Colab: [Frequently asked questions](https://research.google.com/colaboratory/faq.html), on limits.
