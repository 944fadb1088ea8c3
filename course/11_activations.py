# %% [markdown]
# # Activations
#
# After each of its convolutions, the edge network of lesson 01 applies a function so short that you
# could overlook it: $\max(z, 0)$. It has no parameters, and all it does is replace negative
# numbers by 0. Can we do without it? Run the next two code cells to see the network try.

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from convnet.data import load_sample_image
from convnet.edges import enlarge, load_blocks, normalized
from convnet.functional import conv2d, max_pool2d
from convnet.gradient_check import numeric_gradient
from convnet.plots import draw_image
from lesson_tools.figures import animate
from lesson_tools.questions.activations import predict

network = load_blocks()
tower = load_sample_image("china.jpg")[20:230, 70:340]
flower = load_sample_image("flower.jpg")[88:, 150:490]


def through_network(photo, with_relu):
    """Return all Z of the network's convolution layers, and the logits of its drawing."""
    A, all_Z = normalized(photo), []
    for number, block in enumerate(network.blocks):
        if number > 0:
            A = max_pool2d(A, 2)
        for W, b in block:
            Z = conv2d(A, W, b, padding=1)
            A = np.maximum(Z, 0) if with_relu else Z
            all_Z.append(Z)
    return all_Z, enlarge(conv2d(A, *network.sides[-1])[0, :, :, 0], photo.shape[:2])


Z_tower, logits = through_network(tower, with_relu=True)
Z_flower, _ = through_network(flower, with_relu=True)
_, logits_without = through_network(tower, with_relu=False)
np.testing.assert_allclose(1 / (1 + np.exp(-logits)), network.draw(tower), atol=1e-6)
layers = [layer for block in network.blocks for layer in block] + [network.sides[-1]]
n_parameters = sum(W.size + b.size for W, b in layers)

fig, axes = plt.subplots(1, 3, figsize=(12, 3.4), layout="constrained")
draw_image(axes[0], tower, "a photograph", (0, 255), scale=False)
for ax, z, title in (
    (axes[1], logits, "the network of lesson 01"),
    (axes[2], logits_without, "the same parameters, without ReLU"),
):
    draw_image(ax, 1 / (1 + np.exp(np.clip(z, -50, 50))), title, (0, 1), scale=False)
present(
    fig,
    "Three images side by side: a photograph of a tower with red walls and orange roofs; the "
    "network's drawing of its outlines, black on white; and what the network draws without ReLU: "
    "white, with a few black specks at the upper left.",
)

# %% [markdown] tags=["row-15"]
# Both drawings use the same [260,289]{= f'{n_parameters:,}' } parameters. On the right, the ReLUs after
# the four convolution layers are missing. Only one nonlinear layer is left, a max pooling layer, and the
# network finds an edge at no more than [0.9%]{= f'{(logits_without > 0).mean():.1%}' } of the pixels.
#
# The comparison is not quite fair, because the parameters were trained together with the ReLUs. Could a
# network learn to work without any nonlinearity? No, however long you train it, and the next two sections
# show why. After that we look at three activation functions, and at what each of them does to the
# gradient.
#
# **By the end of this lesson you will be able to**
#
# 1. explain why a network needs a nonlinearity between its layers;
# 2. compute ReLU, leaky ReLU, sigmoid and tanh, and their derivatives;
# 3. recognize saturated and dead units, and choose an activation function.
#
# **Time:** about 45 minutes. **You need:** [The convolution layer](06_convolution_layer.ipynb), and
# from school the derivative and the chain rule.
#
# ## Two linear layers are one
#
# Here are two convolution layers in one dimension, drawn as a network. The first slides the kernel
# $(1, 0, -1)$ over the inputs $x_0, \dots, x_4$ and gives $z_0, z_1, z_2$. The second slides
# $(1, 2, 1)$ over these and gives one output $y$. Weights of 0 are not drawn, and there is no activation
# function between the layers.

# %% jupyter={"source_hidden": true} cellView="form"
first, second = np.array([1, 0, -1]), np.array([1, 2, 1])
purple, orange = "#5e3c99", "#c05a00"


def draw_paths(traced=None, known=0):
    """Draw two layers and the single layer; paths from the traced input are bold."""
    figure, ax = plt.subplots(figsize=(10, 4.4), layout="constrained")
    ax.set(xlim=(-0.6, 11.4), ylim=(-4.7, 0.9), aspect="equal")
    ax.axis("off")

    def unit(x, y, name, color="white"):
        ax.add_patch(plt.Circle((x, y), 0.33, facecolor=color, edgecolor="0.3", zorder=3))
        ax.text(x, y, name, ha="center", va="center", zorder=4, fontsize=12)

    def edge(start, end, weight, bold, where):
        color = "0.6" if weight == "?" or weight == 0 else purple if weight > 0 else orange
        style = "-" if weight == "?" or weight > 0 else "--" if weight < 0 else ":"
        (x_0, y_0), (x_1, y_1) = start, end
        ax.plot([x_0, x_1], [y_0, y_1], style, color=color, lw=3.5 if bold else 1.2, zorder=1)
        x, y = x_0 + where * (x_1 - x_0), y_0 + where * (y_1 - y_0)
        box = {"color": "white", "pad": 1.5}
        weight_text = {"ha": "center", "va": "center", "color": color, "bbox": box, "zorder": 2}
        ax.text(x, y, weight, weight="bold" if bold else "normal", **weight_text)

    for j, (middle, v) in enumerate(zip((-1, -2, -3), second, strict=True)):
        for k, w in zip((j, j + 2), first[[0, 2]], strict=True):
            edge((0, -k), (2.4, middle), w, k == traced, 0.3)
        edge((2.4, middle), (4.8, -2), v, traced in (j, j + 2), 0.45)
        unit(2.4, middle, f"$z_{j}$", "#dbe9f6")
    for k, weight in enumerate(np.convolve(first, second)):
        edge((7.2, -k), (10.2, -2), weight if k < known else "?", k == traced, 0.35)
        for x in (0, 7.2):
            unit(x, -k, f"$x_{k}$", "#f9c58d" if k == traced else "white")
    unit(4.8, -2, "$y$", "#dbe9f6")
    unit(10.2, -2, "$y$", "#dbe9f6")
    ax.text(6, -2, "=", ha="center", va="center", fontsize=22)
    ax.text(2.4, 0.75, "two layers", ha="center", fontsize=12)
    ax.text(8.7, 0.75, "one layer", ha="center", fontsize=12)
    return figure


present(
    draw_paths(),
    "Left, a network with five inputs, three units and one output. Each unit z_j has a line of "
    "weight 1 from input x_j and one of weight -1 from input x_(j+2). The output y has lines of "
    "weights 1, 2 and 1 from the units. Right, a network with the five inputs and the output y "
    "only. Its five weights are question marks.",
)

# %% [markdown]
# On the right, a single layer does the same with a kernel of five weights.
#
# **Predict.** Which five? For $x_0$ there is only one path to $y$, and its weights multiply to
# $1 \cdot 1 = 1$. Answer with a list, such as `[1, 2, 3, 4, 5]`.

# %%
predict("collapse", None)


# %% jupyter={"source_hidden": true} cellView="form"
def trace(k):
    figure = draw_paths(traced=k, known=k + 1)
    weights = [(1, second[k])] if k < 3 else []
    weights += [(-1, second[k - 2])] if k >= 2 else []
    products = " + ".join(f"({w})·{v}" if w < 0 else f"{w}·{v}" for w, v in weights)
    total = np.convolve(first, second)[k]
    figure.suptitle(f"paths from $x_{k}$:  {products} = {total}".replace("-", "−"))
    return figure


row = np.array([2, 7, 1, 8, 2, 8, 1, 8])
two_layers = np.correlate(np.correlate(row, first), second)
one_layer = np.correlate(row, np.convolve(first, second))
np.testing.assert_array_equal(two_layers, one_layer)
print("two layers on the vector 2 7 1 8 2 8 1 8:", two_layers)
print("one layer:                               ", one_layer)

animate(
    trace,
    range(5),
    "The paths from each input to y in turn, with the sum of their products: 1 for x_0, 2 for x_1, "
    "1 - 1 = 0 for x_2, -2 for x_3 and -1 for x_4. On the right, the five weights appear.",
    seconds=2,
)

# %% [markdown] tags=["row-15"]
# The same happens in every network. Let $x$ be a vector of inputs, and take two dense layers with
# weights $W_1, W_2$ and biases $b_1, b_2$:
#
# $$(x W_1 + b_1)\, W_2 + b_2 = x\, (W_1 W_2) + (b_1 W_2 + b_2)$$
#
# This is one dense layer with the weights $W_1 W_2$. A convolution is a dense layer too, in which
# many weights are zero or equal (lesson 06), so the same holds for it. **A composition of linear maps is
# [linear](glossary.md#linear-map).** A hundred dense layers of 1,000 units have 100 million weights and
# can compute nothing that a single one with a million cannot.
#
# This is why a layer applies a [**nonlinearity**](glossary.md#nonlinearity) to its result, the
# [**activation function**](glossary.md#activation-function) $g$. It acts element-wise,
#
# $$A = g(Z),$$
#
# so the [**activations**](glossary.md#activation) $A$ have the same shape as $Z$, the output of the
# convolution or the dense layer before it.
#
# ## What no linear filter can do
#
# Is there a simple task at which a linear layer must fail? Let us look for lines that are **brighter or
# darker** than a gray background.
#
# **Predict.** A filter gives 1 on a blank gray image: this is its response to gray, plus its bias. When
# the blank image gets a line that is 30 gray levels brighter, the filter gives 5. What does it give when
# the line is 30 levels *darker* instead?

# %%
predict("dark", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $1 - 4 = -3$. The bright line changes the result by $+4$. The dark line is the same change of the
# image with the opposite sign, and for a linear filter, the opposite change of the input gives the
# opposite change of the output.
#
# </details>
#
# Whatever the weights, the value for the blank image is exactly halfway between the values for the two
# lines. So a linear filter can never be higher on *both* lines than on the blank image, and by the
# previous section neither can a stack of them. Training cannot help: there are no such weights.
#
# With a nonlinearity, two filters are enough. Choose the bias so that a filter gives 0 on the blank image,
# and add a second filter with the opposite weights and bias. Apply [**ReLU**](glossary.md#relu),
# $\max(z, 0)$, to both, and sum:
#
# | | blank | bright line | dark line |
# |---|--:|--:|--:|
# | filter 0 | 0 | 4 | -4 |
# | filter 1 | 0 | -4 | 4 |
# | sum after ReLU | 0 | 4 | 4 |
#
# This network with two layers also finds edges of both signs. Here it is on a photograph, with Sobel x
# as the kernel $W$ of filter 0, and $-W$ in filter 1:

# %%
gray = tower.mean(axis=2)[None, :, :, None]  # a batch of one grayscale image
sobel_x = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]).reshape(3, 3, 1, 1)

W_1 = np.concatenate([sobel_x, -sobel_x], axis=3)  # two filters
W_2 = np.ones((1, 1, 2, 1))  # one 1x1 filter adds the two maps
Z = conv2d(gray, W_1)
A = np.maximum(Z, 0)
A_both = conv2d(A, W_2)
np.testing.assert_array_equal(A_both[..., 0], np.abs(Z[..., 0]))

# %% jupyter={"source_hidden": true} cellView="form"
fig = plt.figure(figsize=(12, 5))
panels = [
    (0.01, 0.28, gray[0, :, :, 0], "photograph", (0, 255)),
    (0.26, 0.54, Z[0, :, :, 0], "Z, filter 0: Sobel x", (-300, 300)),
    (0.26, 0.04, Z[0, :, :, 1], "Z, filter 1: its negative", (-300, 300)),
    (0.51, 0.54, A[0, :, :, 0], "A, map 0", (0, 300)),
    (0.51, 0.04, A[0, :, :, 1], "A, map 1", (0, 300)),
    (0.76, 0.28, A_both[0, :, :, 0], "sum of both maps", (0, 300)),
]
for x, y, image, title, limits in panels:
    draw_image(fig.add_axes((x, y, 0.2, 0.38)), image, title, limits, scale=False)
arrows = [((0.213, 0.52), (0.257, 0.7)), ((0.213, 0.42), (0.257, 0.24))]
arrows += [((0.463, 0.73), (0.507, 0.73)), ((0.463, 0.23), (0.507, 0.23))]
arrows += [((0.713, 0.7), (0.757, 0.52)), ((0.713, 0.24), (0.757, 0.42))]
for start, end in arrows:
    arrow = {"arrowstyle": "->", "lw": 1.8, "color": "0.3"}
    plt.annotate("", end, start, "figure fraction", "figure fraction", arrowprops=arrow)
for x, y, text in [
    *((0.485, 0.76, "ReLU"), (0.485, 0.26, "ReLU")),
    *((0.225, 0.66, "$W$"), (0.228, 0.26, "$-W$"), (0.745, 0.66, "1"), (0.745, 0.26, "1")),
]:
    fig.text(x, y, text, ha="center", fontsize=12)
present(
    fig,
    "The data flow from left to right, with arrows. The photograph of the tower goes to two feature "
    "maps Z, purple where positive, orange where negative: Sobel x, and the same map with all signs "
    "reversed. After ReLU, map 0 shows edges at which the image gets brighter to the right, bright "
    "on black, and map 1 those at which it gets darker. Their sum shows all of them.",
)

# %% [markdown] tags=["row-15"]
# Each map keeps the edges of one sign and sets the others to 0. The sum is $|z|$, as the last line of the
# cell checks: $\max(z, 0) + \max(-z, 0) = |z|$, which no linear layer can compute. ReLU also
# changes what the numbers mean: $Z$ says how much brighter or darker the image gets, and $A$ how strongly
# *this kind* of edge is present.
#
# ## ReLU, sigmoid and tanh
#
# **ReLU**, the *rectified linear unit*, is the most common activation function, and you have used it since
# lesson 01:
#
# $$\text{ReLU}(z) = \max(z, 0)$$
#
# The [**sigmoid**](glossary.md#sigmoid) function maps every number to one between 0 and 1, and
# [**tanh**](glossary.md#tanh), the hyperbolic tangent, to one between -1 and 1:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}, \qquad
# \tanh(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}$$
#
# **By hand.** $\sigma(0) = 1/(1 + 1) = 1/2$. For $z = 5$ we have $e^{-5} \approx 0.0067$, so
# $\sigma(5) \approx 1/1.0067 \approx$ [0.993]{= f"{1 / (1 + np.exp(-5)):.3f}" }. For $z = -4$ we have
# $e^{4} \approx 54.6$, so $\sigma(-4) \approx 1/55.6 \approx$ [0.018]{= f"{1 / (1 + np.exp(4)):.3f}" }.
#
# In NumPy, ReLU is `np.maximum`, which compares element by element. It is **not** Python's `max`, which
# compares two things as a whole, and not `np.max`, which returns the largest entry of one array. The next
# figure cell prints what the three do with $Z = (1, 5, -4, 3, -2)$.
#
# **Predict.** $\sigma(3) = 0.953$, rounded to three decimals. What is $\sigma(-3)$, with three decimals?

# %%
predict("symmetry", None)

# %% jupyter={"source_hidden": true} cellView="form"
Z = np.array([1.0, 5.0, -4.0, 3.0, -2.0])  # five values, as they might come out of a layer
print("np.maximum(0, Z):", np.maximum(0, Z))
print("np.max(Z):       ", np.max(Z))
try:
    max(0, Z)
except ValueError as error:
    print("max(0, Z):        ValueError:", error)
z = np.linspace(-10, 10, 401)
expected = {"relu": np.maximum(Z, 0), "sigmoid": 1 / (1 + np.exp(-Z)), "tanh": np.tanh(Z)}
curves = [np.maximum(z, 0), 1 / (1 + np.exp(-z)), np.tanh(z)]
np.testing.assert_allclose(2 / (1 + np.exp(-2 * Z)) - 1, np.tanh(Z))
np.testing.assert_allclose(1 / (1 + np.exp(-Z)) + 1 / (1 + np.exp(Z)), 1)
print("Z:      ", Z)
print("sigmoid:", expected["sigmoid"].round(8))
print("tanh:   ", expected["tanh"].round(8))
fig, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
for ax, curve, (name, dots) in zip(axes, curves, expected.items(), strict=True):
    ax.axhline(0, color="0.75", lw=1)
    ax.axvline(0, color="0.75", lw=1)
    ax.plot(z, curve)
    ax.plot(Z, dots, "o", color="tab:orange", markeredgecolor="black")
    ax.set(title=name.replace("relu", "ReLU"), xlabel="z", xticks=range(-10, 11, 5))
axes[1].set_ylim(-1.1, 1.1)
axes[2].set_ylim(-1.1, 1.1)
present(
    fig,
    "Three curves over z from -10 to 10, with dots at 1, 5, -4, 3 and -2. ReLU is 0 up to z = 0 and "
    "then rises by 1 per unit. Sigmoid and tanh are S-shaped, on one scale. The sigmoid rises from 0 "
    "to 1 and is one half at 0. Tanh rises from -1 to 1 and is 0 at 0.",
)

# %% [markdown] tags=["row-15"]
# <details>
# <summary>Answer</summary>
#
# $1 - 0.953 = 0.047$, because $\sigma(z) + \sigma(-z) = 1$: adding
# $\frac{1}{1 + e^{-z}} = \frac{e^z}{e^z + 1}$ and $\frac{1}{1 + e^z}$ gives 1.
#
# </details>
#
# Tanh keeps the sign of $z$, so its outputs are *zero-centered*; those of the sigmoid are all positive.
# Tanh is the sigmoid, scaled and shifted: $\tanh(z) = 2\,\sigma(2z) - 1$.
#
# ## How much of a feature map becomes 0?
#
# The kernels of the edge network's first layer have positive and negative weights, so on the photograph
# of the tower about half of its values are negative, and ReLU sets
# [46%]{= f'{(Z_tower[0] <= 0).mean():.0%}' } of them to 0.
#
# **Predict.** What about the fourth and last convolution layer, whose inputs are feature maps of feature
# maps? Is the fraction of zeros `"a"` about 25%, `"b"` about 50%, `"c"` about 75%, or `"d"` more than 90%?

# %%
predict("zeros", None)

# %% jupyter={"source_hidden": true} cellView="form"
fractions = [(Z <= 0).mean() for Z in Z_tower]
silent = [(Z <= 0).all(axis=(0, 1, 2)) for Z in Z_tower]
silent_flower = [(Z <= 0).all(axis=(0, 1, 2)) for Z in Z_flower]
n_H, n_W = Z_tower[3].shape[1:3]
mosaic = np.full((4 * (n_H + 6) - 6, 6 * (n_W + 6) - 6), 0.6)
for c in range(24):
    top, left = (c // 6) * (n_H + 6), (c % 6) * (n_W + 6)
    mosaic[top : top + n_H, left : left + n_W] = Z_tower[3][0, :, :, c] > 0

fig, axes = plt.subplots(1, 2, figsize=(11, 4.2), width_ratios=[2, 5], layout="constrained")
bars = axes[0].bar(range(1, 5), fractions, color="tab:blue")
axes[0].bar_label(bars, [f"{fraction:.0%}" for fraction in fractions])
axes[0].set(title="zeros after ReLU", xlabel="convolution layer", ylabel="fraction", ylim=(0, 1.08))
draw_image(axes[1], mosaic, "24 maps of layer 4: white where ReLU is not 0", (0, 1), scale=False)
present(
    fig,
    "Left, a bar chart of the fraction of zeros after ReLU: 46 percent in the first convolution "
    "layer, 73 in the second, 79 in the third, 94 in the fourth. Right, 24 feature maps of the fourth "
    "layer, white where they are not 0. Two are white around the tower, four show parts of its "
    "roofs and walls, and the others are black or have a few white dots.",
)

# %% [markdown] tags=["row-15"]
# <details>
# <summary>Answer</summary>
#
# `"d"`: in the fourth layer, [94%]{= f'{fractions[3]:.0%}' } of the activations are 0.
#
# </details>
#
# The activations are **sparse**: a unit is 0 unless the pattern of its filter is present at its position,
# and the patterns become more specific from layer to layer. On this photograph,
# [55]{= silent[3].sum() } of the [128]{= len(silent[3]) } feature maps of the fourth layer are 0
# everywhere, and [50]{= (silent[3] & silent_flower[3]).sum() } of these are 0 on a photograph of a
# flower, too. We will come back to them.
#
# ## Derivatives of the activation functions
#
# To train a network, we need to know how the cost changes with each weight, and that is computed backwards
# by the chain rule: if $A = g(Z)$, and $dA$ is the gradient of the cost with respect to $A$, then
#
# $$dZ = dA \cdot g'(Z),$$
#
# element-wise ([lesson 13](13_backpropagation.ipynb) has the details). So the
# [**derivative**](glossary.md#derivative) $g'$, the slope of the curve, decides how much of the gradient
# reaches earlier layers. For the sigmoid, the chain rule gives
#
# $$\sigma'(z) = -\frac{1}{(1 + e^{-z})^2} \cdot (-e^{-z})
# = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} = \sigma(z)\,\bigl(1 - \sigma(z)\bigr).$$
#
# For tanh you get the second formula in the same way, and for ReLU you can read the derivative off the
# figure:
#
# $$\tanh'(z) = 1 - \tanh^2(z), \qquad
# \text{ReLU}'(z) = \begin{cases} 1 & z > 0 \\ 0 & z < 0 \end{cases}$$
#
# At exactly 0, ReLU has a corner and no derivative; libraries use 0 there. The next cell compares the
# formulas with **finite differences**: `numeric_gradient` changes each number a little in both directions
# and measures the effect.

# %%
a, t = 1 / (1 + np.exp(-Z)), np.tanh(Z)
derivatives = {"sigmoid": a * (1 - a), "tanh": 1 - t**2, "ReLU": np.where(Z > 0, 1.0, 0.0)}
measured = {
    "sigmoid": numeric_gradient(lambda Z: np.sum(1 / (1 + np.exp(-Z))), Z),
    "tanh": numeric_gradient(lambda Z: np.sum(np.tanh(Z)), Z),
    "ReLU": numeric_gradient(lambda Z: np.sum(np.maximum(Z, 0)), Z),
}
print("Z       ", "".join(f"{value:>10.0f}" for value in Z))
for name, values in derivatives.items():
    np.testing.assert_allclose(measured[name], values, atol=1e-8)
    print(f"{name:<8}", "".join(f"{value:>10.6f}" for value in values))

# %% jupyter={"source_hidden": true} cellView="form"
z = np.linspace(-6, 6, 601)
a = 1 / (1 + np.exp(-z))
relu_derivative = np.where(z > 0, 1.0, 0.0)
relu_derivative[np.abs(z) < 1e-9] = np.nan  # it has none at 0
fig, ax = plt.subplots(figsize=(7.5, 3.3), layout="constrained")
ax.plot(z, relu_derivative, "-", color="0.5", label="ReLU")
ax.plot(z, 1 - np.tanh(z) ** 2, "--", color="tab:blue", label="tanh")
ax.plot(z, a * (1 - a), "-.", color="tab:red", label="sigmoid")
ax.set(title="derivatives", xlabel="z", xticks=range(-6, 7))
ax.legend(loc="upper left")
present(
    fig,
    "Three derivatives over z from -6 to 6. The derivative of ReLU jumps from 0 to 1 at z = 0. The "
    "derivative of tanh is a bell of height 1, nearly 0 beyond -3 and 3. The derivative of the "
    "sigmoid is a wider bell of height one quarter.",
)

# %% [markdown] tags=["row-15"]
# ## Saturation and vanishing gradients
#
# Both S-shaped curves are flat far from 0. A unit whose $z$ lies there is
# [**saturated**](glossary.md#saturation), and hardly any gradient passes through it: at $z = 5$ the
# derivative of the sigmoid is only [0.0066]{= f"{derivatives['sigmoid'][1]:.4f}" }. But even at its
# maximum, at $z = 0$, it is no more than $\frac12 \cdot \frac12 = \frac14$.
#
# **Predict.** A gradient passes backwards through several sigmoid layers, and each multiplies it by its
# derivative. After how many layers is this product certain to be below 1/1000?

# %%
predict("vanish", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# After 5 layers, because $(1/4)^5 = 1/1024$. Four layers are not enough: $(1/4)^4 = 1/256$.
#
# </details>
#
# Ten layers multiply the gradient by at most $(1/4)^{10}$, about
# [0.00000095]{= f"{0.25**10:.8f}" }. The weights multiply it as well, so let us measure what happens in a
# network. The next cell builds one of 20 dense layers with 100 units each, sends 50 random inputs
# forward and a random gradient backward, and compares the size of the gradient at each layer. The
# weights are random, with the scales that are customary for each function: a variance of
# $1/100$ for sigmoid and tanh (Glorot and Bengio, 2010), and $2/100$ for ReLU (He and others, 2015).


# %% jupyter={"source_hidden": true} cellView="form"
def with_derivative(name, Z):
    """Return the activations and the derivatives."""
    if name == "ReLU":
        return np.where(Z > 0, Z, 0.0), np.where(Z > 0, 1.0, 0.0)
    A = np.tanh(Z) if name == "tanh" else 1 / (1 + np.exp(-Z))
    return A, 1 - A**2 if name == "tanh" else A * (1 - A)


def gradient_norms(name, variance, n_layers=20):
    """Return the L2 norm of the gradient with respect to each layer's input, first layer first."""
    rng = np.random.default_rng(0)
    A, layers = rng.standard_normal((50, 100)), []
    for _ in range(n_layers):
        W = rng.standard_normal((100, 100)) * np.sqrt(variance)
        A, derivative = with_derivative(name, A @ W)
        layers.append((W, derivative))
    dA, norms = rng.standard_normal(A.shape), []
    for W, derivative in reversed(layers):
        dA = (dA * derivative) @ W.T
        norms.insert(0, np.linalg.norm(dA))
    return norms


norms = {
    "ReLU": gradient_norms("ReLU", 0.02),
    "tanh": gradient_norms("tanh", 0.01),
    "sigmoid": gradient_norms("sigmoid", 0.01),
}
large_weights = gradient_norms("sigmoid", 0.16)  # what exercise 4 asks for

fig, ax = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
for (name, values), style in zip(norms.items(), ("-o", "--s", "-.^"), strict=True):
    color = {"ReLU": "0.5", "tanh": "tab:blue", "sigmoid": "tab:red"}[name]
    ax.semilogy(range(1, 21), values, style, color=color, label=name, markersize=4)
ax.set(xlabel="layer", ylabel="norm of the gradient", xticks=[1, 5, 10, 15, 20])
ax.legend(loc="lower right")
present(
    fig,
    "The norm of the gradient at layers 1 to 20, on a logarithmic axis. With ReLU it stays near 60 "
    "in all layers. With tanh it falls from 67 at layer 20 to 13 at layer 1. With sigmoid it falls "
    "along a straight line, from 16 at layer 20 to about 10 to the power of minus 11 at layer 1.",
)

# %% [markdown] tags=["row-15"]
# With ReLU, the first layer gets a gradient of about the same size as the last,
# [60]{= f"{norms['ReLU'][0]:.0f}" } and [69]{= f"{norms['ReLU'][-1]:.0f}" }. With tanh, it gets
# [19%]{= f"{norms['tanh'][0] / norms['tanh'][-1]:.0%}" } of it. With sigmoid, the factor is about
# $10^{[-12]{= round(np.log10(norms['sigmoid'][0] / norms['sigmoid'][-1])) }}$, and the first layer cannot
# learn: this is the [**vanishing gradient**](glossary.md#vanishing-gradient). ReLU passes the whole
# gradient wherever $z$ is positive, however large, and needs no exponential function. That is why it
# replaced the other two between layers.
#
# ## Dead units and leaky ReLU
#
# ReLU has a weakness of its own. Consider a single unit $a = \text{ReLU}(wx + b)$ with the inputs
# $x = 1, 2, 3, 4, 5$, which should learn to output half of its input. The cost is the mean squared error,
# and we start at $w = 1$, $b = 0$. The gradient is $dw = 11$, $db = 3$. A reasonable learning rate is 0.02,
# but we make one careless step with 0.2:
#
# $$w = 1 - 0.2 \cdot 11 = -1.2, \qquad b = 0 - 0.2 \cdot 3 = -0.6.$$
#
# Now $z = -1.2x - 0.6$ is negative for all five inputs, and the unit outputs 0.
#
# **Predict.** We go on with the learning rate 0.02. What is $w$ after 100 more steps?

# %%
predict("stuck", None)


# %% jupyter={"source_hidden": true} cellView="form"
def weights_over_time(factor, first_rate, n_steps=100):
    """Return the weight after each step; `factor` is the activation's derivative below 0."""
    x = np.arange(1.0, 6)
    w, b, weights = 1.0, 0.0, [1.0]
    for step in range(n_steps + 1):
        z = w * x + b
        derivative = np.where(z > 0, 1, factor)
        dz = 2 * (derivative * z - x / 2) / len(x) * derivative
        rate = first_rate if step == 0 else 0.02
        w, b = w - rate * np.sum(dz * x), b - rate * np.sum(dz)
        weights.append(w)
    return weights


runs = {
    "ReLU, all steps with 0.02": (weights_over_time(0, 0.02), "-", "0.5"),
    "leaky ReLU, α = 0.1, first step with 0.2": (weights_over_time(0.1, 0.2), "-.", "tab:green"),
    "leaky ReLU, α = 0.01, first step with 0.2": (weights_over_time(0.01, 0.2), "--", "tab:blue"),
    "ReLU, first step with 0.2": (weights_over_time(0, 0.2), ":", "tab:red"),
}
np.testing.assert_allclose(runs["ReLU, first step with 0.2"][0][1:], -1.2)
fig, ax = plt.subplots(figsize=(9.5, 3.5), layout="constrained")
for label, (weights, style, color) in runs.items():
    ax.plot(weights, style, color=color, label=label, lw=2.2)
ax.set(xlabel="step", ylabel="weight w")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
present(
    fig,
    "The weight w over 100 steps, from 1 on. With ReLU and the small learning rate it goes to about "
    "0.5. After one large step with ReLU it falls to -1.2 and stays there. With leaky ReLU after the "
    "same large step, it rises again: with factor 0.1 it reaches 0.5 within 60 steps, with factor "
    "0.01 it has come back to about -1 after 100 steps.",
)

# %% [markdown] tags=["row-15"]
# <details>
# <summary>Answer</summary>
#
# $w$ stays at [-1.2]{= f"{runs['ReLU, first step with 0.2'][0][-1]:.1f}" } forever: the derivative is 0 for
# every example, so the gradient is 0.
#
# </details>
#
# Such a unit is called [**dead**](glossary.md#dead-unit): as long as its inputs stay as they are, nothing
# brings it back. A unit that is 0 only on some images is not dead, so two photographs cannot tell us
# whether the 50 maps above are dead: their filters may detect a pattern that neither photograph contains.
#
# [**Leaky ReLU**](glossary.md#leaky-relu) keeps a small derivative on the negative side:
#
# $$\text{leaky ReLU}(z) = \begin{cases} z & z > 0 \\ \alpha z & z \le 0 \end{cases}
# \qquad \text{with a small factor } \alpha \text{, such as } 0.01$$
#
# In the figure, the unit with $\alpha = 0.1$ recovers within 60 steps. With $\alpha = 0.01$, the weight
# moves in the right direction, but has only reached
# [-0.97]{= f"{runs['leaky ReLU, α = 0.01, first step with 0.2'][0][-1]:.2f}" } after 100.
# The price: activations of leaky ReLU are no longer sparse.
#
# ## Choosing an activation function
#
# | function | values | derivative | where you meet it |
# |---|---|---|---|
# | ReLU | 0 and above | 0 or 1 | between layers; the default |
# | leaky ReLU | all | $\alpha$ or 1 | if many units die |
# | tanh | -1 to 1 | at most 1 | recurrent networks; a scaled tanh in LeNet (1998) |
# | sigmoid | 0 to 1 | at most 1/4 | gates, and outputs that are probabilities |
#
# The last layer of a network is a case of its own: which function belongs there depends on the loss, the
# topic of [lesson 12](12_losses.ipynb).

# %% [markdown] tags=["row-15"]
# ## Activation functions in Keras, TensorFlow and PyTorch
#
# Each library has the functions as layers and as plain functions, and in Keras also as an argument,
# `Conv2D(8, 3, activation="relu")`. They agree with NumPy on our five values. For leaky ReLU, look at the
# defaults:

# %% needs="keras tensorflow"
import keras
import tensorflow as tf

Z_float32 = Z.astype("float32")

for name, values in expected.items():
    layer = keras.layers.Activation(name)
    np.testing.assert_allclose(layer(Z_float32[None])[0], values, rtol=1e-5)
    function = tf.nn.relu if name == "relu" else getattr(tf, name)
    np.testing.assert_allclose(function(Z_float32), values, rtol=1e-5)
print("ReLU, sigmoid and tanh of Keras and TensorFlow agree with NumPy.")
minus_one = np.array([-1.0], "float32")
leaky = {
    "keras.layers.LeakyReLU()": keras.layers.LeakyReLU(),
    "keras.activations.leaky_relu": keras.activations.leaky_relu,
    "tf.nn.leaky_relu": tf.nn.leaky_relu,
}
for name, function in leaky.items():
    print(f"leaky ReLU of -1: {float(function(minus_one)[0]):.2f} with {name}")
defaults = [float(function(minus_one)[0]) for function in leaky.values()]
np.testing.assert_allclose(defaults, [-0.3, -0.2, -0.2], rtol=1e-6)

# %% needs="torch"
import torch

for name, values in expected.items():
    function = getattr(torch, name)
    np.testing.assert_allclose(function(torch.tensor(Z, dtype=torch.float32)), values, rtol=1e-5)
print("ReLU, sigmoid and tanh of PyTorch agree with NumPy.")
leaky_of_minus_one = torch.nn.LeakyReLU()(torch.tensor(-1.0)).item()
print(f"leaky ReLU of -1: {leaky_of_minus_one:.2f} with torch.nn.LeakyReLU()")
np.testing.assert_allclose(leaky_of_minus_one, -0.01, rtol=1e-6)

# %% [markdown]
# The factor $\alpha$ is 0.3 in Keras' layer, 0.2 in its function and in TensorFlow, and 0.01 in PyTorch.
# When you port a network from one library to another, set it explicitly (`negative_slope` in Keras and
# PyTorch, `alpha` in TensorFlow).
#
# ## Further: many ReLUs make a curve
#
# *You can skip this section.* One ReLU has one corner. A sum of $k$ ReLUs with corners at
# $t_1, \dots, t_k$,
#
# $$y = c_0 + c_1 x + \sum_{j=1}^{k} v_j \,\text{ReLU}(x - t_j),$$
#
# consists of straight pieces with up to $k$ corners. This is a network with one hidden layer. How well
# can it follow a curve? The figure chooses the best $c$ and $v$ for a row of pixels of the photograph,
# with 1, 2, 4, ... ReLUs.

# %% jupyter={"source_hidden": true} cellView="form"
pixels = gray[0, 60, :, 0]
x = np.arange(len(pixels), dtype=float)
fits = {}
for k in (0, 1, 2, 4, 8, 16, 32, 64):
    corners = np.linspace(0, len(x) - 1, k + 2)[1:-1]
    features = np.stack([np.ones_like(x), x, *(np.where(x > t, x - t, 0) for t in corners)], axis=1)
    best, *_ = np.linalg.lstsq(features, pixels)
    fits[k] = features @ best
errors = {k: np.abs(fit - pixels).mean() for k, fit in fits.items()}


def draw_fit(k):
    figure, ax = plt.subplots(figsize=(9, 3.3), layout="constrained")
    ax.plot(x, pixels, color="0.7", label="row 60 of the photograph")
    ax.plot(x, fits[k], color="tab:red", label="sum of ReLUs")
    title = f"{k} ReLU{'' if k == 1 else 's'}: mean error {errors[k]:.1f}"
    ax.set(title=title, xlabel="column", ylim=(0, 340))
    ax.legend(loc="upper right", ncols=2)
    return figure


animate(
    draw_fit,
    fits,
    "A row of pixels as a jagged gray curve, and a red curve of straight pieces. With 0 ReLUs it is a "
    "straight line; with 1, 2, 4 and more it gets more corners and follows the gray curve more and "
    "more closely.",
    seconds=1.2,
)

# %% [markdown]
# The mean error falls from [39]{= f"{errors[0]:.0f}" } gray levels without a ReLU to
# [7]{= f"{errors[64]:.0f}" } with 64. With enough ReLUs, such a network approximates every continuous
# function on an interval as closely as you like. This is the one-dimensional case of the *universal
# approximation theorem*. It promises that good weights exist, not that training finds them.
#
# ## Further: smooth relatives of ReLU
#
# *You can skip this section too.* Many recent networks use functions without a corner. **GELU** is
# $z\,\Phi(z)$, where $\Phi$ is the cumulative distribution function of the normal distribution, and
# **SiLU** (or *swish*) is $z\,\sigma(z)$. Both are close to ReLU far from 0. Slightly below 0 they are
# negative, for example SiLU$(-1) =$ [-0.269]{= f"{-1 / (1 + np.exp(1)):.3f}" }, with a derivative that is
# not 0.
#
# ## Exercises
#
# ### Exercise 1: by hand
#
# 1. A sigmoid unit outputs 0.9. What is the `derivative` of the sigmoid there?
# 2. A tanh unit outputs 0.6, and its $dA$ is 2. What is `dZ`?
# 3. A 3 x 3 convolution is followed by a 5 x 5 convolution, both with stride 1, and nothing in between. A
#    single convolution can replace them: what is its kernel `size`?

# %%
derivative = None
dZ = None
size = None
### BEGIN SOLUTION
derivative = 0.9 * (1 - 0.9)
dZ = 2 * (1 - 0.6**2)
size = 5 + 3 - 1  # 5 neighboring patches of 3 rows cover 7 rows
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1, derivative",
    derivative,
    0.09,
    "The derivative of the sigmoid can be written with its output a alone.",
    [
        (1 - 0.9**2, "This is the derivative of tanh where its output is 0.9."),
        (0.9, "This is the output. The derivative is smaller."),
        (0.1, "That is one of two factors."),
        (0.81, "Multiply 0.9 by the distance to 1."),
        (0.25, "That is the largest derivative, where the output is 0.5."),
        (
            np.exp(-0.9) / (1 + np.exp(-0.9)) ** 2,
            "This is the derivative at z = 0.9. Here 0.9 is the output, and z is larger.",
        ),
    ],
)
public_tests.check_answer(
    "Exercise 1, dZ",
    dZ,
    1.28,
    "Multiply dA by the derivative of tanh, written with the output of the unit.",
    [
        (0.64, "That is the derivative. Multiply it by dA."),
        (2, "That is dA itself. Which derivative does tanh multiply it by?"),
        (0.48, "That is for a sigmoid unit with the output 0.6."),
        (0.8, "The derivative contains the square of the output."),
        (0.72, "Subtract the square of the output from 1."),
        (1.2, "That is dA times the output. Which derivative belongs there?"),
        (2 / 0.64, "Multiply by the derivative. Do not divide."),
        (
            2 * (1 - np.tanh(0.6) ** 2),
            "This is right for z = 0.6. Here 0.6 is the output, and you need no tanh.",
        ),
    ],
)
public_tests.check_answer(
    "Exercise 1, size",
    size,
    np.convolve(np.ones(3), np.ones(5)).size,
    "Draw the paths from the inputs to one output along one axis, as in the figure with five inputs.",
    [
        (8, "Neighboring 3 x 3 patches overlap. How many rows do five of them cover?"),
        (15, "Neighboring 3 x 3 patches overlap. How many rows do five of them cover?"),
        (5, "One output depends on 5 x 5 values of the first layer, and each on a 3 x 3 patch."),
        (3, "One output depends on 5 x 5 values of the first layer, and each on a 3 x 3 patch."),
        (9, "From 9 rows, the first layer computes 7. How many does the second one use?"),
        (34, "That is the number of weights in the two layers."),
        (49, "That is the number of weights. The kernel size counts the rows."),
        ((7, 7), "Right, along both axes. Answer with one number."),
    ],
)

# %% [markdown]
# ### Exercise 2: leaky ReLU
#
# Write `leaky_relu(Z)` with $\alpha = 0.01$, for arrays of any shape and data type.


# %%
def leaky_relu(Z):
    A = None
    ### BEGIN SOLUTION
    A = np.maximum(Z, 0.01 * Z)
    ### END SOLUTION
    return A


# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_function(
    "Exercise 2",
    leaky_relu,
    lambda Z: np.where(Z > 0, Z, 0.01 * Z),
    [
        (np.array([1.0, 5.0, -4.0, 3.0, -2.0]),),
        (np.array([[0.0, 0.5, -0.5], [200.0, -200.0, 1.0]]),),
        (np.array([3, -2, 0, -150]),),
    ],
    "Compare each entry of Z with 0.01 times itself, and keep the larger one.",
    [
        (lambda Z: np.maximum(Z, 0), "This is ReLU. Leaky ReLU keeps 0.01 z for negative z."),
        (lambda Z: np.where(Z > 0, Z, 0.1 * Z), "Check the factor: 0.01, not 0.1."),
        (lambda Z: 0.01 * Z, "This multiplies every z by 0.01. Positive z should stay as it is."),
        (lambda Z: np.where(Z > 0, 1, 0.01), "This is the derivative of leaky ReLU."),
        (
            lambda Z: np.maximum(Z, 0.01),
            "This compares with the number 0.01 itself. Negative z should give 0.01 z.",
        ),
        (
            lambda Z: np.minimum(Z, 0.01 * Z),
            "This keeps the smaller of the two, so positive numbers are multiplied by 0.01.",
        ),
        (
            lambda Z: np.maximum(Z, -0.01 * Z),
            "For negative numbers the result should be negative. Check the sign of the factor.",
        ),
        (
            lambda Z: np.where(Z > 0, Z, 0.01 * Z).astype(Z.dtype),
            "Right for floats. An array of integers cannot hold -0.02, so do not write into one.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `Z` holds the values of a convolution layer before its ReLU, of shape $(m, n_H, n_W, n_C)$. For each
# channel, `is_dead_buggy` should say whether its ReLU is 0 everywhere in the whole batch. On the batch
# below, it calls both channels dead. Which of them is not? Fix the function.


# %%
def is_dead_buggy(Z):
    largest = Z.max(axis=(1, 2))  # for each example and channel
    return (largest <= 0).any(axis=0)


Z_batch = np.full((3, 2, 4, 2), -1.0)
Z_batch[0, 1, 2, 1] = 5
print(is_dead_buggy(Z_batch))


def is_dead(Z):
    result = None
    ### BEGIN SOLUTION
    result = Z.max(axis=(0, 1, 2)) <= 0
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true} cellView="form"
at_zero = np.zeros((2, 3, 2, 3))
at_zero[1, 2, 0, 2] = 0.5
public_tests.check_function(
    "Exercise 3",
    is_dead,
    lambda Z: (Z <= 0).all(axis=(0, 1, 2)),
    [
        (Z_batch,),
        (at_zero,),
        (np.random.default_rng(0).standard_normal((4, 3, 2, 5)) - np.array([0, 1, 2, 3, 9]),),
    ],
    "Channel 1 has a positive value in example 0. In how many examples must a dead unit be 0?",
    [
        (
            lambda Z: (Z.max(axis=(1, 2)) <= 0).any(axis=0),
            "One example in which a channel is 0 is not enough.",
        ),
        (lambda Z: (Z[0] <= 0).all(axis=(0, 1)), "That looks at the first example alone."),
        (
            lambda Z: Z.mean(axis=(0, 1, 2)) <= 0,
            "A negative mean is not enough. A single positive value keeps a channel alive.",
        ),
        (lambda Z: (Z < 0).all(axis=(0, 1, 2)), "At z = 0 the output is 0 as well."),
        (lambda Z: (Z <= 0).any(axis=(0, 1, 2)), "That asks for a single value below or at 0."),
        (lambda Z: ~(Z <= 0).all(axis=(0, 1, 2)), "That is the opposite: which are alive."),
        (lambda Z: (Z <= 0).all(), "That is one answer for all channels. Each needs its own."),
        (
            lambda Z: Z.max(axis=0) <= 0,
            "That is one answer for each position. Reduce the rows and columns as well.",
        ),
        (
            lambda Z: Z.max(axis=(1, 2)) <= 0,
            "That is one answer for each example. Reduce the axis of the examples as well.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# Decide first, then try what you can.
#
# 1. ... you apply ReLU twice? And the sigmoid?
# 2. ... the weights of the sigmoid network with 20 layers are four times as large, to make up for the
#    factor 1/4?
# 3. ... all biases of a ReLU layer are set to -1,000 before the training?
#
# <details>
# <summary>Discussion</summary>
#
# 1. The second ReLU changes nothing, because nothing negative is left. The second sigmoid maps
#    everything into a small range, from 0.5 to
#    [0.731]{= f"{1 / (1 + np.exp(-1)):.3f}" }, that is, $\sigma(0)$ to $\sigma(1)$.
# 2. It helps, but not enough: the gradient falls from [43]{= f"{large_weights[-1]:.0f}" } at layer 20 to
#    [0.004]{= f"{large_weights[0]:.3f}" } at layer 1. Larger weights make $|z|$ larger, and more units
#    saturate.
# 3. All units of this layer output 0, whatever the image, and get no gradient. Neither do the layers
#    before it. The layers after it see the same zeros for every image, and only
#    their biases can learn. For a classifier of ten classes, that is one fixed prediction.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **explain why a network needs a [nonlinearity](glossary.md#nonlinearity):** without it, all layers
#    collapse into one, and no linear filter can respond to bright and to dark lines alike;
# 2. **compute the [activation functions](glossary.md#activation-function) and their
#    [derivatives](glossary.md#derivative):** $\max(z, 0)$ with 1 or 0, its leaky variant with 1 or
#    $\alpha$, $\sigma(z)$ with $\sigma(1 - \sigma)$, and $\tanh(z)$ with $1 - \tanh^2$;
# 3. **recognize units that do not learn:** [saturated](glossary.md#saturation) ones, with a sigmoid or
#    tanh far from 0, and dead ones, whose ReLU is 0 for every example; and you can choose: ReLU between
#    layers, unless you have a reason.
#
# | term in this course | you may also read |
# |---|---|
# | [**activation function**](glossary.md#activation-function) | nonlinearity, transfer function |
# | [**activation**](glossary.md#activation), $A$; $Z$ | post-activation; pre-activation, logit |
# | [**sigmoid**](glossary.md#sigmoid), $\sigma$ | logistic function |
# | [**saturation**](glossary.md#saturation), [**vanishing gradient**](glossary.md#vanishing-gradient) | |
# | [**dead unit**](glossary.md#dead-unit) | dying ReLU |
# | [**leaky ReLU**](glossary.md#leaky-relu), $\alpha$ | LReLU, `negative_slope` |
#
# ## What to read next
#
# - Next is lesson 12, [Losses](12_losses.ipynb).
# - To practice, after lesson 12: the assignment
#   [Activations](../release/activations/activations.ipynb).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 5.1:
#   [d2l.ai](https://d2l.ai/chapter_multilayer-perceptrons/mlp.html).
# - The notes of CS231n, *Neural Networks Part 1*, on common activation functions:
#   [cs231n.github.io](https://cs231n.github.io/neural-networks-1/).
# - Glorot, Bordes and Bengio, *Deep sparse rectifier neural networks* (AISTATS 2011): the case for ReLU.
# - Maas, Hannun and Ng, *Rectifier nonlinearities improve neural network acoustic models* (ICML workshop,
#   2013): leaky ReLU.
# - Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural networks*
#   (AISTATS 2010), and He, Zhang, Ren and Sun, *Delving deep into rectifiers* (ICCV 2015), on the scale of
#   the weights: [arXiv:1502.01852](https://arxiv.org/abs/1502.01852).
