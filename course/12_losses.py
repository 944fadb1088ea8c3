# %% [markdown]
# # Losses
#
# A bank lets a network read the digits on its checks. If the network is at least 95% sure of a digit, nobody
# looks at it again. Otherwise a clerk does. The next two cells train such a network, in a few lines of NumPy, and
# then show you ten digits that no clerk has seen. One of them is read wrongly. Which one?

# %% include="lesson_setup"

# %%
from convnet.data import digits
from convnet.functional import softmax
from lesson_tools.losses import figures as draw
from lesson_tools.losses.questions import check, predict

data = digits()
X, X_test = data.train_images.reshape(1500, 64), data.test_images.reshape(297, 64)
labels, test_labels = data.train_labels, data.test_labels
Y = np.eye(10)[labels]  # a row for each image: 1 at its label, 0 elsewhere
W, b = np.zeros((64, 10)), np.zeros(10)
steps = [(W, b)]  # the parameters after each step
for _ in range(1000):
    dZ = (softmax(X @ W + b) - Y) / len(X)
    W, b = W - X.T @ dZ, b - dZ.sum(axis=0)
    steps.append((W, b))

probabilities = softmax(X_test @ W + b)
draw.no_clerk(X_test, probabilities, [55, 53, 65, 58, 152, 150, 123, 127, 137, 295])

# %% [markdown]
# It is the second. The network reads a 1, and is [97%]{= f"{probabilities[53, 1]:.0%}" } sure. The customer wrote an 8.
#
# It is not a bad network. It was at least 95% sure of [199]{= (probabilities.max(axis=1) >= 0.95).sum() } of the 297
# test digits, and this was its only mistake among them. But a check for 8,000 dollars just became one for
# 1,000, and nobody noticed. **What should that cost?**
#
# We are free to choose. A network learns by making a number smaller. If it costs no more to be 97% sure and wrong than
# to be in doubt, nothing in its training will ever teach it to doubt.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. turn scores into probabilities, and explain why the cross-entropy rewards honest predictions;
# 2. derive its gradient, prediction minus truth, and train a classifier with it;
# 3. choose a loss for a task, and recognize the mistakes with losses that raise no error.
#
# **Time:** about 60 minutes, and 25 for the exercises. **You need:** [Activations](11_activations.ipynb), the
# gradient descent of [lesson 01](01_images_and_convolution.ipynb), and from school the chain rule and the logarithm.

# %% [markdown]
# ## Your own predictions
#
# Before you judge the network, read five more digits yourself. Write down for each of them what you read and
# how sure you are, from 0.1 (no idea) to 1 (certain). We compute your loss later.

# %%
draw.five_digits(X_test)

# %%
answers = [
    (0, 0.1),  # no. 0: the digit that you read, and how sure you are
    (0, 0.1),
    (0, 0.1),
    (0, 0.1),
    (0, 0.1),
]

# %% [markdown] tags=["row-15"]
# ## From an image to ten scores
#
# A **classifier** chooses between [classes](glossary.md#class), here the digits 0 to 9. The correct class of an
# image is its [**label**](glossary.md#label). Ours is a [**linear classifier**](glossary.md#linear-classifier),
# the smallest network there is: a single [dense layer](glossary.md#dense-layer) without an activation function.
# The 64 pixels of an image are a vector $x$, and
#
# $$z = x W + b$$
#
# gives one score for each class.
#
# | | $x$ | $W$ | $b$ | $z$ |
# |---|---|---|---|---|
# | shape | (64,) | (64, 10) | (10,) | (10,) |
#
# These are [650]{= W.size + b.size } parameters. Scores can be any real numbers. Those that will be turned into
# probabilities are called [**logits**](glossary.md#logits).

# %%
print((X_test[53] @ W + b).round(2))

# %% [markdown]
# Class 1 has the largest score, [6.62]{= f"{(X_test[53] @ W + b)[1]:.2f}" }, and class 8, the right one,
# has [2.24]{= f"{(X_test[53] @ W + b)[8]:.2f}" }. But where does the 97% come from?

# %% [markdown] tags=["row-15"]
# ## Softmax: from scores to probabilities
#
# We want positive numbers that add up to 1. [**Softmax**](glossary.md#softmax) makes each score positive with
# the exponential function, and divides by the sum:
#
# $$\hat y_j = \frac{e^{z_j}}{\sum_l e^{z_l}}$$
#
# Here $j$ and $l$ count the $n$ classes, and $z$ and $\hat y$ both have the shape $(n,)$. The scores 1, 2 and 3
# become [0.090]{= f"{softmax(np.array([1.0, 2, 3]))[0]:.3f}" }, [0.245]{= f"{softmax(np.array([1.0, 2, 3]))[1]:.3f}"
# } and [0.665]{= f"{softmax(np.array([1.0, 2, 3]))[2]:.3f}" }. The largest score gets the largest probability, but
# the others keep something, so it is a "soft" version of choosing the largest.
#
# **Predict.** You add 100 to all three scores. Does the probability of class 2 become `"larger"` or
# `"smaller"`, or does it stay the `"same"`?

# %%
predict("add", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"same"`. Adding 100 multiplies every exponential by $e^{100}$, and the sum as well, so the factor
# cancels. **Only differences between scores matter.**
#
# </details>


# %%
def softmax_of(z):  # the scores of one image
    powers = np.exp(z)
    return powers / powers.sum()


for z in [(1, 2, 3), (101, 102, 103), (3, 6, 9), (0.3, 0.6, 0.9)]:
    print(z, softmax_of(np.array(z)).round(3))

# %% [markdown]
# A difference of 1 is a ratio of $e \approx 2.718$ between two probabilities. On our check, the scores of 1 and 8
# differ by [4.38]{= f"{(X_test[53] @ W + b)[1] - (X_test[53] @ W + b)[8]:.2f}" }, so the network considers the 1
# about [80]{= f"{np.exp((X_test[53] @ W + b)[1] - (X_test[53] @ W + b)[8]):.0f}" } times as probable:
# [97.0%]{= f"{probabilities[53, 1]:.1%}" } against [1.2%]{= f"{probabilities[53, 8]:.1%}" }. Larger scores in the
# same proportions make a network more confident, but the order of the classes stays the same.

# %% [markdown]
# ## A loss that rewards exaggeration
#
# A **loss** is the price of a prediction. We charge for only one of the ten probabilities: $\hat y_{\text{label}}$,
# the one that the correct class received. The simplest loss is what is missing from 1, $1 - \hat y_{\text{label}}$.
# Which predictions does it reward?
#
# Suppose that you are 70% sure that a digit is an 8, and otherwise it is a 3. You may state any probability $\hat y$
# for the 8, and $1 - \hat y$ is left for the 3. So you pay $1 - \hat y$ with probability 0.7, and $\hat y$ with
# probability 0.3.
#
# **Predict.** Which stated probability $\hat y$, from 0 to 1, makes this loss smallest on average?

# %%
predict("stated", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The probability 1. The average is $0.7 (1 - \hat y) + 0.3\, \hat y = 0.7 - 0.4\, \hat y$, and it falls all the
# way to $\hat y = 1$. The honest 70% costs 0.42, and the exaggeration only 0.3.
#
# </details>
#
# We need a loss for which the honest probability is the cheapest.

# %% [markdown] tags=["row-15"]
# ## The price of a surprise
#
# Here is a demand that sounds like bookkeeping. A check has two digits, and the network gives the probabilities
# $u$ and $v$ to the correct ones. If it reads them independently, it gives the correct *pair* the probability
# $uv$. Now it must not matter whether we charge for the check as a whole or for each digit:
#
# $$L(uv) = L(u) + L(v)$$
#
# The loss has to turn products into sums. Up to a constant factor, the only decreasing function that does so is minus
# the logarithm:
#
# $$L = -\log \hat y_{\text{label}}$$
#
# This is the [**cross-entropy**](glossary.md#cross-entropy) loss, with the natural logarithm, `np.log`.

# %%
draw.surprise(X_test, test_labels, probabilities, [53, 229, 145])

# %% [markdown]
# Read the curve as a measure of surprise. If the truth had the probability 1/2, you are as surprised as by heads in a
# coin flip; at 1/4, as by two heads in a row. Each halving costs $\log 2 \approx 0.69$ more, and a truth with the
# probability 0 has an infinite price.
#
# Our network left only 1.2% for the 8, so its loss is [4.41]{= f"{-np.log(probabilities[53, 8]):.2f}" }, more
# surprising than six heads in a row. **Doubt is cheap. Being confident and wrong is expensive.**

# %% [markdown]
# ## Does honesty pay?
#
# We have only demanded that losses add up. Does this one reward honesty, too? For the digit of which you are
# 70% sure, your average loss is now $-0.7 \log \hat y - 0.3 \log (1 - \hat y)$. At its minimum the
# derivative is 0:
#
# $$-\frac{0.7}{\hat y} + \frac{0.3}{1 - \hat y} = 0, \qquad \text{so} \quad 0.7\,(1 - \hat y) = 0.3\, \hat y,
# \qquad \hat y = 0.7.$$
#
# Try other values of `belief`:

# %%
belief, stated = 0.7, np.linspace(0.01, 0.99, 99)  # without 0 and 1: log 0 is infinite
losses = {  # the loss if it is an 8, and if it is a 3
    "missing part": (1 - stated, stated),
    "squared error": (2 * (1 - stated) ** 2, 2 * stated**2),
    "cross-entropy": (-np.log(stated), -np.log(1 - stated)),
}
for name, (eight, three) in losses.items():
    average = belief * eight + (1 - belief) * three
    print(f"{name}: cheapest if you state {stated[average.argmin()]:.2f}")

# %% [markdown]
# The cross-entropy is always cheapest at the probability that you believe. So is the
# [**squared error**](glossary.md#squared-error) from lesson 01, summed over the classes,
# $\sum_j (\hat y_j - y_j)^2$. Such losses are called *strictly proper scoring rules*. Why the squared error is
# nevertheless rarely used with softmax is a question of its derivative.

# %% [markdown] tags=["row-15"]
# ## Cross-entropy for a batch
#
# The label can be written as a vector: its [**one-hot encoding**](glossary.md#one-hot-encoding) $y$ has 1 at the
# label and 0 elsewhere. The loss becomes $L = -\sum_j y_j \log \hat y_j$, because the zeros remove all terms but one.
# Training minimizes the mean of the losses of $m$ examples, the [**cost**](glossary.md#cost) $J$, which most people
# simply call the loss as well.


# %%
def cross_entropy(Z, Y):
    return -np.mean(np.sum(Y * np.log(softmax(Z)), axis=-1))


# %% [markdown]
# **Predict.** If all 650 parameters of our classifier are 0, what is its cost? Answer with an expression such as
# `np.log(5)`.

# %%
predict("start", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Every image has ten scores of 0 and probabilities of 1/10, so the cost is $\log 10 =$
# [2.303]{= f"{cross_entropy(X @ np.zeros((64, 10)), Y):.3f}" }. This is what it costs to have no idea.
#
# </details>
#
# **An untrained network with $n$ classes and small weights begins near $\log n$.** If yours begins far above
# it, look for a bug before you train.
#
# Here are your own losses. What you left of the probability 1 is divided equally among the other nine digits.

# %%
draw.your_losses(answers, X_test, test_labels, probabilities)

# %% [markdown]
# If you wrote 1 somewhere and were wrong, your loss is infinite, and no later success can make up for it. So
# nobody should ever be 100% sure. Softmax never is, at least on paper.

# %% [markdown] tags=["row-15"]
# ## The gradient: prediction minus truth
#
# To train with this loss, we need to know how it changes with each score. So insert softmax into the loss. The
# logarithm turns the quotient into a difference, and it cancels the exponential in the numerator:
#
# $$L = -\log \frac{e^{z_{\text{label}}}}{\sum_l e^{z_l}} = \log \sum_l e^{z_l} - z_{\text{label}}$$
#
# By the chain rule, the derivative of the first term with respect to $z_j$ is $e^{z_j} / \sum_l e^{z_l}$, which
# is $\hat y_j$. The second term contributes $-1$ if $j$ is the label, and 0 otherwise: exactly $-y_j$.
# Therefore
#
# $$\frac{\partial L}{\partial z_j} = \hat y_j - y_j.$$
#
# **The gradient is the prediction minus the truth.** A step against it raises the score of the label, the
# more so the smaller its probability is, and lowers the others. A network that is 97% sure of a wrong class is
# pushed back with 97% of the full force.
#
# **Predict.** The four scores of an image are 4, 4, 4, 4, and its label is 1. What is the gradient with
# respect to the scores? Answer with a list.

# %%
predict("gradient", None)

# %% [markdown]
# <details>
# <summary>Answer, and the derivatives of softmax alone</summary>
#
# Equal scores have equal probabilities, 1/4 each. Subtract the one-hot label:
# `[[0.25, -0.75, 0.25, 0.25]]{= (softmax(np.full(4, 4.0)) - np.eye(4)[1]).tolist() }`.
# The sum is 0, as for every such gradient, because both $\hat y$ and $y$ add up to 1.
#
# Softmax alone has $n \times n$ derivatives, because each probability depends on each score:
# $\partial \hat y_j / \partial z_l = \hat y_j (1 - \hat y_j)$ for $l = j$, like the sigmoid, and
# $-\hat y_j \hat y_l$ otherwise. If one score rises, its own probability rises and all others fall.
#
# </details>

# %% [markdown] tags=["row-15"]
# ## 650 zeros learn to read
#
# Now you can understand the two lines in the loop that trained the network. The weight $W_{k,j}$
# multiplies pixel $x_k$ on its way to the score $z_j$, so by the chain rule
# $\partial L / \partial W_{k,j} = x_k (\hat y_j - y_j)$. For a batch, with the images as the rows of $X$,
#
# $$dZ = \frac{1}{m} (\hat Y - Y), \qquad dW = X^T dZ, \qquad db = \sum_i dZ_i.$$
#
# | | $X$ | $\hat Y$, $Y$, $dZ$ | $dW$ | $db$ |
# |---|---|---|---|---|
# | shape | (1500, 64) | (1500, 10) | (64, 10) | (10,) |
#
# Each step subtracts these gradients, with the learning rate 1. After the first step, the weights of a class are about
# 0.09 times the difference of two mean images: that of the class, and that of all others.
#
# **Predict.** All parameters are 0, and [150]{= np.sum(labels == 2) } of the 1,500 images have the label 2. In the
# first step, what is the gradient of the bias of class 2, `db[2]`?

# %%
predict("bias", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# It is 0. All probabilities are 0.1, so each of the 150 images contributes $0.1 - 1 = -0.9$, each of the other 1,350
# contributes 0.1, and the sum is $-135 + 135$. The bias has nothing to learn, because class 2 is as frequent as the
# network assumes.
#
# </details>

# %%
history = []
for W_step, b_step in steps:
    Z = X @ W_step + b_step
    history.append((W_step, cross_entropy(Z, Y), np.mean(Z.argmax(axis=1) == labels)))

draw.learning(history)

# %% [markdown]
# After a single step, the [accuracy](glossary.md#accuracy), the fraction of correct predictions, is already
# [89%]{= f"{history[1][2]:.0%}" }, although the loss has only fallen from [2.30]{= f"{history[0][1]:.2f}" } to
# [2.11]{= f"{history[1][1]:.2f}" }. The network is right, but hardly surer than before. The other 999 steps
# make it sure, and repair the difficult cases. In the end it is right on [98.8%]{= f"{history[1000][2]:.1%}" }
# of the training images and on [91.2%]{= f"{np.mean(probabilities.argmax(axis=1) == test_labels):.1%}" } of the
# test images. Nobody designed these ten images of weights.

# %% [markdown] tags=["row-15"]
# ## Two classes: sigmoid and binary cross-entropy
#
# Is the check signed? For a yes-or-no question, one score $z$ is enough. The [sigmoid](glossary.md#sigmoid)
# turns it into the probability of "yes", $\hat y = \sigma(z)$, and $1 - \hat y$ is left for "no". This is a
# softmax for the two scores $z$ and 0:
#
# $$\frac{e^z}{e^z + e^0} = \frac{1}{1 + e^{-z}} = \sigma(z)$$
#
# The label $y$ is 1 for yes and 0 for no. The loss is now called the
# [**binary cross-entropy**](glossary.md#binary-cross-entropy), and its gradient is prediction minus truth once more:
#
# $$L = -y \log \hat y - (1 - y) \log (1 - \hat y), \qquad \frac{\partial L}{\partial z} = \hat y - y$$

# %% [markdown] tags=["row-15"]
# ## Why not the accuracy, or the squared error?
#
# The bank cares about accuracy, and the squared error is honest, too. Why train with neither? The accuracy changes
# only when another class gets the largest score for some image. So its derivative is 0 almost everywhere, and gradient descent
# cannot use it.
#
# With respect to the score $z$, the derivative of the squared error $(\hat y - y)^2$ is
# $2 (\hat y - y) \cdot \hat y (1 - \hat y)$. The second factor is the derivative of the sigmoid, which
# [saturates](glossary.md#saturation). Here the truth is "yes", and the network is more and more sure that it is "no":

# %%
z = np.array([0.0, -2.0, -4.0, -6.0])
y_hat = 1 / (1 + np.exp(-z))
print("cross-entropy:", (y_hat - 1).round(3))
print("squared error:", (2 * (y_hat - 1) * y_hat * (1 - y_hat)).round(3))

# %% [markdown]
# In our [experiment](../benchmarks/lessons/two_losses.py), both losses train about equally well from small weights.
# From large random weights, with which the classifier is about 90% sure of its random answers, the squared error
# recovers only in part. After 300 steps at the best of eight learning rates, the cross-entropy is right on all
# training digits in each of five runs, and the squared error on at most
# [89%]{= f"{draw.tested('digits', 'large', 'squared error', 'train').max():.0%}" }; after 3,000 steps, still on at
# most [90%]{= f"{draw.tested('digits', 'large', 'squared error', 'later_train').max():.0%}" }.

# %% [markdown] tags=["row-15"]
# ## Which loss for which output?
#
# | task | outputs | output activation | loss | $\partial L / \partial z$ |
# |---|---|---|---|---|
# | one of $n$ classes | $n$ | softmax | cross-entropy | $\hat y - y$ |
# | yes or no | 1 | sigmoid | binary cross-entropy | $\hat y - y$ |
# | several labels may be true | $n$ | a sigmoid for each | binary cross-entropy of each | $\hat y - y$ |
# | a number (regression) | 1 | none | squared error | $2(\hat y - y)$ |
#
# The last row is where the squared error belongs. If the output is a number such as a rent, there is no sigmoid that
# could saturate.

# %% [markdown] tags=["row-15"]
# ## When the numbers overflow
#
# Our formulas are correct on paper, but they fail on a computer. Suppose that the pixel values ran from 0 to 255, as
# in most image files, and that somebody forgot to scale them. Then, after **one** step of our training, the largest
# score is [24,119]{= f"{((255 * X) @ ((255 * X).T @ (np.eye(10)[labels] - 0.1)) / 1500).max():,.0f}" }.
#
# **Predict.** What does `softmax_of` return for the scores 1000, 1001, 1002? `"a"` the
# probabilities of 1, 2, 3; `"b"` three times `inf`, infinity; `"c"` three times `nan`, not a number; `"d"` 0,
# 0, 1.

# %%
predict("overflow", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. A float that is too large becomes `inf` ([overflow](glossary.md#overflow)). The largest number in
# float64 is about $1.8 \cdot 10^{308}$, so from 710 on `np.exp` returns `inf`; in float32, the usual type in
# deep learning, from 89 on. Infinity divided by infinity is `nan`, and `nan` spreads: with this formula and pixel
# values up to 255, the second step turns all 650 parameters into `nan`.
#
# </details>

# %% [markdown] tags=["row-15"]
# ## The cure: shift, and skip the probability
#
# **First, shift.** Only differences between scores matter, so subtract the largest score from all of them. Then
# the largest exponential is $e^0 = 1$, and none can overflow.
#
# **Second, skip the probability.** With the scores 1000 and 0, the second class has the probability
# $e^{-1000}$, which float64 rounds to 0, and $-\log 0$ is infinite. So compute the loss from the scores. With
# $M = \max_l z_l$, the shifted sum is at least 1, and its logarithm is harmless:
#
# $$L = \log \sum_l e^{z_l} - z_{\text{label}} = \log \sum_l e^{z_l - M} - (z_{\text{label}} - M)$$
#
# The logarithm of the sum is called *log-sum-exp*. A computation that survives rounding and overflow has [**numerical
# stability**](glossary.md#numerical-stability). The `softmax` that we imported from the course's library shifts the
# scores. Here is a cross-entropy that does both:


# %%
def cross_entropy(Z, Y):
    Z = Z - Z.max(axis=-1, keepdims=True)
    return np.mean(np.log(np.exp(Z).sum(axis=-1)) - np.sum(Y * Z, axis=-1))


Z_far, Y_far = np.array([[1000.0, 0.0]]), np.array([[0.0, 1.0]])
print("loss:", cross_entropy(Z_far, Y_far), "  gradient:", softmax(Z_far) - Y_far)

# %% [markdown] tags=["row-15"]
# ## Two mistakes that raise no error
#
# The first is to **pass scores to a loss that expects probabilities**. In Keras, a cross-entropy expects
# probabilities unless you write `from_logits=True`. If you forget it, `SparseCategoricalCrossentropy`, the Keras loss
# for labels such as 8, clips all scores (with TensorFlow) to the range from $10^{-7}$ to $1 - 10^{-7}$, where a
# probability has to be, and divides them by their sum. (The loss for one-hot labels divides first, and is wrong in
# another way.)
#
# **Predict.** What does the sparse loss give for the scores 1, 2, 3, if class 0 is correct? Answer with an
# expression such as `np.log(5)`.

# %%
predict("clipped", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `np.log(3)`. All three scores are clipped to the same number, so each class gets a third. For labels 1 and
# 2 the loss is the same.
#
# </details>
#
# A slightly larger score would be clipped to the same number, so **the gradient is exactly 0.** Once the scores have
# left the range from 0 to 1, the network cannot find out whether it is right or wrong.
#
# The second mistake is to **apply softmax twice**, once in the network and once in the loss. It happens in PyTorch if
# you end a network with `nn.Softmax` and train it with `cross_entropy`. At the same learning rate, such a network
# learns more slowly, and even a perfect prediction, 1 and nine zeros, costs $\log (e + 9) - 1 =$
# [1.461]{= f"{cross_entropy(np.eye(10)[:1], np.eye(10)[:1]):.3f}" }.
#
# With ten classes, the first lines of a training log tell you a lot:
#
# | the loss | what it may mean |
# |---|---|
# | begins near 2.3 and falls | all is well |
# | begins at 10 or more | sure and wrong: the initial weights or the pixel values are too large |
# | stays at 2.303 | scores in a loss that expects probabilities, or a learning rate far too small |
# | never falls below 1.461 | softmax is applied twice |
# | becomes `nan` | an overflow, or the logarithm of 0: look at the largest score |
#
# So **end the network with scores, pass them to a loss that expects scores, and apply softmax only where
# somebody wants to read probabilities.**

# %% [markdown] tags=["row-15"]
# ## Losses in Keras, TensorFlow and PyTorch
#
# In PyTorch, `cross_entropy` always expects scores. Our thousand steps look like this, and `loss.backward()` computes
# the gradients, the subject of the [next lesson](13_backpropagation.ipynb):

# %% needs="torch"
import torch
from torch import nn

network = nn.Linear(64, 10)
nn.init.zeros_(network.weight)
nn.init.zeros_(network.bias)
optimizer = torch.optim.SGD(network.parameters(), lr=1)
x, y = torch.from_numpy(X).float(), torch.from_numpy(labels).long()  # int32 labels are rejected
for _ in range(1000):
    loss = nn.functional.cross_entropy(network(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.inference_mode():
    theirs = network(torch.from_numpy(X_test).float()).softmax(dim=1)
print(f"no. 53 is a 1: PyTorch {theirs[53, 1]:.4f}, we {probabilities[53, 1]:.4f}")

# %% [markdown]
# In Keras, you choose the loss when you compile the model. *Sparse* means that the labels are integers such as 8
# instead of one-hot vectors.


# %% needs="keras tensorflow"
import keras
from keras import layers


def trained(loss):
    model = keras.Sequential([keras.Input((64,)), layers.Dense(10, kernel_initializer="zeros")])
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    model.fit(X, labels, epochs=20, verbose=0)
    return model.evaluate(X_test, test_labels, verbose=0)


print(trained(keras.losses.SparseCategoricalCrossentropy(from_logits=True)))

# %% [markdown]
# Here is the first of the two mistakes. The loss is given by its short name, as in many tutorials, which means
# `from_logits=False`. That would be right after `Dense(10, activation="softmax")`. What will
# the loss be?

# %% needs="keras tensorflow"
print(trained("sparse_categorical_crossentropy"))

# %% [markdown]
# It stays at $\log 10$. All scores are 0 at the start, and they are clipped, so nothing ever changes. With Keras'
# random weights, scores that begin between 0 and 1 still have a gradient, and the network learns something, but
# badly: with five seeds, it was right on 20% to 49% of the test images instead of 86% to 87%.
#
# | task | Keras, with `from_logits=True` | PyTorch | labels |
# |---|---|---|---|
# | one of $n$ classes | `SparseCategoricalCrossentropy` | `nn.CrossEntropyLoss` | integers, (m,) |
# | yes or no, one or several | `BinaryCrossentropy` | `nn.BCEWithLogitsLoss` | 0 or 1, shape of the scores; floats in PyTorch |
# | a number | `MeanSquaredError`, without it | `nn.MSELoss` | floats, shape of the outputs |
#
# TensorFlow's functions have names such as `tf.nn.sparse_softmax_cross_entropy_with_logits`.

# %% [markdown]
# ## Back at the bank
#
# The bank relies on what the network says about itself. On average, our network is
# [90%]{= f"{probabilities.max(axis=1).mean():.0%}" } sure of the test digits, and it is right on
# [91%]{= f"{np.mean(probabilities.argmax(axis=1) == test_labels):.0%}" }. A network whose probabilities are true in
# this sense, at every level, is called [**calibrated**](glossary.md#calibration).
#
# A smaller bank has only 150 labeled digits, and lets its network train for longer. The loss rewards honesty, and the
# more steps the network takes, the lower its loss. Will it be calibrated, too?

# %%
X_few, Y_few = X[:150], Y[:150]
W_few, b_few = np.zeros((64, 10)), np.zeros(10)
for step in range(1, 10_001):
    dZ = (softmax(X_few @ W_few + b_few) - Y_few) / len(X_few)
    W_few, b_few = W_few - X_few.T @ dZ, b_few - dZ.sum(axis=0)
    if step in (300, 1000, 10_000):
        Y_hat = softmax(X_test @ W_few + b_few)
        sure, right = Y_hat.max(axis=1), Y_hat.argmax(axis=1) == test_labels
        no_clerk = sure >= 0.95
        if step == 300:
            right_on_few = np.mean((X_few @ W_few + b_few).argmax(axis=1) == labels[:150])
        cost = cross_entropy(X_few @ W_few + b_few, Y_few)
        print(f"{step} steps: training loss {cost:.3f}, test images:", end=" ")
        print(f"{sure.mean():.0%} sure, {right.mean():.0%} right,", end=" ")
        print(f"{no_clerk.sum()} without a clerk, {np.sum(no_clerk & ~right)} of them wrong")

# %% [markdown]
# After 300 steps the network is even a little too modest. Then its accuracy hardly changes, but its confidence goes
# on rising. In the end it is [90%]{= f"{sure.mean():.0%}" } sure and right on only [80%]{= f"{right.mean():.0%}" }.
# It has become *overconfident*, and [11]{= np.sum(no_clerk & ~right) } wrong digits pass without a clerk. In our
# [test](../tests/slow/test_losses.py), it became overconfident with all twelve pairs of training and test sets, by 2
# to 9 percentage points; this pair is the worst.
#
# Already after 300 steps, it was right on [all]{= "all" if right_on_few == 1 else "not all" } of its training images,
# and from then on larger scores alone can lower the loss further. So the loss makes a network honest about the images
# that it is trained on, and nobody promised more. [Overfitting](15_overfitting.ipynb) shows what to do about it.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: accuracy against loss
#
# Four images have the labels 0, 1, 2, 0 of three classes. Make up the probabilities of two networks, each as
# a list of four rows of three numbers.
#
# 1. `worse` is right on **three** of the four images, and still its mean cross-entropy is larger than that
#    of somebody without any idea, $\log 3 \approx 1.10$.
# 2. `better` is right on **none** of them, and still its mean cross-entropy is smaller than that.

# %%
worse = None
better = None
### BEGIN SOLUTION
worse = [
    [0.4, 0.3, 0.3],
    [0.3, 0.4, 0.3],
    [0.3, 0.3, 0.4],
    [0.001, 0.998, 0.001],  # sure and wrong: 6.91 for one image
]
better = [
    [0.49, 0.50, 0.01],  # the truth comes second, and very close: 0.71 for each image
    [0.50, 0.49, 0.01],
    [0.50, 0.01, 0.49],
    [0.49, 0.50, 0.01],
]
### END SOLUTION

# %%
check("worse", worse)
check("better", better)

# %% [markdown]
# The first network is no oddity: when a network overfits, it becomes ever surer of its mistakes.

# %% [markdown]
# ### Exercise 2: find the bug
#
# `mean_loss_buggy` computes the mean cross-entropy from probabilities `Y_hat` of shape (m, n) and `labels` of
# shape (m,). It is right for one example, and it raises no error for more. What is the shape of
# `Y_hat[:, labels]` for $m = 3$ and $n = 5$? Then write `mean_loss`, which is right for every batch.


# %%
def mean_loss_buggy(Y_hat, labels):
    return -np.mean(np.log(Y_hat[:, labels]))


shape = None
### BEGIN SOLUTION
shape = (3, 3)
### END SOLUTION


def mean_loss(Y_hat, labels):
    loss = None
    ### BEGIN SOLUTION
    loss = -np.mean(np.log(Y_hat[np.arange(len(labels)), labels]))
    ### END SOLUTION
    return loss


# %%
check("shape", shape)
check("mean_loss", mean_loss)

# %% [markdown]
# ### Exercise 3: a stable binary cross-entropy
#
# Write `binary_cross_entropy(z, y)` for arrays of scores and of labels (0 or 1), which returns the array of
# losses. It must be right for scores of 1000 and $-1000$, without a warning from NumPy. Begin on paper: the
# sigmoid is the softmax of $z$ and 0. What does log-sum-exp become for these two scores?


# %%
def binary_cross_entropy(z, y):
    loss = None
    ### BEGIN SOLUTION
    M = np.maximum(z, 0)  # the larger one of z and 0
    loss = M + np.log(np.exp(z - M) + np.exp(-M)) - y * z
    ### END SOLUTION
    return loss


# %%
check("binary_cross_entropy", binary_cross_entropy)

# %% [markdown]
# <details>
# <summary>Once it works: what NumPy and PyTorch have for this</summary>
#
# Log-sum-exp of $z$ and 0 is `np.logaddexp(0, z)`, so `np.logaddexp(0, z) - y * z` is the whole loss. The sum over
# classes is `scipy.special.logsumexp`, and in PyTorch `torch.logsumexp`. The term $\log(1 + e^z)$ is called
# *softplus*.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **turn scores into probabilities** with [softmax](glossary.md#softmax), and explain the
#    [cross-entropy](glossary.md#cross-entropy) $-\log \hat y_{\text{label}}$, for which the honest probability is the
#    cheapest. It is also called negative log-likelihood or log loss;
# 2. **derive its gradient**, $\hat y - y$, and train a linear classifier with it;
# 3. **choose a loss**, and recognize its silent mistakes: a loss that stays at $\log n$, softmax applied twice,
#    `nan`.

# %% [markdown]
# ## What to read next
#
# - To practice: the assignment [Activations](../release/activations/activations.ipynb). Next:
#   [Backpropagation](13_backpropagation.ipynb), which brings $\hat y - y$ back through convolution layers.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 4.1,
#   [Softmax regression](https://d2l.ai/chapter_linear-classification/softmax-regression.html), also on
#   surprise and information theory.
# - Guo, Pleiss, Sun and Weinberger, *On Calibration of Modern Neural Networks* (ICML 2017): do networks mean
#   what they say? [arXiv:1706.04599](https://arxiv.org/abs/1706.04599).
