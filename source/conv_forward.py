# %% [markdown]
# # The forward pass of a convolution layer
#
# The function that you write here fits on half a page, and yet it is every convolution layer of
# VGG and ResNet: only the numbers in its arguments differ. `conv_forward` takes a batch of
# images and slides every filter over every image, in plain loops. At the end of the notebook, yours
# finds the edges of a house.
#
# When you have finished, you will be able to
#
# 1. compute the size of the output for any input, kernel size, padding and stride;
# 2. say which window of the input each output value comes from, and compute the value by hand;
# 3. write the forward pass for a batch of images and several filters.
#
# **Time:** about 80 minutes. **You need:** Python, basic NumPy (arrays, shapes, slices), and the
# first two functions of this course, which are given below.
#
# **Done lesson 06, on the convolution layer?** Then go straight to **Exercise: conv_forward**, and
# run all cells above it.

# %% include="setup"

# %% [markdown] tags=["given"]
# ## Given: zero_pad and conv_single_step
#
# `conv_forward` calls two functions from earlier assignments. Here are correct versions of both.
# The first one adds `pad` rows and columns of zeros on each side of every image in a batch.

# %% copy="source" nbgrader={"grade_id": "zero_pad_given"} tags=["given"]
from exercises.loops import zero_pad

# %% [markdown] tags=["given"]
# The second one applies one filter to one **window** (or *patch*) of the input. It computes their
# dot product, that is, the element-wise product summed over rows, columns and channels, and adds
# the bias. The result is a single number.

# %% copy="source" nbgrader={"grade_id": "conv_single_step_given"} tags=["given"]
from exercises.loops import conv_single_step

# %% [markdown] tags=["given"]
# `draw_grid` draws a matrix with its numbers. Run the cell; you do not have to read it.

# %% copy="source" tags=["given"] jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

# %% [markdown]
# ## A convolution layer by hand
#
# Take an image with one channel and a filter with kernel size $f = 2$ and bias $b = 1$:
#
# $$\text{image} = \begin{pmatrix} 1 & 2 & 0 & 1 & 3 & 1 \\ 0 & 1 & 2 & 0 & 0 & 2 \\
# 3 & 0 & 1 & 2 & 1 & 0 \\ 1 & 2 & 0 & 3 & 2 & 1 \\ 2 & 0 & 1 & 1 & 0 & 3 \end{pmatrix}, \qquad
# W = \begin{pmatrix} 1 & -1 \\ 0 & 2 \end{pmatrix}$$
#
# The first window is in the upper left corner. With **stride** $s = 2$, the window moves by 2
# pixels per step: to the right, and at the end of a row back to the left and down by 2 pixels.
#
# **Predict.** What is the shape of the output? Compute its values by hand, at least the first and
# the last one. Then run the next two cells.

# %%
image = np.array(
    [
        [1, 2, 0, 1, 3, 1],
        [0, 1, 2, 0, 0, 2],
        [3, 0, 1, 2, 1, 0],
        [1, 2, 0, 3, 2, 1],
        [2, 0, 1, 1, 0, 3],
    ]
)

# %% jupyter={"source_hidden": true} cellView="form"
by_hand = np.array(
    [
        [
            1 * 1 + 2 * (-1) + 0 * 0 + 1 * 2 + 1,
            0 * 1 + 1 * (-1) + 2 * 0 + 0 * 2 + 1,
            3 * 1 + 1 * (-1) + 0 * 0 + 2 * 2 + 1,
        ],
        [
            3 * 1 + 0 * (-1) + 1 * 0 + 2 * 2 + 1,
            1 * 1 + 2 * (-1) + 0 * 0 + 3 * 2 + 1,
            1 * 1 + 0 * (-1) + 2 * 0 + 1 * 2 + 1,
        ],
    ]
)
orange, black, purple = "tab:orange", "black", "tab:purple"
fig, axes = plt.subplots(1, 2, figsize=(9, 4), width_ratios=[6, 3])
three_windows = [(0, 0, 2, 2, orange), (0, 2, 2, 2, black), (2, 4, 2, 2, purple)]
draw_grid(axes[0], image, "image, 5 x 6", windows=three_windows)
three_results = [(0, 0, 1, 1, orange), (0, 1, 1, 1, black), (1, 2, 1, 1, purple)]
draw_grid(axes[1], by_hand, f"output, {len(by_hand)} x {len(by_hand[0])}", windows=three_results)
plt.show()

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The output has 2 rows and 3 columns. Its first value is
# $1 \cdot 1 + 2 \cdot (-1) + 0 \cdot 0 + 1 \cdot 2 + 1 = 2$, and its last value is
# $1 \cdot 1 + 0 \cdot (-1) + 2 \cdot 0 + 1 \cdot 2 + 1 = 4$. No window covers the last row of the
# image, because another step down would leave the image.
#
# </details>
#
# <details>
# <summary>Description of the figure</summary>
#
# Left, the image with three of its six windows outlined: rows 0 and 1 with columns 0 and 1 (orange,
# solid), rows 0 and 1 with columns 2 and 3 (black, dashed), rows 2 and 3 with columns 4 and 5
# (purple, dotted). Right, the output with the rows 2, 0, 7 and 8, 6, 4. The values of the three
# windows, 2, 0 and 4, are outlined in the same way.
#
# </details>

# %% [markdown]
# ## The corners of a window
#
# The position `(h, w)` of an output value determines its window. Four numbers describe the window:
#
# - `vert_start` and `vert_end`: its first row, and the row after its last one;
# - `horiz_start` and `horiz_end`: its first column, and the column after its last one.
#
# The end is exclusive, as in Python's slices: `image[2:4]` holds rows 2 and 3. These are the six
# windows of the example, with kernel size `f = 2` and `stride = 2`:
#
# | `h` | `w` | `vert_start` | `vert_end` | `horiz_start` | `horiz_end` |
# |---|---|---|---|---|---|
# | 0 | 0 | 0 | 2 | 0 | 2 |
# | 0 | 1 | 0 | 2 | 2 | 4 |
# | 0 | 2 | 0 | 2 | 4 | 6 |
# | 1 | 0 | 2 | 4 | 0 | 2 |
# | 1 | 1 | 2 | 4 | 2 | 4 |
# | 1 | 2 | 2 | 4 | 4 | 6 |
#
# **First step (not graded).** Write `window_corners`, which computes the four numbers for any
# kernel size and stride: replace each `None`. The cell below it compares your function with the
# table and with one window for stride 3. You may call `window_corners` in the exercise.


# %%
def window_corners(h, w, f, stride):
    vert_start = None
    vert_end = None
    horiz_start = None
    horiz_end = None
    return vert_start, vert_end, horiz_start, horiz_end


# %% jupyter={"source_hidden": true} cellView="form"
def check_corners(function):
    """Compare window_corners with seven windows, and report the first difference."""
    table = [(0, 2, 0, 2), (0, 2, 2, 4), (0, 2, 4, 6), (2, 4, 0, 2), (2, 4, 2, 4), (2, 4, 4, 6)]
    cases = [((k // 3, k % 3, 2, 2), corners) for k, corners in enumerate(table)]
    cases.append(((1, 2, 2, 3), (3, 5, 6, 8)))
    names = ("vert_start", "vert_end", "horiz_start", "horiz_end")
    for (h, w, f, stride), expected in cases:
        call = f"window_corners(h={h}, w={w}, f={f}, stride={stride})"
        corners = function(h, w, f, stride)
        if corners in (None, (None, None, None, None)):
            return "window_corners is not written yet, so nothing was checked."
        if not isinstance(corners, tuple) or len(corners) != 4:
            return f"{call} gives {corners}, expected a tuple of four numbers."
        for name, actual, right in zip(names, corners, expected, strict=True):
            if actual != right:
                return f"{call}: {name} is {actual}, expected {right}."
    return "window_corners is correct for all seven windows."


print(check_corners(window_corners))

# %% [markdown]
# ## Channels and filters
#
# A window covers **all channels** of the input, and so does a filter: it has one kernel for each
# input channel. The dot product sums over the channels too, so a window and a filter give one
# number. One filter gives a matrix of numbers, its **feature map**. The feature maps of all filters
# are the channels of the output.


# %% jupyter={"source_hidden": true} cellView="form"
def draw_block(ax, x, y, shape, color, label):
    """Draw an array of rows, columns and channels; color(h, w, k) fills the cell."""
    rows, columns, depth = shape
    back = np.array([0.42, 0.3])  # one channel further back

    def face(corner, side, other, filling):
        points = [corner, corner + side, corner + side + other, corner + other]
        ax.add_artist(plt.Polygon(points, facecolor=filling, edgecolor="0.3", lw=1))

    right, down = np.array([1.0, 0.0]), np.array([0.0, -1.0])
    for k in range(depth):
        front = np.array([x, y + rows]) + k * back
        for w in range(columns):
            face(front + w * right, right, back, color(0, w, k))
        for h in range(rows):
            face(front + columns * right + h * down, down, back, color(h, columns - 1, k))
    for h in range(rows):
        for w in range(columns):
            face(np.array([x + w, y + rows - h]), right, down, color(h, w, 0))
    ax.text(x + columns / 2 + 0.4, y - 0.3, label, ha="center", va="top", fontsize=11)


fig, ax = plt.subplots(figsize=(10, 3.6), layout="constrained")
ax.set(xlim=(-0.3, 20.2), ylim=(-1.2, 6.2), aspect="equal")
ax.axis("off")
blue, filled = "#dbe9f6", "#f9a65a"


def in_window(h, w, k):
    return filled if h < 2 and w < 2 else blue


def in_filter(h, w, k):
    return "#f9d9b5"


def in_output(h, w, k):
    return filled if h == w == k == 0 else blue


draw_block(ax, 0, 0, (5, 6, 3), in_window, "input, 5 x 6 x 3")
draw_block(ax, 9, 2, (2, 2, 3), in_filter, "filter 0,\n2 x 2 x 3")
draw_block(ax, 15.2, 1.7, (2, 3, 4), in_output, "output, 2 x 3 x 4\n(4 filters)")
arrow = {"arrowstyle": "->", "lw": 1.5, "color": "0.3"}
ax.annotate("", (9.3, 4.6), (2.9, 5.5), arrowprops=arrow)
ax.annotate("", (15.1, 3.2), (11.95, 3.2), arrowprops=arrow)
ax.text(13.75, 3.45, "dot product,\nplus bias", ha="center", va="bottom", fontsize=11)
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Three blocks of cells. The input has 5 rows, 6 columns and 3 channels, one behind the other; its
# window in rows 0 and 1 and columns 0 and 1 is colored through all 3 channels. An arrow leads to a
# filter of 2 by 2 cells that is also 3 channels deep, and a second one, labeled "dot product, plus
# bias", to a single colored cell: row 0, column 0 of channel 0 of the output. The output has 2
# rows, 3 columns and 4 channels, one for each of 4 filters.
#
# </details>
#
# These are the arrays of the layer, for a batch of $m$ images:
#
# | array | shape | meaning |
# |---|---|---|
# | `A_prev` | `(m, n_H_prev, n_W_prev, n_C_prev)` | input: the output of the previous layer |
# | `W` | `(f, f, n_C_prev, n_C)` | weights; `W[:, :, :, c]` is filter `c` |
# | `b` | `(1, 1, 1, n_C)` | biases; `b[:, :, :, c]` belongs to filter `c` |
# | `Z` | `(m, n_H, n_W, n_C)` | output; `Z[i, :, :, c]` is a feature map of image `i` |
#
# The windows come from the padded input $A^{pad}$, which has $p$ (`pad`) zeros on each side. For
# example $i$, output row $h$, output column $w$ and filter $c$:
#
# $$Z_{i,h,w,c} = b_c + \sum_{r=0}^{f-1} \sum_{q=0}^{f-1} \sum_{k}
# A^{pad}_{i,\, hs+r,\, ws+q,\, k}\, W_{r,q,k,c}$$
#
# Here $r$, $q$ and $k$ are row, column and input channel in the filter. The layer has
# $(f^2\, n_{C_{prev}} + 1)\, n_C$ parameters, whatever the size of the image: 8 filters of 3 x 3 on
# 4 channels have $(9 \cdot 4 + 1) \cdot 8 = 296$.

# %% [markdown]
# ## The size of the output
#
# Along an axis with $n$ pixels and $p$ zeros on each side, the last possible start of a window is
# $n + 2p - f$. The windows start at $0, s, 2s, \dots$, up to this position. Counting them gives
#
# $$n_{out} = \left\lfloor \frac{n - f + 2p}{s} \right\rfloor + 1,$$
#
# where $\lfloor\ \rfloor$ rounds down. The height $n_H$ follows from $n_{H_{prev}}$, the width
# $n_W$ from $n_{W_{prev}}$. In Python use `//`, which rounds down and gives an integer.
#
# **Predict.** Apply the formula to the four cases in the next cell. The cell does not use the
# formula; it lists the starts and counts them.

# %%
for pixels, kernel, zeros, step in [(28, 5, 0, 1), (28, 3, 1, 1), (6, 2, 0, 3), (2, 3, 0, 2)]:
    starts = range(0, pixels + 2 * zeros - kernel + 1, step)
    print(f"n = {pixels}, f = {kernel}, p = {zeros}, s = {step}: size", len(starts))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The sizes are 24, 28, 2 and 0. In the last case the kernel is larger than the image, and
# $\lfloor -1/2 \rfloor + 1 = -1 + 1 = 0$. `int(-1 / 2) + 1` would give 1, because `int` rounds
# towards 0.
#
# </details>

# %% [markdown]
# ## Exercise: conv_forward
#
# Write `conv_forward(A_prev, W, b, hparameters)`. The dictionary `hparameters` has the entries
# `"stride"` and `"pad"`. (A **hyperparameter** is a number that you choose; parameters are
# learned.) The sizes are unpacked for you, and the comments name the steps. Call `zero_pad` for the
# padding and `conv_single_step` for one window and one filter; nested loops do the rest. Replace `#
# YOUR CODE HERE` and the `raise` line below it.
#
# `A_prev`, `W` and `b` are float arrays. An image of integers, such as a photograph of dtype
# `uint8`, is converted before it enters a network, with `astype(float)`.
#
# The function also returns a `cache`, the tuple of its four arguments, for the backward pass. That
# line is written for you.
#
# **When something is not right, ask yourself:**
#
# - Does the stride change where a window *starts*, and not only the size of the output?
# - Is `n_W` computed from the width of the input?
# - Does the size of the output count the padding of both sides?
# - Does the window come from the *padded* image, and from the right example?
# - Does every filter use its own weights and its own bias?

# %% solution="conv_forward"

# %% [markdown]
# **Try it** on the example that you computed by hand, without and with padding.

# %%
image_batch = image.reshape(1, 5, 6, 1).astype(float)
one_filter = np.array([[1.0, -1], [0, 2]]).reshape(2, 2, 1, 1)
one_bias = np.array([[[[1.0]]]])
Z, cache_conv = conv_forward(image_batch, one_filter, one_bias, {"stride": 2, "pad": 0})
print("Z.shape =", Z.shape)
print(Z[0, :, :, 0])
Z, cache_conv = conv_forward(image_batch, one_filter, one_bias, {"stride": 2, "pad": 1})
print("with pad 1:", Z.shape)
print(Z[0, :, :, 0])

# %% [markdown]
# **Expected output**
#
# ```
# Z.shape = (1, 2, 3, 1)
# [[2. 0. 7.]
#  [8. 6. 4.]]
# with pad 1: (1, 3, 4, 1)
# [[3. 1. 7. 1.]
#  [7. 2. 3. 3.]
#  [4. 5. 2. 2.]]
# ```

# %% [markdown]
# Next, a batch of 2 random images of 5 x 7 pixels with 4 channels, and 8 filters of size 3 x 3.
# What shape do you expect with padding 1 and stride 2?

# %%
np.random.seed(1)
A_prev = np.random.randn(2, 5, 7, 4)
W = np.random.randn(3, 3, 4, 8)
b = np.random.randn(1, 1, 1, 8)
hparameters = {"pad": 1, "stride": 2}

Z, cache_conv = conv_forward(A_prev, W, b, hparameters)
z_mean = np.mean(Z)
z_0_2_1 = Z[0, 2, 1]
cache_0_1_2_3 = cache_conv[0][1][2][3]
print("Z.shape =", Z.shape)
print("Z's mean =", z_mean)
print("Z[0,2,1] =")
print(z_0_2_1)
print("cache_conv[0][1][2][3] =")
print(cache_0_1_2_3)

# %% [markdown]
# **Expected output**
#
# ```
# Z.shape = (2, 3, 4, 8)
# Z's mean = 0.5511276474566768
# Z[0,2,1] =
# [-2.17796037  8.07171329 -0.5772704   3.36286738  4.48113645 -2.89198428
#  10.99288867  3.03171932]
# cache_conv[0][1][2][3] =
# [-1.1191154   1.9560789  -0.3264995  -1.34267579]
# ```

# %% [markdown]
# The last digits of the mean may differ, because rounding depends on the order of the additions.
# `cache_conv[0]` is `A_prev`, so the last line is pixel (2, 3) of the second image, without
# padding.
#
# The same with 10 images:

# %%
np.random.seed(1)
A_prev_10 = np.random.randn(10, 5, 7, 4)
W_10 = np.random.randn(3, 3, 4, 8)
b_10 = np.random.randn(1, 1, 1, 8)

Z_10, cache_10 = conv_forward(A_prev_10, W_10, b_10, hparameters)
print("Z_10.shape =", Z_10.shape)
print("Z_10's mean =", np.mean(Z_10))
print("Z_10[3,2,1] =")
print(Z_10[3, 2, 1])

# %% [markdown]
# **Expected output**
#
# ```
# Z_10.shape = (10, 3, 4, 8)
# Z_10's mean = 0.6923608807576933
# Z_10[3,2,1] =
# [-1.28912231  2.27650251  6.61941931  0.95527176  8.25132576  2.31329639
#  13.00689405  2.34576051]
# ```

# %% [markdown]
# Now run the checks. The first one tries other shapes, strides and paddings, and tells you what is
# wrong. The second one compares the values that you computed for the batch of 2, so run that cell
# again after every change of your function.

# %% check="conv_forward"
conv_forward_test_2(conv_forward)
conv_forward_test_1(z_mean, z_0_2_1, cache_0_1_2_3)

# %% [markdown]
# ## Your layer finds edges
#
# The next image has 48 x 64 pixels: a sky that gets brighter towards the horizon, a sun, and a
# house with a window and a door, with a little noise. A layer of two filters looks for edges. They
# are the two **Sobel kernels**:
#
# $$S_x = \begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix}, \qquad
# S_y = S_x^T = \begin{pmatrix} -1 & -2 & -1 \\ 0 & 0 & 0 \\ 1 & 2 & 1 \end{pmatrix}$$
#
# $S_x$ responds to a change of brightness from left to right, $S_y$ to a change from top to bottom.
#
# **Predict.** Which parts of the house appear in the first feature map, and which in the second?
# And the sun and the sky?

# %% [markdown] tags=["given"]
# `draw_image` draws a matrix as an image. White is 0, purple is positive and orange is negative.

# %% copy="source" tags=["given"] jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_image

# %%
rows, columns = np.mgrid[0:48, 0:64]
picture = 60.0 + 4 * rows  # the sky
picture[(rows - 11) ** 2 + (columns - 14) ** 2 < 49] = 255  # the sun
picture[20:42, 30:54] = 60  # the house
picture[26:34, 36:42] = 220  # its window
picture[28:42, 46:51] = 130  # its door
picture[42:] = 40  # the ground
picture = picture + np.random.default_rng(0).normal(0, 3, picture.shape)

sobel_x = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
two_filters = np.stack([sobel_x, sobel_x.T], axis=-1).reshape(3, 3, 1, 2)
Z_edges, _ = conv_forward(
    picture.reshape(1, 48, 64, 1), two_filters, np.zeros((1, 1, 1, 2)), {"stride": 1, "pad": 0}
)
print("Z_edges.shape =", Z_edges.shape)

fig, axes = plt.subplots(1, 3, figsize=(13, 3.4), layout="constrained")
draw_image(axes[0], picture, "image")
draw_image(axes[1], Z_edges[0, :, :, 0], "feature map 0: Sobel x")
draw_image(axes[2], Z_edges[0, :, :, 1], "feature map 1: Sobel y")
plt.show()

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Feature map 0 shows the vertical sides of the house, the window and the door; feature map 1 shows
# their horizontal sides and the horizon. The round sun appears in both. Purple means that the image
# gets brighter, to the right in map 0 and downwards in map 1; orange means that it gets darker. The
# uniform walls give nothing but noise. The sky gets brighter downwards, so it is faintly purple in
# map 1.
#
# </details>
#
# <details>
# <summary>Description of the figure</summary>
#
# Left, a gray drawing of a sun and of a house with a window and a door. Middle, the response to
# Sobel x: strong lines at the left and right sides of house, window and door, one side purple and
# the other orange, and at the left and right of the sun. Right, the response to Sobel y: the upper
# and lower sides of the same objects, and the horizon.
#
# </details>

# %% [markdown]
# ## Experiments with the house
#
# Copy the cell with the house and change the copy. What happens if you
#
# - use padding 1?
#
# <details>
# <summary>Answer</summary>
#
# The feature maps have the size of the image, 48 x 64, and a strong response along the border,
# where the image meets the zeros of the padding.
#
# </details>
#
# - use stride 3?
#
# <details>
# <summary>Answer</summary>
#
# The feature maps shrink to 16 x 21. Windows no longer overlap, so an edge exactly between two
# windows is in neither. The left side of the house disappears.
#
# </details>
#
# - draw `np.sqrt(Z_edges[0, :, :, 0] ** 2 + Z_edges[0, :, :, 1] ** 2)`?
#
# <details>
# <summary>Answer</summary>
#
# This is the edge magnitude, the strength of an edge in any direction.
#
# </details>

# %% [markdown]
# ## From this layer to a network
#
# **Test yourself.** A layer has 5 filters of 3 x 3, stride 2 and padding 1. Its input is one image
# of 7 x 9 pixels with 3 channels. What is the shape of `Z`? How many parameters does the layer
# have? Which pixels of the image does `Z[0, 1, 2, 4]` depend on?
#
# <details>
# <summary>Answer</summary>
#
# `Z` has the shape `(1, 4, 5, 5)`, and the layer has $(9 \cdot 3 + 1) \cdot 5 = 140$ parameters.
# The window starts at row 2 and column 4 of the padded image, so it covers rows 1 to 3 and columns
# 3 to 5 of the image itself, in all 3 channels.
#
# </details>
#
# Two things separate your layer from one in a library. The first is a nonlinear **activation
# function** $g$, for example ReLU, $g(z) = \max(0, z)$: the input of the next layer is $A = g(Z)$.
# The second is speed. For the small image above, your loops called `conv_single_step` $46 \cdot 62
# \cdot 2 = 5704$ times. Libraries arrange all windows as the rows of a matrix and compute the layer
# as one matrix product, a method known as **im2col**. Apart from rounding, the values are the same.

# %% [markdown] include="hand_in"
