# %% [markdown]
# # Architectures
#
# VGG-16 has 16 layers with 138 million parameters. A single one of these layers holds 103 million of them, and does less than
# a hundredth of the work. Another layer does an eighth of the work with 37 thousand. Which layers are these?

# %% include="lesson_setup"

# %%
import math
import time

from convnet.data import load_sample_image
from convnet.functional import conv2d, max_pool2d
from lesson_tools.architectures import figures as draw
from lesson_tools.architectures.questions import check, predict
from lesson_tools.counter import conv, count, dense, pool, show, totals

draw.history()

# %% [markdown]
# These networks differ in their [**architecture**](glossary.md#architecture): the kinds of
# layers, their order and their sizes. From 1998 to 2014 the parameters grew by a factor of two thousand, and the work by
# much more. Then, within three years, networks appeared that were about as accurate and had a twentieth or a thirtieth of
# the parameters. How was that possible? Their designers knew **where the cost is**, and after this lesson you
# will know it as well. You will also write a large network in PyTorch and a small one in Keras, as real code does.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. count the parameters, multiply-accumulates and activations of a network, layer by layer;
# 2. say where LeNet, AlexNet and VGG have their parameters and where they do their work, and why these are different
#    layers;
# 3. write a network as an `nn.Module` and as a functional `keras.Model`, and check it by counting.
#
# **Time:** about 60 minutes, and 35 for the exercises. **You need:** [Output sizes](08_output_sizes.ipynb),
# [Pooling](10_pooling.ipynb) and [Batch normalization](17_batch_normalization.ipynb).

# %% [markdown]
# ## Two questions to start
#
# - We apply 11 x 11 kernels with stride 4 and no padding to an image of 227 x 227 pixels. How many rows does the feature
#   map have?
# - A batch normalization has 64 channels. How many parameters does it learn?

# %%
predict("rows", None)
predict("norm", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# $(227 - 11) / 4 + 1 =$ [55]{= (227 - 11) // 4 + 1 }. (If this was new, go back to [Output sizes](08_output_sizes.ipynb).)
#
# [128]{= 2 * 64 }, a scale and a shift for each channel. The running statistics are not learned. (If this was new, go back to
# [Batch normalization](17_batch_normalization.ipynb).)
#
# </details>

# %% [markdown] tags=["row-26"]
# ## Parameters, MACs and activations
#
# Take a small network for 6 x 6 images with one channel: a convolution with two 3 x 3 filters, ReLU,
# 2 x 2 max pooling, and a dense layer with three units. Three numbers describe the cost of a layer:
#
# - **Parameters** must be stored and learned. A convolution has
#   $(f_H f_W n_{C_{prev}} + 1)\, n_C$, a dense layer from $n$ inputs to $n'$ units $(n + 1)\, n'$.
# - A [**multiply-accumulate**](glossary.md#multiply-accumulate) (MAC) multiplies a weight by an input
#   and adds the product to a sum. A convolution with $n_H n_W n_C$ outputs needs
#   $n_H n_W n_C \cdot f_H f_W n_{C_{prev}}$, a dense layer $n\, n'$. The other layers need none, and
#   we neglect their work, as papers do.
# - [**Activations**](glossary.md#activation) are the values that a layer returns. Training keeps them
#   for the backward pass.
#
# | layer | output | parameters | MACs | activations |
# |---|---|---:|---:|---:|
# | convolution | 4 x 4 x 2 | $(3 \cdot 3 \cdot 1 + 1) \cdot 2 =$ [20]{= (3 * 3 * 1 + 1) * 2 } | $4 \cdot 4 \cdot 2 \cdot 9 =$ [288]{= 4 * 4 * 2 * 9 } | 32 |
# | max pooling | 2 x 2 x 2 | 0 | 0 | 8 |
# | dense | 3 | $(8 + 1) \cdot 3 =$ [27]{= (8 + 1) * 3 } | $8 \cdot 3 =$ [24]{= 8 * 3 } | 3 |
#
# The dense layer has more parameters, but the convolution does 12 times as much work. The reason is
# [parameter sharing](glossary.md#parameter-sharing): **a convolution uses each weight at every output
# position (here 16), a dense layer only once.** Keep this sentence in mind. The rest of the lesson follows from it.

# %% [markdown]
# ## A network as a list
#
# For larger networks we let a program count. An architecture becomes a list with an entry for each layer. Activation
# functions are left out, because they have no parameters and keep the shape. A dense layer flattens its input.

# %%
TINY = [conv(2, f=3), pool(), dense(3)]
show(TINY, (6, 6, 1))

# %% [markdown]
# You may also read [**FLOPs**](glossary.md#flops), floating-point operations. A MAC is two of them, a
# multiplication and an addition, but some papers call a MAC one FLOP. Check before you compare.

# %% [markdown] tags=["row-26"]
# ## LeNet, 1998
#
# [**LeNet-5**](glossary.md#lenet) read the amounts on bank checks. It set the pattern for many later
# networks: convolution and pooling alternate, the feature maps become smaller and more numerous, and
# dense layers follow at the end. This is the variant of this course, for grayscale images of 28 x 28.
#
# **Predict.** Five of its layers have parameters. Number them from 1 to 5. Which has the most
# parameters, and which needs the most MACs? Answer with `(number, number)`.

# %%
LENET = [conv(6, 5, pad=2), pool(), conv(16, 5), pool(), dense(120), dense(84), dense(10)]
predict("lenet", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Layer 3, the first dense layer, connects all [400]{= 5 * 5 * 16 } values of the last feature maps to
# 120 units. It has [48,120]{= f'{count(LENET, (28, 28, 1))[4].parameters:,}' } of the
# [61,706]{= f'{totals(LENET, (28, 28, 1))[0]:,}' } parameters, or
# [78%]{= f'{count(LENET, (28, 28, 1))[4].parameters / totals(LENET, (28, 28, 1))[0]:.0%}' }. Most of the
# work, [58%]{= f'{count(LENET, (28, 28, 1))[2].macs / totals(LENET, (28, 28, 1))[1]:.0%}' } of the MACs,
# is done in layer 2, which has only
# [4%]{= f'{count(LENET, (28, 28, 1))[2].parameters / totals(LENET, (28, 28, 1))[0]:.0%}' } of the
# parameters.
#
# </details>

# %%
show(LENET, (28, 28, 1))
draw.boxes({"LeNet": (LENET, (28, 28, 1))})

# %% [markdown]
# (The network of 1998 differed in details: 32 x 32 images without padding, average pooling with trained
# factors, a scaled tanh instead of ReLU, a second convolution in which most filters saw only some of the
# channels, and an output layer that compared its input with fixed patterns.)
#
# **Predict.** We apply LeNet to the color images of CIFAR-10, 32 x 32 x 3. In how many of its five
# layers does the number of parameters change?

# %%
predict("color", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# In two. The filters of the first convolution have three channels,
# $(5 \cdot 5 \cdot 3 + 1) \cdot 6 =$ [456]{= count(LENET, (32, 32, 3))[0].parameters }, and the first
# dense layer has $6 \cdot 6 \cdot 16 =$ [576]{= 6 * 6 * 16 } inputs. The total is
# [83,126]{= f'{totals(LENET, (32, 32, 3))[0]:,}' }. The size of the image does not change the
# parameters of a convolution, but it changes those of a dense layer after it.
#
# </details>

# %% [markdown] tags=["row-26"]
# ## AlexNet, 2012
#
# The ImageNet challenge of 2012 had 1.2 million training photographs in 1,000 classes. An entry could name
# five classes for each test image. The winner, an ensemble of AlexNets, missed the right class in 15.3% of
# the images; the next best entry, which used no convolutional network, in 26.2%. AlexNet follows LeNet's
# pattern on a larger scale, with ReLU, [dropout](glossary.md#dropout) and
# [data augmentation](glossary.md#data-augmentation). Training took five to six days on two GPUs.
#
# One GPU had only 3 GB of memory, so the channels of most layers were split into two groups, one on each
# GPU. Convolutions 2, 4 and 5 are [**grouped convolutions**](glossary.md#grouped-convolution): each filter
# sees only the input channels of its own group. Convolution 3 sees all channels.
#
# **Predict.** Convolution 2 has 256 filters, 128 in each of two groups. By which factors do the groups
# change its number of weights and its MACs, compared with 256 filters that see all 96 input channels?
# Choose from 1/4, 1/2 and 1, and answer with `(weights, MACs)`.

# %%
ALEXNET = [
    conv(96, 11, stride=4),
    pool(3, 2),
    conv(256, 5, pad=2, groups=2),
    pool(3, 2),
    conv(384, 3, pad=1),
    conv(384, 3, pad=1, groups=2),
    conv(256, 3, pad=1, groups=2),
    pool(3, 2),
    dense(4096),
    dense(4096),
    dense(1000),
]
predict("groups", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# There are still 256 filters, and each of them sees 48 channels instead of 96. The layer has
# $(5 \cdot 5 \cdot 48 + 1) \cdot 256 =$
# [307,456]{= f'{count(ALEXNET, (227, 227, 3))[2].parameters:,}' } parameters. Two groups halve the weights
# and the MACs.
#
# </details>

# %%
show(ALEXNET, (227, 227, 3))

# %% [markdown]
# With [61]{= f'{totals(ALEXNET, (227, 227, 3))[0] / 1e6:.0f}' } million parameters, AlexNet is
# [988]{= round(totals(ALEXNET, (227, 227, 3))[0] / totals(LENET, (28, 28, 1))[0]) } times as large as
# LeNet. (The paper says "60 million parameters" and images of 224 x 224. The assignment
# [Arithmetic](../release/arithmetic/arithmetic.ipynb) shows that 224 does not fit the other sizes.) Its first kernels are
# 11 x 11, the next ones 5 x 5. Does a network need such large kernels?

# %% [markdown] tags=["row-26"]
# ## Two 3 x 3 kernels see as much as one 5 x 5
#
# The VGG networks, from the Visual Geometry Group in Oxford, use no kernel larger than 3 x 3. Apply a
# 3 x 3 kernel of ones to a 6 x 6 image without padding, and another one to the result. How much of the image
# does each of the four outputs see?

# %%
image = np.array([[0, 0, 0, 9, 9, 9]] * 2 + [[0, 0, 1, 9, 9, 9]] * 2 + [[0, 1, 2, 8, 9, 9]] * 2)


def cross_correlate(X, W):
    return conv2d(X[None, :, :, None], W[:, :, None, None])[0, :, :, 0]


middle = cross_correlate(image, np.ones((3, 3)))
twice = cross_correlate(middle, np.ones((3, 3)))
draw.two_kernels(image, middle, twice)

# %% [markdown]
# The [receptive field](glossary.md#receptive-field) of an output value is 5 x 5, as with one 5 x 5
# kernel. ([Receptive fields](09_receptive_fields.ipynb) has the formula for any stack of layers.)
#
# **Predict.** Without an activation function in between, the two kernels of ones are equivalent to one
# 5 x 5 kernel. What are its weights in a corner and in the middle? Answer with `(corner, middle)`.

# %%
predict("stack", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# A weight of the 5 x 5 kernel is the number of paths from its pixel to the output: one from a corner,
# nine from the middle.
#
# </details>

# %%
C = 64
for n_layers, f in ((2, 3), (1, 5), (3, 3), (1, 7)):
    rows = count([conv(C, f, pad=f // 2)] * n_layers, (56, 56, C))
    weights, macs = sum(row.parameters - C for row in rows), sum(row.macs for row in rows)
    print(f"{n_layers} x conv {f} x {f}: {weights:>9,} weights {macs:>13,} MACs")

# %% [markdown]
# The stack has fewer weights. With $C$ channels everywhere and without biases, there are
#
# $$2 \cdot (3 \cdot 3 \cdot C \cdot C) = 18\, C^2 \quad\text{instead of}\quad
# 5 \cdot 5 \cdot C \cdot C = 25\, C^2,$$
#
# and three layers of 3 x 3, which see 7 x 7 pixels, have $27\, C^2$ instead of $49\, C^2$. With padding
# that keeps the size, the MACs fall by the same factors.
#
# The stack also has a ReLU after each layer, which makes it a **more nonlinear function** of the patch. (That does not mean
# that it can represent everything that one large kernel can. With few channels, neither family of functions contains the
# other.) The price is memory, because training keeps the activations of two layers instead of one.

# %% [markdown] tags=["row-26"]
# ## VGG-16 and VGG-19, 2014
#
# [**VGG-16**](glossary.md#vgg) has 13 convolutions of 3 x 3 with padding 1, which keep the size, and
# 3 dense layers. Max pooling halves height and width after each of five blocks. The first block has 64
# channels, and the number doubles from block to block until it reaches 512. So a block with half the size has a
# quarter of the positions, and as long as the channels double, its later convolutions have four times the weights. Their
# MACs stay exactly the same.
#
# **Predict.** What percentage of VGG-16's parameters is in its dense layers, and what percentage of its
# MACs? Choose from 1, 10, 50 and 90, and answer with `(parameters, MACs)`.

# %%
predict("dense", None)


# %%
def vgg(convolutions):
    """Return a VGG network; convolutions: number in each of the five blocks."""
    architecture = []
    for n_C, times in zip((64, 128, 256, 512, 512), convolutions, strict=True):
        architecture += [conv(n_C, pad=1)] * times + [pool()]
    return [*architecture, dense(4096), dense(4096), dense(1000)]


VGG16, VGG19 = vgg((2, 2, 3, 3, 3)), vgg((2, 2, 4, 4, 4))
photo_shape = (224, 224, 3)
show(VGG16, photo_shape)
draw.boxes({"AlexNet": (ALEXNET, (227, 227, 3)), "VGG-16": (VGG16, photo_shape)})

# %% [markdown]
# ## Where the cost is

# %%
rows = [row for row in count(VGG16, photo_shape) if row.parameters]
vgg_parameters, vgg_macs, vgg_activations = totals(VGG16, photo_shape)
dense_parameters = sum(row.parameters for row in rows if row.kind == "dense")
dense_macs = sum(row.macs for row in rows if row.kind == "dense")
draw.bars(
    rows,
    {
        "parameters, millions": [row.parameters / 1e6 for row in rows],
        "MACs, billions": [row.macs / 1e9 for row in rows],
        "activations, millions": [math.prod(row.shape) / 1e6 for row in rows],
    },
    "Look where each panel has its long bars: at the bottom, in the middle, at the top.",
)

# %% [markdown]
# Three panels, and the long bars are in three different places. **The convolutions do the work, the dense layers have the
# parameters, and the early layers have the activations.**
#
# <details>
# <summary>Answer</summary>
#
# `(90, 1)`. The dense layers have [89.4%]{= f'{dense_parameters / vgg_parameters:.1%}' } of the parameters and need
# [0.8%]{= f'{dense_macs / vgg_macs:.1%}' } of the MACs.
#
# </details>
#
# Layer 14 alone connects $7 \cdot 7 \cdot 512 =$
# [25,088]{= f'{7 * 7 * 512:,}' } values to 4,096 units, which makes
# [102,764,544]{= f'{rows[13].parameters:,}' } of the
# [138,357,544]{= f'{vgg_parameters:,}' } parameters. Each is used once per image. A weight of the first
# block is used at [50,176]{= f'{224 * 224:,}' } positions. And the first two blocks, with their large
# feature maps, have
# [72%]{= f'{sum(math.prod(row.shape) for row in count(VGG16, photo_shape)[:6]) / vgg_activations:.0%}' }
# of the activations.
#
# So if somebody asks you for a "smaller" network, ask which of the three should be smaller.

# %% [markdown]
# ## Memory
#
# In float32, a number takes 4 bytes, so the parameters take
# [553]{= round(4 * vgg_parameters / 1e6) } MB. Training with [Adam](glossary.md#adam) stores a gradient
# and two running averages besides each parameter: four times as much,
# [2.2]{= f'{16 * vgg_parameters / 1e9:.1f}' } GB. For each image of a mini-batch, the
# [15]{= round(vgg_activations / 1e6) } million activations add
# [60]{= round(4 * vgg_activations / 1e6) } MB. With
# [37]{= math.ceil(16 * vgg_parameters / (4 * vgg_activations)) } images or more, they need more memory than all the rest.

# %% [markdown] tags=["row-26"]
# ## Gray images, and three more layers
#
# A version for **grayscale** photographs has [138,356,392]{= f'{totals(VGG16, (224, 224, 1))[0]:,}' }
# parameters. Only the first layer sees the channels of the image, and it loses
# $3 \cdot 3 \cdot 2 \cdot 64 =$ [1,152]{= f'{vgg_parameters - totals(VGG16, (224, 224, 1))[0]:,}' }.
#
# [**VGG-19**](glossary.md#vgg) has one more convolution in each of the blocks 3, 4 and 5. The three
# layers add $(3 \cdot 3 \cdot 256 + 1) \cdot 256 + 2 \cdot (3 \cdot 3 \cdot 512 + 1) \cdot 512 =$
# [5,309,696]{= f'{totals(VGG19, photo_shape)[0] - vgg_parameters:,}' } parameters, together
# [143,667,240]{= f'{totals(VGG19, photo_shape)[0]:,}' }. Without the dense layers, as a source of
# feature maps for other tasks, [20,024,384]{= f'{totals(VGG19[:-3], photo_shape)[0]:,}' } remain.
# [What filters see](26_what_filters_see.ipynb) looks at them.

# %% [markdown] tags=["row-26"]
# ## A network for CIFAR-10
#
# Stacks of 3 x 3 convolutions suit small images too. This network for the 32 x 32 x 3 images of
# CIFAR-10 has no pooling. Every second convolution has stride 2 instead, and the number of channels
# doubles with each convolution.

# %%
CIFAR = [
    conv(32, pad=1),
    conv(64, stride=2, pad=1),
    conv(128, pad=1),
    conv(256, stride=2, pad=1),
    conv(512, pad=1),
    conv(1024, stride=2, pad=1),
    dense(512),
    dense(10),
]
show(CIFAR, (32, 32, 3))

# %% [markdown]
# Its [14,682,442]{= f'{totals(CIFAR, (32, 32, 3))[0]:,}' } parameters are
# [294]{= round(totals(CIFAR, (32, 32, 3))[0] / 50_000) } for each of the 50,000 training images, so
# [overfitting](15_overfitting.ipynb) is a danger. Once more, the first dense layer has most of them,
# [57%]{= f'{count(CIFAR, (32, 32, 3))[6].parameters / totals(CIFAR, (32, 32, 3))[0]:.0%}' }.

# %% [markdown]
# ## VGG as an nn.Module
#
# In PyTorch, an architecture is a class. `__init__` creates the layers, `forward` says how an image passes through
# them. Two conventions are worth copying: `features` and `classifier` are separate, so that either can be replaced,
# and a loop builds the blocks from a tuple. On the device `meta`, tensors have shapes but no values, so you can check all shapes of a
# network that would not fit into your memory.


# %% needs="torch"
import torch
from torch import nn


class VGG(nn.Module):
    def __init__(self, convolutions, n_classes=1000, in_channels=3):
        super().__init__()
        blocks = []
        for out_channels, times in zip((64, 128, 256, 512, 512), convolutions, strict=True):
            for _ in range(times):
                blocks += [nn.Conv2d(in_channels, out_channels, 3, padding=1), nn.ReLU()]
                in_channels = out_channels
            blocks.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*blocks)
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(4096, n_classes),
        )

    def forward(self, x):
        return self.classifier(self.features(x))


with torch.device("meta"):
    model = VGG((2, 2, 3, 3, 3))
    print(tuple(model(torch.empty(8, 3, 224, 224)).shape))
for name, part in model.named_children():
    print(f"{name:10} {sum(parameter.numel() for parameter in part.parameters()):>11,}")
print(f"{'total':10} {sum(parameter.numel() for parameter in model.parameters()):>11,}")

# %% [markdown]
# The total is the one that we counted. Make this check a habit: a forgotten padding or a wrong number of channels often
# runs, but it rarely has the right number of parameters. (VGG had no batch normalization; it did not exist yet. Today you would
# put one after each convolution, with `bias=False`.)

# %% [markdown] tags=["row-26"]
# ## The networks in Keras
#
# In Keras, you call each layer on the tensor that it reads, beginning with an `Input`, and build a `Model` from both
# ends. This is the **functional API**. For a chain of layers, `Sequential` would do, but soon you will need networks
# that fork and join.

# %% needs="keras tensorflow"
import keras
from keras import layers


def make_lenet(shape=(28, 28, 1), n_classes=10):
    inputs = keras.Input(shape)
    x = layers.Conv2D(6, 5, padding="same", activation="relu")(inputs)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(16, 5, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(120, activation="relu")(x)
    x = layers.Dense(84, activation="relu")(x)
    outputs = layers.Dense(n_classes)(x)  # logits
    return keras.Model(inputs, outputs, name="lenet")


def make_cifar_model():
    inputs = x = keras.Input((32, 32, 3))
    for filters, strides in ((32, 1), (64, 2), (128, 1), (256, 2), (512, 1), (1024, 2)):
        x = layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
    x = layers.Dense(512, activation="relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(10)(x), name="cifar")


make_lenet().summary()
vgg19_convolutions = keras.applications.VGG19(weights=None, include_top=False)
for model_keras in (make_lenet(), make_cifar_model(), vgg19_convolutions):
    print(f"{model_keras.name:<6}{model_keras.count_params():>12,} parameters")

# %% [markdown]
# For real work, take a pretrained network: `keras.applications.VGG16()` or `torchvision.models.vgg16(weights="DEFAULT")`. (With
# `weights=None` the weights are random and nothing is downloaded.)

# %% [markdown]
# ## Do MACs predict seconds?
#
# The next cell passes a photograph through the 13 convolutions of VGG-16 with this course's
# vectorized `conv2d`, eight times each, and takes the shortest time. The weights are random: the time depends on the
# shapes, hardly on the values. Before you run it: convolution 2 needs
# [21]{= round(rows[1].macs / rows[0].macs) } times the MACs of convolution 1. Will it take 21 times
# as long?

# %%
rows = [row for row in count(VGG16, photo_shape) if row.parameters]
rng = np.random.default_rng(0)
A = load_sample_image("china.jpg")[None, 40:264, 100:324].astype(np.float32) / 255
times = []
for layer in VGG16[:-3]:
    if layer["kind"] == "pool":
        A = max_pool2d(A, 2)
        continue
    n_C_prev = A.shape[3]
    W = rng.normal(0, np.sqrt(2 / (9 * n_C_prev)), (3, 3, n_C_prev, layer["n_C"]))
    W = W.astype(np.float32)
    times.append([])
    for _ in range(8):
        start = time.perf_counter()
        Z = conv2d(A, W, padding=1)
        times[-1].append(time.perf_counter() - start)
    A = np.maximum(Z, 0)

macs, seconds = np.array([row.macs for row in rows[:13]]), np.min(times, axis=1)
print(f"{sum(seconds):.2f} s for {macs.sum() / 1e9:.1f} billion MACs")
print(f"convolution 2 took {seconds[1] / seconds[0]:.1f} times as long as convolution 1")
print("convolution 1, all calls, milliseconds:", *(f"{1000 * t:.1f}" for t in times[0]))
draw.bars(
    rows[:13],
    {
        "MACs, billions": macs / 1e9,
        "time here, milliseconds": 1000 * seconds,
        "billion MACs per second": macs / seconds / 1e9,
    },
    "Equal bars on the right would mean that MACs explain the time.",
)

# %% [markdown]
# Usually it takes less than 21 times as long, because convolution 1 is slow for what it computes: its bar on the right is
# the shortest. An earlier version of this lesson took the best of three calls. It found that convolution 1 does a third of the
# MACs per second of the others, and blamed the copying of patches ([im2col](glossary.md#im2col)). Then we measured the
# copies, and they were cheap. It was the first calls that were slow. In the printed list, the later ones are often twice as fast.
# So call a function a few times before you measure it, and measure more than once, because other programs interfere, too.
#
# MACs give a first estimate. To know the time on your computer, measure it.

# %% [markdown]
# ## What the cost buys
#
# | network | top-1 accuracy, ImageNet | MACs, millions | parameters, millions |
# |---|---:|---:|---:|
# | AlexNet | 57.2% | 720 | 60 |
# | VGG-16 | 71.5% | 15,300 | 138 |
# | GoogLeNet | 69.8% | 1,550 | 6.8 |
# | MobileNet | 70.6% | 569 | 4.2 |
#
# These are the numbers of Howard et al. (2017, tables 8 and 9). *Top-1* means that a network names a single class, so do not
# compare them with the 15.3% above, which counted five guesses of an ensemble. Counted as in this lesson, AlexNet
# needs [724]{= round(totals(ALEXNET, (227, 227, 3))[1] / 1e6) } million MACs and VGG-16
# [15,470]{= f'{round(vgg_macs / 1e6):,}' }. MobileNet comes within a percentage point of VGG-16, which
# has [27]{= round(15300 / 569) } times as many MACs and [33]{= round(138 / 4.2) } times as many parameters.
#
# You know where the cost is, so you can ask the right questions:
#
# 1. The parameters are in the dense layers. Does a classifier need them?
#    ([1x1 convolution](22_one_by_one_convolution.ipynb))
# 2. VGG stops at 19 layers. What prevents 50? ([Residual networks](19_residual_networks.ipynb))
# 3. The work is in convolutions such as 3 x 3 with 512 input and 512 output channels. Can they be computed with far
#    fewer MACs? ([Efficient networks](23_efficient_networks.ipynb))

# %% [markdown]
# ## Further: letting PyTorch count
#
# *You can skip this section.* PyTorch can count the FLOPs of a forward pass, also on the device `meta`, where nothing is
# computed.

# %% needs="torch"
from torch.utils.flop_counter import FlopCounterMode

with FlopCounterMode(display=False) as counter, torch.no_grad():
    model(torch.empty(1, 3, 224, 224, device="meta"))
print(f"{counter.get_total_flops():,} FLOPs")

# %% [markdown]
# These are [30,940,528,640]{= f'{2 * vgg_macs:,}' } FLOPs, two for each MAC.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: VGG-16 for small images
#
# You want to use VGG-16 for CIFAR-10. You keep the five blocks and replace the three dense layers with
# one with 10 units. How many parameters does the network have for 32 x 32 x 3 images? First guess
# which part is larger now.

# %%
parameters = None
### BEGIN SOLUTION
parameters = totals([*VGG16[:-3], dense(10)], (32, 32, 3))[0]
### END SOLUTION

# %%
check("small_vgg", parameters)

# %% [markdown]
# ### Exercise 2: the largest mini-batch
#
# A GPU has `memory` bytes. Training with Adam stores four numbers per parameter (see *Memory* above),
# and one number per activation for each image of the mini-batch, all in float32. Write a function that
# returns the size of the largest mini-batch that fits, or 0. (Real training needs somewhat more, for
# gradients of activations and temporary arrays.)


# %%
def largest_batch(architecture, shape, memory):
    m = None
    ### BEGIN SOLUTION
    parameters, _, activations = totals(architecture, shape)
    m = max(0, (memory - 16 * parameters) // (4 * activations))
    ### END SOLUTION
    return m


# %%
check("largest_batch", largest_batch)

# %% [markdown]
# ### Exercise 3: find the bug
#
# A colleague writes VGG-16 from memory. Her network has fewer parameters than it should. Compare her
# table with the one above, and repair a copy of her function in `vgg_fixed`.


# %%
def vgg_buggy(convolutions):
    architecture, n_C = [], 64
    for times in convolutions:
        architecture += [conv(n_C)] * times + [pool()]
        n_C = min(2 * n_C, 512)
    return [*architecture, dense(4096), dense(4096), dense(1000)]


show(vgg_buggy((2, 2, 3, 3, 3)), photo_shape)


def vgg_fixed(convolutions):
    architecture = None
    ### BEGIN SOLUTION
    architecture, n_C = [], 64
    for times in convolutions:
        architecture += [conv(n_C, pad=1)] * times + [pool()]  # 3 x 3 kernels need padding
        n_C = min(2 * n_C, 512)
    architecture += [dense(4096), dense(4096), dense(1000)]
    ### END SOLUTION
    return architecture


# %%
check("vgg_fixed", vgg_fixed)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the cell below: the settings, the list of layers,
# or the shape of the image.
#
# 1. ... the photographs for VGG-16 have 448 x 448 pixels? Which of the three numbers grow, and how
#    much?
# 2. ... global average pooling, `pool(7, 7)`, and a single `dense(1000)` replace the three dense layers?
# 3. ... all kernels of VGG-16 are 5 x 5 (with `pad=2`)?
# 4. ... AlexNet is built without groups?
# 5. ... the network for CIFAR-10 may have at most 1 million parameters and 50 million MACs?

# %%
settings = {"f": 3, "pad": 1}  # of all convolutions
changed = [layer | settings if layer["kind"] == "conv" else layer for layer in VGG16]
for row in (totals(VGG16, photo_shape), totals(changed, (224, 224, 3))):
    print("parameters {:>13,}   MACs {:>15,}   activations {:>12,}".format(*row))

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. The convolutions keep their parameters and need four times the MACs and activations. Layer 14 has
#    four times the inputs, and the total becomes
#    [447]{= round(totals(VGG16, (448, 448, 3))[0] / 1e6) } million parameters. Weights trained for
#    224 x 224 would not fit.
# 2. [15,227,688]{= f'{totals([*VGG16[:-3], pool(7, 7), dense(1000)], photo_shape)[0]:,}' } parameters
#    remain, [11%]{= f'{totals([*VGG16[:-3], pool(7, 7), dense(1000)], photo_shape)[0] / vgg_parameters:.0%}' }
#    of the original, with
#    [99%]{= f'{totals([*VGG16[:-3], pool(7, 7), dense(1000)], photo_shape)[1] / vgg_macs:.0%}' } of the
#    MACs. GoogLeNet and later networks end this way. The count does not say how accurate it is.
# 3. The convolutions need $25/9$ times the MACs,
#    [42.6]{= f'{macs.sum() * 25 / 9 / 1e9:.1f}' } billion. The total number of
#    parameters grows much less, to
#    [165]{= round((vgg_parameters + sum(row.parameters for row in rows[:13]) * 16 / 9) / 1e6) } million.
# 4. [62,378,344]{= f'{totals([layer | {"groups": 1} if layer["kind"] == "conv" else layer for layer in ALEXNET], (227, 227, 3))[0]:,}' }
#    parameters, hardly more, and
#    [57%]{= f'{totals([layer | {"groups": 1} if layer["kind"] == "conv" else layer for layer in ALEXNET], (227, 227, 3))[1] / totals(ALEXNET, (227, 227, 3))[1] - 1:.0%}' }
#    more MACs. With as many groups as channels, the saving becomes drastic; this is MobileNet's idea.
# 5. One solution of many: 32, 64, 64, 128, 128 and 256 channels, then `pool(4, 4)` and `dense(10)`, have
#    [575,498]{= f'{totals([*[conv(n, stride=s, pad=1) for n, s in ((32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (256, 2))], pool(4, 4), dense(10)], (32, 32, 3))[0]:,}' }
#    parameters and
#    [34]{= round(totals([*[conv(n, stride=s, pad=1) for n, s in ((32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (256, 2))], pool(4, 4), dense(10)], (32, 32, 3))[1] / 1e6) }
#    million MACs. Only training shows what this costs in accuracy.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **count a network:** a convolution has $(f_H f_W n_{C_{prev}} + 1)\, n_C$ parameters and needs
#    $n_H n_W n_C f_H f_W n_{C_{prev}}$ MACs, a dense layer has $(n + 1)\, n'$ and needs $n\, n'$;
# 2. **say where the cost is:** the convolutions do most of the work, because each weight is used at
#    every position; the first dense layer has most of the parameters of LeNet (61,706), AlexNet
#    (61 million), VGG-16 (138,357,544) and VGG-19 (143,667,240); the first layers have most of the
#    activations. VGG stacks 3 x 3 kernels because two of them see 5 x 5 pixels with fewer weights and MACs;
# 3. **write a network** as an `nn.Module` with `features` and `classifier` and as a functional `keras.Model`, and check its
#    parameters.
#
# | term in this course | you may also read |
# |---|---|
# | [**architecture**](glossary.md#architecture) | model, network design, backbone (without the last layers) |
# | [**multiply-accumulate**](glossary.md#multiply-accumulate), MAC | multiply-add, Mult-Add, MAdd |
# | [**FLOPs**](glossary.md#flops): two for each MAC | in some papers one for each MAC |

# %% [markdown]
# ## What to read next
#
# - The assignment [LeNet](../release/lenet/lenet.ipynb), where you build LeNet from your own layers.
#   Next is [Residual networks](19_residual_networks.ipynb).
# - LeCun, Bottou, Bengio and Haffner, *Gradient-based learning applied to document recognition*
#   (Proceedings of the IEEE, 1998): LeNet-5.
# - Krizhevsky, Sutskever and Hinton, *ImageNet classification with deep convolutional neural networks*
#   (NIPS 2012): AlexNet.
# - Simonyan and Zisserman, *Very deep convolutional networks for large-scale image recognition* (2014):
#   [arXiv:1409.1556](https://arxiv.org/abs/1409.1556). Table 1 has all VGG networks.
# - Szegedy et al., *Going deeper with convolutions* (CVPR 2015):
#   [arXiv:1409.4842](https://arxiv.org/abs/1409.4842): GoogLeNet.
# - Howard et al., *MobileNets: efficient convolutional neural networks for mobile vision applications*
#   (2017): [arXiv:1704.04861](https://arxiv.org/abs/1704.04861).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), chapter 8:
#   [Modern convolutional neural networks](https://d2l.ai/chapter_convolutional-modern/index.html).
# - Keras: [VGG16 and VGG19](https://keras.io/api/applications/vgg/). PyTorch:
#   [the meta device](https://docs.pytorch.org/docs/stable/meta.html).
