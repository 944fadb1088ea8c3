# %% [markdown]
# # One layer, four libraries
#
# In this lesson you find out whether a whole network has survived its move to another library. Ours reads handwritten
# digits and is to run on a phone, so four people have copied its weights. Each of them has made one mistake. All four
# copies accept the same images, return ten scores for each of them, and raise no error. Run the next two cells and
# look at what they read.

# %% include="lesson_setup"

# %%
from convnet import functional
from convnet.data import digits
from lesson_tools.one_layer_four_libraries import figures as draw
from lesson_tools.one_layer_four_libraries.copies import LAYERS, outputs, trained
from lesson_tools.one_layer_four_libraries.questions import check, predict

data = digits()
X_test, test_labels = data.test_images.astype(np.float32), data.test_labels
networks = [trained(seed) for seed in range(3)]
network = networks[0]
names = {"": "original", "A": "copy A", "B": "copy B", "C": "copy C", "D": "copy D"}

ten = X_test[[np.flatnonzero(test_labels == c)[3] for c in range(10)]]
predictions, accuracies = {}, {}
for copy, name in names.items():
    predictions[name] = outputs(network, ten, copy)["dense"].argmax(axis=1)
    scores = [outputs(trained_one, X_test, copy)["dense"] for trained_one in networks]
    accuracies[name] = [np.mean(s.argmax(axis=1) == test_labels) for s in scores]
draw.five_networks(ten, predictions, accuracies)

# %% [markdown]
# Three of the copies are so bad that somebody will notice. **Copy D is the dangerous one.** It passes the test that most
# people run, "does it still classify?", and yet its scores are wrong. Its accuracy is nearly that of the original, but it reads
# [4]{= int((outputs(network, X_test, "D")["dense"].argmax(1) != outputs(network, X_test)["dense"].argmax(1)).sum()) }
# of the 297 images differently.
#
# You play the detective, and find the four mistakes without reading any code, by comparing outputs. Then you move the
# network yourself, and prove that it is the same. How a single layer moves, and why `transpose` moves an axis and
# `reshape` does not, is in [The convolution layer in libraries](07_convolution_layer_in_libraries.ipynb).

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compare two implementations layer by layer, with a tolerance that you can justify;
# 2. move images, filters and dense layers between NumPy, Keras, TensorFlow and PyTorch, in the right order of axes and
#    with the right padding;
# 3. check outputs *and* gradients of a whole network that you have moved.
#
# **Time:** about 50 minutes, and 25 for the exercises. **You need:**
# [The convolution layer in libraries](07_convolution_layer_in_libraries.ipynb) and
# [Training](14_training.ipynb). Cells for a library are skipped where it is not installed. The
# figures, predictions and exercises need NumPy only.

# %% [markdown] tags=["row-19"]
# ## Finding the first layer that differs
#
# The network has two convolutions with ReLU, of which the second one has stride 2, and a dense layer. `outputs`
# returns the output of every layer. We compute them once with the original in 64 bits, which is our reference, and
# compare the original and the four copies, all in 32 bits, with it. We report the largest difference, as a fraction
# of the largest value.

# %%
reference = outputs(network, X_test.astype(np.float64))


def relative_errors(copy):
    actual = outputs(network, X_test, copy)
    largest = {layer: np.abs(reference[layer]).max() for layer in LAYERS}
    return [np.abs(actual[layer] - reference[layer]).max() / largest[layer] for layer in LAYERS]


by_layer = {name: relative_errors(copy) for copy, name in names.items()}
draw.by_layer(by_layer)

# %% [markdown]
# The accuracy could not tell copy D from the original. Here it is *several hundred thousand times* as far from the
# reference as the original in 32 bits, from the first layer on. And the others betray where they went wrong.
# Everything before the guilty layer agrees, and everything after it is wrong, guilty or not, so begin with **the
# first layer that differs**.
#
# These are the four mistakes:
#
# - `"flattening"`: the feature maps are flattened in another order;
# - `"padding"`: the second convolution pads on both sides instead of one;
# - `"kernels"`: the rows and columns of all kernels are swapped;
# - `"biases"`: all biases are missing.
#
# Copies A and B are now easy. C and D both differ from the first convolution on, so you need another experiment. Feed both an
# image that is completely **black**, with 64 zeros.
#
# **Predict.** One of the two mistakes has no effect on the first convolution of a black image. Which one: `"kernels"` or
# `"biases"`?

# %%
predict("black", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"kernels"`. Whatever the kernels are, they multiply zeros. What remains is the bias of each filter.
#
# </details>

# %%
black = np.zeros((1, 8, 8, 1), np.float32)
expected = outputs(network, black)["conv 1"]
for copy in "CD":
    difference = np.abs(outputs(network, black, copy)["conv 1"] - expected).max()
    print(f"copy {copy}: largest difference {difference:.3f}")

# %% [markdown]
# Copy C is cleared of forgetting its biases, so its kernels are swapped, and D is the one without biases. The mistake of A
# is the order of flattening, and that of B the padding. Case closed. A good test input is one for
# which you know what *cannot* matter.

# %% [markdown] tags=["row-19"]
# ## Rounding errors and tolerances
#
# But how small is small enough? Even the original, in 32 bits, differs from the reference. A 32-bit floating-point
# number keeps 24 binary digits, about 7 decimal digits, so most sums have a
# [rounding error](glossary.md#rounding-error), and the order of summation matters:
#
# $$(10^8 + 1) - 10^8 = [0]{= int((np.float32(1e8) + np.float32(1)) - np.float32(1e8)) } \qquad
# (10^8 - 10^8) + 1 = [1]{= int((np.float32(1e8) - np.float32(1e8)) + np.float32(1)) }$$
#
# The first sum rounds $10^8 + 1$ to $10^8$. Every library adds up the products of a convolution in its own order, or even
# uses another algorithm. Two correct programs therefore agree only up to a [**tolerance**](glossary.md#tolerance).
# `np.testing.assert_allclose` and `torch.testing.assert_close` accept a value if
#
# $$|\text{actual} - \text{expected}| \le \texttt{atol} + \texttt{rtol} \cdot |\text{expected}|.$$
#
# **Predict.** A convolution layer sums 576 products per output. You compare its correct 32-bit output
# with the 64-bit reference, with `rtol=1e-5` and `atol=0`. Which of the 1,024 values fail? `"a"` None.
# `"b"` Only the largest ones. `"c"` Only some near 0. `"d"` Some of every size.

# %%
predict("failing", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. A small output is what remains when large products cancel, and the rounding errors of these products do
# not cancel with them. With `atol=0`, the allowed difference shrinks to 0 with the value.
#
# </details>


# %%
def round_to_tf32(x):
    """Round 32-bit numbers to 10 bits of mantissa, as TF32 does with the inputs of a product."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return ((bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32)


rng = np.random.default_rng(1)
X_64 = rng.standard_normal((1, 10, 10, 64)).astype(np.float32)
W_64 = rng.standard_normal((3, 3, 64, 16)).astype(np.float32)
exact = functional.conv2d(X_64.astype(np.float64), W_64.astype(np.float64)).ravel()
errors = {
    "float32": np.abs(functional.conv2d(X_64, W_64).ravel() - exact),
    "TF32": np.abs(functional.conv2d(round_to_tf32(X_64), round_to_tf32(W_64)).ravel() - exact),
}
draw.rounding_errors(exact, errors, atol=1e-5 * np.abs(exact).max())

# %% [markdown]
# So choose a tolerance in three steps:
#
# 1. **Measure the rounding error.** Run the same program in 32 and in 64 bits. Here, the largest difference is less than
#    [1e-06]{= f'{10.0 ** np.ceil(np.log10(errors["float32"].max() / np.abs(exact).max())):.0e}' } of the largest value.
# 2. **Leave a margin.** We take `rtol=1e-5`, and $10^{-5}$ times the largest expected value for `atol`.
# 3. **Test the test.** Insert a mistake, for example omit a bias, and see the comparison fail.
#
# The defaults may not suit your data. `assert_allclose` has `rtol=1e-7` and `atol=0`, but the next float32
# number after 1 is already [1.2e-07]{= f'{np.finfo(np.float32).eps:.1e}' } away.
#
# On NVIDIA GPUs from 2020 on, a correct program can fail. Their [**TF32**](glossary.md#tf32) mode rounds the inputs
# of each product to 11 binary digits, of which 10 are stored. The triangles in the figure simulate this. The median
# error grows about
# [a thousandfold]{= "a thousandfold" if 500 < np.median(errors["TF32"]) / np.median(errors["float32"]) < 2000 else "not" }.
# TensorFlow uses TF32 by default, PyTorch for convolutions but not for products of matrices. Switch it off before you
# compare:
#
#     tf.config.experimental.enable_tensor_float_32_execution(False)
#     torch.backends.cudnn.conv.fp32_precision = "ieee"  # PyTorch 2.9 or newer


# %%
def compare(actual, expected, name):
    atol = 1e-5 * np.abs(expected).max()
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=atol, err_msg=name)
    print(f"{name:12} {expected.shape}: agrees")


compare(outputs(network, X_test)["dense"], reference["dense"], "original")
try:
    compare(outputs(network, X_test, "D")["dense"], reference["dense"], "copy D")
except AssertionError as error:
    print("copy D:", str(error).strip().splitlines()[2])  # the test, tested

# %% [markdown] tags=["row-19"]
# ## Copy A: flattening before a dense layer
#
# How do such mistakes happen? [Flattening](glossary.md#flattening) turns the feature maps of an image into a vector,
# in [row-major](glossary.md#row-major) order: the last axis changes fastest. Which axis is last depends on the [data
# format](glossary.md#data-format), NHWC in Keras and NCHW in PyTorch. A dense layer has one row of weights for each
# position in the vector. If the positions change, its rows have to move with them. The author of copy A trusted that
# a 256 is a 256.
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

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 2, the first and the last. Each of the ten others would be multiplied by weights that were learned for another value.
#
# </details>

# %%
channel = np.array([[1, 2, 3], [4, 5, 6]])
maps = np.stack([channel, 10 * channel], axis=-1)
draw.flattened(maps)

# %% [markdown]
# There are two remedies. The model in PyTorch can flatten in NHWC order, `x.permute(0, 2, 3, 1).flatten(1)`. Or you move the
# rows of $W$ once, along the lines of the figure: split the row axis into rows, columns and channels, move the
# channels to the front, and flatten again.


# %%
def dense_to_torch(W, n_H, n_W, n_C):
    W = W.reshape(n_H, n_W, n_C, -1)  # rows, columns, channels, outputs
    W = W.transpose(3, 2, 0, 1)  # outputs, channels, rows, columns
    return W.reshape(W.shape[0], -1)  # outputs, inputs


W_dense = np.arange(24).reshape(12, 2)  # w0 = (0, 1), w1 = (2, 3), ...
nhwc, nchw = maps.reshape(-1), maps.transpose(2, 0, 1).reshape(-1)
print("this course:", nhwc @ W_dense, "  PyTorch:", dense_to_torch(W_dense, 2, 3, 2) @ nchw)

# %% [markdown] tags=["row-19"]
# ## Copy B: SAME padding at stride 2
#
# In Keras and TensorFlow, [same padding](glossary.md#same-padding) at stride $s$ gives
# $n_{out} = \lceil n/s \rceil$ values along an axis of size $n$ and adds
# $\max((n_{out} - 1)\, s + f - n,\ 0)$ zeros in total. If this number is odd, the extra zero goes to the
# bottom or to the right. The author of copy B wrote `padding=1` instead, as is usual in
# PyTorch with 3 x 3 kernels. It gives the same shapes.
#
# **Predict.** For which sizes $n$ does `padding=1` give the same *values* as SAME, with $f = 3$ and
# $s = 2$: `"odd"`, `"even"`, `"both"` or `"neither"`?

# %%
predict("agree", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"odd"`. For $n = 7$ both add one zero on each side. For $n = 6$, SAME adds a single zero at the end, and `padding=1` one on
# each side, so every window starts one pixel further to the left.
#
# </details>

# %%
draw.same_padding()

# %% [markdown]
# Our maps have 8 rows, and common sizes such as 224, 32 and 28 are even, too. In a deep network the shifts add up. In the
# third layer of stride 2, a window that is off by one position of the feature map is off by four pixels of the image.
#
# PyTorch offers `padding="same"` for stride 1 only. At stride 2, pad with `F.pad` or `nn.ZeroPad2d` first. Their numbers
# start with the last axis: left, right, top, bottom.

# %% needs="keras tensorflow torch"
import tensorflow as tf
import torch
import torch.nn.functional as F
from keras import layers

tf.config.experimental.enable_tensor_float_32_execution(False)
A_6 = rng.standard_normal((1, 6, 6, 2)).astype(np.float32)
conv_same = layers.Conv2D(4, 3, strides=2, padding="same")
Z_same = conv_same(A_6).numpy()

kernel, bias = (torch.tensor(array) for array in conv_same.get_weights())
kernel, A_6_torch = kernel.permute(3, 2, 0, 1), torch.tensor(A_6).permute(0, 3, 1, 2)
Z_padded = F.conv2d(F.pad(A_6_torch, (0, 1, 0, 1)), kernel, bias, stride=2)
compare(Z_padded.permute(0, 2, 3, 1).numpy(), Z_same, "F.pad")
shifted = F.conv2d(A_6_torch, kernel, bias, stride=2, padding=1).permute(0, 2, 3, 1).numpy()
print(f"padding=1: largest difference {np.abs(shifted - Z_same).max():.1f}")

# %% [markdown] tags=["row-19"]
# ## Copy C: the order of filter axes
#
# The filters of a convolution layer are **HWIO** (rows, columns, input channels, output channels) in this course, Keras and
# TensorFlow, and **OIHW** in PyTorch. The move is `transpose(3, 2, 0, 1)`. The author of copy C wrote
# `W.T`, which reverses all axes and gives OIWH. With square kernels the shape is the same, and a detector of
# horizontal edges now detects vertical ones.
#
# | array | this course, Keras, TensorFlow | PyTorch | move |
# |---|---|---|---|
# | images | NHWC | NCHW | `transpose(0, 3, 1, 2)` |
# | filters | HWIO | OIHW | `transpose(3, 2, 0, 1)` |
# | weights of a dense layer | (inputs, outputs) | (outputs, inputs) | `.T`; after flattening `dense_to_torch` |
# | biases | (outputs,) | (outputs,) | none |
#
# **Predict.** Filters of 5 x 3 with 1 input channel and 8 output channels are (5, 3, 1, 8) in Keras. Which shape does `W.T`
# have?

# %%
predict("transposed", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (8, 1, 3, 5). PyTorch's `nn.Conv2d(1, 8, kernel_size=(5, 3))` wants (8, 1, 5, 3), and `load_state_dict` raises an error. A test case with a
# kernel that is not square would have turned this silent mistake into an error message.
#
# </details>
#
# That is a rule for all test cases: **let no two sizes be equal.** Different numbers of rows and columns, of channels in
# and out, of examples. Then most wrong orders of axes cannot hide.

# %% [markdown]
# ## Copy D: the biases
#
# And copy D? `tf.nn.conv2d` and `F.conv2d(x, weight)` do not ask for a bias. Whoever translates a layer into a
# function must write `+ b`, and nothing happens if it is forgotten. PyTorch has a similar trap. A
# [**state dict**](glossary.md#state-dict) is the dictionary of a model's parameters by name, and of a few other arrays that
# you will meet in the next lesson. `load_state_dict` raises an error if a name is missing, and because that is annoying
# when you load a part of a network, there is a switch:

# %% needs="torch"
import torch
import torch.nn.functional as F
from torch import nn

layer = nn.Conv2d(1, 8, kernel_size=3, padding=1)
only_weights = {"weight": torch.zeros(8, 1, 3, 3)}
print(layer.load_state_dict(only_weights, strict=False))
print("biases:", layer.bias.detach().numpy().round(2))

# %% [markdown]
# `strict=False` *returns* the names that it missed and leaves their values as they were, here random. The message is there, but
# only for those who print it.
#
# Why does the accuracy survive without biases? They are small here, at most
# [0.25]{= f'{max(np.abs(layer.parameters["b"]).max() for layer in network.layers if layer.parameters):.2f}' }. The scores of
# copy D are off by up to [20%]{= f'{round(by_layer["copy D"][-1], 1):.0%}' } of the largest score, and the largest one
# usually remains the largest. But it is another network. Without biases, an image that is ten times darker gives scores that
# are ten times smaller, and the same digit. The original is not so indifferent:

# %%
for copy in ("", "D"):
    scores = outputs(network, X_test / 10, copy)["dense"]
    print(f"{names[copy]:8} on dark images: {np.mean(scores.argmax(axis=1) == test_labels):.2f}")

# %% [markdown]
# On dark images, copy D is even better than the network that it was supposed to copy. A mistake can look like an
# improvement, so never conclude from an accuracy that a copy is right.

# %% [markdown] tags=["row-19"]
# ## A whole network
#
# Last, the network of the first figure, with its [3,818]{= f"{network.parameters.size:,}" } trained parameters. `arrays` lists
# its weights and biases in the order of the layers. Keras models accept such a list in `set_weights`, PyTorch models a state
# dict with names. And for the day on which something differs, you want the outputs of all layers. In Keras, a second model
# shares the layers of the first and returns everything. In PyTorch, a **forward hook** is called whenever a layer has
# computed its output.

# %%
arrays = [array for layer in network.layers for array in layer.parameters.values()]
print([array.shape for array in arrays])

# %% needs="keras tensorflow"
import keras
import tensorflow as tf
from keras import layers

tf.config.experimental.enable_tensor_float_32_execution(False)
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

inside = keras.Model(model_keras.inputs[0], [layer.output for layer in model_keras.layers])
for name, output in zip(("ReLU 1", "ReLU 2", "flatten", "dense"), inside(X_test), strict=True):
    compare(output.numpy(), reference[name], name)


# %% needs="torch"
import torch.nn.functional as F
from torch import nn


class DigitsNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3, stride=2)
        self.dense = nn.Linear(16 * 4 * 4, 10)

    def forward(self, x):
        x = self.conv1(x).relu()
        x = self.conv2(F.pad(x, (0, 1, 0, 1))).relu()  # Keras' SAME
        return self.dense(x.flatten(start_dim=1))


W_1, b_1, W_2, b_2, W_3, b_3 = arrays
converted = {
    "conv1.weight": W_1.transpose(3, 2, 0, 1),
    "conv1.bias": b_1,
    "conv2.weight": W_2.transpose(3, 2, 0, 1),
    "conv2.bias": b_2,
    "dense.weight": dense_to_torch(W_3, 4, 4, 16),
    "dense.bias": b_3,
}
model_torch = DigitsNetwork().eval()
print(model_torch.load_state_dict({k: torch.tensor(v) for k, v in converted.items()}))

seen = {}


def save_as(name):
    def hook(module, inputs, output):
        seen[name] = output

    return hook


for name, layer in model_torch.named_children():
    layer.register_forward_hook(save_as(name))
scores_torch = model_torch(torch.tensor(X_test).permute(0, 3, 1, 2))
compare(seen["conv1"].detach().permute(0, 2, 3, 1).numpy(), reference["conv 1"], "conv 1")
compare(seen["conv2"].detach().permute(0, 2, 3, 1).numpy(), reference["conv 2"], "conv 2")
compare(scores_torch.detach().numpy(), reference["dense"], "dense")

# %% [markdown]
# Equal outputs do not prove that gradients are equal. If you want to go on training in the new library, compare those
# of the cross-entropy as well. Each has the axis order of its array, so bring both to the same order first. (Both
# sides have 32 bits here.)

# %%
scores = network.forward(X_test, training=True)
network.backward(functional.cross_entropy_backward(scores, test_labels))
(dW_1, db_1), (dW_2, db_2), (dW_3, db_3) = (
    layer.gradients.values() for layer in network.layers if layer.parameters
)

# %% needs="torch"
F.cross_entropy(scores_torch, torch.tensor(test_labels)).backward()
compare(model_torch.conv1.weight.grad.permute(2, 3, 1, 0).numpy(), dW_1, "dW 1")
compare(model_torch.conv2.weight.grad.permute(2, 3, 1, 0).numpy(), dW_2, "dW 2")
compare(model_torch.dense.weight.grad.numpy(), dense_to_torch(dW_3, 4, 4, 16), "dW 3")
modules = model_torch.conv1, model_torch.conv2, model_torch.dense
for number, (module, db_n) in enumerate(zip(modules, (db_1, db_2, db_3), strict=True), start=1):
    compare(module.bias.grad.numpy(), db_n, f"db {number}")

# %% [markdown]
# Every line says that it agrees: the axes of the images and of three arrays of weights have moved, and no value has
# changed.
#
# ## The method
#
# If two programs disagree, use one small batch, in evaluation mode, and
#
# 1. name every axis of inputs, weights and outputs, and let no two sizes be equal;
# 2. compare layer by layer and find the **first** one that differs;
# 3. look at *where* it differs: everywhere (weights, axis order, windows shifted by padding at stride 2), only at the border
#    (another value in the padding), or, before the activation function, by a constant per channel (bias);
# 4. look at *how much* it differs, relative to the largest value, and compare with the rounding error that you
#    measured (here below $10^{-6}$; it grows with the depth). In a network as shallow as ours, a difference of
#    $10^{-4}$ to $10^{-3}$ may be TF32, and anything larger needs another explanation. (TF32's error grows with the
#    depth, too.)
#
# The next lesson, batch normalization, adds another suspect: numbers that belong to the model but are not parameters. No
# gradient changes them, and they are easily left behind.

# %% [markdown] tags=["row-19"]
# ## Further: one layer in four libraries, forward and backward
#
# Here is a single layer in NumPy, Keras, TensorFlow and PyTorch. Its sizes follow the rule of copy C as far as
# possible: six images with 9 rows, 7 columns and 2 channels, eight filters of 3 x 3, stride 2, padding 1. (Our
# library has square kernels only, so swapped rows and columns show in the values, not in the shapes.) To compare
# gradients, the same upstream gradient has to arrive in all libraries. For an array $G$ of the shape of $Z$, the cost
# $J = \sum G_{i,h,w,c}\, Z_{i,h,w,c}$ has $dZ = G$.

# %%
A_prev = rng.standard_normal((6, 9, 7, 2)).astype(np.float32)
W = rng.standard_normal((3, 3, 2, 8)).astype(np.float32)
b = rng.standard_normal(8).astype(np.float32)
A_64, W_64, b_64 = (x.astype(np.float64) for x in (A_prev, W, b))
Z = functional.conv2d(A_64, W_64, b_64, stride=2, padding=1)
G = rng.standard_normal(Z.shape).astype(np.float32)
dA_prev, dW, db = functional.conv2d_backward(G.astype(float), A_64, W_64, stride=2, padding=1)

# %% needs="keras tensorflow"
conv_keras = keras.Sequential([layers.ZeroPadding2D(1), layers.Conv2D(8, 3, strides=2)])
conv_keras.build(A_prev.shape)
conv_keras.set_weights([W, b])
pads = [[0, 0], [1, 1], [1, 1], [0, 0]]  # one pair for each axis
A_tf, W_tf, b_tf = tf.Variable(A_prev), tf.Variable(W), tf.Variable(b)
with tf.GradientTape() as tape:
    Z_tf = tf.nn.conv2d(A_tf, W_tf, strides=2, padding=pads) + b_tf
    J = tf.reduce_sum(G * Z_tf)
compare(conv_keras(A_prev).numpy(), Z, "Keras")
compare(Z_tf.numpy(), Z, "TensorFlow")
for name, actual, expected in zip(
    ("dA_prev", "dW", "db"),
    tape.gradient(J, [A_tf, W_tf, b_tf]),
    (dA_prev, dW, db),
    strict=True,
):
    compare(actual.numpy(), expected, name)

# %% needs="torch"
conv_torch = nn.Conv2d(2, 8, kernel_size=3, stride=2, padding=1)
conv_torch.load_state_dict(
    {"weight": torch.tensor(W.transpose(3, 2, 0, 1)), "bias": torch.tensor(b)}
)
A_torch = torch.tensor(A_prev.transpose(0, 3, 1, 2), requires_grad=True)
Z_torch = conv_torch(A_torch)
(torch.tensor(G).permute(0, 3, 1, 2) * Z_torch).sum().backward()
compare(Z_torch.detach().permute(0, 2, 3, 1).numpy(), Z, "PyTorch")
compare(A_torch.grad.permute(0, 2, 3, 1).numpy(), dA_prev, "dA_prev")
compare(conv_torch.weight.grad.permute(2, 3, 1, 0).numpy(), dW, "dW")
compare(conv_torch.bias.grad.numpy(), db, "db")

# %% [markdown]
# ## Exercises

# %% [markdown]
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


# %%
check("dense_from_torch", dense_from_torch)

# %% [markdown]
# ### Exercise 2: four more copies
#
# Copies E, F, G and H have one mistake each. The figure shows, for each position of the outputs of both convolutions, the
# largest relative difference from the reference, and below each copy the first layer that differs. Which copy belongs to
# which cause? Answer with four letters, such as `"EFGH"`, for the causes in this order:
#
# 1. the ReLU after the second convolution is missing;
# 2. the kernels of the first convolution are flipped (rotated by 180 degrees);
# 3. the first convolution pads with repeated edge pixels instead of zeros;
# 4. the input channels of the second convolution are in the reverse order.

# %%
draw.four_more(network, X_test, reference)

# %%
causes = None
### BEGIN SOLUTION
causes = "GFHE"
### END SOLUTION

# %%
check("causes", causes)

# %% [markdown]
# ### Exercise 3: what happens if ...
#
# There is no check for these. Decide first, then change a cell of this lesson, or add one.
#
# 1. ... you forget to divide the pixels by 16, so that the network sees `16 * X_test`? Will the accuracy tell you? Try
#    `outputs(network, 16 * X_test)["dense"]`.
# 2. ... you compare $dW$ of a library that averages the loss over the batch with $dW$ of one that sums it?
# 3. ... you reduce the tolerance in `compare` from `1e-5` to `1e-8`, step by step?
# 4. ... a Keras layer with 5 x 5 kernels, stride 2 and SAME padding gets 10 rows and 11 columns? Which
#    four numbers does `nn.ZeroPad2d` need?

# %%
times_16 = outputs(network, 16 * X_test)["dense"]  # change these
print("accuracy:", np.mean(times_16.argmax(axis=1) == test_labels).round(3))

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. No. Rounded to two digits, it is [0.94]{= f'{accuracies["original"][0]:.2f}' } before and
#    [0.94]{= f'{np.mean(times_16.argmax(axis=1) == test_labels):.2f}' } after; with other seeds, it fell by up to two
#    points. The outputs of all layers scale with their input, apart from the biases, so the scores become about 16
#    times as large. A comparison of the outputs fails at the first layer.
# 2. The gradient of the sum is larger by the factor $m$, the size of the batch. A constant ratio of all
#    entries is typical of such a mistake.
# 3. The comparison fails when the tolerance comes close to the rounding error. The exact value depends on
#    the library, its version and the machine, so a tolerance needs a margin.
# 4. `(2, 2, 1, 2)`. The 11 columns need $(6 - 1) \cdot 2 + 5 - 11 =$ [4]{= (6 - 1) * 2 + 5 - 11 } zeros, two on
#    each side. The 10 rows need $(5 - 1) \cdot 2 + 5 - 10 =$ [3]{= (5 - 1) * 2 + 5 - 10 }: one above, two below.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **compare** layer by layer, with a [tolerance](glossary.md#tolerance) that comes from a measured
#    [rounding error](glossary.md#rounding-error), because an accuracy hides mistakes;
# 2. **move arrays:** images with `transpose(0, 3, 1, 2)`, filters with `transpose(3, 2, 0, 1)`, never with `reshape`, the
#    rows of a dense layer after [flattening](glossary.md#flattening), and SAME padding at stride 2 with `F.pad`;
# 3. **check a whole network,** its outputs and its gradients, with `set_weights`, a [state dict](glossary.md#state-dict) and
#    one upstream gradient for all.

# %% [markdown]
# ## What to read next
#
# - Next is [Batch normalization](17_batch_normalization.ipynb), a layer whose defaults differ between Keras
#   and PyTorch.
# - PyTorch, [Numerical accuracy](https://docs.pytorch.org/docs/stable/notes/numerical_accuracy.html).
# - D. Goldberg, *What every computer scientist should know about floating-point arithmetic* (1991),
#   [doi:10.1145/103162.103163](https://doi.org/10.1145/103162.103163).
