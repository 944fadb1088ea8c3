# %% [markdown]
# # The convolution layer
#
# A kernel turns one grayscale image into one feature map. That is not enough for this dahlia. In
# grayscale, you could not tell an orange petal from a leaf that is just as bright, and one kernel
# finds one kind of edge, while a flower has edges in all directions. A convolution layer looks at all
# color channels at once, and for many patterns at once. Run the next cells to see what the first layer
# of a trained network makes of the flower.

# %% include="lesson_setup"

# %%
from convnet.data import digits, load_sample_image
from convnet.edges import load_blocks
from convnet.functional import conv2d, relu
from convnet.layers import Conv2D, Dense, Flatten, ReLU
from convnet.network import Network
from convnet.training import Adam, train
from lesson_tools.drawings import convolution_layer as draw
from lesson_tools.frozen_filters import learned_and_frozen
from lesson_tools.questions.convolution_layer import check, predict
from lesson_tools.spine import spine

edge_network = load_blocks()
W_learned, b_learned = edge_network.blocks[0][0]
flower = load_sample_image("flower.jpg")[87:, 150:490]
draw.first_layer(flower, edge_network)

# %% [markdown]
# The drawing is the work of the edge network of lesson 01. Its first layer has
# [64]{= W_learned.shape[3] } filters, which make 64 feature maps; you see four of them. The whole layer
# has [1,792]{= f'{W_learned.size + b_learned.size:,}' } parameters, and that is fewer than a *single*
# output of a dense layer needs for a color image of 25 x 25 pixels
# ([1,876]{= f'{25 * 25 * 3 + 1:,}' }). A network with such layers is a
# [**convolutional neural network**](glossary.md#convolutional-neural-network) (CNN).
#
# **By the end of this lesson you will be able to**
#
# 1. compute the output of a layer with several channels and several filters, by hand and as an
#    array, and say which patch each value comes from;
# 2. count the parameters of a convolution layer;
# 3. design filters for colors and edges, train a small network that finds a filter itself, and
#    measure what learning the filter is worth.
#
# **Time:** about 45 minutes, and 30 for the exercises. **You need:**
# [Padding](04_padding.ipynb) and [From dense to convolutional layers](05_why_convolution.ipynb).

# %%
spine("convolution")

# %% [markdown]
# These are the seven operations of the edge network, and today's is the second one. Everything else
# in the network is there to prepare a convolution or to use its output.

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
# Images usually have several channels. Our next one, `a_prev`, has 3 rows, 4 columns and 2 channels, so
# its shape is `(3, 4, 2)`. A [**filter**](glossary.md#filter) has one kernel for **each channel of its
# input**. With kernels of 2 x 2, its shape is `(2, 2, 2)`.

# %%
channel_0 = np.array([[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1]])
channel_1 = np.array([[0, 2, 1, 0], [2, 0, 0, 1], [1, 1, 2, 0]])
a_prev = np.stack([channel_0, channel_1], axis=-1)  # the channels are the last axis
filter_0 = np.stack([[[1, 0], [0, 1]], [[0, 2], [-1, 0]]], axis=-1)
draw.patch_and_filter(a_prev, filter_0)

# %% [markdown]
# The outlined patch is `a_prev[0:2, 0:2, :]`, that is, rows 0 and 1, columns 0 and 1, and all channels. It
# has the shape of the filter. One step of the convolution is the
# [dot product](glossary.md#dot-product) of the two, over rows, columns **and channels**, and then the
# bias is added, once:
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
# Two channels go in, and **one number** comes out. Beginners often expect one number for each channel,
# but the channels are added up. You will write this step yourself in the assignment
# [A single step of convolution](../release/single_step/single_step.ipynb).

# %% [markdown] tags=["row-10"]
# ## Many filters, many feature maps
#
# Where, then, do the many channels of the output come from? From many filters. One filter slides over
# the image and computes one number at each position, and these numbers form its feature map. A second
# filter computes a second feature map. The feature maps are stacked, and they become the **channels of
# the output**.

# %%
draw.volumes()

# %% [markdown]
# Arrays like these are called [**volumes**](glossary.md#volume). Height and width are their
# [**spatial dimensions**](glossary.md#spatial-dimensions), and the number of channels is their
# [**depth**](glossary.md#depth). A filter is small in height and width, but it always reaches through
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
# Do not be afraid of the indices. There are four on the left, and so the layer has four loops around
# one and the same step: for each image $i$, for each row $h$ and each column $w$ of the output, and for
# each filter $c$, take the patch and the filter and do a single step of convolution. The three sums are
# that step. Computing the output of a network from its input, layer by layer, is called the
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
# rows 0, 2 and 4 and at columns 0, 2, 4 and 6. The 4 input channels are summed, and the 8 filters give
# 8 feature maps. That makes $2 \cdot 3 \cdot 4 \cdot 8 =$ [192]{= 2 * 3 * 4 * 8 } single steps.
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
# A filter must have as many channels as its input, so its depth is not yours to choose. The number of
# *filters* is. It is a [**hyperparameter**](glossary.md#hyperparameter), a number that the designer of a
# network chooses, like $f$, $p$ and $s$. The weights and biases are learned.

# %% [markdown] tags=["row-8"]
# ## The activation function
#
# As in [Kernels](02_kernels.ipynb), a layer ends with an
# [activation function](glossary.md#activation-function) $g$ that is applied element-wise, usually
# [ReLU](glossary.md#relu), which keeps positive values and sets negative ones to 0. The activations
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
# layer further on combines its combinations. Lesson 23 looks for the hierarchy of features that results,
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

# %% [markdown] tags=["row-10"]
# ## Four filters on a photograph
#
# Now design a layer by hand, with four filters of shape (3, 3, 3) for color images. Filters 0 and 1 have
# a third of a Sobel kernel in every color channel, so they respond to changes of the brightness, the
# mean of the three channels. Filters 2 and 3 have weights for the middle pixel only, and compare its
# colors.

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
# A filter for color images has three channels, so you can look at it as a tiny color image. Here are
# all 64 filters of the edge network's first layer. Nobody designed them. They were
# random numbers at first, and training made them into this. As you know from
# [Kernels](02_kernels.ipynb), a filter looks like what it responds to.

# %%
draw.learned_filters(edge_network)

# %% [markdown]
# The upper ones compare neighboring pixels, as Sobel's kernels do. Most are bright on one side and dark
# on the other, in every direction. The lower ones hardly distinguish the nine pixels, but they compare
# colors. So the network has found both of your ideas. For each of your four filters, the next figure
# shows a learned one that resembles it:

# %%
draw.pairs(flower, W_own, edge_network)

# %% [markdown]
# With [112]{= W_own.size + 4 } parameters, biases included, you designed by hand four filters of the
# kinds that training found in the network.

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
# kernel. It shows the network 32 digits at a time, measures with a number, the
# [loss](glossary.md#loss), how wrong the ten scores are, and changes each of the
# [660]{= 10 + 650 } parameters a little, so that the loss falls. One pass over all
# [1,500]{= f'{len(digits().train_images):,}' } digits is an [epoch](glossary.md#epoch).
# [Losses](12_losses.ipynb) explains the loss, and [Backpropagation](13_backpropagation.ipynb) opens the
# box.

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
# The loss falls, fast at first. The filter starts as random numbers, and its pattern changes most in the
# first epoch, after which the weights of the upper row and the right column are positive and most of the
# others negative. From then on, the weights mainly grow. You do not see the growth, because each frame
# has its own color scale. Nobody told the filter what to look for. The only goal was to make the ten scores
# less wrong.

# %% [markdown]
# ## What is learning the filter worth?
#
# The animation shows that the filter changes, but it does not show that the change is of any use. For
# that, we have to compare with the same network whose random filter is **frozen**, so that only the dense
# layer is trained. We scale the frozen filter to the size that the learned one reaches, because a small
# filter would slow the dense layer down.
#
# Digits that a network has been trained with prove nothing, so we test both networks with the 297 others.
# And since a single run may be lucky, we train each network five times, from other random numbers. We do
# so with the official training set of the course, and with five others, chosen at random from all 1,797
# digits. Then we repeat everything with eight filters.

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
# all convolutional networks is *3-nearest neighbors*: find the three training digits that are most
# similar to the new one, pixel by pixel, and let them vote. It has no parameters and needs no training.


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
#    image;
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
