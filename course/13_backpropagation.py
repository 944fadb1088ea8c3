# %% [markdown]
# # Backpropagation
#
# In [Images and convolution](01_images_and_convolution.ipynb), about twenty-five lines of code found nine lost
# weights. Each step took ten losses: one for the weights as they were, and one for each weight, made a little larger.
# For the network that draws edges, a single step would take more than a quarter of a million losses.
#
# A library gets all the derivatives for about the work of three losses. Run the next two cells. They compute the
# derivatives of the loss of a small network for digits, first as lesson 01 did, and then as libraries do.

# %% include="lesson_setup"

# %%
from time import perf_counter

from convnet import functional
from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.gradient_check import numeric_gradient
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network
from lesson_tools.backpropagation import figures as draw
from lesson_tools.backpropagation.questions import check, predict
from lesson_tools.cross_correlation import cross_correlated
from lesson_tools.riddles import riddle
from lesson_tools.spine import network_parameters

layers = [Conv2D(8, 3, padding=1), ReLU(), MaxPooling2D(2), Conv2D(16, 3, padding=1), ReLU()]
network = Network([*layers, Flatten(), Dense(10)], (8, 8, 1), dtype=np.float64)
parameters = network.parameters  # all of them, in one vector
data = digits()
images, labels = data.train_images[:10].astype(float), data.train_labels[:10]


def loss():
    return cross_entropy(network.forward(images), labels)


def one_at_a_time():
    now, derivatives = loss(), np.zeros(len(parameters))
    for number in range(len(parameters)):
        parameters[number] += 1e-6
        derivatives[number] = (loss() - now) / 1e-6
        parameters[number] -= 1e-6
    return derivatives


def all_at_once():
    scores = network.forward(images)
    network.backward(cross_entropy_backward(scores, labels))
    return network.gradients.copy()


begin = perf_counter()
slow = one_at_a_time()
middle = perf_counter()
fast = all_at_once()
end = perf_counter()
print(f"{len(slow):,} derivatives, one at a time: {middle - begin:.2f} seconds")
print(f"{len(fast):,} derivatives, all at once:   {end - middle:.4f} seconds")
draw.race(slow, fast)

# %% [markdown]
# Both ways give the same numbers, almost everywhere. But the first one ran the network
# [3,819]{= f'{len(parameters) + 1:,}' } times, and the second one ran it once forward and once backward. **How can a
# single pass know the effect of every parameter?** In this lesson you open the backward pass, and you find that it is
# built from derivatives that you know from school.
#
# Now look at the eight orange squares. About these parameters the two disagree, and by far more than a rounding
# error. Which one would you trust? Keep the case in mind until you can solve it.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. draw a computational graph and carry gradients backward through it with the chain rule;
# 2. compute the gradients of a convolution layer and of a pooling layer, by hand and in NumPy;
# 3. check a gradient numerically, and explain why a check can fail although the gradient is right.
#
# **Time:** about 55 minutes, and 25 for the exercises. The section that begins with *Further* is optional and takes
# another 5 minutes. **You need:** [The convolution layer](06_convolution_layer.ipynb), [Pooling](10_pooling.ipynb),
# the ReLU from [Activations](11_activations.ipynb), the cost from [Losses](12_losses.ipynb), and the derivative of
# $x^2$.

# %% [markdown] tags=["row-16"]
# ## The chain rule on a graph
#
# We begin with the smallest convolution layer there is. Its image is a single pixel $X$, its kernel a single weight
# $W$, and it adds a bias $b$. The output should be 0, so the [cost](glossary.md#cost) is its square. A program computes
# it in three steps: the product $U = WX$, the sum $Z = U + b$ and the square $J = Z^2$. A
# [**computational graph**](glossary.md#computational-graph) draws each operation as a node and each value as an arrow.
#
# What happens to the cost if $W$ grows by a small $\varepsilon$? Then $U$ grows by $X \varepsilon$, $Z$ by just as much,
# and $J$ by about $2Z$ times as much. Each operation multiplies the change by the derivative of its output with respect
# to its input, its [**local gradient**](glossary.md#local-gradient). The factors along the way are multiplied, and this
# is the [**chain rule**](glossary.md#chain-rule):
#
# $$\frac{\partial J}{\partial W} = \frac{\partial J}{\partial Z} \cdot
# \frac{\partial Z}{\partial U} \cdot \frac{\partial U}{\partial W} = 2Z \cdot 1 \cdot X$$
#
# Now multiply them in this order, beginning at the cost, the right end of the graph. Write $dZ$ for
# $\partial J / \partial Z$, and likewise for the other letters, so that $dJ = 1$. Then
#
# $$dZ = 2Z \cdot dJ, \qquad dU = 1 \cdot dZ, \qquad dW = X \cdot dU.$$
#
# All three have the same form. An operation takes the gradient of its output, its
# [**upstream gradient**](glossary.md#upstream-gradient), multiplies it by its local gradient, and passes the
# product on. It has to know nothing else, whether the network has three operations or three million.
#
# **Predict.** Which two gradients are missing? Answer with a tuple, `(dX, db)`.

# %%
draw.graph_of_numbers()

# %%
predict("graph", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# In $U = WX$, the pixel is multiplied by $W$, so $dX = W \cdot dU = 2 \cdot 10 =$
# [20]{= f'{numeric_gradient(lambda X: (2 * X - 1) ** 2, np.array(3.0)):.0f}' }. The sum passes its upstream
# gradient on to both of its inputs, so $db = 1 \cdot dZ =$
# [10]{= f'{numeric_gradient(lambda b: (6 + b) ** 2, np.array(-1.0)):.0f}' }.
#
# </details>
#
# As a program, the [**backward pass**](glossary.md#backpropagation) goes through the lines of the
# [forward pass](glossary.md#forward-pass) from the last to the first. For each line it computes the gradients of the
# variables on the right side of the equals sign.

# %%
W, X, b = 2.0, 3.0, -1.0

U = W * X  # forward
Z = U + b
J = Z**2

dJ = 1.0  # backward
dZ = 2 * Z * dJ
dU, db = dZ, dZ
dW, dX = X * dU, W * dU
print(f"{dW = }, {dX = }, {db = }")

# %% [markdown]
# The backward pass uses $Z$, $X$ and $W$ again. So a network keeps its activations until the gradient comes back, and
# that is a main reason why training takes more memory than prediction.

# %% [markdown] tags=["row-16"]
# ## Many paths, one pass
#
# In a real network, a weight reaches the cost in many ways. A convolution uses it at every position, and each
# output goes on to many units. A second rule covers this case: **along a path, multiply; where paths meet,
# add.** If $W$ is used twice, in $Z_1 = W X_1$ and in $Z_2 = W X_2$, a change of $W$ reaches the cost through
# both, so
#
# $$dW = X_1\, dZ_1 + X_2\, dZ_2.$$
#
# In the figure, $W$ acts on three units, and two more layers follow.

# %%
draw.paths()

# %% [markdown]
# **Predict.** How many paths lead from $W$ to $J$, and how many arrows are there? Answer with a tuple,
# `(paths, arrows)`.

# %%
predict("paths", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $3 \cdot 3 \cdot 3 =$ [27]{= 3**3 } paths, because there are three choices in each column, and
# $3 + 9 + 9 + 3 =$ [24]{= 3 + 9 + 9 + 3 } arrows.
#
# </details>
#
# Now make it ten layers with 100 units each. There are $100^{10}$ paths, a 1 with twenty zeros. At a billion paths
# per second, it would take more than 3,000 years to follow them one by one. But there are only
# $100 + 9 \cdot 100 \cdot 100 + 100 =$ [90,200]{= f'{100 + 9 * 100 * 100 + 100:,}' } arrows, and the backward pass
# uses **each arrow once**. A unit adds up the gradients that come back along its outgoing arrows. The sum is its
# upstream gradient, and everything on its left reuses this one number.
#
# This is [**backpropagation**](glossary.md#backpropagation): the chain rule from the right end of the graph to the
# left, in which every intermediate gradient is computed once and then shared. It is also called *reverse mode*.
# Lesson 01 followed the effect of **one weight on everything**, so each weight needed a pass of its own. A pass from
# right to left follows the effect of **everything on one number**, and a network has millions of weights but a single
# cost.

# %% [markdown] tags=["row-16"]
# ## A network for pencil and paper
#
# Put arrays on the arrows of the graph, and you have a small convolutional network. It consists of an image $X$
# of 3 x 3 pixels, a 2 x 2 kernel $W$ with the bias $b = -1$, and a ReLU. A target $T$ says what the output $A$
# should be.
#
# $$Z = X \star W + b, \qquad A = \max(Z, 0), \qquad
# J = \frac{1}{4} \sum_{h=0}^{1} \sum_{w=0}^{1} (A_{h,w} - T_{h,w})^2$$

# %%
X = np.array([[3.0, 0.0, 1.0], [1.0, 2.0, 3.0], [2.0, 2.0, 0.0]])
W = np.array([[2.0, -1.0], [3.0, -2.0]])
b = -1.0
T = np.array([[0.0, 2.0], [3.0, 0.0]])


def forward(X, W):
    Z = np.full((2, 2), b)
    for h, w in np.ndindex(2, 2):
        Z[h, w] += np.sum(X[h : h + 2, w : w + 2] * W)
    A = np.maximum(Z, 0)
    return Z, A, np.mean((A - T) ** 2)


Z, A, J = forward(X, W)
draw.network(X, W, b, T)

# %% [markdown]
# The forward pass is done. Take a pencil, and we go back along the dashed arrows.
#
# Between arrays, the local gradient is a matrix, the [**Jacobian**](glossary.md#jacobian), with the derivative of
# each output with respect to each input. It is hardly ever built, because in most layers, most of its entries are 0
# or repeated. Instead, each layer has a short rule for its product with the upstream gradient, which you are about to
# find. One thing helps: **the gradient of an array always has the shape of the array.**

# %% [markdown] tags=["row-16"]
# ## Back through the cost and the ReLU
#
# The cost is a mean of four squares. The derivative of $(A_{h,w} - T_{h,w})^2$ is $2 (A_{h,w} - T_{h,w})$, and the mean
# divides it by 4:
#
# $$dA = \tfrac{2}{4} (A - T) = \begin{pmatrix} 2 & -1 \\ -1 & 3 \end{pmatrix}$$
#
# The ReLU passes positive values on unchanged, so its derivative is 1 where $Z > 0$. Where $Z$ is negative, the
# output stays 0 if $Z$ changes a little, so there it is 0. Write $[Z > 0]$ for these ones and zeros:
#
# $$dZ = dA \cdot [Z > 0] = \begin{pmatrix} 2 & 0 \\ -1 & 3 \end{pmatrix}$$
#
# In the upper right, the output is 0 and should be 2. But a small change of $Z_{0,1} = -2$ cannot move it, so in
# this step, this position teaches the weights nothing. (In a classifier, the gradient of the scores is
# $\frac{1}{m} (\hat Y - Y)$, as in [Losses](12_losses.ipynb).)

# %%
dA = 2 * (A - T) / A.size
dZ = dA * (Z > 0)

# %% [markdown] tags=["row-16"]
# ## The gradients of the weights and the bias
#
# Now to the convolution. Write out its four output values:
#
# $$\begin{aligned}
# Z_{0,0} &= X_{0,0} W_{0,0} + X_{0,1} W_{0,1} + X_{1,0} W_{1,0} + X_{1,1} W_{1,1} + b\\
# Z_{0,1} &= X_{0,1} W_{0,0} + X_{0,2} W_{0,1} + X_{1,1} W_{1,0} + X_{1,2} W_{1,1} + b\\
# Z_{1,0} &= X_{1,0} W_{0,0} + X_{1,1} W_{0,1} + X_{2,0} W_{1,0} + X_{2,1} W_{1,1} + b\\
# Z_{1,1} &= X_{1,1} W_{0,0} + X_{1,2} W_{0,1} + X_{2,1} W_{1,0} + X_{2,2} W_{1,1} + b
# \end{aligned}$$
#
# Read down the columns. The bias is in all four equations, with the derivative 1. Four paths lead from it to the cost,
# and where paths meet, we add:
#
# $$db = dZ_{0,0} + dZ_{0,1} + dZ_{1,0} + dZ_{1,1} = 2 + 0 - 1 + 3 = [4]{= f'{dZ.sum():g}' }$$
#
# The weight $W_{0,0}$ is in all four equations, too, each time beside a different pixel. This pixel is the
# derivative, as $X$ was in the product $U = WX$. So
#
# $$dW_{0,0} = X_{0,0}\, dZ_{0,0} + X_{0,1}\, dZ_{0,1} + X_{1,0}\, dZ_{1,0} + X_{1,1}\, dZ_{1,1}
# = 3 \cdot 2 + 0 \cdot 0 + 1 \cdot (-1) + 2 \cdot 3 = [11]{= f'{np.sum(X[:2, :2] * dZ):g}' }.$$

# %%
draw.index_map(X, dZ, weight=(0, 0))

# %% [markdown]
# **Predict.** What is $dW_{1,1}$, the gradient of the lower right weight?

# %%
predict("weight", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The pixels beside $W_{1,1}$ are 2, 3, 2 and 0, so $dW_{1,1} = 2 \cdot 2 + 3 \cdot 0 + 2 \cdot (-1) + 0 \cdot 3 =$
# [2]{= f'{np.sum(X[1:, 1:] * dZ):g}' }. To see the map, change `weight` in the cell with the figure to `(1, 1)`.
#
# </details>
#
# The pixels of $W_{0,0}$ are the upper left corners of the four patches, and those of $W_{1,1}$ are the lower right
# corners. So for all weights at once, $dW$ is the **sum of the patches, each times the gradient of its output**.

# %% [markdown] tags=["row-16"]
# ## The gradient of the input
#
# Training does not change the image, so why would anybody want $dX$? Because in a deeper network this layer's
# input is the output of another layer, and $dX$ is the upstream gradient for which that layer is waiting.
#
# Look for a **pixel** in the equations now. The corner $X_{0,0}$ appears in the first one only, so
# $dX_{0,0} = W_{0,0}\, dZ_{0,0} = 2 \cdot 2 = 4$. The pixel in the middle appears in all four, beside a different
# weight in each:
#
# $$dX_{1,1} = W_{1,1}\, dZ_{0,0} + W_{1,0}\, dZ_{0,1} + W_{0,1}\, dZ_{1,0} + W_{0,0}\, dZ_{1,1}
# = -4 + 0 + 1 + 6 = [3]{= f'{np.sum(W[::-1, ::-1] * dZ):g}' }$$
#
# For all pixels at once, go through the outputs. Each of them adds **a copy of the kernel, scaled by its
# gradient**, to the patch that it was computed from. Where patches overlap, the copies add up. The animation
# stops before the last copy.

# %%
draw.copies(W, dZ, outputs=3)

# %% [markdown]
# **Predict.** What are $dX_{2,1}$ and $dX_{2,2}$, the last two values of the bottom row, when all four copies have been
# added? Answer with a tuple.

# %%
predict("pixels", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The corner lies in the last patch only, which gives $3 \cdot (-2) =$ [-6]{= f'{dZ[1, 1] * W[1, 1]:g}' }. Its left
# neighbor lies in the two lower patches, which gives $-1 \cdot (-2) + 3 \cdot 3 =$
# [11]{= f'{dZ[1, 0] * W[1, 1] + dZ[1, 1] * W[1, 0]:g}' }.
#
# </details>
#
# The backward pass of a convolution is a loop over its outputs, with one line for each of the three rules:

# %%
dW, dX, db = np.zeros((2, 2)), np.zeros((3, 3)), 0.0
for h, w in np.ndindex(2, 2):
    dW += X[h : h + 2, w : w + 2] * dZ[h, w]
    dX[h : h + 2, w : w + 2] += W * dZ[h, w]
    db += dZ[h, w]
print("dW", dW, "dX", dX, f"db {db}", sep="\n")

# %% [markdown] tags=["row-16"]
# ## The formulas for a whole layer
#
# A real layer has $m$ examples, several channels, a stride $s$ and padding. The rules stay the same, and only
# the sums become longer. (On a first reading, look for the three rules. You will need the indices in the assignment.)
#
# $$dW_{r,q,k,c} = \sum_{i,h,w} A^{pad}_{i,\, hs+r,\, ws+q,\, k}\, dZ_{i,h,w,c} \tag{1}$$
#
# $$db_c = \sum_{i,h,w} dZ_{i,h,w,c} \tag{2}$$
#
# $$dA^{pad}_{i,y,x,k} = \sum_{h,w,r,q} \sum_{c} W_{r,q,k,c}\, dZ_{i,h,w,c} \tag{3}$$
#
# The first sum in (3) runs over all $h, w, r, q$ with $hs + r = y$ and $ws + q = x$, that is, over all outputs whose
# patch contains pixel $(y, x)$. To reconstruct the sums, ask which outputs use a value. All examples and positions use
# the same **weights and biases**. Every example has its own **pixels**, but all filters look at them. The **padding**
# is constant, so its gradient is cropped, and what remains is $dA_{prev}$.
#
# Look at (1) once more: patches weighted by $dZ$ and summed. At stride 1, that is a cross-correlation of the input, with
# $dZ$ as the kernel. So is (3), of $dZ$ with $f - 1$ zeros on each side ([full padding](glossary.md#full-padding)) and
# with a **flipped** kernel, as the reversed weights in $dX_{1,1}$ suggest.

# %%
print(cross_correlated(X, dZ))
print(cross_correlated(np.pad(dZ, 1), W[::-1, ::-1]))

# %% [markdown]
# In the loop above, each output costs $f^2$ [multiply-accumulates](glossary.md#multiply-accumulate) for $dW$ and $f^2$
# more for $dX$, each as many as in the forward pass. With backpropagation, a step therefore costs about **three forward
# passes, however many weights there are**. For the network that draws edges, that is three instead of [260,290]{= f'{network_parameters() + 1:,}' }.
#
# With any stride, the step from $dZ$ to $dX$ is a [transposed convolution](glossary.md#transposed-convolution), the
# subject of [lesson 24](24_transposed_convolution.ipynb).

# %% [markdown] tags=["row-16", "row-17"]
# ## Back through max pooling and average pooling
#
# A pooling layer has no weights, but the layers before it do, so it has to pass the gradient on.
#
# - **Max pooling.** If the largest value of a window changes a little, the output changes with it. If another value
#   does, nothing happens. So the maximum receives the whole upstream gradient, and the others receive 0. A
#   [**mask**](glossary.md#mask) is 1 at the maximum and 0 elsewhere.
# - **Average pooling.** All $f^2$ values of a window have the derivative $1/f^2$, so the upstream gradient is divided
#   equally among them.
#
# In the example, 2 x 2 windows with stride 2 pool an image $x$ to an output $y$, and $J$ is the mean of
# $(y - 1)^2$, so $dy = \frac{2}{4}(y - 1)$.

# %%
x = np.array([[1.0, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]])
dx_max, dx_average = np.zeros((4, 4)), np.zeros((4, 4))
for h, w in np.ndindex(2, 2):
    window = np.s_[2 * h : 2 * h + 2, 2 * w : 2 * w + 2]
    y = x[window].max()
    dx_max[window] += (x[window] == y) * (y - 1) / 2  # mask times dy
    y = x[window].mean()
    dx_average[window] += (y - 1) / 2 / 4  # a quarter of dy for each value
print("dx of max pooling", dx_max, "dx of average pooling", dx_average.round(3), sep="\n")

# %% [markdown]
# In the upper left window, the maximum 7 receives all of $dy = (7 - 1)/2 = 3$. The average is 4, with
# $dy = (4 - 1)/2 = 1.5$, and each pixel receives $1.5/4 = 0.375$.
#
# **Predict.** With stride 1 the windows overlap, and contributions add up. Take
#
# $$x = \begin{pmatrix} 1&2&0\\3&7&4\\5&6&8 \end{pmatrix}, \qquad
# dy = \begin{pmatrix} 1&2\\3&4 \end{pmatrix}, \qquad f = 2, \qquad s = 1.$$
#
# What does the 7 in the middle receive in max pooling, and what in average pooling? Answer with a tuple.

# %%
predict("overlap", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The 7 is the largest value of three windows; in the last one, 8 is larger. So max pooling gives it $1 + 2 + 3 =$
# [6]{= f'{functional.max_pool2d_backward(np.array([[1.0, 2], [3, 4]])[None, :, :, None], np.array([[1.0, 2, 0], [3, 7, 4], [5, 6, 8]])[None, :, :, None], 2, 1)[0, 1, 1, 0]:g}' },
# and average pooling $(1 + 2 + 3 + 4)/4 =$
# [2.5]{= functional.avg_pool2d_backward(np.array([[1.0, 2], [3, 4]])[None, :, :, None], np.array([[1.0, 2, 0], [3, 7, 4], [5, 6, 8]])[None, :, :, None], 2, 1)[0, 1, 1, 0] }.
#
# </details>

# %% [markdown] tags=["row-17"]
# ## Checking a gradient numerically
#
# How do you know that a backward pass is right? The slow way of lesson 01 is ideal for testing.
# [**Gradient checking**](glossary.md#gradient-checking) compares the gradient with
# [finite differences](glossary.md#finite-differences), usually with **central** ones, which look in both
# directions:
#
# $$\frac{\partial J}{\partial x} \approx \frac{J(x + \varepsilon) - J(x - \varepsilon)}{2 \varepsilon}$$
#
# They use forward passes only, so they cannot make the same mistake as your backward pass. Use float64 with
# $\varepsilon$ near $10^{-5}$ or $10^{-6}$, because with a much larger one, the difference is no longer close to the
# derivative (its error grows with $\varepsilon^2$), and with a smaller one, rounding takes over. Here they check your
# hand calculation:

# %%
print("dW", numeric_gradient(lambda W: forward(X, W)[-1], W).round(6), sep="\n")
print("dX", numeric_gradient(lambda X: forward(X, W)[-1], X).round(6), sep="\n")

# %% [markdown] tags=["row-17"]
# ## The case of the eight
#
# The first figure was a gradient check as well, and it failed for eight parameters. Which ones?

# %%
print(np.flatnonzero(np.abs(slow - fast) > 1e-5))

# %% [markdown]
# The first layer consists of eight kernels with 9 weights each. These are parameters 0 to 71. The next eight are its
# **biases**, and before training they are 0. Where all nine pixels under a kernel are background, which is 0 as well,
# $Z$ is exactly 0. There the ReLU has a **kink**: to the right its derivative is 1, to the left 0.
#
# **Predict.** At $Z = 0$, with the upstream gradient 1, what is $dZ$ by (a) the difference of lesson 01,
# $(J(Z + \varepsilon) - J(Z)) / \varepsilon$, (b) the central difference, and (c) the rule $dA \cdot [Z > 0]$?
# Answer with a tuple of three numbers.

# %%
predict("kink", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (1, 0.5, 0). Going right, the ReLU grows by $\varepsilon$, so (a) is 1. Going left, it does not change, so (b)
# is $\varepsilon / 2\varepsilon$. And 0 is not larger than 0, so (c) is 0.
#
# </details>
#
# So neither is wrong. At a kink, there are only one-sided derivatives. Lesson 01 computed the right-hand derivative
# of the loss, and here the rule $[Z > 0]$ gives the left-hand one. Move the biases away from the kink, and all
# parameters should agree.

# %%
parameters[72:80] = -0.01
print(f"largest difference: {np.abs(one_at_a_time() - all_at_once()).max():.1e}")

# %% [markdown]
# So if a check fails, first repeat it with other inputs and weights. If it still fails, shrink the problem to 3 x 3
# pixels, one channel and one example, and compute an entry by hand.

# %% [markdown] tags=["row-17"]
# ## Automatic differentiation in TensorFlow and PyTorch
#
# You will rarely have to write a backward pass. Libraries derive it from the forward pass, which is called
# [**automatic differentiation**](glossary.md#automatic-differentiation). PyTorch records the graph while the forward
# pass runs, and so does TensorFlow inside a `GradientTape`, which watches the trainable variables of a Keras layer by
# itself. Here is the network for pencil and paper again:

# %% needs="keras tensorflow"
import keras
import tensorflow as tf

layer = keras.layers.Conv2D(1, 2, activation="relu", dtype="float64")
layer.build((None, 3, 3, 1))
layer.set_weights([W[:, :, None, None], np.array([b])])
with tf.GradientTape() as tape:
    J_tf = tf.reduce_mean((layer(X[None, :, :, None])[0, :, :, 0] - T) ** 2)
dW_tf, db_tf = tape.gradient(J_tf, layer.trainable_variables)
print(dW_tf[:, :, 0, 0].numpy(), db_tf.numpy(), sep="\n")

# %% [markdown]
# PyTorch needs no `with` block. It records every operation on a tensor with `requires_grad=True`, which is the
# default for the parameters of a layer. `backward()` adds each gradient to the `.grad` of its tensor:

# %% needs="torch"
import torch
from torch import nn

conv = nn.Conv2d(1, 1, 2, dtype=torch.float64)
with torch.no_grad():  # do not record these two lines
    conv.weight.copy_(torch.from_numpy(W)[None, None])
    conv.bias.fill_(b)
x_torch = torch.from_numpy(X)[None, None].requires_grad_()

for _ in range(2):
    J_torch = torch.mean((torch.relu(conv(x_torch))[0, 0] - torch.from_numpy(T)) ** 2)
    J_torch.backward()
    print("dW", conv.weight.grad[0, 0].numpy(), "dX", x_torch.grad[0, 0].numpy(), sep="\n")

print("gradcheck:", torch.autograd.gradcheck(nn.functional.conv2d, (x_torch, conv.weight)))

# %% [markdown]
# The first two arrays are those of your hand calculation. The second pass **adds** to `.grad` and does not replace it,
# so everything is doubled. That is why training loops call `optimizer.zero_grad()` before each step. `gradcheck`
# compares a backward pass with central differences.

# %% [markdown] tags=["row-18"]
# ## Further: ties in max pooling
#
# *This section is optional.* Move the eight biases to the other side of the kink, and the gradient check fails again:

# %%
parameters[72:80] = 0.01
print(np.flatnonzero(np.abs(one_at_a_time() - all_at_once()) > 1e-5))

# %% [markdown]
# Where a kernel sees only background, its output is now exactly 0.01. Many pooling windows contain this value more than
# once, and where it is the maximum, there is a [**tie**](glossary.md#tie). It is the kink of max pooling, and again each
# method makes a choice:

# %%
tied = np.array([[4.0, 1.0], [4.0, 2.0]])[None, :, :, None]
by_mask = functional.max_pool2d_backward(np.ones((1, 1, 1, 1)), tied, 2)
by_differences = numeric_gradient(lambda values: functional.max_pool2d(values, 2).sum(), tied)
print(by_mask[0, :, :, 0], by_differences[0, :, :, 0].round(6), sep="\n")

# %% needs="torch"
for maximum in (lambda t: torch.nn.functional.max_pool2d(t, 2), torch.amax):
    tied_torch = torch.tensor(tied[:, :, :, 0], requires_grad=True)
    maximum(tied_torch).sum().backward()
    print(tied_torch.grad[0].numpy())

# %% [markdown]
# The course's mask sends the whole gradient to both maxima, and central differences give
# [0.5]{= f'{by_differences.max():.1f}' } to each. PyTorch's pooling layer sends it to the first one (on the CPU),
# while `torch.amax` divides it equally. The mask is simple, but here it is wrong: if the tied values grow together, as they
# do with their bias, the output grows once, but the mask counts it once for each of them.

# %% [markdown]
# ## A network learns to read
#
# You have opened all of `all_at_once`, from the scores back to the first kernel. What is it worth? The rule of a step
# is that of lesson 01,
#
# $$W \leftarrow W - \text{rate} \cdot dW,$$
#
# with the same [learning rate](glossary.md#learning-rate), and now for
# [3,818]{= f'{len(parameters):,}' } parameters at once. To keep a step short, it uses 50 of the 1,500 training images,
# chosen at random. The network takes 500 steps, twice from the same start and with the same images. Only the rate
# differs.

# %%
parameters[72:80] = 0
start = parameters.copy()

accuracies = []
for rate in (0.3, 2):
    parameters[:] = start
    rng = np.random.default_rng(0)
    for _ in range(500):
        chosen = rng.choice(1500, 50)
        images, labels = data.train_images[chosen].astype(float), data.train_labels[chosen]
        parameters -= rate * all_at_once()
    predicted = network.forward(data.test_images.astype(float)).argmax(axis=1)
    accuracies.append(np.mean(predicted == data.test_labels))
    print(f"rate {rate}: {accuracies[-1]:.0%} of the test images are right")

# %% [markdown]
# At a rate of 0.3, the network reads more than nine in ten of the [297]{= len(data.test_labels) } digits that it has
# never seen. With the method of lesson 01, the same 500 steps would have taken
# [1.9]{= f'{500 * (len(parameters) + 1) / 1e6:.1f}' } million passes through the network.
#
# At a rate of 2, it is right about one time in ten, no better than guessing. Yet both runs use the same function, and
# you have checked its gradients. So exact gradients are not enough. How do you choose the rate? That is the subject of
# the next lesson, [Training](14_training.ipynb).

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: another upstream gradient
#
# Take the image $X$ and the kernel $W$ of the network for pencil and paper, but with the upstream gradient
# $dZ = \begin{pmatrix} 4 & 3 \\ 2 & -1 \end{pmatrix}$. Compute $dW_{0,1}$, $dX_{1,2}$ and $db$ by hand.

# %%
dW_01 = None
dX_12 = None
db_sum = None
### BEGIN SOLUTION
dW_01 = 0 * 4 + 1 * 3 + 2 * 2 + 3 * (-1)  # the upper right corner of each patch
dX_12 = -2 * 3 + -1 * (-1)  # under W[1, 1] in the upper right patch, W[0, 1] in the lower right one
db_sum = 4 + 3 + 2 - 1
### END SOLUTION

# %%
check("dW_01", dW_01)
check("dX_12", dX_12)
check("db_sum", db_sum)

# %% [markdown]
# ### Exercise 2: two paths
#
# A [residual block](glossary.md#residual-connection) adds its input to what its layers compute,
#
# $$Y = X + \max(X \star W, 0).$$
#
# With padding 1 and a 3 x 3 kernel the shapes agree, and all are (m, n_H, n_W, n_C). Write
# `residual_backward(dY, X, W)`, which returns $dX$. Leave the convolution to
# `functional.conv2d_backward(dZ, X, W, padding=1)`, which returns $dX$, $dW$ and $db$. The check uses finite
# differences.


# %%
def residual_forward(X, W):
    return X + np.maximum(functional.conv2d(X, W, padding=1), 0)


def residual_backward(dY, X, W):
    dX = None
    ### BEGIN SOLUTION
    Z = functional.conv2d(X, W, padding=1)
    dZ = dY * (Z > 0)  # back through the ReLU
    through_conv, _, _ = functional.conv2d_backward(dZ, X, W, padding=1)
    dX = dY + through_conv  # two paths lead from X to Y, and contributions add up
    ### END SOLUTION
    return dX


# %%
check("residual_backward", residual_backward)

# %% [markdown]
# ### Exercise 3: find the bugs
#
# A program draws only the edges at which the brightness grows: $A = \max(X \star W, 0)$. `learn_buggy` should find its
# kernel, but the loss grows, for two reasons. Repair a copy of it in `learn_fixed`. Then you will see its kernel for
# the photograph of lesson 01.


# %%
def learn_buggy(X, T, W, rate, steps):
    Z = cross_correlated(X, W)
    A = np.maximum(Z, 0)
    dA = 2 * (A - T) / A.size
    for _ in range(steps):
        dZ = dA * (Z > 0)
        W = W + rate * cross_correlated(X, dZ)
    return W


def learn_fixed(X, T, W, rate, steps):
    result = None
    ### BEGIN SOLUTION
    for _ in range(steps):
        Z = cross_correlated(X, W)  # with the weights of this step
        A = np.maximum(Z, 0)
        dA = 2 * (A - T) / A.size
        dZ = dA * (Z > 0)
        W = W - rate * cross_correlated(X, dZ)  # against the gradient
    result = W
    ### END SOLUTION
    return result


# %%
check("learn_fixed", learn_fixed)
photo, drawing = riddle()
crop, edges = photo[166:182, 166:182], np.maximum(drawing[166:180, 166:180], 0)
with np.printoptions(precision=3, suppress=True):
    print(learn_fixed(crop, edges, np.random.default_rng(1).normal(size=(3, 3)), rate=1, steps=400))

# %% [markdown]
# ## Recap
#
# 1. In a graph, each operation multiplies its [upstream gradient](glossary.md#upstream-gradient) by its
#    [local gradient](glossary.md#local-gradient), and where paths meet, gradients are added.
#    [Backpropagation](glossary.md#backpropagation) uses each arrow once, so all gradients together cost about two more
#    forward passes.
# 2. In a convolution layer, $dW$ is the sum of the patches, each times the gradient of its output, $db$ is the sum of
#    $dZ$, and $dX$ is a sum of copies of the kernel, scaled by $dZ$. Max pooling sends the gradient to the maximum, and
#    average pooling divides it by $f^2$.
# 3. [Gradient checking](glossary.md#gradient-checking) compares a gradient with central differences. At a kink, both
#    can be right and disagree.

# %% [markdown]
# ## What to read next
#
# - To practice: the assignment [Backpropagation](../release/backprop/backprop.ipynb). You write the backward pass of a
#   convolution layer and of a pooling layer, for any stride and padding. Then **run
#   [milestone 3](milestones.ipynb)**: nine random weights turn into Sobel's kernel once more, by your own
#   `conv_backward`.
# - CS231n on [backpropagation](https://cs231n.github.io/optimization-2/) and on
#   [gradient checks](https://cs231n.github.io/neural-networks-3/).
# - Rumelhart, Hinton and Williams, *Learning representations by back-propagating errors* (Nature 323, 1986):
#   [doi:10.1038/323533a0](https://doi.org/10.1038/323533a0).
