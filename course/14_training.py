# %% [markdown]
# # Training
#
# Before training, the parameters of a network are random numbers. The network in the figure below has
# 3,818 of them, and it predicts the same class for almost every handwritten digit. After a few seconds
# of training, it classifies about 19 of 20 digits correctly, although it has never seen these images.
# What happens in those seconds?

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from matplotlib.patches import FancyBboxPatch
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from convnet import training
from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.layers import Conv2D, Dense, Flatten, ReLU
from convnet.models import digits_network
from convnet.network import Network
from convnet.plots import draw_image
from convnet.training import SGD, Adam, evaluate
from lesson_tools.questions.training import predict

data = digits()
X, labels = data.train_images, data.train_labels
X_test, test_labels = data.test_images, data.test_labels


def train_seed(seed, images, classes, held_out):
    network = digits_network(seed=seed)
    settings = {"epochs": 12, "optimizer": Adam(0.01), "seed": seed, "progress": False}
    return network, training.train(network, images, classes, validation=held_out, **settings)


untrained = digits_network(seed=0)
trained_network, first_history = train_seed(0, X, labels, (X_test, test_labels))
curve = [evaluate(untrained, X_test, test_labels)[1]]
curve += [epoch.validation_accuracy for epoch in first_history]

chosen = [np.flatnonzero(test_labels == c)[3] for c in range(10)]
fig = plt.figure(figsize=(9, 4.6), layout="constrained")
above, below = fig.subfigures(2, 1, height_ratios=[1.1, 1])
above.suptitle(
    "the class that the network predicts, above each test image (red: wrong)", fontsize=12
)
axes = above.subplots(2, 10)
rows = ((untrained, "random\nweights"), (trained_network, "after\ntraining"))
for row, (network, name) in zip(axes, rows, strict=True):
    guesses = network.scores(X_test[chosen]).argmax(axis=1)
    for c, (ax, number, guess) in enumerate(zip(row, chosen, guesses, strict=True)):
        draw_image(ax, X_test[number, :, :, 0], "", (0, 1), scale=False)
        ax.set_title(guess, color="tab:blue" if guess == c else "tab:red", fontsize=15)
    row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=11)
ax = below.subplots()
ax.plot(curve, "o-", color="tab:blue", markersize=4)
ax.set(xlabel="passes over the training images", ylim=(0, 1.02), xticks=range(13))
ax.set_ylabel("fraction of correct\npredictions, test images")
present(
    fig,
    "Above, ten test images of the digits 0 to 9, twice. Above each image stands the class that a "
    "network predicts. With random weights nearly all predictions are wrong, in red; after training "
    "they are right, in blue. Below, the fraction of all test images that are predicted correctly: "
    "about 0.1 before training, 0.85 to 0.9 after one pass over the training images, about 0.95 "
    "after twelve.",
)

# %% [markdown]
# You have met the parts that training needs: a network of
# [convolution layers](06_convolution_layer.ipynb), a [loss](12_losses.ipynb) and its
# [gradient](13_backpropagation.ipynb). The program that repeats them is the
# [**training loop**](glossary.md#training-loop). You will meet it in ten lines of NumPy, in PyTorch and
# in Keras.
#
# **By the end of this lesson you will be able to**
#
# 1. explain each line of a training loop with mini-batches, and adapt the loop to a new task;
# 2. choose a learning rate and an optimizer from their loss curves;
# 3. train the same network in PyTorch and Keras, and compare it fairly with simpler methods.
#
# **Time:** about 45 minutes. **You need:** [Losses](12_losses.ipynb) and
# [Backpropagation](13_backpropagation.ipynb).
#
# ## Data and baselines
#
# scikit-learn comes with [1,797]{= f'{len(X) + len(X_test):,}' } handwritten digits of 8 x 8 pixels. We
# have divided their values by 16, so that they run from 0 to 1. The first [1,500]{= f'{len(X):,}' }
# images are our [**training set**](glossary.md#training-set), from which the parameters are learned.
# The last [297]{= len(X_test) } are the [**test set**](glossary.md#test-set). They stand for new
# digits, and are used only to measure the result.
#
# Before you train a network, find out how far a simple method gets: a
# [**baseline**](glossary.md#baseline). Ours are logistic regression, the linear classifier of
# [Losses](12_losses.ipynb), and a support vector machine (SVM), both from scikit-learn without any
# tuning. We compare their [**accuracy**](glossary.md#accuracy), the fraction of images whose class is
# predicted correctly.


# %%
def baselines(images, classes, test_images, test_classes):
    methods = {"logistic regression": LogisticRegression(max_iter=1000), "SVM": SVC()}
    flat, flat_test = images.reshape(len(images), -1), test_images.reshape(len(test_images), -1)
    return {
        name: method.fit(flat, classes).score(flat_test, test_classes)
        for name, method in methods.items()
    }


to_beat = baselines(X, labels, X_test, test_labels)
for name, accuracy in to_beat.items():
    print(f"{name:20} test accuracy {accuracy:.3f}")

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(9, 4), layout="constrained")
ax.set(xlim=(0, 120), ylim=(0, 42))
ax.axis("off")
shapes = untrained.shapes
boxes = (
    (1, "1 permute,\nslice\n" + str((32, 8, 8, 1)), "tab:gray"),
    (21, f"conv 3x3,\nReLU\n{(32, *shapes[1])}", "tab:blue"),
    (41, f"conv 3x3,\nReLU\n{(32, *shapes[3])}", "tab:blue"),
    (61, f"max pool,\nflatten\n{(32, *shapes[5])}", "tab:blue"),
    (81, f"dense,\nscores\n{(32, *shapes[6])}", "tab:blue"),
    (101, "3 loss:\ncross-\nentropy", "tab:red"),
)


def draw_box(x, y, width, height, text, color):
    style = "round,pad=0.1,rounding_size=1.2"
    ax.add_patch(FancyBboxPatch((x, y), width, height, style, fc=color, ec=color, alpha=0.18))
    ax.text(x + width / 2, y + height / 2, text, ha="center", va="center", fontsize=10.5)


def draw_arrow(start, end, color="black"):
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "lw": 2, "color": color})


for x, text, color in boxes:
    draw_box(x, 23, 16.5, 12, text, color)
for x in (17.5, 37.5, 57.5, 77.5, 97.5):
    draw_arrow((x, 30.5), (x + 3.5, 30.5))
for x in (97.5, 77.5, 57.5, 37.5):
    draw_arrow((x + 3.5, 26.5), (x, 26.5), "tab:red")
ax.text(59, 38, "2 forward: activations", ha="center", fontsize=12)
ax.text(105, 19, "4 backward: gradients", ha="center", color="tab:red", fontsize=12)
draw_box(31, 2, 47, 9, "3,818 parameters\n5 step: parameters -= rate * gradients", "tab:green")
for x in (29, 49, 89):
    draw_arrow((x, 22.5), (54 + (x - 54) / 4, 11.5), "tab:red")
ax.plot([30.5, 9, 9], [6.5, 6.5, 7], color="black", lw=2)
draw_arrow((9, 6.5), (9, 22.5))
ax.text(11, 12, "repeat with the\nnext 32 images", fontsize=12)
present(
    fig,
    "Data flow of one training step. A mini-batch of 32 images is drawn from the shuffled training "
    "set and goes forward through a convolution with 8 filters, one with 16 filters, max pooling, "
    "flattening to 256 values and a dense layer with 10 scores; cross-entropy turns the scores into "
    "one number. Red arrows lead backward through the same layers, and from the convolution layers "
    "and the dense layer to the 3,818 parameters, which are changed. A black arrow leads from there "
    "back to the beginning: repeat with the next 32 images.",
)

# %% [markdown]
# The accuracy to beat is [0.933]{= f'{to_beat["SVM"]:.3f}' }. Our network has two convolution layers
# with ReLU, a pooling layer and a dense layer. Its weights start as small random numbers and its
# biases as 0; the choice of these values is called [**initialization**](glossary.md#initialization).
# The figure shows the five parts of a training step.
#
# ## Mini-batches
#
# [Losses](12_losses.ipynb) computed each gradient from all 1,500 images. Step 1 of the figure takes only
# 32 of them, chosen at random: a [**mini-batch**](glossary.md#mini-batch). A step then costs 2% of the
# work, but its gradient is only an estimate. On average it equals the gradient of the whole training
# set, and each mini-batch gives a different estimate. Gradient descent with such estimates is called
# [**stochastic gradient descent**](glossary.md#stochastic-gradient-descent) (SGD). One pass over the
# training set, here [47]{= -(-len(X) // 32) } steps, is an [**epoch**](glossary.md#epoch).
#
# **Predict.** How well do 32 random images stand for all 1,500? The cosine similarity of two
# gradients is 1 if they have the same direction, and about 0 for random directions. For the
# gradients of the untrained network, is its mean `"a"` below 0.2, `"b"` between 0.2 and 0.9, or `"c"`
# above 0.9?

# %%
predict("direction", None)


# %% jupyter={"source_hidden": true} cellView="form"
def gradient_of(network, numbers):
    scores = network.forward(X[numbers], training=True)
    network.backward(cross_entropy_backward(scores, labels[numbers]))
    return network.gradients.copy()


def cosines(network, size, times=30):
    rng, whole = np.random.default_rng(0), gradient_of(network, np.arange(len(X)))
    estimates = [gradient_of(network, rng.permutation(len(X))[:size]) for _ in range(times)]
    return [float(g @ whole / np.linalg.norm(g) / np.linalg.norm(whole)) for g in estimates]


sizes = [1, 4, 16, 32, 128, 512]
similarity = {size: cosines(untrained, size) for size in sizes}
means_of_32 = [np.mean(cosines(digits_network(seed=seed), 32)) for seed in range(3)]
assert 0.3 < min(means_of_32) < max(means_of_32) < 0.75
fig, ax = plt.subplots(figsize=(7, 3.3), layout="constrained")
ax.boxplot(list(similarity.values()), tick_labels=sizes, whis=(0, 100))
ax.axhline(0, color="tab:gray", lw=1)
ax.set(xlabel="images in the mini-batch", ylim=(-0.35, 1.05))
ax.set_ylabel("cosine similarity to the\ngradient of all 1,500 images")
present(
    fig,
    "Box plots of the cosine similarity between the gradient of a random mini-batch and that of all "
    "1,500 images, for the untrained network. With one image it is low and varies a lot, with 32 "
    "images its median is near 0.6, with 512 images almost 1.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`: about [0.5]{= f'{np.mean(means_of_32):.1f}' }, the mean over three initializations with 30
# mini-batches each. As the figure shows, single mini-batches vary a lot. For 2% of the work you get a
# direction that is roughly right, and the errors of many steps partly cancel. A larger mini-batch gives
# a better estimate, but the standard error falls only with the square root of its size: four times as
# many images halve it.
#
# </details>
#
# ## The training loop
#
# Here is the whole program. Each comment names a step of the figure.


# %%
def train(network, X, labels, optimizer, epochs, batch=32, seed=0):
    losses = []
    for epoch in range(1, epochs + 1):
        order = np.random.default_rng((seed, epoch)).permutation(len(X))  # 1 permute
        for start in range(0, len(X), batch):
            picked = order[start : start + batch]  # 1 slice
            scores = network.forward(X[picked], training=True)  # 2 forward
            losses.append(cross_entropy(scores, labels[picked]))  # 3 loss
            network.backward(cross_entropy_backward(scores, labels[picked]))  # 4 backward
            optimizer.step(network.parameters, network.gradients)  # 5 step
    return losses


network = digits_network(seed=0)
losses = train(network, X, labels, SGD(0.3), epochs=6)
for epoch, mean in enumerate(np.reshape(losses, (6, -1)).mean(axis=1), 1):
    print(f"epoch {epoch}: mean training loss {mean:.3f}")

# %% [markdown]
# - **Permute.** Each epoch visits the images in a new random order, which depends only on `seed` and on
#   the number of the epoch. If the images were sorted by class, most gradients would favor one class.
# - **Slice.** The same indices select images *and* labels. The last mini-batch of an epoch has only the
#   remaining [28]{= len(X) % 32 } images.
# - **Forward, loss, backward.** The argument `training=True` matters for layers that behave differently
#   during training, such as dropout in [Overfitting](15_overfitting.ipynb).
# - **Step.** An [**optimizer**](glossary.md#optimizer) changes the parameters. `SGD(0.3)` computes
#   `parameters -= 0.3 * gradients`.
#
# Settings that you choose before training, such as the batch size, the number of epochs and the
# learning rate, are [hyperparameters](glossary.md#hyperparameter). The function `training.train`,
# which trained the first network, runs the same loop.
#
# **Predict.** The linear classifier of [Losses](12_losses.ipynb) started from 650 zeros. What happens
# if all 3,818 parameters of this network start at 0? `"a"` It trains as well. `"b"` It trains, but more
# slowly. `"c"` The loss stays near
# $\log 10 \approx 2.30$.

# %%
predict("zeros", None)

# %% jupyter={"source_hidden": true} cellView="form"
check = digits_network(seed=0)
train(check, X, labels, SGD(0.3), epochs=1)
other = digits_network(seed=0)
training.train(other, X, labels, epochs=1, optimizer=SGD(0.3), progress=False)
np.testing.assert_array_equal(check.parameters, other.parameters)  # the same loop

zeros = digits_network(seed=0)
zeros.parameters[:] = 0
zero_losses = train(zeros, X, labels, SGD(0.3), epochs=3)
print(f"random parameters: mean loss of epoch 3 is {np.mean(losses[94:141]):.3f}")
print(f"zeros:             mean loss of epoch 3 is {np.mean(zero_losses[94:141]):.3f}")
print(f"parameters that are still 0: {np.mean(zeros.parameters == 0):.1%}")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. The filters are 0, so every feature map is 0, and the gradient of the dense weights is 0.
# The dense weights are 0 as well, so no gradient reaches the filters. Only the ten biases of the last
# layer learn, and they do not depend on the image. Another constant would not help: all filters of a
# layer would get the same gradient and remain equal. **Random initial weights break this symmetry.** A
# linear classifier does not need them, because the gradient of its weights contains the pixels.
#
# </details>
#
# ## The learning rate
#
# The [learning rate](glossary.md#learning-rate) is the hyperparameter to set first. To see what it does,
# take a single weight $w$ with the loss $J(w) = w^2$. The gradient is $2w$, so a step with learning rate
# $\alpha$ gives $w - \alpha \cdot 2w = (1 - 2\alpha)\, w$. With $\alpha = 0.1$ and the start $w = 1$, the
# weight becomes 0.8, then 0.64: each step removes a fifth.
#
# **Predict.** For some learning rates, every step jumps across the minimum to the other side, and $w$
# still comes closer to 0. Between which two learning rates does this happen? Answer with a pair, such as
# `(0.1, 0.2)`.

# %%
predict("jumps", None)


# %% jupyter={"source_hidden": true} cellView="form"
def loss_curves(make_optimizer, networks=None):
    networks = networks or [digits_network(seed=seed) for seed in range(3)]
    runs = [
        train(network, X, labels, make_optimizer(), 6, seed=seed)
        for seed, network in enumerate(networks)
    ]
    return np.reshape(runs, (3, 47, 6)).mean(axis=2)  # 282 steps in 47 groups of 6


def draw_bands(ax, curves, colors, marks=("-", "--", ":")):
    epochs = (np.arange(47) + 0.5) * 6 / 47
    for (name, runs), color, mark in zip(curves.items(), colors, marks, strict=True):
        ax.fill_between(epochs, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.25, lw=0)
        ax.plot(epochs, runs.mean(axis=0), mark, color=color, label=name)
    ax.set(xlabel="epoch", ylabel="training loss", ylim=(0, 3.5))
    ax.legend(loc="upper right")


by_rate = {f"SGD({rate})": loss_curves(lambda rate=rate: SGD(rate)) for rate in (0.01, 0.3)}
diverged = [digits_network(seed=seed) for seed in range(3)]
by_rate["SGD(2.0)"] = loss_curves(lambda: SGD(2.0), diverged)
assert by_rate["SGD(0.3)"][:, -1].mean() < 0.1 < 1 < by_rate["SGD(0.01)"][:, -1].min()
assert by_rate["SGD(2.0)"].min() > 2.2
for network in diverged:  # the scores do not depend on the image
    assert np.ptp(network.scores(X), axis=0).max() < 1e-4

fig = plt.figure(figsize=(8, 6), layout="constrained")
above, below = fig.subfigures(2, 1, height_ratios=[1, 1.1])
axes = above.subplots(1, 3, sharey=True)
w_axis = np.linspace(-1.6, 1.6, 200)
colors = ("tab:orange", "tab:blue", "tab:red")
for ax, rate, color in zip(axes, (0.1, 0.75, 1.1), colors, strict=True):
    path = (1 - 2 * rate) ** np.arange(4.0)
    ax.plot(w_axis, w_axis**2, color="0.75")
    ax.plot(path, path**2, "o-", color=color)
    ax.set(title=f"learning rate {rate}", xlabel="w", ylim=(-0.1, 2.6))
axes[0].set_ylabel("loss")
draw_bands(below.subplots(), by_rate, colors)
present(
    fig,
    "Above, three times the parabola of the loss w squared with three steps of gradient descent from "
    "w = 1. With learning rate 0.1 the points creep down one side; with 0.75 they jump from side to "
    "side and come closer to the minimum; with 1.1 they jump from side to side and climb. Below, "
    "training loss over six epochs for three learning rates, the mean of three seeds with a band from "
    "the smallest to the largest. All begin near 2.3. With 0.01 the loss falls slowly, to about 2. "
    "With 0.3 it falls below 0.1. With 2.0 it never falls: it rises in the first steps and then stays "
    "at 2.3.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `(0.5, 1)`. To change the sign of $w$, the factor $1 - 2\alpha$ has to be negative; to make $w$
# smaller, it has to be above $-1$. For $\alpha = 0.75$ in the figure it is [-0.5]{= 1 - 2 * 0.75 }.
# Above $\alpha = 1$ the factor is below $-1$, and $w$ moves further away with each step: training
# **diverges**.
#
# </details>
#
# A network behaves in the same way. The lower part of the figure shows six epochs of SGD with three
# learning rates and three seeds each. (A **seed** fixes the random numbers, here the initialization and
# the order of the images.) The line is the mean of the three runs, and the band is their range.
#
# The rate 0.01 is too small: the loss falls, but slowly. With 0.3 it falls below 0.1. With 2.0 the first
# steps overshoot, and leave so many ReLUs [dead](glossary.md#dead-unit) that the scores no longer depend on
# the image: the loss stays at 2.3, with all three seeds. In practice, try rates in factors of about 3, such
# as 0.01, 0.03, 0.1 and 0.3, and take a rate somewhat below the largest one that works.
#
# ## Momentum
#
# With many parameters, the loss usually curves more in some directions than in others, like a long and
# narrow valley. The large curvature across the valley limits the learning rate, because longer steps would
# diverge. With such a learning rate, progress along the valley is slow.
#
# [**Momentum**](glossary.md#momentum) keeps a velocity $u$: a sum of the gradients $g$, in which older
# gradients count less and less. The parameters follow the velocity:
#
# $$u \leftarrow 0.9\, u + g, \qquad w \leftarrow w - \alpha\, u.$$
#
# Across the valley the gradients alternate in sign and cancel. Along the valley they agree and add up.
#
# **Predict.** The gradient is 1 in every step. The velocity is 1 after the first step, then 1.9, then 2.71.
# Which value does it approach?

# %%
predict("velocity", None)

# %% jupyter={"source_hidden": true} cellView="form"
velocity = SGD(0.1, momentum=0.9)
for _ in range(200):
    velocity.step(np.zeros(1), np.ones(1))


def path_of(optimizer, steps=40):
    w, path = np.array([-9.0, 2.0]), []
    for _ in range(steps + 1):
        path.append(w.copy())
        optimizer.step(w, np.array([w[0], 20 * w[1]]))
    return np.array(path)


def draw_path(ax, optimizer, title, color):
    grid = np.meshgrid(np.linspace(-10, 6, 81), np.linspace(-2.6, 2.6, 53))
    ax.contour(*grid, (grid[0] ** 2 + 20 * grid[1] ** 2) / 2, [1, 5, 15, 35, 65], colors="0.75")
    ax.plot(*path_of(optimizer).T, ".-", color=color, lw=1)
    ax.plot(0, 0, "k+", markersize=10)
    ax.set(xlim=(-10, 6), ylim=(-2.6, 2.6), xticks=[], yticks=[], title=title)


fig, axes = plt.subplots(1, 2, figsize=(8, 2.2), layout="constrained")
draw_path(axes[0], SGD(0.03), "SGD(0.03)", "tab:orange")
draw_path(axes[1], SGD(0.03, momentum=0.9), "SGD(0.03, momentum=0.9)", "tab:blue")
assert path_of(SGD(0.03))[-1, 0] < -2  # still on its way
assert path_of(SGD(0.03, momentum=0.9))[:, 0].max() > 0  # past the minimum
present(
    fig,
    "Contour lines of a narrow valley with 40 steps of two optimizers, from its upper left end. SGD "
    "reaches the floor of the valley quickly and creeps along it, without reaching the minimum, which "
    "is marked with a cross. With momentum the path swings across the valley at first, passes the "
    "minimum and turns back to it.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The velocity approaches $1 + 0.9 + 0.9^2 + \dots = 1 / (1 - 0.9) =$
# [10]{= f'{velocity.state["velocity"][0]:.3g}' }. Where gradients agree, momentum 0.9 acts like a
# learning rate ten times as large.
#
# </details>
#
# The figure shows 40 steps in such a valley. SGD does not reach the minimum, the cross. With momentum, the
# path passes it and turns back.
#
# ## Adam
#
# Momentum still has one learning rate for all parameters. [**Adam**](glossary.md#adam) (Kingma and Ba,
# 2015) divides the step of each parameter by the typical size of its gradients. For each parameter, it
# keeps running averages of the gradient $g$ and of its square:
#
# $$u \leftarrow 0.9\, u + 0.1\, g, \qquad v \leftarrow 0.999\, v + 0.001\, g^2.$$
#
# Both start at 0, so they are too small in the first steps. In step $t$, the **bias correction**
# $\hat u = u / (1 - 0.9^t)$ and $\hat v = v / (1 - 0.999^t)$ compensates for this. The step is
#
# $$w \leftarrow w - \alpha\, \frac{\hat u}{\sqrt{\hat v} + \epsilon}, \qquad \epsilon = 10^{-8}.$$
#
# The paper and the libraries call 0.9 and 0.999 $\beta_1$ and $\beta_2$.
#
# **Predict.** You multiply the loss by 1,000, and with it every gradient. Is Adam's first step `"larger"`,
# `"smaller"` or about the `"same"`?

# %%
predict("thousand", None)

# %% jupyter={"source_hidden": true} cellView="form"
first_steps = []
for factor in (1, 1000):
    w = np.zeros(3)
    Adam(0.01).step(w, factor * np.array([0.5, -2.0, 0.03]))
    first_steps.append(w)
np.testing.assert_allclose(first_steps[0], [-0.01, 0.01, -0.01], rtol=1e-5)

by_optimizer = {
    name: loss_curves(make)
    for name, make in {
        "SGD(0.03)": lambda: SGD(0.03),
        "SGD(0.03, momentum=0.9)": lambda: SGD(0.03, momentum=0.9),
        "Adam(0.01)": lambda: Adam(0.01),
    }.items()
}
plain, with_momentum, with_adam = (runs[:, -1] for runs in by_optimizer.values())
assert max(with_momentum.max(), with_adam.max(), by_rate["SGD(0.3)"][:, -1].max()) < plain.min()

fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
draw_path(left, Adam(0.6), "Adam(0.6)", "tab:purple")
draw_bands(right, by_optimizer, ("tab:orange", "tab:blue", "tab:purple"))
assert path_of(Adam(0.6))[:, 0].max() > 0  # past the minimum
present(
    fig,
    "Left, 40 steps of Adam in the narrow valley: a curve with steps of similar length, which passes "
    "the minimum and turns back. Right, the training loss of the digits network over six epochs, with "
    "bands of three seeds: SGD(0.03) falls to about 0.4, the other two fall faster and below 0.1.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# About the `"same"`. After one step $\hat u = g$ and $\hat v = g^2$, so every parameter moves by
# $\alpha \, g / |g|$, that is, by [0.01]{= f'{abs(first_steps[1][0]):.2f}' } up or down. The size of the
# gradients cancels.
#
# </details>
#
# On the left, Adam crosses the same valley. On the right, we train the digits network: momentum and Adam
# end with a lower loss than plain SGD with the rate 0.03, for all three seeds. A better learning rate can
# do as much, as SGD(0.3) did above. Adam is popular because a rate between 0.001 and 0.01 often works at
# the first attempt.
#
# ## Comparison with the baselines
#
# With another seed, the same training gives another accuracy. So we train three times and report the mean
# **and** the range. We chose 12 epochs beforehand: picking the epoch with the best test accuracy would
# give a number that is too optimistic.

# %%
held_out = (X_test, test_labels)
histories = [first_history, *(train_seed(seed, X, labels, held_out)[1] for seed in (1, 2))]
results = {"NumPy": [history[-1].validation_accuracy for history in histories]}
lowest, mean, highest = (f(results["NumPy"]) for f in (min, np.mean, max))
print(f"network: mean {mean:.3f}, from {lowest:.3f} to {highest:.3f}")
for name, accuracy in to_beat.items():
    lead = np.subtract(results["NumPy"], accuracy) * len(X_test)
    print(f"more correct images than {name}: {lead.round().astype(int)}")

# %% [markdown]
# All three networks beat logistic regression by several images, and they beat the SVM on average. How
# much is chance? An accuracy of 0.95, measured on 297 images, has a standard error of
# $\sqrt{0.95 \cdot 0.05 / 297} \approx$ [0.013]{= f'{np.sqrt(0.95 * 0.05 / 297):.3f}' }, or about
# [4]{= round(np.sqrt(0.95 * 0.05 * 297)) } images. A lead of one or a few images is too small to be sure
# of.
#
# **Predict.** We repeat the comparison with 297 test images chosen at random instead of the last ones in
# the file. Does the mean accuracy of the network become `"higher"`, stay about the `"same"`, or become
# `"lower"`?

# %%
predict("random_test", None)

# %% jupyter={"source_hidden": true} cellView="form"
assert min(results["NumPy"]) > to_beat["logistic regression"]
assert np.mean(results["NumPy"]) > to_beat["SVM"]
all_X, all_labels = np.concatenate([X, X_test]), np.concatenate([labels, test_labels])
shuffled = {"network": [], "logistic regression": [], "SVM": []}
for seed in range(3):
    order = np.random.default_rng(seed).permutation(len(all_X))
    split = (all_X[order[:1500]], all_labels[order[:1500]])
    rest = (all_X[order[1500:]], all_labels[order[1500:]])
    shuffled["network"].append(train_seed(seed, *split, rest)[1][-1].validation_accuracy)
    for name, accuracy in baselines(*split, *rest).items():
        shuffled[name].append(accuracy)
print("297 test images chosen at random, three seeds:")
for name, values in shuffled.items():
    print(f"{name:20} mean {np.mean(values):.3f}, from {min(values):.3f} to {max(values):.3f}")
assert min(shuffled["network"]) > max(results["NumPy"])
for name, accuracy in to_beat.items():
    assert min(shuffled[name]) > accuracy

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"higher"`, and so are the accuracies of both baselines. The data set is ordered by writer, so most of
# the last 297 digits come from people whose handwriting is not in the training set. With a random choice,
# the digits of a writer are in both sets. For a program that will read the handwriting of new people,
# report the first accuracy.
#
# </details>
#
# ## The same network in PyTorch
#
# In PyTorch you write the loop as well. A `DataLoader` does the permuting and slicing; images are
# (m, n_C, n_H, n_W), and `nn.CrossEntropyLoss` takes logits. The comments number the steps of our loop.


# %% needs="torch"
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


def make_model():
    return nn.Sequential(
        nn.Conv2d(1, 8, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 16, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 4 * 4, 10),
    )


def train_model(model, loader, epochs):
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    model.train()
    for _ in range(epochs):
        for images, targets in loader:  # 1 permute, slice
            scores = model(images)  # 2 forward
            loss = loss_fn(scores, targets)  # 3 loss
            optimizer.zero_grad()
            loss.backward()  # 4 backward
            optimizer.step()  # 5 step


def accuracy_of(model, images, targets):
    model.eval()
    with torch.no_grad():
        predictions = model(images).argmax(dim=1)
    return (predictions == targets).float().mean().item()


train_images, train_targets = torch.tensor(X).permute(0, 3, 1, 2), torch.tensor(labels)
test_images, test_targets = torch.tensor(X_test).permute(0, 3, 1, 2), torch.tensor(test_labels)
loader = DataLoader(TensorDataset(train_images, train_targets), batch_size=32, shuffle=True)
results["PyTorch"] = []
for seed in range(3):
    torch.manual_seed(seed)
    model = make_model()
    train_model(model, loader, epochs=12)
    results["PyTorch"].append(accuracy_of(model, test_images, test_targets))
print("test accuracies:", np.round(results["PyTorch"], 3))

# %% [markdown]
# Some lines have no counterpart in our loop:
#
# - `model.train()` and `model.eval()` switch layers such as dropout between training and evaluation.
#   This network has none, but make it a habit.
# - `torch.no_grad()` saves memory and time by not storing what only `backward` needs.
# - `optimizer.zero_grad()` clears the gradients, because `backward` **adds** to those that are already
#   stored. Without it, each step would use the sum of all gradients so far. The next cell computes the
#   derivative of $w^2$ at 2, which is 4, twice.

# %% needs="torch"
w = torch.tensor(2.0, requires_grad=True)
for _ in range(2):
    loss = w**2
    loss.backward()
    print("w.grad without zero_grad:", w.grad.item())

# %% [markdown]
# ## The same network in Keras
#
# Keras has the loop inside `fit`. You describe it in `compile`; `from_logits=True` says that the last
# layer has no softmax.


# %% needs="keras tensorflow"
import keras
from keras import layers


def make_keras_model():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


results["Keras"] = []
for seed in range(3):
    keras.utils.set_random_seed(seed)
    keras_model = make_keras_model()
    keras_model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    keras_model.fit(X, labels, batch_size=32, epochs=12, verbose=0)
    loss, accuracy = keras_model.evaluate(X_test, test_labels, verbose=0)
    results["Keras"].append(accuracy)
print("test accuracies:", np.round(results["Keras"], 3))

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(7, 2.6), layout="constrained")
for row, values in enumerate(results.values()):
    ax.plot([min(values), max(values)], [row, row], color="tab:blue", alpha=0.4, lw=5)
    ax.plot(values, [row] * 3, "o", color="tab:blue")
    assert abs(np.mean(values) - np.mean(results["NumPy"])) < 0.03
for (name, accuracy), mark in zip(to_beat.items(), ("--", ":"), strict=True):
    ax.axvline(accuracy, color="black", ls=mark, label=name)
ax.set(yticks=range(len(results)), yticklabels=list(results), xlabel="test accuracy")
ax.set(ylim=(len(results) - 0.5, -0.5), xlim=(0.9, 1))
ax.legend(loc="upper right")
present(
    fig,
    "The test accuracies of three trainings each in "
    + ", ".join(results)
    + ", as dots on one scale: "
    "all lie between about 0.92 and 0.97, and the ranges overlap. Two vertical lines mark logistic "
    "regression at 0.916 and the support vector machine at 0.933.",
)

# %% [markdown]
# The ranges overlap: the differences between the libraries are no larger than those between seeds. The
# networks start from different random numbers, in PyTorch also from another distribution, and see the
# images in a different order. (A [GPU](glossary.md#gpu) trains larger networks much faster.
# [Working in Colab](26_working_in_colab.ipynb) shows how to use one.)
#
# ## Exercises
#
# ### Exercise 1: read four loss curves
#
# In each of four training runs something is wrong. Which curve belongs to which cause? Answer with four
# letters, such as `"ABCD"`, in the order of the causes:
#
# 1. the learning rate is too small;
# 2. the learning rate is too large;
# 3. the labels do not belong to the images;
# 4. the pixels run from 0 to 255 instead of 0 to 1.

# %% jupyter={"source_hidden": true} cellView="form"
others = np.random.default_rng(0).permutation(labels)
four = {
    "A": (255 * X, labels, Adam(0.01), 0),
    "B": (X, labels, SGD(0.01), 1),
    "C": (X, others, Adam(0.01), 0),
    "D": (X, labels, SGD(0.3, momentum=0.9), 2),
}
fig, axes = plt.subplots(1, 4, figsize=(9, 3), sharey=True, layout="constrained")
for ax, (letter, (images, targets, optimizer, seed)) in zip(axes, four.items(), strict=True):
    values = train(digits_network(seed=seed), images, targets, optimizer, epochs=6, seed=seed)
    ax.semilogy(np.arange(len(values)) / 47, values, color="tab:blue", lw=0.8)
    ax.axhline(np.log(10), color="tab:gray", ls=":")
    ax.set(title=letter, xlabel="epoch", ylim=(0.1, 120), xticks=range(7))
axes[0].set_ylabel("training loss, each step")
present(
    fig,
    "Four training losses over six epochs on one logarithmic scale; a dotted line marks log 10. A "
    "begins far above the line and falls below it within an epoch. B begins at the line and falls "
    "slowly and steadily. C stays close to the line with small fluctuations. D begins at the line, falls, "
    "jumps to several times its height within the first epoch, and then stays on it.",
)

# %%
causes = None
### BEGIN SOLUTION
causes = "BDCA"
### END SOLUTION


# %% jupyter={"source_hidden": true} cellView="form"
def last_loss(optimizer, scale=1, batch=32, epochs=1):  # for the discussion of exercise 3
    losses = train(digits_network(seed=0), scale * X, labels, optimizer, epochs, batch)
    return np.mean(losses[-40:])


assert last_loss(SGD(0.3), batch=1500, epochs=2) > 2.2
assert last_loss(SGD(0.01), batch=1) < 1 < 2.2 < last_loss(SGD(0.3), batch=1)
assert max(train(digits_network(seed=0), 255 * X, labels, SGD(0.3), epochs=1)) > 1e6
assert last_loss(SGD(0.3), 255) > 2.2 > 1.8 > last_loss(Adam(0.01), 255, epochs=2)
assert last_loss(SGD(0.3, momentum=0.9), epochs=2) > 2
public_tests.check_answer(
    "Exercise 1",
    causes,
    "BDCA",
    "Which loss does an untrained network with small weights have? Which curve begins elsewhere?",
    [
        ("BACD", "Large pixels give large scores already before the first step."),
        ("CDBA", "Labels that belong to other images cannot be learned in six epochs."),
        ("BCDA", "A loss that jumps up and then stays the same: steps that are too large."),
        ("DBCA", "A rate that is too small makes slow and steady progress."),
    ],
)

# %% [markdown]
# ### Exercise 2: gradient accumulation
#
# You want to train with mini-batches of 32 large images, but only a few fit into memory at once.
# [**Gradient accumulation**](glossary.md#gradient-accumulation) computes the gradient of a mini-batch in
# several parts. Write `accumulated_gradient(network, X, labels, part)`. It returns the gradient of the
# mean loss over *all* images in `X`, but calls `network.forward` and `network.backward` with at most
# `part` of them. Unlike in PyTorch, each call of `backward` overwrites `network.gradients`.


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


# %% jupyter={"source_hidden": true} cellView="form"
class Limited(Network):  # a network that refuses more images than fit into memory
    def __init__(self, most):
        small = [Conv2D(2, 3), ReLU(), Flatten(), Dense(10)]
        super().__init__(small, (8, 8, 1), seed=0, dtype=np.float64)
        self.most = most

    def __repr__(self):  # in the messages of the check
        return "network"

    def forward(self, X, training=False):
        if len(X) > self.most:
            raise MemoryError(f"{len(X)} images at once, at most {self.most} fit into memory")
        return super().forward(X, training)


def gradients_of_parts(network, X, labels, part):
    gradients = []
    for start in range(0, len(X), part):
        scores = network.forward(X[start : start + part], training=True)
        network.backward(cross_entropy_backward(scores, labels[start : start + part]))
        gradients.append(network.gradients.copy())
    return np.array(gradients)


def whole_gradient(network, X, labels, part):
    return gradients_of_parts(Limited(len(X)), X, labels, len(X))[0]


public_tests.check_function(
    "Exercise 2",
    accumulated_gradient,
    whole_gradient,
    [(Limited(part), X[:m], labels[:m], part) for m, part in ((32, 12), (50, 7), (20, 20))],
    "Weight the gradient of each part with its number of images, and divide by the number of all.",
    [
        (
            lambda *given: gradients_of_parts(*given).mean(axis=0),
            "You average over the parts, but the last part is smaller. Average over images.",
        ),
        (
            lambda *given: gradients_of_parts(*given).sum(axis=0),
            "You add the gradients of means, so the result grows with the number of parts.",
        ),
        (
            lambda *given: gradients_of_parts(*given).sum(axis=0) * given[3] / len(given[1]),
            "You weight every part with `part`, but the last part has fewer images.",
        ),
        (
            lambda network, X, labels, part: whole_gradient(
                network, X[: len(X) // part * part], labels[: len(X) // part * part], part
            ),
            "You leave out the last images. The last part may have fewer than `part` of them.",
        ),
        (
            lambda *given: gradients_of_parts(*given)[-1],
            "That is the gradient of the last part: backward overwrites the gradients before it.",
        ),
        (
            lambda *given: whole_gradient(*given) * len(given[1]),
            "That is the gradient of the sum of the losses. Divide by the number of images.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: what happens if ...
#
# There is no check for these. Decide first, then change the cell below.
#
# 1. ... a mini-batch holds all 1,500 images? Or a single one, with the rates 0.3 and 0.01?
# 2. ... the pixels run from 0 to 255, with `Adam(0.01)` and with `SGD(0.3)`?
# 3. ... you add momentum: `SGD(0.3, momentum=0.9)`?

# %%
optimizer, batch, scale = SGD(0.3), 32, 1  # change these
network = digits_network(seed=0)
losses = train(network, scale * X, labels, optimizer, epochs=2, batch=batch)
print("first losses:", np.round(losses[:6], 2), "  steps:", len(losses))
print("mean of the last 40:", np.mean(losses[-40:]).round(3))
print("test accuracy:", round(evaluate(network, scale * X_test, test_labels)[1], 3))

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. With all images, two epochs are only two steps, and the loss hardly moves: many rough steps are
#    worth more than a few exact ones. With single images, the gradients are so noisy that
#    the rate 0.3 diverges, while 0.01 learns well.
# 2. The first loss is far above $\log 10$. The gradients have grown with the pixels: the first step
#    of SGD is so long that the next loss is in the millions, and then the ReLUs are dead. The steps of
#    Adam do not depend on the size of the gradients, and it recovers.
# 3. Momentum 0.9 acts like a rate ten times as large, here 3, and training diverges. The rate 0.03,
#    which was slow without momentum, is right with it.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **explain and adapt a [training loop](glossary.md#training-loop):** permute, slice, forward, loss,
#    backward, step; for every [mini-batch](glossary.md#mini-batch) of every [epoch](glossary.md#epoch);
# 2. **choose a [learning rate](glossary.md#learning-rate) and an [optimizer](glossary.md#optimizer):**
#    training is slow if the rate is too small, and diverges if it is too large;
#    [momentum](glossary.md#momentum) adds up gradients that agree, and [Adam](glossary.md#adam) makes
#    steps that do not depend on the scale of the gradients;
# 3. **train in PyTorch and Keras, and compare fairly:** a [baseline](glossary.md#baseline), a
#    [test set](glossary.md#test-set) from the situation you care about, several seeds with their
#    spread.
#
# | term in this course | you may also read |
# |---|---|
# | [**mini-batch**](glossary.md#mini-batch) | minibatch, batch |
# | [**stochastic gradient descent**](glossary.md#stochastic-gradient-descent) | minibatch SGD |
# | [**training loop**](glossary.md#training-loop) | `fit` in Keras |
# | step | iteration, update |
# | [**accuracy**](glossary.md#accuracy) | 1 - error rate |
#
# ## What to read next
#
# - Next is [Overfitting](15_overfitting.ipynb): why the network with the smallest training loss is not
#   the best one.
# - To practice: the assignment [LeNet](../release/lenet/lenet.ipynb), in which you train a network
#   with your own functions.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), chapter 12,
#   [Optimization algorithms](https://d2l.ai/chapter_optimization/index.html).
# - CS231n, [Training neural networks](https://cs231n.github.io/neural-networks-3/): loss curves,
#   learning rates and update rules.
# - Kingma and Ba, *Adam: A method for stochastic optimization* (ICLR 2015):
#   [arXiv:1412.6980](https://arxiv.org/abs/1412.6980).
# - PyTorch,
#   [Optimizing model parameters](https://docs.pytorch.org/tutorials/beginner/basics/optimization_tutorial.html);
#   Keras,
#   [Training and evaluation with the built-in methods](https://keras.io/guides/training_with_built_in_methods/).
# - The scikit-learn MOOC,
#   [Sample grouping](https://inria.github.io/scikit-learn-mooc/python_scripts/cross_validation_grouping.html),
#   on the writers of these digits.
