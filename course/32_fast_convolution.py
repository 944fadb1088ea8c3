# %% [markdown]
# # Fast convolution
#
# Run the next two cells. They compute one layer of the edge network, with 64 input and 64 output feature
# maps, in two ways: with loops, value by value, and with `conv2d`. Both start at the same moment, and the clock stops when
# `conv2d` has finished all 64 maps. How far have the loops come by then?

# %% include="lesson_setup"

# %%
from numpy.lib.stride_tricks import sliding_window_view

from convnet.data import load_sample_image
from convnet.edges import load_blocks, normalized
from convnet.functional import conv2d, relu
from lesson_tools.fast_convolution import figures as draw
from lesson_tools.fast_convolution.questions import check, predict
from lesson_tools.fast_convolution.times import fft_times, step_times
from lesson_tools.timing import seconds

first, (W, _) = load_blocks().blocks[0]
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
# Nobody cheated. Both get the same [200,704]{= f"{Z.size:,}" } values, and by the formula of the layer, each
# value is a sum of $3 \cdot 3 \cdot 64 =$ [576]{= 3 * 3 * 64 } products. The loops are what [lesson
# 06](06_convolution_layer.ipynb) derived, and they are right. They are only hundreds or thousands of times too
# slow. **Where does the time go?**
#
# And once you know, can you do better still? A tile of 4 x 4 outputs takes $16 \cdot 9 = 144$ products for
# each pair of an input and an output channel. That is what the formula of the layer says. Yet many libraries
# compute the same 16 outputs with **36** products, and not as an approximation: on paper, the result is
# exactly the same.
#
# So there are two ways to be fast. You can do the same work in a better order, or you can do less work. This
# lesson measures both on your own computer, and one of them comes at a price that is worth seeing. (Where it
# says "on our computer", one core was used. By default, NumPy's matrix products use all cores, but loops, copies
# and Fourier transforms use one. To compare with us, set the environment variables `OPENBLAS_NUM_THREADS` and
# `OMP_NUM_THREADS` to 1 before you start Jupyter.)

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. say what limits the speed of a convolution, compute its arithmetic intensity, and explain why libraries
#    work in blocks;
# 2. derive Winograd's algorithm and FFT convolution from one idea, and carry them out on paper;
# 3. choose between im2col, Winograd and the FFT by kernel size, channels and the accuracy you need.
#
# **Time:** about 80 minutes, and 35 for the exercises. **You need:** [The mathematics of
# convolution](03_mathematics_of_convolution.ipynb) and [Efficient networks](23_efficient_networks.ipynb). The
# lesson is optional.

# %% [markdown]
# ## Two questions to start
#
# - The image has 6 x 6 pixels and 3 channels, and the kernels are 3 x 3, without padding. What is the shape
#   of its [im2col](glossary.md#im2col) matrix, with one patch in each row? (If this was new, go back to [The
#   mathematics of convolution](03_mathematics_of_convolution.ipynb).)
# - Multiply the polynomials $4 + x$ and $1 + 2x + 3x^2$. What are the coefficients of the product, from the
#   constant to $x^3$? Answer with a list. (This is in the same lesson.)

# %%
predict("matrix", None)
predict("polynomials", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# There are $4 \cdot 4$ patches of $3 \cdot 3 \cdot 3$ values, so the shape is
# `[(16, 27)]{= (4 * 4, 3 * 3 * 3) }`.
#
# The product has the coefficients `[[4, 9, 14, 3]]{= np.convolve([4, 1], [1, 2, 3]).tolist() }`, the
# convolution of $(4, 1)$ and $(1, 2, 3)$. Keep this in mind: the secret of the 36 products is in it.
#
# </details>

# %% [markdown]
# ## From loops to one matrix product
#
# Let us climb from the loops to the library in three steps. The second version makes one call for each output
# *value*, the third one call for each *position*, that is, for all 64 filters at once. The last version
# copies all patches into the rows of the im2col matrix `P` and makes one call for the whole layer. The
# copying is done before the clock starts.

# %%
P = sliding_window_view(x, (3, 3, 64)).reshape(-1, 576)  # each patch is a row
V = W.reshape(576, 64)  # each filter is a column
versions = {
    "one product at a time": (16, loops),
    "one value per call": (56, lambda: [np.sum(p * V[:, 0]) for p in P[:56]]),
    "one position per call": (56 * 64, lambda: [p @ V for p in P[:56]]),
    "one call for the layer": (Z.size, lambda: P @ V),
}
steps = {name: 576 * values / seconds(run) for name, (values, run) in versions.items()}
draw.ladder(steps)

# %% [markdown]
# The axis is logarithmic: from one grid line to the next, the speed grows by a factor of ten. All four
# versions do exactly the same products.
#
# The first two gains are easy to explain. Python looks at every single product: what type are these objects,
# what does `*` mean for them, where does the result go? NumPy asks once per call and then runs compiled code,
# which also uses **vector instructions** that multiply 4, 8 or 16 pairs of numbers at a time. And the more a
# call does, the less its **overhead** counts: 576 products share it in the second version, and 36,864 in the
# third.
#
# But then the third version has nothing left to gain, or so it seems. Why is a single call for the whole
# layer faster still?

# %% [markdown]
# ## Arithmetic intensity
#
# A processor multiplies much faster than it can fetch numbers from memory. In [Efficient
# networks](23_efficient_networks.ipynb) you saw that multiply-accumulates are slow if each number is used
# only a few times. Let us count how often. The [**arithmetic intensity**](glossary.md#arithmetic-intensity)
# of an operation is the number of its MACs divided by the number of values that it reads or writes. A product
# of an $a \times b$ matrix and a $b \times c$ matrix has the intensity
#
# $$\frac{a\, b\, c}{a\, b + b\, c + a\, c}.$$
#
# For example, a 4 x 4 matrix times another does 64 MACs on $16 + 16 + 16$ values, so the intensity is
# [1.33]{= round(64 / 48, 2) }. For a 1 x 4 vector times a 4 x 4 matrix, it is half of that,
# [0.67]{= round(16 / 24, 2) }.
#
# **Predict.** Here $b = 576$ and $c = 64$. What is the intensity of one position per call, $a = 1$, and of
# one call for the layer, $a = 3136$? Round to whole numbers, and answer with a tuple. (Use an empty cell as a
# calculator.)

# %%
predict("intensity", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[(1, 57)]{= tuple(round(p * 576 * 64 / (p * 576 + 576 * 64 + p * 64)) for p in (1, 3136)) }`. A single
# position needs all 36,864 weights for 36,864 products, so each weight is fetched for one product. In the
# whole layer, each weight is used for 3,136 patches and each value of a patch for 64 filters.
#
# </details>
#
# This is why Chellapilla, Puri and Simard wrote their layers as matrix products in 2006. Copying the patches
# looks like a waste, because the matrix is almost nine times as large as the input. But it turns the layer
# into the one operation that processors do best. The libraries for it are called [**BLAS**](glossary.md#blas)
# (basic linear algebra subprograms), and people have tuned them for decades.

# %% [markdown]
# ## Blocks that fit the cache
#
# A high intensity is a promise. To keep it, a number that has been fetched must still be close when it is
# needed again. Processors have small, fast memories for this purpose, the [**caches**](glossary.md#cache). A
# typical core has about 1 MB of second-level cache, and the im2col matrix of four of our images has
# [29]{= round(4 * P.nbytes / 1e6) } MB.
#
# So do not build the whole matrix. Copy the patches of a **block**, multiply, and copy the next patches over
# the old ones. Where do you expect the best size? With small blocks, everything stays in the cache, but the
# weights are needed again for each block. With large blocks, the intensity is high, but the patches do not
# fit.

# %%
images = np.repeat(x[None], 4, axis=0)
view = sliding_window_view(images, (1, 3, 3, 64))[:, :, :, 0, 0]
whole = view.reshape(-1, 576)  # the complete matrix
memory, result = np.ones_like(whole), np.empty((len(whole), 64), np.float32)


def in_blocks(way, n_images, n_rows, n_columns):
    """Compute four images in blocks of patches."""
    size, start = n_images * n_rows * n_columns, 0
    block = memory[:size].reshape(n_images, n_rows, n_columns, 3, 3, 64)
    for i in range(0, 4, n_images):
        for h in range(0, 56, n_rows):
            for w in range(0, 56, n_columns):
                if way == "copy, multiply":
                    block[...] = view[i : i + n_images, h : h + n_rows, w : w + n_columns]
                rows = whole[start:] if way == "complete matrix" else memory
                np.matmul(rows[:size], V, out=result[start : start + size])
                start += size


blocks = [(1, 1, 1), (1, 1, 4), (1, 1, 14), (1, 1, 56)]
blocks += [(1, 4, 56), (1, 14, 56), (1, 56, 56), (4, 56, 56)]
names = ("copy, multiply", "same block again", "complete matrix")
ways = {way: {np.prod(b): 0.0 for b in blocks} for way in names}
for _ in range(5):  # in rounds, so that other programs do not slow one curve down
    for way, measured in ways.items():
        for b in blocks:
            time_ = seconds(lambda w=way, b=b: in_blocks(w, *b), 1)
            measured[np.prod(b)] = max(measured[np.prod(b)], 4 * 576 * Z.size / time_)
draw.block_sizes(ways)

# %% [markdown]
# The solid curve is what a library does, and the other two are controls without copying. The dashed curve
# multiplies the same block again and again, so its distance to the solid one is the cost of copying. The
# dotted curve takes its blocks from a complete matrix, so every number comes from memory. (If the curves are
# jagged, other programs are running. Run the cell again.)
#
# - **Right**, the solid curve falls on our computer, although the intensity no longer changes. The dotted
#   curve shows the reason: numbers from memory are slow, and the largest block does not fit into the cache.
#   In the middle there is even a surprise. Copying patches block by block is *faster* than multiplying a
#   complete matrix that was copied beforehand. (With a larger cache, all curves may be flat here.)
# - **Left**, all curves are low. Is the intensity too low, or is it the overhead of so many calls? The next
#   cell times calls that have nothing to do. (A single patch can be faster than four, because BLAS has a
#   special routine for a vector times a matrix.)

# %%
tiny = np.ones((1, 1), np.float32)
call = seconds(lambda: tiny @ tiny)
for p in (1, 4, 14, 56):
    block_time = p * 576 * 64 / ways["same block again"][p]
    print(f"{p:3} patches: {call / block_time:6.1%} of the time is overhead")

# %% [markdown]
# With four patches per call, the overhead is a small part of the time. What remains is the work of fetching
# the weights for only four patches.
#
# `convnet/im2col.py` works in such blocks, and so does every BLAS library *inside* the product. Goto and van
# de Geijn (2008) describe how: a block of one matrix is packed so that it fits into the second-level (L2)
# cache, slices of the other one fit into the first-level cache, and the innermost loop keeps a few outputs in
# registers.
# Libraries for GPUs often skip the matrix of patches and collect the values of each block on the fly, which
# is called **implicit GEMM** (*GEMM* is the BLAS name of the matrix product).
#
# This is how libraries do the same work in a better order. But we have not saved a single product. A tile of
# 4 x 4 outputs still takes 144.

# %% [markdown]
# ## F(2, 3): four products instead of six
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
# Be suspicious. Two products are saved, but there are four additions before the products and four after them,
# where the direct computation has four in all. (The sums of the weights don't count, because they are
# computed once for the whole image.) Keep this objection for later.
#
# Winograd calls this $F(2, 3)$, for two outputs and three weights. It is an algorithm of **minimal
# filtering**: he also proved that $F(n, f)$ takes at least $n + f - 1$ products. So you cannot do
# better than four.
#
# You can check the formulas with pencil and paper. But how does anyone *find* them?

# %% [markdown]
# ## Evaluate, multiply, interpolate
#
# Two ideas from earlier lessons are all it takes.
#
# **A convolution is a product of polynomials.** In the warm-up, two coefficients and three gave four, with
# six products. But a polynomial of degree 3 is also determined by its *values at four points*, and the value
# of a product is the product of the values. So **evaluate** both polynomials, **multiply** the values, one
# product for each point, and **interpolate**. With the points 0, 1 and $-1$, the kernel's values are
#
# $$w(0) = w_0 \qquad w(1) = w_0 + w_1 + w_2 \qquad w(-1) = w_0 - w_1 + w_2.$$
#
# Do you recognize them? The fourth point is "infinity", where the value is the leading coefficient, $w_2$.
# These are the four factors above, apart from the halves.
#
# **Filtering is the transposed operation.** Let $g = (g_0, g_1)$ be the other polynomial. As a matrix, the
# product of both is
#
# $$s = \begin{pmatrix} w_0 & 0 \\ w_1 & w_0 \\ w_2 & w_1 \\ 0 & w_2 \end{pmatrix} g
# = V^{-1} \operatorname{diag}(G w)\, E\, g,$$
#
# where $G$ and $E$ evaluate the two polynomials at the four points, and $V^{-1}$ interpolates. Our filter is
# the *transposed* matrix, whose rows are $(w_0, w_1, w_2, 0)$ and $(0, w_0, w_1, w_2)$, times $d$. (Compare
# [Transposed convolution](24_transposed_convolution.ipynb).) Transposing reverses the order of the factors:
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
# kernel $w$:
#
# $$y = A\, \big[ (G\, w\, G^T) \odot (B\, d\, B^T) \big]\, A^T$$

# %%
tile = np.array([[1, 0, 2, 1], [3, 1, 0, 2], [0, 2, 1, 1], [1, 1, 3, 0]])
kernel = np.array([[2, 0, 2], [0, 4, 0], [2, 0, 2]])
draw.tile(tile, kernel, A, B, G)

# %% [markdown]
# That is $F(2 \times 2, 3 \times 3)$: one product for each cell of the 4 x 4 grid, [16]{= 4 * 4 } where
# direct convolution needs $4 \cdot 9 =$ [36]{= 4 * 9 }. With two more points, 2 and $-2$, a tile of 6 x 6
# inputs gives 4 x 4 outputs with [36]{= 6 * 6 } products instead of 144. The riddle is solved.
#
# **Predict.** For very large tiles, how many products per output does $F(n \times n, 3 \times 3)$ need?
# Answer with the number that it approaches.

# %%
predict("limit", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# It needs $(n + 2)^2$ products for $n^2$ outputs, and $(n + 2)^2 / n^2$ approaches 1.
#
# </details>
#
# Direct convolution needs 9 products per output, $F(4 \times 4, 3 \times 3)$ needs [2.25]{= 36 / 16 }, and
# $F(10 \times 10, 3 \times 3)$ would need [1.44]{= 144 / 100 }. But libraries stay with small tiles. You will
# see why.

# %% [markdown]
# ## Many channels share a transform
#
# Now to the objection. A modern processor adds about as fast as it multiplies, so a single grayscale image
# gains nothing: every product it saves costs additions. Lavin and Gray (2015) saw why a *layer* is
# different. Each tile is transformed **once**, and then all $n_C$ filters use it. And the products are summed
# over the input channels *before* the last transform, so there is one such transform for each output channel,
# not for each pair of channels.
#
# Let us count the MACs for a tile with $N = n + 2$ rows. $B\, d\, B^T$ is two products of $N \times N$
# matrices, $2 N^3$ MACs, and $A\, [\dots]\, A^T$ takes $n N^2 + n^2 N$. For $n = 4$, that is 432 and 240. Per
# output and pair of channels, with $n_C$ input and $n_C$ output channels:
#
# $$\underbrace{\frac{36}{16}}_{\text{products}} + \frac{1}{n_C} \Big( \underbrace{\frac{432}{16}}_{\text{input}} +
# \underbrace{\frac{240}{16}}_{\text{output}} \Big) = 2.25 + \frac{42}{n_C}$$
#
# **Predict.** Direct convolution needs 9. From how many channels on does $F(4 \times 4, 3 \times 3)$ need
# fewer MACs?

# %%
predict("channels", None)


# %%
def winograd_macs(n, f, n_C):
    """Return the MACs per output and pair of channels, for n_C channels on both sides."""
    N = n + f - 1
    return (N**2 + (2 * N**3 + n * N**2 + n**2 * N) / n_C) / n**2


for n_C in (1, 6, 7, 64, 512):
    counts = ", ".join(f"{winograd_macs(n, 3, n_C):.2f} with n = {n}" for n in (2, 4))
    print(f"{n_C:3} channels: {counts}")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $42 / n_C < 6.75$ holds from [7]{= next(c for c in range(1, 99) if winograd_macs(4, 3, c) < 9) } channels
# on. (Many entries of the matrices are 0 or 1, so a good program needs fewer.)
#
# </details>
#
# With one channel, $F(4 \times 4, 3 \times 3)$ needs [4.9]{= round(winograd_macs(4, 3, 1) / 9, 1) } times as
# many MACs as the loops. With 512, the transforms cost next to nothing.

# %% [markdown]
# ## A whole layer
#
# Now put it together. If each tile is flattened into a vector, $B\, d\, B^T$ becomes a matrix times this
# vector. (The matrix is `np.kron(B, B)`, the **Kronecker product** of $B$ with itself.) So one matrix product
# transforms all tiles of all channels. Then each of the $N^2$ positions in a tile has its own matrix product,
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


A, B, G = (m.astype(np.float32) for m in minimal_filter([0, 1, -1, 2, -2], n=4))
exact = conv2d(x[None].astype(float), W.astype(float))[0]  # in float64
difference = np.abs(winograd(x, W, A, B, G) - exact).max() / np.abs(exact).max()
print(f"largest difference: {difference:.0e} of the largest value")

# %% [markdown]
# **Predict.** With 128 channels, $F(4 \times 4, 3 \times 3)$ needs a quarter of the products of im2col. How
# fast is our program? `"a"` Four times as fast as im2col. `"b"` Less. `"c"` Even more.

# %%
predict("speed", None)


# %%
times = {n_C: step_times(n_C, (A, B, G), tiles, put_together) for n_C in (8, 32, 128)}
draw.where_time_goes(times)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`, because only the products shrink to a quarter. The transforms come on top, and they have to be paid
# from the savings.
#
# </details>
#
# Compare the panels from left to right. The more channels there are, the less the transforms matter. (Ours
# are also more expensive than counted above. As a single matrix, a transform takes $N^4 =$
# [1,296]{= f"{6**4:,}" } MACs, not 432.) So a library cannot decide once and for all. The modules
# `convnet/winograd.py` and `convnet/tiles.py` are the grown-up version of this cell. `convnet` uses them at
# stride 1 in float32, if there are many channels, including for the layer that won the race at the
# beginning.
#
# But the larger the tile, the fewer products per output. So why stop at 4 x 4?

# %% [markdown]
# ## Why not tiles of 10 x 10?
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


def layer_with(matrices):
    kind = np.complex64 if np.iscomplexobj(matrices[1]) else np.float32
    return winograd(x, W, *(matrix.astype(kind) for matrix in matrices)).real


def error(output):
    return np.abs(output - exact).max() / np.abs(exact).max()


sizes = [2, 3, 4, 5, 6, 7, 8, 9, 10]
outputs = {n: layer_with(minimal_filter(integers(n + 1), n)) for n in sizes}
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
# At $n = 2$, the layer is about as accurate as with im2col. At $n = 4$, it has lost about one of its seven
# digits, at $n = 6$ about three, and at $n = 10$ all of them and more. A saving on paper has turned into
# nonsense. What goes wrong?
#
# Look at the spots in the last feature map. The lines are the borders of the tiles, and the spots are at the
# *ends* of their rows and columns. Now look at the formulas: the last row of $A$ holds the ninth powers of
# the points, and $5^9 =$ [1,953,125]{= f"{5**9:,}" }. Huge products with different signs are summed there,
# and they have to cancel. But each of them has been rounded, and the rounding errors do not cancel. You met
# such a sum in [One layer, four libraries](16_one_layer_four_libraries.ipynb): in float32,
# $(10^8 + 1) - 10^8$ is 0.

# %% [markdown]
# ## Other points: fractions and roots of unity
#
# An explanation should be tested. If the powers are to blame, then *the same program*, with *as many
# products*, must be accurate for points whose powers stay small. With fractions such as $\pm\tfrac{1}{2}$ and
# $\pm\tfrac{1}{3}$, we can do without 4 and 5. But is there anything better? Apart from 0, 1 and $-1$, the
# powers of all real numbers grow or shrink.
#
# So leave the real numbers. On the unit circle of the complex plane, all powers have the absolute value 1.
# Take the $N$ solutions of $x^N = 1$, the **roots of unity**, and no other points.

# %%
fractions = [0, 1, -1, 2, -2, 1 / 2, -1 / 2, 3, -3, 1 / 3, -1 / 3]
roots = {n: np.exp(2j * np.pi * np.arange(n + 2) / (n + 2)) for n in sizes}
errors["with fractions"] = [error(layer_with(minimal_filter(fractions[: n + 1], n))) for n in sizes]
errors["roots of unity"] = [error(layer_with(minimal_filter(roots[n], n))) for n in sizes]
draw.points(sizes, errors, baseline, {"integers": integers(11), "roots of unity": roots[10]})

# %% [markdown]
# With the roots of unity, hardly any accuracy is lost, and a larger tile makes no difference. Nothing has
# changed but the points, so the explanation has passed its test. The fractions are in between: with them,
# even $n = 6$ loses only about one digit. The library NNPACK, for example, has $F(6 \times 6, 3 \times 3)$.
# (Which points are best is a research question; see Barabasz et al.)
#
# The price of the circle is that the numbers are complex. But you also gain something: you have just
# reinvented one of the most famous algorithms there are.

# %% [markdown]
# ## The Fourier transform
#
# The values of a polynomial at the $N$-th roots of unity are the **discrete Fourier transform** of its
# coefficients. With a matrix, it takes $N^2$ MACs to compute them. But these points are so symmetric that the
# [**fast Fourier transform**](glossary.md#fast-fourier-transform) (FFT) needs only about $N \log_2 N$ steps.
# So Winograd's algorithm and **FFT convolution** are siblings. Both evaluate, multiply and interpolate. They
# differ in their points.
#
# On paper, four points will do: $1, i, -1, -i$. Take $d = (4, 1, 3, 2)$ and $w = (1, 2, 3)$ again. This time
# we multiply the polynomials themselves, without transposing, so the kernel has to be flipped, as in [lesson
# 03](03_mathematics_of_convolution.ipynb): $(3, 2, 1)$.
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
# The first $f - 1$ coefficients are thrown away, and the rest are outputs. A layer does this in two
# dimensions, here in tiles of 64 x 64, and each point has a matrix product over the channels. Half of the
# values can be saved: for real numbers, the values at $i$ and $-i$ are complex conjugates, as in the table,
# so `rfft2` computes only one of each pair. And now the best part. The kernel is filled up with zeros to the size
# of the tile, so **its size no longer matters**.


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

# %% [markdown]
# ## Which one wins?
#
# Let us compare all three, for 16 channels. On the left of the next figure are counted MACs per output and
# pair of channels. That is $f^2$ for im2col, and the best tile for the other two. (For Winograd, $N$ is at
# most 8, because of the errors. A complex product counts as four MACs.) On the right are the times that you
# have just measured.


# %%
def fft_macs(N, f, n_C):
    """Half of the N * N values are needed; a real FFT of M values takes 1.25 M log2(M) MACs."""
    transforms = 2 * 1.25 * N**2 * np.log2(N**2)
    return (4 * N**2 / 2 + transforms / n_C) / (N - f + 1) ** 2


kernel_sizes = [3, 5, 7, 9, 11, 13, 15, 17]
counted = {"im2col": {f: f**2 for f in kernel_sizes}}
counted["Winograd"] = {f: min(winograd_macs(n, f, 16) for n in range(2, 10 - f)) for f in (3, 5, 7)}
counted["FFT"] = {
    f: min(fft_macs(N, f, 16) for N in (8, 16, 32, 64) if f < N) for f in kernel_sizes
}
draw.which_wins(counted, times)

# %% [markdown]
# The work of im2col grows with $f^2$, and the work of the FFT hardly grows at all. So with large kernels the
# FFT must win in the end. On our computer, it did so from 7 x 7 on.
#
# On the left, however, the FFT wins for every kernel. Where have its savings gone? You know two suspects: the transforms, which move a lot of data, and matrix
# products of low intensity. Exercise 4 finds out. With better code, the FFT can win even at 3 x 3: NNPACK's
# authors measured both in 2016, and for every VGG layer in their table, FFT tiles of 16 x 16 were faster than
# $F(6 \times 6, 3 \times 3)$. Once more, the count suggests what to try, and only the clock decides.
#
# | | suits | costs |
# |---|---|---|
# | im2col, implicit GEMM | all sizes and strides | $f^2$ products per output; copies |
# | Winograd | 3 x 3 kernels, stride 1, many channels | transforms; up to a digit of accuracy |
# | FFT | large kernels, stride 1 | complex numbers; memory for padded kernels |
#
# Mathieu, Henaff and LeCun proposed the FFT for networks in 2013, the year after AlexNet with its kernels of
# 11 x 11 and 5 x 5. Two years later, most kernels were 3 x 3, and Lavin and Gray brought Winograd's
# algorithm. Architectures and algorithms shape each other.

# %% [markdown]
# ## What your library does
#
# A library chooses for you. NVIDIA's cuDNN has implicit GEMM, Winograd and FFT, some of them in several
# versions. oneDNN, which PyTorch uses on many CPUs, computes convolutions directly there; it has Winograd's
# algorithm only for GPUs and ARM processors. On a GPU, you can ask PyTorch to try several on the first input of every new shape, and to keep the fastest:
#
#     torch.backends.cudnn.benchmark = True
#
# This pays if the shapes stay the same. It is also one of the reasons why two runs of the same network may
# differ in the last digits: PyTorch's notes on reproducibility warn that another algorithm may win the next
# time.

# %% needs="torch"
import torch
from torch.nn import functional as F

channels_first = torch.from_numpy(x.transpose(2, 0, 1)[None].copy())
filters = torch.from_numpy(W.transpose(3, 2, 0, 1).copy())
with torch.inference_mode():
    compared = {
        "loops": Z.size / speeds["loops"],
        "im2col": Z.size * 576 / steps["one call for the layer"],
        "our Winograd": seconds(lambda: winograd(x, W, A, B, G)),
        "PyTorch": seconds(lambda: F.conv2d(channels_first, filters)),
    }
    difference = error(F.conv2d(channels_first, filters)[0].permute(1, 2, 0).numpy())
for name, time_ in compared.items():
    print(f"{name:<14}{time_ / compared['PyTorch']:>12,.1f} times the time of PyTorch")
print(f"PyTorch's error: {difference:.0e}")

# %% [markdown]
# (The time of im2col is the product alone, without the copies.) Now play the detective. You know how accurate
# im2col and $F(4 \times 4, 3 \times 3)$ are on this layer. Does PyTorch's error look like one of them?
#
# <details>
# <summary>What we saw</summary>
#
# On our computer, its error was as small as that of im2col. So it was not $F(4 \times 4, 3 \times 3)$, as the
# documentation of oneDNN says.
#
# </details>

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: two weights
#
# Find $F(2, 2)$: two outputs $y_0 = d_0 w_0 + d_1 w_1$ and $y_1 = d_1 w_0 + d_2 w_1$ from **three** products.
# Give the matrices $A$ (2 x 3), $B$ (3 x 3) and $G$ (3 x 2) as nested lists or arrays. There are many
# solutions. On paper, you can start from $m_1 = d_1 (w_0 + w_1)$. (`minimal_filter` would do it for you.
# Which points would you choose?)

# %%
matrices = None  # A, B, G
### BEGIN SOLUTION
# m0 = (d0 - d1) w0, m1 = d1 (w0 + w1), m2 = (d2 - d1) w1: y0 = m0 + m1, y1 = m1 + m2
matrices = (
    [[1, 1, 0], [0, 1, 1]],
    [[1, -1, 0], [0, 1, 0], [0, -1, 1]],
    [[1, 0], [1, 1], [0, 1]],
)
### END SOLUTION

# %%
check("matrices", matrices)

# %% [markdown]
# ### Exercise 2: the intensity of a depthwise convolution
#
# A depthwise convolution reads $n_H \times n_W \times n_C$ values and $f \times f \times n_C$ weights, and
# writes $n_H \times n_W \times n_C$ values. Write `depthwise_intensity(n_H, n_W, n_C, f)`. Then compare a 3 x
# 3 kernel with the 57 of the full layer: a depthwise layer waits for memory.


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
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then try it.
#
# 1. ... the layer has 1x1 kernels? How many products does $F(n \times n, 1 \times 1)$ save?
# 2. ... you use float64 instead of float32, with integer points and $n = 10$?
# 3. ... the layer has stride 2? You could compute it at stride 1 and drop the outputs that you don't need.
#    What would remain of the saving of $F(4 \times 4, 3 \times 3)$?
# 4. ... you measure the three steps of `with_fft` one by one? Are the transforms or the products to blame?
#    And with 64 channels?

# %%
wide = winograd(x.astype(float), W.astype(float), *minimal_filter(integers(11), 10))
print(f"n = 10 in float64: largest error {error(wide):.0e} of the largest value")
fft_steps = fft_times(n_C=16)
for name, time_ in fft_steps.items():
    print(f"FFT, {name:<11}{time_ / sum(fft_steps.values()):>5.0%} of the time")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. None. $n + f - 1 = n$ products for $n$ outputs is what direct convolution needs. A 1x1 convolution is a
#    matrix product already.
# 2. It loses nine or ten digits, as before. But float64 has about 16 of them, so six or seven remain, as many
#    as im2col has in float32. On paper the algorithm is exact; the question is how many digits you keep.
# 3. You would drop three of four outputs, so $2.25 \cdot 4 =$ [9.0]{= 2.25 * 4 } products remain for each
#    output that you keep. This is exactly what direct convolution needs, and the transforms come on top.
# 4. That depends on your computer. On ours, the transforms took most of the time with 16 channels, and the
#    products with 64. Each point has a product of a 4 x 64 and a 64 x 64 matrix, whose intensity is only
#    [3.6]{= round(4 * 64 * 64 / (4 * 64 + 64 * 64 + 4 * 64), 1) }: one row for each image, where im2col has
#    one for each position.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. say **what limits the speed**: a product that uses each number once waits for its data. im2col turns the
#    layer into a matrix product of high [arithmetic intensity](glossary.md#arithmetic-intensity), in blocks
#    that fit the [cache](glossary.md#cache);
# 2. derive **fast algorithms** by evaluating, multiplying and interpolating: $n + f - 1$ points for $n$
#    outputs in each dimension. Small integers give [Winograd's algorithm](glossary.md#winograds-algorithm),
#    roots of unity the [FFT](glossary.md#fast-fourier-transform);
# 3. **choose**: Winograd for 3 x 3 kernels at stride 1 and many channels, in small tiles, because its
#    rounding errors grow with the tile; the FFT for large kernels; im2col for everything else.
#
# | term in this course | you may also read |
# |---|---|
# | [**Winograd's algorithm**](glossary.md#winograds-algorithm), $F(n \times n, f \times f)$ | minimal filtering, Winograd convolution, Toom-Cook; $F(m \times m, r \times r)$ |
# | [**arithmetic intensity**](glossary.md#arithmetic-intensity), in MACs per value | operational intensity, in FLOPs per byte |
# | [**BLAS**](glossary.md#blas), matrix product | GEMM, `sgemm` |

# %% [markdown]
# ## What to read next
# - Milestone 5 in [Milestones](milestones.ipynb), where your own im2col runs VGG-16, and the modules `convnet/im2col.py`,
#   `convnet/winograd.py` and `convnet/fourier.py`, which also compute the gradients.
# - Lavin and Gray, *Fast algorithms for convolutional neural networks* (2015):
#   [arXiv:1509.09308](https://arxiv.org/abs/1509.09308). Short, and now easy to read.
# - Winograd, *Arithmetic complexity of computations* (SIAM, 1980), on minimal filtering.
# - Chellapilla, Puri and Simard, *High performance convolutional neural networks for document processing*
#   (2006): [inria-00112631](https://inria.hal.science/inria-00112631).
# - Mathieu, Henaff and LeCun, *Fast training of convolutional networks through FFTs* (2013):
#   [arXiv:1312.5851](https://arxiv.org/abs/1312.5851).
# - Goto and van de Geijn, *Anatomy of high-performance matrix multiplication* (2008):
#   [doi:10.1145/1356052.1356053](https://doi.org/10.1145/1356052.1356053).
# - Barabasz, Anderson, Soodhalter and Gregg, *Error analysis and improving the accuracy of Winograd
#   convolution for deep neural networks* (2018): [arXiv:1803.10986](https://arxiv.org/abs/1803.10986).
# - The library [NNPACK](https://github.com/Maratyszcza/NNPACK), with measured times of all three methods.
# - PyTorch: [torch.backends.cudnn](https://docs.pytorch.org/docs/stable/backends.html#torch-backends-cudnn).
