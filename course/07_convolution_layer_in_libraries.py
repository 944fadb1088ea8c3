# %% [markdown]
# # The convolution layer in libraries
#
# You have a trained network and want to use it in another library: in PyTorch, because your project is
# written in it, or in Keras, because the phone app needs it. The weights are only arrays, so you copy them.
# Run the next two cells to see the network that draws edges after three such moves. All three copies have
# the right shapes, and none of them raises an error. **Which drawing is right?** Decide before you read on.

# %% include="lesson_setup"

# %%
from convnet.edges import load_blocks, normalized
from lesson_tools.convolution_layer_in_libraries import figures as draw
from lesson_tools.convolution_layer_in_libraries.questions import check, predict

draw.three_copies()

# %% [markdown]
# <details>
# <summary>Which drawing is right</summary>
#
# Copy B is clearly broken, but A and C both look fine. Only **C** is right. In copy A, the rows and the
# columns of every kernel are swapped, and its edge probabilities are wrong by
# [0.05]{= f"{draw.difference('rows and columns swapped')[0]:.2f}" } on average and by up to
# [0.78]{= f"{draw.difference('rows and columns swapped')[1]:.2f}" }. You would not notice by looking at copy
# A alone, and neither would the users of your app.
#
# </details>

# %%
draw.copy_a_minus_c()

# %% [markdown]
# All libraries compute the layer of lesson 06. They differ in the names of the arguments, in the order of the
# axes and in the defaults. If you get one of these wrong, you are lucky to see an error. Often the only sign is
# that the network has become worse.
#
# This lesson is a page to come back to. The first half answers "How do I write it in Keras, in TensorFlow, in
# PyTorch?", and the second half, "How do I know that it is right?"
#
# **By the end of this lesson you will be able to**
#
# 1. write a convolution layer in Keras, TensorFlow and PyTorch, and explain its arguments and defaults;
# 2. convert images and filters between the axis orders of the libraries;
# 3. move weights from one library to another, and test that both compute the same layer.
#
# **Time:** about 60 minutes, and 35 for the exercises. **You need:**
# [The convolution layer](06_convolution_layer.ipynb). The lesson is optional. Its cells for Keras, TensorFlow
# and PyTorch run in Colab, and are skipped where these are not installed. Everything else needs only NumPy.

# %% [markdown]
# ## Before you start
#
# Two questions about the previous lesson. A layer has 6 filters of 2 x 2, and its input is a color image.
#
# 1. How many parameters does it have?
# 2. How many kernels do its filters consist of?

# %%
predict("parameters", None)
predict("kernels", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# 1. $(2 \cdot 2 \cdot 3 + 1) \cdot 6 =$ [78]{= (2 * 2 * 3 + 1) * 6 }.
# 2. [18]{= 3 * 6 }: each of the six filters has a kernel for each of the three channels.
#
# If this was new, go back to [The convolution layer](06_convolution_layer.ipynb).
#
# </details>

# %% [markdown] tags=["row-9"]
# ## How do I write it in Keras?
#
# As in lesson 06, create a layer, and call it like a function:

# %% needs="keras tensorflow"
import keras
from keras import layers

images = keras.random.normal((4, 128, 128, 3))  # a batch of 4 color images
layer = layers.Conv2D(6, kernel_size=2, padding="same", activation="relu")
print(layer(images).shape, layer.count_params(), "parameters")

# %% [markdown]
# The output has the shape (4, 128, 128, 6), and there are 78 parameters. The number of input channels is not
# an argument, because Keras creates the weights when the layer sees its first images. To have them
# earlier, call `layer.build((None, 128, 128, 3))`. Here `None` stands for any number of images.
#
# **Predict.** What is the shape of `layers.Conv2D(4, kernel_size=2, strides=2)(images)`? By default there is no
# padding.

# %%
predict("keras", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (4, 64, 64, 4). There are $(128 - 2)/2 + 1 =$ [64]{= (128 - 2) // 2 + 1 } positions along each axis, and 4
# filters. The layer has $(2 \cdot 2 \cdot 3 + 1) \cdot 4 =$ [52]{= (2 * 2 * 3 + 1) * 4 } parameters.
#
# </details>

# %% needs="keras tensorflow"
layer = layers.Conv2D(4, kernel_size=2, strides=2)
print(layer(images).shape, layer.count_params(), "parameters")

# %% [markdown] tags=["row-9"]
# ## How do I write it in PyTorch?
#
# The channels of the images come **first**, and both numbers of channels are arguments, since the weights are
# created immediately.

# %% needs="torch"
import torch
from torch import nn

images = torch.randn(2, 4, 50, 100)  # 2 images, 4 channels, 50 rows, 100 columns
layer = nn.Conv2d(4, 16, kernel_size=6, stride=2)

# %% [markdown]
# There is no `activation` argument: add `nn.ReLU()` after the layer, or call `torch.relu`. If you do not know
# the number of input channels, `nn.LazyConv2d(16, 6)`, which d2l uses, takes it from the first images, as
# Keras does.
#
# **Predict.** What is the shape of `layer(images)`? Answer with a tuple of four numbers.

# %%
predict("torch", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (2, 16, 23, 48), with the 16 output channels in second position. There are $(50 - 6)/2 + 1 =$
# [23]{= (50 - 6) // 2 + 1 } rows and $(100 - 6)/2 + 1 =$ [48]{= (100 - 6) // 2 + 1 } columns. The layer has
# $(6 \cdot 6 \cdot 4 + 1) \cdot 16 =$ [2,320]{= f'{(6 * 6 * 4 + 1) * 16:,}' } parameters.
#
# </details>

# %% needs="torch"
print(tuple(layer(images).shape), sum(p.numel() for p in layer.parameters()), "parameters")

# %% [markdown]
# What if you forget that the channels come first? Here are four color images in Keras' order:

# %% needs="torch"
try:
    nn.Conv2d(3, 6, kernel_size=2)(torch.randn(4, 128, 128, 3))
except RuntimeError as error:
    print(error)

# %% [markdown]
# The message does not mention any order. It says that the layer expected 3 channels and got 128, because
# PyTorch took the rows for channels. With 3 rows instead of 128, it would have raised no error.

# %% [markdown] tags=["row-9"]
# ## How do I write it in TensorFlow?
#
# TensorFlow contains Keras as `tf.keras`, so the layer is the same. Below that level there is a function,
# `tf.nn.conv2d`. Like the course's `conv2d`, it stores nothing. You pass the filters with every call, and add
# the bias and the activation yourself.

# %% needs="keras tensorflow"
import tensorflow as tf

images = tf.random.normal((4, 28, 28, 3))
filters, biases = tf.random.normal((3, 3, 3, 2)), tf.zeros(2)  # two filters on 3 channels
output = tf.nn.relu(tf.nn.conv2d(images, filters, strides=1, padding="VALID") + biases)
layer = tf.keras.layers.Conv2D(2, kernel_size=3, activation="relu")
print("function", output.shape, "  layer", layer(images).shape)

# %% [markdown]
# Both shapes are (4, 26, 26, 2). The counterpart in PyTorch is `torch.nn.functional.conv2d`, which people
# import as `F.conv2d`.

# %% [markdown] tags=["row-9"]
# ## What are the arguments called?
#
# | | this course | Keras | TensorFlow | PyTorch |
# |---|---|---|---|---|
# | name | `conv2d` | `Conv2D` | `tf.nn.conv2d` | `nn.Conv2d`, `F.conv2d` |
# | images | NHWC | NHWC | NHWC | NCHW |
# | filters | HWIO | HWIO | HWIO | OIHW |
# | input channels | from `W` | from the images | from the filters | `in_channels` |
# | number of filters | from `W` | `filters` | from the filters | `out_channels` |
# | kernel size | from `W` | `kernel_size` | from the filters | `kernel_size` |
# | stride | `stride` | `strides` | `strides` | `stride` |
# | padding | zeros per side | `"valid"`, `"same"` | `"VALID"`, `"SAME"`, or pairs | zeros per side, or a name |
# | activation | `np.maximum(Z, 0)` | `activation="relu"` | `tf.nn.relu` | `nn.ReLU`, `torch.relu` |
# | biases | `b` | `use_bias=True` | add them | `bias=True` |
#
# Strides, kernel sizes and PyTorch's padding can be one number, or a pair (rows, columns). The stride is 1 and
# there is no padding unless you ask for it, but `tf.nn.conv2d` insists on both. PyTorch accepts `"same"` for
# stride 1 only. (The four letters are explained below.)

# %% [markdown]
# ## What are the weights before training?
#
# Random numbers, but not the same in all libraries:
#
# | | Keras | PyTorch |
# |---|---|---|
# | initial weights | uniform, up to $\sqrt{6 / (f^2 n_{C_{prev}} + f^2 n_C)}$ | uniform, up to $1 / \sqrt{f^2 n_{C_{prev}}}$ |
# | initial biases | 0 | like the weights |
#
# Keras' rule is called *Glorot uniform*. For 16 filters of 6 x 6 on 4 channels, it draws weights from $-0.091$
# to [0.091]{= f'{(6 / (36 * 4 + 36 * 16)) ** 0.5:.3f}' }, and PyTorch from $-0.083$ to
# [0.083]{= f'{1 / (36 * 4) ** 0.5:.3f}' }. So if you compare the two libraries, you also compare these rules.
#
# **Predict.** A new layer with its initial parameters and without an activation function sees an image that
# is 0 everywhere. In which library is its output certain to be 0 everywhere: `"keras"`, `"torch"`, `"both"`
# or `"neither"`?

# %%
predict("zeros", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Only in Keras. On an image of zeros, every weight is multiplied by 0, and what is left is the bias.
#
# </details>

# %% needs="keras tensorflow"
print("Keras:  ", np.abs(layers.Conv2D(16, 6)(keras.ops.zeros((1, 50, 100, 4)))).max())

# %% needs="torch"
print("PyTorch:", nn.Conv2d(4, 16, 6)(torch.zeros(1, 4, 50, 100)).abs().max().item())

# %% [markdown]
# ## Channels last and channels first
#
# Libraries call an array with any number of axes a [**tensor**](glossary.md#tensor). A batch of images is a
# tensor with four axes: N for the examples, H for the height, W for the width and C for the channels. Their
# order is the [**data format**](glossary.md#data-format). **NHWC**, channels last, is the order of this course,
# of TensorFlow, and by default of Keras (`data_format="channels_last"`). **NCHW**, channels first, is the order
# of PyTorch.
#
# Memory has only one dimension. In **row-major** order the last axis changes fastest, so NHWC stores all the
# channels of a pixel next to each other, and NCHW stores all of channel 0, then all of channel 1. The position
# of a number in memory, counted from 0, is its **offset**.

# %% [markdown]
# ## Offsets in memory
#
# Here is a batch of one image with 2 rows, 3 columns and 2 channels. In the second line, `transpose` lists the
# old axes in their new order: axis 3, the channels, moves to position 1.
#
# **Predict.** What is the offset of the value in row 1, column 2, channel 0, the 6, when this batch is stored
# in NHWC order, and what is it in NCHW order? Answer with a tuple, `(NHWC, NCHW)`.

# %%
channel = np.array([[1, 2, 3], [4, 5, 6]])
image = np.stack([channel, 10 * channel], axis=-1)[None]  # channel 1 is ten times channel 0
image_nchw = image.transpose(0, 3, 1, 2)  # back: transpose(0, 2, 3, 1)
print("NHWC", image.shape, "  NCHW", image_nchw.shape)
predict("offset", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# In NHWC, row 1, column 2 is the sixth pixel, so $5 \cdot 2 =$ [10]{= image.reshape(-1).tolist().index(6) }
# values come before it. In NCHW, the [5]{= image_nchw.reshape(-1).tolist().index(6) } other values of channel 0
# come before it.
#
# </details>

# %%
draw.memory(image)

# %% [markdown]
# ## Transpose, never reshape
#
# `image.reshape(1, 2, 2, 3)` also has the shape of an NCHW batch, two channels of 2 rows and 3 columns. Is it
# the same?
#
# **Predict.** What is the first row of channel 0 in `image.reshape(1, 2, 2, 3)`? Answer with a list of three
# numbers.

# %%
predict("reshape", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[[1, 10, 2]]{= image.reshape(1, 2, 2, 3)[0, 0, 0].tolist() }`, the first three values in memory. `reshape`
# keeps the order of the values and cuts the sequence at other points, so pixels and channels get mixed up.
#
# </details>
#
# This is what happened to the filters of copy B. To change the order of axes, use `transpose`, which PyTorch
# calls `permute`. It does not move a single number in memory, but only computes the offsets differently. (If a
# function needs them moved, `np.ascontiguousarray` does it, and `.contiguous()` in PyTorch.)

# %% [markdown]
# ## Filters: HWIO and OIHW
#
# The filters of a layer have four axes, too: kernel height H, kernel width W, input channels I and output
# channels O. This course, Keras and TensorFlow use **HWIO**, and PyTorch uses **OIHW**:
#
# $$W^{\text{PyTorch}}_{c,\,k,\,r,\,q} = W_{r,\,q,\,k,\,c}$$
#
# The output channel, old axis 3, comes first, then the input channel (2), the row (0) and the column (1), so
# you need `W.transpose(3, 2, 0, 1)`. The biases are $n_C$ numbers in one axis everywhere. Here is the first
# layer of the edge network, with 64 filters of 3 x 3:

# %%
network = load_blocks()
X = normalized(draw.flower())
draw.lanes(X.shape, network.blocks[0][0][0].shape)

# %% [markdown] tags=["row-10"]
# ## What if a kernel is not square?
#
# Then `kernel_size` is a pair, (rows, columns). Such kernels are rare in networks, but for tests they are
# precious. Square kernels let copy A pass, since all shapes still fit when rows and columns are swapped.
#
# Take a color image of 7 x 7 pixels and two filters of 3 rows, 4 columns and 3 channels. NumPy computes our
# [**reference output**](glossary.md#reference-output) `Z`, the result that each library has to reproduce. (It
# adds up one shifted part of the image for each kernel position, and `@` sums over the channels.)
#
# **Predict.** In PyTorch, you swap the last two axes by mistake and pass `W.transpose(3, 2, 1, 0)`. What are the
# rows and columns of a feature map then? Answer with a tuple, `(rows, columns)`.

# %%
rng = np.random.default_rng(3)
x = rng.integers(0, 10, size=(7, 7, 3)).astype(np.float32)
W = rng.integers(-2, 3, size=(3, 4, 3, 2)).astype(np.float32)
Z = sum(x[r : r + 5, q : q + 4] @ W[r, q] for r in range(3) for q in range(4))
predict("swapped", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The kernels become 4 x 3, so the feature map is (4, 5) instead of `[(5, 4)]{= Z.shape[:2] }`. With square
# kernels, only the numbers would be wrong.
#
# </details>

# %%
draw.two_shapes(x, W)

# %% [markdown] tags=["row-9", "row-10"]
# ## How do I put my own weights into a layer?
#
# As you did in lesson 06, where all kernels were 2 x 2 and square. These are not, so now the test would notice
# swapped rows and columns. In Keras, `set_weights` takes the list of arrays that `get_weights` returns. (Keras
# calls all filters of a layer together its *kernel*, and `layer.kernel.assign(W)` replaces only them.) NumPy's
# `assert_allclose` compares the result with the reference output. If they differ by more than rounding errors, it
# raises an exception that says in how many values, and by how much.

# %% needs="keras tensorflow"
layer = layers.Conv2D(2, kernel_size=(3, 4))
layer.build((None, 7, 7, 3))
layer.set_weights([W, np.zeros(2)])
output = layer(x[None])
np.testing.assert_allclose(output[0], Z, rtol=1e-5)
print(output.shape, "as the reference")

# %% [markdown]
# In PyTorch, `state_dict()` returns the arrays of a layer by their names, here `"weight"` and `"bias"`, and
# `load_state_dict` replaces them. Transpose on the way in and on the way back. `torch.inference_mode()` tells
# PyTorch not to record the computation, which only training needs.

# %% needs="torch"
layer = nn.Conv2d(3, 2, kernel_size=(3, 4))
weights = {"weight": torch.from_numpy(W.transpose(3, 2, 0, 1)), "bias": torch.zeros(2)}
layer.load_state_dict(weights)
with torch.inference_mode():
    output = layer(torch.from_numpy(x[None].transpose(0, 3, 1, 2)))
torch.testing.assert_close(output[0].permute(1, 2, 0), torch.from_numpy(Z))
print(tuple(output.shape), "as the reference")

# %% [markdown]
# `load_state_dict` raises an error if a name is missing or a shape is wrong. The `copy_` of lesson 06 is less
# strict, because it [broadcasts](glossary.md#broadcasting). If you pass one bias instead of two, both filters get
# this one, and there is no error.

# %% [markdown] tags=["row-9"]
# ## How do I move a trained network?
#
# Layer by layer, in the same way. The edge network consists of two blocks of two convolution layers with ReLU,
# a max pooling between the blocks ([Pooling](10_pooling.ipynb)), and a 1x1 convolution at the end. (We
# compare its output, before upsampling and sigmoid.) `edge_layers` lists the pairs `(W, b)`.
#
# The preprocessing has to move, too. This network was trained on images with the channels blue, green, red,
# minus their means, and `normalized` prepares a photograph in this way.

# %%
edge_layers = [layer for block in network.blocks for layer in block] + [network.sides[-1]]
reference = draw.logits(network, X)  # computed by the course's own layers
print(f"{sum(W.size + b.size for W, b in edge_layers):,} parameters, output {reference.shape}")

# %% needs="keras tensorflow"
edge_keras = keras.Sequential(
    [
        keras.Input((None, None, 3)),  # images of any size
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(128, 3, padding="same", activation="relu"),
        layers.Conv2D(128, 3, padding="same", activation="relu"),
        layers.Conv2D(1, 1),
    ]
)
edge_keras.set_weights([array for pair in edge_layers for array in pair])
edge_keras.summary()
print("largest difference", np.abs(edge_keras.predict(X, verbose=0) - reference).max())

# %% [markdown]
# In PyTorch, `nn.Sequential` numbers its layers, and the names in the state dict begin with these numbers.
# Layers and images must be on the same device, a GPU if there is one, and `.cpu()` brings the output back.

# %% needs="torch"
edge_torch = nn.Sequential(
    nn.Conv2d(3, 64, 3, padding="same"),
    nn.ReLU(),
    nn.Conv2d(64, 64, 3, padding="same"),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(64, 128, 3, padding="same"),
    nn.ReLU(),
    nn.Conv2d(128, 128, 3, padding="same"),
    nn.ReLU(),
    nn.Conv2d(128, 1, 1),
)
names = list(edge_torch.state_dict())
arrays = [array for W, b in edge_layers for array in (W.transpose(3, 2, 0, 1), b)]
weights = {name: torch.from_numpy(array) for name, array in zip(names, arrays, strict=True)}
print(names)
print(edge_torch.load_state_dict(weights))

device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else "cpu"
edge_torch.to(device).eval()  # for use, not for training
with torch.inference_mode():
    output = edge_torch(torch.from_numpy(X.transpose(0, 3, 1, 2)).to(device)).cpu().numpy()
print("largest difference", np.abs(output.transpose(0, 2, 3, 1) - reference).max())

# %% [markdown]
# The outputs agree with ours, except for rounding errors of 32-bit numbers. (How small must a difference be
# to be a rounding error? [One layer, four libraries](16_one_layer_four_libraries.ipynb) continues from here.)

# %% [markdown]
# ## Bugs that raise no error
#
# Each of these eight copies runs without an error. Number 3 is the work of someone who had read about the flip
# in [lesson 03](03_mathematics_of_convolution.ipynb) and was too careful.

# %%
draw.gallery()

# %% [markdown]
# Copies 2, 5 and 8 have lost the flower, but for a faint outline, and 7 looks doubtful. The other four look
# right, and you might even prefer number 6 to the original. So do not trust your eyes.
#
# **Predict.** You test your copy on a gray photograph, in which red, green and blue are equal. One of the
# eight bugs then makes no difference at all. Which one? Answer with its number.

# %%
predict("gray", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Number 6. If red and blue are equal, it does not matter whether they are swapped. So a test image with a
# symmetry is blind to the bug that has the same symmetry, just as square kernels are blind to bug 1.
#
# </details>

# %% [markdown]
# ## How do I test a copy?
#
# Before you trust a copy, compare it with the original in this way:
#
# 1. **Start with one layer**, whose height, width, kernel sizes and numbers of channels are all different.
# 2. **Use random weights, biases and images**, because zeros, ones and symmetric kernels hide mistakes.
# 3. **Compare the numbers**, with `np.testing.assert_allclose` or `torch.testing.assert_close`, not the shapes
#    and not the look of the result.
# 4. **Then compare the whole network** on a real image, from the file to the answer, so that the preprocessing
#    is tested, too.
#
# And break it once on purpose. If the test passes with rows and columns swapped, it tests nothing.

# %% [markdown] tags=["row-9"]
# ## Further: convolutions in one and three dimensions
#
# *You can skip this section.* Some data has a single axis along which a kernel can slide, such as audio, or a
# temperature measured every hour. Other data has three: a CT scan is a stack of images, and a video is a
# sequence of them. The layers are called `Conv1D` and `Conv3D` in Keras, and `nn.Conv1d` and `nn.Conv3d` in
# PyTorch.
#
# The kernel $(-1, 1)$ on the sequence 1, 2, 4, 7, 7 computes how much each value exceeds the one before, an edge
# detector for sequences: `[[1, 2, 3, 0]]{= np.correlate([1, 2, 4, 7, 7], [-1, 1]).tolist() }`. Four filters of
# 3 x 3 x 3 on a scan with one channel have $(3 \cdot 3 \cdot 3 \cdot 1 + 1) \cdot 4 =$
# [112]{= (3**3 * 1 + 1) * 4 } parameters.

# %% needs="keras tensorflow"
layer = layers.Conv1D(1, kernel_size=2, use_bias=False)
layer.build((None, 5, 1))  # examples, steps, channels
layer.set_weights([np.array([-1.0, 1]).reshape(2, 1, 1)])
print(np.ravel(layer(np.array([1.0, 2, 4, 7, 7]).reshape(1, 5, 1))))

# %% needs="torch"
layer = nn.Conv3d(1, 4, kernel_size=3)
print(tuple(layer(torch.randn(1, 1, 10, 32, 32)).shape))  # example, channels, slices, rows, columns

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: from Keras to PyTorch, on paper
#
# You move `layers.Conv2D(32, (5, 3), padding="same")` to PyTorch, for images of shape (8, 40, 60, 16).
#
# 1. What is the shape of the filters in PyTorch, `weight_shape`?
# 2. Which `padding`, a tuple (rows, columns), replaces `"same"`?
# 3. Which of these mistakes raise no error **and** leave the output shape right? Write `silent` as a text, such
#    as `"bd"`.
#    - a: the biases are not copied;
#    - b: rows and columns of the kernels are swapped, with the padding of question 2;
#    - c: the images are reshaped to (8, 16, 40, 60), not transposed;
#    - d: the filters stay in the order HWIO.

# %%
weight_shape = None
padding = None
silent = None
### BEGIN SOLUTION
weight_shape = (32, 16, 5, 3)
padding = (2, 1)  # f - 1 in all: 4 rows and 2 columns
silent = "ac"  # b gives 42 x 58, and in d the filters would have 3 input channels
### END SOLUTION

# %%
check("weight_shape", weight_shape)
check("padding", padding)
check("silent", silent)

# %% [markdown]
# ### Exercise 2: a filter in PyTorch's order
#
# Make an array `W_exercise` of shape (1, 3, 3, 3), the weights of **one** filter in the order of PyTorch, OIHW,
# for RGB images. Its response is the red value of the pixel in the middle of the patch minus the green value
# of the pixel directly above it. You need no PyTorch for this.

# %%
W_exercise = None
### BEGIN SOLUTION
W_exercise = np.zeros((1, 3, 3, 3))
W_exercise[0, 0, 1, 1] = 1  # channel 0 (red), row 1, column 1: the middle
W_exercise[0, 1, 0, 1] = -1  # channel 1 (green), row 0, column 1: above the middle
### END SOLUTION

# %%
check("W_exercise", W_exercise)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `filters_buggy` converts filters from HWIO to OIHW, or so its author thinks. It was tested on filters of shape
# (3, 3, 16, 32), and the result had the right shape. First find a shape for which the result has a wrong shape.
# Then write a correct version.


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


# %%
check("counterexample", counterexample)
check("filters_fixed", filters_fixed)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then try it. The cell below draws copy A.
#
# 1. ... you test a move with the Laplace kernel of lesson 02, and rows and columns get swapped? And with
#    Sobel x?
# 2. ... you apply `transpose(0, 3, 1, 2)` twice to a batch? Three times?
# 3. ... copy A of the edge network, with rows and columns of its kernels swapped, gets the *transposed*
#    photograph, `photo.swapaxes(0, 1)`?

# %%
photo = draw.flower()
copy_a = draw.with_filters(network, lambda W: W.swapaxes(0, 1))
draw.drawing(copy_a.draw(photo))

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. The Laplace kernel is symmetric, so the test cannot find the mistake. Sobel x becomes Sobel y, and the test
#    finds it on any image with a vertical edge and no horizontal one.
# 2. The permutation moves the last three axes by one position in a circle. After two times, the batch has the
#    order (example, column, channel, row): `image` has become
#    `[(1, 3, 2, 2)]{= image_nchw.transpose(0, 3, 1, 2).shape }`. After three times it is back to NHWC. So the
#    way back is the same permutation twice, or once `transpose(0, 2, 3, 1)`.
# 3. You get the right drawing, transposed. Swapping rows and columns in the image *and* in all kernels swaps
#    them in every feature map, and the other layers treat rows and columns alike. So copy A on the photograph
#    gives what the right network gives on the transposed photograph, transposed back. The right network finds
#    edges there, too, and that is why the drawing of copy A looks plausible.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **write a convolution layer** with `layers.Conv2D`, `tf.nn.conv2d` and `nn.Conv2d`, and say what is the
#    default: stride 1, no padding, no activation, biases that start at 0 (Keras) or at random numbers
#    (PyTorch);
# 2. **convert arrays:** images from NHWC to NCHW with `transpose(0, 3, 1, 2)`, and filters from HWIO to OIHW
#    with `transpose(3, 2, 0, 1)`, never with `reshape`;
# 3. **move weights and test the move:** random numbers, sizes that all differ, and a comparison with a
#    [reference output](glossary.md#reference-output).
#
# | term in this course | you may also read |
# |---|---|
# | [**tensor**](glossary.md#tensor): an array with any number of axes | ndarray |
# | [**data format**](glossary.md#data-format): NHWC or NCHW | `channels_last`, `channels_first` |
# | **HWIO**, **OIHW**: the order of the axes of the filters | kernel layout |
# | **filters** of a layer, `W` | `kernel` (Keras), `weight` (PyTorch) |

# %% [markdown]
# ## What to read next
#
# - Next is [Output sizes](08_output_sizes.ipynb), which follows shapes through whole models.
#   [One layer, four libraries](16_one_layer_four_libraries.ipynb) compares gradients and whole networks.
# - The reference pages of the layer in
#   [Keras](https://keras.io/api/layers/convolution_layers/convolution2d/),
#   [TensorFlow](https://www.tensorflow.org/api_docs/python/tf/nn/conv2d) and
#   [PyTorch](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html).
# - PyTorch's tutorial
#   [Channels Last Memory Format](https://docs.pytorch.org/tutorials/intermediate/memory_format_tutorial.html):
#   NHWC in memory, for speed, while the shape stays NCHW.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.4, with code for PyTorch, TensorFlow
#   and others: [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/channels.html).
# - Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural networks* (AISTATS
#   2010), the source of Keras' initial weights:
#   [proceedings.mlr.press](https://proceedings.mlr.press/v9/glorot10a.html).
