# %% [markdown]
# # Losses
#
# A bank lets a network read the digits on its checks. If the network is at least 95% sure of a digit,
# nobody looks at it again. Otherwise a clerk does. Run the next two cells: the second one trains such a
# network, in about a second, and then shows you a digit that no clerk has seen. What would you read?

# %% include="lesson_setup"

# %%
from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward, softmax
from lesson_tools.losses import figures as draw
from lesson_tools.losses.questions import check, predict

data = digits()
X, X_test = data.train_images.reshape(1500, 64), data.test_images.reshape(297, 64)
labels, test_labels = data.train_labels, data.test_labels

W, b = np.zeros((64, 10)), np.zeros(10)
for _ in range(1000):
    dZ = cross_entropy_backward(X @ W + b, labels)
    W, b = W - X.T @ dZ, b - dZ.sum(axis=0)

probabilities = softmax(X_test @ W + b)
draw.exhibit(X_test[53], probabilities[53])

# %% [markdown]
# A 1, says the network, and it is [97%]{= f"{probabilities[53, 1]:.0%}" } sure. The customer wrote an 8.
#
# It is not a bad network. It was sure enough of [199]{= (probabilities.max(axis=1) >= 0.95).sum() } of the 297
# test digits, and this was its only mistake among them. But a check for 8,000 dollars just became one for
# 1,000, and nobody noticed. **What should that cost?**
#
# We are free to choose. A network learns by making a number smaller, and if being 97% sure and wrong costs no
# more than being in doubt, nothing in its training will ever teach it to doubt.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. turn scores into probabilities, and explain why the cross-entropy rewards honest predictions;
# 2. derive its gradient, prediction minus truth, and train a classifier with it;
# 3. choose a loss for a task, and recognize the mistakes with losses that raise no error.
#
# **Time:** about 80 minutes, and 35 for the exercises. (Take a break after the training run, if you like. The
# sections that begin with *Further* are optional and take another 5 minutes.) **You need:**
# [Activations](11_activations.ipynb), the gradient descent of [lesson 01](01_images_and_convolution.ipynb), and
# from school the chain rule and the logarithm.

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

# %% [markdown]
# ## Two questions to warm up
#
# **Predict.** What are the sigmoid of 0 and its derivative there? Answer with `(sigmoid, derivative)`. (If
# this was new, go back to [Activations](11_activations.ipynb).)

# %%
predict("sigmoid", None)

# %% [markdown]
# **Predict.** At $z = 10$, is the derivative of the sigmoid closest to 0, 0.25 or 1?

# %%
predict("saturated", None)

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
# Here $j$ and $l$ count the $n$ classes, and $z$ and $\hat y$ both have the shape $(n,)$. For the scores 1, 2,
# 3 the exponentials are 2.718, 7.389 and 20.086, and their sum is
# [30.193]{= f"{np.exp([1, 2, 3]).sum():.3f}" }. Division gives
# [0.090]{= f"{softmax(np.array([1.0, 2, 3]))[0]:.3f}" }, [0.245]{= f"{softmax(np.array([1.0, 2, 3]))[1]:.3f}" }
# and [0.665]{= f"{softmax(np.array([1.0, 2, 3]))[2]:.3f}" }. The largest score gets the largest probability,
# but the others keep something, so it is a "soft" maximum.
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
draw.scores((1, 2, 3), (101, 102, 103), (3, 6, 9), (0.3, 0.6, 0.9))

# %% [markdown]
# A difference of 1 is a ratio of $e \approx 2.718$ between two probabilities. On our check, the scores of 1 and
# 8 differ by [4.38]{= f"{(X_test[53] @ W + b)[1] - (X_test[53] @ W + b)[8]:.2f}" }, so the network finds the 1
# about [80]{= f"{np.exp((X_test[53] @ W + b)[1] - (X_test[53] @ W + b)[8]):.0f}" } times as probable: 97.0%
# against [1.2%]{= f"{probabilities[53, 8]:.1%}" }. Multiplying all scores by 3 makes the network more
# confident, multiplying them by 0.3 makes it more modest, and the order of the classes stays.

# %% [markdown]
# ## Two losses that fail
#
# A **loss** is the price of a prediction. Only one of the ten probabilities is about the truth:
# $\hat y_{\text{label}}$, the one that the correct class received. Here are two simple losses.
#
# - **The 0-1 loss.** A wrong prediction costs 1, a right one nothing. Our mistake costs 1.
# - **The missing part**, $1 - \hat y_{\text{label}}$. Our mistake costs
#   [0.988]{= f"{1 - probabilities[53, 8]:.3f}" }.
#
# Which predictions do they reward? Suppose that you are 70% sure that a digit is an 8, and otherwise it is a 3.
# You may state any probability $\hat y$ for the 8, and $1 - \hat y$ is left for the 3. To the 0-1 loss, 51% and
# 100% are the same, so it gives you no reason to say how sure you are. With the second loss you pay
# $1 - \hat y$ if it is an 8, which happens with probability 0.7, and $\hat y$ if it is a 3, with probability
# 0.3.
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
# So the second loss is worse than useless: **it rewards exaggeration.** We need a loss for which the honest
# probability is the cheapest.

# %% [markdown] tags=["row-15"]
# ## The price of a surprise
#
# Here is a demand that sounds like bookkeeping. A check has two digits, and the network gives the probabilities
# $u$ and $v$ to the correct ones. If it reads them independently, it gives the correct *pair* the probability
# $uv$. Now it must not matter whether we charge for the check as a whole or for each digit:
#
# $$L(uv) = L(u) + L(v)$$
#
# The loss has to turn products into sums. Up to a constant factor, one decreasing function does, minus the
# logarithm:
#
# $$L = -\log \hat y_{\text{label}}$$
#
# This is the [**cross-entropy**](glossary.md#cross-entropy) loss, with the natural logarithm, `np.log`.

# %%
draw.surprise(X_test, test_labels, probabilities, [53, 229, 145])

# %% [markdown]
# Read the curve as a measure of surprise. If the truth had the probability 1/2, you are as surprised as by
# heads in a coin flip; at 1/4, as by two heads in a row. Each halving costs $\log 2 \approx 0.69$ more, and a
# truth with the probability 0 costs infinitely much.
#
# Our network left only 1.2% for the 8, so its loss is [4.41]{= f"{-np.log(probabilities[53, 8]):.2f}" }, more
# surprising than six heads in a row. **Doubt is cheap. Being confident and wrong is expensive.**

# %% [markdown]
# ## Does honesty pay?
#
# We have only demanded that losses add up. Does this one reward honesty, too? For the digit of which you are
# 70% sure, your average loss is now $-0.7 \log \hat y - 0.3 \log (1 - \hat y)$, and at its minimum the
# derivative is 0:
#
# $$-\frac{0.7}{\hat y} + \frac{0.3}{1 - \hat y} = 0, \qquad \text{so} \quad 0.7\,(1 - \hat y) = 0.3\, \hat y,
# \qquad \hat y = 0.7.$$

# %%
draw.average_losses(0.7)

# %% [markdown]
# Only two of the four losses are cheapest at the honest probability and nowhere else. (The literature calls
# them *strictly proper scoring rules*.) One is the cross-entropy. The other is the
# [**squared error**](glossary.md#squared-error) that you know from lesson 01, summed over all classes,
# $\sum_j (\hat y_j - y_j)^2$. It looks simpler and never becomes infinite. So why is it rarely used with
# softmax? You will see after the training run.

# %% [markdown] tags=["row-15"]
# ## Cross-entropy for a batch
#
# The label can be written as a vector: its [**one-hot encoding**](glossary.md#one-hot-encoding) $y$ has 1 at
# the label and 0 elsewhere. Class 2 of three is $(0, 0, 1)$. The loss becomes $L = -\sum_j y_j \log \hat y_j$,
# because the zeros remove all terms but one. Training minimizes the mean of the losses of $m$ examples, the
# [**cost**](glossary.md#cost) $J$, which most people simply call the loss, too.
#
# **Predict two things.** With the scores 1, 2, 3: by how much is the loss larger if class 0 is correct than if
# class 2 is? And if all 650 parameters of our classifier are 0, what is its cost? Answer the second question
# with an expression such as `np.log(5)`.

# %%
predict("apart", None)
predict("start", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# By 2, the difference between the scores:
# [2.4076]{= f"{cross_entropy(np.array([[1.0, 2, 3]]), np.array([0])):.4f}" } and
# [0.4076]{= f"{cross_entropy(np.array([[1.0, 2, 3]]), np.array([2])):.4f}" }.
#
# With zeros, every image has ten scores of 0 and probabilities of 1/10, so the cost is $\log 10 =$
# [2.303]{= f"{cross_entropy(X @ np.zeros((64, 10)), labels):.3f}" }. This is what it costs to have no idea.
#
# </details>
#
# **An untrained network with $n$ classes and small weights begins near $\log n$.** If yours begins far above
# it, look for a bug before you train.
#
# Here are your own losses. (The rest of each probability is divided among the other nine digits.)

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
# The whole gradient, $\hat y - y$, has the shape of $z$.

# %%
draw.gradient(softmax(np.array([1.0, 2.0, 3.0])), np.array([1.0, 0.0, 0.0]))

# %% [markdown]
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
# `[[0.25, -0.75, 0.25, 0.25]]{= cross_entropy_backward(np.full((1, 4), 4.0), np.array([1]))[0].tolist() }`.
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
# Now you can understand the four lines that trained the network at the top. The weight $W_{k,j}$
# multiplies pixel $x_k$ on its way to the score $z_j$, so by the chain rule
# $\partial L / \partial W_{k,j} = x_k (\hat y_j - y_j)$. For a batch, with the images as the rows of $X$,
#
# $$dZ = \frac{1}{m} (\hat Y - Y), \qquad dW = X^T dZ, \qquad db = \sum_i dZ_i.$$
#
# | | $X$ | $\hat Y$, $Y$, $dZ$ | $dW$ | $db$ |
# |---|---|---|---|---|
# | shape | (1500, 64) | (1500, 10) | (64, 10) | (10,) |
#
# **Predict.** All parameters are 0, and 150 of the 1,500 images have the label 3. In the first step, what is
# the gradient of the bias of class 3, `db[3]`?

# %%
predict("bias", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# It is 0. All probabilities are 0.1, so each of the 150 images contributes $0.1 - 1 = -0.9$, each of the other
# 1,350 contributes 0.1, and the sum is $-135 + 135$. The bias has nothing to learn, because class 3 is as
# frequent as the network assumes. The weights do learn: the 150 images are *added* to the weights of class 3,
# and a small part of each other image is subtracted.
#
# </details>
#
# Here are the four lines again, as a function that keeps a record. What do you expect after one step, and after a
# thousand?


# %%
def descend(W, b, targets, rate=1, steps=300, gradient=cross_entropy_backward):
    """Return the trained parameters, and weights, loss and accuracy before each step."""
    record = []
    for _ in range(steps):
        Z = X @ W + b
        correct = np.mean(Z.argmax(axis=1) == targets)
        record.append((W, cross_entropy(Z, targets), correct))
        dZ = gradient(Z, targets)  # prediction minus truth, divided by m
        W, b = W - rate * (X.T @ dZ), b - rate * dZ.sum(axis=0)
    return W, b, record


zeros, no_bias = np.zeros((64, 10)), np.zeros(10)
_, _, history = descend(zeros, no_bias, labels, steps=1001)
draw.learning(history)

# %% [markdown]
# After a single step, the [accuracy](glossary.md#accuracy), the fraction of correct predictions, is already
# [89%]{= f"{history[1][2]:.0%}" }, although the loss has only fallen from [2.30]{= f"{history[0][1]:.2f}" } to
# [2.11]{= f"{history[1][1]:.2f}" }. The network is right, but hardly surer than before. The other 999 steps
# make it sure, and repair the difficult cases. In the end it is right on [98.8%]{= f"{history[1000][2]:.1%}" }
# of the training images and on [91.2%]{= f"{np.mean(probabilities.argmax(axis=1) == test_labels):.1%}" } of the
# test images.
#
# Nobody designed these ten images of weights. (If you need a break, take it here.)

# %% [markdown] tags=["row-15"]
# ## Why not the accuracy, or the squared error?
#
# The bank cares about accuracy, and the mean 0-1 loss is 1 minus the accuracy. The squared error is honest,
# too. Why train with neither? Look at their derivatives.
#
# **Left:** one of the 640 weights varies, for twenty images. The derivative of the 0-1 loss is 0 almost
# everywhere, so gradient descent cannot use it.
#
# **Right:** a single probability, $\hat y = \sigma(z)$, that should be 1. The squared error has the derivative
# $2 (\hat y - 1) \cdot \hat y (1 - \hat y)$, and its second part is the derivative of the sigmoid, which
# [saturates](glossary.md#saturation).

# %%
draw.no_direction(history[10][0], np.zeros(10), X[:20], labels[:20], weight=(43, 2))

# %% [markdown]
# At $z = -6$, the network is 99.8% sure and wrong. There the derivative of the cross-entropy is
# [-0.998]{= f"{1 / (1 + np.exp(6)) - 1:.3f}" }, and that of the squared error
# [-0.005]{= f"{2 * (1 / (1 + np.exp(6)) - 1) / (1 + np.exp(6)) / (1 + np.exp(-6)):.3f}" }. So the squared error
# should train well as long as the network is in doubt, and hardly correct its mistakes once it is
# confident. (An optional experiment near the end tests this.)

# %% [markdown] tags=["row-15"]
# ## Two classes: sigmoid and binary cross-entropy
#
# Is the check signed? For a yes-or-no question, one score $z$ is enough. The [sigmoid](glossary.md#sigmoid)
# turns it into the probability of "yes", $\hat y = \sigma(z)$, and $1 - \hat y$ is left for "no". This is a
# softmax for the two scores $z$ and 0:
#
# $$\frac{e^z}{e^z + e^0} = \frac{1}{1 + e^{-z}} = \sigma(z)$$
#
# The label $y$ is 1 for yes and 0 for no. Minus the logarithm of the probability that the truth received is now
# called the [**binary cross-entropy**](glossary.md#binary-cross-entropy), and its gradient is prediction minus
# truth once more:
#
# $$L = -y \log \hat y - (1 - y) \log (1 - \hat y), \qquad \frac{\partial L}{\partial z} = \hat y - y$$
#
# **Predict.** Five images have the scores 1, 5, -4, 3, -2 and the labels 1, 1, 0, 1, 0. Which image has the
# largest loss? Count from 0.

# %%
predict("largest", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Image [0]{= int(np.argmax(np.logaddexp(0, -np.abs([1, 5, -4, 3, -2])))) }. All five predictions are correct, but this one is the least confident.
#
# </details>

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
# The last row is where the squared error belongs. If the output is a number such as a rent, no sigmoid can
# saturate, and the derivative is prediction minus truth again, times 2.
#
# **Predict two things.** An app reports which of sea, mountains, forest and people are in a photograph. There
# may be several of them, or none. Does its network need `"softmax"` or `"sigmoid"`? And for a photograph
# without mountains, the score of mountains is 0. What is the loss of this one output? Answer with an
# expression such as `np.log(5)`.

# %%
predict("activation", None)
predict("mountains", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# `"sigmoid"`, one for each subject, because their probabilities need not add up to 1. A score of 0 is a
# probability of one half, so the loss is $-\log(1 - 0.5) = \log 2 =$ [0.693]{= f"{np.log(2):.3f}" }, the
# surprise of one coin flip.
#
# </details>

# %% [markdown] tags=["row-15"]
# ## When the numbers overflow
#
# Our formulas are correct on paper, but they fail on a computer. Suppose that somebody forgot to scale the
# pixel values, which run from 0 to 255. Then, after **one** step of our training, the largest score is
# [24,119]{= f"{((255 * X) @ ((255 * X).T @ (np.eye(10)[labels] - 0.1)) / 1500).max():,.0f}" }.
#
# **Predict.** What does the formula of softmax give in NumPy for the scores 1000, 1001, 1002? `"a"` the
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
# deep learning, from 89 on. Infinity divided by infinity is `nan`, and `nan` spreads: with pixel values up to
# 255, the second step turns all 650 parameters into `nan`.
#
# </details>

# %%
z = np.array([1000.0, 1001.0, 1002.0])
with np.errstate(all="ignore"):  # NumPy would only warn
    print("formula:", np.exp(z) / np.exp(z).sum())
    print("float64: exp(709) =", np.exp(np.float64(709)), "  exp(710) =", np.exp(np.float64(710)))
    print("float32: exp(88)  =", np.exp(np.float32(88)), "  exp(89)  =", np.exp(np.float32(89)))

# %% [markdown] tags=["row-15"]
# ## The cure: shift, and skip the probability
#
# **First, shift.** Only differences between scores matter, so subtract the largest score from all of them. Then
# the largest exponential is $e^0 = 1$, and none can overflow. For 1000, 1001, 1002 that leaves $-2$, $-1$, $0$
# and the same probabilities as for 1, 2, 3.
#
# **Second, skip the probability.** With the scores 1000 and 0, the second class has the probability
# $e^{-1000}$, which float64 rounds to 0, and $-\log 0$ is infinite. So compute the loss from the scores. With
# $M = \max_l z_l$, the shifted sum is at least 1, and its logarithm is harmless:
#
# $$L = \log \sum_l e^{z_l} - z_{\text{label}} = \log \sum_l e^{z_l - M} + M - z_{\text{label}}$$
#
# The first two terms are called *log-sum-exp*. A computation that survives rounding and overflow has
# [**numerical stability**](glossary.md#numerical-stability):

# %%
far, second = np.array([[1000.0, 0.0]]), np.array([1])
with np.errstate(divide="ignore"):
    print("by way of the probability:", -np.log(softmax(far)[0, 1]))
print("from the scores:          ", cross_entropy(far, second))
print("gradient:                 ", cross_entropy_backward(far, second))

# %% [markdown] tags=["row-15"]
# ## Two mistakes that raise no error
#
# The first is to **pass scores to a loss that expects probabilities**. In Keras, a loss expects probabilities
# unless you write `from_logits=True`. If you forget it, Keras (with TensorFlow) moves all scores into the range
# from $10^{-7}$ to $1 - 10^{-7}$, where a probability has to be, and divides them by their sum.


# %%
def as_probabilities(Z):
    Q = np.clip(Z, 1e-7, 1 - 1e-7)
    return Q / Q.sum(axis=1, keepdims=True)


# %% [markdown]
# **Predict.** What loss does this give for the scores 1, 2, 3, if class 0 is correct? Answer with an
# expression such as `np.log(5)`.

# %%
predict("clipped", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `np.log(3)`. All three scores are clipped to the same number, so each class gets a third. For labels 1 and
# 2 the loss is the same, 1.0986.
#
# </details>
#
# And what can a network learn from that? As in lesson 01, make each score a little larger and see what
# happens. Each row below has one score that is larger by 0.001.

# %%
print(as_probabilities(np.array([1.0, 2, 3]) + 0.001 * np.eye(3)))

# %% [markdown]
# Nothing happens: the loss is the same, and **the gradient is exactly 0.** Once the scores have left the range
# from 0 to 1, clipping hides from the network whether it is right or wrong. You will soon see what becomes of a
# network that is trained like this.
#
# The second mistake is to **apply softmax twice**, once in the network and once in the loss. It happens in
# PyTorch if you end a network with `nn.Softmax` and train it with `cross_entropy`. Such a network learns more
# slowly (our 300 steps from zeros would give 87% instead of 97.5%), and even a perfect prediction, 1 and nine
# zeros, costs $\log (e + 9) - 1 =$ [1.461]{= f"{cross_entropy(np.eye(10)[:1], np.array([0])):.3f}" }.

# %% [markdown]
# ## First aid for a loss
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
# In Keras, you choose the loss when you compile the model. *Sparse* means that the labels are numbers such as 8
# instead of one-hot vectors.

# %% needs="keras tensorflow"
import keras
from keras import layers

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(10),
    ]
)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
model.fit(data.train_images, labels, epochs=5, verbose=0)
print("loss and accuracy:", model.evaluate(data.test_images, test_labels, verbose=0))

# %% [markdown]
# Here is the first of the two mistakes. The loss is given by its short name, as in many tutorials, which means
# `from_logits=False`. That would be right if the last layer were `Dense(10, activation="softmax")`. What will
# the loss be?

# %% needs="keras tensorflow"
mistaken = keras.models.clone_model(model)  # the same layers, new random weights
mistaken.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
mistaken.fit(data.train_images, labels, epochs=5, verbose=0)
print("loss and accuracy:", mistaken.evaluate(data.test_images, test_labels, verbose=0))

# %% [markdown]
# Usually the loss ends at $\log 10 = 2.303$, and the accuracy is poor. (With six other seeds we got 10% to 27%,
# and once a loss of 2.94.)
#
# PyTorch's `nn.CrossEntropyLoss` always expects scores. Its training loop consists of the steps that you know:
# scores, loss, gradients, and a step against them. The gradients come from `loss.backward()`, the subject of
# the [next lesson](13_backpropagation.ipynb).

# %% needs="torch"
import torch
from torch import nn

torch.manual_seed(0)
x = torch.from_numpy(data.train_images).permute(0, 3, 1, 2)  # PyTorch puts the channels first
y = torch.from_numpy(labels).long()  # labels have to be int64
network = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding="same"),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(128, 10),
)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
print(f"loss before training: {loss_fn(network(x), y).item():.2f}")
for _ in range(5):
    for batch in torch.randperm(len(x)).split(32):
        optimizer.zero_grad()
        loss = loss_fn(network(x[batch]), y[batch])
        loss.backward()
        optimizer.step()

x_test = torch.from_numpy(data.test_images).permute(0, 3, 1, 2)
with torch.inference_mode():
    correct = network(x_test).argmax(1) == torch.from_numpy(test_labels)
print(f"accuracy: {correct.float().mean().item():.3f}")

# %% [markdown]
# Each loss expects its labels in another form, so here is the list:
#
# | task | library | loss | labels |
# |---|---|---|---|
# | one of $n$ classes | Keras | `SparseCategoricalCrossentropy(from_logits=True)` | integers, (m,) |
# | | | `CategoricalCrossentropy(from_logits=True)` | one-hot, (m, n) |
# | | TensorFlow | `tf.nn.sparse_softmax_cross_entropy_with_logits` | integers, (m,) |
# | | PyTorch | `nn.CrossEntropyLoss()` | int64, (m,) |
# | yes or no, one or several | Keras | `BinaryCrossentropy(from_logits=True)` | 0 or 1, shape of the scores |
# | | TensorFlow | `tf.nn.sigmoid_cross_entropy_with_logits` | floats, shape of the scores |
# | | PyTorch | `nn.BCEWithLogitsLoss()` | floats, shape of the scores |
# | a number | Keras, PyTorch | `MeanSquaredError()`, `nn.MSELoss()` | floats, shape of the outputs |

# %% [markdown]
# ## Back at the bank
#
# The bank relies on what the network says about itself, and that worked well. On average, our network is
# [90%]{= f"{probabilities.max(axis=1).mean():.0%}" } sure, and it is right on
# [91%]{= f"{np.mean(probabilities.argmax(axis=1) == test_labels):.0%}" } of the test images. A network whose
# probabilities are true in this sense, at every level, is called [**calibrated**](glossary.md#calibration).
# (Longer training spoils it; see the first *Further* section.) So the bank keeps the network, and chooses
# another threshold:

# %%
for threshold in (0.5, 0.8, 0.9, 0.95, 0.97):
    sure = probabilities.max(axis=1) >= threshold
    wrong = probabilities.argmax(axis=1)[sure] != test_labels[sure]
    print(f"from {threshold:.2f} on: {sure.sum()} without a clerk, {wrong.sum()} of them wrong")

# %% [markdown]
# With the threshold 0.97, our digit, at [0.9697]{= f"{probabilities[53, 1]:.4f}" }, would have gone to a clerk,
# together with [117]{= np.sum(probabilities.max(axis=1) < 0.97) - 1 } others. (But do not choose
# the threshold from this table, because it was made with the test images.)

# %% [markdown]
# ## Further: is the network as honest as its loss?
#
# *This section and the next one are optional.* If a network is calibrated, its average confidence equals its
# accuracy. The cross-entropy rewards honesty, so let us compare these two numbers, and train longer than we
# did.

# %%
W_long, b_long = np.zeros((64, 10)), np.zeros(10)
print(" steps  accuracy  mean confidence  loss   at least 95% sure  wrong among them")
for step in range(1, 10_001):
    dZ = cross_entropy_backward(X @ W_long + b_long, labels)
    W_long, b_long = W_long - X.T @ dZ, b_long - dZ.sum(axis=0)
    if step in (300, 1000, 3000, 10_000):
        Z = X_test @ W_long + b_long
        confidence, right = softmax(Z).max(axis=1), Z.argmax(axis=1) == test_labels
        sure = confidence >= 0.95
        print(
            f"{step:6}  {right.mean():8.3f}  {confidence.mean():15.3f}  "
            f"{cross_entropy(Z, test_labels):.3f}  {sure.sum():17}  {np.sum(sure & ~right):16}"
        )
at_the_end = np.sum(sure), np.sum(sure & ~right)

# %% [markdown]
# After 1,000 steps the network keeps its word. Then its accuracy stays where it is, but its confidence goes on
# rising. After 10,000 steps it is [95%]{= f"{confidence.mean():.0%}" } sure, and still right on only
# [91%]{= f"{right.mean():.0%}" }. It has become *overconfident*, and the bank pays for this:
# [6]{= at_the_end[1] } of the [239]{= at_the_end[0] } digits that pass without a clerk are wrong, instead of 1
# of [199]{= np.sum(probabilities.max(axis=1) >= 0.95) }.
#
# By then the network is right on
# [all]{= "all" if np.mean((X @ W_long + b_long).argmax(axis=1) == labels) == 1 else "not all" } of its training
# images, and there larger weights only lower the loss further. **The loss makes a network honest on the images
# that it is trained on, and only there.** What to do about it is the subject of
# [Overfitting](15_overfitting.ipynb). Large networks need it even more (Guo and others, below).

# %% [markdown]
# ## Further: an experiment with two starts
#
# Is it true that the squared error fails once a network is confidently wrong? We begin once with zeros and the
# learning rate 1, as before, and once with large random weights, which make the network sure of random
# predictions. For these we take the learning rate 30, the best of eight for both losses.


# %%
def squared_error_backward(Z, targets):
    Y_hat = softmax(Z)
    dY = 2 * (Y_hat - np.eye(10)[targets]) / len(Z)  # derivative of the mean loss
    return Y_hat * (dY - np.sum(dY * Y_hat, axis=1, keepdims=True))  # through softmax


large = np.random.default_rng(0).normal(0, 3, (64, 10))
gradients = {"cross-entropy": cross_entropy_backward, "squared error": squared_error_backward}
runs = {
    start: {
        loss: descend(weights, no_bias, labels, rate, 301, gradient)[2]
        for loss, gradient in gradients.items()
    }
    for start, weights, rate in (
        ("from zeros", zeros, 1),
        ("from large random weights", large, 30),
    )
}
draw.two_starts(runs)

# %% [markdown]
# From zeros, **both losses end equally well**: after 300 steps they are right on
# [97.5%]{= f"{runs['from zeros']['cross-entropy'][-1][2]:.1%}" } and
# [96.8%]{= f"{runs['from zeros']['squared error'][-1][2]:.1%}" } of the training images.
# (The dip is real: on its way the squared error even loses accuracy.) The large weights are
# [95%]{= f"{softmax(X @ large).max(axis=1).mean():.0%}" } sure on average, and right on
# [11%]{= f"{np.mean((X @ large).argmax(axis=1) == labels):.0%}" }. From there, the cross-entropy reaches
# [100%]{= f"{runs['from large random weights']['cross-entropy'][-1][2]:.0%}" }, while the squared error is
# [still wrong on many images]{= "still wrong on many images" if runs['from large random weights']['squared error'][-1][2] < 0.9 else "nearly done" }.
# **Once a network is confidently wrong, the squared error corrects it far more slowly**, because softmax
# saturates, and its derivative multiplies the gradient.
#
# One run proves little. `benchmarks/lessons/two_losses.py` repeats this with ten training sets, each loss with the best
# of eight learning rates. From the bad starts, the cross-entropy is right on all training images in all runs,
# and the squared error on [39%]{= f"{draw.tested('digits', 'misled', 'squared error', 'train').min():.0%}" } to
# [89%]{= f"{draw.tested('digits', 'large', 'squared error', 'train').max():.0%}" }. What fails is the pair of
# softmax and squared error. With the squared error of the scores themselves, even large networks train well
# (Hui and Belkin, below).

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
# ### Exercise 2: a stable binary cross-entropy
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
# ### Exercise 3: find the bug
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
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the cell below.
#
# 1. ... the learning rate is 0.01, or 10? Watch the first losses.
# 2. ... the labels are random: `targets = rng.permutation(labels)`?

# %%
rng = np.random.default_rng(0)
rate, targets = 1, labels  # change these

V, a, record = descend(zeros, no_bias, targets, rate, 301)
print("first losses: ", [round(float(loss), 2) for _, loss, _ in record[:8]])
print("largest loss: ", round(max(float(loss) for _, loss, _ in record), 2))
print("last loss:    ", round(float(record[-1][1]), 2))
print(f"right on {record[-1][2]:.1%} of the training images")
print(f"right on {np.mean((X_test @ V + a).argmax(axis=1) == test_labels):.1%} of the test images")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. With 0.01, the loss falls so slowly that it is still
#    [1.79]{= f"{descend(zeros, no_bias, labels, 0.01, 301)[2][-1][1]:.2f}" } after 300 steps. With 10, the steps are
#    too long: the loss falls to [0.90]{= f"{descend(zeros, no_bias, labels, rate=10)[2][1][1]:.2f}" }, jumps up to
#    [12.95]{= f"{max(loss for _, loss, _ in descend(zeros, no_bias, labels, rate=10)[2]):.2f}" }, and ends at
#    [0.03]{= f"{descend(zeros, no_bias, labels, 10, 301)[2][-1][1]:.2f}" }. A smaller learning rate is safer, a
#    larger one faster as long as it works.
# 2. The loss begins at $\log 10$ and falls only to
#    [2.20]{= f"{descend(zeros, no_bias, np.random.default_rng(0).permutation(labels), 1, 301)[2][-1][1]:.2f}" }.
#    The accuracy is
#    [20%]{= f"{descend(zeros, no_bias, np.random.default_rng(0).permutation(labels), 1, 301)[2][-1][2]:.0%}" }
#    on the training images, because 650 parameters can memorize a little. On the test images it is no better
#    than guessing.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **turn scores into probabilities** with [softmax](glossary.md#softmax), and explain the
#    [cross-entropy](glossary.md#cross-entropy) $-\log \hat y_{\text{label}}$, for which the honest probability
#    is the cheapest;
# 2. **derive its gradient**, $\hat y - y$, and train a linear classifier with it;
# 3. **choose a loss**, and recognize its silent mistakes: a loss that stays at $\log n$, softmax applied twice,
#    `nan`.
#
# | term in this course | you may also read |
# |---|---|
# | [**logits**](glossary.md#logits) | scores, unnormalized log probabilities |
# | [**cross-entropy**](glossary.md#cross-entropy) | negative log-likelihood, softmax loss, surprisal |
# | [**binary cross-entropy**](glossary.md#binary-cross-entropy) | log loss, logistic loss |
# | [**squared error**](glossary.md#squared-error) of probabilities | Brier score |
# | [**loss**](glossary.md#loss) $L$, [**cost**](glossary.md#cost) $J$ | loss for both; objective |

# %% [markdown]
# ## What to read next
#
# - To practice: the assignment [Activations](../release/activations/activations.ipynb).
# - Next: [Backpropagation](13_backpropagation.ipynb), which brings $\hat y - y$ back through convolution layers.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 4.1,
#   [Softmax regression](https://d2l.ai/chapter_linear-classification/softmax-regression.html), also on
#   surprise and information theory.
# - CS231n, [Linear classification](https://cs231n.github.io/linear-classify/): weights as images, and softmax
#   beside the SVM loss.
# - Guo, Pleiss, Sun and Weinberger, *On Calibration of Modern Neural Networks* (ICML 2017): do networks mean
#   what they say? [arXiv:1706.04599](https://arxiv.org/abs/1706.04599).
# - Hui and Belkin, *Evaluation of Neural Architectures Trained with Square Loss vs Cross-Entropy* (ICLR 2021):
#   the squared error of the scores, without softmax, on large tasks.
#   [arXiv:2006.07322](https://arxiv.org/abs/2006.07322).
