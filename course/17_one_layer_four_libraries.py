# %% [markdown]
# # One layer, four libraries
#
# A small network was trained to read handwritten digits. Suppose that four people have moved it to
# another library, and that each of them has made one mistake. All four copies accept the same images,
# return ten scores for each of them, and raise no error. Run the next two cells and look at the
# predictions. **Would you have noticed every mistake?**

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from itertools import permutations

from convnet import functional
from convnet import layers as np_layers
from convnet.data import digits, load_sample_image
from convnet.plots import draw_grid, draw_image
from lesson_tools.copies import LAYERS, outputs, trained
from lesson_tools.questions.one_layer_four_libraries import predict

data = digits()
X_test, test_labels = data.test_images, data.test_labels
networks = [trained(seed) for seed in range(3)]
network = networks[0]
arrays = [array for layer in network.layers for array in layer.parameters.values()]
reference = outputs(network, X_test.astype(np.float64))


def accuracies(copy):
    """Return the accuracy of a copy, for each of the three training runs."""
    scores = [outputs(one, X_test, copy)["dense"] for one in networks]
    return [float(np.mean(one.argmax(axis=1) == test_labels)) for one in scores]


chosen = [np.flatnonzero(test_labels == c)[3] for c in range(10)]
names = {"": "original", "A": "copy A", "B": "copy B", "C": "copy C", "D": "copy D"}
by_copy = {copy: accuracies(copy) for copy in names}
fig = plt.figure(figsize=(8.5, 3.6), layout="constrained")
left, right = fig.subfigures(1, 2, width_ratios=[1.8, 1])
axes = left.subplots(6, 10, gridspec_kw={"height_ratios": [1.5, 1, 1, 1, 1, 1]})
for c, number in enumerate(chosen):
    draw_image(axes[0, c], X_test[number, :, :, 0], "", (0, 1), scale=False)
for row, (copy, name) in zip(axes[1:], names.items(), strict=True):
    predictions = outputs(network, X_test[chosen], copy)["dense"].argmax(axis=1)
    row[0].set_ylabel(name, rotation=0, ha="right", va="center")
    for c, (ax, prediction) in enumerate(zip(row, predictions, strict=True)):
        good = prediction == c
        ax.set(xticks=[], yticks=[], facecolor="white" if good else "tab:red", frame_on=not good)
        color, weight = ("tab:blue", "normal") if good else ("white", "bold")
        ax.text(
            0.5, 0.45, prediction, color=color, weight=weight, ha="center", va="center", fontsize=12
        )
ax = right.subplots()
for k, values in enumerate(by_copy.values()):
    ax.plot(values, [k] * 3, "o", color="tab:blue", markerfacecolor="none", markersize=8)
ax.set(yticks=range(5), yticklabels=names.values(), xlim=(0, 1), xlabel="accuracy, three trainings")
ax.invert_yaxis()
ax.grid(axis="x")
present(
    fig,
    "Left, ten handwritten digits, 0 to 9, and the predictions of five networks for them; wrong ones "
    "stand in red boxes. The original and copy D are right everywhere, copies A, B and C are mostly "
    "wrong. Right, the accuracies on all test images for three trainings: 0.92 to 0.95 for the "
    "original and copy D, 0.45 or less for A, B and C.",
)

# %% [markdown] tags=["row-19"]
# Copies A, B and C are clearly broken. Copy D looks right, because its mistake hardly changes the
# accuracy. To find it, you have to compare the outputs of both libraries, layer by layer.
#
# **By the end of this lesson you will be able to**
#
# 1. move weights and images between NumPy, Keras, TensorFlow and PyTorch in the right order of axes,
#    including a dense layer after flattening;
# 2. compare outputs and gradients with a tolerance that you can justify;
# 3. make SAME padding at stride 2 agree, move a whole network, and find the first layer that differs.
#
# **Time:** about 45 minutes. **You need:**
# [The convolution layer in libraries](07_convolution_layer_in_libraries.ipynb) and
# [Training](14_training.ipynb). Framework cells are skipped where a library is not installed; the
# figures, predictions and exercises need NumPy only.
#
# ## Channels last and channels first
#
# The [data format](glossary.md#data-format) of a batch is **NHWC** (examples, rows, columns, channels)
# or **NCHW** (examples, channels, rows, columns). Keras calls the first `channels_last`, which is its
# default, and the second `channels_first`; its layers have an argument `data_format`. TensorFlow writes
# `data_format="NHWC"`. PyTorch has no such argument: its layers always expect NCHW.
#
# A photograph of 360 x 600 pixels is an array of shape (360, 600, 3). Two lines of code give an array of
# shape (3, 360, 600):
#
#     photo.transpose(2, 0, 1)
#     photo.reshape(3, 360, 600)
#
# The first moves the axes. The second keeps the sequence of numbers in memory and only divides it
# differently.
#
# **Predict.** What does channel 0 of the *reshaped* array show? `"a"` The red values of the photograph.
# `"b"` Noise. `"c"` The upper third of the photograph, stretched and mixed. `"d"` The left third,
# stretched and mixed.

# %%
predict("reshaped", None)

# %% jupyter={"source_hidden": true} cellView="form"
photo = load_sample_image("china.jpg")[20:380, 20:620]
moved, mixed = photo.transpose(2, 0, 1), photo.reshape(3, 360, 600)
fig, axes = plt.subplots(2, 2, figsize=(7.5, 4.9), layout="constrained")
draw_image(axes[0, 0], photo, "photo", (0, 255), scale=False)
draw_image(axes[0, 1], moved[0], "transpose, channel 0", (0, 255), scale=False)
draw_image(axes[1, 0], mixed[0], "reshape, channel 0", (0, 255), scale=False)
draw_image(axes[1, 1], mixed[1], "reshape, channel 1", (0, 255), scale=False)
present(
    fig,
    "Four images: a photograph of a tower above a lake; its red values, the same tower in gray; and two "
    "striped gray images, each a superposition of stretched parts of the photograph, the first of its "
    "upper third, with the sky and the topmost roof, the second of its middle third, with walls.",
)

# %% [markdown] tags=["row-19"]
# <details>
# <summary>Answer</summary>
#
# `"c"`. The first third of the memory holds the first [120]{= photo.shape[0] // 3 } rows. Each row of the
# photograph becomes three rows of the new image, which hold its left, its middle and its right third. In
# each of them, red, green and blue values alternate, so everything is three times as wide.
#
# </details>
#
# A network accepts such images without an error, because the shape is right.
#
# ## The order of filter axes
#
# The filters of a convolution layer are **HWIO** (rows, columns, input channels, output channels) in
# this course, Keras and TensorFlow, and **OIHW** in PyTorch. A
# [transposed convolution](glossary.md#transposed-convolution), the layer of
# [a later lesson](22_transposed_convolution.ipynb), exchanges input and output: its filters are HWOI in
# Keras and **IOHW** in PyTorch.
#
# | array | this course, Keras, TensorFlow | PyTorch | move |
# |---|---|---|---|
# | images | NHWC | NCHW | `transpose(0, 3, 1, 2)` |
# | filters | HWIO | OIHW | `transpose(3, 2, 0, 1)` |
# | filters, transposed convolution | HWOI | IOHW | `transpose(3, 2, 0, 1)` |
# | weights of a dense layer | (inputs, outputs) | (outputs, inputs) | `.T` |
# | biases | (outputs,) | (outputs,) | none |
#
# The same permutation moves both kinds of filters: axis 3 goes to the front, whether it counts the
# output channels or, in a transposed convolution, the input channels.
#
# ## One layer, forward
#
# Our test case has a batch of three images with 5 rows, 7 columns and 2 channels, four filters of 3 x 3,
# stride 2 and padding 1. The sizes differ, so most wrong orders of the axes change a shape or raise an
# error. The course's NumPy layer, computed in 64 bits, gives the
# [reference output](glossary.md#reference-output). The libraries compute in 32 bits. The next section
# explains the two tolerances in the comparisons.

# %%
rng = np.random.default_rng(0)
A_prev = rng.standard_normal((3, 5, 7, 2)).astype(np.float32)
W = rng.standard_normal((3, 3, 2, 4)).astype(np.float32)
b = rng.standard_normal(4).astype(np.float32)
Z = functional.conv2d(*(x.astype(np.float64) for x in (A_prev, W, b)), stride=2, padding=1)
print("Z", Z.shape, Z.dtype, "  largest absolute value", np.abs(Z).max().round(2))

# %% needs="keras tensorflow"
import keras
import tensorflow as tf
from keras import layers

tf.config.experimental.enable_tensor_float_32_execution(False)  # for some GPUs, see below
conv_keras = keras.Sequential(
    [keras.Input((5, 7, 2)), layers.ZeroPadding2D(1), layers.Conv2D(4, 3, strides=2)]
)
conv_keras.set_weights([W, b])
Z_keras = conv_keras(A_prev)
np.testing.assert_allclose(Z_keras, Z, rtol=1e-5, atol=1e-4)

pads = [[0, 0], [1, 1], [1, 1], [0, 0]]  # one pair for each axis
Z_tf = tf.nn.conv2d(A_prev, W, strides=2, padding=pads) + b
np.testing.assert_allclose(Z_tf, Z, rtol=1e-5, atol=1e-4)
for name, output in (("Keras", Z_keras), ("TensorFlow", Z_tf)):
    print(f"{name:10} {output.shape}, largest difference {np.abs(output - Z).max():.1e}")

# %% needs="torch"
import torch
import torch.nn as nn
import torch.nn.functional as F

conv_torch = nn.Conv2d(2, 4, kernel_size=3, stride=2, padding=1)
with torch.no_grad():
    conv_torch.weight.copy_(torch.from_numpy(W.transpose(3, 2, 0, 1)))
    conv_torch.bias.copy_(torch.from_numpy(b))
    Z_torch = conv_torch(torch.from_numpy(A_prev.transpose(0, 3, 1, 2)))

expected = torch.from_numpy(Z.transpose(0, 3, 1, 2)).float()
torch.testing.assert_close(Z_torch, expected, rtol=1e-5, atol=1e-4)
print(f"PyTorch {tuple(Z_torch.shape)}, largest difference {(Z_torch - expected).abs().max():.1e}")

# %% [markdown] tags=["row-19"]
# ## Rounding errors and tolerances
#
# The differences are small, but not 0. A 32-bit floating-point number keeps 24 binary digits, about 7 decimal digits,
# so most sums have a [rounding error](glossary.md#rounding-error), and the order of summation matters:
#
# $$(10^8 + 1) - 10^8 = [0]{= int((np.float32(1e8) + np.float32(1)) - np.float32(1e8)) } \qquad
# (10^8 - 10^8) + 1 = [1]{= int((np.float32(1e8) - np.float32(1e8)) + np.float32(1)) }$$
#
# The first sum rounds $10^8 + 1$ to $10^8$. Every library adds up the products of a convolution in its
# own order, or even uses another algorithm. Two correct programs therefore agree only up to a
# [**tolerance**](glossary.md#tolerance).
# `np.testing.assert_allclose` and `torch.testing.assert_close`, used above, accept a value if
#
# $$|\text{actual} - \text{expected}| \le \texttt{atol} + \texttt{rtol} \cdot |\text{expected}|.$$
#
# **Predict.** A convolution layer sums 576 products per output. You compare its correct 32-bit output
# with the 64-bit reference, with `rtol=1e-5` and `atol=0`. Which of the 1,024 values fail? `"a"` None.
# `"b"` Only the largest ones. `"c"` Only some near 0. `"d"` Some of every size.

# %%
predict("failing", None)


# %% jupyter={"source_hidden": true} cellView="form"
def round_to_tf32(x):
    """Round 32-bit numbers to 10 bits of mantissa, as TF32 does with the inputs of a product."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return ((bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32)


rng_64 = np.random.default_rng(1)
X_64 = rng_64.standard_normal((1, 10, 10, 64)).astype(np.float32)
W_64 = rng_64.standard_normal((3, 3, 64, 16)).astype(np.float32)
exact = functional.conv2d(X_64.astype(np.float64), W_64.astype(np.float64)).ravel()
computed = {
    "float32": functional.conv2d(X_64, W_64).ravel(),
    "TF32": functional.conv2d(round_to_tf32(X_64), round_to_tf32(W_64)).ravel(),
}
errors = {name: np.abs(values - exact) for name, values in computed.items()}
fails_rtol = errors["float32"] > 1e-5 * np.abs(exact)
largest_failure = np.abs(exact[fails_rtol]).max()
largest_value = np.abs(exact).max()
atol = 1e-5 * largest_value
assert fails_rtol.any() and not (errors["float32"] > atol + 1e-5 * np.abs(exact)).any()
assert np.mean(errors["TF32"] > atol + 1e-5 * np.abs(exact)) > 0.5

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for (name, values), color, mark in zip(
    errors.items(), ("tab:blue", "tab:orange"), "o^", strict=True
):
    ax.loglog(
        np.abs(exact), np.maximum(values, 1e-9), mark, color=color, ms=3, alpha=0.6, label=name
    )
sizes = np.logspace(-2, 2, 200)
ax.loglog(sizes, 1e-5 * sizes, "--", color="black", label="rtol alone")
ax.loglog(sizes, atol + 1e-5 * sizes, "-", color="black", label="atol + rtol")
ax.set(xlim=(0.01, 100), ylim=(2e-10, 0.5), xlabel="|expected|", ylabel="|actual - expected|")
ax.legend(loc="lower right", ncols=2)
present(
    fig,
    "Scatter plot of the difference against the size of the expected value, both axes logarithmic. "
    "The float32 points form a cloud near 0.00001, only a little lower for small sizes. A dashed "
    "line, rtol alone, rises with the size: it passes below some points at the left. A solid line, "
    "atol plus rtol, lies above all float32 points. The TF32 points lie about 1,000 times higher, mostly above both lines.",
)

# %% [markdown] tags=["row-19"]
# <details>
# <summary>Answer</summary>
#
# `"c"`: all failures have an absolute value below [5]{= max(5, int(np.ceil(largest_failure))) }, while the largest value is
# [88]{= round(largest_value) }. A small output is what remains when large products cancel. The rounding
# errors of these products remain, too.
#
# </details>
#
# So choose a tolerance in three steps:
#
# 1. **Measure the rounding error.** Run the same program in 32 and in 64 bits; the largest difference
#    here is less than
#    [1e-06]{= f'{10.0 ** np.ceil(np.log10(errors["float32"].max() / largest_value)):.0e}' } of the
#    largest value.
# 2. **Leave a margin.** We take `rtol=1e-5` and `atol` as $10^{-5}$ times the largest expected value.
# 3. **Test the test.** Insert a mistake, for example omit a bias, and check that the comparison fails.
#
# The defaults may not suit your data. `assert_allclose` has `rtol=1e-7` and `atol=0`, but the next float32
# number after 1 is already [1.2e-07]{= f'{np.finfo(np.float32).eps:.1e}' } away. `assert_close` chooses
# `rtol=1.3e-6` and `atol=1e-5` for float32.
#
# On NVIDIA GPUs from 2020 on, a correct program can fail the comparison. Their
# [**TF32**](glossary.md#tf32) mode rounds the inputs of each product to 10 bits of mantissa. The triangles
# in the figure simulate this in NumPy: the error grows by a factor of about
# [1000]{= int(10 ** np.round(np.log10(np.median(errors["TF32"]) / np.median(errors["float32"])))) }. TensorFlow
# uses TF32 by default, PyTorch only for convolutions. Switch it off before you compare, as the cell for
# TensorFlow above did:
#
#     tf.config.experimental.enable_tensor_float_32_execution(False)
#     torch.backends.cudnn.conv.fp32_precision = "ieee"  # PyTorch 2.9 or newer
#
# ## One layer, backward
#
# Equal outputs do not prove that gradients are equal. To compare them, the same upstream gradient has to
# arrive in all libraries. We choose an array $G$ of the shape of $Z$ and the cost
#
# $$J = \sum_{i,h,w,c} G_{i,h,w,c}\, Z_{i,h,w,c}, \qquad \text{so that} \qquad dZ = G.$$
#
# The function `check` applies our tolerance. TensorFlow's `GradientTape` also records the operations of a
# Keras layer. In PyTorch, each gradient has the axis order of its array, NCHW or OIHW, so we move its axes
# back before the comparison.

# %%
G = rng.standard_normal(Z.shape).astype(np.float32)
dA_prev, dW, db = functional.conv2d_backward(
    *(x.astype(np.float64) for x in (G, A_prev, W)), stride=2, padding=1
)


def check(actual, expected, name):
    atol = 1e-5 * np.abs(expected).max()
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=atol, err_msg=name)
    print(f"{name:8} {expected.shape}: agrees")


# %% needs="keras tensorflow"
A_tf, W_tf, b_tf = (tf.Variable(x) for x in (A_prev, W, b))
with tf.GradientTape() as tape:
    Z_tf = tf.nn.conv2d(A_tf, W_tf, strides=2, padding=pads) + b_tf
    J = tf.reduce_sum(G * Z_tf)
for actual, expected, name in zip(
    tape.gradient(J, [A_tf, W_tf, b_tf]), (dA_prev, dW, db), ("dA_prev", "dW", "db"), strict=True
):
    check(actual, expected, name)

with tf.GradientTape() as tape:
    J = tf.reduce_sum(G * conv_keras(A_tf))
for actual, expected, name in zip(
    tape.gradient(J, conv_keras.trainable_variables), (dW, db), ("dW", "db"), strict=True
):
    check(actual, expected, name)

# %% needs="torch"
A_torch = torch.from_numpy(A_prev.transpose(0, 3, 1, 2)).requires_grad_()
G_torch = torch.from_numpy(G.transpose(0, 3, 1, 2))
(G_torch * conv_torch(A_torch)).sum().backward()
check(A_torch.grad.permute(0, 2, 3, 1), dA_prev, "dA_prev")
check(conv_torch.weight.grad.permute(2, 3, 1, 0), dW, "dW")
check(conv_torch.bias.grad, db, "db")

# %% [markdown] tags=["row-19"]
# ## Flattening before a dense layer
#
# [Flattening](glossary.md#flattening) turns the feature maps of an image into a vector, in memory order.
# That order depends on the data format. A dense layer has one row of weights for each position in the
# vector. If the positions change, its rows have to be reordered in the same way.
#
# Take 2 x 3 pixels with two channels, where the values of channel 1 are ten times those of channel 0:
#
# $$\text{channel 0:} \begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix} \qquad
# \text{channel 1:} \begin{pmatrix} 10 & 20 & 30 \\ 40 & 50 & 60 \end{pmatrix}$$
#
# Flatten them on paper, once as NHWC and once as NCHW.
#
# **Predict.** How many of the 12 values have the same position in both vectors?

# %%
predict("unmoved", None)

# %% jupyter={"source_hidden": true} cellView="form"
channel = np.array([[1, 2, 3], [4, 5, 6]])
maps = np.stack([channel, 10 * channel], axis=-1)
nhwc, nchw = maps.reshape(-1), maps.transpose(2, 0, 1).reshape(-1)
unmoved = int(np.sum(nhwc == nchw))

fig, ax = plt.subplots(figsize=(9, 4), layout="constrained")
ax.set(xlim=(-2.4, 11.7), ylim=(-1.3, 5.5), aspect="equal")
ax.axis("off")


def draw_cells(y, texts, hatches):
    for x, (text, hatched) in enumerate(zip(texts, hatches, strict=True)):
        look = {"facecolor": "#dbe9f6", "edgecolor": "0.4", "hatch": "////" if hatched else None}
        ax.add_patch(plt.Rectangle((x - 0.5, y - 0.45), 1, 0.9, **look))
        backing = {"color": "white", "pad": 1.2} if hatched else None
        ax.text(x, y, text, ha="center", va="center", fontsize=11, bbox=backing)


weights = [f"$w_{{{k}}}$" for k in range(12)]
sources = [nhwc.tolist().index(value) for value in nchw]
draw_cells(5, nhwc, nhwc >= 10)
draw_cells(4, weights, nhwc >= 10)
draw_cells(0.2, [weights[k] for k in sources], nchw >= 10)
draw_cells(-0.8, nchw, nchw >= 10)
for target, source in enumerate(sources):
    ax.plot([source, target], [3.5, 0.7], color="0.5" if nchw[target] >= 10 else "tab:blue")
for y, name in ((5, "NHWC"), (4, "weights"), (0.2, "weights"), (-0.8, "NCHW")):
    ax.text(-0.7, y, name, ha="right", va="center", fontsize=11)
present(
    fig,
    "Above, the vector in NHWC order, 1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60, with the weights w0 to "
    "w11 below it. At the bottom, the vector in NCHW order, 1 to 6 and then 10 to 60. Lines lead each "
    "weight to its value there: w0, w2, w4, w6, w8, w10, then w1, w3, w5, w7, w9, w11. Cells of "
    "channel 1 are hatched.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [2]{= unmoved }: the first and the last. Each of the ten other values would be multiplied by weights that
# were learned for another value.
#
# </details>
#
# There are two remedies. The model in PyTorch can flatten in NHWC order,
# `x.permute(0, 2, 3, 1).flatten(1)`. Or you reorder the rows of $W$ once, along the lines of the figure:
# split the row axis into rows, columns and channels, move the channels to the front, and flatten again.

# %%
W_dense = np.arange(24).reshape(12, 2)  # w0 = (0, 1), w1 = (2, 3), ...


def dense_to_torch(W, n_H, n_W, n_C):
    W = W.reshape(n_H, n_W, n_C, -1)  # rows, columns, channels, outputs
    W = W.transpose(3, 2, 0, 1)  # outputs, channels, rows, columns
    return W.reshape(W.shape[0], -1)  # outputs, inputs


np.testing.assert_array_equal(dense_to_torch(W_dense, 2, 3, 2) @ nchw, nhwc @ W_dense)
print(dense_to_torch(W_dense, 2, 3, 2)[0] // 2)  # the numbers of the weights

# %% [markdown] tags=["row-19"]
# ## SAME padding at stride 2
#
# In Keras and TensorFlow, [same padding](glossary.md#same-padding) at stride $s$ gives
# $n_{out} = \lceil n/s \rceil$ values along an axis of size $n$ and adds
# $\max((n_{out} - 1)\, s + f - n,\ 0)$ zeros in total. If this number is odd, the extra zero goes to the
# bottom or to the right. In PyTorch, 3 x 3 kernels often have `padding=1` instead, which gives the same
# shapes.
#
# **Predict.** For which sizes $n$ does `padding=1` give the same *values* as SAME, with $f = 3$ and
# $s = 2$: `"odd"`, `"even"`, `"both"` or `"neither"`?

# %%
predict("agree", None)

# %% jupyter={"source_hidden": true} cellView="form"
sums = {}
colors = ("tab:orange", "tab:blue", "tab:green", "tab:purple")
fig, axes = plt.subplots(2, 2, figsize=(10, 3.2), layout="constrained")
for column, n in zip(axes.T, (6, 7), strict=True):
    n_out = -(-n // 2)
    total = max((n_out - 1) * 2 + 3 - n, 0)
    rows = (("SAME", total // 2, total - total // 2), ("padding=1", 1, 1))
    for ax, (name, before, after) in zip(column, rows, strict=True):
        padded = np.pad(np.arange(1, n + 1), (before, after))
        windows = [(0, 2 * k, 1, 3, colors[k]) for k in range(n_out)]
        values = [int(padded[2 * k : 2 * k + 3].sum()) for k in range(n_out)]
        sums[name, n] = values
        title = f"n = {n}, {name}: sums {', '.join(map(str, values))}"
        draw_grid(ax, padded[None], title, windows, padded[None] == 0)
        ax.set(xticks=[], yticks=[], xlim=(-0.6 - (1 - before), 8.6 - (1 - before)))
present(
    fig,
    "Four rows of numbers with windows of three values at stride 2; zeros of the padding are hatched. "
    "n = 6: SAME adds one zero at the end, and the sums are 6, 12, 11; padding=1 adds a zero on each "
    "side, and the sums are 3, 9, 15. n = 7: both add a zero on each side, with the sums 3, 9, 15, 13.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"odd"`. For $n = 7$ both add one zero on each side. For $n = 6$, SAME gives the sums
# `[[6, 12, 11]]{= sums["SAME", 6] }` and `padding=1` gives `[[3, 9, 15]]{= sums["padding=1", 6] }`: every
# window starts one pixel further to the left. Common sizes such as 224, 32 and 28 are even. In a deep
# network the shifts add up: in the third layer of stride 2, a window that is shifted by one position of the
# feature map is shifted by four pixels of the image.
#
# </details>
#
# PyTorch offers `padding="same"` for stride 1 only. At stride 2, pad with `F.pad` or `nn.ZeroPad2d`
# first. Their numbers start with the last axis: left, right, top, bottom.

# %% needs="keras tensorflow torch"
A_6 = rng.standard_normal((1, 6, 6, 2)).astype(np.float32)
conv_same = layers.Conv2D(4, 3, strides=2, padding="same")
conv_same.build(A_6.shape)
conv_same.set_weights([W, b])
Z_same = conv_same(A_6).numpy()
np.testing.assert_allclose(tf.nn.conv2d(A_6, W, 2, "SAME") + b, Z_same, rtol=1e-5, atol=1e-4)

A_6_torch = torch.from_numpy(A_6.transpose(0, 3, 1, 2))
with torch.no_grad():
    shifted = conv_torch(A_6_torch)  # padding=1
    padded = F.pad(A_6_torch, (0, 1, 0, 1))
    Z_padded = F.conv2d(padded, conv_torch.weight, conv_torch.bias, stride=2)
check(Z_padded.permute(0, 2, 3, 1), Z_same, "F.pad")
difference = np.abs(shifted.permute(0, 2, 3, 1).numpy() - Z_same).max()
print(f"padding=1: largest difference {difference:.1f}")

# %% [markdown] tags=["row-19"]
# ## A whole network
#
# Now we move the network of the first figure, with its [3,818]{= f'{network.parameters.size:,}' } trained
# parameters. `arrays` lists its weights and biases in the order of the layers, and `reference` holds the
# outputs of all its layers for the [297]{= len(X_test) } test images, computed in 64 bits. The second
# convolution has stride 2 and SAME padding.
#
# - Keras models have `get_weights` and `set_weights`, which return and accept such a list.
# - In PyTorch, the parameters of a model are in its [**state dict**](glossary.md#state-dict), a
#   dictionary from names to tensors. `load_state_dict` replaces them all, and raises an error if a name
#   or a shape does not fit.
#
# The last cell in PyTorch also compares the gradients of the weights, for the cross-entropy of the test
# images.

# %% needs="keras tensorflow"
model_keras = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
        layers.Flatten(),
        layers.Dense(10),
    ]
)
model_keras.set_weights(arrays)
check(model_keras(X_test), reference["dense"], "Keras")

# %% needs="torch"
model_torch = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.ReLU(),
    nn.ZeroPad2d((0, 1, 0, 1)),
    nn.Conv2d(8, 16, 3, stride=2),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(256, 10),
)
W_1, b_1, W_2, b_2, W_3, b_3 = arrays
converted = {
    "0.weight": W_1.transpose(3, 2, 0, 1),
    "0.bias": b_1,
    "3.weight": W_2.transpose(3, 2, 0, 1),
    "3.bias": b_2,
    "6.weight": dense_to_torch(W_3, 4, 4, 16),
    "6.bias": b_3,
}
print(model_torch.load_state_dict({k: torch.tensor(v) for k, v in converted.items()}))
X_torch = torch.from_numpy(X_test.transpose(0, 3, 1, 2))
model_torch.eval()  # needed for layers that behave differently in training
with torch.no_grad():
    check(model_torch(X_torch), reference["dense"], "PyTorch")

# %% needs="torch"
scores = network.forward(X_test, training=True)
network.backward(functional.cross_entropy_backward(scores, test_labels))
F.cross_entropy(model_torch(X_torch), torch.tensor(test_labels)).backward()
for number, layer in ((0, network.layers[0]), (3, network.layers[3])):
    gradient = model_torch[number].weight.grad.permute(2, 3, 1, 0)
    check(gradient, layer.gradients["W"], f"dW {number}")
check(
    model_torch[6].weight.grad, dense_to_torch(network.layers[-1].gradients["W"], 4, 4, 16), "dW 6"
)

# %% [markdown] tags=["row-19"]
# ## From Keras to PyTorch
#
# Often the model exists in Keras, and you write the same one in PyTorch. This example has
# [25,785,610]{= f'{(9 + 1) * 32 + (9 * 32 + 1) * 64 + (9 * 64 + 1) * 128 + (28 * 28 * 128 + 1) * 256 + 257 * 10:,}' }
# parameters, and [99.6]{= f'{100 * (28 * 28 * 128 + 1) * 256 / 25785610:.1f}' } % of them are in the first
# dense layer, since three convolutions with SAME padding keep the size of 28 x 28. Only this layer needs
# `dense_to_torch`: at stride 1, PyTorch has `padding="same"`, and between two dense layers `.T` is enough.

# %% needs="keras tensorflow torch"
big_keras = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.Conv2D(128, 3, padding="same", activation="relu"),
        layers.Flatten(),
        layers.Dense(256, activation="relu"),
        layers.Dense(10),
    ]
)
big_torch = nn.Sequential(
    nn.Conv2d(1, 32, 3, padding="same"),
    nn.ReLU(),
    nn.Conv2d(32, 64, 3, padding="same"),
    nn.ReLU(),
    nn.Conv2d(64, 128, 3, padding="same"),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(28 * 28 * 128, 256),
    nn.ReLU(),
    nn.Linear(256, 10),
)
state_dict = {}
with_weights = [layer for layer in big_keras.layers if layer.weights]
for number, layer in zip((0, 2, 4, 7, 9), with_weights, strict=True):
    kernel, bias = layer.get_weights()
    if isinstance(layer, layers.Conv2D):
        kernel = kernel.transpose(3, 2, 0, 1)
    elif number == 7:  # the dense layer after flattening
        kernel = dense_to_torch(kernel, 28, 28, 128)
    else:
        kernel = kernel.T
    state_dict[f"{number}.weight"] = torch.tensor(kernel)
    state_dict[f"{number}.bias"] = torch.tensor(bias)
big_torch.load_state_dict(state_dict)

images = rng.uniform(size=(2, 28, 28, 1)).astype(np.float32)
with torch.no_grad():
    scores = big_torch(torch.from_numpy(images.transpose(0, 3, 1, 2)))
check(scores, big_keras(images).numpy(), "PyTorch")
print(f"{sum(p.numel() for p in big_torch.parameters()):,} parameters in PyTorch")
assert big_keras.count_params() == 25_785_610

# %% [markdown] tags=["row-19"]
# ## Finding the first layer that differs
#
# Back to the four copies of the first figure. Each of them has one of these mistakes:
#
# - `"flattening"`: the feature maps are flattened in NCHW order;
# - `"padding"`: the second convolution has `padding=1` instead of SAME;
# - `"kernels"`: the rows and columns of all kernels are swapped;
# - `"biases"`: all biases are 0.
#
# **Predict.** Which mistake does copy D have, the one with the good accuracy?

# %%
predict("copy_d", None)

# %% jupyter={"source_hidden": true} cellView="form"
X_32 = X_test.astype(np.float32)


def relative_errors(copy):
    """For each layer, the largest difference from the reference, divided by the largest value."""
    actual = outputs(network, X_32, copy)
    return [
        float(np.abs(actual[name] - reference[name]).max() / np.abs(reference[name]).max())
        for name in LAYERS
    ]


by_layer = {copy: relative_errors(copy) for copy in names}
times_16 = np.mean(outputs(network, 16 * X_32)["dense"].argmax(axis=1) == test_labels)
fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
looks = zip("oD^sv", ("-", "--", "-.", ":", (0, (4, 1, 1, 1, 1, 1))), strict=True)
for k, ((copy, name), (mark, line)) in enumerate(zip(names.items(), looks, strict=True)):
    ax.semilogy(by_layer[copy], marker=mark, ls=line, color=f"C{k}", label=name, ms=7, alpha=0.8)
ax.axhline(1e-5, color="0.5", lw=1)
ax.text(5.2, 1.3e-5, "tolerance", ha="right", color="0.35")
ax.set(xticks=range(6), xticklabels=LAYERS, ylabel="largest relative difference", ylim=(1e-8, 20))
fig.legend(loc="outside upper center", ncols=5)
present(
    fig,
    "The largest relative difference after each of six layers, on a logarithmic axis with a tolerance "
    "at 0.00001. The original in 32 bits stays below 0.000001. Copies C and D are far above the tolerance from "
    "the first convolution on, C near 1 and D between 0.1 and 0.2. Copy B rises to about 1 at the second "
    "convolution, and copy A at flattening.",
)

# %% [markdown] tags=["row-19"]
# <details>
# <summary>Answer</summary>
#
# `"biases"`. The scores of copy D differ by up to [20]{= int(round(100 * by_layer["D"][-1], -1)) } % of the
# largest score. But for most images, the same class as before still has the largest score, so the accuracy
# is close to the original in all three trainings. Copy A has the wrong order of flattening, B the wrong
# padding, and C swapped kernels.
#
# </details>
#
# The figure shows a method of debugging. If two programs disagree, use one small batch and
#
# 1. compare the shapes of inputs, weights and outputs, and name every axis;
# 2. compare layer by layer, in evaluation mode, and find the **first layer that differs**;
# 3. look at *where* its output differs: everywhere (weights, axis order), only at the border (padding), or
#    by a constant per channel (bias);
# 4. look at the size of the difference, relative to the largest value: rounding stayed below
#    [1e-06]{= f'{10.0 ** np.ceil(np.log10(errors["float32"].max() / largest_value)):.0e}' } above, and TF32
#    below [1e-03]{= f'{10.0 ** np.ceil(np.log10(errors["TF32"].max() / largest_value)):.0e}' }. A much
#    larger difference usually has another cause.
#
# ## Further: memory format, backends and other defaults
#
# *You can skip this section.* The shape of a tensor and its order in memory are two things. PyTorch can
# store a tensor of shape NCHW in NHWC order, in the **memory format** `torch.channels_last`, which can be
# faster on some machines. The strides of a tensor say how far apart neighbors along each axis lie in
# memory; they have nothing to do with the stride of a convolution. Shape and indices stay the same.
#
# Keras leaves the computing to its **backend**: TensorFlow by default, or JAX or PyTorch. You choose it
# before the import. With the backend `torch`, channels last is still the default of Keras, and you call
# `loss.backward()` instead of using a `GradientTape`:
#
#     import os
#     os.environ["KERAS_BACKEND"] = "torch"
#     import keras
#
# Some defaults of other layers differ, too:
#
# | layer | Keras | PyTorch |
# |---|---|---|
# | leaky ReLU, factor for negative values | 0.3 | 0.01 |
# | layer normalization, epsilon | 0.001 | 0.00001 |
# | average pooling at a padded border | leaves the zeros out | counts the zeros, unless `count_include_pad=False` |

# %% needs="keras tensorflow torch"
x = torch.randn(3, 2, 5, 7)
y = x.to(memory_format=torch.channels_last)
print("contiguous   ", tuple(x.shape), x.stride())
print("channels_last", tuple(y.shape), y.stride())
with torch.no_grad():
    torch.testing.assert_close(conv_torch(y), conv_torch(x))

assert layers.LeakyReLU().negative_slope == 0.3 and nn.LeakyReLU().negative_slope == 0.01
assert layers.LayerNormalization().epsilon == 1e-3 and nn.LayerNorm(3).eps == 1e-5
averages = layers.AveragePooling2D(2, padding="same")(np.ones((1, 3, 3, 1), np.float32))
print("average of ones, Keras:  ", averages[0, :, :, 0].numpy().tolist())
averages = F.avg_pool2d(torch.ones(1, 1, 3, 3), 2, padding=1)
print("average of ones, PyTorch:", averages[0, 0].tolist())

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a dense layer from PyTorch
#
# Write the inverse of `dense_to_torch`. `weight` is the array of an `nn.Linear` after `nn.Flatten`, of shape
# (outputs, n_C * n_H * n_W). Return the weights for Keras or NumPy, of shape
# (n_H * n_W * n_C, outputs). In the figure on flattening, you now follow the lines upward.


# %%
def dense_from_torch(weight, n_H, n_W, n_C):
    W = None
    ### BEGIN SOLUTION
    W = weight.reshape(-1, n_C, n_H, n_W)  # outputs, channels, rows, columns
    W = W.transpose(2, 3, 1, 0)  # rows, columns, channels, outputs
    W = W.reshape(n_H * n_W * n_C, -1)
    ### END SOLUTION
    return W


# %% jupyter={"source_hidden": true} cellView="form"
def by_position(weight, n_H, n_W, n_C):
    numbers = np.arange(n_C * n_H * n_W).reshape(n_C, n_H, n_W)  # which column is which value
    return weight[:, np.moveaxis(numbers, 0, -1).ravel()].T


public_tests.check_function(
    "Exercise 1",
    dense_from_torch,
    by_position,
    [
        (dense_to_torch(W_dense, 2, 3, 2), 2, 3, 2),
        (np.arange(180.0).reshape(3, 60), 4, 3, 5),
        (np.arange(72.0).reshape(2, 36), 3, 3, 4),
    ],
    "Four axes first. In which order are channels, rows and columns in the flattened axis of PyTorch?",
    [
        (lambda V, n_H, n_W, n_C: V.T, "The right shape, but the inputs are still in NCHW order."),
        (
            lambda V, n_H, n_W, n_C: V.reshape(n_H * n_W * n_C, -1),
            "reshape alone moves no number: outputs and inputs have to change places as well.",
        ),
        (
            lambda V, n_H, n_W, n_C: (
                V.reshape(-1, n_C, n_H, n_W).transpose(3, 2, 1, 0).reshape(n_H * n_W * n_C, -1)
            ),
            "Rows and columns of the feature maps are swapped.",
        ),
        (
            lambda V, n_H, n_W, n_C: (
                V.reshape(-1, n_H, n_W, n_C).transpose(1, 2, 3, 0).reshape(n_H * n_W * n_C, -1)
            ),
            "In PyTorch's vector the channels change slowest, so n_C comes before n_H and n_W.",
        ),
        (
            lambda V, n_H, n_W, n_C: (
                V.reshape(-1, n_C, n_H, n_W).transpose(0, 2, 3, 1).reshape(n_H * n_W * n_C, -1)
            ),
            "The channels are in the right place. But the last reshape does not exchange outputs and "
            "inputs: move the axis of the outputs to the end before it.",
        ),
        (
            lambda V, n_H, n_W, n_C: (
                V.reshape(-1, n_C, n_H, n_W).transpose(0, 2, 3, 1).reshape(len(V), -1)
            ),
            "The inputs are in the right order. Keras expects them along the first axis.",
        ),
        (
            lambda V, n_H, n_W, n_C: (
                V.reshape(n_C, n_H, n_W, -1).transpose(1, 2, 0, 3).reshape(n_H * n_W * n_C, -1)
            ),
            "The first axis of weight is the outputs. It has to stay an axis of its own.",
        ),
        (dense_to_torch, "That is the conversion to PyTorch, not the one back."),
    ],
)

# %% [markdown]
# ### Exercise 2: four more copies
#
# Copies E, F, G and H of the network have one mistake each. The figure shows, for each position of the
# outputs of both convolutions, the largest relative difference from the reference (black is 1 or more), and below each copy the first
# layer that differs. Which copy belongs to which cause? Answer with four letters, such as `"EFGH"`, for
# the causes in this order:
#
# 1. the ReLU after the second convolution is missing;
# 2. the kernels of the first convolution are flipped (rotated by 180 degrees);
# 3. the first convolution pads with repeated edge pixels instead of zeros;
# 4. the input channels of the second convolution are in the reverse order.

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(2, 4, figsize=(9, 5), layout="constrained")
for column, copy in zip(axes.T, "EFGH", strict=True):
    found = outputs(network, X_32, copy)
    for ax, layer in zip(column, ("conv 1", "conv 2"), strict=True):
        difference = np.abs(found[layer] - reference[layer]).max(axis=(0, 3))
        difference /= np.abs(reference[layer]).max()
        ax.pcolormesh(difference, cmap="gray_r", vmin=0, vmax=1, edgecolors="0.85", linewidth=0.5)
        ax.set(aspect="equal", xticks=[], yticks=[], title=f"copy {copy}, {layer}")
        ax.invert_yaxis()
    wrong = [
        name for name, error in zip(LAYERS, relative_errors(copy), strict=True) if error > 1e-5
    ]
    column[1].set_xlabel(f"first that differs:\n{wrong[0]}")
present(
    fig,
    "For each of four copies two grids of gray cells, darker where the difference is larger. Copy E: "
    "all white for conv 1, dark everywhere for conv 2. Copy F: dark nearly everywhere for conv 1 and "
    "conv 2. Copy G: both white; the first layer that differs is the second ReLU. Copy H: conv 1 is "
    "gray along the upper, the lower and the right border only, conv 2 mainly in its first and last row.",
)

# %%
causes = None
### BEGIN SOLUTION
causes = "GFHE"
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
known = [("4213", "Give the letters of the copies, in the order of the causes.")]
for answer in map("".join, permutations("EFGH")):
    if answer[0] != "G":
        why = "A missing ReLU leaves the convolution before it as it was."
    elif answer[3] != "E":
        why = "Which of the causes 2, 3 and 4 leaves the output of the first convolution as it was?"
    else:
        why = "Padding changes only the outputs whose windows reach beyond the image."
    known.append((answer, why))
public_tests.check_answer(
    "Exercise 2",
    causes if causes is None else "".join(map(str, np.ravel(causes))).upper(),
    "GFHE",
    "Four letters are expected: the copies, in the order of the causes.",
    known,
)

# %% [markdown]
# ### Exercise 3: what happens if ...
#
# There is no check for these. Decide first, then change a cell of this lesson, or add one.
#
# 1. ... you forget to divide the pixels by 16, so that the network of the first figure sees `16 * X_test`?
#    Will the accuracy tell you? Try `outputs(network, 16 * X_test)["dense"]`.
# 2. ... you compare $dW$ of a library that averages the loss over the batch with $dW$ of one that sums it?
# 3. ... you reduce the tolerance in `check` from `1e-5` to `1e-8`, step by step?
# 4. ... a Keras layer with 5 x 5 kernels, stride 2 and SAME padding gets 10 rows and 11 columns? Which
#    four numbers does `nn.ZeroPad2d` need?
#
# <details>
# <summary>Discussion</summary>
#
# 1. No: rounded to two digits, it is [0.94]{= f'{by_copy[""][0]:.2f}' } before and
#    [0.94]{= f'{times_16:.2f}' } after, in the first training. The outputs of all layers scale with their
#    input, apart from the biases, so the scores become about 16 times as large. A comparison of the outputs
#    fails at the first layer.
# 2. The gradient of the sum is larger by the factor $m$, the size of the batch. A constant ratio of all
#    entries is typical of such a mistake.
# 3. The comparison fails when the tolerance comes close to the rounding error. The exact value depends on
#    the library, its version and the machine, so a tolerance needs a margin.
# 4. `(2, 2, 1, 2)`. The 11 columns need $(6 - 1) \cdot 2 + 5 - 11 =$ [4]{= (6 - 1) * 2 + 5 - 11 } zeros, two on
#    each side. The 10 rows need $(5 - 1) \cdot 2 + 5 - 10 =$ [3]{= (5 - 1) * 2 + 5 - 10 }: one above, two below.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **move arrays:** images with `transpose(0, 3, 1, 2)`, filters with `transpose(3, 2, 0, 1)`, never with
#    `reshape`, and reorder the rows of a dense layer after [flattening](glossary.md#flattening);
# 2. **compare with a tolerance:** measure the [rounding error](glossary.md#rounding-error), leave a margin, use `atol` for values
#    near 0, switch TF32 off, and give all libraries the same upstream gradient;
# 3. **make libraries agree:** pad before a stride of 2, use `load_state_dict` and `set_weights`, and
#    compare layer by layer, because an accuracy hides mistakes.
#
# | term in this course | you may also read |
# |---|---|
# | [**data format**](glossary.md#data-format): NHWC, NCHW | `channels_last`, `channels_first` |
# | [**tolerance**](glossary.md#tolerance) | `rtol`, `atol` |
# | [**TF32**](glossary.md#tf32) | TensorFloat-32 |
# | [**state dict**](glossary.md#state-dict) | checkpoint, weights (Keras) |
#
# ## What to read next
#
# - Next is [Batch normalization](18_batch_normalization.ipynb), a layer whose defaults differ between Keras
#   and PyTorch.
# - PyTorch, [Numerical accuracy](https://docs.pytorch.org/docs/stable/notes/numerical_accuracy.html) and
#   [torch.testing](https://docs.pytorch.org/docs/stable/testing.html);
#   [Saving and loading models](https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html).
# - Keras, [Save, serialize, and export models](https://keras.io/guides/serialization_and_saving/) and
#   [Conv2D](https://keras.io/api/layers/convolution_layers/convolution2d/).
# - D. Goldberg, *What every computer scientist should know about floating-point arithmetic* (1991),
#   [doi:10.1145/103162.103163](https://doi.org/10.1145/103162.103163).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 6.2,
#   [Parameter management](https://d2l.ai/chapter_builders-guide/parameters.html).
