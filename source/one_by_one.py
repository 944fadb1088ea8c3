# %% [markdown]
# # 1x1 convolution
#
# A filter of one pixel by one pixel seems too small to be of use. In this notebook you write such a
# layer, see that it is a fully connected layer which is applied at every position of an image, and
# turn the fully connected layers of a network into convolutions. After that the network takes
# images of any size.
#
# When you have finished, you will be able to
#
# 1. compute a 1x1 convolution, and say which fully connected layer it applies to every pixel,
# 2. turn a fully connected layer behind a flattened image into a convolution that gives the same
#    numbers, and run it on larger images,
# 3. say what is gained by using 1x1 convolutions instead of fully connected layers.
#
# You need Python and NumPy, and you should have written the forward pass of a convolution layer
# (the notebook *The forward pass of a convolution layer*). Time: about 75 minutes.

# %% include="setup"

# %% [markdown] tags=["given"]
# ## Functions from before
#
# This notebook slides filters over images. The function that does this, and the two that it calls,
# are exercises of earlier notebooks. They are given here, correct and complete.

# %% copy="source" nbgrader={"grade_id": "zero_pad_given"} tags=["given"]
from exercises.loops import zero_pad

# %% copy="source" nbgrader={"grade_id": "conv_single_step_given"} tags=["given"]
from exercises.loops import conv_single_step

# %% copy="source" nbgrader={"grade_id": "conv_forward_given"} tags=["given"]
from exercises.loops import conv_forward

# %% [markdown]
# The next two cells define `draw_grid`, which draws a matrix as a grid with its numbers written in
# it, and `draw_image`, which draws it as a picture. Run them; you do not have to study them.

# %% copy="source" jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

# %% copy="source" jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_image

# %% [markdown]
# ## A fully connected layer
#
# A fully connected layer takes a vector of numbers. It has one *unit* for each of its outputs. A
# unit has one weight for each input; it multiplies, adds up and adds its bias. With $n_{prev}$
# inputs and $n_C$ units,
#
# $$z_c = \sum_{k=0}^{n_{prev}-1} x_k \, W_{k,c} + b_c$$
#
# - $x_k$: the input number $k$; $z_c$: the output of unit $c$
# - $W_{k,c}$: the weight that unit $c$ gives to input $k$; $b_c$: its bias
#
# The weights are a matrix of $n_{prev}$ rows and $n_C$ columns, one column for each unit. Together
# with the biases there are $n_{prev} \cdot n_C + n_C$ parameters.
#
# **By hand.** Two inputs, 3 and 1, and three units, whose weights are the columns of
# $\begin{pmatrix} 1 & 2 & 0 \\ -1 & 1 & 3 \end{pmatrix}$, with the biases 0, 1 and -2. What are the
# three outputs? And how many parameters has a layer of 6 inputs and 3 units? Work both out, then
# run the cell.

# %%
print("outputs:", [3 * 1 + 1 * (-1) + 0, 3 * 2 + 1 * 1 + 1, 3 * 0 + 1 * 3 - 2])
print("parameters from 6 to 3:", 6 * 3 + 3)

# %% [markdown]
# **Expected output**
#
# ```
# outputs: [2, 8, 1]
# parameters from 6 to 3: 21
# ```

# %% [markdown]
# ## The same layer for every pixel
#
# A pixel of an image with $n_{C_{prev}}$ channels is a vector of $n_{C_{prev}}$ numbers. So it can
# be the input of a fully connected layer. A **1x1 convolution** sends every pixel of the image
# through one and the same layer, each by itself:
#
# $$Z_{i,h,w,c} = \sum_{k=0}^{n_{C_{prev}}-1} A^{prev}_{i,h,w,k} \, W_{0,0,k,c} + b_c$$
#
# - $i$: the example; $h$, $w$: row and column, the same in the input and in the output
# - $k$: a channel of the input; $c$: a channel of the output, one for each unit
#
# It is the formula of a convolution layer with $f = 1$, stride 1 and no padding. The window has
# shrunk to one pixel with all its channels, and nothing is added up over rows and columns any more.
# Height and width stay; the number of channels can change.
#
# Here is an image of 2 rows, 3 columns and 2 channels,
#
# $$\text{channel 0} = \begin{pmatrix} 1 & 2 & 0 \\ 3 & 1 & 1 \end{pmatrix}, \qquad
# \text{channel 1} = \begin{pmatrix} 0 & 1 & 2 \\ 1 & 0 & 1 \end{pmatrix},$$
#
# and the layer of three units from above. The pixel in row 1, column 0 is the vector 3, 1, which
# you have done already. **By hand:** compute the other pixels for unit 0, whose weights are 1 and
# -1 and whose bias is 0. Then run the cell. It goes through the units one by one, and each of its
# lines takes all pixels at once.

# %%
channel_0 = np.array([[1, 2, 0], [3, 1, 1]])
channel_1 = np.array([[0, 1, 2], [1, 0, 1]])
unit_0 = 1 * channel_0 - 1 * channel_1 + 0
unit_1 = 2 * channel_0 + 1 * channel_1 + 1
unit_2 = 0 * channel_0 + 3 * channel_1 - 2
print(unit_0, unit_1, unit_2, sep="\n")

fig, axes = plt.subplots(1, 5, figsize=(12, 2.3), layout="constrained")
pixel = [(1, 0, 1, 1, "tab:orange")]
maps = [channel_0, channel_1, unit_0, unit_1, unit_2]
titles = ["channel 0", "channel 1", "unit 0", "unit 1", "unit 2"]
for ax, values, title in zip(axes, maps, titles, strict=True):
    draw_grid(ax, values, title, windows=pixel)
plt.show()

# %% [markdown]
# **Expected output**
#
# ```
# [[ 1  1 -2]
#  [ 2  1  0]]
# [[3 6 3]
#  [8 3 4]]
# [[-2  1  4]
#  [ 1 -2  1]]
# ```

# %% [markdown]
# *The figure: five grids of 2 by 3 cells, the two channels of the image and the three channels of
# the output. In each of them the cell in row 1, column 0 is outlined: 3 and 1 in the image, 2, 8
# and 1 in the output.*
#
# The layer has $2 \cdot 3 + 3 = 9$ parameters, and it would have 9 on an image of any size. With 6
# channels in and 3 out it has 21, exactly as many as the fully connected layer from 6 to 3: it is
# that layer. The arrays are those of a convolution: `W` has the shape `(1, 1, n_C_prev, n_C)` and
# `b` the shape `(1, 1, 1, n_C)`. So `W[0, 0]` is the weight matrix of the layer and `b[0, 0, 0]`
# the vector of its biases.

# %% [markdown]
# ## Exercise: one_by_one_forward
#
# Write the function `one_by_one_forward(A_prev, W, b)`. Do it as the text above says it, without
# `conv_forward`: take each pixel, and let a fully connected layer make a vector of it. `np.dot`
# multiplies a vector by a matrix. Replace the line `# YOUR CODE HERE` and the `raise` line after
# it.
#
# Traps:
#
# - Each pixel has its own result, and its own place in `Z`.
# - The output has as many channels as there are units, not as many as the input.
# - Each unit has a bias of its own.
# - There is no activation in this function. Negative results stay negative.

# %% copy="source" nbgrader={"grade_id": "one_by_one_forward", "solution": true}
from exercises.loops import one_by_one_forward

# %% [markdown]
# **Try it** on the example from above, and on random numbers.

# %%
image = np.stack([channel_0, channel_1], axis=2).reshape(1, 2, 3, 2)
weights_of_layer = np.array([[1, 2, 0], [-1, 1, 3]]).reshape(1, 1, 2, 3)
biases_of_layer = np.array([0, 1, -2]).reshape(1, 1, 1, 3)
Z = one_by_one_forward(image, weights_of_layer, biases_of_layer)
print("Z.shape =", Z.shape)
print("Z[0, 1, 0] =", Z[0, 1, 0])
print("unit 2:")
print(Z[0, :, :, 2])

np.random.seed(1)
A_prev = np.random.randn(2, 4, 5, 6)
W = np.random.randn(1, 1, 6, 3)
b = np.random.randn(1, 1, 1, 3)
Z = one_by_one_forward(A_prev, W, b)
print("Z.shape =", Z.shape)
print("Z's mean =", np.mean(Z))
print("Z[1, 2, 3] =", Z[1, 2, 3])
same, cache = conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})
print("as conv_forward gives it:", np.allclose(Z, same))

# %% [markdown]
# **Expected output**
#
# ```
# Z.shape = (1, 2, 3, 3)
# Z[0, 1, 0] = [2. 8. 1.]
# unit 2:
# [[-2.  1.  4.]
#  [ 1. -2.  1.]]
# Z.shape = (2, 4, 5, 3)
# Z's mean = 0.08448238641691441
# Z[1, 2, 3] = [-3.22855333  1.05491033  0.83227606]
# as conv_forward gives it: True
# ```

# %% nbgrader={"grade_id": "one_by_one_forward_check"}
one_by_one_forward_test(one_by_one_forward)

# %% nbgrader={"grade_id": "one_by_one_forward_grade", "grade": true}
from exercises import grade

grade("one_by_one_forward", one_by_one_forward)

# %% [markdown]
# ## A 1x1 convolution mixes colours
#
# On a colour image a 1x1 convolution makes new channels out of red, green and blue. It cannot see
# edges or shapes, since it never looks at two pixels together. Two units on a picture with three
# discs: the first has the weights 0.299, 0.587 and 0.114, with which a colour is commonly turned
# into a grey of the same brightness. The second has 1, -0.5 and -0.5.
#
# **Predict, then run.** Which disc will be the brightest in the output of each unit?

# %%
rows, columns = np.mgrid[0:40, 0:100]
colours = np.zeros((1, 40, 100, 3))
for channel, middle in enumerate((20, 50, 80)):  # a red, a green and a blue disc
    colours[0, :, :, channel] = np.hypot(rows - 20, columns - middle) < 13
mix = np.array([[0.299, 1.0], [0.587, -0.5], [0.114, -0.5]]).reshape(1, 1, 3, 2)
mixed = one_by_one_forward(colours, mix, np.zeros((1, 1, 1, 2)))
print("mixed.shape =", mixed.shape)
print("grey of the discs:", mixed[0, 20, [20, 50, 80], 0])
print("second unit:      ", mixed[0, 20, [20, 50, 80], 1])

fig, axes = plt.subplots(1, 3, figsize=(12, 2.6), layout="constrained")
axes[0].imshow(colours[0])
axes[0].set_title("the picture: red, green, blue")
draw_image(axes[1], mixed[0, :, :, 0], "unit 0, grey")
draw_image(axes[2], mixed[0, :, :, 1], "unit 1, red against the others")
plt.show()

# %% [markdown]
# **Expected output**
#
# ```
# mixed.shape = (1, 40, 100, 2)
# grey of the discs: [0.299 0.587 0.114]
# second unit:       [ 1.  -0.5 -0.5]
# ```

# %% [markdown]
# *The figure: on the left a red, a green and a blue disc on black. In the middle the same discs in
# grey: the green one is the brightest, the blue one the darkest. On the right the first disc is
# purple, for numbers above zero, and the other two are orange, for numbers below.*

# %% [markdown]
# ## A fully connected layer after flattening
#
# Many networks end like this: the last images, of $f \times f$ pixels with $n_{C_{prev}}$ channels,
# are flattened into vectors of $f \cdot f \cdot n_{C_{prev}}$ numbers, and a fully connected layer
# turns each vector into scores. Flattening goes through an image row by row, in a row column by
# column, and in a pixel channel by channel.
#
# **Predict, then run.** An image of 2 by 2 pixels with 3 channels holds the numbers 0 to 11, and
# each of them says at which place it stands in the flattened vector. Which numbers does the pixel
# in row 1, column 0 hold?

# %%
numbered = np.arange(12).reshape(2, 2, 3)
print("row 1, column 0:", numbered[1, 0])
print("channel 0:")
print(numbered[:, :, 0])
print("flattened:", numbered.reshape(12))

# %% [markdown]
# **Expected output**
#
# ```
# row 1, column 0: [6 7 8]
# channel 0:
# [[0 3]
#  [6 9]]
# flattened: [ 0  1  2  3  4  5  6  7  8  9 10 11]
# ```

# %% [markdown]
# So the rows 6, 7 and 8 of the weight matrix are about the pixel in row 1, column 0. And a column
# of the matrix, the weights of one unit, holds one number for each pixel and channel of the image.
# Give it the shape of the image again, and it is a **filter** of $f \times f$ pixels with
# $n_{C_{prev}}$ channels. Multiplying the flattened image by the column and adding up is the same
# as laying that filter on the image, multiplying place by place and adding up. That is one step of
# a convolution. There is one place where a filter as large as the image fits, so each unit gives
# one number, as before.
#
# A fully connected layer behind a flattened image is a convolution layer with filters as large as
# the image, without padding. If the "image" is a single pixel, that is a 1x1 convolution.
#
# **By hand.** Last images of 4 by 4 pixels with 6 channels, and 3 units. How many parameters has
# the fully connected layer behind them, how many the convolution that it is, and how many a 1x1
# convolution from 6 channels to 3?

# %%
print("fully connected, flattened:", 4 * 4 * 6 * 3 + 3)
print("as a convolution, f = 4:   ", 3 * (4 * 4 * 6 + 1))
print("1x1 convolution:           ", 6 * 3 + 3)

# %% [markdown]
# **Expected output**
#
# ```
# fully connected, flattened: 291
# as a convolution, f = 4:    291
# 1x1 convolution:            21
# ```

# %% [markdown]
# ## Exercise: dense_as_convolution
#
# Write the function `dense_as_convolution(W, b, f)`. `W` has the shape
# `(f * f * n_C_prev, n_C)` and `b` the shape `(1, n_C)`: they belong to a fully connected layer (a
# *dense* layer, as it is also called) behind flattened images of $f \times f$ pixels. The function
# returns `W_conv` of shape `(f, f, n_C_prev, n_C)` and `b_conv` of shape `(1, 1, 1, n_C)`, with
# which `conv_forward` computes the same. The values do not change, only their places.
#
# Replace the line `# YOUR CODE HERE` and the `raise` line after it. The number of channels is not
# given. It follows from the number of rows of `W` and from `f`.

# %% copy="source" nbgrader={"grade_id": "dense_as_convolution", "solution": true}
from exercises.loops import dense_as_convolution

# %% [markdown]
# **Try it.** Two images of 3 by 3 pixels with 2 channels go through a layer of 4 units, once
# flattened and once as a convolution. Then two larger images do.

# %%
np.random.seed(1)
small = np.random.randn(2, 3, 3, 2)
W_dense = np.random.randn(18, 4)
b_dense = np.random.randn(1, 4)
flattened = small.reshape(2, 18)
scores = flattened @ W_dense + b_dense
W_conv, b_conv = dense_as_convolution(W_dense, b_dense, 3)
print("W_conv.shape =", W_conv.shape, "b_conv.shape =", b_conv.shape)
print("W_conv[1, 0, :, 2] =", W_conv[1, 0, :, 2])
Z, cache = conv_forward(small, W_conv, b_conv, {"stride": 1, "pad": 0})
print("Z.shape =", Z.shape)
print("the same scores:", np.allclose(Z.reshape(2, 4), scores))

large = np.random.randn(2, 5, 7, 2)
print("flattened, a large image has", 5 * 7 * 2, "numbers; W_dense has", len(W_dense), "rows")
Z, cache = conv_forward(large, W_conv, b_conv, {"stride": 1, "pad": 0})
print("Z.shape =", Z.shape)
window = large[:, 2:5, 4:7, :].reshape(2, 18)
print("each place as its own window:", np.allclose(Z[:, 2, 4], window @ W_dense + b_dense))

# %% [markdown]
# **Expected output**
#
# ```
# W_conv.shape = (3, 3, 2, 4) b_conv.shape = (1, 1, 1, 4)
# W_conv[1, 0, :, 2] = [0.51292982 1.13162939]
# Z.shape = (2, 1, 1, 4)
# the same scores: True
# flattened, a large image has 70 numbers; W_dense has 18 rows
# Z.shape = (2, 3, 5, 4)
# each place as its own window: True
# ```

# %% nbgrader={"grade_id": "dense_as_convolution_check"}
dense_as_convolution_test(dense_as_convolution)

# %% nbgrader={"grade_id": "dense_as_convolution_grade", "grade": true}
from exercises import grade

grade("dense_as_convolution", dense_as_convolution)

# %% [markdown]
# ## A network that takes images of any size
#
# Here is a network of two fully connected layers, made by hand. It takes images of 5 by 5 pixels
# and tells whether they show a T or an L.
#
# - The first layer has two units. Their weights are a picture of a T and one of an L: 1 where the
#   letter is, -1 where it is not. The bias is chosen so that a unit gives 3 for exactly its letter,
#   and less for anything else. A ReLU makes zero of what is negative.
# - The second layer has one unit, with the weights 1 and -1: it gives 3 for a T and -3 for an L.
#
# As fully connected layers they know images of 5 by 5 pixels and nothing else. The cell below turns
# both into convolutions, the first with $f = 5$ and the second with $f = 1$, and runs them on a
# picture of 12 by 20 pixels that holds three letters.
#
# **Predict, then run.** Which shape has the output, and where will the largest and the smallest
# number stand?

# %%
T = np.array([[1, 1, 1, 1, 1]] + 4 * [[0, 0, 1, 0, 0]])
L = np.array(4 * [[1, 0, 0, 0, 0]] + [[1, 1, 1, 1, 1]])
templates = np.stack([2 * T - 1, 2 * L - 1], axis=2)  # 5 x 5 pixels for each of two units
W_1 = templates.reshape(25, 2)
b_1 = np.full((1, 2), 3.0 - 9)  # both letters have 9 pixels
W_2 = np.array([[1.0], [-1.0]])
b_2 = np.zeros((1, 1))


def network(images):
    filters, biases = dense_as_convolution(W_1, b_1, 5)
    found, cache = conv_forward(images, filters, biases, {"stride": 1, "pad": 0})
    return one_by_one_forward(np.maximum(0, found), *dense_as_convolution(W_2, b_2, 1))


print("a T alone:", network(T.reshape(1, 5, 5, 1)).ravel())
print("an L alone:", network(L.reshape(1, 5, 5, 1)).ravel())

letters = np.zeros((12, 20))
letters[1:6, 2:7] = T
letters[6:11, 9:14] = L
letters[2:7, 14:19] = T
answer = network(letters.reshape(1, 12, 20, 1))
print("answer.shape =", answer.shape)
print("T at", *(tuple(map(int, place)) for place in np.argwhere(answer[0, :, :, 0] == 3)))
print("L at", *(tuple(map(int, place)) for place in np.argwhere(answer[0, :, :, 0] == -3)))

fig, axes = plt.subplots(1, 2, figsize=(12, 3.4), width_ratios=[20, 16], layout="constrained")
draw_image(axes[0], letters, "the picture")
draw_image(axes[1], answer[0, :, :, 0], "the network's answer at every place")
plt.show()

# %% [markdown]
# **Expected output**
#
# ```
# a T alone: [3.]
# an L alone: [-3.]
# answer.shape = (1, 8, 16, 1)
# T at (1, 2) (2, 14)
# L at (6, 9)
# ```

# %% [markdown]
# *The figure: on the left a T, an L and another T in white on black. On the right a smaller, white
# map with two purple cells, for T, and one orange one, for L.*
#
# The map has 8 rows and 16 columns, one answer for each window of 5 by 5 pixels. The place of an
# answer is the upper left corner of its window. The network was not trained again and has no new
# parameter. All it took was to write its layers as convolutions.
#
# The same happens with large networks. One that was trained on 28 by 28 pixels may halve them
# twice, to 7 by 7, and end with a layer of 7 by 7 filters and a 1x1 convolution to 10 channels.
# **Predict, then run:** how large is its output for images of 28 by 28 pixels, and for images of 64
# by 64?

# %%
for pixels in (28, 64):
    last = pixels // 2 // 2
    print(f"{pixels} x {pixels} pixels: last images {last} x {last}, output", last - 7 + 1)

# %% [markdown]
# **Expected output**
#
# ```
# 28 x 28 pixels: last images 7 x 7, output 1
# 64 x 64 pixels: last images 16 x 16, output 10
# ```

# %% [markdown]
# For a batch of 32 images that is an output of shape `(32, 1, 1, 10)` and one of shape
# `(32, 10, 10, 10)`: ten scores for the whole image in the first case, and ten scores for each of
# 100 overlapping parts of it in the second.

# %% [markdown]
# ## Question: the advantages of 1x1 convolution
#
# What are the advantages of using a 1x1 convolution instead of a fully connected layer? Name three,
# and explain each of them: what makes it so, and an example, with sizes or numbers, from this
# notebook or of your own. 100 to 200 words are enough.
#
# Write your answer into the cell below, in place of the words that stand there. A person will read
# it. (Double-click the cell to edit it, and press Shift+Enter when you are done.)

# %% [markdown] nbgrader={"grade_id": "advantages", "grade": true, "solution": true, "points": 6}
# 1. **Inputs of any size.** The matrix of a fully connected layer behind a flattened image has a
#    row for each pixel and channel, so it fits images of one size. The weights of a 1x1 convolution
#    do not depend on height and width: the T and L network took 5 by 5 and 12 by 20 pixels.
# 2. **Places are kept.** Flattening loses where things were. A 1x1 convolution gives a map of
#    scores: the network said where in the picture the T stood.
# 3. **Fewer parameters.** Behind 4 by 4 pixels with 6 channels, three fully connected units have
#    291 parameters, the 1x1 convolution has 21, because it uses the same weights at every position.
#    That also leaves less room for learning the training images by heart.

# %% [markdown] nbgrader={"grade_id": "advantages_scheme"}
# **How the answer is graded.** Up to three advantages count, with 2 points each: 1 point for naming
# it, 1 point for explaining what makes it so with an example. Spelling and length do not count.
#
# ### BEGIN MARK SCHEME
# **For the person who grades.** Any three of these, also in other words:
#
# - *Inputs of any size*: the weights do not depend on height and width, while the matrix of a fully
#   connected layer has $f \cdot f \cdot n_{C_{prev}}$ rows. On a larger image comes a map of
#   outputs.
# - *Places are kept*: the output has rows and columns, flattening loses them. (For example: where
#   the T stood.)
# - *Fewer parameters* than a layer behind a **flattened** image: 21 against 291. The explanation
#   must say that weights are shared between positions or do not multiply with the number of pixels.
#   From one pixel, 6 to 3, both have 21: "always fewer" earns the naming point only.
# - *Shared weights*: the same is computed at every position, wherever something is; fewer
#   parameters to overfit with.
# - *One pass over a large image* instead of cutting every window out: what overlapping windows have
#   in common is computed once.
# - *Cheap change of the number of channels*, or one more layer with an activation, without a wider
#   view.
#
# No point for: it sees neighbouring pixels (it does not), it is more accurate or faster without a
# reason. What is wrong costs nothing, unless it is the explanation that is to earn the point.
# ### END MARK SCHEME

# %% [markdown]
# ## What to try next with 1x1 convolutions
#
# Predict first, then add a cell and find out. What happens if
#
# - two 1x1 convolutions follow each other, without an activation between them? (One 1x1 convolution
#   does the same. Its weight matrix is the product of the two.)
# - you shuffle the pixels of an image before a 1x1 convolution? (The output is shuffled in the same
#   way. Each pixel is treated by itself.)
# - you average the output over rows and columns, `Z.mean(axis=(1, 2))`? (There is one vector for
#   each image, whatever its size. Many networks end like this.)
# - a letter T in the picture has one pixel missing? (The first layer gives 2 for it and no longer
#   3: one product of 1 has become 0.)

# %% [markdown]
# ## Recap of 1x1 convolution
#
# You can now
#
# 1. compute a 1x1 convolution: every pixel, a vector of $n_{C_{prev}}$ numbers, goes through the
#    same fully connected layer, with $n_{C_{prev}} \cdot n_C + n_C$ parameters for an image of any
#    size;
# 2. turn a fully connected layer behind a flattened image of $f \times f$ pixels into a convolution
#    with $f \times f$ filters, and get a map of its answers on a larger image;
# 3. say what is gained: inputs of any size, places that are kept, and weights that are shared.

# %% [markdown] include="hand_in"
