# %% [markdown]
# # Fashion-MNIST
#
# So far the arrays had a few numbers and the answers were known. Now the same layers get real
# photographs and have to learn. You meet a data set on which many networks are tried first, models
# that another course has published results for, and what our own trainings of them gave. Our own
# results need not be believed: they are read from files that a command can make again.
#
# **When you have finished, you will be able to**
#
# 1. load a data set of images, and say what its arrays hold, in which shape and in which range;
# 2. compute the sizes and the parameters of a network, layer by layer, before you train it;
# 3. read a training's history and a confusion matrix, and say from them what a network has learned
#    and from when on it learned its training images by heart.
#
# About 75 minutes. You need [Output sizes](06_output_sizes.ipynb), [Pooling](07_pooling.ipynb) and
# [Losses](09_losses.ipynb).
# No framework is needed; the cells for Keras or PyTorch are skipped where those are missing.

# %% include="lesson_setup"

# %% [markdown]
# ## Scores, by hand
#
# Before the real data, four images and three classes, so that every number can be checked. A network
# has given each image three probabilities. The array $P$ holds them, one row for an image $i$, one
# column for a class $k$; $y_i$ is the number of the right class, its *label*.

# %%
P = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
y = np.array([0, 1, 2, 2])

# %% [markdown]
# The network's answer for an image is the class with the largest probability. The *accuracy* is the
# share of images whose answer is right, and the *loss* is the mean cross-entropy of the $m$ images:
#
# $$\text{accuracy} = \frac{1}{m}\sum_{i} [\arg\max_k P_{ik} = y_i] \qquad
# \text{loss} = -\frac{1}{m}\sum_{i} \ln P_{i\,y_i}$$
#
# The square brackets are 1 where what they hold is true and 0 where it is not; $\ln$ is the natural
# logarithm.
#
# **Predict, then run.** Which image is answered wrongly? What is the accuracy?

# %%
answers = P.argmax(axis=1)
accuracy = np.mean(answers == y)
loss = -np.mean(np.log(P[np.arange(4), y]))
print("answers ", answers)
print("labels  ", y)
print(f"accuracy {accuracy}, loss {loss:.4f}")

# %% [markdown]
# The third image is of class 2, and the network says 1. So the accuracy is [0.75]{= accuracy }. The
# loss is the mean of $-\ln 0.7$, $-\ln 0.6$, $-\ln 0.3$ and $-\ln 0.8$, which is
# [0.5737]{= f"{loss:.4f}" }: the wrong answer alone contributes
# [1.2040]{= f"{-np.log(0.3):.4f}" } to the sum of [2.2946]{= f"{4 * loss:.4f}" }.
#
# The two can part. If the network became more certain of its wrong answer, with 0.01 in place of
# 0.3, the accuracy would stay the same and the loss would grow. Further down a real training does it.

# %%
P_certain = P.copy()
P_certain[2] = [0.04, 0.95, 0.01]
loss_certain = -np.mean(np.log(P_certain[np.arange(4), y]))
print(f"accuracy {np.mean(P_certain.argmax(axis=1) == y)}, loss {loss_certain:.4f}")

# %% [markdown]
# A *confusion matrix* says which classes are taken for which. Its row is the right class, its column
# the answer, and the entry counts the images. The right answers are on the diagonal.

# %%
from convnet.plots import draw_confusion

fig, ax = plt.subplots(figsize=(3.2, 3.2), layout="constrained")
draw_confusion(ax, y, answers, ["class 0", "class 1", "class 2"])
present(
    fig,
    "A table of three rows and three columns. On the diagonal stand 1, 1 and 1. In the row of class "
    "2 and the column of class 1 stands another 1: an image of class 2 that was taken for class 1. "
    "All other entries are 0.",
)

# %% [markdown] tags=["row-20"]
# ## The data
#
# Fashion-MNIST is a set of 70,000 grey photographs of clothes, 28 pixels high and wide, in ten
# classes with 7,000 images each. 60,000 are for training and 10,000 for testing. A network never
# learns from the test images: they stand for what it will meet later.
#
# The next cell loads the set, which downloads 30 MB the first time. Where there is no network and
# the files are not on this computer, it takes the handwritten digits that come with scikit-learn
# instead, and says so. Both come in the same form, so the cells that use them work with either.

# %%
from convnet.data import DataError, digits, fashion_mnist

try:
    data, name, trained_name = fashion_mnist(), "Fashion-MNIST", "lenet-fashion-mnist"
except DataError as error:
    data, name, trained_name = digits(), "the handwritten digits", "digits"
    print(f"Fashion-MNIST is not here: {error}\n")
print(f"This lesson goes on with {name}.")

# %%
for part in ("train", "test"):
    images, labels = getattr(data, f"{part}_images"), getattr(data, f"{part}_labels")
    print(f"{part}: images {images.shape} {images.dtype}, from {images.min()} to {images.max()}")
    print(f"{' ' * len(part)}  labels {labels.shape} {labels.dtype}, {np.bincount(labels)} of each")

# %% [markdown]
# What to look at in any data set, before anything is trained:
#
# - **The shape.** `(m, n_H, n_W, n_C)`: images first, channels last. A grey image has one channel,
#   and the axis is there all the same. A file often has no such axis; `images[..., None]` adds it.
# - **The range.** The files hold whole numbers from 0 to 255 (the digits: to 16). Divided by the
#   largest they run from 0 to 1. A layer's starting weights are drawn for inputs of about that size;
#   with inputs up to 255 the first losses would be huge, and so would the gradients.
# - **The labels.** Whole numbers from 0 on, about as many of each class. Where one class had nine images in
#   ten, an accuracy of 0.9 would be worth nothing: whoever always names that class has it.

# %%
fig, axes = plt.subplots(2, 5, figsize=(8, 3.8), layout="constrained")
for label, ax in enumerate(axes.flat):
    first = np.argmax(data.train_labels == label)
    ax.imshow(data.train_images[first, :, :, 0], cmap="gray_r")
    ax.set_title(f"{label}: {data.names[label]}", fontsize=10)
    ax.axis("off")
present(
    fig,
    f"The first training image of each of the ten classes of {name}, dark on white: "
    + ", ".join(data.names),
)

# %% [markdown] tags=["row-21"]
# ## LeNet, layer by layer
#
# LeNet read the digits on bank cheques in the 1990s. With ReLU and max pooling, as it is built today,
# it has two blocks of convolution and pooling, and three fully connected layers.
#
# Its sizes follow from one formula, which is that of the lesson
# [Output sizes](06_output_sizes.ipynb): an input of $i$ pixels, a window of $f$, a
# padding of `pad` on each side and a stride of $s$ give $\lfloor (i + 2\,pad - f)/s \rfloor + 1$.
# A convolution with $n_C$ filters on $n_C'$ channels has $(f \cdot f \cdot n_C' + 1)\, n_C$
# parameters, where the 1 is the bias. A fully connected layer of $n$ outputs on $n'$ inputs has
# $(n' + 1)\, n$. Pooling has none.
#
# **Predict, then run.** LeNet's first convolution has six 5x5 filters and pads by 2; the second has
# sixteen 5x5 filters and does not pad. Each is followed by 2x2 pooling with stride 2. How many
# numbers reach the first fully connected layer? Which layer has the most parameters?


# %%
def table_of_sizes(layers, size, channels):
    """Print what each layer makes of its input; returns the number of parameters."""
    total = 0
    for kind, n, f, stride, pad in layers:
        count = 0
        if kind == "dense":
            inputs = size * size * channels
            count, size, channels = (inputs + 1) * n, 1, n
        else:
            size = (size + 2 * pad - f) // stride + 1
            if kind == "conv":
                count, channels = (f * f * channels + 1) * n, n
        total += count
        print(f"{kind:5}  {f'({size}, {size}, {channels})':>15} {count:>10,}")
    print(f"{'':22} {total:>10,}")
    return total


LENET = [
    ("conv", 6, 5, 1, 2),
    ("pool", 0, 2, 2, 0),
    ("conv", 16, 5, 1, 0),
    ("pool", 0, 2, 2, 0),
    ("dense", 120, 0, 0, 0),
    ("dense", 84, 0, 0, 0),
    ("dense", 10, 0, 0, 0),
]
lenet_parameters = table_of_sizes(LENET, 28, 1)

# %% [markdown]
# 5 by 5 by 16 is [400]{= 5 * 5 * 16 } numbers, and the layer that takes them has
# [48,120]{= f"{401 * 120:,}" } of the [61,706]{= f"{lenet_parameters:,}" } parameters: more than three
# quarters. The two convolutions have [2,572]{= f"{156 + 2416:,}" } together. But each of their weights
# is used at every place, and so they do
# [86%]{= f"{(784 * 150 + 100 * 2400) / (784 * 150 + 100 * 2400 + 400 * 120 + 120 * 84 + 840):.0%}" } of the
# multiplications.
#
# The same network, of the course's own layers. `Network` computes the sizes when it is built, so a
# layer that does not fit is refused at once.

# %%
from convnet.models import lenet

network = lenet()
print(network.parameters.size, "parameters on 28x28x1")
print(
    lenet(input_shape=(32, 32, 3)).parameters.size, "on colour images of 32x32, such as CIFAR-10's"
)
assert network.parameters.size == lenet_parameters

# %% needs="keras tensorflow"
import keras
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D

keras_lenet = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        Conv2D(6, 5, padding="same", activation="relu"),
        MaxPooling2D(2),
        Conv2D(16, 5, activation="relu"),
        MaxPooling2D(2),
        Flatten(),
        Dense(120, activation="relu"),
        Dense(84, activation="relu"),
        Dense(10, activation="softmax"),
    ]
)
assert keras_lenet.count_params() == lenet_parameters
keras_lenet.summary()

# %% needs="torch"
from torch import nn

torch_lenet = nn.Sequential(
    *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
    *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
    *(nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()),
    nn.Linear(84, 10),
)
assert sum(p.numel() for p in torch_lenet.parameters()) == lenet_parameters
torch_lenet

# %% [markdown]
# Keras ends in a softmax here, and PyTorch and our own network do not: their loss takes the scores
# before the softmax, which is the stable way that
# [Losses](09_losses.ipynb) shows. It is the same network.
#
# ## A training you can watch
#
# A training goes over all training images again and again; each time is an *epoch*. It takes a
# *batch* of images, computes the loss and its gradient, and moves every parameter a little against
# its gradient. Here *Adam* makes these steps: it follows a running mean of the gradients, and chooses
# for each parameter how far to go.
#
# The digits are small enough to learn while you wait. The network has two convolutions, one pooling
# and one fully connected layer.

# %%
from convnet.models import digits_network
from convnet.training import Adam, train

small = digits()
digit_reader = digits_network(seed=1)
digits_history = train(
    digit_reader,
    small.train_images,
    small.train_labels,
    epochs=12,
    batch=32,
    optimizer=Adam(1e-3),
    seed=1,
    validation=(small.test_images, small.test_labels),
    progress=False,
)
for number, epoch in enumerate(digits_history, 1):
    print(f"epoch {number:2}: test accuracy {epoch.validation_accuracy:.3f}")

# %%
from convnet.plots import draw_history

fig, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
draw_history(axes, digits_history)
present(
    fig,
    "Two plots against the epoch, 1 to 12. On the left the loss of the training and of the test images "
    "falls steeply at first, then slowly. On the right both accuracies rise steeply, then slowly; from "
    "the second epoch on that of the test images is below that of the training images.",
)

# %% [markdown]
# The dashed line is what counts. The plot calls it *validation*; here it is that of the test images,
# from which the network does not learn. After the first epochs it is worse than the solid one, since the network has never seen
# those images; and both still improve. (In the first epochs the dashed line is the better one. The
# solid line is the mean over an epoch, in which the network was worse than at its end, where the
# dashed one is measured.)

# %% [markdown] tags=["row-20"]
# ## Five published models
#
# A published course builds five networks for Fashion-MNIST, to show what pooling, strides and padding
# do. All are rows of convolutions with one fully connected layer at the end. What differs is how
# the image gets smaller:
#
# | name | how it gets from 28x28 to a small map |
# |---|---|
# | `conv7` | four 7x7 convolutions without padding, each 6 pixels smaller |
# | `max-pool` | 3x3 convolutions, and 2x2 max pooling after the second and the fourth |
# | `average-pool` | the same with average pooling |
# | `strides` | 3x3 convolutions, the second and the fourth with stride 2 and no pooling |
# | `same` | the same with SAME padding |
#
# **Predict, then run.** The first has no more than four layers of convolution, with 32, 64, 128 and
# 256 filters. Is it the smallest of the five, or the largest?

# %%
CONV7 = [("conv", n, 7, 1, 0) for n in (32, 64, 128, 256)] + [("dense", 10, 0, 0, 0)]
POOL = [
    ("conv", 32, 3, 1, 0),
    ("conv", 64, 3, 1, 0),
    ("pool", 0, 2, 2, 0),
    ("conv", 128, 3, 1, 0),
    ("conv", 256, 3, 1, 0),
    ("pool", 0, 2, 2, 0),
    ("conv", 512, 3, 1, 0),
    ("dense", 10, 0, 0, 0),
]
print("conv7")
conv7_parameters = table_of_sizes(CONV7, 28, 1)
print("\nmax-pool and average-pool")
pool_parameters = table_of_sizes(POOL, 28, 1)

# %% [markdown]
# The largest, with [2,150,410]{= f"{conv7_parameters:,}" } parameters: one 7x7 filter has 49 weights for
# each channel where a 3x3 filter has 9, and the last map of `conv7`, 4x4, is larger than the 2x2 of the
# others in the cell. Its last convolution alone has
# [1,605,888]{= f"{(7 * 7 * 128 + 1) * 256:,}" }.
#
# The last two have stride 2 in place of pooling.

# %%
STRIDES = [
    ("conv", n, 3, stride, 0) for n, stride in ((32, 1), (64, 2), (128, 1), (256, 2), (512, 1))
] + [("dense", 10, 0, 0, 0)]
print("strides")
strides_parameters = table_of_sizes(STRIDES, 28, 1)

# %% [markdown]
# The counts are those of the pooled model, because pooling has no parameters and the last map is 2x2
# in both: [1,588,490]{= f"{strides_parameters:,}" }. With SAME padding the sizes are
# $\lceil i/s \rceil$: 28, 14, 14, 7, 7. So the last map is 7x7, and the fully connected layer takes
# [25,088]{= f"{7 * 7 * 512:,}" } numbers in place of [2,048]{= f"{2 * 2 * 512:,}" }. Keras counts them:


# %% needs="keras tensorflow"
def published(name):
    """One of the published models, in Keras."""
    from keras.layers import AveragePooling2D

    def conv(n, f=3, **options):
        return Conv2D(n, f, activation="relu", **options)

    if name == "conv7":
        layers = [conv(n, 7) for n in (32, 64, 128, 256)]
    elif name in ("max-pool", "average-pool"):
        pool = MaxPooling2D if name == "max-pool" else AveragePooling2D
        layers = [conv(32), conv(64), pool(2), conv(128), conv(256), pool(2), conv(512)]
    else:
        padding = "same" if name == "same" else "valid"
        pairs = ((32, 1), (64, 2), (128, 1), (256, 2), (512, 1))
        layers = [conv(n, strides=stride, padding=padding) for n, stride in pairs]
    last = Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers, Flatten(), last])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


for which in ("conv7", "max-pool", "average-pool", "strides", "same"):
    print(f"{which:12} {published(which).count_params():>9,}")
assert published("conv7").count_params() == conv7_parameters
assert published("max-pool").count_params() == pool_parameters
assert published("same").count_params() == 1_818_890

# %% [markdown]
# ## What they reach
#
# Our trainings follow the published one of `conv7`: Adam with the library's own settings, batches of 32,
# ten epochs, all 60,000 images scaled to 0 to 1. On two processor cores that takes from a minute or two
# (LeNet) to half an hour (`conv7`), so the histories of all five models and of LeNet come with the
# course. In a clone of its repository `make fashion-mnist` trains them again. This cell trains one of
# them here, on Fashion-MNIST; the digits are too small for it:

# %% needs="keras tensorflow"
TRAIN = False  # True: train the model below, for ten minutes or more

if TRAIN and name == "Fashion-MNIST":
    keras.utils.set_random_seed(1)
    published("strides").fit(
        data.train_images,
        data.train_labels,
        batch_size=32,
        epochs=10,
        validation_data=(data.test_images, data.test_labels),
    )

# %% [markdown]
# The table has the published accuracy on the test images after the tenth epoch, where there is one,
# and ours, one figure for each seed. A *seed* chooses the weights that a training begins with and the
# order of the images.

# %%
from lesson_tools.histories import histories

PUBLISHED = {"conv7": 0.8858, "max-pool": 0.9125, "strides": 0.9055}
MODELS = ["conv7", "max-pool", "average-pool", "strides", "same"]
LENETS = ["lenet", "lenet-pytorch", "lenet-numpy"]
runs = {model: histories(model) for model in MODELS + LENETS}
print("model          published  ours, one figure for each seed")
for model, trainings in runs.items():
    theirs = f"{PUBLISHED[model]:.4f}" if model in PUBLISHED else "none  "
    ours = [f"{epochs[-1].validation_accuracy:.4f}" for epochs in trainings.values()]
    print(f"{model:14} {theirs:9}  {'  '.join(ours)}")

ends = {m: [epochs[-1].validation_accuracy for epochs in runs[m].values()] for m in runs}
lenets = [end for model in LENETS for end in ends[model]]

# %% [markdown]
# Two things stand out.
#
# **Small differences are partly chance.** The [nine]{= {9: "nine"}[len(lenets)] } trainings of LeNet are
# of one architecture, with three seeds each in Keras, in PyTorch and in our own NumPy layers. What
# differs is how their weights begin, at random and by each library's own rule, and the order of the
# images. The best and the worst of them lie
# [1.0]{= f"{100 * (max(lenets) - min(lenets)):.1f}" } percentage points apart, and the two of `max-pool`
# [1.3]{= f"{100 * (max(ends['max-pool']) - min(ends['max-pool'])):.1f}" }. A published accuracy from a
# single training is no more exact than that: a model with 0.9125 is not shown to be better than one with
# 0.9055 by these two numbers alone.
#
# **More parameters are not better ones.** `conv7` has the most, and the lowest accuracy in both columns:
# [2.7]{= f"{100 * (PUBLISHED['max-pool'] - PUBLISHED['conv7']):.1f}" } percentage points behind
# `max-pool` in the published one, and
# [1.2]{= f"{100 * (np.mean(ends['max-pool']) - np.mean(ends['conv7'])):.1f}" } in ours, in the mean.
# LeNet, which has about one parameter for its 35, did better in each of its
# [nine]{= {9: "nine"}[sum(end > max(ends['conv7']) for end in lenets)] } trainings.
#
# ## When a network learns by heart
#
# Look at the loss of one training, epoch by epoch. The plot calls the test images *validation* images,
# after what they are used for here; the word is explained below.
#
# **Predict, then run.** The training loss of `max-pool` falls in every epoch. Does the test loss?

# %%
pool_history = runs["max-pool"][1]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
draw_history(axes, pool_history)
test_losses = [epoch.validation_loss for epoch in pool_history]
best = int(np.argmin(test_losses))
axes[0].annotate(
    "lowest test loss",
    (best + 1, test_losses[best]),
    (best + 2, test_losses[best] + 0.12),
    arrowprops={"arrowstyle": "->"},
)
present(
    fig,
    "Two plots against the epoch, 1 to 10, of the model with max pooling. The training loss falls all the "
    f"way to {pool_history[-1].loss:.2f}. The test loss falls until epoch {best + 1}, marked by an arrow, "
    f"and then rises to {test_losses[-1]:.2f}. The training accuracy rises to "
    f"{pool_history[-1].accuracy:.2f}; the test accuracy stays near 0.91.",
)

# %% [markdown]
# The test loss is lowest after epoch [4]{= best + 1 }, at
# [0.265]{= f"{test_losses[best]:.3f}" }, and has risen to
# [0.457]{= f"{test_losses[-1]:.3f}" } after the tenth. In the same time the training accuracy went on to
# [0.977]{= f"{pool_history[-1].accuracy:.3f}" }, and the test accuracy moved by less than one
# percentage point. From there on the network learns its training images by heart: what it still
# learns helps with them, and hardly with others. It is called *overfitting*.
#
# You have seen with the four images how the loss can rise while the accuracy stays: the network
# answers as often right as before, and is more certain of its wrong answers.
#
# What one does against it: stop at the lowest validation loss; take a smaller network, or more
# images, or images that are shifted and mirrored at random. To choose the epoch by the test images,
# as the plot does, is not fair: they then have had a say in the training. One sets a part of the
# training images aside for that choice, the *validation* images, and looks at the test images once,
# at the end.

# %% [markdown]
# ## What a trained network gets wrong
#
# A trained network comes with the course: LeNet for Fashion-MNIST, and the digits' network. The cell
# loads the one for the data you have.

# %%
from convnet.models import trained
from convnet.training import evaluate

expert = trained(trained_name)
test_loss, test_accuracy = evaluate(expert, data.test_images, data.test_labels)
print(f"{name}: test accuracy {test_accuracy:.4f}, test loss {test_loss:.4f}")

# %%
scores = np.concatenate([expert.forward(part) for part in np.array_split(data.test_images, 20)])
answers = scores.argmax(axis=1)
fig, ax = plt.subplots(figsize=(6.5, 6.5), layout="constrained")
draw_confusion(ax, data.test_labels, answers, data.names)
counts = np.zeros((10, 10), dtype=int)
np.add.at(counts, (data.test_labels, answers), 1)
mistakes = counts - np.diag(np.diag(counts))
worst = np.unravel_index(mistakes.argmax(), mistakes.shape)
present(
    fig,
    f"The confusion matrix of the trained network on the test images of {name}: most of them are on the diagonal. "
    f"The largest number beside it is {mistakes.max()}: {data.names[worst[0]]} taken for "
    f"{data.names[worst[1]]}.",
)

# %% [markdown]
# On Fashion-MNIST the large numbers beside the diagonal are among T-shirt, pullover, coat, dress and
# shirt, and among the three kinds of shoes. Trousers are hardly ever taken for anything else. The matrix
# says more than the accuracy: it says which classes to look at. Here are the first ten mistakes:

# %%
wrong = np.flatnonzero(answers != data.test_labels)[:10]
fig, axes = plt.subplots(2, 5, figsize=(8.5, 4.2), layout="constrained")
for number, ax in zip(wrong, axes.flat, strict=True):
    ax.imshow(data.test_images[number, :, :, 0], cmap="gray_r")
    right, said = data.names[data.test_labels[number]], data.names[answers[number]]
    ax.set_title(f"{right}\nsaid: {said}", fontsize=9)
    ax.axis("off")
present(
    fig,
    f"Ten test images of {name} with wrong answers: "
    + "; ".join(
        f"{data.names[data.test_labels[n]]} taken for {data.names[answers[n]]}" for n in wrong
    ),
)

# %% [markdown]
# Would you have known them?
#
# ## Exercises
#
# **Exercise 1.** LeNet gets colour images of 32x32 pixels, such as those of CIFAR-10. Its first convolution
# still pads by 2. How many numbers reach its first fully connected layer?

# %%
inputs = None
### BEGIN SOLUTION
inputs = 6 * 6 * 16
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 1",
    inputs,
    576,
    "Follow the size through the four layers: 32 stays 32, and is halved, and so on.",
    [
        (400, "That is the number for 28x28 pixels."),
        (
            6 * 6 * 16 * 3,
            "The colours do not come back: after a convolution there are as many channels "
            "as it has filters.",
        ),
        (36, "That is one channel. How many are there?"),
    ],
)

# %% [markdown]
# **Exercise 2.** Write `best_epoch(history)`: the number of the epoch, counted from 1, with the lowest
# validation loss. `history` is a list of epochs as above; each has a `validation_loss`.


# %%
def best_epoch(history):
    result = None
    ### BEGIN SOLUTION
    losses = [epoch.validation_loss for epoch in history]
    result = int(np.argmin(losses)) + 1
    ### END SOLUTION
    return result


# %%
public_tests.check_function(
    "Exercise 2",
    best_epoch,
    lambda history: min(range(len(history)), key=lambda n: history[n].validation_loss) + 1,
    [(runs[model][1],) for model in ("strides", "max-pool", "lenet", "lenet-numpy")],
    "Collect the validation losses in a list, and find where the smallest is.",
    [
        (
            lambda history: int(np.argmin([e.validation_loss for e in history])),
            "Epochs are counted from 1 here, and positions in a list from 0.",
        ),
        (
            lambda history: int(np.argmin([e.loss for e in history])) + 1,
            "That is the lowest training loss, which nearly always comes last.",
        ),
        (
            lambda history: int(np.argmax([e.validation_accuracy for e in history])) + 1,
            "That is the highest accuracy, which need not come with the lowest loss.",
        ),
    ],
)

# %% [markdown]
# **Exercise 3.** Write `most_confused(counts)`: for a confusion matrix, the pair (right class, answer) of the
# most frequent mistake.


# %%
def most_confused(counts):
    result = None
    ### BEGIN SOLUTION
    mistakes = counts.copy()
    np.fill_diagonal(mistakes, 0)
    row, column = np.unravel_index(mistakes.argmax(), mistakes.shape)
    result = (int(row), int(column))
    ### END SOLUTION
    return result


# %%
public_tests.check_function(
    "Exercise 3",
    most_confused,
    lambda c: np.unravel_index((c - np.diag(np.diag(c))).argmax(), c.shape),
    [
        (np.array([[9, 1, 0], [0, 7, 3], [0, 2, 8]]),),
        (np.array([[5, 4, 1], [0, 10, 0], [3, 1, 6]]),),
    ],
    "Put zeros on the diagonal of a copy, and find the largest of what is left.",
    [
        (
            lambda c: np.unravel_index(c.argmax(), c.shape),
            "That is the largest number of all, which is on the diagonal: those answers are right.",
        ),
        (
            lambda c: np.unravel_index((c - np.diag(np.diag(c))).argmax(), c.shape)[::-1],
            "Row and column have changed places: the right class is the row.",
        ),
    ],
)

# %% [markdown]
# ## Recap
#
# - You can load a data set and say what its arrays hold: images `(m, n_H, n_W, n_C)` from 0 to 1, labels
#   `(m,)` from 0 on, and test images that no training has seen.
# - You can compute a network's sizes and parameters before you train it. LeNet has
#   [61,706]{= f"{lenet_parameters:,}" }, most of them in its first fully connected layer; `conv7`
#   with its four 7x7 convolutions has [2,150,410]{= f"{conv7_parameters:,}" }.
# - You can read a history: where the validation loss turns upwards, learning by heart begins. And a confusion
#   matrix says which classes are taken for which.
#
# ## What to read next
#
# [What filters see](20_what_filters_see.ipynb) looks into the trained networks. The assignment
# [lenet](../release/lenet/lenet.ipynb) has you assemble and train one of your own layers.
#
# - H. Xiao, K. Rasul and R. Vollgraf, *Fashion-MNIST: a novel image dataset for benchmarking machine
#   learning algorithms*, 2017: <https://arxiv.org/abs/1708.07747>
# - Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document
#   recognition*, 1998: the paper of LeNet
# - D. Kingma and J. Ba, *Adam: a method for stochastic optimization*, 2015:
#   <https://arxiv.org/abs/1412.6980>
