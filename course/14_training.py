# %% [markdown]
# # Training
#
# In an exercise of [The convolution layer](06_convolution_layer.ipynb) you called `train(network, ...)`, and seconds
# later you had a network that reads handwritten digits. Today you will see what is inside. Run the next two cells.
# The second one trains a network and prints what most training runs print, a **log**.

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
# show them on 300 other images. The accuracy climbs above 97%, so all seems well. But read closely, and you will have
# questions:
#
# 1. What happens *between* two lines?
# 2. In line 1, the network is right on 69% of the images that it learns from, and on 87% of those that it has never
#    seen. How can it be better at what it does not know?
# 3. Who chose 0.01, and what is Adam?
# 4. Is 97% good?
# 5. From epoch 8 to epoch 10 the accuracy falls from
#    [98.0%]{= f"{log[7].validation_accuracy:.1%}" } to
#    [95.3%]{= f"{log[9].validation_accuracy:.1%}" }. Has the network forgotten something?
#
# A loss that falls convinces everybody, and it hides a lot: a rate that nobody tuned, a baseline that nobody tried.
# An earlier version of this lesson made four claims that broke as soon as we tried to break them. You will meet all
# four.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. write the training loop in ten lines, and read its log line by line;
# 2. tune a learning rate, and choose between SGD, momentum and Adam by experiment instead of by rumor;
# 3. train a network in NumPy, PyTorch and Keras, and compare it with simpler methods in a way that
#    withstands an attack.
#
# **Time:** about 100 minutes, and 35 for the exercises. **You need:** [Losses](12_losses.ipynb) and
# [Backpropagation](13_backpropagation.ipynb).

# %% [markdown]
# ## Two questions to warm up
#
# **Predict.** In a small network, backpropagation gives $dW = -3$ for a single weight. The learning rate
# is 0.1. By how much does a step of gradient descent change the weight? (If this was new, go back to
# [Backpropagation](13_backpropagation.ipynb).)

# %%
predict("step", None)

# %% [markdown]
# **Predict.** At about which loss does an untrained network with ten classes and small weights begin? (If this was
# new, go back to [Losses](12_losses.ipynb).)

# %%
predict("begin", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# By $-0.1 \cdot (-3) = 0.3$. The step goes *against* the gradient, so the weight grows.
#
# Near $\log 10 \approx$ [2.30]{= f"{np.log(10):.2f}" }, the price of having no idea. (Line 1 of our log says
# [1.08]{= f"{log[0].loss:.2f}" }. Keep that in mind.)
#
# </details>

# %% [markdown]
# ## Three kinds of images
#
# The network learns its parameters from the [1,200]{= f"{len(X):,}" } images of the
# [**training set**](glossary.md#training-set) `X`. The [300]{= len(X_val) } images of the
# [validation set](glossary.md#validation-set) `X_val` show how it does on other images, and we use them to choose
# settings such as the learning rate. The 297 images of the [**test set**](glossary.md#test-set) stay in a drawer
# until all choices are made, because a number that you have used for choosing is no longer an honest measurement.
# (The images, 8 x 8 pixels with values from 0 to 1, come with scikit-learn.)
#
# Two convolution layers with ReLU, a pooling layer and a dense layer have [3,818]{= f"{network.parameters.size:,}" }
# parameters, which begin as random numbers.

# %% [markdown]
# ## Mini-batches
#
# A step of gradient descent needs a gradient. In [Losses](12_losses.ipynb) we computed it from all images at once,
# which is exact but wasteful. After a look at 32 digits you know roughly which way to go, and the other 1,168 mostly
# repeat it.
#
# So training takes a step with 32 images, chosen at random, then one with the next 32, and so on. Such a part of the
# training set is a [**mini-batch**](glossary.md#mini-batch), and gradient descent with mini-batches is called
# [**stochastic gradient descent**](glossary.md#stochastic-gradient-descent) (SGD). Once all images have been used, an
# [**epoch**](glossary.md#epoch) is over, and the log gets another line.
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
# Between two lines of the log, all 3,818 parameters change [38]{= -(-len(X) // 32) } times, which answers question 1.
#
# </details>

# %%
draw.training_step(network, 32)

# %% [markdown]
# ## How good is an estimate from 32 images?
#
# The gradient of a mini-batch is an estimate. On average it is right, since the cost is a mean over images and so is
# its gradient. As with every mean of $m$ random values, its typical error is a constant divided by $\sqrt m$. Let us
# measure the error for the untrained network.


# %%
def gradient_of(network, picked):
    scores = network.forward(X[picked], training=True)
    network.backward(cross_entropy_backward(scores, labels[picked]))
    return network.gradients.copy()


untrained, rng = digits_network(seed=0), np.random.default_rng(0)
exact = gradient_of(untrained, np.arange(1200))
errors = {m: [] for m in (2, 8, 32, 128, 512)}
for m in errors:
    for _ in range(20):
        estimate = gradient_of(untrained, rng.choice(1200, m))
        errors[m].append(np.linalg.norm(estimate - exact) / np.linalg.norm(exact))
draw.estimates(errors)

# %% [markdown]
# With 32 images, the error is about [1.5]{= f"{np.mean(errors[32]):.1f}" } times as long as the gradient itself, so a
# single step is a rough guess. But over many steps the errors partly cancel, while the true gradients add up.
#
# **Predict.** How many images does an estimate need whose error is a *tenth* of that with 32 images?

# %%
predict("tenth", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# A hundred times as many, [3,200]{= f"{100 * 32:,}" }, because $\sqrt{100} = 10$. That is more than we have. Exact
# gradients are expensive, so many rough steps are usually better than a few exact ones.
#
# </details>

# %% [markdown]
# ## The training loop in ten lines
#
# Here is the box. It does to a whole network what lesson 01 did to a single kernel, and repeats it for every
# mini-batch of every epoch. The numbers in the comments are those in the figure above.


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

theirs = digits_network(seed=0)
fit(theirs, SGD(0.3), epochs=6)
print("same parameters as with the box:", np.array_equal(ours.parameters, theirs.parameters))

# %% [markdown]
# This is the [**training loop**](glossary.md#training-loop). The function that you have been calling does the same,
# number for number, and adds a log, a progress bar and checks of its arguments.
#
# - **Shuffle.** If the images were sorted by class, a mini-batch would hold only one digit, and every step would undo
#   the one before.
# - **Slice.** The same indices select images *and* labels.
# - **Forward, loss, backward.** `training=True` matters for layers that behave differently during training. You will
#   meet some later.
# - **Step.** The one line in which something changes.
#
# Numbers such as `rate`, `epochs` and `batch` are [hyperparameters](glossary.md#hyperparameter): you choose them, and
# training does not change them.

# %% [markdown]
# ## The first line of the log
#
# Now question 2: the first line of the log says [0.693]{= f"{log[0].accuracy:.3f}" } for the training images and
# [0.873]{= f"{log[0].validation_accuracy:.3f}" } for the validation images. As in Keras, the first number is a mean
# over the mini-batches of the epoch, each computed in its own step.
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
# random. The validation accuracy is measured *after* the epoch, with the weights of the last step. If so, then the
# training images must do as well when they are measured at the end, too. The next cell tests it.
#
# </details>

# %%
one_epoch = digits_network(seed=0)
(line,) = fit(one_epoch, Adam(0.01), epochs=1)
print(f"training images, during the epoch: {line.accuracy:.3f}")
print(f"training images, after the epoch:  {evaluate(one_epoch, X, labels)[1]:.3f}")
print(f"validation images, after it:       {line.validation_accuracy:.3f}")

# %% [markdown]
# They do even better, so the difference was the moment of the measurement. From epoch 2 on, the order is reversed.
# The validation loss is smallest in epoch 6, while the training loss goes to 0. That is the subject of the next
# lesson, [Overfitting](15_overfitting.ipynb).

# %% [markdown]
# ## Why not start at zero?
#
# The choice of the first values is called [**initialization**](glossary.md#initialization). The linear
# classifier of [Losses](12_losses.ipynb) began with 650 zeros.
#
# **Predict.** What happens if all 3,818 parameters of our network begin at 0? `"a"` It trains as well. `"b"`
# It trains, but more slowly. `"c"` The loss stays near $\log 10$.

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
# The [learning rate](glossary.md#learning-rate) is the hyperparameter to set first. In formulas it is $\eta$ (eta),
# as in d2l. (Others write $\alpha$, or `lr`.) With $\theta$ for any parameter, a weight or a bias, a step of SGD is
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
# A network behaves in the same way, with a twist at the end. Here are three rates and three **seeds** each. (A seed
# fixes the random numbers, here the first weights and the order of the images.)

# %%
by_rate = {}
for rate in (0.01, 0.3, 2.0):
    by_rate[rate] = [
        train(digits_network(seed), X, labels, rate, epochs=6, seed=seed) for seed in range(3)
    ]
draw.loss_curves(by_rate)

# %% [markdown]
# With 0.01 the loss falls far too slowly, and with 0.3 it falls below 0.1. With 2.0, the first steps overshoot and
# leave all ReLUs of the second convolution [dead](glossary.md#dead-unit), so that the scores no longer depend on the
# image. On a parabola, you could still make the rate smaller and recover. Dead units do not recover.
#
# In practice, try rates in steps of about 3, such as 0.01, 0.03, 0.1, 0.3, and choose with validation images.

# %% [markdown]
# ## A narrow valley
#
# For $J = \theta^2$ the limit was $\eta = 1$. In general, it is 2 divided by the **curvature**, the second derivative
# of the cost (here 2). A network has thousands of parameters, and its cost curves more in some directions than in
# others. But they share one rate, so the direction of the *largest* curvature sets the limit.
#
# Take two parameters and the cost $J = \frac{1}{2}(\theta_0^2 + 200\, \theta_1^2)$. This is a valley, whose
# curvature is 1 along its floor and 200 across it.
#
# **Predict.** Which learning rate is the limit in this valley? And which fraction of the distance *along* the
# valley is left after one step at this rate? Answer with `(limit, fraction)`.

# %%
predict("limit", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The limit is $2/200 = 0.01$. Along the valley $d\theta_0 = \theta_0$, so a step leaves $1 - 0.01 = 0.99$ of the
# distance. Even at the largest possible rate, a hundred steps leave
# [37%]{= f"{0.99**100:.0%}" }.
#
# </details>

# %% [markdown]
# ## Momentum
#
# Imagine a ball in this valley. It gathers speed along the floor, while the pushes from the two walls cancel.
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
# times as large. Where they alternate in sign, they cancel.
#
# </details>
#
# Does it help? We count the steps until 1% of the distance is left, for the best of a thousand learning rates each.


# %%
def tune(momentum, ratio):
    """Return the best rate, and its number of steps until 1% of the distance is left."""
    rates = np.geomspace(0.002, 1, 1001)[:-1] * 2 * (1 + momentum) / ratio
    theta, steps = np.ones((1000, 2)), np.zeros(1000)  # one start for each rate
    optimizer = SGD(rates[:, np.newaxis], momentum)
    for step in range(1, 3 * ratio + 200):
        optimizer.step(theta, theta * [1, ratio])  # the gradient in the valley
        steps[np.linalg.norm(theta, axis=1) > 0.01 * np.sqrt(2)] = step + 1
    return rates[steps.argmin()], int(steps.min())


def path(optimizer, ratio, steps):
    theta, points = np.array([-1.0, 1.0]), []
    for _ in range(steps + 1):
        points.append(theta.copy())
        optimizer.step(theta, theta * [1, ratio])
    return np.array(points)


for momentum in (0, 0.9):
    rate, steps = tune(momentum, 200)
    print(f"momentum {momentum}: {steps} steps at the rate {rate:.5f}")
by_name = {
    "SGD": path(SGD(tune(0, 200)[0]), 200, 80),
    "momentum": path(SGD(tune(0.9, 200)[0], 0.9), 200, 80),
}
draw.paths(200, by_name)

# %% [markdown]
# The best rate for SGD is just below its limit, where every step overshoots the floor of the valley. After 80 steps
# SGD is still zigzagging, and momentum has arrived. SGD needs [430]{= tune(0, 200)[1] } steps instead of
# [80]{= tune(0.9, 200)[1] }.

# %% [markdown]
# ## When plain SGD wins
#
# Our first broken claim was that momentum wins in a wider valley, too, with a curvature of 20 instead of 200. We had
# given SGD the rate 0.03, and the limit is 0.1. With 0.09 it ends five times as close to the minimum as momentum did.
# From which ratio of curvatures on does momentum pay, if both are tuned?

# %%
ratios = (2, 5, 10, 20, 30, 40, 50, 100, 200, 500, 1000, 2000, 5000)
draw.arrivals(
    {
        "SGD": {ratio: tune(0, ratio)[1] for ratio in ratios},
        "momentum": {ratio: tune(0.9, ratio)[1] for ratio in ratios},
    }
)

# %% [markdown]
# SGD takes about twice as many steps as the ratio says. Momentum takes 70 to 80 steps up to a ratio of 500, because
# that is how long a velocity takes to die away. So **in round valleys, plain SGD wins, and by far.** (At a ratio of 5
# it takes [12]{= tune(0, 5)[1] } steps, and momentum [74]{= tune(0.9, 5)[1] }.) In the narrowest valleys, 0.9 is too
# little. It is a hyperparameter, too.
#
# In large networks, people have measured ratios of many thousands (see Ghorbani and others, below), but with noisy
# gradients and a curvature that changes from step to step. A valley with two parameters cannot settle this, so we
# will have to train.

# %% [markdown]
# ## Adam
#
# Momentum still has one learning rate for all parameters. [**Adam**](glossary.md#adam) (Kingma and Ba, 2015) divides
# the step of each parameter by the typical size of its gradients. It keeps running averages of the gradient and of
# its square:
#
# $$u \leftarrow 0.9\, u + 0.1\, d\theta, \qquad v \leftarrow 0.999\, v + 0.001\, d\theta^2$$
#
# Both begin at 0, so they are too small at first. In step $t$, the **bias correction** makes up for that, with
# $\hat u = u / (1 - 0.9^t)$ and $\hat v = v / (1 - 0.999^t)$. The step is
#
# $$\theta \leftarrow \theta - \eta\, \frac{\hat u}{\sqrt{\hat v} + \epsilon}, \qquad \epsilon = 10^{-8}.$$
#
# (The libraries call 0.9 and 0.999 `betas`.) A rule such as SGD or Adam, which turns gradients into steps, is an
# [**optimizer**](glossary.md#optimizer). In our ten lines it replaces the last one, with
# `optimizer.step(network.parameters, network.gradients)`.
#
# **Predict.** You multiply the loss by 1,000, and with it every gradient. Does Adam's first step become `"larger"` or
# `"smaller"`, or does it stay about the `"same"`?

# %%
predict("thousand", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The `"same"`. After one step, $\hat u = d\theta$ and $\hat v = d\theta^2$, so every parameter moves by $\eta$, up or
# down, whatever the size of its gradient. SGD's step would be 1,000 times as long.
#
# </details>

# %%
for factor in (1, 1000):
    theta = np.zeros(3)
    Adam(0.01).step(theta, factor * np.array([0.5, -2.0, 0.03]))
    print(f"gradients times {factor:4}:", theta.round(4))

# %% [markdown]
# ## Is Adam better?
#
# Usually you see a figure with three falling curves, one for each optimizer, and Adam's is the lowest. Such a figure
# compares three learning rates at least as much as three optimizers. Ours shows the loss at the *end* of many
# training runs (`benchmarks/lessons/training.py`), with five different training sets, first weights and orders for
# each optimizer and rate.

# %%
draw.at_many_rates()

# %% [markdown]
# The three valleys are far apart. At the rate 0.02, Adam is at its best and SGD still near its start, and at 0.5 it
# is the other way round. With a common rate, you can make any of the three win. Compare them at their own best rates:

# %%
for name in ("SGD", "momentum", "Adam"):
    rate, loss, right = (draw.tuned("digits", name, what) for what in ("rates", "loss", "accuracy"))
    print(f"{name}, rate {rate:.2g}:")
    print(f"  loss     {np.median(loss):.3f}, from {loss.min():.3f} to {loss.max():.3f}")
    print(f"  accuracy {np.median(right):.3f}, from {right.min():.3f} to {right.max():.3f}")

# %% [markdown]
# Adam has the smallest median. But compare run by run, with the same training set and the same first weights. Adam's
# loss is smaller than momentum's in only
# [3]{= (draw.tuned("digits", "Adam") < draw.tuned("digits", "momentum")).sum() } of the five runs, and smaller than
# SGD's in [4]{= (draw.tuned("digits", "Adam") < draw.tuned("digits", "SGD")).sum() }. **Tuned, the three ended too
# close together for us to say which is best.**
#
# Our second broken claim was that Adam "often works at the first attempt" with a rate from 0.001 to 0.01. With 0.001,
# the default of the libraries, our network reads fewer test digits after 12 epochs than logistic regression, in four
# runs of five. It wants 0.02. Advice is where a search begins, not where it ends.

# %% [markdown]
# ## Does Adam need less tuning?
#
# If Adam is not better, is it easier to use, as people say? Tune each optimizer for our digits, keep the rate, and go
# to another task, in which the network, the size of the mini-batches or the range of the pixels is different. How
# much larger is the loss than with the rate that is best *there*?


# %%
def best_rates(name):
    return np.array([draw.tuned(task, name, "rates") for task in draw.TASKS])


draw.other_tasks()

# %% [markdown]
# On the left, the best rate of SGD varies by a factor of about 10,000 over the four tasks, with and without momentum,
# and that of Adam by a factor of about [19]{= f"{best_rates('Adam').max() / best_rates('Adam').min():.0f}" }. Large
# pixels have large gradients, and only Adam divides by them. So with Adam you search in a much smaller range, and
# that much of the rumor is true.
#
# But you still have to search. On the right, a borrowed rate makes Adam's loss 2 to 3 times as large on two tasks,
# and
# [18]{= f"{np.median(draw.borrowed('pixels from 0 to 255', 'Adam')) / np.median(draw.tuned('pixels from 0 to 255', 'Adam')):.0f}" }
# times with large pixels. Yet in the last two rows, where steps are few (five per epoch) or gradients have an unusual
# scale, even that loss is below the best of the others. **That is a good reason to begin with Adam, and no reason to
# skip the search.** (All our tasks use tiny images of digits. For large networks the question is disputed; see Choi
# and others, below.)

# %% [markdown]
# ## Is 97% good?
#
# The 0.01 in our log was chosen by cross-validation, as you will see. That was question 3. Question 4 cannot be
# answered by looking at a network. You need a [**baseline**](glossary.md#baseline), a simple method for the same
# task. Ours come from scikit-learn: logistic regression (the linear classifier of [Losses](12_losses.ipynb)), $k$
# nearest neighbors (the $k$ most similar training images vote), and a support vector machine (SVM).
#
# Our third broken claim was that the network beats the SVM. An earlier version of this lesson compared it with
# `SVC()`, whose settings nobody had chosen, while we had chosen the network's learning rate and number of epochs. A
# fair comparison tunes **every** method in the same way, on the training images alone. `GridSearchCV` uses
# *cross-validation* for this: it cuts the training images into five parts, and each part serves as the validation set
# once.

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

flat, flat_test = data.train_images.reshape(1500, 64), data.test_images.reshape(297, 64)
methods = {
    "logistic regression": (LogisticRegression(max_iter=1000), {"C": [0.1, 1, 10, 100]}),
    "nearest neighbors": (KNeighborsClassifier(), {"n_neighbors": [1, 3, 5]}),
    "SVM": (SVC(), {"C": [1, 10, 100], "gamma": [0.05, 0.1, 0.2, 0.4]}),
}
default = SVC().fit(flat, data.train_labels)
print(f"SVM without tuning: test accuracy {default.score(flat_test, data.test_labels):.3f}")
tuned = {}
for name, (method, grid) in methods.items():
    tuned[name] = GridSearchCV(method, grid, cv=5).fit(flat, data.train_labels)
    score = tuned[name].score(flat_test, data.test_labels)
    print(f"{name:20} {tuned[name].best_params_}: test accuracy {score:.3f}")

# %% [markdown]
# For the network, the same kind of cross-validation on six training sets chose the rate 0.01 five times and 0.03
# once, with 12 or 24 epochs (`benchmarks/lessons/training.py`). We take 0.01 and 12, train five networks on all 1,500
# images, and open the drawer with the test images.

# %%
networks = [digits_network(seed, "float64") for seed in range(5)]
for seed, network in enumerate(networks):
    settings = {"epochs": 12, "optimizer": Adam(0.01), "seed": seed, "progress": False}
    training.train(network, data.train_images, data.train_labels, **settings)
accuracies = [evaluate(network, data.test_images, data.test_labels)[1] for network in networks]
print("networks:", np.round(accuracies, 3), "  mean:", np.mean(accuracies).round(3))

# %% [markdown]
# Without tuning, the SVM would have lost to all five networks. **Tuned, it beats all of them**, and nearest neighbors
# are as good as the average network.
#
# **Predict.** All test accuracies are below the 97% of our log. The file of digits is sorted by writer, so most of
# the last 297 digits come from people whose handwriting is not in the training set. Suppose that we shuffle the file
# first. Does the accuracy of the SVM become `"higher"` or `"lower"`, or does it stay the `"same"`?

# %%
predict("shuffled", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"higher"`. After shuffling, the digits of every writer are in both sets, but a program will have to read the
# handwriting of new people. In the next cell, each sixth of the file is the test set once, in the file's own order
# and shuffled.
#
# </details>

# %%
from sklearn.model_selection import KFold, cross_val_score

all_flat = np.concatenate([flat, flat_test])
all_labels = np.concatenate([data.train_labels, data.test_labels])
for name, parts in (("in order", KFold(6)), ("shuffled", KFold(6, shuffle=True, random_state=0))):
    scores = cross_val_score(SVC(C=10, gamma=0.2), all_flat, all_labels, cv=parts)
    print(name, scores.round(3), "  mean:", scores.mean().round(3))

# %% [markdown]
# ## Six test sets, ten seeds
#
# A test set of 297 digits is one group of writers. So `benchmarks/lessons/training.py` uses each sixth of the file,
# in its own order, as the test set once. Each time, it tunes every method again with cross-validation and trains the
# network from ten seeds.

# %%
draw.classifiers()

# %% [markdown]
# **The SVM is ahead of the best of the ten networks.** Our guess is that on 64 gray pixels that are always in the
# middle, a convolution has little to offer. [Fashion-MNIST](21_fashion_mnist.ipynb) returns to the question, with
# larger images and more of them.
#
# But look at how far apart the rows are. On part 6, every method is one to three points below its mean, as much as a
# better method gains. That was our fourth mistake: with a single test set, you measure the writers as much as the
# method.

# %% [markdown]
# ## Further: McNemar's test
#
# *You can skip this section.* Is a lead of a few images luck? The obvious calculation takes the standard error of an
# accuracy of 0.95 on 297 images, $\sqrt{0.95 \cdot 0.05 / 297} \approx$
# [0.013]{= f"{np.sqrt(0.95 * 0.05 / 297):.3f}" }, or 4 images. That is wrong, because both methods read *the same*
# images, and those that are hard for both say nothing about who is better. What counts are the images on which
# exactly one of the two is right. A lead of two images can be 2 to 0, or 16 to 14.

# %%
from scipy.stats import binomtest

predictions = {
    "SVM": tuned["SVM"].predict(flat_test),
    "network": networks[3].scores(data.test_images).argmax(axis=1),
}
svm_right, network_right = (p == data.test_labels for p in predictions.values())
only_svm, only_network = np.sum(svm_right & ~network_right), np.sum(network_right & ~svm_right)
print("only the SVM:", only_svm, "  only the network:", only_network)
print("p-value:", round(binomtest(int(only_svm), int(only_svm + only_network)).pvalue, 2))
draw.disagreements(data.test_images, data.test_labels, predictions)

# %% [markdown]
# If the two methods were equally good, each of these images would be a coin flip, and the p-value is the probability
# that the coins fall at least as unevenly as they did. This is **McNemar's test**. On these 297 images it cannot
# distinguish the two methods. On all 1,797, it can:

# %%
only_svm = np.sum(draw.errors("network") & ~draw.errors("svm"), axis=1)
only_network = np.sum(draw.errors("svm") & ~draw.errors("network"), axis=1)
for seed, (a, b) in enumerate(zip(only_svm, only_network, strict=True)):
    p = binomtest(int(a), int(a + b)).pvalue
    print(f"seed {seed}: only the SVM {a}, only the network {b}, p-value {p:.3f}")

# %% [markdown]
# The SVM wins ten times out of ten, each time with a p-value of at most 0.03. Only 36 to 56 of the 1,797 images
# decide. By the same test, eight of the ten networks cannot be distinguished from nearest neighbors, the simplest
# method of all.

# %% [markdown]
# ## The line that fell
#
# Question 5 is left. In epoch 10 the network read eight images fewer than in epoch 8. Our guess is that each step
# follows a mini-batch instead of the true gradient, so the parameters never come to rest. They tremble around a good
# position, the more so the larger the learning rate is, and line 10 caught them in a bad moment.
#
# Then the *order* of the images alone should move the accuracy, and less so with a smaller rate. From the same state
# after nine epochs, we train a tenth epoch in ten different orders, with the rate 0.01 and with 0.001.

# %%
from copy import deepcopy

after = {0.01: [], 0.001: []}
for seed in range(3):
    network, optimizer = digits_network(seed, "float64"), Adam(0.01)
    fit(network, optimizer, epochs=9, seed=seed)
    for rate, by_network in after.items():
        by_network.append([])
        for order in range(10):
            copy, its_optimizer = deepcopy((network, optimizer))
            its_optimizer.settings["learning_rate"] = rate
            (line,) = fit(copy, its_optimizer, epochs=1, seed=100 + order)
            by_network[-1].append(line.validation_accuracy)
draw.reshuffled(after)

# %% [markdown]
# That is what happens. **The network has forgotten nothing. It trembles.** (Our line 10 is lower than all ten dots of
# network 0, so it was an unlucky moment even among such moments. And mini-batches are not the whole cause. When we
# took steps with the gradient of all images, the accuracy still moved, about half as much.)
#
# But the small rate is no more accurate on average. It only takes the chance out of the last step, and from the
# beginning it would be too slow. So begin with a large rate and end with a small one, which is called a **learning
# rate schedule**. The usual one falls along half a period of a cosine: `keras.optimizers.schedules.CosineDecay` and
# `torch.optim.lr_scheduler.CosineAnnealingLR`.

# %% [markdown]
# ## The same network in PyTorch
#
# In PyTorch you write the loop as well, and you will recognize every line. A `DataLoader` shuffles and slices, images
# have the shape (m, n_C, n_H, n_W), and `CrossEntropyLoss` takes scores.

# %% needs="torch"
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else "cpu"


class DigitsNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(8, 16, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Linear(16 * 4 * 4, 10)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(start_dim=1))


def train_epoch(model, loader, loss_fn, optimizer):
    model.train()
    total = 0.0
    for images, targets in loader:  # 1 shuffle, slice
        images, targets = images.to(device), targets.to(device)
        loss = loss_fn(model(images), targets)  # 2 forward, 3 loss
        optimizer.zero_grad()
        loss.backward()  # 4 backward
        optimizer.step()  # 5 step
        total += loss.item() * len(images)
    return total / len(loader.dataset)


@torch.no_grad()
def accuracy(model, images, targets):
    model.eval()
    return (model(images.to(device)).argmax(dim=1).cpu() == targets).float().mean().item()


torch.manual_seed(0)
train_set = TensorDataset(torch.tensor(X).permute(0, 3, 1, 2), torch.tensor(labels))
loader = DataLoader(train_set, batch_size=32, shuffle=True)
val_images, val_targets = torch.tensor(X_val).permute(0, 3, 1, 2), torch.tensor(val_labels)

model = DigitsNetwork().to(device)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(1, 7):
    mean_loss = train_epoch(model, loader, loss_fn, optimizer)
    val_accuracy = accuracy(model, val_images, val_targets)
    print(f"epoch {epoch}: loss {mean_loss:.3f}, val_accuracy {val_accuracy:.3f}")

# %% [markdown]
# Some lines have no counterpart in our loop.
#
# - `optimizer.zero_grad()` clears the gradients, because `backward` **adds** to those that are stored. The next cell
#   asks twice for the derivative of $\theta^2$ at 2, which is 4.
# - `model.train()` and `model.eval()` switch layers between their two modes. This network has no such layer, but make
#   it a habit.
# - `torch.no_grad()` does not record what only `backward` needs, and `loss.item()` gets a number from a tensor.

# %% needs="torch"
theta = torch.tensor(2.0, requires_grad=True)
for _ in range(2):
    (theta**2).backward()
    print("gradient without zero_grad:", theta.grad.item())

# %% [markdown]
# ## The same network in Keras
#
# In Keras the loop is inside `fit`. You choose the loss and the optimizer in `compile`, where `from_logits=True` says
# that the network ends with scores. With `verbose=2`, Keras prints a log that you can now read in full. `38/38` are
# the steps.

# %% needs="keras tensorflow"
import keras
from keras import layers


def digits_model(pooling=layers.MaxPooling2D):
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            pooling(2),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


keras.utils.set_random_seed(0)
keras_model = digits_model()
keras_model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = keras_model.fit(
    X, labels, batch_size=32, epochs=6, validation_data=(X_val, val_labels), verbose=2
)

# %% [markdown]
# The numbers differ from ours, because the first weights and the order of the images do. Is the *program* the same?
# To find out, we give Keras our first weights, our order and our optimizer. Both store weights in the same way, so we
# copy the arrays as they are.

# %% needs="keras tensorflow"
from convnet.layers import AveragePooling2D, Conv2D, Dense, Flatten, ReLU
from convnet.network import Network

order = np.random.default_rng((0, 1)).permutation(len(X))
first = [Conv2D(8, 3, padding=1), ReLU(), Conv2D(16, 3, padding=1), ReLU()]
own = Network([*first, AveragePooling2D(2), Flatten(), Dense(10)], (8, 8, 1))
copied = digits_model(layers.AveragePooling2D)
copied.set_weights(list(own.named_arrays().values()))
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
copied.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss=loss)
history = copied.fit(X[order], labels[order], batch_size=32, shuffle=False, verbose=0)
(line,) = fit(own, SGD(0.1), epochs=1)
print(f"loss of the epoch: Keras {history.history['loss'][0]:.6f}, ten lines {line.loss:.6f}")

# %% [markdown]
# The two agree to six digits after 38 steps. **`fit` is the ten lines.** (We chose average pooling for a reason. With
# max pooling, the two agree to three digits only, because the black corners of the digits put the maximum of a window
# in several positions, and TensorFlow sends the gradient to the first one. See the last section of
# [Backpropagation](13_backpropagation.ipynb).)

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: four sick runs
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
# explains why nothing is learned.


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
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the cell below.
#
# 1. ... a mini-batch holds all 1,200 images? Or a single one, with the rates 0.3 and 0.01?
# 2. ... the pixels run from 0 to 255, with `Adam(0.01)` and with `SGD(0.3)`?
# 3. ... you add momentum: `SGD(0.3, momentum=0.9)`?
# 4. ... every label is replaced by a random one, with `Adam(0.01)` and 60 epochs?

# %%
optimizer, batch, scale, epochs = SGD(0.3), 32, 1, 2  # change these
network = digits_network(seed=0)
settings = {"optimizer": optimizer, "batch": batch, "epochs": epochs, "progress": False}
history = training.train(network, scale * X, labels, **settings)
print("losses of the epochs:", [round(line.loss, 3) for line in history])
print("validation accuracy:", round(evaluate(network, scale * X_val, val_labels)[1], 3))

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. With all images, two epochs are only two steps, and the loss hardly moves. With single images the gradients are
#    so noisy that the rate 0.3 diverges, while 0.01 learns well.
# 2. SGD's first step is so long that the next loss is in the millions, and then the ReLUs are dead. The size of
#    Adam's steps does not depend on the size of the gradients, and it recovers.
# 3. Momentum 0.9 acts like a rate ten times as large, here 3, and the loss stays high. The rate 0.03, which was slow
#    without momentum, is right with it.
# 4. The loss falls. Given time, the network memorizes labels that mean nothing, and its validation accuracy stays at
#    10%. A loss that falls is no proof that something was learned.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **write and read a training run.** For every [mini-batch](glossary.md#mini-batch) of every
#    [epoch](glossary.md#epoch): slice, forward, loss, backward, step. The log shows means over the epoch for the
#    training images, and measurements at its end for the validation images;
# 2. **choose a rate and an optimizer by experiment.** The largest curvature limits the
#    [learning rate](glossary.md#learning-rate), [momentum](glossary.md#momentum) pays in narrow valleys, and
#    [Adam](glossary.md#adam) forgives a wrong scale;
# 3. **compare fairly.** A tuned [baseline](glossary.md#baseline), a [test set](glossary.md#test-set) from the
#    situation you care about, several seeds, several training sets, and the images on which two methods disagree.
#
# | term in this course | you may also read |
# |---|---|
# | [**mini-batch**](glossary.md#mini-batch) | minibatch, batch |
# | [**stochastic gradient descent**](glossary.md#stochastic-gradient-descent) | minibatch SGD |
# | [**training loop**](glossary.md#training-loop) | `fit` in Keras |
# | [**learning rate**](glossary.md#learning-rate), $\eta$ | $\alpha$, `lr`, step size |
# | step | iteration, update |

# %% [markdown]
# ## What to read next
#
# - Next is [Overfitting](15_overfitting.ipynb): why the network with the smallest training loss is not the best one.
# - To practice: the assignment [LeNet](../release/lenet/lenet.ipynb), in which you train a network with your own
#   functions.
# - *Dive into Deep Learning*, chapter 12, [Optimization algorithms](https://d2l.ai/chapter_optimization/index.html),
#   and CS231n, [Training neural networks](https://cs231n.github.io/neural-networks-3/).
# - Goh, *Why momentum really works* (2017), with valleys to play with:
#   [distill.pub/2017/momentum](https://distill.pub/2017/momentum/).
# - Kingma and Ba, *Adam: A method for stochastic optimization* (2015):
#   [arXiv:1412.6980](https://arxiv.org/abs/1412.6980).
# - Choi and others, *On empirical comparisons of optimizers for deep learning* (2019):
#   [arXiv:1910.05446](https://arxiv.org/abs/1910.05446).
# - Ghorbani, Krishnan and Xiao, *An investigation into neural net optimization via Hessian eigenvalue density*
#   (2019): [arXiv:1901.10159](https://arxiv.org/abs/1901.10159).
# - Dietterich, *Approximate statistical tests for comparing supervised classification learning algorithms* (1998), on
#   McNemar's test and its rivals.
# - PyTorch,
#   [Optimizing model parameters](https://docs.pytorch.org/tutorials/beginner/basics/optimization_tutorial.html);
#   Keras,
#   [Training and evaluation with the built-in methods](https://keras.io/guides/training_with_built_in_methods/).
# - The scikit-learn MOOC,
#   [Sample grouping](https://inria.github.io/scikit-learn-mooc/python_scripts/cross_validation_grouping.html), on the
#   writers of these digits.
