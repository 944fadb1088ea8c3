# %% [markdown]
# # Images and filters
#
# How does a computer find the outlines in a photograph? To a program, a photograph is an array of
# numbers, and no number in it says "roof" or "edge". Yet you can trace the outlines with a pencil,
# and a program can do it too. Run the next two code cells to see two attempts, one designed by hand
# and one learned.

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.data import load_sample_image
from convnet.edges import load_blocks
from convnet.plots import draw_grid, draw_image
from lesson_tools.explorables import explore_kernel
from lesson_tools.figures import animate
from lesson_tools.photo import draw_edges
from lesson_tools.questions.images_and_filters import predict
from lesson_tools.sweep import draw_sweep

color = load_sample_image("china.jpg")
network = load_blocks()
layers = [layer for block in network.blocks for layer in block] + [network.sides[-1]]
n_parameters = sum(W.size + b.size for W, b in layers)

draw_edges(
    "china.jpg",
    "A color photograph of a tower with three roofs by a lake, trees around it. Below it on the "
    "left, its edges found by two Sobel kernels, dark on white: thin lines, with every roof tile "
    "and every leaf. Below it on the right, its edges drawn by a trained network: bold outlines of "
    "the tower, its roofs and the trees, with most of the tiles left out.",
)

# %% [markdown]
# The drawing on the left comes from two [**kernels**](glossary.md#kernel), small arrays of 3 x 3
# weights, designed in 1968. They respond to every change in brightness, so every leaf and roof tile
# leaves a mark. The drawing on the right comes from a small convolutional network. Its
# [260,289]{= f'{n_parameters:,}' } parameters were learned from examples: first from photographs
# sorted into classes, then from photographs in which people had traced the outlines. It leaves out
# most of the tiles.
#
# The network consists of seven operations: padding, convolution, ReLU, max pooling, 1x1 convolution,
# bilinear upsampling and a sigmoid. You will write them in this course, and by the end **your own
# functions make the drawing on the right**. In this lesson you write the most important one and make
# the drawing on the left.
#
# **By the end of this lesson you will be able to**
#
# 1. read an image as an array: its shape, its index order and its data type;
# 2. compute a cross-correlation by hand and in NumPy, with any stride;
# 3. tell from its weights what a kernel does to an image, and count the parameters of a layer that
#    uses it.
#
# **Time:** about 45 minutes. **You need:** Python and basic NumPy (arrays, shapes, slices).
#
# Cells such as `predict("overflow", None)` ask you to predict a result: replace `None` with your answer
# and run the cell, or skip it.

# %% [markdown] tags=["row-1"]
# ## Images are arrays
#
# A [**grayscale image**](glossary.md#grayscale-image) is a 2-D array, or
# [**matrix**](glossary.md#matrix), of brightness values. Each of its entries is a
# [**pixel**](glossary.md#pixel). To get a grayscale version of the photograph, we average red, green
# and blue:

# %%
photo = color.mean(axis=2).round().astype(int)
print("photo.shape =", photo.shape)

# %% jupyter={"source_hidden": true} cellView="form"
tip = photo[29:37, 194:204]
fig, axes = plt.subplot_mosaic(
    "ab;cc", figsize=(6.4, 7), width_ratios=[1.5, 1], height_ratios=[1, 1.9], layout="constrained"
)
draw_image(axes["a"], photo, "photo", (0, 255), scale=False)
draw_image(axes["b"], photo[20:60, 182:222], "photo[20:60, 182:222]", (0, 255), scale=False)
draw_image(axes["c"], tip, "photo[29:37, 194:204]", (0, 255), scale=False)
for (row, column), value in np.ndenumerate(tip):
    ink = "black" if value > 120 else "white"
    axes["c"].text(column, row, value, ha="center", va="center", color=ink, fontsize=11)
axes["c"].set_yticks(range(8), range(29, 37))
axes["c"].set_xticks(range(10), range(194, 204))
outline = {"fill": False, "color": "tab:orange", "lw": 2}
axes["a"].add_patch(plt.Rectangle((181.5, 19.5), 40, 40, **outline))
axes["b"].add_patch(plt.Rectangle((11.5, 8.5), 10, 8, **outline))
present(
    fig,
    "Three views, each a crop of the one before: the grayscale photograph with a box around the "
    "tip of the tower; the tip, 40 by 40 pixels, with a box at its upper left; and that box, 8 "
    "rows and 10 columns of gray squares, each with its number: about 220 where there is sky, "
    "between 33 and 107 on the dark tip.",
)

# %% [markdown]
# The photograph has height [427]{= photo.shape[0] } and width [640]{= photo.shape[1] }. Pixel
# values are integers from **0 (black) to 255 (white)**, because image files usually store each one
# in 8 bits, which can represent $2^8 = 256$ values.
#
# The first index is the row, counted from the top; the second is the column. Both start at 0. This
# is matrix order (row, column), not the (x, y) order of a plot.
#
# What is `photo[31, 199]`, and is `photo[199, 31]` in the grid above?
#
# <details>
# <summary>Answer</summary>
#
# `photo[31, 199]` is [51]{= photo[31, 199] }, on the dark tip. `photo[199, 31]` is
# [94]{= photo[199, 31] }, a pixel far down on the left. Swapping the indices raises no error as long
# as both are in range, so this bug can stay hidden.
#
# </details>
#
# A **color image** has three values per pixel, for red, green and blue. Each of the three matrices
# is a [**channel**](glossary.md#channel), and they are stacked along a third axis. The array has shape
# $(n_H, n_W, n_C)$: height, width and number of channels, here
# `[(427, 640, 3)]{= color.shape }`.

# %% jupyter={"source_hidden": true} cellView="form"
crop = color[140:220, 90:330]
fig, axes = plt.subplots(2, 2, figsize=(7, 2.9), layout="constrained")
draw_image(axes[0, 0], crop, "color[140:220, 90:330]", (0, 255), scale=False)
for ax, channel, name in zip(axes.flat[1:], range(3), ("red", "green", "blue"), strict=True):
    draw_image(ax, crop[:, :, channel], f"channel {channel}: {name}", (0, 255), scale=False)
present(
    fig,
    "A part of the tower in color, with red walls and orange roof tiles, and its three channels as "
    "grayscale images. The tiles are brightest in the red channel and darkest in the blue one; the "
    "sky is bright in all three.",
)

# %% [markdown]
# The data type of `color` is `uint8`, an unsigned 8-bit integer.
#
# **Predict.** You brighten an image by 100, with all numbers stored as `uint8`. What is the new value
# of a pixel with the value 200?

# %%
predict("overflow", None)

# %% [markdown] tags=["row-2", "row-3"]
# <details>
# <summary>Answer</summary>
#
# [44]{= (np.array([200], np.uint8) + np.array([100], np.uint8))[0] }, which is darker than before.
# Integer [**overflow**](glossary.md#overflow) in arrays wraps around silently: NumPy keeps $300 - 256$.
# Convert an image to `int` or `float` before you do arithmetic with it, as `photo` was above.
#
# </details>
#
# ## Cross-correlation: slide, multiply, sum
#
# Whether there is an edge at a pixel depends on its surroundings. To examine them at every pixel, we
# slide a kernel over the image. Take a small image $X$ and a kernel $W$:
#
# $$X = \begin{pmatrix} 1 & 2 & 0 & 3 \\ 0 & 1 & 2 & 1 \\ 2 & 0 & 1 & 3 \end{pmatrix}, \qquad
# W = \begin{pmatrix} 1 & 2 \\ 0 & -1 \end{pmatrix}$$
#
# 1. Put the kernel on the upper left corner of the image. The part of the image under the kernel
#    is called a [**patch**](glossary.md#patch) or window:
#    $\begin{pmatrix} 1 & 2 \\ 0 & 1 \end{pmatrix}$.
# 2. Take the [**dot product**](glossary.md#dot-product) of the patch and the kernel, that is, the
#    element-wise product and then
#    the sum: $1 \cdot 1 + 2 \cdot 2 + 0 \cdot 0 + 1 \cdot (-1) = 4$. This is the first output value.
# 3. Move the kernel one column to the right and repeat. At the end of a row, continue one row
#    further down, from the left.
#
# Compute the other five output values by hand before you run the animation.

# %%
X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])
W = np.array([[1, 2], [0, -1]])


# %% jupyter={"source_hidden": true} cellView="form"
def sweep_small(position):
    figure = plt.figure(figsize=(6.4, 2.9))
    h, w = draw_sweep(figure, X, W, position)
    patch = X[h : h + 2, w : w + 2]
    factors = [f"({k})" if k < 0 else f"{k}" for k in W.flat]
    terms = " + ".join(f"{x} · {k}" for x, k in zip(patch.flat, factors, strict=True))
    figure.suptitle(f"{terms} = {np.sum(patch * W)}", fontsize=13)
    return figure


animate(
    sweep_small,
    range(6),
    "A kernel of 2 by 2 slides over an image of 3 by 4. At each of 6 positions the four products "
    "and their sum are written above, and the sum appears in the output: 4, 0, 5 in its first row, "
    "2, 4, 1 in its second.",
    seconds=1.6,
)

# %% [markdown]
# The operation is called [**cross-correlation**](glossary.md#cross-correlation), and its output is a
# [**feature map**](glossary.md#feature-map). A kernel of
# size $f$ fits at $n - f + 1$ positions along an axis of length $n$, so the output is smaller than
# the input. (Padding, in lesson 04, prevents this.) As a formula, with $h, w$ the row and
# column of the output and $r, q$ the row and column in the kernel:
#
# $$Z_{h,w} = \sum_{r=0}^{f_H-1} \; \sum_{q=0}^{f_W-1} X_{h+r,\; w+q} \; W_{r,q}$$
#
# The code has one loop for each output index, and `np.sum` computes the double sum:


# %%
def cross_correlate(X, W):
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            patch = X[h : h + f_H, w : w + f_W]
            Z[h, w] = np.sum(patch * W)
    return Z


print(cross_correlate(X, W))

# %% [markdown] tags=["row-3"]
# Deep learning libraries call this operation [**convolution**](glossary.md#convolution), and from here
# on so does this course.
# In mathematics, a convolution flips the kernel first; the optional lesson 03 explains why, and when
# it matters.
#
# ## Stride
#
# The kernel can move by more than one pixel per step. The step size is the
# [**stride**](glossary.md#stride) $s$. With
# stride 2, the kernel visits every second position in both directions, and the output has about half
# the height and half the width of the input: a cheap form of
# [**downsampling**](glossary.md#downsampling).
#
# **Predict two things.** First, a 3 x 3 kernel slides over an image of 9 rows and 12 columns with
# stride 2. What is the shape of the output? Answer with a tuple, `(rows, columns)`.
#
# Second, by hand: the kernel $W_7$ slides over the 7 x 7 image `X7` below, also with stride 2. What is
# the **last** output value, from the patch in the lower right corner?
#
# $$W_7 = \begin{pmatrix} 3 & 4 & 4 \\ 1 & 0 & 2 \\ -1 & 0 & 3 \end{pmatrix}$$

# %%
X7 = np.array(
    [
        [1, 0, 2, 5, 3, 0, 1],
        [4, 2, 1, 0, 6, 2, 3],
        [0, 3, 5, 1, 2, 4, 0],
        [2, 1, 0, 4, 1, 3, 5],
        [5, 2, 3, 0, 3, 4, 6],
        [1, 0, 4, 2, 9, 8, 3],
        [3, 6, 1, 5, 2, 1, 4],
    ]
)
W7 = np.array([[3, 4, 4], [1, 0, 2], [-1, 0, 3]])
predict("size", None)
predict("last", None)


# %% jupyter={"source_hidden": true} cellView="form"
def sweep_stride(position):
    figure = plt.figure(figsize=(6.8, 4.3))
    h, w = draw_sweep(figure, X7, W7, position, stride=2)
    figure.suptitle(
        f"output[{h}, {w}] from rows {2 * h} to {2 * h + 2}, columns {2 * w} to {2 * w + 2}"
    )
    return figure


animate(
    sweep_stride,
    range(9),
    "A kernel of 3 by 3 moves over an image of 7 by 7 in steps of two pixels. It stops at rows 0, "
    "2 and 4 and at columns 0, 2 and 4, and fills an output of 3 by 3. The last value, from the "
    "lower right corner, is 74.",
    seconds=1.2,
)

# %% [markdown]
# With stride $s$, the patch for output $(h, w)$ starts at row $sh$ and column $sw$:
#
# $$Z_{h,w} = \sum_{r=0}^{f_H-1} \; \sum_{q=0}^{f_W-1} X_{sh+r,\; sw+q} \; W_{r,q}$$
#
# So stride 2 keeps every second row and column of the output with stride 1, that is,
# `cross_correlate(X7, W7)[::2, ::2]`.
#
# <details>
# <summary>Answers to the predictions</summary>
#
# The patches can start at rows 0, 2, 4, 6 and at columns 0, 2, 4, 6, 8, so the first shape is
# `(4, 5)`. In general, a kernel of size $f$ with stride $s$ has
# $\lfloor (n - f) / s \rfloor + 1$ positions along an axis of length $n$, where
# $\lfloor \; \rfloor$ rounds down. The last value is $(9 + 16 + 24) + (9 + 0 + 6) + (-2 + 0 + 12) =$
# [74]{= int(cross_correlate(X7, W7)[::2, ::2][-1, -1]) }.
#
# </details>
#
# ## What the weights do: blur, sharpen, emboss
#
# A 3 x 3 kernel has [271,150]{= f'{(photo.shape[0] - 2) * (photo.shape[1] - 2):,}' } positions on the
# photograph, so a Python loop is slow. But each weight $W_{r,q}$ is multiplied by $X_{h+r,\, w+q}$
# for all $h$ and $w$, that is, by the whole image shifted by $(r, q)$. The output is a weighted sum
# of shifted images, and two short loops over the kernel are enough. Replacing loops by array
# operations is called [**vectorization**](glossary.md#vectorization).
#
# The next cell also defines three kernels. `blur` has nine equal weights that add up to 1, so each
# output value is the mean of its patch. (The figure below uses 7 x 7 weights.) `sharpen` does the
# opposite and amplifies the differences between a pixel $x$ and its four neighbors
# $x_1, \dots, x_4$:
#
# $$5x - (x_1 + x_2 + x_3 + x_4) = x + (x - x_1) + (x - x_2) + (x - x_3) + (x - x_4)$$
#
# **Predict.** An image has the row 10, 10, 10, 40, 40, 40, and all its rows are the same. What does
# `sharpen` give at the last 10?

# %%
with_loops = cross_correlate(X7, W7)


def cross_correlate(X, W):
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for r in range(f_H):
        for q in range(f_W):
            Z += W[r, q] * X[r : r + n_H, q : q + n_W]  # a shifted copy
    return Z


np.testing.assert_array_equal(cross_correlate(X7, W7), with_loops)
blur = np.ones((3, 3)) / 9
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
emboss = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
predict("sharpen", None)

# %% jupyter={"source_hidden": true} cellView="form"
brightness_step = np.tile([10, 10, 10, 40, 40, 40], (5, 1))
print("step:     ", brightness_step[2, 1:-1])
print("blurred:  ", cross_correlate(brightness_step, blur)[1].round(6))
print("sharpened:", cross_correlate(brightness_step, sharpen)[1])

wide_blur = np.ones((7, 7)) / 49
tower = photo[20:230, 70:340]

fig, axes = plt.subplots(2, 2, figsize=(7, 5.9), layout="constrained")
draw_image(axes[0, 0], tower, "original", (0, 255), scale=False)
draw_image(axes[0, 1], cross_correlate(tower, wide_blur), "blur, 7 x 7", (0, 255), scale=False)
draw_image(axes[1, 0], cross_correlate(tower, sharpen), "sharpen", (0, 255), scale=False)
draw_image(axes[1, 1], cross_correlate(tower, emboss), "emboss", (0, 255), scale=False)
present(
    fig,
    "The upper part of the tower four times: the original; blurred, so that tiles and railings are "
    "gone and only large shapes are left; sharpened, with crisp tiles and railings; and embossed, "
    "like a relief in stone, where each edge has a bright side and a dark side.",
)

# %% [markdown] tags=["row-4"]
# Blurring turns the step into a ramp. Sharpening makes the dark side of the step darker and the
# bright side brighter. `emboss` brightens a pixel where the image gets brighter towards the lower
# right.
#
# **Look at the sum of the weights first.** On a patch with the same value $c$ everywhere, the output
# is $c$ times that sum. Here the sums are [1]{= f'{blur.sum():.0f}' }, [1]{= sharpen.sum() } and
# [1]{= emboss.sum() }, and uniform sky keeps its brightness. A kernel whose weights add up to 0
# gives 0 wherever the image is constant. Such a kernel can find edges.
#
# ## Sobel kernels
#
# An [**edge**](glossary.md#edge) is a position where the brightness changes abruptly. The weights
# $-1, 0, 1$ measure the change from left to right: right neighbor minus left neighbor. A single row
# is sensitive to noise, so Irwin Sobel and Gary Feldman (1968) averaged three rows, with twice the
# weight for the middle one. The **Sobel kernels** for the horizontal (x) and vertical (y) direction
# are
#
# $$S_x = \begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix}, \qquad
# S_y = \begin{pmatrix} -1 & -2 & -1 \\ 0 & 0 & 0 \\ 1 & 2 & 1 \end{pmatrix}.$$
#
# They approximate (up to a factor of 8) the partial derivatives $G_x$ and $G_y$ of the brightness,
# which together are its [**gradient**](glossary.md#gradient). The length of the gradient is the
# [**edge magnitude**](glossary.md#edge-magnitude):
#
# $$G = \sqrt{G_x^2 + G_y^2}$$
#
# **Predict.** The three rows of a small image are all 2, 2, 2, 7, 7. What does $S_x$ give? Answer with
# a list. And which outlines of the tower do you expect in $G_x$, which in $G_y$?

# %%
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = sobel_x.T
G_x = cross_correlate(photo, sobel_x)
G_y = cross_correlate(photo, sobel_y)
G = np.sqrt(G_x**2 + G_y**2)
predict("sobel", None)

# %% jupyter={"source_hidden": true} cellView="form"
small_edge, ramp = np.tile([2, 2, 2, 7, 7], (3, 1)), np.tile(np.arange(6), (3, 1))
print("step:", cross_correlate(small_edge, sobel_x), "and", cross_correlate(small_edge, sobel_y))
print("ramp:", cross_correlate(ramp, sobel_x), "for a change of 1 per pixel")

part = slice(20, 360), slice(50, 400)
drawing = 1 - 2 * G / G.max()
fig, axes = plt.subplots(2, 2, figsize=(7, 6.6), layout="constrained")
draw_image(axes[0, 0], photo[part], "photo", (0, 255), scale=False)
draw_image(axes[0, 1], drawing[part], "edge magnitude, dark on white", (0, 1), scale=False)
draw_image(axes[1, 0], G_x[part], "Sobel x", (-500, 500), scale=False)
draw_image(axes[1, 1], G_y[part], "Sobel y", (-500, 500), scale=False)
fig.colorbar(axes[1, 1].images[0], ax=axes[1])
present(
    fig,
    "The tower in the photograph, its edge magnitude, Sobel x and Sobel y. In the last two, white "
    "is 0, purple positive and orange negative, on one scale. Sobel x shows the pillars and the "
    "left and right outlines, the left one orange and the right one purple. Sobel y shows the rims "
    "of the roofs and the beams. The magnitude, dark on white, shows all of them.",
)

# %% [markdown] tags=["row-5"]
# Sobel x measures change *along* x, so it responds to **vertical** edges such as the pillars (some
# books call it the vertical Sobel filter), and Sobel y to the rims of the roofs. On the left outline
# of the tower, bright sky changes to dark wall, and $G_x$ is negative. The magnitude ignores the
# sign. Its mean is [4]{= f'{G[:100, 400:600].mean():.0f}' } in a patch of sky and
# [153]{= f'{G[100:300, 100:300].mean():.0f}' } on the tower. This is the drawing on the left of the
# first figure, and you made it with eighteen weights.
#
# ## A line detector: your first convolution layer
#
# A [**convolution layer**](glossary.md#convolution-layer) takes two more steps after sliding its
# kernel: it adds a [scalar](glossary.md#scalar) $b$, the [**bias**](glossary.md#bias), to every value,
# and it applies an [**activation function**](glossary.md#activation-function) $g$ element-wise:
#
# $$Z = X \star W + b, \qquad A = g(Z), \qquad g(z) = \max(z, 0)$$
#
# Here $\star$ is the cross-correlation, and $g$ is the most common activation function, the
# rectified linear unit ([**ReLU**](glossary.md#relu)): it keeps positive values and sets negative ones
# to 0. The entries
# of $A$ are the [**activations**](glossary.md#activation).
#
# Take an 8 x 8 image that is 0 everywhere except for a vertical line of ones in columns 3 and 4, the
# kernel $W = \begin{pmatrix} 0 & 1 & 0 \\ 0 & 1 & 0 \\ 0 & 1 & 0 \end{pmatrix}$, and $b = 0$. All
# rows of the feature map are the same.
#
# **Predict.** What is one row of the feature map? Answer with a list, such as `[1, 2, 3]`.

# %%
line = np.zeros((8, 8))
line[:, 3:5] = 1
detector = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0]])
b = 0
A_line = np.maximum(cross_correlate(line, detector) + b, 0)
predict("line", None)

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 3, figsize=(7, 3.5), width_ratios=[8, 3, 6], layout="constrained")
windows = [(0, 2, 3, 3, "tab:orange"), (2, 5, 3, 3, "black")]
draw_grid(axes[0], line, "image, 8 x 8", windows, scale=(0, 3))
draw_grid(axes[1], detector, "kernel", scale=(0, 3))
cells = [(0, 2, 1, 1, "tab:orange"), (2, 5, 1, 1, "black")]
draw_grid(axes[2], A_line, "feature map, 6 x 6", cells, scale=(0, 3))
present(
    fig,
    "Three grids. The image of 8 by 8 has ones in its columns 3 and 4. The kernel of 3 by 3 has "
    "ones in its middle column. The feature map of 6 by 6 has 3 in its columns 2 and 3, and zeros "
    "elsewhere. Two patches are outlined in the image, and their values in the map: rows 0 to 2, "
    "columns 2 to 4 (solid) give 3; rows 2 to 4, columns 5 to 7 (dashed) give 0.",
)

# %% [markdown]
# The numbers that a network learns are its [**parameters**](glossary.md#parameter). This layer has 9
# weights and 1 bias,
# [10]{= detector.size + 1 } parameters in all, whatever the size of the image. On a color image, it
# has one kernel for each channel and adds their outputs. Such a set of kernels is a
# [**filter**](glossary.md#filter), here
# with $3 \cdot 3 \cdot 3 =$ [27]{= 3 * 3 * 3 } weights and a bias (lesson 06).
#
# The bias can act as a threshold, so that a detector has no response where it has nothing to detect.
# **Predict.** Which bias $b$ makes the horizontal line `line.T` give 0 everywhere, and the vertical
# line the largest activation that this allows?

# %%
predict("bias", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $b = -2$. Without a bias, the largest activations are
# [3]{= int(A_line.max()) } for the vertical line and
# [2]{= int(np.maximum(cross_correlate(line.T, detector), 0).max()) } for the horizontal one. With
# $b = -2$, they are [1]{= int(np.maximum(cross_correlate(line, detector) - 2, 0).max()) } and
# [0]{= int(np.maximum(cross_correlate(line.T, detector) - 2, 0).max()) }.
#
# </details>
#
# We chose kernel and bias by hand. A network starts with random parameters and **learns** better ones
# from examples.
#
# ## Why not a dense layer?
#
# In a [**dense**](glossary.md#dense-layer) (fully connected) layer, every output has its own weight for
# every input value. A
# color image of 224 x 224 pixels has [150,528]{= f'{224 * 224 * 3:,}' } input values. A dense layer
# with 1,000 units needs [150,528,000]{= f'{224 * 224 * 3 * 1000:,}' } weights,
# and it has to learn separately, for every position in the image, what an edge looks like. Even for
# our tiny example, 36 outputs with 64 inputs each, a dense layer has
# [2,340]{= f'{A_line.size * (line.size + 1):,}' } parameters instead of 10.
#
# Convolution layers avoid both problems with two assumptions about images:
#
# - [**Local connectivity**](glossary.md#local-connectivity): an output depends on a small patch only.
# - [**Parameter sharing**](glossary.md#parameter-sharing): the same weights are used at every position.
#
# Such built-in assumptions are an [**inductive bias**](glossary.md#inductive-bias). A third property,
# [**translation equivariance**](glossary.md#translation-equivariance), follows from sharing: if the
# image shifts by one pixel, the feature map shifts by one pixel. When our line moves one column to the
# right, the row
# `[[0, 0, 3, 3, 0, 0]]{= cross_correlate(line, detector)[0].astype(int).tolist() }` becomes
# `[[0, 0, 0, 3, 3, 0]]{= cross_correlate(np.roll(line, 1, axis=1), detector)[0].astype(int).tolist() }`.
#
# ## Further: the same layer in Keras
#
# *You can skip this section.* Keras expects images of shape (examples, height, width, channels) and
# kernels of shape (height, width, input channels, output channels). With our weights, its `Conv2D`
# layer gives the same feature map, and with Sobel x it shows that Keras does not flip the kernel.

# %% needs="keras tensorflow"
import keras

model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(1, 3, activation="relu")])
model.set_weights([detector.reshape(3, 3, 1, 1), np.zeros(1)])
A_keras = model.predict(line.reshape(1, 8, 8, 1), verbose=0)
np.testing.assert_allclose(A_keras[0, :, :, 0], A_line)
model.set_weights([sobel_x.reshape(3, 3, 1, 1), np.zeros(1)])
A_keras = model.predict(line.reshape(1, 8, 8, 1), verbose=0)
np.testing.assert_allclose(A_keras[0, :, :, 0], np.maximum(cross_correlate(line, sobel_x), 0))
print("the same feature maps, with", model.count_params(), "parameters")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: design two kernels
#
# Write two 3 x 3 kernels: `difference`, whose output is the right neighbor of the middle pixel minus
# the left neighbor; and the [**Laplace kernel**](glossary.md#laplace-kernel), `laplace`, whose output
# is the sum of all four neighbors minus four times the middle pixel.

# %%
difference = None
laplace = None
### BEGIN SOLUTION
difference = np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]])
laplace = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
right_difference = np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]])
right_laplace = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
public_tests.check_answer(
    "Exercise 1, difference",
    difference,
    right_difference,
    "Which two of the nine pixels count, and with which sign? All other weights are 0.",
    [
        (-right_difference, "That is left minus right."),
        (right_difference.T, "That is below minus above."),
        (np.array([[0, 0, 0], [0, -1, 1], [0, 0, 0]]), "That is right minus middle."),
        (np.array([[0, 0, 0], [-1, 1, 0], [0, 0, 0]]), "That is middle minus left."),
        (np.array([[-1, 0, 1]] * 3), "That is the difference in three rows; use the middle row."),
        (sobel_x, "That is Sobel x: the difference in three rows. Use the middle row."),
        (np.array([-1, 0, 1]), "These weights belong in the middle row of a 3 x 3 kernel."),
        (np.array([[-1, 0, 1]]), "These weights belong in the middle row of a 3 x 3 kernel."),
    ],
)
public_tests.check_answer(
    "Exercise 1, laplace",
    laplace,
    right_laplace,
    "Four neighbors with weight 1. Which weight makes the sum of all weights 0?",
    [
        (-right_laplace, "All signs are reversed: the middle weight is the negative one."),
        (np.array([[1, 1, 1], [1, -8, 1], [1, 1, 1]]), "That uses all eight neighbors."),
        (np.array([[1, 1, 1], [1, -4, 1], [1, 1, 1]]), "The corners are not among the neighbors."),
        (sharpen, "That is the sharpening kernel. Its weights add up to 1."),
        (np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]]), "Four times the middle is subtracted."),
    ],
)

# %% [markdown]
# ### Exercise 2: add a stride
#
# Write a cross-correlation with stride $s$ that computes only the values it needs. Start from the
# version with loops over $h$ and $w$. (`//` divides and rounds down.)


# %%
def cross_correlate_stride(X, W, s):
    Z = None
    ### BEGIN SOLUTION
    f_H, f_W = W.shape
    n_H = (X.shape[0] - f_H) // s + 1
    n_W = (X.shape[1] - f_W) // s + 1
    Z = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            patch = X[h * s : h * s + f_H, w * s : w * s + f_W]
            Z[h, w] = np.sum(patch * W)
    ### END SOLUTION
    return Z


# %% jupyter={"source_hidden": true} cellView="form"
def right_size(X, W, s):
    return tuple((n - f) // s + 1 for n, f in zip(X.shape, W.shape, strict=True))


def with_gaps(X, W, s):
    Z = np.zeros(right_size(X, W, 1))
    Z[::s, ::s] = cross_correlate(X, W)[::s, ::s]
    return Z


GAPS = "Let h and w count the output, in steps of 1. The patch starts at row h * s, column w * s."
public_tests.check_function(
    "Exercise 2",
    cross_correlate_stride,
    lambda X, W, s: cross_correlate(X, W)[::s, ::s],
    [(X, W, 1), (X7, W7, 2), (X7, W7, 3), (np.arange(48).reshape(6, 8) % 7, W, 2), (X7, W7[:2], 2)],
    "Output row h uses the patch that starts at row h * s. How many such rows fit?",
    [
        (
            lambda X, W, s: cross_correlate(X, W),
            "This is the output for stride 1. Where does s enter?",
        ),
        (
            lambda X, W, s: cross_correlate(X, W)[
                : right_size(X, W, s)[0], : right_size(X, W, s)[1]
            ],
            "The size is right, but your patches move by one pixel at a time.",
        ),
        (
            lambda X, W, s: cross_correlate(X, W)[::s, ::s][:-1, :-1],
            "The last row and column are missing: the position at 0 counts, too.",
        ),
        (with_gaps, GAPS),
        (
            lambda X, W, s: with_gaps(X, W, s)[: right_size(X, W, s)[0], : right_size(X, W, s)[1]],
            GAPS,
        ),
        (
            lambda X, W, s: cross_correlate(X, W)[::s],
            "The rows are right. The columns have a stride as well.",
        ),
        (
            lambda X, W, s: cross_correlate(X, W)[:, ::s],
            "The columns are right. The rows have a stride as well.",
        ),
        (
            lambda X, W, s: cross_correlate(X[::s, ::s], W),
            "You downsampled the image first. The kernel must see all of the pixels.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `cross_correlate_buggy` passes its test on a 7 x 7 image. First find an image for which it fails with
# the 2 x 2 kernel `W` (a wrong result or an error). Then repair it: change a copy of its lines
# in `cross_correlate_fixed`.


# %%
def cross_correlate_buggy(X, W):
    f_H, f_W = W.shape
    n_H = X.shape[1] - f_H + 1
    n_W = X.shape[0] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            Z[h, w] = np.sum(X[h : h + f_H, w : w + f_W] * W)
    return Z


counterexample = None  # a 2-D array
### BEGIN SOLUTION
counterexample = X
### END SOLUTION


def cross_correlate_fixed(X, W):
    Z = None
    ### BEGIN SOLUTION
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1  # axis 0 is the height
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            Z[h, w] = np.sum(X[h : h + f_H, w : w + f_W] * W)
    ### END SOLUTION
    return Z


# %% jupyter={"source_hidden": true} cellView="form"
def cross_correlate_of_size(X, W, n_H, n_W):
    f_H, f_W = W.shape
    Z = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            Z[h, w] = np.sum(X[h : h + f_H, w : w + f_W] * W)
    return Z


NO_IMAGE = "not a 2-D array of numbers with at least 2 rows and 2 columns"


def outcome(image):
    try:
        image = np.asarray(image, dtype=float)
    except (TypeError, ValueError):
        return NO_IMAGE
    if image.ndim != 2 or min(image.shape) < 2:
        return NO_IMAGE
    try:
        wrong = not np.array_equal(cross_correlate_buggy(image, W), cross_correlate(image, W))
    except (ValueError, IndexError):
        wrong = True
    return "an image with a wrong result" if wrong else "an image with a right result"


public_tests.check_answer(
    "Exercise 3, counterexample",
    None if counterexample is None else outcome(counterexample),
    "an image with a wrong result",
    "The buggy function is right on 7 x 7 images. What is special about that shape?",
    [(NO_IMAGE, "Give the image itself, such as np.ones((7, 7)).")],
)
public_tests.check_function(
    "Exercise 3",
    cross_correlate_fixed,
    cross_correlate,
    [(X7, W7), (X, W), (X.T, W), (X7, W), (X7, W7[:2])],
    "Test it on the 3 x 4 image X. Which axis of an array is its height?",
    [
        (
            lambda X, W: cross_correlate_of_size(
                X, W, X.shape[1] - W.shape[0] + 1, X.shape[0] - W.shape[1] + 1
            ),
            "This is still right on square images only. Try the 3 x 4 image.",
        ),
        (
            lambda X, W: cross_correlate_buggy(X, W).T,
            "Transposing the output restores its shape, not its values.",
        ),
        (
            lambda X, W: cross_correlate_of_size(
                X, W, X.shape[0] - W.shape[0] + 1, X.shape[0] - W.shape[1] + 1
            ),
            "The height is right now. Look at the width.",
        ),
        (
            lambda X, W: cross_correlate_of_size(
                X, W, X.shape[1] - W.shape[0] + 1, X.shape[1] - W.shape[1] + 1
            ),
            "The width is right now. Look at the height.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the kernel below.
#
# 1. ... you apply `sobel_x - sobel_y` to the photograph? Which edges vanish, and which are strongest?
# 2. ... you apply the Laplace kernel to `brightness_step`? What does an edge look like?
# 3. ... the line detector sees an image of ones? And with the rows `[-1, 2, -1]` in its kernel?
# 4. ... you draw another photograph, in the last cell? For one of your own, name its file there, or
#    upload it with `draw_edges()`.

# %%
# Point at a pixel to see its window. For another image, replace tower, for example with brightness_step.
presets = {"Sobel x": sobel_x, "Sobel y": sobel_y, "detector": detector}
explore_kernel(tower, presets | {"blur": blur, "sharpen": sharpen, "emboss": emboss})

# %%
draw_edges("flower.jpg")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. The output equals `G_x - G_y`. Steps of 30 give up to
#    [180]{= int(cross_correlate(30 * np.tri(8, dtype=int).T, sobel_x - sobel_y).max()) } on a
#    **diagonal** edge where the image gets brighter to the upper right,
#    [0]{= int(np.abs(cross_correlate(30 * np.tri(8, dtype=int)[:, ::-1], sobel_x - sobel_y)).max()) }
#    to the lower right,
#    [120]{= int(cross_correlate(np.tile([0, 0, 0, 30, 30, 30], (6, 1)), sobel_x - sobel_y).max()) } on
#    a vertical edge and
#    [-120]{= int(cross_correlate(np.tile([0, 0, 0, 30, 30, 30], (6, 1)).T, sobel_x - sobel_y).min()) }
#    on a horizontal one.
# 2. One row of the output is
#    `[[0, 30, -30, 0]]{= cross_correlate(brightness_step, np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]))[1].astype(int).tolist() }`.
#    The edge lies where the sign changes. The Laplace kernel responds to edges of all directions, but
#    it is more sensitive to noise.
# 3. The detector gives [3]{= int(cross_correlate(np.ones((8, 8)), detector).max()) } everywhere, as on
#    the line. With the rows `[-1, 2, -1]`, whose weights add up to 0, it gives
#    [0]{= int(cross_correlate(np.ones((8, 8)), np.array([[-1, 2, -1]] * 3)).max()) } on ones and on a
#    horizontal line, and still [3]{= int(cross_correlate(line, np.array([[-1, 2, -1]] * 3)).max()) }
#    on the vertical line.
# 4. On the flower, the Sobel lines are faint where two petals of the same color meet. The network
#    draws these lines almost as boldly as the rim.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **read an image as an array:** `photo[row, column]`, shape $(n_H, n_W, n_C)$, `uint8` values from
#    0 to 255 that [overflow](glossary.md#overflow);
# 2. **compute a [cross-correlation](glossary.md#cross-correlation):** slide the kernel with
#    [stride](glossary.md#stride) $s$, and take the [dot product](glossary.md#dot-product) of
#    patch and kernel at each of the $\lfloor (n - f) / s \rfloor + 1$ positions along an axis;
# 3. **tell what a kernel does:** weights that add up to 1 keep the brightness, weights that add up to
#    0 respond to change; and one 3 x 3 kernel on one channel has 10 [parameters](glossary.md#parameter)
#    with its bias.
#
# | term in this course | you may also read |
# |---|---|
# | [**kernel**](glossary.md#kernel): a 2-D array of weights | convolution matrix, mask |
# | [**filter**](glossary.md#filter): the kernels for all input channels | kernel |
# | [**patch**](glossary.md#patch): the part of the input under the kernel | window |
# | [**feature map**](glossary.md#feature-map): the output of a convolution | activation map |
# | [**dense layer**](glossary.md#dense-layer) | fully connected layer, linear layer |
#
# | symbol in this course | meaning | you may also read |
# |---|---|---|
# | $m$; $n_H, n_W, n_C$ | examples; height, width, channels | $N$; $H, W, C$ |
# | $f$, $p$, $s$ | kernel size, padding, stride | $K$ or $F$, $P$, $S$ |
# | $i$; $h, w$; $c$ | example; output row and column; output channel | |
# | $r, q$; $k$ | row and column in the kernel; input channel | |
#
# ## What to read next
#
# - Next is lesson 04, on [padding](04_padding.ipynb): what happens at the border of an image. Lesson
#   02, [The mathematics of convolution](03_mathematics_of_convolution.ipynb), is optional.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), sections 7.1 and 7.2:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/index.html).
# - Xie and Tu, *Holistically-Nested Edge Detection* (ICCV 2015), the network of the first figure:
#   [arXiv:1504.06375](https://arxiv.org/abs/1504.06375).
# - Gonzalez and Woods, *Digital Image Processing* (4th edition, 2018), chapter 3.
