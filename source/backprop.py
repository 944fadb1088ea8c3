# %% [markdown]
# # Backpropagation
#
# The forward pass of a network computes its output, and from that a cost. To learn, the network
# must know how the cost changes when any weight changes a little. Backpropagation finds this out,
# layer by layer, from the output back to the input. In this notebook you write it for a
# convolution layer and for a pooling layer: `conv_backward`, `pool_backward` and two helpers,
# `create_mask_from_window` and `distribute_value`.
#
# When you have finished, you will be able to
#
# 1. explain where the gradients of a convolution layer come from, and work them out by hand on a
#    small image,
# 2. write `conv_backward` for any stride and any padding, and check it by nudging its inputs,
# 3. send gradients back through max pooling and through average pooling, with `pool_backward`.
#
# You need the forward passes of convolution and pooling, from the notebooks on `conv_forward` and
# `pool_forward`, and you need to know what a derivative is. Time: about three hours. There are
# four exercises, and you can stop after any of them.

# %% include="setup"

# %% [markdown] tags=["given"]
# ## What you have already
#
# The next cell holds `draw_grid`, which draws a small array as a grid of numbers. After it come
# the four functions of the forward pass, which are exercises of the notebooks before this one.
# They are correct and complete, so it does not matter how you fared with them. Run these cells;
# there is nothing to change in them.

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
# ## What a backward pass is
#
# At the end of a network stands one number, the **cost** $J$. (For a single example people also
# say **loss**.) The gradient of the cost with respect to an array is the collection of its
# partial derivatives, one for each entry, kept in an array of the same shape. Its name is the
# name of the array with a `d` in front:
#
# $$dZ_{i,h,w,c} = \frac{\partial J}{\partial Z_{i,h,w,c}}, \qquad
# dW_{r,q,k,c} = \frac{\partial J}{\partial W_{r,q,k,c}}, \qquad \dots$$
#
# So `dW[0, 1, 2, 3] = 5` says: if `W[0, 1, 2, 3]` grows by a tiny amount, the cost grows by about
# 5 times that amount.
#
# A layer does not know what comes after it. It is handed the gradient with respect to its
# **output**, and from that it computes the gradients with respect to its **input** and its
# **parameters**. The gradient with respect to its input is what it hands on to the layer before.
#
# Two facts about derivatives are all we need.
#
# **The chain rule.** Let $z = w\,a + b$ with $a = 2$, $w = 3$, $b = 1$, and let $dz = 5$. If $w$
# grows by a tiny amount $\varepsilon$, then $z$ grows by $2\varepsilon$, and so $J$ grows by
# $5 \cdot 2\varepsilon$. Therefore
#
# $$dw = a \, dz = 2 \cdot 5 = 10, \qquad da = w \, dz = 3 \cdot 5 = 15, \qquad db = dz = 5.$$
#
# Each gets the gradient of the output times the number it was multiplied by.
#
# **Contributions add up.** If the same $a$ is used twice, in $z_1 = w_1 a$ and in $z_2 = w_2 a$,
# a nudge of $a$ reaches the cost in two ways, and the two effects add up:
#
# $$da = w_1 \, dz_1 + w_2 \, dz_2.$$
#
# Frameworks such as TensorFlow and PyTorch do all this for you. You write it once by hand to know
# what they do, and to be able to tell when something is wrong.

# %% [markdown]
# ## A convolution by hand
#
# Take one image with one channel, 3 by 3, and one filter, 2 by 2, with stride 1 and no padding.
# (As in every library for such networks, the filter is not flipped: what we call convolution is
# cross-correlation.) The image is what the code calls `A_prev`; here it is $A$ for short.
#
# $$A = \begin{pmatrix} 1&2&0\\3&1&2\\0&1&4 \end{pmatrix} \qquad
# W = \begin{pmatrix} 1&2\\3&-1 \end{pmatrix} \qquad b = 1$$
#
# There are four windows, and so four outputs:
#
# $$\begin{aligned}
# Z_{00} &= A_{00}W_{00} + A_{01}W_{01} + A_{10}W_{10} + A_{11}W_{11} + b = 1+4+9-1+1 = 14\\
# Z_{01} &= A_{01}W_{00} + A_{02}W_{01} + A_{11}W_{10} + A_{12}W_{11} + b = 2+0+3-2+1 = 4\\
# Z_{10} &= A_{10}W_{00} + A_{11}W_{01} + A_{20}W_{10} + A_{21}W_{11} + b = 3+2+0-1+1 = 5\\
# Z_{11} &= A_{11}W_{00} + A_{12}W_{01} + A_{21}W_{10} + A_{22}W_{11} + b = 1+4+3-4+1 = 5
# \end{aligned}$$
#
# Now suppose that the rest of the network has sent back this gradient:
#
# $$dZ = \begin{pmatrix} 1&-1\\2&3 \end{pmatrix}$$
#
# **The bias** stands in all four lines, each time with the factor 1. So $db = 1 - 1 + 2 + 3 = 5$:
# the sum of $dZ$.
#
# **A weight** also stands in all four lines. $W_{00}$ is multiplied by $A_{00}$, $A_{01}$,
# $A_{10}$ and $A_{11}$, which are the upper left corners of the four windows:
#
# $$dW_{00} = 1 \cdot A_{00} - 1 \cdot A_{01} + 2 \cdot A_{10} + 3 \cdot A_{11} =
# 1 - 2 + 6 + 3 = 8.$$
#
# The other three weights work in the same way with the other corners. All four at once: $dW$ is
# the sum of the four windows, each multiplied by its $dZ$,
#
# $$dW = 1 \begin{pmatrix} 1&2\\3&1 \end{pmatrix} - 1 \begin{pmatrix} 2&0\\1&2 \end{pmatrix} +
# 2 \begin{pmatrix} 3&1\\0&1 \end{pmatrix} + 3 \begin{pmatrix} 1&2\\1&4 \end{pmatrix} =
# \begin{pmatrix} 8&10\\5&13 \end{pmatrix}.$$
#
# **A pixel** stands only in the lines whose window contains it. The corner $A_{00}$ is in one
# window, so $dA_{00} = W_{00} \cdot 1 = 1$. The pixel in the middle, $A_{11}$, is in all four,
# and meets a different weight in each:
#
# $$dA_{11} = W_{11} \cdot 1 + W_{10} \cdot (-1) + W_{01} \cdot 2 + W_{00} \cdot 3 =
# -1 - 3 + 4 + 3 = 3.$$
#
# Again there is a way to see all pixels at once: every output lays down a copy of the filter,
# multiplied by its $dZ$, on the window that it was computed from. Where copies overlap, they add
# up.
#
# **Predict, then run.** The next cell draws the four copies and their sum, $dA$. Before you run
# it, work out $dA_{01}$, the pixel in the middle of the top row. Which two windows contain it?

# %%
copies = [
    np.array([[1, 2, 0], [3, -1, 0], [0, 0, 0]]),  # 1 times W, on the upper left window
    np.array([[0, -1, -2], [0, -3, 1], [0, 0, 0]]),  # -1 times W, upper right
    np.array([[0, 0, 0], [2, 4, 0], [6, -2, 0]]),  # 2 times W, lower left
    np.array([[0, 0, 0], [0, 3, 6], [0, 9, -3]]),  # 3 times W, lower right
]
titles = ["1 times W", "-1 times W", "2 times W", "3 times W"]
corners = [(0, 0), (0, 1), (1, 0), (1, 1)]

fig, axes = plt.subplots(1, 5, figsize=(11, 2.6), layout="constrained")
for k, (row, column) in enumerate(corners):
    shown = np.full((3, 3), np.nan)  # nan leaves a cell empty
    shown[row : row + 2, column : column + 2] = copies[k][row : row + 2, column : column + 2]
    draw_grid(axes[k], shown, titles[k], windows=[(row, column, 2, 2, "tab:orange")])
draw_grid(axes[4], sum(copies), "their sum: dA")
plt.show()

# %% [markdown]
# *The figure: five 3 by 3 grids. The first four show the filter, multiplied by 1, -1, 2 and 3, on
# the upper left, upper right, lower left and lower right window; the other cells are empty, since
# nothing is added there. The fifth shows the sum, with the rows 1, 1, -2; then 5, 3, 7; then 6,
# 7, -3.*
#
# $A_{01}$ is in the two upper windows, with the weight $W_{01} = 2$ in the left one and
# $W_{00} = 1$ in the right one: $dA_{01} = 2 \cdot 1 + 1 \cdot (-1) = 1$.
#
# The next cell confirms all three gradients of this example. The multiplications are written out
# one by one, window by window.

# %%
A_small = np.array([[1, 2, 0], [3, 1, 2], [0, 1, 4]])
upper = 1 * A_small[0:2, 0:2] - 1 * A_small[0:2, 1:3]
lower = 2 * A_small[1:3, 0:2] + 3 * A_small[1:3, 1:3]
print("dA =", copies[0] + copies[1] + copies[2] + copies[3], sep="\n")
print("dW =", upper + lower, sep="\n")
print("db =", 1 - 1 + 2 + 3)

# %% [markdown]
# **Expected output**
#
# ```
# dA =
# [[ 1  1 -2]
#  [ 5  3  7]
#  [ 6  7 -3]]
# dW =
# [[ 8 10]
#  [ 5 13]]
# db = 5
# ```

# %% [markdown]
# ## The three formulas
#
# In a real layer there are $m$ examples, several input channels, several filters, a stride and
# padding. Nothing new happens; there is only more to add up.
#
# Write $A^{\text{pad}}$ for the padded input. The forward pass computes, for filter $c$,
#
# $$Z_{i,h,w,c} = \sum_{r=0}^{f-1} \sum_{q=0}^{f-1} \sum_{k=0}^{n_{C_{prev}}-1}
# A^{\text{pad}}_{\,i,\ h \cdot \text{stride} + r,\ w \cdot \text{stride} + q,\ k} \;
# W_{r,q,k,c} \; + \; b_c .$$
#
# | symbol | meaning |
# |---|---|
# | $i$ | the example, from $0$ to $m-1$ |
# | $h,\ w$ | row and column of the output, $h = 0, \dots, n_H-1$ and $w = 0, \dots, n_W-1$ |
# | $c$ | the filter, which is also the channel of the output, from $0$ to $n_C-1$ |
# | $k$ | the channel of the input, from $0$ to $n_{C_{prev}}-1$ |
# | $r,\ q$ | row and column inside the window and inside the filter, from $0$ to $f-1$ |
# | $u,\ v$ | row and column of a pixel in the padded input |
# | $f$, $\text{stride}$ | size of the filter, and pixels the window moves between two outputs |
# | $W_{r,q,k,c}$, $b_c$ | weights, bias of filter $c$: `W[r, q, k, c]`, `b[0, 0, 0, c]` |
# | $J$, and $d$ before a name | the cost, and the gradient of the cost with respect to that array |
#
# **The weights.** $W_{r,q,k,c}$ is used once for every example and every position of the window:
#
# $$dW_{r,q,k,c} = \sum_{i=0}^{m-1} \sum_{h=0}^{n_H-1} \sum_{w=0}^{n_W-1}
# A^{\text{pad}}_{\,i,\ h \cdot \text{stride} + r,\ w \cdot \text{stride} + q,\ k} \;
# dZ_{i,h,w,c} \tag{1}$$
#
# **The biases.** $b_c$ is used just as often, with the factor 1:
#
# $$db_c = \sum_{i=0}^{m-1} \sum_{h=0}^{n_H-1} \sum_{w=0}^{n_W-1} dZ_{i,h,w,c} \tag{2}$$
#
# **The input.** A pixel is used by every filter, in every window that contains it. Pixel $(u, v)$
# lies in the window of output $(h, w)$ when its place in it, $r = u - h \cdot \text{stride}$ and
# $q = v - w \cdot \text{stride}$, is between $0$ and $f-1$ both times:
#
# $$dA^{\text{pad}}_{i,u,v,k} = \sum_{c=0}^{n_C-1} \
# \sum_{\substack{h,\,w \text{ whose window} \\ \text{contains } (u,\,v)}}
# W_{\,u - h \cdot \text{stride},\ v - w \cdot \text{stride},\ k,\ c} \; dZ_{i,h,w,c} \tag{3}$$
#
# The sums differ. $dW$ and $db$ add over the examples, because all examples share the weights.
# $dA$ does not, because every example has its own pixels, but it adds over the filters, because
# all filters look at the same pixels.

# %% [markdown]
# ## From the formulas to a program
#
# Formula (3) looks awkward: for each pixel one would have to find the windows that contain it. It
# is easier the other way round, as in the figure above. Go through the **outputs**, in the same
# loops as in the forward pass, and let each output $(i, h, w, c)$ add its share to three places:
#
# - to the window of $dA^{\text{pad}}$ it came from: the filter $W_c$, times $dZ_{i,h,w,c}$;
# - to $dW_c$: the window of $A^{\text{pad}}$ it came from, times $dZ_{i,h,w,c}$;
# - to $db_c$: $dZ_{i,h,w,c}$ itself.
#
# Here $W_c$ is the whole filter $c$, an array of shape `(f, f, n_C_prev)`, and a window has that
# shape too. When all outputs have added their shares, the sums (1), (2) and (3) are complete.
#
# **And the padding?** The input was padded before the filter moved over it, so we first get the
# gradient with respect to the padded input. The zeros of the border are constants. Nobody asks
# how the cost depends on them, so the border of $dA^{\text{pad}}$ is cut off at the end, and what
# remains has the shape of `A_prev`.
#
# **The trap at pad = 0.** The border is often cut off with the slice `[pad:-pad]`. **Predict,
# then run:** what does it leave of seven numbers, for each of the three values of `pad`?

# %%
seven_numbers = np.arange(7)
for pad in (2, 1, 0):
    print("pad =", pad, "leaves", seven_numbers[pad:-pad])

# %% [markdown]
# With `pad = 0` nothing is left. For whole numbers -0 is 0, so `[0:-0]` is `[0:0]`, and that is
# empty. Without padding there is nothing to cut off, yet this slice cuts off everything. Many
# solutions of this exercise that can be found have this mistake and fail on every layer without
# padding. Instead, say where the image ends by counting from the front: you know where it begins,
# and how many rows and columns it has.

# %% [markdown]
# ## Exercise: conv_backward
#
# Write the backward pass of a convolution layer, in place of the line `# YOUR CODE HERE` and the
# `raise` line after it. What stands above them unpacks the `cache`, which holds what
# `conv_forward` was given, and the shapes.
#
# Keep in mind:
#
# - **Start from zeros and add**, with `+=`. Anything else at the start stays in the sum, and with
#   `=` only the last share would count.
# - **The corners of the window** are those of the forward pass, with the stride in them. Tests
#   with stride 1 do not notice when it is missing; the check uses other strides too.
# - **The padded input**, not `A_prev`, is what the windows are cut from, as in the forward pass.
# - **`db` has the shape of `b`**, `(1, 1, 1, n_C)`, with one sum for each filter.
# - **Do not change what you were given.** `dZ` and the arrays in the cache may be needed again.

# %% copy="source" nbgrader={"grade_id": "conv_backward", "solution": true}
from exercises.loops import conv_backward

# %% [markdown]
# **Try it.** The forward pass supplies a `cache`, and its output `Z` stands in for a gradient
# `dZ`, because it has the right shape.

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
# The last digits of the means may differ from these, because the order in which numbers are added
# changes how they are rounded.

# %% nbgrader={"grade_id": "conv_backward_check"}
conv_backward_test(conv_backward)

# %% nbgrader={"grade_id": "conv_backward_grade", "grade": true}
from exercises import grade

grade("conv_backward", conv_backward)

# %% [markdown]
# ## Your function on the example by hand
#
# The 3 by 3 image from above, as a batch of one image with one channel. This layer has no
# padding.

# %%
A_prev = np.array([[1.0, 2.0, 0.0], [3.0, 1.0, 2.0], [0.0, 1.0, 4.0]]).reshape(1, 3, 3, 1)
W = np.array([[1.0, 2.0], [3.0, -1.0]]).reshape(2, 2, 1, 1)
b = np.ones((1, 1, 1, 1))
dZ = np.array([[1.0, -1.0], [2.0, 3.0]]).reshape(1, 2, 2, 1)

Z, cache = conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})
dA, dW, db = conv_backward(dZ, cache)
print("Z =", Z[0, :, :, 0], sep="\n")
print("dA =", dA[0, :, :, 0], sep="\n")
print("dW =", dW[:, :, 0, 0], sep="\n")
print("db =", db[0, 0, 0, 0])

# %% [markdown]
# **Expected output**
#
# ```
# Z =
# [[14.  4.]
#  [ 5.  5.]]
# dA =
# [[ 1.  1. -2.]
#  [ 5.  3.  7.]
#  [ 6.  7. -3.]]
# dW =
# [[ 8. 10.]
#  [ 5. 13.]]
# db = 5.0
# ```

# %% [markdown]
# ## Checking gradients by nudging
#
# How can you trust a gradient when nobody tells you the right numbers? By its meaning.
# `dW[r, q, k, c]` says how fast the cost changes with `W[r, q, k, c]`. So make that weight larger
# by a small step $\varepsilon$, run the **forward** pass and note the cost. Do the same with the
# weight smaller by $\varepsilon$. The slope between the two is
#
# $$\frac{\partial J}{\partial W_{r,q,k,c}} \approx
# \frac{J(W_{r,q,k,c} + \varepsilon) - J(W_{r,q,k,c} - \varepsilon)}{2 \varepsilon}.$$
#
# This needs no backward pass at all, so it can judge one. (It would be far too slow for training:
# it takes two forward passes for each single weight.)
#
# We still need a cost. Choose an array $G$ of random numbers in the shape of $Z$, and let
#
# $$J = \sum_{i,h,w,c} G_{i,h,w,c} \, Z_{i,h,w,c}.$$
#
# The derivative of this $J$ with respect to $Z_{i,h,w,c}$ is $G_{i,h,w,c}$. So `dZ` is exactly
# `G`, and that is what `conv_backward` is given.
#
# The cell nudges one weight and one pixel, in a layer with padding and in one without.

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
    print(f"pad {pad}, weight: nudged {(up - down) / (2 * epsilon):.6f}", end=", ")
    print(f"conv_backward {dW[1, 0, 1, 2]:.6f}")

    up = cost(A_prev + pixel_step, W, b, hparameters, G)
    down = cost(A_prev - pixel_step, W, b, hparameters, G)
    print(f"pad {pad}, pixel:  nudged {(up - down) / (2 * epsilon):.6f}", end=", ")
    print(f"conv_backward {dA_prev[1, 2, 1, 0]:.6f}")

# %% [markdown]
# **Expected output**
#
# ```
# pad 1, weight: nudged -3.113971, conv_backward -3.113971
# pad 1, pixel:  nudged 1.148877, conv_backward 1.148877
# pad 0, weight: nudged -3.401901, conv_backward -3.401901
# pad 0, pixel:  nudged 2.091500, conv_backward 2.091500
# ```

# %% [markdown]
# The two ways agree to six decimals. The sums over examples, rows, columns and filters, the
# stride and the padding all enter into these numbers, so a mistake in any of them would hardly
# stay hidden. This is called a **gradient check**. It works for every layer whose output changes
# smoothly with its input.

# %% [markdown]
# ## A convolution, a ReLU and a loss
#
# Here is a whole tiny network: one image, one 2 by 2 filter, the activation
# $\text{ReLU}(z) = \max(0, z)$, and the loss $J = \text{mean}\big((Y - 1)^2\big)$, the mean over
# the four outputs $Y = \text{ReLU}(Z)$. Going backwards:
#
# - $dY_{hw} = \frac{2}{4} (Y_{hw} - 1)$, the derivative of the mean of four squares;
# - $dZ_{hw} = dY_{hw}$ where $Z_{hw} > 0$, and $0$ where $Z_{hw} < 0$, because there the ReLU
#   puts out 0 whatever happens. Here all four $Z_{hw}$ are positive, so $dZ = dY$;
# - from $dZ$ your `conv_backward` does the rest.
#
# The figures to compare with were computed by a framework, in 32-bit numbers. Those carry about
# seven digits, so the comparison allows a relative difference of 0.000002.

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


def agrees(ours, theirs):
    return np.allclose(ours, theirs, rtol=2e-6, atol=0)


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
# ## Backward through max pooling: the mask
#
# A pooling layer has no parameters, but the layers before it do, so the gradient must get
# through.
#
# Take one window in which one entry is the largest, and call this maximum $y$. Nudge the largest
# entry by a tiny amount: $y$ changes by the same amount. Nudge any other entry by a tiny amount:
# $y$ does not change at all. So the derivative of $y$ is 1 with respect to the largest entry and
# 0 with respect to every other one, and **the whole gradient goes back to the place of the
# maximum**. The helper `create_mask_from_window` marks that place.
#
# **By hand.** In the window
#
# $$x = \begin{pmatrix} 1&2&3\\2&3&2\\1&5&2 \end{pmatrix}$$
#
# the maximum is 5, in row 2 and column 1. Its mask is True there and False elsewhere. If the
# gradient that arrives is 4, then
#
# $$\begin{pmatrix} 0&0&0\\0&0&0\\0&1&0 \end{pmatrix} \cdot 4 =
# \begin{pmatrix} 0&0&0\\0&0&0\\0&4&0 \end{pmatrix}$$
#
# goes back. In a product, Python counts True as 1 and False as 0, so a mask of booleans can be
# multiplied by a number as it is.

# %%
mask = np.zeros((3, 3), dtype=bool)
mask[2, 1] = True
print(mask * 4)

# %% [markdown]
# **Expected output**
#
# ```
# [[0 0 0]
#  [0 0 0]
#  [0 4 0]]
# ```

# %% [markdown]
# ## Exercise: create_mask_from_window
#
# Write the helper. It helps to know that comparing an array with a number compares every entry:
# `np.array([1, 2, 3]) == 2` is `[False, True, False]`. An array of the numbers 0 and 1 is
# accepted as a mask too.

# %% copy="source" nbgrader={"grade_id": "create_mask_from_window", "solution": true}
from exercises.loops import create_mask_from_window

# %% [markdown]
# **Try it.** The first window is random, the second is the one from above.

# %%
np.random.seed(1)
x = np.random.randn(2, 3)
print("x =", x, sep="\n")
print("mask =", create_mask_from_window(x), sep="\n")

x = np.array([[1, 2, 3], [2, 3, 2], [1, 5, 2]])
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
# [[1 2 3]
#  [2 3 2]
#  [1 5 2]]
# mask =
# [[False False False]
#  [False False False]
#  [False  True False]]
# ```

# %% nbgrader={"grade_id": "create_mask_from_window_check"}
create_mask_from_window_test(create_mask_from_window)

# %% nbgrader={"grade_id": "create_mask_from_window_grade", "grade": true}
from exercises import grade

grade("create_mask_from_window", create_mask_from_window)

# %% [markdown]
# ## A remark on ties
#
# What if two entries of a window are both the largest? Then a small step up with either of them
# raises the maximum, and a small step down with only one of them does not lower it. So there is
# no derivative there in the usual sense, and a program must choose something. The next cell shows
# what your helper chooses.

# %%
print(create_mask_from_window(np.array([[4, 1], [4, 2]])))

# %% [markdown]
# If you compared every entry with the maximum, both fours are marked. Then both receive the whole
# gradient, and more goes back than came in. The pooling layers of PyTorch and TensorFlow send it
# to the first maximum only. The graded cases have no ties, so both ways are right here.
#
# Ties are common in one case that does no harm: after a ReLU a window may hold nothing but zeros.
# What is sent back there is then multiplied by the derivative of the ReLU. That is 0 wherever the
# input of the ReLU was negative, and by the usual convention also where it was exactly 0.

# %% [markdown]
# ## Backward through average pooling: equal shares
#
# The average of a window of $n_H$ rows and $n_W$ columns is
#
# $$y = \frac{1}{n_H \, n_W} \sum_{r=0}^{n_H-1} \sum_{q=0}^{n_W-1} x_{r,q}.$$
#
# Every entry $x_{r,q}$ has the same factor, $1/(n_H\,n_W)$. So the gradient $dz$ that arrives is
# spread evenly, and every entry receives
#
# $$\frac{dz}{n_H \, n_W}.$$
#
# (In this helper, $n_H$ and $n_W$ are the height and width of the window, as in its docstring.)
#
# **By hand.** $dz = 2$ over a 2 by 2 window: four shares of $2/4 = 0.5$. And $dz = 6$ over a
# window of 2 rows and 3 columns: six shares of $6/6 = 1$. In both cases the shares add up to
# $dz$.

# %% [markdown]
# ## Exercise: distribute_value
#
# Write the helper. Which function of NumPy makes an array of a given shape with the same number
# everywhere? Beware of a coincidence: for a 2 by 2 window, $n_H \cdot n_W$ and $n_H + n_W$ are
# both 4. That is why a second shape is tried below.

# %% copy="source" nbgrader={"grade_id": "distribute_value", "solution": true}
from exercises.loops import distribute_value

# %% [markdown]
# **Try it** on the two windows from above.

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

# %% nbgrader={"grade_id": "distribute_value_check"}
distribute_value_test(distribute_value)

# %% nbgrader={"grade_id": "distribute_value_grade", "grade": true}
from exercises import grade

grade("distribute_value", distribute_value)

# %% [markdown]
# ## A whole pooling layer by hand
#
# Now an image of several windows, first with max pooling, 2 by 2 with stride 2. Let the loss be
# the mean of the four numbers $(y - 1)^2$, so that $dy = \frac{2}{4} (y - 1) = (y - 1)/2$.
#
# $$x = \begin{pmatrix} 1&5&3&7\\7&3&9&2\\3&5&8&4\\8&7&3&5 \end{pmatrix} \qquad
# y = \begin{pmatrix} 7&9\\8&8 \end{pmatrix} \qquad
# dy = \begin{pmatrix} 3&4\\3.5&3.5 \end{pmatrix}$$
#
# The loss is $(36 + 64 + 49 + 49)/4 = 49.5$. Each number of $dy$ goes to the place of its
# maximum: 3 to row 1, column 0, where the 7 of the upper left window is; 4 to row 1, column 2;
# the 3.5 of the lower left window to row 3, column 0; and the 3.5 of the lower right window to
# row 2, column 2.
#
# Average pooling of the same image gives
#
# $$y = \begin{pmatrix} 4&5.25\\5.75&5 \end{pmatrix} \qquad
# dy = \begin{pmatrix} 1.5&2.125\\2.375&2 \end{pmatrix}$$
#
# with the loss $(9 + 18.0625 + 22.5625 + 16)/4 = 16.40625$, and each number of $dy$ is spread
# over its window in quarters.
#
# **Predict, then run.** What are the four quarters, one for each window?

# %%
x = np.array([[1, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]])
largest = np.zeros((4, 4), dtype=bool)
largest[[1, 1, 2, 3], [0, 2, 2, 0]] = True

dx_max = np.zeros((4, 4))
dx_max[1, 0], dx_max[1, 2], dx_max[3, 0], dx_max[2, 2] = 3, 4, 3.5, 3.5
quarters = np.array([[1.5, 2.125], [2.375, 2]]) / 4
dx_average = np.kron(quarters, np.ones((2, 2)))  # each quarter, repeated over its window

four_windows = [
    (0, 0, 2, 2, "tab:blue"),
    (0, 2, 2, 2, "tab:orange"),
    (2, 0, 2, 2, "tab:green"),
    (2, 2, 2, 2, "tab:purple"),
]
fig, axes = plt.subplots(1, 3, figsize=(11, 3.9), layout="constrained")
draw_grid(axes[0], x, "x, with its maxima", windows=four_windows, hatched=largest)
draw_grid(axes[1], dx_max, "dx of max pooling", windows=four_windows)
draw_grid(axes[2], dx_average, "dx of average pooling")
plt.show()

# %% [markdown]
# *The figure: three 4 by 4 grids; in the first two, four 2 by 2 windows are outlined. In the
# first, the image, the largest number of each window is hatched: 7, 9, 8 and 8. In the second,
# the gradient of max pooling, only those places hold numbers other than 0: 3, 4, 3.5 and 3.5. In
# the third, the gradient of average pooling, every window holds four equal numbers: 0.375,
# 0.53125, 0.59375 and 0.5, some of them shown rounded to four digits.*
#
# **Windows may overlap.** When the stride is smaller than $f$, a pixel lies in several windows
# and can receive a gradient from each. As in the convolution layer, contributions add up.
#
# Example: the image $\begin{pmatrix} 1&5&2\\0&3&4 \end{pmatrix}$, $f = 2$, stride 1. There are
# two windows, and the 5 is the maximum of both. If $dA = \begin{pmatrix} 10&20 \end{pmatrix}$
# arrives, the 5 receives $10 + 20 = 30$, and all other pixels receive 0.

# %% [markdown]
# ## Exercise: pool_backward
#
# Write the backward pass of a pooling layer, with the two helpers. As a formula, with $t_{r,q}$
# for the entry of the mask (max pooling) or $1/f^2$ (average pooling), every output
# $(i, h, w, c)$ adds
#
# $$t_{r,q} \; dA_{i,h,w,c} \quad \text{to} \quad
# dA^{\text{prev}}_{\,i,\ h \cdot \text{stride} + r,\ w \cdot \text{stride} + q,\ c}
# \qquad \text{for } r, q = 0, \dots, f-1.$$
#
# Mind the names. The output of this layer is called $A$, so $dA$ is the gradient that
# **arrives**, in the shape of the pooled array. The input is $A^{\text{prev}}$, so
# $dA^{\text{prev}}$ is what goes **back**, in the shape of the input. The indices $i$, $h$, $w$,
# $c$, $r$, $q$ are as before. Each channel is by itself again.
#
# Keep in mind:
#
# - **The stride belongs in the corners**, as in the forward pass. This is the most frequent
#   mistake of all in this function, and the example below with stride 1 does not show it. The
#   example after the check has stride 2.
# - **Add**, because windows may overlap, and start from zeros.
# - **The mask is made from the input**, from the window of `A_prev`, not from `dA`.

# %% copy="source" nbgrader={"grade_id": "pool_backward", "solution": true}
from exercises.loops import pool_backward

# %% [markdown]
# **Try it.** The batch has 5 images of 5 rows, 3 columns and 2 channels, and the windows overlap.
# `dA_prev[1, 1]` is row 1 of the second image: one line for each column, one number for each
# channel.

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

# %% nbgrader={"grade_id": "pool_backward_check"}
pool_backward_test(pool_backward)

# %% nbgrader={"grade_id": "pool_backward_grade", "grade": true}
from exercises import grade

grade("pool_backward", pool_backward)

# %% [markdown]
# ## Your function on the examples by hand
#
# First the 4 by 4 image with stride 2, forward and back, in both modes. Then the two overlapping
# windows.

# %%
x = np.array([[1.0, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]]).reshape(1, 4, 4, 1)
for mode in ("max", "average"):
    y, cache = pool_forward(x, {"f": 2, "stride": 2}, mode=mode)
    loss = np.mean((y - 1) ** 2)
    dy = 2 * (y - 1) / y.size
    dx = pool_backward(dy, cache, mode=mode)
    print(f"{mode}: loss = {loss}")
    print("dx =", dx[0, :, :, 0], sep="\n")

x = np.array([[1.0, 5, 2], [0, 3, 4]]).reshape(1, 2, 3, 1)
y, cache = pool_forward(x, {"f": 2, "stride": 1}, mode="max")
dy = np.array([10.0, 20.0]).reshape(1, 1, 2, 1)
dx = pool_backward(dy, cache, mode="max")
print("overlapping: dx =", dx[0, :, :, 0], sep="\n")

# %% [markdown]
# **Expected output**
#
# ```
# max: loss = 49.5
# dx =
# [[0.  0.  0.  0. ]
#  [3.  0.  4.  0. ]
#  [0.  0.  3.5 0. ]
#  [3.5 0.  0.  0. ]]
# average: loss = 16.40625
# dx =
# [[0.375   0.375   0.53125 0.53125]
#  [0.375   0.375   0.53125 0.53125]
#  [0.59375 0.59375 0.5     0.5    ]
#  [0.59375 0.59375 0.5     0.5    ]]
# overlapping: dx =
# [[ 0. 30.  0.]
#  [ 0.  0.  0.]]
# ```

# %% [markdown]
# ## What to try next with gradients
#
# Predict first, then add a cell and find out. What happens if
#
# - you let the tiny network learn? In a copy of the cell with the ReLU, put the lines from
#   `Z, cache = ...` to `dX, dW, db = ...` into a loop, print the loss each time, and end the loop
#   with `W = W - 0.1 * dW` and `b = b - 0.1 * db`. (The loss falls: 0.1286, 0.0929, 0.0710,
#   0.0570, and so on. This is how a network learns. With 5 in place of 0.1 the first step goes
#   much too far: all four $Z_{hw}$ become negative, the ReLU puts out zeros, and every gradient
#   is 0 from then on.)
# - `dZ` and `W` are all ones, for an image of 5 by 5, one channel, a filter of 3 by 3, stride 1
#   and no padding? What does `dA` count? (For each pixel, the windows that contain it: 1 in a
#   corner, 9 in the middle.)
# - the stride is larger than $f$? Use `pool_backward` with a 7 by 7 image, $f = 2$ and stride 3.
#   Where is `dA_prev` surely 0? (In rows and columns 2, 5 and 6, which no window contains.)
# - you nudge pixels of `pool_forward` as in the gradient check above, at a pixel that is a
#   maximum and at one that is not? And at one of two tied maxima? (The first two agree with
#   `pool_backward`. At a tie, nudging gives half the gradient, since only the step up has an
#   effect.)

# %% [markdown]
# ## Recap of backpropagation
#
# You can now
#
# 1. explain where the gradients of a convolution layer come from: every output sends its gradient
#    back to the window, the weights and the bias it was made from, times what each was multiplied
#    by, and the contributions add up; and you can work this out by hand;
# 2. write `conv_backward` for any stride and any padding, zero included, and check it, or any
#    other backward pass, by nudging;
# 3. send gradients back through pooling: to the place of the maximum, or in equal shares to the
#    whole window; where windows overlap, the contributions add up.

# %% [markdown] include="hand_in"
