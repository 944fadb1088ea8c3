# %% [markdown]
# # Sizes and parameters of convolutional networks
#
# AlexNet won the ImageNet competition of 2012 and started the rise of deep learning. According to
# its paper, the first layer slides filters of 11 x 11 pixels with stride 4 over images of 224 x 224
# pixels, and its feature maps have 55 x 55 values. These numbers do not fit together. In this
# notebook you write the functions that reveal such a mistake, and find two ways to repair it.
#
# By the end of this notebook you will be able to
#
# 1. compute the size of an output, and work backward to the padding or the image that it needs;
# 2. say how many zeros VALID, SAME and FULL padding add at each end of an axis;
# 3. count the parameters of a layer, and find the output size of a transposed convolution.
#
# **Time:** about 100 minutes. **You need:** Python, and the idea of a kernel that slides over an
# image, as in lesson 06. There are four graded exercises and three shorter steps that are checked
# but not graded. Have pen and paper ready: you derive every formula yourself.

# %% include="setup"

# %% [markdown]
# The next cell defines two helpers: `draw_axis` draws an axis and the positions of a kernel, and
# `check_step` checks the steps that are not graded. Run it; you do not have to read it.

# %% jupyter={"source_hidden": true} cellView="form"
def draw_axis(ax, cells, hatched, bars, title="", below=True):
    """Draw an axis of numbered cells, some of them hatched, and labeled bars (start, length)."""
    number = 0
    for cell in cells:
        style = {"facecolor": "white", "hatch": "////"} if cell in hatched else {"facecolor": "0.9"}
        ax.add_artist(plt.Rectangle((cell, 0), 1, 1, edgecolor="0.5", **style))
        if cell not in hatched:
            ax.text(cell + 0.5, 0.5, f"{number}", ha="center", va="center")
            number += 1
    for row, (start, length, label) in enumerate(bars):
        height = -0.5 - 0.5 * row if below else 1.5 + 0.5 * row
        ends, color = [start + 0.1, start + length - 0.1], "C0" if below else "C1"
        ax.plot(ends, [height, height], color=color, lw=5)
        ax.text(start + length + 0.1, height, label, va="center")
    low, high = (-0.8 - 0.5 * len(bars), 1.2) if below else (-0.2, 1.8 + 0.5 * len(bars))
    ax.set(xlim=(min(cells) - 0.2, max(cells) + 3.5), ylim=(low, high), title=title)
    ax.axis("off")


def check_step(function, table):
    """Call a function with each row of a table, and report the first wrong result."""
    name = function.__name__
    for arguments, expected, remark in table:
        actual = function(*arguments)
        if actual is ...:
            return f"{name} is not written yet, so nothing was checked."
        if actual != expected:
            call = f"{name}({', '.join(map(repr, arguments))})"
            return f"{call} gives {actual}, expected {expected}. {remark}"
    return f"{name} is correct in all {len(table)} cases."


# %% [markdown]
# ## Output size
#
# The height and the width of an output do not influence each other, so we look at one **axis** at a
# time. The input has $n$ pixels along this axis, and the **kernel size** is $f$. The **padding**
# $p$, in code `pad`, is the number of zeros on each side, and the **stride** $s$ is the distance
# between two positions of the kernel. At each position the layer computes one value. The output
# size is therefore the number of positions.
#
# In the figure, $n = 7$, $f = 3$, $s = 2$ and $p = 1$.

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(7, 2.4), layout="constrained")
bars = [(start, 3, f"output {place}") for place, start in enumerate([-1, 1, 3, 5])]
draw_axis(ax, range(-1, 8), (-1, 7), bars)
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# A row of nine cells. The first and the last are hatched: they are the padding. The seven cells
# between them have the numbers 0 to 6. Below the row are four bars, each three cells long. Output 0
# begins at the padding on the left, and each further bar two cells more to the right. Output 3 ends
# at the padding on the right.
#
# </details>
#
# Only positions at which the whole kernel fits on the padded axis count. **Derive a formula for
# their number.** The middle column answers four questions for the figure. Answer them with $n$,
# $f$, $s$ and $p$:
#
# | question | in the figure | in general |
# |---|---|---|
# | How many cells does the padded axis have? | 9 | |
# | With stride 1, how far from the first position is the last one? | 6 cells | |
# | How many whole steps of the stride fit into that distance? | 3 | |
# | How many positions are there? | 4 | |
#
# **Predict.** Does the output grow if the input has one pixel more, $n = 8$? And with two more,
# $n = 9$? Use the figure, then your formula: both must agree.
#
# <details>
# <summary>Answer</summary>
#
# The output size is 4 for 8 pixels and 5 for 9. With 8 pixels, the last cell of the padded axis is
# in no window, because half a step is no step. Your formula has to round down there; Python's `//`
# divides integers and rounds down.
#
# </details>

# %% [markdown]
# ## Exercise: output_size
#
# Write `output_size(n, f, stride, pad)`, the output size along one axis. Replace the line
# `# YOUR CODE HERE` and the `raise` line below it; one line of code is enough. You may assume that
# the kernel fits. In this notebook, all sizes are integers.

# %% solution="output_size"

# %% [markdown]
# **Try it.** The first line is a filter of 3 rows and 4 columns on a 7 x 7 image. The second one
# follows an axis of 32 pixels through two convolutions and two pooling layers. The last line is
# AlexNet's first layer, without padding: the paper says 55.

# %%
print(output_size(7, 3, 1, 0), "rows and", output_size(7, 4, 1, 0), "columns")
sizes = [32]
for f, stride in [(3, 1), (2, 2), (3, 1), (2, 2)]:
    sizes.append(output_size(sizes[-1], f, stride, 0))
print("a small network:", sizes)
print("AlexNet:", output_size(224, 11, 4, 0))

# %% [markdown]
# **Expected output**
#
# ```
# 5 rows and 4 columns
# a small network: [32, 30, 15, 13, 6]
# AlexNet: 54
# ```

# %% check="output_size"

# %% [markdown]
# ## Working backward: which padding?
#
# When you rebuild a network from a paper, you often know its sizes and have to find the padding.
#
# **First step (not graded).** Write `padding_for(n, f, stride, size)`: the smallest padding for
# which the output has `size` values, and `None` if there is none. Padding beyond $f - 1$ is
# pointless, since some windows would contain nothing but zeros, so look no further. You can solve
# your formula for $p$, or try one padding after the other with `output_size`, if it passes its
# check. (If the check below runs for more than a second, a loop in your function never ends: stop
# it with *Kernel > Interrupt*, in Colab *Runtime > Interrupt execution*.)


# %%
def padding_for(n, f, stride, size):
    pad = ...  # replace the dots
    return pad


# %% jupyter={"source_hidden": true} cellView="form"
table = [
    ((224, 3, 1, 224), 1, "The size stays the same."),
    ((112, 3, 2, 56), 1, "A padding of 0 gives 55."),
    ((224, 7, 2, 112), 3, "A padding of 2 gives 111."),
    ((28, 5, 1, 24), 0, "No padding is needed here."),
    ((224, 11, 4, 55), 2, "Paddings are integers: 1 gives an output of 54, and 2 one of 55."),
    ((28, 4, 1, 28), None, "A padding of 1 gives 27, and a padding of 2 gives 29."),
    ((20, 3, 2, 3), None, "The output is larger than 3 even without padding."),
]
print(check_step(padding_for, table))

# %% [markdown]
# **Predict.** One way to repair the numbers of AlexNet is a padding of 2, which is what torchvision
# uses. The other is to keep a padding of 0 and change the image. Which image sizes give 55?
#
# <details>
# <summary>Answer</summary>
#
# 227, 228, 229 and 230. The last of 55 positions starts after 54 steps of 4 pixels and covers 11
# pixels, which makes 227. Up to 3 pixels more are not enough for another step. Many implementations
# use images of 227 x 227.
#
# </details>

# %% [markdown]
# ## Which images does a network accept?
#
# An image can be too small for a network: after a few layers the kernel is larger than what is
# left. To find the smallest image, start at the end. The last layer must have at least 1 output
# value, which tells you how many input values it needs. The layer before it has to supply them.
#
# **Second step (not graded).** A network is a list of layers `(f, stride, pad)`. Write
# `smallest_input(layers)`, the smallest size for which every layer has an output. First answer on
# paper: if a layer must have $m$ output values, how many input values does it need at least? The
# figure above has an example, with 4 outputs and 7 inputs. Padding is never more than half the
# kernel size here, so your answer is at least 1.


# %%
def smallest_input(layers):
    n = ...  # replace the dots; reversed(layers) runs through a list from its end
    return n


# %% jupyter={"source_hidden": true} cellView="form"
lenet = [(5, 1, 2), (2, 2, 0), (5, 1, 0), (2, 2, 0)]
five_blocks = 5 * [(3, 1, 0), (2, 2, 0)]
alexnet = [(11, 4, 2), (3, 2, 0), (5, 1, 2), (3, 2, 0), *3 * [(3, 1, 1)], (3, 2, 0)]
table = [
    (([(3, 1, 0)],), 3, "A single window has to fit."),
    (([(3, 2, 1)],), 1, "A pixel and the zeros beside it make a window of 3."),
    (([(2, 2, 0), (3, 1, 0)],), 6, "The last layer needs 3 values. How many pixels give 3?"),
    (([(3, 1, 0), (2, 2, 0)],), 4, "Begin with the last layer of the list."),
    ((lenet,), 12, "Between the layers, sizes of 2, 6 and 12 are needed, from the end."),
    ((five_blocks,), 94, "Follow the sizes of an image of 94 pixels with output_size."),
    ((alexnet,), 63, "Do you use the padding of every layer?"),
]
print(check_step(smallest_input, table))

# %% [markdown]
# ## Total stride and receptive field
#
# The **receptive field** of an output value is the part of the input that it depends on, padding
# included. The **total stride** (or *effective stride*) is the distance, in pixels of the input,
# between the receptive fields of two neighboring output values. The figure shows a layer with
# kernel size 3 and stride 2, followed by a layer with kernel size 3 and stride 1.

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
colored = [range(7), range(3), range(1)]
for level, (count, first, step) in enumerate([(9, 0, 1), (4, 1, 2), (2, 3, 2)]):
    for k in range(count):
        x = first + step * k
        face = "#f9a65a" if k in colored[level] else "0.93"
        box = plt.Rectangle((x + 0.06, 1.6 * level), 0.88, 0.8, facecolor=face, edgecolor="0.4")
        ax.add_artist(box)
        ax.text(x + 0.5, 1.6 * level + 0.4, f"{k}", ha="center", va="center")
        if level:
            reach = 1 if level == 1 else 2
            for other in range(x - reach, x + reach + 1, reach):
                style = {"color": "#c05a00", "lw": 2} if k in colored[level] else {"color": "0.75"}
                ax.plot([other + 0.5, x + 0.5], [1.6 * level - 0.8, 1.6 * level], zorder=0, **style)
for level, name in enumerate(["input", "layer 1: f = 3, s = 2", "layer 2: f = 3, s = 1"]):
    ax.text(9.3, 1.6 * level + 0.4, name, va="center")
ax.set(xlim=(-0.1, 13.2), ylim=(-0.1, 4.2))
ax.axis("off")
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Three rows of cells. The input has 9 cells. Layer 1 has 4 cells, each connected to 3 input cells,
# two input cells apart. Layer 2 has 2 cells, each connected to 3 cells of layer 1. Output 0 of
# layer 2 is colored, and so are the cells it depends on: 0 to 2 of layer 1, and 0 to 6 of the
# input. The other output of layer 2 depends on the input cells 2 to 8.
#
# </details>
#
# The receptive field of the second layer has 7 pixels, and the total stride is 2.
#
# **Predict.** What are the receptive field and the total stride if the first layer has stride 1 and
# the second one has stride 2? And if both have stride 2?
#
# <details>
# <summary>Answer</summary>
#
# With strides 1 and 2: receptive field 5, total stride 2. With 2 and 2: receptive field 7, total
# stride 4. The stride of a layer changes the distance between *its* outputs, so only the layers
# after it see more.
#
# </details>
#
# **Third step (not graded).** Write `stride_and_field(layers)`, which returns the total stride and
# the receptive field of the last layer, in this order. Go through the layers from first to last,
# and keep both numbers up to date. What does a further kernel of $f$ values add to the receptive
# field, if neighboring values are $d$ pixels apart?


# %%
def stride_and_field(layers):
    total_stride, field = ..., ...  # replace the dots
    return total_stride, field


# %% jupyter={"source_hidden": true} cellView="form"
vgg = 2 * [(3, 1, 1), (3, 1, 1), (2, 2, 0)] + 3 * [*3 * [(3, 1, 1)], (2, 2, 0)]
table = [
    (([(3, 1, 0)],), (1, 3), "A single layer sees one window."),
    (([(3, 1, 0), (3, 1, 0)],), (1, 5), "The second layer adds one pixel on each side."),
    (([(3, 2, 0), (3, 1, 0)],), (2, 7), "This is the network in the figure."),
    (([(3, 1, 0), (3, 2, 0)],), (2, 5), "The stride of a layer matters only for layers after it."),
    ((lenet,), (4, 16), "Does each stride count for the layers after it, and for them only?"),
    ((five_blocks,), (32, 94), "Strides of 2, five times: do they add up, or multiply?"),
    ((vgg,), (32, 212), "This is VGG-16, up to its last pooling layer."),
    ((alexnet,), (32, 195), "Padding has no influence here."),
]
if stride_and_field(lenet) == (..., ...):
    print("stride_and_field is not written yet, so nothing was checked.")
else:
    print(check_step(stride_and_field, table))

# %% [markdown]
# **Predict.** The five blocks have no padding. Their smallest image and their receptive field are
# both 94. For AlexNet the numbers are 63 and 195. Is the first result a coincidence?
#
# <details>
# <summary>Answer</summary>
#
# No. Without padding, one output value needs all of its receptive field, and nothing else. With
# padding, part of the receptive field can lie outside the image, so a smaller image is accepted.
# The values then depend to a large part on zeros.
#
# </details>

# %% [markdown]
# ## VALID, SAME and FULL padding
#
# Libraries offer amounts of padding by name. Each is defined by the positions of the kernel that it
# allows. Here is an axis of 7 pixels with stride 1:
#
# - **VALID:** the kernel must lie inside the input.
# - **SAME:** the output has as many values as the input.
# - **FULL:** the kernel must cover at least one pixel of the input, wherever it is.
#
# | zeros (before, after) | VALID | SAME | FULL |
# |---|---|---|---|
# | $f = 3$ | (0, 0) | (1, 1) | (2, 2) |
# | $f = 4$ | (0, 0) | (1, 2) | (3, 3) |
#
# If SAME needs an odd number of zeros, **the extra zero goes at the end**, at the bottom or on the
# right. That is why an amount of padding is a pair here. Find the total for each name, in terms of
# $f$.
#
# **Predict.** A filter of 3 rows and 4 columns slides over a 7 x 7 image. What is the size of the
# output with each kind of padding?
#
# <details>
# <summary>Answer</summary>
#
# 5 x 4 with VALID, 7 x 7 with SAME and 9 x 10 with FULL.
#
# </details>

# %% [markdown]
# ## SAME padding with a stride
#
# With a stride larger than 1 the output cannot keep its size. In Keras and TensorFlow, SAME then
# means one output value per stride, counting a final partial one:
#
# $$n_{out} = \left\lceil \frac{n}{s} \right\rceil$$
#
# The brackets round up; in Python, `math.ceil(7 / 2)` is 4. The padding is what these $n_{out}$
# windows need. The figure shows inputs of 7, 6 and 5 pixels, with $f = 3$ and $s = 2$.

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 3, figsize=(8, 2), layout="constrained")
for ax, n, before, after, starts in zip(
    axes, (7, 6, 5), (1, 0, 1), (1, 1, 1), ([-1, 1, 3, 5], [0, 2, 4], [-1, 1, 3]), strict=True
):
    draw_axis(
        ax,
        range(-before, n + after),
        [-1, n],
        [(start, 3, "") for start in starts],
        f"{n} pixels",
    )
    ax.set(xlim=(-1.2, 8.2), ylim=(-2.8, 1.2))
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# Three rows of cells with bars of three cells below them, each two cells further than the one
# before. For 7 pixels there are 4 bars, and a hatched cell of padding at each end. For 6 pixels
# there are 3 bars, and one hatched cell, at the end. For 5 pixels there are 3 bars, and a hatched
# cell at each end.
#
# </details>
#
# **Derive the total number of zeros.** If the first window starts at cell 0 of the padded axis,
# where does the last of the $n_{out}$ windows start, and where does it end? How far is this beyond
# the $n$ pixels? Try your result on the three inputs of the figure, and on stride 1.
#
# **Predict.** How much padding does SAME need for 8 pixels, $f = 1$ and stride 2?
#
# <details>
# <summary>Answer</summary>
#
# None. The four windows start at 0, 2, 4 and 6, and the last one ends before cell 7: the windows do
# not even reach the end of the input. A formula for the total may give $-1$ here, but no padding is
# ever negative.
#
# </details>
#
# **Predict.** PyTorch's `padding=1` adds one zero at each end. With $f = 3$ and stride 2, are these
# the windows of SAME?
#
# <details>
# <summary>Answer</summary>
#
# For an odd number of pixels, yes. For an even number SAME has a single zero, at the end, as in the
# middle of the figure. The output has the same size, but each window is one pixel further to the
# right, so the values differ. This is a frequent mistake when weights are moved between libraries.
#
# </details>

# %% [markdown]
# ## Exercise: padding_amounts
#
# Write `padding_amounts(n, f, stride, mode)`, which returns the pair `before, after` for one axis.
# `mode` is `"VALID"`, `"SAME"` or `"FULL"`. Find the total for each mode first, and divide it
# between the two ends last. All numbers are integers. (For `math.ceil`, write `import math`; you
# can also do without, with `//` alone.)

# %% solution="padding_amounts"

# %% [markdown]
# **Try it.** The last lines are the three inputs of the figure.

# %%
for mode in ("VALID", "SAME", "FULL"):
    print(f"{mode}, f = 4, stride 1: {padding_amounts(7, 4, 1, mode)}")
for n in (7, 6, 5):
    before, after = padding_amounts(n, 3, 2, "SAME")
    size = output_size(n + before + after, 3, 2, 0)
    print(f"SAME, {n} pixels, f = 3, stride 2: {before} before, {after} after, output {size}")

# %% [markdown]
# **Expected output**
#
# ```
# VALID, f = 4, stride 1: (0, 0)
# SAME, f = 4, stride 1: (1, 2)
# FULL, f = 4, stride 1: (3, 3)
# SAME, 7 pixels, f = 3, stride 2: 1 before, 1 after, output 4
# SAME, 6 pixels, f = 3, stride 2: 0 before, 1 after, output 3
# SAME, 5 pixels, f = 3, stride 2: 1 before, 1 after, output 3
# ```

# %% check="padding_amounts"

# %% [markdown]
# ## Number of parameters
#
# The **parameters** of a layer are the numbers that it learns. A filter of a convolution layer has
# one weight for each row, column and channel of its window, and one bias. The layer has one filter
# for each channel of its output.
#
# - $f_H$, $f_W$: height and width of the filters
# - $n_{C_{prev}}$, $n_C$: number of input channels, number of filters
#
# For example, a 5 x 5 filter has 26 parameters on a grayscale image and 76 on a color image. Four
# such filters have 104 and 304. The size of the image has no influence, because the same filter is
# used at every position; stride and padding have none either. A pooling layer has no parameters.
#
# A **fully connected** layer has a weight for each pair of an input and a unit, and a bias for each
# unit. For the parameters, it is a convolution layer with 1 x 1 filters whose channels are the
# inputs and whose filters are the units.
#
# **Predict.** A layer turns a 28 x 28 grayscale image into a 28 x 28 feature map. How many
# parameters does a fully connected layer need for this, and how many a convolution layer with one
# 5 x 5 filter?
#
# <details>
# <summary>Answer</summary>
#
# The fully connected layer has 784 inputs and 784 units, each with 784 weights and a bias: 615,440
# parameters. The convolution layer has 26.
#
# </details>

# %% [markdown]
# ## Exercise: conv_parameters
#
# Write `conv_parameters(f_H, f_W, n_C_prev, n_C)`, the number of parameters of a convolution layer,
# biases included.

# %% solution="conv_parameters"

# %% [markdown]
# **Try it** on a small network for color images: 8 filters of 3 rows and 5 columns, followed by 16
# filters of 3 x 3.

# %%
first = conv_parameters(3, 5, 3, 8)
second = conv_parameters(3, 3, 8, 16)
print(first, "+", second, "=", first + second)

# %% [markdown]
# **Expected output**
#
# ```
# 368 + 1168 = 1536
# ```

# %% check="conv_parameters"

# %% [markdown]
# Answer three questions with your function, or on paper.
#
# 1. A layer with 24 filters of 5 x 5 has 1,824 parameters. How many channels does its input have?
# 2. A layer with 3 x 3 filters has as many filters as input channels, and 36,928 parameters. How
#    many filters?
# 3. Three 3 x 3 layers have the same receptive field as one 7 x 7 layer. All have 64 input channels
#    and 64 filters. Which needs fewer parameters, and by how much?
#
# <details>
# <summary>Answers</summary>
#
# 1. Each filter has $1824/24 = 76$ parameters, of which 75 are weights: 3 channels, a color image.
# 2. 64. Trying `conv_parameters(3, 3, n, n)` for some `n` is faster than solving an equation.
# 3. The three layers: 110,784 against 200,768 parameters, 45 % fewer. This is one reason why VGG
#    uses 3 x 3 filters.
#
# </details>

# %% [markdown]
# ## Transposed convolution
#
# Decoders, segmentation networks and generative models need layers that increase the size. A
# **transposed convolution** reverses the connections of a convolution: each input value adds a
# scaled copy of the kernel to the output. Copies of neighboring inputs are one stride apart, and
# where they overlap, they are summed. At the end, `pad` cells are cropped on each side, where the
# convolution had its padding.
#
# The figure shows 3 inputs with $f = 3$, stride 2 and $p = 1$.

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(7, 2.6), layout="constrained")
bars = [(2 * place - 1, 3, f"kernel of input {place}") for place in range(3)]
draw_axis(ax, range(-1, 6), (-1, 5), bars, below=False)
plt.show()

# %% [markdown]
# <details>
# <summary>Description of the figure</summary>
#
# A row of seven cells. The first and the last are hatched: they are cropped. The five cells between
# them have the numbers 0 to 4. Above the row are three bars, each three cells long, which start two
# cells apart. Neighboring bars overlap in one cell.
#
# </details>
#
# **Derive the output size** for $n$ inputs. How many cells are there before the crop? How many are
# left?
#
# **Predict.** You have solved this problem before in this notebook, under another name. Where?
#
# <details>
# <summary>Answer</summary>
#
# In `smallest_input`: the smallest input for which a convolution has $n$ outputs. A transposed
# convolution turns the output size of a convolution back into this input size. It does not turn
# back the values: it is not an inverse.
#
# </details>

# %% [markdown]
# ## Output padding
#
# **Predict.** Which input sizes does a convolution with $f = 3$, stride 2 and $p = 1$ turn into 3?
# And with stride 3?
#
# <details>
# <summary>Answer</summary>
#
# With stride 2, 5 and 6; with stride 3, 7, 8 and 9. In general, as many consecutive sizes as the
# stride.
#
# </details>
#
# A transposed convolution can therefore return to several sizes, and without further information it
# returns to the smallest. **Output padding**, in code `output_pad`, chooses another one: it adds
# this many cells, **at the end only**, fewer than the stride. The name is misleading: usually the
# cells are not zeros, but cells that would otherwise have been cropped.

# %% [markdown]
# ## Exercise: transposed_size
#
# Write `transposed_size(n, f, stride, pad, output_pad)`, the output size of a transposed
# convolution along one axis.

# %% solution="transposed_size"

# %% [markdown]
# **Try it.** The first two lines go from 5 and 6 to 3 and back. The third follows DCGAN, a network
# that generates images: from feature maps of 4 x 4 to 64 x 64 pixels, with $f = 4$, stride 2 and
# $p = 1$ in each layer.

# %%
for n, extra in [(5, 0), (6, 1)]:
    down = output_size(n, 3, 2, 1)
    print(f"{n} becomes {down}, and {down} becomes {transposed_size(down, 3, 2, 1, extra)}")
sizes = [4]
for _ in range(4):
    sizes.append(transposed_size(sizes[-1], 4, 2, 1, 0))
print("DCGAN:", sizes)

# %% [markdown]
# **Expected output**
#
# ```
# 5 becomes 3, and 3 becomes 5
# 6 becomes 3, and 3 becomes 6
# DCGAN: [4, 8, 16, 32, 64]
# ```

# %% check="transposed_size"

# %% [markdown]
# **Predict.** The generator should double the size with $3 \times 3$ kernels, stride 2 and $p = 1$
# instead. Which output padding does it need?
#
# <details>
# <summary>Answer</summary>
#
# 1. Without it, $n$ becomes $2n - 1$: an odd size, for any $n$.
#
# </details>

# %% [markdown]
# ## AlexNet, counted
#
# Your functions can now print what a library calls the summary of a model. The next cell follows
# AlexNet in the version of torchvision, with the padding that you found. After five convolution
# layers come three fully connected layers with 4096, 4096 and 1000 units.
#
# **Predict.** Which share of the parameters belongs to the fully connected layers: a tenth, a half,
# or more than nine tenths?

# %%
size, channels, counts = 224, 3, []
for f, stride, pad, n_C in [
    (11, 4, 2, 64),
    (3, 2, 0, "pooling"),
    (5, 1, 2, 192),
    (3, 2, 0, "pooling"),
    (3, 1, 1, 384),
    (3, 1, 1, 256),
    (3, 1, 1, 256),
    (3, 2, 0, "pooling"),
]:
    size = output_size(size, f, stride, pad)
    if n_C == "pooling":
        print(f"pooling: {size} x {size} x {channels}")
    else:
        counts.append(conv_parameters(f, f, channels, n_C))
        channels = n_C
        print(f"convolution: {size} x {size} x {channels}, parameters: {counts[-1]}")
inputs = size * size * channels
for units in (4096, 4096, 1000):
    counts.append(conv_parameters(1, 1, inputs, units))
    print(f"fully connected: {inputs} inputs, {units} units, parameters: {counts[-1]}")
    inputs = units
share = sum(counts[5:]) / sum(counts)
print(f"all parameters: {sum(counts)}, fully connected: {share:.3f} of them")

# %% [markdown]
# <details>
# <summary>Expected output</summary>
#
# ```
# convolution: 55 x 55 x 64, parameters: 23296
# pooling: 27 x 27 x 64
# convolution: 27 x 27 x 192, parameters: 307392
# pooling: 13 x 13 x 192
# convolution: 13 x 13 x 384, parameters: 663936
# convolution: 13 x 13 x 256, parameters: 884992
# convolution: 13 x 13 x 256, parameters: 590080
# pooling: 6 x 6 x 256
# fully connected: 9216 inputs, 4096 units, parameters: 37752832
# fully connected: 4096 inputs, 4096 units, parameters: 16781312
# fully connected: 4096 inputs, 1000 units, parameters: 4097000
# all parameters: 61100840, fully connected: 0.960 of them
# ```
#
# </details>

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# More than nine tenths: 96 % of the parameters. The first fully connected layer alone has 62 %.
#
# </details>

# %% [markdown]
# ## Puzzles about sizes
#
# **Larger images.** AlexNet gets images of 448 x 448 pixels. Which numbers of parameters change?
#
# <details>
# <summary>Answer</summary>
#
# Only the number of the first fully connected layer. The feature maps before it are 13 x 13 instead
# of 6 x 6, so it has 43,264 inputs and about 177 million parameters. Networks that average each
# feature map before the first fully connected layer avoid this.
#
# </details>
#
# **A rule of thumb.** A tutorial says that SAME padding is $(f - 1)/2$ zeros at each end, rounded
# down. Find a case with stride 1 where this is wrong, and one with an odd kernel size.
#
# <details>
# <summary>Answer</summary>
#
# With stride 1, any even kernel size: for $f = 4$ the padding is (1, 2). With $f = 3$ and stride 2,
# any even input: the padding is (0, 1). Your `padding_amounts` finds more.
#
# </details>
#
# **Output padding.** For which input sizes of a convolution with $f = 3$, stride 3 and no padding
# does the transposed convolution need an output padding of 2?
#
# <details>
# <summary>Answer</summary>
#
# For those that leave a remainder of 2 when divided by 3, such as 5 and 8: the last two pixels are
# in no window.
#
# </details>

# %% [markdown]
# ## Read a paper like a reviewer
#
# You started with a paper whose numbers do not fit together. Now you can redo the arithmetic of any
# network: forward, from the image to the output and its parameters, and backward, from a size to
# the padding or to the smallest image. Three checks find most mistakes. Is something rounded down,
# so that pixels at the end are never read? Is the padding per side, or in total, and on which side
# is the extra zero? And does a number of parameters contain the biases?

# %% [markdown] include="hand_in"
