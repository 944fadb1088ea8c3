# %% [markdown]
# # Transposed convolution
#
# Convolution and pooling make images smaller. Some networks must make them larger again: one that
# gives every pixel of a photograph a class, one that draws a picture from a short code, one that
# makes a sharp large image of a small one. The transposed convolution is a layer that does it with
# weights that are learned. It is the backward pass of a convolution, used as a forward pass.
#
# **When you have finished, you will be able to**
#
# 1. compute a transposed convolution by hand and in NumPy, in two ways that give the same numbers;
# 2. give the size of its output, $o' = s(i'-1) + a + k - 2p$, and say what each symbol is for;
# 3. use the layer in Keras, TensorFlow and PyTorch with the same weights, and say where they
#    differ, what the layer does not bring back, and where checkerboards come from.
#
# Time: about 75 minutes. You need [the convolution layer](04_convolution_layer.ipynb) and
# [output sizes](06_output_sizes.ipynb); one section looks back at
# [backpropagation](10_backpropagation.ipynb). Packages: NumPy, Matplotlib and scikit-learn. The
# cells for Keras, TensorFlow and PyTorch are skipped where those are not installed.

# %% include="lesson_setup"

# %% [markdown] tags=["row-25"]
# ## Every value lays down its filter
#
# A convolution *gathers*: a window of the input becomes one number of the output. A transposed
# convolution *scatters*: one number of the input becomes a window of the output. Each input value
# multiplies the whole filter and lays the result down on the output. Where the windows of two
# values overlap, what they lay down is added.
#
# Two small arrays will do for nearly all of this lesson: an image $A$ of $2 \times 2$ pixels and a
# filter $W$ of $3 \times 3$ weights.

# %%
A = np.array([[1, 2], [3, 4]])
W = np.array([[1, 2, 1], [0, 3, 0], [2, 0, 1]])

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid
from lesson_tools.figures import animate

orange, green = "tab:orange", "tab:green"


def draw_laying(stride, step):
    """A figure of the transposed convolution of A with W once `step` + 1 values have had a turn."""
    (f, columns) = W.shape[0], A.shape[1]
    Z = np.full([stride * (n - 1) + f for n in A.shape], np.nan)
    for turn in range(step + 1):
        row, column = (stride * index for index in divmod(turn, columns))
        window = Z[row : row + f, column : column + f]
        window[...] = np.nan_to_num(window) + A.flat[turn] * W
    sizes = [columns, f, Z.shape[1]]
    fig, axes = plt.subplots(1, 3, figsize=(9, 3.9), width_ratios=sizes, layout="constrained")
    value = A.flat[step]
    draw_grid(axes[0], A, "input", [(*divmod(step, columns), 1, 1, orange)])
    draw_grid(axes[1], value * W, f"{value} times the filter")
    draw_grid(axes[2], Z, "output so far", [(row, column, f, f, orange)])
    return fig


animate(
    lambda step: draw_laying(1, step),
    range(4),
    "Four steps. In each, one value of the input [[1, 2], [3, 4]] is outlined, the filter times "
    "that value is shown, and it is added to a window of 3 by 3 cells of the output, which is "
    "outlined too. The window starts at row 0 and column 0 for the first value, and one cell "
    "further to the right or further down for the others. In the end the output has 4 by 4 cells: "
    "1 4 5 2, then 3 13 17 4, then 2 13 13 2, then 6 8 3 4.",
    seconds=2,
)

# %% [markdown]
# **By hand.** The output cell in row 1 and column 1 lies in all four windows. The value 1 lays its
# filter's middle there, the value 2 the middle row's left weight, the value 3 the upper row's
# middle weight, and the value 4 the upper left one:
#
# $$1 \cdot 3 + 2 \cdot 0 + 3 \cdot 2 + 4 \cdot 1 = 13.$$
#
# **The formula.** With the step $s$ between two windows, the *stride*, 1 so far, the rule is
#
# $$Z[\,s h + y,\; s w + x\,] \mathrel{+}= A[h, w] \cdot W[y, x]$$
#
# for every row $h$ and column $w$ of the input $A$, and every row $y$ and column $x$ of the filter
# $W$. The output $Z$ starts from zeros; a bias $b$ is added to each of its cells once, at the end.
# The lesson leaves it at 0 until it comes to the layers.
#
# In code, the sums over $y$ and $x$ are one slice.


# %%
def lay_down(A, W, stride):
    """Let every value of the image A lay the filter W, times itself, onto the output."""
    f = W.shape[0]
    (n_H_prev, n_W_prev) = A.shape
    Z = np.zeros((stride * (n_H_prev - 1) + f, stride * (n_W_prev - 1) + f))
    for h in range(n_H_prev):
        for w in range(n_W_prev):
            Z[h * stride : h * stride + f, w * stride : w * stride + f] += A[h, w] * W
    return Z


Z = lay_down(A, W, 1)
print(Z)

# %% [markdown]
# In row 1 and column 1 stands [13]{= f"{Z[1, 1]:.0f}" }, as by hand. From $2 \times 2$ cells came
# $4 \times 4$: the last window starts one row and one column further than the first, and each is 3
# cells wide.
#
# Compare that with a convolution, which takes an image of $4 \times 4$ pixels with a
# $3 \times 3$ filter to $2 \times 2$. The sizes have changed places, and so has more than the
# sizes.

# %% [markdown] tags=["row-25"]
# ## Why it is called transposed
#
# A convolution without bias is linear: every output value is a weighted sum of the input values. So
# there is a matrix that does it. Write the $4 \times 4$ image as one column $x$ of 16 numbers, row
# after row, and the $2 \times 2$ output as a column of 4 numbers. Then the convolution is $C x$,
# where the matrix $C$ has one row for each position of the window. The row holds the filter's
# weights at the pixels that the window covers, and 0 everywhere else.


# %%
def matrix_of_convolution(W, n, stride=1):
    """The matrix that convolves an n x n image, written as one column, with W."""
    f = W.shape[0]
    rows = []
    for h in range(0, n - f + 1, stride):
        for w in range(0, n - f + 1, stride):
            image = np.zeros((n, n))
            image[h : h + f, w : w + f] = W
            rows.append(image.reshape(-1))
    return np.array(rows)


C = matrix_of_convolution(W, 4)
print("C has shape", C.shape)

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 2, figsize=(10, 7), width_ratios=[16, 4], layout="constrained")
draw_grid(axes[0], C, "C, from 16 numbers to 4")
draw_grid(axes[1], C.T, "C transposed,\nfrom 4 to 16")
present(
    fig,
    "Two grids of numbers. C has 4 rows and 16 columns. Its first row is 1 2 1 0, 0 3 0 0, 2 0 1 0 "
    "and four zeros; the second row is the same, moved one column to the right; the third and the "
    "fourth are the same, moved by 4 and by 5 columns. C transposed has 16 rows and 4 columns: "
    "what was a row is a column.",
)

# %% [markdown]
# The first row of $C$, cut into four pieces of four, is the filter in the upper left corner of the
# image: 1 2 1 0, then 0 3 0 0, then 2 0 1 0, then four zeros.
#
# Now mirror the matrix at its diagonal. $C^{\mathsf T}$ takes 4 numbers to 16. Each of its columns
# belongs to one of the 4 numbers, and holds the filter where that number lays it down. That is a
# transposed convolution.
#
# **Predict, then run.** What is $C^{\mathsf T}$ times the column 1, 2, 3, 4?

# %%
print((C.T @ A.reshape(-1)).reshape(4, 4))
np.testing.assert_array_equal((C.T @ A.reshape(-1)).reshape(4, 4), lay_down(A, W, 1))

# %% [markdown]
# These are the numbers of `lay_down`. The layer has its name from here. And it has a property worth
# remembering: an input pixel and an output pixel that the convolution joins are joined by the
# transposed convolution too, by the same weight, the other way round.
#
# **You have met it before.** The [backward pass](10_backpropagation.ipynb) of a convolution carries
# the gradient `dZ` of the output to the gradient `dA_prev` of the input. For $z = C x$ the chain
# rule says $\mathrm{d}x = C^{\mathsf T} \mathrm{d}z$, where $\mathrm{d}x$ and $\mathrm{d}z$ are the
# gradients of the cost. So the backward pass of every convolution layer computes a transposed
# convolution. The library's `conv2d_backward` shows it: here the "gradient" that it is given is the
# array $A$.

# %%
from convnet.functional import conv2d, conv2d_backward

dA_prev, _, _ = conv2d_backward(
    A.reshape(1, 2, 2, 1), np.zeros((1, 4, 4, 1)), W.reshape(3, 3, 1, 1)
)
print(dA_prev[0, :, :, 0])
np.testing.assert_allclose(dA_prev[0, :, :, 0], lay_down(A, W, 1))

# %% [markdown] tags=["row-25"]
# ## Stride: the windows lie further apart
#
# In a convolution, a stride of 2 makes the output about half as large. Here it makes the output
# about twice as large: the stride says how far apart two neighbouring input values lay down their
# filters.
#
# **Predict, then run.** How large is the output of the same $A$ and $W$ with stride 2? Which of its
# cells lie in more than one window?

# %% jupyter={"source_hidden": true} cellView="form"
animate(
    lambda step: draw_laying(2, step),
    range(4),
    "The same four steps with stride 2. The windows of 3 by 3 cells now start at rows 0 and 2 and "
    "columns 0 and 2, and the output has 5 by 5 cells: 1 2 3 4 2, then 0 3 0 6 0, then 5 6 12 8 6, "
    "then 0 9 0 12 0, then 6 0 11 0 4. Row 2 and column 2 are where the windows overlap.",
    seconds=2,
)

# %% [markdown]
# The second window starts at column 2 and the first ends there, so they share one column. Only row
# 2 and column 2 are in more than one window, and the middle cell is in all four:
# $1 \cdot 1 + 2 \cdot 2 + 3 \cdot 1 + 4 \cdot 1 = 12$.
#
# **The size.** Along one axis, the first window starts at 0 and the last one $s(i'-1)$ cells
# further, and a window is $k$ cells long. So the output has
#
# $$o' = s\,(i' - 1) + k$$
#
# cells, where
#
# - $i'$ is the size of the input of the transposed convolution, and $o'$ the size of its output
#   (the primes set them apart from the $i$ and $o$ of a convolution),
# - $k$ is the size of the filter, `f` in code,
# - $s$ is the stride.
#
# For $i' = 2$, $k = 3$, $s = 2$ this is $2 \cdot 1 + 3 = 5$, as in the figure. For $i' = 3$,
# $k = 3$ and $s = 1$ it is $1 \cdot 2 + 3 = 5$ too.
#
# ### Exercise 1
#
# In one dimension everything is the same, with rows instead of images. The input is the row
# `[2, 1]`, the filter is `[1, 3, 1]`, the stride is 2. Compute the output by hand, and write it as
# a list.

# %%
answer = None
### BEGIN SOLUTION
answer = [2, 6, 3, 3, 1]
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 1",
    answer,
    [2, 6, 3, 3, 1],
    "Write 2 times the filter from cell 0 on, and 1 times the filter from cell 2 on, one below the "
    "other. Then add the columns.",
    [
        ([2, 7, 5, 1], "That is what stride 1 gives: the second filter starts one cell too early."),
        ([2, 6, 1, 3, 1], "In cell 2 the second filter took the place of the first: add them."),
        ([2, 6, 2, 3, 1], "In cell 2 the first filter alone counts: the second has a part there."),
        ([2, 6, 2, 1, 3, 1], "The second filter starts at cell 3: that is stride 3."),
    ],
)

# %% [markdown] tags=["row-25"]
# ## The same numbers by a convolution: fractional strides
#
# There is a second way to get at these numbers, and it explains another name of the layer. Ask what
# *one output cell* receives, instead of what one input value gives. It receives the values of the
# inputs near it, each times some weight of the filter. That is a weighted sum of a window, so it is
# a convolution after all, if the input is prepared for it:
#
# 1. **Spread** the input: put $s - 1$ zeros between neighbouring values, so that they lie as far
#    apart as the windows on the output do.
# 2. **Pad** it with $k - 1$ zeros on each side, so that a window fits wherever it touches at least
#    one value.
# 3. **Turn** the filter by half a turn, which flips it upside down and left to right. An input
#    value lays the filter's *last* weight on the output cell that lies furthest *after* it; seen
#    from that cell, the value comes *first* in the window.
# 4. Convolve with **stride 1**.

# %%
stride, f = 2, 3
spread = np.zeros((stride * (2 - 1) + 1, stride * (2 - 1) + 1))
spread[::stride, ::stride] = A
turned = W[::-1, ::-1]
print("the input, spread:")
print(spread)
print("the filter, turned:")
print(turned)

# %% [markdown]
# **Predict, then run.** The padded input is a grid of $7 \times 7$. How many of its cells are not
# 0?

# %% jupyter={"source_hidden": true} cellView="form"
from lesson_tools.sweep import draw_sweep


def draw_fractional(position):
    """A figure of one step of the convolution that gives the transposed one."""
    fig = plt.figure(figsize=(9.5, 4.8))
    draw_sweep(fig, spread, turned, position, pad=f - 1)
    return fig


animate(
    draw_fractional,
    range(25),
    "A convolution in 25 steps. The padded input is 7 by 7 cells; the values 1, 2, 3 and 4 are in "
    "rows 2 and 4 and columns 2 and 4, everything else is 0. The turned filter, 1 0 2, 0 3 0, "
    "1 2 1, sweeps over it one cell at a time, and fills the output of 5 by 5 cells row by row: "
    "1 2 3 4 2, 0 3 0 6 0, 5 6 12 8 6, 0 9 0 12 0, 6 0 11 0 4.",
    seconds=0.5,
)

# %% [markdown]
# Four cells of [49]{= np.pad(spread, f - 1).size } are not 0. The output is the one from before,
# and the course's own convolution agrees.

# %%
by_convolution = conv2d(spread.reshape(1, 3, 3, 1), turned.reshape(3, 3, 1, 1), padding=f - 1)
print(by_convolution[0, :, :, 0])
np.testing.assert_allclose(by_convolution[0, :, :, 0], lay_down(A, W, stride))

# %% [markdown]
# The window moves by one cell of the spread input at a time. Two neighbouring values of the *input*
# are $s$ cells apart there, so one step is $1/s$ of an input pixel. Hence the name *fractionally
# strided convolution*: a convolution with the stride $1/s$.
#
# As a way to compute, it is wasteful: with stride 2 about three of four multiplications are by
# zeros that were put in. Laying filters down, or the backward pass of a convolution, does the same
# without them. As a way to think it is a good one: **a transposed convolution is a convolution of
# the spread input**, with weights that are learned like all others.

# %% [markdown] tags=["row-25"]
# ## Padding takes away
#
# A convolution with padding first adds $p$ rows and columns on each side, and then sweeps. To go
# the other way, a transposed convolution first lays its filters down, and then takes $p$ rows and
# columns away on each side. So padding makes the output of a convolution larger, and that of a
# transposed convolution *smaller*:
#
# $$o' = s\,(i' - 1) + k - 2p.$$
#
# Here $p$, in code `padding`, is the number of rows or columns **on each side**. (Some texts count both
# sides together; where $P = 2p$ is meant, the last term is $-P$.) In the convolution of the spread
# input it is the padding that shrinks, from $k - 1$ on each side to $k - 1 - p$.
#
# **Predict, then run.** `conv_transpose2d` is the library's function, for batches and channels.
# What is left of the $5 \times 5$ numbers with `padding=1`?

# %%
from convnet.functional import conv_transpose2d

full = lay_down(A, W, 2)
A_prev, W_layer = A.reshape(1, 2, 2, 1), W.reshape(3, 3, 1, 1)
Z = conv_transpose2d(A_prev, W_layer, stride=2, padding=1)
print(Z[0, :, :, 0])
np.testing.assert_array_equal(Z[0, :, :, 0], full[1:4, 1:4])

# %% [markdown]
# The inner $3 \times 3$ of the full output. This is the way back from a $3 \times 3$ image that a
# convolution with $k = 3$, $s = 2$ and $p = 1$ took to $2 \times 2$.

# %% [markdown] tags=["row-25"]
# ## Output padding: which size to go back to
#
# **Predict, then run.** A convolution with a $3 \times 3$ filter, stride 2 and padding 1 takes
# images of several sizes to smaller ones. Which sizes does it take to $2 \times 2$?

# %%
from convnet.sizes import conv_output_shape

k, s, p = 3, 2, 1
for i in range(2, 8):
    o, _ = conv_output_shape((i, i), k, s, p)
    back = s * (o - 1) + k - 2 * p
    print(f"{i} x {i} becomes {o} x {o}, and s(o - 1) + k - 2p = {back}")

# %% [markdown]
# Both $3 \times 3$ and $4 \times 4$ become $2 \times 2$. With $4 \times 4$, the window's last step
# would leave the padded image, so the convolution never uses its last row of padding; that is what
# $\lfloor\;\rfloor$ does in the formula for the size. On the way back, the formula so far knows one
# answer only, 3. For the other one the layer has a setting more, the *output padding* $a$:
#
# $$o' = s\,(i' - 1) + a + k - 2p, \qquad a = (i + 2p - k) \bmod s$$
#
# - $a$ is the number of rows at the bottom and columns on the right that the output gets in
#   addition, between 0 and $s - 1$; in code `output_padding`,
# - $i$ is the size of the image that the convolution had, and that is wanted back,
# - $\bmod s$ is the remainder of a division by $s$, `%` in Python.
#
# For $i = 3$ it is $a = (3 + 2 - 3) \bmod 2 = 0$, and for $i = 4$ it is
# $a = (4 + 2 - 3) \bmod 2 = 1$.

# %%
for more in (0, 1):
    Z = conv_transpose2d(A_prev, W_layer, stride=2, padding=1, output_padding=more)
    print("output_padding", more, "gives", Z.shape[1:3])
    print(Z[0, :, :, 0])

# %% [markdown]
# **Predict.** Are the added row and column zeros? Compare with the full $5 \times 5$ numbers before
# you read on.

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 2, figsize=(8, 4.2), layout="constrained")
for ax, size in zip(axes, (3, 4), strict=True):
    title = f"pad 1, output padding {size - 3}: {size} x {size} are left"
    draw_grid(ax, full, title, [(1, 1, size, size, orange)])
present(
    fig,
    "Twice the full output of 5 by 5 cells. On the left an outline holds rows and columns 1 to 3, "
    "on the right rows and columns 1 to 4.",
)

# %% [markdown]
# They are not zeros, in spite of the name: padding would have taken that row and that column away,
# and output padding leaves them. (Only where $a$ is larger than $p$ are there rows that no filter
# reaches, and they hold the bias alone.) In the convolution of the spread input, $a$ is $a$ more
# zeros at the bottom and on the right. As total over both sides its padding is
# $2(k - 1) - 2p + a$.
#
# ### Exercise 2
#
# A convolution with a $4 \times 4$ filter, stride 3 and padding 1 (per side) took images of 27 rows
# and 28 columns to $9 \times 9$. A transposed convolution with the same filter size, stride and
# padding shall lead back to 27 rows and 28 columns. Which output padding does it need? Answer with
# a tuple: for the height, for the width.

# %%
answer = None
### BEGIN SOLUTION
answer = ((27 + 2 * 1 - 4) % 3, (28 + 2 * 1 - 4) % 3)
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 2",
    answer,
    (1, 2),
    "Compute s(i' - 1) + k - 2p for i' = 9. How much is missing to 27, and how much to 28?",
    [
        ((2, 1), "Those are the right two numbers in the wrong order: the height comes first."),
        ((0, 1), "A remainder by 3, but of what? Filter and padding on both sides count too."),
        ((0, 0), "Without output padding both come out as 3 * 8 + 4 - 2."),
    ],
)

# %% [markdown] tags=["row-25"]
# ## Channels
#
# With channels, every input channel has a filter of its own for every output channel, and what they
# lay down is added over the input channels:
#
# $$Z[\,s h + y - p,\; s w + x - p,\; c\,] \mathrel{+}=
# \sum_{q} A_{\text{prev}}[h, w, q] \cdot W[y, x, c, q]$$
#
# Here $q$ counts the $n_C^{\text{prev}}$ channels of the input and $c$
# the $n_C$ channels of the output. What would fall outside the output is left out, and $b[c]$ is
# added to each cell once.
#
# Look at the last two axes of `W`: its shape is $(f, f, n_C, n_C^{\text{prev}})$, with the output
# channels first. For a convolution it is $(f, f, n_C^{\text{prev}}, n_C)$. They have changed places
# because the transposed layer uses the *same* array as the convolution whose way back it is, and
# what is the output of one is the input of the other.
#
# The number of parameters is that of a convolution,
# $f \cdot f \cdot n_C^{\text{prev}} \cdot n_C + n_C$.
#
# **Predict, then run.** Two images of 5 by 7 pixels with 4 channels, 3 filters of $4 \times 4$,
# stride 2, padding 1. What shape has the output, and how many parameters are there?

# %%
rng = np.random.default_rng(0)
X = rng.normal(size=(2, 5, 7, 4)).astype(np.float32)
W4 = rng.normal(size=(4, 4, 3, 4)).astype(np.float32)
b4 = rng.normal(size=3).astype(np.float32)
Z4 = conv_transpose2d(X, W4, b4, stride=2, padding=1)
print("output:", Z4.shape, " parameters:", W4.size + b4.size)

# %% [markdown]
# Height: $2 \cdot 4 + 4 - 2 = 10$. Width: $2 \cdot 6 + 4 - 2 = 14$. Parameters:
# $4 \cdot 4 \cdot 4 \cdot 3 + 3 =$ [195]{= W4.size + b4.size }.
#
# With $k = 4$, $s = 2$ and $p = 1$ the output is exactly twice as large as the input, without
# output padding. That is one reason why these settings are common.

# %% [markdown] tags=["row-25"]
# ## The layer in Keras
#
# Keras calls it `Conv2DTranspose`. Its weights have the shape of ours,
# $(f, f, n_C, n_C^{\text{prev}})$. Its padding is a word: `"valid"` takes nothing away, and
# `"same"` gives an output $s$ times as large as the input. Here are the examples of this lesson:
# $3 \times 3$ to $5 \times 5$, and $2 \times 2$ to $3 \times 3$ and to $4 \times 4$.
#
# **Predict, then run.** The last line leaves `output_padding` to Keras. Which size will it be?

# %% needs="keras tensorflow"
import keras

examples = [
    ("3 x 3, valid", 3, {"padding": "valid"}),
    ("2 x 2, same, output_padding=0", 2, {"strides": 2, "padding": "same", "output_padding": 0}),
    ("2 x 2, same, output_padding=1", 2, {"strides": 2, "padding": "same", "output_padding": 1}),
    ("2 x 2, same", 2, {"strides": 2, "padding": "same"}),
]
for name, size, settings in examples:
    model = keras.Sequential(
        [keras.Input((size, size, 1)), keras.layers.Conv2DTranspose(1, 3, **settings)]
    )
    print(f"{name:<30} gives {model.output_shape}, {model.count_params()} parameters")

# %% [markdown]
# The sizes are $(5, 5)$, $(3, 3)$, $(4, 4)$ and $(4, 4)$, and each layer has $3 \cdot 3 + 1 = 10$
# parameters. Left out, `output_padding` is not 0: "same" means $s$ times as large, here 4. To get
# $3 \times 3$ one has to ask for 0. There are `Conv1DTranspose` and `Conv3DTranspose` as well, for
# inputs with one and with three axes of positions.
#
# Now the layer with channels, with our weights.

# %% needs="keras tensorflow"
layer = keras.layers.Conv2DTranspose(3, 4, strides=2, padding="same")
layer.build((None, 5, 7, 4))
print("kernel:", tuple(layer.kernel.shape))
layer.set_weights([W4, b4])
np.testing.assert_allclose(layer(X), Z4, rtol=1e-4, atol=1e-4)
print("Keras gives what the NumPy layer gives.")

# %% [markdown] tags=["row-25"]
# ## TensorFlow: the gradient of a convolution
#
# In TensorFlow's own functions the layer is `tf.nn.conv2d_transpose`, which must be told the shape
# of its output; that is its way to settle the question of output padding. The cell also takes the
# longer way: it asks `GradientTape` for the gradient of an ordinary `tf.nn.conv2d` from 3 channels
# to 4, with the same array `W4`, and gives `X` as the gradient that comes from above.

# %% needs="tensorflow"
import tensorflow as tf

per_side = [[0, 0], [1, 1], [1, 1], [0, 0]]  # padding 1 on each side of height and width
direct = tf.nn.conv2d_transpose(X, W4, output_shape=Z4.shape, strides=2, padding=per_side)

image = tf.Variable(tf.zeros(Z4.shape))
with tf.GradientTape() as tape:
    smaller = tf.nn.conv2d(image, W4, strides=2, padding=per_side)
gradient = tape.gradient(smaller, image, output_gradients=X)

print("the convolution goes from", tuple(image.shape), "to", tuple(smaller.shape))
np.testing.assert_allclose(direct + b4, Z4, rtol=1e-4, atol=1e-4)
np.testing.assert_allclose(gradient + b4, Z4, rtol=1e-4, atol=1e-4)
print("Its gradient is the transposed convolution.")

# %% [markdown] tags=["row-25"]
# ## The layer in PyTorch
#
# PyTorch's `nn.ConvTranspose2d` takes $s$, $p$ and $a$ as numbers: `stride`, `padding` (per side,
# as here) and `output_padding`. Images are channels-first, $(m, n_C, n_H, n_W)$, and the weights
# have the shape $(n_C^{\text{prev}}, n_C, f, f)$. So `W.transpose(3, 2, 0, 1)` is what PyTorch
# wants. If it is told the size of the output, it chooses the output padding itself. The cell
# compares the output and, through autograd, the gradients as well.

# %% needs="torch"
import torch

from convnet.functional import conv_transpose2d_backward

torch_layer = torch.nn.ConvTranspose2d(4, 3, kernel_size=4, stride=2, padding=1)
with torch.no_grad():
    torch_layer.weight.copy_(torch.tensor(W4.transpose(3, 2, 0, 1)))
    torch_layer.bias.copy_(torch.tensor(b4))
X_torch = torch.tensor(X.transpose(0, 3, 1, 2), requires_grad=True)
Z_torch = torch_layer(X_torch)
Z_torch.backward(Z_torch.detach())  # the output itself serves as its gradient

dX, dW, db = conv_transpose2d_backward(Z4, X, W4, stride=2, padding=1)
close = {"rtol": 1e-3, "atol": 1e-3}
np.testing.assert_allclose(Z_torch.detach().permute(0, 2, 3, 1), Z4, **close)
np.testing.assert_allclose(X_torch.grad.permute(0, 2, 3, 1), dX, **close)
np.testing.assert_allclose(torch_layer.weight.grad.permute(2, 3, 1, 0), dW, **close)
np.testing.assert_allclose(torch_layer.bias.grad, db, **close)
print("PyTorch's output and its three gradients are those of the NumPy layer.")
print("asked for 11 x 15:", tuple(torch_layer(X_torch, output_size=(11, 15)).shape))

# %% [markdown] tags=["row-25"]
# ## Where Keras and PyTorch differ
#
# With $k = 4$ and $s = 2$ there are 2 rows to take away, one above and one below, and all agree.
# With $k = 3$ and $s = 2$ the full output of our $2 \times 2$ image is $5 \times 5$, and for
# $4 \times 4$ there is *one* row and *one* column to take away. On which side?
#
# **Predict, then run.** Both layers get the weights `W`. Are their $4 \times 4$ numbers the same?

# %% needs="keras tensorflow torch"
keras_layer = keras.layers.Conv2DTranspose(1, 3, strides=2, padding="same", use_bias=False)
keras_layer.build((None, 2, 2, 1))
keras_layer.set_weights([W_layer])
from_keras = np.asarray(keras_layer(A_prev.astype(np.float32)))[0, :, :, 0]

A_torch = torch.tensor(A.astype(float)).reshape(1, 1, 2, 2)
W_torch = torch.tensor(W.astype(float)).reshape(1, 1, 3, 3)
transpose = torch.nn.functional.conv_transpose2d  # what nn.ConvTranspose2d calls
from_torch = transpose(A_torch, W_torch, stride=2, padding=1, output_padding=1)[0, 0]
uncut = transpose(A_torch, W_torch, stride=2, padding=0)[0, 0]

print("Keras:", from_keras, "PyTorch:", from_torch.numpy(), sep="\n")
np.testing.assert_array_equal(from_keras, full[0:4, 0:4])
np.testing.assert_array_equal(from_torch, full[1:5, 1:5])
np.testing.assert_array_equal(uncut[:-1, :-1], from_keras)

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(4.6, 4.6), layout="constrained")
draw_grid(ax, full, "", [(0, 0, 4, 4, orange), (1, 1, 4, 4, green)])
ax.set_title("the full output\nsolid: what Keras keeps\ndashed: what PyTorch keeps")
present(
    fig,
    "The full output of 5 by 5 cells with two outlines: a solid one round rows and columns 0 to 3, "
    "which Keras keeps, and a dashed one round rows and columns 1 to 4, which PyTorch keeps.",
)

# %% [markdown]
# The shapes agree and the values do not. Keras takes away the last row and column, PyTorch the
# first. In general `"same"` takes $k - s$ rows away (if $k \ge s$), half of them at each end, and
# where that is odd the one more at the bottom; PyTorch takes $p$ away at the top and $p - a$ at the
# bottom. So where $k - s$ is odd, weights that were trained in one and are loaded into the other
# give an image that is shifted by one pixel, and no error says so.
#
# To get Keras' numbers in PyTorch, take nothing away with `padding=0`, and cut the rows and columns
# off yourself, as the last line of the cell does. Or choose $k - s$ even, and the question does not
# arise.

# %% [markdown] tags=["row-25"]
# ## It inverts the shape, not the values
#
# The layer is sometimes called a *deconvolution*. That is misleading: in mathematics, to deconvolve
# is to undo a convolution. $C^{\mathsf T}$ is not the inverse of $C$, and there is none, since 4
# numbers cannot hold what 16 did.
#
# **Predict, then run.** The image below, the numbers 0 to 15, is convolved with our filter and
# brought back with the transposed convolution of the same filter. What comes back?

# %%
image = np.arange(16).reshape(4, 4)
smaller = C @ image.reshape(-1)
back = (C.T @ smaller).reshape(4, 4)
print("4 x 4 to 2 x 2:", smaller)
print("and back to 4 x 4:")
print(back)

# %% [markdown]
# The shape is back, the values are not. The same with a photograph, once with a filter that
# averages over $4 \times 4$ pixels and once with one that answers to edges:

# %%
from sklearn.datasets import load_sample_image

photo = load_sample_image("flower.jpg")[40:360:2, 160:480:2].mean(axis=2) / 255
average = np.full((4, 4), 1 / 16)
edges = np.outer([1, 2, 2, 1], [-1, -1, 1, 1]) / 12
halving = {"stride": 2, "padding": 1}

there_and_back = []
for filter_ in (average, edges):
    weights = filter_.reshape(4, 4, 1, 1)
    small = conv2d(photo.reshape(1, 160, 160, 1), weights, **halving)
    large = conv_transpose2d(small, weights, **halving)
    there_and_back.append((small[0, :, :, 0], large[0, :, :, 0]))

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_image

fig, axes = plt.subplots(2, 3, figsize=(10, 6.4), layout="constrained")
for row, name, (small, large) in zip(axes, ("averaged", "edges"), there_and_back, strict=True):
    draw_image(row[0], photo, f"photograph, {photo.shape[0]} x {photo.shape[1]}")
    draw_image(row[1], small, f"{name}, {small.shape[0]} x {small.shape[1]}")
    draw_image(row[2], large, f"and back, {large.shape[0]} x {large.shape[1]}")
present(
    fig,
    "Two rows of three images. Above, a photograph of a flower, its average of half the size, and "
    "what comes back: the flower of the full size again, but blurred; the scale beside it ends "
    "near 0.2 in place of 0.8. Below, the same photograph, the answers of an edge filter of half "
    "the size, and what comes back: only upright outlines of the flower and its petals, purple and "
    "orange side by side.",
)

# %% [markdown]
# Look at the scales too. The average that came back has about a quarter of the brightness, since
# each pixel gets a sixteenth from each of four windows. A factor of 4 would mend that. But what the
# average lost, the fine detail, stays lost. What the edge filter lost, the brightness of the areas,
# stays lost too. A network that needs such things on the way up has to learn them, as a decoder
# does, or to have them brought over from the way down, as the U-Net does (the last reading below).

# %% [markdown] tags=["row-25"]
# ## Checkerboards
#
# Lay filters of ones down for an input of ones. Every output cell then counts how many windows lie
# on it.
#
# **Predict, then run.** For $k = 3$, $s = 2$, which counts will there be? And for $k = 4$, $s = 2$?

# %%
ones = np.ones((4, 4))
counts_3 = lay_down(ones, np.ones((3, 3)), 2)
counts_4 = lay_down(ones, np.ones((4, 4)), 2)

fig, axes = plt.subplots(1, 2, figsize=(9.5, 4.9), layout="constrained")
draw_grid(axes[0], counts_3, "k = 3, s = 2: windows on each cell")
draw_grid(axes[1], counts_4, "k = 4, s = 2: windows on each cell")
present(
    fig,
    "Two grids of counts. For k = 3 and s = 2, 9 by 9 cells: inside, rows of 1 2 1 2 alternate "
    "with rows of 2 4 2 4, which looks like a checkerboard. For k = 4 and s = 2, 10 by 10 cells: "
    "all inner cells count 4, those of the border 2, the corners 1.",
)

# %% [markdown]
# Along each axis, $k = 3$ and $s = 2$ give 1 and 2 windows in turn; over both axes the counts are
# 1, 2 and 4. A flat input comes out with a pattern of light and dark, unless the filter's weights
# make up for it. With $k = 4$ and $s = 2$ every cell away from the border lies in the same number
# of windows. The rule: away from the border all counts are equal where **$k$ is a multiple of
# $s$**.
#
# On a photograph it looks like this. A piece of $24 \times 24$ pixels is enlarged in three ways:
#
# 1. $k = 3$, $s = 2$, all weights equal;
# 2. $k = 4$, $s = 2$, with the weights of *bilinear interpolation*, which go 1, 3, 3, 1 along each
#    axis;
# 3. each pixel repeated in a $2 \times 2$ square, then an ordinary convolution that averages over
#    $3 \times 3$.

# %%
piece = photo[60:84, 60:84].reshape(1, 24, 24, 1)
equal = np.full((3, 3, 1, 1), 4 / 9)
bilinear = np.outer([1, 3, 3, 1], [1, 3, 3, 1]).reshape(4, 4, 1, 1) / 16
mean = np.full((3, 3, 1, 1), 1 / 9)

way_1 = conv_transpose2d(piece, equal, stride=2, padding=1, output_padding=1)
way_2 = conv_transpose2d(piece, bilinear, stride=2, padding=1)
repeated = piece.repeat(2, axis=1).repeat(2, axis=2)
way_3 = conv2d(repeated, mean, padding=1)
print(way_1.shape, way_2.shape, way_3.shape)

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 3, figsize=(11, 4.1), layout="constrained")
titles = ["1. k = 3, s = 2", "2. k = 4, s = 2, bilinear", "3. repeat, then convolve"]
for ax, enlarged, title in zip(axes, (way_1, way_2, way_3), titles, strict=True):
    ax.imshow(enlarged[0, :, :, 0], cmap="gray", vmin=0, vmax=1)
    ax.set(title=title, xticks=[], yticks=[])
present(
    fig,
    "Three enlarged pieces of the photograph. The first is covered by a fine checkerboard of light "
    "and dark pixels. The second and the third are smooth, and hard to tell from each other.",
)

# %% [markdown]
# The checkerboard of the first lies on every part of the picture, whatever the picture shows.
# Training can find weights that smooth it, but nothing in the layer makes it do so, and pictures
# from generating networks have shown such patterns. The two cures are the other two ways: let $k$
# be a multiple of $s$, or enlarge without weights and convolve afterwards. The first makes the
# counts equal; the learned weights can still differ, so it makes checkerboards rarer and does not
# exclude them.
#
# ### Exercise 3
#
# Write `windows_on_each_cell(n, f, stride)`: in one dimension, how many of the `n` windows of `f`
# cells, `stride` apart, lie on each output cell? It returns an array with one count for each of the
# `stride * (n - 1) + f` cells. `windows_on_each_cell(3, 3, 2)` should be 1, 1, 2, 1, 2, 1, 1.


# %%
def windows_on_each_cell(n, f, stride):
    result = None
    ### BEGIN SOLUTION
    result = np.zeros(stride * (n - 1) + f)
    for h in range(n):
        result[h * stride : h * stride + f] += 1
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
def right(n, f, stride):
    starts = stride * np.arange(n)[:, None]
    cells = np.arange(stride * (n - 1) + f)
    return np.sum((cells >= starts) & (cells < starts + f), axis=0)


def without_stride(n, f, stride):
    return right(n, f, 1)


def without_adding(n, f, stride):
    return np.minimum(right(n, f, stride), 1)


public_tests.check_function(
    "Exercise 3",
    windows_on_each_cell,
    right,
    [(3, 3, 2), (4, 4, 2), (5, 2, 2), (3, 2, 3), (1, 3, 2)],
    "Start from zeros. Each window adds 1 to the cells from h * stride to h * stride + f - 1.",
    [
        (without_stride, "The windows are one cell apart, whatever the stride is."),
        (without_adding, "A cell in two windows counts 1: add to the cells, do not set them."),
    ],
)

# %% [markdown] tags=["row-25"]
# ## A layer that learns to enlarge
#
# Repeating pixels and bilinear interpolation are transposed convolutions with weights that somebody
# chose. A network can choose better ones. The task: from $4 \times 4$ pixels, draw the handwritten
# digit of $8 \times 8$ pixels that they are the averages of. The network is a single transposed
# convolution with one filter of $4 \times 4$, 17 parameters with its bias.
#
# The loss is the mean squared error, over all $N$ pixels of all images: with $Z$ for what the layer
# draws and $T$ for the true digits, $\frac{1}{N} \sum (Z - T)^2$. Its gradient with respect to $Z$
# is $\frac{2}{N}(Z - T)$.

# %%
from convnet.data import digits
from convnet.functional import avg_pool2d
from convnet.layers import Conv2DTranspose
from convnet.network import Network

data = digits()
large, test_large = data.train_images[:300], data.test_images
small, test_small = avg_pool2d(large, 2), avg_pool2d(test_large, 2)

network = Network([Conv2DTranspose(1, f=4, stride=2, padding=1)], input_shape=(4, 4, 1))
for step in range(301):
    error = network.forward(small, training=True) - large
    if step % 100 == 0:
        print(f"step {step:3}: mean squared error {np.mean(error**2):.4f}")
    network.backward(2 * error / error.size)
    network.parameters -= 0.3 * network.gradients

# %% [markdown]
# **Predict, then run.** On digits that it has not seen: will the learned filter do better than
# repeating pixels, and than bilinear interpolation?

# %%
repeated = test_small.repeat(2, axis=1).repeat(2, axis=2)
interpolated = conv_transpose2d(test_small, bilinear, stride=2, padding=1)
learned = network.forward(test_small)

errors = [np.mean((drawn - test_large) ** 2) for drawn in (repeated, interpolated, learned)]
for name, error in zip(["repeated", "bilinear", "learned"], errors, strict=True):
    print(f"{name}: mean squared error {error:.4f}")
print("the learned filter:")
print(network.layers[0].parameters["W"][:, :, 0, 0].round(2))

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(3, 5, figsize=(9, 5.6), layout="constrained")
columns = ["4 x 4", "repeated", "bilinear", "learned", "the truth"]
for number, row in enumerate(axes):
    shown = [images[number] for images in (test_small, repeated, interpolated, learned, test_large)]
    for ax, picture, title in zip(row, shown, columns, strict=True):
        ax.imshow(picture[:, :, 0], cmap="gray", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[], title=title if number == 0 else "")
present(
    fig,
    "Three rows of five images of handwritten digits: the 4 by 4 pixels that are given; the same "
    "repeated to 8 by 8, in blocks; bilinear, blurred; learned, between the two, with strokes that "
    "are a little clearer than the bilinear ones; and the true digit.",
)

# %% [markdown]
# The learned filter has the smallest error, [0.0424]{= f"{errors[2]:.4f}" } against
# [0.0487]{= f"{errors[0]:.4f}" } and [0.0542]{= f"{errors[1]:.4f}" }. It gives most to the
# $2 \times 2$ pixels that the average came from, as repeating does, and the rest to those around
# them. What the averages have lost it cannot draw. Decoders stack several such layers, with
# activations between them and many channels in each.

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. compute a transposed convolution in two ways: every input value lays the filter down,
#    `Z[h * s : h * s + f, w * s : w * s + f] += A[h, w] * W`; or the input is spread with $s - 1$
#    zeros, padded with $k - 1 - p$, and convolved at stride 1 with the filter turned by half a
#    turn;
# 2. give its size, $o' = s(i' - 1) + a + k - 2p$: filters $s$ apart and $k$ long, $p$ rows taken
#    away on each side, and $a$ left standing to choose among the sizes that a convolution with that
#    stride takes to the same one;
# 3. use `Conv2DTranspose`, `tf.nn.conv2d_transpose` and `nn.ConvTranspose2d` with the same weights,
#    knowing that "same" and `output_padding` cut on different sides where $k - s$ is odd; that the
#    layer gives back the shape and not the values; and that checkerboards come from a $k$ that is
#    not a multiple of $s$.
#
# ## What to read next
#
# - Practise it in the assignment
#   [Transposed convolution](../release/transposed_conv/transposed_conv.ipynb), where you write the
#   layer with stride, padding and output padding.
# - Next is lesson 20, [What filters see](20_what_filters_see.ipynb).
# - V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016,
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285): every case in pictures.
# - A. Odena, V. Dumoulin and C. Olah, "Deconvolution and checkerboard artifacts", Distill, 2016.
# - O. Ronneberger, P. Fischer and T. Brox, "U-Net: convolutional networks for biomedical image
#   segmentation", 2015, [arXiv:1505.04597](https://arxiv.org/abs/1505.04597): a network that goes
#   down and up again.
