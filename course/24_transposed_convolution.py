# %% [markdown]
# # Transposed convolution
#
# A single layer has doubled the height and width of a photograph. All nine weights of its kernel are equal, so the
# result should be a little blurred and perfectly even. Is it?

# %% include="lesson_setup"

# %%
from convnet.data import load_sample_image
from convnet.functional import conv2d, conv2d_backward, conv_transpose2d
from convnet.sizes import conv_transpose_output_shape
from lesson_tools.explorables import explore_sizes
from lesson_tools.spine import spine
from lesson_tools.transposed_convolution import figures as draw
from lesson_tools.transposed_convolution.questions import check, predict


def transposed(A, W, **settings):
    """Apply the layer to an image A with one channel."""
    return conv_transpose2d(A[None, :, :, None], W[:, :, None, None], **settings)[0, :, :, 0]


face = load_sample_image("astronaut.jpg")[10:106:2, 92:188:2].mean(axis=2) / 255

f = 3  # try 2, 4, 5 and 6
doubled = transposed(face, np.full((f, f), 4 / f**2), stride=2)
draw.doubled(face, doubled)

# %% [markdown]
# A checkerboard covers the face. Change $f$ to 2, 4, 5 and 6, and the pattern comes and goes. The photograph
# has no such pattern, and the weights are all equal. Around 2016, the same pattern gave away many images that networks
# had generated.
#
# The layer is a **transposed convolution**. Increasing height and width is called
# [**upsampling**](glossary.md#upsampling), and a network that has reduced its feature maps needs it if its output is
# an image: to remove noise, to color a photograph, to generate a face, or to say for every pixel of a road scene
# whether it is street, car or child. In the edge network, it is the sixth operation, which upsamples the small score
# map to the size of the photograph.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compute a transposed convolution by hand, as a sum of scaled copies of the kernel and as a product with a
#    transposed matrix;
# 2. find the size of its output for any stride, padding and output padding, and use the layer in Keras and PyTorch;
# 3. explain checkerboard artifacts, and choose or learn kernels that avoid them.
#
# **Time:** about 50 minutes, and 25 for the exercises. **You need:**
# [Output sizes](08_output_sizes.ipynb) and [Backpropagation](13_backpropagation.ipynb).

# %%
spine("upsampling")

# %% [markdown] tags=["row-25"]
# ## Each input value adds a scaled copy of the kernel
#
# A convolution gathers. It reads a window of the input and writes one value. A [**transposed
# convolution**](glossary.md#transposed-convolution) does the opposite: it reads **one value** of the
# input, multiplies the whole kernel by it, and adds this copy to a **window** of the output. The copies of neighboring
# input values are $s$ pixels apart, where $s$ is the stride.

# %%
A = np.array([[1, 2], [3, 4]])
W = np.array([[1, 2, 1], [0, 3, 0], [2, 0, 1]])
print(A, W, sep="\n\n")

# %% [markdown]
# With stride 2, the copy of 1 starts in row 0 and column 0 of the output, the copy of 2 in column 2, the copy of 3 in
# row 2, and the copy of 4 in row 2 and column 2. All four reach the output in row 2, column 2. The copy of 1
# contributes its lower right weight, 1, the copy of 2 its lower left weight, 2, and so on:
#
# $$1 \cdot 1 + 2 \cdot 2 + 3 \cdot 1 + 4 \cdot 1 = 12$$
#
# **Predict.** Which value does the output have in row 4, column 2? (Rows and columns are counted from 0.)

# %%
predict("overlap", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Two copies reach it: $3 \cdot 1 + 4 \cdot 2 =$ [11]{= int(transposed(A, W, stride=2)[4, 2]) }.
#
# </details>

# %%
draw.copies(A, W, stride=2)

# %% [markdown]
# Where copies overlap, their values **add up**. With several channels, each input channel has its own kernel for each
# output channel, and the copies of all input channels add up, too. A bias is added once to every output.

# %% [markdown] tags=["row-25"]
# ## Why it is called transposed
#
# In [From dense to convolutional layers](05_why_convolution.ipynb), a convolution without bias was a product $Cx$ of
# a matrix with the pixels. A single row of pixels is enough to see what the transpose of $C$ does. The kernel 1, 2, 3
# slides over five pixels with stride 2:

# %%
C = np.array([[1, 2, 3, 0, 0], [0, 0, 1, 2, 3]])
print("convolution:", C @ [1, 0, 2, 1, 0])
print("transposed: ", C.T @ [10, 1])

# %% [markdown]
# Each *row* of $C$ contains the weights with which one output reads its window. In $C^T$, the same weights form a
# *column*, with which one value writes to the same window. A product with $C^T$ multiplies each column by one
# input value and adds up the results. So it is a sum of scaled copies of the kernel, 10 times the first one and 1 times
# the second, which overlap in the middle: $3 \cdot 10 + 1 \cdot 1 = 31$. **A transposed convolution is the
# multiplication by $C^T$.** It has the connections and weights of the convolution, in the opposite direction.
#
# The same is true in two dimensions. To find column $j$ of $C$, convolve an image that is 1 at pixel $j$ and 0
# elsewhere. Then $C^T$ times the column 1, 2, 3, 4 should be the output of the animation:


# %%
def matrix(n, **settings):
    """Return the matrix C of a convolution of n x n pixels with the kernel W."""
    unit_images = np.eye(n * n).reshape(n * n, n, n, 1)
    return conv2d(unit_images, W[:, :, None, None], **settings).reshape(n * n, -1).T


a = A.reshape(-1)
print((matrix(5, stride=2).T @ a).reshape(5, 5))

# %% [markdown] tags=["row-25"]
# ## You have met it before
#
# For $z = Cx$, the chain rule gives $dx = C^T dz$. In words, the gradient of a convolution with respect to its input
# **is** a transposed convolution of the upstream gradient. The only new idea in this lesson is to use this backward pass
# as a layer. Let `A` be the upstream gradient:

# %%
X = np.zeros((1, 5, 5, 1))  # the gradient with respect to the input does not depend on the input
dX, _, _ = conv2d_backward(A[None, :, :, None], X, W[:, :, None, None], stride=2)
print(dX[0, :, :, 0])

# %% [markdown]
# The layer is also called *deconvolution*, a name that has misled many people. To deconvolve is to undo a
# convolution, but $C^T$ is not the inverse of $C$:

# %%
print("there and back:", C @ (C.T @ [10, 1]))

# %% [markdown]
# The shape is restored, but the values 10 and 1 are not.

# %% [markdown] tags=["row-25"]
# ## The size of the output
#
# Transposing a matrix exchanges its height and width. **So the output of a transposed convolution has the size of the
# input of the convolution with the same settings.** A convolution with $f = 3$ and $s = 2$ reduces 5 x 5 pixels to 2 x 2,
# so the transposed convolution leads from 2 x 2 to 5 x 5. The larger the stride, the larger the output.
#
# With padding $p = 1$, 3 x 3 pixels are enough for a convolution to return 2 x 2. So the transposed convolution
# now returns 3 x 3. The convolution adds rows and columns of zeros on each side, and its transpose
# [**crops**](glossary.md#crop) them.
#
# But the same convolution also reduces 4 x 4 to 2 x 2, because the division by the stride is rounded down. Which size
# should the way back have? PyTorch takes the smallest by default. The setting [**output
# padding**](glossary.md#output-padding) selects a larger one: it adds $a$ rows at the bottom and $a$ columns on the
# right, with $0 \le a < s$.
#
# **Predict.** What does the new row contain for $p = 1$ and $a = 1$? `"a"` Zeros. `"b"` A copy of the row
# above it. `"c"` Values that the padding had cropped.

# %%
predict("output_padding", None)

# %%
for n in (3, 4):
    print((matrix(n, stride=2, padding=1).T @ a).reshape(n, n))
draw.crops(transposed(A, W, stride=2))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. Despite its name, output padding adds no zeros here. It crops less on two sides. (Only if $a > p$, no
# copy reaches the last $a - p$ rows, and they contain nothing but the bias.)
#
# </details>
#
# Can you write down the formula for $n$ rows of input? Start with where the last copy begins and ends, then crop.
#
# <details>
# <summary>Formula</summary>
#
# The last copy begins $s\,(n - 1)$ rows below the first one and has $f$ rows. Padding crops $2p$ rows, and output
# padding keeps $a$ of them: $s\,(n - 1) + f - 2p + a$ rows.
#
# </details>
#
# | $n$ | $f$ | $s$ | $p$ | $a$ | output |
# |---|---|---|---|---|---|
# | 3 | 3 | 1 | 0 | 0 | `[(5, 5)]{= conv_transpose_output_shape((3, 3), 3) }` |
# | 2 | 3 | 2 | 1 | 0 | `[(3, 3)]{= conv_transpose_output_shape((2, 2), 3, 2, 1) }` |
# | 2 | 3 | 2 | 1 | 1 | `[(4, 4)]{= conv_transpose_output_shape((2, 2), 3, 2, 1, 1) }` |
#
# With $f = 4$, $s = 2$ and $p = 1$, or with $f = s = 2$ and no padding, the output is exactly twice as large as the
# input. Both settings are common.

# %%
# Which settings lead from 3 x 3 to 8 x 8? And when does no copy reach an output value?
explore_sizes(3, 3, stride=2, padding=1, transposed=True)

# %% [markdown] tags=["row-25"]
# ## The same output by inserting zeros
#
# Look at *one output*. It receives contributions from nearby inputs, each multiplied by a weight. That is a weighted
# sum over a window, so an ordinary convolution can compute it:
#
# 1. **Insert** $s - 1$ zeros between neighboring input values. Now they are as far apart as their copies.
# 2. **Pad** with $f - 1$ zeros on each side ([full padding](glossary.md#full-padding)).
# 3. [**Flip**](glossary.md#flip) the kernel. Its bottom row writes to the row *below* an input value. Seen from that
#    output, the input value lies *above*.
# 4. Convolve with stride 1.

# %%
draw.inserted_zeros(A, W)

# %% [markdown]
# With stride 2, one step of this window is half an input pixel, so the layer is also called a *fractionally strided
# convolution*. Most libraries compute it as the gradient of a convolution instead, because here most products have an
# inserted zero as a factor.

# %% [markdown] tags=["row-25"]
# ## Checkerboards
#
# Back to the face. The columns of $C^T$ are the copies, and a *row* lists what reaches one output. If all
# inputs and weights are 1, the sum of a row counts the copies:

# %%
draw.row_sums()

# %% [markdown]
# With $f = 3$ and $s = 2$, every second output receives two copies and its neighbors only one. In two dimensions,
# the counts of the row and of the column are multiplied, which gives 1, 2 and 4. That is the [**checkerboard
# artifact**](glossary.md#checkerboard-artifact) on the face. If $f$ is a multiple of $s$, all
# counts away from the border are equal (Odena et al.).
#
# **Predict.** Are equal counts enough? The input is all ones, $f = 4$, $s = 2$, and the kernel has 16
# random weights. How many different values does the output have, away from the border?

# %%
predict("checkerboard", None)

# %%
random_kernel = np.random.default_rng(0).uniform(0.4, 1.6, (4, 4))
random_kernel *= 4 / random_kernel.sum()
inside = transposed(np.ones((4, 4)), random_kernel, stride=2)[2:-2, 2:-2]
print(inside.round(2))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [4]{= len(np.unique(inside.round(9))) }. In each block of 2 x 2 outputs, each position receives a *different* group of
# four weights, with a different sum.
#
# </details>
#
# The output at row $r$, column $q$ of such a block receives the weights `W[r::2, q::2]`, and with stride $s$
# `W[r::s, q::s]`. **A uniform input gives a uniform output, away from the border, if and only if all $s^2$ groups of
# weights have the same sum.** There are two ways to get there:
#
# - *Choose the weights.* [**Bilinear interpolation**](glossary.md#bilinear-interpolation) has the weights 1, 3, 3, 1,
#   divided by 4, along each axis, and both groups, 1 + 3 and 3 + 1, have the same sum.
# - *Upsample by a fixed rule, then convolve.* Repeat each pixel, for example, and convolve with stride 1. Then all
#   outputs away from the border use the same weights, whatever they are.

# %%
bilinear = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16
repeated = face.repeat(2, axis=0).repeat(2, axis=1)[None, :, :, None]
draw.upsampled(
    {
        "f = 4, random": transposed(face, random_kernel, stride=2, padding=3),
        "f = 4, bilinear": transposed(face, bilinear, stride=2, padding=3),
        "repeat, convolve": conv2d(repeated, np.full((3, 3, 1, 1), 1 / 9))[0, 1:-1, 1:-1, 0],
    }
)

# %% [markdown] tags=["row-25"]
# ## The layer in Keras and PyTorch
#
# The layer is called
# [`Conv2DTranspose`](https://keras.io/api/layers/convolution_layers/convolution2d_transpose/) in Keras and
# [`ConvTranspose2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html) in PyTorch:

# %% needs="keras tensorflow torch"
import torch
from keras import layers
from torch import nn

in_keras = layers.Conv2DTranspose(1, 3, strides=2, padding="same", use_bias=False)
in_torch = nn.ConvTranspose2d(
    1, 1, kernel_size=3, stride=2, padding=1, output_padding=1, bias=False
)

# %% [markdown]
# Keras' kernels have the shape $(f, f, n_C, n_{C_{prev}})$, as in this course, and PyTorch's
# $(n_{C_{prev}}, n_C, f, f)$. Both layers double our 2 x 2 array to 4 x 4. Keras needs no output padding for this:
# `"same"` returns $s n$ rows by default.
#
# **Predict.** You copy the kernel $W$ to both layers. Their outputs are `"a"` equal, `"b"` shifted against each other by
# one pixel, `"c"` flipped.

# %%
predict("frameworks", None)

# %% needs="keras tensorflow torch"
in_keras.build((None, 2, 2, 1))
in_keras.set_weights([W[:, :, None, None]])
print("Keras:", in_keras(A[None, :, :, None].astype("float32")).numpy()[0, :, :, 0], sep="\n")

with torch.no_grad():
    in_torch.weight.copy_(torch.tensor(W)[None, None])
    print("PyTorch:", in_torch(torch.tensor(A).float()[None, None]).numpy()[0, 0], sep="\n")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. Of the five rows of the full output, Keras crops the last one and PyTorch the first.
#
# </details>
#
# With `"same"` and $f > s$, Keras crops $f - s$ rows, and if this number is odd, the extra one at the **bottom**.
# PyTorch crops $p$ rows at the top and $p - a$ at the bottom. So if $f - s$ is odd, weights copied from one to the
# other give a shifted image without an error. Choose $f - s$ even.

# %% [markdown] tags=["row-25"]
# ## A kernel that has learned to double photographs
#
# The weights of this layer can be learned, as in any other layer. We halve photographs by averaging blocks of 2 x 2
# pixels, and look for the 6 x 6 kernel that brings them back with the smallest squared error. The
# output is linear in the 36 weights, so least squares finds the best ones in one line. It learns from pieces of nine
# photographs, and the tenth is held out for the test.
#
# **Predict.** Least squares knows nothing about groups of weights, but it will see areas of nearly uniform brightness.
# Which sum, rounded to a whole number, should each of the four groups have?

# %%
predict("sums", None)


# %%
def photograph(name):
    image = load_sample_image(f"{name}.jpg") / 255
    gray = image.mean(axis=2) if image.ndim == 3 else image
    return gray[: len(gray) // 2 * 2, : gray.shape[1] // 2 * 2]


def halve(image):
    n_H, n_W = image.shape
    return image.reshape(n_H // 2, 2, n_W // 2, 2).mean(axis=(1, 3))


def double(image, W):
    """Double an image, for even f; edge pixels are repeated around it."""
    f = len(W)
    return transposed(np.pad(image, f // 2, mode="edge"), W, stride=2, padding=3 * f // 2 - 1)


names = ["china", "flower", "astronaut", "chelsea", "satellite", "retina"]
names += ["brick", "grass", "gravel", "coins"]
held_out = "chelsea"  # try another one
pieces = [photograph(name)[60:188, 60:188] for name in names if name != held_out]

unit_kernels = np.eye(36).reshape(36, 6, 6)
doubled_by_each = [[double(halve(piece), W).ravel() for W in unit_kernels] for piece in pieces]
inputs = np.concatenate([np.stack(columns, axis=1) for columns in doubled_by_each])
targets = np.concatenate([piece.ravel() for piece in pieces])
learned = np.linalg.lstsq(inputs, targets, rcond=None)[0].reshape(6, 6)
print("sums:", [learned[r::2, q::2].sum().round(2).item() for r in (0, 1) for q in (0, 1)])

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 1, because an area of uniform brightness 0.5 should come back as 0.5.
#
# </details>
#
# The learned kernel draws no visible checkerboard. How good is it on a photograph that it has not seen? Its rivals
# are repeated pixels, bilinear interpolation, and *bicubic* interpolation with $f = 8$, the default of Pillow:

# %%
cubic = np.array([-3, -9, 29, 111, 111, 29, -9, -3]) / 128
kernels = {
    "repeated": np.ones((2, 2)),
    "bilinear": bilinear,
    "bicubic": np.outer(cubic, cubic),
    "learned": learned,
}
photo = photograph(held_out)
errors = {name: np.mean((double(halve(photo), W) - photo) ** 2) for name, W in kernels.items()}
for name, error in errors.items():
    print(f"{name:9}{1000 * error:7.3f} thousandths")

# %% [markdown]
# The learned kernel wins. Its error is [8%]{= f"{1 - errors['learned'] / errors['bicubic']:.0%}" } below that of
# bicubic interpolation, with a smaller kernel. Whichever of the ten photographs you hold out, it is the best of the
# four. Halve its result, and you get its input back, except for rounding errors: it has learned how the photographs
# were halved. Bilinear and bicubic interpolation do not know that. (Repeated pixels pass this test, too, but it is
# not enough.) If you tell bicubic interpolation as well, by correcting the mean of each block of 2 x 2 pixels, it is
# better still ([benchmark](../benchmarks/lessons/upsampling.md)).
#
# Now use it for real, on pixels that nobody has halved. Apply it twice to the eye of a cat. For an image of your own,
# replace `photo` with `plt.imread("yours.jpg").mean(axis=2) / 255`, and choose the rows and columns.

# %%
eye = photo[76:132, 122:178]
draw.enlarged(eye, {name: double(double(eye, W), W) for name, W in kernels.items()})

# %% [markdown]
# This was a single layer, and its training data were photographs. In the next lesson, a deep network upsamples its
# own feature maps with such layers, to name the class of every pixel.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: output padding
#
# A convolution with $f = 4$, $s = 3$ and $p = 1$ reduced images of 27 rows and 28 columns to 9 x 9. A
# transposed convolution with the same settings should lead back to 27 x 28. Which output padding does it
# need? Answer with a tuple, for the height and for the width.

# %%
output_padding = None
### BEGIN SOLUTION
output_padding = (27 - (3 * 8 + 4 - 2), 28 - (3 * 8 + 4 - 2))
### END SOLUTION

# %%
check("output_padding", output_padding)

# %% [markdown]
# ### Exercise 2: inserting zeros
#
# Write `insert_zeros(A, s)`. It returns the 2-D array `A` with $s - 1$ zeros between neighboring values along
# both axes, and no zeros outside. `A` need not be square.


# %%
def insert_zeros(A, s):
    result = None
    ### BEGIN SOLUTION
    n_H, n_W = A.shape
    result = np.zeros((s * (n_H - 1) + 1, s * (n_W - 1) + 1))
    result[::s, ::s] = A
    ### END SOLUTION
    return result


# %%
check("insert_zeros", insert_zeros)

# %% [markdown]
# ### Exercise 3: the face without a checkerboard
#
# The face was doubled with $f = 3$, $s = 2$ and nine equal weights. Three is no multiple of two, and yet there is a 3 x 3
# kernel that draws no checkerboard. Find one: all nine weights are positive, and with stride 2, an input of ones gives
# an output of ones, away from the border.

# %%
smooth = None  # a 3 x 3 array
### BEGIN SOLUTION
smooth = np.outer([1, 2, 1], [1, 2, 1]) / 4  # along each axis, 1/2 + 1/2 and 1
### END SOLUTION

# %%
check("smooth", smooth)

# %% [markdown]
# If it is right, double the face with it: `draw.doubled(face, transposed(face, smooth, stride=2))`.

# %% [markdown]
# ## Recap
#
# 1. A [transposed convolution](glossary.md#transposed-convolution) adds a scaled copy of the kernel for each
#    input value, $s$ pixels from its neighbors. Its matrix is $C^T$, so it computes the gradient of a convolution with
#    respect to its input. It restores the shape and not the values.
# 2. Its output has the size of the convolution's input. Padding [crops](glossary.md#crop), and [output
#    padding](glossary.md#output-padding) selects one of the sizes to which the way back could lead.
# 3. [Checkerboards](glossary.md#checkerboard-artifact) appear if the $s^2$ groups of weights have different sums.
#    Choose or learn a kernel with equal sums, or upsample by a fixed rule and convolve afterwards.

# %% [markdown]
# ## What to read next
#
# - Write the layer yourself in the assignment [Transposed
#   convolution](../release/transposed_conv/transposed_conv.ipynb).
# - The next lesson is [Segmentation](25_segmentation.ipynb).
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016):
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285).
# - Odena, Dumoulin and Olah, *Deconvolution and checkerboard artifacts* (Distill, 2016):
#   [doi:10.23915/distill.00003](https://doi.org/10.23915/distill.00003).
