# %% [markdown]
# # Transposed convolution
#
# A convolution layer looks at windows of an image and makes a smaller one. Some networks need the
# opposite: a layer that takes a small image and makes a larger one, with weights that are learned.
# In this notebook you write the layer that does this, `conv_transpose_forward`.
#
# When you have finished, you will be able to
#
# 1. compute a transposed convolution by hand, as stamps that are laid onto a canvas and added up,
# 2. say how large its output is, for any stride, padding and output padding, and why the last one
#    is needed,
# 3. write its forward pass for a batch of images and several channels.
#
# You need Python and NumPy, and you should have written the forward pass of a convolution layer
# (the notebook *The forward pass of a convolution layer*). Time: about 75 minutes.

# %% include="setup"

# %% [markdown]
# The next cell defines `draw_grid`, which draws a matrix as a grid with its numbers written in it.
# Run it; you do not have to study it.

# %% copy="source" jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

# %% [markdown]
# ## From a small image to a large one
#
# A convolution with a stride of 2 makes an image about half as high and half as wide. After four
# such layers, 64 by 64 pixels have become 4 by 4. That is what one wants in order to say *what* is
# in a picture. But suppose that the network is to give a picture back: the same photograph without
# noise, a label for every pixel, or a face that nobody has. Then it has to get from 4 by 4 to 64 by
# 64 again.
#
# One could repeat every pixel, or interpolate between pixels. Those rules are fixed. A **transposed
# convolution** enlarges with a filter whose weights are learned, like those of any other layer. It
# has the shapes of a convolution's input and output in each other's place, and it is exactly what
# carries the gradient back through a convolution. Other names for it are *fractionally strided
# convolution* and, less well chosen, *deconvolution*.

# %% [markdown]
# ## Every value stamps the filter
#
# In a convolution many input values are gathered into one output: a window is multiplied by the
# filter and added up. In a transposed convolution one input value is **scattered** over many
# outputs. Think of the filter as a stamp. For each value of the input
#
# - the whole filter is multiplied by that value,
# - the product is laid onto the output, at a place that belongs to the value,
# - and where stamps overlap, they add up.
#
# Here is an image of 2 rows and 3 columns, with one channel, and a filter of size $2 \times 2$:
#
# $$\text{image} = \begin{pmatrix} 1 & 2 & -1 \\ 0 & 3 & 1 \end{pmatrix}, \qquad
# \text{filter} = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$$
#
# The stride is 1: the stamps of two neighbours lie one pixel apart. There is no bias. The cell
# below holds the six stamps, each on a canvas of 3 rows and 4 columns.
#
# **By hand.** Add them up on paper, at least the number in row 1, column 1. Then run the cell.

# %%
image = np.array([[1, 2, -1], [0, 3, 1]])
kernel = np.array([[1, 2], [3, 4]])
stamps = [
    np.array([[1, 2, 0, 0], [3, 4, 0, 0], [0, 0, 0, 0]]),  # 1 times the filter
    np.array([[0, 2, 4, 0], [0, 6, 8, 0], [0, 0, 0, 0]]),  # 2 times, a column further right
    np.array([[0, 0, -1, -2], [0, 0, -3, -4], [0, 0, 0, 0]]),  # -1 times
    np.array([[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),  # 0 times, a row further down
    np.array([[0, 0, 0, 0], [0, 3, 6, 0], [0, 9, 12, 0]]),  # 3 times
    np.array([[0, 0, 0, 0], [0, 0, 1, 2], [0, 0, 3, 4]]),  # 1 times
]
by_hand = sum(stamps)
print(by_hand)
print("row 1, column 1:", 4 + 6 + 0 + 3)

fig, axes = plt.subplots(2, 4, figsize=(11, 4.6), layout="constrained")
draw_grid(axes[0, 0], image, "image")
draw_grid(axes[1, 0], kernel, "filter")
shown = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2)]
places = [axes[0, 1], axes[0, 2], axes[0, 3], axes[1, 1], axes[1, 2]]
for (row, column), ax in zip(shown, places, strict=True):
    stamp = stamps[3 * row + column]
    outline = [(row, column, 2, 2, "black")]
    draw_grid(ax, stamp, f"stamp of image[{row}, {column}]", windows=outline)
draw_grid(axes[1, 3], by_hand, "all stamps, added up")
plt.show()

# %% [markdown]
# **Expected output**
#
# ```
# [[ 1  4  3 -2]
#  [ 3 13 12 -2]
#  [ 0  9 15  4]]
# row 1, column 1: 13
# ```

# %% [markdown]
# *The figure: on the left the image and the filter. Beside them five canvases of 3 by 4 cells, on
# each the stamp of one value, outlined: that of `image[0, 0]` in the upper left corner, those of
# its neighbours each one column further right or one row further down. (The stamp of `image[1, 0]`
# is all zeros and is not drawn.) In the lower right corner the sum of the six.*
#
# Four stamps meet at row 1, column 1: $1 \cdot 4 + 2 \cdot 3 + 0 \cdot 2 + 3 \cdot 1 = 13$. Only
# one reaches a corner of the canvas. Two rows and three columns have become three rows and four
# columns.

# %% [markdown]
# ## The stride says how far apart the stamps lie
#
# With a stride of 2 the stamp of a neighbour lies two pixels further, with a stride of 3 three
# pixels. The filter stays as it is. The next cell draws the same image and filter with the strides
# 1, 2 and 3; three of the six stamps are outlined.
#
# **Predict, then run.** At which stride do the $2 \times 2$ stamps overlap, at which do they lie
# side by side, and at which are there gaps between them? How many rows and columns does the canvas
# have in each case?

# %%
stride_2 = np.array(
    [
        [1, 2, 2, 4, -1, -2],
        [3, 4, 6, 8, -3, -4],
        [0, 0, 3, 6, 1, 2],
        [0, 0, 9, 12, 3, 4],
    ]
)
stride_3 = np.array(
    [
        [1, 2, 0, 2, 4, 0, -1, -2],
        [3, 4, 0, 6, 8, 0, -3, -4],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 3, 6, 0, 1, 2],
        [0, 0, 0, 9, 12, 0, 3, 4],
    ]
)
orange, black, purple = "tab:orange", "black", "tab:purple"
fig, axes = plt.subplots(1, 3, figsize=(12, 3.6), width_ratios=[4, 6, 8], layout="constrained")
for ax, canvas, step in zip(axes, [by_hand, stride_2, stride_3], [1, 2, 3], strict=True):
    outlines = [(0, 0, 2, 2, orange), (0, step, 2, 2, black), (step, 2 * step, 2, 2, purple)]
    reached = np.zeros(canvas.shape, dtype=bool)
    for row in range(2):
        for column in range(3):
            reached[row * step : row * step + 2, column * step : column * step + 2] = True
    draw_grid(ax, canvas, f"stride {step}", windows=outlines, hatched=~reached)
plt.show()

# %% [markdown]
# *The figure: three canvases, of 3 by 4, 4 by 6 and 5 by 8 cells. On each, the stamps of
# `image[0, 0]` (orange, solid), `image[0, 1]` (black, dashed) and `image[1, 2]` (purple, dotted)
# are outlined. With stride 1 they overlap, with stride 2 they lie side by side. With stride 3 one
# row and two columns between them are hatched: no stamp reaches them.*
#
# Here is where four of the stamps lie, with $f = 2$ and stride 3. The end is one past the last row
# or column, as in Python's slices.
#
# | `h` | `w` | `vert_start` | `vert_end` | `horiz_start` | `horiz_end` | value |
# |---|---|---|---|---|---|---|
# | 0 | 0 | 0 | 2 | 0 | 2 | 1 |
# | 0 | 1 | 0 | 2 | 3 | 5 | 2 |
# | 0 | 2 | 0 | 2 | 6 | 8 | -1 |
# | 1 | 1 | 3 | 5 | 3 | 5 | 3 |
#
# `h` and `w` are the row and the column of the value in the **input**. In a convolution they were a
# row and a column of the output, and the same four numbers said where the window was. The rule is
# the same; input and output have changed places.

# %% [markdown]
# ## How large the output is
#
# Along one axis the last of $n^{[l-1]}$ stamps starts $n^{[l-1]} - 1$ steps after the first, and it
# is $f$ pixels long. So the canvas has $s\,(n^{[l-1]} - 1) + f$ rows or columns. Two more numbers
# change that:
#
# $$n_H^{[l]} = s\,(n_H^{[l-1]} - 1) + f - 2p + a, \qquad
# n_W^{[l]} = s\,(n_W^{[l-1]} - 1) + f - 2p + a$$
#
# - $n_H^{[l]}$, $n_W^{[l]}$: height and width of the output; in code `n_H`, `n_W`
# - $n_H^{[l-1]}$, $n_W^{[l-1]}$: height and width of the input; in code `n_H_prev`, `n_W_prev`
# - $f$: height and width of the filter; $s$: the stride
# - $p$: the **padding**, in code `pad`. It is the padding of the convolution that goes the other
#   way. What that one adds round its input, this one takes away from its output: $p$ rows at the
#   top and $p$ at the bottom, $p$ columns on the left and $p$ on the right are cut off the canvas.
#   (Some texts count both sides together and write $-p$. In this course $p$ is always per side.)
# - $a$: the **output padding**, in code `output_pad`. It adds $a$ rows at the bottom and $a$
#   columns on the right, before anything is cut off. It is smaller than the stride.
#
# Why is $a$ needed? With a stride above 1, a convolution makes images of different sizes equally
# small, since it rounds down. The way back has to choose between them.
#
# **Predict, then run.** The cell below does not use the formula. For a given size of the small
# image it tries the larger sizes from 1 to 20, and keeps those that an ordinary convolution, with
# the same filter size, stride and padding, makes into the small one. Which sizes does it find?

# %%
settings = [(3, 3, 1, 0), (2, 3, 2, 1), (2, 2, 2, 0), (4, 4, 2, 1), (2, 2, 3, 0)]
for small, f, s, p in settings:
    sizes = [n for n in range(1, 21) if n + 2 * p >= f and (n - f + 2 * p) // s + 1 == small]
    print(f"small size {small}, f = {f}, s = {s}, p = {p}: from", *sizes)

# %% [markdown]
# **Expected output**
#
# ```
# small size 3, f = 3, s = 1, p = 0: from 5
# small size 2, f = 3, s = 2, p = 1: from 3 4
# small size 2, f = 2, s = 2, p = 0: from 4 5
# small size 4, f = 4, s = 2, p = 1: from 8 9
# small size 2, f = 2, s = 3, p = 0: from 5 6 7
# ```

# %% [markdown]
# There are as many sizes as the stride is long. The smallest is the formula's with $a = 0$, the
# next is that with $a = 1$, and so on.
#
# The first two lines are examples you will often see:
#
# - 3 by 3 pixels, $f = 3$, stride 1, no padding: $1 \cdot 2 + 3 = 5$, an output of **5 by 5**.
# - 2 by 2 pixels, $f = 3$, stride 2, $p = 1$: $2 \cdot 1 + 3 - 2 = 3$, an output of **3 by 3** with
#   $a = 0$, and of **4 by 4** with $a = 1$.
#
# Each of these layers has 10 parameters if it has one channel in and one out: $3 \cdot 3$ weights
# and one bias. The last line but one is a popular choice, $f = 4$, $s = 2$, $p = 1$. It makes every
# size exactly twice as large, without output padding.

# %% [markdown]
# ## Padding cuts off, output padding adds
#
# Here is the stride 2 canvas from above once more, of 4 by 6 pixels, with $p = 1$ and then with
# $a = 1$ as well.
#
# **By hand.** Which numbers are left in each case? The cell draws what is cut off hatched.

# %%
larger = np.zeros((5, 7), dtype=int)
larger[:4, :6] = stride_2
fig, axes = plt.subplots(1, 2, figsize=(10, 3.8), width_ratios=[6, 7], layout="constrained")
for ax, canvas, title in zip(
    axes, [stride_2, larger], ["p = 1, a = 0", "p = 1, a = 1"], strict=True
):
    cut_off = np.ones(canvas.shape, dtype=bool)
    cut_off[1 : canvas.shape[0] - 1, 1 : canvas.shape[1] - 1] = False
    draw_grid(ax, canvas, title, hatched=cut_off)
plt.show()

# %% [markdown]
# *The figure: on the left the canvas of 4 by 6 cells with its outermost cells hatched; the numbers
# 4 6 8 -3 and 0 3 6 1 are left. On the right a canvas of 5 by 7 cells, whose last row and last
# column are zeros. Its outermost cells are hatched too; 4 6 8 -3 -4, then 0 3 6 1 2, then 0 9 12 3
# 4 are left.*
#
# So output padding does not put zeros behind the output. The canvas gets a row and a column more,
# and what is cut off is counted from its new edge. Numbers that were cut off before can stay.

# %% [markdown]
# ## Channels and biases
#
# With channels, a value stamps one filter for each channel of the output. The arrays are
#
# | array | shape | meaning |
# |---|---|---|
# | `A_prev` | `(m, n_H_prev, n_W_prev, n_C_prev)` | the input, $a^{[l-1]}$: $m$ images |
# | `W` | `(f, f, n_C, n_C_prev)` | the weights; `W[:, :, :, k]` is what input channel `k` stamps |
# | `b` | `(1, 1, 1, n_C)` | the biases, one for each output channel |
# | `Z` | `(m, n_H, n_W, n_C)` | the output |
#
# Look at `W` closely: its last axis counts the channels of the **input**. In a convolution it
# counts the filters, which are the channels of the output. The two have changed places, so that a
# convolution from `Z` to `A_prev` could use the very same `W`. The part `W[:, :, :, k]` has the
# shape `(f, f, n_C)`: a stamp covers $f \times f$ places of all output channels at once.
#
# The stamps of all input channels are added up, and then every output gets the bias of its channel,
# once, even where no stamp has left anything.
#
# **Predict, then run.** A value of 2 in one of the input's channels stamps filters for 3 output
# channels. Which shape has the stamp?

# %%
example = np.ones((2, 2, 3, 5))  # f = 2, n_C = 3, n_C_prev = 5
print("one stamp:", (2 * example[:, :, :, 4]).shape)
print("parameters:", 2 * 2 * 3 * 5 + 3)

# %% [markdown]
# The stamp has the shape `(2, 2, 3)`. The layer has 60 weights and 3 biases.

# %% [markdown]
# ## Exercise: conv_transpose_forward
#
# Write the function `conv_transpose_forward(A_prev, W, b, hparameters)`. `hparameters` is a
# dictionary with the entries `"stride"`, `"pad"` and `"output_pad"`. The sizes are taken out of the
# arguments for you, and the comments in the cell name the steps. Replace the line
# `# YOUR CODE HERE` and the `raise` line after it.
#
# When something does not come out right, ask yourself:
#
# - Do the loops run over the **input**, and is the stride in the starts of the stamps?
# - Are stamps **added** to what is there already?
# - Is `n_W` computed from the width?
# - Are `pad` rows cut off at the top and at the bottom? With `pad = 0` the slice `[pad:-pad]` is
#   `[0:0]`, which is empty.
# - Is the bias added once, and not with every stamp?

# %% copy="source" nbgrader={"grade_id": "conv_transpose_forward", "solution": true}
from exercises.loops import conv_transpose_forward

# %% [markdown]
# **Try it** first on the example that you did by hand, with the strides 1, 2 and 3.

# %%
image_batch = image.reshape(1, 2, 3, 1)
one_filter = kernel.reshape(2, 2, 1, 1)
no_bias = np.zeros((1, 1, 1, 1))
for step in (1, 2, 3):
    hparameters = {"stride": step, "pad": 0, "output_pad": 0}
    Z, cache = conv_transpose_forward(image_batch, one_filter, no_bias, hparameters)
    print("stride", step, "shape", Z.shape)
    print(Z[0, :, :, 0])

# %% [markdown]
# **Expected output**
#
# ```
# stride 1 shape (1, 3, 4, 1)
# [[ 1.  4.  3. -2.]
#  [ 3. 13. 12. -2.]
#  [ 0.  9. 15.  4.]]
# stride 2 shape (1, 4, 6, 1)
# [[ 1.  2.  2.  4. -1. -2.]
#  [ 3.  4.  6.  8. -3. -4.]
#  [ 0.  0.  3.  6.  1.  2.]
#  [ 0.  0.  9. 12.  3.  4.]]
# stride 3 shape (1, 5, 8, 1)
# [[ 1.  2.  0.  2.  4.  0. -1. -2.]
#  [ 3.  4.  0.  6.  8.  0. -3. -4.]
#  [ 0.  0.  0.  0.  0.  0.  0.  0.]
#  [ 0.  0.  0.  3.  6.  0.  1.  2.]
#  [ 0.  0.  0.  9. 12.  0.  3.  4.]]
# ```

# %% [markdown]
# Then the three sizes from the text, and the padding that you did by hand.

# %%
ones, bias_half = np.ones((1, 3, 3, 1)), np.full((1, 1, 1, 1), 0.5)
three_by_three = np.ones((3, 3, 1, 1))
for pixels, (s, p, a) in [(3, (1, 0, 0)), (2, (2, 1, 0)), (2, (2, 1, 1))]:
    hparameters = {"stride": s, "pad": p, "output_pad": a}
    part = ones[:, :pixels, :pixels]
    Z, cache = conv_transpose_forward(part, three_by_three, bias_half, hparameters)
    print(part.shape[1:3], "to", Z.shape[1:3])
for a in (0, 1):
    hparameters = {"stride": 2, "pad": 1, "output_pad": a}
    Z, cache = conv_transpose_forward(image_batch, one_filter, no_bias, hparameters)
    print("p = 1, a =", a)
    print(Z[0, :, :, 0])

# %% [markdown]
# **Expected output**
#
# ```
# (3, 3) to (5, 5)
# (2, 2) to (3, 3)
# (2, 2) to (4, 4)
# p = 1, a = 0
# [[ 4.  6.  8. -3.]
#  [ 0.  3.  6.  1.]]
# p = 1, a = 1
# [[ 4.  6.  8. -3. -4.]
#  [ 0.  3.  6.  1.  2.]
#  [ 0.  9. 12.  3.  4.]]
# ```

# %% [markdown]
# Last a batch of 2 random images of $3 \times 4$ pixels with 4 channels, and 3 output channels.
# **Predict** the shape of `Z` before you run the cell.

# %%
np.random.seed(1)
A_prev = np.random.randn(2, 3, 4, 4)
W = np.random.randn(3, 3, 3, 4)
b = np.random.randn(1, 1, 1, 3)
hparameters = {"stride": 2, "pad": 1, "output_pad": 1}
Z, cache = conv_transpose_forward(A_prev, W, b, hparameters)
print("Z.shape =", Z.shape)
print("Z's mean =", np.mean(Z))
print("Z[1, 2, 3] =", Z[1, 2, 3])
print("Z[1, 5, 7] =", Z[1, 5, 7])

# %% [markdown]
# **Expected output**
#
# ```
# Z.shape = (2, 6, 8, 3)
# Z's mean = -1.3813037696576609
# Z[1, 2, 3] = [ 0.87362687 -2.46854008 -3.21876522]
# Z[1, 5, 7] = [-2.60316944 -1.83096627 -2.11353793]
# ```

# %% [markdown]
# The public check tries more cases than these and says what is wrong if one of them fails.

# %% nbgrader={"grade_id": "conv_transpose_forward_check"}
conv_transpose_forward_test(conv_transpose_forward)

# %% nbgrader={"grade_id": "conv_transpose_forward_grade", "grade": true}
from exercises import grade

grade("conv_transpose_forward", conv_transpose_forward)

# %% [markdown]
# ## It restores the shape, not the values
#
# A transposed convolution is not the inverse of a convolution, whatever "deconvolution" suggests.
# The cell below sends an image through a convolution with stride 2 and then through the transposed
# convolution with the same filter. It has a small convolution of its own, for one image without
# channels.
#
# **Predict, then run.** Will the shape be that of the image again? Will the numbers?

# %%
np.random.seed(2)
picture = np.random.randint(0, 5, (5, 7))
filter_ = np.array([[1, 0, 0], [0, 2, 0], [0, 0, 1]])


def convolve(picture, filter_, step):
    found = np.lib.stride_tricks.sliding_window_view(picture, filter_.shape)[::step, ::step]
    return np.sum(found * filter_, axis=(2, 3))


smaller = convolve(picture, filter_, 2)
hparameters = {"stride": 2, "pad": 0, "output_pad": 0}
back, cache = conv_transpose_forward(
    smaller.reshape(1, 2, 3, 1), filter_.reshape(3, 3, 1, 1), no_bias, hparameters
)
print("shapes:", picture.shape, smaller.shape, back.shape[1:3])
print("the same numbers:", np.allclose(picture, back[0, :, :, 0]))

other = np.random.randn(2, 3)
spread, cache = conv_transpose_forward(
    other.reshape(1, 2, 3, 1), filter_.reshape(3, 3, 1, 1), no_bias, hparameters
)
print(f"{np.sum(smaller * other):.6f} = {np.sum(picture * spread[0, :, :, 0]):.6f}")

# %% [markdown]
# **Expected output**
#
# ```
# shapes: (5, 7) (2, 3) (5, 7)
# the same numbers: False
# -42.181637 = -42.181637
# ```

# %% [markdown]
# The shape is back, the numbers are not. What does hold is the last line. Write $C$ for the
# convolution, a map from 35 pixels to 6, and $T$ for the transposed convolution, a map from 6 to
# 35. For any image $x$ and any $y$ of the small size, $\sum C(x) \cdot y = \sum x \cdot T(y)$. If
# $C$ is written as a matrix of 6 rows and 35 columns, then $T$ is the same matrix transposed: that
# is where the name comes from. It is also why $T$ carries gradients back through $C$.

# %% [markdown]
# ## Checkerboards
#
# Where stamps overlap, more of them add up. If the stride does not divide $f$, they overlap
# unevenly. The next cell stamps an image of ones with a filter of ones, so that each output is the
# number of stamps that reach it: once with $f = 3$ and once with $f = 4$, both with stride 2.
#
# **Predict, then run.** Which of the two patterns is even in the middle?

# %%
flat = np.ones((1, 4, 5, 1))
fig, axes = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
for ax, f in zip(axes, (3, 4), strict=True):
    hparameters = {"stride": 2, "pad": 0, "output_pad": 0}
    counts, cache = conv_transpose_forward(flat, np.ones((f, f, 1, 1)), no_bias, hparameters)
    draw_grid(ax, counts[0, :, :, 0], f"f = {f}, stride 2: how many stamps")
    print("f =", f, "in the middle:", np.unique(counts[0, 2:-2, 2:-2, 0]))
plt.show()

# %% [markdown]
# **Expected output**
#
# ```
# f = 3 in the middle: [1. 2. 4.]
# f = 4 in the middle: [4.]
# ```

# %% [markdown]
# *The figure: two grids. With f = 3 the numbers 1, 2 and 4 alternate like the fields of a
# checkerboard. With f = 4 all numbers in the middle are 4, and only the outermost
# two rows and columns hold 1 and 2.*
#
# With $f = 3$ and stride 2 some outputs get four times as many contributions as their neighbours. A
# network has to learn weights that make up for it, and pictures made by networks often show such a
# pattern. Choosing an $f$ that the stride divides, such as 4 with stride 2, avoids it.

# %% [markdown]
# ## What to try next with transposed convolutions
#
# Predict first, then add a cell and find out. What happens if
#
# - $f = 1$ and the stride is 3? (Every value is copied, multiplied, to every third row and column;
#   everything between is the bias.)
# - the filter is $\begin{pmatrix} 1 & 1 \\ 1 & 1 \end{pmatrix}$ and the stride is 2? (Every pixel
#   is repeated: four equal pixels for each one.)
# - the filter has the rows 0.25 0.5 0.25, then 0.5 1 0.5, then 0.25 0.5 0.25, and the stride is 2,
#   with `pad` 1? (The pixels stay, and between two of them is their average.)
# - the stride is 1 and `pad` is $f - 1$? (The output is as large as that of a convolution without
#   padding. It is that of a convolution with the flipped filter.)

# %% [markdown]
# ## Recap of transposed convolution
#
# You can now
#
# 1. compute it by hand: every value of the input multiplies the filter, the stamps lie a stride
#    apart, and where they overlap they add up; the bias comes once to every output;
# 2. say how large the output is: $s\,(n_{prev} - 1) + f - 2p + a$; padding cuts off on each side,
#    and the output padding chooses between the sizes that a convolution makes equally small;
# 3. write `conv_transpose_forward` for batches and channels, and test it where mistakes hide: with
#    a stride above 1, with overlapping stamps, with and without padding.

# %% [markdown] include="hand_in"
