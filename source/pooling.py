# %% [markdown]
# # Pooling
#
# A convolution layer reports how strongly a pattern is present at every place of an image. A
# pooling layer comes after it and makes that report shorter: it replaces every small window by
# one number, its maximum or its average. In this notebook you write that layer, `pool_forward`.
#
# When you have finished, you will be able to
#
# 1. say what max pooling and average pooling compute, and what a network gains and loses by them,
# 2. work out by hand the size and the numbers of a pooled array, for any window and any stride,
# 3. write `pool_forward` for a whole batch, with both modes, and test it where mistakes hide.
#
# You need to know what the windows and the stride of a convolution are, from the notebook on
# `conv_forward`. Time: about an hour.

# %% include="setup"

# %% [markdown] tags=["given"]
# The next cell holds a drawing helper, `draw_grid`. It draws a small array as a grid of numbers,
# with windows outlined on it. Run it; you do not have to study it.

# %% copy="source" tags=["given"] jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

# %% [markdown]
# ## Why a network summarises
#
# Each filter of a convolution layer produces one **feature map**: a large number wherever its
# pattern is found. Later layers seldom need to know to the pixel where that was. "A vertical
# edge, somewhere near the middle" is usually enough.
#
# So we cut the map into small windows and keep one number for each. **Max pooling** keeps the
# largest number of the window: how strongly is the pattern present anywhere in here? **Average
# pooling** keeps the mean: how much of it is there in here, all in all?
#
# This has three effects.
#
# - **Fewer numbers.** 32 feature maps of 28 by 28 are 25,088 numbers. Pooled with 2 by 2 windows
#   that stand side by side they are 32 maps of 14 by 14, which is 6,272 numbers: about a quarter
#   of the work for the next layer.
# - **A wider view.** One number of the pooled map speaks for several pixels, so the next filter
#   sees a larger piece of the image.
# - **Some tolerance to small shifts.** If the pattern moves a little, the summary often changes
#   less than the map did. This holds only approximately, and you will measure it below.
#
# The price is detail: from the pooled map alone nobody can tell where in its window the maximum
# was.

# %% [markdown]
# ## What is computed
#
# Pooling has **no parameters**: no weights, no bias, nothing that is learned. It has two
# hyperparameters, which whoever builds the network chooses:
#
# - $f$, the height and the width of the square window;
# - the $\text{stride}$, how many pixels the window moves from one output to the next.
#
# The window of the output in row $h$ and column $w$ begins at row $h \cdot \text{stride}$ and
# column $w \cdot \text{stride}$ of the input and is $f$ rows high and $f$ columns wide. Max
# pooling computes
#
# $$A_{i,h,w,c} = \max_{0 \le r < f,\ 0 \le q < f}
# A^{\text{prev}}_{\,i,\ h \cdot \text{stride} + r,\ w \cdot \text{stride} + q,\ c}$$
#
# and average pooling computes
#
# $$A_{i,h,w,c} = \frac{1}{f^2} \sum_{r=0}^{f-1} \sum_{q=0}^{f-1}
# A^{\text{prev}}_{\,i,\ h \cdot \text{stride} + r,\ w \cdot \text{stride} + q,\ c}$$
#
# | symbol | meaning |
# |---|---|
# | $A^{\text{prev}}$ | the input `A_prev`, an array of shape `(m, n_H_prev, n_W_prev, n_C_prev)` |
# | $A$ | the output `A`, an array of shape `(m, n_H, n_W, n_C)` |
# | $m$ | the number of examples (images) in the batch; $i$ is one of them |
# | $n_H,\ n_W$ | height and width of the output; $h$ and $w$ are one row and one column of it |
# | $n_C$ | the number of channels; $c$ is one of them |
# | $r,\ q$ | row and column inside the window, both counted from 0 |
#
# All indices count from 0, as they do in NumPy.

# %% [markdown]
# ## By hand
#
# Take one image with one channel, 4 by 4, windows with $f = 2$, and stride 2. The windows then
# stand side by side: each pixel lies in exactly one of them. The next cell draws two images with
# their four windows.

# %%
for_max = np.array([[1, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]])
for_average = np.array([[4, 3, 1, 5], [1, 3, 4, 8], [4, 5, 4, 3], [6, 5, 9, 4]])

four_windows = [
    (0, 0, 2, 2, "tab:blue"),
    (0, 2, 2, 2, "tab:orange"),
    (2, 0, 2, 2, "tab:green"),
    (2, 2, 2, 2, "tab:purple"),
]
fig, axes = plt.subplots(1, 2, figsize=(7, 3.6))
draw_grid(axes[0], for_max, "to be max pooled", windows=four_windows)
draw_grid(axes[1], for_average, "to be average pooled", windows=four_windows)
plt.show()

# %% [markdown]
# *The figure: two 4 by 4 grids of numbers. In each, four 2 by 2 windows are outlined: upper left,
# upper right, lower left and lower right.*
#
# Max pooling of the left image, window by window:
#
# - upper left: the largest of 1, 5, 7, 3 is 7
# - upper right: the largest of 3, 7, 9, 2 is 9
# - lower left: the largest of 3, 5, 8, 7 is 8
# - lower right: the largest of 8, 4, 3, 5 is 8
#
# $$\begin{pmatrix} 1&5&3&7\\7&3&9&2\\3&5&8&4\\8&7&3&5 \end{pmatrix} \longrightarrow
# \begin{pmatrix} 7&9\\8&8 \end{pmatrix}$$
#
# Average pooling of the right image: upper left $(4 + 3 + 1 + 3)/4 = 11/4 = 2.75$, and upper
# right $(1 + 5 + 4 + 8)/4 = 18/4 = 4.5$.
#
# **Predict, then run.** What are the two averages of the lower row? Write them down first.

# %%
print("max:")
print([max(1, 5, 7, 3), max(3, 7, 9, 2)])
print([max(3, 5, 8, 7), max(8, 4, 3, 5)])
print("average:")
print([(4 + 3 + 1 + 3) / 4, (1 + 5 + 4 + 8) / 4])
print([(4 + 5 + 6 + 5) / 4, (4 + 3 + 9 + 4) / 4])

# %% [markdown]
# **Expected output**
#
# ```
# max:
# [7, 9]
# [8, 8]
# average:
# [2.75, 4.5]
# [5.0, 5.0]
# ```

# %% [markdown]
# ## The size of the output
#
# The last window must still lie inside the image. The window of row $h$ begins after
# $h \cdot \text{stride}$ rows and is $f$ rows high, so we need
# $h \cdot \text{stride} + f \le n_{H_{prev}}$, which means
# $h \le (n_{H_{prev}} - f)/\text{stride}$. The largest whole number $h$ allowed is this fraction
# rounded down. Since $h$ starts at 0, the number of rows is one more than that:
#
# $$n_H = \left\lfloor \frac{n_{H_{prev}} - f}{\text{stride}} \right\rfloor + 1 \qquad
# n_W = \left\lfloor \frac{n_{W_{prev}} - f}{\text{stride}} \right\rfloor + 1 \qquad
# n_C = n_{C_{prev}}$$
#
# Here $n_{H_{prev}}$, $n_{W_{prev}}$ and $n_{C_{prev}}$ are the height, the width and the number
# of channels of the input, and $\lfloor\ \rfloor$ rounds down, which Python does with `//`. It is
# the formula of the convolution layer with $\text{pad} = 0$: pooling does not pad here. The
# window must fit into the image, so $f$ is at most $n_{H_{prev}}$ and at most $n_{W_{prev}}$.
#
# **Predict, then run.** Six rows in, $f = 2$, stride 2: how many rows come out? And five rows?
# And seven rows with $f = 2$, stride 3? Work out all five lines of the next cell before you run
# it.

# %%
for n_prev, f, stride in [(6, 2, 2), (5, 2, 2), (5, 3, 1), (5, 3, 2), (7, 2, 3)]:
    n = (n_prev - f) // stride + 1
    print(f"{n_prev} rows, f = {f}, stride = {stride}: {n} rows")

# %% [markdown]
# The results are 3, 2, 3, 2 and 2. People say that pooling halves an image. That describes
# $f = 2$ with stride 2 on an even number of rows and columns, which is a common choice and not a
# rule.
#
# - On 5 rows the windows with $f = 2$ and stride 2 cover rows 0 to 3, and row 4 is left out.
# - If the stride is smaller than $f$, windows **overlap**: with $f = 3$ and stride 1, the pixel
#   in row 2, column 2 of a 5 by 5 image lies in all nine windows.
# - If the stride is larger than $f$, there are **gaps**: with $f = 2$ and stride 3, seven rows
#   give two windows, rows 0 to 1 and rows 3 to 4. Rows 2, 5 and 6 have no effect on the output.

# %% [markdown]
# ## Each channel by itself
#
# A filter of a convolution layer adds up over all input channels. Pooling does not: each channel
# is pooled by itself, as if the others were not there, so as many channels come out as went in.
#
# Here is one 2 by 2 window of an image with two channels:
#
# $$\text{channel 0: } \begin{pmatrix} 1&2\\3&4 \end{pmatrix} \qquad
# \text{channel 1: } \begin{pmatrix} -5&-6\\-7&-8 \end{pmatrix}$$
#
# **Predict, then run.** Max pooling gives two numbers for this window, and so does average
# pooling. Which ones? Look closely at the maximum of channel 1.

# %%
channel_0 = np.array([[1, 2], [3, 4]])
channel_1 = np.array([[-5, -6], [-7, -8]])
print("max:    ", channel_0.max(), channel_1.max())
print("average:", channel_0.mean(), channel_1.mean())

# %% [markdown]
# Max pooling gives 4 and -5, average pooling gives 2.5 and -6.5. The maximum of channel 1 is -5,
# not 0: a window may well hold nothing but negative numbers, and its maximum is then negative
# too.

# %% [markdown]
# ## What happens when the image shifts a little
#
# Take an 8 by 8 image of zeros with a vertical line of ones, two pixels wide, in columns 3 and 4.
# A 3 by 3 filter with ones in its middle column and zeros elsewhere detects such a line. At each
# position it adds three pixels, one above the other, so a 6 by 6 feature map comes out, and each
# of its rows is
#
# $$[0,\ 0,\ 3,\ 3,\ 0,\ 0]$$
#
# Now shift the line by one pixel to the right. The map shifts along: each row is
# $[0, 0, 0, 3, 3, 0]$.
#
# **Predict, then run.** Pool both maps with $f = 2$ and stride 2. All six rows of a map are
# equal, so you can work on a single row and cut it into three pairs. What do max pooling and
# average pooling give for each map?

# %%
maps, pooled_max, pooled_average = [], [], []
for first_column in (3, 4):
    lines = np.zeros((8, 8))
    lines[:, first_column : first_column + 2] = 1  # the line, two pixels wide
    feature_map = lines[0:6, 1:7] + lines[1:7, 1:7] + lines[2:8, 1:7]  # three pixels added up
    pairs = feature_map[0].reshape(3, 2)  # the first row, cut into three pairs
    maps.append(feature_map)
    pooled_max.append([pairs.max(axis=1)] * 3)  # three equal rows
    pooled_average.append([pairs.mean(axis=1)] * 3)

fig, axes = plt.subplots(2, 3, figsize=(8.5, 6.4), width_ratios=[2, 1, 1], layout="constrained")
for row, name in enumerate(["line", "shifted line"]):
    columns = [(0, 2 * k, 6, 2, colour) for k, colour in enumerate(["C0", "C1", "C2"])]
    draw_grid(axes[row, 0], maps[row], f"{name}: feature map", windows=columns)
    draw_grid(axes[row, 1], pooled_max[row], "max pooled")
    draw_grid(axes[row, 2], pooled_average[row], "average pooled")
plt.show()

# %% [markdown]
# *The figure: on the left the two 6 by 6 feature maps, with column pairs 0 and 1, 2 and 3, 4 and
# 5 outlined; beside each its 3 by 3 max pooled and average pooled maps. For the line, every row
# of both pooled maps is 0, 3, 0. For the shifted line, every row of the max pooled map is 0, 3,
# 3, and every row of the average pooled map is 0, 1.5, 1.5. Each grid is shaded on a scale of its
# own.*
#
# Both kinds of pooling still report the line in the middle after the shift. Both also report it
# on the right, where they saw nothing before. So pooling is **approximately** tolerant to small
# shifts, and how tolerant depends on where the windows happen to stand.
#
# Two more cases show how far this goes, for a map with a single column of threes:
#
# | row of the map | max pooled | average pooled |
# |---|---|---|
# | $[0, 0, 3, 0, 0, 0]$ | $[0, 3, 0]$ | $[0, 1.5, 0]$ |
# | shifted by one: $[0, 0, 0, 3, 0, 0]$ | $[0, 3, 0]$ | $[0, 1.5, 0]$ |
# | shifted by two: $[0, 0, 0, 0, 3, 0]$ | $[0, 0, 3]$ | $[0, 0, 1.5]$ |
#
# The first shift stays inside one window and changes nothing. The second crosses into the next
# window, and the report moves with it.

# %% [markdown]
# ## Exercise: pool_forward
#
# Write the forward pass of a pooling layer, for a whole batch and both modes, in place of the line
# `# YOUR CODE HERE` and the `raise` line after it. `np.max` and `np.mean` reduce an array of any
# size to its maximum and its mean. The window is cut out of one example and one channel, so it is
# a 2-D array of shape `(f, f)`.
#
# Four traps:
#
# - **The stride belongs in the corners of the window.** $h$ and $w$ count outputs, not pixels.
#   With stride 1 the two are the same, so a forgotten stride shows only when the stride is
#   larger. That is why you try both strides below.
# - **Both modes.** When `mode` is `"average"`, the mean must come out, not the maximum.
# - **Negative windows.** Do not look for the maximum by starting from 0: in a window of negative
#   numbers nothing is ever larger than that.
# - **Height and width.** `n_H` comes from the height of the input and `n_W` from its width.
#   Square images hide it when they are confused.
#
# The function also returns a `cache`, the tuple `(A_prev, hparameters)`, for the backward pass.
# The stub does that for you.

# %% copy="source" nbgrader={"grade_id": "pool_forward", "solution": true}
from exercises.loops import pool_forward

# %% [markdown]
# **Try it**, first with stride 1. The input is a batch of two 5 by 5 images with 3 channels, so
# `A[1, 1]` is row 1 of the second image's output: one line for each column, one number for each
# channel.

# %%
np.random.seed(1)
A_prev = np.random.randn(2, 5, 5, 3)
hparameters = {"f": 3, "stride": 1}

for mode in ("max", "average"):
    A, cache = pool_forward(A_prev, hparameters, mode=mode)
    print("mode =", mode)
    print("A.shape =", A.shape)
    print("A[1, 1] =", np.round(A[1, 1], 8), sep="\n")

# %% [markdown]
# **Expected output**
#
# ```
# mode = max
# A.shape = (2, 3, 3, 3)
# A[1, 1] =
# [[1.96710175 0.84616065 1.27375593]
#  [1.96710175 0.84616065 1.23616403]
#  [1.62765075 1.12141771 1.2245077 ]]
# mode = average
# A.shape = (2, 3, 3, 3)
# A[1, 1] =
# [[ 0.44497696 -0.00261695 -0.31040307]
#  [ 0.50811474 -0.23493734 -0.23961183]
#  [ 0.11872677  0.17255229 -0.22112197]]
# ```

# %% [markdown]
# The same batch with stride 2, where the windows move two pixels at a time:

# %%
hparameters = {"f": 3, "stride": 2}

A, cache = pool_forward(A_prev, hparameters, mode="max")
print("mode = max")
print("A.shape =", A.shape)
print("A[0] =", np.round(A[0], 8), sep="\n")
print("A[1, 1] =", np.round(A[1, 1], 8), sep="\n")

A, cache = pool_forward(A_prev, hparameters, mode="average")
print("mode = average")
print("A.shape =", A.shape)
print("A[1] =", np.round(A[1], 8), sep="\n")

# %% [markdown]
# **Expected output**
#
# ```
# mode = max
# A.shape = (2, 2, 2, 3)
# A[0] =
# [[[1.74481176 0.90159072 1.65980218]
#   [1.74481176 1.6924546  1.65980218]]
#
#  [[1.13162939 1.51981682 2.18557541]
#   [1.13162939 1.6924546  2.18557541]]]
# A[1, 1] =
# [[1.96710175 0.86888616 1.27375593]
#  [1.62765075 1.12141771 0.79280687]]
# mode = average
# A.shape = (2, 2, 2, 3)
# A[1] =
# [[[-0.17313416  0.32377198 -0.34317572]
#   [ 0.02030094  0.14141479 -0.01231585]]
#
#  [[ 0.42944926  0.08446996 -0.27290905]
#   [ 0.15077452  0.28911175  0.00123239]]]
# ```

# %% [markdown]
# The public check tries more cases than these and says what is wrong if one of them fails.

# %% nbgrader={"grade_id": "pool_forward_check"}
pool_forward_test(pool_forward)

# %% nbgrader={"grade_id": "pool_forward_grade", "grade": true}
from exercises import grade

grade("pool_forward", pool_forward)

# %% [markdown]
# ## Your layer on a picture
#
# The next cell draws a picture, a ring with a thin diagonal line, and sends it through your
# function twice in a row, with $f = 2$ and stride 2: 48 by 48 pixels become 24 by 24 and then 12
# by 12.
#
# **Predict, then run.** The thin line is one pixel wide. In which of the two rows of pictures,
# max or average, will it stay bright, and in which will it fade?

# %%
rows, columns = np.mgrid[0:48, 0:48]
distance = np.hypot(rows - 24, columns - 24)
picture = np.where((distance > 12) & (distance < 17), 1.0, 0.0)
picture[rows == columns] = 1.0

fig, axes = plt.subplots(2, 3, figsize=(8.5, 6), layout="constrained")
for row, mode in enumerate(("max", "average")):
    pooled = picture.reshape(1, 48, 48, 1)
    for column in range(3):
        if column > 0:
            pooled, cache = pool_forward(pooled, {"f": 2, "stride": 2}, mode=mode)
        axes[row, column].imshow(pooled[0, :, :, 0], cmap="gray", vmin=0, vmax=1)
        axes[row, column].set_title(f"{mode}: {pooled.shape[1]} by {pooled.shape[2]}")
        axes[row, column].axis("off")
plt.show()

# %% [markdown]
# *The figure: two rows of three pictures each, 48, 24 and 12 pixels wide, drawn at the same size.
# In the upper row, max pooling, the ring and the diagonal line stay white and grow thicker from
# picture to picture. In the lower row, average pooling, the edges of the ring become grey and
# blurred, and the line darkens.*
#
# In a 2 by 2 window on the diagonal, two of the four pixels belong to the line. The maximum of
# the window is 1 and its average is 1/2. In the second round only the two pooled pixels on the
# diagonal of a window are lit, so the average falls to 1/4. Max pooling keeps the brightest pixel
# of a window and so favours small bright things; average pooling keeps the overall brightness.

# %% [markdown]
# ## What to try next with pooling
#
# Predict first, then add a cell and find out. What happens if
#
# - you pool the 48 by 48 picture once with $f = 4$ and stride 4, instead of twice with $f = 2$
#   and stride 2? And once with $f = 5$ instead of twice with $f = 3$, always with stride 1?
#   Compare with `np.allclose`, for both modes. (In the first case both modes agree. In the second
#   only max pooling does: averaging twice counts the pixels in the middle more often.)
# - you negate the input, max pool it, and negate the output? (You get the minimum of each
#   window.)
# - you change a pixel that lies in a gap? Use a random 7 by 7 image, $f = 2$ and stride 3. Add
#   100 to the pixel in row 2, column 2, and then to the one in row 3, column 3. (The first
#   changes nothing. The second changes one output, by 100 or a little less with max pooling, by
#   25 with average pooling.)
# - $f = 1$ and the stride is 2? (Every second pixel of every second row is kept as it is, and the
#   mode makes no difference.)

# %% [markdown]
# ## Recap of pooling
#
# You can now
#
# 1. say what pooling computes: the maximum or the average of every window of every channel,
#    without any parameters; a network gains fewer numbers, a wider view and an approximate
#    tolerance to small shifts, and loses where in the window things were;
# 2. work out sizes and numbers by hand:
#    $n_H = \lfloor (n_{H_{prev}} - f)/\text{stride} \rfloor + 1$, the same for the width, and as
#    many channels as before; halving is what $f = 2$ with stride 2 does to an even size;
# 3. write `pool_forward` for a whole batch with both modes, and test it where mistakes hide: with
#    a stride of 2, with negative numbers, with several channels.

# %% [markdown] include="hand_in"
