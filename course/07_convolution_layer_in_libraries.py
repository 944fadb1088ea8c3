# %% [markdown]
# # The convolution layer in libraries
#
# In this lesson you write a single layer in PyTorch and Keras, and move trained weights into it. In [The convolution
# layer](06_convolution_layer.ipynb), three trained layers in NumPy turned a photograph into a drawing. Three people
# have copied the weights of these layers into a library. All three copies have the right shapes, and none of them
# raises an error. Run the next two cells. **Which drawing is right?** Decide before you read on.

# %% include="lesson_setup"

# %%
from convnet.edges import load_blocks, normalized
from convnet.functional import conv2d, relu
from convnet.own_edges import photograph
from lesson_tools.convolution_layer_in_libraries import figures as draw
from lesson_tools.convolution_layer_in_libraries.questions import check, predict

draw.three_copies()

# %% [markdown]
# <details>
# <summary>Which drawing is right</summary>
#
# Copy B is clearly broken, but A and C look alike. Only **C** is right. In copy A, the rows and the columns of
# every kernel are swapped, and its edge probabilities are wrong by up to
# [0.41]{= f"{draw.difference('rows and columns swapped')[1]:.2f}" }. You would not notice by looking at copy A, and
# neither would the users of your app.
#
# </details>
#
# Both libraries compute the layer of lesson 06. They differ in the names of the arguments and in the order of the
# axes. If you get a name wrong, you see an error. If you get the order wrong, you are lucky to see one. So you also
# write the test that copy A would have failed.
#
# **By the end of this lesson you will be able to**
#
# 1. write a convolution layer in PyTorch and Keras, and explain its arguments and defaults;
# 2. convert images and filters between the axis orders of the libraries;
# 3. move trained weights into a library, and test the move.
#
# **Time:** about 40 minutes, and 25 for the exercises. **You need:** [The convolution
# layer](06_convolution_layer.ipynb). The lesson is optional. Only [One layer, four
# libraries](16_one_layer_four_libraries.ipynb) builds on it. Its cells for PyTorch and Keras run in Colab, and are
# skipped where these are not installed. Everything else needs only NumPy.

# %% [markdown] tags=["row-9"]
# ## The layer in PyTorch
#
# The channels of the images come **first**. Both numbers of channels are arguments, because the weights are created
# immediately. Libraries call an array with any number of axes a [**tensor**](glossary.md#tensor).

# %% needs="torch"
import torch
from torch import nn

images = torch.randn(2, 4, 50, 100)  # 2 images, 4 channels, 50 rows, 100 columns
layer = nn.Conv2d(4, 16, kernel_size=6, stride=2)

# %% [markdown]
# **Predict.** What is the shape of `layer(images)`? By default there is no padding. Answer with a tuple of four
# numbers.

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
try:
    nn.Conv2d(3, 6, kernel_size=2)(torch.randn(4, 60, 90, 3))  # channels last
except RuntimeError as error:
    print(error)

# %% [markdown]
# The error message does not mention any order. It says that the layer expected 3 channels and got 60, because
# PyTorch took the rows for channels. If these images had only 3 rows, there would have been no error.

# %% [markdown] tags=["row-9"]
# ## The layer in Keras
#
# In Keras, the channels come **last**. The number of input channels is not an argument, because the weights are
# created when the layer sees its first images. To create them earlier, call `layer.build((None, 60, 90, 3))`,
# where `None` stands for any number of images.

# %% needs="keras tensorflow"
import keras
from keras import layers

images = keras.random.normal((4, 60, 90, 3))  # 4 images, 60 rows, 90 columns, 3 channels
layer = layers.Conv2D(6, kernel_size=2, strides=2, activation="relu")

# %% [markdown]
# **Predict.** What is the shape of `layer(images)`, and how many parameters does the layer have? Answer with a tuple
# of five numbers, the number of parameters last.

# %%
predict("keras", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (4, 30, 45, 6), with the 6 output channels last. There are $(60 - 2)/2 + 1 =$ [30]{= (60 - 2) // 2 + 1 } rows and
# $(90 - 2)/2 + 1 =$ [45]{= (90 - 2) // 2 + 1 } columns, and $(2 \cdot 2 \cdot 3 + 1) \cdot 6 =$
# [78]{= (2 * 2 * 3 + 1) * 6 } parameters.
#
# </details>

# %% needs="keras tensorflow"
print(layer(images).shape, layer.count_params(), "parameters")

# %% [markdown] tags=["row-9"]
# ## The arguments
#
# | | this course | PyTorch | Keras |
# |---|---|---|---|
# | name | `conv2d` | `nn.Conv2d` | `layers.Conv2D` |
# | input channels | from `W` | `in_channels` | from the images |
# | number of filters | from `W` | `out_channels` | `filters` |
# | kernel size | from `W` | `kernel_size` | `kernel_size` |
# | stride | `stride` | `stride` | `strides` |
# | padding | zeros per side | zeros per side, or a name | `"valid"`, `"same"` |
# | activation | `relu` | a layer, `nn.ReLU()` | `activation="relu"` |
# | biases | `b` | `bias=True` | `use_bias=True` |
# | as a function | `conv2d` | `F.conv2d` | `keras.ops.conv` |
#
# In the libraries, a stride, a kernel size or PyTorch's padding is one number or a pair (rows, columns). By default,
# the stride is 1 and there is no padding. PyTorch accepts `"same"` for stride 1 only. The functions in the last row
# store nothing, so you pass the filters with every call (`F` is `torch.nn.functional`).

# %% [markdown]
# ## The order of the axes
#
# A batch of images has four axes: N for the examples, H for the height, W for the width and C for the channels. Their
# order is the [**data format**](glossary.md#data-format). **NHWC**, channels last, is the order of this course and
# the default of Keras. **NCHW**, channels first, is the order of PyTorch.
#
# The filters of a layer have four axes, too: kernel height H, kernel width W, input channels I and output channels
# O. This course and Keras use **HWIO**, PyTorch uses **OIHW**:
#
# $$W^{\text{PyTorch}}_{c,\,k,\,r,\,q} = W_{r,\,q,\,k,\,c}$$
#
# The arguments of `transpose` are the old axes in their new order. The output channel, old axis 3, comes first, then
# the input channel (2), the row (0) and the column (1), so filters need `W.transpose(3, 2, 0, 1)`. The biases have a
# single axis everywhere. Here is a layer in which all sizes differ, so that you can follow each axis:

# %%
draw.lanes((1, 7, 9, 5), (3, 4, 5, 2))

# %% [markdown]
# ## Transpose, never reshape
#
# Here is a batch of one image with 3 rows, 4 columns and 2 channels. `image.reshape(1, 2, 3, 4)` has the shape of an
# NCHW batch, like the result of `transpose`. Is it the same? `reshape` reads the values in the order of the
# indices, the last axis changing fastest. The two channels of a pixel therefore follow each other.
#
# **Predict.** What is the first row of channel 0 in `image.reshape(1, 2, 3, 4)`? Answer with a list of four
# numbers.

# %%
channel = np.arange(1, 13).reshape(3, 4)  # 1 to 4 in the first row
image = np.stack([channel, 10 * channel], axis=-1)[None]  # channel 1 is ten times channel 0
predict("reshape", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[[1, 10, 2, 20]]{= image.reshape(1, 2, 3, 4)[0, 0, 0].tolist() }`, the first four values in memory.
#
# </details>

# %%
print("channel 0 after transpose:", image.transpose(0, 3, 1, 2)[0, 0].tolist())
print("channel 0 after reshape:  ", image.reshape(1, 2, 3, 4)[0, 0].tolist())

# %% [markdown]
# `reshape` keeps the sequence of the values and cuts it at other points, so pixels and channels get mixed up. That is
# what happened to the filters of copy B. **Never use `reshape` to move an axis.** Use `transpose`, which PyTorch
# calls `permute`.

# %% [markdown] tags=["row-10"]
# ## Kernels that are not square
#
# How do you notice the mistake of copy A? Not by its shapes. Its kernels are square, so everything still fits when
# rows and columns are swapped. In a test, you can choose kernels that are **not** square. (In the libraries,
# `kernel_size` is then a pair.)
#
# Take the sizes of the figure, an image of 7 x 9 pixels with 5 channels and two filters of 3 x 4. The function of
# lesson 06, without padding but with a kernel height and a kernel width, computes our [**reference
# output**](glossary.md#reference-output) `Z`, which each library has to reproduce.


# %%
def convolution(x, W, b):
    (rows, columns, _), (f_H, f_W, *_) = x.shape, W.shape  # of one image
    n_H, n_W = rows - f_H + 1, columns - f_W + 1
    z = b
    for r in range(f_H):
        for q in range(f_W):
            z = z + x[r : r + n_H, q : q + n_W] @ W[r, q]  # sums over the channels
    return z


rng = np.random.default_rng(3)
x = rng.integers(0, 10, size=(7, 9, 5)).astype(np.float32)
W = rng.integers(-2, 3, size=(3, 4, 5, 2)).astype(np.float32)
b = np.array([1, -1], np.float32)
Z = convolution(x, W, b)

# %% [markdown]
# **Predict.** What is the shape of a feature map if you swap rows and columns of the kernels? Answer with a tuple,
# `(rows, columns)`.

# %%
predict("swapped", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The kernels become 4 x 3, so a feature map has the shape (4, 7) instead of `[(5, 6)]{= Z.shape[:2] }`.
#
# </details>

# %%
for name, kernels in {"3 x 4": W, "3 x 3": W[:, :3]}.items():
    swapped = kernels.swapaxes(0, 1)
    print(name, convolution(x, kernels, b).shape, convolution(x, swapped, b).shape)

# %% [markdown]
# With kernels of 3 x 4, the shape betrays the swap. With kernels of 3 x 3, only the values do. Now for the libraries.

# %% [markdown] tags=["row-9", "row-10"]
# ## Moving weights into a layer
#
# In PyTorch, `state_dict()` returns the tensors of a layer by their names, here `"weight"` and `"bias"`, and
# `load_state_dict` replaces them. It raises an error if a name is missing or a shape is wrong. Within
# `torch.inference_mode()`, PyTorch keeps no record of the computation, since only training needs one. `assert_close`
# raises an error if the output differs from the reference by more than rounding errors.


# %% needs="torch"
def load(layer, W, b):
    weight = torch.from_numpy(W.transpose(3, 2, 0, 1))
    layer.load_state_dict({"weight": weight, "bias": torch.from_numpy(b)})


layer = nn.Conv2d(5, 2, kernel_size=(3, 4))
load(layer, W, b)
with torch.inference_mode():
    output = layer(torch.from_numpy(x[None].transpose(0, 3, 1, 2)))
torch.testing.assert_close(output[0].permute(1, 2, 0), torch.from_numpy(Z))
print(tuple(output.shape), "as the reference")

# %% [markdown]
# Test the test, too. Write `W.transpose(3, 2, 1, 0)` in `load`, and run the cell again: `load_state_dict` rejects the
# shape. With square kernels, it would have been silent, and only `assert_close` would have failed. Then change it back.
#
# In Keras, the filters need no transpose. `set_weights` takes a list of arrays in the order in which `get_weights`
# returns them. Keras calls the filters of a layer, in one array, its *kernel*.

# %% needs="keras tensorflow"
layer = layers.Conv2D(2, kernel_size=(3, 4))
layer.build((None, 7, 9, 5))
layer.set_weights([W, b])
output = layer(x[None])
np.testing.assert_allclose(output[0], Z, rtol=1e-5)
print(output.shape, "as the reference")

# %% [markdown] tags=["row-9"]
# ## Three trained layers
#
# A trained network moves in the same way, layer by layer. First the reference: the probability of an edge at each
# pixel, computed by the layers of this course.

# %%
network = load_blocks()
trained = [*network.blocks[0], network.sides[0]]  # the three layers of lesson 06: pairs (W, b)
flower = draw.flower()
X = normalized(flower)


def edges(X, trained):
    for W, b in trained[:-1]:
        X = relu(conv2d(X, W, b, padding=1))
    return 1 / (1 + np.exp(-conv2d(X, *trained[-1])))


reference = edges(X, trained)
print(f"{sum(W.size + b.size for W, b in trained):,} parameters, output {reference.shape}")

# %% needs="keras tensorflow"
edge_keras = keras.Sequential(
    [
        keras.Input((None, None, 3)),  # images of any size
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.Conv2D(1, 1, activation="sigmoid"),
    ]
)
edge_keras.set_weights([array for pair in trained for array in pair])
np.testing.assert_allclose(edge_keras.predict(X, verbose=0), reference, atol=1e-4)

# %% [markdown]
# No error, so Keras agrees. In PyTorch, `load` fills one convolution after the other. If the last check passes as
# well, your network draws another photograph. Replace `"astronaut.jpg"` with the name of a file of your own.

# %% needs="torch"
edge_torch = nn.Sequential(
    nn.Conv2d(3, 64, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(64, 64, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(64, 1, 1),
    nn.Sigmoid(),
)
for layer, pair in zip(edge_torch[::2], trained, strict=True):
    load(layer, *pair)


def edges_torch(X):
    with torch.inference_mode():
        output = edge_torch(torch.from_numpy(X.transpose(0, 3, 1, 2)))
    return output.permute(0, 2, 3, 1).numpy()


np.testing.assert_allclose(edges_torch(X), reference, atol=1e-4)
photo = photograph("astronaut.jpg", 512)  # or your own file
draw.drawing(edges_torch(normalized(photo))[0, :, :, 0])

# %% [markdown]
# ## Mistakes that raise no error
#
# Each of these eight copies runs without an error, and all its shapes are right.

# %%
draw.gallery()

# %% [markdown]
# Copies 2, 5 and 8 are clearly broken, and 7 looks doubtful. The other four look plausible, and 1, 3 and 4 look
# right even next to the right drawing.
#
# Mistakes 1 to 4 are in the weights, and the test of a single layer finds them. Mistakes 5 to 8 are in the
# **preparation of the image**. Every weight is right, so a test that starts from prepared arrays cannot find them. This
# network was trained on images with the channels blue, green, red, from 0 to 255, minus their means. `normalized`
# prepares a photograph in this way, and has to move, too. So a second test compares the results for a photograph, from
# the file to the drawing.
#
# **Predict.** Someone runs this second test on a *gray* photograph, in which red, green and blue are equal. One of the
# eight mistakes then makes no difference at all. Which one? Answer with its number.

# %%
predict("gray", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Number 6. If red and blue are equal, it does not matter whether they are swapped.
#
# </details>

# %%
gray = flower.copy()
gray[:] = flower.mean(axis=2, keepdims=True)
for name, photo in {"gray": gray, "color": flower}.items():
    right = edges(normalized(photo), trained)
    copy_6 = edges(normalized(photo[..., ::-1]), trained)  # red and blue swapped
    print(f"{name:5}  largest difference {np.abs(copy_6 - right).max():.2f}")

# %% [markdown]
# The numbers were compared, all of them agree, and the copy is wrong. **A test finds a mistake only if its input can
# show it.** A gray photograph hides swapped colors, a symmetric kernel hides swapped axes, and a bias of 0 hides that
# the biases were forgotten. So test with random numbers, and then on a color photograph. If all sizes differ, many
# mistakes already show in the shapes.
#
# And if a whole network disagrees? [One layer, four libraries](16_one_layer_four_libraries.ipynb) finds the layer, and
# shows how small a difference has to be.

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
# Make an array `W_exercise` of shape (1, 3, 5, 7), the weights of **one** filter in the order of PyTorch, OIHW,
# for RGB images. Its response is the red value of the pixel in the middle of the patch minus the green value
# of the pixel directly above it. You need no PyTorch for this.

# %%
W_exercise = None
### BEGIN SOLUTION
W_exercise = np.zeros((1, 3, 5, 7))
W_exercise[0, 0, 2, 3] = 1  # channel 0 (red), row 2, column 3: the middle
W_exercise[0, 1, 1, 3] = -1  # channel 1 (green), row 1, column 3: above the middle
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
# ## Recap
#
# 1. `nn.Conv2d` and `layers.Conv2D` compute the same layer. By default, both have stride 1, no padding, no activation
#    and a bias for each filter.
# 2. The [data format](glossary.md#data-format) is NHWC in Keras and NCHW in PyTorch. Images move with
#    `transpose(0, 3, 1, 2)` and filters, from HWIO to OIHW, with `transpose(3, 2, 0, 1)`, never with `reshape`.
# 3. Compare a copy with a [reference output](glossary.md#reference-output), first a single layer with sizes that all
#    differ, then the whole way from a color photograph to the result.

# %% [markdown]
# ## What to read next
#
# - Next is [Output sizes](08_output_sizes.ipynb), which follows shapes through whole models.
# - The reference pages of the layer in
#   [PyTorch](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html) and
#   [Keras](https://keras.io/api/layers/convolution_layers/convolution2d/).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.4, with code for PyTorch, TensorFlow
#   and others: [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/channels.html).
