# %% [markdown]
# # The mathematics of convolution
#
# You apply the emboss kernel of lesson 01 to a photograph, once with the function that you know and
# once with SciPy's `convolve2d`. Should the two images agree? Run the next two code cells.
#
# **This lesson is optional.** No later lesson depends on it. Read it when you meet a formula with a
# minus sign in its index, or want to know why a convolution is a matrix product in disguise.

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from scipy.signal import convolve2d
from sklearn.datasets import load_sample_image

from convnet.plots import draw_grid
from lesson_tools.figures import animate
from lesson_tools.questions.mathematics_of_convolution import predict

photo = load_sample_image("china.jpg").mean(axis=2).round().astype(int)
emboss = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])


def cross_correlate(X, W):
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for r in range(f_H):
        for q in range(f_W):
            Z += W[r, q] * X[r : r + n_H, q : q + n_W]
    return Z


fig, axes = plt.subplots(1, 3, figsize=(12, 3), layout="constrained")
tower = photo[60:160, 80:240]
panels = {
    "the photograph": tower,
    "cross_correlate(photo, emboss)": cross_correlate(tower, emboss),
    "scipy's convolve2d(photo, emboss)": convolve2d(tower, emboss, mode="valid"),
}
for ax, (title, image) in zip(axes, panels.items(), strict=True):
    ax.imshow(image, cmap="gray", vmin=0, vmax=255)
    ax.set(title=title, xticks=[], yticks=[])
present(
    fig,
    "The roof of a tower three times: the photograph, and two reliefs of it. In the relief "
    "from cross_correlate the light falls from one side, in the relief from convolve2d from the "
    "opposite side: bright and dark sides of every edge are exchanged.",
)

# %% [markdown]
# Same image, same nine weights, and the light comes from opposite sides. Neither function is wrong.
# `cross_correlate` computes a cross-correlation, which is what deep learning libraries call
# convolution. `convolve2d` computes a convolution in the mathematical sense, which
# [**flips**](glossary.md#flip) the
# kernel first.
#
# **By the end of this lesson you will be able to**
#
# 1. write down convolution and cross-correlation, in one and two dimensions, discrete and continuous,
#    and compute both by hand;
# 2. tell when the two agree, and turn one into the other;
# 3. write a convolution as a matrix product in two ways, and use its linearity.
#
# **Time:** about 40 minutes. **You need:** [Images and filters](01_images_and_filters.ipynb).
#
# **Notation:** $X$ is the input, $W$ the kernel, $Z$ the output; $*$ is the convolution and $\star$
# the cross-correlation. As before, $h, w$ count the rows and columns of the output and $r, q$ those
# of the kernel. To make a [**prediction**](glossary.md#prediction), replace `None` in a cell such as
# `predict("echo", None)`.

# %% [markdown] tags=["row-2"]
# ## Discrete convolution in one dimension
#
# You clap in a tunnel. The clap itself has strength 4, its echo one second later has strength 2, and
# a second echo has strength 1. This is the **impulse response** of the tunnel, $W = (4, 2, 1)$. Now
# you clap with force 1 at second 0 and with force 3 at second 2, so the input is $X = (1, 0, 3)$.
# Every clap starts a scaled copy of the impulse response, and what you hear is the sum of all copies.
#
# **Predict.** How strong is the sound at second 2?

# %%
predict("echo", None)

# %% jupyter={"source_hidden": true} cellView="form"
claps, echo = np.array([1, 0, 3]), np.array([4, 2, 1])


def listen(t):
    table = np.full((3, 7), np.nan)  # the columns are the seconds from -2 to 4
    table[0, 2:5] = claps
    table[1, t : t + 3] = echo[::-1]
    table[2] = table[0] * table[1]
    figure, ax = plt.subplots(figsize=(8, 3.4), layout="constrained")
    heard = int(np.nansum(table[2]))
    title = f"t = {t}: the products add up to {heard}"
    draw_grid(ax, table, title, [(0, 2, 3, 3, "tab:orange")], scale=(0, 12))
    ax.set_yticks(range(3), ["$X_\\tau$", f"$W_{{{t} - \\tau}}$", "product"], fontsize=12)
    ax.set_xticks(range(7), [f"$\\tau$ = {second}" for second in range(-2, 5)])
    return figure


animate(
    listen,
    range(5),
    "A table with a column for each second from -2 to 4. Its first row holds the claps 1, 0, 3 at "
    "seconds 0, 1, 2. Its second row holds the flipped impulse response, 1, 2, 4, which moves to "
    "the right by one column as t grows from 0 to 4. Its third row holds the products where both "
    "rows have a number. Their sums are 4, 2, 13, 6 and 3.",
    seconds=1.8,
)

# %% [markdown]
# At time $t$, a clap at time $\tau$ contributes with the echo that comes $t - \tau$ seconds after it.
# This is the **discrete convolution** of $X$ and $W$:
#
# $$Z_t = (X * W)_t = \sum_{\tau} X_\tau \, W_{t - \tau}$$
#
# The sum runs over all integers $\tau$, and entries that do not exist count as 0. As $\tau$ grows,
# the index of $X$ grows and the index of $W$ falls. So the kernel is flipped: in the animation,
# $4, 2, 1$ slides over the input as $1, 2, 4$. The
# [**cross-correlation**](glossary.md#cross-correlation) has a plus sign and no flip:
#
# $$(X \star W)_t = \sum_{\tau} X_{t + \tau} \, W_\tau$$
#
# NumPy has both: `np.convolve` and `np.correlate`. With `claps` and `echo`,
# `np.correlate(claps, echo, mode="full")` gives `[1, 2, 7, 6, 12]`.
#
# **Predict.** What does `np.correlate(echo, claps, mode="full")` give? Answer with a list.

# %%
predict("order", None)

# %%
print("convolve:  ", np.convolve(claps, echo), "and", np.convolve(echo, claps))
print("correlate: ", *(np.correlate(*pair, "full") for pair in ((claps, echo), (echo, claps))))

# %% [markdown] tags=["row-2"]
# Convolution is **commutative**, $X * W = W * X$: it does not matter which of the two is called the
# kernel. Cross-correlation is not commutative. This is the main reason why mathematicians prefer the
# flip.
#
# ## Convolution in two dimensions
#
# An image has two indices. The two-dimensional convolution uses a minus sign for both of them, and
# the cross-correlation a plus sign:
#
# $$(X * W)_{h,w} = \sum_{r=0}^{f_H-1} \sum_{q=0}^{f_W-1} X_{h-r,\; w-q} \, W_{r,q}, \qquad
# (X \star W)_{h,w} = \sum_{r=0}^{f_H-1} \sum_{q=0}^{f_W-1} X_{h+r,\; w+q} \, W_{r,q}$$
#
# With minus signs, the *first* row of the kernel meets the *last* row of the patch, and the same
# holds for columns. The kernel is flipped along both axes, which is a **rotation by 180 degrees**. The
# next function is the left formula, at those positions where the kernel lies completely inside the
# image. SciPy gives the same.


# %%
def convolve(X, W):
    f_H, f_W = W.shape
    Z = np.zeros((X.shape[0] - f_H + 1, X.shape[1] - f_W + 1))
    for h in range(f_H - 1, X.shape[0]):
        for w in range(f_W - 1, X.shape[1]):
            for r in range(f_H):
                for q in range(f_W):
                    Z[h - f_H + 1, w - f_W + 1] += X[h - r, w - q] * W[r, q]
    return Z


patch = photo[100:120, 100:130]
np.testing.assert_array_equal(convolve(patch, emboss), convolve2d(patch, emboss, mode="valid"))

impulse, nine = np.zeros((5, 5)), np.arange(1, 10).reshape(3, 3)
impulse[2, 2] = 1

# %% [markdown]
# A 5 x 5 image with a single 1 in the middle, an **impulse**, shows the difference. The kernel `nine`
# holds the numbers 1 to 9, row by row.
#
# **Predict.** What is the upper left value of the *cross-correlation* of `impulse` and `nine`?

# %%
predict("corner", None)

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 4, figsize=(10, 3.2), width_ratios=[5, 3, 3, 3], layout="constrained")
draw_grid(axes[0], impulse, "image", scale=(0, 9))
draw_grid(axes[1], nine, "kernel", scale=(0, 9))
draw_grid(axes[2], convolve(impulse, nine), "convolution", scale=(0, 9))
draw_grid(axes[3], cross_correlate(impulse, nine), "cross-correlation", scale=(0, 9))
present(
    fig,
    "Four grids: an image of 5 by 5 zeros with a 1 in the middle; a kernel with the numbers 1 to "
    "9, row by row; their convolution, which is the kernel unchanged; and their cross-correlation, "
    "the kernel rotated by 180 degrees: 9, 8, 7, then 6, 5, 4, then 3, 2, 1.",
)

# %% [markdown]
# A convolution puts a copy of the kernel at the impulse, as a clap starts a copy of the echo. A
# cross-correlation puts a rotated copy there.
#
# ## When do they agree?
#
# Convolution and cross-correlation give the same output if the kernel is unchanged by a rotation by
# 180 degrees.
#
# **Predict.** For Sobel x, with the rows `[-1, 0, 1]`, `[-2, 0, 2]`, `[-1, 0, 1]`, the convolution is
# the cross-correlation times a number. Which number?

# %%
predict("factor", None)

# %%
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
laplace = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
kernels = {"blur": np.ones((3, 3)) / 9, "laplace": laplace, "sobel_x": sobel_x, "emboss": emboss}
for name, W in kernels.items():
    flipped, unflipped = convolve(patch, W), cross_correlate(patch, W)
    signs = [sign for sign in (1, -1) if np.allclose(flipped, sign * unflipped)]
    print(f"{name:8}", f"convolution = {signs[0]} * cross-correlation" if signs else "they differ")

# %% [markdown] tags=["row-1"]
# Keras, TensorFlow and PyTorch compute cross-correlations and call them convolutions. For a network
# this does no harm, because its weights are learned: where a flipped kernel would be better, training
# finds it flipped. **In this course, "convolution" means cross-correlation unless the text says
# otherwise.** Remember the flip when you take kernels from a book on signal processing, or use
# `np.convolve` or SciPy.
#
# ## Two products of matrices
#
# The [**element-wise product**](glossary.md#element-wise) multiplies the entries at the same position
# (`*` in NumPy). The
# [**matrix product**](glossary.md#matrix-product) (`@`) takes dot products of rows and columns: with
# $X$ of shape $(m, n)$ and $W$ of
# shape $(n, p)$, the product $C = XW$ has shape $(m, p)$ and the entries
#
# $$C_{ij} = \sum_{k=1}^{n} X_{ik} \, W_{kj}.$$
#
# Compute the entry in the second row and first column of this product by hand, then run the cell:
#
# $$\begin{pmatrix} 1 & 2 & 0 \\ 0 & 1 & 3 \end{pmatrix}
# \begin{pmatrix} 2 & 1 \\ 1 & 0 \\ 4 & 5 \end{pmatrix}$$

# %% jupyter={"source_hidden": true} cellView="form"
first = np.array([[1, 2, 0], [0, 1, 3]])
second = np.array([[2, 1], [1, 0], [4, 5]])
fig, axes = plt.subplots(1, 3, figsize=(8, 2.8), width_ratios=[3, 2, 2], layout="constrained")
draw_grid(axes[0], first, "X, 2 x 3", [(1, 0, 1, 3, "tab:orange")], scale=(0, 15))
draw_grid(axes[1], second, "W, 3 x 2", [(0, 0, 3, 1, "tab:orange")], scale=(0, 15))
draw_grid(axes[2], first @ second, "C = X @ W, 2 x 2", [(1, 0, 1, 1, "tab:orange")], scale=(0, 15))
present(
    fig,
    "Three grids: the matrix X with 2 rows and 3 columns, the matrix W with 3 rows and 2 columns, "
    "and their product C, 4 and 1 in the first row, 13 and 15 in the second. Outlined are the "
    "second row of X, the first column of W, and the 13 in the second row and first column of C.",
)

# %% [markdown]
# Each entry of a matrix product is a dot product, and so is each output value of a convolution. This
# suggests that a convolution *is* a matrix product, if the numbers are arranged in the right way.
#
# ## Convolution as a matrix product: im2col
#
# Take the small example of lesson 01:
#
# $$X = \begin{pmatrix} 1 & 2 & 0 & 3 \\ 0 & 1 & 2 & 1 \\ 2 & 0 & 1 & 3 \end{pmatrix}, \qquad
# W = \begin{pmatrix} 1 & 2 \\ 0 & -1 \end{pmatrix}$$
#
# Flatten every patch into a row of a new matrix, and flatten the kernel into a column. One matrix
# product then computes all output values. The rearrangement is called [**im2col**](glossary.md#im2col)
# (image to columns;
# some libraries store the patches as columns instead).
#
# **Predict.** What is the shape of the matrix of patches? Answer with a tuple.

# %%
predict("patches", None)

# %%
X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])
W = np.array([[1, 2], [0, -1]])
patches = np.array([X[h : h + 2, w : w + 2].ravel() for h in range(2) for w in range(3)])
print(patches, "@", W.ravel(), "=", patches @ W.ravel())
print("reshaped:", (patches @ W.ravel()).reshape(2, 3).tolist())

# %% [markdown]
# Processors and libraries are highly optimised for matrix products, so many libraries compute
# convolutions in this way. (They also have other methods, such as Winograd's algorithm and the fast
# Fourier transform, and choose by size.) The price is memory: overlapping patches store the same
# pixel several times.
#
# ## Convolution as a matrix product: the Toeplitz matrix
#
# You can also leave the image alone and rearrange the kernel. Flatten the image into a vector of 12
# values. Each of the 6 outputs is a weighted sum of these values, so there is a 6 x 12 matrix $T$ with
# $Z = TX$. Its row for output $(h, w)$ holds the weight $W_{r,q}$ in the column of pixel
# $(h + r, w + q)$:

# %%
T = np.zeros((6, 12))
for h in range(2):
    for w in range(3):
        for r in range(2):
            for q in range(2):
                T[h * 3 + w, (h + r) * 4 + (w + q)] = W[r, q]

np.testing.assert_array_equal((T @ X.ravel()).reshape(2, 3), cross_correlate(X, W))

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
draw_grid(ax, T, "T: one row for each output value, one column for each pixel")
ax.set_yticks(range(6), [f"Z[{h}, {w}]" for h in range(2) for w in range(3)])
ax.set_xticks(range(12), [f"[{h}, {w}]" for h in range(3) for w in range(4)], fontsize=7)
present(
    fig,
    "A grid of 6 rows and 12 columns. Every row holds the weights 1, 2, 0 and -1 and zeros "
    "elsewhere; the weights move one column to the right from row to row, and two columns where "
    "the kernel goes to the next row of the image.",
)

# %% [markdown]
# A matrix that is constant along its diagonals is called a
# [**Toeplitz matrix**](glossary.md#toeplitz-matrix); $T$ consists of
# Toeplitz blocks. A dense layer from 12 inputs to 6 outputs also multiplies by a 6 x 12 matrix, with
# [72]{= T.size } independent weights. So **a convolution layer is a dense layer with two
# constraints**. In every row of $T$, only 4 of the 12 positions belong to the patch and all others are
# 0 (local connectivity), and all rows contain the same 4 weights (parameter sharing).
#
# ## Linearity
#
# Multiplication by a matrix is [**linear**](glossary.md#linear-map): $T(aX + bY) = a\,TX + b\,TY$. So
# is a convolution. If you
# double the contrast of an image, all its edges get twice as strong. And if you apply Sobel x to the
# negative `255 - photo`, you get minus the edges of the photograph, because the weights add up to 0 and
# the 255 has no effect.
#
# Two convolutions in a row are linear as well, and they can be replaced by a single one.
#
# **Predict.** Two 3 x 3 kernels are applied one after the other. How large is the single $f$ x $f$
# kernel that gives the same output? Answer with $f$.

# %%
predict("two_layers", None)

# %%
blur = np.ones((3, 3)) / 9
one_kernel = convolve2d(blur, sobel_x)  # a convolution of the two kernels
two_steps = cross_correlate(cross_correlate(photo, blur), sobel_x)
np.testing.assert_allclose(cross_correlate(photo, one_kernel), two_steps, atol=1e-9)
print("one kernel, times 9:", *np.round(9 * one_kernel).astype(int), sep="\n")

edges = cross_correlate(photo, sobel_x)
np.testing.assert_array_equal(cross_correlate(2 * photo, sobel_x), 2 * edges)
np.testing.assert_array_equal(cross_correlate(255 - photo, sobel_x), -edges)

# %% [markdown] tags=["row-2"]
# A network of a hundred convolutions without anything between them therefore collapses into one,
# because a composition of linear maps is linear. This is why a layer ends with a
# [**nonlinearity**](glossary.md#nonlinearity) such
# as ReLU.
#
# ## Further: the continuous convolution
#
# *You can skip this section.* If the input is a function of continuous time, the sum becomes an
# integral, and this is the **continuous convolution**:
#
# $$(X * W)(t) = \int_{-\infty}^{\infty} X(\tau) \, W(t - \tau) \, d\tau$$
#
# For each $t$, it is the area under the product of $X(\tau)$ and the flipped and shifted kernel
# $W(t - \tau)$. As an example, take a tone of strength 1 from time 0 to time 1, and the echo
# $W(t) = 1 - t$, which fades out within one unit of time. The code approximates the integral by a sum
# over short steps. What is the area at $t = 1$, and at $t = 0.5$? Draw the two functions first.

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
    axes[0].plot(taus, tone(taus), "-", color="tab:blue", label=r"$X(\tau)$")
    axes[0].plot(taus, fading(t - taus), "--", color="tab:orange", label=r"$W(t - \tau)$")
    both = tone(taus) * fading(t - taus)
    axes[0].fill_between(taus, both, facecolor="0.85", hatch="//", edgecolor="0.4", lw=0)
    axes[0].set(title=f"t = {t:.2f}: the hatched area is {area(t):.3f}", xlabel=r"$\tau$")
    axes[0].set_ylim(0, 1.35)
    axes[0].legend(loc="upper left", ncols=2)
    axes[1].plot(times[times <= t], areas[times <= t], "-k")
    axes[1].plot(t, area(t), "ko")
    axes[1].set(title="$(X * W)(t)$", xlabel="$t$", xlim=(-1, 2.5), ylim=(0, 0.6))
    return figure


animate(
    slide,
    np.arange(-0.25, 2.26, 0.25),
    "On the left a tone X, a box of height 1 between 0 and 1, and a flipped ramp W that moves to "
    "the right over it; the area under their product is hatched. On the right the curve of that "
    "area against t: 0 until t = 0, rising to 0.5 at t = 1, falling to 0 at t = 2.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# At $t = 1$, the whole triangle overlaps with the tone: $\tfrac{1}{2} \cdot 1 \cdot 1 =$
# [0.500]{= f'{area(1):.3f}' }. At $t = 0.5$, the overlap is a trapezoid with parallel sides 1 and 0.5:
# $0.5 \cdot (1 + 0.5) / 2 =$ [0.375]{= f'{area(0.5):.3f}' }.
#
# </details>
#
# ## Exercises
#
# ### Exercise 1: by hand
#
# Compute the full convolution of $(1, 2, 3)$ with the kernel $(1, 0, -1)$. It has 5 values.

# %%
answer = None
### BEGIN SOLUTION
answer = [1, 2, 2, -2, -3]  # (1, 2, 3, 0, 0) minus (0, 0, 1, 2, 3)
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    answer,
    np.convolve([1, 2, 3], [1, 0, -1]),
    "Add the scaled copies of the kernel: 1 times it at position 0, 2 times at 1, 3 times at 2.",
    [
        (np.correlate([1, 2, 3], [1, 0, -1], "full"), "That is the cross-correlation."),
        (np.convolve([1, 2, 3], [1, 0, -1], "same"), "Those are the middle 3 of the 5 values."),
        (2, "That is the only value where the two overlap completely. The full output has 5."),
        ([1, 0, -3], "That is the element-wise product."),
    ],
)

# %% [markdown]
# ### Exercise 2: one from the other
#
# Write a function that computes the mathematical convolution of `image` and `kernel` with a single
# call of `cross_correlate`. Do not use `convolve`.


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
    [(X, W), (patch, emboss), (impulse, nine), (patch, emboss[:2])],
    "Flip the kernel along both axes before you slide it.",
    [
        (cross_correlate, "The kernel is not flipped."),
        (
            lambda x, w: cross_correlate(x, w.T),
            "Transposing exchanges rows and columns; flip them.",
        ),
        (lambda x, w: cross_correlate(x, w[::-1]), "The rows are flipped. Flip the columns, too."),
        (
            lambda x, w: cross_correlate(x, w[:, ::-1]),
            "The columns are flipped. Flip the rows, too.",
        ),
        (
            lambda x, w: cross_correlate(x, np.rot90(w)),
            "That is a rotation by 90 degrees, and you need 180.",
        ),
        (
            lambda x, w: cross_correlate(x[::-1, ::-1], w),
            "You flipped the image, so the output is flipped as well.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: im2col
#
# Write `im2col(X, f_H, f_W)`, which returns the matrix of patches for a kernel of height `f_H` and
# width `f_W`: one flattened patch per row, in the order of the output values.


# %%
def im2col(X, f_H, f_W):
    patches = None
    ### BEGIN SOLUTION
    n_H, n_W = X.shape[0] - f_H + 1, X.shape[1] - f_W + 1
    patches = np.array(
        [X[h : h + f_H, w : w + f_W].ravel() for h in range(n_H) for w in range(n_W)]
    )
    ### END SOLUTION
    return patches


# %% jupyter={"source_hidden": true} cellView="form"
def right_im2col(X, f_H, f_W):
    patches = np.lib.stride_tricks.sliding_window_view(X, (f_H, f_W))
    return patches.reshape(-1, f_H * f_W)


def by_columns(X, f_H, f_W):
    patches = np.lib.stride_tricks.sliding_window_view(X, (f_H, f_W))
    return patches.transpose(1, 0, 2, 3).reshape(-1, f_H * f_W)


public_tests.check_function(
    "Exercise 3",
    im2col,
    right_im2col,
    [
        (X, 2, 2),
        (X, 2, 3),
        (np.arange(30).reshape(5, 6), 3, 2),
        (np.arange(30).reshape(6, 5), 1, 4),
    ],
    "Loop over the output rows and, inside, over the output columns; ravel() flattens a patch.",
    [
        (lambda X, f_H, f_W: right_im2col(X, f_H, f_W).T, "Each patch is a column; use rows."),
        (by_columns, "You go down the columns first. The output values go along the rows first."),
        (
            lambda X, f_H, f_W: right_im2col(X, f_W, f_H),
            "Height and width of the kernel are exchanged.",
        ),
        (
            lambda X, f_H, f_W: right_im2col(X, f_H, f_W).reshape(-1, f_H, f_W),
            "The patches are right, but each one has to be flattened into a row.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then try it.
#
# 1. ... you apply the 3 x 3 blur twice? Is the result the same as one 5 x 5 blur with equal weights?
# 2. ... you apply the column $(1, 2, 1)$ as a 3 x 1 kernel and then the row $(-1, 0, 1)$ as a 1 x 3
#    kernel?
# 3. ... a bias is added after the convolution? Is the layer still linear?
#
# <details>
# <summary>Discussion</summary>
#
# 1. No. The single kernel is 5 x 5, and its weights, times 81, start with the row
#    `[[1, 2, 3, 2, 1]]{= np.round(81 * convolve2d(blur, blur))[0].astype(int).tolist() }` and have
#    [9]{= round(81 * convolve2d(blur, blur)[2, 2]) } in the middle. Repeated blurring weights the
#    center
#    more and approaches the bell curve of a Gaussian blur.
# 2. You get Sobel x, because $\begin{pmatrix} 1 \\ 2 \\ 1 \end{pmatrix} \begin{pmatrix} -1 & 0 & 1
#    \end{pmatrix} = S_x$. A kernel that is a product of a column and a row is called **separable**; two
#    passes need $3 + 3$ multiply-accumulates per pixel instead of 9.
# 3. No. With a bias, doubling the input no longer doubles the output. The layer is **affine**, and
#    two affine layers still collapse into one.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **write down both operations:** a convolution has the index $t - \tau$ or $(h - r, w - q)$, a
#    [cross-correlation](glossary.md#cross-correlation) $(h + r, w + q)$; for functions, the sum becomes
#    an integral;
# 2. **turn one into the other:** flip the kernel along both axes; the two agree if the kernel is
#    unchanged by a rotation by 180 degrees;
# 3. **write a convolution as a matrix product:** patches times a flattened kernel, or a Toeplitz matrix
#    times a flattened image. It is [linear](glossary.md#linear-map), and stacked convolutions need
#    a [nonlinearity](glossary.md#nonlinearity) between them.
#
# | term in this course | you may also read |
# |---|---|
# | [**convolution**](glossary.md#convolution): cross-correlation, as in all libraries | convolution without flip |
# | [**flip**](glossary.md#flip): reverse both axes of the kernel | rotate by 180 degrees, mirror |
# | **impulse response** | point spread function, for images |
# | [**im2col**](glossary.md#im2col) | unfold (PyTorch) |
# | [**Toeplitz matrix**](glossary.md#toeplitz-matrix) of a convolution | convolution matrix |
#
# ## What to read next
#
# - Next is lesson 03, on [padding](03_padding.ipynb): what happens at the border of an image.
# - Goodfellow, Bengio and Courville, *Deep Learning* (2016), sections 9.1 and 9.2:
#   [deeplearningbook.org](https://www.deeplearningbook.org/contents/convnets.html).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), sections 7.1 and 7.2:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/index.html).
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016), section 4.1,
#   on convolution as a matrix operation: [arXiv:1603.07285](https://arxiv.org/abs/1603.07285).
