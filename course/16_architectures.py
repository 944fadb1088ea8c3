# %% [markdown]
# # Architectures
#
# An *architecture* is the plan of a network: which layers it has, in which order and how large
# they are. The plan decides how many numbers are trained, how much memory they need and how many
# multiplications one image costs, before anything is trained. In this lesson you read four plans,
# from LeNet with sixty thousand parameters to VGG-19 with 144 million, count them by hand and in
# Python, and build them in Keras.
#
# **When you have finished, you will be able to**
#
# 1. count the parameters of a network, layer by layer, from its plan alone,
# 2. build LeNet, a network for CIFAR-10, VGG-16 and VGG-19 in Keras, and say where each of them
#    keeps its parameters and where it spends its multiplications,
# 3. explain why VGG stacks $3 \times 3$ filters where older networks have larger ones.
#
# Time: about 60 minutes. You need [output sizes](06_output_sizes.ipynb) and
# [pooling](07_pooling.ipynb). The NumPy cells run everywhere. The cells that use Keras or PyTorch
# are skipped where these packages are missing.

# %% include="lesson_setup"

# %% [markdown] tags=["row-26"]
# ## A small network, layer by layer
#
# Here is an image of $6 \times 6$ pixels with a vertical edge in it, and a network small enough to
# write down whole:
#
# 1. a convolution with 2 filters of $3 \times 3$, stride 1, no padding, followed by ReLU;
# 2. max pooling with windows of $2 \times 2$, 2 apart;
# 3. flattening, which puts all numbers into one vector;
# 4. a dense layer with 3 outputs, one score for each of 3 classes.
#
# **Predict, then run.** Which shape does the image have after each of the four steps?

# %%
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network

image = np.array(
    [
        [0, 0, 0, 9, 9, 9],
        [0, 0, 0, 9, 9, 9],
        [0, 0, 1, 9, 9, 9],
        [0, 0, 1, 9, 9, 9],
        [0, 1, 2, 8, 9, 9],
        [0, 1, 2, 8, 9, 9],
    ]
)
tiny = Network([Conv2D(2, 3), ReLU(), MaxPooling2D(2), Flatten(), Dense(3)], (6, 6, 1))
filters = np.stack([[[-1, 0, 1]] * 3, np.ones((3, 3)) / 9], axis=-1)  # an edge, and a mean
tiny.layers[0].parameters["W"][...] = filters.reshape(3, 3, 1, 2)
steps = tiny.feature_maps(image.reshape(1, 6, 6, 1))
for layer, A in zip(tiny.layers, steps, strict=True):
    print(f"{type(layer).__name__:<13} {A.shape[1:]}")

# %% [markdown]
# The convolution has $6 - 3 + 1 = 4$ places in each direction and 2 filters: `(4, 4, 2)`. ReLU
# changes numbers, never a shape. Pooling halves height and width and keeps the channels:
# `(2, 2, 2)`. Flattening makes that a vector of $2 \cdot 2 \cdot 2 = 8$ numbers, and the dense
# layer makes 3 of them. (`A.shape[1:]` leaves out the axis of the batch, as this lesson does from
# here on.)
#
# The first filter is an edge detector and the second takes a mean. Here are the arrays themselves.

# %% jupyter={"source_hidden": true}
from convnet.plots import draw_grid

fig = plt.figure(figsize=(11, 4.6), layout="constrained")
places = fig.subplot_mosaic("AABBDFH;AACCEFH", width_ratios=[3, 3, 2.2, 2.2, 2.4, 1.4, 2.4])
draw_grid(places["A"], image, "image, (6, 6, 1)")
for channel, (conv_place, pool_place) in enumerate(["BD", "CE"]):
    conv_title = f"convolution and\nReLU, channel {channel}"
    draw_grid(places[conv_place], steps[1][0, :, :, channel].round(1), conv_title)
    draw_grid(
        places[pool_place], steps[2][0, :, :, channel].round(1), f"pooled,\nchannel {channel}"
    )
draw_grid(places["F"], steps[3].reshape(8, 1).round(1), "flat, (8,)")
draw_grid(places["H"], steps[4].reshape(3, 1).round(2), "scores, (3,)")
present(
    fig,
    "From left to right: the image of 6 rows and 6 columns, with small numbers on its left and "
    "nines on its right; two maps of 4 by 4, the upper one with large numbers in its two middle "
    "columns, the lower one growing from left to right; the two maps pooled to 2 by 2; one column "
    "of 8 numbers; one column of 3 scores.",
)

# %% [markdown] tags=["row-26"]
# ## Two formulas count the parameters
#
# A *parameter* is a number that training sets: a weight or a bias. Only two kinds of layers in this
# lesson have any.
#
# **A convolution.** One filter has a weight for each of the $f \cdot f$ cells of its window in each
# channel of its input, and one bias. So
#
# $$P_{\text{conv}} = (f \cdot f \cdot n_C^{[l-1]} + 1) \cdot n_C^{[l]}$$
#
# - $P_{\text{conv}}$: the number of parameters of convolution layer $l$
# - $f$: height and width of its filters
# - $n_C^{[l-1]}$: the number of channels that come in
# - $n_C^{[l]}$: the number of filters, which is the number of channels that go out
#
# The height and the width of the image are not in it: the same filters are used at all places.
#
# **A dense layer.** Each output has a weight for every input, and one bias:
#
# $$P_{\text{dense}} = (n^{[l-1]} + 1) \cdot n^{[l]}$$
#
# - $n^{[l-1]}$, $n^{[l]}$: how many numbers go in and come out
#
# Behind a convolution $n^{[l-1]} = n_H \cdot n_W \cdot n_C$, so here the size of the image does
# count, and it will count a lot. Pooling, ReLU and flattening have no parameters.
#
# **By hand.** The convolution of the small network has $(3 \cdot 3 \cdot 1 + 1) \cdot 2 = 20$
# parameters, and the dense layer has $(8 + 1) \cdot 3 = 27$. Together that is
# [47]{= tiny.parameters.size }, and the arrays of the network agree:

# %%
print(tiny.summary())

# %% [markdown]
# **Exercise 1.** The small network gets images of $12 \times 12$ pixels instead of $6 \times 6$.
# Nothing else in its plan changes. How many parameters does it have then, all in all?

# %%
answer = None
### BEGIN SOLUTION
answer = (3 * 3 * 1 + 1) * 2 + (5 * 5 * 2 + 1) * 3  # 12 -> 10 -> 5
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 1",
    answer,
    173,
    "Go through the shapes first: what comes out of the convolution, and what out of the pooling?",
    [
        (47, "That is the number for 6x6. One of the two layers depends on the size of the image."),
        (188, "That would be four times both layers: does the convolution get more parameters?"),
        (128, "The dense layer does not get four times the numbers: go through the sizes."),
        (239, "The convolution has no padding, so less than 12 rows are left for the pooling."),
        (170, "Each of the 3 outputs has a bias too."),
        (153, "That is the dense layer alone."),
    ],
)

# %% [markdown] tags=["row-26"]
# ## A plan as data
#
# Large plans are counted by a program. For that a plan becomes a list with one entry for each
# layer, in which a layer is a dictionary that says its kind and its settings. The four functions
# here only make the lists short to write. Activations such as ReLU are left out: they change
# neither a shape nor a count.
#
# `pad` is the number of zeros per side, as everywhere in this course. `"same"` stands for as many
# as SAME padding takes: then the output has $\lceil n/s \rceil$ rows, where $n$ is the number of
# rows that come in, $s$ is the stride and $\lceil \; \rceil$ means rounding up.


# %%
def conv(n_C, f=3, stride=1, pad=0):
    return {"kind": "conv", "n_C": n_C, "f": f, "stride": stride, "pad": pad}


def pool(f=2, stride=2):
    return {"kind": "pool", "f": f, "stride": stride, "pad": 0}


def flatten():
    return {"kind": "flatten"}


def dense(n):
    return {"kind": "dense", "n": n}


TINY = [conv(2), pool(), flatten(), dense(3)]

# %% [markdown]
# Convolution and pooling share one formula for the size of what comes out,
# $\lfloor (n + 2p - f)/s \rfloor + 1$, where $p$ is the padding per side and $\lfloor \; \rfloor$
# means rounding down.


# %%
def output_size(n, layer):
    """The rows (or columns) of a window layer's output, from those of its input."""
    if layer["pad"] == "same":
        return -(-n // layer["stride"])  # rounded up
    return (n + 2 * layer["pad"] - layer["f"]) // layer["stride"] + 1


print([output_size(n, conv(1, f=3, stride=2)) for n in (6, 7, 8)])
print([output_size(n, conv(1, f=3, stride=2, pad="same")) for n in (6, 7, 8)])

# %% [markdown]
# These are the sizes from the lesson [Output sizes](06_output_sizes.ipynb): 2, 3 and 3 without
# padding, and 3, 4 and 4 with SAME padding.

# %% [markdown]
# The next cell is the heart of this lesson. It walks along a plan, carries the shape from layer to
# layer, and counts by the two formulas.
#
# It counts a second thing, the *multiplications* that one image costs. A convolution computes
# $n_H \cdot n_W \cdot n_C$ numbers, and each of them takes one multiplication for each weight of a
# filter, $f \cdot f \cdot n_C^{[l-1]}$. In a dense layer each weight is used once.


# %%
def count(plan, input_shape):
    """For each layer: (kind, output shape, parameters, multiplications)."""
    rows, shape = [], input_shape
    for layer in plan:
        parameters = multiplications = 0
        if layer["kind"] == "flatten":
            shape = (int(np.prod(shape)),)
        elif layer["kind"] == "dense":
            parameters = (shape[0] + 1) * layer["n"]
            multiplications = shape[0] * layer["n"]
            shape = (layer["n"],)
        else:
            n_H, n_W = (output_size(n, layer) for n in shape[:2])
            n_C_prev, n_C = shape[2], layer.get("n_C", shape[2])
            if layer["kind"] == "conv":
                parameters = (layer["f"] ** 2 * n_C_prev + 1) * n_C
                multiplications = n_H * n_W * n_C * layer["f"] ** 2 * n_C_prev
            shape = (n_H, n_W, n_C)
        rows.append((layer["kind"], shape, parameters, multiplications))
    return rows


# %% [markdown]
# Two more functions take the sums of such a count and print it as a table. First the small network,
# where you can check every number.


# %%
def totals(plan, input_shape):
    """The sums over all layers: (parameters, multiplications)."""
    rows = count(plan, input_shape)
    return sum(row[2] for row in rows), sum(row[3] for row in rows)


def show(plan, input_shape):
    """Print the count of a plan as a table."""
    print(f"{'layer':<10}{'output':<17}{'parameters':>13}{'multiplications':>18}")
    for kind, shape, parameters, multiplications in count(plan, input_shape):
        print(f"{kind:<10}{str(shape):<17}{parameters:>13,}{multiplications:>18,}")
    parameters, multiplications = totals(plan, input_shape)
    print(f"{'total':<27}{parameters:>13,}{multiplications:>18,}")


show(TINY, (6, 6, 1))
assert totals(TINY, (6, 6, 1))[0] == tiny.parameters.size

# %% [markdown]
# Look at the last two columns. The dense layer has more parameters than the convolution, 27 to 20.
# The convolution takes twelve times as many multiplications, 288 to 24, because each of its weights
# is used at 16 places. In large networks both differences can be far larger.
#
# One more tool: a function that draws a plan. Each box is what comes out of a layer. Its height is
# the height of the feature maps, its width tells the number of channels, and both are drawn on
# scales that make small things visible, so read the numbers for the exact sizes.

# %% jupyter={"source_hidden": true}
LOOKS = {  # the colour and the hatching of a box
    "input": ("white", ""),
    "conv": ("#9ecae1", ""),
    "pool": ("#fdd0a2", "///"),
    "flatten": ("#d9d9d9", "..."),
    "dense": ("#a1d99b", "xx"),
}


def draw_plan(ax, plan, input_shape, title):
    """Draw what comes out of each layer as a box, with its shape below it."""
    rows = [("input", input_shape, 0, 0), *count(plan, input_shape)]
    tall, left = np.sqrt(max(row[1][0] for row in rows if len(row[1]) == 3)), 0.0
    for kind, shape, parameters, _ in rows:
        colour, hatch = LOOKS[kind]
        style = {"facecolor": colour, "edgecolor": "0.3", "hatch": hatch, "lw": 0.8}
        if len(shape) == 3:
            height, width = np.sqrt(shape[0]) / tall, 0.05 + 0.05 * np.log2(shape[2])
            slant = 0.3 * height
        else:
            height, width, slant = 0.1 + 0.065 * np.log2(shape[0]), 0.12, 0
        low, up = -height / 2, height / 2
        right = left + width
        side = [
            (right, low),
            (right + slant, low + slant),
            (right + slant, up + slant),
            (right, up),
        ]
        top = [(left, up), (left + slant, up + slant), (right + slant, up + slant), (right, up)]
        for corners in (side, top):
            ax.add_patch(plt.Polygon(corners, **style | {"hatch": ""}))
        ax.add_patch(plt.Rectangle((left, low), width, height, **style))
        label = f"{kind} {'x'.join(map(str, shape))}" + (f"\n{parameters:,}" if parameters else "")
        middle = left + width / 2
        ax.text(middle, -0.62, label, ha="right", va="top", rotation=50, fontsize=9)
        left = right + slant + 0.1 + 0.022 * len(rows) * (len(shape) == 1)  # room for the labels
    ax.set(xlim=(-0.5, left), ylim=(-1.5, 0.95), aspect="equal", title=title)
    ax.axis("off")


# %%
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
draw_plan(ax, TINY, (6, 6, 1), "the small network")
present(
    fig,
    "Five boxes from left to right: input 6x6x1, conv 4x4x2 with 20 parameters, pool 2x2x2, "
    "flatten 8, dense 3 with 27 parameters. The boxes grow smaller in height.",
)

# %% [markdown] tags=["row-26"]
# ## LeNet, 1998
#
# LeNet-5 was made to read handwritten characters, such as the amounts on bank cheques. Its plan
# became the pattern of many later networks: convolution and pooling by turns, with fewer rows and
# columns and more channels after each pair, and dense layers at the end. This is the variant that
# the course uses, for images of $28 \times 28$ with one channel. The first convolution has a
# padding of 2, which keeps the size, and the second has none.

# %%
LENET = [conv(6, 5, pad=2), pool(), conv(16, 5), pool()]
LENET += [flatten(), dense(120), dense(84), dense(10)]

# %% [markdown]
# **Predict.** Before you run the next cell, take a pencil. Fill in the shapes, and then the five
# numbers of parameters. The first convolution has $(5 \cdot 5 \cdot 1 + 1) \cdot 6$ of them.

# %%
show(LENET, (28, 28, 1))

# %% [markdown]
# The five are [156]{= count(LENET, (28, 28, 1))[0][2] },
# [2,416]{= f'{count(LENET, (28, 28, 1))[2][2]:,}' },
# [48,120]{= f'{count(LENET, (28, 28, 1))[5][2]:,}' },
# [10,164]{= f'{count(LENET, (28, 28, 1))[6][2]:,}' } and
# [850]{= count(LENET, (28, 28, 1))[7][2] }, together
# [61,706]{= f'{totals(LENET, (28, 28, 1))[0]:,}' }. The first dense layer alone has
# [78]{= round(100 * 48120 / totals(LENET, (28, 28, 1))[0]) } % of them: it joins all 400 numbers of
# the last feature maps with 120 outputs.

# %%
fig, ax = plt.subplots(figsize=(11, 4.4), layout="constrained")
draw_plan(ax, LENET, (28, 28, 1), "LeNet")
present(
    fig,
    "Nine boxes from left to right: input 28x28x1, conv 28x28x6 with 156 parameters, pool 14x14x6, "
    "conv 10x10x16 with 2,416 parameters, pool 5x5x16, flatten 400, dense 120 with 48,120 "
    "parameters, dense 84 with 10,164, dense 10 with 850. The feature maps become smaller and have "
    "more channels.",
)

# %% [markdown]
# The network of 1998 differs in details. Its input was $32 \times 32$ and had no padding, which
# gives the same $28 \times 28$ in the first feature maps. It pooled by averages with a trained
# factor and a trained bias, its activation was a scaled tanh, most filters of the second
# convolution saw only some of the 6 channels, and its last layer compared with fixed patterns of
# the characters. ReLU, maxima and a softmax are the usual choices for the same plan today.
#
# Now in Keras. A Keras model needs its input shape to make the weights; `count_params` counts them.

# %% needs="keras tensorflow"
import keras
from keras import layers


def keras_lenet(input_shape=(28, 28, 1)):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


print(f"{keras_lenet().count_params():,}")
assert keras_lenet().count_params() == totals(LENET, (28, 28, 1))[0]

# %% [markdown]
# The same count does not prove the same network. A stricter test gives both the same weights and
# the same images and compares what comes out. The course has a LeNet of its own, in NumPy, with
# weights that were trained on Fashion-MNIST. Its arrays have the shapes that Keras uses.

# %%
from convnet.models import trained

numpy_lenet = trained("lenet-fashion-mnist")
weights = []
for layer in numpy_lenet.layers:
    if layer.parameters:
        weights += [layer.parameters["W"], layer.parameters["b"]]
print([array.shape for array in weights])
print(f"{sum(array.size for array in weights):,}")

# %% needs="keras tensorflow"
same_lenet = keras_lenet()
same_lenet.set_weights(weights)
images = np.random.default_rng(0).random((2, 28, 28, 1), dtype=np.float32)
np.testing.assert_allclose(
    same_lenet.predict(images, verbose=0), numpy_lenet.predict(images), rtol=1e-4, atol=1e-6
)
print("Keras and NumPy give the same probabilities.")

# %% [markdown]
# **Predict, then run.** LeNet for the colour images of CIFAR-10, $32 \times 32 \times 3$: which of
# the five numbers change?

# %%
grey, colour = count(LENET, (28, 28, 1)), count(LENET, (32, 32, 3))
for before, after in zip(grey, colour, strict=True):
    mark = "  changes" if before[2] != after[2] else ""
    print(f"{before[0]:<8} {before[2]:>7,} {after[2]:>7,}{mark}")
print(f"{'total':<8} {totals(LENET, (28, 28, 1))[0]:>7,} {totals(LENET, (32, 32, 3))[0]:>7,}")

# %% [markdown]
# Two do. The first convolution has three channels to look at, $(5 \cdot 5 \cdot 3 + 1) \cdot 6 =$
# [456]{= colour[0][2] }. The first dense layer gets $6 \cdot 6 \cdot 16 =$
# [576]{= colour[4][1][0] } numbers in place of 400. The total is
# [83,126]{= f'{totals(LENET, (32, 32, 3))[0]:,}' }. The other layers see no difference.

# %% [markdown] tags=["row-26"]
# ## A larger network for CIFAR-10
#
# CIFAR-10 has 50,000 small colour photographs in ten classes to train with. This network was
# published as an example for it. It has six convolutions with SAME padding and no pooling at all:
# every second convolution has stride 2 and halves the image by itself. The number of channels
# doubles with each convolution.

# %%
CIFAR = []
for n_C, stride in zip((32, 64, 128, 256, 512, 1024), (1, 2, 1, 2, 1, 2), strict=True):
    CIFAR.append(conv(n_C, 3, stride, pad="same"))
CIFAR += [flatten(), dense(512), dense(10)]
show(CIFAR, (32, 32, 3))

# %% [markdown]
# [14,682,442]{= f'{totals(CIFAR, (32, 32, 3))[0]:,}' } parameters are
# [238]{= round(totals(CIFAR, (32, 32, 3))[0] / totals(LENET, (28, 28, 1))[0]) } times those of
# LeNet, and about [294]{= round(totals(CIFAR, (32, 32, 3))[0] / 50000) } for each image of the
# training set. So many parameters can learn the training set by heart; how well a network does on
# images it has not seen must be measured on such images.
#
# In Keras the plan reads as follows. Building it takes
# [59]{= round(4 * totals(CIFAR, (32, 32, 3))[0] / 1e6) } MB: 4 bytes for each parameter.

# %% needs="keras tensorflow"
cifar_model = keras.Sequential([keras.Input((32, 32, 3))])
for n_C, strides in zip((32, 64, 128, 256, 512, 1024), (1, 2, 1, 2, 1, 2), strict=True):
    cifar_model.add(layers.Conv2D(n_C, 3, strides=strides, padding="same", activation="relu"))
cifar_model.add(layers.Flatten())
cifar_model.add(layers.Dense(512, activation="relu"))
cifar_model.add(layers.Dense(10, activation="softmax"))

print(f"{cifar_model.count_params():,}")
assert cifar_model.count_params() == totals(CIFAR, (32, 32, 3))[0]
rows = count(CIFAR, (32, 32, 3))
for layer, (_, shape, parameters, _) in zip(cifar_model.layers, rows, strict=True):
    assert layer.output.shape[1:] == shape and layer.count_params() == parameters

# %%
fig, ax = plt.subplots(figsize=(11, 4.6), layout="constrained")
draw_plan(ax, CIFAR, (32, 32, 3), "the network for CIFAR-10")
present(
    fig,
    "Ten boxes: input 32x32x3, conv 32x32x32, conv 16x16x64, conv 16x16x128, conv 8x8x256, "
    "conv 8x8x512 with 1,180,160 parameters, conv 4x4x1024 with 4,719,616, flatten 16384, dense "
    "512 with 8,389,120, dense 10 with 5,130.",
)

# %% [markdown] tags=["row-26"]
# ## Two small filters see as much as a large one
#
# The well-known networks before 2014 had filters of $5 \times 5$, $7 \times 7$ or even
# $11 \times 11$. The VGG networks, from the Visual Geometry Group in Oxford, have none larger than
# $3 \times 3$, and many layers of them. The reason can be seen on the small image from above.
#
# Let a $3 \times 3$ filter of ones run over the $6 \times 6$ image. It leaves $4 \times 4$
# numbers. Let it run over those again: $2 \times 2$. Each of the four final numbers looks at
# $3 \times 3$ numbers of the middle array, and these together look at $5 \times 5$ pixels of the
# image.

# %%
from convnet.functional import conv2d


def slide(X, kernel):
    """The cross-correlation of one 2-D array with one kernel, stride 1, no padding."""
    W = kernel.reshape(*kernel.shape, 1, 1)
    return conv2d(X.reshape(1, *X.shape, 1), W)[0, :, :, 0]


ones = np.ones((3, 3))
middle = slide(image, ones)
twice = slide(middle, ones)
print(twice)

# %% jupyter={"source_hidden": true}
from lesson_tools.figures import animate


def two_steps(position):
    h, w = divmod(position, 2)
    figure, axes = plt.subplots(1, 3, figsize=(10, 4.2), width_ratios=[6, 4, 2.4])
    draw_grid(axes[0], image, "image", [(h, w, 5, 5, "tab:orange")])
    draw_grid(axes[1], middle, "after one 3x3 filter", [(h, w, 3, 3, "tab:orange")])
    draw_grid(axes[2], twice, "after two", [(h, w, 1, 1, "tab:orange")])
    return figure


animate(
    two_steps,
    range(4),
    "Three grids: the image of 6 by 6, the middle array of 4 by 4, the result of 2 by 2. For each "
    "of the four numbers of the result in turn, a frame of 3 by 3 shows what it sees of the middle "
    "array, and a frame of 5 by 5 what it sees of the image.",
    seconds=1.2,
)

# %% [markdown]
# The pixels that one number of a later layer depends on are its *receptive field*. Two $3 \times 3$
# convolutions have a receptive field of $5 \times 5$, and so does one $5 \times 5$ convolution.
#
# **Predict, then run.** Without an activation in between, the two filters of ones do exactly what
# one $5 \times 5$ filter does. Each of its weights says in how many ways the two small filters
# reach that pixel. Which numbers stand in its corner and in its middle?

# %%
reached = np.array([1, 2, 3, 2, 1])
large = np.outer(reached, reached)
print(large)
np.testing.assert_array_equal(slide(image, large), twice)

# %% [markdown]
# The corner pixel is reached in one way: from the corner of the second filter to the corner of the
# first. The middle pixel is reached from all nine cells.
#
# The stack of two is not only a detour. With $C$ channels in and out, and the biases left aside,
# the weights are
#
# $$2 \cdot (3 \cdot 3 \cdot C \cdot C) = 18\,C^2 \qquad\text{against}\qquad
# 5 \cdot 5 \cdot C \cdot C = 25\,C^2.$$
#
# Three layers of $3 \times 3$ see $7 \times 7$ pixels and have $27\,C^2$ weights against $49\,C^2$.
# And between the layers there is a ReLU each time, so the stack can compute what no single
# convolution can. The price is that the middle results have to be stored while training.

# %%
C = 64
for stack, single in (([conv(C)] * 2, [conv(C, 5)]), ([conv(C)] * 3, [conv(C, 7)])):
    small, big = totals(stack, (56, 56, C))[0], totals(single, (56, 56, C))[0]
    f = single[0]["f"]
    print(f"{len(stack)} layers of 3x3: {small:,}, 1 layer of {f}x{f}: {big:,}")

# %% [markdown]
# **Exercise 2.** How far does a unit see? Going through a plan from its start, the receptive field
# $r$ and the distance $j$ (in pixels of the image) of two neighbouring units obey
#
# $$r^{[l]} = r^{[l-1]} + (f^{[l]} - 1) \cdot j^{[l-1]}, \qquad j^{[l]} = j^{[l-1]} \cdot s^{[l]},
# \qquad r^{[0]} = j^{[0]} = 1$$
#
# - $r^{[l]}$: height and width of the receptive field of a unit in layer $l$
# - $j^{[l]}$: how many pixels of the image lie between the windows of two neighbouring units
# - $f^{[l]}$, $s^{[l]}$: filter size and stride of layer $l$, a convolution or a pooling layer
#
# Write it as a function of a plan that has only such layers. `layer["f"]` and `layer["stride"]`
# give you the settings.


# %%
def receptive_field(plan):
    result = None
    ### BEGIN SOLUTION
    r = j = 1
    for layer in plan:
        r = r + (layer["f"] - 1) * j
        j = j * layer["stride"]
    result = r
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true}
def right_field(plan):
    r = j = 1
    for layer in plan:
        r, j = r + (layer["f"] - 1) * j, j * layer["stride"]
    return r


def field_with_stride_too_early(plan):
    r = j = 1
    for layer in plan:
        j = j * layer["stride"]
        r = r + (layer["f"] - 1) * j
    return r


public_tests.check_function(
    "Exercise 2",
    receptive_field,
    right_field,
    [
        ([conv(1)],),
        ([conv(1), conv(1)],),
        ([conv(1), pool(), conv(1)],),
        (LENET[:4],),
        (CIFAR[:6],),
    ],
    "Walk the list with a for loop, and change r first: it takes the j from before the layer.",
    [
        (field_with_stride_too_early, "This takes a layer's own stride for its own window."),
        (
            lambda plan: 1 + sum(layer["f"] - 1 for layer in plan),
            "This leaves the strides out: behind a stride of 2, neighbours are 2 pixels apart.",
        ),
        (
            lambda plan: int(np.prod([layer["f"] for layer in plan])),
            "Receptive fields do not multiply: two 3x3 layers see 5, not 9.",
        ),
    ],
)

# %% [markdown]
# [What filters see](13_what_filters_see.ipynb) measures receptive fields on a network, pixel by
# pixel.

# %% [markdown] tags=["row-26"]
# ## VGG-16
#
# VGG-16 has 16 layers with weights: 13 convolutions of $3 \times 3$ with padding 1, which keep the
# size, and 3 dense layers. The convolutions come in five blocks. At the end of each block, max
# pooling halves the size. The first block has 64 filters in each layer, and the number doubles from
# block to block until it is 512. The input is a colour image of $224 \times 224$ pixels, the output
# has a probability for each of the 1,000 classes of the ImageNet challenge of 2014.


# %%
def vgg(convolutions):
    """The plan of a VGG network; convolutions: how many each of its five blocks has."""
    plan = []
    for n_C, times in zip((64, 128, 256, 512, 512), convolutions, strict=True):
        plan += [conv(n_C, pad=1)] * times + [pool()]
    return [*plan, flatten(), dense(4096), dense(4096), dense(1000)]


VGG16 = vgg((2, 2, 3, 3, 3))
show(VGG16, (224, 224, 3))

# %% [markdown]
# [138,357,544]{= f'{totals(VGG16, (224, 224, 3))[0]:,}' } parameters, and more than
# [15]{= totals(VGG16, (224, 224, 3))[1] // 10**9 } billion multiplications for one image. The
# drawing shows the rhythm: convolve, convolve, halve.

# %%
fig, ax = plt.subplots(figsize=(12.5, 4), layout="constrained")
draw_plan(ax, VGG16, (224, 224, 3), "VGG-16")
present(
    fig,
    "Boxes from left to right: the input 224x224x3, five blocks of two or three convolutions and "
    "one pooling layer each, whose feature maps have 224, 112, 56, 28 and 14 rows and 64, 128, "
    "256, 512 and 512 channels; then flatten 25088 and dense layers of 4096, 4096 and 1000. The "
    "first dense layer has 102,764,544 parameters.",
)

# %% [markdown]
# **Predict, then run.** How large a share of the parameters lies in the three dense layers? And how
# large a share of the multiplications?

# %%
rows = [row for row in count(VGG16, (224, 224, 3)) if row[2]]
names = [f"{kind} {number}" for number, (kind, *_) in enumerate(rows, 1)]
dense_parameters = sum(row[2] for row in rows if row[0] == "dense")
dense_work = sum(row[3] for row in rows if row[0] == "dense")
all_parameters, all_work = totals(VGG16, (224, 224, 3))
print(f"dense layers: {dense_parameters / all_parameters:.1%} of the parameters")
print(f"dense layers: {dense_work / all_work:.1%} of the multiplications")

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 2, figsize=(11, 4.6), sharey=True, layout="constrained")
for ax, column, unit, title in (
    (axes[0], 2, 1e6, "parameters, millions"),
    (axes[1], 3, 1e9, "multiplications for one image, billions"),
):
    values = [row[column] / unit for row in rows]
    bars = ax.barh(names, values, edgecolor="0.3")
    for bar, row, value in zip(bars, rows, values, strict=True):
        bar.set_facecolor(LOOKS[row[0]][0])
        bar.set_hatch(LOOKS[row[0]][1])
        ax.annotate(f" {value:.2f}", (value, bar.get_y() + 0.4), va="center", fontsize=8)
    ax.set(title=title, xlim=(0, 1.15 * max(values)))
axes[0].invert_yaxis()
present(
    fig,
    "Two bar charts over the 16 layers with weights. On the left the parameters: the first dense "
    "layer has 103 million, the second 17, the third 4, and no convolution more than 2.4. On the "
    "right the multiplications: 1.85 or 0.92 billion in most convolutions, 0.46 in the last three, "
    "0.09 in the first one, and at most 0.10 in a dense layer.",
)

# %% [markdown]
# The dense layers have [89.4]{= f'{100 * dense_parameters / all_parameters:.1f}' } % of the
# parameters and [0.8]{= f'{100 * dense_work / all_work:.1f}' } % of the multiplications. One layer
# stands out: the first dense layer joins $7 \cdot 7 \cdot 512 =$
# [25,088]{= f'{7 * 7 * 512:,}' } numbers with 4,096 outputs, and has
# [102,764,544]{= f'{rows[13][2]:,}' } parameters. Convolutions share their weights over all
# places: few parameters, each of them used at [196]{= 14 * 14 } places in the last block and at
# [50,176]{= f'{224 * 224:,}' } in the first. Many later architectures have no large dense layers.
# [The 1x1 convolution](14_one_by_one_convolution.ipynb) shows one way to do without them.
#
# **Memory.** A parameter takes 4 bytes, so VGG-16 takes
# [553]{= round(4 * all_parameters / 1e6) } MB before it has seen an image. Training with Adam
# keeps a gradient and two running averages for each parameter, which makes it four times as much.
# The outputs of the layers come on top, for each image of a batch:

# %%
values = sum(
    int(np.prod(shape)) for kind, shape, *_ in count(VGG16, (224, 224, 3)) if kind != "flatten"
)
print(f"{values:,} numbers come out of the layers for one image: {4 * values / 1e6:.0f} MB")

# %% [markdown]
# **One channel.** The plan has also been published for grey images, $224 \times 224 \times 1$.
# **Predict, then run:** by how much does the total change?

# %%
one_channel = totals(VGG16, (224, 224, 1))[0]
print(f"{one_channel:,}, that is {all_parameters - one_channel:,} fewer")

# %% [markdown]
# [138,356,392]{= f'{one_channel:,}' }: only the first convolution has two channels fewer to look
# at, and loses $3 \cdot 3 \cdot 2 \cdot 64 =$ [1,152]{= f'{3 * 3 * 2 * 64:,}' } weights. The one
# hundred and thirty-eight million others stay.

# %% [markdown] tags=["row-26"]
# ## VGG-16 in Keras, without the memory
#
# In Keras the blocks are two loops. Making 138 million random weights takes half a gigabyte and
# some seconds, and here only the shapes are wanted. `keras.StatelessScope` with
# `initialize_variables=False` lets Keras build a model whose weights have shapes and no values. It
# can be counted and printed, and cannot be run. To use the model, leave the `with` line out.

# %% needs="keras tensorflow"


def keras_vgg(convolutions, input_shape=(224, 224, 3)):
    model = keras.Sequential([keras.Input(input_shape)])
    for n_C, times in zip((64, 128, 256, 512, 512), convolutions, strict=True):
        for _ in range(times):
            model.add(layers.Conv2D(n_C, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D(2, strides=2))
    model.add(layers.Flatten())
    model.add(layers.Dense(4096, activation="relu"))
    model.add(layers.Dense(4096, activation="relu"))
    model.add(layers.Dense(1000, activation="softmax"))
    return model


with keras.StatelessScope(initialize_variables=False):
    vgg16 = keras_vgg((2, 2, 3, 3, 3))
    vgg16_grey = keras_vgg((2, 2, 3, 3, 3), (224, 224, 1))
print(f"{vgg16.count_params():,} on RGB, {vgg16_grey.count_params():,} on one channel")
for layer, (_, shape, parameters, _) in zip(vgg16.layers, count(VGG16, (224, 224, 3)), strict=True):
    assert layer.output.shape[1:] == shape and layer.count_params() == parameters
assert vgg16_grey.count_params() == one_channel

# %% [markdown]
# Keras also brings the published networks ready made, in `keras.applications`. With
# `weights=None` nothing is downloaded. Its VGG-16 has the same layers, under the names
# `block1_conv1` to `block5_pool`, `fc1`, `fc2` and `predictions`.

# %% needs="keras tensorflow"
with keras.StatelessScope(initialize_variables=False):
    ready_made = keras.applications.VGG16(weights=None)
for layer in ready_made.layers[-6:]:
    print(f"{layer.name:<13}{str(layer.output.shape[1:]):<15}{layer.count_params():>12,}")
assert ready_made.count_params() == all_parameters

# %% [markdown]
# PyTorch has a device called `meta` for the same purpose: its tensors have shapes and no values.
# PyTorch counts the padding per side, as this course does.

# %% needs="torch"
import torch
from torch import nn

torch_layers, n_C_prev = [], 3
for n_C, times in zip((64, 128, 256, 512, 512), (2, 2, 3, 3, 3), strict=True):
    for _ in range(times):
        torch_layers += [nn.Conv2d(n_C_prev, n_C, 3, padding=1, device="meta"), nn.ReLU()]
        n_C_prev = n_C
    torch_layers.append(nn.MaxPool2d(2))
torch_layers += [nn.Flatten(), nn.Linear(7 * 7 * 512, 4096, device="meta"), nn.ReLU()]
torch_layers += [nn.Linear(4096, 4096, device="meta"), nn.ReLU()]
torch_layers.append(nn.Linear(4096, 1000, device="meta"))
torch_vgg16 = nn.Sequential(*torch_layers)

print(f"{sum(p.numel() for p in torch_vgg16.parameters()):,}")
print(tuple(torch_vgg16(torch.empty(2, 3, 224, 224, device="meta")).shape))
assert sum(p.numel() for p in torch_vgg16.parameters()) == all_parameters

# %% [markdown]
# A "run" on the device `meta` carries the shapes through and computes nothing. So it shows at once
# whether the sizes of neighbouring layers agree.

# %% [markdown] tags=["row-26"]
# ## VGG-19
#
# VGG-19 has one convolution more in each of the blocks 3, 4 and 5, which makes 16 convolutions and
# 3 dense layers.
#
# **Predict, then run.** One layer more with 256 channels and two more with 512: how many parameters
# does that add?

# %%
VGG19 = vgg((2, 2, 4, 4, 4))
all_19 = totals(VGG19, (224, 224, 3))[0]
print(f"VGG-19: {all_19:,}")
print(f"more than VGG-16: {all_19 - all_parameters:,}")

# %% [markdown]
# $(3 \cdot 3 \cdot 256 + 1) \cdot 256 + 2 \cdot (3 \cdot 3 \cdot 512 + 1) \cdot 512 =$
# [5,309,696]{= f'{(9 * 256 + 1) * 256 + 2 * (9 * 512 + 1) * 512:,}' }, and in all there are
# [143,667,240]{= f'{all_19:,}' }.

# %%
fig, ax = plt.subplots(figsize=(12.5, 4), layout="constrained")
draw_plan(ax, VGG19, (224, 224, 3), "VGG-19")
present(
    fig,
    "The same picture as for VGG-16 with three convolutions more: blocks 3, 4 and 5 have four "
    "convolutions each, with feature maps of 56x56x256, 28x28x512 and 14x14x512.",
)

# %% [markdown]
# Often the network is used *without its top*: the five blocks of convolutions, and none of the
# dense layers. What comes out are feature maps, which describe an image for other purposes than the
# 1,000 classes. Without the top no layer has weights that depend on the size of the image. So any
# size will do from $32 \times 32$ on, which five poolings halve to $1 \times 1$.

# %%
no_top = VGG19[: VGG19.index(flatten())]
for size in (224, 320):
    last = count(no_top, (size, size, 3))[-1]
    print(
        f"{size}x{size} pixels: {totals(no_top, (size, size, 3))[0]:,} parameters, output {last[1]}"
    )

# %% needs="keras tensorflow"
with keras.StatelessScope(initialize_variables=False):
    with_top = keras.applications.VGG19(weights=None)
    without_top = keras.applications.VGG19(weights=None, include_top=False)
print(f"with its top {with_top.count_params():,}, without {without_top.count_params():,}")
print("input without the top:", without_top.input_shape)
assert with_top.count_params() == all_19
assert without_top.count_params() == totals(no_top, (224, 224, 3))[0]

# %% [markdown]
# [20,024,384]{= f'{totals(no_top, (224, 224, 3))[0]:,}' } parameters remain: the dense layers took
# the rest. Keras writes `None` for a size that is left open, here for the batch, the height and the
# width.
#
# How much of the image does a unit of the last feature maps see? Exercise 2 tells:

# %%
for title, plan in (("LeNet", LENET[:4]), ("VGG-16", VGG16[:18]), ("VGG-19", VGG19[:21])):
    print(f"{title:<7} {right_field(plan)} pixels in each direction")

# %% [markdown]
# In VGG-16 and VGG-19 that is [212]{= right_field(VGG16[:18]) } and
# [268]{= right_field(VGG19[:21]) } pixels: nearly a whole image of $224 \times 224$, or more than
# that, padding included, although no filter is larger than $3 \times 3$. The pooling layers make it
# grow fast: behind each of them a filter adds twice as many pixels as before it.

# %% [markdown] tags=["row-26"]
# ## The four side by side

# %%
NETWORKS = {
    "LeNet": (LENET, (28, 28, 1)),
    "LeNet, 32x32x3": (LENET, (32, 32, 3)),
    "CIFAR-10 network": (CIFAR, (32, 32, 3)),
    "VGG-16": (VGG16, (224, 224, 3)),
    "VGG-19": (VGG19, (224, 224, 3)),
}
for title, (plan, input_shape) in NETWORKS.items():
    parameters, multiplications = totals(plan, input_shape)
    print(f"{title:<18}{parameters:>13,} parameters {multiplications:>16,} multiplications")

# %% jupyter={"source_hidden": true}
fig, ax = plt.subplots(figsize=(7.5, 4.6), layout="constrained")
ends = {"VGG-16": ("right", -8), "VGG-19": ("right", 6), "LeNet": ("left", -6)}
for marker, (title, (plan, input_shape)) in zip("osD^v", NETWORKS.items(), strict=True):
    parameters, multiplications = totals(plan, input_shape)
    ax.plot(parameters, multiplications, marker, markersize=9)
    side, up = ends.get(title, ("left", 4))
    shift = (10 if side == "left" else -10, up)
    ax.annotate(title, (parameters, multiplications), shift, textcoords="offset points", ha=side)
ax.set(xscale="log", yscale="log", xlabel="parameters", ylabel="multiplications for one image")
ax.set(xlim=(2e4, 6e8), ylim=(1e5, 1e11))
ax.grid(alpha=0.4)
present(
    fig,
    "A plot with logarithmic axes: parameters to the right, multiplications upwards. LeNet for "
    "28x28x1 and for 32x32x3 at the lower left, near 60 to 80 thousand parameters and half "
    "a million to a million multiplications; the network for CIFAR-10 at 15 million parameters and "
    "200 million multiplications; VGG-16 and VGG-19 at the upper right, near 140 million and 15 to "
    "20 billion.",
)

# %% [markdown]
# Both axes go by powers of ten. From the network for CIFAR-10 to VGG-16 the parameters grow by a
# factor of [9]{= round(all_parameters / totals(CIFAR, (32, 32, 3))[0]) }, and the multiplications
# by a factor of [76]{= round(all_work / totals(CIFAR, (32, 32, 3))[1]) }: the images are larger,
# and a convolution works at each place of them.
#
# What a count cannot tell is how good a network is. In [Fashion-MNIST](12_fashion_mnist.ipynb)
# LeNet is trained beside networks with 25 to 35 times its parameters, and comes within two
# percentage points of the best of them.

# %% [markdown]
# ## Exercises
#
# **Exercise 3.** The smallest network of the VGG article, VGG-11, has 1, 1, 2, 2 and 2 convolutions
# in its blocks, and the same dense layers. How many parameters does it have on images of
# $224 \times 224 \times 3$?

# %%
answer = None
### BEGIN SOLUTION
answer = totals(vgg((1, 1, 2, 2, 2)), (224, 224, 3))[0]
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 3",
    answer,
    132_863_336,
    "vgg makes the plan from the five numbers, and totals counts it: its first number is wanted.",
    [
        (totals(vgg((1, 1, 2, 2, 2)), (224, 224, 3)), "totals gives two numbers: take the first."),
        (132_862_184, "That is the number for images of one channel."),
        (totals(vgg((1, 1, 2, 2, 2)), (224, 224, 3))[1], "Those are the multiplications."),
    ],
)

# %% [markdown]
# **Exercise 4.** You want to use VGG-16 for CIFAR-10: images of $32 \times 32 \times 3$ and 10
# classes. You keep the five blocks as they are. In place of the three dense layers you put one,
# `dense(10)`. How many parameters does your network have? First predict which part will be larger
# now, the convolutions or the dense layer.

# %%
answer = None
### BEGIN SOLUTION
answer = totals([*VGG16[:18], flatten(), dense(10)], (32, 32, 3))[0]  # 1 x 1 x 512 is flattened
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 4",
    answer,
    14_719_818,
    "VGG16[:18] are the five blocks. Put flatten() and dense(10) behind them.",
    [
        (14_714_688, "Those are the convolutions alone."),
        (14_965_578, "That is the number on images of 224x224: the flattened vector is shorter."),
        (33_638_218, "Only one dense layer is left, that with 10 outputs."),
    ],
)

# %% [markdown]
# Now [99.97]{= f'{100 * 14714688 / 14719818:.2f}' } % of the parameters are in the convolutions.
# The five poolings have made $1 \times 1 \times 512$ of the image, so there is little to flatten.

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. count the parameters of a network from its plan:
#    $(f \cdot f \cdot n_C^{[l-1]} + 1) \cdot n_C^{[l]}$ for a convolution,
#    $(n^{[l-1]} + 1) \cdot n^{[l]}$ for a dense layer, and nothing for pooling, ReLU and
#    flattening;
# 2. build LeNet (61,706 parameters on $28 \times 28 \times 1$), the network for CIFAR-10
#    (14,682,442), VGG-16 (138,357,544) and VGG-19 (143,667,240, or 20,024,384 without its top), and
#    say that the dense layers hold most parameters of LeNet and VGG while the convolutions do most
#    of the work;
# 3. explain the $3 \times 3$ filters of VGG: two of them see $5 \times 5$ pixels, three see
#    $7 \times 7$, with fewer weights than one large filter and a ReLU after each.

# %% [markdown]
# ## What to read next
#
# The next lesson is [working in Colab](17_working_in_colab.ipynb), where there is a GPU for
# training the larger networks. The assignment [LeNet](../release/lenet/lenet.ipynb) puts LeNet
# together from layers that you have written.
#
# - Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document
#   recognition", Proceedings of the IEEE, 1998. LeNet-5, layer by layer.
# - K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image
#   recognition", 2015, [arXiv:1409.1556](https://arxiv.org/abs/1409.1556). Its table 1 has the
#   plans of all VGG networks, its table 2 their numbers of parameters.
# - [Convolutional networks](https://cs231n.github.io/convolutional-networks/), the notes of
#   Stanford's course CS231n, whose last part goes through these and other architectures.
