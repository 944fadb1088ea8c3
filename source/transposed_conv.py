# %% [markdown]
# # Transposed convolution
#
# To outline a tumor in a scan, a network has to answer for every pixel. But four convolutions with
# stride 2 have left only $4 \times 4$ of the $64 \times 64$ pixels. The way back up needs a layer
# that turns a small array into a larger one, with weights that are learned. In this notebook you
# write this layer, `conv_transpose_forward`.
#
# By the end of this notebook you will be able to
#
# 1. compute a transposed convolution by hand, as a sum of scaled copies of the filter;
# 2. derive the size of its output for any stride, padding and output padding, and say why output
#    padding is needed;
# 3. write its forward pass for a batch of images with several channels.
#
# **Time:** about 85 minutes. **You need:** Python, basic NumPy, and the forward pass of a
# convolution layer (the notebook *The forward pass of a convolution layer*).

# %% include="setup"

# %% [markdown]
# The next cell defines `draw_grid`, which draws a matrix as a grid with its numbers in it. Run
# it; you do not have to read it.

# %% copy="source" jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

# %% [markdown]
# ## From a small image to a large one
#
# A small array is enough if a network only has to say *what* an image shows. If it has to produce
# an image, it must return to the full size: to remove noise, to give every pixel a label
# (**semantic segmentation**), or to generate a new image. The part of the network that reduces the
# image is the **encoder**, the part that leads back is the **decoder**, and increasing height and
# width is called **upsampling**.
#
# You could repeat every pixel, or interpolate between pixels. These rules are fixed. A **transposed
# convolution** upsamples with a filter whose weights are learned, as in any other layer. Compared
# with a convolution, the shapes of its input and output are exchanged, and it computes the same as
# the backward pass of a convolution to its input. It is also called *fractionally strided
# convolution* and, less accurately, *deconvolution*.

# %% [markdown]
# ## Each input value adds a scaled copy of the filter
#
# A convolution gathers: it multiplies a window of the input by the filter and adds the products
# up to one output value. A transposed convolution **scatters** one input value over many outputs.
# For each value of the input,
#
# - multiply the whole filter by this value;
# - add the result to the output, in a window whose position depends on the position of the value;
# - where the windows of several values overlap, the contributions are summed.
#
# The array that collects the copies is the **canvas**. The messages of the checks call the scaled
# copy of the filter for one input value its *copy*.
#
# Here is an image of 2 rows and 3 columns with one channel, and a filter of size $2 \times 2$:
#
# $$\text{image} = \begin{pmatrix} 1 & 2 & -1 \\ 0 & 3 & 1 \end{pmatrix}, \qquad
# \text{filter} = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$$
#
# The stride is 1: the copies of neighboring values are one pixel apart. There is no bias. The
# canvas has 3 rows and 4 columns, and the copy of the upper left value starts in its upper left
# corner.
#
# **By hand.** Draw the canvas on paper, and add the six copies to it, one after the other. Then run
# the cell, which draws the copies and their sum.

# %% jupyter={"source_hidden": true} cellView="form"
image = np.array([[1, 2, -1], [0, 3, 1]])
kernel = np.array([[1, 2], [3, 4]])
copies = [
    np.array([[1, 2, 0, 0], [3, 4, 0, 0], [0, 0, 0, 0]]),  # 1 times the filter
    np.array([[0, 2, 4, 0], [0, 6, 8, 0], [0, 0, 0, 0]]),  # 2 times, a column further right
    np.array([[0, 0, -1, -2], [0, 0, -3, -4], [0, 0, 0, 0]]),  # -1 times
    np.array([[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),  # 0 times, a row further down
    np.array([[0, 0, 0, 0], [0, 3, 6, 0], [0, 9, 12, 0]]),  # 3 times
    np.array([[0, 0, 0, 0], [0, 0, 1, 2], [0, 0, 3, 4]]),  # 1 times
]
by_hand = sum(copies)
print(by_hand)

fig, axes = plt.subplots(3, 3, figsize=(7.5, 6.2), layout="constrained")
draw_grid(axes[0, 0], image, "image")
draw_grid(axes[0, 1], kernel, "filter")
draw_grid(axes[0, 2], by_hand, "sum of all copies")
for place, scaled in enumerate(copies):
    row, column = divmod(place, 3)
    outline = [(row, column, 2, 2, "black")]
    title = f"image[{row}, {column}] times filter"
    draw_grid(axes[1 + row, column], scaled, title, windows=outline)
plt.show()

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# [[ 1  4  3 -2]
#  [ 3 13 12 -2]
#  [ 0  9 15  4]]
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Three rows of three grids. At the top are the image, the filter, and the sum of all copies. Below
# are six canvases of 3 by 4 cells, in the order of the values of the image. Each shows the copy
# that one value adds, with an outline. The copy of `image[0, 0]` is in the upper left corner. The
# others are one or two columns further to the right, or one row further down, or both. The copy of
# `image[1, 0]` consists of zeros.
#
# </details>
#
# Four copies overlap at row 1, column 1: $1 \cdot 4 + 2 \cdot 3 + 0 \cdot 2 + 3 \cdot 1 = 13$.
# Only one copy reaches each corner of the canvas. An image of two rows and three columns has
# become an output of three rows and four columns.

# %% [markdown]
# ## The stride is the distance between copies
#
# With a stride of 2, the copy of a neighboring value starts two pixels further on, with a stride
# of 3, three pixels. The filter does not change. The next cell draws the same image and filter
# with the strides 1, 2 and 3, and outlines three of the six copies.
#
# **Predict, then run.** At which stride do the $2 \times 2$ copies overlap, at which are they
# adjacent, and at which are there gaps between them? How many rows and columns does the canvas
# have in each case?

# %% jupyter={"source_hidden": true} cellView="form"
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
fig, places = plt.subplot_mosaic("AAAABBBBBB;.CCCCCCCC.", figsize=(7.5, 6.4), layout="constrained")
for ax, canvas, step in zip(places.values(), [by_hand, stride_2, stride_3], [1, 2, 3], strict=True):
    outlines = [(0, 0, 2, 2, orange), (0, step, 2, 2, black), (step, 2 * step, 2, 2, purple)]
    reached = np.zeros(canvas.shape, dtype=bool)
    for row in range(2):
        for column in range(3):
            reached[row * step : row * step + 2, column * step : column * step + 2] = True
    draw_grid(ax, canvas, f"stride {step}", windows=outlines, hatched=~reached)
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Three canvases, of 3 by 4, 4 by 6 and 5 by 8 cells. On each, three copies are outlined, of
# `image[0, 0]` (orange, solid), `image[0, 1]` (black, dashed) and `image[1, 2]` (purple, dotted).
# With stride 1 they overlap, with stride 2 they are adjacent. With stride 3, one row and two
# columns between them are hatched: no copy reaches them.
#
# </details>
#
# The table shows where four of the copies are for $f = 2$ and stride 3. The end is one past the
# last row or column, as in Python's slices.
#
# | `h` | `w` | `vert_start` | `vert_end` | `horiz_start` | `horiz_end` | value |
# |---|---|---|---|---|---|---|
# | 0 | 0 | 0 | 2 | 0 | 2 | 1 |
# | 0 | 1 | 0 | 2 | 3 | 5 | 2 |
# | 0 | 2 | 0 | 2 | 6 | 8 | -1 |
# | 1 | 1 | 3 | 5 | 3 | 5 | 3 |
#
# `h` and `w` are the row and the column of the value in the **input**. In a convolution, they
# were a row and a column of the output, and the same four numbers gave the position of the window
# in the input. The rule is the same; input and output are exchanged.

# %% [markdown]
# ## Padding crops, output padding adds
#
# Two more hyperparameters change the size of the output:
#
# - the **padding** $p$, in code `pad`. It is the padding of the convolution in the other direction.
#   That convolution adds rows and columns around its input, and the transposed convolution
#   **crops** the same number from its canvas: $p$ rows at the top and $p$ at the bottom, $p$
#   columns on the left and $p$ on the right.
# - the **output padding** $a$, in code `output_pad`. It adds $a$ rows at the bottom of the canvas
#   and $a$ columns on its right, before the canvas is cropped. It is smaller than the stride.
#
# **By hand.** Take the canvas for stride 2, which has $4 \times 6$ pixels. Which numbers remain
# with $p = 1$ and $a = 0$? Which remain with $p = 1$ and $a = 1$? In the figure, the cropped cells
# are hatched.

# %% jupyter={"source_hidden": true} cellView="form"
larger = np.zeros((5, 7), dtype=int)
larger[:4, :6] = stride_2
fig, axes = plt.subplots(1, 2, figsize=(7.5, 3), width_ratios=[6, 7], layout="constrained")
for ax, canvas, title in zip(
    axes, [stride_2, larger], ["p = 1, a = 0", "p = 1, a = 1"], strict=True
):
    cropped = np.ones(canvas.shape, dtype=bool)
    cropped[1 : canvas.shape[0] - 1, 1 : canvas.shape[1] - 1] = False
    draw_grid(ax, canvas, title, hatched=cropped)
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# On the left, the canvas of 4 by 6 cells with its outermost cells hatched; the rows 4 6 8 -3 and 0
# 3 6 1 remain. On the right, a canvas of 5 by 7 cells whose last row and last column are zeros. Its
# outermost cells are hatched, too, and the rows 4 6 8 -3 -4, 0 3 6 1 2 and 0 9 12 3 4 remain.
#
# </details>
#
# So output padding does not append zeros to the output. The canvas gets one more row and one more
# column, and is cropped from its new edge. Values that were cropped before can now remain.

# %% [markdown]
# ## Output size of a transposed convolution
#
# The first step of your function will be to compute the size of its output:
#
# - $n_H^{[l-1]}$, $n_W^{[l-1]}$: height and width of the input; in code `n_H_prev`, `n_W_prev`
# - $n_H^{[l]}$, $n_W^{[l]}$: height and width of the output; in code `n_H`, `n_W`
# - $f$: height and width of the filter; $s$: the stride; $p$: the padding; $a$: the output padding
#
# Height and width do not influence each other, so look at the columns only. **Derive a formula for
# $n_W^{[l]}$.** The middle column of the table answers four questions for the canvas of the figure
# with stride 3, where $n_W^{[l-1]} = 3$ and $f = 2$. Answer them with $n_W^{[l-1]}$, $f$, $s$, $p$
# and $a$:
#
# | question | in the figure | in general |
# |---|---|---|
# | In which column does the last copy start? | 6 | |
# | How many columns does the canvas have? | 8 | |
# | How many are left if $p = 1$ crops both sides? | 6 | |
# | And how many if $a = 2$ columns were added first? | 8 | |
#
# If you have done the notebook *Sizes and parameters of convolutional networks*, you have written
# this formula before. Compare the two.
#
# **By hand.** Test your formula with these four layers:
#
# 1. an input of $3 \times 3$ with $f = 3$, stride 1 and no padding;
# 2. an input of $2 \times 2$ with $f = 3$, stride 2 and $p = 1$, without output padding;
# 3. the same with $a = 1$;
# 4. an input of $n \times n$ with $f = 4$, stride 2 and $p = 1$, without output padding.
#
# <details>
# <summary>Answer</summary>
#
# The outputs are $5 \times 5$, $3 \times 3$, $4 \times 4$ and $2n \times 2n$. The last layer is a
# popular choice, since it doubles every size without output padding.
#
# </details>

# %% [markdown]
# ## Why output padding is needed
#
# With a stride above 1, a convolution maps images of different sizes to the same size, because some
# pixels at the end are in no window. A transposed convolution that leads back has to select one of
# these sizes.
#
# The next cell shows them. For a given size of the small image, it tries the sizes from 1 to 20. It
# keeps those for which a convolution with the same $f$, $s$ and $p$ has this number of windows.
#
# **Predict, then run.** How many sizes does it find for a stride of 1, of 2 and of 3? Which of them
# does your formula give with $a = 0$?

# %%
settings = [(3, 3, 1, 0), (2, 3, 2, 1), (2, 2, 2, 0), (4, 4, 2, 1), (2, 2, 3, 0)]
for small, f, s, p in settings:
    sizes = []
    for n in range(1, 21):
        starts = [start for start in range(0, n + 2 * p, s) if start + f <= n + 2 * p]
        if len(starts) == small:
            sizes.append(n)
    print(f"small size {small}, f = {f}, s = {s}, p = {p}: from", *sizes)

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# small size 3, f = 3, s = 1, p = 0: from 5
# small size 2, f = 3, s = 2, p = 1: from 3 4
# small size 2, f = 2, s = 2, p = 0: from 4 5
# small size 4, f = 4, s = 2, p = 1: from 8 9
# small size 2, f = 2, s = 3, p = 0: from 5 6 7
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# As many sizes as the stride. Your formula gives the smallest of them with $a = 0$, the next one
# with $a = 1$, and so on. That is why $a$ is smaller than the stride.
#
# </details>

# %% [markdown]
# ## Channels and biases
#
# With several channels, each input value adds a copy of one filter for each channel of the
# output. The arrays are
#
# | array | shape | meaning |
# |---|---|---|
# | `A_prev` | `(m, n_H_prev, n_W_prev, n_C_prev)` | the input, $a^{[l-1]}$: $m$ images |
# | `W` | `(f, f, n_C, n_C_prev)` | the weights; `W[:, :, :, k]` belongs to input channel `k` |
# | `b` | `(1, 1, 1, n_C)` | the biases, one for each output channel |
# | `Z` | `(m, n_H, n_W, n_C)` | the output |
#
# Note that the last axis of `W` counts the channels of the **input**. In a convolution, it counts
# the filters, which are the channels of the output. The two axes are exchanged so that a
# convolution from `Z` to `A_prev` could use the same `W`. The part `W[:, :, :, k]` has the shape
# `(f, f, n_C)`: one copy covers $f \times f$ positions of all output channels at once.
#
# The copies of all input channels are summed. Then the bias of its channel is added to every
# output once, even to an output that no copy reaches.
#
# **By hand.** A layer has $f = 2$, 5 input channels and 3 output channels. What is the shape of
# `W`? What is the shape of the copy that one value of the input adds? How many parameters does the
# layer have?
#
# <details>
# <summary>Answer</summary>
#
# `W` has the shape `(2, 2, 3, 5)`, and a copy the shape `(2, 2, 3)`. The layer has 63 parameters:
# 60 weights and 3 biases.
#
# </details>

# %% [markdown]
# ## Exercise: conv_transpose_forward
#
# Write the function `conv_transpose_forward(A_prev, W, b, hparameters)`. `hparameters` is a
# dictionary with the entries `"stride"`, `"pad"` and `"output_pad"`, all integers; the other
# arguments are float arrays. The given lines read the sizes from the arguments, and the comments
# list the steps. Begin with the size that you derived.
#
# If a result is wrong, ask yourself:
#
# - Do the loops run over the **input**, and does the start of a copy depend on the stride?
# - Are copies **added** to the values that are already there?
# - Is `n_W` computed from the width?
# - Are `pad` rows cropped at the top and at the bottom? With `pad = 0`, the slice `[pad:-pad]` is
#   `[0:0]`, which is empty.
# - Is the bias added once, and not with every copy?

# %% solution="conv_transpose_forward"

# %% [markdown]
# **Try it** on the example that you computed by hand, with the strides 1, 2 and 3.

# %%
image_batch = image.reshape(1, 2, 3, 1).astype(float)
one_filter = kernel.reshape(2, 2, 1, 1).astype(float)
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
# Next, the first three layers for which you computed the size, and the padding that you did by
# hand.

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
# Finally, a batch of 2 random images of $3 \times 4$ pixels with 4 channels, and 3 output
# channels. **Predict** the shape of `Z` before you run the cell.

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
# <details>
# <summary>Expected output</summary>
#
# ```
# Z.shape = (2, 6, 8, 3)
# Z's mean = -1.3813037696576609
# Z[1, 2, 3] = [ 0.87362687 -2.46854008 -3.21876522]
# Z[1, 5, 7] = [-2.60316944 -1.83096627 -2.11353793]
# ```
#
# </details>

# %% [markdown]
# The public check runs more cases than these, and its message says what is wrong if one of them
# fails.

# %% check="conv_transpose_forward"

# %% [markdown]
# ## It restores the shape, not the values
#
# A transposed convolution is not the inverse of a convolution, although the name "deconvolution"
# suggests it. The cell below applies a convolution with stride 2 to an image, and then the
# transposed convolution with the same filter. It defines a small convolution for one image
# without channels.
#
# **Predict, then run.** Is the shape of the image restored? Are the numbers?

# %%
np.random.seed(2)
before = np.random.randint(0, 5, (5, 7))
filter_ = np.array([[1.0, 0, 0], [0, 2, 0], [0, 0, 1]])


def convolve(before, filter_, step):
    windows = np.lib.stride_tricks.sliding_window_view(before, filter_.shape)[::step, ::step]
    return np.sum(windows * filter_, axis=(2, 3))


smaller = convolve(before, filter_, 2)
hparameters = {"stride": 2, "pad": 0, "output_pad": 0}
back, cache = conv_transpose_forward(
    smaller.reshape(1, 2, 3, 1), filter_.reshape(3, 3, 1, 1), no_bias, hparameters
)
print("shapes:", before.shape, smaller.shape, back.shape[1:3])
print("the same numbers:", np.allclose(before, back[0, :, :, 0]))

other = np.random.randn(2, 3)
upsampled, cache = conv_transpose_forward(
    other.reshape(1, 2, 3, 1), filter_.reshape(3, 3, 1, 1), no_bias, hparameters
)
print(f"{np.sum(smaller * other):.6f} = {np.sum(before * upsampled[0, :, :, 0]):.6f}")

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# shapes: (5, 7) (2, 3) (5, 7)
# the same numbers: False
# -42.181637 = -42.181637
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The shape is restored, the numbers are not: many images lead to the same small image, and no layer
# can know which one it was.
#
# </details>
#
# The last line of the output shows what does hold. Write $C$ for the convolution, a map from 35
# pixels to 6, and $T$ for the transposed convolution, a map from 6 to 35. For any image $x$ and any
# $y$ of the small size, $\sum C(x) \cdot y = \sum x \cdot T(y)$. If $C$ is written as a matrix of 6
# rows and 35 columns, then $T$ is the transpose of this matrix, and the layer is named after it.
# This is also the reason why $T$ passes gradients back through $C$.

# %% [markdown]
# ## Checkerboards
#
# Where copies overlap, several contributions are added. If $f$ is not a multiple of the stride,
# the overlap is uneven. The next cell applies a filter of ones to an image of ones, so that each
# output is the number of copies that reach it: once with $f = 3$ and once with $f = 4$, both with
# stride 2.
#
# **Predict, then run.** In which of the two are all values in the middle equal?

# %%
flat = np.ones((1, 3, 4, 1))
fig, axes = plt.subplots(1, 2, figsize=(7.5, 3.2), width_ratios=[9, 10], layout="constrained")
for ax, f in zip(axes, (3, 4), strict=True):
    hparameters = {"stride": 2, "pad": 0, "output_pad": 0}
    counts, cache = conv_transpose_forward(flat, np.ones((f, f, 1, 1)), no_bias, hparameters)
    draw_grid(ax, counts[0, :, :, 0], f"number of copies, f = {f}")
    print("f =", f, "in the middle:", np.unique(counts[0, 2:-2, 2:-2, 0]))
plt.show()

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# f = 3 in the middle: [1. 2. 4.]
# f = 4 in the middle: [4.]
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Two grids, of 7 by 9 and 8 by 10 cells. With f = 3, the numbers 1, 2 and 4 alternate like the
# squares of a checkerboard. With f = 4, all numbers in the middle are 4, and only the outermost two
# rows and columns contain 1 and 2.
#
# </details>
#
# With $f = 3$ and stride 2, some outputs receive four times as many contributions as others. The
# network has to learn weights that compensate for this, and images made by networks often show
# such a **checkerboard artifact**. If $f$ is a multiple of the stride, such as 4 with stride 2,
# the counts are equal away from the border. This makes checkerboards rarer, but does not exclude
# them: neighboring outputs still receive *different* weights of the filter, whose sums can
# differ.

# %% [markdown]
# ## Experiments with transposed convolutions
#
# **A single weight.** What does the output look like for $f = 1$ and stride 3?
#
# <details>
# <summary>Answer</summary>
#
# Every value is multiplied by the weight and written to every third row and column. All other
# outputs are the bias.
#
# </details>
#
# **Repeat the pixels.** Find a filter and a stride with which every pixel is repeated: four equal
# pixels for each one.
#
# <details>
# <summary>Answer</summary>
#
# The $2 \times 2$ filter of ones with stride 2.
#
# </details>
#
# **Interpolate.** The filter has the rows 0.25 0.5 0.25, then 0.5 1 0.5, then 0.25 0.5 0.25, the
# stride is 2 and `pad` is 1. Where do the original values appear in the output, and what is between
# them?
#
# <details>
# <summary>Answer</summary>
#
# The original values appear in every second row and column, and their averages between them. This
# is bilinear interpolation.
#
# </details>
#
# **Checkerboards again.** $f = 4$, the stride is 2, the image is all ones, and the filter is
# random. How many different values does the output have away from the border?
#
# <details>
# <summary>Answer</summary>
#
# Four, in a regular pattern: a checkerboard although $f$ is a multiple of the stride.
#
# </details>
#
# **An ordinary convolution.** With stride 1, which padding gives the output the size of a
# convolution without padding? And how do the values differ?
#
# <details>
# <summary>Answer</summary>
#
# `pad` $= f - 1$. The output equals a convolution with the flipped filter.
#
# </details>

# %% [markdown]
# ## The same connections, in reverse
#
# Read a convolution from its output to its input, and you have a transposed convolution. Windows
# turn into copies, reading into adding, and padding into cropping. This picture answers most
# questions about the layer: why overlapping copies add up and may leave a checkerboard, why several
# sizes are possible when the stride is above 1, and why the values of the original image do not
# come back.
#
# Lesson 25 puts the layer to work, in the decoder of a network that labels every pixel of a page.

# %% [markdown] include="hand_in"
