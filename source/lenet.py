# %% [markdown]
# # LeNet
#
# A convolutional network is a chain of layers. You have written its layers one by one; in this
# notebook you put them together. LeNet, of 1998, is one of the oldest of these networks that were
# in daily use: it read the numbers on bank cheques. You write the layers that are still missing,
# chain all of them, and train the network on handwritten digits.
#
# When you have finished, you will be able to
#
# 1. write a dense layer, forward and backward, for a whole batch at once,
# 2. chain layers into a network, get the gradient of every parameter, and check it by nudging,
# 3. train the network with momentum, and say from the loss and the accuracy how it is going.
#
# You need the notebooks on `conv_forward`, `pool_forward` and backpropagation. The last part also
# needs scikit-learn, which holds the images; Colab has it, and elsewhere `pip install scikit-learn`
# brings it. Time: about three hours. There are six exercises, and you can stop after any of them.

# %% include="setup"

# %% [markdown]
# ## What you have already
#
# The next five cells hold the convolution and the pooling layer, forward and backward, and the loss
# at the end of the network. Run them; there is nothing to change in them.
#
# You know these layers with four loops: over the images, the rows, the columns, and the filters
# or channels. Two of the loops have fallen away here. At each position NumPy takes the windows of
# all images at once, and all filters or channels. Your own functions from the earlier notebooks
# give the same numbers, only more slowly: with them the training at the end would take many times
# as long.
#
# For that, each window becomes a row of `windows`, and each filter a column of `filters`. The
# product `windows @ filters` then holds one number for each image and each filter: the dot product
# of a window with a filter.

# %% copy="source" nbgrader={"grade_id": "conv_forward_given"}
from exercises.lenet import conv_forward

# %% copy="source" nbgrader={"grade_id": "pool_forward_given"}
from exercises.lenet import pool_forward

# %% copy="source" nbgrader={"grade_id": "conv_backward_given"}
from exercises.lenet import conv_backward

# %% copy="source" nbgrader={"grade_id": "pool_backward_given"}
from exercises.lenet import pool_backward

# %% copy="source" nbgrader={"grade_id": "softmax_cross_entropy_given"}
from exercises.lenet import softmax_cross_entropy

# %% [markdown]
# The last of them takes the **scores** of a batch, one row for each image and one column for each
# class, and the right classes. The softmax makes probabilities of the scores, and the loss is the
# mean over the images of $-\log$ of the probability that the right class got. With it comes the
# gradient of the loss with respect to the scores. It is divided by the number of images already,
# since the loss is a mean.
#
# **Predict, then run.** All scores are equal, and there are ten classes. What is the loss?

# %%
loss, dscores = softmax_cross_entropy(np.zeros((4, 10)), np.array([3, 0, 7, 7]))
print("loss =", round(loss, 6))
print("dscores[0] =", dscores[0])

# %% [markdown]
# **Expected output**
#
# ```
# loss = 2.302585
# dscores[0] = [ 0.025  0.025  0.025 -0.225  0.025  0.025  0.025  0.025  0.025  0.025]
# ```

# %% [markdown]
# Every class gets the probability 0.1, and $-\log 0.1$ is 2.302585. A network that has not learnt
# anything starts near this number.

# %% [markdown]
# ## A dense layer
#
# In a dense layer every output depends on every input, each through a weight of its own. With
# $n_{prev}$ inputs $a_j$ and $n$ outputs,
#
# $$z_k = \sum_{j=0}^{n_{prev}-1} a_j \, W_{j,k} + b_k
# \qquad \text{for } k = 0, \dots, n-1.$$
#
# The inputs of a batch are the rows of a matrix, $A_{prev}$ of shape
# $(m, n_{prev})$. The weights are a matrix $W$ of shape $(n_{prev}, n)$, the biases a
# row $b$ of shape $(1, n)$. Then the sums of all images and all outputs are one product of
# matrices, and $b$ is added to each of its rows.
#
# **By hand.** Two images with three inputs each, and two outputs:
#
# $$A_{prev} = \begin{pmatrix} 1&2&0\\0&1&3 \end{pmatrix} \qquad
# W = \begin{pmatrix} 1&2\\0&-1\\2&1 \end{pmatrix} \qquad
# b = \begin{pmatrix} 1&-2 \end{pmatrix}$$
#
# The first output of the first image is $1 \cdot 1 + 2 \cdot 0 + 0 \cdot 2 + 1 = 2$. Compute the
# other three on paper; the cell below the exercise shows them.

# %% [markdown]
# ## Exercise: dense_forward
#
# Write the layer. There is no activation in it: the ReLU comes after it, as a step of its own. The
# cache is made already.

# %% copy="source" nbgrader={"grade_id": "dense_forward", "solution": true}
from exercises.lenet import dense_forward

# %% [markdown]
# **Try it** on the numbers from above.

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

# %% nbgrader={"grade_id": "dense_forward_check"}
dense_forward_test(dense_forward)

# %% nbgrader={"grade_id": "dense_forward_grade", "grade": true}
from exercises import grade

grade("dense_forward", dense_forward)

# %% [markdown]
# ## A dense layer, backward
#
# The gradient $dZ$ arrives, in the shape of $Z$. The two facts from the notebook on backpropagation
# are enough: each factor gets the gradient of the product times the other factor, and contributions
# add up. In the formula above,
#
# - $b_k$ stands in output $k$ of every image, with the factor 1: $db_k = \sum_i dZ_{i,k}$;
# - $W_{j,k}$ stands in output $k$ of every image, with the factor $a_j$ of that image:
#   $dW_{j,k} = \sum_i (A_{prev})_{i,j} \, dZ_{i,k}$;
# - $(A_{prev})_{i,j}$ stands in all outputs of image $i$, with the factor $W_{j,k}$:
#   $(dA_{prev})_{i,j} = \sum_k dZ_{i,k} \, W_{j,k}$.
#
# The last two are products of matrices again, if one of the factors is transposed. The shapes tell
# which: a gradient has the shape of what it is the gradient of.
#
# **By hand.** Let $dZ = \begin{pmatrix} 1&-1\\2&3 \end{pmatrix}$ arrive in the example. Then
# $db = (1 + 2,\; -1 + 3) = (3, 2)$. The weight $W_{0,0}$ met the inputs 1 and 0, so
# $dW_{0,0} = 1 \cdot 1 + 0 \cdot 2 = 1$. The input $(A_{prev})_{0,0}$ met the weights 1 and 2,
# so its gradient is $1 \cdot 1 - 1 \cdot 2 = -1$.

# %% [markdown]
# ## Exercise: dense_backward
#
# Write the backward pass. Do not divide by the number of images: the loss has done so.

# %% copy="source" nbgrader={"grade_id": "dense_backward", "solution": true}
from exercises.lenet import dense_backward

# %% [markdown]
# **Try it** on the same example.

# %%
dA_prev, dW, db = dense_backward(np.array([[1.0, -1], [2, 3]]), cache)
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

# %% nbgrader={"grade_id": "dense_backward_check"}
dense_backward_test(dense_backward)

# %% nbgrader={"grade_id": "dense_backward_grade", "grade": true}
from exercises import grade

grade("dense_backward", dense_backward)

# %% [markdown]
# ## LeNet, from images to scores
#
# These are the layers, with the sizes for grey images of 16 by 16 pixels and ten classes:
#
# | layer | | filters or outputs | $f$ | stride | pad | output of one image |
# |---|---|---|---|---|---|---|
# | | image | | | | | $16 \times 16 \times 1$ |
# | 1 | convolution, then ReLU | 6 | 5 | 1 | 2 | $16 \times 16 \times 6$ |
# | | max pooling | | 2 | 2 | | $8 \times 8 \times 6$ |
# | 2 | convolution, then ReLU | 16 | 5 | 1 | 0 | $4 \times 4 \times 16$ |
# | | max pooling | | 2 | 2 | | $2 \times 2 \times 16$ |
# | | flatten | | | | | 64 |
# | 3 | dense, then ReLU | 120 | | | | 120 |
# | 4 | dense, then ReLU | 84 | | | | 84 |
# | 5 | dense | 10 | | | | 10 |
#
# Only the numbered layers have parameters. They are kept in a dictionary, under the names `"W1"`
# and `"b1"` to `"W5"` and `"b5"`.
#
# **Flattening** lays the maps of an image out in one row: `P.reshape(m, -1)` makes a matrix with
# one row for each of the $m$ images, and the $-1$ lets NumPy work out how many columns there are.
#
# **The ReLU** is `np.maximum(Z, 0)`. After the last layer there is none: scores may be negative.
#
# (The LeNet of 1998 differs in details: it has a tanh instead of the ReLU and averages where this
# one takes the maximum. Today the version above is more usual.)
#
# The next cell makes parameters to begin with: biases of zero, and random weights, which are the
# smaller the more inputs a layer has. So the outputs of all layers begin at about the same size.
# The method is called He initialisation.


# %% nbgrader={"grade_id": "start_parameters"}
def start_parameters(seed):
    """Random parameters of LeNet, for grey images of 16 by 16 pixels and ten classes."""
    random = np.random.default_rng(seed)
    shapes = {1: (5, 5, 1, 6), 2: (5, 5, 6, 16), 3: (64, 120), 4: (120, 84), 5: (84, 10)}
    found = {}
    for layer, shape in shapes.items():
        inputs = np.prod(shape[:-1])  # that one output of the layer has
        found[f"W{layer}"] = random.standard_normal(shape) * np.sqrt(2 / inputs)
        found[f"b{layer}"] = np.zeros((1,) * (len(shape) - 1) + shape[-1:])
    return found


parameters = start_parameters(0)

# %%
for name, value in parameters.items():
    print(name, value.shape, value.size)
print("together:", sum(value.size for value in parameters.values()))

# %% [markdown]
# **Expected output**
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

# %% [markdown]
# Where are most of the parameters? (In the dense layers: 18,814 of the 21,386. The filters of a
# convolution are used at every position, so few of them do a lot.)

# %% [markdown]
# ## Exercise: lenet_forward
#
# Write the whole way from the images to the scores, in the order of the table. Each layer works on
# the output of the one above. The layers return a cache as well; here you do not need it, and
# `Z, _ = ...` drops it. Do not write any size of the table into the function: it should also work
# for images of another size, when the parameters fit.

# %% copy="source" nbgrader={"grade_id": "lenet_forward", "solution": true}
from exercises.lenet import lenet_forward

# %% [markdown]
# **Try it** on two images of noise.

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

# %% nbgrader={"grade_id": "lenet_forward_check"}
lenet_forward_test(lenet_forward)

# %% nbgrader={"grade_id": "lenet_forward_grade", "grade": true}
from exercises import grade

grade("lenet_forward", lenet_forward)

# %% [markdown]
# ## LeNet, from the loss back to every parameter
#
# The way back goes through the same layers in reverse order. Each of them gets the gradient of its
# output and hands on the gradient of its input:
#
# 1. `softmax_cross_entropy` gives the loss, and the gradient of the scores.
# 2. The dense layers 5, 4 and 3 each give three gradients: of their input, of `W` and of `b`.
# 3. Between them lie the ReLUs. A ReLU passes on what is positive and turns the rest into 0. So its
#    slope is 1 where $Z > 0$ and 0 elsewhere, and the gradient of $Z$ is the gradient of the ReLU's
#    output times `(Z > 0)`.
# 4. The flattening only changed the shape. On the way back, `reshape` gives the gradient the shape
#    that the maps had.
# 5. Then come the pooling, the ReLU and the convolution of layer 2, and the same of layer 1.
#
# What is needed on the way back has to be kept on the way there: every cache, every $Z$, and the
# shape of the maps before they were flattened.

# %% [markdown]
# ## Exercise: lenet_gradients
#
# Write the way there and back. Begin with the lines of `lenet_forward`, and give every cache a
# name. The gradients go into the dictionary `gradients`, under the names of the parameters: the
# gradient of `parameters["W5"]` is `gradients["W5"]`. Nothing in `parameters` may change.

# %% copy="source" nbgrader={"grade_id": "lenet_gradients", "solution": true}
from exercises.lenet import lenet_gradients

# %% [markdown]
# **Try it** on the images of noise, which are to be a 3 and an 8.

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

# %% nbgrader={"grade_id": "lenet_gradients_check"}
lenet_gradients_test(lenet_gradients)

# %% nbgrader={"grade_id": "lenet_gradients_grade", "grade": true}
from exercises import grade

grade("lenet_gradients", lenet_gradients)

# %% [markdown]
# ## Check the gradients
#
# The check above knows the right gradients. For a network of your own nobody has them; there you
# can nudge. Move one parameter $p$ by a small $\varepsilon$ up and down, and look what the loss
# does:
#
# $$\frac{\partial J}{\partial p} \approx \frac{J(p + \varepsilon) - J(p - \varepsilon)}{2
# \varepsilon}.$$
#
# That takes two forward passes for one number, too slow to train with and good enough to check a
# few parameters of each layer. The next cell takes three of each array. It compares them with
# those of `lenet_gradients` and prints the largest relative difference.
#
# The images here are noise, and the biases are random numbers. In the digits below, large parts
# of the image are exactly 0, and so is $Z$ there while the biases are 0. That is where the ReLU
# has its kink: a nudge up then shows the slope on one side of it, a nudge down that on the other.


# %%
def nudged(images, labels, parameters, name, place, epsilon=1e-5):
    """The gradient of the loss with respect to one number, by nudging it up and down."""
    losses = []
    for step in (epsilon, -epsilon):
        moved = {key: value.copy() for key, value in parameters.items()}
        moved[name].flat[place] += step
        loss, _ = softmax_cross_entropy(lenet_forward(images, moved), labels)
        losses.append(loss)
    return (losses[0] - losses[1]) / (2 * epsilon)


rng = np.random.default_rng(2)
images, labels = rng.standard_normal((4, 16, 16, 1)), np.array([1, 0, 9, 4])
moved = start_parameters(3)
for layer in range(1, 6):
    moved[f"b{layer}"] = rng.standard_normal(moved[f"b{layer}"].shape) / 10

_, gradients = lenet_gradients(images, labels, moved)
for name in moved:
    largest = 0
    for place in rng.choice(moved[name].size, 3, replace=False):
        by_nudging = nudged(images, labels, moved, name, place)
        computed = gradients[name].flat[place]
        size = max(abs(by_nudging), abs(computed), 1e-6)
        largest = max(largest, abs(by_nudging - computed) / size)
    print(name, "agrees" if largest < 1e-5 else f"differs by {largest:.1e}")

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
# If some arrays disagree, look at the last layer among them, counted from the image: what comes
# after it is right, so the mistake lies between the two.

# %% [markdown]
# ## One step
#
# Gradient descent moves every parameter against its gradient. With **momentum** it moves along a
# velocity instead, in which earlier gradients live on:
#
# $$v \leftarrow \mu \, v + dw, \qquad w \leftarrow w - \alpha \, v.$$
#
# Here $\alpha$ is the learning rate, $\mu$ the momentum, a number from 0 to below 1, and $v$ begins
# with zeros. Where the gradients of many steps point the same way, they add up, and the steps grow;
# where they point now here, now there, they cancel.
#
# **By hand.** Let $J = (w - 3)^2$, so $dw = 2(w - 3)$. Begin with $w = 1$ and $v = 0$, and take
# $\alpha = 0.1$ and $\mu = 0.5$. The first gradient is $-4$, so $v = -4$ and $w = 1 + 0.4 = 1.4$.
# The second gradient is $-3.2$, so $v = 0.5 \cdot (-4) - 3.2 = -5.2$ and $w = 1.4 + 0.52 = 1.92$.

# %% [markdown]
# ## Exercise: momentum_step
#
# Write the step, for a parameter of any shape. Make new arrays: `w -= ...` would change the array
# that came in.

# %% copy="source" nbgrader={"grade_id": "momentum_step", "solution": true}
from exercises.lenet import momentum_step

# %% [markdown]
# **Try it** on the example, some steps further.

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

# %% [markdown]
# At the sixth step $w$ is beyond 3, where the loss is smallest: the velocity has carried it past.
# The gradient now has the other sign, slows the velocity down and turns it round.

# %% nbgrader={"grade_id": "momentum_step_check"}
momentum_step_test(momentum_step)

# %% nbgrader={"grade_id": "momentum_step_grade", "grade": true}
from exercises import grade

grade("momentum_step", momentum_step)

# %% [markdown]
# ## The digits
#
# The images are handwritten digits, as they come with scikit-learn: 1,797 of them, 8 by 8 pixels
# with values from 0 to 16. LeNet halves the size twice and has filters of 5 by 5, so it needs
# larger images: every pixel is doubled in both directions, which gives 16 by 16. The first 1,500
# images are for training. The other 297 are for the test: the network never trains on them, so
# they show what it does with images it has not seen.

# %% nbgrader={"grade_id": "data"}
from sklearn.datasets import load_digits


def accuracy(images, labels, parameters):
    """The share of images whose largest score is that of the right digit."""
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
fig, axes = plt.subplots(2, 10, figsize=(10, 2.4), layout="constrained")
for place, axis in enumerate(axes.flat):
    axis.imshow(train_images[place, :, :, 0], cmap="gray_r")
    axis.set_title(str(train_labels[place]))
    axis.axis("off")
plt.show()

# %% [markdown]
# *The figure: the first twenty training images in two rows, 0 to 9 and again 0 to 9, dark on white
# and coarse. Above each stands its label.*
#
# The **accuracy** is the share of images whose largest score is that of the right digit. A network
# that guesses gets about 0.1.


# %%
untrained = accuracy(test_images, test_labels, start_parameters(0))
print("accuracy before training:", round(untrained, 3))

# %% [markdown]
# ## Train it
#
# Training goes through the images in **epochs**. In each epoch every training image has its turn
# once, in a new random order, and in **batches** of some 30 images:
#
# 1. Draw an order: `rng.permutation(1500)` gives the numbers 0 to 1,499, shuffled. The first 30 of
#    them are the first batch, and so on.
# 2. For each batch, compute the gradients, and take a step with every parameter. Each parameter has
#    a velocity of its own, which lives on from batch to batch.
# 3. At the end of the epoch, put the mean of the batches' losses at the end of the list `losses`,
#    and the accuracy on the test images at the end of `accuracies`. They are drawn below.
#
# A learning rate of 0.02 with a momentum of 0.9 works well. After six epochs, steps of this size
# are too large to settle down; two more epochs with a tenth of the learning rate do that. All this
# takes some five seconds.

# %% [markdown]
# ## Exercise: trained
#
# Write the training. At the end, `trained` must be the dictionary of the trained parameters. It is
# graded by its accuracy on the 297 test images, which the grader computes for itself, from your
# parameters and with its own layers:
#
# | accuracy of at least | points |
# |---|---|
# | 0.5 | 4 |
# | 0.75 | 3 more |
# | 0.85 | 3 more |
#
# When your notebook is graded, the cell runs again, and has one minute. Training on the test images
# is not allowed: their accuracy would then say nothing.

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
from exercises import grade_trained

grade_trained(trained)

# %% [markdown]
# ## See what it has learnt
#
# First the loss and the accuracy, epoch by epoch.

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
axes[0].plot(range(1, len(losses) + 1), losses, "o-")
axes[0].set(xlabel="epoch", title="loss", ylim=(0, None))
axes[1].plot(range(1, len(accuracies) + 1), accuracies, "o-")
axes[1].set(xlabel="epoch", title="accuracy on the test images", ylim=(0, 1))
plt.show()

# %% [markdown]
# *The figure: on the left the loss, which falls steeply at first and then more slowly. On the
# right the accuracy, which is above 0.5 after the first epoch and above 0.9 at the end. How the
# curves run in detail depends on the random numbers.*
#
# If the loss falls and the accuracy does not rise, or falls, the network learns the training images
# by heart. If the loss does not fall at all, or becomes `nan`, look at the learning rate first.
#
# Now the six filters of the first layer, before and after training.

# %%
if trained is None:
    print("Nothing has been trained yet.")
else:
    fig, axes = plt.subplots(2, 6, figsize=(9, 3.4), layout="constrained")
    for row, (title, arrays) in enumerate(
        {"before": start_parameters(0), "after": trained}.items()
    ):
        for place in range(6):
            axes[row, place].imshow(arrays["W1"][:, :, 0, place], cmap="PuOr_r", vmin=-1, vmax=1)
            axes[row, place].set(xticks=[], yticks=[], title=f"{title}, {place}")
    plt.show()

# %% [markdown]
# *The figure: two rows of six small squares, the filters, in orange and purple. Above the random
# ones at the beginning, below the same after training. They have changed a little: much of what the
# network has learnt is in how later layers use them.*
#
# And the test images that it gets wrong, up to ten of them. Would you have read all of them
# rightly?

# %%
if trained is not None:
    answers = lenet_forward(test_images, trained).argmax(axis=1)
    wrong = np.flatnonzero(answers != test_labels)[:10]
    fig, axes = plt.subplots(1, 10, figsize=(10, 1.6), layout="constrained")
    for axis in axes:
        axis.axis("off")
    for axis, place in zip(axes, wrong, strict=False):
        axis.imshow(test_images[place, :, :, 0], cmap="gray_r")
        axis.set_title(f"{answers[place]}, is {test_labels[place]}", fontsize=9)
    plt.show()

# %% [markdown]
# *The figure: test images that were read wrongly, each with the network's answer and the right
# one above it.*

# %% [markdown]
# ## What to try next with LeNet
#
# Predict first, then add a cell and find out. What happens if
#
# - the learning rate is ten times as large? Ten times as small?
# - the momentum is 0? (The steps are then about a tenth as long, since with a momentum of 0.9 a
#   velocity adds up to ten times a gradient that stays the same.)
# - all weights begin with zeros? (Nothing is learnt but the biases of the last layer: every
#   gradient of a weight is a product with a 0.)
# - only the first 100 images are used to train? Compare the accuracy on these with that on the test
#   images.
#
# ## Recap of LeNet
#
# You can now
#
# 1. write a dense layer, forward and backward, as products of matrices for a whole batch;
# 2. chain layers into a network, send the gradient back through all of them, and check it by
#    nudging a few parameters;
# 3. train the network in batches with momentum, and read from loss and accuracy how it is going.

# %% [markdown] include="hand_in"
