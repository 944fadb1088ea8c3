# %% [markdown]
# # Fashion-MNIST
#
# Online shops sort millions of photographs into categories such as "dress" or "coat". The figure shows
# 120 such photographs, twelve of each class, one class per row. A network with 61,706 parameters,
# trained on 60,000 other images, predicts the wrong class for those in thick red frames. Would you do
# better, with 28 x 28 pixels and no color?

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.data import DataError, digits, fashion_mnist
from convnet.functional import cross_entropy
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.models import lenet, trained
from convnet.network import Network
from convnet.plots import draw_confusion, draw_image
from convnet.training import SGD, Adam, evaluate, train
from lesson_tools.fashion import fashion_sample
from lesson_tools.histories import histories
from lesson_tools.questions.fashion_mnist import predict

sample = fashion_sample()
network = trained("lenet-fashion-mnist")
probabilities = network.predict(sample.images)
predictions = probabilities.argmax(axis=1)
wrong = np.flatnonzero(predictions != sample.labels)

fig, axes = plt.subplots(10, 12, figsize=(8, 6.4), layout="constrained")
for number, ax in enumerate(axes.flat):
    ax.imshow(sample.images[number, :, :, 0], cmap="gray_r")
    ax.set(xticks=[], yticks=[])
    missed = number in wrong
    ax.spines[:].set(color="tab:red" if missed else "0.9", linewidth=3 if missed else 0.5)
for c, ax in enumerate(axes[:, 0]):
    ax.set_ylabel(sample.names[c], rotation=0, ha="right", va="center", fontsize=12)
present(
    fig,
    "Ten rows of twelve small grayscale images of clothes, dark on white: T-shirts, trousers, "
    "pullovers, dresses, coats, sandals, shirts, sneakers, bags and ankle boots. Red frames mark "
    f"{len(wrong)} images that a network classifies wrongly, among them "
    f"{np.sum(sample.labels[wrong] == 6)} of the twelve shirts.",
)

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. load an image data set and check its shapes, value range and class balance;
# 2. judge a classifier by accuracy, loss, confusion matrix, recall and precision;
# 3. compare architectures fairly, with several seeds and a validation set.
#
# **Time:** about 45 minutes. **You need:** [Training](14_training.ipynb) and
# [Overfitting](15_overfitting.ipynb).
#
# ## The data
#
# Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017) has 70,000 images of articles sold by the retailer
# Zalando, 28 x 28 pixels in grayscale, 7,000 of each class. 60,000 are for training and 10,000 for
# testing. It was made to replace MNIST, a set of handwritten digits on which even simple methods
# reach a high accuracy.
#
# This course comes with the 120 test images of the figure. The next cell also looks for the whole set,
# 30 MB, and downloads it if there is a connection. The lesson works without it: results that need
# all images are stored with the course.

# %%
try:
    whole = fashion_mnist()
    X, labels = whole.test_images, whole.test_labels
    print("All test images:")
except DataError:
    whole = None
    X, labels = sample.images, sample.labels
    print("The whole data set is not available. The sample:")
print("images", X.shape, X.dtype, "from", X.min(), "to", X.max())
print("labels", labels.shape, labels.dtype, "examples per class:", np.bincount(labels))

# %% [markdown]
# Check three things before you train on any data set.
#
# - **Shape.** Images are (m, n_H, n_W, n_C) here. A grayscale image has one channel, but the array
#   still needs an axis for it. Files often omit this axis, and `images[..., None]` adds it.
# - **Value range.** The files hold integers from 0 to 255. We divide by 255, since the usual
#   [initialization](glossary.md#initialization) and learning rates are chosen for inputs of about
#   this size.
# - **Class balance.** All classes are equally frequent here. If 90% of the images were shoes, a program
#   that always says "shoe" would have an accuracy of 0.9.
#
# What accuracy should you hope for? A useful [baseline](glossary.md#baseline) is what others got.
# The [authors' list](https://github.com/zalandoresearch/fashion-mnist#benchmark) has 0.835 for people
# without expertise in fashion (the majority of three votes for each of 1,000 test images). It has 0.926
# for a support vector machine on hand-made edge features (HOG), and 0.967 for a wide residual network
# with data augmentation. Users submitted these results, and the authors did not verify them.
#
# ## Accuracy, loss and confusion matrix, by hand
#
# Before you evaluate a network on ten thousand images, do it with four. A network has given each image a
# probability $P_{ij}$ for each of three classes:
#
# | image $i$ | class 0 | class 1 | class 2 | true class $y_i$ |
# |--:|--:|--:|--:|--:|
# | 0 | 0.7 | 0.2 | 0.1 | 0 |
# | 1 | 0.1 | 0.6 | 0.3 | 1 |
# | 2 | 0.2 | 0.5 | 0.3 | 2 |
# | 3 | 0.1 | 0.1 | 0.8 | 2 |
#
# The prediction for an image is the class with the largest probability.
# [Accuracy](glossary.md#accuracy) is the fraction of correct predictions,
# and the loss is the mean [cross-entropy](glossary.md#cross-entropy):
#
# $$\text{accuracy} = \frac{1}{m}\sum_i \left[\operatorname{argmax}_j P_{ij} = y_i\right], \qquad
# J = -\frac{1}{m}\sum_i \log P_{i, y_i}.$$
#
# A [**confusion matrix**](glossary.md#confusion-matrix) tells you more than both. Its entry in row $j$
# and column $l$ counts the images of true class $j$ that were predicted as class $l$.
#
# **Predict.** One of the four images is misclassified. In which entry of the confusion matrix is it
# counted? Answer with a pair, (row, column), counted from 0.

# %%
predict("entry", None)

# %% jupyter={"source_hidden": true} cellView="form"
P = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
y = np.array([0, 1, 2, 2])
accuracy = np.mean(P.argmax(axis=1) == y)
loss = -np.mean(np.log(P[np.arange(4), y]))
P_sure = P.copy()
P_sure[2] = [0.04, 0.95, 0.01]
loss_sure = -np.mean(np.log(P_sure[np.arange(4), y]))
assert np.mean(P_sure.argmax(axis=1) == y) == accuracy
fig, ax = plt.subplots(figsize=(3.6, 3.2), layout="constrained")
draw_confusion(ax, y, P.argmax(axis=1), ["class 0", "class 1", "class 2"])
present(
    fig,
    "A confusion matrix of three rows and columns. The diagonal has the counts 1, 1 and 1. The row of "
    "true class 2 has another 1 in the column of predicted class 1. All other entries are 0.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `(2, 1)`: the third image belongs to class 2, and class 1 has the largest probability. The color of
# an entry shows its fraction of the row.
#
# </details>
#
# The accuracy is [0.75]{= accuracy }. The loss is [0.574]{= f'{loss:.3f}' }, and more than half of it
# comes from the third image: it contributes [1.20]{= f'{-np.log(0.3):.2f}' } to a sum of
# [2.29]{= f'{4 * loss:.2f}' }.
#
# Two summaries of the matrix answer two different questions about a class. **Recall** asks: which
# fraction of the true shirts did the network find? It divides the diagonal entry by the sum of its
# *row*. **Precision** asks: which fraction of the predicted "shirts" are shirts? It divides the same
# entry by the sum of its *column*. Here class 2 has recall 1/2 and precision 1, while class 1 has recall
# 1 and precision 1/2.
#
# Accuracy and loss can disagree. If the network gave the third image the probabilities 0.04, 0.95
# and 0.01, the accuracy would not change, but the loss would be [1.424]{= f'{loss_sure:.3f}' }.

# %% [markdown] tags=["row-21"]
# ## LeNet
#
# Our first network is [**LeNet**](glossary.md#lenet), which read the digits on bank checks in the
# 1990s (LeCun et al., 1998). In the form that is common today it has two blocks of a convolution with
# ReLU and 2 x 2 max pooling, and then three dense layers. [Architectures](19_architectures.ipynb)
# derives its [61,706]{= f'{network.parameters.size:,}' } parameters layer by layer; here we want to
# see what it does. The figure follows one image through a LeNet that we trained for ten epochs.

# %% jupyter={"source_hidden": true} cellView="form"
chosen = 108  # an ankle boot
maps = network.feature_maps(sample.images[chosen : chosen + 1])
fig = plt.figure(figsize=(9, 3.8), layout="constrained")
parts = fig.subfigures(1, 4, width_ratios=[1.1, 1.25, 1.9, 2.1])
ax = parts[0].subplots()
ax.imshow(sample.images[chosen, :, :, 0], cmap="gray_r")
ax.set(xticks=[], yticks=[])
for part, layer, grid in ((parts[1], 2, (3, 2)), (parts[2], 5, (4, 4))):
    for c, ax in enumerate(part.subplots(*grid).flat):
        ax.imshow(maps[layer][0, :, :, c], cmap="gray_r")
        ax.set(xticks=[], yticks=[])
parts[0].suptitle("input\n28 x 28 x 1", fontsize=11)
parts[1].suptitle("block 1\n14 x 14 x 6", fontsize=11)
parts[2].suptitle("block 2\n5 x 5 x 16", fontsize=11)
parts[3].suptitle("three dense layers, softmax\n10 probabilities", fontsize=11)
assert maps[2].shape[1:] == (14, 14, 6) and maps[5].shape[1:] == (5, 5, 16)
ax = parts[3].subplots()
ax.barh(range(10), probabilities[chosen], color="tab:blue")
ax.set(yticks=range(10), yticklabels=sample.names, xlim=(0, 1))
ax.invert_yaxis()
assert predictions[chosen] == sample.labels[chosen] == 9
present(
    fig,
    "An image of an ankle boot and what LeNet computes from it: six feature maps of 14 x 14, in "
    "which the boot is still recognizable, sixteen feature maps of 5 x 5, in which it is not, and "
    "ten probabilities as bars, with by far the longest bar at ankle boot.",
)

# %% [markdown]
# Here is the same architecture in PyTorch. It ends with [logits](glossary.md#logits), as in
# [Training](14_training.ipynb).

# %% needs="torch"
import torch
import torch.nn as nn

torch_lenet = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(6, 16, 5),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(400, 120),
    nn.ReLU(),
    nn.Linear(120, 84),
    nn.ReLU(),
    nn.Linear(84, 10),
)
print(sum(p.numel() for p in torch_lenet.parameters()), "parameters")
with torch.no_grad():
    print(torch_lenet(torch.zeros(2, 1, 28, 28)).shape)

# %% [markdown]
# ## What the network gets wrong
#
# `trained("lenet-fashion-mnist")` loads the network of the figure. On the 10,000 test images its
# accuracy is [0.902]{= f'{np.trace(sample.counts) / 10_000:.3f}' }.
#
# **Predict.** Test images must be scaled in the same way as training images. Suppose you forget to
# divide by 255. What is the accuracy on our sample then? `"a"` About 0.1, as for guessing. `"b"` Several
# points lower. `"c"` Exactly the same.

# %%
predict("scale", None)

# %% jupyter={"source_hidden": true} cellView="form"
loss_right, accuracy_right = evaluate(network, sample.images, sample.labels)
loss_255, accuracy_255 = evaluate(network, 255 * sample.images, sample.labels)
assert 0.75 < accuracy_255 < accuracy_right - 0.02
assert loss_255 > 20 * loss_right
print(f"values 0 to 1:   accuracy {accuracy_right:.3f}, loss {loss_right:.2f}")
print(f"values 0 to 255: accuracy {accuracy_255:.3f}, loss {loss_255:.2f}")

fig, axes = plt.subplots(3, 5, figsize=(9, 7.4), layout="constrained")
fig.get_layout_engine().set(h_pad=0.12)
for ax in axes.flat:
    ax.axis("off")
for number, ax in zip(wrong, axes.flat, strict=False):
    guess, truth = predictions[number], sample.labels[number]
    ax.imshow(sample.images[number, :, :, 0], cmap="gray_r")
    ax.set_title(
        f"pred. {sample.names[guess]} {probabilities[number, guess]:.2f}\n"
        f"true {sample.names[truth]} {probabilities[number, truth]:.2f}",
        fontsize=11,
    )
sure = int(np.sum(probabilities[wrong].max(axis=1) > 0.9))
assert len(wrong) <= 15
present(
    fig,
    "The misclassified images of the sample with two probabilities each: "
    + "; ".join(
        f"{sample.names[sample.labels[n]]} as {sample.names[predictions[n]]}" for n in wrong
    ),
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. Without biases, the scores would be multiplied by 255, because
# convolution, ReLU, max pooling and dense layers all scale with their input. The largest score would
# remain the largest. The biases do not scale, so some predictions change. The loss grows from
# [0.37]{= f'{loss_right:.2f}' } to [76]{= f'{loss_255:.0f}' }: with such large scores, the softmax gives
# almost every image a probability close to 0 or 1, also where it is wrong. **A wrong value range can
# hide behind a decent accuracy.** Look at the loss, too.
#
# </details>
#
# The figure above shows the [13]{= len(wrong) } mistakes on the correctly scaled sample, each with the
# probability of the predicted class and that of the true class. Most of them are confusions of similar
# clothes. But in [5]{= sure } cases the network gives the wrong class a probability above 0.9. A large
# softmax output does not guarantee a correct prediction: many networks are
# overconfident (Guo et al., 2017).
#
# **Predict.** On the whole test set the accuracy is about 0.90. How many of the 1,000 shirts does the
# network recognize? `"a"` About 950. `"b"` About 900. `"c"` About 700.

# %%
predict("shirts", None)

# %% jupyter={"source_hidden": true} cellView="form"
if whole is not None:  # the stored matrix is that of this network
    guesses = network.predict(whole.test_images).argmax(axis=1)
    again = np.zeros((10, 10), dtype=int)
    np.add.at(again, (whole.test_labels, guesses), 1)
    assert np.abs(again - sample.counts).sum() <= 10  # ties may be decided by the last digit
counts = sample.counts
row, column = np.divmod(np.arange(100), 10)
fig, ax = plt.subplots(figsize=(7, 6.2), layout="constrained")
draw_confusion(ax, np.repeat(row, counts.ravel()), np.repeat(column, counts.ravel()), sample.names)
off = counts - np.diag(np.diag(counts))
most = np.unravel_index(off.argmax(), off.shape)
lowest_recall = int((np.diag(counts) / counts.sum(axis=1)).argmin())
assert sample.names[lowest_recall] == "Shirt"
tops, shoes = [0, 2, 3, 4, 6], [5, 7, 9]
within = off[np.ix_(tops, tops)].sum() + off[np.ix_(shoes, shoes)].sum()
present(
    fig,
    "The confusion matrix of LeNet for 10,000 test images, 1,000 of each true class. The diagonal has "
    "between 701 and 986 correct predictions. The largest other counts are among T-shirt, pullover, "
    "dress, coat and shirt: 103 shirts are predicted as T-shirts and 100 as pullovers. Sandals, "
    "sneakers and ankle boots are confused among themselves, most often ankle boots as sneakers.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`: [701]{= counts[6, 6] }, the lowest recall of all classes.
# [103]{= counts[6, 0] } shirts are predicted as T-shirts and [100]{= counts[6, 2] } as pullovers. Of the
# bags, the network finds [986]{= counts[8, 8] }.
#
# </details>
#
# The accuracy is the average over an easy and a difficult problem. If you wanted to improve this network,
# you would look at tops: more training images of shirts, or a higher resolution. The matrix also
# shows a structure that the labels do not mention. [91]{= round(100 * within / off.sum()) }% of all mistakes are
# within two groups: T-shirt, pullover, dress, coat and shirt on the one hand, the three kinds of shoes on
# the other.

# %% [markdown] tags=["row-20"]
# ## Five published models
#
# Which architecture is best? A lecture by Quang-Vinh Dinh, *Convolutional Neural Network (Session 2)*,
# compares networks that differ in how they get from 28 x 28 pixels to a small map. Each ends
# in one dense layer with ten outputs. For three of them, the slides show ten epochs of training and the
# test accuracy at the end. Convolutions have stride 1 and no padding unless the table says otherwise,
# and pooling windows are 2 x 2.
#
# | name | layers before the dense layer | published test accuracy |
# |---|---|--:|
# | `conv7` | four 7 x 7 convolutions with 32, 64, 128 and 256 filters | 0.8858 |
# | `max-pool` | 3 x 3 convolutions with 32, 64, 128, 256 and 512 filters, max pooling after the second and the fourth | 0.9125 |
# | `average-pool` | the same with average pooling | |
# | `strides` | the same without pooling; the second and the fourth convolution have stride 2 | 0.9055 |
# | `same` | like `strides`, with same padding | |
#
# **Predict.** Which of the five has the most parameters? Answer with its name in quotes.

# %%
predict("largest", None)


# %% jupyter={"source_hidden": true} cellView="form"
def build(name):
    """Return one of the five models, from this course's layers."""
    if name == "conv7":
        body = [layer for n in (32, 64, 128, 256) for layer in (Conv2D(n, 7), ReLU())]
    else:
        stride, padding = (2 if name in ("strides", "same") else 1), int(name == "same")
        body = []
        for n in (32, 64, 128, 256, 512):
            even = n in (64, 256)
            body += [Conv2D(n, 3, stride=stride if even else 1, padding=padding), ReLU()]
            body += [MaxPooling2D(2)] if even and "pool" in name else []  # both kinds count alike
    return Network([*body, Flatten(), Dense(10)], (28, 28, 1))


FIVE = ["conv7", "max-pool", "average-pool", "strides", "same"]
sizes = {name: build(name).parameters.size for name in FIVE}
sizes["lenet"] = network.parameters.size
fig, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
bars = ax.barh(list(sizes), np.array(list(sizes.values())) / 1e6, color="tab:blue")
ax.bar_label(bars, [f"{size:,}" for size in sizes.values()], padding=3)
ax.set(xlabel="parameters in millions", xlim=(0, 2.7))
ax.invert_yaxis()
assert max(sizes, key=sizes.get) == "conv7"
present(
    fig,
    "Bars of the number of parameters: "
    + ", ".join(f"{name} {size:,}" for name, size in sizes.items())
    + ".",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"conv7"`, with [2,150,410]{= f'{sizes["conv7"]:,}' }. Its last convolution alone has
# [1,605,888]{= f'{(7 * 7 * 128 + 1) * 256:,}' }. The models with pooling and with strides have
# equally many, [1,588,490]{= f'{sizes["max-pool"]:,}' }: pooling has no parameters, and both end with
# a map of 2 x 2. In `same` the last map is 7 x 7, so its dense layer is larger.
#
# </details>
#
# We trained all five in Keras for ten epochs, with Adam and mini-batches of 32, and LeNet in Keras, in
# PyTorch and in this course's NumPy layers. The histories are stored with the course; `make
# fashion-mnist` repeats the training. Each run has its own [seed](14_training.ipynb), which chooses
# the initial weights and the order of the images. The figure below says how many runs each model has.
#
# **Predict.** Our runs of `max-pool` differ only in their seed. How far apart are the best and the
# worst test accuracy? `"a"` About 0.1 percentage points. `"b"` About 1. `"c"` About 5.

# %%
predict("spread", None)

# %% jupyter={"source_hidden": true} cellView="form"
IN_KERAS = [*FIVE, "lenet"]
runs = {
    name: list(histories(name).values()) for name in (*IN_KERAS, "lenet-pytorch", "lenet-numpy")
}
# Of the lecture: the training accuracy of each epoch, and the test accuracy at the end.
PUBLISHED = {
    "conv7": (
        [0.8138, 0.8757, 0.8880, 0.8995, 0.9083, 0.9172, 0.9254, 0.9340, 0.9431, 0.9495],
        0.8858,
    ),
    "max-pool": (
        [0.8423, 0.9029, 0.9199, 0.9330, 0.9447, 0.9540, 0.9639, 0.9684, 0.9741, 0.9786],
        0.9125,
    ),
    "strides": (
        [0.8350, 0.8922, 0.9108, 0.9283, 0.9420, 0.9548, 0.9653, 0.9730, 0.9772, 0.9797],
        0.9055,
    ),
}


def curves(name, key):
    """Return a metric of all epochs: an array with a row for each run of a model."""
    return np.array([[getattr(epoch, key) for epoch in run] for run in runs[name]])


def draw_runs(ax, values, color, style, label):
    epochs = np.arange(1, values.shape[1] + 1)
    ax.fill_between(epochs, values.min(axis=0), values.max(axis=0), color=color, alpha=0.25, lw=0)
    ax.plot(epochs, values.mean(axis=0), style, color=color, label=label)


def count_of(name):
    return f"{len(runs[name])} run{'s' if len(runs[name]) > 1 else ''}"


final = {name: curves(name, "validation_accuracy")[:, -1] for name in runs}
spread = {name: 100 * np.ptp(values) for name, values in final.items()}
for name, values in final.items():
    published = f"{PUBLISHED[name][1]:.4f}" if name in PUBLISHED else "      "
    print(
        f"{name:13} {count_of(name):7} mean {values.mean():.4f}, from {values.min():.4f} "
        f"to {values.max():.4f}  published {published}"
    )
overlap = [
    f"{a} and {b}"
    for number, a in enumerate(IN_KERAS)
    for b in IN_KERAS[number + 1 :]
    if min(len(final[a]), len(final[b])) > 1
    and final[a].min() <= final[b].max()
    and final[b].min() <= final[a].max()
]
print("\nOverlapping ranges, of Keras models with two runs or more:", *overlap, sep="\n  ")
print("A single run, no range:", ", ".join(n for n in final if len(final[n]) == 1) or "none")

fig, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
for row, (name, values) in enumerate(final.items()):
    ax.plot(
        [values.min(), values.max()],
        [row, row],
        color="tab:blue",
        alpha=0.3,
        lw=14,
        solid_capstyle="butt",
    )
    offsets = 0.16 * (np.arange(len(values)) - (len(values) - 1) / 2)  # or equal values hide
    ax.plot(values, row + offsets, "o", color="tab:blue", label="our runs" if row == 0 else "")
    if name in PUBLISHED:
        ax.plot(PUBLISHED[name][1], row, "kx", ms=9, mew=2, label="published" if row == 0 else "")
ax.set(yticks=range(len(final)), yticklabels=[f"{name} ({count_of(name)})" for name in final])
ax.set(xlabel="test accuracy after ten epochs", ylim=(len(final) - 0.5, -0.5))
ax.legend(loc="lower right")
present(
    fig,
    "Test accuracies after ten epochs as dots, one row for each model, with a bar from the smallest "
    "to the largest: "
    + "; ".join(
        f"{name}, {count_of(name)}, {values.min():.3f} to {values.max():.3f}"
        for name, values in final.items()
    )
    + ". Crosses mark the published accuracies 0.886 for conv7, 0.913 for max-pool and 0.906 for "
    "strides.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`: the accuracies of `max-pool` lie more than 1 percentage point apart, those of LeNet in Keras
# [0.3]{= f'{spread["lenet"]:.1f}' }. The choice of the 10,000 test images is a second source of chance:
# it gives an accuracy of 0.9 a standard error of
# [0.3]{= f'{100 * np.sqrt(0.9 * 0.1 / 10_000):.1f}' } points.
#
# </details>
#
# What may you conclude from this figure?
#
# - **One run proves little.** The published 0.9125 and 0.9055 come from one run each. Their difference,
#   [0.7]{= f"{100 * (PUBLISHED['max-pool'][1] - PUBLISHED['strides'][1]):.1f}" } points, is smaller
#   than the range of our runs of `max-pool` alone. A model with a single run has no range, so you
#   cannot rank it.
# - **Stay in one library.** The mean accuracy of LeNet is
#   [0.895]{= f"{final['lenet'].mean():.3f}" } in Keras and
#   [0.902]{= f"{final['lenet-numpy'].mean():.3f}" } in NumPy, and the ranges do not overlap. The
#   architecture is the same, but defaults such as the distribution of the initial weights differ. Three
#   runs each are weak evidence even so: for two equally good models, the ranges are separate with
#   probability [0.1]{= 2 / 20 }. Below, `lenet` is the Keras version.
# - **More parameters do not guarantee a better network.** `strides` has
#   [26]{= round(sizes['strides'] / sizes['lenet']) } times as many parameters as LeNet, and their
#   ranges overlap: these runs cannot tell which is better.
# - **A higher mean may be chance, too.** `average-pool` has as many parameters as `strides`, and its mean
#   is [1.0]{= f"{100 * (final['average-pool'].mean() - final['strides'].mean()):.1f}" } points higher. But
#   again the ranges overlap.

# %% jupyter={"source_hidden": true} cellView="form"
# What the text claims; more runs of a model may arrive.
assert 1 < spread["max-pool"] < 3 and final["strides"].max() < PUBLISHED["strides"][1]
assert final["lenet"].max() < final["lenet-numpy"].min()
assert final["strides"].min() <= final["lenet"].max() and len(final["lenet"]) > 1
assert final["lenet"].min() <= final["strides"].max() and len(final["strides"]) > 1
assert "average-pool and strides" in overlap
ends = [curves(name, "accuracy")[:, -1].mean() for name in FIVE]
fig, axes = plt.subplots(2, 3, figsize=(9, 6.2), sharex=True, sharey=True, layout="constrained")
for ax, name in zip(axes.flat, IN_KERAS, strict=True):
    draw_runs(ax, curves(name, "accuracy"), "tab:blue", "--", "training, ours: mean and range")
    draw_runs(
        ax, curves(name, "validation_accuracy"), "tab:orange", "-", "test, ours: mean and range"
    )
    if name in PUBLISHED:
        history, end = PUBLISHED[name]
        ax.plot(range(1, 11), history, "k+", ms=7, label="training, published")
        ax.plot(10, end, "kx", ms=9, mew=2, label="test, published")
    ax.set_title(f"{name}, {count_of(name)}", fontsize=12)
    ax.set(ylim=(0.8, 1), xticks=range(2, 11, 2))
for ax in axes[1]:
    ax.set_xlabel("epoch")
for ax in axes[:, 0]:
    ax.set_ylabel("accuracy")
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
present(
    fig,
    "Six panels with training and test accuracy over ten epochs, mean and range of the runs. In the "
    f"five large models the training accuracy rises to between {min(ends):.2f} and {max(ends):.2f}, "
    "and the test accuracy rises little after about four epochs and stays near 0.9. In LeNet both rise more slowly and stay "
    "closer: about 0.94 and 0.90 at the end. The published training accuracies of conv7, max-pool and strides, as plus "
    "signs, lie on or near our training curves.",
)

# %% [markdown]
# ## Overfitting
#
# The published training accuracies, where there are any, follow ours closely. The published test
# accuracy of `strides`, a single run, is higher than all of ours, and we found no reason for that.
# On the test images the large models improve little after a few epochs, while the training
# accuracy goes on rising: they [overfit](glossary.md#overfitting), as in the
# [last lesson](15_overfitting.ipynb). The loss shows it more clearly.
#
# **Predict.** When is the test loss of `max-pool` lowest? `"a"` After the first epoch. `"b"` After three
# to five epochs. `"c"` After eight to ten.

# %%
predict("lowest", None)

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
best_epochs = {}
for ax, name in zip(axes, ("max-pool", "lenet"), strict=True):
    draw_runs(ax, curves(name, "loss"), "tab:blue", "--", "training, mean and range")
    test = curves(name, "validation_loss")
    draw_runs(ax, test, "tab:orange", "-", "test, mean and range")
    best_epochs[name] = test.argmin(axis=1) + 1
    ax.plot(best_epochs[name], test.min(axis=1), "kv", label="lowest of a run")
    ax.set(title=f"{name}, {count_of(name)}", xlabel="epoch", ylim=(0, 0.65))
axes[0].set_ylabel("loss")
axes[0].legend()
pooled, small = (curves(name, "validation_loss") for name in ("max-pool", "lenet"))
assert 3 <= best_epochs["max-pool"].mean() <= 5 < best_epochs["lenet"].mean()
assert np.mean(pooled[:, -1] / pooled.min(axis=1)) > 1.5
assert np.max(small[:, -1] / small.min(axis=1)) < 1.2
present(
    fig,
    "Training and test loss over ten epochs, mean and range. For max-pool the training loss falls to "
    f"{curves('max-pool', 'loss')[:, -1].mean():.2f}; the test loss falls to about "
    f"{pooled.min(axis=1).mean():.2f} after a few epochs and then rises to about "
    f"{pooled[:, -1].mean():.2f}. For LeNet the training loss falls to "
    f"{curves('lenet', 'loss')[:, -1].mean():.2f}; the test loss falls to about "
    f"{small.min(axis=1).mean():.2f} and rises little. Triangles mark the lowest test loss of each run.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. The test loss of `max-pool` is lowest after three to five epochs, on average over our runs, and at
# the end it is more than 1.5 times as high. The accuracy changes little in that time: as in the example
# with four images, the network becomes more confident where it is wrong. LeNet, with far fewer
# parameters, reaches its lowest test loss later on average, and overfits much less in ten epochs.
#
# </details>
#
# ## Choosing the epoch
#
# After which epoch should you stop? If you choose the one with the best *test* accuracy, the test
# images have taken part in the choice, and no images are left that measure the result fairly. How
# much would it flatter the models? The next cell compares the best of ten epochs with the last one.

# %%
gains = {
    name: 100 * (curves(name, "validation_accuracy").max(axis=1) - final[name]) for name in IN_KERAS
}
for name, gain in gains.items():
    print(f"{name:13} gain from choosing on the test set: {gain.mean():.2f} points on average")
every = np.concatenate(list(gains.values()))
print(f"all runs: from {every.min():.2f} to {every.max():.2f} points")
assert every.min() == 0 and every.max() > 0.9

# %% [markdown]
# Some runs would gain nothing, and at least one would gain more than 0.9 points. Part of this gain is
# real, since the last epoch overfits. Part is luck.
#
# The fair way is a [**validation set**](glossary.md#validation-set). Set aside 5,000 of the 60,000
# training images, choose the epoch by their loss, and use the test set once, at the end. In Keras,
# `validation_split` and `EarlyStopping` do this. The next cell builds LeNet and defines a function that
# trains it, but does not call it: remove the `#` in the last line if you have the whole data set. An
# epoch of `strides` took at least
# [37]{= f"{min(epoch.seconds for run in runs['strides'] for epoch in run):.0f}" } seconds on two
# processor cores, and one of LeNet at least
# [7]{= f"{min(epoch.seconds for run in runs['lenet'] for epoch in run):.0f}" }.

# %% needs="keras tensorflow"
import keras
from keras import layers

keras_lenet = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(6, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 5, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(120, activation="relu"),
        layers.Dense(84, activation="relu"),
        layers.Dense(10),
    ]
)
assert keras_lenet.count_params() == network.parameters.size
print(keras_lenet.count_params(), "parameters")


def fit_keras(model, data, epochs=10):
    model.compile(
        optimizer="adam",
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    model.fit(
        data.train_images,
        data.train_labels,
        batch_size=32,
        epochs=epochs,
        validation_split=1 / 12,  # the last 5,000 of 60,000 images
        callbacks=[stop],
    )
    return model.evaluate(data.test_images, data.test_labels)


# fit_keras(keras_lenet, whole)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: which number do you report?
#
# A network was trained for six epochs. The cell has its losses and accuracies on the validation set and
# its accuracies on the test set. You use early stopping on the validation loss, as in Keras above. Which
# test accuracy do you report?

# %%
validation_loss = [0.52, 0.41, 0.36, 0.34, 0.37, 0.43]
validation_accuracy = [0.82, 0.86, 0.87, 0.88, 0.89, 0.88]
test_accuracy = [0.811, 0.853, 0.881, 0.869, 0.876, 0.872]
reported = None
### BEGIN SOLUTION
reported = 0.869
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    reported,
    test_accuracy[int(np.argmin(validation_loss))],
    "First choose an epoch, without looking at the test set. Then read its test accuracy.",
    [
        (0.881, "That is the best test accuracy. Did you choose the epoch without the test set?"),
        (
            0.876,
            "That epoch has the best validation accuracy. What does early stopping monitor here?",
        ),
        (0.872, "That is the last epoch. Is it the one with the lowest validation loss?"),
        (
            0.88,
            "The epoch is right, but that is its validation accuracy. Which set measures fairly?",
        ),
        (0.89, "That is a validation accuracy, and you are asked for a test accuracy."),
        (3, "That is the epoch to choose, counted from 0. Which test accuracy does it have?"),
        (4, "That is the epoch to choose, counted from 1. Which test accuracy does it have?"),
        (0.34, "That is the lowest validation loss. What is the test accuracy of that epoch?"),
    ],
)

# %% [markdown]
# ### Exercise 2: recall and precision
#
# Write `recall_and_precision(counts)`, which takes a confusion matrix with the true classes in its rows
# and returns two arrays with one value for each class. If a class is never predicted, its precision
# is 0. The second test case has such a class.


# %%
def recall_and_precision(counts):
    both = None  # a pair of arrays, (recall, precision)
    ### BEGIN SOLUTION
    correct = np.diag(counts)
    recall = correct / counts.sum(axis=1)
    precision = correct / np.maximum(counts.sum(axis=0), 1)
    both = recall, precision
    ### END SOLUTION
    return both


# %% jupyter={"source_hidden": true} cellView="form"
def reference(counts):
    correct = np.diag(counts)
    return correct / counts.sum(axis=1), correct / np.maximum(counts.sum(axis=0), 1)


def undefined(counts):
    with np.errstate(invalid="ignore"):
        return np.diag(counts) / counts.sum(axis=1), np.diag(counts) / counts.sum(axis=0)


public_tests.check_function(
    "Exercise 2",
    recall_and_precision,
    reference,
    [
        (np.array([[9, 1, 0], [0, 7, 3], [0, 2, 8]]),),
        (np.array([[8, 0, 2], [1, 0, 9], [0, 0, 20]]),),
        (sample.counts,),
    ],
    "Both divide the diagonal: recall by the sums of the rows, precision by those of the columns.",
    [
        (lambda counts: reference(counts)[::-1], "Recall and precision are exchanged."),
        (lambda counts: undefined(counts)[::-1], "Recall and precision are exchanged."),
        (lambda counts: reference(counts)[0], "That is the recall alone. Return a pair of arrays."),
        (lambda counts: reference(counts)[1], "That is the precision alone. Return a pair."),
        (
            lambda counts: tuple(values.mean() for values in reference(counts)),
            "These are means over the classes. Each class has a value of its own.",
        ),
        (undefined, "A class that is never predicted gives 0 / 0. Its precision should be 0."),
        (
            lambda counts: (reference(counts)[0],) * 2,
            "Both results are recalls. Which sum does the precision divide by?",
        ),
        (
            lambda counts: (np.diag(counts) / counts.sum(),) * 2,
            "Divide by the sum of a row or a column, not by the number of all images.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: what happens if ...
#
# There is no check for these. To have results in seconds, the cell trains on the digits of
# [Training](14_training.ipynb), here shuffled: 1,000 for training, 400 for validation and 397 for
# testing. Decide before you run it. Choose by the validation accuracy, over all three seeds,
# and look at the test accuracy once.
#
# 1. ... you halve the number of filters?
# 2. ... you remove both pooling layers? Look at the number of parameters, too.
# 3. ... you replace Adam with `SGD(0.01)`, or with `SGD(0.1, momentum=0.9)`?
# 4. ... you train for 40 epochs?

# %%
filters, pooling, epochs = 8, True, 10  # change these


def make_optimizer():
    return Adam(0.01)  # or this


small = digits()
images = np.concatenate([small.train_images, small.test_images])
classes = np.concatenate([small.train_labels, small.test_labels])
order = np.random.default_rng(0).permutation(len(images))
fit_part, validation_part, test_part = np.split(order, [1000, 1400])


def small_network(filters, pooling, seed):
    parts = []
    for n in (filters, 2 * filters):
        parts += [Conv2D(n, 3, padding=1), ReLU()] + ([MaxPooling2D(2)] if pooling else [])
    return Network([*parts, Flatten(), Dense(10)], (8, 8, 1), seed)


for seed in range(3):
    model = small_network(filters, pooling, seed)
    history = train(
        model,
        images[fit_part],
        classes[fit_part],
        epochs=epochs,
        optimizer=make_optimizer(),
        seed=seed,
        validation=(images[validation_part], classes[validation_part]),
        progress=False,
    )
    print(
        f"seed {seed}: {model.parameters.size:,} parameters, training accuracy "
        f"{history[-1].accuracy:.3f}, validation accuracy {history[-1].validation_accuracy:.3f}"
    )
# print(evaluate(model, images[test_part], classes[test_part]))  # once, at the end


# %% jupyter={"source_hidden": true} cellView="form"
def three_runs(filters=8, pooling=True, optimizer=None, rate=0.01, epochs=10, **options):
    """For the discussion: training and validation accuracy of three seeds."""
    results = []
    for seed in range(3):
        model = small_network(filters, pooling, seed)
        settings = {"epochs": epochs, "seed": seed, "progress": False}
        settings["optimizer"] = (optimizer or Adam)(rate, **options)
        settings["validation"] = images[validation_part], classes[validation_part]
        results.append(train(model, images[fit_part], classes[fit_part], **settings)[-1])
    return np.array([(epoch.accuracy, epoch.validation_accuracy) for epoch in results]).T


as_set, halved, no_pooling = three_runs()[1], three_runs(filters=4)[1], three_runs(pooling=False)[1]
plain_sgd, momentum = three_runs(optimizer=SGD), three_runs(optimizer=SGD, rate=0.1, momentum=0.9)
longer = three_runs(epochs=40)
# Means, and wide limits: another machine's rounding changes single runs.
assert as_set.min() > 0.93 and plain_sgd[1].max() < 0.7 and longer[0].min() > 0.98
assert max(halved.mean(), momentum[1].mean()) < as_set.mean()
assert as_set.mean() < min(no_pooling.mean(), longer[1].mean())

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# With the settings of the cell, all three seeds have a validation accuracy above 0.93.
#
# 1. The network has [666]{= small_network(4, True, 0).parameters.size } instead of
#    [1,898]{= f'{small_network(8, True, 0).parameters.size:,}' } parameters.
#    The validation accuracy is lower on average. In our runs the ranges of the seeds overlapped: a single
#    seed could have told you the opposite.
# 2. The feature maps keep their size, so the dense layer grows, and the network has
#    [11,498]{= f'{small_network(8, False, 0).parameters.size:,}' } parameters.
#    The validation accuracy is higher on average. More parameters can help.
# 3. `SGD(0.01)` is still below 0.7 after ten epochs. `SGD(0.1, momentum=0.9)` is worse than Adam on
#    average. A comparison of optimizers is only fair if you choose the learning rate of each on the
#    validation set.
# 4. The training accuracy is almost 1, and the validation accuracy is higher on average than after ten
#    epochs.
#    A network that fits its training set perfectly does not have to be worse on new images.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **load an image data set and check it:** shape (m, n_H, n_W, n_C), value range, class balance. A
#    wrong range can go unnoticed in the accuracy and shows in the loss;
# 2. **judge a classifier:** accuracy is one number for everything, the
#    [confusion matrix](glossary.md#confusion-matrix) shows which classes are confused, and
#    [recall](glossary.md#recall) and [precision](glossary.md#precision) summarize its rows and
#    columns;
# 3. **compare architectures fairly:** train several seeds in one library, choose the epoch on a
#    [validation set](glossary.md#validation-set), use the [test set](glossary.md#test-set) once, and
#    distrust a difference that is smaller than the ranges of the seeds.
#
# | term in this course | you may also read |
# |---|---|
# | [**confusion matrix**](glossary.md#confusion-matrix) | error matrix, contingency table |
# | [**recall**](glossary.md#recall) | sensitivity, true positive rate |
# | [**precision**](glossary.md#precision) | positive predictive value |
#
# ## What to read next
#
# - Next is [One layer, four libraries](17_one_layer_four_libraries.ipynb): the same weights in NumPy,
#   Keras, TensorFlow and PyTorch.
# - To practice: the assignment [LeNet](../release/lenet/lenet.ipynb).
# - H. Xiao, K. Rasul and R. Vollgraf, *Fashion-MNIST: a novel image dataset for benchmarking machine
#   learning algorithms* (2017): [arXiv:1708.07747](https://arxiv.org/abs/1708.07747).
# - Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document
#   recognition*, Proceedings of the IEEE 86 (1998).
# - Q.-V. Dinh, *Convolutional Neural Network (Session 2)*, lecture slides: the five models and the
#   published accuracies.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.6,
#   [LeNet](https://d2l.ai/chapter_convolutional-neural-networks/lenet.html).
# - scikit-learn, user guide,
#   [Classification metrics](https://scikit-learn.org/stable/modules/model_evaluation.html#classification-metrics).
# - C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, *On calibration of modern neural networks* (ICML
#   2017): [arXiv:1706.04599](https://arxiv.org/abs/1706.04599).
# - X. Bouthillier et al., *Accounting for variance in machine learning benchmarks* (MLSys 2021):
#   [arXiv:2103.03098](https://arxiv.org/abs/2103.03098).
