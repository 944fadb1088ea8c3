# %% [markdown]
# # Adversarial examples
#
# Run the next two cells. On the left is a photograph that EfficientNet-Lite0 recognizes as a palace. On the right,
# nearly every red, green and blue value has been changed by one gray level of 255, up or down. No one can see the
# difference, but the network now sees a bell cote. The noise in the middle decides which values go up and which go
# down. Change all values by one level with *random* signs, and the prediction stays. **How can a change that nobody sees
# turn a right prediction into a wrong one?**

# %% include="lesson_setup"

# %%
from convnet.data import digits
from convnet.functional import cross_entropy_backward, softmax
from convnet.layers import Dense, Flatten
from convnet.models import digits_network
from convnet.network import Network
from convnet.training import Adam
from lesson_tools.adversarial_examples import figures as draw
from lesson_tools.adversarial_examples.questions import check, predict

stored = draw.photographs()  # by python -m benchmarks.lessons.adversarial
draw.palace()

# %% [markdown]
# An [**adversarial example**](glossary.md#adversarial-example) is an input that was changed on purpose so that a
# network gets it wrong, but too little for a person to notice or mind. Computing one is called an *attack*.
#
# **By the end of this lesson you will be able to**
#
# 1. explain why many small changes add up if their signs are those of the gradient, and cancel if they are random;
# 2. attack a network with the fast gradient sign method, in NumPy, PyTorch and Keras;
# 3. compare an attack with controls of the same size, and test a defense with stronger attacks.
#
# **Time:** about 45 minutes, and 25 for the exercises. **You need:** [Backpropagation](13_backpropagation.ipynb) and
# [Explaining predictions](27_explaining_predictions.ipynb). The lesson is optional.

# %% [markdown]
# ## The change of a linear score
#
# Start with the simplest classifier, a score that is linear in three pixel values, $s = 2 x_1 - x_2 + 3 x_3$. You may
# change each value by at most $\epsilon = 0.1$, up or down.
#
# **Predict.** By how much can you raise the score?

# %%
predict("change", None)

# %%
w, epsilon = np.array([2, -1, 3]), 0.1
for signs in ([1, 1, 1], [1, -1, 1], [-1, -1, 1]):  # try other signs
    print(signs, "change of the score:", round(float(w @ (epsilon * np.array(signs))), 2))

# %% [markdown]
# In general, a change $d$ of the image changes a linear score $w \cdot x$ by $w \cdot d = \sum_i w_i d_i$. If no
# value may change by more than $\epsilon$, each contribution is at most $\epsilon |w_i|$, and it is that large if
# $d_i = \epsilon \operatorname{sign}(w_i)$. The sum is then $\epsilon$ times the [**L1 norm**](glossary.md#l1-norm)
# of the weights:
#
# $$d = \epsilon \operatorname{sign}(w) \quad\Rightarrow\quad w \cdot d = \epsilon \sum_i |w_i| = \epsilon \lVert w \rVert_1$$
#
# Now draw the signs at random. The contributions $\pm \epsilon w_i$ cancel on average, and their variances add up, so
# the standard deviation of the sum is $\epsilon \sqrt{\sum_i w_i^2} = \epsilon \lVert w \rVert_2$. Both changes look
# alike, because what you see is the size of each single change, $\epsilon$. But the score sees the sum.
#
# **Predict.** EfficientNet-Lite0's image has $n = 150{,}528$ values. If all weights have the same size, how many times
# larger is $\epsilon \lVert w \rVert_1$ than $\epsilon \lVert w \rVert_2$? Round to a whole number.

# %%
predict("ratio", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# With $|w_i| = a$, the norms are $n a$ and $\sqrt n a$, so the ratio is $\sqrt n \approx$
# [388]{= f"{150_528**0.5:.0f}" }.
#
# </details>
#
# Add the contributions up, one by one, with weights of different sizes and one gray level as $\epsilon$.

# %%
n, epsilon = 150_528, 1 / 255
rng = np.random.default_rng(0)
w = rng.normal(size=n)
aligned = np.cumsum(w * epsilon * np.sign(w))
walks = [np.cumsum(w * epsilon * rng.choice([-1, 1], n)) for _ in range(10)]
draw.sums(aligned, walks)

# %% [markdown]
# The blue line grows with $n$, and the random walks only with $\sqrt n$. This is the whole trick. **Changes that are
# tiny in every pixel add up if their signs are right, and the gradient tells the attacker the signs.** (The ratio is
# smaller if the weights differ in size. It is [310]{= f"{np.abs(w).sum() / np.linalg.norm(w):.0f}" } here, and
# [215]{= f"{stored['norms'][0, 0] / stored['norms'][0, 1] * 150_528**0.5:.0f}" } for the palace.)

# %% [markdown]
# ## Networks are piecewise linear
#
# These networks are *piecewise linear*. Convolutions and dense layers are linear (up to a bias), ReLUs and max
# pooling only until one of them switches. For a small change, therefore, the gradient acts as $w$. Which gradient? An
# attacker wants to raise the loss $L$ of the true label, so the [**fast gradient sign
# method**](glossary.md#fast-gradient-sign-method) (FGSM) of Goodfellow, Shlens and Szegedy (2014) takes one step up:
#
# $$X' = X + \epsilon \operatorname{sign}\Bigl(\frac{\partial L}{\partial X}\Bigr)$$
#
# Training already computes nearly all of it. Backpropagation starts with $\hat y - y$, the probabilities minus the
# one-hot label (see [Losses](12_losses.ipynb)), and goes through the layers. It only has to go one layer further than
# training needs, to the pixels. The first layer of a network skips that step unless we ask for it.


# %%
def loss_gradient(network, X, labels):
    gradient = softmax(network.forward(X))
    gradient[np.arange(len(X)), labels] -= 1  # the one-hot label
    network.layers[0].is_first = False  # the image's gradient, too
    for layer in reversed(network.layers):
        gradient = layer.backward(gradient)
    network.layers[0].is_first = True
    return gradient


def fgsm(X, gradient, epsilon):
    return np.clip(X + epsilon * np.sign(gradient), 0, 1)


# %% [markdown]
# Now train something to attack: five small networks that read digits of 8 x 8 pixels.

# %%
data = digits()
X, labels = data.test_images.astype(float), data.test_labels


def fit(network, epochs=3, change=None):
    rng, optimizer = np.random.default_rng(network.seed), Adam(1e-2)
    for _ in range(epochs):
        for picked in np.array_split(rng.permutation(1500), 46):
            batch, y = data.train_images[picked].astype(float), data.train_labels[picked]
            if change is not None:
                batch = change(network, batch, y)
            scores = network.forward(batch, training=True)
            network.backward(cross_entropy_backward(scores, y))
            optimizer.step(network.parameters, network.gradients)
    return network


networks = [fit(digits_network(seed, "float64")) for seed in range(5)]

# %% [markdown]
# How linear are they? The [**margin**](glossary.md#margin) of the true class is its score minus the highest of the
# other scores. The attack succeeds once the margin is negative. The next cell changes the test digits by $\epsilon =
# 0.1$ and compares the change of the margin with $w \cdot d$, where $w$ is the gradient of the margin at the
# unchanged image. (The other class stays the same.)

# %%
network, rows = networks[0], np.arange(len(X))


def second_class(network):
    scores = network.scores(X)
    scores[rows, labels] = -np.inf
    return scores.argmax(axis=1)


second = second_class(network)


def margin(Z):
    scores = network.scores(Z)
    return scores[rows, labels] - scores[rows, second]


w = network.input_gradient(X, labels) - network.input_gradient(X, second)
attacked = fgsm(X, loss_gradient(network, X, labels), 0.1)
by_gradient = np.sum(w * (attacked - X), axis=(1, 2, 3))
measured = margin(attacked) - margin(X)
draw.margins(by_gradient, measured)

# %% [markdown]
# The gradient at a single point predicts well what happens a step of 0.1 away. The measured change is
# [0.87]{= f"{np.quantile(measured / by_gradient, 0.05):.2f}" } to
# [1.10]{= f"{np.quantile(measured / by_gradient, 0.95):.2f}" } times the predicted one for 90% of the digits. The
# median margin is [6.9]{= f"{np.median(margin(X)):.1f}" }, and the attack lowers it by a median of
# [5.4]{= f"{-np.median(measured):.1f}" }. This approximation is not always that good. For the palace, linearity
# predicts that one gray level raises the loss by [8.4]{= f"{stored['norms'][0, 0] * 150_528 / 128:.1f}" }, and it
# rises by [2.9]{= f"{stored['losses'][0, 1] - stored['losses'][0, 0]:.1f}" }, which is still plenty.

# %% [markdown]
# ## Accuracy against the size of the change
#
# An attack needs controls of the same size. The first one is random signs. The second one knows what digits look like
# but needs no gradient. Its signs lead from the mean image of the true class to that of the other class with the
# highest score.

# %%
EPSILONS = [0, 0.05, 0.1, 0.15, 0.2, 0.3]
random_signs = rng.choice([-1, 1], X.shape)
means = np.array([data.train_images[data.train_labels == c].mean(axis=0) for c in range(10)])


def accuracy(network, Z):
    return np.mean(network.scores(Z).argmax(axis=1) == labels)


def accuracies(network, direction):
    return [accuracy(network, fgsm(X, direction, epsilon)) for epsilon in EPSILONS]


curves = {"random signs": [], "toward the mean digit": [], "signs of the gradient": []}
for network in networks:
    toward = means[second_class(network)] - means[labels]
    directions = (random_signs, toward, loss_gradient(network, X, labels))
    for name, direction in zip(curves, directions, strict=True):
        curves[name].append(accuracies(network, direction))
draw.attacks(EPSILONS, curves)

# %% [markdown]
# A change of 0.1 with random signs hardly matters (a median accuracy of
# [0.91]{= f"{np.median(curves['random signs'], axis=0)[2]:.2f}" }, and
# [0.92]{= f"{np.median(curves['random signs'], axis=0)[0]:.2f}" } without any change). With the signs of the gradient,
# it is [0.56]{= f"{np.median(curves['signs of the gradient'], axis=0)[2]:.2f}" }. Toward the mean digit, it is
# [0.68]{= f"{np.median(curves['toward the mean digit'], axis=0)[2]:.2f}" }, so a large part of the drop needs no
# gradient at all.
#
# The digits need a change that you can see if you look for it. With 64 values, the ratio of the norms is at most
# $\sqrt{64} = 8$. With the photographs, one gray level changed the class in all four that we tried, and random signs
# of up to [6]{= stored["sizes"][(stored["fooled_random"] > 0).any(axis=0).argmax() - 1] } levels changed none in 20
# attempts ([the details](../benchmarks/lessons/adversarial.md)). But the network was not sure of any of the four: the
# right class had a probability of at most [0.39]{= f"{np.exp(-stored['losses'][:, 0]).max():.2f}" }.
#
# **Predict.** Is it the depth that makes networks so sensitive? Train a linear classifier on the same digits, a
# single dense layer, and attack it with $\epsilon = 0.1$. How far does its accuracy of about 0.9 fall? `"a"` It stays
# above 0.8. `"b"` It falls about as far as the networks' accuracy. `"c"` It falls below 0.1.

# %%
predict("linear", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. The derivation was about a linear score, and all it needs is many inputs whose contributions add up. Depth does
# not appear in it.
#
# </details>

# %%
classifier = fit(Network([Flatten(), Dense(10)], (8, 8, 1), 0, "float64"), epochs=20)
attacked = fgsm(X, loss_gradient(classifier, X, labels), 0.1)
print(f"linear: {accuracy(classifier, X):.2f}, attacked: {accuracy(classifier, attacked):.2f}")

# %% [markdown]
# ## Training on attacks
#
# The best-known defense is [**adversarial training**](glossary.md#adversarial-training). In each step, the network
# attacks its own batch and learns from the changed images with the correct labels. That takes a second forward and
# backward pass in each step.


# %%
def attack(network, batch, y):
    return fgsm(batch, loss_gradient(network, batch, y), 0.1)


for name, change in (("plain", None), ("attacks", attack)):
    network = fit(digits_network(0, "float64"), 10, change)
    one_step = accuracy(network, attack(network, X, labels))
    print(f"trained on {name:7}: {accuracy(network, X):.2f}, attacked: {one_step:.2f}")

# %% [markdown]
# It helps. Over five seeds, the median accuracy under attack rises from
# [0.55]{= f"{draw.trained('plain', 'one step'):.2f}" } to [0.77]{= f"{draw.trained('attacks', 'one step'):.2f}" },
# and training with random signs instead leaves it at [0.56]{= f"{draw.trained('random signs', 'one step'):.2f}" }.
# But it does not *solve* the problem. The median is [0.95]{= f"{draw.trained('attacks', 'clean'):.2f}" } on the
# unchanged digits, and an attack of ten smaller steps within the same limits brings it down to
# [0.73]{= f"{draw.trained('attacks', 'ten steps'):.2f}" } ([0.51]{= f"{draw.trained('plain', 'ten steps'):.2f}" }
# without the defense). So never report a defense only against the attack that it was trained on.

# %% [markdown]
# ## FGSM in PyTorch
#
# In PyTorch, the *image* gets `requires_grad_()`, and `backward()` stores its gradient in `x.grad`. The parameters
# would collect gradients as well, so they are frozen first.

# %% needs="torch"
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(
    *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU()),
    *(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 10)),
)
optimizer = torch.optim.Adam(model.parameters(), 1e-2)
train_x = torch.tensor(data.train_images).float().permute(0, 3, 1, 2)
train_y = torch.tensor(data.train_labels).long()
for _ in range(3):
    for picked in torch.randperm(1500).split(32):
        optimizer.zero_grad()
        F.cross_entropy(model(train_x[picked]), train_y[picked]).backward()
        optimizer.step()

model.eval().requires_grad_(False)  # from here on, the attack
x = torch.tensor(X).float().permute(0, 3, 1, 2).requires_grad_()
y = torch.tensor(labels).long()
F.cross_entropy(model(x), y).backward()
attacked = (x + 0.1 * x.grad.sign()).clamp(0, 1).detach()
for name, images in (("unchanged", x), ("attacked", attacked)):
    print(f"{name}: {(model(images).argmax(dim=1) == y).float().mean():.2f}")

# %% [markdown]
# A common mistake is the unit of $\epsilon$. Papers state it for pixel values between 0 and 1 (or 0 and 255), but
# many models receive normalized images, $(x - \text{mean}) / \text{std}$.
#
# **Predict.** The standard deviation is 0.25, and you want to change the pixels by 0.02. By how much must you change
# the normalized image?

# %%
predict("normalized", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $0.02 / 0.25 = 0.08$. The limits 0 and 1 of `clamp` become (0 - mean) / std and (1 - mean) / std. It is safer to
# make the normalization the first layer of the model.
#
# </details>

# %% [markdown]
# ## FGSM in Keras
#
# In Keras with TensorFlow, a `GradientTape` records the loss. It watches trainable variables but no other tensors, so
# without `tape.watch(x)` the gradient is `None`.

# %% needs="keras tensorflow"
import keras
import tensorflow as tf
from keras import layers

keras.utils.set_random_seed(0)
keras_model = keras.Sequential(
    [
        *(keras.Input((8, 8, 1)), layers.Conv2D(8, 3, padding="same", activation="relu")),
        *(layers.Conv2D(16, 3, padding="same", activation="relu"), layers.MaxPooling2D(2)),
        *(layers.Flatten(), layers.Dense(10)),
    ]
)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
keras_model.compile(keras.optimizers.Adam(1e-2), loss, metrics=["accuracy"])
keras_model.fit(data.train_images, data.train_labels, epochs=3, verbose=0)

x = tf.convert_to_tensor(X, tf.float32)
with tf.GradientTape() as tape:
    tape.watch(x)
    value = loss(labels, keras_model(x))
attacked = tf.clip_by_value(x + 0.1 * tf.sign(tape.gradient(value, x)), 0, 1)
for name, images in (("unchanged", x), ("attacked", attacked)):
    print(f"{name}: {keras_model.evaluate(images, labels, verbose=0)[1]:.2f}")

# %% [markdown]
# ## A digit of your own, and transfer to other networks
#
# All these attacks are *white-box* attacks: they use the weights. *Black-box* attacks do not, so you might hope that
# keeping your weights secret protects you. Draw a digit in the next cell, with `#` for ink and `+` for gray. It is
# attacked with the gradient of network 0 alone, and then read by all five, four of which the attack has never seen.

# %%
drawing = """
........
.######.
.++++##.
....+#+.
...+#+..
..+##...
..##....
..##....
"""
epsilon = 0.1

mine = np.array([[".+#".index(c) / 2 for c in line] for line in drawing.split()])[None, ..., None]
read = networks[0].scores(mine).argmax(axis=1)
versions = {
    "your digit": mine,
    "random signs": fgsm(mine, np.random.default_rng(0).normal(size=mine.shape), epsilon),
    "attacked": fgsm(mine, loss_gradient(networks[0], mine, read), epsilon),
}
draw.attacked(versions, networks)

# %% [markdown]
# The attack on one network fools the others, too. Such attacks *transfer* (Szegedy et al., 2013). On the test digits,
# changed by 0.1 with the gradient of one network, the other networks have a median accuracy of
# [0.71]{= f"{np.median(stored['transferred'][~np.eye(5, dtype=bool)]):.2f}" }, compared with
# [0.56]{= f"{np.median(np.diag(stored['transferred'])):.2f}" } for the network itself. The gradient of the linear
# classifier brings them down to
# [0.71]{= f"{np.median([accuracy(one, fgsm(X, loss_gradient(classifier, X, labels), 0.1)) for one in networks]):.2f}" },
# too, and the signs toward the mean digit, with the other class chosen by another network, to
# [0.72]{= f"{np.median([accuracy(a, fgsm(X, means[second_class(b)] - means[labels], 0.1)) for a in networks for b in networks if a is not b]):.2f}" }.
# So the changes that transfer are probably for the most part changes toward other digits. An attacker can train a
# network of their own, attack it, and send the result to yours. Now set `epsilon` to 0.2 and draw a digit that
# survives.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: the smallest change
#
# Write `smallest_epsilon(w, b, x)` for the linear score $w \cdot x + b$. It returns the smallest $\epsilon$ for
# which a change of each value by at most $\epsilon$ can bring the score to 0. The arrays `w` and `x` have the same
# shape, and the score may be negative.


# %%
def smallest_epsilon(w, b, x):
    epsilon = None
    ### BEGIN SOLUTION
    epsilon = abs(np.sum(w * x) + b) / np.sum(np.abs(w))
    ### END SOLUTION
    return epsilon


# %%
check("smallest_epsilon", smallest_epsilon)

# %% [markdown]
# ### Exercise 2: choose the mistake
#
# An attacker may want a certain wrong class. Write `targeted(X, gradient_at, target, epsilon)`. The function
# `gradient_at(X, classes)` returns the gradient of the loss for any classes, one for each image. Return the images
# after one step of size `epsilon` that makes them look more like class `target` to the network, clipped to 0 to 1.
# The cell below the check counts how many digits are then read as 3.


# %%
def targeted(X, gradient_at, target, epsilon):
    changed = None
    ### BEGIN SOLUTION
    gradient = gradient_at(X, np.full(len(X), target))
    changed = np.clip(X - epsilon * np.sign(gradient), 0, 1)
    ### END SOLUTION
    return changed


# %%
check("targeted", targeted)

# %%
for epsilon in (0, 0.1, 0.2):
    Z = targeted(X, lambda X, classes: loss_gradient(networks[0], X, classes), 3, epsilon)
    if Z is not None:
        threes = np.mean(networks[0].scores(Z).argmax(axis=1) == 3)
        print(f"epsilon {epsilon}: {threes:.2f} are read as 3")

# %% [markdown]
# ### Exercise 3: many small steps
#
# *Projected gradient descent* (PGD; Madry et al., 2017) takes several steps, each with a new gradient. It starts at a
# random point near `X`. Start at `X` itself, as in the *basic iterative method* (Kurakin et al., 2016). Write
# `iterated(X, gradient_at, epsilon, size, steps)`. Each step adds `size` times the signs of `gradient_at(Z)`, where `Z`
# are the images reached so far. After each step, clip every value so that it differs from `X` by at most `epsilon` and
# lies between 0 and 1.


# %%
def iterated(X, gradient_at, epsilon, size, steps):
    Z = None
    ### BEGIN SOLUTION
    Z = X
    for _ in range(steps):
        Z = Z + size * np.sign(gradient_at(Z))
        Z = np.clip(np.clip(Z, X - epsilon, X + epsilon), 0, 1)
    ### END SOLUTION
    return Z


# %%
check("iterated", iterated)

# %%
for steps, size in ((1, 0.15), (10, 0.0375)):
    Z = iterated(X, lambda Z: loss_gradient(networks[0], Z, labels), 0.15, size, steps)
    if Z is not None:
        print(f"{steps:2} steps: accuracy {accuracy(networks[0], Z):.2f}")

# %% [markdown]
# ## Recap
#
# A change by $\epsilon$ with the signs of the gradient moves a linear score by $\epsilon \lVert w \rVert_1$, and
# random signs move it by about $\epsilon \lVert w \rVert_2$, which is up to $\sqrt n$ times less. Networks are close
# enough to linear that such a change yields [adversarial examples](glossary.md#adversarial-example), which often fool
# separately trained networks, too. [Adversarial training](glossary.md#adversarial-training) helps, and you have to
# measure it with attacks that are stronger than those in training.

# %% [markdown]
# ## What to read next
#
# - Goodfellow, Shlens and Szegedy, *Explaining and harnessing adversarial examples* (2014),
#   [arXiv:1412.6572](https://arxiv.org/abs/1412.6572): linearity, FGSM and adversarial training.
# - Madry et al., *Towards deep learning models resistant to adversarial attacks* (2017),
#   [arXiv:1706.06083](https://arxiv.org/abs/1706.06083): several steps, and training against them.
# - Szegedy et al., *Intriguing properties of neural networks* (2013),
#   [arXiv:1312.6199](https://arxiv.org/abs/1312.6199): the discovery in deep networks, and transfer.
