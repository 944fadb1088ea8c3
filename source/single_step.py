# %% [markdown]
# # A single step of convolution
#
# A convolution layer does one small calculation over and over: it lays a small array of weights, a
# filter, on one window of the image and turns the two into one number. In this notebook you do it
# by hand, write it as the function `conv_single_step`, and see what such a number can tell about
# an image.
#
# When you have finished, you will be able to
#
# 1. compute by hand what a filter answers to a window, with several channels and a bias,
# 2. say how this differs from the convolution of the mathematics books, and why networks do not
#    mind,
# 3. write the step as a function that returns a number, and use it to tell an edge from a flat
#    patch.
#
# You need Python and the basics of NumPy: arrays, shapes and slices. Time: about 40 minutes.

# %% include="setup"

# %% [markdown]
# ## A window, a filter, a number
#
# Take a window of an image, 3 pixels high and 3 wide, and a filter of the same size:
#
# $$\text{window} = \begin{pmatrix} 3 & 4 & 6 \\ 9 & 8 & 3 \\ 2 & 1 & 4 \end{pmatrix}, \qquad
# \text{filter} = \begin{pmatrix} 3 & 4 & 4 \\ 1 & 0 & 2 \\ -1 & 0 & 3 \end{pmatrix}$$
#
# A filter is also called a *kernel*. Its numbers are called *weights*, because they say how much
# each pixel counts: 4 times, not at all, with a minus sign. The calculation has two parts.
#
# 1. Multiply each number of the window by the weight that lies at the same place.
# 2. Add up all the products.
#
# **By hand.** Do it on paper before you read on: nine products, then their sum.

# %% [markdown] tags=["given"]
# The next cell defines `draw_grid`, which draws a matrix as a grid with its numbers written in it.
# Run it; you do not have to study it.

# %% copy="source" tags=["given"] jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

# %% [markdown]
# Now compare with the figure and the sum that the next cell gives.

# %%
window = np.array([[3, 4, 6], [9, 8, 3], [2, 1, 4]])
kernel = np.array([[3, 4, 4], [1, 0, 2], [-1, 0, 3]])
products = np.array([[9, 16, 24], [9, 0, 6], [-2, 0, 12]])

fig, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
draw_grid(axes[0], window, "window")
draw_grid(axes[1], kernel, "filter")
draw_grid(axes[2], products, "products, place by place")
plt.show()

print(3 * 3 + 4 * 4 + 6 * 4 + 9 * 1 + 8 * 0 + 3 * 2 + 2 * (-1) + 1 * 0 + 4 * 3)

# %% [markdown]
# *The figure: three grids of 3 by 3 numbers side by side, the window, the filter and their
# products: 9, 16, 24 in the first row, 9, 0, 6 in the second, -2, 0, 12 in the third.*
#
# The sum is **74**. The nine numbers of the window have become one.
#
# This window could be the last one of a larger image, say of $7 \times 7$ pixels, on which the
# filter moves two pixels at a time. Then 74 is the number at the lower right of a $3 \times 3$
# output, and the other eight windows give the other eight numbers. Moving the filter about comes
# later. Here the window stands still.

# %% [markdown]
# ## Channels and a bias
#
# An image with $n_C$ channels has $n_C$ numbers at each pixel, for example three for red, green
# and blue. Then the window is an array of shape $(f, f, n_C)$, the filter has exactly the same
# shape, and everything is added up, over the channels too. The result is still **one number**, not
# one for each channel.
#
# At the end one more number is added, the *bias*. It shifts all answers of a filter up or down. A
# network learns the bias just as it learns the weights.
#
# As a formula:
#
# $$z = \sum_{r=0}^{f-1} \; \sum_{q=0}^{f-1} \; \sum_{k=0}^{n_C^{[l-1]}-1}
# a_{r,q,k}\, W_{r,q,k} \; + \; b$$
#
# - $z$: the result, one number
# - $a_{r,q,k}$: the window, a piece of the output $a^{[l-1]}$ of the previous layer (the number in
#   square brackets is a layer, not a power); in code `a_slice_prev`
# - $W_{r,q,k}$: the weights of the filter, of the same shape as the window
# - $b$: the bias, one number
# - $f$: the height and width of the window; $r$ counts its rows, $q$ its columns
# - $n_C^{[l-1]}$: the number of channels of the previous layer, in code `n_C_prev`; $k$ counts
#   them
#
# The first part of the formula, the sum of products, is known from vectors: it is a *dot product*.
# It is large when the window resembles the filter: bright where the weights are positive, dark
# where they are negative.
#
# **By hand.** A window of $2 \times 2$ pixels with two channels, and the bias $b = 10$:
#
# $$\text{channel 0:} \quad \text{window } \begin{pmatrix} 1 & 2 \\ 0 & 3 \end{pmatrix},
# \quad \text{filter } \begin{pmatrix} 1 & 0 \\ 2 & -1 \end{pmatrix}$$
#
# $$\text{channel 1:} \quad \text{window } \begin{pmatrix} 2 & 1 \\ 1 & 0 \end{pmatrix},
# \quad \text{filter } \begin{pmatrix} 0 & 3 \\ 1 & 5 \end{pmatrix}$$
#
# What is $z$? Work it out, then run the cell.

# %%
channel_0 = 1 * 1 + 2 * 0 + 0 * 2 + 3 * (-1)
channel_1 = 2 * 0 + 1 * 3 + 1 * 1 + 0 * 5
print("from channel 0:", channel_0)
print("from channel 1:", channel_1)
print("with the bias: ", channel_0 + channel_1 + 10)

# %% [markdown]
# Channel 0 contributes $-2$, channel 1 contributes 4, and with the bias $z = -2 + 4 + 10 = 12$.

# %% [markdown]
# ## Is this a convolution?
#
# Strictly speaking, no. What networks compute is called *cross-correlation* in mathematics. For a
# matrix $x$ and a filter $w$ of size $f \times f$, the two are
#
# $$\text{cross-correlation:} \quad
# (w \star x)_{i,j} = \sum_{r=0}^{f-1} \sum_{q=0}^{f-1} w_{r,q}\, x_{i+r,\,j+q}$$
#
# $$\text{convolution:} \quad
# (w * x)_{i,j} = \sum_{r=0}^{f-1} \sum_{q=0}^{f-1} w_{r,q}\, x_{i-r,\,j-q}$$
#
# - $i, j$: the row and column of the result
# - $r, q$: the row and column in the filter
#
# The only difference is the two minus signs. With plus, filter and image are read in the same
# direction. With minus, the image is read backwards, which comes to the same as turning the filter
# upside down and left to right before laying it on the window.
#
# NumPy has both for rows of numbers. **Predict, then run.** The row is 1, 2, 3 and the filter 1,
# 0, -1. What is the sum of products as it stands, and what is it with the filter turned round?
# (`mode="valid"` asks only for the places where the whole filter fits; here there is one.)

# %%
print("cross-correlation:", np.correlate([1, 2, 3], [1, 0, -1], mode="valid"))
print("convolution:      ", np.convolve([1, 2, 3], [1, 0, -1], mode="valid"))

# %% [markdown]
# As it stands: $1 \cdot 1 + 2 \cdot 0 + 3 \cdot (-1) = -2$. Turned round, the filter is -1, 0, 1,
# and $1 \cdot (-1) + 2 \cdot 0 + 3 \cdot 1 = 2$.
#
# A network does not mind. Its weights are learned, and a network that had to turn its filters
# round would simply learn them the other way round. So every library for neural networks leaves
# the turning out and says "convolution" all the same, and so does this course. It matters when you
# copy a filter from a book: look which of the two is meant.
#
# **By hand, if you like.** Turned upside down and left to right, the filter of the first example
# is $\begin{pmatrix} 3 & 0 & -1 \\ 2 & 0 & 1 \\ 4 & 4 & 3 \end{pmatrix}$. Which number does the
# convolution with flipping give on the same window?

# %%
print(3 * 3 + 4 * 0 + 6 * (-1) + 9 * 2 + 8 * 0 + 3 * 1 + 2 * 4 + 1 * 4 + 4 * 3)

# %% [markdown]
# It gives 48 and not 74. If you ever get the right kind of number but not the right number, a
# flipped filter is worth a thought.

# %% [markdown]
# ## A bias of shape (1, 1, 1)
#
# A layer has many filters, and each has a bias of its own. The biases of the whole layer are kept
# in one array of shape $(1, 1, 1, n_C)$, with as many axes as the weights. The piece that belongs
# to one filter has the shape $(1, 1, 1)$: an array with three axes that holds one number.
#
# The result of the step must be a plain number, since it will become one entry of an array.
# **Predict, then run.** What comes out when an array of shape $(1, 1, 1)$ is added to a number?

# %%
bias = np.array([[[10.0]]])
print("bias.shape         =", bias.shape)
print("2.0 + bias         =", 2.0 + bias)
print("2.0 + bias.item()  =", 2.0 + bias.item())

# %% [markdown]
# Adding the array gives an array again, still of shape $(1, 1, 1)$. The method `item()` takes the
# number out of an array that holds only one, and then the sum is a number.
#
# In older texts you will see `float(b)` for this. For an array that has axes, as this one has,
# NumPy has warned against it since version 1.25, and from NumPy 2.4 on it stops with a
# `TypeError`. Use `b.item()`.

# %% [markdown]
# ## Exercise: conv_single_step
#
# Write the function `conv_single_step(a_slice_prev, W, b)`. The window `a_slice_prev` and the
# filter `W` have the same shape `(f, f, n_C_prev)`, and `b` has the shape `(1, 1, 1)`. The result
# `Z` is the number $z$ of the formula above.
#
# Replace the line `# YOUR CODE HERE` and the `raise` line after it with your own. Two lines are
# enough, and no loop is needed: recall what `*` does with two arrays of the same shape, and what
# `np.sum` does with an array.
#
# Think first: what shape does the product of the two arrays have, and how many numbers should be
# left at the end?

# %% copy="source" nbgrader={"grade_id": "conv_single_step", "solution": true}
from exercises.loops import conv_single_step

# %% [markdown]
# **Try it** on random numbers. The seed makes them the same for everyone.

# %%
np.random.seed(1)
a_slice_prev = np.random.randn(4, 4, 3)
W = np.random.randn(4, 4, 3)
b = np.random.randn(1, 1, 1)

Z = conv_single_step(a_slice_prev, W, b)
print("Z =", Z)

# %% [markdown]
# **Expected output**
#
# ```
# Z = -6.999089450680221
# ```

# %% [markdown]
# The last one or two digits may differ, because a computer rounds, and the rounding depends on the
# order of the additions. If you see square brackets, the result is still an array: look at the
# bias again. Then let the check judge your function.

# %% nbgrader={"grade_id": "conv_single_step_check"}
conv_single_step_test(conv_single_step)

# %% nbgrader={"grade_id": "conv_single_step_grade", "grade": true}
from exercises import grade

grade("conv_single_step", conv_single_step)

# %% [markdown]
# ## What a filter can tell
#
# Back to the two examples from above, now with your function. The windows get a third axis for the
# channels: `window.reshape(3, 3, 1)` is the $3 \times 3$ window as an array with one channel.

# %%
no_bias = np.zeros((1, 1, 1))
print("one channel: ", conv_single_step(window.reshape(3, 3, 1), kernel.reshape(3, 3, 1), no_bias))

window_2 = np.stack([[[1, 2], [0, 3]], [[2, 1], [1, 0]]], axis=2)  # channels become the last axis
kernel_2 = np.stack([[[1, 0], [2, -1]], [[0, 3], [1, 5]]], axis=2)
print("two channels:", conv_single_step(window_2, kernel_2, bias))

# %% [markdown]
# 74 and 12, as by hand.
#
# What are such numbers good for? Here is a famous filter, the **vertical Sobel filter**:
#
# $$\begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix}$$
#
# It takes what is on the right of the window and subtracts what is on the left. The middle row
# counts twice, the middle column not at all.
#
# **Predict, then run.** Here are four patches of an image. What does the filter answer to each?
# Work out the four numbers before you run the cell.
#
# $$A = \begin{pmatrix} 0 & 0 & 10 \\ 0 & 0 & 10 \\ 0 & 0 & 10 \end{pmatrix} \quad
# B = \begin{pmatrix} 10 & 0 & 0 \\ 10 & 0 & 0 \\ 10 & 0 & 0 \end{pmatrix} \quad
# C = \begin{pmatrix} 0 & 0 & 0 \\ 0 & 0 & 0 \\ 10 & 10 & 10 \end{pmatrix} \quad
# D = \begin{pmatrix} 7 & 7 & 7 \\ 7 & 7 & 7 \\ 7 & 7 & 7 \end{pmatrix}$$

# %%
sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
patches = {
    "A, edge": np.array([[0, 0, 10], [0, 0, 10], [0, 0, 10]]),
    "B, edge": np.array([[10, 0, 0], [10, 0, 0], [10, 0, 0]]),
    "C, edge": np.array([[0, 0, 0], [0, 0, 0], [10, 10, 10]]),
    "D, flat": np.array([[7, 7, 7], [7, 7, 7], [7, 7, 7]]),
}
fig, axes = plt.subplots(1, 4, figsize=(10, 3), layout="constrained")
for ax, (name, patch) in zip(axes, patches.items(), strict=True):
    answer = conv_single_step(patch.reshape(3, 3, 1), sobel.reshape(3, 3, 1), no_bias)
    draw_grid(ax, patch, f"{name}: {answer:g}")
plt.show()

# %% [markdown]
# *The figure: the four patches as grids, with the answers of the filter in their titles: 40 for A,
# -40 for B, 0 for C and 0 for D.*
#
# - **A** is dark on the left and bright on the right. The answer is
#   $1 \cdot 10 + 2 \cdot 10 + 1 \cdot 10 = 40$.
# - **B** is the same edge the other way round, and so is the answer: $-40$. The sign tells on
#   which side it is brighter.
# - **C** is an edge too, but a horizontal one. Left and right are equal, and the answer is
#   $-10 + 0 + 10 = 0$. This filter does not see it.
# - **D** is flat, and the answer is 0. The weights of the filter add up to 0, so it answers 0 to
#   every flat patch, however bright.
#
# So one number per window can say: there is a vertical edge here, so strong, and brighter on this
# side. Laid on every window of an image, the filter draws a map of the vertical edges. A
# convolutional network finds filters like this one by itself, by learning their weights.

# %% [markdown]
# ## What to try next on the single step
#
# Add cells and experiment. What happens if
#
# - you turn the Sobel filter on its side, with `sobel.T`? Which of the four patches does it answer
#   to now? (Only to C, with 40.)
# - you add 100 to every pixel of patch A? (The answer stays 40. Brightness alone does not count.)
# - all nine weights are $1/9$? This filter is a *blur*: it answers with the average of the window.
#   (To D it answers 7, up to rounding, and to A 30/9, about 3.33.)
# - the weights are 0, -1, 0 in the first row, -1, 5, -1 in the second and 0, -1, 0 in the third?
#   This is a *sharpening* filter. (Its weights add up to 1, so it leaves flat patches as they are:
#   7 for D. A pixel that is brighter than its neighbours gets brighter still.)

# %% [markdown]
# ## Recap of the single step
#
# You can now
#
# 1. compute what a filter answers to a window: multiply place by place, add everything up over
#    rows, columns and channels, add the bias; one window gives one number;
# 2. say how this cross-correlation differs from convolution: there the filter is turned round
#    first, and a network that learns its filters does not need that;
# 3. write the step as a function that returns a number, with `b.item()` for the bias, and read its
#    answer: the vertical Sobel filter answers to vertical edges and with 0 to flat patches.

# %% [markdown] include="hand_in"
