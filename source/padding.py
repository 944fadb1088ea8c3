# %% [markdown]
# # Padding
#
# A convolutional network looks at an image through a small window that slides over it. Before it
# starts, a border of zeros is often put round the image. In this notebook you write the function
# that does this, `zero_pad`, and see what the border is good for.
#
# When you have finished, you will be able to
#
# 1. say what each axis of an array of images means, and what is at a given index,
# 2. explain why images are padded, and how much padding keeps their size the same,
# 3. pad a whole batch of images with one call of NumPy.
#
# You need Python and the basics of NumPy: arrays, shapes and slices. Time: about 40 minutes.

# %% include="setup"

# %% [markdown]
# ## An image is an array of numbers
#
# A digital image is a grid of small squares called pixels. In a grey image each pixel is one
# number: 0 is black, 255 is white, and the whole numbers between them are the greys. So the image
# is a matrix with one row of numbers for each row of pixels.
#
# To see arrays instead of reading them, this notebook brings two drawing helpers along. Run their
# cells; you do not have to study them. The first, `draw_grid`, draws a matrix as a grid with its
# numbers written in it. The larger a number, the darker its cell.

# %% copy="source" jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

# %% [markdown]
# Here is a small image, 7 pixels high and 6 wide.

# %%
seven = np.array(
    [
        [0, 0, 0, 0, 0, 0],
        [0, 255, 255, 255, 255, 0],
        [0, 0, 0, 0, 200, 0],
        [0, 0, 0, 120, 200, 0],
        [0, 0, 0, 230, 0, 0],
        [0, 0, 120, 150, 0, 0],
        [0, 0, 255, 0, 0, 0],
    ]
)

# %% [markdown]
# The second helper, `draw_image`, draws a matrix as the image it stands for.

# %% copy="source" jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_image

# %% [markdown]
# And this is the small image, drawn by both.

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
draw_grid(axes[0], seven, "the array")
draw_image(axes[1], seven, "the same array as an image")
plt.show()

# %% [markdown]
# *The figure: on the left a grid of 7 rows and 6 columns of numbers, with their row and column
# indices along the edges. On the right the same numbers as grey squares, which form a bright,
# handwritten 7 on black.*
#
# The indices start at 0, as always in NumPy. A row index counts downwards, a column index counts
# to the right, and the row comes first: `seven[1, 4]` is 255 and `seven[4, 1]` is 0.
#
# **Channels.** A colour image has three numbers for each pixel: how much red, green and blue. Such
# an image is an array of shape $(n_H, n_W, n_C)$, where $n_H$ is the height (the number of rows),
# $n_W$ the width (the number of columns) and $n_C$ the number of channels, here 3. A grey image
# has one channel. Deeper inside a network an "image" can have hundreds of channels, and they no
# longer stand for colours.
#
# **Batches.** A network is given many images at once. A batch of $m$ images of the same size is
# one array of shape
#
# $$(m,\; n_H,\; n_W,\; n_C).$$
#
# All arrays of images in this course have these four axes in this order.
#
# **Predict, then run.** A batch holds 4 colour images, each 7 pixels high and 6 wide. Write down
# the four shapes that the next cell prints, then run it.

# %%
batch = np.zeros((4, 7, 6, 3))
print("batch.shape             =", batch.shape)
print("batch[1].shape          =", batch[1].shape)
print("batch[1, :, :, 0].shape =", batch[1, :, :, 0].shape)
print("batch[1, 2].shape       =", batch[1, 2].shape)

# %% [markdown]
# `batch[1]` is the second image, `batch[1, :, :, 0]` its first channel, a matrix. `batch[1, 2]` is
# its third row of pixels: 6 pixels with 3 channels each.
#
# **Notation.** Formulas about networks need to say which layer and which example they speak of.
# This course writes
#
# - $a^{[l]}$ for the output of layer $l$ (its *activations*), and $W^{[l]}$, $b^{[l]}$ for the
#   parameters of that layer: the number in square brackets is a layer, not a power;
# - $a_i^{[l]}$ for the $i$-th entry of $a^{[l]}$, when that is a vector;
# - $x^{(i)}$ for the $i$-th example of a batch: the number in round brackets is an example;
# - $n_H^{[l]}$, $n_W^{[l]}$, $n_C^{[l]}$ for the height, width and channels of layer $l$. What
#   goes into layer $l$ comes out of layer $l-1$, so its height is $n_H^{[l-1]}$. In code that is
#   `n_H_prev`, "prev" for previous.

# %% [markdown]
# ## Why images are padded
#
# A convolution layer slides a square window over the image and computes one number at each place
# where the window fits. Those numbers are the pixels of its output. What it computes comes later;
# here it matters only where the window can go.
#
# **Reason 1: the image shrinks.** In a row of 6 pixels a window of 3 pixels has 4 places: it can
# start at index 0, 1, 2 or 3. In general, a window of $f$ pixels that moves one pixel at a time
# has $n - f + 1$ places in a row of $n$. So a layer with a window of $f \times f$ takes $f - 1$
# away from the height and from the width.
#
# **Predict, then run.** An image of $28 \times 28$ pixels goes through one layer after another,
# each with a $5 \times 5$ window. How many layers can it pass before it has become smaller than
# the window?

# %%
size, layers = 28, 0
while size >= 5:
    size = size - 5 + 1
    layers = layers + 1
    print("after layer", layers, "the image is", size, "x", size)

# %% [markdown]
# After six layers the image is too small for another window. Deep networks can have dozens of
# layers, so they need a way to keep the size.
#
# **Reason 2: pixels at the border are used less.** The next cell counts, for each pixel of an
# image of 5 rows and 6 columns, how many of the positions of a $3 \times 3$ window cover it. It
# counts once without padding, and once with one row or column of padding added on every side.
#
# **Predict, then run.** Which number will be in the corner in each case, and which in the middle?

# %%
plain = np.zeros((5, 6))
for row in range(3):  # 5 - 3 + 1 places downwards
    for column in range(4):  # 6 - 3 + 1 places to the right
        plain[row : row + 3, column : column + 3] += 1

padded = np.zeros((7, 8))
for row in range(5):  # 7 - 3 + 1 places now
    for column in range(6):  # 8 - 3 + 1
        padded[row : row + 3, column : column + 3] += 1
padded = padded[1:6, 1:7]  # only the pixels of the image itself

fig, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
draw_grid(axes[0], plain, "windows that see each pixel, no padding")
draw_grid(axes[1], padded, "the same with a padding of 1")
plt.show()

# %% [markdown]
# *The figure: two grids of 5 rows and 6 columns. Without padding the corners hold 1 and the
# numbers grow towards the middle, where they are 9. With padding the corners hold 4, the other
# pixels of the border 6, and all the rest 9.*
#
# Without padding, a corner pixel is seen by 1 of the 12 windows and a pixel in the middle by 9.
# What is in the corner hardly has a say in the output. With padding there are 30 windows, and 4 of
# them see any one corner. Corner against middle is then 4 to 9, where it was 1 to 9.

# %% [markdown]
# ## Zero padding, and how much of it
#
# Zero padding with $p$ puts $p$ rows of zeros above the image and $p$ below it, $p$ columns of
# zeros to its left and $p$ to its right. The height and the width grow by $p$ on both sides:
#
# $$n_H^{\text{pad}} = n_H + 2p, \qquad n_W^{\text{pad}} = n_W + 2p$$
#
# - $n_H$, $n_W$: the height and width of the image before padding
# - $p$: the number of zeros on **each side**; in code it is called `pad`. (Some books and
#   libraries count both sides together. In this course `pad` is always per side.)
# - $n_H^{\text{pad}}$, $n_W^{\text{pad}}$: the height and width afterwards
#
# The number of images and the number of channels do not change, and neither does any pixel: the
# image lies in the middle, as it was.
#
# **By hand.** Take the image $\begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix}$, of 2 rows and
# 3 columns, and $p = 1$. Draw the padded image on paper first. It has $2 + 2 \cdot 1 = 4$ rows and
# $3 + 2 \cdot 1 = 5$ columns. Then run the cell, which writes the result out in full and looks at
# it.

# %%
small = np.array([[1, 2, 3], [4, 5, 6]])
small_pad = np.array(
    [
        [0, 0, 0, 0, 0],
        [0, 1, 2, 3, 0],
        [0, 4, 5, 6, 0],
        [0, 0, 0, 0, 0],
    ]
)
print("rows and columns before:", small.shape, " after:", small_pad.shape)
print("the image is in the middle:", np.array_equal(small_pad[1:3, 1:4], small))
print("the sum is unchanged:", small.sum(), "=", small_pad.sum())

border = np.ones((4, 5), dtype=bool)
border[1:3, 1:4] = False
fig, axes = plt.subplots(1, 2, figsize=(6.5, 3), width_ratios=[3, 5])
draw_grid(axes[0], small, "small")
draw_grid(axes[1], small_pad, "small_pad, pad = 1", hatched=border)
plt.show()

# %% [markdown]
# *The figure: on the left the image with the numbers 1 to 6. On the right the same image with a
# frame of zeros round it, one cell wide; the zeros of the frame are hatched.*
#
# **"Same" padding.** A particularly useful amount of padding keeps the size exactly. With padding,
# a window of $f$ pixels that moves one pixel at a time has $n + 2p - f + 1$ places. For the output
# to have the size $n$ of the input, we need
#
# $$n + 2p - f + 1 = n, \qquad\text{so}\qquad p = \frac{f - 1}{2}.$$
#
# For $f = 1, 3, 5, 7$ that is $p = 0, 1, 2, 3$. For an even $f$ it is not a whole number: equal
# padding on both sides cannot keep the size, which is one reason why windows are usually odd. A
# convolution padded in this way is called a *same* convolution. One without padding is called
# *valid*.
#
# **Predict.** With $5 \times 5$ windows and $p = 2$, what does the list of sizes 28, 24, 20, ...
# from above become? (It stays at 28, for as many layers as you like.)

# %% [markdown]
# ## np.pad, one pair of numbers for each axis
#
# NumPy's `np.pad` adds a border to an array. It needs the array, a pair of numbers
# `(before, after)` for each axis, and a `mode` that says what the new entries are. The mode
# `"constant"` fills them with one value, which is 0 unless you ask for another.
#
# A row of numbers has one axis, so there is one pair, with a comma after it to make it a tuple of
# pairs. **Predict, then run:** what comes out?

# %%
row = np.array([7, 8, 9])
print(np.pad(row, ((2, 1),), mode="constant"))

# %% [markdown]
# Two zeros came before the row and one after it: `[0 0 7 8 9 0]`.
#
# With more axes there are more pairs, in the order of the axes, and `(0, 0)` leaves an axis alone.
# An example with five axes: pad the second axis by 1 on each side, the fourth by 3 on each side,
# and nothing else. (Counted from 0, as in code, these are the axes 1 and 3.) **Predict the shape,
# then run.**

# %%
a = np.ones((5, 5, 5, 5, 5))
a_pad = np.pad(a, ((0, 0), (1, 1), (0, 0), (3, 3), (0, 0)), mode="constant")
print("a.shape     =", a.shape)
print("a_pad.shape =", a_pad.shape)

# %% [markdown]
# ## Exercise: zero_pad
#
# Write the function `zero_pad(X, pad)`. `X` is a batch of images of shape $(m, n_H, n_W, n_C)$.
# The result `X_pad` has shape $(m, n_H + 2p, n_W + 2p, n_C)$, with $p$ equal to `pad`: only the
# height and the width are padded.
#
# In the cell below, replace the line `# YOUR CODE HERE` and the line after it, which stops the
# function with a `NotImplementedError` as long as it is there. One line of your own that assigns
# to `X_pad` is enough. The text in quotes under the first line says what goes in and what comes
# out.
#
# Think first: how many pairs does `np.pad` need for `X`, and which of them are `(0, 0)`?

# %% copy="source" nbgrader={"grade_id": "zero_pad", "solution": true}
from exercises.loops import zero_pad

# %% [markdown]
# **Try it.** The next cell makes a batch of 4 random images of $3 \times 3$ pixels with 2 channels
# and pads it with your function. `np.random.seed(1)` makes the random numbers the same for
# everyone, so you can compare your output with the one below the cell.

# %%
np.random.seed(1)
x = np.random.randn(4, 3, 3, 2)
x_pad = zero_pad(x, 3)
print("x.shape =", x.shape)
print("x_pad.shape =", x_pad.shape)
print("x[1,1] =")
print(x[1, 1])
print("x_pad[1,1] =")
print(x_pad[1, 1])
print("with pad 2:", zero_pad(x, 2).shape)

# %% [markdown]
# **Expected output**
#
# ```
# x.shape = (4, 3, 3, 2)
# x_pad.shape = (4, 9, 9, 2)
# x[1,1] =
# [[ 0.90085595 -0.68372786]
#  [-0.12289023 -0.93576943]
#  [-0.26788808  0.53035547]]
# x_pad[1,1] =
# [[0. 0.]
#  [0. 0.]
#  [0. 0.]
#  [0. 0.]
#  [0. 0.]
#  [0. 0.]
#  [0. 0.]
#  [0. 0.]
#  [0. 0.]]
# with pad 2: (4, 7, 7, 2)
# ```

# %% [markdown]
# `x[1, 1]` is the second row of the second image: 3 pixels with 2 channels each. `x_pad[1, 1]` is
# also the second row of the second image, but of the padded one, and there the first three rows
# are all padding. So it holds 9 pixels that are zero in both channels.
#
# Now let the check judge your function. It tries several shapes and amounts of padding, and if
# something is wrong it says what.

# %% nbgrader={"grade_id": "zero_pad_check"}
zero_pad_test(zero_pad)

# %% nbgrader={"grade_id": "zero_pad_grade", "grade": true}
from exercises import grade

grade("zero_pad", zero_pad)

# %% [markdown]
# ## See what your function did
#
# Here is the first channel of the first image, `x[0, :, :, 0]`, before and after padding.

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
draw_image(axes[0], x[0, :, :, 0], "x")
draw_image(axes[1], x_pad[0, :, :, 0], "x_pad")
plt.show()

# %% [markdown]
# *The figure: on the left a square of 3 by 3 coloured cells, purple for numbers above zero and
# orange for numbers below. On the right the same nine cells, smaller, in the middle of a white
# square of 9 by 9 cells; white stands for zero.*

# %% [markdown]
# ## Padding with other values than zero
#
# Zeros are simple, but they are values like any other: the windows at the border see a frame (a
# black one, in a grey image) that was not in the picture. There are other choices. The mode
# `"edge"` repeats the last pixel, and `"reflect"` mirrors the image at its last pixel. Other
# constants than 0 are possible too.
#
# **Predict, then run.** The row is 1, 2, 3 with two new entries on each side. Which are they in
# each case?

# %%
row = np.array([1, 2, 3])
print("zeros:  ", np.pad(row, ((2, 2),), mode="constant"))
print("nines:  ", np.pad(row, ((2, 2),), mode="constant", constant_values=9))
print("edge:   ", np.pad(row, ((2, 2),), mode="edge"))
print("reflect:", np.pad(row, ((2, 2),), mode="reflect"))

# %% [markdown]
# `"edge"` gives 1 1 **1 2 3** 3 3. `"reflect"` gives 3 2 **1 2 3** 2 1: the last pixel is the
# mirror and is not repeated. Networks mostly use zeros. Programs that edit photographs often use
# one of the others, since a black frame can show, for example as dark edges after blurring.

# %% [markdown]
# ## What to try next on padding
#
# Add cells and experiment. What happens if
#
# - you pad with 0? (The result has the same shape and the same numbers. A layer without padding
#   relies on that.)
# - you pad twice, first with 1 and then with 2? (Compare with padding once with 3 by
#   `np.array_equal`. They are equal.)
# - you forget that the axes have an order, and pad the first and the last axis in place of the two
#   in the middle? (For a batch `(4, 3, 3, 2)` and pad 1 you get `(6, 3, 3, 4)`: two more images
#   and two more channels, all zero. No error message warns you. Look at shapes.)
# - the windows are $7 \times 7$? Which padding keeps 28 by 28 pixels? (3 on each side:
#   $28+6-7+1=28$.)

# %% [markdown]
# ## Recap of padding
#
# You can now
#
# 1. say what each axis of an array of images means: $(m, n_H, n_W, n_C)$ are examples, rows,
#    columns and channels, and `X[i]` is one image;
# 2. explain why images are padded: so that they do not shrink from layer to layer, and so that the
#    border has more of a say; $p = (f - 1)/2$ on each side keeps the size for an odd $f$;
# 3. pad a whole batch with one call of `np.pad`, with one pair of numbers for each axis.

# %% [markdown] include="hand_in"
