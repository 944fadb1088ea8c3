# %% [markdown]
# # Images and convolution
#
# You could trace the outlines of the tower below with a pencil, and without much thought. For a
# program it is harder, because all it gets is an array of [819,840]{= f'{427 * 640 * 3:,}' } numbers, and
# none of them says "roof" or "edge". Run the next two code cells to see how two programs cope, which takes
# some seconds.

# %% include="lesson_setup"

# %%
from convnet.data import load_sample_image
from lesson_tools.explorables import explore_kernel
from lesson_tools.images_and_convolution import figures as draw
from lesson_tools.images_and_convolution.questions import check, predict
from lesson_tools.riddles import riddle, second_riddle
from lesson_tools.spine import network_parameters, spine

draw.two_edge_drawings()

# %% [markdown]
# The drawing on the left is made with 18 numbers, which Irwin Sobel and Gary Feldman chose in 1968.
# They respond to every change in brightness, so every leaf and every roof tile leaves a mark. The
# drawing on the right is made with [260,289]{= f'{network_parameters():,}' } numbers, and nobody
# chose them. They were **learned** from examples: photographs sorted into classes, and photographs in
# which people had traced the outlines. And this program leaves most of the tiles out, just as you would.
#
# How can a program learn numbers? Don't take it on trust. In this lesson you watch a dozen lines of code
# learn nine numbers, and nothing is hidden.
#
# **By the end of this lesson you will be able to**
#
# 1. read an image as an array: its shape, the order of its indices, and its channels;
# 2. compute a convolution by hand and in NumPy, with any stride;
# 3. find the weights of an unknown kernel from its input and output, by gradient descent.
#
# **Time:** about 65 minutes, and 40 for the exercises. **You need:**
# [Start here](00_start_here.ipynb), or Python and a little NumPy.

# %% [markdown]
# ## Seven operations
#
# The program that made the drawing on the right consists of seven operations. **You will write all
# seven in this course, and by its end your own functions make that drawing.** The strip below returns in
# several lessons, and for now all seven are pale. As soon as your function for one of them has passed its
# check *in an assignment*, its box gets its full color. This lesson explains the second one, the
# convolution, which does most of the work.

# %%
spine()

# %% [markdown]
# ## Before you start
#
# Two questions about the previous lesson. Replace `None` with your answer and run the cell. The answer
# `"?"` gives a hint, and a second `"?"` the solution.
#
# 1. The array `a` has the shape (6, 8). What is the shape of `a[2:5, 1:3]`?
# 2. What is `np.sum(np.array([[1, 2], [3, 4]]) * np.array([[0, 1], [1, 0]]))`?

# %%
predict("slice", None)
predict("product", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# 1. `[(3, 2)]{= np.zeros((6, 8))[2:5, 1:3].shape }`: rows 2, 3, 4 and columns 1, 2. The end of a slice
#    is not included.
# 2. [5]{= np.sum(np.array([[1, 2], [3, 4]]) * np.array([[0, 1], [1, 0]])) }, because `*` is the
#    [element-wise](glossary.md#element-wise) product:
#    $1 \cdot 0 + 2 \cdot 1 + 3 \cdot 1 + 4 \cdot 0$.
#
# If this was new, go back to [Start here](00_start_here.ipynb). This lesson uses both all the time.
#
# </details>

# %% [markdown]
# ## The riddle
#
# Somebody gives you a photograph of a cat and a drawing of its vertical edges. A program made the
# drawing with nine numbers, the [weights](glossary.md#weight) of a [**kernel**](glossary.md#kernel). But
# the program is lost, and nobody wrote the nine numbers down. **Can you find them, from nothing but the
# photograph and the drawing?**

# %%
photo, drawing = riddle()
draw.riddle(photo, drawing)

# %% [markdown]
# To find the kernel, you need to know what a photograph is to a program, how nine numbers can turn it into
# a drawing, and how you improve a guess if you do not know the answer. Let us take these three questions one
# by one.

# %% [markdown] tags=["row-1"]
# ## Images are arrays
#
# A [grayscale image](glossary.md#grayscale-image) is a [matrix](glossary.md#matrix), that is, a 2-D
# array of numbers, in which each number is the brightness of one [**pixel**](glossary.md#pixel). Image files
# usually store it in 8 bits, and since 8 bits can represent $2^8 = 256$ values, it is an integer from
# **0 (black) to 255 (white)**. Let us look the cat in the eye.

# %%
cat = load_sample_image("chelsea.jpg")
gray = cat.mean(axis=2).round().astype(int)
print("gray.shape =", gray.shape)
draw.eye(gray)

# %% [markdown]
# ## Rows come first
#
# The shape lists the height, [266]{= gray.shape[0] }, before the width, [400]{= gray.shape[1] }. In the same
# order, the first index of a pixel is its row, counted from the top, and the second one its column, and both
# counts start at 0. So an image is indexed like a matrix, and not like the $(x, y)$ of a plot.
#
# **Predict.** At which index is the brightest pixel of the grid, 179? Answer with a tuple,
# `(row, column)`.

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

# %% [markdown]
# ## Color images have channels
#
# A pixel of a color image consists of three numbers, for red, green and blue light. The numbers of one color
# form a matrix, which is called a [**channel**](glossary.md#channel), and the three matrices are stacked along
# a third axis. That is why the array has the shape $(n_H, n_W, n_C)$: height, width and number of channels.

# %%
portrait = load_sample_image("astronaut.jpg")
print("portrait.shape =", portrait.shape)
draw.channels(portrait)

# %% [markdown]
# The gray cat above is the mean of three channels, `cat.mean(axis=2)`. (Means are floats, so they do not
# [overflow](glossary.md#overflow) as the 8-bit integers of the image would.) For the rest of this lesson, one
# channel is enough, until [lesson 06](06_convolution_layer.ipynb) convolves all of them.

# %% [markdown] tags=["row-2", "row-3"]
# ## Slide, multiply, sum
#
# How can nine numbers turn a photograph into a drawing? Whether a pixel lies on an edge depends on its
# neighbors, so the lost program cannot look at single pixels. Instead, it slides its kernel over the image
# and combines everything that lies under it. Let us do this on paper, with a smaller image $X$ and a smaller
# kernel $W$:
#
# $$X = \begin{pmatrix} 1 & 2 & 0 & 3 \\ 0 & 1 & 2 & 1 \\ 2 & 0 & 1 & 3 \end{pmatrix}, \qquad
# W = \begin{pmatrix} 1 & 2 \\ 0 & -1 \end{pmatrix}$$
#
# 1. Put the kernel on the upper left corner of the image. Below it is a
#    [**patch**](glossary.md#patch), or window, of the image, with the rows 1, 2 and 0, 1.
# 2. Multiply each pixel of the patch by the weight on top of it, and add up the products:
#    $1 \cdot 1 + 2 \cdot 2 + 0 \cdot 0 + 1 \cdot (-1) = 4$. This sum is the
#    [**dot product**](glossary.md#dot-product) of patch and kernel, and the first output value.
# 3. Move the kernel one column to the right, and repeat. At the end of a row, go down one row and start
#    again from the left.

# %%
X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])
W = np.array([[1, 2], [0, -1]])
draw.sweep_small(X, W, positions=4)

# %% [markdown]
# ## Your turn: two values
#
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
# A 3 x 3 kernel works in the same way, with nine products at each position. In the figure below it slides over the
# cat's face. Press *Play* and watch the output appear, one value at a time, or point at any pixel to see its
# window, the nine products and their sum. Nine weights of 1/9 give the mean of the window, which blurs the image.
#
# You can change the weights, too. So could you find the nine numbers of the riddle by hand? Try it for a minute, but
# not much longer: with every weight the output changes, and nothing tells you whether it got any closer.

# %%
guess = np.array([[1, 0, 2], [0, -1, 0], [-2, 1, -1]])
# Which weights blur the face, and which draw it as in the riddle?
explore_kernel(gray[40:200, 60:260], {"mean": np.ones((3, 3)) / 9, "guess": guess})

# %% [markdown] tags=["row-2"]
# ## The same as a formula, and as code
#
# What you have just done is called [**cross-correlation**](glossary.md#cross-correlation). Let $h, w$ be the
# row and column of an output value, and $r, q$ the row and column of a weight. Since the weight $W_{r,q}$ lies
# on the pixel $X_{h+r,\, w+q}$, a kernel of $f_H$ rows and $f_W$ columns gives
#
# $$Z_{h,w} = \sum_{r=0}^{f_H-1} \; \sum_{q=0}^{f_W-1} X_{h+r,\; w+q} \; W_{r,q}.$$
#
# The code has a loop for each output index, and `np.sum` computes the double sum. Along an axis of length
# $n$, a kernel of [size](glossary.md#kernel-size) $f$ has $n - f + 1$ positions, the first at 0 and the last
# at $n - f$. That is why the output is a little smaller than the image, unless you prevent it by
# [padding](04_padding.ipynb).


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
# Deep learning libraries call this operation **convolution**, and from here on we do, too. A
# mathematician would protest, because a mathematical [convolution](glossary.md#convolution) flips the
# kernel first. Why it does, and when this matters, is the subject of the optional lesson
# [The mathematics of convolution](03_mathematics_of_convolution.ipynb).

# %% [markdown] tags=["row-3"]
# ## Stride
#
# So far the kernel has moved by one pixel per step, but it can also take larger steps, whose size is the
# [**stride**](glossary.md#stride) $s$. With stride 2, the kernel visits only every second position in both
# directions. The output then has about half the height and half the width of the input, for a quarter of the
# work, which makes the stride a cheap form of [downsampling](glossary.md#downsampling). The formula stays the
# same, except that the window for the output $(h, w)$ starts at row $sh$ and column $sw$, so that
# $X_{h+r,\, w+q}$ becomes $X_{sh+r,\, sw+q}$.

# %%
X7 = np.array(
    [
        [1, 0, 2, 5, 3, 0, 1],
        [4, 2, 1, 0, 6, 2, 3],
        [0, 3, 5, 1, 2, 4, 0],
        [2, 1, 0, 4, 1, 3, 5],
        [5, 2, 3, 0, 3, 4, 6],
        [1, 0, 4, 2, 9, 8, 3],
        [3, 6, 1, 5, 2, 1, 4],
    ]
)
W7 = np.array([[3, 4, 4], [1, 0, 2], [-1, 0, 3]])
draw.sweep_stride(X7, W7, positions=8)

# %% [markdown]
# ## Your turn: the last value, and a size
#
# **Predict two things.** First, what is the last value of this output, from the patch in the lower right
# corner of `X7`?
#
# Second, a 3 x 3 kernel slides over an image of 9 rows and 12 columns with stride 2. What is the shape
# of its output? Answer with a tuple, `(rows, columns)`.

# %%
predict("last", None)
predict("size", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# The patch has the rows 3, 4, 6; 9, 8, 3; and 2, 1, 4, which gives
# $(9 + 16 + 24) + (9 + 0 + 6) + (-2 + 0 + 12) =$
# [74]{= int(cross_correlate(X7, W7)[::2, ::2][-1, -1]) }.
#
# The windows can start at rows 0, 2, 4, 6 and at columns 0, 2, 4, 6, 8, so the shape is `(4, 5)`. In
# general there are $\lfloor (n - f) / s \rfloor + 1$ positions along an axis of length $n$, where
# $\lfloor \; \rfloor$ rounds down.
#
# </details>

# %% [markdown]
# ## A first guess
#
# Back to the riddle. Now you know that the lost program slid a 3 x 3 kernel over the cat, and only the
# weights are missing, so let us guess nine random ones. We try them on a crop of 16 x 16 pixels of fur, which
# is small enough for our slow loops and was chosen with care, as you will see. On its 14 x 14 positions, a
# perfect kernel would give a part of the drawing, and this part is our **target**.
#
# (`photo` is the gray cat, shifted and scaled so that its values are around 0 and mostly between -2 and 2, as
# most networks like their inputs. Exercise 4 shows why the shift matters.)

# %%
crop = photo[166:182, 166:182]
target = drawing[166:180, 166:180]

start = np.random.default_rng(1).normal(size=(3, 3))  # nine random weights, around 0
draw.first_guess(crop, cross_correlate(crop, start), target)

# %% [markdown]
# ## The loss: how wrong is a guess?
#
# Before you can improve a guess, you need a number that says how bad it is, which is called a
# [**loss**](glossary.md#loss). The usual choice is the mean of the squared differences between guess and
# target, because it is never negative, and 0 only if the guess is perfect.
#
# **Predict.** A guess has only two values, 1 and 4. The target is 3 and 1. What is the loss?

# %%
predict("loss", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The differences are $-2$ and 3, their squares 4 and 9, and the mean of the squares is
# [6.5]{= np.mean((np.array([1, 4]) - np.array([3, 1])) ** 2) }.
#
# </details>


# %%
def loss(W):
    return np.mean((cross_correlate(crop, W) - target) ** 2)


print(f"loss of the random kernel: {loss(start):.3f}")

# %% [markdown]
# ## One weight of nine
#
# Think of the nine weights as nine knobs. The gray curve shows what happens to the loss if you turn one of
# them, `W[0, 0]`, and do not touch the other eight.

# %%
draw.one_weight(loss, start, (0, 0))

# %% [markdown]
# ## The derivative: which way is downhill?
#
# You don't have to draw the whole curve to find out that this weight should become smaller. Make it a tiny bit
# larger, by 0.001, and look at the loss: if it grows, the way down is the other way. If you also divide the
# change of the loss by 0.001, you know how fast it grows. This quotient is (very nearly) the
# [derivative](glossary.md#derivative) of the loss, drawn as the dashed line. To compute a
# derivative in this way is called the method of [**finite differences**](glossary.md#finite-differences).

# %% [markdown]
# ## The update rule
#
# If the derivative is positive, the weight should become smaller; if it is negative, larger; and where the
# curve is flat, the weight may stay as it is. One rule does all this,
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
# Nine weights have nine derivatives, and together they form an array of the shape of the kernel, the
# [**gradient**](glossary.md#gradient) of the loss. Compute the gradient, change all nine weights by the
# rule, and repeat: that is [**gradient descent**](glossary.md#gradient-descent). Here is all of it, and it
# runs for some seconds.

# %%
rate = 1
W = start
kernels = [W]
for _ in range(60):
    now = loss(W)
    gradient = np.zeros((3, 3))
    for r in range(3):
        for q in range(3):
            larger = W.copy()
            larger[r, q] += 0.001
            gradient[r, q] = (loss(larger) - now) / 0.001
    W = W - rate * gradient
    kernels.append(W)

draw.learning(photo, drawing, kernels, [loss(W) for W in kernels])

# %% [markdown]
# ## The riddle is solved
#
# Press the play button, and watch nine random numbers turn into
#
# $$\begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix}.$$
#
# After 60 steps no weight is off by more than
# [0.002]{= np.ceil(1000 * np.abs(W - np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])).max()) / 1000 }. These
# nine numbers are famous. They are the [Sobel kernel](glossary.md#sobel-kernel) for vertical edges, one
# of the two kernels that made the first drawing of this lesson. Our program has never heard of edges. It was
# given an example of what Sobel's kernel does, made a loss smaller sixty times, and that was enough to recover
# the kernel. (To *invent* it is another matter. Nobody gave Sobel and Feldman a drawing to copy.)
#
# Was it luck? Not the random start: change the seed in `default_rng(1)`, which selects the random numbers,
# run that cell and the search again, and it starts somewhere else and ends at the same nine numbers. In this
# problem every way downhill leads into the same valley. (A deep network has many valleys, and no such
# guarantee.)

# %% [markdown]
# ## A good crop, and a bad one
#
# The start did not matter, but the crop did. We chose it with care. On more than nine of ten other crops of this
# size, a rate of 1 makes the loss explode, and on the whole photograph as well. A smaller rate prevents that,
# but then 60 steps are hardly ever enough. To see why, look at a map of the loss for two of the nine weights,
# the left and the right one of the middle row, when the other seven are right already:

# %%
draw.valleys(photo, drawing)

# %% [markdown]
# In the fur, each pixel differs from its neighbors, so both weights matter, the valley is round, and downhill
# leads to its bottom. In the blurred background, the pixels on the left and on the right of a pixel are nearly
# equal. What counts there is the sum of the two weights, so the valley is narrow, and its floor is almost flat.
# The search soon finds a pair of weights with nearly the right sum, and then it hardly moves on. Data without variety
# cannot teach much.

# %% [markdown]
# ## A photograph it has never seen
#
# The search saw only [256]{= crop.size } pixels of fur. A program that just remembered them could reproduce
# that part of the drawing, but it would be of no use on any other photograph. So the real test is a photograph
# that had no part in the search. Suppose that the lost program left one more drawing, of the astronaut. How
# does the work of our kernel compare?

# %%
new_photo, new_drawing = riddle("astronaut.jpg")
ours = cross_correlate(new_photo, W)
print(f"largest difference: {np.abs(ours - new_drawing).max():.4f}")
print(f"largest value in the drawing: {np.abs(new_drawing).max():.1f}")
draw.portrait(new_photo, ours, new_drawing)

# %% [markdown]
# ## From nine weights to a quarter of a million
#
# What you have just seen is how networks are trained: start with random weights, measure the loss on
# examples, compute the gradient, take a step downhill, repeat. But one part of our program does not scale,
# because in each step it computes the loss 10 times, once for the weights as they are and once for each
# weight that is made a little larger.
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
        W_torch -= rate * W_torch.grad
        W_torch.grad.zero_()  # backward adds to what is there
print(W_torch.detach().numpy()[0, 0].round(2) + 0)  # + 0 turns -0 into 0

# %% [markdown]
# It is the same search from the same start, so it ends at the same kernel. (The two differ by a few thousandths,
# because finite differences are not exact.) But it is finished before you notice. Most of the time is saved by a faster
# convolution, and the rest by `backward()`, which costs about as much as two losses, for nine weights as for
# millions. [Lesson 13](13_backpropagation.ipynb) shows how it works, and how TensorFlow writes it.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: add a stride
#
# Write a convolution with stride $s$ that computes only the values it needs, starting from `cross_correlate`.
# (`//` divides and rounds down.)


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
# Another program is lost, and with it another kernel. What is left is its drawing of an island, seen from a
# satellite. Find the nine weights, which are whole numbers. Choose a crop of about 16 x 16 pixels, cut out
# its target, and copy the search. `loss` uses the variables `crop` and `target`, so give the new arrays the
# same names. If the loss grows, the learning rate is too large (begin with 0.1 and 200 steps, and take more
# steps if the loss still falls). The choice of the crop matters, too, for what could the sea tell you about
# nine weights?

# %%
photo2, drawing2 = second_riddle()
draw.second_riddle(photo2, drawing2)

# %%
kernel = None  # nine whole numbers, such as np.round(W)
### BEGIN SOLUTION
crop = photo2[140:156, 60:76]
target = drawing2[140:154, 60:74]
W = np.zeros((3, 3))
for _ in range(200):
    now = loss(W)
    gradient = np.zeros((3, 3))
    for r in range(3):
        for q in range(3):
            larger = W.copy()
            larger[r, q] += 0.001
            gradient[r, q] = (loss(larger) - now) / 0.001
    W = W - 0.1 * gradient
kernel = np.round(W)
### END SOLUTION

# %%
check("second_kernel", kernel)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# `crop` and `target` now belong to the island, so run the cell of *A first guess* again. Predict first, then
# change the first search in a copy of its cell.
#
# 1. ... the learning rate is 3 instead of 1?
# 2. ... the crop shows the blurred background, `photo[60:76, 340:356]`, with the rate 0.1? How good does
#    the loss become, and how good the kernel?
# 3. ... nobody subtracts the mean, and the values of the photograph are from 0 to 1? Run the lines below, then
#    the search with a rate of 0.5 and 500 steps, and compare `W` with `sobel`.
# 4. ... a kernel moves with a stride that is larger than its size?
#
# ```python
# sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
# unit = gray / 255  # values from 0 to 1
# crop = unit[166:182, 166:182]
# target = cross_correlate(crop, sobel)  # the drawing of this crop
# ```

# %%
# Your experiments

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. The loss falls once, from 1.23 to 0.91, because a rate of 3 is not too large for the flat directions, and
#    most directions are flat. Then it grows without limit, and soon it is about three times as large with each
#    step. In the direction in which the loss changes fastest, each step leads past the bottom of the valley and
#    lands higher on the other side, where the derivative is larger, so that the next step is longer still.
# 2. After 60 steps the loss is below 0.02, and still the kernel is wrong. With our seed, the weight that should
#    be 2 is about 0.2; with seed 2 it is 1.1, and with seed 7 it is $-0.8$. Most of the random start is still
#    there, because in a smooth region neighboring pixels are nearly equal, and it hardly matters which neighbor
#    gets which weight. You have seen the narrow valley to which this leads.
# 3. Even after 500 steps one weight is wrong by more than 0.6. All pixels are positive now, so that a step
#    changes all nine weights in nearly the same way, and their differences are learned very slowly. The cure is
#    to subtract the mean, which is called **centering**. The scale matters less, because it only changes which
#    rate is good. With `unit = (gray - gray.mean()) / 255`, centered but not scaled, a rate of 60 finds the
#    kernel in 60 steps.
# 4. Some pixels lie in no window, and the output does not depend on them at all.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **read an image as an array:** `gray[row, column]`, rows first; a color image has shape
#    $(n_H, n_W, n_C)$;
# 2. **compute a convolution:** at each of the $\lfloor (n - f) / s \rfloor + 1$ positions along an axis,
#    take the [dot product](glossary.md#dot-product) of patch and kernel;
# 3. **find an unknown kernel:** measure the [loss](glossary.md#loss), compute its
#    [gradient](glossary.md#gradient) by [finite differences](glossary.md#finite-differences), take a step
#    against it, and repeat.
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
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.2, learns a kernel, too:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/conv-layer.html).
# - Xie and Tu, *Holistically-Nested Edge Detection* (ICCV 2015), the network of the first figure:
#   [arXiv:1504.06375](https://arxiv.org/abs/1504.06375).
# - Gonzalez and Woods, *Digital Image Processing* (4th edition, 2018), chapters 2 and 3.
