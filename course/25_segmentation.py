# %% [markdown]
# # Segmentation
#
# A doctor does not want to hear that there is a tumor *somewhere* in a scan, and a car has to know which pixels are
# road. So far, the networks that we trained gave one prediction for an image or a window. In this lesson, a network
# gives one for **every pixel**: which digit the pixel belongs to, or none. Run the next two cells to see the task.

# %% include="lesson_setup"

# %%
from convnet.data import digits
from convnet.functional import cross_entropy_backward
from convnet.layers import BatchNormalization, Conv2D, Conv2DTranspose, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import Adam
from lesson_tools.segmentation import figures as draw
from lesson_tools.segmentation.questions import check, predict
from lesson_tools.segmentation.unet import (
    BACKGROUND,
    NOISE,
    Nested,
    confusion,
    ious,
    load_weights,
    make_pages,
)

data = digits()
images = np.concatenate([data.train_images, data.test_images])
labels = np.concatenate([data.train_labels, data.test_labels])
order = np.random.default_rng(0).permutation(1797)
train, test = order[:1200], order[1500:]
pages = make_pages(images[train], labels[train], 300, seed=0)
test_pages = make_pages(images[test], labels[test], 150, seed=1000)
draw.task(test_pages.X[:4], {"true classes": test_pages.Y[:4]})

# %% [markdown]
# This is [**semantic segmentation**](glossary.md#semantic-segmentation): predicting a class for every pixel. There
# are eleven classes here, the ten digits and the **background**. The pages are noisy, so not every bright pixel is
# ink.
#
# The task contains a conflict. To recognize a digit, a network has to see all of it, and for that our networks used
# pooling. But pooling throws exact positions away, and now the positions are the result. **How can one network know
# *what* is on a page and still know *where*?**
#
# **By the end of this lesson you will be able to**
#
# 1. compute the intersection over union (IoU), and say why pixel accuracy misleads;
# 2. build a U-Net, an encoder and a decoder with skip connections, in NumPy, Keras and PyTorch, and train it;
# 3. make more training pages from the same labeled objects, and segment a page of your own.
#
# **Time:** about 50 minutes, and 25 for the exercises. **You need:**
# [Transposed convolution](24_transposed_convolution.ipynb),
# [1x1 convolution](22_one_by_one_convolution.ipynb) and
# [Batch normalization](17_batch_normalization.ipynb).

# %% [markdown]
# ## Pixel accuracy and intersection over union
#
# First we need a number that says how good a segmentation is. About 7 of 100 pixels are ink, and the rest is background.
# Now imagine the laziest network of all, which calls every pixel background.
#
# **Predict.** What is its accuracy?

# %%
predict("lazy", None)

# %%
lazy = np.full(test_pages.Y.shape, BACKGROUND)
print(f"accuracy: {np.mean(lazy == test_pages.Y):.2f}")

# %% [markdown]
# Such [**class imbalance**](glossary.md#class-imbalance) makes pixel accuracy misleading. A tumor may fill a thousandth
# of a scan, and a network that never finds one is still right for 99.9% of the pixels.
#
# A better measure ignores the easy background. Take one class at a time. Its true pixels form a **mask**, and its
# predicted pixels form another one.

# %%
truth = np.array([[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]], dtype=bool)
prediction = np.array([[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 1, 1], [0, 0, 0, 1]], dtype=bool)
draw.two_masks(truth, prediction)

# %% [markdown]
# The [**intersection over union**](glossary.md#intersection-over-union) (IoU) of two masks divides the number of pixels
# in both by the number of pixels in at least one:
#
# $$\text{IoU} = \frac{|T \cap P|}{|T \cup P|}$$
#
# It is 1 if the masks are equal and 0 if they have nothing in common.
#
# **Predict.** What is the IoU of these two masks? (A fraction such as `1 / 2` will do.)

# %%
predict("iou", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $3 / 7 \approx$ [0.43]{= f"{(truth & prediction).sum() / (truth | prediction).sum():.2f}" }. The masks have
# 4 and 6 pixels, and 3 in common, so that $4 + 6 - 3 = 7$ are in at least one of them.
#
# </details>
#
# The **mean IoU** is the mean over the classes, in which the background counts no more than any digit. (The IoU of a
# class is computed from the pixels of all pages together.) Now the lazy network looks as bad as it is:

# %%
print(f"IoU of the background: {ious(lazy, test_pages.Y)[BACKGROUND]:.2f}")
print(f"mean IoU:              {ious(lazy, test_pages.Y).mean():.3f}")

# %% [markdown]
# ## Encoder and decoder
#
# An [**encoder**](glossary.md#encoder) shrinks the page with convolutions and pooling, until one value has seen a
# whole digit. Then a [**decoder**](glossary.md#decoder) upsamples the feature maps again with [transposed
# convolutions](24_transposed_convolution.ipynb), until there is one position per pixel. A 1x1 convolution gives the
# eleven scores of each pixel.


# %%
def block(channels):
    return [Conv2D(channels, 3, padding=1), BatchNormalization(), ReLU()]


def down():
    return MaxPooling2D(2)


def up(channels):
    return Conv2DTranspose(channels, 2, stride=2)


def encoder_decoder(shape=(32, 32, 1), seed=0):
    encoder = [*block(16), down(), *block(32), down(), *block(64)]
    decoder = [up(32), *block(32), up(16), *block(16), Conv2D(11, 1)]
    return Network([*encoder, *decoder], shape, seed)


without_skips = encoder_decoder()

# %% [markdown]
# **Predict.** A digit has 8 x 8 pixels. How many rows of the page does one value see at the end of the encoder, after three
# 3 x 3 convolutions and two 2 x 2 poolings? (If this is hard, go back to [Receptive
# fields](09_receptive_fields.ipynb).)

# %%
predict("field", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 18 rows. The receptive field grows to 3, 4, 8, 10 and 18, because each pooling doubles the total stride. That is
# enough for a digit and its surroundings.
#
# </details>
#
# For training, **every pixel is an example**. The loss is the [cross-entropy](glossary.md#cross-entropy) that you
# know, averaged over all pixels of a mini-batch. One `reshape` turns the score maps into a list of pixels, and
# another one turns the gradient back into maps. The rest is the loop of [Training](14_training.ipynb), with a cosine
# schedule for the learning rate.


# %%
def train_pages(network, pages, epochs=10, rate=0.005, batch=2):
    optimizer, rng = Adam(rate), np.random.default_rng(0)
    for epoch in range(epochs):
        batches = rng.permutation(len(pages.X)).reshape(-1, batch)
        for number, picked in enumerate(batches):
            done = (epoch + number / len(batches)) / epochs  # from 0 to 1
            optimizer.settings["learning_rate"] = rate / 2 * (1 + np.cos(np.pi * done))
            scores = network.forward(pages.X[picked], training=True)
            pixels = scores.reshape(-1, 11)  # one row for each pixel
            gradient = cross_entropy_backward(pixels, pages.Y[picked].ravel())
            network.backward(gradient.reshape(scores.shape))
            optimizer.step(network.parameters, network.gradients)


def classes(network, pages):
    return network.scores(pages.X).argmax(axis=-1)


train_pages(without_skips, pages)  # about ten seconds
blurred = classes(without_skips, test_pages)
draw.task(test_pages.X[:4], {"true classes": test_pages.Y[:4], "predicted": blurred[:4]})

# %% [markdown]
# The network has learned something, but its strokes are clumsy, and some digits are hardly there. At the end of the
# encoder, one position stands for 4 x 4 pixels. Which of them are ink must be encoded in 64 channels, and the decoder
# must learn to draw them.

# %% [markdown]
# ## Skip connections
#
# And yet the exact positions are still in the network, in the first feature maps of the encoder. (Even on the page:
# calling every pixel above 0.55 ink gives an IoU of ink of
# [0.75]{= f"{((test_pages.X[..., 0] > 0.55) & (test_pages.Y < BACKGROUND)).sum() / ((test_pages.X[..., 0] > 0.55) | (test_pages.Y < BACKGROUND)).sum():.2f}" }.)
# In 2015, Ronneberger, Fischer and Brox passed these maps straight across to the decoder, and named the network after
# the shape of its diagram: a [**U-Net**](glossary.md#u-net).

# %%
draw.architecture()

# %% [markdown]
# Each dashed arrow is a [**skip connection**](glossary.md#skip-connection). It **concatenates** the maps of the
# encoder with those from the level below, along the channel axis. On the upper level, 16 channels from the left meet
# 16 from below, so the next convolution reads 32. It sees *where* the strokes are and *what* they belong to, at the
# same pixel. (A residual network *adds* its shortcut. Here both sets of channels are kept.)
#
# In code, a skip connection is a layer that contains the whole part of the U below it. It concatenates its own input
# with their output. In the backward pass, the gradient is split at the same channel: one part goes through the inner
# layers, the other takes the shortcut, and they are added where the paths split.


# %%
class WithSkip(Nested):  # a layer that contains other layers
    def forward(self, x, training):
        return np.concatenate([x, self.inner_forward(x, training)], axis=-1)

    def backward(self, dy):
        shortcut, below = dy[..., : self.channels], dy[..., self.channels :]
        return shortcut + self.inner_backward(below)


def u_net(shape=(32, 32, 1), seed=0):
    bottom = [down(), *block(64), up(32)]
    middle = [down(), *block(32), WithSkip(bottom), *block(32), up(16)]
    return Network([*block(16), WithSkip(middle), *block(16), Conv2D(11, 1)], shape, seed)


print(u_net().summary())

# %% [markdown]
# `u_net` has the layers of `encoder_decoder` in the same order. `WithSkip` is new, and two convolutions read twice as
# many channels. We train it on the same pages and measure two things. **Where** is the IoU of ink, whatever the
# digit. **What** is the fraction of right classes among the ink pixels that were found.


# %%
def report(name, predicted):
    counts = confusion(predicted, test_pages.Y)  # rows: true classes, columns: predictions
    ink = counts[:BACKGROUND, :BACKGROUND]
    where = ink.sum() / (counts.sum() - counts[BACKGROUND, BACKGROUND])
    what = ink.trace() / ink.sum()
    mean = ious(predicted, test_pages.Y).mean()
    print(f"{name:30}: where {where:.2f}, what {what:.2f}, mean IoU {mean:.2f}")
    return mean


# %% [markdown]
# **Predict.** Which of the two will the skip connections raise more, averaged over several runs, `"where"` or
# `"what"`?

# %%
predict("skips", None)

# %%
with_skips = u_net()
train_pages(with_skips, pages)
sharp = classes(with_skips, test_pages)
report("without skip connections", blurred)
few = report("with skip connections", sharp)
draw.ink(test_pages.Y[:4], {"without skips": blurred[:4], "with skips": sharp[:4]})

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"where"`, averaged over several runs. The shortcut carries the maps of the first convolutions, which know where the
# strokes are but have not seen a whole digit.
#
# </details>
#
# A single run cannot decide this: in ours, both rise by about the same amount. We repeated it with five random splits
# of the digits, tuned the learning rate of both networks, and gave the decoder without skip connections more channels
# in return. With skip connections, the IoU of ink is higher by [0.25 ± 0.04]{= draw.gain("unet", "none", "ink") }
# (mean and standard error of five), and *what* by [0.10 ± 0.04]{= draw.gain("unet", "none", "class") }. So **skip
# connections carry *where***, and for *what* they do less ([all runs](../benchmarks/lessons/segmentation.md)). Longer
# training makes up for a part of it: after 45 epochs instead of 10, the IoU of ink is 0.71 without them and 0.81 with
# them (one run).

# %% [markdown]
# ## More pages from the same digits
#
# Our U-Net finds the strokes, but it gives many of them a wrong class, so its mean IoU is below
# [one half]{= "one half" if 0.3 < few < 0.5 else few }. More training pages should help. In practice they are
# expensive, because people have to outline every object by hand. A street scene of the Cityscapes data set took more
# than 90 minutes on average.
#
# But an object that has been outlined once can be placed anywhere. The 300 pages contain
# [649]{= len(pages.used) } different digits, most of them only once. From the same
# digits we make 1,350 pages, with new positions, new neighbors and new noise.
#
# This is [data augmentation](15_overfitting.ipynb) for segmentation: image and labels are changed *together*.

# %%
same_digits = train[pages.used]
more_pages = make_pages(images[same_digits], labels[same_digits], 1350, seed=0)
final = load_weights(u_net())
# Or train it yourself, in a minute: final = u_net(), and then train_pages(final, more_pages)

predicted = classes(final, test_pages)
more = report("1,350 pages of the same digits", predicted)
draw.task(test_pages.X[:4], {"true classes": test_pages.Y[:4], "predicted": predicted[:4]})

# %% [markdown]
# All digits on the test pages are new to the network, and now most of them have the right color. The mean IoU is
# [0.75]{= f"{more:.2f}" }. If we make the 1,350 pages from *all* 1,200 training digits, we get
# [0.76]{= draw.mean_iou("unet-more", split=0) }, hardly more. And if we train on the old 300 pages for as many steps,
# we get [0.57]{= draw.mean_iou("unet-long", split=0) }. So in this split, more time gives about a third of the gain,
# new pages the rest, and digits beyond the 649 hardly anything.

# %% [markdown]
# ## A U-Net in PyTorch
#
# A module for the network, and `torch.cat` for the skip connections:

# %% needs="torch"
import torch
from torch import nn


def conv_block(n_in, n_out):
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(n_out),
        nn.ReLU(inplace=True),
    )


class UNet(nn.Module):
    def __init__(self, classes=11, width=16):
        super().__init__()
        self.enc1, self.enc2 = conv_block(1, width), conv_block(width, 2 * width)
        self.bottom = conv_block(2 * width, 4 * width)
        self.pool = nn.MaxPool2d(2)
        self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, kernel_size=2, stride=2)
        self.dec2 = conv_block(4 * width, 2 * width)
        self.up1 = nn.ConvTranspose2d(2 * width, width, kernel_size=2, stride=2)
        self.dec1 = conv_block(2 * width, width)
        self.head = nn.Conv2d(width, classes, kernel_size=1)

    def forward(self, x):
        high = self.enc1(x)
        low = self.enc2(self.pool(high))
        x = self.up2(self.bottom(self.pool(low)))
        x = self.up1(self.dec2(torch.cat([low, x], dim=1)))
        return self.head(self.dec1(torch.cat([high, x], dim=1)))


model = UNet()
x, y = torch.from_numpy(pages.X[:8]).permute(0, 3, 1, 2), torch.from_numpy(pages.Y[:8])
print("scores", tuple(model(x).shape), "labels", tuple(y.shape))
print(f"loss {nn.CrossEntropyLoss()(model(x), y).item():.2f}")

# %% [markdown]
# `nn.CrossEntropyLoss` takes scores of the shape $(m, 11, n_H, n_W)$ and labels of the shape $(m, n_H, n_W)$ as they are,
# so the training loop needs no `reshape` and is the usual one. In practice you would take a pretrained encoder, as in
# `torchvision.models.segmentation` or the package `segmentation_models_pytorch`.
#
# One thing goes wrong sooner or later. Nothing in the network is tied to 32 x 32 pixels, so you give it an image of another
# size:

# %% needs="torch"
try:
    model(torch.zeros(1, 1, 50, 50))
except RuntimeError as error:
    print(error)

# %% [markdown]
# 50 rows become 25 and then 12, because pooling drops the last row. Upsampling 12 rows gives 24, and 24 rows cannot
# be concatenated with 25. You meet the same error in Keras. The remedy is to pad the image, and to crop the result.
#
# **Predict.** To how many rows do you have to pad an image with 50 rows, at least?

# %%
predict("accepts", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# To 52, which can be halved twice. Every multiple of 4 works, and with $n$ poolings every multiple of $2^n$.
#
# </details>

# %% [markdown]
# ## A U-Net in Keras
#
# With the functional API, the code is the diagram:

# %% needs="keras tensorflow"
import keras
from keras import layers


def keras_block(x, channels):
    x = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


inputs = keras.Input((None, None, 1))
high = keras_block(inputs, 16)
low = keras_block(layers.MaxPooling2D(2)(high), 32)
x = keras_block(layers.MaxPooling2D(2)(low), 64)
x = layers.Conv2DTranspose(32, 2, strides=2)(x)
x = keras_block(layers.Concatenate()([low, x]), 32)
x = layers.Conv2DTranspose(16, 2, strides=2)(x)
x = keras_block(layers.Concatenate()([high, x]), 16)
keras_model = keras.Model(inputs, layers.Conv2D(11, 1)(x))

keras_model.compile(
    optimizer=keras.optimizers.Adam(5e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.MeanIoU(num_classes=11, sparse_y_pred=False)],
)
keras_model.fit(pages.X, pages.Y, batch_size=8, epochs=2, verbose=2)  # 30 for a result

# %% [markdown]
# `keras.metrics.MeanIoU` needs `sparse_y_pred=False` because the model gives scores and not classes.

# %% [markdown]
# ## A page of your own
#
# Write your own digits into the next cell: a date of birth, a telephone number, the first digits of π. Each one is
# replaced by a handwritten test digit, which the network has never seen. Then the noise is added. The page is larger
# than the training pages, but the same weights fit, because a convolution does not depend on the size of its input.


# %%
def write_page(lines, spacing=16, seed=0):
    rng, first = np.random.default_rng(seed), (spacing - 8) // 2
    page = np.zeros((spacing * len(lines), spacing * len(lines[0]), 1), np.float32)
    for h, line in enumerate(lines):
        for w, character in enumerate(line):
            row, column = spacing * h + first, spacing * w + first
            choices = images[test][labels[test] == int(character)]
            page[row : row + 8, column : column + 8] = rng.choice(choices)
    return page + rng.normal(0, NOISE, page.shape).astype(np.float32)


my_page = write_page(["31415", "92653", "58979"])  # your digits, as many in each line
reader = load_weights(u_net(my_page.shape))
draw.own_page(my_page, reader.scores(my_page[None])[0].argmax(axis=-1))

# %% [markdown]
# You have built a network that reads *and* draws. Try `seed=1` for other handwriting, and `spacing=8` with
# `list("0000")`, a column. Now the digits touch, and no pixel says where one 0 ends and the next one begins. Semantic
# segmentation names the class of each pixel, but it cannot count objects. **Instance segmentation** can. A common
# method finds a box for each object first, as in [object detection](glossary.md#object-detection) (see the [Bonus
# exercises](bonus.ipynb)), and then a mask in each box.
#
# For these pages, there is an even simpler way. Let the window network of [1x1
# convolution](22_one_by_one_convolution.ipynb) find the digits, blur the page a little, and call every bright pixel
# around them ink. Trained on as many digits as the U-Net with 1,350 pages of all digits, it reaches a mean IoU of
# [0.72]{= draw.mean_iou("window", split=0) } after [3]{= draw.seconds("window") } seconds of training (our U-Nets
# were ahead in all five splits, but not by much). But somebody had to tell it that ink is bright, and that digits
# have 8 x 8 pixels and never touch. Who knows the brightness of a tumor, or the size of a street? The U-Net learned
# all this from examples.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: small objects
#
# 1. A true mask and a predicted mask have 9 pixels each, and 8 in common.
# 2. Another pair has 3 pixels each, and 2 in common.
#
# What are the IoUs? Answer with a tuple. Both predictions miss one pixel and add a wrong one. What do you conclude for
# small objects?

# %%
by_hand = None
### BEGIN SOLUTION
by_hand = (8 / (9 + 9 - 8), 2 / (3 + 3 - 2))
### END SOLUTION

# %%
check("by_hand", by_hand)

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# The same mistake costs 0.2 in the large mask and 0.5 in the small one. Small objects consist mostly of edge pixels, so the
# IoU punishes an inexact edge more.
#
# </details>

# %% [markdown]
# ### Exercise 2: the mean IoU
#
# Write `mean_iou(truth, predicted, n)` for two arrays of
# classes from 0 to $n - 1$, of the same shape. It returns the mean of the IoUs of all classes that occur in
# at least one of the two arrays. (A class that occurs in neither has no IoU, since that would be 0/0.)


# %%
def mean_iou(truth, predicted, n):
    result = None
    ### BEGIN SOLUTION
    values = []
    for c in range(n):
        T, P = truth == c, predicted == c
        if (T | P).any():
            values.append((T & P).sum() / (T | P).sum())
    result = np.mean(values)
    ### END SOLUTION
    return result


# %%
check("mean_iou", mean_iou)

# %% [markdown]
# ### Exercise 3: pages of any size
#
# Write `segment(predict_classes, page)` for a page of any shape $(n_H, n_W)$. `predict_classes` takes a page whose height
# and width are multiples of 4, and returns the class of each of its pixels. Append as few rows and columns of zeros as
# possible, at the bottom and on the right, and crop the result to the shape of the page.


# %%
def segment(predict_classes, page):
    result = None
    ### BEGIN SOLUTION
    n_H, n_W = page.shape
    padded = np.pad(page, ((0, -n_H % 4), (0, -n_W % 4)))
    result = predict_classes(padded)[:n_H, :n_W]
    ### END SOLUTION
    return result


# %%
check("segment", segment)

# %% [markdown]
# ## Recap
#
# 1. Segmentation predicts a class for every pixel, and is measured by the
#    [IoU](glossary.md#intersection-over-union) of each class, because an accuracy of 93% can mean that nothing was found.
# 2. A [U-Net](glossary.md#u-net) recognizes objects at the end of its [encoder](glossary.md#encoder), enlarges the
#    feature maps in its [decoder](glossary.md#decoder), and gets the exact positions through
#    [skip connections](glossary.md#skip-connection).
# 3. Outlining objects is expensive, but new images of the same outlined objects are cheap, and can be worth as much as
#    new objects.
#
# | term in this course | you may also read |
# |---|---|
# | [intersection over union](glossary.md#intersection-over-union) | IoU, Jaccard index |
# | mask (of one class) | binary mask |

# %% [markdown]
# ## What to read next
#
# - Next is [What filters see](26_what_filters_see.ipynb).
# - Two [bonus exercises](bonus.ipynb) continue here: the IoU of two empty masks, and non-maximum suppression, with
#   which a detector reports each object once.
# - Long, Shelhamer and Darrell, *Fully convolutional networks for semantic segmentation* (2015), which made this kind
#   of segmentation popular: [arXiv:1411.4038](https://arxiv.org/abs/1411.4038).
# - Ronneberger, Fischer and Brox, *U-Net: convolutional networks for biomedical image segmentation* (2015), which
#   introduced the U-Net: [arXiv:1505.04597](https://arxiv.org/abs/1505.04597).
# - Keras, [Image segmentation with a U-Net-like architecture](https://keras.io/examples/vision/oxford_pets_image_segmentation/).
# - Cordts et al., *The Cityscapes dataset for semantic urban scene understanding* (2016):
#   [arXiv:1604.01685](https://arxiv.org/abs/1604.01685).
