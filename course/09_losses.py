# %% [markdown]
# # Losses
#
# What tells a network how wrong it is, is one number at the end, the **loss**. Like the activations
# of the [lesson before](08_activations.ipynb), losses are short formulas. This lesson takes them
# apart: what they compute, which activation at the end belongs to which loss, and why a formula that
# is right on paper can give `nan` in a computer.
#
# **When you have finished, you will be able to**
#
# 1. choose the loss that belongs to an output, and derive its gradient, prediction minus truth;
# 2. turn scores into probabilities by softmax, and compute it and the losses so that they do not
#    overflow;
# 3. call the losses of Keras, TensorFlow and PyTorch with what they expect.
#
# Time: about 60 minutes; the section on softmax is a good place for a break. You need the lesson
# [Activations](08_activations.ipynb), and from school the derivative and the chain rule. Cells for
# Keras, TensorFlow or PyTorch are skipped where that package is missing.

# %% include="lesson_setup"

# %%
from convnet.functional import cross_entropy, cross_entropy_backward, softmax
from convnet.gradient_check import numeric_gradient
from convnet.plots import draw_grid
from lesson_tools.figures import animate

Z = np.array([1.0, 5.0, -4.0, 3.0, -2.0])  # the five numbers from the lesson Activations

# %% [markdown] tags=["row-15"]
# ## Binary classification: sigmoid and log loss
#
# Is there a cat in the picture? A network answers with one score $z$, any number, and the sigmoid
# makes a probability of it:
#
# $$\hat y = \sigma(z), \qquad z = \theta^T x$$
#
# $\hat y$ is the probability of "yes" that the network claims. The second formula stands for
# whatever computes the score; in the simplest case a sum of the inputs $x$ with weights $\theta$.
# The truth is $y$: 1 for yes, 0 for no.
#
# How wrong is $\hat y$? Look at the probability that the network gave to *what was true*: $\hat y$
# if $y = 1$, and $1 - \hat y$ if $y = 0$. The **log loss** is minus the logarithm of it, averaged
# over the $N$ examples. It is also called binary cross-entropy. Since $y$ is 0 or 1, one formula
# covers both cases:
#
# $$L = \frac{1}{N} \sum_{i=1}^{N}
# \Bigl[ -y_i \log \hat y_i - (1 - y_i) \log (1 - \hat y_i) \Bigr]$$
#
# Here $i$ counts the examples, and $\log$ is the natural logarithm, `np.log`.
#
# **By hand.** The score is 1, so $\hat y = [0.731]{= f"{1 / (1 + np.exp(-1)):.3f}" }$. If the
# answer was yes, the loss is $-\log 0.731 = [0.313]{= f"{np.log(1 + np.exp(-1)):.3f}" }$. If it was
# no, it is $-\log 0.269 = [1.313]{= f"{np.log(1 + np.exp(1)):.3f}" }$.
#
# **Predict, then run.** The five scores in `Z`, 1, 5, -4, 3 and -2, belong to five pictures, of which the first, second and
# fourth show a cat. Which picture costs most?

# %%
y = np.array([1.0, 1.0, 0.0, 1.0, 0.0])
y_hat = 1 / (1 + np.exp(-Z))
losses = -y * np.log(y_hat) - (1 - y) * np.log(1 - y_hat)
print("y_hat: ", y_hat.round(4))
print("losses:", losses.round(4))
print("L =", losses.mean().round(4))

# %% [markdown]
# The first: it is right, but least sure. A network that says 0.5 to everything has the loss
# $\log 2 =$ [0.693]{= f"{np.log(2):.3f}" }, and one that is sure and wrong pays without limit.
#
# **The gradient.** For one example, in three steps:
#
# $$\frac{\partial L}{\partial \hat y} = -\frac{y}{\hat y} + \frac{1 - y}{1 - \hat y}
# = \frac{\hat y - y}{\hat y\,(1 - \hat y)}, \qquad
# \frac{\partial \hat y}{\partial z} = \hat y\,(1 - \hat y), \qquad
# \frac{\partial z}{\partial \theta} = x$$
#
# Multiplied, the awkward fraction cancels. With the mean over $N$ examples,
#
# $$\frac{\partial L}{\partial z_i} = \frac{\hat y_i - y_i}{N}, \qquad
# \frac{\partial L}{\partial \theta} = \frac{1}{N} X^T (\hat y - y),$$
#
# where the rows of the matrix $X$ are the examples, and $\hat y$ and $y$ stand for the columns of
# all predictions and truths. **Prediction minus truth**: if the network said 0.7 of a single
# example and the truth was 1, the gradient is -0.3, and a step against it raises the score by 0.3
# times the size of the step.
#
# The next cell checks both formulas. It makes up inputs `X` for the five pictures, two numbers
# each.


# %%
def log_loss(z):
    y_hat = 1 / (1 + np.exp(-z))
    return np.mean(-y * np.log(y_hat) - (1 - y) * np.log(1 - y_hat))


np.testing.assert_allclose(numeric_gradient(log_loss, Z), (y_hat - y) / 5, atol=1e-8)

rng = np.random.default_rng(0)
X, theta = rng.normal(size=(5, 2)), np.array([0.5, -1.0])
error = 1 / (1 + np.exp(-X @ theta)) - y
measured = numeric_gradient(lambda theta: log_loss(X @ theta), theta)
np.testing.assert_allclose(measured, X.T @ error / 5, atol=1e-8)
print("by formula:", (X.T @ error / 5).round(6), "  measured:", measured.round(6))

# %% [markdown]
# **Why not the squared error?** $(\hat y - y)^2$ is a loss too. Its gradient with respect to $z$ is
# $2\,(\hat y - y)\,\hat y\,(1 - \hat y)$: the slope of the sigmoid is still in it.
#
# **Predict, then run.** The truth is $y = 1$. What is the slope of each loss at $z = -6$, where the
# network is sure and wrong?

# %%
z = np.linspace(-8, 8, 161)
p = 1 / (1 + np.exp(-z))
fig, axes = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
axes[0].plot(z, -np.log(p), "-", label="log loss")
axes[0].plot(z, (p - 1) ** 2, "--", label="squared error")
axes[0].set(title="loss, y = 1", xlabel="score z")
axes[1].plot(z, p - 1, "-", label="log loss")
axes[1].plot(z, 2 * (p - 1) * p * (1 - p), "--", label="squared error")
axes[1].set(title="its slope", xlabel="score z")
axes[0].legend()
axes[1].legend(loc="lower right")
present(
    fig,
    "Left, two losses over the score z from -8 to 8, for y = 1. The log loss falls like a straight "
    "line from 8 at z = -8 and flattens to 0 on the right. The squared error stays near 1 on the "
    "left, falls around 0, and is 0 on the right. Right, their slopes: the log loss has slope -1 "
    "on the left and goes to 0 on the right; the squared error has slope 0 at both ends and a dip "
    "to -0.3 in between.",
)

# %% [markdown]
# At $z = -6$ the log loss has the slope [-0.998]{= f"{1 / (1 + np.exp(6)) - 1:.3f}" }: do something
# about it. The squared error has
# [-0.005]{= f"{2 * (1 / (1 + np.exp(6)) - 1) / (1 + np.exp(6)) / (1 + np.exp(-6)):.3f}" }: it is
# nearly as flat there as where the answer is right. The worse the mistake, the less it teaches.
# That is why sigmoid and log loss belong together.

# %% [markdown]
# **Exercise 1.** A network claims $\hat y = 0.2$, and the truth is yes, $y = 1$. What is the log
# loss of this one example? `np.log` is at hand.

# %%
answer = None
### BEGIN SOLUTION
answer = -np.log(0.2)
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    answer,
    -np.log(0.2),
    "Which probability did the network give to what was true?",
    [
        (np.log(0.2), "A loss is not negative. Which sign stands before the logarithm?"),
        (-np.log(0.8), "This is the loss if the truth were no."),
        (-np.log10(0.2), "This is the logarithm with base 10. The loss takes the natural one."),
        (0.64, "This is the squared error."),
        (-0.8, "This is the gradient with respect to the score."),
    ],
)

# %% [markdown] tags=["row-15"]
# ## Log loss and tanh
#
# Tanh is an S curve too. Can it take the place of the sigmoid, $\hat y = \tanh(z)$, under the same
# log loss? One finds that in print, with a derivative worked out by the same rules. **Predict, then
# run:** what is the log loss for the score -2 if the truth is $y = 1$?

# %%
with np.errstate(invalid="ignore"):  # no warning: what goes wrong here is what we came to see
    for z in (2.0, -2.0):
        y_hat = np.tanh(z)
        print(f"z = {z}: y_hat = {y_hat:.4f}, -log(y_hat) = {-np.log(y_hat):.4f}")

# %% [markdown]
# `nan`, not a number. The log loss takes $\hat y$ for a probability, and
# [-0.9640]{= f"{np.tanh(-2):.4f}" } is none: a negative number has no logarithm. For $y = 1$ the
# loss does not exist for any score of 0 or less, and for $y = 0$ it is $-\log(1 - \hat y)$, which
# is below 0 for negative scores: [-0.6750]{= f"{-np.log(1 - np.tanh(-2)):.4f}" } here. The
# derivative found in print, $(\hat y - y)(1 + \hat y)/\hat y$, accordingly divides by 0 at $z = 0$.
# There are two cures.
#
# **Make a probability of it.** Move tanh into the range from 0 to 1,
#
# $$p = \frac{1 + \tanh(z)}{2}, \qquad
# L = \frac{1}{N} \sum_i \bigl[ -y_i \log p_i - (1 - y_i) \log (1 - p_i) \bigr], \qquad
# \frac{\partial L}{\partial z_i} = \frac{2\,(p_i - y_i)}{N},$$
#
# where $p_i$ is the probability of "yes". Since $p = \sigma(2z)$, it is the sigmoid again with the
# score doubled, and the 2 in the gradient is that doubling.
#
# **Or change the loss.** Let the targets be $t_i = +1$ for yes and $t_i = -1$ for no, and take the
# squared error, which asks for no probability:
#
# $$L = \frac{1}{N} \sum_i (\hat y_i - t_i)^2, \qquad
# \frac{\partial L}{\partial z_i} = \frac{2}{N}\,(\hat y_i - t_i)\,(1 - \hat y_i^2).$$
#
# It is well defined everywhere, but it has the weakness of the squared error from above: the slope
# of tanh is still in the gradient.


# %%
def log_loss_of_p(z):
    p = (1 + np.tanh(z)) / 2
    return np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))


p = (1 + np.tanh(Z)) / 2
measured = numeric_gradient(log_loss_of_p, Z)
np.testing.assert_allclose(measured, 2 * (p - y) / 5, atol=1e-8)

t = np.where(y == 1, 1.0, -1.0)
measured = numeric_gradient(lambda z: np.mean((np.tanh(z) - t) ** 2), Z)
by_formula = 2 / 5 * (np.tanh(Z) - t) * (1 - np.tanh(Z) ** 2)
np.testing.assert_allclose(measured, by_formula, atol=1e-8)
print("Both gradients are right.")

# %% [markdown] tags=["row-15"]
# ## Numerical stability: overflow in exp
#
# Numbers in a computer have a largest one. For float64, NumPy's usual type, it is about
# $1.8 \cdot 10^{308}$; beyond it comes `inf`, infinity. `np.exp` gets there soon. **Predict, then
# run:** which of these are infinite? Most networks compute in float32, whose largest number is
# about $3.4 \cdot 10^{38}$. Where is the end there?

# %%
with np.errstate(over="ignore", under="ignore"):
    for z in (709, 710, -750):
        print(f"exp({z}) in float64: {np.exp(np.float64(z)):.4g}")
    for z in (88, 89):
        print(f"exp({z}) in float32: {np.exp(np.float32(z)):.4g}")

# %% [markdown]
# 709 is the last whole number that works in float64, and 88 in float32. A score of 89 can well
# occur, for example where somebody forgot to scale the images from 0 to 255 down to 0 to 1.
#
# Infinity by itself can be harmless: $1/\infty$ is 0. But $\infty/\infty$, $0/0$, $\infty - \infty$
# and $0 \cdot \infty$ are `nan`, and sums and products with a `nan` are `nan` again: a single one
# in a gradient spoils the weights, and through them all that follows.
#
# **Predict, then run.** The score is 1000. Which lines will be right?

# %%
z = np.float64(1000)
with np.errstate(all="ignore"):
    print("sigmoid of -1000:   ", 1 / (1 + np.exp(z)))
    print("tanh by its fraction:", (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)))
    print("np.tanh:            ", np.tanh(z))
    p = 1 / (1 + np.exp(-z))
    print("log loss for y = 0: ", -0 * np.log(p) - (1 - 0) * np.log(1 - p))
    print("log loss for y = 1: ", -1 * np.log(p) - (1 - 1) * np.log(1 - p))

# %% [markdown]
# - The sigmoid of -1000 is right: 1 over infinity is 0. (NumPy would warn, if it were not told to
#   be quiet.)
# - The fraction for tanh is infinity over infinity. `np.tanh` computes it in another way.
# - For $y = 0$ the loss should be 1000, a large mistake. It is infinite, as $1 - p$ has become 0.
# - For $y = 1$ it should be 0, since the answer is right. It is `nan`: 0 times the logarithm of 0.
#
# The cure is to go from the **score** to the loss without stopping at the probability. On paper,
#
# $$-y \log \sigma(z) - (1 - y) \log (1 - \sigma(z)) = \log(1 + e^{z}) - y z
# = \max(z, 0) - y z + \log\bigl(1 + e^{-|z|}\bigr).$$
#
# The first form follows by putting in $\sigma(z)$ and $1 - \sigma(z) = 1/(1 + e^z)$. The second
# takes the larger one of 1 and $e^z$ out of the sum; there, exp sees no positive number, so it
# cannot overflow. **Predict, then run:** what does it give for the same score?

# %%
for y_i in (0, 1):
    loss = np.maximum(z, 0) - y_i * z + np.log(1 + np.exp(-np.abs(z)))
    print(f"y = {y_i}: {loss}")

safe = np.maximum(Z, 0) - y * Z + np.log(1 + np.exp(-np.abs(Z)))
np.testing.assert_allclose(safe, losses)  # the five losses from above

# %% [markdown]
# 1000 and 0, as they should be, and for ordinary scores the same as before. Keras, TensorFlow and
# PyTorch all have this form of the loss, "with logits" or "from logits". **Logit** is another word
# for the score $z$ that goes into the sigmoid or the softmax.
#
# One refinement: `np.log1p(x)` computes $\log(1 + x)$ without losing digits where $x$ is tiny. In
# $1 + e^{-40}$ the second number is rounded away, and `np.log1p` keeps it. Libraries use it here.

# %% [markdown]
# **Exercise 2.** *Softplus*, $\log(1 + e^z)$, is a smooth relative of ReLU, and it is the log loss
# for $y = 0$. Write `softplus(Z)` for arrays, so that it is right for scores of 1000 and -1000 as
# well. No warning should appear.


# %%
def softplus(Z):
    result = None
    ### BEGIN SOLUTION
    result = np.maximum(Z, 0) + np.log(1 + np.exp(-np.abs(Z)))
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_function(
    "Exercise 2",
    softplus,
    lambda Z: np.logaddexp(0, Z),
    [
        (np.array([1.0, 5.0, -4.0, 3.0, -2.0]),),
        (np.array([0.0, 50.0, -50.0]),),
        (np.array([1000.0, -1000.0]),),
    ],
    "Is a number infinite? exp(1000) is. Let exp see no positive number, as in the formula with "
    "max(z, 0) above, at y = 0.",
    [
        (lambda Z: np.maximum(Z, 0), "This is ReLU. Softplus is larger, by log 2 at 0."),
        (
            lambda Z: np.maximum(Z, 0) - Z + np.log(1 + np.exp(-np.abs(Z))),
            "This is the log loss for y = 1, which is softplus of -Z.",
        ),
        (
            lambda Z: np.maximum(Z, 0) + np.log(1 + np.exp(-np.maximum(Z, 0))),
            "Right for positive numbers. For a negative one the last term needs exp(-|z|).",
        ),
    ],
)

# %% [markdown] tags=["row-15"]
# ## Multiclass classification: softmax
#
# Which of ten kinds of clothes is in the picture? Now the network gives one score for each class,
# and **softmax** turns the scores into probabilities: positive numbers that add up to 1. It makes
# every score positive by exp, and divides by the sum:
#
# $$\hat y_i = \frac{e^{z_i}}{\sum_{j} e^{z_j}}$$
#
# Here $z_i$ is the score of class $i$, $\hat y_i$ its probability, and $j$ runs over all classes,
# counted from 0.
#
# **By hand.** The scores are 1, 2, 3. Their exponentials are 2.718, 7.389 and 20.086, together
# [30.193]{= f"{np.exp([1, 2, 3]).sum():.3f}" }. So the first class has the probability
# $2.718/30.193 = [0.090]{= f"{softmax(np.array([1.0, 2.0, 3.0]))[0]:.3f}" }$.
#
# **Predict, then run.** What are the other two? And what will the same two lines make of the scores
# 1000, 1001, 1002?

# %%
scores = np.array([1.0, 2.0, 3.0])
exponentials = np.exp(scores)
print("scores 1, 2, 3:         ", exponentials / exponentials.sum())

with np.errstate(all="ignore"):
    exponentials = np.exp(np.array([1000.0, 1001.0, 1002.0]))
    print("scores 1000, 1001, 1002:", exponentials / exponentials.sum())

# %% [markdown]
# [0.245]{= f"{softmax(np.array([1.0, 2.0, 3.0]))[1]:.3f}" } and
# [0.665]{= f"{softmax(np.array([1.0, 2.0, 3.0]))[2]:.3f}" } for the first scores, and
# infinity over infinity for the second. The cure comes from a property of softmax: **only the
# differences of the scores matter.** Add any number $c$ to all of them,
#
# $$\frac{e^{z_i + c}}{\sum_j e^{z_j + c}} = \frac{e^{c}\,e^{z_i}}{e^{c} \sum_j e^{z_j}}
# = \frac{e^{z_i}}{\sum_j e^{z_j}},$$
#
# and nothing changes. So we may choose $c$. A good choice is minus the largest score: then the
# largest becomes 0, none is positive, and exp cannot overflow. The sum is at least
# $e^0 = 1$, so nothing is divided by 0. An exp that becomes 0 does no harm here: such a class has
# no chance.
#
# **Predict, then run.** What are the probabilities for 1000, 1001, 1002?

# %%
scores = np.array([1000.0, 1001.0, 1002.0])
shifted = scores - scores.max()
print("shifted:", shifted)
print("softmax:", np.exp(shifted) / np.exp(shifted).sum())

# %% [markdown]
# The same as for 1, 2, 3. For a batch, the largest score of *each row* is subtracted. You write
# that in the assignment [Activations](../release/activations/activations.ipynb); `softmax`
# does it too, along the last axis.
#
# Differences matter, and so does their size. **Predict, then run:** what happens to the
# probabilities if all scores are multiplied by 3, or by 0.3?

# %%
scores = np.array([1.0, 2.0, 3.0])
fig, axes = plt.subplots(1, 3, figsize=(10, 3.2), sharey=True, layout="constrained")
for ax, factor in zip(axes, (0.3, 1, 3), strict=True):
    probabilities = softmax(factor * scores)
    bars = ax.bar(["0", "1", "2"], probabilities, color="lightsteelblue", edgecolor="black")
    ax.bar_label(bars, fmt="%.3f")
    ax.set(title="scores " + ", ".join(f"{z:.1f}" for z in factor * scores), xlabel="class")
axes[0].set(ylabel="probability", ylim=(0, 1.1))
present(
    fig,
    "Three bar charts of the probabilities of classes 0, 1 and 2. Scores 0.3, 0.6, 0.9: 0.240, "
    "0.324, 0.437. Scores 1, 2, 3: 0.090, 0.245, 0.665. Scores 3, 6, 9: 0.002, 0.047, 0.950.",
)

# %% [markdown]
# The factor makes the answer more or less sure; the order stays. A difference of 1 between two
# scores means a ratio of $e \approx 2.718$ between their probabilities.
#
# **With two classes, softmax is the sigmoid** of the difference of the scores:
#
# $$\frac{e^{z_1}}{e^{z_0} + e^{z_1}} = \frac{1}{1 + e^{-(z_1 - z_0)}} = \sigma(z_1 - z_0)$$

# %%
two_scores = np.array([0.5, 1.5])
print("softmax:", softmax(two_scores)[1], "  sigmoid:", 1 / (1 + np.exp(-1.0)))

# %% [markdown] tags=["row-15"]
# ## Cross-entropy
#
# The loss for many classes is the log loss with more than two answers: minus the logarithm of the
# probability that the right class got. Let $y$ be the number of the right class, the **label**.
# Then, for one example,
#
# $$L = -\log \hat y_y = -\sum_i \delta(i, y)\,\log \hat y_i,$$
#
# where $\delta(i, y)$ is 1 if $i = y$, and 0 if not. The sum with $\delta$ says the same as the
# short form: it picks one term. Written as an array, the numbers $\delta(i, y)$ are the label in
# **one-hot** form: class 2 of three is 0, 0, 1. For a batch the loss is the mean over the examples.
#
# **Predict, then run.** The scores are 1, 2, 3. What is the loss if class 2 is right, and what if
# class 0 is? (The ratio of the two probabilities is $e^2$. What does the logarithm make of a
# ratio?)

# %%
probabilities = softmax(np.array([1.0, 2.0, 3.0]))
for label in (2, 0):
    one_hot = np.array([float(i == label) for i in range(3)])
    picked = -np.log(probabilities[label])
    summed = -np.sum(one_hot * np.log(probabilities))
    print(f"label {label}: one-hot {one_hot}, loss {picked:.6f} = {summed:.6f}")

# %% [markdown]
# [0.4076]{= f"{-np.log(probabilities[2]):.4f}" } and
# [2.4076]{= f"{-np.log(probabilities[0]):.4f}" }: the score of class 0 is smaller by 2, and the
# loss larger by 2.
#
# **A number worth knowing.** Before it has learned anything, a network has small scores, if its
# first weights are chosen as usual, and gives all $n$ classes about the same probability, $1/n$.
# Its loss is then about $\log n$; for ten classes, [2.303]{= f"{np.log(10):.3f}" }. If yours begins
# far above that, look for the mistake before you train.
#
# **The logarithm of 0.** Even the shifted softmax gives a probability of exactly 0 if the scores
# lie far apart, and $-\log 0$ is infinite. The cure is the one from above, from the scores straight
# to the loss:
#
# $$-\log \frac{e^{z_y}}{\sum_j e^{z_j}} = \log \sum_j e^{z_j} - z_y
# = \log \sum_j e^{z_j - M} + M - z_y,$$
#
# where $M$ is the largest score. The logarithm of the sum is called *log-sum-exp*.
#
# **Predict, then run.** The scores are 1000 and 0, and class 1 is right. What is the loss?

# %%
scores, label = np.array([1000.0, 0.0]), 1
largest = scores.max()
with np.errstate(divide="ignore"):
    print("through the probability:", -np.log(softmax(scores)[label]))
print("from the scores:        ", np.log(np.exp(scores - largest).sum()) + largest - scores[label])

# %% [markdown] tags=["row-15"]
# ## The gradient of softmax and cross-entropy
#
# How does the loss change with each score? In two steps, and then in one.
#
# **Softmax alone.** If one score rises, its own probability rises and all others fall, since they
# share the sum of 1. The derivatives are
#
# $$\frac{\partial \hat y_i}{\partial z_j} = \hat y_i\,\bigl(\delta(i, j) - \hat y_j\bigr).$$
#
# They follow from the quotient rule. For $i = j$ the numerator $e^{z_i}$ depends on $z_j$ too, and
# one gets $\hat y_i - \hat y_i^2$; for $i \ne j$ only the sum in the denominator does, and one gets
# $-\hat y_i \hat y_j$. Note how the case $i = j$ resembles the slope of the sigmoid.
#
# **Predict, then run.** The cell draws these derivatives for the scores 1, 2, 3, row $i$ and column
# $j$. Which entries are positive? What is the sum of each row?

# %%
y_hat = softmax(np.array([1.0, 2.0, 3.0]))
jacobian = np.diag(y_hat) - np.outer(y_hat, y_hat)  # row i, column j
for i in range(3):
    measured = numeric_gradient(lambda z, i=i: softmax(z)[i], np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(jacobian[i], measured, atol=1e-8)
print("sums of the rows:", jacobian.sum(axis=1).round(12) + 0)

fig, ax = plt.subplots(figsize=(5, 4), layout="constrained")
draw_grid(ax, jacobian.round(4), "change of probability i with score j")
ax.set(xlabel="j", ylabel="i")
present(
    fig,
    "A grid of 3 by 3 numbers. On the diagonal 0.0819, 0.1848 and 0.2227; off it -0.022 between "
    "classes 0 and 1, -0.0599 between 0 and 2, -0.1628 between 1 and 2. It is symmetric.",
)

# %% [markdown]
# The diagonal is positive, everything else negative, and each row adds up to 0: raising all scores
# by the same amount changes nothing.
#
# **With the loss.** Only $\hat y_y$ is in the loss, and
# $\partial L/\partial \hat y_y = -1/\hat y_y$. So
#
# $$\frac{\partial L}{\partial z_i}
# = -\frac{1}{\hat y_y} \cdot \hat y_y\,\bigl(\delta(y, i) - \hat y_i\bigr)
# = \hat y_i - \delta(i, y).$$
#
# **Prediction minus truth**, once more. The fraction has cancelled, as it did for sigmoid and log
# loss. Nothing here can vanish while the answer is wrong, and nothing overflows.
#
# **By hand.** Scores 1, 2, 3, and class 2 is right:
# $(0.090,\ 0.245,\ 0.665) - (0, 0, 1) = (0.090,\ 0.245,\ {-0.335})$. **Predict, then run:** what is
# it if class 0 is right? The cell also asks two functions of the course's library, `cross_entropy`
# for the loss of a batch and `cross_entropy_backward` for its gradient.

# %%
scores = np.array([[1.0, 2.0, 3.0]])  # a batch of one example, shape (m, n)
for label in (2, 0):
    one_hot = np.eye(3)[label]
    by_formula = softmax(scores[0]) - one_hot
    loss = cross_entropy(scores, np.array([label]))
    dZ = cross_entropy_backward(scores, np.array([label]))
    measured = numeric_gradient(lambda z, label=label: -np.log(softmax(z)[label]), scores[0])
    np.testing.assert_allclose(by_formula, measured, atol=1e-8)
    np.testing.assert_allclose(by_formula, dZ[0])
    print(f"label {label}: loss {loss:.4f}, gradient {by_formula.round(4)}")

# %% [markdown]
# If class 0 is right, its score gets -0.91: it must rise, and most of what it wins comes from class
# 2, which had most. Watch what happens when the scores take one step after the other against this
# gradient. In a network the weights take the steps, and the scores follow.

# %% jupyter={"source_hidden": true}
steps = [np.array([1.0, 2.0, 3.0])]
for _ in range(6):
    gradient = softmax(steps[-1]) - np.array([1.0, 0.0, 0.0])
    steps.append(steps[-1] - gradient)


def descent(step):
    z = steps[step]
    y_hat = softmax(z)
    fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    names = ["0 (right)", "1", "2"]
    looks = {"edgecolor": "black", "hatch": ["//", "", ""]}
    bars = axes[0].bar(names, z, color="wheat", **looks)
    axes[0].bar_label(bars, fmt="%.2f")
    axes[0].set(title=f"scores after {step} steps", ylim=(0, 4), xlabel="class")
    bars = axes[1].bar(names, y_hat, color="lightsteelblue", **looks)
    axes[1].bar_label(bars, fmt="%.2f")
    axes[1].set(title=f"probabilities, loss {-np.log(y_hat[0]):.2f}", ylim=(0, 1), xlabel="class")
    return fig


animate(
    descent,
    range(7),
    "Bars of the scores and of the probabilities of three classes, of which class 0 is right. At "
    "first the scores are 1, 2, 3 and the probabilities 0.09, 0.24, 0.67, with a loss of 2.41. "
    "With each of six steps the score of class 0 rises and those of the others fall. At the end "
    "class 0 has by far the largest probability, and the loss is small.",
    seconds=1.2,
)

# %% [markdown]
# After [6]{= len(steps) - 1 } steps the right class has the probability
# [0.87]{= f"{softmax(steps[-1])[0]:.2f}" }, up from 0.09. The steps get smaller by
# themselves, as prediction and truth come together.

# %% [markdown]
# **Exercise 3.** The scores of one example are all equal: 4, 4, 4, 4. The right class is number 1,
# counted from 0. What is the gradient of the cross-entropy with respect to the four scores? Give a
# list of four numbers, without any exp.

# %%
answer = None
### BEGIN SOLUTION
answer = [0.25, -0.75, 0.25, 0.25]
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 3",
    answer,
    [0.25, -0.75, 0.25, 0.25],
    "Which probabilities belong to four equal scores? And what is subtracted from them?",
    [
        ([-0.25, 0.75, -0.25, -0.25], "This is truth minus prediction."),
        ([-0.75, 0.25, 0.25, 0.25], "Classes are counted from 0, so class 1 is the second one."),
        ([0.25, 0.25, 0.25, 0.25], "These are the probabilities. The truth is still missing."),
        ([4, 3, 4, 4], "Here 1 is subtracted from the score, not from the probability."),
    ],
)

# %% [markdown] tags=["row-15"]
# ## Losses in Keras, TensorFlow and PyTorch
#
# First softmax, on our five numbers.

# %%
z32 = Z.astype("float32")

# %% needs="keras tensorflow"
import keras
import tensorflow as tf

in_keras = keras.layers.Activation("softmax")(z32[None])  # a batch of one row
np.testing.assert_allclose(in_keras[0], softmax(Z), rtol=1e-5)
np.testing.assert_allclose(tf.nn.softmax(z32), softmax(Z), rtol=1e-5)
print("Keras and TensorFlow agree with NumPy.")

# %% needs="torch"
import torch

np.testing.assert_allclose(torch.softmax(torch.tensor(z32), dim=-1), softmax(Z), rtol=1e-5)
print("PyTorch agrees with NumPy.")

# %% [markdown]
# Now the losses, with their gradients. The log loss takes the five scores and truths from above,
# the cross-entropy a batch of two examples with three classes. The right numbers come from our
# formulas.

# %%
batch, labels = np.array([[1.0, 2.0, 3.0], [2.0, -1.0, 0.5]]), np.array([2, 1])
loss, dZ = cross_entropy(batch, labels), cross_entropy_backward(batch, labels)
binary_loss = np.mean(np.maximum(Z, 0) - y * Z + np.log(1 + np.exp(-np.abs(Z))))
binary_dz = (1 / (1 + np.exp(-Z)) - y) / 5
print(f"log loss {binary_loss:.6f}, cross-entropy {loss:.6f}")

# %% [markdown]
# In TensorFlow, a `GradientTape` records what is computed with the scores, and then gives the
# gradient. The loss functions of Keras have to be told that they get scores: `from_logits=True`.

# %% needs="keras tensorflow"
z_tf, batch_tf = tf.Variable(z32), tf.Variable(batch.astype("float32"))
with tf.GradientTape(persistent=True) as tape:
    binary = keras.losses.BinaryCrossentropy(from_logits=True)(y.astype("float32"), z_tf)
    sparse = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, batch_tf)
np.testing.assert_allclose([binary, sparse], [binary_loss, loss], rtol=1e-5)
np.testing.assert_allclose(tape.gradient(binary, z_tf), binary_dz, rtol=1e-4)
np.testing.assert_allclose(tape.gradient(sparse, batch_tf), dZ, rtol=1e-4)

one_by_one = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=batch_tf)
np.testing.assert_allclose(tf.reduce_mean(one_by_one), loss, rtol=1e-5)
one_by_one = tf.nn.sigmoid_cross_entropy_with_logits(labels=y.astype("float32"), logits=z_tf)
np.testing.assert_allclose(tf.reduce_mean(one_by_one), binary_loss, rtol=1e-5)
print("Losses and gradients agree.")

# %% [markdown]
# *Sparse* means that labels are numbers such as 2; without that word, Keras wants them in one-hot
# form. TensorFlow's own functions carry the logits in their name and give one loss for each
# example.
#
# In PyTorch, `backward` fills in the gradients. `cross_entropy` always wants scores.

# %% needs="torch"
import torch.nn.functional as F

z_torch = torch.tensor(Z, requires_grad=True)
batch_torch = torch.tensor(batch, requires_grad=True)
binary = F.binary_cross_entropy_with_logits(z_torch, torch.tensor(y))
cross_entropy = F.cross_entropy(batch_torch, torch.tensor(labels))
binary.backward()
cross_entropy.backward()
np.testing.assert_allclose([binary.item(), cross_entropy.item()], [binary_loss, loss])
np.testing.assert_allclose(z_torch.grad, binary_dz, atol=1e-12)
np.testing.assert_allclose(batch_torch.grad, dZ, atol=1e-12)
print("Losses and gradients agree.")

# %% [markdown]
# **The trap.** Give a loss probabilities where it expects scores, or the other way round, and often
# no error appears. **Predict, then run:** the right loss for the scores 1, 2, 3 and class 2 is
# 0.4076. What comes out if softmax is applied first, and `cross_entropy` applies it once more?

# %% needs="torch"
scores, right_class = torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([2])
probabilities = torch.softmax(scores, dim=1)
print(f"scores to cross_entropy:        {F.cross_entropy(scores, right_class).item():.4f}")
print(f"probabilities to cross_entropy: {F.cross_entropy(probabilities, right_class).item():.4f}")

best = torch.tensor([[0.0, 0.0, 1.0]])  # as sure as a softmax can be
print(f"the best it can then reach:     {F.cross_entropy(best, right_class).item():.4f}")

# %% [markdown]
# A plausible number, and a wrong one. A network can still learn something in this way, but its loss
# cannot get below the last number: softmax of 0, 0, 1 is
# [0.576]{= f"{softmax(np.array([0.0, 0.0, 1.0]))[2]:.3f}" } for the right class, never 1.
#
# Keras has the opposite habit: `from_logits=False` is its default, so its losses expect
# probabilities. **Predict, then run:** what happens to a very wrong example, scores 1000 and 0 with
# class 1 right, when it goes through probabilities?

# %% needs="keras tensorflow"
scores, right_class = np.array([[1000.0, 0.0]], dtype="float32"), np.array([1])
probabilities = softmax(scores)  # 1 and 0
from_scores = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
from_probabilities = keras.losses.SparseCategoricalCrossentropy()
print("from the scores:       ", from_scores(right_class, scores).numpy())
print("from the probabilities:", from_probabilities(right_class, probabilities).numpy())

# %% [markdown]
# To avoid the logarithm of 0, Keras replaces probabilities below $10^{-7}$ by $10^{-7}$. The loss
# cannot exceed $-\log 10^{-7} \approx$ [16.118]{= f"{-np.log(1e-7):.3f}" } then, and where it is
# cut off it has no gradient. So the rule is the same everywhere: **let the network end with scores,
# and give the loss scores.** Apply softmax afterwards, when you want to read probabilities. (On
# TensorFlow, Keras remembers the scores behind a softmax of its own and may use them instead. Do
# not count on it.)

# %% [markdown]
# ## Choosing an output activation and a loss
#
# | the question | scores | activation at the end | loss | gradient with respect to the scores |
# |---|---|---|---|---|
# | yes or no | 1 | sigmoid | log loss | $(\hat y - y)/N$ |
# | one class of $n$ | $n$ | softmax | cross-entropy | $(\hat y - \text{one-hot})/N$ |
# | several may be true | $n$ | sigmoid on each | log loss of each | $\hat y - y$, averaged |
# | a number, such as a price | 1 | none | squared error | $2\,(\hat y - y)/N$ |
#
# Here $N$ is the number of examples again, over which the loss is averaged.
#
# **Exercise 4.** An app looks at photographs of landscapes and reports which of *sea*, *mountains*,
# *forest* and *people* are in them. A photograph may show several of them, or none. Which
# activation belongs at the end, `"sigmoid"` or `"softmax"`?

# %%
answer = None
### BEGIN SOLUTION
answer = "sigmoid"
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 4",
    answer,
    "sigmoid",
    'Answer "sigmoid" or "softmax", in quotes.',
    [
        (
            "softmax",
            "Probabilities of a softmax add up to 1. What would they be for sea and mountains "
            "together, and what for none of the four?",
        )
    ],
)

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. choose the loss that belongs to an output, log loss for a sigmoid and cross-entropy for a
#    softmax, and derive its gradient, $\hat y - y$; and say why tanh needs $p = (1 + \tanh z)/2$ or
#    another loss;
# 2. compute them safely: `np.exp(z - z.max())` for softmax, $\log \sum_j e^{z_j} - z_y$ for the
#    cross-entropy;
# 3. hand scores to the losses of Keras (`from_logits=True`), TensorFlow and PyTorch.
#
# ## What to read next
#
# - Write the functions yourself, with their backward passes: the assignment
#   [Activations](../release/activations/activations.ipynb).
# - The next lesson, [Backpropagation](10_backpropagation.ipynb), carries $\hat y - y$ back through
#   the layers.
# - I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, 2016, section 6.2: outputs and their
#   losses, at more length.
# - The notes of CS231n on [linear classification](https://cs231n.github.io/linear-classify/):
#   softmax and its rivals.
