# %% [markdown]
# # The convolution layer in libraries
#
# In [The convolution layer](04_convolution_layer.ipynb) you computed a layer by hand and in NumPy.
# Here you find the same layer in Keras, TensorFlow and PyTorch, give it the same weights, and get the
# same numbers. Then come kernels that are not square, and data with one or three dimensions.
#
# **When you have finished, you will be able to**
#
# 1. write a convolution layer in Keras, TensorFlow and PyTorch, and say what its arguments mean;
# 2. read the shapes of its images, weights and biases, and give it your own weights;
# 3. use kernels that are not square, and convolutions in one and three dimensions.
#
# Time: about 45 minutes. You need the lesson [The convolution layer](04_convolution_layer.ipynb), and
# NumPy and Matplotlib. The cells for Keras, TensorFlow and PyTorch are skipped where these are
# not installed, and say so.

# %% include="lesson_setup"

# %% [markdown]
# ## The example
#
# The example is the one from [The convolution layer](04_convolution_layer.ipynb): a batch of one
# image with 3 rows, 4 columns and 2 channels, and two filters of $2 \times 2$ with the biases 1 and
# $-1$. The next cell computes the output of the layer in NumPy, `Z` before the ReLU and `A` after it.

# %%
from convnet.functional import conv2d
from convnet.plots import draw_grid

channel_0 = np.array([[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1]])
channel_1 = np.array([[0, 2, 1, 0], [2, 0, 0, 1], [1, 1, 2, 0]])
A_prev = np.stack([channel_0, channel_1], axis=-1).reshape(1, 3, 4, 2)  # a batch of one image

filter_0 = np.stack([[[1, 0], [0, 1]], [[0, 2], [-1, 0]]], axis=-1)
filter_1 = np.stack([[[1, -1], [2, 0]], [[0, 1], [0, -2]]], axis=-1)
W = np.stack([filter_0, filter_1], axis=-1)
b = np.array([1, -1]).reshape(1, 1, 1, 2)

Z = conv2d(A_prev, W, b.reshape(2))
A = np.maximum(0, Z)
print("A_prev", A_prev.shape, "  W", W.shape, "  b", b.shape, "  A", A.shape)
print("feature map of filter 0:\n", A[0, :, :, 0])
print("feature map of filter 1:\n", A[0, :, :, 1])

# %% [markdown] tags=["row-9"]
# ## The convolution layer in Keras
#
# In Keras a convolution layer is `keras.layers.Conv2D`. It takes images as we have them, channels
# last. These are its most used arguments:
#
# - `filters`: how many filters, hence channels in the output;
# - `kernel_size`: height and width of the filters, a pair, or one number for both;
# - `strides`: the stride downwards and to the right, a pair or one number; 1 if left out;
# - `padding`: `"valid"` for none (if left out), or `"same"` for as much as keeps the size when the
#   stride is 1;
# - `activation`: for example `"relu"`; none if left out;
# - `use_bias`: whether there are biases; `True` if left out.
#
# The number of input channels is not an argument. Keras looks at the first input and makes weights
# that fit. At first the weights are random and the biases 0; training changes both.
#
# **Predict, then run.** A batch of 4 colour images of $128 \times 128$ pixels goes through two
# layers, each for itself. Which shapes come out, and how many parameters has each?

# %% needs="tensorflow keras"
import keras

keras.utils.set_random_seed(0)
X = keras.random.normal((4, 128, 128, 3))

layer_same = keras.layers.Conv2D(filters=6, kernel_size=(2, 2), strides=(1, 1), padding="same")
layer_stride = keras.layers.Conv2D(filters=4, kernel_size=(2, 2), strides=(2, 2), padding="valid")
for layer in (layer_same, layer_stride):
    Y = layer(X)
    print(tuple(X.shape), "to", tuple(Y.shape), "  kernel", tuple(layer.kernel.shape), end="  ")
    print(layer.count_params(), "parameters")

assert layer_same(X).shape == (4, 128, 128, 6) and layer_same.count_params() == 78
assert layer_stride(X).shape == (4, 64, 64, 4) and layer_stride.count_params() == 52

# %% [markdown]
# The first has $(2 \cdot 2 \cdot 3 + 1) \cdot 6$ = [78]{= (2 * 2 * 3 + 1) * 6 } parameters, and
# `"same"` keeps $128 \times 128$. The second has four filters, [52]{= (2 * 2 * 3 + 1) * 4 }
# parameters, and moves by two pixels, which halves height and width.
#
# Now our own layer. The weights, which Keras calls the *kernel*, have the same order of axes as
# ours: height, width, channels in, channels out. The bias is a row of $n_C$ numbers. `set_weights`
# puts ours in the place of the random ones, and the output must be `A`, as computed above by
# NumPy.

# %% needs="tensorflow keras"
import keras

keras_layer = keras.layers.Conv2D(2, 2, activation="relu")
keras_layer.build(A_prev.shape)  # makes the weights, now that the channels are known
keras_layer.set_weights([W, b.reshape(2)])
A_keras = keras.ops.convert_to_numpy(keras_layer(A_prev.astype("float32")))

print("kernel", tuple(keras_layer.kernel.shape), "  bias", tuple(keras_layer.bias.shape))
print(A_keras[0, :, :, 0])
np.testing.assert_allclose(A_keras, A)

# %% [markdown]
# In a `Sequential` model layers stand in a row, and `keras.Input` says what one image looks like.
# Its shape is without the batch: `None` stands for it in the summary. (Older texts write
# `input_shape=` into the first layer. Keras 3 warns about that.)

# %% needs="tensorflow keras"
import keras

model = keras.Sequential(
    [keras.Input((32, 32, 3)), keras.layers.Conv2D(filters=4, kernel_size=5, activation="relu")]
)
model.summary()
assert model.output_shape == (None, 28, 28, 4) and model.count_params() == 304

# %% [markdown] tags=["row-9"]
# ## The convolution layer in TensorFlow
#
# TensorFlow brings Keras along as `tf.keras`, so the same layer is there as
# `tf.keras.layers.Conv2D`. Below that, TensorFlow has the bare operation, `tf.nn.conv2d`. It is a
# function and keeps nothing: you pass the weights with every call, and add the bias and the
# activation yourself. That makes it the nearest relative of our `conv2d`. Its word for no
# padding is `"VALID"`.
#
# The cell computes our small layer with the operation. Then it makes a layer with two filters of
# $3 \times 3$ for four colour images of $28 \times 28$ pixels. **Predict, then run:** which shape
# comes out of that layer, and how many parameters has it?

# %% needs="tensorflow"
import tensorflow as tf

Z_tf = tf.nn.conv2d(A_prev.astype("float32"), W.astype("float32"), strides=1, padding="VALID")
Z_tf = Z_tf + b.astype("float32")
A_tf = tf.nn.relu(Z_tf)
np.testing.assert_allclose(Z_tf, Z)
np.testing.assert_allclose(A_tf, A)

tf_layer = tf.keras.layers.Conv2D(2, 3, activation="relu")
Y = tf_layer(tf.random.normal((4, 28, 28, 3), seed=0))
print(Y.shape, tf_layer.count_params(), "parameters")
assert Y.shape == (4, 26, 26, 2) and tf_layer.count_params() == 56

# %% [markdown] tags=["row-9"]
# ## The convolution layer in PyTorch
#
# PyTorch puts the channels first. Images have the shape $(m, n_C, n_H, n_W)$, and the weights of
# `torch.nn.Conv2d` the shape $(n_C, n_C', f, f)$, with the number of filters $n_C$ before the
# channels of the input, here called $n_C'$. Its arguments are
#
# - `in_channels`, `out_channels`: both are given, since the weights are made at once;
# - `kernel_size`, `stride`: a number or a pair, as in Keras;
# - `padding`: the zeros on **each side**, a number or a pair, as in ours; or a word, `"valid"`
#   or `"same"`;
# - `bias`: whether there are biases. There is no activation; that is a layer of its own.
#
# **Predict, then run.** Two images of $50 \times 100$ pixels with 4 channels, and 16 filters of
# $6 \times 6$ with stride 2. Which shape comes out, and how many parameters has the layer?

# %% needs="torch"
import torch

torch.manual_seed(0)
torch_layer = torch.nn.Conv2d(4, 16, 6, stride=2)
Y = torch_layer(torch.randn(2, 4, 50, 100))
count = sum(p.numel() for p in torch_layer.parameters())
print(tuple(Y.shape), "  weight", tuple(torch_layer.weight.shape), f"  {count:,} parameters")
assert Y.shape == (2, 16, 23, 48) and count == 2320

# %% [markdown]
# $(50 - 6)/2 + 1$ = [23]{= (50 - 6) // 2 + 1 } rows,
# $(100 - 6)/2 + 1$ = [48]{= (100 - 6) // 2 + 1 } columns, and
# $(6 \cdot 6 \cdot 4 + 1) \cdot 16$ = [2,320]{= f"{(6 * 6 * 4 + 1) * 16:,}" } parameters.
#
# To give PyTorch our weights, the axes have to be put into its order. `transpose` takes the old
# axes in their new order: for images `(0, 3, 1, 2)`, the channels move from the end to the second
# place. For the weights, see the cell. The result is brought back to our order at the end.

# %% needs="torch"
import torch

torch_layer = torch.nn.Conv2d(2, 2, 2)
with torch.no_grad():  # setting weights is not part of a training
    torch_layer.weight.copy_(torch.tensor(W.transpose(3, 2, 0, 1)))
    torch_layer.bias.copy_(torch.tensor(b.reshape(2)))

    X_torch = torch.tensor(A_prev.transpose(0, 3, 1, 2), dtype=torch.float32)
    A_torch = torch.relu(torch_layer(X_torch)).numpy().transpose(0, 2, 3, 1)

print("input", tuple(X_torch.shape), "  weight", tuple(torch_layer.weight.shape))
np.testing.assert_allclose(A_torch, A)

# %% [markdown]
# The same numbers, four times. Here is where each thing is found; $n_C'$ are the channels of the
# input.
#
# | | this course | Keras | TensorFlow | PyTorch |
# |---|---|---|---|---|
# | name | `conv2d` | `Conv2D` | `tf.nn.conv2d` | `nn.Conv2d` |
# | images | $(m, n_H, n_W, n_C)$ | the same | the same | $(m, n_C, n_H, n_W)$ |
# | weights | $(f, f, n_C', n_C)$ | the same | the same | $(n_C, n_C', f, f)$ |
# | biases | $(n_C)$ | $(n_C)$ | added by you | $(n_C)$ |
# | channels in | from `W` | from the first input | from the weights | `in_channels` |
# | filters | from `W` | `filters` | from the weights | `out_channels` |
# | stride | `stride` | `strides` | `strides` | `stride` |
# | padding | `padding`, per side | a word | a word, or pairs | per side, or a word |
# | activation | `np.maximum(0, Z)` | `activation="relu"` | `tf.nn.relu` | `torch.relu` |
#
# [One layer, four libraries](11_one_layer_four_libraries.ipynb) does this for a whole network, and
# for the gradients.

# %% [markdown]
# ### Exercise 1
#
# Write `to_pytorch(W)`, which takes weights in the order of this course, $(f, f,
# n_C', n_C)$, and returns them in PyTorch's order, $(n_C, n_C', f, f)$.
# (You do not need PyTorch for it.) Rows stay rows and columns stay columns. Try to write it without
# looking at the cell above.


# %%
def to_pytorch(W):
    result = None
    ### BEGIN SOLUTION
    result = W.transpose(3, 2, 0, 1)
    ### END SOLUTION
    return result


# %%
numbers = np.arange(36.0)
public_tests.check_function(
    "Exercise 1",
    to_pytorch,
    lambda W: np.transpose(W, (3, 2, 0, 1)),
    [
        (numbers.reshape(3, 3, 2, 2),),
        (numbers.reshape(2, 2, 3, 3),),
        (numbers.reshape(2, 2, 9, 1),),
    ],
    "Which of the old axes, counted from 0, becomes the first? Which the second?",
    [
        (
            lambda W: W.reshape(W.shape[3], W.shape[2], W.shape[0], W.shape[1]),
            "The shape is right and the weights are at wrong places: reshape deals the numbers out "
            "anew in the order they lie in. To exchange axes is something else.",
        ),
        (lambda W: W.transpose(3, 2, 1, 0), "Rows and columns of the filters are exchanged."),
        (lambda W: W.transpose(2, 3, 0, 1), "The channels in come before the filters."),
    ],
)

# %% [markdown] tags=["row-10"]
# ## Non-square kernels
#
# Filters are mostly square, but they need not be. Take a filter of 3 rows and 4 columns on a grey
# image of $7 \times 7$ pixels. There are $7 - 3 + 1 = 5$ places downwards and $7 - 4 + 1 = 4$ to
# the right: the feature map is $5 \times 4$.
#
# The course's `conv2d` wants square filters, as the assignments do. NumPy can do it in two
# lines. `sliding_window_view` makes an array of all windows, without copying a pixel. Its axes are
# the row and column of the window, the channel, and the row and column inside the window.
# `einsum` multiplies and adds up. Its letters are those of the formula, and what is not behind the
# arrow is summed over.

# %%
orange = "tab:orange"
rng = np.random.default_rng(3)
x = rng.integers(0, 10, size=(7, 7, 1))
W_34 = rng.integers(-2, 3, size=(3, 4, 1, 1))

windows = np.lib.stride_tricks.sliding_window_view(x, (3, 4), axis=(0, 1))
Z_34 = np.einsum("hwkrq,rqkc->hwc", windows, W_34)
print("windows", windows.shape, "  feature map", Z_34.shape)

fig, axes = plt.subplots(1, 3, figsize=(9, 4), width_ratios=[7, 4, 4], layout="constrained")
draw_grid(axes[0], x[:, :, 0], "image", [(0, 0, 3, 4, orange), (4, 3, 3, 4, "black")])
draw_grid(axes[1], W_34[:, :, 0, 0], "filter, 3 x 4")
draw_grid(axes[2], Z_34[:, :, 0], "feature map", [(0, 0, 1, 1, orange), (4, 3, 1, 1, "black")])
present(
    fig,
    "An image of 7 by 7 numbers with the first and the last window of 3 rows and 4 columns "
    "outlined, the filter, and the feature map of 5 rows and 4 columns. The first window, solid, "
    "is in the upper left corner, the last, dashed, in the lower right.",
)

# %% [markdown]
# With colour, the image is $7 \times 7 \times 3$ and each filter $3 \times 4 \times 3$. Two filters
# together are an array of shape $(3, 4, 3, 2)$, height and width first, then channels in, then
# channels out. **Predict the shape of the output, then run.** Each library takes the pair (3, 4) as
# the size of its filters.

# %%
x_rgb = rng.standard_normal((7, 7, 3)).astype("float32")
W_rgb = rng.standard_normal((3, 4, 3, 2)).astype("float32")
windows = np.lib.stride_tricks.sliding_window_view(x_rgb, (3, 4), axis=(0, 1))
Z_rgb = np.einsum("hwkrq,rqkc->hwc", windows, W_rgb)
print(x_rgb.shape, "with", W_rgb.shape, "gives", Z_rgb.shape)

# %% needs="tensorflow keras"
import keras
import tensorflow as tf

keras_layer = keras.layers.Conv2D(2, (3, 4), use_bias=False)
keras_layer.build((None, 7, 7, 3))
keras_layer.set_weights([W_rgb])
np.testing.assert_allclose(keras_layer(x_rgb[None])[0], Z_rgb, rtol=1e-4, atol=1e-5)

Z_tf = tf.nn.conv2d(x_rgb[None], W_rgb, strides=1, padding="VALID")
np.testing.assert_allclose(Z_tf[0], Z_rgb, rtol=1e-4, atol=1e-5)
print("Keras", tuple(keras_layer(x_rgb[None]).shape), "  TensorFlow", tuple(Z_tf.shape))

# %% needs="torch"
import torch

Z_torch = torch.nn.functional.conv2d(
    torch.tensor(x_rgb[None].transpose(0, 3, 1, 2)), torch.tensor(W_rgb.transpose(3, 2, 0, 1))
)
print("PyTorch", tuple(Z_torch.shape))
Z_torch = Z_torch.numpy().transpose(0, 2, 3, 1)
np.testing.assert_allclose(Z_torch[0], Z_rgb, rtol=1e-4, atol=1e-5)

# %% [markdown] tags=["row-9"]
# ## Convolutions in one and three dimensions
#
# An image has two directions in which a window can move. Other data has one: a sound, or a
# temperature measured every hour, is a row of numbers, perhaps with several channels. Or three: a
# scan of a body is a stack of images, and so is a film. The layers are the same, with one window
# index less or more: `Conv1D` and `Conv3D` in Keras, `Conv1d` and `Conv3d` in PyTorch.
#
# **By hand, then run.** The row is 1, 2, 4, 7, 7 and the filter is -1, 1. What are the four
# answers, and what does the filter look for?

# %%
series, filter_1d = np.array([1.0, 2, 4, 7, 7]), np.array([-1.0, 1])
steps = np.correlate(series, filter_1d, mode="valid")
print(steps)

# %% [markdown]
# Each answer is a number minus the one before it: how much the row rises. It is an edge filter for
# rows. Below, Keras computes the same, and then lets 4 filters of $3 \times 3 \times 3$ move
# through a block of 10 slices of $32 \times 32$ pixels with one channel. The filters have
# $(3 \cdot 3 \cdot 3 \cdot 1 + 1) \cdot 4$ = [112]{= (3**3 * 1 + 1) * 4 } parameters.

# %% needs="tensorflow keras"
import keras

row_layer = keras.layers.Conv1D(1, 2, use_bias=False)
row_layer.build((None, 5, 1))
row_layer.set_weights([filter_1d.reshape(2, 1, 1)])
row = series.reshape(1, 5, 1).astype("float32")  # examples, steps, channels
np.testing.assert_allclose(row_layer(row)[0, :, 0], steps)

block_layer = keras.layers.Conv3D(4, 3)
Y = block_layer(np.zeros((1, 10, 32, 32, 1), dtype="float32"))
print("row: ", row.shape, "to", tuple(row_layer(row).shape))
print("block:", (1, 10, 32, 32, 1), "to", tuple(Y.shape), block_layer.count_params(), "parameters")
assert Y.shape == (1, 8, 30, 30, 4) and block_layer.count_params() == 112

# %% needs="torch"
import torch

Y_row = torch.nn.functional.conv1d(
    torch.tensor(series).reshape(1, 1, 5), torch.tensor(filter_1d).reshape(1, 1, 2)
)
np.testing.assert_allclose(Y_row.numpy()[0, 0], steps)
Y_block = torch.nn.Conv3d(1, 4, 3)(torch.zeros(1, 1, 10, 32, 32))
print("row:", tuple(Y_row.shape), "  block:", tuple(Y_block.shape))

# %% [markdown]
# ### Exercise 2
#
# Make an array `answer` of shape $(3, 3, 3, 1)$, the weights of one filter for colour images. Its
# answer at each place shall be the red of the pixel in the middle of the window, minus the green of
# the pixel directly above it. The channels are red, green, blue, in this order, and there is no
# bias.

# %%
answer = None
### BEGIN SOLUTION
answer = np.zeros((3, 3, 3, 1))
answer[1, 1, 0, 0] = 1  # row 1, column 1: the middle; channel 0: red
answer[0, 1, 1, 0] = -1  # row 0, column 1: above the middle; channel 1: green
### END SOLUTION

# %%
right = np.zeros((3, 3, 3, 1))
right[1, 1, 0, 0], right[0, 1, 1, 0] = 1, -1
public_tests.check_answer(
    "Exercise 2",
    answer,
    right,
    "Which two of the 27 weights are not 0? The axes are row, column, channel, filter.",
    [
        (right.transpose(1, 0, 2, 3), "This looks to the left of the middle. Rows come first."),
        (-right, "This is the green minus the red."),
        (right[::-1], "This looks below the middle. Row 0 is the uppermost."),
        (right[:, :, [1, 0, 2]], "This exchanges red and green."),
    ],
)

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. write the layer in Keras (`Conv2D`), TensorFlow (`tf.nn.conv2d`) and PyTorch (`nn.Conv2d`), and
#    say what their arguments for filters, kernel size, stride and padding mean;
# 2. give it your weights: the first two have the axes of this course, and PyTorch has channels
#    first, `W.transpose(3, 2, 0, 1)`;
# 3. use kernels of any height and width, `kernel_size=(3, 4)`, and `Conv1D` and `Conv3D` for data
#    with one and three dimensions.
#
# ## What to read next
#
# - The next lesson, [Output sizes](06_output_sizes.ipynb), follows shapes through whole models.
# - To write the layer yourself, do the assignments
#   [A single step of convolution](../release/single_step/single_step.ipynb) and
#   [The forward pass](../release/conv_forward/conv_forward.ipynb).
# - The documentation of the layer in
#   [Keras](https://keras.io/api/layers/convolution_layers/convolution2d/),
#   [TensorFlow](https://www.tensorflow.org/api_docs/python/tf/nn/conv2d) and
#   [PyTorch](https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html).
