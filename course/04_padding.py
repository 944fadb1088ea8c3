# %% [markdown]
# # Padding
#
# Slide a kernel into the corner of an image, until its middle weight lies on the corner pixel. More
# than half of the kernel now hangs over the border, where there are no pixels. What should it see
# there? Run the next two code cells to compare three answers to this question.

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.data import digits, load_sample_image
from convnet.edges import load_blocks
from convnet.plots import draw_grid
from lesson_tools.figures import animate
from lesson_tools.questions.padding import predict
from lesson_tools.sweep import draw_sweep


def cross_correlate(X, W):  # the vectorized version from lesson 01
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for r in range(f_H):
        for q in range(f_W):
            Z += W[r, q] * X[r : r + n_H, q : q + n_W]
    return Z


photo = load_sample_image("china.jpg").mean(axis=2)
tower = photo[60:210, 90:330]
blur = np.ones((3, 3)) / 9
blurred = {"no padding": tower, "zero padding": tower, "reflection padding": tower}
for _ in range(25):
    blurred["no padding"] = cross_correlate(blurred["no padding"], blur)
    blurred["zero padding"] = cross_correlate(np.pad(blurred["zero padding"], 1), blur)
    mirrored = np.pad(blurred["reflection padding"], 1, mode="reflect")
    blurred["reflection padding"] = cross_correlate(mirrored, blur)

fig, axes = plt.subplots(2, 2, figsize=(8, 5.6), layout="constrained")
for ax, (title, image) in zip(axes.flat, {"photograph": tower, **blurred}.items(), strict=True):
    dy, dx = (150 - image.shape[0]) / 2, (240 - image.shape[1]) / 2
    place = (dx - 0.5, 239.5 - dx, 149.5 - dy, dy - 0.5)
    ax.imshow(image, cmap="gray", vmin=0, vmax=255, extent=place)
    ax.set(title=title, xlim=(-2, 241), ylim=(151, -2), xticks=[], yticks=[])
present(
    fig,
    "Four images on one scale. A photograph of a tower, 150 by 240 pixels; and the same after 25 "
    "blurs with a 3 by 3 kernel. Without padding the blurred image is smaller: 25 pixels are missing "
    "on each side. With zero padding it has its full size, but it fades to black at the border. "
    "With reflection padding it has its full size and is evenly bright up to the border.",
)

# %% [markdown]
# Three of the images went through 25 blurs with a 3 x 3 kernel, as if through 25 layers of a network.
# If the kernel stays inside the image, the image shrinks, here from (150, 240) to
# `[(100, 190)]{= blurred['no padding'].shape }`. The other two answers fill in values outside the
# border first. This is called [**padding**](glossary.md#padding), and the result depends on the values.
#
# **By the end of this lesson you will be able to**
#
# 1. explain why images are padded, and compute the output size for VALID, SAME and FULL padding;
# 2. pad an array in NumPy, TensorFlow, Keras and PyTorch, and state which number belongs to which
#    side of which axis;
# 3. choose the values to pad with, and predict what they do to the border of the output.
#
# **Time:** about 45 minutes. **You need:** lesson 01,
# [Images and filters](01_images_and_filters.ipynb). Cells that use TensorFlow, Keras or PyTorch are
# skipped where these are not installed.

# %% [markdown] tags=["row-6"]
# ## Why convolutions need padding
#
# **Reason 1: the image shrinks.** A kernel of size $f$ has $n - f + 1$ positions along an axis of
# length $n$, so every convolution removes $f - 1$ rows and $f - 1$ columns.
#
# **Predict.** A handwritten digit of 8 x 8 pixels passes through one 3 x 3 kernel after another. How
# many kernels can it pass before it is too small for the next one?

# %%
predict("shrink", None)

# %% jupyter={"source_hidden": true} cellView="form"
digit = digits().train_images[9, :, :, 0]
images = [digit]
while min(images[-1].shape) >= 3:
    images.append(cross_correlate(images[-1], blur))

fig, axes = plt.subplots(1, len(images), figsize=(10, 2.9), layout="constrained")
for layer, (ax, image) in enumerate(zip(axes, images, strict=True)):
    ax.imshow(image, cmap="gray", vmin=0, vmax=1)
    n_H, n_W = image.shape
    ax.set_title(f"after {layer}: {n_H} x {n_W}", loc="left")
    ax.set(xlim=(-0.5, 7.5), ylim=(7.5, -0.5))
    ax.axis("off")
present(
    fig,
    "Four grayscale images on one scale: a handwritten 9 of 8 by 8 pixels, and what is left of it "
    "after one, two and three blurring kernels: 6 by 6, 4 by 4 and 2 by 2 pixels. In the last one "
    "the digit is no longer recognizable.",
)

# %% [markdown]
# Larger images last longer, but modern networks are deep: 50 layers of 3 x 3 kernels remove
# [100]{= 50 * (3 - 1) } rows and columns from any image.
#
# **Reason 2: the border is used less.** A pixel influences the output only through the patches that
# contain it.
#
# **Predict.** A 3 x 3 kernel slides over the 8 x 8 image, without padding. How many patches contain
# the corner pixel, the pixel beside it on the border, and a pixel in the middle of the image? Answer
# with a tuple of three numbers.

# %%
predict("patches", None)

# %% jupyter={"source_hidden": true} cellView="form"
patches = np.zeros((8, 8))
for h in range(6):
    for w in range(6):
        patches[h : h + 3, w : w + 3] += 1

fig, ax = plt.subplots(figsize=(4.6, 4.3), layout="constrained")
draw_grid(ax, patches, "number of patches that contain the pixel", [(0, 0, 3, 3, "tab:orange")])
present(
    fig,
    "A grid of 8 by 8 counts. The corners hold 1, their neighbors on the border 2, the rest of the "
    "border 3. One pixel further inside, the corners hold 4 and the rest 6, and all pixels inside of "
    "that hold 9. The first patch, rows and columns 0 to 2, is outlined.",
)

# %% [markdown] tags=["row-6"]
# <details>
# <summary>Answer</summary>
#
# The counts are [1]{= int(patches[0, 0]) }, [2]{= int(patches[0, 1]) } and
# [9]{= int(patches[4, 4]) }. The corner hardly affects the feature map.
#
# </details>
#
# ## Zero padding
#
# [**Zero padding**](glossary.md#zero-padding) adds $p$ rows of zeros above the image and $p$ below, and
# $p$ columns to its left and right. The size of the padded image is
#
# $$n_H^{\text{pad}} = n_H + 2p, \qquad n_W^{\text{pad}} = n_W + 2p,$$
#
# and a kernel of size $f$ has $n + 2p - f + 1$ positions along an axis. In this course, as in
# PyTorch, $p$ (in code `pad`) is the padding **per side**. Some books, d2l among them, count both
# sides together: their padding of 2 is our $p = 1$.
#
# Take a small image and a kernel with three nonzero weights:
#
# $$X = \begin{pmatrix} 1 & 2 & 0 & 3 \\ 0 & 1 & 2 & 1 \\ 2 & 0 & 1 & 3 \end{pmatrix}, \qquad
# W = \begin{pmatrix} 1 & 0 & 0 \\ 0 & 2 & 0 \\ 0 & 0 & -1 \end{pmatrix}$$
#
# Each output value is twice the pixel under the middle of the kernel, plus its upper left neighbor,
# minus its lower right neighbor. Draw $X$ with a padding of $p = 1$ on paper.
#
# **Predict.** What are the **first** and the **last** output value? Answer with a tuple.

# %%
X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])
W = np.array([[1, 0, 0], [0, 2, 0], [0, 0, -1]])
predict("ends", None)


# %% jupyter={"source_hidden": true} cellView="form"
def sweep_padded(position):
    figure = plt.figure(figsize=(9, 3.6))
    h, w = draw_sweep(figure, X, W, position, pad=1)
    figure.suptitle(f"output[{h}, {w}]: the middle of the kernel is on the pixel X[{h}, {w}]")
    return figure


animate(
    sweep_padded,
    range(12),
    "The image of 3 rows and 4 columns with hatched zeros around it, 5 by 6 in all. A kernel of 3 "
    "by 3 slides over it. Its middle visits each pixel of the image once, and each position fills "
    "one entry of the output, which has 3 rows and 4 columns: 1, 2, -1, 6, then 0, 2, 3, 2, then 4, "
    "0, 3, 8.",
    seconds=0.9,
)

# %% [markdown] tags=["row-6"]
# The padded image has 5 rows and 6 columns, and the output is as large as $X$ itself: the middle of
# the kernel visits every pixel. That solves the first problem. The second one gets smaller: a corner
# pixel is now in
# [4]{= int(cross_correlate(np.pad(np.eye(1, 12).reshape(3, 4), 1), np.ones((3, 3))).sum()) } patches
# instead of 1, though still not in 9.
#
# <details>
# <summary>The two values, step by step</summary>
#
# The first patch is $\begin{pmatrix} 0 & 0 & 0 \\ 0 & 1 & 2 \\ 0 & 0 & 1 \end{pmatrix}$ and gives
# $0 + 2 \cdot 1 - 1 =$ [1]{= int(cross_correlate(np.pad(X, 1), W)[0, 0]) }. The last one gives
# $2 + 2 \cdot 3 - 0 =$ [8]{= int(cross_correlate(np.pad(X, 1), W)[-1, -1]) }.
#
# </details>
#
# **Which padding keeps the size?** We need $n + 2p - f + 1 = n$, so
#
# $$p = \frac{f - 1}{2},$$
#
# which is 1 for 3 x 3 kernels, 2 for 5 x 5 and 3 for 7 x 7. It is a whole number only for odd $f$, one
# of the reasons why most kernels have odd sizes. (Lesson 08 deals with even ones.)
#
# ## Padding with np.pad
#
# `np.pad` takes an array and, for each axis, a pair `(before, after)`: how many entries to add at the
# start and at the end of that axis. The new entries are zeros unless you ask for other values. Write
# down what each line prints before you run the cell.

# %%
print(np.pad(np.array([7, 8, 9]), ((2, 1),)))
print(np.pad(np.array([[1, 2], [3, 4]]), ((2, 2), (2, 2))))
a = np.ones((5, 5, 5, 5, 5))
print(np.pad(a, ((0, 0), (1, 1), (0, 0), (3, 3), (0, 0))).shape)

# %% [markdown]
# For a matrix, the first pair is for the rows, (top, bottom), and the second for the columns, (left,
# right). The pair `(0, 0)` leaves an axis as it is, so in the last example only the axes 1 and 3
# grow. Where all pairs are equal, a single number is enough: `np.pad(X, 1)` is $X$ with $p = 1$.
#
# Networks process several images at a time. A [**batch**](glossary.md#batch) of $m$ images is an array
# of shape $(m, n_H, n_W, n_C)$, and `batch[i]` is image number $i$.
#
# **Predict.** A batch of four 3 x 3 images with two channels has shape `(4, 3, 3, 2)`. Which shape does
# `np.pad(batch, 1)` have?

# %%
predict("batch", None)

# %% [markdown] tags=["row-7"]
# <details>
# <summary>Answer</summary>
#
# The shape is `[(6, 5, 5, 4)]{= np.pad(np.ones((4, 3, 3, 2)), 1).shape }`. You wanted (4, 5, 5, 2), and
# got two extra images and two extra channels, all zero. No error tells you; only the shape does. In
# the assignment [Padding](../release/padding/padding.ipynb) you write a function that pads a batch
# correctly.
#
# </details>
#
# ## VALID, SAME and FULL padding
#
# Three amounts of padding have names: [valid padding](glossary.md#valid-padding),
# [same padding](glossary.md#same-padding) and [full padding](glossary.md#full-padding). For stride 1,
# with an odd $f$ for SAME, they are:
#
# | name | padding per side | output size | positions of the kernel |
# |---|---|---|---|
# | **VALID** | $p = 0$ | $n - f + 1$ | all of it lies on the image |
# | **SAME** | $p = (f - 1)/2$ | $n$ | its middle lies on the image |
# | **FULL** | $p = f - 1$ | $n + f - 1$ | at least one weight lies on the image |
#
# A vector shows all three at once. It has five entries, $(2, 0, 1, 3, 1)$, and the kernel is
# $(1, 2, -1)$. With FULL padding, two zeros on each side, the first value is
# $0 \cdot 1 + 0 \cdot 2 + 2 \cdot (-1) = -2$.
#
# **Predict.** What is the FULL output? Answer with a list, starting with -2. Mark the values that also
# belong to SAME and to VALID.

# %%
strip, kernel = np.array([2, 0, 1, 3, 1]), np.array([1, 2, -1])
predict("full", None)

# %% jupyter={"source_hidden": true} cellView="form"
full = np.correlate(strip, kernel, mode="full")


def slide(t):
    padded, members = np.pad(strip, 2), [(2, 0, 6), (3, 1, 5), (4, 2, 4)]
    table = np.full((5, 9), np.nan)
    table[0] = padded
    table[1, t : t + 3] = kernel
    for row, first, last in members:
        table[row, first + 1 : min(t, last) + 2] = full[first : min(t, last) + 1]
    padding = np.zeros((5, 9), dtype=bool)
    padding[0, [0, 1, 7, 8]] = True
    boxes = [(0, t, 2, 3)] + [
        (row, t + 1, 1, 1) for row, first, last in members if first <= t <= last
    ]
    figure, ax = plt.subplots(figsize=(8, 4.8), layout="constrained")
    weights = [f"({weight})" if weight < 0 else f"{weight}" for weight in kernel]
    terms = " + ".join(f"{x}·{w}" for x, w in zip(padded[t : t + 3], weights, strict=True))
    draw_grid(ax, table, f"{terms} = {full[t]}", hatched=padding, scale=(-2, 6))
    for row, column, height, width in boxes:
        corner = (column - 0.5, row - 0.5)
        ax.add_patch(plt.Rectangle(corner, width, height, fill=False, color="black", lw=3))
    ax.set_yticks(range(5), ["padded vector", "kernel", "FULL", "SAME", "VALID"], fontsize=11)
    ax.set_xticks([])
    return figure


animate(
    slide,
    range(7),
    "The vector 2, 0, 1, 3, 1 with two hatched zeros on each side. The kernel 1, 2, -1 moves below "
    "it to 7 positions, and each dot product is written below the middle of the kernel. FULL takes "
    "all seven: -2, 4, 1, -1, 6, 5, 1. SAME takes the five whose middle lies on the vector: 4, 1, "
    "-1, 6, 5. VALID takes the three whose patch lies on the vector: 1, -1, 6.",
    seconds=1.4,
)

# %% [markdown]
# The three outputs are the same values, cropped differently: SAME is FULL without $(f - 1)/2$ values
# at each end, and VALID is FULL without $f - 1$ values at each end. NumPy's `np.correlate` has a mode
# for each of them. The same holds for images, in both directions. The lower row of the figure counts
# again in how many patches each pixel is:

# %% jupyter={"source_hidden": true} cellView="form"
for mode in ("full", "same", "valid"):
    print(f'np.correlate(strip, kernel, "{mode}"):', np.correlate(strip, kernel, mode=mode))

FULL = cross_correlate(np.pad(X, 2), W)
SAME = cross_correlate(np.pad(X, 1), W)
VALID = cross_correlate(X, W)
np.testing.assert_array_equal(FULL[1:-1, 1:-1], SAME)
np.testing.assert_array_equal(FULL[2:-2, 2:-2], VALID)


def uses(pad):
    """In how many patches each pixel of X is, with this padding."""
    counts = np.zeros((3 + 2 * pad, 4 + 2 * pad))
    for h in range(counts.shape[0] - 2):
        for w in range(counts.shape[1] - 2):
            counts[h : h + 3, w : w + 3] += 1
    return counts[pad : pad + 3, pad : pad + 4]


padding = np.ones((7, 8), dtype=bool)
padding[2:5, 2:6] = False
fig = plt.figure(figsize=(8, 7), layout="constrained")
axes = fig.subplot_mosaic("XXXFFF;VVSSUU", height_ratios=[7, 4])
draw_grid(axes["X"], np.pad(X, 2), "X with p = 2", hatched=padding, scale=(FULL.min(), FULL.max()))
boxes = [(0, 0, 5, 6, "tab:orange"), (1, 1, 3, 4, "black"), (2, 2, 1, 2, "tab:purple")]
draw_grid(axes["F"], FULL, windows=boxes)
axes["F"].set_title("FULL (solid), SAME (dashed),\nVALID (dotted)", y=0.87)
axes["F"].set(xlim=(-1.6, 6.4), ylim=(5.4, -1.6))  # cells as large as those of X, beside theirs
axes["F"].tick_params(pad=-28)
for name, pad, title in (("V", 0, "VALID: patches per pixel"), ("S", 1, "SAME"), ("U", 2, "FULL")):
    draw_grid(axes[name], uses(pad), title, scale=(1, 9))
present(
    fig,
    "Above left the image of 3 by 4 with two hatched zeros on each side, 7 by 8 in all. Above right "
    "the FULL output of 5 by 6, outlined in solid orange; each value is level with the pixel that was "
    "under the middle of the kernel. Inside it a dashed black rectangle around rows 1 to 3 and columns "
    "1 to 4, SAME, and inside that a dotted purple one around row 2, columns 2 and 3, VALID. Below, in "
    "how many patches each pixel of the image is. VALID: 1, 2, 2, 1 in every row. SAME: 4 in the "
    "corners, 6 beside them, 9 in the middle. FULL: 9 everywhere.",
)

# %% [markdown] tags=["row-6"]
# **Which one to use?** VALID computes every output value from real pixels alone; LeNet-5 uses it, on
# digits of 28 x 28 pixels with a margin of 2 on each side. SAME keeps the size, so layers can be
# stacked without counting pixels; VGG and ResNet use it with their 3 x 3 kernels. FULL is the only one
# that uses every pixel equally often, here in all
# [9]{= int(uses(2).min()) } positions of the kernel. It is rare as a layer, but you will meet it when
# gradients flow backward (lesson 13) and when images are upsampled (lesson 22).
#
# ## Padding with other values
#
# In a photograph zero means black, and a kernel takes a black frame for a part of the scene. `np.pad`
# offers other values as its `mode`:

# %%
vector = np.array([1, 2, 3, 4])
print("constant: ", np.pad(vector, 2, mode="constant", constant_values=9))
print("edge:     ", np.pad(vector, 2, mode="edge"))
print("reflect:  ", np.pad(vector, 2, mode="reflect"))
print("symmetric:", np.pad(vector, 2, mode="symmetric"))
print("wrap:     ", np.pad(vector, 2, mode="wrap"))

# %% [markdown]
# `edge` repeats the last pixel ([**replication padding**](glossary.md#replication-padding)). `reflect`
# and `symmetric` mirror the image ([**reflection padding**](glossary.md#reflection-padding)): the mirror
# stands *on* the last pixel with `reflect`, and just *outside* it with `symmetric`, which therefore
# repeats that pixel. `wrap` continues with the opposite side
# ([**circular padding**](glossary.md#circular-padding)). Here is the tower with a padding of 50:

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(2, 2, figsize=(8, 6.1), layout="constrained")
for ax, mode in zip(axes.flat, ("constant", "edge", "reflect", "wrap"), strict=True):
    ax.imshow(np.pad(tower, 50, mode=mode), cmap="gray", vmin=0, vmax=255)
    ax.add_patch(plt.Rectangle((49.5, 49.5), 240, 150, fill=False, color="tab:orange", lw=2))
    ax.set(title=mode, xticks=[], yticks=[])
present(
    fig,
    "The same part of the tower, padded in four ways, with a box around the image itself. "
    "Constant: a black frame. Edge: the border pixels drawn out into stripes. Reflect: mirror "
    "images, so that roofs and pillars continue without a break. Wrap: the opposite side of the "
    "image follows on each side, with a sudden break at the box.",
)

# %% [markdown]
# What does the choice do to the output? Take an image with the value 225 everywhere, and blur it with a
# kernel of 15 x 15 equal weights, 1/225 each, after zero padding with $p = 7$.
#
# **Predict.** What is the output value in the corner?

# %%
predict("corner", None)

# %% jupyter={"source_hidden": true} cellView="form"
mean_15 = np.ones((15, 15)) / 225
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def edge_magnitude(image):
    return np.hypot(cross_correlate(image, sobel_x), cross_correlate(image, sobel_x.T))


sky, edges = {}, {}
for mode in ("constant", "reflect"):
    sky[mode] = cross_correlate(np.pad(photo, 7, mode=mode), mean_15)
    edges[mode] = edge_magnitude(np.pad(photo, 1, mode=mode))

even = cross_correlate(np.pad(np.full((20, 20), 225), 7), mean_15)
fig, axes = plt.subplots(2, 2, figsize=(8, 7.4), layout="constrained")
draw_grid(axes[0, 0], even[:8, :8].round(), "225 everywhere, blurred with zeros", scale=(0, 225))
for mode, line, name in (("constant", "-", "zeros"), ("reflect", "--", "reflect")):
    axes[0, 1].plot(range(600, 640), sky[mode][30, 600:], line, label=name, lw=2)
axes[0, 1].set(title="sky, blurred: row 30", xlabel="column", ylabel="brightness", ylim=(0, 270))
axes[0, 1].legend(loc="lower left")
for ax, mode, name in zip(axes[1], ("constant", "reflect"), ("zeros", "reflect"), strict=True):
    title = f"sky, edge magnitude: {name}"
    draw_grid(ax, edges[mode][:6, -6:].round(), title, scale=(0, edges["constant"][0, -1]))
    ax.set_xticks(range(6), range(634, 640))
present(
    fig,
    "Above left, the blurred corner of the even image, 8 by 8 values: 64 in the corner, 120 at the end "
    "of the first row and column, 225 from row and column 7 on. Above right, the blurred brightness of "
    "the sky along row 30 up to the right border, column 639. With reflect it stays at about 249; with "
    "zeros it falls over the last 7 columns to about 132. Below, the edge magnitude in the corner of 6 "
    "by 6 pixels, on one scale: with zeros about 1,000 along the top row and the right column and at "
    "most 11 elsewhere; with reflect at most 11 everywhere.",
)

# %% [markdown] tags=["row-6"]
# <details>
# <summary>Answer</summary>
#
# With its middle on the corner, the kernel has 8 x 8 of its 225 weights on the image, so the output
# is $225 \cdot 64 / 225 =$
# [64]{= round(cross_correlate(np.pad(np.full((20, 20), 225), 7), mean_15)[0, 0]) }.
#
# </details>
#
# The other three panels show the upper right corner of the photograph, which is nothing but bright sky,
# after the same blur and after the Sobel kernels of lesson 01. In the corner pixel, zeros make the
# blurred sky fall from [252]{= f'{photo[0, -1]:.0f}' } to
# [72]{= f"{sky['constant'][0, -1]:.0f}" }; with `reflect` it is
# [253]{= f"{sky['reflect'][0, -1]:.0f}" }. Zeros also create a **false edge**: the magnitude there is
# [1071]{= f"{edges['constant'][0, -1]:.0f}" }, although there is nothing to see. The outputs for zeros
# and `reflect` differ only where the kernel reaches the padding: in
# [7]{= int(np.argmin(np.abs(sky['constant'] - sky['reflect'])[213] > 1e-6)) } columns on each side
# for the blur, and in [1]{= int(np.argmin(np.abs(edges['constant'] - edges['reflect'])[213] > 1e-6)) }
# for the Sobel kernels.
#
# For kernels designed by hand, `reflect` is usually the better choice. Networks mostly use zeros
# nevertheless: zeros are simple and cheap, and since the weights are learned *with* the zeros around
# the images, a network can adapt to them.
#
# ## Padding in TensorFlow, Keras and PyTorch
#
# The libraries expect the numbers in different orders. To add 1 row at the top, none at the bottom, 2
# columns on the left and 3 on the right to each image of a batch, write:
#
# | library | order of the numbers | example |
# |---|---|---|
# | NumPy `np.pad`, TensorFlow `tf.pad` | a pair for each axis | `((0, 0), (1, 0), (2, 3), (0, 0))` |
# | Keras `ZeroPadding2D` | a pair for the height, a pair for the width | `((1, 0), (2, 3))` |
# | PyTorch `ZeroPad2d` | left, right, top, bottom: **last axis first** | `(2, 3, 1, 0)` |
#
# Keras and TensorFlow expect a batch of shape $(m, n_H, n_W, n_C)$. PyTorch is [**channels-first**](glossary.md#data-format): an
# image has shape $(n_C, n_H, n_W)$, a batch $(m, n_C, n_H, n_W)$, and `ZeroPad2d` pads the last two
# axes.
#
# Before you run the cells: `thin` has shape (1, 1, 2, 2) and `square` has shape (1, 2, 2, 1). Which of
# them is an image of 2 x 2 pixels for Keras? What are their shapes after a padding of 1?

# %% needs="keras tensorflow"
import keras
import tensorflow as tf

print(tf.pad(tf.constant([[1, 2], [3, 4]]), ((2, 2), (2, 2))).numpy())

thin = np.arange(4).reshape(1, 1, 2, 2)
square = np.arange(4).reshape(1, 2, 2, 1)
for array in (thin, square):
    padded = keras.layers.ZeroPadding2D(padding=1)(array)
    print(array.shape, "becomes", tuple(padded.shape))

# %% needs="torch"
import torch

image = torch.tensor([[[1, 2], [3, 4]]])  # one channel, two rows, two columns
padded = torch.nn.ZeroPad2d(2)(image)
print(tuple(image.shape), "becomes", tuple(padded.shape))

uneven = torch.nn.ZeroPad2d((2, 3, 1, 0))(image)  # left, right, top, bottom
print(uneven[0].numpy())

# %% jupyter={"source_hidden": true} cellView="form"
# This checks the tables above and below: each library gives what NumPy gives.
if "tf" in globals():
    batch = X.reshape(1, 3, 4, 1)
    pairs = ((0, 0), (1, 0), (2, 3), (0, 0))
    in_keras = keras.layers.ZeroPadding2D(((1, 0), (2, 3)))(batch)
    np.testing.assert_array_equal(in_keras, np.pad(batch, pairs))
    np.testing.assert_array_equal(tf.pad(batch, pairs), np.pad(batch, pairs))
    for mode in ("constant", "reflect", "symmetric"):
        expected = np.pad(X, ((1, 1), (2, 2)), mode=mode)
        np.testing.assert_array_equal(tf.pad(X, ((1, 1), (2, 2)), mode=mode.upper()), expected)
        np.testing.assert_array_equal(keras.ops.pad(X, ((1, 1), (2, 2)), mode=mode), expected)
if "torch" in globals():
    uneven = torch.nn.ZeroPad2d((2, 3, 1, 0))(torch.tensor(X.reshape(1, 3, 4)))
    np.testing.assert_array_equal(uneven[0], np.pad(X, ((1, 0), (2, 3))))
    image = torch.tensor(X.reshape(1, 1, 3, 4), dtype=torch.float32)
    sides = (2, 2, 1, 1)  # left, right, top, bottom
    kernel_of_ones = torch.ones(1, 1, 3, 3)
    for mode, name, layer in [
        ("constant", "zeros", torch.nn.ConstantPad2d(sides, 0.0)),
        ("edge", "replicate", torch.nn.ReplicationPad2d(sides)),
        ("reflect", "reflect", torch.nn.ReflectionPad2d(sides)),
        ("wrap", "circular", torch.nn.CircularPad2d(sides)),
    ]:
        expected = np.pad(X, ((1, 1), (2, 2)), mode=mode)
        np.testing.assert_array_equal(layer(image)[0, 0], expected)
        conv = torch.nn.Conv2d(1, 1, 3, padding=(1, 2), padding_mode=name, bias=False)
        conv.weight.data = kernel_of_ones
        with torch.no_grad():
            result = conv(image)[0, 0]
        np.testing.assert_allclose(result, cross_correlate(expected, np.ones((3, 3))), rtol=1e-6)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `thin` is an image of *one* row and two columns, with two channels, and becomes (1, 3, 4, 2). Only
# `square` has 2 x 2 pixels; it becomes (1, 4, 4, 1). Read a shape from left to right: examples, rows,
# columns, channels.
#
# </details>
#
# The other modes exist in PyTorch as well, under its own names:
#
# | values outside the image | `np.pad` | PyTorch |
# |---|---|---|
# | one value | `"constant"` | `ConstantPad2d` |
# | the last pixel | `"edge"` | `ReplicationPad2d` |
# | mirrored, last pixel once | `"reflect"` | `ReflectionPad2d` |
# | mirrored, last pixel twice | `"symmetric"` | none |
# | the opposite side | `"wrap"` | `CircularPad2d` |
#
# TensorFlow's `tf.pad` has `"CONSTANT"`, `"REFLECT"` and `"SYMMETRIC"`; `keras.ops.pad` has NumPy's
# names, and supports the same three on TensorFlow.
#
# In a network you rarely need a separate step for padding, because the convolution layer does it: with
# `padding="same"` or `"valid"` in Keras, and in PyTorch with `padding=1`, or `"same"`, and a
# `padding_mode` such as `"reflect"`. More on the argument `padding` follows in lesson 07.
#
# ## Further: a trained network notices the border
#
# *You can skip this section.* The network from lesson 01 that draws outlines uses zero padding in each
# of its four 3 x 3 convolutions. It learned its weights with these zeros, so has it learned to ignore
# them? We show it an image without any edges: all pixels have the value 200.

# %% jupyter={"source_hidden": true} cellView="form"
gray = np.full((64, 96, 3), 200, np.uint8)
outlines = load_blocks().draw(gray)

fig, axes = plt.subplots(1, 3, figsize=(12, 2.9), layout="constrained")
for ax, image, title in ((axes[0], gray / 255, "image"), (axes[1], 1 - outlines, "outlines")):
    ax.imshow(image, cmap="gray", vmin=0, vmax=1)
    ax.set(title=title, xticks=[], yticks=[])
axes[2].plot(outlines[32, :16], "o-")
axes[2].locator_params("x", integer=True)
axes[2].set(title="row 32, from the left border", xlabel="column", ylabel="probability of an edge")
present(
    fig,
    "An even gray image; the outlines that the network draws in it, dark on white: a gray frame along "
    "the border, darkest near the corners, and nothing inside; and a curve of the probability of an "
    "edge along row 32: 0.21 at the border, falling to less than 0.01 from column 4 on.",
)

# %% [markdown]
# It has not. In the middle, the network is nearly certain that there is no edge: its probability is
# [0.006]{= f'{outlines[32, 48]:.3f}' }. In the middle of a side it
# gives [0.21]{= f'{outlines[32, 0]:.2f}' }, in a corner up to [0.52]{= f'{outlines.max():.2f}' }. The outer
# [7]{= int(np.argmax(np.abs(outlines[32, :48] - outlines[32, 47]) < 1e-4)) } pixels on each side differ from
# the middle by more than 0.0001: two of the four convolutions work on maps of half the height and width, where
# one pixel covers two. So zero padding limits
# [translation equivariance](glossary.md#translation-equivariance): near the border, the response
# depends on the position. This can even be useful, because it is how a network can learn *where* in
# the image something is; Islam et al. (below) measured this.
#
# ## Exercises
#
# ### Exercise 1: sizes and values
#
# 1. An image of 28 x 28 pixels is convolved with a 7 x 7 kernel at stride 1. Which padding per side,
#    `same_pad`, gives an output of 28 x 28?
# 2. A vector has 12 entries and the kernel 5. How long is the output with VALID, SAME and FULL
#    padding? Write `sizes` as a tuple of three numbers.
# 3. Without running it: what is `np.pad(np.array([4, 7, 1, 5]), 2, mode="reflect")`? Write `mirrored`
#    as a list of 8 numbers.

# %%
same_pad = None
sizes = None
mirrored = None
### BEGIN SOLUTION
same_pad = 3  # 28 + 2 * 3 - 7 + 1 = 28
sizes = (8, 12, 16)  # 12 - 5 + 1, 12, 12 + 5 - 1
mirrored = [1, 7, 4, 7, 1, 5, 1, 7]
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1, same_pad",
    same_pad,
    3,
    "There are n + 2p - f + 1 positions. Which p makes this n?",
    [
        (6, "That is the padding of both sides together."),
        (7, "The kernel removes f - 1 pixels, and there are two sides to add them to."),
        (3.5, "The kernel removes f - 1 pixels, not f."),
    ],
)
public_tests.check_answer(
    "Exercise 1, sizes",
    sizes,
    (8, 12, 16),
    "VALID gives n - f + 1, SAME gives n, and FULL gives n + f - 1.",
    [
        ((7, 12, 17), "The kernel removes, or adds, f - 1 entries, not f."),
        ((8, 12, 12), "FULL padding is f - 1 per side, SAME padding half of that."),
        ((16, 12, 8), "These are the right numbers in the opposite order."),
        ((8, 12, 20), "FULL padding adds 2(f - 1) entries, and then the kernel removes f - 1."),
    ],
)
public_tests.check_answer(
    "Exercise 1, mirrored",
    mirrored,
    [1, 7, 4, 7, 1, 5, 1, 7],
    "The mirror stands on the last pixel: going outward from it, read the vector backward.",
    [
        ([7, 4, 4, 7, 1, 5, 5, 1], 'The last pixel comes twice: that is "symmetric".'),
        ([4, 4, 4, 7, 1, 5, 5, 5], 'The last pixel is repeated: that is "edge".'),
        ([1, 5, 4, 7, 1, 5, 4, 7], 'The opposite end follows: that is "wrap".'),
        ([7, 1, 4, 7, 1, 5, 7, 1], "The right pixels, but not in the order of a mirror."),
    ],
)

# %% [markdown]
# ### Exercise 2: find the bug
#
# This function removes a padding of `pad` per side. It works for a padding of 1 and of 2, but there is
# a padding for which its output is wrong. Find it, and write a correct version.
#
# ```python
# def unpad_buggy(padded, pad):
#     return padded[pad:-pad, pad:-pad]
# ```


# %%
def unpad(padded, pad):
    result = None
    ### BEGIN SOLUTION
    n_H, n_W = padded.shape
    result = padded[pad : n_H - pad, pad : n_W - pad]  # -pad is 0 for pad 0: an empty slice
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
def right_unpad(padded, pad):
    return padded[pad : padded.shape[0] - pad, pad : padded.shape[1] - pad]


def unpad_buggy(padded, pad):
    return padded[pad:-pad, pad:-pad]


for pad in (1, 2):
    np.testing.assert_array_equal(unpad_buggy(np.pad(X, pad), pad), X)

public_tests.check_function(
    "Exercise 2",
    unpad,
    right_unpad,
    [(np.pad(X, 1), 1), (np.pad(X, 2), 2), (X, 0)],
    "Where does the image begin in the padded array, and at which index does it end?",
    [
        (
            unpad_buggy,
            "This is still wrong without padding: -0 is 0, and the slice 0:0 is empty. Compute the "
            "end from the size.",
        ),
        (lambda padded, pad: padded[pad:, pad:], "The padding at the bottom and right remains."),
        (lambda padded, pad: padded[:-pad, :-pad], "The padding at the top and left remains."),
        (
            lambda padded, pad: padded[pad : len(padded) - pad, pad : len(padded) - pad],
            "You use the height for the width as well. The image is not square.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: a blur that ignores the padding
#
# With zeros, a blurred image gets dark at the border, because the zeros count as pixels. Write a blur
# with SAME output whose values are the mean of only those pixels under the $f \times f$ kernel that
# belong to the image. $f$ is odd. (Hint: sum the pixels of each patch with `cross_correlate`. How could
# you count them in the same way?)


# %%
def mean_of_pixels(X, f):
    result = None
    ### BEGIN SOLUTION
    p = (f - 1) // 2
    ones = np.ones((f, f))
    total = cross_correlate(np.pad(X, p), ones)
    count = cross_correlate(np.pad(np.ones(X.shape), p), ones)  # 1 for a pixel, 0 for padding
    result = total / count
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
def sum_of_patch(X, f, **mode):
    return cross_correlate(np.pad(X, (f - 1) // 2, **mode), np.ones((f, f)))


def mean_of_nonzero(X, f):
    with np.errstate(invalid="ignore"):
        return sum_of_patch(X, f) / sum_of_patch(X != 0, f)


public_tests.check_function(
    "Exercise 3",
    mean_of_pixels,
    lambda X, f: sum_of_patch(X, f) / sum_of_patch(np.ones(X.shape), f),
    [(X, 3), (np.full((4, 6), 9), 5), (np.arange(30).reshape(5, 6) % 7, 3), (X, 1)],
    "In a corner a 3 x 3 kernel covers 4 pixels of the image. Divide their sum by 4.",
    [
        (
            lambda X, f: sum_of_patch(X, f) / f**2,
            "This divides by all weights, also by the padding.",
        ),
        (lambda X, f: sum_of_patch(X, f), "This is the sum. Divide it by the number of pixels."),
        (
            lambda X, f: sum_of_patch(X, f, mode="edge") / f**2,
            "This counts the pixels at the border more than once.",
        ),
        (
            lambda X, f: cross_correlate(X, np.ones((f, f))) / f**2,
            "This output is smaller than the image. Pad it first.",
        ),
        (
            lambda X, f: sum_of_patch(X, f, mode="reflect") / f**2,
            "This fills the padding with mirrored pixels. Only pixels of the image should count.",
        ),
        (mean_of_nonzero, "A pixel of the image can be 0, too, and still counts."),
        (
            lambda X, f: sum_of_patch(X, 3) / sum_of_patch(np.ones(X.shape), 3),
            "This is right for a 3 x 3 kernel. How does the padding depend on f?",
        ),
    ],
)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then try it.
#
# 1. ... you pad by 1 and then by 2? Is it the same as padding by 3, with zeros and with `reflect`?
# 2. ... you pad once by 2 and apply two 3 x 3 kernels without padding, instead of padding by 1 before
#    each of them? Are the sizes equal? Are the values?
# 3. ... you pad a photograph of a panorama, all the way around, on its left and right? Which mode fits?
#
# <details>
# <summary>Discussion</summary>
#
# 1. With zeros it is the same. With `reflect` it is not: `np.pad` mirrors the vector 1, 2, 3, 4 by 3 as
#    `[[4, 3, 2, 1, 2, 3, 4, 3, 2, 1]]{= np.pad(vector, 3, mode="reflect").tolist() }`, but first by 1
#    and then by 2 as
#    `[[2, 1, 2, 1, 2, 3, 4, 3, 4, 3]]{= np.pad(np.pad(vector, 1, mode="reflect"), 2, mode="reflect").tolist() }`,
#    because the second mirror stands elsewhere.
# 2. Both outputs are as large as the image, and they differ only at its border. For $X$ and two kernels
#    of ones, the corner is
#    [36]{= int(cross_correlate(cross_correlate(np.pad(X, 2), np.ones((3, 3))), np.ones((3, 3)))[0, 0]) } when
#    padded once and
#    [25]{= int(cross_correlate(np.pad(cross_correlate(np.pad(X, 1), np.ones((3, 3))), 1), np.ones((3, 3)))[0, 0]) }
#    when padded twice. The first kernel gives nonzero values outside the image, too; padding again
#    replaces these with zeros.
# 3. `wrap`, since the left and the right side show neighboring directions. Top and bottom do not, so
#    they need another mode: `np.pad` can be called once for each axis.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **explain why images are padded:** without [padding](glossary.md#padding) they shrink, and pixels at
#    the border count less. At stride 1, [VALID](glossary.md#valid-padding) ($p = 0$),
#    [SAME](glossary.md#same-padding) ($p = (f-1)/2$) and [FULL](glossary.md#full-padding) ($p = f - 1$)
#    give outputs of size $n - f + 1$, $n$ and $n + f - 1$;
# 2. **pad an array:** `np.pad(X, ((top, bottom), (left, right)))`, the same pairs in `tf.pad` and
#    `ZeroPadding2D`, and `(left, right, top, bottom)` in PyTorch's `ZeroPad2d`; an axis that must not
#    grow, such as that of the [batch](glossary.md#batch), gets the pair `(0, 0)`;
# 3. **choose the values:** zeros darken a blur and create false edges at the border; `reflect`
#    avoids both; networks mostly use zeros.
#
# | term in this course | you may also read |
# |---|---|
# | [**padding**](glossary.md#padding) $p$, per side | padding $P$; in d2l, the total of both sides |
# | [**VALID**](glossary.md#valid-padding) | no padding |
# | [**SAME**](glossary.md#same-padding) | half padding |
# | [**replication padding**](glossary.md#replication-padding), `edge` | replicate, nearest |
# | [**reflection padding**](glossary.md#reflection-padding), `reflect` | mirror padding |
# | [**circular padding**](glossary.md#circular-padding), `wrap` | periodic padding |
#
# ## What to read next
#
# - Next is lesson 06, [The convolution layer](06_convolution_layer.ipynb). SAME for even kernels and for
#   larger strides follows in lesson 08.
# - To practice: the assignment [Padding](../release/padding/padding.ipynb).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.3, Padding and Stride:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/padding-and-strides.html).
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016), with drawings of
#   all kinds of padding: [arXiv:1603.07285](https://arxiv.org/abs/1603.07285).
# - Stanford's CS231n, notes on
#   [convolutional networks](https://cs231n.github.io/convolutional-networks/).
# - Islam, Jia and Bruce, *How Much Position Information Do Convolutional Neural Networks Encode?*
#   (ICLR 2020): [arXiv:2001.08248](https://arxiv.org/abs/2001.08248).
# - Liu et al., *Partial Convolution based Padding* (2018), which rescales the outputs near the border
#   much as Exercise 3 does: [arXiv:1811.11718](https://arxiv.org/abs/1811.11718).
