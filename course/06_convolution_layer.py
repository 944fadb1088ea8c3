# %% [markdown]
# # The convolution layer
#
# So far, a kernel has turned one grayscale image into one feature map, and for this dahlia that is not enough.
# In grayscale you could not tell an orange petal from a leaf that is just as bright. And one kernel finds one
# kind of edge, but a flower has edges in all directions. That is why a convolution layer looks at all color
# channels at once, and for many patterns at once. Run the next cells to see what the first layer of a trained
# network makes of the flower.

# %% include="lesson_setup"

# %%
from convnet.data import digits, load_sample_image
from convnet.edges import load_blocks
from convnet.functional import conv2d, relu
from convnet.layers import Conv2D, Dense, Flatten, ReLU
from convnet.network import Network
from convnet.training import Adam, train
from lesson_tools.convolution_layer import figures as draw
from lesson_tools.convolution_layer.frozen_filters import learned_and_frozen
from lesson_tools.convolution_layer.questions import check, predict
from lesson_tools.spine import spine

edge_network = load_blocks()
W_learned, b_learned = edge_network.blocks[0][0]
flower = load_sample_image("flower.jpg")[87:, 150:490]
draw.first_layer(flower, edge_network)

# %% [markdown]
# The drawing is the work of the edge network of lesson 01, whose first layer consists of
# [64]{= W_learned.shape[3] } filters. They make 64 feature maps, four of which you see here. All of them
# together get by with [1,792]{= f'{W_learned.size + b_learned.size:,}' } parameters, fewer than a *single*
# output of a dense layer needs for a color image of 25 x 25 pixels
# ([1,876]{= f'{25 * 25 * 3 + 1:,}' }). A network with such layers is a
# [**convolutional neural network**](glossary.md#convolutional-neural-network) (CNN).
#
# **By the end of this lesson you will be able to**
#
# 1. compute the output of a layer with several channels and several filters, by hand and as an
#    array, and say which patch each value comes from;
# 2. count the parameters of a convolution layer, its work and its memory, and write it in PyTorch and
#    Keras;
# 3. design filters for colors and edges, train a small network that finds a filter itself, and
#    measure what learning the filter is worth.
#
# **Time:** about 70 minutes, and 35 for the exercises. **You need:**
# [Padding](04_padding.ipynb) and [From dense to convolutional layers](05_why_convolution.ipynb). The two sections
# that begin with *Further* are optional and take another 5 minutes.

# %%
spine("convolution")

# %% [markdown]
# Of the seven operations that turn the photograph into the drawing, today's is the second one. Everything
# else in the network is there to prepare a convolution or to use its output.

# %% [markdown]
# ## Two questions to start
#
# Both are about [the lesson before](05_why_convolution.ipynb) and the ones before that.
#
# - A 5 x 5 kernel with a bias slides over a grayscale image of 32 x 32 pixels, without padding. How many
#   parameters does it have, and how many rows does its output have? Answer with a tuple,
#   `(parameters, rows)`.
# - In the image, a pattern moves 3 columns to the right. By how many columns does the response of the
#   kernel move in the feature map?

# %%
predict("one_kernel", None)
predict("moves", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# The kernel has $5 \cdot 5 + 1 =$ [26]{= 5 * 5 + 1 } parameters, whatever the size of the image, and its
# output has $32 - 5 + 1 =$ [28]{= 32 - 5 + 1 } rows. The response moves by 3 columns, too, because a
# convolution is translation equivariant. If this was new, go back to
# [From dense to convolutional layers](05_why_convolution.ipynb).
#
# </details>

# %% [markdown] tags=["row-8"]
# ## A single step of convolution
#
# Most images consist of several channels. To keep the numbers small, our next one, `a_prev`, has only 3
# rows, 4 columns and 2 channels, so its shape is `(3, 4, 2)`. One kernel is no longer enough for it: a
# [**filter**](glossary.md#filter) holds a kernel for **each channel of its input**, so that with kernels of
# 2 x 2 its shape is `(2, 2, 2)`.

# %%
channel_0 = np.array([[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1]])
channel_1 = np.array([[0, 2, 1, 0], [2, 0, 0, 1], [1, 1, 2, 0]])
a_prev = np.stack([channel_0, channel_1], axis=-1)  # the channels are the last axis
filter_0 = np.stack([[[1, 0], [0, 1]], [[0, 2], [-1, 0]]], axis=-1)
draw.patch_and_filter(a_prev, filter_0)

# %% [markdown]
# The outlined patch is `a_prev[0:2, 0:2, :]`, that is, rows 0 and 1, columns 0 and 1, and all channels.
# Since patch and filter have the same shape, you can take their [dot product](glossary.md#dot-product) over
# rows, columns **and channels**. That, plus the bias, which is added once and not once per channel, is one
# step of the convolution:
#
# $$z = \sum_{r=0}^{f-1}\ \sum_{q=0}^{f-1}\ \sum_{k=0}^{n_{C_{prev}}-1} a_{r,q,k}\; W_{r,q,k} + b$$
#
# | symbol | meaning | shape |
# |---|---|---|
# | $a$ | the patch | `(f, f, n_C_prev)`, here [(2, 2, 2)]{= a_prev[0:2, 0:2, :].shape } |
# | $W$ | the filter | `(f, f, n_C_prev)`, here [(2, 2, 2)]{= filter_0.shape } |
# | $b$, $z$ | bias and output | one number each |
#
# Here $f$ is the kernel size and $n_{C_{prev}}$ the number of channels of the input, which is the output
# of the *previous* layer.

# %% [markdown]
# ## Your turn
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
# Two channels go in, but only **one number** comes out. Beginners often expect a number for each channel,
# but the sum runs over the channels, too. You will write this step yourself in the assignment
# [A single step of convolution](../release/single_step/single_step.ipynb).

# %% [markdown] tags=["row-10"]
# ## Many filters, many feature maps
#
# If a filter swallows all channels and returns a single number, where do the many channels of the output
# come from? From many filters. As one filter slides over the image, its numbers form a feature map. A second
# filter sees the same patches but looks for something else, so it computes a second map. Stack the maps, and
# they become the **channels of the output**.

# %%
draw.volumes()

# %% [markdown]
# Arrays like these are called [**volumes**](glossary.md#volume), with height and width as their
# [**spatial dimensions**](glossary.md#spatial-dimensions) and the number of channels as their
# [**depth**](glossary.md#depth). However small a filter is in height and width, it always reaches through
# the full depth of its input.

# %% [markdown]
# ## Two filters at work
#
# The next cell defines filter 1, whose bias is $-1$, and computes both feature maps with `conv2d`, the
# course's convolution. Before you start the animation, compute one value of each map by hand.

# %%
filter_1 = np.stack([[[1, -1], [2, 0]], [[0, 1], [0, -2]]], axis=-1)
W = np.stack([filter_0, filter_1], axis=-1)  # the filters are the last axis
b = np.array([1, -1]).reshape(1, 1, 1, 2)
A_prev = a_prev.reshape(1, 3, 4, 2)  # a batch of one image
Z = conv2d(A_prev, W, b.reshape(2))  # it takes the biases as a 1-D array
draw.steps(a_prev, W, b, Z)

# %% [markdown] tags=["row-8", "row-10"]
# ## The forward pass
#
# A real layer gets a batch of images, pads them, and may use a stride. The value at row $h$ and column
# $w$ then comes from the patch whose upper left corner is at row $hs$ and column $ws$ of the **padded**
# input $A^{pad}$. For [**example**](glossary.md#example) $i$ and output channel $c$,
#
# $$Z_{i,h,w,c} = \sum_{r=0}^{f-1}\ \sum_{q=0}^{f-1}\ \sum_{k=0}^{n_{C_{prev}}-1}
# A^{pad}_{i,\, hs+r,\, ws+q,\, k}\; W_{r,q,k,c} + b_c$$
#
# The indices look worse than they are. Each of the four on the left is a loop, and inside all four there
# is one and the same step, which you have just done by hand: for each image $i$, for each row $h$ and each
# column $w$ of the output, and for each filter $c$, take the patch and the filter and compute the three
# sums. Computing the output of a network from its input in this way, layer by layer, is called the
# [**forward pass**](glossary.md#forward-pass).

# %% [markdown]
# ## The shapes
#
# | array | shape | here |
# |---|---|---|
# | `A_prev`, the input | `(m, n_H_prev, n_W_prev, n_C_prev)` | [(1, 3, 4, 2)]{= A_prev.shape } |
# | `W`, the weights; `W[:, :, :, c]` is filter `c` | `(f, f, n_C_prev, n_C)` | [(2, 2, 2, 2)]{= W.shape } |
# | `b`, one bias per filter | `(1, 1, 1, n_C)` | [(1, 1, 1, 2)]{= b.shape } |
# | `Z`, the output; `Z[i, :, :, c]` is a feature map | `(m, n_H, n_W, n_C)` | [(1, 2, 3, 2)]{= Z.shape } |
#
# These are the names that the assignments use. The bias has three axes of length 1, which NumPy repeats
# for all images and positions ([**broadcasting**](glossary.md#broadcasting)). The output height is
#
# $$n_H = \left\lfloor \frac{n_{H_{prev}} + 2p - f}{s} \right\rfloor + 1,$$
#
# where $\lfloor\ \rfloor$ rounds down, and the width follows in the same way.
# [Output sizes](08_output_sizes.ipynb) has more on that.

# %% [markdown]
# ## Which shape comes out?
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
# There are still 2 images. With padding they have 7 rows and 9 columns, so a kernel of 3 can start at
# rows 0, 2 and 4 and at columns 0, 2, 4 and 6. While the 4 input channels disappear in the sum, the 8
# filters give 8 feature maps, for which the layer takes $2 \cdot 3 \cdot 4 \cdot 8 =$
# [192]{= 2 * 3 * 4 * 8 } single steps.
#
# </details>
#
# You will write the forward pass yourself in the assignment
# [The forward pass](../release/conv_forward/conv_forward.ipynb).

# %% [markdown]
# ## What if the depths differ?
#
# Here a filter for color images, with 3 channels, meets our image with 2 channels.

# %%
color_filter = np.ones((2, 2, 3, 1))
try:
    conv2d(A_prev, color_filter)
except ValueError as error:
    print(error)

# %% [markdown]
# A filter must have as many channels as its input, so its depth is not yours to choose. The number of *filters*
# is, which makes it a [**hyperparameter**](glossary.md#hyperparameter), a number that the designer of a network
# chooses, like $f$, $p$ and $s$. The weights and biases, on the other hand, are learned. (Grouped convolution,
# in [lesson 23](23_efficient_networks.ipynb), lets each filter see only some of the channels.)

# %% [markdown] tags=["row-8"]
# ## The activation function
#
# As in [Kernels](02_kernels.ipynb), a convolution layer ends with an
# [activation function](glossary.md#activation-function) $g$ that is applied element-wise, usually
# [ReLU](glossary.md#relu), which keeps positive values and sets negative ones to 0. When we count layers,
# convolution and activation function are one. The activations
# $A = g(Z)$ have the shape of $Z$, and they are the input of the next layer. Which values of our two
# feature maps will change?

# %%
draw.activations(Z)

# %% [markdown]
# You can read an activation as *how strongly the pattern of the filter is present here*, with 0 for *not
# at all*. Without an activation function, two convolutions in a row could do no more than a single one
# with a larger kernel. [Activations](11_activations.ipynb) shows why, and what ReLU changes about it.
#
# With it, layers can build on each other. The next layer combines 64 maps of edges and colors, and a
# layer further on combines its combinations. Lesson 26 looks for the hierarchy of features that results,
# from edges to textures to parts of objects, in a trained network.

# %% [markdown] tags=["row-10", "row-11"]
# ## Counting parameters
#
# A filter has $f \cdot f \cdot n_{C_{prev}}$ weights and one bias, and the layer has $n_C$ filters:
#
# $$\text{parameters} = \left(f \cdot f \cdot n_{C_{prev}} + 1\right) \cdot n_C$$
#
# Look for the height and width of the image in this formula. They are not there.
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
# [304]{= (5 * 5 * 3 + 1) * 4 } parameters. All four cases:
#
# | input | 5 x 5 filters | parameters | output |
# |---|--:|--:|---|
# | grayscale, `(32, 32, 1)` | 1 | [26]{= 5 * 5 * 1 + 1 } | `[(28, 28, 1)]{= conv2d(np.ones((1, 32, 32, 1)), np.ones((5, 5, 1, 1))).shape[1:] }` |
# | color, `(32, 32, 3)` | 1 | [76]{= 5 * 5 * 3 + 1 } | `[(28, 28, 1)]{= conv2d(np.ones((1, 32, 32, 3)), np.ones((5, 5, 3, 1))).shape[1:] }` |
# | grayscale, `(32, 32, 1)` | 4 | [104]{= (5 * 5 * 1 + 1) * 4 } | `[(28, 28, 4)]{= conv2d(np.ones((1, 32, 32, 1)), np.ones((5, 5, 1, 4))).shape[1:] }` |
# | color, `(32, 32, 3)` | 4 | [304]{= (5 * 5 * 3 + 1) * 4 } | `[(28, 28, 4)]{= conv2d(np.ones((1, 32, 32, 3)), np.ones((5, 5, 3, 4))).shape[1:] }` |
#
# The depth of the input changes the number of parameters, and not the output. The number of filters
# changes both.
#
# </details>
#
# <details>
# <summary>How many would a dense layer have?</summary>
#
# Three layers that turn the color image into 28 x 28 x 4 outputs:
#
# | layer | parameters |
# |---|--:|
# | dense: each output sees all [3,072]{= f'{32 * 32 * 3:,}' } input values | [9,636,928]{= f'{(32 * 32 * 3 + 1) * 28 * 28 * 4:,}' } |
# | local: each output sees a patch of [75]{= 5 * 5 * 3 } values | [238,336]{= f'{(5 * 5 * 3 + 1) * 28 * 28 * 4:,}' } |
# | local and shared: the [784]{= 28 * 28 } outputs of a map use one filter | [304]{= (5 * 5 * 3 + 1) * 4 } |
#
# </details>

# %% [markdown]
# ## What does a layer cost?
#
# The parameters are stored only once, so they are seldom what makes a convolution layer expensive. There are two
# more costs, and these have to be paid for each image:
#
# - **Work.** Each of the $n_H \cdot n_W \cdot n_C$ outputs is a dot product of $f \cdot f \cdot n_{C_{prev}}$
#   numbers, and every product is added to a running sum. Such a step is a
#   [**multiply-accumulate**](glossary.md#multiply-accumulate) (MAC), so the layer takes
#   $n_H \cdot n_W \cdot n_C \cdot f \cdot f \cdot n_{C_{prev}}$ MACs.
# - **Memory.** The layer stores $n_H \cdot n_W \cdot n_C$ activations, usually in 4 bytes each (32-bit floats).
#
# **Predict.** You give the layer an image that is twice as high and twice as wide. By which factors do the
# parameters, the MACs and the memory for the activations grow? Answer with a tuple of three numbers.

# %%
predict("costs", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (1, 4, 4). Height and width do not occur in the number of parameters. They are factors of the other two
# costs, and $2 \cdot 2 = 4$.
#
# </details>
#
# The next cell computes the three costs, for layers that keep the height and width of their input:


# %%
def costs(n_H, n_W, n_C_prev, n_C, f):
    parameters = (f * f * n_C_prev + 1) * n_C
    macs = n_H * n_W * n_C * f * f * n_C_prev
    return parameters, macs, 4 * n_H * n_W * n_C


print(f"{'':<31} parameters          MACs activations, bytes")
for name, sizes in {
    "first layer of the edge network": (224, 224, 3, 64, 3),
    "its second layer": (224, 224, 64, 64, 3),
    "the second, at twice the size": (448, 448, 64, 64, 3),
}.items():
    parameters, macs, memory = costs(*sizes)
    print(f"{name:<31} {parameters:>10,} {macs:>13,} {memory:>18,}")

# %% [markdown]
# The outputs of the first two layers have the same shape. But the second layer takes
# [21]{= f'{costs(224, 224, 64, 64, 3)[1] / costs(224, 224, 3, 64, 3)[1]:.0f}' } times as many MACs, because
# each of its filters reaches through 64 channels and not through 3. A dense layer uses each of its weights only
# once per image. A convolution uses each of them at every position, here [50,176]{= f'{224 * 224:,}' } times.
# So few weights can mean a lot of work.
#
# Now compare parameters and activations. The [36,928]{= f'{costs(224, 224, 64, 64, 3)[0]:,}' } parameters of the
# second layer take up [148 kB]{= f'{4 * costs(224, 224, 64, 64, 3)[0] / 1000:.0f} kB' }, but its activations take up
# [12.8 MB]{= f'{costs(224, 224, 64, 64, 3)[2] / 1e6:.1f} MB' }, and that is for a single image. During training, all
# layers have to keep their activations for a whole batch of images, so if a GPU runs out of memory, a smaller
# batch helps.

# %% [markdown] tags=["row-9"]
# ## The layer in PyTorch and Keras
#
# You now know everything that a convolution layer computes, so you can read it in any library. (Colab has
# PyTorch and Keras. Where they are missing, their cells are skipped, and the rest of the lesson does not
# depend on them.) One point differs. Keras can include the activation function in the layer
# (`activation="relu"`), but in PyTorch, as in the course's own code, ReLU is a layer of its own.
#
# Here are 8 filters for a batch of 16 color images. In PyTorch you write both numbers of channels, and the
# channels of the images come **first**:

# %% needs="torch"
import torch
from torch import nn

layer = nn.Conv2d(3, 8, kernel_size=3, padding=1)
batch = torch.rand(16, 3, 32, 32)  # images, channels, rows, columns
print(layer(batch).shape)
print(layer.weight.shape, layer.bias.shape)

# %% [markdown]
# In Keras, as in this course, the channels come **last**. The layer takes the number of input channels from the
# first images that it sees. For this kernel size, `"same"` is the same padding as 1:

# %% needs="keras tensorflow"
import keras
from keras import layers

layer = layers.Conv2D(8, kernel_size=3, padding="same")
batch = keras.random.uniform((16, 32, 32, 3))  # images, rows, columns, channels
print(layer(batch).shape)
print(layer.kernel.shape, layer.bias.shape, layer.count_params(), "parameters")

# %% [markdown] tags=["row-9"]
# ## Moving weights into a library's layer
#
# Both layers have the same [224]{= (3 * 3 * 3 + 1) * 8 } parameters, but not in the same order:
#
# | | this course and Keras | PyTorch |
# |---|---|---|
# | images and feature maps | `(m, n_H, n_W, n_C)`, or NHWC | `(m, n_C, n_H, n_W)`, or NCHW |
# | weights | `(f, f, n_C_prev, n_C)` | `(n_C, n_C_prev, f, f)` |
# | biases | `(n_C,)` | `(n_C,)` |
#
# So if weights or images move from one to the other, their axes have to be reordered. `transpose` lists the
# old axes in their new order, and PyTorch calls it `permute`. Is our `Z` what PyTorch computes with our two
# filters?

# %% needs="torch"
layer = nn.Conv2d(2, 2, kernel_size=2)
with torch.no_grad():  # do not record these steps for gradients
    layer.weight.copy_(torch.tensor(W.transpose(3, 2, 0, 1)))
    layer.bias.copy_(torch.tensor(b.reshape(2)))
    output = layer(torch.tensor(A_prev, dtype=torch.float32).permute(0, 3, 1, 2))
print(output.numpy())
print("equal to Z:", np.array_equal(output.permute(0, 2, 3, 1), Z))

# %% [markdown]
# Keras takes the arrays as they are:

# %% needs="keras tensorflow"
layer = layers.Conv2D(2, kernel_size=2)
layer.build(A_prev.shape)  # creates the weights
layer.set_weights([W, b.reshape(2)])
print("equal to Z:", np.array_equal(layer(A_prev.astype("float32")), Z))

# %% [markdown]
# Here a wrong order of the axes would not have been noticed from the shapes, because all four numbers of
# `W.shape` are 2. [Lesson 07](07_convolution_layer_in_libraries.ipynb), which is optional, makes such mistakes
# on purpose and shows how to find them.

# %% [markdown] tags=["row-10"]
# ## Four filters on a photograph
#
# Back to the dahlia, and to a layer that you design by hand, with four filters of shape (3, 3, 3). Filters
# 0 and 1 hold a third of a Sobel kernel in every color channel, so that they respond to changes of the
# brightness, the mean of the three channels. Filters 2 and 3 do not care about neighbors at all. Their
# weights are 0 except for the middle pixel, whose colors they compare.

# %%
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
W_own = np.zeros((3, 3, 3, 4))
for k in range(3):  # the same in all three channels
    W_own[:, :, k, 0] = sobel_x / 3
    W_own[:, :, k, 1] = sobel_x.T / 3
W_own[1, 1, :, 2] = [1, -0.5, -0.5]  # red minus the mean of green and blue
W_own[1, 1, :, 3] = [-0.5, 1, -0.5]  # green minus the mean of red and blue

part = flower.reshape(1, 340, 340, 3) / 255  # a batch of one, values from 0 to 1
A_own = relu(conv2d(part, W_own, padding=1))
print(part.shape, "to", A_own.shape)

# %% [markdown]
# **Predict.** Which of the four maps is bright on the whole orange flower, and which on the green
# leaves? Answer with a tuple, `(flower, leaves)`. Also decide which side of the flower's outline is
# bright in map 0, and which in map 1.

# %%
predict("maps", None)

# %%
draw.hand_made_maps(part[0], A_own)

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

# %% [markdown]
# ## Sixty-four learned filters
#
# A filter for color images has three channels, so you can look at it as a tiny color image. And as you know
# from [Kernels](02_kernels.ipynb), it looks like what it responds to. Here are all 64 filters of the edge
# network's first layer. Nobody designed them. They were random numbers at first, until training made them into
# this.

# %%
draw.learned_filters(edge_network)

# %% [markdown]
# The upper ones compare neighboring pixels, as Sobel's kernels do, and most are bright on one side and dark
# on the other, in every direction. The lower ones have nearly the same color everywhere: they compare channels,
# not neighbors. So the network has found both of your ideas. For each of your four filters, the next figure
# shows a learned one that resembles it:

# %%
draw.pairs(flower, W_own, edge_network)

# %% [markdown]
# Your four filters have [112]{= W_own.size + 4 } parameters, biases included. Training found filters of the same
# two kinds on its own.

# %% [markdown]
# ## A network that learns its filter
#
# Let us watch a filter being found. Our network reads the handwritten digits that come with the course,
# of 8 x 8 pixels in one channel. It consists of a convolution layer with a single 3 x 3 filter
# ($p = 1$), ReLU, and a dense layer that computes ten scores, one for each digit, from all activations.
#
# **Predict.** How many parameters do its convolution layer and its dense layer have, biases included?
# Answer with a tuple, `(convolution, dense)`.

# %%
predict("network", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The convolution layer has $3 \cdot 3 \cdot 1 + 1 =$ [10]{= 3 * 3 * 1 + 1 }. Its output has
# $8 \cdot 8 \cdot 1 = 64$ activations, so the dense layer has $(64 + 1) \cdot 10 =$
# [650]{= (8 * 8 * 1 + 1) * 10 }.
#
# </details>

# %% [markdown]
# ## Train it
#
# `train` does gradient descent, as you did in [lesson 01](01_images_and_convolution.ipynb) with a single
# kernel. It shows the network 32 digits at a time. It measures how wrong the ten scores are with a number, the
# [loss](glossary.md#loss), and then changes each of the [660]{= 10 + 650 } parameters a little so that the loss
# falls. When it has been through all [1,500]{= f'{len(digits().train_images):,}' } digits, one
# [epoch](glossary.md#epoch) is over. ([Losses](12_losses.ipynb) explains the loss, and
# [Backpropagation](13_backpropagation.ipynb) opens the box.)

# %%
data = digits()
network = Network([Conv2D(1, 3, padding=1), ReLU(), Flatten(), Dense(10)], (8, 8, 1), seed=4)
digit, filters, maps = data.test_images[4:5], [], []


def keep(history=None):  # after each epoch, copy the filter and its map of one digit
    filters.append(network.layers[0].parameters["W"].copy())
    maps.append(network.feature_maps(digit)[1])


keep()
images, labels = data.train_images, data.train_labels
settings = {"epochs": 12, "optimizer": Adam(0.01), "after_epoch": keep, "progress": False}
history = train(network, images, labels, **settings)
draw.learning(digit, history, filters, maps)

# %% [markdown]
# The loss falls, fast at first. The filter starts as random numbers, and its pattern changes most in the first
# epoch. After that, the weights of the upper row and the right column are positive, and most of the others are
# negative. From then on the weights mainly grow, but you do not see it, because each frame has its own color
# scale. Nobody told the filter what to look for. The only goal was to make the ten scores less wrong.

# %% [markdown]
# ## What is learning the filter worth?
#
# The animation shows that the filter changes, but it does not show that the change is of any use. For
# that, we have to compare with the same network whose random filter is **frozen**, so that only the dense
# layer is trained. We scale the frozen filter to the size that the learned one reaches, because a small
# filter would slow the dense layer down.
#
# Accuracy on the training digits proves nothing, so we test both networks on the other 297. And since a single
# run may be lucky, we train each network five times, from other random numbers. We do so with the official
# training set of the course, and with five others, chosen at random from all 1,797 digits. Then we repeat
# everything with eight filters. (These 40 trainings take five to ten seconds.)

# %%
for n_filters in (1, 8):
    for split in ("official", "random"):
        runs = [learned_and_frozen(data, n_filters, split, seed) for seed in range(5)]
        print(f"{n_filters} filter{'s' * (n_filters > 1)}, {split} training set")
        for name, accuracies in zip(("learned", "frozen"), np.transpose(runs), strict=True):
            low, mean, high = np.min(accuracies), np.mean(accuracies), np.max(accuracies)
            print(f"  {name:<8} {mean:.1%} of the test digits, from {low:.1%} to {high:.1%}")

# %% [markdown]
# With the random filter left as it was, the network reads about 82% of the official test digits, and with
# the learned filter about 90%. With random training sets both numbers are higher, about 89% and 96%, but
# the learned filter wins again. Learning also makes the result depend less on luck, because the network
# with the worst random filter reads only about 70% of the official test digits.
#
# With eight filters there is hardly a difference. Among eight random filters, the dense layer finds enough
# to work with. So a network can find its filters, but on images this small, learning them pays only if
# there are few.

# %% [markdown]
# ## A simpler method
#
# Do not praise the convolution too soon, either. A [baseline](glossary.md#baseline) that is older than
# all convolutional networks is *3-nearest neighbors*, which finds the three training digits that are most
# similar to the new one, pixel by pixel, and lets them vote. It has no parameters, so there is nothing to
# train.


# %%
def vote(digit):
    distances = np.sum((images - digit) ** 2, axis=(1, 2, 3))
    nearest = labels[np.argsort(distances, kind="stable")[:3]]
    return np.bincount(nearest).argmax()


right = [vote(digit) for digit in data.test_images] == data.test_labels
print(f"3-nearest neighbors: {np.mean(right):.1%} of the test digits")

# %% [markdown]
# It reads [96]{= f'{100 * np.mean(right):.0f}' }% of the official test digits, more than any of the
# ten networks with learned filters. So on images of 8 x 8 pixels, our networks are no triumph.
# [Training](14_training.ipynb) shows how to compare methods fairly.

# %% [markdown]
# ## Further: the digit network in PyTorch
#
# *You can skip this section and the next.* In a project, you would write the network with one filter as a class
# derived from `nn.Module`. Its method `__init__` creates the layers that have parameters, and `forward` says
# how the images pass through them. You do not write a backward pass, because PyTorch derives it from what
# `forward` does.


# %% needs="torch"
class DigitNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(1, 1, kernel_size=3, padding=1)
        self.dense = nn.Linear(64, 10)

    def forward(self, images):
        maps = torch.relu(self.convolution(images))
        return self.dense(maps.flatten(start_dim=1))


torch.manual_seed(0)
model = DigitNetwork()
print(sum(p.numel() for p in model.parameters()), "parameters")

# %% [markdown]
# The training loop repeats the four steps of lesson 01 for each batch of 32 digits:

# %% needs="torch"
from torch.utils.data import DataLoader, TensorDataset

digit_images = torch.tensor(images).permute(0, 3, 1, 2)  # channels first
dataset = TensorDataset(digit_images, torch.tensor(labels))
loader = DataLoader(dataset, batch_size=32, shuffle=True)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(12):
    for batch, targets in loader:
        loss = loss_fn(model(batch), targets)  # how wrong are the scores?
        optimizer.zero_grad()  # forget the gradient of the step before
        loss.backward()  # compute the gradient
        optimizer.step()  # take a step downhill

with torch.no_grad():
    scores = model(torch.tensor(data.test_images).permute(0, 3, 1, 2))
print(f"{np.mean(scores.argmax(dim=1).numpy() == data.test_labels):.1%} of the test digits")

# %% [markdown]
# (To freeze the filter, as in the experiment, write `model.convolution.requires_grad_(False)` before the loop.)

# %% [markdown]
# ## Further: the digit network in Keras
#
# Keras lists the layers of a network, and the loop is inside `fit`. All you have to say is which loss and which
# optimizer it should use. (`from_logits=True` means that the network returns scores, not probabilities.)

# %% needs="keras tensorflow"
keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(1, kernel_size=3, padding="same", activation="relu"),
        layers.Flatten(),
        layers.Dense(10),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(images, labels, batch_size=32, epochs=12, verbose=0)
loss, accuracy = model.evaluate(data.test_images, data.test_labels, verbose=0)
print(f"{model.count_params()} parameters, {accuracy:.1%} of the test digits")

# %% [markdown]
# Either way, the network reads about nine in ten of the test digits, as ours does. Exactly the same number
# would be a surprise, because the three libraries start from different random weights.
# [Training](14_training.ipynb) takes both programs apart line by line.

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
# ### Exercise 2: one feature map, channel by channel
#
# You know `cross_correlate` for 2-D arrays from lesson 01; here it adds up shifted images, as in lesson
# 02. Use it to compute the feature map of one filter `W` of shape $(f, f, n_C)$ with bias `b` on one
# image `X` of shape $(n_H, n_W, n_C)$.


# %%
def cross_correlate(X, W):
    n_H, n_W = X.shape[0] - W.shape[0] + 1, X.shape[1] - W.shape[1] + 1
    Z = np.zeros((n_H, n_W))
    for r in range(W.shape[0]):
        for q in range(W.shape[1]):
            Z += W[r, q] * X[r : r + n_H, q : q + n_W]
    return Z


def feature_map(X, W, b):
    Z = None
    ### BEGIN SOLUTION
    Z = b
    for k in range(X.shape[2]):
        Z = Z + cross_correlate(X[:, :, k], W[:, :, k])
    ### END SOLUTION
    return Z


# %%
check("feature_map", feature_map)

# %% [markdown]
# ### Exercise 3: find the bug
#
# This function counts the parameters of a network. `layers` lists the kernel size and the number of
# filters of each convolution layer. `count_buggy(3, [(5, 4)])` is right, 304. Find a network for which
# the function is wrong, and write a correct version.
#
# ```python
# def count_buggy(n_C_image, layers):
#     total = 0
#     for f, n_C in layers:
#         total += (f * f * n_C_image + 1) * n_C
#     return total
# ```


# %%
def count_fixed(n_C_image, layers):
    total = None
    ### BEGIN SOLUTION
    total = 0
    n_C_prev = n_C_image
    for f, n_C in layers:
        total += (f * f * n_C_prev + 1) * n_C
        n_C_prev = n_C  # the next layer's input has a channel for each filter
    ### END SOLUTION
    return total


# %%
check("count_fixed", count_fixed)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then try it.
#
# 1. ... you shuffle the pixels of `part` and apply `W_own`?
# 2. ... you swap red and blue in `part`, but not in the filters?
# 3. ... the digit network has eight filters, and all start with the same weights? (In a copy of its
#    cell, write `Conv2D(8, 3, padding=1)`, set `network.layers[0].parameters["W"][:] = 0.1` before
#    `keep()`, and print `filters[-1]` at the end.)

# %%
shuffled = np.random.default_rng(3).permutation(part.reshape(-1, 3)).reshape(part.shape)
A_shuffled = relu(conv2d(shuffled, W_own, padding=1))
A_swapped = relu(conv2d(part[:, :, :, ::-1], W_own, padding=1))
middle = np.s_[0, 100:200, 100:200, 2]  # map 2, inside the flower

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. The mean of map 0 rises from [0.07]{= f'{A_own[..., 0].mean():.2f}' } to
#    [0.34]{= f'{A_shuffled[..., 0].mean():.2f}' }, because there are edges everywhere, and the map is
#    noise. Map 2 still has the mean [0.24]{= f'{A_shuffled[..., 2].mean():.2f}' }, with its pixels
#    shuffled, because filter 2 looks at single pixels.
# 2. In the middle of the flower, the mean of map 2 falls from
#    [0.57]{= f'{A_own[middle].mean():.2f}' } to [0.00]{= f'{A_swapped[middle].mean():.2f}' }. The other
#    maps stay the same, since their filters have equal weights for red and blue. With red and blue
#    swapped in the filters too, the output is unchanged. Some libraries, such as OpenCV, store blue
#    first, and a wrong order raises no error.
# 3. All eight maps are the same at the start, but they do not stay the same, because the dense layer
#    has other random weights for each of them. If those were equal as well, the eight filters would
#    receive the same changes in every step and remain one filter. This is why training starts from
#    *random* weights.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **compute the output of a convolution layer:** the dot product of patch and filter over rows,
#    columns and channels, plus the bias; output $(h, w)$ comes from the patch at $(hs, ws)$ of the
#    padded input; the feature maps are stacked as channels, and $A = g(Z)$ follows;
# 2. **count its parameters:** $(f \cdot f \cdot n_{C_{prev}} + 1) \cdot n_C$, whatever the size of the
#    image, while MACs and activations grow with it; and write it as `nn.Conv2d` or `layers.Conv2D`;
# 3. **design filters** that compare neighbors or colors, train a network that finds its own, and compare
#    it with frozen filters and a simple baseline to see what the learning is worth.
#
# | term in this course | you may also read |
# |---|---|
# | [**volume**](glossary.md#volume), [**depth**](glossary.md#depth): channels included | tensor; number of channels |
# | [**feature map**](glossary.md#feature-map) | activation map |
# | $n_{C_{prev}}$, $A_{prev}$: channels and activations of the previous layer | $n_C^{[l-1]}$, $a^{[l-1]}$ |

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
# - Xie and Tu, *Holistically-Nested Edge Detection* (ICCV 2015), the network of the 64 filters:
#   [arXiv:1504.06375](https://arxiv.org/abs/1504.06375).
