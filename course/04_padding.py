# %% [markdown]
# # Padding
#
# Blur a photograph of 150 x 240 pixels, then blur the result, and so on, 25 times. A single blur looks
# harmless, because its kernel has only 3 x 3 weights. But the kernel needs a full patch of pixels
# under it, and at the border of the photograph there is none. Three programmers found three ways
# around this problem. Run the next two cells to see what their programs return.

# %% include="lesson_setup"

# %%
from convnet.data import load_sample_image
from convnet.edges import load_blocks
from convnet.own_edges import photograph
from lesson_tools.explorables import explore_padding
from lesson_tools.padding import figures as draw
from lesson_tools.padding.questions import check, predict
from lesson_tools.spine import spine

cat = load_sample_image("chelsea.jpg")
draw.three_programs(cat[60:210, 80:320])

# %% [markdown]
# Program A has lost nearly half of the photograph. Program B returns all of it, but it darkens toward the border.
# Program C looks fine. The programs differ only in their answer to one question: **what lies beyond the
# border?** A never goes there, B puts zeros there, and C a mirror image. Adding values around an image is
# called [**padding**](glossary.md#padding).
#
# Every convolution layer with a kernel larger than 1 x 1 has to answer this question, too. At the end of the lesson,
# you catch a trained network drawing edges that do not exist, and you remove them without changing a single weight.
#
# **By the end of this lesson you will be able to**
#
# 1. say how VALID, SAME and FULL padding change the size of the output;
# 2. pad an array in NumPy, TensorFlow, Keras and PyTorch;
# 3. choose the values for the padding, and measure how good the choice is.
#
# **Time:** about 45 minutes, and 25 for the exercises. **You need:** [Kernels](02_kernels.ipynb).

# %%
spine("padding")

# %% [markdown] tags=["row-6"]
# ## Program A: no padding
#
# A kernel of size $f$ has $n - f + 1$ positions along an axis of length $n$. So each convolution removes
# $f - 1$ rows and $f - 1$ columns, and 25 of them turn (150, 240) into
# `[(100, 190)]{= (150 - 25 * 2, 240 - 25 * 2) }`. A photograph can afford this a few times, but a small image
# cannot.
#
# **Predict.** A handwritten digit of 8 x 8 pixels passes through one 3 x 3 kernel after another. How
# many kernels can it pass before it is too small for the next one?

# %%
predict("shrink", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Three. The sizes are 8, 6, 4 and 2, and a 3 x 3 kernel does not fit on 2 x 2 pixels. If this was new, go back
# to [Images and convolution](01_images_and_convolution.ipynb).
#
# </details>
#
# Pixels at the border also count less. A pixel influences the output only through the patches that contain it:
# with a 3 x 3 kernel, a corner pixel is in one patch, and a pixel in the middle is in nine.

# %% [markdown] tags=["row-6"]
# ## Program B: zero padding
#
# [**Zero padding**](glossary.md#zero-padding) adds $p$ rows of zeros above the image and $p$ below it, and $p$
# columns on its left and on its right. Along an axis of length $n$, the padded image has length $n + 2p$, so a kernel
# of size $f$ has $n + 2p - f + 1$ positions.
#
# In this course, as in PyTorch, $p$ (in code `pad`) counts the zeros **per side**. Some books, such as *Dive into
# Deep Learning* (d2l), count both sides together in their formulas. Their padding of 2 is our $p = 1$.
#
# **Predict.** A kernel of 7 x 7 slides over an image of 28 x 28 pixels. Which $p$ gives an output of
# 28 x 28?

# %%
predict("same_pad", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The kernel removes 6 rows, so 3 zeros on each side make up for it. In general, $n + 2p - f + 1 = n$
# gives
#
# $$p = \frac{f - 1}{2},$$
#
# which is a whole number only if $f$ is odd. This is one of the reasons why most kernels have odd sizes.
#
# </details>

# %% [markdown] tags=["row-6"]
# ## Padding with np.pad
#
# `np.pad` takes an array and, for each axis, a pair `(before, after)`: how many entries to add at the
# start and at the end of that axis. For a matrix, the first pair is for the rows, (top, bottom), and the second
# for the columns, (left, right). The new entries are zeros unless you ask for other values.
#
# **Predict.** What does the next cell print? There are two results, an array and a shape.

# %%
print(np.pad(np.array([[1, 2], [3, 4]]), ((1, 0), (2, 3))))
a = np.ones((5, 5, 5, 5, 5))
print(np.pad(a, ((0, 0), (1, 1), (0, 0), (3, 3), (0, 0))).shape)

# %% [markdown]
# The pair `(0, 0)` leaves an axis as it is, so `a` grows along axes 1 and 3 only. If all these numbers are equal, one
# of them is enough: `np.pad(X, 1)` is a matrix $X$ with $p = 1$.
#
# Networks process several images at a time. A [**batch**](glossary.md#batch) of $m$ images is an array
# of shape $(m, n_H, n_W, n_C)$, where $n_C$ is the number of channels.
#
# **Predict.** A batch of four 3 x 3 images with two channels has the shape `(4, 3, 3, 2)`. Which shape does
# `np.pad(batch, 1)` have?

# %%
predict("batch", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The shape is `[(6, 5, 5, 4)]{= np.pad(np.ones((4, 3, 3, 2)), 1).shape }`. You wanted (4, 5, 5, 2), and
# got two extra images and two extra channels, all zero. No error tells you; only the shape does. In the
# assignment [Padding](../release/padding/padding.ipynb), you write a function that pads a batch correctly.
#
# </details>

# %% [markdown]
# ## The dark frame
#
# The next cell contains all three programs. B keeps the size, but where does its dark frame come from? Take an
# image with the value 225 everywhere, surround it with zeros, and blur it once.
#
# **Predict.** What is the output value in the corner? (On a straight border, away from the corners, it
# is $\frac{6}{9} \cdot 225 = 150$.)


# %%
def cross_correlate(X, W):  # from the lesson on kernels
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for r in range(f_H):
        for q in range(f_W):
            Z += W[r, q] * X[r : r + n_H, q : q + n_W]
    return Z


blur = np.ones((3, 3)) / 9


def blur_25(image, mode=None):
    for _ in range(25):
        if mode is not None:
            image = np.pad(image, 1, mode=mode)
        image = cross_correlate(image, blur)
    return image


gray = cat.mean(axis=2)
photo = gray[60:210, 80:320]
program_A = blur_25(photo)
program_B = blur_25(photo, "constant")  # zeros
program_C = blur_25(photo, "reflect")
predict("corner", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# When the kernel's middle is on the corner, 4 of its 9 weights lie on the image, so the output is
# $\frac{4}{9} \cdot 225 =$ [100]{= round(cross_correlate(np.pad(np.full((6, 6), 225), 1), blur)[0, 0]) }.
# The zeros count as pixels. In an image file, zero means black.
#
# </details>
#
# After one blur, only the outermost pixels depend on the zeros, and each further blur carries their influence one
# row further. So in program B, 25 rows and columns on each side depend on zeros that nobody photographed. These
# are exactly the rows and columns that program A has lost. The rest is the same in both programs:

# %%
np.allclose(program_B[25:-25, 25:-25], program_A)

# %% [markdown]
# **Padding keeps the size, but every value near the border is partly a guess.** That leaves two questions: how
# much padding, and which guess?

# %% [markdown] tags=["row-7"]
# ## VALID, SAME and FULL padding
#
# Three amounts of padding have names: [**valid padding**](glossary.md#valid-padding),
# [**same padding**](glossary.md#same-padding) and [**full padding**](glossary.md#full-padding), often written in
# capitals. At stride 1, and for SAME with an odd $f$, they are
#
# | name | padding per side | output size | positions of the kernel |
# |---|---|---|---|
# | VALID | $p = 0$ | $n - f + 1$ | all of it lies on the image |
# | SAME | $p = (f - 1)/2$ | $n$ | its middle lies on the image |
# | FULL | $p = f - 1$ | $n + f - 1$ | at least one weight lies on the image |
#
# A vector shows all three at once. With FULL padding, the first value below is
# $0 \cdot 1 + 0 \cdot 2 + 2 \cdot (-1) = -2$. Compute the next one before you look at the next window.

# %%
vector, kernel = np.array([2, 0, 1, 3, 1]), np.array([1, 2, -1])
draw.slide(vector, kernel)

# %% [markdown]
# **VALID** computes every value from real pixels. LeNet-5 uses it, and puts its digits of 28 x 28 pixels into images
# of 32 x 32 first. **SAME** lets you stack layers without counting pixels. VGG and ResNet use it with their 3 x 3
# kernels. Only **FULL** always puts every pixel into equally many patches, $f$ per axis. You will meet it when
# gradients flow backward ([Backpropagation](13_backpropagation.ipynb)) and when images are upsampled ([Transposed
# convolution](24_transposed_convolution.ipynb)).

# %% [markdown] tags=["row-6"]
# ## Program C: other values
#
# `np.pad` can also fill the padding with other values. You choose them with `mode`:

# %%
for mode in ("constant", "edge", "reflect", "symmetric", "wrap"):
    print(f"{mode:9}", np.pad(np.array([1, 2, 3, 4]), 2, mode=mode))

# %% [markdown]
# - `constant` fills in one value, 0 unless you pass another one as `constant_values`.
# - `edge` repeats the last pixel: [**replication padding**](glossary.md#replication-padding).
# - `reflect` and `symmetric` mirror the image: [**reflection padding**](glossary.md#reflection-padding). With
#   `reflect`, the last pixel is the axis of the mirror. With `symmetric`, the axis is just outside, so the last
#   pixel appears twice.
# - `wrap` continues with the opposite side: [**circular padding**](glossary.md#circular-padding).
#
# Here you can choose the **mode**, the **padding** $p$ and the kernel. With Sobel x and $p = 1$, which modes draw an
# edge along the left border that is not in the image?

# %%
# What should the kernel see beyond the border?
explore_padding(gray.round()[90:130, 100:160])

# %% [markdown]
# <details>
# <summary>What you may have found</summary>
#
# Zeros (`constant`) and `wrap`. To the kernel, a black frame is part of the scene, and so is an opposite side that
# does not fit. `reflect` never draws a false edge along the border: the pixels on both sides of the last one are
# equal, and Sobel x subtracts one from the other. But for the same reason, it hides the true edges there. For
# $p = 1$, `edge` and `symmetric` are the same, and show about half of the true change.
#
# </details>

# %% [markdown]
# ## Which guess is best?
#
# How can you tell? Here is a trick. **Cut a part out of a photograph, and you know what lies beyond its border.**
#
# **Predict.** We pad the part by one pixel. Which mode comes closest to the true pixels, `"constant"` (zeros),
# `"edge"`, `"reflect"` or `"wrap"`?

# %%
predict("closest", None)

# %%
truth = gray[59:211, 79:321]  # one more pixel than photo on each side
for mode in ("constant", "edge", "reflect", "wrap"):
    error = np.abs(np.pad(photo, 1, mode=mode) - truth)
    print(f"{mode:9} mean error {error.sum() / (truth.size - photo.size):5.1f}")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"edge"`. Neighboring pixels are similar, and `edge` takes its value from a pixel one step away from the
# missing one, `reflect` from two steps away, and `wrap` from the other end of the image.
#
# </details>
#
# For one pixel, `edge` is the closest on all twelve sample images of the course. But for its handwritten digits, zeros
# are closer, because most pixels around the inner 6 x 6 really are 0
# ([the measurements](../benchmarks/lessons/padding_guesses.md)). The best padding is the one that resembles what was
# cut off.

# %% [markdown] tags=["row-6"]
# ## Padding in Keras, TensorFlow and PyTorch
#
# In a network, the convolution layer usually does the padding. In Keras, you pass the name of the padding, and the
# default is `"valid"`. If the two sides of an axis need different amounts, you pad in a separate step.
# `ZeroPadding2D` and `tf.pad` take pairs, as NumPy does. (Cells for a library that is missing are skipped.)

# %% needs="keras tensorflow"
import keras
import tensorflow as tf
from keras import layers

images = keras.random.normal((4, 28, 28, 3))  # examples, rows, columns, channels
print(layers.Conv2D(8, 5, padding="same")(images).shape)  # 8 filters of 5 x 5
print(layers.ZeroPadding2D(((1, 0), (2, 3)))(images).shape)
print(tf.pad([[1, 2], [3, 4]], ((1, 0), (2, 3))).numpy())

# %% [markdown]
# PyTorch layers take our $p$ or the name, and `padding_mode` fills in other values. The channels come
# [before the rows](glossary.md#data-format). `ZeroPad2d` and `F.pad` take four numbers without inner pairs, and go
# through the axes in the opposite order, **the last axis first**.
#
# **Predict.** Which four numbers add 1 row at the top, none at the bottom, 2 columns on the left and 3 on the right?
# Answer with a tuple.

# %%
predict("torch_order", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `(2, 3, 1, 0)`: left, right, top, bottom. The columns are the last axis, so they come first. Within an axis, the
# order is as in NumPy, before and after.
#
# </details>
#
# NumPy's `"edge"` is called `"replicate"` in PyTorch, and `"wrap"` is called `"circular"`.

# %% needs="torch"
import torch
import torch.nn.functional as F
from torch import nn

images = torch.randn(4, 3, 28, 28)  # examples, channels, rows, columns
print(nn.Conv2d(3, 8, 5, padding=2, padding_mode="replicate")(images).shape)
print(nn.ZeroPad2d((2, 3, 1, 0))(images).shape)
print(F.pad(torch.tensor([[1, 2], [3, 4]]), (2, 3, 1, 0)))

# %% [markdown]
# ## A trained network notices the border
#
# Zeros were the worst guess for the photograph, and yet most networks pad with them. They are simple and cheap, and
# they seldom stand for black: the edge network first subtracts the mean color of its training images, so that 0 is a
# brownish gray, and in later layers 0 is no response. Moreover, the weights of our edge network were *learned* with
# zeros around the input of each 3 x 3 convolution, so it could have learned to ignore them. (The authors of this
# architecture, HED, instead put 35 zeros on each side of the image and crop the
# [outputs](https://github.com/s9xie/hed/blob/master/examples/hed/train_val.prototxt).)
#
# Let us test this with a gray wall, all of whose pixels are 200. A network that ignored the zeros would give the same
# probability everywhere.

# %%
network = load_blocks()
wall = np.full((64, 96, 3), 200, np.uint8)
outlines = network.draw(wall)
draw.wall(wall, outlines)

# %% [markdown]
# It does not. In the middle of the wall, the probability of an edge is [0.006]{= f'{outlines[32, 48]:.3f}' }. It rises
# to [0.21]{= f'{outlines[32, 0]:.2f}' } in the middle of the left side, to [0.36]{= f'{outlines[0, 48]:.2f}' } in the
# middle of the upper side, and to [0.52]{= f'{outlines.max():.2f}' } near a corner. The zeros of all four 3 x 3
# convolutions together reach [7]{= draw.touched()[4] } pixels into the drawing.
#
# But you know a better guess. Pad the image with `edge` *before* the network sees it, and crop the drawing. The
# padding should be wider than seven pixels, so that the zeros reach only pixels that you throw away. It must be even,
# because the network halves its maps. We take 16. The trick with the cut-out part shows whether this helps: the same
# part of the drawing of the whole photograph is the truth.


# %%
def outlines_padded(image, mode, p=16):
    padded = np.pad(image, ((p, p), (p, p), (0, 0)), mode=mode)
    return network.draw(padded)[p:-p, p:-p]


whole = photograph("chelsea.jpg", 320)  # or your own file
part = whole[40:-40, 40:-40]
truth = network.draw(whole)[40:-40, 40:-40]
drawings = {"zeros": network.draw(part), "edge": outlines_padded(part, "edge")}
border = np.ones(truth.shape, bool)
border[7:-7, 7:-7] = False
for name, drawing in drawings.items():
    print(f"{name:5} mean error near the border {np.abs(drawing - truth)[border].mean():.3f}")
draw.repaired(truth, drawings)

# %% [markdown]
# You have not changed a single weight, and the error near the border has fallen to
# [35%]{= f'{np.abs(drawings["edge"] - truth)[border].mean() / np.abs(drawings["zeros"] - truth)[border].mean():.0%}'
# } of its former value. On parts of all twelve sample images, `edge` beats the zeros that the network puts before
# each convolution, and so does `reflect` ([the measurements](../benchmarks/lessons/padding_guesses.md)). On the wall,
# the frame vanishes. Try it, and then draw a photograph of your own. U-Net, which segments microscope images, mirrors
# them at the border, too ([Ronneberger et al.](https://arxiv.org/abs/1505.04597)).
#
# One thing is strange. A kernel does the same at every position, so its output on a uniform wall should be uniform.
# Yet the network drew a frame exactly where the wall ends, because the zeros gave the border away. Should a network
# know where it is? [From dense to convolutional layers](05_why_convolution.ipynb) starts from the demand that it
# should not.

# %% [markdown]
# ## Further: zeros tell a network where it is
#
# *This section is optional.* Can a false edge be good for something? Take an image that is 5 everywhere, and the kernel
# $\begin{pmatrix} 0 & 0 & 0 \\ -1 & 1 & 0 \\ 0 & 0 & 0 \end{pmatrix}$, which subtracts the left neighbor of each
# pixel. With zero padding, the output is 5 in the first column and 0 in all others. It says nothing about the image,
# only "here is the left border", but the next layer can shift it to the right and use it.
#
# Let us see whether a network discovers this. We show it images of pure noise, 7 x 7 pixels, and train it to
# point at the pixel in row 1, column 2. (It gives each pixel a score, and points at the largest.) The
# second network gets the same task, but its images are cut out of larger ones, so that there is more noise
# beyond the border instead of zeros. (The next cell trains ten networks, which takes up to a minute.)

# %%
from convnet.layers import Conv2D, Flatten, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate, train


def pointed_right(pad, seed):
    n = 7 if pad else 7 + 2 * 3  # without padding, three layers remove 3 pixels on each side
    layers = [Conv2D(8, 3, padding=pad), ReLU(), Conv2D(8, 3, padding=pad), ReLU()]
    network = Network([*layers, Conv2D(1, 3, padding=pad), Flatten()], (n, n, 1), seed)
    noise = np.random.default_rng(seed).normal(size=(3000, n, n, 1))
    targets = np.full(3000, 1 * 7 + 2)  # row 1, column 2 of 7 columns
    train(network, noise[:2000], targets[:2000], epochs=5, optimizer=Adam(0.01), progress=False)
    return evaluate(network, noise[2000:], targets[2000:])[1]


with_zeros = [pointed_right(1, seed) for seed in range(5)]
without = [pointed_right(0, seed) for seed in range(5)]
print("zeros beyond the border:     ", with_zeros)
print("more noise beyond the border:", without)

# %% [markdown]
# With zeros, each of the five networks points at the right pixel in at least [99]{= int(100 * min(with_zeros)) }% of
# the images. Without them, all five are right about once in 49 times, as if they guessed. A convolution treats all
# positions alike, so no position is marked for it. This property is called [translation
# equivariance](glossary.md#translation-equivariance), and padding limits it. (The zeros are not the only tell-tale:
# noise padded with `edge` or `reflect` repeats a pixel, which a network can learn to notice. `wrap` has no border to
# notice.) Islam, Jia and Bruce ([2020](https://arxiv.org/abs/2001.08248)) could read positions from the feature maps
# of VGG and ResNet, and traced this information to the zero padding.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: which mode?
#
# 1. Six images were padded. What lies beyond their borders: zeros (Z), `edge` (E), `reflect` (R), `symmetric` (S) or
#    `wrap` (W)? Write `modes` as a string of six letters, such as `"ZZZZZZ"`. A mode can occur more than once, but
#    only one image is `symmetric`.
# 2. Without running it: what is `np.pad(np.array([4, 7, 1, 5]), 2, mode="reflect")`? Write `mirrored` as a list of
#    8 numbers.
# 3. A vector has 12 entries and the kernel 5. How long is the output with VALID, SAME and FULL
#    padding? Write `sizes` as a tuple of three numbers.

# %%
draw.which_mode()

# %%
modes = None
mirrored = None
sizes = None
### BEGIN SOLUTION
modes = "RWSEZR"
mirrored = [1, 7, 4, 7, 1, 5, 1, 7]
sizes = (8, 12, 16)  # 12 - 5 + 1, 12, 12 + 5 - 1
### END SOLUTION

# %%
check("modes", modes)
check("mirrored", mirrored)
check("sizes", sizes)

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


# %%
check("unpad", unpad)

# %% [markdown]
# ### Exercise 3: program D, a blur that ignores the padding
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


# %%
check("mean_of_pixels", mean_of_pixels)

# %% [markdown]
# ## Recap
#
# [Padding](glossary.md#padding) adds $p$ entries per side. At stride 1, [VALID](glossary.md#valid-padding) ($p = 0$),
# [SAME](glossary.md#same-padding) ($p = (f-1)/2$) and [FULL](glossary.md#full-padding) ($p = f - 1$) give outputs of
# size $n - f + 1$, $n$ and $n + f - 1$. The values are a guess. For the first pixel beyond the border of a
# photograph, the nearest pixel was the best of NumPy's guesses that we compared ([replication
# padding](glossary.md#replication-padding)), while [zeros](glossary.md#zero-padding) made even a trained network draw
# false edges.

# %% [markdown]
# ## What to read next
#
# - First, the assignment [Padding](../release/padding/padding.ipynb). When your `zero_pad` passes its check,
#   the first box of the strip is yours. The next lesson is
#   [From dense to convolutional layers](05_why_convolution.ipynb).
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016), with drawings of
#   all kinds of padding: [arXiv:1603.07285](https://arxiv.org/abs/1603.07285).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.3, Padding and Stride:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/padding-and-strides.html).
