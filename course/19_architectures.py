# %% [markdown]
# # Architectures
#
# In 1998, a network with 60,000 parameters read handwritten digits. In 2014, one with 138 million
# parameters sorted photographs into 1,000 classes. Three years later, a network with 4 million was
# almost as accurate. They differ in their [**architecture**](glossary.md#architecture): the kinds of
# layers, their order and their sizes. What does each choice cost? Run the next two code cells to see how
# the number of parameters and the amount of computation have changed over the years.

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
import math
import time
from collections import namedtuple

from convnet.data import load_sample_image
from convnet.functional import conv2d, max_pool2d
from convnet.plots import draw_grid
from convnet.sizes import conv_output_shape
from lesson_tools.figures import animate
from lesson_tools.questions.architectures import predict


def show(architecture, shape):
    """Print the table of an architecture; layers with parameters are numbered."""
    print(f"{'layer':<10}{'output':<16}{'parameters':>12}{'MACs':>16}{'activations':>13}")
    number = 0
    for row in count(architecture, shape):
        number += row.parameters > 0
        name = f"{number:>2} {row.kind}" if row.parameters else f"   {row.kind}"
        size = " x ".join(map(str, row.shape))
        values = math.prod(row.shape)
        print(f"{name:<10}{size:<16}{row.parameters:>12,}{row.macs:>16,}{values:>13,}")
    parameters, macs, activations = totals(architecture, shape)
    print(f"{'total':<26}{parameters:>12,}{macs:>16,}{activations:>13,}")


COLORS = {"image": "white", "conv": "#9ecae1", "pool": "#fdd0a2", "dense": "#a1d99b"}


def draw(ax, architecture, shape, title, tallest=227, fontsize=9):
    """Draw what the layers return as boxes, equal convolutions in a group, with its counts."""
    font = {"fontsize": fontsize, "linespacing": 1.5}
    groups = [["image", shape, 0, 1, None]]  # kind, shape, parameters, times, pooled
    for row in count(architecture, shape):
        if row.kind == "pool":
            groups[-1][4] = row.shape
        elif (row.kind, row.shape) == tuple(groups[-1][:2]) and row.kind == "conv":
            groups[-1][2] += row.parameters
            groups[-1][3] += 1
        else:
            groups.append([row.kind, row.shape, row.parameters, 1, None])
    for column, (kind, size, parameters, times, pooled) in enumerate(groups):
        boxes = [(kind, size)] * times + ([("pool", pooled)] if pooled else [])
        widths = [0.03 + 0.02 * math.log2(s[2]) if len(s) == 3 else 0.1 for _, s in boxes]
        left = 1.25 * column - sum(widths) / 2 - 0.02 * len(boxes) - 0.05
        for (box, s), width in zip(boxes, widths, strict=True):
            flat = len(s) == 1
            height = 0.25 + 0.09 * math.log2(s[0]) if flat else 1.3 * math.sqrt(s[0] / tallest)
            slant = 0 if flat else 0.16 * height
            style = {"facecolor": COLORS[box], "edgecolor": "0.25", "lw": 0.8}
            low, right = 0.0, left + width
            corners = [(left, height), (left + slant, height + slant)]
            corners += [(right + slant, height + slant), (right + slant, slant), (right, low)]
            ax.add_patch(plt.Polygon([*corners, (right, height)], **style))
            hatch = "////" if box == "pool" else None
            ax.add_patch(plt.Rectangle((left, low), width, height, hatch=hatch, **style))
            left = right + 0.04
        name = f"{times} x {kind}" if times > 1 else kind
        lines = f"{name}\n{'x'.join(map(str, size))}\n" + (f"{parameters:,}" if parameters else "")
        ax.text(1.25 * column, -0.1, lines, va="top", ha="center", **font)
    ax.text(-0.75, -0.1, "layer\noutput\nparameters", va="top", ha="right", color="0.35", **font)
    top = 1.3 * 1.16 + 0.05
    ax.set(xlim=(-1.55, 1.25 * len(groups) - 0.55), ylim=(-0.68, top), aspect="equal")
    ax.set_title(title, loc="left")
    ax.axis("off")


def draw_bars(rows, panels):
    """Draw a bar for each row of a count, in a panel for each (title, values)."""
    names = [f"{number} {row.kind}" for number, row in enumerate(rows, 1)]
    fig, axes = plt.subplots(1, len(panels), figsize=(9, 4.6), sharey=True, layout="constrained")
    for ax, (title, values) in zip(axes, panels, strict=True):
        bars = ax.barh(names, values, color=[COLORS[row.kind] for row in rows], edgecolor="0.25")
        for bar, row in zip(bars, rows, strict=True):
            bar.set_hatch("xx" if row.kind == "dense" else "")
        labels = [f" {value:,.0f}" if value > 100 else f" {value:.3g}" for value in values]
        ax.bar_label(bars, labels, fontsize=8)
        ax.set(title=title, xlim=(0, 1.3 * max(values)))
    axes[0].invert_yaxis()
    return fig


# name: year, parameters, MACs, (offset of the label, its alignment) in each panel
COUNTED = {
    "LeNet": (1998, 61_706, 416_520, (0, 10, "center")),
    "AlexNet": (2012, 60_965_224, 724_406_816, (-8, 0, "right")),
    "VGG-16": (2014, 138_357_544, 15_470_264_320, (0, 10, "center")),
}
PUBLISHED = {  # Howard et al. (2017), table 8
    "GoogLeNet": (2014, 6.8e6, 1550e6, (0, 10, "center")),
    "MobileNet": (2017, 4.2e6, 569e6, (0, -18, "center")),
}
fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for ax, column, title in (
    (axes[0], 1, "parameters"),
    (axes[1], 2, "multiply-accumulates, 1 image"),
):
    for networks, face in ((COUNTED, "tab:blue"), (PUBLISHED, "white")):
        for name, entry in networks.items():
            ax.plot(entry[0], entry[column], "o", ms=11, mfc=face, mec="tab:blue", mew=2)
            dx, dy, side = entry[3]
            at = (entry[0], entry[column])
            ax.annotate(name, at, (dx, dy), textcoords="offset points", ha=side)
    ax.set(title=title, yscale="log", xlabel="year", xlim=(1996, 2020))
    ax.set_xticks(range(1998, 2020, 4))
    ax.grid(alpha=0.4)
axes[0].set_ylim(2e4, 1e9)
axes[1].set_ylim(1e5, 1e11)
present(
    fig,
    "Two plots over the years with a logarithmic axis. Parameters: LeNet 62 thousand in 1998, AlexNet "
    "61 million in 2012, VGG-16 138 million in 2014; hollow, GoogLeNet 6.8 million in 2014 and "
    "MobileNet 4.2 million in 2017. Multiply-accumulates for one image: 0.4 million, 0.7 billion and "
    "15 billion; hollow, 1.6 billion and 0.6 billion.",
)

# %% [markdown]
# In this lesson you will count the networks with a filled circle. The hollow ones save parameters by
# ideas that the next two lessons explain, [1x1 convolution](20_one_by_one_convolution.ipynb) and
# [Efficient networks](21_efficient_networks.ipynb). Which layers of VGG-16 have its 138 million parameters, and which do most of its work?
# The answers show where a later network can save.
#
# **By the end of this lesson you will be able to**
#
# 1. count the parameters, multiply-accumulates and activations of a network, layer by layer;
# 2. say where LeNet, AlexNet, VGG-16 and VGG-19 have their parameters, where they do their work, and
#    why the two differ;
# 3. explain why VGG stacks 3 x 3 convolutions.
#
# **Time:** about 45 minutes. **You need:** [Output sizes](08_output_sizes.ipynb) and
# [Pooling](10_pooling.ipynb). Cells for Keras and PyTorch are skipped where these are not installed.

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
# position (here 16), a dense layer only once.**
#
# You may also read [**FLOPs**](glossary.md#flops), floating-point operations. A MAC is two of them, a
# multiplication and an addition, but some papers call a MAC one FLOP. Check before you compare.
#
# For larger networks we let a program count. An architecture becomes a list with one dictionary per
# layer. We leave out the activation functions, which have no parameters and keep the shape. A dense
# layer flattens its input. (AlexNet will need the argument `groups`.)


# %%
def conv(n_C, f=3, stride=1, pad=0, groups=1):
    return {"kind": "conv", "n_C": n_C, "f": f, "stride": stride, "pad": pad, "groups": groups}


def pool(f=2, stride=2):
    return {"kind": "pool", "f": f, "stride": stride, "pad": 0}


def dense(n):
    return {"kind": "dense", "n": n}


Row = namedtuple("Row", "kind shape parameters macs")


def count(architecture, shape):
    """Return a Row for each layer; shape is that of the image, (n_H, n_W, n_C)."""
    rows = []
    for layer in architecture:
        weights = biases = 0
        positions = 1
        if layer["kind"] == "dense":
            weights, biases = math.prod(shape) * layer["n"], layer["n"]
            shape = (layer["n"],)
        else:
            n_H, n_W = conv_output_shape(shape[:2], layer["f"], layer["stride"], layer["pad"])
            n_C = shape[2]  # pooling keeps the channels
            if layer["kind"] == "conv":
                n_C, positions = layer["n_C"], n_H * n_W
                weights = layer["f"] ** 2 * (shape[2] // layer["groups"]) * n_C
                biases = n_C
            shape = (n_H, n_W, n_C)
        rows.append(Row(layer["kind"], shape, weights + biases, positions * weights))
    return rows


def totals(architecture, shape):
    """Return the parameters, MACs and activations of the whole network."""
    rows = count(architecture, shape)
    activations = sum(math.prod(row.shape) for row in rows)
    return sum(row.parameters for row in rows), sum(row.macs for row in rows), activations


TINY = [conv(2), pool(), dense(3)]
for row in count(TINY, (6, 6, 1)):
    print(row)
print(totals(TINY, (6, 6, 1)))

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

# %% jupyter={"source_hidden": true} cellView="form"
show(LENET, (28, 28, 1))
fig, ax = plt.subplots(figsize=(8.5, 2.5), layout="constrained")
draw(ax, LENET, (28, 28, 1), "LeNet (hatched: max pooling; heights are compressed)", tallest=28)
present(
    fig,
    "LeNet as boxes from left to right: the image, 28 x 28 x 1; a convolution, 28 x 28 x 6, 156 "
    "parameters, and pooling; a convolution, 10 x 10 x 16, 2,416 parameters, and pooling; dense "
    "layers with 120, 84 and 10 units and 48,120, 10,164 and 850 parameters.",
)

# %% [markdown]
# Layer 3, the first dense layer, connects all [400]{= 5 * 5 * 16 } values of the last feature maps to
# 120 units. It has [48,120]{= f'{count(LENET, (28, 28, 1))[4].parameters:,}' } of the
# [61,706]{= f'{totals(LENET, (28, 28, 1))[0]:,}' } parameters, or
# [78%]{= f'{count(LENET, (28, 28, 1))[4].parameters / totals(LENET, (28, 28, 1))[0]:.0%}' }. Most of the
# work, [58%]{= f'{count(LENET, (28, 28, 1))[2].macs / totals(LENET, (28, 28, 1))[1]:.0%}' } of the MACs,
# is done in layer 2, which has only
# [4%]{= f'{count(LENET, (28, 28, 1))[2].parameters / totals(LENET, (28, 28, 1))[0]:.0%}' } of the
# parameters.
#
# The network of 1998 differed in details: 32 x 32 images without padding, average pooling with trained
# factors, a scaled tanh instead of ReLU, a second convolution in which most filters saw only some of the
# channels, and an output layer that compared its input with fixed patterns.
#
# **Predict.** We apply LeNet to the color images of CIFAR-10, 32 x 32 x 3. In how many of its five
# layers does the number of parameters change?

# %%
predict("color", None)

# %% [markdown] tags=["row-26"]
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
#
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

# %% jupyter={"source_hidden": true} cellView="form"
show(ALEXNET, (227, 227, 3))

# %% [markdown] tags=["row-26"]
# There are still 256 filters, and each of them sees 48 channels instead of 96. The layer has
# $(5 \cdot 5 \cdot 48 + 1) \cdot 256 =$
# [307,456]{= f'{count(ALEXNET, (227, 227, 3))[2].parameters:,}' } parameters. Two groups halve the weights
# and the MACs.
#
# With [61]{= f'{totals(ALEXNET, (227, 227, 3))[0] / 1e6:.0f}' } million parameters, AlexNet is
# [988]{= round(totals(ALEXNET, (227, 227, 3))[0] / totals(LENET, (28, 28, 1))[0]) } times as large as
# LeNet. (The paper says "60 million parameters" and images of 224 x 224. The assignment
# [Arithmetic](../release/arithmetic/arithmetic.ipynb) shows that 224 does not fit the other sizes.) Its first kernels are
# 11 x 11, the next ones 5 x 5. Does a network need such large kernels?
#
# ## Two 3 x 3 kernels see as much as one 5 x 5
#
# The VGG networks, from the Visual Geometry Group in Oxford, use no kernel larger than 3 x 3. Apply a
# 3 x 3 kernel of ones to a 6 x 6 image without padding, and another one to the result. How much of the image
# does each of the four outputs see?

# %% jupyter={"source_hidden": true} cellView="form"
image = np.array(
    [
        [0, 0, 0, 9, 9, 9],
        [0, 0, 0, 9, 9, 9],
        [0, 0, 1, 9, 9, 9],
        [0, 0, 1, 9, 9, 9],
        [0, 1, 2, 8, 9, 9],
        [0, 1, 2, 8, 9, 9],
    ]
)


def cross_correlate(X, W):
    return conv2d(X[None, :, :, None], W[:, :, None, None])[0, :, :, 0]


ones = np.ones((3, 3))
middle = cross_correlate(image, ones)
twice = cross_correlate(middle, ones)


def two_steps(position):
    h, w = divmod(position, 2)
    figure, axes = plt.subplots(
        1, 3, figsize=(9, 4), width_ratios=[6, 4, 2.6], layout="constrained"
    )
    draw_grid(axes[0], image, "image", [(h, w, 5, 5, "tab:orange")])
    draw_grid(axes[1], middle, "one 3 x 3 kernel", [(h, w, 3, 3, "tab:orange")])
    draw_grid(axes[2], twice, "two", [(h, w, 1, 1, "tab:orange")])
    return figure


animate(
    two_steps,
    range(4),
    "Three grids: the image of 6 by 6, the result of one kernel, 4 by 4, and of two, 2 by 2. For each "
    "of the four values of the last grid, a frame shows the 3 by 3 values of the middle grid and the 5 "
    "by 5 pixels of the image that it depends on.",
    seconds=1.2,
)

# %% [markdown]
# The [receptive field](glossary.md#receptive-field) of an output value is 5 x 5, as with one 5 x 5
# kernel. ([Receptive fields](09_receptive_fields.ipynb) has the formula for any stack of layers.)
#
# **Predict.** Without an activation function in between, the two kernels of ones are equivalent to one
# 5 x 5 kernel. What are its weights in a corner and in the middle? Answer with `(corner, middle)`.

# %%
predict("stack", None)

# %% jupyter={"source_hidden": true} cellView="form"
paths = np.array([1, 2, 3, 2, 1])
print(np.outer(paths, paths))
np.testing.assert_array_equal(cross_correlate(image, np.outer(paths, paths)), twice)
C = 64
for layers, f in ((2, 3), (1, 5), (3, 3), (1, 7)):
    rows = count([conv(C, f, pad=f // 2)] * layers, (56, 56, C))
    n_weights, n_macs = sum(row.parameters - C for row in rows), sum(row.macs for row in rows)
    print(f"{layers} x conv {f} x {f}: {n_weights:>9,} weights {n_macs:>13,} MACs")

# %% [markdown] tags=["row-26"]
# A weight of the 5 x 5 kernel is the number of paths from its pixel to the output: one from a corner,
# nine from the middle.
#
# The stack has fewer weights. With $C$ channels everywhere and without biases, there are
#
# $$2 \cdot (3 \cdot 3 \cdot C \cdot C) = 18\, C^2 \quad\text{instead of}\quad
# 5 \cdot 5 \cdot C \cdot C = 25\, C^2,$$
#
# and three layers of 3 x 3, which see 7 x 7 pixels, have $27\, C^2$ instead of $49\, C^2$. With padding
# that keeps the size, the MACs fall by the same factors. The stack also has a ReLU after each layer: two
# nonlinearities instead of one, and more functions of the patch that it can represent. The price is
# memory, because training keeps the activations of two layers instead of one.
#
# ## VGG-16 and VGG-19, 2014
#
# [**VGG-16**](glossary.md#vgg) has 13 convolutions of 3 x 3 with padding 1, which keep the size, and
# 3 dense layers. Max pooling halves height and width after each of five blocks. The first block has 64
# channels, and the number doubles from block to block until it reaches 512. Where the size halves and the
# channels double, the last convolution of a block has a quarter of the positions and four times the
# weights of the last convolution of the previous block, so both need equally many MACs.
#
# **Predict.** What percentage of VGG-16's parameters is in its dense layers, and what percentage of its
# MACs? Choose from 1, 10, 50 and 90, and answer with `(parameters, MACs)`.


# %%
def vgg(convolutions):
    """Return a VGG network; convolutions: number in each of the five blocks."""
    architecture = []
    for n_C, times in zip((64, 128, 256, 512, 512), convolutions, strict=True):
        architecture += [conv(n_C, pad=1)] * times + [pool()]
    return [*architecture, dense(4096), dense(4096), dense(1000)]


VGG16, VGG19 = vgg((2, 2, 3, 3, 3)), vgg((2, 2, 4, 4, 4))
photo_shape = (224, 224, 3)
predict("dense", None)

# %% jupyter={"source_hidden": true} cellView="form"
show(VGG16, photo_shape)
fig, axes = plt.subplots(2, 1, figsize=(11, 5.4), layout="constrained")
title = "AlexNet (hatched: max pooling; the heights of dense layers have a scale of their own)"
draw(axes[0], ALEXNET, (227, 227, 3), title, fontsize=10)
draw(axes[1], VGG16, photo_shape, "VGG-16", fontsize=10)
for ax in axes:
    ax.set(xlim=axes[1].get_xlim(), ylim=(-0.85, 1.6))
present(
    fig,
    "AlexNet and VGG-16 as boxes, on one scale. AlexNet: 55 x 55 x 96, 27 x 27 x 256, two of 13 x 13 x "
    "384, 13 x 13 x 256, dense layers of 4096, 4096 and 1000. VGG-16: two convolutions of 224 x 224 x "
    "64, two of 112 x 112 x 128, three of 56 x 56 x 256, of 28 x 28 x 512 and of 14 x 14 x 512, pooling "
    "after each block, and dense layers of 4096, 4096 and 1000 with 102,764,544, 16,781,312 and "
    "4,097,000 parameters.",
)

# %% jupyter={"source_hidden": true} cellView="form"
rows = [row for row in count(VGG16, photo_shape) if row.parameters]
panels = (
    ("parameters, millions", [row.parameters / 1e6 for row in rows]),
    ("MACs, billions", [row.macs / 1e9 for row in rows]),
    ("activations, millions", [math.prod(row.shape) / 1e6 for row in rows]),
)
fig = draw_bars(rows, panels)
vgg_parameters, vgg_macs, vgg_activations = totals(VGG16, photo_shape)
for name, (architecture, shape) in {
    "LeNet": (LENET, (28, 28, 1)),
    "AlexNet": (ALEXNET, (227, 227, 3)),
    "VGG-16": (VGG16, photo_shape),
}.items():  # the numbers in the first figure
    assert totals(architecture, shape)[:2] == COUNTED[name][1:3]
dense_parameters = sum(row.parameters for row in rows if row.kind == "dense")
dense_macs = sum(row.macs for row in rows if row.kind == "dense")
present(
    fig,
    "Three bar charts over the 16 layers of VGG-16 with parameters. Parameters: layer 14, the first "
    "dense layer, has 103 million, layer 15 has 17, no convolution more than 2.4. MACs: most "
    "convolutions need 1.85 or 0.92 billion, the dense layers at most 0.10. Activations: the first two "
    "layers have 3.2 million each, then the number falls block by block to 0.1 million.",
)

# %% [markdown] tags=["row-26"]
# The dense layers have [89.4%]{= f'{dense_parameters / vgg_parameters:.1%}' } of the parameters and need
# [0.8%]{= f'{dense_macs / vgg_macs:.1%}' } of the MACs. Layer 14 alone connects $7 \cdot 7 \cdot 512 =$
# [25,088]{= f'{7 * 7 * 512:,}' } values to 4,096 units, which makes
# [102,764,544]{= f'{rows[13].parameters:,}' } of the
# [138,357,544]{= f'{vgg_parameters:,}' } parameters, each used once per image. A weight of the first
# block is used at [50,176]{= f'{224 * 224:,}' } positions. And the first two blocks, with their large
# feature maps, have
# [72%]{= f'{sum(math.prod(row.shape) for row in count(VGG16, photo_shape)[:6]) / vgg_activations:.0%}' }
# of the activations. In short: **the convolutions do the work, the dense layers have the parameters, and
# the early layers have the activations.**
#
# **Memory.** In float32, a number takes 4 bytes, so the parameters take
# [553]{= round(4 * vgg_parameters / 1e6) } MB. Training with [Adam](glossary.md#adam) stores a gradient
# and two running averages besides each parameter: four times as much,
# [2.2]{= f'{16 * vgg_parameters / 1e9:.1f}' } GB. For each image of a mini-batch, the
# [15]{= round(vgg_activations / 1e6) } million activations add
# [60]{= round(4 * vgg_activations / 1e6) } MB.
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
# [What filters see](23_what_filters_see.ipynb) looks at them.
#
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

# %% [markdown] tags=["row-26"]
# Its [14,682,442]{= f'{totals(CIFAR, (32, 32, 3))[0]:,}' } parameters are
# [294]{= round(totals(CIFAR, (32, 32, 3))[0] / 50_000) } for each of the 50,000 training images, so
# [overfitting](15_overfitting.ipynb) is a danger. The first dense layer has
# [57%]{= f'{count(CIFAR, (32, 32, 3))[6].parameters / totals(CIFAR, (32, 32, 3))[0]:.0%}' } of them.
#
# ## The networks in Keras
#
# In Keras, the list becomes a `Sequential` model, here of LeNet and of the network for CIFAR-10. Keras
# has VGG-16 and VGG-19 ready-made; with `weights=None` they are random and nothing is downloaded.

# %% needs="keras tensorflow"
import keras
from keras import layers

lenet = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(6, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 5, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(120, activation="relu"),
        layers.Dense(84, activation="relu"),
        layers.Dense(10),  # logits
    ]
)
lenet.summary()

cifar_model = keras.Sequential([keras.Input((32, 32, 3))])
for filters, strides in ((32, 1), (64, 2), (128, 1), (256, 2), (512, 1), (1024, 2)):
    cifar_model.add(layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu"))
cifar_model.add(layers.Flatten())
cifar_model.add(layers.Dense(512, activation="relu"))
cifar_model.add(layers.Dense(10))

vgg19_convolutions = keras.applications.VGG19(weights=None, include_top=False)
for name, model, architecture, shape in (
    ("LeNet", lenet, LENET, (28, 28, 1)),
    ("CIFAR-10", cifar_model, CIFAR, (32, 32, 3)),
    ("VGG-19, no dense layers", vgg19_convolutions, VGG19[:-3], photo_shape),
):
    print(f"{name:<25}{model.count_params():>12,} parameters")
    assert model.count_params() == totals(architecture, shape)[0]

# %% [markdown]
# ## Do MACs predict seconds?
#
# The next cell passes a photograph through the 13 convolutions of VGG-16 with this course's
# vectorized `conv2d`, and measures the time of each. The weights are random: the time depends on the
# shapes, hardly on the values. Before you run it: convolution 2 needs
# [21]{= round(rows[1].macs / rows[0].macs) } times the MACs of convolution 1. Will it take 21 times
# as long?

# %%
photo = load_sample_image("china.jpg")[40:264, 100:324]
rng = np.random.default_rng(0)
seconds = []
A = photo[None].astype(np.float32) / 255
for layer in VGG16[:-3]:
    if layer["kind"] == "pool":
        A = max_pool2d(A, 2)
        continue
    W = rng.normal(0, np.sqrt(2 / (9 * A.shape[3])), (3, 3, A.shape[3], layer["n_C"]))
    W = W.astype(np.float32)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        Z = conv2d(A, W, padding=1)
        times.append(time.perf_counter() - start)
    seconds.append(min(times))
    A = np.maximum(Z, 0)

macs = np.array([row.macs for row in rows[:13]])
print(f"{sum(seconds):.2f} s for {macs.sum() / 1e9:.1f} billion MACs")
print(f"convolution 2 took {seconds[1] / seconds[0]:.1f} times as long as convolution 1")
panels = (
    ("MACs, billions", macs / 1e9),
    ("time here, milliseconds", 1000 * np.array(seconds)),
    ("billion MACs per second", macs / seconds / 1e9),
)
present(
    draw_bars(rows[:13], panels),
    "Three bar charts over the 13 convolutions of VGG-16: the MACs, from 0.09 billion in the first to "
    "1.85 billion; the milliseconds measured on this computer; and their quotient, the MACs per second.",
)

# %% [markdown]
# If MACs alone decided the time, all bars on the right would have the same length. But a layer also reads
# its input, copies patches ([im2col](glossary.md#im2col)) and writes its output. Convolution 1 does only
# [27]{= rows[0].macs // math.prod(rows[0].shape) } MACs for each value that it writes, convolution 2 does
# [576]{= rows[1].macs // math.prod(rows[1].shape) }. Matrix products of different shapes also run at
# different speeds, and other programs on your computer disturb the measurement; run the cell again to see
# how much. MACs give a first estimate. To know the time on your computer, measure it.
#
# ## Accuracy, MACs and parameters
#
# | network | accuracy, ImageNet | MACs, millions | parameters, millions |
# |---|---:|---:|---:|
# | AlexNet | 57.2% | 720 | 60 |
# | VGG-16 | 71.5% | 15,300 | 138 |
# | GoogLeNet | 69.8% | 1,550 | 6.8 |
# | MobileNet | 70.6% | 569 | 4.2 |
#
# These are the numbers of Howard et al. (2017, tables 8 and 9). Counted as in this lesson, AlexNet
# needs [724]{= round(totals(ALEXNET, (227, 227, 3))[1] / 1e6) } million MACs and VGG-16
# [15,470]{= f'{round(vgg_macs / 1e6):,}' }. MobileNet comes within a percentage point of VGG-16, which
# has [27]{= round(15300 / 569) } times as many MACs and [33]{= round(138 / 4.2) } times as many parameters.
# Three questions follow:
#
# 1. Does a classifier need its large dense layers? (See
#    [1x1 convolution](20_one_by_one_convolution.ipynb).)
# 2. VGG stops at 19 layers. What prevents 50?
# 3. Can a 3 x 3 convolution with 512 input and 512 output channels be computed with far fewer MACs?
#
# The last two are the subject of [Efficient networks](21_efficient_networks.ipynb).
#
# ## Further: counting on PyTorch's meta device
#
# *You can skip this section.* On the device `meta`, PyTorch's tensors have shapes but no values. A
# model built there takes no memory, and a forward pass checks all shapes and computes nothing.
# PyTorch can also count the FLOPs of such a pass.

# %% needs="torch"
import torch
import torch.nn as nn
from torch.utils.flop_counter import FlopCounterMode


def make_vgg(convolutions):
    modules = []
    in_channels = 3
    for out_channels, times in zip((64, 128, 256, 512, 512), convolutions, strict=True):
        for _ in range(times):
            modules += [nn.Conv2d(in_channels, out_channels, 3, padding=1), nn.ReLU()]
            in_channels = out_channels
        modules.append(nn.MaxPool2d(2))
    return nn.Sequential(
        *modules,
        nn.Flatten(),
        nn.Linear(7 * 7 * 512, 4096),
        nn.ReLU(),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Linear(4096, 1000),
    )


with torch.device("meta"):
    model = make_vgg((2, 2, 3, 3, 3))
    x = torch.empty(1, 3, 224, 224)
with FlopCounterMode(display=False) as counter, torch.no_grad():
    print(tuple(model(x).shape))
n_parameters = sum(parameter.numel() for parameter in model.parameters())
print(f"{n_parameters:,} parameters, {counter.get_total_flops():,} FLOPs")
assert n_parameters == vgg_parameters and counter.get_total_flops() == 2 * vgg_macs

# %% [markdown]
# These are [30,940,528,640]{= f'{2 * vgg_macs:,}' } FLOPs, two for each MAC.
#
# ## Exercises
#
# ### Exercise 1: VGG-16 for small images
#
# You want to use VGG-16 for CIFAR-10. You keep the five blocks and replace the three dense layers with
# one with 10 units. How many parameters does the network have for 32 x 32 x 3 images? First guess
# which part is larger now.

# %%
answer = None
### BEGIN SOLUTION
answer = totals([*VGG16[:-3], dense(10)], (32, 32, 3))[0]
### END SOLUTION


# %% jupyter={"source_hidden": true} cellView="form"
known = {
    14_714_688: "Those are the convolutions alone. Add the dense layer.",
    14_965_578: "That is for 224 x 224 images. Five poolings halve 32 down to 1.",
    14_719_808: "The 10 units have biases too.",
    33_638_218: "Only one dense layer remains, the one with 10 units.",
    37_704_258: "The new dense layer replaces the other three: leave them out.",
    134_301_514: "Two dense layers are left out, and the images have 32 x 32 pixels.",
    (14_719_818, 313_201_664, 307_722): "That is all of `totals`. Which are the parameters?",
}
public_tests.check_answer(
    "Exercise 1",
    answer,
    14_719_818,
    "VGG16[:-3] are the five blocks. Which shape do they return for a 32 x 32 image?",
    known.items(),
)

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


# %% jupyter={"source_hidden": true} cellView="form"
NETWORKS = {
    "VGG-16": (VGG16, photo_shape),
    "AlexNet": (ALEXNET, (227, 227, 3)),
    "LeNet": (LENET, (28, 28, 1)),
}


def by_name(function):
    def largest_batch(network, memory):
        return function(*NETWORKS[network], memory)

    return largest_batch


def batch_for(parameter_bytes, activation_bytes, least=0):
    def size(network, memory):
        parameters, _, activations = totals(*NETWORKS[network])
        left = memory - parameter_bytes * parameters
        return max(least, left // (activation_bytes * activations))

    return size


def size_per_image(network, memory):
    parameters, _, activations = totals(*NETWORKS[network])
    return memory // (16 * parameters + 4 * activations)


def unrounded(network, memory):
    parameters, _, activations = totals(*NETWORKS[network])
    return max(0, (memory - 16 * parameters) / (4 * activations))


GB = 10**9
public_tests.check_function(
    "Exercise 2",
    by_name(largest_batch),
    batch_for(16, 4),
    [("VGG-16", 16 * GB), ("AlexNet", 3 * GB), ("VGG-16", 2 * GB), ("LeNet", GB)],
    "What is left of the memory once the parameters are stored? How much does one image take of it?",
    [
        (batch_for(16, 4, -(10**9)), "Where not even the parameters fit, the answer is 0."),
        (batch_for(16, 4, 1), "Where not even the parameters fit, the answer is 0."),
        (unrounded, "A mini-batch has a whole number of images. Round down."),
        (lambda *both: round(unrounded(*both)), "One image more than fits. Round down."),
        (batch_for(4, 4), "Training with Adam keeps four numbers for each parameter."),
        (batch_for(12, 4), "The gradient, two averages, and the parameter itself: four numbers."),
        (batch_for(4, 1), "Is the memory counted in bytes or in numbers?"),
        (batch_for(16, 1), "An activation takes 4 bytes as well."),
        (
            batch_for(16, 16),
            "The four numbers are for each parameter. An activation is one number.",
        ),
        (batch_for(0, 4), "The parameters need memory too."),
        (size_per_image, "The parameters are stored once, whatever the size of the mini-batch."),
    ],
)

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


# %% jupyter={"source_hidden": true} cellView="form"
def layer_of(build):
    def layer(convolutions, number):
        architecture = build(convolutions)
        if architecture is None:
            return None  # not written yet
        rows = count(architecture, photo_shape)
        if number >= len(rows):
            return "none"
        size = " x ".join(map(str, rows[number].shape))
        return f"{rows[number].kind}, {size}, {rows[number].parameters:,} parameters"

    return layer


def vgg_doubling(convolutions):
    rows = [conv(n_C, pad=1) for n_C in (64, 128, 256, 512, 1024)]
    blocks = [[row] * times + [pool()] for row, times in zip(rows, convolutions, strict=True)]
    return [*sum(blocks, []), dense(4096), dense(4096), dense(1000)]


networks = (2, 2, 3, 3, 3), (1, 1, 2, 2, 2), (2, 2, 2, 2, 2)
public_tests.check_function(
    "Exercise 3",
    layer_of(vgg_fixed),
    layer_of(vgg),
    [(network, number) for network in networks for number in range(len(vgg(network)) + 1)],
    "Where do the two tables first differ, in the output or in the parameters?",
    [
        (
            layer_of(vgg_buggy),
            "The outputs of the first layer differ: 222 x 222 instead of 224 x 224.",
        ),
        (layer_of(lambda _: VGG16), "The function has to use its argument, `convolutions`."),
        (layer_of(vgg_doubling), "Blocks 4 and 5 both have 512 channels."),
    ],
)

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
#    [42.6]{= f'{sum(row.macs for row in rows[:13]) * 25 / 9 / 1e9:.1f}' } billion. The total number of
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
#
# ## Recap
#
# You can now
#
# 1. **count a network:** a convolution has $(f_H f_W n_{C_{prev}} + 1)\, n_C$ parameters and needs
#    $n_H n_W n_C f_H f_W n_{C_{prev}}$ MACs, a dense layer has $(n + 1)\, n'$ and needs $n\, n'$;
# 2. **say where the cost is:** the convolutions do most of the work, because each weight is used at
#    every position; the first dense layer has most of the parameters of LeNet (61,706), AlexNet
#    (61 million), VGG-16 (138,357,544) and VGG-19 (143,667,240); the first layers have most of the
#    activations;
# 3. **explain VGG's 3 x 3 kernels:** two see 5 x 5 pixels, three see 7 x 7, with fewer weights and MACs
#    than one large kernel and a ReLU in between.
#
# | term in this course | you may also read |
# |---|---|
# | [**architecture**](glossary.md#architecture) | model, network design, backbone (without the last layers) |
# | [**multiply-accumulate**](glossary.md#multiply-accumulate), MAC | multiply-add, Mult-Add, MAdd |
# | [**FLOPs**](glossary.md#flops): two for each MAC | in some papers one for each MAC |
#
# ## What to read next
#
# - The assignment [LeNet](../release/lenet/lenet.ipynb), where you build LeNet from your own layers.
#   Next is [1x1 convolution](20_one_by_one_convolution.ipynb).
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
