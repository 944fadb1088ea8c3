# %% [markdown]
# # What filters see
#
# Run the next two cells. Nobody painted these images, and they are in no data set. They were computed from the
# weights of a network that was trained on photographs, and each shows what *one* of its channels responds to
# strongly. One of them asks for eyes. **How do you find out what a channel looks for?**

# %% include="lesson_setup"

# %%
from convnet.edges import MEAN, load_blocks, normalized
from convnet.layers import AveragePooling2D, Conv2D, Flatten, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.own_edges import photograph
from lesson_tools.explorables import explore_edges
from lesson_tools.what_filters_see import figures as draw
from lesson_tools.what_filters_see.questions import check, predict

draw.opening()

# %% [markdown]
# The network is HED, *holistically-nested edge detection* (Xie and Tu, 2015). Its convolutions are those of
# [VGG-16](18_architectures.ipynb), trained to classify photographs and then to trace outlines. You know its first two
# blocks, which have drawn edges since [Images and convolution](01_images_and_convolution.ipynb).
#
# **By the end of this lesson you will be able to**
#
# 1. explain why a filter of the first layer can be drawn as an image, and what the drawing tells you;
# 2. find the patches of photographs that activate a channel most;
# 3. use gradient ascent, in NumPy and PyTorch, to compute an input that a channel responds to strongly, and check it
#    against a network with random weights.
#
# **Time:** about 45 minutes, and 25 for the exercises. (The section that begins with *Further* is optional
# and takes another 5 minutes.) **You need:** [Backpropagation](13_backpropagation.ipynb) and
# [Architectures](18_architectures.ipynb).

# %% [markdown]
# ## A filter is its own favorite
#
# At each position, a [filter](glossary.md#filter) computes the [dot product](glossary.md#dot-product) of its weights and
# the [patch](glossary.md#patch) of the input there, its [response](glossary.md#response). Here are a filter and three patches.
# (HED subtracts the mean color of its training images, so a patch can have negative values.)
#
# $$W = \begin{pmatrix} -1 & 0 & 1 \\ -1 & 0 & 1 \\ -1 & 0 & 1 \end{pmatrix} \qquad
# a = \begin{pmatrix} -1 & 0 & 1 \\ -1 & 0 & 1 \\ -1 & 0 & 1 \end{pmatrix} \qquad
# b = \begin{pmatrix} 0 & 9 & 9 \\ 0 & 9 & 9 \\ 0 & 9 & 9 \end{pmatrix} \qquad
# c = \begin{pmatrix} 9 & 9 & 9 \\ 9 & 9 & 9 \\ 9 & 9 & 9 \end{pmatrix}$$
#
# **Predict.** Which patch gives the largest response, `"a"`, `"b"` or `"c"`? Compute the three numbers by hand.

# %%
predict("template", None)

# %%
W = np.array([[-1, 0, 1]] * 3)
patches = {"a": W, "b": np.array([[0, 9, 9]] * 3), "c": np.full((3, 3), 9)}


def cosine(W, x):
    return float(np.vdot(W, x) / (np.linalg.norm(W) * np.linalg.norm(x)))


for name, x in patches.items():
    print(f"patch {name}: response {np.vdot(W, x):2}, cosine similarity {cosine(W, x):.2f}")

# %% [markdown]
# Patch b wins, although patch a is the filter itself, because b has more contrast. To compare patterns rather than
# contrasts, keep the length $\lVert x \rVert$ of the patch fixed. Then only the
# [**cosine similarity**](glossary.md#cosine-similarity) can vary:
#
# $$\sum_{r,q,k} W_{r,q,k}\, x_{r,q,k} = \lVert W \rVert\, \lVert x \rVert \cos(W, x), \qquad
# \lVert x \rVert = \sqrt{\textstyle\sum_{r,q,k} x_{r,q,k}^2}$$
#
# The cosine lies between -1 and 1, and it is 1 only if the patch is a positive multiple of the filter. So **among all
# patches of the same length, a filter responds most strongly to the one that looks like it**. This is rule 3 of
# [Kernels](02_kernels.ipynb), now for filters whose weights have any sum. That is why you can draw the filters of a
# first layer as images: each drawing is the filter's favorite input.

# %% [markdown] tags=["row-22"]
# ## The filters of the first layer
#
# Here are the favorites of all 64 channels of the first layer.

# %%
network = load_blocks()
draw.filters(network.blocks[0][0][0][:, :, ::-1])  # the network takes blue, green, red

# %% [markdown]
# Most are edges like those that you designed in [Kernels](02_kernels.ipynb), in many directions, and the others are
# colors. Nobody chose these weights. First layers of other networks look similar, such as AlexNet's in figure 3 of
# its paper (Krizhevsky, Sutskever and Hinton, 2012).

# %% [markdown] tags=["row-23"]
# ## A filter with 64 input channels
#
# In the second layer, the method fails. Each of its filters has 64 input channels, which are not red, green and blue
# but responses of the first layer, so its weights are not an image. And because of the ReLU in between, they cannot
# be merged with those of the first layer. What you can still draw are [feature maps](glossary.md#feature-map), the
# responses of a channel at all positions of a photograph.

# %%
# Choose block 2 and go through a few channels. What does the brightest one look for?
explore_edges(photograph("china.jpg", 128))

# %% [markdown]
# A feature map shows *where* a channel responds, and you have to guess *what* it responds to. The brightest map of
# block 2, channel 73, lights up in the sky and on the lake. Does it look for sky, for blue, for water, for the absence
# of an edge? One photograph cannot tell. So ask the question that worked for the first layer: **which input does the
# channel like best?**

# %% [markdown] tags=["row-23"]
# ## The patches that activate a channel most
#
# The simple answer is to look through many photographs and keep the patches with the largest responses (Zeiler and
# Fergus, 2014). How large is a patch? As large as the [receptive field](glossary.md#receptive-field), because the unit
# sees nothing else.
#
# **Predict.** Two 3 x 3 convolutions, max pooling with $f = s = 2$, and two more 3 x 3 convolutions: how many pixels
# wide is the receptive field of a unit?

# %%
predict("field", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $1 + 2 + 2 = 5$ after the first two convolutions, 6 after pooling, and $6 + 4 + 4 = 14$ after the last two. (See
# [Receptive fields](09_receptive_fields.ipynb).)
#
# </details>
#
# The next cell builds the two blocks from the layers of this course, without padding. For an image of 14 x 14 pixels,
# the output is then a single position with 128 channels. The last ReLU is left out, so that a response can be
# negative.


# %%
def two_blocks(input_shape, *last, weights=network.blocks, seed=0):
    """The first two blocks of VGG-16, up to the last convolution; random if weights is None."""
    layers = [Conv2D(64, 3), ReLU(), Conv2D(64, 3), ReLU(), MaxPooling2D(2)]
    layers += [Conv2D(128, 3), ReLU(), Conv2D(128, 3), *last, Flatten()]
    built = Network(layers, input_shape, seed)
    convolutions = [layer for layer in layers if isinstance(layer, Conv2D)]
    trained = [pair for block in weights or () for pair in block]
    for layer, (W, b) in zip(convolutions, trained, strict=weights is not None):
        layer.parameters["W"][...], layer.parameters["b"][...] = W, b
    return built


names = ("china.jpg", "flower.jpg", "astronaut.jpg", "chelsea.jpg", "retina.jpg")
photos = [photograph(name, 200) for name in names]
maps = [two_blocks(image.shape).feature_maps(normalized(image))[-2][0] for image in photos]


def top_patches(channel, count=9):
    """Return the patches with the largest responses, without overlaps."""
    responses, patches = [A[..., channel].copy() for A in maps], []
    for _ in range(count):
        number = int(np.argmax([A.max() for A in responses]))
        h, w = np.unravel_index(responses[number].argmax(), responses[number].shape)
        patches.append(photos[number][2 * h : 2 * h + 14, 2 * w : 2 * w + 14])  # total stride 2
        responses[number][max(h - 6, 0) : h + 7, max(w - 6, 0) : w + 7] = -np.inf
    return patches


largest = np.max([A.max(axis=(0, 1)) for A in maps], axis=0)
print("channels with a positive response somewhere:", np.sum(largest > 0), "of", len(largest))
chosen = [68, 41, 71, 81, 100, 27]
draw.patches({channel: top_patches(channel) for channel in chosen})

# %% [markdown]
# Some channels have an obvious taste: channel 68 for edges that fall to the right, channel 41 mostly for leaves,
# channel 71 for spots, such as the eyes of the cat. But channel 27 seems to like nothing in particular. Its largest
# response is [-32]{= round(float(largest[27])) }, so after the ReLU it is 0 everywhere, and its patches are only
# those that it dislikes least. Five photographs contain nothing for [54]{= np.sum(largest <= 0) } of the 128
# channels. You could try more photographs, or stop searching.

# %% [markdown]
# ## Climbing to the favorite
#
# Instead of searching for the best input, you can compute it. In [training](14_training.ipynb), the image is fixed,
# and the weights descend along the gradient of the loss. Now fix the weights, and let the *image* climb along the
# gradient of the response $z_c$ of channel $c$. Backpropagation only has to take one more step, to the pixels:
#
# $$x \leftarrow x + \eta\, \frac{\partial z_c}{\partial x}, \qquad
# \text{then rescale } x \text{ to the length } R$$
#
# This is **gradient ascent** on the input, and the method is called
# [**feature visualization**](glossary.md#feature-visualization), or activation maximization. The rescaling has the
# same purpose as above: without it, more contrast would be the easiest way up.


# %%
def ascend(network, x, channels, steps=25, length=1000):
    """Optimize image i of x, (m, n_H, n_W, 3), for a channel, channels[i]."""

    def norm(x):
        return np.sqrt(np.sum(x**2, axis=(1, 2, 3), keepdims=True)) + 1e-9

    for _ in range(steps):
        gradient = network.input_gradient(x, channels)
        x = x + 0.3 * length * gradient / norm(gradient)
        x = x * length / norm(x)
    return x


# %% [markdown]
# Test it where you know the answer.
#
# **Predict.** The network is a single filter of the first layer, and the image starts as noise. What is the cosine
# similarity of the image and the filter in the end?

# %%
predict("climbed", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 1. The response is $\sum W x + b$, so its gradient is $W$ itself, whatever the image. Each step adds a multiple of
# the filter, and the noise is scaled down until only the filter is left.
#
# </details>

# %%
rng = np.random.default_rng(0)
first_layer = Network([Conv2D(64, 3), Flatten()], (3, 3, 3))
first_layer.layers[0].parameters["W"][...] = network.blocks[0][0][0]
noise = rng.normal(size=(64, 3, 3, 3)).astype(np.float32)
favorites = ascend(first_layer, noise, range(64))
filters = np.moveaxis(network.blocks[0][0][0], -1, 0)
print("smallest of 64 cosines:", round(min(map(cosine, filters, favorites)), 3))

# %% [markdown]
# ## All 128 channels of block 2
#
# The figure of the first layer was a figure of favorites. Now you can draw it for a layer with 64 input channels,
# through two ReLUs, max pooling and four convolutions. Run the cell. It starts from noise of 14 x 14 pixels for each
# of the 128 channels, and takes a few seconds.

# %%
trained = two_blocks((14, 14, 3))
noise = rng.normal(size=(128, 14, 14, 3)).astype(np.float32)
favorites = ascend(trained, noise, range(128))
draw.favorites(favorites[..., ::-1])

# %% [markdown]
# What was an edge in the first layer has become stripes, corners, arcs, rings, dots and pairs of colors. (Where you
# see noise, as for channels 7 and 8, the response is negative or small in the end.) And channel 27 is no longer a
# riddle. It asks for horizontal lines that are a single pixel wide, for which the photographs above offer no match.
# Channels 81 and 100 ask for slanted and for vertical lines, and had to be content with fur and fences.
#
# Is the computed image really better than the best patch of each channel? Rescale the patch to the same length, and
# compare.

# %%
best = np.stack([normalized(top_patches(channel, 1)[0])[0] for channel in range(128)])
best *= 1000 / np.sqrt(np.sum(best**2, axis=(1, 2, 3), keepdims=True))
climbed, found = (np.diag(trained.scores(x)) for x in (favorites, best))
print(f"larger response to the computed image: {np.sum(climbed > found)} of 128 channels")

# %% [markdown]
# (Patches of low contrast gain by rescaling. If you rescale all patches before you choose the best, the computed
# image wins for about 120 channels. In the others, both responses are negative.)

# %% [markdown]
# ## The control
#
# Beautiful figures deserve suspicion. Perhaps gradient ascent would find rings in any network, because of the
# convolutions and the pooling? A **control** decides: the same architecture and the same search, but with random
# weights, before any training. To compare with a number, take the cosine similarity of an image and the same image
# moved by one pixel, which is 1 for a uniform image and about 0 for noise.


# %%
def smoothness(x):
    """The mean cosine similarity of images and the same images moved by one pixel."""
    return np.mean([cosine(image[:, 1:], image[:, :-1]) for image in x])


print(f"trained: {smoothness(favorites):.2f}")

# %% [markdown]
# **Predict.** And with random weights? Think of the favorite of a random filter in the first layer. `"a"` About 0.
# `"b"` About the same. `"c"` Near 1.

# %%
predict("control", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"a"`. The favorite of a filter in the first layer is the filter itself, and neighboring random weights have nothing
# in common. The deeper layers, random as well, add up shifted copies of such noise.
#
# </details>

# %%
untrained = two_blocks((14, 14, 3), weights=None)
controls = ascend(untrained, noise[:32], range(32))
print(f"random weights: {smoothness(controls):.2f}")
draw.control(favorites[:32, ..., ::-1], controls[..., ::-1])

# %% [markdown]
# Speckle. So the rings and stripes come from training, and not from that of the first layer alone: with its trained
# filters and random weights after them, the number is 0.3 to 0.4 (three seeds), but the images are still speckle. This
# does not mean that the *labels* taught them: training without labels can find edges, too (Olshausen and Field, 1996).

# %% [markdown]
# ## Feature visualization in PyTorch
#
# In PyTorch, `torch.autograd.grad` returns the gradient of the response with respect to the image, if the image
# requires gradients. Two things easily go wrong. Without `detach()`, the graph of each step is appended to that of
# the last one. And if you let an optimizer take the steps, remember that it *minimizes*, so its loss is the negative
# response.

# %% needs="torch"
import torch
from torch import nn

model = nn.Sequential(
    *(nn.Conv2d(3, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
    *(nn.Conv2d(64, 128, 3), nn.ReLU(), nn.Conv2d(128, 128, 3)),
).requires_grad_(False)
arrays = [a for block in network.blocks for W, b in block for a in (W.transpose(3, 2, 0, 1), b)]
for parameter, array in zip(model.parameters(), arrays, strict=True):
    parameter.copy_(torch.tensor(array.copy()))

image = torch.tensor(noise[81:82]).permute(0, 3, 1, 2)
for _ in range(25):
    image = image.detach().requires_grad_()
    response = model(image)[0, 81, 0, 0]
    (gradient,) = torch.autograd.grad(response, image)
    image = image + 300 * gradient / gradient.norm()
    image = 1000 * image / image.norm()
result = image.detach()[0].permute(1, 2, 0).numpy()
print(f"cosine similarity with our image of channel 81: {cosine(result, favorites[81]):.2f}")

# %% [markdown]
# ## From edges to eyes
#
# Now go deeper, to the second convolution of each block. The images are larger, too: 96 pixels wide in blocks 3 and
# 4, and 128 in block 5, where a unit could see 164. Two refinements from Olah, Mordvintsev and Schubert (2017)
# suppress high-frequency noise: the image is moved, rotated and resized a little before each step, and its Fourier
# coefficients, in decorrelated colors, are optimized instead of its pixels. The score is the mean of the channel over
# all positions. This takes minutes, so the images are stored
# ([program](../benchmarks/lessons/feature_visualization.py)). To be fair, nobody selected the channels: in every
# block they are 10, 20, 30 and 40.

# %%
draw.gallery(favorites[[10, 20, 30, 40]][..., ::-1])

# %% [markdown]
# From block to block, the favorites grow from dots and stripes to textures, and from textures to eyes and arcades.
# Nobody drew them.
#
# Use the names with care. "Channel 10 of block 4 looks for eyes" is a guess from one optimum. From other noise, even
# the ring of channel 71 in block 2 gets a dark center, and a channel can have several unrelated favorites.

# %% [markdown]
# ## Your own photograph
#
# What if the ascent starts from a photograph instead of noise? Then the network draws what it likes *into* the image,
# the idea of DeepDream (Mordvintsev, Olah and Tyka, 2015). To let a channel work everywhere, an
# average over all positions follows the last convolution. Put the name of your file in place of `"flower.jpg"`, and
# choose three channels from the sheet of 128.

# %%
channels = [27, 81, 71]
photo = photograph("flower.jpg", 192)
photo = photo[:128, (photo.shape[1] - 128) // 2 :][:, :128]  # a square
average = two_blocks(photo.shape, AveragePooling2D((128 - 4) // 2 - 4))
x = np.repeat(normalized(photo), len(channels), axis=0)
for _ in range(8):
    gradient = average.input_gradient(x, channels)
    x = x + 10 * gradient / gradient.std(axis=(1, 2, 3), keepdims=True)
    x = np.clip(x, -MEAN, 255 - MEAN).astype(np.float32)  # colors from 0 to 255
draw.dreams(photo, (x + MEAN)[..., ::-1], channels)

# %% [markdown] tags=["row-23"]
# ## Further: feature maps of VGG-19 in Keras
#
# *You can skip this section.* With Keras' [functional API](glossary.md#functional-api), a model can have as many
# outputs as you like, such as the feature maps of several layers, which you pick by name. `include_top=False` leaves
# out the dense layers of VGG-19, so that it accepts images of other sizes. Keras downloads the weights trained on
# ImageNet (80 MB, once). Without a connection, you see those of random weights.

# %% needs="keras tensorflow"
import socket

import keras

socket.setdefaulttimeout(15)  # seconds that a download may be silent
keras.utils.set_random_seed(0)
try:
    vgg = keras.applications.VGG19(weights="imagenet", include_top=False)
except Exception:  # Keras raises it where the download fails
    print("The weights could not be downloaded: random weights.")
    vgg = keras.applications.VGG19(weights=None, include_top=False)

last = ["block1_conv2", "block2_conv2", "block3_conv4", "block4_conv4", "block5_conv4"]
model = keras.Model(inputs=vgg.input, outputs=[vgg.get_layer(name).output for name in last])
batch = keras.applications.vgg19.preprocess_input(photos[0][None].astype(np.float32))
strongest = {}
for name, A in zip(last, model(batch), strict=True):
    A = np.asarray(A)[0]
    strongest[name] = A[..., A.mean(axis=(0, 1)).argmax()]  # the channel with the largest mean
draw.vgg_maps(strongest)

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: the favorite from 0 to 255
#
# The patches of a photograph have no fixed length, but each of their values lies between 0 and 255. Write
# `strongest_patch(W)`, which returns the patch of this kind with the largest response. `W` has any shape, and none of its
# weights is 0. Is the patch still a multiple of the filter?


# %%
def strongest_patch(W):
    patch = None
    ### BEGIN SOLUTION
    patch = np.where(W > 0, 255, 0)  # bright under positive weights, dark under negative ones
    ### END SOLUTION
    return patch


# %%
check("strongest_patch", strongest_patch)

# %% [markdown]
# <details>
# <summary>What your patch shows</summary>
#
# No. Every value is at a limit, so only the signs of the weights count, not their sizes. What a filter likes best depends
# on what you hold fixed.
#
# </details>

# %% [markdown]
# ### Exercise 2: the best match
#
# Write `best_match(image, W)`. It returns the row and column, `(h, w)`, of the upper left corner of the patch that has the largest
# cosine similarity with `W`. `image` has shape (n_H, n_W), `W` has shape (f, f), and no patch consists of zeros only.


# %%
def best_match(image, W):
    position = None
    ### BEGIN SOLUTION
    windows = np.lib.stride_tricks.sliding_window_view(image, W.shape)
    match = np.sum(windows * W, axis=(2, 3)) / np.sqrt(np.sum(windows**2, axis=(2, 3)))
    position = np.unravel_index(match.argmax(), match.shape)
    ### END SOLUTION
    return position


# %%
check("best_match", best_match)

# %% [markdown]
# ### Exercise 3: draw by hand
#
# If you have understood what a channel looks for, you can draw it without a gradient. Design an image of shape (14,
# 14, 3), by hand or with NumPy, to which channel 100 responds with at least 1,200, more than half of what gradient
# ascent reached. Gray is 0, the colors are blue, green and red, and the check rescales your drawing to the length
# 1000.

# %%
my_drawing = None
### BEGIN SOLUTION
my_drawing = np.zeros((14, 14, 3))
my_drawing[:, ::2], my_drawing[:, 1::2] = 1, -1
### END SOLUTION

# %%
check("drawing", my_drawing)

# %% [markdown]
# <details>
# <summary>What your drawing shows</summary>
#
# Vertical stripes one pixel wide are enough. With stripes of two pixels, the response is negative: the channel wants the
# finest stripes that an image can have. You have tested an explanation by what it predicts.
#
# </details>

# %% [markdown]
# ## Recap
#
# Among inputs of the same length, a filter of the first layer responds most to the one with
# [cosine similarity](glossary.md#cosine-similarity) 1, itself. For a channel of a deeper layer, you search for the
# favorite in photographs, by patches as large as its [receptive field](glossary.md#receptive-field), or compute it by
# gradient ascent on the pixels, [feature visualization](glossary.md#feature-visualization). Run the same code with
# random weights before you believe what you see.

# %% [markdown]
# ## What to read next
#
# - Next is [Explaining predictions](27_explaining_predictions.ipynb): not what a channel looks for in general, but what
#   a network looked at in *this* image.
# - Olah, Mordvintsev and Schubert, *Feature visualization* (Distill, 2017):
#   [distill.pub](https://distill.pub/2017/feature-visualization/).
# - Zeiler and Fergus, *Visualizing and understanding convolutional networks* (2014):
#   [arXiv:1311.2901](https://arxiv.org/abs/1311.2901).
