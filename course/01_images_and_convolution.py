# %% [markdown]
# # Images and convolution
#
# You could trace the outlines of the tower below with a pencil, and without much thought. For a
# program it is harder, because all it gets is an array of [819,840]{= f'{427 * 640 * 3:,}' } numbers, and
# none of them says "roof" or "edge". Run the next two code cells to see how two programs cope. It takes
# a few seconds.

# %% include="lesson_setup"

# %%
from PIL import Image, ImageFilter

from convnet.data import load_sample_image
from convnet.own_edges import photograph
from lesson_tools.cross_correlation import W7, X7
from lesson_tools.explorables import explore_kernel
from lesson_tools.images_and_convolution import figures as draw
from lesson_tools.images_and_convolution.questions import check, predict
from lesson_tools.riddles import riddle, second_riddle
from lesson_tools.spine import network_parameters, spine

draw.two_edge_drawings()

# %% [markdown]
# The drawing on the left is made with 18 numbers, which Irwin Sobel and Gary Feldman chose in 1968.
# They respond to almost every change in brightness, so every leaf and every roof tile leaves a mark. The
# drawing on the right is made with [260,289]{= f'{network_parameters():,}' } numbers that were **learned** from
# examples, and it leaves most of the tiles out, just as you would.
#
# How can a program learn numbers? In this lesson you watch about twenty-five lines of code learn nine of them. At the
# end, the same lines take a button of a photo editor apart.
#
# **By the end of this lesson you will be able to**
#
# 1. read an image as an array: its shape, the order of its indices, and its channels;
# 2. compute a convolution by hand and in NumPy, with any stride;
# 3. find the weights of an unknown kernel from its input and output, by gradient descent.
#
# **Time:** about 45 minutes, and 30 for the exercises. **You need:**
# [Start here](00_start_here.ipynb), or Python and a little NumPy.

# %% [markdown]
# ## Seven operations
#
# The program on the right consists of seven operations. **You will write all seven in this course, and in the end
# that drawing is made with your own padding, convolution and pooling.** The strip below returns in several lessons.
# An operation gets its full color when your function for it passes its check in an assignment. This lesson is about
# the second one.

# %%
spine("convolution")

# %% [markdown]
# ## The riddle
#
# Here are a photograph of a cat and a drawing of its vertical edges. A program made the drawing with nine
# numbers, the [weights](glossary.md#weight) of a [**kernel**](glossary.md#kernel). But the program is lost, and
# nobody wrote the nine numbers down. **Can you find them, from nothing but the photograph and the drawing?**

# %%
photo, drawing = riddle()
draw.riddle(photo, drawing)

# %% [markdown] tags=["row-1"]
# ## Images are arrays
#
# A [grayscale image](glossary.md#grayscale-image) is a [matrix](glossary.md#matrix), that is, a 2-D
# array of numbers, in which each number is the brightness of one [**pixel**](glossary.md#pixel). Image files
# usually store it as an 8-bit integer, from **0 (black) to 255 (white)**. Let us look the cat in the eye.

# %%
cat = load_sample_image("chelsea.jpg")
gray = cat.mean(axis=2).round().astype(int)
print("cat.shape =", cat.shape)
print("gray.shape =", gray.shape)
draw.eye(gray)

# %% [markdown]
# ## Rows come first
#
# The shape lists the height, [266]{= gray.shape[0] }, before the width, [400]{= gray.shape[1] }. In the same
# order, the first index of a pixel is its row, counted from the top, and the second one its column. Both
# counts start at 0. So an image is indexed like a matrix, and not like the $(x, y)$ of a plot.
#
# **Predict.** At which index is the brightest pixel of the grid, 179? Answer with a tuple,
# `(row, column)`. If you are stuck, the answer `"?"` gives a hint, and a second `"?"` the solution.

# %%
predict("pixel", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# At `(90, 150)`: `gray[90, 150]` is [179]{= gray[90, 150] }. If you swap the two indices,
# `gray[150, 90]` is [71]{= gray[150, 90] }, a dark stripe on the cheek. There is no error as long as both
# indices are in range, so this bug can stay hidden for a long time.
#
# </details>
#
# The file is a color image, whose pixels consist of three numbers, for red, green and blue light. The numbers of
# one color form a [**channel**](glossary.md#channel). Three channels, stacked along a third axis, give an array of
# the shape $(n_H, n_W, n_C)$, for height, width and number of channels. `mean(axis=2)` averages the channels. One
# channel is enough until [lesson 06](06_convolution_layer.ipynb) convolves all of them.

# %% [markdown] tags=["row-2", "row-3"]
# ## Slide, multiply, sum
#
# Whether a pixel lies on an edge depends on its neighbors. So the lost program slides its kernel over the image
# and combines everything that lies under it. Let us do this on paper, with a smaller image $X$ and a smaller
# kernel $W$:
#
# $$X = \begin{pmatrix} 1 & 2 & 0 & 3 \\ 0 & 1 & 2 & 1 \\ 2 & 0 & 1 & 3 \end{pmatrix}, \qquad
# W = \begin{pmatrix} 1 & 2 \\ 0 & -1 \end{pmatrix}$$
#
# 1. Put the kernel on the upper left corner of the image. Under it lies a [**patch**](glossary.md#patch), or window,
#    of the image, with the rows 1, 2 and 0, 1.
# 2. Multiply each pixel of the patch by the weight on top of it, and add up the products:
#    $1 \cdot 1 + 2 \cdot 2 + 0 \cdot 0 + 1 \cdot (-1) = 4$. This sum of an
#    [element-wise](glossary.md#element-wise) product is the [**dot product**](glossary.md#dot-product) of patch
#    and kernel, and the first output value.
# 3. Move the kernel one column to the right, and repeat. At the end of a row, go down one row and start
#    again from the left.

# %%
X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])
W = np.array([[1, 2], [0, -1]])
draw.sweep_small(X, W, positions=4)

# %% [markdown]
# The [animation](glossary.md#animation) stops after four of the six positions.
#
# **Predict.** Which two values are missing at the end of the second row? Answer with a list, such as
# `[1, 2]`.

# %%
predict("rest", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The patch with the rows 1, 2 and 0, 1 (it looks like the first one) gives $1 + 4 + 0 - 1 = 4$. The last
# patch has the rows 2, 1 and 1, 3 and gives $2 + 2 + 0 - 3 = 1$. The answer is `[4, 1]`.
#
# </details>

# %% [markdown]
# ## Nine weights on the cat
#
# A 3 x 3 kernel works in the same way, with nine products at each position. Press *Play*, or point at a pixel to
# see its window, the products and their sum. Then change the weights. Could you find the nine numbers of the
# riddle by hand? Try it for a minute, but not much longer, because nothing tells you whether you got any closer.

# %%
guess = np.array([[1, 0, 2], [0, -1, 0], [-2, 1, -1]])
# Which weights blur the face, and which draw it as in the riddle?
explore_kernel(gray[40:200, 60:260], {"mean": np.ones((3, 3)) / 9, "guess": guess})

# %% [markdown] tags=["row-2"]
# ## The same as a formula, and as code
#
# This operation is called [**cross-correlation**](glossary.md#cross-correlation). Let $h, w$ be the
# row and column of an output value, and $r, q$ the row and column of a weight. Since the weight $W_{r,q}$ lies
# on the pixel $X_{h+r,\, w+q}$, a kernel of $f_H$ rows and $f_W$ columns gives
#
# $$Z_{h,w} = \sum_{r=0}^{f_H-1} \; \sum_{q=0}^{f_W-1} X_{h+r,\; w+q} \; W_{r,q}.$$
#
# The code has a loop for each output index, and `np.sum` computes the double sum. Along an axis of length
# $n$, a kernel of [size](glossary.md#kernel-size) $f$ has $n - f + 1$ positions, from 0 to $n - f$. That is why the
# output is a little smaller than the image, unless you prevent it by [padding](04_padding.ipynb).


# %%
def cross_correlate(X, W):
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            patch = X[h : h + f_H, w : w + f_W]
            Z[h, w] = np.sum(patch * W)
    return Z


print(cross_correlate(X, W))

# %% [markdown]
# Deep learning libraries call this operation **convolution**, and from here on we do, too. A mathematical
# [convolution](glossary.md#convolution) flips the kernel first. When this matters is the subject of the optional
# lesson [The mathematics of convolution](03_mathematics_of_convolution.ipynb).

# %% [markdown] tags=["row-3"]
# ## Stride
#
# A kernel can move by more than one pixel per step. The step size is the [**stride**](glossary.md#stride) $s$. With
# stride 2, the kernel visits every second position in both directions. The output has about half the height and half
# the width of the input. So the stride is a cheap form of [downsampling](glossary.md#downsampling). In
# the formula, the window for the output $(h, w)$ now starts at row $sh$ and column $sw$:
# $X_{h+r,\, w+q}$ becomes $X_{sh+r,\, sw+q}$.

# %%
draw.sweep_stride(X7, W7, positions=8)

# %% [markdown]
# **Predict.** What is the last value of this output, from the patch in the lower right corner?

# %%
predict("last", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The patch has the rows 3, 4, 6; 9, 8, 3; and 2, 1, 4, which gives
# $(9 + 16 + 24) + (9 + 0 + 6) + (-2 + 0 + 12) =$
# [74]{= int(cross_correlate(X7, W7)[::2, ::2][-1, -1]) }.
#
# </details>

# %% [markdown]
# ## The loss: how wrong is a guess?
#
# Back to the riddle. We guess nine random weights, and try them on a crop of 16 x 16 pixels of the cat's fur, which
# is small enough for our slow loops. A perfect kernel would give the same part of the drawing, our **target**.
#
# To improve a guess, you need a number that says how bad it is, which is called a [**loss**](glossary.md#loss).
# The mean of the squared differences between output and target is a good choice. It is never negative, and 0 only
# if every output value is right.
#
# (`photo` is the gray cat, shifted and scaled to mean 0 and standard deviation 1. Networks like such inputs.)


# %%
def loss(W, X, target):
    return np.mean((cross_correlate(X, W) - target) ** 2)


crop = photo[166:182, 166:182]
target = drawing[166:180, 166:180]
start = np.random.default_rng(1).normal(size=(3, 3))  # nine random weights, around 0
print(f"loss of the random kernel: {loss(start, crop, target):.3f}")

# %% [markdown]
# ## The derivative: which way is downhill?
#
# Think of the nine weights as nine knobs. The gray curve shows what happens to the loss if you turn one of
# them, `W[0, 0]`, and do not touch the other eight.
#
# You don't have to draw the curve to find out that this weight should become smaller. Increase it by 0.001. If the
# loss grows, the way down is the other way. The change of the loss, divided by 0.001, is very nearly the
# [derivative](glossary.md#derivative) of the loss, which is the slope of the dashed line. This method is called
# [**finite differences**](glossary.md#finite-differences).

# %%
draw.one_weight(loss, start, crop, target, at=(0, 0))

# %% [markdown]
# ## The update rule
#
# If the derivative is positive, the weight should become smaller, and if it is negative, larger. One rule does both,
#
# $$\text{new weight} = \text{weight} - \text{rate} \cdot \text{derivative},$$
#
# with a factor that we choose, the [**learning rate**](glossary.md#learning-rate).
#
# **Predict.** A weight is 0.5, and the loss is 3.000. If the weight is 0.501 instead, the loss is 3.002.
# The learning rate is 0.1. What is the new weight after one step?

# %%
predict("step", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The derivative is $0.002 / 0.001 = 2$. It is positive, so the weight becomes smaller:
# $0.5 - 0.1 \cdot 2 =$ [0.3]{= round(0.5 - 0.1 * 2, 6) }.
#
# </details>

# %% [markdown]
# ## Gradient descent: a program that learns
#
# Nine weights have nine derivatives. Together they form an array of the shape of the kernel, the
# [**gradient**](glossary.md#gradient) of the loss. Compute the gradient, change all nine weights by the
# rule, and repeat: that is [**gradient descent**](glossary.md#gradient-descent). Here is all of it, and it
# runs for a few seconds.


# %%
def search(W, X, target, rate, steps):
    kernels = [W]
    for _ in range(steps):
        now = loss(W, X, target)
        gradient = np.zeros(W.shape)
        for r in range(W.shape[0]):
            for q in range(W.shape[1]):
                larger = W.copy()
                larger[r, q] += 0.001
                gradient[r, q] = (loss(larger, X, target) - now) / 0.001
        W = W - rate * gradient
        kernels.append(W)
    return kernels


kernels = search(start, crop, target, rate=1, steps=60)
draw.learning(photo, drawing, kernels, [loss(W, crop, target) for W in kernels])

# %% [markdown]
# ## The riddle is solved
#
# Press the play button, and watch nine random numbers turn into
#
# $$\begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix}.$$
#
# After 60 steps no weight is off by more than
# [0.002]{= np.ceil(1000 * np.abs(kernels[-1] - np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])).max()) / 1000 }. These
# are the weights of the [Sobel kernel](glossary.md#sobel-kernel) for vertical edges, half of the 18 numbers that made
# the first drawing of this lesson. Our program has never heard of edges. It made a loss smaller sixty times, and
# that was enough to recover the kernel. (To *invent* it is another matter. Nobody gave Sobel and Feldman a drawing
# to copy.)
#
# Was it luck? Change the seed in `default_rng(1)`, and run its cell and the search again. The search starts somewhere
# else and ends at the same nine numbers, because this loss has a single valley. The crop, however, was chosen with
# care: on more than nine out of ten other crops of this photograph, a rate of 1 makes the loss explode. Exercise 3
# shows what makes a good crop.

# %% [markdown]
# ## From nine weights to a quarter of a million
#
# Networks are trained in the same way: start with random weights, measure the loss on examples, compute the gradient,
# take a step downhill, repeat. But one part of our program does not scale. In each step it computes the loss 10
# times, once for the weights as they are and once for each weight that is made a little larger.
#
# **Predict.** How many times per step would it have to compute the loss for the
# [260,289]{= f'{network_parameters():,}' } numbers of the second program?

# %%
predict("evaluations", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [260,290]{= f'{network_parameters() + 1:,}' } times, for a single step. If the loss takes one second,
# the step takes three days. [Backpropagation](13_backpropagation.ipynb), in lesson 13, computes the same
# gradient in about the time that it takes to compute a few losses, however many weights there are. In the third
# [milestone](milestones.ipynb) you will solve the riddle with it once more.
#
# </details>

# %% [markdown]
# ## Taking a button apart
#
# The riddle was made for this lesson. Pillow, a popular image library for Python, was not. Like a photo editor, it
# can sharpen an image, with `image.filter(ImageFilter.SHARPEN)`. How does it do that? We sharpen the cat, show our
# search the same crop of fur before and after, and compare its weights with those in Pillow's source code.
#
# The real test is a photograph that had no part in the search: the astronaut, or your own.


# %%
def press(button, image):
    return np.asarray(Image.fromarray(image.astype(np.uint8)).filter(button)).astype(float)


button = ImageFilter.SHARPEN  # or SMOOTH, or DETAIL
before = (gray - gray.mean()) / gray.std()
after = (press(button, gray) - gray.mean()) / gray.std()
W = search(start, before[166:182, 166:182], after[167:181, 167:181], rate=1, steps=60)[-1]
size, divisor, offset, weights = button.filterargs
print("learned: ", np.round(W * divisor).astype(int).ravel().tolist(), "/", divisor)
print("Pillow's:", list(weights), "/", divisor)

new = photograph("astronaut.jpg", 320).mean(axis=2).round()  # or your own file
ours = cross_correlate(new, W).clip(0, 255)
draw.sharpened(new[1:-1, 1:-1], ours, press(button, new)[1:-1, 1:-1])

# %% [markdown]
# All nine numbers are right, and on the astronaut no pixel differs from Pillow's by more than
# [2.1]{= round(np.abs(ours - press(button, new)[1:-1, 1:-1]).max(), 1) } of 255 gray levels. (Pillow rounds to whole
# numbers, and finite differences are not exact.) Now try `ImageFilter.FIND_EDGES`. The loss stops falling at about 4,
# and no other nine weights do better, for two reasons. Pillow replaces negative values with 0. And the weights of
# `FIND_EDGES` add up to 0, so subtracting the mean from `after` shifts the target by a constant that no kernel
# supplies exactly. [Kernels](02_kernels.ipynb) adds both a constant and the replacement, and shows how to read nine
# numbers such as these.

# %% [markdown]
# ## Further: the same search in PyTorch
#
# *You can skip this section.* Libraries contain backpropagation, so nobody who uses PyTorch turns nine knobs
# one by one. You mark the weights with `requires_grad=True` and compute the loss. A single call of
# `backward()` then computes all nine derivatives and leaves them in `.grad`. (PyTorch wants the images with two
# more axes, for several images and for channels, hence `[None, None]`.)

# %% needs="torch"
import torch
from torch.nn.functional import conv2d

X_torch, target_torch = torch.tensor(crop[None, None]), torch.tensor(target[None, None])
W_torch = torch.tensor(start[None, None], requires_grad=True)
for _ in range(60):
    loss_torch = torch.mean((conv2d(X_torch, W_torch) - target_torch) ** 2)
    loss_torch.backward()  # the gradient, in W_torch.grad
    with torch.no_grad():  # the step itself needs no gradient
        W_torch -= 1 * W_torch.grad  # the learning rate is 1
        W_torch.grad.zero_()  # backward adds to what is there
print(W_torch.detach().numpy()[0, 0].round(2) + 0)  # + 0 turns -0 into 0

# %% [markdown]
# It is the same search from the same start, so it ends at the same kernel. But it is finished before you notice.
# Most of the time is saved by a faster convolution, and the rest by `backward()`, which takes about as long as a few
# losses, however many weights there are. [Lesson 13](13_backpropagation.ipynb) shows how it works, and how
# TensorFlow writes it.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: add a stride
#
# Write a convolution with stride $s$, starting from `cross_correlate`. Compute only the values that you need,
# although the check cannot see whether you do. (`//` divides and rounds down.)


# %%
def cross_correlate_stride(X, W, s):
    Z = None
    ### BEGIN SOLUTION
    f_H, f_W = W.shape
    n_H = (X.shape[0] - f_H) // s + 1
    n_W = (X.shape[1] - f_W) // s + 1
    Z = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            patch = X[h * s : h * s + f_H, w * s : w * s + f_W]
            Z[h, w] = np.sum(patch * W)
    ### END SOLUTION
    return Z


# %%
check("cross_correlate_stride", cross_correlate_stride)

# %% [markdown]
# ### Exercise 2: find the bug
#
# Somebody tested `cross_correlate_buggy` on a 7 x 7 image only, and it passed. First find an image for
# which it fails with a 2 x 2 kernel (a wrong result or an error). Then repair a copy of its lines in
# `cross_correlate_fixed`.


# %%
def cross_correlate_buggy(X, W):
    f_H, f_W = W.shape
    n_H = X.shape[1] - f_H + 1
    n_W = X.shape[0] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            Z[h, w] = np.sum(X[h : h + f_H, w : w + f_W] * W)
    return Z


counterexample = None  # a 2-D array
### BEGIN SOLUTION
counterexample = X
### END SOLUTION


def cross_correlate_fixed(X, W):
    Z = None
    ### BEGIN SOLUTION
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1  # axis 0 is the height
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            Z[h, w] = np.sum(X[h : h + f_H, w : w + f_W] * W)
    ### END SOLUTION
    return Z


# %%
check("counterexample", counterexample)
check("cross_correlate_fixed", cross_correlate_fixed)

# %% [markdown]
# ### Exercise 3: a second riddle
#
# Another program is lost. What is left is its drawing of an island, seen from a satellite. Find its nine weights,
# which are whole numbers, with `search`. Choose a crop of about 16 x 16 pixels, and cut out its target. Begin with a
# rate of 0.1 and 200 steps, and print the `loss` of the last kernel. If it is larger than that of `start`, the rate
# is too large. If it is not yet close to 0, take more steps. The choice of the crop matters, too, for what could the
# sea tell you about nine weights?

# %%
photo2, drawing2 = second_riddle()
draw.second_riddle(photo2, drawing2)

# %%
kernel = None  # nine whole numbers
### BEGIN SOLUTION
crop2, target2 = photo2[140:156, 60:76], drawing2[140:154, 60:74]
kernel = np.round(search(start, crop2, target2, rate=0.1, steps=200)[-1])
### END SOLUTION

# %%
check("second_kernel", kernel)

# %% [markdown]
# <details>
# <summary>What makes a good crop</summary>
#
# In a smooth region, neighboring pixels are nearly equal, so it hardly matters which neighbor gets which weight.
# Try the blurred background of the cat, `photo[60:76, 340:356]`, with a rate of 0.1. After 60 steps the loss is
# below 0.02, and still the weight that should be 2 is about 0.2. With seed 2 it is 1.1, and with seed 7 it is
# $-0.8$: most of the random start is still there. Data without variety cannot teach much.
# Where the pixel values are far from 0 or vary strongly, the loss is so steep that a rate of 1 leaps across the valley.
# There, take a smaller rate.
#
# </details>

# %% [markdown]
# ## Recap
#
# An image is an array, `gray[row, column]`, and a color image has the shape $(n_H, n_W, n_C)$. A convolution takes the
# [dot product](glossary.md#dot-product) of patch and kernel at each of the $n - f + 1$ positions along an axis, or at
# every $s$-th of them, where $s$ is the [stride](glossary.md#stride). To find an unknown kernel, measure the
# [loss](glossary.md#loss), compute its [gradient](glossary.md#gradient), take a step against it, and repeat.
#
# | symbol | meaning | you may also read |
# |---|---|---|
# | $X$, $W$, $Z$ | image, kernel, output | |
# | $n_H, n_W, n_C$ | height, width, number of channels | $H, W, C$ |
# | $h, w$ | row and column of the output | |
# | $r, q$ | row and column in the kernel | |
# | $f$, $s$ | kernel size, stride | $K$ or $F$, $S$ |

# %% [markdown]
# ## What to read next
#
# - Next is [Kernels](02_kernels.ipynb): why these nine numbers find vertical edges, and what others do.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.2, which also learns a kernel:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/conv-layer.html).
# - Xie and Tu, *Holistically-Nested Edge Detection* (ICCV 2015). The network of the first figure is the beginning of
#   theirs, two of five blocks with one of the outputs: [arXiv:1504.06375](https://arxiv.org/abs/1504.06375).
