# %% [markdown]
# # Output sizes
#
# Many errors that a beginner meets in a network are about shapes, and most of them can be foreseen
# with paper and pencil. One formula says how large the output of a layer is. Here you derive it,
# see what its special cases are called, and follow three models from their first layer to their
# last.
#
# **When you have finished, you will be able to**
#
# 1. say how large the output of a layer is, for any image, window, padding and stride, and why;
# 2. tell VALID, SAME and FULL apart, and say how many zeros SAME adds, and on which side;
# 3. follow the shape of the data and the number of parameters through a whole model, and find the
#    layer at which it would fail.
#
# Time: about 75 minutes. You need the lessons [Padding](03_padding.ipynb),
# [The convolution layer](04_convolution_layer.ipynb) and
# [The convolution layer in libraries](05_convolution_layer_in_libraries.ipynb), and NumPy and
# Matplotlib. The cells for Keras, TensorFlow and PyTorch are skipped where these are not
# installed, and say so.

# %% include="lesson_setup"

# %% [markdown] tags=["row-12"]
# ## Count the places
#
# How large an output is does not depend on the numbers in the image, only on how many places the
# window has. The two directions of an image do not disturb each other: rows are counted along the
# height, columns along the width. So one direction is enough to begin with.
#
# Here is a row of 6 pixels: 3, 1, 4, 1, 5, 9. A window of 3 pixels slides over it, and its weights
# are all 1, so it adds up what it sees. **By hand, then look.** At how many places can the window
# stand with stride 1, with stride 2, with stride 3? Which sums does it give?

# %%
row = np.array([3.0, 1, 4, 1, 5, 9])

for stride in (1, 2, 3):
    starts = list(range(0, 6 - 3 + 1, stride))
    sums = [float(row[start : start + 3].sum()) for start in starts]
    print("stride", stride, " starts", starts, " sums", sums)

# %% jupyter={"source_hidden": true}
from convnet.plots import draw_grid
from lesson_tools.figures import animate


def draw_places(ax, stride, before=0, after=0, title="", room=0):
    """The row with its padding, a bar for each place of a window of 3, and the sum at its end."""
    padded = np.pad(row, (before, after))
    is_padding = np.ones((1, len(padded)), dtype=bool)
    is_padding[:, before : before + 6] = False
    draw_grid(ax, padded[None], title, hatched=is_padding)
    y = 0.5
    for start in range(0, len(padded) - 3 + 1, stride):
        y += 0.42
        ax.plot([start - 0.45, start + 2.45], [y, y], "tab:orange", lw=5, solid_capstyle="butt")
        ax.text(start + 2.55, y, f"{padded[start : start + 3].sum():g}", va="center")
    for column in range(start + 3, len(padded)):
        ax.text(column, 0.75, "not seen", ha="center", va="center", fontsize=8)
    xlim = (before - room - 0.6, before + 6 + room)  # room: cells beside the row, for padding
    ax.set(xticks=[], yticks=[], xlim=xlim, ylim=(y + 0.3, -0.6))


fig, axes = plt.subplots(
    3, 1, figsize=(5.5, 7.2), layout="constrained", height_ratios=[3.1, 2.25, 2.25]
)
for ax, stride in zip(axes, (1, 2, 3), strict=True):
    draw_places(ax, stride, title=f"stride {stride}")
present(
    fig,
    "The row 3 1 4 1 5 9 three times, with a bar below it for each place of the window. Stride 1: "
    "four places with the sums 8, 6, 10, 15. Stride 2: two places with the sums 8 and 10; the last "
    "pixel is not seen. Stride 3: two places with the sums 8 and 15, side by side.",
)

# %% [markdown]
# With stride 1 there are 4 places, with stride 2 and with stride 3 there are 2. With stride 2 the
# last pixel, 9, is in no window: one more step would lead out of the row.

# %% [markdown] tags=["row-12"]
# ## One formula
#
# The pictures hold the formula. Let the row have $i$ pixels, with $p$ zeros added on each side.
#
# 1. The padded row has $i + 2p$ pixels.
# 2. The window has $k$. So the last place where it can start is at $i + 2p - k$.
# 3. It starts at 0, and then at every multiple of the stride $s$ up to that last place. There are
#    $\lfloor (i + 2p - k)/s \rfloor$ such multiples, and with the start at 0 one more:
#
# $$o = \left\lfloor \frac{i + 2p - k}{s} \right\rfloor + 1$$
#
# - $o$: the size of the output, in one direction
# - $i$: the size of the input in that direction
# - $k$: the size of the window (for a square filter, the $f$ of the other lessons)
# - $p$: the padding on **each side**; $s$: the stride
# - $\lfloor\ \rfloor$: *floor*, the largest whole number that is not above what stands inside
#
# In the names of the assignments it reads
# $n_H^{[l]} = \lfloor (n_H^{[l-1]} + 2p - f)/s \rfloor + 1$ for the height, and the same with $W$
# for the width.
#
# **Predict, then run.** What is $o$ for the four cases in the cell? It lists the starts, without
# the formula, and counts them. Then it compares formula and list in every case with $i$ up to 20.

# %%
for i, k, p, s in [(28, 5, 0, 1), (28, 5, 2, 1), (5, 3, 1, 2), (7, 2, 0, 3)]:
    print(f"i = {i}, k = {k}, p = {p}, s = {s}:  o =", len(range(0, i + 2 * p - k + 1, s)))

compared = 0
for i in range(1, 21):
    for k in range(1, 8):
        for p in range(4):
            for s in range(1, 6):
                if k <= i + 2 * p:
                    assert (i + 2 * p - k) // s + 1 == len(range(0, i + 2 * p - k + 1, s))
                    compared += 1
print(f"formula and list agree in {compared:,} cases")

# %% [markdown]
# The four sizes are [24]{= (28 - 5) // 1 + 1 }, [28]{= (28 + 4 - 5) // 1 + 1 },
# [3]{= (5 + 2 - 3) // 2 + 1 } and [2]{= (7 - 2) // 3 + 1 }.
#
# **A warning about $p$.** Some texts and tools count the zeros of both sides together. Let us call
# that total $P$; then the formula reads $o = \lfloor (i + P - k)/s \rfloor + 1$. In this course $p$
# and `pad` are always per side, so with equal sides $P = 2p$. The total is needed below, where the
# two sides differ.

# %% [markdown]
# ### Exercise 1
#
# A well-known network begins with windows of $7 \times 7$, stride 2 and a padding of 3 on each
# side, on images of $224 \times 224$ pixels. What is the height of the output?

# %%
answer = None
### BEGIN SOLUTION
answer = (224 + 2 * 3 - 7) // 2 + 1
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 1",
    answer,
    112,
    "Three steps: the padded size, the last place to start, the multiples of 2 up to there.",
    [
        (111, "Is the place at 0 counted? And are there 3 zeros on each side?"),
        (112.5, "There is no half place. In which direction is it rounded, and when?"),
        (113, "That is rounded up. A step that leads out of the image is not taken."),
        (109, "That is without padding."),
        (224, "The stride of 2 skips every other place."),
    ],
)

# %% [markdown] tags=["row-12"]
# ## Rounding down, and when the window does not fit
#
# In Python, `//` divides and rounds down. Many programs write `int(...)` instead. That cuts off
# what is behind the decimal point. For positive numbers this is rounding down, and below zero it is
# rounding up.
#
# **Predict, then run.** An image of 2 pixels meets a window of 3, with stride 2 and no padding. The
# window does not fit. What do the two ways of rounding say?

# %%
print("with int:", int((2 - 3) / 2) + 1)
print("with //: ", (2 - 3) // 2 + 1)
print("with //, a window of 7:", (2 - 7) // 2 + 1)

# %% [markdown]
# `int` turns $-0.5$ into [0]{= int(-0.5) } and counts [1]{= int((2 - 3) / 2) + 1 } window that is
# not there. `//` gives [0]{= (2 - 3) // 2 + 1 }, which is right, and with a still larger window
# [-2]{= (2 - 7) // 2 + 1 }, which no array can have as its size. The formula holds as long as the
# window fits, $k \le i + 2p$. Otherwise a program should refuse, and say so. Here is what three
# libraries say when a window of $3 \times 3$ meets an image of $2 \times 2$ pixels.

# %%
from convnet.functional import conv2d

try:
    conv2d(np.zeros((1, 2, 2, 1)), np.zeros((3, 3, 1, 1)), stride=2)
except ValueError as error:
    print(error)

# %% needs="tensorflow keras"
import keras

try:
    keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Conv2D(1, 3, strides=2)])
except ValueError as error:
    print(error)

# %% needs="torch"
import torch

try:
    torch.nn.Conv2d(1, 1, 3, stride=2)(torch.zeros(1, 1, 2, 2))
except RuntimeError as error:
    print(error)

# %% [markdown]
# **What is left over.** Where the stride does not divide $i + 2p - k$, the last cells of the padded
# row are in no window, as the 9 above. Their number is the remainder of the division,
# $(i + 2p - k) \bmod s$, written `%` in Python. (That is for strides up to $k$. With a stride
# larger than the window there are also gaps between the windows.) So inputs of different size give
# outputs of the same size:

# %%
for i in range(5, 10):
    print(f"i = {i}:  o = {(i - 3) // 2 + 1},  not seen: {(i - 3) % 2}")

# %% [markdown]
# The output alone does not tell how large the input was. This comes back in
# [Transposed convolution](15_transposed_convolution.ipynb), which goes the other way.

# %% [markdown]
# ### Exercise 2
#
# Write `fitting_strides(i, k, p)`: the list of all strides from 1 to $k$ at which no cell of the
# padded row is left over. The window fits. For our row of 6 pixels and a window of 3, without
# padding, it is `[1, 3]`.


# %%
def fitting_strides(i, k, p):
    result = None
    ### BEGIN SOLUTION
    result = [s for s in range(1, k + 1) if (i + 2 * p - k) % s == 0]
    ### END SOLUTION
    return result


# %%
public_tests.check_function(
    "Exercise 2",
    fitting_strides,
    lambda i, k, p: [s for s in range(1, k + 1) if (i + 2 * p - k) % s == 0],
    [(6, 3, 0), (6, 3, 1), (28, 5, 2), (10, 4, 3), (32, 7, 1)],
    "The last place to start is i + 2p - k. Which strides lead exactly there?",
    [
        (
            lambda i, k, p: [s for s in range(1, k + 1) if (i - k) % s == 0],
            "The row is padded before the window slides over it.",
        ),
        (
            lambda i, k, p: [s for s in range(1, k + 1) if (i + p - k) % s == 0],
            "The padding is on both sides.",
        ),
        (
            lambda i, k, p: [s for s in range(1, k) if (i + 2 * p - k) % s == 0],
            "The stride may be as large as the window. Where does range end?",
        ),
    ],
)

# %% [markdown] tags=["row-12"]
# ## VALID, SAME and FULL
#
# Three amounts of padding have names. With stride 1 the formula is $o = i + 2p - k + 1$, and
#
# | name | padding | output | in words |
# |---|---|---|---|
# | VALID | $p = 0$ | $o = i - k + 1$ | only places where the whole window is on the image |
# | SAME | $2p = k - 1$ | $o = i$ | the output is as large as the input |
# | FULL | $p = k - 1$ | $o = i + k - 1$ | every place where the window touches the image |
#
# The names are used in signal processing as well, and NumPy knows them. **Predict, then run.** What
# are the three results for our row?

# %%
for mode in ("valid", "same", "full"):
    print(f"{mode:5s}", np.correlate(row, np.ones(3), mode=mode))

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(3, 1, figsize=(7, 9), layout="constrained", height_ratios=[3.1, 3.9, 4.8])
draw_places(axes[0], 1, title="VALID: no padding", room=2)
draw_places(axes[1], 1, 1, 1, title="SAME: one zero on each side", room=2)
draw_places(axes[2], 1, 2, 2, title="FULL: two zeros on each side", room=2)
present(
    fig,
    "The row 3 1 4 1 5 9 three times, with hatched zeros for the padding and a bar for each place "
    "of the window. VALID: four places with the sums 8 6 10 15. SAME: six places, 4 8 6 10 15 14. "
    "FULL: eight places, 3 4 8 6 10 15 14 9.",
)

# %% [markdown]
# VALID is the usual choice where an image may shrink, SAME where it may not. FULL is rare as a
# layer, but you meet it again: the gradient with respect to the input of a VALID convolution with
# stride 1 is a FULL one ([Backpropagation](10_backpropagation.ipynb)), and so is the simplest
# [transposed convolution](15_transposed_convolution.ipynb).
#
# For an odd $k$, SAME needs $p = (k - 1)/2$ on each side. For an even $k$ the total $k - 1$ is odd
# and cannot be split into equal halves. Keras, TensorFlow and PyTorch put the odd zero **at the
# end**: at the bottom, and on the right.
#
# **By hand, then run.** A window of 3 rows and 4 columns meets an image of $7 \times 7$ pixels. How
# many zeros are added above, below, left and right in each of the three cases, and how large is the
# output? Rows and columns are counted separately.

# %%
image = np.random.default_rng(3).integers(1, 10, size=(7, 7)).astype("float32")
W_34 = np.random.default_rng(4).integers(-2, 3, size=(3, 4)).astype("float32")
padding = {  # ((above, below), (left, right))
    "VALID": ((0, 0), (0, 0)),
    "SAME": ((1, 1), (1, 2)),
    "FULL": ((2, 2), (3, 3)),
}


def correlate(x, W, stride=1):
    """The cross-correlation of a matrix with a window of any size, without padding."""
    windows = np.lib.stride_tricks.sliding_window_view(x, W.shape)[::stride, ::stride]
    return np.einsum("hwrq,rq->hw", windows, W)


output = {name: correlate(np.pad(image, pads), W_34) for name, pads in padding.items()}
for name, Z in output.items():
    print(f"{name:5s}", "padded", np.pad(image, padding[name]).shape, " output", Z.shape)

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(
    1, 3, figsize=(9.8, 4), width_ratios=[7.6, 10.4, 13.4], layout="constrained"
)
for ax, (name, pads) in zip(axes, padding.items(), strict=True):
    padded = np.pad(image, pads)
    is_padding = np.pad(np.zeros((7, 7), dtype=bool), pads, constant_values=True)
    (n_H, n_W), title = output[name].shape, f"{name}: output {output[name].shape}"
    first_and_last = [(0, 0, 3, 4, "tab:orange"), (n_H - 1, n_W - 1, 3, 4, "black")]
    draw_grid(ax, padded, title, first_and_last, is_padding)
    ax.set(xticks=[], yticks=[])
present(
    fig,
    "The image of 7 by 7 numbers, padded in three ways; padding is hatched, the first window is "
    "outlined in solid orange, the last in dashed black. VALID: no padding. SAME: one row of zeros "
    "above and below, one column on the left, two on the right. FULL: two rows above and below, "
    "three columns on each side; the windows at the corners touch the image in one pixel.",
)

# %% [markdown]
# VALID gives [(5, 4)]{= output["VALID"].shape }, SAME gives [(7, 7)]{= output["SAME"].shape } and
# FULL gives [(9, 10)]{= output["FULL"].shape }. SAME adds 2 rows, one above and one below, and 3
# columns, one on the left and two on the right.
#
# Keras and TensorFlow know VALID and SAME as words. For FULL you say how many zeros you want: in
# Keras with a layer `ZeroPadding2D` in front, in TensorFlow as a pair (before, after) for each
# axis. PyTorch's layers take the zeros per side, one number for each direction, or one of the words
# `"valid"` and `"same"`. With an even window `"same"` works there too, with a warning that it costs
# a copy; so the cell for PyTorch pads by itself, with `torch.nn.functional.pad`. All results must
# be those of NumPy.

# %% needs="tensorflow keras"
import keras
import tensorflow as tf

x_tf, W_tf = image.reshape(1, 7, 7, 1), W_34.reshape(3, 4, 1, 1)
for name in ("VALID", "SAME"):
    layer = keras.layers.Conv2D(1, (3, 4), padding=name, use_bias=False)
    layer.build((None, 7, 7, 1))
    layer.set_weights([W_tf])
    np.testing.assert_allclose(layer(x_tf)[0, :, :, 0], output[name])
    Z_tf = tf.nn.conv2d(x_tf, W_tf, strides=1, padding=name)
    np.testing.assert_allclose(Z_tf[0, :, :, 0], output[name])
    print(f"{name:5s}", tuple(layer(x_tf).shape), tuple(Z_tf.shape))

Z_tf = tf.nn.conv2d(x_tf, W_tf, strides=1, padding=[[0, 0], [2, 2], [3, 3], [0, 0]])
np.testing.assert_allclose(Z_tf[0, :, :, 0], output["FULL"])
print("FULL ", tuple(Z_tf.shape))

# %% needs="torch"
import torch

x_torch = torch.tensor(image).reshape(1, 1, 7, 7)
W_torch = torch.tensor(W_34).reshape(1, 1, 3, 4)
for name, pads in [("VALID", (0, 0, 0, 0)), ("SAME", (1, 2, 1, 1)), ("FULL", (3, 3, 2, 2))]:
    x_pad = torch.nn.functional.pad(x_torch, pads)  # left, right, top, bottom
    Z_torch = torch.nn.functional.conv2d(x_pad, W_torch)
    np.testing.assert_allclose(Z_torch[0, 0], output[name])
    print(f"{name:5s}", tuple(Z_torch.shape))

# %% [markdown] tags=["row-12"]
# ## SAME with a stride
#
# With a stride of 2 the output is meant to be smaller than the input. TensorFlow and Keras then
# mean by SAME: as large as dividing by the stride allows, rounded **up**,
#
# $$o = \left\lceil \frac{i}{s} \right\rceil$$
#
# - $\lceil\ \rceil$: *ceiling*, rounding up to a whole number; the kernel size $k$ does not enter
#
# They add as many zeros as this needs, and no more. The last window starts at $(o - 1)s$ and needs
# $k$ pixels from there, so the padded row must have $(o - 1)s + k$ pixels. The total is
#
# $$P = \max\big((o - 1)\,s + k - i,\; 0\big)$$
#
# - $P$: the zeros on both sides together; $\lfloor P/2 \rfloor$ of them come before the image, and
#   the rest after it. If $P$ is odd, the odd zero is at the bottom, and on the right.
#
# **By hand, then run.** Our row has $i = 6$ pixels; the window has $k = 3$, and the stride is 2.
# How large is the output? How many zeros are added, and where? Which sums come out?

# %%
starts = [0, 2, 4]  # 6 pixels with stride 2: three windows
print("pixels that the windows need:", starts[-1] + 3, "  pixels that are there:", len(row))

padded = np.pad(row, (0, 1))  # one is missing, and goes to the end
sums_same = [float(padded[start : start + 3].sum()) for start in starts]
print("sums:", sums_same)

# %% [markdown]
# There are [3]{= len(sums_same) } places, and a single zero is added, at the end. The 9 that was
# not seen before is in the last window now, and the sums are 8, 10 and
# [14]{= f"{sums_same[2]:g}" }.
#
# In an image, both directions do this for themselves. The moving picture shows a $3 \times 3$
# window with stride 2 and SAME on an image of $7 \times 6$ pixels. **Predict first:** how many rows
# and columns of zeros are added, and where?

# %% jupyter={"source_hidden": true}
image_76 = image[:, :6]
padded_76 = np.pad(image_76, ((1, 1), (0, 1)))
is_padding_76 = np.pad(np.zeros((7, 6), dtype=bool), ((1, 1), (0, 1)), constant_values=True)
Z_76 = correlate(padded_76, np.ones((3, 3)), stride=2)


def draw_step(position):
    """One place of the window on the padded image, and the output as far as it is."""
    h, w = divmod(position, 3)
    fig, axes = plt.subplots(1, 2, figsize=(7, 5.4), width_ratios=[7, 3], layout="constrained")
    window = (2 * h, 2 * w, 3, 3, "tab:orange")
    draw_grid(axes[0], padded_76, "7 x 6, SAME, stride 2", [window], is_padding_76)
    so_far = Z_76.copy()
    so_far[h, w + 1 :], so_far[h + 1 :] = np.nan, np.nan
    draw_grid(axes[1], so_far, "sums, 4 x 3", [(h, w, 1, 1, "tab:orange")])
    return fig


animate(
    draw_step,
    range(12),
    "A window of 3 by 3 moves two cells at a time over an image of 7 rows and 6 columns. One row "
    "of zeros is above the image, one below it, and one column of zeros on its right; there is "
    "none on its left. The window has 4 places downwards and 3 to the right, and the last one ends "
    "at the last zero in both directions.",
)

# %% [markdown]
# The rows: $o = \lceil 7/2 \rceil = 4$ and $P = 3 \cdot 2 + 3 - 7 = 2$, one above and one below.
# The columns: $o = \lceil 6/2 \rceil = 3$ and $P = 2 \cdot 2 + 3 - 6 = 1$, on the right. With 5
# columns it is $P = 2$ again. The next cell does images of $7 \times 7$, $7 \times 6$ and
# $7 \times 5$ with the zeros that we have worked out, and TensorFlow does them with the word
# `"SAME"`. (In the [assignment](../release/arithmetic/arithmetic.ipynb) you write a function that
# works them out.)

# %%
left_and_right = {7: (1, 1), 6: (0, 1), 5: (1, 1)}  # for 7, 6 and 5 columns
W_33 = np.random.default_rng(5).integers(-2, 3, size=(3, 3)).astype("float32")

Z_same = {}
for columns, zeros in left_and_right.items():
    padded = np.pad(image[:, :columns], ((1, 1), zeros))  # 7 rows: one zero above, one below
    Z_same[columns] = correlate(padded, W_33, stride=2)
    print(f"(7, {columns}) to {Z_same[columns].shape}   left, right: {zeros}")

# %% needs="tensorflow"
import tensorflow as tf

for columns, Z in Z_same.items():
    x_tf = image[None, :, :columns, None]  # a batch of one, one channel
    Z_tf = tf.nn.conv2d(x_tf, W_33.reshape(3, 3, 1, 1), strides=2, padding="SAME")
    np.testing.assert_allclose(Z_tf[0, :, :, 0], Z)
    print(tuple(x_tf.shape), "to", tuple(Z_tf.shape))

# %% [markdown]
# ### Exercise 3
#
# A row of 12 pixels, a window of 6, stride 3, SAME. How many zeros are added before the row, and
# how many after it? Answer with a pair, such as `(5, 6)`.

# %%
answer = None
### BEGIN SOLUTION
# The output has 12 / 3 = 4 numbers. Their windows need 3 * 3 + 6 = 15 pixels, 3 more than 12.
answer = (1, 2)
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 3",
    answer,
    (1, 2),
    "First the size of the output, then how many pixels the windows need, then what is missing.",
    [
        ((2, 1), "The total is right. On which side is the odd zero?"),
        ((1.5, 1.5), "The total is right, and a zero cannot be halved."),
        ((0, 3), "The total is right, and is shared as equally as possible."),
        ((3, 3), "That is the total, on each side."),
        ((0, 0), "Then there are 3 windows. How many should there be?"),
        ((2, 3), "That is for stride 1. With this stride there are fewer windows."),
    ],
)

# %% [markdown] tags=["row-12"]
# ## The same shape, and other numbers
#
# PyTorch has no SAME for strides above 1: it refuses. It is common to write `padding=1` with a
# window of 3 and stride 2 instead. **Predict, then run.** For our row of 6 pixels that gives
# $\lfloor (6 + 2 - 3)/2 \rfloor + 1$ = [3]{= (6 + 2 - 3) // 2 + 1 } sums, as SAME did. Are they the
# same three sums?

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(2, 1, figsize=(6, 4.4), layout="constrained")
draw_places(axes[0], 2, 0, 1, "SAME in Keras and TensorFlow: one zero, at the end", room=1)
draw_places(axes[1], 2, 1, 1, "padding=1 in PyTorch: one zero on each side", room=1)
present(
    fig,
    "The row 3 1 4 1 5 9 twice. With one hatched zero at its end, the three windows give 8, 10 and "
    "14. With a zero on each side, the windows start one cell earlier and give 4, 6 and 15, and "
    "the last zero is not seen.",
)

# %% [markdown]
# They are not. The shapes agree, no error appears, and every window lies one pixel further left.
# Who moves trained weights from one library to the other must know this.
#
# The cells below show it. For the same numbers in PyTorch, put the zeros where SAME has them, and
# then use no padding. In `torch.nn.functional.pad` two numbers mean before and after.

# %% needs="tensorflow keras"
import keras

layer = keras.layers.Conv1D(1, 3, strides=2, padding="same", use_bias=False)
layer.build((None, 6, 1))
layer.set_weights([np.ones((3, 1, 1))])
Z_keras = layer(row.reshape(1, 6, 1).astype("float32"))
print("Keras, same:       ", keras.ops.convert_to_numpy(Z_keras).reshape(3))
np.testing.assert_allclose(Z_keras[0, :, 0], sums_same)

# %% needs="torch"
import torch
from torch.nn import functional

x_torch, ones = torch.tensor(row).reshape(1, 1, 6), torch.ones(1, 1, 3, dtype=torch.float64)
print("PyTorch, padding=1:", functional.conv1d(x_torch, ones, stride=2, padding=1).numpy())

Z_torch = functional.conv1d(functional.pad(x_torch, (0, 1)), ones, stride=2)
np.testing.assert_allclose(Z_torch[0, 0], sums_same)
print("PyTorch, (0, 1):   ", Z_torch.numpy())

try:
    torch.nn.Conv1d(1, 1, 3, stride=2, padding="same")
except ValueError as error:
    print("PyTorch, same:     ", error)

x_torch = functional.pad(torch.tensor(image[None, None, :6, :6]), (0, 1, 0, 1))
Z_torch = functional.conv2d(x_torch, torch.tensor(W_33)[None, None], stride=2)
Z_numpy = correlate(np.pad(image[:6, :6], ((0, 1), (0, 1))), W_33, stride=2)
np.testing.assert_allclose(Z_torch[0, 0], Z_numpy)

# %% [markdown]
# The two agree where SAME itself adds one zero on each side, $P = 2$: for a window of 3 with stride
# 2, on an odd number of pixels. Even sizes are the common case.

# %% [markdown] tags=["row-12"]
# ## A whole model, layer by layer
#
# Now put layers in a row. For each layer write down the shape that comes out, height, width and
# channels, and the number of its parameters.
#
# - **Convolution**: sizes by the formula, channels = number of filters; a window of $k_H$ rows and
#   $k_W$ columns has $(k_H \cdot k_W \cdot n_C^{[l-1]} + 1) \cdot n_C^{[l]}$ parameters.
# - **Pooling**: a window that takes the largest number it sees in each channel, or the average. The
#   [next lesson](07_pooling.ipynb) is about it. The formula is the same, the channels stay, and
#   there is nothing to learn: 0 parameters. If no stride is given, Keras and PyTorch take the size
#   of the window.
# - **Flatten** lays all numbers in one row; **dense** with $n$ inputs and $n'$ neurons has
#   $(n + 1) \cdot n'$ parameters.
# - **Activations** change neither shape nor count.
#
# **By hand, then run.** The first model takes colour images of $32 \times 32$ pixels:
#
# 1. convolution, 8 filters of $3 \times 5$
# 2. max pooling, $2 \times 2$
# 3. convolution, 16 filters of $3 \times 3$
# 4. max pooling, $2 \times 2$

# %%
print("1", (32 - 3 + 1, 32 - 5 + 1, 8), (3 * 5 * 3 + 1) * 8, "parameters")
print("2", ((30 - 2) // 2 + 1, (28 - 2) // 2 + 1, 8))
print("3", (15 - 3 + 1, 14 - 3 + 1, 16), (3 * 3 * 8 + 1) * 16, "parameters")
print("4", ((13 - 2) // 2 + 1, (12 - 2) // 2 + 1, 16))
print("all:", (3 * 5 * 3 + 1) * 8 + (3 * 3 * 8 + 1) * 16)

# %% [markdown]
# Pooling of 13 rows gives 6: the thirteenth is left over. The model has
# [1,536]{= f"{(3 * 5 * 3 + 1) * 8 + (3 * 3 * 8 + 1) * 16:,}" } parameters. Keras prints the same as
# a table. (`None` is the batch, which may have any size.)

# %% needs="tensorflow keras"
import keras
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D

model = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        Conv2D(8, (3, 5), activation="relu"),
        MaxPooling2D((2, 2)),
        Conv2D(16, 3, activation="relu"),
        MaxPooling2D(2),
    ]
)
model.summary()
shapes = [layer.output.shape[1:] for layer in model.layers]
assert shapes == [(30, 28, 8), (15, 14, 8), (13, 12, 16), (6, 6, 16)]
assert model.count_params() == 1536
print("kernels:", model.layers[0].kernel.shape, model.layers[2].kernel.shape)
print("biases: ", model.layers[0].bias.shape, model.layers[2].bias.shape)

# %% [markdown]
# **By hand, then run.** The second model takes the same images: a convolution with 16 filters of
# $3 \times 5$ and VALID, max pooling of $2 \times 2$, and a convolution with 16 filters of
# $3 \times 3$ and SAME. Which shapes, and how many parameters?

# %%
print("VALID", (32 - 3 + 1, 32 - 5 + 1, 16), (3 * 5 * 3 + 1) * 16)
print("pool ", ((30 - 2) // 2 + 1, (28 - 2) // 2 + 1, 16))
print("SAME ", (15, 14, 16), (3 * 3 * 16 + 1) * 16)
print("all:", (3 * 5 * 3 + 1) * 16 + (3 * 3 * 16 + 1) * 16)

# %% needs="tensorflow keras"
inputs = keras.Input((32, 32, 3))
h = Conv2D(16, (3, 5), padding="valid", activation="relu")(inputs)
h = MaxPooling2D(2)(h)
outputs = Conv2D(16, 3, padding="same", activation="relu")(h)
model = keras.Model(inputs, outputs)

shapes = [layer.output.shape[1:] for layer in model.layers]
print(shapes, model.count_params())
assert shapes == [(32, 32, 3), (30, 28, 16), (15, 14, 16), (15, 14, 16)]
assert model.count_params() == 3056

# %% [markdown]
# This is another way of writing a model in Keras, the *functional* one: each layer is called with
# the output of the one before. The result is the same kind of model.
#
# The third model has everything at once: strides that differ in the two directions, pooling whose
# stride is not its window, SAME with a stride, and dense layers at the end. It takes colour images
# of $128 \times 128$ pixels. **By hand:** fill in the table on paper. The figure and the
# cells that follow have the answers.
#
# | | layer | output | parameters |
# |---|---|---|---|
# | 1 | convolution, 16 of $5 \times 5$, VALID, stride 2 downwards and 3 to the right | | |
# | 2 | max pooling $2 \times 2$ | | |
# | 3 | convolution, 16 of $7 \times 7$, SAME | | |
# | 4 | max pooling, 2 rows and 4 columns, stride 3 downwards and 2 to the right | | |
# | 5 | convolution, 16 of $3 \times 3$, SAME, stride 2 | | |
# | 6 | flatten | | |
# | 7 | dense, 16 neurons | | |
# | 8 | dense, 1 neuron | | |

# %%
rows = [128, (128 - 5) // 2 + 1]
columns = [128, (128 - 5) // 3 + 1]
rows += [(rows[-1] - 2) // 2 + 1, (rows[-1] - 2) // 2 + 1]  # pooling, then SAME
columns += [(columns[-1] - 2) // 2 + 1, (columns[-1] - 2) // 2 + 1]
rows += [(rows[-1] - 2) // 3 + 1]
columns += [(columns[-1] - 4) // 2 + 1]
rows += [int(np.ceil(rows[-1] / 2))]
columns += [int(np.ceil(columns[-1] / 2))]
n_flat = rows[-1] * columns[-1] * 16

counts = [(5 * 5 * 3 + 1) * 16, 0, (7 * 7 * 16 + 1) * 16, 0, (3 * 3 * 16 + 1) * 16]
counts += [0, (n_flat + 1) * 16, 16 + 1]
print("rows:   ", rows)
print("columns:", columns)
print("flat:   ", n_flat)
print("parameters:", counts, "together", f"{sum(counts):,}")

# %% jupyter={"source_hidden": true}
names = ["image", "1 conv\nstride (2, 3)", "2 pool", "3 conv\nSAME", "4 pool", "5 conv\nSAME, 2"]
fig, ax = plt.subplots(figsize=(9.8, 3.6), layout="constrained")
middle = 0
for name, n_H, n_W, n_C in zip(names, rows, columns, [3] + 5 * [16], strict=True):
    middle += max(n_W, 68) / 2
    box = {"facecolor": "tab:blue", "alpha": 0.35, "edgecolor": "black"}
    ax.add_patch(plt.Rectangle((middle - n_W / 2, -n_H / 2), n_W, n_H, **box))
    ax.text(middle, 70, name, ha="center", va="bottom", fontsize=9)
    ax.text(middle, -70, f"{n_H} x {n_W} x {n_C}", ha="center", va="top", fontsize=9)
    middle += max(n_W, 68) / 2 + 12
ax.set(xlim=(-2, middle - 10), ylim=(-88, 105), aspect="equal")
ax.axis("off")
present(
    fig,
    "Six rectangles, as high and wide as the image and what five layers make of it: 128 by 128 "
    "with 3 channels, then with 16 channels each 62 by 42, 31 by 21, 31 by 21, 10 by 9 and 5 by 5.",
)

# %% needs="tensorflow keras"
inputs = keras.Input((128, 128, 3))
h = Conv2D(16, (5, 5), padding="valid", strides=(2, 3), activation="relu")(inputs)
h = MaxPooling2D(2)(h)
h = Conv2D(16, 7, padding="same", activation="relu")(h)
h = MaxPooling2D((2, 4), strides=(3, 2))(h)
h = Conv2D(16, 3, padding="same", strides=2, activation="relu")(h)
h = Flatten()(h)
h = Dense(16, activation="relu")(h)
outputs = Dense(1, activation="sigmoid")(h)
model = keras.Model(inputs, outputs)
model.summary()

assert [layer.output.shape[1:3] for layer in model.layers[:6]] == list(
    zip(rows, columns, strict=True)
)
assert [layer.count_params() for layer in model.layers[1:]] == counts
assert model.count_params() == 22529

# %% [markdown]
# All as on paper: [22,529]{= f"{sum(counts):,}" } parameters, of which more than half,
# [12,560]{= f"{counts[2]:,}" }, are in the layer with the large windows.
#
# In PyTorch one writes down the numbers of channels and of inputs, so there you do this arithmetic
# before the model runs at all. And SAME with a stride has to be padded by hand: layer 5
# gets $10 \times 9$, which needs one row of zeros at the bottom ($P = 4 \cdot 2 + 3 - 10 = 1$) and
# one column on each side ($P = 4 \cdot 2 + 3 - 9 = 2$).

# %% needs="torch"
import torch
from torch import nn

convolutions = nn.Sequential(
    nn.Conv2d(3, 16, 5, stride=(2, 3)),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 16, 7, padding="same"),
    nn.ReLU(),
    nn.MaxPool2d((2, 4), stride=(3, 2)),
    nn.ZeroPad2d((1, 1, 0, 1)),  # left, right, top, bottom
    nn.Conv2d(16, 16, 3, stride=2),
    nn.ReLU(),
)
dense = nn.Sequential(nn.Linear(400, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
model = nn.Sequential(*convolutions, nn.Flatten(), *dense)

x_torch = torch.zeros(1, 3, 128, 128)
for layer in model:
    x_torch = layer(x_torch)
    if isinstance(layer, nn.Conv2d | nn.MaxPool2d | nn.Flatten | nn.Linear):
        print(f"{type(layer).__name__:10s}", tuple(x_torch.shape))
assert sum(parameter.numel() for parameter in model.parameters()) == 22529

# %% [markdown]
# ## Where a model runs out of pixels
#
# Every VALID layer with a $k \times k$ window takes away $k - 1$ rows and columns, and with a
# stride above 1 usually more. On images that are too small, the pixels are used up before the
# layers are. **Predict, then run.** Images of $28 \times 28$ pixels go through one layer after
# another, each with windows of $7 \times 7$, stride 1 and no padding. Which is the first layer that
# does not fit?

# %%
size, layer = 28, 0
while size >= 7:
    size, layer = size - 7 + 1, layer + 1
    print("after layer", layer, "the size is", size)
print("layer", layer + 1, "does not fit")

# %% needs="tensorflow keras"
try:
    model = keras.Sequential([keras.Input((28, 28, 1)), *(Conv2D(8, 7) for _ in range(5))])
except ValueError as error:
    print(error)

# %% [markdown]
# Read the message: an input of $4 \times 4$ pixels met a window of $7 \times 7$. It does not say
# which layer that was. Your paper does. Three cures: padding, smaller windows, or fewer layers.

# %% [markdown]
# ### Exercise 4
#
# What is the smallest image that can pass **four** such layers, with windows of $7 \times 7$,
# stride 1 and no padding? Answer with its height, in pixels.

# %%
answer = None
### BEGIN SOLUTION
answer = 1 + 4 * (7 - 1)  # backwards, from the one pixel that must be left at the end
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 4",
    answer,
    25,
    "Go backwards: what must be left after the fourth layer, at the least? And before it?",
    [
        (24, "Then nothing would be left after the fourth layer."),
        (28, "That passes, and leaves 4 pixels. It can be smaller."),
        (7, "That is enough for one layer."),
        (31, "That leaves 7 pixels, enough for a fifth layer."),
    ],
)

# %% [markdown]
# ## Settings worth knowing by heart
#
# Most networks use few of the possible settings. Each of these follows from the formula:
#
# | window | stride | padding per side | what it does |
# |---|---|---|---|
# | 3 | 1 | 1 | keeps the size |
# | 5 | 1 | 2 | keeps the size |
# | 1 | 1 | 0 | keeps the size, and looks at single pixels |
# | 2 | 2 | 0 | halves, rounded down: the usual pooling |
# | 3 | 2 | 1 | halves, rounded up |
# | $k$ | $k$ | 0 | windows side by side, $\lfloor i/k \rfloor$ of them |

# %%
i = np.arange(10, 100)
assert np.array_equal((i + 2 * 1 - 3) // 1 + 1, i)
assert np.array_equal((i + 2 * 2 - 5) // 1 + 1, i)
assert np.array_equal((i + 2 * 0 - 1) // 1 + 1, i)
assert np.array_equal((i - 2) // 2 + 1, i // 2)
assert np.array_equal((i + 2 * 1 - 3) // 2 + 1, np.ceil(i / 2))
assert all(np.array_equal((i - k) // k + 1, i // k) for k in range(1, 11))
print("all rows of the table hold for sizes from 10 to 99")

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. say how large the output of a layer is, $o = \lfloor (i + 2p - k)/s \rfloor + 1$ in each
#    direction, because the window starts at 0 and at every multiple of $s$ up to $i + 2p - k$; in
#    Python `(i + 2 * p - k) // s + 1`, as long as the window fits;
# 2. tell VALID ($p = 0$), SAME ($o = \lceil i/s \rceil$) and FULL ($p = k - 1$) apart; SAME adds
#    $\max((o - 1)s + k - i, 0)$ zeros in total, the odd one at the bottom or on the right, and
#    `padding=1` is not always the same;
# 3. follow shapes and parameters through a model: sizes by the formula, channels from the filters,
#    $(k_H k_W n_C^{[l-1]} + 1)\, n_C^{[l]}$ parameters for a convolution, none for pooling,
#    $(n + 1)\, n'$ for a dense layer; and see at which layer the pixels run out.
#
# ## What to read next
#
# - [Pooling](07_pooling.ipynb), the other layer that makes images smaller.
# - Practise with the assignment [Arithmetic](../release/arithmetic/arithmetic.ipynb), in which you
#   write these rules as functions.
# - V. Dumoulin and F. Visin, ["A guide to convolution arithmetic for deep
#   learning"](https://arxiv.org/abs/1603.07285), 2016, with a picture for every case. It counts the
#   padding per side, as we do.
# - A. Karpathy and others, [course notes of Stanford's
#   CS231n](https://cs231n.github.io/convolutional-networks/), the part on spatial arrangement.
