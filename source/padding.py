# %% [markdown]
# # Padding
#
# Stack 3 x 3 convolutions on an image of 32 x 32 pixels. At the border the kernel runs out of
# pixels, so each layer shaves off one pixel on every side. After fifteen layers 2 x 2 pixels are
# left, and a sixteenth no longer fits. And yet there are networks for such images with more than a
# hundred of these layers. They add a border of zeros before each one. In this notebook you write
# `zero_pad`, which adds this border to a whole batch of images.
#
# By the end of this notebook you will be able to
#
# 1. read the shape of a batch of images, and say what `X[i]` and `X[i, h]` are;
# 2. explain why images are padded, and compute the padding that keeps their size;
# 3. pad a batch of images with one call of NumPy.
#
# **Time:** about 35 minutes. **You need:** Python and basic NumPy (arrays, shapes, slices).
#
# **Done lesson 04, on padding?** Then go straight to **Exercise: zero_pad**, and run all cells
# above it.

# %% include="setup"

# %% [markdown]
# ## Images as arrays
#
# A **grayscale image** is a 2-D array of brightness values, one for each **pixel**, from 0 (black)
# to 255 (white). The first index is the row, counted from the top, and the second is the column.
#
# The next two cells define drawing functions: `draw_grid` draws a matrix as a grid with its numbers
# in it, and `draw_image` draws it as an image. Run both; you do not have to read them.

# %% copy="source" jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

# %% copy="source" jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_image

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
fig, axes = plt.subplots(1, 2, figsize=(8, 3.9), layout="constrained")
draw_grid(axes[0], seven, "the array")
draw_image(axes[1], seven, "the same array as an image")
plt.show()
print("seven[1, 4] =", seven[1, 4], "  seven[4, 1] =", seven[4, 1])

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# On the left, a grid of 7 rows and 6 columns of numbers, with the row and column indices along its
# edges. On the right, the same numbers as gray squares, which form a bright handwritten 7 on black.
#
# </details>
#
# A color image has three such matrices, its **channels** red, green and blue, and the shape
# $(n_H, n_W, n_C)$: height, width, number of channels. Feature maps inside a network can have
# hundreds of channels. A network processes several images at once, and a **batch** of $m$ images of
# the same size is an array of shape
#
# $$(m,\; n_H,\; n_W,\; n_C).$$

# %%
batch = np.zeros((4, 7, 6, 3))
print("four color images, batch:          ", batch.shape)
print("the second image, batch[1]:        ", batch[1].shape)
print("its third row, batch[1, 2]:        ", batch[1, 2].shape)
print("its red channel, batch[1, :, :, 0]:", batch[1, :, :, 0].shape)

# %% [markdown]
# ## Why images are padded
#
# **Reason 1: the image shrinks.** A kernel of size $f$ that moves one pixel at a time has
# $n - f + 1$ positions along an axis of length $n$, so each convolution removes $f - 1$ rows and
# $f - 1$ columns. With $5 \times 5$ kernels, an image of $28 \times 28$ pixels is only
# $4 \times 4$ after six layers ($28 - 6 \cdot 4 = 4$), too small for a seventh.
#
# **Reason 2: the border is used less.** The part of the image under the kernel is called a
# **patch**. A pixel influences the output only through the patches that contain it.
#
# **Predict.** A $3 \times 3$ kernel slides over an image of 5 rows and 6 columns. How many patches
# contain a corner pixel, and how many a pixel in the middle? And with one row or column of padding
# on every side? Write down four numbers, then run the cell.

# %% jupyter={"source_hidden": true} cellView="form"
plain = np.zeros((5, 6))
for h in range(3):  # 5 - 3 + 1 positions downwards
    for w in range(4):  # 6 - 3 + 1 positions to the right
        plain[h : h + 3, w : w + 3] += 1

padded = np.zeros((7, 8))
for h in range(5):  # 7 - 3 + 1 positions now
    for w in range(6):  # 8 - 3 + 1
        padded[h : h + 3, w : w + 3] += 1
padded = padded[1:6, 1:7]  # only the pixels of the image itself

fig, axes = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
draw_grid(axes[0], plain, "patches per pixel, no padding", scale=(0, 9))
draw_grid(axes[1], padded, "patches per pixel, padding 1", scale=(0, 9))
plt.show()

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Without padding, 1 of the 12 patches contains a corner pixel and 9 contain a pixel in the middle.
# With a padding of 1 there are 30 patches: 4 contain a corner pixel, and still 9 a pixel in the
# middle. The corner then has much more influence on the output.
#
# </details>
#
# <details>
# <summary>Description of the figure</summary>
#
# Two grids of 5 rows and 6 columns. Without padding, the corners hold 1, their neighbors on the
# border 2, and the numbers grow to 9 in the middle. With padding, the corners hold 4, the other
# pixels of the border 6, and all the rest 9.
#
# </details>

# %% [markdown]
# ## Zero padding
#
# **Zero padding** adds $p$ rows of zeros above and below the image, and $p$ columns on its left and
# on its right:
#
# $$n_H^{\text{pad}} = n_H + 2p, \qquad n_W^{\text{pad}} = n_W + 2p$$
#
# In this course $p$, in code `pad`, counts the zeros on **each side**. (Some books count both sides
# together.) The numbers of images and of channels stay the same, and so does every pixel.
#
# **Predict.** A $3 \times 3$ kernel of ones slides over `small_pad`, so that every output value is
# the sum of a patch. What is the shape of the output, and what is its first value?

# %%
small = np.array([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])
small_pad = np.array(
    [
        [0, 0, 0, 0, 0, 0],
        [0, 1, 2, 3, 4, 0],
        [0, 5, 6, 7, 8, 0],
        [0, 9, 10, 11, 12, 0],
        [0, 0, 0, 0, 0, 0],
    ]
)

# %% jupyter={"source_hidden": true} cellView="form"
sums = sum(small_pad[r : r + 3, q : q + 4] for r in range(3) for q in range(3))
border = np.ones((5, 6), dtype=bool)
border[1:4, 1:5] = False

fig, axes = plt.subplots(1, 2, figsize=(8, 3.6), width_ratios=[6, 4], layout="constrained")
draw_grid(axes[0], small_pad, "first patch of small_pad", [(0, 0, 3, 3, "tab:orange")], border)
draw_grid(axes[1], sums, "its value in the output", [(0, 0, 1, 1, "tab:orange")])
plt.show()

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The output has the shape of `small`, (3, 4): each output value belongs to the pixel under the
# middle of the kernel. The first patch holds 1, 2, 5, 6 and five zeros, so the first value is 14.
#
# </details>
#
# <details>
# <summary>Description of the figure</summary>
#
# On the left, the numbers 1 to 12 in 3 rows and 4 columns, with a border of hatched zeros around
# them; the first patch, rows and columns 0 to 2, is outlined. On the right, the output of 3 rows
# and 4 columns: 14, 24, 30, 22, then 33, 54, 63, 45, then 30, 48, 54, 38. Its first value is
# outlined.
#
# </details>
#
# With padding, the kernel has $n + 2p - f + 1$ positions along an axis. For an output of the same
# size as the input we need
#
# $$n + 2p - f + 1 = n, \qquad\text{so}\qquad p = \frac{f - 1}{2},$$
#
# which is 0, 1, 2, 3 for $f = 1, 3, 5, 7$. For an even $f$ it is not a whole number, one of the
# reasons why most kernels have odd sizes. This is called **same** padding; no padding is called
# **valid** padding.

# %% [markdown]
# ## np.pad: one pair for each axis
#
# NumPy's `np.pad` takes an array, one pair `(before, after)` for each axis, in the order of the
# axes, and a `mode`. The pair says how many entries to add at the start and at the end of its axis.
# The mode `"constant"` fills them with one value, 0 unless you ask for another.
#
# **Predict.** The array `a` has five axes. What does each of the two lines print?

# %%
a = np.ones((5, 5, 5, 5, 5))
print(np.pad(np.array([7, 8, 9]), ((2, 1),), mode="constant"))
print(np.pad(a, ((0, 0), (1, 1), (0, 0), (3, 3), (0, 0)), mode="constant").shape)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[0 0 7 8 9 0]`: two zeros before the vector and one after it. A vector has one axis, so it has
# one pair; the comma after it makes a tuple of pairs. The second shape is `(5, 7, 5, 11, 5)`. The
# pair `(0, 0)` leaves its axis as it is, so only the axes 1 and 3 grow, by $1 + 1$ and by $3 + 3$.
#
# </details>

# %% [markdown]
# ## Exercise: zero_pad
#
# Write the function `zero_pad(X, pad)`. `X` is a float array of shape $(m, n_H, n_W, n_C)$, a batch
# of images, and the result `X_pad` has the shape $(m, n_H + 2p, n_W + 2p, n_C)$, where $p$ is
# `pad`.
#
# In the cell below, replace the line `# YOUR CODE HERE` and the line below it, which raises a
# `NotImplementedError`. One line that assigns to `X_pad` is enough.
#
# **When something is not right, ask yourself:**
#
# - How many axes does `X` have, and how many pairs did you write?
# - Which axes may grow? Compare `X.shape` with `X_pad.shape`, number by number.
# - By how much does the height grow, both sides together?
# - What happens when `pad` is 0? With slices instead of `np.pad`, mind that `0:-0` is empty.

# %% solution="zero_pad"

# %% [markdown]
# **Try it** on a batch of 4 random images of $3 \times 3$ pixels with 2 channels. The seed makes
# the random numbers the same for everyone, so you can compare your output with the one below the
# cell.

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
# <details>
# <summary>Why is x_pad[1, 1] all zeros?</summary>
#
# It is the second row of the second image, like `x[1, 1]`, but of the padded one, whose first three
# rows are padding: 9 pixels with 2 channels each, all 0.
#
# </details>
#
# Now run the check. It calls your function with several shapes and amounts of padding, and reports
# what is wrong.

# %% check="zero_pad"

# %% [markdown]
# ## Before and after padding
#
# This is the first channel of the first image, `x[0, :, :, 0]`, and what your function made of it.

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
draw_image(axes[0], x[0, :, :, 0], "x")
draw_image(axes[1], x_pad[0, :, :, 0], "x_pad")
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# On the left, a square of 3 by 3 colored cells, purple for positive numbers and orange for negative
# ones. On the right, the same nine cells, smaller, in the middle of a white square of 9 by 9 cells;
# white stands for zero.
#
# </details>

# %% [markdown]
# ## Padding with other values than zero
#
# Zeros are values like any other: where the image is bright, the kernel sees a dark frame that is
# not part of the image. Three alternatives, each with two new entries on both sides of a vector:

# %%
vector = np.array([1, 2, 3])
print("zeros:  ", np.pad(vector, ((2, 2),), mode="constant"))
print("nines:  ", np.pad(vector, ((2, 2),), mode="constant", constant_values=9))
print("edge:   ", np.pad(vector, ((2, 2),), mode="edge"))
print("reflect:", np.pad(vector, ((2, 2),), mode="reflect"))

# %% [markdown]
# The mode `"edge"` repeats the last entry. The mode `"reflect"` mirrors the vector at its last
# entry, which is not repeated itself. Networks mostly use zeros; photo editors often use one of
# these two, since a dark border is visible after blurring.

# %% [markdown]
# ## Experiments with padding
#
# Predict each result before you run it in a cell of your own.
#
# **No padding.** What does `zero_pad(x, 0)` return?
#
# <details>
# <summary>Answer</summary>
#
# An array with the shape and the numbers of `x`. A layer with valid padding relies on this.
#
# </details>
#
# **Twice.** You pad with 1, and the result with 2. How does it differ from padding once with 3?
#
# <details>
# <summary>Answer</summary>
#
# Not at all: `np.array_equal` gives `True`.
#
# </details>
#
# **The wrong axes.** You pad the first and the last axis of `x` by 1 instead of the two in the
# middle. Which error do you get?
#
# <details>
# <summary>Answer</summary>
#
# None. The result has the shape `(6, 3, 3, 4)`: two more images and two more channels, all zero.
# Only the shape reveals the mistake.
#
# </details>
#
# **An even kernel.** Which padding keeps the size of a $28 \times 28$ image with a $4 \times 4$
# kernel?
#
# <details>
# <summary>Answer</summary>
#
# $n + 2p - f + 1$ is 27 for $p = 1$ and 29 for $p = 2$. Only unequal sides work, for example the
# pair `(1, 2)` for height and width: $28 + 3 - 4 + 1 = 28$.
#
# </details>

# %% [markdown]
# ## From padding to a layer
#
# A convolution layer pads its input before it cuts out the first window, so `conv_forward` will
# call your function on every batch. Three takeaways:
#
# - $p = (f - 1)/2$ zeros on each side keep the size of an image, if $f$ is odd.
# - Padding the wrong axes raises no error. Compare the shapes: height and width grow, the numbers
#   of images and of channels do not.
# - The zeros are made up. Near the border, a network sees a dark frame that no camera has taken.

# %% [markdown] include="hand_in"
