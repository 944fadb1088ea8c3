# %% [markdown]
# # One layer, four libraries
#
# A convolution is the same arithmetic everywhere. Yet the same weights, carried from one framework
# to another, often give other numbers: the axes are in another order, a default differs, a border
# lies elsewhere. No error is raised; the network only gets worse. In this lesson one set of weights
# goes through NumPy, Keras, TensorFlow and PyTorch, forward and backward, until all four agree.
#
# **When you have finished, you will be able to**
#
# 1. carry the weights of convolutions, dense layers and batch normalisations from NumPy or Keras to
#    PyTorch and back;
# 2. compare two programs, outputs and gradients, with a tolerance that fits their numbers;
# 3. name four things that differ between the frameworks (order of axes, order of flattening,
#    epsilon of the batch normalisation, SAME padding at stride 2) and make them agree.
#
# Time: about 90 minutes. You need
# [The convolution layer in libraries](05_convolution_layer_in_libraries.ipynb),
# [Output sizes](06_output_sizes.ipynb) and
# [Backpropagation](10_backpropagation.ipynb). Here the frameworks are the subject: install
# TensorFlow (Keras comes with it) and PyTorch, or use Colab, which has them. Without them the cells
# in NumPy still run, and the others are skipped.

# %% include="lesson_setup"

# %%
from convnet import functional
from convnet.plots import draw_grid

# %% [markdown] tags=["row-19"]
# ## Two orders of axes
#
# A batch of images has four axes: the example, the row, the column and the channel. Two orders are
# in use, named by their letters, N for the number of examples, H for the height, W for the width
# and C for the channels:
#
# - **NHWC**, channels last, `(m, n_H, n_W, n_C)`: this course, Keras and TensorFlow by default.
# - **NCHW**, channels first, `(m, n_C, n_H, n_W)`: PyTorch.
#
# Here is one image of 2 rows and 3 columns with two channels. The second channel is ten times the
# first, so every number tells where it comes from.

# %%
first = np.array([[1, 2, 3], [4, 5, 6]])
image = np.stack([first, 10 * first], axis=-1)[None]  # (1, 2, 3, 2)
image_nchw = image.transpose(0, 3, 1, 2)
print("NHWC", image.shape, " NCHW", image_nchw.shape)
print("the pixel in row 1, column 2, channel 0:", image[0, 1, 2, 0], image_nchw[0, 0, 1, 2])

# %% [markdown]
# `transpose(0, 3, 1, 2)` says: the new axis 0 is the old axis 0, the new axis 1 is the old axis 3,
# then the old axes 1 and 2. The numbers stay what they are; only the way to address them changes.
# The way back is `transpose(0, 2, 3, 1)`.
#
# The orders are best seen when an array is written out as one row of numbers, the last axis running
# fastest. **Predict, then run.** What are the first four numbers in each order?

# %%
fig, axes = plt.subplots(2, 1, figsize=(9, 2.9), layout="constrained")
for ax, name, array in ((axes[0], "NHWC", image), (axes[1], "NCHW", image_nchw)):
    row = array.reshape(1, 12)
    draw_grid(ax, row, f"{name}: channel 1 is hatched", hatched=row >= 10)
    ax.set_yticks([])
present(
    fig,
    "Two rows of twelve cells; the cells of channel 1 are hatched. NHWC: 1, 10, 2, 20, 3, 30, 4, "
    "40, 5, 50, 6, 60, so the channels alternate. NCHW: 1 to 6, then 10 to 60, one channel after "
    "the other.",
)

# %% [markdown]
# Channels last keeps the numbers of one pixel together, channels first those of one channel.
#
# **The trap.** `reshape` can give the right shape as well. **Predict, then run:** what does it make
# of the first channel?

# %%
wrong = image.reshape(1, 2, 2, 3)
print("the shapes agree:", wrong.shape == image_nchw.shape)
print("channel 0, transposed:", image_nchw[0, 0].tolist())
print("channel 0, reshaped:  ", wrong[0, 0].tolist())

# %% [markdown]
# `reshape` never moves a number; it reads the same row of twelve with other line breaks. So pixels
# and channels are mixed up, and no error says so. **Axes change places by `transpose`, never by
# `reshape`.**

# %% [markdown]
# ## Exercise 1: the same pixel
#
# In a batch in PyTorch, of shape `(8, 16, 32, 64)`, you look at the entry `[3, 5, 7, 9]`. At which
# four indices is it in the same batch, channels last?

# %%
answer = None  # four numbers in brackets
### BEGIN SOLUTION
answer = (3, 7, 9, 5)  # example 3, row 7, column 9, channel 5
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    answer,
    (3, 7, 9, 5),
    "Name the four indices first: in PyTorch they are example, channel, row, column.",
    [
        (
            (3, 9, 5, 7),
            "This applies transpose(0, 3, 1, 2), which leads from channels last to first.",
        ),
        ((3, 9, 7, 5), "Row and column have changed places."),
        ((3, 5, 7, 9), "The channel stands last now."),
    ],
)

# %% [markdown] tags=["row-19"]
# ## Filters change places too
#
# In this course, Keras and TensorFlow the weights of a convolution have the shape `(f, f, n_C_prev,
# n_C)`: height, width, input channels, output channels, in short **HWIO**. In PyTorch it is `(n_C,
# n_C_prev, f, f)`, **OIHW**. The weight $W_{r,q,k,c}$ in row $r$ and column $q$ of filter $c$, for
# input channel $k$, is the same weight in both:
#
# $$W^{\text{torch}}_{c,k,r,q} = W_{r,q,k,c}.$$
#
# So the new axes are the old ones 3, 2, 0 and 1. For convolutions and dense layers, this is all:
#
# | array | here | Keras, TensorFlow | PyTorch |
# |---|---|---|---|
# | images | `(m, n_H, n_W, n_C)` | the same | `(m, n_C, n_H, n_W)` |
# | filters | `(f, f, n_C_prev, n_C)` | the same | `(n_C, n_C_prev, f, f)` |
# | biases of a convolution | `(n_C,)` | the same | `(n_C,)` |
# | weights of a dense layer | `(n_prev, n)` | the same | `(n, n_prev)` |
# | biases of a dense layer | `(n,)` | the same | `(n,)` |
#
# | to PyTorch | back |
# |---|---|
# | `images.transpose(0, 3, 1, 2)` | `images.transpose(0, 2, 3, 1)` |
# | `W.transpose(3, 2, 0, 1)` | exercise 2 |
# | `W.T` for a dense layer | `W.T` |

# %%
W = np.arange(24).reshape(2, 2, 2, 3) - 12  # three filters of 2 x 2 for two channels
b = np.array([100, 200, 300])
W_oihw = W.transpose(3, 2, 0, 1)
print("HWIO", W.shape, " OIHW", W_oihw.shape)
print("W[0, 1, 0, 2] =", W[0, 1, 0, 2], " W_oihw[2, 0, 0, 1] =", W_oihw[2, 0, 0, 1])

# %% [markdown]
# ## Exercise 2: filters from PyTorch
#
# Write the way back: from the weights of a convolution in PyTorch, OIHW, to HWIO.


# %%
def filters_from_torch(W_torch):
    result = None
    ### BEGIN SOLUTION
    result = W_torch.transpose(2, 3, 1, 0)
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
def right_filters(W_torch):
    return np.moveaxis(W_torch, (0, 1), (3, 2))


rng = np.random.default_rng(0)
public_tests.check_function(
    "Exercise 2",
    filters_from_torch,
    right_filters,
    [(W_oihw,), (rng.standard_normal((4, 3, 5, 5)),)],
    "Which old axis holds the rows of the filter? Its number comes first in transpose.",
    [
        (
            lambda V: V.transpose(3, 2, 0, 1),
            "This is the way to PyTorch once more, not the way back.",
        ),
        (lambda V: V.transpose(2, 3, 0, 1), "Input and output channels have changed places."),
        (lambda V: V.transpose(), "This swaps the rows and the columns of every filter as well."),
        (
            lambda V: V.reshape(*V.shape[2:], V.shape[1], V.shape[0]),
            "reshape moves no number; the axes must change places.",
        ),
    ],
)

# %% [markdown] tags=["row-19"]
# ## One layer, four times
#
# The image has $2 \times 3$ pixels, so a $2 \times 2$ filter has two places at stride 1. With a
# pencil, filter 0 in its first place: the window holds 1, 10, 2, 20 in its upper row (each pixel
# with its two channels) and 4, 40, 5, 50 in its lower row. `W[:, :, :, 0]` holds, in the same
# order, -12, -9, -6, -3 and 0, 3, 6, 9. The bias is 100:
#
# $$-12 - 90 - 12 - 60 + 0 + 120 + 30 + 450 + 100 =
# [526]{= int(np.sum(image[0, 0:2, 0:2] * W[..., 0]) + 100) }.$$
#
# **NumPy**, by the course's layer:

# %%
Z = functional.conv2d(image, W, b)
print(Z.shape, Z[0, 0].tolist())

# %% [markdown]
# **Keras.** A layer makes its weights when it first meets the shape of its input, here by `build`.
# `set_weights` then replaces them: a list with the filters and the biases. The filters need no
# change, and neither do the biases.

# %% needs="keras tensorflow"
import keras
import tensorflow as tf

tf.config.experimental.enable_tensor_float_32_execution(False)  # see below
conv_keras = keras.layers.Conv2D(filters=3, kernel_size=2)  # stride 1, no padding, no activation
conv_keras.build((None, 2, 3, 2))
conv_keras.set_weights([W, b])
Z_keras = conv_keras(image.astype("float32"))
np.testing.assert_array_equal(Z_keras, Z)
print(Z_keras.shape, np.asarray(Z_keras)[0, 0].tolist())

# %% [markdown]
# **TensorFlow** has the bare operation, to which the bias is added.

# %% needs="tensorflow"
image_tf, W_tf = tf.constant(image, tf.float32), tf.constant(W, tf.float32)
b_tf = tf.constant(b, tf.float32)
Z_tf = tf.nn.conv2d(image_tf, W_tf, strides=1, padding="VALID") + b_tf
np.testing.assert_array_equal(Z_tf, Z)
print(Z_tf.shape, Z_tf[0, 0].numpy().tolist())

# %% [markdown]
# **PyTorch.** Both arrays change their order on the way in, and the result on the way out.
# `torch.no_grad()` says that copying weights is no computation to be recorded.

# %% needs="torch"
import torch

conv_torch = torch.nn.Conv2d(in_channels=2, out_channels=3, kernel_size=2)
with torch.no_grad():
    conv_torch.weight.copy_(torch.tensor(W.transpose(3, 2, 0, 1)))
    conv_torch.bias.copy_(torch.tensor(b))
    Z_torch = conv_torch(torch.tensor(image.transpose(0, 3, 1, 2), dtype=torch.float32))
np.testing.assert_array_equal(Z_torch.numpy().transpose(0, 2, 3, 1), Z)
print(tuple(Z_torch.shape), Z_torch[0, :, 0].T.tolist())

# %% [markdown]
# Four times the same six numbers. They are whole numbers and not large, so all four are exact.

# %% [markdown] tags=["row-19"]
# ## How equal is equal?
#
# With real numbers, results differ in their last digits. A float32 number keeps about 7 digits, a
# float64 about 16, and every sum is rounded. The order of the sums matters, and each program has
# its own order. **Predict, then run:** are these two sums equal?

# %%
large, one = np.float32(1e8), np.float32(1)
print("(large + one) - large =", (large + one) - large)
print("(large - large) + one =", (large - large) + one)

# %% [markdown]
# In float32, $10^8 + 1$ is rounded to $10^8$, so the 1 is lost in the first sum. The example is
# extreme, but the same happens on a small scale in every dot product. So two right programs agree
# **up to a tolerance**. A good one is relative to the largest number of the array: a difference of
# 0.001 is nothing beside 10,000, and a number near zero that is left over from large ones cannot be
# more exact than they were.
#
# The next cell defines the comparison for the rest of this lesson: float32 results may differ by
# one part in a hundred thousand of the largest number. On some GPUs a framework shortens the
# numbers that it multiplies, to about three digits, to save time. For TensorFlow that was switched
# off above, by `enable_tensor_float_32_execution(False)`; what PyTorch does here it does on the
# CPU.


# %%
def agree(name, ours, theirs, tolerance=1e-5):
    """Print that two arrays agree, up to tolerance times the largest number; raise if not."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    allowed = tolerance * np.max(np.abs(ours))
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=allowed, err_msg=name)
    print(f"{name:<16} agrees, shape {ours.shape}")


A_prev = rng.standard_normal((2, 5, 7, 3))
W = rng.standard_normal((3, 3, 3, 4))
b = rng.standard_normal(4)
G = rng.standard_normal((2, 3, 4, 4))
Z = functional.conv2d(A_prev, W, b, stride=2, padding=1)
A_32, W_32, b_32 = (x.astype("float32") for x in (A_prev, W, b))
Z_32 = functional.conv2d(A_32, W_32, b_32, stride=2, padding=1)
agree("float32", Z, Z_32)
print("equal to the last digit:", np.array_equal(Z, Z_32))

# %% [markdown] tags=["row-19"]
# ## Forward and backward, four times
#
# A real layer now: two images of $5 \times 7$ with three channels, four filters, stride 2 and a
# padding of 1. For the backward pass the cost is $J = \sum G \cdot Z$, over all entries, with an
# array $G$ of random numbers. Then the gradient that arrives at $Z$ is $G$ itself, the same for
# everyone.
#
# **NumPy** computes in float64 and is the yardstick.

# %%
dA_prev, dW, db = functional.conv2d_backward(G, A_prev, W, stride=2, padding=1)
print("dA_prev", dA_prev.shape, " dW", dW.shape, " db", db.shape)

# %% [markdown]
# **TensorFlow** takes the padding as four pairs, one for each axis. **Keras'** `Conv2D` knows only
# `"valid"` and `"same"`; a padding of our own is a layer of its own, `ZeroPadding2D`. On its
# TensorFlow backend, Keras' layers are recorded by TensorFlow's tape.

# %% needs="tensorflow"
A_tf, W_tf, b_tf = (tf.Variable(x, dtype=tf.float32) for x in (A_prev, W, b))
with tf.GradientTape() as tape:
    pads = [[0, 0], [1, 1], [1, 1], [0, 0]]
    Z_tf = tf.nn.conv2d(A_tf, W_tf, strides=2, padding=pads) + b_tf
    J_tf = tf.reduce_sum(G.astype("float32") * Z_tf)
dA_tf, dW_tf, db_tf = tape.gradient(J_tf, [A_tf, W_tf, b_tf])

agree("Z", Z, Z_tf)
agree("dA_prev", dA_prev, dA_tf)
agree("dW", dW, dW_tf)
agree("db", db, db_tf)

# %% needs="keras tensorflow"
padding = keras.layers.ZeroPadding2D(1)
conv_keras = keras.layers.Conv2D(4, 3, strides=2)
conv_keras.build((None, 7, 9, 3))  # the padded size
conv_keras.set_weights([W, b])
with tf.GradientTape() as tape:
    Z_keras = conv_keras(padding(A_tf))
    J_keras = tf.reduce_sum(G.astype("float32") * Z_keras)
dA_keras, dW_keras, db_keras = tape.gradient(J_keras, [A_tf, *conv_keras.trainable_variables])

agree("Z", Z, Z_keras)
agree("dA_prev", dA_prev, dA_keras)
agree("dW", dW, dW_keras)
agree("db", db, db_keras)

# %% [markdown]
# **PyTorch** takes the padding per side, as we do. The gradients come back in PyTorch's orders:
# that of the images as NCHW, that of the filters as OIHW. So they go through the way back.
# (`right_filters` is what the check of exercise 2 compares with.)

# %% needs="torch"
conv_torch = torch.nn.Conv2d(3, 4, kernel_size=3, stride=2, padding=1)
with torch.no_grad():
    conv_torch.weight.copy_(torch.tensor(W.transpose(3, 2, 0, 1)))
    conv_torch.bias.copy_(torch.tensor(b))
A_torch = torch.tensor(A_prev.transpose(0, 3, 1, 2), dtype=torch.float32, requires_grad=True)
G_torch = torch.tensor(G.transpose(0, 3, 1, 2), dtype=torch.float32)
Z_torch = conv_torch(A_torch)
(G_torch * Z_torch).sum().backward()

agree("Z", Z, Z_torch.detach().numpy().transpose(0, 2, 3, 1))
agree("dA_prev", dA_prev, A_torch.grad.numpy().transpose(0, 2, 3, 1))
agree("dW", dW, right_filters(conv_torch.weight.grad.numpy()))
agree("db", db, conv_torch.bias.grad)

# %% [markdown] tags=["row-19"]
# ## The order of flattening
#
# Between the convolutions and the dense layers of a network, every image becomes one vector. It is
# written out as a row, the last axis fastest; and that row is not the same in both orders, as the
# strips at the top of this lesson show. A dense layer has one weight for each place in the row. So
# its weights, learned in one order, meet other numbers in the other.
#
# **Predict, then run.** The dense layer below has one output, whose weights are 1 for the second
# number of the row and 0 for the others. What does it pick in each order?

# %%
picks = np.zeros((12, 1))
picks[1] = 1
print("flattened as NHWC:", (image.reshape(1, 12) @ picks).item())
print("flattened as NCHW:", (image_nchw.reshape(1, 12) @ picks).item())

# %% [markdown]
# [10]{= image.reshape(12)[1] } is channel 1 of the first pixel, [2]{= image_nchw.reshape(12)[1] }
# is channel 0 of the second. There are two cures. Either the model in PyTorch brings its maps into
# the order NHWC before it flattens them, by `x.permute(0, 2, 3, 1).flatten(1)`; `permute` is
# PyTorch's transpose. Or the dense weights change their order, once, when they are carried over.

# %% needs="torch"
dense_torch = torch.nn.Linear(12, 1)
with torch.no_grad():
    dense_torch.weight.copy_(torch.tensor(picks.T))
    dense_torch.bias.zero_()
    maps = torch.tensor(image_nchw, dtype=torch.float32)
    print("flattened as it is: ", dense_torch(maps.flatten(1)).item())
    print("flattened as NHWC:  ", dense_torch(maps.permute(0, 2, 3, 1).flatten(1)).item())

# %% [markdown]
# ## Exercise 3: dense weights for PyTorch
#
# Write the second cure. `W` has the shape `(n_H * n_W * n_C, n)`; its rows belong to the numbers of
# maps flattened as NHWC. Return the weights for a `torch.nn.Linear` that gets the maps flattened as
# NCHW: an array of shape `(n, n_C * n_H * n_W)`. First give the rows of `W` back their three axes,
# then let the axes change places, then flatten again.


# %%
def dense_for_torch(W, n_H, n_W, n_C):
    result = None
    ### BEGIN SOLUTION
    four_axes = W.reshape(n_H, n_W, n_C, W.shape[1])
    result = four_axes.transpose(3, 2, 0, 1).reshape(W.shape[1], n_C * n_H * n_W)
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
def right_dense(W, n_H, n_W, n_C):
    places = np.arange(n_H * n_W * n_C).reshape(n_H, n_W, n_C)  # which row belongs to which number
    return W[np.moveaxis(places, -1, 0).ravel()].T


public_tests.check_function(
    "Exercise 3",
    dense_for_torch,
    right_dense,
    [(np.arange(24.0).reshape(12, 2), 2, 3, 2), (rng.standard_normal((60, 3)), 4, 3, 5)],
    "After W.reshape(n_H, n_W, n_C, n) it has the axes of filters, HWIO; PyTorch wants OIHW.",
    [
        (
            lambda W, n_H, n_W, n_C: W.T,
            "This has the right shape, but its columns are still in NHWC.",
        ),
        (
            lambda W, n_H, n_W, n_C: W.reshape(-1, n_C * n_H * n_W),
            "reshape alone moves no number: the axes must change places.",
        ),
        (
            lambda W, n_H, n_W, n_C: (
                W.reshape(n_H, n_W, n_C, -1).transpose(3, 2, 1, 0).reshape(-1, len(W))
            ),
            "Rows and columns of the maps have changed places.",
        ),
    ],
)

# %% [markdown] tags=["row-19"]
# ## The epsilon of a batch normalisation
#
# Batch normalisation brings every channel to a mean of 0 and a standard deviation of about 1, over
# all examples, rows and columns of the batch; then it stretches it by $\gamma$ and shifts it by
# $\beta$, which are trained:
#
# $$A = \gamma \, \frac{Z - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta.$$
#
# $\mu$ is the channel's mean and $\sigma^2$ its variance; $\gamma$ and $\beta$ start at 1 and 0.
# The small $\epsilon$ keeps the root from zero. Keras takes $\epsilon = 10^{-3}$, PyTorch
# $10^{-5}$.
#
# **Predict, then run.** A channel holds only the values 0 and 0.02, equally often. Its mean is 0.01
# and its variance $0.01^2 = 0.0001$. Does the choice of $\epsilon$ matter?

# %%
channel = np.array([0.0, 0.02, 0.0, 0.02]).reshape(1, 2, 2, 1)
gamma, beta = np.ones(1), np.zeros(1)
for name, epsilon in (("Keras", 1e-3), ("PyTorch", 1e-5)):
    normalised, _, _ = functional.batch_norm(channel, gamma, beta, epsilon)
    print(f"epsilon of {name:<7} {epsilon}: {normalised[0, 0, :, 0].round(4).tolist()}")

# %%
variance = np.logspace(-7, 1, 200)
fig, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
for name, epsilon, line in (("Keras, 0.001", 1e-3, "-"), ("PyTorch, 0.00001", 1e-5, "--")):
    ax.semilogx(variance, np.sqrt(variance / (variance + epsilon)), line, label=name)
ax.axvline(1e-4, color="0.5", ls=":", label="the channel above")
ax.set(xlabel="variance of a channel", ylabel="standard deviation\nafter normalisation")
ax.legend(title="default epsilon")
present(
    fig,
    "Standard deviation after normalisation against the variance of the channel, for two values "
    "of epsilon. Both curves rise from near 0 to 1 in the shape of an S. The solid one, Keras, "
    "reaches 0.9 at a variance of about 0.004, the dashed one, PyTorch, at about 0.00004. At a "
    "variance of 0.0001 a dotted line marks the channel above, where they are far apart: about "
    "0.3 and 0.95.",
)

# %% [markdown]
# For variances far above $\epsilon$ it does not matter. For quiet channels it does: here one result
# is about three times the other. So set it, rather than trust the default. Keras and PyTorch, both
# with $10^{-5}$:

# %%
Z = rng.normal(0, 0.02, (4, 3, 5, 2))
gamma, beta = np.array([1.5, 0.5]), np.array([0.0, -1.0])
A, _, _ = functional.batch_norm(Z, gamma, beta, epsilon=1e-5)

# %% needs="keras tensorflow"
norm_keras = keras.layers.BatchNormalization(epsilon=1e-5)
norm_keras.build(Z.shape)
norm_keras.set_weights([gamma, beta, np.zeros(2), np.zeros(2)])  # running variance: start at 0
agree("Keras", A, norm_keras(Z.astype("float32"), training=True))
norm_keras_variance = norm_keras.get_weights()[3]

# %% needs="torch"
norm_torch = torch.nn.BatchNorm2d(2, eps=1e-5)  # 1e-5 is its default; so all can read it
with torch.no_grad():
    norm_torch.weight.copy_(torch.tensor(gamma))
    norm_torch.bias.copy_(torch.tensor(beta))
    norm_torch.running_var.zero_()
    A_torch = norm_torch(torch.tensor(Z.transpose(0, 3, 1, 2), dtype=torch.float32))
agree("PyTorch", A, A_torch.numpy().transpose(0, 2, 3, 1))

# %% [markdown]
# **What is kept for later.** A trained network normalises by running averages of the means and
# variances, not by the batch in hand. These belong to what must be carried over: in Keras they are
# the last two arrays of `get_weights()`, in PyTorch `running_mean` and `running_var`. How they are
# updated differs in two ways:
#
# - *Momentum* means the share that the old average keeps in Keras (0.99 by default), and the share
#   that the new value gets in PyTorch (0.1 by default, so the old one keeps 0.9).
# - PyTorch averages the variance that divides by $n - 1$, Keras the one that divides by $n$, where
#   $n$ is the number of values of the channel in the batch.
#
# **Predict, then run.** A running variance usually starts at 1. The two cells above made it start
# at 0, so that the small variances of this batch show in full. Both layers have seen the batch
# once. Which running variance is nearer to that of the batch now? Here is what NumPy expects.

# %%
n = Z.size // 2
variance = Z.var(axis=(0, 1, 2))
after_keras = 0.99 * 0 + 0.01 * variance
after_torch = 0.9 * 0 + 0.1 * variance * n / (n - 1)
print("variance of the batch:                    ", variance.round(8))
print("running variance after one batch, Keras:  ", after_keras.round(8))
print("running variance after one batch, PyTorch:", after_torch.round(8))

# %% needs="keras tensorflow"
agree("Keras", after_keras, norm_keras_variance)

# %% needs="torch"
agree("PyTorch", after_torch, norm_torch.running_var)

# %% [markdown]
# PyTorch's: it took over a tenth of the new value, Keras' one a hundredth. With
# $n = [60]{= n }$ the choice between $n$ and $n - 1$ makes a difference of
# [1.7]{= f"{100 / (n - 1):.1f}" } per cent, far more than the tolerance, so the check would have
# noticed it.

# %% [markdown] tags=["row-19"]
# ## SAME padding at stride 2
#
# With SAME padding the output has $\lceil n/s \rceil$ pixels along an axis of $n$, where $s$ is the
# stride and the brackets round up. For a window of $f$ that takes
#
# $$\max\big((\lceil n/s \rceil - 1)\, s + f - n,\; 0\big)$$
#
# zeros along that axis, both sides together. (Elsewhere in this course, `pad` counts one side.)
# When the number is odd, Keras and TensorFlow put **the odd one at the bottom and on the right**.
#
# At stride 1 and $f = 3$ that is 2, one on each side, as with `padding=1` in PyTorch. At stride 2
# and $n = 6$ it is $(3 - 1) \cdot 2 + 3 - 6 = 1$: none before, one after. `padding=1` in PyTorch
# puts one on each side. Both give three outputs. Take the row 1, 2, 3, 4, 5, 6, with windows of
# three numbers that are added up. **Predict, then run:** which sums?

# %%
row = np.arange(1, 7)
sums, strips = {}, {}
for name, before, after in (("SAME in Keras", 0, 1), ("padding=1 in PyTorch", 1, 1)):
    padded = np.pad(row, (before, after))
    sums[name] = [int(padded[start : start + 3].sum()) for start in (0, 2, 4)]
    strips[name] = padded
    print(f"{name:<21} {padded.tolist()} gives {sums[name]}")

# %% jupyter={"source_hidden": true}
colours = ("tab:orange", "tab:blue", "tab:green")
outlines = [(0, 2 * k, 1, 3, colour) for k, colour in enumerate(colours)]
fig, axes = plt.subplots(2, 1, figsize=(7.5, 2.9), layout="constrained")
for ax, (name, padded), left in zip(axes, strips.items(), (-1.6, -0.6), strict=True):
    draw_grid(ax, padded[None], f"{name}: {sums[name]}", outlines, padded[None] == 0)
    ax.set(xticks=[], yticks=[], xlim=(left, left + 8.2))  # the same pixel, one below the other
present(
    fig,
    "Two rows of numbers with three windows of three cells each, two cells apart; padding is "
    "hatched. SAME in Keras: 1 to 6 and one zero at the end; the windows hold 1, 2, 3, then 3, "
    "4, 5, then 5, 6, 0, with the sums 6, 12, 11. padding=1 in PyTorch: a zero, 1 to 6, a zero; "
    "the windows hold 0, 1, 2, then 2, 3, 4, then 4, 5, 6, with the sums 3, 9, 15, and the last "
    "zero is in no window.",
)

# %% [markdown]
# The same shape, other values: in PyTorch every window lies one pixel further to the left. A
# network that was trained with one and runs with the other sees everything shifted by a pixel, and
# every further layer of this kind adds to it. With an odd size, such as 7, both put one zero on
# each side and agree.
#
# In two dimensions, with all four programs: an image of $6 \times 6$ with two channels, and three
# filters of $3 \times 3$.

# %%
A_prev = rng.standard_normal((1, 6, 6, 2))
W = rng.standard_normal((3, 3, 2, 3))

at_end = np.pad(A_prev, ((0, 0), (0, 1), (0, 1), (0, 0)))  # one row below, one column on the right
Z_same = functional.conv2d(at_end, W, stride=2)
Z_pad_1 = functional.conv2d(A_prev, W, stride=2, padding=1)
print("shapes:", Z_same.shape, Z_pad_1.shape, " equal values:", np.allclose(Z_same, Z_pad_1))

# %% needs="keras tensorflow"
A_tf, W_tf = tf.constant(A_prev, tf.float32), tf.constant(W, tf.float32)
same_keras = keras.layers.Conv2D(3, 3, strides=2, padding="same", use_bias=False)
same_keras.build(A_prev.shape)
same_keras.set_weights([W])
agree("Keras, same", Z_same, same_keras(A_tf))
agree("TensorFlow, SAME", Z_same, tf.nn.conv2d(A_tf, W_tf, strides=2, padding="SAME"))

# %% [markdown]
# PyTorch has `padding="same"` too, for stride 1 only; at stride 2 it refuses. To get what Keras
# gives, pad first, by `torch.nn.functional.pad`. Its numbers begin at the **last** axis: left,
# right, top, bottom.

# %% needs="torch"
functions = torch.nn.functional
A_torch = torch.tensor(A_prev.transpose(0, 3, 1, 2))
W_torch = torch.tensor(W.transpose(3, 2, 0, 1))

Z_torch = functions.conv2d(A_torch, W_torch, stride=2, padding=1)
agree("padding=1", Z_pad_1, Z_torch.numpy().transpose(0, 2, 3, 1))

padded = functions.pad(A_torch, (0, 1, 0, 1))
Z_torch = functions.conv2d(padded, W_torch, stride=2)
agree("padded (0,1,0,1)", Z_same, Z_torch.numpy().transpose(0, 2, 3, 1))

try:
    torch.nn.Conv2d(2, 3, kernel_size=3, stride=2, padding="same")
except ValueError as error:
    print("PyTorch:", error)

# %% [markdown]
# **Average pooling** has a difference of its own. Where a window reaches into the padding, Keras
# divides by the pixels that are there; PyTorch counts the zeros in, unless
# `count_include_pad=False` says otherwise. And here PyTorch wants the number of zeros, since it has
# no SAME for pooling. An image of $3 \times 3$ ones shows it: where no zeros are counted, every
# average is 1.

# %% needs="keras tensorflow"
ones = np.ones((1, 3, 3, 1), "float32")
averages = keras.layers.AveragePooling2D(pool_size=2, strides=2, padding="same")(ones)
print("Keras, same:", np.asarray(averages)[0, :, :, 0].tolist())

# %% needs="torch"
ones_torch = torch.ones(1, 1, 3, 3)
for counted in (True, False):
    averages = functions.avg_pool2d(ones_torch, 2, padding=1, count_include_pad=counted)
    print(f"PyTorch, count_include_pad={counted}:", averages[0, 0].tolist())

# %% [markdown]
# ## Exercise 4: how many zeros?
#
# A convolution in Keras has filters of $5 \times 5$, strides of 2 and SAME padding. Its input has
# $n_H = 10$ rows and $n_W = 11$ columns. Which four numbers must `torch.nn.functional.pad` get, in
# its order: left, right, top, bottom?

# %%
answer = None  # four numbers in brackets
### BEGIN SOLUTION
# Columns: 11 / 2 rounded up is 6, and (6 - 1) * 2 + 5 - 11 = 4, two on each side.
# Rows: 10 / 2 is 5, and (5 - 1) * 2 + 5 - 10 = 3, one before and two after.
answer = (2, 2, 1, 2)
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 4",
    answer,
    (2, 2, 1, 2),
    "For each axis: how many outputs, how many zeros in all, and where does an odd one go?",
    [
        (
            (1, 2, 2, 2),
            "This is top, bottom, left, right; the function wants left and right first.",
        ),
        ((2, 2, 2, 1), "An odd zero goes to the bottom."),
        ((2, 2, 2, 2), "This is (f - 1) / 2 on each side, which is SAME at stride 1."),
        ((4, 4, 3, 3), "These are the zeros of both sides together."),
    ],
)

# %% [markdown] tags=["row-19"]
# ## A whole network: 10,314 parameters
#
# Now a small network for colour images of $32 \times 32$: two blocks of convolution, batch
# normalisation and ReLU, the second at stride 2, then average pooling and a dense layer for ten
# classes. First in NumPy.

# %%
from convnet.layers import AveragePooling2D, BatchNormalization, Conv2D, Dense, Flatten, ReLU
from convnet.network import Network

network = Network(
    [
        Conv2D(16, 3, padding=1),
        BatchNormalization(epsilon=1e-5),
        ReLU(),
        Conv2D(32, 3, stride=2, padding=1),
        BatchNormalization(epsilon=1e-5),
        ReLU(),
        AveragePooling2D(4),
        Flatten(),
        Dense(10),
    ],
    input_shape=(32, 32, 3),
)
print(network.summary())

# %% [markdown]
# Count with it:
#
# - The first convolution has $3 \cdot 3 \cdot 3 \cdot 16$ weights and 16 biases,
#   [448]{= 3 * 3 * 3 * 16 + 16 }; the second has $3 \cdot 3 \cdot 16 \cdot 32$ weights and 32
#   biases, [4,640]{= f"{3 * 3 * 16 * 32 + 32:,}" }.
# - A batch normalisation has two numbers for each channel, [32]{= 2 * 16 } and [64]{= 2 * 32 }.
# - Average pooling leaves $4 \times 4$ pixels with 32 channels, [512]{= 4 * 4 * 32 } numbers.
#   With ten weights for each and ten biases, the dense layer has [5,130]{= f"{512 * 10 + 10:,}" }.
#
# In all that is [10,314]{= f"{network.parameters.size:,}" }.
#
# The same in PyTorch. A model is a class. Its layers are members, made in `__init__`, so that
# PyTorch finds their parameters; `forward` says how an image goes through them.

# %% needs="torch"
from torch import nn


def block(channels_in, channels_out, stride):
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel_size=3, stride=stride, padding=1),
        nn.BatchNorm2d(channels_out, eps=1e-5, momentum=0.1),
        nn.ReLU(),
    )


class SmallCNN(nn.Module):
    def __init__(self, input_channels=3, num_classes=10):
        super().__init__()
        self.block1 = block(input_channels, 16, stride=1)
        self.block2 = block(16, 32, stride=2)
        self.pool = nn.AvgPool2d(4)
        self.dense = nn.Linear(32 * 4 * 4, num_classes)

    def forward(self, x):
        x = self.pool(self.block2(self.block1(x)))
        return self.dense(x.flatten(1))  # (m, 512): every image for itself


model_torch = SmallCNN()
print("parameters:", sum(p.numel() for p in model_torch.parameters()))

# %% [markdown]
# `flatten(1)` keeps axis 0, the examples. One also meets `x.view(-1, 512)`, which gives the same
# here; beware of `x.view(1, -1)`, which makes one long vector of the whole batch.
#
# **Carrying the weights over.** The NumPy network starts from random weights; its batch
# normalisations get random numbers too, or a mistake in their order would not show. Then every
# array takes the way that the tables above say, and the dense weights that of exercise 3.
# (`right_dense` is what the check there compares with.)

# %%
for number in (1, 4):
    for array in network.layers[number].parameters.values():
        array[...] = rng.uniform(0.5, 1.5, array.shape)

images = rng.standard_normal((4, 32, 32, 3)).astype("float32")
labels = np.array([3, 1, 4, 1])


# %%
def in_torch_order(arrays):
    """The arrays of the five layers with parameters, as PyTorch keeps them, in its order."""
    conv1, norm1, conv2, norm2, dense = arrays
    return [
        conv1["W"].transpose(3, 2, 0, 1),
        conv1["b"],
        norm1["gamma"],
        norm1["beta"],
        conv2["W"].transpose(3, 2, 0, 1),
        conv2["b"],
        norm2["gamma"],
        norm2["beta"],
        right_dense(dense["W"], 4, 4, 32),
        dense["b"],
    ]


# %% needs="torch"
with torch.no_grad():
    ours = in_torch_order([layer.parameters for layer in network.layers if layer.parameters])
    for parameter, array in zip(model_torch.parameters(), ours, strict=True):
        assert parameter.shape == array.shape
        parameter.copy_(torch.tensor(array))
    images_torch = torch.tensor(images.transpose(0, 3, 1, 2))

    model_torch.eval()  # normalise by the running averages
    agree("not training", network.forward(images), model_torch(images_torch))

# %% [markdown]
# Forward they agree, with the running averages that both start from, 0 and 1. **Predict, then
# run.** The next cell switches to training, where the batch's own means and variances are used, and
# goes backward from the cross-entropy of the four labels. The one after it compares the gradients
# of all parameters and the running averages. One kind of parameter has a gradient that is zero.
# Which?

# %%
scores = network.forward(images, training=True)
loss = functional.cross_entropy(scores, labels)
network.backward(functional.cross_entropy_backward(scores, labels))
gradients = [layer.gradients for layer in network.layers if layer.gradients]
for layer in network.layers:
    for name, gradient in layer.gradients.items():
        print(f"{type(layer).__name__:<18} {name:<6} at most {np.max(np.abs(gradient)):.0e}")

# %% needs="torch"
model_torch.train()
scores_torch = model_torch(images_torch)
loss_torch = nn.functional.cross_entropy(scores_torch, torch.tensor(labels))
loss_torch.backward()

agree("scores", scores, scores_torch.detach())
agree("loss", loss, loss_torch.detach())
ours = np.concatenate([array.ravel() for array in in_torch_order(gradients)])
theirs = np.concatenate([p.grad.numpy().ravel() for p in model_torch.parameters()])
agree("all gradients", ours, theirs)
for number, norm in ((1, model_torch.block1[1]), (4, model_torch.block2[1])):
    agree("running mean", network.layers[number].state["mean"], norm.running_mean)
    agree("running variance", network.layers[number].state["variance"], norm.running_var)

# %% [markdown]
# The biases `b` of the two convolutions get nothing but what rounding leaves. A bias shifts its
# whole channel, the batch normalisation behind it takes the mean away again, and so the bias has no
# effect. Many models leave it out there, by `bias=False` in PyTorch or `use_bias=False` in Keras.
#
# **And in Keras.** No weight has to change its order, and `Flatten` flattens as we do. Three things
# must be set, where Keras would do otherwise: the padding at stride 2, the epsilon and the
# momentum.

# %% needs="keras tensorflow"
normalised = {"epsilon": 1e-5, "momentum": 0.9}
model_keras = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        keras.layers.Conv2D(16, 3, padding="same"),  # at stride 1 this is a padding of 1
        keras.layers.BatchNormalization(**normalised),
        keras.layers.ReLU(),
        keras.layers.ZeroPadding2D(1),
        keras.layers.Conv2D(32, 3, strides=2),
        keras.layers.BatchNormalization(**normalised),
        keras.layers.ReLU(),
        keras.layers.AveragePooling2D(4),
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ]
)
trainable = sum(int(np.prod(v.shape)) for v in model_keras.trainable_variables)
print("trainable:", trainable, " all that is counted:", model_keras.count_params())

# %% [markdown]
# Keras counts the running averages as parameters that are not trained, two for each of
# $16 + 32$ channels: 96 more. PyTorch calls them *buffers* and does not count them.

# %% needs="keras tensorflow"
ours = [array for layer in network.layers for array in layer.parameters.values()]
for variable, array in zip(model_keras.trainable_variables, ours, strict=True):
    variable.assign(array.reshape(variable.shape))  # only the biases have other axes
with tf.GradientTape() as tape:
    scores_keras = model_keras(images, training=True)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores_keras)
    loss_keras = tf.reduce_mean(losses)
theirs = tape.gradient(loss_keras, model_keras.trainable_variables)

agree("scores", scores, scores_keras)
agree("loss", loss, loss_keras)
theirs = np.concatenate([gradient.numpy().ravel() for gradient in theirs])
agree("all gradients", network.gradients, theirs)

# %% [markdown]
# All 10,314 gradients agree, in three programs that were written apart from each other. There is
# hardly a stronger test for a layer of your own. (The running variances agree in NumPy and PyTorch
# alone: Keras divides by $n$, as above. Here $n$ is 1,024 or more, and the difference is below a
# thousandth.)

# %% [markdown] tags=["row-19"]
# ## A Keras model with SAME padding
#
# The last model goes the other way, from Keras to NumPy. Three convolutions at stride 1 with SAME
# padding keep the size, so the maps that are flattened are as large as the image. **Predict, then
# run.** The images are $28 \times 28$ with one channel. How many numbers come out of `Flatten`, and
# which layer has most of the parameters?

# %%
channels = (1, 32, 64, 128)
counts = [3 * 3 * channels[k] * channels[k + 1] + channels[k + 1] for k in range(3)]
flattened = 28 * 28 * 128
counts += [flattened * 256 + 256, 256 * 10 + 10]
print("flattened:", flattened)
print("parameters:", counts, " in all:", sum(counts))

# %% needs="keras tensorflow"
keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(32, kernel_size=3, activation="relu", padding="same"),
        keras.layers.Conv2D(64, kernel_size=3, activation="relu", padding="same"),
        keras.layers.Conv2D(128, kernel_size=3, activation="relu", padding="same"),
        keras.layers.Flatten(),
        keras.layers.Dense(256, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.summary()

# %% [markdown]
# [25,785,610]{= f"{sum(counts):,}" } parameters, and the first dense layer has
# [99.6]{= f"{100 * counts[3] / sum(counts):.1f}" } per cent of them. That is the price of keeping
# the size to the end; pooling or strides before `Flatten` are cheaper.
#
# `model.get_weights()` lists all arrays in order. They fit the functions of the course's library as
# they are.

# %% needs="keras tensorflow"
images = rng.uniform(0, 1, (2, 28, 28, 1)).astype("float32")
weights = model.get_weights()

A = images
for W, b in zip(weights[0:6:2], weights[1:6:2], strict=True):
    A = functional.relu(functional.conv2d(A, W, b, padding=1))
A = A.reshape(2, -1)
A = functional.relu(functional.linear(A, weights[6], weights[7]))
probabilities = functional.softmax(functional.linear(A, weights[8], weights[9]))

agree("probabilities", probabilities, model(images))
print("each row adds up to 1:", np.allclose(probabilities.sum(axis=1), 1))

# %% [markdown]
# ## When two programs disagree
#
# Look for the cause in this order, with one small batch:
#
# 1. **Shapes.** Print those of the input, the weights and the output, and name every axis.
# 2. **The first layer that differs.** Compare after each layer, not only at the end.
# 3. **Where it differs.** Everywhere: the order of axes, `reshape` in place of `transpose`, a
#    flipped filter, SAME at stride 2. At the border alone: padding. By a factor for each channel:
#    batch normalisation, its epsilon or its mode, training or not. From the dense layer on: the
#    order of flattening.
# 4. **How much.** In float32 a millionth of the largest number is rounding. A thousandth has a
#    cause.
#
# ## Recap
#
# You can now
#
# 1. carry weights over: filters by `W.transpose(3, 2, 0, 1)` and back by `transpose(2, 3, 1, 0)`,
#    dense weights by `W.T`, after a reordering where maps are flattened before them, and with a
#    batch normalisation its $\gamma$, $\beta$, running mean and running variance;
# 2. compare outputs and gradients with a tolerance relative to the largest number, about
#    $10^{-5}$ in float32, by letting the same $G$ arrive in both programs;
# 3. make the frameworks agree: NHWC or NCHW by `transpose`, flattening by `permute` or by
#    reordered weights, $\epsilon$ by setting it ($10^{-3}$ in Keras, $10^{-5}$ in PyTorch), SAME at
#    stride 2 by padding the bottom and the right first.
#
# ## What to read next
#
# - Next is lesson 16, [Architectures](16_architectures.ipynb): what the known networks are made of.
# - The assignments [Convolution, forward](../release/conv_forward/conv_forward.ipynb) and
#   [Backpropagation](../release/backprop/backprop.ipynb), if you have not done them: their
#   functions can be compared in the same way.
# - S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network training by reducing
#   internal covariate shift", 2015, [arXiv:1502.03167](https://arxiv.org/abs/1502.03167).
# - V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016,
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285), for padding and strides in pictures.
