# %% [markdown]
# # Backpropagation
#
# Irwin Sobel and Gary Feldman chose the nine weights of their kernel by hand. Suppose that the kernel
# is lost. All that is left is a photograph and the image that the kernel made of it. Can a program
# find the nine weights again? Run the next two code cells to see both.

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from convnet import functional
from convnet.data import load_sample_image
from convnet.gradient_check import check_gradients, numeric_gradient
from convnet.plots import draw_grid, draw_image
from lesson_tools.figures import animate
from lesson_tools.questions.backpropagation import predict

photo = load_sample_image("china.jpg").mean(axis=2)[40:140, 130:270]
photo = (photo - photo.mean()) / photo.std()
sobel_x = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
X_photo = photo[None, :, :, None]  # one example, one channel
T_photo = functional.conv2d(X_photo, sobel_x[:, :, None, None])


def draw_learning(step):
    """Draw the last animation of the lesson: one step of learning the kernel."""
    fig, axes = plt.subplots(1, 3, figsize=(11, 3.4), width_ratios=[1.1, 1.6, 1.4])
    draw_grid(axes[0], kernels[step].round(2), f"kernel at step {step}", scale=(-2.5, 2.5))
    Z_step = functional.conv2d(X_photo, kernels[step][:, :, None, None])
    draw_image(axes[1], Z_step[0, :, :, 0], "its output", (-8, 8), scale=False)
    axes[2].semilogy(costs)
    axes[2].semilogy(step, costs[step], "o", color="tab:orange", markersize=9)
    axes[2].set(xlabel="step", title=f"cost J = {costs[step]:.2g}")
    axes[2].grid(alpha=0.3)
    fig.subplots_adjust(left=0.03, right=0.98, bottom=0.17, wspace=0.2)
    return fig


fig, axes = plt.subplots(1, 3, figsize=(10.5, 3), width_ratios=[3, 1.4, 3], layout="constrained")
draw_image(axes[0], photo, "a photograph", (photo.min(), photo.max()), scale=False)
axes[0].images[0].set_cmap("gray")
draw_grid(axes[1], np.full((3, 3), np.nan), "the kernel", scale=(0, 1))
for r, q in np.ndindex(3, 3):
    axes[1].text(q, r, "?", ha="center", va="center", fontsize=15)
draw_image(axes[2], T_photo[0, :, :, 0], "its Sobel image", (-8, 8), scale=False)
present(
    fig,
    "On the left a grayscale photograph of the roofs of a tower. In the middle a grid of 3 by 3 "
    "question marks, the kernel. On the right the Sobel image of the photograph: white where the "
    "brightness is constant, purple where it grows from left to right, orange where it falls.",
)

# %% [markdown]
# You could try kernels one after the other, but with only five possible values for each weight there
# are already $5^9 =$ [1,953,125]{= f'{5**9:,}' } of them, and real networks have millions of
# weights. [**Backpropagation**](glossary.md#backpropagation) is a better way. A
# single pass from the output of a network back to its input computes, for every parameter at once,
# whether it should grow or shrink, and how much it matters. **At the end of this lesson, nine random
# weights turn into Sobel's kernel.**
#
# **By the end of this lesson you will be able to**
#
# 1. draw a computational graph and carry gradients backward through it with the chain rule;
# 2. compute the gradients of a convolution layer and of a pooling layer by hand;
# 3. check any gradient numerically, and learn a kernel from an image.
#
# **Time:** about 45 minutes. **You need:** [The convolution layer](06_convolution_layer.ipynb),
# [Pooling](10_pooling.ipynb), the ReLU from [Activations](11_activations.ipynb), and the derivative
# of $x^2$.

# %% [markdown] tags=["row-16"]
# ## The chain rule on a computational graph
#
# A network that is being trained ends in one number, the [**cost**](glossary.md#cost) $J$: the smaller,
# the better. The [**gradient**](glossary.md#gradient) of the cost with respect to an array $W$ is an
# array of the same shape. It holds the partial derivatives
#
# $$dW_{r,q} = \frac{\partial J}{\partial W_{r,q}}.$$
#
# If $dW_{0,1} = 7$ and $W_{0,1}$ alone grows by 0.001, then $J$ grows by about 0.007. Likewise,
# $dz = \partial J / \partial z$.
#
# We start with single numbers, $J = (wa + b)^2$ with $w = 2$, $a = 3$ and $b = -1$. A
# [**computational graph**](glossary.md#computational-graph) shows each operation as a node and each
# value as an edge:

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(11, 4.4), layout="constrained")
nodes = {"×": (3.4, 2.2), "+": (6.6, 1.2), "square": (9.4, 1.2)}
edges = [
    ((0.2, 3.5), nodes["×"], "w = 2", "dw = 3 · 10 = 30"),
    ((0.2, 0.9), nodes["×"], "a = 3", "da = ?"),
    (nodes["×"], nodes["+"], "u = 6", "du = 1 · 10 = 10"),
    ((3.4, -0.2), nodes["+"], "b = -1", "db = ?"),
    (nodes["+"], nodes["square"], "z = 5", "dz = 10 · 1 = 10"),
    (nodes["square"], (12.1, 1.2), "J = 25", "dJ = 1"),
]
arrow = {"arrowstyle": "-|>", "mutation_scale": 16, "lw": 1.8, "shrinkA": 16, "shrinkB": 16}
for begin, end, value, gradient in edges:
    begin, end = np.array(begin), np.array(end)
    across = np.array([begin[1] - end[1], end[0] - begin[0]]) / np.hypot(*(end - begin))
    angle = np.degrees(np.arctan2(*(end - begin)[::-1]))
    for sign, color, text in ((1, "tab:blue", value), (-1, "tab:orange", gradient)):
        ends = (begin + sign * 0.07 * across, end + sign * 0.07 * across)
        line = arrow | {"color": color, "ls": "-" if sign > 0 else "--"}
        ax.annotate("", *(ends[::-1] if sign > 0 else ends), arrowprops=line)
        style = {"rotation": angle, "rotation_mode": "anchor", "transform_rotates_text": True}
        middle = (begin + end) / 2 + sign * 0.27 * across
        ax.text(*middle, text, ha="center", va="center", fontsize=12, **style)
for name, (x, y) in nodes.items():
    circle = {"boxstyle": "round,pad=0.5", "fc": "white", "ec": "black"}
    ax.text(x, y, name, ha="center", va="center", fontsize=13, bbox=circle)
ax.text(6.6, 3.4, "forward: the value", color="tab:blue", fontsize=11)
ax.text(6.6, 3.05, "backward: local gradient · upstream gradient", color="tab:orange", fontsize=11)
ax.set(xlim=(0, 12.3), ylim=(-0.5, 3.7))
ax.axis("off")
present(
    fig,
    "A graph from left to right. The edges w = 2 and a = 3 lead to the node times, whose output is "
    "u = 6. The edges u and b = -1 lead to the node plus, whose output is z = 5. It leads to the "
    "node square, whose output is J = 25. Dashed arrows lead back, each with the product of local "
    "and upstream gradient: dJ = 1, dz = 10 times 1 = 10, du = 1 times 10 = 10, dw = 3 times 10 = "
    "30; da and db have question marks.",
)

# %% [markdown]
# The [**forward pass**](glossary.md#forward-pass) computes the values from left to right. The
# [**backward pass**](glossary.md#backpropagation) starts with $dJ = 1$ and goes from right to left. Each
# operation receives its [**upstream gradient**](glossary.md#upstream-gradient), the gradient with
# respect to its output, and multiplies it by its [**local gradient**](glossary.md#local-gradient), the
# derivative of its output with respect to its input:
#
# - The square $J = z^2$ has the local gradient $2z = 10$, so $dz = 10 \cdot dJ = 10$.
# - The sum $z = u + b$ has the local gradient 1, so $du = 1 \cdot dz = 10$.
# - The product $u = wa$ has the local gradient $a = 3$ with respect to $w$, so
#   $dw = 3 \cdot du = 30$.
#
# This is the [**chain rule**](glossary.md#chain-rule), one edge at a time:
#
# $$\frac{\partial J}{\partial w} = \frac{\partial J}{\partial z} \cdot
# \frac{\partial z}{\partial u} \cdot \frac{\partial u}{\partial w} = 10 \cdot 1 \cdot 3 =
# [30]{= f'{numeric_gradient(lambda w: (3 * w - 1) ** 2, np.array(2.0)):.0f}' }$$
#
# No operation needs to know the rest of the network.
#
# **Predict.** What are the two gradients missing in the graph? Answer with a tuple, `(da, db)`.

# %%
predict("graph", None)

# %% [markdown] tags=["row-16"]
# <details>
# <summary>Answer</summary>
#
# The local gradient of the product with respect to $a$ is $w = 2$, so $da = 2 \cdot 10 =$
# [20]{= numeric_gradient(lambda a: (2 * a - 1) ** 2, np.array(3.0)).round(3).astype(int) }. The sum
# passes its upstream gradient on, so $db =$
# [10]{= numeric_gradient(lambda b: (6 + b) ** 2, np.array(-1.0)).round(3).astype(int) }. You can test
# $dw = 30$: with $w = 2.001$, the cost is [25.030009]{= f'{(2.001 * 3 - 1) ** 2:.6f}' }.
#
# </details>
#
# We need one more rule: **contributions add up.** If $w$ is used twice, in $z_1 = w a_1$ and in
# $z_2 = w a_2$, a change of $w$ reaches the cost along two paths, and $dw = a_1 \, dz_1 + a_2 \, dz_2$.
# A convolution uses each weight at every position, so all of its gradients are sums.
#
# ## A network for pencil and paper
#
# The same graph with arrays on its edges is a small convolutional network: an image $X$ of 3 x 3
# pixels, one 2 x 2 kernel $W$ with the bias $b = -1$, a ReLU, and a target $T$ that the output should
# reach. The cost is the mean squared difference,
#
# $$Z = X \star W + b, \qquad A = \max(Z, 0), \qquad
# J = \frac{1}{4} \sum_{h=0}^{1} \sum_{w=0}^{1} (A_{h,w} - T_{h,w})^2.$$

# %% jupyter={"source_hidden": true} cellView="form"
X = np.array([[3.0, 0.0, 1.0], [1.0, 2.0, 3.0], [2.0, 2.0, 0.0]])
W = np.array([[2.0, -1.0], [3.0, -2.0]])
b = -1.0
T = np.array([[0.0, 2.0], [3.0, 0.0]])

Z = np.array([[np.sum(X[h : h + 2, w : w + 2] * W) + b for w in range(2)] for h in range(2)])
A = np.maximum(Z, 0)
J = np.mean((A - T) ** 2)

fig = plt.figure(figsize=(11, 4.3))
grids = {
    "image X": (X, 0.02, 0.5, 3),
    "kernel W, and b = -1": (W, 0.045, 0.04, 2),
    "Z": (Z, 0.34, 0.33, 2),
    "A": (A, 0.6, 0.33, 2),
    "target T": (T, 0.85, 0.04, 2),
}
for title, (values, left, bottom, size) in grids.items():
    ax = fig.add_axes([left, bottom, 0.05 * size, 0.128 * size])
    draw_grid(ax, values, title, scale=(-6, 6))
    ax.set(xticks=[], yticks=[])
whole = fig.add_axes([0, 0, 1, 1])
whole.set(xlim=(0, 1), ylim=(0, 1))
whole.axis("off")
whole.text(
    0.9, 0.48, f"J = {J:g}", ha="center", va="center", fontsize=14, bbox={"fc": "w", "pad": 9}
)
bracket = [0.177, 0.185, 0.185, 0.177], [0.9, 0.9, 0.04, 0.04]
whole.plot(*bracket, color="0.5", lw=1.5)  # around what the convolution takes
steps = [
    (0.19, 0.33, "convolution", "dX, dW, db"),
    (0.455, 0.59, "ReLU", "dZ"),
    (0.715, 0.855, "mean of (A - T)²", "dA"),
]
line = {"arrowstyle": "-|>", "mutation_scale": 18, "lw": 2}
for left, right, forward, backward in steps:
    middle = (left + right) / 2
    solid, dashed = line | {"color": "tab:blue"}, line | {"color": "tab:orange", "ls": "--"}
    whole.annotate("", (right, 0.52), (left, 0.52), arrowprops=solid)
    whole.annotate("", (left, 0.42), (right, 0.42), arrowprops=dashed)
    whole.text(middle, 0.56, forward, ha="center", va="bottom", fontsize=11)
    whole.text(middle, 0.38, backward, ha="center", va="top", fontsize=11)
whole.annotate("", (0.9, 0.42), (0.9, 0.35), arrowprops=solid)
present(
    fig,
    "The network as a graph of arrays. X, with the rows 3, 0, 1; 1, 2, 3; 2, 2, 0, and W, with the "
    "rows 2, -1; 3, -2, lead through the convolution to Z, with the rows 4, -2; 1, 6. The ReLU "
    "makes it A, with the rows 4, 0; 1, 6. A and the target T, with the rows 0, 2; 3, 0, give the "
    "cost J = 15. Dashed arrows lead back: from J to dA, to dZ, and to dX, dW and db.",
)

# %% [markdown] tags=["row-16"]
# The cost is $(4^2 + (-2)^2 + (-2)^2 + 6^2)/4 =$ [15]{= f'{J:g}' }. Now we go back along
# the dashed arrows.
#
# ## Back through the cost and the ReLU
#
# The cost is a mean of four squares, and the local gradient of $(A_{h,w} - T_{h,w})^2$ is
# $2 (A_{h,w} - T_{h,w})$. So
#
# $$dA_{h,w} = \tfrac{2}{4} (A_{h,w} - T_{h,w}), \qquad
# dA = \begin{pmatrix} 2 & -1 \\ -1 & 3 \end{pmatrix}.$$
#
# Where $Z$ is positive, the ReLU passes its input on, and its local gradient is 1. Where $Z$ is
# negative, the output stays 0, and the local gradient is 0.
#
# $$dZ = dA \cdot [Z > 0] = \begin{pmatrix} 2 & 0 \\ -1 & 3 \end{pmatrix}$$
#
# The output $A_{0,1} = 0$ should be 2, but a small change of $Z_{0,1} = -2$ does not move it, so this
# position contributes nothing to the gradients of the weights. (In a classifier, softmax
# and cross-entropy give $\frac{1}{m} (\hat Y - Y)$ in place of this $dA$, as in
# [lesson 12](12_losses.ipynb).)
#
# **Predict.** With the bias $b = -3$, all entries of $Z$ would be smaller by 2. What would $dZ$ be?
# Answer with a list of two rows, such as `[[1, 2], [3, 4]]`.

# %%
dA = 2 * (A - T) / A.size
dZ = dA * (Z > 0)
predict("relu", None)

# %% [markdown] tags=["row-16"]
# <details>
# <summary>Answer</summary>
#
# `[[[1.0, 0.0], [0.0, 2.0]]]{= (2 * (np.maximum(Z - 2, 0) - T) / 4 * (Z > 2) + 0).tolist() }`. Now
# $Z$ has the rows 2, -4 and -1, 4, so $dA$ has the rows 1, -1 and -1.5, 2, and the ReLU blocks two of
# the four. What counts is the sign of $Z$, not of $dA$.
#
# </details>
#
# ## The gradients of the bias and the weights
#
# Write out the four output values of the convolution:
#
# $$\begin{aligned}
# Z_{0,0} &= X_{0,0} W_{0,0} + X_{0,1} W_{0,1} + X_{1,0} W_{1,0} + X_{1,1} W_{1,1} + b\\
# Z_{0,1} &= X_{0,1} W_{0,0} + X_{0,2} W_{0,1} + X_{1,1} W_{1,0} + X_{1,2} W_{1,1} + b\\
# Z_{1,0} &= X_{1,0} W_{0,0} + X_{1,1} W_{0,1} + X_{2,0} W_{1,0} + X_{2,1} W_{1,1} + b\\
# Z_{1,1} &= X_{1,1} W_{0,0} + X_{1,2} W_{0,1} + X_{2,1} W_{1,0} + X_{2,2} W_{1,1} + b
# \end{aligned}$$
#
# Read them column by column. The **bias** appears in every equation with the local gradient 1, so its
# gradient is the sum of all upstream gradients: $db = 2 + 0 - 1 + 3 =$ [4]{= f'{dZ.sum():g}' }. The
# **weight** $W_{0,0}$ appears in every equation too, each time with another pixel as its local
# gradient:
#
# $$dW_{0,0} = X_{0,0}\, dZ_{0,0} + X_{0,1}\, dZ_{0,1} + X_{1,0}\, dZ_{1,0} + X_{1,1}\, dZ_{1,1}
# = 3 \cdot 2 + 0 \cdot 0 + 1 \cdot (-1) + 2 \cdot 3 = [11]{= f'{np.sum(X[:2, :2] * dZ):g}' }$$
#
# The pixels are the upper left corners of the four patches. All four weights together: $dW$ is the
# **sum of the patches, each times the upstream gradient of its output**.
#
# **Predict.** What is $dW_{1,1}$, the gradient of the lower right weight?

# %%
predict("weight", None)

# %% jupyter={"source_hidden": true} cellView="form"
corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
dW = sum(dZ[h, w] * X[h : h + 2, w : w + 2] for h, w in corners)
fig, axes = plt.subplots(2, 5, figsize=(11, 4.3), layout="constrained")
names = ["upper left", "upper right", "lower left", "lower right"]
for number, ((h, w), name) in enumerate(zip(corners, names, strict=True)):
    patch = X[h : h + 2, w : w + 2]
    draw_grid(axes[0, number], patch, f"{name} patch", scale=(-11, 11))
    title = f"times dZ[{h}, {w}] = {dZ[h, w] + 0:g}"
    draw_grid(axes[1, number], dZ[h, w] * patch + 0, title, scale=(-11, 11))
    sign = "+" if number < 3 else "="
    axes[1, number].text(
        1.15, 0.5, sign, transform=axes[1, number].transAxes, ha="center", va="center", fontsize=16
    ).set_in_layout(False)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
axes[0, 4].axis("off")
draw_grid(axes[1, 4], dW, "dW", windows=[(0, 0, 2, 2, "tab:orange")], scale=(-11, 11))
axes[1, 4].set(xticks=[], yticks=[])
present(
    fig,
    "Above, the four 2 by 2 patches of X. Below each, the patch times the upstream gradient of its "
    "output, which is 2, 0, -1 and 3. A plus sign stands between these products, and at the end an "
    f"equals sign and dW, with the rows {dW[0].tolist()} and {dW[1].tolist()}.",
)

# %% [markdown] tags=["row-16"]
# <details>
# <summary>Answer</summary>
#
# The lower right pixels of the four patches are 2, 3, 2 and 0, so
# $dW_{1,1} = 2 \cdot 2 + 3 \cdot 0 + 2 \cdot (-1) + 0 \cdot 3 =$ [2]{= f'{dW[1, 1]:g}' }.
#
# </details>
#
# ## The gradient of the input
#
# Now read the same equations for a **pixel**. The corner $X_{0,0}$ appears only in the first one, so
# $dX_{0,0} = W_{0,0}\, dZ_{0,0} = 2 \cdot 2 = 4$. The pixel in the middle appears in all four, with
# another weight in each:
#
# $$dX_{1,1} = W_{1,1}\, dZ_{0,0} + W_{1,0}\, dZ_{0,1} + W_{0,1}\, dZ_{1,0} + W_{0,0}\, dZ_{1,1}
# = -4 + 0 + 1 + 6 = [3]{= f'{np.sum(W[::-1, ::-1] * dZ):g}' }$$
#
# You can also go through the outputs. Each output adds **a copy of the kernel, scaled by its upstream
# gradient**, to the patch that it was computed from. Where patches overlap, the copies add up.
#
# **Predict.** What are $dX_{2,1}$ and $dX_{2,2}$, the last two values of the bottom row? Answer with a
# tuple.

# %%
predict("pixels", None)


# %% jupyter={"source_hidden": true} cellView="form"
def kernel_copies(step):
    """Return the scaled copy of the kernel that output number `step` adds, in the shape of X."""
    h, w = corners[step]
    copy = np.zeros((3, 3))
    copy[h : h + 2, w : w + 2] = dZ[h, w] * W
    return copy + 0


dX = sum(kernel_copies(step) for step in range(4))


def draw_copies(step):
    h, w = corners[step]
    copy = np.full((3, 3), np.nan)
    copy[h : h + 2, w : w + 2] = kernel_copies(step)[h : h + 2, w : w + 2]
    fig, axes = plt.subplots(1, 4, figsize=(10.5, 3), width_ratios=[2, 2, 3, 3])
    here, scale = (h, w, 2, 2, "tab:orange"), (-11, 11)
    draw_grid(
        axes[0], dZ + 0, f"dZ, output {step + 1} of 4", [(h, w, 1, 1, "tab:orange")], scale=scale
    )
    draw_grid(axes[1], W, "kernel W", scale=scale)
    draw_grid(axes[2], copy, f"{dZ[h, w] + 0:g} times W, on its patch", [here], scale=scale)
    total = sum(kernel_copies(number) for number in range(step + 1))
    draw_grid(axes[3], total, "sum so far: dX", [here], scale=scale)
    fig.subplots_adjust(left=0.03, right=0.98, wspace=0.25)
    return fig


animate(
    draw_copies,
    range(4),
    "An animation in four steps. In each step one entry of dZ is outlined, and the kernel times "
    "that entry is added to its patch. Beside it the sum grows; at the end it is dX, with the rows "
    + "; ".join(str(row.tolist()) for row in dX),
    seconds=2,
)

# %% [markdown] tags=["row-16"]
# <details>
# <summary>Answer</summary>
#
# The corner lies in the last patch only: $3 \cdot (-2) =$ [-6]{= f'{dX[2, 2]:g}' }. Its left neighbor
# lies in the two lower patches: $-1 \cdot (-2) + 3 \cdot 3 =$ [11]{= f'{dX[2, 1]:g}' }.
#
# </details>
#
# Training does not change the image, so why compute $dX$? In a deeper network, the input of this layer
# is the output of the previous one, and $dX$ is the upstream gradient that the previous layer needs.
#
# ## The formulas for a whole layer
#
# With $m$ examples, several channels, stride $s$ and padding, the same two rules give
#
# $$dW_{r,q,k,c} = \sum_{i,h,w} A^{pad}_{i,\, hs+r,\, ws+q,\, k}\, dZ_{i,h,w,c} \tag{1}$$
#
# $$db_c = \sum_{i,h,w} dZ_{i,h,w,c} \tag{2}$$
#
# $$dA^{pad}_{i,y,x,k} = \sum_{h,w,r,q} \sum_{c} W_{r,q,k,c}\, dZ_{i,h,w,c} \tag{3}$$
#
# The first sum in (3) runs over all outputs whose patch contains pixel $(y, x)$, that is, over all
# $h, w, r, q$ with $hs + r = y$ and $ws + q = x$. To see why the sums
# differ, ask who shares each array:
#
# - All examples and all positions share the **weights and biases**, so (1) and (2) sum over $i$, $h$
#   and $w$.
# - Every example has its own **pixels**, so (3) does not sum over $i$; but all filters look at them, so
#   it sums over $c$.
# - The **padding** is constant. Its gradient is cropped, and what remains is $dA_{prev}$.
#
# `functional.conv2d_backward(dZ, A_prev, W, stride, padding)` computes all three, each in the shape of
# its array. For our network it agrees with pencil and paper.
#
# ## A gradient is a convolution too
#
# Look at $dW$ again: patches of $X$, weighted by $dZ$ and summed. That is a cross-correlation of $X$
# with $dZ$ as its kernel. And $dX$ is a cross-correlation of $dZ$ with the **flipped** kernel: in the
# formula for $dX_{1,1}$, the weights stand in reverse order. Since a corner pixel
# belongs to a single output, $dZ$ needs $f - 1$ zeros on each side, which is
# [full padding](glossary.md#full-padding).

# %% jupyter={"source_hidden": true} cellView="form"
from_library = functional.conv2d_backward(
    dZ[None, :, :, None], X[None, :, :, None], W[:, :, None, None]
)
np.testing.assert_allclose(from_library[0][0, :, :, 0], dX)
np.testing.assert_allclose(from_library[1][:, :, 0, 0], dW)
np.testing.assert_allclose(from_library[2], [dZ.sum()])

flipped = W[::-1, ::-1]
dZ_pad = np.pad(dZ, 1) + 0
as_dW = functional.conv2d(X[None, :, :, None], dZ[:, :, None, None])[0, :, :, 0]
as_dX = functional.conv2d(dZ_pad[None, :, :, None], flipped[:, :, None, None])[0, :, :, 0]
np.testing.assert_allclose(as_dW, dW)
np.testing.assert_allclose(as_dX, dX)

fig, axes = plt.subplots(2, 3, figsize=(8.6, 5.8), width_ratios=[4, 2, 3], layout="constrained")
rows = [
    ((X, "X"), (dZ + 0, "kernel: dZ"), (as_dW, "dW")),
    ((dZ_pad, "dZ with full padding"), (flipped, "kernel: W, flipped"), (as_dX, "dX")),
]
for axes_of_row, grids in zip(axes, rows, strict=True):
    for ax, (values, title) in zip(axes_of_row, grids, strict=True):
        hatched = np.pad(np.zeros((2, 2), bool), 1, constant_values=True)
        mask = hatched if values is dZ_pad else None
        draw_grid(ax, values, title, hatched=mask, scale=(-11, 11))
        ax.set(xticks=[], yticks=[])
    axes_of_row[1].text(-0.35, 0.5, "⋆", transform=axes_of_row[1].transAxes, fontsize=20)
    axes_of_row[2].text(-0.3, 0.5, "=", transform=axes_of_row[2].transAxes, fontsize=20)
present(
    fig,
    "Two cross-correlations. Above, X and the kernel dZ give dW. Below, dZ in a hatched border of "
    "zeros, 4 by 4, and the flipped kernel with the rows -2, 3 and -1, 2 give dX.",
)

# %% [markdown] tags=["row-16", "row-17"]
# Both hold for stride 1 without padding. A cross-correlation with a flipped kernel is the convolution
# of mathematics ([lesson 03](03_mathematics_of_convolution.ipynb)). With any stride, the step from
# $dZ$ to $dX$ is a [**transposed convolution**](glossary.md#transposed-convolution)
# ([lesson 22](22_transposed_convolution.ipynb)).
#
# ## Back through max and average pooling
#
# A pooling layer has no weights, but the layers before it do, so it has to pass the gradient on.
#
# - **Max pooling.** If the largest value of a window changes a little, the output changes with it. If
#   another value does, the output stays. So the maximum receives the whole upstream gradient, and all
#   other positions receive 0. A [**mask**](glossary.md#mask) marks the maximum: for the window
#   $\begin{pmatrix} 1 & 2 & 3 \\ 2 & 3 & 2 \\ 1 & 5 & 2 \end{pmatrix}$, the mask is
#   $\begin{pmatrix} 0 & 0 & 0 \\ 0 & 0 & 0 \\ 0 & 1 & 0 \end{pmatrix}$.
# - **Average pooling.** All $f^2$ values have the local gradient $1/f^2$, and each receives the same
#   part of the upstream gradient.
#
# In the figure, 2 x 2 windows with stride 2 pool an image $x$, and $J$ is the mean of $(y - 1)^2$ over
# the four outputs $y$, so $dy = \frac{2}{4}(y - 1)$. In the upper left window the maximum 7 has
# $dy = (7 - 1)/2 = 3$, which goes to row 1, column 0. The average 4 has $dy = 1.5$, and each pixel
# receives $1.5 / 4 = 0.375$.

# %% jupyter={"source_hidden": true} cellView="form"
x_pool = np.array([[1.0, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]])[None, :, :, None]
pooled = {}
for mode, pool, pool_gradient in (
    ("max", functional.max_pool2d, functional.max_pool2d_backward),
    ("average", functional.avg_pool2d, functional.avg_pool2d_backward),
):
    y = pool(x_pool, 2)
    dy = 2 * (y - 1) / y.size
    pooled[mode] = np.mean((y - 1) ** 2), dy, pool_gradient(dy, x_pool, 2)

outlines = [(0, 0, 2, 2, "tab:orange"), (0, 2, 2, 2, "black")]
outlines += [(2, 0, 2, 2, "black"), (2, 2, 2, 2, "tab:orange")]
dx_max, dx_average = (pooled[mode][2][0, :, :, 0] for mode in ("max", "average"))
fig, axes = plt.subplots(1, 3, figsize=(11, 4), layout="constrained")
draw_grid(axes[0], x_pool[0, :, :, 0], "x, its maxima hatched", outlines, dx_max != 0)
title = "dx of {} pooling, J = {}"
draw_grid(
    axes[1], dx_max, title.format("max", pooled["max"][0]), outlines, dx_max != 0, scale=(0, 4)
)
title = title.format("average", pooled["average"][0])
draw_grid(axes[2], dx_average.round(3), title, outlines, scale=(0, 4))
present(
    fig,
    "Three 4 by 4 grids, each with its four 2 by 2 windows outlined. In x the maxima 7, 9, 8 and 8 "
    "are hatched. The gradient of max pooling is 3, 4, 3.5 and 3.5 at these positions, and 0 "
    "elsewhere. The gradient of average pooling is the same within each window: 0.375, 0.53125, "
    "0.59375 and 0.5. The costs are 49.5 and 16.40625.",
)

# %% [markdown]
# Here pooling redistributes the gradient and preserves its sum,
# [14.0]{= pooled["max"][2].sum() } and [8.0]{= pooled["average"][2].sum() }.
#
# **Predict.** With stride 1 the windows overlap, and contributions add up. Take
#
# $$x = \begin{pmatrix} 1&2&0\\3&7&4\\5&6&8 \end{pmatrix}, \qquad
# dy = \begin{pmatrix} 1&2\\3&4 \end{pmatrix}, \qquad f = 2, \qquad s = 1.$$
#
# What does the 7 in the middle receive in max pooling, and what in average pooling? Answer with a
# tuple.

# %%
x_small = np.array([[1.0, 2, 0], [3, 7, 4], [5, 6, 8]])[None, :, :, None]
dy_small = np.array([[1.0, 2], [3, 4]])[None, :, :, None]
predict("overlap", None)

# %% [markdown] tags=["row-17"]
# <details>
# <summary>Answer</summary>
#
# The 7 is the largest value of three windows; in the last one, 8 is larger. So max pooling gives it
# $1 + 2 + 3 =$ [6]{= f'{functional.max_pool2d_backward(dy_small, x_small, 2, 1)[0, 1, 1, 0]:g}' }, and
# average pooling $(1 + 2 + 3 + 4)/4 =$
# [2.5]{= functional.avg_pool2d_backward(dy_small, x_small, 2, 1)[0, 1, 1, 0] }.
#
# </details>
#
# ## Checking a gradient numerically
#
# How do you know that a backward pass is right? [**Gradient checking**](glossary.md#gradient-checking)
# goes back to the definition: change one number $x$ by a small $\varepsilon$ in both directions, run
# two forward passes, and compare. The central
# [**finite difference**](glossary.md#finite-differences) is
#
# $$\frac{\partial J}{\partial x} \approx
# \frac{J(x + \varepsilon) - J(x - \varepsilon)}{2 \varepsilon}.$$
#
# It uses no backward pass, so it can judge one. `numeric_gradient` computes it for every entry of
# an array. For a layer, which has no cost of its own, `check_gradients` chooses random upstream
# gradients $G$ and uses $J = \sum G \cdot Z$, so that $dZ = G$:


# %%
def cost(X, W):
    Z = functional.conv2d(X[None, :, :, None], W[:, :, None, None], np.array([b]))
    return np.mean((np.maximum(Z[0, :, :, 0], 0) - T) ** 2)


np.testing.assert_allclose(numeric_gradient(lambda values: cost(X, values), W), dW, atol=1e-6)
np.testing.assert_allclose(numeric_gradient(lambda values: cost(values, W), X), dX, atol=1e-6)


rng = np.random.default_rng(0)
batch = {
    "A_prev": rng.standard_normal((2, 5, 7, 3)),
    "W": rng.standard_normal((3, 3, 3, 4)),
    "b": rng.standard_normal(4),
}


def forward(A_prev, W, b):
    return functional.conv2d(A_prev, W, b, stride=2, padding=1)


def backward(dZ, A_prev, W, b):
    return functional.conv2d_backward(dZ, A_prev, W, stride=2, padding=1)


def backward_with_mean(dZ, A_prev, W, b):
    dA_prev, dW, db = backward(dZ, A_prev, W, b)
    return dA_prev, dW / len(dZ), db


worst = check_gradients(forward, backward, batch)
print(f"largest difference below one millionth: {worst < 1e-6}")
try:
    check_gradients(forward, backward_with_mean, batch)
except AssertionError as error:
    print(error)

# %% [markdown]
# The gradients that we computed by hand are right, and so is a layer with stride 2, padding 1 and two
# examples. `backward_with_mean` has a common bug, a mean over the examples where formula (1) has a
# sum. The check names `dW`, whose entries are half of the expected ones:
# a relative error of 0.5.
#
# Why do we not train with finite differences? They need two forward passes **for each weight**. A
# backward pass gives all gradients at once, for about twice the work of one forward pass.
#
# ## Learning a kernel from an image
#
# Back to the lost kernel. The photograph has been shifted and scaled to mean 0 and standard deviation
# 1, and the target $T$ is its Sobel image. The network is a single 3 x 3 kernel that starts with random
# weights, and the cost is $J = \frac{1}{N} \sum (Z - T)^2$ over the
# $N =$ [13,524]{= f'{T_photo.size:,}' } values of the output. The loop repeats four steps: forward pass,
# upstream gradient, backward pass, and a small step **against** the gradient,
#
# $$W \leftarrow W - \eta \, dW.$$
#
# This is [**gradient descent**](glossary.md#gradient-descent), and $\eta = 0.1$ is its
# [**learning rate**](glossary.md#learning-rate). The kernel `sobel_x` does not appear in the loop.

# %%
W_learned = np.random.default_rng(0).standard_normal((3, 3, 1, 1))
kernels, costs = [], []
for _ in range(401):
    Z_photo = functional.conv2d(X_photo, W_learned)  # forward pass
    kernels.append(W_learned[:, :, 0, 0])
    costs.append(np.mean((Z_photo - T_photo) ** 2))
    dZ_photo = 2 * (Z_photo - T_photo) / Z_photo.size  # upstream gradient
    _, dW_photo, _ = functional.conv2d_backward(dZ_photo, X_photo, W_learned)  # backward pass
    W_learned = W_learned - 0.1 * dW_photo  # gradient descent

animate(
    draw_learning,
    (0, 1, 2, 3, 5, 10, 20, 40, 80, 150, 250, 400),
    "An animation of the training. On the left the kernel, at first nine random numbers, at the end "
    "-1, 0, 1; -2, 0, 2; -1, 0, 1. In the middle its output, at first a blurred photograph in two "
    "colors, at the end the Sobel image. On the right the cost over the steps, on a logarithmic "
    "axis, with a dot at the current step: it falls steeply at first and then more slowly.",
    seconds=1,
)

# %% [markdown] tags=["row-17"]
# The loop has found the kernel. After 400 steps every weight is Sobel's to within
# [0.01]{= f'{np.abs(kernels[400] - sobel_x).max():.2f}' }, and the cost has fallen from
# [8.4]{= f'{costs[0]:.1f}' } to [0.00001]{= f'{costs[400]:.5f}' }.
#
# The first ten steps do most of the work. They bring the sum of the weights from
# [2.1]{= f'{kernels[0].sum():.1f}' } to [0.03]{= f'{kernels[10].sum():.2f}' }: Sobel's output is 0 where
# the photograph is uniform. The rest takes longer: neighboring pixels are nearly equal, so it hardly
# matters which of two neighbors has the weight, and the gradient in such a direction is small. Lesson
# 15 trains whole networks with the same loop, and there nobody has designed the kernels.
#
# ## Further: how small a step?
#
# *You can skip this section.* Which $\varepsilon$ should a gradient check use? The figure shows the
# error for softmax with cross-entropy, whose gradient is known exactly, also in float32 and for the
# one-sided difference $(J(x + \varepsilon) - J(x))/\varepsilon$.

# %% jupyter={"source_hidden": true} cellView="form"
# What the next section compares with TensorFlow and PyTorch.
image = np.array([[1.0, 1.0, 2.0], [1.0, 2.0, 1.0], [2.0, 1.0, 1.0]])[None, :, :, None]
filters = np.array([[0.6779961, -0.3282364], [0.61954254, -0.02001727]])[:, :, None, None]
Z_image = functional.conv2d(image, filters)
Y = functional.relu(Z_image)
dY = 2 * (Y - 1) / Y.size
in_numpy = functional.conv2d_backward(functional.relu_backward(dY, Z_image), image, filters)
reference_dX = [  # reference output, in float32
    [-0.02397811, 0.09316837, -0.03948538],
    [0.05964908, 0.24839783, -0.10535623],
    [0.07452821, 0.19190567, -0.00627823],
]
np.testing.assert_allclose(in_numpy[0][0, :, :, 0], reference_dX, rtol=2e-6)

tied = np.array([[4.0, 1.0], [4.0, 2.0]])[None, :, :, None]
tied_back = functional.max_pool2d_backward(np.ones((1, 1, 1, 1)), tied, 2)
tied_numeric = numeric_gradient(lambda values: functional.max_pool2d(values, 2).sum(), tied)

black, one_weight, half = np.zeros((1, 4, 4, 1)), np.ones((1, 1, 1, 1)), np.array([0.5])
Z_black = functional.conv2d(black, one_weight, half)
dZ_black = functional.max_pool2d_backward(np.ones((1, 2, 2, 1)), Z_black, 2)
_, _, db_black = functional.conv2d_backward(dZ_black, black, one_weight)
db_numeric = numeric_gradient(
    lambda bias: functional.max_pool2d(functional.conv2d(black, one_weight, bias), 2).sum(), half
)

scores, label = np.array([[1.0, 2.0, 3.0]]), np.array([0])
exact = functional.cross_entropy_backward(scores, label)[0, 0]
sizes = 10.0 ** np.arange(-12, 0.5, 0.5)


def differences(eps, dtype):
    """Return the central and the one-sided difference for the first score, computed in a dtype."""
    step = np.array([[eps, 0, 0]])
    up, middle, down = (
        functional.cross_entropy((scores + move).astype(dtype), label)
        for move in (step, 0 * step, -step)
    )
    return (up - down) / (2 * eps), (up - middle) / eps


errors = {
    "central, float64": [abs(differences(eps, np.float64)[0] - exact) for eps in sizes],
    "one-sided, float64": [abs(differences(eps, np.float64)[1] - exact) for eps in sizes],
    "central, float32": [abs(differences(eps, np.float32)[0] - exact) for eps in sizes],
}
fig, ax = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
for (name, values), line in zip(errors.items(), ("-o", "--s", ":^"), strict=True):
    ax.loglog(sizes, np.maximum(values, 1e-13), line, label=name, markersize=5)
ax.set(xlabel="epsilon", ylabel="error of the difference")
ax.grid(alpha=0.3)
ax.legend()
present(
    fig,
    "Error against epsilon, both axes logarithmic. Each of three curves falls and then rises again "
    "as epsilon grows. The central difference in float64, solid with dots, is best, below 1e-10, "
    "for epsilon near 1e-5. The one-sided one, dashed with squares, comes down to between 1e-9 and "
    "1e-8. The central one in float32, dotted with triangles, reaches about 1e-5 near epsilon "
    "1e-2, and is useless below 1e-6.",
)

# %% [markdown] tags=["row-17", "row-18"]
# A large $\varepsilon$ suffers from the curvature of $J$, a tiny one from rounding. Use central
# differences in float64 with $\varepsilon$ near $10^{-5}$ or $10^{-6}$. A step across a kink, such as
# a ReLU whose input is almost 0, gives a false alarm.
#
# ## Further: TensorFlow, PyTorch, and ties in max pooling
#
# *You can skip this section.* With [**automatic differentiation**](glossary.md#automatic-differentiation),
# a framework records the computational graph during the forward pass and then runs it backward. The
# cells compare convolution and pooling layers with ours, and try a [**tie**](glossary.md#tie): if a
# window holds its maximum twice, there is no derivative, and every program has to choose.

# %% needs="tensorflow"
import tensorflow as tf

tf.config.experimental.enable_tensor_float_32_execution(False)  # full float32 on a GPU too
variables = [tf.Variable(values, dtype=tf.float32) for values in (image, filters, [0.0])]
with tf.GradientTape() as tape:
    Y_tf = tf.nn.relu(tf.nn.conv2d(variables[0], variables[1], 1, "VALID") + variables[2])
    J_tf = tf.reduce_mean((Y_tf - 1) ** 2)
for ours, theirs in zip(in_numpy, tape.gradient(J_tf, variables), strict=True):
    np.testing.assert_allclose(ours, theirs, rtol=2e-6)

for mode, pool_tf in (("max", tf.nn.max_pool2d), ("average", tf.nn.avg_pool2d)):
    x_tf = tf.Variable(x_pool)
    with tf.device("CPU"), tf.GradientTape() as tape:
        J_tf = tf.reduce_mean((pool_tf(x_tf, 2, 2, "VALID") - 1) ** 2)
    np.testing.assert_array_equal(pooled[mode][2], tape.gradient(J_tf, x_tf))
print("the same gradients of convolution, max pooling and average pooling")

tied_tf = tf.Variable(tied)
with tf.device("CPU"), tf.GradientTape(persistent=True) as tape:
    first, equal = tf.nn.max_pool2d(tied_tf, 2, 2, "VALID"), tf.reduce_max(tied_tf)
for name, maximum in {"max_pool2d": first, "reduce_max": equal}.items():
    print("tie,", name, tape.gradient(maximum, tied_tf)[0, :, :, 0].numpy().tolist())

# %% needs="torch"
import torch

tensors = [
    torch.tensor(values, dtype=torch.float32, requires_grad=True)
    for values in (image.transpose(0, 3, 1, 2), filters.transpose(3, 2, 0, 1), [0.0])
]
torch.mean((torch.relu(torch.nn.functional.conv2d(*tensors)) - 1) ** 2).backward()
np.testing.assert_allclose(in_numpy[0][0, :, :, 0], tensors[0].grad[0, 0], rtol=2e-6)
np.testing.assert_allclose(in_numpy[1][:, :, 0, 0], tensors[1].grad[0, 0], rtol=2e-6)
np.testing.assert_allclose(in_numpy[2], tensors[2].grad, rtol=2e-6)

pools = {"max": torch.nn.functional.max_pool2d, "average": torch.nn.functional.avg_pool2d}
for mode, pool_torch in pools.items():
    x_torch = torch.tensor(x_pool.transpose(0, 3, 1, 2), requires_grad=True)
    torch.mean((pool_torch(x_torch, 2) - 1) ** 2).backward()
    np.testing.assert_array_equal(pooled[mode][2][0, :, :, 0], x_torch.grad[0, 0])
print("the same gradients of convolution, max pooling and average pooling")

for name, maximum in {"max_pool2d": lambda t: pools["max"](t, 2), "amax": torch.amax}.items():
    tied_torch = torch.tensor(tied.transpose(0, 3, 1, 2), requires_grad=True)
    maximum(tied_torch).sum().backward()
    print("tie,", name, tied_torch.grad[0, 0].tolist())

# %% [markdown]
# TensorFlow records inside `GradientTape`, PyTorch wherever a tensor has `requires_grad=True`. In
# PyTorch, a second `backward()` **adds** to `.grad`, so training loops first set the gradients to zero.
#
# At the tie, the course's mask sends the whole gradient to both maxima; finite differences give
# [0.5]{= f'{tied_numeric.max():.1f}' } to each. The pooling layers of TensorFlow and PyTorch send it to
# the first one; `tf.reduce_max` and `torch.amax` divide it equally. With real numbers ties are rare,
# and zeros that tie after a ReLU do no harm: the ReLU blocks their gradient. In uniform regions the
# mask counts too much: for the sum of four outputs, pooled from a black image of 4 x 4 pixels, it
# makes $db$ [16]{= f'{db_black.item():g}' } instead of [4]{= f'{db_numeric.item():.0f}' }.
#
# ## Exercises
#
# ### Exercise 1: another upstream gradient
#
# The image $X$ and the kernel $W$ are those from above, but the upstream gradient is
# $dZ = \begin{pmatrix} 4 & 3 \\ 2 & -1 \end{pmatrix}$. Compute $dW_{0,1}$, $dX_{1,2}$ and $db$ by
# hand.

# %%
dW_01 = None
dX_12 = None
db = None
### BEGIN SOLUTION
dW_01 = 0 * 4 + 1 * 3 + 2 * 2 + 3 * (-1)  # the upper right corner of each patch
dX_12 = -2 * 3 + -1 * (-1)  # under W[1, 1] in the upper right patch, W[0, 1] in the lower right one
db = 4 + 3 + 2 - 1
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1, dW[0, 1]",
    dW_01,
    4,
    "List the four pixels that this weight is multiplied by, one for each patch.",
    [
        (12, "That is dW[0, 0] or dW[1, 0]. Take the upper right corner of each patch."),
        (21, "That is dW[1, 1]. Take the upper right corner of each patch."),
        (10, "One product is negative: dZ[1, 1] = -1."),
        (7, "That is with dZ from the lesson."),
    ],
)
public_tests.check_answer(
    "Exercise 1, dX[1, 2]",
    dX_12,
    -5,
    "Two patches contain pixel (1, 2). Which weight lies on it in each of them?",
    [
        *((wrong, "Check the signs: -2 times 3 is negative.") for wrong in (5, 7)),
        (-7, "-1 times -1 is positive. Or is this dX[2, 1]? The row comes first."),
        (-6, "The lower right patch contains this pixel too."),
        (1, "The upper right patch contains this pixel too."),
        (3, "That is with the flipped kernel. Which weight lies on the pixel itself?"),
        (-3, "That is with dZ from the lesson."),
    ],
)
public_tests.check_answer(
    "Exercise 1, db",
    db,
    8,
    "The bias is added to every output, with the local gradient 1.",
    [
        (2, "The gradient of the bias is the sum of the upstream gradients, not their mean."),
        (10, "One of the four numbers is negative."),
        (4, "That is with dZ from the lesson."),
    ],
)

# %% [markdown]
# ### Exercise 2: two paths
#
# A [residual block](glossary.md#residual-connection) adds its input to what its layers compute:
# $Y = X + \max(X \star W, 0)$. With padding 1 and a 3 x 3 kernel the shapes agree. Write
# `residual_backward(dY, X, W)`, which returns $dX$. Leave the convolution to
# `functional.conv2d_backward`. The check uses finite differences.


# %%
def residual_forward(X, W):
    return X + np.maximum(functional.conv2d(X, W, padding=1), 0)


def residual_backward(dY, X, W):
    dX = None
    ### BEGIN SOLUTION
    Z = functional.conv2d(X, W, padding=1)
    dZ = dY * (Z > 0)  # back through the ReLU
    through_conv, _, _ = functional.conv2d_backward(dZ, X, W, padding=1)
    dX = dY + through_conv  # two paths lead from X to Y, and contributions add up
    ### END SOLUTION
    return dX


# %% jupyter={"source_hidden": true} cellView="form"
import functools


def tidy(function):
    """Wrap a function: round to seven decimals, as a check does, and describe a tuple in words."""

    @functools.wraps(function)
    def call(*arguments):
        result = function(*arguments)
        if isinstance(result, tuple):
            return f"a tuple of {len(result)}"
        return result.round(7) if isinstance(result, np.ndarray) else result

    return call


def by_differences(dY, X, W):
    return numeric_gradient(lambda values: np.sum(dY * residual_forward(values, W)), X)


def open_where(dY, X, W):
    return dY * (functional.conv2d(X, W, padding=1) > 0)


def through(dZ, X, W):
    return functional.conv2d_backward(dZ, X, W, padding=1)[0]


rng = np.random.default_rng(3)
public_tests.check_function(
    "Exercise 2",
    tidy(residual_backward),
    by_differences,
    [
        (
            rng.standard_normal((m, 4, 5, n_C)),
            rng.standard_normal((m, 4, 5, n_C)),
            rng.standard_normal((3, 3, n_C, n_C)),
        )
        for m, n_C in ((1, 2), (2, 3))
    ],
    "X reaches Y along two paths, directly and through convolution and ReLU. Compute both "
    "contributions and add them up.",
    [
        (
            lambda dY, X, W: through(open_where(dY, X, W), X, W),
            "One path is missing: X is also added to Y directly.",
        ),
        (lambda dY, X, W: dY, "This is the direct path. The other one leads through the layers."),
        (
            lambda dY, X, W: dY + through(dY, X, W),
            "The ReLU is missing: where Z is negative, it blocks the gradient.",
        ),
        (
            lambda dY, X, W: dY + through(dY * (X > 0), X, W),
            "The ReLU looks at Z, the output of the convolution, not at X.",
        ),
        (
            lambda dY, X, W: dY + through(dY * (dY > 0), X, W),
            "The ReLU looks at Z, not at the gradient.",
        ),
        (
            lambda dY, X, W: dY + through(dY * (residual_forward(X, W) > 0), X, W),
            "The ReLU looks at Z. Y also contains X.",
        ),
        (
            lambda dY, X, W: open_where(dY, X, W) + through(open_where(dY, X, W), X, W),
            "The direct path does not lead through the ReLU: dY arrives unchanged.",
        ),
        (
            lambda dY, X, W: (
                dY + functional.relu_backward(through(dY, X, W), functional.conv2d(X, W, padding=1))
            ),
            "What comes last in the forward pass comes first in the backward pass: the ReLU.",
        ),
        (
            lambda dY, X, W: X + through(open_where(dY, X, W), X, W),
            "The direct path passes its upstream gradient on, dY, not the value X.",
        ),
        (
            lambda dY, X, W: 1 + through(open_where(dY, X, W), X, W),
            "1 is the local gradient of the direct path. Multiply it by the upstream gradient.",
        ),
        (open_where, "That is dZ. Go on through the convolution, and add the direct path."),
        (
            lambda dY, X, W: dY + open_where(dY, X, W),
            "The second path leads through the convolution too: functional.conv2d_backward.",
        ),
        (
            lambda dY, X, W: functional.conv2d_backward(open_where(dY, X, W), X, W, padding=1)[1],
            "This is dW. conv2d_backward returns dX first.",
        ),
        (
            tidy(lambda dY, X, W: functional.conv2d_backward(dY, X, W, padding=1)),
            "conv2d_backward returns dX, dW and db. Take dX, and add the direct path.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: find the bugs
#
# `learn_buggy` should learn a kernel by gradient descent, but its cost grows, and there are two
# reasons. Repair a copy of it in `learn_fixed`.


# %%
def learn_buggy(X, T, W, rate, steps):
    Z = functional.conv2d(X, W)
    dZ = 2 * (Z - T) / Z.size
    for _ in range(steps):
        _, dW, _ = functional.conv2d_backward(dZ, X, W)
        W = W + rate * dW
    return W


def learn_fixed(X, T, W, rate, steps):
    result = None
    ### BEGIN SOLUTION
    for _ in range(steps):
        Z = functional.conv2d(X, W)  # with the weights of this step
        dZ = 2 * (Z - T) / Z.size
        _, dW, _ = functional.conv2d_backward(dZ, X, W)
        W = W - rate * dW  # against the gradient
    result = W
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
def learn(X, T, W, rate, steps, sign=-1, once=False, size=None):
    Z = functional.conv2d(X, W)
    for _ in range(steps):
        if not once:
            Z = functional.conv2d(X, W)
        W = W + sign * rate * functional.conv2d_backward(2 * (Z - T) / (size or Z.size), X, W)[1]
    return W


def cost_of(X, T, rate, steps):
    """Return the cost of the kernel learned from zeros, on the data and on the whole photograph."""
    W = learn(X, T, np.zeros((3, 3, 1, 1)), rate, steps)
    pairs = ((X, T), (X_photo, T_photo))
    return [np.mean((functional.conv2d(x, W) - t) ** 2) for x, t in pairs]


piece = X_photo[:, 50:55, 90:94], T_photo[:, 50:53, 90:92]
X_learn = np.arange(30.0).reshape(1, 5, 6, 1) % 7 / 7
T_learn, W_learn = np.ones((1, 4, 5, 1)), np.full((2, 2, 1, 1), 0.5)
public_tests.check_function(
    "Exercise 3",
    tidy(learn_fixed),
    tidy(learn),
    [(X_learn, T_learn, W_learn, 0.25, steps) for steps in (1, 3, 10)],
    "Which lines have to be computed again in each step? And which sign has the step?",
    [
        (lambda *arguments: learn(*arguments, sign=1), "These steps go up, along the gradient."),
        (
            lambda *arguments: learn(*arguments, once=True),
            "The sign is right. But the weights change in each step: what else does?",
        ),
        (
            lambda *arguments: learn(*arguments, sign=1, once=True),
            "That is the buggy function. The cost falls against the gradient.",
        ),
        (
            lambda *arguments: learn(*arguments, size=1),
            "The cost is a mean. Keep the division by Z.size.",
        ),
        (
            lambda X, T, W, rate, steps: learn(X, T, W, rate, 1),
            "That is one step. Return W after the loop, not within it.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# Decide first, then change the cell below.
#
# 1. ... the learning rate is 0.2?
# 2. ... only 5 x 4 pixels of the photograph are known, `X_photo[:, 50:55, 90:94]`, with their six
#    output values, `T_photo[:, 50:53, 90:92]`?
# 3. ... the target is `np.abs(T_photo)`?

# %%
X_try, T_try, rate = X_photo, T_photo, 0.1  # change one of them
W_try = learn(X_try, T_try, np.zeros((3, 3, 1, 1)), rate, 400)
J_try = np.mean((functional.conv2d(X_try, W_try) - T_try) ** 2)
print(W_try[:, :, 0, 0].round(2), f"with the cost {J_try:.2g}", sep="\n")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. The steps are too long. Each one jumps over the minimum and lands higher on the other side. After
#    20 steps, the cost is
#    [31 million]{= f'{cost_of(X_photo, T_photo, 0.2, 20)[0] / 1e6:.0f} million' }.
# 2. The cost falls to almost 0, but the kernel is not Sobel's: six output values cannot determine nine
#    weights, and many kernels fit. On the whole photograph, the cost of this one is
#    [0.8]{= f'{cost_of(*piece, 0.1, 400)[1]:.1f}' }. This is overfitting.
# 3. The cost falls only from [2.7]{= f'{np.mean(T_photo**2):.1f}' } to
#    [2.5]{= f'{cost_of(X_photo, np.abs(T_photo), 0.1, 400)[0]:.1f}' }. An absolute value is not linear,
#    so no single kernel gives it. Two opposite kernels, each followed by a ReLU, and a sum do.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **carry gradients backward through a graph:** each operation multiplies its upstream gradient by
#    its local gradient, and where a value is used several times, the contributions add up;
# 2. **compute the gradients of a layer:** $dW$ is the sum of the patches, each times the gradient of
#    its output, $db$ the sum of $dZ$, and $dX$ a sum of kernel copies, scaled by $dZ$. Max pooling
#    sends the gradient to the maximum, average pooling divides it by $f^2$;
# 3. **check a gradient and use it:** compare it with
#    $(J(x + \varepsilon) - J(x - \varepsilon)) / (2 \varepsilon)$, then repeat
#    $W \leftarrow W - \eta \, dW$.
#
# | term in this course | you may also read |
# |---|---|
# | [**upstream gradient**](glossary.md#upstream-gradient) | `grad_output` (PyTorch), error signal |
# | [**finite differences**](glossary.md#finite-differences) | numerical gradient |
# | [**automatic differentiation**](glossary.md#automatic-differentiation) | autograd |
#
# ## What to read next
#
# - To practice: the assignment [Backpropagation](../release/backprop/backprop.ipynb). You write the
#   backward pass of a convolution layer and of a pooling layer.
# - Next is [lesson 14](14_training.ipynb): these gradients train a network.
# - Rumelhart, Hinton and Williams, *Learning representations by back-propagating errors* (Nature 323,
#   1986): [doi:10.1038/323533a0](https://doi.org/10.1038/323533a0).
# - CS231n on [backpropagation](https://cs231n.github.io/optimization-2/) and on
#   [gradient checks](https://cs231n.github.io/neural-networks-3/).
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016):
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285), chapter 4.
