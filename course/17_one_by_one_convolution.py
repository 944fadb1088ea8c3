# %% [markdown]
# # 1x1 convolution
#
# A convolution with a window of one single pixel looks at no neighbour at all. That seems useless,
# yet many networks have dozens of such layers. A $1 \times 1$ convolution mixes channels. It is a
# fully connected layer, applied to each pixel by itself. Together with one window as large as what
# the layers before have left of the image, it takes the place of all fully connected layers at the
# end of a network, and the network then takes images of nearly any size.
#
# **When you have finished, you will be able to**
#
# 1. say what a $1 \times 1$ convolution computes, write it as one matrix product, and count its
#    parameters;
# 2. turn the fully connected layers of a network into convolutions with the same weights and the
#    same numbers, and run the network on images larger than those it was trained on;
# 3. say which sizes of input such a network takes, how large the map of its answers is, why a
#    `Dense` layer cannot do that, and which shape the labels need.
#
# Time: about 75 minutes. You need [the convolution layer](04_convolution_layer.ipynb),
# [output sizes](06_output_sizes.ipynb), [pooling](07_pooling.ipynb), and softmax
# and cross-entropy from [losses](09_losses.ipynb). Packages: NumPy,
# Matplotlib, scikit-learn, h5py and tqdm. The cells for Keras, TensorFlow and PyTorch are passed
# over where those are not installed.

# %% include="lesson_setup"

# %% [markdown] tags=["row-24"]
# ## A window of one pixel
#
# A filter of a convolution layer covers $f \times f$ pixels and *all* channels. With $f = 1$, what
# is left are the channels: the filter has one weight for each, and makes one number from each
# pixel.
#
# **By hand.** The image below has $2 \times 2$ pixels and 3 channels, and there are two filters.
# The pixel in row 0 and column 0 has the values 1, 2 and 0.
#
# - Filter 0 has the weights 1, 0 and $-1$, and the bias 0. From that pixel it makes
#   $1 \cdot 1 + 2 \cdot 0 + 0 \cdot (-1) + 0 = 1$.
# - Filter 1 has the weights 0, 2 and 1, and the bias 1. From that pixel it makes
#   $1 \cdot 0 + 2 \cdot 2 + 0 \cdot 1 + 1 = 5$.
#
# Now do the pixel in row 1 and column 1, with the values 2, 2 and 2, before you run the cells.

# %%
from convnet.functional import conv2d

A_prev = np.array([[[[1, 2, 0], [0, 1, 1]], [[3, 0, 1], [2, 2, 2]]]])
W = np.array([[1, 0], [0, 2], [-1, 1]]).reshape(1, 1, 3, 2)
b = np.array([0, 1])

Z = conv2d(A_prev, W, b)
print("shapes:", A_prev.shape, "and", W.shape, "give", Z.shape)

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

orange = "tab:orange"
fig, axes = plt.subplots(1, 5, figsize=(10, 2.6), layout="constrained")
pixel = [(0, 0, 1, 1, orange)]
for channel, ax in enumerate(axes[:3]):
    draw_grid(ax, A_prev[0, :, :, channel], f"input, channel {channel}", pixel)
for channel, ax in enumerate(axes[3:]):
    draw_grid(ax, Z[0, :, :, channel], f"output, channel {channel}", pixel)
present(
    fig,
    "Five grids of 2 by 2 cells. The input's channels are 1 0, 3 2; then 2 1, 0 2; then 0 1, 1 2. "
    "The output's channels are 1 -1, 2 0 and 5 4, 2 7. In each the pixel in row 0 and column 0 is "
    "outlined: from 1, 2 and 0 become 1 and 5.",
)

# %% [markdown]
# The pixel 2, 2, 2 becomes [0]{= f"{Z[0, 1, 1, 0]:.0f}" } and [7]{= f"{Z[0, 1, 1, 1]:.0f}" }.
#
# **The formula**, for stride 1 and no padding. For every example $i$, row $h$, column
# $w$ and output channel $c$
#
# $$Z[i, h, w, c] = \sum_{q} A_{\text{prev}}[i, h, w, q] \cdot W[0, 0, q, c] + b[c],$$
#
# where $A_{\text{prev}}$ is the input of shape $(m, n_H, n_W, n_C^{\text{prev}})$ with $m$
# examples, $q$ counts its channels, $W$ are the weights of shape $(1, 1, n_C^{\text{prev}}, n_C)$,
# $b$ are the $n_C$ biases, and $Z$ is the output of shape $(m, n_H, n_W, n_C)$. The same $h$ and
# $w$ stand on both sides: nothing moves from one pixel to another. Height and width stay, only the
# number of channels can change. (There are $1 \times 1$ convolutions with stride 2 as well. They
# leave out every other row and column.)
#
# The sum over $q$ is a row times a matrix. NumPy's `@` does that for all pixels at once, since it
# works on the last axis and leaves those before it as they are. So a $1 \times 1$ convolution is
# one line without a loop:

# %%
np.testing.assert_array_equal(A_prev @ W[0, 0] + b, Z)
print((A_prev @ W[0, 0] + b)[0, 1, 1])

# %% [markdown] tags=["row-24"]
# ## You know one already: grey from colour
#
# A colour photograph has three channels. A weighted sum of them makes it grey, and that is a
# $1 \times 1$ convolution with three weights. Common weights for brightness are 0.299 for red,
# 0.587 for green and 0.114 for blue, since to the eye green is the brightest of the three and blue
# the darkest. The second filter of the cell is our own: red minus blue.
#
# **Predict, then run.** Where will the second channel be positive, and where negative? The
# photograph shows a tower with dark red walls and orange roofs between green trees, in front of a
# blue sky.

# %%
from sklearn.datasets import load_sample_image

photo = load_sample_image("china.jpg")[::3, ::3] / 255
filters = np.array([[0.299, 1], [0.587, 0], [0.114, -1]]).reshape(1, 1, 3, 2)
mixed = conv2d(photo[None], filters)
print(photo[None].shape, "becomes", mixed.shape)

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_image

fig, axes = plt.subplots(1, 3, figsize=(11, 2.9), layout="constrained")
axes[0].imshow(photo)
axes[0].set_title("input, 3 channels")
draw_image(axes[1], mixed[0, :, :, 0], "channel 0: brightness")
draw_image(axes[2], mixed[0, :, :, 1], "channel 1: red minus blue")
present(
    fig,
    "A photograph of a Chinese tower with dark red walls, orange roofs, trees and a blue sky; the "
    "same in grey; and its red minus its blue: the roofs are dark purple, which is positive, walls "
    "and trees a paler purple, and the sky is orange, negative, and fades towards the lower right.",
)

# %% [markdown]
# Channel 1 is largest on the orange roofs, which are bright and have little blue. It is positive on
# most of the walls, but small there, since they are dark. On most of the trees it is positive too:
# their green has more red than blue in it. In nearly all of the sky it is negative. Neither output
# is blurred, as each of its pixels comes from a single pixel. A $1 \times 1$ convolution looks at
# colours, and sees no edge and no shape. It is good for mixing channels, and deep in a network
# there are hundreds of them.

# %% [markdown] tags=["row-24"]
# ## The fully connected layer of a pixel: 21 and 21
#
# A fully connected layer (`Dense` in Keras, `Linear` in PyTorch) takes a vector to a vector: each
# output is a weighted sum of all inputs, with a bias. From 6 numbers to 3 it has $6 \cdot 3$
# weights and 3 biases.
#
# A $1 \times 1$ convolution from 6 channels to 3 has 3 filters of $1 \cdot 1 \cdot 6$ weights, with
# one bias each.
#
# **Predict, then run.** How many parameters has each? On an image of a single pixel, can you tell
# the two layers apart?

# %%
from convnet.functional import linear

rng = np.random.default_rng(0)
W_dense, b = rng.normal(size=(6, 3)), rng.normal(size=3)
W_conv = W_dense.reshape(1, 1, 6, 3)

vector = rng.normal(size=(1, 6))
from_dense = linear(vector, W_dense, b)
from_conv = conv2d(vector.reshape(1, 1, 1, 6), W_conv, b)

print("fully connected:", W_dense.size + b.size, "parameters,", from_dense.shape)
print("1x1 convolution:", W_conv.size + b.size, "parameters,", from_conv.shape)
np.testing.assert_allclose(from_dense[0], from_conv[0, 0, 0])

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 2, figsize=(10, 4.3), width_ratios=[2, 3], layout="constrained")
inputs, outputs = [(0, 5 - k) for k in range(6)], [(2, 4 - 1.5 * k) for k in range(3)]
for x in inputs:
    for y in outputs:
        axes[0].plot(*zip(x, y, strict=True), color="0.6", linewidth=1)
for nodes, face in ((inputs, "white"), (outputs, "lightblue")):
    axes[0].scatter(*zip(*nodes, strict=True), s=320, c=face, edgecolors="black", zorder=2)
axes[0].set_title("fully connected, 6 to 3: 21 parameters")
for left, count, face in ((0, 6, "white"), (6.6, 3, "lightblue")):
    for k in range(count):  # the last channel is in front
        x, y = left + 0.3 * (count - 1 - k), 0.3 * (count - 1 - k)
        box = plt.Rectangle((x, y), 3, 2.4, facecolor="white", edgecolor="black", zorder=k)
        axes[1].add_patch(box)
        grid = {"color": "0.8", "linewidth": 0.8, "zorder": k}
        axes[1].vlines(x + 0.6 * np.arange(1, 5), y, y + 2.4, **grid)
        axes[1].hlines(y + 0.6 * np.arange(1, 4), x, x + 3, **grid)
    corner = (left + 1.2, 0.6)
    pixel = plt.Rectangle(corner, 0.6, 0.6, fc=face, ec=orange, lw=2, zorder=count)
    axes[1].add_patch(pixel)
arrow = {"arrowstyle": "->", "lw": 2}
axes[1].annotate("", (6.5, 1.6), (4.8, 1.6), arrowprops=arrow)
axes[1].set_title("1x1 convolution, 6 channels to 3: the same 21 at every pixel")
axes[1].set(xlim=(-0.2, 10.6), ylim=(-0.4, 4.4), aspect="equal")
for ax in axes:
    ax.axis("off")
present(
    fig,
    "On the left six circles, each joined by a line to each of three circles. On the right a stack "
    "of six channels of 4 by 5 pixels, with one pixel outlined, an arrow, and a stack of three "
    "channels of the same size, with the same pixel outlined.",
)

# %% [markdown]
# Both have [21]{= W_dense.size + b.size } parameters, and the numbers are the same. A
# $1 \times 1$ convolution *is* a fully connected layer, from the channels of a pixel to the
# channels of a pixel, and it is the same one at every pixel.
#
# **Predict, then run.** Now the image has 4 rows and 5 columns, with 6 channels. How many
# parameters does the $1 \times 1$ convolution need? And a fully connected layer that gets the whole
# image as one vector and gives 3 numbers?

# %%
image = rng.normal(size=(1, 4, 5, 6))
Z = conv2d(image, W_conv, b)
print("1x1 convolution:", W_conv.size + b.size, "parameters, gives", Z.shape)
print("fully connected:", image[0].size * 3 + 3, "parameters, gives", (1, 3))

# %% [markdown]
# The convolution still has 21. It does not care how many pixels there are, and it gives three
# numbers *for each* of them. The fully connected layer has $4 \cdot 5 \cdot 6 \cdot 3 + 3 =$
# [363]{= image[0].size * 3 + 3 } and gives three numbers for the whole image. These are two
# different things, and the rest of the lesson is about how to get from one to the other.
#
# ### Exercise 1
#
# A layer takes images of $56 \times 56$ pixels with 64 channels to 16 channels, by a $1 \times 1$
# convolution with biases. How many parameters has it?

# %%
answer = None
### BEGIN SOLUTION
answer = 64 * 16 + 16
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 1",
    answer,
    1040,
    "One filter has a weight for each input channel, and a bias. How many filters are there?",
    [
        (1024, "Those are the weights. Each filter has a bias as well."),
        (1088, "There is one bias for each output channel, not for each input channel."),
        (56 * 56 * 1040, "The same filters are used at every pixel: they count once."),
        (64 * 16 * 9 + 16, "That is a 3x3 convolution."),
    ],
)

# %% [markdown] tags=["row-24"]
# ## The same layer in Keras, TensorFlow and PyTorch
#
# All three get the 21 parameters of above and the image of $4 \times 5$ pixels. There is no special
# layer: it is a convolution whose kernel size is 1. Keras and TensorFlow keep the weights as we do,
# in the order height, width, input channels, output channels. PyTorch has images channels-first and
# weights with the output channels first.

# %% needs="keras tensorflow"
import keras
import tensorflow as tf

image_32 = image.astype(np.float32)
layer = keras.layers.Conv2D(3, kernel_size=1)
layer.build(image_32.shape)
layer.set_weights([W_conv, b])
np.testing.assert_allclose(layer(image_32), Z, rtol=1e-4, atol=1e-5)

from_tf = tf.nn.conv2d(image, W_conv, strides=1, padding="VALID") + b
np.testing.assert_allclose(from_tf, Z)
print("Keras:", layer.count_params(), "parameters; Keras and TensorFlow give the same numbers.")

# %% needs="torch"
import torch

torch_layer = torch.nn.Conv2d(6, 3, kernel_size=1, dtype=torch.float64)
with torch.no_grad():
    torch_layer.weight.copy_(torch.tensor(W_conv.transpose(3, 2, 0, 1)))
    torch_layer.bias.copy_(torch.tensor(b))
    from_torch = torch_layer(torch.tensor(image.transpose(0, 3, 1, 2)))
np.testing.assert_allclose(from_torch.permute(0, 2, 3, 1), Z)
count = sum(parameter.numel() for parameter in torch_layer.parameters())
print("PyTorch:", count, "parameters, the same numbers.")

# %% [markdown]
# A trap on the way: `keras.layers.Dense` and `torch.nn.Linear` act on the *last axis* and leave the
# others as they are, like NumPy's `@`. **Predict, then run.** What does `Dense(3)` make of the
# image of shape $(1, 4, 5, 6)$, if nobody flattens it?

# %% needs="keras tensorflow"
dense = keras.layers.Dense(3)
dense.build(image_32.shape)
dense.set_weights([W_dense, b])
print("Dense:", dense.count_params(), "parameters, gives", dense(image_32).shape)
np.testing.assert_allclose(dense(image_32), Z, rtol=1e-4, atol=1e-5)

# %% [markdown]
# Without `Flatten` before it, `Dense` is a $1 \times 1$ convolution, with 21 parameters. A
# forgotten `Flatten` therefore raises no error here. It shows in the shape of the output, and in
# the number of parameters: 21 in place of 363. In PyTorch the last axis of an image is its width,
# so there `Linear` mixes the columns and not the channels.

# %% [markdown] tags=["row-24"]
# ## Flatten and Dense are a convolution too
#
# Many networks for classification, LeNet and VGG among them, end with `Flatten` and `Dense`. So
# does the course's network for handwritten digits of $8 \times 8$ pixels, which comes with its
# trained weights.

# %%
from convnet.data import digits
from convnet.models import trained

network, data = trained("digits"), digits()
print(network.summary())

# %% [markdown]
# Its last layer gets the $4 \times 4 \times 16$ numbers of the pooling layer as a vector of 256,
# and has a weight for each of them and each of the 10 classes. So it computes 10 weighted sums over
# all places and all channels. That is what a convolution computes at *one* position of its window,
# if the window is as large as its input: 10 filters of $4 \times 4 \times 16$ weights. Only the
# shape of the array of weights changes,
#
# $$(n_H \cdot n_W \cdot n_C,\; n_{\text{units}}) \longrightarrow
# (n_H,\, n_W,\, n_C,\, n_{\text{units}}),$$
#
# where $n_H \times n_W \times n_C$ is the shape before `Flatten` and $n_{\text{units}}$ the number
# of outputs of `Dense`. `reshape` does that and leaves the order of the numbers as it is, because
# `Flatten` goes row by row, in a row column by column, and in a pixel channel by channel. (PyTorch
# flattens channel by channel, in a channel row by row, and its weights have the units first: there
# it is `weight.reshape(n_units, n_C, n_H, n_W)`, which is the shape that its convolution wants.)
#
# Further `Dense` layers, where there are any, come after that and become $1 \times 1$ convolutions.
#
# The cell writes the network down again, with its own weights, and with a convolution in place of
# `Flatten` and `Dense`.

# %%
from convnet.functional import max_pool2d, relu

first, second, last = (network.layers[k].parameters for k in (0, 2, 6))
W_last = last["W"].reshape(4, 4, 16, 10)


def scores_by_convolutions(X):
    """The digits network's scores, (m, n_H, n_W, 10), for images X of 8 x 8 pixels or more."""
    A = relu(conv2d(X, first["W"], first["b"], padding=1))
    A = relu(conv2d(A, second["W"], second["b"], padding=1))
    return conv2d(max_pool2d(A, 2), W_last, last["b"])


scores = scores_by_convolutions(data.test_images)
print(network.scores(data.test_images).shape, "became", scores.shape)
np.testing.assert_allclose(scores[:, 0, 0], network.scores(data.test_images), rtol=1e-4, atol=1e-4)

# %% [markdown]
# The same scores for all [297]{= len(scores) } test images, up to rounding. And the new form can do
# something that the old one cannot.

# %% [markdown] tags=["row-24"]
# ## A larger picture: a map of answers
#
# Here are five digits that the network has not been trained on, on a picture of $24 \times 44$
# pixels.
#
# **Predict, then run.** What is the shape of the scores? The pooling layer halves height and width,
# and the last window is $4 \times 4$.

# %%
picture = np.zeros((1, 24, 44, 1), dtype=np.float32)
corners = [(2, 2), (12, 10), (4, 20), (14, 28), (6, 34)]  # row and column of each digit
for (row, column), digit in zip(corners, data.test_images[5:10], strict=True):
    picture[0, row : row + 8, column : column + 8] = digit

scores = scores_by_convolutions(picture)
print(scores.shape)

# %% [markdown]
# The scores are a map of $24/2 - 4 + 1 = 9$ rows and $44/2 - 4 + 1 = 19$ columns, with 10 scores at
# each place. The network has been slid over the picture: what stands at row $r$ and column $c$ of
# the map is its answer to the window of $8 \times 8$ pixels that starts at row $2r$ and column $2c$
# of the picture (nearly; more on that below). The factor 2 is the product of all strides. Here the
# pooling alone has a stride above 1.

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.functional import softmax

(n_H, n_W) = scores.shape[1:3]
probabilities = softmax(scores.reshape(-1, 10)).reshape(n_H, n_W, 10)
fig, axes = plt.subplots(2, 1, figsize=(9, 9.4), layout="constrained")
axes[0].imshow(picture[0, :, :, 0], cmap="gray")
axes[1].imshow(probabilities.max(axis=2), cmap="Blues", vmin=0.2, vmax=1.8)
for (r, c), answer in np.ndenumerate(probabilities.argmax(axis=2)):
    axes[1].text(c, r, answer, ha="center", va="center")
for row, column in corners:
    box = {"fill": False, "edgecolor": orange, "linewidth": 3}
    axes[0].add_patch(plt.Rectangle((column - 0.5, row - 0.5), 8, 8, **box))
    axes[1].add_patch(plt.Rectangle((column // 2 - 0.5, row // 2 - 0.5), 1, 1, **box))
axes[0].set_title("the picture, with the windows where the digits are")
axes[1].set_title("the map: the likeliest digit of each window; the darker, the more likely")
axes[1].set(xticks=range(n_W), yticks=range(n_H))
present(
    fig,
    "Above, a black picture with five handwritten digits, 1, 3, 9, 1 and 7, each in an outlined "
    "window. Below, a grid of 9 rows and 19 columns with a digit in each cell. The five outlined "
    "cells hold 1, 3, 9, 1 and 7. The other cells hold all sorts of digits, many of them dark.",
)

# %% [markdown]
# At the five places where a digit fills the window the answers are right:
# [1, 3, 9, 1, 7]{= ", ".join(str(probabilities[r // 2, c // 2].argmax()) for r, c in corners) }.
# One forward pass gave all [171]{= n_H * n_W } answers. Cutting out each window and sending it
# through the network would compute many products again and again, since neighbouring windows
# overlap.
#
# **Two limits.** First, do not trust the answers at the other places, however likely the network
# finds them. It was trained on whole digits only, and must always choose one of ten. To search a
# picture, it has to be trained for that, for example with a class for "nothing here".
#
# Second, the scores at a place are not quite those of the window cut out. This network pads its
# convolutions. Round a window that is cut out, both convolutions see zeros. In the picture they see
# what is there. That differs even where the picture is black: from black the first convolution
# makes its biases, the ReLU keeps those above zero, and the second convolution sees them. In a
# network without padding the scores would be the same. The next cell shows how far they are apart
# here.

# %%
cut_out = np.concatenate([picture[:, r : r + 8, c : c + 8] for r, c in corners])
on_the_map = np.array([scores[0, r // 2, c // 2] for r, c in corners])
alone = network.scores(cut_out)
print("largest difference of two scores:", f"{np.abs(on_the_map - alone).max():.2f}")
print("the scores go from", f"{alone.min():.1f} to {alone.max():.1f}")
print("channels of the first convolution with a bias above 0:", (first["b"] > 0).sum(), "of 8")
for five_scores in (on_the_map, alone):
    np.testing.assert_array_equal(five_scores.argmax(axis=1), data.test_labels[5:10])

# %% [markdown]
# The scores differ by up to [2.60]{= f"{np.abs(on_the_map - alone).max():.2f}" }. The five answers
# are right both ways.

# %% [markdown] tags=["row-24"]
# ## A network for any size
#
# Instead of converting a network one can build it so from the start. This one, from a published
# course, is for Fashion-MNIST, grey images of $28 \times 28$ pixels in 10 classes. Its last two
# layers stand where `Flatten` and `Dense` usually do: a $7 \times 7$ convolution without padding,
# and a $1 \times 1$ convolution with 10 filters, one for each class.
#
# The height and width of the input are `None`, which in Keras leaves them open. The softmax at the
# end works on the ten channels of each place.
#
# **Predict, then run.** Which layer has by far the most parameters?

# %% needs="keras tensorflow"
from keras import layers as kl


def model_1x1(size):
    """The network without a Dense layer, for images of size x size; None for any."""
    return keras.Sequential(
        [
            keras.Input((size, size, 1)),
            kl.Conv2D(32, 3, padding="same", activation="relu"),
            kl.Conv2D(64, 3, strides=2, padding="same", activation="relu"),
            kl.Conv2D(128, 3, padding="same", activation="relu"),
            kl.Conv2D(256, 3, strides=2, padding="same", activation="relu"),
            kl.Conv2D(512, 7, activation="relu"),
            kl.Conv2D(10, 1, activation="softmax"),
        ]
    )


model = model_1x1(None)
print([layer.count_params() for layer in model.layers])
print("together:", f"{model.count_params():,}")

# %% [markdown]
# Of the 6,816,010 parameters, [94%]{= f"{6423040 / 6816010:.0%}" } are in the $7 \times 7$
# convolution: $7 \cdot 7 \cdot 256 \cdot 512 + 512 =$
# [6,423,040]{= f"{7 * 7 * 256 * 512 + 512:,}" }. On images of $28 \times 28$ its input is
# $7 \times 7 \times 256$, and `Flatten` with `Dense(512)` would have as many parameters there. So
# the change saves no parameters. What it gains is freedom in the size.
#
# **The size of the map.** Let $\lceil\;\rceil$ mean rounding up. From $n$ pixels along one axis, a
# "same" convolution with stride 2 makes $\lceil n/2 \rceil$, and two of them make
# $\lceil n/4 \rceil$. The $7 \times 7$ window takes 6 away:
#
# $$\text{map}(n) = \left\lceil n/4 \right\rceil - 6,$$
#
# as long as that is at least 1.
#
# **Predict, then run.** How large is the map for $n = 28$ and for $n = 64$? What is the smallest
# $n$ that leaves a map at all?


# %%
def map_size(n):
    """The size of the map of scores along one axis, for n pixels."""
    for _ in range(2):
        n = -(-n // 2)  # n / 2, rounded up
    return n - 7 + 1


for n in (22, 23, 24, 25, 28, 29, 64):
    print(n, "pixels give", map_size(n))

# %% [markdown]
# 28 pixels give [1]{= map_size(28) } and 64 give [10]{= map_size(64) }. For 24 nothing is left, so
# $25 \times 25$ is the smallest input. Now the same with the network itself, on batches of
# random numbers. It is not trained: only the shapes count here.

# %% needs="keras tensorflow"
for size in (28, 64):
    batch = np.random.default_rng(0).normal(size=(32, size, size, 1)).astype(np.float32)
    print(batch.shape, "becomes", model.predict(batch, verbose=0).shape)
print((1, 25, 25, 1), "becomes", model(np.zeros((1, 25, 25, 1))).shape)

# %% needs="keras tensorflow"
try:
    model_1x1(24)
except ValueError as error:
    print("24 x 24:", error)

# %% [markdown]
# From `(32, 28, 28, 1)` come `(32, 1, 1, 10)`, one vector of ten probabilities for each image, and
# from `(32, 64, 64, 1)` come `(32, 10, 10, 10)`, a map of $10 \times 10$ such vectors for each. For
# 24 pixels the $7 \times 7$ window no longer fits.
#
# ### Exercise 2
#
# Grey photographs of 100 rows and 60 columns go into this network. How many rows and columns does
# the map have? Answer with a tuple, rows first.

# %%
answer = None
### BEGIN SOLUTION
answer = (100 // 4 - 6, 60 // 4 - 6)
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 2",
    answer,
    (19, 9),
    "Halve twice, rounding up. Then let a window of 7 slide over what is left.",
    [
        ((25, 15), "That is before the 7x7 convolution, which has no padding."),
        ((18, 8), "A window of 7 has n - 7 + 1 places, not n - 7."),
        ((9, 19), "The rows come first."),
        ((94, 54), "The two layers with stride 2 halve the size before the 7x7 window comes."),
    ],
)

# %% [markdown] tags=["row-24"]
# ## Why a Dense layer cannot
#
# How many weights a convolution has depends on its window and its channels, not on the size of the
# image. A fully connected layer has a weight for each number of its input and each output, and its
# input is all that `Flatten` lays out in a row. Another image size means another number of weights,
# so it is another layer.
#
# The next network, from the same course, ends with `Flatten` and `Dense`. **Predict, then run.** It
# is built for $28 \times 28$ pixels and for $64 \times 64$. Which layers change their number of
# parameters?


# %% needs="keras tensorflow"
def model_dense(size):
    """The network with Flatten and Dense, for images of size x size."""
    return keras.Sequential(
        [
            keras.Input((size, size, 1)),
            kl.Conv2D(32, 3, activation="relu"),
            kl.Conv2D(64, 3, activation="relu"),
            kl.MaxPooling2D(2),
            kl.Conv2D(128, 3, activation="relu"),
            kl.Conv2D(256, 3, activation="relu"),
            kl.MaxPooling2D(2),
            kl.Conv2D(512, 3, activation="relu"),
            kl.Flatten(),
            kl.Dense(10, activation="softmax"),
        ]
    )


for size in (28, 64):
    dense_model = model_dense(size)
    convolutions = sum(layer.count_params() for layer in dense_model.layers[:-1])
    flat, dense = dense_model.layers[-2].output.shape[1], dense_model.layers[-1].count_params()
    print(f"{size} pixels: convolutions {convolutions:,}, {flat:,} numbers into Dense, {dense:,}")
    print(f"  together {dense_model.count_params():,}")

# %% [markdown]
# The convolutions have 1,568,000 parameters both times. Along each axis, 28 pixels become 26, 24,
# 12, 10, 8, 4 and 2. So `Flatten` gives $2 \cdot 2 \cdot 512 =$ [2,048]{= f"{2 * 2 * 512:,}" }
# numbers, and the model has [1,588,490]{= f"{1568000 + 2048 * 10 + 10:,}" } parameters. In the same
# way 64 pixels become 11, `Flatten` gives $11 \cdot 11 \cdot 512 =$
# [61,952]{= f"{11 * 11 * 512:,}" } numbers, and `Dense` has about
# [30]{= f"{61952 / 2048:.0f}" } times as many weights as before.
#
# What if the size is left open? The cell tries, and catches the error; its words depend on the
# version of Keras.

# %% needs="keras tensorflow"
try:
    model_dense(None)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# `(None, 10)` is the shape that the weights would have: 10 columns, and an unknown number of rows.
# An array of unknown size cannot be made. The convolutions before it had no such trouble.
#
# A layer that was made for one size refuses another when it is used:


# %%
weights, biases = np.zeros((2 * 3, 3)), np.zeros(3)  # made for 2 x 3 pixels
pixels = np.zeros((1, 2, 6))
try:
    linear(pixels.reshape(1, -1), weights, biases)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown] tags=["row-24"]
# ## What the labels must look like
#
# One thing must change for the training. For 32 images of $28 \times 28$ pixels the network with
# `Dense` gives the shape `(32, 10)`, and the labels have the shape `(32,)`: one for each image, the
# number of its class. The network with the $1 \times 1$ convolution gives `(32, 1, 1, 10)`: one
# answer for each image *and each place of the map*. The loss wants one label for each answer, so an
# array of shape `(32, 1, 1)`.
#
# **Predict, then run.** What happens with labels of shape `(32,)`?

# %% needs="keras tensorflow"
images = np.random.default_rng(1).normal(size=(32, 28, 28, 1)).astype(np.float32)
answers = model(images)
labels = np.arange(32) % 10
loss = keras.losses.SparseCategoricalCrossentropy()
try:
    loss(labels, answers)
except ValueError as error:
    print("ValueError:", error)

reshaped = labels.reshape(32, 1, 1)
print("labels", reshaped.shape, f"loss {loss(reshaped, answers):.4f}")
flat = keras.layers.Flatten()(answers)
print("labels", labels.shape, "with Flatten", flat.shape, f"loss {loss(labels, flat):.4f}")
np.testing.assert_allclose(loss(reshaped, answers), loss(labels, flat), rtol=1e-5)

# %% [markdown]
# Labels (`target`) must have one axis less than what the network gives (`output`); that is what the
# error means, even where its words, as in Keras 3, have the two the wrong way round. There are two
# cures, and the loss is the same:
#
# - give the labels the shape $(m, 1, 1)$, with `labels.reshape(-1, 1, 1)`, where $m$ is their
#   number; or
# - put a `Flatten` layer at the end, which turns `(32, 1, 1, 10)` into `(32, 10)`.
#
# Both need a map of a single place, so here images of 25 to 28 pixels along each axis. A map of
# $10 \times 10$ places would want labels of shape $(m, 10, 10)$, and `Flatten` would make 1,000
# numbers of it.
#
# A third cure leaves the size of the input as free as before: *global average pooling*. It takes
# the average of the map over height and width, so there is one answer for each image, whatever its
# size. In NumPy it is `scores.mean(axis=(1, 2))`; in Keras `GlobalAveragePooling2D`; in PyTorch
# `torch.nn.AdaptiveAvgPool2d(1)` with a `Flatten` after it.

# %%
for batch in (data.test_images, picture):
    one_answer_each = scores_by_convolutions(batch).mean(axis=(1, 2))
    print(batch.shape, "gives", one_answer_each.shape)

# %% [markdown]
# Only the shapes count here. The average says something about a large picture if the network was
# trained with this pooling, and ours was not.
#
# PyTorch has the classes in axis 1: scores of shape $(m, 10, n_H, n_W)$ and labels of shape
# $(m, n_H, n_W)$. Its loss contains the softmax.

# %% needs="torch"
torch_scores = torch.tensor(np.random.default_rng(1).normal(size=(32, 10, 1, 1)))
torch_labels = torch.arange(32) % 10
cross_entropy = torch.nn.CrossEntropyLoss()
try:
    cross_entropy(torch_scores, torch_labels)
except RuntimeError as error:
    print("RuntimeError:", error)
print(f"labels (32, 1, 1): loss {cross_entropy(torch_scores, torch_labels.reshape(32, 1, 1)):.4f}")
print(f"scores (32, 10):   loss {cross_entropy(torch_scores.flatten(1), torch_labels):.4f}")

# %% [markdown] tags=["row-24"]
# ## Cheap channels: the bottleneck
#
# Another use of the $1 \times 1$ convolution is to save work. A $3 \times 3$ convolution from 256
# channels to 256 has $3 \cdot 3 \cdot 256 \cdot 256$ weights besides its biases, and each is used
# once for every pixel of the output. A *bottleneck* goes through fewer channels:
#
# 1. $1 \times 1$ from 256 channels to 64,
# 2. $3 \times 3$ from 64 to 64,
# 3. $1 \times 1$ from 64 back to 256.
#
# **Predict, then run.** By which factor does it save weights?

# %%
direct = 3 * 3 * 256 * 256
bottleneck = 1 * 1 * 256 * 64 + 3 * 3 * 64 * 64 + 1 * 1 * 64 * 256
print(f"direct {direct:,}, bottleneck {bottleneck:,}, factor {direct / bottleneck:.1f}")

# %% [markdown]
# [69,632]{= f"{bottleneck:,}" } weights in place of [589,824]{= f"{direct:,}" }, a factor of
# [8.5]{= f"{direct / bottleneck:.1f}" }. The two do not compute the same functions: in a bottleneck
# all has to pass through 64 channels. The networks that use it, such as the deeper ones of the
# ResNet family, spend what they save on more layers.
#
# Between the layers of a bottleneck there are activations, and they matter. **Predict, then run.**
# The cell sends the image of $4 \times 5$ pixels from 6 channels to 4, by weights $U$, and on to 2,
# by weights $V$: two $1 \times 1$ convolutions without biases. Can a single one, from 6 channels to
# 2, give the same? And if there is a ReLU between the two? For that, the cell looks for the single
# $1 \times 1$ convolution, with biases, whose output is nearest (least squares).

# %%
U, V = rng.normal(size=(6, 4)), rng.normal(size=(4, 2))
without = image @ U @ V
print("without activation, one layer gives the same:", np.allclose(without, image @ (U @ V)))

with_relu = np.maximum(image @ U, 0) @ V
pixels = np.concatenate([image.reshape(20, 6), np.ones((20, 1))], axis=1)  # 1 for the bias
nearest = np.linalg.lstsq(pixels, with_relu.reshape(20, 2), rcond=None)[0]
off = np.abs(pixels @ nearest - with_relu.reshape(20, 2)).max()
print(f"with ReLU between, the nearest single layer is off by up to {off:.2f}")

# %% [markdown]
# Without an activation the two collapse into one with the weights $UV$. With a ReLU between them no
# single layer gives the same: they are a small network with a hidden layer of its own, run at every
# pixel. This idea is called *network in network*, and the paper of that name made the $1 \times 1$
# convolution known.
#
# ### Exercise 3
#
# Write `multiplications(n_H, n_W, n_C_prev, f, n_C)`: how many multiplications does a convolution
# layer do for one image of `n_H` by `n_W` pixels, with stride 1 and "same" padding, from `n_C_prev`
# channels to `n_C`, with filters of `f` by `f`? Count those by the zeros of the padding too.


# %%
def multiplications(n_H, n_W, n_C_prev, f, n_C):
    result = None
    ### BEGIN SOLUTION
    # Each of the n_H * n_W * n_C outputs is a sum of f * f * n_C_prev products.
    result = n_H * n_W * n_C * f * f * n_C_prev
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
def right(n_H, n_W, n_C_prev, f, n_C):
    return f**2 * n_C_prev * n_C * n_H * n_W


def weights_alone(n_H, n_W, n_C_prev, f, n_C):
    return f**2 * n_C_prev * n_C


def one_input_channel(n_H, n_W, n_C_prev, f, n_C):
    return f**2 * n_C * n_H * n_W


def one_side(n_H, n_W, n_C_prev, f, n_C):
    return f * n_C_prev * n_C * n_H * n_W


def without_padding(n_H, n_W, n_C_prev, f, n_C):
    return right(n_H - f + 1, n_W - f + 1, n_C_prev, f, n_C)


public_tests.check_function(
    "Exercise 3",
    multiplications,
    right,
    [(4, 5, 6, 1, 3), (28, 28, 192, 5, 32), (28, 28, 192, 1, 16), (28, 28, 16, 5, 32)],
    "How many numbers come out? How many products is each of them the sum of?",
    [
        (weights_alone, "That is the number of weights. Each is used at every pixel."),
        (one_input_channel, "A filter covers all input channels, not one."),
        (one_side, "A filter has f rows and f columns."),
        (without_padding, 'With "same" padding the output is as large as the input.'),
    ],
)

# %% [markdown]
# ### Exercise 4
#
# An image of 28 by 28 pixels with 192 channels shall get 32 channels, with stride 1 and "same"
# padding. (a) A $5 \times 5$ convolution does it. (b) A $1 \times 1$ convolution to 16 channels
# does the first step, and a $5 \times 5$ convolution from there to 32 the second. How many
# multiplications do (a) and (b) take? Answer with a tuple of two numbers. Your function from
# exercise 3 helps.

# %%
answer = None
### BEGIN SOLUTION
direct = multiplications(28, 28, 192, 5, 32)
answer = (direct, multiplications(28, 28, 192, 1, 16) + multiplications(28, 28, 16, 5, 32))
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 4",
    answer,
    (120_422_400, 12_443_648),
    "In (b), add what the two convolutions take. The second has 16 input channels.",
    [
        ((120_422_400, 10_035_200), "In (b) the 1x1 convolution multiplies as well."),
        ((120_422_400, 2_408_448), "In (b) the 5x5 convolution comes after the 1x1."),
        ((12_443_648, 120_422_400), "The number for (a) comes first."),
        ((153_600, 15_872), "Those are the weights. Each is used at every pixel."),
    ],
)

# %% [markdown]
# The step through 16 channels takes about a tenth of the multiplications,
# [10.3%]{= f"{12443648 / 120422400:.1%}" }. GoogLeNet, a network of 2014, does this.

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. say what a $1 \times 1$ convolution computes: the same fully connected layer at every pixel,
#    from its $n_C^{\text{prev}}$ channels to $n_C$, in one line, `A_prev @ W[0, 0] + b`, with
#    $n_C^{\text{prev}} \cdot n_C + n_C$ parameters;
# 2. turn `Flatten` and `Dense` into a convolution as large as the map,
#    `W.reshape(n_H, n_W, n_C, units)`, and every further `Dense` into a $1 \times 1$ convolution,
#    and read the map of answers that a larger picture gives;
# 3. say which sizes a network without `Dense` takes: all for which every window fits into what the
#    layers before it have left; how large the map is: in our example it has
#    $\lceil n/4 \rceil - 6$ places along an axis; why `Dense` is tied to one size: the length of
#    its input decides how many weights it has; and that scores of shape $(m, n_H, n_W, 10)$ need
#    labels of shape $(m, n_H, n_W)$, or a pooling over the map.
#
# ## What to read next
#
# - Practise it in the assignment [1x1 convolution](../release/one_by_one/one_by_one.ipynb).
# - Next is lesson 18, [Efficient networks](18_efficient_networks.ipynb), half of whose layers are 1x1
#   convolutions.
# - M. Lin, Q. Chen and S. Yan, "Network in network", 2014,
#   [arXiv:1312.4400](https://arxiv.org/abs/1312.4400): also ends with global average pooling.
# - C. Szegedy and others, "Going deeper with convolutions", 2015,
#   [arXiv:1409.4842](https://arxiv.org/abs/1409.4842): GoogLeNet, with the layers of exercise 4.
# - J. Long, E. Shelhamer and T. Darrell, "Fully convolutional networks for semantic segmentation",
#   2015, [arXiv:1411.4038](https://arxiv.org/abs/1411.4038): networks for classification, made
#   convolutional, that give every pixel a class.
# - K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", 2016,
#   [arXiv:1512.03385](https://arxiv.org/abs/1512.03385): where the bottleneck of this lesson is
#   from.
