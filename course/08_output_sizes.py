# %% [markdown]
# # Output sizes
#
# Here is an ordinary network: five blocks, each with a 3 x 3 convolution, a ReLU and 2 x 2 max pooling
# (the largest of each 2 x 2 values), without padding. Run the next two code cells to apply it to four
# crops of one photograph, all of similar size. What could go wrong?

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.data import load_sample_image
from convnet.functional import conv2d, max_pool2d
from convnet.plots import draw_grid, draw_image
from convnet.sizes import conv_output_shape
from lesson_tools.explorables import explore_sizes
from lesson_tools.questions.output_sizes import predict

color = load_sample_image("china.jpg")
rng = np.random.default_rng(0)
filters = [rng.normal(0, 0.3, (3, 3, n_C_prev, 8)) for n_C_prev in (3, 8, 8, 8, 8)]


def crop(n):
    return color[60 : 60 + n, 130 : 130 + n]


def five_blocks(image):
    A = image[np.newaxis] / 255
    for W in filters:
        A = max_pool2d(np.maximum(conv2d(A, W), 0), 2)
    return A


fig, axes = plt.subplots(1, 4, figsize=(12, 3.5), layout="constrained")
for ax, n, read in zip(axes, (93, 94, 125, 126), (0, 94, 94, 126), strict=True):
    try:
        outcome = "output {} x {}".format(*five_blocks(crop(n)).shape[1:3])
        noise = np.random.default_rng(1).integers(0, 256, (n, n, 3))
        noise[:read, :read] = crop(n)[:read, :read]  # only what is not read changes
        np.testing.assert_array_equal(five_blocks(noise), five_blocks(crop(n)))
    except ValueError as error:
        message, outcome = str(error), "error"
    draw_image(ax, crop(n), "", (0, 255), scale=False)
    ax.set_title(f"{n} x {n}: {outcome}", loc="left")
    if 0 < read < n:
        cover = {"facecolor": "white", "alpha": 0.85, "edgecolor": "black", "hatch": "///", "lw": 0}
        ax.add_patch(plt.Rectangle((read - 0.5, -0.5), n - read, n, **cover))
        ax.add_patch(plt.Rectangle((-0.5, read - 0.5), read, n - read, **cover))
    ax.set(xlim=(-1, 126), ylim=(126, -1), frame_on=False)
print(message)
present(
    fig,
    "Four crops of a photograph of a tower, on one scale. 93 by 93 pixels: an error. 94 by 94: the "
    "output is 1 by 1. 125 by 125: the output is 1 by 1 as well, and the last 31 rows and columns "
    "are hatched. 126 by 126: the output is 2 by 2.",
)

# %% [markdown]
# The crop of 93 x 93 pixels raises an error, and 94 x 94 gives an output of 1 x 1. With 125 x 125 the output
# is still 1 x 1: the network never reads the hatched pixels, [43%]{= f'{1 - 94**2 / 125**2:.0%}' } of the
# crop, and there is no warning. (We replaced them by noise, and no output value changed.) With 126 x 126, it
# reads every pixel.
#
# Where do 94 and 126 come from? Neither number appears in the network's code, but one formula gives both.
# It also tells you which layer fails, how large the dense layers are, and how much of the image an
# output value sees.
#
# **By the end of this lesson you will be able to**
#
# 1. compute the output size of any layer, with any kernel, padding and stride, also for even kernels and
#    for SAME padding at stride 2;
# 2. plan a stack of layers forward, with shapes and parameters, and backward, to its smallest image;
# 3. compute the total stride and the receptive field of a stack, and measure them.
#
# **Time:** about 45 minutes. **You need:** lessons [04](04_padding.ipynb) on padding and
# [06](06_convolution_layer.ipynb) on the convolution layer. Cells for Keras, TensorFlow and PyTorch are
# skipped where these are not installed; [lesson 07](07_convolution_layer_in_libraries.ipynb) explains
# their code.

# %% [markdown] tags=["row-12"]
# ## The output size formula
#
# The [output size](glossary.md#output-size) does not depend on the pixel values, only on the number of
# positions at which the kernel fits. Height and width are independent, so we study one axis.
#
# Take the vector 3, 1, 4, 1, 5, 9 and a kernel of three ones. Where can the kernel start with
# [stride](glossary.md#stride) 1, 2 and 3, and what are the sums? Write them down, then run the cell.

# %% jupyter={"source_hidden": true} cellView="form"
vector = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3])


def draw_positions(ax, values, stride, before=0, after=0, room=4):
    """Draw a padded vector, a bar for each position of a kernel of three ones, and its sum."""
    padded = np.pad(values, (before, after))
    is_padding = np.ones((1, len(padded)), dtype=bool)
    is_padding[:, before : before + len(values)] = False
    draw_grid(ax, padded[None], hatched=is_padding, scale=(0, 12))
    starts = range(0, len(padded) - 3 + 1, stride)
    for number, start in enumerate(starts):
        y = 0.95 + 0.42 * number
        ax.plot([start - 0.45, start + 2.45], [y, y], "tab:orange", lw=5, solid_capstyle="butt")
        ax.text(start + 2.55, y, f"{padded[start : start + 3].sum()}", va="center")
    for column in range(starts[-1] + 3, len(padded)):
        ax.text(column, 0.72, "not read", ha="center", va="center", fontsize=8)
    ax.set(xticks=[], yticks=[], ylim=(0.9 + 0.42 * room, -0.6))


fig, axes = plt.subplots(1, 3, figsize=(12, 2.9), layout="constrained")
for ax, stride in zip(axes, (1, 2, 3), strict=True):
    draw_positions(ax, vector[:6], stride)
    ax.set_title(f"stride {stride}")
present(
    fig,
    "The vector 3 1 4 1 5 9 three times, with a bar below it for each position of the kernel. Stride "
    "1: four positions with the sums 8, 6, 10, 15. Stride 2: two positions with the sums 8 and 10; "
    "the last entry is not read. Stride 3: two positions with the sums 8 and 15, side by side.",
)

# %% [markdown]
# Now count the positions in general. Let the axis have $n$ entries, with $p$ zeros added on each side:
#
# 1. The padded axis has $n + 2p$ entries.
# 2. The kernel covers $f$ of them, so it can start at 0, and at $n + 2p - f$ at the latest.
# 3. With stride $s$ it starts at the multiples of $s$ in this range. Besides 0, there are
#    $\lfloor (n + 2p - f)/s \rfloor$ of them, where $\lfloor\ \rfloor$, *floor*, rounds down.
#
# $$n_{out} = \left\lfloor \frac{n + 2p - f}{s} \right\rfloor + 1$$
#
# Use $n_{H_{prev}}$ and the kernel height for $n_H$, and $n_{W_{prev}}$ and the kernel width for $n_W$. The
# formula also holds for [pooling](glossary.md#pooling) windows. The number of channels does not appear: a
# convolution layer has as many output channels as filters, and pooling keeps the channels. (CS231n writes
# $(W - F + 2P)/S + 1$, Dumoulin and Visin $i$, $k$, $o$ for our $n$, $f$, $n_{out}$.)
#
# **Predict.** ResNet begins with 7 x 7 kernels, stride 2 and a padding of 3, on images of 224 x 224. What
# is the height of the output?

# %%
predict("stem", None)

# %% [markdown] tags=["row-12"]
# <details>
# <summary>Answer</summary>
#
# $\lfloor (224 + 2 \cdot 3 - 7)/2 \rfloor + 1 = 111 + 1 =$ [112]{= (224 + 2 * 3 - 7) // 2 + 1 }.
#
# </details>
#
# Most layers use one of a few settings. Derive two of these rows from the formula:
#
# | $f$ | $s$ | $p$ | output size | use |
# |---|---|---|---|---|
# | 3, 5 or 7 | 1 | 1, 2 or 3 | $n$ | convolution, SAME |
# | 1 | 1 | 0 | $n$ | 1x1 convolution (lesson 20) |
# | 2 | 2 | 0 | $\lfloor n/2 \rfloor$ | pooling |
# | 3, 5 or 7 | 2 | 1, 2 or 3 | $\lceil n/2 \rceil$ | convolution with stride 2 |
# | $f$ | $f$ | 0 | $\lfloor n/f \rfloor$ | windows side by side |
#
# $\lceil\ \rceil$, *ceiling*, rounds up.
#
# ## Rounding down: pixels that are never read
#
# With stride 2, the last entry of our vector is in no window. An image loses its last row and column.
# Add one row at a time: when does the output grow?

# %% jupyter={"source_hidden": true} cellView="form"
n = np.arange(10, 300)
for f, s, p, size in [
    *((f, 1, f // 2, n) for f in (1, 3, 5, 7)),
    *((f, f, 0, n // f) for f in range(1, 9)),
    *((f, 2, f // 2, np.ceil(n / 2)) for f in (3, 5, 7)),
]:
    np.testing.assert_array_equal((n + 2 * p - f) // s + 1, size)  # the rows of the table

explore_sizes(6, 6, f=3, stride=2)

# %% [markdown] tags=["row-12"]
# The output grows with every second row. In general, $s$ consecutive input sizes give the same output
# size, and the remainder $(n + 2p - f) \bmod s$ is the number of entries at the end of the padded axis
# that no window contains. (If $s > f$, there are gaps between the windows as well.)
#
# One lost row hardly matters, but the losses add up over the layers: in the first figure, they come to 31
# rows and columns.
#
# **When the kernel does not fit.** The formula requires $f \le n + 2p$. If you try it on 2 pixels and
# a kernel of 3 with stride 2, Python's `(2 - 3) // 2 + 1` gives [0]{= (2 - 3) // 2 + 1 }: no position.
# Many programs write `int((2 - 3) / 2) + 1` instead, which gives [1]{= int((2 - 3) / 2) + 1 }, because
# `int` rounds negative numbers up. And a kernel of 7 gives [-2]{= (2 - 7) // 2 + 1 }.
#
# ## Planning forward: where does a network fail?
#
# To plan a network, apply the formula layer by layer. For the five blocks on an image of 96 x 96, the
# 3 x 3 convolutions (minus 2) and the 2 x 2 pooling layers (halve, round down) alternate:
#
# $$96 \to 94 \to 47 \to 45 \to 22 \to 20 \to 10 \to 8 \to 4 \to 2 \to 1$$
#
# **Predict.** Now the image has 64 x 64 pixels. Which layer is the first that does not fit? Answer with
# its number, from 1 for the first convolution to 10 for the last pooling layer.

# %%
predict("fails", None)

# %% jupyter={"source_hidden": true} cellView="form"
FIVE_BLOCKS = 5 * [(3, 1, 0), (2, 2, 0)]  # f, s and p of each layer


def sizes_through(n, layers):
    """Return the size after each layer, as far as they fit."""
    sizes = [n]
    for f, s, p in layers:
        try:
            sizes.append(conv_output_shape((sizes[-1], sizes[-1]), f, s, p)[0])
        except ValueError:
            break
    return sizes


images = (64, 93, 94, 125, 126)
table = np.full((len(images), 11), np.nan)
failures = []
for row, n in enumerate(images):
    sizes = sizes_through(n, FIVE_BLOCKS)
    table[row, : len(sizes)] = sizes
    if len(sizes) < 11:
        failures.append((row, len(sizes), 1, 1, "tab:red"))
    else:
        assert five_blocks(crop(n)).shape[1:3] == (sizes[-1], sizes[-1])
fig, ax = plt.subplots(figsize=(10, 4), layout="constrained")
draw_grid(ax, table, "size after each layer", failures)
for row, column, *_ in failures:
    ax.text(column, row, "fails", ha="center", va="center", color="tab:red")
names = [f"{number}\n{'conv' if number % 2 else 'pool'}" for number in range(1, 11)]
ax.set_xticks(range(11), ["\nimage", *names])
ax.set_yticks([])
present(
    fig,
    "A table of sizes, a row for each image and a column for each of the ten layers. 64: 62, 31, 29, "
    "14, 12, 6, 4, 2, and layer 9, a convolution, fails. 93: 91, 45, 43, 21, 19, 9, 7, 3, 1, and layer "
    "10, pooling, fails. 94: 92, 46, 44, 22, 20, 10, 8, 4, 2, 1. 125: 123, 61, 59, 29, 27, 13, 11, 5, 3, "
    "1. 126: 124, 62, 60, 30, 28, 14, 12, 6, 4, 2.",
)

# %% needs="tensorflow keras"
import keras
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D

blocks = [layer for _ in range(5) for layer in (Conv2D(8, 3, activation="relu"), MaxPooling2D(2))]
try:
    keras.Sequential([keras.Input((64, 64, 3)), *blocks])
except ValueError as error:
    print(error)

# %% [markdown] tags=["row-12"]
# Keras reports a 3 x 3 kernel on an input of 2 x 2, but not in which layer; your list of sizes does. A
# larger image, padding, smaller kernels or fewer layers would fix the network.
#
# ## Planning backward: the smallest image
#
# How large must the image be? Solve the formula for $n$. The smallest input that gives $n_{out}$ values is
#
# $$n = (n_{out} - 1)\, s + f - 2p,$$
#
# and the next $s - 1$ sizes give the same output. Now start at the end: the last layer must return at
# least 1. The last pooling layer needs $(1 - 1) \cdot 2 + 2 = 2$, and the convolution before it
# $(2 - 1) \cdot 1 + 3 = 4$. So one block needs 4 pixels.
#
# **Predict.** What is the smallest image for **three** such blocks?

# %%
predict("smallest", None)

# %% [markdown] tags=["row-12"]
# <details>
# <summary>Answer</summary>
#
# $1 \leftarrow 2 \leftarrow 4 \leftarrow 8 \leftarrow 10 \leftarrow 20 \leftarrow$
# [22]{= min(n for n in range(1, 99) if len(sizes_through(n, FIVE_BLOCKS[:6])) == 7) }. The fourth block needs
# $2 \cdot 22 + 2 = 46$, and the fifth $2 \cdot 46 + 2 =$
# [94]{= min(n for n in range(1, 99) if len(sizes_through(n, FIVE_BLOCKS)) == 11) }.
#
# </details>
#
# So five blocks need the 94 pixels of the first figure. If you start from an output of 2, you get 126.
#
# ## Total stride and receptive field
#
# The **total stride** $S$ is the product of the strides, $S_l = s_1 s_2 \cdots s_l$. Neighboring outputs
# of layer $l$ see parts of the image that lie $S_l$ pixels apart.
#
# The [**receptive field**](glossary.md#receptive-field) of an output value is the part of the image
# that can influence it. Let $R$ be its size along one axis. Layer $l$ combines $f_l$ neighbors, and the last
# of them lies $(f_l - 1)\, S_{l-1}$ pixels further than the first. So, from $R_0 = S_0 = 1$ on,
#
# $$R_l = R_{l-1} + (f_l - 1)\, S_{l-1}.$$
#
# After one block, $R_1 = 1 + 2 \cdot 1 = 3$, then $R_2 = 3 + 1 \cdot 1 = 4$ and $S_2 = 2$.
#
# The next cells check this without the formulas. `pass_through` passes vectors with a single 1, each at
# another position, through the stack with kernels of ones. Then `A[t, h]` is the number of paths from
# position $t$ to output $h$.
#
# **Predict.** What are $R$ and $S$ after **two** blocks? Answer with a tuple, `(R, S)`.

# %%
predict("field", None)


def pass_through(n, layers):
    A = np.eye(n)
    for f, s, p in layers:
        A = np.pad(A, ((0, 0), (p, p)))
        A = np.lib.stride_tricks.sliding_window_view(A, f, axis=1)[:, ::s].sum(axis=-1)
    return A


# %% jupyter={"source_hidden": true} cellView="form"
two, five = pass_through(22, FIVE_BLOCKS[:4]), pass_through(126, FIVE_BLOCKS)
fig, axes = plt.subplots(1, 2, figsize=(12, 3.2), width_ratios=[1.15, 1], layout="constrained")
draw_grid(axes[0], np.where(two.T > 0, two.T, np.nan), "two blocks: paths to each output")
axes[0].set(xlabel="position in the image", ylabel="output")
for h, style in ((0, "-"), (1, "--")):
    axes[1].plot(five[:, h] / five.max(), style, label=f"output {h}", color=f"C{h}")
    seen = np.flatnonzero(five[:, h])[[0, -1]]
    axes[1].plot(seen, [-0.08 * (h + 1)] * 2, style, color=f"C{h}", lw=3)
    axes[1].text(seen.mean(), -0.08 * (h + 1), f"{seen[0]} to {seen[1]}", ha="center", va="center")
    axes[1].texts[-1].set_bbox({"color": "white", "pad": 1})
axes[1].set(title="five blocks: paths, relative to the largest number")
axes[1].set(xlabel="position in the image", xlim=(-1, 126), ylim=(-0.26, 1.05))
axes[1].set_yticks(np.arange(6) / 5)  # below 0 there are only the two receptive fields
axes[1].legend(loc="upper right")
for n in range(94, 400):  # the stack has the output sizes of one layer
    assert sizes_through(n, FIVE_BLOCKS)[-1] == (n - 94) // 32 + 1
present(
    fig,
    "On the left, for two blocks and 22 positions, the number of paths from each position to each of "
    "four outputs. Every output has paths from 10 positions, and neighbors are shifted by 4. The numbers "
    "rise from 1 at the ends to 6 in the middle. On the right two bell-shaped curves for five "
    "blocks: output 0 sees positions 0 to 93, output 1 positions 32 to 125. At the ends the curves are "
    "nearly 0.",
)

# %% [markdown] tags=["row-12"]
# With five blocks, each output sees
# [94]{= int(np.count_nonzero(five[:, 0])) } pixels in each direction, and the second receptive field
# starts [32]{= int(np.flatnonzero(five[:, 1])[0]) } pixels after the first.
#
# This answers the opening question. **A stack of layers without padding has the output size of one layer
# with kernel size $R$ and stride $S$**:
#
# $$n_{out} = \left\lfloor \frac{n - R}{S} \right\rfloor + 1$$
#
# With $R = 94$ and $S = 32$, 93 pixels are too few, 94 to 125 give one value, and 126 give two.
# [Lesson 23](23_what_filters_see.ipynb) shows what units with such fields respond to.
#
# The curves also show that the pixels of a receptive field do not count equally. A pixel in the middle
# reaches the output along many paths, a pixel at the edge along very few. The part with most of the
# influence is the *effective* receptive field (Luo et al., below), which is much smaller.
#
# ## SAME padding for even kernels
#
# SAME padding at stride 1 adds $f - 1$ zeros in all ([lesson 04](04_padding.ipynb)). For an even $f$ this
# number is odd, and one side gets one more than the other. Keras, TensorFlow and PyTorch put the extra zero
# **at the end**: at the bottom, or on the right.
#
# **Predict.** A kernel of 3 rows and 4 columns slides over an image of 7 x 7. How many zeros does SAME
# padding add? Answer with `(top, bottom, left, right)`.

# %%
image = np.random.default_rng(3).integers(1, 10, size=(7, 7)).astype("float32")
W_34 = np.random.default_rng(4).integers(-2, 3, size=(3, 4)).astype("float32")
W_33 = np.random.default_rng(5).integers(-2, 3, size=(3, 3)).astype("float32")
predict("sides", None)

# %% jupyter={"source_hidden": true} cellView="form"
PADDING = {  # ((top, bottom), (left, right))
    "VALID": ((0, 0), (0, 0)),
    "SAME": ((1, 1), (1, 2)),
    "FULL": ((2, 2), (3, 3)),
}


def cross_correlate(X, W, stride=1):
    """Return the cross-correlation of a matrix with a kernel of any shape, without padding."""
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape)[::stride, ::stride]
    return np.sum(windows * W, axis=(2, 3))


Z_34 = {name: cross_correlate(np.pad(image, pads), W_34) for name, pads in PADDING.items()}
fig, axes = plt.subplots(
    1, 3, figsize=(12, 4.6), width_ratios=[7.6, 10.4, 13.4], layout="constrained"
)
for ax, (name, pads) in zip(axes, PADDING.items(), strict=True):
    is_padding = np.pad(np.zeros((7, 7), dtype=bool), pads, constant_values=True)
    n_H, n_W = Z_34[name].shape
    first_and_last = [(0, 0, 3, 4, "tab:orange"), (n_H - 1, n_W - 1, 3, 4, "black")]
    title = f"{name}: output {n_H} x {n_W}"
    draw_grid(ax, np.pad(image, pads), title, first_and_last, is_padding, scale=(0, 12))
    ax.set(xticks=[], yticks=[])
present(
    fig,
    "The image of 7 by 7 numbers, padded in three ways; padding is hatched, the first patch is outlined "
    "in solid orange, the last in dashed black. VALID: no padding, output 5 by 4. SAME: one row of "
    "zeros above and below, one column on the left, two on the right, output 7 by 7. FULL: two rows "
    "above and below, three columns on each side, output 9 by 10.",
)

# %% [markdown] tags=["row-12"]
# If the two sides differ, use the total padding $P$ in place of $2p$: $7 + 2 - 3 + 1 =$
# [7]{= Z_34["SAME"].shape[0] } rows and $7 + 3 - 4 + 1 =$ [7]{= Z_34["SAME"].shape[1] } columns.
#
# ## SAME padding at stride 2
#
# At stride 2 the output should be smaller than the input. Keras and TensorFlow define SAME by the output
# size, $n_{out} = \lceil n/s \rceil$, whatever the kernel size, and add just enough zeros. The last window
# starts at $(n_{out} - 1)\, s$ and needs $f$ entries from there, so the total is
#
# $$P = \max\bigl((n_{out} - 1)\, s + f - n,\; 0\bigr).$$
#
# Our vector 3, 1, 4, 1, 5, 9 with $f = 3$ and $s = 2$ has $n_{out} = 3$ and $P = 4 + 3 - 6 = 1$: a single zero,
# at the end. The sums are 8, 10 and 14.
#
# PyTorch has no SAME padding for strides above 1. A common substitute is `padding=1`, one zero on **each**
# side. The output size is $\lfloor (6 + 2 - 3)/2 \rfloor + 1 = 3$, as before.
#
# **Predict.** Which three sums does `padding=1` give? Answer with a tuple.

# %%
predict("ported", None)

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 2, figsize=(12, 2.8), layout="constrained")
draw_positions(axes[0], vector[:6], 2, 0, 1, room=3)
draw_positions(axes[1], vector[:6], 2, 1, 1, room=3)
axes[0].set(title="SAME in Keras and TensorFlow", xlim=(-1.6, 6.6))
axes[1].set(title="padding=1 in PyTorch", xlim=(-0.6, 7.6))
present(
    fig,
    "The vector 3 1 4 1 5 9 twice. With one hatched zero at its end, the three windows give 8, 10 and "
    "14. With a zero on each side, the windows start one entry earlier and give 4, 6 and 15, and the "
    "last zero is not read.",
)

# %% [markdown]
# **The shapes agree, but the values differ.** With `padding=1`, every window starts one entry further to the
# left. If you port trained weights from Keras to PyTorch, the network runs without an error, and its
# predictions change. In PyTorch, pad explicitly: `nn.ZeroPad2d((0, 1, 0, 1))`, then a convolution
# without padding.
#
# The two agree only where $P$ is 2, which for $f = 3$ and $s = 2$ means odd $n$. In an image of 7 x 6, SAME
# pads the 7 rows on both sides, but the 6 columns on the right only. The next cells check this against
# the libraries.

# %% needs="tensorflow keras"
import keras
import tensorflow as tf


def keras_conv(X, W, stride=1, padding="valid"):
    layer = keras.layers.Conv2D(1, W.shape, strides=stride, padding=padding, use_bias=False)
    layer.build((None, *X.shape, 1))
    layer.set_weights([W[:, :, None, None]])
    return layer(X[None, :, :, None])[0, :, :, 0]


for name in ("VALID", "SAME"):
    np.testing.assert_allclose(keras_conv(image, W_34, padding=name.lower()), Z_34[name])
pairs = [[0, 0], [2, 2], [3, 3], [0, 0]]  # FULL, which tf.nn.conv2d takes as a list of pairs
Z_tf = tf.nn.conv2d(image[None, :, :, None], W_34[:, :, None, None], strides=1, padding=pairs)
np.testing.assert_allclose(Z_tf[0, :, :, 0], Z_34["FULL"])

for n_W, left in [(7, 1), (6, 0), (5, 1)]:
    X = image[:, :n_W]
    Z = cross_correlate(np.pad(X, ((1, 1), (left, 1))), W_33, stride=2)
    np.testing.assert_allclose(keras_conv(X, W_33, stride=2, padding="same"), Z)
    print(f"7 x {n_W}, SAME, stride 2:", "{} x {}".format(*Z.shape))
sums = keras_conv(vector[None, :6].astype("float32"), np.ones((1, 3), "float32"), 2, "same")
print("SAME:", sums.numpy()[0])

# %% needs="torch"
import warnings

import torch
from torch.nn import functional

x, ones = torch.tensor(vector[:6], dtype=torch.float64)[None, None], torch.ones(1, 1, 3).double()
print("padding=1:       ", functional.conv1d(x, ones, stride=2, padding=1)[0, 0].numpy())
print(
    "padded by (0, 1):", functional.conv1d(functional.pad(x, (0, 1)), ones, stride=2)[0, 0].numpy()
)
try:
    torch.nn.Conv2d(1, 1, 3, stride=2, padding="same")
except ValueError as error:
    print("padding='same':  ", error)

X = torch.tensor(image)[None, None]
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # PyTorch warns that an even kernel costs a copy of the image
    Z = functional.conv2d(X, torch.tensor(W_34)[None, None], padding="same")
np.testing.assert_allclose(Z[0, 0], Z_34["SAME"])
for name, ((top, bottom), (left, right)) in PADDING.items():
    padded = functional.pad(X, (left, right, top, bottom))
    Z = functional.conv2d(padded, torch.tensor(W_34)[None, None])
    np.testing.assert_allclose(Z[0, 0], Z_34[name])
padded = functional.pad(X[:, :, :6, :6], (0, 1, 0, 1))
Z = functional.conv2d(padded, torch.tensor(W_33)[None, None], stride=2)
Z_numpy = cross_correlate(np.pad(image[:6, :6], ((0, 1), (0, 1))), W_33, stride=2)
np.testing.assert_allclose(Z[0, 0], Z_numpy)

# %% [markdown] tags=["row-12"]
# ## A whole model: shapes and parameters
#
# Now add channels and parameters. For each layer write down the output shape $(n_H, n_W, n_C)$ and count:
#
# - **convolution:** $n_C$ is the number of filters; $(f_H f_W n_{C_{prev}} + 1)\, n_C$ parameters;
# - **pooling:** the channels stay; no parameters; the stride is the window size if you do not give one;
# - [**flattening**](glossary.md#flattening): all values in one vector; no parameters;
# - [**dense**](glossary.md#dense-layer): from $n$ inputs to $n'$ units, $(n + 1)\, n'$ parameters.
#
# For example, a color image of 32 x 32 pixels:
#
# | layer | output | parameters |
# |---|---|---|
# | convolution, 8 filters of 3 x 5 | 30 x 28 x 8 | $(3 \cdot 5 \cdot 3 + 1) \cdot 8 = 368$ |
# | max pooling 2 x 2 | 15 x 14 x 8 | |
# | convolution, 16 filters of 3 x 3 | 13 x 12 x 16 | $(3 \cdot 3 \cdot 8 + 1) \cdot 16 = 1168$ |
# | max pooling 2 x 2 | 6 x 6 x 16 | |
#
# Together these are [1,536]{= f'{(3 * 5 * 3 + 1) * 8 + (3 * 3 * 8 + 1) * 16:,}' } parameters, and the last
# layer loses a row. Now fill in a table yourself, for a color image of 128 x 128. Strides are (down, right).
#
# | | layer | output | parameters |
# |---|---|---|---|
# | 1 | convolution, 16 filters of 5 x 5, VALID, stride (2, 3) | | |
# | 2 | max pooling 2 x 2 | | |
# | 3 | convolution, 16 filters of 7 x 7, SAME | | |
# | 4 | max pooling, windows of 2 x 4, stride (3, 2) | | |
# | 5 | convolution, 16 filters of 3 x 3, SAME, stride 2 | | |
# | 6 | flatten, then dense with 16 units, then dense with 1 unit | | |
#
# **Predict.** What does layer 4 return? Answer with `(rows, columns, channels)`. Which layer has the most
# parameters?

# %%
predict("model", None)

# %% jupyter={"source_hidden": true} cellView="form"
n_H, n_W = [128, (128 - 5) // 2 + 1], [128, (128 - 5) // 3 + 1]
n_H += [(n_H[-1] - 2) // 2 + 1, (n_H[-1] - 2) // 2 + 1]  # pooling, then SAME
n_W += [(n_W[-1] - 2) // 2 + 1, (n_W[-1] - 2) // 2 + 1]
n_H += [(n_H[-1] - 2) // 3 + 1]
n_W += [(n_W[-1] - 4) // 2 + 1]
n_H += [int(np.ceil(n_H[-1] / 2))]
n_W += [int(np.ceil(n_W[-1] / 2))]
n_flat = n_H[-1] * n_W[-1] * 16
counts = [(5 * 5 * 3 + 1) * 16, 0, (7 * 7 * 16 + 1) * 16, 0, (3 * 3 * 16 + 1) * 16]
counts += [0, (n_flat + 1) * 16, 16 + 1]

fig, ax = plt.subplots(figsize=(12, 3.8), layout="constrained")
names = ["image", "1 conv\nstride (2, 3)", "2 pool", "3 conv\nSAME", "4 pool\nstride (3, 2)"]
names += ["5 conv\nSAME, stride 2"]
left = 0
for name, height, width, depth, count in zip(
    names, n_H, n_W, [3] + 5 * [16], [0, *counts[:5]], strict=True
):
    left += max(0, 80 - width - depth) / 2
    low, d = -height / 2, depth  # a box: its front, its top and its right side
    style = {"edgecolor": "black", "lw": 0.8}
    ax.add_patch(plt.Rectangle((left, low), width, height, facecolor="#9ecae1", **style))
    top = [(left, -low), (left + d, -low + d), (left + width + d, -low + d), (left + width, -low)]
    ax.add_patch(plt.Polygon(top, facecolor="#c6dbef", **style))
    x = left + width
    side = [(x, -low), (x + d, -low + d), (x + d, low + d), (x, low)]
    ax.add_patch(plt.Polygon(side, facecolor="#6baed6", **style))
    middle = left + (width + d) / 2
    ax.text(middle, 92, name, ha="center", va="bottom", fontsize=9)
    text = f"{height} x {width} x {depth}" + (f"\n{count:,} parameters" if count else "")
    ax.text(middle, -82, text, ha="center", va="top", fontsize=9)
    left = x + d + max(0, 80 - width - depth) / 2 + 14
for name, height, text in [
    ("flatten", 150, f"{n_flat}"),
    ("dense", 32, f"16\n{counts[6]:,} parameters"),
    ("dense", 4, f"1\n{counts[7]} parameters"),
]:
    left += 24
    ax.add_patch(plt.Rectangle((left, -height / 2), 4, height, facecolor="#9ecae1", **style))
    ax.text(left + 2, 92, name, ha="center", va="bottom", fontsize=9)
    ax.text(left + 2, -82, text, ha="center", va="top", fontsize=9)
    left += 62
ax.set(xlim=(-4, left), ylim=(-104, 118), aspect="equal")
ax.axis("off")
present(
    fig,
    "The model from left to right as boxes, with height, width and depth for the channels: the image, "
    "128 by 128 by 3; then, with 16 channels each, 62 by 42 (1,216 parameters), 31 by 21, 31 by 21 "
    "(12,560 parameters), 10 by 9, and 5 by 5 (2,320 parameters). Then three bars: 400 values, "
    "16 units (6,416 parameters) and 1 unit (17 parameters).",
)

# %% needs="tensorflow keras"
small = keras.Sequential([keras.Input((32, 32, 3)), Conv2D(8, (3, 5)), MaxPooling2D(2)])
small.add(Conv2D(16, 3))
small.add(MaxPooling2D(2))
assert small.output_shape == (None, 6, 6, 16) and small.count_params() == 1536

large = keras.Sequential(
    [
        keras.Input((128, 128, 3)),
        Conv2D(16, 5, strides=(2, 3), activation="relu"),
        MaxPooling2D(2),
        Conv2D(16, 7, padding="same", activation="relu"),
        MaxPooling2D((2, 4), strides=(3, 2)),
        Conv2D(16, 3, padding="same", strides=2, activation="relu"),
        Flatten(),
        Dense(16, activation="relu"),
        Dense(1, activation="sigmoid"),
    ]
)
large.summary()
assert [layer.count_params() for layer in large.layers] == counts

for k, shape in ((4, (5, 4, 16)), (6, (96,))):  # the first k layers on 64 x 64
    on_64 = keras.Sequential([keras.Input((64, 64, 3)), *large.layers[:k]])
    assert on_64.output_shape == (None, *shape)

# %% needs="torch"
from torch import nn

model = nn.Sequential(
    nn.Conv2d(3, 16, 5, stride=(2, 3)),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 16, 7, padding="same"),
    nn.ReLU(),
    nn.MaxPool2d((2, 4), stride=(3, 2)),
    nn.ZeroPad2d((1, 1, 0, 1)),  # left, right, top, bottom
    nn.Conv2d(16, 16, 3, stride=2),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(n_flat, 16),
    nn.ReLU(),
    nn.Linear(16, 1),
    nn.Sigmoid(),
)
x = torch.zeros(1, 3, 128, 128)
for layer in model:
    x = layer(x)
    if isinstance(layer, nn.Conv2d | nn.MaxPool2d | nn.Flatten | nn.Linear):
        print(f"{type(layer).__name__:10s}", tuple(x.shape))
assert sum(parameter.numel() for parameter in model.parameters()) == sum(counts)
try:
    model(torch.zeros(1, 3, 64, 64))
except RuntimeError as error:
    print("on 64 x 64:", error)
    assert "mat1 and mat2 shapes cannot be multiplied (1x64 and 400x16)" in str(error)

# %% [markdown]
# Layer 4 returns [10 x 9 x 16]{= f"{n_H[4]} x {n_W[4]} x 16" }. More than half of the [22,529]{= f"{sum(counts):,}" } parameters,
# [12,560]{= f"{counts[2]:,}" }, are in layer 3, because of its 7 x 7 kernels. (`None` in the summary is the
# batch size, which can be any number.)
#
# Keras computes all input sizes itself. In PyTorch, you write the [400]{= n_flat } into the code, and you
# pad layer 5 by hand. Its input is 10 x 9, so $P = 4 \cdot 2 + 3 - 10 = 1$ row, at the bottom, and
# $P = 4 \cdot 2 + 3 - 9 = 2$ columns, one on each side.
#
# PyTorch's error at the end, `mat1 and mat2 shapes cannot be multiplied`, is a common one. On 64 x 64, all
# layers before the dense one fit, but the dense layer expects 400 values and receives 2 x 2 x 16 = [64]{= ((5 + 1 - 3) // 2 + 1) * ((4 + 2 - 3) // 2 + 1) * 16 }. With SAME there
# would be 3 x 2 x 16 = [96]{= -(-5 // 2) * -(-4 // 2) * 16 }: layer 5 now receives 5 x 4, and our padding was
# right for 10 x 9 only.
#
# ## Further: dilation
#
# *You can skip this section.* A stride increases the receptive field of later layers, but reduces the
# resolution. [**Dilation**](glossary.md#dilation) increases the receptive field at stride 1: with dilation $d$,
# neighboring weights of a kernel lie $d$ pixels apart, as if there were zeros between them. The kernel covers
# $f_d = d\,(f - 1) + 1$ pixels, and $f_d$ replaces $f$ in all formulas of this lesson. In Keras the argument
# is `dilation_rate`, in PyTorch `dilation`. Three 3 x 3 layers with the dilations 1, 2 and 4 have
# the receptive field $1 + 2 + 4 + 8 =$
# [15]{= np.count_nonzero(np.convolve(np.convolve([1, 1, 1], [1, 0, 1, 0, 1]), [1, 0, 0, 0, 1, 0, 0, 0, 1])) };
# without dilation it is [7]{= np.count_nonzero(np.convolve(np.convolve([1, 1, 1], [1, 1, 1]), [1, 1, 1])) }.
#
# ## Exercises
#
# ### Exercise 1: sizes on paper
#
# 1. AlexNet (2012) begins with 11 x 11 kernels, stride 4 and no padding. Its paper says that the images
#    have 224 x 224 pixels. Which output size, `alexnet`, does this give?
# 2. The paper's figure shows 55 x 55. Which image sizes give 55 without padding? Write `sizes_55` as
#    a tuple, (smallest, largest).
# 3. A vector of 12 entries, $f = 6$, $s = 3$, SAME padding. How many zeros come before and after it? Write
#    `zeros` as a tuple.
# 4. A color image of 32 x 32 passes through 16 filters of 3 x 5 with VALID padding, 2 x 2 max pooling, and
#    16 filters of 3 x 3 with SAME padding. What are the `shape` of the output, a tuple, and the number of
#    `parameters`?

# %%
alexnet = None
sizes_55 = None
zeros = None
shape = None
parameters = None
### BEGIN SOLUTION
alexnet = 54  # 213 / 4 is 53.25
sizes_55 = (227, 230)  # 54 * 4 + 11, and three more
zeros = (1, 2)  # 4 output values need 3 * 3 + 6 = 15 entries, 3 more than there are
shape = (15, 14, 16)
parameters = (3 * 5 * 3 + 1) * 16 + (3 * 3 * 16 + 1) * 16
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1, alexnet",
    alexnet,
    54,
    "How many multiples of 4 are there from 0 to 224 - 11?",
    [
        ((54, 54), "That is right along each axis. Answer with one number."),
        (53, "Count the start at 0 as well."),
        (54.25, "There is no quarter of a position."),
        (55, "That is what the paper shows. Count again: 4 * 54 + 11 is 227."),
    ],
)
public_tests.check_answer(
    "Exercise 1, sizes_55",
    sizes_55,
    (227, 230),
    "Go backward: where does the last of 55 windows start and end? How many sizes share an output?",
    [
        ((227, 231), "At 231 pixels another window fits."),
        ((227, 227), "That is the smallest one. A few more pixels do not change the output."),
        ((231, 234), "That is for 56 windows: the first one starts at 0."),
        ((230, 227), "The smallest comes first."),
        (227, "That is the smallest. The next few sizes give 55 as well: which is the largest?"),
        (range(227, 231), "Those are all of them. Give the smallest and the largest only."),
        ((226, 229), "Count again: the last window starts at 54 * 4 and covers 11 pixels."),
    ],
)
public_tests.check_answer(
    "Exercise 1, zeros",
    zeros,
    (1, 2),
    "First the output size, then how many entries the windows need, then what is missing.",
    [
        ((2, 1), "The total is right. On which side is the extra zero?"),
        ((1.5, 1.5), "The total is right, and a zero cannot be split."),
        ((0, 3), "The total is right, but it is divided as equally as possible."),
        ((3, 3), "That is the total, on each side."),
        ((0, 0), "That gives 3 output values. How many should there be?"),
        ((2, 3), "That is for stride 1. This stride needs fewer zeros."),
    ],
)
public_tests.check_answer(
    "Exercise 1, shape",
    shape,
    (15, 14, 16),
    "The first layer returns 30 x 28 x 16. SAME keeps the size.",
    [
        ((13, 12, 16), "The last layer has SAME padding."),
        ((14, 15, 16), "The kernel of the first layer has 3 rows and 5 columns."),
        ((15, 14), "Give the channels as well."),
        ((15, 14, 8), "The last layer has 16 filters, so 16 output channels."),
        ((15, 15, 16), "The kernel of the first layer has 3 rows and 5 columns."),
        ((30, 28, 16), "That is what the first layer returns. Pooling comes next."),
        ((15, 14, 32), "The last layer has 16 filters, so 16 output channels."),
    ],
)
public_tests.check_answer(
    "Exercise 1, parameters",
    parameters,
    3056,
    "(3 * 5 * 3 + 1) * 16 for the first layer. How many channels does the second one receive?",
    [
        (3024, "Each filter has a bias."),
        (1904, "The second convolution receives 16 channels, not 8."),
        (736, "That is the first convolution."),
        (2320, "That is the second convolution."),
    ],
)

# %% [markdown]
# ### Exercise 2: plan backward
#
# Write `smallest_image(layers, n_out)`. `layers` is a list of tuples `(f, s, p)`, from the first layer to
# the last. The function returns the smallest size from which the stack computes `n_out` values. For
# four 7 x 7 convolutions with stride 1 and no padding, `smallest_image(4 * [(7, 1, 0)], 1)` is 25.


# %%
def smallest_image(layers, n_out):
    n = None
    ### BEGIN SOLUTION
    n = n_out
    for f, s, p in layers[::-1]:
        n = (n - 1) * s + f - 2 * p
    ### END SOLUTION
    return n


# %% jupyter={"source_hidden": true} cellView="form"
def by_trying(layers, n_out):
    sizes = ((n, sizes_through(n, layers)) for n in range(1, 1000))
    return next(n for n, s in sizes if len(s) > len(layers) and s[-1] >= n_out)


public_tests.check_function(
    "Exercise 2",
    smallest_image,
    by_trying,
    [
        (4 * [(7, 1, 0)], 1),
        (FIVE_BLOCKS, 1),
        (FIVE_BLOCKS, 2),
        ([(7, 2, 3), (3, 2, 1)], 56),
        ([(5, 1, 0), (2, 2, 0)], 4),
    ],
    "Walk from the last layer to the first. What does one layer need? For a kernel of 7 with stride 1 "
    "and no padding, 2 values need 8 entries.",
    [
        (
            lambda layers, n_out: by_trying(layers[::-1], n_out),
            "You walk in the wrong direction: begin with the last layer.",
        ),
        (
            lambda layers, n_out: by_trying([(f, s, 0) for f, s, _ in layers], n_out),
            "Padding makes the image that is needed smaller.",
        ),
        (
            lambda layers, n_out: by_trying([(f, 1, p) for f, _, p in layers], n_out),
            "Where does the stride enter?",
        ),
        (lambda layers, n_out: by_trying(layers, 1), "The last layer must return n_out values."),
    ],
)

# %% [markdown]
# ### Exercise 3: find the bug
#
# A colleague ports a Keras network to PyTorch. She replaces each 3 x 3 convolution with `padding="same"` and
# stride 2 by a function that pads and a convolution without padding. On her test image of 7 x 7,
# `pad_buggy` gives the same values as Keras, but on photographs of 224 x 224 it does not. Why? Write
# `pad_fixed` for a matrix of any size.


# %%
def pad_buggy(X):
    return np.pad(X, 1)


def pad_fixed(X):
    result = None
    ### BEGIN SOLUTION
    top, left = X.shape[0] % 2, X.shape[1] % 2  # P is 2 for odd sizes, and 1 for even ones
    result = np.pad(X, ((top, 1), (left, 1)))
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
def pad_right(X):
    return np.pad(X, tuple((n % 2, 1) for n in X.shape))


def with_padding_by(pad):
    """Return the layer after `pad`, to be compared; zeros that no window reads do not matter."""

    def convolve_padded(X):
        padded = pad(X)
        is_matrix = isinstance(padded, np.ndarray) and padded.ndim == 2
        return cross_correlate(padded, W_33, stride=2) if is_matrix else padded

    convolve_padded.__name__ = f"the layer after {pad.__name__}"
    return convolve_padded


np.testing.assert_array_equal(pad_right(image), pad_buggy(image))
public_tests.check_function(
    "Exercise 3",
    with_padding_by(pad_fixed),
    with_padding_by(pad_right),
    [(image,), (image[:6, :6],), (image[:, :6],), (image[:6],), (image[:5, :4],)],
    "Compute P for 7 and for 6 pixels. Where does an odd P put its extra zero?",
    [
        (with_padding_by(pad), comment)
        for pad, comment in [
            (pad_buggy, "For even sizes P is 1. On which side does that one zero belong?"),
            (
                lambda X: np.pad(X, ((0, 1), (0, 1))),
                "This is right for even sizes only. How large is P for 7 pixels?",
            ),
            (
                lambda X: np.pad(X, ((X.shape[0] % 2, 1), (X.shape[0] % 2, 1))),
                "You use the height for the columns as well.",
            ),
        ]
    ],
)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Change the five blocks of the first figure, decide first, and then measure
# with `pass_through`.
#
# 1. ... every convolution gets a padding of 1? What is the smallest image now, and which pixels are never
#    read?
# 2. ... each block pools first, and convolves afterwards?
# 3. ... each block becomes a single 3 x 3 convolution with stride 2?

# %%
changed = 5 * [(3, 1, 1), (2, 2, 0)]
A = pass_through(125, changed)
print("output size", A.shape[1], "  pixels that are never read:", int((A.sum(axis=1) == 0).sum()))

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. Every convolution keeps the size, and five halvings need an image of
#    [32]{= min(n for n in range(1, 200) if len(sizes_through(n, 5 * [(3, 1, 1), (2, 2, 0)])) == 11) } pixels.
#    $R$ and $S$ are still 94 and 32, but the first receptive field begins in the padding, 31 pixels outside
#    the image. **No pixel is lost:** where a pooling layer skips the last row, the convolution before it has
#    already mixed that row into its neighbor. For all sizes from 32 to 199, the number of unread pixels
#    is [0]{= sum(int((pass_through(n, 5 * [(3, 1, 1), (2, 2, 0)]).sum(axis=1) == 0).sum()) for n in range(32, 200)) }.
#    The convolutional part of VGG-16 has five stages of this kind, and reads every pixel as well.
# 2. $S$ stays 32, but every convolution now meets neighbors twice as far apart:
#    $R =$ [156]{= int(np.count_nonzero(pass_through(156, 5 * [(2, 2, 0), (3, 1, 0)])[:, 0])) }, so the smallest image
#    has 156 pixels.
# 3. $R =$ [63]{= int(np.count_nonzero(pass_through(63, 5 * [(3, 2, 0)])[:, 0])) } and $S = 32$. The network
#    downsamples as much as before, with half as many layers, and sees less.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **compute an output size:** $\lfloor (n + 2p - f)/s \rfloor + 1$ along each axis. The remainder of the division is
#    the number of entries that are never read. SAME at stride $s$ gives $\lceil n/s \rceil$, with the extra
#    zero at the end, and is not the same as `padding=1`;
# 2. **plan a stack:** forward, with shapes and parameters, until a kernel does not fit; backward, by
#    $n = (n_{out} - 1)\, s + f - 2p$, from the last layer to the smallest image;
# 3. **summarize a stack:** total stride $S = s_1 s_2 \cdots$, receptive field
#    $R_l = R_{l-1} + (f_l - 1)\, S_{l-1}$. Without padding, the stack has the output size of one layer with
#    kernel size $R$ and stride $S$.
#
# | term in this course | you may also read |
# |---|---|
# | [**output size**](glossary.md#output-size) | output shape |
# | [**total stride**](glossary.md#total-stride) $S$ | output stride, effective stride, jump |
# | [**receptive field**](glossary.md#receptive-field) $R$ | field of view |
# | [**dilation**](glossary.md#dilation) | atrous convolution |
#
# ## What to read next
#
# - Next is lesson 10, [Pooling](10_pooling.ipynb). Lesson 22 goes from small to large, where the formula
#   for planning backward returns as [transposed convolution](22_transposed_convolution.ipynb).
# - To practice: the assignment [Arithmetic](../release/arithmetic/arithmetic.ipynb).
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016), with a drawing for
#   every case: [arXiv:1603.07285](https://arxiv.org/abs/1603.07285).
# - Araujo, Norris and Sim, *Computing Receptive Fields of Convolutional Neural Networks* (Distill, 2019),
#   with interactive figures: [distill.pub](https://distill.pub/2019/computing-receptive-fields/).
# - Luo, Li, Urtasun and Zemel, *Understanding the Effective Receptive Field in Deep Convolutional Neural
#   Networks* (NeurIPS 2016): [arXiv:1701.04128](https://arxiv.org/abs/1701.04128).
# - Stanford's CS231n, notes on [convolutional networks](https://cs231n.github.io/convolutional-networks/),
#   with the puzzle of Exercise 1.
