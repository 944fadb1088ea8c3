# %% [markdown]
# # Convolutional networks, step by step
#
# Near the end of this notebook, a trained network draws the edges of a photograph of your choice,
# and every layer of it is a function that you wrote. You build convolution and pooling layers in
# plain NumPy, forward and backward, in eight functions: from zero padding to the gradients that a
# network learns from. The notebook combines the assignments on padding, the single step, the
# forward pass, pooling and backpropagation.
#
# When you have finished, you will be able to
#
# 1. explain what convolution and pooling compute, on a small example worked by hand;
# 2. write both layers for a batch of images, with any kernel size, stride and padding;
# 3. backpropagate gradients through both layers, and check them with finite differences.
#
# **Time:** about 405 minutes. The end of each part is a good place for a break. **You need:**
# Python, basic NumPy (arrays, shapes, slices), and for the last part the derivative of a function.
#
# **Done the lessons?** The parts repeat what they need from them. To skip this, go straight to the
# heading **Exercise: NAME** of a function, and run all cells above it.

# %% include="setup"

# %% [markdown]
# ## Outline
#
# | part | function | what it does | points |
# |---|---|---|---|
# | 1 | `zero_pad` | pads a batch of images with zeros | 5 |
# | 2 | `conv_single_step` | applies one filter to one window | 5 |
# | 3 | `conv_forward` | applies every filter at every position of every image | 20 |
# | 4 | `pool_forward` | reduces each window to its maximum or average | 15 |
# | 5 | `conv_backward` | computes the gradients of a convolution layer | 20 |
# | 5 | `create_mask_from_window` | marks the maximum of a window | 5 |
# | 5 | `distribute_value` | distributes a value evenly over a window | 5 |
# | 5 | `pool_backward` | computes the gradient of a pooling layer | 15 |
# | | | **together** | **90** |
#
# **The functions build on each other.** `conv_forward` calls your `zero_pad` and
# `conv_single_step`, `conv_backward` calls your `zero_pad`, and `pool_backward` calls your
# `create_mask_from_window` and `distribute_value`. A mistake in an early function therefore shows
# up in later outputs, so make each check pass before you go on. It does not cost you points twice,
# though: functions that call a wrong one are graded with a correct version in its place. If you get
# stuck, go on with the next function that does not need this one.

# %% [markdown]
# ## Notation
#
# Each part explains its symbols. These are the ones that the parts share:
#
# | symbol | meaning |
# |---|---|
# | $m$ | number of examples (images) in a batch |
# | $n_H$, $n_W$, $n_C$ | height, width and channels of a layer's output |
# | $n_{H_{prev}}$, $n_{W_{prev}}$, $n_{C_{prev}}$ | the same for its input |
# | $f$ | kernel size, or the size of a pooling window |
# | $p$, in code `pad` | rows and columns of zeros on **each side** |
# | $s$, in code `stride` | stride: pixels from one window to the next |
# | $i$, $h$, $w$, $c$ | example, row, column and channel of the output |
# | $r$, $q$, $k$ | row, column and input channel in a filter |
# | $A_{prev}$, in code `A_prev` | input of a layer, the output of the previous layer |
# | $W$, $b$ | weights and biases |
# | $Z$, $A = g(Z)$ | output before and after the activation function $g$ |
# | $J$ | cost |
# | $dZ$, $dA$, $dW$, $db$ | gradients, for example $dW = \partial J / \partial W$ |
#
# Batches of images have the shape $(m, n_H, n_W, n_C)$, with the channels last. Indices start at 0.
# A *kernel* is one 2-D array of weights, and a *filter* has one kernel for each input channel.
# "Convolution" means cross-correlation, as in all deep learning libraries: the kernel is not
# flipped.

# %% [markdown]
# # Part 1. Padding
#
# A stack of convolutions eats its image from the border. Zeros around the image prevent this, and
# you add them with `zero_pad`.

# %% [markdown] include="padding"

# %% [markdown]
# # Part 2. A single step of convolution
#
# One filter at one position of the input gives one number. This is the whole arithmetic of a
# convolution layer, in `conv_single_step`.

# %% [markdown] include="single_step"

# %% [markdown]
# # Part 3. The forward pass of a convolution layer
#
# Now every filter visits every position of every image. Your `conv_forward` calls the two functions
# that you have, and finds the edges of a house.

# %% [markdown] include="conv_forward"

# %% [markdown]
# # Part 4. Pooling
#
# A cat that moves one pixel to the left is still a cat. With `pool_forward` you replace each window
# of a feature map with its maximum or its average, and see how much of a shift this forgives.

# %% [markdown] include="pooling"

# %% [markdown]
# # Part 5. Backpropagation
#
# How does the cost change with each of 138 million parameters, as in VGG-16? Trying out one after
# the other takes 276 million forward passes. `conv_backward` and `pool_backward` find all the
# answers in one pass back. For pooling, you also write two helpers, `create_mask_from_window` and
# `distribute_value`.

# %% [markdown] include="backprop"

# %% [markdown]
# # The parts together
#
# A typical block of a network is a convolution layer, an activation function and a pooling layer.
# With your functions you can run such a block forward and backward. In the backward pass the layers
# come in reverse order, and each one passes its gradient to the previous layer.
#
# The cost is $J = \sum G \cdot P$, where $P$ is the output of the block and $G$ an array of random
# numbers of the same shape, so $dP = G$. The cell checks the gradient of one weight against a
# finite difference, through all three layers.

# %%
def block_forward(X, W, b):
    Z, conv_cache = conv_forward(X, W, b, {"stride": 1, "pad": 1})
    P, pool_cache = pool_forward(np.maximum(0, Z), {"f": 2, "stride": 2}, mode="max")
    return P, (Z, conv_cache, pool_cache)


def block_backward(dP, caches):
    Z, conv_cache, pool_cache = caches
    dA = pool_backward(dP, pool_cache, mode="max")
    dZ = dA * (Z > 0)
    return conv_backward(dZ, conv_cache)


np.random.seed(3)
X = np.random.randn(2, 6, 4, 3)
W = np.random.randn(3, 3, 3, 2)
b = np.random.randn(1, 1, 1, 2)
P, caches = block_forward(X, W, b)
G = np.random.randn(*P.shape)
dX, dW, db = block_backward(G, caches)
print("P.shape =", P.shape)
print("dX.shape =", dX.shape)

step = np.zeros(W.shape)
step[2, 1, 0, 1] = 1e-4
up = np.sum(G * block_forward(X, W + step, b)[0])
down = np.sum(G * block_forward(X, W - step, b)[0])
print(f"one weight: finite difference {(up - down) / 2e-4:.6f}, backward pass {dW[2, 1, 0, 1]:.6f}")

# %% [markdown]
# **Expected output**
#
# ```
# P.shape = (2, 3, 2, 2)
# dX.shape = (2, 6, 4, 3)
# one weight: finite difference 4.820019, backward pass 4.820019
# ```

# %% [markdown]
# # Your layers on a photograph
#
# *Optional, not graded.* Your functions are enough to run a trained network. HED
# (*holistically-nested edge detection*, [Xie and Tu, 2015](https://arxiv.org/abs/1504.06375)) was
# trained to draw the edges of photographs. These are its first two blocks and the output layer of
# block 2:
#
# | layer, and its channels | computed by | parameters |
# |---|---|--:|
# | two 3x3 convolutions, padding 1, from 3 to 64 to 64, with ReLU | `conv_forward` | 38,720 |
# | 2x2 max pooling, stride 2 | `pool_forward` | 0 |
# | two 3x3 convolutions, padding 1, from 64 to 128 to 128, with ReLU | `conv_forward` | 221,440 |
# | one 1x1 convolution from 128 to 1, the logits of an edge | `conv_forward` | 129 |
#
# The logits are upsampled to the size of the photograph, and the sigmoid turns them into
# probabilities. The trained weights come with the course. Set `PHOTO` to `"china.jpg"`, a
# photograph that comes with the course, or to a file of your own: in Colab upload it first (the
# folder icon on the left), in Jupyter put it into the folder of this notebook. The longer side of
# the photograph is reduced to 128 pixels. Your loops compute about two million windows, which takes
# about half a minute.
#
# The output of each of your functions is compared with the course's layer. If one is wrong, the
# drawing stops with the name of the layer and the position of its first wrong value.

# %% include="find_packages"

# %%
import os

PHOTO = None  # "china.jpg", "flower.jpg" or a file of your own

if PHOTO and "NBGRADER_EXECUTION" not in os.environ:  # never while your work is graded
    find_packages()
    from convnet.own_edges import draw_with, photograph, show_own_edges

    drawn = draw_with(conv_forward, pool_forward, photograph(PHOTO, size=128))
    show_own_edges(drawn)
    plt.show()

# %% [markdown]
# # Convolution as a matrix product
#
# *Optional, not graded.* The photograph had to be small because a Python loop computes one window
# at a time. Libraries often compute all windows with a single matrix product. They copy the windows
# into the rows of a matrix, a step known as **im2col** ("image to columns"). Here is an image of 3
# x 3 pixels and a kernel of size 2, with stride 1:

# %% jupyter={"source_hidden": true} cellView="form"
small_image = np.array([[1, 2, 0], [0, 1, 3], [2, 1, 1]])
small_kernel = np.array([[1, -1], [0, 2]])
window_rows = np.array([[1, 2, 0, 1], [2, 0, 1, 3], [0, 1, 2, 1], [1, 3, 1, 1]])
small_output = window_rows @ small_kernel.reshape(4, 1)

fig, axes = plt.subplots(1, 5, figsize=(12, 3.4), width_ratios=[3, 2, 4, 1.3, 1.6])
fig.subplots_adjust(0.02, 0.05, 0.98, 0.85, 0.25)
first_and_last = [(0, 0, 2, 2, "tab:orange"), (1, 1, 2, 2, "black")]
draw_grid(axes[0], small_image, "image", windows=first_and_last)
draw_grid(axes[1], small_kernel, "kernel")
their_rows = [(0, 0, 1, 4, "tab:orange"), (3, 0, 1, 4, "black")]
draw_grid(axes[2], window_rows, "X_col: a row for each window", windows=their_rows)
draw_grid(axes[3], small_kernel.reshape(4, 1), "W_col")
draw_grid(axes[4], small_output, "X_col @ W_col")
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Five grids. An image with the rows 1, 2, 0 and 0, 1, 3 and 2, 1, 1, in which the first and the
# last of its four windows of 2 by 2 are outlined. The kernel 1, -1 and 0, 2. A matrix `X_col` of 4
# rows and 4 columns; its first row, 1, 2, 0, 1, holds the values of the first window, its last row,
# 1, 3, 1, 1, the values of the last window. The kernel as a column, `W_col`: 1, -1, 0, 2. Their
# product, 1, 8, 1, 0, is the output, one value for each window.
#
# </details>
#
# With several channels and filters, a row of `X_col` holds the $f \cdot f \cdot n_{C_{prev}}$
# values of a window, and `W_col` has one column for each filter. The rows need no loop over
# windows. Fix a position $(r, q)$ in the kernel: the values that all windows have at this position
# form a copy of the padded input, shifted by $(r, q)$, of which only every $s$-th row and column is
# used. So two short loops over $r$ and $q$ fill `X_col`, whatever the size of the image.
#
# Write `conv_forward_im2col` in the next cell. The cell below it compares your function with your
# `conv_forward` on four inputs, and times both on the last one.


# %%
def conv_forward_im2col(A_prev, W, b, hparameters):
    # 1. Compute n_H and n_W, and pad the input.
    # 2. Make X_col, an array of shape (m, n_H, n_W, f, f, n_C_prev) with the dtype of A_prev. Fill
    #    it with two loops, over r and q: each step copies one shifted part of the padded input.
    # 3. Reshape X_col and W so that one matrix product gives Z, and add the biases.
    Z = None

    return Z, (A_prev, W, b, hparameters)


# %% jupyter={"source_hidden": true} cellView="form"
import time


def compare_layers(loops, im2col):
    """Compare two forward passes on four inputs, and time the last one."""
    rng = np.random.default_rng(0)
    cases = [
        ((1, 4, 5, 1), (2, 2, 1, 1), {"stride": 1, "pad": 0}),
        ((2, 5, 7, 4), (3, 3, 4, 8), {"stride": 2, "pad": 1}),
        ((3, 6, 8, 2), (2, 2, 2, 3), {"stride": 3, "pad": 2}),
        ((1, 32, 48, 3), (3, 3, 3, 16), {"stride": 1, "pad": 1}),
    ]
    for input_shape, filter_shape, hparameters in cases:
        A_prev, W = rng.normal(size=input_shape), rng.normal(size=filter_shape)
        b = rng.normal(size=(1, 1, 1, filter_shape[3]))
        start = time.perf_counter()
        Z, _ = im2col(A_prev, W, b, hparameters)
        middle = time.perf_counter()
        if Z is None:
            return "conv_forward_im2col is not written yet, so nothing was compared."
        expected, _ = loops(A_prev, W, b, hparameters)
        end = time.perf_counter()
        case = f"A_prev of shape {input_shape}, W of shape {filter_shape}, {hparameters}"
        if np.shape(Z) != expected.shape:
            return f"{case}: the shape is {np.shape(Z)}, expected {expected.shape}."
        wrong = np.argwhere(~np.isclose(Z, expected))
        if len(wrong):
            at = tuple(map(int, wrong[0]))
            return f"{case}: Z{list(at)} is {Z[at]:.6g}, expected {expected[at]:.6g}."
    return (
        f"The outputs agree. {expected.size:,} windows: {end - middle:.3f} s with loops, "
        f"{middle - start:.4f} s with im2col: "
        f"{(end - middle) / (middle - start):.0f} times as fast."
    )


print(compare_layers(conv_forward, conv_forward_im2col))

# %% [markdown]
# **Speed costs memory.** With stride 1, `X_col` holds each input value up to $f^2$ times. For a
# photograph of 426 x 640 pixels, `X_col` of the second convolution has $426 \cdot 640$ rows and
# $9 \cdot 64 = 576$ columns: $272{,}640 \cdot 576 \cdot 4 = 628{,}162{,}560$ bytes in float32, nine
# times as much as its input. So `draw_with` passes a large photograph to your function in
# horizontal strips, each so low that its `X_col` takes at most 64 MiB in float32. A strip comes
# with one more row above and below it, because the windows reach there; the output of these two
# rows is dropped.
#
# Set `WHOLE_PHOTO` to draw a photograph of up to 640 pixels on its longer side; `"china.jpg"` keeps
# its full size. That is 57 million windows: your loops would need about ten minutes, and the matrix
# products need seconds.
# `None` in place of `pool_forward` lets the course's layer do the pooling. If you write pooling
# without loops over windows too, pass your function instead.

# %%
WHOLE_PHOTO = None  # "china.jpg", "flower.jpg" or a file of your own

if WHOLE_PHOTO and "NBGRADER_EXECUTION" not in os.environ:  # never while your work is graded
    find_packages()
    from convnet.own_edges import draw_with, photograph, show_own_edges

    start = time.perf_counter()
    drawn = draw_with(conv_forward_im2col, None, photograph(WHOLE_PHOTO, size=640))
    print(f"{drawn.windows:,} windows in {time.perf_counter() - start:.1f} s")
    show_own_edges(drawn)
    plt.show()

# %% [markdown]
# ## What you have built
#
# You started with a border of zeros and ended with a network that draws. On the way you have
# computed by hand what convolution and pooling do, written both layers for any batch, kernel size
# and stride, and sent gradients back through them that agree with finite differences. A
# convolutional network is a stack of such blocks, usually with dense layers at the end; the
# assignment lenet adds those and trains the whole.

# %% [markdown] include="hand_in"
