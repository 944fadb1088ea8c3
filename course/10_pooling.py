# %% [markdown]
# # Pooling
#
# A photographer moves the camera by the width of a single pixel. You could not tell the two
# photographs apart. Can a convolution layer? Run the next two code cells to see what a Sobel kernel
# with a ReLU makes of them.

# %% include="lesson_setup"

# %%
from convnet.data import digits, load_sample_image
from convnet.functional import avg_pool2d, conv2d, max_pool2d, relu
from lesson_tools.explorables import explore_pooling
from lesson_tools.pooling import figures as draw
from lesson_tools.pooling.questions import check, predict
from lesson_tools.spine import spine

photo = load_sample_image("china.jpg").mean(axis=2)  # grayscale, 0 to 255
sobel_x = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]).reshape(3, 3, 1, 1)


def view(k, image=photo, top=150, left=200):
    """130 x 130 pixels of an image, with the camera moved k pixels to the right."""
    return image[top : top + 130, left + k : left + k + 130].reshape(1, 130, 130, 1)


def edges(images):
    return relu(conv2d(images, sobel_x))


draw.two_views([view(0), view(1)], [edges(view(0)), edges(view(1))])

# %% [markdown]
# To our eyes, nothing happened. But look at the change of the feature map on the lower right, which is as
# strong as the map itself. Edges are thin, so where there was a bright line, it is dark now, and the line is
# next to it.
#
# That is bad news for the next layer, which should recognize a tower wherever the camera points. **Pooling**
# layers are the usual answer. "They make the network invariant to small shifts", you will often read. How much
# of that is true? We move the camera by one pixel and measure what changes, first in feature maps, and then in
# networks that read digits.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compute max, average and L2 pooling, by hand and in NumPy, for any window and stride;
# 2. distinguish translation *equivariance* from *invariance*, and measure how far a layer is from
#    either;
# 3. say what pooling gains and what it does not, and choose between pooling layers and strides in Keras,
#    TensorFlow and PyTorch.
#
# **Time:** about 65 minutes, and 35 for the exercises. (A good place for a break is before *Does the network
# care?* The two sections that begin with *Further* are optional and take another 5 minutes.) **You need:**
# [The convolution layer](06_convolution_layer.ipynb), [Output sizes](08_output_sizes.ipynb) and
# [Receptive fields](09_receptive_fields.ipynb).

# %% [markdown]
# ## Two questions to warm up
#
# **Predict.** A 3 x 3 kernel slides over an image of 130 x 130 pixels, without padding. Then we cut its
# feature map into windows of 8 x 8 values, side by side, and each window becomes one value. How many rows
# does the feature map have, and how many rows are left? Answer with `(feature map, left)`. (If this was new,
# go back to [Output sizes](08_output_sizes.ipynb).)

# %%
predict("sizes", None)

# %% [markdown]
# **Predict.** Now the windows are 2 x 2. Two neighboring values of the output see two parts of the image. How
# many pixels apart are these parts? (If this was new, go back to
# [Receptive fields](09_receptive_fields.ipynb).)

# %%
predict("total_stride", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# The feature map has $130 - 3 + 1 =$ [128]{= edges(view(0)).shape[1] } rows, and 128 rows hold
# [16]{= max_pool2d(edges(view(0)), 8).shape[1] } windows of 8.
#
# The total stride is the product of the strides, $1 \cdot 2 = 2$, so the two parts are 2 pixels apart.
#
# </details>

# %% [markdown]
# ## Move the camera yourself
#
# [**Max pooling**](glossary.md#max-pooling) cuts a feature map into [**windows**](glossary.md#window) of
# $f \times f$ values and keeps only the largest value of each. Below you see how much the image, its feature
# map and the pooled map change when you move the image, in percent. (The next section defines what that means.)
#
# 1. At a shift of one pixel, which of the three changes most, and which least?
# 2. How far must you move the image until the pooled map has changed as much as the *image* did at one pixel?

# %%
# Which of the three changes least? And with f = 2?
explore_pooling(photo[150:280, 196:330], f=4)

# %% [markdown]
# <details>
# <summary>What you may have found</summary>
#
# At one pixel the feature map changes most, and the pooled map least. With windows of 4 x 4, the pooled map needs
# three pixels to change as much as the image did at one. With windows of 2 x 2, it changes more than the image
# even at one pixel.
#
# </details>
#
# In the edge network that you are building, max pooling is the fourth of seven operations:

# %%
spine("max pooling")

# %% [markdown]
# ## A fair measure of change
#
# To put a number on "how much has changed" from $A$ to $B$, we compare the change with the contrast of $A$, its
# differences from its mean $\bar A$. Both are measured by the L2 norm, the square root of the sum of all squares:
#
# $$\text{relative change} = \frac{\lVert B - A \rVert}{\lVert A - \bar A \rVert}$$
#
# (Without subtracting the mean, brighter maps would look more stable, and max pooling makes maps brighter.) The
# relative change is 0% if nothing changed. What is it if *everything* changed? To find out, we shuffle the
# pixels of the photograph.


# %%
def relative_change(before, after):
    return np.linalg.norm(after - before) / np.linalg.norm(before - before.mean())


rng = np.random.default_rng(0)
shuffled = rng.permutation(view(0).ravel()).reshape(1, 130, 130, 1)
print(f"shuffled:    {relative_change(view(0), shuffled):.0%}")
print(f"photograph:  {relative_change(view(0), view(1)):.0%}")
print(f"feature map: {relative_change(edges(view(0)), edges(view(1))):.0%}")

# %% [markdown]
# Two arrays with equal mean and contrast and nothing in common differ by $\sqrt 2$, or 141%. (Their squared
# norms add up, as in Pythagoras' theorem.) So with
# [127%]{= f"{relative_change(edges(view(0)), edges(view(1))):.0%}" }, the feature map has become nearly
# unrelated to itself, and all because of one pixel. The photograph changed by
# [78%]{= f"{relative_change(view(0), view(1)):.0%}" }. Can pooling help?

# %% [markdown] tags=["row-13"]
# ## Max, average and L2 pooling
#
# First, we compute by hand. Slide a window of $f \times f$ over an image with stride $s$, as in a convolution,
# but take the largest value in the window instead of a dot product. With $f = 2$ and $s = 2$, the most common
# choice, the windows lie side by side:
#
# $$\begin{pmatrix} 1&5&3&7\\7&3&9&2\\3&5&8&4\\8&7&3&5 \end{pmatrix}$$
#
# Write down the four maxima.
#
# <details>
# <summary>Answer</summary>
#
# $$\begin{pmatrix} \max(1,5,7,3) & \max(3,7,9,2) \\ \max(3,5,8,7) & \max(8,4,3,5) \end{pmatrix} =
# \begin{pmatrix} 7&9\\8&8 \end{pmatrix}$$
#
# </details>
#
# A feature map says how strongly a pattern is present at each position. Its maximum over a window says how
# strongly the pattern is present *anywhere* in the window. There are two other summaries:
#
# - [**Average pooling**](glossary.md#average-pooling) takes the mean of the window. On the upper left, that is
#   $(1 + 5 + 7 + 3) / 4 = 4$.
# - [**L2 pooling**](glossary.md#l2-pooling) takes the L2 norm of the window. On the upper left, that is
#   $\sqrt{1^2 + 5^2 + 7^2 + 3^2} = \sqrt{84} \approx$ [9.17]{= f"{np.sqrt(84):.2f}" }. Large values dominate,
#   and signs make no difference.

# %% [markdown] tags=["row-13"]
# ## Pooling as a formula and in NumPy
#
# Pooling has two [hyperparameters](glossary.md#hyperparameter), the window size $f$ and the stride $s$.
# The window of output $(h, w)$ starts at row $hs$ and column $ws$ of the input. With $A_{prev}$ for the
# input, $A$ for the output, $i$ for the example, $c$ for the channel, and $r$ and $q$ from 0 to $f - 1$,
#
# $$A_{i,h,w,c} = \max_{r,q}\, (A_{prev})_{i,\, hs+r,\, ws+q,\, c} \qquad\text{(max)}$$
#
# $$A_{i,h,w,c} = \frac{1}{f^2} \sum_{r,q}\, (A_{prev})_{i,\, hs+r,\, ws+q,\, c}
# \qquad\text{(average)}$$
#
# $$A_{i,h,w,c} = \Bigl( \sum_{r,q}\, (A_{prev})_{i,\, hs+r,\, ws+q,\, c}^2 \Bigr)^{1/2}
# \qquad\text{(L2)}$$
#
# Two things are missing that a convolution layer has. There are **no weights**, so there is nothing to learn.
# And there is **no sum over channels**: each channel is pooled independently, and their number stays the same.

# %% [markdown]
# The course's `max_pool2d` and `avg_pool2d` take a batch of shape $(m, n_H, n_W, n_C)$, the window size, and
# the stride, which is $f$ by default. L2 pooling follows from the average of the squares. When the windows lie
# side by side, a `reshape` pools as well: in `image.reshape(2, 2, 2, 2)`, axes 1 and 3 are the row and the
# column *in* the window.

# %%
image = np.array([[1, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]])
A_prev = image.reshape(1, 4, 4, 1).astype(float)


def l2_pool(A_prev, f):
    return f * np.sqrt(avg_pool2d(A_prev**2, f))


print("maxima by reshape:", image.reshape(2, 2, 2, 2).max(axis=(1, 3)).tolist())
functions = {"max": max_pool2d, "average": avg_pool2d, "L2": l2_pool}
draw.pooled_by_hand(image, {name: f(A_prev, 2)[0, :, :, 0] for name, f in functions.items()})

# %% [markdown] tags=["row-13"]
# ## Output size and overlapping windows
#
# The [output size](glossary.md#output-size) is that of a convolution without padding:
#
# $$n_H = \left\lfloor \frac{n_{H_{prev}} - f}{s} \right\rfloor + 1, \qquad
# n_W = \left\lfloor \frac{n_{W_{prev}} - f}{s} \right\rfloor + 1, \qquad
# n_C = n_{C_{prev}}$$
#
# With $f = s = 2$, pooling halves an even height and width. AlexNet (2012) uses $f = 3$ and $s = 2$
# instead, so that its windows **overlap**.
#
# **Predict.** On a 5 x 5 image, in how many windows with $f = 3$ and $s = 2$ does the pixel in the
# middle lie?

# %%
predict("overlap", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# In 4. Two windows of rows, which start at 0 and 2, contain row 2, and two windows of columns contain
# column 2.
#
# </details>

# %%
draw.window_counts()

# %% [markdown]
# On the left, 5 is odd, so the last row and column are in no window, and nothing in them has an effect. On the
# right, a large value in the middle appears in the output four times.
#
# With $f = s = 2$, the next convolution has a quarter of the values to process. Its
# [receptive field](glossary.md#receptive-field) grows as well, since a 3 x 3 kernel after the pooling layer
# covers 6 x 6 values of the pooling layer's input.

# %% [markdown] tags=["row-14"]
# ## Equivariance and invariance
#
# Now to the shift. Moving an image is a **translation**. Let $T_k x$ be the image $x$ moved by $k$ pixels, and
# $g(x)$ the output of a layer.
#
# - $g$ is [**equivariant**](glossary.md#translation-equivariance) to the translation if its output moves with
#   the image, $g(T_k x) = T_k\, g(x)$. That is what you want if you ask *where* an object is.
# - $g$ is [**invariant**](glossary.md#translation-invariance) to the translation if its output stays the same,
#   $g(T_k x) = g(x)$. That is what you want if you ask *what* it is.
#
# You demanded the first in [From dense to convolutional layers](05_why_convolution.ipynb), and got the
# convolution. What about pooling?

# %% [markdown] tags=["row-13", "row-14"]
# ## A line detector with pooling
#
# We try it with numbers that you can follow. A 3 x 3 kernel with ones in its middle column detects a
# vertical line, two pixels wide, in an 8 x 8 image. Each of the six rows of its feature map is
# 0, 0, 3, 3, 0, 0. Max pooling with $f = s = 2$ turns it into 0, 3, 0, because the line fills the middle
# window exactly.
#
# **Predict.** The line moves one pixel to the right. What is a row of the feature map after **max**
# pooling? Answer with a list.

# %%
line = np.zeros((1, 8, 8, 1))
line[:, :, 3:5] = 1
detector = np.zeros((3, 3, 1, 1))  # (f, f, n_C_prev, n_C)
detector[:, 1] = 1


def detect(images):
    return relu(conv2d(images, detector))


def shift(images, k):
    """Move the content k pixels to the right."""
    return np.roll(images, k, axis=2)


predict("shifted", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[[0, 3, 3]]{= max_pool2d(detect(shift(line, 1)), 2)[0, 0, :, 0].astype(int).tolist() }`. The threes are
# now in columns 3 and 4, which belong to two different windows.
#
# </details>

# %%
draw.moved_line({k: detect(shift(line, k))[0, 0, :, 0] for k in range(-2, 3)})

# %% [markdown]
# The feature map moves with the line, one position for each pixel, so **a convolution with stride 1 is
# equivariant**. (The border is the exception, where a pattern is cut off or meets the padding.)
#
# At even shifts, the pooled row moves, too. At odd shifts, the line lies in two windows at once. Max pooling
# then reports it twice at full strength, and average pooling splits it into two halves. Nothing about the line
# itself has changed. Only the windows cut it differently.
#
# - **A stride breaks equivariance**, in pooling as well as in convolution. Only if the image moves by a
#   multiple of the stride does the output move by whole positions.
# - **Pooling is not invariant.** It would be if the pattern stayed inside its window, but a pattern near the
#   edge of a window leaves it with the first pixel. So pooling is **approximately** invariant to **small**
#   translations, and both words are needed.
#
# Let us put numbers on them.

# %% [markdown] tags=["row-14"]
# ## What pooling gains when the camera moves
#
# One photograph is an anecdote, so we measure twelve. Pooling with $f = s = 8$ does two things at once. It
# summarizes 8 x 8 values, and it keeps only one value in 64. Which of the two makes the map more stable? As a
# control we keep every eighth value and ignore the others, which is called
# [**subsampling**](glossary.md#subsampling).
#
# **Predict.** The camera moves by one pixel. Compared with the whole feature map, is the relative change of the
# subsampled map `"less"`, about `"equal"`, or `"more"`?

# %%
predict("thinned", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# About equal. Each value that is kept changes just as it did in the whole map, since nothing is
# computed from its neighbors. So both the change and the contrast are samples of those of the whole map.
#
# </details>

# %%
CORNERS = {  # top and left of the view
    **{"china.jpg": (150, 200), "flower.jpg": (140, 260), "astronaut.jpg": (20, 70)},
    **{"chelsea.jpg": (50, 150), "satellite.jpg": (80, 90), "retina.jpg": (90, 100)},
    **{"brick.jpg": (60, 60), "grass.jpg": (60, 60), "gravel.jpg": (60, 60)},
    **{"coins.jpg": (20, 20), "page.png": (20, 120), "phantom.png": (130, 130)},
}
samples = {name: load_sample_image(name).astype(float) for name in CORNERS}
samples = {name: X.mean(axis=2) if X.ndim == 3 else X for name, X in samples.items()}


def views(k):
    """The views of all samples as one batch, with the camera moved k pixels to the right."""
    return np.concatenate([view(k, samples[name], *CORNERS[name]) for name in samples])


def changes(layer, k=1):
    """The relative change, for each sample, of what a layer makes of it."""
    return [relative_change(A, B) for A, B in zip(layer(views(0)), layer(views(k)), strict=True)]


measured = {"photograph": changes(lambda X: X), "feature map": changes(edges)}
measured["every 8th value"] = changes(lambda X: edges(X)[:, ::8, ::8])
measured["max, f = 2"] = changes(lambda X: max_pool2d(edges(X), 2))
measured["max, f = 8"] = changes(lambda X: max_pool2d(edges(X), 8))
measured["average, f = 8"] = changes(lambda X: avg_pool2d(edges(X), 8))
measured["L2, f = 8"] = changes(lambda X: l2_pool(edges(X), 8))
mean = {name: f"{np.mean(values):.0%}" for name, values in measured.items()}
draw.changes(views(0), measured)

# %% [markdown]
# In every image, the feature map changes more than the photograph. Its change is
# [105%]{= mean["feature map"] } on average. What do the other marks show?
#
# - **Large windows help.** With $f = 8$, max pooling reduces the change to [38%]{= mean["max, f = 8"] }.
# - **Small windows help little.** With $f = 2$, the most common choice, [82%]{= mean["max, f = 2"] } is left.
# - **Subsampling gains nothing.** With every eighth value, the change is still
#   [105%]{= mean["every 8th value"] }.
# - **It need not be the maximum.** The average ([35%]{= mean["average, f = 8"] }) and the L2 norm
#   ([34%]{= mean["L2, f = 8"] }) help just as much. What matters is to summarize a neighborhood.
#
# (With other crops, other directions and the other Sobel kernel, the changes are mostly smaller, but these four
# statements hold: `python -m benchmarks.lessons.pooling`.)

# %% [markdown] tags=["row-13"]
# ## Max or average?
#
# If both make the map more stable, which one should you take? We pool two images, and look at what is left
# of them. What will happen to the dark lines between the roof tiles, and to the letters?

# %%
tower = photo[25:245, 90:310].reshape(1, 220, 220, 1)
page = load_sample_image("page.png").astype(float)[:, 130:350].reshape(1, 191, 220, 1)
draw.max_or_average({"tower": tower, "page": page}, 4)

# %% [markdown]
# Max pooling keeps bright details and removes thin dark ones, so it wipes the page nearly clean. Average
# pooling keeps the mean and blurs fine texture. In a feature map after a ReLU, where a large value means that a
# pattern is present, the maximum keeps the detections, while an average dilutes them. So max pooling is common
# between convolution layers, and average pooling at the end.
#
# **Think.** Usually the ReLU comes before the pooling layer. What changes if you swap them?
#
# <details>
# <summary>Answer</summary>
#
# With max pooling nothing changes, because ReLU never reverses the order of two values. With average pooling
# the result differs, because positive and negative values cancel if the average comes first.
#
# </details>

# %% [markdown] tags=["row-14"]
# ## A coarser ruler
#
# Now the camera moves further.
#
# **Predict.** With $f = s = 8$, the camera moves to the right by **eight** pixels, exactly one window.
# Apart from the border, what happens to the max pooled map? `"a"` It stays the same. `"b"` Its values
# move by one position. `"c"` Its values move by eight positions. `"d"` It gets new values everywhere.

# %%
predict("whole_window", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. Each window now covers what its right neighbor covered before. The pooled values are unchanged;
# they have moved one column to the left. That is equivariance, and not invariance.
#
# </details>

# %%
draw.shift_curves(
    {
        f: [np.mean(changes(lambda X, f=f: max_pool2d(edges(X), f), k)) for k in range(17)]
        for f in (1, 2, 4, 8)
    }
)

# %% [markdown]
# With $f = 8$, a shift by eight pixels changes the pooled map by
# [116%]{= f"{np.mean(changes(lambda X: max_pool2d(edges(X), 8), 8)):.0%}" } on average, more than one pixel
# changes the map without pooling. If we measure the shift in windows instead of pixels, as in the right panel,
# the curves for the three window sizes nearly coincide up to a shift of one window.
#
# So pooling does not make a map insensitive to shifts. **It measures positions with a coarser ruler.** And
# there is a price: a map that stays the same when the image moves by eight pixels cannot say where anything is
# to within eight pixels.

# %% [markdown] tags=["row-13"]
# ## Global pooling
#
# What if the ruler is as coarse as the map itself? In **global pooling**, the window is the whole feature
# map, and each channel becomes a single number. Many networks end with
# [**global average pooling**](glossary.md#global-average-pooling) and a dense layer that classifies. For
# our line:

# %%
for k in (-2, -1, 0, 1, 2, 3):
    A = detect(shift(line, k))
    print(f"shift {k:>2}: average {A.mean(axis=(1, 2)).item()}, max {A.max(axis=(1, 2)).item()}")

# %% [markdown]
# While the whole pattern stays inside the map, global pooling is **exactly** invariant. The reason is
# equivariance: the convolution's values only move, so their mean and their maximum cannot change. At shift 3,
# half of the line leaves the map, and the average drops to [0.5]{= detect(shift(line, 3)).mean() }.
#
# Global pooling also saves parameters. After 512 feature maps of 7 x 7, each class of a dense layer needs
# [25,088]{= f"{7 * 7 * 512:,}" } weights without it, and 512 with it. For small objects, take the *maximum*:
# one activation of 3 in a map of 100 x 100 gives an average of only [0.0003]{= 3 / 100**2 }.

# %% [markdown]
# ## Does the network care?
#
# A network could learn to live with maps that change. So we train some networks on handwritten digits of 8 x 8
# pixels, all in the middle of 12 x 12. Then they read test digits, written by other people, which have moved by
# one or two pixels in each of the four directions.

# %%
data = digits()
DIRECTIONS = [(0, 1), (0, -1), (1, 0), (-1, 0)]  # down, right


def placed(images, down=0, right=0):
    """Put digits of 8 x 8 pixels into the middle of 12 x 12, and move them."""
    return np.pad(images, ((0, 0), (2 + down, 2 - down), (2 + right, 2 - right), (0, 0)))


draw.moved_digits({k: placed(data.test_images[:7], 0, k) for k in (0, 1, 2)})

# %% [markdown]
# ## Five networks
#
# The networks begin with a convolution, 16 filters of 5 x 5, and a ReLU, and they end with a dense layer. They
# differ in what comes between:
#
# | network | between | values for the dense layer |
# |---|---|---|
# | no pooling | nothing | 8 x 8 x 16 |
# | max pooling | windows of 2 x 2 | 4 x 4 x 16 |
# | stride 2 | nothing, but the convolution itself [downsamples](glossary.md#downsampling), with stride 2 | 4 x 4 x 16 |
# | global max pooling | one window of 8 x 8 | 16 |
# | no pooling, more data | nothing, but it trains with moved digits as well, for as many steps | 8 x 8 x 16 |
#
# **Predict.** Which one reads moved digits better, `"max"` pooling or `"stride"` 2, or are they `"equal"`?

# %%
predict("coping", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Max pooling, if what you have measured on photographs matters to a network. Stride 2 only subsamples the
# feature map, and that gained nothing. The experiment decides.
#
# </details>
#
# You can skim the next three code cells. (For "more data", each training digit comes five times,
# in the middle and moved by one pixel in each direction.)

# %%
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate, train

NETWORKS = {
    "no pooling": lambda: [Conv2D(16, 5), ReLU()],
    "stride 2": lambda: [Conv2D(16, 5, stride=2), ReLU()],
    "max pooling": lambda: [Conv2D(16, 5), ReLU(), MaxPooling2D(2)],
    "global max pooling": lambda: [Conv2D(16, 5), ReLU(), MaxPooling2D(8)],
    "no pooling, more data": lambda: [Conv2D(16, 5), ReLU()],
}


def fit(name, training_set, seed, rate):
    chosen = np.random.default_rng(training_set).permutation(1000)[:400]
    moves = [(0, 0), *DIRECTIONS] if "more data" in name else [(0, 0)]
    images = np.concatenate([placed(data.train_images[chosen], *move) for move in moves])
    labels = np.tile(data.train_labels[chosen], len(moves))
    network = Network([*NETWORKS[name](), Flatten(), Dense(10)], (12, 12, 1), seed)
    epochs = round(195 / np.ceil(len(images) / 32))  # about 195 steps with 32 images each
    train(network, images, labels, epochs=epochs, optimizer=Adam(rate), seed=seed, progress=False)
    return network


# %% [markdown]
# Each network gets the learning rate that suits it best on 500 validation digits. They have *not* moved, since
# we pretend not to know what the camera will do.

# %%
validation = placed(data.train_images[1000:]), data.train_labels[1000:]
rates = {}
for name in NETWORKS:
    scores = {}
    for rate in (0.003, 0.01, 0.03):
        scores[rate] = np.mean([evaluate(fit(name, n, n, rate), *validation)[1] for n in range(3)])
    rates[name] = max(scores, key=scores.get)
    print(f"{name:<22}", ", ".join(f"{rate}: {score:.3f}" for rate, score in scores.items()))

# %% [markdown]
# ## The result
#
# Three training sets of 400 digits, five seeds for each, and five networks take about fifteen seconds.


# %%
def accuracy(network, k):
    """The accuracy on test digits moved by k pixels, averaged over the four directions."""
    moves = [(k * down, k * right) for down, right in DIRECTIONS] if k else [(0, 0)]
    batches = [placed(data.test_images, *move) for move in moves]
    return np.mean([evaluate(network, X, data.test_labels, batch=32)[1] for X in batches])


results = {name: [] for name in NETWORKS}
for name in NETWORKS:
    for training_set in range(3):
        for seed in range(5):
            network = fit(name, training_set, seed, rates[name])
            results[name].append([accuracy(network, k) for k in (0, 1, 2)])
percent = {name: np.mean(runs, axis=0) for name, runs in results.items()}
draw.accuracies(results)

# %% [markdown]
# - **On digits that have not moved, the differences are small**, from
#   [87%]{= f"{min(x[0] for x in percent.values()):.0%}" } to
#   [90%]{= f"{max(x[0] for x in percent.values()):.0%}" } on average. Runs of one network differ by more.
# - **One pixel ruins the network without pooling.** It reads only [43%]{= f"{percent['no pooling'][1]:.0%}" }
#   of the moved digits. Max pooling raises this to [55%]{= f"{percent['max pooling'][1]:.0%}" }, with a gain in
#   [15]{= sum(a[1] > b[1] for a, b in zip(results['max pooling'], results['no pooling'])) } of 15 runs. That
#   helps, but it is a long way from invariance.
# - **The stride gains nothing.** A convolution with stride 2 *is* a convolution with stride 1 followed by
#   subsampling.
# - **Global max pooling is far ahead.** It reads about four of five at one pixel and two of three at two,
#   although it has never seen a digit that was not in the middle. (Why not all of them? The first *Further*
#   section finds out.)
# - **At one pixel, more data helps as much.** The network that has seen moved digits reads
#   [84%]{= f"{percent['no pooling, more data'][1]:.0%}" } of those moved by one pixel, but only a third of
#   those moved by two, which it has not seen.
#
# Do not generalize from such tiny images. In a longer study (`python -m benchmarks.lessons.pooling`), global max
# pooling with only eight filters of 3 x 3 read no more than 46% of the digits that have *not* moved, and when
# all networks trained with moved digits, the lead of max pooling over no pooling shrank from 12 points to 1.

# %% [markdown] tags=["row-13"]
# ## Pooling in Keras, TensorFlow and PyTorch
#
# In the layers of Keras and PyTorch, the stride is the window size unless you set it, and nothing is
# padded. The functions of TensorFlow have no defaults.

# %% needs="keras tensorflow"
import keras
from keras import layers

print(layers.MaxPooling2D(pool_size=2)(A_prev).numpy()[0, :, :, 0])

# %% needs="tensorflow"
import tensorflow as tf

print(tf.nn.max_pool2d(A_prev, ksize=2, strides=2, padding="VALID").numpy()[0, :, :, 0])

# %% needs="torch"
import torch
from torch import nn

images = torch.from_numpy(A_prev).permute(0, 3, 1, 2)  # channels first
print(nn.MaxPool2d(kernel_size=2)(images)[0, 0])

# %% [markdown]
# The other layers are used in the same way:
#
# | | Keras | TensorFlow | PyTorch |
# |---|---|---|---|
# | max | `MaxPooling2D(2)` | `tf.nn.max_pool2d` | `nn.MaxPool2d(2)` |
# | average | `AveragePooling2D(2)` | `tf.nn.avg_pool2d` | `nn.AvgPool2d(2)` |
# | L2 | | $f$ times the root of the average square | `nn.LPPool2d(2, 2)` |
# | global max | `GlobalMaxPooling2D()` | `tf.reduce_max(x, axis=[1, 2])` | `nn.AdaptiveMaxPool2d(1)` |
# | global average | `GlobalAveragePooling2D()` | `tf.reduce_mean(x, axis=[1, 2])` | `nn.AdaptiveAvgPool2d(1)` |
#
# PyTorch's global pooling returns the shape $(m, n_C, 1, 1)$, so an `nn.Flatten()` follows. A network that ends with
# global pooling, and not with [flattening](glossary.md#flattening), takes images of any size
# ([1x1 convolution](22_one_by_one_convolution.ipynb) shows why).
#
# (When you train with L2 pooling in TensorFlow, use `tf.sqrt(x + 1e-12)`. The derivative of the root is infinite
# at 0, so a window of zeros makes the gradient `nan`. PyTorch's layer sets it to 0.)

# %% [markdown]
# ## Further: why does global pooling lose any digits?
#
# *This section and the next one are optional.* Global pooling is exactly invariant while everything stays
# inside the map. So why does it fall from [87%]{= f"{percent['global max pooling'][0]:.0%}" } to
# [80%]{= f"{percent['global max pooling'][1]:.0%}" } at one pixel? We suspect the border. The patches that
# contain only one side of the digit may no longer fit into the image. With [padding](04_padding.ipynb), all of
# them do:

# %%
NETWORKS["padded"] = lambda: [Conv2D(16, 5, padding=4), ReLU(), MaxPooling2D(16)]
network = fit("padded", 0, 0, 0.01)
print(*(f"{accuracy(network, k):.3f}" for k in (0, 1, 2)))

# %% [markdown]
# The same accuracy three times, to the last digit. This time the invariance is exact.

# %% [markdown]
# ## Further: padding
#
# With `padding="same"` (Keras) or `padding=1` (PyTorch),
# windows reach beyond the border. For max pooling, the libraries pad as if with $-\infty$, so the padding
# is never the maximum. (Zeros from `np.pad` can be. On an image of $-1$, the maximum at the border is
# then 0.) For average pooling, the libraries disagree.
#
# **Predict.** An image consists of ones. A 3 x 3 window at its corner covers 4 of its pixels and 5 of
# the padding. PyTorch's `nn.AvgPool2d(3, stride=1, padding=1)` counts the padding. What is the average
# there? You may answer with a fraction, such as `2 / 3`.

# %%
predict("corner", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $4/9 \approx$ [0.444]{= f"{4 / 9:.3f}" }. Four ones and five zeros are nine values.
#
# </details>

# %% needs="torch tensorflow"
ones = torch.ones(1, 1, 4, 4)
counted = nn.AvgPool2d(3, stride=1, padding=1)
not_counted = nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
same = tf.nn.avg_pool2d(np.ones((1, 4, 4, 1), "float32"), 3, 1, "SAME")
print(f"PyTorch:                   {counted(ones)[0, 0, 0, 0].item():.4f}")
print(f"count_include_pad=False:   {not_counted(ones)[0, 0, 0, 0].item():.4f}")
print(f"TensorFlow and Keras:      {same.numpy()[0, 0, 0, 0]:.4f}")
print(f"maximum of -1, padded:     {nn.MaxPool2d(3, 1, 1)(-ones)[0, 0, 0, 0].item()}")

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: by hand
#
# 1. Average pool this image with $f = 2$ and $s = 2$. Answer with `[[..., ...], [..., ...]]`.
#
#    $$\begin{pmatrix} 4&3&1&5\\1&3&4&8\\4&5&4&3\\6&5&9&4 \end{pmatrix}$$
#
# 2. On a 7 x 7 image, pooling with $f = 2$ and $s = 3$ leaves gaps between the windows. How many pixels are in
#    no window, `ignored`?
# 3. A batch of shape (16, 55, 55, 96) is max pooled with $f = 3$ and $s = 2$, as in AlexNet. What is the
#    `shape` of the output?
# 4. A network has three pooling layers with $f = s = 2$, and all its convolutions have stride 1. By how
#    many `pixels` must an image move so that the last feature map moves by exactly one position?

# %%
average = None
ignored = None
shape = None
pixels = None
### BEGIN SOLUTION
average = [[2.75, 4.5], [5, 5]]
ignored = 7 * 7 - 4 * 4  # rows 2, 5 and 6 and columns 2, 5 and 6 are ignored, so 4 x 4 are left
shape = (16, 27, 27, 96)  # (55 - 3) // 2 + 1 = 27; examples and channels stay
pixels = 2 * 2 * 2  # the total stride
### END SOLUTION

# %%
check("average", average)
check("ignored", ignored)
check("shape", shape)
check("pixels", pixels)

# %% [markdown]
# ### Exercise 2: min pooling
#
# Max pooling wiped the page clean. Dark lines on white paper call for the *smallest* value of each
# window. Write `min_pool` with `max_pool2d` and without a loop.


# %%
def min_pool(A_prev, f, stride):
    result = None
    ### BEGIN SOLUTION
    result = -max_pool2d(-A_prev, f, stride)
    ### END SOLUTION
    return result


# %%
check("min_pool", min_pool)

# %% [markdown]
# Once it works, the headline is legible again, and you can see where the lines of text are:

# %%
draw.min_or_max(page, min_pool(page, 4, 4), 4)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `max_pool_row_buggy` max pools a vector. It is right for every row of a feature map after a ReLU. First
# find a vector for which it is wrong with $f = s = 2$. Then fix a copy of it in `max_pool_row`.


# %%
def max_pool_row_buggy(row, f, s):
    pooled = np.zeros((len(row) - f) // s + 1)
    for w in range(len(pooled)):
        for value in row[w * s : w * s + f]:
            if value > pooled[w]:
                pooled[w] = value
    return pooled


counterexample = None  # a list of numbers
### BEGIN SOLUTION
counterexample = [-5, -6]  # the largest value is -5, not 0
### END SOLUTION


def max_pool_row(row, f, s):
    pooled = None
    ### BEGIN SOLUTION
    pooled = np.full((len(row) - f) // s + 1, -np.inf)  # every value is larger than that
    for w in range(len(pooled)):
        for value in row[w * s : w * s + f]:
            if value > pooled[w]:
                pooled[w] = value
    ### END SOLUTION
    return pooled


# %%
check("counterexample", counterexample)
check("max_pool_row", max_pool_row)

# %% [markdown]
# ### Exercise 4: fool the layer
#
# `row` is a row of a feature map, with eight zeros and ones, and max pooling
# with $f = s = 2$ makes four values of it. Choose the row so that all four are 1, but as few as possible
# are still 1 after a shift by one pixel to the right. (A 0 enters on the left.)


# %%
def detections(row):
    """The number of ones after max pooling, before and after the shift."""
    if row is None:
        return None
    moved = [0, *row[:7]]
    return tuple(sum(max(x[w : w + 2]) for w in range(0, 8, 2)) for x in (row, moved))


row = None  # eight zeros and ones
### BEGIN SOLUTION
row = [0, 1, 1, 0, 0, 1, 1, 0]  # 1, 1, 1, 1, but 0, 1, 0, 1 after the shift
### END SOLUTION

# %%
check("fooled", detections(row))

# %% [markdown]
# What happens to this row and its shifted copy if you take the maximum with $f = 2$ at *stride 1*, then average
# pairs of neighbors at stride 1, and only then keep every second value? Decide first, then try it.
#
# <details>
# <summary>Discussion</summary>
#
# The row 0, 1, 1, 0, 0, 1, 1, 0 (yours may differ) becomes 1, 0.5, 1 before the shift and 0.5, 1, 0.5 after it.
# No detection vanishes. The maximum at stride 1 is equivariant, and it is the stride that does the harm. So R.
# Zhang (2019) blurs between the two.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **compute [pooling](glossary.md#pooling):** the maximum, the mean or the L2 norm of every
#    [window](glossary.md#window), for each channel independently, with
#    $\lfloor (n_{H_{prev}} - f)/s \rfloor + 1$ rows and no parameters;
# 2. **distinguish [translation equivariance](glossary.md#translation-equivariance) from
#    [translation invariance](glossary.md#translation-invariance)**, and measure both with the relative change;
# 3. **say what is true** of "pooling makes the network invariant to small shifts". With 2 x 2 windows it helped
#    a little, [55%]{= f"{percent['max pooling'][1]:.0%}" } instead of
#    [43%]{= f"{percent['no pooling'][1]:.0%}" } of digits moved by one pixel, and training with moved images
#    helped more. Global pooling is invariant, exactly, while everything stays inside the map.

# %% [markdown]
# ## What to read next
#
# - Write the layer yourself in the assignment [Pooling](../release/pooling/pooling.ipynb). Then **run
#   milestone 2** in [Milestones](milestones.ipynb), where your padding, your convolution and your pooling
#   run the first blocks of a trained edge network on a photograph.
# - The next lesson is [Activations](11_activations.ipynb).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.5:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/pooling.html).
# - Springenberg, Dosovitskiy, Brox and Riedmiller, *Striving for simplicity: the all convolutional
#   net* (2015), strides in place of pooling: [arXiv:1412.6806](https://arxiv.org/abs/1412.6806).
# - R. Zhang, *Making convolutional networks shift-invariant again* (ICML 2019):
#   [arXiv:1904.11486](https://arxiv.org/abs/1904.11486).
