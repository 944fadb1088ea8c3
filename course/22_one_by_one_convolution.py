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
from lesson_tools.digit_page import trained_window_network
from lesson_tools.one_by_one_convolution import figures as draw
from lesson_tools.one_by_one_convolution.questions import check, predict
from lesson_tools.one_by_one_convolution.window_scan import (
    black_box,
    digits_of_pi,
    find_digits,
    layer_macs,
    new_page,
    read,
    scores_of,
    write_page,
)

data = digits()
network = trained_window_network()
page, _ = new_page(data, seed=5)
draw.page_read(page, scores_of(page))

# %% [markdown]
# The network did this in a single forward pass, with the parameters from its training and not one more. But it was
# trained with two dense layers, and a dense layer needs an input of fixed size. **So how can the network take an
# image that is more than forty times as large as its training images?**
#
# Yann LeCun gave the answer in 2015, on Facebook: "In Convolutional Nets, there is no such thing as
# 'fully-connected layers'. There are only convolution layers with 1x1 convolution kernels and a full connection
# table." This lesson takes him at his word.
#
# **By the end of this lesson you will be able to**
#
# 1. say what a 1x1 convolution computes, and count its parameters;
# 2. turn the dense layers of a network into convolutions with the same parameters, and read the score map
#    that it computes for a larger image;
# 3. build a fully convolutional network in Keras and PyTorch, and say what padding changes in its scores.
#
# **Time:** about 50 minutes, and 25 for the exercises. **You need:** [Training](14_training.ipynb) and
# [Architectures](18_architectures.ipynb).

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
# Both sides have the same $h$ and $w$, so nothing moves to a neighboring position. Only the number of channels can
# change.
#
# You have used such a layer before, under another name. A grayscale image is a weighted sum of red, green and blue at
# each pixel, with the weights 0.299, 0.587 and 0.114, for example. That is a 1x1 convolution from 3 channels to 1.
# The edge network has one, too, the fifth of its seven operations, which turns its last feature maps into one map of
# scores.
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
# So a 1x1 convolution can find colors, but no edges: the Sobel kernel needs to know which pixels are neighbors, and the
# shuffling destroys its output. Deep in a network, the channels are no longer colors but features, and a 1x1
# convolution combines the features that earlier layers have found at one position.

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
print("dense layer at one pixel:    ", dense.forward(A[:, 2, 3])[0])
print("1x1 convolution at the pixel:", Z[0, 2, 3])

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Both have $6 \cdot 3$ weights and 3 biases, [21]{= pointwise.parameters.size } parameters. The number of pixels does not
# matter.
#
# </details>
#
# A 1x1 convolution **is** a dense layer that is applied to each pixel. `Flatten` followed by `Dense(3)` is something
# else: it would need $4 \cdot 5 \cdot 6 \cdot 3 + 3 =$
# [363]{= Network([Flatten(), Dense(3)], (4, 5, 6)).parameters.size } parameters here, and give three values for the whole
# image.

# %% [markdown] tags=["row-24"]
# ## Flatten and Dense are a convolution, too
#
# Now back to the network that reads the page. It was trained as an ordinary classifier of windows, and it does have a
# `Flatten`:

# %%
print(network.summary())

# %% [markdown]
# A unit of the first dense layer computes a weighted sum of all $4 \cdot 4 \cdot 16 =$ [256]{= 4 * 4 * 16 } values
# of the feature maps. `Flatten` goes through them row by row, through each row pixel by pixel, and through each pixel
# channel by channel. Put the 256 weights back in the same order, and you get a **filter** of 4 x 4 positions
# and 16 channels:

# %%
draw.unit(network)

# %% [markdown]
# The feature maps of a window have 4 x 4 positions, so there is exactly one position at which this filter fits, and
# there the filter computes what the unit computes. **A dense layer after `Flatten` is a convolution without padding
# whose kernels are as large as the feature maps.** Its output has height and width 1. So the second dense layer, and
# any that might follow, is one of LeCun's 1x1 convolutions.
#
# In code, two layers are replaced. Same numbers, same order, other shapes: copying the parameter vector is all it
# takes.


# %%
def fully_convolutional(input_shape):
    """Build the window network without dense layers, for images of any shape."""
    layers = [Conv2D(8, 3), ReLU(), Conv2D(16, 3), ReLU(), MaxPooling2D(2)]
    layers += [Conv2D(32, 4), ReLU()]  # instead of Flatten, Dense(32), ReLU
    layers += [Conv2D(11, 1)]  # instead of Dense(11)
    converted = Network(layers, input_shape)
    converted.parameters[:] = network.parameters
    return converted


window = page[None, :12, :12]
converted = fully_convolutional(window.shape[1:])
print("with dense layers:   ", network.forward(window)[0, :4], "...")
print("without dense layers:", converted.forward(window)[0, 0, 0, :4], "...")

# %% [markdown] tags=["row-24"]
# ## A larger image gives a score map
#
# A network that consists only of convolutions, local pooling and element-wise functions is a
# [**fully convolutional network**](glossary.md#fully-convolutional-network). The number of its parameters depends on its
# kernels and channels, but not on the image, so its layers slide over whatever image they get. For a window of 12 x 12
# pixels, its output is a single position with a score for each class. For a larger image there are more positions, and
# the output is called a [**score map**](glossary.md#score-map).
#
# The score at $(h, w)$ belongs to the window whose upper left corner is at $(2h, 2w)$, because the
# [total stride](glossary.md#total-stride) is 2. The window is the [receptive field](glossary.md#receptive-field) of the
# score.
#
# **Predict.** How many positions does the score map of the page have? Answer with `(rows, columns)`. You could also
# cut out the window of each position and classify it separately. How many times the MACs of the single pass would
# that take? `"a"` About 2 times. `"b"` About 6 times. `"c"` About 36 times, since a pixel lies in up to $6 \cdot 6$
# windows. (Which layers can share work between windows that overlap?)

# %%
predict("positions", None)
predict("work", None)

# %%
scan = fully_convolutional(page.shape)
scores = scan.forward(page[None])
print("page:", page[None].shape, "score map:", scores.shape)

view = np.lib.stride_tricks.sliding_window_view(page[:, :, 0], (12, 12))
windows = view[::2, ::2].reshape(-1, 12, 12, 1)
each_alone = network.scores(windows).reshape(scores.shape)
print(f"{len(windows):,} windows, largest difference {abs(scores - each_alone).max():.0e}")

separate, single = len(windows) * layer_macs(network), layer_macs(scan)
names = ("3x3, 8 filters", "3x3, 16 filters", "4x4 or Dense(32)", "1x1 or Dense(11)")
print(f"\n{'million MACs':18}{'windows':>9}{'one pass':>10}{'ratio':>7}")
for name, a, b in zip(names, separate / 1e6, single / 1e6, strict=True):
    print(f"{name:18}{a:>9.1f}{b:>10.1f}{a / b:>7.1f}")
print(f"together: {separate.sum() / single.sum():.1f} times the MACs")

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# The window of 12 pixels moves by 2: $(64 - 12) / 2 + 1 =$ [27]{= scores.shape[1] } rows and $(96 - 12) / 2 + 1 =$
# [43]{= scores.shape[2] } columns, together [1,161]{= f"{len(windows):,}" } windows.
#
# `"b"`, [6.2]{= f"{separate.sum() / single.sum():.1f}" } times. Neighboring windows overlap, and a single pass
# computes only once what they have in common. The first layers save factors of
# [19.9]{= f"{separate[0] / single[0]:.1f}" } and [13.5]{= f"{separate[1] / single[1]:.1f}" }. But the layers that
# replace the dense ones save nothing, since each window needs its own results.
#
# </details>
#
# One forward pass gives the scores of 1,161 separate ones, up to rounding. That is the answer to the riddle: the network
# has never seen more than a window of a page, but to a convolution, a page is just many windows. The heat map at the
# top of this lesson shows $1 - p(\text{nothing})$, computed by softmax from the 11 scores at each position. It peaks
# where a digit fills the middle of the window.
#
# The eleventh class, "nothing", is essential, and half of the training windows belong to it. Most of these show a part
# of a digit. A classifier of ten digits would have to choose one for every window, even between two digits.

# %% [markdown]
# ## Padding changes the scores
#
# The window network has no padding, so the two results agreed. The digits network of [Training](14_training.ipynb)
# pads both convolutions with zeros, for windows of 8 x 8 pixels. Convert it in the same way, and run it on a black
# page with two digits that are far apart.
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
# `"b"`. For black pixels, the first convolution outputs its biases, and the ReLU keeps those above 0. So on the page,
# the second convolution sees values around the digit that are not 0: these biases, and the responses to the outermost
# pixels of the digit. In the cut-out window it sees the zeros of the padding instead.
#
# </details>
#
# In general, only a network without [padding](04_padding.ipynb) gives exactly the scores of its windows. Padded
# networks are converted all the same: alone on a black page, 294 of the 297 test digits keep their class. Long,
# Shelhamer and Darrell (2015) converted VGG-16, among others, and then trained it further on whole images.

# %% [markdown] tags=["row-24"]
# ## Any image size in Keras and PyTorch
#
# In Keras, `None` stands for a size that is left open. Put a `Flatten` and a `Dense` at the end of this network instead of
# the last two convolutions, and Keras raises an error, because it cannot create a weight matrix with an unknown number of
# rows.

# %% needs="keras tensorflow"
import keras
from keras import layers

model = keras.Sequential(
    [
        keras.Input((None, None, 1)),  # any height and width
        layers.Conv2D(8, 3, activation="relu"),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 4, activation="relu"),
        layers.Conv2D(11, 1),  # scores, so no activation
    ]
)
model.set_weights(list(scan.named_arrays().values()))
for images in (page[None, :12, :12], page[None]):
    print(images.shape, "to", tuple(model(images).shape))
print(f"largest difference from our scores: {abs(model(page[None]).numpy() - scores).max():.0e}")

# %% [markdown]
# The smallest image is 12 x 12, the window. With 11 rows, the 4 x 4 kernel no longer fits into its input.
#
# PyTorch's layers know only their channels and kernel sizes, so there is no size to leave open.

# %% needs="torch"
import torch
from torch import nn

model_torch = nn.Sequential(
    *(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.MaxPool2d(2)),
    *(nn.Conv2d(16, 32, 4), nn.ReLU(), nn.Conv2d(32, 11, 1)),
)
for images in (torch.zeros(1, 1, 12, 12), torch.zeros(1, 1, 64, 96)):
    print(tuple(images.shape), "to", tuple(model_torch(images).shape))

# %% [markdown]
# To train on a score map, give the loss a label for each *position*. In both libraries, the labels have the shape
# $(m, n_H, n_W)$, that of the scores without the axis of the classes.
#
# One mistake is easy to make. Since a 1x1 convolution is a dense layer at each pixel, you may be tempted to write it
# as one.
#
# **Predict.** In PyTorch the channels come first, so a feature map with 6 channels has the shape (1, 6, 4, 5). What does
# `nn.Linear(6, 3)` do with it? `"a"` It gives the shape (1, 3, 4, 5). `"b"` It gives the shape (1, 3). `"c"` It raises
# an error.

# %%
predict("forgotten", None)

# %% needs="torch"
conv_1x1 = nn.Conv2d(6, 3, kernel_size=1)
linear = nn.Linear(6, 3)
maps = torch.tensor(A).permute(0, 3, 1, 2)
print("Conv2d:", tuple(conv_1x1(maps).shape))
try:
    linear(maps)
except RuntimeError as error:
    print("Linear:", error)
print("Linear:", tuple(linear(torch.zeros(1, 6, 4, 6)).shape), "from (1, 6, 4, 6)")
print("Linear:", tuple(linear(maps.permute(0, 2, 3, 1)).shape), "with the channels last")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. `Linear` acts on the last axis, which is the **width** here: 5, where the layer expects 6. If the width
# happens to be 6, there is no error, and the layer mixes the columns instead of the channels. Such a bug is silent.
#
# </details>
#
# With the channels last, however, `nn.Linear` *is* a 1x1 convolution, and so is `Dense` in Keras. Many networks are written
# that way (see [After 2020](29_after_2020.ipynb)).

# %% [markdown] tags=["row-24"]
# ## Bottlenecks
#
# Inside large networks, 1x1 convolutions also save work, because they can change the number of channels. In GoogLeNet
# (2014), a 5 x 5 convolution computes 32 channels from a feature map of 28 x 28 x 192. Instead of reading all 192
# channels, the network first reduces them to 16 with a 1x1 convolution. Such a reduction before an expensive layer is
# called a [**bottleneck**](glossary.md#bottleneck).

# %%
positions = 28 * 28
direct = positions * (5 * 5 * 192) * 32
bottleneck = positions * 192 * 16 + positions * (5 * 5 * 16) * 32
print(f"5x5 on 192 channels: {direct / 1e6:.0f} million MACs")
print(f"1x1 to 16 channels, then 5x5: {bottleneck / 1e6:.0f} million MACs")

# %% [markdown]
# That is [10%]{= f"{bottleneck / direct:.0%}" }. There is a price, because the two designs do not compute the same functions:
# everything must pass through 16 channels. ResNet-50 adds a third layer, which brings the channels back. In one of its
# blocks, a 1x1 convolution goes from 256 channels to 64, a 3 x 3 convolution works on these, and a 1x1 convolution
# returns to 256.

# %% [markdown]
# ## A thousand digits in one pass
#
# How large a page can you give to a network that was trained on 12 x 12 pixels? The next cell writes the first thousand
# digits of $\pi$ on a page of 320 x 800 pixels, with test digits. Then it reads the page in a single forward pass. Put
# your own lines in place of `lines`, such as a telephone number. They can be as long as you like.

# %%
lines = digits_of_pi(1000, width=50)  # or your own: ["24 12 2026", "0123456789"]
poster, spots = write_page(data, lines)
scores_poster = fully_convolutional(poster.shape).forward(poster[None])[0]
correct, written, peaks = read(scores_poster, spots)
print(f"{written} digits, {peaks} found, {correct} of them classified correctly")
draw.poster(poster, lines, find_digits(scores_poster))

# %% [markdown]
# The network finds all thousand digits and nothing else, and it names [944]{= correct } of them correctly. (There are only
# 297 test digits, so each appears more than three times on average.)
#
# However, a network that accepts images of any size does not recognize digits of any size. Upsample the first four lines
# with `repeat`, so that each digit is twice as large, and the network reads
# [25]{= read(scores_of(write_page(data, digits_of_pi(200, 50))[0].repeat(2, 0).repeat(2, 1)), write_page(data, digits_of_pi(200, 50))[1], 2)[0] }
# of their 200 digits. Detectors therefore look at an image at several scales, or are trained on objects of several sizes.

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
# ### Exercise 2: find the peaks
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
# ### Exercise 3: two layers in one
#
# A convolution with filters `W` and biases `b` is followed by a 1x1 convolution with `V` and `c`. Without an activation
# function in between, a single convolution does the same. Write `merge(W, b, V, c)`, which returns its filters and
# biases. `W` has shape $(f, f, n_{C_{prev}}, n_C)$, and `V` has shape $(1, 1, n_C, n)$.


# %%
def merge(W, b, V, c):
    filters, biases = None, None
    ### BEGIN SOLUTION
    filters = W @ V[0, 0]  # each new kernel is a weighted sum of the old ones
    biases = np.array(c, dtype=float)
    for bias, weights in zip(b, V[0, 0], strict=True):  # each old bias is one more pixel value
        biases += bias * weights
    ### END SOLUTION
    return filters, biases


# %%
check("merge", merge)

# %% [markdown]
# ## Recap
#
# A [1x1 convolution](glossary.md#1x1-convolution) is a [dense layer](glossary.md#dense-layer) at every pixel, with
# $(n_{C_{prev}} + 1)\, n_C$ parameters whatever the size of the image, and as a [bottleneck](glossary.md#bottleneck)
# it reduces the channels before an expensive layer. A dense layer after `Flatten` is a convolution whose kernels are
# as large as the feature maps, and the dense layers after it are 1x1 convolutions. Replace them, and the [fully
# convolutional network](glossary.md#fully-convolutional-network) computes a [score map](glossary.md#score-map) for an
# image of any size. Without padding, it contains the scores of the windows, one total stride apart.
#
# You may also read *pointwise convolution* for 1x1 convolution, *heat map* for score map, and *dimension reduction* for
# bottleneck.

# %% [markdown]
# ## What to read next
#
# - To practice: the assignment [1x1 convolution](../release/one_by_one/one_by_one.ipynb).
# - Next is [Efficient networks](23_efficient_networks.ipynb): most of their layers are 1x1 convolutions. A prediction for
#   each *pixel* follows in [Segmentation](25_segmentation.ipynb).
# - CS231n, [Converting FC layers to CONV layers](https://cs231n.github.io/convolutional-networks/#convert).
# - Lin, Chen and Yan, *Network in network* (2013), where 1x1 convolutions come from:
#   [arXiv:1312.4400](https://arxiv.org/abs/1312.4400).
# - Long, Shelhamer and Darrell, *Fully convolutional networks for semantic segmentation* (2015):
#   [arXiv:1411.4038](https://arxiv.org/abs/1411.4038).
