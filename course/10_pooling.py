# %% [markdown]
# # Pooling
#
# A photographer moves the camera by the width of a single pixel. You could not tell the two
# photographs apart. Can a convolution layer? Run the next two code cells to see what a Sobel kernel
# with a ReLU makes of them.

# %% include="lesson_setup"

# %%
from convnet.data import digits, load_sample_image
from convnet.functional import conv2d, max_pool2d, relu
from lesson_tools.explorables import explore_pooling
from lesson_tools.pooling import figures as draw
from lesson_tools.pooling.questions import check, predict
from lesson_tools.spine import spine

photo = load_sample_image("china.jpg").mean(axis=2)  # grayscale, 0 to 255
sobel_x = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]).reshape(3, 3, 1, 1)


def view(image, down=0, right=0):
    """130 x 130 pixels in the middle of an image, with the camera moved down and right."""
    top, left = (image.shape[0] - 130) // 2 + down, (image.shape[1] - 130) // 2 + right
    return image[top : top + 130, left : left + 130].reshape(1, 130, 130, 1)


def edges(images):
    return relu(conv2d(images, sobel_x))


before, after = view(photo), view(photo, right=1)
draw.two_views([before, after], [edges(before), edges(after)])

# %% [markdown]
# To our eyes, nothing happened. But look at the lower right, because the change in the feature map is as strong as the
# map itself. Edges are thin: where a line was bright it is now dark, and the line is one pixel to the left.
#
# That is bad news for the next layer, which should recognize a roof wherever the camera points. **Pooling** layers
# are the usual answer. "They make the network invariant to small shifts", you will often read. But the five blocks at
# the end of [Receptive fields](09_receptive_fields.ipynb) pooled five times and still changed. So how much of it is
# true? We measure what a move by one pixel changes, first in feature maps, and then in networks that read digits.
#
# **By the end of this lesson you will be able to**
#
# 1. compute max, average and L2 pooling, by hand and in NumPy, for any window and stride;
# 2. distinguish translation *equivariance* from *invariance*, and measure how far a layer is from either;
# 3. build a network that reads a digit anywhere in an image, although it has only seen digits in the middle.
#
# **Time:** about 50 minutes, and 30 for the exercises. **You need:**
# [The convolution layer](06_convolution_layer.ipynb) and [Receptive fields](09_receptive_fields.ipynb).

# %%
spine("max pooling")

# %% [markdown] tags=["row-13"]
# ## Max, average and L2 pooling
#
# Slide a [**window**](glossary.md#window) of $f \times f$ over a feature map with stride $s$, as in a convolution. But
# instead of a dot product, take a summary of the window. With $f = s = 2$, the most common choice, the windows lie side
# by side:
#
# $$\begin{array}{cc|cc} 1&5&3&7\\7&3&9&2\\ \hline 3&5&8&4\\8&7&3&5 \end{array}$$
#
# - [**Max pooling**](glossary.md#max-pooling) takes the largest value. In the upper left window, that is 7.
# - [**Average pooling**](glossary.md#average-pooling) takes the mean, which is $(1 + 5 + 7 + 3) / 4 = 4$.
# - [**L2 pooling**](glossary.md#l2-pooling) takes the L2 norm, the square root of the sum of the squares, which is
#   $\sqrt{1^2 + 5^2 + 7^2 + 3^2} = \sqrt{84} \approx$ [9.17]{= f"{np.sqrt(84):.2f}" }.
#
# Write down the other three maxima before you run the next cell.

# %% [markdown] tags=["row-13"]
# ## Pooling as a formula and in NumPy
#
# The window of output $(h, w)$ starts at row $hs$ and column $ws$ of the input. With $A_{prev}$ for the input, $A$ for
# the output, $i$ for the example, $c$ for the channel, and $r$ and $q$ from 0 to $f - 1$,
#
# $$A_{i,h,w,c} = \max_{r,q}\, (A_{prev})_{i,\, hs+r,\, ws+q,\, c} \qquad\text{(max)}$$
#
# $$A_{i,h,w,c} = \frac{1}{f^2} \sum_{r,q}\, (A_{prev})_{i,\, hs+r,\, ws+q,\, c}
# \qquad\text{(average)}$$
#
# $$A_{i,h,w,c} = \Bigl( \sum_{r,q}\, (A_{prev})_{i,\, hs+r,\, ws+q,\, c}^2 \Bigr)^{1/2}
# \qquad\text{(L2)}$$
#
# NumPy can collect all windows, in two more axes at the end, and summarize them at once:


# %%
def pool(A_prev, f, s, summary):
    windows = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), axis=(1, 2))
    return summary(windows[:, ::s, ::s], axis=(-2, -1))


image = np.array([[1, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]])
A_prev = image.reshape(1, 4, 4, 1).astype(float)  # (m, n_H_prev, n_W_prev, n_C_prev)
for summary in (np.max, np.mean, np.linalg.norm):  # the last one is the L2 norm
    print(pool(A_prev, 2, 2, summary)[0, :, :, 0].round(2).tolist())

# %% [markdown]
# A convolution layer has two things that are missing here. There are **no weights**, so there is nothing to learn, only
# the [hyperparameters](glossary.md#hyperparameter) $f$ and $s$. And there is **no sum over channels**: each channel is
# pooled independently, and their number stays the same. The [output size](glossary.md#output-size) is that of a
# convolution without padding:
#
# $$n_H = \left\lfloor \frac{n_{H_{prev}} - f}{s} \right\rfloor + 1, \qquad
# n_W = \left\lfloor \frac{n_{W_{prev}} - f}{s} \right\rfloor + 1, \qquad
# n_C = n_{C_{prev}}$$
#
# With $f = s = 2$, the next layer has only a quarter of the values to process. If $s < f$, the windows overlap, as in
# AlexNet (2012) with $f = 3$ and $s = 2$.

# %% [markdown] tags=["row-14"]
# ## Equivariance and invariance
#
# Moving an image is a **translation**. Let $T_k x$ be the image $x$ moved by $k$ pixels, and
# $g(x)$ the output of a layer.
#
# - $g$ is [**equivariant**](glossary.md#translation-equivariance) to the translation if its output moves with
#   the image, $g(T_k x) = T_k\, g(x)$. That is what you want if you ask *where* an object is.
# - $g$ is [**invariant**](glossary.md#translation-invariance) to the translation if its output stays the same,
#   $g(T_k x) = g(x)$. That is what you want if you ask *what* it is.
#
# In [From dense to convolutional layers](05_why_convolution.ipynb), you demanded the first, which led to the
# convolution. What about pooling?

# %% [markdown] tags=["row-13", "row-14"]
# ## A line detector with pooling
#
# A 3 x 3 kernel with ones in its middle column detects a vertical line, two pixels wide, in an 8 x 8 image. Each of the
# six rows of its feature map is 0, 0, 3, 3, 0, 0. Max pooling with $f = s = 2$ turns it into 0, 3, 0, because the line
# fills the middle window exactly.
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
# `[[0, 3, 3]]{= pool(detect(shift(line, 1)), 2, 2, np.max)[0, 0, :, 0].astype(int).tolist() }`. The threes are
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
# then reports it twice at full strength, and average pooling splits it into two halves. The line itself is still the
# same. Only the windows cut it differently.
#
# - **A stride breaks equivariance**, in pooling as well as in convolution. The output moves by whole positions only if
#   the image moves by a multiple of the stride.
# - **Pooling is not invariant.** It would be if the pattern stayed inside its window, but a pattern near the
#   edge of a window leaves it after a single pixel. So pooling is only **approximately** invariant to **small**
#   translations.

# %% [markdown] tags=["row-14"]
# ## Measuring the change
#
# To put a number on the change from $A$ to $B$, we compare it with the contrast of $A$, its differences from its mean
# $\bar A$:
#
# $$\text{relative change} = \frac{\lVert B - A \rVert}{\lVert A - \bar A \rVert}$$
#
# It is 0% if nothing changed. Two uncorrelated maps with the same mean and contrast differ by $\sqrt 2$, or 141%.


# %%
def relative_change(before, after):
    return np.linalg.norm(after - before) / np.linalg.norm(before - before.mean())


for name, layer in {"photograph": lambda X: X, "feature map": edges}.items():
    right, down = (layer(view(photo, *move)) for move in ((0, 1), (1, 0)))
    start = layer(view(photo))
    print(
        f"{name}: right {relative_change(start, right):.0%}, down {relative_change(start, down):.0%}"
    )

# %% [markdown]
# Moved to the right, the feature map changes by more than its own contrast. Moved down, it changes half as much,
# because the kernel responds to vertical edges, which stay where they are when they move along themselves. From now
# on we average over both directions.
#
# Now pool the map, and move the image to the right. How far must you move it before the pooled map has changed as
# much as the *image* did at one pixel? Then choose a smaller window.

# %%
# Which of the three changes least at one pixel? And with f = 2?
explore_pooling(photo[150:280, 196:330], f=4)

# %% [markdown]
# <details>
# <summary>What you may have found</summary>
#
# With windows of 4 x 4, three pixels. With windows of 2 x 2, the pooled map changes more than the image even at one.
#
# </details>

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
photos = ["china", "flower", "astronaut", "chelsea", "satellite", "retina"]
photos += ["brick", "grass", "gravel", "coins"]
names = [f"{name}.jpg" for name in photos] + ["page.png", "phantom.png"]
samples = [load_sample_image(name).astype(float) for name in names]
samples = [X.mean(axis=2) if X.ndim == 3 else X for X in samples]


def changes(layer, k=1):
    """The relative change of a layer's output for each sample, a mean over right and down."""
    moves = (0, 0), (0, k), (k, 0)
    start, right, down = (
        layer(np.concatenate([view(X, *move) for X in samples])) for move in moves
    )
    triples = zip(start, right, down, strict=True)
    return [(relative_change(A, B) + relative_change(A, C)) / 2 for A, B, C in triples]


measured = {
    "photograph": changes(lambda X: X),
    "feature map": changes(edges),
    "every 8th value": changes(lambda X: edges(X)[:, ::8, ::8]),
    "max, f = 2": changes(lambda X: pool(edges(X), 2, 2, np.max)),
    "max, f = 8": changes(lambda X: pool(edges(X), 8, 8, np.max)),
    "average, f = 8": changes(lambda X: pool(edges(X), 8, 8, np.mean)),
    "L2, f = 8": changes(lambda X: pool(edges(X), 8, 8, np.linalg.norm)),
}
mean = {name: f"{np.mean(values):.0%}" for name, values in measured.items()}
draw.changes(measured)

# %% [markdown]
# - **Subsampling gains nothing**, although it leaves as few values as pooling with $f = 8$.
# - **Small windows help little.** With $f = 2$, the most common choice, the maps still change by
#   [63%]{= mean["max, f = 2"] }, on average more than the photographs.
# - **Large windows help.** With $f = 8$, max pooling reduces the change from [80%]{= mean["feature map"] } to
#   [32%]{= mean["max, f = 8"] }.
# - **It need not be the maximum.** At $f = 8$ and one pixel, the average and the L2 norm are even steadier, in all
#   [12]{= np.sum(np.maximum(measured["average, f = 8"], measured["L2, f = 8"]) < measured["max, f = 8"]) } pictures.
#   (With $f = 4$ and a move by four pixels, the maximum is the steadiest.) What matters is to summarize a
#   neighborhood.
#
# The four findings hold for random crops, four directions and both Sobel kernels
# ([all figures](../benchmarks/lessons/pooling.md)).

# %% [markdown] tags=["row-14"]
# ## A coarser ruler
#
# Now the camera moves further. As in the last lesson, a shift by the whole stride only moves the values of the map,
# here by one position. So the curves do not come back to 0: pooling is equivariant to such shifts, and not invariant.


# %%
def mean_change(f, k):
    return np.mean(changes(lambda X: pool(edges(X), f, f, np.max), k))


curves = {f: [mean_change(f, k) for k in range(17)] for f in (1, 2, 4, 8)}
draw.shift_curves(curves)

# %% [markdown]
# With $f = 8$, a shift by eight pixels changes the pooled map by [109%]{= f"{curves[8][8]:.0%}" }, more than a
# shift by one pixel changes the map without pooling. If we measure the shift in windows instead of pixels, as in the right panel,
# the curves for the three window sizes lie close together.
#
# So pooling does not make a map insensitive to shifts. **It measures positions with a coarser ruler**: per pixel, the
# map changes more slowly. The price is that it has fewer values to say where something is.

# %% [markdown] tags=["row-13"]
# ## Max or average?
#
# In a feature map after a ReLU, a large value means that a pattern is present. The maximum keeps such a detection at
# full strength, while the average dilutes it. In return, the average is far steadier when layers are stacked: in the
# five blocks of the last lesson, with random weights, one pixel changes the last map by 14% with max pooling, but by
# only 2% with average pooling ([medians of 120 measurements](../benchmarks/lessons/moved_views.md)).

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
# [25,088]{= f"{7 * 7 * 512:,}" } weights without it, and 512 with it. But the average dilutes small
# objects: one activation of 3 in a map of 100 x 100 gives only [0.0003]{= 3 / 100**2 }, easily lost among the responses
# of the background. The maximum keeps the 3, but it also keeps a single false alarm.

# %% [markdown]
# ## Reading digits that have moved
#
# A network could learn to live with maps that change. So we train five networks on handwritten digits of 8 x 8
# pixels, all in the middle of 12 x 12. Then they read test digits moved by one or two pixels in four directions. All
# five begin with a convolution of 16 filters and a ReLU, and end by [flattening](glossary.md#flattening) the maps for
# a dense layer. Between the two, three of them pool. The fourth does nothing, and the last one uses a stride of 2 in
# the convolution instead.
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

# %%
from convnet.layers import AveragePooling2D, Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate, train

data = digits()
DIRECTIONS = [(0, 1), (0, -1), (1, 0), (-1, 0)]  # down, right
NETWORKS = {
    "no pooling": lambda: [Conv2D(16, 5), ReLU()],
    "stride 2": lambda: [Conv2D(16, 5, stride=2), ReLU()],
    "average pooling, 2 x 2": lambda: [Conv2D(16, 5), ReLU(), AveragePooling2D(2)],
    "max pooling, 2 x 2": lambda: [Conv2D(16, 5), ReLU(), MaxPooling2D(2)],
    "global max pooling, 8 x 8": lambda: [Conv2D(16, 5), ReLU(), MaxPooling2D(8)],
}


def placed(images, down=0, right=0):
    """Put digits of 8 x 8 pixels into the middle of 12 x 12, and move them."""
    return np.pad(images, ((0, 0), (2 + down, 2 - down), (2 + right, 2 - right), (0, 0)))


def fit(layers, seed, m=400, epochs=15):
    chosen = np.random.default_rng(seed).permutation(len(data.train_images))[:m]
    images, labels = placed(data.train_images[chosen]), data.train_labels[chosen]
    network = Network([*layers, Flatten(), Dense(10)], (12, 12, 1), seed)
    train(network, images, labels, epochs=epochs, optimizer=Adam(0.01), seed=seed, progress=False)
    return network


def accuracy(network, k):
    """The accuracy on test digits moved by k pixels, averaged over the four directions."""
    batches = [placed(data.test_images, k * down, k * right) for down, right in DIRECTIONS]
    return np.mean([evaluate(network, X, data.test_labels)[1] for X in batches])


results = {}
for name, layers in NETWORKS.items():
    networks = [fit(layers(), seed) for seed in range(5)]  # each with other training digits
    results[name] = [[accuracy(network, k) for k in (0, 1, 2)] for network in networks]
percent = {name.split(",")[0]: np.mean(runs, axis=0) for name, runs in results.items()}
draw.accuracies(results)

# %% [markdown]
# - **One pixel ruins the network without pooling.** It reads [90%]{= f"{percent['no pooling'][0]:.0%}" } of the digits
#   in the middle, but only [42%]{= f"{percent['no pooling'][1]:.0%}" } of those that moved.
# - **The stride gains nothing.** A convolution with stride 2 *is* a convolution with stride 1 followed by subsampling.
# - **Windows of 2 x 2 help a little**, to [49%]{= f"{percent['average pooling'][1]:.0%}" } with the average and
#   [54%]{= f"{percent['max pooling'][1]:.0%}" } with the maximum, which is a long way from invariance.
# - **Global max pooling is far ahead on moved digits**, with [79%]{= f"{percent['global max pooling'][1]:.0%}" } at
#   one pixel and [67%]{= f"{percent['global max pooling'][2]:.0%}" } at two, although it has never seen a digit that
#   was not in the middle. In the middle it reads a little less, about
#   [86%]{= f"{percent['global max pooling'][0]:.0%}" } instead of [90%]{= f"{percent['no pooling'][0]:.0%}" }, mostly
#   because it learns more slowly: after 60 [epochs](glossary.md#epoch), passes over the training images, it is 89%.
# - **Global average pooling is no substitute here.** It
#   is not in the figure: trained in the same way, it reads 56% in the middle and 41% at one pixel, and even after 200
#   epochs, only 59% at one pixel.
#
# The order at one pixel stays the same with tuned learning rates and with more filters and digits ([all
# figures](../benchmarks/lessons/pooling.md)). But pooling has a rival, data augmentation. If you also train with
# copies of the digits moved by one pixel, the network reads 84% of them without pooling and 85% with max pooling
# after as many steps, and about 90% and 92% after as many epochs. So if you can foresee the shifts, you may not need
# a layer for them.

# %% [markdown] tags=["row-13"]
# ## Pooling in Keras, TensorFlow and PyTorch
#
# In the layers of Keras and PyTorch, the stride is the window size unless you set it, and nothing is
# padded. `tf.nn.max_pool2d` demands the window, the stride and the padding.

# %% needs="keras tensorflow"
import tensorflow as tf
from keras import layers

print(layers.MaxPooling2D(pool_size=2)(A_prev).numpy()[0, :, :, 0])
print(tf.nn.max_pool2d(A_prev, ksize=2, strides=2, padding="VALID").numpy()[0, :, :, 0])

# %% needs="torch"
import torch
from torch import nn

images = torch.from_numpy(A_prev).permute(0, 3, 1, 2)  # channels first
print(nn.MaxPool2d(kernel_size=2)(images)[0, 0])

# %% [markdown]
# The other layers are used in the same way:
#
# | | Keras | PyTorch |
# |---|---|---|
# | max | `MaxPooling2D(2)` | `nn.MaxPool2d(2)` |
# | average | `AveragePooling2D(2)` | `nn.AvgPool2d(2)` |
# | L2 | | `nn.LPPool2d(2, 2)` |
# | global max | `GlobalMaxPooling2D()` | `nn.AdaptiveMaxPool2d(1)` |
# | global average | `GlobalAveragePooling2D()` | `nn.AdaptiveAvgPool2d(1)` |
#
# PyTorch's global pooling returns the shape $(m, n_C, 1, 1)$. If you forget the `nn.Flatten()` after it, the dense
# layer complains about the shape.

# %% [markdown]
# ## A digit anywhere on the page
#
# Global pooling should be invariant. So why does it lose digits when they move? Blame the border: if the digit is close
# to it, a patch that contains only one side of the digit no longer fits into the image. With a
# [padding](04_padding.ipynb) of 4, every patch of 5 x 5 that touches the digit fits.
#
# We train once more with padding, this time with all 1,500 digits and 32 filters, and still only in the middle of 12 x
# 12. Then we put each test digit *anywhere* on a page of 40 x 40. The convolution accepts images of any size, and the
# global maximum always returns 32 numbers.

# %%
network = fit([Conv2D(32, 5, padding=4), ReLU(), MaxPooling2D(16)], seed=0, m=1500, epochs=30)
convolution, *_, dense = (layer.parameters for layer in network.layers)


def read(images):  # of any size
    A = relu(conv2d(images, convolution["W"], convolution["b"], padding=4))
    return (A.max(axis=(1, 2)) @ dense["W"] + dense["b"]).argmax(axis=1)


rng = np.random.default_rng(0)
pages = np.zeros((len(data.test_images), 40, 40, 1), np.float32)
for page, digit in zip(pages, data.test_images, strict=True):
    row, column = rng.integers(0, 33, 2)
    page[row : row + 8, column : column + 8] = digit

for name, images in {"in the middle": placed(data.test_images), "anywhere": pages}.items():
    print(f"{name}: {np.mean(read(images) == data.test_labels):.1%}")
draw.anywhere(pages[:14], read(pages[:14]), data.test_labels[:14])

# %% [markdown]
# The same accuracy, to the last digit, although the network has never seen a digit anywhere but in the middle. This
# time the invariance is exact, and it needed no moved copies.
#
# It has a price. The network no longer knows where its patterns are, not even relative to each other, so it needs
# many filters, and each must see enough of a digit. Trained in the same way, 32 filters of 3 x 3 read only about 89%
# of the digits, even in the middle, and eight of them only 60 to 80%. It needs an empty background, too: on a gray
# one, the border of the padding is a pattern as well. And if there are two digits on the page, their patterns mix.

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
# Max pooling keeps what is bright, so it all but wipes a printed page clean. Dark letters on white paper call for the
# *smallest* value of each window. Libraries have no layer for that, but you can write it with theirs. Write
# `min_pool` with the course's `max_pool2d(A_prev, f, stride)` and without a loop.


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
# Once it works, the headline is legible, and you can see where the lines of text are:

# %%
page = load_sample_image("page.png").astype(float)[np.newaxis, :, 130:350, np.newaxis]
draw.min_or_max(page, min_pool(page, 4, 4), 4)

# %% [markdown]
# ### Exercise 3: fool the layer
#
# `row` is a row of a feature map, with eight zeros and ones, and max pooling
# with $f = s = 2$ makes four values of it. Choose the row so that all four are 1, but as few as possible
# are still 1 after a shift by one pixel to the right. (A 0 enters on the left.)


# %%
def detections(row):
    """The number of ones after max pooling, before and after the shift."""
    if row is None:
        return None
    if len(row) != 8 or not set(row) <= {0, 1}:
        raise ValueError("row needs eight zeros and ones")
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
# The row 0, 1, 1, 0, 0, 1, 1, 0 (yours may differ) becomes 1, 0.5, 1 before the shift and 0.5, 1, 0.5 after it. No
# detection vanishes anymore. The maximum at stride 1 only moves with the row, and keeping every second value cuts it
# differently each time. R. Zhang (2019) therefore blurs before subsampling.
#
# </details>

# %% [markdown]
# ## Recap
#
# 1. [Pooling](glossary.md#pooling) summarizes every [window](glossary.md#window) of each channel by its maximum, mean
#    or L2 norm. It has no parameters, and its output has $\lfloor (n_{H_{prev}} - f)/s \rfloor + 1$ rows.
# 2. A convolution with stride 1 is [equivariant](glossary.md#translation-equivariance). Pooling has
#    only approximate [translation invariance](glossary.md#translation-invariance), for shifts that are small compared
#    with its windows. Windows of 2 x 2 gain little: [54%]{= f"{percent['max pooling'][1]:.0%}" } instead of
#    [42%]{= f"{percent['no pooling'][1]:.0%}" } of digits moved by one pixel.
# 3. Global pooling is exactly invariant if a pattern moves over an empty background and stays inside the map; padding
#    gives it room. The price is that the network no longer knows where anything is.

# %% [markdown]
# ## What to read next
#
# - Write the layer yourself in the assignment [Pooling](../release/pooling/pooling.ipynb). Then **run
#   milestone 2** in [Milestones](milestones.ipynb), where your padding, your convolution and your pooling
#   run the first blocks of a trained edge network on a photograph.
# - The next lesson is [Activations](11_activations.ipynb).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.5:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/pooling.html).
# - R. Zhang, *Making convolutional networks shift-invariant again* (ICML 2019):
#   [arXiv:1904.11486](https://arxiv.org/abs/1904.11486).
