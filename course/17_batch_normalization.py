# %% [markdown]
# # Batch normalization
#
# Five networks with eight convolution layers get a perfect start. Before training, we scale the filters and set the
# biases so that every channel of every convolution has mean 0 and standard deviation 1. Then each network takes
# twenty steps of gradient descent, with 32 digits in each. What is left of the perfect start? Run the next two cells.

# %% include="lesson_setup"

# %%
import copy

from convnet.data import digits
from convnet.functional import cross_entropy_backward
from convnet.layers import BatchNormalization, Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import SGD, evaluate
from lesson_tools.batch_normalization import figures as draw
from lesson_tools.batch_normalization.questions import check, predict
from lesson_tools.batch_normalization.results import tuned

data = digits()
images, labels = data.train_images.astype(np.float32), data.train_labels


def deep_network(seed, norm=False, depth=8, momentum=0.9):
    layers = []
    for number in range(depth):
        layers += [Conv2D(16, 3, padding=1), *[BatchNormalization(momentum=momentum)] * norm]
        layers += [ReLU(), *[MaxPooling2D(2)] * (number == 0)]
    return Network([*layers, Flatten(), Dense(10)], (8, 8, 1), seed)


def normalize_once(network, A):
    for layer in network.layers:
        if isinstance(layer, Conv2D):
            Z = layer.forward(A, training=True)
            mean, std = Z.mean(axis=(0, 1, 2)), Z.std(axis=(0, 1, 2))
            layer.parameters["W"] /= std
            layer.parameters["b"][...] = -mean / std
        A = layer.forward(A, training=True)


def deviations(network, A):
    """Return the standard deviation after each convolution, a mean over its channels."""
    stds = []
    for layer in network.layers:
        A = layer.forward(A, training=True)
        if isinstance(layer, Conv2D):
            stds.append(A.std(axis=(0, 1, 2)).mean())
    return np.array(stds)


def fit(network, X, y, rate=0.1, epochs=1, seed=0):
    rng, optimizer = np.random.default_rng(seed), SGD(rate)
    for _ in range(epochs):
        for picked in np.array_split(rng.permutation(len(X)), len(X) // 32):
            scores = network.forward(X[picked], training=True)
            network.backward(cross_entropy_backward(scores, y[picked]))
            optimizer.step(network.parameters, network.gradients)


history = np.zeros((5, 21, 8))  # networks, steps, layers
for seed in range(5):
    network = deep_network(seed)
    normalize_once(network, images[:256])
    history[seed, 0] = deviations(network, images[:256])
    for step in range(20):
        start = 32 * step
        fit(network, images[start : start + 32], labels[start : start + 32])  # a single step
        history[seed, step + 1] = deviations(network, images[:256])
draw.drift(history, layers=(1, 4, 8))

# %% [markdown]
# Layer 1 hardly moves. But the scale of layer 8 more than
# [triples]{= "triples" if history[:, :, 7].max() > 3 else "grows" } in one network and falls to
# [a third]{= "a third" if 0.3 < history[:, :, 7].min() < 0.36 else "a fraction" } in another, and all of this happens
# within twenty steps. **Why does a network that was normalized once not stay normalized, and what would you gain
# if it did?**
#
# **By the end of this lesson you will be able to**
#
# 1. explain why the scale of a deep network drifts, and how batch normalization prevents it;
# 2. compute a batch normalization by hand, and say which values share a mean and what is learned;
# 3. use the layer in PyTorch and Keras, and recognize its silent failures.
#
# **Time:** about 55 minutes, and 25 for the exercises. **You need:** [Training](14_training.ipynb).

# %% [markdown]
# ## Small factors multiply
#
# The spread grows with depth, because each layer works on the output of the previous one. If a layer returns larger
# values by a factor $c$, the ReLU passes the factor on, since $\operatorname{ReLU}(cz) = c \operatorname{ReLU}(z)$
# for every $c > 0$. With biases of 0, so does the next convolution, and the factors of all layers multiply.
#
# **Predict.** After a step of gradient descent, each of eight layers without biases returns values larger by 10% for
# the same input. By which factor does the output of layer 8 grow? Answer with one decimal.

# %%
predict("growth", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $1.1^8 \approx$ [2.1]{= f"{1.1**8:.1f}" }. And in a network with 50 layers, the same 10% would give
# $1.1^{50} \approx$ [117]{= f"{1.1**50:.0f}" }.
#
# </details>
#
# In the first figure, the filters change direction rather than size. After two steps of the purple network, the norm
# of each layer's filters has changed by 1% at most, but layer 5 alone enlarges the scale by a factor of
# [1.6]{= f"{history[4, 2, 4] / history[4, 2, 3]:.1f}" }. Gradient descent does not see this coming. The gradient
# tells each layer how to change *if all other layers stay as they are*, but then they all change at once. You can
# take smaller steps, at the price of slow training. Or you can make normalizing a part of the network.

# %% [markdown] tags=["row-19"]
# ## Normalizing four values by hand
#
# Take the values 3, 9, 11 and 17. Their mean is $\mu = 10$, the deviations are $-7, -1, 1, 7$, and the variance is
#
# $$\sigma^2 = \frac{49 + 1 + 1 + 49}{4} = 25.$$
#
# Subtract the mean and divide by the standard deviation 5, and you get $-1.4, -0.2, 0.2, 1.4$, with mean 0 and
# variance 1. [**Batch normalization**](glossary.md#batch-normalization) (Ioffe and Szegedy, 2015) makes this a layer.
# In every training step, it normalizes the values of the current mini-batch. Then it multiplies them by a learned
# scale $\gamma$ and adds a learned shift $\beta$:
#
# $$\hat Z = \frac{Z - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad A = \gamma \hat Z + \beta$$
#
# The small constant $\epsilon$ prevents a division by 0. The layer starts with $\gamma = 1$ and $\beta = 0$. If
# another scale gives a smaller loss, training can choose it. But it is then a single number per channel, whatever the
# previous layers do.
#
# **Predict.** The filters of the previous layer grow tenfold, and the four values become 30, 90, 110 and 170. Do the values
# of $\hat Z$ become `"a"` ten times as large, `"b"` ten times as small, or do they `"c"` stay the same?

# %%
predict("scaled", None)


# %%
def batch_norm(Z, gamma, beta, epsilon=1e-5):
    mean = Z.mean(axis=(0, 1, 2))
    variance = Z.var(axis=(0, 1, 2))
    Z_hat = (Z - mean) / np.sqrt(variance + epsilon)
    return gamma * Z_hat + beta


values = np.array([3.0, 9.0, 11.0, 17.0]).reshape(4, 1, 1, 1)  # four examples, one channel
for Z in (values, 10 * values, values + 100):
    print(Z.ravel(), "->", batch_norm(Z, gamma=1, beta=0).ravel().round(3))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`, apart from the tiny effect of $\epsilon$. The deviations and the standard deviation both grow tenfold, and the
# factor cancels. A constant that is added to all values disappears with the mean.
#
# </details>

# %% [markdown] tags=["row-19"]
# ## One mean and one variance per channel
#
# `batch_norm` averages over the axes 0, 1 and 2, which are examples, rows and columns. A convolution applies the same filter
# at all positions, so all values that a filter produces are normalized in the same way.
#
# **Predict.** The output of a convolution layer has the shape (32, 8, 8, 16), that is (m, n_H, n_W, n_C). How many
# means does batch normalization compute from this mini-batch?

# %%
predict("means", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [16]{= np.zeros((32, 8, 8, 16)).mean(axis=(0, 1, 2)).size }, one for each channel, and each is the mean of
# $32 \cdot 8 \cdot 8 =$ [2,048]{= f"{32 * 8 * 8:,}" } values.
#
# </details>

# %%
digits_shown = images[[np.flatnonzero(labels == c)[3] for c in (0, 1, 4)]]
channels = [0, 3, 6, 9]
maps = deep_network(2).layers[0].forward(digits_shown, training=False)
draw.shared_statistics(digits_shown[..., 0], maps[..., channels], channels)

# %% [markdown]
# A layer with $n_C$ channels learns $2 n_C$ parameters, a $\gamma$ and a $\beta$ for each channel. But look at the
# frame again, because something unusual happens in it. The mean is taken over all three digits, so the output for the
# 0 depends on the 1 and on the 4. Every other layer that you know processes each image on its own. Remember this,
# because it will cause trouble.

# %% [markdown] tags=["row-19"]
# ## Batch normalization and the learning rate
#
# Now let the scale run away on purpose. We multiply all filters by 10, in a network that was normalized once and in a
# network with a batch normalization after each convolution, and look at the scores of some digits.

# %%
for name, norm in (("normalized once", False), ("normalized in every step", True)):
    network = deep_network(0, norm)
    if not norm:
        normalize_once(network, images[:256])
    scores = network.forward(images[:32], training=True)
    for layer in network.layers:
        if isinstance(layer, Conv2D):
            layer.parameters["W"] *= 10
    changed = network.forward(images[:32], training=True)
    print(f"{name}: largest score {np.abs(scores).max():.1f}, then {np.abs(changed).max():,.1f}")

# %% [markdown]
# In the first network, eight factors of 10 multiply to a hundred million (and the biases, which fitted the old scale,
# add to the harm). In the second, they cancel. So the second one should survive steps that ruin the first. The next
# cell trains both for one epoch at four learning rates, from five seeds each.

# %%
accuracies = {"normalized once": {}, "normalized in every step": {}}
for rate in (0.01, 0.03, 0.1, 0.3):
    for name, norm in (("normalized once", False), ("normalized in every step", True)):
        accuracies[name][rate] = []
        for seed in range(5):
            network = deep_network(seed, norm)
            if not norm:
                normalize_once(network, images[:256])
            with np.errstate(all="ignore"):  # a loss may become infinite
                fit(network, images, labels, rate, seed=seed)
            accuracy = evaluate(network, data.test_images, data.test_labels)[1]
            accuracies[name][rate].append(accuracy)
draw.rates(accuracies)

# %% [markdown]
# At a rate of 0.3, where every network that was normalized once has broken down, the others still learn. And at every
# rate they learn faster. Each at the best of these four rates, the medians are
# [0.86]{= f"{max(np.median(runs) for runs in accuracies['normalized in every step'].values()):.2f}" } and
# [0.75]{= f"{max(np.median(runs) for runs in accuracies['normalized once'].values()):.2f}" } after one epoch. The
# lead shrinks with time. After eight epochs, again with tuned rates, it is
# [0.93]{= f"{np.median(tuned('batch normalization', 8)):.2f}" } against
# [0.91]{= f"{np.median(tuned('normalized once', 8)):.2f}" }, and a network with He's initialization that was never
# normalized reaches [0.91]{= f"{np.median(tuned('plain', 8)):.2f}" } as well ([all
# arms](../benchmarks/lessons/batch_normalization.md)). With Adam, batch normalization leads a plain network by only
# two of 297 digits. [Clipping the gradients](glossary.md#gradient-clipping) also prevents the breakdown: at 0.3, it
# lifts the medians to 0.72 and, with batch normalization, to 0.84.
#
# That the layer helps is well established, but *why* is debated. Ioffe and Szegedy put their reason into the title of their
# paper: it reduces *internal covariate shift*, the change of a layer's inputs while the previous layers learn. Then
# Santurkar and others (2018) added noise after each batch normalization, so that the inputs shifted more than
# without the layer, and the network still trained well. They found instead that the loss changes more smoothly with the
# parameters, so that longer steps are safe.

# %% [markdown]
# ## A gradient that is always 0
#
# The mean and the variance depend on the values, so the gradient flows through them, too
# ([backpropagation](13_backpropagation.ipynb) takes care of it). Without this part of the gradient, our networks
# learn far worse. With it, the gradient of one array is always 0.
#
# **Predict.** Which array of a convolution or of the batch normalization after it always has a gradient of 0 in
# training: `"W"`, `"b"`, `"gamma"` or `"beta"`?

# %%
predict("zero_gradient", None)

# %%
network = deep_network(0, norm=True)
network.backward(cross_entropy_backward(network.forward(images[:32], training=True), labels[:32]))
for layer in network.layers[:2]:
    for name, gradient in layer.gradients.items():
        print(f"{type(layer).__name__:18} {name:5} largest gradient {np.abs(gradient).max():.0e}")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`, up to rounding errors. The bias adds the same constant to a whole channel, and the normalization subtracts it again,
# so it cannot change the loss.
#
# </details>
#
# So a convolution needs no bias if batch normalization follows it, because $\beta$ takes over. Most models leave it
# out, with `bias=False` in PyTorch or `use_bias=False` in Keras.

# %% [markdown] tags=["row-19"]
# ## Training mode and evaluation mode
#
# In training, an image may depend on the others in its mini-batch. But the prediction for a customer's photograph must not
# depend on who else uploads one in the same second.
#
# **Predict.** What if nobody does? A layer has $\gamma = 2$ and $\beta = 1$, and a channel with a single value: one
# example, one position. The value is 7. What is the output, if the layer normalizes with the mean and variance of this
# mini-batch?

# %%
predict("single", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [1]{= f"{batch_norm(np.full((1, 1, 1, 1), 7.0), 2, 1).item():.0f}" }, which is $\beta$. The value is its own mean,
# so the output is the same for every input. (PyTorch raises an error instead.)
#
# </details>
#
# That is why the layer has two modes:
#
# - In **training mode** it uses the mean and variance of the mini-batch. At the same time, it updates its
#   [**running statistics**](glossary.md#running-statistics), which are moving averages of the means and of the
#   variances. They start at 0 and 1, and each step moves them toward the new values:
#   running mean ← 0.9 · running mean + 0.1 · $\mu$.
# - In [**evaluation mode**](glossary.md#evaluation-mode) it uses the running statistics. They are constants, so each
#   image is on its own again. The layer is then a fixed scale and shift for each channel, which can be folded into
#   the filters and biases of the convolution before it, as in Exercise 2.
#
# The running statistics have no gradient. They are [**buffers**](glossary.md#buffer), which must be saved with the
# parameters. PyTorch's `state_dict()` contains them, and `parameters()` does not.

# %% [markdown] tags=["row-19"]
# ## What goes wrong: the wrong statistics
#
# Two modes are two ways to evaluate the same network, and both can fail without an error message. Keras keeps 0.99 of the
# old running mean in each step, not 0.9.
#
# **Predict.** One epoch of our digits has 46 steps. How much weight do the starting values 0 and 1 still have in
# Keras' running statistics after it? Answer in percent.

# %%
predict("start", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Each step keeps 99% of it, so it is $0.99^{46} \approx$ [63%]{= f"{0.99**46:.0%}" }. With 0.9 instead, it is
# [0.8%]{= f"{0.9**46:.1%}" }.
#
# </details>
#
# The next cell trains networks of both kinds, and evaluates each of them in three ways, on the same 297 test images. A is
# evaluation mode. B and C use training mode, and differ only in the order of the images.


# %%
def accuracy_in_training_mode(network, order):
    network = copy.deepcopy(network)  # because each forward pass changes the running statistics
    right = 0
    for picked in np.split(order, 9):
        scores = network.forward(data.test_images[picked], training=True)
        right += np.sum(scores.argmax(axis=1) == data.test_labels[picked])
    return right / len(order)


shuffled = np.random.default_rng(0).permutation(297)
by_class = np.argsort(data.test_labels, kind="stable")
three_ways = {}
for momentum, epochs in ((0.99, 1), (0.9, 1), (0.9, 3)):
    rows = []
    for seed in range(3):
        network = deep_network(seed, norm=True, momentum=momentum)
        fit(network, images, labels, epochs=epochs, seed=seed)
        in_evaluation_mode = evaluate(network, data.test_images, data.test_labels)[1]
        in_training_mode = [accuracy_in_training_mode(network, o) for o in (shuffled, by_class)]
        rows.append([in_evaluation_mode, *in_training_mode])
    three_ways[f"keeps {momentum},\n{epochs} epoch{'s' * (epochs > 1)}"] = np.array(rows)
draw.three_ways(three_ways)

# %% [markdown]
# **Running statistics that lag behind.** In the first row, the networks read most digits in B, but few in A. Their
# weights are fine, but the statistics in A are still mostly starting values. You will meet this as a Keras model
# whose validation accuracy is terrible in the first epochs, while its training accuracy looks great. In short
# training runs, use `BatchNormalization(momentum=0.9)`.
#
# **A forgotten evaluation mode.** In the last row, B looks harmless. But C is about
# [10]{= round(10 * np.median(three_ways["keeps 0.9,\n3 epochs"][:, 0] - three_ways["keeps 0.9,\n3 epochs"][:, 2])) * 10 }
# percentage points lower than A, with the same weights and the same images. In C, a mini-batch holds only two
# classes. What its images have in common is in their mean, and the layer subtracts it. A folder of images is usually
# sorted by class.

# %% [markdown]
# ## Batch normalization in PyTorch
#
# The layer stands between the convolution and the ReLU. You call `model.train()` before you train and `model.eval()`
# before you evaluate. What happens if you forget the second one?

# %% needs="torch"
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1, bias=False),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 16, 3, padding=1, bias=False),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(16 * 4 * 4, 10),
)
x_train, x_test = (torch.tensor(x).float().permute(0, 3, 1, 2) for x in (images, data.test_images))
y_train, y_test = torch.tensor(labels), torch.tensor(data.test_labels)
optimizer, loss_fn = torch.optim.SGD(model.parameters(), lr=0.1), nn.CrossEntropyLoss()
model.train()
for _ in range(3):
    for picked in torch.randperm(len(x_train)).split(32):
        loss = loss_fn(model(x_train[picked]), y_train[picked])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    for mode in (model.eval, model.train):
        mode()
        right = [
            (model(x_test[i]).argmax(dim=1) == y_test[i]).sum().item()
            for i in torch.tensor(by_class).split(33)
        ]
        print(f"{mode.__name__:5} mode, sorted by class: accuracy {sum(right) / 297:.2f}")

# %% [markdown]
# ## Batch normalization in Keras
#
# In Keras, `fit`, `evaluate` and `predict` choose the mode by themselves. So the mode is safe, but you have to watch
# the running statistics.

# %% needs="keras tensorflow"
import keras
from keras import layers

for momentum in (0.99, 0.9):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.MaxPooling2D(2)])
    for _ in range(8):
        model.add(layers.Conv2D(16, 3, padding="same", use_bias=False))
        model.add(layers.BatchNormalization(momentum=momentum))
        model.add(layers.ReLU())
    model.add(layers.Flatten())
    model.add(layers.Dense(10))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
    test = (data.test_images, data.test_labels)
    log = model.fit(images, labels, epochs=1, validation_data=test, verbose=0).history
    print(f"{momentum}: val_accuracy {log['val_accuracy'][0]:.2f} after one epoch")

# %% [markdown]
# If you move a layer from one library to the other, watch its defaults. The same word has opposite meanings:
#
# | | new running mean | default momentum | default $\epsilon$ |
# |---|---|--:|--:|
# | PyTorch | (1 - momentum) old + momentum new | 0.1 | 0.00001 |
# | Keras | momentum old + (1 - momentum) new | 0.99 | 0.001 |
# | `convnet` | as in Keras | 0.9 | 0.00001 |
#
# For the running variance, PyTorch and `convnet` divide by $N - 1$, where $N = m\, n_H\, n_W$ is the number of values
# of a channel, and Keras divides by $N$. (This momentum has nothing to do with the momentum of SGD.)

# %% [markdown]
# ## When the mini-batch is small
#
# Batch normalization needs a batch. With two large photographs per GPU, as is common in object detection, the
# statistics are noisy. Other layers therefore average over other axes, and never over the examples: [**layer
# normalization**](glossary.md#layer-normalization) over all values of an example, and [**group
# normalization**](glossary.md#group-normalization) over the values of an example in a group of channels. They need no
# running statistics, so they compute the same in both modes. Transformers use layer normalization for each token
# separately, and you will meet it again in [After 2020](29_after_2020.ipynb).

# %% [markdown]
# ## Thirty-two layers
#
# Each layer's output is now normalized, in every step, however many layers there are. So depth should no longer be a
# problem. Build the network with 32 convolution layers instead of 8, and train both for three epochs.

# %%
for depth in (8, 32):
    for seed in range(2):
        network = deep_network(seed, norm=True, depth=depth)
        fit(network, images, labels, rate=0.03, epochs=3, seed=seed)
        on_training = evaluate(network, images, labels)[1]
        on_test = evaluate(network, data.test_images, data.test_labels)[1]
        print(
            f"{depth:2} layers: accuracy {on_training:.2f} on training images, {on_test:.2f} on test images"
        )

# %% [markdown]
# It should not be worse, and it is, by far. Running statistics that lag are only a part of it, since in training
# mode, too, the deep network reads fewer than two thirds of its *training* images. So this is not overfitting. A
# lower rate or more epochs narrow the gap. Yet its first eight layers could learn what the small network has learned,
# while the others just pass on what they get. A deep network needs something else, too. You will find it in [Residual
# networks](19_residual_networks.ipynb).

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: three bug reports
#
# Three colleagues ask for help. Which cause fits each report?
#
# 1. "I trained in PyTorch and loaded the weights with `strict=False`. At the end of training the test accuracy was 93%,
#    now it is 31%."
# 2. "After the first epoch of `fit`, the validation accuracy is 14% and the training accuracy 81%. After the fifth
#    epoch, both are at 93%."
# 3. "When I run the same test images in another order, I get another accuracy."
#
# The causes are `"a"` running statistics that lag behind, `"b"` a forgotten `model.eval()`, and `"c"` missing buffers.
# Answer with three letters, one for each report.

# %%
diagnosis = None
### BEGIN SOLUTION
diagnosis = ("c", "a", "b")
### END SOLUTION

# %%
check("diagnosis", diagnosis)

# %% [markdown]
# ### Exercise 2: folding
#
# After training, a convolution and its batch normalization can be merged. Write `fold`, which returns the filters and
# the biases, `(W, b)`, of a single convolution with the same output as both layers in evaluation mode. `W` has the
# shape (f, f, n_C_prev, n_C), and all other arrays have the shape (n_C,).


# %%
def fold(W, b, gamma, beta, mean, variance, epsilon):
    folded = None
    ### BEGIN SOLUTION
    scale = gamma / np.sqrt(variance + epsilon)
    folded = W * scale, (b - mean) * scale + beta
    ### END SOLUTION
    return folded


# %%
check("fold", fold)

# %% [markdown]
# ### Exercise 3: running statistics
#
# Compute the statistics that `nn.BatchNorm2d` holds after it has seen some mini-batches in training mode. `batches`
# has the shape (mini-batches, m, n_H, n_W, n_C), and `momentum` has PyTorch's meaning. Return an array of shape (2,
# n_C): the running means, and below them the running variances. (`np.stack` makes one array of two.)


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


# %%
check("running_statistics", running_statistics)

# %% [markdown]
# ## Recap
#
# 1. The scales of the layers of a deep network multiply, so a network that was normalized before training soon
#    drifts. [Batch normalization](glossary.md#batch-normalization) normalizes each [channel](glossary.md#channel) over
#    examples and positions in every step, then scales it by $\gamma$ and shifts it by $\beta$.
# 2. The factors of the filters cancel and the gradient takes the statistics into account, so higher learning rates
#    work and training is faster.
# 3. In [evaluation mode](glossary.md#evaluation-mode), the layer uses [running statistics](glossary.md#running-statistics)
#    instead of those of the mini-batch. Call `model.eval()`, save the [buffers](glossary.md#buffer), and count the
#    steps before you trust the averages.

# %% [markdown]
# ## What to read next
#
# - Next is [Architectures](18_architectures.ipynb): the networks that are built from these layers.
# - Ioffe and Szegedy, *Batch normalization: accelerating deep network training by reducing internal covariate shift*
#   (2015): [arXiv:1502.03167](https://arxiv.org/abs/1502.03167).
# - Santurkar, Tsipras, Ilyas and Madry, *How does batch normalization help optimization?* (2018):
#   [arXiv:1805.11604](https://arxiv.org/abs/1805.11604).
