# %% [markdown]
# # Images and filters
#
# To a computer a photograph is a table of numbers. A convolutional network reads that table with
# one operation, over and over: lay a small table of weights on a part of the large one, multiply,
# and add up. This lesson is about that operation. Nine weights will be enough to blur a photograph,
# to sharpen it, and to find its edges. The networks later in the course are built from this
# operation, with weights that they learn by themselves.
#
# **When you have finished, you will be able to**
#
# 1. read a picture as an array of numbers, and say what its axes, its indices and its values mean;
# 2. compute a cross-correlation by hand and in NumPy, with any stride;
# 3. tell from the weights of a kernel what it does to a picture, and count the parameters of a
#    layer that uses it.
#
# **Time:** about 60 minutes. **You need:** Python, and the basics of NumPy: arrays, shapes, slices.
# No earlier lesson is needed. The photograph comes with scikit-learn. One cell near the end uses
# Keras; where Keras is not installed, it is passed over.

# %% include="lesson_setup"

# %% [markdown] tags=["row-1"]
# ## A photograph is a matrix of numbers
#
# A **matrix** is a rectangular table of numbers, its *entries*, in rows and columns. A **digital
# image** is a rectangular grid of small squares, the *pixels* (short for picture elements). Each
# pixel of a grey picture has one number, its brightness. So a grey picture is a matrix: one row of
# numbers for each row of pixels.
#
# We take a photograph that comes with scikit-learn: a tower by a lake. It is in colour; the
# line that begins with `photo` makes it grey, and what it does is explained soon. `draw_photo` draws
# a matrix as a picture, with the value `low` in black, the value `high` in white and the greys in
# between.

# %%
from sklearn.datasets import load_sample_image

colour = load_sample_image("china.jpg")
photo = colour.mean(axis=2).round().astype(int)


def draw_photo(ax, image, title, low=0, high=255):
    ax.imshow(image, cmap="gray", vmin=low, vmax=high)
    ax.set(title=title, xticks=[], yticks=[])


print("photo.shape =", photo.shape)

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 3, figsize=(10, 3.7), width_ratios=[1.3, 0.9, 1.3])
fig.subplots_adjust(0.01, 0.08, 0.99, 0.9, 0.12)
draw_photo(axes[0], photo, "photo")
draw_photo(axes[1], photo[20:60, 182:222], "photo[20:60, 182:222]")
part = photo[29:37, 194:204]
draw_photo(axes[2], part, "photo[29:37, 194:204]")
for (row, column), value in np.ndenumerate(part):
    ink = "black" if value > 120 else "white"
    axes[2].text(column, row, value, ha="center", va="center", color=ink, fontsize=9)
axes[2].set_yticks(range(8), range(29, 37), fontsize=8)
axes[2].set_xticks(range(10), range(194, 204), fontsize=8)
outline = {"fill": False, "color": "tab:orange", "lw": 2}
axes[0].add_patch(plt.Rectangle((182, 20), 40, 40, **outline))
axes[1].add_patch(plt.Rectangle((11.5, 8.5), 10, 8, **outline))
present(
    fig,
    "Three pictures, each a part of the one before. First the photograph: a dark tower with "
    "several roofs before a bright sky and a lake, trees around it; a box marks the tip of the "
    "tower. Then the tip, 40 by 40 pixels, a dark knob on a bright ground, with a box at its upper "
    "left. Then that box, 8 rows and 10 columns of grey squares with a number in each: about 220 "
    "in the bright ones, sky, on the left and at the top; between 33 and 107 in the dark ones.",
)

# %% [markdown]
# The shape says [427]{= photo.shape[0] } rows and [640]{= photo.shape[1] } columns of pixels. The
# figure goes closer in two steps, until each pixel is a square with its number in it.
#
# The values are whole numbers from 0 to 255: **0 is black, 255 is white**, and the greys lie in
# between. Why 255? Cameras and picture files commonly give each of them one byte, 8 bits, and 8
# bits can tell $2^8 = 256$ values apart. The sky around the tip is about 220, the tip itself
# about 60.
#
# The first index counts rows, **downwards**; the second counts columns, to the right. Both count
# from 0. This is the order of a matrix, and not that of a graph's x and y.
#
# **Predict, then run.** In the grid above, what is `photo[31, 199]`? Is `photo[29, 195]` brighter or
# darker? And is `photo[199, 31]` in the grid?

# %%
print("photo[31, 199] =", photo[31, 199])
print("photo[29, 195] =", photo[29, 195])
print("photo[199, 31] =", photo[199, 31])

# %% [markdown]
# Row 31, column 199 is on the dark tip, with the value [51]{= photo[31, 199] }; row 29, column 195
# is sky and brighter. `photo[199, 31]` is a pixel as well, but elsewhere: in row 199, far down on
# the left. Exchanging rows and columns raises no error as long as the index exists, so it is a
# mistake that stays hidden. A picture that is not square brings it to light sooner: here
# `photo[31, 500]` is a pixel, and `photo[500, 31]` is an error.
#
# ### Colour: three matrices
#
# A colour picture has three numbers for each pixel: how much red, how much green and how much blue.
# Each of the three matrices is called a **channel**. They are stacked along a third axis.

# %%
print("colour.shape      =", colour.shape, " dtype:", colour.dtype)
print("a pixel of a roof =", colour[170, 206])
print("a pixel of sky    =", colour[0, 0])

part = slice(140, 220), slice(90, 330)
fig, axes = plt.subplots(2, 2, figsize=(10, 4.4), layout="constrained")
axes[0, 0].imshow(colour[part])
axes[0, 0].set(title="a part of colour", xticks=[], yticks=[])
for ax, channel, name in zip(axes.flat[1:], range(3), ("red", "green", "blue"), strict=True):
    draw_photo(ax, colour[part][:, :, channel], f"channel {channel}: {name}")
present(
    fig,
    "A part of the tower four times. First in colour: red walls, orange roof tiles, green beams, "
    "pale sky. Then its three channels as grey pictures. The roof tiles are brightest in the red "
    "channel and darkest in the blue one; the sky is bright in all three.",
)

# %% [markdown]
# So a colour picture is an array of shape $(n_H, n_W, n_C)$:
#
# - $n_H$, the **height**: the number of rows, here [427]{= colour.shape[0] };
# - $n_W$, the **width**: the number of columns, here [640]{= colour.shape[1] };
# - $n_C$, the number of **channels**, here [3]{= colour.shape[2] }. In a grey picture it is 1.
#
# The channels come last. This order is called *channels-last*, and the whole course keeps to it.
#
# Now the line that made `photo` can be read. `colour.mean(axis=2)` takes the mean along axis 2, the
# channels: it adds red, green and blue of each pixel and divides by three. `round` and
# `astype(int)` make whole numbers of the means. (Programs for photographs give green more weight
# than red and blue, because the eye does. For our purpose the plain mean will do.)
#
# ### Bytes wrap around
#
# `colour` has the dtype `uint8`: whole numbers from 0 to 255, in one byte each. **Predict, then
# run.** A pixel of value 200 is made brighter by 100. What comes out?

# %%
pixel = np.array([200], dtype="uint8")
more = np.array([100], dtype="uint8")
print("as bytes:", pixel + more)
print("as int:  ", pixel.astype(int) + more.astype(int))

# %% [markdown]
# 300 does not fit into a byte. NumPy keeps what is left over 256 and says nothing about it:
# $300 - 256 =$ [44]{= (pixel + more)[0] }, which is darker than before. Therefore make `int` or
# `float` of a picture before you compute with it. We did so, with `astype(int)`.
#
# ### Who changes the numbers changes the picture
#
# **Predict, then run.** Match the four expressions with what they do: a darker picture, a negative
# (bright and dark exchanged), a mirror image, a part of the picture.
#
# `255 - photo`, `photo[20:220, 60:340]`, `photo[:, ::-1]`, `photo * 0.4`

# %%
fig, axes = plt.subplots(1, 4, figsize=(10, 2.2), layout="constrained")
draw_photo(axes[0], 255 - photo, "255 - photo")
draw_photo(axes[1], photo[20:220, 60:340], "photo[20:220, 60:340]")
draw_photo(axes[2], photo[:, ::-1], "photo[:, ::-1]")
draw_photo(axes[3], photo * 0.4, "photo * 0.4")
present(
    fig,
    "Four pictures made of the photograph: a negative, with a bright tower before a dark sky; a "
    "part, the upper half of the tower alone; a mirror image, with the tower on the right; and a "
    "darker picture.",
)

# %% [markdown]
# `255 - photo` turns 0 into 255 and 255 into 0: the negative. A slice of rows and a slice of
# columns cut out a part. `::-1` runs through the columns backwards: the mirror image. Multiplying
# by 0.4 makes every pixel darker.

# %% [markdown] tags=["row-2", "row-3"]
# ## Multiply a window, add up, move on
#
# Here is the operation that the course is about, on an image small enough to do all of it by hand:
#
# $$X = \begin{pmatrix} 1 & 2 & 0 & 3 \\ 0 & 1 & 2 & 1 \\ 2 & 0 & 1 & 3 \end{pmatrix}, \qquad
# W = \begin{pmatrix} 1 & 2 \\ 0 & -1 \end{pmatrix}$$
#
# $X$ is the image. The small matrix $W$ is called the **kernel** or **filter**; its entries are the
# **weights**. (In image processing it is also called a *convolution matrix* or a *mask*.)
#
# 1. Lay the kernel on the upper left corner of the image. The part of the image that it covers is
#    the **window**: $\begin{pmatrix} 1 & 2 \\ 0 & 1 \end{pmatrix}$.
# 2. Multiply elementwise, entries in the same place, and add up: $1 \cdot 1 + 2 \cdot 2 + 0 \cdot 0 + 1 \cdot (-1) = 4$. That
#    is the first number of the output.
# 3. Move the kernel one pixel to the right and do the same. At the end of the row go back to the
#    left and one pixel down. Stop when there is no place left where the kernel fits.
#
# **By hand.** How many rows and columns does the output have? Work out all of its numbers, then run
# the cell and compare.

# %%
from convnet.plots import draw_grid
from lesson_tools.figures import animate
from lesson_tools.sweep import draw_sweep

X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])
W = np.array([[1, 2], [0, -1]])


def sweep_small(position):
    figure = plt.figure(figsize=(8, 3.2))
    h, w = draw_sweep(figure, X, W, position)
    window = X[h : h + 2, w : w + 2]
    terms = " + ".join(f"{x}·({k})" for x, k in zip(window.flat, W.flat, strict=True))
    figure.suptitle(f"{terms} = {np.sum(window * W)}", fontsize=13)
    return figure


animate(
    sweep_small,
    range(6),
    "A kernel of 2 rows and 2 columns moves over an image of 3 rows and 4 columns, from left to "
    "right and from top to bottom. At each of 6 places the four products and their sum are written "
    "above, and the sum appears in the output: 4, 0, 5 in its first row, 2, 4, 1 in its second.",
    seconds=1.6,
)

# %% [markdown]
# The kernel of 2 rows fits in 2 places from top to bottom, and the kernel of 2 columns in 3 places
# from left to right. In general, a kernel of size $f$ fits into $n$ pixels at
#
# $$n - f + 1$$
#
# places: its first pixel can be at $0, 1, \dots, n - f$. The output is smaller than the image. The
# lesson [Padding](03_padding.ipynb) is about what can be done against that.
#
# The operation is called **cross-correlation**; in networks it is called convolution, and
# [The mathematics of convolution](02_mathematics_of_convolution.ipynb) says what the difference is. As
# a formula:
#
# $$Z_{h,w} = \sum_{r=0}^{f_H-1} \; \sum_{q=0}^{f_W-1} X_{h+r,\; w+q} \; W_{r,q}$$
#
# - $Z$: the output, also called the *filtered image* or the **feature map**; $h$ and $w$ are the
#   row and the column in it, counted from 0;
# - $f_H$ and $f_W$: the height and the width of the kernel, here 2 and 2;
# - $r$ and $q$: the row and the column inside the kernel;
# - $X_{h+r,\, w+q}$: the pixel that lies under the weight $W_{r,q}$ when the kernel's upper left
#   corner lies on row $h$, column $w$ of the image.
#
# In code the two sums are `np.sum` of an elementwise product, and the places of the kernel are two
# loops:


# %%
def cross_correlate(X, W):
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            window = X[h : h + f_H, w : w + f_W]
            Z[h, w] = np.sum(window * W)
    return Z


Z = cross_correlate(X, W)
print(Z)

# %% [markdown] tags=["row-3"]
# ## The stride
#
# The kernel need not move by one pixel at a time. The number of pixels from one place to the next
# is called the **stride**. With stride 2 the kernel skips every second place, both to the right and
# downwards, and the output is about half as high and half as wide.
#
# The next example has an image of $7 \times 7$ pixels, the kernel
#
# $$\begin{pmatrix} 3 & 4 & 4 \\ 1 & 0 & 2 \\ -1 & 0 & 3 \end{pmatrix}$$
#
# and stride 2. (It follows a published example of which only the last window is known. The rest of
# the image is made up.)
#
# **By hand.** At which rows can the window start? How large is the output? Its last number comes
# from the window in the lower right corner, rows 4 to 6 and columns 4 to 6. Compute it.

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


# %% jupyter={"source_hidden": true} cellView="form"
def sweep_stride(position):
    figure = plt.figure(figsize=(9, 4.6))
    h, w = draw_sweep(figure, X7, W7, position, stride=2)
    figure.suptitle(
        f"output[{h}, {w}] from rows {2 * h} to {2 * h + 2}, columns {2 * w} to {2 * w + 2}"
    )
    return figure


animate(
    sweep_stride,
    range(9),
    "A kernel of 3 by 3 moves over an image of 7 by 7 in steps of two pixels. It stops at rows 0, "
    "2 and 4 and at columns 0, 2 and 4, which are 9 places, and fills an output of 3 by 3. The "
    "last number, from the lower right corner, is 74.",
    seconds=1.2,
)

# %% [markdown]
# The window can start at the rows 0, 2 and 4 and at the columns 0, 2 and 4, so the output has 3
# rows and 3 columns. The last window is $\begin{pmatrix} 3 & 4 & 6 \\ 9 & 8 & 3 \\ 2 & 1 & 4
# \end{pmatrix}$, and it gives
#
# $$(9 + 16 + 24) + (9 + 0 + 6) + (-2 + 0 + 12) = 49 + 15 + 10 = 74.$$
#
# The brackets are its rows: $3 \cdot 3 + 4 \cdot 4 + 6 \cdot 4$, then
# $9 \cdot 1 + 8 \cdot 0 + 3 \cdot 2$, then $2 \cdot (-1) + 1 \cdot 0 + 4 \cdot 3$.
#
# With a stride, the formula of the cross-correlation has the window start $s$ times as far away:
#
# $$Z_{h,w} = \sum_{r=0}^{f_H-1} \; \sum_{q=0}^{f_W-1} X_{s h+r,\; s w+q} \; W_{r,q}$$
#
# where $s$ is the stride. For $s = 1$ it is the formula from before. Comparing the two shows
# something useful: output $(h, w)$ with stride $s$ is output $(s h, s w)$ with stride 1. A stride
# of 2 keeps every second row and every second column of what stride 1 gives. In NumPy that is the
# slice `[::2, ::2]`:

# %%
Z7 = cross_correlate(X7, W7)[::2, ::2]
print(Z7)

# %% [markdown]
# The last number is [74]{= int(Z7[-1, -1]) }. (A library does not compute the numbers that are
# thrown away here. The result is the same.)
#
# ### Exercise 1: how many places?
#
# An image has 9 rows and 12 columns. A kernel of $3 \times 3$ moves over it with stride 2. How many
# rows and columns does the output have? Write a tuple, `(rows, columns)`. Listing the rows at which
# the window can start is a safe way.

# %%
answer = None
### BEGIN SOLUTION
answer = (4, 5)  # rows 0, 2, 4, 6 and columns 0, 2, 4, 6, 8
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    answer,
    (4, 5),
    "List the starts: 0, 2, 4 and so on. The last one must leave room for the whole kernel.",
    [
        ((7, 10), "That is the size with stride 1."),
        ((5, 6), "That takes every second pixel as a start, also where the kernel no longer fits."),
        ((5, 4), "Those are the right numbers in the wrong order: the rows come first."),
        ((4, 6), "The columns start at 0, 2, 4 ...; does a kernel of 3 columns fit at column 10?"),
        ((3, 5), "The rows start at 0, 2, 4 ...; is there not one more row where the kernel fits?"),
        ((3, 4), "That is (9 - 3) / 2 and (12 - 3) / 2 without the window that starts at 0."),
    ],
)

# %% [markdown]
# ## What nine weights do to a photograph
#
# Now the photograph. A kernel of $3 \times 3$ has more than a quarter of a million places on it,
# and our two loops would visit them one by one. There is a second way to compute the same sum.
#
# In the formula, look at one weight $W_{r,q}$. It is multiplied by $X_{h+r,\, w+q}$ for all $h$ and
# $w$, that is by the whole image, shifted up by $r$ and to the left by $q$. So the output is a sum
# of shifted images, one for each weight:


# %%
def filter_image(X, W):
    f_H, f_W = W.shape
    n_H = X.shape[0] - f_H + 1
    n_W = X.shape[1] - f_W + 1
    Z = np.zeros((n_H, n_W))
    for r in range(f_H):
        for q in range(f_W):
            Z += W[r, q] * X[r : r + n_H, q : q + n_W]  # the image, shifted
    return Z


print("the same as before:", np.array_equal(filter_image(X7, W7), cross_correlate(X7, W7)))
print("places of a 3 x 3 kernel:", (photo.shape[0] - 2) * (photo.shape[1] - 2))

# %% [markdown]
# The loops now run over 9 weights in place of
# [271,150]{= f'{(photo.shape[0] - 2) * (photo.shape[1] - 2):,}' } windows, and NumPy does the rest.
# A kernel *is* a recipe for adding shifted copies of a picture.
#
# ### Blur
#
# Give all weights the same value, and let them add up to 1. Each pixel of the output is then the
# **mean** of a window. **Predict, then run.** Here is a step in brightness, five rows of the
# numbers 10, 10, 10, 40, 40, 40. What does such a kernel make of it? The cell has a second kernel,
# `sharpen`, with 5 in the middle and -1 beside it. What does that one make of the step?

# %%
blur = np.ones((3, 3)) / 9
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
brightness_step = np.tile([10, 10, 10, 40, 40, 40], (5, 1))
print("step:     ", brightness_step[2, 1:-1])
print("blurred:  ", filter_image(brightness_step, blur)[1].round(6))
print("sharpened:", filter_image(brightness_step, sharpen)[1])

# %% [markdown]
# Blurring makes a slope of the step: 10, 20, 30, 40. Fine detail is averaged away. A larger kernel
# averages more away: the photograph below is blurred with $7 \times 7$ weights of $1/49$, because
# at its size a blur over 3 pixels can hardly be seen.
#
# ### Sharpen
#
# Sharpening does the opposite. Its kernel takes five times the pixel and subtracts the four
# neighbours. Split up, that is the pixel itself, plus the sum of its differences from the four
# neighbours:
#
# $$5x - (x_1 + x_2 + x_3 + x_4) = x + (x - x_1) + (x - x_2) + (x - x_3) + (x - x_4)$$
#
# where $x$ is the pixel in the middle and $x_1, \dots, x_4$ are the pixels above, below, left and
# right of it. Where all are alike, nothing changes. At the step the dark side becomes darker,
# $10 + (10 - 40) =$ [-20]{= int(filter_image(brightness_step, sharpen)[1, 1]) }, and the bright
# side brighter, $40 + (40 - 10) =$ [70]{= int(filter_image(brightness_step, sharpen)[1, 2]) }. The
# eye takes that for sharpness. Results below 0 or above 255 are drawn as black and white.
#
# ### Emboss
#
# The third kernel has negative weights towards the upper left and positive ones towards the lower
# right. It makes a pixel brighter where the picture gets brighter towards the lower right, and
# darker where it gets darker. That looks like a relief with light from the upper left.

# %%
emboss = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
wide_blur = np.ones((7, 7)) / 49
tower = photo[20:230, 70:340]

fig, axes = plt.subplots(2, 2, figsize=(10, 8), layout="constrained")
draw_photo(axes[0, 0], tower, "tower, as it is")
draw_photo(axes[0, 1], filter_image(tower, wide_blur), "blurred with 7 x 7 equal weights")
draw_photo(axes[1, 0], filter_image(tower, sharpen), "sharpened")
draw_photo(axes[1, 1], filter_image(tower, emboss), "embossed")
present(
    fig,
    "The upper part of the tower four times. As it is; blurred, so that the tiles and the railings "
    "are gone and only the outlines are left; sharpened, with the tiles and the railings standing "
    "out more than before; and embossed, like a relief in stone, where each edge has a bright and "
    "a dark side.",
)

# %% [markdown]
# **What the sum of the weights says.** Where the image has one value $c$ all over the window, the
# output is $c$ times the sum of the weights: each weight is multiplied by the same $c$. For the
# three kernels the sums are [1]{= f'{blur.sum():.0f}' }, [1]{= sharpen.sum() } and
# [1]{= emboss.sum() }: an even sky keeps its brightness. A kernel whose weights add up to 0 gives 0
# wherever nothing changes. That is the kind of kernel that finds edges.
#
# ### Exercise 2: design a kernel
#
# Write the $3 \times 3$ kernel whose output is, at each place, the *right* neighbour of the middle
# pixel minus the *left* neighbour. It is laid on the window as it is, without turning.

# %%
answer = None
### BEGIN SOLUTION
answer = np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]])
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 2",
    answer,
    np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]]),
    "Which two of the nine pixels count, and with which sign? All other weights are 0.",
    [
        (np.array([[0, 0, 0], [1, 0, -1], [0, 0, 0]]), "That is left minus right."),
        (np.array([[0, -1, 0], [0, 0, 0], [0, 1, 0]]), "That is below minus above."),
        (np.array([[0, 0, 0], [0, -1, 1], [0, 0, 0]]), "That is right minus middle."),
        (np.array([[0, 0, 0], [-1, 1, 0], [0, 0, 0]]), "That is middle minus left."),
        (
            np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]),
            "That does it in three rows. Only the middle row is asked for.",
        ),
    ],
)

# %% [markdown] tags=["row-4"]
# ## Finding edges: the Sobel kernels
#
# An **edge** is a place where the brightness changes a lot over a few pixels. The kernel of
# Exercise 2 measures that from left to right, but a single noisy pixel can mislead it. So let the
# rows above and below have a say, and the row in the middle twice as much. That is the kernel
# **Sobel x**. Turned on its side, it measures from top to bottom and is called **Sobel y**:
#
# $$S_x = \begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix}
# = \begin{pmatrix} 1 \\ 2 \\ 1 \end{pmatrix} \begin{pmatrix} -1 & 0 & 1 \end{pmatrix},
# \qquad
# S_y = \begin{pmatrix} -1 & -2 & -1 \\ 0 & 0 & 0 \\ 1 & 2 & 1 \end{pmatrix}
# = \begin{pmatrix} -1 \\ 0 \\ 1 \end{pmatrix} \begin{pmatrix} 1 & 2 & 1 \end{pmatrix}$$
#
# Each is a matrix product of a column and a row: a difference in one direction, a smoothing
# weighted mean (but for the factor 4) in the other. Beware of names: Sobel x reacts to change along x, that is to
# *vertical* edges, and some books call it the vertical Sobel filter for that reason. Others write
# both kernels with all signs exchanged. That exchanges the sign of the output and nothing else.
#
# **By hand.** What does Sobel x give on the three windows of this image, and what does Sobel y?
#
# $$\begin{pmatrix} 2 & 2 & 2 & 7 & 7 \\ 2 & 2 & 2 & 7 & 7 \\ 2 & 2 & 2 & 7 & 7 \end{pmatrix}$$

# %%
sobel_x = np.array([[1], [2], [1]]) @ np.array([[-1, 0, 1]])
sobel_y = np.array([[-1], [0], [1]]) @ np.array([[1, 2, 1]])
small_edge = np.tile([2, 2, 2, 7, 7], (3, 1))
slope = np.tile(np.arange(6), (3, 1))
print("Sobel x:", cross_correlate(small_edge, sobel_x))
print("Sobel y:", cross_correlate(small_edge, sobel_y))
print("Sobel x on", slope[0], "in each row:", cross_correlate(slope, sobel_x))

# %% [markdown]
# The first window is even, and the weights add up to 0: the result is 0. In the other two windows
# the left column holds 2 and the right one 7, so the result is $(1 + 2 + 1)(7 - 2) =$
# [20]{= int(cross_correlate(small_edge, sobel_x)[0, 1]) }. From top to bottom nothing changes, and
# Sobel y gives 0.
#
# The last line of output is a slope that rises by 1 from column to column. Sobel x gives
# [8]{= int(cross_correlate(slope, sobel_x)[0, 0]) } there: weights of 4 on the right against 4 on
# the left, two columns apart. So an eighth of the result is the change in brightness per pixel. The
# two outputs are, but for that factor, a gradient: an approximation of the derivatives of the
# brightness along x and along y.
#
# **Predict, then run.** On the photograph: which of the two shows the pillars of the tower, and
# which one the rims of its roofs? Zero is drawn as middle grey; brighter is positive, where the
# picture gets brighter to the right (or downwards); darker is negative.

# %%
G_x = filter_image(photo, sobel_x)
G_y = filter_image(photo, sobel_y)

fig, axes = plt.subplots(1, 2, figsize=(10, 5.4), layout="constrained")
draw_photo(axes[0], G_x[20:360, 50:400], "Sobel x", -500, 500)
draw_photo(axes[1], G_y[20:360, 50:400], "Sobel y", -500, 500)
present(
    fig,
    "The tower twice in grey. In the output of Sobel x the pillars and the left and right outlines "
    "stand out, the left outline dark and the right one bright, while the level rims of the roofs "
    "can hardly be seen. In the output of Sobel y the rims of the roofs and the level beams stand "
    "out, and the pillars can hardly be seen. The sky is an even middle grey in both.",
)

# %% [markdown]
# Sobel x shows the pillars, Sobel y the rims of the roofs. On the left outline of the tower, from
# bright sky to dark wall, Sobel x is negative, and on the right outline it is positive.
#
# ### The strength of an edge
#
# An edge can run in any direction. At each pixel the two numbers $G_x$ and $G_y$, from Sobel x and
# Sobel y, are the sides of a right-angled triangle. The length of its third side is the **edge
# magnitude**:
#
# $$G = \sqrt{G_x^2 + G_y^2}$$
#
# Squaring takes away the signs: $G$ does not care whether it gets brighter or darker. With
# $G_x = 30$ and $G_y = -40$ it is $\sqrt{900 + 1600} = 50$.

# %%
G = np.sqrt(G_x**2 + G_y**2)

fig, axes = plt.subplots(1, 2, figsize=(10, 3.7), layout="constrained")
draw_photo(axes[0], photo, "photo")
draw_photo(axes[1], G, "edge magnitude", 0, 500)
present(
    fig,
    "On the left the photograph. On the right its edge magnitude: black wherever the picture is "
    "even, such as the sky and the water, and white lines along the outline of the tower, its "
    "roofs, its pillars and railings. The trees are a tangle of short bright lines.",
)

# %% [markdown]
# Two kernels of nine weights each, and the outlines of the photograph stand out. In the sky, rows 0
# to 99 and columns 400 to 599, the mean magnitude is [4]{= f'{G[:100, 400:600].mean():.0f}' }; on
# the tower, rows 100 to 299 and columns 100 to 299, it is
# [153]{= f'{G[100:300, 100:300].mean():.0f}' }.
#
# The kernels of this section were thought out by people; the Sobel kernels go back to Irwin Sobel
# and Gary Feldman, 1968. A convolutional network finds its kernels by itself, from examples. Among
# those of its first layer there are often some that look for edges.

# %% [markdown] tags=["row-5"]
# ## A detector of lines, which is a layer
#
# One step is missing from here to a layer of a network. Take an image of $8 \times 8$ pixels that
# is 0 everywhere, with a vertical line of ones, two pixels wide, in the middle (columns 3 and 4).
# The kernel looks for a vertical line, so it has a column of ones:
#
# $$W = \begin{pmatrix} 0 & 1 & 0 \\ 0 & 1 & 0 \\ 0 & 1 & 0 \end{pmatrix}$$
#
# A **convolution layer** with one kernel does three things:
#
# $$Z = X \star W + b, \qquad A = g(Z)$$
#
# 1. It slides the kernel $W$ over the image $X$; we write $\star$ for the cross-correlation.
# 2. It adds one number $b$, the **bias**, to every entry. Here $b = 0$.
# 3. It sends every entry of $Z$ through an **activation function** $g$. The usual one is the
#    *rectified linear unit*, or **ReLU**: $g(z) = \max(z, 0)$. It keeps what is positive and makes
#    0 of what is negative. $A$ is what the layer gives out, its *activations*.
#
# When a network has several layers, the number of the layer is written in square brackets:
# $A^{[1]}$ is the output of layer 1, made with $W^{[1]}$ and $b^{[1]}$ from $A^{[0]}$, the image. A
# number in round brackets is that of an example: $x^{(i)}$ is the $i$-th image.
#
# **By hand.** How large is the feature map? What is in its first row? Where a window starts at
# column 0, 1, 2, 3, 4 or 5, which column of the image lies under the ones?

# %%
line = np.zeros((8, 8))
line[:, 3:5] = 1
detector = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0]])
b = 0
Z_line = cross_correlate(line, detector) + b
A_line = np.maximum(Z_line, 0)

fig, axes = plt.subplots(1, 3, figsize=(10, 3.8), width_ratios=[8, 3, 6], layout="constrained")
windows = [(0, 2, 3, 3, "tab:orange"), (2, 5, 3, 3, "black")]
draw_grid(axes[0], line, "image, 8 x 8", windows)
draw_grid(axes[1], detector, "kernel")
places = [(0, 2, 1, 1, "tab:orange"), (2, 5, 1, 1, "black")]
draw_grid(axes[2], A_line, "feature map, 6 x 6", places)
present(
    fig,
    "Three grids. The image of 8 by 8 has ones in its columns 3 and 4, and zeros elsewhere. The "
    "kernel of 3 by 3 has ones in its middle column. The feature map of 6 by 6 has 3 in its "
    "columns 2 and 3, and zeros elsewhere. Two windows are outlined in the image, and their "
    "numbers in the map: rows 0 to 2, columns 2 to 4 (solid) give 3; rows 2 to 4, columns 5 to 7 "
    "(dashed) give 0.",
)

# %% [markdown]
# The map has $8 - 3 + 1 = 6$ rows and columns. Each of its rows is
# [[0, 0, 3, 3, 0, 0]]{= A_line[0].astype(int).tolist() }: three ones under three ones wherever the
# line lies in the middle of the window.
#
# **How many parameters?** The numbers that a network learns are its *parameters*. This layer has 9
# weights and 1 bias, together [10]{= detector.size + 1 }, and it would have 10 on an image of any
# size. Compare a layer in which each of the 36 outputs has a weight of its own for each of the 64
# pixels, and a bias: $36 \cdot (64 + 1) =$ [2,340]{= f'{A_line.size * (line.size + 1):,}' }
# parameters.
#
# ### The same layer in Keras
#
# Keras has the layer ready: `Conv2D(1, 3, activation="relu")` has 1 kernel of $3 \times 3$. It
# works on many images at once and on any number of channels, so its arrays have more axes than
# ours: images are `(examples, rows, columns, channels)`, here `(1, 8, 8, 1)`, and the kernel is
# `(rows, columns, channels in, channels out)`, here `(3, 3, 1, 1)`. We give it our weights.

# %% needs="keras tensorflow"
import keras

model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(1, 3, activation="relu"),
    ]
)
model.set_weights([detector.reshape(3, 3, 1, 1), np.zeros(1)])
model.summary()
A_keras = model.predict(line.reshape(1, 8, 8, 1), verbose=0)
print(A_keras[0, :, :, 0])
np.testing.assert_allclose(A_keras[0, :, :, 0], A_line)
print("equal to ours")

# %% [markdown]
# The summary writes `None` for the number of examples, which may be any. Keras counts 10 parameters
# as well, and gives the same map. It does not turn the kernel; with the one above that would not
# show, but with the Sobel kernels it would.
#
# ### What else does the detector react to?
#
# A detector that never says no is a poor one. What does ours make of a *horizontal* line, two
# pixels wide, and of an image that is white all over? And a second kernel, which asks for a column
# that is brighter than the columns on both sides of it?
#
# $$W' = \begin{pmatrix} -1 & 2 & -1 \\ -1 & 2 & -1 \\ -1 & 2 & -1 \end{pmatrix}$$
#
# **Predict, then run.** The cell prints the largest number of each feature map.

# %%
second_detector = np.array([[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]])
images = {"vertical line": line, "horizontal line": line.T, "all white": np.ones((8, 8))}
for name, image in images.items():
    first_map = np.maximum(cross_correlate(image, detector), 0)
    second_map = np.maximum(cross_correlate(image, second_detector), 0)
    print(f"{name:15}: W {first_map.max():.0f}, W' {second_map.max():.0f}")

# %% [markdown]
# With the first kernel the horizontal line gives up to
# [2]{= int(cross_correlate(line.T, detector).max()) }, and the white image
# [3]{= int(cross_correlate(np.ones((8, 8)), detector).max()) }, as much as the line that we look
# for. The weights of the second kernel add up to 0, in each of its rows. So all that is even from
# left to right gives 0, the horizontal line and the white image among them. The vertical line gives
# 3 as before. (Next to that line the sum is
# [-3]{= int(cross_correlate(line, second_detector)[2, 1]) }, and the ReLU makes 0 of it.)
#
# The **bias** is a second means. A negative bias makes every number smaller before the ReLU, which
# then makes 0 of whatever was too small: the bias is a threshold. How large it must be is the
# question of the last exercise.
#
# We have set weights and bias by hand here. A network starts with random weights, and learning is
# finding better ones.
#
# ### Exercise 3: a bias
#
# Keep the first kernel, `detector`, and the ReLU. Choose the bias $b$ such that the horizontal line
# gives 0 everywhere, and the vertical line gives as large a number as that allows.

# %%
answer = None
### BEGIN SOLUTION
answer = -2  # the horizontal line gives max(2 - 2, 0) = 0, the vertical line 3 - 2 = 1
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 3",
    answer,
    -2,
    "The horizontal line gives up to 2 before the bias, the vertical line 3. ReLU is max(z, 0).",
    [
        (2, "The bias is added. With that sign it makes all numbers larger."),
        (-1, "Then the horizontal line still gives 1 in places."),
        (-3, "Then the vertical line gives 0 as well."),
        (0, "Then the horizontal line gives 2 in places."),
    ],
)

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **read a picture as an array:** `photo[row, column]` is a brightness from 0 (black) to 255
#    (white), rows count downwards and come first, and a colour picture is an array
#    $(n_H, n_W, n_C)$;
# 2. **compute a cross-correlation**, $Z_{h,w} = \sum_{r,q} X_{sh+r,\, sw+q}\, W_{r,q}$, by hand and
#    as `np.sum(window * W)`, where $s$ is the stride;
# 3. **tell what a kernel does:** equal weights that add up to 1 blur, a strong middle with negative
#    neighbours sharpens, weights that add up to 0 find change; and a layer with one kernel of
#    $3 \times 3$ on one channel has $9 + 1 = 10$ parameters.
#
# ## What to read next
#
# - [The mathematics of convolution](02_mathematics_of_convolution.ipynb), the next lesson, is
#   optional; [Padding](03_padding.ipynb) comes after it: what happens at the border of an image.
# - To practise: the assignment
#   [A single step of convolution](../release/single_step/single_step.ipynb).
# - Aston Zhang, Zachary Lipton, Mu Li and Alexander Smola, *Dive into Deep Learning*, 2023, the
#   section on convolutions for images: [d2l.ai](https://d2l.ai).
# - Ian Goodfellow, Yoshua Bengio and Aaron Courville, *Deep Learning*, 2016, chapter 9:
#   [deeplearningbook.org](https://www.deeplearningbook.org).
# - Rafael Gonzalez and Richard Woods, *Digital Image Processing*, on filters for photographs and on
#   edges.
