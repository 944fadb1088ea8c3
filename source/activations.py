# %% [markdown]
# # Activations and losses
#
# A layer of a network computes sums of products. What comes out goes through an **activation**, a
# simple function that bends it, before the next layer sees it. At the end of a classifier stands
# **softmax**, which turns scores into probabilities, and a **loss**, one number that says how wrong
# those are. In this notebook you write these functions, forwards and backwards: `sigmoid`, `relu`,
# their backward functions and that of the hyperbolic tangent, `softmax`, and
# `softmax_cross_entropy`, which gives the loss and its gradient.
#
# When you have finished, you will be able to
#
# 1. say what sigmoid, tanh, ReLU and softmax compute, and work out small cases by hand,
# 2. carry a gradient back through each of them, and check it by nudging,
# 3. write formulas with exp and log so that they give the right numbers for any input, however
#    large.
#
# You need Python and NumPy, and you need to know what a derivative is. Time: about two and a half
# hours. There are seven exercises, most of them of a line or two, and you can stop after any.

# %% include="setup"

# %% [markdown]
# ## What an activation is for
#
# Two layers without anything between them are no better than one. If the first computes
# $z = 3x + 1$ and the second $y = 2z - 5$, then $y = 2(3x + 1) - 5 = 6x - 3$, which one layer could
# have computed alone. The same holds for matrices of weights, and for convolutions: sums of sums
# are sums.
#
# So after each layer stands a function $g$ that is not a straight line. It is applied to every
# number by itself. We write
#
# $$A = g(Z)$$
#
# - $Z$: what the layer has computed, an array of any shape
# - $A$: the activations, an array of the same shape
# - $g$: the activation function, applied to each entry
#
# **Predict, then run.** With $g(z) = \max(z, 0)$ between the two layers above, what is $y$ for
# $x = 1$ and for $x = -1$? And what is it without $g$?

# %%
for x in (1, -1):
    z = 3 * x + 1
    print(f"x = {x}: z = {z}, with g: y = {2 * max(z, 0) - 5}, without: y = {2 * z - 5}")

# %% [markdown]
# For $x = 1$ it is 3 both times. For $x = -1$ the activation stops $z = -2$, so that $y$ is -5
# where it would be -9: the function has a bend, and no single layer has one.

# %% [markdown]
# ## The sigmoid function
#
# The sigmoid squeezes all numbers between 0 and 1:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# - $z$: any number
# - $e$: 2.71828..., the base of the exponential function; `np.exp(z)` is $e^z$
#
# **By hand.** At $z = 0$ it is $1/(1 + 1) = 1/2$. For a large $z$, $e^{-z}$ is nearly 0 and the
# result nearly 1. For a $z$ far below zero, $e^{-z}$ is huge and the result nearly 0. In between it
# rises steadily, and it is symmetric: $\sigma(z) + \sigma(-z) = 1$.
#
# **Predict, then run.** The sigmoid of 1 is 0.73106. What is the sigmoid of -1?

# %%
print(f"sigmoid of  1: {1 / (1 + np.exp(-1.0)):.5f}")
print(f"sigmoid of -1: {1 / (1 + np.exp(1.0)):.5f}")

# %% [markdown]
# It is $1 - 0.73106 = 0.26894$.

# %% [markdown]
# ## When exp overflows
#
# `np.exp` grows so fast that the numbers of a computer do not suffice. The largest number that
# NumPy's usual type, float64, can hold is about $1.8 \cdot 10^{308}$. What is larger becomes `inf`,
# infinity. In the other direction nothing bad happens: what is too small becomes 0.
#
# **Predict, then run.** At which of these four does `np.exp` give infinity, and at which 0?

# %%
with np.errstate(all="ignore"):  # no warnings: what happens here is meant to happen
    for z in (709.0, 710.0, -709.0, -750.0):
        print(f"exp of {z:.0f} is {np.exp(z):.3g}")

# %% [markdown]
# From 710 on it is infinity; at -750 it is 0. Infinity by itself does no harm, and neither does 0:
# $1/\infty$ is 0, as it should be. But $\infty/\infty$ and $0/0$ are `nan`, "not a number", and a
# single `nan` in a network turns everything after it into `nan`.
#
# The sigmoid can be written in two ways, which are equal on paper, since one is the other with
# numerator and denominator multiplied by $e^z$:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}} = \frac{e^z}{1 + e^z}$$
#
# **Predict, then run.** Which of the two ways goes wrong, and for which of the three numbers?

# %%
with np.errstate(all="ignore"):
    for z in (-1000.0, 0.0, 1000.0):
        first = 1 / (1 + np.exp(-z))
        second = np.exp(z) / (1 + np.exp(z))
        print(f"z = {z:g}: first way {first}, second way {second}")

# %% [markdown]
# **Expected output**
#
# ```
# z = -1000: first way 0.0, second way 0.0
# z = 0: first way 0.5, second way 0.5
# z = 1000: first way 1.0, second way nan
# ```

# %% [markdown]
# The second way gives infinity over infinity at 1000. The first way meets an infinity too, at
# -1000, and survives: 1 over infinity is 0, and the true value, about $e^{-1000}$, is smaller than
# any float above 0. NumPy prints a warning there, though, unless it is told not to.
#
# There is a way without any infinity: use $e^{-|z|}$, which lies between 0 and 1 whatever $z$ is.
# The first way needs just that where $z \ge 0$, the second way where $z < 0$. The function
# `np.where(Z >= 0, x, y)` takes from `x` where `Z` is at least 0 and from `y` elsewhere.

# %% [markdown]
# ## Exercise: sigmoid
#
# Write the function `sigmoid(Z)`, which applies the sigmoid to every entry of an array. In the cell
# below, replace the line `# YOUR CODE HERE` and the line after it. What you have to make is `A`;
# the line that makes the `cache` is given. It keeps `Z` for the backward pass.
#
# Both the first way and the one without infinities earn all points. NumPy's functions take whole
# arrays, so you need no loop. Do not write into `Z` itself: the backward pass will need it as it
# was.

# %% copy="source" nbgrader={"grade_id": "sigmoid", "solution": true}
from exercises.sigmoid import sigmoid

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

# %% nbgrader={"grade_id": "sigmoid_check"}
sigmoid_test(sigmoid)

# %% nbgrader={"grade_id": "sigmoid_grade", "grade": true}
from exercises import grade

grade("sigmoid", sigmoid)

# %% [markdown]
# ## The hyperbolic tangent
#
# The hyperbolic tangent, tanh, is a sigmoid that was stretched to lie between -1 and 1:
#
# $$\tanh(z) = \frac{e^z - e^{-z}}{e^z + e^{-z}} = 2\,\sigma(2z) - 1$$
#
# It is 0 at 0, and $\tanh(-z) = -\tanh(z)$. The fraction overflows far from zero on both sides, and
# gives `nan` there. NumPy's own `np.tanh` does not, so that is the one to use.
#
# **Predict, then run.** What are the three values at 1000? And is $2\,\sigma(2z) - 1$, with your
# sigmoid, the same as `np.tanh` for the five numbers of `x`?

# %%
with np.errstate(all="ignore"):
    z = 1000.0
    print("fraction:", (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)))
print("np.tanh: ", np.tanh(1000.0))
print("sigmoid: ", 2 / (1 + np.exp(-2000.0)) - 1)
print("np.tanh of x =", np.round(np.tanh(x), 8))
print("the same by the sigmoid:", np.allclose(2 * sigmoid(2 * x)[0] - 1, np.tanh(x)))

# %% [markdown]
# **Expected output**
#
# ```
# fraction: nan
# np.tanh:  1.0
# sigmoid:  1.0
# np.tanh of x = [ 0.76159416  0.9999092  -0.9993293   0.99505475 -0.96402758]
# the same by the sigmoid: True
# ```

# %% [markdown]
# ## ReLU
#
# The rectified linear unit, ReLU, keeps positive numbers and replaces all others by 0:
#
# $$\text{ReLU}(z) = \max(z, 0)$$
#
# It needs no exp, so it is fast and cannot overflow. Most convolutional networks use it.
#
# One trap: Python's own `max` compares whole things and cannot compare arrays. NumPy has two
# functions with similar names. `np.max` finds the largest entry of one array; `np.maximum` compares
# two arrays (or an array and a number) entry by entry.
#
# **Predict, then run.** What do the two give?

# %%
print("np.max:    ", np.max(np.array([3, 1, 2])))
print("np.maximum:", np.maximum(np.array([3, 1, 2]), np.array([2, 2, 2])))

# %% [markdown]
# `np.max` gives 3. `np.maximum` gives `[3 2 2]`: the larger one of 3 and 2, of 1 and 2, and of 2
# and 2.

# %% [markdown]
# ## Exercise: relu
#
# Write `relu(Z)`, for an array of any shape. As before, make a new array `A`, and leave `Z` as it
# is.

# %% copy="source" nbgrader={"grade_id": "relu", "solution": true}
from exercises.relu import relu

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

# %% nbgrader={"grade_id": "relu_check"}
relu_test(relu)

# %% nbgrader={"grade_id": "relu_grade", "grade": true}
from exercises import grade

grade("relu", relu)

# %% [markdown]
# Here are the three activations, from -10 to 10, with your functions.

# %%
z = np.arange(-10, 10.01, 0.05)
fig, axes = plt.subplots(1, 3, figsize=(9.5, 2.8), layout="constrained")
for ax, name, values in zip(
    axes, ["sigmoid", "tanh", "ReLU"], [sigmoid(z)[0], np.tanh(z), relu(z)[0]], strict=True
):
    ax.axhline(0, color="0.7", linewidth=1)
    ax.axvline(0, color="0.7", linewidth=1)
    ax.plot(z, values)
    ax.set(title=name, xlabel="z")
plt.show()

# %% [markdown]
# *The figure: three curves. Sigmoid rises like an S from 0 to 1 and is one half at 0. Tanh rises
# like an S from -1 to 1, four times as steeply in the middle, and is 0 at 0. ReLU is 0 on the left
# and a straight line of slope 1 on the right.*

# %% [markdown]
# ## Backwards through an activation
#
# A layer is handed `dA`, the gradient of the cost $J$ with respect to its output, and must find
# `dZ`, the gradient with respect to its input. An activation works on every entry by itself, so the
# chain rule does too: if $z$ grows by a tiny $\varepsilon$, then $a = g(z)$ grows by
# $g'(z)\,\varepsilon$, and the cost by $dA \cdot g'(z)\,\varepsilon$. Therefore
#
# $$dZ = dA \cdot g'(Z), \qquad\text{entry by entry.}$$
#
# - $dA$, $dZ$: gradients of the cost, arrays of the shape of $Z$
# - $g'(Z)$: the slope of the activation at each entry of $Z$
#
# The slopes of two of the three can be written with the output $A$ alone, so no new exp is needed:
#
# | activation | slope | where it is largest |
# |---|---|---|
# | sigmoid, $A = \sigma(Z)$ | $A\,(1 - A)$ | $1/4$ at 0 |
# | tanh, $A = \tanh(Z)$ | $1 - A^2$ | $1$ at 0 |
# | ReLU | $1$ where $Z > 0$, and $0$ where $Z < 0$ | $1$ on the whole right side |
#
# **By hand.** At $z = 1$ we have $\sigma = 0.73106$, so its slope is
# $0.73106 \cdot 0.26894 = 0.19661$. With $dA = 2$ it follows that $dZ = 0.39322$.
#
# **Where ReLU has its corner**, at exactly 0, it has no slope. Libraries take 0 there, and so does
# this course; the graded arrays hold no 0, so it makes no difference to your points.
#
# **Predict, then run.** A nudge of 0.001 in both directions measures a slope. Which three numbers
# come out at $z = 1$?

# %%
up, down = np.array([1.001]), np.array([0.999])
print("sigmoid:", np.round((sigmoid(up)[0] - sigmoid(down)[0]) / 0.002, 5))
print("tanh:   ", np.round((np.tanh(up) - np.tanh(down)) / 0.002, 5))
print("ReLU:   ", np.round((relu(up)[0] - relu(down)[0]) / 0.002, 5))

# %% [markdown]
# **Expected output**
#
# ```
# sigmoid: [0.19661]
# tanh:    [0.41997]
# ReLU:    [1.]
# ```

# %% [markdown]
# Far from zero, sigmoid and tanh are flat: hardly any gradient comes back there. People say that
# such a unit is **saturated**. And since the slope of the sigmoid is at most 1/4, ten sigmoids in a
# row multiply a gradient by $0.25^{10}$ at most, which is about one millionth. ReLU passes a
# gradient on undiminished where it is positive. That is one reason why deep networks use it.

# %% [markdown]
# ## Exercise: sigmoid_backward
#
# Write `sigmoid_backward(dA, cache)`. The cache holds `Z`, what went into the sigmoid; the first
# line, which is given, takes it out. Call your `sigmoid` to have `A` again, and remember that it
# returns two things. (If your `sigmoid` is not right yet, this question is judged with a right
# one.)

# %% copy="source" nbgrader={"grade_id": "sigmoid_backward", "solution": true}
from exercises.sigmoid_backward import sigmoid_backward

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

# %% nbgrader={"grade_id": "sigmoid_backward_check"}
sigmoid_backward_test(sigmoid_backward)

# %% nbgrader={"grade_id": "sigmoid_backward_grade", "grade": true}
from exercises import grade

grade("sigmoid_backward", sigmoid_backward)

# %% [markdown]
# ## Exercise: tanh_backward
#
# Write `tanh_backward(dA, cache)` in the same way. The forward pass is `np.tanh`, and the cache is
# the tuple `(Z,)` again.

# %% copy="source" nbgrader={"grade_id": "tanh_backward", "solution": true}
from exercises.tanh_backward import tanh_backward

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

# %% nbgrader={"grade_id": "tanh_backward_check"}
tanh_backward_test(tanh_backward)

# %% nbgrader={"grade_id": "tanh_backward_grade", "grade": true}
from exercises import grade

grade("tanh_backward", tanh_backward)

# %% [markdown]
# ## Exercise: relu_backward
#
# Write `relu_backward(dA, cache)`. What decides is the sign of `Z`, not that of `dA`: a gradient
# may well be negative and pass. A comparison such as `Z > 0` gives an array of `True` and `False`,
# and these count as 1 and 0 when they are multiplied.

# %% copy="source" nbgrader={"grade_id": "relu_backward", "solution": true}
from exercises.relu_backward import relu_backward

# %% [markdown]
# **Try it.** `Z` and `dA` here have all four combinations of signs. **Predict first:** which two
# numbers come back?

# %%
Z = np.array([[3.0, 0.5, -2.0, -4.0]])
dA = np.array([[5.0, -6.0, 7.0, -8.0]])
A, cache = relu(Z)
print(relu_backward(dA, cache))
print("is dA as it was?", np.array_equal(dA, [[5.0, -6.0, 7.0, -8.0]]))

# %% [markdown]
# **Expected output**
#
# ```
# [[ 5. -6.  0.  0.]]
# is dA as it was? True
# ```
#
# (If a zero of yours has a minus sign, it is an ordinary zero: the product of -8 and 0 is written
# so.)

# %% nbgrader={"grade_id": "relu_backward_check"}
relu_backward_test(relu_backward)

# %% nbgrader={"grade_id": "relu_backward_grade", "grade": true}
from exercises import grade

grade("relu_backward", relu_backward)

# %% [markdown]
# ## Softmax: scores become probabilities
#
# The last layer of a classifier gives one **score** for each class; any number may come out.
# Softmax turns the scores of an example into probabilities: positive numbers that add up to 1. It
# makes all scores positive with exp, and divides by their sum:
#
# $$A_{i,k} = \frac{e^{Z_{i,k}}}{\sum_{j=0}^{n-1} e^{Z_{i,j}}}$$
#
# - $Z$: the scores, an array of shape $(m, n)$; $i$ counts the examples, $k$ and $j$ the classes
# - $m$, $n$: the number of examples in the batch, and the number of classes
# - $A$: the probabilities, an array of the same shape; each **row** adds up to 1
#
# **By hand.** The scores 1, 2, 3 become $e^1 = 2.718$, $e^2 = 7.389$ and $e^3 = 20.086$, together
# $30.193$. So the probabilities are $2.718/30.193 = 0.090$, $7.389/30.193 = 0.245$ and
# $20.086/30.193 = 0.665$. A score that is larger by 1 has $e = 2.718$ times the probability.
#
# Adding the same number to all scores of a row changes nothing, since it multiplies numerator and
# denominator by the same factor:
#
# $$\frac{e^{Z_{i,k} + c}}{\sum_j e^{Z_{i,j} + c}} =
# \frac{e^c \, e^{Z_{i,k}}}{e^c \sum_j e^{Z_{i,j}}} = \frac{e^{Z_{i,k}}}{\sum_j e^{Z_{i,j}}}$$
#
# **Predict, then run.** The next cell computes the formula for three rows of scores, as it stands.
# Two of the rows go wrong. Which ones, and what would be right?

# %%
with np.errstate(all="ignore"):
    for scores in ([1.0, 2.0, 3.0], [1001.0, 1002.0, 1003.0], [-999.0, -998.0, -997.0]):
        powers = np.exp(np.array(scores))
        print(scores, "become", np.round(powers / powers.sum(), 8))

# %% [markdown]
# **Expected output**
#
# ```
# [1.0, 2.0, 3.0] become [0.09003057 0.24472847 0.66524096]
# [1001.0, 1002.0, 1003.0] become [nan nan nan]
# [-999.0, -998.0, -997.0] become [nan nan nan]
# ```

# %% [markdown]
# The second row is infinity over infinity, the third 0 over 0. Both are the first row with a number
# added, so they have the same probabilities as the first. The cure is to add a number oneself,
# before exp: **subtract the largest score of the row.** Then the largest score is 0 and all others
# are below it. No exp can overflow, and the sum is at least $e^0 = 1$, so it is never 0.
#
# It must be the largest of each row. With the largest of the whole array, a row far below it would
# still become 0 over 0.
#
# **Shapes.** `np.max(Z, axis=1)` gives the largest entry of each row, as an array of shape `(m,)`.
# To subtract it row by row, it must have the shape `(m, 1)`: the option `keepdims=True` keeps the
# axis, with length 1.
#
# **Predict, then run.** Which shapes are printed, and what is left of the scores?

# %%
scores = np.array([[1.0, 2.0, 3.0], [1001.0, 1002.0, 1000.0]])
largest = np.max(scores, axis=1, keepdims=True)
print("without keepdims:", np.max(scores, axis=1).shape, " with it:", largest.shape)
print(scores - largest)

# %% [markdown]
# **Expected output**
#
# ```
# without keepdims: (2,)  with it: (2, 1)
# [[-2. -1.  0.]
#  [-1.  0. -2.]]
# ```

# %% [markdown]
# ## Exercise: softmax
#
# Write `softmax(Z)` for a batch of scores of shape $(m, n)$. Two lines are enough. The check tries
# scores of several thousand too, and rows that lie far apart.

# %% copy="source" nbgrader={"grade_id": "softmax", "solution": true}
from exercises.softmax import softmax

# %% [markdown]
# **Try it.** **Predict first:** what does the third row give, in which all scores are equal?

# %%
scores = np.array([[1.0, 2.0, 3.0], [1001.0, 1002.0, 1000.0], [-7.0, -7.0, -7.0]])
A = softmax(scores)
print(np.round(A, 8))
print("sums of the rows:", A.sum(axis=1))

# %% [markdown]
# **Expected output**
#
# ```
# [[0.09003057 0.24472847 0.66524096]
#  [0.24472847 0.66524096 0.09003057]
#  [0.33333333 0.33333333 0.33333333]]
# sums of the rows: [1. 1. 1.]
# ```

# %% nbgrader={"grade_id": "softmax_check"}
softmax_test(softmax)

# %% nbgrader={"grade_id": "softmax_grade", "grade": true}
from exercises import grade

grade("softmax", softmax)

# %% [markdown]
# With two classes softmax is the sigmoid: the scores $z$ and 0 have the probabilities
# $e^z/(e^z + 1) = \sigma(z)$ and $1 - \sigma(z)$. And a probability can be made of tanh as well:
# $(1 + \tanh z)/2$ is $\sigma(2z)$. (The logarithm of tanh itself, which one sees at times, does
# not exist where tanh is negative.)

# %%
print(np.round(softmax(np.array([[1.0, 0.0]])), 8), np.round(sigmoid(np.array([1.0]))[0], 8))
print(np.round((1 + np.tanh(1.0)) / 2, 8), np.round(sigmoid(np.array([2.0]))[0], 8))

# %% [markdown]
# **Expected output**
#
# ```
# [[0.73105858 0.26894142]] [0.73105858]
# 0.88079708 [0.88079708]
# ```

# %% [markdown]
# ## Cross-entropy: how wrong the probabilities are
#
# Each example has one right class, its **label**, a whole number from 0 to $n - 1$. The loss of an
# example is minus the logarithm of the probability that its right class got. The loss of the batch
# is the mean:
#
# $$J = -\frac{1}{m} \sum_{i=0}^{m-1} \log A_{i,\,y_i}$$
#
# - $J$: the loss, a single number
# - $y_i$: the label of example $i$
# - $A_{i,\,y_i}$: the probability of the right class of example $i$
# - $\log$: the natural logarithm, which undoes $e^x$: `np.log`
#
# A probability of 1 costs nothing, $\log 1 = 0$. The less probability the right class got, the
# larger the loss, without bound. The next cell draws it.

# %%
p = np.linspace(0.005, 1, 200)
fig, ax = plt.subplots(figsize=(5, 3), layout="constrained")
ax.plot(p, -np.log(p))
ax.plot([0.66524096, 0.09003057], -np.log([0.66524096, 0.09003057]), "o")
ax.set(xlabel="probability of the right class", ylabel="loss of the example")
plt.show()

# %% [markdown]
# *The figure: a curve that falls from above 5, at a probability near 0, to 0, at a probability of
# 1. Two dots mark the probabilities 0.665 and 0.090, with losses of 0.41 and 2.41.*
#
# **By hand.** The scores 1, 2, 3 gave the last class the probability 0.665. If that is the right
# one, the loss is $-\log 0.665 = 0.408$. If the first one is right, it is $-\log 0.090 = 2.408$.
#
# **Picking one entry of each row.** Two lists of indices pick one entry for each pair.
#
# **Predict, then run.** Which two numbers are picked?

# %%
table = np.array([[10, 11, 12], [20, 21, 22]])
print(table[np.array([0, 1]), np.array([2, 0])])

# %% [markdown]
# `[12 20]`: row 0 with column 2, and row 1 with column 0.
#
# **The logarithm of 0.** If the scores lie far apart, a probability is too small for a float and
# becomes 0, and the logarithm of 0 is minus infinity. Yet the loss is an ordinary number. The
# logarithm of a quotient is a difference, so with the scores $z_j$ of one example
#
# $$-\log \frac{e^{z_y}}{\sum_j e^{z_j}} = \log \Big( \sum_j e^{z_j} \Big) - z_y .$$
#
# As in softmax, subtract the largest score of the row first, from all scores, $z_y$ included. Then
# the sum is at least 1, and its logarithm is a small number that is not below zero.
#
# **Predict, then run.** The scores are 0, 800 and 100, and class 0 is right. What is the loss, to
# the nearest whole number? Do it in your head with the difference, then run.

# %%
z = np.array([0.0, 800.0, 100.0])
z = z - z.max()  # now -800, 0, -700
with np.errstate(all="ignore"):
    print("logarithm of the probability:", -np.log(np.exp(z) / np.exp(z).sum())[0])
print("difference:", np.log(np.exp(z).sum()) - z[0])

# %% [markdown]
# **Expected output**
#
# ```
# logarithm of the probability: inf
# difference: 800.0
# ```

# %% [markdown]
# ## The gradient with respect to the scores
#
# The derivative of the loss with respect to the scores is short. For one example with the label
# $y$, the loss is $\log \sum_j e^{z_j} - z_y$. The first term has the derivative
# $e^{z_k} / \sum_j e^{z_j}$ with respect to $z_k$, which is the probability $A_k$ again. The second
# term has the derivative -1 with respect to $z_y$, and 0 with respect to all others. With the mean
# over $m$ examples,
#
# $$dZ_{i,k} = \frac{A_{i,k} - [k = y_i]}{m}$$
#
# - $[k = y_i]$: 1 where $k$ is the right class of example $i$, and 0 elsewhere
#
# **By hand.** The scores 1, 2, 3, with the last class right, and $m = 1$:
# $dZ = (0.090,\ 0.245,\ 0.665 - 1) = (0.090,\ 0.245,\ -0.335)$. The score of the right class should
# rise, so its gradient is negative; the others should fall. Each row adds up to 0.
#
# There is no separate backward function for softmax here: together with the loss, the two
# derivatives become this one.

# %% [markdown]
# ## Exercise: softmax_cross_entropy
#
# Write `softmax_cross_entropy(Z, labels)`, which returns the loss and its gradient `dZ`. The stub
# makes `m`, `n` and `rows` for you: `Z[rows, labels]` picks the score of the right class in each
# row. Keep in mind:
#
# - **The loss is one number**, the mean over the examples, and it is computed from scores, as in
#   the difference above. Adding a small number inside the logarithm avoids infinity, but gives
#   wrong losses.
# - **The gradient** starts from what your `softmax` gives. It is divided by `m`, because the loss
#   is a mean. (If your `softmax` is not right yet, this question is judged with a right one.)
# - **Do not write into `Z`**, which belongs to the caller.

# %% copy="source" nbgrader={"grade_id": "softmax_cross_entropy", "solution": true}
from exercises.softmax_cross_entropy import softmax_cross_entropy

# %% [markdown]
# **Try it**, with the example from above and one more row.

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

# %% nbgrader={"grade_id": "softmax_cross_entropy_check"}
softmax_cross_entropy_test(softmax_cross_entropy)

# %% nbgrader={"grade_id": "softmax_cross_entropy_grade", "grade": true}
from exercises import grade

grade("softmax_cross_entropy", softmax_cross_entropy)

# %% [markdown]
# ## Your functions learn
#
# A gradient is right if it predicts what a nudge does, and useful if following it makes the loss
# smaller. The next cell does both with a tiny network of your functions: one layer of 8 hidden
# units with ReLU, one layer of 3 scores, and your loss. First it nudges one weight. Then it takes
# 200 steps against the gradient.
#
# **Predict, then run.** Before it has learned anything, a network with 3 classes can hardly do
# better than to give each of them a third. What loss would that be? (Each right class has the
# probability 1/3, so it is $\log 3 = 1.0986$.)

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


loss, gradients = loss_and_gradients()
W1[0, 3] += 1e-5
up = loss_and_gradients()[0]
W1[0, 3] -= 2e-5
down = loss_and_gradients()[0]
W1[0, 3] += 1e-5
print(f"one weight: nudged {(up - down) / 2e-5:.6f}, backwards {gradients[0][0, 3]:.6f}")

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
# one weight: nudged -0.012359, backwards -0.012359
# after 0 steps the loss is 1.1491
# after 50 steps the loss is 0.3120
# after 100 steps the loss is 0.2003
# after 150 steps the loss is 0.1395
# after 200 steps the loss is 0.1063
# ```

# %% [markdown]
# ## What to try next with activations
#
# Predict first, then add a cell and find out. What happens if
#
# - you multiply the scores 1, 2, 3 by 10 before softmax, or by 0.1? (The probabilities come near 0,
#   0, 1, or near one third each.)
# - you put tanh in the place of ReLU in the small network? (You need `np.tanh` and your
#   `tanh_backward` with the cache `(Z,)`.)
# - you leave the activation out altogether? (The network is then one layer, and can only draw
#   straight lines between the classes.)
# - you add 1000 to all scores of a batch and compute the loss? (It stays the same.)

# %% [markdown]
# ## Recap of activations
#
# You can now
#
# 1. say what the functions compute: sigmoid squeezes to 0 to 1, tanh to -1 to 1, ReLU cuts off what
#    is negative, and softmax turns a row of scores into probabilities that add up to 1;
# 2. carry gradients back: $dA$ times the slope, $A(1 - A)$, $1 - A^2$, or 1 and 0; and from the
#    loss straight to the scores, probabilities less 1 at the right class, over $m$;
# 3. keep exp and log from overflowing: subtract the largest score of each row, use exp of negative
#    numbers only, and take the logarithm of a quotient as a difference.

# %% [markdown] include="hand_in"
