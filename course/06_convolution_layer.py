# %% [markdown]
# # The convolution layer
#
# A dahlia is orange and its leaves are green, but a kernel that slides over a grayscale image sees neither. The
# first layer of the edge network sees both. Run the next two cells, and look at four of its feature maps. Two
# show edges of the petals, one is bright on the whole flower, and one is bright on the leaves. A single layer
# computes all of them, from the same pixels. **How can one operation find edges and colors?**

# %% include="lesson_setup"

# %%
from convnet.data import digits, load_sample_image
from convnet.edges import load_blocks, normalized
from convnet.functional import conv2d, relu
from convnet.layers import Conv2D, Dense, Flatten, ReLU
from convnet.network import Network
from convnet.own_edges import photograph
from convnet.training import Adam, evaluate, train
from lesson_tools.convolution_layer import figures as draw
from lesson_tools.convolution_layer.questions import check, predict
from lesson_tools.spine import spine

edge_network = load_blocks()
W_learned, b_learned = edge_network.blocks[0][0]
flower = load_sample_image("flower.jpg")[87:, 150:490]
draw.first_layer(flower, edge_network)

# %% [markdown]
# The convolution takes nine lines of NumPy. At the end of the lesson, the same nine lines run three trained layers,
# and turn a photograph into a drawing. A network with such layers is called a [**convolutional neural
# network**](glossary.md#convolutional-neural-network) (CNN).
#
# **By the end of this lesson you will be able to**
#
# 1. compute the output of a layer with several channels and several filters, by hand and in NumPy;
# 2. count its parameters, and write it in PyTorch and Keras;
# 3. design filters for edges and colors, and draw a photograph with trained ones.
#
# **Time:** about 45 minutes, and 25 for the exercises. **You need:**
# [Padding](04_padding.ipynb) and [From dense to convolutional layers](05_why_convolution.ipynb).

# %%
spine("convolution")

# %% [markdown]
# ## A question to start
#
# A 5 x 5 kernel with a bias slides over a grayscale image of 32 x 32 pixels, without padding. How many
# parameters does it have, and how many rows does its output have? Answer with a tuple, `(parameters, rows)`.

# %%
predict("one_kernel", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The kernel has $5 \cdot 5 + 1 =$ [26]{= 5 * 5 + 1 } parameters, whatever the size of the image, and its
# output has $32 - 5 + 1 =$ [28]{= 32 - 5 + 1 } rows. If this was new, go back to
# [From dense to convolutional layers](05_why_convolution.ipynb).
#
# </details>

# %% [markdown] tags=["row-8"]
# ## A single step of convolution
#
# To keep the numbers small, our image `a_prev` has only 3 rows, 4 columns and 2 channels. One kernel is not
# enough for it. A [**filter**](glossary.md#filter) contains a kernel for **each channel of its input**, so with
# kernels of 2 x 2 its shape is `(2, 2, 2)`.

# %%
channel_0 = np.array([[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1]])
channel_1 = np.array([[0, 2, 1, 0], [2, 0, 0, 1], [1, 1, 2, 0]])
a_prev = np.stack([channel_0, channel_1], axis=-1)  # the channels are the last axis
filter_0 = np.stack([[[1, 0], [0, 1]], [[0, 2], [-1, 0]]], axis=-1)
draw.patch_and_filter(a_prev, filter_0)

# %% [markdown]
# The outlined patch, `a_prev[0:2, 0:2, :]`, has the same shape as the filter. One step of the convolution is
# their [dot product](glossary.md#dot-product), which sums over rows, columns **and channels**, plus a bias:
#
# $$z = \sum_{r=0}^{f-1}\ \sum_{q=0}^{f-1}\ \sum_{k=0}^{n_{C_{prev}}-1} a_{r,q,k}\; W_{r,q,k} + b$$
#
# Here $a$ is the patch, $W$ the filter, $f$ the kernel size, and $n_{C_{prev}}$ the number of channels of the
# input, which is usually the output of the *previous* layer. The bias $b$ belongs to the filter. It is added
# once, not once per channel.
#
# **Predict.** The filter has the bias $b = 1$. What is its output $z$ for the outlined patch?

# %%
predict("step", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Channel 0 gives $1 \cdot 1 + 0 \cdot 0 + 0 \cdot 0 + 3 \cdot 1 =$
# [4]{= np.sum(a_prev[:2, :2, 0] * filter_0[:, :, 0]) }, channel 1 gives
# $0 \cdot 0 + 2 \cdot 2 + 2 \cdot (-1) + 0 \cdot 0 =$
# [2]{= np.sum(a_prev[:2, :2, 1] * filter_0[:, :, 1]) }, and with the bias the result is
# **[7]{= np.sum(a_prev[:2, :2] * filter_0) + 1 }**.
#
# </details>
#
# Two channels go in, but only **one number** comes out. You will write this step yourself in the assignment
# [A single step of convolution](../release/single_step/single_step.ipynb).

# %% [markdown] tags=["row-10"]
# ## Many filters, many feature maps
#
# As a filter slides over the image, the values it computes form **one** feature map, however many channels the image
# has. The first layer of the edge network has 64 maps. Where do they come from? From 64 filters. All of them see the
# same patches, but each looks for something else.

# %%
draw.layer(flower, edge_network)

# %% [markdown]
# The feature maps are stacked, and become the **channels of the output**. So the next layer can treat them as it
# would treat red, green and blue. Arrays like these are called [**volumes**](glossary.md#volume), with height and
# width as their [**spatial dimensions**](glossary.md#spatial-dimensions) and the number of channels as their
# [**depth**](glossary.md#depth). A filter is small in height and width, but it always reaches through the full
# depth of its input.
#
# So the depth of a filter is fixed by its input. What you choose is the number of filters, a
# [**hyperparameter**](glossary.md#hyperparameter) like the kernel size. The weights and biases are learned. (The
# depth of a *network* is something else: its number of layers.)

# %% [markdown] tags=["row-8", "row-10"]
# ## The forward pass
#
# A real layer gets a batch of images, pads each side with $p$ zeros, and may use a stride $s$. The value at row $h$
# and column $w$ of the output comes from the patch whose upper left corner is at row $hs$ and column $ws$ of the
# padded input $A^{pad}$. For [**example**](glossary.md#example) $i$ and filter $c$,
#
# $$Z_{i,h,w,c} = \sum_{r=0}^{f-1}\ \sum_{q=0}^{f-1}\ \sum_{k=0}^{n_{C_{prev}}-1}
# A^{pad}_{i,\, hs+r,\, ws+q,\, k}\; W_{r,q,k,c} + b_c$$
#
# The right side is the step that you have just done by hand. The four indices on the left say how often it is
# done: for each image, each row, each column and each filter. In the assignment
# [The forward pass](../release/conv_forward/conv_forward.ipynb), you will write it like that, with four loops.
#
# For a single image and stride 1, NumPy can do all positions and all filters at once. `W[r, q]` is a matrix with a
# row for each input channel and a column for each filter. If you multiply a pixel (a vector of its channels) by this
# matrix, you get what the pixel contributes to one output of each filter. `@` does this for all pixels at once, and
# the only loops left are those over the kernel:


# %%
def convolution(image, W, b, p=0):
    f = W.shape[0]
    padded = np.pad(image, [(p, p), (p, p), (0, 0)])
    n_H, n_W = padded.shape[0] - f + 1, padded.shape[1] - f + 1
    z = b
    for r in range(f):
        for q in range(f):
            z = z + padded[r : r + n_H, q : q + n_W] @ W[r, q]  # sums over the channels
    return z


# %% [markdown]
# Computing the output of a network from its input, layer by layer, is called the
# [**forward pass**](glossary.md#forward-pass). Here is the forward pass of a layer with two filters. Before you
# start the animation, compute one value of each map by hand.

# %%
filter_1 = np.stack([[[1, -1], [2, 0]], [[0, 1], [0, -2]]], axis=-1)
W = np.stack([filter_0, filter_1], axis=-1)  # the filters are the last axis
b = np.array([1, -1])
z = convolution(a_prev, W, b)
draw.steps(a_prev, W, b, z)

# %% [markdown]
# ## The shapes
#
# The assignments use arrays of these shapes, with a batch of $m$ images:
#
# | array | shape |
# |---|---|
# | `A_prev`, the input | `(m, n_H_prev, n_W_prev, n_C_prev)` |
# | `W`, the weights; `W[:, :, :, c]` is filter `c` | `(f, f, n_C_prev, n_C)` |
# | `b`, one bias per filter | `(1, 1, 1, n_C)` |
# | `Z`, the output; `Z[i, :, :, c]` is a feature map | `(m, n_H, n_W, n_C)` |
#
# NumPy repeats the axes of length 1 of the bias for all images and positions
# ([**broadcasting**](glossary.md#broadcasting)). The output height is
#
# $$n_H = \left\lfloor \frac{n_{H_{prev}} + 2p - f}{s} \right\rfloor + 1,$$
#
# where $\lfloor\ \rfloor$ rounds down, and the width follows in the same way.
#
# **Predict.** A batch of 2 images with 5 rows, 7 columns and 4 channels goes through a layer with 8
# filters of size 3 x 3, padding 1 and stride 2. What is the shape of `Z`? Answer with a tuple.

# %%
predict("shape", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[(2, 3, 4, 8)]{= conv2d(np.ones((2, 5, 7, 4)), np.ones((3, 3, 4, 8)), stride=2, padding=1).shape }`.
# With padding, the images have 7 rows and 9 columns, so a kernel of 3 can start at rows 0, 2 and 4 and at
# columns 0, 2, 4 and 6. The 4 input channels disappear in the sum, and the 8 filters give 8 feature maps.
#
# </details>

# %% [markdown] tags=["row-8"]
# ## The activation function
#
# A convolution layer ends with an [activation function](glossary.md#activation-function) $g$, which is applied
# to each value. Usually it is [ReLU](glossary.md#relu), which sets negative values to 0. The activations
# $A = g(Z)$ are the input of the next layer.

# %%
a = relu(z)
print(a[:, :, 1])  # map 1: only its two negative values change

# %% [markdown]
# An activation is large where the patch resembles the filter, but it also grows with the contrast of the patch, and
# with its brightness unless the weights add up to 0: without a bias, an image half as bright gives half the
# activation. Without an activation function, two convolutions in a row could do no more than a single one with a
# larger kernel (away from the border), as [Activations](11_activations.ipynb) shows.

# %% [markdown] tags=["row-10", "row-11"]
# ## Counting parameters
#
# A filter has $f \cdot f \cdot n_{C_{prev}}$ weights and one bias, and the layer has $n_C$ filters:
#
# $$\text{parameters} = \left(f \cdot f \cdot n_{C_{prev}} + 1\right) \cdot n_C$$
#
# The height and width of the image do not appear. All positions share the same filters.
#
# **Predict.** How many parameters does a layer with four 5 x 5 filters have on a color image of
# 32 x 32 pixels?

# %%
predict("color", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Each filter has 3 channels, so the layer has $(5 \cdot 5 \cdot 3 + 1) \cdot 4 =$
# [304]{= (5 * 5 * 3 + 1) * 4 } parameters. Its output has the shape
# `[(28, 28, 4)]{= conv2d(np.ones((1, 32, 32, 3)), np.ones((5, 5, 3, 4))).shape[1:] }`. A dense layer with as many
# outputs needs [9,636,928]{= f'{(32 * 32 * 3 + 1) * 28 * 28 * 4:,}' } parameters, because each output has a
# weight for each of the [3,072]{= f'{32 * 32 * 3:,}' } input values. If each output saw only its own 5 x 5 patch, but with its
# own weights, there would still be [238,336]{= f'{(5 * 5 * 3 + 1) * 28 * 28 * 4:,}' }.
#
# </details>

# %% [markdown] tags=["row-10"]
# ## Four filters on a photograph
#
# Back to the dahlia, with four filters that you design by hand. Filters 0 and 1 have a third of a Sobel kernel in
# every channel, so they respond to changes in brightness, the mean of the channels. Filters 2 and 3 ignore
# neighboring pixels. All their weights are 0 except in the middle, where they compare the channels of one pixel.

# %%
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
W_own = np.zeros((3, 3, 3, 4))
for k in range(3):  # the same in all three channels
    W_own[:, :, k, 0] = sobel_x / 3
    W_own[:, :, k, 1] = sobel_x.T / 3
W_own[1, 1, :, 2] = [1, -0.5, -0.5]  # red minus the mean of green and blue
W_own[1, 1, :, 3] = [-0.5, 1, -0.5]  # green minus the mean of red and blue

part = flower / 255  # values from 0 to 1
a_own = relu(convolution(part, W_own, b=0, p=1))
print(part.shape, "to", a_own.shape)

# %% [markdown]
# **Predict.** Which of the four maps is bright on the whole orange flower, and which on the green
# leaves? Answer with a tuple, `(flower, leaves)`. Also decide which side of the flower's outline is
# bright in map 0, and which in map 1.

# %%
predict("maps", None)

# %%
draw.hand_made_maps(part, a_own)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Orange has more red than green and blue, so map 2 shows the flower and map 3 the leaves. The flower is
# brighter than its surroundings. From left to right, the brightness rises at its left outline, and map 0
# shows that outline. At the right outline the response is negative, and ReLU sets it to 0. In the same
# way, map 1 shows the upper outline and not the lower one.
#
# </details>
#
# This answers the question of the first figure. What counts is which weights add up to 0. Where they do so over the
# *neighbors*, a uniform area gives 0, and the filter responds to change. Where they do so over the *channels* of each
# pixel, gray gives 0, and the filter responds to color. A filter can do either, both, or neither. (Learned weights
# add up to 0 only roughly. Map 25 of the first figure would be almost as bright on black as on the leaves.)

# %% [markdown] tags=["row-9"]
# ## The layer in PyTorch and Keras
#
# Here are 8 filters for a batch of 16 color images. (Colab has both libraries. Where one is missing, its cells
# are skipped, and the rest of the lesson does not depend on them.) In PyTorch you specify the numbers of input and
# output channels, and the channels of the images come **first**. ReLU is a layer of its own.

# %% needs="torch"
import torch
from torch import nn

layer = nn.Sequential(nn.Conv2d(3, 8, kernel_size=3, padding=1), nn.ReLU())
batch = torch.rand(16, 3, 32, 32)  # images, channels, rows, columns
print(layer(batch).shape)
print(layer[0].weight.shape, layer[0].bias.shape)

# %% [markdown]
# In Keras, the channels come **last**, as in this course. The layer infers the number of input channels from the
# first batch, and `activation` adds the ReLU.

# %% needs="keras tensorflow"
import keras
from keras import layers

layer = layers.Conv2D(8, kernel_size=3, padding="same", activation="relu")
batch = keras.random.uniform((16, 32, 32, 3))  # images, rows, columns, channels
print(layer(batch).shape)
print(layer.kernel.shape, layer.bias.shape, layer.count_params(), "parameters")

# %% [markdown] tags=["row-9"]
# ## Moving weights into a library's layer
#
# Both layers have [224]{= (3 * 3 * 3 + 1) * 8 } parameters, but they store them in different orders:
#
# | | this lesson and Keras | PyTorch |
# |---|---|---|
# | images and feature maps | `(m, n_H, n_W, n_C)`, or NHWC | `(m, n_C, n_H, n_W)`, or NCHW |
# | weights | `(f, f, n_C_prev, n_C)` | `(n_C, n_C_prev, f, f)` |
# | biases | `(n_C,)` | `(n_C,)` |
#
# `W.transpose(3, 2, 0, 1)`, the old axes in their new order, turns weights of this course into those of PyTorch.
# [The convolution layer in libraries](07_convolution_layer_in_libraries.ipynb) moves trained weights, and finds the
# mistakes that go unnoticed.

# %% [markdown]
# ## Sixty-four learned filters
#
# The first layer of the edge network has [64]{= W_learned.shape[3] } filters and
# [1,792]{= f'{W_learned.size + b_learned.size:,}' } parameters. Each filter has three channels, so you can look at
# it as a tiny color image. Nobody designed these images. Training turned random numbers into
# these.

# %%
draw.learned_filters(edge_network)

# %% [markdown]
# Both kinds are here. The upper filters compare neighboring pixels, as Sobel's kernels do, in all directions. The
# last two rows compare channels. Some of those in between do both. They respond where one color meets another, even
# if both are equally bright, while your filters 0 and 1 give 0 there, and 2 and 3 do not distinguish the border from
# the area beside it.

# %% [markdown]
# ## Three layers draw a photograph
#
# The second layer of the edge network also has 64 filters, each reaching through all 64 maps of the first. The third
# has a single filter of 1 x 1 x 64, which computes a weighted sum of the 64 maps at every pixel. The sigmoid turns
# this sum into the probability that the pixel lies on an edge. (The layers are the first block of HED, by
# [Xie and Tu](https://arxiv.org/abs/1504.06375), which has five blocks.)
#
# All three layers are convolutions, so the nine lines can run them:

# %%
photo = photograph("astronaut.jpg", 320)  # or your own file
a = normalized(photo)[0]  # blue first, and minus a mean color, as in the training of the network
print(a.shape)
for W, b in edge_network.blocks[0]:
    a = relu(convolution(a, W, b, p=1))
    print(a.shape)
W, b = edge_network.sides[0]
z = convolution(a, W, b)[:, :, 0]
edges = 1 / (1 + np.exp(-z))  # the sigmoid: from 0 to 1
draw.drawing(photo, edges)

# %% [markdown]
# This is a convolutional neural network with
# [38,785]{= f'{sum(W.size + b.size for W, b in [*edge_network.blocks[0], edge_network.sides[0]]):,}' } parameters, and
# nine lines compute all of its convolutions. Now draw a photograph of your own: in Colab, upload it, and
# write its name in place of `"astronaut.jpg"`.
#
# Then try `"grass.jpg"`. Your drawing turns gray all over: the network finds an edge more likely than not at
# [77%]{= f'{np.mean(edge_network.side_outputs(photograph("grass.jpg", 320))[0] > 0):.0%}' } of the pixels. The
# network of lesson 01, whose drawing left out most of the roof tiles, does so at only
# [11%]{= f'{np.mean(edge_network.side_outputs(photograph("grass.jpg", 320))[1] > 0):.0%}' }. It starts with the same
# two 3 x 3 layers, after which a value depends on 5 x 5 pixels, and has just two more. Each of these should add two
# rows and two columns, which makes 9 x 9. But it is 14 x 14. What else is in that network? [Receptive
# fields](09_receptive_fields.ipynb) and [Pooling](10_pooling.ipynb) have the answer.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: by hand
#
# 1. A third filter has bias $-1$ and the kernels $\begin{pmatrix} 0 & 0 \\ 1 & 1 \end{pmatrix}$ for
#    channel 0 and $\begin{pmatrix} 0 & 0 \\ 2 & 0 \end{pmatrix}$ for channel 1. What is the `value` at
#    row 1, column 1 of its feature map of `a_prev`, with stride 1 and without padding?
# 2. A layer of VGG-16 has 128 filters of size 3 x 3, and its input has 64 channels. How many parameters
#    does it have (`n_parameters`)?

# %%
value = None
n_parameters = None
### BEGIN SOLUTION
# The patch is a_prev[1:3, 1:3]: channel 0 is [[3, 1], [1, 0]], channel 1 is [[0, 0], [1, 2]].
value = (1 * 1 + 0 * 1) + (1 * 2) + (-1)
n_parameters = (3 * 3 * 64 + 1) * 128
### END SOLUTION

# %%
check("value", value)
check("n_parameters", n_parameters)

# %% [markdown]
# ### Exercise 2: where red meets green
#
# Design a filter of shape (3, 3, 3), for the channels red, green and blue, that compares neighbors **and** channels.
# Its output should be
#
# - 0 for any image of a single color;
# - 0 for any gray image (three equal channels), whatever its edges;
# - positive at a vertical boundary with red (1, 0, 0) on the left and green (0, 1, 0) on the right.

# %%
boundary = None
### BEGIN SOLUTION
boundary = np.zeros((3, 3, 3))
boundary[:, :, 0] = -sobel_x  # from red to green, red decreases
boundary[:, :, 1] = sobel_x  # and green increases
### END SOLUTION

# %%
check("boundary", boundary)

# %% [markdown]
# ### Exercise 3: what is a layer worth?
#
# The function below trains a network to read the handwritten digits of the course, of 8 x 8 pixels, and returns
# the fraction of test digits that it reads. Its last layer is dense, with a score for each digit. Before it comes a
# convolution layer with `n_filters` filters, or none at all if `n_filters` is 0. Train each network with the seeds 0 to 4. By how many **percentage points** do one filter and eight
# filters change the mean accuracy, compared with no convolution? Answer with a tuple, `(one, eight)`.


# %%
def accuracy(n_filters, seed):
    layer = [Conv2D(n_filters, 3, padding=1), ReLU()] if n_filters else []
    network = Network([*layer, Flatten(), Dense(10)], (8, 8, 1), seed)
    data, settings = digits(), {"epochs": 12, "optimizer": Adam(0.03), "progress": False}
    train(network, data.train_images, data.train_labels, seed=seed, **settings)
    return evaluate(network, data.test_images, data.test_labels)[1]


gains = None
### BEGIN SOLUTION
none, one, eight = (np.mean([accuracy(n, seed) for seed in range(5)]) for n in (0, 1, 8))
gains = (100 * (one - none), 100 * (eight - none))
### END SOLUTION

# %%
check("gains", gains)

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# One filter gains nothing. A *random* filter followed by ReLU even loses six to seven points, and without ReLU about
# one. Eight filters gain two to three points. Eight random ones gain as much with ReLU, but at most one point without
# it: what helps is eight times as many nonlinear features of several pixels, not training them, and the pixels need
# not even be neighbors ([the details](../benchmarks/lessons/digit_filters.md)). On images this small, the dense layer
# does most of the work. Alone, it reads nine of ten digits.
#
# </details>

# %% [markdown]
# ## Recap
#
# Each [filter](glossary.md#filter) reaches through all channels of its input, and the dot products with all
# patches, plus a bias, form one [feature map](glossary.md#feature-map). The maps of all filters, stacked, are the
# channels of the output [volume](glossary.md#volume), to which an activation function is applied. The layer has
# $(f \cdot f \cdot n_{C_{prev}} + 1) \cdot n_C$ parameters, whatever the size of the image.

# %% [markdown]
# ## Milestone 1
#
# Now make the convolution yours. Do the assignments [Padding](../release/padding/padding.ipynb),
# [A single step of convolution](../release/single_step/single_step.ipynb) and
# [The forward pass](../release/conv_forward/conv_forward.ipynb). When their checks pass, run milestone 1
# in [Milestones](milestones.ipynb), where your own functions find the edges of a photograph.

# %% [markdown]
# ## What to read next
#
# - Next is [the same layer in Keras, TensorFlow and PyTorch](07_convolution_layer_in_libraries.ipynb),
#   which is optional. [Output sizes](08_output_sizes.ipynb) follows shapes through whole models.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.4:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/channels.html).
# - Karpathy and others, course notes of Stanford's CS231n, on convolution layers, with an animation of
#   two filters on three channels:
#   [cs231n.github.io](https://cs231n.github.io/convolutional-networks/).
