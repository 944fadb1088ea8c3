# %% [markdown]
# # Pooling
#
# A convolution layer says how strongly a pattern is present at every place of an image. The layers
# behind it seldom need the answer to the pixel, and every number costs them work. A pooling layer
# makes the answer shorter: it goes over each feature map with a small window and keeps one number
# for each window. This lesson shows what is kept, what is lost, and what happens to the result when
# the image moves a little.
#
# **When you have finished, you will be able to**
#
# 1. compute max, average and l2 pooling by hand and in NumPy, for any window and any stride,
# 2. pool with Keras, TensorFlow and PyTorch, and say where their settings differ,
# 3. say what *equivariant* and *invariant* mean, and show when a shift of the image changes a
#    pooled map and when it does not.
#
# Time: about 80 minutes. You need the lessons
# [The convolution layer](04_convolution_layer.ipynb) and
# [Output sizes](06_output_sizes.ipynb). The photograph and the handwritten digits
# come with the package scikit-learn. Cells for Keras, TensorFlow or PyTorch are passed over where
# that package is missing.

# %% include="lesson_setup"

# %%
from convnet.functional import avg_pool2d, conv2d, max_pool2d
from convnet.plots import draw_grid
from lesson_tools.figures import animate

# %% [markdown] tags=["row-13"]
# ## One number for each window
#
# Take an image of $4 \times 4$ numbers. Lay a window of $2 \times 2$ on its upper left corner, then
# move it by two columns, then to the next two rows, until it has been everywhere. **Max pooling**
# writes down the largest number that the window sees at each place.
#
# **Predict, then run.** The cell holds the image. Which four numbers will come out?

# %%
image = np.array(
    [
        [1, 5, 3, 7],
        [7, 3, 9, 2],
        [3, 5, 8, 4],
        [8, 7, 3, 5],
    ]
)

# %% jupyter={"source_hidden": true}
positions = [(0, 0), (0, 1), (1, 0), (1, 1)]


def max_pooling_step(step):
    pooled = np.full((2, 2), np.nan)
    for h, w in positions[: step + 1]:
        pooled[h, w] = image[2 * h : 2 * h + 2, 2 * w : 2 * w + 2].max()
    h, w = positions[step]
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.6), width_ratios=[2, 1], layout="constrained")
    draw_grid(axes[0], image, "image", windows=[(2 * h, 2 * w, 2, 2, "tab:orange")])
    draw_grid(axes[1], pooled, "the largest so far", windows=[(h, w, 1, 1, "tab:orange")])
    return fig


animate(
    max_pooling_step,
    range(4),
    "A window of 2 by 2 cells visits the four quarters of the 4 by 4 image, one after another. At "
    "each place its largest number appears in the output: 7, 9, 8 and 8.",
    seconds=1.5,
)

# %% [markdown]
# The window sees 1, 5, 7, 3 first, and the largest is 7. Then come 9, 8 and 8:
#
# $$\begin{pmatrix} 1&5&3&7\\7&3&9&2\\3&5&8&4\\8&7&3&5 \end{pmatrix}
# \;\longrightarrow\; \begin{pmatrix} 7&9\\8&8 \end{pmatrix}$$
#
# The largest is one way to sum up a window. Two others are in use.
#
# - **Average pooling** takes the mean. Upper left: $(1 + 5 + 7 + 3)/4 = 16/4 = 4$.
# - **l2 pooling** takes the l2 norm, which is the root of the sum of the squares. Upper left:
#   $\sqrt{1^2 + 5^2 + 7^2 + 3^2} = \sqrt{84} \approx [9.17]{= f"{np.sqrt(84):.2f}" }$.
#
# Each answers a question of its own. Max: how strong is the pattern where it is strongest? Average:
# how much of it is there, all in all? l2: how much of it is there, where large values count more
# than their share? Since l2 squares, it also forgets the sign.
#
# **Predict, then run.** What is the average of the upper right window, 3, 7, 9, 2? And of the two
# lower ones?

# %%
windows = {
    "upper left": [1, 5, 7, 3],
    "upper right": [3, 7, 9, 2],
    "lower left": [3, 5, 8, 7],
    "lower right": [8, 4, 3, 5],
}
for place, seen in windows.items():
    seen = np.array(seen)
    l2 = np.sqrt(np.sum(seen**2))
    print(f"{place:<12} max {seen.max()}   average {seen.mean():<5}  l2 {l2:.4f}")

# %% [markdown]
# The averages are 4, 5.25, 5.75 and 5. Note the column on the right: an l2 norm is never smaller
# than the size of any entry, since the root of one square alone is that size already. Some authors
# divide the sum of squares by the number of entries before they take the root. That gives the *root
# mean square*, which is the l2 norm divided by $f$ for a window of $f \times f$.

# %% [markdown] tags=["row-13"]
# ## The formulas
#
# Pooling has two settings, which whoever builds the network chooses: the size $f$ of the window,
# and the stride $s$, the number of pixels from one window to the next. The window of output row $h$
# and column $w$ begins at row $h s$ and column $w s$ of the input. With $A^{\text{prev}}$ for the
# input and $A$ for the output,
#
# $$A_{i,h,w,c} = \max_{y,\,x} A^{\text{prev}}_{i,\,hs+y,\,ws+x,\,c} \qquad\text{(max)}$$
#
# $$A_{i,h,w,c} = \frac{1}{f^2} \sum_{y=0}^{f-1} \sum_{x=0}^{f-1}
# A^{\text{prev}}_{i,\,hs+y,\,ws+x,\,c} \qquad\text{(average)}$$
#
# $$A_{i,h,w,c} = \Bigl( \sum_{y=0}^{f-1} \sum_{x=0}^{f-1}
# \bigl(A^{\text{prev}}_{i,\,hs+y,\,ws+x,\,c}\bigr)^2 \Bigr)^{1/2} \qquad\text{(l2)}$$
#
# Here $i$ is the example of the batch, $c$ the channel, and $y$ and $x$ count rows and columns
# inside the window, from 0 to $f - 1$. All indices count from 0, as in NumPy.
#
# Two things are missing from these formulas, and that is worth a second look.
#
# - There are **no weights**. Pooling has nothing to learn, so it adds no parameters to a network.
# - There is **no sum over channels**. The same $c$ stands on both sides: each channel is pooled by
#   itself, and as many channels come out as went in.

# %% [markdown] tags=["row-13"]
# ## In NumPy
#
# When the windows lie side by side, as above, a `reshape` cuts the image into them. Four axes of
# length 2 come out: row of the window, row inside the window, column of the window, column inside
# the window. The two inner axes are 1 and 3.

# %%
blocks = image.reshape(2, 2, 2, 2)
print("upper right window:", blocks[0, :, 1, :].tolist())
print("max:    ", blocks.max(axis=(1, 3)).tolist())
print("average:", blocks.mean(axis=(1, 3)).tolist())
print("l2:     ", np.sqrt((blocks**2).sum(axis=(1, 3))).round(4).tolist())

# %% [markdown]
# That trick needs $f = s$ and sizes that $f$ divides. The functions `max_pool2d` and `avg_pool2d` of
# the course's library take a whole batch of shape `(m, n_H, n_W, n_C)`, any $f$ and any stride; the
# stride is $f$ if it is left out. You write such a function yourself in the assignment
# [Pooling](../release/pooling/pooling.ipynb); here you use them.

# %%
A_prev = image.reshape(1, 4, 4, 1).astype(float)

A_max = max_pool2d(A_prev, 2)
A_average = avg_pool2d(A_prev, 2)
print("shape:", A_max.shape)
print("max:    ", A_max[0, :, :, 0].tolist())
print("average:", A_average[0, :, :, 0].tolist())

# %% [markdown]
# There is no function for l2, and none is needed. The sum of squares of a window is $f^2$ times the
# *average* of the squares, so l2 pooling is average pooling between a square and a root.


# %%
def l2_pool(A_prev, f):
    mean_of_squares = avg_pool2d(A_prev**2, f)
    return f * np.sqrt(mean_of_squares)


A_l2 = l2_pool(A_prev, 2)
np.testing.assert_allclose(A_l2[0, :, :, 0], np.sqrt((blocks**2).sum(axis=(1, 3))))

fig, axes = plt.subplots(1, 4, figsize=(10, 3.2), width_ratios=[2, 1, 1, 1], layout="constrained")
quarters = [(0, 0, 2, 2, "C0"), (0, 2, 2, 2, "C1"), (2, 0, 2, 2, "C2"), (2, 2, 2, 2, "C4")]
draw_grid(axes[0], image, "image", windows=quarters)
for ax, A, title in zip(axes[1:], (A_max, A_average, A_l2), ("max", "average", "l2"), strict=True):
    draw_grid(ax, A[0, :, :, 0], title)
present(
    fig,
    "The 4 by 4 image with its four windows outlined, and three outputs of 2 by 2. Max: 7, 9, 8, "
    "8. Average: 4, 5.25, 5.75, 5. l2: 9.165, 11.96, 12.12, 10.68.",
)

# %% [markdown]
# **Exercise 1.** Pool this image by average, with $f = 2$ and stride 2. Work it out by hand, and
# put the four numbers in place of `None`, as `[[..., ...], [..., ...]]`.
#
# $$\begin{pmatrix} 4&3&1&5\\1&3&4&8\\4&5&4&3\\6&5&9&4 \end{pmatrix}$$

# %%
answer = None
### BEGIN SOLUTION
answer = [[2.75, 4.5], [5, 5]]
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    answer,
    [[2.75, 4.5], [5, 5]],
    "Each number is a sum of four entries, divided by 4. Which four are in the lower left window?",
    [
        ([[4, 8], [6, 9]], "These are the largest of each window, not the averages."),
        ([[11, 18], [20, 20]], "These are the sums of each window. An average divides them."),
        ([[5.5, 9], [10, 10]], "These sums are divided by 2. How many numbers does a window hold?"),
        ([[2.75, 4.5], [5.25, 5]], "Add up the lower left window once more: 4, 5, 6 and 5."),
    ],
)

# %% [markdown] tags=["row-13"]
# ## Sizes, overlaps and gaps
#
# The number of windows follows from the same count as in a convolution without padding:
#
# $$n_H = \left\lfloor \frac{n_{H_{prev}} - f}{s} \right\rfloor + 1, \qquad
# n_W = \left\lfloor \frac{n_{W_{prev}} - f}{s} \right\rfloor + 1, \qquad
# n_C = n_{C_{prev}},$$
#
# where $n_{H_{prev}}$, $n_{W_{prev}}$ and $n_{C_{prev}}$ are the height, width and channels of the
# input, $n_H$, $n_W$ and $n_C$ those of the output, and $\lfloor\ \rfloor$ rounds down.
#
# You will often read that pooling halves an image. That is what $f = 2$ with stride 2 does to an
# even size, and no more than that. **Predict, then run:** the next cell counts, for each pixel, how
# many windows see it. Where are the zeros, and where are the largest numbers?


# %%
def windows_that_see(n, f, stride):
    """For every pixel of an image of n by n, in how many windows it lies."""
    counts = np.zeros((n, n))
    for top in range(0, n - f + 1, stride):
        for left in range(0, n - f + 1, stride):
            counts[top : top + f, left : left + f] += 1
    return counts


fig, axes = plt.subplots(1, 3, figsize=(10, 3.9), width_ratios=[5, 5, 7], layout="constrained")
for ax, (n, f, stride) in zip(axes, [(5, 2, 2), (5, 3, 2), (7, 2, 3)], strict=True):
    n_H = (n - f) // stride + 1
    draw_grid(ax, windows_that_see(n, f, stride), f"f = {f}, stride {stride}: {n_H} by {n_H} out")
present(
    fig,
    "Three grids of counts. With f 2 and stride 2 on 5 by 5, every pixel counts 1 but for the last "
    "row and the last column, which count 0. With f 3 and stride 2 on 5 by 5, the middle row and "
    "the middle column count 2, the pixel where they cross 4, the others 1. With f 2 and stride 3 "
    "on 7 by 7, four blocks of 2 by 2 count 1; rows and columns 2, 5 and 6 count 0.",
)

# %% [markdown]
# - **Left**: 5 is odd. The windows cover rows 0 to 3, and row 4 has no say at all, nor has column
#   4.
# - **Middle**: the stride is smaller than $f$, so windows **overlap**. The pixel in the middle lies
#   in all [4]{= int(windows_that_see(5, 3, 2)[2, 2]) } of them. AlexNet pools like this, with
#   $f = 3$ and stride 2.
# - **Right**: the stride is larger than $f$, which leaves **gaps**. Rows and columns 2, 5 and 6 are
#   never looked at. One can do this, but hardly anybody does.
#
# What does pooling save? Let 32 feature maps of $28 \times 28$ come out of a convolution layer.
# That is [25,088]{= f"{32 * 28 * 28:,}" } numbers for each image. After pooling with $f = 2$ and
# stride 2 there are 32 maps of $14 \times 14$, [6,272]{= f"{32 * 14 * 14:,}" } numbers: about a
# quarter of the work for the next convolution, and a quarter of the weights for a dense layer that
# reads them.
#
# It also **widens the view**. A $3 \times 3$ filter behind this pooling layer sees three pooled
# numbers in a row, and together they stand for six pixels of the map before.
#
# The next cell pools a whole batch with overlapping windows: two images of $5 \times 5$ with three
# channels, $f = 3$, stride 2. **Predict** the shape of the result, then run. A published assignment
# prints the same numbers, and the cell compares with them.

# %%
np.random.seed(1)
batch = np.random.randn(2, 5, 5, 3)
A_max_batch = max_pool2d(batch, 3, stride=2)
A_average_batch = avg_pool2d(batch, 3, stride=2)
print("shape:", A_max_batch.shape)
print("max, first image:", A_max_batch[0].round(4), sep="\n")

# %% jupyter={"source_hidden": true}
# What the published assignment prints, channel by channel along each row.
published_max = [
    [[1.74481176, 0.90159072, 1.65980218], [1.74481176, 1.6924546, 1.65980218]],
    [[1.13162939, 1.51981682, 2.18557541], [1.13162939, 1.6924546, 2.18557541]],
]
published_average = [
    [[-0.03010467, -0.00324021, -0.33629886], [0.12893444, 0.22242847, 0.1250676]],
    [[-0.38268052, 0.23257995, 0.6259979], [-0.09525515, 0.268511, 0.46605637]],
]
second_max = [[1.19891788, 0.84616065, 0.82797464], [0.69803203, 1.12141771, 1.2245077]]
second_average = [[-0.17313416, 0.32377198, -0.34317572], [0.02030094, 0.14141479, -0.01231585]]
for A, first, second in [
    (A_max_batch, published_max, second_max),
    (A_average_batch, published_average, second_average),
]:
    np.testing.assert_allclose(A[0], first, rtol=1e-6)
    np.testing.assert_allclose(A[1, 0], second, rtol=1e-6)
print("as published")

# %% [markdown]
# The shape is `(2, 2, 2, 3)`: examples and channels stay, height and width shrink. Look at the last
# column, channel 2 of the first image. The number
# [1.6598]{= A_max_batch[0, 0, 0, 2].round(4) } stands in both windows of the upper row. The windows
# overlap, and they share that maximum.
#
# A window of negative numbers has a negative maximum. Whoever writes a maximum by hand and starts
# the search from 0 gets this wrong, so it is worth one line to look:

# %%
below_zero = np.array([[-5.0, -6.0], [-7.0, -8.0]]).reshape(1, 2, 2, 1)
print(max_pool2d(below_zero, 2).item())

# %% [markdown]
# **Exercise 2.** Sometimes the *smallest* number of each window is wanted, for example to find dark
# lines on white paper. The library has no function for that. Write `min_pool` with the help of
# `max_pool2d`, and without a loop. (What happens to the order of numbers when you change their
# signs?)


# %%
def min_pool(A_prev, f, stride):
    result = None
    ### BEGIN SOLUTION
    result = -max_pool2d(-A_prev, f, stride)
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
def right_min_pool(A_prev, f, stride):
    return -max_pool2d(-A_prev, f, stride)


public_tests.check_function(
    "Exercise 2",
    min_pool,
    right_min_pool,
    [
        (A_prev, 2, 2),
        (batch, 3, 2),
        (batch, 2, 1),
    ],
    "The smallest of 1, 5, 7, 3 is 1; the largest of -1, -5, -7, -3 is -1.",
    [
        (
            lambda A, f, s: max_pool2d(A, f, s),
            "This is the largest number of each window.",
        ),
        (
            lambda A, f, s: max_pool2d(-A, f, s),
            "The right entry of each window is found, but its sign is still turned round.",
        ),
        (
            lambda A, f, s: -max_pool2d(A, f, s),
            "This turns the sign of the largest number. Turn the signs before pooling as well.",
        ),
    ],
)

# %% [markdown] tags=["row-13"]
# ## Pooling in Keras, TensorFlow and PyTorch
#
# All three have pooling layers. In Keras you say the size of the window; the stride is the same as
# that size unless you say otherwise. Nothing is padded by default.

# %% needs="keras tensorflow"
import keras

X = A_prev.astype("float32")  # (m, n_H, n_W, n_C), as in NumPy
keras_max = keras.layers.MaxPooling2D(pool_size=2, strides=2)(X)
keras_average = keras.layers.AveragePooling2D(pool_size=2)(X)  # strides=None means pool_size
print("max:    ", keras_max.numpy()[0, :, :, 0].tolist())
print("average:", keras_average.numpy()[0, :, :, 0].tolist())
np.testing.assert_allclose(keras_max, A_max)
np.testing.assert_allclose(keras_average, A_average)

# %% [markdown]
# TensorFlow has the same operations as functions, without an object for the layer. There, window,
# stride and padding have no defaults: all three are spelled out. `"VALID"` means no padding.

# %% needs="tensorflow"
import tensorflow as tf

X = tf.constant(A_prev, dtype=tf.float32)
tf_max = tf.nn.max_pool2d(X, ksize=2, strides=2, padding="VALID")
tf_average = tf.nn.avg_pool2d(X, ksize=2, strides=2, padding="VALID")
tf_l2 = 2 * tf.sqrt(tf.nn.avg_pool2d(X**2, ksize=2, strides=2, padding="VALID"))
np.testing.assert_allclose(tf_max, A_max)
np.testing.assert_allclose(tf_average, A_average)
np.testing.assert_allclose(tf_l2, A_l2, rtol=1e-6)
print("TensorFlow agrees with NumPy.")

# %% [markdown]
# PyTorch keeps the channels in front of the height, in shape `(m, n_C, n_H, n_W)`, so the axes are
# moved before and moved back after. It has l2 pooling ready made: `LPPool2d` takes the power, here
# 2, and then the window.

# %% needs="torch"
import torch
from torch import nn

X = torch.tensor(A_prev, dtype=torch.float32).permute(0, 3, 1, 2)  # channels to the front
for layer, expected in [
    (nn.MaxPool2d(kernel_size=2), A_max),  # stride=None means kernel_size
    (nn.AvgPool2d(kernel_size=2, stride=2), A_average),
    (nn.LPPool2d(norm_type=2, kernel_size=2), A_l2),
]:
    A = layer(X).permute(0, 2, 3, 1)  # channels to the back
    np.testing.assert_allclose(A, expected, rtol=1e-6)
    print(layer, "agrees with NumPy.")

# %% [markdown]
# Windows need not be square in any of them, and the stride may differ by direction too. **Predict,
# then run:** a map of $31 \times 21$ is pooled by windows of 2 rows and 4 columns, 3 rows and 2
# columns apart. What is the size of the result?

# %% needs="keras tensorflow"
oblong = keras.layers.MaxPooling2D(pool_size=(2, 4), strides=(3, 2))
print(oblong(np.zeros((1, 31, 21, 16), "float32")).shape)

# %% [markdown]
# Rows: $\lfloor (31 - 2)/3 \rfloor + 1 =$ [10]{= (31 - 2) // 3 + 1 }. Columns:
# $\lfloor (21 - 4)/2 \rfloor + 1 =$ [9]{= (21 - 4) // 2 + 1 }.
#
# **One dimension, and three.** Sound, text and measurements over time have one axis where images
# have two. `MaxPooling1D` takes arrays of shape `(m, steps, n_C)`, with the arguments
# `pool_size=2`, `strides=None` and `padding="valid"` by default; the channels come last, unless
# `data_format="channels_first"` says otherwise. `AveragePooling1D` is its sibling, and
# `MaxPooling3D` serves videos and scans. PyTorch has the same family.
#
# **Predict, then run.** A row holds 0, 0, 3, 3, 0, 0. What comes out of max pooling with windows of
# 2, and what of average pooling?

# %% needs="keras tensorflow"
row = np.array([0, 0, 3, 3, 0, 0], dtype="float32").reshape(1, 6, 1)  # (m, steps, n_C)
row_max = keras.layers.MaxPooling1D(pool_size=2)(row)
row_average = keras.layers.AveragePooling1D(pool_size=2)(row)
print(f"max: {row_max.numpy().ravel()}   average: {row_average.numpy().ravel()}")

# %% [markdown]
# Both give 0, 3, 0. Keep this row in mind, you will meet it again.
#
# **A trap: padding.** With `padding="same"` (Keras) or `padding=1` (PyTorch) windows reach over the
# border. Which numbers do they find out there? For the maximum, all three libraries agree: none.
# What lies outside can never win, as if it were $-\infty$. For the average they do not agree.
# **Predict, then run:** an image holds nothing but ones. A window of $3 \times 3$ stands on its
# corner and sees 4 pixels of the image. What is the average?

# %% needs="torch tensorflow"
ones = np.ones((1, 4, 4, 1), dtype="float32")
print("TensorFlow and Keras:   ", tf.nn.avg_pool2d(ones, 3, 1, "SAME").numpy()[0, 0, 0, 0])

ones = torch.ones(1, 1, 4, 4)
pytorch_average = nn.AvgPool2d(3, stride=1, padding=1)
print("PyTorch:                ", round(pytorch_average(ones)[0, 0, 0, 0].item(), 4))
not_counted = nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
print("count_include_pad=False:", not_counted(ones)[0, 0, 0, 0].item())

# %% [markdown]
# TensorFlow and Keras divide by the 4 pixels that are there, which gives 1. PyTorch counts five
# zeros more, and divides by 9: $4/9 \approx$ [0.4444]{= f"{4 / 9:.4f}" }. Its argument
# `count_include_pad=False` makes them agree.
#
# And for the maximum? The course's own `max_pool2d` does not pad. If you pad with zeros yourself
# and pool then, the zeros take part. **Predict, then run:** the image holds nothing but $-1$. What
# is the maximum at its corner, with PyTorch's padding and with zeros of your own?

# %% needs="torch"
minus_ones = -np.ones((1, 4, 4, 1))
minus_ones_padded = np.pad(minus_ones, ((0, 0), (1, 1), (1, 1), (0, 0)))
padded = max_pool2d(minus_ones_padded, 3, stride=1)
print("zeros of our own: ", padded[0, 0, 0, 0] + 0)

pytorch_max = nn.MaxPool2d(3, stride=1, padding=1)
print("PyTorch's padding:", pytorch_max(-torch.ones(1, 1, 4, 4))[0, 0, 0, 0].item())

# %% [markdown] tags=["row-13", "row-14"]
# ## The line detector, pooled
#
# In the lesson [Images and filters](01_images_and_filters.ipynb), a $3 \times 3$ filter
# with ones in its middle column found the vertical line in an image of $8 \times 8$. Its feature
# map is $6 \times 6$, and each of its rows is the row 0, 0, 3, 3, 0, 0. Here are image, map and
# both pooled maps.

# %%
line = np.zeros((1, 8, 8, 1))
line[:, :, 3:5] = 1  # two pixels wide, from top to bottom

detector = np.zeros((3, 3, 1, 1))  # (f, f, n_C_prev, n_C)
detector[:, 1] = 1


def detect(images):
    """The feature maps of the line detector: convolution, then ReLU."""
    return np.maximum(conv2d(images, detector), 0)


def pool(A_prev, mode="max", f=2):
    """Pool with windows that lie side by side."""
    return max_pool2d(A_prev, f) if mode == "max" else avg_pool2d(A_prev, f)


feature_map = detect(line)
print("row of the map:    ", feature_map[0, 0, :, 0])
print("row, max pooled:   ", pool(feature_map, "max")[0, 0, :, 0])
print("row, average pooled:", pool(feature_map, "average")[0, 0, :, 0])


# %% jupyter={"source_hidden": true}
def draw_line_maps(images, title):
    """An image, its feature map, and the map pooled by maximum and by average."""
    maps = detect(images)
    ratios = [8, 6, 3, 3]
    fig, axes = plt.subplots(1, 4, figsize=(11, 4.2), width_ratios=ratios, layout="constrained")
    draw_grid(axes[0], images[0, :, :, 0], title)
    pairs = [(0, 2 * k, 6, 2, colour) for k, colour in enumerate(["C0", "C1", "C2"])]
    draw_grid(axes[1], maps[0, :, :, 0], "feature map", windows=pairs)
    draw_grid(axes[2], pool(maps, "max")[0, :, :, 0], "max pooled")
    draw_grid(axes[3], pool(maps, "average")[0, :, :, 0], "average pooled")
    return fig


present(
    draw_line_maps(line, "image"),
    "Four grids. The 8 by 8 image has ones in columns 3 and 4 and zeros elsewhere. Its 6 by 6 "
    "feature map has threes in columns 2 and 3; the column pairs 0 and 1, 2 and 3, 4 and 5 are "
    "outlined. Both pooled maps are 3 by 3, with threes in the middle column and zeros elsewhere.",
)

# %% [markdown]
# The line falls exactly into the middle pair of columns. Every window is therefore filled with
# zeros or filled with threes, and the maximum is the average. On a quarter of the numbers, the
# pooled maps still say: a line, in the middle.
#
# The same as a Keras model, first with average, then with max pooling. It is given our filter by
# `set_weights`, and `count_params` says what there is to learn.

# %% needs="keras tensorflow"
for pooling, mode in [
    (keras.layers.AveragePooling2D, "average"),
    (keras.layers.MaxPooling2D, "max"),
]:
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(1, 3, activation="relu"),
            pooling(2),
        ]
    )
    model.layers[0].set_weights([detector, np.zeros(1)])
    A = model.predict(line, verbose=0)
    np.testing.assert_allclose(A, pool(feature_map, mode))
    print(f"{mode:<8} {A.shape}, rows {A[0, 0, :, 0]}, {model.count_params()} parameters")

# %% [markdown]
# Nine weights and a bias make 10 parameters. They all belong to the convolution.

# %% [markdown] tags=["row-14"]
# ## Equivariant and invariant
#
# Now the line moves by one pixel to the right. What does the convolution do, and what does the
# pooling do?
#
# Let $x$ be an image, $T_k$ the shift by $k$ pixels to the right, so $T_k x$ is the shifted image,
# and let $g$ be a layer, so $g(x)$ is its output.
#
# - $g$ is **equivariant** to the shift if its output shifts along: $g(T_k x) = T_k\, g(x)$.
# - $g$ is **invariant** to the shift if its output stays as it is: $g(T_k x) = g(x)$.
#
# To find out *where* something is, one wants the first; to find out *what* it is, the second.
#
# **A convolution is equivariant.** It does the same at every place, so if the image moves, the
# places move, and the numbers with them. We can put that to the test. `np.roll` shifts an array,
# and what leaves on the right comes back in on the left; here only zeros do.
#
# **Predict, then run.** For which shifts will the first comparison hold, for which the second?


# %%
def shift(images, k):
    """Images moved by k pixels to the right."""
    return np.roll(images, k, axis=2)


def yes_or_no(g, k):
    """Whether g is equivariant and invariant to the shift by k, as far as the line can tell."""
    equivariant = np.array_equal(g(shift(line, k)), shift(g(line), k))
    invariant = np.array_equal(g(shift(line, k)), g(line))
    return f"equivariant: {equivariant}   invariant: {invariant}"


for k in (-2, -1, 1, 2):
    print(f"shift by {k:>2}:  {yes_or_no(detect, k)}")

# %% [markdown]
# Equivariant each time, invariant never. There are two limits. Near the border a pattern is cut
# off, and with padding it meets the zeros there. And a convolution with stride $s$ looks at every
# $s$-th place only. A shift by $s$, $2s$ or $3s$ pixels moves its output by 1, 2 or 3; after a
# shift in between, the output is in general another one, and not the old one moved.
#
# **Is pooling invariant?** That is often said. **Predict, then run:** the line moves one pixel to
# the right. Each row of the map is now 0, 0, 0, 3, 3, 0. What do max pooling and average pooling
# make of it?

# %%
shifted = shift(line, 1)
present(
    draw_line_maps(shifted, "image, moved by one pixel"),
    "Four grids. The ones of the image are now in columns 4 and 5, the threes of the feature map "
    "in columns 3 and 4, on both sides of the border between two column pairs. Each row of the max "
    "pooled map is 0, 3, 3; each row of the average pooled map is 0, 1.5, 1.5.",
)

# %% [markdown]
# Now the line lies on the border between two windows. Max pooling reports 0, 3, 3: the middle is
# unchanged, but on the right there is a 3 that was not there before. Average pooling reports
# 0, 1.5, 1.5: the line is shared out between the two. **Neither is invariant.** What one can say is
# that a good part of the answer stayed: the line is still reported in the middle, at full strength
# by the maximum.
#
# Watch the line go all the way from left to right, one pixel at a time.

# %% jupyter={"source_hidden": true}
animate(
    lambda k: draw_line_maps(shift(line, k), f"image, line in columns {k + 3} and {k + 4}"),
    range(-2, 3),
    "The two pixel wide line moves from columns 1 and 2 to columns 5 and 6, one pixel for each "
    "frame. The feature map moves along in each frame. The max pooled rows are, one after another: "
    "3, 0, 0; then 3, 3, 0; then 0, 3, 0; then 0, 3, 3; then 0, 0, 3. The average pooled rows have "
    "3 where the line fills a window, and 1.5 twice where it lies between two.",
    seconds=1.6,
)

# %% [markdown]
# In every second frame the pooled maps hold a single column of threes, which has moved by one. So
# pooling with stride 2 is equivariant after all, for shifts by 2, 4, 6 pixels: they move the pooled
# map by 1, 2, 3. For shifts by an odd number of pixels it is, in general, neither equivariant nor
# invariant. A convolution with stride 2 behaves in the same way.

# %%
for k in (-1, 1):
    same = np.array_equal(pool(detect(shift(line, 2 * k))), shift(pool(detect(line)), k))
    print(f"moving the image by {2 * k} is moving the pooled map by {k}: {same}")

# %% [markdown]
# **Predict, then run.** Can a shift by one pixel change nothing at all? Take the thinnest line, one
# pixel wide, whose map has threes in a single column, and move it.

# %%
thin = np.zeros((1, 8, 8, 1))
thin[:, :, 3] = 1
for k in range(4):
    maps = detect(shift(thin, k))
    print(f"moved by {k}: row {maps[0, 0, :, 0]}  max pooled {pool(maps)[0, 0, :, 0]}")

# %% [markdown]
# Yes. From the first line of the output to the second, the 3 moves from the left to the right place
# *inside one window*, and the pooled map does not notice. The next step leaves the window, and the
# pooled map moves on. So a shift is forgiven or not depending on where the windows stand.
#
# Pooling is **approximately** invariant to **small** shifts. Both words are needed.
#
# **Exercise 3.** A map of $9 \times 9$ is max pooled with $f = 3$ and stride 3. It is zero but for
# one column of threes, column 3. By how many pixels can that column move to the right, at most, so
# that the pooled map stays exactly as it was?

# %%
answer = None
### BEGIN SOLUTION
answer = 2  # columns 3, 4 and 5 lie in the same windows
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 3",
    answer,
    2,
    "Write down which columns belong to the window that column 3 is in.",
    [
        (3, "A shift by 3 takes column 3 to column 6. Which window is that in?"),
        (1, "That is right for windows of 2. How many columns does a window have here?"),
        (0, "Columns 3 and 4 lie in the same windows, so one pixel at least is forgiven."),
    ],
)

# %% [markdown] tags=["row-14"]
# ## How approximate? Measured on a photograph
#
# A line of equal pixels is a special case, so let us measure on a photograph. It comes with
# scikit-learn: a pagoda, `china.jpg`. We make it grey, from 0 (black) to 1 (white).

# %%
from sklearn.datasets import load_sample_image

colour = load_sample_image("china.jpg") / 255
photograph = colour @ [0.299, 0.587, 0.114]  # shares of red, green and blue in brightness
print("the photograph:", photograph.shape)

# %% [markdown]
# We look at a part of $130 \times 130$ pixels and find its vertical edges with a Sobel filter and
# ReLU, which gives a map of $128 \times 128$. Then the camera moves: a part of the same size, cut
# out $k$ pixels further to the right. We compare the two maps by their **relative change**,
#
# $$\frac{\lVert g(x_k) - g(x_0) \rVert}{\lVert g(x_0) \rVert},$$
#
# where $x_k$ is the part that begins $k$ pixels further right, $g(x_k)$ the map, pooled or not, and
# $\lVert\ \rVert$ the root of the sum of all squares. A value of 0 means that nothing has changed,
# and 1 that the change is as large as the map itself.
#
# **Predict, then run.** Four curves, for max pooling with windows of 1 (no pooling), 2, 4 and 8. In
# which order will they lie?

# %%
sobel = np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]]).reshape(3, 3, 1, 1)


def edges(k):
    """The edges in the part of the photograph that begins k pixels further to the right."""
    part = photograph[150:280, 200 + k : 330 + k].reshape(1, 130, 130, 1)
    return np.maximum(conv2d(part, sobel), 0)


def relative_change(f, k, mode="max"):
    before, after = pool(edges(0), mode, f), pool(edges(k), mode, f)
    return np.linalg.norm(after - before) / np.linalg.norm(before)


# %% jupyter={"source_hidden": true}
shifts = range(9)
fig, axes = plt.subplots(1, 2, figsize=(10, 4.3), sharey=True, layout="constrained")
for ax, mode in zip(axes, ("max", "average"), strict=True):
    for f, style in [(1, "-o"), (2, "--s"), (4, "-.^"), (8, ":D")]:
        changes = [relative_change(f, k, mode) for k in shifts]
        label = "no pooling" if f == 1 else f"f = stride = {f}"
        ax.plot(shifts, changes, style, label=label, markersize=5)
    ax.set(title=f"{mode} pooling", xlabel="shift of the image in pixels")
axes[0].set_ylabel("relative change of the map")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
present(
    fig,
    "Two charts of relative change against the shift from 0 to 8 pixels, for max and for average "
    "pooling. All curves begin at 0. Without pooling the curve jumps to 1.16 at one pixel and "
    "stays around 1 or above. With windows of 2 it reaches 0.74 (max) or 0.83 (average) at one "
    "pixel, with windows of 4 about 0.3, with windows of 8 about 0.1, and they rise from there. "
    "The larger the window, the lower the curve; no curve stays at 0.",
)

# %% [markdown]
# One pixel is enough to change the unpooled map by
# [116 %]{= f"{100 * relative_change(1, 1):.0f} %" }. (Two maps that are bright at different places,
# and equally so, $\lVert g(x_k) \rVert = \lVert g(x_0) \rVert$, differ by $\sqrt 2$, or 141 %: thin
# edges that moved apart are not far from that.) Max pooling with windows of 2 brings the change
# down to [74 %]{= f"{100 * relative_change(2, 1):.0f} %" }, with 4 to
# [30 %]{= f"{100 * relative_change(4, 1):.0f} %" } and with 8 to
# [10 %]{= f"{100 * relative_change(8, 1):.0f} %" }. The larger the window, the more is forgiven,
# and the less is known about where things are. But no curve stays at 0, and a shift by a whole
# window is no small shift: with windows of 8, moving by 8 pixels changes
# [46 %]{= f"{100 * relative_change(8, 8):.0f} %" }. Average pooling behaves much the same here.
#
# Deep networks pool several times. With each layer, the windows grow as seen from the image, and so
# does the shift that is forgiven.
#
# **One window for the whole map.** The extreme case is a window as large as the map, called *global
# pooling*: each channel becomes one number. If a pattern moves about inside the map, that number
# does not change. **Predict, then run:** is global average pooling of the line's map invariant for
# *all* the shifts? And global max pooling?

# %%
for k in (-2, -1, 0, 1, 2):
    maps = detect(shift(line, k))
    print(
        f"shift {k:>2}: average {maps.mean(axis=(1, 2)).item()}, max {maps.max(axis=(1, 2)).item()}"
    )

# %% [markdown]
# Both are, as long as all the threes stay inside the map. (One more pixel, and the outer column of
# the line lies at the border of the image, where it is in the middle of no window: the average
# drops to [0.5]{= detect(shift(line, 3)).mean() }.) Equivariance comes first and makes this
# possible: while the numbers of the map only move, its mean and its maximum cannot change. Many
# networks end like this, with global average pooling in front of the scores. In Keras it is called
# `GlobalAveragePooling2D`, in PyTorch `nn.AdaptiveAvgPool2d(1)`.

# %% [markdown]
# **Exercise 4.** Write `global_average_pool`. It takes a batch of shape `(m, n_H, n_W, n_C)` and
# returns the mean of each channel of each example, an array of shape `(m, n_C)`.


# %%
def global_average_pool(A_prev):
    result = None
    ### BEGIN SOLUTION
    result = A_prev.mean(axis=(1, 2))
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_function(
    "Exercise 4",
    global_average_pool,
    lambda A: A.mean(axis=(1, 2)),
    [(batch,), (np.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5),)],
    "Which axes are the height and the width? np.mean takes a tuple of axes.",
    [
        (lambda A: A.mean(), "This is one mean for everything. Examples and channels stay apart."),
        (lambda A: A.mean(axis=(1, 2, 3)), "This averages over the channels too."),
        (lambda A: A.mean(axis=(0, 1, 2)), "This averages over the examples too."),
        (lambda A: A.mean(axis=(2, 3)), "Axis 3 holds the channels, and axis 1 the rows."),
        (lambda A: A.max(axis=(1, 2)), "This is global max pooling."),
        (
            lambda A: A.mean(axis=(1, 2), keepdims=True),
            "The means are right. The two axes of length 1 should be gone.",
        ),
    ],
)

# %% [markdown] tags=["row-13"]
# ## Max beside average on a photograph
#
# What does a pooled photograph look like? We take the upper part of the pagoda, $220 \times 220$
# pixels, and pool it twice with $f = 2$ and stride 2: $220 \to 110 \to 55$. Above by maximum, below
# by average.
#
# **Predict, then run.** What happens to the dark lines between the tiles of the roof: in the upper
# row, and in the lower one?

# %%
pagoda = photograph[25:245, 90:310].reshape(1, 220, 220, 1)

fig, axes = plt.subplots(2, 3, figsize=(10, 7), layout="constrained")
for line_of_axes, mode in zip(axes, ("max", "average"), strict=True):
    pooled = pagoda
    for step, ax in enumerate(line_of_axes):
        if step > 0:
            pooled = pool(pooled, mode)
        ax.imshow(pooled[0, :, :, 0], cmap="gray", vmin=0, vmax=1)
        size = "{} by {}".format(*pooled.shape[1:3])
        ax.set_title(size if step == 0 else f"{mode}, {size}")
        ax.axis("off")
present(
    fig,
    "Two rows of three pictures of a pagoda with tiled roofs against a bright sky: 220 by 220, 110 "
    "by 110 and 55 by 55 pixels. Above, by maximum, the picture gets brighter and the dark lines "
    "between the tiles and in the railings shrink or vanish. Below, by average, it keeps its "
    "brightness and looks like the original seen from further away, with blurred details.",
)

# %% [markdown]
# Both rows still show a pagoda. That is why one reads that pooling preserves the features. It is
# too much said: *what* is preserved depends on the kind of pooling, and something is always lost.
#
# - Max pooling keeps the brightest pixel of each window. Bright details survive and grow, and thin
#   dark lines disappear. The picture becomes brighter as a whole: its mean rises from
#   [0.48]{= f"{pagoda.mean():.2f}" } to [0.61]{= f"{pool(pool(pagoda)).mean():.2f}" }.
# - Average pooling keeps the brightness: the mean of the small picture is
#   [0.48]{= f"{pool(pool(pagoda, 'average'), 'average').mean():.2f}" } as before. (The windows
#   cover every pixel once here.) Fine patterns blur into grey.
#
# In a network, what is pooled is a feature map, where a large number means "here it is" and a small
# one "nothing here". There, keeping the largest is often what one wants, and max pooling between
# convolution layers is common. Averages weaken a pattern that fills only a part
# of the window, as the 1.5 of the line has shown.

# %% [markdown]
# ## What cannot be undone, and ties
#
# Many inputs give the same pooled output. Here are three images of $2 \times 2$ with the same
# maximum. In the third it occurs twice, which is called a **tie**.

# %%
for values in ([[1, 3], [2, 2]], [[3, 0], [0, 0]], [[1, 3], [3, 2]]):
    window = np.array(values)
    places = np.flatnonzero(window == window.max()).tolist()  # the entries numbered from 0 to 3
    print(f"{values}: maximum {window.max()}, at {places}")

# %% [markdown]
# Going forward, a tie changes nothing: the maximum is 3, whoever holds it. But when a network
# learns, the gradient goes back to the pixel that gave the maximum, and with a tie there are
# several. Somebody has to choose. **Predict, then run:** PyTorch's pooling layer can say which
# entry it took. Which one will it be in the third image?

# %% needs="torch"
X = torch.tensor([[1.0, 3.0], [3.0, 2.0]]).reshape(1, 1, 2, 2)
largest, index = nn.MaxPool2d(2, return_indices=True)(X)
print(f"maximum {largest.item():.0f}, taken from entry {index.item()}")

# %% [markdown]
# It took the first of the two. Ties are common: the maps that come out of a ReLU are full of zeros,
# and in the map of the line every window held four equal numbers. The lesson
# [Backpropagation](10_backpropagation.ipynb) looks at what each library does with them.

# %% [markdown]
# ## Flattening loses what lies next to what
#
# At the end of many networks the maps are **flattened** into one long vector for a dense layer. No
# number is lost by that. What is lost is the neighbourhood: which pixel lies beside which.
#
# Number the pixels of a $4 \times 4$ image from 0 to 15, row by row; these are their places in the
# vector. **Predict:** pixels 5 and 6 are neighbours, and so are 5 and 9. How far apart are they in
# the vector?

# %%
places = np.arange(16).reshape(4, 4)
fig, axes = plt.subplots(2, 1, figsize=(9, 4.6), height_ratios=[4, 1], layout="constrained")
two = [(1, 1, 1, 2, "C1"), (1, 1, 2, 1, "C0")]
draw_grid(axes[0], places, "places in the vector", windows=two)
draw_grid(axes[1], places.reshape(1, 16), "the vector", windows=[(0, 5, 1, 2, "C1")])
axes[1].plot([5, 9], [0.8, 0.8], "C0--o", lw=2, clip_on=False)
axes[1].set(xticks=[], yticks=[])
present(
    fig,
    "Above, a 4 by 4 grid with the numbers 0 to 15, row by row. Outlined are the pair 5 and 6, "
    "side by side, and the pair 5 and 9, one above the other. Below, the same numbers as a vector: "
    "5 and 6 are still side by side, while a dashed line from 5 to 9 spans four places.",
)

# %% [markdown]
# One place, and four. In an image 220 pixels wide, a pixel and the one below it are 220 places
# apart. That need not be harmful in itself; the point is that a **dense layer does not know any of
# it**. In the lesson [The convolution layer](04_convolution_layer.ipynb) it gave the same
# answers for a digit and for the same digit shuffled, once its weights were put in the new order.
#
# Pooling does know which pixels are neighbours. **Predict, then run.** We shuffle the
# [48,400]{= f"{220 * 220:,}" } pixels of the pagoda at random. What will be left of the picture
# when it is max pooled twice?

# %%
order = np.random.default_rng(0).permutation(220 * 220)
shuffled = pagoda.reshape(-1)[order].reshape(1, 220, 220, 1)

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 4, figsize=(11, 3.2), layout="constrained")
for ax, A, title in [
    (axes[0], pagoda, "image"),
    (axes[1], pool(pool(pagoda)), "max pooled twice"),
    (axes[2], shuffled, "image, shuffled"),
    (axes[3], pool(pool(shuffled)), "shuffled, max pooled twice"),
]:
    ax.imshow(A[0, :, :, 0], cmap="gray", vmin=0, vmax=1)
    ax.set_title(title)
    ax.axis("off")
present(
    fig,
    "Four grey pictures: the pagoda; the pagoda max pooled to 55 by 55 pixels, still a pagoda; the "
    "shuffled image, which is noise without any shape; and the shuffled image max pooled, which is "
    "a nearly even bright grey.",
)

# %% [markdown]
# A nearly even grey: almost every window of $4 \times 4$ pixels holds a bright one now. A dense
# layer could learn from images shuffled like this, always in the same way, as well as from the
# others. A person would be lost, and so are convolution and pooling: they *use* that pixels lie
# side by side. So a network convolves and pools as long as there is a picture, and flattens at the
# end.
#
# A dense layer also takes a shifted image for something else. Take a handwritten digit of
# $8 \times 8$ pixels, and let the weights be that digit itself, so that the score is large for
# images that look like it. Then move the digit by one pixel.

# %%
from convnet.data import digits

digit = digits().train_images[:1].astype(float)  # a zero, (1, 8, 8, 1)
weights = digit.reshape(64)
score = digit.reshape(64) @ weights
score_moved = shift(digit, 1).reshape(64) @ weights
print(f"score of the digit: {score:.2f}   of the digit moved by one pixel: {score_moved:.2f}")

# %% [markdown]
# [43 %]{= f"{100 * (1 - score_moved / score):.0f} %" } of the score is gone. Nothing in a dense
# layer is made to forgive a shift: it has to learn each place of the digit from examples. What
# pooling forgives before the flattening, it need not learn.
#
# **Instead of pooling.** A convolution with stride 2 also halves a map, and its weights learn how.
# Many newer networks do it that way. A convolution that is added for this has parameters, where
# pooling has none; if one that is there already gets the stride, their number stays as it was. The
# lesson [Fashion-MNIST](12_fashion_mnist.ipynb) trains both kinds and compares them.

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. compute pooling by hand and in NumPy: the maximum, the mean or the l2 norm of every window of
#    every channel, without any parameters, with $n_H = \lfloor (n_{H_{prev}} - f)/s \rfloor + 1$
#    rows; `max_pool2d(A_prev, 2)`;
# 2. pool in Keras (`MaxPooling2D(2)`, `MaxPooling1D`, `AveragePooling2D`), TensorFlow
#    (`tf.nn.max_pool2d`) and PyTorch (`nn.MaxPool2d(2)`, `nn.AvgPool2d`, `nn.LPPool2d`), where the
#    stride is the window's size unless you say otherwise, and where averages over padding differ;
# 3. tell *equivariant*, $g(T_k x) = T_k\, g(x)$, which convolutions with stride 1 are away from the
#    border, from *invariant*, $g(T_k x) = g(x)$, which pooling is approximately, for small shifts:
#    and exactly so where nothing leaves its window or, with global pooling, nothing leaves the map.
#
# ## What to read next
#
# - Write the layer yourself: the assignment [Pooling](../release/pooling/pooling.ipynb).
# - The next lesson, [Activations](08_activations.ipynb).
# - D. Scherer, A. Müller and S. Behnke, "Evaluation of pooling operations in convolutional
#   architectures for object recognition", 2010: kinds of pooling compared by experiment.
# - R. Zhang, "Making convolutional networks shift-invariant again", 2019: why strides break
#   equivariance, and a blur that mends much of it.
# - The section on pooling in the notes of
#   [CS231n](https://cs231n.github.io/convolutional-networks/).
