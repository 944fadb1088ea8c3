# %% [markdown]
# # A single step of convolution
#
# To recognize a single photograph, VGG-16 repeats one small computation 13.5 million times: it
# combines a small part of its input with a filter into a single number. The rest of a convolution
# layer is bookkeeping. In this notebook you do this step by hand, write it as the function
# `conv_single_step`, and detect an edge with it.
#
# By the end of this notebook you will be able to
#
# 1. compute the response of a filter by hand, with several channels and a bias;
# 2. tell cross-correlation from convolution, and explain why networks use the former;
# 3. write the step as a function that returns a scalar, and use it to detect a vertical edge.
#
# **Time:** about 30 minutes. **You need:** Python and basic NumPy (arrays, shapes, slices).
#
# **Done lesson 06, on the convolution layer?** Then go straight to **Exercise: conv_single_step**,
# and run all cells above it.

# %% include="setup"

# %% [markdown] tags=["given"]
# The next cell defines `draw_grid`, which draws a matrix as a grid with its numbers in it. Run it;
# you do not have to read it.

# %% copy="source" tags=["given"] jupyter={"source_hidden": true} cellView="form"
from convnet.plots import draw_grid

# %% [markdown]
# ## One filter on one window
#
# A **kernel** is a small matrix of **weights**. The part of the image under it is called a
# **patch** or window. The response of the kernel to the patch is the **dot product** of the two:
# the element-wise product, then the sum.

# %%
window = np.array([[3, 4, 6], [9, 8, 3], [2, 1, 4]])
kernel = np.array([[3, 4, 4], [1, 0, 2], [-1, 0, 3]])


# %% jupyter={"source_hidden": true} cellView="form"
def draw_step(channels, result):
    """Draw (patch, kernel, products) of each channel in a row, and the result beside them."""
    height = 2 * len(channels) + 0.3
    fig, axes = plt.subplots(len(channels), 4, figsize=(7.8, height), squeeze=False)
    scales = [(np.min(column), np.max(column)) for column in zip(*channels, strict=True)]
    fig.subplots_adjust(0.03, 0.06, 0.99, 0.92, 0.35, 0.3)
    for row, (k, grids) in zip(axes, enumerate(channels), strict=True):
        names = ("patch", "kernel", "products")
        for ax, name, grid, scale, sign in zip(row, names, grids, scales, "×=→", strict=False):
            title = name if len(channels) == 1 else f"{name} {k}"
            draw_grid(ax, grid, title, scale=scale)
            ax.text(1.14, 0.5, sign, transform=ax.transAxes, ha="center", va="center", size=16)
        row[3].axis("off")
    box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": "tab:orange", "lw": 3}
    right = axes[0, 3].get_position()
    fig.text((right.x0 + right.x1) / 2, 0.49, result, ha="center", va="center", size=11, bbox=box)
    plt.show()


draw_step([(window, kernel, [[9, 16, 24], [9, 0, 6], [-2, 0, 12]])], "sum of all\nproducts\n\n74")

# %% [markdown]
# The nine values of the patch become one number, $9 + 16 + 24 + 9 + 0 + 6 - 2 + 0 + 12 = 74$. Move
# the kernel to another position, and you get the next output value.
#
# <details>
# <summary>Description of the figure</summary>
#
# Three grids of 3 by 3 numbers: the patch, the kernel and their products, 9, 16, 24 in the first
# row, 9, 0, 6 in the second, -2, 0, 12 in the third. An arrow leads from the products to their
# sum, 74.
#
# </details>

# %% [markdown]
# ## Channels and a bias
#
# A color image has three numbers for each pixel, and the output of a layer can have many more: its
# number of **channels** is $n_C$. For an input with several channels there is one kernel for each
# of them. Together they are a **filter**, which has the shape of the patch, $(f, f, n_{C_{prev}})$.
# All products are added up, over rows, columns **and channels**, and at the end a learned number is
# added, the **bias** $b$. The result is still one number:
#
# $$z = \sum_{r=0}^{f-1} \; \sum_{q=0}^{f-1} \; \sum_{k} a_{r,q,k}\, W_{r,q,k} \; + \; b$$
#
# - $a_{r,q,k}$: the patch, a part of the previous layer's output; in code `a_slice_prev`
# - $W_{r,q,k}$: the weights of the filter
# - $r$, $q$, $k$: row and column in the kernel, input channel
#
# The dot product is large where the patch resembles the filter: bright where the weights are
# positive and dark where they are negative.
#
# **Predict.** A patch and a filter of size $2 \times 2$ have two channels, and the bias is $b =
# 10$. What is $z$?
#
# $$\text{channel 0: patch } \begin{pmatrix} 1 & 2 \\ 0 & 3 \end{pmatrix},
# \text{ kernel } \begin{pmatrix} 1 & 0 \\ 2 & -1 \end{pmatrix}$$
#
# $$\text{channel 1: patch } \begin{pmatrix} 2 & 1 \\ 1 & 0 \end{pmatrix},
# \text{ kernel } \begin{pmatrix} 0 & 3 \\ 1 & 5 \end{pmatrix}$$

# %%
window_2 = np.stack([[[1, 2], [0, 3]], [[2, 1], [1, 0]]], axis=2)  # channels are the last axis
kernel_2 = np.stack([[[1, 0], [2, -1]], [[0, 3], [1, 5]]], axis=2)
print("shapes:", window_2.shape, kernel_2.shape)

# %% jupyter={"source_hidden": true} cellView="form"
draw_step(
    [
        (window_2[:, :, 0], kernel_2[:, :, 0], [[1, 0], [0, -3]]),
        (window_2[:, :, 1], kernel_2[:, :, 1], [[0, 3], [1, 0]]),
    ],
    "sum of all\nproducts: 2\n\nplus the bias:\n12",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Channel 0 contributes $1 + 0 + 0 - 3 = -2$ and channel 1 contributes $0 + 3 + 1 + 0 = 4$. With the
# bias, $z = -2 + 4 + 10 = 12$: one number, not one for each channel.
#
# </details>
#
# <details>
# <summary>Description of the figure</summary>
#
# One row of grids for each channel, with its patch, its kernel and their products: 1, 0, 0, -3 for
# channel 0 and 0, 3, 1, 0 for channel 1. Arrows lead from both to one result: the sum of all
# products is 2, and with the bias it is 12.
#
# </details>

# %% [markdown]
# ## Is this a convolution?
#
# In mathematics, the operation that slides this step over an image $X$ is called
# **cross-correlation**. A **convolution** has two minus signs instead of plus signs:
#
# $$\text{cross-correlation:} \quad
# Z_{h,w} = \sum_{r=0}^{f-1} \sum_{q=0}^{f-1} X_{h+r,\, w+q}\, W_{r,q}$$
#
# $$\text{convolution:} \quad
# Z_{h,w} = \sum_{r=0}^{f-1} \sum_{q=0}^{f-1} X_{h-r,\, w-q}\, W_{r,q}$$
#
# The minus signs **flip** the kernel: it is rotated by 180 degrees before it slides over the image.
# Libraries for deep learning skip the flip and say "convolution" all the same, and so does this
# course. The weights are learned, so a network with the flip would learn flipped kernels. The
# difference matters when you copy a kernel from a book.
#
# **Predict.** NumPy has both operations for 1-D arrays; `mode="valid"` asks for the positions at
# which the whole kernel fits, here one. Which two numbers does the cell print?

# %%
print("cross-correlation:", np.correlate([1, 2, 3], [1, 0, -1], mode="valid"))
print("convolution:      ", np.convolve([1, 2, 3], [1, 0, -1], mode="valid"))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# As it stands, the kernel gives $1 \cdot 1 + 2 \cdot 0 + 3 \cdot (-1) = -2$. Flipped, it is
# $(-1, 0, 1)$ and gives $-1 + 0 + 3 = 2$.
#
# </details>

# %% [markdown]
# ## A bias of shape (1, 1, 1)
#
# The biases of a layer with $n_C$ filters are stored in one array of shape $(1, 1, 1, n_C)$, so the
# bias of a single filter has the shape $(1, 1, 1)$: an array with three axes and one number in it.
# But the result of a step becomes one entry of the output, so it has to be a scalar.

# %%
bias = np.array([[[10.0]]])
print("2.0 + bias        =", 2.0 + bias)
print("2.0 + bias.item() =", 2.0 + bias.item())

# %% [markdown]
# A number plus an array is an array again. The method `item()` returns the number in an array that
# holds only one. In older texts you may see `float(b)`: for an array with axes, NumPy 1.25 and
# later warn about it, and from NumPy 2.4 on it raises a `TypeError`.

# %% [markdown]
# ## Exercise: conv_single_step
#
# Write the function `conv_single_step(a_slice_prev, W, b)`, for float arrays. The patch
# `a_slice_prev` and the filter `W` have the same shape `(f, f, n_C_prev)`, and `b` has the shape
# `(1, 1, 1)`. The result `Z` is the number $z$ of the formula above.
#
# Replace the line `# YOUR CODE HERE` and the `raise` line below it. Two lines are enough, without a
# loop.
#
# **When something is not right, ask yourself:**
#
# - Which shape does the element-wise product have, and how many numbers should be left at the end?
# - Is `Z` printed in square brackets? Then it is still an array.
# - How many times is the bias added?

# %% solution="conv_single_step"

# %% [markdown]
# **Try it** on random numbers. The seed makes them the same for everyone.

# %%
np.random.seed(1)
a_slice_prev = np.random.randn(4, 4, 3)
W = np.random.randn(4, 4, 3)
b = np.random.randn(1, 1, 1)

Z = conv_single_step(a_slice_prev, W, b)
print("Z =", Z)

# %% [markdown]
# **Expected output**
#
# ```
# Z = -6.999089450680221
# ```

# %% [markdown]
# The last one or two digits may differ, because the rounding depends on the order of the additions.
# Now run the check.

# %% check="conv_single_step"

# %% [markdown]
# ## Detecting a vertical edge
#
# First, your function on the two examples from above. It should return 74 and 12. The call
# `reshape(3, 3, 1)` adds the channel axis, and `astype(float)` makes floats of the integers.

# %%
no_bias = np.zeros((1, 1, 1))
patch, one_filter = (array.reshape(3, 3, 1).astype(float) for array in (window, kernel))
print("one channel: ", conv_single_step(patch, one_filter, no_bias))
print("two channels:", conv_single_step(window_2.astype(float), kernel_2.astype(float), bias))

# %% [markdown]
# **Sobel x** is a kernel that subtracts the left side of a patch from the right side. The middle
# row counts twice:
#
# $$\begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix}$$
#
# **Predict** its response to each of the four patches in the next cell.

# %%
sobel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
patches = {
    "A": np.array([[0.0, 0, 10], [0, 0, 10], [0, 0, 10]]),
    "B": np.array([[10.0, 0, 0], [10, 0, 0], [10, 0, 0]]),
    "C": np.array([[0.0, 0, 0], [0, 0, 0], [10, 10, 10]]),
    "D": np.array([[7.0, 7, 7], [7, 7, 7], [7, 7, 7]]),
}
fig, axes = plt.subplot_mosaic("SAB\n.CD", figsize=(7, 4.8), layout="constrained")
draw_grid(axes["S"], sobel, "Sobel x")
for name, patch in patches.items():
    response = conv_single_step(patch.reshape(3, 3, 1), sobel.reshape(3, 3, 1), no_bias)
    draw_grid(axes[name], patch, f"{name}: {response:g}", scale=(0, 10))
plt.show()

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# - **A** gets brighter from left to right: $10 + 2 \cdot 10 + 10 = 40$.
# - **B** is the same edge mirrored, so the response is $-40$. The sign tells which side is
#   brighter.
# - **C** is a horizontal edge. Left and right are equal, so the response is $-10 + 10 = 0$.
# - **D** is flat. The weights of Sobel x add up to 0, so every flat patch gives 0, however bright.
#
# </details>
#
# <details>
# <summary>Description of the figure</summary>
#
# Five grids of 3 by 3 numbers: Sobel x, with its negative weights in orange and its positive ones
# in purple, and the four patches, with the responses in their titles: 40, -40, 0 and 0.
#
# </details>
#
# One number per patch says whether there is a vertical edge, how strong it is, and which side is
# brighter. Compute it at every position of an image, and you have a map of its vertical edges.
# Nobody has to design such filters, though: a network learns their weights from examples.

# %% [markdown]
# ## Experiments with a single step
#
# Other kernels, other patches. What do you expect?
#
# **Another direction.** Which of the four patches has a nonzero response to `sobel.T`?
#
# <details>
# <summary>Answer</summary>
#
# Only C, with 40: the transposed kernel subtracts the top from the bottom.
#
# </details>
#
# **Brightness.** What is the response to patch A if you add 100 to each of its pixels?
#
# <details>
# <summary>Answer</summary>
#
# Still 40, since the weights add up to 0.
#
# </details>
#
# **Blur and sharpen.** What are the responses to A and D if all nine weights are $1/9$? And with
# the rows 0, -1, 0 and -1, 5, -1 and 0, -1, 0?
#
# <details>
# <summary>Answer</summary>
#
# The first kernel gives the mean of the patch, 30/9 or about 3.33 for A and 7 for D (up to
# rounding): a **blur**. The second one gives -10 and 7. It is a **sharpening** kernel: its weights
# add up to 1, so flat patches stay as they are, and it amplifies the difference between the middle
# pixel and its neighbors.
#
# </details>
#
# **Convolution.** What does the flipped kernel, `kernel[::-1, ::-1]`, give on `window`?
#
# <details>
# <summary>Answer</summary>
#
# 48 instead of 74. If your results have plausible magnitudes but are wrong, check whether a kernel
# was flipped.
#
# </details>

# %% [markdown]
# ## From one step to a layer
#
# A convolution layer adds nothing to this step but the question which patch and which filter come
# next. In `conv_forward`, four nested loops answer it, and each turn calls your function. Two bugs
# are worth remembering, because both pass unnoticed for a while: a result that is still an array,
# such as `[[[12.]]]`, and a kernel copied from a book on signal processing, which has to be flipped
# before a network can use it.

# %% [markdown] include="hand_in"
