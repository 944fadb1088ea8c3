# %% [markdown]
# # Training
#
# In an exercise of [The convolution layer](06_convolution_layer.ipynb) you called `train(network, ...)`, and seconds
# later you had a network that reads handwritten digits. Now look inside. Run the next two cells. The second one
# trains a network and prints a **log**, as most training runs do.

# %% include="lesson_setup"

# %%
from convnet import training
from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.models import digits_network
from convnet.training import SGD, Adam, evaluate
from lesson_tools.training import figures as draw
from lesson_tools.training.questions import check, predict

data = digits()
X, labels = data.train_images[:1200], data.train_labels[:1200]
X_val, val_labels = data.train_images[1200:], data.train_labels[1200:]


def fit(network, optimizer, epochs, seed=0):
    settings = {"epochs": epochs, "seed": seed, "progress": False}
    return training.train(
        network, X, labels, optimizer=optimizer, validation=(X_val, val_labels), **settings
    )


network = digits_network(seed=0, dtype="float64")  # the same numbers on every machine
log = fit(network, Adam(0.01), epochs=12)
for number, line in enumerate(log, 1):
    print(
        f"epoch {number:2}: loss {line.loss:.3f}, accuracy {line.accuracy:.3f},",
        f"val_loss {line.validation_loss:.3f}, val_accuracy {line.validation_accuracy:.3f}",
    )
draw.before_and_after(X_val, val_labels, digits_network(seed=0), network)

# %% [markdown]
# The first two columns show the loss and the accuracy on the images that the network learns from, and the last two
# show them on 300 other images. The validation accuracy ends at 97%, so all seems well. But read closely, and you will have
# questions:
#
# 1. What happens *between* two lines?
# 2. In line 1, the network is right on 69% of the images that it learns from, and on 87% of images that it has never
#    seen. How can it be better on new images?
# 3. Who chose 0.01, and what is Adam?
# 4. Is 97% good?

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. write the training loop in ten lines, and read its log;
# 2. tune a learning rate, and compare SGD, momentum and Adam fairly;
# 3. train a network in NumPy, PyTorch and Keras, and compare it with a tuned baseline.
#
# **Time:** about 60 minutes, and 25 for the exercises. **You need:** [Losses](12_losses.ipynb) and
# [Backpropagation](13_backpropagation.ipynb).

# %% [markdown]
# ## Mini-batches
#
# The network has [3,818]{= f"{network.parameters.size:,}" } parameters. It learns them from the
# [1,200]{= f"{len(X):,}" } images of the [**training set**](glossary.md#training-set) `X`. The [300]{= len(X_val) } images
# of the [**validation set**](glossary.md#validation-set) `X_val` are for choosing settings, such as the learning rate.
# Another 297 images, the [**test set**](glossary.md#test-set), are not used until all choices are made, because a number
# that you have used for choosing is too optimistic.
#
# A step of gradient descent needs a gradient. In [Losses](12_losses.ipynb) you computed it from all images at once,
# which is exact but expensive. The gradient of 32 digits is only an estimate, but it costs only about 1/38 as much,
# and 38 rough steps usually lead further than one exact step. So training takes a step with 32 images, chosen at
# random, then one with the next 32, and so on. Such a part of the training set is a
# [**mini-batch**](glossary.md#mini-batch), and gradient descent with mini-batches is called [**stochastic gradient
# descent**](glossary.md#stochastic-gradient-descent) (SGD). When all images have been used, an
# [**epoch**](glossary.md#epoch) is over, and the log gets another line.
#
# The estimate is right on average. As long as $m$ is small compared with the training set, the typical error of an
# estimate from $m$ images is proportional to $1/\sqrt{m}$, so you need four times as many to halve the error.
#
# **Predict.** How many steps does an epoch with our 1,200 training images have, and how many images are left for the
# last mini-batch? Answer with `(steps, images)`.

# %%
predict("steps", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 1,200 / 32 is 37.5, so there are 37 full mini-batches, and a 38th with the remaining [16]{= len(X) % 32 } images.
# Between two lines of the log, all 3,818 parameters change [38]{= -(-len(X) // 32) } times.
#
# </details>

# %%
draw.training_step(network, 32)

# %% [markdown]
# ## The training loop in ten lines
#
# Here is the whole method. The numbers in the comments are those in the figure.


# %%
def train(network, X, labels, rate, epochs, batch=32, seed=0):
    losses = []
    for epoch in range(1, epochs + 1):
        order = np.random.default_rng((seed, epoch)).permutation(len(X))  # shuffle
        for start in range(0, len(X), batch):
            picked = order[start : start + batch]  # 1 slice
            scores = network.forward(X[picked], training=True)  # 2 forward
            losses.append(cross_entropy(scores, labels[picked]))  # 3 loss
            network.backward(cross_entropy_backward(scores, labels[picked]))  # 4 backward
            network.parameters -= rate * network.gradients  # 5 step
    return losses


ours = digits_network(seed=0)
losses = train(ours, X, labels, rate=0.3, epochs=6)
print("first three losses:", np.round(losses[:3], 3), "  last three:", np.round(losses[-3:], 3))

library = digits_network(seed=0)
fit(library, SGD(0.3), epochs=6)
print("same parameters as from the library:", np.array_equal(ours.parameters, library.parameters))

# %% [markdown]
# This is the [**training loop**](glossary.md#training-loop), and the answer to question 1. The function that you
# called in lesson 06 does the same, number for number, and also returns a log.
#
# - **Shuffle.** If the images were sorted by class, most mini-batches would hold only one digit, and the network would
#   learn to answer with that digit until the next class begins.
# - **Slice.** The same indices select images *and* labels.
# - **Forward, loss, backward.** `training=True` matters for layers that behave differently during training. You will
#   meet some in later lessons.
# - **Step.** This is the only line in which the parameters change.
#
# `rate`, `epochs` and `batch` are [hyperparameters](glossary.md#hyperparameter): you choose them, and training does not
# change them.

# %% [markdown]
# ## The first line of the log
#
# Line 1 says [0.693]{= f"{log[0].accuracy:.3f}" } for the training images and
# [0.873]{= f"{log[0].validation_accuracy:.3f}" } for the validation images. As in Keras, the first number is a mean
# over the mini-batches of the epoch, each measured in its own step.
#
# **Predict.** Why is the first number so much smaller? `"a"` The validation images are easier. `"b"` The two numbers
# belong to different weights. `"c"` The network overfits.

# %%
predict("first_line", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. The training accuracy is collected *during* the epoch, and the first mini-batches met weights that were still
# random. The validation accuracy is measured *after* the epoch. If so, the network must do at least as well on the
# training images once they, too, are measured at the end. The next cell tests it.
#
# </details>

# %%
one_epoch = digits_network(seed=0)
(line,) = fit(one_epoch, Adam(0.01), epochs=1)
print(f"training images, during the epoch: {line.accuracy:.3f}")
print(f"training images, after the epoch:  {evaluate(one_epoch, X, labels)[1]:.3f}")
print(f"validation images, after it:       {line.validation_accuracy:.3f}")

# %% [markdown]
# ## Initialization
#
# The choice of the first values of the parameters is called [**initialization**](glossary.md#initialization). The
# linear classifier of [Losses](12_losses.ipynb) began with zeros.
#
# **Predict.** What happens if all parameters of our network begin at 0? `"a"` It trains as well. `"b"` It trains, but
# more slowly. `"c"` The loss stays near $\log 10$.

# %%
predict("zeros", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. The filters are 0, so all feature maps are 0, and so is the gradient of the dense weights, a product with the
# feature maps. The dense weights are 0 as well, so no gradient reaches the filters. Only the ten biases of the last
# layer learn, and they do not depend on the image. With another constant, all filters of a layer get the same
# gradient and remain equal. **Random weights break the symmetry.**
#
# </details>

# %%
zeros = digits_network(seed=0)
zeros.parameters[:] = 0
print("loss at the end:", round(train(zeros, X, labels, rate=0.3, epochs=3)[-1], 3))
print(f"parameters that are still 0: {np.sum(zeros.parameters == 0):,}")

# %% [markdown]
# ## The learning rate
#
# The [learning rate](glossary.md#learning-rate) $\eta$ is the hyperparameter to set first. With $\theta$ for any
# parameter, a weight or a bias, a step of SGD is
#
# $$\theta \leftarrow \theta - \eta \, d\theta.$$
#
# To see what $\eta$ does, take a single parameter and the cost $J = \theta^2$. Then $d\theta = 2\theta$, and the step
# is $\theta \leftarrow (1 - 2\eta)\, \theta$. With $\eta = 0.1$, each step removes a fifth of $\theta$.
#
# **Predict.** For some learning rates, each step jumps over the minimum to the other side, and $\theta$ still
# comes closer to 0. Between which two rates does this happen? Answer with a pair, such as `(0.1, 0.2)`.

# %%
predict("jumps", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `(0.5, 1)`. The factor $1 - 2\eta$ must be negative to change the sign of $\theta$, and above $-1$ to make it
# smaller. Above $\eta = 1$, every step leads further away, and training **diverges**.
#
# </details>

# %%
draw.parabolas((0.1, 0.75, 1.1))

# %% [markdown]
# In a network, a rate can be too small or right in the same way. A rate that is too large does something else:

# %%
by_rate = {rate: train(digits_network(0), X, labels, rate, epochs=6) for rate in (0.01, 0.3, 2.0)}
draw.loss_curves(by_rate)

# %% [markdown]
# With 0.01 the loss falls far too slowly, and with 0.3 it falls below 0.1. With 2.0, the first steps overshoot and
# leave all ReLUs of the second convolution [dead](glossary.md#dead-unit), so that the scores no longer depend on the
# image. On a parabola, you could still reduce the rate and recover. Here you cannot: a dead layer passes no gradient
# on, so neither its own weights nor those before it change again.
#
# In practice, increase the rate by factors of about 3, such as 0.01, 0.03, 0.1, 0.3, and choose with validation
# images.

# %% [markdown]
# ## Momentum
#
# For $J = \theta^2$ the limit was $\eta = 1$. For any parabola, it is 2 divided by the **curvature**, the second derivative of
# the cost. The cost of a network curves more in some directions than in others, but all of them share one rate, so the
# *largest* curvature sets the limit. Take two parameters and the cost
# $J = \frac{1}{2}(\theta_0^2 + 200\, \theta_1^2)$. It is a valley, with curvature 1 along its floor and 200 across it.
# The limit is $2/200 = 0.01$, and at this rate, a step removes only 1% of the distance *along* the valley.
#
# A ball would gather speed along the floor, while the pushes from the two walls partly cancel.
# [**Momentum**](glossary.md#momentum) gives the parameters a velocity $u$, a sum of all gradients so far in which
# older gradients count less and less:
#
# $$u \leftarrow 0.9\, u + d\theta, \qquad \theta \leftarrow \theta - \eta\, u.$$
#
# **Predict.** The gradient is 1 in every step. The velocity is 1 after the first step, then 1.9, then 2.71.
# Which value does it approach?

# %%
predict("velocity", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# It approaches 10, where $u = 0.9\, u + 1$. Where gradients agree, momentum 0.9 acts like a learning rate that is ten
# times as large. Where they alternate in sign, it acts like about half the rate.
#
# </details>
#
# Does it help? For each momentum coefficient, we count the steps until 1% of the distance is left, at the best of a
# hundred learning rates. A coefficient of 0 is plain SGD.


# %%
def descend(rate, momentum, ratio, steps):
    theta, u = np.array([-1.0, 1.0]), 0
    points = [theta]
    for _ in range(steps):
        u = momentum * u + theta * [1, ratio]  # the gradient in the valley
        theta = theta - rate * u
        points.append(theta)
    return np.array(points)


def tune(momentum, ratio):
    """Return the smallest number of steps, and its rate."""
    results = []
    for rate in np.geomspace(0.02, 0.995, 100) * 2 * (1 + momentum) / ratio:
        distances = np.linalg.norm(descend(rate, momentum, ratio, 500), axis=1)
        far = np.flatnonzero(distances > 0.01 * np.sqrt(2))
        results.append((int(far[-1]) + 1, rate))
    return min(results)


for momentum in (0, 0.5, 0.7, 0.8, 0.9, 0.95):
    steps, rate = tune(momentum, ratio=200)
    print(f"momentum {momentum:4}: {steps:3} steps at the rate {rate:.4f}")
draw.paths(
    200,
    {
        "SGD": descend(tune(0, 200)[1], 0, 200, steps=45),
        "momentum": descend(tune(0.8, 200)[1], 0.8, 200, steps=45),
    },
)

# %% [markdown]
# The best rate for SGD is just below its limit, where every step overshoots the floor of the valley. While SGD is
# still zigzagging, momentum has arrived. With the usual coefficient of 0.9 it needs [81]{= tune(0.9, 200)[0] } steps
# instead of [444]{= tune(0, 200)[0] }, and with 0.8 even fewer. The coefficient is a hyperparameter, too: in a
# rounder valley, with curvatures 1 and 5, SGD needs [12]{= tune(0, 5)[0] } steps, momentum 0.9 needs
# [78]{= tune(0.9, 5)[0] }, and momentum 0.2 needs [5]{= tune(0.2, 5)[0] }. A tuned coefficient is never worse than
# plain SGD, which is the coefficient 0, but you have to search for it.

# %% [markdown]
# ## Adam
#
# Momentum still has one learning rate for all parameters. [**Adam**](glossary.md#adam) (Kingma and Ba, 2015) divides
# the step of each parameter by the typical size of its recent gradients. It keeps running averages of the gradient
# and of its square:
#
# $$u \leftarrow 0.9\, u + 0.1\, d\theta, \qquad v \leftarrow 0.999\, v + 0.001\, d\theta^2$$
#
# Both begin at 0, so at first they are too close to 0. In step $t$, the **bias correction** makes up for that, with
# $\hat u = u / (1 - 0.9^t)$ and $\hat v = v / (1 - 0.999^t)$. The step is
#
# $$\theta \leftarrow \theta - \eta\, \frac{\hat u}{\sqrt{\hat v} + \epsilon}, \qquad \epsilon = 10^{-8}.$$


# %%
class OurAdam:
    def __init__(self, rate):
        self.rate, self.u, self.v, self.t = rate, 0, 0, 0

    def step(self, theta, d_theta):
        self.t += 1
        self.u = 0.9 * self.u + 0.1 * d_theta
        self.v = 0.999 * self.v + 0.001 * d_theta**2
        u_hat, v_hat = self.u / (1 - 0.9**self.t), self.v / (1 - 0.999**self.t)
        theta -= self.rate * u_hat / (np.sqrt(v_hat) + 1e-8)


# %% [markdown]
# A rule such as SGD or Adam, which turns gradients into steps, is an [**optimizer**](glossary.md#optimizer). In the
# training loop, `optimizer.step(network.parameters, network.gradients)` replaces line 5.
#
# **Predict.** You multiply the loss by 1,000, and with it every gradient. Does Adam's first step become `"larger"` or
# `"smaller"`, or does it stay about the `"same"`?

# %%
predict("thousand", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The `"same"`. After one step, $\hat u = d\theta$ and $\hat v = d\theta^2$, so every parameter moves by almost
# exactly $\eta$, up or down, whatever the size of its gradient (unless it is 0). SGD's step would be 1,000 times as
# long.
#
# </details>

# %%
for factor in (1, 1000):
    theta = np.zeros(3)
    OurAdam(0.01).step(theta, factor * np.array([0.5, -2.0, 0.03]))
    print(f"gradients times {factor:4}:", theta.round(4))

# %% [markdown]
# ## Which optimizer is best?
#
# Usually you see a figure with three falling curves, one for each optimizer, and Adam's is the lowest. Such a figure
# compares three learning rates at least as much as three optimizers. Ours shows the loss at the *end* of many
# training runs. At each rate there are five runs, each with its own training set, first weights and order.

# %%
draw.at_many_rates()

# %% [markdown]
# The three valleys are far apart. At the rate 0.018, Adam is at its best, and the loss of SGD is still above 1. At 0.56,
# SGD is at its best, and Adam has learned nothing. With a common rate, you can make any of the three win. At its own
# best rate, each has a median loss between 0.018 and 0.034, and the bands overlap. **On this task, we cannot say which of
# the tuned optimizers is best**, and other momentum coefficients do not change that
# ([the details](../benchmarks/lessons/training.md)).
#
# Then why do most people begin with Adam? We also tuned the three on tasks with another network, other mini-batches
# and other pixel values. The best rate of SGD varied by a factor of 3,200, and that of Adam by a factor of 31, because
# Adam divides by the size of the gradients. You still have to search, but in a much smaller range. And with mini-batches
# of 256, when there are only 30 steps, Adam read 96% of the validation digits, and SGD 69% at its own best rate.

# %% [markdown]
# ## The same network in PyTorch
#
# In PyTorch you write the loop as well, and you will recognize every line. A `DataLoader` shuffles and slices, images
# have the shape (m, n_C, n_H, n_W), and `CrossEntropyLoss` takes scores.

# %% needs="torch"
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
    nn.Linear(16 * 4 * 4, 10),
)
train_data = TensorDataset(torch.tensor(X).permute(0, 3, 1, 2), torch.tensor(labels))
val_images, val_targets = torch.tensor(X_val).permute(0, 3, 1, 2), torch.tensor(val_labels)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
# With momentum: torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

for epoch in range(1, 7):
    model.train()
    for images, targets in DataLoader(train_data, batch_size=32, shuffle=True):  # 1 slice
        loss = loss_fn(model(images), targets)  # 2 forward, 3 loss
        optimizer.zero_grad()
        loss.backward()  # 4 backward
        optimizer.step()  # 5 step
    model.eval()
    with torch.no_grad():
        right = model(val_images).argmax(dim=1) == val_targets
    print(f"epoch {epoch}: val_accuracy {right.float().mean().item():.3f}")

# %% [markdown]
# `model.train()` and `model.eval()` switch layers between their two modes, and within `torch.no_grad()`, PyTorch does
# not record what only `backward` needs. `optimizer.zero_grad()` is the line that people forget. It clears the
# gradients, because `backward` **adds** to those that are stored, as you saw in
# [Backpropagation](13_backpropagation.ipynb).

# %% [markdown]
# ## The same network in Keras
#
# In Keras the loop is inside `fit`. You choose the loss and the optimizer in `compile`, where `from_logits=True` says
# that the network ends with scores. With `verbose=2`, Keras prints a log that you can now read. `38/38` are the steps.

# %% needs="keras tensorflow"
import keras
from keras import layers

keras.utils.set_random_seed(0)
keras_model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(10),
    ]
)
keras_model.compile(  # with momentum: keras.optimizers.SGD(learning_rate=0.1, momentum=0.9)
    optimizer=keras.optimizers.Adam(learning_rate=0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = keras_model.fit(
    X, labels, batch_size=32, epochs=6, validation_data=(X_val, val_labels), verbose=2
)

# %% [markdown]
# ## Is 97% good?
#
# A network alone cannot answer question 4. You need a [**baseline**](glossary.md#baseline), a simple method for the same
# task. Ours come from scikit-learn: $k$ nearest neighbors (the $k$ most similar training images vote, and nothing is
# trained), and a support vector machine (SVM).
#
# For the network, we chose the rate and the number of epochs. A fair comparison tunes **every** method in the same way,
# on the training images alone. `GridSearchCV` uses *cross-validation*: it cuts the training images into five parts, and
# each part serves as the validation set once.

# %%
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

train_set = data.train_images.reshape(1500, 64), data.train_labels
test_set = data.test_images.reshape(297, 64), data.test_labels
methods = {
    "nearest neighbors": (KNeighborsClassifier(), {"n_neighbors": [1, 3, 5]}),
    "SVM": (SVC(), {"C": [1, 10, 100], "gamma": [0.05, 0.1, 0.2, 0.4]}),
}
print(f"SVM without tuning: {SVC().fit(*train_set).score(*test_set):.3f}")
baselines = {}
for name, (method, grid) in methods.items():
    tuned = GridSearchCV(method, grid, cv=5).fit(*train_set)
    baselines[name] = tuned.score(*test_set)
    print(f"{name}, {tuned.best_params_}: {baselines[name]:.3f}")

# %% [markdown]
# Tuning gains the SVM two points, so never compare your network with a baseline at its default settings. All test
# accuracies are below the 97% of our log. With 297 digits drawn at random instead, the SVM reads 99%. Digits by other
# people are probably harder, and those at the end of the file are the hardest: the SVM reads at least 97.7% of each
# of the other five sixths. So the comparison below was also made with each sixth of the file as the test set once.
#
# For the network, cross-validation chose the rate 0.01 on four of six training sets, with 12 epochs on one of them
# and 24 on three ([the details](../benchmarks/lessons/training.md)), which completes the answer to question 3. Now
# train it on all 1,500 images, for 12 epochs as in our log, from five seeds, and measure it on the test images:

# %%
accuracies = []
for seed in range(5):
    network = digits_network(seed, "float64")
    settings = {"epochs": 12, "optimizer": Adam(0.01), "seed": seed, "progress": False}
    training.train(network, data.train_images, data.train_labels, **settings)
    known = evaluate(network, data.train_images, data.train_labels)
    accuracies.append(evaluate(network, data.test_images, data.test_labels)[1])
    print(f"seed {seed}: training {known[1]:.3f}, test {accuracies[-1]:.3f}")
print(f"mean test accuracy of the networks: {np.mean(accuracies):.3f}")
for name, accuracy in baselines.items():
    print(f"test accuracy of {name}: {accuracy:.3f}")

# %% [markdown]
# The SVM reads one to five digits more than each of the five networks, which alone proves nothing. But with each
# sixth of the file as the test set once, the SVM reads 98.1%, nearest neighbors, for which nothing was trained,
# 97.3%, and the networks 96.6% on average. So the answer to question 4 is no.
#
# Can more training help? Look at the accuracies on the training images. The networks read almost all of them, so the
# training loop has done what it was asked to do. What is that worth on other images? In our log, from epoch 6 to
# epoch 12, the training loss fell from [0.021]{= f"{log[5].loss:.3f}" } to [0.001]{= f"{log[11].loss:.3f}" }, and the
# validation loss rose from [0.095]{= f"{log[5].validation_loss:.3f}" } to [0.142]{= f"{log[11].validation_loss:.3f}"
# }. With three of five other seeds it fell, but by a smaller factor than the training loss. **Why does a network that
# becomes nearly perfect on its own images not become so on others?** [Overfitting](15_overfitting.ipynb) has the
# answer.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: four odd runs
#
# Something is wrong in each of four training runs. Which curve belongs to which cause? Answer with four letters, such
# as `"ABCD"`, in the order of the causes:
#
# 1. the learning rate is too small;
# 2. the learning rate is too large;
# 3. the labels do not belong to the images;
# 4. the pixels run from 0 to 255 instead of 0 to 1.

# %%
draw.four_curves()

# %%
causes = None
### BEGIN SOLUTION
causes = "BDCA"
### END SOLUTION

# %%
check("causes", causes)

# %% [markdown]
# ### Exercise 2: find the bugs
#
# `batches_buggy` should return the mini-batches of an epoch, each as a list of images and their labels. A network
# that is trained with them learns nothing, and no error is raised. Find both bugs, although one of them alone
# explains why nothing is learned. Take the order from `rng.permutation(len(X))`, so that it can be checked.


# %%
def batches_buggy(X, labels, batch, seed):
    rng = np.random.default_rng(seed)
    X, labels = rng.permutation(X), rng.permutation(labels)
    starts = range(0, len(X) - batch + 1, batch)
    return [[X[start : start + batch], labels[start : start + batch]] for start in starts]


print(batches_buggy(np.arange(7), 10 * np.arange(7), batch=3, seed=0))


def batches_fixed(X, labels, batch, seed):
    rng = np.random.default_rng(seed)
    result = None
    ### BEGIN SOLUTION
    order = rng.permutation(len(X))  # one order for both
    starts = range(0, len(X), batch)  # the last mini-batch may be smaller
    parts = [order[start : start + batch] for start in starts]
    result = [[X[part], labels[part]] for part in parts]
    ### END SOLUTION
    return result


# %%
check("batches_fixed", batches_fixed)

# %% [markdown]
# ### Exercise 3: gradient accumulation
#
# You want to train with mini-batches of 32 large images, but only a few fit into memory at once.
# [**Gradient accumulation**](glossary.md#gradient-accumulation) computes the gradient of a mini-batch in several
# parts. Write `accumulated_gradient(network, X, labels, part)`. It returns the gradient of the mean loss over *all*
# images in `X`, but calls `network.forward` and `network.backward` with at most `part` of them. Unlike in PyTorch,
# each call of `backward` overwrites `network.gradients`.


# %%
def accumulated_gradient(network, X, labels, part):
    gradient = None
    ### BEGIN SOLUTION
    total = np.zeros_like(network.gradients)
    for start in range(0, len(X), part):
        picked = slice(start, start + part)
        scores = network.forward(X[picked], training=True)
        network.backward(cross_entropy_backward(scores, labels[picked]))
        total += len(scores) * network.gradients
    gradient = total / len(X)
    ### END SOLUTION
    return gradient


# %%
check("accumulated_gradient", accumulated_gradient)

# %% [markdown]
# ## Recap
#
# For every [mini-batch](glossary.md#mini-batch) of every [epoch](glossary.md#epoch), the
# [training loop](glossary.md#training-loop) does the same five things: slice, forward, loss, backward, step. The largest
# curvature limits the [learning rate](glossary.md#learning-rate), which you tune first;
# [momentum](glossary.md#momentum) helps in narrow valleys, and [Adam](glossary.md#adam) forgives a wrong scale. A
# comparison is fair if every method is tuned, on images that the final [test](glossary.md#test-set) does not use, and if
# it includes a simple [baseline](glossary.md#baseline).

# %% [markdown]
# ## What to read next
#
# - Next is [Overfitting](15_overfitting.ipynb): why the network with the smallest training loss is not the best one.
# - The assignment [LeNet](../release/lenet/lenet.ipynb), in which you train a network with your own functions, comes
#   after lesson 21.
# - *Dive into Deep Learning*, chapter 12, [Optimization algorithms](https://d2l.ai/chapter_optimization/index.html).
# - Goh, *Why momentum really works* (2017), with valleys to play with:
#   [distill.pub/2017/momentum](https://distill.pub/2017/momentum/).
