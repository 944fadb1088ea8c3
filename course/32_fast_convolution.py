# %% [markdown]
# # Fast convolution
#
# Run the next two cells. They compute one layer of the edge network, with 64 input and 64 output feature maps, in two
# ways: with loops, value by value, and with `conv2d`. Imagine that both start at the same moment, and that the clock
# stops when `conv2d` has finished all 64 maps. How far have the loops gotten by then?

# %% include="lesson_setup"

# %%
from numpy.lib.stride_tricks import sliding_window_view

from convnet.data import load_sample_image
from convnet.edges import halved, load_blocks, normalized, read_photo
from convnet.functional import conv2d, relu
from lesson_tools.fast_convolution import figures as draw
from lesson_tools.fast_convolution.questions import check, predict
from lesson_tools.fast_convolution.times import step_times
from lesson_tools.timing import seconds

network = load_blocks()
first, (W, _) = network.blocks[0]
photo = load_sample_image("flower.jpg")[5:397:7, 110:502:7]
x = np.pad(relu(conv2d(normalized(photo), *first, padding=1))[0], ((1, 1), (1, 1), (0, 0)))
numbers, weights = x.tolist(), W.tolist()


def loops():
    """Compute 16 values of the first feature map, one product at a time."""
    values = []
    for h in range(4):
        for w in range(4):
            z = 0.0
            for r in range(3):
                for q in range(3):
                    for k in range(64):
                        z += numbers[h + r][w + q][k] * weights[r][q][k][0]
            values.append(z)
    return values


Z = conv2d(x[None], W)[0]
np.testing.assert_allclose(loops(), Z[:4, :4, 0].ravel(), rtol=1e-3, atol=0.1)
speeds = {"loops": 16 / seconds(loops), "conv2d": Z.size / seconds(lambda: conv2d(x[None], W))}
draw.race(Z, speeds)

# %% [markdown]
# Nobody cheated. The cell checks that both get the same values. There are [200,704]{= f"{Z.size:,}" } of them, and by
# the formula of the layer, each is a sum of $3 \cdot 3 \cdot 64 =$ [576]{= 3 * 3 * 64 } products. So the loops waste
# time. You will soon see where, but that is not the most surprising part of this lesson.
#
# A tile of 4 x 4 outputs takes $16 \cdot 9 = 144$ products for each pair of an input and an output channel. That
# is what the formula says. Yet several libraries compute the same 16 outputs with **36** products, and not as an
# approximation: on paper, the result is exactly the same. **How can a layer get by with a quarter of the products
# in its formula?**
#
# **By the end of this lesson you will be able to**
#
# 1. explain why libraries write a convolution as one large matrix product, and compute its arithmetic intensity;
# 2. derive Winograd's algorithm from the product of two polynomials, and carry it out on paper;
# 3. decide from the kernel size, the channels and the rounding errors whether it pays.
#
# **Time:** about 55 minutes, and 25 for the exercises. The section that begins with *Further* is optional and
# takes another 10 minutes. **You need:** [The mathematics of convolution](03_mathematics_of_convolution.ipynb) and
# [Efficient networks](23_efficient_networks.ipynb). The lesson is optional.

# %% [markdown]
# ## The same products in a better order
#
# Let us climb from the loops to the library in three steps. The second version makes one call for each output
# *value*, the third one call for each *position*, which means for all 64 filters at once. The last version copies all
# patches into the rows of the [im2col](glossary.md#im2col) matrix `P`, and makes one call for the whole layer. (The
# copying is done before the clock starts.)

# %%
P = sliding_window_view(x, (3, 3, 64)).reshape(-1, 576)  # each patch is a row
V = W.reshape(576, 64)  # each filter is a column
versions = {
    "one product at a time": (16, loops),
    "one value per call": (56, lambda: [p @ V[:, 0] for p in P[:56]]),
    "one position per call": (56 * 64, lambda: [p @ V for p in P[:56]]),
    "one call for the layer": (Z.size, lambda: P @ V),
}
steps = {name: 576 * values / seconds(run) for name, (values, run) in versions.items()}

one_value, one_weight = P[0, :1], V[:1, :1].copy()
overhead = seconds(lambda: [one_value @ one_weight for _ in range(56)])
overhead /= seconds(lambda: [p @ V for p in P[:56]])
print(f"overhead in the third version: {overhead:.0%} of its time")
draw.ladder(steps)

# %% [markdown]
# All four versions do exactly the same products. The loops are slow because Python looks at every single one: what
# type are these objects, what does `*` mean for them, where does the result go? NumPy asks once per call and then
# runs compiled code, so the more a call does, the less its **overhead** counts.
#
# But is overhead the whole story? On our computer, it took less than a third of the third version's time. Even
# without any overhead, this version would take more than twice as long as the last. What else does a single call
# save? In [Efficient networks](23_efficient_networks.ipynb) you saw that multiply-accumulates (MACs) are slow if each
# number is used only a few times. The [**arithmetic intensity**](glossary.md#arithmetic-intensity) is the number of
# MACs divided by the number of values that are read or written. For the product of an $a \times b$ and a $b \times c$
# matrix, it is
#
# $$\frac{a\, b\, c}{a\, b + b\, c + a\, c}.$$
#
# **Predict.** Here $b = 576$ and $c = 64$. What is the intensity of one position per call, $a = 1$, and of
# one call for the layer, $a = 3136$? Round to whole numbers, and answer with a tuple.

# %%
predict("intensity", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[(1, 57)]{= tuple(round(p * 576 * 64 / (p * 576 + 576 * 64 + p * 64)) for p in (1, 3136)) }`. A single
# position needs all 36,864 weights for 36,864 products, so each weight is fetched for one product. In the
# whole layer, each weight is used for 3,136 patches, and each value of a patch for 64 filters.
#
# </details>
#
# The low intensity is probably a good part of what remains. Copying the patches looks like a waste, because the
# im2col matrix is more than eight times as large as the input. In return, the whole layer becomes one large matrix
# product of high intensity, and people have tuned libraries for such products for decades. Their common interface is
# called [**BLAS**](glossary.md#blas) (basic linear algebra subprograms). (Libraries for GPUs often collect the
# patches block by block, without the complete matrix. This is called **implicit GEMM**, after the BLAS name of the
# matrix product.)
#
# So much for the race. But we have not saved a single product yet. A tile of 4 x 4 outputs still takes 144.

# %% [markdown]
# ## Four products instead of six
#
# One dimension is enough to see the trick. A kernel with three weights $w_0, w_1, w_2$ moves over four values
# $d_0, \dots, d_3$ and gives two outputs:
#
# $$y_0 = d_0 w_0 + d_1 w_1 + d_2 w_2 \qquad y_1 = d_1 w_0 + d_2 w_1 + d_3 w_2$$
#
# These are six products. Winograd (1980) needs four:
#
# $$\begin{aligned}
# m_0 &= (d_0 - d_2)\, w_0 & m_1 &= (d_1 + d_2)\, \tfrac{1}{2}(w_0 + w_1 + w_2) \\
# m_2 &= (d_2 - d_1)\, \tfrac{1}{2}(w_0 - w_1 + w_2) & m_3 &= (d_3 - d_1)\, w_2
# \end{aligned}$$
#
# $$y_0 = m_0 + m_1 + m_2 \qquad y_1 = m_1 - m_2 + m_3$$
#
# Try it. **Predict.** For $d = (4, 1, 3, 2)$ and $w = (1, 2, 3)$, what are $m_0, m_1, m_2, m_3$? Answer with
# a list, and then compare $y_0$ and $y_1$ with the direct computation.

# %%
predict("four", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $m_0 = 1 \cdot 1 = 1$, $m_1 = 4 \cdot 3 = 12$, $m_2 = 2 \cdot 1 = 2$ and $m_3 = 1 \cdot 3 = 3$. So
# $y_0 = 1 + 12 + 2 = 15$ and $y_1 = 12 - 2 + 3 = 13$. The direct computation gives
# `[[15, 13]]{= np.correlate([4, 1, 3, 2], [1, 2, 3]).tolist() }` as well.
#
# </details>
#
# Be suspicious. Two products are saved, but there are now eight additions, where the direct computation has four.
# (The sums of the weights don't count, because they are computed once for the whole image.) Keep this objection for
# later.
#
# This algorithm is called $F(2, 3)$, for two outputs and three weights. Winograd also proved that $F(n, f)$ takes at
# least $n + f - 1$ products, so you cannot do better than four. You can check his formulas with pencil and paper.
# But how does anyone *find* them?

# %% [markdown]
# ## Evaluate, multiply, interpolate
#
# In [lesson 03](03_mathematics_of_convolution.ipynb), a convolution was a **product of polynomials**. Multiplying
# $g = 4 + x$ and $w = 1 + 2x + 3x^2$ term by term takes six products. However, the result has degree 3, and a
# polynomial of degree 3 is determined by its *values at four points*. The value of a product is the product of the
# values. So **evaluate** both polynomials at four points, **multiply** the values, and **interpolate**: find the
# polynomial that has these values. Only the middle step multiplies $g$ by $w$, once for each point.
#
# We take the points 0, 1 and $-1$. The fourth is "infinity", where the value is defined as the leading
# coefficient, here 1 and 3.
#
# **Predict.** What are the four products of the values, at 0, 1, $-1$ and infinity? Answer with a list.

# %%
predict("values", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The values of $g$ are 4, 5, 3, 1 and those of $w$ are 1, 6, 2, 3, so the products are `[4, 30, 6, 3]`. Now
# interpolate: the constant is 4, and the coefficient of $x^3$ is 3. The other two, $s_1$ and $s_2$, have to satisfy
# $4 + s_1 + s_2 + 3 = 30$ and $4 - s_1 + s_2 - 3 = 6$. So $s_1 = 9$ and $s_2 = 14$, and the product is
# $4 + 9x + 14x^2 + 3x^3$, from four products.
#
# </details>
#
# For any $w$, its values at the four points are $w_0$, $w_0 + w_1 + w_2$, $w_0 - w_1 + w_2$ and $w_2$. Do you recognize
# them? They are Winograd's four factors, apart from the halves.
#
# One step is missing, because a layer computes a filter, and **filtering is the transposed operation**. As a matrix,
# the product of $w$ and $g = (g_0, g_1)$ is
#
# $$\begin{pmatrix} w_0 & 0 \\ w_1 & w_0 \\ w_2 & w_1 \\ 0 & w_2 \end{pmatrix} g
# = V^{-1} \operatorname{diag}(G w)\, E\, g,$$
#
# where $G$ and $E$ evaluate the two polynomials at the four points, and $V^{-1}$ interpolates. ($V$, which is not the
# `V` of the race, evaluates a polynomial with four coefficients.) Our filter is the *transposed* matrix, whose rows
# are $(w_0, w_1, w_2, 0)$ and $(0, w_0, w_1, w_2)$, times $d$. Transposing reverses the order of the factors:
#
# $$y = E^T \operatorname{diag}(G w)\, (V^{-1})^T\, d = A\, \big[ (G w) \odot (B d) \big],
# \qquad A = E^T, \quad B = (V^{-1})^T$$
#
# Here $\odot$ is the element-wise product. (Lavin and Gray write $A^T$ and $B^T$ for our $A$ and $B$.) The
# next cell computes the three matrices for any points. Row $i$ of $B$ holds the coefficients of the
# polynomial that is 1 at point $i$ and 0 at the others.


# %%
def minimal_filter(points, n, f=3):
    """Return A, B, G of F(n, f); infinity is added if there is one point too few."""
    points = np.array(points)
    others = [np.delete(points, i) for i in range(len(points))]
    pairs = zip(points, others, strict=True)
    rows = [np.poly(other)[::-1] / np.prod(p - other) for p, other in pairs]
    infinity = len(points) == n + f - 2
    if infinity:
        rows = [np.append(row, 0) for row in rows] + [np.poly(points)[::-1]]

    def values(size):  # evaluates a polynomial with this number of coefficients
        matrix = np.vander(points, size, increasing=True)
        return np.vstack([matrix, np.eye(size)[-1:]]) if infinity else matrix

    return values(n).T, np.array(rows), values(f)


A, B, G = minimal_filter([0, 1, -1], n=2)
for name, matrix in {"A": A, "B": B, "G": G}.items():
    print(name, (matrix + 0.0).tolist())
d, w = np.array([4, 1, 3, 2]), np.array([1, 2, 3])
print("y =", A @ ((G @ w) * (B @ d)))

# %% [markdown]
# Read the rows of $B$: they are $d_0 - d_2$, half of $d_1 + d_2$, half of $d_2 - d_1$, and $d_3 - d_1$,
# Winograd's four sums. Only the halves have moved. He puts them with the weights, where they cost nothing.

# %% [markdown]
# ## Two dimensions: 16 products instead of 36
#
# In two dimensions, transform the columns of a tile and then its rows. With a 4 x 4 tile $d$ and a 3 x 3
# kernel $w$, this is [**Winograd's algorithm**](glossary.md#winograds-algorithm) $F(2 \times 2, 3 \times 3)$:
#
# $$y = A\, \big[ (G\, w\, G^T) \odot (B\, d\, B^T) \big]\, A^T$$

# %%
tile = np.array([[1, 0, 2, 1], [3, 1, 0, 2], [0, 2, 1, 1], [1, 1, 3, 0]])
kernel = np.array([[2, 0, 2], [0, 4, 0], [2, 0, 2]])
draw.tile(tile, kernel, A, B, G)

# %% [markdown]
# There is one product for each cell of the 4 x 4 grid, [16]{= 4 * 4 } where direct convolution needs $4 \cdot 9 =$
# [36]{= 4 * 9 }. With two more points, 2 and $-2$, a tile of 6 x 6 inputs gives 4 x 4 outputs with [36]{= 6 * 6 }
# products instead of 144. The riddle is solved. And it gets better: per output, direct convolution needs 9 products,
# $F(4 \times 4, 3 \times 3)$ needs [2.25]{= 36 / 16 }, and $F(10 \times 10, 3 \times 3)$ would need only
# [1.44]{= 144 / 100 }.

# %% [markdown]
# ## Many channels share a transform
#
# Now back to the objection about the additions. A modern processor adds about as fast as it multiplies, so a single
# grayscale image gains nothing: every product it saves costs additions. Lavin and Gray (2015) saw why a *layer* is
# different. Each tile is transformed **once**, and then all $n_C$ filters use it. And the products are summed over
# the input channels *before* the last transform, so there is one such transform for each output channel, not for each
# pair of channels.
#
# Let us count the MACs for a tile with $N = n + 2$ rows. $B\, d\, B^T$ is two products of $N \times N$
# matrices, $2 N^3$ MACs, and $A\, [\dots]\, A^T$ takes $n N^2 + n^2 N$. For $n = 4$, that is
# [432]{= 2 * 6**3 } and [240]{= 4 * 6**2 + 4**2 * 6 }. Per output and pair of channels, with $n_C$ input and $n_C$
# output channels:
#
# $$\underbrace{\frac{36}{16}}_{\text{products}} + \frac{1}{n_C} \Big( \underbrace{\frac{432}{16}}_{\text{input}} +
# \underbrace{\frac{240}{16}}_{\text{output}} \Big) = 2.25 + \frac{42}{n_C}$$
#
# **Predict.** Direct convolution needs 9. What is the smallest number of channels for which $F(4 \times 4, 3 \times
# 3)$ needs fewer MACs?

# %%
predict("channels", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $42 / n_C < 6.75$ holds for [7]{= next(c for c in range(1, 99) if 2.25 + 42 / c < 9) } or more channels. (Many
# entries of the matrices are 0 or 1, so a good program needs fewer.)
#
# </details>
#
# With one channel, $F(4 \times 4, 3 \times 3)$ needs [4.9]{= round((2.25 + 42) / 9, 1) } times as many MACs as the
# loops. With 512, the transforms cost next to nothing.

# %% [markdown]
# ## A whole layer
#
# Now put it together. If each tile is flattened into a vector, $B\, d\, B^T$ becomes a matrix times this
# vector. (The matrix is `np.kron(B, B)`, the **Kronecker product** of $B$ with itself.) So one matrix product
# transforms all tiles of all channels. Then each of the $N^2$ positions in a tile gets its own matrix product,
# with a row for each tile and a column for each channel.


# %%
def tiles(x, n):
    """Cut overlapping tiles of a square image: (N * N, number of tiles * channels)."""
    N = n + 2
    missing = -(len(x) - 2) % n  # fill up the last tiles with zeros
    x = np.pad(x, ((0, missing), (0, missing), (0, 0)))
    windows = sliding_window_view(x, (N, N, x.shape[2]))[::n, ::n, 0]
    return windows.transpose(2, 3, 0, 1, 4).reshape(N * N, -1)


def put_together(Y, n, size):
    """Put tiles of n x n outputs, (n * n, tiles, channels), side by side in a square."""
    side = -(-size // n)
    maps = Y.reshape(n, n, side, side, -1).transpose(2, 0, 3, 1, 4)
    return maps.reshape(side * n, side * n, -1)[:size, :size]


def winograd(x, W, A, B, G):
    n, N = A.shape
    AA, BB, GG = (np.kron(matrix, matrix) for matrix in (A, B, G))
    U = (GG @ W.reshape(9, -1)).reshape(N * N, *W.shape[2:])  # once for all images
    D = (BB @ tiles(x, n)).reshape(N * N, -1, x.shape[2])
    M = D @ U  # N * N matrix products, each sums over the input channels
    Y = AA @ M.reshape(N * N, -1)
    return put_together(Y.reshape(n * n, -1, W.shape[3]), n, len(x) - 2)


exact = conv2d(x[None].astype(float), W.astype(float))[0]  # in float64


def error(output):
    return np.abs(output - exact).max() / np.abs(exact).max()


A, B, G = (m.astype(np.float32) for m in minimal_filter([0, 1, -1, 2, -2], n=4))
print(f"largest difference: {error(winograd(x, W, A, B, G)):.0e} of the largest value")
times = {n_C: step_times(n_C, (A, B, G), tiles, put_together) for n_C in (8, 32, 128)}
draw.where_time_goes(times)

# %% [markdown]
# The products take less time, but the transforms use up a part of the savings, or even all of them. Compare the
# panels from left to right: the more channels there are, the less the transforms matter. (Ours are also more
# expensive than counted above. As a single matrix, a transform takes $N^4 =$ [1,296]{= f"{6**4:,}" } MACs, not 432.)
# So a library has to decide for each layer. `convnet/winograd.py` is the grown-up version of this cell, and `conv2d`
# used it in the race.
#
# But the larger the tile, the fewer products per output. Why stop at 4 x 4?

# %% [markdown]
# ## Rounding errors in large tiles
#
# On paper, tiles of all sizes give exactly the same result. But a float32 number keeps only about seven
# digits. The tile of $F(10 \times 10, 3 \times 3)$ has 12 rows, so it needs eleven points and infinity:
# $0, \pm 1, \pm 2, \dots, \pm 5$.
#
# **Predict.** How accurate is this layer in float32? `"a"` About as accurate as im2col. `"b"` It loses two or
# three of the seven digits. `"c"` Some errors are larger than all of the true values.

# %%
predict("accuracy", None)


# %%
def integers(number):
    return [(i + 1) // 2 * (-1) ** (i + 1) for i in range(number)]  # 0, 1, -1, 2, -2, ...


def fast_layer(x, W, points, n):
    kind = np.complex64 if np.iscomplexobj(points) else np.float32
    return winograd(x, W, *(matrix.astype(kind) for matrix in minimal_filter(points, n))).real


sizes = [2, 3, 4, 5, 6, 7, 8, 9, 10]
outputs = {n: fast_layer(x, W, integers(n + 1), n) for n in sizes}
errors = {"points 0, 1, -1, 2, -2, ...": [error(output) for output in outputs.values()]}
baseline = error((P @ V).reshape(Z.shape))
draw.errors(sizes, errors, baseline, {n: outputs[n][..., 5] for n in (2, 6, 8, 10)})

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. From $n =$
# [9]{= next(n for n, e in zip(sizes, errors["points 0, 1, -1, 2, -2, ..."], strict=True) if e > 1) } on, the
# largest error is larger than the largest value.
#
# </details>
#
# At $n = 2$, the layer is about as accurate as with im2col. At $n = 4$, it has lost less than one of its seven
# digits, at $n = 6$ about three, and at $n = 10$ all of them. What goes wrong?
#
# Look at the spots in the last feature map. The lines are the borders of the tiles, and the spots are in the *last*
# rows and columns of the tiles. Now look at the formulas: the last row of $A$ holds the ninth powers of the points,
# and $5^9 =$ [1,953,125]{= f"{5**9:,}" }. Huge products with different signs are summed there, and they have to
# cancel. But each of them has been rounded, and the rounding errors do not cancel. [One layer, four
# libraries](16_one_layer_four_libraries.ipynb) has such a sum: in float32, $(10^8 + 1) - 10^8$ is 0.

# %% [markdown]
# ## Points on the unit circle
#
# An explanation should be tested. If huge numbers are to blame, then *the same program* must be accurate for points
# that keep the numbers in $A$, $B$ and $G$ small. With fractions such as $\pm\tfrac{1}{2}$ and $\pm\tfrac{1}{3}$, we
# can do without 4 and 5. But is there anything better? Apart from 0, 1 and $-1$, the powers of all real numbers grow
# or shrink.
#
# So leave the real numbers. On the unit circle of the complex plane, all powers have the absolute value 1.
# Take the $N$ solutions of $x^N = 1$, the **roots of unity**, and no other points.

# %%
fractions = [0, 1, -1, 2, -2, 1 / 2, -1 / 2, 3, -3, 1 / 3, -1 / 3]
roots = {n: np.exp(2j * np.pi * np.arange(n + 2) / (n + 2)) for n in sizes}
errors["with fractions"] = [error(fast_layer(x, W, fractions[: n + 1], n)) for n in sizes]
errors["roots of unity"] = [error(fast_layer(x, W, roots[n], n)) for n in sizes]
draw.points(sizes, errors, baseline, {"integers": integers(11), "roots of unity": roots[10]})

# %% [markdown]
# With the roots of unity, hardly any accuracy is lost at any of these sizes. With the fractions, even $n = 6$ loses
# only about one digit. But small powers alone are not enough: write `1j` for `2j` in the cell, and all points lie on
# one half of the circle. At $n = 10$, $B$ then has entries of almost 5,000, and all digits are lost again. The points
# must be spread evenly, too. (Change it back before you go on.)
#
# The price of the circle is that each complex product takes four real ones. About half of the products can be
# skipped, since they come in conjugate pairs, which leaves 2.8 real products per output, twice as many as at the
# integers. In return, you have just reinvented one of the most famous algorithms there are. The values
# of a polynomial at the $N$-th roots of unity are the **discrete Fourier transform** of its coefficients, and these
# points are so symmetric that the [**fast Fourier transform**](glossary.md#fast-fourier-transform) (FFT) computes all
# of them in about $N \log_2 N$ steps. So Winograd's algorithm and **FFT convolution** are siblings. Both evaluate,
# multiply and interpolate, and they differ in their points.

# %% [markdown]
# ## What your library does
#
# | | suits | costs |
# |---|---|---|
# | im2col | all kernel sizes and strides | $f^2$ products per output; copies |
# | Winograd | 3 x 3 kernels, stride 1, many channels | transforms; about a digit of accuracy |
# | FFT | large kernels, stride 1 | complex numbers; memory for padded kernels |
#
# Why stride 1? At stride 2, you would drop three of four outputs, so $2.25 \cdot 4 =$ [9]{= int(2.25 * 4) } products
# remain for each output that you keep, as many as the formula has. And with a 1 x 1 kernel, $n + f - 1 = n$ products for
# $n$ outputs save nothing.
#
# A library chooses for you, and in Keras and PyTorch the layer looks the same whatever it chooses. On a GPU, NVIDIA's
# library cuDNN has all three, some of them in several versions. You can ask PyTorch to time several algorithms on the
# first input of every new shape and keep the fastest:
#
#     torch.backends.cudnn.benchmark = True
#
# Here is what can go wrong. If the shapes of your inputs change often, the search starts again each time. And two runs
# of the same network may differ in the last digits, because another algorithm may win the next time; PyTorch's notes on
# reproducibility warn of this.
#
# On many CPUs, PyTorch uses the library oneDNN. You know how accurate im2col and $F(4 \times 4, 3 \times 3)$ are on
# this layer, so play the detective: which one does PyTorch's error look like?

# %% needs="torch"
import torch
from torch.nn import functional as F

channels_first = torch.from_numpy(x.transpose(2, 0, 1)[None].copy())
filters = torch.from_numpy(W.transpose(3, 2, 0, 1).copy())
with torch.inference_mode():
    library = F.conv2d(channels_first, filters)
    library_time = seconds(lambda: F.conv2d(channels_first, filters))
print(f"loops:   {Z.size / speeds['loops'] / library_time:9,.1f} times the time of PyTorch")
ours = seconds(lambda: winograd(x, W, A, B, G))
print(f"ours:    {ours / library_time:9,.1f} times, error {error(winograd(x, W, A, B, G)):.0e}")
print(f"im2col:            error {baseline:.0e}")
print(f"PyTorch:           error {error(library[0].permute(1, 2, 0).numpy()):.0e}")

# %% [markdown]
# <details>
# <summary>What we saw</summary>
#
# On our computer, PyTorch's error was as small as that of im2col, so it was not $F(4 \times 4, 3 \times 3)$. This agrees
# with the documentation of oneDNN, which has Winograd's algorithm only for GPUs and ARM processors.
#
# </details>

# %% [markdown]
# ## Your algorithm draws a photograph
#
# Finally, let us run a trained network on your `winograd`. The first four layers of the edge network, at 214 x 214
# pixels, take about 4 billion MACs if they are computed directly. You will do it three times: with 2.25 products per
# output, with 1.44 at integer points, and with 1.44 complex ones on the unit circle. For a photograph of your own,
# use `photo = read_photo("my_photo.jpg")` and run the cell again.


# %%
def edges(photo, points, n):
    maps = normalized(photo)
    for i, block in enumerate(network.blocks):
        maps = halved(maps) if i else maps
        for W, b in block:
            padded = np.pad(maps[0], ((1, 1), (1, 1), (0, 0)))
            maps = relu(fast_layer(padded, W, points, n) + b)[None]
    W, b = network.sides[-1]  # a 1x1 convolution to one channel
    return 1 / (1 + np.exp(-np.clip(maps[0] @ W[0, 0, :, 0] + b, -30, 30)))


photo = load_sample_image("flower.jpg")
n_H, n_W = photo.shape[:2]
side, step = min(n_H, n_W), max(1, min(n_H, n_W) // 200)
photo = photo[(n_H - side) // 2 :, (n_W - side) // 2 :][:side:step, :side:step]  # a square
settings = {"4 x 4 tiles": (integers(5), 4), "10 x 10, integers": (integers(11), 10)}
settings["10 x 10, unit circle"] = (roots[10], 10)
drawings = {name: edges(photo, *setting) for name, setting in settings.items()}
macs = 9 * photo[..., 0].size * (3 * 64 + 64 * 64 + (64 * 128 + 128 * 128) / 4)
print(f"The loops would take {macs / 576 / speeds['loops'] / 60:.0f} minutes for each drawing.")
draw.drawings(photo, drawings)

# %% [markdown]
# The same program has drawn all three, and the last two differ only in their points. The integers make nonsense of the
# drawing, although their formulas are as exact as the others. **On paper, a fast algorithm gives the same result; on a
# computer, you have to ask how many digits it keeps.**

# %% [markdown]
# ## Further: FFT convolution
#
# On paper, four roots of unity will do: $1, i, -1, -i$. Take $d = (4, 1, 3, 2)$ and $w = (1, 2, 3)$ again. This time
# we multiply the polynomials themselves, without transposing, so the kernel has to be flipped: $(3, 2, 1)$.
#
# | point | $d$ | flipped $w$ | product |
# |---|---|---|---|
# | $1$ | $4 + 1 + 3 + 2 = 10$ | $3 + 2 + 1 = 6$ | 60 |
# | $i$ | $4 + i - 3 - 2i = 1 - i$ | $3 + 2i - 1 = 2 + 2i$ | 4 |
# | $-1$ | $4 - 1 + 3 - 2 = 4$ | $3 - 2 + 1 = 2$ | 8 |
# | $-i$ | $4 - i - 3 + 2i = 1 + i$ | $3 - 2i - 1 = 2 - 2i$ | 4 |
#
# Interpolation finds the four coefficients that give the values in the last column. There is one catch. The
# product of both polynomials has six coefficients,
# `[[12, 11, 15, 13, 7, 2]]{= np.convolve([4, 1, 3, 2], [3, 2, 1]).tolist() }`. But at our points, $x^4 = 1$
# and $x^5 = x$.
#
# **Predict.** Which four coefficients does the interpolation give, from the constant to $x^3$? Answer with a
# list.

# %%
predict("wrapped", None)

# %%
spectrum = np.fft.fft([4, 1, 3, 2]) * np.fft.fft([3, 2, 1, 0])
print("products:    ", spectrum)
print("coefficients:", np.fft.ifft(spectrum).real)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[[19, 13, 15, 13]]{= np.fft.ifft(np.fft.fft([4, 1, 3, 2]) * np.fft.fft([3, 2, 1, 0])).real.round().astype(int).tolist() }`.
# The first two are spoiled, because the coefficients of $x^4$ and $x^5$ wrap around: $12 + 7$ and $11 + 2$.
# The last two, 15 and 13, are the outputs that you know from Winograd. (NumPy evaluates at the points in the
# order $1, -i, -1, i$.)
#
# </details>
#
# The first $f - 1$ coefficients are thrown away, and the rest are outputs. A layer does this in two dimensions, here
# in tiles of 64 x 64, and each point gets a matrix product over the channels. Half of the values can be saved: for
# real numbers, the values at $i$ and $-i$ are complex conjugates, as in the table, so `rfft2` computes only one of
# each pair. The kernel is padded with zeros to the size of the tile, so **a tile takes the same time for every kernel
# size**. (A larger kernel only leaves fewer outputs per tile.)


# %%
def with_fft(images, spectra, f):
    """spectra: the transform of the flipped kernels, (64, 33, n_C_prev, n_C)."""
    n_H, n_W = images.shape[1:3]
    D = np.fft.rfft2(images, s=(64, 64), axes=(1, 2)).transpose(1, 2, 0, 3)
    full = np.fft.irfft2(D @ spectra, s=(64, 64), axes=(0, 1))
    return full[f - 1 : n_H, f - 1 : n_W].transpose(2, 0, 1, 3)


def with_im2col(images, kernels):
    """Copy and multiply eight rows of patches at a time."""
    V = kernels.reshape(-1, kernels.shape[3])
    maps = []
    for image in images:
        patches = sliding_window_view(image, kernels.shape[:3])
        blocks = [patches[h : h + 8] for h in range(0, len(patches), 8)]
        maps += [block.reshape(-1, len(V)) @ V for block in blocks]
    return np.concatenate(maps).reshape(len(images), *patches.shape[:2], -1)


rng, times = np.random.default_rng(0), {}
for f in (3, 5, 7, 9, 13, 17):
    batch = rng.normal(size=(4, 47 + f, 47 + f, 16)).astype(np.float32)
    kernels = rng.normal(size=(f, f, 16, 16)).astype(np.float32)
    spectra = np.fft.rfft2(kernels[::-1, ::-1], s=(64, 64), axes=(0, 1)).astype(np.complex64)
    expected = with_im2col(batch, kernels)
    np.testing.assert_allclose(with_fft(batch, spectra, f), expected, rtol=1e-3, atol=1e-2)
    times[f] = (
        seconds(lambda b=batch, k=kernels: with_im2col(b, k), 5),
        seconds(lambda b=batch, s=spectra, f=f: with_fft(b, s, f), 5),
    )
draw.which_wins(times)

# %% [markdown]
# The work of im2col grows with $f^2$, and the work of the FFT hardly grows at all, so the FFT must win once the
# kernel is large enough. On our computer and with these 16 channels, it won at about 7 x 7 and above. Mathieu, Henaff
# and LeCun proposed the FFT for networks in 2013, the year after AlexNet with its kernels of 11 x 11 and 5 x 5. Two
# years later, most kernels were 3 x 3, and Lavin and Gray brought Winograd's algorithm.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: the intensity of a depthwise convolution
#
# A depthwise convolution reads $n_H \times n_W \times n_C$ values and $f \times f \times n_C$ weights, and writes
# $n_H \times n_W \times n_C$ values. Write `depthwise_intensity(n_H, n_W, n_C, f)`. Then compare a 3 x 3 kernel on a
# layer of 56 x 56 x 64 with the full layer, which has an intensity of 264 if each of its inputs is counted only once.


# %%
def depthwise_intensity(n_H, n_W, n_C, f):
    intensity = None
    ### BEGIN SOLUTION
    macs = n_H * n_W * n_C * f * f
    intensity = macs / (2 * n_H * n_W * n_C + f * f * n_C)
    ### END SOLUTION
    return intensity


# %%
check("depthwise_intensity", depthwise_intensity)

# %% [markdown]
# ### Exercise 2: two weights
#
# Find $F(2, 2)$: two outputs $y_0 = d_0 w_0 + d_1 w_1$ and $y_1 = d_1 w_0 + d_2 w_1$ from **three** products.
# Give the matrices $A$ (2 x 3), $B$ (3 x 3) and $G$ (3 x 2) as nested lists or arrays. There are many
# solutions. On paper, you can start from $m_1 = d_1 (w_0 + w_1)$. (`minimal_filter` would do it for you.
# Which points would you choose?)

# %%
matrices = None  # A, B, G
### BEGIN SOLUTION
# m0 = (d0 - d1) w0, m1 = d1 (w0 + w1), m2 = (d2 - d1) w1: y0 = m0 + m1, y1 = m1 + m2
# The points are 0, 1 and infinity: minimal_filter([0, 1], n=2, f=2)
matrices = (
    [[1, 1, 0], [0, 1, 1]],
    [[1, -1, 0], [0, 1, 0], [0, -1, 1]],
    [[1, 0], [1, 1], [0, 1]],
)
### END SOLUTION

# %%
check("matrices", matrices)

# %% [markdown]
# ### Exercise 3: find the bug
#
# This function filters a signal with an even number of outputs, tile by tile with $F(2, 3)$. For a signal of
# four values it is right. Find out what is wrong for longer ones, and write a correct version.


# %%
A_2, B_2, G_2 = minimal_filter([0, 1, -1], n=2)


def filter_buggy(d, w):
    y = []
    for start in range(0, len(d) - 3, 4):
        y.extend(A_2 @ ((G_2 @ w) * (B_2 @ d[start : start + 4])))
    return np.array(y)


def filter_fixed(d, w):
    y = None
    ### BEGIN SOLUTION
    y = []
    for start in range(0, len(d) - 3, 2):  # tiles of 4 inputs overlap by f - 1 = 2
        y.extend(A_2 @ ((G_2 @ w) * (B_2 @ d[start : start + 4])))
    y = np.array(y)
    ### END SOLUTION
    return y


# %%
check("filter_fixed", filter_fixed)

# %% [markdown]
# ## Recap
#
# - Libraries copy the patches of a convolution into one matrix, because a large matrix product has a high [arithmetic
#   intensity](glossary.md#arithmetic-intensity) and [BLAS](glossary.md#blas) computes it fast.
# - [Winograd's algorithm](glossary.md#winograds-algorithm) evaluates, multiplies and interpolates, so that $n$ outputs
#   take $n + f - 1$ products in each dimension; many channels share the cost of its transforms.
# - Large tiles at integer points lose all digits to rounding. Roots of unity keep them, and lead to the
#   [FFT](glossary.md#fast-fourier-transform), whose time hardly depends on the kernel size.
#
# | term in this course | you may also read |
# |---|---|
# | [**Winograd's algorithm**](glossary.md#winograds-algorithm), $F(n \times n, f \times f)$ | minimal filtering, Winograd convolution, Toom-Cook; $F(m \times m, r \times r)$ |
# | [**arithmetic intensity**](glossary.md#arithmetic-intensity), in MACs per value | operational intensity, in FLOPs per byte |

# %% [markdown]
# ## What to read next
#
# - Milestone 5 in [Milestones](milestones.ipynb), where your own im2col runs VGG-16.
# - Lavin and Gray, *Fast algorithms for convolutional neural networks* (2015):
#   [arXiv:1509.09308](https://arxiv.org/abs/1509.09308). Short, and now easy to read.
# - Barabasz, Anderson, Soodhalter and Gregg, *Error analysis and improving the accuracy of Winograd
#   convolution for deep neural networks* (2018): [arXiv:1803.10986](https://arxiv.org/abs/1803.10986).
