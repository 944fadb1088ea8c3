# %% [markdown]
# # Backpropagation
#
# VGG-16 has 138 million parameters. To improve them, training needs to know how the cost changes
# with each one. Trying it out takes two forward passes per parameter, more than 276 million of them
# for a single step. **Backpropagation** gets all these numbers in one pass from the output back to
# the input. Here you write this pass for two layers: `conv_backward` for convolution, and
# `pool_backward` for pooling, with its helpers `create_mask_from_window` and `distribute_value`.
#
# By the end you will be able to
#
# 1. compute the three gradients of a convolution layer by hand on a small image;
# 2. write `conv_backward` for any stride and padding, and check it with finite differences;
# 3. propagate gradients through max pooling and average pooling.
#
# **Time:** about 160 minutes, with a break between convolution and pooling. **You need:**
# the forward pass of both layers (given below) and basic derivatives.
#
# **Done lesson 13, on backpropagation?** Then go straight to **Exercise: conv_backward**, and run
# all cells above it.

# %% include="setup"

# %% [markdown] tags=["given"]
# ## Given: drawing and the forward pass
#
# The next cells hold `draw_grid`, which draws an array as a grid of numbers, and correct versions
# of the four functions of the forward pass. Run them.

# %% copy="source" tags=["given"] jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

# %% copy="source" nbgrader={"grade_id": "zero_pad_given"} tags=["given"]
from exercises.loops import zero_pad

# %% copy="source" nbgrader={"grade_id": "conv_single_step_given"} tags=["given"]
from exercises.loops import conv_single_step

# %% copy="source" nbgrader={"grade_id": "conv_forward_given"} tags=["given"]
from exercises.loops import conv_forward

# %% copy="source" nbgrader={"grade_id": "pool_forward_given"} tags=["given"]
from exercises.loops import pool_forward

# %% [markdown]
# ## Upstream and local gradients
#
# The **cost** $J$ of a network is a single number. The **gradient** of the cost with respect to an
# array has one partial derivative per entry, and the shape of the array:
# $dW = \partial J / \partial W$. So `dW[0, 1, 2, 3] = 5` means that increasing `W[0, 1, 2, 3]` by a
# tiny $\varepsilon$ increases the cost by about $5\varepsilon$.
#
# In the backward pass, a layer receives the gradient of its output, the **upstream gradient**, and
# computes the gradients of its parameters and of its input. The latter is the upstream gradient of
# the previous layer. Two rules suffice:
#
# - **Chain rule.** Each operation multiplies the upstream gradient by its **local gradient**, the
#   derivative of its output with respect to an input. The figure shows this for $z = w a + b$.
# - **Contributions add up.** If $a$ is used in $z_1 = w_1 a$ and in $z_2 = w_2 a$, then
#   $da = w_1\, dz_1 + w_2\, dz_2$.

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(9, 3.8), layout="constrained")
nodes = {
    "a = 2": (0, 2),
    "w = 3": (0, 0),
    "b = 1": (3, -0.8),
    "×": (3, 1),
    "+": (6, 1),
    "J": (9, 1),
}
for name, position in nodes.items():
    box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": "0.3"}
    ax.text(*position, name, fontsize=14, ha="center", va="center", bbox=box, zorder=3)
edges = [  # from, to, value, gradient, and where the gradient is written
    ("a = 2", "×", "", "da = 5 · 3 = 15", (2, 2.1)),
    ("w = 3", "×", "", "dw = 5 · 2 = 10", (1.3, -0.35)),
    ("×", "+", "6", "5 · 1 = 5", (4.5, 0.6)),
    ("b = 1", "+", "", "db = 5 · 1 = 5", (5.6, -0.6)),
    ("+", "J", "z = 7", "dz = 5", (7.5, 0.6)),
]
for left, right, value, gradient, position in edges:
    start, end = np.array(nodes[left]), np.array(nodes[right])
    along = (end - start) / np.hypot(*(end - start))
    first, last = start + along * (0.75 if "=" in left else 0.5), end - along * 0.5
    aside = np.array([along[1], -along[0]]) * (-0.12 if left == "a = 2" else 0.12)
    arrow = {"arrowstyle": "-|>", "lw": 1.8, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", last, first, arrowprops=arrow | {"color": "tab:blue"})
    back = arrow | {"color": "#b35806", "ls": "--"}
    ax.annotate("", first + aside, last + aside, arrowprops=back)
    ax.text(*(start + end) / 2 + (0, 0.3), value, fontsize=13, color="tab:blue", ha="center")
    ax.text(*position, gradient, fontsize=13, color="#b35806", ha="center", va="center")
ax.text(4.2, 2.3, "forward (solid): values", fontsize=12, color="tab:blue")
back = "backward (dashed): upstream · local gradient"
ax.text(4.2, 1.95, back, fontsize=12, color="#b35806")
ax.set(xlim=(-0.8, 9.6), ylim=(-1.3, 2.7))
ax.axis("off")
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# A **computational graph**. Arrows lead from $a = 2$ and $w = 3$ to a multiplication, from its
# result 6 and from $b = 1$ to an addition, and from its result $z = 7$ to the cost $J$. Dashed
# arrows lead back, labeled with the gradients. The upstream gradient is $dz = 5$. The local
# gradients of the addition are 1: $5 \cdot 1 = 5$ for the product, and $db = 5 \cdot 1 = 5$. The
# local gradient of each factor is the other factor: $da = 5 \cdot 3 = 15$ and
# $dw = 5 \cdot 2 = 10$.
#
# </details>
#
# ## A convolution by hand
#
# Take a 3 x 3 image $A$ with one channel, a 2 x 2 filter $W$ with bias $b = 1$, stride 1 and no
# padding. (As in all deep learning libraries, the filter is not flipped.)
#
# $$A = \begin{pmatrix} 1&2&0\\3&1&2\\0&1&4 \end{pmatrix} \qquad
# W = \begin{pmatrix} 1&2\\3&-1 \end{pmatrix}$$
#
# The four windows give four outputs:
#
# $$\begin{aligned}
# Z_{00} &= A_{00}W_{00} + A_{01}W_{01} + A_{10}W_{10} + A_{11}W_{11} + b = 14\\
# Z_{01} &= A_{01}W_{00} + A_{02}W_{01} + A_{11}W_{10} + A_{12}W_{11} + b = 4\\
# Z_{10} &= A_{10}W_{00} + A_{11}W_{01} + A_{20}W_{10} + A_{21}W_{11} + b = 5\\
# Z_{11} &= A_{11}W_{00} + A_{12}W_{01} + A_{21}W_{10} + A_{22}W_{11} + b = 5
# \end{aligned}$$
#
# Suppose the upstream gradient is $dZ = \begin{pmatrix} 1&-1\\2&3 \end{pmatrix}$.
#
# **Bias.** It appears in all four equations with coefficient 1, so $db = 1 - 1 + 2 + 3 = 5$.
#
# **Weights.** $W_{00}$ appears in all four equations, multiplied by the upper left pixel of each
# window: $dW_{00} = 1 \cdot 1 - 1 \cdot 2 + 2 \cdot 3 + 3 \cdot 1 = 8$. For all weights at once,
# $dW$ is the sum of the windows, each scaled by its $dZ$:
#
# $$dW = 1 \begin{pmatrix} 1&2\\3&1 \end{pmatrix} - 1 \begin{pmatrix} 2&0\\1&2 \end{pmatrix} +
# 2 \begin{pmatrix} 3&1\\0&1 \end{pmatrix} + 3 \begin{pmatrix} 1&2\\1&4 \end{pmatrix} =
# \begin{pmatrix} 8&10\\5&13 \end{pmatrix}.$$
#
# **Pixels.** The corner $A_{00}$ appears in one equation only, so $dA_{00} = W_{00} \cdot 1 = 1$.
# The center appears in all four, with a different weight in each. For all pixels at once, each
# output adds a copy of the filter, scaled by its $dZ$, to its window of $dA$.
#
# **Predict.** What is $dA_{01}$, for the pixel in the middle of the top row? The next cell draws
# the four scaled copies and their sum.

# %% jupyter={"source_hidden": true} cellView="form"
W = np.array([[1, 2], [3, -1]])
dZ = np.array([[1, -1], [2, 3]])
blank = np.pad(np.ones((2, 2)), ((0, 1), (0, 1)), constant_values=np.nan)
copies = [
    np.roll(np.pad(g * W, ((0, 1), (0, 1))), divmod(k, 2), (0, 1)) for k, g in enumerate(dZ.flat)
]
total = np.sum(copies, axis=0)

fig, axes = plt.subplots(2, 3, figsize=(7.5, 5), layout="constrained")
for k, copy in enumerate(copies):
    row, column = divmod(k, 2)
    shown = copy * np.roll(blank, (row, column), (0, 1))  # nan leaves a cell empty
    outline = [(row, column, 2, 2, "tab:green")]
    draw_grid(axes[row, column], shown, f"{dZ[row, column]} times W", outline, scale=(-9, 9))
draw_grid(axes[0, 2], dZ, "dZ", scale=(-9, 9))
draw_grid(axes[1, 2], total, "sum of the copies: dA", scale=(-9, 9))
plt.show()

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $dA_{01} = W_{01} \cdot 1 + W_{00} \cdot (-1) = 1$: the pixel is in the upper left and in the
# upper right window.
#
# </details>
#
# <details>
# <summary>Description of the figure</summary>
#
# Four 3 x 3 grids show the filter scaled by 1, -1, 2 and 3 on the upper left, upper right, lower
# left and lower right window, with the other cells empty. Beside them are $dZ$ and the sum of the
# copies, $dA$, with the rows 1, 1, -2; 5, 3, 7; and 6, 7, -3.
#
# </details>
#
# ## Step: one image, one filter
#
# Write this backward pass for any single image with one channel and a single filter, with stride 1
# and no padding. The step is not graded. The cell below your function checks it with **finite
# differences**: it changes one entry slightly in both directions and measures the change of the
# cost.


# %%
def conv_backward_single(dZ, A, W):
    """
    Backward pass of a convolution with one image and one filter.

    Arguments:
    dZ -- upstream gradient, array of the shape of the output
    A -- image with one channel, array of shape (n_H_prev, n_W_prev)
    W -- filter, array of shape (f, f)

    Returns:
    dA, dW, db -- gradients with respect to the image, the filter and the bias
    """
    dA, dW, db = None, None, None  # replace this line with your code

    return dA, dW, db


# %% jupyter={"source_hidden": true} cellView="form"
def forward_single(A, W, b):
    f, f = W.shape
    Z = np.zeros((A.shape[0] - f + 1, A.shape[1] - f + 1))
    for h in range(Z.shape[0]):
        for w in range(Z.shape[1]):
            Z[h, w] = np.sum(A[h : h + f, w : w + f] * W) + b
    return Z


def finite_differences(cost, array):
    gradient = np.zeros(array.shape)
    for position in np.ndindex(array.shape):
        change = np.zeros(array.shape)
        change[position] = 1e-4
        gradient[position] = (cost(array + change) - cost(array - change)) / 2e-4
    return gradient


def compare_single(name, actual, expected):
    if actual is None:
        return "not written yet."
    if np.size(actual) == expected.size == 1:
        actual = np.reshape(actual, expected.shape)
    if np.shape(actual) != expected.shape:
        return f"{name} has the shape {np.shape(actual)}, expected {expected.shape}."
    wrong = np.argwhere(~np.isclose(actual, expected, rtol=0, atol=1e-6))
    if len(wrong) == 0:
        return ""
    first = tuple(wrong[0].tolist())
    entry = f"{name}[{', '.join(map(str, first))}]" if first else name
    question = {
        "dA": "Which outputs use this pixel, and with which weight?",
        "dW": "Which pixel is this weight multiplied by in each window?",
        "db": "Which outputs use the bias?",
    }[name]
    values = f"{np.asarray(actual)[first]:.4g}, finite differences give {expected[first]:.4g}"
    return f"{len(wrong)} of {expected.size} wrong; {entry} is {values}. {question}"


def expected_single(dZ, A, W):
    b = np.array(1.0)
    return {
        "dA": finite_differences(lambda A: np.sum(dZ * forward_single(A, W, b)), A),
        "dW": finite_differences(lambda W: np.sum(dZ * forward_single(A, W, b)), W),
        "db": finite_differences(lambda b: np.sum(dZ * forward_single(A, W, b)), b),
    }


def check_single():
    rng = np.random.default_rng(1)
    by_hand = [[1, -1], [2, 3]], [[1, 2, 0], [3, 1, 2], [0, 1, 4]], [[1, 2], [3, -1]]
    not_square = (rng.integers(-4, 5, shape) for shape in ((2, 4), (4, 6), (3, 3)))
    for arrays in (by_hand, not_square):
        dZ, A, W = (np.array(array, dtype=float) for array in arrays)
        gradients = conv_backward_single(dZ.copy(), A.copy(), W.copy())
        if not isinstance(gradients, tuple) or len(gradients) != 3:
            print("conv_backward_single should return three gradients: dA, dW, db.")
            return
        if all(gradient is None for gradient in gradients):
            print("conv_backward_single is not written yet. (This step is not graded.)")
            return
        expected = expected_single(dZ, A, W)
        for name, gradient in zip(expected, gradients, strict=True):
            problem = compare_single(name, gradient, expected[name])
            print(f"{A.shape[0]} x {A.shape[1]} image, {name}:", problem or "right")


check_single()

# %% [markdown]
# <details>
# <summary>When something is not right, ask yourself</summary>
#
# - Do the gradients start as zeros, and does each output add a contribution?
# - Do the loops run over the positions of the output?
# - Is only the second image wrong? Then height and width are mixed up.
#
# </details>
#
# ## The full layer
#
# With $m$ examples, several input channels and filters, stride $s$ and padding $p$, there are only
# more contributions to sum. The forward pass is
#
# $$Z_{i,h,w,c} = b_c + \sum_{r=0}^{f-1} \sum_{q=0}^{f-1} \sum_{k}
# A^{pad}_{i,\, hs+r,\, ws+q,\, k}\, W_{r,q,k,c}$$
#
# | symbol | meaning |
# |---|---|
# | $i$ | example |
# | $h,\ w,\ c$ | row, column and channel of the output; $c$ is also the number of the filter |
# | $r,\ q,\ k$ | row, column and channel within the filter and within the window |
# | $A^{pad}$ | `A_prev` with $p$ (`pad`) zeros on each side; $y,\ x$ are its rows and columns |
#
# and the gradients are
#
# $$db_c = \sum_{i,h,w} dZ_{i,h,w,c} \tag{1}$$
#
# $$dW_{r,q,k,c} = \sum_{i,h,w} A^{pad}_{i,\, hs+r,\, ws+q,\, k}\, dZ_{i,h,w,c} \tag{2}$$
#
# $$dA^{pad}_{i,y,x,k} = \sum_{h,w,r,q} \sum_{c} W_{r,q,k,c}\, dZ_{i,h,w,c} \tag{3}$$
#
# where the first sum in (3) runs over all $h, w, r, q$ with $hs + r = y$ and $ws + q = x$. All
# examples share the weights, so (1) and (2) sum over $i$. All filters read the same pixels, so (3)
# sums over $c$.
#
# In code, loop over the outputs as in the forward pass. Each output $(i, h, w, c)$ contributes
#
# - filter $c$, of shape `(f, f, n_C_prev)`, times $dZ_{i,h,w,c}$ to its window of $dA^{pad}$;
# - its window of $A^{pad}$ times $dZ_{i,h,w,c}$ to $dW$ of filter $c$;
# - $dZ_{i,h,w,c}$ to $db_c$.
#
# The zeros at the border are constants, so their gradient is not needed: crop $p$ rows and columns
# from each side of $dA^{pad}$. Many programs use the slice `[pad:-pad]` for this. See what it keeps
# of seven numbers:

# %%
seven_numbers = np.arange(7)
for pad in (2, 1, 0):
    print("pad =", pad, "leaves", seven_numbers[pad:-pad])

# %% [markdown]
# <details>
# <summary>Why?</summary>
#
# -0 is 0, and `[0:0]` is empty. Count the end of the slice from the front instead.
#
# </details>

# %% [markdown]
# ## Exercise: conv_backward
#
# Replace `# YOUR CODE HERE` and the `raise` line. The code above them unpacks the `cache`, which
# holds the arguments of `conv_forward`. All arrays are float arrays, here and in the exercises
# below.
#
# When something is not right, ask yourself:
#
# - Does every output **add** its contributions, to arrays that start as zeros?
# - Does each window start where it started in the forward pass, for stride 2 as well?
# - Are the windows taken from the **padded** input?
# - Does `db` have the shape of `b`, `(1, 1, 1, n_C)`, with a separate sum for each filter?
# - Does the whole image remain when `pad` is 0?
# - Are `dZ` and the arrays of the cache unchanged afterwards?

# %% solution="conv_backward"

# %% [markdown]
# **Try it.** The output `Z` has the right shape to serve as the upstream gradient.

# %%
np.random.seed(1)
A_prev = np.random.randn(10, 4, 4, 3)
W = np.random.randn(2, 2, 3, 8)
b = np.random.randn(1, 1, 1, 8)
hparameters = {"stride": 2, "pad": 2}

Z, cache_conv = conv_forward(A_prev, W, b, hparameters)
dA, dW, db = conv_backward(Z, cache_conv)
print("dA.shape =", dA.shape)
print("dW.shape =", dW.shape)
print("db.shape =", db.shape)
print("dA_mean =", np.mean(dA))
print("dW_mean =", np.mean(dW))
print("db_mean =", np.mean(db))

# %% [markdown]
# **Expected output**
#
# ```
# dA.shape = (10, 4, 4, 3)
# dW.shape = (2, 2, 3, 8)
# db.shape = (1, 1, 1, 8)
# dA_mean = 1.4524377775388075
# dW_mean = 1.7269914583139097
# db_mean = 7.839232564616838
# ```
#
# The last digits of the means depend on the order of the additions.

# %% check="conv_backward"

# %% [markdown]
# ## Gradient checking
#
# Finite differences can check any backward pass, and need only the forward pass:
#
# $$\frac{\partial J}{\partial W_{r,q,k,c}} \approx
# \frac{J(W_{r,q,k,c} + \varepsilon) - J(W_{r,q,k,c} - \varepsilon)}{2 \varepsilon}$$
#
# For a check, choose the cost $J = \sum G_{i,h,w,c}\, Z_{i,h,w,c}$ with random numbers $G$. Its
# derivative with respect to $Z$ is $G$, so the upstream gradient `dZ` is `G`. The cell checks one
# weight and one pixel, with padding and without. (For training, finite differences are far too
# slow: each weight takes two forward passes.)

# %%
epsilon = 1e-4


def cost(A_prev, W, b, hparameters, G):
    Z, cache = conv_forward(A_prev, W, b, hparameters)
    return np.sum(G * Z)


np.random.seed(2)
A_prev = np.random.randn(2, 6, 5, 2)
W = np.random.randn(3, 3, 2, 4)
b = np.random.randn(1, 1, 1, 4)

weight_step = np.zeros(W.shape)
weight_step[1, 0, 1, 2] = epsilon  # zero everywhere but at one weight
pixel_step = np.zeros(A_prev.shape)
pixel_step[1, 2, 1, 0] = epsilon  # zero everywhere but at one pixel

for pad in (1, 0):
    hparameters = {"stride": 2, "pad": pad}
    Z, cache = conv_forward(A_prev, W, b, hparameters)
    G = np.random.randn(*Z.shape)
    dA_prev, dW, db = conv_backward(G, cache)

    up = cost(A_prev, W + weight_step, b, hparameters, G)
    down = cost(A_prev, W - weight_step, b, hparameters, G)
    print(f"pad {pad}, weight: finite differences {(up - down) / (2 * epsilon):.6f}", end=", ")
    print(f"conv_backward {dW[1, 0, 1, 2]:.6f}")

    up = cost(A_prev + pixel_step, W, b, hparameters, G)
    down = cost(A_prev - pixel_step, W, b, hparameters, G)
    print(f"pad {pad}, pixel:  finite differences {(up - down) / (2 * epsilon):.6f}", end=", ")
    print(f"conv_backward {dA_prev[1, 2, 1, 0]:.6f}")

# %% [markdown]
# **Expected output**
#
# ```
# pad 1, weight: finite differences -3.113971, conv_backward -3.113971
# pad 1, pixel:  finite differences 1.148877, conv_backward 1.148877
# pad 0, weight: finite differences -3.401901, conv_backward -3.401901
# pad 0, pixel:  finite differences 2.091500, conv_backward 2.091500
# ```

# %% [markdown]
# ## A convolution, a ReLU and a loss
#
# Here is a complete network: one image, one filter, the activation $Y = \max(0, Z)$ (**ReLU**), and
# as the cost $J$ the mean of $(Y - 1)^2$ over the four outputs, in code `loss`. The backward pass
# has three steps:
#
# - $dY_{h,w} = \frac{2}{4} (Y_{h,w} - 1)$, the derivative of the mean of four squares;
# - $dZ_{h,w} = dY_{h,w}$ where $Z_{h,w} > 0$, otherwise 0, because there the ReLU is constant;
# - `conv_backward` computes the rest.
#
# The reference output comes from a deep learning framework in 32-bit precision, so the comparison
# allows a relative error of 0.000002.

# %%
X = np.array([[1.0, 1.0, 2.0], [1.0, 2.0, 1.0], [2.0, 1.0, 1.0]]).reshape(1, 3, 3, 1)
W = np.array([[0.6779961, -0.3282364], [0.61954254, -0.02001727]]).reshape(2, 2, 1, 1)
b = np.zeros((1, 1, 1, 1))

Z, cache = conv_forward(X, W, b, {"stride": 1, "pad": 0})
Y = np.maximum(0, Z)
loss = np.mean((Y - 1) ** 2)
dY = 2 * (Y - 1) / Y.size
dZ = dY * (Z > 0)
dX, dW, db = conv_backward(dZ, cache)


def agrees(actual, expected):
    return np.allclose(actual, expected, rtol=2e-6, atol=0)


print(f"loss = {loss:.5f}", agrees(loss, 0.12856321))
print("dW =", np.round(dW[:, :, 0, 0], 5), sep="\n")
print(agrees(dW[:, :, 0, 0], [[0.83250606, 0.75945675], [0.75945675, 0.4834994]]))
print(f"db = {db[0, 0, 0, 0]:.5f}", agrees(db, 0.5188656))
print("dX =", np.round(dX[0, :, :, 0], 5), sep="\n")
framework_dX = [
    [-0.02397811, 0.09316837, -0.03948538],
    [0.05964908, 0.24839783, -0.10535623],
    [0.07452821, 0.19190567, -0.00627823],
]
print(agrees(dX[0, :, :, 0], framework_dX))

# %% [markdown]
# **Expected output**
#
# ```
# loss = 0.12856 True
# dW =
# [[0.83251 0.75946]
#  [0.75946 0.4835 ]]
# True
# db = 0.51887 True
# dX =
# [[-0.02398  0.09317 -0.03949]
#  [ 0.05965  0.2484  -0.10536]
#  [ 0.07453  0.19191 -0.00628]]
# True
# ```

# %% [markdown]
# ## Halfway: convolution is done
#
# Every output passes its upstream gradient, times the local gradient, to the bias, the weights and
# the pixels it was computed from. Contributions add up: over examples and positions for $dW$ and
# $db$, over filters and windows for $dA$. And you need not trust your algebra, since finite
# differences check the result.
#
# **This is a good place for a break.** The second half takes about 60 minutes. When you come back,
# click the next heading and run all cells above it.

# %% [markdown]
# ## Max pooling: the mask
#
# Pooling has no parameters, but the gradient must pass through it to reach earlier layers. Increase
# the largest entry of a window by $\varepsilon$, and the maximum increases by $\varepsilon$.
# Increase another entry, and the maximum stays the same. So **the whole upstream gradient goes to
# the position of the maximum**, which a **mask** $M$ marks with True. For an upstream gradient of
# 4:
#
# $$x = \begin{pmatrix} 1&2&3\\2&3&2\\1&5&2 \end{pmatrix} \qquad
# M = \begin{pmatrix} 0&0&0\\0&0&0\\0&1&0 \end{pmatrix} \qquad
# 4 M = \begin{pmatrix} 0&0&0\\0&0&0\\0&4&0 \end{pmatrix}$$
#
# In products, NumPy treats True as 1 and False as 0.

# %% [markdown]
# ## Exercise: create_mask_from_window
#
# Write the helper. (A mask of zeros and ones is accepted, too.)
#
# When something is not right, ask yourself:
#
# - Does the mask have the shape of the window, even if it is not square?
# - Does it mark the largest entry when all entries are negative?

# %% solution="create_mask_from_window"

# %% [markdown]
# **Try it** on a random window and on the one above.

# %%
np.random.seed(1)
x = np.random.randn(2, 3)
print("x =", x, sep="\n")
print("mask =", create_mask_from_window(x), sep="\n")

x = np.array([[1.0, 2, 3], [2, 3, 2], [1, 5, 2]])
print("x =", x, sep="\n")
print("mask =", create_mask_from_window(x), sep="\n")

# %% [markdown]
# **Expected output**
#
# ```
# x =
# [[ 1.62434536 -0.61175641 -0.52817175]
#  [-1.07296862  0.86540763 -2.3015387 ]]
# mask =
# [[ True False False]
#  [False False False]]
# x =
# [[1. 2. 3.]
#  [2. 3. 2.]
#  [1. 5. 2.]]
# mask =
# [[False False False]
#  [False False False]
#  [False  True False]]
# ```

# %% check="create_mask_from_window"

# %% [markdown]
# ## Bonus: ties
#
# Where two entries share the maximum, it has no derivative, and a program has to choose.
#
# **Predict.** The upstream gradient is 4, and both entries of the left column are maxima. How much
# gradient does your mask send back in total?

# %%
tie = np.array([[4.0, 1], [4, 2]])
print("mask =", create_mask_from_window(tie), sep="\n")
print("upstream gradient: 4, sent back in total:", np.sum(create_mask_from_window(tie) * 4))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 8 if your mask marks both maxima, since each of them receives 4; 4 if it marks only one. Both ways
# earn full points, since the graded windows have no ties.
#
# Ties of zeros after a ReLU do no harm: the derivative of the ReLU, by which the gradient is
# multiplied next, is 0 for negative inputs, and by convention also at 0.
#
# </details>
#
# The pooling layers of PyTorch and TensorFlow send the gradient to the **first** maximum only, in
# reading order. As an ungraded bonus, write such a mask. The documentation of `np.argmax` and
# `np.unravel_index` helps.


# %%
def first_maximum_mask(x):
    """Return a mask of the shape of x that is True at the first maximum only."""
    mask = None  # replace this line with your code

    return mask


# %% jupyter={"source_hidden": true} cellView="form"
def check_first_maximum():
    for x, position in (
        (np.array([[1, 2, 3], [2, 3, 2], [1, 5, 2]]), (2, 1)),
        (np.array([[4, 1], [4, 2]]), (0, 0)),
        (np.array([[1, 7, 2], [7, 7, 0]]), (0, 1)),
        (np.array([[-3.0, -2.0], [-1.0, -1.0], [-4.0, -1.0]]), (1, 0)),
        (np.zeros((2, 2)), (0, 0)),
    ):
        mask = first_maximum_mask(x.copy())
        if mask is None:
            print("first_maximum_mask is not written yet. (The bonus is not graded.)")
            return
        if np.shape(mask) != x.shape:
            print(f"For x of shape {x.shape}, the mask has the shape {np.shape(mask)}.")
            return
        marked = [tuple(entry.tolist()) for entry in np.argwhere(mask)]
        if marked != [position] or np.sum(mask) != 1:
            print("x =", x, sep="\n")
            print(f"marked: {marked or 'nothing'}, expected: only {position}, with True or 1")
            return
    total = np.sum(np.asarray(first_maximum_mask(np.array([[4.0, 1], [4, 2]]))) * 4)
    print("Right. On the tie above, sent back in total:", total)


check_first_maximum()

# %% [markdown]
# ## Average pooling: equal contributions
#
# The average of a window is its sum divided by the number of entries. The local gradient is the
# same for all entries, so the upstream gradient $dz$ is distributed evenly over the window:
# $dz = 2$ over a 2 x 2 window gives 0.5 for each entry.

# %% [markdown]
# ## Exercise: distribute_value
#
# Write the helper. The number `dz` may be a float or an integer, as in the example below. When
# something is not right, ask yourself:
#
# - Do the entries of your array add up to `dz`?
# - Have you tried a window that is not square? With 2 x 2, sum and product of the sides are equal.

# %% solution="distribute_value"

# %% [markdown]
# **Try it** on a square window and on one that is not.

# %%
print("distribute_value(2, (2, 2)) =", distribute_value(2, (2, 2)), sep="\n")
print("distribute_value(6, (2, 3)) =", distribute_value(6, (2, 3)), sep="\n")

# %% [markdown]
# **Expected output**
#
# ```
# distribute_value(2, (2, 2)) =
# [[0.5 0.5]
#  [0.5 0.5]]
# distribute_value(6, (2, 3)) =
# [[1. 1. 1.]
#  [1. 1. 1.]]
# ```

# %% check="distribute_value"

# %% [markdown]
# ## A pooling layer by hand
#
# The output of a pooling layer is called $A$, so here $dA$ is the **upstream** gradient and
# $dA_{prev}$ is the result. The figure shows both modes for 2 x 2 windows, stride 2 and
# $dA = \begin{pmatrix} 3&4\\3.5&3.5 \end{pmatrix}$.

# %% jupyter={"source_hidden": true} cellView="form"
x = np.array([[1, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]])
largest = np.zeros((4, 4), dtype=bool)
largest[[1, 1, 2, 3], [0, 2, 2, 0]] = True
from_max = [[0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 3.5, 0], [3.5, 0, 0, 0]]
from_average = [
    [0.75, 0.75, 1, 1],
    [0.75, 0.75, 1, 1],
    [0.875, 0.875, 0.875, 0.875],
    [0.875, 0.875, 0.875, 0.875],
]

four_windows = [
    (0, 0, 2, 2, "tab:blue"),
    (0, 2, 2, 2, "tab:orange"),
    (2, 0, 2, 2, "tab:green"),
    (2, 2, 2, 2, "tab:purple"),
]
fig, axes = plt.subplots(1, 3, figsize=(9, 3.4), layout="constrained")
draw_grid(axes[0], x, "A_prev, with its maxima", windows=four_windows, hatched=largest)
draw_grid(axes[1], from_max, "dA_prev, max", windows=four_windows, scale=(0, 4))
draw_grid(axes[2], from_average, "dA_prev, average", scale=(0, 4))
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Three 4 x 4 grids; in the first two, four 2 x 2 windows are outlined. In the image, with the rows
# 1, 5, 3, 7; 7, 3, 9, 2; 3, 5, 8, 4; and 8, 7, 3, 5, the maximum of each window is hatched: 7, 9, 8
# and 8. In the gradient of max pooling, these positions hold 3, 4, 3.5 and 3.5, all others 0. In
# the gradient of average pooling, every entry of a window is the same: 0.75, 1, 0.875 and 0.875.
#
# </details>
#
# When the stride is smaller than $f$, windows overlap, and contributions to the same pixel add up.

# %% [markdown]
# ## Exercise: pool_backward
#
# Use your two helpers. Every output $(i, h, w, c)$ contributes to $dA_{prev}$ in its window, at the
# positions $(hs + r, ws + q)$ of channel $c$: with max pooling $M_{r,q}\, dA_{i,h,w,c}$, and with
# average pooling an equal part of $dA_{i,h,w,c}$.
#
# When something is not right, ask yourself:
#
# - Where does a window start when the stride is 2? (The example below has stride 1.)
# - What happens at a pixel that lies in two windows?
# - Is the mask made from the input of the layer?

# %% solution="pool_backward"

# %% [markdown]
# **Try it.** The windows overlap. In `dA_prev[1, 1]`, row 1 of the second image, each line is a
# column and each number a channel.

# %%
np.random.seed(1)
A_prev = np.random.randn(5, 5, 3, 2)
hparameters = {"f": 2, "stride": 1}
A, cache = pool_forward(A_prev, hparameters)
dA = np.random.randn(5, 4, 2, 2)
print("A.shape =", A.shape)
print("mean of dA =", np.mean(dA))

for mode in ("max", "average"):
    dA_prev = pool_backward(dA, cache, mode=mode)
    print("mode =", mode)
    print("dA_prev.shape =", dA_prev.shape)
    print("dA_prev[1, 1] =", np.round(dA_prev[1, 1], 8), sep="\n")

# %% [markdown]
# **Expected output**
#
# ```
# A.shape = (5, 4, 2, 2)
# mean of dA = 0.14571390272918056
# mode = max
# dA_prev.shape = (5, 5, 3, 2)
# dA_prev[1, 1] =
# [[ 0.          0.        ]
#  [ 5.05844394 -1.68282702]
#  [ 0.          0.        ]]
# mode = average
# dA_prev.shape = (5, 5, 3, 2)
# dA_prev[1, 1] =
# [[ 0.08485462  0.2787552 ]
#  [ 1.26461098 -0.25749373]
#  [ 1.17975636 -0.53624893]]
# ```

# %% check="pool_backward"

# %% [markdown]
# ## Your function on small examples
#
# The next cell calls your function on the image of the figure, then on
# $A_{prev} = \begin{pmatrix} 1&5&2\\0&3&4 \end{pmatrix}$ with $f = 2$, stride 1 and
# $dA = \begin{pmatrix} 10&20 \end{pmatrix}$.
#
# **Predict.** What is $dA_{prev}$ of the second image with max pooling?

# %%
x = np.array([[1.0, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]]).reshape(1, 4, 4, 1)
dA = np.array([[3.0, 4.0], [3.5, 3.5]]).reshape(1, 2, 2, 1)
for mode in ("max", "average"):
    A, cache = pool_forward(x, {"f": 2, "stride": 2}, mode=mode)
    print(f"{mode}: dA_prev =", pool_backward(dA, cache, mode=mode)[0, :, :, 0], sep="\n")

x = np.array([[1.0, 5, 2], [0, 3, 4]]).reshape(1, 2, 3, 1)
A, cache = pool_forward(x, {"f": 2, "stride": 1}, mode="max")
dA = np.array([10.0, 20.0]).reshape(1, 1, 2, 1)
dA_prev = pool_backward(dA, cache, mode="max")
print("overlapping windows: dA_prev =", dA_prev[0, :, :, 0], sep="\n")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The 5 is the maximum of both windows and receives $10 + 20 = 30$, all other entries 0. The first
# two arrays are the ones in the figure.
#
# </details>

# %% [markdown]
# ## Experiments with gradients
#
# **Train the small network.** Copy the cell with the ReLU. Put the lines from `Z, cache = ...` to
# `dX, dW, db = ...` into a loop that prints the loss and ends with `W = W - 0.1 * dW` and
# `b = b - 0.1 * db`. What happens to the loss? And with 5 in place of 0.1?
#
# <details>
# <summary>Answer</summary>
#
# It falls: 0.1286, 0.0929, 0.0710, 0.0570 and so on. This is **gradient descent** with the
# **learning rate** 0.1. With 5, the first step goes too far: all $Z_{h,w}$ become negative, the
# ReLU outputs zeros, and every gradient is 0 from then on.
#
# </details>
#
# **A large stride.** Use `pool_backward` with a 7 x 7 image, $f = 2$ and stride 3. Where is
# `dA_prev` always 0?
#
# <details>
# <summary>Answer</summary>
#
# In rows and columns 2, 5 and 6, which no window contains.
#
# </details>
#
# **Ties and finite differences.** Check the gradient of max pooling at a pixel that is a maximum,
# at one that is not, and at one of two tied maxima.
#
# <details>
# <summary>Answer</summary>
#
# The first two agree with `pool_backward`. At a tie, finite differences give half of the upstream
# gradient, since only the step upwards changes the maximum.
#
# </details>

# %% [markdown]
# ## From gradients to training
#
# All of backpropagation is in the first figure: upstream times local gradient, and a sum wherever a
# number was used more than once. Convolution and pooling differ only in who uses what. A weight is
# used at every position of every image, and the maximum of a window is used by each window that
# contains it. The gradient of a padding zero is thrown away, because nothing can change it.
#
# What is left is to take a step against the gradient, again and again. The assignment lenet does
# this for a whole network.

# %% [markdown] include="hand_in"
