# %% [markdown]
# # Pooling
#
# A cat that moves one pixel to the left is still a cat. The feature maps of a convolution layer,
# however, show to the pixel where each pattern is, and every value of them costs time and memory.
# Many networks therefore downsample their feature maps with a **pooling layer**. In this notebook
# you write this layer, `pool_forward`, and find out how much of a shift it really forgives.
#
# By the end of this notebook you will be able to
#
# 1. compute max pooling and average pooling by hand, and explain what they are used for;
# 2. work out the size of the output for any window size and stride;
# 3. write the pooling layer for a batch of images, and test it on the inputs where bugs hide.
#
# **Time:** about 80 minutes. **You need:** Python, basic NumPy (arrays, shapes, slices), and the
# sliding window and the stride of a convolution layer.
#
# **Done lesson 10, on pooling?** Then go straight to **Exercise: pool_forward**, and run all cells
# above it.

# %% include="setup"

# %% [markdown] tags=["given"]
# The next cell defines `draw_grid`, which draws a matrix as a grid with its numbers in it. Run it;
# you do not have to read it.

# %% copy="source" tags=["given"] jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

# %% [markdown]
# ## Why networks pool
#
# Each filter of a convolution layer produces a **feature map**, which holds the response of the
# filter at every position. **Pooling** slides a window over the map and replaces each window with
# one number:
#
# - **max pooling** by its largest value: how strong is the strongest response in the window?
# - **average pooling** by its mean: how strong is the response on average?
#
# This has three effects:
#
# - **Less computation.** 32 feature maps of $28 \times 28$ are 25,088 values. Pooling with
#   $2 \times 2$ windows that lie side by side leaves 32 maps of $14 \times 14$, or 6,272 values, a
#   quarter.
# - **A larger receptive field.** A $3 \times 3$ kernel after this pooling layer sees $6 \times 6$
#   values of the original map.
# - **Some invariance to translation.** If the pattern moves a little, the pooled map often changes
#   less than the original map. How far this goes is a question for the section on small shifts.
#
# The price is detail: the pooled map no longer tells where in the window the maximum was.

# %% [markdown]
# ## Max and average pooling
#
# A pooling layer has no parameters, so there is nothing to learn. It has two hyperparameters, which
# you choose: the window size $f$ and the stride $s$ (in code `stride`). As in a convolution, the
# window of the output value in row $h$ and column $w$ starts at row $hs$ and column $ws$ of the
# input. Max pooling and average pooling compute
#
# $$A_{i,h,w,c} = \max_{r,\, q}\; (A_{prev})_{i,\, hs+r,\, ws+q,\, c}$$
#
# $$A_{i,h,w,c} = \frac{1}{f^2} \sum_{r=0}^{f-1} \sum_{q=0}^{f-1}
# (A_{prev})_{i,\, hs+r,\, ws+q,\, c}$$
#
# - $A_{prev}$: the input, an array of shape $(m, n_{H_{prev}}, n_{W_{prev}}, n_{C_{prev}})$
# - $A$: the output, an array of shape $(m, n_H, n_W, n_C)$
# - $i$, $c$: example and channel
# - $r$, $q$: row and column in the window, from 0 to $f - 1$
#
# **Predict.** With $f = 2$ and $s = 2$, an image of $4 \times 4$ pixels has four windows, side by
# side. Apply max pooling to the first image, and average pooling to the second. Then run the next
# two cells.
#
# $$\text{max: } \begin{pmatrix} 1&5&3&7\\7&3&9&2\\3&5&8&4\\8&7&3&5 \end{pmatrix}$$
#
# $$\text{average: } \begin{pmatrix} 4&3&1&5\\1&3&4&8\\4&5&4&3\\6&5&9&4 \end{pmatrix}$$

# %%
for_max = np.array([[1, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]])
for_average = np.array([[4, 3, 1, 5], [1, 3, 4, 8], [4, 5, 4, 3], [6, 5, 9, 4]])

# %% jupyter={"source_hidden": true} cellView="form"
maxima = [[max(1, 5, 7, 3), max(3, 7, 9, 2)], [max(3, 5, 8, 7), max(8, 4, 3, 5)]]
averages = [
    [(4 + 3 + 1 + 3) / 4, (1 + 5 + 4 + 8) / 4],
    [(4 + 5 + 6 + 5) / 4, (4 + 3 + 9 + 4) / 4],
]
window_colors = ["tab:blue", "tab:orange", "tab:green", "tab:purple"]
starts = [(0, 0), (0, 2), (2, 0), (2, 2)]
four_windows = [(*start, 2, 2, c) for start, c in zip(starts, window_colors, strict=True)]
four_values = [(k // 2, k % 2, 1, 1, c) for k, c in enumerate(window_colors)]

fig, axes = plt.subplots(2, 2, figsize=(6.2, 6.2), width_ratios=[2, 1], layout="constrained")
for row, before, after, name in (
    (axes[0], for_max, maxima, "max pooled"),
    (axes[1], for_average, averages, "average pooled"),
):
    draw_grid(row[0], before, "input", windows=four_windows, scale=(0, 9))
    draw_grid(row[1], after, name, windows=four_values, scale=(0, 9))
plt.show()

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $$\begin{pmatrix} \max(1,5,7,3) & \max(3,7,9,2) \\ \max(3,5,8,7) & \max(8,4,3,5) \end{pmatrix} =
# \begin{pmatrix} 7&9\\8&8 \end{pmatrix}$$
#
# $$\begin{pmatrix} (4+3+1+3)/4 & (1+5+4+8)/4 \\ (4+5+6+5)/4 & (4+3+9+4)/4 \end{pmatrix} =
# \begin{pmatrix} 2.75&4.5\\5&5 \end{pmatrix}$$
#
# </details>
#
# <details>
# <summary>Description of the figure</summary>
#
# Two inputs of 4 by 4 numbers, each with its output of 2 by 2 on the right. Four windows of 2 by 2
# are outlined in the inputs, and the four output values in the same colors and line styles: 7, 9,
# 8, 8 for max pooling and 2.75, 4.5, 5, 5 for average pooling.
#
# </details>

# %% [markdown]
# ## The size of the output
#
# Along an axis with $n$ pixels, the last possible start of a window is $n - f$. The windows start
# at $0, s, 2s, \dots$, up to this position. Counting them gives the size of the output, with the
# same formula as for a convolution without padding:
#
# $$n_{out} = \left\lfloor \frac{n - f}{s} \right\rfloor + 1$$
#
# Here $\lfloor\ \rfloor$ rounds down, as `//` does in Python. The height $n_H$ follows from
# $n_{H_{prev}}$ and the width $n_W$ from $n_{W_{prev}}$. Depending on $n$, $f$ and $s$, the windows
# can leave pixels out or share them:

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(3, 1, figsize=(6.2, 4.9), layout="constrained")
for ax, (pixels, size, step) in zip(axes, [(5, 2, 2), (5, 3, 2), (7, 2, 3)], strict=True):
    first = range(0, pixels - size + 1, step)
    counts = [sum(start <= column < start + size for start in first) for column in range(pixels)]
    along = [(0, start, 1, size, window_colors[k]) for k, start in enumerate(first)]
    draw_grid(ax, [counts], windows=along, scale=(0, 4))
    ax.set_title(f"n = {pixels}, f = {size}, s = {step}: {len(first)} windows", loc="left")
    ax.set(xlim=(-0.6, 6.6), yticks=[])
fig.supxlabel("column (the cells hold the number of windows that contain them)", fontsize=10)
plt.show()

# %% [markdown]
# - **Top:** with $f = s$ the windows lie side by side. The last of 5 columns is in no window.
# - **Middle:** with $s < f$ the windows **overlap**; column 2 is in both.
# - **Bottom:** with $s > f$ there are **gaps**; columns 2, 5 and 6 have no effect on the output.
#
# You may read that pooling halves the height and the width. That is true for $f = s = 2$ and even
# sizes, the most common case.
#
# <details>
# <summary>Description of the figure</summary>
#
# Three rows of cells, with two windows outlined in each. Top: 5 columns, windows over columns 0 to
# 1 and 2 to 3. Middle: 5 columns, windows over columns 0 to 2 and 2 to 4. Bottom: 7 columns,
# windows over columns 0 to 1 and 3 to 4. The cells hold the number of windows that contain them: 1,
# 1, 1, 1, 0, then 1, 1, 2, 1, 1, then 1, 1, 0, 1, 1, 0, 0.
#
# </details>

# %% [markdown]
# ## Channels are pooled independently
#
# A convolution sums over all input channels. Pooling treats each channel independently, so the
# number of channels stays the same: $n_C = n_{C_{prev}}$.
#
# The values of a window can all be negative, for example if no ReLU comes before the pooling layer.
# The maximum of -5, -6, -7 and -8 is -5, not 0.

# %% [markdown]
# ## Small shifts of the image
#
# A line detector responds to a line, two pixels wide, with a feature map in which each row is
# 0, 0, 3, 3, 0, 0. When the line moves one pixel to the right, the rows become 0, 0, 0, 3, 3, 0.
#
# **Predict.** Take one row of each map, and pool it with $f = 2$ and $s = 2$, that is, in three
# pairs. What do max pooling and average pooling give before and after the shift? Then do the same
# for a thinner line: 0, 0, 3, 0, 0, 0 and its shifts by one and by two pixels. Which of the three
# shifts leave the pooled row unchanged?

# %% jupyter={"source_hidden": true} cellView="form"
rows_of_maps = [
    ("wide line", [0, 0, 3, 3, 0, 0]),
    ("shifted by 1", [0, 0, 0, 3, 3, 0]),
    ("thin line", [0, 0, 3, 0, 0, 0]),
    ("shifted by 1", [0, 0, 0, 3, 0, 0]),
    ("shifted by 2", [0, 0, 0, 0, 3, 0]),
]
labels, maps = zip(*rows_of_maps, strict=True)
in_pairs = [[row[0:2], row[2:4], row[4:6]] for row in maps]
pair_windows = [(0, 2 * k, 5, 2, color) for k, color in enumerate(window_colors[:3])]

fig, axes = plt.subplots(1, 3, figsize=(8.6, 3.7), width_ratios=[6, 3, 3], layout="constrained")
draw_grid(axes[0], maps, "a row of the feature map", pair_windows, scale=(0, 3))
draw_grid(axes[1], [[max(p) for p in row] for row in in_pairs], "max pooled", scale=(0, 3))
draw_grid(axes[2], [[sum(p) / 2 for p in row] for row in in_pairs], "average pooled", scale=(0, 3))
axes[0].set_yticks(range(5), labels)
axes[1].set(yticks=[])
axes[2].set(yticks=[])
plt.show()

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The wide line gives 0, 3, 0 in both modes. After the shift it lies in two windows: max pooling
# gives 0, 3, 3 and average pooling gives 0, 1.5, 1.5.
#
# The thin line gives 0, 3, 0 with max pooling and 0, 1.5, 0 with average pooling. A shift by one
# pixel stays in the window and changes nothing. A shift by two pixels moves it to the next window.
#
# </details>
#
# <details>
# <summary>Description of the figure</summary>
#
# Three grids with five rows each: the wide line, the wide line shifted by 1, the thin line, the
# thin line shifted by 1 and by 2. In the left grid, the feature map, the columns are outlined in
# pairs. Max pooled, the rows are 0, 3, 0; 0, 3, 3; 0, 3, 0; 0, 3, 0; 0, 0, 3. Average pooled, they
# are 0, 3, 0; 0, 1.5, 1.5; 0, 1.5, 0; 0, 1.5, 0; 0, 0, 1.5.
#
# </details>
#
# So pooling is only **approximately** invariant to small translations: whether a shift changes the
# output depends on the positions of the windows.

# %% [markdown]
# ## Exercise: pool_forward
#
# Write `pool_forward(A_prev, hparameters, mode)` for a whole batch, a float array. The dictionary
# `hparameters` has the entries `"f"` and `"stride"`, and `mode` is `"max"` or `"average"`. The
# sizes are unpacked for you, and the comments name the steps. NumPy's `np.max` and `np.mean` work
# on arrays of any shape. Replace the line `# YOUR CODE HERE` and the `raise` line below it.
#
# The function also returns a `cache`, the tuple `(A_prev, hparameters)`, for the backward pass.
# That line is written for you.
#
# **When something is not right, ask yourself:**
#
# - Does the stride change where a window starts? With stride 1, a forgotten stride goes unnoticed.
# - Is `n_H` computed from the height of the input, and `n_W` from its width? Square images hide
#   this bug.
# - Does a window contain one example and one channel only?
# - What do you get for a window of negative values?

# %% solution="pool_forward"

# %% [markdown]
# **Try it** on the first image from above. The batch has one image with two channels: channel 0 is
# the image, and channel 1 is its negative.

# %%
two_channels = np.stack([for_max, -for_max], axis=2).reshape(1, 4, 4, 2).astype(float)
A, cache = pool_forward(two_channels, {"f": 2, "stride": 2})
print("A.shape =", A.shape)
print("channel 0:", A[0, :, :, 0], sep="\n")
print("channel 1:", A[0, :, :, 1], sep="\n")

# %% [markdown]
# **Expected output**
#
# ```
# A.shape = (1, 2, 2, 2)
# channel 0:
# [[7. 9.]
#  [8. 8.]]
# channel 1:
# [[-1. -2.]
#  [-3. -3.]]
# ```

# %% [markdown]
# Next, a batch of two random 5 x 5 images with 3 channels, first with stride 1. `A[1, 1]` is row 1
# of the output for the second image, with one line for each column and one number for each channel.

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
# The same batch with stride 2:

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
# Now run the check. It tries more cases, and names the first one that fails.

# %% check="pool_forward"

# %% [markdown]
# ## Your layer on an image
#
# The next cell draws a ring and a diagonal line, one pixel wide, on 48 x 48 pixels. It applies your
# function twice with $f = 2$ and stride 2, so the image shrinks to 24 x 24 and then to 12 x 12.
#
# **Predict.** Which value does the line have after the first and after the second pooling step,
# with max pooling and with average pooling?

# %%
rows, columns = np.mgrid[0:48, 0:48]
distance = np.hypot(rows - 24, columns - 24)
ring = np.where((distance > 12) & (distance < 17), 1.0, 0.0)
ring[rows == columns] = 1.0

fig, axes = plt.subplots(2, 3, figsize=(8.5, 6), layout="constrained")
for row, mode in enumerate(("max", "average")):
    pooled = ring.reshape(1, 48, 48, 1)
    for column in range(3):
        if column > 0:
            pooled, cache = pool_forward(pooled, {"f": 2, "stride": 2}, mode=mode)
            print(f"{mode}, {pooled.shape[1]} x {pooled.shape[2]}: upper left", pooled[0, 0, 0, 0])
        axes[row, column].imshow(pooled[0, :, :, 0], cmap="gray", vmin=0, vmax=1)
        axes[row, column].set_title(f"{mode}: {pooled.shape[1]} x {pooled.shape[2]}")
        axes[row, column].set(xticks=[], yticks=[])
plt.show()

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Max pooling keeps the brightest pixel of each window, so the line keeps the value 1 and looks
# thicker. Average pooling keeps the mean brightness, so the line fades. In a window on the
# diagonal, two of four pixels are 1, and their average is 1/2. In the second step, two of four
# values are 1/2, and their average is 1/4 (more where the line crosses the ring).
#
# </details>
#
# <details>
# <summary>Description of the figure</summary>
#
# Two rows of three images with 48, 24 and 12 pixels per side, drawn at the same size. In the upper
# row, max pooling, the ring and the diagonal line stay white and grow thicker. In the lower row,
# average pooling, the edges of the ring become blurred and gray, and the line darkens.
#
# </details>

# %% [markdown]
# ## Experiments with pooling
#
# **One large window or two small ones.** Pool `ring` once with $f = 4$ and stride 4, and compare
# the result (`np.allclose`) with the one in the figure. Then compare $f = 5$ once with $f = 3$
# twice, always with stride 1. Try both modes.
#
# <details>
# <summary>Answer</summary>
#
# In the first case, both modes agree. In the second case only max pooling does: averaging twice
# gives a larger weight to the pixels in the middle, because more of the overlapping windows contain
# them.
#
# </details>
#
# **Min pooling.** What do you get if you negate the input, max pool it, and negate the output?
#
# <details>
# <summary>Answer</summary>
#
# The minimum of each window, because the largest value of $-x$ is minus the smallest value of $x$.
#
# </details>
#
# **Gaps.** Pool a random 7 x 7 image with $f = 2$ and stride 3. What changes in the output if you
# add 100 to the pixel in row 2, column 2? And to the one in row 3, column 3?
#
# <details>
# <summary>Answer</summary>
#
# The first pixel is in a gap and changes nothing. The second one is in one window: its average
# grows by $100/4 = 25$, and its maximum by 100, or by less if another pixel was the maximum.
#
# </details>
#
# **The smallest and the largest window.** What does $f = 1$ with stride 2 compute? And average
# pooling with $f$ equal to the height and the width of the image?
#
# <details>
# <summary>Answer</summary>
#
# $f = 1$ keeps every second pixel of every second row, in both modes. A window as large as the
# image gives one number per channel, its mean. This is called **global average pooling**, and many
# networks use it before their last layer.
#
# </details>

# %% [markdown]
# ## What pooling gives and what it costs
#
# A pooling layer has nothing to learn, and it saves the layers after it a lot of work: windows of 2
# x 2 leave a quarter of the values. It also forgives some small shifts, but whether a particular
# one goes unnoticed is a matter of luck, because the windows do not move with the pattern. The
# price is position. A network that labels every pixel has to win it back.
#
# Your function was tested where bugs hide: with a stride that differs from $f$, with negative
# values, with height and width that differ, and with several channels. Remember this list for the
# next layer that you write.

# %% [markdown] include="hand_in"
