# %% [markdown]
# # The mathematics of convolution
#
# In lesson 02 you applied an emboss kernel to a photograph with `cross_correlate`. SciPy has a
# function for the same task, `convolve2d`. Will the two give the same image? Run the next two code
# cells to compare them.
#
# **This lesson is optional.** No later lesson depends on it. Read it when you meet a formula with a
# minus sign in its index, or want to know why a convolution is a matrix product in disguise.

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from scipy.signal import convolve2d

from convnet.data import load_sample_image
from convnet.plots import draw_grid
from lesson_tools.figures import animate
from lesson_tools.questions.mathematics_of_convolution import predict
from lesson_tools.sweep import axes_for_grids

photo = load_sample_image("china.jpg").mean(axis=2).round().astype(int)
emboss = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])


def cross_correlate(X, W):  # the vectorized version from lesson 02
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for r in range(f_H):
        for q in range(f_W):
            Z += W[r, q] * X[r : r + n_H, q : q + n_W]
    return Z


fig, axes = plt.subplots(2, 2, figsize=(7, 5), layout="constrained")
tower = photo[60:160, 80:240]
draw_grid(axes[0, 1], emboss, "emboss kernel")
panels = {
    "photograph": (axes[0, 0], tower),
    "cross_correlate(photo, emboss)": (axes[1, 0], cross_correlate(tower, emboss)),
    "convolve2d(photo, emboss)": (axes[1, 1], convolve2d(tower, emboss, mode="valid")),
}
for title, (ax, image) in panels.items():
    ax.imshow(image, cmap="gray", vmin=0, vmax=255)
    ax.set(title=title, xticks=[], yticks=[])
present(
    fig,
    "Above, the roof of a tower in a photograph, and the emboss kernel with the rows -2, -1, 0; "
    "-1, 1, 1; 0, 1, 2. Below, two reliefs of the roof. In the relief from cross_correlate the "
    "light falls from one side, in the relief from convolve2d from the opposite side: bright and "
    "dark sides of every edge are exchanged.",
)

# %% [markdown]
# The image and the nine weights are the same, but the light comes from opposite sides: each edge that
# is bright in one relief is dark in the other. Neither function is wrong. `cross_correlate` computes
# a cross-correlation, which is what deep learning libraries call convolution. `convolve2d` computes a
# convolution in the mathematical sense, which [**flips**](glossary.md#flip) the kernel first.
#
# **By the end of this lesson you will be able to**
#
# 1. write down convolution and cross-correlation in one and two dimensions, and compute both by hand;
# 2. turn one into the other, and tell when they agree;
# 3. write a convolution as a matrix product in two ways, and use its linearity.
#
# **Time:** about 40 minutes. **You need:** [Kernels](02_kernels.ipynb).
#
# **Notation:** $X$ is the input, $W$ the kernel, $Z$ the output; $*$ is the convolution and $\star$
# the cross-correlation. As before, $h, w$ count the rows and columns of the output and $r, q$ those
# of the kernel. In a cell such as `predict("echo", None)`, replace `None` with your prediction.

# %% [markdown] tags=["row-2"]
# ## Discrete convolution in one dimension
#
# You clap your hands in a tunnel. A clap of force 1 sounds with strength 4 at once, comes back as an
# echo of strength 2 after one second, and as an echo of strength 1 after two seconds. These three
# numbers are the **impulse response** of the tunnel, $W = (4, 2, 1)$. A clap of force 3 is three times
# as strong, and so are its echoes.
#
# Now you clap with force 1 at second 0 and with force 3 at second 2. The input is $X = (1, 0, 3)$, and
# what you hear is the sum of all claps and echoes.
#
# **Predict.** How strong is the sound at second 2?

# %%
predict("echo", None)

# %% jupyter={"source_hidden": true} cellView="form"
claps, echo = np.array([1, 0, 3]), np.array([4, 2, 1])
copies = np.full((4, 5), np.nan)
for tau in range(3):
    copies[tau, tau : tau + 3] = claps[tau] * echo
copies[3] = np.nansum(copies[:3], axis=0)

fig, ax = plt.subplots(figsize=(7, 4.3), layout="constrained")
draw_grid(ax, copies, "the sound: a scaled copy of (4, 2, 1) for each clap", scale=(0, 13))
ax.axhline(2.5, color="black", lw=3)
names = [f"$X_{tau}$ = {clap}, at second {tau}" for tau, clap in enumerate(claps)]
ax.set_yticks(range(4), [*names, "sum"], fontsize=11)
ax.set_xticks(range(5), [f"t = {t}" for t in range(5)], fontsize=11)
present(
    fig,
    "A table with a column for each second from 0 to 4. The clap at second 0 fills seconds 0 to 2 "
    "with 4, 2, 1. The clap of force 0 at second 1 fills seconds 1 to 3 with zeros. The clap of "
    "force 3 at second 2 fills seconds 2 to 4 with 12, 6, 3. The sums are 4, 2, 13, 6 and 3.",
)

# %% [markdown]
# What you hear at time $t$ from a clap at time $\tau$ is $t - \tau$ seconds old, so the clap
# contributes $X_\tau W_{t-\tau}$. The column of $t = 3$, for example, is
# $X_1 W_2 + X_2 W_1 = 0 \cdot 1 + 3 \cdot 2 = 6$. The sum over all claps is the
# **discrete convolution** of $X$ and $W$:
#
# $$Z_t = (X * W)_t = \sum_{\tau} X_\tau \, W_{t - \tau}$$
#
# The sum runs over all integers $\tau$, and entries that do not exist count as 0. As $\tau$ grows,
# the index of $X$ grows and the index of $W$ falls. So there is a second way to compute the same
# values: flip the kernel from $(4, 2, 1)$ to $(1, 2, 4)$, slide it over the input, and take a dot
# product at each position.

# %% jupyter={"source_hidden": true} cellView="form"
sound = np.convolve(claps, echo)


def listen(t):
    table = np.full((4, 7), np.nan)  # the columns are the seconds from -2 to 4
    table[0, 2:5] = claps
    table[1, t : t + 3] = echo[::-1]
    table[2] = table[0] * table[1]
    table[3, 2 : t + 3] = sound[: t + 1]
    figure, ax = plt.subplots(figsize=(7, 4.3), layout="constrained")
    terms = " + ".join(f"{term:.0f}" for term in table[2][~np.isnan(table[2])])
    result = terms if terms == str(sound[t]) else f"{terms} = {sound[t]}"
    draw_grid(ax, table, f"output at t = {t}: {result}", scale=(0, 13))
    for row, column, height, width in ((1, t, 1, 3), (3, t + 2, 1, 1)):
        corner = (column - 0.5, row - 0.5)
        outline = plt.Rectangle(corner, width, height, fill=False, color="tab:orange", lw=3)
        ax.add_patch(outline)
    names = ["input $X$", "flipped kernel", "product", "output $Z$"]
    ax.set_yticks(range(4), names, fontsize=11)
    ax.set_xticks(range(7), range(-2, 5), fontsize=11)
    ax.set_xlabel("second")
    return figure


animate(
    listen,
    range(5),
    "A table with a column for each second from -2 to 4. Its first row holds the claps 1, 0, 3 at "
    "seconds 0, 1, 2. Its second row holds the flipped impulse response, 1, 2, 4, which moves to "
    "the right by one column as t grows from 0 to 4. Its third row holds the products where both "
    "rows have a number. Their sums fill the fourth row: 4, 2, 13, 6 and 3.",
    seconds=1.8,
)

# %% [markdown]
# The [**cross-correlation**](glossary.md#cross-correlation) has a plus sign, so it slides the kernel
# without a flip:
#
# $$(X \star W)_t = \sum_{\tau} X_{t + \tau} \, W_\tau$$
#
# NumPy has both operations, `np.convolve` and `np.correlate`. In the mode `"full"`, they return the
# values for all $t$ at which the two vectors overlap. For example,
# `np.correlate(claps, echo, mode="full")` gives `[1, 2, 7, 6, 12]`, from $t = -2$ to $t = 2$.
#
# **Predict.** What does `np.correlate(echo, claps, mode="full")` give? Answer with a list.

# %%
predict("order", None)

# %%
print("convolve: ", np.convolve(claps, echo), np.convolve(echo, claps))
print("correlate:", np.correlate(claps, echo, "full"), np.correlate(echo, claps, "full"))

# %% [markdown] tags=["row-2"]
# Convolution is **commutative**, $X * W = W * X$: it does not matter which of the two is called the
# kernel. Cross-correlation is not commutative. This is the main reason why mathematicians prefer the
# flip. You know another convolution from school: multiplying two polynomials convolves their
# coefficients, as in $(1 + 3x^2)(4 + 2x + x^2) = 4 + 2x + 13x^2 + 6x^3 + 3x^4$.
#
# ## Convolution in two dimensions
#
# An image has two indices, so the formulas have two sums. As convolution is commutative, the minus
# signs can stand at $X$ instead of $W$:
#
# $$(X * W)_{h,w} = \sum_{r=0}^{f_H-1} \sum_{q=0}^{f_W-1} X_{h-r,\; w-q} \, W_{r,q}, \qquad
# (X \star W)_{h,w} = \sum_{r=0}^{f_H-1} \sum_{q=0}^{f_W-1} X_{h+r,\; w+q} \, W_{r,q}$$
#
# With minus signs, the *first* row of the kernel meets the *last* row of the patch, and the same
# holds for columns. The kernel is flipped along both axes, which is a **rotation by 180 degrees**. Take
# the small example of lesson 01, with the kernel and its rotated copy:
#
# $$X = \begin{pmatrix} 1 & 2 & 0 & 3 \\ 0 & 1 & 2 & 1 \\ 2 & 0 & 1 & 3 \end{pmatrix}, \qquad
# W = \begin{pmatrix} 1 & 2 \\ 0 & -1 \end{pmatrix}, \qquad
# W_{\text{rotated}} = \begin{pmatrix} -1 & 0 \\ 2 & 1 \end{pmatrix}$$
#
# On the upper left patch $\begin{pmatrix} 1 & 2 \\ 0 & 1 \end{pmatrix}$, the cross-correlation gives
# $1 \cdot 1 + 2 \cdot 2 + 0 \cdot 0 + 1 \cdot (-1) = 4$, and the convolution gives
# $1 \cdot (-1) + 2 \cdot 0 + 0 \cdot 2 + 1 \cdot 1 = 0$.
#
# The function `convolve` below is the formula on the left, at the positions where the kernel lies
# completely inside the image.
#
# **Predict.** What do the two operations give on the next patch, one column to the right? Answer with
# a tuple, `(cross-correlation, convolution)`.


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


X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])
W = np.array([[1, 2], [0, -1]])
predict("next_patch", None)

# %%
print("cross-correlation:", *cross_correlate(X, W), sep="\n")
print("convolution:", *convolve(X, W), sep="\n")

patch = photo[100:120, 100:130]
np.testing.assert_array_equal(convolve(patch, emboss), convolve2d(patch, emboss, mode="valid"))

# %% [markdown]
# The last line confirms that SciPy computes the same. The difference between the two operations is
# easiest to see on an **impulse**, here a 5 x 5 image with a single 1 in the middle. The kernel `nine`
# holds the numbers 1 to 9, row by row.
#
# **Predict.** What is the upper left value of the *cross-correlation* of `impulse` and `nine`?

# %%
impulse, nine = np.zeros((5, 5)), np.arange(1, 10).reshape(3, 3)
impulse[2, 2] = 1
predict("corner", None)

# %% jupyter={"source_hidden": true} cellView="form"
ratios = {"width_ratios": [5.2, 3.2], "height_ratios": [5.2, 3.2]}  # cells of one size
fig, axes = plt.subplots(2, 2, figsize=(5.6, 6), **ratios, layout="constrained")
grids = {
    "image": impulse,
    "kernel": nine,
    "convolution": convolve(impulse, nine),
    "cross-correlation": cross_correlate(impulse, nine),
}
for ax, (name, grid) in zip(axes.flat, grids.items(), strict=True):
    draw_grid(ax, grid, name, scale=(0, 9))
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
# ## When convolution and cross-correlation agree
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
for name, kernel in kernels.items():
    flipped, unflipped = convolve(patch, kernel), cross_correlate(patch, kernel)
    if np.allclose(flipped, unflipped):
        print(f"{name:8} they agree")
    elif np.allclose(flipped, -unflipped):
        print(f"{name:8} they agree except for the sign")
    else:
        print(f"{name:8} they differ")

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
# (`*` in NumPy). The [**matrix product**](glossary.md#matrix-product) $C = AB$ (`A @ B`) takes dot
# products instead: the entry in row $i$ and column $j$ is the dot product of row $i$ of $A$ and
# column $j$ of $B$,
#
# $$C_{ij} = \sum_{k} A_{ik} \, B_{kj}.$$
#
# So $A$ needs as many columns as $B$ has rows. Compute the entry in the second row and first column
# of this product by hand, then run the cell:
#
# $$\begin{pmatrix} 1 & 2 & 0 \\ 0 & 1 & 3 \end{pmatrix}
# \begin{pmatrix} 2 & 1 \\ 1 & 0 \\ 4 & 5 \end{pmatrix}$$

# %% jupyter={"source_hidden": true} cellView="form"
A = np.array([[1, 2, 0], [0, 1, 3]])
B = np.array([[2, 1], [1, 0], [4, 5]])
fig = plt.figure(figsize=(6.4, 3))
axes = axes_for_grids(fig, [A.shape, B.shape, (2, 2)])
draw_grid(axes[0], A, "A, 2 x 3", [(1, 0, 1, 3, "tab:orange")], scale=(0, 15))
draw_grid(axes[1], B, "B, 3 x 2", [(0, 0, 3, 1, "tab:orange")], scale=(0, 15))
draw_grid(axes[2], A @ B, "C = A @ B, 2 x 2", [(1, 0, 1, 1, "tab:orange")], scale=(0, 15))
present(
    fig,
    "Three grids: the matrix A with 2 rows and 3 columns, the matrix B with 3 rows and 2 columns, "
    "and their product C, 4 and 1 in the first row, 13 and 15 in the second. Outlined are the "
    "second row of A, the first column of B, and the 13 in the second row and first column of C.",
)

# %% [markdown]
# Each entry of a matrix product is a dot product, and so is each output value of a convolution. This
# suggests that a convolution *is* a matrix product, if the numbers are arranged in the right way.
#
# ## Convolution as a matrix product: im2col
#
# Go back to the 3 x 4 image $X$ and the 2 x 2 kernel $W$. Flatten every patch of $X$ into a row of a
# new matrix, and flatten the kernel into a column, both in [**row-major**](glossary.md#row-major)
# order, that is, row after row, as `ravel()` does. One matrix product then computes all output values
# of the cross-correlation. The rearrangement is called [**im2col**](glossary.md#im2col) (image to
# columns; some libraries store the patches as columns instead).
#
# **Predict.** What is the shape of the matrix of patches? Answer with a tuple.

# %%
predict("patches", None)

# %% jupyter={"source_hidden": true} cellView="form"
patches = np.array([X[h : h + 2, w : w + 2].ravel() for h in range(2) for w in range(3)])
Z = (patches @ W.ravel()).reshape(2, 3)
np.testing.assert_array_equal(Z, cross_correlate(X, W))


def rearrange(position):
    h, w = divmod(position, 3)
    figure = plt.figure(figsize=(7, 3.6))
    axes = axes_for_grids(figure, [X.shape, patches.shape, (4, 1), (6, 1)])
    rows, outputs = patches.astype(float), Z.reshape(6, 1).astype(float)
    rows[position + 1 :], outputs[position + 1 :] = np.nan, np.nan
    draw_grid(axes[0], X, "image", [(h, w, 2, 2, "tab:orange")], scale=(-1, 5))
    draw_grid(axes[1], rows, "patches", [(position, 0, 1, 4, "tab:orange")], scale=(-1, 5))
    draw_grid(axes[2], W.reshape(4, 1), "kernel", scale=(-1, 5))
    draw_grid(axes[3], outputs, "output", [(position, 0, 1, 1, "tab:orange")], scale=(-1, 5))
    axes[3].set_yticks(range(6), [f"Z[{h}, {w}]" for h in range(2) for w in range(3)])
    axes[3].yaxis.tick_right()
    axes[3].tick_params(length=0)
    for ax in axes[2:]:
        ax.set_xticks([])
    return figure


animate(
    rearrange,
    range(6),
    "The image of 3 by 4 with a patch of 2 by 2 outlined, which moves to 6 positions. Each patch "
    "becomes a row of the matrix of patches: 1, 2, 0, 1; then 2, 0, 1, 2; 0, 3, 2, 1; 0, 1, 2, 0; 1, "
    "2, 0, 1; and 2, 1, 1, 3. Beside it the flattened kernel, 1, 2, 0, -1, as a column. The dot "
    "product of each row and this column is an output value: 4, 0, 5, 2, 4, 1.",
    seconds=1.6,
)

# %% [markdown]
# Processors and libraries are highly optimized for matrix products, so many libraries compute
# convolutions in this way. (They also have other methods, such as Winograd's algorithm and the fast
# Fourier transform, and choose by size.) The price is memory, because overlapping patches store the
# same pixel several times: here 12 pixels have become [24]{= patches.size } numbers, and with 3 x 3
# kernels a large image becomes almost nine times as large.
#
# ## Convolution as a matrix product: the Toeplitz matrix
#
# You can also leave the image alone and rearrange the kernel. Flatten the image into a vector $x$ of 12
# values and the output into a vector $z$ of 6. Each output is a weighted sum of the pixels, so there is
# a 6 x 12 matrix $T$ with $z = Tx$. Its row for output $(h, w)$ holds the weight $W_{r,q}$ in the column
# of pixel $(h + r, w + q)$.
#
# Which column is that? In row-major order, the pixel in row 1 and column 2 comes after one full row
# of 4 pixels and two more pixels. Its [**offset**](glossary.md#offset), counted from 0, is
# $1 \cdot 4 + 2 = 6$. So pixel $(h + r, w + q)$ has the offset $(h + r) \cdot 4 + (w + q)$, and output
# $(h, w)$, in rows of 3, has the offset $3h + w$:

# %%
T = np.zeros((6, 12))
for h in range(2):
    for w in range(3):
        for r in range(2):
            for q in range(2):
                T[h * 3 + w, (h + r) * 4 + (w + q)] = W[r, q]

np.testing.assert_array_equal((T @ X.ravel()).reshape(2, 3), cross_correlate(X, W))

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
draw_grid(ax, T, "T: one row for each output value, one column for each pixel")
for row in range(6):
    for r in range(2):
        corner = ((row // 3 + r) * 4 + row % 3 - 0.5, row - 0.5)
        ax.add_patch(plt.Rectangle(corner, 2, 1, fill=False, color="tab:orange", lw=3, zorder=3))
ax.axhline(2.5, color="black", lw=2, ls="--")
for column in (3.5, 7.5):
    ax.axvline(column, color="black", lw=2, ls="--")
ax.set_yticks(range(6), [f"Z[{h}, {w}]" for h in range(2) for w in range(3)])
ax.set_xticks(range(12), [f"[{h}, {w}]" for h in range(3) for w in range(4)], fontsize=7)
present(
    fig,
    "A grid of 6 rows and 12 columns. Every row holds the weights 1, 2, 0 and -1, outlined in two "
    "pairs, and zeros elsewhere; the weights move one column to the right from row to row, and two "
    "columns where the kernel goes to the next row of the image. Dashed lines divide the grid into 2 "
    "by 3 blocks of 3 rows and 4 columns.",
)

# %% [markdown]
# The outlined entries are the four weights, one of which is 0 itself. A matrix that is constant along
# its diagonals is called a [**Toeplitz matrix**](glossary.md#toeplitz-matrix). $T$ consists of Toeplitz
# blocks, which the dashed lines separate.
#
# A dense layer from 12 inputs to 6 outputs also multiplies by a 6 x 12 matrix, with
# [72]{= T.size } independent weights. So **a convolution layer is a dense layer with two
# constraints**. In every row of $T$, only 4 of the 12 positions belong to the patch and all others are
# 0 ([local connectivity](glossary.md#local-connectivity)), and all rows contain the same 4 weights
# ([parameter sharing](glossary.md#parameter-sharing)).
#
# ## Linearity
#
# Multiplication by a matrix is [**linear**](glossary.md#linear-map):
# $T(\alpha x + \beta y) = \alpha\, Tx + \beta\, Ty$ for numbers $\alpha$ and $\beta$. So is a
# convolution. If you double all pixel values, all edges get twice as strong. And if you apply
# Sobel x to the negative `255 - photo`, you get minus the edges of the photograph, because the weights
# add up to 0 and the 255 has no effect.
#
# Two convolutions in a row are linear as well, and a single one can replace them, because
# convolution is **associative**: $(X * W_1) * W_2 = X * (W_1 * W_2)$.
#
# **Predict.** Two 3 x 3 kernels are applied one after the other. How large is the single $f$ x $f$
# kernel that gives the same output? Answer with $f$.

# %%
predict("two_layers", None)

# %%
blur = np.ones((3, 3)) / 9
one_kernel = convolve2d(blur, sobel_x)  # all overlaps: the mode is "full" by default
two_steps = cross_correlate(cross_correlate(photo, blur), sobel_x)
np.testing.assert_allclose(cross_correlate(photo, one_kernel), two_steps, atol=1e-9)
print("one kernel, times 9:", *np.round(9 * one_kernel).astype(int), sep="\n")

edges = cross_correlate(photo, sobel_x)
np.testing.assert_array_equal(cross_correlate(2 * photo, sobel_x), 2 * edges)
np.testing.assert_array_equal(cross_correlate(255 - photo, sobel_x), -edges)

# %% [markdown] tags=["row-2"]
# The single kernel is the *convolution* of the two kernels, even though both steps are
# cross-correlations.
#
# A network of a hundred convolutions without anything between them therefore collapses into one,
# because a composition of linear maps is linear. This is why a layer ends with a
# [**nonlinearity**](glossary.md#nonlinearity) such as ReLU.
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
times = np.linspace(-1.5, 2.5, 161)
areas = np.array([area(t) for t in times])


def slide(t):
    figure, axes = plt.subplots(2, 1, figsize=(6.4, 5), sharex=True, layout="constrained")
    axes[0].plot(taus, tone(taus), "-", color="tab:blue", label=r"$X(\tau)$")
    axes[0].plot(taus, fading(t - taus), "--", color="tab:orange", label=r"$W(t - \tau)$")
    both = tone(taus) * fading(t - taus)
    axes[0].fill_between(taus, both, facecolor="0.85", hatch="//", edgecolor="0.4", lw=0)
    axes[0].set(title=f"t = {t:.2f}: the hatched area is {area(t):.3f}", xlabel=r"$\tau$")
    axes[0].set_ylim(0, 1.35)
    axes[0].legend(loc="upper left", ncols=2)
    axes[0].tick_params(labelbottom=True)
    axes[1].plot(times[times <= t], areas[times <= t], "-k")
    axes[1].plot(t, area(t), "ko")
    axes[1].set(title="$(X * W)(t)$", xlabel="$t$", xlim=(-1.5, 2.5), ylim=(0, 0.6))
    return figure


animate(
    slide,
    np.arange(-0.25, 2.26, 0.25),
    "Above, a tone X, a box of height 1 between 0 and 1, and a flipped ramp W that moves to "
    "the right over it; the area under their product is hatched. Below, the curve of that "
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
    "Add three scaled copies of the kernel. They start at positions 0, 1 and 2.",
    [
        (np.correlate([1, 2, 3], [1, 0, -1], "full"), "That is the cross-correlation."),
        (np.correlate([1, 0, -1], [1, 2, 3], "full"), "That is a cross-correlation."),
        ([1, 2, 2], "The copies that start at positions 1 and 2 reach positions 3 and 4."),
        (np.convolve([1, 2, 3], [1, 0, -1], "same"), "Those are the middle 3 of the 5 values."),
        (2, "That is the only value where the two overlap completely. The full output has 5."),
        ([2], "That is the only value where the two overlap completely. The full output has 5."),
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
            convolve2d,
            "That is SciPy's full convolution. Use cross_correlate, with a flipped kernel.",
        ),
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


def column_major(X, f_H, f_W):
    patches = np.lib.stride_tricks.sliding_window_view(X, (f_H, f_W))
    return patches.swapaxes(2, 3).reshape(-1, f_H * f_W)


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
        (column_major, "Each patch is flattened column by column. Go along its rows instead."),
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
# 4. ... you convolve `np.ones(6) / 6`, the probabilities of the numbers on a die, with itself?
#
# <details>
# <summary>Discussion</summary>
#
# 1. No. The single kernel is 5 x 5, and its weights, times 81, start with the row
#    `[[1, 2, 3, 2, 1]]{= np.round(81 * convolve2d(blur, blur))[0].astype(int).tolist() }` and have
#    [9]{= round(81 * convolve2d(blur, blur)[2, 2]) } in the middle. Repeated blurring gives the center
#    more weight and approaches the bell curve of a Gaussian blur.
# 2. You get Sobel x, because $\begin{pmatrix} 1 \\ 2 \\ 1 \end{pmatrix} \begin{pmatrix} -1 & 0 & 1
#    \end{pmatrix} = S_x$. A kernel that is a product of a column and a row is called **separable**; two
#    passes need $3 + 3$ multiply-accumulates per pixel instead of 9.
# 3. No. With a bias, doubling the input no longer doubles the output. The layer is **affine**, and
#    two affine layers still collapse into one.
# 4. You get the probabilities of the sum of two dice, from
#    [0.028]{= f'{np.convolve(np.ones(6) / 6, np.ones(6) / 6)[0]:.3f}' } for 2 up to
#    [0.167]{= f'{np.convolve(np.ones(6) / 6, np.ones(6) / 6).max():.3f}' } for 7. In the same way, the
#    distribution of any sum of two independent random numbers is the convolution of their
#    distributions.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **write down both operations:** a convolution has the index $t - \tau$ or $(h - r, w - q)$, a
#    [cross-correlation](glossary.md#cross-correlation) $t + \tau$ or $(h + r, w + q)$;
# 2. **turn one into the other:** flip the kernel along both axes; the two agree if the kernel is
#    unchanged by a rotation by 180 degrees;
# 3. **write a convolution as a matrix product:** patches times a flattened kernel, or a Toeplitz matrix
#    times a flattened image. It is [linear](glossary.md#linear-map), and stacked convolutions need
#    a [nonlinearity](glossary.md#nonlinearity) between them.
#
# | term in this course | you may also read |
# |---|---|
# | [**convolution**](glossary.md#convolution): cross-correlation, as in deep learning libraries | convolution without flip |
# | [**flip**](glossary.md#flip): reverse both axes of the kernel | rotate by 180 degrees, mirror |
# | **impulse response** | point spread function, for images |
# | [**im2col**](glossary.md#im2col) | unfold (PyTorch) |
# | [**Toeplitz matrix**](glossary.md#toeplitz-matrix) of a convolution | convolution matrix |
#
# ## What to read next
#
# - Next is lesson 04, on [padding](04_padding.ipynb): what happens at the border of an image.
# - 3Blue1Brown, *But what is a convolution?* (2022), with animations of dice, polynomials and images:
#   [youtube.com](https://www.youtube.com/watch?v=KuXjwB4LzSA).
# - Goodfellow, Bengio and Courville, *Deep Learning* (2016), sections 9.1 and 9.2:
#   [deeplearningbook.org](https://www.deeplearningbook.org/contents/convnets.html).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), sections 7.1 and 7.2:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/index.html).
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016), section 4.1,
#   on convolution as a matrix operation: [arXiv:1603.07285](https://arxiv.org/abs/1603.07285).
