# %% [markdown]
# # Batch normalization
#
# Five trained networks classify the same 297 test digits, and each of them does it three times. Nothing is
# trained in between and no weight changes. Yet the accuracy jumps by more than 30 percentage points.

# %% include="lesson_setup"

# %%
import copy

from convnet.data import digits, load_sample_image
from convnet.functional import cross_entropy_backward, relu
from convnet.layers import AveragePooling2D, BatchNormalization, Conv2D, Dense, Flatten
from convnet.layers import MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import SGD, evaluate, train
from lesson_tools.batch_normalization import figures as draw
from lesson_tools.batch_normalization.questions import check, predict
from lesson_tools.batch_normalization.results import results, tuned

data = digits()


def deep_network(seed, norm=True, momentum=0.9, factor=1.0):
    """Eight convolution layers for the digits; factor scales their initial filters."""
    layers = []
    for number in range(8):
        layers.append(Conv2D(16, 3, padding=1))
        if norm:
            layers.append(BatchNormalization(momentum=momentum))
        layers.append(ReLU())
        if number == 0:
            layers.append(MaxPooling2D(2))
    network = Network([*layers, Flatten(), Dense(10)], (8, 8, 1), seed)
    for layer in network.layers:
        if isinstance(layer, Conv2D):
            layer.parameters["W"] *= factor
    return network


def trained(momentum, epochs):
    networks = [deep_network(seed, momentum=momentum) for seed in range(5)]
    for seed, network in enumerate(networks):
        settings = {"epochs": epochs, "optimizer": SGD(0.1), "seed": seed, "progress": False}
        train(network, data.train_images, data.train_labels, **settings)
    return networks


def accuracy_as_in_training(network, order, batch=33):
    network = copy.deepcopy(network)  # the forward pass changes something; see below
    right = 0
    for start in range(0, len(order), batch):
        part = order[start : start + batch]
        scores = network.forward(data.test_images[part], training=True)
        right += np.sum(scores.argmax(axis=1) == data.test_labels[part])
    return right / len(order)


def in_three_ways(network):
    shuffled = np.random.default_rng(0).permutation(len(data.test_labels))
    by_class = np.argsort(data.test_labels, kind="stable")
    return (
        evaluate(network, data.test_images, data.test_labels)[1],
        accuracy_as_in_training(network, shuffled),
        accuracy_as_in_training(network, by_class),
    )


accuracies = {
    "one epoch": np.array([in_three_ways(net) for net in trained(momentum=0.99, epochs=1)])
}
draw.three_ways(accuracies)

# %% [markdown]
# From A to B, each network gains
# [more than 25]{= "more than 25" if (accuracies["one epoch"][:, 1] - accuracies["one epoch"][:, 0]).min() > 0.25 else "fewer" } percentage points.
# In A it runs as it would in an app, in B and C as it ran during training. B and C differ in
# nothing but the order of the images! No line of this code contains an error. If it were yours, you would
# probably look for the bug in the data, the weights and the loss, and find nothing.
#
# All three accuracies are the work of one layer, **batch normalization**. Most convolutional networks since
# 2015 contain it. It has learned parameters like other layers, but it also keeps something
# that is *not* a parameter, and it behaves in two ways. So it is the layer that most often goes wrong
# silently. After this lesson you can explain the figure, and you will recognize the three mistakes when you
# make them.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compute a batch normalization by hand, and say which values share a mean and what is learned;
# 2. recognize a running mean that is too slow, a forgotten `model.eval()`, and missing buffers;
# 3. say what a fair experiment shows about its benefit, and what it does not.
#
# **Time:** about 80 minutes, and 35 for the exercises. **You need:** [Training](14_training.ipynb).

# %% [markdown]
# ## Two questions to start
#
# - In Keras, a mini-batch of feature maps has the shape (32, 8, 8, 16). Which shape does PyTorch give the same feature
#   maps?
# - A network that has learned nothing gives ten classes the same probability. How large is its cross-entropy
#   loss? One decimal is enough.

# %%
predict("layout", None)
predict("untrained", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# (32, 16, 8, 8): examples, channels, rows, columns. (If this was new, go back to
# [One layer, four libraries](16_one_layer_four_libraries.ipynb).)
#
# $-\log \frac{1}{10} = \log 10 \approx$ [2.303]{= f"{np.log(10):.3f}" }. (If this was new, go back to
# [Losses](12_losses.ipynb).)
#
# </details>

# %% [markdown] tags=["row-19"]
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
# The small constant $\epsilon$ prevents a division by 0. At the start $\gamma = 1$ and $\beta = 0$, and
# training can change them if another scale and shift give a smaller loss.
#
# **Predict.** The weights of the layer before grow tenfold, and the four values become 30, 90, 110 and
# 170. Do the values of $\hat Z$ become `"a"` ten times as large, `"b"` ten times as small, or `"c"` do they
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

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`, apart from the tiny effect of $\epsilon$. The deviations and the standard deviation both grow
# tenfold, and the factor cancels. A constant that is added to all values disappears with the mean.
#
# </details>

# %% [markdown] tags=["row-19"]
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

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [16]{= np.zeros((32, 8, 8, 16)).mean(axis=(0, 1, 2)).size }, one for each channel, and each is the
# mean of $32 \cdot 8 \cdot 8 =$ [2,048]{= f"{32 * 8 * 8:,}" } values.
#
# </details>

# %%
examples = data.test_images[[np.flatnonzero(data.test_labels == c)[3] for c in (0, 1, 4)]]
channels = [0, 3, 6, 9]
maps = deep_network(2).layers[0].forward(examples.astype(np.float32), training=False)
draw.shared_statistics(examples[..., 0], maps[..., channels], channels)

# %% [markdown]
# A layer with $n_C$ channels learns $2 n_C$ parameters, $\gamma_c$ and $\beta_c$ for each channel. But look
# at the frame again, because a strange thing has happened in it. The mean contains all three digits, so the
# output for the 0 depends on the 1 and on the 4. In every other layer that you know, an image is on its
# own.

# %% [markdown] tags=["row-19"]
# ## Training mode and evaluation mode
#
# During training, that dependence is acceptable. The statistics of each random mini-batch are a little
# different, and this noise is often said to act as a mild [regularization](glossary.md#regularization). The prediction
# for a customer's photograph, however, must not depend on who else uploads one in the same second.
#
# **Predict.** What if nobody does? A layer has $\gamma = 2$ and $\beta = 1$, and a channel with a single
# value: one example, one position. The value is 7. What is the output, if the layer normalizes with the mean
# and variance of this mini-batch?

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
# A prediction must not depend on its neighbors in the mini-batch, so the layer has two modes:
#
# - In **training mode** it uses the mean and variance of the mini-batch. On the way it updates its
#   [**running statistics**](glossary.md#running-statistics), which are moving averages of the means and of
#   the variances. They start at 0 and 1.
# - In [**evaluation mode**](glossary.md#evaluation-mode) it uses the running statistics. They are
#   constants, so each image is treated independently.
#
# PyTorch switches with `model.train()` and `model.eval()`, Keras with the argument `training`, which
# `fit` and `predict` set for you, and our NumPy networks with `forward(X, training=True)`.

# %% [markdown] tags=["row-19"]
# ## One word, two meanings
#
# How fast does a running mean follow? A number called *momentum* decides, and the libraries disagree on what
# it means. (It has nothing to do with the momentum of SGD.)
#
# | | new running mean | default momentum | running variance divides by |
# |---|---|---|---|
# | PyTorch | (1 - momentum) old + momentum new | 0.1 | $N - 1$ |
# | Keras | momentum old + (1 - momentum) new | 0.99 | $N$ |
# | `convnet` | as in Keras | 0.9 | $N - 1$ |
#
# $N = m\, n_H\, n_W$ is the number of values of a channel. To normalize the mini-batch itself, all three
# divide its variance by $N$. After a first mini-batch with mean 10, the running mean is
# $0.9 \cdot 0 + 0.1 \cdot 10 = 1$ in PyTorch and $0.99 \cdot 0 + 0.01 \cdot 10 = 0.1$ in Keras.
#
# **Predict.** Then comes a second mini-batch, whose mean is 10 as well. What are the running means now?
# Answer with `(PyTorch, Keras)`.

# %%
predict("second", None)

# %% needs="torch"
import torch
from torch import nn

layer = nn.BatchNorm2d(1)  # a new layer is in training mode
for _ in range(2):
    layer(torch.tensor(values, dtype=torch.float32))
    print("PyTorch:", layer.running_mean, layer.running_var)

# %% needs="keras tensorflow"
import keras
from keras import layers

layer = layers.BatchNormalization()
for _ in range(2):
    layer(values.astype("float32"), training=True)
    gamma, beta, moving_mean, moving_variance = layer.get_weights()
    print("Keras:  ", moving_mean, moving_variance)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[(1.9, 0.199)]{= (round(0.9 * 1 + 0.1 * 10, 3), round(0.99 * 0.1 + 0.01 * 10, 3)) }`: in PyTorch
# $0.9 \cdot 1 + 0.1 \cdot 10$, in Keras $0.99 \cdot 0.1 + 0.01 \cdot 10$. Both are on the way to 10, but one
# of them walks and the other one crawls.
#
# </details>

# %% [markdown]
# ## Mistake 1: a running mean that is too slow
#
# The networks of the first figure had Keras' default momentum of 0.99, and one epoch of them is 47 steps.
#
# **Predict.** How much weight do the starting values 0 and 1 still have in the running statistics after 47 steps?
# Answer in percent.

# %%
predict("start", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Each step keeps 99% of it, so it is $0.99^{47} =$ [62%]{= f"{0.99**47:.0%}" }. With PyTorch's default, it is
# [0.7%]{= f"{0.9**47:.1%}" }.
#
# </details>
#
# So in A the eight layers subtracted means and divided by standard deviations that still were, for the most part, the
# starting values 0 and 1. The weights were fine. If this explanation is right, then a faster momentum should repair A, and leave B and C alone. The
# next cell tries it. (It also trains another five networks, for four epochs, which we need in a moment.)

# %%
by_momentum = {"momentum 0.99": accuracies["one epoch"]}
for name, epochs in (("momentum 0.9", 1), ("momentum 0.9,\nfour epochs", 4)):
    by_momentum[name] = np.array([in_three_ways(net) for net in trained(0.9, epochs)])
draw.three_ways(by_momentum)

# %% [markdown]
# It does. With a momentum of 0.9, A reaches a mean of about
# [0.8]{= f"{by_momentum['momentum 0.9'][:, 0].mean():.1f}" } instead of
# [a quarter]{= "a quarter" if 0.15 < by_momentum['momentum 0.99'][:, 0].mean() < 0.35 else "another part" }. B and C are the same to the last digit, because training
# itself never uses the running statistics.
#
# You will meet this as a Keras model whose validation accuracy is terrible in the first epochs, while the
# training accuracy looks great. Before you call it overfitting, count the steps. In short training runs, use
# `BatchNormalization(momentum=0.9)`.

# %% [markdown]
# ## Mistake 2: a forgotten model.eval()
#
# The opposite mistake is to evaluate in training mode. Compare the squares with the triangles in the last row.
# As long as each mini-batch is a random mixture of all classes, as in B, you hardly notice anything. That is the
# nasty part. In C, the same images are sorted by class, and the mean accuracy is
# about [10]{= round(10 * (by_momentum['momentum 0.9,' + chr(10) + 'four epochs'][:, 0] - by_momentum['momentum 0.9,' + chr(10) + 'four epochs'][:, 2]).mean()) * 10 }
# percentage points lower than in A.
#
# Each mini-batch of C consists of two classes. What its images have in common is in their mean, and the
# layer subtracts the mean. A folder of images is sorted by class more often than not.
#
# It gets worse. Every forward pass in training mode also updates the running statistics, so an evaluation changes
# the model. (That is why the code above works on a copy.) There is no error message. So call `model.eval()`
# before you evaluate, and `model.train()` before you go on training.

# %% [markdown] tags=["row-19"]
# ## A network with 10,314 parameters
#
# The third mistake happens when you save a network or move it to another library. Our example takes color images
# of 32 x 32 pixels. The ten classes are ten vertical strips of two photographs.

# %%
photos = [load_sample_image(name).astype(np.float32) / 255 for name in ("china.jpg", "flower.jpg")]


def patches(rng, count):
    """Random patches of 32 x 32 pixels and their classes, the strips from which they were cut."""
    classes = rng.integers(0, 10, count)
    rows, columns = rng.integers(0, 427 - 32, count), rng.integers(0, 128 - 32, count)
    corners = zip(classes, rows, columns + 128 * (classes % 5), strict=True)
    return np.stack([photos[c // 5][r : r + 32, q : q + 32] for c, r, q in corners]), classes


draw.strips(photos, *patches(np.random.default_rng(1), 10))


# %%
def small_network(dtype=np.float32):
    layers = [Conv2D(16, 3, padding=1), BatchNormalization(), ReLU()]
    layers += [Conv2D(32, 3, stride=2, padding=1), BatchNormalization(), ReLU()]
    return Network([*layers, AveragePooling2D(4), Flatten(), Dense(10)], (32, 32, 3), dtype=dtype)


cnn = small_network()
print(cnn.summary())

# %% [markdown]
# Of the [10,314]{= f"{cnn.parameters.size:,}" } parameters, the two batch normalizations learn $2 \cdot 16 + 2 \cdot 32 =$
# [96]{= sum(layer.parameters["gamma"].size * 2 for layer in (cnn.layers[1], cnn.layers[4])) }.
#
# **Predict.** You write the 10,314 parameters into a file. How many numbers are missing in it, if the network
# is to make the same predictions elsewhere?

# %%
predict("buffers", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [96]{= sum(array.size for n in (1, 4) for array in cnn.layers[n].state.values()) }: a running mean and a running variance
# for each of 48 channels.
#
# </details>

# %% [markdown]
# ## Mistake 3: missing buffers
#
# In PyTorch, the running statistics are [**buffers**](glossary.md#buffer): arrays that belong to a module but have no
# gradient. `model.parameters()` leaves them out, and `model.state_dict()` contains them. (Keras calls them
# non-trainable weights and counts them, so its `summary()` says [10,410]{= f"{cnn.parameters.size + 96:,}" }.) We train
# the network in PyTorch, so that the buffers change.


# %% needs="torch"
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset


class SmallNetwork(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AvgPool2d(4),
        )
        self.classifier = nn.Linear(32 * 4 * 4, n_classes)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


def tensors(images, classes):
    return TensorDataset(torch.tensor(images).permute(0, 3, 1, 2), torch.tensor(classes))


def scores_and_accuracy(model):
    model.eval()
    with torch.inference_mode():
        scores = model(x_test.to(device))
    return scores.cpu(), (scores.argmax(dim=1).cpu() == y_test).float().mean().item()


device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else "cpu"
torch.manual_seed(0)
model = SmallNetwork().to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
rng = np.random.default_rng(0)
images, classes = patches(rng, 400)
x_test, y_test = tensors(images, classes).tensors
loader = DataLoader(tensors(*patches(rng, 1600)), batch_size=32, shuffle=True)
model.train()
for _ in range(3):
    for x, y in loader:
        loss = F.cross_entropy(model(x.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

scores, accuracy = scores_and_accuracy(model)
print(f"accuracy on 400 other patches: {accuracy:.2f}")
for name, tensor in model.features[1].state_dict().items():
    print(f"{name:20} {tuple(tensor.shape)}")

# %% [markdown]
# A random guess is right in one case of ten. (The patches overlap, so this accuracy says nothing about other
# photographs.) Now copy the network twice, once with everything and once with the parameters alone.

# %% needs="torch"
complete, incomplete = SmallNetwork().to(device), SmallNetwork().to(device)
print(complete.load_state_dict(model.state_dict()))
result = incomplete.load_state_dict(dict(model.named_parameters()), strict=False)
print("missing:", [name for name in result.missing_keys if "running" in name])
for name, copied in (("complete", complete), ("incomplete", incomplete)):
    print(f"{name:10} accuracy {scores_and_accuracy(copied)[1]:.2f}")

# %% [markdown]
# With `strict=True`, which is the default, the second call would have raised an error. That is what the default is
# for. Somebody writes `strict=False` to silence an error about another layer, and this one is silenced with it. And
# when you copy arrays by hand, nothing warns you at all. Keras expects the four arrays of a layer in the order
# $\gamma$, $\beta$, mean, variance:

# %% needs="torch keras tensorflow"
keras_model = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        layers.Conv2D(16, 3, padding="same"),
        layers.BatchNormalization(epsilon=1e-5),
        layers.ReLU(),
        layers.ZeroPadding2D(1),  # at stride 2, "same" would pad differently
        layers.Conv2D(32, 3, strides=2),
        layers.BatchNormalization(epsilon=1e-5),
        layers.ReLU(),
        layers.AveragePooling2D(4),
        layers.Permute((3, 1, 2)),  # PyTorch flattens channels first
        layers.Flatten(),
        layers.Dense(10),
    ]
)
arrays = [array.cpu().numpy() for name, array in model.state_dict().items() if "num_" not in name]
to_keras = {4: (2, 3, 1, 0), 2: (1, 0), 1: (0,)}  # the order of the axes, by their number
in_order = [array.transpose(to_keras[array.ndim]) for array in arrays]
keras_model.set_weights(in_order)
print(np.abs(keras_model.predict(images, verbose=0) - scores.numpy()).max())

# %% [markdown]
# The scores agree. (Luckily, PyTorch's state dict has its arrays in the same order as Keras' weights. `Permute` before
# `Flatten` does what `dense_to_torch` did in the last lesson: there the weights moved, here the values do.) NumPy and
# TensorFlow take the same arrays. Here is TensorFlow's function for the first normalization, beside our `convnet`:

# %% needs="torch keras tensorflow"
import tensorflow as tf

W, b, gamma, beta, mean, variance = in_order[:6]
Z = tf.nn.conv2d(images, W, strides=1, padding="SAME") + b
A_tf = tf.nn.batch_normalization(Z, mean, variance, beta, gamma, variance_epsilon=1e-5)

conv, norm = cnn.layers[:2]
conv.parameters["W"][...], conv.parameters["b"][...] = W, b
norm.parameters["gamma"][...], norm.parameters["beta"][...] = gamma, beta
norm.state.update(mean=mean, variance=variance)
A_numpy = norm.forward(conv.forward(images, training=False), training=False)
print(np.abs(A_tf.numpy() - A_numpy).max())

# %% [markdown] tags=["row-19"]
# ## The constant epsilon
#
# One more number differs between the libraries, and no file of weights contains it. By default, $\epsilon$ is $10^{-3}$ in
# Keras and $10^{-5}$ in PyTorch and `convnet`. Where the variance of a channel is far above $10^{-3}$, nobody notices. Suppose that a channel
# has a variance of $10^{-4}$. Normalized with PyTorch's $\epsilon$, its standard deviation becomes
# $\sqrt{10^{-4} / (10^{-4} + 10^{-5})} =$ [0.95]{= f"{(1e-4 / (1e-4 + 1e-5)) ** 0.5:.2f}" }, with that of Keras
# [0.30]{= f"{(1e-4 / (1e-4 + 1e-3)) ** 0.5:.2f}" }. So set epsilon explicitly when you move weights, as the cell
# above did.

# %% [markdown]
# ## What is it good for?
#
# After so much trouble, what do we get? The usual answer starts with the scale of the activations. A
# convolution layer multiplies it by a factor that depends on the weights, and eight such factors are multiplied. The next
# cell measures the standard deviation after each ReLU before training, in our eight layers with Glorot's
# [initialization](glossary.md#initialization), which Keras uses by default, with He's, which was made for ReLU, and with
# batch normalization. From 16 to 16 channels, He's has twice the variance of Glorot's. (In the first layer, from 1 to 16,
# it would have even more. We use the factor 2 in all eight layers.)


# %%
def deviations(network):
    """Return the standard deviation of the activations after each ReLU."""
    A, stds = data.train_images[:256].astype(np.float32), []
    for layer in network.layers:
        A = layer.forward(A, training=True)
        if isinstance(layer, ReLU):
            stds.append(A.std())
    return stds


ARMS = {  # batch normalization, factor: with 16 inputs and outputs, He's variance is twice Glorot's
    "without": (False, np.sqrt(2)),
    "without, Glorot": (False, 1.0),
    "with batch normalization": (True, np.sqrt(2)),
}
draw.scales(
    {
        name: np.array([deviations(deep_network(s, norm, factor=factor)) for s in range(5)])
        for name, (norm, factor) in ARMS.items()
    }
)

# %% [markdown]
# With Glorot's initialization the signal fades from layer to layer. In layer 8, all values are close to 0, so the scores
# hardly depend on the image. He's initialization sets the scale once and quite well. Batch normalization corrects it
# in every layer and after every step. But a beautiful figure before
# training is no proof of anything. What happens when they train?

# %% [markdown] tags=["row-19"]
# ## Batch normalization and the learning rate
#
# An earlier edition of this course compared the two at a single learning rate, 0.1, with Glorot's initialization, and showed
# a network without batch normalization that "hardly learns anything". That was true, and unfair. So here are the
# rules now: six learning rates for each network, and for each rate five runs, each with a seed and a training set (1,200 of the
# 1,500 digits) of its own. The networks in the figure are trained with plain SGD.
# (`python -m benchmarks.lessons.batch_normalization`; the results are stored with the course.)

# %%
study = results()
draw.rates({name: study[name] for name in ARMS})

# %%
for epochs in (3, 8):
    for name in study:
        rate, losses = tuned(name, epochs)
        accuracy = tuned(name, epochs, "test accuracy")[1].mean()
        runs = f"{losses.min():.3f} to {losses.max():.3f}"
        print(
            f"{epochs} epochs, {name:30} rate {rate:<6} loss {runs}, test accuracy {accuracy:.3f}"
        )

# %% [markdown]
# We read four things from the figure and the table, in which each network has the rate with its smallest mean training loss.
#
# 1. **Much of the old gap was the initialization.** With He's, the network without batch normalization reaches a mean loss of
#    [0.06]{= f"{tuned('without', 8)[1].mean():.2f}" } after eight epochs, with Glorot's
#    [0.29]{= f"{tuned('without, Glorot', 8)[1].mean():.2f}" }.
# 2. **Batch normalization still wins.** With the same images and the same first filters, its loss is smaller in
#    [5]{= int(np.sum(tuned('with batch normalization', 3)[1] < tuned('without', 3)[1])) } of 5 runs after three epochs, and in
#    [5]{= int(np.sum(tuned('with batch normalization', 8)[1] < tuned('without', 8)[1])) } of 5 after eight. After eight epochs, its test
#    accuracy is higher in
#    [5]{= int(np.sum(tuned('with batch normalization', 8, 'test accuracy')[1] > tuned('without', 8, 'test accuracy')[1])) } of 5 runs as
#    well, with a mean of
#    [0.93]{= f"{tuned('with batch normalization', 8, 'test accuracy')[1].mean():.2f}" } against
#    [0.90]{= f"{tuned('without', 8, 'test accuracy')[1].mean():.2f}" }. (After three epochs, one
#    of its runs reads only
#    [46%]{= f"{tuned('with batch normalization', 3, 'test accuracy')[1].min():.0%}" } of the test digits, with a small training loss. Are
#    its running statistics too old? We ran it again, step by step
#    (`python -m benchmarks.lessons.batch_normalization --steps`). In training mode it reads 65%, so they explain less
#    than half of it. The rest is the work of a single step. Before the last mini-batch of the epoch, which has only 16 images, the
#    network read 87%, and four steps later it reads 90%.)
# 3. **It makes the choice of the rate easier.** After eight epochs its mean loss is below 0.5 at
#    [5]{= sum(bool(runs[:, 1].mean() < 0.5) for runs in study['with batch normalization'].values()) } of the six rates, without it
#    at [3]{= sum(bool(runs[:, 1].mean() < 0.5) for runs in study['without'].values()) }. It does not forgive everything: at the rate 1,
#    some of its runs fail, too.
# 4. **Adam closes much of the gap.** We also gave both networks Adam, with four rates each. After three epochs, the
#    losses are [0.17]{= f"{tuned('without, Adam', 3)[1].mean():.2f}" } without and
#    [0.05]{= f"{tuned('with batch normalization, Adam', 3)[1].mean():.2f}" } with batch normalization (SGD:
#    [0.55]{= f"{tuned('without', 3)[1].mean():.2f}" } and [0.07]{= f"{tuned('with batch normalization', 3)[1].mean():.2f}" }). After eight, it
#    still has the smaller loss in
#    [5]{= int(np.sum(tuned('with batch normalization, Adam', 8)[1] < tuned('without, Adam', 8)[1])) } of 5 runs, but the mean test accuracies
#    are [0.921]{= f"{tuned('with batch normalization, Adam', 8, 'test accuracy')[1].mean():.3f}" } and
#    [0.911]{= f"{tuned('without, Adam', 8, 'test accuracy')[1].mean():.3f}" }. That is 3 of 297 digits, which could be luck.
#
# And what could we not show? These are tiny images and one network. We did not tune a schedule or the width, and
# [Residual networks](19_residual_networks.ipynb) shows another way to train deep networks. Very deep networks have been trained without
# any normalization, by a careful start or by clipped gradients (Brock and others, *NFNets*, 2021), at the price of more tuning.

# %% [markdown]
# ## Why does it help?
#
# Ioffe and Szegedy gave a reason in the title of their paper: it reduces **internal covariate shift**. While a
# layer learns, the distribution of its inputs changes, because the layers before it learn as well, so it is
# aiming at a moving target. The explanation is so plausible that you find it everywhere.
#
# Santurkar and others (2018) tested it. They added random noise *after* each batch normalization, with another mean and
# variance in each step, so that the distributions moved even more than in a network without it. The network
# trained nearly as well as before. Their own measurements suggest another reason: the loss and its gradient
# change more smoothly with the parameters, so longer steps are safe. It fits the wider range in our figure, but a fit is not
# a test, and theirs is one account of several. **That it helps is well established. Why is an open question.**
# Beware of texts that answer it in one sentence.

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
# **Predict.** Which array of a convolution or of the batch normalization after it
# always has a gradient of 0 in training mode: `"W"`, `"b"`, `"gamma"` or `"beta"`?

# %%
predict("zero_gradient", None)

# %%
network, rng = small_network(np.float64), np.random.default_rng(0)
scores_64 = network.forward(rng.uniform(0, 1, (16, 32, 32, 3)), training=True)
network.backward(cross_entropy_backward(scores_64, rng.integers(0, 10, 16)))
for layer in network.layers[:2]:
    for name, gradient in layer.gradients.items():
        print(f"{type(layer).__name__:18} {name:5} largest gradient {np.abs(gradient).max():.0e}")

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
# So a convolution needs no bias if batch normalization follows it, because $\beta$ takes over. Most
# models leave it out, with `bias=False` in PyTorch or `use_bias=False` in Keras. Our network could have
# saved [48]{= sum(layer.parameters["b"].size for layer in (cnn.layers[0], cnn.layers[3])) } parameters.

# %% [markdown]
# ## Layer and group normalization
#
# Batch normalization needs a batch. With two large photographs per GPU, as in object detection, its statistics are noisy,
# and in a language model the "positions" of a sentence are words, whose number varies. Other layers therefore average over other
# axes, and never over the examples. They need no running statistics and compute the same in both modes, so all three
# mistakes of this lesson are impossible with them.
#
# | layer | one mean for each | averaged over | means for (32, 8, 8, 16) |
# |---|---|---|--:|
# | batch normalization | channel | examples, positions | 16 |
# | [layer normalization](glossary.md#layer-normalization) | example | positions, channels | 32 |
# | instance normalization | example and channel | positions | 512 |
# | [group normalization](glossary.md#group-normalization), 4 groups | example and group of channels | positions, channels of the group | 128 |
#
# All four are the same three lines of code with other axes:


# %%
def normalize(Z, axes, epsilon=1e-5):
    mean, variance = Z.mean(axis=axes, keepdims=True), Z.var(axis=axes, keepdims=True)
    return (Z - mean) / np.sqrt(variance + epsilon), mean.size


Z = np.random.default_rng(0).normal(3, 2, (32, 8, 8, 16))
print("batch   ", normalize(Z, (0, 1, 2))[1])
print("layer   ", normalize(Z, (1, 2, 3))[1])
print("instance", normalize(Z, (1, 2))[1])
print("group   ", normalize(Z.reshape(32, 8, 8, 4, 4), (1, 2, 4))[1])

# %% [markdown]
# Transformers, and convolutional networks that borrow from them, use layer normalization over the channels of each *position*, which
# makes 32 x 8 x 8 means here. That is what Keras' `LayerNormalization` does by default, while PyTorch's
# `nn.GroupNorm(1, 16)` is the row of the table. You will meet it again in
# [After 2020](29_after_2020.ipynb).

# %% [markdown]
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
# needed. [Efficient networks](23_efficient_networks.ipynb) does this for a whole network.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: four bug reports
#
# Four colleagues ask for help. Which cause fits each report?
#
# 1. "I trained in PyTorch and loaded the weights with `strict=False`. At the end of training the test accuracy was 93%, now it
#    is 31%."
# 2. "After the first epoch of `fit`, the validation accuracy is 14% and the training accuracy 81%. After the fifth epoch, both
#    are at 93%."
# 3. "When I run the same test images in another order, I get another accuracy."
# 4. "I moved all arrays from Keras to PyTorch, and the running statistics, too. The outputs agree up to one batch
#    normalization, whose inputs are tiny, and differ from there on."
#
# The causes are `"a"` a momentum that is too slow, `"b"` a forgotten `model.eval()`, `"c"` missing buffers, and `"d"`
# another epsilon. Answer with four letters, one for each report.

# %%
diagnosis = None
### BEGIN SOLUTION
diagnosis = ("c", "a", "b", "d")
### END SOLUTION

# %%
check("diagnosis", diagnosis)

# %% [markdown]
# ### Exercise 2: move a layer to PyTorch
#
# A Keras model contains `layers.BatchNormalization(momentum=0.99, epsilon=0.001)`. You want to go on
# training it in PyTorch with `nn.BatchNorm2d(32, eps=..., momentum=...)`. Which two values do you pass?
# Answer with a tuple, `(eps, momentum)`.

# %%
eps_and_momentum = None
### BEGIN SOLUTION
eps_and_momentum = (0.001, 0.01)
### END SOLUTION

# %%
check("eps_and_momentum", eps_and_momentum)

# %% [markdown]
# ### Exercise 3: running statistics
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


# %%
check("running_statistics", running_statistics)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the numbers in the cell below.
#
# 1. ... all initial filters are 100 times as large (`factor = 100`), or 100 times as small? With batch
#    normalization, and without?
# 2. ... a mini-batch has only 2 images, or 1? And if the learning rate is smaller, too?

# %%
norm, factor, batch, rate = True, 1, 32, 0.1  # change these
network = deep_network(0, norm, factor=factor)
settings = {"epochs": 1, "optimizer": SGD(rate), "batch": batch, "progress": False}
history = train(network, data.train_images, data.train_labels, **settings)
print(f"mean loss of the epoch: {history[-1].loss:.2f}")
print(f"test accuracy: {evaluate(network, data.test_images, data.test_labels)[1]:.2f}")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. With batch normalization, both learn, more slowly than with `factor = 1`. Without it, neither does: with the large
#    filters `train` stops because the loss is nan, and with the small ones it stays at $\log 10$. The normalization removes the
#    factor from the output, apart from $\epsilon$. It does not remove it from the steps: filters that are 100 times as large get
#    a gradient that is 100 times as small, which hardly moves them.
# 2. At the rate 0.1, the network learns as well from 2 images as from 32, and much worse from 1. It would be easy to blame the
#    16 values that a channel of a single image has after the pooling layer, but it is the rate. At 0.003, mini-batches of 1
#    reached more than 80% in three runs of three, and so did mini-batches of 2 at 0.01. With 32 images and the rate 0.1, only
#    one of three runs did, but its epoch has 47 steps instead of 1,500 or 750.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **compute a [batch normalization](glossary.md#batch-normalization):** subtract the mean, divide by
#    $\sqrt{\sigma^2 + \epsilon}$, multiply by $\gamma$, add $\beta$; one mean and one variance per
#    [channel](glossary.md#channel), over examples and positions; $2 n_C$ learned parameters;
# 2. **recognize three silent mistakes:**
#
# | you see | cause | remedy |
# |---|---|---|
# | good training accuracy, terrible validation accuracy at first | slow [running statistics](glossary.md#running-statistics) | another momentum; opposite meanings in Keras and PyTorch |
# | the accuracy depends on the order of the images | [evaluation mode](glossary.md#evaluation-mode) forgotten | `model.eval()` |
# | a copy is much worse than its original | missing [buffers](glossary.md#buffer) | save the state dict, load with `strict=True` |
#
# 3. **say what the experiment shows:** with each rate tuned and a good initialization in both, the network with batch
#    normalization trained faster in each of five runs, and at more learning rates. Why it does is an open question.

# %% [markdown]
# ## What to read next
#
# - Next is [Architectures](18_architectures.ipynb): the networks that are built from these layers.
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
# - Brock, De, Smith and Simonyan, *High-performance large-scale image recognition without normalization* (2021):
#   [arXiv:2102.06171](https://arxiv.org/abs/2102.06171).
# - PyTorch, [BatchNorm2d](https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html); Keras,
#   [BatchNormalization](https://keras.io/api/layers/normalization_layers/batch_normalization/).
