# %% [markdown]
# # Transposed convolution
#
# The network in the figure below reduces each digit in the top row to 16 numbers: a 2 x 2 array
# with four channels. From these 16 numbers it draws the digit in the bottom row. Convolution and
# pooling layers make arrays smaller. Which layer makes them larger again?

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from functools import cache

from convnet import layers as np_layers
from convnet.data import digits, load_sample_image
from convnet.functional import avg_pool2d, conv2d, conv2d_backward, conv_transpose2d
from convnet.network import Network
from convnet.plots import draw_grid, draw_image
from convnet.sizes import conv_output_shape, conv_transpose_output_shape
from convnet.training import Adam
from lesson_tools.explorables import explore_sizes
from lesson_tools.figures import animate
from lesson_tools.questions.transposed_convolution import predict
from lesson_tools.sweep import axes_for_grids, draw_sweep

data = digits()
images, test_images = data.train_images, data.test_images


@cache
def train_autoencoder(channels, f, padding, output_padding, seed):
    """Train a network that reproduces its input from a code of shape (2, 2, channels)."""
    decoder = {"f": f, "stride": 2, "padding": padding, "output_padding": output_padding}
    network = Network(
        [
            np_layers.Conv2D(16, 4, stride=2, padding=1),
            np_layers.ReLU(),
            np_layers.Conv2D(channels, 4, stride=2, padding=1),
            np_layers.Conv2DTranspose(16, **decoder),
            np_layers.ReLU(),
            np_layers.Conv2DTranspose(1, **decoder),
        ],
        input_shape=(8, 8, 1),
        seed=seed,
    )
    optimizer, rng = Adam(0.01), np.random.default_rng(seed)
    for _ in range(15):
        for batch in np.array_split(rng.permutation(len(images)), 30):
            difference = network.forward(images[batch], training=True) - images[batch]
            network.backward(2 * difference / difference.size)  # of the mean squared error
            optimizer.step(network.parameters, network.gradients)
    return network


def mean_squared_error(drawn, target):
    return float(np.mean((drawn - target) ** 2))


autoencoder = train_autoencoder(4, 4, 1, 0, seed=0)
codes, drawn = autoencoder.feature_maps(test_images)[2], autoencoder.forward(test_images)
error = mean_squared_error(drawn, test_images)

chosen = [np.flatnonzero(data.test_labels == c)[1] for c in (0, 2, 3, 5, 6, 7, 9)]
limit = np.abs(codes[chosen]).max()
fig, axes = plt.subplots(3, 7, figsize=(7, 3.3), layout="constrained")
for number, column in zip(chosen, axes.T, strict=True):
    tiles = np.full((7, 7), np.nan)  # the four channels, with a gap between them
    tiles[1:3, 1:3], tiles[1:3, 4:6], tiles[4:6, 1:3], tiles[4:6, 4:6] = codes[number].transpose(
        2, 0, 1
    )
    draw_image(column[0], test_images[number, :, :, 0], "", (0, 1), scale=False)
    draw_image(column[1], tiles, "", (-limit, limit), scale=False)
    draw_image(column[2], drawn[number, :, :, 0], "", (0, 1), scale=False)
    column[1].set_frame_on(False)
for ax, name in zip(axes[:, 0], ("digit\n8 x 8", "code\n2 x 2 x 4", "drawn\n8 x 8"), strict=True):
    ax.set_ylabel(name, rotation=0, ha="right", va="center")
present(
    fig,
    "Seven columns. At the top, a handwritten digit of 8 by 8 pixels: 0, 2, 3, 5, 6, 7 and 9. In the "
    "middle, its code: four squares of 2 by 2 values, purple and orange. At the bottom, what the "
    "network draws from the code: the same digits, a little blurred, and still easy to read.",
)

# %% [markdown]
# The network is an [**autoencoder**](glossary.md#autoencoder): it was trained for about a second to
# reproduce its input. Its [**encoder**](glossary.md#encoder) consists of two convolutions with
# stride 2. Its [**decoder**](glossary.md#decoder) leads back from 2 x 2 to 4 x 4 and 8 x 8 with two
# *transposed convolutions*. For test images, the mean squared error is [0.012]{= f"{error:.3f}" }.
#
# Increasing height and width is called [**upsampling**](glossary.md#upsampling). Networks upsample
# wherever the output is an image: in [**semantic
# segmentation**](glossary.md#semantic-segmentation), which predicts a class for every pixel, in
# denoising, and in image generation. A transposed convolution upsamples with a kernel whose
# weights are learned.
#
# **By the end of this lesson you will be able to**
#
# 1. compute a transposed convolution by hand, with stride, padding and output padding, and give the
#    size of its output;
# 2. say how it is related to a convolution, and what it does not invert;
# 3. use the layer in Keras and PyTorch with the same weights, avoid checkerboard artifacts, and
#    compare a learned kernel with interpolation.
#
# **Time:** about 45 minutes. **You need:** [Output sizes](08_output_sizes.ipynb) and
# [Backpropagation](13_backpropagation.ipynb).

# %% [markdown] tags=["row-25"]
# ## Each input value adds a scaled copy of the kernel
#
# A convolution gathers: it reads a window of the input and writes one value. A [**transposed
# convolution**](glossary.md#transposed-convolution) scatters: it reads one value of the input and
# writes to a window of the output. Each input value adds a copy of the
# [kernel](glossary.md#kernel), multiplied by this value. In the animation, the input $A$ is 2 x 2
# and the kernel $W$ is 3 x 3. The helper `transposed(A, W)`, which later cells use, returns the last
# output.

# %% jupyter={"source_hidden": true} cellView="form"
orange, black = "tab:orange", "black"
A = np.array([[1, 2], [3, 4]])
W = np.array([[1, 2, 1], [0, 3, 0], [2, 0, 1]])


def transposed(A, W, **settings):
    """Return the transposed convolution of a 2-D array with a kernel, by the course's library."""
    return conv_transpose2d(A[None, :, :, None], W[:, :, None, None], **settings)[0, :, :, 0]


def draw_copies(stride, step):
    """Draw the transposed convolution of A with W after the first `step` + 1 values of A."""
    used = np.arange(4).reshape(2, 2) <= step
    Z = transposed(A * used, W, stride=stride).astype(float)
    Z[transposed(used.astype(float), np.ones((3, 3)), stride=stride) == 0] = np.nan
    h, w = divmod(step, 2)
    fig = plt.figure(figsize=(7, 3.4 if stride == 1 else 3.7))
    axes = axes_for_grids(fig, [A.shape, W.shape, Z.shape])
    draw_grid(axes[0], A, "input A", [(h, w, 1, 1, orange)])
    draw_grid(axes[1], A[h, w] * W, f"{A[h, w]} times W", scale=(0, 12))
    draw_grid(axes[2], Z, "output so far", [(stride * h, stride * w, 3, 3, orange)], scale=(0, 17))
    return fig


animate(
    lambda step: draw_copies(1, step),
    range(4),
    "Four steps. In each, one value of the input, with the rows 1 2 and 3 4, is outlined. The kernel "
    "times this value is shown, and is added to an outlined window of 3 by 3 cells of the output. The "
    "window moves as the input value does, by one cell. In the end, the output has the rows 1 4 5 2, "
    "3 13 17 4, 2 13 13 2 and 6 8 3 4.",
    seconds=2,
)

# %% [markdown] tags=["row-25"]
# **By hand.** The output value in row 1, column 1 receives a contribution from all four copies. The
# value 1 contributes with the middle of the kernel, 2 with the left weight of the middle row, 3
# with the middle weight of the upper row, and 4 with the upper left weight:
#
# $$1 \cdot 3 + 2 \cdot 0 + 3 \cdot 2 + 4 \cdot 1 = 13$$
#
# Where copies overlap, they are **added**. In a formula, with the [stride](glossary.md#stride) $s$,
# which has been 1 so far, each value of $A$ contributes to $f \times f$ outputs:
#
# $$Z_{sh + r,\; sw + q} \;\mathrel{+}=\; A_{h,w}\, W_{r,q}$$
#
# The indices $h$ and $w$ belong to the **input** here. A bias, if there is one, is added once to
# each output.
#
# ## Why it is called transposed
#
# The next figure shows a convolution and a transposed convolution with the same 3 x 3 kernel. The
# outlines are the same, and only the direction differs. If the convolution reads a pixel with a
# weight, then the transposed convolution writes to this pixel with the same weight.
#
# A convolution without bias is a [linear map](glossary.md#linear-map), so it is the product of a
# matrix $C$ with the image, written as a column. From 4 x 4 to 2 x 2, $C$ has 4 rows, one for each
# output, and 16 columns, one for each pixel. To find column $j$, the code convolves an image that
# is 1 at pixel $j$ and 0 elsewhere.

# %% jupyter={"source_hidden": true} cellView="form"
image_5 = np.array(
    [[1, 0, 2, 1, 0], [0, 1, 1, 0, 2], [2, 1, 0, 1, 1], [1, 0, 1, 2, 0], [0, 2, 1, 0, 1]]
)
small_3 = conv2d(image_5[None, :, :, None], W[:, :, None, None])[0, :, :, 0]
code_3 = np.array([[1, 0, 2], [0, 3, 1], [1, 0, 1]])
large_5 = transposed(code_3, W)
fig = plt.figure(figsize=(7, 3))
axes = axes_for_grids(fig, [(5, 5), (3, 3), (3, 3), (5, 5)])
window, cell = [(1, 2, 3, 3, orange)], [(1, 2, 1, 1, orange)]
for ax, values, title, outlines in (
    (axes[0], image_5, "5 x 5", window),
    (axes[1], small_3, "3 x 3", cell),
    (axes[2], code_3, "3 x 3", cell),
    (axes[3], large_5, "5 x 5", window),
):
    draw_grid(ax, values, title, outlines)
    ax.set(xticks=[], yticks=[])
    ax.title.set_fontsize(10)
for left, right, name in (
    (axes[0], axes[1], "convolution"),
    (axes[2], axes[3], "transposed convolution"),
):
    x = (left.get_position().x1 + right.get_position().x0) / 2
    fig.text(x, 0.47, "→", ha="center", va="center", fontsize=15)
    x = (left.get_position().x0 + right.get_position().x1) / 2
    fig.text(x, 0.93, name, ha="center", va="center", fontsize=12)
present(
    fig,
    "Two pairs of grids. Left, a convolution from 5 by 5 to 3 by 3: rows 1 to 3 and columns 2 to 4 of "
    "the input are outlined, and the one output value in row 1, column 2. Right, a transposed "
    "convolution from 3 by 3 to 5 by 5: the input value in row 1, column 2 is outlined, and rows 1 to "
    "3 and columns 2 to 4 of the output.",
)

# %%
unit_images = np.eye(16).reshape(16, 4, 4, 1)
C = conv2d(unit_images, W[:, :, None, None]).reshape(16, 4).T
Z = (C.T @ A.reshape(-1)).reshape(4, 4)
print(Z)

np.testing.assert_array_equal(Z, transposed(A, W))
dX, _, _ = conv2d_backward(A[None, :, :, None], np.zeros((1, 4, 4, 1)), W[:, :, None, None])
np.testing.assert_array_equal(Z, dX[0, :, :, 0])  # A was the upstream gradient

fig = plt.figure(figsize=(7, 5.5))
axes = axes_for_grids(fig, [C.shape, C.T.shape])
draw_grid(axes[0], C, "C: from 16 pixels to 4 outputs", [(0, 0, 1, 16, orange)], hatched=C == 0)
draw_grid(axes[1], C.T, "C transposed", [(0, 0, 16, 1, orange)], hatched=C.T == 0)
present(
    fig,
    "Two grids of numbers with hatched zeros. C has 4 rows and 16 columns. Its first row, outlined, "
    "is 1 2 1 0, 0 3 0 0, 2 0 1 0 and four zeros. The other rows hold the same weights 1, 4 and 5 "
    "columns further to the right. C transposed has 16 rows and 4 columns; its first column, "
    "outlined, is the first row of C.",
)

# %% [markdown] tags=["row-25"]
# (Zeros are hatched.) The first row of $C$ holds the kernel where the first window lies: 1 2 1 0, then 0 3 0 0, then 2 0
# 1 0. In the transpose $C^T$, it is a column: the copy of the kernel that the first input value
# adds. So $C^T$ times the column 1, 2, 3, 4 is the output of the animation. The layer is named
# after this matrix.
#
# For $z = Cx$, the chain rule gives $dx = C^T dz$. The [backward
# pass](13_backpropagation.ipynb) of a convolution to its input **is** a transposed convolution, as
# the two lines with `dX` confirm.
#
# ## Stride
#
# In a convolution, a stride of 2 roughly halves the output. In a transposed convolution, the stride
# is the distance between the copies of neighboring input values, so a larger stride makes the
# output larger.
#
# **Predict.** With stride 1, $A$ and $W$ gave a 4 x 4 output. How many rows does the output have
# with stride 2?

# %%
predict("stride", None)

# %% jupyter={"source_hidden": true} cellView="form"
animate(
    lambda step: draw_copies(2, step),
    range(4),
    "The same four steps with stride 2. The windows of 3 by 3 cells start at rows 0 and 2 and columns "
    "0 and 2, and the output has 5 by 5 cells: 1 2 3 4 2, 0 3 0 6 0, 5 6 12 8 6, 0 9 0 12 0 and "
    "6 0 11 0 4. Only in row 2 and column 2 do windows overlap.",
    seconds=2,
)

# %% [markdown] tags=["row-25"]
# Along one axis, the last copy starts $s(n - 1)$ positions after the first, and it is $f$ long. The
# output size is
#
# $$n_{out} = s\,(n - 1) + f$$
#
# ## The same output by inserting zeros
#
# Ask the opposite question: which inputs does *one output value* receive contributions from? From
# those nearby, each times a weight of the kernel. This is a weighted sum over a window, so an
# ordinary convolution can compute it:
#
# 1. **Insert** $s - 1$ zeros between neighboring input values. Now they are as far apart as their
#    copies.
# 2. **Pad** with $f - 1$ zeros on each side ([full padding](glossary.md#full-padding)).
# 3. [**Flip**](glossary.md#flip) the kernel. An input value adds the last row of the kernel *below*
#    itself; seen from that output row, the value lies *above*.
# 4. Convolve with stride 1.
#
# The animation shows rows 1 and 2 of the output, and the last position. The padding is hatched.

# %% jupyter={"source_hidden": true} cellView="form"
zeros_inserted = np.array([[1, 0, 2], [0, 0, 0], [3, 0, 4]])
flipped = W[::-1, ::-1]
as_convolution = conv2d(zeros_inserted[None, :, :, None], flipped[:, :, None, None], padding=2)[
    0, :, :, 0
]
np.testing.assert_array_equal(as_convolution, transposed(A, W, stride=2))


def draw_fractional(position):
    fig = plt.figure(figsize=(7, 3.7))
    draw_sweep(fig, zeros_inserted, flipped, position, pad=2)
    fig.axes[1].title.set_text("flipped kernel")
    return fig


animate(
    draw_fractional,
    [*range(5, 15), 24],
    "Eleven steps of a convolution. The padded input has 7 by 7 cells with the values 1, 2, 3 and 4 in rows "
    "2 and 4 and columns 2 and 4, and zeros elsewhere. The flipped kernel has the rows 1 0 2, 0 3 0 and "
    "1 2 1. The window covers one, two or all four of the values. The output of 5 by 5 cells fills row "
    "by row: 1 2 3 4 2, 0 3 0 6 0, 5 6 12 8 6, 0 9 0 12 0 "
    "and 6 0 11 0 4.",
    seconds=0.5,
)

# %% [markdown] tags=["row-25"]
# The output is the same as before. One step of the window is half an input
# pixel, so the layer is also called a *fractionally strided convolution*. Libraries do not compute it
# in this way: most of the products would be with inserted zeros.
#
# ## Padding and output padding
#
# A transposed convolution takes the same settings as the convolution in the other direction. That
# convolution first adds $p$ rows and columns of padding on each side. The transposed convolution
# undoes this at the end: it [**crops**](glossary.md#crop) $p$ rows and columns on each side. More
# padding makes the output *smaller*:
#
# $$n_{out} = s\,(n - 1) + f - 2p$$
#
# For $p = 1$, the 5 x 5 output loses its border. (In the convolution
# with inserted zeros, the padding shrinks from $f - 1$ to $f - 1 - p$ on each side.)
#
# A convolution with $f = 3$, $s = 2$ and $p = 1$ reduces images of 3 x 3 to
# `[(2, 2)]{= conv_output_shape((3, 3), 3, 2, 1) }`, and images of 4 x 4 to
# `[(2, 2)]{= conv_output_shape((4, 4), 3, 2, 1) }` as well, because the division by the stride is
# [rounded down](08_output_sizes.ipynb). To which of these sizes should the transposed convolution
# return? The formula gives 3. For 4, the layer has one more setting, the [**output
# padding**](glossary.md#output-padding) $a$. It adds $a$ rows at the bottom and $a$ columns on the
# right, with $0 \le a < s$:
#
# $$n_{out} = s\,(n - 1) + f - 2p + a$$
#
# **Predict.** What does the new row contain for $p = 1$ and $a = 1$? `"a"`: zeros. `"b"`: a copy of
# the row above it. `"c"`: values that the padding had cropped.

# %%
predict("output_padding", None)

# %% jupyter={"source_hidden": true} cellView="form"
full = transposed(A, W, stride=2)
fig = plt.figure(figsize=(7, 3.2))
axes = axes_for_grids(fig, [(5, 5), (5, 5), (5, 5)])
for ax, size, title in zip(
    axes, (5, 3, 4), ("p = 0, a = 0", "p = 1, a = 0", "p = 1, a = 1"), strict=True
):
    start = 0 if size == 5 else 1
    kept = np.zeros((5, 5), bool)
    kept[start : start + size, start : start + size] = True
    draw_grid(ax, full, f"{title}\n{size} x {size}", [(start, start, size, size, orange)], ~kept)
    settings = {"padding": start, "output_padding": int(size == 4)}
    np.testing.assert_array_equal(
        transposed(A, W, stride=2, **settings), full[start : start + size, start : start + size]
    )
present(
    fig,
    "The full output of 5 by 5 cells three times, with an outline around what is kept and the rest "
    "hatched. Without padding all of it is kept, with p = 1 the inner 3 by 3 cells, and with p = 1 and "
    "a = 1 rows 1 to 4 and columns 1 to 4.",
)

# %%
# Which settings lead from 3 x 3 to 8 x 8? And when does no copy reach an output value?
explore_sizes(3, 3, stride=2, padding=1, transposed=True)

# %% [markdown] tags=["row-25"]
# Despite its name, output padding adds no zeros here: it crops less on two sides. (If $a > p$, no copy
# of the kernel reaches the last $a - p$ rows.) Three examples:
#
# | $n$ | $f$ | $s$ | $p$ | $a$ | output |
# |---|---|---|---|---|---|
# | 3 | 3 | 1 | 0 | 0 | `[(5, 5)]{= conv_transpose_output_shape((3, 3), 3) }` |
# | 2 | 3 | 2 | 1 | 0 | `[(3, 3)]{= conv_transpose_output_shape((2, 2), 3, 2, 1) }` |
# | 2 | 3 | 2 | 1 | 1 | `[(4, 4)]{= conv_transpose_output_shape((2, 2), 3, 2, 1, 1) }` |
#
# With $f = 4$, $s = 2$ and $p = 1$, the output is exactly twice as large as the input, so $a$ is
# not needed. The decoder of our autoencoder uses these settings.
#
# ## Channels, and the layer in Keras and TensorFlow
#
# With several [channels](glossary.md#channel), each input channel $k$ has its own kernel for each
# output channel $c$, and the contributions of all input channels are added:
#
# $$Z_{i,\, sh + r - p,\, sw + q - p,\, c} \;\mathrel{+}=\;
# \sum_k (A_{prev})_{i,h,w,k}\, W_{r,q,c,k}$$
#
# Positions outside the output are cropped. The shape of $W$ is
# $(f, f, n_C, n_{C_{prev}})$, where a convolution has $(f, f, n_{C_{prev}}, n_C)$. It is the
# array of the convolution in the opposite direction, which reads $n_C$ channels and writes
# $n_{C_{prev}}$. The number of parameters follows the same rule for both: the first layer of the decoder
# has $4 \cdot 4 \cdot 16 \cdot 4$ weights and 16 biases, together
# [1,040]{= f"{sum(array.size for array in autoencoder.layers[3].parameters.values()):,}" }.
#
# Keras has
# [`Conv2DTranspose`](https://keras.io/api/layers/convolution_layers/convolution2d_transpose/). Its
# weights have our shape. Its padding is a string: `"valid"` crops nothing, and `"same"` gives an
# output $s$ times as large as the input. If you set `output_padding` with `"same"`, the size follows
# the formula instead, with $p = \lfloor f / 2 \rfloor$.
#
# TensorFlow's own function is `tf.nn.conv2d_transpose`. It expects the shape of the output, which
# replaces the output padding. The cell copies the trained decoder to Keras. Then it lets
# `GradientTape` differentiate an ordinary convolution, and gets the first transposed convolution of
# the decoder.

# %% needs="keras tensorflow"
import keras
import tensorflow as tf
from keras import layers

W1, b1, W2, b2 = (
    autoencoder.layers[number].parameters[name] for number in (3, 5) for name in ("W", "b")
)
keras_decoder = keras.Sequential(
    [
        keras.Input((2, 2, 4)),
        layers.Conv2DTranspose(16, 4, strides=2, padding="same", activation="relu"),
        layers.Conv2DTranspose(1, 4, strides=2, padding="same"),
    ]
)
keras_decoder.set_weights([W1, b1, W2, b2])
np.testing.assert_allclose(keras_decoder.predict(codes, verbose=0), drawn, rtol=1e-4, atol=1e-4)
print("Keras draws the same digits.")

# The gradient of a convolution from 16 channels to 4, with W1 and `codes` as upstream gradient.
per_side = [[0, 0], [1, 1], [1, 1], [0, 0]]  # padding 1 above, below, left and right
Z = tf.nn.conv2d_transpose(codes, W1, (len(codes), 4, 4, 16), strides=2, padding=per_side)
X = tf.Variable(tf.zeros(Z.shape))
with tf.GradientTape() as tape:
    Y = tf.nn.conv2d(X, W1, strides=2, padding=per_side)
gradient = tape.gradient(Y, X, output_gradients=codes)
np.testing.assert_allclose(Z, gradient, rtol=1e-4, atol=1e-4)
np.testing.assert_allclose(Z + b1, autoencoder.feature_maps(test_images)[3], rtol=1e-4, atol=1e-4)
print("from", X.shape, "to", Y.shape, "and its gradient:", gradient.shape)


# %% [markdown] tags=["row-25"]
# ## The layer in PyTorch
#
# [`nn.ConvTranspose2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html)
# takes $s$, $p$ (per side) and $a$ as numbers. Its weights have the shape
# $(n_{C_{prev}}, n_C, f, f)$, so `transpose(3, 2, 0, 1)` converts ours.

# %% needs="torch"
import torch
import torch.nn as nn
import torch.nn.functional as F

decoder = nn.Sequential(
    nn.ConvTranspose2d(4, 16, kernel_size=4, stride=2, padding=1),
    nn.ReLU(),
    nn.ConvTranspose2d(16, 1, kernel_size=4, stride=2, padding=1),
)
state = {}
for name, number in (("0", 3), ("2", 5)):
    parameters = autoencoder.layers[number].parameters
    state[f"{name}.weight"] = torch.tensor(parameters["W"].transpose(3, 2, 0, 1))
    state[f"{name}.bias"] = torch.tensor(parameters["b"])
decoder.load_state_dict(state)
decoder.eval()

with torch.no_grad():
    torch_drawn = decoder(torch.tensor(codes.transpose(0, 3, 1, 2)))
torch.testing.assert_close(
    torch_drawn.permute(0, 2, 3, 1), torch.tensor(drawn), rtol=1e-4, atol=1e-4
)
print("PyTorch draws the same digits:", tuple(torch_drawn.shape))

# %% [markdown] tags=["row-25"]
# ## Further: where Keras and PyTorch differ
#
# *You can skip this section.* With $f = 4$ and $s = 2$, two rows have to be cropped, one on each
# side. With $f = 3$ and $s = 2$, the full output of our 2 x 2 array is 5 x 5. For an output of 4 x
# 4, there is only one row to crop.
#
# **Predict.** You copy the kernel $W$ to both libraries, and both return a 4 x 4 output. The
# outputs are `"a"`: equal; `"b"`: shifted against each other by one pixel; `"c"`: flipped.

# %%
predict("frameworks", None)

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(4.6, 4.6), layout="constrained")
draw_grid(ax, full, "", [(0, 0, 4, 4, orange), (1, 1, 4, 4, black)])
ax.set_title("full output, 5 x 5\nsolid: kept by Keras\ndashed: kept by PyTorch")
present(
    fig,
    "The full output of 5 by 5 cells with two outlines: a solid one around rows and columns 0 to 3, "
    "which Keras keeps, and a dashed one around rows and columns 1 to 4, which PyTorch keeps.",
)

# %% needs="keras tensorflow torch"
layer = layers.Conv2DTranspose(1, 3, strides=2, padding="same", use_bias=False)
layer.build((None, 2, 2, 1))
layer.set_weights([W[:, :, None, None]])
from_keras = layer(A[None, :, :, None].astype(np.float32)).numpy()[0, :, :, 0]

A_torch, W_torch = (torch.tensor(array, dtype=torch.float32)[None, None] for array in (A, W))
from_torch = F.conv_transpose2d(A_torch, W_torch, stride=2, padding=1, output_padding=1)[0, 0]
uncropped = F.conv_transpose2d(A_torch, W_torch, stride=2)[0, 0]

np.testing.assert_array_equal(from_keras, full[:4, :4])
np.testing.assert_array_equal(from_torch, full[1:, 1:])
np.testing.assert_array_equal(uncropped[:4, :4], from_keras)  # crop it yourself
print("Keras:", from_keras, "PyTorch:", from_torch.numpy(), sep="\n")

for output_padding in (0, 1, None):
    layer = layers.Conv2DTranspose(1, 3, strides=2, padding="same", output_padding=output_padding)
    print(f"output_padding={output_padding}:", layer.compute_output_shape((None, 2, 2, 1)))

# %% [markdown] tags=["row-25"]
# With `"same"`, Keras crops $f - s$ rows (if $f > s$), and if this number is odd, the extra one at
# the **bottom**. PyTorch crops $p$ rows at the top and $p - a$ at the bottom, so here the single
# cropped row is at the **top**. If $f - s$ is odd, weights that you copy from one library to the
# other give a shifted image, without any error message. To reproduce Keras in PyTorch, use
# `padding=0` and crop the output yourself, or choose $f - s$ even. Another trap: the default of
# `output_padding` in Keras is `None`, not 0.
#
# ## It inverts the shape, not the values
#
# The layer is sometimes called *deconvolution*. The name is misleading: to deconvolve is to undo a
# convolution, and $C^T$ is not the inverse of $C$. For the test below, a 160 x 160 photograph is
# averaged over 4 x 4 windows with stride 2. The transposed convolution with the same kernel, all
# weights 1/16, brings it back to 160 x 160.
#
# **Predict.** The result is `"a"`: the photograph; `"b"`: the photograph, blurred; `"c"`: the
# photograph, blurred and darker.

# %%
predict("inverse", None)

# %% jupyter={"source_hidden": true} cellView="form"
photo = load_sample_image("flower.jpg")[40:360:2, 160:480:2].mean(axis=2) / 255
average = np.full((4, 4), 1 / 16)
edges = np.outer([1, 2, 2, 1], [-1, -1, 1, 1]) / 12
small_average, small_edges = (
    conv2d(photo[None, :, :, None], kernel[:, :, None, None], stride=2, padding=1)[0, :, :, 0]
    for kernel in (average, edges)
)
returned = transposed(small_average, average, stride=2, padding=1)
returned_edges = transposed(small_edges, edges, stride=2, padding=1)
fig, axes = plt.subplots(2, 3, figsize=(7, 5), layout="constrained")
for ax, values, title, limits in (
    (axes[0, 0], photo, "photograph", (0, 1)),
    (axes[0, 1], small_average, "averages, 80 x 80", (0, 1)),
    (axes[0, 2], returned, "transposed", (0, 1)),
    (axes[1, 0], 4 * returned, "transposed, times 4", (0, 1)),
    (axes[1, 1], small_edges, "edges, 80 x 80", (-0.4, 0.4)),
    (axes[1, 2], returned_edges, "edges, transposed", (-0.15, 0.15)),
):
    draw_image(ax, values, title, limits, scale=False)
    fig.colorbar(
        ax.images[0], ax=ax, orientation="horizontal", ticks=[limits[0], limits[1]], shrink=0.8
    )
present(
    fig,
    "Six images with color bars. A photograph of a flower, its averages of half the size, and the result of "
    "the transposed convolution: the flower, blurred and much darker. Multiplied by 4, it is as bright as "
    "the photograph, but blurred. The activations of an edge kernel, and the result of the transposed "
    "convolution with this kernel: only the outlines of the flower and its petals, purple and orange.",
)

# %% [markdown] tags=["row-25"]
# The shape is restored. The mean brightness has fallen from [0.36]{= f"{photo.mean():.2f}" } to
# [0.09]{= f"{returned.mean():.2f}" }, because away from the border, each pixel receives 1/16 from
# four windows. A factor of 4 would repair this, but the lost detail does not return. After the edge
# kernel, the brightness of whole areas is lost. A decoder has to learn what to draw instead, or
# receives feature maps from the encoder, as in the U-Net.
#
# ## Checkerboards
#
# Count the copies that each output value receives, by a transposed convolution of ones with ones.

# %% jupyter={"source_hidden": true} cellView="form"
ones = np.ones((4, 4))
counts = [transposed(ones, np.ones((f, f)), stride=2) for f in (3, 4)]
fig = plt.figure(figsize=(7, 4))
for ax, values, f in zip(axes_for_grids(fig, [(9, 9), (10, 10)]), counts, (3, 4), strict=True):
    draw_grid(ax, values, f"f = {f}, s = 2", scale=(0, 5))
present(
    fig,
    "Two grids of counts. For f = 3 and s = 2, 9 by 9 cells: inside, rows of 1 2 1 2 alternate with rows "
    "of 2 4 2 4, like a checkerboard. For f = 4 and s = 2, 10 by 10 cells: all inner cells hold 4; in the "
    "two outermost rows and columns they hold 2, and 1 at the corners.",
)

# %% [markdown]
# With $f = 3$ and $s = 2$, the numbers of copies differ from pixel to pixel. Unless the weights
# compensate for this, a uniform input gives a [**checkerboard
# artifact**](glossary.md#checkerboard-artifact), which is often seen in generated images (Odena et
# al., 2016). If $f$ is a multiple of $s$, all counts away from the border are equal.
#
# **Predict.** Are equal counts enough? The input is all ones, $f = 4$, $s = 2$, and the kernel has
# 16 random weights. How many different values does the output have, away from the border?

# %%
predict("checkerboard", None)

# %% jupyter={"source_hidden": true} cellView="form"
random_kernel = np.random.default_rng(0).uniform(0.4, 1.6, (4, 4))
random_kernel *= 4 / random_kernel.sum()
bilinear = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16
uniform = transposed(ones, random_kernel, stride=2)[2:-2, 2:-2]
n_values = len(np.unique(uniform.round(9)))

piece = photo[60:92, 60:92]
repeated = piece.repeat(2, axis=0).repeat(2, axis=1)[None, :, :, None]
panels = {
    "f = 3, equal weights": transposed(piece, np.full((3, 3), 4 / 9), stride=2)[2:-2, 2:-2],
    "f = 4, random weights": transposed(piece, random_kernel, stride=2)[3:-3, 3:-3],
    "f = 4, bilinear": transposed(piece, bilinear, stride=2)[3:-3, 3:-3],
    "repeat, then convolve": conv2d(repeated, np.full((3, 3, 1, 1), 1 / 9))[0, 1:-1, 1:-1, 0],
}
fig, axes = plt.subplots(2, 2, figsize=(5.8, 6.1), layout="constrained")
for ax, (title, values) in zip(axes.flat, panels.items(), strict=True):
    draw_image(ax, values, title, (0, 1), scale=False)
print("different values:", n_values)
present(
    fig,
    "The middle of a flower, upsampled four times. With f = 3 and equal weights, a strong checkerboard "
    "of light and dark pixels covers it. With f = 4 and random weights there is a weaker pattern of "
    "the same period. With bilinear weights, and with repeated pixels and a convolution, the image is "
    "smooth.",
)

# %% [markdown] tags=["row-25"]
# There are [4]{= n_values } values: in each 2 x 2 block, each position receives a *different set* of
# four weights, with a different sum. So a multiple of $s$ removes one cause of checkerboards, but not
# all of them. Upsampling by a fixed rule, such as repeating, and convolving afterwards (the last
# panel) avoids them by construction: on a uniform input, every position away from the border has
# the same sum.
#
# ## Learning to upsample
#
# Repeating each pixel is a transposed convolution whose kernel has four ones in the middle.
# [**Bilinear interpolation**](glossary.md#bilinear-interpolation) is one with the weights 1, 3, 3,
# 1 (divided by 4) along each axis. Can a learned kernel do better? The small images are the 2 x 2
# averages of the digits, 4 x 4 pixels. All three methods have $f = 4$ and $s = 2$, and see the same
# edge pixels repeated around the small image. The output is linear in the 16 weights and the bias,
# so the smallest mean squared error on the training images has a closed form, least squares.
#
# **Predict.** Run the next cell, which fits the kernel. Which of the two fixed methods has the
# smaller error on the test images: `"repeating"` or `"bilinear"`?


# %%
def upsample(small, kernel):
    edge = np.pad(small, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    return conv_transpose2d(edge, kernel.reshape(4, 4, 1, 1), stride=2, padding=3)


def fit(large):
    """Return the weights and the bias that minimize the mean squared error."""
    small = avg_pool2d(large, 2)
    columns = [upsample(small, kernel).ravel() for kernel in np.eye(16)]
    columns.append(np.ones(large.size))
    solution, *_ = np.linalg.lstsq(np.stack(columns, axis=1), large.ravel(), rcond=None)
    return solution[:16].reshape(4, 4), solution[16]


repeating = np.pad(np.ones((2, 2)), 1)
learned, bias = fit(images)
print(learned.round(2), bias.round(2))
predict("upsampling", None)


# %% jupyter={"source_hidden": true} cellView="form"
def upsampled(large):
    small = avg_pool2d(large, 2)
    return {
        "repeating": upsample(small, repeating),
        "bilinear": upsample(small, bilinear),
        "learned": upsample(small, learned) + bias,
    }


on_digits = upsampled(test_images)
small = avg_pool2d(test_images, 2)
np.testing.assert_allclose(on_digits["repeating"], small.repeat(2, axis=1).repeat(2, axis=2))
errors = {name: mean_squared_error(Z, test_images) for name, Z in on_digits.items()}
flower = load_sample_image("flower.jpg")[:424].mean(axis=2)[None, :, :, None] / 255
flower_errors = {name: mean_squared_error(Z, flower) for name, Z in upsampled(flower).items()}
changed = {
    name: float(np.abs(avg_pool2d(Z, 2) - avg_pool2d(test_images, 2)).mean())
    for name, Z in on_digits.items()
}

number = chosen[4]
truth = test_images[number, :, :, 0]
fig, axes = plt.subplots(2, 4, figsize=(7, 3.9), layout="constrained")
draw_image(axes[0, 0], truth, "true digit", (0, 1), scale=False)
draw_image(
    axes[1, 0], avg_pool2d(test_images, 2)[number, :, :, 0], "4 x 4 input", (0, 1), scale=False
)
for column, (name, Z) in zip(axes.T[1:], on_digits.items(), strict=True):
    draw_image(column[0], Z[number, :, :, 0], name, (0, 1), scale=False)
    draw_image(
        column[1], Z[number, :, :, 0] - truth, f"error {errors[name]:.4f}", (-1, 1), scale=False
    )
fig.colorbar(axes[1, 3].images[0], ax=axes[1, 1:], shrink=0.9, label="difference")
present(
    fig,
    "Above, a handwritten 6 of 8 by 8 pixels, and the same digit upsampled from 4 by 4 pixels by "
    "repeating, in blocks, by bilinear interpolation, blurred, and with the learned kernel, a little "
    "clearer. Below, the 4 by 4 input and the differences from the true digit, with the mean squared "
    "error on all test images: " + ", ".join(f"{value:.4f}" for value in errors.values()) + ".",
)

# %% [markdown]
# The difference maps show one digit, and their titles the error on all test images. The learned
# kernel has the smallest error on new digits: [0.0431]{= f"{errors['learned']:.4f}" }, against
# [0.0487]{= f"{errors['repeating']:.4f}" } for repeating and
# [0.0518]{= f"{errors['bilinear']:.4f}" } for bilinear interpolation. Why does the cruder method
# beat the smoother one? One reason is that the strokes are thin. Repeating preserves the mean of each 2 x 2 block
# exactly; bilinear interpolation mixes it with the neighbors, and changes it by
# [0.08]{= f"{changed['bilinear']:.2f}" } on average. A smooth image can reverse the order: on the
# whole photograph of the flower, bilinear interpolation has the error
# [0.00044]{= f"{flower_errors['bilinear']:.5f}" }, repeating
# [0.00052]{= f"{flower_errors['repeating']:.5f}" }, and the kernel learned from digits
# [0.00258]{= f"{flower_errors['learned']:.5f}" }. A learned kernel is fitted to its data.
#
# One linear kernel cannot draw what the averages have lost. The autoencoder's error, also with 16
# numbers per digit, is [0.012]{= f"{error:.3f}" }: its encoder chooses what to keep, and its
# decoder has many kernels and a nonlinearity.
#
# ## Exercises
#
# ### Exercise 1: output padding
#
# A convolution with $f = 4$, $s = 3$ and $p = 1$ reduced images of 27 rows and 28
# columns to 9 x 9. A transposed convolution with the same settings should lead back to 27 x 28.
# Which output padding does it need? Answer with a tuple, for the height and for the width.

# %%
answer = None
### BEGIN SOLUTION
answer = (27 - (3 * 8 + 4 - 2), 28 - (3 * 8 + 4 - 2))
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    answer,
    (1, 2),
    "Which size does the formula give for n = 9 and a = 0? How many rows and columns are missing?",
    [
        ((2, 1), "The right two numbers in the wrong order: the height comes first."),
        ((0, 1), "Count the kernel, and crop the padding on both sides: subtract 2p."),
        ((-1, 0), "You have not cropped anything: subtract 2p. And a is never below 0."),
        (
            (3, 4),
            "The last copy starts at 3 * 8, and it is f long. Subtract 2p from where it ends.",
        ),
        ((1, 1), "The images are not square: compute the width on its own."),
        ((2, 2), "The images are not square: compute the height on its own."),
        (1, "That is right for the height. The width needs a number of its own."),
        (2, "That is right for the width. The height needs a number of its own."),
        ((0, 0), "Without output padding, both sizes are 3 * 8 + 4 - 2."),
        ((2, 3), "a must be smaller than s. How long is the last copy, and where does it start?"),
    ],
)

# %% [markdown]
# ### Exercise 2: inserting zeros
#
# Write `insert_zeros(A, s)`. It returns the 2-D array `A` with $s - 1$ zeros
# between neighboring values along both axes, and no zeros outside. `A` need not be square.


# %%
def insert_zeros(A, s):
    result = None
    ### BEGIN SOLUTION
    n_H, n_W = A.shape
    result = np.zeros((s * (n_H - 1) + 1, s * (n_W - 1) + 1))
    result[::s, ::s] = A
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
def reference_zeros(A, s):
    return np.kron(A, np.eye(1, s * s).reshape(s, s))[
        : s * (len(A) - 1) + 1, : s * (A.shape[1] - 1) + 1
    ]


test_rng = np.random.default_rng(0)
cases = [
    (test_rng.integers(1, 9, size=shape), s)
    for shape, s in (((2, 3), 2), ((3, 2), 3), ((4, 3), 1), ((1, 2), 4))
]
public_tests.check_function(
    "Exercise 2",
    insert_zeros,
    reference_zeros,
    cases,
    "How large is the result along one axis? Start from zeros, and assign to a slice with a step.",
    [
        (
            lambda A, s: np.kron(A, np.eye(1, s * s).reshape(s, s)),
            "There are zeros after the last value, too. They belong between the values only.",
        ),
        (
            lambda A, s: A.repeat(s, axis=0).repeat(s, axis=1),
            "The values are repeated. Only one of each s x s block should remain.",
        ),
        (
            lambda A, s: np.pad(A, s - 1),
            "The zeros surround the values. They belong between them.",
        ),
        (
            lambda A, s: reference_zeros(A, s + 1),
            "There are s zeros between neighbors instead of s - 1.",
        ),
        (
            lambda A, s: reference_zeros(A, s)[:, ::s],
            "The zeros are missing between the columns.",
        ),
        (
            lambda A, s: reference_zeros(A, s)[::s],
            "The zeros are missing between the rows.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: what happens if ...
#
# Decide first, then change the cell.
#
# 1. ... the code has one channel instead of four?
# 2. ... the decoder uses $f = 2$ and $p = 0$, so that copies do not overlap? Or $f = 3$, $p = 1$ and
#    $a = 1$? (The stride is always 2.)
# 3. ... the decoder receives a mixture of the codes of two digits, $(1 - t)$ times the first plus $t$
#    times the second?
# 4. ... the stride in *Checkerboards* is 3? For which $f$ from 3 to 9 are the counts away from the border
#    equal?

# %%
channels, f, padding, output_padding = 4, 4, 1, 0  # change these


def mean_error(*settings):
    """Return the mean squared error on the test images, averaged over three seeds."""
    networks = [train_autoencoder(*settings, seed=seed) for seed in range(3)]
    return np.mean([mean_squared_error(net.forward(test_images), test_images) for net in networks])


print(f"mean squared error {mean_error(channels, f, padding, output_padding):.3f}")

first, second = codes[chosen[0]], codes[chosen[3]]
fig, axes = plt.subplots(1, 7, figsize=(7, 1.4), layout="constrained")
for ax, t in zip(axes, np.linspace(0, 1, 7), strict=True):
    x = ((1 - t) * first + t * second)[None]
    for layer in autoencoder.layers[3:]:
        x = layer.forward(x, training=False)
    draw_image(ax, x[0, :, :, 0], f"t = {t:.2f}", (0, 1), scale=False)
present(
    fig,
    "Seven images, drawn from the code of a 0, from that of a 5, and from five codes between them. The "
    "right stroke of the 0 fades from step to step, and the strokes of the 5 appear.",
)

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. The error rises from [0.012]{= f"{mean_error(4, 4, 1, 0):.3f}" } with four channels to about
#    [0.04]{= f"{mean_error(1, 4, 1, 0):.2f}" } with one. So four numbers that an encoder has chosen serve
#    this decoder about as well as 16 averages serve the single learned kernel.
# 2. The error is [0.017]{= f"{mean_error(4, 2, 0, 0):.3f}" } with $f = 2$, where neighboring input values
#    cannot contribute to the same output, and [0.014]{= f"{mean_error(4, 3, 1, 1):.3f}" } with $f = 3$. Both
#    kernels also have fewer parameters, so the overlap need not be the only reason.
# 3. The five images in the middle are mixtures: the strokes of one digit fade while those of the other
#    appear.
# 4. For `[[3, 6, 9]]{= [f for f in range(3, 10) if np.ptp(transposed(np.ones((9, 9)), np.ones((f, f)), stride=3)[9:-9, 9:-9]) == 0] }`,
#    the multiples of the stride.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **compute a [transposed convolution](glossary.md#transposed-convolution):** each input value adds a
#    scaled copy of the kernel, $s$ positions from its neighbors; padding [crops](glossary.md#crop), and
#    [output padding](glossary.md#output-padding) selects the size, $s(n - 1) + f - 2p + a$;
# 2. **relate it to a convolution:** its matrix is $C^T$, so it computes the gradient of the input; it is
#    also a convolution with inserted zeros and a [flipped](glossary.md#flip) kernel; it restores the shape
#    and not the values;
# 3. **use it for [upsampling](glossary.md#upsampling):** convert the weights by their axes, mind the side
#    that a library crops, prefer an $f$ that is a multiple of $s$ to reduce
#    [checkerboard artifacts](glossary.md#checkerboard-artifact), and compare with repeating and
#    [bilinear interpolation](glossary.md#bilinear-interpolation).
#
# ## What to read next
#
# - The assignment [Transposed convolution](../release/transposed_conv/transposed_conv.ipynb): write the
#   layer yourself.
# - Next is [What filters see](23_what_filters_see.ipynb).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 14.10,
#   [Transposed convolution](https://d2l.ai/chapter_computer-vision/transposed-conv.html).
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016):
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285).
# - Odena, Dumoulin and Olah, *Deconvolution and checkerboard artifacts* (Distill, 2016):
#   [doi:10.23915/distill.00003](https://doi.org/10.23915/distill.00003).
# - Long, Shelhamer and Darrell, *Fully convolutional networks for semantic segmentation* (2015):
#   [arXiv:1411.4038](https://arxiv.org/abs/1411.4038).
# - Ronneberger, Fischer and Brox, *U-Net: convolutional networks for biomedical image segmentation*
#   (2015): [arXiv:1505.04597](https://arxiv.org/abs/1505.04597).
