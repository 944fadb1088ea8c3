# %% [markdown]
# # The arithmetic of sizes
#
# Before a network can be built, its sizes must fit: how large is the output of a layer, how much
# padding keeps a size, how many numbers does a layer learn, and how does one get back to the size
# one came from? All of this is arithmetic with whole numbers. In this notebook you write four
# functions for it: `output_size`, `padding_amounts`, `conv_parameters` and `transposed_size`, and
# check with them the sizes of well-known networks.
#
# When you have finished, you will be able to
#
# 1. work out the size of any output along one axis, with any window, stride and padding,
# 2. say how many zeros VALID, SAME and FULL put at each end, and count the parameters of a layer,
# 3. turn the arithmetic round, and find the size that a transposed convolution gives.
#
# You need Python, and an idea of a window that slides over an image, as in the notebook on
# `conv_forward`. Time: about an hour and a half. There are four exercises, and you can stop after
# any of them.

# %% include="setup"

# %% [markdown]
# ## How many positions a window has
#
# Height and width are treated alike and do not influence each other, so we look at one **axis** at
# a time: a row of $n$ cells, and a window of $f$ cells that moves along it. At each place where it
# stops, a layer computes one number. So the number of places is the size of the output.
#
# The next cell draws an axis of 7 cells with one zero added on each side. A window of 3 cells moves
# over it with stride 2.

# %%
n, f, stride, pad = 7, 3, 2, 1
starts = [start for start in range(-pad, n + pad) if (start + pad) % stride == 0]
starts = [start for start in starts if start + f <= n + pad]  # the window must fit

fig, ax = plt.subplots(figsize=(7, 2.4), layout="constrained")
for cell in range(-pad, n + pad):
    border = not 0 <= cell < n
    face, hatch = ("white", "////") if border else ("0.85", None)
    ax.add_patch(plt.Rectangle((cell, 0), 1, 1, facecolor=face, edgecolor="0.5", hatch=hatch))
    ax.text(cell + 0.5, 0.5, "" if border else f"{cell}", ha="center", va="center")
for place, start in enumerate(starts):
    height = -0.5 - 0.5 * place
    ax.plot([start + 0.08, start + f - 0.08], [height, height], color="C0", linewidth=5)
    ax.text(start + f + 0.1, height, f"output {place}", va="center")
ax.set(xlim=(-pad - 0.2, n + pad + 1.5), ylim=(-0.8 - 0.5 * len(starts), 1.2))
ax.axis("off")
plt.show()

# %% [markdown]
# *The figure: a row of nine cells. The first and the last are hatched: they are the padding. The
# seven between them are numbered 0 to 6. Below it lie four bars, each three cells long: output 0
# begins at the padding on the left, each further bar two cells more to the right, and output 3 ends
# at the padding on the right.*
#
# With `pad` zeros on **each side** the axis has $n + 2\,\text{pad}$ cells. The window begins at its
# first cell, and its last place is $n + 2\,\text{pad} - f$ cells further. The window stops at every
# $\text{stride}$-th cell up to there, the first one included:
#
# $$\text{size} = \left\lfloor \frac{n - f + 2\,\text{pad}}{\text{stride}} \right\rfloor + 1$$
#
# - $n$: the size of the input along the axis; $f$: that of the window
# - $\text{stride}$: how far the window moves from one place to the next
# - $\text{pad}$: the number of zeros on each side
# - $\lfloor\ \rfloor$: rounded down, since a place where the window does not fit is left out.
#   Python's `//` divides whole numbers and rounds down.
#
# The window must fit into the padded axis: $f$ is at most $n + 2\,\text{pad}$.
#
# **By hand.** In the figure, $n = 7$, $f = 3$, stride 2, pad 1: $(7 - 3 + 2)/2 = 3$, and so the
# size is 4.
#
# Some books count the padding of both sides together and call that $p$; there the formula has $p$
# in the place of $2\,\text{pad}$. In this course `pad` is always per side.
#
# **Predict, then run.** Write down all four sizes first.

# %%
print("n = 7, f = 3, stride 1, pad 0:", (7 - 3 + 0) // 1 + 1)
print("n = 8, f = 3, stride 2, pad 0:", (8 - 3 + 0) // 2 + 1)
print("n = 5, f = 5, stride 1, pad 0:", (5 - 5 + 0) // 1 + 1)
print("n = 6, f = 3, stride 1, pad 1:", (6 - 3 + 2) // 1 + 1)

# %% [markdown]
# The sizes are 5, 3, 1 and 6. In the second line $5/2$ is rounded down to 2. In the third the
# window is as large as the axis and has one place. In the last one the padding keeps the size.

# %% [markdown]
# ## Exercise: output_size
#
# Write `output_size(n, f, stride, pad)`, the size of the output along one axis, in place of the
# line `# YOUR CODE HERE` and the `raise` line after it. One line is enough.

# %% copy="source" nbgrader={"grade_id": "output_size", "solution": true}
from exercises.output_size import output_size

# %% [markdown]
# **Try it.** A filter need not be square. The first line is a filter of 3 rows and 4 columns on an
# image of 7 by 7. The second follows an axis of 32 through a small network: a filter of 3, pooling
# with 2 and stride 2, a filter of 3, pooling again.

# %%
print(output_size(7, 3, 1, 0), "rows and", output_size(7, 4, 1, 0), "columns")
size = 32
for f, stride in [(3, 1), (2, 2), (3, 1), (2, 2)]:
    size = output_size(size, f, stride, 0)
    print(f"f = {f}, stride = {stride}: {size}")

# %% [markdown]
# **Expected output**
#
# ```
# 5 rows and 4 columns
# f = 3, stride = 1: 30
# f = 2, stride = 2: 15
# f = 3, stride = 1: 13
# f = 2, stride = 2: 6
# ```

# %% nbgrader={"grade_id": "output_size_check"}
output_size_test(output_size)

# %% nbgrader={"grade_id": "output_size_grade", "grade": true}
from exercises import grade

grade("output_size", output_size)

# %% [markdown]
# ## VALID, SAME and FULL
#
# Libraries offer amounts of padding by name. There are three, and for each we need the total number
# of zeros along an axis and how it is shared out between its two ends.
#
# **VALID** adds nothing: every window lies inside the input.
#
# **FULL** adds so much that every window that touches the input at all is counted. The first one
# holds a single cell of the input at its end, so there are $f - 1$ zeros before it, and as many
# behind: the total is $2(f - 1)$.
#
# **SAME** keeps the size where the stride is 1: the output has $n$ cells. From
# $n - f + \text{total} + 1 = n$ it follows that the total is $f - 1$. If that is an odd number, the
# two ends cannot get the same: **the odd zero goes behind**, at the bottom or on the right. So the
# padding is a pair,
#
# $$\text{before} = \lfloor \text{total} / 2 \rfloor, \qquad
# \text{after} = \text{total} - \text{before}.$$
#
# **By hand.** A filter of 3 rows and 4 columns on 7 by 7, with stride 1. SAME adds $3 - 1 = 2$
# rows, one above and one below, and $4 - 1 = 3$ columns, one on the left and two on the right. FULL
# adds $2 \cdot 2 = 4$ rows and $2 \cdot 3 = 6$ columns.
#
# **Predict, then run.** How large is the output in each of the three cases? With unlike ends, put
# the total in the place of $2\,\text{pad}$.

# %%
for name, rows, columns in [("VALID", 0, 0), ("SAME", 2, 3), ("FULL", 4, 6)]:
    print(f"{name}: {7 - 3 + rows + 1} by {7 - 4 + columns + 1}")

# %% [markdown]
# **Expected output**
#
# ```
# VALID: 5 by 4
# SAME: 7 by 7
# FULL: 9 by 10
# ```

# %% [markdown]
# ## SAME with a stride
#
# With a larger stride no sensible padding keeps the size. There SAME means that the output has as
# many cells as there are strides in the input, a begun one included:
#
# $$n_{\text{out}} = \left\lceil \frac{n}{\text{stride}} \right\rceil$$
#
# - $\lceil\ \rceil$: rounded up. In Python, `-(-n // stride)` does it with whole numbers: `//`
#   rounds down, and the two minus signs turn that round.
#
# The padding follows. The first window begins at 0 of the padded axis and the last one at
# $(n_{\text{out}} - 1) \cdot \text{stride}$, and it is $f$ long. What it sticks out beyond $n$ must
# be added:
#
# $$\text{total} = \max\big( (n_{\text{out}} - 1) \cdot \text{stride} + f - n,\ 0 \big)$$
#
# The maximum with 0 is for strides larger than the window: then the windows may not even reach the
# end, and nothing has to be added (or taken away).
#
# **By hand.** Seven cells, $f = 3$, stride 2: $n_{\text{out}} = \lceil 3.5 \rceil = 4$, and the
# last window begins at 6 and ends before 9. So the total is 2, one at each end. Six cells:
# $n_{\text{out}} = 3$, the last window begins at 4 and ends before 7. The total is 1, and it goes
# behind. Five cells: $n_{\text{out}} = 3$ again, and the total is 2.
#
# With stride 1 the formula gives $f - 1$, as above, so it is right for every stride.
#
# **Predict, then run.** Is 7 divided by 2, rounded up, 4? And what is 8 divided by 2, rounded up?

# %%
print(-(-7 // 2), -(-8 // 2))

# %% [markdown]
# Both are 4.
#
# A warning for those who use libraries. With stride 2 and $f = 3$ on an even size, SAME puts a
# single zero behind, while `padding=1` in PyTorch puts one at each end. Both give the same size,
# but the windows stand at other places, so the numbers differ.

# %% [markdown]
# ## Exercise: padding_amounts
#
# Write `padding_amounts(n, f, stride, mode)`, which returns the pair `before, after` for one axis.
# `mode` is one of the words `"VALID"`, `"SAME"` and `"FULL"`. Find the total for each mode first,
# and share it out at the end.

# %% copy="source" nbgrader={"grade_id": "padding_amounts", "solution": true}
from exercises.padding_amounts import padding_amounts

# %% [markdown]
# **Try it.** **Predict first** the three lines with stride 2, from the text above.

# %%
print("VALID:", padding_amounts(7, 4, 1, "VALID"))
print("FULL: ", padding_amounts(7, 4, 1, "FULL"))
print("SAME: ", padding_amounts(7, 4, 1, "SAME"))
for n in (7, 6, 5):
    before, after = padding_amounts(n, 3, 2, "SAME")
    size = (n - 3 + before + after) // 2 + 1
    print(f"SAME, {n} cells, f = 3, stride 2: {before} before, {after} after, output {size}")

# %% [markdown]
# **Expected output**
#
# ```
# VALID: (0, 0)
# FULL:  (3, 3)
# SAME:  (1, 2)
# SAME, 7 cells, f = 3, stride 2: 1 before, 1 after, output 4
# SAME, 6 cells, f = 3, stride 2: 0 before, 1 after, output 3
# SAME, 5 cells, f = 3, stride 2: 1 before, 1 after, output 3
# ```

# %% nbgrader={"grade_id": "padding_amounts_check"}
padding_amounts_test(padding_amounts)

# %% nbgrader={"grade_id": "padding_amounts_grade", "grade": true}
from exercises import grade

grade("padding_amounts", padding_amounts)

# %% [markdown]
# ## Counting parameters
#
# The **parameters** of a layer are the numbers that it learns. A filter of a convolution layer has
# one weight for each row, column and channel of its window, and one bias. The layer has $n_C$
# filters, one for each channel of its output:
#
# $$\text{parameters} = (f_H \cdot f_W \cdot n_{C_{prev}} + 1) \cdot n_C$$
#
# - $f_H$, $f_W$: height and width of the filters
# - $n_{C_{prev}}$, $n_C$: channels of the input, and of the output
#
# The size of the image does not occur in it: the same filters serve at every place. Neither do
# stride and padding. A pooling layer has no parameters at all.
#
# **By hand.** One 5 by 5 filter on a grey image has $25 + 1 = 26$ parameters, on a colour image
# $75 + 1 = 76$. Four of them have 104 and 304.
#
# A **fully connected** layer with $n_{prev}$ inputs and $n$ units has $(n_{prev} + 1) \cdot n$
# parameters, a weight for each pair and a bias for each unit: as many as a convolution with 1 by 1
# filters, $n_{prev}$ channels and $n$ filters.
#
# **Predict, then run.** A 28 by 28 image goes into a layer whose output is as large, with one
# channel. How many parameters has a fully connected layer for that, and how many a convolution with
# one 5 by 5 filter?

# %%
print("fully connected:", (28 * 28 + 1) * 28 * 28)
print("convolution:", (5 * 5 * 1 + 1) * 1)

# %% [markdown]
# **Expected output**
#
# ```
# fully connected: 615440
# convolution: 26
# ```

# %% [markdown]
# ## Exercise: conv_parameters
#
# Write `conv_parameters(f_H, f_W, n_C_prev, n_C)`, the number of parameters of a convolution layer,
# biases included.

# %% copy="source" nbgrader={"grade_id": "conv_parameters", "solution": true}
from exercises.conv_parameters import conv_parameters

# %% [markdown]
# **Try it.** The two layers of a small network on colour images: 8 filters of 3 rows and 5 columns,
# then 16 filters of 3 by 3.

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

# %% nbgrader={"grade_id": "conv_parameters_check"}
conv_parameters_test(conv_parameters)

# %% nbgrader={"grade_id": "conv_parameters_grade", "grade": true}
from exercises import grade

grade("conv_parameters", conv_parameters)

# %% [markdown]
# ## A whole network, counted
#
# With your functions you can do what a library prints as the summary of a model. This is LeNet, a
# network of 1998 that read handwritten digits, in the form in which it is built today: images of 28
# by 28 with one channel, 5 by 5 filters, the first layer with SAME padding, and pooling with 2 by 2
# windows after each of the two convolution layers. Three fully connected layers follow, with 120,
# 84 and 10 units.
#
# **Predict, then run.** Most of the parameters are in one layer. Which one?

# %%
size, channels, total = 28, 1, 0
for n_C, mode in [(6, "SAME"), (16, "VALID")]:
    before, after = padding_amounts(size, 5, 1, mode)
    size = size - 5 + before + after + 1
    count = conv_parameters(5, 5, channels, n_C)
    print(f"convolution, {mode}: {size} by {size} by {n_C}, {count} parameters")
    size, channels, total = output_size(size, 2, 2, 0), n_C, total + count
    print(f"pooling: {size} by {size} by {channels}, none")
inputs = size * size * channels
print(f"flattened: {inputs}")
for units in (120, 84, 10):
    count = conv_parameters(1, 1, inputs, units)
    print(f"fully connected: {units}, {count} parameters")
    inputs, total = units, total + count
print(f"together: {total} parameters")

# %% [markdown]
# **Expected output**
#
# ```
# convolution, SAME: 28 by 28 by 6, 156 parameters
# pooling: 14 by 14 by 6, none
# convolution, VALID: 10 by 10 by 16, 2416 parameters
# pooling: 5 by 5 by 16, none
# flattened: 400
# fully connected: 120, 48120 parameters
# fully connected: 84, 10164 parameters
# fully connected: 10, 850 parameters
# together: 61706 parameters
# ```

# %% [markdown]
# The first fully connected layer holds 48,120 of the 61,706 parameters. The two convolution layers
# have 2,572 together.

# %% [markdown]
# ## The way back: transposed sizes
#
# Networks that draw images need layers that make things larger. A **transposed convolution** does
# the steps of a convolution the other way round: every cell of its input lays a filter of $f$ cells
# onto the output, neighbours a stride apart, and where filters overlap they add up. In the end
# `pad` cells are cut off on each side: what the convolution had put on is taken off.
#
# The next cell draws it for three cells, $f = 3$, stride 2 and pad 1.

# %%
n, f, stride, pad = 3, 3, 2, 1
long = stride * (n - 1) + f

fig, ax = plt.subplots(figsize=(6, 2.4), layout="constrained")
for cell in range(long):
    cut = cell < pad or cell >= long - pad
    face, hatch = ("white", "////") if cut else ("0.85", None)
    ax.add_patch(plt.Rectangle((cell, 0), 1, 1, facecolor=face, edgecolor="0.5", hatch=hatch))
for place in range(n):
    height = 1.4 + 0.45 * place
    ax.plot([stride * place + 0.08, stride * place + f - 0.08], [height] * 2, "C1", linewidth=5)
    ax.text(stride * place + f + 0.1, height, f"from input {place}", va="center")
ax.set(xlim=(-0.2, long + 2), ylim=(-0.2, 1.6 + 0.45 * n))
ax.axis("off")
plt.show()

# %% [markdown]
# *The figure: a row of seven cells, the first and the last hatched: they are cut off. Above it lie
# three bars, each three cells long, which begin at the cells 0, 2 and 4. Neighbouring bars overlap
# in one cell.*
#
# The last filter begins after $n - 1$ steps and is $f$ long, so before the cut there are
# $\text{stride} \cdot (n - 1) + f$ cells. With the cut
#
# $$\text{size} = \text{stride} \cdot (n - 1) + f - 2\,\text{pad} + \text{output\_pad}$$
#
# - $n$: the size of the input of the transposed convolution
# - $f$, $\text{stride}$, $\text{pad}$: as for the convolution whose way back this is
# - $\text{output\_pad}$: see below; often 0
#
# **By hand.** In the figure: $2 \cdot 2 + 3 - 2 = 5$. And indeed a convolution with $f = 3$, stride
# 2 and pad 1 makes 3 of 5: $(5 - 3 + 2)/2 + 1 = 3$.
#
# A transposed convolution gives back the size, not the numbers: it is no inverse.

# %% [markdown]
# ## Output padding: which of several sizes
#
# Rounding down loses something. **Predict, then run:** which sizes become 3 under a convolution
# with $f = 3$, stride 2 and pad 1?

# %%
print([n for n in range(1, 10) if (n - 3 + 2) // 2 + 1 == 3])

# %% [markdown]
# 5 and 6 both become 3. Going back from 3 one has to say which of the two is meant. That is what
# $\text{output\_pad}$ is for: it adds cells behind, **on one side only**, and it is smaller than
# the stride. With 0 the way back leads to 5, with 1 to 6. (These cells are no zeros: the filters
# reach into them where they are long enough. They are cells that would otherwise have been cut
# off.)

# %% [markdown]
# ## Exercise: transposed_size
#
# Write `transposed_size(n, f, stride, pad, output_pad)`, the size that a transposed convolution
# gives to one axis.

# %% copy="source" nbgrader={"grade_id": "transposed_size", "solution": true}
from exercises.transposed_size import transposed_size

# %% [markdown]
# **Try it.** The last two lines go there and back again, from 5 and from 6.

# %%
print("3 cells, f = 3, stride 1:", transposed_size(3, 3, 1, 0, 0))
print("2 cells, f = 3, stride 2, pad 1:", transposed_size(2, 3, 2, 1, 0))
print("the same with output_pad 1:", transposed_size(2, 3, 2, 1, 1))
for n, extra in [(5, 0), (6, 1)]:
    there = output_size(n, 3, 2, 1)
    print(f"{n} becomes {there} and then {transposed_size(there, 3, 2, 1, extra)}")

# %% [markdown]
# **Expected output**
#
# ```
# 3 cells, f = 3, stride 1: 5
# 2 cells, f = 3, stride 2, pad 1: 3
# the same with output_pad 1: 4
# 5 becomes 3 and then 5
# 6 becomes 3 and then 6
# ```

# %% nbgrader={"grade_id": "transposed_size_check"}
transposed_size_test(transposed_size)

# %% nbgrader={"grade_id": "transposed_size_grade", "grade": true}
from exercises import grade

grade("transposed_size", transposed_size)

# %% [markdown]
# ## What to try next with sizes
#
# Predict first, then add a cell and find out.
#
# - Which `pad` keeps the size for $f = 5$ and stride 1? And for $f = 4$? (2; and none, since the
#   total is 3.)
# - Three layers of 3 by 3 filters, or one of 7 by 7, both with 64 channels in and out: which has
#   fewer parameters? (The three: 110,784 against 200,768. Both see 7 by 7 pixels of the input.)
# - For which $n$ does $\text{output\_pad}$ have to be 2, with $f = 3$, stride 3 and pad 0? (For
#   those that leave a remainder of 2 when they are divided by 3.)
# - How large is LeNet on colour images of 32 by 32? (It has 83,126 parameters: change two numbers
#   in the cell above.)

# %% [markdown]
# ## Recap of sizes
#
# You can now
#
# 1. find the size of an output: $\lfloor (n - f + 2\,\text{pad})/\text{stride} \rfloor + 1$ along
#    each axis;
# 2. say what VALID, SAME and FULL add, in total and at each end, the odd one behind; and count
#    parameters, $(f_H f_W n_{C_{prev}} + 1)\, n_C$, whatever the size of the image;
# 3. go back: $\text{stride} \cdot (n - 1) + f - 2\,\text{pad} + \text{output\_pad}$, where the last
#    term chooses among the sizes that a convolution makes equal.

# %% [markdown] include="hand_in"
