# %% [markdown]
# # Convolutional networks, step by step
#
# In this notebook you build the two layers that convolutional networks are made of, convolution
# and pooling, forwards and backwards, in plain NumPy: eight functions, from a border of zeros to
# the gradients that a network learns from. It collects the five assignments on padding, the
# single step, the forward pass, pooling and backpropagation.
#
# When you have finished, you will be able to
#
# 1. explain, with a small example worked by hand, what convolution and pooling compute,
# 2. write both layers for a whole batch of images, with any size of window, stride and padding,
# 3. send gradients back through both of them, and check them yourself.
#
# You need Python, the basics of NumPy (arrays, shapes and slices) and, for the last part, the
# notion of a derivative. Time: seven hours or so. Each part ends with a recap, which is a good
# place to stop.

# %% include="setup"

# %% [markdown]
# ## Outline
#
# | part | function | what it does | points |
# |---|---|---|---|
# | 1 | `zero_pad` | puts a border of zeros round the images of a batch | 5 |
# | 2 | `conv_single_step` | applies one filter to one window | 5 |
# | 3 | `conv_forward` | slides every filter over every image | 20 |
# | 4 | `pool_forward` | summarises windows by their maximum or average | 15 |
# | 5 | `conv_backward` | gradients of the convolution layer | 20 |
# | 5 | `create_mask_from_window` | marks the maximum of a window | 5 |
# | 5 | `distribute_value` | spreads one number evenly over a window | 5 |
# | 5 | `pool_backward` | gradient of the pooling layer | 15 |
# | | | **together** | **90** |
#
# **The functions build on each other.** `conv_forward` calls your `zero_pad` and your
# `conv_single_step`; `conv_backward` calls your `zero_pad`; `pool_backward` calls your
# `create_mask_from_window` and your `distribute_value`. So a mistake in an early function shows
# up in later outputs as well, and it pays to make each check pass before you go on.
#
# It does not cost you points twice, though. Each question is judged by itself: where a helper of
# yours is wrong, the function that calls it is judged with a right one in its place. And if one
# function defeats you, leave it and go on with the next that does not need it.

# %% [markdown]
# ## Notation
#
# Every part explains the symbols it uses. These are the ones they share.
#
# | symbol | meaning |
# |---|---|
# | $m$ | the number of examples (images) in a batch |
# | $n_H,\ n_W,\ n_C$ | height, width and number of channels of a layer's output |
# | $n_{H_{prev}},\ n_{W_{prev}},\ n_{C_{prev}}$ | the same for the input of the layer |
# | $f$ | height and width of a square filter or window |
# | $\text{stride}$, in part 3 also $s$ | pixels that the window moves from one output to the next |
# | $\text{pad}$, also $p$ | zeros on **each side** of the height and of the width |
# | $i,\ h,\ w,\ c$ | example, row, column and channel of an output |
# | $r,\ q,\ k$ | row, column and channel inside a window |
# | $a^{[l]},\ W^{[l]},\ b^{[l]}$ | activations, weights and biases of layer $l$ |
# | $n_H^{[l]},\ n_W^{[l]},\ n_C^{[l]}$ | sizes of layer $l$; $n_{H_{prev}}$ is $n_H^{[l-1]}$ |
# | $x^{(i)}$ | example $i$ of a batch |
# | $Z$, $A = g(Z)$ | output of a convolution, and the same after an activation function $g$ |
# | $dZ$, $dA$, $dW$, $db$ | gradients of the cost with respect to $Z$, $A$, $W$, $b$ |
#
# Arrays of images have the shape $(m, n_H, n_W, n_C)$: the channels come last. All indices start
# at 0. "Convolution" means cross-correlation, as in every library for neural networks: the filter
# is not flipped before it slides over the image.

# %% [markdown]
# # Part 1. Padding
#
# What an image is to NumPy, and the border of zeros that is often put round it. You write
# `zero_pad`.

# %% [markdown] include="padding"

# %% [markdown]
# # Part 2. A single step of convolution
#
# One filter at one position of the image gives one number. You write `conv_single_step`.

# %% [markdown] include="single_step"

# %% [markdown]
# # Part 3. The convolution layer, forwards
#
# Every filter at every position of every image. You write `conv_forward`, which calls your
# `zero_pad` and your `conv_single_step`.

# %% [markdown] include="conv_forward"

# %% [markdown]
# # Part 4. Pooling
#
# A convolution layer reports how strongly a pattern is present at every place of an image. A
# pooling layer makes that report shorter: it replaces every window by its maximum or its average.
# You write `pool_forward`.

# %% [markdown] include="pooling"

# %% [markdown]
# # Part 5. Backpropagation
#
# How the cost changes with every weight, bias and pixel. You write `conv_backward`,
# `create_mask_from_window`, `distribute_value` and `pool_backward`.

# %% [markdown] include="backprop"

# %% [markdown]
# # The parts together
#
# A convolution layer is usually followed by an activation, and often by pooling. With your
# functions you can run such a block forwards and backwards: convolution, ReLU, max pooling. On
# the way back the layers come in the opposite order, and each hands its gradient on to the one
# before it.
#
# As in part 5, the cost is $J = \sum G \cdot P$, where $P$ is the output of the block and $G$ an
# array of random numbers in the same shape, so that $dP = G$. One weight is nudged, and the slope
# is compared with what has come back through three layers.

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
print(f"one weight: nudged {(up - down) / 2e-4:.6f}, backwards {dW[2, 1, 0, 1]:.6f}")

# %% [markdown]
# **Expected output**
#
# ```
# P.shape = (2, 3, 2, 2)
# dX.shape = (2, 6, 4, 3)
# one weight: nudged 4.820019, backwards 4.820019
# ```

# %% [markdown]
# # Your layers on a photograph
#
# This part is optional and not graded. You have written all that some trained networks need. HED
# (*holistically-nested edge detection*, [Xie and Tu, 2015](https://arxiv.org/abs/1504.06375)) was
# trained to draw the edges of photographs. Its first two blocks consist of
#
# | layer, and its channels | computed by | parameters |
# |---|---|--:|
# | two 3x3 convolutions, padding 1, of 3 to 64 to 64, with ReLU | `conv_forward` | 38,720 |
# | 2x2 max pooling, stride 2 | `pool_forward` | 0 |
# | two 3x3 convolutions, padding 1, of 64 to 128 to 128, with ReLU | `conv_forward` | 221,440 |
# | one 1x1 convolution of 128 to 1, the logits of an edge | `conv_forward` | 129 |
#
# The logits are enlarged to the size of the photograph, and the sigmoid makes probabilities of
# them. The trained weights come with the course. Set `PHOTO` to `"china.jpg"`, a photograph that
# comes with scikit-learn, or to a photograph of your own: in Colab upload it first (the folder
# symbol on the left), in Jupyter put it beside this notebook. Your loops compute about two million
# windows, which takes half a minute or so; the progress bar says which layer is computed.
#
# Every output of your functions is compared with that of the course's layers. If a layer is wrong,
# the drawing stops there and says which one it is, and where its first wrong value is.

# %% begin="find_packages" jupyter={"source_hidden": true} cellView="form"
# Run this cell; there is nothing to change in it. It prepares the cell below.

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
# ## Recap of the whole notebook
#
# You can now
#
# 1. explain what convolution and pooling compute: a filter multiplies a window entry by entry,
#    adds up and adds its bias; pooling takes the maximum or the average of a window, channel by
#    channel;
# 2. write both layers for a whole batch, with the size
#    $\lfloor (n_{prev} - f + 2\,\text{pad})/\text{stride} \rfloor + 1$ in each direction;
# 3. send gradients back: every output to the window, the weights and the bias it was made from,
#    and check them by nudging.
#
# Blocks like this one, stacked, with one or more fully connected layers at the end, are a
# convolutional network. Your loops compute the right numbers, but slowly; libraries compute the
# same numbers fast.

# %% [markdown] include="hand_in"
