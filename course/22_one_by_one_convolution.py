# %% [markdown]
# # 1x1 convolution
#
# Can you teach a network to read a page without ever showing it one? The network below was trained on windows of
# 12 x 12 pixels, the size of the orange frame. It says which digit is in the middle of a window, or that there is
# none. Run the next two cells, and watch it read a page of 64 x 96 pixels.

# %% include="lesson_setup"

# %%
from convnet.data import digits, load_sample_image
from convnet.functional import conv2d
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.models import trained
from convnet.network import Network
from lesson_tools.digit_page import NOTHING, trained_window_network
from lesson_tools.one_by_one_convolution import figures as draw
from lesson_tools.one_by_one_convolution.questions import check, predict
from lesson_tools.one_by_one_convolution.window_scan import (
    black_box,
    changed,
    layer_macs,
    new_page,
    on_pages,
    scores_of,
)
from lesson_tools.timing import seconds

data = digits()
network = trained_window_network()
page, _ = new_page(data, seed=5)
draw.page_read(page, scores_of(page))

# %% [markdown]
# The network did this in a single forward pass, with the parameters from its training and not one more. How can it
# take an image that is more than forty times as large as its training images? A dense layer needs an input of fixed
# size, and this network was trained with two dense layers.
#
# Yann LeCun wrote in 2015, on Facebook: "In Convolutional Nets, there is no such thing as
# 'fully-connected layers'. There are only convolution layers with 1x1 convolution kernels and a full connection
# table." That is the idea of this lesson, and detectors, segmentation networks and even transformers are built on
# it.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. say what a 1x1 convolution computes, and count its parameters;
# 2. turn the dense layers of a network into convolutions with the same parameters, and read the score map
#    that it computes for a larger image;
# 3. say which image sizes a network accepts, which shape its labels need, and what a bottleneck saves.
#
# **Time:** about 65 minutes, and 35 for the exercises. **You need:** [Training](14_training.ipynb) and
# [Architectures](18_architectures.ipynb).

# %% [markdown]
# ## Fifty more pages
#
# One page proves little, so we let the network read fifty others. Like the page above, they are made of the 297 test
# digits, most of which come from writers whose handwriting was not in the training set (see
# [Training](14_training.ipynb)). We count the fraction of the digits that it finds and names, the
# [recall](glossary.md#recall), and the fraction of its reports that are right, the
# [precision](glossary.md#precision).

# %%
fifty = [new_page(data, seed) for seed in range(100, 150)]
recall, precision, false_peaks = on_pages(fifty)
print(f"recall {recall:.0%}, precision {precision:.0%}, {false_peaks:.1f} false peaks on a page")

# %% [markdown]
# Both are [94%]{= f"{recall:.0%}" }. That is no coincidence: the network reports exactly
# [889]{= sum(len(spots) for _, spots in fifty) } digits, one at each true position, but it gives
# [52]{= round(50 * false_peaks) } of them a wrong name. Such a mistake counts twice, as a digit that was missed and as a
# false report. (889 is less evidence than it seems, because each of the 297 digits appears about three times.)

# %% [markdown]
# ## Two questions to start
#
# - A 3 x 3 convolution maps 6 channels to 3. How many parameters does it have, with biases? (If this was new, go back to
#   [The convolution layer](06_convolution_layer.ipynb).)
# - Two 3 x 3 convolutions are followed by a pooling layer with $f = s = 2$. What is the total stride? (If
#   this was new, go back to [Receptive fields](09_receptive_fields.ipynb).)

# %%
predict("parameters", None)
predict("total_stride", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# $3 \cdot (3 \cdot 3 \cdot 6 + 1) =$ [165]{= 3 * (9 * 6 + 1) } parameters, and $1 \cdot 1 \cdot 2 = 2$.
#
# </details>

# %% [markdown] tags=["row-24"]
# ## One pixel, all channels
#
# A filter of a convolution layer reads $f \times f$ positions and **all** input channels. Let $f$ shrink to 1, and
# a single position is left. This is a [**1x1 convolution**](glossary.md#1x1-convolution), also called a
# **pointwise** convolution. Each filter has one weight for each input channel, and computes the dot product of
# its weights and the channels of one pixel:
#
# $$Z_{i,h,w,c} = b_c + \sum_{k} A_{prev,\, i,h,w,k}\, W_{0,0,k,c}$$
#
# The same $h$ and $w$ are on both sides, so nothing moves to a neighboring position. What can change is the number
# of channels.

# %% [markdown]
# **By hand.** An image has 2 x 2 pixels and 3 channels, and there are two filters. The pixel in row 0, column 0
# has the values 1, 2 and 0.
#
# - Filter 0 has the weights 1, 0, -1 and the bias 0: $1 \cdot 1 + 2 \cdot 0 + 0 \cdot (-1) + 0 = 1$.
# - Filter 1 has the weights 0, 2, 1 and the bias 1: $1 \cdot 0 + 2 \cdot 2 + 0 \cdot 1 + 1 = 5$.
#
# Now do the pixel in row 1, column 1, with the values 2, 2 and 2, and compare.

# %%
A_prev = np.array([[[[1, 2, 0], [0, 1, 1]], [[3, 0, 1], [2, 2, 2]]]])
W = np.array([[1, 0], [0, 2], [-1, 1]]).reshape(1, 1, 3, 2)
draw.pixel(A_prev, conv2d(A_prev, W, np.array([0, 1])))

# %% [markdown]
# You have used such a layer before, under another name. A grayscale image is a weighted sum of red, green and blue at
# each pixel, with the weights 0.299, 0.587 and 0.114, for example. That is a 1x1 convolution from 3 channels to 1.
#
# **Predict.** Shuffle the pixels of a color photograph, convert the result to grayscale with this
# 1x1 convolution, and move all pixels back to where they came from. What do you see? `"a"` The
# grayscale photograph. `"b"` A blurred photograph. `"c"` Noise.

# %%
predict("shuffle", None)

# %%
photo = load_sample_image("china.jpg")[::4, ::4] / 255
order = np.random.default_rng(0).permutation(photo.shape[0] * photo.shape[1])
noise = photo.reshape(-1, 3)[order].reshape(photo.shape)
gray = np.array([0.299, 0.587, 0.114]).reshape(1, 1, 3, 1)
sobel = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])[:, :, None, None] * gray


def back(image):
    """Move all pixels back to where they came from."""
    result = np.empty(image.size)
    result[order] = image.ravel()
    return result.reshape(image.shape[1:3])


draw.shuffled(
    {
        "the photograph": photo,
        "its pixels, shuffled": noise,
        "1x1 (gray)": conv2d(photo[None], gray)[0, :, :, 0],
        "shuffled, 1x1 (gray),\nmoved back": back(conv2d(noise[None], gray)),
        "3x3 (Sobel)": conv2d(photo[None], sobel, padding=1)[0, :, :, 0],
        "shuffled, 3x3 (Sobel),\nmoved back": back(conv2d(noise[None], sobel, padding=1)),
    }
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"a"`, exactly. A 1x1 convolution treats each pixel separately, so it does not matter where the pixel is.
#
# </details>
#
# So a 1x1 convolution can find colors, but no edges, which need neighbors, as the Sobel kernel shows. Deep in a
# network, the channels are no longer colors but features, and a 1x1 convolution combines what earlier layers
# have found at one position.

# %% [markdown] tags=["row-24"]
# ## A dense layer at every pixel
#
# The channels of a pixel are a vector, and a 1x1 convolution turns it into another vector. Isn't that exactly what a
# [dense layer](glossary.md#dense-layer) does?

# %%
draw.two_layers()

# %% [markdown]
# **Predict.** How many parameters does the dense layer on the left have, with biases, and how many does the 1x1
# convolution on the right have? Answer with `(dense, convolution)`.

# %%
predict("both", None)

# %%
dense = Network([Dense(3)], (6,))
pointwise = Network([Conv2D(3, 1)], (4, 5, 6))
pointwise.parameters[:] = dense.parameters  # a network of convnet keeps them in one vector

A = np.random.default_rng(0).normal(size=(1, 4, 5, 6)).astype(np.float32)
Z = pointwise.forward(A)
print(pointwise.parameters.size, "parameters, from", A.shape, "to", Z.shape)
print("dense layer at one pixel: ", dense.forward(A[:, 2, 3])[0])
print("1x1 convolution, the same:", Z[0, 2, 3])

flat = Network([Flatten(), Dense(3)], (4, 5, 6))
print("Flatten, Dense:", flat.parameters.size, "parameters, to", flat.forward(A).shape)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Both have $6 \cdot 3$ weights and 3 biases, [21]{= pointwise.parameters.size } parameters. The number of pixels does not
# matter.
#
# </details>
#
# A 1x1 convolution **is** a dense layer that is applied to each pixel. `Flatten` followed by `Dense` is something
# else: it needs $4 \cdot 5 \cdot 6 \cdot 3 + 3 =$ [363]{= flat.parameters.size } parameters and gives three values
# for the whole image.

# %% [markdown] tags=["row-24"]
# ## The layer in Keras and PyTorch
#
# In Keras there are two ways to write it. `Dense` acts on the last axis and leaves the others as they are, so if you forget
# to flatten, nothing complains:

# %% needs="keras tensorflow"
import keras
from keras import layers

conv_1x1 = layers.Conv2D(3, kernel_size=1)
forgotten = layers.Dense(3)  # without Flatten before it
for layer in (conv_1x1, forgotten):
    print(layer.name, tuple(layer(A).shape), layer.count_params(), "parameters")

# %% [markdown]
# Only the shape of the output and the number of parameters give it away.
#
# **Predict.** In PyTorch the channels come first, so this feature map has the shape (1, 6, 4, 5). What does
# `nn.Linear(6, 3)` do with it? `"a"` It gives the shape (1, 3, 4, 5). `"b"` It gives the shape (1, 3). `"c"` It raises
# an error. (It acts on the same axis as `Dense`.)

# %%
predict("forgotten", None)

# %% needs="torch"
import torch
from torch import nn

conv_torch = nn.Conv2d(6, 3, kernel_size=1)
linear = nn.Linear(6, 3)
images = torch.tensor(A).permute(0, 3, 1, 2)
print("Conv2d:", tuple(conv_torch(images).shape))
try:
    linear(images)
except RuntimeError as error:
    print("Linear:", error)
print("Linear:", tuple(linear(torch.zeros(1, 6, 4, 6)).shape), "from (1, 6, 4, 6)")
print("Linear:", tuple(linear(images.permute(0, 2, 3, 1)).shape), "with the channels last")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. `Linear` acts on the last axis, too, which is the **width** here: 5, where the layer expects 6. If the width
# happens to be 6, there is no error, and the layer mixes the columns instead of the channels. Such a bug is silent. With the
# channels last, however, `nn.Linear` *is* a 1x1 convolution, and many networks are written that way (see
# [After 2020](29_after_2020.ipynb)).
#
# </details>

# %% [markdown] tags=["row-24"]
# ## Flatten and Dense are a convolution, too
#
# Now back to the network that reads the page. It was trained as an ordinary classifier of windows:

# %%
print(network.summary())

# %% [markdown]
# A unit of the first dense layer computes a weighted sum of all $4 \cdot 4 \cdot 16 =$ [256]{= 4 * 4 * 16 } values
# of the feature maps. `Flatten` goes through them row by row, through each row pixel by pixel, and through each pixel
# channel by channel. Put the 256 weights in the same order, and you get a **filter** of 4 x 4 positions
# and 16 channels:

# %%
draw.unit(network)

# %% [markdown]
# The feature maps have 4 x 4 positions, so there is exactly one position at which this filter fits, and there the
# filter computes what the unit computes. **A dense layer after `Flatten` is a convolution without padding whose kernels
# are as large as the feature maps.** Its output has height and width 1. So each further dense layer is
# a 1x1 convolution, as LeCun said.
#
# Same numbers, same order, other shapes: copying the parameter vector is all it takes.

# %% [markdown] tags=["row-24"]
# ## A larger image gives a score map
#
# A network that consists only of convolutions, local pooling and element-wise functions is a
# [**fully convolutional network**](glossary.md#fully-convolutional-network). Its layers slide over whatever image
# they get. For a window of 12 x 12 pixels, its output is 1 x 1 with a score for each class. For a larger image there are
# more positions, and the output is called a [**score map**](glossary.md#score-map).
#
# The score at $(h, w)$ belongs to the window whose upper left corner is at $(2h, 2w)$, because the
# [total stride](glossary.md#total-stride) is 2. The window is the [receptive field](glossary.md#receptive-field) of the score.
#
# **Predict.** How many positions does the score map of the page have? Answer with `(rows, columns)`.

# %%
predict("positions", None)

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
print(f"{len(windows):,} windows, largest difference {abs(scores - each_alone).max():.0e}")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The window of 12 pixels moves by 2: $(64 - 12) / 2 + 1 =$ [27]{= scores.shape[1] } rows and $(96 - 12) / 2 + 1 =$
# [43]{= scores.shape[2] } columns, together [1,161]{= f"{len(windows):,}" } windows.
#
# </details>
#
# One forward pass gives the scores of 1,161 separate ones, up to rounding. The heat map at the top of this lesson shows
# $1 - p(\text{nothing})$, computed by softmax from the 11 scores at each position. It peaks where a digit fills the middle of
# the window.
#
# The eleventh class, "nothing", is essential. Half of the training windows have no digit in the middle. A classifier of ten
# digits would have to choose one of them for every piece of empty paper.

# %% [markdown]
# **Predict.** How many times as many MACs do the separate windows need as the single pass? `"a"` About 2 times. `"b"` About 6
# times. `"c"` About 36 times, since a pixel lies in up to $6 \cdot 6$ windows. (Which layers can share work between
# windows that overlap?)

# %%
predict("work", None)

# %%
separate, single = len(windows) * layer_macs(network), layer_macs(scan)
names = ("3x3, 8 filters", "3x3, 16 filters", "4x4 or Dense(32)", "1x1 or Dense(11)")
print(f"{'million MACs':18}{'windows':>9}{'one pass':>10}{'ratio':>7}")
for name, a, b in zip(names, separate / 1e6, single / 1e6, strict=True):
    print(f"{name:18}{a:>9.1f}{b:>10.1f}{a / b:>7.1f}")
print(f"together: {separate.sum() / single.sum():.1f} times the MACs")
faster = seconds(lambda: network.scores(windows)) / seconds(lambda: scan.scores(page[None]))
print(f"measured here: {faster:.1f} times the seconds")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`, [6.2]{= f"{separate.sum() / single.sum():.1f}" } times. Neighboring windows overlap, and a single pass computes
# only once what they have in common. The first layers need [20]{= f"{separate[0] / single[0]:.0f}" } and
# [13]{= f"{separate[1] / single[1]:.0f}" } times fewer MACs. But the layers that replace the dense ones save nothing, since
# each window needs its own results. On our computer, the seconds differed by a factor of 20 to 60, which the count of
# MACs does not explain. [Efficient networks](23_efficient_networks.ipynb) asks why MACs and seconds disagree.
#
# </details>

# %% [markdown]
# ## Padding changes the scores
#
# The window network has no padding, so the comparison came out exactly. The digits network of
# [Training](14_training.ipynb) pads both convolutions with zeros, for windows of 8 x 8 pixels. We convert it in the
# same way, and run it on a black page with two digits that are far apart.
#
# **Predict.** Compare the scores at the two positions that belong to the digits with those of the two windows, cut out and
# classified one by one. `"a"` They agree, since the digits are surrounded by black pixels, which are zeros as
# well. `"b"` They differ. `"c"` They agree at one digit only.

# %%
predict("padded", None)

# %%
classifier = trained("digits")
black, corners = np.zeros((16, 48, 1), np.float32), [(4, 6), (4, 34)]
for (r, q), image in zip(corners, data.test_images[5:7], strict=True):
    black[r : r + 8, q : q + 8] = image
padded = Network(
    [Conv2D(8, 3, padding=1), ReLU(), Conv2D(16, 3, padding=1), ReLU(), MaxPooling2D(2)]
    + [Conv2D(10, 4)],
    black.shape,
)
padded.parameters[:] = classifier.parameters
on_map = np.array([padded.forward(black[None])[0, r // 2, q // 2] for r, q in corners])
alone = classifier.scores(data.test_images[5:7])
print("largest difference of two scores, at each digit:", abs(on_map - alone).max(axis=1).round(2))
print(f"scores from {alone.min():.1f} to {alone.max():.1f}")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. From black pixels the first convolution computes its biases, and the ReLU keeps those above 0. So on the page, the
# second convolution sees values around the digit that are not 0: these biases, and the responses to the outermost pixels of
# the digit. In the cut-out window it sees the zeros of the padding instead.
#
# </details>
#
# In general, only a network without padding gives exactly the scores of its windows, so
# [padding](04_padding.ipynb) is not as innocent as it looks.

# %% [markdown] tags=["row-24"]
# ## Why a dense layer accepts one size only
#
# The number of weights of a convolution depends on its kernel and its channels, and not on the image. A dense layer has
# one weight for each input and unit, and the flattened feature maps of the page have too many values for it:

# %%
feature_maps = scan.feature_maps(page[None])[4]  # after the pooling layer
try:
    network.layers[6].forward(feature_maps.reshape(1, -1), training=False)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# Nor can you leave the size open. In Keras, `None` stands for an unknown size. This fully convolutional network
# for Fashion-MNIST accepts it, and the same network with dense layers does not:

# %% needs="keras tensorflow"


def body():
    return [
        keras.Input((None, None, 1)),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.Conv2D(64, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(128, 3, padding="same", activation="relu"),
        layers.Conv2D(256, 3, strides=2, padding="same", activation="relu"),
    ]


convolutional = keras.Sequential(
    body() + [layers.Conv2D(512, 7, activation="relu"), layers.Conv2D(10, 1)]  # 10 scores
)
for shape in ((32, 28, 28, 1), (32, 64, 64, 1), (1, 25, 25, 1)):
    print(shape, "to", convolutional.compute_output_shape(shape))

try:
    keras.Sequential(
        body() + [layers.Flatten(), layers.Dense(512, activation="relu"), layers.Dense(10)]
    )
except ValueError as error:
    print("with Dense, ValueError:", error)

# %% [markdown]
# For 28 x 28 pixels, the two strides of 2 leave 7 x 7 positions, one for the 7 x 7 kernel: the output is (32, 1, 1, 10). For 64 x 64
# pixels they leave 16 x 16 and a score map of (32, 10, 10, 10). The smallest image is 25 x 25, since 24 leaves
# only 6 x 6. And `Dense` cannot create a matrix with an unknown number of rows.
#
# The 7 x 7 convolution has [6,423,040]{= f"{7 * 7 * 256 * 512 + 512:,}" } parameters, as many as `Dense(512)` for
# 28 x 28 pixels. So the conversion saves no parameters, but it frees you from the fixed size.

# %% [markdown]
# ## The same in PyTorch
#
# PyTorch's layers know only their channels and kernel sizes, so there is nothing to leave open. The model of this lesson
# with the parameters of `scan`:

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
with torch.inference_mode():
    map_torch = scan_torch(torch.tensor(page[None]).permute(0, 3, 1, 2))
difference = abs(map_torch.permute(0, 2, 3, 1).numpy() - scores).max()
print(tuple(map_torch.shape), f"largest difference {difference:.0e}")

# %% [markdown] tags=["row-24"]
# ## Shapes of scores and labels
#
# To train on score maps, you need labels for them. The loss compares scores with labels at **each position**, and the
# labels have one axis less than the scores, because a label is the number of a class:
#
# | | scores | labels |
# |---|---|---|
# | Keras, `SparseCategoricalCrossentropy(from_logits=True)` | $(m, n_H, n_W, \text{classes})$ | $(m, n_H, n_W)$ |
# | PyTorch, `nn.CrossEntropyLoss()` | $(m, \text{classes}, n_H, n_W)$ | $(m, n_H, n_W)$ |
# | one label for each image, in both | $(m, \text{classes})$ | $(m,)$ |
#
# If you train on windows, the score map is 1 x 1. Then you can give the labels the shape $(m, 1, 1)$, or flatten the
# scores to $(m, \text{classes})$. The loss is the same:

# %% needs="keras tensorflow"
scores_28 = convolutional(np.random.default_rng(0).normal(size=(4, 28, 28, 1)))
labels = np.array([3, 1, 4, 1])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
print(f"labels of shape (4, 1, 1): {loss(labels.reshape(4, 1, 1), scores_28):.4f}")
print(f"labels of shape (4,):      {loss(labels, layers.Flatten()(scores_28)):.4f}")

# %% needs="torch"
loss_torch = nn.CrossEntropyLoss()
labels_of_map = torch.randint(0, 11, (1, 27, 43))
print(f"a (random) label for each of 27 x 43 positions: {loss_torch(map_torch, labels_of_map):.4f}")

# %% [markdown]
# If you want *one* prediction for an image of any size, end the network with
# [global average pooling](glossary.md#global-average-pooling), as in [Pooling](10_pooling.ipynb). If you want one for each
# *pixel*, read [Segmentation](25_segmentation.ipynb).

# %% [markdown] tags=["row-24"]
# ## Bottlenecks
#
# 1x1 convolutions also save work. GoogLeNet (2014) needs 32 channels of 5 x 5 features from a feature map of
# 28 x 28 x 192. A single convolution would take $28 \cdot 28 \cdot 32 \cdot 5 \cdot 5 \cdot 192$ MACs, or
# [120]{= f"{28 * 28 * 32 * 25 * 192 / 1e6:.0f}" } million. A [**bottleneck**](glossary.md#bottleneck) is a 1x1 convolution
# before it that reduces the number of channels.
#
# **Predict.** A 1x1 convolution reduces the 192 channels to 32, a sixth, and the 5 x 5 convolution reads the result. What
# fraction of the 120 million MACs do both layers need together? `"a"` A sixth. `"b"` About a fifth. `"c"` About a half.

# %%
predict("bottleneck", None)

# %%
positions, direct = 28 * 28, 28 * 28 * 25 * 192 * 32
through = {n: (positions * 192 * n, positions * 25 * n * 32) for n in (32, 16)}
draw.bottlenecks(
    {"5x5 alone": (0, direct), **{f"through {n} channels": macs for n, macs in through.items()}}
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`, [21%]{= f"{sum(through[32]) / direct:.0%}" }: a sixth for the 5 x 5 convolution, and 4% for the 1x1 convolution.
# GoogLeNet goes down to 16 channels, which leaves [10%]{= f"{sum(through[16]) / direct:.0%}" }.
#
# </details>
#
# The two designs do not compute the same functions, since everything must pass through fewer channels. (Later networks add a
# third layer, which brings the channels back. In a block of ResNet-50, a 1x1 convolution goes from 256 channels to 64, a
# 3 x 3 convolution works on these, and a 1x1 convolution returns to 256.)
#
# 1x1 convolutions come from *Network in network* (Lin, Chen and Yan, 2014). Several of them in a row, with a ReLU after
# each, are a small [multilayer perceptron](glossary.md#multilayer-perceptron) at each pixel.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: the window of an unknown network
#
# `black_box(n)` returns the height of the score map that a fully convolutional network without padding gives for an image
# of `n` x `n` pixels. It raises a `ValueError` if `n` is too small. Find the size of the network's window and its total
# stride by experiment, and answer with the two numbers.

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

# %%
check("window_and_stride", window_and_stride)

# %% [markdown]
# ### Exercise 2: convert a layer from PyTorch
#
# In PyTorch, `nn.Flatten` goes through the feature maps channel by channel, through each channel row by row. The weights of the
# `nn.Linear` after it have the shape $(\text{units},\, n_C n_H n_W)$. Write `filters_of(W, n_H, n_W)`, which returns the filters of the
# convolution that replaces it, in the order of this course, $(n_H, n_W, n_C, \text{units})$.


# %%
def filters_of(W, n_H, n_W):
    filters = None
    ### BEGIN SOLUTION
    filters = W.reshape(len(W), -1, n_H, n_W).transpose(2, 3, 1, 0)
    ### END SOLUTION
    return filters


# %%
check("filters_of", filters_of)

# %% [markdown]
# ### Exercise 3: find the peaks
#
# Several neighboring positions see the same digit, and you want to report it once. Let `evidence` be the
# largest digit score minus the score of "nothing", of shape $(n_H, n_W)$. (Probabilities near 1 are all rounded to 1.) Write
# `find_peaks(evidence, threshold)`. It returns a boolean array, `True` where the evidence is above the threshold and no
# smaller than at any of the (up to eight) neighbors. This is a form of
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


# %%
check("find_peaks", find_peaks)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# Write down what you expect, then change the first line below.
#
# 1. ... all digits are twice as large (`zoom=2`)?
# 2. ... the page is noisy (`noise=0.3`), or white with black digits (`invert=True`)?
# 3. ... the page moves by one pixel (`shift=1`)? What could you do if you needed a score for every pixel rather than for
#    every second one?
# 4. ... the class "nothing" is ignored? (Set `scores_now[..., NOTHING] = -99`.)
#
# The figure shows one page. The line above it gives the counts for all fifty.

# %%
changes = {"zoom": 1, "noise": 0.0, "invert": False, "shift": 0}  # change these
recall, precision, false_peaks = on_pages(fifty, **changes)
print(f"recall {recall:.0%}, precision {precision:.0%}, {false_peaks:.1f} false peaks on a page")
page_now = changed(page, **changes)
scores_now = scores_of(page_now)
draw.changed_page(page_now, scores_now)

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. On the fifty pages, [13%]{= f"{on_pages(fifty, 2)[0]:.0%}" } of the digits are read, among
#    [26]{= f"{on_pages(fifty, 2)[2]:.0f}" } false peaks on a page: the network has learned digits of one size. Detectors
#    scan an image at several sizes (an image pyramid), or are trained on several sizes.
# 2. With noise, [60%]{= f"{on_pages(fifty, noise=0.3)[0]:.0%}" } of the digits are read, and
#    [8]{= f"{on_pages(fifty, noise=0.3)[2]:.0f}" } false peaks on a page bring the precision down to
#    [57%]{= f"{on_pages(fifty, noise=0.3)[1]:.0%}" }. (The training windows had no noise.) On the inverted page, almost every
#    position is called a digit, with a probability near 1. "Nothing" means "like the training windows without a digit", and
#    white paper is not like them.
# 3. The digits move, but windows still start at every second pixel, so their scores change. The recall falls only to
#    [93%]{= f"{on_pages(fifty, shift=1)[0]:.0%}" }. For a score at every pixel, scan four pages, shifted by 0 or 1 in each
#    direction, and interleave the maps.
# 4. Now every position has to be some digit, and at more than four of five positions the network is more than 90% sure,
#    although most of them show none. Softmax compares the classes that the network knows, and no others.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **say what a [1x1 convolution](glossary.md#1x1-convolution) computes:** the same
#    [dense layer](glossary.md#dense-layer) at every pixel, with $(n_{C_{prev}} + 1)\, n_C$ parameters for an image of any
#    size;
# 2. **turn dense layers into convolutions:** the first one after `Flatten` gets kernels as large as the feature maps, the
#    others become 1x1 convolutions. On a larger image, this
#    [fully convolutional network](glossary.md#fully-convolutional-network) gives a [score map](glossary.md#score-map), and
#    without padding exactly the scores of all windows;
# 3. **say which sizes it accepts:** every size at which each kernel fits into its input. Labels have the shape of the
#    scores without the axis of the classes. A [bottleneck](glossary.md#bottleneck) reduces the channels before an
#    expensive convolution.
#
# You may also read *pointwise convolution* for 1x1 convolution, *heat map* for score map, and *dimension reduction* for
# bottleneck.

# %% [markdown]
# ## What to read next
#
# - To practice: the assignment [1x1 convolution](../release/one_by_one/one_by_one.ipynb).
# - Next is [Efficient networks](23_efficient_networks.ipynb): most of their layers are 1x1 convolutions.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.4.3,
#   [1 x 1 convolutional layer](https://d2l.ai/chapter_convolutional-neural-networks/channels.html).
# - CS231n, [Converting FC layers to CONV layers](https://cs231n.github.io/convolutional-networks/#convert).
# - Lin, Chen and Yan, *Network in network* (2014): [arXiv:1312.4400](https://arxiv.org/abs/1312.4400).
# - Sermanet et al., *OverFeat* (2014), scanning in one pass: [arXiv:1312.6229](https://arxiv.org/abs/1312.6229).
# - Szegedy et al., *Going deeper with convolutions* (2015), GoogLeNet:
#   [arXiv:1409.4842](https://arxiv.org/abs/1409.4842).
# - Long, Shelhamer and Darrell, *Fully convolutional networks for semantic segmentation* (2015):
#   [arXiv:1411.4038](https://arxiv.org/abs/1411.4038).
# - PyTorch, [Conv2d](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html) and
#   [CrossEntropyLoss](https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html).
