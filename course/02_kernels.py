# %% [markdown]
# # Kernels
#
# A photo editor has buttons that blur an image, sharpen it, or emboss it. In the simplest case, each button stands
# for nine numbers. The first layer of many image networks also holds dozens of such kernels, but nobody has labeled
# them. Could you look at nine numbers and say what they will do? This lesson is a game with one question: **which
# kernel did this?** Before the first round, play. Run the next two cells, and change the nine weights. The orange
# square is the window. Point at the image to move it, and click to hold it.

# %% include="lesson_setup"

# %%
from convnet.data import load_sample_image
from convnet.own_edges import photograph
from lesson_tools.explorables import explore_kernel
from lesson_tools.kernels import figures as draw
from lesson_tools.kernels.questions import check, predict

portrait = load_sample_image("astronaut.jpg").mean(axis=2).round()
face = portrait[:200, 60:260]
copy = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
# Which weights complete the four missions below?
explore_kernel(face, {"copy": copy})

# %% [markdown]
# ## Four missions
#
# Find weights for which the output is
#
# 1. the portrait, half as bright;
# 2. the portrait, moved one pixel to the left (compare the numbers in the window with the output);
# 3. blurred;
# 4. nearly 0 on the plain background, but not on the face. At least one weight must not be 0.
#
# <details>
# <summary>Solutions</summary>
#
# 1. 0.5 in the middle, and zeros around it.
# 2. 1 at the right of the middle, and zeros elsewhere: every output value is the right neighbor.
# 3. For example, nine weights of 1/9; you can type fractions.
# 4. For example, 1 in the middle, $-1$ at its right, and zeros elsewhere. On the background the two pixels
#    are nearly equal, so their difference is nearly 0.
#
# </details>

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. tell from its weights what a kernel does to an image;
# 2. find edges of any direction with the two Sobel kernels;
# 3. build a convolution layer from a kernel, a bias and an activation function, and count its parameters.
#
# **Time:** about 45 minutes, and 25 for the exercises. **You need:**
# [Images and convolution](01_images_and_convolution.ipynb).

# %% [markdown]
# ## Nine shifted images
#
# Mission 2 is the key to reading kernels. A single 1 shifts the image, and its position says which way. Any
# other kernel is a mixture: each weight $W_{r,q}$ multiplies the whole image, shifted $r$ rows up and
# $q$ columns to the left, and the output is the sum of these **nine shifted images**. (Both count from the upper left
# weight. The output begins one pixel inside the image, so the middle weight, $r = q = 1$, does not move anything.)
#
# This view also makes the code fast, here by a factor of several hundred. `cross_correlate` of lesson 01 visits
# [101,124]{= f'{318 * 318:,}' } positions of the portrait one by one. The new version has two short loops over the
# nine weights, and NumPy adds up whole images. Replacing loops with operations on whole arrays is called
# [**vectorization**](glossary.md#vectorization).


# %%
def cross_correlate(X, W):
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for r in range(f_H):
        for q in range(f_W):
            Z += W[r, q] * X[r : r + n_H, q : q + n_W]  # a shifted image
    return Z


# %% [markdown]
# ## Rule 1: add up the weights
#
# In a plain region all pixels have the same value $c$, so the nine shifted images agree, and the output is
# $c$ times **the sum of the weights**. So before anything else, add up the weights:
#
# - If the sum is 1, plain regions keep their brightness.
# - If it is larger or smaller than 1, they become brighter or darker.
# - If it is 0, they become 0, and only *changes* are left.

# %% [markdown]
# ## Round 1
#
# **Predict.** Which output belongs to kernels 1, 2, 3 and 4, in this order? Answer with a string, such as
# `"ABCD"`. (Values below 0 are drawn black, values above 255 white.)

# %%
draw.round_1(face)

# %%
predict("round_1", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# BDCA. The sums are 1/2, 1, 2 and 0. Kernel 1 gives the dark image B. Kernel 4 makes the background 0, that
# is, black: A. Kernels 2 and 3 both blur, but only kernel 2 keeps the brightness: D, and C is twice as
# bright.
#
# </details>

# %% [markdown]
# ## Blur, sharpen, emboss
#
# Now you can read the buttons of the photo editor. The weights of all three kernels add up to 1, so plain regions
# stay as they are, and the kernels differ in what they do to changes.
#
# - **Blur** has equal weights, and replaces each pixel by the mean of its window.
# - **Sharpen** exaggerates instead of averaging, and it can undo a blur only in part. It adds to a pixel $x$ what
#   distinguishes it from its neighbors $x_1, \dots, x_4$:
#   $x + (x - x_1) + (x - x_2) + (x - x_3) + (x - x_4) = 5x - (x_1 + x_2 + x_3 + x_4)$.
# - **Emboss** subtracts the pixels to the upper left and adds those to the lower right. It brightens a pixel
#   where the image gets brighter toward the lower right, as if light fell on a relief.
#
# **Predict.** Every row of an image is 10, 10, 10, 40, 40, 40. What does `sharpen` give at the last 10 of a row?

# %%
blur = np.ones((7, 7)) / 49
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
emboss = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
predict("sharpen", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $5 \cdot 10 - (10 + 10 + 10 + 40) = -20$. The dark side becomes darker, and the bright side becomes brighter:
# the first 40 turns into 70. The step is now three times as high as it was, so it looks sharp.
#
# </details>

# %%
kernels = {"blur, 7 x 7": blur, "sharpen": sharpen, "emboss": emboss}
draw.effects(face, {name: cross_correlate(face, W) for name, W in kernels.items()})

# %% [markdown]
# ## Rule 2: opposite signs measure a change
#
# What can a kernel do whose weights add up to 0? Take the weights $-1, 0, 1$ in a row. They subtract the image of
# the left neighbors from the image of the right neighbors. Where the two agree, nothing is left. Where the
# brightness changes abruptly, there is an [**edge**](glossary.md#edge), and the two images differ.
#
# The next cell computes this difference without a kernel, by shifting the portrait. The neighbors are eight pixels
# apart, instead of two, so that you can see the shift.

# %%
left, right = face[:, :-8], face[:, 8:]
draw.difference(left, right, right - left)

# %% [markdown]
# The difference is positive where the image gets brighter from left to right, and negative where it gets darker.
# **Opposite signs measure a change, from the negative side to the positive one.**

# %% [markdown] tags=["row-4"]
# ## Sobel kernels
#
# The **Sobel kernels** for the horizontal ($x$) and the vertical ($y$) direction compute such differences in three
# rows or columns at once, with twice the weight for the middle one:
#
# $$S_x = \begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix}, \qquad
# S_y = \begin{pmatrix} -1 & -2 & -1 \\ 0 & 0 & 0 \\ 1 & 2 & 1 \end{pmatrix}.$$
#
# Your search in lesson 01 found the first one. Combining three rows also averages out some of the noise.
#
# **Predict.** The three rows of a small image are all 2, 2, 2, 7, 7. What does $S_x$ give? Answer with a
# list.

# %%
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = sobel_x.T
predict("sobel", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[[0, 20, 20]]{= cross_correlate(np.tile([2, 2, 2, 7, 7], (3, 1)), sobel_x)[0].astype(int).tolist() }`.
# In the first window nothing changes. In the other two, the right column is larger than the left one by
# 5, and this counts $1 + 2 + 1$ times.
#
# </details>
#
# Sobel x measures the change *along* x, so it finds **vertical** edges, and Sobel y finds horizontal ones. (If a
# book speaks of "the vertical Sobel filter", check which of the two it means.)

# %% [markdown]
# ## Round 2
#
# **Predict.** Here the input is a pavement. Which output belongs to kernels 1, 2, 3 and 4?

# %%
bricks = load_sample_image("brick.jpg").astype(float)
draw.round_2(bricks[100:160, 100:160])

# %%
predict("round_2", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# CADB. Kernel 1 is $S_y$. Each of its columns adds up to 0, so it gives 0 on a vertical joint, and only the
# horizontal joints remain: C. Kernel 3 is $S_x$. If you come from the left, a joint begins where dark turns
# into bright, which gives positive values, purple. It ends where bright turns into dark, orange: D. Kernel 2
# is $-S_x$, which swaps the two colors: A. Kernel 4 responds to both directions: B.
#
# </details>

# %% [markdown] tags=["row-4"]
# ## Edge magnitude
#
# For a drawing, we want all edges, whatever their direction and sign. The outputs $G_x$ and $G_y$ of the two Sobel
# kernels approximate eight times the **gradient of the image**, which says how the brightness changes with the
# position. (The [gradient](glossary.md#gradient) of lesson 01 said how the loss changes with the weights.) Their
# combined length is called the [**edge magnitude**](glossary.md#edge-magnitude):
#
# $$G = \sqrt{G_x^2 + G_y^2}$$

# %%
photo = photograph("astronaut.jpg", 320).mean(axis=2)  # or your own file
G_x = cross_correlate(photo, sobel_x)
G_y = cross_correlate(photo, sobel_y)
G = np.sqrt(G_x**2 + G_y**2)
draw.edges(photo, G_x, G_y, G)

# %% [markdown]
# Eighteen numbers draw a portrait. Now draw a photograph of your own: in Colab, upload it, and replace
# `"astronaut.jpg"` with its name.
#
# Then try `"grass.jpg"`, where every blade becomes an edge. A Sobel kernel sees nine pixels at a time, and in nine
# pixels a blade of grass looks like the outline of a face. Blurring first removes most blades, but also the fine
# details of a face. To know which edges belong to a face, a program must combine many responses over a larger part of
# the image. Networks do this with many kernels in many layers, and nobody chooses their weights by hand.

# %% [markdown]
# ## Rule 3: a kernel looks like what it responds to
#
# When is a dot product large? When the patch is bright under the positive weights and dark under the negative
# ones, in other words, when it resembles the kernel. So here is a kernel for bright vertical lines, and the
# patch of the portrait to which it responds most:

# %%
line_kernel = np.array([[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]])
pattern = line_kernel  # or another kernel
Z = cross_correlate(portrait, pattern)
h, w = np.unravel_index(Z.argmax(), Z.shape)
print(portrait[h : h + 3, w : w + 3])

# %% [markdown]
# Such an output value is called a [**response**](glossary.md#response), and the whole output a [**feature
# map**](glossary.md#feature-map). Subtract the mean of a patch from its pixels. The **contrast** of the patch is here
# the length of what remains, the root of the sum of its squares. Among patches of equal contrast, the rule is exact
# for kernels whose weights add up to 0. But doubling all differences in brightness doubles the response, so a strong
# contrast can beat a close likeness. Try a checkerboard as `pattern`, with 1 at the corners, $-1$ at their neighbors
# and 0 in the middle. The winner hardly resembles it, although the portrait contains patches that do, at a lower
# contrast.

# %% [markdown] tags=["row-5"]
# ## A line detector: your first convolution layer
#
# Two more steps, and a kernel becomes a [**convolution layer**](glossary.md#convolution-layer) of a network.
# First add a number (a [scalar](glossary.md#scalar)) $b$ to every response, the
# [**bias**](glossary.md#bias). Then apply an [**activation function**](glossary.md#activation-function) $g$
# to the result:
#
# $$Z = X \star W + b, \qquad A = g(Z), \qquad g(z) = \max(z, 0)$$
#
# Here $\star$ is the cross-correlation, and $g$ is the most common activation function of convolutional networks, the
# [**ReLU**](glossary.md#relu). It keeps positive values and replaces negative ones with 0. For a detector of bright
# lines this makes sense: a dark line would need a kernel of its own, with all signs reversed. The entries of $A$ are
# called [activations](glossary.md#activation).


# %%
def layer(X, W, b):
    return np.maximum(cross_correlate(X, W) + b, 0)


# %% [markdown] tags=["row-5"]
# ## A line in an 8 x 8 image
#
# An 8 x 8 image is 0 everywhere, except for a vertical line of ones in columns 3 and 4. The layer has the line
# kernel, with the rows $-1, 2, -1$, and the bias 0. All rows of its output are the same.
#
# **Predict.** What is one row of the activations? Answer with a list, such as `[1, 2, 3]`.

# %%
line = np.zeros((8, 8))
line[:, 3:5] = 1
A_line = layer(line, line_kernel, 0)
predict("line", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[[0, 0, 3, 3, 0, 0]]{= A_line[0].astype(int).tolist() }`. The kernel fits in 6 columns. At output
# columns 2 and 3, its middle column lies on the line, and one of the outer columns does, too: $3 \cdot (2 - 1) = 3$.
# At columns 1 and 4, only an outer column lies on the line. The response is $-3$, which ReLU sets to 0.
#
# </details>

# %%
draw.line(line, line_kernel, A_line)

# %% [markdown] tags=["row-5"]
# ## The line detector on a photograph
#
# Does this layer detect *vertical* lines? On a horizontal one, `line.T`, it gives
# [0]{= int(layer(line.T, line_kernel, 0).max()) } everywhere, because each row of the kernel adds up to 0. But it
# does not see only lines. A plain edge from 0 to 1 gives
# [3]{= int(layer(np.tile([0, 0, 0, 1, 1, 1], (6, 1)), line_kernel, 0).max()) } as well, as much as our line. On a
# photograph, however, hardly any region is perfectly plain, and with bias 0 the grain of the bricks leaves many
# marks. A negative bias is a threshold. With $b = -100$, a response must exceed 100 to count.

# %%
wall = bricks[100:240, 60:200]
A = layer(wall, line_kernel, -100)
draw.joints(wall, layer(wall, line_kernel, 0), A)

# %% [markdown] tags=["row-5"]
# ## Ten parameters
#
# The numbers that a network learns are its [**parameters**](glossary.md#parameter). Our layer has
# [10]{= line_kernel.size + 1 } of them, 9 weights and 1 bias, whatever the size of the image, because the same
# weights are used at every position. On a color image it would need a kernel for each of the three channels. Such a
# set of kernels is called a [**filter**](glossary.md#filter), here with $3 \cdot 3 \cdot 3 =$ [27]{= 3 * 3 * 3 }
# weights and still one bias. We chose the parameters by hand. A network starts with random ones and learns
# from examples, just as your program of lesson 01 learned $S_x$.
#
# Libraries contain the function that we wrote. In PyTorch it is `F.conv2d`, which filters a batch of images with
# several channels, so `[None, None]` adds two axes of length 1. (If PyTorch is missing, the cell
# is skipped.)

# %% needs="torch"
import torch
from torch.nn import functional as F

images = torch.tensor(wall)[None, None]  # examples, channels, height, width
weights = torch.tensor(line_kernel, dtype=images.dtype)[None, None]
bias = torch.tensor([-100], dtype=images.dtype)
A_torch = F.relu(F.conv2d(images, weights, bias))
print("largest difference:", np.abs(A_torch[0, 0].numpy() - A).max())

# %% [markdown]
# ## A blank wall
#
# There is one more difference between our layer and those of most networks. Our output has two rows and two columns
# fewer than the image. Most networks avoid this: they put a frame of zeros around the image first (`padding=1` in
# PyTorch), which looks harmless. Here is a blank wall, as plain as an image can be. By rule 1, Sobel x should give
# zeros everywhere. Does it?

# %%
blank = np.full((5, 7), 200)
padded = np.pad(blank, 1)  # a frame of zeros
print(cross_correlate(padded, sobel_x).astype(int))

# %% [markdown]
# The output has the size of the image, but the kernel has found two edges on a wall without any, and each is as
# strong as the edge between white paper and ink. Any layer with such a frame can have this problem if its kernel
# compares neighbors. [Padding](04_padding.ipynb) shows where the edges come from, and what a trained network makes of
# them.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: design two kernels
#
# Write two 3 x 3 kernels: `difference`, whose output is the right neighbor of the middle pixel minus the
# left neighbor; and the [Laplace kernel](glossary.md#laplace-kernel), `laplace`, whose output is the sum of
# all four neighbors minus four times the middle pixel.

# %%
difference = None
laplace = None
### BEGIN SOLUTION
difference = np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]])
laplace = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
### END SOLUTION

# %%
check("difference", difference)
check("laplace", laplace)

# %% [markdown]
# ### Exercise 2: the final round
#
# Six kernels turned an image of old coins into six outputs. Which output belongs to kernels 1 to 6? Answer with a string of
# six letters.

# %%
coins = load_sample_image("coins.jpg").astype(float)
draw.final_round(coins[:110, 230:])

# %%
outputs = None
### BEGIN SOLUTION
outputs = "EABFDC"
### END SOLUTION

# %%
check("final", outputs)

# %% [markdown]
# ### Exercise 3: blind in two directions
#
# A puzzle with many solutions: find a 3 x 3 kernel, not all zeros, that gives 0 on **every** vertical edge
# (all rows of the image are the same) and on **every** horizontal edge (all columns are the same). Is
# anything left that such a kernel can see? Look at its output for the pavement.

# %%
blind = None
### BEGIN SOLUTION
blind = np.array([[1, 0, -1], [0, 0, 0], [-1, 0, 1]])
### END SOLUTION

# %%
check("blind", blind)
draw.corners(blind)

# %% [markdown]
# <details>
# <summary>What is left to see</summary>
#
# Corners and the ends of the short joints, where neither all rows nor all columns of a window are the same. But
# it is not a corner detector, because it sees slanted edges as well. Only edges along the rows and columns are
# sure to vanish. Take the kernel with the rows 1, 0, $-1$; 0, 0, 0; $-1$, 0, 1. A diagonal step of 30
# gives up to [30]{= int(np.abs(cross_correlate(30 * np.tri(8, dtype=int), blind)).max()) } along its whole
# length, exactly as much as the corner of a square.
#
# </details>

# %% [markdown]
# ## Recap
#
# The output of a [kernel](glossary.md#kernel) is a weighted sum of shifted images. To read a kernel, add up its
# weights (1 keeps the brightness, 0 responds to changes only), look for opposite signs (they measure a change), and
# remember that, at equal contrast, it responds most to what looks like it. With a bias and a ReLU it is a convolution
# layer, $A = \max(X \star W + b, 0)$, which has 10 [parameters](glossary.md#parameter) for a 3 x 3 kernel on one
# channel.

# %% [markdown]
# ## What to read next
#
# - Next is [Padding](04_padding.ipynb): what happens at the border of an image.
#   [The mathematics of convolution](03_mathematics_of_convolution.ipynb) is optional.
# - V. Powell, [Image kernels explained visually](https://setosa.io/ev/image-kernels/), another page on which
#   you can change the weights of a kernel.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.2:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/conv-layer.html).
