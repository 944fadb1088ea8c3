# %% [markdown]
# # 1x1 convolution
#
# A kernel of a single pixel seems too small to be useful, and yet many networks have dozens of
# layers with such kernels. In this notebook you write a 1x1 convolution, and you see that it
# applies one fully connected layer at every position of an image. Then you turn the fully connected
# layers of a network into convolutions, so that the network accepts larger images.
#
# By the end of this notebook you will be able to
#
# 1. compute a 1x1 convolution, and say which fully connected layer it applies to every pixel;
# 2. turn a fully connected layer after a flattened image into a convolution that computes the same
#    numbers, and run it on larger images;
# 3. explain the advantages of 1x1 convolutions over fully connected layers.
#
# **Time:** about 90 minutes. **You need:** Python and NumPy, and the forward pass of a convolution
# layer (the notebook *The forward pass of a convolution layer*).

# %% include="setup"

# %% [markdown] tags=["given"]
# ## Functions from earlier notebooks
#
# You will compare your functions with a convolution layer. Here are `conv_forward` and the two
# functions that it calls, from earlier notebooks.

# %% copy="source" nbgrader={"grade_id": "zero_pad_given"} tags=["given"]
from exercises.loops import zero_pad

# %% copy="source" nbgrader={"grade_id": "conv_single_step_given"} tags=["given"]
from exercises.loops import conv_single_step

# %% copy="source" nbgrader={"grade_id": "conv_forward_given"} tags=["given"]
from exercises.loops import conv_forward

# %% [markdown]
# The next two cells define `draw_grid`, which draws a matrix as a grid with its numbers in it, and
# `draw_image`, which draws a matrix as an image. Run them; you do not have to read them.

# %% copy="source" jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

# %% copy="source" jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_image

# %% [markdown]
# ## A fully connected layer
#
# A fully connected layer, or **dense layer**, takes a vector and returns a vector. It has one
# **unit** for each output. A unit has one weight for each input and one bias, and it computes a
# weighted sum of its inputs plus the bias. With $n_{prev}$ inputs and $n_C$ units,
#
# $$z_c = \sum_{k=0}^{n_{prev}-1} x_k \, W_{k,c} + b_c$$
#
# - $x_k$: input number $k$; $z_c$: the output of unit $c$
# - $W_{k,c}$: the weight of unit $c$ for input $k$; $b_c$: its bias
#
# The weights are a matrix with $n_{prev}$ rows and $n_C$ columns, one column for each unit.
# Together with the biases, the layer has $n_{prev} \cdot n_C + n_C$ parameters.
#
# **By hand.** A layer has two inputs, 3 and 1, and three units. The weights of the units are the
# columns of $\begin{pmatrix} 1 & 2 & 0 \\ -1 & 1 & 3 \end{pmatrix}$, and the biases are 0, 1 and
# -2. Compute the three outputs, and the number of parameters of a layer with 6 inputs and 3 units.
# Then run the cell.

# %% jupyter={"source_hidden": true} cellView="form"
print("outputs:", [3 * 1 + 1 * (-1) + 0, 3 * 2 + 1 * 1 + 1, 3 * 0 + 1 * 3 - 2])
print("parameters from 6 to 3:", 6 * 3 + 3)

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# outputs: [2, 8, 1]
# parameters from 6 to 3: 21
# ```
#
# </details>

# %% [markdown]
# ## The same layer for every pixel
#
# A pixel of an image with $n_{C_{prev}}$ channels is a vector of $n_{C_{prev}}$ numbers, so it can
# be the input of a fully connected layer. A **1x1 convolution**, or **pointwise convolution**,
# applies one such layer to every pixel separately:
#
# $$Z_{i,h,w,c} = \sum_{k=0}^{n_{C_{prev}}-1} A^{prev}_{i,h,w,k} \, W_{0,0,k,c} + b_c$$
#
# - $i$: the example; $h$, $w$: row and column, the same in the input and in the output
# - $k$: a channel of the input; $c$: a channel of the output, one for each unit
#
# This is the formula of a convolution layer with $f = 1$, stride 1 and no padding. The window
# contains one pixel with all its channels, so there is no sum over rows and columns. The height and
# width stay the same; the number of channels can change.
#
# Take an image with 2 rows, 3 columns and 2 channels,
#
# $$\text{channel 0} = \begin{pmatrix} 1 & 2 & 0 \\ 3 & 1 & 1 \end{pmatrix}, \qquad
# \text{channel 1} = \begin{pmatrix} 0 & 1 & 2 \\ 1 & 0 & 1 \end{pmatrix},$$
#
# and the layer with three units from above. The pixel in row 1, column 0 is the vector 3, 1, which
# you have computed already. **By hand:** compute the other pixels for unit 0, whose weights are 1
# and -1 and whose bias is 0. Then run the cell, which computes one unit in each line, for all
# pixels at once.

# %%
channel_0 = np.array([[1, 2, 0], [3, 1, 1]])
channel_1 = np.array([[0, 1, 2], [1, 0, 1]])
unit_0 = 1 * channel_0 - 1 * channel_1 + 0
unit_1 = 2 * channel_0 + 1 * channel_1 + 1
unit_2 = 0 * channel_0 + 3 * channel_1 - 2
print(unit_0, unit_1, unit_2, sep="\n")

fig, places = plt.subplot_mosaic(".AABB.;CCDDEE", figsize=(7.5, 4), layout="constrained")
pixel = [(1, 0, 1, 1, "tab:orange")]
maps = [channel_0, channel_1, unit_0, unit_1, unit_2]
titles = ["channel 0", "channel 1", "unit 0", "unit 1", "unit 2"]
for ax, values, title in zip(places.values(), maps, titles, strict=True):
    draw_grid(ax, values, title, windows=pixel)
plt.show()

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# [[ 1  1 -2]
#  [ 2  1  0]]
# [[3 6 3]
#  [8 3 4]]
# [[-2  1  4]
#  [ 1 -2  1]]
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Five grids of 2 by 3 cells: above, the two channels of the image, and below, the three channels of
# the output. In each grid the cell in row 1, column 0 is outlined: 3 and 1 in the image, 2, 8 and 1
# in the output.
#
# </details>
#
# The layer has $2 \cdot 3 + 3 = 9$ parameters. With 6 input channels and 3 output channels, a 1x1
# convolution has 21 parameters, exactly as many as the fully connected layer from 6 to 3, because
# it is that layer. Its arrays have the shapes of a convolution layer: `W` has the shape `(1, 1,
# n_C_prev, n_C)` and `b` the shape `(1, 1, 1, n_C)`. So `W[0, 0]` is the weight matrix of the fully
# connected layer, and `b[0, 0, 0]` is the vector of its biases.

# %% [markdown]
# ## Exercise: one_by_one_forward
#
# Write the function `one_by_one_forward(A_prev, W, b)` for float arrays, without `conv_forward`, as
# in the text above: take each pixel, and apply a fully connected layer to it. `np.dot` multiplies a
# vector by a matrix. Replace the line `# YOUR CODE HERE` and the `raise` line below it.
#
# **When something is not right, ask yourself:**
#
# - Does each pixel have its own result, stored at its own position of `Z`?
# - Does the output have as many channels as there are units?
# - Does each unit add its own bias, once?
# - Do negative results stay negative? This function contains no activation function.

# %% solution="one_by_one_forward"

# %% [markdown]
# **Try it** on the example from above, and on random numbers.

# %%
image = np.stack([channel_0, channel_1], axis=2).reshape(1, 2, 3, 2).astype(float)
weights_of_layer = np.array([[1.0, 2, 0], [-1, 1, 3]]).reshape(1, 1, 2, 3)
biases_of_layer = np.array([0.0, 1, -2]).reshape(1, 1, 1, 3)
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

# %% check="one_by_one_forward"

# %% [markdown]
# ## Find the bug in a layer for channels first
#
# *This section is not graded.* PyTorch stores feature maps with the channels first, in the shape
# $(m, n_C, n_H, n_W)$. Somebody wrote a 1x1 convolution for this order, and tested it with an image
# of one channel:


# %%
def channels_first(X, W, b):
    """Return a 1x1 convolution of X, of shape (m, n_C_prev, n_H, n_W), to (m, n_C, n_H, n_W)."""
    (m, n_C_prev, n_H, n_W) = X.shape
    Z = one_by_one_forward(X.reshape(m, n_H, n_W, n_C_prev), W, b)
    return Z.transpose(0, 3, 1, 2)


one_channel = np.arange(6.0).reshape(1, 1, 2, 3)
print(channels_first(one_channel, np.array([[[[2.0, -1.0]]]]), np.zeros((1, 1, 1, 2))))

# %% [markdown]
# **Expected output**
#
# ```
# [[[[ 0.  2.  4.]
#    [ 6.  8. 10.]]
#
#   [[ 0. -1. -2.]
#    [-3. -4. -5.]]]]
# ```

# %% [markdown]
# The first channel holds the input times 2, and the second one the input times -1. That is right,
# and the test passes. But the function has a bug. **Find a shape for which its result is wrong**,
# and put it in place of `None`. Some shapes with more than one channel still give the right result;
# try to find one of these as well.

# %%
shape_of_X = None  # (m, n_C_prev, n_H, n_W)

# %% jupyter={"source_hidden": true} cellView="form"
if shape_of_X is None:
    print("No shape yet: replace None in the cell above, and run both cells.")
elif np.shape(shape_of_X) != (4,):
    print("A shape of four numbers is needed: (m, n_C_prev, n_H, n_W).")
else:
    numbers = np.random.default_rng(0)
    X = numbers.normal(size=shape_of_X)
    some_W, some_b = numbers.normal(size=(1, 1, X.shape[1], 3)), numbers.normal(size=(1, 1, 1, 3))
    right = np.moveaxis(one_by_one_forward(np.moveaxis(X, 1, 3), some_W, some_b), 3, 1)
    wrong = np.sum(~np.isclose(channels_first(X, some_W, some_b), right))
    print(f"{wrong} of {right.size} values are wrong for the shape {X.shape}.")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# `reshape` keeps the order of the numbers in memory and only changes where the axes are cut. To
# move an axis you need `transpose` or `np.moveaxis`. With one channel both give the same array. The
# same is true for images of a single pixel, such as `(2, 4, 1, 1)`. For `(1, 2, 2, 3)` the function
# mixes values of different pixels. It raises no error, because both arrays have the same shape. A
# test should therefore use several channels, a height that differs from the width, and random
# numbers.
#
# </details>

# %% [markdown]
# ## Without loops
#
# *This section is not graded.* Your function calls `np.dot` once for every pixel, and most of its
# time goes into Python's loops. **Vectorization** replaces loops in Python with operations on whole
# arrays. Write a second version, `one_by_one_fast(A_prev, W, b)`, without a loop. The documentation
# of `np.matmul` says what it does with arrays that have more than two axes.
#
# **Predict, then run.** By which factor is it faster on 2 images of $64 \times 64$ pixels with 16
# channels?

# %%
one_by_one_fast = None  # replace with your function: def one_by_one_fast(A_prev, W, b): ...

# %%
import time


def shortest_time(function, *arguments):
    """Return the shortest of three runs, in seconds: other programs can only make a run slower."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - start)
    return min(times)


if one_by_one_fast is None:
    print("No function yet: write one_by_one_fast in the cell above.")
else:
    numbers = np.random.default_rng(0)
    layer = [numbers.normal(size=size) for size in ((2, 64, 64, 16), (1, 1, 16, 8), (1, 1, 1, 8))]
    expected, actual = one_by_one_forward(*layer), one_by_one_fast(*layer)
    if np.shape(actual) != expected.shape:
        print(f"one_by_one_fast returns the shape {np.shape(actual)}, expected {expected.shape}.")
    elif not np.allclose(actual, expected):
        print("one_by_one_fast and one_by_one_forward give different values.")
    else:
        factor = shortest_time(one_by_one_forward, *layer) / shortest_time(one_by_one_fast, *layer)
        print(f"the same numbers, {factor:.0f} times as fast on this computer")

# %% [markdown]
# The work is the same in both versions: the same number of products and sums. What disappears is
# the overhead of 8,192 calls from Python. The factor therefore depends on the computer, and it
# becomes smaller when there are more channels. Change the 16 and the 8 to 256 and see.

# %% [markdown]
# ## A 1x1 convolution mixes colors
#
# Applied to a color image, a 1x1 convolution computes new channels from red, green and blue. It
# cannot see edges or shapes, since it never combines two pixels. The next cell applies two units to
# an image with three discs. The first unit has the weights 0.299, 0.587 and 0.114, which convert a
# color to a gray of about the same brightness. The second one has the weights 1, -0.5 and -0.5.
#
# **Predict, then run.** Which disc will be the brightest in the output of each unit?

# %%
rows, columns = np.mgrid[0:40, 0:100]
colors = np.zeros((1, 40, 100, 3))
for channel, middle in enumerate((20, 50, 80)):  # a red, a green and a blue disc
    colors[0, :, :, channel] = np.hypot(rows - 20, columns - middle) < 13
mix = np.array([[0.299, 1.0], [0.587, -0.5], [0.114, -0.5]]).reshape(1, 1, 3, 2)
mixed = one_by_one_forward(colors, mix, np.zeros((1, 1, 1, 2)))
print("mixed.shape =", mixed.shape)
print("gray of the discs:", mixed[0, 20, [20, 50, 80], 0])
print("second unit:      ", mixed[0, 20, [20, 50, 80], 1])

fig, axes = plt.subplots(1, 3, figsize=(7.5, 1.5), layout="constrained")
axes[0].imshow(colors[0])
axes[0].set(title="red, green, blue", xticks=[], yticks=[])
draw_image(axes[1], mixed[0, :, :, 0], "unit 0: gray", scale=False)
draw_image(axes[2], mixed[0, :, :, 1], "unit 1: red against others", scale=False)
plt.show()

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# mixed.shape = (1, 40, 100, 2)
# gray of the discs: [0.299 0.587 0.114]
# second unit:       [ 1.  -0.5 -0.5]
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# On the left a red, a green and a blue disc on black. In the middle the same discs in gray: the
# green one is the brightest, the blue one the darkest. On the right the first disc is purple, for
# values above zero, and the other two are orange, for values below zero.
#
# </details>

# %% [markdown]
# ## A fully connected layer after flattening
#
# In many networks for classification, the last feature maps, of $f \times f$ pixels with
# $n_{C_{prev}}$ channels, are **flattened** into vectors of $f \cdot f \cdot n_{C_{prev}}$ numbers.
# A fully connected layer then turns each vector into scores. Flattening goes through an image row
# by row, through each row pixel by pixel, and through each pixel channel by channel.
#
# **Predict, then run.** An image of 2 by 2 pixels with 3 channels holds the numbers 0 to 11, so
# that each number is its own position in the flattened vector. Which numbers does the pixel in row
# 1, column 0 hold?

# %%
numbered = np.arange(12).reshape(2, 2, 3)
print("row 1, column 0:", numbered[1, 0])
print("channel 0:")
print(numbered[:, :, 0])
print("flattened:", numbered.reshape(12))

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# row 1, column 0: [6 7 8]
# channel 0:
# [[0 3]
#  [6 9]]
# flattened: [ 0  1  2  3  4  5  6  7  8  9 10 11]
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The numbers 6, 7 and 8. So the rows 6, 7 and 8 of the weight matrix belong to this pixel.
#
# </details>
#
# A column of the weight matrix, the weights of one unit, holds one weight for each pixel and
# channel of the image. Arranged in the shape of the image, these weights are a **filter** of
# $f \times f$ pixels with $n_{C_{prev}}$ channels. The dot product of the column and the flattened
# image is the sum of the element-wise product of the filter and the image: one step of a
# convolution. A filter as large as the image fits at one position, so each unit still gives one
# number.
#
# **A fully connected layer after a flattened image is a convolution layer without padding whose
# filters are as large as the image.** If the image has a single pixel, it is a 1x1 convolution.
#
# **By hand.** The last feature maps have 4 by 4 pixels and 6 channels, and there are 3 units. How
# many parameters does the fully connected layer have? How many does the same layer have as a
# convolution, and how many a 1x1 convolution from 6 channels to 3?

# %% jupyter={"source_hidden": true} cellView="form"
print("fully connected, flattened:", 4 * 4 * 6 * 3 + 3)
print("as a convolution, f = 4:   ", 3 * (4 * 4 * 6 + 1))
print("1x1 convolution:           ", 6 * 3 + 3)

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# fully connected, flattened: 291
# as a convolution, f = 4:    291
# 1x1 convolution:            21
# ```
#
# </details>

# %% [markdown]
# ## Exercise: dense_as_convolution
#
# Write the function `dense_as_convolution(W, b, f)`. The arrays `W`, of shape `(f * f * n_C_prev,
# n_C)`, and `b`, of shape `(1, n_C)`, belong to a fully connected layer after flattened images of
# $f \times f$ pixels. The function returns `W_conv`, of shape `(f, f, n_C_prev, n_C)`, and
# `b_conv`, of shape `(1, 1, 1, n_C)`, with which `conv_forward` computes the same scores. The
# values stay the same; only their positions change. `W` and `b` are float arrays, but `W` can also
# hold integers, as the hand-made weights in the next section do. The biases keep their fractions
# all the same.
#
# Replace the line `# YOUR CODE HERE` and the `raise` line below it. The number of channels is not
# an argument. It follows from `f` and the number of rows of `W`.

# %% solution="dense_as_convolution"

# %% [markdown]
# **Try it.** Two images of 3 by 3 pixels with 2 channels go through a layer with 4 units, once
# flattened and once as a convolution. Then two larger images go through the convolution.

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
print("each position as its own window:", np.allclose(Z[:, 2, 4], window @ W_dense + b_dense))

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
# each position as its own window: True
# ```

# %% check="dense_as_convolution"

# %% [markdown]
# ## A network that accepts images of any size
#
# The next cell contains a network of two fully connected layers with hand-made weights. It takes
# images of 5 by 5 pixels and says whether they show a T or an L.
#
# - The first layer has two units. Their weights are an image of a T and one of an L: 1 where the
#   letter is, and -1 elsewhere. With its bias, a unit gives 3 for exactly its letter and less for
#   every other image of zeros and ones. A ReLU sets negative values to zero.
# - The second layer has one unit with the weights 1 and -1. It gives 3 for a T and -3 for an L.
#
# As fully connected layers they accept images of 5 by 5 pixels only. The cell turns both layers
# into convolutions, the first with $f = 5$ and the second with $f = 1$, and runs them on an image
# of 12 by 20 pixels with three letters.
#
# **Predict, then run.** What is the shape of the output, and where are its largest and its smallest
# value?

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


print("a T alone:", network(T.reshape(1, 5, 5, 1).astype(float)).ravel())
print("an L alone:", network(L.reshape(1, 5, 5, 1).astype(float)).ravel())

letters = np.zeros((12, 20))
letters[1:6, 2:7] = T
letters[6:11, 9:14] = L
letters[2:7, 14:19] = T
scores = network(letters.reshape(1, 12, 20, 1))
print("scores.shape =", scores.shape)
print("T at", *(tuple(map(int, position)) for position in np.argwhere(scores[0, :, :, 0] == 3)))
print("L at", *(tuple(map(int, position)) for position in np.argwhere(scores[0, :, :, 0] == -3)))

fig, axes = plt.subplots(1, 2, figsize=(7.5, 2.4), layout="constrained")
axes[0].imshow(letters, cmap="gray")
axes[0].set_title("the image")
draw_image(axes[1], scores[0, :, :, 0], "score map")
plt.show()

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# a T alone: [3.]
# an L alone: [-3.]
# scores.shape = (1, 8, 16, 1)
# T at (1, 2) (2, 14)
# L at (6, 9)
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# On the left a T, an L and another T in white on black. On the right a smaller, white map with two
# purple cells, for T, and an orange one, for L.
#
# </details>
#
# The output is a **score map** with 8 rows and 16 columns, one score for each window of 5 by 5
# pixels. The position of a score is the upper left corner of its window. The network was not
# trained again, and it has no new parameters: its layers are the same, written as convolutions. A
# network without fully connected layers is called **fully convolutional**.
#
# This works for large networks as well. A network that was trained on images of 28 by 28 pixels may
# halve the size twice, to 7 by 7, and end with a layer of 7 by 7 filters and a 1x1 convolution to
# 10 channels. **Predict, then run:** how large is its output for images of 28 by 28 pixels, and for
# images of 64 by 64?

# %%
for pixels in (28, 64):
    last = pixels // 2 // 2
    print(f"{pixels} x {pixels} pixels: feature maps {last} x {last}, output", last - 7 + 1)

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# 28 x 28 pixels: feature maps 7 x 7, output 1
# 64 x 64 pixels: feature maps 16 x 16, output 10
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# For a batch of 32 images, the output has the shape `(32, 1, 1, 10)` in the first case and
# `(32, 10, 10, 10)` in the second: ten scores for each of 100 overlapping windows.
#
# </details>

# %% [markdown]
# ## Question: the advantages of 1x1 convolution
#
# What are the advantages of a 1x1 convolution over a fully connected layer? Name three. For each of
# them, explain what causes it, and give an example with sizes or numbers, from this notebook or of
# your own. 100 to 200 words are enough.
#
# Write your answer into the cell below, in place of the text there. (Double-click the cell to edit
# it, and press Shift+Enter when you are done.) In a class, a person reads it.

# %% [markdown] nbgrader={"grade_id": "advantages", "grade": true, "solution": true, "points": 6}
# 1. **Inputs of any size.** The weight matrix of a fully connected layer after a flattened image
#    has a row for each pixel and channel, so it fits images of one size. The weights of a 1x1
#    convolution do not depend on height and width: the T and L network took 5 by 5 and 12 by 20
#    pixels.
# 2. **Positions are kept.** Flattening loses where things were. A 1x1 convolution gives a score
#    map: the network said where in the image the T was.
# 3. **Fewer parameters.** After 4 by 4 pixels with 6 channels, three fully connected units have 291
#    parameters, the 1x1 convolution has 21, because it uses the same weights at every position.
#    That also reduces the risk of overfitting.

# %% [markdown] nbgrader={"grade_id": "advantages_scheme"}
# **How the answer is graded.** Up to three advantages count, with 2 points each: 1 point for naming
# it, and 1 point for its cause and an example. Spelling and length do not count.
#
# ### BEGIN MARK SCHEME
# **For the person who grades.** Any three of these, also in other words:
#
# - *Inputs of any size* (2 points): the weights do not depend on height and width, while the
#   matrix of a fully connected layer has $f \cdot f \cdot n_{C_{prev}}$ rows. A larger image gives
#   a map of outputs.
# - *Positions are kept* (2 points): the output has rows and columns, flattening loses them. (For
#   example: where the T was.)
# - *Fewer parameters* (2 points) than a layer after a **flattened** image: 21 against 291. The
#   explanation must say that weights are shared between positions or do not multiply with the
#   number of pixels. For one pixel, 6 to 3, both have 21: "always fewer" earns the naming point
#   only.
# - *Shared weights* (2 points): the same is computed at every position, wherever something is;
#   fewer parameters to overfit with.
# - *One pass over a large image* (2 points) instead of cutting out every window: the parts that
#   overlapping windows share are computed once.
# - *Cheap change of the number of channels* (2 points), or one more layer with an activation,
#   without a larger receptive field.
# - One advantage lacks an explanation or an example (-1 point).
# - Two advantages lack one (-2 points).
# - Three advantages lack one (-3 points).
#
# No point for "it sees neighboring pixels" (it does not), nor for "it is more accurate" or "it is
# faster" without a reason. A wrong statement costs nothing, unless it is the explanation itself.
# ### END MARK SCHEME

# %% [markdown]
# ## Experiments with 1x1 convolutions
#
# **Two layers.** What can two 1x1 convolutions compute that one cannot, if there is no activation
# between them?
#
# <details>
# <summary>Answer</summary>
#
# Nothing. A single 1x1 convolution computes the same; its weight matrix is the product of the two.
#
# </details>
#
# **Shuffled pixels.** You shuffle the pixels of an image before a 1x1 convolution. What happens to
# the output?
#
# <details>
# <summary>Answer</summary>
#
# It is shuffled in the same way, since each pixel is treated separately.
#
# </details>
#
# **Average over positions.** What is the shape of `Z.mean(axis=(1, 2))`, and what could a network
# use it for?
#
# <details>
# <summary>Answer</summary>
#
# `(m, n_C)`: one vector for each image, whatever its size. Many networks end with this **global
# average pooling** in place of a flattened fully connected layer.
#
# </details>
#
# **A damaged letter.** One pixel of a letter T in the image is missing. Which score does the
# network of the two letters give, and why?
#
# <details>
# <summary>Answer</summary>
#
# 2 instead of 3: one product of 1 has become 0.
#
# </details>

# %% [markdown]
# ## A dense layer in disguise
#
# "In Convolutional Nets, there is no such thing as 'fully-connected layers'", Yann LeCun wrote in
# 2015, and your two functions show what he meant. A fully connected layer is a convolution whose
# filters are as large as the image; applied to single pixels, it is a 1x1 convolution, and in both
# cases the numbers stay the same. Only the shapes change, and with them the images that a network
# accepts. Modern networks make the most of the cheap one: a 1x1 convolution changes the number of
# channels for $n_{C_{prev}} \cdot n_C + n_C$ parameters, wherever two layers do not fit together.

# %% [markdown] include="hand_in"
