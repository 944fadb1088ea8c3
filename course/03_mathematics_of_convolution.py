# %% [markdown]
# # The mathematics of convolution
#
# Behind a screen, somebody throws two dice, again and again, and calls out the sum. The two may be ordinary dice.
# They may also be strange ones, with the faces 1, 2, 2, 3, 3, 4 and 1, 3, 4, 5, 6, 8. **How many sums must you hear
# to know which pair it is?** Run the next two cells. The second one throws each pair 300 times. Change the number and
# the seed, and run it again, until you have an opinion.

# %% include="lesson_setup"

# %%
from convnet.data import load_sample_image
from lesson_tools.mathematics_of_convolution import figures as draw
from lesson_tools.mathematics_of_convolution.questions import check, predict

ordinary = [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]
strange = [1, 2, 2, 3, 3, 4], [1, 3, 4, 5, 6, 8]
draw.throws(ordinary, strange, number=300, seed=1)

# %% [markdown]
# To be certain, we must count the ways to each sum. That takes something you know from
# [lesson 01](01_images_and_convolution.ipynb): slide one list of numbers along another, multiply, and
# add up. Only one thing is new: one of the two lists has to be **reversed** first.
#
# Mathematicians call this a [**convolution**](glossary.md#convolution). The same operation multiplies numbers,
# computes echoes and smooths data, each time under another name. And if you forget that a function reverses its
# kernel, as most people do once, coins turn into dents.
#
# **This lesson is optional.** Only [Fast convolution](32_fast_convolution.ipynb) builds on it. Read it when you
# wonder about a minus sign in a formula, or when your result differs from SciPy's.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compute a convolution by hand, in one and two dimensions, and say why one list is reversed;
# 2. turn a cross-correlation into a convolution, and tell when the two agree;
# 3. write a convolution as a matrix product in two ways, and use its linearity.
#
# **Time:** about 40 minutes, and 30 for the exercises. **You need:** [Kernels](02_kernels.ipynb). Two
# short cells use PyTorch, and are skipped where it is not installed.

# %% [markdown]
# ## Ways to a sum
#
# In how many ways can you throw a 5 with the strange dice? The first die shows 1, 2, 3 or 4, and the
# second one must show the rest, 4, 3, 2 or 1. In the lists `first` and `second` of the next cell, the entry
# at index $i$ is the number of faces that show $i$. So the number of ways is
#
#     first[1] * second[4] + first[2] * second[3] + first[3] * second[2] + first[4] * second[1]
#
# which is $1 \cdot 1 + 2 \cdot 1 + 2 \cdot 0 + 1 \cdot 1 = 4$. Look at the indices. While one of them
# goes up, the other goes down, because together they must make 5.
#
# **Predict.** In how many ways can you throw a 6 with the strange dice?

# %%
first = [0, 1, 2, 2, 1]
second = [0, 1, 0, 1, 1, 1, 1, 0, 1]
predict("six", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The partners of 1, 2, 3, 4 are now 5, 4, 3, 2, which gives $1 \cdot 1 + 2 \cdot 1 + 2 \cdot 1 + 1 \cdot 0 =$
# [5]{= sum(first[i] * second[6 - i] for i in range(1, 5)) }.
#
# </details>

# %% [markdown]
# ## Why one list is reversed
#
# Write the second list backward below the first one. Now partners stand in the same column, and you can
# multiply down the columns and add up. For the next sum, move the reversed list by one to the right.

# %%
draw.reversed_list(first, second)

# %% [markdown] tags=["row-2"]
# ## The discrete convolution
#
# Call the two lists $X$ and $W$. The number of ways to the sum $t$ is
#
# $$Z_t = (X * W)_t = \sum_{\tau} X_\tau \, W_{t - \tau},$$
#
# where $\tau$ is the number on the first die, so that the second one has to show $t - \tau$. Entries that
# do not exist count as 0. The list $Z$ is the **discrete convolution** of $X$ and $W$. The minus sign *is*
# the reversal: as $\tau$ grows, the index of $W$ falls.
#
# NumPy has a function for it. Here are the strange dice and the ordinary ones:

# %%
six_faces = [0, 1, 1, 1, 1, 1, 1]
print("strange: ", np.convolve(first, second))
print("ordinary:", np.convolve(six_faces, six_faces))

# %% [markdown]
# The lists are equal, so **you will never know**, however many sums you hear. All the differences between
# the bars were chance. George Sicherman discovered this pair in the 1970s, and there is no other one (if all
# faces show positive whole numbers).

# %% [markdown]
# ## Impulse response
#
# You clap your hands in a tunnel. A clap of force 1 sounds with strength 4 at once, comes back with
# strength 2 after one second, and with strength 1 after two seconds. These three numbers, $W = (4, 2, 1)$,
# are the **impulse response** of the tunnel. A clap of force 3 is three times as strong, and so are its
# echoes. Now you clap with force 1 at second 0 and with force 3 at second 2, so that the input is
# $X = (1, 0, 3)$. What you hear is the sum of all claps and echoes.
#
# **Predict.** How strong is the sound at second 2?

# %%
predict("echo", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $3 \cdot 4$ from the second clap, and 1 from the first one, which is two seconds old by now:
# [13]{= np.convolve([1, 0, 3], [4, 2, 1])[2] }.
#
# </details>

# %%
draw.echoes([1, 0, 3], [4, 2, 1])

# %% [markdown]
# What you hear at time $t$ of a clap at time $\tau$ is $t - \tau$ seconds old, so the clap contributes
# $X_\tau W_{t-\tau}$, and the sum is $X * W$ again. But this time we did not reverse anything. We added
# **scaled copies** of $W$, one for each clap. The reversal is still there: the column of second 2 reads
# $1 \cdot 1 + 0 \cdot 2 + 3 \cdot 4$, from top to bottom.
#
# Sound engineers record the echo of a single clap in a cathedral, and convolve any music with it, which then sounds
# as if it had been played there.

# %% [markdown]
# ## The same kernel, but another image
#
# For dice and echoes, you cannot leave out the reversal. Without it, the tunnel would give 7 at second 2 instead of
# 13. But the blurs of lessons 01 and 02 have symmetric kernels, which do not change when you reverse them. So for a
#     blur, it made no difference that these lessons never reversed a kernel.
#
# For emboss, it does. In [Kernels](02_kernels.ipynb), `cross_correlate` made a relief with it, as if light came from
# the **upper left**. SciPy's `convolve2d` computes a convolution, which reverses the order of the kernel's rows, and
# also the order of its columns.
#
# **Predict.** From where does the light come in the output of `convolve2d`? Answer with `"upper left"`,
# `"upper right"`, `"lower left"` or `"lower right"`.

# %%
emboss = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
predict("light", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# From the lower right. With rows and columns in reverse, the kernel has 2 in its upper left corner and $-2$ in its
# lower right one. So it brightens a pixel where the image gets brighter toward the upper left.
#
# </details>


# %%
from scipy.signal import convolve2d


def cross_correlate(X, W):  # from lesson 02
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for r in range(f_H):
        for q in range(f_W):
            Z += W[r, q] * X[r : r + n_H, q : q + n_W]
    return Z


coins = load_sample_image("coins.jpg")[:100, 250:375].astype(int)
draw.coins(coins, cross_correlate(coins, emboss), convolve2d(coins, emboss, mode="valid"))

# %% [markdown]
# The photograph and the nine weights are the same, but coins have become dents. Neither function is wrong.
# They compute two different operations.

# %% [markdown] tags=["row-2"]
# ## Convolution in two dimensions
#
# An image has two indices, so there are two sums. Convolution does not care which of its two lists is
# reversed, so we may move the minus signs from $W$ to $X$:
#
# $$(X * W)_{h,w} = \sum_{r=0}^{f_H-1} \sum_{q=0}^{f_W-1} X_{h-r,\; w-q} \, W_{r,q}, \qquad
# (X \star W)_{h,w} = \sum_{r=0}^{f_H-1} \sum_{q=0}^{f_W-1} X_{h+r,\; w+q} \, W_{r,q}$$
#
# The one with the plus signs, written with a star, is the
# [**cross-correlation**](glossary.md#cross-correlation) of lesson 01, whose patch begins at $(h, w)$. With
# minus signs the patch ends there, so the first row of the kernel meets the last row of the patch, and the
# same holds for the columns. To [**flip**](glossary.md#flip) a kernel in both directions is to rotate it by
# 180 degrees.

# %% [markdown]
# ## Both by hand
#
# Take the small image and kernel of lesson 01, and the rotated kernel:
#
# $$X = \begin{pmatrix} 1 & 2 & 0 & 3 \\ 0 & 1 & 2 & 1 \\ 2 & 0 & 1 & 3 \end{pmatrix}, \qquad
# W = \begin{pmatrix} 1 & 2 \\ 0 & -1 \end{pmatrix}, \qquad
# W_{\text{rotated}} = \begin{pmatrix} -1 & 0 \\ 2 & 1 \end{pmatrix}$$
#
# On the upper left patch, the cross-correlation gives
# $1 \cdot 1 + 2 \cdot 2 + 0 \cdot 0 + 1 \cdot (-1) = 4$, and the convolution gives
# $1 \cdot (-1) + 2 \cdot 0 + 0 \cdot 2 + 1 \cdot 1 = 0$.
#
# **Predict.** What do the two give on the next patch, one column to the right? Answer with a tuple,
# `(cross-correlation, convolution)`.

# %%
X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])
W = np.array([[1, 2], [0, -1]])
predict("next_patch", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The patch has the rows 2, 0 and 1, 2. So the cross-correlation gives $2 + 0 + 0 - 2 =$
# [0]{= int(cross_correlate(X, W)[0, 1]) }, and the convolution $-2 + 0 + 2 + 2 =$
# [2]{= convolve2d(X, W, mode='valid')[0, 1] }.
#
# </details>
#
# You can see the difference best on an **impulse**, an image with a single 1. It is a clap in two
# dimensions:

# %%
impulse, nine = np.zeros((5, 5)), np.arange(1, 10).reshape(3, 3)
impulse[2, 2] = 1
draw.impulse(impulse, nine, convolve2d(impulse, nine, "valid"), cross_correlate(impulse, nine))

# %% [markdown]
# A convolution leaves a copy of the kernel where the impulse was, just as a clap starts a copy of the echo.
# A cross-correlation leaves a rotated copy.

# %% [markdown]
# ## When the two agree
#
# If a rotation by 180 degrees does not change the kernel, convolution and cross-correlation give the same values. (If
# its height or width is even, a library that keeps the size of the image may shift one of the two by a pixel.) In
# Sobel x, the rotation exchanges every weight with its negative, so the edges are at the same positions, and all
# signs are reversed.

# %%
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
laplace = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
kernels = {"blur": np.ones((3, 3)) / 9, "laplace": laplace, "sobel_x": sobel_x, "emboss": emboss}
for name, kernel in kernels.items():
    print(f"{name:8} the two agree:", np.array_equal(kernel[::-1, ::-1], kernel))

# %% [markdown]
# ## What networks call convolution
#
# Keras, TensorFlow and PyTorch compute cross-correlations and call them convolutions. A network does not care. If the
# flipped kernel is the better one, training simply learns it flipped. **In this course, too, "convolution" means
# cross-correlation unless the text says otherwise.** Remember the flip when you take a kernel from a book on signal
# processing, or when you use `np.convolve` or SciPy's `convolve2d`.
#
# Why do mathematicians insist on the flip? Convolution is **commutative**, $X * W = W * X$. It makes no
# difference which die is the first one, or which list is called the kernel. Without the flip, this is
# lost:

# %%
claps, echo = [1, 0, 3], [4, 2, 1]
print("convolve: ", np.convolve(claps, echo), np.convolve(echo, claps))
print("correlate:", np.correlate(claps, echo, "full"), np.correlate(echo, claps, "full"))

# %% [markdown]
# ## The flip in libraries
#
# PyTorch expects images and filters with four axes, which
# [The convolution layer in libraries](07_convolution_layer_in_libraries.ipynb) explains. For one grayscale
# image and one kernel, the two extra axes have size 1:

# %% needs="torch"
import torch
from torch.nn import functional as F

image = torch.from_numpy(X).float()[None, None]  # (1 example, 1 channel, 3 rows, 4 columns)
kernel = torch.from_numpy(W).float()[None, None]
print("F.conv2d:    ", F.conv2d(image, kernel).squeeze().tolist())
print("with a flip: ", F.conv2d(image, kernel.flip(-2, -1)).squeeze().tolist())
print("convolve2d:  ", convolve2d(X, W, mode="valid").tolist())

# %% [markdown]
# So `F.conv2d` is a cross-correlation, and if you flip the kernel along both axes, it becomes the convolution. These
# are the functions that you are most likely to meet:
#
# | cross-correlation | convolution |
# |---|---|
# | `np.correlate`, `scipy.signal.correlate2d`, `scipy.ndimage.correlate` | `np.convolve`, `scipy.signal.convolve2d`, `scipy.ndimage.convolve` |
# | `F.conv2d`, `tf.nn.conv2d`, Keras' `Conv2D`, OpenCV's `filter2D` | |
#
# If the documentation of another function says no more than "convolution", try it on an impulse and an asymmetric
# kernel.

# %% [markdown] tags=["row-1"]
# ## A matrix of patches: im2col
#
# Convolution is also a [**matrix product**](glossary.md#matrix-product), and for a computer this is often the most
# useful form. In `A @ B`, the entry in row $i$ and column $j$ is the dot product of row $i$ of $A$ and column $j$ of
# $B$, $C_{ij} = \sum_{k} A_{ik} \, B_{kj}$, whereas the [element-wise](glossary.md#element-wise) product `A * B`
# multiplies entries at the same position.
#
# Each value of a cross-correlation is a dot product, too. So flatten every patch of $X$ into a row of a new
# matrix, and flatten the kernel into a column, both in [**row-major**](glossary.md#row-major) order, that is,
# row after row. One matrix product then computes all output values. This is called
# [**im2col**](glossary.md#im2col), "image to columns", because some libraries store the patches as columns.

# %%
draw.patch_matrix(X, W)

# %% [markdown]
# The kernel has $2 \cdot 3 = 6$ positions and each patch has four pixels, so the matrix of patches has the shape
# (6, 4). Processors are very fast at matrix products, and many libraries compute convolutions in this way. The
# price is memory, because patches overlap. Here 12 pixels have become [24]{= 6 * 4 } numbers, and with 3 x 3
# kernels a large image becomes almost nine times as large. In PyTorch, `F.unfold` is im2col:

# %% needs="torch"
patches = F.unfold(image, kernel_size=2)
print(tuple(patches.shape))  # examples, values in a patch, patches
print(kernel.flatten() @ patches[0])  # the values of F.conv2d

# %% [markdown]
# ## A matrix of weights: Toeplitz
#
# You can also rearrange the kernel instead of the image. Flatten the image into a
# [**vector**](glossary.md#vector) $x$ of 12 values and the output into a vector $z$ of 6. Each output is a
# weighted sum of the pixels, so there is a 6 x 12 matrix $T$ with $z = Tx$. In the row of output $(h, w)$,
# the weight $W_{r,q}$ is in the column of pixel $(h + r, w + q)$. Before this pixel come $h + r$ full rows of
# 4 pixels and $w + q$ more, so its [**offset**](glossary.md#offset) in the vector is $4(h + r) + (w + q)$.

# %%
T = np.zeros((6, 12))
for h in range(2):
    for w in range(3):
        for r in range(2):
            for q in range(2):
                T[3 * h + w, 4 * (h + r) + (w + q)] = W[r, q]

print((T @ X.ravel()).reshape(2, 3))
draw.toeplitz(T, X.shape, W.shape)

# %% [markdown]
# A matrix that is constant along its diagonals is called a [**Toeplitz matrix**](glossary.md#toeplitz-matrix), and
# the dashed lines divide $T$ into such blocks. Each row holds the kernel's four weights, outlined (one of them
# happens to be 0), whereas a matrix of this size could hold [72]{= T.size } different numbers. [From dense to
# convolutional layers](05_why_convolution.ipynb) shows such matrices for whole images, and derives their pattern from
# two demands.

# %% [markdown]
# ## Linear and associative
#
# Multiplication by a matrix is a [**linear map**](glossary.md#linear-map):
# $T(\alpha x + \beta y) = \alpha\, Tx + \beta\, Ty$ for numbers $\alpha$ and $\beta$. So is convolution with a fixed
# kernel. If you double all pixel values, all edges become twice as strong. On the negative $255 - X$, Sobel x gives
# minus the edges of the photograph, because its weights add up to 0, so that the 255 has no effect.
#
# Convolution is also **associative**: $(X * W_1) * W_2 = X * (W_1 * W_2)$. So a single kernel of 5 x 5, the
# convolution of the two, does the work of a 3 x 3 blur followed by Sobel x. Conversely, some kernels are
# **separable**: a column and a row make Sobel x, and need $3 + 3$ products per pixel instead of 9.

# %%
blur = np.ones((3, 3)) / 9
one_by_one = convolve2d(convolve2d(coins, blur), sobel_x)
print("one kernel:", np.allclose(convolve2d(coins, convolve2d(blur, sobel_x)), one_by_one))
print("separable: ", np.array_equal(convolve2d([[1], [2], [1]], [[-1, 0, 1]]), sobel_x))

# %% [markdown]
# ## Multiplying numbers
#
# What is 21 times 34? Hundreds come from a ten times a ten. Tens come from a ten times a one, and from a one times a
# ten. Again one index goes up while the other goes down. So the digits are convolved, which gives 6 hundreds,
# $2 \cdot 4 + 1 \cdot 3 = 11$ tens and 4 ones, and at the end you carry:
# [714]{= int(np.polyval(np.convolve([2, 1], [3, 4]), 10)) }. With $x$ instead of ten, you multiply polynomials:
# $(2x + 1)(3x + 4) = 6x^2 + 11x + 4$. (This is how strange dice can be found. Just as 36 is both $6 \cdot 6$ and
# $4 \cdot 9$, the polynomial of the eleven sums is the product of two factors in more than one way.)
#
# So the function that adds echoes and counts dice multiplies long numbers, too:

# %%
a, b = 3**200, 7**100  # change them
digits_a, digits_b = ([int(digit) for digit in str(number)] for number in (a, b))
sums = np.convolve(digits_a, digits_b)  # not yet carried
product = sum(int(value) * 10**place for place, value in enumerate(sums[::-1]))
print(product)
print("as in Python:", product == a * b)

# %% [markdown] tags=["row-2"]
# ## Further: the continuous convolution
#
# *You can skip this section.* If time is continuous, the sum becomes an integral. This is the **continuous
# convolution**:
#
# $$(X * W)(t) = \int_{-\infty}^{\infty} X(\tau) \, W(t - \tau) \, d\tau$$
#
# For each $t$, it is the area under the product of $X(\tau)$ and the flipped and shifted kernel
# $W(t - \tau)$. Take a tone of strength 1 from time 0 to time 1, and an echo $W(t) = 1 - t$ that fades out
# within one unit of time. What is the area at $t = 1$, and at $t = 0.5$? Draw the two functions first.


# %%
def tone(t):
    return np.where((t >= 0) & (t <= 1), 1.0, 0.0)


def fading(t):
    return np.where((t >= 0) & (t <= 1), 1.0 - t, 0.0)


draw.continuous(tone, fading, step=0.001)  # the integral as a sum over short steps

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# At $t = 1$, the whole triangle overlaps with the tone, and its area is $\tfrac{1}{2} \cdot 1 \cdot 1 = 0.5$.
# At $t = 0.5$, the overlap is a trapezoid with parallel sides 1 and 0.5, and its area is
# $0.5 \cdot (1 + 0.5) / 2 =$ [0.375]{= 0.5 * (1 + 0.5) / 2 }.
#
# </details>
#
# With the densities of two independent waiting times in place of $X$ and $W$, this is the density of their sum, as
# for the two dice.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: by hand
#
# Compute the full convolution of $(1, 2, 3)$ with the kernel $(1, 0, -1)$. It has 5 values.

# %%
values = None
### BEGIN SOLUTION
values = [1, 2, 2, -2, -3]  # (1, 2, 3, 0, 0) minus (0, 0, 1, 2, 3)
### END SOLUTION

# %%
check("full", values)

# %% [markdown]
# ### Exercise 2: one from the other
#
# Write a function that computes the mathematical convolution of `image` and `kernel` with a single call of
# `cross_correlate`.


# %%
def true_convolution(image, kernel):
    result = None
    ### BEGIN SOLUTION
    result = cross_correlate(image, kernel[::-1, ::-1])
    ### END SOLUTION
    return result


# %%
check("true_convolution", true_convolution)

# %% [markdown]
# ### Exercise 3: im2col
#
# Write `im2col(X, f_H, f_W)`, which returns the matrix of patches for a kernel of height `f_H` and width
# `f_W`: one flattened patch per row, in the order of the output values.


# %%
def im2col(X, f_H, f_W):
    patches = None
    ### BEGIN SOLUTION
    n_H, n_W = X.shape[0] - f_H + 1, X.shape[1] - f_W + 1
    patches = np.array(
        [X[h : h + f_H, w : w + f_W].ravel() for h in range(n_H) for w in range(n_W)]
    )
    ### END SOLUTION
    return patches


# %%
check("im2col", im2col)

# %% [markdown]
# ### Exercise 4: strange dice of your own
#
# Some games use four-sided dice, with the faces 1, 2, 3, 4. Find the strange pair with the same sums: two other dice,
# each with four faces that show positive whole numbers. (There is one way to the sum 2, so how many faces of each die
# show 1? What must the highest faces add up to?)

# %%
dice = None  # two lists of four numbers
### BEGIN SOLUTION
dice = [1, 2, 2, 3], [1, 3, 3, 5]
### END SOLUTION

# %%
check("dice", dice)

# %% [markdown]
# <details>
# <summary>How to find it without trying</summary>
#
# The polynomial of an ordinary die is $x + x^2 + x^3 + x^4 = x\,(1 + x)(1 + x^2)$. Two dice together have
# the factors $x$, $1 + x$ and $1 + x^2$ twice each. Every die needs an $x$ (or a face would show 0), and its
# polynomial must be 4 at $x = 1$, since it has four faces. So each die gets two of the other four factors, and
# there is only one other way to deal them out: $x\,(1 + x)^2 = x + 2x^2 + x^3$ and
# $x\,(1 + x^2)^2 = x + 2x^3 + x^5$.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **compute a convolution:** reverse one list, slide it, multiply and add up, or add scaled copies. The
#    list is reversed because the two indices must add up to $t$;
# 2. **turn one operation into the other:** flip the kernel along both axes. The two agree if a rotation by
#    180 degrees does not change the kernel;
# 3. **write it as a matrix product:** patches times a flattened kernel, or a matrix of Toeplitz blocks times a
#    flattened image. It is [linear](glossary.md#linear-map), and two kernels in a row become one.

# %% [markdown]
# ## What to read next
#
# - Next is [Padding](04_padding.ipynb): what happens at the border of an image.
# - 3Blue1Brown, *But what is a convolution?* (2022), with animations of dice, polynomials and images:
#   [youtube.com](https://www.youtube.com/watch?v=KuXjwB4LzSA).
# - Goodfellow, Bengio and Courville, *Deep Learning* (2016), sections 9.1 and 9.2:
#   [deeplearningbook.org](https://www.deeplearningbook.org/contents/convnets.html).
