# %% [markdown]
# # The convolution layer
#
# So far one filter has looked at one grey image. A layer of a network takes a whole batch of images
# with several channels, has several filters, and hands its output on to the next layer. Here you
# see why it is built that way, and compute one completely by hand and in NumPy. The next lesson,
# [The convolution layer in libraries](05_convolution_layer_in_libraries.ipynb), finds the same layer
# in Keras, TensorFlow and PyTorch.
#
# **When you have finished, you will be able to**
#
# 1. explain what local connectivity and weight sharing are, and why a layer that connects every pixel
#    with every neuron needs so many more parameters;
# 2. compute the output of a convolution layer, with several channels and several filters, by hand
#    and in NumPy, and say which window each number comes from;
# 3. count the parameters of a convolution layer.
#
# Time: about 55 minutes. You need the lessons
# [Images and filters](01_images_and_filters.ipynb) and [Padding](03_padding.ipynb), and
# NumPy and Matplotlib.

# %% include="lesson_setup"

# %% [markdown] tags=["row-11"]
# ## Fully connected layers on images
#
# The plainest kind of layer is the *dense* or *fully connected* layer. A network of such layers is
# called a *multilayer perceptron*, or MLP. Each of its neurons takes every number of its input,
# multiplies each by a weight of its own, adds everything up and adds a bias:
#
# $$z_j = \sum_{k} x_k\, W_{k,j} + b_j$$
#
# - $x_k$: the input, a plain row of numbers; $k$ counts them
# - $W_{k,j}$: the weight with which number $k$ of the input enters neuron $j$
# - $b_j$: the bias of neuron $j$
# - $z_j$: what neuron $j$ computes
#
# An image is not a row of numbers. To feed it to a dense layer, it is *flattened*: its rows of
# pixels are laid end to end. Pixels that were one above the other are then far apart.
#
# Here is a handwritten digit of $8 \times 8$ pixels, beside the same 64 pixels in another order.
# The order was drawn at random once, and the same one would be used for every image.

# %%
from convnet.data import digits
from convnet.functional import conv2d
from convnet.plots import draw_grid, draw_image
from lesson_tools.figures import animate

image = digits().train_images[0, :, :, 0]
order = np.random.default_rng(0).permutation(64)
shuffled = image.reshape(64)[order].reshape(8, 8)

fig, axes = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
draw_image(axes[0], image, "a digit")
draw_image(axes[1], shuffled, "the same pixels, shuffled")
present(fig, "Left, a bright ring on black, a zero. Right, the same pixels scattered without form.")

# %% [markdown]
# **Predict, then run.** A dense layer with 10 neurons looks at the digit. A second dense layer
# looks at the shuffled one. The second has the same weights, only in the order of the shuffled
# pixels. Do the two give the same answers?

# %%
rng = np.random.default_rng(1)
W_dense, b_dense = rng.standard_normal((64, 10)), rng.standard_normal(10)

z_image = image.reshape(64) @ W_dense + b_dense
z_shuffled = shuffled.reshape(64) @ W_dense[order] + b_dense
print("from the digit:   ", np.round(z_image[:4], 4), "...")
print("from the shuffled:", np.round(z_shuffled[:4], 4), "...")
np.testing.assert_allclose(z_image, z_shuffled)

# %% [markdown]
# They do. A sum does not depend on the order of its terms. So whatever a dense layer can do with
# digits, it can do equally well with shuffled digits, in which you and I see nothing. Which pixels
# are neighbours is not built into it. If that matters, it has to be learned from examples.
#
# The second trouble is the number of weights. Each neuron has one for each input, and a bias. A
# colour photograph of $224 \times 224$ pixels has $224 \cdot 224 \cdot 3$ =
# [150,528]{= f"{224 * 224 * 3:,}" } numbers. A dense layer with 1,000 neurons on it would have
# $(150{,}528 + 1) \cdot 1{,}000$ = [150,529,000]{= f"{(224 * 224 * 3 + 1) * 1000:,}" } parameters,
# all of them to be stored, and to be learned from examples.

# %% [markdown] tags=["row-11"]
# ## Local connectivity and weight sharing
#
# A convolution layer makes two assumptions about images.
#
# 1. **Local connectivity.** What matters about a pixel shows in its neighbourhood. So each neuron
#    is connected with one small window of the image only.
# 2. **Shared weights.** What is worth looking for at one place is worth looking for at every other
#    place. So all neurons use the same weights, each on its own window. When the image is
#    shifted, what they find is shifted with it; the lesson on [pooling](07_pooling.ipynb) returns
#    to this.
#
# Take an image of $3 \times 3$ pixels and neurons with windows of $2 \times 2$. There are four
# windows, hence four neurons. With the pixels $v_1$ to $v_9$, row by row, and the weights
# $w_1, w_2, w_3, w_4$ and one bias $b$, the four neurons compute
#
# $$\begin{aligned}
# m_1 &= v_1 w_1 + v_2 w_2 + v_4 w_3 + v_5 w_4 + b \\
# m_2 &= v_2 w_1 + v_3 w_2 + v_5 w_3 + v_6 w_4 + b \\
# m_3 &= v_4 w_1 + v_5 w_2 + v_7 w_3 + v_8 w_4 + b \\
# m_4 &= v_5 w_1 + v_6 w_2 + v_8 w_3 + v_9 w_4 + b
# \end{aligned}$$
#
# You know this from the first lesson: it is a $2 \times 2$ filter that slides over the image. But
# it is also a dense layer of a special kind. In its table of weights most entries are missing, and
# the others are four numbers that come again and again. The next figure shows three such tables,
# with a row for each neuron and a column for each pixel. A number $k$ says: weight number $k$ is
# used here. An empty cell says: not connected.

# %% jupyter={"source_hidden": true}
window_pixels = [[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]
dense_table = np.arange(1.0, 37.0).reshape(4, 9)
local_table, shared_table = np.full((4, 9), np.nan), np.full((4, 9), np.nan)
for neuron, pixels in enumerate(window_pixels):
    local_table[neuron, pixels] = np.arange(1, 5) + 4 * neuron
    shared_table[neuron, pixels] = np.arange(1, 5)
tables = {
    "dense: each neuron sees all pixels, 36 weights": dense_table,
    "local: each neuron sees its window, 16 weights": local_table,
    "local and shared: a convolution, 4 weights": shared_table,
}
fig, axes = plt.subplots(3, 1, figsize=(6, 8.2), layout="constrained")
for ax, (title, table) in zip(axes, tables.items(), strict=True):
    draw_grid(ax, table, title)
    ax.set_xticks(range(9), [f"v{k}" for k in range(1, 10)])
    ax.set_yticks(range(4), [f"m{k}" for k in range(1, 5)])
present(
    fig,
    "Three tables with a row for each neuron m1 to m4 and a column for each pixel v1 to v9. The "
    "first is full, with weights 1 to 36. The second has four entries in each row, the pixels of "
    "the neuron's window, with weights 1 to 16. The third has entries at the same places, and "
    "every row uses the weights 1 to 4.",
)

# %% [markdown]
# Each neuron also has a bias; in the convolution they share that too. So there are
#
# - dense: $4 \cdot (9 + 1)$ = [40]{= 4 * (9 + 1) } parameters,
# - local: $4 \cdot (4 + 1)$ = [20]{= 4 * (4 + 1) },
# - local and shared: $4 + 1$ = [5]{= 4 + 1 }.
#
# A single filter is little. A layer has several, each with its own weights and bias, that look for
# different things. A second $2 \times 2$ filter makes it 10 parameters and gives four more
# neurons.
#
# The next cell computes the convolution both ways: with the course's library, and as a dense layer
# whose weights are filled in after the third table. The library's function is `conv2d`. It takes
# images of shape $(m, n_H, n_W, n_C)$, filters, a vector of biases, and, as keywords, the stride and
# the padding, which are 1 and 0 if left out; it returns the output. You write a layer of your own in
# [an assignment](../release/conv_forward/conv_forward.ipynb).

# %%
v = np.array([[1, 0, 2], [3, 1, 0], [2, 2, 1]])
kernel, bias = np.array([[1, 2], [0, -1]]), 5

window_pixels = [[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]  # counted from 0
W_table = np.zeros((9, 4))  # a row for each pixel, a column for each neuron
for neuron, pixels in enumerate(window_pixels):
    W_table[pixels, neuron] = kernel.reshape(4)
m_dense = v.reshape(9) @ W_table + bias

W_conv, b_conv = kernel.reshape(2, 2, 1, 1), np.array([bias])
m_conv = conv2d(v.reshape(1, 3, 3, 1), W_conv, b_conv)
print("as a dense layer:", m_dense)
print("as a convolution:", m_conv.reshape(4))
np.testing.assert_allclose(m_conv.reshape(4), m_dense)

# %% [markdown]
# So a convolution layer is a dense layer with most connections removed and the weights of the
# others shared. It can do less than a dense layer, and that is its strength: what it can do is what
# images need, and the few weights that are left can be learned from fewer examples.
#
# **Where the idea comes from.** Hubel and Wiesel found in 1959 that many neurons in the visual
# cortex of a cat respond only to what happens in a small part of the visual field, the neuron's
# *receptive field*, for example to an edge of a certain direction. Fukushima built a model of this
# in 1980, the *neocognitron*: layers of cells that see small parts, with the same weights at every
# place. In 1989 LeCun and his colleagues trained a network with shared weights by backpropagation
# to read handwritten digits on letters. Today's convolutional networks descend from it.

# %% [markdown] tags=["row-8"]
# ## A single step of convolution
#
# Now the whole calculation, with more than one channel. This is the small image for the rest of
# the lesson. It has 3 rows, 4 columns and 2 channels, and at first there is one filter, of
# $2 \times 2$ pixels and 2 channels, with the bias 1.

# %%
channel_0 = np.array([[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1]])
channel_1 = np.array([[0, 2, 1, 0], [2, 0, 0, 1], [1, 1, 2, 0]])
a_prev = np.stack([channel_0, channel_1], axis=-1)  # the channels are the last axis

filter_0 = np.stack([[[1, 0], [0, 1]], [[0, 2], [-1, 0]]], axis=-1)
bias_0 = 1
print("image", a_prev.shape, "  filter", filter_0.shape)

orange = "tab:orange"
fig, axes = plt.subplots(1, 4, figsize=(9.5, 2.8), width_ratios=[4, 4, 2, 2], layout="constrained")
draw_grid(axes[0], channel_0, "image, channel 0", [(0, 0, 2, 2, orange)])
draw_grid(axes[1], channel_1, "image, channel 1", [(0, 0, 2, 2, orange)])
draw_grid(axes[2], filter_0[:, :, 0], "filter,\nchannel 0")
draw_grid(axes[3], filter_0[:, :, 1], "filter,\nchannel 1")
present(
    fig,
    "Four grids. Channel 0 of the image: 1 0 2 1, 0 3 1 0, 2 1 0 1. Channel 1: 0 2 1 0, 2 0 0 1, "
    "1 1 2 0. The window in rows 0 and 1 and columns 0 and 1 is outlined in both. Filter, channel "
    "0: 1 0, 0 1; channel 1: 0 2, -1 0.",
)

# %% [markdown]
# The filter has as many channels as the image. At one window, multiply place by place in every
# channel, add **everything** up, over rows, columns and channels, and add the bias:
#
# $$z = \sum_{r=0}^{f-1}\ \sum_{q=0}^{f-1}\ \sum_{k=0}^{n_C^{[l-1]}-1}
# a_{r,q,k}\; W_{r,q,k} \;+\; b$$
#
# - $z$: the result, one number
# - $a_{r,q,k}$: the window, a piece of the output $a^{[l-1]}$ of the layer before; for the first
#   layer that is the image. The number in square brackets is a layer, not a power.
# - $W_{r,q,k}$: the weights of the filter, of the same shape as the window; $b$: its bias
# - $f$: height and width of the window; $r$ counts its rows, $q$ its columns
# - $n_C^{[l-1]}$: the channels of the layer before, in code `n_C_prev`; $k$ counts them
#
# **By hand, then run.** Which number does the outlined window give?

# %%
from_channel_0 = 1 * 1 + 0 * 0 + 0 * 0 + 3 * 1
from_channel_1 = 0 * 0 + 2 * 2 + 2 * (-1) + 0 * 0
print("by hand: ", from_channel_0, "+", from_channel_1, "+", bias_0)

window = a_prev[0:2, 0:2, :]
print("in NumPy:", np.sum(window * filter_0) + bias_0, "from a window of shape", window.shape)

# %% [markdown]
# Channel 0 gives [4]{= from_channel_0 }, channel 1 gives [2]{= from_channel_1 }, and with the bias
# it is **[7]{= from_channel_0 + from_channel_1 + bias_0 }**. Two channels went in, and one number
# came out. This is one step of the layer, or what one neuron does. In NumPy it is one line. The
# slice `a_prev[0:2, 0:2, :]` takes rows 0 and 1, columns 0 and 1, and all channels.
#
# You write this step, with its details, in the assignment
# [A single step of convolution](../release/single_step/single_step.ipynb). A published assignment
# checks it on random numbers, and this is what must come out there. In the layer the bias is kept
# in an array, here of shape $(1, 1, 1)$.

# %%
np.random.seed(1)
a_slice_prev = np.random.randn(4, 4, 3)
W = np.random.randn(4, 4, 3)
b = np.random.randn(1, 1, 1)
z_published = conv2d(a_slice_prev[None], W[..., None], b.reshape(1)).item()  # one window only
print("Z =", z_published)
np.testing.assert_allclose(z_published, -6.999089450680221)

# %% [markdown] tags=["row-8", "row-10"]
# ## The forward pass
#
# At each place the filter gives one number. Together they are a matrix, the **feature map** of this
# filter: it shows where in the image the filter found how much of what it looks for. A second
# filter gives a second feature map. The feature maps are stacked, and become the channels of the
# output.
#
# The moving picture shows the small layer at work: two channels in, two filters, two feature maps
# out. Filter 1 has the bias $-1$. Follow one window, and check one number of each map.

# %%
filter_1 = np.stack([[[1, -1], [2, 0]], [[0, 1], [0, -2]]], axis=-1)
W = np.stack([filter_0, filter_1], axis=-1)
b = np.array([1, -1]).reshape(1, 1, 1, 2)
A_prev = a_prev.reshape(1, 3, 4, 2)  # a batch of one image

Z = conv2d(A_prev, W, b.reshape(2))  # the library takes biases as a vector
print("A_prev", A_prev.shape, "  W", W.shape, "  b", b.shape, "  Z", Z.shape)
print("feature map of filter 0:\n", Z[0, :, :, 0])
print("feature map of filter 1:\n", Z[0, :, :, 1])


# %% jupyter={"source_hidden": true}
def draw_step(position):
    """One position of the window: image, both filters, both feature maps as far as they are."""
    h, w = divmod(position, 3)
    fig, axes = plt.subplots(
        2, 4, figsize=(9.5, 4.8), width_ratios=[4, 2, 2, 3], layout="constrained"
    )
    so_far = Z[0].copy()
    so_far[h, w + 1 :], so_far[h + 1 :] = np.nan, np.nan
    for n in range(2):
        draw_grid(axes[n, 0], a_prev[:, :, n], f"image, channel {n}", [(h, w, 2, 2, orange)])
        draw_grid(axes[n, 1], W[:, :, n, 0], f"filter 0,\nchannel {n}")
        draw_grid(axes[n, 2], W[:, :, n, 1], f"filter 1,\nchannel {n}")
        title = f"feature map {n}\n(filter {n}, bias {b[0, 0, 0, n]})"
        draw_grid(axes[n, 3], so_far[:, :, n], title, [(h, w, 1, 1, orange)])
    return fig


animate(
    draw_step,
    range(6),
    "A window of 2 by 2 pixels moves over both channels of the image, from left to right and from "
    "the top down, six places in all. At each place both filters give a number, which appears at "
    "that place in their feature maps. At the end map 0 holds 7 4 3, 1 3 3 and map 1 holds 2 4 0, "
    "-2 -1 1.",
    seconds=1.2,
)

# %% [markdown]
# The number at row $h$ and column $w$ of a feature map comes from the window whose upper left
# corner is at row $h$ and column $w$, because the stride is 1. With stride $s$ and padding, the
# corner is at row $s h$ and column $s w$ of the padded image. As one formula, for every example,
# place and filter:
#
# $$Z^{(i)}_{h,w,c} = \sum_{r=0}^{f-1}\ \sum_{q=0}^{f-1}\ \sum_{k=0}^{n_C^{[l-1]}-1}
# a^{(i)}_{s h + r,\; s w + q,\; k}\; W_{r,q,k,c} \;+\; b_c$$
#
# - $a^{(i)}$: example $i$ of the batch, padded; the number in round brackets is an example
# - $h$, $w$: row and column of the output; $c$ counts the filters
# - $s$: the stride; $r$, $q$, $k$, $f$ and $n_C^{[l-1]}$ as before
#
# These are the arrays, with the names of the assignments, and their shapes in the example:
#
# | array | shape | example |
# |---|---|---|
# | `A_prev` | $(m, n_H^{[l-1]}, n_W^{[l-1]}, n_C^{[l-1]})$ | [(1, 3, 4, 2)]{= A_prev.shape } |
# | `W` | $(f, f, n_C^{[l-1]}, n_C^{[l]})$ | [(2, 2, 2, 2)]{= W.shape } |
# | `b` | $(1, 1, 1, n_C^{[l]})$ | [(1, 1, 1, 2)]{= b.shape } |
# | `Z` | $(m, n_H^{[l]}, n_W^{[l]}, n_C^{[l]})$ | [(1, 2, 3, 2)]{= Z.shape } |
#
# `A_prev` is the input and `Z` the output. `W[:, :, :, c]` is filter $c$, and `b[0, 0, 0, c]` is
# its bias. `Z[i, :, :, c]` is its feature map for example $i$. $n_H$ and $n_W$ are height and
# width, and $m$ is the number of examples. $n_C^{[l]}$ is the number of filters, and so of the
# channels that come out.
#
# The height of the output is $n_H^{[l]} = \lfloor (n_H^{[l-1]} + 2p - f)/s \rfloor + 1$, where $p$
# is the padding on each side and $\lfloor\ \rfloor$ means rounding down. The same holds for the
# width. The lesson [Output sizes](06_output_sizes.ipynb) is about this formula.
#
# **Predict, then run.** A batch of 2 images with 5 rows, 7 columns and 4 channels meets 8 filters
# of $3 \times 3$, with padding 1 and stride 2. What is the shape of `Z`? (The numbers are those of
# the published assignment, and the cell compares with its results.)

# %%
np.random.seed(1)
A_random = np.random.randn(2, 5, 7, 4)
W_random = np.random.randn(3, 3, 4, 8)
b_random = np.random.randn(1, 1, 1, 8)
Z_random = conv2d(A_random, W_random, b_random.reshape(8), stride=2, padding=1)

print("Z.shape =", Z_random.shape)
print("mean    =", Z_random.mean())
np.testing.assert_allclose(Z_random.mean(), 0.5511276474566768)
np.testing.assert_allclose(Z_random[0, 2, 1, :3], [-2.17796037, 8.07171329, -0.5772704], rtol=1e-6)

# %% [markdown]
# The batch is as large as before, 8 filters make 8 channels, and 5 by 7 pixels became 3 by 4.
#
# **Predict, then run.** A filter for colour images, with 3 channels, meets our image of 2 channels.
# What happens?

# %%
W_colour = np.ones((2, 2, 3, 1))
try:
    conv2d(A_prev, W_colour)
except ValueError as error:
    print(error)

# %% [markdown]
# The channels of the filter and of the image must agree. The number of *filters* is free; it is
# chosen, and decides how many channels the next layer gets.

# %% [markdown]
# ### Exercise 1
#
# A third filter has the channels $\begin{pmatrix} 0 & 0 \\ 1 & 1 \end{pmatrix}$ (channel 0) and
# $\begin{pmatrix} 0 & 0 \\ 2 & 0 \end{pmatrix}$ (channel 1) and the bias $-1$. Which number does it
# give at row 1, column 1 of its feature map, with stride 1 and without padding? Do it by hand.

# %%
answer = None
### BEGIN SOLUTION
# The window is a_prev[1:3, 1:3]: channel 0 is [[3, 1], [1, 0]], channel 1 is [[0, 0], [1, 2]].
answer = (1 * 1 + 0 * 1) + (1 * 2) + (-1)
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 1",
    answer,
    2,
    "Write down the window first: two rows, two columns, both channels. Then eight products.",
    [
        (3, "That is the sum of the products. What comes after it?"),
        (0, "That is channel 0 and the bias. The filter has a second channel."),
        (6, "That is the window in the corner. Rows and columns are counted from 0."),
    ],
)

# %% [markdown] tags=["row-8"]
# ## The activation function
#
# Each number of `Z` is then passed through a function $g$, the *activation*. In a convolutional
# network it is most often ReLU, which keeps what is positive and replaces the rest by 0:
#
# $$A = g(Z), \qquad g(z) = \max(0, z), \qquad\text{so}\quad a^{[l]} = g\!\left(z^{[l]}\right)$$
#
# - $A$: the output of the layer, of the same shape as $Z$; it is the input of the next layer
# - $z^{[l]}$: the sums of layer $l$ for one example; $a^{[l]}$: its *activations*
#
# **Predict, then run.** Which of the numbers of our feature maps change?

# %%
A = np.maximum(0, Z)
fig, axes = plt.subplots(1, 4, figsize=(9.5, 2.4), layout="constrained")
for c in range(2):
    draw_grid(axes[2 * c], Z[0, :, :, c], f"Z, map {c}")
    draw_grid(axes[2 * c + 1], A[0, :, :, c], f"A, map {c}")
present(
    fig,
    "Feature map 0 is the same before and after ReLU: 7 4 3, 1 3 3. In map 1, 2 4 0, -2 -1 1, the "
    "two negative numbers become 0.",
)

# %% [markdown]
# Two numbers were negative, and are 0 now. Read it like this: *what the filter looks for is here,
# so strongly; or it is not here*. [Activations](08_activations.ipynb) has more on such
# functions.
#
# **Why not leave it out?** Because then a second layer would add little. Two convolutions in a row,
# with nothing in between, are one convolution with a larger filter. Every weight of the second
# filter picks up a shifted copy of the first, and the copies add up. The next cell adds them up to
# a $5 \times 5$ filter, and compares. (Biases are left out; they would
# only shift the result. So is padding, which would make a difference at the border.)

# %%
rng = np.random.default_rng(2)
picture = rng.standard_normal((1, 9, 10, 1))
first, second = rng.standard_normal((2, 3, 3))

both = np.zeros((5, 5))
for r in range(3):
    for q in range(3):
        both[r : r + 3, q : q + 3] += second[r, q] * first

Z_1 = conv2d(picture, first.reshape(3, 3, 1, 1))
Z_2 = conv2d(Z_1, second.reshape(3, 3, 1, 1))
Z_both = conv2d(picture, both.reshape(5, 5, 1, 1))
np.testing.assert_allclose(Z_2, Z_both)

Z_relu = conv2d(np.maximum(0, Z_1), second.reshape(3, 3, 1, 1))
print("two layers, no activation, against one layer:", np.abs(Z_2 - Z_both).max() < 1e-12)
print("largest difference with ReLU in between:     ", np.abs(Z_relu - Z_both).max().round(2))

# %% [markdown]
# With ReLU in between the result is another one, and in general no filter of any size gives it. A
# convolution answers the negative of a picture with the negative of its numbers; with ReLU in
# between, that is no longer so. Two layers can then do what one cannot.
#
# The two layers show something else. One number of the second layer depends on $5 \times 5$ pixels
# of the image, although each filter is $3 \times 3$. Layer by layer the numbers see more of the
# image. That is why a network is a stack of pairs, convolution and activation, often with
# [pooling](07_pooling.ipynb) in between. Filters of the first layers find small things such as
# edges and patches of colour. Later layers combine these into corners, textures and parts, such as
# an eye or a wheel, and the last ones tell what is in the picture. This is called a *hierarchy of
# features*. [What filters see](13_what_filters_see.ipynb) looks into a trained network for it.

# %% [markdown] tags=["row-11"]
# ## Counting parameters
#
# A filter has $f \cdot f \cdot n_C^{[l-1]}$ weights and one bias. With $n_C^{[l]}$ filters, the
# layer has
#
# $$\left(f \cdot f \cdot n_C^{[l-1]} + 1\right) \cdot n_C^{[l]}$$
#
# parameters. The height and the width of the image are not in this formula.
#
# **Predict, then run.** An image of $32 \times 32$ pixels is grey (1 channel) or in colour (3). A
# layer has one filter of $5 \times 5$, or four. Write down the four shapes of the output and the
# four numbers of parameters.

# %%
for n_C_prev in (1, 3):
    for n_C in (1, 4):
        X_32, W_32 = np.zeros((1, 32, 32, n_C_prev)), np.zeros((5, 5, n_C_prev, n_C))
        b_32 = np.zeros(n_C)
        Z_32 = conv2d(X_32, W_32, b_32)
        print(f"(32, 32, {n_C_prev}), {n_C} of 5 x 5: output {Z_32.shape[1:]},", end=" ")
        print(W_32.size + b_32.size, "parameters")

# %% [markdown]
# The colour image needs more weights, [76]{= 5 * 5 * 3 + 1 } for one filter, since the filter has
# three channels. But the feature map of one filter is $28 \times 28 \times 1$ for both images: the
# channels of the input are summed up.
#
# A dense layer from the same colour image to the same $28 \cdot 28 \cdot 4$ outputs would have
# [9,636,928]{= f"{(32 * 32 * 3 + 1) * 28 * 28 * 4:,}" } parameters, and the convolution layer has
# [304]{= (5 * 5 * 3 + 1) * 4 }. Part of this is local connectivity: each neuron has
# [75]{= 5 * 5 * 3 } connections and not [3,072]{= f"{32 * 32 * 3:,}" }. The other part is sharing:
# all [784]{= 28 * 28 } neurons of a feature map use the same weights.

# %% [markdown]
# ### Exercise 2
#
# A layer of a well-known network has 128 filters of $3 \times 3$ on an input with 64 channels. How
# many parameters does it have?

# %%
answer = None
### BEGIN SOLUTION
answer = (3 * 3 * 64 + 1) * 128
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 2",
    answer,
    73856,
    "Count the weights of one filter first. Then its bias. Then take all filters.",
    [
        (73728, "These are the weights. Each filter has something else."),
        (73729, "Does one bias serve the whole layer?"),
        (1280, "That is for an input with one channel: (3 * 3 + 1) * 128."),
        (73792, "One bias for each channel of the input: whose biases are they?"),
    ],
)

# %% [markdown] tags=["row-10"]
# ## Four filters on a photograph
#
# The weights do not depend on the size of the image, so one layer works on images of any size. The
# next layer has four filters of $3 \times 3$ with 3 channels, written by hand:
#
# - filters 0 and 1 are the two Sobel filters from the first lesson, a third in each colour: they
#   ask where it gets brighter to the right, and where it gets brighter downwards;
# - filters 2 and 3 look at the middle pixel only and compare colours: red against the mean of green
#   and blue, and green against the mean of red and blue.
#
# The cell sends a photograph through the layer, and then a part of it.

# %%
from sklearn.datasets import load_sample_image

photo = load_sample_image("flower.jpg")[None] / 255  # a batch of one, values from 0 to 1
part = photo[:, 87:, 150:490]
sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])

W_photo = np.zeros((3, 3, 3, 4))
W_photo[:, :, :, 0] = sobel[:, :, None] / 3  # the same in all three channels
W_photo[:, :, :, 1] = sobel.T[:, :, None] / 3
W_photo[1, 1, :, 2] = [1, -0.5, -0.5]
W_photo[1, 1, :, 3] = [-0.5, 1, -0.5]

for X in (photo, part):
    Z_photo = conv2d(X, W_photo, padding=1)
    A_photo = np.maximum(0, Z_photo)
    print(X.shape, "to", A_photo.shape)

# %% [markdown]
# The layer has [112]{= W_photo.size + 4 } parameters for both. **Predict, then look.** The part
# shows an orange flower before dark leaves. Which of the four maps is bright on the whole flower,
# and which on the leaves? On which side of the flower does map 0 show its outline, and map 1?

# %% jupyter={"source_hidden": true}
titles = ["brighter to the right", "brighter downwards", "red", "green"]
fig = plt.figure(figsize=(9.5, 4.9), layout="constrained")
grid = fig.add_gridspec(2, 3, width_ratios=[2.2, 1, 1])
panels = [(part[0], "the part of the photograph", grid[:, 0])]
panels += [(A_photo[0, :, :, c], f"{c}: {titles[c]}", grid[c // 2, 1 + c % 2]) for c in range(4)]
for picture, title, place in panels:
    ax = fig.add_subplot(place)
    ax.imshow(picture, cmap="gray", vmin=0, vmax=0.6 * picture.max())
    ax.set_title(title)
    ax.axis("off")
present(
    fig,
    "An orange flower before dark green leaves, with a part of a second one at the lower edge, and "
    "four feature maps. Map 0 shows bright lines at the left edges of the petals, map 1 at their "
    "upper edges. Map 2 is bright on both flowers and nearly black elsewhere. Map 3 is nearly "
    "black on the flowers and grey to white on the leaves.",
)

# %% [markdown]
# The flower is brighter than what surrounds it. From left to right it gets brighter at its left
# edge, and map 0 shows that edge. At the right edge the answer of the filter is negative, and ReLU
# has made it 0. In the same way map 1 has the upper edge and not the lower one. Orange is rich in
# red, so map 2 shows the whole flower, and map 3 shows the leaves. A filter has weights for every
# channel, and can ask how the channels *compare*. In networks that have learned from colour
# photographs, the first layer usually has filters of both kinds, for edges and for colours.

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. explain the two assumptions of a convolution layer, local connectivity and weight sharing, and
#    why its parameters are few: windows are small, and weights are shared;
# 2. compute the output of a convolution layer: at each window and for each filter, multiply place
#    by place, add up over rows, columns and channels, and add the bias; the number at $(h, w)$
#    comes from the window with its corner at $(s h, s w)$ of the padded image, the feature maps
#    are stacked as channels, and $A = g(Z)$ follows;
# 3. count its parameters, $(f \cdot f \cdot n_C^{[l-1]} + 1) \cdot n_C^{[l]}$, whatever the size of
#    the image.
#
# ## What to read next
#
# - The next lesson,
#   [The convolution layer in libraries](05_convolution_layer_in_libraries.ipynb): the same layer in
#   Keras, TensorFlow and PyTorch.
# - [Output sizes](06_output_sizes.ipynb) follows shapes through whole models.
# - Practise with the assignments
#   [A single step of convolution](../release/single_step/single_step.ipynb) and
#   [The forward pass](../release/conv_forward/conv_forward.ipynb), in which you write the layer.
# - Y. LeCun and others, "Backpropagation applied to handwritten zip code recognition", *Neural
#   Computation* 1, 1989: local connections and shared weights in one of the first such networks.
# - A. Karpathy and others, [course notes of Stanford's
#   CS231n](https://cs231n.github.io/convolutional-networks/), the part on convolution layers.
# - K. Fukushima, "Neocognitron: a self-organizing neural network model for a mechanism of pattern
#   recognition unaffected by shift in position", *Biological Cybernetics* 36, 1980.
