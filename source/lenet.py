# %% [markdown]
# # LeNet
#
# In 1998 a convolutional network with about 60,000 parameters read the amounts on bank checks. It
# was called LeNet-5, and it consists of the layers that you have written in the earlier notebooks.
# In this notebook you add the fully connected layers, connect all layers to a network, propagate
# the gradient from the loss back to every parameter, and train the network on handwritten digits.
#
# By the end of this notebook you will be able to
#
# 1. write a fully connected layer, forward and backward, for a whole batch at once;
# 2. connect layers to a network, compute the gradient of every parameter, and check it with finite
#    differences;
# 3. train the network with mini-batches and momentum, and read its loss and accuracy curves.
#
# **Time:** about 160 minutes, in six graded exercises; you can stop after any of them. **You
# need:** the notebooks on `conv_forward`, pooling and backpropagation, and for the last part the
# package scikit-learn, which contains the images. Colab has it; elsewhere, run `pip install
# scikit-learn`.

# %% include="setup"

# %% [markdown] tags=["given"]
# ## Given: convolution, pooling and the loss
#
# The next five cells contain the convolution layer and the pooling layer, forward and backward, and
# the loss. Run them.
#
# In your own versions, four loops run over the images, the rows, the columns, and the filters or
# channels. These versions have only the loops over rows and columns. At each position they process
# the windows of all images and all filters at once, which gives the same numbers many times faster.
# In `conv_forward`, each window becomes a row of the matrix `windows` and each filter a column of
# the matrix `filters`, so that the product `windows @ filters` contains the dot product of every
# window with every filter.

# %% copy="source" nbgrader={"grade_id": "conv_forward_given"} tags=["given"]
from exercises.lenet import conv_forward

# %% copy="source" nbgrader={"grade_id": "pool_forward_given"} tags=["given"]
from exercises.lenet import pool_forward

# %% copy="source" nbgrader={"grade_id": "conv_backward_given"} tags=["given"]
from exercises.lenet import conv_backward

# %% copy="source" nbgrader={"grade_id": "pool_backward_given"} tags=["given"]
from exercises.lenet import pool_backward

# %% copy="source" nbgrader={"grade_id": "softmax_cross_entropy_given"} tags=["given"]
from exercises.lenet import softmax_cross_entropy

# %% [markdown]
# The last function takes the **scores** (or *logits*) of a batch, one row for each image and one
# column for each class, and the correct classes, the **labels**. Softmax turns the scores into
# probabilities. The loss is the mean of $-\log p$ over the images, where $p$ is the probability of
# the correct class. The function also returns the gradient of the loss with respect to the scores.
# Since the loss is a mean over the $m$ images, this gradient contains the factor $1/m$ already.
#
# **Predict.** There are ten classes, and all scores are equal. What is the loss? For one image,
# which entries of the gradient are negative?

# %%
loss, dscores = softmax_cross_entropy(np.zeros((4, 10)), np.array([3, 0, 7, 7]))
print("loss =", round(loss, 6))
print("dscores[0] =", dscores[0])

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# loss = 2.302585
# dscores[0] = [ 0.025  0.025  0.025 -0.225  0.025  0.025  0.025  0.025  0.025  0.025]
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Every class gets the probability 0.1, so the loss is $-\log 0.1 = 2.302585$. Only the entry of the
# correct class is negative: increasing that score decreases the loss. Each row adds up to 0. A
# network that guesses has about this loss; an untrained network can have a larger one, if its
# scores are far apart.
#
# </details>

# %% [markdown]
# ## Fully connected layers
#
# In a **fully connected layer**, or dense layer, every output depends on every input, each with its
# own weight. With $n_{prev}$ inputs $a_j$ and $n$ outputs,
#
# $$z_k = \sum_{j=0}^{n_{prev}-1} a_j \, W_{j,k} + b_k
# \qquad \text{for } k = 0, \dots, n-1.$$
#
# A batch needs no loop, neither over its images nor over the outputs. The arrays are
#
# | array | shape | meaning |
# |---|---|---|
# | `A_prev` | `(m, n_prev)` | inputs, one row for each of $m$ images |
# | `W` | `(n_prev, n)` | weights, one column for each output |
# | `b` | `(1, n)` | biases |
# | `Z` | `(m, n)` | outputs, one row for each image |
#
# **By hand.** Two images have three inputs each, and the layer has two outputs:
#
# $$A_{prev} = \begin{pmatrix} 1&2&0\\0&1&3 \end{pmatrix} \qquad
# W = \begin{pmatrix} 1&2\\0&-1\\2&1 \end{pmatrix} \qquad
# b = \begin{pmatrix} 1&-2 \end{pmatrix}$$
#
# The first output of the first image is $1 \cdot 1 + 2 \cdot 0 + 0 \cdot 2 + 1 = 2$. Compute the
# other three. The cell below the exercise prints them.
#
# **Predict.** Which operation on whole arrays computes all these sums? And what does NumPy do when
# you add an array of shape `(1, 2)` to one of shape `(2, 2)`?
#
# <details>
# <summary>Answer</summary>
#
# The sum over $j$ is an entry of a matrix product. By **broadcasting**, NumPy adds the single row
# to every row of the other array, which is what the biases need.
#
# </details>

# %% [markdown]
# ## Exercise: dense_forward
#
# Write `dense_forward(A_prev, W, b)` for float arrays. (In this notebook all arrays hold floats,
# and only the labels are integers.) Replace the line `# YOUR CODE HERE` and the `raise` line below
# it; one line is enough. The layer contains no activation function, because ReLU is a separate
# step. The line with the cache is given.

# %% solution="dense_forward"

# %% [markdown]
# **Try it** on the example that you computed by hand.

# %%
A_prev = np.array([[1.0, 2, 0], [0, 1, 3]])
W = np.array([[1.0, 2], [0, -1], [2, 1]])
b = np.array([[1.0, -2]])
Z, cache = dense_forward(A_prev, W, b)
print("Z =", Z, sep="\n")

# %% [markdown]
# **Expected output**
#
# ```
# Z =
# [[ 2. -2.]
#  [ 7.  0.]]
# ```

# %% check="dense_forward"

# %% [markdown]
# ## Gradients of a fully connected layer
#
# The backward pass gets the upstream gradient `dZ`, which has the shape of `Z`. Two rules from the
# backpropagation notebook are enough: each factor of a product gets the upstream gradient times the
# other factor, and the contributions of all places where a number is used are added up. In the
# formula above,
#
# - $b_k$ is used in output $k$ of every image, with the factor 1: $db_k = \sum_i dZ_{i,k}$;
# - $W_{j,k}$ is used in output $k$ of every image, with the factor $a_j$ of that image:
#   $dW_{j,k} = \sum_i (A_{prev})_{i,j} \, dZ_{i,k}$;
# - $(A_{prev})_{i,j}$ is used in all outputs of image $i$, with the factor $W_{j,k}$:
#   $(dA_{prev})_{i,j} = \sum_k dZ_{i,k} \, W_{j,k}$.
#
# **By hand.** The upstream gradient of the example is
# $dZ = \begin{pmatrix} 1&-1\\2&3 \end{pmatrix}$. What are $db$, $dW_{0,0}$ and
# $(dA_{prev})_{0,0}$?
#
# <details>
# <summary>Answer</summary>
#
# $db = (1 + 2,\; -1 + 3) = (3, 2)$. The weight $W_{0,0}$ is multiplied by the inputs 1 and 0, so
# $dW_{0,0} = 1 \cdot 1 + 0 \cdot 2 = 1$. The input $(A_{prev})_{0,0}$ is multiplied by the weights
# 1 and 2, so its gradient is $1 \cdot 1 + (-1) \cdot 2 = -1$.
#
# </details>
#
# **Use the shapes.** Two of the three sums are matrix products. Which of the two factors has to be
# transposed, and which one comes first? A gradient has the shape of the array that it belongs to,
# and this decides. Write down the shapes for $m = 2$, $n_{prev} = 3$ and $n = 5$. (The example
# above has $n = m = 2$, so a product with the wrong factor transposed can have the right shape
# there.)

# %% [markdown]
# ## Exercise: dense_backward
#
# Write `dense_backward(dZ, cache)`; three lines are enough. Do not divide by the number of images,
# because the loss has done so. `db` has the shape `(1, n)`.

# %% solution="dense_backward"

# %% [markdown]
# **Try it** on the same example.

# %%
dA_prev, dW, db = dense_backward(np.array([[1.0, -1], [2, 3]]), (A_prev, W, b))
print("dA_prev =", dA_prev, sep="\n")
print("dW =", dW, sep="\n")
print("db =", db)

# %% [markdown]
# **Expected output**
#
# ```
# dA_prev =
# [[-1.  1.  1.]
#  [ 8. -3.  7.]]
# dW =
# [[ 1. -1.]
#  [ 4.  1.]
#  [ 6.  9.]]
# db = [[3. 2.]]
# ```

# %% check="dense_backward"

# %% [markdown]
# ## The layers of LeNet
#
# These are the layers, with the sizes for grayscale images of 16 x 16 pixels and ten classes:
#
# | layer | | filters or outputs | $f$ | stride | pad | output for one image |
# |---|---|---|---|---|---|---|
# | | image | | | | | 16 x 16 x 1 |
# | 1 | convolution, then ReLU | 6 | 5 | 1 | 2 | 16 x 16 x 6 |
# | | max pooling | | 2 | 2 | | 8 x 8 x 6 |
# | 2 | convolution, then ReLU | 16 | 5 | 1 | 0 | 4 x 4 x 16 |
# | | max pooling | | 2 | 2 | | 2 x 2 x 16 |
# | | flatten | | | | | 64 |
# | 3 | fully connected, then ReLU | 120 | | | | 120 |
# | 4 | fully connected, then ReLU | 84 | | | | 84 |
# | 5 | fully connected | 10 | | | | 10 |
#
# Only the numbered layers have parameters. A dictionary contains them, under the names `"W1"` and
# `"b1"` to `"W5"` and `"b5"`.
#
# - **Flattening** turns the feature maps of an image into a vector, so that a batch becomes a
#   matrix with one row for each image. `reshape` does this. If you give one of the lengths as $-1$,
#   NumPy computes it: reshaping 24 numbers with `(6, -1)` gives the shape `(6, 4)`.
# - **ReLU** keeps positive entries and replaces all others with 0. Look for the NumPy function that
#   returns the larger of two values *entry by entry*; `np.max` and Python's `max` do something
#   else. There is no ReLU after the last layer, because scores may be negative.
#
# (The original LeNet-5 has images of 32 x 32 pixels, tanh instead of ReLU, average instead of max
# pooling, and a different last layer; see LeCun, Bottou, Bengio and Haffner, *Gradient-based
# learning applied to document recognition*, 1998.)
#
# **Predict.** You forget the padding of the first layer. At which layer does the network raise an
# error, and what sizes does the message name?
#
# <details>
# <summary>Answer</summary>
#
# At layer 3. The sizes become 12, 6, 2 and 1, so an image is flattened to 16 numbers, but `W3` has
# 64 rows. The mistake is in the first layer, and the error appears several steps later. When you
# see such an error, print the shape after each layer.
#
# </details>
#
# The next cell defines `start_parameters`, which returns the parameters before training. The biases
# are zero. The weights are random, with a standard deviation of $\sqrt{2/n}$ for a layer whose
# outputs have $n$ inputs each. Such weights keep the outputs of all layers at about the same
# scale; the method is called **He initialization**.
#
# **Predict.** Which of the five layers has the most parameters? Run the two cells to find out.


# %% nbgrader={"grade_id": "start_parameters"}
def start_parameters(seed):
    """Return random parameters of LeNet, for images of 16 x 16 x 1 and ten classes."""
    random = np.random.default_rng(seed)
    shapes = {1: (5, 5, 1, 6), 2: (5, 5, 6, 16), 3: (64, 120), 4: (120, 84), 5: (84, 10)}
    start = {}
    for layer, shape in shapes.items():
        inputs = np.prod(shape[:-1])  # of each output of the layer
        start[f"W{layer}"] = random.standard_normal(shape) * np.sqrt(2 / inputs)
        start[f"b{layer}"] = np.zeros((1,) * (len(shape) - 1) + shape[-1:])
    return start


parameters = start_parameters(0)

# %%
for name, value in parameters.items():
    print(name, value.shape, value.size)
print("together:", sum(value.size for value in parameters.values()))

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# W1 (5, 5, 1, 6) 150
# b1 (1, 1, 1, 6) 6
# W2 (5, 5, 6, 16) 2400
# b2 (1, 1, 1, 16) 16
# W3 (64, 120) 7680
# b3 (1, 120) 120
# W4 (120, 84) 10080
# b4 (1, 84) 84
# W5 (84, 10) 840
# b5 (1, 10) 10
# together: 21386
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Layer 4, with 10,164 parameters. The three fully connected layers have 18,814 of the 21,386. The
# two convolution layers need few, because the same filters are used at every position.
#
# </details>

# %% [markdown]
# ## Exercise: lenet_forward
#
# Write `lenet_forward(X, parameters)`, which computes the scores from the images, in the order of
# the table. Each layer gets the output of the layer above it. The layers also return a cache. You
# do not need it here, and `Z, _ = ...` ignores it.
#
# Write no size from the last column into the function. It must work for batches of any size and for
# images of other sizes, if the parameters have the right shapes.

# %% solution="lenet_forward"

# %% [markdown]
# **Try it** on two images of random numbers.

# %%
noise = np.random.default_rng(1).standard_normal((2, 16, 16, 1))
scores = lenet_forward(noise, parameters)
print("scores.shape =", scores.shape)
for row in scores:
    print(*(f"{score:.3f}" for score in row))

# %% [markdown]
# **Expected output**
#
# ```
# scores.shape = (2, 10)
# -0.510 1.217 -1.397 -5.005 -9.463 -1.571 2.644 0.005 5.120 0.967
# -0.014 0.930 -0.331 -3.123 -7.095 -2.084 1.700 0.348 4.137 -0.064
# ```

# %% check="lenet_forward"

# %% [markdown]
# ## Backpropagation through LeNet
#
# The backward pass goes through the same layers in reverse order. Each layer gets the gradient of
# its output, and returns the gradient of its input and, if it has parameters, their gradients.
#
# 1. `softmax_cross_entropy` returns the loss and the gradient of the scores.
# 2. Layers 5, 4 and 3 return three gradients each: of the input, of `W` and of `b`.
# 3. Between them are the ReLUs. The local derivative of ReLU is 1 where its input $Z$ is positive,
#    and 0 elsewhere. (In NumPy, `Z > 0` is an array of `True` and `False`, which count as 1 and 0
#    in a product.)
# 4. Flattening only changes the shape, so its backward pass only restores the shape.
# 5. Then follow the pooling, the ReLU and the convolution of layer 2, and the same for layer 1.
#
# Some arrays of the forward pass are needed again in the backward pass, so you have to keep them.
#
# **Predict.** Which arrays must the forward pass keep for step 3 and for step 4? The gradient of
# one array is computed and never used. Which one?
#
# <details>
# <summary>Answer</summary>
#
# For step 3, the input of each ReLU: `Z1` to `Z4`. The output would do as well, since it is
# positive at the same positions. For step 4, the shape of the feature maps before flattening. The
# layers keep what they need in their caches. The gradient of the images is never used, because
# training changes the parameters and not the images.
#
# </details>

# %% [markdown]
# ## Exercise: lenet_gradients
#
# Write `lenet_gradients(X, labels, parameters)`, the forward pass followed by the backward pass.
# Start with the lines of your `lenet_forward`, and give each cache a name of its own. Store the
# gradients in the dictionary `gradients`, under the names of the parameters: the gradient of
# `parameters["W5"]` is `gradients["W5"]`. Do not change anything in `parameters`.
#
# **When something is not right, ask yourself:**
#
# - Does each backward function get the cache of its own layer?
# - Is there one ReLU on the way back for each ReLU on the way forward, and in the same place?
# - Does each ReLU use its own `Z`?

# %% solution="lenet_gradients"

# %% [markdown]
# **Try it** on the same two images, with the labels 3 and 8.

# %%
loss, gradients = lenet_gradients(noise, np.array([3, 8]), parameters)
print("loss =", round(float(loss), 6))
print("names:", *sorted(gradients))
print("db5 =", np.round(gradients["b5"][0], 4))
print("dW1[:, :, 0, 0] =", np.round(gradients["W1"][:, :, 0, 0], 4), sep="\n")

# %% [markdown]
# **Expected output**
#
# ```
# loss = 5.214043
# names: W1 W2 W3 W4 W5 b1 b2 b3 b4 b5
# db5 = [ 0.0082  0.0258  0.0054 -0.4997  0.      0.0014  0.0737  0.0121  0.3599
#   0.0132]
# dW1[:, :, 0, 0] =
# [[ 0.0728 -0.597  -0.9501  0.4223  0.2928]
#  [-0.2778 -0.3484 -0.6298  0.3521 -0.078 ]
#  [-0.2993  0.3617  0.0846 -0.2836 -0.2797]
#  [-0.5489 -0.0727  0.379  -0.5741  0.3067]
#  [ 0.0218 -0.5417  0.6217 -0.0265  0.5508]]
# ```

# %% check="lenet_gradients"

# %% [markdown]
# ## Gradient checking
#
# The check above compares your gradients with stored ones. For a network of your own there are
# none, but you can compare the gradients with **finite differences**. Change one parameter $p$ by a
# small $\varepsilon$, up and down, and measure how the loss changes:
#
# $$\frac{\partial J}{\partial p} \approx \frac{J(p + \varepsilon) - J(p - \varepsilon)}{2
# \varepsilon}$$
#
# This takes two forward passes for a single number. It is far too slow for training, but fast
# enough to check a few entries of each array. The next cell checks five entries of each, and
# prints the largest relative difference if it is not small.
#
# The images are random numbers here, and so are the biases. With real digits and biases of zero,
# many entries of $Z$ are exactly 0. ReLU has no derivative there, and a finite difference returns
# one half, the average of the derivatives on the two sides.


# %%
def finite_difference(images, labels, parameters, name, position, epsilon=1e-5):
    """Estimate the derivative of the loss with respect to one entry of a parameter."""
    losses = []
    for step in (epsilon, -epsilon):
        changed = {key: value.copy() for key, value in parameters.items()}
        changed[name].flat[position] += step
        loss, _ = softmax_cross_entropy(lenet_forward(images, changed), labels)
        losses.append(loss)
    return (losses[0] - losses[1]) / (2 * epsilon)


def check_gradients(images, labels, parameters):
    """Compare five entries of each gradient with finite differences, and print the result."""
    rng = np.random.default_rng(2)
    _, gradients = lenet_gradients(images, labels, parameters)
    for name, value in parameters.items():
        if gradients[name].shape != value.shape:
            print(name, "has a gradient of shape", gradients[name].shape, "not", value.shape)
            continue
        largest = 0
        for position in rng.choice(value.size, 5, replace=False):
            estimate = finite_difference(images, labels, parameters, name, position)
            computed = gradients[name].flat[position]
            scale = max(abs(estimate), abs(computed), 1e-6)
            largest = max(largest, abs(estimate - computed) / scale)
        print(name, "agrees" if largest < 1e-5 else f"differs by {largest:.1e}")


rng = np.random.default_rng(2)
images, labels = rng.standard_normal((4, 16, 16, 1)), np.array([1, 0, 9, 4])
random_start = start_parameters(3)
for layer in range(1, 6):
    random_start[f"b{layer}"] = rng.standard_normal(random_start[f"b{layer}"].shape) / 10
check_gradients(images, labels, random_start)

# %% [markdown]
# **Expected output**
#
# ```
# W1 agrees
# b1 agrees
# W2 agrees
# b2 agrees
# W3 agrees
# b3 agrees
# W4 agrees
# b4 agrees
# W5 agrees
# b5 agrees
# ```

# %% [markdown]
# **Predict.** Another student's gradient check reports that `W5`, `b5`, `W4` and `b4` agree, and
# that `b3`, `W3` and everything before them differs. Which line of code is probably wrong? And
# where would you look if only `W2` differed?
#
# <details>
# <summary>Answer</summary>
#
# The gradient of `b4` agrees, so the gradient of $Z_4$ is right, and the gradient of $Z_3$ is
# wrong. Between the two are only the backward pass of layer 4 to its input and the ReLU of layer 3.
# If only `W2` differs, the gradient that arrives at layer 2 is right, and so is the one that leaves
# it. The mistake is in the computation of `dW` in `conv_backward`, or the wrong array was stored.
#
# If *all* arrays differ, compare the losses: the finite differences use your `lenet_forward`, and
# the gradients the forward pass in `lenet_gradients`.
#
# </details>

# %% [markdown]
# **Find three bugs (not graded).** The next cell puts a bug into one of the functions
# `dense_backward`, `conv_backward` and `pool_backward`, checks your gradients with it, and removes
# the bug again. It does so three times. From each list of the arrays that differ, find the function
# and say which of its results is wrong. Decide before you open the answer.

# %% jupyter={"source_hidden": true} cellView="form"
import contextlib
import io


def with_bug(name, change):
    """Print which gradients differ while a function with a bug stands in for the right one."""
    right, lines = globals()[name], io.StringIO()
    globals()[name] = lambda *arguments: change(right(*arguments))
    try:
        with contextlib.redirect_stdout(lines):
            check_gradients(images, labels, random_start)
    finally:
        globals()[name] = right
    print(*(line.split()[0] for line in lines.getvalue().splitlines() if "agrees" not in line))


print("bug 1:", end=" ")
with_bug("conv_backward", lambda result: (*result[:2], result[2] / 4))
print("bug 2:", end=" ")
with_bug("dense_backward", lambda result: (result[0] / 2, *result[1:]))
print("bug 3:", end=" ")
with_bug("pool_backward", lambda dA_prev: dA_prev / 4)

# %% [markdown]
# **Expected output**
#
# ```
# bug 1: b1 b2
# bug 2: W1 b1 W2 b2 W3 b3 W4 b4
# bug 3: W1 b1 W2 b2
# ```

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 1. `conv_backward`, and only its `db`: the gradients of the weights agree in both convolutions.
# 2. `dense_backward`, and its `dA_prev`. The gradients of the last layer agree, so its `dW` and
#    `db` are right. Everything that depends on the gradient of its input differs.
# 3. `pool_backward`. The gradients of the dense layers agree, and the gradients of both
#    convolutions differ. A wrong `dA_prev` of `conv_backward` would leave layer 2 right, since
#    layer 2 gets its gradient from the pooling layer after it.
#
# </details>

# %% [markdown]
# ## Gradient descent with momentum
#
# Gradient descent moves each parameter against its gradient. **Momentum** remembers the previous
# steps: each parameter has a **velocity** $v$, an array of its own shape that starts at zero. In
# each step,
#
# - first, the velocity keeps the fraction $\mu$ of its previous value, and the whole current
#   gradient is added to it;
# - then, the parameter moves against the new velocity, which is multiplied by the learning rate
#   $\alpha$.
#
# The **momentum** $\mu$ is a number from 0 to less than 1. If the gradients of many steps have the
# same sign, they add up and the steps become larger. If the sign alternates, they cancel. (Some
# books multiply the gradient by $1 - \mu$ first, and Keras puts the learning rate into the
# velocity. Here the rule is the one in PyTorch's `SGD`.)
#
# **By hand.** Let $J = (w - 3)^2$, so $dw = 2(w - 3)$. Start with $w = 1$ and $v = 0$, and use
# $\alpha = 0.1$ and $\mu = 0.5$. The first gradient is $-4$, which gives $v = -4$ and $w = 1.4$.
# Compute $v$ and $w$ after the second step. Then **predict** whether $w$ can move past 3, where the
# loss has its minimum.
#
# <details>
# <summary>Answer</summary>
#
# The second gradient is $2\,(1.4 - 3) = -3.2$, so $v = 0.5 \cdot (-4) - 3.2 = -5.2$ and $w = 1.4 +
# 0.52 = 1.92$. Yes: at $w = 3$ the gradient is 0, but the velocity is not. The table below the
# exercise shows that the sixth step **overshoots** the minimum. From there on the gradient has the
# opposite sign and turns the velocity around.
#
# </details>

# %% [markdown]
# ## Exercise: momentum_step
#
# Write `momentum_step(w, dw, velocity, learning_rate, momentum)`, which returns the new parameter
# and the new velocity, for arrays of any shape. Create new arrays: `w -= ...` would change the
# array of the caller.

# %% solution="momentum_step"

# %% [markdown]
# **Try it** on the example, for six steps.

# %%
w, velocity = np.array([1.0]), np.zeros(1)
for step in range(1, 7):
    w, velocity = momentum_step(w, 2 * (w - 3), velocity, learning_rate=0.1, momentum=0.5)
    print(f"step {step}: w = {w[0]:.4f}, velocity = {velocity[0]:.4f}")

# %% [markdown]
# **Expected output**
#
# ```
# step 1: w = 1.4000, velocity = -4.0000
# step 2: w = 1.9200, velocity = -5.2000
# step 3: w = 2.3960, velocity = -4.7600
# step 4: w = 2.7548, velocity = -3.5880
# step 5: w = 2.9832, velocity = -2.2844
# step 6: w = 3.1008, velocity = -1.1757
# ```

# %% check="momentum_step"

# %% [markdown]
# ## The data: handwritten digits
#
# scikit-learn comes with 1,797 images of handwritten digits, of 8 x 8 pixels with values from 0 to
# 16. We divide the values by 16. LeNet halves the size twice and has 5 x 5 filters, so it needs
# larger images, and we repeat every pixel in both directions to get 16 x 16. The first 1,500 images
# are the **training set**. The other 297 are the **test set**: the network is not trained on them,
# so they show how well it recognizes images that it has not seen.
#
# The **accuracy** is the fraction of images for which the correct digit has the largest score.

# %% nbgrader={"grade_id": "data"}
try:
    from sklearn.datasets import load_digits
except ModuleNotFoundError:  # in a browser, where the same images come with the course
    from convnet.data import load_digits


def accuracy(images, labels, parameters):
    """Return the fraction of images for which the correct digit has the largest score."""
    return np.mean(lenet_forward(images, parameters).argmax(axis=1) == labels)


digits = load_digits()
images = np.kron(digits.images[..., np.newaxis] / 16, np.ones((1, 2, 2, 1)))
train_images, train_labels = images[:1500], digits.target[:1500]
test_images, test_labels = images[1500:], digits.target[1500:]
print("to train:", train_images.shape, " to test:", test_images.shape)
print("training images of each digit:", np.bincount(train_labels))

# %% [markdown]
# **Expected output**
#
# ```
# to train: (1500, 16, 16, 1)  to test: (297, 16, 16, 1)
# training images of each digit: [151 151 150 153 148 152 151 149 146 149]
# ```

# %%
fig, axes = plt.subplots(2, 10, figsize=(7.5, 2.1), layout="constrained")
for k, ax in enumerate(axes.flat):
    ax.imshow(train_images[k, :, :, 0], cmap="gray_r")
    ax.set_title(str(train_labels[k]))
    ax.axis("off")
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# The first twenty training images in two rows, dark on white, with coarse pixels. Each row shows
# the digits 0 to 9 in this order, and above each image is its label.
#
# </details>
#
# **Predict.** What is the accuracy of the network before training, approximately?

# %%
untrained = accuracy(test_images, test_labels, start_parameters(0))
print("accuracy before training:", round(untrained, 3))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# About 0.1: with ten digits that are about equally frequent, one guess in ten is correct.
#
# </details>

# %% [markdown]
# ## The training loop
#
# One **epoch** is one pass through the training set. The order of the images is new and random in
# each epoch, and the images are divided into **mini-batches** of about 30.
#
# 1. Draw the order: `rng.permutation(1500)` returns the numbers 0 to 1,499, shuffled. The first 30
#    of them are the first mini-batch, the next 30 the second one, and so on.
# 2. For each mini-batch, compute the gradients and update every parameter with one momentum step.
#    Each parameter has its own velocity, which is kept from one mini-batch to the next.
# 3. At the end of the epoch, append the mean loss of the mini-batches to the list `losses`, and the
#    accuracy on the test images to the list `accuracies`. They are plotted below.
#
# Start with `start_parameters(0)`. A learning rate of 0.02 and a momentum of 0.9 work well for six
# epochs, followed by two epochs with a tenth of the learning rate. The training takes about ten
# seconds. Print the loss after each epoch, so that you notice early when something is wrong. (In a
# project of your own, choose the learning rate with a third set of images, the **validation set**,
# and use the test set only once, at the end.)
#
# **Predict.** What happens if you create the velocities anew for every mini-batch?
#
# <details>
# <summary>Answer</summary>
#
# Each step starts with a velocity of zero, so the momentum has no effect. This is gradient descent
# with the learning rate 0.02. It raises no error, and the network still learns, so this mistake is
# hard to notice.
#
# </details>

# %% [markdown]
# ## Exercise: trained
#
# Write the training loop. At the end, `trained` must be the dictionary of the trained parameters.
# The grader computes the accuracy on the 297 test images with its own layers and your parameters:
#
# | accuracy of at least | points |
# |---|---|
# | 0.5 | 4 |
# | 0.75 | 3 more |
# | 0.85 | 3 more |
#
# When your notebook is graded, the cell runs again and must finish within one minute. Do not train
# on the test images: their accuracy would then say nothing about new images.

# %% nbgrader={"grade_id": "trained", "solution": true}
trained = None  # until the training is done
losses, accuracies = [], []

### BEGIN SOLUTION
rng = np.random.default_rng(0)
weights = start_parameters(0)
velocities = {name: np.zeros(value.shape) for name, value in weights.items()}
for epoch in range(8):
    learning_rate = 0.02 if epoch < 6 else 0.002
    batch_losses = []
    order = rng.permutation(len(train_images))
    for start in range(0, len(order), 30):
        batch = order[start : start + 30]
        loss, gradients = lenet_gradients(train_images[batch], train_labels[batch], weights)
        for name in weights:
            weights[name], velocities[name] = momentum_step(
                weights[name], gradients[name], velocities[name], learning_rate, 0.9
            )
        batch_losses.append(loss)
    losses.append(np.mean(batch_losses))
    accuracies.append(accuracy(test_images, test_labels, weights))
    print(f"epoch {epoch}: loss {losses[-1]:.3f}, accuracy {accuracies[-1]:.3f}")
trained = weights
### END SOLUTION

# %% nbgrader={"grade_id": "trained_grade", "grade": true, "points": 10}
validate("trained", lambda: accuracy(test_images, test_labels, trained) >= 0.85)
from exercises import grade_trained

grade_trained(trained)

# %% [markdown]
# ## What the network has learned
#
# First the loss and the accuracy after each epoch.

# %%
fig, axes = plt.subplots(1, 2, figsize=(7.5, 2.8), layout="constrained")
axes[0].plot(range(1, len(losses) + 1), losses, "o-")
axes[0].set(xlabel="epoch", title="loss", ylim=(0, None))
axes[1].plot(range(1, len(accuracies) + 1), accuracies, "o-")
axes[1].set(xlabel="epoch", title="accuracy on the test images", ylim=(0, 1))
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Left, the training loss. It falls steeply at first and then more slowly. Right, the accuracy on
# the test images, which is above 0.5 after the first epoch and above 0.9 at the end. The details
# depend on the random numbers.
#
# </details>
#
# **Predict.** What do you conclude if the loss keeps falling and the accuracy on the test images
# stops rising? And if the loss does not fall, or becomes `nan`?
#
# <details>
# <summary>Answer</summary>
#
# In the first case the network **overfits**: what it still learns holds for the training images
# only. In the second case look at the learning rate first, then check that every parameter is
# replaced by the result of `momentum_step`.
#
# </details>
#
# The next figure shows the six filters of the first layer, before and after training.

# %%
if trained is None:
    print("No trained network yet: finish the exercise above, then run this cell again.")
else:
    fig, axes = plt.subplots(2, 6, figsize=(7.5, 2.8), layout="constrained")
    for row, start in zip(axes, [start_parameters(0), trained], strict=True):
        for k, ax in enumerate(row):
            image = ax.imshow(start["W1"][:, :, 0, k], cmap="PuOr", vmin=-1, vmax=1)
            ax.set(xticks=[], yticks=[], title=f"filter {k}")
    axes[0, 0].set_ylabel("before")
    axes[1, 0].set_ylabel("after")
    fig.colorbar(image, ax=axes, label="weight", shrink=0.8)
    plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Two rows of six filters of 5 x 5 weights, in purple for positive and orange for negative weights.
# Above are the random weights before training, below the same filters after training. They have
# changed, and still look almost random.
#
# </details>
#
# If you expected clean edge detectors, look again: the filters still look almost random. The last
# experiment below asks how much the network needs the changes in its first layer.
#
# Finally, up to ten of the test images that the network gets wrong. **Which of them would you have
# read correctly?**

# %%
if trained is None:
    print("No trained network yet: finish the exercise above, then run this cell again.")
else:
    predictions = lenet_forward(test_images, trained).argmax(axis=1)
    wrong = np.flatnonzero(predictions != test_labels)
    print(len(wrong), "of", len(test_labels), "test images are classified incorrectly.")
    fig, axes = plt.subplots(2, 5, figsize=(7.5, 3.6), layout="constrained")
    for ax in axes.flat:
        ax.axis("off")
    for ax, k in zip(axes.flat, wrong[:10], strict=False):
        ax.imshow(test_images[k, :, :, 0], cmap="gray_r")
        ax.set_title(f"{test_labels[k]}, predicted {predictions[k]}")
    plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Up to ten misclassified test images. Above each image are its label and the prediction of the
# network.
#
# </details>

# %% [markdown]
# ## Experiments with LeNet
#
# The numbers in the answers come from one run each.
#
# **Zero weights.** What happens if all weights start at zero, like the biases?
#
# <details>
# <summary>Answer</summary>
#
# All gradients are zero except the one of `b5`, because each of the others is a product with a
# zero. The network learns only how frequent each digit is. Random weights also make the units of a
# layer different from each other, which is called **breaking the symmetry**.
#
# </details>
#
# **Learning rate.** Multiply the learning rate by 10, and divide it by 10.
#
# <details>
# <summary>Answer</summary>
#
# With 0.2 the loss fell from 2.16 to 1.31 only, and the accuracy reached 0.60: the steps are too
# long. With 0.002 the accuracy reached 0.86, and the loss was still falling after eight epochs.
#
# </details>
#
# **Momentum.** Set the momentum to 0. With which learning rate are the steps about as long as
# before?
#
# <details>
# <summary>Answer</summary>
#
# With ten times the learning rate, 0.2: if the gradient stays the same, the velocity grows up to
# $1 + 0.9 + 0.9^2 + \dots = 10$ gradients. With 0.02 the loss after eight epochs was 0.087, instead
# of 0.015.
#
# </details>
#
# **Few images.** Train with the first 100 images only, for 40 epochs. Compare the accuracy on these
# with the accuracy on the test images.
#
# <details>
# <summary>Answer</summary>
#
# The network classified all 100 training images correctly, and 74 % of the test images, instead of
# 92 % with 1,500 images. It has memorized the training images: it overfits.
#
# </details>
#
# **A frozen layer.** Leave `W1` and `b1` as they are at the start, and train the other layers.
#
# <details>
# <summary>Answer</summary>
#
# The accuracy reached 0.89, instead of 0.92. Random filters are already useful features, if the
# layers after them are trained.
#
# </details>

# %% [markdown]
# ## A whole network of your own
#
# You have written every line between the pixels and the prediction. Dense layers were matrix
# products, and their shapes told you which factor to transpose. The gradient check says not only
# *that* something is wrong but also *where*, because gradients flow from the loss to the pixels:
# look at the array nearest to the loss that differs. And the training loop fits on half a page. A
# loop in PyTorch does the same things in the same order, so you will recognize each of its lines.
#
# The learning rate fell in one step, after six epochs. Today it usually falls along a cosine, after
# a short warm-up; the notebook *bonus* has an exercise on this.

# %% [markdown] include="hand_in"
