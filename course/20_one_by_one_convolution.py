# %% [markdown]
# # 1x1 convolution
#
# The network below was trained on windows of 12 x 12 pixels, the size of the orange frame in the
# figure. For each window it says which digit is in the middle, or that there is none. Here it reads a
# page of 64 x 96 pixels in a single forward pass, with the parameters from the training. How can a
# network take an image that is more than forty times as large as its training images?

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
import time

from scipy.ndimage import maximum_filter

from convnet.data import digits, load_sample_image
from convnet.functional import conv2d, softmax
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.models import trained
from convnet.network import Network
from convnet.plots import draw_grid, draw_image
from lesson_tools.digit_page import NOTHING, make_page, trained_window_network
from lesson_tools.questions.one_by_one_convolution import predict

data = digits()
network = trained_window_network()


def page_network(shape):
    layers = [Conv2D(8, 3), ReLU(), Conv2D(16, 3), ReLU(), MaxPooling2D(2)]
    layers += [Conv2D(32, 4), ReLU(), Conv2D(11, 1)]
    on_page = Network(layers, shape)
    on_page.parameters[:] = network.parameters
    return on_page


def black_box(n):  # for an exercise
    unknown = [Conv2D(2, 5, stride=2), ReLU(), Conv2D(2, 3), MaxPooling2D(2), Conv2D(2, 6)]
    return Network([*unknown, Conv2D(3, 1)], (n, n, 1)).shapes[-1][0]


def heat_map(scores):
    """1 - p(nothing) at each position of a score map (n_H, n_W, 11)."""
    return 1 - softmax(scores.reshape(-1, 11)).reshape(scores.shape)[..., NOTHING]


def find_digits(scores):
    """(h, w, class) at the peaks of the evidence for a digit."""
    evidence = scores[..., :NOTHING].max(axis=-1) - scores[..., NOTHING]
    peaks = (evidence > 0) & (evidence == maximum_filter(evidence, 5))
    return [(int(h), int(w), int(scores[h, w, :NOTHING].argmax())) for h, w in np.argwhere(peaks)]


def draw_heat(ax, scores, title, size):
    """Draw a heat map: each value is at the middle of its window, on the page's scale."""
    right, bottom = 4.5 + 2 * scores.shape[1], 4.5 + 2 * scores.shape[0]
    heat = heat_map(scores)
    shown = ax.imshow(heat, cmap="Blues", vmin=0, vmax=1, extent=(4.5, right, bottom, 4.5))
    peaks = find_digits(scores)
    place = {
        "ha": "left",
        "va": "center",
        "fontsize": 12 if len(peaks) < 40 else 6,
        "weight": "bold",
    }
    for h, w, digit in peaks:
        ax.text(2 * w + 9, 2 * h + 6, digit, color="tab:red", **place)
    ax.set(
        title=title, xticks=[], yticks=[], xlim=(-0.5, size[1] - 0.5), ylim=(size[0] - 0.5, -0.5)
    )
    return shown


def show_shapes(layer, x):
    """Print the shapes of a PyTorch layer's input and output, or its error."""
    try:
        print(tuple(x.shape), "to", tuple(layer(x).shape))
    except RuntimeError as error:
        print(tuple(x.shape), "RuntimeError:", error)


def new_page(seed):
    """Return a page of digits by writers that the network does not know."""
    rng = np.random.default_rng(seed)
    return make_page(data.test_images, data.test_labels, (64, 96), rng)


def read(scores, spots, zoom=1):
    """Count the digits that are read, the digits, and the peaks of a page.

    A digit is read if a peak of its class is within two pixels of its center.
    """
    peaks = find_digits(scores)
    centers = [(zoom * (r + 3.5), zoom * (q + 3.5), label) for r, q, label in spots]
    correct = sum(
        any(
            abs(2 * h + 5.5 - r) < 3 and abs(2 * w + 5.5 - q) < 3 and digit == label
            for h, w, digit in peaks
        )
        for r, q, label in centers
    )
    return np.array([correct, len(spots), len(peaks)])


def scores_of(image):
    return page_network(image.shape).forward(image[None])[0]


page, spots = new_page(5)
page_scores = scores_of(page)
correct = read(page_scores, spots)[0]
more_pages = [new_page(seed) for seed in range(100, 150)]
correct_more, n_more, peaks_more = sum(
    read(scores_of(image), others) for image, others in more_pages
)

fig, axes = plt.subplots(1, 2, figsize=(7, 2.4), layout="constrained")
draw_image(axes[0], page[..., 0], "the page, 64 x 96 pixels", (0, 1), scale=False)
axes[0].add_patch(plt.Rectangle((-0.5, -0.5), 12, 12, fill=False, ec="tab:orange", lw=2))
bar = draw_heat(axes[1], page_scores, "probability of a digit", page.shape)
fig.colorbar(bar, ax=axes, shrink=0.7)
present(
    fig,
    f"Left, a black page with {len(spots)} handwritten digits at irregular distances. An orange frame "
    "in its upper left corner shows the size of a training image, a little larger than a digit. "
    "Right, a map that is white where the network sees no digit, with one small blue spot for each "
    "digit. The predicted class is printed beside each spot in red.",
)

# %% [markdown] tags=["row-24"]
# The network reads all [15]{= correct } digits of this page. One page proves little, so here are fifty
# more: of their [889]{= n_more } digits it reads [94%]{= f"{correct_more / n_more:.0%}" } (this share is
# called the [recall](glossary.md#recall)), and of the [889]{= peaks_more } digits that it reports,
# [94%]{= f"{correct_more / peaks_more:.0%}" } are there and have the right class (the
# [precision](glossary.md#precision)).
#
# It was trained with two dense layers. On the page, two convolutions with the same parameters replace them, one with kernels of a
# single pixel. Yann LeCun wrote on Facebook in 2015: "In Convolutional Nets, there is no such thing as
# 'fully-connected layers'. There are only convolution layers with 1x1 convolution kernels and a full
# connection table." (A full connection table: each filter reads all input channels.)
#
# **By the end of this lesson you will be able to**
#
# 1. say what a [1x1 convolution](glossary.md#1x1-convolution) computes, and count its parameters;
# 2. turn the dense layers of a network into convolutions with the same parameters, and read the score
#    map that it computes for a larger image;
# 3. say which image sizes a network accepts, which shape its labels need, and what a bottleneck saves.
#
# **Time:** about 45 minutes. **You need:** [Training](14_training.ipynb) and
# [Architectures](19_architectures.ipynb).
#
# ## One pixel, all channels
#
# A filter of a convolution layer reads $f \times f$ positions and **all** input channels. A
# **1x1 convolution**, or **pointwise convolution**, has $f = 1$, so one position is left. Each filter has
# one weight per input channel, and computes the dot product of its weights and the channels of a pixel:
#
# $$Z_{i,h,w,c} = b_c + \sum_{k} A_{prev,\, i,h,w,k}\, W_{0,0,k,c}$$
#
# The same $h$ and $w$ appear on both sides, so no value moves to a neighboring position. With
# stride 1, height and width stay the same; the number of channels can change.
#
# **By hand.** An image has 2 x 2 pixels and 3 channels, and there are two filters. The pixel in row 0,
# column 0 has the values 1, 2 and 0.
#
# - Filter 0 has the weights 1, 0, -1 and the bias 0: $1 \cdot 1 + 2 \cdot 0 + 0 \cdot (-1) + 0 = 1$.
# - Filter 1 has the weights 0, 2, 1 and the bias 1: $1 \cdot 0 + 2 \cdot 2 + 0 \cdot 1 + 1 = 5$.
#
# Now do the pixel in row 1, column 1, with the values 2, 2 and 2, and compare it with the figure.

# %% jupyter={"source_hidden": true} cellView="form"
A_prev = np.array([[[[1, 2, 0], [0, 1, 1]], [[3, 0, 1], [2, 2, 2]]]])
W = np.array([[1, 0], [0, 2], [-1, 1]]).reshape(1, 1, 3, 2)
Z = conv2d(A_prev, W, np.array([0, 1]))

fig, axes = plt.subplots(1, 5, figsize=(7, 2), layout="constrained")
pixel = [(0, 0, 1, 1, "tab:orange")]
for channel, ax in enumerate(axes[:3]):
    draw_grid(ax, A_prev[0, :, :, channel], f"input\nchannel {channel}", pixel)
for channel, ax in enumerate(axes[3:]):
    draw_grid(ax, Z[0, :, :, channel], f"output\nchannel {channel}", pixel)
present(
    fig,
    "Five grids of 2 by 2 cells. The channels of the input are 1 0, 3 2; then 2 1, 0 2; then 0 1, "
    "1 2. The channels of the output are 1 -1, 2 0 and 5 4, 2 7. In each grid the cell in row 0, "
    "column 0 is outlined: the input values 1, 2 and 0 become 1 and 5.",
)

# %% [markdown]
# A grayscale image is a weighted sum of red, green and blue at each pixel, for example with the weights
# 0.299, 0.587 and 0.114: a 1x1 convolution from 3 channels to 1. With the weights 1, 0 and -1, it
# computes red minus blue.
#
# **Predict.** Shuffle the pixels of a color photograph, convert the shuffled image to grayscale with the
# 1x1 convolution, and move all pixels back to where they came from. What do you see? `"a"` The
# grayscale photograph. `"b"` A blurred photograph. `"c"` Noise.

# %%
predict("shuffle", None)

# %% jupyter={"source_hidden": true} cellView="form"
photo = load_sample_image("china.jpg")[::4, ::4] / 255
mix = np.array([[0.299, 1], [0.587, 0], [0.114, -1]]).reshape(1, 1, 3, 2)
order = np.random.default_rng(0).permutation(photo.shape[0] * photo.shape[1])
shuffled = photo.reshape(-1, 3)[order].reshape(photo.shape)


def unshuffled(channel):
    back = np.empty(channel.size)
    back[order] = channel.ravel()
    return back.reshape(channel.shape)


edge = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])[:, :, None, None] * mix[..., :1]
colors = conv2d(photo[None], mix)[0]
moved_back = unshuffled(conv2d(shuffled[None], mix)[0, :, :, 0])
np.testing.assert_allclose(moved_back, colors[..., 0])
panels = [
    (photo, "the photograph", None),
    (shuffled, "its pixels, shuffled", None),
    (colors[..., 1], "1x1: red minus blue", (-0.6, 0.6)),
    (moved_back, "shuffled, 1x1 (gray),\nmoved back", (0, 1)),
    (conv2d(photo[None], edge, padding=1)[0, :, :, 0], "3x3 (Sobel)", (-2, 2)),
    (
        unshuffled(conv2d(shuffled[None], edge, padding=1)[0, :, :, 0]),
        "shuffled, 3x3 (Sobel),\nmoved back",
        (-2, 2),
    ),
]
fig, axes = plt.subplots(2, 3, figsize=(7, 3.9), layout="constrained")
for ax, (values, title, limits) in zip(axes.T.flat, panels, strict=True):
    draw_image(ax, values, title, limits or (0, 1), scale=False)
    ax.title.set_fontsize(10)
present(
    fig,
    "Six images. Left, a photograph of a tower between trees, and colored noise: its pixels in a "
    "random order. Middle, red minus blue, purple on roofs, walls and trees and orange in the sky; and the result of the "
    "shuffled image, a perfect grayscale photograph. Right, the vertical edges that a Sobel kernel "
    "finds in the photograph, and what it gives for the shuffled one: noise.",
)

# %% [markdown] tags=["row-24"]
# <details>
# <summary>Answer</summary>
#
# `"a"`, exactly. A 1x1 convolution treats each pixel separately, so the order of the pixels does not
# matter. In the photograph it can find colors, but no edges: those need neighbors, as the Sobel kernel
# shows. (Purple is positive, orange negative.) Deep in a network, a 1x1 convolution combines the
# features that earlier layers have found at one position.
#
# </details>
#
# ## A dense layer at every pixel
#
# The channels of one pixel are a vector, and a 1x1 convolution turns this vector into another one. That
# is what a [dense layer](glossary.md#dense-layer) does. From 6 values to 3, a dense layer has
# $6 \cdot 3$ weights and 3 biases. A 1x1 convolution from 6 channels to 3 has 3 filters with
# $1 \cdot 1 \cdot 6$ weights and one bias each. Both have [21]{= 6 * 3 + 3 } parameters.
#
# A network of `convnet` keeps its parameters in one vector. After the figure, a cell copies that of a
# dense layer into a 1x1 convolution and compares the results at one pixel.

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 2, figsize=(7, 3), width_ratios=[2, 3], layout="constrained")
inputs, outputs = [(0, 5 - k) for k in range(6)], [(2, 4 - 1.5 * k) for k in range(3)]
for x in inputs:
    for y in outputs:
        axes[0].plot(*zip(x, y, strict=True), color="0.6", linewidth=1)
for nodes, face in ((inputs, "white"), (outputs, "lightblue")):
    axes[0].scatter(*zip(*nodes, strict=True), s=180, c=face, edgecolors="black", zorder=2)
axes[0].set_title("dense layer, 6 to 3:\n21 parameters", fontsize=11)
for left, count, face in ((0, 6, "white"), (6.6, 3, "lightblue")):
    for k in range(count):  # the last channel is in front
        x, y = left + 0.3 * (count - 1 - k), 0.3 * (count - 1 - k)
        box = plt.Rectangle((x, y), 3, 2.4, facecolor="white", edgecolor="black", zorder=k)
        axes[1].add_patch(box)
        grid = {"color": "0.8", "linewidth": 0.8, "zorder": k}
        axes[1].vlines(x + 0.6 * np.arange(1, 5), y, y + 2.4, **grid)
        axes[1].hlines(y + 0.6 * np.arange(1, 4), x, x + 3, **grid)
    frame = plt.Rectangle((left + 1.2, 0.6), 0.6, 0.6, fc=face, ec="tab:orange", lw=2, zorder=count)
    axes[1].add_patch(frame)
axes[1].annotate("", (6.5, 1.6), (4.8, 1.6), arrowprops={"arrowstyle": "->", "lw": 2})
axes[1].set_title("1x1 convolution, 6 channels to 3:\nthe same 21 at every pixel", fontsize=11)
axes[1].set(xlim=(-0.2, 10.6), ylim=(-0.4, 4.4), aspect="equal")
for ax in axes:
    ax.axis("off")
present(
    fig,
    "On the left six circles, each joined by a line to each of three circles. On the right a stack "
    "of six channels of 4 by 5 pixels with one pixel outlined, an arrow, and a stack of three "
    "channels of the same size with the same pixel outlined.",
)

# %%
dense = Network([Dense(3)], (6,))
pointwise = Network([Conv2D(3, 1)], (4, 5, 6))
pointwise.parameters[:] = dense.parameters

A = np.random.default_rng(0).normal(size=(1, 4, 5, 6)).astype(np.float32)
Z = pointwise.forward(A)
np.testing.assert_allclose(Z[:, 2, 3], dense.forward(A[:, 2, 3]), rtol=1e-5)  # one of the pixels
print("1x1 convolution:", pointwise.parameters.size, "parameters,", A.shape, "to", Z.shape)

flat = Network([Flatten(), Dense(3)], (4, 5, 6))
print("Flatten, Dense: ", flat.parameters.size, "parameters,", A.shape, "to", flat.forward(A).shape)

# %% [markdown] tags=["row-24"]
# The 1x1 convolution has 21 parameters for an image of any height and width, and it gives three values
# **for each pixel**. `Flatten` and `Dense` need $4 \cdot 5 \cdot 6 \cdot 3 + 3 =$
# [363]{= flat.parameters.size } parameters and give three values for the whole image.
#
# ## The layer in Keras and PyTorch
#
# What happens if you forget to flatten? In Keras, `Dense` acts on the last axis and leaves the others as
# they are.

# %% needs="keras tensorflow"
import keras
from keras import layers

conv_1x1 = layers.Conv2D(3, kernel_size=1)
conv_1x1.build(A.shape)
conv_1x1.set_weights(list(pointwise.named_arrays().values()))
np.testing.assert_allclose(conv_1x1(A), Z, rtol=1e-4, atol=1e-5)

dense_keras = layers.Dense(3)  # without Flatten before it
dense_keras.build(A.shape)
dense_keras.set_weights(list(dense.named_arrays().values()))
np.testing.assert_allclose(dense_keras(A), Z, rtol=1e-4, atol=1e-5)
print(dense_keras.count_params(), "parameters,", A.shape, "to", tuple(dense_keras(A).shape))

# %% [markdown]
# The forgotten `Flatten` raises no error in Keras. `Dense` **is** a 1x1 convolution here, and only the
# output shape and the number of parameters give it away.
#
# **Predict.** In PyTorch the channels come first, so this feature map has the shape (1, 6, 4, 5). What
# does `nn.Linear(6, 3)` do with it? `"a"` It gives the shape (1, 3, 4, 5). `"b"` It gives the shape
# (1, 3). `"c"` It raises an error.

# %%
predict("forgotten", None)

# %% needs="torch"
import torch
import torch.nn as nn

A_torch = torch.tensor(A.transpose(0, 3, 1, 2))
W, b = pointwise.named_arrays().values()
conv = nn.Conv2d(6, 3, kernel_size=1)
conv.load_state_dict({"weight": torch.tensor(W.transpose(3, 2, 0, 1)), "bias": torch.tensor(b)})
with torch.no_grad():
    Z_torch = conv(A_torch)
torch.testing.assert_close(Z_torch, torch.tensor(Z.transpose(0, 3, 1, 2)))

linear = nn.Linear(6, 3)
for layer in (conv, linear):
    show_shapes(layer, A_torch)
show_shapes(linear, torch.zeros(1, 6, 4, 6))

# %% [markdown] tags=["row-24"]
# <details>
# <summary>Answer</summary>
#
# `"c"`. `Linear` also acts on the last axis, which is the **width** here: 5, where the layer expects 6.
# If the width happens to be 6, as in the last line, there is no error, and the layer mixes the columns
# instead of the channels.
#
# </details>
#
# ## Flatten and Dense are a convolution, too
#
# The network that reads the page was trained as an ordinary classifier of windows. Below are its
# layers, and the weights of one of the 32 units of its first dense layer. The unit computes a weighted
# sum of all $4 \cdot 4 \cdot 16 =$ [256]{= 4 * 4 * 16 } inputs. `Flatten` goes through the feature maps
# row by row, through each row pixel by pixel, and through each pixel channel by channel. Arranged in the
# same order, the 256 weights form a **filter** of 4 x 4 positions and 16 channels. The outlined weights,
# the first 16, belong to the upper left position.

# %% jupyter={"source_hidden": true} cellView="form"
print(network.summary())
dense_W = network.layers[6].parameters["W"]
unit = int(np.abs(dense_W).max(axis=0).argmax())
limit = float(np.abs(dense_W[:, unit]).max())
kernels = page_network((12, 12, 1)).layers[5].parameters["W"][..., unit]
fig = plt.figure(figsize=(7, 2.9), layout="constrained")
left, right = fig.subfigures(1, 2, width_ratios=[1, 4])
ax = left.subplots()
ax.imshow(dense_W[:, unit, None], cmap="PuOr", vmin=-limit, vmax=limit, aspect="auto")
ax.set(title="256 weights", xticks=[], yticks=np.arange(0, 257, 64))
ax.add_patch(plt.Rectangle((-0.5, -0.5), 1, 16, fill=False, lw=2.5, clip_on=False))
for k, ax in enumerate(right.subplots(2, 8).flat):
    draw_image(ax, kernels[..., k], f"k = {k}", (-limit, limit), scale=False)
    ax.add_patch(plt.Rectangle((-0.5, -0.5), 1, 1, fill=False, lw=2.5, clip_on=False))
    ax.title.set_fontsize(9)
right.suptitle("the same 256 weights: a filter with 16 kernels of 4 x 4", fontsize=11)
present(
    fig,
    "Left, the weights of one unit of the dense layer as a column of 256 colored cells. Right, the "
    "same weights as 16 kernels of 4 by 4 cells, one for each channel from 0 to 15, in shades of "
    "purple and orange. The first 16 cells of the column are outlined, and in each kernel the upper "
    "left cell.",
)

# %% [markdown] tags=["row-24"]
# The feature maps have 4 x 4 positions, so there is one position at which this filter fits: the unit and
# the filter compute the same number. **A dense layer after `Flatten` is a convolution without padding
# whose kernels are as large as the feature maps.** Its output has height and width 1, so each further
# dense layer is a 1x1 convolution, as in LeCun's remark.
#
# Same numbers, same order, other shapes: in `convnet`, copying the parameter vector is all it takes.
#
# ## A larger image gives a score map
#
# A network without dense layers on flattened feature maps is a
# [**fully convolutional network**](glossary.md#fully-convolutional-network). Its convolutions slide over
# whatever image they get. For a window of 12 x 12 pixels, its output has height and width 1, and one
# score for each class. For a larger image the output has more positions and is called a
# [**score map**](glossary.md#score-map). The score at $(h, w)$ belongs to the window whose upper left
# corner is at $(2h, 2w)$. The factor 2 is the [total stride](glossary.md#total-stride), the product of
# the strides of all layers, and the window is the [receptive field](glossary.md#receptive-field) of a score.
#
# The next cell builds the convolutional version at page size and computes the score map. Then it cuts out all the windows, applies the window network to each of them, and compares.

# %%
scan = Network(
    [Conv2D(8, 3), ReLU(), Conv2D(16, 3), ReLU(), MaxPooling2D(2)]
    + [Conv2D(32, 4), ReLU(), Conv2D(11, 1)],  # instead of Flatten, Dense(32), ReLU, Dense(11)
    input_shape=page.shape,
)
scan.parameters[:] = network.parameters
scores = scan.forward(page[None])
print("page:", page[None].shape, "score map:", scores.shape)

view = np.lib.stride_tricks.sliding_window_view(page[:, :, 0], (12, 12))
windows = view[::2, ::2].reshape(-1, 12, 12, 1)
each_alone = network.scores(windows).reshape(scores.shape)
np.testing.assert_allclose(scores, each_alone, rtol=1e-4, atol=1e-4)
print(f"{len(windows):,} windows: the same scores as in the score map")

# %% [markdown]
# One forward pass gives the same scores as [1,161]{= f"{len(windows):,}" } separate ones, up to
# rounding. The heat map at the top of this lesson shows $1 - p(\text{nothing})$, computed by softmax
# from the 11 scores at each position. The peaks are where a digit fills the middle of the window.
#
# The eleventh class is essential. Half of the training windows have no digit in the middle. A
# classifier of ten digits would have to choose one of them for each window.
#
# **Predict.** How many times as many MACs do the separate windows need as the single pass? `"a"` About
# 2 times. `"b"` About 6 times. `"c"` About 36 times.

# %%
predict("work", None)


# %% jupyter={"source_hidden": true} cellView="form"
def layer_macs(network):
    """MACs of each layer with weights, for one image."""
    return [
        int(np.prod(shape[:-1])) * layer.parameters["W"].size
        for layer, shape in zip(network.layers, network.shapes, strict=True)
        if layer.parameters
    ]


def seconds(function, times=3):
    spans = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        spans.append(time.perf_counter() - start)
    return min(spans)


separate = len(windows) * np.array(layer_macs(network))
single = np.array(layer_macs(scan))
for name, many, one in zip(
    ("3x3, 8 filters", "3x3, 16 filters", "4x4 or Dense(32)", "1x1 or Dense(11)", "together"),
    [*separate, separate.sum()],
    [*single, single.sum()],
    strict=True,
):
    print(
        f"{name:17} {many / 1e6:6.1f} million MACs in windows, {one / 1e6:5.1f} in one pass: {many / one:4.1f} times"
    )
slow = seconds(lambda: network.scores(windows))
print(f"measured here: {slow / seconds(lambda: scan.scores(page[None])):.1f} times the seconds")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`, [6.2]{= f"{separate.sum() / single.sum():.1f}" } times. Neighboring windows overlap, and a single
# pass computes what they have in common only once. The first layers need
# [20]{= f"{separate[0] / single[0]:.0f}" } and [13]{= f"{separate[1] / single[1]:.0f}" } times fewer
# MACs. The dense layers save nothing: each window needs its own results. The ratio of the seconds
# also depends on the machine and the library.
#
# </details>
#
# ## Padding changes the scores
#
# The window network has no padding, so that the comparison above is exact. The digits network of
# [Training](14_training.ipynb) pads both convolutions with zeros, for windows of 8 x 8 pixels. Convert
# it in the same way, and run it on a black page with two digits that are far apart.
#
# **Predict.** Take the scores at the two positions of the score map that belong to the digits. Then cut
# out these two windows, and compute their scores one by one. `"a"` They agree, since the digits are
# surrounded by black pixels, which are zeros as well. `"b"` They differ. `"c"` They agree at one digit only.

# %%
predict("padded", None)

# %% jupyter={"source_hidden": true} cellView="form"
digits_alone = trained("digits")
black = np.zeros((16, 48, 1), np.float32)
corners = [(4, 6), (4, 34)]
for (row, column), image in zip(corners, data.test_images[5:7], strict=True):
    black[row : row + 8, column : column + 8] = image
padded = Network(
    [Conv2D(8, 3, padding=1), ReLU(), Conv2D(16, 3, padding=1), ReLU(), MaxPooling2D(2)]
    + [Conv2D(10, 4)],
    black.shape,
)
padded.parameters[:] = digits_alone.parameters
on_map = np.array([padded.forward(black[None])[0, r // 2, q // 2] for r, q in corners])
alone = digits_alone.scores(data.test_images[5:7])
differences = np.abs(on_map - alone).max(axis=1)
assert differences.min() > 0.5
print("largest difference of two scores, at each digit:", differences.round(2))
print(f"scores from {alone.min():.1f} to {alone.max():.1f}")

# %% [markdown] tags=["row-24"]
# <details>
# <summary>Answer</summary>
#
# `"b"`. From black pixels the first convolution computes its biases, and the ReLU keeps those above 0.
# On the page, the second convolution sees these values around the digit; in the cut-out window it sees
# the zeros of the padding. In general, only a network without padding gives exactly the scores of its
# windows.
#
# </details>
#
# ## Why a dense layer accepts one size only
#
# The number of weights of a convolution depends on its kernel and its channels, and not on the image.
# A dense layer has one weight for each input and unit, and the number of its inputs is the number of
# values in the flattened feature maps. The flattened feature maps of the page have too many values:

# %%
feature_maps = scan.feature_maps(page[None])[4]  # after the pooling layer
try:
    network.layers[6].forward(feature_maps.reshape(1, -1), training=False)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# You cannot leave the size open either. In Keras, `None` stands for an unknown size. This fully
# convolutional network for Fashion-MNIST accepts it, and the same network with dense layers does not:

# %% needs="keras tensorflow"
body = [
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.Conv2D(64, 3, strides=2, padding="same", activation="relu"),
    layers.Conv2D(128, 3, padding="same", activation="relu"),
    layers.Conv2D(256, 3, strides=2, padding="same", activation="relu"),
]
convolutional = keras.Sequential(
    [keras.Input((None, None, 1)), *body]
    + [layers.Conv2D(512, 7, activation="relu"), layers.Conv2D(10, 1)]  # 10 scores
)
for shape in ((32, 28, 28, 1), (32, 64, 64, 1)):
    print(shape, "to", convolutional.compute_output_shape(shape))
print((1, 25, 25, 1), "to", tuple(convolutional(np.zeros((1, 25, 25, 1))).shape))

try:
    keras.Sequential(
        [keras.Input((None, None, 1)), *body]
        + [layers.Flatten(), layers.Dense(512, activation="relu"), layers.Dense(10)]
    )
except ValueError as error:
    print("with Dense, ValueError:", error)

# %% [markdown] tags=["row-24"]
# For 28 x 28 pixels, the two strides of 2 leave 7 x 7 positions, exactly one for the 7 x 7 kernel: the
# output is (32, 1, 1, 10). For 64 x 64 pixels they leave 16 x 16 and a score map of (32, 10, 10, 10). The
# smallest input is 25 x 25, since a size of 24 leaves only 6 x 6. `Dense` cannot create a matrix with an
# unknown number of rows.
#
# The 7 x 7 convolution has [6,423,040]{= f"{7 * 7 * 256 * 512 + 512:,}" } parameters, as many as `Dense(512)` for
# 28 x 28 pixels. The conversion saves no parameters, but it lets the image size vary.
#
# ## Shapes of scores and labels
#
# The loss compares scores with labels at **each position** of the score map. The labels have one axis
# less than the scores: the axis of the classes is missing.
#
# | | scores | labels |
# |---|---|---|
# | Keras, `SparseCategoricalCrossentropy(from_logits=True)` | $(m, n_H, n_W, \text{classes})$ | $(m, n_H, n_W)$ |
# | PyTorch, `nn.CrossEntropyLoss()` | $(m, \text{classes}, n_H, n_W)$ | $(m, n_H, n_W)$ |
# | one label for each image, in both | $(m, \text{classes})$ | $(m,)$ |
#
# If the network is trained on windows, the score map has the size 1 x 1. You can then give the labels
# the shape $(m, 1, 1)$, or flatten the scores to $(m, \text{classes})$; the loss is the same.

# %% needs="keras tensorflow"
scores_28 = convolutional(np.random.default_rng(0).normal(size=(4, 28, 28, 1)))
labels = np.array([3, 1, 4, 1])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
loss_of_map = loss(labels.reshape(4, 1, 1), scores_28)
loss_of_flat = loss(labels, layers.Flatten()(scores_28))
np.testing.assert_allclose(loss_of_map, loss_of_flat, rtol=1e-5)
print(f"loss {loss_of_map:.3f}, with labels of the shapes (4, 1, 1) and (4,)")

# %% [markdown] tags=["row-24"]
# For one prediction per image at any size, end the network with
# [global average pooling](glossary.md#global-average-pooling), as in [Pooling](10_pooling.ipynb).
#
# ## Bottlenecks
#
# 1x1 convolutions also save work. GoogLeNet (2014) needs 32 channels of 5 x 5 features from a feature map
# of 28 x 28 x 192. A single convolution would take $28 \cdot 28 \cdot 32 \cdot 5 \cdot 5 \cdot 192$ MACs, or
# [120]{= f"{28 * 28 * 32 * 25 * 192 / 1e6:.0f}" } million. A [**bottleneck**](glossary.md#bottleneck) is a 1x1
# convolution before it that reduces the number of channels.
#
# **Predict.** A 1x1 convolution reduces the 192 channels to 32, a sixth, and the 5 x 5 convolution
# reads the result. What fraction of the 120 million MACs do both layers need together? `"a"` A sixth.
# `"b"` About a fifth. `"c"` About a half.

# %%
predict("bottleneck", None)


# %% jupyter={"source_hidden": true} cellView="form"
def bottleneck(n_C):
    """Parameters and MACs of the 1x1 and the 5x5 convolution, with n_C channels between them."""
    shapes = ((1, 192, n_C), (5, n_C, 32))
    return [
        ((f * f * k + 1) * channels, 28 * 28 * f * f * k * channels) for f, k, channels in shapes
    ]


direct = ((25 * 192 + 1) * 32, 28 * 28 * 25 * 192 * 32)
rows = {"5x5 alone": [(0, 0), direct], "through 32 channels": bottleneck(32)}
rows["through 16 channels"] = bottleneck(16)
fig, ax = plt.subplots(figsize=(7, 2.3), layout="constrained")
for y, (reduce, conv_5x5) in enumerate(rows.values()):
    n_parameters, macs = reduce[0] + conv_5x5[0], (reduce[1] + conv_5x5[1]) / 1e6
    ax.barh(
        y,
        reduce[1] / 1e6,
        color="tab:orange",
        hatch="///",
        ec="white",
        label="1x1" if y == 1 else None,
    )
    ax.barh(
        y,
        conv_5x5[1] / 1e6,
        left=reduce[1] / 1e6,
        color="tab:blue",
        label="5x5" if y == 1 else None,
    )
    ax.text(macs + 2, y, f"{macs:.1f} million; {n_parameters:,} parameters", va="center")
ax.set(
    yticks=range(3), yticklabels=list(rows), ylim=(2.6, -0.6), xlim=(0, 240), xlabel="million MACs"
)
ax.legend(loc="lower right")
present(
    fig,
    "Three horizontal bars of million MACs, with the number of parameters beside them. The 5x5 "
    f"convolution alone: {direct[1] / 1e6:.1f} million. Through 32 channels a fifth of it, through 16 channels "
    "a tenth. The hatched part of the two short bars, about a fifth of each, is the 1x1 convolution.",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`, [21%]{= f"{sum(macs for _, macs in bottleneck(32)) / direct[1]:.0%}" }: a sixth for the 5 x 5
# convolution, and 4% for the 1x1 convolution. GoogLeNet goes down to 16 channels, which leaves
# [10%]{= f"{sum(macs for _, macs in bottleneck(16)) / direct[1]:.0%}" }.
#
# </details>
#
# The two designs do not compute the same functions, since everything must pass through fewer channels.
# A ReLU follows each 1x1 convolution, which makes several of them a small
# [multilayer perceptron](glossary.md#multilayer-perceptron) at each pixel, the idea of *Network in
# network* (Lin, Chen and Yan, 2014).
#
# ## Further: the score map in PyTorch
#
# *You can skip this section.* PyTorch layers know only their channels and kernel sizes, so a
# convolutional model accepts images of any size that is large enough. With the parameters of `scan`
# it gives the same score map.

# %% needs="torch"
scan_torch = nn.Sequential(
    nn.Conv2d(1, 8, 3),
    nn.ReLU(),
    nn.Conv2d(8, 16, 3),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 4),
    nn.ReLU(),
    nn.Conv2d(32, 11, 1),
)
arrays = [a.transpose(3, 2, 0, 1) if a.ndim == 4 else a for a in scan.named_arrays().values()]
scan_torch.load_state_dict(
    {name: torch.tensor(a) for name, a in zip(scan_torch.state_dict(), arrays, strict=True)}
)
scan_torch.eval()
with torch.no_grad():
    map_torch = scan_torch(torch.tensor(page[None].transpose(0, 3, 1, 2)))
expected = torch.tensor(scores.transpose(0, 3, 1, 2))
torch.testing.assert_close(map_torch, expected, rtol=1e-3, atol=1e-3)
print(tuple(map_torch.shape))

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the window of an unknown network
#
# `black_box(n)` returns the height of the score map that a fully convolutional network without padding
# gives for an image of `n` x `n` pixels. It raises an error if `n` is too small. Find the size of the
# network's window and its total stride by experiment, and answer with the two numbers.

# %%
print(black_box(100))
window_and_stride = None
### BEGIN SOLUTION
sizes = {}
for n in range(100, 1, -1):
    try:
        sizes[black_box(n)] = n  # the smallest n with this score map
    except ValueError:
        break
window_and_stride = (sizes[1], sizes[2] - sizes[1])
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    window_and_stride,
    (31, 4),
    "Which is the smallest n that gives a score map of size 1? And of size 2?",
    [
        ((31, 35), "35 is the smallest n with two positions. How far apart are the two windows?"),
        ((34, 4), "34 is the largest n with one position. The last pixels are not read there."),
        ((35, 4), "35 is the smallest n with two positions. Which is the smallest with one?"),
        ((30, 4), "At 30, the network still raises an error."),
        ((31, 1), "The size of the score map does not grow with every pixel."),
        ((4, 31), "The size of the window comes first."),
    ],
)

# %% [markdown]
# ### Exercise 2: find the peaks
#
# Several neighboring positions see the same digit, and you want to report it once. Let `evidence` be the
# largest digit score minus the score of "nothing", of shape $(n_H, n_W)$. (Probabilities near 1 are all
# rounded to 1.) Write `find_peaks(evidence, threshold)`. It returns a boolean array, `True` where the
# evidence is above the threshold and no smaller than at any of the (up to eight) neighbors. This is a form of
# [non-maximum suppression](glossary.md#non-maximum-suppression).


# %%
def find_peaks(evidence, threshold):
    peaks = None
    ### BEGIN SOLUTION
    n_H, n_W = evidence.shape
    peaks = np.zeros((n_H, n_W), dtype=bool)
    for h in range(n_H):
        for w in range(n_W):
            neighbors = evidence[max(h - 1, 0) : h + 2, max(w - 1, 0) : w + 2]
            peaks[h, w] = evidence[h, w] > threshold and evidence[h, w] == neighbors.max()
    ### END SOLUTION
    return peaks


# %% jupyter={"source_hidden": true} cellView="form"
def peaks_of(evidence, threshold, footprint=3, mode="constant"):
    settings = {"footprint": footprint} if np.ndim(footprint) else {"size": footprint}
    highest = maximum_filter(evidence, mode=mode, cval=-np.inf, **settings)
    return (evidence > threshold) & (evidence == highest)


def without_border(evidence, threshold):
    inside = np.zeros(evidence.shape, dtype=bool)
    inside[1:-1, 1:-1] = True
    return peaks_of(evidence, threshold) & inside


def changed(image, zoom=1, noise=0.0, invert=False, shift=0, seed=0):  # for exercise 3
    image = image.repeat(zoom, axis=0).repeat(zoom, axis=1)
    image = image + noise * np.random.default_rng(seed).normal(size=image.shape)
    image = 1 - image if invert else image
    return np.roll(image, shift, axis=1).astype(np.float32)


def on_fifty_pages(zoom=1, **changes):
    """Return the recall, the precision, and the number of false peaks on a page."""
    correct, n_digits, n_peaks = sum(
        read(scores_of(changed(image, zoom, seed=seed, **changes)), others, zoom)
        for seed, (image, others) in enumerate(more_pages)
    )
    return correct / n_digits, correct / n_peaks, (n_peaks - correct) / len(more_pages)


sure = np.mean(softmax(scores[..., :NOTHING].reshape(-1, NOTHING)).max(axis=1) > 0.9)
assert heat_map(scores_of(changed(page, invert=True))).mean() > 0.9
evidence = scores[0, :, :, :NOTHING].max(axis=-1) - scores[0, :, :, NOTHING]
random = np.random.default_rng(0)
public_tests.check_function(
    "Exercise 2",
    find_peaks,
    peaks_of,
    [
        (evidence.astype(float), 0.0),
        (random.normal(size=(5, 7)), 0.3),
        (random.normal(size=(6, 4)) - 3, -4.0),
        (random.normal(size=(1, 6)), 0.0),
    ],
    "Compare each value with the largest value of its 3 x 3 neighborhood, cut off at the border.",
    [
        (
            lambda evidence, threshold: evidence > threshold,
            "These are all positions above the threshold.",
        ),
        (lambda evidence, threshold: peaks_of(evidence, -np.inf), "The threshold is missing."),
        (
            lambda evidence, threshold: (
                (evidence > threshold) & (evidence == maximum_filter(evidence, 3, mode="constant"))
            ),
            "Outside the border there are no neighbors: zeros there hide peaks below 0.",
        ),
        (without_border, "Positions at the border can be peaks, too: they have fewer neighbors."),
        (
            lambda evidence, threshold: peaks_of(
                evidence, threshold, np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
            ),
            "Positions that touch at a corner are neighbors, too.",
        ),
        (
            lambda evidence, threshold: (evidence > threshold) & (evidence == evidence.max()),
            "That is the largest value of the whole array. Each digit needs its own peak.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: what happens if ...
#
# Write down what you expect, then change the cell below.
#
# 1. ... all digits are twice as large (`zoom = 2`)?
# 2. ... the page is noisy (`noise = 0.3`), or white with black digits (`invert = True`)?
# 3. ... the page moves by one pixel (`shift = 1`)? What could you do if you needed a score for every pixel
#    rather than for every second one?
# 4. ... the class "nothing" is ignored (`ignore = True`)?
#
# The figure shows one page. The line above it has the recall, the precision and the number of false
# peaks on a page, all from the fifty pages.

# %%
zoom, noise, invert, shift, ignore = 1, 0.0, False, 0, False  # change these
image = changed(page, zoom, noise, invert, shift)
recall, precision, false_peaks = on_fifty_pages(zoom, noise=noise, invert=invert, shift=shift)
print(f"recall {recall:.0%}, precision {precision:.0%}, {false_peaks:.1f} false peaks on a page")
result = scores_of(image)
if ignore:
    result[..., NOTHING] = result.min() - 20
fig, axes = plt.subplots(1, 2, figsize=(7, 2.5), layout="constrained")
draw_image(
    axes[0], image[..., 0], f"{image.shape[0]} x {image.shape[1]} pixels", (0, 1), scale=False
)
draw_heat(axes[1], result, f"{len(find_digits(result))} peaks", image.shape)
present(
    fig,
    f"The changed page, and beside it its heat map with {len(find_digits(result))} peaks. Without "
    "changes it is the figure from the top of the lesson.",
)

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. On the fifty pages, [13%]{= f"{on_fifty_pages(2)[0]:.0%}" } of the digits are read, among
#    [26]{= f"{on_fifty_pages(2)[2]:.0f}" } false peaks on a page: the network has learned digits of one
#    size. Detectors scan an image at several sizes (an image pyramid), or are trained on several sizes.
# 2. With noise, [60%]{= f"{on_fifty_pages(noise=0.3)[0]:.0%}" } of the digits are read, and
#    [8]{= f"{on_fifty_pages(noise=0.3)[2]:.0f}" } false peaks on a page bring the precision down to
#    [57%]{= f"{on_fifty_pages(noise=0.3)[1]:.0%}" }. (The training windows had no noise.) On the
#    inverted page, almost every position is called a digit, with a probability near 1. "Nothing"
#    means "like the training windows without a digit", and white paper is not like them.
# 3. The spots move, but windows still start at every second pixel, so their scores change. The recall
#    falls only to [93%]{= f"{on_fifty_pages(shift=1)[0]:.0%}" }. For a score
#    at every pixel, scan four pages, shifted by 0 or 1 in each direction, and interleave the maps.
# 4. [84%]{= f"{sure:.0%}" } of all positions get a digit with a probability above 0.9, although most
#    of them show none. Softmax compares the classes that the network knows, and no others.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **say what a [1x1 convolution](glossary.md#1x1-convolution) computes:** the same
#    [dense layer](glossary.md#dense-layer) at every pixel, with $(n_{C_{prev}} + 1)\, n_C$ parameters for
#    an image of any size;
# 2. **turn dense layers into convolutions:** the first one after `Flatten` gets kernels as large as the
#    feature maps, the others become 1x1 convolutions. On a larger image the network gives a
#    [score map](glossary.md#score-map), without padding exactly the scores of all windows;
# 3. **say which sizes it accepts:** every size at which each kernel fits into its input. Labels have the
#    shape of the scores without the axis of the classes. A [bottleneck](glossary.md#bottleneck) reduces the channels
#    before an expensive convolution.
#
# | term in this course | you may also read |
# |---|---|
# | [**1x1 convolution**](glossary.md#1x1-convolution) | pointwise convolution |
# | [**score map**](glossary.md#score-map) | heat map |
# | [**bottleneck**](glossary.md#bottleneck) | dimension reduction |
#
# ## What to read next
#
# - To practice: the assignment [1x1 convolution](../release/one_by_one/one_by_one.ipynb).
# - Next is [Efficient networks](21_efficient_networks.ipynb): most of their layers are 1x1 convolutions.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.4.3,
#   [1 x 1 convolutional layer](https://d2l.ai/chapter_convolutional-neural-networks/channels.html).
# - CS231n, [Converting FC layers to CONV layers](https://cs231n.github.io/convolutional-networks/#convert).
# - Lin, Chen and Yan, *Network in network* (2014): [arXiv:1312.4400](https://arxiv.org/abs/1312.4400).
# - Sermanet et al., *OverFeat* (2014), scanning in one pass:
#   [arXiv:1312.6229](https://arxiv.org/abs/1312.6229).
# - Szegedy et al., *Going deeper with convolutions* (2015), GoogLeNet:
#   [arXiv:1409.4842](https://arxiv.org/abs/1409.4842).
# - Long, Shelhamer and Darrell, *Fully convolutional networks for semantic segmentation* (2015):
#   [arXiv:1411.4038](https://arxiv.org/abs/1411.4038).
# - PyTorch, [Conv2d](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html) and
#   [CrossEntropyLoss](https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html).
