# %% [markdown]
# # Activations
#
# A convolution adds up products, and no more. What makes a network able to learn more than sums is
# the function behind each layer, the **activation**. It is a short formula. This lesson takes the
# three usual ones apart: what they compute, and which slope they have. The next lesson,
# [Losses](09_losses.ipynb), is about the function at the end of a network, which tells it how wrong it
# is.
#
# **When you have finished, you will be able to**
#
# 1. explain why a network needs an activation between its layers;
# 2. say what sigmoid, tanh and ReLU compute, and compute them for arrays;
# 3. derive how steep they are, and say where hardly any gradient comes through.
#
# Time: about 45 minutes. You need the lesson [The convolution layer](04_convolution_layer.ipynb), and
# from school the derivative and the chain rule. The photograph comes with the package scikit-learn.
# Cells for Keras, TensorFlow or PyTorch are skipped where that package is missing.

# %% include="lesson_setup"

# %%
from convnet.functional import conv2d
from convnet.gradient_check import numeric_gradient
from convnet.plots import draw_image

# %% [markdown] tags=["row-15"]
# ## Why a network needs a nonlinearity
#
# [The convolution layer](04_convolution_layer.ipynb) has put two filters of $3 \times 3$ one
# behind the other. Here is the same on a row of numbers, small enough for paper. The first
# convolution has the kernel 1, 0, -1, the second 1, 2, 1. There is no bias, and `np.correlate`
# slides the kernel along the row.
#
# **Predict, then run.** The cell also tries a *single* convolution, with a kernel of 5 numbers. Can
# it give the same as the two together?

# %%
row = np.array([2, 7, 1, 8, 2, 8, 1, 8])
first, second = np.array([1, 0, -1]), np.array([1, 2, 1])

two_layers = np.correlate(np.correlate(row, first, mode="valid"), second, mode="valid")
one_layer = np.correlate(row, np.array([1, 2, 0, -2, -1]), mode="valid")
print("two layers:", two_layers)
print("one layer: ", one_layer)

# %% [markdown]
# It can. The kernel 1, 2, 0, -2, -1 is what one gets by multiplying out: the second kernel adds the
# results of the first at three neighbouring places, 1, 2 and 1 times, so it adds
#
# $$1 \cdot (1, 0, -1, 0, 0) + 2 \cdot (0, 1, 0, -1, 0) + 1 \cdot (0, 0, 1, 0, -1)
# = (1, 2, 0, -2, -1).$$
#
# The same holds in two dimensions and with many channels, and for dense layers, where two matrices
# multiply to one. Without something in between, a hundred layers can do no more than one: sums of
# sums are sums.
#
# So a function $g$ whose curve is not a straight line is put between the layers. It is applied to
# every number by itself,
#
# $$A = g(Z),$$
#
# where $Z$ is what the layer has computed, an array of any shape, and $A$, of the same shape, are
# the **activations** that the next layer gets. (Some books call $Z$ the pre-activations.)
#
# One bend is enough to make something new. Take the function that keeps positive numbers and
# replaces all others by 0, $\max(z, 0)$. Applied to $z$ and to $-z$ and added up, it gives the
# distance from zero, $|z|$. No sum of multiples of $z$ can do that.

# %%
z = np.linspace(-3, 3, 61)
left, right = np.maximum(-z, 0), np.maximum(z, 0)

fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.plot(z, right, "--", label="max(z, 0)")
ax.plot(z, left, ":", lw=2.5, label="max(-z, 0)")
ax.plot(z, left + right + 0.05, "-", label="both added (drawn a little higher)")
ax.set(xlabel="z")
ax.legend()
present(
    fig,
    "Three curves over z from -3 to 3. max(z, 0) is zero on the left and rises on the right. "
    "max(-z, 0) falls on the left and is zero on the right. Their sum is a V with its tip at zero.",
)

# %% [markdown] tags=["row-15"]
# ## The activation after a convolution
#
# Here it is on a photograph. A filter subtracts what lies to the left from what lies to the right,
# so $Z$ is positive where the picture gets brighter from left to right, and negative where it gets
# darker.
#
# **Predict, then run.** What will be left of $Z$ after $\max(Z, 0)$?

# %%
from sklearn.datasets import load_sample_image

colour = load_sample_image("china.jpg")[25:175, 120:300] / 255
photograph = (colour @ [0.299, 0.587, 0.114]).reshape(1, 150, 180, 1)

W = np.array([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]]).reshape(3, 3, 1, 1)
Z = conv2d(photograph, W)
A = np.maximum(Z, 0)

fig, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
draw_image(axes[0], photograph[0, :, :, 0], "photograph")
draw_image(axes[1], Z[0, :, :, 0], "Z")
draw_image(axes[2], A[0, :, :, 0], "A = max(Z, 0)")
present(
    fig,
    "Three pictures. A pagoda's roof against a bright sky. Then Z in two colours: purple at edges "
    "where it gets brighter to the right, orange where it gets darker, white where nothing "
    "changes. Then A: bright lines on black, at the purple edges alone.",
)

# %% [markdown]
# Edges in one direction stay, those in the other direction become 0. They are not lost to the
# network: a second filter with the opposite signs keeps exactly those. What the activation has done
# is to turn "how much brighter or darker" into "is there an edge of *this* kind, and how strong".

# %% [markdown] tags=["row-15"]
# ## Sigmoid, tanh and ReLU
#
# From here on, five numbers accompany us: $Z = (1, 5, -4, 3, -2)$, as they might come out of a
# layer. Three activations are the classical ones.
#
# **Sigmoid** squeezes every number between 0 and 1:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# **The hyperbolic tangent**, tanh, squeezes it between -1 and 1:
#
# $$\tanh(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}} = \frac{2}{1 + e^{-2z}} - 1$$
#
# **ReLU**, the rectified linear unit, is the one from above:
#
# $$\text{ReLU}(z) = \max(z, 0)$$
#
# Here $z$ is one entry of $Z$, and $e \approx 2.718$; `np.exp(z)` is $e^z$.
#
# **By hand.** $\sigma(0) = 1/(1 + 1) = 1/2$. For $z = 5$, $e^{-5} \approx 0.0067$, so
# $\sigma(5) \approx 1/1.0067 \approx 0.993$. For $z = -4$, $e^{4} \approx 54.6$, so
# $\sigma(-4) \approx 1/55.6 \approx 0.018$.
#
# **Predict, then run.** Which of the five numbers will ReLU change? For which will the sigmoid be
# above one half? Which sign has the tanh of each?

# %%
Z = np.array([1.0, 5.0, -4.0, 3.0, -2.0])
print("Z:      ", Z)
print("sigmoid:", (1 / (1 + np.exp(-Z))).round(8))
print("tanh:   ", np.tanh(Z).round(8))
print("ReLU:   ", np.maximum(Z, 0))

# %% jupyter={"source_hidden": true}
z = np.linspace(-6, 6, 241)
curves = [
    ("sigmoid", 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(-Z))),
    ("tanh", np.tanh(z), np.tanh(Z)),
    ("ReLU", np.maximum(z, 0), np.maximum(Z, 0)),
]
fig, axes = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
for ax, (name, curve, dots) in zip(axes, curves, strict=True):
    ax.axhline(0, color="0.75", lw=1)
    ax.axvline(0, color="0.75", lw=1)
    ax.plot(z, curve)
    ax.plot(Z, dots, "o", color="tab:orange", markeredgecolor="black")
    ax.set(title=name, xlabel="z")
present(
    fig,
    "Three curves over z from -6 to 6, with dots at 1, 5, -4, 3 and -2. Sigmoid rises like a flat "
    "S from 0 to 1 and is one half at 0. Tanh rises like a steeper S from -1 to 1 and is 0 at 0. "
    "ReLU is 0 up to z = 0 and then a straight line of slope 1.",
)

# %% [markdown]
# - ReLU changes the two negative numbers, to 0, and no other.
# - The sigmoid is above one half for positive numbers. It rises everywhere: a larger $z$ never has
#   a smaller sigmoid. And it is symmetric, $\sigma(z) + \sigma(-z) = 1$.
# - Tanh has the sign of $z$. It is the sigmoid, stretched and moved:
#   $\tanh(z) = 2\,\sigma(2z) - 1$.
#
# Take care when you shorten such numbers. $\sigma(-4)$ is
# [0.01798621]{= f"{1 / (1 + np.exp(4)):.8f}" }, which rounds to 0.018; tables that say 0.017 have
# cut the digits off. In the same way tanh(5) rounds to [1.000]{= f"{np.tanh(5):.3f}" }, though it
# is below 1: [0.9999092]{= f"{np.tanh(5):.7f}" }.

# %%
np.testing.assert_allclose(2 / (1 + np.exp(-2 * Z)) - 1, np.tanh(Z))
np.testing.assert_allclose(1 / (1 + np.exp(-Z)) + 1 / (1 + np.exp(Z)), 1)
print("Both equations hold for the five numbers.")

# %% [markdown]
# **ReLU for arrays.** For a single number, Python's own `max(0.0, z)` is enough. It works for small
# and for large numbers alike.


# %%
def rectified(z):
    return max(0.0, z)


for z in (1.0, 1000.0, 0.0, -1.0, -1000.0):
    print(f"rectified({z}) is {rectified(z)}")

# %% [markdown]
# **Predict, then run.** What does the same function do with our array $Z$?

# %%
try:
    rectified(Z)
except ValueError as error:
    print("ValueError:", error)

print("np.maximum:", np.maximum(0.0, Z))

# %% [markdown]
# Python's `max` wants to know which of two things is the larger one, and "is this array larger than
# 0" has five answers. `np.maximum` compares entry by entry. (`np.max` is something else again: the
# largest entry of one array.)
#
# Here is ReLU for the whole numbers from -10 to 10.

# %%
series = np.arange(-10, 11)
fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
ax.plot(series, np.maximum(series, 0), "o-", markersize=4)
ax.set(xlabel="z", ylabel="ReLU(z)", xticks=range(-10, 11, 2))
present(
    fig,
    "Dots joined by lines over the whole numbers from -10 to 10: at height 0 up to z = 0, then one "
    "higher at each step, up to 10.",
)

# %% [markdown] tags=["row-15"]
# ## Derivatives of the activations
#
# A network learns by gradients: each layer is told how much the loss would change if its output
# changed, and passes on how much it would change if its *input* changed. An activation does so by
# multiplying with its slope, entry by entry. So the slope decides what a layer in front of it gets
# to know.
#
# The slope of the sigmoid follows from the chain rule, with $\sigma(z) = (1 + e^{-z})^{-1}$:
#
# $$\sigma'(z) = -(1 + e^{-z})^{-2} \cdot (-e^{-z})
# = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} = \sigma(z)\,\bigl(1 - \sigma(z)\bigr)$$
#
# That of tanh follows in the same way. For ReLU one can read it off the picture:
#
# $$\tanh'(z) = 1 - \tanh^2(z), \qquad
# \text{ReLU}'(z) = \begin{cases} 1 & z > 0 \\ 0 & z < 0 \end{cases}$$
#
# Here $g'$ is the derivative of $g$. At exactly 0, ReLU has a corner and no slope; libraries use 0
# there.
#
# **Predict, then run.** At which of the five numbers is the sigmoid steepest? `numeric_gradient`
# checks the formulas: it moves each number a little to both sides and measures what comes of it.

# %%
a, t = 1 / (1 + np.exp(-Z)), np.tanh(Z)
slopes = {"sigmoid": a * (1 - a), "tanh": 1 - t**2, "ReLU": np.where(Z > 0, 1.0, 0.0)}
for name, slope in slopes.items():
    print(f"{name:<8}", np.array2string(slope, precision=6, suppress_small=True))

measured = numeric_gradient(lambda Z: np.sum(1 / (1 + np.exp(-Z))), Z)
np.testing.assert_allclose(measured, slopes["sigmoid"], atol=1e-8)
measured = numeric_gradient(lambda Z: np.sum(np.tanh(Z)), Z)
np.testing.assert_allclose(measured, slopes["tanh"], atol=1e-8)
measured = numeric_gradient(lambda Z: np.sum(np.maximum(Z, 0)), Z)
np.testing.assert_allclose(measured, slopes["ReLU"], atol=1e-8)

# %% jupyter={"source_hidden": true}
z = np.linspace(-6, 6, 601)
a = 1 / (1 + np.exp(-z))
fig, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
relu_slope = np.where(z > 0, 1.0, 0.0)
relu_slope[np.abs(z) < 1e-9] = np.nan  # it has none at 0
ax.plot(z, relu_slope, "-", color="0.5", label="slope of ReLU")
ax.plot(z, 1 - np.tanh(z) ** 2, "--", label="slope of tanh")
ax.plot(z, a * (1 - a), "-.", color="tab:red", label="slope of sigmoid")
ax.set(xlabel="z", xticks=range(-6, 7))
ax.legend(loc="upper left")
present(
    fig,
    "Three slopes over z from -6 to 6. That of ReLU jumps from 0 to 1 at z = 0. That of tanh is a "
    "bell of height 1 that is nearly 0 beyond -3 and 3. That of the sigmoid is a flatter, wider "
    "bell of height one quarter.",
)

# %% [markdown]
# At 1, the number nearest to 0. Both S curves are flat far from 0: one says such a unit is
# **saturated**, and hardly any gradient comes through. At $z = 5$ the slope of the sigmoid is
# [0.0066]{= f"{slopes['sigmoid'][1]:.4f}" }.
#
# Even at its best the sigmoid passes on a quarter. The slopes of ten sigmoid layers, one behind the
# other, multiply the gradient by $(1/4)^{10}$ at most, which is about
# [0.00000095]{= f"{0.25**10:.8f}" }: the **vanishing gradient**. (The weights multiply it too, so
# this is not the whole story.) ReLU passes on everything where it is positive, whatever its size.
# That, and that it costs no exp, made it the usual choice between layers.
#
# ReLU has a weakness of its own. A unit whose $z$ is negative for every example gets no gradient,
# and its weights stay as they are; it is called *dead*. Relatives such as *leaky ReLU*,
# $\max(z, 0.01 z)$, leave a small slope on the left.
#
# Between the layers: ReLU, unless you have a reason. Tanh where values of both signs within bounds
# are wanted, as in recurrent networks and, stretched, in the LeNet of 1998; the sigmoid where
# something is to be opened or shut by degrees.

# %% [markdown]
# **Exercise 1.** A sigmoid unit has the output 0.9. What is its slope there? You need no exp.

# %%
answer = None
### BEGIN SOLUTION
answer = 0.9 * (1 - 0.9)
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    answer,
    0.09,
    "The slope of the sigmoid can be written with its output alone.",
    [
        (1 - 0.9**2, "This is the slope of tanh where its output is 0.9."),
        (0.9, "This is the output. Its slope is smaller."),
        (0.1, "That is one of two factors."),
        (np.exp(-0.9) / (1 + np.exp(-0.9)) ** 2, "This is the slope at z = 0.9. Here z is larger."),
    ],
)

# %% [markdown]
# **Exercise 2.** Write `leaky_relu(Z)`, the leaky ReLU $\max(z, 0.01 z)$ for arrays.


# %%
def leaky_relu(Z):
    result = None
    ### BEGIN SOLUTION
    result = np.maximum(Z, 0.01 * Z)
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_function(
    "Exercise 2",
    leaky_relu,
    lambda Z: np.where(Z > 0, Z, 0.01 * Z),
    [
        (np.array([1.0, 5.0, -4.0, 3.0, -2.0]),),
        (np.array([[0.0, 0.5, -0.5], [200.0, -200.0, 1.0]]),),
    ],
    "Compare each entry of Z with 0.01 times itself, and keep the larger one.",
    [
        (lambda Z: np.maximum(Z, 0), "This is ReLU. Leaky ReLU has a small slope on the left."),
        (
            lambda Z: np.maximum(Z, 0.01),
            "This compares with the number 0.01 itself. Where is the slope on the left?",
        ),
        (
            lambda Z: np.minimum(Z, 0.01 * Z),
            "This keeps the smaller of the two, so positive numbers are multiplied by 0.01.",
        ),
        (
            lambda Z: np.maximum(Z, -0.01 * Z),
            "For negative numbers the result should be negative. Check the sign of the slope.",
        ),
    ],
)

# %% [markdown] tags=["row-15"]
# ## Activations in Keras, TensorFlow and PyTorch
#
# Here are the activations of the libraries on our five numbers. ReLU comes as a layer or as a function in each of
# them, or as an argument: `Conv2D(8, 3, activation="relu")` in Keras.

# %%
expected = [1 / (1 + np.exp(-Z)), np.tanh(Z), np.maximum(Z, 0)]
z32 = Z.astype("float32")

# %% needs="keras tensorflow"
import keras
import tensorflow as tf

names = ["sigmoid", "tanh", "relu"]
for name, values in zip(names, expected, strict=True):
    in_keras = keras.layers.Activation(name)(z32[None])  # a batch of one row
    np.testing.assert_allclose(in_keras[0], values, rtol=1e-5)
for function, values in zip([tf.sigmoid, tf.tanh, tf.nn.relu], expected, strict=True):
    np.testing.assert_allclose(function(z32), values, rtol=1e-5)
print("Keras and TensorFlow agree with NumPy.")

# %% needs="torch"
import torch

functions = [torch.sigmoid, torch.tanh, torch.relu]
for function, values in zip(functions, expected, strict=True):
    np.testing.assert_allclose(function(torch.tensor(z32)), values, rtol=1e-5)
print("PyTorch agrees with NumPy.")

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. explain why activations are there: without them, two layers are one;
# 2. say what they compute, $\sigma(z) = 1/(1 + e^{-z})$, $\tanh(z)$ and $\max(z, 0)$, and compute
#    them entry by entry, `np.maximum(Z, 0)`;
# 3. derive how steep they are, $\sigma(1 - \sigma)$, $1 - \tanh^2$, and 1 or 0, and say where they
#    let hardly any gradient through: sigmoid and tanh far from 0, ReLU on the left.
#
# ## What to read next
#
# - The next lesson, [Losses](09_losses.ipynb): softmax, the loss that belongs to an output, and what
#   to do when exp overflows.
# - Write the functions yourself, with their backward passes: the assignment
#   [Activations](../release/activations/activations.ipynb), which needs softmax and cross-entropy as
#   well.
# - X. Glorot, A. Bordes and Y. Bengio, "Deep sparse rectifier neural networks", 2011: the case for
#   ReLU.
# - The notes of CS231n on [neural networks](https://cs231n.github.io/neural-networks-1/), the part on
#   activation functions.
