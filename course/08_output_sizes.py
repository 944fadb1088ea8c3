# %% [markdown]
# # Output sizes
#
# Here is a small network with the default settings of Keras and PyTorch, so without padding. Each of its five blocks
# is a 3 x 3 convolution layer with ReLU, followed by 2 x 2 max pooling, which keeps the largest value of each 2 x 2
# block. Run the next two cells to give it four squares of a printed page. The largest has only 33 more rows than the
# smallest. What happens to each of them?

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


def five_blocks(image, padding=0):
    A = image[np.newaxis, :, :, np.newaxis] / 255
    for W in filters:
        A = max_pool2d(relu(conv2d(A, W, padding=padding)), 2)
    return A


FIVE_BLOCKS = 5 * [(3, 1, 0), (2, 2, 0)]  # kernel size, stride and padding of each layer
draw.four_squares(page, five_blocks, FIVE_BLOCKS)

# %% [markdown]
# With 93 pixels the network stops with an error, but one more row and column are enough for an output of 1 x 1 (a
# single value in each channel). At 125 pixels the output is still 1 x 1, and the hatched part,
# [43%]{= f'{1 - 94**2 / 125**2:.0%}' } of the square, has no influence on it. Add one row and one column, and the
# network reads the whole square.
#
# Neither Keras nor PyTorch warns you about this. On our page the network overlooks a line of code, and on an X-ray it
# may overlook the fracture. Nor is 125 an exception: of the sizes from 94 to 400,
# [97%]{= f'{np.mean([draw.unread(n, FIVE_BLOCKS).any() for n in range(94, 401)]):.0%}' } lose pixels. Neither 94 nor 125
# appears in the network's code, yet a few lines of arithmetic give both.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compute the output size of a layer for any kernel size, padding and stride;
# 2. say which values of its input a layer never reads;
# 3. plan a network forward, to the layer that fails, and backward, to the images that it accepts.
#
# **Time:** about 50 minutes, and 25 for the exercises. **You need:** [Padding](04_padding.ipynb) and
# [The convolution layer](06_convolution_layer.ipynb).

# %% [markdown]
# ## The game: build a network that fits
#
# You get the size of an image, and build a network whose output has exactly the size that we ask for. Height and
# width do not influence each other, so one axis is enough, and three numbers `(f, s, p)` describe a layer: the
# [kernel size](glossary.md#kernel-size), the [stride](glossary.md#stride) and the [padding](glossary.md#padding) on
# each side, which must be smaller than the kernel (otherwise some windows would see only zeros). You lose if a kernel
# does not fit, but also if a pixel is never read.
#
# The first round goes **from 20 to 4 with two layers**, whose kernels have sizes from 2 to 5. You have no formula yet,
# so experiment with the layers below until the title says 4 and every pixel is read.

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
# How many attempts did it take? Soon, one will be enough.

# %% [markdown] tags=["row-12"]
# ## The output size formula
#
# The [output size](glossary.md#output-size) is the number of positions at which the kernel fits, whatever the values
# are. So write six numbers on a strip of paper, and move a kernel of size 3 along it. With stride 1, it has four
# positions.
#
# **Predict.** How many positions does it have with stride 2, and how many with stride 3? Answer with
# `(number with stride 2, number with stride 3)`.

# %%
predict("positions", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Two in both cases. With stride 2, the kernel starts at 0 and 2, because a third start at 4 would need a seventh
# number. With stride 3, it starts at 0 and 3.
#
# </details>
#
# Now count in general. An axis has $n$ entries, and $p$ zeros are added on each side.
#
# 1. The padded axis has $n + 2p$ entries.
# 2. The kernel covers $f$ of them, so it starts at 0 at the earliest, and at $n + 2p - f$ at the latest.
# 3. With stride $s$, it starts only at multiples of $s$. Besides 0, there are $\lfloor (n + 2p - f)/s \rfloor$ of them in
#    this range, where $\lfloor\ \rfloor$, *floor*, rounds down.

# %%
draw.counting()

# %% [markdown]
# Together with the start at 0, the number of positions is
#
# $$n_{out} = \left\lfloor \frac{n + 2p - f}{s} \right\rfloor + 1$$
#
# Do not forget the 1: a fence of ten meters with a post every meter has eleven posts.
#
# The formula holds for [pooling](glossary.md#pooling) windows as well as for kernels. The channels do not appear in it:
# a convolution layer returns one for each filter, and pooling keeps their number.
#
# ResNet, for example, begins with 7 x 7 kernels, stride 2 and a padding of 3. They turn the 224 rows of its images into
# $\lfloor (224 + 2 \cdot 3 - 7)/2 \rfloor + 1 =$ [112]{= (224 + 2 * 3 - 7) // 2 + 1 }. Most layers use one of these
# settings:
#
# | $f$ | $s$ | $p$ | output size | use |
# |---|---|---|---|---|
# | 3, 5 or 7 | 1 | 1, 2 or 3 | $n$ | convolution with SAME padding |
# | 3, 5 or 7 | 2 | 1, 2 or 3 | $\lceil n/2 \rceil$ | convolution that halves the size |
# | 2 | 2 | 0 | $\lfloor n/2 \rfloor$ | pooling |
# | 1 | 1 | 0 | $n$ | [1x1 convolution](22_one_by_one_convolution.ipynb) |
# | $f$ | $f$ | 0 | $\lfloor n/f \rfloor$ | windows side by side |
#
# Here $\lceil\ \rceil$, *ceiling*, rounds up. So such a convolution with stride 2 turns 15 rows into 8, but pooling
# turns them into 7. If you confuse the two, your plan is right for all even sizes, and off by one for odd ones.

# %% [markdown] tags=["row-12"]
# ## Rounding down: pixels that are never read
#
# What the formula rounds away can be a part of your image. No window contains the last
#
# $$(n + 2p - f) \bmod s$$
#
# entries of the padded axis, the remainder of the division. This is all that is lost if $s \le f$. With a larger stride,
# there are also gaps between the windows. Entries of the padding are no loss. Move the sliders, and read the formula
# above the figure.

# %%
# Which slider makes the crossed-out values disappear? Is there more than one?
# (Leave the dilation at 1. The next lesson explains it.)
explore_sizes(6, 6, f=3, stride=2)

# %% [markdown]
# One lost row hardly matters in the first layer. But a row of a late feature map stands for many rows of the image, and
# that is how the losses of several layers became the 31 rows of the first figure: at the inputs of the five pooling
# layers, the last row stands for 1, 2, 4, 8 and 16 new rows of the image, together [31]{= 1 + 2 + 4 + 8 + 16 }.

# %% [markdown] tags=["row-12"]
# ## Planning forward: where does a network fail?
#
# To plan a network, apply the formula layer by layer. The five blocks need no pencil, because a 3 x 3 convolution
# subtracts 2, and 2 x 2 pooling halves and rounds down. So an image of 96 x 96 becomes
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
# 9 fails.
#
# </details>
#
# For longer plans, let Python count. Use `//`, which always rounds down. If a kernel does not fit, such as 3 on 2
# values with stride 2, `-1 // 2 + 1` is 0, but `int(-1 / 2) + 1` is 1, a position that does not exist.


# %%
def sizes(n, layers):
    chain = [n]
    for f, s, p in layers:
        n = (n + 2 * p - f) // s + 1
        if n < 1:
            break  # the kernel does not fit
        chain.append(n)
    return chain


for n in (93, 94, 125, 126):
    chain = sizes(n, FIVE_BLOCKS)
    print(*chain, "" if len(chain) > len(FIVE_BLOCKS) else "and the next layer fails")

# %% [markdown]
# The image of 93 pixels gets as far as the very last layer, which receives a single value and fails. Now follow the row
# of 125: an odd number reaches each of the five pooling layers, and each of them drops a row.

# %% [markdown]
# ## The plan in Keras and PyTorch
#
# In Keras, `model.summary()` lists the output shape of every layer, with `None` for the number of images.

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
# For 64 x 64, Keras refuses to build the network. The message names the sizes of the kernel and of its input, 2 x 2, but
# only the chain of sizes tells you which of the five convolutions that is.
#
# PyTorch learns the size of an image only when it sees one, so send zeros through the layers, one at a time. (In
# PyTorch, the [channels come first](glossary.md#data-format).)

# %% needs="torch"
import torch
from torch import nn

model = nn.Sequential()
for _ in range(5):
    model.extend([nn.LazyConv2d(8, 3), nn.ReLU(), nn.MaxPool2d(2)])

A = torch.zeros(1, 3, 64, 64)  # try 96, 93 and 125
try:
    for layer in model:
        A = layer(A)
        print(f"{type(layer).__name__:<10}", tuple(A.shape))
except RuntimeError as error:
    print(error)

# %% [markdown]
# The output stops after the fourth pooling layer, so the fifth convolution is the one that fails. With 125, neither
# library complains, because to them lost pixels are not an error.

# %% [markdown] tags=["row-12"]
# ## Planning backward: the images that a network accepts
#
# Often you have a network and want to know how large its images must be. So solve the formula for $n$. The
# smallest input that gives $n_{out}$ values is
#
# $$n = (n_{out} - 1)\, s + f - 2p$$
#
# because the last window starts at $(n_{out} - 1)\, s$ and ends $f$ entries later. Begin with the last layer, which must
# return at least one value. A pooling layer needs $(1 - 1) \cdot 2 + 2 = 2$ values, so the convolution before it must
# return 2, for which it needs $(2 - 1) \cdot 1 + 3 = 4$. One block, then, needs 4 pixels.
#
# **Predict.** What is the smallest image for **three** such blocks?

# %%
predict("smallest", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $1 \leftarrow 2 \leftarrow 4 \leftarrow 8 \leftarrow 10 \leftarrow 20 \leftarrow$
# [22]{= min(n for n in range(1, 99) if len(sizes(n, FIVE_BLOCKS[:6])) == 7) }
#
# </details>
#
# Because of the rounding, $s$ consecutive sizes give the same output size. The last pooling layer returns 1 for 2
# rows, but also for 3, so the last block returns 1 for 4 or 5.
#
# **Predict.** What is the **largest** image for which three blocks still return a single value?

# %%
predict("largest", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Take the largest possible size at each step: $1 \leftarrow 3 \leftarrow 5 \leftarrow 11 \leftarrow 13 \leftarrow 27
# \leftarrow$ [29]{= max(n for n in range(22, 99) if sizes(n, FIVE_BLOCKS[:6])[-1] == 1) }. Pooling
# returns 5 rows for 10 and for 11, and so on.
#
# </details>

# %%
smallest = largest = 1
for f, s, p in reversed(FIVE_BLOCKS):
    smallest = (smallest - 1) * s + f - 2 * p
    largest = (largest - 1) * s + f - 2 * p + s - 1
print(smallest, "to", largest)

# %% [markdown]
# These are the two numbers of the first figure. Below [94]{= smallest } pixels there is no value, and above
# [125]{= largest } there is a second one along each axis.

# %% [markdown]
# ### Round 2
#
# Your camera delivers squares of 125 pixels. The five blocks are already trained, so you cannot change them, but you may
# put **one layer** before them. Find one that makes the network read every pixel.

# %%
round_2 = None  # a list of one layer (f, s, p)
### BEGIN SOLUTION
round_2 = [(2, 1, 1)]  # 125 + 2 - 2 + 1 = 126, the size that loses nothing
### END SOLUTION

# %%
check("round_2", round_2)

# %% [markdown]
# In practice, you would add a row and a column of zeros, which needs no weights: `nn.ZeroPad2d((0, 1, 0, 1))` in PyTorch,
# or `layers.ZeroPadding2D(((0, 1), (0, 1)))` in Keras.

# %% [markdown]
# ## A row that is dropped, and yet read
#
# There is another, common way to save the 31 rows: `padding=1` in PyTorch or `padding="same"` in Keras, for every
# convolution. With it, the convolutions keep the size, but pooling still meets four odd sizes in the chain below, and
# each time it drops the last row. So one might expect that the last row of the image is lost. Change it and see.

# %%
SAME_BLOCKS = 5 * [(3, 1, 1), (2, 2, 0)]
square = page[:125, :125]
changed = square.copy()
changed[-1] = 255 - square[-1]  # the last row becomes its negative
for padding in (0, 1):
    same = np.array_equal(five_blocks(changed, padding), five_blocks(square, padding))
    print("padding", padding, "- the output is", "the same" if same else "different")
draw.board(125, SAME_BLOCKS)

# %% [markdown]
# With padding, the network reads every pixel, and so it does for
# [all]{= 'some' if any(draw.unread(n, SAME_BLOCKS).any() for n in range(32, 401)) else 'all' } sizes from 32 to 400. The
# first pooling layer drops a row of a *feature map*, which is no longer a row of the image: the kernel had already
# carried the last row of the image into the row before it, which pooling keeps. So one value depends on more than one pixel. On how many, and which?
# [Receptive fields](09_receptive_fields.ipynb) has the answer.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: sizes on paper
#
# U-Net (2015) finds the outlines of cells in microscope images. It reads tiles of 572 x 572 pixels and uses no
# padding. On each of the five levels of its first half it applies two 3 x 3 convolutions; between two levels, 2 x 2
# pooling with stride 2 halves the size.
#
# 1. How large are the feature maps after the last convolution of the fifth level? Write `unet`.
# 2. The authors choose the tile size such that each pooling layer receives an even size, and so no pixel is lost.
#    What is the next larger tile size with this property? Write `next_tile`. (Go backward.)
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
# This time you have only two kinds of layers, `(3, 1, 0)` and `(2, 2, 0)`, and you may take at most
# seven convolutions and exactly five pooling layers. Pooling must not come first, nor directly after another pooling
# layer, or the network would throw values away before any filter has seen them. Get **from 224 to 5** without losing a
# pixel. Going forward, you would have to try where the extra convolutions belong. Plan backward, and the numbers show it.

# %%
round_3 = None  # a list of layers
### BEGIN SOLUTION
# 5 <- 10 <- 12 <- 24 <- 26 <- 52 <- 54 <- 108 <- 110 <- 220 <- 222 <- 224
round_3 = [(3, 1, 0), *FIVE_BLOCKS]
### END SOLUTION

# %%
check("round_3", round_3)

# %% [markdown]
# ## Recap
#
# The [output size](glossary.md#output-size) of a layer, also called *spatial size*, is its number of positions,
# $\lfloor (n + 2p - f)/s \rfloor + 1$ along each axis. What the division leaves over is in no window, and small
# losses add up from layer to layer. Plan a network forward until a [kernel](glossary.md#kernel) does not fit, and
# backward, with $n = (n_{out} - 1)\, s + f - 2p$, to the smallest image. For a single layer, the next $s - 1$ sizes
# give the same output size. For a network, go backward a second time, with the largest sizes.

# %% [markdown]
# ## What to read next
#
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016), with a drawing for
#   every case and $i$, $k$, $o$ for our $n$, $f$, $n_{out}$: [arXiv:1603.07285](https://arxiv.org/abs/1603.07285).
# - Ronneberger, Fischer and Brox, *U-Net: Convolutional Networks for Biomedical Image Segmentation* (2015),
#   whose figure 1 you compute in exercise 1: [arXiv:1505.04597](https://arxiv.org/abs/1505.04597).
