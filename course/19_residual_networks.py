# %% [markdown]
# # Residual networks
#
# In 2015, a team at Microsoft took a network with 18 layers, which worked well, and made it deeper. With 34
# layers it became *worse*. Then they added a single plus sign to each of its blocks, without a single new
# weight, and the deep network became the better one. **Why does depth stop helping, and what does a plus sign
# change?**

# %% include="lesson_setup"

# %%
from convnet.data import digits
from convnet.functional import conv2d, conv2d_backward, cross_entropy_backward, relu_backward
from convnet.layers import AveragePooling2D, BatchNormalization, Conv2D, Dense, Flatten, Layer, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate, train
from lesson_tools.residual_networks import figures as draw
from lesson_tools.residual_networks.questions import check, predict
from lesson_tools.residual_networks.results import last_losses, results

draw.published()

# %% [markdown]
# Did the deep network overfit? No, it was worse on its *training* images, too. Had its gradients vanished? The
# authors checked this and found them healthy, thanks to [batch normalization](17_batch_normalization.ipynb).
#
# **By the end of this lesson you will be able to**
#
# 1. explain why a deeper network need not be worse, although training can make it worse;
# 2. write a shortcut with its backward pass, and derive what it does to the gradient and what it cannot prevent;
# 3. build a residual network in PyTorch and Keras, with strides and projections, and test that its shortcuts work.
#
# **Time:** about 55 minutes, and 25 for the exercises. **You need:** [Batch
# normalization](17_batch_normalization.ipynb), [Architectures](18_architectures.ipynb) and
# [Training](14_training.ipynb).

# %% [markdown]
# ## A network that gets worse
#
# You can watch the same thing happen on your own machine. A *block* is two 3 x 3 convolutions, each followed by batch
# normalization, with a ReLU in between and another one at the end. Stack two blocks, and you have a network with 4
# layers. Stack twenty, and it has 40. (Here we count the layers in the blocks only.) Both read handwritten digits of
# 8 x 8 pixels.


# %%
def convolution(stride=1):
    return [Conv2D(16, 3, stride, padding=1), BatchNormalization()]


def plain_block():
    return [*convolution(), ReLU(), *convolution(), ReLU()]


def digit_network(n_blocks, block, seed=0):
    stem = [*convolution(stride=2), ReLU()]
    blocks = [layer for _ in range(n_blocks) for layer in block()]
    return Network([*stem, *blocks, AveragePooling2D(4), Flatten(), Dense(10)], (8, 8, 1), seed)


data = digits()
images, labels = data.train_images, data.train_labels
settings = {"epochs": 6, "batch": 50, "progress": False}
networks = {
    "plain, 4 layers": digit_network(2, plain_block),
    "plain, 40 layers": digit_network(20, plain_block),
}
histories = {
    name: train(network, images, labels, optimizer=Adam(0.01), **settings)
    for name, network in networks.items()
}
draw.learning(histories)

# %% [markdown]
# Four layers learn the digits almost perfectly. Forty layers, with nearly ten times as many weights, are far behind
# on the very images they are trained on. He, Zhang, Ren and Sun called this
# [**degradation**](glossary.md#degradation): with more layers, the *training* error grows. It is therefore not
# [overfitting](glossary.md#overfitting), where the training error is small.

# %% [markdown]
# ## A deeper network need not be worse
#
# Degradation is odd, because you can build a deep network that is as good as the shallow one without any
# training. Take the shallow network and insert eighteen more blocks that do nothing, that is, blocks that
# compute the *identity*. Their input comes out of a ReLU, so it has no negative values, and another ReLU leaves
# it unchanged. The convolutions only have to copy their input.
#
# **Predict.** A 3 x 3 convolution from 16 to 16 channels has $3 \cdot 3 \cdot 16 \cdot 16 = 2304$ weights. How
# many of them are not 0 if it copies its input?

# %%
predict("copies", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 16. For output channel $c$, the center of the kernel for input channel $c$ is 1, and everything else is 0.
#
# </details>

# %%
copying = [layer for _ in range(18) for layer in plain_block()]
Network(copying, (4, 4, 16))  # creates the parameters
for layer in copying:
    if isinstance(layer, Conv2D):
        layer.parameters["W"][...] = 0
        layer.parameters["W"][1, 1] = np.eye(16)  # row 1, column 1: the center of each kernel

network = networks["plain, 4 layers"]
before = evaluate(network, images, labels)[1]
shallow = network.layers
network.layers = [*shallow[:-3], *copying, *shallow[-3:]]
print(f"training accuracy with 4 layers: {before:.4f}")
print(f"with 36 more:                    {evaluate(network, images, labels)[1]:.4f}")

# %% [markdown]
# So among all networks with 40 layers there is one that is at least as good as the shallow network. (A new batch
# normalization has mean 0 and variance 1, so in evaluation mode it changes nothing, apart from $\epsilon$.) If
# training ends up with a much worse network, capacity is not to blame. Training did not find the better one. (Our
# network is slow rather than stuck: after thirty epochs at a rate of 0.001, it reads over 90% of its training
# images.)

# %% [markdown]
# ## The shortcut
#
# The remedy follows from this argument. If many blocks should compute something close to the identity, do not
# make them learn it. Give it to them, and let them learn only the difference.

# %%
draw.plain_and_residual()

# %% [markdown]
# The red line is a [**residual connection**](glossary.md#residual-connection), also called a **shortcut** or
# skip connection. If the best block computes some function $H(x)$, its convolutions now only have to learn the
# *residual* $F(x) = H(x) - x$. To do nothing, they need no kernels with a 1 in the right position, because
# $F(x) = 0$ is enough. A network of such blocks is a **residual network**, or ResNet. An ensemble of ResNets,
# with up to 152 layers, won the ImageNet competition of 2015.
#
# In code, a shortcut is two tiny layers. `Fork` remembers $x$, and `Add` adds it to $F(x)$. In the backward
# pass, the addition sends its [upstream gradient](glossary.md#upstream-gradient) to both of its inputs, and the
# fork adds up the gradients that come back on the two paths.


# %%
class Fork(Layer):
    def forward(self, x, training):
        self.x = x
        return x

    def backward(self, dy):
        return dy + self.dx  # through F, and along the shortcut


class Add(Layer):
    def __init__(self, fork):
        super().__init__()
        self.fork = fork

    def forward(self, F, training):
        return self.fork.x + F

    def backward(self, dy):
        self.fork.dx = dy  # along the shortcut: unchanged
        return dy


def residual_block():
    fork = Fork()
    return [fork, *convolution(), ReLU(), *convolution(), Add(fork), ReLU()]


network = networks["residual, 40 layers"] = digit_network(20, residual_block)
histories["residual, 40 layers"] = train(network, images, labels, optimizer=Adam(0.01), **settings)
draw.learning(histories)

# %% [markdown]
# The depth, the learning rate and the images are the same, but now the network learns nearly as fast as the shallow
# one. Is that luck, or a learning rate that happens to suit the residual network? In the next figure, every network
# has its own learning rate, the best of four on one choice of training images, and five runs, each with its own
# choice of images and its own seed.

# %%
draw.depths(results())

# %% [markdown]
# The median training loss of plain networks rises from [0.03]{= f"{np.median(last_losses('plain, 4 layers')):.2f}" }
# with 4 layers to [1.46]{= f"{np.median(last_losses('plain, 40 layers')):.2f}" } with 40. For residual networks with
# 40 layers, it is only [0.04]{= f"{np.median(last_losses('residual, 40 layers')):.2f}" }, and the worst of their five
# runs is far below the best plain run of this depth. Much of the difference lies in the start. If the plain network
# starts by copying its input, plus a little noise, its median loss is
# [0.34]{= f"{np.median(last_losses('copying, 40 layers')):.2f}" }. (The numbers are in the
# [benchmarks](../benchmarks/lessons/residual_networks.md).)

# %% [markdown]
# ## What the shortcut does to the gradient
#
# For $y = x + F(x)$, `Fork` and `Add` compute
#
# $$dx = dy + (\text{gradient through } F).$$
#
# To see what follows for many layers, let each one have a single input and a single output, and leave out the
# ReLU after the addition. Without shortcuts, $n$ layers multiply the gradient by $F'_1 F'_2 \cdots F'_n$. With
# shortcuts, each factor becomes $1 + F'$.
#
# **Predict.** Three layers with shortcuts have the local derivative $F' = 0.5$ each. By what number is the gradient
# multiplied?

# %%
predict("factor", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $$(1 + 0.5)^3 = 1 + 3 \cdot 0.5 + 3 \cdot 0.5^2 + 0.5^3 = 3.375$$
#
# </details>
#
# Multiply the product out, and it becomes a sum over *paths*, because each layer is either crossed or skipped:
#
# $$(1 + F'_1)(1 + F'_2)(1 + F'_3) = 1 + F'_1 + F'_2 + F'_3 + F'_1 F'_2 + F'_1 F'_3 + F'_2 F'_3 + F'_1 F'_2 F'_3$$
#
# The 1 belongs to the path that skips everything. **Nothing multiplies the gradient on this path**, however deep the
# network is. (In our blocks, the ReLU after each addition still sets entries to 0. Before training, a fifth survive
# all 20. He et al. removed it in 2016.)
#
# You will often read that gradients therefore cannot vanish in a residual network. Check this claim.
#
# **Predict.** Now $F' = -0.5$ in each of 20 layers. Compare the absolute values of the two factors, with and
# without shortcuts. Which one is larger, `"with"`, `"without"` or `"equal"`?

# %%
predict("cancelled", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"equal"`. Each factor is $1 - 0.5 = 0.5$ with the shortcut and $-0.5$ without it, so both products have the
# absolute value $0.5^{20} \approx$ [9.5e-07]{= f"{0.5**20:.1e}" }.
#
# </details>
#
# So nothing multiplies the identity path, but **the other paths can cancel it**. They can also pile up: for $F' =
# 0.5$, the product of 20 layers is [3,325]{= f"{1.5**20:,.0f}" }. Few people train such networks without
# normalization. So what does the shortcut gain you?

# %% [markdown]
# ## How far can you trust the gradient?
#
# A gradient promises that the loss falls if you go downhill, but only for a tiny step. After the step, the gradient
# is a different one. If it still points in nearly the same direction, the step was short enough to trust. So compute
# the gradient of an untrained network, take one step, compute it again, and compare the two directions by their
# [cosine similarity](glossary.md#cosine-similarity), which is 1 for equal directions and 0 for unrelated ones. The
# length of the step is measured relative to the length of the vector of all parameters.


# %%
def gradient(network, x, y):
    scores = network.forward(x, training=True)
    network.backward(cross_entropy_backward(scores, y))
    return network.gradients / np.linalg.norm(network.gradients)


def agreement(network, relative_steps, x=images[:200], y=labels[:200]):
    start, before, cosines = network.parameters.copy(), gradient(network, x, y), []
    for step in relative_steps * np.linalg.norm(start):
        network.parameters[...] = start - step * before
        cosines.append(before @ gradient(network, x, y))
    network.parameters[...] = start
    return cosines


steps = np.geomspace(1e-6, 1e-1, 11)
untrained = {
    "plain, 4 layers": digit_network(2, plain_block),
    "plain, 40 layers": digit_network(20, plain_block),
    "residual, 40 layers": digit_network(20, residual_block),
}
cosines = {name: agreement(network, steps) for name, network in untrained.items()}
draw.agreement(steps, cosines)

# %% [markdown]
# In the plain network with 40 layers, even a step of 0.00001 leaves a gradient with a cosine of only
# [0.24]{= f"{cosines['plain, 40 layers'][2]:.2f}" }, and after a step of 0.0001 nothing is left of the old
# direction. In the residual network of the same depth, the gradient survives a step of 0.001 with a cosine of
# [0.94]{= f"{cosines['residual, 40 layers'][6]:.2f}" }. **The plain network's gradient has not vanished. It is
# short-sighted.**
#
# In fact, it grows on its way back. Here are the norms of the gradients of the first and the last kernels.

# %%
for name, network in untrained.items():
    gradient(network, images[:200], labels[:200])
    kernels = [layer.gradients["W"] for layer in network.layers if isinstance(layer, Conv2D)]
    first, last = np.linalg.norm(kernels[0]), np.linalg.norm(kernels[-1])
    print(f"{name:<19}  first {first:6.2f}   last {last:.2f}")

# %% [markdown]
# The sum over paths suggests why, although this is a guess and not a proof. Without shortcuts, the gradient of the
# first kernels contains a product of all 40 layers' derivatives. When the weights move, each factor changes a little,
# and the product changes completely. With shortcuts, many paths cross only a few layers, and their short products
# change little. Balduzzi et al. (2017) found something similar when the *input* changes instead of the weights, and
# called it *shattered gradients*.

# %% [markdown]
# ## What depth does not buy
#
# Shortcuts make depth easier to train, but they do not make it useful. On the test digits, four plain layers reach a
# median accuracy of [0.93]{= f"{np.median(results()['plain, 4 layers']['accuracy']):.2f}" }, and forty residual ones
# [0.88]{= f"{np.median(results()['residual, 40 layers']['accuracy']):.2f}" }. Digits of 8 x 8 pixels need no 40
# layers. On ImageNet depth paid off: the error of residual networks fell from 18 to 34 layers in the first figure,
# and on to 152 in the paper.

# %% [markdown]
# ## Blocks that change the shape
#
# $x$ and $F(x)$ can only be added if they have the same shape. But in most networks, the feature maps shrink and gain
# channels from stage to stage, from 32 x 32 x 16 to 16 x 16 x 32 and so on. Then the first convolution of a stage has
# stride 2 and twice as many filters, and the shortcut gets a layer of its own, a [**projection
# shortcut**](glossary.md#projection-shortcut): a convolution with kernels of 1 x 1 and the stride of the block. (A
# kernel of 1 x 1 looks at one pixel and mixes its channels. It has [a lesson of its
# own](22_one_by_one_convolution.ipynb).)
#
# **Predict.** The input is 32 x 32 x 16, and the block has stride 2 and 32 output channels. Which shape do both
# paths have at the plus sign, and how many weights does the projection have, without biases? Answer with four
# numbers, `(height, width, channels, weights)`.

# %%
predict("projection", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[(16, 16, 32, 512)]{= (*conv2d(np.ones((1, 32, 32, 16)), np.ones((1, 1, 16, 32)), stride=2).shape[1:], 16 * 32) }`.
# The stride halves 32, and each of the 32 filters has 16 weights. With stride 2, the projection never sees
# three of four pixels. They reach the output through $F$ alone.
#
# </details>

# %% [markdown]
# ## A residual network in PyTorch
#
# Here is He et al.'s network for the small images of CIFAR-10. It has three stages of 16, 32 and 64 channels with $n$
# blocks each, so it has $6n + 2$ layers. Where the paper pads $x$ with channels of zeros, we use projections. And one
# line is newer than the paper. If the scale $\gamma$ of the last batch normalization starts at 0, then $F(x) = 0$,
# and each block starts as its shortcut (Goyal et al., 2017).

# %% needs="torch"
import torch
from torch import nn
from torch.nn import functional as F


class BasicBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        nn.init.zeros_(self.bn2.weight)  # F(x) = 0 at the start
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + self.shortcut(x))


def resnet(n, in_channels=3, n_classes=10):
    layers = [nn.Conv2d(in_channels, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    for before, channels in ((16, 16), (16, 32), (32, 64)):
        layers.append(BasicBlock(before, channels, stride=channels // before))
        layers += [BasicBlock(channels, channels) for _ in range(n - 1)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, n_classes))


print(f"ResNet-20: {sum(p.numel() for p in resnet(3).parameters()):,} parameters")

# %% [markdown]
# The paper says 0.27 million. For real work you would take a trained one, such as
# `torchvision.models.resnet18(weights="DEFAULT")`.
#
# One thing goes wrong easily, and PyTorch cannot notice it. The block below calls its variable `x` throughout, so
# when the shortcut is added, `x` is no longer the input. Without a projection, the shapes fit, and the block is a
# plain one. (Started with $\gamma = 0$, it even returns only zeros and never learns.) You can test for this mistake:
# with $\gamma = 0$, a correct block returns a nonnegative input unchanged.


# %% needs="torch"
class OverwrittenBlock(BasicBlock):
    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.bn2(self.conv2(x))
        return F.relu(x + self.shortcut(x))


x = torch.rand(2, 16, 8, 8)
for block in (BasicBlock(16, 16), OverwrittenBlock(16, 16)):
    print(f"{type(block).__name__}: returns its input: {torch.equal(block(x), x)}")

# %% [markdown]
# ## A residual network in Keras
#
# `Sequential` has no room for a second path. In the **functional API** you call each layer on the tensor that it
# reads, so a shortcut is a variable that you keep for later. Keras' batch normalization averages slowly by default
# (momentum 0.99), so we set 0.9, because we train for only 240 steps.

# %% needs="keras tensorflow"
import keras
from keras import layers


def conv_norm(x, channels, size, stride=1, gamma="ones"):
    x = layers.Conv2D(channels, size, stride, padding="same", use_bias=False)(x)
    return layers.BatchNormalization(momentum=0.9, gamma_initializer=gamma)(x)


def basic_block(x, channels, stride=1):
    shortcut = x
    x = layers.ReLU()(conv_norm(x, channels, 3, stride))
    x = conv_norm(x, channels, 3, gamma="zeros")
    if stride != 1 or shortcut.shape[-1] != channels:
        shortcut = conv_norm(shortcut, channels, 1, stride)
    return layers.ReLU()(layers.Add()([x, shortcut]))


keras.utils.set_random_seed(0)
inputs = keras.Input((8, 8, 1))
x = layers.ReLU()(conv_norm(inputs, 16, 3))
for channels, stride in ((16, 1), (32, 2), (64, 2)):
    x = basic_block(x, channels, stride)
outputs = layers.Dense(10)(layers.GlobalAveragePooling2D()(x))
model = keras.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.Adam(0.003),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(images, labels, batch_size=50, epochs=8, verbose=0)
_, accuracy = model.evaluate(data.test_images, data.test_labels, verbose=0)
print(f"accuracy on {len(data.test_labels)} test digits: {accuracy:.3f}")

# %% [markdown]
# ## Remove a block
#
# Networks are often described as a chain, in which each layer works on the result of the one before. So a chain
# should break if you take out a link. Take your trained residual network with its 20 blocks, and delete block
# 10 without training the rest again.
#
# **Predict.** What becomes of its accuracy on the test digits? `"a"` It falls to about 0.1, no better than
# guessing. `"b"` It loses about half. `"c"` Hardly anything changes.

# %%
predict("removed", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`, as the next figure shows. The shortcut of block 10 still passes on what the first nine blocks have computed.
#
# </details>


# %%
def accuracy_without(network, removed):
    """Return the test accuracy without some blocks, which are numbered from 1."""
    layers = network.layers
    length = 8 if isinstance(layers[3], Fork) else 6  # layers in a block, after a stem of 3
    network.layers = [a for i, a in enumerate(layers) if (i - 3) // length + 1 not in removed]
    accuracy = evaluate(network, data.test_images, data.test_labels)[1]
    network.layers = layers
    return accuracy


for name, block in (("plain, 12 layers", plain_block), ("residual, 12 layers", residual_block)):
    networks[name] = digit_network(6, block)
    train(networks[name], images, labels, optimizer=Adam(0.01), **settings)

complete, without = {}, {}
for name, n in {"plain, 12 layers": 6, "residual, 12 layers": 6, "residual, 40 layers": 20}.items():
    complete[name] = accuracy_without(networks[name], [])
    without[name] = [accuracy_without(networks[name], [block]) for block in range(1, n + 1)]
draw.removed(complete, without)

# %% [markdown]
# The plain network with 12 layers is about as accurate as the residual one, but it collapses whichever block you
# remove. This residual network with 40 layers can lose any single block except the first with little harm. (Not every
# network is so robust. In the five runs at the best rate, the median accuracy without block 2 is
# [0.50]{= f"{np.median([run[1] for run in results()['residual, 40 layers']['without a block']]):.2f}" }.) Deleting
# one of 20 blocks with shortcuts leaves half of the $2^{20}$ paths, more than 500,000. Veit, Wilber and Belongie
# (2016), who discovered the effect, concluded that residual networks behave like ensembles of shallower ones. But the
# plain networks that started by copying have a single path, and without a block their median accuracy is still
# [0.81]{= f"{np.median(results()['copying, 40 layers']['without a block']):.2f}" }. You can remove a block that
# changes little. By their norms, $F(x)$ is larger than $x$ in block 1 of this network, and only about a seventh of it
# in block 20. How many blocks can yours spare? Change the list.

# %%
removed = [10, 12, 14, 16, 18, 20]
accuracy = accuracy_without(networks["residual, 40 layers"], removed)
print(f"without {len(removed)} of 20 blocks: {accuracy:.3f}")

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: short paths
#
# In a network of $n$ layers with shortcuts, let every layer have the local derivative $d$. Write
# `path_gradient(n, d, k)`: the sum over all paths that cross exactly $k$ of the layers. (`math.comb` counts
# them.)

# %%
import math


def path_gradient(n, d, k):
    total = None
    ### BEGIN SOLUTION
    total = math.comb(n, k) * d**k
    ### END SOLUTION
    return total


# %%
check("path_gradient", path_gradient)

# %% [markdown]
# <details>
# <summary>How long are the paths that matter?</summary>
#
# For $n = 40$ and $d = 0.1$, paths that cross at most 8 layers contribute
# [0.99]{= f"{sum(math.comb(40, k) * 0.1**k for k in range(9)) / 1.1**40:.2f}" } of the sum, $1.1^{40}$. A path
# through all 40 layers contributes $10^{-40}$. In this sense, the deep network trains many short ones.
#
# </details>

# %% [markdown]
# ### Exercise 2: count a block
#
# In ResNet-18, the first block of the second stage reads 64 channels and has 128 output channels and stride 2.
# It consists of two 3 x 3 convolutions and a projection, each followed by batch normalization. How many
# parameters does it learn?

# %%
parameters = None
### BEGIN SOLUTION
parameters = 9 * 64 * 128 + 9 * 128 * 128 + 64 * 128 + 3 * 2 * 128
### END SOLUTION

# %%
check("parameters", parameters)

# %% [markdown]
# ### Exercise 3: find the bug
#
# This backward pass belongs to the block of Exercise 2 in [Backpropagation](13_backpropagation.ipynb),
# $x + \text{ReLU}(x \star W)$, in which the ReLU comes before the addition.
# Its gradient is wrong. Repair a copy of its lines in `shortcut_backward`. On which images would a test of the
# buggy function pass?


# %%
def shortcut_backward_buggy(dy, x, W):
    Z = conv2d(x, W, padding=1)
    dy = relu_backward(dy, Z)
    dx, _, _ = conv2d_backward(dy, x, W, padding=1)
    return dx + dy


def shortcut_backward(dy, x, W):
    gradient = None
    ### BEGIN SOLUTION
    Z = conv2d(x, W, padding=1)
    dZ = relu_backward(dy, Z)  # dy itself is still needed
    dx, _, _ = conv2d_backward(dZ, x, W, padding=1)
    gradient = dx + dy
    ### END SOLUTION
    return gradient


# %%
check("shortcut_backward", shortcut_backward)

# %% [markdown]
# <details>
# <summary>When does the buggy function pass?</summary>
#
# Where $x \star W$ is positive everywhere, the ReLU changes nothing, for example if all pixels and all weights are
# positive. Test with random numbers of both signs.
#
# </details>

# %% [markdown]
# ## Recap
#
# Depth stops helping because deep networks are hard to train, not because they lack capacity. Plain networks show
# [degradation](glossary.md#degradation), a larger training error with more layers, and the gradients of deep ones
# change direction after a tiny step. A [residual connection](glossary.md#residual-connection) adds the input of a
# block to its output. Apart from a ReLU after the addition, nothing multiplies the gradient on this identity path,
# although the other paths can cancel it. Where the shape changes, the shortcut becomes a [projection
# shortcut](glossary.md#projection-shortcut), and setting the last scale to 0 lets each block start as its shortcut.

# %% [markdown]
# ## What to read next
#
# - Next is [How networks are trained today](20_training_today.ipynb). To write a block once more, with and
#   without a projection, see the [Bonus exercises](bonus.ipynb).
# - He, Zhang, Ren and Sun, *Deep residual learning for image recognition* (2015):
#   [arXiv:1512.03385](https://arxiv.org/abs/1512.03385).
# - Veit, Wilber and Belongie, *Residual networks behave like ensembles of relatively shallow networks* (2016):
#   [arXiv:1605.06431](https://arxiv.org/abs/1605.06431).
# - Balduzzi et al., *The shattered gradients problem: if resnets are the answer, then what is the question?* (2017):
#   [arXiv:1702.08591](https://arxiv.org/abs/1702.08591).
