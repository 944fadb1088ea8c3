# %% [markdown]
# # Segmentation
#
# A doctor does not want to hear that there is a tumor *somewhere* in a scan. Which pixels belong to it? A
# car has to know which pixels are road. So far our networks made one prediction for an image, or, in
# [1x1 convolution](22_one_by_one_convolution.ipynb), one for every window. Now they make one for **every
# pixel**. Run the next two cells to see the task.

# %% include="lesson_setup"

# %%
from convnet.data import digits
from convnet.functional import cross_entropy_backward
from convnet.layers import BatchNormalization, Conv2D, Conv2DTranspose, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import Adam
from lesson_tools.segmentation import figures as draw
from lesson_tools.segmentation.detection import (
    box_iou,
    examples,
    ink_boxes,
    pages_with_digits,
    pooled_maps,
    score,
    window_maps,
)
from lesson_tools.segmentation.questions import check, predict
from lesson_tools.segmentation.unet import (
    BACKGROUND,
    WithSkip,
    confusion,
    ious,
    make_pages,
    segmentation_results,
)

data = digits()
pages = make_pages(data.train_images, data.train_labels, 300, seed=0)
test_pages = make_pages(data.test_images, data.test_labels, 40, seed=1)
draw.task(pages.X[:4], pages.Y[:4])

# %% [markdown]
# Predicting a class for every pixel is called [**semantic
# segmentation**](glossary.md#semantic-segmentation). There are eleven classes here, the ten digits and the
# **background**, and the pages are noisy, so you cannot just call every bright pixel ink.
#
# In practice, the labels make this task expensive, because people have to outline every object by hand: more than 90
# minutes for a single street scene of the Cityscapes data set. Ours are free, because we make the pages ourselves.
#
# This lesson builds the network that made segmentation popular, and asks of each part what it is worth.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. build a U-Net, an encoder and a decoder with skip connections, and train it in NumPy, Keras or PyTorch;
# 2. compute the intersection over union (IoU) of masks and of boxes, and say why the accuracy of pixels
#    misleads;
# 3. turn a score map into a detector, with a head for boxes and non-maximum suppression.
#
# **Time:** about 90 minutes, and 35 for the exercises. **You need:**
# [Transposed convolution](24_transposed_convolution.ipynb),
# [1x1 convolution](22_one_by_one_convolution.ipynb) and
# [Batch normalization](17_batch_normalization.ipynb).

# %% [markdown]
# ## Two questions to start
#
# - A transposed convolution with 32 filters, $f = 2$ and stride 2 reads feature maps of 8 x 8 x 64. What is
#   the shape of its output? (If this was new, go back to
#   [Transposed convolution](24_transposed_convolution.ipynb).)
# - A network gives scores of the shape (4, 32, 32, 11) for four pages. Which shape do the labels have? (If
#   this was new, go back to [1x1 convolution](22_one_by_one_convolution.ipynb).)

# %%
predict("twice", None)
predict("labels", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# (16, 16, 32): copies of 2 x 2 lie side by side. And (4, 32, 32), because a label is the number of a class.
#
# </details>

# %% [markdown]
# ## An accuracy of 93% for nothing
#
# About 7 of 100 pixels are ink, and the rest is background. Meet the laziest network of all: it calls every pixel
# background.
#
# **Predict.** What is its accuracy?

# %%
predict("lazy", None)

# %%
lazy = np.full(test_pages.Y.shape, BACKGROUND)
print(f"accuracy: {np.mean(lazy == test_pages.Y):.2f}")

# %% [markdown]
# Such **class imbalance** makes the accuracy of pixels useless. A tumor may fill a thousandth of a scan, and a network
# that never finds one is right for 99.9% of the pixels.
#
# We need a measure that ignores the easy background. Take one class at a time. Its true pixels form a
# **mask**, and so do its predicted pixels.

# %%
truth = np.array([[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]], dtype=bool)
prediction = np.array([[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 1, 1], [0, 0, 0, 1]], dtype=bool)
draw.two_masks(truth, prediction)

# %% [markdown]
# The [**intersection over union**](glossary.md#intersection-over-union) (IoU) of two masks divides the
# number of pixels in both by the number of pixels in at least one:
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
# The **mean IoU** is the mean over the classes, in which the background counts no more than any digit. (Each class has
# one IoU, for the pixels of all pages.) Now the lazy network looks as bad as it is:

# %%
print(f"IoU of the background: {ious(lazy, test_pages.Y)[BACKGROUND]:.2f}")
print(f"mean IoU:              {ious(lazy, test_pages.Y).mean():.3f}")

# %% [markdown]
# ## Down to see, up to draw
#
# To say which digit a pixel belongs to, a network has to see the whole digit, 8 x 8 pixels. To say whether *this* pixel
# is ink, it has to keep the exact position. These demands conflict, because pooling widens the receptive field at the
# price of the position. So an [encoder](glossary.md#encoder) goes down, with pooling, until it has seen enough, and a
# [decoder](glossary.md#decoder) goes up again, with transposed convolutions. Two poolings lead from 32 x 32
# to 8 x 8.
#
# **Predict.** On the way down, there are a 3 x 3 convolution, 2 x 2 pooling, a 3 x 3 convolution, 2 x 2
# pooling and a 3 x 3 convolution. How many rows of the page does a value at the bottom see? (If this is
# hard, go back to [Receptive fields](09_receptive_fields.ipynb).)

# %%
predict("field", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 18. After the layers it is 3, 4, 8, 10 and 18, because each pooling doubles the total stride. That is
# enough for a digit of 8 x 8 pixels and its surroundings.
#
# </details>

# %% [markdown]
# ## Skip connections
#
# The bottom knows *what*, but it has lost *where*. And yet the exact positions are still in the network, in the feature
# maps of the encoder. In 2015, Ronneberger, Fischer and Brox passed them straight across to the decoder, and named the
# result after the shape of its diagram: a [**U-Net**](glossary.md#u-net).

# %%
draw.architecture()

# %% [markdown]
# A [**skip connection**](glossary.md#skip-connection) **concatenates** the maps of the encoder with those that come from
# below, along the axis of the channels. (A residual network *adds* its shortcut; here both sets of channels are kept.)
# On the upper level, 16 channels from the left meet 16 from below, and the next convolution reads 32.
#
# In code, `WithSkip(inner)` is a layer that contains other layers. It computes them and concatenates its own input with
# their output. So we build the U from the inside, like a Russian doll:


# %%
def block(channels):
    return [Conv2D(channels, 3, padding=1), BatchNormalization(), ReLU()]


def up(channels):
    return Conv2DTranspose(channels, 2, stride=2)


def u_net(shape, seed=0):
    bottom = [MaxPooling2D(2), *block(64), up(32)]
    middle = [MaxPooling2D(2), *block(32), WithSkip(bottom), *block(32), up(16)]
    return Network([*block(16), WithSkip(middle), *block(16), Conv2D(11, 1)], shape, seed)


network = u_net((32, 32, 1))
print(network.summary())

# %% [markdown]
# The last layer is a 1x1 convolution, which gives eleven scores at every pixel.
#
# **Predict.** Nothing in the network is tied to pages of 32 x 32. But pages of 30 x 30 fail: they become 15 x 15 and
# then 7 x 7, the way up leads to 14 x 14, and that cannot be concatenated with 15 x 15. Which is the smallest size
# from 30 on that works?

# %%
predict("accepts", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 32, because it can be halved twice. Every multiple of 4 works.
#
# </details>

# %% [markdown]
# ## Training: every pixel is an example
#
# The loss is the [cross-entropy](glossary.md#cross-entropy) that you know, averaged over all pixels of a
# mini-batch. One `reshape` turns the score maps into a list of pixels, and another one turns the gradient back into
# maps. The rest is the training loop of [Training](14_training.ipynb). It takes about ten seconds.


# %%
def train_pages(network, pages, epochs=10, rate=0.005, batch=2, seed=0):
    optimizer, rng, history = Adam(rate), np.random.default_rng(seed), []
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
        history.append(report(network, test_pages))
    return history


def report(network, pages):
    """Return the accuracy, the IoU of ink of any digit, and the mean IoU."""
    predicted = network.scores(pages.X).argmax(axis=-1)
    counts = confusion(predicted, pages.Y)  # rows: true classes, columns: predictions
    ink = counts[:BACKGROUND, :BACKGROUND].sum()
    accuracy = counts.trace() / counts.sum()
    return accuracy, ink / (counts.sum() - counts[-1, -1]), ious(predicted, pages.Y).mean()


history = train_pages(network, pages)
draw.curves(history)

# %% [markdown]
# Most of the ink is found within three epochs. The classes take much longer, and the accuracy hardly notices either of
# them. But ink and classes are not independent:
#
# **Predict.** Somewhere on a stroke, the network is 90% sure that there is ink, but it has no idea *which*
# digit it is, so it gives every digit the same probability. Which class does `argmax` choose, `"digit"` or
# `"background"`?

# %%
predict("argmax", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Background. Each of the ten digits gets $0.9 / 10 = 0.09$, and the background 0.10. A network has to be
# very sure of the ink, or begin to recognize digits, before a single colored pixel appears.
#
# </details>
#
# So the loss of a network can fall while it draws nothing. Ours passes this stage within its first epoch, and you will
# soon meet networks that need up to six. Here is what ours draws in the end:

# %%
predicted = network.scores(test_pages.X).argmax(axis=-1)
draw.task(test_pages.X[:4], test_pages.Y[:4], predicted[:4])

# %% [markdown]
# The strokes are nearly right, and the classes sometimes. Some digits have two colors, because every pixel gets its own prediction and nothing forces the pixels of a digit to agree.

# %% [markdown]
# ## Are the skip connections worth it?
#
# The story about *what* and *where* sounds right, so let us test it. `python -m benchmarks.lessons.segmentation`
# trains three networks, which differ in one thing:
#
# - **skips**: the U-Net from above;
# - **zeros**: the maps of the encoder are replaced by zeros before they are concatenated, so the
#   network has the same layers and the same number of parameters;
# - **none**: nothing is concatenated. Instead, the transposed convolutions of the decoder have twice
#   as many output channels, which makes *more* parameters than in the U-Net.
#
# The learning rate of each was tuned on validation pages, until the best rate had a worse one on either side. Then each
# was trained with five random splits of the digits.
#
# If the story is true, then the networks without skips should be about as good at the classes of the ink
# (*what*), and worse at finding it (*where*). So we measure both: the IoU of ink, whatever the digit, and the fraction
# of right classes among the pixels that are ink and were called ink.

# %%
results = segmentation_results()


def seeds(arm):
    return [run for name, run in results[arm].items() if name.startswith("seed")]


def measured(arm):
    return {
        "mean IoU": [np.mean(run["iou"]) for run in seeds(arm)],
        "IoU of ink: where": [run["ink"] for run in seeds(arm)],
        "class of ink: what": [run["class"] for run in seeds(arm)],
    }


draw.arms(
    {"skips": measured("unet"), "zeros": measured("zeros"), "none": measured("none")},
    "Three panels of dots, a row for each of three networks with five seeds.",
    "Each dot is one training run, and each bar a mean. In which panel are the rows farthest apart?",
)

# %% [markdown]
# The middle panel is as clear as experiments get. With skips, the IoU of ink is at least
# [0.80]{= f"{min(measured('unet')['IoU of ink: where']):.2f}" } in every run, and without them it is at most
# [0.65]{= f"{max(measured('zeros')['IoU of ink: where'] + measured('none')['IoU of ink: where']):.2f}" }. In
# the right panel the rows overlap. So the story survives in a more exact form: **skip connections carry *where*, and we
# cannot show that they help with *what*.** The additional parameters of the third network do not replace them.
#
# <details>
# <summary>Do the others just need more time, or more data?</summary>
#
# They do start later: for
# [2]{= min(sum(ink < 0.05 for _, ink, _ in run['curve']) for arm in ('zeros', 'none') for run in seeds(arm)) } to
# [6]{= max(sum(ink < 0.05 for _, ink, _ in run['curve']) for arm in ('zeros', 'none') for run in seeds(arm)) } of
# the ten epochs they draw almost nothing. But three of the five networks with zeros have stopped improving: in their
# last three epochs, the IoU of ink stayed between
# [0.59]{= f"{min(ink for run in seeds('zeros')[2:] for _, ink, _ in run['curve'][-3:]):.2f}" } and
# [0.66]{= f"{max(ink for run in seeds('zeros')[2:] for _, ink, _ in run['curve'][-3:]):.2f}" }. And in two splits with
# 1,350 pages instead of 300, the network with zeros reached
# [0.77]{= f"{seeds('zeros-more')[0]['ink']:.2f}" } and [0.75]{= f"{seeds('zeros-more')[1]['ink']:.2f}" }, and the U-Net
# [0.85]{= f"{seeds('unet-more')[0]['ink']:.2f}" } and [0.84]{= f"{seeds('unet-more')[1]['ink']:.2f}" }. Data closes more
# than half of the gap, but not all of it. (All of this holds for small networks and short training.)
#
# </details>

# %% [markdown]
# ## What about the imbalance?
#
# Common advice for unequal classes is to **weight the loss**: multiply the loss of each pixel by 1 divided by
# the frequency of its class. Then a pixel of a digit counts about a hundred times as much as one of the background.
#
# **Predict.** What will that do? `"a"` Fewer digit pixels are found. `"b"` More are found,
# and more background is called a digit. `"c"` More are found, with no more false ones.

# %%
predict("weights", None)


# %%
def precision_and_recall(arm):
    return {
        "precision of the digits": [np.mean(run["precision"][:BACKGROUND]) for run in seeds(arm)],
        "recall of the digits": [np.mean(run["recall"][:BACKGROUND]) for run in seeds(arm)],
        "mean IoU": [np.mean(run["iou"]) for run in seeds(arm)],
    }


draw.arms(
    {"plain": precision_and_recall("unet"), "weighted": precision_and_recall("inverse")},
    "Three panels of dots, with a plain and a weighted loss and five seeds each.",
    "Compare the two rows, panel by panel. What is gained, and what is the price?",
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. The recall rises, and the precision falls.
#
# </details>
#
# The mean IoU does not gain. Use such weights if a miss costs a hundred times as much as a false alarm. In a hospital, it
# may well.

# %% [markdown]
# ## Checkerboards, after training
#
# Do trained networks still draw the checkerboards of [Transposed convolution](24_transposed_convolution.ipynb)? Give the
# trained network a blank page, all zeros. Away from the border all its windows are alike, so whatever varies in the
# scores is the work of the upsampling. We compare the transposed convolutions ($f = s = 2$) with repeated pixels,
# followed by a 3 x 3 convolution.

# %%
draw.arms(
    {
        name: {
            "blank page": [run["checkerboard"] for run in seeds(arm)],
            "mean IoU": measured(arm)["mean IoU"],
        }
        for name, arm in {"transposed": "unet", "repeat, convolve": "repeat"}.items()
    },
    "Two panels of dots, for two kinds of upsampling.",
    "Left: the variation on a blank page, in standard deviations of the scores on real pages.",
)

# %% [markdown]
# Training has not removed the pattern. With transposed convolutions, the scores of a blank page vary by
# [0.26]{= f"{np.mean([run['checkerboard'] for run in seeds('unet')]):.2f}" } on average, where 1 would be as
# much as on real pages. (A blank page has no noise, unlike the training pages, so the pattern may be weaker on real ones.)
#
# Does it hurt? `argmax` ignores a pattern in the scores as long as the background stays ahead. With repeated pixels, the
# mean IoU is a little higher, but the ranges overlap, and a 3 x 3 convolution has more weights than a 2 x 2 kernel. A
# checkerboard in an output *image* is visible at once. In a map of classes, it is a matter of taste.

# %% [markdown]
# ## The strongest simple baseline
#
# What is the simplest method that could do the same? We have already built it. The window network of
# [1x1 convolution](22_one_by_one_convolution.ipynb) finds digits and their classes. Trained on windows with the same
# noise, it takes three seconds. Around each digit that it finds, we blur the page a little, and call every pixel above a
# threshold ink. (Threshold and blur were tuned on validation pages.) Nothing in this method learns where the ink is.

# %%
draw.arms(
    {"U-Net": measured("unet"), "detect, then threshold": measured("window")},
    "Three panels of dots, for the U-Net and for detection followed by a threshold.",
    "Five random splits of the digits each. Which method would you use for our pages?",
)

# %% [markdown]
# It is not even close. The mean IoU is [0.70]{= f"{np.mean(measured('window')['mean IoU']):.2f}" } for the
# simple method and [0.43]{= f"{np.mean(measured('unet')['mean IoU']):.2f}" } for the U-Net.
#
# We even had an explanation: the simple method decides once for a digit, and the U-Net for every pixel alone.
# We believed this, and wrote it down. Then we counted what each method had *seen*. The U-Net learned from 300 pages of
# 32 x 32 pixels. The windows were cut from 150 pages of 96 x 96, one around each digit and as many without. Three of four
# squares of 16 x 16 on a page hold a digit.
#
# **Predict.** About how many digits are on the pages of the U-Net, and how many on those of the simple method?
# Answer with a tuple.

# %%
predict("digits", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (900, 4050), that is, $300 \cdot 4 \cdot 3/4$ and $150 \cdot 36 \cdot 3/4$.
#
# </details>
#
# The winner had seen 4.5 times as many digits, so the two rows differ in more than the method. That is the very
# mistake that this course keeps warning you about. So we repeated the comparison with 900 digits for both, and with
# 4,050 for both.

# %%
draw.arms(
    {
        "900 digits, U-Net": measured("unet"),
        "900 digits, detect": measured("window-few"),
        "4,050 digits, U-Net": measured("unet-more"),
        "4,050 digits, detect": measured("window"),
    },
    "Three panels of dots, for the two methods with 900 and with 4,050 digits.",
    "Compare the first two rows, and then the last two. What decides who wins?",
)

# %% [markdown]
# With 900 digits, the methods are level, with wide ranges that overlap. With 4,050 digits, the U-Net is ahead in
# [5]{= sum(np.greater(measured('unet-more')['mean IoU'], measured('window')['mean IoU'])) } of the
# [5]{= len(seeds('unet-more')) } splits, with a mean of
# [0.74]{= f"{np.mean(measured('unet-more')['mean IoU']):.2f}" } against
# [0.70]{= f"{np.mean(measured('window')['mean IoU']):.2f}" }. **What looked like a better method was more data.**
#
# Our explanation was wrong, too: in the larger U-Net run every pixel still decides alone, and
# [92%]{= f"{np.mean(measured('unet-more')['class of ink: what']):.0%}" } of the ink gets the right class. Nor is it
# the longer training. With the old 300 pages and as many steps, one U-Net scored
# [0.57]{= f"{measured('unet-long')['mean IoU'][0]:.2f}" }, where the same split with 1,350 pages gave
# [0.76]{= f"{measured('unet-more')['mean IoU'][0]:.2f}" }.
#
# So which method would you use? For our pages, the simple one is nearly as good, and it trains in
# [3]{= round(np.mean([run['seconds'] for run in seeds('window')])) } seconds instead of
# [45]{= round(np.mean([run['seconds'] for run in seeds('unet-more')])) }. But it was made for our pages: it knows
# that ink is brighter than paper, that digits have 8 x 8 pixels and that they never touch. Who knows the
# threshold of a tumor, or the size of a street? There, the U-Net learns from examples. In 2015 it won a challenge on
# tracking cells under the microscope by a large margin, after training on a few dozen images, distorted at random to
# make more of them.
#
# And if somebody shows you a method that wins by far, ask first what it was trained on.

# %% [markdown]
# ## A U-Net in PyTorch
#
# A module for a block, one for the network, and `torch.cat` for the skip connections:

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
        self.down1, self.down2 = conv_block(1, width), conv_block(width, 2 * width)
        self.bottom = conv_block(2 * width, 4 * width)
        self.pool = nn.MaxPool2d(2)
        self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, kernel_size=2, stride=2)
        self.dec2 = conv_block(4 * width, 2 * width)
        self.up1 = nn.ConvTranspose2d(2 * width, width, kernel_size=2, stride=2)
        self.dec1 = conv_block(2 * width, width)
        self.head = nn.Conv2d(width, classes, kernel_size=1)

    def forward(self, x):
        high = self.down1(x)
        low = self.down2(self.pool(high))
        x = self.up2(self.bottom(self.pool(low)))
        x = self.up1(self.dec2(torch.cat([low, x], dim=1)))
        return self.head(self.dec1(torch.cat([high, x], dim=1)))


# %% [markdown]
# The training loop is the usual one. `nn.CrossEntropyLoss` takes scores of the shape $(m, 11, n_H, n_W)$ and
# labels of the shape $(m, n_H, n_W)$ as they are. Two epochs show that it runs.

# %% needs="torch"
from torch.utils.data import DataLoader, TensorDataset

device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else "cpu"
torch.manual_seed(0)
dataset = TensorDataset(torch.from_numpy(pages.X).permute(0, 3, 1, 2), torch.from_numpy(pages.Y))
loader = DataLoader(dataset, batch_size=8, shuffle=True)

model = UNet().to(device)
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
loss_function = nn.CrossEntropyLoss()
for epoch in range(2):  # 30 for a result
    total = 0.0
    model.train()
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        loss = loss_function(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    model.eval()
    with torch.no_grad():
        scores = model(torch.from_numpy(test_pages.X).permute(0, 3, 1, 2).to(device))
    mean_iou = ious(scores.argmax(dim=1).cpu().numpy(), test_pages.Y).mean()
    print(f"epoch {epoch + 1}: loss {total / len(dataset):.3f}, mean IoU {mean_iou:.3f}")

# %% [markdown]
# After 30 epochs, about 20 seconds on one processor core, our model reached a mean IoU of 0.46 to 0.50, and with 1,350
# pages, in 80 seconds, 0.64. (Its learning rate is constant. Try a cosine schedule.)

# %% [markdown]
# ## A U-Net in Keras
#
# With the functional API, the code is the diagram. (Keras's default `momentum` of the running averages, 0.99, is too slow
# for the 76 steps of two epochs.)

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
    optimizer=keras.optimizers.AdamW(5e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.MeanIoU(num_classes=11, sparse_y_pred=False)],
)
validation = (test_pages.X, test_pages.Y)
keras_history = keras_model.fit(
    pages.X, pages.Y, batch_size=8, epochs=2, validation_data=validation, verbose=2
)

# %% [markdown]
# `keras.metrics.MeanIoU` needs `sparse_y_pred=False` because the model gives scores and not classes. Trust its value for
# the validation data: the one for the training data is collected while the weights still change. For PyTorch, the
# package torchmetrics has `MeanIoU`.

# %% [markdown]
# ## Boxes: a detection head is a 1x1 convolution
#
# Often a box around each object is enough. This is
# [**object detection**](glossary.md#object-detection), and you already own most of a detector. At each
# position, the window network of [1x1 convolution](22_one_by_one_convolution.ipynb) has
# 32 features, and its last layer, a 1x1 convolution from 32 channels to 11, says *what* is there. Such a
# layer on top of shared features is called a **head**.
#
# A second head says *where exactly*: a 1x1 convolution from the same 32 channels to **four**, the top,
# left, bottom and right edge of the digit's ink, relative to the window. Because a 1x1 convolution is a dense layer at
# each position, we can fit it by least squares:


# %%
def linear_head(maps):
    """Fit a head to the features from `maps`, and return its weights and biases."""
    features, offsets = examples(data, maps=maps)  # at positions with a digit in the middle
    with_ones = np.c_[features, np.ones(len(features))]
    solution, *_ = np.linalg.lstsq(with_ones, offsets, rcond=None)
    return solution[:-1], solution[-1]


head = linear_head(window_maps)
print("weights", head[0].shape, "biases", head[1].shape)

# %% [markdown]
# On a new page, every position that sees a digit reports a box, a class, and a score: how much more evidence it has for
# the digit than for nothing.


# %%
def detect(page, head, maps=window_maps):
    W_box, b_box = head
    _, scores = window_maps(page)
    evidence = scores[..., :BACKGROUND].max(axis=-1) - scores[..., BACKGROUND]
    positions = np.argwhere(evidence > 0)
    at = tuple(positions.T)
    boxes = maps(page)[0][at] @ W_box + b_box  # the 1x1 convolution
    boxes += 2 * np.tile(positions, 2)  # the window of (h, w) begins at (2h, 2w)
    return boxes, scores[at][:, :BACKGROUND].argmax(axis=-1), evidence[at]


new_pages = pages_with_digits(data.test_images, data.test_labels, range(100, 150))
page, spots = new_pages[0]
boxes, classes, evidence = detect(page, head)
print(len(spots), "digits,", len(boxes), "boxes")

# %% [markdown]
# There are several boxes for each digit, because several windows see it. Two boxes usually mean the same digit if their
# IoU is high. The IoU of boxes is that of masks, with areas in place of pixel counts.
#
# **Predict.** What is the IoU of these two boxes?

# %%
predict("boxes", None)

# %%
draw.overlaps(np.array([1.0, 1, 5, 7]), np.array([2.0, 3, 8, 7]))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $12 / 36 \approx$ [0.33]{= f"{box_iou(np.array([1.0, 1, 5, 7]), np.array([[2.0, 3, 8, 7]]))[0]:.2f}" }. Both
# boxes have 24 cells, and they share 3 rows and 4 columns.
#
# </details>

# %% [markdown]
# ## Non-maximum suppression, in ten lines
#
# [**Non-maximum suppression**](glossary.md#non-maximum-suppression) is greedy. Keep the box with the highest
# score, delete all boxes that overlap it by more than some IoU, and go on with the best of the rest. (In PyTorch
# it is `torchvision.ops.nms(boxes, scores, iou_threshold)`, or `batched_nms` for each class separately, with boxes as
# `(x1, y1, x2, y2)`.)


# %%
def suppress(boxes, evidence, iou_threshold=0.3):
    kept, order = [], np.argsort(-evidence)
    while len(order):
        best, others = order[0], order[1:]
        kept.append(best)
        overlap = box_iou(boxes[best], boxes[others])
        order = others[overlap <= iou_threshold]
    return kept


kept = suppress(boxes, evidence)
draw.suppressed(page, (boxes, classes), (boxes[kept], classes[kept]))

# %% [markdown]
# How good is our detector? A detection is right if its class is right and its IoU with the true box reaches
# a threshold. We count on fifty pages, with two thresholds, and compare with the simplest head that there is: always
# the *mean* box of the training digits. We suppress at an IoU of 0.1 here, because our digits never overlap.


# %%
def recall(head, maps=window_maps):
    """Return the recall on fifty pages, at an IoU of 0.5 and of 0.75."""
    right, n_digits = np.zeros(2), 0
    for page, spots in new_pages:
        boxes, classes, evidence = detect(page, head, maps)
        kept = suppress(boxes, evidence, iou_threshold=0.1)
        truth, labels = ink_boxes(page, spots), [label for *_, label in spots]
        right += [score(boxes[kept], classes[kept], truth, labels, iou) for iou in (0.5, 0.75)]
        n_digits += len(spots)
    return right / n_digits


mean_box = np.zeros((32, 4)), examples(data)[1].mean(axis=0)
recalls = {"mean box": recall(mean_box), "head on 32 features": recall(head)}
for name, (half, three_quarters) in recalls.items():
    print(f"{name:20} recall {half:.2f} at IoU 0.5, {three_quarters:.2f} at IoU 0.75")

# %% [markdown]
# At an IoU of 0.5 there is little to gain, because digits of one size hardly need a head for their boxes. At 0.75, where
# the edges must fit, the head finds [47%]{= f"{recalls['head on 32 features'][1]:.0%}" } of the digits and the mean box
# [40%]{= f"{recalls['mean box'][1]:.0%}" }. It helps, but not much.
#
# Here is a guess: the 32 features were trained to name digits wherever they are in the window, so they have lost
# much of the position. Then a head on the pooled maps, one layer earlier, must do better. It is a 4 x 4 convolution that
# reads 4 x 4 positions with 16 channels, 256 numbers. But 256 numbers can tell more than 32, whatever they were trained
# for. So we need a control: 32 features from a layer with *random* weights, which was trained for nothing.


# %%
def random_maps(seed):
    weights = np.random.default_rng(seed).normal(size=(256, 32))

    def maps(page):
        pooled, scores = pooled_maps(page)
        return np.maximum(pooled @ weights, 0), scores  # a random layer and its ReLU

    return maps


at_75 = [recall(linear_head(maps), maps)[1] for maps in map(random_maps, range(5))]
recalls["pooled maps"] = recall(linear_head(pooled_maps), pooled_maps)
print(f"pooled maps {recalls['pooled maps'][1]:.2f} at IoU 0.75, random layers", np.round(at_75, 2))

# %% [markdown]
# From the pooled maps, the head finds [90%]{= f"{recalls['pooled maps'][1]:.0%}" } of the digits, and from random features
# [60%]{= f"{min(at_75):.0%}" } to [71%]{= f"{max(at_75):.0%}" }. That is still more than from the trained ones, so the
# guess was half of the truth: squeezing 256 numbers into 32 costs a part of the position anyway, and training for the
# names costs another. **A network is free to forget what its loss does not ask for.** Real detectors therefore train both
# heads and the features together, with the sum of both losses.
#
# This is the skeleton of SSD, RetinaNet and the YOLO family. They add boxes of several shapes at each position
# (*anchors*), maps of several resolutions for objects of several sizes, and losses for the imbalance between the few
# positions with an object and the many without.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: by hand
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
# The same mistake costs 0.2 in the large mask and 0.5 in the small one. The IoU punishes errors at the edges
# of small objects, where nearly every pixel lies at the edge.
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
# ### Exercise 3: suppress by hand
#
# A detector reports four boxes, (top, left, bottom, right), with these scores. Which of them remain after
# non-maximum suppression with an IoU threshold of 0.5? Answer with a list of their numbers.
#
# | number | box | score |
# |--:|---|--:|
# | 0 | (0, 0, 4, 4) | 0.9 |
# | 1 | (0, 1, 4, 5) | 0.8 |
# | 2 | (6, 6, 10, 10) | 0.7 |
# | 3 | (6, 7, 10, 11) | 0.6 |

# %%
remaining = None
### BEGIN SOLUTION
remaining = [0, 2]  # boxes 0 and 1 share 12 of 20 cells, and so do boxes 2 and 3
### END SOLUTION

# %%
check("kept", remaining)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then try it in a copy of the cells above.
#
# 1. ... the test pages have no noise, or twice as much as the training pages? (The next cell tries it.)
# 2. ... you leave out `BatchNormalization()` in `block`?
# 3. ... a digit overlaps another one, so that a pixel belongs to both?

# %%
for noise in (0.0, 0.2, 0.4):
    noisy = make_pages(data.test_images, data.test_labels, 40, seed=1, noise=noise)
    _, ink, mean = report(network, noisy)
    print(f"noise {noise}: IoU of ink {ink:.2f}, mean IoU {mean:.2f}")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. Without noise, more of the ink is found, but the classes need not gain: the mean IoU rose in three of our four
#    networks, which differed in their seeds, and fell a little in this one. With twice the noise, they lost about half of
#    their mean IoU. They have never seen such pages. The usual remedy is to train with various amounts of noise.
# 2. In our trials, the network without it found the ink within the same ten seconds, but hardly any class. The U-Net of
#    2015 had no batch normalization, and trained for ten hours.
# 3. Each pixel has one class, so one of the digits loses. And even two digits of the *same* class that touch become a
#    single region: semantic segmentation cannot count. **Instance segmentation** (Mask R-CNN, for example) finds a box for
#    each object first, as our detector does, and a mask within each box.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **build and train a [U-Net](glossary.md#u-net):** pooling until the
#    [receptive field](glossary.md#receptive-field) covers an object, transposed convolutions up to full size,
#    [skip connections](glossary.md#skip-connection), and the cross-entropy of all pixels as the loss;
# 2. **compute the [IoU](glossary.md#intersection-over-union)** of masks and boxes, class by class, because an
#    accuracy of 93% can mean that nothing was found;
# 3. **turn a score map into a detector:** heads are 1x1 convolutions on shared features, and
#    [non-maximum suppression](glossary.md#non-maximum-suppression) keeps the best of the boxes that overlap.
#
# | term in this course | you may also read |
# |---|---|
# | [intersection over union](glossary.md#intersection-over-union) | IoU, Jaccard index |
# | mask | segmentation map, label map |
# | head | prediction layer |

# %% [markdown]
# ## What to read next
#
# - Next is [What filters see](26_what_filters_see.ipynb).
# - What is the IoU of two empty masks? Decide, and write it, in the [Bonus exercises](bonus.ipynb).
# - Ronneberger, Fischer and Brox, *U-Net: convolutional networks for biomedical image segmentation*
#   (2015): [arXiv:1505.04597](https://arxiv.org/abs/1505.04597).
# - Long, Shelhamer and Darrell, *Fully convolutional networks for semantic segmentation* (2015):
#   [arXiv:1411.4038](https://arxiv.org/abs/1411.4038).
# - Cordts et al., *The Cityscapes dataset for semantic urban scene understanding* (2016):
#   [arXiv:1604.01685](https://arxiv.org/abs/1604.01685).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), sections 14.3 to 14.9, on boxes, detection
#   and segmentation: [d2l.ai](https://d2l.ai/chapter_computer-vision/index.html).
# - Lin, Goyal, Girshick, He and Dollár, *Focal loss for dense object detection* (2017), RetinaNet and
#   imbalance: [arXiv:1708.02002](https://arxiv.org/abs/1708.02002).
# - Keras, [Image segmentation with a U-Net-like architecture](https://keras.io/examples/vision/oxford_pets_image_segmentation/).
