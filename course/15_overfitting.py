# %% [markdown]
# # Overfitting
#
# We train two networks on the same 150 images of handwritten digits. The first network gets the correct
# labels. For the second one we shuffle the labels, so that a 4 may be labeled as a 7 and there is no
# rule to discover. Both reach a training accuracy of 100%. Which measurement shows the difference?

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.data import digits
from convnet.functional import cross_entropy_backward, softmax
from convnet.layers import Conv2D, Dense, Flatten, Layer, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.plots import draw_grid, draw_image
from convnet.training import Adam, evaluate, train
from lesson_tools.questions.overfitting import predict

data = digits()
order = np.random.default_rng(0).permutation(1797)
images = np.concatenate([data.train_images, data.test_images])[order]
labels = np.concatenate([data.train_labels, data.test_labels])[order]
BLUE, ORANGE, GRAY = "tab:blue", "tab:orange", "0.45"


def make_network(seed, rate=0.0):
    dropout = [Dropout(rate, seed + 100 * k) for k in (1, 2)] if rate else []
    layers = [Conv2D(8, 3, padding=1), ReLU(), Conv2D(16, 3, padding=1), ReLU()]
    layers += [MaxPooling2D(2), Flatten(), *dropout[:1], Dense(64), ReLU(), *dropout[1:]]
    return Network([*layers, Dense(10)], (8, 8, 1), seed)


shuffled = np.random.default_rng(5).permutation(labels[:150])
fig, axes = plt.subplot_mosaic(
    "012345;aaabbb", figsize=(8, 4.9), height_ratios=[1, 2.3], layout="constrained"
)
varied = [np.flatnonzero((labels[:150] == c) & (shuffled != c))[0] for c in (4, 7, 2, 5, 0, 3)]
for position, number in enumerate(varied):
    title = f"{labels[number]}, shuffled {shuffled[number]}"
    draw_image(axes[str(position)], images[number, :, :, 0], "", (0, 1), scale=False)
    axes[str(position)].set_title(title, fontsize=10)
opening = {}
for key, title, given in (
    ("a", "correct labels", labels[:150]),
    ("b", "shuffled labels", shuffled),
):
    opening[key] = train(
        make_network(0),
        images[:150],
        given,
        epochs=80,
        optimizer=Adam(5e-3),
        validation=(images[600:900], labels[600:900]),
        progress=False,
    )
    lines = (
        ("accuracy", "150 training images", "--"),
        ("validation_accuracy", "300 new images", "-"),
    )
    for name, label, style in lines:
        values = [getattr(epoch, name) for epoch in opening[key]]
        axes[key].plot(
            range(1, 81), values, style, color=BLUE if style == "--" else ORANGE, label=label
        )
    axes[key].set(title=title, xlabel="epoch", ylim=(-0.03, 1.05))
axes["a"].set_ylabel("accuracy")
axes["b"].legend(loc="center right")
assert min(opening[key][-1].accuracy for key in "ab") == 1
clean_losses = [epoch.validation_loss for epoch in opening["a"]]
assert 1 < clean_losses[-1] / min(clean_losses) < 1.4
assert opening["a"][-1].validation_accuracy > 0.88 and opening["b"][-1].validation_accuracy < 0.2
present(
    fig,
    "Above, six of the digits, each titled with its correct label and with its shuffled one. Below, "
    "accuracy by epoch. With correct labels, training accuracy rises to 1 and accuracy on new images "
    "to about 0.92. With shuffled labels, training accuracy rises to 1 as well, more slowly, and "
    "accuracy on new images stays near 0.1.",
)

# %% [markdown]
# On the training images, the two networks are equally good. On 300 new images, the first one is right
# about nine times in ten, and the second one is no better than guessing: it has memorized 150 labels.
# **Training accuracy does not tell you what a network will do with new images.** The ability to make good
# predictions for new examples is called [**generalization**](glossary.md#generalization). A model that
# fits its training set much better than new examples shows [**overfitting**](glossary.md#overfitting).
#
# **By the end of this lesson you will be able to**
#
# 1. say what the training, the validation and the test set are for, and why there are three;
# 2. read learning curves, and choose the epoch by early stopping;
# 3. reduce overfitting with more data, dropout, data augmentation and weight decay, and measure
#    honestly whether it helped.
#
# **Time:** about 45 minutes. **You need:** the lesson [Training](14_training.ipynb).
#
# ## Training, validation and test set
#
# Besides its [parameters](glossary.md#parameter), a network has
# [**hyperparameters**](glossary.md#hyperparameter): the learning rate, the number of filters, the
# number of epochs. To choose them, you try several values and compare the results. The training images
# are unsuitable for this comparison, as the figure has shown. And after you have chosen what works best
# on some other images, the result on those images is no longer a fair measurement. So there are three
# sets:

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.set(xlim=(0, 16), ylim=(0, 8.2))
ax.axis("off")
boxes = (
    (0.2, 5.8, "training set", BLUE),
    (0.2, 3.1, "validation set", ORANGE),
    (0.2, 0.4, "test set", "tab:green"),
    (10.4, 5.8, "parameters\n(weights, biases)", BLUE),
    (10.4, 3.1, "hyperparameters\n(epochs, dropout, ...)", ORANGE),
    (10.4, 0.4, "one number\nto report", "tab:green"),
)
for x, y, text, color in boxes:
    ax.add_patch(plt.Rectangle((x, y), 5.4 if x > 5 else 4.2, 1.9, fc="white", ec=color, lw=2.5))
    ax.text(x + (2.7 if x > 5 else 2.1), y + 0.95, text, ha="center", va="center", fontsize=12)
steps = (
    (6.75, "gradients,\nin every step"),
    (4.05, "comparison,\nafter every run"),
    (1.35, "measurement,\nonce, at the end"),
)
for y, text in steps:
    ax.annotate("", (10.3, y), (4.5, y), arrowprops={"arrowstyle": "-|>", "lw": 1.8})
    ax.text(7.4, y + 0.12, text.split("\n")[0], ha="center", va="bottom", fontsize=11)
    ax.text(7.4, y - 0.15, text.split("\n")[1], ha="center", va="top", fontsize=11)
ax.annotate("", (10.9, 5.75), (10.9, 5.05), arrowprops={"arrowstyle": "-|>", "lw": 1.8})
ax.text(11.2, 5.38, "settings of the next run", va="center", fontsize=11)
present(
    fig,
    "Three rows of boxes with arrows. The training set gives gradients in every step, which change "
    "the parameters. The validation set gives a comparison of every run, which decides on the "
    "hyperparameters; an arrow leads from them up to the parameters: settings of the next run. The "
    "test set gives one measurement, "
    "once, at the end: one number to report. No arrow leads from there to anything else.",
)

# %% [markdown]
# The parameters are fitted to the training set. The hyperparameters are chosen on the
# [**validation set**](glossary.md#validation-set). The [**test set**](glossary.md#test-set) decides
# nothing: no arrow leads from it to parameters or hyperparameters.
#
# Networks overfit most with few images and with wrong labels, which many real data sets contain. To
# watch overfitting in seconds, we keep only 150 training images, and an imaginary careless annotator
# gives about 15% of them a random wrong label. The validation and test labels are correct.
#
# ## Learning curves
#
# The next cell makes the three sets and defines `fit`, the training loop of
# [Training](14_training.ipynb) with some additions. After each epoch, it measures loss and accuracy on
# the training and validation sets, and it keeps a copy of the parameters with the lowest validation
# loss. It can also change the images of a mini-batch (`augment`) and call a function after each epoch.
# The network has two convolution layers, two dense layers and
# [18,346]{= f'{make_network(0).parameters.size:,}' } parameters: over a hundred for each training
# image.
#
# A [**learning curve**](glossary.md#learning-curve) plots loss or accuracy against the epochs.
#
# **Predict.** The training loss falls nearly to 0 in 80 epochs. What does the validation loss do?
# `"a"` It falls too, but stays higher. `"b"` It falls, then stays constant. `"c"` It falls,
# then rises.

# %%
noise = 0.15  # fraction of wrong labels
rng = np.random.default_rng(1)
is_wrong = rng.random(600) < noise
noisy_labels = np.where(is_wrong, (labels[:600] + rng.integers(1, 10, 600)) % 10, labels[:600])

X, y = images[:150], noisy_labels[:150]  # the training set
validation = images[600:900], labels[600:900]
test = images[900:1200], labels[900:1200]


def fit(network, X, y, optimizer, epochs=80, seed=0, augment=None, after_epoch=None):
    rng = np.random.default_rng(seed)
    history, lowest, best_parameters = [], np.inf, None
    for _ in range(epochs):
        for picked in np.array_split(rng.permutation(len(X)), len(X) // 32 or 1):
            batch = augment(X[picked], rng) if augment else X[picked]
            scores = network.forward(batch, training=True)
            network.backward(cross_entropy_backward(scores, y[picked]))
            optimizer.step(network.parameters, network.gradients)
        history.append((*evaluate(network, X, y), *evaluate(network, *validation)))
        if history[-1][2] < lowest:
            lowest, best_parameters = history[-1][2], network.parameters.copy()
        if after_epoch:
            after_epoch(network)
    return np.array(history), best_parameters


predict("curve", None)


# %% jupyter={"source_hidden": true} cellView="form"
def draw_runs(axes, runs, color, name, training=True):
    """Mean of the seeds, and a band from the lowest to the highest."""
    for ax, columns in zip(axes, ((0, 2), (1, 3)), strict=True):
        for column in columns if training else columns[1:]:
            values, style = runs[:, :, column], "--" if column < 2 else "-"
            epochs = np.arange(1, values.shape[1] + 1)
            part = "training" if column < 2 else "validation"
            ax.plot(epochs, values.mean(axis=0), style, color=color, label=f"{name}{part}")
            ax.fill_between(epochs, values.min(axis=0), values.max(axis=0), color=color, alpha=0.2)
    axes[0].set(title="loss", xlabel="epoch", ylim=(0, 1.5))
    axes[1].set(title="accuracy", xlabel="epoch", ylim=(0.5, 1.02))


wrong = np.flatnonzero(is_wrong[:150])
memorized, corrected = np.zeros((2, 3, 80))
plain_runs, plain_best, confidence = [], [], []


def confidence_of_mistakes(network):
    probabilities = softmax(network.scores(validation[0]))
    mistakes = probabilities.argmax(axis=1) != validation[1]
    return probabilities.max(axis=1)[mistakes].mean()


for seed in range(3):
    predictions = []
    network = make_network(seed)
    history, best_parameters = fit(
        network,
        X,
        y,
        Adam(5e-3),
        seed=seed,
        after_epoch=lambda network, kept=predictions: kept.append(
            network.scores(X[wrong]).argmax(1)
        ),
    )
    plain_runs.append(history)
    confidence.append([confidence_of_mistakes(network)])
    network.parameters[:] = best_parameters
    confidence[-1].append(confidence_of_mistakes(network))
    plain_best.append(best_parameters)
    memorized[seed] = np.sum(np.array(predictions) == y[wrong], axis=1)
    corrected[seed] = np.sum(np.array(predictions) == labels[wrong], axis=1)
plain = np.array(plain_runs)
assert np.diff(confidence).max() < -0.1
assert np.all(plain[:, 4:8, 2] < plain[:, 4:8, 0])

fig, axes = plt.subplots(1, 2, figsize=(8, 3.5), layout="constrained")
draw_runs(axes, plain, BLUE, "")
axes[0].legend(loc="upper right")
turn = plain[:, :, 2].argmin(axis=1) + 1
stopped = plain[np.arange(3), turn - 1, 3]
assert stopped.min() > 0.85 and (stopped - plain[:, -1, 3]).min() > 0.04
assert turn.max() <= 30 and np.all(plain[:, -1, 2] > 1.4 * plain[:, :, 2].min(axis=1))
assert plain[:, -1, 0].max() < 0.02 and np.all(plain[:, -1, 1] == 1)
present(
    fig,
    "Loss and accuracy by epoch, mean and range of three seeds. In epochs 5 to 8, the validation loss "
    "is below the training loss. The training loss falls to nearly 0 "
    "and the training accuracy rises to 1. The validation loss falls to about 0.45 within 20 epochs "
    "and then rises to about 0.8. The validation accuracy rises to nearly 0.9 and falls to "
    "about 0.8.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. In all three runs, which differ only in their seed, the validation loss is lowest before
# epoch 30, and after 80 epochs it is more than 1.4 times as high. The distance between the two curves
# is the **generalization gap**. The line is the mean of the three seeds, and the band reaches from the
# lowest to the highest of them.
#
# </details>
#
# In epochs 5 to 8, the validation loss is even *lower* than the training loss: wrong labels
# raise the training loss, and the validation labels are correct.
#
# Later the validation loss rises more clearly than the accuracy falls. A misclassified image counts as
# one mistake, however confident the network is. But the loss is $-\log$ of the probability of the
# correct class, and the network becomes more confident: in each run, the mean probability of its wrong
# predictions is higher after 80 epochs than in the epoch with the lowest loss, by more than 0.1.
#
# If both losses are still high and close to each other, the model has not learned enough. That is
# [**underfitting**](glossary.md#underfitting): train longer, or take a larger network.
#
# ## What is memorized, and when?
#
# For each training image with a wrong label, we look at the prediction of the network after every epoch.
# It can be the annotator's label, which the network must have memorized. It can also be the correct
# class, although training never gave this label to the network.
#
# **Predict.** After 5 epochs, how many of the wrong labels does the network predict: `"few"` (less than
# a third), about `"half"`, or `"most"` (more than two thirds)?

# %%
predict("early", None)

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(6.4, 3.3), layout="constrained")
epochs = np.arange(1, 81)
for counts, color, style, name in (
    (memorized, ORANGE, "-", "the wrong label"),
    (corrected, "tab:green", "--", "the correct class"),
):
    share = counts / len(wrong)
    ax.plot(epochs, share.mean(axis=0), style, color=color, label=f"predicts {name}")
    ax.fill_between(epochs, share.min(axis=0), share.max(axis=0), color=color, alpha=0.2)
ax.set(xlabel="epoch", ylim=(-0.03, 1.05))
ax.set_ylabel(f"fraction of the {len(wrong)} training\nimages with wrong labels")
ax.legend(loc="center right")
assert memorized[:, 4].max() < len(wrong) / 3 and corrected[:, 4].min() > len(wrong) / 2
assert np.all(memorized[:, -1] == len(wrong))
present(
    fig,
    "Training images with wrong labels, by epoch; mean and range of three seeds. In the first ten "
    "epochs the network predicts the correct class for most of them. Then the curve falls to 0, and "
    "the fraction for which it predicts the wrong label rises to 1.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"few"`, with each of the three seeds. After 5 epochs the network predicts the correct class for more
# than half of these images, although it was trained with another label. After 80 epochs it has
# memorized all [19]{= len(wrong) } wrong labels.
#
# </details>
#
# The network first learns what many images have in common, and later the exceptions. So there is a good
# moment to stop.
#
# ## Early stopping
#
# [**Early stopping**](glossary.md#early-stopping) keeps the parameters of the epoch with the lowest
# validation loss. To save time, training ends as soon as a given number of epochs, the **patience**, has
# passed without a new lowest loss.
#
# **Predict.** The validation losses are 0.91, 0.70, 0.61, 0.52, 0.58, 0.55, 0.53, 0.49, 0.60, and the
# patience is 3. Epochs are counted from 1. After which epoch does training end, and the parameters of
# which epoch are kept? Answer with a pair.

# %%
predict("patience", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `(7, 4)`. In epoch 4 the loss is 0.52, and in the three epochs after it no loss is lower. Training never
# reaches the 0.49 of epoch 8. A larger patience costs time and misses fewer improvements.
#
# </details>
#
# In each of our three runs, the validation accuracy in the epoch with the lowest loss is above 0.85,
# and more than 4 percentage points higher than after 80 epochs.
#
# ## More data
#
# The best remedy is more training images, if you can get them. We train on 75, 150, 300 and 600 images,
# with 15% wrong labels each time, for 60 epochs.

# %% jupyter={"source_hidden": true} cellView="form"
sizes = (75, 150, 300, 600)
by_size = np.array(
    [
        plain[:, :60]
        if m == 150
        else [
            fit(make_network(s), images[:m], noisy_labels[:m], Adam(5e-3), 60, s)[0]
            for s in range(3)
        ]
        for m in sizes
    ]
)
lowest = by_size[..., 2].min(axis=2)
best_accuracy = np.take_along_axis(by_size[..., 3], by_size[..., 2].argmin(axis=2)[..., None], 2)[
    ..., 0
]
fig, axes = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
panels = (
    (axes[0], by_size[:, :, -1, 0], BLUE, "--o", "training, epoch 60"),
    (axes[0], by_size[:, :, -1, 2], ORANGE, "-s", "validation, epoch 60"),
    (axes[0], lowest, "tab:green", "-^", "validation, lowest"),
    (axes[1], by_size[:, :, -1, 3], ORANGE, "-s", "validation, epoch 60"),
    (axes[1], best_accuracy, "tab:green", "-^", "validation, early stopping"),
)
for ax, values, color, style, name in panels:
    ax.plot(sizes, values.mean(axis=1), style, color=color, label=name)
    ax.fill_between(sizes, values.min(axis=1), values.max(axis=1), color=color, alpha=0.2)
    ax.set(xscale="log", xlabel="training images", xticks=sizes, xticklabels=sizes)
    ax.minorticks_off()
axes[0].set(title="loss", ylim=(0, 1.3))
axes[1].set(title="accuracy", ylim=(0.7, 1))
axes[0].legend()
axes[1].legend(loc="lower right")
assert (
    best_accuracy[0].max()
    < best_accuracy[1].min()
    < best_accuracy[1].max()
    < best_accuracy[3].min()
)
assert np.all(np.diff(lowest.mean(axis=1)) < 0) and by_size[:, :, -1, 0].max() < 0.1
assert best_accuracy[0].max() < best_accuracy[1].min()
assert best_accuracy[1].max() < best_accuracy[3].min()
present(
    fig,
    "Loss and accuracy against the number of training images, mean and range of three seeds. With "
    "every doubling from 75 to 600, the lowest validation loss falls, from about 0.55 to 0.28, and the "
    "accuracy with early stopping rises, from about 0.82 to 0.94. After 60 epochs, the training loss is "
    "near 0 for all sizes, the validation loss is between 0.6 and 0.75 for all sizes, and the accuracy "
    "grows only from 0.83 to 0.86.",
)

# %% [markdown]
# After 60 epochs, the training loss is close to 0 for every size: it says nothing about new images. The
# lowest validation loss falls with every doubling, on average over the seeds. With early stopping, the
# worst of three seeds with 600 images is better than the best of three with 150, and the same holds for
# 150 and 75. Without early stopping most of the gain is lost: more images bring more wrong labels, and
# 60 epochs are enough to memorize them too.
#
# If you cannot get more images, change the training so that memorizing becomes harder. That is
# [**regularization**](glossary.md#regularization).
#
# ## Dropout
#
# [**Dropout**](glossary.md#dropout) sets randomly chosen activations to 0 in every training step, each
# with the probability `rate`. The next layer cannot rely on any single activation, so it has to use
# many. The activations that are kept are divided by $1 - \text{rate}$, so that the mean over all masks is
# the original value. For example, let the activations be 6, 1, 4, 2, the rate 0.5 and the mask
# 0, 1, 1, 0. Dropout returns 0, 2, 8, 0, and over all masks the 4 becomes
# $\frac{1}{2} \cdot 0 + \frac{1}{2} \cdot 8 = 4$ on average. The backward pass multiplies the
# [upstream gradient](glossary.md#upstream-gradient) by the same mask. After training, nothing is dropped.
#
# We put one dropout layer with the rate 0.5 before each of the two dense layers. Training loss and
# accuracy are measured after each epoch without dropout, so that you can compare them with the validation
# curves.
#
# **Predict.** Dropout is meant to help with new images. After the first 6 epochs, is the validation
# accuracy with dropout `"higher"`, the `"same"` or `"lower"` than without it?


# %%
class Dropout(Layer):
    def __init__(self, rate, seed=0):
        super().__init__(rate=rate)
        self.rng = np.random.default_rng(seed)

    def forward(self, x, training):
        keep = 1 - self.settings["rate"]
        mask = (self.rng.random(x.shape) < keep) / keep if training else np.ones(x.shape)
        self.saved = mask.astype(x.dtype)
        return x * self.saved

    def backward(self, dy):
        return dy * self.saved


layer, ones = Dropout(0.5), np.ones((200, 1000))
output = layer.forward(ones, training=True)
assert set(np.unique(output)) == {0, 2} and abs(output.mean() - 1) < 0.02
np.testing.assert_array_equal(layer.backward(ones), output)  # the same mask
np.testing.assert_array_equal(layer.forward(ones, training=False), ones)

predict("dropout", None)

# %% jupyter={"source_hidden": true} cellView="form"
results = {"none": (plain, plain_best)}


def study(name, make, optimizer=lambda: Adam(5e-3), augment=None, figure=None):
    runs = [fit(make(s), X, y, optimizer(), seed=s, augment=augment) for s in range(3)]
    results[name] = np.array([history for history, _ in runs]), [best for _, best in runs]
    figure = figure or plt.figure(figsize=(8, 3.5), layout="constrained")
    axes = figure.subplots(1, 2)
    draw_runs(axes, plain, GRAY, "plain, ", training=False)
    draw_runs(axes, results[name][0], BLUE, f"{name}, ")
    axes[0].legend(loc="upper right")
    return figure


fig = study("dropout", lambda seed: make_network(seed, 0.5))
dropped = results["dropout"][0]
assert dropped[:, :, 2].min(axis=1).max() < plain[:, :, 2].min()
assert dropped[:, -1, 2].max() < plain[:, -1, 2].min()
assert dropped[:, 5, 3].max() < plain[:, 5, 3].min()
present(
    fig,
    "Loss and accuracy by epoch with dropout, and in gray the validation curves without it. With "
    "dropout, the validation accuracy rises later, the "
    "validation loss falls to about 0.35 and stays near it; the validation accuracy "
    "reaches about 0.9.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"lower"`, with each of the three seeds: learning with half of the activations takes longer.
#
# </details>
#
# The lowest validation loss of each of the three seeds is below the lowest of all three without dropout.
# Dropout does not prevent overfitting here, but it slows it down.
#
# ## Data augmentation
#
# A 3 that is shifted by a pixel is still a 3. [**Data augmentation**](glossary.md#data-augmentation)
# uses such changes to make new training images from the existing ones. To shift an image, pad it with
# zeros and crop a part of the original size:
#
# $$\begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \\ 7 & 8 & 9 \end{pmatrix} \;\to\;
# \begin{pmatrix} 0 & 0 & 0 & 0 & 0 \\ 0 & 1 & 2 & 3 & 0 \\ 0 & 4 & 5 & 6 & 0 \\ 0 & 7 & 8 & 9 & 0 \\
# 0 & 0 & 0 & 0 & 0 \end{pmatrix}$$
#
# **Predict.** Which 3 x 3 image begins at row 2 and column 0 of the padded one? Answer with a list of
# three rows.


# %%
def random_shifts(batch, rng, by=1):
    padded = np.pad(batch, ((0, 0), (by, by), (by, by), (0, 0)))
    shifted = np.empty_like(batch)
    for i, (r, q) in enumerate(rng.integers(0, 2 * by + 1, (len(batch), 2))):
        shifted[i] = padded[i, r : r + 8, q : q + 8]
    return shifted


predict("crop", None)


# %% jupyter={"source_hidden": true} cellView="form"
example = next(
    i for i in range(600) if labels[i] == 7 and images[i, 0].any() and images[i, -1].any()
)
original = images[example : example + 1]
padded = np.pad(original, ((0, 0), (1, 1), (1, 1), (0, 0)))
views = [
    ("original", original),
    ("crop at (2, 1)", padded[:, 2:, 1:9]),
    ("crop at (0, 2)", padded[:, :8, 2:]),
    ("np.roll, up by 1", np.roll(original, -1, axis=1)),
]
above, below = plt.figure(figsize=(8, 5.6), layout="constrained").subfigures(
    2, 1, height_ratios=[1, 1.5]
)
for ax, (title, view) in zip(above.subplots(1, 4), views, strict=True):
    draw_image(ax, view[0, :, :, 0], title, (0, 1), scale=False)
study("augmentation", make_network, augment=random_shifts, figure=below)
moved = results["augmentation"][0]
assert moved[:, :, 2].min(axis=1).max() < plain[:, :, 2].min()
assert moved[:, -1, 2].max() < plain[:, -1, 2].min()
present(
    above.figure,
    "Above, a handwritten 7 of 8 by 8 pixels; the same 7 shifted up by one pixel, and shifted down and "
    "to the left, with zeros where nothing was; and shifted up with np.roll: its top row reappears at "
    "the bottom. Below, loss and accuracy by epoch with augmentation, and in gray the validation curves "
    "without it. The validation loss falls to about 0.4, later than without augmentation, and rises to "
    "about 0.5.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[[0, 4, 5], [0, 7, 8], [0, 0, 0]]`: the image moved up and to the right. With `np.roll`,
# the rows and columns that leave the image would reappear on the opposite side.
#
# </details>
#
# `fit` draws new random shifts for each mini-batch, so the network rarely sees the same batch twice. With
# each of three seeds, the lowest validation loss is lower than in any run without augmentation, and after
# 80 epochs the loss is lower as well. Choose changes that keep the label: a mirrored 2 is not a 2. And
# change only training images.
#
# ## Weight decay
#
# [**Weight decay**](glossary.md#weight-decay) multiplies all parameters by a number slightly below 1 in
# each step, before the optimizer changes them:
#
# ```python
# parameters *= 1 - learning_rate * decay
# ```
#
# A weight stays large only if the gradients keep supporting it. For plain SGD, weight decay has the
# same effect as adding the **L2 penalty** $\frac{\lambda}{2} \lVert w \rVert^2$ to the cost, where
# $\lambda$ is the decay: the gradient of the penalty is $\lambda w$. For Adam the two differ, and the
# version above is called AdamW. Our decay of 1 is far above the usual 0.01, because training takes only
# [320]{= 80 * (len(X) // 32) } steps.


# %% jupyter={"source_hidden": true} cellView="form"
class AdamW(Adam):
    def __init__(self, learning_rate, decay):
        super().__init__(learning_rate)
        self.decay = decay

    def step(self, parameters, gradients):
        parameters *= 1 - self.settings["learning_rate"] * self.decay
        super().step(parameters, gradients)


fig = study("weight decay", make_network, lambda: AdamW(5e-3, 1.0))
decayed = results["weight decay"][0]
assert decayed[:, -1, 2].max() < plain[:, -1, 2].min()
present(
    fig,
    "Loss and accuracy by epoch with weight decay, and in gray the validation curves without it. The "
    "validation loss rises much less, to about 0.55; the validation accuracy is about the same.",
)

# %% [markdown]
# The validation loss ends lower than without weight decay, with each of the three seeds. For the
# accuracy, compare the ranges in the next table.

# %% jupyter={"source_hidden": true} cellView="form"
both = [
    fit(make_network(s, 0.5), X, y, Adam(5e-3), seed=s, augment=random_shifts) for s in range(3)
]
results["dropout + aug."] = np.array([h for h, _ in both]), [best for _, best in both]
print("validation accuracy, mean of three seeds (lowest to highest)")
print(f"{'':16} {'early stopping':>24} {'after 80 epochs':>24}")
at_best, at_end = {}, {}
for name, (runs, _) in results.items():
    at_best[name] = runs[np.arange(3), runs[:, :, 2].argmin(axis=1), 3]
    at_end[name] = runs[:, -1, 3]
    cells = [
        f"{a.mean():.3f} ({a.min():.3f} to {a.max():.3f})" for a in (at_best[name], at_end[name])
    ]
    print(f"{name:16} {cells[0]:>24} {cells[1]:>24}")
assert at_best["dropout"].min() > at_best["none"].max()
assert at_best["weight decay"].min() < at_best["none"].max()
assert at_end["dropout"].min() > at_end["none"].max()
means = [[values.mean() for values in column.values()] for column in (at_best, at_end)]
assert np.ptp(means[0]) < np.ptp(means[1])

accuracies = []
for seed, best_parameters in enumerate(results["dropout"][1]):
    network = make_network(seed, 0.5)
    network.parameters[:] = best_parameters
    accuracies.append(evaluate(network, *test)[1])
print("\ntest accuracy of dropout, early stopping, three seeds:", np.round(accuracies, 3))

# %% [markdown]
# With dropout, even the worst of three seeds is better than the best of three without it, with early
# stopping and after 80 epochs. With weight decay and early stopping, the ranges overlap, so these runs do
# not show a gain in accuracy. The means in the first column differ less than those in the second: early
# stopping alone already does part of what the other methods do.
#
# Three seeds cannot distinguish dropout alone from dropout with augmentation. We choose dropout, the
# simpler method, with early stopping. Only now do we use the test set, for the last line of the output.
#
# ## Choosing on the test set
#
# Why should you use the test set only once? We train 20 networks that differ only in their seed, for 12
# epochs each. We test all of them on the same 100 images, choose the best one, and report its accuracy.
# There are [797]{= 1797 - 900 - 100 } more images, which you normally would not have, to check this
# report.
#
# **Predict.** On these other images, is the accuracy of the chosen network on average `"higher"` than
# reported, the `"same"` or `"lower"`?

# %%
predict("chosen", None)

# %% jupyter={"source_hidden": true} cellView="form"
is_right = []
for seed in range(20):
    network = make_network(seed)
    fit(network, X, y, Adam(5e-3), epochs=12, seed=seed)
    is_right.append(network.scores(images[900:]).argmax(axis=1) == labels[900:])
is_right = np.array(is_right)

rng = np.random.default_rng(0)
reports = []
for _ in range(1000):
    drawn = rng.permutation(is_right.shape[1])
    on_100, on_others = (is_right[:, part].mean(axis=1) for part in (drawn[:100], drawn[100:]))
    best = on_100.argmax()
    reports.append((on_100[best], on_others[best], on_100.mean(), on_others.mean()))
reports = np.array(reports)
optimism = reports[:, 0] - reports[:, 1]
assert optimism.mean() > 0.02 and np.mean(optimism > 0) > 0.8
assert abs((reports[:, 2] - reports[:, 3]).mean()) < 0.005

fig, axes = plt.subplots(1, 2, figsize=(8, 3.3), sharey=True, sharex=True, layout="constrained")
bins = np.arange(-0.1, 0.16, 0.01)
for ax, difference, title in (
    (axes[0], reports[:, 2] - reports[:, 3], "mean of the 20 networks"),
    (axes[1], optimism, "network chosen on the 100 images"),
):
    ax.hist(difference, bins, color=BLUE, alpha=0.6)
    ax.axvline(0, color="black", lw=1)
    ax.axvline(difference.mean(), color=ORANGE, lw=2.5, ls="--", label="mean")
    ax.legend()
    ax.set(title=title, xlabel="accuracy on the 100 minus on the 797")
axes[0].set_ylabel("number of random choices\nof the 100 images")
present(
    fig,
    "Two histograms of the accuracy on 100 images minus that on the other 797, for 1,000 random draws "
    "of the 100. For the mean of all networks it is centered at 0. For the network chosen on the 100 "
    "images it is centered near 0.03, and most of it lies above 0.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"lower"`. Averaged over 1,000 draws of the 100 images, the report is more than 2 percentage points too
# high, and it is too high in more than 8 draws of ten. Without a choice, the two accuracies are the same
# on average.
#
# </details>
#
# Part of the lead of the best network is luck. The effect grows with the number of candidates and
# shrinks with the size of the set. A validation set has the same effect, so the accuracies in the
# table above may be slightly too high. Therefore report the accuracy on a test set that had no
# part in the choice. If you choose the epoch, the architecture or the seed on the test set, it becomes
# a second validation set.
#
# ## Further: the same tools in Keras and PyTorch
#
# You can skip this section. Dropout and augmentation must be active only during training. In Keras,
# `fit` and `evaluate` take care of this; in PyTorch, you call `model.train()` and `model.eval()`. **If
# you forget `model.eval()`, dropout stays active** while you measure.

# %% needs="keras tensorflow"
import keras
from keras import layers

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.RandomTranslation(1 / 8, 1 / 8, fill_mode="constant"),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(5e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=30, restore_best_weights=True)
keras_history = model.fit(
    X, y, batch_size=32, epochs=80, validation_data=validation, callbacks=[stopping], verbose=0
)
print("epochs:", len(keras_history.history["loss"]), " best:", stopping.best_epoch + 1)
print("validation accuracy:", round(model.evaluate(*validation, verbose=0)[1], 3))

# %% needs="torch"
import copy

import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(8, 16, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Dropout(0.5),
    nn.Linear(256, 64),
    nn.ReLU(),
    nn.Dropout(0.5),
    nn.Linear(64, 10),
)
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.1)
loss_fn = nn.CrossEntropyLoss()
X_train, X_val = (torch.tensor(a).permute(0, 3, 1, 2) for a in (X, validation[0]))
y_train, y_val = torch.tensor(y), torch.tensor(validation[1])
lowest_loss = float("inf")
for epoch in range(80):
    model.train()  # dropout on
    for picked in torch.randperm(len(X_train)).split(32):
        loss = loss_fn(model(X_train[picked]), y_train[picked])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()  # dropout off
    with torch.no_grad():
        validation_loss = loss_fn(model(X_val), y_val).item()
    if validation_loss < lowest_loss:
        lowest_loss, best_epoch = validation_loss, epoch + 1
        best_state = copy.deepcopy(model.state_dict())
model.load_state_dict(best_state)
with torch.no_grad():
    accuracy = (model(X_val).argmax(dim=1) == y_val).float().mean().item()
print(f"best epoch: {best_epoch}, validation accuracy: {accuracy:.3f}")

# %% [markdown]
# The Keras model uses augmentation and dropout, the PyTorch model dropout and weight decay, so do not
# compare their results. For PyTorch, augmentation is in the package
# [torchvision](https://docs.pytorch.org/vision/stable/transforms.html).
#
# ## Exercises
#
# ### Exercise 1: read the curves
#
# Three networks were trained on digits. Which of them, A, B or C, underfits, and which overfits? What
# would you change first in each case?

# %% jupyter={"source_hidden": true} cellView="form"
slow, _ = fit(make_network(0), X, labels[:150], Adam(1e-4), epochs=40)
too_much, _ = fit(make_network(0, 0.9), X, y, Adam(5e-3))  # for exercise 4
too_far, _ = fit(
    make_network(0), X, y, Adam(5e-3), augment=lambda batch, rng: random_shifts(batch, rng, 3)
)
assert too_much[-1, 1] < 0.5 and too_far[too_far[:, 2].argmin(), 3] < stopped.min()
large, _ = fit(make_network(0), images[:600], labels[:600], Adam(1e-3), epochs=40)
fig, axes = plt.subplots(1, 3, figsize=(9, 3.1), sharey=True, layout="constrained")
for ax, runs, title in zip(axes, (large, plain[0, :40], slow), "ABC", strict=True):
    ax.plot(range(1, 41), runs[:, 0], "--", color=BLUE, label="training")
    ax.plot(range(1, 41), runs[:, 2], "-", color=ORANGE, label="validation")
    ax.set(title=title, xlabel="epoch", ylim=(0, 2.4))
axes[0].set_ylabel("loss")
axes[0].legend()
present(
    fig,
    "Three learning curves. A: both losses fall quickly, then slowly, to about 0.1. B: the training "
    "loss falls to 0; the validation loss falls and then rises. C: both losses fall slowly and together, "
    "and are still high in epoch 40.",
)

# %%
underfits = None
overfits = None
### BEGIN SOLUTION
underfits = "C"
overfits = "B"
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1, underfitting",
    underfits,
    "C",
    "A network that underfits has a high loss on its own training set.",
    [("B", "Its training loss is close to 0."), ("A", "Both of its losses end near 0.")],
)
public_tests.check_answer(
    "Exercise 1, overfitting",
    overfits,
    "B",
    "Look for a gap between the two curves that grows.",
    [("A", "There is a gap, but it is small and does not grow."), ("C", "There is no gap yet.")],
)

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# C needs more epochs or a larger learning rate; it has a fiftieth of the learning rate of B. B needs more
# images, early stopping or regularization. A needs little: it has 600 correctly labeled images.
#
# </details>
#
# ### Exercise 2: early stopping with patience
#
# Write `early_stopping(losses, patience)`. It gets the list of validation losses and returns a pair: the
# epoch after which training ends, and the epoch whose parameters are kept, both counted from 1. An equal
# loss is no improvement. If the patience never runs out, training ends after the last epoch.


# %%
def early_stopping(losses, patience):
    result = None
    ### BEGIN SOLUTION
    best = 1
    for epoch in range(1, len(losses) + 1):
        if losses[epoch - 1] < losses[best - 1]:
            best = epoch
        if epoch - best == patience:
            break
    result = (epoch, best)
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
def right_stopping(losses, patience):
    for epoch in range(1, len(losses) + 1):
        best = int(np.argmin(losses[:epoch])) + 1
        if epoch >= best + patience:
            return epoch, best
    return len(losses), best


def with_ties(losses, patience):  # an equal loss counts as an improvement
    for epoch in range(1, len(losses) + 1):
        best = epoch - int(np.argmin(losses[:epoch][::-1]))
        if epoch >= best + patience:
            return epoch, best
    return len(losses), best


public_tests.check_function(
    "Exercise 2",
    early_stopping,
    right_stopping,
    [
        ([0.91, 0.70, 0.61, 0.52, 0.58, 0.55, 0.53, 0.49, 0.60], 3),
        ([0.9, 0.8, 0.7], 2),
        ([0.5, 0.5, 0.5, 0.4], 2),
        ([0.9, 0.5, 0.6, 0.7, 0.4, 0.5, 0.6], 1),
        (plain[0, :, 2].tolist(), 10),
    ],
    "Keep the number of the best epoch so far. End if the present epoch is `patience` later.",
    [
        (
            lambda losses, patience: (len(losses), int(np.argmin(losses)) + 1),
            "This looks at all losses. Training ends before the later ones are known.",
        ),
        (
            lambda losses, patience: tuple(n - 1 for n in right_stopping(losses, patience)),
            "Both are one too small: count the epochs from 1.",
        ),
        (with_ties, "An equal loss is no improvement: it does not change the best epoch."),
        (
            lambda losses, patience: right_stopping(losses, patience + 1),
            "This waits for one epoch too many.",
        ),
        (
            lambda losses, patience: right_stopping(losses, patience)[::-1],
            "The right numbers in the wrong order.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `split_buggy` prepares data augmentation. It makes `copies` shifted versions of each of `m` images,
# shuffles them, and returns the indices of the images in the training set and in the validation set.
# The validation accuracy looks great and is wrong. Why? Write `split` without this bug. The validation
# set has `n` images, each of them once, and the training set has `copies` versions of each remaining
# image.


# %%
def split_buggy(m, copies, n, seed):
    numbers = np.random.default_rng(seed).permutation(np.repeat(np.arange(m), copies))
    return numbers[n:], numbers[:n]


def split(m, copies, n, seed):
    numbers = np.random.default_rng(seed).permutation(m)
    training, validation_part = None, None
    ### BEGIN SOLUTION
    training, validation_part = np.repeat(numbers[n:], copies), numbers[:n]
    ### END SOLUTION
    return training, validation_part


# %% jupyter={"source_hidden": true} cellView="form"
def sizes_of_split(m, copies, n, seed, function=None):
    training, validation_part = (function or split)(m, copies, n, seed)
    if training is None or validation_part is None:
        return None
    in_both = np.intersect1d(training, validation_part)
    return len(training), len(validation_part), len(np.unique(training)), len(in_both)


public_tests.check_function(
    "Exercise 3: images in training, in validation, different ones in training, in both sets",
    sizes_of_split,
    lambda m, copies, n, seed: ((m - n) * copies, n, m - n, 0),
    [(100, 4, 20, 0), (10, 1, 3, 1), (50, 9, 25, 2)],
    "Split the numbers of the images first. Then repeat those that are for training.",
    [
        (
            lambda *settings: sizes_of_split(*settings, function=split_buggy),
            "This is the buggy version: shifted versions of one image are in both sets.",
        ),
        (
            lambda m, copies, n, seed: (m - n, n, m - n, 0),
            "The sets are disjoint. Each training image needs its copies.",
        ),
        (
            lambda m, copies, n, seed: (n, (m - n) * copies, n, 0),
            "The two sets are in the wrong order: the training set comes first.",
        ),
        (
            lambda m, copies, n, seed: ((m - n) * copies, n * copies, m - n, 0),
            "The validation images are not augmented: each of them once.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the cell below.
#
# 1. ... all labels are correct: `given = labels[:150]`? Does the validation loss still rise?
# 2. ... the dropout rate is 0.9?
# 3. ... the images are shifted by up to 3 pixels:
#    `augment = lambda batch, rng: random_shifts(batch, rng, 3)`?

# %%
given, rate, augment = y, 0.0, None  # change these
history, _ = fit(make_network(0, rate), X, given, Adam(5e-3), augment=augment)
best = history[:, 2].argmin()
print("epoch  training loss, accuracy  validation loss, accuracy")
for epoch in (best, len(history) - 1):
    print(f"{epoch + 1:5}     {'      '.join(f'{value:.3f}' for value in history[epoch])}")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. Yes, but less. In the first figure's run with correct labels, the validation loss ends less than
#    1.4 times as high as its lowest value; in all three runs with wrong labels it was more. The wrong
#    labels made overfitting easier to see.
# 2. Only one in ten inputs of each dense layer remains. With seed 0, even the training accuracy stays
#    below one half: too much regularization is underfitting.
# 3. A digit of 8 x 8 pixels that moves by 3 can lose a third of its rows. With seed 0 and early stopping,
#    the validation accuracy is lower than without any augmentation. How far you may go depends on the
#    data.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **use three sets:** the training set for parameters, the
#    [validation set](glossary.md#validation-set) for [hyperparameters](glossary.md#hyperparameter), the
#    [test set](glossary.md#test-set) for one measurement at the end;
# 2. **read [learning curves](glossary.md#learning-curve):** a growing gap is
#    [overfitting](glossary.md#overfitting), two high losses are
#    [underfitting](glossary.md#underfitting); [early stopping](glossary.md#early-stopping) keeps the
#    epoch with the lowest validation loss;
# 3. **reduce overfitting** with more data or [regularization](glossary.md#regularization):
#    [dropout](glossary.md#dropout), [data augmentation](glossary.md#data-augmentation),
#    [weight decay](glossary.md#weight-decay); and compare ranges over several seeds.
#
# | term in this course | you may also read |
# |---|---|
# | [**validation set**](glossary.md#validation-set) | development set, dev set; hold-out set |
# | [**overfitting**](glossary.md#overfitting) | high variance; [underfitting](glossary.md#underfitting): high bias |
# | [**weight decay**](glossary.md#weight-decay) | L2 regularization (the same for plain SGD) |
#
# ## What to read next
#
# - Next is [Fashion-MNIST](16_fashion_mnist.ipynb), where you apply all of this to 70,000 images.
# - Zhang, Bengio, Hardt, Recht and Vinyals, *Understanding deep learning requires rethinking
#   generalization* (ICLR 2017), the experiment of the first figure on large networks:
#   [arXiv:1611.03530](https://arxiv.org/abs/1611.03530).
# - Arpit and others, *A closer look at memorization in deep networks* (ICML 2017), on what is learned
#   first: [arXiv:1706.05394](https://arxiv.org/abs/1706.05394).
# - Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, *Dropout* (JMLR 2014):
#   [jmlr.org](https://jmlr.org/papers/v15/srivastava14a.html).
# - Loshchilov and Hutter, *Decoupled weight decay regularization* (ICLR 2019), the AdamW of this lesson:
#   [arXiv:1711.05101](https://arxiv.org/abs/1711.05101).
# - scikit-learn, [Cross-validation](https://scikit-learn.org/stable/modules/cross_validation.html):
#   what to do if there are too few images for a fixed validation set.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), sections 3.6, 3.7 and 5.6:
#   [d2l.ai](https://d2l.ai/chapter_linear-regression/generalization.html).
