# %% [markdown]
# # Kernels
#
# A photo editor has buttons that blur an image, sharpen it, or emboss it. In the simplest case, there are nine
# numbers behind each button. The first layer of a network for images consists of dozens of such
# kernels, too, but there nobody has labeled the buttons. Could you look at nine numbers and say what they will
# do? This lesson is a game, and its question is always the same: **which kernel did this?** Before the first
# round, play. Run the next two cells, and change the nine weights. The orange square is the window, and a
# click on the image moves it.

# %% include="lesson_setup"

# %%
from convnet.data import load_sample_image
from lesson_tools.explorables import explore_kernel
from lesson_tools.kernels import figures as draw
from lesson_tools.kernels.questions import check, predict
from lesson_tools.photo import draw_edges

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
# 4. 0 on the plain background, but not on the face. At least one weight must not be 0.
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
# **Time:** about 65 minutes, and 40 for the exercises. **You need:**
# [Images and convolution](01_images_and_convolution.ipynb).

# %% [markdown]
# ## Before you start
#
# Two questions about the previous lesson:
#
# 1. A 5 x 5 kernel slides over an image of 20 x 30 pixels with stride 1. What is the shape of the output?
# 2. What is the dot product of $\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$ and
#    $\begin{pmatrix} 0 & -1 \\ 1 & 0 \end{pmatrix}$?

# %%
predict("valid", None)
predict("dot", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# 1. $n - f + 1$ along each axis gives `(16, 26)`.
# 2. $1 \cdot 0 + 2 \cdot (-1) + 3 \cdot 1 + 4 \cdot 0 =$
#    [1]{= np.sum(np.array([[1, 2], [3, 4]]) * np.array([[0, -1], [1, 0]])) }.
#
# If this was new, go back to [Images and convolution](01_images_and_convolution.ipynb).
#
# </details>

# %% [markdown]
# ## Nine shifted images
#
# Mission 2 is the key to reading kernels. A single 1 moves the image, and its position says which way. Any
# other kernel is a mixture: each weight $W_{r,q}$ is multiplied by the whole image, shifted by $r$ rows up and
# $q$ columns to the left, and the output is the sum of these **nine shifted images**.
#
# This view also makes the code fast. `cross_correlate` of lesson 01 visits
# [101,124]{= f'{318 * 318:,}' }
# positions of the portrait one by one. The new version has two short loops over the nine weights, and NumPy
# adds up whole images. To replace loops with operations on whole arrays is called
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
# **Predict.** Which output belongs to kernels 1, 2, 3 and 4, in this order? Answer with a text, such as
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
# ## Blur
#
# If all weights are equal and add up to 1, the output is the mean of the window, and the image is blurred.
# The larger the kernel, the more details vanish. To see what happens where the brightness changes, take an
# image in which every row is 10, 10, 10, 40, 40, 40.
#
# **Predict.** What is one row of the output for a 3 x 3 blur? Answer with a list of four numbers.

# %%
blur = np.ones((3, 3)) / 9
predict("blur", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The windows contain, in each row, 10, 10, 10; then 10, 10, 40; then 10, 40, 40; then 40, 40, 40. Their
# means are 10, 20, 30 and 40. Blurring turns a step into a ramp.
#
# </details>

# %% [markdown]
# ## Sharpen
#
# Blurring makes a pixel more like its neighbors. To sharpen an image, do the opposite: add to a pixel $x$
# what distinguishes it from its four neighbors $x_1, \dots, x_4$.
#
# $$x + (x - x_1) + (x - x_2) + (x - x_3) + (x - x_4) = 5x - (x_1 + x_2 + x_3 + x_4)$$
#
# The right-hand side shows the weights: 5 in the middle and $-1$ for each neighbor.
#
# **Predict.** The image is the same as before, with the rows 10, 10, 10, 40, 40, 40. What does `sharpen`
# give at the last 10?

# %%
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
predict("sharpen", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $5 \cdot 10 - (10 + 10 + 10 + 40) = -20$. The dark side becomes darker, and the bright side becomes brighter:
# the first 40 turns into 70. The step is now three times as high as it was, so it looks sharp.
#
# </details>

# %% [markdown]
# ## Emboss
#
# If you solved the second riddle of lesson 01, you have met this kernel. It subtracts the pixels to the
# upper left and adds those to the lower right. A pixel becomes brighter where the image gets brighter
# toward the lower right, and darker where it gets darker, as if light fell on a relief. But the weights
# still add up to [1]{= -2 - 1 - 1 + 1 + 1 + 1 + 2 }, so plain regions stay as they are.

# %%
emboss = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
wide_blur = np.ones((7, 7)) / 49
kernels = {"blur, 7 x 7": wide_blur, "sharpen": sharpen, "emboss": emboss}
draw.effects(face, {name: cross_correlate(face, W) for name, W in kernels.items()})

# %% [markdown]
# ## Round 2
#
# This time the image is a page of text, dark on bright.
#
# **Predict.** Which output belongs to kernels 1, 2, 3 and 4?

# %%
page = load_sample_image("page.png").astype(float)
draw.round_2(page[5:42, 3:75])

# %%
predict("round_2", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# DCAB. C is blurred and A sharpened, the same on all sides of a letter. At its lower right side, dark ink
# turns into bright paper, so kernel 1 (emboss) is bright there: D. Kernel 4 is emboss, rotated by 180
# degrees, and the light comes from the other side: B.
#
# </details>

# %% [markdown]
# ## Rule 2: opposite signs measure a change
#
# Weights of opposite signs subtract one side of the window from the other. The weights $-1, 0, 1$ in a row
# give the right neighbor minus the left neighbor, which is the change from left to right. Where the
# brightness changes abruptly, there is an [**edge**](glossary.md#edge).
#
# If the weights also add up to 0, the output is 0 in plain regions, and nothing but edges remains. The
# kernel that your search found in lesson 01 is of this kind.

# %% [markdown] tags=["row-4"]
# ## Sobel kernels
#
# A difference of two pixels is sensitive to noise. Sobel and Feldman therefore combined three rows, with
# twice the weight for the middle one. Suppose that every pixel has a random error. The weighted mean of three
# rows then has an error only [61]{= f'{100 * np.sqrt((1 + 4 + 1) / 16):.0f}' }% as large as that of one row.
# The **Sobel kernels** for the horizontal ($x$) and the vertical ($y$) direction are
#
# $$S_x = \begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix}, \qquad
# S_y = \begin{pmatrix} -1 & -2 & -1 \\ 0 & 0 & 0 \\ 1 & 2 & 1 \end{pmatrix}.$$
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

# %%
G_x = cross_correlate(portrait, sobel_x)
G_y = cross_correlate(portrait, sobel_y)
draw.sobel(portrait, G_x, G_y)

# %% [markdown] tags=["row-4"]
# ## Vertical and horizontal edges
#
# Sobel x measures the change *along* x, and so it finds **vertical** edges, such as the long sides of the
# rocket. Sobel y finds horizontal ones, such as the eyebrows and the lips. (If a book speaks of "the
# vertical Sobel filter", check which of the two it means.)
#
# Up to a factor, the outputs $G_x$ and $G_y$ approximate the derivatives of the brightness along x and y. On
# a ramp that rises by 1 per pixel, $S_x$ gives
# [8]{= int(cross_correlate(np.tile(np.arange(3), (3, 1)), sobel_x)[0, 0]) }.

# %%
# Which of these kernels respond to your own face? Below the sliders you can choose another image.
presets = {"Sobel x": sobel_x, "Sobel y": sobel_y, "blur": blur}
explore_kernel(face, presets | {"sharpen": sharpen, "emboss": emboss})

# %% [markdown]
# At each pixel, $G_x$ and $G_y$ together form the **gradient of the image**. You know this word from lesson 01,
# where it had another meaning, and the field uses both:
#
# | | gradient of the loss | gradient of the image |
# |---|---|---|
# | what changes? | the loss | the brightness |
# | when you change ... | a weight | the position, along x or y |
# | how many numbers? | one for each weight | two for each pixel |
# | good for | improving the weights | finding edges |
#
# Both are arrays of derivatives, hence the name. In this lesson, "gradient" is always the gradient of the image.
# Wherever a network learns, it is the [gradient](glossary.md#gradient) of the loss.

# %% [markdown]
# ## Round 3
#
# A pavement, with dark bricks and bright joints.
#
# **Predict.** Which output belongs to kernels 1, 2, 3 and 4?

# %%
bricks = load_sample_image("brick.jpg").astype(float)
draw.round_3(bricks[100:160, 100:160])

# %%
predict("round_3", None)

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
# For a drawing, neither the direction of an edge matters nor its sign. The length of the image's gradient,
# $(G_x, G_y)$, ignores both. It is called the [**edge magnitude**](glossary.md#edge-magnitude):
#
# $$G = \sqrt{G_x^2 + G_y^2}$$


# %%
def magnitude(X):
    return np.sqrt(cross_correlate(X, sobel_x) ** 2 + cross_correlate(X, sobel_y) ** 2)


images = {
    "portrait": portrait,
    "page": page[:, :191],
    "satellite": load_sample_image("satellite.jpg").mean(axis=2),
    "grass": load_sample_image("grass.jpg")[:180, :180].astype(float),
}
draw.magnitudes(images, [magnitude(X) for X in images.values()])

# %% [markdown]
# ## The limits of 18 weights
#
# This is how the first drawing of lesson 01 was made. On the portrait it works well. The mean magnitude is
# [7]{= f'{magnitude(portrait)[45:85, 55:85].mean():.0f}' } on the plain background, but
# [123]{= f'{magnitude(portrait)[200:280, 80:150].mean():.0f}' } on the suit. On grass it fails, and it must:
# a Sobel kernel sees nine pixels at a time, and in nine pixels a blade of grass is as good an edge as the
# outline of a face. To keep the face and leave out the grass, a program must look at a larger part of the
# image, and it must have seen many images. That is why the rest of this course is about many kernels, in many
# layers, with learned weights.

# %% [markdown]
# ## Rule 3: a kernel looks like what it responds to
#
# When is a dot product large? When the patch is bright under the positive weights and dark under the negative
# ones, in other words, when it resembles the kernel. But a dot product is also large when the patch simply has a
# lot of **contrast**, since doubling all differences in brightness doubles the output. So among patches of
# equal contrast, the winner is the one most like the kernel. (This is true of kernels whose weights add up to 0.
# With others, any bright patch gives a large output.) The next figure shows which patches of the portrait have
# the largest outputs for three kernels.

# %%
line_kernel = np.array([[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]])
draw.best_patches(portrait, {"Sobel x": sobel_x, "Sobel y": sobel_y, "line": line_kernel})

# %% [markdown]
# The winners do look like their kernels. Such an output value is called a
# [response](glossary.md#response), and the whole output a [**feature map**](glossary.md#feature-map). In
# [What filters see](26_what_filters_see.ipynb) you will read the kernels of a trained network by this rule.

# %% [markdown]
# ## The strongest response is not always the best match
#
# Can you find the astronaut's mouth by using an image of it as a kernel? We subtract the mean, so that the weights
# add up to 0.

# %%
mouth = portrait[84:99, 124:152]
mouth_map = cross_correlate(portrait, mouth - mouth.mean())
best = np.unravel_index(mouth_map.argmax(), mouth_map.shape)
print(f"at the mouth: {mouth_map[84, 124]:,.0f}")
print(f"the largest: {mouth_map.max():,.0f}, at {tuple(map(int, best))}")

# %% [markdown]
# At a reflection in the helmet, where the contrast is more than three times as high, the response is
# [63]{= f'{100 * (mouth_map.max() / mouth_map[84, 124] - 1):.0f}' }% larger than at the mouth itself. To rule
# this out, divide each response by the standard deviation of its patch. This is called **normalized
# cross-correlation**, and it finds the mouth.

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
# Here $\star$ is the cross-correlation, and $g$ is the most common activation function, the
# [**ReLU**](glossary.md#relu). It keeps positive values and replaces negative ones with 0. For a detector this
# makes sense, because "the opposite of a line" is no more interesting than "no line". The entries of $A$ are
# called [activations](glossary.md#activation).

# %% [markdown] tags=["row-5"]
# ## A line in an 8 x 8 image
#
# The image is 0 everywhere, except for a vertical line of ones in columns 3 and 4. By rule 3 the kernel is a
# line, too, $\begin{pmatrix} 0 & 1 & 0 \\ 0 & 1 & 0 \\ 0 & 1 & 0 \end{pmatrix}$. The bias is 0. All rows of
# the feature map are the same.
#
# **Predict.** What is one row of the feature map? Answer with a list, such as `[1, 2, 3]`.

# %%
line = np.zeros((8, 8))
line[:, 3:5] = 1
detector = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0]])
b = 0
A_line = np.maximum(cross_correlate(line, detector) + b, 0)
predict("line", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[[0, 0, 3, 3, 0, 0]]{= A_line[0].astype(int).tolist() }`. The kernel fits in 6 columns. At output
# columns 2 and 3, its middle column lies on the line, at image columns 3 and 4, and three ones meet three
# ones.
#
# </details>

# %%
draw.line(line, detector, A_line)

# %% [markdown] tags=["row-5"]
# ## The bias is a threshold
#
# Does this layer detect *vertical* lines? Show it a horizontal one, `line.T`, and it responds as well, with
# up to [2]{= int(np.maximum(cross_correlate(line.T, detector), 0).max()) }. The bias can prevent this.
#
# **Predict.** Choose $b$ so that the horizontal line gives 0 everywhere, but the vertical line still
# gives as large an activation as possible.

# %%
predict("bias", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $b = -2$. Without a bias, the largest values are 3 for the vertical line and 2 for the horizontal one.
# With $b = -2$, the largest activations are
# [1]{= int(np.maximum(cross_correlate(line, detector) - 2, 0).max()) } and
# [0]{= int(np.maximum(cross_correlate(line.T, detector) - 2, 0).max()) }.
#
# </details>

# %% [markdown] tags=["row-5"]
# ## The line detector on a photograph
#
# On a photograph this detector would disappoint you, and rule 1 says why. Its weights add up to 3, so it
# responds to every bright region, line or not. With the rows $-1, 2, -1$ the weights add up to 0. An image of
# ones then gives [0]{= int(cross_correlate(np.ones((8, 8)), line_kernel).max()) }, and the vertical line
# still gives [3]{= int(cross_correlate(line, line_kernel).max()) }. Together with a bias of $-100$, this
# layer finds the vertical joints of the pavement.

# %%
wall = bricks[100:240, 60:200]
Z = cross_correlate(wall, line_kernel)
A = np.maximum(Z - 100, 0)
draw.joints(wall, Z, A)

# %% [markdown] tags=["row-5"]
# ## Ten parameters
#
# The numbers that a network learns are its [**parameters**](glossary.md#parameter). Our layer has
# [10]{= detector.size + 1 } of them, 9 weights and 1 bias, whatever the size of the image. On a color image
# it would need a kernel for each of the three channels. Such a set of kernels is called a
# [**filter**](glossary.md#filter), here with $3 \cdot 3 \cdot 3 =$ [27]{= 3 * 3 * 3 } weights and still
# one bias.
#
# Ten numbers for an image of any size: how can so few be enough? This is the question of lesson 05,
# [From dense to convolutional layers](05_why_convolution.ipynb).
#
# **Predict.** How many parameters does a layer with one 5 x 5 kernel need for a grayscale image of 480 x 640?

# %%
predict("parameters", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [26]{= 5 * 5 + 1 }: 25 weights and a bias. The size of the image does not matter, because the same weights
# are used at every position.
#
# We chose kernel and bias by hand. A network starts with random parameters and learns better ones from
# examples, just as the program of lesson 01 learned $S_x$.
#
# </details>

# %% [markdown]
# ## Further: a kernel in PyTorch
#
# *You can skip this section and the next one.* You will rarely write `cross_correlate` again, because every
# library contains it. In PyTorch it is the function `F.conv2d`. It filters a whole batch of images with
# several channels, so `None` adds an axis for each of the two, with a single entry.

# %% needs="torch"
import torch
import torch.nn.functional as F

X = torch.tensor(portrait)[None, None]  # examples, channels, height, width
G = F.conv2d(X, torch.tensor(sobel_x, dtype=X.dtype)[None, None])
print("largest difference:", np.abs(G[0, 0].numpy() - G_x).max())

# %% [markdown]
# The result is exactly our $G_x$. So in spite of its name, `conv2d` computes a cross-correlation, as nearly all
# functions of this name in deep learning do. [The mathematics of convolution](03_mathematics_of_convolution.ipynb)
# explains the difference.

# %% [markdown]
# ## Further: the line detector in Keras
#
# In Keras, a convolution layer is an object that you create once and then call like a function. This one
# consists of one filter of size 3 x 3 and a ReLU. (In PyTorch, the ReLU is a layer of its own, after the
# convolution.)

# %% needs="keras tensorflow"
import keras

layer = keras.layers.Conv2D(filters=1, kernel_size=3, activation="relu")
images = line[None, :, :, None]  # examples, height, width, channels
print(layer(images).shape, layer.count_params(), "parameters")

# %% [markdown]
# There are the ten parameters, random weights and a bias of 0 for now. To use our own weights, we need the shape
# that Keras stores: (height, width, input channels, filters). Here this is (3, 3, 1, 1), because there is one
# input channel and one filter, so we add two axes of length 1 at the end of the 3 x 3 kernel. Then the layer
# returns the row that you predicted.

# %% needs="keras tensorflow"
weights = detector.reshape(3, 3, 1, 1)  # height, width, one input channel, one filter
layer.set_weights([weights, np.array([b])])
print(keras.ops.convert_to_numpy(layer(images))[0, 0, :, 0])

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
# ### Exercise 2: blind in two directions
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
# ### Exercise 3: the final round
#
# Six kernels, six outputs, and some old coins. Which output belongs to kernels 1 to 6? Answer with a text of
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
# ### Exercise 4: what happens if ...
#
# Predict first, then try it in the cells below.
#
# 1. ... a kernel has $-1$ in the middle and zeros around it, and the bias is 255?
# 2. ... you apply $S_x - S_y$ to a photograph? Which edges vanish, and which are strongest?
# 3. ... you apply the Laplace kernel to the rows 10, 10, 10, 40, 40, 40? What does an edge look like?
# 4. ... you draw the edges of another photograph? To use your own, put its file name in place of
#    `"flower.jpg"`, or call `draw_edges()` to upload it.

# %%
# Your experiments

# %%
draw_edges("flower.jpg")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. Every pixel $x$ becomes $255 - x$: a negative. Without the bias, all values would be negative, and a
#    ReLU would turn the whole image black.
# 2. $S_x - S_y = \begin{pmatrix} 0 & 2 & 2 \\ -2 & 0 & 2 \\ -2 & -2 & 0 \end{pmatrix}$ compares the upper right
#    with the lower left, so it responds most to a **diagonal** edge where the image gets brighter to the upper
#    right. A step of 30 gives up to
#    [180]{= int(cross_correlate(30 * np.tri(8, dtype=int).T, sobel_x - sobel_y).max()) } there, compared with
#    [120]{= int(cross_correlate(np.tile([0, 0, 0, 30, 30, 30], (6, 1)), sobel_x - sobel_y).max()) } on a
#    vertical edge. Where the image gets brighter to the lower right, the edge vanishes, because the positive and
#    the negative weights cancel
#    ([0]{= int(np.abs(cross_correlate(30 * np.tri(8, dtype=int)[:, ::-1], sobel_x - sobel_y)).max()) }).
# 3. One row of the output is
#    `[[0, 30, -30, 0]]{= cross_correlate(np.tile([10, 10, 10, 40, 40, 40], (3, 1)), laplace)[0].astype(int).tolist() }`.
#    The edge lies where the sign changes. The Laplace kernel responds to edges of all directions, but it is
#    more sensitive to noise.
# 4. On the flower, the Sobel lines are faint where two petals of the same color meet. The network draws
#    these lines almost as boldly as the rim.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **read a kernel:** add up its weights (1 keeps the brightness, 0 responds to changes only), look for
#    opposite signs (they measure a change), and remember that it looks like what it responds to;
# 2. **find edges:** $G_x$ and $G_y$ with the two Sobel kernels, and the
#    [edge magnitude](glossary.md#edge-magnitude) $\sqrt{G_x^2 + G_y^2}$;
# 3. **build a layer:** $A = \max(X \star W + b, 0)$, with 10 [parameters](glossary.md#parameter) for a 3 x 3
#    kernel on one channel.
#
# | term in this course | you may also read |
# |---|---|
# | [kernel](glossary.md#kernel): a 2-D array of weights | convolution matrix, mask, filter |
# | [filter](glossary.md#filter): the kernels for all input channels | kernel |
# | [patch](glossary.md#patch): the part of the input under the kernel | window |
# | [feature map](glossary.md#feature-map): the output for one filter | activation map |

# %% [markdown]
# ## What to read next
#
# - Next is [Padding](04_padding.ipynb): what happens at the border of an image.
#   [The mathematics of convolution](03_mathematics_of_convolution.ipynb) is optional.
# - V. Powell, [Image kernels explained visually](https://setosa.io/ev/image-kernels/), another page on which
#   you can change the weights of a kernel.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.2:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/conv-layer.html).
# - Gonzalez and Woods, *Digital Image Processing* (4th edition, 2018), chapter 3.
