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
from lesson_tools.explorables import explore_padding
from lesson_tools.padding import figures as draw
from lesson_tools.padding.questions import check, predict
from lesson_tools.spine import spine

cat = load_sample_image("chelsea.jpg")
draw.three_programs(cat[60:210, 80:320])

# %% [markdown]
# ## What lies beyond the border?
#
# Program A has eaten nearly half of the photograph. Program B returns all of it, but it fades to black.
# Program C looks fine. The three programs differ only in their answer to one question, **what lies
# beyond the border?** A never goes there, B puts zeros there, and C a mirror image. Putting values around an
# image is called [**padding**](glossary.md#padding).

# %% [markdown]
# For a photograph, all this is cosmetic. But every layer of a network has to answer the question again. With a
# bad answer its images shrink until nothing is left, or it sees edges where there are none. Later in this lesson
# you will catch a trained network doing so.
#
# **By the end of this lesson you will be able to**
#
# 1. say how VALID, SAME and FULL padding change the size of the output;
# 2. pad an array in NumPy, TensorFlow, Keras and PyTorch, and say which number belongs to which side;
# 3. choose the values for the padding, and predict what they do to the output near the border.
#
# **Time:** about 75 minutes, and 35 for the exercises. **You need:** [Kernels](02_kernels.ipynb). Cells
# for TensorFlow, Keras and PyTorch are skipped if these are not installed. The two sections that begin with
# *Further* are optional. (In a hurry? You can read *Padding in TensorFlow, Keras and PyTorch* on its own.)

# %% [markdown]
# ## Before you start
#
# Two questions about the previous lessons:
#
# 1. A 3 x 3 kernel slides over an image of 150 rows and 240 columns. What is the shape of the output?
# 2. All rows of an image are 4, 4, 9, 9, 9, and the kernel is
#    $\begin{pmatrix} 0 & 0 & 0 \\ -1 & 1 & 0 \\ 0 & 0 & 0 \end{pmatrix}$. What is one row of the output?
#    Answer with a list.

# %%
predict("size", None)
predict("difference", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# 1. $n - f + 1$ along each axis gives `(148, 238)`.
# 2. `[0, 5, 0]`. The kernel subtracts the left neighbor from the middle pixel, so it responds where the
#    rows change from 4 to 9. (Keep this kernel in mind, because it returns at the end.)
#
# If this was new, go back to [Images and convolution](01_images_and_convolution.ipynb) and
# [Kernels](02_kernels.ipynb).
#
# </details>

# %% [markdown] tags=["row-6"]
# ## Program A: no padding
#
# A kernel of size $f$ has $n - f + 1$ positions along an axis of length $n$. So each convolution removes
# $f - 1$ rows and $f - 1$ columns, and 25 of them turn (150, 240) into
# `[(100, 190)]{= (150 - 25 * 2, 240 - 25 * 2) }`. A photograph can afford this a few times, but
# a small image cannot.
#
# **Predict.** A handwritten digit of 8 x 8 pixels passes through one 3 x 3 kernel after another. How
# many kernels can it pass before it is too small for the next one?


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
predict("shrink", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Three. The sizes are 8, 6, 4 and 2, and a 3 x 3 kernel does not fit on 2 x 2 pixels.
#
# </details>

# %%
draw.shrinking_digit()

# %% [markdown]
# Shrinking is only half of the trouble. A pixel influences the output through the patches that contain it, and
# the pixel in the corner is in one patch only, while a pixel in the middle is in nine. So whatever the
# photograph shows at its border hardly counts.

# %% [markdown] tags=["row-6"]
# ## Program B: zero padding
#
# [**Zero padding**](glossary.md#zero-padding) adds $p$ rows of zeros above the image and $p$ below it,
# and $p$ columns on its left and on its right. The padded image has $n_H + 2p$ rows and $n_W + 2p$
# columns, so a kernel of size $f$ has $n + 2p - f + 1$ positions along an axis.
#
# In this course, as in PyTorch, $p$ (in code `pad`) counts the zeros **per side**. Some books, such as
# *Dive into Deep Learning* (d2l), count both sides together. Their padding of 2 is our $p = 1$.

# %% [markdown]
# ## Your turn: two values
#
# Take a small image and a kernel with three nonzero weights:
#
# $$X = \begin{pmatrix} 1 & 2 & 0 & 3 \\ 0 & 1 & 2 & 1 \\ 2 & 0 & 1 & 3 \end{pmatrix}, \qquad
# W = \begin{pmatrix} 1 & 0 & 0 \\ 0 & 2 & 0 \\ 0 & 0 & -1 \end{pmatrix}$$
#
# Draw $X$ with a padding of $p = 1$ on paper.
#
# **Predict.** What are the **first** and the **last** output value? Answer with a tuple.

# %%
X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])
W = np.array([[1, 0, 0], [0, 2, 0], [0, 0, -1]])
predict("ends", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The first patch is $\begin{pmatrix} 0 & 0 & 0 \\ 0 & 1 & 2 \\ 0 & 0 & 1 \end{pmatrix}$ and gives
# $0 + 2 \cdot 1 - 1 =$ [1]{= int(cross_correlate(np.pad(X, 1), W)[0, 0]) }. The last one gives
# $2 + 2 \cdot 3 - 0 =$ [8]{= int(cross_correlate(np.pad(X, 1), W)[-1, -1]) }.
#
# </details>

# %%
draw.sweep(X, W)

# %% [markdown]
# ## Which padding keeps the size?
#
# In the animation, the output is as large as $X$, because along each axis the padding adds two entries and
# the kernel removes two.
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
# An exercise of [Receptive fields](09_receptive_fields.ipynb) deals with even ones, and with strides.
#
# </details>

# %% [markdown] tags=["row-6"]
# ## Padding with np.pad
#
# `np.pad` takes an array and, for each axis, a pair `(before, after)`: how many entries to add at the
# start and at the end of that axis. (The comma in `((2, 1),)` makes it a tuple with a single pair.) The new
# entries are zeros unless you ask for other values. Write down what each line prints before you run the cell.

# %%
print(np.pad(np.array([7, 8, 9]), ((2, 1),)))
print(np.pad(np.array([[1, 2], [3, 4]]), ((1, 0), (2, 3))))
a = np.ones((5, 5, 5, 5, 5))
print(np.pad(a, ((0, 0), (1, 1), (0, 0), (3, 3), (0, 0))).shape)

# %% [markdown]
# For a matrix, the first pair is for the rows, (top, bottom), and the second for the columns, (left,
# right). The pair `(0, 0)` leaves an axis as it is, so that `a` grows along axes 1 and 3 only. If all pairs
# are equal, a single number is enough: `np.pad(X, 1)` is $X$ with $p = 1$.
#
# Networks process several images at a time. A [**batch**](glossary.md#batch) of $m$ images is an array
# of shape $(m, n_H, n_W, n_C)$.
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
# assignment [Padding](../release/padding/padding.ipynb) you write a function that pads a batch correctly.
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
# The zeros count as pixels. In a photograph, zero means black.
#
# </details>

# %% [markdown]
# ## How far do the zeros reach?
#
# After one blur, only row 0 and the other outermost pixels depend on the zeros.
#
# **Predict.** After 25 blurs, with zeros added before each of them, how many rows at the top of the image
# depend on the zeros?

# %%
predict("reach", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 25. Each blur takes the rows that depend on zeros and mixes them into one more row. (Most of this
# influence is weak. In the next figure, you see it in about ten columns.)
#
# </details>

# %%
draw.fading()

# %% [markdown]
# So in program B, 25 rows and columns on each side depend on zeros that nobody photographed. These are
# exactly the rows and columns that program A has lost. What remains is the same in both programs:

# %%
np.allclose(program_B[25:-25, 25:-25], program_A)

# %% [markdown]
# When a layer keeps the size of an image, remember the price. **Padding saves the size, but every value near
# the border is partly a guess.** That leaves two questions: how much padding, and which guess?

# %% [markdown] tags=["row-7"]
# ## VALID, SAME and FULL padding
#
# Three amounts of padding have names: [valid padding](glossary.md#valid-padding),
# [same padding](glossary.md#same-padding) and [full padding](glossary.md#full-padding). At stride 1, and
# for SAME with an odd $f$, they are
#
# | name | padding per side | output size | positions of the kernel |
# |---|---|---|---|
# | **VALID** | $p = 0$ | $n - f + 1$ | all of it lies on the image |
# | **SAME** | $p = (f - 1)/2$ | $n$ | its middle lies on the image |
# | **FULL** | $p = f - 1$ | $n + f - 1$ | at least one weight lies on the image |
#
# A vector shows all three at once. It is $(2, 0, 1, 3, 1)$, and the kernel is $(1, 2, -1)$. With FULL
# padding, two zeros on each side, the first value is $0 \cdot 1 + 0 \cdot 2 + 2 \cdot (-1) = -2$.
#
# **Predict.** What is the FULL output? Answer with a list that begins with -2. Which of its values also
# belong to SAME, and which to VALID?

# %%
strip, kernel = np.array([2, 0, 1, 3, 1]), np.array([1, 2, -1])
predict("full", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[[-2, 4, 1, -1, 6, 5, 1]]{= np.correlate(strip, kernel, mode="full").tolist() }`. SAME is
# `[[4, 1, -1, 6, 5]]{= np.correlate(strip, kernel, mode="same").tolist() }` and VALID is
# `[[1, -1, 6]]{= np.correlate(strip, kernel, mode="valid").tolist() }`, the same values without
# those at the ends.
#
# </details>

# %%
draw.slide(strip, kernel)

# %% [markdown] tags=["row-7"]
# ## Which amount?
#
# - **VALID** computes every value from real pixels. LeNet-5 uses it, and puts its digits of 28 x 28 pixels
#   into images of 32 x 32 first.
# - **SAME** keeps the size, so that you can stack layers without counting pixels. VGG and ResNet use it
#   with their 3 x 3 kernels.
# - **FULL** is the only one of the three that puts every pixel into equally many patches, as the next figure shows
#   for a 5 x 5 image. As a layer it is rare, but you will meet it when gradients flow backward
#   ([Backpropagation](13_backpropagation.ipynb)) and when images are upsampled
#   ([Transposed convolution](24_transposed_convolution.ipynb)).

# %%
draw.patches()

# %% [markdown] tags=["row-6"]
# ## Program C: other values
#
# `np.pad` can also fill the padding with other values. You choose them with `mode`:

# %%
vector = np.array([1, 2, 3, 4])
for mode in ("constant", "edge", "reflect", "symmetric", "wrap"):
    print(f"{mode:9}", np.pad(vector, 2, mode=mode))
draw.four_modes(cat[60:210, 80:320])

# %% [markdown]
# - `edge` repeats the last pixel: [**replication padding**](glossary.md#replication-padding).
# - `reflect` and `symmetric` mirror the image: [**reflection padding**](glossary.md#reflection-padding). With
#   `reflect` the mirror stands *on* the last pixel; with `symmetric` it stands just outside, so this
#   pixel appears twice.
# - `wrap` continues with the opposite side: [**circular padding**](glossary.md#circular-padding).
# - `constant` fills in one value, 0 unless you pass another one as `constant_values`.

# %% [markdown]
# ## Your turn: choose the padding
#
# Here you can choose the **mode**, the **padding** $p$ and the kernel. Run the cell, play, and answer the three
# questions below it.

# %%
eye = cat.mean(axis=2).round()[90:130, 100:160]
# What should the kernel see beyond the border?
explore_padding(eye)

# %% [markdown]
# 1. Which settings give an output as large as the image?
# 2. With the blur: which modes can you detect in the *output*?
# 3. With Sobel x and $p = 1$: which modes draw an edge along the left border that is not in the image?
#
# <details>
# <summary>What you may have found</summary>
#
# 1. A padding of $p = 1$, in every mode.
# 2. Zeros (`constant`), which leave a dark border, and `wrap`, which makes the right border brighter.
# 3. Zeros and `wrap`. The next section says why.
#
# </details>

# %% [markdown] tags=["row-6"]
# ## Which kernel is fooled by which padding?
#
# Here are four modes side by side. Zeros and `wrap` fool both kernels, because to a kernel a black frame is part of
# the scene, and so is an opposite side that does not fit.

# %%
draw.false_edges(eye)

# %% [markdown]
# So is `reflect` the perfect answer for edge detectors? Suppose that each row of an image begins with 3, 7.
# We pad it with `reflect`, $p = 1$, and apply Sobel x,
# $\begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix}$.
#
# **Predict.** What is the output at the left border?

# %%
predict("mirror", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 0, for any numbers in place of 3 and 7. Beyond the 3 there is another 7, so that the left and the right
# column of the window are equal. `reflect` never draws a false edge along the border, but only because it
# hides the true ones as well.
#
# </details>

# %% [markdown]
# ## A verdict on the three programs
#
# Every mode is a guess about what lies beyond the border. Which guess is best? Usually nobody can tell,
# since nobody has seen those pixels. But here is a trick. **Cut a part out of a photograph, and you know
# what lies beyond its border.**
#
# **Predict.** We pad the part by one pixel. Which mode comes closest to the true pixels, `"constant"` (zeros),
# `"edge"`, `"reflect"` or `"wrap"`?

# %%
predict("closest", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"edge"`. Neighboring pixels are similar, and `edge` takes its value from a pixel one step away from the
# missing one, `reflect` from two steps away, and `wrap` from the other end of the image.
#
# </details>
#
# Our photograph of the cat was cut out of a larger one, too. So take 25 more pixels on each side, blur, and let
# program A eat them. What remains has the size of our photograph and was computed from real pixels only. This
# is what the other programs should have returned.

# %%
truth = blur_25(gray[35:235, 55:345])
for mode in ("constant", "edge", "reflect", "wrap"):
    error = np.abs(blur_25(photo, mode) - truth)
    print(f"{mode:9} mean error {error.mean():4.1f}, largest {error.max():5.1f}")

# %% [markdown]
# Program C looked perfect, and it is nearly as good as it looks. Repeating the last pixel would have been
# slightly better still. (*Further: the guesses on twelve images*, below, tries other images.)
#
# Zeros were the worst guess of all. So why do most networks pad with them? They are simple and cheap, and in a
# network they seldom stand for black, as the next section shows. And since the weights are *learned* with zeros
# around every image, a network could learn to ignore them. Let us test whether one does.

# %% [markdown]
# ## The first of seven operations
#
# This is the edge network from the beginning of [Images and convolution](01_images_and_convolution.ipynb). Padding
# is its first operation, and the first one that you will write yourself, in the assignment after this lesson. Without
# the frame that it adds, each convolution would make the drawing smaller. Look at the color of the frame.

# %%
spine("padding")

# %% [markdown]
# It is not black. **A zero is black only if 0 stands for black**, as in an image file. This network first subtracts
# the mean color of its training images from every pixel, and most networks do something similar. Then 0 stands for
# the mean color, a brownish gray, which is a much better guess than black. In later layers, a zero stands for "no
# response".

# %% [markdown]
# ## A trained network notices the border
#
# The edge network pads with zeros before each of its four 3 x 3 convolutions, and it has learned its weights with
# these zeros around every image. Does it ignore them? We show it a gray wall, all of whose pixels are 200. The
# wall is the same everywhere, so a network that ignored the zeros would say the same everywhere.

# %%
network = load_blocks()
wall = np.full((64, 96, 3), 200, np.uint8)
outlines = network.draw(wall)
draw.wall(wall, outlines)

# %% [markdown]
# It does not. In the middle of the wall, where no zero reaches, the network gives an edge a probability of
# [0.006]{= f'{outlines[32, 48]:.3f}' }. In the middle of a side it says [0.21]{= f'{outlines[32, 0]:.2f}' }, and
# near a corner up to [0.52]{= f'{outlines.max():.2f}' }. Remember this when a network finds something interesting
# at the border of your images.
#
# **Try it.** Replace 200 with 110, a darker wall. What changes, and what stays? Then replace it with
# `(123, 117, 104)`, the mean color. What do you expect, given that this is the color of the zeros?
#
# <details>
# <summary>What you may have found</summary>
#
# On the wall of 110, the network is less certain, even in the middle:
# [0.30]{= f'{network.draw(np.full_like(wall, 110))[32, 48]:.2f}' }. But the frame stays, since the middle of a side gives
# [0.38]{= f'{network.draw(np.full_like(wall, 110))[32, 0]:.2f}' }.
#
# On the wall of the mean color, the frame vanishes. All values are between
# [0.475]{= f'{network.draw(np.full_like(wall, (123, 117, 104))).min():.3f}' } and
# [0.487]{= f'{network.draw(np.full_like(wall, (123, 117, 104))).max():.3f}' }, because here the zeros are a
# perfect guess, and the wall goes on beyond the border.
#
# </details>

# %% [markdown]
# The zeros reach [7]{= draw.touched()[4] } pixels into the drawing, farther than four 3 x 3 kernels alone could carry
# them, mostly because the last two convolutions work on an image of half the size.

# %% [markdown] tags=["row-6"]
# ## Padding in TensorFlow, Keras and PyTorch
#
# In a network you rarely pad in a separate step, because the convolution layer does it. In Keras, you pass the name
# of the padding. Here, two layers with 8 filters of 5 x 5 receive four color images of 28 x 28 pixels:

# %% needs="keras tensorflow"
import keras
from keras import layers

images = keras.random.normal((4, 28, 28, 3))  # examples, rows, columns, channels
print(layers.Conv2D(8, 5)(images).shape)  # the default is padding="valid"
print(layers.Conv2D(8, 5, padding="same")(images).shape)

# %% [markdown]
# PyTorch takes the number of zeros per side, our $p$, or the name (`"same"` at stride 1 only), and `padding_mode` fills
# in other values. But PyTorch orders the axes differently, with the [channels first](glossary.md#data-format), so the
# same four images have the shape `(4, 3, 28, 28)`. A layer also needs the number of input channels, here 3.
#
# **Predict.** What is the shape of the output of `nn.Conv2d(3, 8, 5, padding=1)`, with 8 filters of 5 x 5?

# %%
predict("torch_layer", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[(4, 8, 26, 26)]{= (4, 8, 28 + 2 * 1 - 5 + 1, 28 + 2 * 1 - 5 + 1) }`. Along each side, $28 + 2 - 5 + 1 = 26$, because
# a padding of 1 makes up for half of what a 5 x 5 kernel removes. The eight filters give eight channels, and they
# come second.
#
# </details>

# %% needs="torch"
import torch
from torch import nn

images = torch.randn(4, 3, 28, 28)  # examples, channels, rows, columns
print(nn.Conv2d(3, 8, 5, padding=1)(images).shape)  # the default is padding=0
print(nn.Conv2d(3, 8, 5, padding="same", padding_mode="reflect")(images).shape)

# %% [markdown] tags=["row-6"]
# ## Padding as a layer or a function
#
# If the two sides of an axis need different amounts, you pad in a separate step after all. Let us add 1 row at the
# top, none at the bottom, 2 columns on the left and 3 on the right. TensorFlow and Keras expect pairs, as NumPy does:

# %% needs="keras tensorflow"
import tensorflow as tf

images = keras.ops.ones((4, 28, 28, 3))
print(layers.ZeroPadding2D(((1, 0), (2, 3)))(images).shape)
print(tf.pad([[1, 2], [3, 4]], ((1, 0), (2, 3))).numpy())

# %% [markdown]
# PyTorch goes through the axes in the opposite order, **the last axis first**. Its `ZeroPad2d` and `F.pad` take four
# numbers in a row, without inner pairs.
#
# **Predict.** Which four numbers does PyTorch need for the same padding? Answer with a tuple.

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
# For values other than zeros, `F.pad` takes a `mode`, as `np.pad` does, but some modes have other names. NumPy's
# `"edge"` is called `"replicate"`.

# %% needs="torch"
import torch.nn.functional as F

print(F.pad(torch.tensor([[1, 2], [3, 4]]), (2, 3, 1, 0)))
print(F.pad(torch.tensor([[1.0, 2, 3, 4]]), (2, 2), mode="replicate"))

# %% [markdown]
# <details>
# <summary>The order of the numbers and the names of the modes in all libraries</summary>
#
# | library | order of the numbers | example |
# |---|---|---|
# | NumPy `np.pad`, TensorFlow `tf.pad` | a pair for each axis | `((1, 0), (2, 3))` |
# | Keras `ZeroPadding2D` | a pair for the height, a pair for the width | `((1, 0), (2, 3))` |
# | PyTorch `ZeroPad2d`, `F.pad` | left, right, top, bottom: last axis first | `(2, 3, 1, 0)` |
#
# | beyond the border | `np.pad` | `F.pad` | PyTorch layer | Keras `ops.pad`, `tf.pad` | `scipy.ndimage` |
# |---|---|---|---|---|---|
# | one value | `"constant"` | `"constant"` | `ConstantPad2d` | `"constant"` | `"constant"` |
# | the last pixel | `"edge"` | `"replicate"` | `ReplicationPad2d` | none | `"nearest"` |
# | mirrored, last pixel once | `"reflect"` | `"reflect"` | `ReflectionPad2d` | `"reflect"` | `"mirror"` |
# | mirrored, last pixel twice | `"symmetric"` | none | none | `"symmetric"` | `"reflect"` |
# | the opposite side | `"wrap"` | `"circular"` | `CircularPad2d` | none | `"wrap"` |
#
# </details>

# %% [markdown]
# ## Further: the guesses on twelve images
#
# *This section and the next one are optional.* Is `edge` the best guess on other images as well? We cut 40 random
# parts, 64 x 64 pixels each, out of each of the twelve sample images, pad them, and compare with the true pixels.
# A fifth guess is the baseline: it fills the padding with the mean of the part.

# %%
results = {p: draw.mean_errors(p) for p in (1, 8)}
draw.errors(results)

# %% [markdown]
# Next to the border, `edge` wins on all
# [12]{= sum(min(errors, key=errors.get) == "edge" for errors in results[1].values()) } images, and zeros
# lose nearly everywhere. With a padding of 8 pixels, `edge` still wins on
# [10]{= sum(min(errors, key=errors.get) == "edge" for errors in results[8].values()) }. On grass and gravel
# the mean is better, probably because a pixel says little about another one that is eight blades of grass
# away. (With other seeds, the winners stay the same, except on brick, where it is sometimes too close to
# call.) The mean is what a zero stands for if it has been subtracted. It beats black on all
# [12]{= sum(errors["mean"] < errors["constant"] for errors in results[1].values()) } images.

# %% [markdown]
# ## Further: zeros tell a network where it is
#
# Can the false edge be good for something? Take the kernel from the beginning,
# $\begin{pmatrix} 0 & 0 & 0 \\ -1 & 1 & 0 \\ 0 & 0 & 0 \end{pmatrix}$, and an image that is 5 everywhere. With
# zero padding, the output is 5 in the first column and 0 in all others. This output says nothing about the image,
# only "here is the left border", but the next layer can shift it to the right and use it.
#
# Let us see whether a network discovers this. We show it images of pure noise, 7 x 7 pixels, and ask it to
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
# With zeros, each of the five networks points at the right pixel in at least
# [99]{= int(100 * min(with_zeros)) }% of the images. Without them, it can only guess, and is right about once
# in 49 times, because a convolution treats all positions alike. This property is called
# [translation equivariance](glossary.md#translation-equivariance), and the next lesson,
# [From dense to convolutional layers](05_why_convolution.ipynb), is about it. Zero padding limits it. This
# also happens in large networks. Islam, Jia and Bruce (2020, see below) could read positions from the feature maps
# of VGG and ResNet, and traced this information to the zero padding.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: which mode?
#
# 1. Six images were padded. What lies beyond their borders: zeros (Z), `edge` (E), `reflect` (R),
#    `symmetric` (S) or `wrap` (W)? Write `modes` as a string of six letters, such as `"ZZZZZZ"`. A mode can
#    occur more than once.
# 2. Without running it: what is `np.pad(np.array([4, 7, 1, 5]), 2, mode="reflect")`? Write `mirrored`
#    as a list of 8 numbers.
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
# ### Exercise 4: what happens if ...
#
# There is no check for these questions. Predict first, then try it.
#
# 1. ... you pad by 1 and then by 2? Is it the same as padding by 3, with zeros and with `reflect`?
# 2. ... you pad once by 2 and apply two 3 x 3 kernels without padding, instead of padding by 1 before
#    each of them? Are the sizes equal? Are the values?
# 3. ... you pad a photograph of a panorama, all the way around, on its left and right? Which mode fits?
# 4. ... the image is `load_sample_image("phantom.png")`, a head as in a CT scan? Which mode is right now?

# %%
# Your experiments

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. With zeros it is the same. With `reflect` it is not: `np.pad` mirrors the vector 1, 2, 3, 4 by 3 as
#    `[[4, 3, 2, 1, 2, 3, 4, 3, 2, 1]]{= np.pad(vector, 3, mode="reflect").tolist() }`, but first by 1 and
#    then by 2 as
#    `[[2, 1, 2, 1, 2, 3, 4, 3, 4, 3]]{= np.pad(np.pad(vector, 1, mode="reflect"), 2, mode="reflect").tolist() }`,
#    because the second mirror stands elsewhere.
# 2. Both outputs are as large as the image, and they differ only at its border. For $X$ and two kernels of
#    ones, the corner is
#    [36]{= int(cross_correlate(cross_correlate(np.pad(X, 2), np.ones((3, 3))), np.ones((3, 3)))[0, 0]) } if
#    you pad once and
#    [25]{= int(cross_correlate(np.pad(cross_correlate(np.pad(X, 1), np.ones((3, 3))), 1), np.ones((3, 3)))[0, 0]) }
#    if you pad twice. The first kernel gives nonzero values outside the image, too, and padding again
#    replaces them with zeros.
# 3. `wrap`, since the left and the right side show neighboring directions. Top and bottom do not, so
#    they need another mode: call `np.pad` once for each axis.
# 4. All, because the border of this image is black: for a padding of a few pixels, zeros, `edge`, `reflect` and
#    `wrap` give the same result. Zeros are right whenever there really is nothing beyond the border.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **say how padding changes the size:** at stride 1, [VALID](glossary.md#valid-padding) ($p = 0$),
#    [SAME](glossary.md#same-padding) ($p = (f-1)/2$) and [FULL](glossary.md#full-padding) ($p = f - 1$)
#    give outputs of size $n - f + 1$, $n$ and $n + f - 1$;
# 2. **pad an array:** with `padding="same"` in a layer; with `np.pad(X, ((top, bottom), (left, right)))`, the
#    same pairs in `tf.pad` and `ZeroPadding2D`, and `(left, right, top, bottom)` in `ZeroPad2d` and `F.pad`. An
#    axis that must not grow, such as that of the [batch](glossary.md#batch), gets the pair `(0, 0)`;
# 3. **choose the values:** zeros that stand for black darken a blur and draw false edges; the last pixel is usually the best
#    guess; `reflect` draws no false edge along the border and shows no true one; networks mostly use
#    zeros, and notice them.
#
# | term in this course | you may also read |
# |---|---|
# | [padding](glossary.md#padding) $p$, per side | padding $P$; in d2l, the total of both sides |
# | [VALID](glossary.md#valid-padding) | no padding |
# | [SAME](glossary.md#same-padding) | half padding |
# | [replication padding](glossary.md#replication-padding), `edge` | replicate, nearest |
# | [reflection padding](glossary.md#reflection-padding), `reflect` | mirror, reflect 101 (OpenCV) |
# | [circular padding](glossary.md#circular-padding), `wrap` | periodic padding |

# %% [markdown]
# ## What to read next
#
# - First, the assignment [Padding](../release/padding/padding.ipynb). When your `zero_pad` passes its check,
#   the first box of the strip is yours. Two more functions, from
#   [The convolution layer](06_convolution_layer.ipynb), open the first [milestone](milestones.ipynb).
# - Then the next lesson, [From dense to convolutional layers](05_why_convolution.ipynb)
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.3, Padding and Stride:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/padding-and-strides.html).
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016), with drawings of
#   all kinds of padding: [arXiv:1603.07285](https://arxiv.org/abs/1603.07285).
# - Stanford's CS231n, notes on
#   [convolutional networks](https://cs231n.github.io/convolutional-networks/).
# - Islam, Jia and Bruce, *How Much Position Information Do Convolutional Neural Networks Encode?*
#   (ICLR 2020): [arXiv:2001.08248](https://arxiv.org/abs/2001.08248).
# - Liu et al., *Partial Convolution based Padding* (2018), which rescales the outputs near the border
#   much as program D does: [arXiv:1811.11718](https://arxiv.org/abs/1811.11718).
