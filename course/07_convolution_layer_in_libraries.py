# %% [markdown]
# # The convolution layer in libraries
#
# You have a trained network and want to use it in another library: in PyTorch, because your project
# is written in it, or in Keras, because the phone app needs it. The weights are only arrays, so you
# copy them. Run the next two code cells to see the edge network of lesson 01 after three such moves.
# All three copies have the right shapes, and none of them raises an error. **Which drawing is right?**
# Decide before you read on.

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.data import load_sample_image
from convnet.edges import EdgeNetwork, load_blocks, normalized
from convnet.functional import conv2d
from convnet.plots import draw_grid, draw_image
from lesson_tools.figures import animate
from lesson_tools.questions.convolution_layer_in_libraries import predict

photo = load_sample_image("china.jpg")[20:240, 60:360]
network = load_blocks()
edge_layers = [layer for block in network.blocks for layer in block] + [network.sides[-1]]
n_parameters = sum(W.size + b.size for W, b in edge_layers)


def with_filters(change):
    """Return the edge network with all of its filters changed."""
    blocks = tuple(tuple((change(W), b) for W, b in block) for block in network.blocks)
    return EdgeNetwork(blocks, tuple((change(W), b) for W, b in network.sides))


drawn = network.draw(photo)
drawn_swapped = with_filters(lambda W: W.swapaxes(0, 1)).draw(photo)
drawn_reshaped = with_filters(lambda W: W.transpose(3, 2, 0, 1).reshape(W.shape)).draw(photo)

fig, axes = plt.subplots(1, 5, figsize=(13, 2.5), layout="constrained")
draw_image(axes[0], photo, "a photograph", (0, 255), scale=False)
draw_image(axes[1], 1 - drawn_swapped, "copy A", (0, 1), scale=False)
draw_image(axes[2], 1 - drawn_reshaped, "copy B", (0, 1), scale=False)
draw_image(axes[3], 1 - drawn, "copy C", (0, 1), scale=False)
draw_image(axes[4], drawn_swapped - drawn, "A minus C", (-1, 1), scale=False)
present(
    fig,
    "Five images side by side: a photograph of a tower; the drawing of copy A, bold outlines of the "
    "tower, its roofs and its pillars; copy B, an even gray without any outline; copy C, which looks "
    "much like A; and the difference of A and C, with orange and purple lines along the roofs, the "
    "rails and the pillars.",
)

# %% [markdown]
# Copy B is clearly broken, but A and C both look fine. Only **C** is right. In copy A, the rows and
# the columns of every kernel are swapped, and its edge probabilities differ from the right ones by
# [0.06]{= f'{np.abs(drawn_swapped - drawn).mean():.2f}' } on average and by up to
# [0.93]{= f'{np.abs(drawn_swapped - drawn).max():.2f}' }. You would not notice by looking at copy A
# alone.
#
# All libraries compute the convolution layer of lesson 06. They differ in the order of the axes, in the
# names of the arguments and in the defaults, and many mistakes raise no error.
#
# **By the end of this lesson you will be able to**
#
# 1. write a convolution layer in Keras, TensorFlow and PyTorch, and explain its arguments and
#    defaults;
# 2. convert images and filters between the axis orders of the libraries;
# 3. move weights from one library to another, and test that both compute the same layer.
#
# **Time:** about 40 minutes. **You need:** [The convolution layer](06_convolution_layer.ipynb). The
# lesson is optional. Cells for Keras, TensorFlow and PyTorch are skipped where these are not
# installed; the figures, predictions and exercises need NumPy only.
#
# ## Channels last and channels first
#
# Libraries call an array with any number of axes a [**tensor**](glossary.md#tensor). A batch of images
# is a tensor with four axes: N for the examples, H for the height, W for the width and C for the
# channels. The order of these axes is the [**data format**](glossary.md#data-format), and two are common:
#
# - **NHWC**, or channels last: $(m, n_H, n_W, n_C)$. This course uses it, and so do Keras and
#   TensorFlow by default.
# - **NCHW**, or channels first: $(m, n_C, n_H, n_W)$. PyTorch uses it.
#
# Memory has only one dimension, so a tensor is stored as a sequence of numbers. The position of a number
# in this sequence, counted from 0, is its **offset**. In **row-major** order, the default, the last axis
# changes fastest. So NHWC stores all the channels of a pixel next to each other, and NCHW stores all of
# channel 0, then all of channel 1.
#
# Here is a batch of one image with 2 rows, 3 columns and 2 channels. The values of channel 1 are ten
# times those of channel 0, so each number shows where it belongs:
#
# $$\text{channel 0:} \begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix} \qquad
# \text{channel 1:} \begin{pmatrix} 10 & 20 & 30 \\ 40 & 50 & 60 \end{pmatrix}$$
#
# In the next cell, `transpose(0, 3, 1, 2)` lists the old axes in their new order: axis 3, the channels,
# moves to position 1. The way back is `transpose(0, 2, 3, 1)`.
#
# **Predict.** What is the offset of the value in row 1, column 2, channel 0 (the 6) when this batch is
# stored in NHWC order, and what is it in NCHW order? Answer with a tuple, `(NHWC, NCHW)`.

# %%
channel = np.array([[1, 2, 3], [4, 5, 6]])
image = np.stack([channel, 10 * channel], axis=-1)[None]
image_nchw = image.transpose(0, 3, 1, 2)
print("NHWC", image.shape, "  NCHW", image_nchw.shape)
predict("offset", None)


# %% jupyter={"source_hidden": true} cellView="form"
assert np.shares_memory(image, image_nchw) and not image_nchw.flags.c_contiguous
assert not np.shares_memory(image, np.ascontiguousarray(image_nchw))


def draw_memory(offset):
    """Both channels of the image, and the two sequences in memory with one offset outlined."""
    figure, axes = plt.subplot_mosaic(
        [["0", "1"], ["nhwc", "nhwc"], ["nchw", "nchw"]],
        figsize=(8.5, 4.6),
        height_ratios=[2.2, 1, 1],
        layout="constrained",
    )
    marks = {"0": [], "1": []}
    places = []
    for name, array, color in (("nhwc", image, "tab:orange"), ("nchw", image_nchw, "black")):
        sequence = array.reshape(1, 12)
        value = sequence[0, offset]
        k = int(value >= 10)
        h, w = divmod(value // 10**k - 1, 3)
        marks[str(k)].append((h, w, 1, 1, color))
        places.append(f"{name.upper()}: row {h}, column {w}, channel {k}")
        window = [(0, offset, 1, 1, color)]
        draw_grid(axes[name], sequence, name.upper(), window, hatched=sequence >= 10, scale=(0, 20))
        axes[name].set_yticks([])
    for k in range(2):
        values = image[0, :, :, k]
        draw_grid(axes[str(k)], values, f"channel {k}", marks[str(k)], values >= 10, (0, 20))
    figure.suptitle(f"offset {offset}   " + "   ".join(places), fontsize=11)
    return figure


animate(
    draw_memory,
    range(12),
    "The two channels of the image as grids of 2 by 3, and below them the twelve numbers in memory, "
    "once in NHWC and once in NCHW order. An outline visits the offsets 0 to 11. NHWC: 1, 10, 2, "
    "20, 3, 30, 4, 40, 5, 50, 6, 60; the channels alternate. NCHW: 1 to 6, then 10 to 60.",
    seconds=1.0,
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# In NHWC, row 1, column 2 is the sixth pixel, so $5 \cdot 2 =$
# [10]{= image.reshape(-1).tolist().index(6) } values come before it. In NCHW, the
# [5]{= image_nchw.reshape(-1).tolist().index(6) } other values of channel 0 come before it.
#
# </details>
#
# `transpose` does not move a single number: `image_nchw` has the NCHW shape, but shares its memory with
# `image`, in NHWC order. Only the offsets are computed differently. `np.ascontiguousarray`
# makes a copy in NCHW order, as in the figure; in PyTorch, `.contiguous()` does.
#
# `image.reshape(1, 2, 2, 3)` also has the shape of an NCHW batch: two channels of 2 rows and 3
# columns.
#
# **Predict.** What is the first row of channel 0 in `image.reshape(1, 2, 2, 3)`? Answer with a list
# of three numbers.

# %%
predict("reshape", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[[1, 10, 2]]{= image.reshape(1, 2, 2, 3)[0, 0, 0].tolist() }`: the first three values in memory. `reshape` keeps the
# order of the values and only cuts the sequence at other points, so pixels and channels get mixed up.
#
# </details>
#
# This is what happened to copy B of the network. **To change the order of axes, use `transpose`, never
# `reshape`.**
#
# ## Filters: HWIO and OIHW
#
# The filters of a layer have four axes, too: kernel height H, kernel width W, input channels I and
# output channels O. This course, Keras and TensorFlow use **HWIO**, and PyTorch uses **OIHW**:
#
# $$W^{\text{PyTorch}}_{c,\,k,\,r,\,q} = W_{r,\,q,\,k,\,c}$$
#
# The output channel (old axis 3) comes first, then the input channel (2), then row (0) and column (1):
# `W.transpose(3, 2, 0, 1)`. The biases are a 1-D array of $n_C$ numbers in all libraries. The figure
# follows one image through the first layer of the edge network, with 64 filters of 3 x 3, in both
# data formats.

# %% jupyter={"source_hidden": true} cellView="form"
from matplotlib.patches import FancyBboxPatch

W_first, b_first = edge_layers[0]
W_oihw = W_first.transpose(3, 2, 0, 1)
Z_first = conv2d(normalized(photo), W_first, b_first, padding=1)
to_nchw, to_oihw, to_nhwc = (0, 3, 1, 2), (3, 2, 0, 1), (0, 2, 3, 1)
array_color, layer_color = "#dbe9f6", "#f9c58d"


def draw_box(ax, x, y, title, shape, color, width=3.1):
    style = {"boxstyle": "round,pad=0.1", "facecolor": color, "edgecolor": "0.3"}
    ax.add_patch(FancyBboxPatch((x, y), width, 1, **style))
    ax.text(x + width / 2, y + 0.5, f"{title}\n{shape}", ha="center", va="center", fontsize=10)


def draw_arrow(ax, start, end, label="", ha="center", shift=(0, 0.15)):
    ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "lw": 1.5, "color": "0.3"})
    middle = (np.array(start) + end) / 2 + shift
    ax.text(*middle, label, ha=ha, va="center", fontsize=9, family="monospace")


fig, ax = plt.subplots(figsize=(11.5, 4.6), layout="constrained")
ax.set(xlim=(-0.3, 15.6), ylim=(-0.3, 6.1))
ax.axis("off")
X_first = normalized(photo)
draw_box(ax, 0, 4.4, "images, NHWC", X_first.shape, array_color)
draw_box(ax, 6.1, 4.4, "Conv2D in Keras", "padding='same'", layer_color)
draw_box(ax, 12.2, 4.4, "output, NHWC", Z_first.shape, array_color)
draw_box(ax, 6.1, 2.2, "filters, HWIO", W_first.shape, array_color)
draw_box(ax, 0, 0, "images, NCHW", X_first.transpose(to_nchw).shape, array_color)
draw_box(ax, 6.1, 0, "Conv2d in PyTorch", "padding=1", layer_color)
draw_box(ax, 12.2, 0, "output, NCHW", Z_first.transpose(to_nchw).shape, array_color)
draw_arrow(ax, (3.3, 4.9), (5.9, 4.9))
draw_arrow(ax, (9.4, 4.9), (12.0, 4.9))
draw_arrow(ax, (3.3, 0.5), (5.9, 0.5))
draw_arrow(ax, (9.4, 0.5), (12.0, 0.5))
draw_arrow(ax, (7.65, 3.35), (7.65, 4.25), "unchanged", "left", (0.15, 0))
draw_arrow(
    ax, (7.65, 2.05), (7.65, 1.15), f"transpose{to_oihw}\nOIHW {W_oihw.shape}", "left", (0.15, 0)
)
draw_arrow(ax, (1.55, 4.25), (1.55, 1.15), f"transpose{to_nchw}", "left", (0.15, 0))
draw_arrow(ax, (13.75, 1.15), (13.75, 4.25), f"transpose{to_nhwc}", "right", (-0.15, 0))
present(
    fig,
    "A flow chart. Upper lane: images in NHWC order, (1, 220, 300, 3), go through Conv2D in Keras and "
    "become an output of (1, 220, 300, 64). The filters, HWIO, (3, 3, 3, 64), enter it unchanged. "
    "Lower lane: the images are transposed by (0, 3, 1, 2) to (1, 3, 220, 300), go through Conv2d in "
    "PyTorch, with the filters transposed by (3, 2, 0, 1) to (64, 3, 3, 3), and become (1, 64, 220, 300). The transpose "
    "(0, 2, 3, 1) leads from there to the output of the upper lane.",
)

# %% [markdown] tags=["row-9"]
# ## The convolution layer in Keras
#
# Our example is the layer of lesson 06: one image with 3 rows, 4 columns and 2
# channels, two filters of 2 x 2, and the biases 1 and $-1$. The course's `conv2d` gives the
# [**reference output**](glossary.md#reference-output) `A` that every library has to reproduce.
#
# In Keras, the layer is `layers.Conv2D`. Its main arguments are
#
# - `filters`: the number of filters, which is the number of output channels;
# - `kernel_size`: height and width of the kernels, as a pair, or one number for both;
# - `strides`: a pair or one number, 1 by default;
# - `padding`: `"valid"` (the default) or `"same"`;
# - `activation`: for example `"relu"`, none by default;
# - `use_bias`: whether there are biases, `True` by default;
# - `data_format`: `"channels_last"` by default.
#
# The number of input channels is not an argument. Keras creates the weights when the layer sees its
# first input, or when you call `build`. `set_weights` then replaces the random weights with ours. (Keras
# calls all filters together the *kernel*.)

# %%
channel_0 = np.array([[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1]])
channel_1 = np.array([[0, 2, 1, 0], [2, 0, 0, 1], [1, 1, 2, 0]])
A_prev = np.stack([channel_0, channel_1], axis=-1)[None].astype(np.float32)
filter_0 = np.stack([[[1, 0], [0, 1]], [[0, 2], [-1, 0]]], axis=-1)
filter_1 = np.stack([[[1, -1], [2, 0]], [[0, 1], [0, -2]]], axis=-1)
W = np.stack([filter_0, filter_1], axis=-1).astype(np.float32)
b = np.array([1, -1], dtype=np.float32)

Z = conv2d(A_prev, W, b)
A = np.maximum(Z, 0)
print("A_prev", A_prev.shape, "  W", W.shape, "  b", b.shape, "  A", A.shape)

# %% needs="keras tensorflow"
import keras
from keras import layers

keras_layer = layers.Conv2D(2, kernel_size=2, activation="relu")
keras_layer.build(A_prev.shape)
keras_layer.set_weights([W, b])
A_keras = keras.ops.convert_to_numpy(keras_layer(A_prev))

print("kernel", tuple(keras_layer.kernel.shape), "  bias", tuple(keras_layer.bias.shape))
np.testing.assert_allclose(A_keras, A)

# %% [markdown]
# Two new layers see a batch of 4 color images of 128 x 128 pixels:
# `layers.Conv2D(6, kernel_size=2, padding="same")` and `layers.Conv2D(4, kernel_size=2, strides=2)`.
#
# **Predict.** What is the output shape of the second layer? Also work out the number of parameters of
# both layers.

# %%
predict("keras", None)

# %% [markdown] tags=["row-9"]
# <details>
# <summary>Answer</summary>
#
# The second output is (4, 64, 64, 4): without padding there are $(128 - 2)/2 + 1 =$
# [64]{= (128 - 2) // 2 + 1 } positions along each axis, and the layer has
# $(2 \cdot 2 \cdot 3 + 1) \cdot 4 =$ [52]{= (2 * 2 * 3 + 1) * 4 } parameters. The first output is
# (4, 128, 128, 6), and the first layer has $(2 \cdot 2 \cdot 3 + 1) \cdot 6 =$
# [78]{= (2 * 2 * 3 + 1) * 6 }.
#
# </details>
#
# ## The convolution layer in TensorFlow
#
# TensorFlow includes Keras as `tf.keras`. Below that level there is a plain function,
# `tf.nn.conv2d`. Like the course's `conv2d`, it stores nothing: you pass the filters with every call,
# and you add the bias and the activation yourself. `strides` and `padding` have no default, and the
# names of the paddings are in capitals.

# %% needs="keras tensorflow"
import tensorflow as tf

Z_tf = tf.nn.conv2d(A_prev, W, strides=1, padding="VALID") + b
A_tf = tf.nn.relu(Z_tf)
np.testing.assert_allclose(Z_tf, Z)
np.testing.assert_allclose(A_tf, A)

tf_layer = tf.keras.layers.Conv2D(2, 3, activation="relu")  # the layer of Keras
Y = tf_layer(tf.random.normal((4, 28, 28, 3), seed=0))
print(Y.shape, tf_layer.count_params(), "parameters")
assert Y.shape == (4, 26, 26, 2) and tf_layer.count_params() == 56

# %% [markdown] tags=["row-9"]
# ## The convolution layer in PyTorch
#
# The layer is `nn.Conv2d`, and its images have the channels **first**. Its arguments are
#
# - `in_channels`, `out_channels`: both are required, because the weights are created immediately;
# - `kernel_size`, `stride`: a number or a pair, as in Keras;
# - `padding`: the number of rows and columns on **each side**, as in this course, or `"valid"` or
#   `"same"` (the latter for stride 1 only);
# - `bias`: whether there are biases, `True` by default.
#
# The activation is a layer or a function of its own. `F.conv2d` is the counterpart of `tf.nn.conv2d`,
# and `nn.LazyConv2d`, which d2l uses, takes `in_channels` from its first input.
#
# To use our weights, transpose the images and the filters on the way in and the output on the way
# back. `torch.no_grad()` tells PyTorch not to record these steps for gradients.

# %% needs="torch"
import torch
import torch.nn.functional as F
from torch import nn

X_torch = torch.from_numpy(A_prev.transpose(0, 3, 1, 2))
torch_layer = nn.Conv2d(in_channels=2, out_channels=2, kernel_size=2)
with torch.no_grad():
    torch_layer.weight.copy_(torch.from_numpy(W.transpose(3, 2, 0, 1)))
    torch_layer.bias.copy_(torch.from_numpy(b))
    A_torch = F.relu(torch_layer(X_torch)).numpy().transpose(0, 2, 3, 1)

print("input", tuple(X_torch.shape), "  weight", tuple(torch_layer.weight.shape))
np.testing.assert_allclose(A_torch, A)
try:
    torch_layer(torch.from_numpy(A_prev))  # not transposed
except RuntimeError as error:
    print(error)

# %% [markdown]
# The last line of the output is the error for images with the channels last. It does not mention the
# data format, but says that the layer expects 2 channels and got 3, the number of rows. If that number
# happens to be right, and the kernel fits, there is no error at all.
#
# ## Side by side
#
# | | this course | Keras | TensorFlow | PyTorch |
# |---|---|---|---|---|
# | name | `conv2d` | `Conv2D` | `tf.nn.conv2d` | `nn.Conv2d`, `F.conv2d` |
# | images | NHWC | NHWC | NHWC | NCHW |
# | filters | HWIO | HWIO | HWIO | OIHW |
# | input channels | from `W` | from the input | from the filters | `in_channels` |
# | number of filters | from `W` | `filters` | from the filters | `out_channels` |
# | stride | `stride` | `strides` | `strides` | `stride` |
# | padding | per side, 0 | `"valid"`, `"same"` | `"VALID"`, `"SAME"`, or pairs | per side, 0; or a name |
# | activation | `np.maximum(Z, 0)` | `activation="relu"` | `tf.nn.relu` | `nn.ReLU`, `F.relu` |
# | initial weights | | uniform, up to $\sqrt{6 / (f^2 n_{C_{prev}} + f^2 n_C)}$ | | uniform, up to $1 / \sqrt{f^2 n_{C_{prev}}}$ |
# | initial biases | | 0 | | as the weights |
#
# Keras' rule for the initial weights is called *Glorot uniform*. For 16 filters of 6 x 6 on 4
# channels, it draws weights from $-0.091$ to [0.091]{= f'{(6 / (36 * 4 + 36 * 16)) ** 0.5:.3f}' }, and
# PyTorch from $-0.083$ to [0.083]{= f'{1 / (36 * 4) ** 0.5:.3f}' }. So the same architecture
# starts differently in the two libraries.
#
# **Predict.** A new layer with its initial parameters and without an activation function sees an image
# that is 0 everywhere. In which library is its output certain to be 0 everywhere: `"keras"`,
# `"torch"`, `"both"` or `"neither"`?

# %%
predict("zeros", None)

# %% needs="keras tensorflow torch" jupyter={"source_hidden": true} cellView="form"
import warnings

# First, what the text says about the layers above.
same_layer = layers.Conv2D(6, kernel_size=2, padding="same")
strided_layer = layers.Conv2D(4, kernel_size=2, strides=2)
X = np.zeros((4, 128, 128, 3), np.float32)
assert same_layer(X).shape == (4, 128, 128, 6) and same_layer.count_params() == 78
assert strided_layer(X).shape == (4, 64, 64, 4) and strided_layer.count_params() == 52
assert torch.zeros(1, 2, 2, 3).to(memory_format=torch.channels_last).stride() == (12, 1, 6, 2)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # some versions warn that lazy layers are new
    lazy = nn.LazyConv2d(16, 6)
lazy(torch.zeros(1, 4, 50, 100))
assert lazy.weight.shape == (16, 4, 6, 6) and lazy.in_channels == 4

new_keras, new_torch = layers.Conv2D(16, 6), nn.Conv2d(4, 16, 6)
new_keras.build((None, 50, 100, 4))
largest_keras = np.abs(new_keras.get_weights()[0]).max()
largest_torch = new_torch.weight.abs().max().item()
assert 0.09 < largest_keras <= (6 / 720) ** 0.5 and 0.08 < largest_torch <= 1 / 12
on_zeros = new_torch(torch.zeros(1, 4, 50, 100)).abs().max().item()
print(
    "largest output on zeros, Keras:  ", float(np.abs(new_keras(np.zeros((1, 50, 100, 4)))).max())
)
print(f"largest output on zeros, PyTorch: {on_zeros:.4f}")

# %% [markdown] tags=["row-10"]
# <details>
# <summary>Answer</summary>
#
# Only in Keras. On an image of zeros, every weight is multiplied by 0 and only the bias is left. Keras
# initializes the biases to 0, PyTorch to random numbers from the same range as the weights.
#
# </details>
#
# ## Non-square kernels
#
# How could you have noticed that copy A of the edge network was wrong? All of its kernels are 3 x 3. If
# rows and columns are swapped, every shape still fits. The example of lesson 06 is even worse as a
# test: `W` has the shape `[(2, 2, 2, 2)]{= W.shape }`, so *every* order of its axes fits.
#
# Libraries also accept a pair, `kernel_size=(3, 4)`, and non-square kernels reveal such a mistake. Take
# an RGB image of 7 x 7 pixels and two filters of 3 rows, 4 columns and 3 channels. The NumPy code below
# adds up one shifted part of the image for each kernel position, and `@` sums over the channels.
#
# **Predict.** In PyTorch, you swap the last two axes by mistake and pass `W_34.transpose(3, 2, 1, 0)`.
# What are the rows and columns of a feature map then? Answer with a tuple, `(rows, columns)`.

# %%
rng = np.random.default_rng(3)
x_rgb = rng.integers(0, 10, size=(7, 7, 3)).astype(np.float32)
W_34 = rng.integers(-2, 3, size=(3, 4, 3, 2)).astype(np.float32)

Z_34 = np.zeros((5, 4, 2), dtype=np.float32)
for r in range(3):
    for q in range(4):
        Z_34 += x_rgb[r : r + 5, q : q + 4] @ W_34[r, q]
predict("swapped", None)

# %% jupyter={"source_hidden": true} cellView="form"
Z_43 = np.zeros((4, 5, 2), dtype=np.float32)
for r in range(4):
    for q in range(3):
        Z_43 += x_rgb[r : r + 4, q : q + 5] @ W_34[q, r]

# What exercise 4 asks for.
laplace = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
twice = image_nchw.transpose(0, 3, 1, 2)
thrice = twice.transpose(0, 3, 1, 2)
turned = np.ascontiguousarray(photo.swapaxes(0, 1))
drawn_turned = with_filters(lambda W: W.swapaxes(0, 1)).draw(turned)
np.testing.assert_allclose(drawn_turned.T, drawn, atol=1e-4)

orange = "tab:orange"
span = (min(Z_34.min(), Z_43.min()), max(Z_34.max(), Z_43.max()))
fig, axes = plt.subplots(1, 3, figsize=(11, 4), width_ratios=[7, 4, 5], layout="constrained")
patches = [(0, 0, 3, 4, orange), (0, 0, 4, 3, "black")]
draw_grid(axes[0], x_rgb[:, :, 0], "channel 0 of the image,\nthe first patches", patches)
first = (0, 0, 1, 1)
draw_grid(axes[1], Z_34[:, :, 0], "map 0,\nright kernels", [(*first, orange)], scale=span)
draw_grid(axes[2], Z_43[:, :, 0], "map 0,\nkernels swapped", [(*first, "black")], scale=span)
present(
    fig,
    "Channel 0 of the image, 7 by 7 numbers, with two patches outlined in its upper left corner: 3 rows "
    "and 4 columns (solid), and 4 rows and 3 columns (dashed). Next to it feature map 0 for the "
    "right kernels, 5 by 4, and for the swapped ones, 4 by 5. The numbers differ, too.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The kernels become 4 x 3, so the feature map is `[(4, 5)]{= Z_43.shape[:2] }` instead of
# `[(5, 4)]{= Z_34.shape[:2] }`. With square kernels, only the numbers would be wrong.
#
# </details>
#
# So test every move **with sizes that all differ, and compare the numbers** with a reference output, not
# just the shapes:

# %% needs="keras tensorflow torch"
keras_layer = layers.Conv2D(2, kernel_size=(3, 4), use_bias=False)
keras_layer.build((None, 7, 7, 3))
keras_layer.set_weights([W_34])
np.testing.assert_allclose(keras_layer(x_rgb[None])[0], Z_34)
np.testing.assert_allclose(tf.nn.conv2d(x_rgb[None], W_34, 1, "VALID")[0], Z_34)

x_torch = torch.from_numpy(x_rgb[None].transpose(0, 3, 1, 2))
Z_torch = F.conv2d(x_torch, torch.from_numpy(W_34.transpose(3, 2, 0, 1)))
Z_wrong = F.conv2d(x_torch, torch.from_numpy(W_34.transpose(3, 2, 1, 0)))
np.testing.assert_allclose(Z_torch[0].permute(1, 2, 0), Z_34)  # permute is PyTorch's transpose
np.testing.assert_allclose(Z_wrong[0].permute(1, 2, 0), Z_43)
print("PyTorch", tuple(Z_torch.shape), "  swapped", tuple(Z_wrong.shape))

# %% [markdown]
# ## Moving a trained network
#
# Now you can move the edge network, all [260,289]{= f'{n_parameters:,}' } parameters. It has two blocks
# of two convolution layers with ReLU, a max pooling between the blocks, and a 1x1 convolution at the
# end. (Pooling is the topic of lesson 10. The final upsampling and sigmoid stay in NumPy.)
# `edge_layers` lists the pairs `(W, b)`.
#
# The preprocessing has to move, too. This network was trained on images with the channels blue, green,
# red, minus their means; `normalized` prepares the photograph in this way.

# %% needs="keras tensorflow"
edge_keras = keras.Sequential(
    [
        keras.Input((None, None, 3)),  # one image, of any size
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(128, 3, padding="same", activation="relu"),
        layers.Conv2D(128, 3, padding="same", activation="relu"),
        layers.Conv2D(1, 1),
    ]
)
edge_keras.set_weights([array for pair in edge_layers for array in pair])
logits_keras = edge_keras.predict(normalized(photo), verbose=0)
print(logits_keras.shape, f"{edge_keras.count_params():,} parameters")

# %% needs="torch"
edge_torch = nn.Sequential(
    nn.Conv2d(3, 64, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(64, 64, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(64, 128, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(128, 128, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(128, 1, 1),
)
convolutions = [layer for layer in edge_torch if isinstance(layer, nn.Conv2d)]
with torch.no_grad():
    for layer, (W_layer, b_layer) in zip(convolutions, edge_layers, strict=True):
        layer.weight.copy_(torch.from_numpy(W_layer.transpose(3, 2, 0, 1)))
        layer.bias.copy_(torch.from_numpy(b_layer))
    X_edge = torch.from_numpy(normalized(photo).transpose(0, 3, 1, 2))
    logits_torch = edge_torch(X_edge).numpy().transpose(0, 2, 3, 1)
print(logits_torch.shape)

# %% needs="keras tensorflow torch" jupyter={"source_hidden": true} cellView="form"
from convnet.edges import enlarge

logits = network.side_outputs(photo)[-1]
sides = [enlarge(array[0, :, :, 0], photo.shape[:2]) for array in (logits_keras, logits_torch)]
for name, side in zip(("Keras", "PyTorch"), sides, strict=True):
    np.testing.assert_allclose(side, logits, atol=0.1)
    print(f"{name}: largest difference of a logit {np.abs(side - logits).max():.6f}")

fig, axes = plt.subplots(1, 3, figsize=(11, 3), layout="constrained")
titles = ("this course", "Keras", "PyTorch")
for ax, title, z in zip(axes, titles, (logits, *sides), strict=True):
    draw_image(ax, 1 - 1 / (1 + np.exp(-z)), title, (0, 1), scale=False)

# What exercise 1 asks for.
conv = nn.Conv2d(4, 16, 6, stride=2)
assert conv(torch.zeros(2, 4, 50, 100)).shape == (2, 16, 23, 48)
assert conv.weight.shape == (16, 4, 6, 6) and sum(p.numel() for p in conv.parameters()) == 2320
images, moved = torch.zeros(8, 40, 60, 16), nn.Conv2d(16, 32, (5, 3), padding=(2, 1))
same = layers.Conv2D(32, (5, 3), padding="same")(images.numpy())
assert same.shape == (8, 40, 60, 32) and moved.weight.shape == (32, 16, 5, 3)
assert moved(images.reshape(8, 16, 40, 60)).shape == (8, 32, 40, 60)
try:
    F.conv2d(images.permute(0, 3, 1, 2), moved.weight.permute(2, 3, 1, 0))
except RuntimeError as error:
    assert "to have 3 channels, but got 16" in str(error)
else:
    raise AssertionError("mistake d should raise an error")
swapped = F.conv2d(images.permute(0, 3, 1, 2), moved.weight.mT, padding=(2, 1))
assert swapped.shape == (8, 32, 42, 58)

present(fig, "Three drawings of the tower, by this course, Keras and PyTorch, that look the same.")

# %% [markdown] tags=["row-9"]
# The three drawings agree, up to rounding errors of 32-bit numbers. Lesson 17 continues from here, with
# gradients and with the other layers that differ between the libraries.
#
# ## Further: convolutions in one and three dimensions
#
# *You can skip this section.* Some data has only one axis along which a kernel can slide: audio, or a
# temperature measured every hour. Other data has three: a CT scan is a stack of images, and a video is
# a sequence of them. The layers are called `Conv1D` and `Conv3D` in Keras, and `nn.Conv1d` and
# `nn.Conv3d` in PyTorch.
#
# The kernel $(-1, 1)$ on the sequence 1, 2, 4, 7, 7 computes how much each value exceeds the previous
# one, an edge detector for sequences. Four filters of 3 x 3 x 3 on a scan with one channel have
# $(3 \cdot 3 \cdot 3 \cdot 1 + 1) \cdot 4 =$ [112]{= (3**3 * 1 + 1) * 4 } parameters.

# %% needs="keras tensorflow"
sequence, kernel_1d = np.array([1.0, 2, 4, 7, 7], np.float32), np.array([-1.0, 1], np.float32)
layer_1d = layers.Conv1D(1, kernel_size=2, use_bias=False)
layer_1d.build((None, 5, 1))  # examples, steps, channels
layer_1d.set_weights([kernel_1d.reshape(2, 1, 1)])
rises = layer_1d(sequence.reshape(1, 5, 1))[0, :, 0]
print("sequence:", np.array(rises))
np.testing.assert_allclose(rises, np.correlate(sequence, kernel_1d, mode="valid"))

layer_3d = layers.Conv3D(4, kernel_size=3)
Y = layer_3d(np.zeros((1, 10, 32, 32, 1), np.float32))
print("scan: (1, 10, 32, 32, 1) to", tuple(Y.shape), layer_3d.count_params(), "parameters")
assert Y.shape == (1, 8, 30, 30, 4) and layer_3d.count_params() == 112

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: from Keras to PyTorch, on paper
#
# 1. `nn.Conv2d(4, 16, 6, stride=2)` is applied to 2 images of 50 x 100 pixels. What is the `shape` of
#    the output?
# 2. You move `layers.Conv2D(32, (5, 3), padding="same")` to PyTorch, for images of shape
#    (8, 40, 60, 16). What is the shape of the filters there, `weight_shape`?
# 3. Which `padding`, a tuple (rows, columns), replaces `"same"`?
# 4. Which of these mistakes in the move raise no error **and** leave the output shape right? Write
#    `silent` as a text, such as `"bd"`.
#    - a: the biases are not copied;
#    - b: rows and columns of the kernels are swapped, with the padding of question 3;
#    - c: the images are reshaped to (8, 16, 40, 60), not transposed;
#    - d: the filters stay in the order HWIO.

# %%
shape = None
weight_shape = None
padding = None
silent = None
### BEGIN SOLUTION
shape = (2, 16, 23, 48)  # (50 - 6) / 2 + 1 rows and (100 - 6) / 2 + 1 columns
weight_shape = (32, 16, 5, 3)
padding = (2, 1)  # f - 1 in all: 4 rows and 2 columns
silent = "ac"  # b gives 42 x 58, and in d the filters would have 3 input channels
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1, shape",
    shape,
    (2, 16, 23, 48),
    "PyTorch has the order example, channel, row, column. How many positions are there?",
    [
        ((2, 23, 48, 16), "The right numbers, with the channels last. PyTorch has them first."),
        ((2, 16, 48, 23), "Rows come before columns, in PyTorch too."),
        ((2, 16, 22, 47), "The position at 0 is missing."),
        ((2, 16, 24, 49), "That is the shape with padding=1. The default is no padding."),
        ((2, 16, 45, 95), "That is the shape with stride 1."),
        ((2, 16, 25, 50), "Without padding, the kernel does not fit at every second pixel."),
        ((2, 4, 23, 48), "The filters sum over the 4 input channels. How many filters are there?"),
        ((16, 23, 48), "That is the shape for one image. The batch has two."),
        ((16, 4, 6, 6), "That is the shape of the filters."),
    ],
)
public_tests.check_answer(
    "Exercise 1, weight_shape",
    weight_shape,
    (32, 16, 5, 3),
    "OIHW: output channels, input channels, rows, columns.",
    [
        ((5, 3, 16, 32), "That is the shape in Keras, HWIO."),
        ((32, 16, 3, 5), "The kernels have 5 rows and 3 columns."),
        ((16, 32, 5, 3), "The output channels come before the input channels."),
        ((32, 5, 3, 16), "In OIHW, the input channels come second."),
        ((32, 16, 40, 60), "40 x 60 is the size of the images. How large are the kernels?"),
    ],
)
public_tests.check_answer(
    "Exercise 1, padding",
    padding,
    (2, 1),
    "At stride 1, SAME adds f - 1 zeros in all. PyTorch counts the zeros on each side.",
    [
        ((1, 2), "The kernels have 5 rows and 3 columns. Which direction needs more zeros?"),
        ((4, 2), "That is the total. PyTorch counts the zeros on each side."),
        (2, "That is right for the rows. A kernel with 3 columns needs fewer zeros there."),
        ((2, 2), "That is right for the rows. A kernel with 3 columns needs fewer zeros there."),
        ((2, 2, 1, 1), "The right zeros. Conv2d takes one number for both sides of an axis."),
        ("same", "PyTorch accepts it at stride 1. Which numbers does it stand for?"),
    ],
)
letters = None if silent is None else "".join(x for x in "abcd" if x in str(silent).lower())
advice = {
    "a": "Mistake a: does any shape depend on the values of the biases?",
    "b": "Mistake b: how many rows does the output have with kernels of 3 x 5 and this padding?",
    "c": "Mistake c: which shape does the layer see, and which shape does it expect?",
    "d": "Mistake d: how many input channels would filters of shape (5, 3, 16, 32) have in OIHW?",
}
public_tests.check_answer(
    "Exercise 1, silent",
    letters,
    "ac",
    next((advice[x] for x in "abcd" if (x in (letters or "")) != (x in "ac")), ""),
)

# %% [markdown]
# ### Exercise 2: a filter in PyTorch's order
#
# Make an array `W_exercise` of shape (1, 3, 3, 3), the weights of **one** filter in the order of
# PyTorch, OIHW, for RGB images. Its response is the red value of the pixel in the middle of the patch
# minus the green value of the pixel directly above it. You need no PyTorch for this.

# %%
W_exercise = None
### BEGIN SOLUTION
W_exercise = np.zeros((1, 3, 3, 3))
W_exercise[0, 0, 1, 1] = 1  # channel 0 (red), row 1, column 1: the middle
W_exercise[0, 1, 0, 1] = -1  # channel 1 (green), row 0, column 1: above the middle
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
right_filter = np.zeros((1, 3, 3, 3))
right_filter[0, 0, 1, 1], right_filter[0, 1, 0, 1] = 1, -1
public_tests.check_answer(
    "Exercise 2",
    W_exercise,
    right_filter,
    "Which two of the 27 weights are not 0? The axes are filter, channel, row, column.",
    [
        (
            right_filter.swapaxes(2, 3),
            "That is the pixel to the left of the middle. Rows come first.",
        ),
        (-right_filter, "That is green minus red."),
        (right_filter[:, :, ::-1], "That is the pixel below the middle. Row 0 is at the top."),
        (right_filter[:, [1, 0, 2]], "Red and green are swapped."),
        (right_filter[:, [0, 2, 1]], "That is the blue value. The channels are red, green, blue."),
        (abs(right_filter), "That is red plus green."),
        (
            right_filter.transpose(0, 2, 3, 1),
            "That is in the order filter, row, column, channel. In OIHW, the channel comes second.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `filters_buggy` converts filters from HWIO to OIHW, or so its author thinks. It was tested on filters
# of shape (3, 3, 16, 32), and the result had the right shape. First find a shape for which the result
# has a wrong shape. Then write a correct version.


# %%
def filters_buggy(W):
    return W.T  # reverses the order of the axes


counterexample = None  # a shape, such as (3, 3, 16, 32)
### BEGIN SOLUTION
counterexample = (3, 4, 16, 32)
### END SOLUTION


def filters_fixed(W):
    W_torch = None
    ### BEGIN SOLUTION
    W_torch = W.transpose(3, 2, 0, 1)  # output channels, input channels, rows, columns
    ### END SOLUTION
    return W_torch


# %% jupyter={"source_hidden": true} cellView="form"
def outcome(shape):
    four = isinstance(shape, tuple | list) and len(shape) == 4
    if not four or not all(isinstance(size, int | np.integer) and size > 0 for size in shape):
        return "not a tuple of four positive integers"
    f_H, f_W, n_C_prev, n_C = shape
    W_zeros = np.broadcast_to(0.0, shape)  # takes no memory, whatever the shape
    right = filters_buggy(W_zeros).shape == (n_C, n_C_prev, f_H, f_W)
    return "a shape that comes out right" if right else "a shape that comes out wrong"


numbers = np.arange(36.0)
public_tests.check_answer(
    "Exercise 3, counterexample",
    None if counterexample is None else outcome(counterexample),
    "a shape that comes out wrong",
    "Four numbers: kernel height, kernel width, input channels, output channels. Which two "
    "were the same in the author's test?",
)
public_tests.check_function(
    "Exercise 3",
    filters_fixed,
    lambda W: np.moveaxis(W, (3, 2), (0, 1)),
    [
        (numbers.reshape(3, 3, 2, 2),),
        (numbers.reshape(2, 2, 3, 3),),
        (numbers.reshape(2, 2, 9, 1),),
        (W_34,),
    ],
    "Which of the old axes, counted from 0, becomes the first? Which the second?",
    [
        (
            lambda W: W.reshape(W.shape[3], W.shape[2], W.shape[0], W.shape[1]),
            "The shape is right, but reshape keeps the memory order. Permute the axes instead.",
        ),
        (lambda W: W.T, "Rows and columns of the kernels are still swapped."),
        (lambda W: W.transpose(2, 3, 0, 1), "The input channels come before the output channels."),
        (lambda W: W.transpose(0, 3, 1, 2), "That is the permutation for images."),
        (lambda W: W.transpose(2, 3, 1, 0), "That is the way back, from OIHW to HWIO."),
    ],
)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then try it: the cell below draws copy A.
#
# 1. ... you test a move with the Laplace kernel of lesson 01, and rows and columns get swapped? And with
#    Sobel x?
# 2. ... you apply `transpose(0, 3, 1, 2)` twice to a batch? Three times?
# 3. ... copy A of the edge network, with rows and columns of its kernels swapped, gets the *transposed*
#    photograph, `photo.swapaxes(0, 1)`?

# %%
copy_a = with_filters(lambda W: W.swapaxes(0, 1))
fig, ax = plt.subplots(figsize=(4, 3), layout="constrained")
draw_image(ax, 1 - copy_a.draw(photo), "copy A", (0, 1), scale=False)
present(fig, "The drawing of copy A: the tower's outlines, plausible but not quite right.")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. The Laplace kernel is symmetric (`np.array_equal(laplace, laplace.T)` is
#    [True]{= np.array_equal(laplace, laplace.T) }), so the test cannot find the mistake. Sobel x becomes
#    Sobel y, and the test finds it on any image with a vertical edge and no horizontal one.
# 2. The permutation moves the last three axes by one position in a circle. After two times,
#    the batch has the order (example, column, channel, row): `image` has become
#    `[(1, 3, 2, 2)]{= twice.shape }`. After three times it is
#    back to NHWC, `[True]{= np.array_equal(thrice, image) }`. So the way back is the same permutation
#    twice, or once `transpose(0, 2, 3, 1)`.
# 3. You get the right drawing, transposed. Swapping rows and columns in the image *and* in all kernels
#    swaps them in every feature map, and the other layers treat rows and columns alike. So copy A on the
#    photograph gives what the right network gives on the transposed photograph, transposed back. The
#    right network finds edges there, too, and that is why the drawing of copy A looks plausible.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **write a convolution layer** with `layers.Conv2D`, `tf.nn.conv2d` and `nn.Conv2d`, and say what is
#    the default: stride 1, no padding, no activation, biases that start at 0 (Keras) or at random
#    numbers (PyTorch);
# 2. **convert arrays:** images from NHWC to NCHW with `transpose(0, 3, 1, 2)`, and filters from HWIO to
#    OIHW with `transpose(3, 2, 0, 1)`, never with `reshape`;
# 3. **move weights and test the move:** use sizes that all differ, and compare the numbers with a
#    [reference output](glossary.md#reference-output).
#
# | term in this course | you may also read |
# |---|---|
# | [**tensor**](glossary.md#tensor): an array with any number of axes | ndarray |
# | [**data format**](glossary.md#data-format): NHWC or NCHW | `channels_last`, `channels_first` |
# | **HWIO**, **OIHW**: the order of the axes of the filters | kernel layout |
# | **filters** of a layer, `W` | `kernel` (Keras), `weight` (PyTorch) |
#
# ## What to read next
#
# - Next is [Output sizes](08_output_sizes.ipynb), which follows shapes through whole models.
#   [One layer, four libraries](17_one_layer_four_libraries.ipynb) compares gradients and whole networks.
# - The reference pages of the layer in
#   [Keras](https://keras.io/api/layers/convolution_layers/convolution2d/),
#   [TensorFlow](https://www.tensorflow.org/api_docs/python/tf/nn/conv2d) and
#   [PyTorch](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html).
# - PyTorch's tutorial
#   [Channels Last Memory Format](https://docs.pytorch.org/tutorials/intermediate/memory_format_tutorial.html):
#   NHWC in memory, for speed, while the shape stays NCHW.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.4, with code for PyTorch,
#   TensorFlow and others: [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/channels.html).
# - Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural networks* (AISTATS
#   2010), the source of Keras' initial weights:
#   [proceedings.mlr.press](https://proceedings.mlr.press/v9/glorot10a.html).
