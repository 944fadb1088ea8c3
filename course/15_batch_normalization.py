# %% [markdown]
# # Batch normalisation
#
# The figure below compares two networks with the same eight convolution layers, the same initial
# filters, the same data and the same learning rate. One of them hardly learns anything for three
# epochs. The other one learns from the first mini-batch on, because each of its convolution layers is
# followed by a batch normalisation layer. What does this layer do?

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
import copy

from convnet import functional
from convnet import layers as np_layers
from convnet.data import digits
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
    """The training loop of lesson 11; returns the loss of every step."""
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
    """What the eight ReLUs get for 256 images, in training mode."""
    network, inputs = copy.deepcopy(network), []
    A = X[:256].astype(network.dtype)
    for layer in network.layers:
        if isinstance(layer, np_layers.ReLU):
            inputs.append(A)
        A = layer.forward(A, True)
    return inputs


def draw_curves(ax, runs, color, mark, label):
    """The mean over the seeds and the range from the smallest to the largest, of 12 steps each."""
    means = np.array(runs)[:, : len(runs[0]) // 12 * 12].reshape(len(runs), -1, 12).mean(axis=2)
    epochs = (np.arange(means.shape[1]) + 0.5) * 12 / 47
    ax.fill_between(epochs, means.min(axis=0), means.max(axis=0), color=color, alpha=0.25, lw=0)
    ax.plot(epochs, means.mean(axis=0), mark, color=color, label=label)


VARIANTS = {  # norm, factor of the filters, colour, line
    "no normalisation": (False, 1.0, "tab:red", "--"),
    "no norm., He init.": (False, np.sqrt(2), "tab:orange", ":"),
    "batch normalisation": (True, 1.0, "tab:blue", "-"),
}
runs, trained = {}, {}
for name in ("no normalisation", "batch normalisation"):
    norm, factor, _, _ = VARIANTS[name]
    trained[name] = [deep_network(seed, norm, factor) for seed in range(3)]
    runs[name, 0.1] = [train(net, 0.1, 6, seed) for seed, net in enumerate(trained[name])]
plain, normed = runs["no normalisation", 0.1], runs["batch normalisation", 0.1]
assert min(losses[:94].mean() for losses in plain) > 2.2
assert max(losses[47:94].mean() for losses in normed) < 0.5

fig, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained", width_ratios=[1, 1.3])
for name, mark in (("no normalisation", "s"), ("batch normalisation", "o")):
    norm, factor, color, line = VARIANTS[name]
    for seed in range(3):
        network = deep_network(seed, norm, factor)
        deviations = [functional.relu(Z).std() for Z in relu_inputs(network)]
        axes[0].semilogy(range(1, 9), deviations, mark + line, color=color, markersize=4)
    draw_curves(axes[1], runs[name, 0.1], color, line, name)
axes[0].set(xlabel="convolution layer", title="before training")
axes[0].set_ylabel("standard deviation\nof the activations")
axes[1].set(xlabel="epoch", ylabel="training loss", ylim=(0, 2.6), title="learning rate 0.1")
axes[1].legend()
present(
    fig,
    "Left, the standard deviation of the activations after each of eight convolution layers, before "
    "training, on a logarithmic scale, for three seeds. Without normalisation it falls steadily from "
    "about 0.1 to below 0.01; with batch normalisation it is about 0.6 in every layer. Right, the training loss over six epochs, the mean of three seeds with a "
    "band from the smallest to the largest. Without normalisation it stays at 2.3 for about three "
    "epochs and then falls to about 0.5; with batch normalisation it falls at once, to about 0.1 "
    "after two epochs.",
)

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compute a batch normalisation by hand, and say which values share a mean and how many parameters
#    the layer has;
# 2. explain what changes between training and evaluation, and recognize a forgotten `model.eval()`;
# 3. carry a trained network with batch normalisation from PyTorch to Keras, TensorFlow and NumPy.
#
# **Time:** about 45 minutes. **You need:** [Training](11_training.ipynb) and
# [One layer, four libraries](14_one_layer_four_libraries.ipynb).
#
# ## Activations from layer to layer
#
# Every convolution layer multiplies the size of its input by some factor, which depends on its
# weights. The initialisation of lesson 11, which is also the default of Keras (Glorot and Bengio,
# 2010), was derived for layers without a ReLU. A ReLU removes half of the values, so each of our
# layers shrinks its input, and eight factors below 1 multiply. The histograms show what the ReLUs of
# four layers get before training, without and with batch normalisation.

# %% jupyter={"source_hidden": true} cellView="form"
outputs = {name: relu_inputs(deep_network(0, VARIANTS[name][0])) for name in trained}
shrunk = outputs["no normalisation"][7].std() / outputs["no normalisation"][0].std()
assert shrunk < 0.1
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
    "axis from -3 to 3. Without normalisation the histogram becomes narrower from layer to layer, "
    "until nearly all values of layer 8 are in the two bars next to 0. With batch normalisation the "
    "standard deviation is 1 in every layer, and in layers 3, 5 and 8 the histograms look like bells.",
)

# %% [markdown]
# In layer 8 of the first network, all images give nearly the same values, close to 0. The scores
# therefore hardly depend on the image, and the gradients that reach the filters are tiny. With
# weights that are too large the opposite happens: values and gradients explode.
#
# One remedy is a better initialisation. He and others (2015) multiply the variance of the weights by
# 2, to make up for the ReLU. That sets the scale once, before training. Batch normalisation measures
# and corrects the scale in every step.
#
# ## Normalising four values by hand
#
# Take the four values 3, 9, 11 and 17. Their mean is $\mu = 10$, the deviations are
# $-7, -1, 1, 7$, and the variance is
#
# $$\sigma^2 = \frac{49 + 1 + 1 + 49}{4} = 25.$$
#
# Subtract the mean and divide by the standard deviation 5, and you get $-1.4, -0.2, 0.2, 1.4$, with mean
# 0 and variance 1. [**Batch normalisation**](glossary.md#batch-normalisation) (Ioffe and Szegedy,
# 2015) does this to the values of a mini-batch, then multiplies by a learned scale $\gamma$ and adds
# a learned shift $\beta$:
#
# $$\hat Z = \frac{Z - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad A = \gamma \hat Z + \beta$$
#
# The small constant $\epsilon$ prevents a division by 0. At the start $\gamma = 1$ and $\beta = 0$.
# Training can change them, so the layer can also learn another scale and shift, if these
# give a smaller loss.
#
# **Predict.** The weights of the layer before grow tenfold, and the four values become 30, 90, 110 and
# 170. The values of $\hat Z$ become `"a"` ten times as large, `"b"` ten times as small, or `"c"` they
# stay the same?

# %%
predict("scaled", None)


# %%
def batch_norm(Z, gamma, beta, epsilon=1e-5):
    mean = Z.mean(axis=(0, 1, 2))  # one number for each channel
    variance = Z.var(axis=(0, 1, 2))
    return gamma * (Z - mean) / np.sqrt(variance + epsilon) + beta


values = np.array([3.0, 9.0, 11.0, 17.0]).reshape(4, 1, 1, 1)  # four examples, one channel
for Z in (values, 10 * values, values + 100):
    print(Z.ravel(), "->", batch_norm(Z, gamma=1, beta=0).ravel().round(3) + 0)
print("gamma = 2, beta = 1:", batch_norm(values, gamma=2, beta=1).ravel().round(3))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. The mean, the deviations and the standard deviation all grow tenfold, and the factor cancels.
# A constant that is added to all values disappears as well, together with the mean.
#
# </details>
#
# ## One mean and one variance per channel
#
# The code takes the mean over the axes 0, 1 and 2, which are examples, rows and columns. A
# convolution applies one filter at all positions, so all values that a filter produces are
# normalised in the same way.
#
# **Predict.** The output of a convolution layer has the shape (32, 8, 8, 16), that is
# (m, n_H, n_W, n_C). How many means does batch normalisation compute from this mini-batch?

# %%
predict("means", None)

# %% jupyter={"source_hidden": true} cellView="form"
first = deep_network(2, norm=False).layers[0]
examples = [int(np.flatnonzero(test_labels == c)[3]) for c in (0, 1, 4)]
CHANNELS = [0, 3, 6, 9]
maps = first.forward(X_test[examples].astype(np.float32), False)[..., CHANNELS]
limit = float(np.abs(maps).max())
fig, axes = plt.subplots(3, 5, figsize=(7, 4.6), layout="constrained")
for i, row in enumerate(axes):
    draw_image(row[0], X_test[examples[i], :, :, 0], "", (0, 1), scale=False)
    row[0].set_ylabel(f"example {i}")
    for k, ax in enumerate(row[1:]):
        draw_image(ax, maps[i, :, :, k], "", (-limit, limit), scale=False)
        if k == 1:
            for spine in ax.spines.values():
                spine.set(color="black", linewidth=4)
axes[0, 0].set_title("image", fontsize=10)
for k, ax in enumerate(axes[0, 1:]):
    channel = maps[..., k]
    ax.set_title(f"channel {k}\nmean {channel.mean():.2f}\nstd {channel.std():.2f}", fontsize=10)
fig.colorbar(axes[0, 1].images[0], ax=axes, shrink=0.6)
present(
    fig,
    "Three digits, 0, 1 and 4, one in each row, and beside each its feature maps in four channels. The "
    "three maps of channel 1, one below the other, have thick frames: these 3 x 8 x 8 values "
    "share one mean and one standard deviation, which stand above the column. Every other column has "
    "a mean and a standard deviation of its own.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [16]{= np.zeros((32, 8, 8, 16)).mean(axis=(0, 1, 2)).size }, one for each channel, and each is the
# mean of $32 \cdot 8 \cdot 8 =$ [2,048]{= f"{32 * 8 * 8:,}" } values. The figure shows the same for three
# examples: the values in a column share a mean.
#
# </details>
#
# A layer with $n_C$ channels has $2 n_C$ trainable parameters, $\gamma_c$ and $\beta_c$ for each
# channel. It also stores $2 n_C$ numbers that are not trained, as you will see below.

# %% [markdown] tags=["row-19"]
# ## Batch normalisation and the learning rate
#
# Does batch normalisation do more than a good initialisation? We train three networks for three
# epochs with the learning rates 0.01, 0.1 and 0.5: without normalisation, without normalisation but
# with He's initialisation, and with batch normalisation. Each network is trained with three seeds.
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
    sum(max(losses[94:141].mean() for losses in runs[name, rate]) < 1 for rate in RATES)
    for name in VARIANTS
)
assert works == (0, 1, 3)

fig, axes = plt.subplots(1, 3, figsize=(8, 3.4), sharey=True, layout="constrained")
for ax, rate in zip(axes, RATES, strict=True):
    for name, (_, _, color, mark) in VARIANTS.items():
        draw_curves(ax, [losses[:141] for losses in runs[name, rate]], color, mark, name)
    ax.set(title=f"learning rate {rate}", xlabel="epoch", ylim=(0, 2.6))
axes[0].set_ylabel("training loss")
axes[0].legend(fontsize=9, loc="lower left")
present(
    fig,
    "Training loss over three epochs for three learning rates, each with three networks, the mean of "
    "three seeds with a band. With 0.01 only the network with batch normalisation falls, to about "
    "0.2; the other two stay near 2.3. With 0.1 it falls fastest; the network with He's "
    "initialisation falls later, to about 0.3; the one without normalisation stays near 2.3. With 0.5 "
    "the network with batch normalisation falls more slowly, to about 0.4; the other two stay near "
    "2.3, one seed with He's initialisation falls a little.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[(0, 1, 3)]{= works }`. He's initialisation is enough at the rate 0.1. At 0.01 it learns too slowly,
# and at 0.5 the steps are too large. With batch normalisation all three rates work.
#
# </details>
#
# In this experiment, batch normalisation tolerates a much wider range of learning rates. A good
# rate and initialisation would also have trained the network; batch normalisation makes it easier to
# find them. And given more time, even the first network starts to learn, as the first figure shows.
#
# **Why does it help?** Ioffe and Szegedy argued that it reduces *internal covariate shift*: while a
# layer learns, the distribution of its inputs changes, because the layers before it learn as well.
# Santurkar and others (2018) tested this explanation. They added noise after the batch normalisation
# layers, so that the distributions changed even more than without them, and the network trained
# nearly as well as before. Their measurements suggest another reason: the loss and its gradient
# change more smoothly with the parameters, so longer steps are safe. The question is still being
# studied. That it helps is well established; why it helps is less so.
#
# ## Training mode and evaluation mode
#
# So far the output for an image has depended on the other images in its mini-batch. During training
# that is acceptable, and the randomness even acts as a mild regularisation. A trained network,
# however, should give an image the same prediction in any company.
#
# **Predict.** A layer has $\gamma = 2$ and $\beta = 1$, and a channel with a single value: one
# example, one position. The value is 7. What is the output, if the layer normalises with the mean and
# variance of this mini-batch?

# %%
predict("single", None)

# %% jupyter={"source_hidden": true} cellView="form"
alone = batch_norm(np.full((1, 1, 1, 1), 7.0), gamma=2, beta=1).item()
print("a single 7 becomes", alone)

# %% [markdown]
# The single value is its own mean, so every input gives $\beta$ =
# [1]{= f"{alone:.0f}" }. For this reason the layer works in two modes:
#
# - In **training mode** it uses the mean and variance of the mini-batch. It also updates the
#   [**running statistics**](glossary.md#running-statistics): moving averages of the means and of the
#   variances, which start at 0 and 1.
# - In [**evaluation mode**](glossary.md#evaluation-mode) it uses the running statistics. They are
#   constants, so each image is treated independently of the others.
#
# PyTorch switches with `model.train()` and `model.eval()`, Keras with the argument `training`, which
# `fit` and `predict` set for you. In NumPy we have passed `training=True` to `forward` since lesson 11.
#
# All libraries keep a moving average, but their conventions differ. "Momentum" has
# opposite meanings in PyTorch and Keras:
#
# | | new running mean | default momentum | variance divides by |
# |---|---|---|---|
# | PyTorch | (1 - momentum) old + momentum new | 0.1 | $N - 1$ |
# | Keras | momentum old + (1 - momentum) new | 0.99 | $N$ |
# | `convnet` | as in Keras | 0.9 | $N - 1$ |
#
# $N = m\, n_H\, n_W$ is the number of values of a channel. For the output of the layer, all of them
# divide by $N$; the last column is only about the running variance. After the values 3, 9, 11
# and 17, with mean 10, the running mean is $0.9 \cdot 0 + 0.1 \cdot 10 = 1$ in PyTorch and
# $0.99 \cdot 0 + 0.01 \cdot 10 = 0.1$ in Keras.

# %%
by_hand = {
    "PyTorch": (0.9 * 0 + 0.1 * 10, 0.9 * 1 + 0.1 * 100 / 3),
    "Keras": (0.99 * 0 + 0.01 * 10, 0.99 * 1 + 0.01 * 100 / 4),
}
for library, (mean, variance) in by_hand.items():
    print(f"{library:8} running mean {mean:.3f}, running variance {variance:.3f}")

# %% needs="torch"
import torch
import torch.nn as nn
import torch.nn.functional as F

layer = nn.BatchNorm2d(1)
layer(torch.tensor(values, dtype=torch.float32))  # a new layer is in training mode
torch.testing.assert_close(layer.running_mean, torch.tensor([by_hand["PyTorch"][0]]))
torch.testing.assert_close(layer.running_var, torch.tensor([by_hand["PyTorch"][1]]))
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
np.testing.assert_allclose([running_mean[0], running_variance[0]], by_hand["Keras"], rtol=1e-5)
print(running_mean, running_variance)

# %% [markdown]
# With the default of Keras, a running mean still keeps [62%]{= f"{0.99**47:.0%}" } of its starting
# value after the 47 steps of an epoch on the digits; with that of PyTorch, [0.7%]{= f"{0.9**47:.1%}" }.
#
# **Predict.** We train the deep network for one epoch with Keras's momentum of 0.99. Normalised with
# the statistics of mini-batches of 33 test images, it classifies well over half of the test images
# correctly, for all three seeds. How does it do in evaluation mode? `"a"` about as well, `"b"` a few
# percentage points worse, `"c"` below 60% for all three seeds.

# %%
predict("early", None)


# %% jupyter={"source_hidden": true} cellView="form"
def accuracy_in_training_mode(network, order, batch=33):
    """The accuracy on the test images in a given order, normalised by mini-batches."""
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
    table["six epochs"].append(trained["batch normalisation"][seed])
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
print(f"{'test accuracy, three seeds':27} evaluation mode     training mode, mixed")
for name, rows in accuracies.items():
    evaluated, in_training = (rows[:, k].round(2) for k in (0, 1))
    print(f"{name:27} {evaluated!s:18}  {in_training}")
slow = accuracies["one epoch, momentum 0.99"]
assert slow[:, 0].max() < 0.6 < slow[:, 1].min()

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. The network has learned a lot, but its running statistics have hardly left their starting
# values. If a Keras model with batch normalisation has a poor validation accuracy in the first epochs of
# a short training run, while its training accuracy is good, this may be the reason. Use a momentum of
# 0.9, or train for longer.
#
# </details>
#
# ### A forgotten model.eval()
#
# The opposite mistake is to evaluate in training mode. As long as each mini-batch is a random mixture of all
# classes, you will hardly notice it. So let us sort the test images by class.

# %%
after_six = accuracies["six epochs"]
for name, values_of in zip(
    ("evaluation mode", "training mode, mixed", "training mode, sorted by class"),
    after_six.T,
    strict=True,
):
    print(f"{name:31} test accuracy {values_of.round(2)}")
lost = after_six[:, 0] - after_six[:, 2]
assert lost.min() > 0.05

# %% [markdown]
# For each of the three seeds, sorting costs more than 5 percentage points. Most of the mini-batches now contain
# one or two classes, and the normalisation subtracts what their images have in common, which is just
# what the classes are recognised by. Worse, every forward pass in training mode changes
# the running statistics, without any error message. Call `model.eval()` before you evaluate, and
# `model.train()` before you go on training.
