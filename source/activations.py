# %% [markdown]
# # Activations and losses
#
# A photo classifier returns 1,000 scores, and one of them happens to be 800. The formula in the
# textbook now asks for $e^{800}$, which no float can hold: the loss becomes `nan`, and one step
# later so does every weight of the network. In this notebook you write the functions between the
# last layer and the loss, forward and backward, in a form in which this cannot happen: `sigmoid`,
# `relu`, `softmax` and `softmax_cross_entropy`, with the backward functions of sigmoid, tanh and
# ReLU.
#
# By the end of this notebook you will be able to
#
# 1. compute sigmoid, tanh, ReLU, softmax and the cross-entropy loss, small cases by hand;
# 2. derive their gradients, and check them with finite differences;
# 3. rewrite a formula with exp and log so that it is right for scores of any size.
#
# **Time:** about 135 minutes. **You need:** Python, NumPy and derivatives. There are seven
# graded exercises, most of them of one or two lines, and you can stop after any of them.
#
# **Done lessons 11 and 12?** The sections on why a network needs activations and on what a loss is
# will be familiar. Those on overflow and on the gradients are worth your time.

# %% include="setup"

# %% [markdown]
# The next cell defines `ready`, with which later cells find out whether the functions that they
# need pass their checks. Run it; you do not have to read it.

# %% jupyter={"source_hidden": true} cellView="form"
import contextlib
import io


def ready(*names):
    """Return True if the functions of these names pass their checks, else print which do not."""
    wrong = []
    for name in names:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                globals()[f"{name}_test"](globals().get(name))
        except AssertionError:
            wrong.append(name)
    if wrong:
        print(f"This cell needs {' and '.join(wrong)}: fix what the check reports, and come back.")
    return not wrong


# %% [markdown]
# ## Why activations?
#
# Two layers with nothing between them can do no more than one. If the first computes $z = 3x + 1$
# and the second $y = 2z - 5$, then $y = 6x - 3$, which one layer could have computed alone. The
# same holds for matrices and convolutions: a composition of linear maps is linear. Each layer is
# therefore followed by a nonlinear **activation function** $g$, applied to every entry separately:
#
# $$A = g(Z)$$
#
# - $Z$: the output of the layer, an array of any shape
# - $A$: the **activations**, an array of the same shape
#
# **Predict.** Let $g(z)$ be $z$ for positive $z$ and 0 otherwise. With $g$ between the two layers
# above, what is $y$ for $x = 1$ and for $x = -1$? Could one layer $y = ax + b$ do the same?
#
# <details>
# <summary>Answer</summary>
#
# For $x = 1$, $z = 4$ and $y = 3$. For $x = -1$, $z = -2$ becomes 0, and $y = -5$; without $g$ it
# would be $-9$. For all $x$ below $-1/3$ the output stays $-5$, and then it rises. The graph has a
# bend, which no single layer has.
#
# </details>

# %% [markdown]
# ## The sigmoid
#
# The **sigmoid** squeezes every number between 0 and 1:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# At $z = 0$ it is $1/2$. For large $z$ it approaches 1, and far below zero it approaches 0.
#
# **Predict.** The sigmoid of 1 is 0.73106. Without a calculator, what is the sigmoid of $-1$?
#
# <details>
# <summary>Answer</summary>
#
# $1 - 0.73106 = 0.26894$. In general $\sigma(z) + \sigma(-z) = 1$. To see why, multiply numerator
# and denominator of $\sigma(-z)$ by $e^{-z}$.
#
# </details>

# %% [markdown]
# ## Overflow and underflow
#
# NumPy's usual type, float64, holds numbers up to about $1.8 \cdot 10^{308}$. Anything larger
# **overflows** to `inf`. A number that is too small **underflows** to 0.
#
# **Predict.** For which of these four does `np.exp` return infinity, and for which 0?

# %%
with np.errstate(all="ignore"):  # the warnings are expected here
    for z in (709.0, 710.0, -709.0, -750.0):
        print(f"exp of {z:.0f} is {np.exp(z):.3g}")

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# exp of 709 is 8.22e+307
# exp of 710 is inf
# exp of -709 is 1.22e-308
# exp of -750 is 0
# ```
#
# </details>

# %% [markdown]
# Infinity alone is harmless: $1/\infty$ is 0. But $\infty/\infty$ and $0/0$ are `nan` ("not a
# number"), and a single `nan` spreads to everything that is computed from it.
#
# The sigmoid has a second form, with numerator and denominator multiplied by $e^z$:
#
# $$\frac{1}{1 + e^{-z}} = \frac{e^z}{1 + e^z}$$
#
# **Predict.** Which form fails, and for which of the inputs $-1000$, 0 and 1000? Then try both in a
# cell of your own.
#
# <details>
# <summary>Answer</summary>
#
# The second form is `nan` at 1000, where it is infinity over infinity. The first form overflows as
# well, at $-1000$, but the result is right: 1 over infinity is 0. NumPy prints a warning, though.
#
# </details>

# %% [markdown]
# ## Exercise: sigmoid
#
# Write the function `sigmoid(Z)`, which applies the sigmoid to every entry of an array. In this
# notebook, `Z` holds floats or integers, because people call `sigmoid(np.array([0, 2]))`, too.
# Replace the line `# YOUR CODE HERE` and the `raise` line below it, and assign to `A`. The `cache`
# keeps `Z` for the backward pass; this line is given. NumPy's functions take whole arrays, so you
# need no loop. Do not change `Z` itself.

# %% solution="sigmoid"

# %% [markdown]
# **Try it.**

# %%
x = np.array([1.0, 5.0, -4.0, 3.0, -2.0])
A, cache = sigmoid(x)
print("A =", np.round(A, 8))
print("at 0:", sigmoid(np.zeros((2, 3)))[0])

# %% [markdown]
# **Expected output**
#
# ```
# A = [0.73105858 0.99330715 0.01798621 0.95257413 0.11920292]
# at 0: [[0.5 0.5 0.5]
#  [0.5 0.5 0.5]]
# ```

# %% check="sigmoid"

# %% [markdown]
# **A step further (not graded).** Change your function so that it does not overflow for any input;
# the next cell tests it. Which power of $e$ is at most 1, whatever the sign of $z$? One of the two
# forms above needs only this power where $z \ge 0$, and the other one where $z < 0$. The function
# `np.where(condition, a, b)` takes its entries from `a` where the condition is true, and from `b`
# elsewhere. It computes both in full, so neither may overflow anywhere.

# %% jupyter={"source_hidden": true} cellView="form"
far = np.array([[-1000.0, -2.0, 0.0], [2.0, 1000.0, -710.0]])
try:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        values = sigmoid(far)[0]
except FloatingPointError as error:
    print(f"sigmoid still overflows ({error}). Where do you take exp of a large positive number?")
else:
    right = np.allclose(values, [[0, 0.11920292, 0.5], [0.88079708, 1, 0]])
    print("no overflow," if right else "no overflow, but not", "the right values")

# %% [markdown]
# ## The hyperbolic tangent
#
# The **hyperbolic tangent** is a sigmoid, shifted and stretched to lie between $-1$ and 1:
#
# $$\tanh(z) = \frac{e^z - e^{-z}}{e^z + e^{-z}} = 2\,\sigma(2z) - 1$$
#
# **Predict.** What does each of the three expressions give at $z = 1000$?

# %%
z = 1000.0
with np.errstate(all="ignore"):
    print("fraction:", (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)))
print("sigmoid: ", 2 * sigmoid(np.array([2 * z]))[0] - 1)
print("np.tanh: ", np.tanh(z))

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# fraction: nan
# sigmoid:  [1.]
# np.tanh:  1.0
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The fraction is infinity over infinity, which is `nan`. The other two are 1.
#
# </details>
#
# NumPy's own function never overflows, so `np.tanh` is the one to use.

# %% [markdown]
# ## ReLU
#
# The **rectified linear unit**, ReLU, keeps positive numbers and replaces all others with 0. It is
# fast, cannot overflow, and is the usual choice in convolutional networks.

# %% [markdown]
# ## Exercise: relu
#
# Write `relu(Z)` for a float or integer array of any shape, as a new array `A`. There are several
# ways in NumPy. Beware of two functions that sound right: Python's `max` cannot compare arrays, and
# `np.max` returns the largest entry of a whole array.

# %% solution="relu"

# %% [markdown]
# **Try it.**

# %%
print(relu(np.array([1.0, 1000.0, 0.0, -1.0, -1000.0]))[0])
print(relu(x)[0])

# %% [markdown]
# **Expected output**
#
# ```
# [   1. 1000.    0.    0.    0.]
# [1. 5. 0. 3. 0.]
# ```

# %% check="relu"

# %% [markdown]
# Here are the three activation functions, computed by your functions and `np.tanh`.

# %%
z = np.arange(-6, 6.01, 0.05)
if ready("sigmoid", "relu"):
    fig, axes = plt.subplots(1, 3, figsize=(7.5, 2.5), layout="constrained")
    for ax, name, values in zip(
        axes, ["sigmoid", "tanh", "ReLU"], [sigmoid(z)[0], np.tanh(z), relu(z)[0]], strict=True
    ):
        ax.axhline(0, color="0.7", linewidth=1)
        ax.axvline(0, color="0.7", linewidth=1)
        ax.plot(z, values)
        ax.set(title=name, xlabel="z")
    plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Three curves for $z$ from $-6$ to 6. The sigmoid rises like an S from 0 to 1 and is one half at
# 0. Tanh rises like an S from $-1$ to 1, faster in the middle, and is 0 at 0. ReLU is 0 on the
# left and a straight line on the right.
#
# </details>

# %% [markdown]
# ## Derivatives of the activations
#
# In the backward pass, a layer gets the **upstream gradient** `dA`, the gradient of the cost $J$
# with respect to its output, and computes `dZ`, the gradient with respect to its input. If an entry
# $z$ grows by a tiny $\varepsilon$, then $a = g(z)$ grows by $g'(z)\,\varepsilon$, and the cost by
# $dA \cdot g'(z)\,\varepsilon$. By this **chain rule**, the gradient $dZ$ is the upstream gradient
# times the **local derivative** $g'(Z)$, entry by entry.
#
# What is $g'$ for your functions? Measure it first, with a **finite difference**: the change of
# $g$ between $z - 0.001$ and $z + 0.001$, divided by 0.002. The figure shows the measured
# derivative over the *output* $A$, not over $z$.
#
# **Predict.** Which output of the sigmoid has the largest derivative, and what is the derivative
# for outputs near 0 and near 1? And for tanh?

# %%
h = 0.001
if ready("sigmoid"):
    curves = {
        "sigmoid": (sigmoid(z)[0], (sigmoid(z + h)[0] - sigmoid(z - h)[0]) / (2 * h)),
        "tanh": (np.tanh(z), (np.tanh(z + h) - np.tanh(z - h)) / (2 * h)),
    }
    fig, axes = plt.subplots(1, 2, figsize=(7.5, 2.9), layout="constrained")
    for ax, (name, (outputs, derivatives)) in zip(axes, curves.items(), strict=True):
        ax.plot(outputs, derivatives, ".", color="C0" if name == "sigmoid" else "C1")
        ax.set(title=name, xlabel="output A", ylabel="measured derivative")
        ax.locator_params(axis="x", nbins=5)
        ax.grid(color="0.9")
    plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Two parabolas that open downward. For the sigmoid, the derivative is 0 at the outputs 0 and 1 and
# has its maximum, 0.25, at 0.5. For tanh, it is 0 at the outputs $-1$ and 1 and has its maximum, 1,
# at 0.
#
# </details>
#
# Both curves are parabolas, so the backward pass needs no further exp. **Find their formulas:**
# where does each parabola cross zero, and how high is it? Then prove what you read off:
# differentiate $\sigma(z) = (1 + e^{-z})^{-1}$ with the chain rule, and sort the factors. The
# derivative of tanh follows from $\tanh(z) = 2\,\sigma(2z) - 1$. Check: at $z = 1$ the
# derivatives are 0.19661 and 0.41997.
#
# The derivative of ReLU you can see in its graph. It has none at exactly 0; libraries use 0 there,
# and the graded arrays contain no 0.
#
# **Predict.** Ten layers, each followed by a sigmoid. By which factor can the derivatives of the
# ten sigmoids shrink the gradient, in the best case? And with ReLU?
#
# <details>
# <summary>Answer</summary>
#
# In the best case every derivative is $1/4$, and $0.25^{10}$ is about one millionth. Far from zero,
# where a unit is **saturated**, it is far worse. This is the problem of **vanishing gradients**.
# ReLU has derivative 1 wherever it is positive, so it does not shrink the gradient there.
#
# </details>

# %% [markdown]
# ## Exercise: sigmoid_backward
#
# Write `sigmoid_backward(dA, cache)`. The gradient `dA` holds floats, here and below. The cache
# contains `Z`, the input of the sigmoid, and the line that unpacks it is given. Call your
# `sigmoid`, which returns two values, to get `A` again. (If your `sigmoid` is not right yet, this
# exercise is graded with a correct one.)

# %% solution="sigmoid_backward"

# %% [markdown]
# **Try it.**

# %%
A, cache = sigmoid(np.array([[1.0, 0.0, -4.0]]))
print(np.round(sigmoid_backward(np.array([[2.0, 1.0, -10.0]]), cache), 8))

# %% [markdown]
# **Expected output**
#
# ```
# [[ 0.39322387  0.25       -0.17662706]]
# ```

# %% check="sigmoid_backward"

# %% [markdown]
# ## Exercise: tanh_backward
#
# Write `tanh_backward(dA, cache)` in the same way. The forward pass is `np.tanh`, and the cache is
# the tuple `(Z,)` again.

# %% solution="tanh_backward"

# %% [markdown]
# **Try it.**

# %%
Z = np.array([[1.0, 0.0, -2.0]])
print(np.round(tanh_backward(np.array([[2.0, 1.0, -10.0]]), (Z,)), 8))

# %% [markdown]
# **Expected output**
#
# ```
# [[ 0.83994868  1.         -0.70650825]]
# ```

# %% check="tanh_backward"

# %% [markdown]
# ## Exercise: relu_backward
#
# Write `relu_backward(dA, cache)`. Before you start: does the sign of `Z` decide which gradients
# pass, or the sign of `dA`, or both?

# %% solution="relu_backward"

# %% [markdown]
# **Try it.** `Z` and `dA` have all four combinations of signs here. **Predict** which numbers come
# through.

# %%
Z = np.array([[3.0, 0.5, -2.0, -4.0]])
dA = np.array([[5.0, -6.0, 7.0, -8.0]])
print(relu_backward(dA, (Z,)))
print("is dA unchanged?", np.array_equal(dA, [[5.0, -6.0, 7.0, -8.0]]))

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# [[ 5. -6.  0.  0.]]
# is dA unchanged? True
# ```
#
# (A zero with a minus sign is an ordinary zero.)
#
# </details>

# %% check="relu_backward"

# %% [markdown]
# ## Softmax
#
# The last layer of a classifier returns one **score** (or *logit*) per class, which can be any
# number. **Softmax** turns the scores of an example into probabilities: exp makes all of them
# positive, and a division by their sum makes them add up to 1.
#
# $$A_{i,c} = \frac{e^{Z_{i,c}}}{\sum_{j=0}^{n-1} e^{Z_{i,j}}}$$
#
# - $Z$: the scores, an array of shape $(m, n)$, for $m$ examples and $n$ classes
# - $A$: the probabilities, an array of the same shape; each **row** adds up to 1
#
# For the scores 1, 2, 3 the powers are 2.718, 7.389 and 20.086, with the sum 30.193, and the
# probabilities 0.090, 0.245 and 0.665.
#
# **Predict.** What are the probabilities for the scores 1001, 1002, 1003, and for $-999$, $-998$,
# $-997$? And what does the formula give in float64? The cell prints the powers.

# %%
with np.errstate(all="ignore"):
    for scores in ([1.0, 2.0, 3.0], [1001.0, 1002.0, 1003.0], [-999.0, -998.0, -997.0]):
        print(scores, "powers:", np.round(np.exp(np.array(scores)), 3))

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# [1.0, 2.0, 3.0] powers: [ 2.718  7.389 20.086]
# [1001.0, 1002.0, 1003.0] powers: [inf inf inf]
# [-999.0, -998.0, -997.0] powers: [0. 0. 0.]
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# All three rows have the same probabilities. Adding a constant to a row multiplies every power by
# the same factor, which cancels in the fraction. As it stands, the formula gives
# $\infty/\infty$ and $0/0$, which are both `nan`.
#
# </details>
#
# You may therefore subtract a number from a row before exp. **Choose it** so that, whatever the
# scores are, no power overflows and the sum of the powers cannot be 0.
#
# **Predict.** A colleague subtracts one number from the whole array, chosen in this way from all of
# its entries. On which batches does this fail?
#
# <details>
# <summary>Answer</summary>
#
# On batches with a row whose scores are all far below another row's, for example by 800. All
# its powers underflow, and the row becomes $0/0$. Each row needs a number of its own.
#
# </details>
#
# **Shapes.** A function such as `np.sum(Z, axis=1)` reduces each row to one number, and its
# result has the shape `(m,)`. What happens if you subtract an array of this shape from `Z`?
# **Predict** for a batch of shape (2, 3) and for one of shape (3, 3).

# %%
for shape in [(2, 3), (3, 3)]:
    batch = np.arange(9.0)[: shape[0] * 3].reshape(shape)
    try:
        print(batch - np.sum(batch, axis=1))
    except ValueError as message:
        print("ValueError:", message)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The first is an error. The second is worse: it runs, and subtracts the sum of row 0 from column 0,
# and so on. To subtract row by row, the sums must have the shape `(m, 1)`. NumPy's reductions have
# an option that keeps the reduced axis with length 1: look it up in `help(np.sum)`.
#
# </details>

# %% [markdown]
# ## Exercise: softmax
#
# Write `softmax(Z)` for a batch of scores of shape $(m, n)$, floats or integers. Two or three lines
# are enough. The check also tries scores of several thousand, and rows that are far apart.

# %% solution="softmax"

# %% [markdown]
# **Try it.** **Predict** the second and the third row before you run the cell.

# %%
scores = np.array([[1.0, 2.0, 3.0], [1001.0, 1002.0, 1000.0], [-7.0, -7.0, -7.0]])
A = softmax(scores)
print(np.round(A, 8))
print("sums of the rows:", A.sum(axis=1))

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# [[0.09003057 0.24472847 0.66524096]
#  [0.24472847 0.66524096 0.09003057]
#  [0.33333333 0.33333333 0.33333333]]
# sums of the rows: [1. 1. 1.]
# ```
#
# </details>

# %% check="softmax"

# %% [markdown]
# **Predict.** For two classes with the scores $z$ and 0, which function that you know is the first
# probability?
#
# <details>
# <summary>Answer</summary>
#
# The sigmoid of $z$: divide numerator and denominator of $e^z / (e^z + e^0)$ by $e^z$. A network
# with two classes needs only one score.
#
# </details>

# %% [markdown]
# ## Cross-entropy loss
#
# Each example has one correct class, its **label** $y_i$, an integer from 0 to $n - 1$. The loss of
# an example is minus the natural logarithm of the probability of its correct class, and the
# **cross-entropy loss** of a batch is the mean:
#
# $$J = -\frac{1}{m} \sum_{i=0}^{m-1} \log A_{i,\,y_i}$$
#
# A probability of 1 gives a loss of 0, since $\log 1 = 0$. The smaller the probability, the larger
# the loss, without bound.

# %%
p = np.linspace(0.005, 1, 200)
fig, ax = plt.subplots(figsize=(5, 3), layout="constrained")
ax.plot(p, -np.log(p))
ax.plot([0.66524096, 0.09003057], -np.log([0.66524096, 0.09003057]), "o")
ax.set(xlabel="probability of the correct class", ylabel="loss of the example")
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# A curve that falls from above 5, at a probability near 0, to 0, at a probability of 1. Two dots
# mark the probabilities 0.665 and 0.090, with losses of 0.41 and 2.41.
#
# </details>
#
# The scores 1, 2, 3 gave the last class the probability 0.665. If it is correct, the loss is 0.408;
# if the first class is, with 0.090, the loss is 2.408.
#
# **Predict.** The scores are 0, 800 and 100, and class 0 is correct. What is the loss, to the
# nearest integer? And what does NumPy give for the logarithm of your `softmax`?
#
# <details>
# <summary>Answer</summary>
#
# The probability is $e^0$ over a sum that is practically $e^{800}$, that is, $e^{-800}$, and minus
# its logarithm is 800. In float64, however, $e^{-800}$ underflows to 0, and minus the logarithm of
# 0 is infinity. An ordinary number has become infinite on the way.
#
# </details>
#
# **Log-softmax.** The way out is never to compute the probability. The logarithm of a quotient is a
# difference, and log undoes exp. Apply both to the probability of a class, after the subtraction
# that you found for softmax. Two terms remain, and neither can overflow. Their difference is called
# **log-softmax**; PyTorch's `CrossEntropyLoss` and Keras' `from_logits=True` compute the loss from
# it. Adding a small number inside the logarithm, which you may see elsewhere, avoids the infinity
# but gives wrong losses: with $10^{-15}$, the loss above would be 34.5 instead of 800.
#
# **A step on the way (not graded).** Write `log_softmax(Z)`: the logarithms of the probabilities,
# an array of the shape of `Z`. The check below compares it with known values.


# %%
def log_softmax(Z):
    logs = ...  # replace the dots
    return logs


# %% jupyter={"source_hidden": true} cellView="form"
def check_log_softmax(function):
    """Compare log_softmax with known values, and say what is wrong first."""
    rows = [[1.0, 2, 3], [1001, 1002, 1000], [-7, -7, -7], [0, 800, 100]]
    expected = [
        [-2.40760596, -1.40760596, -0.40760596],
        [-1.40760596, -0.40760596, -2.40760596],
        [-1.09861229, -1.09861229, -1.09861229],
        [-800, 0, -700],
    ]
    with np.errstate(all="ignore"):
        logs = function(np.array(rows))
    if logs is ...:
        return "log_softmax is not written yet, so nothing was checked."
    if np.shape(logs) != (4, 3):
        return f"The result has the shape {np.shape(logs)}, expected (4, 3)."
    for row, values, right in zip(rows, logs, expected, strict=True):
        if not np.allclose(values, right):
            found = f"Scores {row}: log_softmax gives {values}, expected {right}."
            if np.isnan(values).any() or np.isinf(values).all():
                return f"{found} An exp overflows or a sum is 0: what did softmax subtract first?"
            if np.isinf(values).any():
                return f"{found} This is the logarithm of 0: do not compute the probability first."
            return f"{found} Do exp(log_softmax) of a row add up to 1?"
    return "log_softmax is correct for all four rows."


print(check_log_softmax(log_softmax))

# %% [markdown]
# **One entry of each row.** Two lists of indices select one entry for each pair. **Predict** which
# two numbers the cell prints.

# %%
table = np.array([[10, 11, 12], [20, 21, 22]])
print(table[np.array([0, 1]), np.array([2, 0])])

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[12 20]`: row 0 with column 2, and row 1 with column 0.
#
# </details>

# %% [markdown]
# ## The gradient with respect to the scores
#
# The next cell measures the gradient of the loss for one example, with the scores 1, 2, 3 and the
# label 2, by finite differences. **Predict** the sign of each of the three numbers, and their sum.

# %%
if ready("softmax"):
    print("probabilities:", np.round(softmax(np.array([[1.0, 2.0, 3.0]])), 6))
    measured = []
    for c in range(3):
        two_losses = []
        for change in (1e-5, -1e-5):
            scores = np.array([[1.0, 2.0, 3.0]])
            scores[0, c] += change
            two_losses.append(-np.log(softmax(scores)[0, 2]))
        measured.append((two_losses[0] - two_losses[1]) / 2e-5)
    print("gradient:     ", np.round(measured, 6))

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# probabilities: [[0.090031 0.244728 0.665241]]
# gradient:      [ 0.090031  0.244728 -0.334759]
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The loss falls if the score of the correct class rises, so that number is negative; the other two
# are positive. Adding a constant to all scores does not change the loss, so the sum is 0.
#
# </details>
#
# Compare the two rows. **In which position do they differ, and by how much?** Your rule must hold
# for any label. Then prove it: write the loss of one example as the two terms of log-softmax, and
# differentiate both with respect to a score $z_c$. The derivative of the logarithm of the sum is a
# quantity that you know.
#
# **Predict.** How does the gradient of this example change if it is one of $m = 4$ examples?
#
# <details>
# <summary>Answer</summary>
#
# The loss is a mean, in which each example counts a quarter, so its gradient is divided by 4.
#
# </details>

# %% [markdown]
# ## Exercise: softmax_cross_entropy
#
# Write `softmax_cross_entropy(Z, labels)`, which returns the loss and its gradient `dZ`. The scores
# `Z` are floats or integers, and the labels integers. The first lines define `m`, `n` and `rows`;
# `Z[rows, labels]` selects the score of the correct class in each row.
#
# - **The loss is one number**, the mean over the examples, and it must be finite for any scores.
#   Write all of it inside the function: it is graded without your `log_softmax`.
# - **The gradient** starts from the result of your `softmax`. (If `softmax` is not right yet, this
#   exercise is graded with a correct one.)
# - **Do not change `Z`**, which belongs to the caller.

# %% solution="softmax_cross_entropy"

# %% [markdown]
# **Try it** on the example above, and on a batch with the scores 0, 800, 100 as a second row.

# %%
scores = np.array([[1.0, 2.0, 3.0], [0.0, 800.0, 100.0]])
loss, dZ = softmax_cross_entropy(scores[:1], np.array([2]))
print("loss =", np.round(loss, 8))
print("dZ =", np.round(dZ, 8))
loss, dZ = softmax_cross_entropy(scores, np.array([2, 0]))
print("loss =", np.round(loss, 8))
print("dZ =", np.round(dZ, 8), sep="\n")

# %% [markdown]
# **Expected output**
#
# ```
# loss = 0.40760596
# dZ = [[ 0.09003057  0.24472847 -0.33475904]]
# loss = 400.20380298
# dZ =
# [[ 0.04501529  0.12236424 -0.16737952]
#  [-0.5         0.5         0.        ]]
# ```

# %% check="softmax_cross_entropy"

# %% [markdown]
# ## Train a network with your functions
#
# The next cell builds a small network from your functions: a layer of 8 hidden units with ReLU, a
# layer of 3 scores, and your loss. It checks the gradient of one weight with a finite difference,
# then takes 200 steps of gradient descent. The data are 60 points on three arms of a spiral.
#
# **Predict.** What is the loss of a network that gives each of the 3 classes the same probability?
# The loss before training should be near it.
#
# <details>
# <summary>Answer</summary>
#
# $-\log(1/3) = \log 3$, about 1.0986. A first loss far from $\log n$ is often a sign of a bug.
#
# </details>

# %%
np.random.seed(1)
angle = np.random.uniform(0, 3, size=60)  # points on three arms of a spiral
labels = np.arange(60) % 3
points = np.stack([np.cos(angle + 2 * labels), np.sin(angle + 2 * labels)], axis=1) * angle[:, None]
W1, b1 = np.random.randn(2, 8), np.zeros((1, 8))
W2, b2 = np.random.randn(8, 3) * 0.1, np.zeros((1, 3))


def loss_and_gradients():
    hidden, cache = relu(points @ W1 + b1)
    loss, dZ2 = softmax_cross_entropy(hidden @ W2 + b2, labels)
    dZ1 = relu_backward(dZ2 @ W2.T, cache)
    return loss, [points.T @ dZ1, dZ1.sum(0), hidden.T @ dZ2, dZ2.sum(0)]


if ready("relu", "relu_backward", "softmax", "softmax_cross_entropy"):
    loss, gradients = loss_and_gradients()
    W1[0, 3] += 1e-5
    up = loss_and_gradients()[0]
    W1[0, 3] -= 2e-5
    down = loss_and_gradients()[0]
    W1[0, 3] += 1e-5
    measured, computed = (up - down) / 2e-5, gradients[0][0, 3]
    print(f"one weight: finite difference {measured:.6f}, backward {computed:.6f}")

    for step in range(201):
        loss, gradients = loss_and_gradients()
        if step % 50 == 0:
            print(f"after {step} steps the loss is {loss:.4f}")
        for parameter, gradient in zip([W1, b1, W2, b2], gradients, strict=True):
            parameter -= 0.5 * gradient

# %% [markdown]
# **Expected output**
#
# ```
# one weight: finite difference -0.012359, backward -0.012359
# after 0 steps the loss is 1.1491
# after 50 steps the loss is 0.3120
# after 100 steps the loss is 0.2003
# after 150 steps the loss is 0.1395
# after 200 steps the loss is 0.1063
# ```

# %% [markdown]
# ## Experiments with activations
#
# **Temperature.** What happens to the probabilities if you multiply the scores 1, 2, 3 by 10 before
# softmax? And by 0.1?
#
# <details>
# <summary>Answer</summary>
#
# Times 10, nearly all the probability goes to the largest score. Times 0.1, the probabilities are
# close to one third each. In generative models, the divisor of the scores is called the
# *temperature*.
#
# </details>
#
# **Another activation.** Use tanh instead of ReLU in the small network. What do you have to change?
#
# <details>
# <summary>Answer</summary>
#
# The forward pass becomes `np.tanh` with the cache `(Z,)`, and the backward pass becomes your
# `tanh_backward`. Compare the losses after 200 steps.
#
# </details>
#
# **No activation.** Leave ReLU out of the small network, forward and backward. How small does the
# loss become?
#
# <details>
# <summary>Answer</summary>
#
# It stays much larger than with ReLU. The network is then one linear layer, which can separate the
# classes only with straight lines.
#
# </details>
#
# **A smaller type.** The largest number of `float16` is 65,504. From which score on does `np.exp`
# overflow there, and does your loss still work with `Z.astype("float16")`?
#
# <details>
# <summary>Answer</summary>
#
# From about 11.1 on, since $\log 65504 \approx 11.09$. Your loss still works for larger scores,
# with fewer correct digits: with the subtraction, exp never gets a positive number.
#
# </details>

# %% [markdown]
# ## Three rules for exp and log
#
# The score of 800 from the first paragraph can no longer hurt you. Three rules took care of it, and
# they hold wherever exp and log meet:
#
# - Shift before exp, so that every power is at most 1. For softmax, each row needs a shift of its
#   own.
# - Do not compute a probability only to take its logarithm: exp and log cancel on paper, not in
#   floats.
# - Derive gradients for the combination. Softmax and cross-entropy are awkward one by one; together
#   they leave a difference that you could read off from two rows of numbers.

# %% [markdown] include="hand_in"
