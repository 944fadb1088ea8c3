# %% [markdown]
# # Backpropagation
#
# In [Images and convolution](01_images_and_convolution.ipynb), a dozen lines of code found nine lost weights.
# Every step took ten losses: one for the weights as they were, and one for each weight, made a little larger.
# For the quarter of a million numbers of the network that draws edges, a single step would take three days.
#
# There is a machine that does it in three seconds. Run the next three cells. They compute the derivatives of a
# small network that reads digits, first as lesson 01 did and then with the machine.

# %% include="lesson_setup"

# %%
from convnet import functional
from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.gradient_check import check_gradients, numeric_gradient
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network
from lesson_tools.backpropagation import figures as draw
from lesson_tools.backpropagation.questions import check, predict
from lesson_tools.riddles import riddle
from lesson_tools.spine import network_parameters

layers = [Conv2D(8, 3, padding=1), ReLU(), MaxPooling2D(2), Conv2D(16, 3, padding=1), ReLU()]
network = Network([*layers, Flatten(), Dense(10)], (8, 8, 1), dtype=np.float64)
parameters = network.parameters  # all of them, in one vector
images, labels = digits().train_images[:10].astype(float), digits().train_labels[:10]


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


# %%
from time import perf_counter

start = perf_counter()
slow = one_at_a_time()
middle = perf_counter()
fast = all_at_once()
end = perf_counter()

print(f"{len(slow):,} derivatives, one at a time: {middle - start:.2f} seconds")
print(f"{len(fast):,} derivatives, all at once:   {end - middle:.4f} seconds")
draw.race(slow, fast)

# %% [markdown]
# Both ways give the same numbers, but `all_at_once` is about a thousand times faster. It goes through the
# network once forward and once backward, and then it knows the effect of every single parameter. **How can one
# pass know so much?** In this lesson you open the machine, and you find nothing in it but derivatives that you
# know from school.
#
# But look at the eight orange squares. About these parameters the two disagree, and by far more than a rounding
# error. Which one would you trust? Keep the case in mind until you can solve it.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. draw a computational graph and carry gradients backward through it with the chain rule;
# 2. compute the gradients of a convolution layer and of a pooling layer by hand;
# 3. check a gradient numerically, find out why a check fails, and learn a kernel with exact gradients.
#
# **Time:** about 80 minutes, and 35 for the exercises. (It has two parts, with a break in between. The section
# that begins with *Further* is optional and takes another 5 minutes.) **You need:**
# [The convolution layer](06_convolution_layer.ipynb), [Pooling](10_pooling.ipynb), the ReLU from
# [Activations](11_activations.ipynb), and the derivative of $x^2$.

# %% [markdown]
# ## Before you start
#
# Two questions about earlier lessons.
#
# 1. In the search of lesson 01, the loss is 3.00, and its derivative with respect to `W[0, 0]` is $-4$.
#    About how large is the loss if this weight alone grows by 0.01?
# 2. Softmax gives the three classes of an image the probabilities 0.1, 0.7 and 0.2, and class 2 is
#    correct. What is the gradient of the loss with respect to the three scores? Answer with a list.

# %%
predict("change", None)
predict("truth", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# 1. [2.96]{= round(3 - 4 * 0.01, 2) }: the loss changes by about $-4 \cdot 0.01$. If this was new, go back
#    to [Images and convolution](01_images_and_convolution.ipynb).
# 2. `[[0.1, 0.7, -0.8]]{= np.round(np.array([0.1, 0.7, 0.2]) - [0, 0, 1], 6).tolist() }`, prediction minus
#    truth. If this was new, go back to [Losses](12_losses.ipynb). There the gradient ended at the scores.
#    Here it goes on, through every layer of the network.
#
# </details>

# %% [markdown] tags=["row-16"]
# ## The chain rule in letters
#
# (If you have met the chain rule on a graph, skip to *Many paths, one pass*.) We begin with the smallest
# convolution layer there is. Its image is a single pixel $X$, its kernel a single weight $W$, and it adds a
# bias $b$. The output should be 0, so the [cost](glossary.md#cost) is its square. A program computes it in
# three steps: the product $U = WX$, the sum $Z = U + b$ and the square $J = Z^2$. A
# [**computational graph**](glossary.md#computational-graph) draws each operation as a node and each value as an
# arrow.

# %%
draw.graph_of_letters()

# %% [markdown]
# What happens to the cost if $W$ becomes a little larger, by $\varepsilon$? Follow the change from left to
# right:
#
# - $U = WX$ grows by $X \varepsilon$;
# - $Z = U + b$ grows by just as much, which is $1 \cdot X \varepsilon$;
# - $J = Z^2$ grows by about $2Z$ times as much, which is $2Z \cdot 1 \cdot X \varepsilon$.
#
# Each operation multiplies the change by one factor, the derivative of its output with respect to its input.
# This factor is its [**local gradient**](glossary.md#local-gradient). As with gear wheels, the factors along
# the way are multiplied, and this is the [**chain rule**](glossary.md#chain-rule):
#
# $$\frac{\partial J}{\partial W} = \frac{\partial J}{\partial Z} \cdot
# \frac{\partial Z}{\partial U} \cdot \frac{\partial U}{\partial W} = 2Z \cdot 1 \cdot X$$

# %% [markdown] tags=["row-16"]
# ## From right to left
#
# You may multiply these factors in any order. Backpropagation begins on the right, at the cost. Write $dZ$ for
# $\partial J / \partial Z$, and likewise for the other letters, so that $dJ = 1$. Then
#
# $$dZ = 2Z \cdot dJ, \qquad dU = 1 \cdot dZ, \qquad dW = X \cdot dU.$$
#
# All three have the same form. An operation takes the gradient of its output, its
# [**upstream gradient**](glossary.md#upstream-gradient), multiplies it by its local gradient, and passes the
# product on to the left. It has to know nothing else, whether the network has three operations or three
# million.

# %% [markdown]
# ## The same graph in numbers
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
# gradient on, to both of its inputs, so $db = 1 \cdot dZ =$
# [10]{= f'{numeric_gradient(lambda b: (6 + b) ** 2, np.array(-1.0)):.0f}' }.
#
# To test $dW =$ [30]{= f'{numeric_gradient(lambda W: (3 * W - 1) ** 2, np.array(2.0)):.0f}' }, make $W$ larger by
# 0.001. The cost grows from 25 to [25.030009]{= f'{(2.001 * 3 - 1) ** 2:.6f}' }, by 0.001 times 30.
#
# </details>

# %% [markdown] tags=["row-16"]
# ## The backward pass as a program
#
# The [**backward pass**](glossary.md#backpropagation) repeats the lines of the
# [forward pass](glossary.md#forward-pass) from the last to the first. For each line it computes the gradients
# of the variables on the right side of the equals sign.

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
# The backward pass needs some values of the forward pass again: $Z$ for the square, $X$ and $W$ for the
# product. That is why training takes so much more memory than prediction: a network keeps its activations until
# the gradient comes back.

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
# Now make it a network of ten layers with 100 units each. There are $100^{10}$ paths, a 1 with twenty zeros,
# and no computer could follow them one by one. But there are only $100 + 9 \cdot 100 \cdot 100 + 100 =$
# [90,200]{= f'{100 + 9 * 100 * 100 + 100:,}' } arrows, and the backward pass uses **each arrow once**. A unit
# adds up the gradients that come back along its outgoing arrows. The sum is its upstream gradient, and
# everything on its left reuses this one number.

# %% [markdown] tags=["row-16"]
# ## Why backward?
#
# A pass from the left follows the effect of **one weight on everything**, so each weight needs a pass of its
# own. A pass from the right follows the effect of **everything on one number**. A network has millions of
# weights and a single cost, so the pass goes backward.
#
# This is [**backpropagation**](glossary.md#backpropagation): the chain rule from right to left, in which every
# intermediate gradient is computed once and then shared.

# %% [markdown] tags=["row-16"]
# ## A network for pencil and paper
#
# Put arrays on the arrows of the graph, and you have a small convolutional network. It consists of an image $X$
# of 3 x 3 pixels, a 2 x 2 kernel $W$ with the bias $b = -1$, and a ReLU. A target $T$ says what the output $A$
# should be.
#
# $$Z = X \star W + b, \qquad A = \max(Z, 0), \qquad
# J = \frac{1}{4} \sum_{h=0}^{1} \sum_{w=0}^{1} (A_{h,w} - T_{h,w})^2$$
#
# The shapes are (3, 3) for $X$; (2, 2) for $W$, $Z$, $A$ and $T$; and $b$ and $J$ are numbers. (The star stands
# for the [cross-correlation](glossary.md#cross-correlation) of lesson 01.)

# %%
X = np.array([[3.0, 0.0, 1.0], [1.0, 2.0, 3.0], [2.0, 2.0, 0.0]])
W = np.array([[2.0, -1.0], [3.0, -2.0]])
b = -1.0
T = np.array([[0.0, 2.0], [3.0, 0.0]])
draw.network(X, W, b, T)

# %% [markdown]
# The forward pass is done, and its result is
# $J = \frac14 (4^2 + (-2)^2 + (-2)^2 + 6^2) =$
# [15]{= f'{np.mean((np.maximum([[4, -2], [1, 6]], 0) - T) ** 2):g}' }. Take a pencil, and we go back along the
# dashed arrows. One rule saves a lot of trouble: **the gradient of an array always has the shape of the array.**

# %% [markdown] tags=["row-16"]
# ## Back through the cost and the ReLU
#
# The cost is a mean of four squares. The local gradient of $(A_{h,w} - T_{h,w})^2$ is $2 (A_{h,w} - T_{h,w})$,
# and the mean divides it by 4:
#
# $$dA = \tfrac{2}{4} (A - T) = \begin{pmatrix} 2 & -1 \\ -1 & 3 \end{pmatrix}, \qquad
# \text{shapes (2, 2)}$$
#
# The ReLU passes positive values on unchanged, so its local gradient is 1 where $Z > 0$. Where $Z$ is negative,
# the output stays 0 whatever happens to $Z$, so there it is 0:
#
# $$dZ = dA \cdot [Z > 0] = \begin{pmatrix} 2 & 0 \\ -1 & 3 \end{pmatrix}, \qquad \text{shapes (2, 2)}$$
#
# The bracket is 1 where the condition holds, and 0 elsewhere. On the upper right, the output is 0 and should be
# 2, but a small change of $Z_{0,1} = -2$ cannot move it, so this position will not teach the weights anything.
# (A classifier begins with $\frac{1}{m} (\hat Y - Y)$ in place of our $dA$, as in [Losses](12_losses.ipynb).)
#
# **Predict.** With the bias $b = -3$, all entries of $Z$ would be smaller by 2. What would $dZ$ be? Answer with
# a list of two rows, such as `[[1, 2], [3, 4]]`.

# %%
Z = np.array([[4.0, -2.0], [1.0, 6.0]])
A = np.maximum(Z, 0)
dA = 2 * (A - T) / A.size
dZ = dA * (Z > 0)
predict("relu", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The rows are `[[1.0, 0.0]]{= (2 * (np.maximum(Z - 2, 0) - T) / 4 * (Z > 2) + 0)[0].tolist() }` and
# `[[0.0, 2.0]]{= (2 * (np.maximum(Z - 2, 0) - T) / 4 * (Z > 2) + 0)[1].tolist() }`. Now $Z$ has the rows 2, -4
# and -1, 4. So $dA$ has the rows 1, -1 and -1.5, 2, and the ReLU blocks two of the four. What counts is the sign
# of $Z$, not the sign of $dA$.
#
# </details>

# %% [markdown] tags=["row-16"]
# ## The gradient of the bias
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
# Each column contains one weight, and the last column the bias. Its local gradient is 1 in all four equations.
# Four paths lead from the bias to the cost, and where paths meet, we add (shapes: a number, from (2, 2)):
#
# $$db = dZ_{0,0} + dZ_{0,1} + dZ_{1,0} + dZ_{1,1} = 2 + 0 - 1 + 3 = [4]{= f'{dZ.sum():g}' }$$

# %% [markdown] tags=["row-16"]
# ## One weight, four outputs
#
# Read down the first column. The weight $W_{0,0}$ appears in all four equations, too, each time beside another
# pixel. This pixel is the local gradient, as $X$ was in the product $U = WX$. So
#
# $$dW_{0,0} = X_{0,0}\, dZ_{0,0} + X_{0,1}\, dZ_{0,1} + X_{1,0}\, dZ_{1,0} + X_{1,1}\, dZ_{1,1}
# = 3 \cdot 2 + 0 \cdot 0 + 1 \cdot (-1) + 2 \cdot 3 = [11]{= f'{np.sum(X[:2, :2] * dZ):g}' }.$$
#
# The map shows which pixels the weight meets, and which gradients it collects.

# %%
draw.index_map(X, dZ, weight=(0, 0))

# %% [markdown]
# **Predict.** What is $dW_{1,1}$, the gradient of the lower right weight?

# %%
predict("weight", None)

# %% [markdown]
# <details>
# <summary>Stuck? Three steps, with letters</summary>
#
# 1. Take a single output, such as $Z_{1,0}$. Only one of its terms contains $W_{1,1}$. For output $(h, w)$,
#    weight $(r, q)$ lies on pixel $(h + r, w + q)$, which here is $X_{2,1}$.
# 2. The term is a product, as $U = WX$ was, so this output contributes $X_{2,1}\, dZ_{1,0}$.
# 3. Do the same for the other three outputs, and add the four products.
#
# </details>
#
# <details>
# <summary>Answer</summary>
#
# The pixels are 2, 3, 2 and 0, so $dW_{1,1} = 2 \cdot 2 + 3 \cdot 0 + 2 \cdot (-1) + 0 \cdot 3 =$
# [2]{= f'{np.sum(X[1:, 1:] * dZ):g}' }. To see the map, change `weight` in the cell above to `(1, 1)`.
#
# </details>

# %% [markdown] tags=["row-16"]
# ## All weights at once
#
# The four pixels in the map of $W_{0,0}$ are the upper left corners of the four patches, and those of $W_{1,1}$
# are the lower right corners. So for all weights at once, $dW$ is the **sum of the patches, each times the
# gradient of its output**:
#
# $$dW = \sum_{h,w} dZ_{h,w} \cdot (\text{patch at } h, w), \qquad
# \text{shapes: (2, 2) from numbers times (2, 2)}$$

# %%
draw.patches(X, dZ)

# %% [markdown] tags=["row-16"]
# ## The gradient of the input
#
# Training does not change the image, so why would anybody want $dX$? Because in a deeper network this layer's
# input is the output of another layer, and $dX$ is the upstream gradient for which that layer is waiting.
#
# Read the equations for a **pixel** now. The corner $X_{0,0}$ appears in the first one only, so
# $dX_{0,0} = W_{0,0}\, dZ_{0,0} = 2 \cdot 2 = 4$. The pixel in the middle appears in all four, beside another
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
# You have just run a complete backward pass, with a pencil. This is a good moment for a break.

# %% [markdown] tags=["row-16"]
# ## The formulas for a whole layer
#
# A real layer has $m$ examples, several channels, a stride $s$ and padding. The rules stay the same, and only
# the sums become longer. (On a first reading, look only for the three rules that you know. You will need the
# indices in the assignment.)
#
# $$dW_{r,q,k,c} = \sum_{i,h,w} A^{pad}_{i,\, hs+r,\, ws+q,\, k}\, dZ_{i,h,w,c} \tag{1}$$
#
# $$db_c = \sum_{i,h,w} dZ_{i,h,w,c} \tag{2}$$
#
# $$dA^{pad}_{i,y,x,k} = \sum_{h,w,r,q} \sum_{c} W_{r,q,k,c}\, dZ_{i,h,w,c} \tag{3}$$
#
# The first sum in (3) runs over all outputs whose patch contains pixel $(y, x)$, that is, over all $h, w, r, q$
# with $hs + r = y$ and $ws + q = x$.
#
# Each gradient has the shape of its array: (f, f, n_C_prev, n_C) for $W$, with the indices $r, q, k, c$; (n_C,)
# for $b$; (m, n_H, n_W, n_C) for $Z$, with $i, h, w, c$; and (m, n_H_prev + 2 pad, n_W_prev + 2 pad, n_C_prev)
# for $A^{pad}$, with $i, y, x, k$.
#
# To reconstruct the sums, ask which outputs use a value. All examples and positions use the same **weights and
# biases**. Every example has its own **pixels**, but all filters look at them. The **padding** is constant, so
# its gradient is cropped, and what remains is $dA_{prev}$.
#
# `functional.conv2d_backward(dZ, A_prev, W, stride, padding)` computes all three. Does it agree with your
# pencil?

# %%
dX, dW, db = functional.conv2d_backward(
    dZ[None, :, :, None], X[None, :, :, None], W[:, :, None, None]
)
print("dW", dW[:, :, 0, 0], "dX", dX[0, :, :, 0], f"db {db}", sep="\n")

# %% [markdown] tags=["row-16"]
# ## A gradient is a convolution, too
#
# Look at $dW$ again: patches of $X$, weighted by $dZ$ and summed. But that is what a convolution does! $dW$ is
# the cross-correlation of $X$ with $dZ$ as its kernel.
#
# For $dX$, the image is $dZ$ and the kernel is $W$. In the formula for $dX_{1,1}$ the weights stand in reverse
# order, so the kernel is **flipped**. And as a corner pixel belongs to a single output, $dZ$ first gets $f - 1$
# zeros on each side, which is [full padding](glossary.md#full-padding).

# %%
draw.two_correlations(X, W, dZ)

# %% [markdown]
# Both hold for stride 1 without padding. With any stride, the step from $dZ$ to $dX$ is a
# [transposed convolution](glossary.md#transposed-convolution), the subject of
# [lesson 24](24_transposed_convolution.ipynb).

# %% [markdown] tags=["row-16", "row-17"]
# ## Back through max pooling and average pooling
#
# A pooling layer has no weights, but the layers before it do, so it has to pass the gradient on.
#
# - **Max pooling.** If the largest value of a window changes a little, the output changes with it. If another
#   value does, nothing happens. So the maximum receives the whole upstream gradient, and the others receive 0.
#   A [**mask**](glossary.md#mask) marks the maximum: for the window
#   $\begin{pmatrix} 1 & 2 & 3 \\ 2 & 3 & 2 \\ 1 & 5 & 2 \end{pmatrix}$ it is
#   $\begin{pmatrix} 0 & 0 & 0 \\ 0 & 0 & 0 \\ 0 & 1 & 0 \end{pmatrix}$.
# - **Average pooling.** All $f^2$ values of a window have the local gradient $1/f^2$, so each receives the same
#   part of the upstream gradient.
#
# In the example, 2 x 2 windows with stride 2 pool an image $x$ to an output $y$, and $J$ is the mean of
# $(y - 1)^2$, so $dy = \frac{2}{4}(y - 1)$.

# %%
x = np.array([[1.0, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]])
draw.pooling(x)

# %% [markdown]
# In the upper left window, the maximum 7 receives all of $dy = (7 - 1)/2 = 3$. The average is 4, with
# $dy = (4 - 1)/2 = 1.5$, and each pixel receives $1.5/4 = 0.375$. The library does the same:

# %%
y = functional.max_pool2d(x[None, :, :, None], 2)
dx = functional.max_pool2d_backward(2 * (y - 1) / y.size, x[None, :, :, None], 2)
print(f"max: J = {np.mean((y - 1) ** 2)}, sum of dx = {dx.sum()}", dx[0, :, :, 0], sep="\n")

y = functional.avg_pool2d(x[None, :, :, None], 2)
dx = functional.avg_pool2d_backward(2 * (y - 1) / y.size, x[None, :, :, None], 2)
print(f"average: J = {np.mean((y - 1) ** 2)}, sum of dx = {dx.sum()}", dx[0, :, :, 0], sep="\n")

# %% [markdown]
# Pooling only redistributes the gradient, so the sum of $dx$ is the sum of $dy$.
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
# $\varepsilon$ near $10^{-5}$ or $10^{-6}$, because a larger $\varepsilon$ suffers from the curvature of $J$
# and a smaller one from rounding. `numeric_gradient` checks your hand calculation:


# %%
def cost(X, W):
    Z = functional.conv2d(X[None, :, :, None], W[:, :, None, None], np.array([b]))
    return np.mean((np.maximum(Z[0, :, :, 0], 0) - T) ** 2)


print("dW", numeric_gradient(lambda values: cost(X, values), W).round(6), sep="\n")
print("dX", numeric_gradient(lambda values: cost(values, W), X).round(6), sep="\n")

# %% [markdown]
# A layer has no cost of its own, so `check_gradients` makes one up, $J = \sum G \cdot Z$ with random numbers $G$.
# Then $dZ$ is $G$, and the check can begin, once for a layer with stride 2 and padding 1, and once for the same
# layer with a bug. Can you see the bug before the check reports it?


# %%
def forward(A_prev, W, b):
    return functional.conv2d(A_prev, W, b, stride=2, padding=1)


def backward(dZ, A_prev, W, b):
    return functional.conv2d_backward(dZ, A_prev, W, stride=2, padding=1)


def backward_with_a_bug(dZ, A_prev, W, b):
    dA_prev, dW, db = backward(dZ, A_prev, W, b)
    return dA_prev, dW, db.sum(keepdims=True)


rng = np.random.default_rng(0)
arrays = {
    "A_prev": rng.normal(size=(2, 5, 7, 3)),
    "W": rng.normal(size=(3, 3, 3, 4)),
    "b": rng.normal(size=4),
}
print(f"largest difference: {check_gradients(forward, backward, arrays):.1e}")
try:
    check_gradients(forward, backward_with_a_bug, arrays)
except AssertionError as error:
    print(error)

# %% [markdown] tags=["row-17"]
# ## My gradient check fails
#
# Sooner or later, your own backward pass will fail its check. Do not stare at the code. Ask these questions in
# turn, from the symptom to the cause. (Skim the chart. You will need it in a minute.)

# %%
draw.check_fails()

# %% [markdown]
# ## Three patients
#
# Three backward passes of convolution layers with 2 x 2 kernels failed their checks. All of them use float64,
# and they fail for other inputs, too.
#
# **Predict.** To which number of the chart does each of them lead? Answer with a tuple for A, B and C, such as
# `(1, 2, 3)`.

# %%
draw.patients()

# %%
predict("patients", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (5, 6, 4). In A, only the four corners are right. They belong to a single window each, and elsewhere the last
# window has overwritten the others: somebody wrote `=` instead of `+=`. In B, the four copies lie at $(0, 0)$,
# $(0, 1)$, $(1, 0)$ and $(1, 1)$, so the stride was forgotten. In C, all entries are half as large as they
# should be, because somebody took the mean over two examples where formula (1) has a sum.
#
# </details>

# %% [markdown] tags=["row-17"]
# ## The case of the eight
#
# Now you can solve the case of the first figure. Which parameters are the eight squares?

# %%
print(np.flatnonzero(np.abs(slow - fast) > 1e-5))

# %% [markdown]
# The first layer consists of eight kernels with 9 weights each. These are the parameters 0 to 71. The next
# eight are its **biases**, and before training they are 0. The background of a digit is 0 as well. So there $Z$
# is exactly 0, where the ReLU has a **kink**: to the right its derivative is 1, to the left 0.
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
# So neither is wrong. At a kink there is no derivative, and each method makes its own choice. Move the biases
# away from the kink, and all parameters should agree:

# %%
parameters[72:80] = -0.01
print(f"largest difference: {np.abs(one_at_a_time() - all_at_once()).max():.1e}")

# %% [markdown]
# ## Nine weights, one pass
#
# Back to the cat of lesson 01, its photograph and its drawing. Which nine weights made the drawing? The search
# needs nothing but the function of [Kernels](02_kernels.ipynb): called with the kernel for the forward pass, and
# with the gradient for the backward pass. So a step costs as much as two losses, and in lesson 01 it cost ten.


# %%
def cross_correlate(X, W):
    f_H, f_W = W.shape
    n_H, n_W = X.shape[0] - f_H + 1, X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for r in range(f_H):
        for q in range(f_W):
            Z += W[r, q] * X[r : r + n_H, q : q + n_W]
    return Z


photo, drawing = riddle()
crop, target = photo[166:182, 166:182], drawing[166:180, 166:180]

rate = 1
first_kernel = np.random.default_rng(1).normal(size=(3, 3))
kernel, losses = first_kernel, []
for _ in range(60):
    output = cross_correlate(crop, kernel)  # forward
    losses.append(np.mean((output - target) ** 2))
    dZ = 2 * (output - target) / output.size  # back through the loss
    dW = cross_correlate(crop, dZ)  # back through the convolution
    kernel = kernel - rate * dW  # a step against the gradient

print(kernel.round(2))
draw.two_searches(crop, target, first_kernel, rate, losses)

# %% [markdown]
# There it is again, Sobel's kernel. The rule of a step is that of lesson 01, with the same
# [learning rate](glossary.md#learning-rate) (many texts write $\eta$ or $\alpha$), but there is no
# $\varepsilon$ to choose any more:
#
# $$W \leftarrow W - \text{rate} \cdot dW, \qquad \text{shapes (3, 3)}$$
#
# Inside a network, $dX$ is needed as well. It takes as many
# [multiply-accumulates](glossary.md#multiply-accumulate) as $dW$ and as the forward pass. So a step of
# backpropagation costs about **three forward passes, however many weights there are**. For the edge network,
# that is three against [260,290]{= f'{network_parameters() + 1:,}' }, or three seconds against three days.

# %% [markdown] tags=["row-17"]
# ## Automatic differentiation in TensorFlow and PyTorch
#
# You will rarely have to write a backward pass. Every framework records the graph while the forward pass runs,
# and then goes back through it, which is called
# [**automatic differentiation**](glossary.md#automatic-differentiation). Here is the network for pencil and
# paper again. TensorFlow records what happens inside a `GradientTape`; a Keras layer brings its variables
# along:

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
# PyTorch records every operation on a tensor with `requires_grad=True`, which is the default for the parameters of a
# layer. `backward()` adds each gradient to the `.grad` of its tensor:

# %% needs="torch"
import torch
from torch import nn

conv = nn.Conv2d(1, 1, 2, dtype=torch.float64)
with torch.no_grad():  # do not record these two lines
    conv.weight.copy_(torch.from_numpy(W)[None, None])
    conv.bias.fill_(b)
x = torch.from_numpy(X)[None, None].requires_grad_()


def cost_torch():
    return torch.mean((torch.relu(conv(x))[0, 0] - torch.from_numpy(T)) ** 2)


cost_torch().backward()
print(conv.weight.grad[0, 0].numpy(), x.grad[0, 0].numpy(), conv.bias.grad.numpy(), sep="\n")
cost_torch().backward()
print("after another forward and backward pass:", conv.weight.grad[0, 0].numpy().tolist())

# %% [markdown]
# The first three arrays are those of your hand calculation. The second `backward()` **adds** to `.grad` and
# does not replace it. That is why training loops call `optimizer.zero_grad()` before each step. Here is the
# search for nine weights as such a loop, and `torch.autograd.gradcheck`, which compares a backward pass with
# central differences, as you did above.

# %% needs="torch"
kernel_torch = torch.from_numpy(first_kernel).clone().requires_grad_()
crop_torch, target_torch = torch.from_numpy(crop)[None, None], torch.from_numpy(target)
optimizer = torch.optim.SGD([kernel_torch], lr=rate)
for _ in range(60):
    optimizer.zero_grad()
    output = nn.functional.conv2d(crop_torch, kernel_torch[None, None])[0, 0]
    loss = torch.mean((output - target_torch) ** 2)
    loss.backward()  # in place of dZ and dW
    optimizer.step()
print(kernel_torch.detach().numpy().round(2))
print("gradcheck:", torch.autograd.gradcheck(nn.functional.conv2d, (x, conv.weight)))

# %% [markdown] tags=["row-18"]
# ## Further: ties in max pooling
#
# *This section is optional.* If a window contains its maximum twice, there is a [**tie**](glossary.md#tie). It is the
# kink of max pooling, so again each method makes a choice:

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
# [0.5]{= f'{by_differences.max():.1f}' } to each. The pooling layers of TensorFlow and PyTorch (on the CPU)
# send it to the first one, while `tf.reduce_max` and `torch.amax` divide it equally. The mask is simple, but in
# uniform regions it is wrong. If a black image of 4 x 4 pixels with a positive bias is pooled to four outputs,
# and their sum is the cost, it gives $db =$ [16]{= f'{draw.wrong_at_a_tie()[0]:g}' } instead of
# [4]{= f'{draw.wrong_at_a_tie()[1]:.0f}' }. (After a ReLU, a whole window is often 0, but there the ReLU blocks
# the gradient anyway.)

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
# With padding 1 and a 3 x 3 kernel the shapes agree, and all are (m, n_H, n_W, n_C). Write `residual_backward(dY, X, W)`,
# which returns $dX$. Leave the convolution to `functional.conv2d_backward`. The check uses finite differences.


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
# kernel, but the loss grows, for two reasons. Repair a copy of it in `learn_fixed`.


# %%
def learn_buggy(X, T, W, rate, steps):
    Z = cross_correlate(X, W)
    A = np.maximum(Z, 0)
    dA = 2 * (A - T) / A.size
    for _ in range(steps):
        dZ = dA * (Z > 0)
        W = W + rate * cross_correlate(X, dZ)
    return W


def learn_fixed(X, T, W, rate, steps):
    result = None
    ### BEGIN SOLUTION
    for _ in range(steps):
        Z = cross_correlate(X, W)  # with the weights of this step
        A = np.maximum(Z, 0)
        dA = 2 * (A - T) / A.size
        dZ = dA * (Z > 0)
        W = W - rate * cross_correlate(X, dZ)  # against the gradient
    result = W
    ### END SOLUTION
    return result


# %%
check("learn_fixed", learn_fixed)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# Decide first, then try 1 and 2 in a copy of the search. What happens if ...
#
# 1. ... only 5 x 4 pixels of the photograph are known, `photo[170:175, 170:174]`, with their six output values,
#    `drawing[170:173, 170:172]`? How good does the loss become, and how good the kernel?
# 2. ... the target is `np.abs(target)`? (The rate 0.1 is safe.)
# 3. ... a network has two convolution layers with a ReLU in between, and *all* parameters begin at 0? Use pencil and
#    paper.

# %%
# Your experiments

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. The loss falls to 0, but the kernel is not Sobel's: two weights are off by about 1. Six output values cannot
#    determine nine weights, so many kernels fit. From this start, the loss on the whole photograph is about 6,
#    while a kernel of zeros has 2.3. This is [overfitting](glossary.md#overfitting).
# 2. The loss does not fall below 1.29, and a kernel of zeros has 1.92. An absolute value is not linear, so no
#    single kernel gives it. Two opposite kernels do, if a ReLU follows each and the results are added.
# 3. Only the last bias learns, so the network outputs a constant. Backward through the second layer, $dA$ is a
#    sum of copies of its kernel, which is 0, so the first layer gets the gradient 0. And the second layer's
#    $dW$ is a sum of patches of $A$, which are 0 as well. This is why networks begin with random weights.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **carry gradients backward through a graph:** each operation multiplies its
#    [upstream gradient](glossary.md#upstream-gradient) by its [local gradient](glossary.md#local-gradient), and
#    where paths meet, gradients are added. Each arrow is used once;
# 2. **compute the gradients of a layer:** $dW$ is the sum of the patches, each times the gradient of its
#    output, $db$ the sum of $dZ$, and $dX$ a sum of kernel copies, scaled by $dZ$. Max pooling sends the
#    gradient to the maximum, average pooling divides it by $f^2$;
# 3. **check a gradient** with central differences, **and use it:** $W \leftarrow W - \text{rate} \cdot dW$.
#
# | term in this course | you may also read |
# |---|---|
# | [upstream gradient](glossary.md#upstream-gradient) | `grad_output` (PyTorch), error signal |
# | [finite differences](glossary.md#finite-differences) | numerical gradient |
# | [automatic differentiation](glossary.md#automatic-differentiation) | autograd |

# %% [markdown]
# ## What to read next
#
# - To practice: the assignment [Backpropagation](../release/backprop/backprop.ipynb). You write the backward pass of a
#   convolution layer and of a pooling layer, for any stride and padding.
# - Then **run [milestone 3](milestones.ipynb)**. Nine random weights turn into Sobel's kernel once more, but this time by
#   your own `conv_backward`.
# - Next is [Training](14_training.ipynb), where these gradients train whole networks.
# - Rumelhart, Hinton and Williams, *Learning representations by back-propagating errors* (Nature 323, 1986):
#   [doi:10.1038/323533a0](https://doi.org/10.1038/323533a0).
# - CS231n on [backpropagation](https://cs231n.github.io/optimization-2/) and on
#   [gradient checks](https://cs231n.github.io/neural-networks-3/).
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016):
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285), chapter 4.
