# %% [markdown]
# # What filters see
#
# The filters of the first lessons were made by hand: someone decided that edges matter and wrote
# down nine numbers. A network is not told what matters. It starts with random filters, and training
# changes them until the answers are right. This lesson looks at what comes out of that: it measures
# learned filters against hand-made ones, draws the filters and the feature maps of trained
# networks, and works out how much of an image one number in a deep layer has seen.
#
# **When you have finished, you will be able to**
#
# 1. say how a comparison of hand-made and learned features is set up, and what its curves show,
# 2. draw the filters and the feature maps of any trained network: the course's own, and VGG-19 by
#    Keras' functional API, for an image of your own too,
# 3. compute how much of the image a unit of any layer sees, and explain why features become more
#    complex from layer to layer.
#
# Time: about 75 minutes. You need [images and filters](01_images_and_filters.ipynb),
# [the convolution layer](04_convolution_layer.ipynb), [pooling](07_pooling.ipynb) and
# [Fashion-MNIST](13_fashion_mnist.ipynb). scikit-learn brings the photograph. The cells that use
# Keras and TensorFlow are skipped where these are missing.

# %% include="lesson_setup"

# %% [markdown] tags=["row-22"]
# ## A filter answers to what looks like it
#
# At each place a filter computes one number, the sum of its weights times the pixels under them.
# Here are a filter and five patches of $3 \times 3$ pixels that it may meet. The filter is the
# detector for vertical edges with its weights -1, 0, 1.
#
# **Predict, then run.** Which of the five patches gives the largest number, and which give 0?

# %%
from convnet.plots import draw_grid

W = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
patches = {
    "edge": np.array([[0, 0, 1]] * 3),
    "brighter edge": np.array([[0, 0, 9]] * 3),
    "flat": np.array([[9, 9, 9]] * 3),
    "edge across": np.array([[0, 0, 0], [0, 0, 0], [9, 9, 9]]),
    "edge, reversed": np.array([[1, 0, 0]] * 3),
}
for name, patch in patches.items():
    print(f"{name:<15} {np.sum(W * patch):>4}")

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 6, figsize=(12, 2.6), layout="constrained")
draw_grid(axes[0], W, "filter")
for ax, (name, patch) in zip(axes[1:], patches.items(), strict=True):
    draw_grid(ax, patch, f"{name}: {np.sum(W * patch)}")
present(
    fig,
    "Six grids of 3 by 3. The filter has columns of -1, 0 and 1. The patches and the filter's answers: "
    "an edge, 3; a brighter edge, 27; a flat patch of nines, 0; an edge across, 0; a reversed edge, "
    "-3.",
)

# %% [markdown]
# The brighter edge gives 27 and the plain one 3, though both are the same edge. A large answer
# means a good match, or a strong contrast, or both. To see the match alone, divide by the lengths
# of filter and patch:
#
# $$\text{similarity}(W, x) = \frac{\sum_{r,q} W_{r,q}\, x_{r,q}}{\lVert W \rVert \, \lVert x \rVert},
# \qquad \lVert x \rVert = \sqrt{\textstyle\sum_{r,q} x_{r,q}^2}$$
#
# - $W_{r,q}$, $x_{r,q}$: the weight and the pixel in row $r$ and column $q$ of the window
# - $\lVert W \rVert$, $\lVert x \rVert$: their lengths, if one thinks of them as vectors of 9
#   numbers
#
# It lies between -1 and 1, and is 1 only where the patch is a positive multiple of the filter
# itself. (Of a patch of zeros it is not defined.) This is the sense in which a filter is a
# *template*: among patches of the same length it answers most to the one that looks like it. By
# hand for the edge: the sum is 3, $\lVert W \rVert = \sqrt{6}$, $\lVert x \rVert = \sqrt{3}$, so
# the similarity is $3 / \sqrt{18} = 0.71$. The reversed edge has -0.71, and the ReLU behind the
# filter turns that into 0. A filter with ReLU says nothing about the opposite of what it looks for.
#
# **Exercise 1.** Write the function `similarity(W, x)` for two arrays of the same shape.


# %%
def similarity(W, x):
    result = None
    ### BEGIN SOLUTION
    result = np.sum(W * x) / (np.sqrt(np.sum(W**2)) * np.sqrt(np.sum(x**2)))
    ### END SOLUTION
    return result


# %% jupyter={"source_hidden": true}
def cosine(W, x):
    return np.vdot(W, x) / np.sqrt(np.vdot(W, W) * np.vdot(x, x))


public_tests.check_function(
    "Exercise 1",
    similarity,
    cosine,
    [(W, patches["edge"]), (W, patches["brighter edge"]), (W, W), (W, -W)],
    "Three sums over all nine cells: of the products, of the squares of W, of the squares of x.",
    [
        (lambda W, x: np.vdot(W, x), "This is the filter's answer, not divided by anything yet."),
        (
            lambda W, x: np.vdot(W, x) / (np.vdot(W, W) * np.vdot(x, x)),
            "A length is the square root of the sum of squares.",
        ),
    ],
)

# %% [markdown]
# ## Where the idea comes from
#
# In 1959 David Hubel and Torsten Wiesel reported on cells in the visual cortex of cats. Such a cell
# answers only to what happens in a small region of the visual field, its *receptive field*, and
# many of them answer best to a bar or an edge of a certain direction. In 1980 Kunihiko Fukushima
# built a model of this, the *neocognitron*: layers of units, each connected to a small region of
# the layer before, with the same weights at all places. In 1989 Yann LeCun and his co-workers
# trained such a network by backpropagation to read handwritten zip codes. Three ideas of this work
# have stayed:
#
# - **local connectivity**: a unit sees a small window of the layer before it;
# - **shared weights**: the same filter is used at all places;
# - **a hierarchy of features**: each layer combines what the layer before it has found.
#
# None of this needs images. A convolution can slide along one axis, such as the time of a sound or
# of the readings of a sensor, or along three, such as the rows, columns and slices of a medical
# scan. With filters of 3 along each axis:

# %% needs="keras tensorflow"
import keras
from keras import layers

for title, layer, shape in (
    ("1-D, 100 moments of 2 sensors", layers.Conv1D(4, 3), (100, 2)),
    ("2-D, an image of 28x28x1", layers.Conv2D(4, 3), (28, 28, 1)),
    ("3-D, a scan of 16x32x32x1", layers.Conv3D(4, 3), (16, 32, 32, 1)),
):
    model = keras.Sequential([keras.Input(shape), layer])
    print(f"{title:<30} {str(model.output_shape[1:]):<16} {model.count_params():>4} parameters")

# %% [markdown]
# The counts are $(3 \cdot 2 + 1) \cdot 4 = 28$, $(3 \cdot 3 \cdot 1 + 1) \cdot 4 = 40$ and
# $(3 \cdot 3 \cdot 3 \cdot 1 + 1) \cdot 4 = 112$.

# %% [markdown] tags=["row-22"]
# ## Edge features, made by hand
#
# For a long time most programs that sorted pictures first computed *features* by fixed rules and
# gave them to a classifier. Edges were a common choice. Here are four for each channel of an image
# $x$:
#
# $$d_y[h, w] = x[h + 1, w] - x[h, w] \qquad d_x[h, w] = x[h, w + 1] - x[h, w]$$
#
# and the two Sobel filters, $S_x$ for changes along a row and $S_y$ for changes down a column:
#
# $$S_x = \begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix} \qquad
# S_y = \begin{pmatrix} -1 & -2 & -1 \\ 0 & 0 & 0 \\ 1 & 2 & 1 \end{pmatrix}$$
#
# - $h$, $w$: the row and the column
# - $d_y$, $d_x$: the difference to the pixel below and to the pixel on the right; the last row of
#   $d_y$ and the last column of $d_x$ have no such pixel and are 0
#
# The name says along which axis the values change: $d_x$ and $S_x$ answer to *vertical* edges.
#
# **By hand.** The image has the corner of a bright square in it. What is $d_x$ in row 2, and what
# is $S_x$ at row 2, column 2?

# %%
S_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
S_y = S_x.T
x = np.array(
    [
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 5, 5],
        [0, 0, 0, 5, 5],
        [0, 0, 0, 5, 5],
    ]
)

# %% [markdown]
# In NumPy, for a whole batch. `sliding_window_view` gives all $3 \times 3$ windows at once.


# %%
def edge_features(images):
    """Four edge images for each channel, d_x, d_y, Sobel x, Sobel y: (m, n_H, n_W, 4 n_C)."""
    d_x, d_y = np.zeros_like(images), np.zeros_like(images)
    d_x[:, :, :-1] = images[:, :, 1:] - images[:, :, :-1]
    d_y[:, :-1] = images[:, 1:] - images[:, :-1]
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    sobel = [np.sum(windows * S, axis=(-2, -1)) for S in (S_x, S_y)]
    return np.concatenate([d_x, d_y, *sobel], axis=-1)


features = edge_features(x.reshape(1, 5, 5, 1))[0]
print("features.shape =", features.shape)
print("d_x in row 2:", features[2, :, 0])
print("S_x at row 2, column 2:", features[2, 2, 2])

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 5, figsize=(13, 3), layout="constrained")
draw_grid(axes[0], x, "image x", [(1, 1, 3, 3, "tab:orange")])
for channel, title in enumerate(["$d_x$", "$d_y$", "Sobel x", "Sobel y"]):
    mark = [(2, 2, 1, 1, "tab:orange")] if channel == 2 else []
    draw_grid(axes[channel + 1], features[:, :, channel], title, mark)
present(
    fig,
    "Five grids of 5 by 5. The image: fives in the last two columns of the last three rows, zeros "
    "elsewhere. d_x: fives in column 2 of rows 2 to 4. d_y: fives in row 1, columns 3 and 4. Sobel x: "
    "5, 15, 20 going down in columns 2 and 3 next to the vertical edge. Sobel y: the same along the "
    "horizontal edge. The window round row 2, column 2 and its Sobel value 15 are outlined.",
)

# %% [markdown]
# $d_x$ in row 2 is `[[0 0 5 0 0]]{= features[2, :, 0] }`: one change, from column 2 to column 3.
# Under $S_x$ at row 2, column 2 lie three rows of the image, and only the right column counts:
# $1 \cdot 0 + 2 \cdot 5 + 1 \cdot 5 =$ [15]{= features[2, 2, 2] }. At the border the image is
# mirrored at its last pixel (`mode="reflect"`), so that no edge appears where the picture ends.
#
# TensorFlow has both. Mind the order: `tf.image.image_gradients` returns first $d_y$, then $d_x$,
# and the last axis of `tf.image.sobel_edges` is first $y$, then $x$. Taken the other way round they
# give no error message, only wrong features. A comparison with NumPy finds it out.

# %% needs="tensorflow"
import tensorflow as tf

pixels = tf.constant(x.reshape(1, 5, 5, 1), tf.float32)
d_y, d_x = tf.image.image_gradients(pixels)
sobel = tf.image.sobel_edges(pixels)
print("sobel.shape =", tuple(sobel.shape))
in_tensorflow = tf.concat([d_x, d_y, sobel[..., 1], sobel[..., 0]], axis=-1)
np.testing.assert_allclose(in_tensorflow[0], features, atol=1e-5)
print("TensorFlow and NumPy give the same features.")

# %% [markdown]
# Now a photograph, in grey. It comes with scikit-learn; `china` is an array of
# $427 \times 640 \times 3$ bytes.

# %%
from sklearn.datasets import load_sample_image

china = load_sample_image("china.jpg")
grey = china.mean(axis=-1) / 255
photo_features = edge_features(grey.reshape(1, 427, 640, 1))[0]
strength = np.sqrt(photo_features[:, :, 2] ** 2 + photo_features[:, :, 3] ** 2)

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(2, 2, figsize=(10, 7), layout="constrained")
shown = [grey, photo_features[:, :, 2], photo_features[:, :, 3], strength]
titles = ["the photograph", "Sobel x", "Sobel y", "edge strength"]
for ax, values, title in zip(axes.flat, shown, titles, strict=True):
    signed = values.min() < 0
    ax.imshow(
        values,
        cmap="PuOr" if signed else "gray",
        vmin=-2 if signed else 0,
        vmax=2 if signed else None,
    )
    ax.set_title(title)
    ax.axis("off")
present(
    fig,
    "Four pictures: a photograph of a Chinese temple with a curved roof and trees; its Sobel x map, "
    "in which upright lines such as pillars show, one side purple and the other orange; its Sobel y map, "
    "in which the lines of the roofs and terraces show; and the edge strength, bright along all outlines.",
)

# %% [markdown]
# White in the two Sobel maps is 0, purple a rise to the right or downwards, orange a fall. The edge
# strength in the last picture is the root of the sum of their squares, whichever way the edge runs.
# What edges keep is shape. What they lose is how bright an area is.

# %% [markdown] tags=["row-22"]
# ## Hand-made against learned: the experiment
#
# Are filters that a network learns better than these? A published comparison puts the question to
# CIFAR-10, small colour photographs of ten kinds of things. Two models get the same classifier
# behind the same pooling, and differ in their first step:
#
# - **edges**: the four edge features above for each of the 3 channels, 12 feature maps;
# - **learned**: a convolution with 4 filters of $3 \times 3$ that are trained, and ReLU.
#
# Then come, in both, max pooling of $2 \times 2$, a dense layer of 128 with ReLU and one of 10 with
# softmax.
#
# **Predict, then run.** Which of the two has more parameters?

# %%
edge_values = 16 * 16 * 12  # 32x32 pooled to 16x16, with 3 * 4 channels
learned_values = 15 * 15 * 4  # 32 - 3 + 1 = 30, pooled to 15
dense_after = [(n + 1) * 128 + (128 + 1) * 10 for n in (edge_values, learned_values)]
filters = (3 * 3 * 3 + 1) * 4
print(f"edges:   {edge_values:>5,} values pooled, {dense_after[0]:,} parameters")
print(f"learned: {learned_values:>5,} values pooled, {dense_after[1] + filters:,} parameters")

# %% [markdown]
# [394,634]{= f"{dense_after[0]:,}" } against [116,730]{= f"{dense_after[1] + filters:,}" }. The
# hand-made features have no parameters of their own, but there are more of them, and every value
# that leaves the pooling costs 128 weights. The four learned filters are [112]{= filters }
# parameters.
#
# In Keras, the edge features become a layer. TensorFlow's image functions work on arrays of
# numbers, and the placeholders that a Keras model is made of have none yet. Inside the `call` of a
# layer they get real ones.


# %% needs="keras tensorflow"
class EdgeFeatures(layers.Layer):
    def call(self, images):
        d_y, d_x = tf.image.image_gradients(images)  # in this order
        sobel = tf.image.sobel_edges(images)  # (m, n_H, n_W, n_C, 2), y before x
        return tf.concat([d_x, d_y, sobel[..., 1], sobel[..., 0]], axis=-1)


def make_model(first, input_shape):
    """A compiled model: its first layer, and the classifier that all models share."""
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            first,
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# %% needs="keras tensorflow"
edges = make_model(EdgeFeatures(), (32, 32, 3))
learned = make_model(layers.Conv2D(4, 3, activation="relu"), (32, 32, 3))
print(f"{edges.count_params():,} and {learned.count_params():,}")
assert edges.count_params() == dense_after[0]
assert learned.count_params() == dense_after[1] + filters

noise = np.random.default_rng(0).random((2, 32, 32, 3), dtype=np.float32)
np.testing.assert_allclose(EdgeFeatures()(noise), edge_features(noise), atol=1e-5)

# %% [markdown]
# The next cells train both models on a data set of your choice: Adam, batches of 1,024 images, and
# after each epoch the loss and the accuracy on the test images. As it stands `STUDY` is `"digits"`:
# small images that are on your computer already, and 10 epochs that take seconds and show that
# everything works. They are too few for a result. Where there is a connection, set it to
# `"cifar10"` for the published comparison, 50 epochs (170 MB are downloaded once; a GPU saves
# time), or to `"fashion-mnist"` (30 MB) for the one whose result you find below.

# %%
STUDY = "digits"  # or "fashion-mnist", or "cifar10"

# %% needs="keras tensorflow"
import convnet.data

load = {
    "digits": convnet.data.digits,
    "fashion-mnist": convnet.data.fashion_mnist,
    "cifar10": convnet.data.cifar10,
}[STUDY]
data = load()
epochs = 10 if STUDY == "digits" else 50
keras.utils.set_random_seed(1)
contestants = {
    "edges": make_model(EdgeFeatures(), data.train_images.shape[1:]),
    "learned": make_model(layers.Conv2D(4, 3, activation="relu"), data.train_images.shape[1:]),
}

# %% needs="keras tensorflow"
curves = {}
for name, model in contestants.items():
    curves[name] = model.fit(
        data.train_images,
        data.train_labels,
        batch_size=1024,
        epochs=epochs,
        validation_data=(data.test_images, data.test_labels),
        verbose=0,
    ).history
    print(f"{name:<8} {model.count_params():>8,} parameters, {len(data.train_images):,} images")

# %% needs="keras tensorflow"
fig, axes = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
for ax, key in zip(axes, ("loss", "accuracy"), strict=True):
    looks = (("C1", "o"), ("C0", "s"))
    for (name, history), (colour, marker) in zip(curves.items(), looks, strict=True):
        line = {"color": colour, "marker": marker, "markevery": epochs // 5}
        ax.plot(range(1, epochs + 1), history[key], "-", label=f"{name}, training", **line)
        ax.plot(range(1, epochs + 1), history[f"val_{key}"], "--", label=f"{name}, test", **line)
    ax.set(title=f"{key} on {STUDY}", xlabel="epoch")
axes[0].legend()
present(
    fig,
    f"Two plots over {epochs} epochs on {STUDY}, the loss and the accuracy of the models edges and learned, each with a "
    "solid line for the training images and a dashed line for the test images.",
)

# %% [markdown] tags=["row-22"]
# ## The result, on Fashion-MNIST
#
# The course has run this comparison on the 60,000 training images of
# [Fashion-MNIST](13_fashion_mnist.ipynb), three times with other random numbers, and with two more
# contestants, without which the first two say little:
#
# - **frozen**: the four filters as they were drawn at random, never trained;
# - **pixels**: no features at all, the image itself goes into the pooling.
#
# The script is `benchmarks/edge_features.py` in the course's folder. What it measured comes with
# the course, so this cell needs no network.

# %%
from lesson_tools.histories import histories

names = ("edges", "learned", "frozen", "pixels")
runs = {name: histories(f"features-{name}") for name in names}


def mean_curve(name, key):
    """The mean over the runs of one figure of each epoch."""
    return np.mean([[getattr(epoch, key) for epoch in run] for run in runs[name].values()], axis=0)


def parameters_behind(values, filters=0):
    """The parameters of the two dense layers behind so many pooled values, and of the filters."""
    return (values + 1) * 128 + (128 + 1) * 10 + filters


parameters = {
    "edges": parameters_behind(14 * 14 * 4),
    "learned": parameters_behind(13 * 13 * 4, filters=(3 * 3 * 1 + 1) * 4),
    "frozen": parameters_behind(13 * 13 * 4, filters=(3 * 3 * 1 + 1) * 4),
    "pixels": parameters_behind(14 * 14),
}

# %%
numbers = np.arange(1, 51)  # of the epochs
test = {name: mean_curve(name, "validation_accuracy") for name in names}
training = {name: mean_curve(name, "accuracy") for name in names}
print("after 50 epochs  parameters  training accuracy  test accuracy")
for name in names:
    print(
        f"{name:<15}  {parameters[name]:>10,}  {training[name][-1]:>17.4f}  {test[name][-1]:>13.4f}"
    )

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
for name, colour, marker in zip(names, ("C1", "C0", "C2", "C7"), "os^d", strict=True):
    line = {"color": colour, "marker": marker, "markevery": 7}
    axes[0].plot(numbers, test[name], label=name, **line)
    if name in ("edges", "learned"):
        axes[1].plot(numbers, mean_curve(name, "loss"), "-", label=f"{name}, training", **line)
        axes[1].plot(
            numbers, mean_curve(name, "validation_loss"), "--", label=f"{name}, test", **line
        )
axes[0].set(title="accuracy on the test images", xlabel="epoch", ylim=(0.8, 0.92))
axes[1].set(title="loss", xlabel="epoch", ylim=(0, 0.5))
for ax in axes:
    ax.legend()
    ax.grid(alpha=0.4)
present(
    fig,
    "Left: the test accuracy over 50 epochs. The curve of edges rises fastest and stays level from "
    "epoch 15 on, near 0.897. The curve of learned rises more slowly and crosses it near epoch 35. The "
    "curve of frozen ends near 0.885, that of pixels near 0.861. Right: the losses. For edges the "
    "training loss falls below 0.1 and the test loss rises from epoch 16 on; for learned both fall.",
)

# %% [markdown]
# **Which learns faster?** The edge features. After 10 epochs they are at
# [0.891]{= f"{test['edges'][9]:.3f}" }, and the learned filters at
# [0.874]{= f"{test['learned'][9]:.3f}" }. One thinks of a reason at once: filters that start at
# random have to be found first. But the frozen filters have nothing to find, and are slower still,
# with [0.866]{= f"{test['frozen'][9]:.3f}" }. So there are other reasons. The edge features
# were chosen because they are useful. And they are larger numbers, from -4 to 4 behind a Sobel
# filter, so that each step of the dense layer's weights changes more.
#
# **Which ends ahead?** The learned filters, with [0.9010]{= f"{test['learned'][-1]:.4f}" } to
# [0.8984]{= f"{test['edges'][-1]:.4f}" }. But the three runs of the learned filters alone lie
# between [0.8990]{= f"{min(run[-1].validation_accuracy for run in runs['learned'].values()):.4f}" }
# and [0.9044]{= f"{max(run[-1].validation_accuracy for run in runs['learned'].values()):.4f}" }.
# Where three runs of one model lie further apart than the two means, three runs do not decide.
#
# **The losses are clearer**, and alike in all three runs. The model with edge features learns its
# training images by heart: it reaches [0.982]{= f"{training['edges'][-1]:.3f}" } on them, and its
# test loss rises again after epoch [16]{= 1 + mean_curve("edges", "validation_loss").argmin() },
# from [0.29]{= f'{mean_curve("edges", "validation_loss").min():.2f}' } to
# [0.37]{= f'{mean_curve("edges", "validation_loss")[-1]:.2f}' }. The test loss of the learned
# filters falls, or stays level, to the end.
#
# **What do filters contribute at all?** Without any, the accuracy is
# [0.861]{= f"{test['pixels'][-1]:.3f}" }. With filters that were never trained it is
# [0.885]{= f"{test['frozen'][-1]:.3f}" }. So, on the mean of three runs, more than half of the gain
# over the bare image needs no training of filters: the dense layers learn to use whatever features
# they get. (They also get more of them, and so have more weights.) Training the filters adds another
# [1.6]{= f"{100 * (test['learned'][-1] - test['frozen'][-1]):.1f}" }
# percentage points.
#
# The comparison has limits. The two models differ in more than where their features come from:
# there is no ReLU behind the edge features, and the number of parameters is not the same. And only
# one layer is exchanged. Networks with several trained convolutions reach 0.91 on these images, and
# nobody writes down features for a third layer by hand.

# %% [markdown] tags=["row-22", "row-23"]
# ## What filters a network has learned
#
# The course comes with a small network that was trained on scikit-learn's handwritten digits,
# $8 \times 8$ pixels each. Its first layer has 8 filters of $3 \times 3$ on one channel, so each
# filter can be drawn as an image. Nobody told it about edges.

# %%
from convnet.models import trained
from convnet.plots import draw_filters

digits_net = trained("digits")
W_digits = digits_net.layers[0].parameters["W"]
print("W_digits.shape =", W_digits.shape)
fig = plt.figure(figsize=(11, 2), layout="compressed")
draw_filters(fig, W_digits)
present(
    fig,
    "Eight filters of 3 by 3 cells, orange for weights below 0 and purple above. Filters 4 and 7 are "
    "mostly orange on the left and purple on the right; filter 1 has a strong orange cell in the middle "
    "of its first row and is mostly purple below it.",
)

# %% [markdown]
# **Predict, then run.** Which of them look like an edge detector? The similarity from above,
# between each filter and the two Sobel filters, puts a number on it. It is positive for the same
# direction of change, and negative for the opposite one.

# %%
print("filter   Sobel x  Sobel y")
for number in range(8):
    filter_ = W_digits[:, :, 0, number]
    print(f"{number:>6}   {cosine(filter_, S_x):>7.2f}  {cosine(filter_, S_y):>7.2f}")

# %% [markdown]
# Filter 7 has a similarity of [0.82]{= f"{cosine(W_digits[:, :, 0, 7], S_x):.2f}" } to Sobel x, and
# filter 4 one of [0.77]{= f"{cosine(W_digits[:, :, 0, 4], S_x):.2f}" }. Is that much? Something is
# similar to something by chance too. So ask how often a *random* filter of 9 weights comes as
# close.

# %%
random_filters = np.random.default_rng(0).normal(size=(100_000, 3, 3))
lengths = np.sqrt(np.sum(random_filters**2, axis=(1, 2)) * np.sum(S_x**2))
by_chance = np.abs(np.sum(random_filters * S_x, axis=(1, 2))) / lengths
print(
    f"as close as filter 4: {np.mean(by_chance >= cosine(W_digits[:, :, 0, 4], S_x)):.1%} of random filters"
)
print(f"median of random filters: {np.median(by_chance):.2f}")

# %% [markdown]
# About one in a hundred in either direction, and two of eight have come so close here. The other
# filters are no Sobel filters, and need not be: a network keeps what lowers its loss. Some answer
# to lines or to bright areas, and some to nothing that has a name.
#
# A filter is not tied to the images that it learned from. So let filters 7 and 1 run over the
# photograph, with ReLU behind them, beside Sobel x and y.
#
# **Predict, then run.** Filter 7 is close to Sobel x. Will its feature map look like that of Sobel
# x?


# %%
from convnet.functional import conv2d


def feature_map(image, kernel):
    """The feature map of one kernel with ReLU, for one grey image."""
    W = kernel.reshape(*kernel.shape, 1, 1)
    Z = conv2d(image[None, :, :, None], W)
    return np.maximum(Z[0, :, :, 0], 0)


filter_7, filter_1 = W_digits[:, :, 0, 7], W_digits[:, :, 0, 1]
kernels = {
    "Sobel x": S_x,
    "learned filter 7": filter_7,
    "filter 7 less its mean": filter_7 - filter_7.mean(),
    "Sobel y": S_y,
    "learned filter 1": filter_1,
    "filter 1 less its mean": filter_1 - filter_1.mean(),
}

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(2, 3, figsize=(12, 5.8), layout="constrained")
for ax, (title, kernel) in zip(axes.flat, kernels.items(), strict=True):
    A = feature_map(grey, kernel)
    ax.imshow(A, cmap="gray", vmin=0, vmax=np.quantile(A, 0.99))
    ax.set_title(title)
    ax.axis("off")
present(
    fig,
    "Six feature maps of the photograph. Sobel x: upright edges on black. Learned filter 7: much like "
    "the photograph itself, with a bright sky. Filter 7 less its mean: upright edges on black again. The "
    "same in the second row for Sobel y and filter 1, with level edges.",
)

# %% [markdown]
# It does not: the map of filter 7 is nearly the photograph again. Its weights add up to
# [0.91]{= f"{filter_7.sum():.2f}" }, those of a Sobel filter to 0, so it also answers to
# brightness, and in a photograph there is far more brightness than edge. Less its mean, it shows
# edges like Sobel x. In the digits that it learned from, the background is 0 and only the strokes
# are bright, so there the difference matters less. What a filter sees depends on what it is shown.
#
# **Exercise 2.** A filter gives 0 on every flat patch only if its weights add up to 0. Which of the
# 8 filters of `W_digits` is farthest from that, by the absolute value of its sum? Give its number.

# %%
answer = None
### BEGIN SOLUTION
answer = int(np.argmax(np.abs(W_digits[:, :, 0].sum(axis=(0, 1)))))
### END SOLUTION

# %%
sums = W_digits[:, :, 0].sum(axis=(0, 1))
public_tests.check_answer(
    "Exercise 2",
    answer,
    int(np.argmax(np.abs(sums))),
    "Sum over rows and columns of W_digits[:, :, 0]: that leaves one number for each filter.",
    [(int(np.argmin(np.abs(sums))), "That is the one whose sum is closest to 0.")],
)

# %% [markdown] tags=["row-23"]
# ## From layer to layer: feature maps
#
# Filters of the second layer have as many channels as the first layer has filters, and cannot be
# looked at as one picture each. What can be drawn in any layer is the *feature map*: what a filter answers
# to one image. The course's LeNet was trained on Fashion-MNIST, and to see its maps we need an
# image of its kind. A drawing of trousers will do; the network has never seen it.

# %%
from convnet.data import FASHION_MNIST_NAMES

trousers = np.zeros((28, 28), np.float32)
trousers[1:7, 9:19] = 0.7  # the waist
trousers[7:27, 9:12] = 0.7  # two legs
trousers[7:27, 16:19] = 0.7

lenet_net = trained("lenet-fashion-mnist")
probabilities = lenet_net.predict(trousers[None, :, :, None])[0]
print(f"{FASHION_MNIST_NAMES[probabilities.argmax()]}, probability {probabilities.max():.2f}")

# %% [markdown]
# The first layer has 6 filters of $5 \times 5$. They can still be drawn:

# %%
fig = plt.figure(figsize=(10, 2.2), layout="compressed")
draw_filters(fig, lenet_net.layers[0].parameters["W"])
present(
    fig,
    "Six filters of 5 by 5. Filter 0 has a column of orange and, two columns to the right, one of purple, "
    "which makes it a detector of upright edges; filter 3 has one strong orange weight at its centre; the others mix "
    "several directions.",
)

# %% [markdown]
# `Network.feature_maps` returns what comes out of each layer, as a list of arrays.

# %%
maps = lenet_net.feature_maps(trousers[None, :, :, None])
for number, (layer, A) in enumerate(zip(lenet_net.layers, maps, strict=True)):
    print(f"{number:>2} {type(layer).__name__:<13} {A.shape}")

# %% jupyter={"source_hidden": true}
fig = plt.figure(figsize=(11, 6.4), layout="constrained")
left, right = fig.subfigures(1, 2, width_ratios=[1, 4])
ax = left.subplots()
ax.imshow(trousers, cmap="gray", vmin=0, vmax=1)
ax.set_title("the image")
ax.axis("off")
rows = right.subplots(4, 8)
titles = {1: "conv 1, 28x28", 2: "pool 1, 14x14", 4: "conv 2, 10x10", 5: "pool 2, 5x5"}
for line, (number, title) in enumerate(titles.items()):
    A = maps[number]
    for channel, ax in enumerate(rows[line]):
        ax.axis("off")
        if channel < A.shape[3]:
            ax.imshow(A[0, :, :, channel], cmap="gray", vmin=0, vmax=A.max())
    rows[line, 0].set_title(title, fontsize=10, loc="left")
present(
    fig,
    "On the left the drawing of trousers. On the right four rows of feature maps. The six of the first "
    "convolution show the trousers with one or the other of their edges bright; pooled they are "
    "coarser; of the second convolution and its pooling eight of sixteen are shown, where a few bright "
    "cells are left of the shape.",
)

# %% [markdown]
# In the first row one still sees trousers, each time with other edges bright. In the last row hardly
# any picture is left. There a number says that something is there in that part of the image, and the
# dense layers decide from those 400 numbers.
#
# This is the hierarchy of features. The first layer finds edges and the like; the second combines
# those of one neighbourhood, for example into corners and stripes; deeper networks go on to parts of
# things. Zeiler and Fergus showed it in 2014 for a network trained on photographs.

# %% [markdown] tags=["row-23"]
# ## How much of the image does a unit see?
#
# A unit is one number of a feature map. Its receptive field is the part of the image that it
# depends on. It can be measured: light one single pixel, and see whether the unit notices. The next
# cell makes 1,024 images of $32 \times 32$ pixels, each with another pixel lit, and sends all of
# them through a small network with two blocks of two convolutions and a pooling layer. All weights
# are 1, so that nothing can cancel.
#
# **Predict, then run.** How many rows of the image does a unit of each of the six layers see?

# %%
from convnet.layers import Conv2D, MaxPooling2D
from convnet.network import Network

stack = [Conv2D(1, 3, padding=1), Conv2D(1, 3, padding=1), MaxPooling2D(2)]
stack += [Conv2D(1, 3, padding=1), Conv2D(1, 3, padding=1), MaxPooling2D(2)]
probe = Network(stack, (32, 32, 1))
probe.parameters[...] = 1
for layer in probe.layers:
    if "b" in layer.parameters:
        layer.parameters["b"][...] = 0

lit = np.eye(32 * 32, dtype=np.float32).reshape(32 * 32, 32, 32, 1)
seen = []
for A in probe.feature_maps(lit):
    middle = A.shape[1] // 2
    noticed = A[:, middle, middle, 0].reshape(32, 32) > 0  # one answer for each lit pixel
    seen.append(noticed)
print("rows seen:", [int(noticed.any(axis=1).sum()) for noticed in seen])

# %% jupyter={"source_hidden": true}
fig, axes = plt.subplots(1, 6, figsize=(12, 2.6), layout="constrained")
titles = ["conv 1", "conv 2", "pool 1", "conv 3", "conv 4", "pool 2"]
for ax, noticed, title in zip(axes, seen, titles, strict=True):
    ax.pcolormesh(noticed, cmap="Blues", vmin=0, vmax=1.5, edgecolors="0.85", linewidth=0.3)
    ax.set(title=f"{title}: {int(noticed.any(axis=1).sum())}", aspect="equal", xticks=[], yticks=[])
    ax.invert_yaxis()
present(
    fig,
    "Six squares of 32 by 32 pixels. The pixels that the middle unit of each layer notices are filled: "
    "a square of 3, 5, 6, 10, 14 and 16 pixels.",
)

# %% [markdown]
# Convolutions of $3 \times 3$ add 2 in the first block and 4 in the second. Behind the pooling two
# neighbouring units are 2 pixels apart, and a filter of 3 spans more of the image. In formulas,
# from layer to layer,
#
# $$r^{[l]} = r^{[l-1]} + (f^{[l]} - 1) \cdot j^{[l-1]}, \qquad j^{[l]} = j^{[l-1]} \cdot s^{[l]},
# \qquad r^{[0]} = j^{[0]} = 1$$
#
# - $r^{[l]}$: height and width of the receptive field of a unit of layer $l$
# - $j^{[l]}$: how many pixels apart (in the image) two neighbouring units of layer $l$ look
# - $f^{[l]}$, $s^{[l]}$: filter size and stride of layer $l$; the padding changes none of them

# %%
r, j = 1, 1
for layer in probe.layers:
    f, stride = layer.settings["f"], layer.settings["stride"]
    r, j = r + (f - 1) * j, j * stride
    print(
        f"{type(layer).__name__:<13} f {f}, stride {stride}: sees {r:>2} pixels, neighbours {j} apart"
    )

# %% [markdown]
# The formula and the measurement agree: 3, 5, 6, 10, 14, 16.
#
# **Exercise 3.** LeNet has a convolution of $5 \times 5$, pooling of $2 \times 2$ with stride 2,
# a second convolution of $5 \times 5$ and a second pooling like the first. How many pixels in each
# direction does a unit behind the second pooling see?

# %%
answer = None
### BEGIN SOLUTION
answer = 1 + 4 * 1 + 1 * 1 + 4 * 2 + 1 * 2  # 5, 6, 14, 16
### END SOLUTION

# %%
public_tests.check_answer(
    "Exercise 3",
    answer,
    16,
    "Go layer by layer: after the first convolution r is 5 and j is 1.",
    [
        (14, "That is what the second convolution sees, before its pooling."),
        (11, "Behind a stride of 2 the distance j doubles: that is forgotten here."),
        (19, "Pooling of 2x2 adds j once: f - 1 is 1."),
        (28, "Not the whole image, though nearly: r grows by (f - 1) j with each layer."),
    ],
)

# %% [markdown] tags=["row-23"]
# ## Keras' functional API: a model with many outputs
#
# `keras.Sequential` is a list of layers with one output. To look inside a network, one wants a
# model that gives several layers' outputs at once. Keras' *functional API* makes such models. A
# layer is called like a function on a placeholder, an array of known shape whose values come later,
# and returns the next placeholder. A model is then whatever lies between chosen inputs and outputs.
#
# First our own LeNet, with the trained weights from NumPy, so that the result can be checked.

# %% needs="keras tensorflow"
inputs = keras.Input((28, 28, 1))
x1 = layers.Conv2D(6, 5, padding="same", activation="relu", name="conv1")(inputs)
x2 = layers.MaxPooling2D(2, name="pool1")(x1)
x3 = layers.Conv2D(16, 5, activation="relu", name="conv2")(x2)
x4 = layers.MaxPooling2D(2, name="pool2")(x3)
keras_lenet = keras.Model(inputs, x4)
for name, number in (("conv1", 0), ("conv2", 3)):
    numpy_layer = lenet_net.layers[number].parameters
    keras_lenet.get_layer(name).set_weights([numpy_layer["W"], numpy_layer["b"]])

wanted = ["conv1", "pool1", "conv2", "pool2"]
outputs = [keras_lenet.get_layer(name).output for name in wanted]
keras_features = keras.Model(inputs=keras_lenet.input, outputs=outputs)

found = keras_features(trousers[None, :, :, None])
for name, array, number in zip(wanted, found, (1, 2, 4, 5), strict=True):
    print(f"{name}: {tuple(array.shape)}")
    np.testing.assert_allclose(array, maps[number], rtol=1e-4, atol=1e-5)

# %% [markdown]
# `keras_features` shares its layers with `keras_lenet`; nothing was copied. Its maps equal those of
# `Network.feature_maps`.

# %% [markdown] tags=["row-23"]
# ## VGG-19
#
# VGG-19 is a network for photographs from 2014 (its plan is counted in
# [architectures](16_architectures.ipynb)). `keras.applications` has it, with weights that were
# trained on more than a million photographs of the 1,000 classes of the ImageNet challenge.
# `include_top=False` leaves out the dense layers at its end; then it takes images of any size from
# $32 \times 32$ on.
#
# The weights are a file of 80 MB, which is downloaded once. The next cell tries that. Where there
# is no connection it says so and takes random weights instead: shapes and code are the same then,
# and what you see below are the maps of an untrained network.

# %% needs="keras tensorflow"
from pathlib import Path
from urllib.request import urlopen

NAME = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
ADDRESS = f"https://storage.googleapis.com/tensorflow/keras-applications/vgg19/{NAME}"
try:
    if not Path("~/.keras/models", NAME).expanduser().exists():
        urlopen(ADDRESS, timeout=5).close()  # fails within seconds without a connection
    vgg = keras.applications.VGG19(weights="imagenet", include_top=False)
    state = "trained on ImageNet"
except Exception:
    print("VGG-19's weights could not be downloaded; it gets random ones.")
    keras.utils.set_random_seed(0)
    vgg = keras.applications.VGG19(weights=None, include_top=False)
    state = "untrained, with random weights"

# %% needs="keras tensorflow"
for layer in vgg.layers:
    print(f"{layer.name:<15} {str(layer.output.shape):<26} {layer.count_params():>10,}")
print(f"{vgg.count_params():,} parameters, {state}")
assert vgg.count_params() == 20_024_384

# %% [markdown]
# Five blocks, each with a pooling layer at its end, and 20,024,384 parameters. `None` is a size
# that is left open. We take the last convolution of each block, by name.

# %% needs="keras tensorflow"
layer_names = ["block1_conv2", "block2_conv2", "block3_conv4", "block4_conv4", "block5_conv4"]
outputs = [vgg.get_layer(name).output for name in layer_names]
vgg_features = keras.Model(inputs=vgg.input, outputs=outputs)
for output in vgg_features.outputs:
    print(output.shape)

# %% [markdown]
# **Predict.** How much of the image does a unit of each of these five layers see? The formula gives
# it, with convolutions of $3 \times 3$ and stride 1, two in the blocks 1 and 2 and four in the
# others, and pooling of $2 \times 2$ with stride 2. The moving picture draws the answers on the
# photograph.

# %%
r, j, fields = 1, 1, []
for convolutions in (2, 2, 4, 4, 4):
    for _ in range(convolutions):
        r = r + (3 - 1) * j
    fields.append(r)
    r, j = r + (2 - 1) * j, j * 2
print(fields)

# %% jupyter={"source_hidden": true}
from lesson_tools.figures import animate


def field_on_photo(block):
    figure, ax = plt.subplots(figsize=(8, 5.6), layout="constrained")
    ax.imshow(china)
    for number, size in enumerate(fields[: block + 1]):
        corner = (200 - size / 2, 210 - size / 2)
        last = number == block
        for colour, width in (("black", 4), ("white", 2)) if last else (("white", 1),):
            line = {"ec": colour, "lw": width, "ls": "-" if last else "--"}
            ax.add_patch(plt.Rectangle(corner, size, size, fill=False, **line))
    ax.set_title(
        f"last convolution of block {block + 1}: a unit sees {fields[block]} pixels each way"
    )
    ax.axis("off")
    return figure


animate(
    field_on_photo,
    range(5),
    "On the photograph of 427 by 640 pixels a square grows from step to step: 5, 14, 48, 116 and "
    "252 pixels wide. The first is a spot on the temple, the third a few windows, the last contains "
    "most of the temple.",
    seconds=1.2,
)

# %% [markdown]
# A unit of the first block sees [5]{= fields[0] } pixels: enough for an edge. In the fifth block it
# is [252]{= fields[4] }, enough for a whole thing. Without that no deep layer could answer to parts of
# things; and as the weights are shared, it answers wherever these are.
#
# **The input.** These weights expect images as they were trained with: channels in the order blue,
# green, red, and the mean of each channel of the training images taken off. `preprocess_input` does
# both. It changes an array of floats *in place*, so give it integers or a copy.

# %% needs="keras tensorflow"
pixel = np.array([[[255, 128, 0]]])  # red, green, blue
print(keras.applications.vgg19.preprocess_input(pixel))

floats = np.array([[[255.0, 128.0, 0.0]]])
keras.applications.vgg19.preprocess_input(floats)
print("the array of floats afterwards:", floats)

# %% [markdown] tags=["row-23"]
# ## The photograph, or an image of your own
#
# Put the path of one of your own images in place of `None`, and run the cells from here on again.
# It is made smaller so that its longer side has 240 pixels: VGG-19 takes larger ones, but its work
# grows with the number of pixels.

# %%
my_image = None  # or a path, such as "holiday.jpg"

# %%
from PIL import Image

picture = Image.fromarray(china) if my_image is None else Image.open(my_image).convert("RGB")
picture.thumbnail((240, 240))
picture = np.asarray(picture)
print("picture.shape =", picture.shape, picture.dtype)

# %% needs="keras tensorflow"
batch = keras.applications.vgg19.preprocess_input(picture[None])
vgg_maps = [np.asarray(array) for array in vgg_features(batch)]
for name, A in zip(layer_names, vgg_maps, strict=True):
    print(f"{name}: {A.shape}, {np.mean(A > 0):.0%} of the values above 0")

# %% [markdown]
# With each block the maps have half as many rows and columns, rounded down, and up to 512 channels.
# The figure shows for each of the five layers the four channels with the largest mean.

# %% needs="keras tensorflow" jupyter={"source_hidden": true}
fig, axes = plt.subplots(5, 5, figsize=(12, 9.2), layout="constrained")
for line, name, A in zip(axes, layer_names, vgg_maps, strict=True):
    line[0].imshow(picture)
    line[0].set_title(f"{name}\n{A.shape[1]}x{A.shape[2]}, {A.shape[3]} channels", fontsize=9)
    strongest = np.argsort(A[0].mean(axis=(0, 1)))[::-1][:4]
    for ax, channel in zip(line[1:], strongest, strict=True):
        ax.imshow(A[0, :, :, channel], cmap="gray")
        ax.set_title(f"channel {channel}", fontsize=9)
    for ax in line:
        ax.axis("off")
present(
    fig,
    f"Five rows, one for each block of VGG-19, {state}: the picture, and four feature maps. In the upper "
    "rows the maps are fine and the picture can be recognised in them; downwards they become coarser, "
    "until they are a few bright and dark patches.",
)

# %% [markdown]
# What to look for:
#
# - **Trained weights.** In blocks 1 and 2 the channels are edges and areas of one colour or
#   brightness. In block 3 they are textures, such as tiles or leaves. In block 5 most of a map is
#   0, and the few bright spots lie on things. Which things a channel likes can be learned from many
#   images, not from one.
# - **Random weights.** The first maps still look like the picture: any filter of $3 \times 3$ keeps
#   the geometry, and many random filters answer to edges or brightness somehow. But the deep maps
#   resemble one another, blurred and dark at the border, where the zeros of the padding come in. A
#   map that looks meaningful is no proof that something was learned: compare it with random weights
#   first.
#
# The weights know the 1,000 classes of the challenge. The network was never taught anything else,
# and yet its feature maps are used for many other tasks, since edges, textures and parts occur
# everywhere.

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. say how hand-made and learned features are compared fairly: the same classifier behind both,
#    training and test curves over several runs, and controls (frozen filters, no features at all);
# 2. draw filters with `draw_filters(fig, W)`, and feature maps: `network.feature_maps(X)` for the
#    course's networks, `keras.Model(inputs=model.input, outputs=[model.get_layer(n).output, ...])`
#    for VGG-19 or any other Keras model;
# 3. compute the receptive field, $r^{[l]} = r^{[l-1]} + (f^{[l]} - 1) \cdot j^{[l-1]}$: it grows
#    with each layer and faster behind each stride, so deep units can answer to large parts of the
#    image.

# %% [markdown]
# ## What to read next
#
# Next is lesson 21, [Explaining predictions](21_explaining_predictions.ipynb). The layer whose maps you
# have drawn is built in the assignment [conv_forward](../release/conv_forward/conv_forward.ipynb).
#
# - D. Hubel and T. Wiesel, "Receptive fields of single neurones in the cat's striate cortex",
#   Journal of Physiology, 1959.
# - K. Fukushima, "Neocognitron: a self-organizing neural network model for a mechanism of pattern
#   recognition unaffected by shift in position", Biological Cybernetics, 1980.
# - M. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", 2014,
#   [arXiv:1311.2901](https://arxiv.org/abs/1311.2901). Which patches of photographs make the units
#   of each layer answer most.
