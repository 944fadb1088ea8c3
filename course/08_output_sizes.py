# %% [markdown]
# # Output sizes
#
# Here is a small network with the default settings of Keras and PyTorch, which means no padding. Each of its five
# blocks is a 3 x 3 convolution layer with ReLU, followed by 2 x 2 max pooling (which keeps the largest of
# each 2 x 2 values). Run the next two cells, and it will read four squares of a printed page. The largest has only 33
# more rows than the smallest. What becomes of each?

# %% include="lesson_setup"

# %%
from convnet.data import load_sample_image
from convnet.functional import conv2d, max_pool2d, relu
from lesson_tools.explorables import explore_sizes
from lesson_tools.output_sizes import figures as draw
from lesson_tools.output_sizes.questions import check, predict

page = load_sample_image("page.png")[64:]
rng = np.random.default_rng(0)
filters = [rng.normal(0, 0.3, (3, 3, n_C_prev, 8)) for n_C_prev in (1, 8, 8, 8, 8)]


def five_blocks(image):
    A = image[np.newaxis, :, :, np.newaxis] / 255
    for W in filters:
        A = max_pool2d(relu(conv2d(A, W)), 2)
    return A


FIVE_BLOCKS = 5 * [(3, 1, 0), (2, 2, 0)]  # kernel size, stride and padding of each layer
draw.four_squares(page, five_blocks, FIVE_BLOCKS)

# %% [markdown]
# With 93 pixels the network stops with an error, although one more row and one more column are enough to
# make it return a value. At 125 pixels it still returns a single value, and the hatched part,
# [43%]{= f'{1 - 94**2 / 125**2:.0%}' } of the square, has no influence on it. We could print anything
# there. But add one pixel, and the network reads the whole square.
#
# Nobody warns you about this. On our page the network overlooks a line of code, and on an X-ray it may
# overlook the fracture. And 125 is no exception: of the sizes from 94 to 400,
# [97%]{= f'{np.mean([draw.unread(n, FIVE_BLOCKS).any() for n in range(94, 401)]):.0%}' } lose pixels. With a
# padding of 1 in every convolution, as in VGG-16,
# [none]{= 'some' if any(draw.unread(n, 5 * [(3, 1, 1), (2, 2, 0)]).any() for n in range(94, 401)) else 'none' }
# do. Exercise 4 asks you why.
#
# Neither 94 nor 126 appears in the network's code. Yet one line of arithmetic gives both, and tells you
# which layer will fail before you run anything.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compute the output size of a layer by counting positions, for any kernel size, padding and stride;
# 2. say which pixels a network never reads;
# 3. plan a network forward, until a layer fails, and backward, to the images that it accepts.
#
# **Time:** about 70 minutes, and 35 for the exercises. **You need:** [Padding](04_padding.ipynb) and
# [The convolution layer](06_convolution_layer.ipynb).

# %% [markdown]
# ## Two questions to warm up
#
# 1. How many zeros on each side keep the size of an image, if a 5 x 5 kernel moves over it with stride 1?
# 2. A layer applies eight 3 x 3 filters to a color image. How many parameters does it have?

# %%
predict("keeps", None)
predict("weights", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# 1. $(f - 1)/2 = 2$. If this was new, go back to [Padding](04_padding.ipynb).
# 2. $(3 \cdot 3 \cdot 3 + 1) \cdot 8 =$ [224]{= (3 * 3 * 3 + 1) * 8 }, with a bias for each filter. If this was new,
#    go back to [The convolution layer](06_convolution_layer.ipynb).
#
# </details>

# %% [markdown]
# ## The game: build a network that fits
#
# This lesson is a game, in which you get the size of an image and build a network whose output has exactly
# the size that we ask for. Since height and width do not influence each other, we play along one axis, where
# three numbers `(f, s, p)` describe a layer: the [kernel size](glossary.md#kernel-size), the
# [stride](glossary.md#stride) and the [padding](glossary.md#padding) on each side. (The padding must be
# smaller than the kernel, or some windows would contain nothing but zeros.) You lose if a kernel does not fit,
# but also if a pixel is never read.
#
# Your first task is to get **from 20 to 4 with two layers**. You have no formula yet, so experiment with the
# layers below until the board says 4.

# %%
draw.board(20, [(3, 1, 0), (2, 2, 0)])

# %% [markdown]
# ### Round 1
#
# Write down a network that worked, and check it.

# %%
round_1 = None  # a list of two layers (f, s, p)
### BEGIN SOLUTION
round_1 = [
    (4, 2, 0),
    (3, 2, 0),
]  # 20 -> 9 -> 4; there are many others, such as (5, 1, 0), (4, 4, 0)
### END SOLUTION

# %%
check("round_1", round_1)

# %% [markdown]
# How many attempts did it take? After the next two sections, one is enough.

# %% [markdown]
# ## Positions on a strip of paper
#
# Whatever the values of the pixels are, the [output size](glossary.md#output-size) is the number of
# positions at which the kernel fits. So write six numbers on a strip of paper, and move a kernel of three
# ones along it. With stride 1, you will find four positions.

# %%
draw.strip([3, 1, 4, 1, 5, 9], stride=1)

# %% [markdown]
# **Predict.** How many positions does it have with stride 2, and how many with stride 3? Answer with
# `(number with stride 2, number with stride 3)`.

# %%
predict("positions", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Two in both cases. With stride 2, the kernel starts at 0 and 2, because a third start at 4 would need a seventh
# number. With stride 3, it starts at 0 and 3. The sums are 8 and 10 with stride 2, and 8 and 15 with stride 3.
#
# </details>

# %% [markdown] tags=["row-12"]
# ## The output size formula
#
# Now count in general. An axis has $n$ entries, and $p$ zeros are added on each side.
#
# 1. The padded axis has $n + 2p$ entries.
# 2. The kernel covers $f$ of them, so it can start at 0, and at $n + 2p - f$ at the latest.
# 3. With stride $s$, it starts at multiples of $s$ only. Besides 0, there are
#    $\lfloor (n + 2p - f)/s \rfloor$ of them in this range, where $\lfloor\ \rfloor$, *floor*, rounds down.

# %%
draw.counting()

# %% [markdown]
# Together with the start at 0, the number of positions is
#
# $$n_{out} = \left\lfloor \frac{n + 2p - f}{s} \right\rfloor + 1$$
#
# Do not forget the 1: a fence of ten meters with a post every meter has eleven posts, not ten.
#
# Use the formula once for the height and once for the width, for [pooling](glossary.md#pooling) windows as
# well as for kernels. The channels do not appear in it, because they follow a different rule. A convolution
# layer returns as many channels as it has filters, while pooling returns as many as it receives.
# (CS231n writes $(W - F + 2P)/S + 1$, and Dumoulin and Visin use $i$, $k$, $o$ for our $n$, $f$,
# $n_{out}$.)
#
# **Predict.** ResNet begins with 7 x 7 kernels, stride 2 and a padding of 3, on images of 224 x 224. What
# is the height of the output?

# %%
predict("stem", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $\lfloor (224 + 2 \cdot 3 - 7)/2 \rfloor + 1 = \lfloor 111.5 \rfloor + 1 =$
# [112]{= draw.sizes(224, [(7, 2, 3)])[-1] }.
#
# </details>
#
# Before you read on, move the sliders of the next cell, which shows one layer on a small image and the
# formula above it. (Leave the dilation at 1; the [next lesson](09_receptive_fields.ipynb) explains it.)

# %%
# Which slider makes the crossed-out values disappear? Is there more than one?
# Which padding makes the output as large as the input, at stride 1?
explore_sizes(6, 6, f=3, stride=2)

# %% [markdown]
# ## Special cases
#
# Most layers in practice use one of the following settings, and each row follows from the formula. Check the
# second and the fourth row yourself, because they are easy to confuse.
#
# | $f$ | $s$ | $p$ | output size | use |
# |---|---|---|---|---|
# | 3, 5 or 7 | 1 | 1, 2 or 3 | $n$ | convolution with SAME padding |
# | 2 | 2 | 0 | $\lfloor n/2 \rfloor$ | pooling |
# | 1 | 1 | 0 | $n$ | 1x1 convolution ([lesson 22](22_one_by_one_convolution.ipynb)) |
# | 3, 5 or 7 | 2 | 1, 2 or 3 | $\lceil n/2 \rceil$ | convolution that halves the size |
# | $f$ | $f$ | 0 | $\lfloor n/f \rfloor$ | windows side by side |
#
# Here $\lceil\ \rceil$, *ceiling*, rounds up.
#
# **Predict.** An image has 15 rows. How many rows are left after 2 x 2 pooling with stride 2, and how many
# after a 3 x 3 convolution with stride 2 and $p = 1$? Answer with `(pooling, convolution)`.

# %%
predict("halves", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (7, 8). Both layers halve the size, but pooling without padding rounds down, because its last window would
# need a sixteenth row. A plan that confuses the two is right for all even sizes, and off by one for odd ones.
#
# </details>

# %% [markdown] tags=["row-12"]
# ## Rounding down: pixels that are never read
#
# What the formula rounds away is not a mathematical subtlety. It can be a part of your image.

# %%
draw.strip([3, 1, 4, 1, 5, 9], stride=2)

# %% [markdown]
# Here the 9 is in no window, so it could be any number without changing the output. In general, no window
# contains the last $(n + 2p - f) \bmod s$ entries of the padded axis, the remainder of the division. Without
# padding, these are pixels. With padding, up to $p$ of them are zeros, so at the end only
#
# $$\max\bigl((n + 2p - f) \bmod s - p,\; 0\bigr)$$
#
# pixels are lost. ResNet's first layer, for example, leaves out
# [one]{= {1: 'one'}[(224 + 2 * 3 - 7) % 2] } entry, and it is a zero.
#
# It also follows that the output grows only with every $s$-th row, so that $s$ consecutive input sizes give the
# same output size.
#
# **Predict.** Thirteen entries, $f = 3$, $s = 4$, no padding. How many of the thirteen are in no window?
# Draw the strip.

# %%
predict("gaps", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The windows start at 0, 4 and 8, so entries 11 and 12 at the end are in no window, as the remainder
# $(13 - 3) \bmod 4 = 2$ says. But the stride is larger than the kernel, so there are gaps between the
# windows as well: entries 3 and 7. Altogether [4]{= int(draw.unread(13, [(3, 4, 0)]).sum()) } entries are
# lost.
#
# </details>
#
# You could say that one lost row hardly matters, and in the first layer you would be right. But a row of a late
# feature map stands for many rows of the image, and that is how the small losses of several layers became the
# 31 rows of the first figure.

# %% [markdown]
# ## When the kernel does not fit
#
# If $f$ is larger than $n + 2p$, there is no position at all, and a program should say so. Keras and PyTorch
# do, with an error. But if you compute sizes yourself in Python, beware of `int`, as you can see for $n = 2$,
# $f = 3$ and $s = 2$:

# %%
print((2 - 3) / 2, int((2 - 3) / 2), (2 - 3) // 2)

# %% [markdown]
# `int` rounds toward 0, so it turns -0.5 into 0, and the formula reports one position where there is none. Floor
# division, `//`, rounds down to -1, which gives 0 positions, as it should.

# %% [markdown] tags=["row-12"]
# ## Planning forward: where does a network fail?
#
# To plan a network, apply the formula layer by layer. In the five blocks this takes no pencil, because a 3 x 3
# convolution subtracts 2, and 2 x 2 pooling halves and rounds down. So an image of 96 x 96 becomes
#
# $$96 \to 94 \to 47 \to 45 \to 22 \to 20 \to 10 \to 8 \to 4 \to 2 \to 1$$
#
# **Predict.** Now the image has 64 x 64 pixels. Which is the first layer that does not fit? Answer with its
# number, from 1 for the first convolution to 10 for the last pooling layer.

# %%
predict("fails", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $64 \to 62 \to 31 \to 29 \to 14 \to 12 \to 6 \to 4 \to 2$, and now a 3 x 3 kernel meets 2 x 2 values: layer
# [9]{= len(draw.sizes(64, FIVE_BLOCKS)) } fails.
#
# </details>

# %%
draw.size_table((64, 93, 94, 125, 126), FIVE_BLOCKS)

# %% [markdown]
# Here are all the sizes of the first figure. You can see that 93 gets as far as the very last layer, which
# then receives a single value and fails. Now follow the row of 125, and watch how the last row is lost each
# time an odd number reaches a pooling layer.
#
# To repair a network that fails, use larger images, padding, smaller kernels or fewer layers.

# %% [markdown]
# ## The plan in Keras
#
# You do not have to make this plan by hand. In Keras, `model.summary()` lists the output shape of every layer,
# with `None` for the number of images, because it is arbitrary. Compare the rows with the chain of sizes above.

# %% needs="tensorflow keras"
import keras
from keras import layers


def build(n):
    model = keras.Sequential([keras.Input((n, n, 3))])
    for _ in range(5):
        model.add(layers.Conv2D(8, 3, activation="relu"))
        model.add(layers.MaxPooling2D(2))
    return model


build(96).summary()
try:
    build(64)
except ValueError as error:
    print(error)

# %% [markdown]
# For 64 x 64, Keras stops with an error while you are still building the network. The message gives the size
# of the kernel and of its input, 2 x 2, but only your own chain of sizes tells you which of the five
# convolutions that is.

# %% [markdown]
# ## The plan in PyTorch
#
# PyTorch learns the size of an image only when it sees one, so send an image of zeros through the network. A
# *forward hook* is a function that PyTorch calls whenever a layer has computed its output. Ours prints the
# shape, and it would do so in any model, however complicated. (The package *torchinfo* uses such hooks, and
# `torchinfo.summary(model, (1, 3, 96, 96))` prints the whole table.) Mind the order of the axes, which in PyTorch is
# [channels first](glossary.md#data-format): (images, channels, rows, columns).

# %% needs="torch"
import torch
from torch import nn

model = nn.Sequential()
for _ in range(5):
    model.extend([nn.LazyConv2d(8, 3), nn.ReLU(), nn.MaxPool2d(2)])


def show_shape(layer, inputs, output):
    print(f"{type(layer).__name__:<10}", tuple(output.shape))


for layer in model:
    layer.register_forward_hook(show_shape)
try:
    model(torch.zeros(1, 3, 64, 64))  # try 96, 93 and 125
except RuntimeError as error:
    print(error)

# %% [markdown]
# (`LazyConv2d` finds its number of input channels when the first image arrives, so that we do not have to
# write 3 for the first layer and 8 for the others.) The output stops after the fourth pooling layer, so the
# culprit is the layer that follows, the fifth convolution. (In our list it is the ninth layer, because we count
# a convolution and its ReLU as one, while in PyTorch `nn.ReLU` is a layer of its own.)
#
# With 125, however, neither library complains, because to them lost pixels are not an error.

# %% [markdown] tags=["row-12"]
# ## Planning backward: the images that a network accepts
#
# Often you have a network and want to know how large its images must be. So solve the formula for $n$. The
# smallest input that gives $n_{out}$ values is
#
# $$n = (n_{out} - 1)\, s + f - 2p$$
#
# because the last window starts at $(n_{out} - 1)\, s$ and ends $f$ entries later. Since the last layer of a
# network must return at least one value, start there and go backward. The last pooling layer needs
# $(1 - 1) \cdot 2 + 2 = 2$ values, so the convolution before it must return 2, for which it needs
# $(2 - 1) \cdot 1 + 3 = 4$. One block, then, needs 4 pixels.
#
# **Predict.** What is the smallest image for **three** such blocks?

# %%
predict("smallest", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $1 \leftarrow 2 \leftarrow 4 \leftarrow 8 \leftarrow 10 \leftarrow 20 \leftarrow$
# [22]{= min(n for n in range(1, 99) if len(draw.sizes(n, FIVE_BLOCKS[:6])) == 7) }
#
# </details>
#
# A few more pixels change nothing, because $s$ consecutive sizes give the same output. The last pooling layer
# returns 1 for 2 rows, but also for 3, and so the last block accepts 4 or 5 pixels before anything changes.
#
# **Predict.** What is the **largest** image for which three blocks still return a single value?

# %%
predict("largest", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Take the largest possible size at each step: $1 \leftarrow 3 \leftarrow 5 \leftarrow 11 \leftarrow 13 \leftarrow 27
# \leftarrow$ [29]{= max(n for n in range(22, 99) if draw.sizes(n, FIVE_BLOCKS[:6])[-1] == 1) }. Pooling
# returns 5 rows for 10 and for 11, and so on.
#
# </details>
#
# With two more blocks, you can explain the first figure. The smallest image grows from 22 to
# $2 \cdot 22 + 2 = 46$ and to $2 \cdot 46 + 2 =$
# [94]{= min(n for n in range(1, 99) if len(draw.sizes(n, FIVE_BLOCKS)) == 11) }, the largest from 29 to
# $2 \cdot 29 + 3 = 61$ and to $2 \cdot 61 + 3 =$
# [125]{= max(n for n in range(94, 199) if draw.sizes(n, FIVE_BLOCKS)[-1] == 1) }. With 126, a second value
# appears.

# %% [markdown]
# ### Round 2
#
# Your camera delivers squares of 125 pixels. You cannot change the five blocks, because they are already
# trained, but you may put **one layer** in front of them. Which one makes the network read every pixel?

# %%
round_2 = None  # a list of one layer (f, s, p)
### BEGIN SOLUTION
round_2 = [(2, 1, 1)]  # 125 + 2 - 2 + 1 = 126, the size that loses nothing
### END SOLUTION

# %%
check("round_2", round_2)

# %% [markdown]
# (In practice you would add one row of zeros at the bottom and one column on the right, which needs no weights:
# `nn.ZeroPad2d((0, 1, 0, 1))` in PyTorch, or `layers.ZeroPadding2D(((0, 1), (0, 1)))` in Keras. Our notation,
# with the same padding on both sides, cannot express that.)

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: sizes on paper
#
# U-Net (2015) finds the outlines of cells in microscope images. It reads tiles of 572 x 572 pixels and uses
# no padding. On each of five levels it applies two 3 x 3 convolutions; between two levels, 2 x 2 pooling
# with stride 2 halves the size.
#
# 1. How large are the feature maps after the last convolution of the fifth level? Write `unet`.
# 2. The authors choose the tile size such that each pooling layer receives an even size, so that no pixel is
#    lost. What is the next larger tile size with this property? Write `next_tile`. (Go backward.)
# 3. A layer without padding and with stride 1 turned 32 rows into 28. What was its `kernel` size?

# %%
unet = None
next_tile = None
kernel = None
### BEGIN SOLUTION
unet = 28  # 572, 568, 284, 280, 140, 136, 68, 64, 32, 28
next_tile = 588  # from 29 at the end: 29 + 4 = 33, 66 + 4 = 70, 140 + 4, 288 + 4, 584 + 4
kernel = 5  # 32 - f + 1 = 28
### END SOLUTION

# %%
check("unet", unet)
check("next_tile", next_tile)
check("kernel", kernel)

# %% [markdown]
# ### Exercise 2: find the bug
#
# A colleague wants to know how many of the `n` pixels along an axis a layer never reads. Her `lost_buggy` is
# right in all her tests, but for other layers it reports too many pixels, or too few. Find one layer of each
# kind, and write `lost_fixed` for any layer that fits. (You need no formula. You can mark what each window
# reads.)


# %%
def lost_buggy(n, f, s, p):
    return (n + 2 * p - f) % s


def lost_fixed(n, f, s, p):
    lost = None
    ### BEGIN SOLUTION
    read = np.zeros(n + 2 * p, dtype=bool)
    for start in range(0, n + 2 * p - f + 1, s):
        read[start : start + f] = True
    lost = n - read[p : p + n].sum()  # without the padding
    ### END SOLUTION
    return lost


# %%
check("lost_fixed", lost_fixed)

# %% [markdown]
# <details>
# <summary>Two layers for which the function is wrong</summary>
#
# It reports too many for $(n, f, s, p) = (224, 7, 2, 3)$, ResNet's first layer, where the entry left out is a
# zero. It reports too few for $(13, 3, 4, 0)$, where the stride is larger than the kernel, so that there are
# gaps.
#
# </details>

# %% [markdown]
# ### Exercise 3: the last round
#
# This time the box contains only two kinds of layers, `(3, 1, 0)` and `(2, 2, 0)`, but you may take as many as
# you like. Pooling must not come first, nor directly after another pooling layer, or the network would throw
# values away before any filter has seen them. Get **from 224 to 5** without losing a pixel. Forward, every
# convolution is a guess. Plan backward, and it takes two minutes.

# %%
round_3 = None  # a list of layers
### BEGIN SOLUTION
# 5 <- 10 <- 12 <- 24 <- 26 <- 52 <- 54 <- 108 <- 110 <- 220 <- 222 <- 224
round_3 = [(3, 1, 0), *FIVE_BLOCKS]
### END SOLUTION

# %%
check("round_3", round_3)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these questions. Predict first, and then change the network below.
#
# 1. ... every convolution of the five blocks gets a padding of 1? What is the smallest image now? And why is
#    every pixel of an image of 125 read, although pooling still meets odd sizes?
# 2. ... each block pools first, and convolves afterward?

# %%
draw.board(125, 5 * [(3, 1, 1), (2, 2, 0)])

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. Every convolution keeps the size, so five halvings need an image of
#    [32]{= min(n for n in range(1, 200) if len(draw.sizes(n, 5 * [(3, 1, 1), (2, 2, 0)])) == 11) } pixels.
#    Pooling still skips the last row of an odd number. Yet **no pixel is lost**, because the convolution before
#    it has already mixed the last row of its input into the row that pooling keeps. VGG-16 has five stages of
#    this kind, and reads every pixel as well.
# 2. Going backward, each block first adds 2 and then doubles: 1, 3, 6, 8, 16, 18, 36, 38, 76, 78,
#    [156]{= min(n for n in range(1, 200) if len(draw.sizes(n, 5 * [(2, 2, 0), (3, 1, 0)])) == 11) }. The
#    same layers in another order need many more pixels for one value. In the
#    [next lesson](09_receptive_fields.ipynb) you will see what this means: each value *sees* more.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. compute an output size: it is the number of positions,
#    $\lfloor (n + 2p - f)/s \rfloor + 1$ along each axis, with the start at 0 included;
# 2. say which pixels are never read: at the end, the remainder of the division minus the padding, and gaps if
#    $s > f$. Small losses add up from layer to layer;
# 3. plan a network forward, until a kernel does not fit, and backward with
#    $n = (n_{out} - 1)\, s + f - 2p$, from the last layer to the smallest image. The next $s - 1$ sizes give
#    the same output.
#
# Terms: [output size](glossary.md#output-size), which is called *output shape* or *spatial size* elsewhere,
# [stride](glossary.md#stride), [kernel size](glossary.md#kernel-size).

# %% [markdown]
# ## What to read next
#
# - [Receptive fields](09_receptive_fields.ipynb) reads the same arithmetic the other way round: how much of
#   the image does one value see?
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016), with a drawing for
#   every case: [arXiv:1603.07285](https://arxiv.org/abs/1603.07285).
# - Ronneberger, Fischer and Brox, *U-Net: Convolutional Networks for Biomedical Image Segmentation* (2015),
#   whose figure 1 you have just recomputed: [arXiv:1505.04597](https://arxiv.org/abs/1505.04597).
# - Stanford's CS231n, notes on [convolutional networks](https://cs231n.github.io/convolutional-networks/),
#   with a puzzle about the sizes of AlexNet.
