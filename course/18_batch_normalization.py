# %% [markdown]
# # Batch normalization
#
# The figure below compares two networks with the same eight convolution layers, the same initial
# filters, the same data and the same learning rate. One of them hardly learns anything for two and a
# half epochs. The other one learns from the first mini-batches on. The only difference is a batch
# normalization layer after each of its convolution layers. What does this layer do?

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
import copy

from convnet import functional
from convnet import layers as np_layers
from convnet.data import digits, load_sample_image
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.gradient_check import check_gradients
from convnet.network import Network
from convnet.plots import draw_image
from convnet.training import SGD, evaluate
from lesson_tools.questions.batch_normalization import predict

data = digits()
X, labels = data.train_images, data.train_labels
X_test, test_labels = data.test_images, data.test_labels


def deep_network(seed, norm=True, factor=1.0, momentum=0.9):
    """Eight convolution layers for the digits; factor scales the initial filters."""
    layers = []
    for number in range(8):
        layers.append(np_layers.Conv2D(16, 3, padding=1))
        if norm:
            layers.append(np_layers.BatchNormalization(momentum=momentum))
        layers.append(np_layers.ReLU())
        if number == 0:
            layers.append(np_layers.MaxPooling2D(2))
    layers += [np_layers.Flatten(), np_layers.Dense(10)]
    network = Network(layers, (8, 8, 1), seed)
    for layer in network.layers:
        if isinstance(layer, np_layers.Conv2D):
            layer.parameters["W"] *= factor
    return network


def train(network, rate, epochs=3, seed=0, batch=32, scale=1):
    """Run the training loop of the lesson "Training", and return the loss of every step."""
    optimizer, losses = SGD(rate), []
    with np.errstate(all="ignore"):  # a loss may become infinite here
        for epoch in range(1, epochs + 1):
            order = np.random.default_rng((seed, epoch)).permutation(len(X))
            for start in range(0, len(X), batch):
                picked = order[start : start + batch]
                scores = network.forward(scale * X[picked], training=True)
                losses.append(cross_entropy(scores, labels[picked]))
                network.backward(cross_entropy_backward(scores, labels[picked]))
                optimizer.step(network.parameters, network.gradients)
    return np.array(losses)


def relu_inputs(network):
    """Return the inputs of the eight ReLUs for 256 images, in training mode."""
    network, inputs = copy.deepcopy(network), []
    A = X[:256].astype(network.dtype)
    for layer in network.layers:
        if isinstance(layer, np_layers.ReLU):
            inputs.append(A)
        A = layer.forward(A, True)
    return inputs


def filter_gradients(network):
    """Return the mean size of the filters' gradient for each convolution layer and 256 images."""
    scores = network.forward(X[:256].astype(network.dtype), training=True)
    network.backward(cross_entropy_backward(scores, labels[:256]))
    convs = [layer for layer in network.layers if isinstance(layer, np_layers.Conv2D)]
    return np.array([np.abs(layer.gradients["W"]).mean() for layer in convs])


def draw_curves(ax, runs, color, mark, label):
    """Draw the mean over the seeds and the range of the values, for 12 steps each."""
    means = np.array(runs)[:, : len(runs[0]) // 12 * 12].reshape(len(runs), -1, 12).mean(axis=2)
    epochs = (np.arange(means.shape[1]) + 0.5) * 12 / 47
    ax.fill_between(epochs, means.min(axis=0), means.max(axis=0), color=color, alpha=0.25, lw=0)
    ax.plot(epochs, means.mean(axis=0), mark, color=color, label=label)


VARIANTS = {  # norm, factor of the filters, color, line
    "no normalization": (False, 1.0, "tab:red", "--"),
    "no norm., He init.": (False, np.sqrt(2), "tab:orange", ":"),
    "batch normalization": (True, 1.0, "tab:blue", "-"),
}
runs, trained = {}, {}
for name in ("no normalization", "batch normalization"):
    norm, factor, _, _ = VARIANTS[name]
    trained[name] = [deep_network(seed, norm, factor) for seed in range(3)]
    runs[name, 0.1] = [train(net, 0.1, 6, seed) for seed, net in enumerate(trained[name])]
plain, normed = runs["no normalization", 0.1], runs["batch normalization", 0.1]
assert min(losses[:94].mean() for losses in plain) > 2.2
assert max(losses[47:94].mean() for losses in normed) < 0.5

fig, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained", width_ratios=[1, 1.3])
for name, mark in (("no normalization", "s"), ("batch normalization", "o")):
    norm, factor, color, line = VARIANTS[name]
    for seed in range(3):
        network = deep_network(seed, norm, factor)
        deviations = [functional.relu(Z).std() for Z in relu_inputs(network)]
        axes[0].semilogy(range(1, 9), deviations, mark + line, color=color, markersize=4)
    draw_curves(axes[1], runs[name, 0.1], color, line, name)
axes[0].set(xlabel="convolution layer", title="before training")
axes[0].set_ylabel("standard deviation\nof the activations")
axes[1].set(xlabel="epoch", ylabel="training loss", ylim=(0, 2.6), title="learning rate 0.1")
axes[1].legend(loc=(0.12, 0.3), fontsize=9)
present(
    fig,
    "Left, the standard deviation of the activations after each of eight convolution layers, before "
    "training, on a logarithmic scale, for three seeds. Without normalization it falls steadily from "
    "about 0.1 to below 0.01; with batch normalization it is about 0.6 in every layer. Right, the training loss over six epochs, the mean of three seeds with a "
    "band from the smallest to the largest. Without normalization it stays at 2.3 for about three "
    "epochs and then falls to about 0.5; with batch normalization it falls at once, to about 0.1 "
    "after two epochs.",
)

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compute a batch normalization by hand, and say which values share a mean and how many parameters
#    the layer has;
# 2. explain what changes between training and evaluation, and recognize a forgotten `model.eval()`;
# 3. move a trained network with batch normalization from PyTorch to Keras, TensorFlow and NumPy.
#
# **Time:** about 45 minutes. **You need:** [Training](14_training.ipynb) and
# [One layer, four libraries](17_one_layer_four_libraries.ipynb).
#
# ## Activations from layer to layer
#
# A convolution layer multiplies the scale of its input by a factor that depends on its weights. Our
# [initialization](glossary.md#initialization), which is also the default of Keras (Glorot and Bengio,
# 2010), was derived for activation functions such as tanh. A ReLU sets about half of the values to 0.
# So each layer shrinks its input, and eight such factors are multiplied. The histograms show the inputs of
# four ReLUs before training.

# %% jupyter={"source_hidden": true} cellView="form"
outputs = {name: relu_inputs(deep_network(0, VARIANTS[name][0])) for name in trained}
shrunk = outputs["no normalization"][7].std() / outputs["no normalization"][0].std()
assert shrunk < 0.1
smaller = min(
    (filter_gradients(deep_network(seed)) / filter_gradients(deep_network(seed, False))).min()
    for seed in range(3)
)
fig, axes = plt.subplots(2, 4, figsize=(8, 3.6), sharex=True, layout="constrained")
for row, (name, arrays) in zip(axes, outputs.items(), strict=True):
    for ax, number in zip(row, (0, 2, 4, 7), strict=True):
        Z = arrays[number].ravel()
        ax.hist(Z, np.linspace(-3, 3, 61), color=VARIANTS[name][2])
        ax.set_yticks([])
        ax.text(0.03, 0.88, f"std {Z.std():.2g}", transform=ax.transAxes, fontsize=9)
    row[0].set_ylabel(name.replace(" ", "\n"))
for top, bottom, number in zip(*axes, (1, 3, 5, 8), strict=True):
    top.set_title(f"layer {number}")
    bottom.set_xlabel("input of the ReLU")
present(
    fig,
    "Histograms of the inputs of the ReLU in layers 1, 3, 5 and 8 before training, all on the "
    "axis from -3 to 3. Without normalization the histogram becomes narrower from layer to layer, "
    "until nearly all values of layer 8 are in the two bars next to 0. With batch normalization the "
    "standard deviation is 1 in every layer, and in layers 3, 5 and 8 the histograms look like bells.",
)

# %% [markdown] tags=["row-19"]
# In layer 8 of the first network, all images give nearly the same values, close to 0, so the scores
# hardly depend on the image. In every layer, the gradients of the filters are more than
# [100]{= 100 * int(smaller > 100) } times smaller than with batch normalization. If the weights are too
# large, the opposite happens: values and gradients explode.
#
# One remedy is a better initialization: He and others (2015) double the variance of the weights to make
# up for the ReLU. That sets the scale once; batch normalization corrects it in every step.
#
# ## Normalizing four values by hand
#
# Take the four values 3, 9, 11 and 17. Their mean is $\mu = 10$, the deviations are
# $-7, -1, 1, 7$, and the variance is
#
# $$\sigma^2 = \frac{49 + 1 + 1 + 49}{4} = 25.$$
#
# Subtract the mean and divide by the standard deviation 5, and you get $-1.4, -0.2, 0.2, 1.4$, with mean
# 0 and variance 1. [**Batch normalization**](glossary.md#batch-normalization) (Ioffe and Szegedy,
# 2015) does this to the values of a mini-batch, then multiplies by a learned scale $\gamma$ and adds
# a learned shift $\beta$:
#
# $$\hat Z = \frac{Z - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad A = \gamma \hat Z + \beta$$
#
# The small constant $\epsilon$ prevents a division by 0. At the start $\gamma = 1$ and $\beta = 0$.
# Training can change them if another scale and shift give a smaller loss.
#
# **Predict.** The weights of the layer before grow tenfold, and the four values become 30, 90, 110 and
# 170. The values of $\hat Z$ become `"a"` ten times as large, `"b"` ten times as small, or `"c"` they
# stay the same?

# %%
predict("scaled", None)


# %%
def batch_norm(Z, gamma, beta, epsilon=1e-5):
    mean = Z.mean(axis=(0, 1, 2))
    variance = Z.var(axis=(0, 1, 2))
    return gamma * (Z - mean) / np.sqrt(variance + epsilon) + beta


values = np.array([3.0, 9.0, 11.0, 17.0]).reshape(4, 1, 1, 1)  # four examples, one channel
for Z in (values, 10 * values, values + 100):
    print(Z.ravel(), "->", batch_norm(Z, gamma=1, beta=0).ravel().round(3))
print("gamma = 2, beta = 1:", batch_norm(values, gamma=2, beta=1).ravel().round(3))

# %% [markdown] tags=["row-19"]
# <details>
# <summary>Answer</summary>
#
# `"c"`, apart from the tiny effect of $\epsilon$. The deviations and the standard deviation both grow
# tenfold, and the factor cancels. A constant that is added to all values disappears with the mean.
#
# </details>
#
# ## One mean and one variance per channel
#
# The code takes the mean over the axes 0, 1 and 2, which are examples, rows and columns. A
# convolution applies one filter at all positions, so all values that a filter produces are
# normalized in the same way.
#
# **Predict.** The output of a convolution layer has the shape (32, 8, 8, 16), that is
# (m, n_H, n_W, n_C). How many means does batch normalization compute from this mini-batch?

# %%
predict("means", None)

# %% jupyter={"source_hidden": true} cellView="form"
first = deep_network(2, norm=False).layers[0]
examples = [int(np.flatnonzero(test_labels == c)[3]) for c in (0, 1, 4)]
CHANNELS = [0, 3, 6, 9]
maps = first.forward(X_test[examples].astype(np.float32), False)[..., CHANNELS]
limit = float(np.abs(maps).max())
fig = plt.figure(figsize=(7, 4.4))
columns = fig.subfigures(1, 5, wspace=0.02)
marked = 2  # this column has a frame
for k, column in enumerate(columns):
    place = {"left": 0.2 if k == 0 else 0.1, "right": 1 if k == 0 else 0.9, "top": 0.82}
    axes = column.subplots(3, 1, gridspec_kw={**place, "bottom": 0.03, "hspace": 0.08})
    title = "image"
    if k > 0:
        channel = maps[..., k - 1]
        title = f"channel {CHANNELS[k - 1]}\nmean {channel.mean():.2f}\nstd {channel.std():.2f}"
    column.suptitle(
        title, fontsize=10, va="top", y=0.975, weight="bold" if k == marked else "normal"
    )
    for i, ax in enumerate(axes):
        if k == 0:
            draw_image(ax, X_test[examples[i], :, :, 0], "", (0, 1), scale=False)
            ax.set_ylabel(f"example {i}")
        else:
            draw_image(ax, maps[i, :, :, k - 1], "", (-limit, limit), scale=False)
columns[marked].set(facecolor="0.88", edgecolor="black", linewidth=2)
present(
    fig,
    "Three digits, 0, 1 and 4, one in each row, and beside each its feature maps in four channels. The "
    "three maps of channel 3, one below the other, stand in a common frame: these 3 x 8 x 8 values "
    "share one mean and one standard deviation, which are written above them. Every other channel "
    "has a mean and a standard deviation of its own.",
)

# %% [markdown] tags=["row-19"]
# <details>
# <summary>Answer</summary>
#
# [16]{= np.zeros((32, 8, 8, 16)).mean(axis=(0, 1, 2)).size }, one for each channel, and each is the
# mean of $32 \cdot 8 \cdot 8 =$ [2,048]{= f"{32 * 8 * 8:,}" } values. The figure has three examples
# instead of 32 (orange is negative, purple positive): all values in a column share a mean.
#
# </details>
#
# A layer with $n_C$ channels has $2 n_C$ trainable parameters, $\gamma_c$ and $\beta_c$ for each
# channel.
#
# ## Batch normalization and the learning rate
#
# We train three networks for three epochs with the learning rates 0.01, 0.1 and 0.5: without
# normalization, without normalization but with He's initialization, and with batch normalization. Each
# is trained with three seeds.
#
# **Predict.** Say that a training run works if the loss of all seeds is below 1 in the third epoch.
# At how many of the three learning rates does each network work? Answer with three numbers, such as
# `(1, 2, 3)`.

# %%
predict("rates", None)

# %% jupyter={"source_hidden": true} cellView="form"
RATES = (0.01, 0.1, 0.5)
for name, (norm, factor, _, _) in VARIANTS.items():
    for rate in RATES:
        if (name, rate) not in runs:
            runs[name, rate] = [
                train(deep_network(seed, norm, factor), rate, seed=seed) for seed in range(3)
            ]
works = tuple(
    sum(bool(max(losses[94:141].mean() for losses in runs[name, rate]) < 1) for rate in RATES)
    for name in VARIANTS
)
assert works == (0, 1, 3)

fig, axes = plt.subplots(1, 3, figsize=(8, 3.6), sharey=True, layout="constrained")
for ax, rate in zip(axes, RATES, strict=True):
    for name, (_, _, color, mark) in VARIANTS.items():
        draw_curves(ax, [losses[:141] for losses in runs[name, rate]], color, mark, name)
    ax.set(title=f"learning rate {rate}", xlabel="epoch", ylim=(0, 2.6))
axes[0].set_ylabel("training loss")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
present(
    fig,
    "Training loss over three epochs for three learning rates, each with three networks, the mean of "
    "three seeds with a band. With 0.01 only the network with batch normalization falls, below "
    "0.2; the other two stay near 2.3. With 0.1 it falls fastest; the network with He's "
    "initialization falls later, to about 0.3; the one without normalization stays near 2.3. With 0.5 "
    "the network with batch normalization falls more slowly, to about 0.3; the other two stay near "
    "2.3.",
)

# %% [markdown] tags=["row-19"]
# <details>
# <summary>Answer</summary>
#
# `[(0, 1, 3)]{= works }`. He's initialization is enough at the rate 0.1. At 0.01 it learns too slowly,
# and at 0.5 the steps are too large. With batch normalization all three rates work.
#
# </details>
#
# In this experiment, batch normalization makes a wider range of learning rates usable. It is not the
# only way: a good rate and a good initialization also train the network. As the first figure shows, even
# the network without either learns in the end.
#
# **Why does it help?** Ioffe and Szegedy argued that it reduces *internal covariate shift*: while a
# layer learns, the distribution of its inputs changes, because the layers before it learn as well.
# Santurkar and others (2018) tested this explanation. They added noise after the batch normalization
# layers, so that the distributions changed even more than without them, and the network trained
# nearly as well as before. Their measurements suggest another reason: the loss and its gradient
# change more smoothly with the parameters, so longer steps are safe. That it helps is well established;
# why is still being studied.
#
# ## Training mode and evaluation mode
#
# So far the output for an image has depended on the other images in its mini-batch. During training
# that is acceptable, and the randomness even acts as a mild [regularization](glossary.md#regularization).
# The prediction of a trained network should depend on the image alone.
#
# **Predict.** A layer has $\gamma = 2$ and $\beta = 1$, and a channel with a single value: one
# example, one position. The value is 7. What is the output, if the layer normalizes with the mean and
# variance of this mini-batch?

# %%
predict("single", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [1]{= f"{batch_norm(np.full((1, 1, 1, 1), 7.0), 2, 1).item():.0f}" }, which is $\beta$. The value is its
# own mean, so the output is the same for every input.
#
# </details>
#
# For this reason the layer works in two modes:
#
# - In **training mode** it uses the mean and variance of the mini-batch. It also updates the
#   [**running statistics**](glossary.md#running-statistics): moving averages of the means and of the
#   variances, which start at 0 and 1.
# - In [**evaluation mode**](glossary.md#evaluation-mode) it uses the running statistics. They are
#   constants, so each image is treated independently.
#
# PyTorch switches with `model.train()` and `model.eval()`, Keras with the argument `training`, which
# `fit` and `predict` set for you, and our NumPy networks with `forward(X, training=True)`.
#
# "Momentum" has opposite meanings in PyTorch and Keras:
#
# | | new running mean | default momentum | running variance divides by |
# |---|---|---|---|
# | PyTorch | (1 - momentum) old + momentum new | 0.1 | $N - 1$ |
# | Keras | momentum old + (1 - momentum) new | 0.99 | $N$ |
# | `convnet` | as in Keras | 0.9 | $N - 1$ |
#
# $N = m\, n_H\, n_W$ is the number of values of a channel. To normalize the mini-batch itself, all three
# divide its variance by $N$. After the values 3, 9, 11 and 17, with mean 10, the running mean is
# $0.9 \cdot 0 + 0.1 \cdot 10 = 1$ in PyTorch and $0.99 \cdot 0 + 0.01 \cdot 10 = 0.1$ in Keras.

# %% needs="torch"
import torch
import torch.nn as nn
import torch.nn.functional as F

layer = nn.BatchNorm2d(1)
layer(torch.tensor(values, dtype=torch.float32))  # a new layer is in training mode
torch.testing.assert_close(layer.running_mean, torch.tensor([0.1 * 10]))
torch.testing.assert_close(layer.running_var, torch.tensor([0.9 * 1 + 0.1 * 100 / 3]))
print(layer.running_mean, layer.running_var)
try:
    layer(torch.full((1, 1, 1, 1), 7.0))
except ValueError as error:
    print("a single value:", error)

# %% needs="keras tensorflow"
import keras
import tensorflow as tf
from keras import layers

tf.config.experimental.enable_tensor_float_32_execution(False)  # full precision on GPUs, too
layer = layers.BatchNormalization()
layer(values.astype("float32"), training=True)
gamma, beta, running_mean, running_variance = layer.get_weights()
np.testing.assert_allclose(running_mean, [0.01 * 10], rtol=1e-5)
np.testing.assert_allclose(running_variance, [0.99 * 1 + 0.01 * 100 / 4], rtol=1e-5)
print(running_mean, running_variance)

# %% [markdown]
# **Predict.** We train the deep network for one epoch of 47 steps, with Keras's default momentum. In
# training mode, with mini-batches of 33 test images, it classifies more than 70% of the test images
# correctly, for all three seeds. How does it do in evaluation mode? `"a"` about as well, `"b"` a few
# percentage points worse, `"c"` below 60% for all three seeds.

# %%
predict("early", None)


# %% jupyter={"source_hidden": true} cellView="form"
def accuracy_in_training_mode(network, order, batch=33):
    """Return the accuracy on the test images in a given order, normalized by mini-batches."""
    network = copy.deepcopy(network)  # the running statistics change
    parts = [order[i : i + batch] for i in range(0, len(order), batch)]
    predictions = [network.forward(X_test[part], training=True).argmax(axis=1) for part in parts]
    return float(np.mean(np.concatenate(predictions) == test_labels[order]))


mixed = np.random.default_rng(0).permutation(len(X_test))
by_class = np.argsort(test_labels, kind="stable")
table = {"one epoch, momentum 0.99": [], "one epoch, momentum 0.9": [], "six epochs": []}
for seed in range(3):
    for momentum in (0.99, 0.9):
        network = deep_network(seed, momentum=momentum)
        train(network, 0.1, 1, seed)
        table[f"one epoch, momentum {momentum}"].append(network)
    table["six epochs"].append(trained["batch normalization"][seed])
accuracies = {
    name: np.array(
        [
            (
                evaluate(network, X_test, test_labels)[1],
                accuracy_in_training_mode(network, mixed),
                accuracy_in_training_mode(network, by_class),
            )
            for network in networks
        ]
    )
    for name, networks in table.items()
}
after_six = accuracies["six epochs"]
assert (after_six[:, 0] - after_six[:, 2]).min() > 0.05
slow = accuracies["one epoch, momentum 0.99"]
assert slow[:, 0].max() < 0.6 and slow[:, 1].min() > 0.7
modes = ("evaluation mode", "training mode, mixed", "training mode, sorted by class")
fig, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
for k, (mode, mark, color) in enumerate(
    zip(modes, "os^", ("tab:blue", "tab:orange", "tab:green"), strict=True)
):
    for row, values_3 in enumerate(accuracies.values()):
        label = mode if row == 0 else None
        ax.plot(values_3[:, k], [row + 0.22 * (k - 1)] * 3, mark, color=color, ms=7, label=label)
ax.set(yticks=range(3), yticklabels=[name.replace(", ", ",\n") for name in accuracies])
ax.set(xlim=(0, 1), ylim=(2.5, -0.5), xlabel="accuracy on the test images, three seeds")
ax.grid(axis="x")
for border in (0.5, 1.5):
    ax.axhline(border, color="0.8", lw=1)
fig.legend(loc="outside upper center", ncols=3, fontsize=9)

Z8 = outputs["no normalization"][7]  # for the section on epsilon
ones, zeros = np.ones(16, np.float32), np.zeros(16, np.float32)
median_std = {
    epsilon: np.median(functional.batch_norm(Z8, ones, zeros, epsilon)[0].std(axis=(0, 1, 2)))
    for epsilon in (1e-5, 1e-3)
}
present(
    fig,
    "Accuracies of three networks for three seeds. After one epoch with momentum 0.99: evaluation mode "
    "between 0.1 and 0.5, training mode with mixed images between 0.7 and 0.9, with sorted images "
    "between 0.6 and 0.8. After one epoch with momentum 0.9, evaluation mode is at 0.6 to 0.8, the others "
    "as before. After six epochs, evaluation mode and mixed images are near 0.94, sorted images at 0.85.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. After 47 steps, the starting values 0 and 1 still have a weight of
# [62%]{= f"{0.99**47:.0%}" } in the running statistics; with PyTorch's default it is
# [0.7%]{= f"{0.9**47:.1%}" }. If a Keras model with batch normalization has a good training accuracy but a
# poor validation accuracy in its first epochs, this may be the reason.
#
# </details>
#
# ### A forgotten model.eval()
#
# The opposite mistake is to evaluate in training mode. After six epochs, you hardly notice it as long as
# each mini-batch is a random mixture of all classes (the squares in the figure). The triangles show the
# same test images sorted by class: for each seed, the accuracy is more than 5 percentage points lower than
# in evaluation mode. Each mini-batch then contains only a few classes, and the normalization removes part
# of what their images have in common. Worse, every forward pass in training mode changes the running
# statistics, without any error message. Call `model.eval()` before you evaluate, and `model.train()`
# before you go on training.

# %% [markdown] tags=["row-19"]
# ## The constant epsilon
#
# By default, $\epsilon$ is $10^{-3}$ in Keras and $10^{-5}$ in PyTorch and `convnet`. Where the variance of
# a channel is far above $10^{-3}$, both give nearly the same result. But take the 16 channels of layer 8 in
# the network without normalization, whose values are small. After a normalization with PyTorch's default,
# their median standard deviation is [0.89]{= f"{median_std[1e-5]:.2f}" }, with that of Keras only
# [0.19]{= f"{median_std[1e-3]:.2f}" }. If you move weights to another library, set epsilon explicitly.

# %% [markdown] tags=["row-19"]
# ## A network with 10,314 parameters
#
# Our last network takes color images of 32 x 32 pixels. It has two blocks of convolution, batch
# normalization and ReLU, the second one with stride 2, then average pooling and a dense layer.


# %%
def make_cnn(dtype=np.float32):
    layers = [
        np_layers.Conv2D(16, 3, padding=1),
        np_layers.BatchNormalization(),
        np_layers.ReLU(),
        np_layers.Conv2D(32, 3, stride=2, padding=1),
        np_layers.BatchNormalization(),
        np_layers.ReLU(),
        np_layers.AveragePooling2D(4),
        np_layers.Flatten(),
        np_layers.Dense(10),
    ]
    return Network(layers, (32, 32, 3), dtype=dtype)


cnn = make_cnn()
print(cnn.summary())

# %% [markdown]
# Of the [10,314]{= f"{cnn.parameters.size:,}" } parameters, batch normalization has
# [96]{= sum(layer.parameters["gamma"].size * 2 for layer in (cnn.layers[1], cnn.layers[4])) }:
# $2 \cdot 16 + 2 \cdot 32$. The running statistics are 96 more numbers. PyTorch calls them **buffers** and
# leaves them out of `model.parameters()`. Keras counts them as non-trainable parameters, so its
# `summary()` reports [10,410]{= f"{cnn.parameters.size + 96:,}" } parameters.
#
# We train the network in PyTorch, so that its running statistics change, and then move it to the other
# libraries. The ten classes are ten vertical strips of two photographs. The network has to predict from
# which strip a patch of 32 x 32 pixels was cut.

# %% jupyter={"source_hidden": true} cellView="form"
photos = [load_sample_image(name).astype(np.float32) / 255 for name in ("china.jpg", "flower.jpg")]


def patches(rng, count):
    """Random patches of 32 x 32 pixels and their classes, the strips from which they were cut."""
    classes = rng.integers(0, 10, count)
    rows, columns = rng.integers(0, 427 - 32, count), rng.integers(0, 128 - 32, count)
    corners = zip(classes, rows, columns + 128 * (classes % 5), strict=True)
    return np.stack([photos[c // 5][r : r + 32, q : q + 32] for c, r, q in corners]), classes


fig = plt.figure(figsize=(8, 3.5), layout="constrained")
above, below = fig.subfigures(2, 1, height_ratios=[2.6, 1])
for k, ax in enumerate(above.subplots(1, 2)):
    ax.imshow(photos[k])
    for c in range(5):
        ax.axvline(128 * c, color="white", lw=2)
        ax.text(
            128 * c + 64,
            30,
            5 * k + c,
            ha="center",
            va="center",
            bbox={"fc": "white", "ec": "none"},
        )
    ax.axis("off")
for ax, patch, c in zip(below.subplots(1, 10), *patches(np.random.default_rng(1), 10), strict=True):
    ax.imshow(patch)
    ax.axis("off")
    ax.set_title(f"class {c}", fontsize=10)
present(
    fig,
    "Above, a photograph of a Chinese palace and one of a flower, each divided by white lines into "
    "five vertical strips, which are numbered from 0 to 9. Below, ten patches of 32 by 32 pixels, each "
    "titled with the class, the number of its strip.",
)


# %% needs="torch"
def make_model():
    return nn.Sequential(
        nn.Conv2d(3, 16, kernel_size=3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, kernel_size=3, stride=2, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.AvgPool2d(4),
        nn.Flatten(),
        nn.Linear(32 * 4 * 4, 10),
    )


def to_nchw(images):
    return torch.tensor(images).permute(0, 3, 1, 2)


rng = np.random.default_rng(0)
images, classes = patches(rng, 400)  # for evaluation, (m, 32, 32, 3)
torch.manual_seed(0)
model = make_model()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
model.train()
for _ in range(100):
    batch, targets = patches(rng, 32)
    loss = F.cross_entropy(model(to_nchw(batch)), torch.tensor(targets))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()
with torch.no_grad():
    scores = model(to_nchw(images))
accuracy = (scores.argmax(dim=1) == torch.tensor(classes)).float().mean().item()
print(f"accuracy on 400 other patches: {accuracy:.2f}")
print("first running means:", model[1].running_mean[:4])
for name, tensor in model[1].state_dict().items():
    print(f"{name:20} {tuple(tensor.shape)}")

# %% [markdown]
# A random guess is right in one case of ten. (The patches overlap, so this accuracy says nothing about other
# photographs.) The **state dict** of a model holds its parameters *and* its buffers. What happens if you
# save only the parameters?

# %% needs="torch"
complete, incomplete = make_model(), make_model()
print(complete.load_state_dict(model.state_dict()))
result = incomplete.load_state_dict(dict(model.named_parameters()), strict=False)
print("missing:", [name for name in result.missing_keys if "running" in name])
for name, copied in (("complete", complete), ("incomplete", incomplete)):
    copied.eval()
    with torch.no_grad():
        copied_scores = copied(to_nchw(images))
    accuracy = (copied_scores.argmax(dim=1) == torch.tensor(classes)).float().mean().item()
    difference = (copied_scores - scores).abs().max().item()
    print(f"{name:10} accuracy {accuracy:.2f}, largest difference of a score {difference:.2g}")
assert difference > 1

# %% [markdown]
# With `strict=True`, the default, `load_state_dict` would have raised an error. When you copy arrays by
# hand, nothing warns you. The next two cells move all of them to NumPy, Keras and TensorFlow, with the axes
# and the tolerance of [One layer, four libraries](17_one_layer_four_libraries.ipynb). A Keras layer expects
# $\gamma$, $\beta$, mean and variance in this order.

# %% needs="torch"
state = {name: array.numpy() for name, array in model.state_dict().items()}
convs = [(state[f"{n}.weight"].transpose(2, 3, 1, 0), state[f"{n}.bias"]) for n in (0, 3)]
names = ("weight", "bias", "running_mean", "running_var")
norms = [[state[f"{n}.{name}"] for name in names] for n in (1, 4)]
dense_W = state["8.weight"].reshape(10, 32, 4, 4).transpose(2, 3, 1, 0).reshape(512, 10)
dense_b = state["8.bias"]

for n, (W, b), (gamma, beta, mean, variance) in zip((0, 3), convs, norms, strict=True):
    conv, norm = cnn.layers[n], cnn.layers[n + 1]
    conv.parameters["W"][...] = W
    conv.parameters["b"][...] = b
    norm.parameters["gamma"][...] = gamma
    norm.parameters["beta"][...] = beta
    norm.state["mean"][...] = mean
    norm.state["variance"][...] = variance
cnn.layers[8].parameters["W"][...] = dense_W
cnn.layers[8].parameters["b"][...] = dense_b

expected = scores.numpy()
tolerance = {"rtol": 1e-5, "atol": 1e-5 * np.abs(expected).max()}
np.testing.assert_allclose(cnn.forward(images), expected, **tolerance)
print("NumPy agrees with PyTorch.")

# %% needs="torch keras tensorflow"
model_keras = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        layers.Conv2D(16, 3, padding="same"),
        layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
        layers.ReLU(),
        layers.ZeroPadding2D(1),  # padding="same" differs at stride 2
        layers.Conv2D(32, 3, strides=2),
        layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
        layers.ReLU(),
        layers.AveragePooling2D(4),
        layers.Flatten(),
        layers.Dense(10),
    ]
)
model_keras.set_weights([*convs[0], *norms[0], *convs[1], *norms[1], dense_W, dense_b])
assert model_keras.count_params() == 10_410
np.testing.assert_allclose(model_keras(images, training=False), expected, **tolerance)
print("Keras agrees with PyTorch.")

A = tf.constant(images)
for (W, b), (gamma, beta, mean, variance), stride in zip(convs, norms, (1, 2), strict=True):
    pads = [[0, 0], [1, 1], [1, 1], [0, 0]]
    Z = tf.nn.conv2d(A, W, strides=stride, padding=pads) + b
    Z = tf.nn.batch_normalization(
        Z, mean, variance, offset=beta, scale=gamma, variance_epsilon=1e-5
    )
    A = tf.nn.relu(Z)
A = tf.nn.avg_pool2d(A, ksize=4, strides=4, padding="VALID")
scores_tf = tf.reshape(A, (len(images), 512)) @ dense_W + dense_b
np.testing.assert_allclose(scores_tf, expected, **tolerance)
print("TensorFlow agrees with PyTorch.")

# %% [markdown] tags=["row-19"]
# ## The gradient of batch normalization
#
# In training mode, the mean and the variance depend on every value of the mini-batch, so the
# gradient passes through them as well. For one channel with $N$ values and the upstream gradient
# $dA$, [backpropagation](13_backpropagation.ipynb) gives
#
# $$d\gamma = \sum dA \cdot \hat Z, \qquad d\beta = \sum dA, \qquad
# dZ = \frac{\gamma}{\sqrt{\sigma^2 + \epsilon}} \left( dA - \frac{1}{N}\, d\beta
# - \frac{1}{N}\, d\gamma \cdot \hat Z \right)$$
#
# **Predict.** In the network above, which array of a convolution or of the batch normalization after it
# always has a gradient of 0 in training mode: `"W"`, `"b"`, `"gamma"` or `"beta"`?

# %%
predict("zero_gradient", None)


# %% jupyter={"source_hidden": true} cellView="form"
def norm_backward(dy, x, gamma, beta):
    _, mean, variance = functional.batch_norm(x, gamma, beta)
    return functional.batch_norm_backward(dy, x, gamma, mean, variance)


rng = np.random.default_rng(0)
inputs = {
    "x": rng.standard_normal((3, 2, 4, 2)),
    "gamma": rng.uniform(0.5, 1.5, 2),
    "beta": rng.standard_normal(2),
}
error = check_gradients(lambda **a: functional.batch_norm(**a)[0], norm_backward, inputs)
print(f"batch_norm_backward against finite differences: largest error {error:.0e}")

network = make_cnn(np.float64)
noise, targets = rng.uniform(0, 1, (16, 32, 32, 3)), rng.integers(0, 10, 16)
scores_64 = network.forward(noise, training=True)
network.backward(cross_entropy_backward(scores_64, targets))
for layer in network.layers[:2]:
    for name, gradient in layer.gradients.items():
        print(f"{type(layer).__name__:18} {name:5} largest gradient {np.abs(gradient).max():.0e}")
assert np.abs(network.layers[0].gradients["b"]).max() < 1e-12

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. The bias adds the same constant to a whole channel, and the normalization subtracts it again, so it
# cannot change the loss. The formula says the same: the gradient of the bias is $\sum dZ$, which is 0 because
# $\sum dA = d\beta$ and $\sum \hat Z = 0$.
#
# </details>
#
# So a convolution needs no bias if batch normalization follows it, because $\beta$ does the same. Most
# models leave it out, with `bias=False` in PyTorch or `use_bias=False` in Keras. Our network could have
# saved [48]{= sum(layer.parameters["b"].size for layer in (cnn.layers[0], cnn.layers[3])) } parameters.
#
# ## Further: placement, dropout and folding
#
# *You can skip this section.*
#
# **Placement.** Ioffe and Szegedy placed the layer between the convolution and the activation function,
# and most networks follow them. The other order also works, and neither is always better. With
# [dropout](glossary.md#dropout) you need more care: it changes the variance of the activations in
# training mode only, so the running variances of later layers do not fit. If you use both, apply
# dropout after the last batch normalization (Li and others, 2019).
#
# **Folding.** In evaluation mode, the layer multiplies each channel by a constant and adds another one.
# The weights and biases of the convolution before it can include both constants, so the layer is no longer
# needed. [Efficient networks](21_efficient_networks.ipynb) does this for a whole network.
#
# ## Further: small batches and other normalizations
#
# *You can skip this section.* The fewer values a mini-batch has, the noisier its statistics are. Other
# layers average over other axes, and never over the examples. They usually keep no running statistics and
# work alike in both modes.
#
# | layer | one mean for each | averaged over | means for (32, 8, 8, 16) |
# |---|---|---|--:|
# | batch normalization | channel | examples, positions | 16 |
# | [layer normalization](glossary.md#layer-normalization) | example | positions, channels | 32 |
# | instance normalization | example and channel | positions | 512 |
# | [group normalization](glossary.md#group-normalization), 4 groups | example and group of channels | positions, channels of the group | 128 |
#
# Transformers use layer normalization over the features of each position, as `LayerNormalization` in Keras
# does by default. Group normalization suits small batches, as in object detection.
#
# ## Exercises
#
# ### Exercise 1: move a layer to PyTorch
#
# A Keras model contains `layers.BatchNormalization(momentum=0.99, epsilon=0.001)`. You want to go on
# training it in PyTorch with `nn.BatchNorm2d(32, eps=..., momentum=...)`. Which two values do you pass?
# Answer with a tuple, `(eps, momentum)`.

# %%
eps_and_momentum = None
### BEGIN SOLUTION
eps_and_momentum = (0.001, 0.01)
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    eps_and_momentum,
    (0.001, 0.01),
    "Which weight does the new mean have in the running mean of the Keras layer?",
    [
        (
            (0.001, 0.99),
            "In PyTorch, momentum is the weight of the new value: 0.99 would hardly keep the old ones.",
        ),
        ((0.00001, 0.1), "Those are PyTorch's defaults, not the settings of this layer."),
        ((0.001, 0.1), "That is PyTorch's default momentum, not the setting of this layer."),
        ((0.00001, 0.01), "The momentum is right. Which epsilon was the network trained with?"),
        ((0.01, 0.001), "The two values are in the wrong order."),
    ],
)

# %% [markdown]
# ### Exercise 2: running statistics
#
# Write the statistics that `nn.BatchNorm2d` holds after it has seen some mini-batches in training mode.
# `batches` has the shape (mini-batches, m, n_H, n_W, n_C), and `momentum` has PyTorch's meaning. Return an
# array of shape (2, n_C): the running means, and below them the running variances. (`np.stack` makes one
# array of two.)


# %%
def running_statistics(batches, momentum):
    statistics = None
    ### BEGIN SOLUTION
    n_C = batches[0].shape[-1]
    mean, variance = np.zeros(n_C), np.ones(n_C)
    for Z in batches:
        new_mean = Z.mean(axis=(0, 1, 2))
        new_variance = Z.var(axis=(0, 1, 2), ddof=1)  # divides by N - 1
        mean = (1 - momentum) * mean + momentum * new_mean
        variance = (1 - momentum) * variance + momentum * new_variance
    statistics = np.stack([mean, variance])
    ### END SOLUTION
    return statistics


# %% jupyter={"source_hidden": true} cellView="form"
def layer_statistics(batches, momentum):
    layer = np_layers.BatchNormalization(momentum=1 - momentum)
    network = Network([layer], batches[0].shape[1:], dtype=np.float64)
    for Z in batches:
        network.forward(Z, training=True)
    return np.stack([layer.state["mean"], layer.state["variance"]]).round(10)


def mistaken(ddof=1, start=1, weights=lambda momentum: (1 - momentum, momentum)):
    """Return a solution of exercise 2 with a mistake."""

    def statistics(batches, momentum):
        old_weight, new_weight = weights(momentum)
        running = np.array([[0.0], [start]]) * np.ones(batches.shape[-1])
        for Z in batches:
            new = np.stack([Z.mean(axis=(0, 1, 2)), Z.var(axis=(0, 1, 2), ddof=ddof)])
            running = old_weight * running + new_weight * new
        return running

    return statistics


def first_epoch(norm, factor=1, scale=1, batch=32):  # for the discussion of exercise 3
    return train(deep_network(0, norm, factor), 0.1, 1, batch=batch, scale=scale)


by_setting = {
    "filters x 100": (first_epoch(True, 100), first_epoch(False, 100)),
    "filters / 100": (first_epoch(True, 0.01), first_epoch(False, 0.01)),
    "pixels x 255": (first_epoch(True, scale=255), first_epoch(False, scale=255)),
}
for with_norm, without in by_setting.values():
    assert with_norm[-15:].mean() < 2 and not without[-15:].mean() < 2
small = {}
for m in (32, 2, 1):
    network = deep_network(0)
    small[m] = train(network, 0.1, 1, batch=m)[-500 // m :].mean()
    small[m, "accuracy"] = evaluate(network, X_test, test_labels)[1]
assert small[1] > 2 * small[32] and small[2] < small[1]
assert small[1, "accuracy"] < min(small[32, "accuracy"] - 0.1, small[2, "accuracy"])

test_rng = np.random.default_rng(2)
public_tests.check_function(
    "Exercise 2",
    running_statistics,
    layer_statistics,
    [
        (values[None], 0.1),
        (test_rng.normal(2, 3, (2, 3, 3, 2, 2)), 0.1),
        (test_rng.normal(2, 3, (3, 4, 1, 2, 3)), 0.3),
    ],
    "Each channel has a mean and a variance. What do they start from, and what does each mini-batch "
    "do to them?",
    [
        (
            mistaken(weights=lambda momentum: (momentum, 1 - momentum)),
            "In PyTorch, momentum is the weight of the new value, not of the old one.",
        ),
        (
            mistaken(ddof=0),
            "The means are right. By which number does PyTorch divide for the running variance?",
        ),
        (
            mistaken(weights=lambda momentum: (1, momentum)),
            "The new values are added, but the old ones have to lose weight at the same time.",
        ),
        (mistaken(start=0), "The means are right. The running variances start at 1."),
        (
            mistaken(ddof=0, start=0),
            "The means are right. Where do the variances start, and by which number does PyTorch "
            "divide?",
        ),
        (
            mistaken(ddof=0, weights=lambda momentum: (momentum, 1 - momentum)),
            "Those are the conventions of Keras, for the momentum and for the variance.",
        ),
        (
            lambda batches, momentum: mistaken()(batches[-1:], momentum),
            "Only the last mini-batch has been used, or the loop starts afresh with each of them.",
        ),
        (
            lambda batches, momentum: np.stack(
                [
                    np.mean([Z.mean(axis=(0, 1, 2)) for Z in batches], axis=0),
                    np.mean([Z.var(axis=(0, 1, 2), ddof=1) for Z in batches], axis=0),
                ]
            ),
            "That is the plain average of the mini-batches, without starting values and momentum.",
        ),
        (
            lambda batches, momentum: mistaken()(batches, momentum)[::-1],
            "The means come first, then the variances.",
        ),
        (
            lambda batches, momentum: np.stack(
                [mistaken()(batches, momentum)[0], np.sqrt(mistaken()(batches, momentum)[1])]
            ),
            "The layer holds variances, not standard deviations.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: what happens if ...
#
# There is no check for these. Decide first, then change the numbers in the cell below.
#
# 1. ... all initial filters are 100 times as large (`factor = 100`), or 100 times as small? With batch
#    normalization, and without?
# 2. ... the pixels run from 0 to 255 (`scale = 255`)?
# 3. ... a mini-batch has only 2 images, or 1? Compare the loss with the test accuracy, which is
#    computed in evaluation mode.

# %%
norm, factor, scale, batch = True, 1, 1, 32  # change these
network = deep_network(0, norm, factor)
losses = train(network, 0.1, epochs=1, batch=batch, scale=scale)
print("mean loss of the last 500 images:", losses[-500 // batch :].mean().round(3))
print("test accuracy:", round(evaluate(network, scale * X_test, test_labels)[1], 2))

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. With batch normalization, both networks learn, more slowly than with `factor = 1`. Without it,
#    neither does: the large filters make the loss infinite, and the small ones leave it at
#    $\log 10 \approx 2.3$. The normalization removes the factor from the output, apart from $\epsilon$, but
#    not from the steps: filters that are 100 times as large get a gradient that is 100 times as small.
# 2. With batch normalization the network learns, because a factor of the pixels acts like a factor of the
#    first filters. Without it, training fails.
# 3. With 1 image the loss is more than twice as high as with 32, and the test accuracy more than 10
#    percentage points lower; 2 images are better than 1 in both. After the pooling layer, 1 image leaves only
#    16 values for each channel. (A smaller batch should also have a smaller learning rate.)
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **compute a [batch normalization](glossary.md#batch-normalization):** subtract the mean, divide by
#    $\sqrt{\sigma^2 + \epsilon}$, multiply by $\gamma$, add $\beta$; one mean and one variance per
#    [channel](glossary.md#channel), over examples and positions; $2 n_C$ trainable parameters;
# 2. **distinguish the two modes:** statistics of the mini-batch in training,
#    [running statistics](glossary.md#running-statistics) in
#    [evaluation mode](glossary.md#evaluation-mode), and `model.eval()` before you evaluate;
# 3. **move a trained network to another library:** $\gamma$, $\beta$, both running statistics, $\epsilon$, and
#    the momentum if you go on training.
#
# ## What to read next
#
# - Next is [Architectures](19_architectures.ipynb): the networks that are built from these layers.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 8.5,
#   [Batch normalization](https://d2l.ai/chapter_convolutional-modern/batch-norm.html).
# - Ioffe and Szegedy, *Batch normalization: accelerating deep network training by reducing internal
#   covariate shift* (2015): [arXiv:1502.03167](https://arxiv.org/abs/1502.03167).
# - Santurkar, Tsipras, Ilyas and Madry, *How does batch normalization help optimization?* (2018):
#   [arXiv:1805.11604](https://arxiv.org/abs/1805.11604).
# - He, Zhang, Ren and Sun, *Delving deep into rectifiers* (2015), initialization for ReLU:
#   [arXiv:1502.01852](https://arxiv.org/abs/1502.01852).
# - Wu and He, *Group normalization* (2018): [arXiv:1803.08494](https://arxiv.org/abs/1803.08494). Li, Chen,
#   Hu and Yang, *Understanding the disharmony between dropout and batch normalization by variance shift*
#   (2019): [arXiv:1801.05134](https://arxiv.org/abs/1801.05134).
# - PyTorch, [BatchNorm2d](https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html); Keras,
#   [BatchNormalization](https://keras.io/api/layers/normalization_layers/batch_normalization/).
