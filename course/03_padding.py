# %% [markdown]
# # Padding
#
# A convolution needs a pixel under each weight of its kernel. At a place too close to the border of
# the image some of these pixels are missing. Either the kernel leaves such places out, and the
# output is smaller than the image, or something is put where the pixels are missing. That something
# is called padding. Most convolutional networks use it.
#
# **When you have finished, you will be able to**
#
# 1. say why images are padded, and how much padding makes a convolution VALID, SAME or FULL;
# 2. pad an array in NumPy, TensorFlow, Keras and PyTorch, and say which number goes to which side
#    of which axis;
# 3. pad with other values than zero, and say what the choice does to the border of the output.
#
# **Time:** about 70 minutes. **You need:** the lesson
# [Images and filters](01_images_and_filters.ipynb). The photograph and the handwritten
# digit come with scikit-learn. Cells that use TensorFlow, Keras or PyTorch are passed over where
# these are not installed.

# %% include="lesson_setup"

# %% [markdown] tags=["row-6"]
# ## What happens at the border
#
# We begin with the function of the first lesson, which lays a kernel on every place of an image
# where it fits. For each weight it adds a shifted copy of the image, multiplied by that weight.


# %%
def filter_image(X, W):
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for r in range(f_H):
        for q in range(f_W):
            Z += W[r, q] * X[r : r + n_H, q : q + n_W]
    return Z


# %% [markdown]
# ### Images shrink
#
# With stride 1, a kernel that is $f$ pixels wide has $n - f + 1$ places in a row of $n$ pixels. So
# a convolution with a kernel of $f \times f$ takes $f - 1$ pixels away from the height and from the
# width. **Predict, then run.** A handwritten digit of $8 \times 8$ pixels goes through one
# $3 \times 3$ kernel after another, each of which blurs it a little. How many of them can it pass,
# and how large is it at the end?

# %%
from convnet.data import digits

digit = digits().train_images[9, :, :, 0]
blur = np.ones((3, 3)) / 9
images = [digit]
while min(images[-1].shape) >= 3:
    images.append(filter_image(images[-1], blur))
print("sizes:", [image.shape for image in images])

fig, axes = plt.subplots(1, len(images), figsize=(10, 2.9), layout="constrained")
for layer, (ax, image) in enumerate(zip(axes, images, strict=True)):
    ax.imshow(image, cmap="gray", vmin=0, vmax=1)
    n_H, n_W = image.shape
    ax.set_title(f"after {layer}: {n_H} x {n_W}", loc="left")
    ax.set(xlim=(-0.5, 7.5), ylim=(7.5, -0.5))
    ax.axis("off")
present(
    fig,
    "Four grey pictures in one scale: a handwritten 9 of 8 by 8 pixels, then what is left of it "
    "after one, two and three blurring kernels: 6 by 6, 4 by 4 and 2 by 2 pixels. In the last one "
    "the digit cannot be made out any more.",
)

# %% [markdown]
# It can pass [3]{= len(images) - 1 } kernels. Then it has [2]{= images[-1].shape[0] } by
# [2]{= images[-1].shape[1] } pixels, too few for a fourth. Networks can have dozens of layers, and
# 50 kernels of $3 \times 3$ take [100]{= 50 * (3 - 1) } rows and 100 columns away.
#
# ### Pixels at the border are read less often
#
# **Predict, then run.** Over the $8 \times 8$ digit a $3 \times 3$ kernel moves to all of its
# places. How many of its windows contain the pixel in the corner? The pixel beside it? A pixel in
# the middle?

# %%
from convnet.plots import draw_grid

reads = np.zeros((8, 8))
for h in range(6):
    for w in range(6):
        reads[h : h + 3, w : w + 3] += 1  # one window

fig, ax = plt.subplots(figsize=(5, 4.6), layout="constrained")
draw_grid(ax, reads, "windows that contain each pixel", [(0, 0, 3, 3, "tab:orange")])
present(
    fig,
    "A grid of 8 by 8 counts. In the corners of the image there is 1, beside them along the border "
    "2, on the rest of the border 3. One pixel farther inside the corners hold 4 and the rest 6, "
    "and all pixels inside of that hold 9. The first window, rows and columns 0 to 2, is outlined.",
)

# %% [markdown]
# The pixel in the corner is in [1]{= int(reads[0, 0]) } window, the pixel beside it in
# [2]{= int(reads[0, 1]) }, a pixel in the middle in [9]{= int(reads[4, 4]) }. Each window gives one
# number of the output. So the corner has a say in one number of the output, the middle in nine.

# %% [markdown] tags=["row-6"]
# ## Zeros all round
#
# **Zero padding** puts a frame of zeros round the image before the kernel moves. With $p$ zeros
# **on each side**, $p$ rows come above and $p$ below, $p$ columns to the left and $p$ to the right:
#
# $$n_H^{\text{pad}} = n_H + 2p, \qquad n_W^{\text{pad}} = n_W + 2p$$
#
# - $n_H$, $n_W$: height and width of the image;
# - $n_H^{\text{pad}}$, $n_W^{\text{pad}}$: height and width of the padded image;
# - $p$: the padding **per side**, in code `pad`.
#
# Some books count both sides together. Their padding of 2 is our $p = 1$. This course counts per
# side, as PyTorch does.
#
# Take the small image of the first lesson, and a kernel with three weights that are not 0:
#
# $$X = \begin{pmatrix} 1 & 2 & 0 & 3 \\ 0 & 1 & 2 & 1 \\ 2 & 0 & 1 & 3 \end{pmatrix}, \qquad
# W = \begin{pmatrix} 1 & 0 & 0 \\ 0 & 2 & 0 \\ 0 & 0 & -1 \end{pmatrix}$$
#
# At each place it gives twice the pixel in the middle, plus its upper left neighbour, minus its
# lower right neighbour.
#
# **By hand.** Draw $X$ with a padding of 1. How large is it? How large is the output? Compute its
# first number and its last one. Then run the cell.

# %%
from lesson_tools.figures import animate
from lesson_tools.sweep import draw_sweep

X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])
W = np.array([[1, 0, 0], [0, 2, 0], [0, 0, -1]])


def sweep_padded(position):
    figure = plt.figure(figsize=(9, 3.6))
    h, w = draw_sweep(figure, X, W, position, pad=1)
    figure.suptitle(f"the middle of the kernel lies on X[{h}, {w}]")
    return figure


animate(
    sweep_padded,
    range(12),
    "The image of 3 rows and 4 columns with a frame of hatched zeros, 5 by 6 in all. A kernel of 3 "
    "by 3 moves over it. Its middle visits each pixel of the image once, and each visit fills one "
    "entry of the output, which has 3 rows and 4 columns: 1, 2, -1, 6, then 0, 2, 3, 2, then 4, 0, "
    "3, 8.",
    seconds=0.9,
)

# %% [markdown]
# The padded image has $3 + 2 = 5$ rows and $4 + 2 = 6$ columns. The output has as many rows and
# columns as $X$: the middle of the kernel can now lie on each pixel of the image, those of the
# border included.
#
# The border is also read more often. The middle of the kernel can lie on the pixel in a corner and
# on its 3 neighbours, so this pixel is in
# [4]{= int(filter_image(np.pad(np.eye(1, 12).reshape(3, 4), 1), np.ones((3, 3))).sum()) } windows.
# Without padding it is in one.
#
# The first window is $\begin{pmatrix} 0 & 0 & 0 \\ 0 & 1 & 2 \\ 0 & 0 & 1 \end{pmatrix}$ and gives
# $0 + 2 \cdot 1 - 1 =$ [1]{= int(filter_image(np.pad(X, 1), W)[0, 0]) }. The last one gives
# $2 + 2 \cdot 3 - 0 =$ [8]{= int(filter_image(np.pad(X, 1), W)[-1, -1]) }.
#
# **How much padding keeps the size?** With its padding a row of $n$ pixels has $n + 2p$ entries,
# and so there are $n + 2p - f + 1$ places. For these to be $n$, we need $2p = f - 1$:
#
# $$p = \frac{f - 1}{2}$$
#
# That is a whole number for odd $f$. An even $f$ is a case for later in this lesson.
#
# ### Exercise 1: keep the size
#
# An image has $28 \times 28$ pixels, the kernel $7 \times 7$, and the stride is 1. Which `pad`, per
# side, makes an output of $28 \times 28$?

# %%
answer = None
### BEGIN SOLUTION
answer = 3  # 28 + 2 * 3 - 7 + 1 = 28
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    answer,
    3,
    "There are n + 2p - f + 1 places. Which p makes that n?",
    [
        (6, "That is how much both sides need together."),
        (7, "The kernel takes away f - 1 pixels, and there are two sides to add them on."),
        (3.5, "The kernel takes away f - 1 pixels, and not f."),
    ],
)

# %% [markdown] tags=["row-6"]
# ## One pair of numbers for each axis
#
# In NumPy `np.pad` pads an array, with zeros unless you say otherwise. It wants the array and, for
# each axis, a pair: how many entries come before, and how many after. **Predict, then run.**

# %%
print(np.pad(np.array([7, 8, 9]), ((2, 1),)))
print(np.pad(np.array([[1, 2], [3, 4]]), ((2, 2), (2, 2))))

# %% [markdown]
# The first array has one axis, so there is one pair: two zeros before, one after. The second has
# two axes, and the pairs are for the rows and for the columns. If all pairs are alike, one number
# stands for all of them: `np.pad(X, 1)` puts one zero on each side of *each* axis. With images that
# is a trap.
#
# A batch of $m$ images is an array of shape $(m, n_H, n_W, n_C)$: `batch[i]` is the image with the
# number $i$, counted from 0, and is written $x^{(i)}$ in formulas. In the cell below a batch of 4
# images of $3 \times 3$ pixels with 2 channels is padded with that one number. The second array has
# five axes; its second axis is padded by 1 on each side, its fourth by 3, and the pair `(0, 0)`
# leaves the others alone.
#
# **Predict, then run.** Which shape do you *want* for the batch, and which one comes out? Which
# shape has the second array afterwards?

# %%
batch = np.ones((4, 3, 3, 2))
print(np.pad(batch, 1).shape)
a = np.ones((5, 5, 5, 5, 5))
a_pad = np.pad(a, ((0, 0), (1, 1), (0, 0), (3, 3), (0, 0)))
print(a_pad.shape)

# %% [markdown]
# Of the batch one wants $(4, 5, 5, 2)$, and [(6, 5, 5, 4)]{= np.pad(batch, 1).shape } comes out:
# two more images came into being, and two more channels, all zero. No error says so; the shape
# does. In the second array only the axes with a pair other than `(0, 0)` have grown:
# [(5, 7, 5, 11, 5)]{= a_pad.shape }.
#
# In the assignment [Padding](../release/padding/padding.ipynb) you write a function that pads a whole
# batch. Here four images of random numbers are padded by 2:

# %%
np.random.seed(1)
x = np.random.randn(4, 3, 3, 2)
x_pad = np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)))
print(x.shape, "becomes", x_pad.shape)
print("the images are unchanged inside:", np.array_equal(x_pad[:, 2:5, 2:5, :], x))

# %% [markdown]
# ### Exercise 2: take the padding off
#
# Write a function that undoes a padding of `pad` zeros per side of a matrix: it returns the part
# inside. It must work for every `pad` from 0 on.


# %%
def unpad(padded, pad):
    result = None
    ### BEGIN SOLUTION
    n_H, n_W = padded.shape
    result = padded[pad : n_H - pad, pad : n_W - pad]
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
def right_unpad(padded, pad):
    return padded[pad : padded.shape[0] - pad, pad : padded.shape[1] - pad]


public_tests.check_function(
    "Exercise 2",
    unpad,
    right_unpad,
    [(np.pad(X, 1), 1), (np.pad(X, 2), 2), (X, 0)],
    "Where does the part inside begin, and at which index does it end?",
    [
        (
            lambda padded, pad: padded[pad:-pad, pad:-pad],
            "With pad 0 the slice is 0:-0, and -0 is 0: from 0 up to 0 is nothing. Count the end "
            "from the size.",
        ),
        (lambda padded, pad: padded[pad:, pad:], "The zeros below and to the right are left."),
        (lambda padded, pad: padded[:-pad, :-pad], "The zeros above and to the left are left."),
        (
            lambda padded, pad: padded[pad : len(padded) - pad, pad : len(padded) - pad],
            "You take the height for the width as well. The image is not square.",
        ),
    ],
)

# %% [markdown] tags=["row-6"]
# ## The same in TensorFlow, Keras and PyTorch
#
# **TensorFlow.** `tf.pad` has the pairs of `np.pad`, one for each axis.

# %% needs="tensorflow"
import tensorflow as tf

matrix = tf.constant([[1, 2], [3, 4]])
pairs = tf.constant([[2, 2], [2, 2]])
padded = tf.pad(matrix, pairs, mode="CONSTANT")
print(padded.numpy())
np.testing.assert_array_equal(padded, np.pad([[1, 2], [3, 4]], 2))

# %% [markdown]
# **Keras.** `ZeroPadding2D` is a layer. It takes a batch $(m, n_H, n_W, n_C)$ and pads the height
# and the width alone. **Predict, then run.** The first array below has the shape $(1, 1, 2, 2)$,
# the second one $(1, 2, 2, 1)$. Which of the two is an image of $2 \times 2$ pixels? Which shapes
# does a padding of 1 give?

# %% needs="keras tensorflow"
import keras

four = np.arange(4).reshape(1, 1, 2, 2)
square = np.arange(4).reshape(1, 2, 2, 1)
pad_by_1 = keras.layers.ZeroPadding2D(padding=1)
for array in (four, square):
    padded = pad_by_1(array).numpy()
    print(array.shape, "becomes", padded.shape)
    np.testing.assert_array_equal(padded, np.pad(array, ((0, 0), (1, 1), (1, 1), (0, 0))))
print(pad_by_1(square).numpy()[0, :, :, 0])

# %% [markdown]
# The first is one image of *one* row and two columns with two channels: $(1, 1, 2, 2)$ becomes
# $(1, 3, 4, 2)$. Read a shape from left to right, as examples, rows, columns, channels, before you
# believe that two twos are an image. The second is an image of $2 \times 2$ pixels with one
# channel, and becomes $(1, 4, 4, 1)$.
#
# **PyTorch** has the channels in front of the height and the width: an image is $(n_C, n_H, n_W)$,
# a batch is $(m, n_C, n_H, n_W)$. This is called *channels-first*. Its layer `ZeroPad2d` pads the
# last two axes.

# %% needs="torch"
import torch

image = torch.tensor([[[1, 2], [3, 4]]])  # one channel, two rows, two columns
padded = torch.nn.ZeroPad2d(2)(image)
print(tuple(image.shape), "becomes", tuple(padded.shape))
print(padded[0].numpy())
np.testing.assert_array_equal(padded[0], np.pad([[1, 2], [3, 4]], 2))

# %% [markdown]
# **When the sides differ**, PyTorch wants the numbers in another order than the other three:
#
# | library | what it wants | a matrix with top 1, bottom 0, left 2, right 3 |
# |---|---|---|
# | NumPy, TensorFlow | a pair for each axis, the first axis first | `((1, 0), (2, 3))` |
# | Keras | a pair for the height, a pair for the width | `((1, 0), (2, 3))` |
# | PyTorch | left, right, top, bottom: the last axis first | `(2, 3, 1, 0)` |
#
# The next cells pad $X$ in this way and compare the results with NumPy's.

# %% needs="keras tensorflow"
uneven = np.pad(X, ((1, 0), (2, 3)))
in_tensorflow = tf.pad(X, ((1, 0), (2, 3))).numpy()
in_keras = keras.layers.ZeroPadding2D(((1, 0), (2, 3)))(X.reshape(1, 3, 4, 1)).numpy()
np.testing.assert_array_equal(in_tensorflow, uneven)
np.testing.assert_array_equal(in_keras[0, :, :, 0], uneven)
print(in_tensorflow)

# %% needs="torch"
uneven = np.pad(X, ((1, 0), (2, 3)))
in_torch = torch.nn.ZeroPad2d((2, 3, 1, 0))(torch.tensor(X.reshape(1, 3, 4)))
np.testing.assert_array_equal(in_torch[0], uneven)
print(in_torch[0].numpy())

# %% [markdown] tags=["row-6"]
# ## Other values than zero
#
# Zero is a value like any other. In a photograph it is black: a frame of zeros is a black frame,
# and the kernel takes it for part of the picture. There are other choices for what stands outside
# the last pixel of a row or of a column:
#
# - **constant**: one value of your choice, zero or another;
# - **edge**: the last pixel again and again;
# - **reflect**: a mirror image; the mirror stands *on* the last pixel, which is not repeated;
# - **symmetric**: a mirror image; the mirror stands *behind* the last pixel, which comes twice;
# - **wrap**: the other end of the row or column, as if it were bent into a ring.
#
# **Predict, then run.** Two new entries on each side of 1, 2, 3, 4: which are they in each case?

# %%
row = np.array([1, 2, 3, 4])
print("constant: ", np.pad(row, 2, mode="constant", constant_values=9))
print("edge:     ", np.pad(row, 2, mode="edge"))
print("reflect:  ", np.pad(row, 2, mode="reflect"))
print("symmetric:", np.pad(row, 2, mode="symmetric"))
print("wrap:     ", np.pad(row, 2, mode="wrap"))

# %% [markdown]
# In the middle all five have 1, 2, 3, 4. To the left of it `reflect` has 3 and 2, and `symmetric`
# has 2 and 1. The names differ from library to library, and not every library has them all:
#
# | outside | `np.pad` | `tf.pad` | PyTorch |
# |---|---|---|---|
# | one value | `"constant"` | `"CONSTANT"` | `ConstantPad2d` |
# | the last pixel | `"edge"` | none | `ReplicationPad2d` |
# | mirrored, last pixel once | `"reflect"` | `"REFLECT"` | `ReflectionPad2d` |
# | mirrored, last pixel twice | `"symmetric"` | `"SYMMETRIC"` | none |
# | the other end | `"wrap"` | none | `CircularPad2d` |
#
# Keras has `keras.ops.pad` with NumPy's names. On TensorFlow it has only the three that `tf.pad`
# has.

# %% needs="keras tensorflow"
for mode in ("constant", "reflect", "symmetric"):
    expected = np.pad(X, ((1, 1), (2, 2)), mode=mode)
    np.testing.assert_array_equal(tf.pad(X, ((1, 1), (2, 2)), mode=mode.upper()), expected)
    np.testing.assert_array_equal(keras.ops.pad(X, ((1, 1), (2, 2)), mode=mode), expected)
print("TensorFlow and Keras agree with NumPy")

# %% needs="torch"
image = torch.tensor(X.reshape(1, 1, 3, 4), dtype=torch.float32)
sides = (2, 2, 1, 1)  # left, right, top, bottom
for mode, layer in [
    ("constant", torch.nn.ConstantPad2d(sides, 0.0)),
    ("edge", torch.nn.ReplicationPad2d(sides)),
    ("reflect", torch.nn.ReflectionPad2d(sides)),
    ("wrap", torch.nn.CircularPad2d(sides)),
]:
    expected = np.pad(X, ((1, 1), (2, 2)), mode=mode)
    np.testing.assert_array_equal(layer(image)[0, 0], expected)
print("PyTorch agrees with NumPy")

# %% [markdown]
# Here the upper part of the tower of the first lesson is padded by 50 pixels on each side, in four
# of the five ways. The fifth, `symmetric`, differs from `reflect` by a shift of one pixel in the
# frame, which can hardly be seen at this size. The box is the border of the picture itself.

# %%
from sklearn.datasets import load_sample_image

photo = load_sample_image("china.jpg").mean(axis=2)
tower = photo[60:210, 90:330]

fig, axes = plt.subplots(2, 2, figsize=(10, 7.6), layout="constrained")
for ax, mode in zip(axes.flat, ("constant", "edge", "reflect", "wrap"), strict=True):
    ax.imshow(np.pad(tower, 50, mode=mode), cmap="gray", vmin=0, vmax=255)
    ax.add_patch(plt.Rectangle((49.5, 49.5), 240, 150, fill=False, color="tab:orange", lw=2))
    ax.set(title=mode, xticks=[], yticks=[])
present(
    fig,
    "The same part of the tower, padded in four ways, with a box round the picture itself. "
    "Constant: a black frame. Edge: the pixels of the border drawn out into stripes. Reflect: "
    "mirror images, so that roofs and pillars go on without a break. Wrap: the opposite side of "
    "the picture follows on each side, with a sudden break at the box.",
)

# %% [markdown]
# ### What it does to the output
#
# **Predict, then run.** The photograph is blurred with a mean over $15 \times 15$ pixels, after a
# padding of 7 that keeps its size, once with zeros and once with `reflect`. Apart from that, the
# edges of the photograph itself are found with the two Sobel kernels, after a padding of 1. Where
# will the two kinds of padding differ?

# %%
wide = np.ones((15, 15)) / 225
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def edges(image):
    return np.sqrt(filter_image(image, sobel_x) ** 2 + filter_image(image, sobel_x.T) ** 2)


blurred, found = {}, {}
for mode in ("constant", "reflect"):
    blurred[mode] = filter_image(np.pad(photo, 7, mode=mode), wide)
    found[mode] = edges(np.pad(photo, 1, mode=mode))

# %% jupyter={"source_hidden": true} cellView="form"
corner = slice(0, 60), slice(540, 640)
fig, axes = plt.subplots(2, 2, figsize=(10, 6.4), layout="constrained")
for column, mode in enumerate(("constant", "reflect")):
    name = "zeros" if mode == "constant" else "reflect"
    axes[0, column].imshow(blurred[mode][corner], cmap="gray", vmin=0, vmax=255)
    axes[0, column].set(title=f"blurred, {name}: upper right corner", xticks=[], yticks=[])
    axes[1, column].imshow(found[mode][corner], cmap="gray", vmin=0, vmax=500)
    axes[1, column].set(title=f"edges, {name}: upper right corner", xticks=[], yticks=[])
present(
    fig,
    "The upper right corner of the photograph, which is all sky, after blurring and after Sobel. "
    "With zeros the blurred sky gets dark towards the top and the right, and the edges have a "
    "bright line along the top and the right border. With reflect the blurred sky is evenly bright "
    "up to the border, and there is no line.",
)

# %% [markdown]
# They differ only where the kernel reaches the padding. On each side that is in
# [7]{= int(np.argmin(np.abs(blurred['constant'] - blurred['reflect'])[213] > 1e-6)) } rows or
# columns of the blurred picture, and in
# [1]{= int(np.argmin(np.abs(found['constant'] - found['reflect'])[213] > 1e-6)) } of the picture of
# the edges.
#
# The sky in the corner has a brightness of [252]{= f'{photo[0, -1]:.0f}' }. Blurred with zeros it
# drops to [72]{= f"{blurred['constant'][0, -1]:.0f}" }: of the 225 pixels under the kernel only 64
# are sky, the others are zeros. With `reflect` it is [253]{= f"{blurred['reflect'][0, -1]:.0f}" }.
# And with zeros the Sobel kernels find a strong edge along the border,
# [1071]{= f"{found['constant'][0, -1]:.0f}" } in the corner, where there is nothing but sky. It is
# the edge between the picture and the frame.
#
# Why then do the convolutions of Keras, TensorFlow and PyTorch pad with zeros? (PyTorch's layer can
# do otherwise, by its argument `padding_mode`.) Zeros are the simplest choice. A network learns its
# kernels from images with zeros around them, and so it can get used to the zeros. It can even make
# use of them: from the zeros it can learn where the border is. The last of the readings below
# studies this. A kernel that is not learned, such as Sobel's, cannot get used to them. There
# `reflect` has the advantage that the figure shows: no dark border, and no false edge.
#
# ### Exercise 3: mirror
#
# Without running it: what is `np.pad(np.array([4, 7, 1, 5]), 2, mode="reflect")`? Write a list of 8
# numbers.

# %%
answer = None
### BEGIN SOLUTION
answer = [1, 7, 4, 7, 1, 5, 1, 7]
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 3",
    answer,
    [1, 7, 4, 7, 1, 5, 1, 7],
    "The mirror stands on the last pixel: going outwards from it, read the image backwards.",
    [
        ([7, 4, 4, 7, 1, 5, 5, 1], 'There the last pixel comes twice: that is "symmetric".'),
        ([4, 4, 4, 7, 1, 5, 5, 5], 'There the last pixel is repeated: that is "edge".'),
        ([1, 5, 4, 7, 1, 5, 4, 7], 'There the other end follows: that is "wrap".'),
        ([7, 1, 4, 7, 1, 5, 7, 1], "The right pixels, but not in the order of a mirror."),
    ],
)

# %% [markdown] tags=["row-7"]
# ## VALID, SAME, FULL
#
# Three amounts of padding have names. For stride 1, a row of $n$ pixels and a kernel of $f$ pixels
# (an odd number of them for SAME) they are:
#
# | name | padding per side | both sides | size of the output | the kernel visits |
# |---|---|---|---|---|
# | **VALID** | $0$ | $0$ | $n - f + 1$ | places where all of it lies on the image |
# | **SAME** | $\frac{f-1}{2}$ | $f - 1$ | $n$ | places where its middle lies on the image |
# | **FULL** | $f - 1$ | $2(f - 1)$ | $n + f - 1$ | places where any of it lies on the image |
#
# A row of 5 pixels and a kernel of 3 show all three at once. **By hand.** The row is
# $(2, 0, 1, 3, 1)$ and the kernel is $(1, 2, -1)$. With two zeros on each side, the first number is
# $0 \cdot 1 + 0 \cdot 2 + 2 \cdot (-1) = -2$. Compute the other six. Which of them belong to SAME,
# which to VALID?

# %% jupyter={"source_hidden": true} cellView="form"
strip, kernel = np.array([2, 0, 1, 3, 1]), np.array([1, 2, -1])
full = np.correlate(strip, kernel, mode="full")


def slide(t):
    table = np.full((4, 9), np.nan)
    table[0] = np.pad(strip, 2)
    table[1, 1 : t + 2] = full[: t + 1]
    table[2, 2:7] = np.where(np.arange(1, 6) <= t, full[1:6], np.nan)
    table[3, 3:6] = np.where(np.arange(2, 5) <= t, full[2:5], np.nan)
    padding = np.zeros((4, 9), dtype=bool)
    padding[0, [0, 1, 7, 8]] = True
    members = [row for row, first, last in [(1, 0, 6), (2, 1, 5), (3, 2, 4)] if first <= t <= last]
    boxes = [(0, t, 1, 3, "tab:orange")] + [(row, t + 1, 1, 1, "tab:orange") for row in members]
    figure, ax = plt.subplots(figsize=(9, 4.4), layout="constrained")
    terms = " + ".join(
        f"{x}·({k})" for x, k in zip(np.pad(strip, 2)[t : t + 3], kernel, strict=True)
    )
    draw_grid(ax, table, f"{terms} = {full[t]}", [], padding)
    for row, column, height, width, colour in boxes:
        place = (column - 0.5, row - 0.5)
        ax.add_patch(plt.Rectangle(place, width, height, fill=False, color=colour, lw=3))
    ax.set_yticks(range(4), ["padded row", "FULL", "SAME", "VALID"], fontsize=11)
    ax.set_xticks([])
    return figure


animate(
    slide,
    range(7),
    "The row 2, 0, 1, 3, 1 with two hatched zeros on each side. A window of three cells moves over "
    "it to 7 places, and each result is written below the middle of the window. FULL takes all "
    "seven: -2, 4, 1, -1, 6, 5, 1. SAME takes the five whose middle lies on the row: 4, 1, -1, 6, "
    "5. VALID takes the three whose window lies on the row: 1, -1, 6.",
    seconds=1.4,
)

# %% [markdown]
# The three outputs are the same list of numbers, cut at different places. SAME is FULL without
# $(f-1)/2$ numbers at each end; VALID is FULL without $f - 1$ at each end. NumPy's `np.correlate`
# for rows of numbers knows the three by name:

# %%
strip, kernel = np.array([2, 0, 1, 3, 1]), np.array([1, 2, -1])
for mode in ("full", "same", "valid"):
    print(f"{mode:6}", np.correlate(strip, kernel, mode=mode))

# %% [markdown]
# Is it the same with images? Here the kernel $W$ goes over all the places of a FULL convolution of
# $X$: $f - 1 = 2$ zeros per side, and an output of $3 + 2 = 5$ rows and $4 + 2 = 6$ columns.
# **Predict:** which rectangle of this output is SAME, and which is VALID? The animation draws both,
# one dashed and one dotted.


# %% jupyter={"source_hidden": true} cellView="form"
def sweep_full(position):
    figure = plt.figure(figsize=(10, 4.2))
    h, w = draw_sweep(figure, X, W, position, pad=2)
    output = figure.axes[2]
    names = ["FULL"]
    if 1 <= h <= 3 and 1 <= w <= 4:
        names.append("SAME")
    if h == 2 and 2 <= w <= 3:
        names.append("VALID")
    same = {"fill": False, "color": "black", "lw": 2, "ls": "--"}
    valid = {"fill": False, "color": "tab:purple", "lw": 3, "ls": ":"}
    output.add_patch(plt.Rectangle((0.5, 0.5), 4, 3, **same))
    output.add_patch(plt.Rectangle((1.58, 1.58), 1.84, 0.84, **valid))
    figure.suptitle("this place belongs to " + ", ".join(names))
    return figure


animate(
    sweep_full,
    range(30),
    "The image of 3 by 4 with two hatched zeros on each side, 7 by 8 in all. The kernel of 3 by 3 "
    "visits 30 places, from the one where only its lower right weight lies on the image to the one "
    "where only its upper left weight does. The output of 5 by 6 has a dashed rectangle round its "
    "rows 1 to 3 and columns 1 to 4, SAME, and inside it a dotted one round row 2, columns 2 and "
    "3, VALID.",
    seconds=0.5,
)

# %%
from convnet.functional import conv2d

FULL = filter_image(np.pad(X, 2), W)
SAME = filter_image(np.pad(X, 1), W)
VALID = filter_image(X, W)
print(FULL)
print("SAME is in FULL: ", np.array_equal(FULL[1:4, 1:5], SAME), SAME.shape)
print("VALID is in FULL:", np.array_equal(FULL[2:3, 2:4], VALID), VALID.shape)
for pad, expected in [(0, VALID), (1, SAME), (2, FULL)]:  # the course's own convolution
    Z = conv2d(X.reshape(1, 3, 4, 1), W.reshape(3, 3, 1, 1), padding=pad)
    np.testing.assert_allclose(Z[0, :, :, 0], expected)

# %% [markdown]
# VALID is the dotted rectangle of [1]{= VALID.shape[0] } by [2]{= VALID.shape[1] }, SAME the dashed
# one of [3]{= SAME.shape[0] } by [4]{= SAME.shape[1] } around it, FULL the whole output,
# [5]{= FULL.shape[0] } by [6]{= FULL.shape[1] }.
#
# **What each is good for.** VALID invents nothing: every number comes from real pixels alone. SAME
# keeps the size, so that any number of layers can follow one another; it is common in networks.
# FULL reads all pixels equally often, here each of them in
# [9]{= int(filter_image(np.pad(np.eye(1, 12).reshape(3, 4), 2), np.ones((3, 3))).sum()) } windows,
# but networks rarely use it in this direction. It comes back in the lessons on
# [backpropagation](10_backpropagation.ipynb), where it carries the gradients of a VALID convolution
# backwards, and on [transposed convolution](15_transposed_convolution.ipynb), where it makes images
# larger.
#
# ### By name in the libraries
#
# Keras knows `"valid"` and `"same"`, TensorFlow `"VALID"` and `"SAME"`. FULL has no name there. In
# Keras one pads by $f - 1$ first; TensorFlow's `tf.nn.conv2d` takes a pair for each axis in place
# of a name. Their kernels have four axes, $(f, f, \text{channels in}, \text{channels out})$, and
# the images have $(m, n_H, n_W, n_C)$.

# %% needs="keras tensorflow"
images = X.reshape(1, 3, 4, 1).astype("float32")
kernels = W.reshape(3, 3, 1, 1).astype("float32")
framed = keras.layers.ZeroPadding2D(2)(images)
for padding, image, expected in [
    ("valid", images, VALID),
    ("same", images, SAME),
    ("valid", framed, FULL),
]:
    layer = keras.layers.Conv2D(1, 3, padding=padding, use_bias=False)
    layer.build(image.shape)
    layer.set_weights([kernels])
    np.testing.assert_allclose(layer(image)[0, :, :, 0], expected)
pairs = [[0, 0], [2, 2], [2, 2], [0, 0]]  # none for the batch and for the channels
for padding, expected in [("VALID", VALID), ("SAME", SAME), (pairs, FULL)]:
    Z = tf.nn.conv2d(images, kernels, strides=1, padding=padding)
    np.testing.assert_allclose(Z[0, :, :, 0], expected)
print("Keras and TensorFlow agree with NumPy")

# %% [markdown]
# In PyTorch `padding` is the padding per side, or one of the two names. Its kernels are
# $(\text{channels out}, \text{channels in}, f, f)$.

# %% needs="torch"
images = torch.tensor(X.reshape(1, 1, 3, 4), dtype=torch.float32)
for padding, expected in [(0, VALID), ("valid", VALID), (1, SAME), ("same", SAME), (2, FULL)]:
    layer = torch.nn.Conv2d(1, 1, 3, padding=padding, bias=False)
    with torch.no_grad():
        layer.weight[0, 0] = torch.tensor(W)
        np.testing.assert_allclose(layer(images)[0, 0], expected)
print("PyTorch agrees with NumPy")

# %% [markdown]
# ### Even kernels, and kernels that are not square
#
# SAME needs $f - 1$ zeros for both sides together. If $f$ is even, that is an odd number, and one
# side gets one more than the other. Keras, TensorFlow and PyTorch put the odd one **at the bottom
# and on the right**. (PyTorch warns that it may have to copy the image for it.) NumPy's
# `np.correlate` puts it in front. For the row $(2, 0, 1, 3, 1)$ and the kernel $(1, 2)$ its
# `"same"` is `[[4, 2, 2, 7, 5]]{= np.correlate(strip, [1, 2], mode="same").tolist() }`. With the
# zero at the end it would be
# `[[2, 2, 7, 5, 1]]{= np.correlate(np.pad(strip, (0, 1)), [1, 2], mode="valid").tolist() }`.
#
# Height and width are counted separately. **Predict, then run.** A kernel with 3 rows and 4
# columns goes over an image of $7 \times 7$. How large is the output for VALID, SAME and FULL? How
# many rows of zeros does SAME add above and below, and how many columns left and right?

# %%
rng = np.random.default_rng(0)
X7 = rng.integers(0, 10, size=(7, 7)).astype("float32")
W34 = rng.integers(-3, 4, size=(3, 4)).astype("float32")
valid_7 = filter_image(X7, W34)
same_7 = filter_image(np.pad(X7, ((1, 1), (1, 2))), W34)
full_7 = filter_image(np.pad(X7, ((2, 2), (3, 3))), W34)
print("VALID", valid_7.shape, " SAME", same_7.shape, " FULL", full_7.shape)

# %% needs="keras tensorflow"
images, kernels = X7.reshape(1, 7, 7, 1), W34.reshape(3, 4, 1, 1)
in_tensorflow = tf.nn.conv2d(images, kernels, strides=1, padding="SAME")
np.testing.assert_allclose(in_tensorflow[0, :, :, 0], same_7, rtol=1e-6)
layer = keras.layers.Conv2D(1, (3, 4), padding="same", use_bias=False)
layer.build(images.shape)
layer.set_weights([kernels])
np.testing.assert_allclose(layer(images)[0, :, :, 0], same_7, rtol=1e-6)
print("TensorFlow and Keras pad 1 on the left and 2 on the right, as we did")

# %% needs="torch"
import warnings

images = torch.tensor(X7.reshape(1, 1, 7, 7))
layer = torch.nn.Conv2d(1, 1, (3, 4), padding="same", bias=False)
with torch.no_grad(), warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it may have to copy the image
    layer.weight[0, 0] = torch.tensor(W34)
    np.testing.assert_allclose(layer(images)[0, 0], same_7, rtol=1e-6)
print("PyTorch pads 1 on the left and 2 on the right as well")

# %% [markdown]
# VALID gives $7 - 3 + 1 =$ [5]{= valid_7.shape[0] } by $7 - 4 + 1 =$ [4]{= valid_7.shape[1] }. SAME
# adds $3 - 1 = 2$ rows, one above and one below, and $4 - 1 = 3$ columns, one on the left and two
# on the right, and gives 7 by 7. FULL adds twice as much, 4 rows and 6 columns, and gives
# [9]{= full_7.shape[0] } by [10]{= full_7.shape[1] }.
#
# All of this was for stride 1. With a larger stride SAME no longer keeps the size, and the zeros
# are counted in another way: that is a matter for
# the lesson [Output sizes](06_output_sizes.ipynb).
#
# ### Exercise 4: three sizes
#
# A row has 10 pixels, a kernel has 4, the stride is 1. How long is the output for VALID, SAME and
# FULL? Write a tuple of three numbers, in this order.

# %%
answer = None
### BEGIN SOLUTION
answer = (7, 10, 13)  # 10 - 4 + 1, 10, 10 + 4 - 1
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 4",
    answer,
    (7, 10, 13),
    "VALID is n - f + 1, SAME is n, and FULL is n + f - 1.",
    [
        ((6, 10, 14), "The kernel takes away, or adds, f - 1 pixels and not f."),
        ((7, 10, 10), "FULL pads f - 1 on each side, SAME half of that."),
        ((13, 10, 7), "Those are the right numbers in the opposite order."),
        (
            (7, 10, 16),
            "Padding FULL adds 2(f - 1) pixels to the row, and the kernel then takes f - 1.",
        ),
    ],
)

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **say why images are padded**, so that they do not shrink and their border is read more often,
#    and how much padding is needed per side: $0$ for VALID, $(f-1)/2$ for SAME with an odd $f$,
#    $f - 1$ for FULL, with outputs of $n - f + 1$, $n$ and $n + f - 1$ at stride 1;
# 2. **pad an array** with `np.pad(X, ((top, bottom), (left, right)))`, with the same pairs in
#    `tf.pad` and `ZeroPadding2D`, and with `(left, right, top, bottom)` in PyTorch's `ZeroPad2d`;
#    in `np.pad` and `tf.pad` a batch needs `(0, 0)` for the axes that are to stay;
# 3. **pad with other values**, constant, edge, reflect, symmetric or wrap, and say what zeros do to
#    the border of a photograph: a blur darkens it, and Sobel takes it for an edge.
#
# ## What to read next
#
# - The next lesson, [The convolution layer](04_convolution_layer.ipynb).
# - To practise: the assignment [Padding](../release/padding/padding.ipynb).
# - Vincent Dumoulin and Francesco Visin, *A guide to convolution arithmetic for deep learning*,
#   2016, with drawings of all kinds of padding:
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285).
# - Stanford's notes for the course CS231n on
#   [convolutional networks](https://cs231n.github.io/convolutional-networks/).
# - Md Amirul Islam, Sen Jia and Neil Bruce, *How much position information do convolutional neural
#   networks encode?*, 2020, on what networks make of their zeros:
#   [arXiv:2001.08248](https://arxiv.org/abs/2001.08248).
