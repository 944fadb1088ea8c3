# %% [markdown]
# # Transposed convolution
#
# Below, a network has read the seven digits in the top row and described each of them by 16 numbers, the colored
# squares. Another network, which gets nothing but these numbers, has drawn the bottom row. Until now, no layer has
# made an image larger. How can one do it?

# %% include="lesson_setup"

# %%
from convnet.data import digits, load_sample_image
from convnet.functional import avg_pool2d, conv2d, conv2d_backward, conv_transpose2d
from convnet.sizes import conv_transpose_output_shape
from lesson_tools.explorables import explore_sizes
from lesson_tools.spine import spine
from lesson_tools.transposed_convolution import figures as draw
from lesson_tools.transposed_convolution.questions import check, predict
from lesson_tools.transposed_convolution.upsampling import (
    averages,
    digit_autoencoder,
    full_linear_map,
    mean_squared_error,
    principal_components,
    transposed,
    upsample,
    upsampling_results,
)

data = digits()
images, test_images = data.train_images, data.test_images

autoencoder = digit_autoencoder(seed=0)
codes, drawn = autoencoder.feature_maps(test_images)[2], autoencoder.forward(test_images)
chosen = [np.flatnonzero(data.test_labels == c)[1] for c in (0, 2, 3, 5, 6, 7, 9)]
draw.digits_and_codes(test_images[chosen], codes[chosen], drawn[chosen])

# %% [markdown]
# The two networks are the halves of an [**autoencoder**](glossary.md#autoencoder), which was trained for a
# second to reproduce its input. The first half, the [**encoder**](glossary.md#encoder), consists of two
# convolutions with stride 2. The second half, the [**decoder**](glossary.md#decoder), leads back from 2 x 2
# to 4 x 4 and 8 x 8, with two *transposed convolutions*.
#
# Making height and width larger is called [**upsampling**](glossary.md#upsampling). A network needs it
# whenever its output is an image: to remove noise, to color a photograph, to generate a face, or to say for
# every pixel of a road scene whether it is street, car or child.
# [Segmentation](25_segmentation.ipynb) does the last, with the layer that you meet here.
#
# At the end we ask who deserves the credit for the bottom row. Our own first answer was wrong.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compute a transposed convolution by hand, with stride, padding and output padding, and find the
#    size of its output;
# 2. say how it is related to a convolution, and what it does not invert;
# 3. use the layer in Keras and PyTorch with the same weights, avoid checkerboard artifacts, and find out
#    which part of a network is responsible for a result.
#
# **Time:** about 80 minutes, and 35 for the exercises. **You need:**
# [Output sizes](08_output_sizes.ipynb) and [Backpropagation](13_backpropagation.ipynb).

# %%
spine("upsampling")

# %% [markdown]
# In the edge network it is the sixth operation, which upsamples five small score maps to the size of the
# photograph.

# %% [markdown]
# ## Two questions to start
#
# - A convolution with $f = 3$, stride 2 and padding 1 reads an image with 3 rows, and another one with 4
#   rows. How many rows do the two outputs have? (If this was new, go back to
#   [Output sizes](08_output_sizes.ipynb).)
# - A 3 x 3 kernel slides over an image with stride 1. The gradient of its output is 0, except at one single
#   position. How many pixels of the input can have a gradient that is not 0? (If this was new, go back to
#   [Backpropagation](13_backpropagation.ipynb).)

# %%
predict("same_size", None)
predict("gradient", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# Both outputs have 2 rows, because the division by the stride is rounded down. And the gradient can reach 9
# pixels, those from which the one output was computed. Keep both answers in mind: the first will cause
# trouble, and the second is the whole lesson.
#
# </details>

# %% [markdown] tags=["row-25"]
# ## Each input value adds a scaled copy of the kernel
#
# A convolution gathers. It reads a window of the input and writes one value. A [**transposed
# convolution**](glossary.md#transposed-convolution) does the opposite: it reads **one value** of the
# input, multiplies the whole kernel by it, and adds this copy to a **window** of the output. The window of the next
# value is one step further.

# %%
A = np.array([[1, 2], [3, 4]])
W = np.array([[1, 2, 1], [0, 3, 0], [2, 0, 1]])
print(A, W, sep="\n\n")

# %% [markdown]
# Take the output in row 1, column 1 (both counted from 0). All four copies reach it. The copy of 1 starts in the
# corner, so it contributes its middle weight, 3. The copy of 2 starts one column further right and contributes the left
# weight of its middle row, 0. The copy of 3 contributes the middle weight of its upper row, 2, and the copy of 4 its
# upper left weight, 1:
#
# $$1 \cdot 3 + 2 \cdot 0 + 3 \cdot 2 + 4 \cdot 1 = 13$$
#
# **Predict.** Which value does the output have in row 1, column 2?

# %%
predict("overlap", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $1 \cdot 0 + 2 \cdot 3 + 3 \cdot 1 + 4 \cdot 2 =$ [17]{= int(transposed(A, W)[1, 2]) }
#
# </details>

# %%
draw.copies(A, W, stride=1)

# %% [markdown]
# Where copies overlap, their values **add up**. A bias, if there is one, is added once to every output.

# %% [markdown] tags=["row-25"]
# ## Why it is called transposed
#
# Compare the layer with a convolution that has the same kernel:

# %%
draw.two_directions(W)

# %% [markdown]
# The connections are the same, and only their direction differs. If the convolution reads a pixel with the
# weight 2, then the transposed convolution writes to this pixel with the weight 2.
#
# You know from [From dense to convolutional layers](05_why_convolution.ipynb) that a convolution without
# bias is a product $Cx$ of a matrix with the image, written as a column. From 4 x 4 to 2 x 2, the matrix
# has 4 rows, one for each output, and 16 columns, one for each pixel. To find its column $j$, convolve an
# image that is 1 at pixel $j$ and 0 elsewhere:

# %%
unit_images = np.eye(16).reshape(16, 4, 4, 1)
C = conv2d(unit_images, W[:, :, None, None]).reshape(16, 4).T
draw.matrices(C)

# %% [markdown]
# The first row of $C$ contains the kernel in the position of the first window, 1 2 1 0, then 0 3 0 0, then 2 0 1 0.
# In the transpose $C^T$ the same numbers form the first *column*. A product of $C^T$ with a vector multiplies
# each column by one input value and adds up the results, which are scaled copies of the kernel. So
# $C^T$ times the column 1, 2, 3, 4 should be the output of the animation.

# %%
x = A.reshape(-1)
print((C.T @ x).reshape(4, 4))

# %% [markdown] tags=["row-25"]
# ## You have met it before
#
# For $z = Cx$, the chain rule gives $dx = C^T dz$. In words, the gradient of a convolution with respect to its input
# **is** a transposed convolution. The only new idea in this lesson is to use this backward pass as a layer.
#
# Let `A` be the upstream gradient of a convolution, and compute the gradient of its input:

# %%
dX, _, _ = conv2d_backward(A[None, :, :, None], np.zeros((1, 4, 4, 1)), W[:, :, None, None])
print(dX[0, :, :, 0])

# %% [markdown] tags=["row-25"]
# ## Stride
#
# In a convolution, a stride of 2 roughly halves the height and width. Here the stride is the distance between the
# copies of neighboring input values, so a larger stride makes the output *larger*.
#
# **Predict.** With stride 1, the output has 4 rows. How many does it have with stride 2?

# %%
predict("stride", None)

# %%
draw.copies(A, W, stride=2)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [5]{= len(transposed(A, W, stride=2)) }: the second copy begins in row 2 and ends in row 4.
#
# </details>
#
# That is all you need for any input. How many strides are there from the first to the last of $n$ copies,
# and how long is the last one? Write the formula down for $n$, $s$ and $f$. The assignment will ask for it.

# %% [markdown] tags=["row-25"]
# ## The same output by inserting zeros
#
# Now look at it from the output's side. *One output* value receives contributions from nearby inputs, each multiplied by
# some weight. That is a weighted sum over a window, so an ordinary convolution can compute it:
#
# 1. **Insert** $s - 1$ zeros between neighboring input values. Now they are as far apart as their
#    copies.
# 2. **Pad** with $f - 1$ zeros on each side ([full padding](glossary.md#full-padding)).
# 3. [**Flip**](glossary.md#flip) the kernel. The kernel's bottom row writes to the row *below* an input
#    value. Seen from that output, the input value lies *above*, so the window needs the kernel flipped.
# 4. Convolve with stride 1.

# %%
draw.inserted_zeros(A, W)

# %% [markdown]
# The output is the same as before. One step of this window is half an input pixel, so the layer is also called
# a *fractionally strided convolution*. Most libraries compute it as the gradient of a convolution instead,
# because here most products have an inserted zero as a factor. (JAX is an exception.)

# %% [markdown] tags=["row-25"]
# ## Padding and output padding
#
# A transposed convolution takes the settings of the convolution *in the other direction*. That convolution first pads
# with $p$ rows and columns of zeros on each side. So the transposed convolution finally
# [**crops**](glossary.md#crop) $p$ rows and columns on each side, and more padding makes the
# output smaller. With $p = 1$, our 5 x 5 output becomes 3 x 3.
#
# Now remember the first question. A convolution with $f = 3$, $s = 2$ and $p = 1$ maps 3 x 3 to 2 x 2, but
# 4 x 4 as well. Which of the two sizes should a transposed convolution return? By default it is 3 x 3. For 4 x 4 there is
# one more setting, the [**output padding**](glossary.md#output-padding) $a$. It adds $a$ rows at the bottom
# and $a$ columns on the right, with $0 \le a < s$.
#
# **Predict.** What does the new row contain for $p = 1$ and $a = 1$? `"a"` Zeros. `"b"` A copy of the row
# above it. `"c"` Values that the padding had cropped.

# %%
predict("output_padding", None)

# %%
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
# Three examples to test your formula, once it has $p$ and $a$ in it:
#
# | $n$ | $f$ | $s$ | $p$ | $a$ | output |
# |---|---|---|---|---|---|
# | 3 | 3 | 1 | 0 | 0 | `[(5, 5)]{= conv_transpose_output_shape((3, 3), 3) }` |
# | 2 | 3 | 2 | 1 | 0 | `[(3, 3)]{= conv_transpose_output_shape((2, 2), 3, 2, 1) }` |
# | 2 | 3 | 2 | 1 | 1 | `[(4, 4)]{= conv_transpose_output_shape((2, 2), 3, 2, 1, 1) }` |
#
# With $f = 4$, $s = 2$ and $p = 1$, or with $f = s = 2$ and no padding, the output is exactly twice as large
# as the input. These are the most common settings.

# %%
# Which settings lead from 3 x 3 to 8 x 8? And when does no copy reach an output value?
explore_sizes(3, 3, stride=2, padding=1, transposed=True)

# %% [markdown] tags=["row-25"]
# ## Channels, and the layer in Keras and TensorFlow
#
# With several [channels](glossary.md#channel), every input channel has its own kernel for every output
# channel, and the copies of all input channels are added up. The weights are those of the convolution in the other
# direction, so the last two axes are exchanged: $(f, f, n_C, n_{C_{prev}})$ instead of $(f, f, n_{C_{prev}}, n_C)$. The
# first layer of our
# decoder has $4 \cdot 4 \cdot 16 \cdot 4$ weights and 16 biases,
# [1,040]{= f"{sum(array.size for array in autoencoder.layers[3].parameters.values()):,}" } parameters.
#
# In Keras the layer is
# [`Conv2DTranspose`](https://keras.io/api/layers/convolution_layers/convolution2d_transpose/), and with
# `padding="same"` its output is $s$ times as large as its input. This is our decoder:

# %% needs="keras tensorflow"
import keras
from keras import layers

keras_decoder = keras.Sequential(
    [
        keras.Input((2, 2, 4)),
        layers.Conv2DTranspose(16, 4, strides=2, padding="same", activation="relu"),
        layers.Conv2DTranspose(1, 4, strides=2, padding="same"),
    ]
)
keras_decoder.summary(line_length=70)

# %% [markdown]
# Keras's weights have the same shape as ours, so `set_weights` takes them as they are. TensorFlow's own function needs
# the shape of the output instead of the output padding. The last lines check with automatic differentiation
# that it is the gradient of a convolution.

# %% needs="keras tensorflow"
import tensorflow as tf

W1, b1 = autoencoder.layers[3].parameters.values()
W2, b2 = autoencoder.layers[5].parameters.values()
keras_decoder.set_weights([W1, b1, W2, b2])
print("Keras draws our digits:", np.allclose(keras_decoder(codes), drawn, atol=1e-4))

per_side = [[0, 0], [1, 1], [1, 1], [0, 0]]  # padding 1 above, below, left and right
Z = tf.nn.conv2d_transpose(codes, W1, (len(codes), 4, 4, 16), strides=2, padding=per_side)
X = tf.Variable(tf.zeros(Z.shape))
with tf.GradientTape() as tape:
    Y = tf.nn.conv2d(X, W1, strides=2, padding=per_side)
gradient = tape.gradient(Y, X, output_gradients=codes)
print("a convolution's gradient:", np.allclose(Z, gradient, atol=1e-4))

# %% [markdown] tags=["row-25"]
# ## The layer in PyTorch
#
# [`nn.ConvTranspose2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html)
# takes $s$, $p$ (per side) and $a$ as numbers.

# %% needs="torch"
import torch
from torch import nn
from torch.nn import functional as F

decoder = nn.Sequential(
    nn.ConvTranspose2d(4, 16, kernel_size=4, stride=2, padding=1),
    nn.ReLU(),
    nn.ConvTranspose2d(16, 1, kernel_size=4, stride=2, padding=1),
)
print(tuple(decoder(torch.zeros(1, 4, 2, 2)).shape))

# %% [markdown]
# Its weights have the shape $(n_{C_{prev}}, n_C, f, f)$. This cell converts ours:

# %% needs="torch"
with torch.no_grad():
    for number, ours in ((0, autoencoder.layers[3]), (2, autoencoder.layers[5])):
        decoder[number].weight.copy_(torch.tensor(ours.parameters["W"].transpose(3, 2, 0, 1)))
        decoder[number].bias.copy_(torch.tensor(ours.parameters["b"]))
    torch_drawn = decoder(torch.tensor(codes).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
print("PyTorch draws our digits:", np.allclose(torch_drawn, drawn, atol=1e-4))

# %% [markdown] tags=["row-25"]
# ## Further: where Keras and PyTorch differ
#
# *You can skip this section.* To double the size with $f = 4$ and $s = 2$, two rows have to be cropped, one on each side.
# With $f = 3$ and $s = 2$, the full output of our 2 x 2 array is 5 x 5, so there is only one row to crop.
#
# **Predict.** You copy the kernel $W$ to both libraries, and both return a 4 x 4 output. The outputs are
# `"a"` equal, `"b"` shifted against each other by one pixel, `"c"` flipped.

# %%
predict("frameworks", None)

# %% needs="keras tensorflow torch"
layer = layers.Conv2DTranspose(1, 3, strides=2, padding="same", use_bias=False)
layer.build((None, 2, 2, 1))
layer.set_weights([W[:, :, None, None]])
print("Keras:", layer(A[None, :, :, None].astype("float32")).numpy()[0, :, :, 0], sep="\n")

A_torch, W_torch = (torch.tensor(array, dtype=torch.float32)[None, None] for array in (A, W))
from_torch = F.conv_transpose2d(A_torch, W_torch, stride=2, padding=1, output_padding=1)
print("PyTorch:", from_torch[0, 0].numpy(), sep="\n")

for output_padding in (0, 1, None):
    layer = layers.Conv2DTranspose(1, 3, strides=2, padding="same", output_padding=output_padding)
    print(f"output_padding={output_padding}:", layer.compute_output_shape((None, 2, 2, 1)))

# %%
draw.first_and_last(transposed(A, W, stride=2))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. The single row is cropped at the bottom in Keras and at the top in PyTorch.
#
# </details>
#
# With `"same"`, Keras crops $f - s$ rows (if $f > s$), and if this number is odd, the extra one at the
# **bottom**. PyTorch crops $p$ rows at the top and $p - a$ at the bottom. So if $f - s$ is odd, weights
# that you copy from one library to the other give a shifted image, and no error is raised. Choose
# $f - s$ even, or use `padding=0` and crop the output yourself. Another trap is that the default of
# `output_padding` in Keras is `None`, which is not the same as 0.

# %% [markdown] tags=["row-25"]
# ## It inverts the shape, not the values
#
# The layer is sometimes called *deconvolution*, and that name has misled many people. To deconvolve is to
# undo a convolution, and $C^T$ is not the inverse of $C$. Let us try. A 160 x 160 photograph is averaged
# over 4 x 4 windows with stride 2 and padding 1. A transposed convolution with the same kernel, all weights
# 1/16, brings it back to 160 x 160.
#
# **Predict.** What do we get? `"a"` The photograph. `"b"` The photograph, blurred. `"c"` The photograph,
# blurred and darker.

# %%
predict("inverse", None)

# %%
photo = load_sample_image("flower.jpg")[40:360:2, 160:480:2].mean(axis=2) / 255
draw.returned(photo)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. Away from the border, each pixel receives 1/16 of four averages, so that a quarter of the
# brightness is left. A factor of 4 repairs that, but the lost detail does not come back.
#
# </details>
#
# After the edge kernel, not even the brightness of whole areas survives. The shape is restored and the
# values are not. A decoder has to *learn* what to draw there, or it needs another source. In the next
# lesson, the encoder will be one.

# %% [markdown] tags=["row-25"]
# ## Checkerboards
#
# How many copies does each output receive? Apply the layer to ones, with a kernel of ones, and it counts
# them.

# %%
draw.counts()

# %% [markdown]
# With $f = 3$ and $s = 2$, some outputs receive four copies and their neighbors one or two. Unless the
# weights compensate for this, a uniform input gives a [**checkerboard
# artifact**](glossary.md#checkerboard-artifact), which you can find in many generated images of the years
# around 2016 (Odena et al.). If $f$ is a multiple of $s$, all counts away from the border are equal.
#
# **Predict.** Are equal counts enough? The input is all ones, $f = 4$, $s = 2$, and the kernel has 16
# random weights. How many different values does the output have, away from the border?

# %%
predict("checkerboard", None)

# %%
random_kernel = np.random.default_rng(0).uniform(0.4, 1.6, (4, 4))
random_kernel *= 4 / random_kernel.sum()
inside = transposed(np.ones((4, 4)), random_kernel, stride=2)[2:-2, 2:-2]
n_values = len(np.unique(inside.round(9)))
print(n_values)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [4]{= n_values }. In each block of 2 x 2 outputs, each position receives a *different* set of four weights,
# with a different sum.
#
# </details>
#
# So a multiple of $s$ removes one cause of checkerboards, and random weights are the other. The safe way is
# to upsample by a fixed rule, such as repeating pixels, and to convolve afterwards. Then every output away
# from the border is computed from a uniform input in the same way.

# %%
bilinear = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16
piece = photo[60:92, 60:92]
repeated = piece.repeat(2, axis=0).repeat(2, axis=1)[None, :, :, None]
draw.upsampled(
    {
        "f = 3, equal weights": transposed(piece, np.full((3, 3), 4 / 9), stride=2)[2:-2, 2:-2],
        "f = 4, random weights": transposed(piece, random_kernel, stride=2)[3:-3, 3:-3],
        "f = 4, bilinear": transposed(piece, bilinear, stride=2)[3:-3, 3:-3],
        "repeat, then convolve": conv2d(repeated, np.full((3, 3, 1, 1), 1 / 9))[0, 1:-1, 1:-1, 0],
    }
)

# %% [markdown]
# These kernels have not been trained. Does training remove the pattern? [Segmentation](25_segmentation.ipynb)
# measures it.

# %% [markdown] tags=["row-25"]
# ## Learning to upsample
#
# Repeating each pixel is a transposed convolution whose kernel has four ones in the middle.
# [**Bilinear interpolation**](glossary.md#bilinear-interpolation) is one with the weights 1, 3, 3, 1,
# divided by 4, along each axis. Can a learned kernel do better?
#
# We give it the digits, averaged over 2 x 2 pixels, and ask for the digits themselves. The output is linear in
# the 16 weights and the bias, so no training is needed: least squares gives the best kernel in one line.
#
# **Predict.** Run the next cell. Which of the two *fixed* methods has the smaller error on the test
# digits, `"repeating"` or `"bilinear"`?


# %%
def fit_kernel(large):
    """Return the weights and the bias that minimize the mean squared error."""
    small = avg_pool2d(large, 2)
    columns = [upsample(small, kernel).ravel() for kernel in np.eye(16)]
    columns.append(np.ones(large.size))
    solution, *_ = np.linalg.lstsq(np.stack(columns, axis=1), large.ravel(), rcond=None)
    return solution[:16].reshape(4, 4), solution[16]


repeating = np.pad(np.ones((2, 2)), 1)
learned, bias = fit_kernel(images)
print(learned.round(2), bias.round(2))
predict("upsampling", None)


# %%
def upsampled(large):
    small = avg_pool2d(large, 2)
    return {
        "repeating": upsample(small, repeating),
        "bilinear": upsample(small, bilinear),
        "learned": upsample(small, learned) + bias,
    }


on_digits = upsampled(test_images)
errors = {name: mean_squared_error(Z, test_images) for name, Z in on_digits.items()}
six = chosen[4]
draw.learned(
    test_images[six, :, :, 0],
    avg_pool2d(test_images, 2)[six, :, :, 0],
    {name: Z[six, :, :, 0] for name, Z in on_digits.items()},
    errors,
)

# %% [markdown]
# Repeating beats bilinear interpolation. Why? Bilinear interpolation mixes each average with its neighbors,
# so the blocks of its output no longer have the averages that we know. If that is the reason, it should win as
# soon as we put the averages right, by adding to each block what its average lacks. We try it on the digits and on a
# photograph:

# %%
flower = load_sample_image("flower.jpg")[:424].mean(axis=2)[None, :, :, None] / 255
for name, large in {"digits": test_images, "flower": flower}.items():
    print(f"{name:12}{'error':>9}{'averages kept':>16}")
    for method, Z in upsampled(large).items():
        lacking = avg_pool2d(large, 2) - avg_pool2d(Z, 2)
        kept = Z + upsample(lacking, repeating)
        print(f"  {method:10}{mean_squared_error(Z, large):>9.5f}", end="")
        print(f"{mean_squared_error(kept, large):>16.5f}")

# %% [markdown]
# It does on the digits, and on the smooth flower it wins even without the correction. On the digits, it now even beats
# the learned kernel, until that one gets the same correction and leads again, by 1%. On the flower, the kernel that was
# fitted to digits is the worst of all, and the correction does not bring it up to bilinear interpolation. A learned kernel
# is fitted to its data, for better or worse.

# %% [markdown]
# ## Who deserves the credit?
#
# On the digits, the learned kernel has an error of [0.0431]{= f"{errors['learned']:.4f}" }. The autoencoder
# at the top also works with 16 numbers for each digit, and its error is
# [0.012]{= f"{mean_squared_error(drawn, test_images):.3f}" }, less than a third. Why?
#
# We first explained it like this: "its encoder chooses what to keep, and its decoder
# has many kernels and a nonlinearity." It sounds right, but we had not tested it. The two methods differ in at least four
# ways, and a fair comparison changes **one at a time**:
#
# 1. One kernel draws every position in the same way. A full *matrix* from the 16 averages to the 64 pixels
#    may draw each position differently.
# 2. The 16 numbers need not be averages. An encoder may choose them.
# 3. The layers of the autoencoder have far more weights.
# 4. The autoencoder has a nonlinearity, ReLU.

# %% [markdown]
# The first step needs only least squares, as before. For the second step there is a famous answer. Among
# *all* encoders and decoders that are linear,
# [**principal component analysis**](glossary.md#principal-component) (PCA) has the smallest squared error on
# the training images. It describes each digit by its deviations from the mean digit along the 16
# directions in which digits differ most. It needs no convolution, no training loop and no ReLU:

# %%
flat = test_images.reshape(-1, 64)
mean, V = principal_components(images, 16)  # V has one direction in each row
numbers = (flat - mean) @ V.T  # the encoder: 16 numbers for each digit
from_pca = numbers @ V + mean  # the decoder
from_map = averages(test_images) @ full_linear_map(images)

print(f"one kernel:    {errors['learned']:.4f}")
print(f"a full matrix: {mean_squared_error(from_map, flat):.4f}")

# %% [markdown]
# **Predict.** The full matrix draws from 16 averages, and PCA from 16 numbers of its own. Can the full
# matrix have a smaller error than PCA on the *training* digits? `"yes"` or `"no"`?

# %%
predict("linear", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# No. Averaging and then multiplying by a matrix is one of the linear encoders and decoders, and PCA is the
# best of them. (On new digits it could happen, but it does not.)
#
# </details>
#
# Now the contest: PCA, the autoencoder, and the autoencoder with both ReLU layers taken out, trained in the
# same way with five seeds.

# %%
contest = {
    "one kernel": [errors["learned"]],
    "full matrix": [mean_squared_error(from_map, flat)],
    "PCA": [mean_squared_error(from_pca, flat)],
}
for name, relu in (("autoencoder", True), ("without ReLU", False)):
    trained = [digit_autoencoder(relu=relu, seed=seed) for seed in range(5)]
    contest[name] = [mean_squared_error(net.forward(test_images), test_images) for net in trained]
draw.audit(contest)

# %% [markdown]
# PCA and the autoencoder are level, at [0.012]{= f"{contest['PCA'][0]:.3f}" } and
# [0.012]{= f"{np.mean(contest['autoencoder']):.3f}" }. A method from 1901, in two lines and without any convolution, does
# as well as our network! So this error needs no nonlinearity. (Our *network* does need its ReLU: without it, the error
# is [0.015]{= f"{np.mean(contest['without ReLU']):.3f}" }. You will soon see why.) From the kernel to the matrix the error
# falls by [0.019]{= f"{errors['learned'] - contest['full matrix'][0]:.3f}" }, and with the choice of the numbers by
# another [0.012]{= f"{contest['full matrix'][0] - contest['PCA'][0]:.3f}" }.

# %% [markdown]
# ## We tried to break that, too
#
# One training set, one second of training, one learning rate: that is thin ice for a new claim. So
# `python -m benchmarks.lessons.upsampling` repeats everything on five random splits of the digits. It tunes each
# network's learning rate on validation digits, and trains the autoencoders not only for the lesson's 450 steps, but also
# for 1,800. It adds one more arm, a network with two ReLU layers that must draw from the *averages*.

# %%
stored = upsampling_results()["errors"]
draw.audit(
    {
        "one kernel": stored["kernel"],
        "full matrix": stored["map"],
        "network from averages, 450 steps": stored["averages, 450 steps"],
        "PCA": stored["PCA"],
        "without ReLU, 450 steps": stored["linear, 450 steps"],
        "without ReLU, 1,800 steps": stored["linear, 1800 steps"],
        "autoencoder, 450 steps": stored["ReLU, 450 steps"],
        "autoencoder, 1,800 steps": stored["ReLU, 1800 steps"],
    }
)

# %% [markdown]
# After 450 steps, PCA is ahead, with a mean of [0.0114]{= f"{np.mean(stored['PCA']):.4f}" } against
# [0.0118]{= f"{np.mean(stored['ReLU, 450 steps']):.4f}" }. After 1,800 steps the autoencoder wins, with
# [0.0100]{= f"{np.mean(stored['ReLU, 1800 steps']):.4f}" }, and it wins in
# [5]{= sum(np.array(stored['ReLU, 1800 steps']) < stored['PCA']) } of the five splits. So the nonlinear network
# is better, if you give it time. But compare the steps. From one kernel to a matrix, the error
# falls by [0.022]{= f"{np.mean(stored['kernel']) - np.mean(stored['map']):.3f}" }; with a better choice of the
# 16 numbers, by [0.011]{= f"{np.mean(stored['map']) - np.mean(stored['PCA']):.3f}" }; and from the best linear
# method to the network, by [0.001]{= f"{np.mean(stored['PCA']) - np.mean(stored['ReLU, 1800 steps']):.3f}" }.
#
# The figure shows two more things:
#
# - Without ReLU, the autoencoder stays behind PCA even after 1,800 steps, at
#   [0.0136]{= f"{np.mean(stored['linear, 1800 steps']):.4f}" }. Its convolutions share their weights, so it
#   cannot become every linear map. We tested this explanation with two *dense* layers without ReLU, which can: in as many
#   steps, they came within 0.0004 of PCA.
# - From the *averages*, a network with ReLU reaches
#   [0.0168]{= f"{np.mean(stored['averages, 450 steps']):.4f}" }, while the matrix is at
#   [0.0226]{= f"{np.mean(stored['map']):.4f}" }. So a nonlinear decoder is worth more when the numbers are
#   badly chosen.
#
# Before you thank the network, ask what two lines of linear algebra can do.

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
# ### Exercise 3: design a layer
#
# A generator of digits has feature maps of 7 x 7 and needs 28 x 28, in a single transposed convolution. Its
# copies should overlap, and away from the border every output should receive equally many of them. Find
# `settings`, a tuple $(f, s, p, a)$. (There is more than one answer.)

# %%
settings = None
### BEGIN SOLUTION
settings = (8, 4, 2, 0)  # copies of 8, 4 apart: each output is in two of them along each axis
### END SOLUTION

# %%
check("layer", settings)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# Decide first, then change the cell.
#
# 1. ... the code has one channel instead of four? How good is PCA with as many numbers?
# 2. ... the decoder uses $f = 2$ and $p = 0$, so that copies do not overlap? Or $f = 3$, $p = 1$ and
#    $a = 1$? (The stride is always 2.)
# 3. ... the decoder receives a mixture of the codes of two digits, $(1 - t)$ times the first plus $t$
#    times the second?

# %%
channels, f, padding, output_padding = 4, 4, 1, 0  # change these


def five_errors(*settings):
    trained = [digit_autoencoder(*settings, seed=seed) for seed in range(5)]
    return [mean_squared_error(net.forward(test_images), test_images) for net in trained]


def pca_error(n):
    mean, V = principal_components(images, n)
    return mean_squared_error((flat - mean) @ V.T @ V + mean, flat)


five = five_errors(channels, f, padding, output_padding)
print(f"mean squared error {np.mean(five):.4f}, from {min(five):.4f} to {max(five):.4f}")
print(f"PCA with as many numbers: {pca_error(4 * channels):.4f}")


def decoded(code):
    x = code[None]
    for layer in autoencoder.layers[3:]:
        x = layer.forward(x, training=False)
    return x[0]


first, second = codes[chosen[0]], codes[chosen[3]]
draw.mixtures({t: decoded((1 - t) * first + t * second) for t in np.linspace(0, 1, 7)})

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. The error rises from [0.012]{= f"{np.mean(five_errors(4, 4, 1, 0)):.3f}" } to
#    [0.04]{= f"{np.mean(five_errors(1, 4, 1, 0)):.2f}" }, and that of PCA to
#    [0.04]{= f"{pca_error(4):.2f}" }. So four well-chosen numbers are worth sixteen averages, if a single
#    kernel draws from the averages.
# 2. With $f = 2$, where neighboring input values cannot contribute to the same output, all five errors are
#    about [0.017]{= f"{np.mean(five_errors(4, 2, 0, 0)):.3f}" }, and with $f = 3$ they are about
#    [0.014]{= f"{np.mean(five_errors(4, 3, 1, 1)):.3f}" }. The ranges do not overlap. But both kernels also
#    have fewer parameters, so that the overlap of the copies need not be the reason.
# 3. The five images in the middle are mixtures: the strokes of one digit fade while those of the other
#    appear. No new digit is born between them.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **compute a [transposed convolution](glossary.md#transposed-convolution):** each input value adds a
#    scaled copy of the kernel, $s$ positions from its neighbors; padding [crops](glossary.md#crop), and
#    [output padding](glossary.md#output-padding) selects one of the sizes to which a way back could lead;
# 2. **relate it to a convolution:** its matrix is $C^T$, so it computes the gradient of the input; it is
#    also a convolution with inserted zeros and a [flipped](glossary.md#flip) kernel; it restores the shape
#    and not the values;
# 3. **use it for [upsampling](glossary.md#upsampling):** mind the axes of the weights and the side that a
#    library crops, prefer an $f$ that is a multiple of $s$, and before you thank the network for a result,
#    compare it with the simplest method that could do the same.

# %% [markdown]
# ## What to read next
#
# - The assignment [Transposed convolution](../release/transposed_conv/transposed_conv.ipynb): write the
#   layer yourself.
# - Next is [Segmentation](25_segmentation.ipynb), where the encoder passes its maps on to the decoder.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 14.10,
#   [Transposed convolution](https://d2l.ai/chapter_computer-vision/transposed-conv.html).
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016):
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285).
# - Odena, Dumoulin and Olah, *Deconvolution and checkerboard artifacts* (Distill, 2016):
#   [doi:10.23915/distill.00003](https://doi.org/10.23915/distill.00003).
# - Long, Shelhamer and Darrell, *Fully convolutional networks for semantic segmentation* (2015):
#   [arXiv:1411.4038](https://arxiv.org/abs/1411.4038).
# - Pearson, *On lines and planes of closest fit to systems of points in space* (1901), the origin of PCA:
#   [doi:10.1080/14786440109462720](https://doi.org/10.1080/14786440109462720).
