# %% [markdown]
# # Overfitting
#
# We train two networks on the same 150 digits. One gets the correct labels. For the other one we shuffle the
# labels, so that a 4 may be called a 7 and there is nothing to understand. Then we ask both what they have learned.
# Run the next two cells.

# %% include="lesson_setup"

# %%
from convnet.data import digits
from convnet.functional import cross_entropy_backward, softmax
from convnet.layers import Conv2D, Dense, Flatten, Layer, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate
from lesson_tools.overfitting import figures as draw
from lesson_tools.overfitting.questions import check, predict

data = digits()
order = np.random.default_rng(0).permutation(1797)
images = np.concatenate([data.train_images, data.test_images])[order]
labels = np.concatenate([data.train_labels, data.test_labels])[order]
validation, test = (images[600:900], labels[600:900]), (images[900:], labels[900:])


def make_network(seed, dropout=(), n=8):
    layers = [Conv2D(n, 3, padding=1), ReLU(), Conv2D(2 * n, 3, padding=1), ReLU(), MaxPooling2D(2)]
    layers += [Flatten(), *dropout[:1], Dense(8 * n), ReLU(), *dropout[1:], Dense(10)]
    return Network(layers, (8, 8, 1), seed)


def fit(network, X, y, optimizer, epochs=80, seed=0, augment=None, after_epoch=None):
    rng = np.random.default_rng(seed)
    history, best_parameters = [], None
    for _ in range(epochs):
        for picked in np.array_split(rng.permutation(len(X)), len(X) // 32 or 1):
            batch = augment(X[picked], rng) if augment else X[picked]
            scores = network.forward(batch, training=True)
            network.backward(cross_entropy_backward(scores, y[picked]))
            optimizer.step(network.parameters, network.gradients)
        history.append((*evaluate(network, X, y), *evaluate(network, *validation)))
        if history[-1][2] == min(line[2] for line in history):  # lowest validation loss so far
            best_parameters = network.parameters.copy()
        if after_epoch:
            after_epoch(network)
    return np.array(history), best_parameters


shuffled = np.random.default_rng(5).permutation(labels[:150])
histories = {}
for name, given in (("correct labels", labels[:150]), ("shuffled labels", shuffled)):
    histories[name], _ = fit(make_network(seed=0), images[:150], given, Adam(5e-3))
    print(f"{name}: training accuracy {histories[name][-1, 1]:.0%}")

# %% [markdown]
# Both have learned *everything*. By its training accuracy, a network that reads digits is no different from one that
# has memorized 150 coincidences. What does show the difference?

# %%
draw.two_networks(images[:150], labels[:150], shuffled, histories)

# %% [markdown]
# New images do. On them, the first network is right nine times in ten, and the second one is no better than guessing.
# **The training accuracy does not tell you what a network will do with new images.** The ability to make good
# predictions for new examples is called [**generalization**](glossary.md#generalization). A model that fits its
# training set much better than new examples shows [**overfitting**](glossary.md#overfitting).
#
# Your own networks do some of each: they learn the rule, and they memorize. In this lesson you watch the moment at
# which memorizing takes over, and make it harder.
#
# **By the end of this lesson you will be able to**
#
# 1. recognize overfitting and underfitting in learning curves, and stop training early;
# 2. use data augmentation, dropout and weight decay, in NumPy, PyTorch and Keras;
# 3. find out whether a remedy helps, on several training sets and on test images that decided nothing.
#
# **Time:** about 55 minutes, and 25 for the exercises. **You need:** [Training](14_training.ipynb).

# %% [markdown]
# ## Learning curves
#
# Real labels contain errors. To watch overfitting in seconds, we keep only 150 training images, and an
# imaginary careless annotator gives about 15% of them a wrong label. The labels of the
# [validation images](glossary.md#validation-set) are correct.
#
# A [**learning curve**](glossary.md#learning-curve) plots the loss or the accuracy against the epochs. `fit` measures
# both sets *after* each epoch, so that they can be compared.
#
# **Predict.** The training loss falls nearly to 0 in 80 epochs, so the network memorizes the wrong labels, too.
# What does the validation *loss* do? `"a"` It falls too, but stays higher. `"b"` It falls, then stays constant. `"c"` It
# falls, then rises.

# %%
predict("curve", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. On its way to a training loss of 0, the network must become sure that some 3 is a 5. New images that look like it
# then get a probability near 0 for their correct class, and the loss is minus the logarithm of this probability.
#
# </details>

# %%
rng = np.random.default_rng(1)
is_wrong = rng.random(600) < 0.15
noisy = np.where(is_wrong, (labels[:600] + rng.integers(1, 10, 600)) % 10, labels[:600])
X, y, wrong = images[:150], noisy[:150], np.flatnonzero(is_wrong[:150])

runs, networks, best, predictions = [], [], [], []
for seed in range(3):
    predictions.append([])  # for the images with wrong labels, after each epoch

    def remember(network):
        predictions[-1].append(network.scores(X[wrong]).argmax(axis=1))

    networks.append(make_network(seed))
    result = fit(networks[-1], X, y, Adam(5e-3), seed=seed, after_epoch=remember)
    runs.append(result[0])
    best.append(result[1])
runs, predictions = np.array(runs), np.array(predictions)
draw.learning_curves(runs)

# %% [markdown]
# The distance between the two curves is the **generalization gap**. (At first the validation loss is the lower one,
# because its labels are correct.) In these three runs, which differ in their seed, the validation loss is lowest in
# epochs [11, 14 and 11]{= "{}, {} and {}".format(*runs[:, :, 2].argmin(axis=1) + 1) }. After that, the network still
# improves on its training set, while its loss on new images rises.
#
# If both losses stay high and close together, the network has not even fit its training set. That is
# [**underfitting**](glossary.md#underfitting). Train longer, at a higher rate or with a larger network. If that does
# not help, look for a mistake in the code or in the images, because a network like ours fits even shuffled labels.

# %% [markdown]
# ## Overconfidence
#
# The validation accuracy falls, so there are more mistakes. But after epoch 45 it hardly changes. Why does the loss
# still rise? The accuracy counts a mistake as *one* mistake, however sure the network is, while the loss charges more
# for a confident mistake. So we compare what the network promises, its mean probability for the class that it
# predicts, with what it delivers.

# %%
for name, parameters in (("best epoch", best[0]), ("last epoch", networks[0].parameters.copy())):
    networks[0].parameters[:] = parameters
    probabilities = softmax(networks[0].scores(validation[0]))
    right = probabilities.argmax(axis=1) == validation[1]
    promised = probabilities.max(axis=1)
    print(f"{name}: accuracy {right.mean():.2f}, promised {promised.mean():.2f},", end=" ")
    print(f"for its mistakes {promised[~right].mean():.2f}")

# %% [markdown]
# In the best epoch, the network promises too little, because some of its training labels contradict the rule. (With
# correct labels, it promises slightly more than it delivers.) In the last one it promises too much. It is
# **overconfident**, or poorly [**calibrated**](glossary.md#calibration), and gives its mistakes a mean probability of
# about [0.8]{= f"{promised[~right].mean():.1f}" }.

# %% [markdown]
# ## What is memorized, and when?
#
# [19]{= len(wrong) } of the 150 training images carry a wrong label. After every epoch we ask the network about these
# images. It may answer with the annotator's label, which it can hardly know unless it has memorized it. Or it may
# answer with the *correct* class, which it was never told.
#
# **Predict.** In the figure above, find the training accuracy in epoch 5. If the network first learns what many images
# have in common, how many of the wrong labels does it predict after 5 epochs: `"few"` (less than a third), about `"half"`,
# or `"most"` (more than two thirds)?

# %%
predict("early", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"few"`. After 5 epochs the training accuracy is about
# [0.8]{= f"{runs[:, 4, 1].mean():.1f}" }, and the correct labels alone would suffice for 0.87. A wrong label contradicts
# what the other images of its class teach, so it comes last.
#
# </details>

# %%
as_labeled, as_they_are = predictions == y[wrong], predictions == labels[wrong]
draw.memorized(as_labeled.mean(axis=2), as_they_are.mean(axis=2))

# %% [markdown]
# Around epoch 10, the network corrects its annotator. It has learned the rule, but not yet the exceptions. By epoch 50 it
# has memorized all [19]{= int(as_labeled[:, 49:].sum(axis=2).min()) } of them, and the rule has suffered. So
# there is a good moment to stop.

# %% [markdown]
# ## Early stopping
#
# [**Early stopping**](glossary.md#early-stopping) keeps the parameters of the epoch with the lowest validation
# loss, as `fit` does. To save time, training may end when a number of epochs, the **patience**, has passed without a new
# lowest loss.
#
# **Predict.** The validation losses are 0.91, 0.70, 0.61, 0.52, 0.58, 0.55, 0.53, 0.49, 0.60, and the patience is 3. Epochs
# are counted from 1. After which epoch does training end, and the parameters of which epoch are kept? Answer with a
# pair.

# %%
predict("patience", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `(7, 4)`. The loss of epoch 4 is 0.52, and in the three epochs after it no loss is lower. Training never
# sees the 0.49 of epoch 8. A larger patience costs time, and misses less.
#
# </details>


# %%
def test_accuracies(network, best_parameters):
    """Return the test accuracies of the best and of the last epoch."""
    last = evaluate(network, *test)[1]
    network.parameters[:] = best_parameters
    return evaluate(network, *test)[1], last


for seed, network in enumerate(networks):
    stopped, last = test_accuracies(network, best[seed])
    print(f"seed {seed}: test accuracy {stopped:.3f} in the best epoch, {last:.3f} in epoch 80")

# %% [markdown]
# Note which images we use for these numbers. The epoch was chosen on the validation images, and what is chosen
# because it looks good on some images usually looks less good on others. So we report on [test
# images](glossary.md#test-set), which decided nothing.

# %% [markdown]
# ## Data augmentation
#
# With more images there is more to learn, so if you can get more data, get it. If you cannot, change the training so that
# memorizing becomes harder. That is [**regularization**](glossary.md#regularization).
#
# A 7 that is moved by a pixel is still a 7. [**Data augmentation**](glossary.md#data-augmentation), which you met
# with the pluses of [lesson 05](05_why_convolution.ipynb), makes new training images from old ones by changes that
# keep the label. To shift an image, pad it with zeros and crop a part of the original size at a random position.


# %%
def random_shifts(batch, rng, by=1):
    padded = np.pad(batch, ((0, 0), (by, by), (by, by), (0, 0)))
    starts = rng.integers(0, 2 * by + 1, (len(batch), 2))
    return np.stack([p[r : r + 8, q : q + 8] for p, (r, q) in zip(padded, starts, strict=True)])


seven = images[labels == 7][:1]
draw.shifted(seven, random_shifts(np.repeat(seven, 6, axis=0), rng))

# %% [markdown]
# `fit` draws new shifts for every mini-batch, so the network sees up to nine versions of each image. With photographs
# you can also crop, mirror and brighten. There are two rules. **The change must keep the label**: a mirrored cat is a
# cat, but a mirrored b is a d. And **only training images are changed**, because you want to be measured on what you
# will meet.

# %% [markdown]
# ## Dropout
#
# [**Dropout**](glossary.md#dropout) sets randomly chosen activations to 0 in every training step, each with
# probability `rate`. The next layer cannot rely on any single activation, so it has to use many. The activations that
# are kept are divided by $1 - \text{rate}$, so that the mean over all masks is the original value. After training,
# nothing is dropped.
#
# **Predict.** The activations are 6, 1, 4, 2, the rate is 0.75, and the mask happens to be 0, 0, 1, 0. What does dropout
# return during training? Answer with a list.

# %%
predict("dropped", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[0, 0, 16, 0]`. The 4 is divided by 0.25. It survives in one of four steps on average, and then counts four times,
# so that its mean is $\frac14 \cdot 16 + \frac34 \cdot 0 = 4$.
#
# </details>


# %%
class Dropout(Layer):
    def __init__(self, rate, seed=0):
        super().__init__(rate=rate)
        self.rng = np.random.default_rng(seed)

    def forward(self, x, training):
        keep = 1 - self.settings["rate"]
        mask = (self.rng.random(x.shape) < keep) / keep if training else np.ones(x.shape)
        self.mask = mask.astype(x.dtype)
        return x * self.mask

    def backward(self, dy):
        return dy * self.mask  # what was dropped gets no gradient


layer = Dropout(0.75)
for _ in range(3):
    print("training:  ", layer.forward(np.array([6.0, 1, 4, 2]), training=True))
print("evaluation:", layer.forward(np.array([6.0, 1, 4, 2]), training=False))

# %% [markdown]
# ## Weight decay
#
# [**Weight decay**](glossary.md#weight-decay) shrinks all weights a little in each step, so that a weight stays large
# only if the gradients keep supporting it. For plain SGD this is the same as adding the **L2 penalty**
# $\frac{\lambda}{2} \lVert w \rVert^2$ to the cost, where $\lambda$ is the decay, because the gradient of the penalty
# is $\lambda w$. For Adam the two differ, and decaying the weights directly is called **AdamW**. To stay short, our
# class shrinks the biases, too, as PyTorch does by default:


# %%
class AdamW(Adam):
    def __init__(self, learning_rate, decay):
        super().__init__(learning_rate)
        self.decay = decay

    def step(self, parameters, gradients):
        parameters *= 1 - self.settings["learning_rate"] * self.decay
        super().step(parameters, gradients)


# %% [markdown]
# **Predict.** With the learning rate 0.005 and a decay of 1, which fraction of a weight that gets no gradient is left after
# our 320 steps? And with 0.01, the default of PyTorch's AdamW? Answer with a pair, rounded to one decimal.

# %%
predict("left", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $(1 - 0.005)^{320} \approx$ [0.2]{= f"{0.995**320:.1f}" }, and $(1 - 0.00005)^{320} \approx$
# [0.98]{= f"{0.99995**320:.2f}" }, which is 1.0 after rounding. In a training run as short as ours, the default does
# next to nothing.
#
# </details>

# %% [markdown]
# ## Do they help?
#
# Now all of them, each from three seeds, with early stopping. The test images measure the result.


# %%
def accuracy(seed, augment=None, rate=0, decay=0):
    dropout = [Dropout(rate, seed), Dropout(rate, seed + 100)] if rate else []
    network = make_network(seed, dropout)
    _, best_parameters = fit(network, X, y, AdamW(5e-3, decay), seed=seed, augment=augment)
    return test_accuracies(network, best_parameters)[0]


treatments = {
    "nothing": {},
    "weight decay": {"decay": 0.1},
    "dropout": {"rate": 0.5},
    "augmentation": {"augment": random_shifts},
    "dropout and augmentation": {"rate": 0.5, "augment": random_shifts},
}
for name, treatment in treatments.items():
    print(f"{name:24}:", np.round([accuracy(seed, **treatment) for seed in range(3)], 3))

# %% [markdown]
# Augmentation and dropout seem to help, but we have only one training set. The seeds tell you how lucky a network can
# be with its first weights and its mini-batches, and nothing about its luck with the data. So the next figure
# compares the treatments on ten training sets. Think of a clinical trial: **give every patient both treatments, and
# look at the differences.** A patient is a training set. On each one, the plain network chose among eight learning
# rates, and each remedy among six settings, with the validation images.

# %%
draw.trial()

# %% [markdown]
# The plain network alone reads between [0.81]{= f"{draw.accuracies('nothing').min():.2f}" } and
# [0.87]{= f"{draw.accuracies('nothing').max():.2f}" } of the test images, depending on which 150 images it was given.
# In the differences, much of this luck cancels. (After each ± stands the [standard error](glossary.md#standard-error)
# of the mean.)
#
# - **Dropout** gains [4.6 ± 0.6]{= "{:.1f} ± {:.1f}".format(*draw.mean_and_error(draw.gains("dropout"))) } points and
#   **augmentation** [4.9 ± 0.5]{= "{:.1f} ± {:.1f}".format(*draw.mean_and_error(draw.gains("augmentation"))) }, each
#   on [10]{= int(min(np.sum(draw.gains(arm) > 0) for arm in ("dropout", "augmentation"))) } of ten sets. **Both
#   together** gain [6.8 ± 0.6]{= "{:.1f} ± {:.1f}".format(*draw.mean_and_error(draw.gains("both"))) }, about as much
#   as if somebody had corrected all the labels.
# - **Weight decay** gains [0.4 ± 0.3]{= "{:.1f} ± {:.1f}".format(*draw.mean_and_error(draw.gains("decay"))) }, which we
#   cannot tell from nothing.
# - **More data** gains most. With 600 images, of which 15% still have a wrong label, it is
#   [9.2 ± 0.7]{= "{:.1f} ± {:.1f}".format(*draw.mean_and_error(draw.gains("images"))) }.
#
# **Early stopping** is missing in the figure, because all of these networks were stopped early. At a learning rate of 0.005,
# it gains about five points, as you saw above. But a network that is trained ten times as slowly for all 80 epochs does
# as well: to train slowly is to stop early. And a tuned SVM, trained with the nine shifts of each image, reads 93% of the test images,
# more than any of these networks with 150 images ([all arms](../benchmarks/lessons/overfitting.md), also with
# correct labels and from other seeds).

# %% [markdown]
# ## The remedies in PyTorch
#
# Dropout is a layer, weight decay an argument of the optimizer, and early stopping a copy of the
# [state dict](glossary.md#state-dict), the dictionary of all arrays that a model has to keep.

# %% needs="torch"
import copy

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(1, 8, kernel_size=3, padding=1),
    nn.ReLU(),
    nn.Conv2d(8, 16, kernel_size=3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Dropout(0.5),
    nn.Linear(16 * 4 * 4, 64),
    nn.ReLU(),
    nn.Dropout(0.5),
    nn.Linear(64, 10),
)
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.1)
train_set = TensorDataset(torch.tensor(X).permute(0, 3, 1, 2), torch.tensor(y))
loader = DataLoader(train_set, batch_size=32, shuffle=True)
X_val, y_val = torch.tensor(validation[0]).permute(0, 3, 1, 2), torch.tensor(validation[1])
loss_fn, lowest_loss = nn.CrossEntropyLoss(), float("inf")
for epoch in range(1, 61):
    model.train()  # dropout on
    for batch, targets in loader:
        loss = loss_fn(model(batch), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()  # dropout off
    with torch.no_grad():
        val_loss = loss_fn(model(X_val), y_val).item()
    if val_loss < lowest_loss:
        lowest_loss, best_epoch = val_loss, epoch
        best_state = copy.deepcopy(model.state_dict())
model.load_state_dict(best_state)
print(f"best epoch {best_epoch}, val_loss {lowest_loss:.3f}")

# %% [markdown]
# Without `deepcopy`, `best_state` would share its memory with the live parameters, and "the best epoch" would always be the
# last one. And this happens if you **forget `model.eval()`**:

# %% needs="torch"
with torch.no_grad():
    for mode in (model.train, model.eval):
        mode()
        values = [(model(X_val).argmax(dim=1) == y_val).float().mean().item() for _ in range(4)]
        print(f"{mode.__name__:5} mode:", [round(value, 3) for value in values])

# %% [markdown]
# One network and the same 300 images give four accuracies, all too low. A validation accuracy that changes when you
# measure it twice is a sign of this mistake.
#
# For augmentation there is [torchvision](https://docs.pytorch.org/vision/stable/transforms.html). A data set calls its
# `transform` on each image, whenever the image is read. For photographs in folders with the names of their classes:
#
#     from torchvision import datasets
#     from torchvision.transforms import v2
#
#     random_view = v2.Compose([
#         v2.RandomResizedCrop(224, scale=(0.4, 1.0)),
#         v2.RandomHorizontalFlip(),
#         v2.ColorJitter(brightness=0.4),
#         v2.ToImage(),
#         v2.ToDtype(torch.float32, scale=True),
#     ])
#     train_set = datasets.ImageFolder("photos/train", transform=random_view)

# %% [markdown]
# ## The remedies in Keras
#
# In Keras, augmentation is a layer, too, and early stopping is a callback. `fit` and `evaluate` switch augmentation and
# dropout on and off by themselves.

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
        layers.Dropout(0.25),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.25),
        layers.Dense(10),
    ]
)
model.compile(
    optimizer=keras.optimizers.AdamW(learning_rate=5e-3, weight_decay=0.1),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)
history = model.fit(
    X, y, batch_size=32, epochs=60, validation_data=validation, callbacks=[stopping], verbose=0
)
print("epochs:", len(history.history["loss"]), " best:", stopping.best_epoch + 1)
print("val_loss and val_accuracy:", np.round(model.evaluate(*validation, verbose=0), 3))

# %% [markdown]
# `restore_best_weights=True` is not the default. Without it, Keras stops early and keeps the weights of the *last* epoch, which
# are the ones that you wanted to avoid.

# %% [markdown]
# ## Room to memorize
#
# Our network has [18,346]{= f"{make_network(0).parameters.size:,}" } parameters for 150 images, so it is no wonder
# that it memorizes. The obvious remedy is a smaller network, which has less room. With two filters instead of eight,
# and with a quarter of the other units, [1,306]{= f"{make_network(0, n=2).parameters.size:,}" } parameters are left.
# With 32 filters, there are [283,786]{= f"{make_network(0, n=32).parameters.size:,}" }.
#
# By everything in this lesson, the first one should read more test images than ours, and the second one fewer. Run the
# experiment. It takes a few seconds. In its last two lines, the large network also gets both remedies.

# %%
for n, remedies in ((2, False), (8, False), (32, False), (32, True)):
    for seed in range(2):
        dropout = [Dropout(0.5, seed), Dropout(0.5, seed + 100)] if remedies else []
        network, augment = make_network(seed, dropout, n), random_shifts if remedies else None
        history, best_parameters = fit(network, X, y, Adam(2e-3), seed=seed, augment=augment)
        stopped, last = test_accuracies(network, best_parameters)
        print(f"{n:2} filters{', remedies' * remedies:10}: training {history[-1, 1]:.2f},", end=" ")
        print(f"test {stopped:.3f} in the best epoch, {last:.3f} in epoch 80")

# %% [markdown]
# The first half of the reasoning is right. With 2 filters, the network hardly memorizes, and loses little by epoch 80. But
# it reads *fewer* test images than ours, because it has less room for the rule as well. The network with 32 filters memorizes all
# wrong labels, and is no worse than ours. On the ten training sets, with tuned rates and early stopping, the small network
# lost 4.2 ± 0.7 points and the large one *gained* 1.6 ± 0.7. With both remedies, the large network read 93.2%, ahead of
# our network with both on all ten sets, and level with the SVM ([all arms](../benchmarks/lessons/overfitting.md)).
#
# So **the number of parameters does not tell you how well a network generalizes.** On some tasks, the test error can
# even fall, rise and fall again as a network grows, which is called **double descent**. Why large networks find the
# rule, although they have room for every exception, is not fully understood. In practice, take a network that is
# large enough, and regularize it.

# %% [markdown]
# ## Further: choosing on the test set (optional)
#
# Suppose that the validation set is too small for your taste, so you choose with the test set, "just this once". We train
# 20 networks that differ only in their seed, for 12 epochs each. Then we draw 100 test images, report the accuracy of the
# best network on them, and compare it with its accuracy on all [897]{= len(test[0]) }, which you normally would not have.

# %%
right = []
for seed in range(20):
    network = make_network(seed)
    fit(network, X, y, Adam(5e-3), epochs=12, seed=seed)
    right.append(network.scores(test[0]).argmax(axis=1) == test[1])
right = np.array(right)  # (networks, images)

first, best_one = [], []
for _ in range(1000):
    reported = right[:, rng.choice(897, 100, replace=False)].mean(axis=1)
    winner = reported.argmax()
    first.append(reported[0] - right[0].mean())
    best_one.append(reported[winner] - right[winner].mean())
print(f"mean error of the report: first network {100 * np.mean(first):+.1f} points,", end=" ")
print(f"best of twenty {100 * np.mean(best_one):+.1f} points")
draw.chosen_on_the_test_set(np.array(first), np.array(best_one))

# %% [markdown]
# The best of twenty is partly the best network, and partly the one to which these 100 images happened to be kind. Its
# report is about [3]{= round(100 * np.mean(best_one)) } points too good, because luck does not repeat on other images. The
# effect grows with the number of candidates and shrinks with the size of the set. **If you choose on the test set, it
# becomes a second validation set, and you have no test set.**

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: three learning curves
#
# Three networks were trained on digits. Which of them, A, B or C, underfits, and which overfits? What would you
# change first in each case?

# %%
draw.three_runs()

# %%
underfits = None
overfits = None
### BEGIN SOLUTION
underfits = "C"
overfits = "B"
### END SOLUTION

# %%
check("underfits", underfits)
check("overfits", overfits)

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# C needs more epochs or a larger learning rate; it has a fiftieth of the rate of B. B needs more images, early
# stopping or regularization. A needs little, since it has 600 correctly labeled images.
#
# </details>

# %% [markdown]
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


# %%
check("early_stopping", early_stopping)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `split_buggy` prepares data augmentation. It makes `copies` shifted versions of each of `m` images, shuffles them,
# and returns the indices of the images in the training set and in the validation set. The validation accuracy
# looks great and is wrong. Why? Write `split` without this bug. The validation set has `n` images, each of them once, and
# the training set has `copies` versions of each remaining image.


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


# %%
check("split", split)

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# Versions of one image are in both sets, so the network is asked about images that it has nearly seen.
#
# </details>

# %% [markdown]
# ## Recap
#
# 1. A growing gap between the [learning curves](glossary.md#learning-curve) is [overfitting](glossary.md#overfitting), and
#    two high losses are usually [underfitting](glossary.md#underfitting). The network learns the rule first and memorizes
#    exceptions later, so [early stopping](glossary.md#early-stopping) keeps the epoch with the lowest validation loss.
# 2. [Data augmentation](glossary.md#data-augmentation) and [dropout](glossary.md#dropout) make memorizing harder and
#    gained several points here. [Weight decay](glossary.md#weight-decay), on top of early stopping, did not. More
#    data gained most. With the same [regularization](glossary.md#regularization), the larger network was better.
# 3. To find out whether a remedy helps, tune both sides on validation images, compare them on several training sets, and
#    report on a [test set](glossary.md#test-set) that decided nothing.
#
# | term in this course | you may also read |
# |---|---|
# | [**validation set**](glossary.md#validation-set) | development set, dev set; hold-out set |
# | [**overfitting**](glossary.md#overfitting) | high variance; [underfitting](glossary.md#underfitting): high bias |
# | [**weight decay**](glossary.md#weight-decay) | L2 regularization (the same for plain SGD) |

# %% [markdown]
# ## What to read next
#
# - Next is [One layer, four libraries](16_one_layer_four_libraries.ipynb): another kind of mistake that raises no error.
# - Zhang, Bengio, Hardt, Recht and Vinyals, *Understanding deep learning requires rethinking generalization* (ICLR 2017),
#   the experiment of the first figure on large networks: [arXiv:1611.03530](https://arxiv.org/abs/1611.03530).
# - Nakkiran, Kaplun, Bansal, Yang, Barak and Sutskever, *Deep double descent* (ICLR 2020), what happens between "too
#   small" and "very large": [arXiv:1912.02292](https://arxiv.org/abs/1912.02292).
