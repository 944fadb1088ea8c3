# %% [markdown]
# # Pooling
#
# A photographer moves the camera by the width of a single pixel. You could not tell the two
# photographs apart. Can a convolution layer? Run the next two code cells to see what a
# Sobel kernel with a ReLU makes of them.

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.data import digits, load_sample_image
from convnet.functional import avg_pool2d, conv2d, max_pool2d
from convnet.plots import draw_grid
from lesson_tools.questions.pooling import predict

photo = load_sample_image("china.jpg").mean(axis=2)  # grayscale, 0 to 255
sobel_x = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]).reshape(3, 3, 1, 1)


def crop(k):
    """130 x 130 pixels of the photograph, with the camera moved k pixels to the right."""
    return photo[150:280, 200 + k : 330 + k].reshape(1, 130, 130, 1)


def edges(k):
    """Return the feature map of the crop: Sobel x, then ReLU."""
    return np.maximum(conv2d(crop(k), sobel_x), 0)


def relative_change(before, after):
    return np.linalg.norm(after - before) / np.linalg.norm(before)


pooled = [max_pool2d(edges(k), 8) for k in (0, 1)]
fig, axes = plt.subplots(3, 3, figsize=(6.9, 7.4), layout="constrained")
for column, (before, after), name, largest in (
    (0, (crop(0), crop(1)), "photograph", 255),
    (1, (edges(0), edges(1)), "feature map", 700),
    (2, pooled, "max pooled", 700),
):
    for row, A in enumerate((before, after)):
        axes[row, column].imshow(A[0, :, :, 0], cmap="gray", vmin=0, vmax=largest)
        axes[row, column].set_title(f"{name} {row + 1}")
    difference = (after - before)[0, :, :, 0]
    axes[2, column].imshow(difference, cmap="PuOr", vmin=-largest, vmax=largest)
    axes[2, column].set_title(f"relative change {relative_change(before, after):.0%}", size=11)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
present(
    fig,
    "Three columns: a photograph of a part of a tower, its feature map, and the max pooled map. The "
    "upper two rows are from before and after the camera moved, and look alike. The third row is their "
    "difference, white for 0, orange below and purple above: faint for the photographs, 38 percent; "
    "as strong as the maps themselves for the feature maps, which are thin bright edges, 112 percent; "
    "almost white for the coarse max pooled maps of 16 by 16 values, 12 percent.",
)

# %% [markdown]
# To our eyes, nothing happened. The last row shows the **relative change** from an array $A$ to $A'$:
#
# $$\frac{\lVert A' - A \rVert}{\lVert A \rVert},$$
#
# where the L2 norm $\lVert A \rVert$ is the square root of the sum of all squared values. The relative
# change is 0 if both arrays are equal, and 1 if the change is as large as $A$ itself. The photograph
# changed by
# [38%]{= f"{relative_change(crop(0), crop(1)):.0%}" }, and the feature map by
# [112%]{= f"{relative_change(edges(0), edges(1)):.0%}" }: edges are thin, so many bright pixels now
# lie where dark ones were.
#
# The last column shows the feature maps after [**pooling**](glossary.md#pooling): each
# [**window**](glossary.md#window) of 8 x 8 values was replaced by its maximum. The pooled maps are
# coarse, with 1/64 of the values, but they changed by only
# [12%]{= f"{relative_change(*pooled):.0%}" }.
#
# Later layers rarely need pixel-exact positions. "There is a vertical edge in the upper left" is
# often enough to recognize an object. By giving up exact positions, pooling makes a network cheaper
# and more robust to small shifts. You will often read that the network becomes *invariant*: is that
# true?
#
# **By the end of this lesson you will be able to**
#
# 1. compute max, average and L2 pooling by hand and in NumPy, for any window and stride;
# 2. define translation *equivariance* and *invariance*, and predict how a shift of an image changes
#    a pooled feature map;
# 3. use the pooling layers of Keras, TensorFlow and PyTorch, and choose among them.
#
# **Time:** about 45 minutes. **You need:** [the convolution layer](06_convolution_layer.ipynb) and
# [output sizes](08_output_sizes.ipynb).

# %% [markdown] tags=["row-13"]
# ## Max, average and L2 pooling
#
# Slide a window of $f \times f$ over an image with stride $s$, as in a convolution. But instead of a
# dot product with a kernel, take the largest value in the window: this is
# [**max pooling**](glossary.md#max-pooling). With $f = 2$ and $s = 2$, the most common choice, the
# windows lie side by side:
#
# $$\begin{pmatrix} 1&5&3&7\\7&3&9&2\\3&5&8&4\\8&7&3&5 \end{pmatrix}$$
#
# Write down the four maxima.
#
# <details>
# <summary>Answer</summary>
#
# $$\begin{pmatrix} \max(1,5,7,3) & \max(3,7,9,2) \\ \max(3,5,8,7) & \max(8,4,3,5) \end{pmatrix} =
# \begin{pmatrix} 7&9\\8&8 \end{pmatrix}$$
#
# </details>
#
# A feature map says how strongly a pattern is present at each position. Its maximum over a window says
# how strongly the pattern is present *anywhere* in the window.
#
# Two other summaries of a window are in use:
#
# - [**average pooling**](glossary.md#average-pooling), the mean of the window. On the upper left:
#   $(1 + 5 + 7 + 3) / 4 = 4$.
# - [**L2 pooling**](glossary.md#l2-pooling), the L2 norm of the window. On the upper left:
#   $\sqrt{1^2 + 5^2 + 7^2 + 3^2} = \sqrt{84} \approx$ [9.17]{= f"{np.sqrt(84):.2f}" }. Large
#   values dominate, and signs make no difference.
#
# **Predict.** What is the average of the window on the upper right?

# %%
image = np.array([[1, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]])
predict("average", None)

# %% [markdown] tags=["row-13"]
# ## Pooling as a formula and in NumPy
#
# Pooling has two [hyperparameters](glossary.md#hyperparameter), the window size $f$ and the stride $s$.
# The window of output $(h, w)$ starts at row $hs$ and column $ws$ of the input. With $A_{prev}$ for the
# input, $A$ for the output, $i$ for the example, $c$ for the channel, and $r$ and $q$ from 0 to $f - 1$,
#
# $$A_{i,h,w,c} = \max_{r,q}\, (A_{prev})_{i,\, hs+r,\, ws+q,\, c} \qquad\text{(max)}$$
#
# $$A_{i,h,w,c} = \frac{1}{f^2} \sum_{r,q}\, (A_{prev})_{i,\, hs+r,\, ws+q,\, c}
# \qquad\text{(average)}$$
#
# $$A_{i,h,w,c} = \Bigl( \sum_{r,q}\, (A_{prev})_{i,\, hs+r,\, ws+q,\, c}^2 \Bigr)^{1/2}
# \qquad\text{(L2)}$$
#
# Compare these formulas with a convolution layer. They have **no weights**, so a pooling layer has no
# parameters to learn. They also have **no sum over channels**: each channel is pooled independently, and
# the number of channels stays the same.
#
# The functions `max_pool2d` and `avg_pool2d` of the course's library take a batch of shape
# $(m, n_H, n_W, n_C)$, the window size and the stride, which is $f$ by default. L2 pooling follows from
# average pooling, because the sum of the squares in a window is $f^2$ times their mean.
#
# When the windows lie side by side, a `reshape` pools as well. For our 4 x 4 image,
# `image.reshape(2, 2, 2, 2)` has the axes (window row, row in the window, window column, column in the
# window). Reducing axes 1 and 3 leaves one value per window.

# %%
A_prev = image.reshape(1, 4, 4, 1).astype(float)


def l2_pool(A_prev, f):
    return f * np.sqrt(avg_pool2d(A_prev**2, f))


A_max, A_average, A_l2 = max_pool2d(A_prev, 2), avg_pool2d(A_prev, 2), l2_pool(A_prev, 2)

blocks = image.reshape(2, 2, 2, 2)
print("upper right window:", blocks[0, :, 1, :].tolist())
print("maxima by reshape: ", blocks.max(axis=(1, 3)).tolist())
np.testing.assert_array_equal(blocks.max(axis=(1, 3)), A_max[0, :, :, 0])
np.testing.assert_array_equal(blocks.mean(axis=(1, 3)), A_average[0, :, :, 0])
np.testing.assert_allclose(np.sqrt((blocks**2).sum(axis=(1, 3))), A_l2[0, :, :, 0])

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 4, figsize=(10, 3.2), width_ratios=[2, 1, 1, 1], layout="constrained")
quarters = [(0, 0, 2, 2, "C0"), (0, 2, 2, 2, "C1"), (2, 0, 2, 2, "C2"), (2, 2, 2, 2, "C4")]
draw_grid(axes[0], image, "image", windows=quarters, scale=(0, 13))
outputs = [(row // 2, column // 2, 1, 1, color) for row, column, _, _, color in quarters]
for ax, A, title in zip(axes[1:], (A_max, A_average, A_l2), ("max", "average", "L2"), strict=True):
    draw_grid(ax, A[0, :, :, 0], title, outputs, scale=(0, 13))
present(
    fig,
    "The 4 by 4 image with its four windows outlined, and three outputs of 2 by 2, on one scale, "
    "where each value has the outline of its window. Max: 7, 9, 8, 8. Average: 4, 5.25, 5.75, 5. "
    "L2: 9.165, 11.96, 12.12, 10.68.",
)

# %% [markdown] tags=["row-13"]
# Of the three, only L2 pooling can exceed the largest absolute value of its window, as 9.17 exceeds 7
# here.
#
# ## Output size, overlapping windows and gaps
#
# The [output size](glossary.md#output-size) is that of a convolution without padding:
#
# $$n_H = \left\lfloor \frac{n_{H_{prev}} - f}{s} \right\rfloor + 1, \qquad
# n_W = \left\lfloor \frac{n_{W_{prev}} - f}{s} \right\rfloor + 1, \qquad
# n_C = n_{C_{prev}}$$
#
# With $f = s = 2$, pooling halves an even height and width. AlexNet (2012) uses $f = 3$ and $s = 2$
# instead, so its windows **overlap**.
#
# **Predict.** On a 5 x 5 image, in how many windows with $f = 3$ and $s = 2$ does the pixel in the
# middle lie?

# %%
predict("overlap", None)


# %% jupyter={"source_hidden": true} cellView="form"
def windows_that_see(n, f, s):
    """For every pixel of an n x n image, the number of windows in which it lies."""
    counts = np.zeros((n, n), dtype=int)
    for top in range(0, n - f + 1, s):
        for left in range(0, n - f + 1, s):
            counts[top : top + f, left : left + f] += 1
    return counts


# A batch with overlapping windows. The reference output is the one of the assignment Pooling.
np.random.seed(1)
batch = np.random.randn(2, 5, 5, 3)
batch_max, batch_average = max_pool2d(batch, 3, stride=2), avg_pool2d(batch, 3, stride=2)
reference_max = [
    [[1.74481176, 0.90159072, 1.65980218], [1.74481176, 1.6924546, 1.65980218]],
    [[1.13162939, 1.51981682, 2.18557541], [1.13162939, 1.6924546, 2.18557541]],
]
reference_average = [
    [[-0.03010467, -0.00324021, -0.33629886], [0.12893444, 0.22242847, 0.1250676]],
    [[-0.38268052, 0.23257995, 0.6259979], [-0.09525515, 0.268511, 0.46605637]],
]
np.testing.assert_allclose(batch_max[0], reference_max, rtol=1e-6)
np.testing.assert_allclose(batch_average[0], reference_average, rtol=1e-6)
reference_max = [[1.19891788, 0.84616065, 0.82797464], [0.69803203, 1.12141771, 1.2245077]]
reference_average = [
    [-0.17313416, 0.32377198, -0.34317572],
    [0.02030094, 0.14141479, -0.01231585],
]
np.testing.assert_allclose(batch_max[1, 0], reference_max, rtol=1e-6)
np.testing.assert_allclose(batch_average[1, 0], reference_average, rtol=1e-6)
print(f"{batch.shape} becomes {batch_max.shape} with f = 3 and s = 2")
print("one channel, max pooled:", batch_max[0, :, :, 2].round(4).tolist())

fig, axes = plt.subplots(1, 3, figsize=(10, 3.9), width_ratios=[5, 5, 7], layout="constrained")
for ax, (n, f, s) in zip(axes, [(5, 2, 2), (5, 3, 2), (7, 2, 3)], strict=True):
    n_H = (n - f) // s + 1
    draw_grid(
        ax, windows_that_see(n, f, s), f"f = {f}, s = {s}: output {n_H} x {n_H}", scale=(0, 4)
    )
present(
    fig,
    "Three grids with the number of windows for each pixel, on one scale. With f 2 and stride 2 on "
    "5 by 5, every pixel has 1, except in the last row and column, which have 0. With f 3 and "
    "stride 2 on 5 by 5, the middle row and column have 2, the pixel where they cross 4, the "
    "others 1. With f 2 and stride 3 on 7 by 7, four blocks of 2 by 2 have 1; rows and columns 2, "
    "5 and 6 have 0.",
)

# %% [markdown] tags=["row-13", "row-14"]
# - **Left:** 5 is odd, so the last row and column are in no window and have no effect.
# - **Middle:** the stride is smaller than $f$, so the windows overlap. The pixel in the middle lies in
#   [4]{= windows_that_see(5, 3, 2)[2, 2] } windows, and a large value there appears four times in the
#   output. In the channel printed above, the two windows of each row share their maximum.
# - **Right:** the stride is larger than $f$, and rows and columns 2, 5 and 6 are ignored.
#
# What does pooling save? A convolution layer with 32 filters produces 28 x 28 x 32 =
# [25,088]{= f"{32 * 28 * 28:,}" } values per image. After pooling with $f = s = 2$, 14 x 14 x 32 =
# [6,272]{= f"{32 * 14 * 14:,}" } are left. The next convolution needs about a quarter of the
# computation, and a dense layer a quarter of the weights, so there are fewer parameters to overfit with.
# Pooling also increases the [**receptive field**](glossary.md#receptive-field): a 3 x 3 kernel after
# this pooling layer covers 6 x 6 values of the pooling layer's input.
#
# ## A line detector with pooling
#
# In [lesson 01](01_images_and_filters.ipynb), a 3 x 3 kernel with ones in its middle column detected
# a vertical line, two pixels wide, in an 8 x 8 image. Each row of the feature map is 0, 0, 3, 3, 0, 0.
# With $f = s = 2$ this becomes 0, 3, 0, for max and for average pooling: the line fills the
# middle window exactly.
#
# **Predict.** The line moves one pixel to the right. What is a row of the feature map after **max**
# pooling? Answer with a list.

# %%
line = np.zeros((1, 8, 8, 1))
line[:, :, 3:5] = 1
detector = np.zeros((3, 3, 1, 1))  # (f, f, n_C_prev, n_C)
detector[:, 1] = 1


def detect(images):
    return np.maximum(conv2d(images, detector), 0)


def shift(images, k):
    """Move the content k pixels to the right."""
    return np.roll(images, k, axis=2)


predict("shifted", None)

# %% jupyter={"source_hidden": true} cellView="form"
steps = range(-2, 3)
rows = [detect(shift(line, k)) for k in steps]
fig, axes = plt.subplots(1, 3, figsize=(10, 3.9), width_ratios=[6, 3, 3], layout="constrained")
pairs = [(0, 2 * w, 5, 2, color) for w, color in enumerate(["C0", "C1", "C2"])]
draw_grid(axes[0], [A[0, 0, :, 0] for A in rows], "row of the feature map", pairs, scale=(0, 3))
for ax, function, title in (
    (axes[1], max_pool2d, "max pooled"),
    (axes[2], avg_pool2d, "average pooled"),
):
    draw_grid(ax, [function(A, 2)[0, 0, :, 0] for A in rows], title, scale=(0, 3))
for ax in axes:
    ax.set_yticks(range(5), [f"{k:+d}" if k else "0" for k in steps])
axes[0].set_ylabel("shift of the image in pixels")
present(
    fig,
    "Three grids on one scale, with one row for each shift of the line, from -2 to +2 pixels. The "
    "two threes of the feature map move one column to the right from row to row; the columns are "
    "outlined in pairs. Max pooled: 3, 0, 0; 3, 3, 0; 0, 3, 0; 0, 3, 3; 0, 0, 3. Average pooled: 3 "
    "where the line fills a window, and 1.5 twice where it lies in two windows.",
)

# %% [markdown] tags=["row-14"]
# At odd shifts, the line lies in two windows at once: max pooling reports it twice at full strength, and
# average pooling splits it into two halves.
#
# ## Translation equivariance and invariance
#
# Moving an image is a **translation**. Let $T_k x$ be the image $x$ moved by $k$ pixels, and
# $g(x)$ the output of a layer.
#
# - $g$ is [**equivariant**](glossary.md#translation-equivariance) to the translation if its output moves
#   with the image: $g(T_k x) = T_k\, g(x)$.
# - $g$ is [**invariant**](glossary.md#translation-invariance) to the translation if its output stays the
#   same: $g(T_k x) = g(x)$.
#
# To find out *where* an object is, you want equivariance; to find out *what* it is, invariance. We test
# the line detector without and with pooling:


# %%
def detect_and_pool(images):
    return max_pool2d(detect(images), 2)


for k in (-2, -1, 1, 2):
    equivariant = np.array_equal(detect(shift(line, k)), shift(detect(line), k))
    same = np.array_equal(detect_and_pool(shift(line, k)), detect_and_pool(line))
    print(f"shift {k:>2}:  convolution equivariant: {equivariant}   pooling invariant: {same}")
for k in (-1, 1):
    moved = np.array_equal(detect_and_pool(shift(line, 2 * k)), shift(detect_and_pool(line), k))
    print(f"shift {2 * k:>2}:  pooled map moves by {k}: {moved}")

# %% [markdown]
# **A convolution with stride 1 is equivariant**, because it computes the same function at every position.
# The border is the exception: a pattern is cut off there, or it meets the padding.
#
# **A stride $s$ breaks this**, in pooling as well as in convolution. A shift by a multiple of $s$ moves
# the output by whole positions. After any other shift the windows cut the pattern differently, and the
# output is in general not a moved copy of the old one.
#
# **Pooling is not invariant** to any of these shifts. Is it ever?
#
# **Predict.** A 9 x 9 feature map is max pooled with $f = s = 3$. It is 0 except for a single column
# of threes, column 3. By how many pixels, at most, can this column move to the right without changing
# the pooled map?

# %%
predict("still", None)

# %% [markdown] tags=["row-14"]
# <details>
# <summary>Answer</summary>
#
# By 2 pixels: columns 3, 4 and 5 lie in the same window, and column 6 belongs to the next one. A column
# that starts at 5 cannot move by a single pixel.
#
# </details>
#
# So whether a shift changes the output depends on how the windows are aligned. Pooling is
# **approximately** invariant to **small** translations, and both words are needed.
#
# ## Measuring invariance on a photograph
#
# Now the camera moves by more than one pixel.
#
# **Predict.** With $f = s = 8$, a shift by one pixel changed the max pooled map by 12%. By how much does a
# shift by **eight** pixels change it, exactly one window? Answer with a letter: `"a"` 0%; `"b"` 12% as
# before; `"c"` about half; `"d"` more than 100%.

# %%
predict("whole_window", None)


# %% jupyter={"source_hidden": true} cellView="form"
def change(pool, f, k):
    return relative_change(pool(edges(0), f), pool(edges(k), f))


shifts = range(9)
fig, axes = plt.subplots(1, 2, figsize=(10, 4.3), sharey=True, layout="constrained")
for ax, pool, name in zip(axes, (max_pool2d, avg_pool2d), ("max", "average"), strict=True):
    for f, style in [(1, "-o"), (2, "--s"), (4, "-.^"), (8, ":D")]:
        label = "no pooling" if f == 1 else f"f = s = {f}"
        ax.plot(shifts, [change(pool, f, k) for k in shifts], style, label=label, markersize=5)
    ax.set(title=f"{name} pooling", xlabel="shift of the image in pixels", ylim=(0, 1.5))
axes[0].set_ylabel("relative change of the feature map")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
present(
    fig,
    "Two line charts of the relative change against a shift from 0 to 8 pixels, for max and for "
    "average pooling. All curves start at 0. Without pooling the curve jumps to 1.12 at one pixel "
    "and stays around 1 or above. With f 2 it reaches 0.71 (max) or 0.79 (average) at one pixel, "
    "with f 4 about 0.3, with f 8 about 0.12, and the curves rise from there: with f 8 to about "
    "0.5 at eight pixels. The larger the window, the lower the curve.",
)

# %% [markdown] tags=["row-13"]
# One pixel changes the feature map by [112%]{= f"{change(max_pool2d, 1, 1):.0%}" } without pooling, and
# by [71%]{= f"{change(max_pool2d, 2, 1):.0%}" }, [27%]{= f"{change(max_pool2d, 4, 1):.0%}" } and
# [12%]{= f"{change(max_pool2d, 8, 1):.0%}" } with max pooling and $f = 2, 4, 8$. Larger windows tolerate
# larger shifts, but their outputs say less about positions. (Two maps of equal norm
# that share no bright pixel differ by $\sqrt 2$, or 141%.)
#
# A shift by a whole window is not a small one: it changes the map by
# [46%]{= f"{change(max_pool2d, 8, 8):.0%}" }. The values survive, one column to the left
# (`after[:, :, :-1]` equals `before[:, :, 1:]`:
# [True]{= np.array_equal(max_pool2d(edges(8), 8)[:, :, :-1], max_pool2d(edges(0), 8)[:, :, 1:]) }), so
# this is equivariance again.
#
# ## Global average pooling
#
# In **global pooling**, the window is as large as the feature map, and each channel becomes a single
# number. Many networks end with [**global average pooling**](glossary.md#global-average-pooling) and a
# dense layer that classifies. For our line:

# %%
for k in (-2, -1, 0, 1, 2, 3):
    A = detect(shift(line, k))
    print(f"shift {k:>2}: average {A.mean(axis=(1, 2)).item()}, max {A.max(axis=(1, 2)).item()}")

# %% [markdown] tags=["row-13"]
# While the whole pattern stays inside the map, global pooling is exactly invariant. The reason is
# equivariance: the values of the feature map only move, so their mean and maximum cannot change. At
# shift 3, half of the line leaves the map, and the average drops to
# [0.5]{= detect(shift(line, 3)).mean() }.
#
# Global average pooling also saves parameters. If the dense layer followed 512 feature maps of 7 x 7
# directly, each class would need [25,088]{= f"{7 * 7 * 512:,}" } weights. After the pooling it needs 512,
# whatever the size of the image.
#
# ## Comparing max and average pooling
#
# We pool the tower twice with $f = s = 2$, from 220 x 220 to 110 x 110 and 55 x 55. What will happen to
# the dark lines between the roof tiles?

# %% jupyter={"source_hidden": true} cellView="form"
tower = photo[25:245, 90:310].reshape(1, 220, 220, 1)
max_once, average_once = max_pool2d(tower, 2), avg_pool2d(tower, 2)
max_twice, average_twice = max_pool2d(max_once, 2), avg_pool2d(average_once, 2)

fig, axes = plt.subplots(2, 3, figsize=(10, 7), layout="constrained")
rows = (("max", max_once, max_twice), ("average", average_once, average_twice))
for line_of_axes, (name, once, twice) in zip(axes, rows, strict=True):
    for ax, A, label in zip(
        line_of_axes, (tower, once, twice), ("original", name, name), strict=True
    ):
        ax.imshow(A[0, :, :, 0], cmap="gray", vmin=0, vmax=255)
        ax.set_title(f"{label}, {A.shape[1]} x {A.shape[2]}")
        ax.axis("off")
present(
    fig,
    "Two rows of three images of a tower with tiled roofs against a bright sky: 220 by 220, 110 by "
    "110 and 55 by 55 pixels. Max pooled, in the upper row, the image gets brighter, and the dark "
    "lines between the tiles and in the railings shrink or vanish. Average pooled, in the lower "
    "row, it keeps its brightness and looks like the original seen from far away, with blurred "
    "details.",
)

# %% [markdown] tags=["row-13"]
# Every kind of pooling loses details:
#
# - **Max pooling** keeps bright details and removes thin dark lines. The mean brightness rises from
#   [123]{= f"{tower.mean():.0f}" } to [157]{= f"{max_twice.mean():.0f}" }.
# - **Average pooling** keeps the mean, [123]{= f"{average_twice.mean():.0f}" }, and blurs fine texture.
#
# After a ReLU, a large value means that a pattern is present, and 0 that it is not. Max pooling keeps the
# detections, while an average dilutes a pattern that fills only a part of the window, like our line. So
# max pooling is common between convolution layers, and average pooling at the end.
#
# A **convolution with stride 2** [downsamples](glossary.md#downsampling) as well, and learns how; many
# recent networks use it instead. An additional strided convolution adds parameters; giving an existing
# one a stride does not. [Lesson 16](16_fashion_mnist.ipynb) trains both kinds.
#
# ## Pooling in Keras, TensorFlow and PyTorch
#
# In the layers of Keras and PyTorch, the stride is the window size by default, and nothing is padded. A
# pooling layer adds no parameters: the 10 below belong to the convolution.

# %% needs="keras tensorflow"
import keras

for layer, expected in [
    (keras.layers.MaxPooling2D(pool_size=2), max_pool2d(detect(line), 2)),
    (keras.layers.AveragePooling2D(pool_size=2), avg_pool2d(detect(line), 2)),
    (keras.layers.GlobalAveragePooling2D(), detect(line).mean(axis=(1, 2))),
]:
    convolution = keras.layers.Conv2D(1, 3, activation="relu")
    model = keras.Sequential([keras.Input((8, 8, 1)), convolution, layer])
    convolution.set_weights([detector, np.zeros(1)])
    np.testing.assert_allclose(model.predict(line, verbose=0), expected)
    print(f"{type(layer).__name__:<22} {model.output_shape}, {model.count_params()} parameters")

row = np.array([0, 0, 3, 3, 0, 0], "float32").reshape(1, 6, 1)  # (m, steps, n_C)
print("MaxPooling1D:     ", keras.layers.MaxPooling1D(2)(row).numpy().ravel())
print("AveragePooling1D: ", keras.layers.AveragePooling1D(2)(row).numpy().ravel())

oblong = keras.layers.MaxPooling2D(pool_size=(2, 4), strides=(3, 2))
print("31 x 21, windows 2 x 4, strides 3 and 2:", oblong(np.zeros((1, 31, 21, 16))).shape)

# %% needs="tensorflow"
import tensorflow as tf

X = tf.constant(A_prev, tf.float32)
window = {"ksize": 2, "strides": 2, "padding": "VALID"}  # tf.nn has no defaults for them
for name, A, expected in [
    ("max", tf.nn.max_pool2d(X, **window), A_max),
    ("average", tf.nn.avg_pool2d(X, **window), A_average),
    ("L2", 2 * tf.sqrt(tf.nn.avg_pool2d(X**2, **window)), A_l2),
]:
    np.testing.assert_allclose(A, expected, rtol=1e-6)
    print(f"TensorFlow, {name}: agrees with NumPy.")

# %% needs="torch"
import torch
from torch import nn

X = torch.tensor(A_prev, dtype=torch.float32).permute(0, 3, 1, 2)  # channels first
for layer, expected in [
    (nn.MaxPool2d(kernel_size=2), A_max),
    (nn.AvgPool2d(kernel_size=2), A_average),
    (nn.LPPool2d(norm_type=2, kernel_size=2), A_l2),
    (nn.AdaptiveAvgPool2d(1), A_prev.mean(axis=(1, 2), keepdims=True)),  # global average pooling
]:
    A = layer(X).permute(0, 2, 3, 1)  # channels last
    np.testing.assert_allclose(A, expected, rtol=1e-6)
    print(layer, "agrees with NumPy.")

# %% [markdown]
# `MaxPooling1D` is for sequences such as sound, `MaxPooling3D` for videos and medical scans. Windows
# need not be square, and the two strides may differ, as in the last line of the Keras cell:
# $\lfloor (31 - 2)/3 \rfloor + 1 =$ [10]{= (31 - 2) // 3 + 1 } rows and
# $\lfloor (21 - 4)/2 \rfloor + 1 =$ [9]{= (21 - 4) // 2 + 1 } columns.
#
# ## Further: padding and ties
#
# *You can skip this section and the next.* With `padding="same"` (Keras) or `padding=1` (PyTorch),
# windows reach beyond the border. For max pooling, the libraries pad as if with $-\infty$, so the padding
# is never the maximum. (Zeros from `np.pad` can be: on an image of $-1$ the maximum at the border is
# then 0.) For average pooling, the libraries disagree.
#
# **Predict.** An image consists of ones. A 3 x 3 window at its corner covers 4 of its pixels and 5 of
# the padding. What is the average there in PyTorch, with `nn.AvgPool2d(3, stride=1, padding=1)`? (Answer
# as a fraction, such as `2 / 3`.)

# %%
predict("corner", None)

# %% needs="torch tensorflow" jupyter={"source_hidden": true} cellView="form"
ones = torch.ones(1, 1, 4, 4)
average = nn.AvgPool2d(3, stride=1, padding=1)
not_counted = nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
same = tf.nn.avg_pool2d(np.ones((1, 4, 4, 1), "float32"), 3, 1, "SAME")
print(f"average, PyTorch:                  {average(ones)[0, 0, 0, 0].item():.4f}")
print(f"average, count_include_pad=False:  {not_counted(ones)[0, 0, 0, 0].item():.4f}")
print(f"average, TensorFlow and Keras:     {same.numpy()[0, 0, 0, 0]:.4f}")
own = np.pad(-np.ones((1, 4, 4, 1)), ((0, 0), (1, 1), (1, 1), (0, 0)))
print("maximum of -1, PyTorch's padding: ", nn.MaxPool2d(3, 1, 1)(-ones)[0, 0, 0, 0].item())
print("maximum of -1, zeros of your own: ", max_pool2d(own, 3, stride=1)[0, 0, 0, 0] + 0)
tie = torch.tensor([[1.0, 3.0], [3.0, 2.0]]).reshape(1, 1, 2, 2)
_, index = nn.MaxPool2d(2, return_indices=True)(tie)
print("position of the maximum of 1, 3, 3, 2:", index.item())

# %% [markdown]
# PyTorch divides by 9: the average is $4/9$. TensorFlow and Keras divide by the 4 pixels that exist, and
# so does PyTorch with `count_include_pad=False`.
#
# Pooling cannot be undone, because many inputs have the same output. The windows
# $\begin{pmatrix} 1&3\\2&2 \end{pmatrix}$, $\begin{pmatrix} 3&0\\0&0 \end{pmatrix}$ and
# $\begin{pmatrix} 1&3\\3&2 \end{pmatrix}$ all have the maximum 3. In the third it occurs twice, a
# [**tie**](glossary.md#tie). In training, the gradient flows to the position of
# the maximum, and a library has to choose one: PyTorch takes the first, as the last line above shows.
# Ties are common, because a ReLU produces many zeros; see [lesson 13](13_backpropagation.ipynb).
#
# ## Further: flattening loses the neighborhood
#
# Before a dense layer, feature maps are often reshaped into one vector, which is called
# [**flattening**](glossary.md#flattening). No value is lost, but a dense layer does not know which
# values were neighbors. In a flattened 4 x 4 image, pixels 5 and 6 are still side by side, while pixel
# 9, directly below pixel 5, is four positions away. Nor does a dense layer tolerate shifts. Let its
# weights be a handwritten digit, so that its score is high for similar images, and move the digit by
# one pixel:

# %% jupyter={"source_hidden": true} cellView="form"
digit = digits().train_images[:1].astype(float)  # a zero, 8 x 8
weights = digit.reshape(64)
score, score_moved = digit.reshape(64) @ weights, shift(digit, 1).reshape(64) @ weights

fig, axes = plt.subplots(1, 3, figsize=(11, 3.6), width_ratios=[4, 4, 4], layout="constrained")
windows = [(1, 1, 1, 2, "C1"), (1, 1, 2, 1, "C0")]
draw_grid(axes[0], np.arange(16).reshape(4, 4), "position in the vector", windows)
for ax, X, title in (
    (axes[1], digit, f"the digit: score {score:.1f}"),
    (axes[2], shift(digit, 1), f"moved by one pixel: score {score_moved:.1f}"),
):
    ax.imshow(X[0, :, :, 0], cmap="gray", vmin=0, vmax=1)
    ax.set(title=title, xticks=[], yticks=[])
present(
    fig,
    "Left, a 4 by 4 grid with the positions 0 to 15, row by row; the pair 5 and 6, side by side, "
    "and the pair 5 and 9, one above the other, are outlined. Right, a handwritten zero with the "
    "score 12.0, and the same zero one pixel further to the right, with the score 6.9.",
)

# %% [markdown]
# The shift costs [43%]{= f"{1 - score_moved / score:.0%}" } of the score. A dense layer has to learn
# every position of the digit from examples, except for the shifts that pooling tolerates.
#
# ## Exercises
#
# ### Exercise 1: by hand
#
# 1. Average pool this image with $f = 2$ and $s = 2$. Answer with `[[..., ...], [..., ...]]`.
#
#    $$\begin{pmatrix} 4&3&1&5\\1&3&4&8\\4&5&4&3\\6&5&9&4 \end{pmatrix}$$
#
# 2. A batch of shape (16, 55, 55, 96) is max pooled with $f = 3$ and $s = 2$, as in AlexNet. What is the
#    `shape` of the output?
# 3. A network has three pooling layers with $f = s = 2$; all its convolutions have stride 1. By how many
#    `pixels` must an image move so that the last feature map moves by exactly one position?

# %%
answer = None
shape = None
pixels = None
### BEGIN SOLUTION
answer = [[2.75, 4.5], [5, 5]]
shape = (16, 27, 27, 96)  # (55 - 3) // 2 + 1 = 27; examples and channels stay
pixels = 2 * 2 * 2  # the total stride
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1, answer",
    answer,
    [[2.75, 4.5], [5, 5]],
    "Each value is the sum of the four pixels in a window, divided by 4. The answer has the shape 2 x 2.",
    [
        ([[4, 8], [6, 9]], "These are the maxima of the windows, not the averages."),
        ([[11, 18], [20, 20]], "These are the sums of the windows. Divide them."),
        ([[5.5, 9], [10, 10]], "You divided the sums by 2. How many pixels are in a window?"),
        ([2.75, 4.5, 5, 5], "The values are right. Put each row of the output into its own list."),
        ([[2.75, 5], [4.5, 5]], "The values are right, but rows and columns are swapped."),
    ],
)
public_tests.check_answer(
    "Exercise 1, shape",
    shape,
    max_pool2d(np.zeros((16, 55, 55, 96)), 3, stride=2).shape,
    "Use the output size formula for the rows and the columns. What happens to the other two axes?",
    [
        ((16, 18, 18, 96), "That is for s = 3. Here the windows overlap."),
        ((16, 26, 26, 96), "That is one window too few. Where does the first window start?"),
        ((16, 28, 28, 96), "That is one window too many. Does the last one fit into the image?"),
        ((16, 53, 53, 96), "That is for s = 1."),
        ((16, 27.5, 27.5, 96), "Halving is for f = s = 2. Here f is 3."),
        ((16, 27, 27, 1), "Each channel is pooled independently. How many channels stay?"),
        ((16, 27, 27), "Each channel is pooled independently. The output has channels, too."),
        ((27, 27, 96), "That is the shape for one image. How many are in the batch?"),
        ((96, 27, 27, 16), "In this course, the channels come last."),
    ],
)
public_tests.check_answer(
    "Exercise 1, pixels",
    pixels,
    8,
    "One position of the last map is two positions of the map that it pools. And so on, back to the image.",
    [
        (1, "Then the windows of the first pooling layer cut the image differently."),
        (2, "That is enough for one pooling layer. The next one pools its output."),
        (3, "That is the number of pooling layers. What does each do to a shift?"),
        (4, "That is enough for two pooling layers."),
        (6, "The strides multiply, they do not add up."),
        (9, "The stride is 2 in each of the three layers, not 3."),
        (16, "Then the last map moves by two positions."),
        ((8, 8), "Right, in both directions. Answer with one number."),
    ],
)

# %% [markdown]
# ### Exercise 2: min pooling
#
# Dark lines on white paper call for the *smallest* value of each window. Write `min_pool`
# with `max_pool2d` and without a loop.


# %%
def min_pool(A_prev, f, stride):
    result = None
    ### BEGIN SOLUTION
    result = -max_pool2d(-A_prev, f, stride)
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_function(
    "Exercise 2",
    min_pool,
    lambda A, f, s: -max_pool2d(-A, f, s),
    [(A_prev, 2, 2), (batch, 3, 2), (batch, 2, 1)],
    "The smallest of 1, 5, 7, 3 is 1; the largest of -1, -5, -7, -3 is -1.",
    [
        (lambda A, f, s: max_pool2d(A, f, s), "This is the largest value of each window."),
        (
            lambda A, f, s: max_pool2d(-A, f, s),
            "You found the right entry of each window, but its sign is still reversed.",
        ),
        (
            lambda A, f, s: -max_pool2d(A, f, s),
            "This is minus the largest value. Reverse the signs before pooling as well.",
        ),
        (
            lambda A, f, s: -max_pool2d(-A, f),
            "Your stride is always f. Pass the stride on to max_pool2d.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `max_pool_row_buggy` max pools a vector. It is right for every row of a feature map after a ReLU. First
# find a vector for which it is wrong with $f = s = 2$. Then fix a copy of it in `max_pool_row`.


# %%
def max_pool_row_buggy(row, f, s):
    pooled = np.zeros((len(row) - f) // s + 1)
    for w in range(len(pooled)):
        for value in row[w * s : w * s + f]:
            if value > pooled[w]:
                pooled[w] = value
    return pooled


counterexample = None  # a list of numbers
### BEGIN SOLUTION
counterexample = [-5, -6]  # the largest value is -5, not 0
### END SOLUTION


def max_pool_row(row, f, s):
    pooled = None
    ### BEGIN SOLUTION
    pooled = np.full((len(row) - f) // s + 1, -np.inf)  # every value is larger than that
    for w in range(len(pooled)):
        for value in row[w * s : w * s + f]:
            if value > pooled[w]:
                pooled[w] = value
    ### END SOLUTION
    return pooled


# %% jupyter={"source_hidden": true} cellView="form"
def max_pool_row_from(row, f, s, start):
    pooled = np.full((len(row) - f) // s + 1, start, dtype=float)
    for w in range(len(pooled)):
        pooled[w] = max(pooled[w], *row[w * s : w * s + f])
    return pooled


def outcome(row):
    try:
        row = np.asarray(row, dtype=float)
    except (TypeError, ValueError):
        return "not a list of numbers"
    if row.ndim != 1 or len(row) < 2:
        return "not a list of at least two numbers"
    right = max_pool_row_from(row, 2, 2, -np.inf)
    wrong = not np.array_equal(max_pool_row_buggy(row, 2, 2), right)
    return "a vector with a wrong result" if wrong else "a vector with a right result"


after_relu = np.array([0.0, 0, 3, 3, 0, 0])
np.testing.assert_array_equal(max_pool_row_buggy(after_relu, 2, 2), [0, 3, 0])
public_tests.check_answer(
    "Exercise 3, counterexample",
    None if counterexample is None else outcome(counterexample),
    "a vector with a wrong result",
    "Which values does a ReLU never give? One of them in a window is not enough.",
)
public_tests.check_function(
    "Exercise 3",
    max_pool_row,
    lambda row, f, s: max_pool_row_from(row, f, s, -np.inf),
    [
        (after_relu, 2, 2),
        (np.array([4.0, -1, -5, -2, -300, -200, 2]), 2, 2),
        (np.array([-7.0, -8, -6, -9, -3, -4, -5]), 3, 2),
    ],
    "Try the vector [-5, -6], with f = 2. What is its largest value?",
    [
        (
            lambda row, f, s: max_pool_row_from(row, f, s, 0),
            "In a window of negative values, none is larger than the 0 in pooled.",
        ),
        (
            lambda row, f, s: max_pool_row_from(row, f, s, row[0]),
            "The first value of the vector may be larger than all values of a later window.",
        ),
        (
            lambda row, f, s: max_pool_row_from(row, f, s, -1),
            "-1 is not small enough: all values of a window can be smaller.",
        ),
        (
            lambda row, f, s: max_pool_row_from(row, f, s, -100),
            "-100 is not small enough: all values of a window can be smaller.",
        ),
        (
            lambda row, f, s: max_pool_row_from(np.abs(row), f, s, 0),
            "The largest absolute value is not the largest value.",
        ),
        (
            lambda row, f, s: [
                max(row[w * s : w * s + f], key=abs) for w in range((len(row) - f) // s + 1)
            ],
            "The value farthest from 0 is not the largest value.",
        ),
        (
            lambda row, f, s: max_pool_row_from(row, f, 1, -np.inf)[: (len(row) - f) // s + 1],
            "Your windows move by one value at a time. Window w starts at row[w * s].",
        ),
        (
            lambda row, f, s: np.max(row),
            "That is the largest value of all. Each window has its own.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# Decide first, then try it.
#
# 1. ... you max pool with $f = 3$ and stride 1? How large is the output, and is it equivariant?
# 2. ... you swap ReLU and max pooling, so that the pooling comes first? And with average pooling?
# 3. ... a network looks for one small scratch on a large metal plate, and ends with global average pooling?
#
# <details>
# <summary>Discussion</summary>
#
# 1. The output loses two rows and two columns, as with a 3 x 3 kernel. It is equivariant away from the
#    border: the stride breaks equivariance, not the maximum. R. Zhang (2019) therefore max pools with
#    stride 1, blurs, and only then takes every second value.
# 2. With max pooling nothing changes, because ReLU never reverses the order of two values: on the
#    batch above, `np.array_equal` gives
#    [True]{= np.array_equal(max_pool2d(np.maximum(batch, 0), 2), np.maximum(max_pool2d(batch, 2), 0)) }.
#    With average pooling it gives
#    [False]{= np.array_equal(avg_pool2d(np.maximum(batch, 0), 2), np.maximum(avg_pool2d(batch, 2), 0)) }:
#    positive and negative values cancel if the average comes first.
# 3. The average dilutes the scratch: one activation of 3 in a map of 100 x 100 gives
#    [0.0003]{= 3 / 100**2 }. Global max pooling keeps the 3, wherever it is.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **compute [pooling](glossary.md#pooling):** the maximum, the mean or the L2 norm of every window, for
#    each channel independently, with $n_H = \lfloor (n_{H_{prev}} - f)/s \rfloor + 1$ rows and no
#    parameters;
# 2. **distinguish equivariance from invariance:** convolutions with stride 1 are equivariant, pooling is
#    approximately invariant to small shifts, and global pooling is invariant while nothing leaves the map;
# 3. **use and choose pooling layers:** max pooling keeps detections, average pooling keeps the mean.
#
# | term in this course | you may also read |
# |---|---|
# | [**downsampling**](glossary.md#downsampling) by [**pooling**](glossary.md#pooling) | subsampling |
# | [**window**](glossary.md#window), $f$ | pool size, kernel size, $K$ |
# | [**global average pooling**](glossary.md#global-average-pooling) | GAP, adaptive average pooling |
# | [**translation equivariance**](glossary.md#translation-equivariance) | shift equivariance |
# | [**translation invariance**](glossary.md#translation-invariance) | shift invariance |
#
# ## What to read next
#
# - Write the layer yourself: the assignment [Pooling](../release/pooling/pooling.ipynb). The next
#   lesson is [Activations](11_activations.ipynb).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.5:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/pooling.html).
# - Springenberg, Dosovitskiy, Brox and Riedmiller, *Striving for simplicity: the all convolutional
#   net* (2015), strides in place of pooling: [arXiv:1412.6806](https://arxiv.org/abs/1412.6806).
# - R. Zhang, *Making convolutional networks shift-invariant again* (ICML 2019):
#   [arXiv:1904.11486](https://arxiv.org/abs/1904.11486).
