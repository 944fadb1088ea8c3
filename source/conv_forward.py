# %% [markdown]
# # The forward pass of a convolution layer
#
# A convolution layer slides its filters over every image of a batch. At each place each filter
# gives one number, and these numbers, put together, are the output of the layer. In this notebook
# you write the whole layer, `conv_forward`, with plain loops, and let it find the edges in a
# picture.
#
# When you have finished, you will be able to
#
# 1. say how large the output of a layer is, for any image, filter, padding and stride,
# 2. say which window of the image each number of the output comes from, and compute it by hand,
# 3. write the forward pass for a batch of images and several filters.
#
# You need Python and NumPy, and an idea of what padding is and what one step of a convolution
# computes; the notebooks *Padding* and *A single step of convolution* are about these. Time: about
# 75 minutes.

# %% include="setup"

# %% [markdown] tags=["given"]
# ## Two functions from before
#
# This layer is built from two functions that are exercises of earlier notebooks. Both are given
# here, correct and complete, so it does not matter how you fared with them. The first puts a frame
# of zeros round every image of a batch, `pad` of them on each side.

# %% copy="source" nbgrader={"grade_id": "zero_pad_given"} tags=["given"]
from exercises.loops import zero_pad

# %% [markdown] tags=["given"]
# The second lays one filter on one window. It multiplies them place by place, adds everything up
# over rows, columns and channels, and adds the bias. The result is one number.

# %% copy="source" nbgrader={"grade_id": "conv_single_step_given"} tags=["given"]
from exercises.loops import conv_single_step

# %% [markdown] tags=["given"]
# The next cell defines `draw_grid`, which draws a matrix as a grid with its numbers written in it.
# Run it; you do not have to study it.

# %% copy="source" tags=["given"] jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

# %% [markdown]
# ## From one window to all of them
#
# Let us do a whole layer by hand. The image has 5 rows and 6 columns and one channel. There is one
# filter, of size $2 \times 2$, with the bias $b = 1$:
#
# $$\text{image} = \begin{pmatrix} 1 & 2 & 0 & 1 & 3 & 1 \\ 0 & 1 & 2 & 0 & 0 & 2 \\
# 3 & 0 & 1 & 2 & 1 & 0 \\ 1 & 2 & 0 & 3 & 2 & 1 \\ 2 & 0 & 1 & 1 & 0 & 3 \end{pmatrix}, \qquad
# \text{filter} = \begin{pmatrix} 1 & -1 \\ 0 & 2 \end{pmatrix}$$
#
# The window starts in the upper left corner. It moves to the right in steps of 2 pixels, and at
# the end of the row it goes back to the left and down by 2 pixels. The length of these steps is
# called the **stride**; here it is 2.
#
# **By hand.** Where does the window stop? How many numbers does the output have, in how many rows
# and columns? Work out the first of them, and as many of the others as you like. Then run the
# cell, which has the products written out.

# %%
image = np.array(
    [
        [1, 2, 0, 1, 3, 1],
        [0, 1, 2, 0, 0, 2],
        [3, 0, 1, 2, 1, 0],
        [1, 2, 0, 3, 2, 1],
        [2, 0, 1, 1, 0, 3],
    ]
)
by_hand = np.array(
    [
        [
            1 * 1 + 2 * (-1) + 0 * 0 + 1 * 2 + 1,
            0 * 1 + 1 * (-1) + 2 * 0 + 0 * 2 + 1,
            3 * 1 + 1 * (-1) + 0 * 0 + 2 * 2 + 1,
        ],
        [
            3 * 1 + 0 * (-1) + 1 * 0 + 2 * 2 + 1,
            1 * 1 + 2 * (-1) + 0 * 0 + 3 * 2 + 1,
            1 * 1 + 0 * (-1) + 2 * 0 + 1 * 2 + 1,
        ],
    ]
)
print(by_hand)

orange, black, purple = "tab:orange", "black", "tab:purple"
fig, axes = plt.subplots(1, 2, figsize=(9, 4), width_ratios=[6, 3])
three_windows = [(0, 0, 2, 2, orange), (0, 2, 2, 2, black), (2, 4, 2, 2, purple)]
draw_grid(axes[0], image, "image, 5 x 6", windows=three_windows)
three_results = [(0, 0, 1, 1, orange), (0, 1, 1, 1, black), (1, 2, 1, 1, purple)]
draw_grid(axes[1], by_hand, "output, 2 x 3", windows=three_results)
plt.show()

# %% [markdown]
# *The figure: on the left the image, with three of its six windows outlined: rows 0 and 1 with
# columns 0 and 1 (orange, solid), rows 0 and 1 with columns 2 and 3 (black, dashed), rows 2 and 3
# with columns 4 and 5 (purple, dotted). On the right the output of 2 rows and 3 columns, 2, 0, 7
# and 8, 6, 4, with the number that comes from each window outlined in the same way.*
#
# The output is $\begin{pmatrix} 2 & 0 & 7 \\ 8 & 6 & 4 \end{pmatrix}$. Two things are worth
# noticing. The last row of the image is not seen by any window, since another step down would
# leave the image. And the output has other numbers of rows and columns than the image, and its
# height is not its width. Many mistakes stay hidden as long as everything is square.

# %% [markdown]
# ## Which window belongs to which number
#
# The place in the output says where the window is. Call the row of the output `h` and its column
# `w`. The window has four corners, described by four numbers:
#
# - `vert_start` and `vert_end`: its first row, and the row after its last,
# - `horiz_start` and `horiz_end`: its first column, and the column after its last.
#
# The end is one past the last, as in Python's slices: `image[2:4]` holds the rows 2 and 3.
#
# Here are the six windows of the example, with $f = 2$ and stride 2:
#
# | `h` | `w` | `vert_start` | `vert_end` | `horiz_start` | `horiz_end` | result |
# |---|---|---|---|---|---|---|
# | 0 | 0 | 0 | 2 | 0 | 2 | 2 |
# | 0 | 1 | 0 | 2 | 2 | 4 | 0 |
# | 0 | 2 | 0 | 2 | 4 | 6 | 7 |
# | 1 | 0 | 2 | 4 | 0 | 2 | 8 |
# | 1 | 1 | 2 | 4 | 2 | 4 | 6 |
# | 1 | 2 | 2 | 4 | 4 | 6 | 4 |
#
# Find the rule behind the table: how do the four numbers follow from `h`, `w`, the filter size `f`
# and the stride? You will need it in the exercise. Test your rule on another case: with $f = 2$
# and stride 3, the window for `h = 1`, `w = 2` has the rows 3 and 4 and the columns 6 and 7.
#
# With channels, a window is cut out of an array of shape $(n_H, n_W, n_C)$. It takes a range of
# rows, a range of columns, and all channels. **Predict the shape, then run.**

# %%
example = np.zeros((5, 6, 3))
print("example[0:2, 0:2, :].shape =", example[0:2, 0:2, :].shape)

# %% [markdown]
# A window of 2 by 2 pixels in the upper left corner, with all 3 channels. The `:` means
# "everything on this axis".
#
# **With padding**, the windows are cut out of the padded image, by the same rule. Here is the
# example with a padding of 1: the padded image has 7 rows and 8 columns, and the output has 3 rows
# and 4 columns. The figure shows its first window and its last one. **By hand:** which numbers do
# they give, with the same filter and the bias 1?

# %%
padded_image = np.zeros((7, 8))
padded_image[1:6, 1:7] = image
frame = np.ones((7, 8), dtype=bool)
frame[1:6, 1:7] = False

fig, ax = plt.subplots(figsize=(5.5, 4.8), layout="constrained")
first_and_last = [(0, 0, 2, 2, orange), (4, 6, 2, 2, black)]
draw_grid(ax, padded_image, "image with a padding of 1", windows=first_and_last, hatched=frame)
plt.show()

print("first:", 0 * 1 + 0 * (-1) + 0 * 0 + 1 * 2 + 1)
print("last: ", 1 * 1 + 0 * (-1) + 3 * 0 + 0 * 2 + 1)

# %% [markdown]
# *The figure: the image with a frame of hatched zeros. The first window (orange, solid) has the
# rows 0 and 1 and the columns 0 and 1, three zeros and the pixel 1. The last window (black,
# dashed) has the rows 4 and 5 and the columns 6 and 7, the pixels 1 and 3 and two zeros.*
#
# They give 3 and 2. The last row of the padded image is seen by no window, and is no loss.

# %% [markdown]
# ## How large the output is
#
# In a row of $n$ pixels with $p$ more on each side, there are $n + 2p$ pixels. The last place
# where a window of $f$ pixels can start is at index $n + 2p - f$. The windows start at 0, at the
# stride, at twice the stride, and so on, as long as they do not go beyond that. Counting them
# gives
#
# $$n_H^{[l]} = \left\lfloor \frac{n_H^{[l-1]} - f + 2p}{s} \right\rfloor + 1, \qquad
# n_W^{[l]} = \left\lfloor \frac{n_W^{[l-1]} - f + 2p}{s} \right\rfloor + 1, \qquad
# n_C^{[l]} = \text{number of filters}$$
#
# - $n_H^{[l]}$, $n_W^{[l]}$, $n_C^{[l]}$: height, width and channels of the output of layer $l$;
#   in code `n_H`, `n_W`, `n_C`
# - $n_H^{[l-1]}$, $n_W^{[l-1]}$: height and width of its input; in code `n_H_prev`, `n_W_prev`
# - $f$: height and width of the filter
# - $p$: the padding on each side, in code `pad`
# - $s$: the stride
# - $\lfloor \; \rfloor$: *floor*, rounding down to a whole number; the $+1$ is for the window at 0
#
# For the image above, $\lfloor (5 - 2 + 0)/2 \rfloor + 1 = \lfloor 1.5 \rfloor + 1 = 2$ rows and
# $\lfloor (6 - 2 + 0)/2 \rfloor + 1 = 2 + 1 = 3$ columns.
#
# **Predict, then run.** What does the formula give for the five cases in the next cell? The cell
# does not use the formula. It makes the list of the places where a window can start, and counts
# them.

# %%
cases = [(28, 5, 0, 1), (28, 3, 1, 1), (7, 3, 0, 2), (5, 3, 1, 2), (6, 2, 0, 3)]
for pixels, window, border, step in cases:
    starts = list(range(0, pixels + 2 * border - window + 1, step))
    print(f"n = {pixels}, f = {window}, p = {border}, s = {step}: size", len(starts))

# %% [markdown]
# The sizes are 24, 28, 3, 3 and 2.
#
# In Python, `a // b` divides whole numbers and rounds down. `a / b` gives a number with a decimal
# point even if it is a whole one, `6 / 2` is `3.0`, and NumPy refuses such numbers as sizes.
# `int(a / b)` cuts the decimals off, which is the same as rounding down for positive numbers but
# not for negative ones. An image of 2 pixels has no place for a filter of 3 at stride 2, and only
# one of the two says so:

# %%
print("with //: ", (2 - 3) // 2 + 1)
print("with int:", int((2 - 3) / 2) + 1)

# %% [markdown]
# The 0 is right, and the 1 is a window that does not exist. So use `//` for sizes.

# %% [markdown]
# ## Several filters, many images
#
# One filter gives one number per window, so it turns an image with any number of channels into one
# matrix. That matrix is called a *feature map*: it maps where in the image the filter has found
# what it looks for. A layer has $n_C$ filters, and their feature maps are stacked as the channels
# of the output.
#
# All arrays of the layer:
#
# | array | shape | meaning |
# |---|---|---|
# | `A_prev` | `(m, n_H_prev, n_W_prev, n_C_prev)` | the input, $a^{[l-1]}$: $m$ images |
# | `W` | `(f, f, n_C_prev, n_C)` | the weights; `W[:, :, :, c]` is the filter `c` |
# | `b` | `(1, 1, 1, n_C)` | the biases; `b[:, :, :, c]` is that of filter `c` |
# | `Z` | `(m, n_H, n_W, n_C)` | the output, one channel for each filter |
#
# A filter must have as many channels as the input, and the output has as many channels as there
# are filters. `W[:, :, :, c]` has the shape `(f, f, n_C_prev)` and `b[:, :, :, c]` the shape
# `(1, 1, 1)`, which are the shapes that `conv_single_step` works with. Every image of the batch is
# treated alike, and by itself.
#
# As a formula, with the padded image $a^{\text{pad}}$ of example $i$:
#
# $$Z_{i,h,w,c} = \sum_{r=0}^{f-1} \; \sum_{q=0}^{f-1} \; \sum_{k=0}^{n_C^{[l-1]}-1}
# a^{\text{pad}}_{\,s h + r,\; s w + q,\; k} \; W_{r,q,k,c} \; + \; b_c$$
#
# - $i$: the example; $h$, $w$: row and column of the output; $c$: the filter
# - $r$, $q$, $k$: row, column and channel inside the window; $s$: the stride
#
# **Predict, then run.** A layer has 8 filters of size $3 \times 3$ on an input of 4 channels. How
# many parameters (weights and biases) does it have, and how many of them depend on the size of the
# image?

# %%
print("one filter: ", 3 * 3 * 4, "weights and 1 bias, together", 3 * 3 * 4 + 1)
print("the layer:  ", 8 * (3 * 3 * 4 + 1))

# %% [markdown]
# 296 parameters, and none of them depends on the size of the image. The same few weights are used
# at every place. This is one of the reasons why convolutional networks are so much smaller than
# networks that connect every pixel with every neuron.

# %% [markdown]
# ## Exercise: conv_forward
#
# Write the function `conv_forward(A_prev, W, b, hparameters)`. `hparameters` is a dictionary with
# the entries `"stride"` and `"pad"`. (A *hyperparameter* is a number that is chosen and not
# learned.) The sizes are taken out of the arguments for you, and the comments in the cell name the
# steps. For one window and one filter call `conv_single_step`, and for the padding call
# `zero_pad`. Loops are all you need, one inside the other. Replace the line `# YOUR CODE HERE` and
# the `raise` line after it.
#
# The function also returns a `cache`. It is the tuple of the four arguments, and the layer keeps
# it for the backward pass, when the network learns. That line is written for you.
#
# When something does not come out right, ask yourself:
#
# - Is the stride in the *starts* of the window, and not only in the size of the output?
# - Is `n_W` computed from the width, and are the columns (not the rows) counted by `w`?
# - Is the window cut out of the *padded* image, and of the right example?
# - Does the end of the window depend on its start and on `f`, and on nothing else?
# - Does each filter get its own weights and its own bias?

# %% copy="source" nbgrader={"grade_id": "conv_forward", "solution": true}
from exercises.loops import conv_forward

# %% [markdown]
# **Try it** first on the example that you did by hand, without and with padding.

# %%
image_batch = image.reshape(1, 5, 6, 1)
one_filter = np.array([[1, -1], [0, 2]]).reshape(2, 2, 1, 1)
one_bias = np.array([[[[1]]]])
Z, cache_conv = conv_forward(image_batch, one_filter, one_bias, {"stride": 2, "pad": 0})
print("Z.shape =", Z.shape)
print(Z[0, :, :, 0])
Z, cache_conv = conv_forward(image_batch, one_filter, one_bias, {"stride": 2, "pad": 1})
print("with pad 1:", Z.shape)
print(Z[0, :, :, 0])

# %% [markdown]
# **Expected output**
#
# ```
# Z.shape = (1, 2, 3, 1)
# [[2. 0. 7.]
#  [8. 6. 4.]]
# with pad 1: (1, 3, 4, 1)
# [[3. 1. 7. 1.]
#  [7. 2. 3. 3.]
#  [4. 5. 2. 2.]]
# ```

# %% [markdown]
# Now on a batch of 2 random images of $5 \times 7$ pixels with 4 channels, with 8 filters of size
# $3 \times 3$, padding 1 and stride 2. **Predict** the shape of `Z` before you run the cell.

# %%
np.random.seed(1)
A_prev = np.random.randn(2, 5, 7, 4)
W = np.random.randn(3, 3, 4, 8)
b = np.random.randn(1, 1, 1, 8)
hparameters = {"pad": 1, "stride": 2}

Z, cache_conv = conv_forward(A_prev, W, b, hparameters)
z_mean = np.mean(Z)
z_0_2_1 = Z[0, 2, 1]
cache_0_1_2_3 = cache_conv[0][1][2][3]
print("Z.shape =", Z.shape)
print("Z's mean =", z_mean)
print("Z[0,2,1] =")
print(z_0_2_1)
print("cache_conv[0][1][2][3] =")
print(cache_0_1_2_3)

# %% [markdown]
# **Expected output**
#
# ```
# Z.shape = (2, 3, 4, 8)
# Z's mean = 0.5511276474566768
# Z[0,2,1] =
# [-2.17796037  8.07171329 -0.5772704   3.36286738  4.48113645 -2.89198428
#  10.99288867  3.03171932]
# cache_conv[0][1][2][3] =
# [-1.1191154   1.9560789  -0.3264995  -1.34267579]
# ```

# %% [markdown]
# The last digits of the mean may differ, because rounding depends on the order of the additions.
# `cache_conv[0]` is `A_prev`, so the last line is the pixel in row 2, column 3 of the second
# image, as it came in, not padded.
#
# The same with 10 images:

# %%
np.random.seed(1)
A_prev_10 = np.random.randn(10, 5, 7, 4)
W_10 = np.random.randn(3, 3, 4, 8)
b_10 = np.random.randn(1, 1, 1, 8)

Z_10, cache_10 = conv_forward(A_prev_10, W_10, b_10, hparameters)
print("Z_10.shape =", Z_10.shape)
print("Z_10's mean =", np.mean(Z_10))
print("Z_10[3,2,1] =")
print(Z_10[3, 2, 1])

# %% [markdown]
# **Expected output**
#
# ```
# Z_10.shape = (10, 3, 4, 8)
# Z_10's mean = 0.6923608807576933
# Z_10[3,2,1] =
# [-1.28912231  2.27650251  6.61941931  0.95527176  8.25132576  2.31329639
#  13.00689405  2.34576051]
# ```

# %% [markdown]
# Now let the checks judge your function. The first tries other shapes, strides and paddings, and
# if something is wrong it says what. The second looks at the numbers that you computed for the
# batch of 2, so run that cell again when you have changed your function.

# %% nbgrader={"grade_id": "conv_forward_check"}
conv_forward_test_2(conv_forward)
conv_forward_test_1(z_mean, z_0_2_1, cache_0_1_2_3)

# %% nbgrader={"grade_id": "conv_forward_grade", "grade": true}
from exercises import grade

grade("conv_forward", conv_forward)

# %% [markdown]
# ## Your layer finds a line
#
# An image of $8 \times 8$ pixels is 0 everywhere but for a vertical line, two pixels wide. The
# filter has ones in its middle column and zeros beside it. With stride 1 and no padding the output
# has $8 - 3 + 1 = 6$ rows and columns.
#
# **Predict, then run.** Which numbers will be in a row of the feature map?

# %%
line_image = np.zeros((8, 8))
line_image[:, 3:5] = 1
line_filter = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0]])

Z_line, _ = conv_forward(
    line_image.reshape(1, 8, 8, 1),
    line_filter.reshape(3, 3, 1, 1),
    np.zeros((1, 1, 1, 1)),
    {"stride": 1, "pad": 0},
)
fig, axes = plt.subplots(1, 3, figsize=(10, 4), width_ratios=[8, 3, 6])
draw_grid(axes[0], line_image, "image", windows=[(0, 2, 3, 3, orange)])
draw_grid(axes[1], line_filter, "filter")
draw_grid(axes[2], Z_line[0, :, :, 0], "feature map", windows=[(0, 2, 1, 1, orange)])
plt.show()

# %% [markdown]
# *The figure: the image with ones in columns 3 and 4, the filter with ones in its middle column,
# and the feature map, whose six rows all read 0, 0, 3, 3, 0, 0. One window of the image, rows 0 to
# 2 and columns 2 to 4, and its result, the 3 in row 0 and column 2, are outlined.*
#
# Where the middle column of the filter lies on the line, three ones are added up: 3. Elsewhere
# there is nothing to add. This layer has $3 \cdot 3 + 1 = 10$ parameters.

# %% [markdown]
# ## Your layer finds the edges of a picture
#
# Here is a larger image, a drawing of 48 by 64 pixels: a sky that grows lighter towards the
# horizon, a sun and a house. Real photographs are grainy, so a little noise is added. Two filters
# look at it at once: the vertical Sobel filter, which compares right with left, and the horizontal
# one, which compares below with above.
#
# **Predict, then run.** Which parts of the house will be seen by the first filter, and which by
# the second? What about the sun, and the sky?

# %% [markdown] tags=["given"]
# One more helper: `draw_image` draws a matrix as the image it stands for.

# %% copy="source" tags=["given"] jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_image

# %% [markdown]
# Draw the picture, and send it through your layer.

# %%
rows, columns = np.mgrid[0:48, 0:64]
picture = 60.0 + 4 * rows  # the sky
picture[(rows - 11) ** 2 + (columns - 14) ** 2 < 49] = 255  # the sun
picture[20:42, 30:54] = 60  # the house
picture[26:34, 36:42] = 220  # its window
picture[28:42, 46:51] = 130  # its door
picture[42:] = 40  # the ground
picture = picture + np.random.default_rng(0).normal(0, 3, picture.shape)

vertical = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
horizontal = vertical.T
two_filters = np.stack([vertical, horizontal], axis=-1).reshape(3, 3, 1, 2)
Z_edges, _ = conv_forward(
    picture.reshape(1, 48, 64, 1), two_filters, np.zeros((1, 1, 1, 2)), {"stride": 1, "pad": 0}
)
print("Z_edges.shape =", Z_edges.shape)

fig, axes = plt.subplots(1, 3, figsize=(13, 3.4), layout="constrained")
draw_image(axes[0], picture, "picture")
draw_image(axes[1], Z_edges[0, :, :, 0], "channel 0: vertical edges")
draw_image(axes[2], Z_edges[0, :, :, 1], "channel 1: horizontal edges")
plt.show()

# %% [markdown]
# *The figure: on the left a grey drawing of a sun and of a house with a window and a door. In the
# middle the answers of the vertical filter: strong lines at the left and right sides of the house,
# of the window and of the door, one side purple and the other orange, and the left and right of
# the sun. On the right the answers of the horizontal filter: the upper and lower sides of the same
# things, and the horizon.*
#
# White means 0. Purple means that it gets brighter, to the right in channel 0 and downwards in
# channel 1, and orange that it gets darker. The vertical sides of the house show in the first
# channel only, the horizon in the second only, and the round sun in both, each filter seeing the
# part of the circle that runs its way. The flat walls have no answer but the noise. The sky grows
# a little brighter downwards, and so channel 1 is faintly purple there.

# %% [markdown]
# ## Two remarks
#
# **The activation.** In a network, each number of `Z` is then passed through a function $g$ that
# is not linear, for example $g(z) = \max(0, z)$:
#
# $$A = g(Z), \qquad a^{[l]} = g\left(z^{[l]}\right)$$
#
# `A` has the shape of `Z` and is the input of the next layer. Without $g$, two convolution layers
# in a row could do no more than a single one with larger filters (apart from the border of the
# image). In your loops it would be one line more, `A[i, h, w, c] = activation(Z[i, h, w, c])`. It
# is not part of this exercise.
#
# **The speed.** Loops show plainly what a layer does, and they are slow. The picture above took
# $46 \cdot 62 \cdot 2 = 5704$ calls of `conv_single_step`. A batch of 64 colour images of
# $32 \times 32$ pixels with 16 filters and "same" padding takes $64 \cdot 32 \cdot 32 \cdot 16$,
# more than a million, and training repeats that thousands of times. Libraries compute the same
# numbers *vectorised*: all windows at once, in compiled code, often as one large matrix product.
# The result is the same but for rounding, and that is how you can trust it: by comparing it with
# loops like yours.

# %% [markdown]
# ## What to try next on the forward pass
#
# Add cells and experiment. What happens if
#
# - you give the picture a padding of 1? (The output has the size of the picture, 48 by 64, and the
#   feature maps get a coloured rim: the picture borders on the zeros of the padding, and the
#   filters take that for an edge.)
# - you set the stride to 3? (The feature maps become 16 by 21, and several edges are gone, the
#   left side of the house among them. The windows no longer overlap, and an edge that runs exactly
#   between two windows is in neither.)
# - you multiply the filters by $-1$? (Purple and orange change places.)
# - you combine the two channels into one, `np.sqrt(Z_edges[..., 0] ** 2 + Z_edges[..., 1] ** 2)`?
#   (That is the strength of the edge at each place, whichever way it runs. Draw it with
#   `draw_image`.)

# %% [markdown]
# ## Recap of the forward pass
#
# You can now
#
# 1. say how large the output is: $\lfloor (n - f + 2p)/s \rfloor + 1$ for the height and for the
#    width, and as many channels as there are filters;
# 2. say which window each number comes from: it starts where the place in the output and the
#    stride say, is $f$ rows high and $f$ columns wide, and has all channels of the padded input;
# 3. write the forward pass for a batch of images and several filters, and use it: your layer has
#    found a line and the edges of a picture.

# %% [markdown] include="hand_in"
