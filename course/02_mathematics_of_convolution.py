# %% [markdown]
# # The mathematics of convolution
#
# This lesson is optional: no later lesson needs all of it. It says what mathematics calls a
# convolution, why networks use a cross-correlation instead and call it convolution, and how a
# cross-correlation is computed by one matrix product.
#
# **When you have finished, you will be able to**
#
# 1. compute a matrix product, and write a cross-correlation as one;
# 2. give the definition of a convolution, discrete and continuous, in one dimension and in two;
# 3. say what a convolution does differently from a cross-correlation, and compute one from the
#    other.
#
# **Time:** about 40 minutes. **You need:** the lesson [Images and
# filters](01_images_and_filters.ipynb), NumPy and Matplotlib.

# %% include="lesson_setup"

# %%
from convnet.plots import draw_grid
from lesson_tools.figures import animate


def cross_correlate(X, W):  # from the lesson Images and filters
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            window = X[h : h + f_H, w : w + f_W]
            Z[h, w] = np.sum(window * W)
    return Z


# %% [markdown] tags=["row-1"]
# ## Two products of matrices
#
# There are two ways of multiplying matrices that we need. Do not mix them up.
#
# The **elementwise product** multiplies entries in the same place. Both matrices have the same
# shape, and so has the result. In NumPy it is `*`.
#
# The **matrix product** combines rows with columns. Its entry in row $i$ and column $j$ takes row
# $i$ of the first matrix and column $j$ of the second, multiplies them entry by entry and adds up:
#
# $$c_{ij} = \sum_{k=1}^{n} x_{ik}\, w_{kj}$$
#
# - $x_{ik}$: the entry of the first matrix, $\mathbf{X}$, in row $i$ and column $k$;
# - $w_{kj}$: the entry of the second matrix, $\mathbf{W}$, in row $k$ and column $j$;
# - $c_{ij}$: the entry of the product $\mathbf{C} = \mathbf{X}\mathbf{W}$;
# - $n$: the number of columns of $\mathbf{X}$, which must be the number of rows of $\mathbf{W}$;
# - $\sum_{k=1}^{n}$: the sum of what follows for $k = 1, 2, \dots, n$.
#
# If $\mathbf{X}$ has $m$ rows and $\mathbf{W}$ has $p$ columns, the product has $m$ rows and $p$
# columns. Formulas count rows and columns from 1 here, code counts from 0. In NumPy the matrix
# product is `@`.
#
# **By hand.** Compute the elementwise product of the first of these two matrices with itself. Then
# compute the entry of their matrix product in the second row and first column.
#
# $$\begin{pmatrix} 1 & 2 & 0 \\ 0 & 1 & 3 \end{pmatrix}
# \begin{pmatrix} 2 & 1 \\ 1 & 0 \\ 4 & 5 \end{pmatrix}$$

# %%
first = np.array([[1, 2, 0], [0, 1, 3]])
second = np.array([[2, 1], [1, 0], [4, 5]])
product = first @ second
print("first * first =", (first * first).tolist())

fig, axes = plt.subplots(1, 3, figsize=(8, 2.8), width_ratios=[3, 2, 2], layout="constrained")
draw_grid(axes[0], first, "X, 2 x 3", [(1, 0, 1, 3, "tab:orange")])
draw_grid(axes[1], second, "W, 3 x 2", [(0, 0, 3, 1, "tab:orange")])
draw_grid(axes[2], product, "C = X @ W, 2 x 2", [(1, 0, 1, 1, "tab:orange")])
present(
    fig,
    "Three grids: the matrix X with 2 rows and 3 columns, the matrix W with 3 rows and 2 columns, "
    "and their product C, 4 and 1 in the first row, 13 and 15 in the second. Outlined are the "
    "second row of X, the first column of W, and the 13 in the second row and first column of C.",
)

# %% [markdown]
# The entry is $0 \cdot 2 + 1 \cdot 1 + 3 \cdot 4 =$ [13]{= product[1, 0] }. Multiply in pairs and
# add up: this *sum of products* is what one entry of a matrix product is, and it is what a
# convolution computes as well. They differ in which numbers are paired.

# %% [markdown] tags=["row-1"]
# ## Cross-correlation as a matrix product
#
# Take the image and the kernel of the lesson [Images and filters](01_images_and_filters.ipynb):
#
# $$X = \begin{pmatrix} 1 & 2 & 0 & 3 \\ 0 & 1 & 2 & 1 \\ 2 & 0 & 1 & 3 \end{pmatrix}, \qquad
# W = \begin{pmatrix} 1 & 2 \\ 0 & -1 \end{pmatrix}$$
#
# **The same as a matrix product.** Write each window as a row of four numbers, one under the other,
# and the kernel as a column of four. Then every number of the output is a row times that column,
# and all of them together are one matrix product.
#
# **Predict, then run.** What is the shape of `rows`? And of the product?

# %%
X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])
W = np.array([[1, 2], [0, -1]])
print(cross_correlate(X, W))

rows = np.array([X[h : h + 2, w : w + 2].reshape(4) for h in range(2) for w in range(3)])
column = W.reshape(4, 1)
print(rows, "times", column.tolist())
print("shapes:", rows.shape, "and", column.shape, "give", (rows @ column).shape)
print((rows @ column).reshape(2, 3))

# %% [markdown]
# [6]{= rows.shape[0] } windows with [4]{= rows.shape[1] } pixels each, times a column of 4 weights,
# give the 6 numbers of the output. Many libraries compute a convolution in this way, because
# computers are very good at matrix products.

# %% [markdown]
# ### Exercise 1: the shape of the matrix
#
# An image has 6 rows and 5 columns, and a kernel of $3 \times 3$ moves over it with stride 1. What is
# the shape of the matrix that has a row for each window? Write a tuple, `(rows, columns)`.

# %%
answer = None
### BEGIN SOLUTION
answer = (12, 9)  # 4 times 3 windows, of 9 pixels each
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    answer,
    (12, 9),
    "Count the windows, then the pixels in each of them.",
    [
        ((9, 12), "Those are the right numbers in the wrong order: each window is a row."),
        ((30, 9), "There is not a window for each pixel: the kernel must fit into the image."),
        ((12, 3), "That is one row of the window. It has three."),
        ((4, 3), "That is the shape of the output: each of its entries has a window."),
    ],
)

# %% [markdown] tags=["row-2"]
# ## The definition of convolution
#
# The operation above, and in the lesson [Images and filters](01_images_and_filters.ipynb), is a
# cross-correlation. A *convolution*, as mathematics defines it, is very
# much the same with one difference: the kernel is turned round. To see why anyone should want to
# turn it round, leave pictures for a moment and listen.
#
# ### An echo
#
# You clap your hands in a tunnel. The clap is heard at once with strength 4, its echo one second
# later with strength 2, and the echo's echo two seconds later with strength 1:
#
# $$k(0) = 4, \quad k(1) = 2, \quad k(2) = 1.$$
#
# Now you clap twice: with force 1 at second 0, and with force 3 at second 2. So $h(0) = 1$,
# $h(1) = 0$, $h(2) = 3$. What is heard at each second? Every clap brings its own echo along, times
# its force:
#
# | second | 0 | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|
# | the clap at second 0 | 4 | 2 | 1 | | |
# | the clap at second 2 | | | 12 | 6 | 3 |
# | together | 4 | 2 | **13** | 6 | 3 |
#
# Look at second 2. What is heard *then* from a clap at second 0 is what comes *two* seconds after a
# clap; from a clap at second 2 it is what comes *zero* seconds after:
# $h(0)\,k(2) + h(1)\,k(1) + h(2)\,k(0)$. The clock of $h$ runs forwards and the clock of $k$ runs
# backwards. This is the **discrete convolution** of $h$ and $k$:
#
# $$(h * k)(t) = \sum_{\tau} h(\tau)\, k(t - \tau)$$
#
# - $t$: the time at which we listen;
# - $\tau$ (the Greek letter tau): the time of a clap; the sum is over all whole numbers $\tau$, and
#   where $h$ or $k$ is not given it is 0;
# - $t - \tau$: how long ago the clap was;
# - $h * k$: the convolution, a new function. The star is its sign in mathematics, and no product.
#
# The animation shows the sum for each $t$: $k$ lies below $h$, turned round, and moves to the right
# as $t$ grows.

# %% jupyter={"source_hidden": true} cellView="form"
claps, echo = np.array([1, 0, 3]), np.array([4, 2, 1])


def listen(t):
    table = np.full((3, 7), np.nan)  # the columns are the seconds from -2 to 4
    table[0, 2:5] = claps
    table[1, t : t + 3] = echo[::-1]
    table[2] = table[0] * table[1]
    figure, ax = plt.subplots(figsize=(8, 3.4), layout="constrained")
    heard = int(np.nansum(table[2]))
    draw_grid(ax, table, f"t = {t}: the products add up to {heard}", [(0, 2, 3, 3, "tab:orange")])
    ax.set_yticks(range(3), ["$h(\\tau)$", f"$k({t} - \\tau)$", "product"], fontsize=12)
    ax.set_xticks(range(7), [f"$\\tau$ = {second}" for second in range(-2, 5)])
    return figure


animate(
    listen,
    range(5),
    "A table with a column for each second from -2 to 4. Its first row holds the claps 1, 0, 3 at "
    "the seconds 0, 1, 2. Its second row holds the echo turned round, 1, 2, 4, which moves to the "
    "right by one column as t grows from 0 to 4. Its third row holds the products where both rows "
    "have a number. Their sums are 4, 2, 13, 6 and 3.",
    seconds=1.8,
)

# %% [markdown]
# NumPy has both operations for rows of numbers. `np.convolve` computes the convolution;
# `np.correlate` slides without turning round. **Predict, then run.** Which of the two prints 4, 2,
# 13, 6, 3? Does it matter which argument comes first?

# %%
claps, echo = np.array([1, 0, 3]), np.array([4, 2, 1])
print("convolve claps, echo: ", np.convolve(claps, echo))
print("convolve echo, claps: ", np.convolve(echo, claps))
print("correlate claps, echo:", np.correlate(claps, echo, mode="full"))
print("correlate echo, claps:", np.correlate(echo, claps, mode="full"))

# %% [markdown]
# `np.convolve` gives what is heard, in either order: $h * k = k * h$, a convolution is
# *commutative*. A cross-correlation is not: exchanging its arguments turns the result round.
#
# ### From a sum to an integral
#
# A tone that lasts, instead of claps at whole seconds, is a function of a continuous time. Then the
# sum becomes an integral, and this is the **continuous convolution**:
#
# $$(h * k)(t) = \int_{-\infty}^{\infty} h(\tau)\, k(t - \tau)\, d\tau$$
#
# For each $t$ it is the area under the product of $h(\tau)$ and the turned and shifted
# $k(t - \tau)$. One can read it as a weighted sum of the values of $h$, where $k$ says how much
# each of them counts at the time $t$.
#
# In the animation $h$ is a tone of strength 1 from time 0 to time 1, and $k(t) = 1 - t$ is an echo
# that dies away within one unit of time. A computer approximates the integral by a sum again: it
# cuts the time into short steps and multiplies the sum by the length of a step.

# %%
step = 0.001
taus = np.arange(-1.5, 2.5, step) + step / 2  # the middle of each step


def tone(t):
    return np.where((t >= 0) & (t <= 1), 1.0, 0.0)


def fading(t):
    return np.where((t >= 0) & (t <= 1), 1.0 - t, 0.0)


def area(t):
    return np.sum(tone(taus) * fading(t - taus)) * step


# %% jupyter={"source_hidden": true} cellView="form"
times = np.linspace(-1, 2.5, 141)
areas = np.array([area(t) for t in times])


def slide(t):
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.4), layout="constrained")
    axes[0].plot(taus, tone(taus), "-", color="tab:blue", label=r"$h(\tau)$")
    axes[0].plot(taus, fading(t - taus), "--", color="tab:orange", label=r"$k(t - \tau)$")
    both = tone(taus) * fading(t - taus)
    axes[0].fill_between(taus, both, facecolor="0.85", hatch="//", edgecolor="0.4", lw=0)
    axes[0].set(title=f"t = {t:.2f}: the hatched area is {area(t):.3f}", xlabel=r"$\tau$")
    axes[0].set_ylim(0, 1.35)
    axes[0].legend(loc="upper left", ncols=2)
    axes[1].plot(times[times <= t], areas[times <= t], "-k")
    axes[1].plot(t, area(t), "ko")
    axes[1].set(title="$(h * k)(t)$", xlabel="$t$", xlim=(-1, 2.5), ylim=(0, 0.6))
    return figure


animate(
    slide,
    np.arange(-0.25, 2.26, 0.25),
    "On the left a tone h, a box of height 1 between 0 and 1, and a turned ramp k that moves to "
    "the right over it; the area under their product is hatched. On the right the curve of that "
    "area against t: 0 until t = 0, rising to 0.5 at t = 1, falling to 0 at t = 2.",
)

# %% [markdown]
# Two of these areas can be checked with pencil and paper. At $t = 1$ the whole triangle lies in the
# tone: its area is $\tfrac{1}{2} \cdot 1 \cdot 1 =$ [0.500]{= f'{area(1):.3f}' }. At $t = 0.5$ half
# of its width does, a trapezium with the sides 1 and 0.5, and the area $0.5 \cdot (1 + 0.5) / 2 =$
# [0.375]{= f'{area(0.5):.3f}' }.
#
# ### Two dimensions: the kernel turns by 180 degrees
#
# A picture has two indices where a sound has one. The **two-dimensional convolution** of an image
# $h$ with a kernel $k$ is
#
# $$(h * k)(i, j) = \sum_{m} \sum_{n} h(m, n)\, k(i - m,\; j - n).$$
#
# - $(i, j)$: row and column of the result; $(m, n)$: row and column in the image. The sums are over
#   all places of the image where $k(i - m, j - n)$ is an entry of the kernel.
#
# Counting through the kernel instead of the image, with $r = i - m$ and $q = j - n$, the same sum
# reads
#
# $$(w * x)_{i,j} = \sum_{r=0}^{f-1} \; \sum_{q=0}^{f-1} w_{r,q} \; x_{i-r,\; j-q}$$
#
# where $x$ is now the image and $w$ a kernel of $f$ by $f$ entries. Compare it with the
# cross-correlation: there the pixel is $X_{h+r,\, w+q}$, with plus signs. The minus signs turn the
# kernel: its first row meets the lowest row of the window, its first column meets the rightmost
# one. Exchanging up and down *and* left and right is turning by 180 degrees.
#
# The next function is the second formula, letter by letter, at those places where all of the kernel
# lies on the image.


# %%
def convolve(x, w):
    f_H, f_W = w.shape
    Z = np.zeros((x.shape[0] - f_H + 1, x.shape[1] - f_W + 1))
    for i in range(f_H - 1, x.shape[0]):
        for j in range(f_W - 1, x.shape[1]):
            for r in range(f_H):
                for q in range(f_W):
                    Z[i - f_H + 1, j - f_W + 1] += w[r, q] * x[i - r, j - q]
    return Z


# %% [markdown]
# An image with a single 1 in it, everything else 0, makes the difference visible. **Predict, then
# run.** The kernel holds the numbers 1 to 9. What does each operation make of the single 1?

# %%
dot = np.zeros((5, 5))
dot[2, 2] = 1
nine = np.arange(1, 10).reshape(3, 3)

fig, axes = plt.subplots(1, 4, figsize=(10, 3.2), width_ratios=[5, 3, 3, 3], layout="constrained")
draw_grid(axes[0], dot, "image")
draw_grid(axes[1], nine, "kernel")
draw_grid(axes[2], convolve(dot, nine), "convolution")
draw_grid(axes[3], cross_correlate(dot, nine), "cross-correlation")
present(
    fig,
    "Four grids: an image of 5 by 5 zeros with a 1 in the middle; a kernel with the numbers 1 to "
    "9, row by row; their convolution, which is the kernel as it is, 1 to 9; and their "
    "cross-correlation, the kernel turned by 180 degrees: 9, 8, 7 in the first row, then 6, 5, 4, "
    "then 3, 2, 1.",
)

# %% [markdown]
# The convolution draws the kernel as it is, as a clap draws its echo. The cross-correlation draws
# it turned round.
#
# **Which one do networks use?** The cross-correlation. Our loops above, Keras, TensorFlow and
# PyTorch all leave the kernel as it is, and yet the layers are called convolution layers. That does
# no harm: the weights of a network are learned, and if turned weights were better, it would learn
# them turned. From here on this course follows the custom. **"Convolution" means cross-correlation,
# unless the text says otherwise.** Remember the difference when you take kernels from a book on
# signals, or when you use `np.convolve` or SciPy's `convolve2d`, which do turn the kernel.
#
# ### Exercise 2: one from the other
#
# Write a function that computes the convolution of `image` and `kernel` (the one of mathematics),
# by a call of `cross_correlate`. Do not use `convolve`.


# %%
def true_convolution(image, kernel):
    result = None
    ### BEGIN SOLUTION
    result = cross_correlate(image, kernel[::-1, ::-1])
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_function(
    "Exercise 2",
    true_convolution,
    convolve,
    [(X, W), (np.arange(49.0).reshape(7, 7) % 5, nine), (dot, nine)],
    "Turn the kernel by 180 degrees before you slide it.",
    [
        (cross_correlate, "The kernel has not been turned."),
        (lambda x, w: cross_correlate(x, w.T), "Transposing exchanges rows and columns. Turn it."),
        (
            lambda x, w: cross_correlate(x, w[::-1]),
            "That exchanges up and down. Left and right have to be exchanged as well.",
        ),
        (
            lambda x, w: cross_correlate(x, w[:, ::-1]),
            "That exchanges left and right. Up and down have to be exchanged as well.",
        ),
        (
            lambda x, w: cross_correlate(x, np.rot90(w)),
            "That is a quarter of a turn, and half a turn is needed.",
        ),
        (
            lambda x, w: cross_correlate(x[::-1, ::-1], w),
            "You turned the image. The result comes out turned as well.",
        ),
    ],
)

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. compute a matrix product, $c_{ij} = \sum_k x_{ik}\, w_{kj}$, and write a cross-correlation as
#    one: a row for each window, times the kernel as a column;
# 2. give the definition of a convolution, $(h * k)(t) = \sum_\tau h(\tau)\, k(t - \tau)$, with an
#    integral for a continuous time and two sums for a picture;
# 3. say that a convolution turns the kernel by 180 degrees first, and networks do not, and compute it
#    by `cross_correlate(image, kernel[::-1, ::-1])`.
#
# ## What to read next
#
# - The next lesson, [Padding](03_padding.ipynb): what happens at the border of an image.
# - Ian Goodfellow, Yoshua Bengio and Aaron Courville, *Deep Learning*, 2016, section 9.1 on the
#   convolution operation: [deeplearningbook.org](https://www.deeplearningbook.org).
# - Rafael Gonzalez and Richard Woods, *Digital Image Processing*, on convolution and correlation.
