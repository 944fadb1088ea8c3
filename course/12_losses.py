# %% [markdown]
# # Losses
#
# In lesson 01 you designed kernels by hand. Nobody designed the ten images of weights below. A small
# program found them: it began with 650 zeros, looked at 1,500 handwritten digits, and improved all
# 650 numbers at once, again and again. How does a program know which way to change each of them?

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward, softmax
from convnet.gradient_check import numeric_gradient
from convnet.plots import draw_image
from lesson_tools.figures import animate
from lesson_tools.questions.losses import predict

data = digits()
X, X_test = (a.reshape(len(a), 64).astype(float) for a in (data.train_images, data.test_images))
labels, test_labels = data.train_labels, data.test_labels
m = len(X)


def accuracy_of(W, b, X, labels):
    return float(np.mean(np.argmax(X @ W + b, axis=1) == labels))


W_learned, b_learned = np.zeros((64, 10)), np.zeros(10)
for _ in range(300):
    dZ = cross_entropy_backward(X @ W_learned + b_learned, labels)
    W_learned, b_learned = W_learned - X.T @ dZ, b_learned - dZ.sum(axis=0)

fig, axes = plt.subplots(2, 10, figsize=(12, 2.9), layout="constrained")
high = np.abs(W_learned).max()
for c in range(10):
    example = X[np.flatnonzero(labels == c)[1]].reshape(8, 8)
    draw_image(axes[0, c], example, f"a {c}", (0, 1), scale=False)
    draw_image(
        axes[1, c], W_learned[:, c].reshape(8, 8), f"weights {c}", (-high, high), scale=False
    )
present(
    fig,
    "Two rows of ten images of 8 by 8 pixels. Above, one handwritten digit of each class, white on "
    "black. Below, the weights of each class: white is 0, purple positive, orange negative. The "
    "weights of class 0 are a purple ring with an orange middle; others resemble blurred strokes.",
)

# %% [markdown] tags=["row-15"]
# Purple weights are positive, orange ones negative. Each pixel of a digit is multiplied by the weight
# at its position, and the class with the largest sum wins. This rule is correct for
# [89%]{= f'{accuracy_of(W_learned, b_learned, X_test, test_labels):.0%}' } of [297]{= len(X_test) }
# digits that the program had never seen.
#
# What made this possible is a single number, the [**loss**](glossary.md#loss), which measures how
# wrong the predictions are. Its derivatives with respect to all the weights, together called its
# [**gradient**](glossary.md#gradient), say how to change each of them. In this lesson you build the
# most important loss, and **a dozen lines of NumPy turn 650 zeros into the weights above**.
#
# **By the end of this lesson you will be able to**
#
# 1. turn scores into probabilities with softmax, and compute the cross-entropy loss by hand;
# 2. derive its gradient, prediction minus truth, and train a linear classifier with it;
# 3. choose an output activation and a loss for a task, and compute them without overflow.
#
# **Time:** about 45 minutes. **You need:** the lesson [Activations](11_activations.ipynb), and from
# school the chain rule and the derivative of the logarithm.
#
# ## From an image to a loss
#
# A **classifier** chooses between [classes](glossary.md#class), here the digits 0 to 9. The correct
# class of an image is its [**label**](glossary.md#label). Ours is a
# [**linear classifier**](glossary.md#linear-classifier): a single
# [dense layer](glossary.md#dense-layer) without an activation function. The [64]{= X.shape[1] }
# pixels of an image are a vector $x$, and
#
# $$z = x W + b$$
#
# gives one score for each class. The larger $z_j$, the more the image looks like class $j$. Scores
# can be any real numbers; those that go into softmax or a sigmoid are called
# [**logits**](glossary.md#logits). With $W$ of shape (64, 10) and $b$ of shape (10,), there are
# [650]{= W_learned.size + b_learned.size } parameters.
#
# The figure follows one test image from its pixels to its loss. The next two sections explain how.

# %% jupyter={"source_hidden": true} cellView="form"
number = 145
logits = X_test[number] @ W_learned + b_learned
one_hot = np.eye(10)[test_labels[number]]
panels = (
    (logits, "logits", np.where(logits < 0, "tab:orange", "tab:purple"), (-8, 8), "%.1f"),
    (softmax(logits), "probabilities", "tab:blue", (0, 1.3), "%.2f"),
    (one_hot, "one-hot label", "tab:gray", (0, 1.3), "%.0f"),
)
fig, axes = plt.subplots(1, 4, figsize=(12, 3.8), width_ratios=[1.1, 1.1, 1, 1])
fig.subplots_adjust(0.01, 0.14, 0.88, 0.88, 0.62)
draw_image(axes[0], X_test[number].reshape(8, 8), "image, 64 pixels", (0, 1), scale=False)
for ax, (values, title, color, limits, form) in zip(axes[1:], panels, strict=True):
    bars = ax.barh(range(10), values, color=color)
    ax.bar_label(bars, fmt=form, fontsize=8, padding=2)
    ax.set(title=title, yticks=range(10), ylabel="class", xlim=limits, ylim=(9.6, -0.6))
    ax.tick_params(axis="x", labelsize=8)
for ax, text in zip(axes, ("$xW+b$", "softmax", "compare", "cross-\nentropy"), strict=True):
    arrow = {"arrowstyle": "<|-|>" if text == "compare" else "-|>", "lw": 1.6, "color": "black"}
    ax.annotate("", (1.36, 0.5), (1.08, 0.5), "axes fraction", arrowprops=arrow)
    ax.annotate(text, (1.21, 0.54), xycoords="axes fraction", ha="center", va="bottom")
loss = -np.log(softmax(logits)[test_labels[number]])
axes[3].annotate(f"loss\n{loss:.2f}", (1.4, 0.5), xycoords="axes fraction", va="center")
present(
    fig,
    "The data flow from left to right. An image of a 6 with 8 by 8 pixels; its ten logits, from -4.2 "
    "for class 9 to 4.4 for class 6; softmax makes probabilities of them, 0.54 for class 6, 0.24 for "
    "class 1, 0.16 for class 8; the one-hot label has a 1 at class 6; cross-entropy compares the two "
    "and gives a loss of 0.62.",
)

# %% [markdown] tags=["row-15"]
# ## Softmax: from scores to probabilities
#
# We want a probability for each class: positive numbers that add up to 1.
# [**Softmax**](glossary.md#softmax) makes every score positive with the exponential function, and
# divides by the sum:
#
# $$\hat y_j = \frac{e^{z_j}}{\sum_l e^{z_l}}$$
#
# Here $j$ and $l$ count the classes. For the scores 1, 2, 3 the exponentials are 2.718, 7.389 and
# 20.086, and their sum is [30.193]{= f'{np.exp([1, 2, 3]).sum():.3f}' }. Division gives
# [0.090]{= f'{softmax(np.array([1.0, 2, 3]))[0]:.3f}' },
# [0.245]{= f'{softmax(np.array([1.0, 2, 3]))[1]:.3f}' } and
# [0.665]{= f'{softmax(np.array([1.0, 2, 3]))[2]:.3f}' }. The largest score has the largest
# probability, but the others keep some: hence the name, a "soft" maximum.
#
# **Predict.** You add 100 to all three scores. Does the probability of class 2 become `"larger"`,
# `"smaller"`, or does it stay the `"same"`?

# %%
predict("add", None)

# %% jupyter={"source_hidden": true} cellView="form"
scores = np.array([1.0, 2.0, 3.0])
fig, axes = plt.subplots(1, 4, figsize=(11, 2.9), sharey=True, layout="constrained")
for ax, z in zip(axes, (scores, scores + 100, 3 * scores, 0.3 * scores), strict=True):
    bars = ax.bar(["0", "1", "2"], softmax(z), color="tab:blue")
    ax.bar_label(bars, fmt="%.3f")
    ax.set(title="scores " + ", ".join(f"{score:g}" for score in z), xlabel="class")
axes[0].set(ylabel="probability", ylim=(0, 1.1))
present(
    fig,
    "Four bar charts of the probabilities of classes 0, 1 and 2. Scores 1, 2, 3: 0.090, 0.245, "
    "0.665. Scores 101, 102, 103: the same. Scores 3, 6, 9: 0.002, 0.047, 0.950. Scores 0.3, 0.6, "
    "0.9: 0.240, 0.324, 0.437.",
)

# %% [markdown] tags=["row-15"]
# <details>
# <summary>Answer</summary>
#
# `"same"`. Adding 100 to all scores multiplies every exponential by $e^{100}$, and the sum as well,
# so the factor cancels. **Only differences between scores matter.** A difference of 1 is a ratio of
# $e \approx 2.718$ between the probabilities. Multiplying the scores by 3 makes the differences
# larger and the prediction more confident; multiplying them by 0.3 does the opposite. The order of
# the classes stays the same.
#
# </details>
#
# ## Cross-entropy: from probabilities to a loss
#
# How wrong is a prediction? Only one of the probabilities is about the truth: the one that the
# correct class received. It should be 1. The [**cross-entropy**](glossary.md#cross-entropy) loss is
# minus the natural logarithm of this probability:
#
# $$L = -\log \hat y_{\text{label}}$$
#
# The loss is 0 if $\hat y_{\text{label}} = 1$, and it grows without bound as the probability
# approaches 0:
#
# | $\hat y_{\text{label}}$ | 1 | 0.5 | 0.2 | 0.01 | 0.0001 |
# |---|---|---|---|---|---|
# | $L$ | 0 | [0.69]{= f'{-np.log(0.5):.2f}' } | [1.61]{= f'{-np.log(0.2):.2f}' } | [4.61]{= f'{-np.log(0.01):.2f}' } | [9.21]{= f'{-np.log(0.0001):.2f}' } |
#
# Doubt is cheap; **being confident and wrong is expensive**. (Why a logarithm? The probability of all
# labels of a batch is a product, and the logarithm turns it into a sum. Maximizing it is called
# *maximum likelihood* estimation.) Four test images:

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 5, figsize=(12, 3.3), width_ratios=[2.4, 1, 1, 1, 1])
fig.subplots_adjust(0.05, 0.16, 0.99, 0.84, 0.15)
p = np.linspace(0.001, 1, 500)
axes[0].plot(p, -np.log(p), color="black")
axes[0].set(xlabel="probability of the correct class", ylabel="loss", title="-log(p)")
for ax, number, letter in zip(axes[1:], (12, 145, 53, 160), "ABCD", strict=True):
    probabilities = softmax(X_test[number] @ W_learned + b_learned)
    p_label = probabilities[test_labels[number]]
    axes[0].plot(p_label, -np.log(p_label), "o", color="tab:orange")
    axes[0].annotate(letter, (p_label, -np.log(p_label)), (6, 4), textcoords="offset points")
    title = f"{letter}: a {test_labels[number]}, predicted {probabilities.argmax()}"
    draw_image(ax, X_test[number].reshape(8, 8), title, (0, 1), scale=False)
    ax.set_xlabel(f"p = {p_label:.3f}, loss {-np.log(p_label):.2f}")
    ax.title.set_fontsize(10)
present(
    fig,
    "Left, the curve -log(p): steep near p = 0, 0 at p = 1, with four points A to D. Right, four "
    "test images. A, a 4, predicted correctly with p = 0.999, loss 0.00. B, a 6, predicted correctly "
    "with p = 0.536, loss 0.62. C, an 8, predicted as 1, p = 0.031, loss 3.48. D, a 4, predicted as "
    "8, p = 0.001, loss 6.73.",
)

# %% [markdown]
# The label can be written as a vector: its [**one-hot encoding**](glossary.md#one-hot-encoding) has 1
# at the label and 0 elsewhere. Class 2 of three classes is $y = (0, 0, 1)$. In the sum
# $L = -\sum_j y_j \log \hat y_j$, the 0s remove all terms but one. For a batch of $m$ examples,
# training minimizes the mean of their losses, the [**cost**](glossary.md#cost) $J$.
#
# **Predict two things.** First, with the scores 1, 2, 3: by how much is the loss larger if class 0 is
# correct than if class 2 is correct? Second, all 650 parameters of our classifier are 0. What is its
# mean loss? Answer with an expression such as `np.log(5)`.

# %%
predict("apart", None)
predict("start", None)

# %% [markdown] tags=["row-15"]
# <details>
# <summary>Answers</summary>
#
# By 2, the difference between the scores: [2.4076]{= f'{-np.log(softmax(scores)[0]):.4f}' } and
# [0.4076]{= f'{-np.log(softmax(scores)[2]):.4f}' }. The zeros give every image the scores 0 and the
# probabilities 1/10, so the loss is
# $\log 10 = [2.3026]{= f'{cross_entropy(X @ np.zeros((64, 10)), labels):.4f}' }$. An
# untrained network with $n$ classes and small weights begins near $\log n$. If yours begins far
# above it, look for a bug before you train.
#
# </details>
#
# ## The gradient: prediction minus truth
#
# How does the loss change with each score? Insert softmax into the loss. The logarithm turns the
# quotient into a difference, and it cancels the exponential in the numerator:
#
# $$L = -\log \frac{e^{z_{\text{label}}}}{\sum_l e^{z_l}} = \log \sum_l e^{z_l} - z_{\text{label}}$$
#
# By the chain rule, the derivative of the first term with respect to $z_j$ is
# $e^{z_j} / \sum_l e^{z_l}$, and that is $\hat y_j$. The second term contributes $-1$ if $j$ is the
# label, and 0 otherwise: exactly $-y_j$. So
#
# $$\frac{\partial L}{\partial z_j} = \hat y_j - y_j.$$
#
# **The gradient is the prediction minus the truth.** To reduce the loss, move against it: the score
# of the label has to rise, the more so the smaller its probability is, and the other scores have to
# fall. For the scores 1, 2, 3 and label 0:

# %% jupyter={"source_hidden": true} cellView="form"
y, y_hat = np.array([1.0, 0.0, 0.0]), softmax(scores)
measured = numeric_gradient(lambda z: -np.log(softmax(z)[0]), scores)
np.testing.assert_allclose(y_hat - y, measured, atol=1e-8)  # the formula is right
for j in range(3):  # and so is the derivative of softmax
    measured = numeric_gradient(lambda z, j=j: softmax(z)[j], scores)
    np.testing.assert_allclose(y_hat[j] * (np.eye(3)[j] - y_hat), measured, atol=1e-8)

fig, axes = plt.subplots(1, 3, figsize=(10, 2.9), sharey=True, layout="constrained")
parts = ((y_hat, r"prediction $\hat y$"), (y, r"truth $y$"), (y_hat - y, r"gradient $\hat y - y$"))
for ax, (values, title) in zip(axes, parts, strict=True):
    colors = ["tab:purple" if value >= 0 else "tab:orange" for value in values]
    bars = ax.bar(["0", "1", "2"], values, color=colors)
    ax.bar_label(bars, fmt="%.3f", padding=2)
    ax.axhline(0, color="black", lw=1)
    ax.set(title=title, xlabel="class", ylim=(-1.15, 1.25))
present(
    fig,
    "Three bar charts for classes 0, 1 and 2. The prediction is 0.090, 0.245, 0.665; the truth is 1, "
    "0, 0; the gradient, their difference, is -0.910, 0.245, 0.665.",
)

# %% [markdown]
# **Predict.** The four scores of an image are 4, 4, 4, 4, and its label is 1. What is the gradient
# with respect to the scores? Answer with a list.

# %%
predict("gradient", None)

# %% [markdown] tags=["row-15"]
# <details>
# <summary>Answer, and the derivative of softmax alone</summary>
#
# Equal scores have equal probabilities, 1/4 each. Subtracting the one-hot label gives
# `[[0.25, -0.75, 0.25, 0.25]]{= cross_entropy_backward(np.full((1, 4), 4.0), np.array([1]))[0].tolist() }`.
# The sum is 0, as for every such gradient: both $\hat y$ and $y$ add up to 1.
#
# Softmax alone has the derivatives $\partial \hat y_j / \partial z_l = \hat y_j (1 - \hat y_j)$ for
# $l = j$, like the sigmoid, and $-\hat y_j \hat y_l$ otherwise: if one score rises, its own
# probability rises and all others fall.
#
# </details>
#
# ## A first training run
#
# Back to the 650 zeros. Weight $W_{k,j}$ multiplies pixel $x_k$ on its way to the score $z_j$, so by
# the chain rule $\partial L / \partial W_{k,j} = x_k (\hat y_j - y_j)$. For the whole batch, with the
# images as the rows of $X$, this becomes
#
# $$dZ = \frac{1}{m} (\hat Y - Y), \qquad dW = X^T dZ, \qquad db = \sum_i dZ_i.$$
#
# [**Gradient descent**](glossary.md#gradient-descent) repeats one step: compute the gradient, then
# subtract it, times the [**learning rate**](glossary.md#learning-rate), from the parameters. The
# second cell below is the whole training.
#
# **Predict.** Before training, the [accuracy](glossary.md#accuracy), the fraction of correct
# predictions, is about 10%. What is it on the training images after **one** step? `"a"` below 20%;
# `"b"` about 50%; `"c"` above 80%.

# %%
predict("first_step", None)

# %%
Y = np.eye(10)[labels]  # one-hot encoding, shape (1500, 10)
W, b = np.zeros((64, 10)), np.zeros(10)
learning_rate = 1.0
history = []
for _ in range(301):
    Y_hat = softmax(X @ W + b)  # from images to probabilities
    loss = -np.sum(Y * np.log(Y_hat), axis=1).mean()  # cross-entropy
    history.append((W.copy(), loss, accuracy_of(W, b, X, labels)))
    dZ = (Y_hat - Y) / m  # prediction minus truth
    W -= learning_rate * (X.T @ dZ)  # a step against the gradient
    b -= learning_rate * dZ.sum(axis=0)

# %% jupyter={"source_hidden": true} cellView="form"
np.testing.assert_allclose(history[300][0], W_learned)  # the weights of the first figure
measured = numeric_gradient(lambda W: cross_entropy(X[:50] @ W, labels[:50]), np.zeros((64, 10)))
np.testing.assert_allclose(measured, X[:50].T @ (0.1 - Y[:50]) / 50, atol=1e-8)


def draw_step(step):
    weights, loss, accuracy = history[step]
    limit = np.abs(weights).max() or 1
    fig = plt.figure(figsize=(11, 3.7))
    left, right = fig.subfigures(1, 2, width_ratios=[1, 1.5])
    ax = left.subplots()
    left.subplots_adjust(0.14, 0.15, 0.97, 0.86)
    ax.plot([loss for _, loss, _ in history], color="tab:blue")
    ax.plot(step, loss, "o", color="tab:orange", markersize=9)
    ax.set(xlabel="step", ylabel="loss", ylim=(0, 2.45))
    ax.set_title(f"step {step}: loss {loss:.2f}, accuracy {accuracy:.1%}")
    right.suptitle(f"weights of the classes, colors from {-limit:.2f} to {limit:.2f}")
    for c, ax in enumerate(right.subplots(2, 5).flat):
        draw_image(ax, weights[:, c].reshape(8, 8), f"{c}", (-limit, limit), scale=False)
    return fig


animate(
    draw_step,
    [0, 1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300],
    "Left, the loss over 300 steps of gradient descent, with a dot at the current step: it falls "
    "from 2.30, fast at first, to 0.13. Right, the weights of the ten classes, all 0 at first. "
    "After one step rough digits appear, with an accuracy of 88.6%. The weights grow from 0.06 to "
    "2.23 and change in detail, and the accuracy rises to 97.5%.",
    seconds=1.0,
)

# %% [markdown] tags=["row-15"]
# <details>
# <summary>Answer</summary>
#
# [88.6%]{= f'{history[1][2]:.1%}' }, although the loss only falls from
# [2.30]{= f'{history[0][1]:.2f}' } to [2.11]{= f'{history[1][1]:.2f}' }. At the start,
# $\hat y_j - y_j$ is $-0.9$ for the images of class $j$ and $0.1$ for all others. So the first step
# adds the images of class $j$ to its weights and subtracts some of all others: a rough digit appears.
# Later steps work on the difficult images, because $\hat y - y$ is small where the prediction is
# right already.
#
# </details>
#
# After 300 steps the loss is [0.13]{= f'{history[300][1]:.2f}' }, and the accuracy is
# [97.5%]{= f'{history[300][2]:.1%}' } on the training images and
# [89.2%]{= f'{accuracy_of(W_learned, b_learned, X_test, test_labels):.1%}' } on the test images.
# [Lesson 13](13_backpropagation.ipynb) brings $\hat y - y$ back through more layers, and
# [lesson 16](16_fashion_mnist.ipynb) trains convolutional networks with the same loop.
#
# ## Two classes: sigmoid and binary cross-entropy
#
# Is it a cat or not? For a yes-or-no question, one score $z$ is enough. The
# [sigmoid](glossary.md#sigmoid) turns it into the probability of "yes", $\hat y = \sigma(z)$, and
# $1 - \hat y$ is the probability of "no". It is a softmax for the scores $z$ and 0:
#
# $$\frac{e^z}{e^z + e^0} = \frac{1}{1 + e^{-z}} = \sigma(z)$$
#
# The label $y$ is 1 for yes and 0 for no, and the loss is again minus the logarithm of the
# probability of what is true. As one formula, it is the
# [**binary cross-entropy**](glossary.md#binary-cross-entropy):
#
# $$L = -y \log \hat y - (1 - y) \log (1 - \hat y), \qquad \frac{\partial L}{\partial z} = \hat y - y$$
#
# The gradient is the same as before. Take $z = 1$, so
# $\hat y = [0.731]{= f'{1 / (1 + np.exp(-1)):.3f}' }$. If the answer is yes, the loss is
# $-\log 0.731 = [0.313]{= f'{np.log(1 + np.exp(-1)):.3f}' }$ and the derivative
# $[-0.269]{= f'{1 / (1 + np.exp(-1)) - 1:.3f}' }$; if it is no, they are
# [1.313]{= f'{np.log(1 + np.exp(1)):.3f}' } and [0.731]{= f'{1 / (1 + np.exp(-1)):.3f}' }.
#
# **Predict.** Five images have the scores 1, 5, -4, 3, -2 and the labels 1, 1, 0, 1, 0. Which of them
# has the largest loss? Count from 0.

# %%
predict("largest", None)

# %%
z5, y5 = np.array([1.0, 5.0, -4.0, 3.0, -2.0]), np.array([1.0, 1.0, 0.0, 1.0, 0.0])
p5 = 1 / (1 + np.exp(-z5))
losses = -y5 * np.log(p5) - (1 - y5) * np.log(1 - p5)
print("probabilities:", p5.round(4))
print("losses:       ", losses.round(4), "  mean:", losses.mean().round(4))
measured = numeric_gradient(lambda z: np.log(1 + np.exp(z)).sum() - z @ y5, z5)
np.testing.assert_allclose(measured, p5 - y5, atol=1e-8)

# %% [markdown] tags=["row-15"]
# <details>
# <summary>Answer</summary>
#
# Image [0]{= int(losses.argmax()) }. All five predictions are correct, but this one is the least
# confident.
#
# </details>
#
# ## Why not accuracy or the squared error?
#
# We care about accuracy, and the [squared error](glossary.md#squared-error) $(\hat y - y)^2$ looks
# simpler than a logarithm. Why train with the cross-entropy? Look at the derivatives:
#
# - **Left:** one of the 640 weights varies, and everything else is fixed. The accuracy on twenty
#   images jumps where a prediction flips, and is constant elsewhere. Its derivative is 0 almost
#   everywhere, so it gives no direction. The loss responds to any change.
# - **Middle:** the derivatives for a score $z$ whose true answer is yes. Where the prediction is
#   confident and wrong, the cross-entropy has a derivative near $-1$. The derivative of the squared
#   error, $2 (\hat y - y)\, \hat y (1 - \hat y)$, still contains the derivative of the sigmoid, and
#   the sigmoid [saturates](glossary.md#saturation).
# - **Right:** we first train our classifier with wrong labels (every digit is called the next one),
#   so that it becomes confident and wrong. Then it learns the correct labels, with either loss and
#   the same learning rate.

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
values = np.linspace(-3, 8, 441)
curves = []
for value in values:
    changed = history[10][0].copy()
    changed[43, 2] = value
    Z = X[:20] @ changed
    curves.append((np.mean(Z.argmax(axis=1) == labels[:20]), cross_entropy(Z, labels[:20])))
axes[0].plot(values, [loss for _, loss in curves], "-", label="cross-entropy")
axes[0].plot(values, [accuracy for accuracy, _ in curves], "--", label="accuracy")
axes[0].set(title="one weight varies", xlabel="weight", ylabel="loss or accuracy", ylim=(0, 3))
axes[1].set(ylabel="derivative")
axes[2].set(ylabel="accuracy")

z = np.linspace(-8, 8, 161)
p = 1 / (1 + np.exp(-z))
axes[1].plot(z, p - 1, "-", label="cross-entropy")
axes[1].plot(z, 2 * (p - 1) * p * (1 - p), "--", label="squared error")
axes[1].set(title="derivative, the answer is yes", xlabel="score z", ylim=(-1.05, 0.35))


def train_with(squared, labels, steps, W=0.0, b=0.0, rate=1.0):
    W, b = np.zeros((64, 10)) + W, np.zeros(10) + b
    Y, accuracies, losses = np.eye(10)[labels], [], []
    for _ in range(steps):
        accuracies.append(accuracy_of(W, b, X, labels))
        losses.append(float(cross_entropy(X @ W + b, labels)))
        Y_hat = softmax(X @ W + b)
        dZ = (Y_hat - Y) / m
        if squared:  # the gradient of the squared error, times the derivative of softmax
            dY = 2 * dZ
            dZ = Y_hat * (dY - np.sum(dY * Y_hat, axis=1, keepdims=True))
        W, b = W - rate * (X.T @ dZ), b - rate * dZ.sum(axis=0)
    return W, b, accuracies, losses


# The gradients that only the text names: the squared error of softmax, and exercise 4 with tanh.
dy = 2 * (y_hat - y)
measured = numeric_gradient(lambda z: np.sum((softmax(z) - y) ** 2), scores)
np.testing.assert_allclose(y_hat * (dy - dy @ y_hat), measured, atol=1e-8)
doubled, t5 = (1 + np.tanh(z5)) / 2, 2 * y5 - 1
measured = numeric_gradient(lambda z: np.log(1 + np.exp(2 * z)).sum() - 2 * z @ y5, z5)
np.testing.assert_allclose(measured, 2 * (doubled - y5), atol=1e-8)
measured = numeric_gradient(lambda z: np.sum((np.tanh(z) - t5) ** 2), z5)
np.testing.assert_allclose(measured, 2 * (np.tanh(z5) - t5) * (1 - np.tanh(z5) ** 2), atol=1e-8)

confused = train_with(False, (labels + 1) % 10, 1000)
recovery = {squared: train_with(squared, labels, 301, *confused[:2])[2] for squared in (0, 1)}
axes[2].plot(recovery[0], "-", label="cross-entropy")
axes[2].plot(recovery[1], "--", label="squared error")
axes[2].set(title="accuracy, from confident and wrong", xlabel="step", ylim=(0, 1.25))
for ax in axes:
    ax.legend(loc="upper left" if ax is axes[0] else "upper right", ncols=1 + (ax is axes[2]))
present(
    fig,
    "Three panels. Left, over one weight: the loss is a smooth curve with a minimum, the accuracy a "
    "staircase. Middle, derivatives over the score: for the cross-entropy -1 at the left, rising to 0 "
    "at the right; for the squared error 0 at both ends with a dip to -0.3 between. Right, accuracy "
    "over 300 steps from 0: with the cross-entropy above 0.8 after 50 steps and 0.97 at the end; "
    "with the squared error it stays below 0.2.",
)

# %% [markdown] tags=["row-15"]
# At $z = -6$, the derivative is [-0.998]{= f'{1 / (1 + np.exp(6)) - 1:.3f}' } for the cross-entropy
# and [-0.005]{= f'{2 * (1 / (1 + np.exp(6)) - 1) / (1 + np.exp(6)) / (1 + np.exp(-6)):.3f}' } for the
# squared error, which gives almost no gradient exactly where the mistake is worst. In the right panel,
# the accuracy after 300 steps is [97%]{= f'{recovery[0][300]:.0%}' } with the cross-entropy and
# [20%]{= f'{recovery[1][300]:.0%}' } with the squared error. Ten times the learning rate leaves it
# below [70%]{= f'{max(0.7, train_with(True, labels, 301, *confused[:2], rate=10)[2][300]):.0%}' }.
#
# The squared error has its use where the output is a number, such as a price, without a sigmoid.
# There its derivative, $2 (\hat y - y)$, is prediction minus truth as well.
#
# | task | outputs | output activation | loss | $\partial L / \partial z$ |
# |---|---|---|---|---|
# | one of $n$ classes | $n$ | softmax | cross-entropy | $\hat y - y$ |
# | yes or no | 1 | sigmoid | binary cross-entropy | $\hat y - y$ |
# | several labels may be true | $n$ | a sigmoid for each | binary cross-entropy of each | $\hat y - y$ |
# | a number (regression) | 1 | none | squared error | $2(\hat y - y)$ |
#
# ## Numerical stability
#
# Our formulas are correct on paper, and they fail on a computer. If you forget to scale the pixel
# values from 0 to 255 down to 0 to 1, then after **one** step of the training above the largest score
# is [24,119]{= f'{((255 * X) @ ((255 * X).T @ (Y - 0.1)) / m).max():,.0f}' }.
#
# **Predict.** What does the formula for softmax give in NumPy for the scores 1000, 1001, 1002? `"a"`
# the probabilities of 1, 2, 3; `"b"` three times `inf`, infinity; `"c"` three times `nan`, not a
# number; `"d"` 0, 0, 1.

# %%
predict("overflow", None)

# %% jupyter={"source_hidden": true} cellView="form"
large = np.array([1000.0, 1001.0, 1002.0])
with np.errstate(all="ignore"):  # NumPy only warns
    print("exp:    ", np.exp(large))
    print("softmax:", np.exp(large) / np.exp(large).sum())
    for value in (709, 710):
        print(f"exp({value}) in float64: {np.exp(np.float64(value)):.4g}")
    for value in (88, 89):
        print(f"exp({value}) in float32: {np.exp(np.float32(value)):.4g}")

    # Two steps of the training on pixel values from 0 to 255, with the formula as it stands.
    E = np.exp(255 * X @ ((255 * X).T @ (Y - 0.1) / m) + np.mean(Y - 0.1, axis=0))
    dZ = (E / E.sum(axis=1)[:, None] - Y) / m
    lost = int(np.isnan((255 * X).T @ dZ).sum() + np.isnan(dZ.sum(axis=0)).sum())
print("parameters that are nan after two steps:", lost)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. The largest number in float64 is about $1.8 \cdot 10^{308}$. From 710 on, `np.exp` gives
# `inf`; in float32, the usual type in deep learning, from 89 on. Infinity divided by infinity is
# `nan`, and sums and products with `nan` are `nan`. In the training on pixel values from 0 to 255,
# the next step turns all [650]{= lost } parameters into `nan`.
#
# </details>
#
# **First remedy: shift.** Only differences between scores matter, so subtract the largest score from
# all of them before the exponential. Then the largest exponential is $e^0 = 1$, and none can
# overflow. For 1000, 1001, 1002 that leaves $-2, -1, 0$, and the same probabilities as for 1, 2, 3.
#
# **Second remedy: skip the probability.** With the scores 1000 and 0, the shifted softmax gives the
# second class a probability of exactly 0 (the true value, $e^{-1000}$, is too small for float64), and
# $-\log 0$ is infinite. Compute the loss from the scores instead. The sum of exponentials, shifted by
# $M = \max_l z_l$, is at least 1, so its logarithm is harmless:
#
# $$L = \log \sum_l e^{z_l} - z_{\text{label}} = \log \sum_l e^{z_l - M} + M - z_{\text{label}}$$
#
# The first two terms are called *log-sum-exp*. For each row of a batch, the course's `softmax` uses
# the first remedy and its `cross_entropy` both. A computation that survives rounding and overflow has
# [**numerical stability**](glossary.md#numerical-stability).

# %%
z, label = np.array([1000.0, 0.0]), 1
M = z.max()
with np.errstate(divide="ignore"):
    print("through the probability:", -np.log(softmax(z)[label]))
print("from the scores:        ", np.log(np.sum(np.exp(z - M))) + M - z[label])

# A batch of two examples, for the next section and for exercise 3.
batch, batch_labels = np.array([[1.0, 2.0, 3.0], [2.0, -1.0, 0.5]]), np.array([2, 1])
dZ = cross_entropy_backward(batch, batch_labels)
expected = cross_entropy(batch, batch_labels), losses.mean()
print(f"mean loss of a batch:    {expected[0]:.6f}")

# %% [markdown] tags=["row-15"]
# ## Further: losses in Keras, TensorFlow and PyTorch
#
# *You can skip this section.* Libraries have the stable form as well, but you must say that you pass
# logits. PyTorch's `cross_entropy` always expects them. The losses of Keras expect probabilities by
# default; set `from_logits=True`. *Sparse* means that labels are numbers such as 2 instead of one-hot
# vectors.

# %% needs="keras tensorflow"
import keras
import tensorflow as tf

x, z = tf.Variable(batch.astype("float32")), z5.astype("float32")
with tf.GradientTape() as tape:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(batch_labels, x)
binary = keras.losses.BinaryCrossentropy(from_logits=True)(y5.astype("float32"), z)
np.testing.assert_allclose([loss, binary], expected, rtol=1e-5)
np.testing.assert_allclose(tape.gradient(loss, x), dZ, rtol=1e-4)

per_example = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=batch_labels, logits=x)
np.testing.assert_allclose(tf.reduce_mean(per_example), expected[0], rtol=1e-5)
per_example = tf.nn.sigmoid_cross_entropy_with_logits(labels=y5.astype("float32"), logits=z)
np.testing.assert_allclose(tf.reduce_mean(per_example), expected[1], rtol=1e-5)

certain = tf.Variable([[1.0, 0.0]])  # the softmax of 1000 and 0
with tf.GradientTape() as tape:
    clipped = keras.losses.SparseCategoricalCrossentropy()(np.array([1]), certain)
np.testing.assert_array_equal(tape.gradient(clipped, certain), 0)
print(f"Keras from the probabilities 1 and 0: {float(clipped):.3f} instead of 1000")

# %% needs="torch"
import torch
import torch.nn.functional as F

x = torch.tensor(batch, requires_grad=True)
loss = F.cross_entropy(x, torch.tensor(batch_labels))
loss.backward()
binary = F.binary_cross_entropy_with_logits(torch.tensor(z5), torch.tensor(y5))
np.testing.assert_allclose([loss.item(), binary.item()], expected)
np.testing.assert_allclose(x.grad, dZ, atol=1e-12)

right, perfect = torch.tensor([2]), torch.tensor([[0.0, 0.0, 1.0]])
twice = F.cross_entropy(torch.softmax(torch.tensor([[1.0, 2.0, 3.0]]), dim=1), right)
print(f"softmax applied twice to 1, 2, 3: {twice.item():.4f} instead of 0.4076")
print(f"softmax applied twice, at best:   {F.cross_entropy(perfect, right).item():.4f}")

# %% [markdown]
# Both mistakes run without an error. Keras replaces probabilities below $10^{-7}$ with $10^{-7}$, so
# its loss cannot exceed $-\log 10^{-7} = [16.118]{= f'{-np.log(1e-7):.3f}' }$ and has no gradient
# beyond. In PyTorch, softmax before `cross_entropy` applies softmax twice, and the loss of three
# classes can never fall below [0.551]{= f'{-np.log(softmax(np.array([0.0, 0.0, 1.0]))[2]):.3f}' }.
# **End the network with logits, pass them to the loss, and apply softmax only to read
# probabilities.**
#
# ## Exercises
#
# ### Exercise 1: choose a loss
#
# An app reports which of sea, mountains, forest and people are in a photograph; there may be several
# of them, or none. Which output activation does its network need, `"softmax"` or `"sigmoid"`? For a
# photograph without mountains, the score of mountains is 0. What is the loss of this one output?
# Answer with an expression such as `np.log(5)`, with its sign.

# %%
activation = None
loss_of_mountains = None
### BEGIN SOLUTION
activation = "sigmoid"
loss_of_mountains = np.log(2)  # -log(1 - 0.5)
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1, activation",
    activation,
    "sigmoid",
    'Answer "sigmoid" or "softmax", in quotes.',
    [
        (
            "softmax",
            "Softmax probabilities add up to 1. What would they be for sea and people together, and "
            "what for none of the four?",
        )
    ],
)
public_tests.check_answer(
    "Exercise 1, loss",
    loss_of_mountains,
    np.log(2),
    "Which probability does the sigmoid give to a score of 0? Which one is about the truth?",
    [
        (0, "A score of 0 is a probability of one half, not of 0."),
        (0.5, "That is the probability, or the gradient. Take minus its logarithm."),
        (np.log(0.5), "A loss is not negative. Which sign is in front of the logarithm?"),
        (0.25, "That is the squared error."),
        *((rounded, "You rounded. Answer as np.log(...).") for rounded in (0.69, 0.693, 0.6931)),
        (np.log(4), "That is softmax with four equal scores."),
    ],
)

# %% [markdown]
# ### Exercise 2: a stable binary cross-entropy
#
# Write `binary_cross_entropy(z, y)` for arrays of scores $z$ and of labels $y$ (0 or 1), which
# returns the array of losses. It must be right for scores of 1000 and $-1000$, without a warning from
# NumPy. Begin on paper: the sigmoid is the softmax of $z$ and 0. What does log-sum-exp become for
# these two scores?


# %%
def binary_cross_entropy(z, y):
    loss = None
    ### BEGIN SOLUTION
    M = np.maximum(z, 0)  # the larger one of z and 0
    loss = M + np.log(np.exp(z - M) + np.exp(-M)) - y * z
    ### END SOLUTION
    return loss


# %% jupyter={"source_hidden": true} cellView="form"
import functools
import warnings


def watched(function):
    """Wrap a function: round to seven decimals, or return the text of NumPy's warning."""

    @functools.wraps(function)
    def call(*arguments):
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            try:
                result = function(*arguments)
            except RuntimeWarning as warning:
                return f"RuntimeWarning: {warning}"
        return np.round(result, 7) if isinstance(result, np.ndarray | np.generic) else result

    return call


def through_probability(z, y):
    p = 1 / (1 + np.exp(-z))
    return -y * np.log(p) - (1 - y) * np.log(1 - p)


public_tests.check_function(
    "Exercise 2",
    watched(binary_cross_entropy),
    watched(lambda z, y: np.logaddexp(0, z) - y * z),
    [
        (z5, y5),
        (np.array([0.0, 50.0, -50.0]), np.array([1.0, 0.0, 1.0])),
        (np.array([1000.0, -1000.0, 1000.0, -1000.0]), np.array([1.0, 0.0, 0.0, 1.0])),
    ],
    "The loss is log(exp(z) + exp(0)) - y * z. Take M, the larger one of z and 0, out of the logarithm.",
    [
        (
            watched(lambda z, y: np.log(1 + np.exp(z)) - y * z),
            "exp(1000) overflows, even where np.where does not choose it. Take M, the larger one of z "
            "and 0, out of the logarithm.",
        ),
        (
            watched(through_probability),
            "For z = 50 the probability is rounded to 1, and log(1 - p) is infinite. Go from the "
            "score straight to the loss.",
        ),
        (
            watched(
                lambda z, y: np.max(z) + np.log(np.exp(z - np.max(z)) + np.exp(-np.max(z))) - y * z
            ),
            "np.max(z) is one number for all examples. np.maximum compares each score with 0.",
        ),
        (
            watched(
                lambda z, y: np.maximum(z, 0) + np.log(np.exp(z - np.maximum(z, 0)) + 1) - y * z
            ),
            "M is subtracted from both scores: the 0 becomes -M.",
        ),
        (lambda z, y: np.logaddexp(0, z) + y * z, "If y = 1, the score z is subtracted."),
        (lambda z, y: np.maximum(z, 0) - y * z, "The logarithm is missing. At z = 0 it is log(2)."),
        (lambda z, y: np.logaddexp(0, z), "This is the loss if y = 0. Where does y enter?"),
        (lambda z, y: np.logaddexp(0, z) - y, "If y = 1, the score z is subtracted, not 1."),
        (
            lambda z, y: np.mean(np.logaddexp(0, z) - y * z),
            "This is the mean. Return one loss for each example.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `mean_loss_buggy` computes the mean cross-entropy from probabilities `Y_hat` of shape (m, n) and
# `labels` of shape (m,). It is right for one example, and it raises no error for more. What is the
# shape of `Y_hat[:, labels]` for $m = 3$ and $n = 5$? Then write `mean_loss`, which is right for
# every batch.


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


# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 3, shape",
    shape,
    (3, 3),
    "The slice keeps all rows. How many columns do three labels choose?",
    [
        ((3,), "That would be the right thing: one probability for each example."),
        ((3, 5), "The labels choose columns, as many as there are labels."),
        ((3, 1), "That would be one column. Three labels choose three columns in every row."),
    ],
)
public_tests.check_function(
    "Exercise 3",
    watched(mean_loss),
    watched(
        lambda Y_hat, labels: np.mean(
            [-np.log(row[c]) for row, c in zip(Y_hat, labels, strict=True)]
        )
    ),
    [(softmax(batch).round(3), batch_labels), (softmax(X[:6] @ W + b), labels[:6])],
    "Each row needs the column of its own label: index with the row numbers and the labels.",
    [
        (mean_loss_buggy, "This is the buggy version: it uses the labels of other rows as well."),
        (
            lambda Y_hat, labels: np.sum(-np.log(Y_hat[np.arange(len(labels)), labels])),
            "This is the sum. Take the mean.",
        ),
        (lambda Y_hat, labels: -np.mean(np.log(Y_hat)), "This averages over all classes."),
        (
            lambda Y_hat, labels: -np.log(Y_hat[np.arange(len(labels)), labels]),
            "These are the losses of the examples. Take their mean.",
        ),
        (
            lambda Y_hat, labels: np.mean(np.log(Y_hat[np.arange(len(labels)), labels])),
            "A loss is not negative. Which sign is in front of the logarithm?",
        ),
        (
            lambda Y_hat, labels: -np.log(np.mean(Y_hat[np.arange(len(labels)), labels])),
            "Take the logarithm of each probability first, then the mean.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the cell below.
#
# 1. ... the learning rate is 0.01, or 10? Watch the first losses.
# 2. ... the labels are random: `targets = rng.permutation(labels)`?
# 3. ... you replace the sigmoid in the binary cross-entropy with tanh? (On paper.)

# %%
rng = np.random.default_rng(0)
rate, targets = 1.0, labels  # change these

V, a = np.zeros((64, 10)), np.zeros(10)
losses_by_step = []
for _ in range(300):
    losses_by_step.append(float(cross_entropy(X @ V + a, targets)))
    dZ = cross_entropy_backward(X @ V + a, targets)
    V, a = V - rate * (X.T @ dZ), a - rate * dZ.sum(axis=0)
print("first losses:", np.round(losses_by_step[:8], 2))
print("last loss:   ", round(losses_by_step[-1], 3))
print(f"accuracy:     {accuracy_of(V, a, X, targets):.1%} on the training images,")
print(f"              {accuracy_of(V, a, X_test, test_labels):.1%} on the test images")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. With 0.01, the loss falls so slowly that it is still
#    [1.79]{= f'{train_with(False, labels, 300, rate=0.01)[3][-1]:.2f}' } after 300 steps. With 10,
#    the steps are too long: the loss falls to
#    [0.90]{= f'{train_with(False, labels, 300, rate=10)[3][1]:.2f}' }, jumps up to
#    [12.95]{= f'{max(train_with(False, labels, 300, rate=10)[3]):.2f}' }, and ends at
#    [0.03]{= f'{train_with(False, labels, 300, rate=10)[3][-1]:.2f}' }. A smaller learning rate is
#    safer, a larger one faster while it works.
# 2. The loss begins at $\log 10$ and falls only to
#    [2.20]{= f'{train_with(False, np.random.default_rng(0).permutation(labels), 300)[3][-1]:.2f}' }.
#    The accuracy is
#    [20%]{= f'{train_with(False, np.random.default_rng(0).permutation(labels), 301)[2][-1]:.0%}' } on
#    the training images, because 650 parameters can memorize a little, and
#    [7%]{= f'{accuracy_of(*train_with(False, np.random.default_rng(0).permutation(labels), 300)[:2], X_test, test_labels):.0%}' }
#    on the test images, no better than guessing.
# 3. If $z$ is negative, so is $\tanh z$: it is no probability, and $\log \tanh z$ is undefined. One
#    remedy is $p = (1 + \tanh z) / 2$, which equals $\sigma(2z)$ and has the derivative $2 (p - y)$.
#    Another is the squared error with labels $t = \pm 1$. Its derivative is
#    $2 (\tanh z - t)(1 - \tanh^2 z)$, which vanishes where tanh saturates.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **compute a loss by hand:** [softmax](glossary.md#softmax) turns [logits](glossary.md#logits)
#    into probabilities; the [cross-entropy](glossary.md#cross-entropy) is
#    $-\log \hat y_{\text{label}}$, about $\log n$ before training;
# 2. **train a linear classifier:** the gradient with respect to the scores is $\hat y - y$, with the
#    label in [one-hot encoding](glossary.md#one-hot-encoding), and the
#    [learning rate](glossary.md#learning-rate) scales each step;
# 3. **choose a loss and compute it safely:** sigmoid and binary cross-entropy, softmax and
#    cross-entropy, squared error for numbers; subtract the largest score, and go from the scores
#    straight to the loss.
#
# | term in this course | you may also read |
# |---|---|
# | [**logits**](glossary.md#logits) | scores, unnormalized log probabilities |
# | [**cross-entropy**](glossary.md#cross-entropy) | negative log-likelihood, softmax loss |
# | [**binary cross-entropy**](glossary.md#binary-cross-entropy) | log loss, logistic loss |
# | [**loss**](glossary.md#loss) $L$, [**cost**](glossary.md#cost) $J$ | loss for both; objective |
#
# ## What to read next
#
# - To practice: the assignment [Activations](../release/activations/activations.ipynb). You write the
#   stable softmax for a batch, the cross-entropy and its gradient.
# - Next: [Backpropagation](13_backpropagation.ipynb), which brings $\hat y - y$ back through
#   convolution layers.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 4.1,
#   [Softmax regression](https://d2l.ai/chapter_linear-classification/softmax-regression.html).
# - CS231n, [Linear classification](https://cs231n.github.io/linear-classify/): weights as images, and
#   softmax beside the SVM loss.
# - Goodfellow, Bengio and Courville, *Deep Learning* (2016),
#   [section 6.2](https://www.deeplearningbook.org/contents/mlp.html): output units and their losses.
