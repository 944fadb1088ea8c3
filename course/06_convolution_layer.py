# %% [markdown]
# # The convolution layer
#
# In lesson 01, one kernel turned a grayscale image into one feature map. But a single kernel detects
# only one kind of edge, and a grayscale image cannot tell an orange petal from an equally bright leaf.
# How does a layer combine all three color channels, and how does it detect many patterns at once? Run
# the next two code cells to see both.

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.data import digits, load_sample_image
from convnet.edges import load_blocks, normalized
from convnet.functional import conv2d
from convnet.plots import draw_grid, draw_image
from lesson_tools.figures import animate
from lesson_tools.questions.convolution_layer import predict

flower = load_sample_image("flower.jpg")[87:, 150:490]
network = load_blocks()
W_learned, b_learned = network.blocks[0][0]
A_learned = np.maximum(conv2d(normalized(flower), W_learned, b_learned, padding=1), 0)


fig, axes = plt.subplots(2, 3, figsize=(9, 6.4), layout="constrained")
draw_image(axes[0, 0], flower, "a photograph", (0, 1), scale=False)
for ax, c in zip(axes.flat[1:5], (0, 10, 19, 25), strict=True):
    draw_image(ax, A_learned[0, :, :, c], f"feature map {c}", (0, 150), scale=False)
draw_image(axes[1, 2], 1 - network.draw(flower), "the network's drawing", (0, 1), scale=False)
present(
    fig,
    "Six images in two rows: a photograph of an orange dahlia in front of dark green leaves; four "
    "feature maps on one scale, from black for 0 to white; and the network's drawing. Map 0 shows "
    "thin bright edges on the right sides of the petals, map 10 on their lower sides. Map 19 is bright "
    "on the whole flower, map 25 on the leaves around it and black on the flower. The drawing has "
    "bold black outlines of all petals on white.",
)

# %% [markdown]
# The drawing is the output of the edge network of lesson 01. The four feature maps come from the
# network's **first layer**, which takes the 3 channels of the photograph and returns
# [64]{= A_learned.shape[3] } feature maps. Some filters respond to edges of one direction: maps 0
# and 10 show the right and the lower edges of the petals. Others respond to colors: map 19 is bright on
# the flower, map 25 around it. The whole layer has
# [1,792]{= f'{W_learned.size + b_learned.size:,}' } parameters, fewer than a single unit of a dense
# layer needs for a color image of 25 x 25 pixels.
#
# A network with such layers is a
# [**convolutional neural network**](glossary.md#convolutional-neural-network) (CNN). This lesson shows
# what one layer computes, number by number.
#
# **By the end of this lesson you will be able to**
#
# 1. explain local connectivity and parameter sharing, and what a dense layer does without them;
# 2. compute the output of a convolution layer with several channels and several filters, by hand
#    and in NumPy, and say which patch each value comes from;
# 3. count the parameters of a convolution layer.
#
# **Time:** about 45 minutes. **You need:** [Images and filters](01_images_and_filters.ipynb) and
# [Padding](04_padding.ipynb).

# %% [markdown] tags=["row-11"]
# ## Dense layers on images
#
# A network of [dense layers](glossary.md#dense-layer) only is called a
# [**multilayer perceptron**](glossary.md#multilayer-perceptron) (MLP). Each [**unit**](glossary.md#unit)
# of a layer computes one output, a weighted sum of all inputs plus a bias. With the inputs in a 1-D
# array $x$ and the weights in a matrix $W$, one column per unit, the layer computes $z = xW + b$.
#
# An image is not a 1-D array, so it has to be [**flattened**](glossary.md#flattening) first: its rows
# are placed one after the other. What happens to the arrangement of the pixels? Here is a handwritten
# digit of 8 x 8 pixels, next to the same 64 pixels in a random order.

# %% jupyter={"source_hidden": true} cellView="form"
image = digits().train_images[0, :, :, 0]
order = np.random.default_rng(0).permutation(64)
shuffled = image.reshape(64)[order].reshape(8, 8)

fig, axes = plt.subplots(1, 2, figsize=(5, 2.6), layout="constrained")
draw_image(axes[0], image, "a digit", (0, image.max()), scale=False)
draw_image(axes[1], shuffled, "its pixels, shuffled", (0, image.max()), scale=False)
present(
    fig, "Left, a bright ring on black: a zero. Right, its pixels in random order, a noise image."
)

# %% [markdown]
# **Predict.** A dense layer with 10 units sees the digit. A second dense layer sees the shuffled
# digit. It has the same weights, with the rows of its weight matrix shuffled like the pixels. Are its
# ten outputs the same, `"yes"` or `"no"`?

# %%
predict("shuffled", None)

# %% jupyter={"source_hidden": true} cellView="form"
rng = np.random.default_rng(1)
W_dense, b_dense = rng.standard_normal((64, 10)), rng.standard_normal(10)

z_digit = image.reshape(64) @ W_dense + b_dense
z_shuffled = shuffled.reshape(64) @ W_dense[order] + b_dense
print("digit:   ", np.round(z_digit[:4], 4), "...")
print("shuffled:", np.round(z_shuffled[:4], 4), "...")
np.testing.assert_allclose(z_digit, z_shuffled)

# %% [markdown] tags=["row-11"]
# If the pixels of all digits are shuffled in the same way, a dense layer learns from them as well as
# from the originals, although to you they are only noise. The layer is not built to know which pixels
# are neighbors; it has to learn that from examples.
#
# The second problem is the number of weights. You saw in lesson 01 that 1,000 units on a color image of
# 224 x 224 pixels need more than 150 million of them.
#
# ## Local connectivity and parameter sharing
#
# Lesson 01 named two assumptions that remove both problems.
# [**Local connectivity**](glossary.md#local-connectivity): a unit sees a small patch only.
# [**Parameter sharing**](glossary.md#parameter-sharing): all units use the same weights, each on its own
# patch. To see what they do to a dense layer, take an image of 3 x 3 pixels, flattened to
# $x_0, \dots, x_8$, and four units $z_0, \dots, z_3$, one for each position of a 2 x 2 kernel. With weights
# $w_0, \dots, w_3$ and bias $b$, the convolution computes
#
# $$\begin{aligned}
# z_0 &= w_0 x_0 + w_1 x_1 + w_2 x_3 + w_3 x_4 + b \\
# z_1 &= w_0 x_1 + w_1 x_2 + w_2 x_4 + w_3 x_5 + b \\
# z_2 &= w_0 x_3 + w_1 x_4 + w_2 x_6 + w_3 x_7 + b \\
# z_3 &= w_0 x_4 + w_1 x_5 + w_2 x_7 + w_3 x_8 + b
# \end{aligned}$$
#
# **Predict.** How many parameters, biases included, do a dense layer with four units on nine pixels
# and this convolution have? Answer with a tuple, `(dense, convolution)`.

# %%
predict("small", None)

# %% jupyter={"source_hidden": true} cellView="form"
patch_pixels = [[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]
dense_table = np.arange(36.0).reshape(4, 9)
local_table, shared_table = np.full((4, 9), np.nan), np.full((4, 9), np.nan)
W_matrix, kernel = np.zeros((9, 4)), np.array([[1, 2], [0, -1]])
for unit, pixels in enumerate(patch_pixels):
    local_table[unit, pixels] = np.arange(4) + 4 * unit
    shared_table[unit, pixels] = np.arange(4)
    W_matrix[pixels, unit] = kernel.reshape(4)
x = np.array([[1, 0, 2], [3, 1, 0], [2, 2, 1]])
np.testing.assert_allclose(  # the claim of the text below, for one kernel
    x.reshape(9) @ W_matrix + 5,
    conv2d(x.reshape(1, 3, 3, 1), kernel.reshape(2, 2, 1, 1), np.array([5])).reshape(4),
)
tables = {
    "dense: 36 weights": dense_table,
    "local: 16 weights": local_table,
    "local and shared: 4 weights": shared_table,
}
fig, axes = plt.subplots(3, 1, figsize=(5.4, 8), layout="constrained")
for ax, (title, table) in zip(axes, tables.items(), strict=True):
    draw_grid(ax, table, title)
    for row, column in np.argwhere(np.isnan(table)):  # no connection
        blank = plt.Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor="white", edgecolor="0.5")
        ax.add_patch(blank)
    ax.set_xticks(range(9), [f"$x_{k}$" for k in range(9)], fontsize=10)
    ax.set_yticks(range(4), [f"$z_{k}$" for k in range(4)], fontsize=10)
present(
    fig,
    "Three tables, one below the other, with a row for each unit z0 to z3 and a column for each pixel "
    "x0 to x8. An entry is the number of the weight that connects them. The dense table is full, with "
    "weights 0 to 35. "
    "The local one has four entries in each row, the pixels of the unit's patch, with weights 0 to 15. "
    "The shared one has the same positions, and every row uses weights 0 to 3, so each shade runs "
    "along a diagonal.",
)

# %% [markdown] tags=["row-8"]
# The number in a cell says which weight connects this unit with this pixel; an empty cell says that
# they are not connected.
#
# <details>
# <summary>Answer</summary>
#
# - dense: $4 \cdot (9 + 1) =$ [40]{= 4 * (9 + 1) } parameters,
# - local: $4 \cdot (4 + 1) =$ [20]{= 4 * (4 + 1) },
# - local and shared: $4 + 1 =$ [5]{= 4 + 1 }, because the units share the bias, too.
#
# </details>
#
# **A convolution is a dense layer** in which most weights are zero and the others are repeated. It can
# compute fewer functions than a dense layer, and that is its advantage: the
# [inductive bias](glossary.md#inductive-bias) fits images, and few weights can be learned from few
# examples.
#
# ## A single step of convolution
#
# An image usually has several channels. Our next image, `a_prev`, has 3 rows, 4 columns and 2 channels.
# A [**filter**](glossary.md#filter) has a kernel for each channel of its input. With kernels of 2 x 2, its
# shape is (2, 2, 2).

# %% jupyter={"source_hidden": true} cellView="form"
channel_0 = np.array([[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1]])
channel_1 = np.array([[0, 2, 1, 0], [2, 0, 0, 1], [1, 1, 2, 0]])
a_prev = np.stack([channel_0, channel_1], axis=-1)  # the channels are the last axis
filter_0 = np.stack([[[1, 0], [0, 1]], [[0, 2], [-1, 0]]], axis=-1)

orange = "tab:orange"
fig, axes = plt.subplots(1, 4, figsize=(9.5, 2.6), width_ratios=[4, 4, 2, 2], layout="constrained")
draw_grid(axes[0], channel_0, "image, channel 0", [(0, 0, 2, 2, orange)], scale=(0, 3))
draw_grid(axes[1], channel_1, "image, channel 1", [(0, 0, 2, 2, orange)], scale=(0, 3))
draw_grid(axes[2], filter_0[:, :, 0], "filter,\nchannel 0", scale=(-2, 2))
draw_grid(axes[3], filter_0[:, :, 1], "filter,\nchannel 1", scale=(-2, 2))
present(
    fig,
    "Four grids. Channel 0 of the image: 1 0 2 1, 0 3 1 0, 2 1 0 1. Channel 1: 0 2 1 0, 2 0 0 1, "
    "1 1 2 0. The patch in rows 0 and 1 and columns 0 and 1 is outlined in both. Filter, channel "
    "0: 1 0, 0 1; channel 1: 0 2, -1 0.",
)

# %% [markdown]
# The outlined patch is `a_prev[0:2, 0:2, :]`: rows 0 and 1, columns 0 and 1, all channels. It has the
# shape of the filter, `[(2, 2, 2)]{= a_prev[0:2, 0:2, :].shape }`. Take the dot product of patch and filter
# over rows, columns **and channels**, and add the bias once:
#
# $$z = \sum_{r=0}^{f-1}\ \sum_{q=0}^{f-1}\ \sum_{k=0}^{n_{C_{prev}}-1} a_{r,q,k}\; W_{r,q,k} + b$$
#
# Here $a$ is the patch, $f$ the kernel size, and $n_{C_{prev}}$ the number of channels of the previous
# layer's output (`n_C_prev` in code), which is the input of this layer.
#
# **Predict.** The filter has bias $b = 1$. What is its output $z$ for the outlined patch?

# %%
predict("step", None)

# %% [markdown] tags=["row-8", "row-10"]
# <details>
# <summary>Answer</summary>
#
# Channel 0 gives $1 \cdot 1 + 0 \cdot 0 + 0 \cdot 0 + 3 \cdot 1 =$
# [4]{= np.sum(a_prev[:2, :2, 0] * filter_0[:, :, 0]) }, channel 1 gives
# $0 \cdot 0 + 2 \cdot 2 + 2 \cdot (-1) + 0 \cdot 0 =$
# [2]{= np.sum(a_prev[:2, :2, 1] * filter_0[:, :, 1]) }, and with the bias the result is
# **[7]{= np.sum(a_prev[:2, :2] * filter_0) + 1 }**.
#
# </details>
#
# Two channels go in, and **one number** comes out: the channels are summed. You will write this step
# yourself in the assignment [A single step of convolution](../release/single_step/single_step.ipynb).
#
# ## The forward pass
#
# Computing the output of a network from its input, layer by layer, is called the
# [**forward pass**](glossary.md#forward-pass). In a convolution layer, a filter slides over the image and
# computes one number at each position. Together these numbers are the filter's feature map. A second
# filter computes a second feature map. The feature maps are stacked and become the **channels of the
# output**.

# %% jupyter={"source_hidden": true} cellView="form"
from matplotlib.patches import Polygon


def draw_volume(ax, x, y, shape, colors, label, marked=None):
    """Draw a volume as a block of cells: rows, columns, and channels one behind the other.

    `marked` rows and columns are outlined at the upper left, through the full depth.
    """
    n_H, n_W, n_C = shape
    back = np.array([0.42, 0.3])  # one channel further back

    def face(corner, side, other, color):
        points = np.array([corner, corner + side, corner + side + other, corner + other])
        ax.add_patch(Polygon(points, facecolor=color, edgecolor="0.3", lw=1))

    right, up = np.array([1, 0]), np.array([0, 1])
    for k in range(n_C):
        at = np.array([x, y]) + k * back
        for w in range(n_W):
            face(at + w * right + n_H * up, right, back, colors[k])
        for h in range(n_H):
            face(at + n_W * right + h * up, up, back, colors[k])
    for h in range(n_H):
        for w in range(n_W):
            face(np.array([x + w, y + h]), right, up, colors[0])
    ax.text(x + n_W / 2 + 0.2, y - 0.25, label, ha="center", va="top", fontsize=12)
    if marked:
        rows, columns = marked
        top_left, depth = np.array([x, y + n_H]), n_C * back
        front = [
            top_left,
            top_left + [columns, 0],
            top_left + [columns, -rows],
            top_left + [0, -rows],
        ]
        top = [top_left, top_left + depth, top_left + depth + [columns, 0], top_left + [columns, 0]]
        line = {"fill": False, "edgecolor": "black", "lw": 3.5, "joinstyle": "round"}
        for points in (front, top):
            ax.add_patch(Polygon(np.array(points), **line))


fig, ax = plt.subplots(figsize=(9, 4.2), layout="constrained")
ax.set(xlim=(-0.3, 16.2), ylim=(-1.8, 5.6), aspect="equal")
ax.axis("off")
first_color, second_color = "#f9c58d", "#b9b4dc"
draw_volume(ax, 0, 0.5, (3, 4, 2), ["#dbe9f6", "#a8cbe6"], "input: 3 x 4 x 2", (2, 2))
draw_volume(ax, 7, 2.9, (2, 2, 2), [first_color] * 2, "filter 0: 2 x 2 x 2")
draw_volume(ax, 7, -0.9, (2, 2, 2), [second_color] * 2, "filter 1: 2 x 2 x 2")
draw_volume(ax, 12, 1, (2, 3, 2), [first_color, second_color], "output: 2 x 3 x 2", (1, 1))
arrow = {"arrowstyle": "->", "lw": 1.5, "color": "0.3"}
for y_filter, y_output in ((4.1, 2.7), (0.3, 1.5)):
    ax.annotate("", (6.8, y_filter), (5.2, 2.2), arrowprops=arrow)
    ax.annotate("", (11.8, y_output), (10.1, y_filter), arrowprops=arrow)
present(
    fig,
    "Blocks of cells. The input has 3 rows, 4 columns and 2 channels, one behind the other. A patch "
    "of 2 by 2 cells at its upper left is outlined, through both channels. Arrows lead from it to two "
    "filters of the same size as the patch, and from them to the output of 2 rows, 3 columns and 2 "
    "channels: the front one in the color of filter 0, the other in that of filter 1. The upper left "
    "cell of both channels is outlined: what the two filters compute from the patch.",
)

# %% [markdown]
# The outlined patch goes to both filters, and each of them computes one of the two outlined values.
# Arrays like these are called [**volumes**](glossary.md#volume). Height and width are their
# [**spatial dimensions**](glossary.md#spatial-dimensions), the number of channels is their
# [**depth**](glossary.md#depth). A filter always reaches through the full depth of its input.
#
# The next cell defines filter 1, whose bias is $-1$, and computes both feature maps with `conv2d`, the
# course's convolution layer. Before you run the animation, compute one value of each map by hand.

# %%
filter_1 = np.stack([[[1, -1], [2, 0]], [[0, 1], [0, -2]]], axis=-1)
W = np.stack([filter_0, filter_1], axis=-1)  # the filters are the last axis
b = np.array([1, -1]).reshape(1, 1, 1, 2)
A_prev = a_prev.reshape(1, 3, 4, 2)  # a batch of one image

Z = conv2d(A_prev, W, b.reshape(2))  # it takes the biases as a 1-D array


# %% jupyter={"source_hidden": true} cellView="form"
def draw_step(position):
    """Draw one position of the patch: image, filters, and both feature maps up to this position."""
    h, w = divmod(position, 3)
    fig, axes = plt.subplots(
        2, 4, figsize=(9.5, 4.8), width_ratios=[4, 2, 2, 3], layout="constrained"
    )
    so_far = Z[0].copy()
    so_far[h, w + 1 :], so_far[h + 1 :] = np.nan, np.nan
    for n in range(2):
        patch = [(h, w, 2, 2, orange)]
        draw_grid(axes[n, 0], a_prev[:, :, n], f"image, channel {n}", patch, scale=(0, 3))
        draw_grid(axes[n, 1], W[:, :, n, 0], f"filter 0,\nchannel {n}", scale=(-2, 2))
        draw_grid(axes[n, 2], W[:, :, n, 1], f"filter 1,\nchannel {n}", scale=(-2, 2))
        title = f"feature map {n}\n(filter {n}, bias {b[0, 0, 0, n]})"
        draw_grid(axes[n, 3], so_far[:, :, n], title, [(h, w, 1, 1, orange)], scale=(-7, 7))
    return fig


animate(
    draw_step,
    range(6),
    "A patch of 2 by 2 pixels moves over both channels of the image, six positions in all. At each "
    "position each filter computes a number, which appears in its feature map. At the end map 0 "
    "holds 7 4 3, 1 3 3 and map 1 holds 2 4 0, -2 -1 1.",
    seconds=1.6,
)

# %% [markdown]
# With stride $s$, the value at row $h$ and column $w$ comes from the patch whose upper left corner is at
# row $hs$ and column $ws$ of the **padded** input $A^{pad}$. For example $i$ and output channel $c$,
#
# $$Z_{i,h,w,c} = \sum_{r=0}^{f-1}\ \sum_{q=0}^{f-1}\ \sum_{k=0}^{n_{C_{prev}}-1}
# A^{pad}_{i,\, hs+r,\, ws+q,\, k}\; W_{r,q,k,c} + b_c$$
#
# These are the arrays, under the names that the assignments use:
#
# | array | shape | here |
# |---|---|---|
# | `A_prev`, the input | `(m, n_H_prev, n_W_prev, n_C_prev)` | [(1, 3, 4, 2)]{= A_prev.shape } |
# | `W`, the weights; `W[:, :, :, c]` is filter `c` | `(f, f, n_C_prev, n_C)` | [(2, 2, 2, 2)]{= W.shape } |
# | `b`, a bias per filter, added at every position by [**broadcasting**](glossary.md#broadcasting) | `(1, 1, 1, n_C)` | [(1, 1, 1, 2)]{= b.shape } |
# | `Z`, the output; `Z[i, :, :, c]` is a feature map | `(m, n_H, n_W, n_C)` | [(1, 2, 3, 2)]{= Z.shape } |
#
# The output height is $n_H = \lfloor (n_{H_{prev}} + 2p - f)/s \rfloor + 1$, where $\lfloor\ \rfloor$
# rounds down. The output width follows from $n_{W_{prev}}$ in the same way. (More in lesson 08.)
#
# **Predict.** A batch of 2 images with 5 rows, 7 columns and 4 channels goes through a layer with 8
# filters of size 3 x 3, padding 1 and stride 2. What is the shape of `Z`? Answer with a tuple.

# %%
predict("shape", None)

# %% jupyter={"source_hidden": true} cellView="form"
np.random.seed(1)
A_random = np.random.randn(2, 5, 7, 4)
W_random = np.random.randn(3, 3, 4, 8)
b_random = np.random.randn(1, 1, 1, 8)
Z_random = conv2d(A_random, W_random, b_random.reshape(8), stride=2, padding=1)
np.testing.assert_allclose(Z_random.mean(), 0.5511276474566768)
np.testing.assert_allclose(Z_random[0, 2, 1, :3], [-2.17796037, 8.07171329, -0.5772704], rtol=1e-6)
print("Z.shape =", Z_random.shape, "  Z.mean() =", Z_random.mean())
try:
    conv2d(A_prev, np.ones((2, 2, 3, 1)))
except ValueError as error:
    print("\nA filter of the wrong depth:", str(error).replace(": ", ":\n"), sep="\n")

# %% [markdown] tags=["row-8"]
# You will write such a layer yourself in the assignment
# [The forward pass](../release/conv_forward/conv_forward.ipynb); the mean above is the reference
# output of its check.
#
# A filter must have as many channels as its input. The last lines above are the error message of
# `conv2d` when a filter for color images, shape (2, 2, 3, 1), meets our image with 2 channels. The number
# of *filters* is free. It is a [**hyperparameter**](glossary.md#hyperparameter), a number that the
# designer of a network chooses, like $f$, $p$ and $s$; the weights and biases are learned.
#
# ## The activation function
#
# As in lesson 01, an [activation function](glossary.md#activation-function) $g$ is applied element-wise,
# here [ReLU](glossary.md#relu). The activations
# $A = g(Z)$ are the input of the next layer. Which values of our two feature maps will change?

# %% jupyter={"source_hidden": true} cellView="form"
A = np.maximum(Z, 0)
fig, axes = plt.subplots(1, 4, figsize=(9.5, 2.2), layout="constrained")
for c in range(2):
    draw_grid(axes[2 * c], Z[0, :, :, c], f"Z, map {c}", scale=(-7, 7))
    draw_grid(axes[2 * c + 1], A[0, :, :, c], f"A, map {c}", scale=(-7, 7))
present(
    fig,
    "Feature map 0 is the same before and after ReLU: 7 4 3, 1 3 3. In map 1, 2 4 0, -2 -1 1, the "
    "two negative numbers become 0.",
)

# %% [markdown]
# You can read an activation as *how strongly the pattern of the filter is present here*, with 0 for
# *not at all*.
#
# **Why not leave ReLU out?** Because a composition of linear maps is linear: without a nonlinearity
# (and without padding), two convolutions of 3 x 3 are one convolution of 5 x 5. Each weight of the second
# kernel adds a scaled and shifted copy of the first:

# %%
rng = np.random.default_rng(2)
X = rng.standard_normal((1, 9, 10, 1))
first, second = rng.standard_normal((2, 3, 3))

both = np.zeros((5, 5))
for r in range(3):
    for q in range(3):
        both[r : r + 3, q : q + 3] += second[r, q] * first

Z_1 = conv2d(X, first.reshape(3, 3, 1, 1))
Z_2 = conv2d(Z_1, second.reshape(3, 3, 1, 1))
Z_relu = conv2d(np.maximum(Z_1, 0), second.reshape(3, 3, 1, 1))
Z_both = conv2d(X, both.reshape(5, 5, 1, 1))
print("without ReLU, largest difference:", np.abs(Z_2 - Z_both).max().round(12))
print("with ReLU, largest difference:   ", np.abs(Z_relu - Z_both).max().round(2))

# %% [markdown] tags=["row-11"]
# With ReLU between them, the two layers compute something else, and in general no single kernel can
# do the same. Lesson 11 has more on activation functions.
#
# The 5 x 5 kernel also shows how far the second layer sees. Each of its values depends on 5 x 5 pixels of
# the image, its [**receptive field**](glossary.md#receptive-field), although each kernel is 3 x 3.
# Receptive fields grow from layer to layer. That makes a *hierarchy of features* possible: edges and
# colors first, then corners and textures, then parts such as an eye or a wheel.
# [What filters see](23_what_filters_see.ipynb) looks for it in a trained network.
#
# ## Counting parameters
#
# A filter has $f \cdot f \cdot n_{C_{prev}}$ weights and one bias, and the layer has $n_C$ filters:
#
# $$\left(f \cdot f \cdot n_{C_{prev}} + 1\right) \cdot n_C$$
#
# The height and width of the image do not appear in this formula.
#
# **Predict.** How many parameters does a layer with four 5 x 5 filters have on a color image of
# 32 x 32 pixels?

# %%
predict("color", None)

# %% [markdown] tags=["row-10"]
# <details>
# <summary>Answer</summary>
#
# Each filter has 3 channels, so the layer has $(5 \cdot 5 \cdot 3 + 1) \cdot 4 =$
# [304]{= (5 * 5 * 3 + 1) * 4 } parameters. For a grayscale image there would be
# [104]{= (5 * 5 * 1 + 1) * 4 }. A single filter has [76]{= 5 * 5 * 3 + 1 } parameters on the
# color image and [26]{= 5 * 5 * 1 + 1 } on the grayscale image, and its feature map is 28 x 28 on
# both, because the channels of the input are summed.
#
# </details>
#
# <details>
# <summary>How much do the two assumptions save?</summary>
#
# Three layers that turn this color image into 28 x 28 x 4 outputs:
#
# | layer | parameters |
# |---|---:|
# | dense: each unit sees all [3,072]{= f'{32 * 32 * 3:,}' } input values | [9,636,928]{= f'{(32 * 32 * 3 + 1) * 28 * 28 * 4:,}' } |
# | local: each unit sees a patch of [75]{= 5 * 5 * 3 } values | [238,336]{= f'{(5 * 5 * 3 + 1) * 28 * 28 * 4:,}' } |
# | local and shared: the [784]{= 28 * 28 } units of a map use one filter | [304]{= (5 * 5 * 3 + 1) * 4 } |
#
# </details>
#
# ## Four filters on a photograph
#
# Since the weights do not depend on the size of the image, one layer works on images of any size. Let
# us design one by hand, with four filters of shape (3, 3, 3). Filters 0 and 1 have a third of a Sobel
# kernel in every color channel, so they respond to changes of the brightness, the mean of the three
# channels. Filters 2 and 3 compare the colors of the middle pixel.

# %%
photo = load_sample_image("flower.jpg")[None] / 255  # a batch of one, values from 0 to 1
part = photo[:, 87:, 150:490]  # the dahlia of the first figure
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])

W_photo = np.zeros((3, 3, 3, 4))
W_photo[:, :, :, 0] = sobel_x[:, :, None] / 3  # the same in all three channels
W_photo[:, :, :, 1] = sobel_x.T[:, :, None] / 3
W_photo[1, 1, :, 2] = [1, -0.5, -0.5]  # red minus the mean of green and blue
W_photo[1, 1, :, 3] = [-0.5, 1, -0.5]  # green minus the mean of red and blue

for images in (photo, part):
    A_photo = np.maximum(conv2d(images, W_photo, padding=1), 0)
    print(images.shape, "to", A_photo.shape)

# %% [markdown]
# **Predict.** Which of the four maps is bright on the whole orange flower, and which on the green
# leaves? Answer with a tuple, `(flower, leaves)`. Also decide which side of the flower's outline is
# bright in map 0, and which in map 1.

# %%
predict("maps", None)

# %% jupyter={"source_hidden": true} cellView="form"
# What exercise 4 asks for.
pixels = part.reshape(-1, 3)[np.random.default_rng(3).permutation(part.shape[1] * part.shape[2])]
A_shuffled = np.maximum(conv2d(pixels.reshape(part.shape), W_photo, padding=1), 0)
A_swapped = np.maximum(conv2d(part[..., ::-1], W_photo, padding=1), 0)
A_both = np.maximum(conv2d(part[..., ::-1], W_photo[:, :, ::-1], padding=1), 0)
np.testing.assert_allclose(A_both, A_photo, atol=1e-12)
np.testing.assert_allclose(A_swapped[..., [0, 1, 3]], A_photo[..., [0, 1, 3]], atol=1e-12)
middle = np.s_[0, 100:200, 100:200]  # inside the flower

titles = ["0: brighter to the right", "1: brighter downwards", "2: red", "3: green"]
fig, axes = plt.subplots(2, 3, figsize=(9, 6.4), layout="constrained")
draw_image(axes[0, 0], part[0], "the photograph", (0, 1), scale=False)
draw_image(axes[1, 0], part[0].mean(axis=2), "its brightness", (0, 1), scale=False)
for c, title in enumerate(titles):
    ax = axes[c // 2, 1 + c % 2]
    draw_image(ax, A_photo[0, :, :, c], title, (0, 0.25), scale=False)
present(
    fig,
    "The orange flower in front of dark green leaves, below it its brightness, a bright flower on a "
    "dark background, and the four feature maps, on one scale. Map 0 shows bright lines at the left "
    "edges of the petals, map 1 at their upper edges. Map 2 is bright on the flower and black "
    "elsewhere. Map 3 is black on the flower and gray on the leaves.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Orange has more red than green and blue, so map 2 shows the flower and map 3 the leaves. The flower is
# brighter than its surroundings: from left to right the brightness rises at its left outline, and map 0
# shows that outline. At the right outline the response is negative, and ReLU sets it to 0. In the same
# way, map 1 shows the upper outline and not the lower one.
#
# </details>
#
# A filter has weights for every channel, so it can also **compare channels**. With
# [112]{= W_photo.size + 4 } parameters you designed what the trained network of the first figure learned:
# filters for edges and filters for colors.
#
# ## Further: where the idea comes from
#
# *You can skip this section.* In 1959, David Hubel and Torsten Wiesel found that many neurons in the
# visual cortex of a cat respond only to a small part of the visual field, the neuron's *receptive
# field*, and often only to edges of one direction. Kunihiko Fukushima turned this into a model, the
# *neocognitron* (1980): layers of cells that see small patches, with the same weights at every
# position. In 1989, Yann LeCun and his colleagues trained a network with shared weights by
# backpropagation to read handwritten zip codes.
#
# ## Exercises
#
# ### Exercise 1: by hand
#
# 1. A third filter has bias $-1$ and the kernels $\begin{pmatrix} 0 & 0 \\ 1 & 1 \end{pmatrix}$ for
#    channel 0 and $\begin{pmatrix} 0 & 0 \\ 2 & 0 \end{pmatrix}$ for channel 1. What is the `value` at
#    row 1, column 1 of its feature map of `a_prev`, with stride 1 and without padding?
# 2. A layer of VGG-16 has 128 filters of size 3 x 3, and its input has 64 channels. How many parameters
#    does it have (`n_parameters`)?

# %%
value = None
n_parameters = None
### BEGIN SOLUTION
# The patch is a_prev[1:3, 1:3]: channel 0 is [[3, 1], [1, 0]], channel 1 is [[0, 0], [1, 2]].
value = (1 * 1 + 0 * 1) + (1 * 2) + (-1)
n_parameters = (3 * 3 * 64 + 1) * 128
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1, value",
    value,
    2,
    "Write down the patch first: two rows, two columns, both channels. Then eight products.",
    [
        (3, "That is the sum of the products. What comes after it?"),
        (0, "That is channel 0 and the bias. The filter has a second channel."),
        (1, "Is the bias added once, or once per channel?"),
        (6, "That is the patch in the corner. Rows and columns are counted from 0."),
    ],
)
public_tests.check_answer(
    "Exercise 1, n_parameters",
    n_parameters,
    73856,
    "Count the weights of one filter first, then its bias, then all filters.",
    [
        (73728, "Those are the weights. Each filter has something else."),
        (73729, "Each filter has its own bias."),
        (1280, "That is for an input with one channel: (3 * 3 + 1) * 128."),
        (81920, "That is one bias per kernel. How many biases does a filter have?"),
        (577, "That is one filter. The layer has 128."),
        (73792, "That is one bias per input channel. The biases belong to the filters."),
    ],
)

# %% [markdown]
# ### Exercise 2: one feature map, channel by channel
#
# You know `cross_correlate` for 2-D arrays from lesson 01. Use it to compute the feature map of one filter
# `W` of shape $(f, f, n_C)$ with bias `b` on one image `X` of shape $(n_H, n_W, n_C)$.


# %%
def cross_correlate(X, W):
    n_H, n_W = X.shape[0] - W.shape[0] + 1, X.shape[1] - W.shape[1] + 1
    Z = np.zeros((n_H, n_W))
    for r in range(W.shape[0]):
        for q in range(W.shape[1]):
            Z += W[r, q] * X[r : r + n_H, q : q + n_W]
    return Z


def feature_map(X, W, b):
    Z = None
    ### BEGIN SOLUTION
    Z = b
    for k in range(X.shape[2]):
        Z = Z + cross_correlate(X[:, :, k], W[:, :, k])
    ### END SOLUTION
    return Z


# %% jupyter={"source_hidden": true} cellView="form"
def by_channel(X, W):
    return np.array(
        [cross_correlate(X[:, :, k], W[:, :, k]) for k in range(X.shape[2])], dtype=float
    )


public_tests.check_function(
    "Exercise 2",
    feature_map,
    lambda X, W, b: by_channel(X, W).sum(axis=0) + b,
    [
        (a_prev, filter_0, 1),
        (a_prev, filter_1, -1),
        (part[0, 100:108, 100:109], W_photo[..., 0], 0.5),
    ],
    "Each channel of the image meets the kernel of the same channel. What happens to the results?",
    [
        (
            lambda X, W, b: (by_channel(X, W) + b).sum(axis=0),
            "The bias is added once per channel. It belongs to the filter and is added once.",
        ),
        (lambda X, W, b: by_channel(X, W).sum(axis=0), "The bias is missing."),
        (
            lambda X, W, b: by_channel(X, W)[0] + b,
            "That is channel 0 and the bias. Does the function return inside its loop?",
        ),
        (
            lambda X, W, b: by_channel(X, W)[-1] + b,
            "That is the last channel and the bias. Each channel has to be added to the sum so far.",
        ),
        (
            lambda X, W, b: by_channel(X, W)[:2].sum(axis=0) + b,
            "This is right for two channels. The image of this call has three.",
        ),
        (
            lambda X, W, b: cross_correlate(X.sum(axis=2), W.sum(axis=2)) + b,
            "Here each channel of the image meets the kernels of all channels. First correlate "
            "each channel with its own kernel, then sum.",
        ),
        (lambda X, W, b: by_channel(X, W).mean(axis=0) + b, "The channels are summed."),
        (
            lambda X, W, b: np.moveaxis(by_channel(X, W), 0, -1) + b,
            "That is one map per input channel. A filter gives one map.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: find the bug
#
# This function counts the parameters of a network. `layers` lists the kernel size and the number of
# filters of each convolution layer. `count_buggy(3, [(5, 4)])` is right, 304. Find a
# network for which the function is wrong, and write a correct version.
#
# ```python
# def count_buggy(n_C_image, layers):
#     total = 0
#     for f, n_C in layers:
#         total += (f * f * n_C_image + 1) * n_C
#     return total
# ```


# %%
def count_fixed(n_C_image, layers):
    total = None
    ### BEGIN SOLUTION
    total = 0
    n_C_prev = n_C_image
    for f, n_C in layers:
        total += (f * f * n_C_prev + 1) * n_C
        n_C_prev = n_C  # the next layer's input has a channel for each filter
    ### END SOLUTION
    return total


# %% jupyter={"source_hidden": true} cellView="form"
def layer_counts(n_C_image, layers, depths, n_biases=1):
    """Parameters of each layer; `depths` makes those of the filters from all numbers of channels."""
    channels = [n_C_image] + [n_C for _, n_C in layers]
    return [
        (f * f * depth + n_biases) * n_C
        for (f, n_C), depth in zip(layers, depths(channels), strict=True)
    ]


def count_with(depths, n_biases=1):
    return lambda n_C_image, layers: sum(layer_counts(n_C_image, layers, depths, n_biases))


def of_input(channels):
    return channels[:-1]


count_buggy = count_with(lambda channels: [channels[0]] * (len(channels) - 1))
assert count_buggy(3, [(5, 4)]) == 304
public_tests.check_function(
    "Exercise 3",
    count_fixed,
    count_with(of_input),
    [(3, [(5, 4)]), (3, [(3, 64), (3, 64)]), (1, [(5, 6), (5, 16), (5, 120)])],
    "Follow the shapes: how many channels does the second layer's input have?",
    [
        (count_buggy, "Still the same. What is the input of the second layer?"),
        (
            count_with(lambda channels: channels[1:]),
            "That is each layer's own number of filters. Its filters' depth comes from its input.",
        ),
        (
            count_with(lambda channels: np.cumsum(channels[:-1])),
            "A layer sees the output of the previous layer only, not of all layers before it.",
        ),
        (
            count_with(lambda channels: np.cumprod(channels[:-1])),
            "A filter sums over its input's channels, so a layer has as many output channels as "
            "filters, whatever its input.",
        ),
        (count_with(of_input, n_biases=0), "Each filter has a bias as well."),
        (
            lambda n_C_image, layers: layer_counts(n_C_image, layers, of_input)[-1],
            "That is the last layer alone. Add up all layers.",
        ),
        (
            lambda n_C_image, layers: layer_counts(n_C_image, layers, of_input)[0],
            "That is the first layer alone. Does the function return inside its loop?",
        ),
    ],
)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then try it with `conv2d`.
#
# 1. ... you shuffle the pixels of `part` and apply `W_photo`?
# 2. ... you swap red and blue in `part`, but not in the filters?
# 3. ... all filters of a layer have the same weights and the same bias?
#
# <details>
# <summary>Discussion</summary>
#
# 1. The mean of map 0 rises from [0.07]{= f'{A_photo[..., 0].mean():.2f}' } to
#    [0.34]{= f'{A_shuffled[..., 0].mean():.2f}' }: there are edges everywhere, and the map is noise.
#    Map 2 still has the mean [0.24]{= f'{A_shuffled[..., 2].mean():.2f}' }, with its pixels shuffled,
#    because filter 2 looks at single pixels. Unlike a dense layer, a convolution layer depends on
#    which pixels are neighbors.
# 2. In the middle of the flower, the mean of map 2 falls from
#    [0.57]{= f'{A_photo[middle][..., 2].mean():.2f}' } to
#    [0.00]{= f'{A_swapped[middle][..., 2].mean():.2f}' }. The other maps stay the same: their filters
#    have equal weights for red and blue. With red and blue swapped in the filters too, the
#    output is unchanged. Some libraries, such as OpenCV, store blue first, and
#    a wrong order raises no error.
# 3. All feature maps are the same, so one filter would do. This is why training starts from *random*
#    weights: filters that start the same, and are used in the same way by the next layer, receive the
#    same gradients and stay the same.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **explain a convolution layer as a special dense layer:** local connectivity leaves out most
#    weights, and parameter sharing reuses the others at every position;
# 2. **compute its output:** the dot product of patch and filter over rows, columns and channels, plus
#    the bias; output $(h, w)$ comes from the patch at $(hs, ws)$ of the padded input; the feature maps
#    are stacked as channels, and $A = g(Z)$ follows;
# 3. **count its parameters:** $(f \cdot f \cdot n_{C_{prev}} + 1) \cdot n_C$, whatever the size of the
#    image.
#
# | term in this course | you may also read |
# |---|---|
# | [**unit**](glossary.md#unit): one output value of a layer | neuron |
# | [**local connectivity**](glossary.md#local-connectivity) | sparse connectivity, sparse interactions |
# | [**parameter sharing**](glossary.md#parameter-sharing) | weight sharing, tied weights |
# | [**volume**](glossary.md#volume), [**depth**](glossary.md#depth): channels included | tensor; number of channels |
# | [**receptive field**](glossary.md#receptive-field): the input pixels that a value depends on | field of view |
#
# | symbol in this course | meaning | you may also read |
# |---|---|---|
# | $n_{C_{prev}}$, $A_{prev}$ | channels and activations of the previous layer | $n_C^{[l-1]}$, $a^{[l-1]}$ |
#
# ## What to read next
#
# - Next is [the same layer in Keras, TensorFlow and PyTorch](07_convolution_layer_in_libraries.ipynb).
#   Lesson 08 follows shapes through whole models.
# - To practice: the assignments
#   [A single step of convolution](../release/single_step/single_step.ipynb) and
#   [The forward pass](../release/conv_forward/conv_forward.ipynb).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), sections 7.1 and 7.4:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/channels.html).
# - Karpathy and others, course notes of Stanford's CS231n, on convolution layers, with an animation of
#   two filters on three channels:
#   [cs231n.github.io](https://cs231n.github.io/convolutional-networks/).
# - LeCun and others, *Backpropagation Applied to Handwritten Zip Code Recognition*, Neural Computation 1
#   (1989).
# - Fukushima, *Neocognitron: A Self-Organizing Neural Network Model for a Mechanism of Pattern Recognition
#   Unaffected by Shift in Position*, Biological Cybernetics 36 (1980).
