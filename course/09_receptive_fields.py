# %% [markdown]
# # Receptive fields
#
# We give the network of [Output sizes](08_output_sizes.ipynb) a photograph. Run the next two cells to see how much of
# it reaches a single value of a feature map, after one, three, four and five of the blocks. Cover the two on the right
# first. After how many blocks can you tell what is in the photograph?

# %% include="lesson_setup"

# %%
from convnet.data import load_sample_image
from convnet.functional import conv2d, max_pool2d, relu
from lesson_tools.explorables import explore_sizes
from lesson_tools.receptive_fields import figures as draw
from lesson_tools.receptive_fields.questions import check, predict

photo = load_sample_image("astronaut.jpg")
draw.glimpses(photo, center=(75, 132))

# %% [markdown]
# After one block it could be anything pale. After three there is a nose, after four a face, and after five a person.
# But is she an astronaut? You can hardly tell, because all of the space suit but a bit of its collar lies outside.
# This value cannot use a single pixel of the rest either, however long you train. Later layers may combine several
# values, but a network that predicts from each value separately, such as one that draws edges, sees no more than
# that.
#
# The part of the image that a value sees is its [**receptive field**](glossary.md#receptive-field). So before you
# collect more data or tune anything, ask whether a value can see the thing that it should recognize. The answer takes
# five lines of Python.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compute the receptive field of a network from its kernel sizes and strides, and check it by an experiment;
# 2. explain why a field grows slowly with depth and fast with strides;
# 3. say which pixels of a receptive field matter most.
#
# **Time:** about 45 minutes, and 25 for the exercises. The section that begins with *Further* is optional and takes
# another 5 minutes. **You need:** [Output sizes](08_output_sizes.ipynb).

# %% [markdown]
# ## Changing one pixel
#
# Five blocks with random weights turn a square of 126 x 126 pixels into 2 x 2 positions with eight channels. Which
# pixels influence the eight values at the first position, in the upper left corner? Change one and see.

# %%
scene = photo[28:154, 85:211]
rng = np.random.default_rng(0)
filters = [rng.normal(0, 0.3, (3, 3, n_C_prev, 8)) for n_C_prev in (3, 8, 8, 8, 8)]
FIVE_BLOCKS = 5 * [(3, 1, 0), (2, 2, 0)]  # kernel size, stride and padding of each layer


def feature_map(image):
    A = image[np.newaxis] / 255
    for W in filters:
        A = max_pool2d(relu(conv2d(A, W)), 2)
    return A[0]


row, column = 46, 60  # try other pixels
changed = scene.copy()
changed[row, column] = 255 - scene[row, column]
same = np.array_equal(feature_map(changed)[0, 0], feature_map(scene)[0, 0])
print("no effect" if same else "changes the values")

# %% [markdown]
# **Predict.** Stay in row 46. Which is the last column that has an effect? You can find it with the cell above, by
# halving the candidates with every run, or use a number from the last lesson.

# %%
predict("last", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Column 93. The smallest image for which the five blocks return one value has columns 0 to 93, so the first value
# needs no others, even if there are more.
#
# </details>
#
# To test all the pixels outside at once, keep a square of the scene and replace everything else with noise:

# %%
noise = rng.integers(0, 256, scene.shape)
for size in (92, 93, 94, 95):
    mixed = noise.copy()
    mixed[:size, :size] = scene[:size, :size]
    same = np.array_equal(feature_map(mixed)[0, 0], feature_map(scene)[0, 0])
    print(size, "pixels:", "the same values" if same else "other values")

# %% [markdown]
# From [94]{= size - 1 } pixels on, the eight values are the same to the last bit, whatever surrounds the square. But
# the experiment depends on its image. Max pooling passes on only the largest of four values, and a ReLU drops the
# negative ones, so a pixel may have no effect in this image and a large one in the next. A rule must not depend on the
# image.

# %% [markdown]
# ## Counting paths
#
# Height and width are independent, so one axis is enough. The function `pass_through` puts a single 1 at each
# position in turn and sends it through the layers. So that no influence is lost, every weight is 1, and pooling
# adds its values instead of taking the largest. Then `A[t, h]` counts the **paths** from position `t` to output `h`.
# Where it is 0, the position cannot influence the output, in any image and with any weights.


# %%
def pass_through(n, layers):
    A = np.eye(n)  # row t has a single 1, at position t
    for f, s, p in layers:
        A = np.pad(A, ((0, 0), (p, p)))
        A = np.lib.stride_tricks.sliding_window_view(A, f, axis=1)[:, ::s].sum(axis=-1)
    return A


draw.path_counts(pass_through(6, FIVE_BLOCKS[:2]))

# %% [markdown]
# In one block, output 0 sees positions 0 to 3, and output 1 sees 2 to 5. So every output sees 4 positions, and the
# fields of neighbors lie 2 positions apart. Two numbers describe the whole table, and you can compute both without it.

# %% [markdown] tags=["row-12"]
# ## Total stride and receptive field
#
# Go through the layers and keep track of two numbers. $R$ is the extent of the receptive field along one axis. The
# [**total stride**](glossary.md#total-stride) $S$ is the distance, in pixels of the image, between the fields of
# neighboring values.
#
# Layer $l$ combines $f_l$ neighbors of the previous layer. The first of them sees $R_{l-1}$ pixels. The last one sees
# as many, but $(f_l - 1)\, S_{l-1}$ pixels further on, so together they see
#
# $$R_l = R_{l-1} + (f_l - 1)\, S_{l-1}, \qquad S_l = S_{l-1}\, s_l$$
#
# with $R_0 = S_0 = 1$, because a pixel sees itself. Look at the index of $S$: a stride does not change what its own
# layer sees, only what all the layers after it see.
#
# | the first block | $f$ | $s$ | $R$ | $S$ |
# |---|---|---|---|---|
# | image | | | 1 | 1 |
# | convolution | 3 | 1 | $1 + 2 \cdot 1 = 3$ | 1 |
# | pooling | 2 | 2 | $3 + 1 \cdot 1 = 4$ | 2 |
#
# **Predict.** What are $R$ and $S$ after **two** blocks? Answer with `(R, S)`.

# %%
predict("field", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (10, 4). The second convolution meets neighbors that lie 2 pixels apart, so it adds $2 \cdot 2$ to the 4 pixels of
# the first block, and the second pooling layer adds $1 \cdot 2$. Two layers have stride 2.
#
# </details>
#
# Here are the five lines, next to the counted paths.


# %%
def receptive_field(layers):
    R, S = 1, 1
    for f, s, _ in layers:
        R, S = R + (f - 1) * S, S * s
    return R, S


A = pass_through(126, FIVE_BLOCKS)
print("counted:", np.count_nonzero(A[:, 0]), np.flatnonzero(A[:, 1])[0])
print("computed:", *receptive_field(FIVE_BLOCKS))

# %% [markdown]
# These are the numbers of the last lesson. (If a stride is larger than its kernel, the field may have gaps, which $R$
# includes.) Without padding, output $h$ sees pixels $hS$ to $hS + R - 1$, so the
# first value needs 94 pixels, and the second one appears at $94 + 32 = 126$. **A stack without padding has the output
# size of a single layer with kernel size $R$ and stride $S$**, which is $\lfloor (n - R)/S \rfloor + 1$, because a
# value exists exactly if its field fits into the image.
#
# Padding changes neither number. A padding of $p$ in layer $l$ only moves all fields by $p \cdot S_{l-1}$ pixels toward
# the beginning, so that the first ones start outside the image.

# %% [markdown]
# ## Depth adds, stride multiplies
#
# At stride 1, each 3 x 3 convolution adds two pixels, no matter how many came before. But every stride of 2 doubles
# what all later layers add. That solves the riddle of [The convolution layer](06_convolution_layer.ipynb): the edge
# network pools after its second convolution, so its four convolutions see $1 + 2 + 2 + 1 + 4 + 4 = 14$ pixels instead
# of 9. VGG-16, for example, has thirteen 3 x 3 convolutions in five blocks of 2, 2, 3, 3 and 3, with 2 x 2 pooling
# between the blocks. First, take the pooling layers out.
#
# **Predict.** How many pixels along an axis does a value of the last convolution see **without** the pooling layers?

# %%
predict("deep", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $1 + 13 \cdot 2 =$ [27]{= 1 + 13 * 2 }.
#
# </details>

# %%
conv, pool = (3, 1, 1), (2, 2, 0)
VGG_16 = 2 * [conv] + [pool] + 2 * [conv] + [pool] + 2 * (3 * [conv] + [pool]) + 3 * [conv]
without_pooling = [layer for layer in VGG_16 if layer == conv]
print("without pooling:", receptive_field(without_pooling), "  VGG-16:", receptive_field(VGG_16))

cat = load_sample_image("chelsea.jpg")
draw.nested(cat, without_pooling, VGG_16)

# %% [markdown]
# Both networks have the same thirteen convolutions. Without pooling, the last one sees a patch of fur. With four pooling
# layers, which have no weights at all, it sees [196]{= receptive_field(VGG_16)[0] } pixels, enough for most of
# the cat's face. To get that far by depth alone, you would need
# [98]{= -(-(receptive_field(VGG_16)[0] - 1) // 2) } convolutions of 3 x 3. The price is resolution, because the last
# feature map has only one value every [16]{= receptive_field(VGG_16)[1] } pixels.
#
# A stride counts for every layer after it, so its position matters.
#
# **Predict.** Each of our five blocks now pools *first* and convolves afterward. The total stride stays 32. What is the
# new $R$, instead of 94?

# %%
predict("order", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $R =$ [156]{= receptive_field(5 * [(2, 2, 0), (3, 1, 0)])[0] }. Every convolution now meets neighbors that are twice as
# far apart, so the convolutions add 124 pixels instead of 62. Check it with
# `receptive_field(5 * [(2, 2, 0), (3, 1, 0)])`.
#
# </details>

# %% [markdown]
# ## Pixels in the middle matter most
#
# A receptive field says which pixels *can* matter, not how much they do. The number of paths suggests that, because a
# pixel with many paths has many ways to contribute.
#
# **Predict.** Two 3 x 3 convolutions with stride 1, one after the other, see five pixels along an axis. How many paths
# are there from each of them to the output? Answer with a list of five numbers.

# %%
predict("paths", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[1, 2, 3, 2, 1]`. There are three values between the layers, and each of them has one path to the output. The pixel
# in the middle is in the windows of all three, but a pixel at the end is in only one.
#
# </details>

# %%
no_padding = [(f, s, 0) for f, s, _ in VGG_16]
draw.spotlight(cat, pass_through(196, no_padding)[:, 0])

# %% [markdown]
# Follow a path backward, from the value to the image. At each convolution it turns left, goes straight on or turns
# right, and it reaches the outermost pixel only if it turns the same way in every layer. Sums of many independent
# choices form a bell-shaped curve (the central limit theorem), so most paths lead to the middle. This is only a guide:
# paths with different weights partly cancel, so the influence spreads more widely than the paths. But it peaks in the
# middle, too, as the red curve shows, for a VGG-16 that was trained to draw edges. A square of
# [120 to 130]{= draw.stored_widths('trained', 5) } pixels has 90% of the influence, which is only about
# [40%]{= f"{(draw.width(draw.stored_arrays('receptive_fields/effective_fields.npz')['trained_5'].astype(float)) / 196) ** 2:.0%}" }
# of the area ([measured by gradients](../benchmarks/lessons/effective_fields.md) on six photographs). This part is called
# the [**effective receptive field**](glossary.md#effective-receptive-field). An object that is 196 pixels wide still fits into
# the field, but its outline then lies where pixels have almost no influence.

# %% [markdown]
# ## The receptive field of a Keras model
#
# With automatic differentiation you do not even need the list of layers. A value can see every pixel for which its
# gradient is not 0, and [backpropagation](13_backpropagation.ipynb) computes the gradient for all pixels at once. Random weights will do, but
# a ReLU may block a pixel in one channel, so add up all channels. Position (7, 7) is in the middle of the 14 x 14 map, so
# its field is not cut off at the border. Is it 196 pixels wide?

# %% needs="tensorflow keras"
import keras
import tensorflow as tf

vgg = keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))
model = keras.Model(vgg.inputs, vgg.get_layer("block5_conv3").output)

image = tf.random.stateless_normal((1, 224, 224, 3), seed=(0, 0))
with tf.GradientTape() as tape:
    tape.watch(image)
    value = tf.reduce_sum(model(image)[0, 7, 7])
gradient = tape.gradient(value, image).numpy()[0]
columns = np.flatnonzero(gradient.any(axis=(0, 2)))
print(len(columns), "columns, from", columns[0], "to", columns[-1])

# %% [markdown]
# ## The receptive field of a PyTorch model
#
# The same in PyTorch, where we build VGG-16's convolutions in a loop. This model has no
# [batch normalization](17_batch_normalization.ipynb), but if yours has, call `eval()` first: in training mode it computes
# means over the whole batch, so that every pixel influences every value.

# %% needs="torch"
import torch
from torch import nn

model = nn.Sequential()
for n_C, convolutions in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
    for _ in range(convolutions):
        model.extend([nn.LazyConv2d(n_C, 3, padding=1), nn.ReLU()])
    model.append(nn.MaxPool2d(2))
model = model[:-1].eval()  # up to the last convolution

image = torch.randn(1, 3, 224, 224, requires_grad=True)
model(image)[0, :, 7, 7].sum().backward()
columns = np.flatnonzero(image.grad[0].numpy().any(axis=(0, 1)))
print(len(columns), "columns, from", columns[0], "to", columns[-1])

# %% [markdown]
# ## One pixel to the right
#
# In [From dense to convolutional layers](05_why_convolution.ipynb), you required the output to move with the image.
# Move the camera to the right by $k$ pixels, and compare the feature map of the five blocks with the one before. To
# be fair, we slide one map by 0, 1 or 2 positions and keep the best match: if the output only moved along with the
# image, the difference is 0. We measure it relative to the contrast of the map, its differences from its mean.
#
# **Predict.** For which shift does the feature map change least: 1, 16 or 32 pixels?

# %%
predict("shift", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 32, the total stride. The field of each value is then exactly where the field of its neighbor was, so every value
# moves by one position and nothing else changes.
#
# </details>
#
# But 1 pixel should be nearly as good, shouldn't it? Each field keeps 93 of its 94 columns.

# %%
n = 94 + 5 * 32  # pixels for 6 positions
wide = feature_map(photo[:n])  # with two more positions on the right
before = wide[:, :6]
changes = []
for k in range(65):
    moved = feature_map(photo[:n, k : k + n])
    difference = min(np.linalg.norm(moved - wide[:, h : h + 6]) for h in range(3))
    changes.append(difference / np.linalg.norm(before - before.mean()))
view, next_view = photo[:n, :n] * 1.0, photo[:n, 1 : n + 1] * 1.0
of_photo = np.linalg.norm(next_view - view) / np.linalg.norm(view - view.mean())
print(
    f"a shift by one pixel: {of_photo:.0%} of the photograph, {changes[1]:.0%} of the feature map"
)
draw.shifts(changes)

# %% [markdown]
# A shift by 32 pixels changes nothing. A single pixel changes the photograph by [24%]{= f"{of_photo:.0%}" } and the
# map by [17%]{= f"{changes[1]:.0%}" }. After five blocks, and with a field of 94 pixels, the network is only a little
# steadier than its input. Over six photographs, two directions and ten sets of random weights, the median is 14%,
# while that of the photographs is 24%. A trained VGG-16 is steadier, with 9%, but not insensitive either ([all
# figures](../benchmarks/lessons/moved_views.md)).
#
# Every block contains a max pooling layer, and pooling is said to make a network insensitive to small shifts. Is it? The
# [next lesson](10_pooling.ipynb) measures that.

# %% [markdown]
# ## Further: dilation
#
# *This section is optional.* Strides increase the receptive field, but they cost resolution.
# [**Dilation**](glossary.md#dilation) enlarges the field without a stride. With dilation $d$, neighboring weights of
# a kernel lie $d$ positions apart, so that it spans $d\,(f - 1) + 1$ positions with as many weights as before. This
# number replaces $f$ in all formulas. Three 3 x 3 layers with dilations 1, 2 and 4 see $1 + 2 + 4 + 8 =$
# [15]{= np.count_nonzero(np.convolve(np.convolve([1, 1, 1], [1, 0, 1, 0, 1]), [1, 0, 0, 0, 1, 0, 0, 0, 1])) } pixels,
# where three ordinary ones see [7]{= receptive_field(3 * [(3, 1, 0)])[0] }. The argument is called `dilation_rate` in
# Keras and `dilation` in PyTorch. With dilation 2, a window and the next one have no pixel in common.

# %%
# Which pixels does one window read with dilation 2, and which of them do its neighbors read?
explore_sizes(7, 7, f=3, dilation=2)

# %% [markdown]
# ## Exercises

# %% [markdown] tags=["row-12"]
# ### Exercise 1: a whole model
#
# In Keras, `model.summary()` prints the shapes and parameters of a model, but not its receptive field. Here is a network
# for color images of 128 x 128 pixels. (If Keras is missing, you only need the table.)

# %% needs="tensorflow keras"
from keras import layers

model = keras.Sequential(
    [
        keras.Input((128, 128, 3)),
        layers.Conv2D(16, 5, strides=(2, 3), activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 7, padding="same", activation="relu"),
        layers.MaxPooling2D((2, 4), strides=(3, 2)),
        layers.Conv2D(16, 3, padding="same", strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
        layers.Dense(1),
    ]
)
model.summary()

# %% [markdown]
# | | layer | kernel or window, rows x columns | stride, (down, right) |
# |---|---|---|---|
# | 1 | convolution | 5 x 5 | (2, 3) |
# | 2 | max pooling | 2 x 2 | (2, 2) |
# | 3 | convolution, SAME | 7 x 7 | (1, 1) |
# | 4 | max pooling | 2 x 4 | (3, 2) |
# | 5 | convolution, SAME | 3 x 3 | (2, 2) |
#
# How many rows and how many columns of the image does a value of layer 5 see? Write `rows_seen` and `columns_seen`.

# %%
rows_seen = None
columns_seen = None
### BEGIN SOLUTION
rows_seen = 59  # 5, then + 1 * 2 = 7, + 6 * 4 = 31, + 1 * 4 = 35, + 2 * 12 = 59
columns_seen = 86  # 5, then + 1 * 3 = 8, + 6 * 6 = 44, + 3 * 6 = 62, + 2 * 12 = 86
### END SOLUTION

# %%
check("rows_seen", rows_seen)
check("columns_seen", columns_seen)

# %% [markdown]
# ### Exercise 2: which pixels?
#
# Write `seen(layers, h)`, which returns the first and the last position that output `h` of a stack sees along one axis.
# A position in the padding before the image is negative. For example, with a single layer `(3, 1, 1)`, output 0 sees
# positions $-1$ to 1. (Remember what a padding of $p$ in layer $l$ does to all fields.)


# %%
def seen(layers, h):
    first, last = None, None
    ### BEGIN SOLUTION
    R, S, start = 1, 1, 0  # start: the first position that output 0 sees
    for f, s, p in layers:
        start -= p * S
        R, S = R + (f - 1) * S, S * s
    first = start + h * S
    last = first + R - 1
    ### END SOLUTION
    return first, last


# %%
check("seen", seen)

# %% [markdown]
# ### Exercise 3: design a network
#
# Faces in your photographs are up to 64 pixels wide. Design a network for images of 128 x 128 in which some value sees
# the whole face, wherever it is in the image:
#
# - all kernels have size 3, and there are at most ten layers;
# - the output has size 32 along each axis, and neighboring fields lie 4 pixels apart;
# - the receptive field is large enough. (A field of 64 is not. Why?)
#
# Write it as a list of layers `(f, s, p)`. Any network with these properties is accepted.

# %%
design = None
### BEGIN SOLUTION
design = [*2 * [(3, 2, 1)], *8 * [(3, 1, 1)]]  # R = 3, 7, and then 8 more with each layer: 71
### END SOLUTION

# %%
check("design", design)

# %% [markdown]
# ## Recap
#
# 1. Each layer extends the [receptive field](glossary.md#receptive-field) by $(f_l - 1)\, S_{l-1}$ pixels, where the
#    [total stride](glossary.md#total-stride) $S$ is the product of the strides so far. You can check it by changing
#    pixels or with a gradient.
# 2. At stride 1 depth adds a constant number of pixels, while a stride multiplies what all later layers add.
# 3. The pixels in the middle of the field matter most, so the
#    [effective receptive field](glossary.md#effective-receptive-field) is smaller than the formula says.

# %% [markdown]
# ## What to read next
#
# - [Pooling](10_pooling.ipynb) is next. To practice this lesson and the last one, there is the assignment
#   [Arithmetic](../release/arithmetic/arithmetic.ipynb).
# - Araujo, Norris and Sim, *Computing Receptive Fields of Convolutional Neural Networks* (Distill, 2019), with
#   interactive figures: [distill.pub](https://distill.pub/2019/computing-receptive-fields/).
# - Luo, Li, Urtasun and Zemel, *Understanding the Effective Receptive Field in Deep Convolutional Neural Networks*
#   (NeurIPS 2016): [arXiv:1701.04128](https://arxiv.org/abs/1701.04128).
