# %% [markdown]
# # Backpropagation
#
# A network learns by changing its weights a little, again and again, so that its cost falls. For
# that it must know, for every single weight, in which direction the cost moves and how fast.
# Backpropagation answers this for all weights at once, in one pass from the cost back to the image.
# Frameworks do it for you; here you see what they do, on arrays small enough for a pencil.
#
# **When you have finished, you will be able to**
#
# 1. work out the three gradients of a convolution layer by hand, and say what each sum in their
#    formulas runs over;
# 2. send a gradient back through max pooling and average pooling, and say what happens where two
#    entries tie;
# 3. check any gradient in two ways: numerically, and against TensorFlow and PyTorch.
#
# Time: about 90 minutes. You need [The convolution layer](04_convolution_layer.ipynb),
# [Pooling](07_pooling.ipynb), the ReLU from
# [Activations](08_activations.ipynb), and the derivatives of $x^2$ and of
# $cx$. All packages but NumPy and Matplotlib are optional: a cell that needs TensorFlow or PyTorch
# is skipped where it is missing.

# %% include="lesson_setup"

# %%
from convnet import functional
from convnet.gradient_check import check_gradients, numeric_gradient
from convnet.plots import draw_grid
from lesson_tools.figures import animate

# %% [markdown] tags=["row-16"]
# ## What a gradient says
#
# At the end of every network stands one number, the **cost** $J$: the smaller, the better. (Many
# people say *loss*, above all for a single example.) The **gradient** of the cost with respect to
# an array holds one partial derivative for each entry, in an array of the same shape. It is named
# after its array, with a $d$ in front:
#
# $$dW_{r,q} = \frac{\partial J}{\partial W_{r,q}}.$$
#
# Here $W$ is an array, and $W_{r,q}$ its entry in row $r$ and column $q$. So $dW_{0,1} = 7$ says:
# when $W_{0,1}$ grows by a tiny amount and everything else stays as it is, the cost grows by about
# 7 times that amount.
#
# Start with single numbers. Let $z = w\,a + b$ and $J = z^2$, with $a = 3$, $w = 2$ and $b = -1$.
# Forwards, $z = 5$ and $J = 25$. Backwards, one step at a time:
#
# - $J = z^2$ has the derivative $2z$, so $dz = 2 \cdot 5 = 10$.
# - $z$ changes 3 times as fast as $w$, because $w$ is multiplied by $a = 3$. And $J$ changes 10
#   times as fast as $z$. So $dw = a \, dz = 3 \cdot 10 = 30$.
# - In the same way $da = w \, dz = 2 \cdot 10 = 20$, and $db = 1 \cdot dz = 10$.
#
# This is the **chain rule**. What arrives from behind, here $dz$, is multiplied by the derivative
# of the one step in hand. No step needs to know the whole network.
#
# **Predict, then run.** The next cell nudges each of the three numbers up by 0.001. By how much
# does the cost grow each time?


# %%
def small_cost(a, w, b):
    z = w * a + b
    return z**2


nudge = 0.001
J = small_cost(3, 2, -1)
print(f"w nudged: the cost grows by {small_cost(3, 2 + nudge, -1) - J:.6f}")
print(f"a nudged: the cost grows by {small_cost(3 + nudge, 2, -1) - J:.6f}")
print(f"b nudged: the cost grows by {small_cost(3, 2, -1 + nudge) - J:.6f}")

# %% [markdown]
# By about 30, 20 and 10 times the nudge. The digits behind that come from the curvature of $z^2$;
# they fade when the nudge gets smaller.
#
# One more rule is needed. **Contributions add up.** When the same number is used in several places,
# a nudge reaches the cost along several paths, and the effects of a tiny nudge add up. If
# $z_1 = w\,a_1$ and $z_2 = w\,a_2$, then $dw = a_1 \, dz_1 + a_2 \, dz_2$. A convolution uses each
# weight at every position of its window. So every gradient of a convolution will be a sum.

# %% [markdown] tags=["row-16"]
# ## A network for the pencil
#
# The whole of this network fits on a page:
#
# - an image $X$ of $3 \times 3$ pixels with one channel,
# - one filter $W$ of $2 \times 2$ weights with the bias $b$, at stride 1 and without padding,
# - a ReLU, $A_{h,w} = \max(0, Z_{h,w})$,
# - targets $T$, what the network should put out, and as its cost the mean of the squared
#   differences:
#
# $$J = \frac{1}{4} \sum_{h=0}^{1} \sum_{w=0}^{1} (A_{h,w} - T_{h,w})^2.$$
#
# $Z$ is what the convolution gives and $A$ what the ReLU makes of it; $h$ and $w$ are the row and
# the column of an output.

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(10, 2.9), layout="constrained")
places = {"X, W, b": 0, "Z": 3.4, "A": 6.2, "J": 9.6}
for name, x in places.items():
    ax.text(x, 0, name, ha="center", va="center", fontsize=15, bbox={"fc": "white", "pad": 9})
steps = [
    (0, 3.4, "convolution", "dZ gives dX, dW, db", 0.8),
    (3.4, 6.2, "ReLU", "dA gives dZ", 0.4),
    (6.2, 9.6, "mean of (A - T)²", "J gives dA", 0.4),
]
for left, right, forward, backward, room in steps:
    ends = (left + room, right - 0.4)
    middle = sum(ends) / 2
    line = {"arrowstyle": "-|>", "mutation_scale": 18, "lw": 2}
    ax.annotate("", (ends[1], 0.25), (ends[0], 0.25), arrowprops=line | {"color": "tab:blue"})
    back = line | {"color": "tab:orange", "ls": "--"}
    ax.annotate("", (ends[0], -0.25), (ends[1], -0.25), arrowprops=back)
    ax.text(middle, 0.45, forward, ha="center", va="bottom", fontsize=12)
    ax.text(middle, -0.45, backward, ha="center", va="top", fontsize=12)
ax.text(-0.8, 1.0, "forward: solid arrows, left to right", fontsize=11)
ax.text(-0.8, -1.15, "backward: dashed arrows, right to left", fontsize=11)
ax.set(xlim=(-1.3, 10.3), ylim=(-1.3, 1.3))
ax.axis("off")
present(
    fig,
    "Four boxes in a row: X, W, b; then Z; then A; then J. Solid arrows lead from left to right "
    "and are labelled convolution, ReLU and mean of (A - T) squared. Dashed arrows lead back "
    "from right to left: J gives dA, dA gives dZ, and dZ gives dX, dW and db.",
)

# %% [markdown]
# The forward pass, with every window written out:

# %%
X = np.array([[3.0, 0.0, 1.0], [1.0, 2.0, 3.0], [2.0, 2.0, 0.0]])
W = np.array([[2.0, -1.0], [3.0, -2.0]])
b = -1.0
T = np.array([[0.0, 2.0], [3.0, 0.0]])

Z = np.zeros((2, 2))
Z[0, 0] = np.sum(X[0:2, 0:2] * W) + b  # the upper left window
Z[0, 1] = np.sum(X[0:2, 1:3] * W) + b  # upper right
Z[1, 0] = np.sum(X[1:3, 0:2] * W) + b  # lower left
Z[1, 1] = np.sum(X[1:3, 1:3] * W) + b  # lower right
A = np.maximum(0, Z)
J = np.mean((A - T) ** 2)

fig, axes = plt.subplots(1, 5, figsize=(11, 2.7), width_ratios=[3, 2, 2, 2, 2])
arrays = (X, W, Z, A, T)
titles = ("image X", "filter W", "Z, with b = -1", "A = ReLU(Z)", "targets T")
for ax, values, title in zip(axes, arrays, titles, strict=True):
    draw_grid(ax, values, title)
present(
    fig,
    "Five grids. X has the rows 3, 0, 1; then 1, 2, 3; then 2, 2, 0. W has the rows 2, -1 and 3, "
    "-2. Z has the rows 4, -2 and 1, 6. A has the rows 4, 0 and 1, 6. T has the rows 0, 2 and 3, "
    "0.",
)

# %% [markdown]
# Check one of them: $Z_{0,0} = 3 \cdot 2 + 0 \cdot (-1) + 1 \cdot 3 + 2 \cdot (-2) - 1 =
# [4]{= f"{Z[0, 0]:g}" }$. One output, $Z_{0,1} = [-2]{= f"{Z[0, 1]:g}" }$, is negative, and the
# ReLU makes it 0. The cost is $(4^2 + (-2)^2 + (-2)^2 + 6^2)/4 = [15]{= f"{J:g}" }$.

# %% [markdown] tags=["row-16"]
# ## Back through the cost and the ReLU
#
# **The cost.** $J$ is a mean of four squares. The derivative of $(A_{h,w} - T_{h,w})^2$ is
# $2 (A_{h,w} - T_{h,w})$, and the mean divides by 4:
#
# $$dA_{h,w} = \frac{2}{4} \, (A_{h,w} - T_{h,w}).$$
#
# **The ReLU.** Where $Z_{h,w}$ is positive, $A_{h,w} = Z_{h,w}$, and the gradient passes unchanged.
# Where it is negative, the output is 0 and a tiny nudge leaves it 0, so nothing passes:
#
# $$dZ_{h,w} = \begin{cases} dA_{h,w} & \text{where } Z_{h,w} > 0 \\
# 0 & \text{elsewhere.} \end{cases}$$
#
# At exactly 0 there is a kink and no derivative; libraries take 0 there, and so does this formula.
#
# **Predict, then run.** Work out the four numbers of $dZ$ first.

# %%
dA = 2 * (A - T) / 4
dZ = np.where(Z > 0, dA, 0)
print("dA =", dA, sep="\n")
print("dZ =", dZ, sep="\n")

# %% [markdown]
# The upper right output wanted to grow: its gradient in $dA$ is [-1]{= f"{dA[0, 1]:g}" }, so a
# larger $A_{0,1}$ would lower the cost. But the ReLU holds it at 0. This window teaches the filter
# nothing for now.

# %% [markdown] tags=["row-16"]
# ## Back to the bias and the weights
#
# Number the pixels of $X$ from $v_1$ to $v_9$, row by row, the weights from $w_1$ to $w_4$ and the
# outputs from $m_1$ to $m_4$ in the same way. Then the four lines of the forward pass are
#
# $$\begin{aligned}
# m_1 &= v_1 w_1 + v_2 w_2 + v_4 w_3 + v_5 w_4 + b\\
# m_2 &= v_2 w_1 + v_3 w_2 + v_5 w_3 + v_6 w_4 + b\\
# m_3 &= v_4 w_1 + v_5 w_2 + v_7 w_3 + v_8 w_4 + b\\
# m_4 &= v_5 w_1 + v_6 w_2 + v_8 w_3 + v_9 w_4 + b
# \end{aligned}$$
#
# and $d_1$ to $d_4$ are the gradients that arrive at them, the entries of $dZ$. Read the lines
# column by column.
#
# **The bias** stands in every line with the factor 1, so its gradient is the sum of what arrives:
#
# $$db = d_1 + d_2 + d_3 + d_4 = 2 + 0 - 1 + 3 = [4]{= f"{dZ.sum():g}" }.$$
#
# **The weight** $w_1$ stands in every line too, each time with another pixel. Its gradient is the
# sum of those four pixels, each times what arrives in its line:
#
# $$\frac{\partial J}{\partial w_1} = v_1 d_1 + v_2 d_2 + v_4 d_3 + v_5 d_4 =
# 3 \cdot 2 + 0 \cdot 0 + 1 \cdot (-1) + 2 \cdot 3 = [11]{= f"{np.sum(X[0:2, 0:2] * dZ):g}" }.$$
#
# The pixels $v_1, v_2, v_4, v_5$ are the upper left corners of the four windows. For $w_2$ it is
# the upper right corners, and so on. All four weights at once: $dW$ is **the sum of the windows,
# each times the gradient of its output**.

# %%
dW = (
    dZ[0, 0] * X[0:2, 0:2]  # the upper left window
    + dZ[0, 1] * X[0:2, 1:3]  # upper right
    + dZ[1, 0] * X[1:3, 0:2]  # lower left
    + dZ[1, 1] * X[1:3, 1:3]  # lower right
)
db = np.sum(dZ)
print("dW =", dW, sep="\n")
print("db =", db)

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 5, figsize=(11, 2.9), layout="constrained")
corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
names = ["upper left", "upper right", "lower left", "lower right"]
for ax, (h, w), name in zip(axes, corners, names, strict=False):
    draw_grid(ax, X[h : h + 2, w : w + 2], f"{dZ[h, w]:g} times\n{name} window")
draw_grid(axes[4], dW, "sum: dW\n", windows=[(0, 0, 2, 2, "tab:orange")])
present(
    fig,
    "Five grids of 2 by 2. The upper left window, 3, 0, 1, 2, is taken 2 times; the upper right "
    "one, 0, 1, 2, 3, 0 times; the lower left one, 1, 2, 2, 2, -1 times; the lower right one, 2, "
    "3, 2, 0, 3 times. Their sum, outlined, is dW, with the rows 11, 7 and 6, 2.",
)

# %% [markdown] tags=["row-16"]
# ## Back to the image
#
# Now read the four lines for a **pixel**. The corner $v_1$ stands in one line only, $v_1 w_1$ in
# $m_1$, so its gradient is $w_1 d_1 = 2 \cdot 2 = 4$. The pixel in the middle, $v_5$, stands in all
# four lines, and meets another weight in each:
#
# $$\frac{\partial J}{\partial v_5} = w_4 d_1 + w_3 d_2 + w_2 d_3 + w_1 d_4 =
# -2 \cdot 2 + 3 \cdot 0 + (-1) \cdot (-1) + 2 \cdot 3 =
# [3]{= f"{np.sum(W[::-1, ::-1] * dZ):g}" }.$$
#
# Looking up the windows of every pixel is tedious. It is easier from the side of the outputs: each
# output lays a copy of **the filter, times its gradient**, onto the window that it was computed
# from. Where copies overlap, they add up. The moving picture shows it in four steps.
#
# **Predict, then run.** What will be in the lower right corner of $dX$, and what to the left of it?

# %% jupyter={"source_hidden": true}
corners = [(0, 0), (0, 1), (1, 0), (1, 1)]


def draw_copies(step):
    """The gradient dZ, the copy that output number `step` lays down, and the sum so far."""
    total = np.zeros((3, 3))
    for number in range(step + 1):
        h, w = corners[number]
        copy = np.full((3, 3), np.nan)
        copy[h : h + 2, w : w + 2] = dZ[h, w] * W
        total += np.nan_to_num(copy)
    fig, axes = plt.subplots(1, 4, figsize=(10.5, 3), width_ratios=[2, 2, 3, 3])
    here = (h, w, 2, 2, "tab:orange")
    draw_grid(axes[0], dZ, f"dZ, output {step + 1} of 4", [(h, w, 1, 1, "tab:orange")])
    draw_grid(axes[1], W, "filter W")
    draw_grid(axes[2], copy, f"{dZ[h, w]:g} times W, on its window", [here])
    draw_grid(axes[3], total, "sum so far: dX", [here])
    fig.subplots_adjust(left=0.03, right=0.98, wspace=0.25)
    return fig


animate(
    draw_copies,
    range(4),
    "A moving picture in four steps. In each step one entry of dZ is outlined, and the filter "
    "times that entry is laid onto its window of the image: 2 times W upper left, 0 times W "
    "upper right, -1 times W lower left, 3 times W lower right. Beside it the sum grows. At the "
    "end dX has the rows 4, -2, 0; then 4, 3, -3; then -3, 11, -6.",
    seconds=2,
)

# %%
dX = np.zeros((3, 3))
dX[0:2, 0:2] += dZ[0, 0] * W
dX[0:2, 1:3] += dZ[0, 1] * W
dX[1:3, 0:2] += dZ[1, 0] * W
dX[1:3, 1:3] += dZ[1, 1] * W
print(dX)

# %% [markdown]
# The lower right corner is in one window, so it gets $3 \cdot (-2) = [-6]{= f"{dX[2, 2]:g}" }$. Its
# left neighbour is in the two lower windows: $-1 \cdot (-2) + 3 \cdot 3 =
# [11]{= f"{dX[2, 1]:g}" }$.
#
# Training changes the weights, never the image. The gradient $dX$ is needed all the same: in a
# deeper network this layer's input is the **output of the layer before**, and its gradient is what
# that layer receives.

# %% [markdown]
# ## Exercise 1: another gradient arrives
#
# The image $X$ and the filter $W$ are as above, but from behind comes
#
# $$dZ = \begin{pmatrix} 4 & 2 \\ 1 & -1 \end{pmatrix}.$$
#
# Work out on paper $dW_{0,1}$, the gradient of the weight in the upper right corner of the filter;
# $dX_{1,2}$, that of the pixel at the right end of the middle row; and $db$.

# %%
answer = None  # three numbers in brackets: (dW[0, 1], dX[1, 2], db)
### BEGIN SOLUTION
weight = 0 * 4 + 1 * 2 + 2 * 1 + 3 * (-1)  # the upper right corner of each window
pixel = -2 * 2 + -1 * (-1)  # in the upper right window under W[1, 1], in the lower under W[0, 1]
answer = (weight, pixel, 4 + 2 + 1 - 1)
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    answer,
    (1, -3, 6),
    "For a weight, list the four pixels it is multiplied by, one for each window. For a pixel, "
    "list the windows that contain it, and the weight it meets in each.",
    [
        (
            (8, -3, 6),
            "Your first number is the gradient of W[1, 0]: row 0, column 1 is upper right.",
        ),
        ((1, 3, 6), "Mind the signs in dX[1, 2]: one product is negative, the other positive."),
        ((1, -5, 6), "Mind the signs in dX[1, 2]: -1 times -1 is positive."),
        ((1, -3, 1.5), "The gradient of the bias is the sum of what arrives, not its mean."),
    ],
)

# %% [markdown] tags=["row-16"]
# ## The three formulas
#
# A real layer has a batch of $m$ examples, several channels in and out, a stride and padding. The
# forward pass is
#
# $$Z_{i,h,w,c} = \sum_{r=0}^{f-1} \sum_{q=0}^{f-1} \sum_{k=0}^{n_{C_{prev}}-1}
# A^{\text{pad}}_{\,i,\ h \cdot \text{stride} + r,\ w \cdot \text{stride} + q,\ k} \;
# W_{r,q,k,c} + b_c .$$
#
# | symbol | meaning |
# |---|---|
# | $A^{\text{pad}}$ | the layer's input `A_prev`, padded with `pad` zeros on each side |
# | $i$ | the example, $0$ to $m-1$ |
# | $h, w$ | row and column of the output, $0$ to $n_H-1$ and $0$ to $n_W-1$ |
# | $c$ | the filter, which is the channel of the output, $0$ to $n_C-1$ |
# | $k$ | the channel of the input, $0$ to $n_{C_{prev}}-1$ |
# | $r, q$ | row and column in the window and in the filter, $0$ to $f-1$ |
# | $u, v$ | row and column of a pixel of the padded input |
# | $f$, $\text{stride}$ | the size of the filter, and the step of the window |
#
# The same two rules as before give the gradients, from $dZ$, an array of the shape of $Z$.
#
# **The weights** are shared by all examples and all positions, so the sum runs over both:
#
# $$dW_{r,q,k,c} = \sum_{i=0}^{m-1} \sum_{h=0}^{n_H-1} \sum_{w=0}^{n_W-1}
# A^{\text{pad}}_{\,i,\ h \cdot \text{stride} + r,\ w \cdot \text{stride} + q,\ k} \;
# dZ_{i,h,w,c} \tag{1}$$
#
# **The biases** likewise, with the factor 1:
#
# $$db_c = \sum_{i=0}^{m-1} \sum_{h=0}^{n_H-1} \sum_{w=0}^{n_W-1} dZ_{i,h,w,c} \tag{2}$$
#
# **The input** has pixels of its own in every example, so there is no sum over $i$. But every
# filter looks at the same pixels, so there is one over the filters $c$:
#
# $$dA^{\text{pad}}_{i,u,v,k} = \sum_{c=0}^{n_C-1} \
# \sum_{\substack{(h,\,w) \text{ whose window} \\ \text{contains } (u,\,v)}}
# W_{\,u - h \cdot \text{stride},\ v - w \cdot \text{stride},\ k,\ c} \; dZ_{i,h,w,c} \tag{3}$$
#
# Where a text writes one of these without the sum over the examples or over the filters, it speaks
# of one example and one filter, and leaves the rest to the loops of its program.
#
# `functional.conv2d_backward`, of the course's library, computes all three. It is given $dZ$ and what
# went into `functional.conv2d`: the input, the weights, the stride and the padding. (In the
# assignment, a tuple called *cache* carries these from the one function to the other.) Here it gets
# the small network; `[None, :, :, None]` adds the axes for one example and one channel.

# %%
A_prev = X[None, :, :, None]  # (1, 3, 3, 1)
filters = W[:, :, None, None]  # (2, 2, 1, 1)
biases = np.array([b])  # the library takes biases as a vector

Z_layer = functional.conv2d(A_prev, filters, biases)
dA_prev, dW_layer, db_layer = functional.conv2d_backward(dZ[None, :, :, None], A_prev, filters)

np.testing.assert_allclose(Z_layer[0, :, :, 0], Z)
np.testing.assert_allclose(dA_prev[0, :, :, 0], dX)
np.testing.assert_allclose(dW_layer[:, :, 0, 0], dW)
np.testing.assert_allclose(db_layer[0], db)
print("conv2d_backward gives the numbers from the pencil.")

# %% [markdown]
# And a layer with all that the formulas allow for.
#
# **Predict, then run.** Which shapes do `dA_prev`, `dW` and `db` have? And how many products does
# formula (1) add up for a single weight?

# %%
rng = np.random.default_rng(0)
A_prev = rng.standard_normal((2, 5, 7, 3))
filters = rng.standard_normal((3, 3, 3, 4))
biases = rng.standard_normal(4)
Z_big = functional.conv2d(A_prev, filters, biases, stride=2, padding=1)
dZ_big = rng.standard_normal(Z_big.shape)

names = ("dA_prev", "dW", "db")
gradients = functional.conv2d_backward(dZ_big, A_prev, filters, stride=2, padding=1)
for name, gradient in zip(names, gradients, strict=True):
    print(name, "has shape", gradient.shape)
print("Z has shape", Z_big.shape)

# %% [markdown]
# A gradient has the shape of what it belongs to. Formula (1) has one product for each example and
# position: $[2]{= Z_big.shape[0] } \cdot [3]{= Z_big.shape[1] } \cdot [4]{= Z_big.shape[2] } =
# [24]{= Z_big[..., 0].size }$ for every weight.

# %% [markdown] tags=["row-16"]
# ## What happens to the padding
#
# The filter moved over the padded image, so formula (3) first gives a gradient for the padded
# image. The zeros of the border are constants. Nothing before them can change them, so their
# gradients are of no use: the border is cut off, and what remains has the shape of `A_prev`.
#
# The next cell shows it with the small image and a padding of 1. Everything that arrives is 1, so
# each number of the result is the sum of the weights that meet that pixel.

# %%
image = X[None, :, :, None]
filters = W[:, :, None, None]
arriving = np.ones(functional.conv2d(image, filters, padding=1).shape)

# Padded by hand, then a layer without padding: the gradient of the padded image.
image_pad = np.pad(image, ((0, 0), (1, 1), (1, 1), (0, 0)))
d_image_pad, _, _ = functional.conv2d_backward(arriving, image_pad, filters)

# A layer that pads: the gradient of the image.
d_image, _, _ = functional.conv2d_backward(arriving, image, filters, padding=1)

border = np.ones((5, 5), dtype=bool)
border[1:4, 1:4] = False
np.testing.assert_array_equal(d_image, d_image_pad[:, 1:4, 1:4])
fig, ax = plt.subplots(figsize=(4.6, 4.2), layout="constrained")
inside = (1, 1, 3, 3, "tab:orange")
draw_grid(ax, d_image_pad[0, :, :, 0], "gradient of the padded image", [inside], border)
present(
    fig,
    "The gradient of the padded image as a grid of 5 by 5, with its border hatched. The border "
    "holds 2, 1, 1, 1, -1 at the top, 5 on the left side, -3 on the right side and 3, 1, 1, 1, "
    "-2 at the bottom. The nine cells inside are outlined; each holds 2. They are the gradient "
    "of the image.",
)

# %% [markdown]
# Every pixel of the image is in four windows here, and meets each weight once: $2 - 1 + 3 - 2 = 2$.
# The pixels of the border are in fewer.

# %% [markdown] tags=["row-16"]
# ## The backward pass is a convolution too
#
# Look at the picture of $dW$ again: windows of the image, times the numbers of $dZ$, summed. That
# is a cross-correlation, with $dZ$ as the filter. And $dX$ is one too: the pixel $v_5$ met the
# weights in the order $w_4, w_3, w_2, w_1$. So $dX$ is a cross-correlation of $dZ$ with the filter
# turned by 180 degrees; $dZ$ is padded by $f - 1$ on each side, so that the corner pixels get their
# one product.
#
# **Predict, then run.** Both hold as they stand for stride 1 without padding. Does the forward
# function, given these arrays, return the gradients from the pencil?

# %%
dZ_filter = dZ[:, :, None, None]  # dZ as a filter
turned = W[::-1, ::-1, None, None]  # the filter, turned by 180 degrees

as_dW = functional.conv2d(image, dZ_filter)
as_dX = functional.conv2d(dZ[None, :, :, None], turned, padding=1)
np.testing.assert_allclose(as_dW[0, :, :, 0], dW)
np.testing.assert_allclose(as_dX[0, :, :, 0], dX)
print("dW and dX, by forward passes.")

# %% [markdown]
# With the filter turned, a cross-correlation is a convolution in the mathematician's sense. This is
# one place where the two words of
# [The mathematics of convolution](02_mathematics_of_convolution.ipynb) meet. At any stride, the step from $dZ$ to $dX$ is called a
# [transposed convolution](15_transposed_convolution.ipynb).

# %% [markdown]
# ## Exercise 2: how many windows?
#
# Formula (3) sums over the windows that contain a pixel. How many are there? Rows and columns are
# independent, so it is enough to count along one axis and to multiply. Write a function that counts
# the windows of size $f$ that contain index $u$ of a (padded) row of $n$ numbers. Window number $h$
# covers the indices from $h \cdot \text{stride}$ to $h \cdot \text{stride} + f - 1$; the number
# of windows is $\lfloor (n - f)/\text{stride} \rfloor + 1$.


# %%
def windows_that_contain(u, n, f, stride):
    result = None
    ### BEGIN SOLUTION
    positions = (n - f) // stride + 1
    result = sum(h * stride <= u < h * stride + f for h in range(positions))
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
def right_count(u, n, f, stride):
    return sum(start <= u <= start + f - 1 for start in range(0, n - f + 1, stride))


def without_stride(u, n, f, stride):
    return right_count(u, n, f, 1)


def beyond_the_end(u, n, f, stride):
    return sum(start <= u <= start + f - 1 for start in range(0, n, stride))


def one_too_wide(u, n, f, stride):
    return sum(start <= u <= start + f for start in range(0, n - f + 1, stride))


public_tests.check_function(
    "Exercise 2",
    windows_that_contain,
    right_count,
    [(0, 5, 2, 1), (2, 5, 3, 1), (2, 7, 3, 2), (3, 7, 3, 2), (6, 7, 2, 2), (2, 7, 2, 3)],
    "Go through the windows h = 0, 1, ... and count those with h * stride <= u < h * stride + f.",
    [
        (
            without_stride,
            "This counts the windows of stride 1: the start of a window is h * stride.",
        ),
        (beyond_the_end, "This counts windows that stick out beyond the end of the row."),
        (one_too_wide, "A window that starts at s ends at s + f - 1, not at s + f."),
    ],
)

# %% [markdown] tags=["row-17"]
# ## Checking a gradient numerically
#
# How can you trust a gradient? By its meaning. Nudge one weight up by a small $\varepsilon$
# (epsilon), run the forward pass and note the cost; nudge it down by $\varepsilon$ and note the
# cost again. The slope between the two must be the gradient:
#
# $$\frac{\partial J}{\partial x} \approx
# \frac{J(x + \varepsilon) - J(x - \varepsilon)}{2 \varepsilon},$$
#
# where $x$ is any single number that the cost depends on, and $J(x)$ is the cost with that number
# in its place. This is called a **central difference**. It knows nothing of backward passes, and
# so it can judge one.
#
# `convnet.gradient_check.numeric_gradient` does it for every entry of an array. Here it judges the
# numbers from the pencil. The cost is written as a function of the filter, and then as one of the
# image.


# %%
def cost_of(X, W):
    Z = functional.conv2d(X[None, :, :, None], W[:, :, None, None], np.array([b]))
    A = np.maximum(0, Z[0, :, :, 0])
    return np.mean((A - T) ** 2)


numeric_dW = numeric_gradient(lambda moved: cost_of(X, moved), W)
numeric_dX = numeric_gradient(lambda moved: cost_of(moved, W), X)
np.testing.assert_allclose(numeric_dW, dW, atol=1e-6)
np.testing.assert_allclose(numeric_dX, dX, atol=1e-6)
print("numeric dW =", numeric_dW.round(6), sep="\n")

# %% [markdown]
# For a layer by itself there is no cost. The usual trick is to choose an array $G$ of random
# numbers in the shape of the output, and to let $J$ be the sum of all $G \cdot Z$, entry by entry.
# Then the gradient of this $J$ with respect to $Z$ is $G$. `check_gradients` does that. It compares
# every entry of every gradient that a backward function returns, and gives the largest difference,
# as a share of the expected number where that is larger than 1.


# %%
def forward(A_prev, W, b):
    return functional.conv2d(A_prev, W, b, stride=2, padding=1)


def backward(dZ, A_prev, W, b):
    return functional.conv2d_backward(dZ, A_prev, W, stride=2, padding=1)


arrays = {
    "A_prev": rng.standard_normal((2, 5, 7, 3)),
    "W": rng.standard_normal((3, 3, 3, 4)),
    "b": rng.standard_normal(4),
}
worst = check_gradients(forward, backward, arrays)
print("largest difference below one millionth:", worst < 1e-6)

# %% [markdown]
# The stride, the padding and all the sums of formulas (1) to (3) enter into these numbers. A slip
# in any of them shows. Here is one that people make: a mean over the examples where formula (1) has
# a sum.
#
# **Predict, then run.** Which gradient will the check name, and by which factor is it wrong?


# %%
def mean_over_examples(dZ, A_prev, W, b):
    dA_prev, dW, db = backward(dZ, A_prev, W, b)
    return dA_prev, dW / len(dZ), db


try:
    check_gradients(forward, mean_over_examples, arrays)
except AssertionError as error:
    print(error)

# %% [markdown]
# It names `dW`, and what came is half of what was expected, since the batch has two examples.
#
# **How small is small?** A large $\varepsilon$ cuts across the curve of the cost: the slope of the
# chord is not that of the curve. A tiny $\varepsilon$ takes the difference of two almost equal
# numbers, of which only about 16 digits are kept in float64 and 7 in float32. The next cell
# measures both effects on a softmax with cross-entropy, whose gradient is known exactly. The
# one-sided difference, $(J(x + \varepsilon) - J(x))/\varepsilon$, is there for comparison.

# %%
scores, label = np.array([[1.0, 2.0, 3.0]]), np.array([0])
exact = functional.cross_entropy_backward(scores, label)[0, 0]
sizes = 10.0 ** np.arange(-12, 0.5, 0.5)


def slopes(eps, dtype):
    """The central and the one-sided difference for the first score, in numbers of a dtype."""
    step = np.array([[eps, 0, 0]])
    up, middle, down = (
        functional.cross_entropy((scores + move).astype(dtype), label)
        for move in (step, 0 * step, -step)
    )
    return (up - down) / (2 * eps), (up - middle) / eps


errors = {
    "central, float64": [abs(slopes(eps, np.float64)[0] - exact) for eps in sizes],
    "one-sided, float64": [abs(slopes(eps, np.float64)[1] - exact) for eps in sizes],
    "central, float32": [abs(slopes(eps, np.float32)[0] - exact) for eps in sizes],
}

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
for (name, values), line in zip(errors.items(), ("-o", "--s", ":^"), strict=True):
    ax.loglog(sizes, np.maximum(values, 1e-13), line, label=name, markersize=5)
ax.set(xlabel="size of the nudge, epsilon", ylabel="error of the slope")
ax.set_title("too large cuts the curve, too small drowns in rounding")
ax.grid(alpha=0.3)
ax.legend()
present(
    fig,
    "Error of the slope against epsilon, both axes logarithmic. Each of three curves falls and "
    "then rises again as epsilon grows. The central difference in float64, a solid line with "
    "dots, is best, below 1e-10, for epsilon near 1e-5. The one-sided one, dashed with squares, "
    "comes down to between 1e-9 and 1e-8, for epsilon near 1e-8 and 1e-7. The central one in "
    "float32, dotted with triangles, reaches about 1e-5 near epsilon 1e-2, and is useless below "
    "1e-6.",
)

# %% [markdown]
# So: central differences, float64, and an $\varepsilon$ of about $10^{-5}$ or $10^{-6}$. Compare
# relative to the size of the gradient, since an error of 0.001 means little beside 1000 and
# everything beside 0.001. And expect a false alarm where the nudge crosses a **kink**: at a ReLU
# whose input is 0 or nearly 0, or in max pooling where two entries tie or nearly tie, of which more
# below.
#
# Why is this not used for training? It takes two forward passes for each weight. For a network of a
# million weights that would be two million passes for one step of learning. One backward pass gives
# all gradients, for about twice the arithmetic of one forward pass.

# %% [markdown]
# ## Exercise 3: a slope of your own
#
# Write the central difference for a function `f` of one number.


# %%
def slope(f, x, eps):
    result = None
    ### BEGIN SOLUTION
    result = (f(x + eps) - f(x - eps)) / (2 * eps)
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_function(
    "Exercise 3",
    slope,
    lambda f, x, eps: (f(x + eps) / 2 - f(x - eps) / 2) / eps,
    [(np.square, 3.0, 0.5), (np.exp, 0.0, 0.1), (np.sin, 1.0, 0.25)],
    "Take the value at x + eps less the value at x - eps, over the distance between the two.",
    [
        (lambda f, x, eps: (f(x + eps) - f(x)) / eps, "This is the one-sided difference."),
        (
            lambda f, x, eps: (f(x + eps) - f(x - eps)) / eps,
            "The two places are 2 * eps apart, not eps.",
        ),
        (
            lambda f, x, eps: f(x + eps) - f(x - eps) / (2 * eps),
            "Division goes before subtraction: put the difference into brackets.",
        ),
    ],
)

# %% [markdown] tags=["row-17"]
# ## The same in TensorFlow and PyTorch
#
# Both frameworks record what is computed and can then run it backwards. To compare with them, here
# is the same kind of network from a published example; its weights were drawn at random by a
# framework. The targets are all 1, and the cost is again the mean of the squared differences. The
# published results were computed in float32, which carries about seven digits, so they are compared
# to two parts in a million.

# %%
image = np.array([[1.0, 1.0, 2.0], [1.0, 2.0, 1.0], [2.0, 1.0, 1.0]])[None, :, :, None]
filters = np.array([[0.6779961, -0.3282364], [0.61954254, -0.02001727]])[:, :, None, None]

Z = functional.conv2d(image, filters)
Y = functional.relu(Z)
J = np.mean((Y - 1) ** 2)

dY = 2 * (Y - 1) / Y.size
dZ = functional.relu_backward(dY, Z)
dX, dW, db = functional.conv2d_backward(dZ, image, filters)

print("Y  =", Y[0, :, :, 0].round(7).tolist())
print("J  =", J.round(7))
print("dW =", dW[:, :, 0, 0].round(7).tolist())
print(f"db = {db.item():.7f}")

# %%
published = {
    "Y": (Y, [[0.9292677, 1.2405912], [1.2405912, 1.6272811]]),
    "J": (J, 0.12856321),
    "dY": (dY, [[-0.03536615, 0.12029558], [0.12029558, 0.31364053]]),
    "dW": (dW, [[0.83250606, 0.75945675], [0.75945675, 0.4834994]]),
    "db": (db, 0.5188656),
    "dX": (
        dX,
        [
            [-0.02397811, 0.09316837, -0.03948538],
            [0.05964908, 0.24839783, -0.10535623],
            [0.07452821, 0.19190567, -0.00627823],
        ],
    ),
}
for name, (ours, theirs) in published.items():
    np.testing.assert_allclose(np.squeeze(ours), theirs, rtol=2e-6, err_msg=name)
print("All six agree with the published figures.")

# %% [markdown]
# With a pencil, one of them: $W_{0,0}$ meets the pixels 1, 1, 1 and 2 in the four windows, and so
#
# $$dW_{0,0} = 1 \cdot ([-0.03537]{= f"{dZ[0, 0, 0, 0]:.5f}" }) +
# 1 \cdot [0.12030]{= f"{dZ[0, 0, 1, 0]:.5f}" } + 1 \cdot [0.12030]{= f"{dZ[0, 1, 0, 0]:.5f}" } +
# 2 \cdot [0.31364]{= f"{dZ[0, 1, 1, 0]:.5f}" } = [0.83251]{= f"{dW[0, 0, 0, 0]:.5f}" }.$$
#
# **TensorFlow** records on a *tape*. What is computed inside the `with` block is recorded, as far
# as it depends on a `tf.Variable`, or on a tensor that `tape.watch` was told of. The gradients are
# asked for afterwards, outside the block, once, unless the tape is made with `persistent=True`. Its
# arrays are channels-last like ours.

# %% needs="tensorflow"
import tensorflow as tf

tf.config.experimental.enable_tensor_float_32_execution(False)  # full float32 on a GPU too
image_tf = tf.Variable(image, dtype=tf.float32)
filters_tf = tf.Variable(filters, dtype=tf.float32)
biases_tf = tf.Variable([0.0])

with tf.GradientTape() as tape:
    Z_tf = tf.nn.conv2d(image_tf, filters_tf, strides=1, padding="VALID") + biases_tf
    Y_tf = tf.nn.relu(Z_tf)
    J_tf = tf.reduce_mean((Y_tf - 1) ** 2)

dY_tf, dW_tf, db_tf, dX_tf = tape.gradient(J_tf, [Y_tf, filters_tf, biases_tf, image_tf])
for ours, theirs in [(J, J_tf), (dY, dY_tf), (dW, dW_tf), (db, db_tf), (dX, dX_tf)]:
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=2e-6)
print("dW =", np.round(dW_tf[:, :, 0, 0].numpy().tolist(), 7).tolist())

# %% [markdown]
# **PyTorch** records whatever is computed from a tensor with `requires_grad=True`; this is called
# *autograd*. `J.backward()` runs everything backwards and leaves each gradient in the `.grad` of
# its tensor. A tensor computed on the way, such as `Y`, keeps its gradient only if `retain_grad()`
# asks for it. PyTorch puts the channels before height and width, so the axes change places; with
# one channel the numbers are the same.

# %% needs="torch"
import torch

image_torch = torch.tensor(image.transpose(0, 3, 1, 2), dtype=torch.float32, requires_grad=True)
filters_torch = torch.tensor(filters.transpose(3, 2, 0, 1), dtype=torch.float32, requires_grad=True)
biases_torch = torch.zeros(1, requires_grad=True)

Y_torch = torch.relu(torch.nn.functional.conv2d(image_torch, filters_torch, biases_torch))
Y_torch.retain_grad()
J_torch = torch.mean((Y_torch - 1) ** 2)
J_torch.backward()

np.testing.assert_allclose(J, J_torch.item(), rtol=2e-6)
np.testing.assert_allclose(dY[0, :, :, 0], Y_torch.grad[0, 0], rtol=2e-6)
np.testing.assert_allclose(dW[:, :, 0, 0], filters_torch.grad[0, 0], rtol=2e-6)
np.testing.assert_allclose(db, biases_torch.grad, rtol=2e-6)
np.testing.assert_allclose(dX[0, :, :, 0], image_torch.grad[0, 0], rtol=2e-6)
print("dW =", np.round(filters_torch.grad[0, 0].tolist(), 7).tolist())

# %% [markdown]
# Three programs, one result. A trap of PyTorch: the next backward pass **adds** to `.grad`, which
# is why every training loop sets the gradients back to zero before each step. [The next
# lesson](11_one_layer_four_libraries.ipynb) compares whole layers and networks in this way, with
# several channels, where the order of the axes matters.

# %% [markdown] tags=["row-16"]
# ## Back through max pooling
#
# A pooling layer has no weights, but the layers before it have, so the gradient must get through.
#
# In max pooling, one entry of each window is the largest, and the output is that entry. Nudge the
# largest, and the output moves with it. Nudge any other one a little, and the output stays. So
# **the whole gradient goes to the place of the maximum**, and nothing to the rest. A *mask* marks
# the place. For the window
#
# $$\begin{pmatrix} 1 & 2 & 3 \\ 2 & 3 & 2 \\ 1 & 5 & 2 \end{pmatrix}$$
#
# it is true in row 2, column 1, where the 5 is, and false elsewhere. In a product, true counts
# as 1 and false as 0; so the mask times the gradient of the output is what goes back.

# %%
window = np.array([[1, 2, 3], [2, 3, 2], [1, 5, 2]])
mask = window == window.max()
print(mask)
print("A gradient of 4 goes back as", (4 * mask).tolist())

# %% [markdown] tags=["row-16"]
# ## Back through average pooling
#
# The average of a window of $f \times f$ entries is their sum, times $1/f^2$. Every entry has the
# same factor, so **every entry receives the same share**, the gradient divided by $f^2$. The shares
# add up to the gradient that arrived.

# %%
shares = np.full((2, 2), 2 / (2 * 2))
print("A gradient of 2 over a 2 by 2 window:", shares.tolist())

# %% [markdown] tags=["row-17"]
# ## Both on one image, three times over
#
# An image of $4 \times 4$ is pooled by windows of $2 \times 2$ at stride 2. The cost is again the
# mean of $(y - 1)^2$ over the four outputs $y$, so $dy = \frac{2}{4}(y - 1)$.
#
# $$x = \begin{pmatrix} 1&5&3&7\\7&3&9&2\\3&5&8&4\\8&7&3&5 \end{pmatrix}$$
#
# With a pencil, for the maximum: the upper left window, 1, 5, 7, 3, has the maximum 7. Its gradient
# is $(7 - 1)/2 = 3$, and it goes to row 1, column 0. For the average: the mean is 4, its gradient
# $(4 - 1)/2 = 1.5$, and each of the four pixels gets $1.5/4 = 0.375$.
#
# **Predict, then run.** Do the other three windows, for the maximum and for the average.

# %%
x = np.array([[1.0, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]])[None, :, :, None]
pooled = {}
for mode, pool, pool_backward in (
    ("max", functional.max_pool2d, functional.max_pool2d_backward),
    ("average", functional.avg_pool2d, functional.avg_pool2d_backward),
):
    y = pool(x, 2)
    J = np.mean((y - 1) ** 2)
    dy = 2 * (y - 1) / y.size
    dx = pool_backward(dy, x, 2)
    pooled[mode] = J, dy, dx
    print(f"{mode}: y = {y[0, :, :, 0].tolist()}, J = {J}, dy = {dy[0, :, :, 0].tolist()}")

# %% jupyter={"source_hidden": true}
colours = ("tab:blue", "tab:orange", "tab:green")
corners = [(0, 0), (0, 2), (2, 0), (2, 2)]
outlines = [(h, w, 2, 2, colours[k % 3]) for k, (h, w) in enumerate(corners)]
at_maximum = pooled["max"][2][0, :, :, 0] != 0
fig, axes = plt.subplots(1, 3, figsize=(11, 4), layout="constrained")
draw_grid(axes[0], x[0, :, :, 0], "x, its maxima hatched", outlines, at_maximum)
draw_grid(axes[1], pooled["max"][2][0, :, :, 0], "dx of max pooling", outlines, at_maximum)
draw_grid(axes[2], pooled["average"][2][0, :, :, 0], "dx of average pooling", outlines)
present(
    fig,
    "Three 4 by 4 grids, each with its four 2 by 2 windows outlined. In the image x the maxima "
    "7, 9, 8 and 8 are hatched. The gradient of max pooling is 3, 4, 3.5 and 3.5 at these "
    "places, also hatched, and 0 elsewhere. The gradient of average pooling is equal within each "
    "window: 0.375, 0.5312, 0.5938 and 0.5, rounded to four digits.",
)

# %% [markdown]
# The costs are [49.5]{= pooled["max"][0] } and [16.40625]{= pooled["average"][0] }. The two maps of
# gradients have the same sums as $dy$: [14.0]{= pooled["max"][2].sum() } and
# [8.0]{= pooled["average"][2].sum() }. Pooling moves gradients about; it neither makes nor loses
# any, as long as no window has two maxima.
#
# The same by the frameworks:

# %% needs="tensorflow"
for mode, pool in (("max", tf.nn.max_pool2d), ("average", tf.nn.avg_pool2d)):
    x_tf = tf.Variable(x, dtype=tf.float32)
    with tf.GradientTape() as tape:
        y_tf = pool(x_tf, ksize=2, strides=2, padding="VALID")
        J_tf = tf.reduce_mean((y_tf - 1) ** 2)
    dy_tf, dx_tf = tape.gradient(J_tf, [y_tf, x_tf])
    for ours, theirs in zip(pooled[mode], (J_tf, dy_tf, dx_tf), strict=True):
        np.testing.assert_array_equal(ours, theirs.numpy())
    print(mode, "dx =", dx_tf[0, :, :, 0].numpy().tolist())

# %% needs="torch"
functions = torch.nn.functional
for mode, pool in (("max", functions.max_pool2d), ("average", functions.avg_pool2d)):
    x_torch = torch.tensor(x.transpose(0, 3, 1, 2), dtype=torch.float32, requires_grad=True)
    y_torch = pool(x_torch, kernel_size=2, stride=2)
    y_torch.retain_grad()
    J_torch = torch.mean((y_torch - 1) ** 2)
    J_torch.backward()
    J, dy, dx = pooled[mode]
    assert J_torch.item() == J
    np.testing.assert_array_equal(dy[0, :, :, 0], y_torch.grad[0, 0])
    np.testing.assert_array_equal(dx[0, :, :, 0], x_torch.grad[0, 0])
    print(mode, "dx =", x_torch.grad[0, 0].tolist())

# %% [markdown]
# All these numbers are exact in float32 as well as in float64, so here the results agree to the
# last bit.

# %% [markdown]
# ## Exercise 4: windows that overlap
#
# At stride 1 the windows of $2 \times 2$ overlap, and a pixel can receive from several of them. As
# always, contributions add up. Take
#
# $$x = \begin{pmatrix} 1&2&0\\3&7&4\\5&6&8 \end{pmatrix} \qquad
# dy = \begin{pmatrix} 1&2\\3&4 \end{pmatrix}.$$
#
# What does the pixel in the middle, the 7, receive in max pooling, and what in average pooling?

# %%
answer = None  # two numbers in brackets: (max pooling, average pooling)
### BEGIN SOLUTION
# The 7 is the largest of three windows; in the lower right one the 8 is larger. In average pooling
# it is in all four windows, and gets a quarter of each gradient.
answer = (1 + 2 + 3, (1 + 2 + 3 + 4) / 4)
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 4",
    answer,
    (6, 2.5),
    "List the four windows. In which of them is 7 the largest? And what share does it get of each?",
    [
        ((10, 2.5), "In one of the four windows another pixel is larger than 7."),
        ((3, 1), "Add the contributions of all windows; the last one does not replace the others."),
        ((6, 10), "In average pooling a pixel gets its share of each gradient, not the whole."),
    ],
)

# %% [markdown] tags=["row-18"]
# ## Ties
#
# What if two entries of a window are both the largest? Take the window with 4 and 1 in its upper
# row, 4 and 2 in its lower row. Nudge the upper 4 up, and the maximum rises with it. Nudge it down,
# and the maximum stays, since the other 4 is still there. The slope is 1 on one side and 0 on the
# other: there is no derivative, and a program must choose something.
#
# **Predict, then run.** A gradient of 1 arrives. What does the course's `max_pool2d_backward` send
# back, and what does the central difference say?

# %%
tied = np.array([[4.0, 1.0], [4.0, 2.0]])[None, :, :, None]
sent_back = functional.max_pool2d_backward(np.ones((1, 1, 1, 1)), tied, 2)
numeric = numeric_gradient(lambda moved: functional.max_pool2d(moved, 2).sum(), tied)

print("max_pool2d_backward:", sent_back[0, :, :, 0].tolist())
print("central difference: ", numeric[0, :, :, 0].round(6).tolist())

# %% [markdown]
# The mask marks every entry that equals the maximum, so both, and each gets the whole gradient:
# more goes back than came in. The central difference takes the mean of the two slopes, one half.
# And the frameworks, on the CPU?

# %% needs="tensorflow"
for name, maximum in {
    "tf.nn.max_pool2d": lambda t: tf.nn.max_pool2d(t, 2, 2, "VALID"),
    "tf.reduce_max": tf.reduce_max,
}.items():
    variable = tf.Variable(tied)
    with tf.device("CPU"), tf.GradientTape() as tape:
        largest = maximum(variable)
    print(f"{name:<18}", tape.gradient(largest, variable)[0, :, :, 0].numpy().tolist())

# %% needs="torch"
for name, maximum in {
    "max_pool2d": lambda t: torch.nn.functional.max_pool2d(t, 2),
    "torch.amax": torch.amax,
    "torch.max": torch.max,
}.items():
    tensor = torch.tensor(tied.transpose(0, 3, 1, 2), requires_grad=True)
    maximum(tensor).sum().backward()
    print(f"{name:<18}", tensor.grad[0, 0].tolist())

# %% [markdown]
# | what | sends back | in all |
# |---|---|---|
# | a mask of all entries that equal the maximum, as in this course | 1 to each | 2 |
# | the max pooling of TensorFlow and of PyTorch | 1 to the first, 0 to the second | 1 |
# | `tf.reduce_max`, `torch.amax`, `torch.max` | 0.5 to each | 1 |
#
# Does it matter? Three cases:
#
# - **Rarely, with real numbers.** Two outputs of a convolution are hardly ever exactly equal,
#   unless they see the same pixels.
# - **Not, where zeros tie behind a ReLU.** There a window often holds nothing but zeros. But the
#   ReLU multiplies what comes back by 0 wherever its input was not positive.
# - **Yes, where tied numbers move together.** On a flat background, all windows of a convolution
#   see the same, and its outputs there are equal *because* they share the same bias. The next cell
#   takes it to the extreme: a black image, a bias of 0.5, and $J$ the sum of what max pooling
#   gives.
#
# **Predict, then run.** The image has $4 \times 4$ pixels, the filter is $1 \times 1$, the pooling
# window $2 \times 2$. When the bias grows by 1, by how much does $J$ grow?

# %%
black, one_weight = np.zeros((1, 4, 4, 1)), np.ones((1, 1, 1, 1))
half = np.array([0.5])


def sum_of_maxima(bias):
    return functional.max_pool2d(functional.conv2d(black, one_weight, bias), 2).sum()


Z_black = functional.conv2d(black, one_weight, half)
maxima = functional.max_pool2d(Z_black, 2)
dZ_black = functional.max_pool2d_backward(np.ones(maxima.shape), Z_black, 2)
_, _, db_black = functional.conv2d_backward(dZ_black, black, one_weight)
print(f"by the central difference: {numeric_gradient(sum_of_maxima, half).item():.4f}")
print(f"with every tie in full:    {db_black.item():.4f}")

# %% [markdown]
# Four windows, so $J$ grows by 4. Sending the gradient to all four tied entries makes it
# [16]{= f"{db_black.item():g}" }. With the rule of the frameworks, the first one only, or with
# equal shares, it is 4. A ReLU between the two would change nothing, since all outputs are
# positive. So where flat areas give equal positive outputs, those two rules are the better choice.
# The mask of all maxima is what the assignment teaches: it takes one short line, and it is
# right wherever the maximum is unique. The graded cases have no ties.

# %% [markdown] tags=["row-17"]
# ## A whole network
#
# A network's backward pass is nothing more than its layers' backward passes in reverse order, each
# given what the one behind it sent back. `convnet.network` strings them together. The check by
# nudging works for the whole of it, too: here for each of its parameters, with random images, so
# that no number lies on a kink.

# %%
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network

stack = [Conv2D(4, 3, padding=1), ReLU(), MaxPooling2D(2), Flatten(), Dense(3)]
network = Network(stack, (6, 8, 1), dtype=np.float64)
images, labels = rng.standard_normal((5, 6, 8, 1)), np.array([0, 1, 2, 0, 1])


def loss_at(parameters):
    network.parameters[...] = parameters
    return functional.cross_entropy(network.forward(images), labels)


start = network.parameters.copy()
numeric = numeric_gradient(loss_at, start)
network.parameters[...] = start
network.backward(functional.cross_entropy_backward(network.forward(images), labels))
np.testing.assert_allclose(network.gradients, numeric, atol=1e-8)
print(network.summary())

# %% [markdown]
# All [187]{= network.parameters.size } numbers agree. And this is what they are for. A small step
# **against** the gradient lowers the cost:

# %%
for step in range(6):
    scores = network.forward(images)
    network.backward(functional.cross_entropy_backward(scores, labels))
    print(f"step {step}: loss {functional.cross_entropy(scores, labels):.4f}")
    network.parameters -= 0.3 * network.gradients

# %% [markdown]
# That is *gradient descent*; the factor 0.3 is its *learning rate*. The network learns five random
# images by heart, which is of no use by itself, but shows that the gradients do their work.

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. work out the gradients of a convolution layer: $dW$ is the sum of the windows, each times the
#    gradient of its output, over all positions and examples; $db$ is the sum of $dZ$ over the same;
#    $dA$ is what the copies of the filters, each times the gradient of its output, leave where they
#    lie, over all filters, with the border of the padding cut off;
# 2. send a gradient back through pooling: in full to the place of the maximum, or in shares of
#    $1/f^2$ to the whole window; and say what happens at a tie: the mask of all maxima gives each
#    of them the whole gradient, the pooling of TensorFlow and PyTorch gives it to the first;
# 3. check a gradient by $(J(x + \varepsilon) - J(x - \varepsilon)) / (2 \varepsilon)$ with
#    `check_gradients`, by `tape.gradient` in TensorFlow and by `backward()` in PyTorch.
#
# ## What to read next
#
# - Write it yourself: the assignment [Backpropagation](../release/backprop/backprop.ipynb), with
#   `conv_backward` and `pool_backward`.
# - [One layer, four libraries](11_one_layer_four_libraries.ipynb) takes one set of weights through
#   NumPy, Keras, TensorFlow and PyTorch.
# - D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning representations by back-propagating
#   errors", *Nature* 323, 1986: four pages that made the method known.
# - V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning",
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285), for the backward pass as a transposed
#   convolution.
# - The notes of Stanford's course CS231n on
#   [backpropagation](https://cs231n.github.io/optimization-2/) and on
#   [gradient checks](https://cs231n.github.io/neural-networks-3/).
