# %% [markdown]
# # Architectures
#
# VGG-16, a famous network of 2014, has 16 layers with 138 million parameters. To classify one photograph, it multiplies
# and adds 15 billion times. Run the next cell. It divides the parameters and the work among the layers, and it is hard
# to believe that both strips show the same network.

# %% include="lesson_setup"

# %%
import math

from convnet.functional import conv2d
from convnet.sizes import conv_output_shape
from lesson_tools.architectures import figures as draw
from lesson_tools.architectures.questions import check, predict
from lesson_tools.counter import conv, count, dense, pool, show, totals

draw.opening()

# %% [markdown]
# Layer 14 holds three quarters of the parameters, yet it does so little of the work that you can hardly see it in the
# lower strip. Layer 2 does an eighth of the work with so few parameters that it is invisible in the upper one. **Where
# are a network's parameters, where is its work, and why are they in different layers?**
#
# The question is worth money. Parameters fill the memory and the download, while the work costs power and, at least
# in convolutions like these, time. So before you make a network smaller, you have to know which layers to attack. You will
# answer it for three networks that set the pattern for many others, LeNet, AlexNet and VGG.
#
# **By the end of this lesson you will be able to**
#
# 1. count the parameters, multiply-accumulates and activations of a network, layer by layer;
# 2. explain where LeNet, AlexNet and VGG have their parameters and where they do their work;
# 3. write a network as an `nn.Module` and as a functional `keras.Model`, and check it by counting.
#
# **Time:** about 50 minutes, and 25 for the exercises. **You need:** [Output sizes](08_output_sizes.ipynb),
# [Pooling](10_pooling.ipynb) and [Batch normalization](17_batch_normalization.ipynb).

# %% [markdown] tags=["row-26"]
# ## Weights times positions
#
# The [**architecture**](glossary.md#architecture) of a network is its list of layers with their sizes. The cost of a
# layer has two parts:
#
# - Its **parameters**, which are its weights and biases, are stored and learned. A convolution has
#   $f_H f_W n_{C_{prev}} n_C$ weights, a dense layer from $n$ inputs to $n'$ units has $n\, n'$. In addition, each
#   output channel or unit has a bias.
# - Its work is measured in [**multiply-accumulates**](glossary.md#multiply-accumulate) (MACs). A MAC multiplies a
#   weight by an input and adds the product to a sum. (Papers also count [**FLOPs**](glossary.md#flops), two for each
#   MAC, but some call a MAC one FLOP. Check before you compare.)
#
# A dense layer uses each weight once per image. A convolution uses each weight once at every output position, due to
# [parameter sharing](glossary.md#parameter-sharing). (The zeros of the padding count, too.) Both cases are one
# formula:
#
# $$\text{MACs} = \text{weights} \times \text{output positions}, \qquad
# \text{positions} = \begin{cases} n_H n_W & \text{convolution} \\ 1 & \text{dense layer} \end{cases}$$
#
# The next function is this formula. Layers come as small dictionaries, such as `conv(6, 5)` for six 5 x 5 filters,
# and an activation function is left out because it has no parameters and keeps the shape.


# %%
def cost(layer, shape):
    """Return a layer's output shape, its parameters and its MACs."""
    if layer["kind"] == "dense":
        output, positions = (layer["n"],), 1
        weights = math.prod(shape) * layer["n"]  # flattens its input
    else:
        size = conv_output_shape(shape[:2], layer["f"], layer["stride"], layer["pad"])
        output, positions = (*size, layer.get("n_C", shape[2])), math.prod(size)
        weights = 0
        if layer["kind"] == "conv":
            weights = layer["f"] ** 2 * (shape[2] // layer["groups"]) * layer["n_C"]
    biases = output[-1] if weights else 0
    return output, weights + biases, weights * positions


shape = (6, 6, 1)  # a small image with one channel
for layer in (conv(2, f=3), pool(), dense(3)):
    shape, parameters, macs = cost(layer, shape)
    print(f"{layer['kind']:<6} {shape!s:<10} {parameters:>3} parameters {macs:>4} MACs")

# %% [markdown]
# Check the first line by hand. Two 3 x 3 kernels have 18 weights and 2 biases, and each weight is used at
# $4 \cdot 4 = 16$ positions, which makes [288]{= 16 * 18 } MACs. The dense layer has more parameters, and the
# convolution does [12]{= 288 // 24 } times the work.

# %% [markdown] tags=["row-26"]
# ## LeNet, 1998
#
# [**LeNet-5**](glossary.md#lenet) read the amounts on bank checks. Its pattern outlived it:
# convolution and pooling alternate, so that the feature maps become smaller and more numerous, and dense layers come at the
# end. This is the variant of this course, with ReLU and max pooling, for grayscale images of 28 x 28.

# %%
LENET = [conv(6, 5, pad=2), pool(), conv(16, 5), pool(), dense(120), dense(84), dense(10)]
draw.boxes({"LeNet": (LENET, (28, 28, 1))})

# %% [markdown]
# **Predict.** The layers with parameters are numbered from 1 to 5, from the left. Which one needs the most MACs? And
# in how many of the five does the number of parameters change if the images come from CIFAR-10 (32 x 32 pixels, in
# color)?

# %%
predict("work", None)
predict("color", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# Layer 2, the second convolution. It has [2,416]{= f'{cost(LENET[2], (14, 14, 6))[1]:,}' } parameters, only
# [4%]{= f'{cost(LENET[2], (14, 14, 6))[1] / totals(LENET, (28, 28, 1))[0]:.0%}' } of the total, but uses each weight at
# 100 positions. Layer 3, the first dense layer, has
# [78%]{= f'{count(LENET, (28, 28, 1))[4].parameters / totals(LENET, (28, 28, 1))[0]:.0%}' } of the parameters.
#
# In two. The filters of the first convolution have three channels, which makes
# $(5 \cdot 5 \cdot 3 + 1) \cdot 6 =$ [456]{= count(LENET, (32, 32, 3))[0].parameters } parameters, and the first dense
# layer has $6 \cdot 6 \cdot 16 =$ [576]{= 6 * 6 * 16 } inputs. The other two dense layers read 120 and 84 values as
# before, and a convolution does not notice the size of the image.
#
# </details>

# %%
show(LENET, (28, 28, 1))
print()
show(LENET, (32, 32, 3))

# %% [markdown]
# Now think of photographs. The first dense layer reads every value of the last feature maps, so it grows with the area
# of the image. For photographs of 224 x 224 pixels, LeNet would keep its two small convolutions, but it would have
# [5.6]{= f'{totals(LENET, (224, 224, 3))[0] / 1e6:.1f}' } million parameters, nearly all of them in this one layer.

# %% [markdown] tags=["row-26"]
# ## AlexNet, 2012
#
# The ImageNet challenge of 2012 offered 1.3 million training photographs in 1,000 classes. Five guesses were allowed
# for each test photograph. An ensemble of seven AlexNets, two of them pretrained on more photographs, missed the right
# class in 15.3% of them. The best entry without a convolutional network missed 26.2%, and two years later nearly all
# entries used one.
#
# AlexNet is LeNet's pattern on a larger scale, with ReLU, [dropout](glossary.md#dropout) and
# [data augmentation](glossary.md#data-augmentation). Its first convolution has stride 4, so 227 pixels shrink to 55 at
# once. Three of its layers are [**grouped convolutions**](glossary.md#grouped-convolution). One GPU had only 3 GB of
# memory, so the network was split between two GPUs, and a filter in these layers sees only the channels on its own
# GPU, half of them. That halves its weights and its MACs.

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
    *(dense(4096), dense(4096), dense(1000)),
]
show(ALEXNET, (227, 227, 3))

# %% [markdown]
# AlexNet has [988]{= round(totals(ALEXNET, (227, 227, 3))[0] / totals(LENET, (28, 28, 1))[0]) } times as many
# parameters as LeNet, again nearly all in the dense layers. (The paper speaks of images of 224 x 224. The assignment
# [Arithmetic](../release/arithmetic/arithmetic.ipynb) shows that this does not fit the other sizes.) Its first two
# convolutions use 11 x 11 and 5 x 5 kernels. Does a network need such large ones?

# %% [markdown] tags=["row-26"]
# ## Two 3 x 3 kernels see as much as one 5 x 5
#
# The VGG networks, from Oxford's Visual Geometry Group, use no kernel larger than 3 x 3. Apply a 3 x 3 kernel of ones to
# a 6 x 6 image, and another one to the result. How much of the image does each of the four outputs see?

# %%
image = np.array([[0, 0, 0, 9, 9, 9]] * 2 + [[0, 0, 1, 9, 9, 9]] * 2 + [[0, 1, 2, 8, 9, 9]] * 2)
ones = np.ones((3, 3, 1, 1))
middle = conv2d(image[None, :, :, None], ones)
twice = conv2d(middle, ones)
draw.two_kernels(image, middle[0, :, :, 0], twice[0, :, :, 0])

# %% [markdown]
# The [receptive field](glossary.md#receptive-field) is 5 x 5, just as with a single 5 x 5 kernel.
#
# **Predict.** All layers have $C$ input and $C$ output channels. What fraction of the weights of one 5 x 5 layer do
# two 3 x 3 layers have? (Two decimal places.)

# %%
predict("stack", None)

# %%
C = 64
for n_layers, f in ((2, 3), (1, 5), (3, 3), (1, 7)):
    _, parameters, macs = cost(conv(C, f, pad=f // 2), (56, 56, C))
    print(f"{n_layers} x conv {f} x {f}: {n_layers * (parameters - C):>7,} weights ", end="")
    print(f"{n_layers * macs:>11,} MACs")

# %% [markdown]
# $$2 \cdot (3 \cdot 3 \cdot C \cdot C) = 18\, C^2 \quad\text{instead of}\quad 25\, C^2, \qquad
# 3 \cdot (3 \cdot 3 \cdot C \cdot C) = 27\, C^2 \quad\text{instead of}\quad 49\, C^2$$
#
# The padding keeps the size, so the positions are the same and the MACs fall by the same factors. Moreover, the stack
# has a ReLU after each layer. Its price is memory, because training keeps the activations of two or three layers
# instead of one. And it needs enough input channels: from 3 channels to 64, two 3 x 3 layers have
# [8]{= round((9 * 3 * 64 + 9 * 64 * 64) / (25 * 3 * 64)) } times the weights of one 5 x 5 layer.

# %% [markdown] tags=["row-26"]
# ## VGG-16 and VGG-19, 2014
#
# [**VGG**](glossary.md#vgg) turned this into a rule that you can write in a few lines. There are five blocks of 3 x 3
# convolutions with padding 1, which keep the size. Max pooling after each block halves the height and the width, and
# the channels double until they reach 512. VGG-16 has 13 convolutions, VGG-19 has 16.


# %%
def vgg(convolutions):
    """Return a VGG network; convolutions: number in each of the five blocks."""
    architecture = []
    for n_C, times in zip((64, 128, 256, 512, 512), convolutions, strict=True):
        architecture += [conv(n_C, pad=1)] * times + [pool()]
    return [*architecture, dense(4096), dense(4096), dense(1000)]


VGG16, VGG19 = vgg((2, 2, 3, 3, 3)), vgg((2, 2, 4, 4, 4))
photo_shape = (224, 224, 3)
draw.boxes({"AlexNet": (ALEXNET, (227, 227, 3)), "VGG-16": (VGG16, photo_shape)})

# %% [markdown]
# **Predict.** Compare a convolution with the corresponding one in the next block, where height and width
# are halved and both the input and the output channels are doubled. By which factors do its weights, its MACs and its
# [activations](glossary.md#activation) (the values that it returns) change? Answer with `(weights, MACs, activations)`.

# %%
predict("block", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `(4, 1, 0.5)`. Write $P$ for the number of positions and $C$ for the number of channels. There are $9\, C^2$ weights,
# $9\, C^2 P$ MACs and $C P$ activations. From one block to the next, $C$ becomes $2C$ and $P$ becomes $P / 4$.
#
# </details>

# %%
draw.bars(VGG16, photo_shape)

# %% [markdown]
# That is the logic of the pattern. **Halve the size and double the channels, and the work per layer stays the same**,
# while the parameters move to the end of the network and the activations to its beginning. (The first convolution of
# blocks 2 to 4 has half the input channels and therefore half the work. Block 5 stays at 512 channels, so each of its
# layers does a quarter of the work.)

# %%
networks = {
    "LeNet, 1998": (LENET, (28, 28, 1)),
    "AlexNet, 2012": (ALEXNET, (227, 227, 3)),
    "VGG-16, 2014": (VGG16, photo_shape),
    "VGG-19, 2014": (VGG19, photo_shape),
}
for name, (architecture, shape) in networks.items():
    parameters, macs, _ = totals(architecture, shape)
    rows = [row for row in count(architecture, shape) if row.kind == "dense"]
    print(f"{name:<14}{parameters:>12,} parameters,", end="")
    print(f"{sum(row.parameters for row in rows) / parameters:>4.0%} in dense layers,", end="")
    print(f"{macs:>15,} MACs,{sum(row.macs for row in rows) / macs:>4.0%} in dense layers")
draw.strips(networks)

# %% [markdown]
# **The convolutions do the work, and the dense layers have the parameters**, in all four networks. The riddle of layers
# 14 and 2 is solved as well. Layer 14 is the first dense layer. It connects $7 \cdot 7 \cdot 512 =$
# [25,088]{= f'{7 * 7 * 512:,}' } values to 4,096 units, with
# [103]{= round(cost(dense(4096), (7, 7, 512))[1] / 1e6) } million parameters, each used once. Layer 2 has
# [37]{= round(cost(conv(64, pad=1), (224, 224, 64))[1] / 1e3) } thousand, and uses each weight at
# [50,176]{= f'{224 * 224:,}' } positions.

# %% [markdown]
# ## Networks without large dense layers
#
# The upper strips show where to cut. **Network in network** (Lin, Chen and Yan, 2013) replaced the dense layers with
# [**global average pooling**](glossary.md#global-average-pooling), which takes the mean of each feature map. In
# VGG-16, that leaves 512 numbers instead of 25,088. **GoogLeNet**, which beat VGG at classification in the challenge
# of 2014, keeps one dense layer after it. In its *Inception* blocks, 1x1, 3x3 and 5x5 convolutions work in parallel
# on the same input, and further 1x1 convolutions first reduce the channels, which saves MACs. [1x1
# convolution](22_one_by_one_convolution.ipynb) shows how.
#
# **Predict.** In VGG-16, global average pooling and a single dense layer with 1,000 units replace the three dense
# layers. What percentage of its parameters remains, and what percentage of its MACs? Choose from 1, 10, 50, 90
# and 99, and answer with `(parameters, MACs)`.

# %%
predict("slim", None)

# %%
slim = [*VGG16[:-3], pool(7, 7), dense(1000)]
for part, before, after in zip(
    ("parameters", "MACs", "activations"),
    totals(VGG16, photo_shape),
    totals(slim, photo_shape),
    strict=True,
):
    print(f"{part:<12}{before:>15,} -> {after:>15,}   {after / before:>4.0%}")

# %% [markdown]
# The network shrinks to a ninth, and its work hardly changes. So if somebody asks you for a smaller network, ask
# which of the three numbers should be smaller.

# %% [markdown]
# ## VGG as an nn.Module
#
# In PyTorch, you write an architecture as a class. `__init__` creates the layers, and `forward` passes an image through
# them. Two habits are worth copying: a loop builds the blocks, and the convolutions (`features`) are separate from the dense
# layers (`classifier`), so that you can replace either. On the device `meta`, tensors have shapes but no values, so
# you can test a network that would not fit into your memory.


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
            *(nn.Flatten(), nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Dropout(0.5)),
            *(nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5)),
            nn.Linear(4096, n_classes),
        )

    def forward(self, x):
        return self.classifier(self.features(x))


with torch.device("meta"):
    model = VGG((2, 2, 3, 3, 3))
    print(tuple(model(torch.empty(8, 3, 224, 224)).shape))
for name, part in [*model.named_children(), ("total", model)]:
    print(f"{name:10} {sum(parameter.numel() for parameter in part.parameters()):>11,}")

# %% [markdown]
# The total is the one that you counted, [138,357,544]{= f'{totals(VGG16, photo_shape)[0]:,}' }. Today you would put
# [batch normalization](glossary.md#batch-normalization), which was published in 2015, after each convolution.

# %% [markdown] tags=["row-26"]
# ## LeNet in Keras, and a forgotten argument
#
# In Keras' [functional API](glossary.md#functional-api), you call each layer on the tensor that it reads, beginning
# with an `Input`, and build a `Model` from its input and output. `Sequential` would do for a chain of layers, but the
# blocks of GoogLeNet fork and join.

# %% needs="keras tensorflow"
import keras
from keras import layers


def make_lenet(**options):
    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(6, 5, activation="relu", **options)(inputs)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(16, 5, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(120, activation="relu")(x)
    x = layers.Dense(84, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(10)(x))


for options in ({"padding": "same"}, {}):
    print(f"{make_lenet(**options).count_params():,} parameters with {options}")

# %% [markdown]
# The second line shows what goes wrong most easily. Without `padding="same"`, the network builds, trains and predicts
# without complaint, because a Keras layer infers the number of its inputs. But it is a different network:
# its last feature maps are 4 x 4, and [28%]{= f'{1 - 44426 / 61706:.0%}' } of the parameters are missing. In PyTorch,
# the same mistake raises an error at the first image, since you write down the inputs of `nn.Linear`. So make it a
# habit to **compare the number of parameters with your own count or with the paper**.

# %% [markdown]
# ## Your own architecture
#
# You know the price of every layer now, so design a network for photographs, with fewer parameters *and* fewer MACs
# than GoogLeNet and at least nine convolutions. The list below has few enough parameters, but it needs too many MACs.
# Change it until your star is below and to the left of GoogLeNet.

# %%
mine = [conv(32, stride=2, pad=1)]
for n_C in (64, 128, 256, 512):
    mine += [conv(n_C, pad=1), conv(n_C, pad=1), pool()]
mine += [pool(7, 7), dense(1000)]

show(mine, photo_shape)
draw.with_yours(mine, photo_shape)

# %% [markdown]
# How good is your network? The count does not say, and more parameters are no guarantee. AlexNet has nine times the
# parameters of GoogLeNet, but it is right [12.6]{= round(69.8 - 57.2, 1) } percentage points less often. Only
# training would tell.
#
# One thing looks easy on paper. If two small layers cost less than a large one, why stop at 19 layers? A VGG with 50 is a
# change of five numbers in `vgg(...)`, and the count has no objection. The authors of VGG had one: their error stopped
# falling between 16 and 19 layers. Why depth stops helping is the subject of
# [Residual networks](19_residual_networks.ipynb).

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: find the bug
#
# A colleague writes VGG-16 from memory. Her dense layers are right, but her network needs more MACs than
# VGG-16. Compare her table with `show(VGG16, photo_shape)`, and repair a copy of her function in `vgg_fixed`.


# %%
def vgg_buggy(convolutions):
    architecture, n_C = [], 64
    for times in convolutions:
        for _ in range(times):
            architecture.append(conv(n_C, pad=1))
            n_C = min(2 * n_C, 512)
        architecture.append(pool())
    return [*architecture, dense(4096), dense(4096), dense(1000)]


show(vgg_buggy((2, 2, 3, 3, 3)), photo_shape)


def vgg_fixed(convolutions):
    architecture = None
    ### BEGIN SOLUTION
    architecture, n_C = [], 64
    for times in convolutions:
        architecture += [conv(n_C, pad=1)] * times + [pool()]
        n_C = min(2 * n_C, 512)  # after the block, not after each of its convolutions
    architecture += [dense(4096), dense(4096), dense(1000)]
    ### END SOLUTION
    return architecture


# %%
check("vgg_fixed", vgg_fixed)

# %% [markdown] tags=["row-26"]
# ### Exercise 2: VGG-16 for CIFAR-10
#
# You keep the five blocks and replace the three dense layers with one that has 10 units. How many parameters does the
# network have for images of 32 x 32 x 3? First guess which has more now, the convolutions or the dense layer.

# %%
parameters = None
### BEGIN SOLUTION
parameters = totals([*VGG16[:-3], dense(10)], (32, 32, 3))[0]
### END SOLUTION

# %%
check("small_vgg", parameters)

# %% [markdown]
# ### Exercise 3: the largest mini-batch
#
# A GPU has `memory` bytes. Training with [Adam](glossary.md#adam) stores four numbers per parameter (the parameter,
# its gradient and two running averages) and, for each image of the mini-batch, one number per activation. All are in
# float32. Write a function that returns the size of the largest mini-batch that fits, or 0. (Real
# training needs somewhat more, for gradients of activations and temporary arrays.)


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
# ## Recap
#
# The [MACs](glossary.md#multiply-accumulate) of a layer are its weights times its output positions, so in these
# [architectures](glossary.md#architecture) the convolutions do the work, while the first dense layer has most of the
# parameters. VGG stacks 3 x 3 kernels, because two such layers see as much as one 5 x 5 layer and, if all have the same
# number of channels, need 28% fewer weights. From block to block, it halves the size and doubles the channels, which
# keeps the work per layer constant. Whatever library builds your network, count its parameters before you train it.

# %% [markdown]
# ## What to read next
#
# - Next is [Residual networks](19_residual_networks.ipynb), which have 50 layers and more.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), chapter 8:
#   [Modern convolutional neural networks](https://d2l.ai/chapter_convolutional-modern/index.html), with network in
#   network and GoogLeNet in code.
# - Simonyan and Zisserman, *Very deep convolutional networks for large-scale image recognition* (2014):
#   [arXiv:1409.1556](https://arxiv.org/abs/1409.1556). Table 1 has all VGG networks.
