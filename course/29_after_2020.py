# %% [markdown]
# # After 2020
#
# Run the next two cells. A sign has become noisy, and two layers try to clean it. The layer in the middle is a
# convolution, and it cheats: its 7 x 7 kernel was fitted to the *clean* sign, so no other kernel of that size comes
# closer. The layer on the right has never seen a clean image and has no trained weights. **What does it do that no
# kernel can do?**

# %% include="lesson_setup"

# %%
from numpy.lib.stride_tricks import sliding_window_view

from convnet.functional import conv2d, softmax
from convnet.own_edges import photograph
from lesson_tools.after_2020 import figures as draw
from lesson_tools.after_2020.questions import check, predict
from lesson_tools.after_2020.results import results


def windows(image, f):
    """Return the f x f window around each pixel, as rows: (number of pixels, f * f)."""
    padded = np.pad(image, f // 2, mode="edge")
    return sliding_window_view(padded, (f, f)).reshape(-1, f * f)


rng = np.random.default_rng(0)
sign = draw.sign("2020")  # 40 x 80 pixels, from 0 to 1
noisy = sign + rng.normal(0, 0.2, sign.shape)
best_kernel = np.linalg.lstsq(windows(noisy, 7), sign.ravel())[0]
by_kernel = (windows(noisy, 7) @ best_kernel).reshape(sign.shape)
draw.opening(noisy, by_kernel)

# %% [markdown]
# The layer on the right is called attention. In October 2020, a network built from it, and presented as free of
# convolutions, matched the best convolutional networks on ImageNet after pretraining on 300 million photographs. Is
# everything that you learned in this course out of date? In this lesson you find out **what attention changed, and
# what stayed convolution**.
#
# **By the end of this lesson you will be able to**
#
# 1. write self-attention in a few lines of NumPy, and use it in PyTorch and Keras;
# 2. turn an attention layer into a convolution, and say what it can do that a convolution cannot;
# 3. say which parts of a vision transformer are convolutions, and what the transformer costs.
#
# **Time:** about 55 minutes, and 25 for the exercises. **You need:**
# [1x1 convolution](22_one_by_one_convolution.ipynb), [Residual networks](19_residual_networks.ipynb) and
# [Efficient networks](23_efficient_networks.ipynb).

# %% [markdown]
# ## Weights that depend on the image
#
# Both layers replace each pixel with a weighted sum of pixels. In a convolution, the weights depend only on *where*
# the other pixel is. To remove noise, a kernel must average over neighbors, and it averages across the edge of a
# digit just as it does on the background. So the noise goes, and the sharpness goes with it.
#
# The other layer averages pixels that *look alike*, wherever they are. Let the vector $x_i$ be the 3 x 3 window around
# pixel $i$. How well does pixel $j$ match pixel $i$? Give it a **score**, and turn the scores of all $j$ into weights
# with a [softmax](glossary.md#softmax), so that they are positive and sum to 1:
#
# $$\text{score}_{ij} = -\alpha \lVert x_i - x_j \rVert^2, \qquad a_{i \cdot} = \text{softmax}(\text{score}_{i \cdot}),
# \qquad y_i = \sum_j a_{ij}\, v_j$$
#
# Here $v_j$ is the value of pixel $j$. This is **attention**. Each pixel decides from the content of the image where
# to look, and $\alpha$, here chosen by hand for this noise, says how picky it is.
#
# **Predict.** An image consists of four pixels with the values 1, 2, 3 and 6, and $\alpha = 0$. What is the output for
# the last pixel?

# %%
predict("zero", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# All scores are 0, so all weights are 1/4, and every pixel receives the mean,
# [3]{= int(softmax(np.zeros(4)) @ np.array([1, 2, 3, 6])) }. You know this layer as [global average
# pooling](glossary.md#global-average-pooling). With a very large $\alpha$, each pixel would look only at itself, and
# the image would stay noisy.
#
# </details>

# %% [markdown]
# ## Queries, keys and values
#
# One step makes the layer fast and general. Expand the square:
#
# $$-\alpha \lVert x_i - x_j \rVert^2 = \alpha \left( 2\, x_i \cdot x_j - \lVert x_j \rVert^2 \right)
# - \alpha \lVert x_i \rVert^2$$
#
# The last term is the same for all $j$, so it cancels in the softmax. What remains is a
# [dot product](glossary.md#dot-product) of two vectors:
#
# - the **query** $q_i = \alpha\, (2 x_i, -1)$, which says what pixel $i$ is looking for;
# - the **key** $k_j = (x_j, \lVert x_j \rVert^2)$, which says what pixel $j$ has to offer.
#
# What pixel $j$ passes on, $v_j$, is its **value**. The whole layer is two matrix products with a softmax in between.


# %%
def scores(A, B, alpha):
    """Return -alpha * (squared distance) of each row of A from each row of B, as a dot product."""
    Q = alpha * np.hstack([2 * A, -np.ones((len(A), 1))])
    K = np.hstack([B, (B**2).sum(axis=1, keepdims=True)])
    return Q @ K.T  # without the term that cancels in the softmax


X = windows(noisy, 3)
weights = softmax(scores(X, X, alpha=2))  # (3200, 3200): a row of weights for each pixel
by_attention = (weights @ noisy.ravel()).reshape(sign.shape)

errors = {
    name: np.sqrt(np.mean((image - sign) ** 2))
    for name, image in (("noisy", noisy), ("kernel", by_kernel), ("attention", by_attention))
}
print({name: round(float(error), 3) for name, error in errors.items()})
draw.looks(noisy, weights, [(17, 12), (18, 28), (34, 60)])

# %% [markdown]
# The root mean square error falls from [0.20]{= f"{errors['noisy']:.2f}" } to [0.11]{= f"{errors['kernel']:.2f}" }
# with the best kernel, and to [0.06]{= f"{errors['attention']:.2f}" } with attention ([more signs, and
# photographs](../benchmarks/lessons/after_2020.md)). The figure shows how. A pixel on an edge of the first 2 averages
# edges of the same direction, even in the last 0, more than fifty pixels away. No kernel can choose its pixels. The
# choice matters more than the distance: within 7 x 7 windows, attention with $\alpha = 1$ still reaches 0.07. (A
# kernel plus an activation, both fitted to the clean sign, would get as close, since the sign is black and white.) Up
# to details, this is *non-local means* (Buades, Coll and Morel, 2005), which is older than the transformer.

# %% [markdown]
# ## Attention that is a convolution
#
# Now use the same function for something else. Instead of contents, compare **positions**. Let the query be the
# position of pixel $i$ plus an offset, and let the keys be the positions of all pixels. With a large $\alpha$, the
# softmax puts all its weight on the pixel at that offset. One such layer can look in one direction only, so take nine
# of them, one for each position of a 3 x 3 kernel. They are called **heads**. (The head of a classifier, in lesson
# 28, is something else.) Weight the outputs of the heads with Sobel's kernel, and sum.

# %%
photo = photograph("china.jpg", 64).mean(axis=2, keepdims=True) / 255  # 42 x 64 pixels
n_H, n_W, n_C = photo.shape
P = np.argwhere(np.ones((n_H, n_W)))  # the position (h, w) of each pixel


def head(r, q, alpha=50, pixels=slice(None)):
    """Return the weights with which pixels look at the offset (r, q)."""
    return softmax(scores(P[pixels] + (r, q), P, alpha))


sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]).reshape(3, 3, 1, 1)
nine = [
    head(r - 1, q - 1) @ photo.reshape(-1, n_C) @ sobel[r, q]  # values, times filter weights
    for r, q in np.ndindex(3, 3)
]
by_heads = sum(nine).reshape(n_H, n_W, 1)
difference = abs(by_heads - conv2d(photo[None], sobel, padding=1)[0])
print(f"largest difference from the convolution, inside: {difference[1:-1, 1:-1].max():.0e}")
print(f"largest difference, with the border:             {difference.max():.1f}")
draw.heads(photo, head, by_heads)

# %% [markdown]
# Inside the image, **nine heads of attention are a 3 x 3 convolution**, up to rounding errors. Cordonnier, Loukas and
# Jaggi (2020) proved this for kernels of any size, with one head for each position in the kernel. So attention is the
# more general layer: it can look at positions, at contents, or at both. But what happens at the border?
#
# **Predict.** For the pixel in the upper left corner, the head for "up left" looks for a pixel outside the image. Where
# does it look? `"a"` Nowhere, so its output is 0. `"b"` At the corner pixel itself. `"c"` At all pixels equally.

# %%
predict("border", None)

# %%
padded = np.pad(photo, ((1, 1), (1, 1), (0, 0)), mode="edge")
by_padding = conv2d(padded[None], sobel)[0]
print(f"largest difference, with the border repeated: {abs(by_heads - by_padding).max():.0e}")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. The weights of a softmax sum to 1, so the head must look somewhere. The score is largest for the pixel *nearest*
# to the position outside, and that is the corner. So this layer pads by repeating the border (`mode="edge"` in
# [Padding](04_padding.ipynb)) instead of with zeros.
#
# </details>

# %% [markdown]
# ## The vision transformer
#
# So far we chose the queries and keys. The **vision transformer** (ViT; Dosovitskiy et al., 2020) *learns* them. It was
# modeled on the [**transformer**](glossary.md#transformer) for text, which reads a sequence of vectors, called
# [**tokens**](glossary.md#token), one for each word or part of a word. ViT cuts a photograph into
# [patches](glossary.md#patch) of 16 x 16 pixels, and one dense layer, shared by all patches, maps the
# $16 \cdot 16 \cdot 3 = 768$ numbers of a patch to a token with $d$ numbers. This is the
# [**patch embedding**](glossary.md#patch-embedding).


# %%
def cut(image, f):
    """Cut an image (n_H, n_W, n_C) into patches, and return (number of patches, f * f * n_C)."""
    n_H, n_W, n_C = image.shape
    patches = image.reshape(n_H // f, f, n_W // f, f, n_C).swapaxes(1, 2)
    return patches.reshape(-1, f * f * n_C)


image = photograph("china.jpg", 640)[100:324, 150:374].astype(float)  # 224 x 224 x 3
W = rng.integers(-8, 9, (16 * 16 * 3, 32)) / 8  # d = 32; multiples of 1/8 avoid rounding
tokens = cut(image, 16) @ W
feature_map = conv2d(image[None], W.reshape(16, 16, 3, 32), stride=16)
print("tokens:", tokens.shape, "  feature map:", feature_map.shape)
print("equal: ", np.array_equal(feature_map.reshape(196, 32), tokens))

# %% [markdown]
# The same weights at every position, and a dot product for each output channel: the first layer of the network without
# convolutions **is a convolution whose stride equals its kernel size**. That is also how it is written in practice, as
# `Conv2D(d, kernel_size=16, strides=16)`.
#
# **Predict.** In ViT-Base, $d = 768$, too. How many tokens does an image of 224 x 224 pixels give, and how many parameters
# does the patch embedding have, with biases? Answer with `(tokens, parameters)`.

# %%
predict("embedding", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $(224 / 16)^2 =$ [196]{= (224 // 16) ** 2 } tokens, and $768 \cdot 768 + 768 =$
# [590,592]{= f"{768 * 768 + 768:,}" } parameters.
#
# </details>

# %% [markdown]
# ## Multi-head self-attention
#
# Three learned matrices map each token $x_i$ to its query $x_i W_Q$, its key $x_i W_K$ and its value $x_i W_V$. Since
# all three come from the same tokens, this is [**self-attention**](glossary.md#self-attention). **Multi-head
# attention** splits them into several heads, each with a softmax of its own, and a matrix $W_O$ mixes the outputs of
# the heads. Sobel's kernel played this role above.


# %%
def self_attention(X, W_Q, W_K, W_V, W_O, n_heads):
    """Multi-head self-attention for tokens X of shape (n, d)."""

    def split(Y):  # (n, d) to (n_heads, n, d / n_heads)
        return Y.reshape(len(Y), n_heads, -1).swapaxes(0, 1)

    Q, K, V = split(X @ W_Q), split(X @ W_K), split(X @ W_V)
    A = softmax(Q @ K.swapaxes(1, 2) / np.sqrt(Q.shape[-1]))  # (n_heads, n, n)
    return (A @ V).swapaxes(0, 1).reshape(X.shape) @ W_O


d, n_heads = 32, 4
X = (tokens - tokens.mean(axis=0)) / tokens.std(axis=0)
matrices = [rng.normal(0, d**-0.5, (d, d)) for _ in range(4)]
Y = self_attention(X, *matrices, n_heads)
print(X.shape, "to", Y.shape)

# %% [markdown]
# The scores are divided by $\sqrt{d_k}$, where $d_k$ is the length of a key, so that their variance does not grow with
# $d_k$. Without this division, long keys would saturate the softmax.
#
# **Predict.** We shuffle the tokens, so that the sky lies between the roofs, and apply the same layer. How does the output
# compare with $Y$, the output for the correct order? `"a"` It is exactly $Y$. `"b"` It contains the rows of $Y$, shuffled
# in the same way. `"c"` It contains different numbers.

# %%
predict("shuffled", None)

# %%
order = rng.permutation(196)
Y_shuffled = self_attention(X[order], *matrices, n_heads)
print("as before:      ", np.allclose(Y_shuffled, Y))
print("shuffled like X:", np.allclose(Y_shuffled, Y[order]))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. Each output is a sum over *all* tokens, and a sum does not depend on the order of its terms. Only the query
# belongs to one token. This is **permutation equivariance**. The shuffled pixels in [1x1
# convolution](22_one_by_one_convolution.ipynb) showed it, too.
#
# </details>
#
# To attention, a photograph is a bag of patches. A convolution knows where its neighbors are, while a transformer has to
# be told. So ViT adds to each token a learned vector that belongs to its position, the
# [**position embedding**](glossary.md#position-embedding), and must find out from data that patch 15 lies below patch 1.

# %% [markdown]
# ## What stayed convolution
#
# A **transformer block** consists of self-attention and two dense layers, which are applied to each token and expand
# it to $4d$ numbers in between. Both parts have a [residual connection](19_residual_networks.ipynb) and [layer
# normalization](glossary.md#layer-normalization). A dense layer that is applied to each token is a [1x1
# convolution](22_one_by_one_convolution.ipynb). So are $W_Q$, $W_K$, $W_V$ and $W_O$! Only two of the products are
# not: the $n^2$ scores and the weighted means.
#
# **Predict.** With $n$ tokens of $d$ numbers, the scores of all heads take $n^2 d$ MACs, and so do the weighted means. The
# four matrices take $4 n d^2$ and the two dense layers $8 n d^2$. For $n = 196$ and $d = 768$, what share of a block's MACs
# do the scores and the means take together? Give two decimals.

# %%
predict("share", None)


# %%
def block_macs(n, d):
    return {"1x1 convolutions": 12 * n * d**2, "scores and means": 2 * n**2 * d}


print("image side   tokens   1x1 convolutions   scores and means   (a block of ViT-Base, in MACs)")
for side in (224, 448, 896, 1792):
    n = (side // 16) ** 2
    convolutions, pairs = block_macs(n, 768).values()
    print(f"{side:>10}{n:>9,}{convolutions:>19,}{pairs:>19,}")

d, n = 768, 196
embedding, block = d * d + d, 12 * d * d + 9 * d  # with biases
rest = 12 * 4 * d + 2 * d + (n + 2) * d  # layer norms, position embeddings, class token
total = embedding + 12 * block + rest + d * 1000 + 1000
print(
    f"\nViT-Base: {total:,} parameters, {1 - rest / total:.1%} of them in convolutional and dense layers"
)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $2 n^2 d / (12 n d^2 + 2 n^2 d) = n / (6 d + n) =$ [0.04]{= round(196 / (6 * 768 + 196), 2) }. The scores and the means
# have no parameters at all.
#
# </details>
#
# This is the answer to the question of the lesson. In ViT-Base, one layer is a 16 x 16 convolution with stride 16,
# its other large layers are 1x1 convolutions, and the classifier is dense: [99.8%]{= f"{1 - rest / total:.1%}" } of
# the parameters. **What is new takes [4%]{= f"{196 / (6 * 768 + 196):.0%}" } of a block's MACs and has no weights**:
# how information moves between positions. (A *class token*, from which ViT's classifier reads its prediction, brings
# $n$ to 197.)
#
# The table also shows the price. Twice the side means 4 times as many tokens, and 16 times as many pairs, so on large
# images the pairs take over. That is why ViT cuts an image so coarsely. The **Swin** transformer (Liu et al., 2021)
# computes attention only within windows of 7 x 7 tokens, and shifts them in every second block. Local, and on maps
# that shrink from stage to stage: does that remind you of anything?

# %% [markdown]
# ## The ConvNet for the 2020s
#
# Swin beat ResNets. Was it because of attention, or because of everything else that had changed since 2015? Zhuang
# Liu et al. (2022) took a ResNet-50 and made it more like Swin, **one change at a time**, and the only rule was that
# attention stays out. The result is **ConvNeXt**. The dots are their accuracies, and the MACs are counted as in
# [Efficient networks](23_efficient_networks.ipynb).

# %%
draw.edits()

# %% [markdown]
# The largest single step leaves the network as it is. It is the same ResNet-50, trained with the methods of [How
# networks are trained today](20_training_today.ipynb), which gains 2.7 of the 5.8 points. The other steps rearrange
# layers that you know: depthwise convolutions in a wider network, and fewer activations and normalizations.
# (Differences of about 0.1 are within the spread of three runs.) In the end, ConvNeXt-T stands at 82.0% and Swin-T,
# with about as many MACs, at 81.3%. So at this size and on ImageNet, attention is not what separates 2021 from 2015.

# %%
draw.blocks()

# %% [markdown]
# In both new blocks, one layer mixes **positions**, by attention or by a depthwise 7 x 7 convolution, and two 1x1
# convolutions mix **channels**. (So do $W_V$ and $W_O$ inside attention.)

# %% [markdown]
# ## Inductive bias and data
#
# A layer that can look anywhere has to learn where to look. A convolution is local from the start; such a built-in
# preference is an **[inductive bias](glossary.md#inductive-bias)**. How much is it worth? Two small networks read 8 x 8
# digits as 16 patches. They have the same blocks, position embeddings and training, and only the layer that mixes positions
# differs: a depthwise 3 x 3 convolution, or attention with four heads. As a control, the pixels of all images are
# shuffled in the same way, so that neighbors mean nothing.

# %%
study = results()
draw.bias(study)

# %%
leads = {}
for size in (100, 1200):
    for pixels in ("", ", shuffled"):
        lead = study[f"convolution{pixels}, {size}"] - study[f"attention{pixels}, {size}"]
        mean, error = 100 * lead.mean(), 100 * lead.std(ddof=1) / np.sqrt(len(lead))
        leads[f"{size}{pixels}"] = f"{mean:.0f} ± {error:.0f}"
print("lead of the convolution, in points:", leads)

# %% [markdown]
# The convolution leads by [13 ± 3]{= leads['100'] } points with 100 images and by [4 ± 1]{= leads['1200'] } with 1,200
# (mean of five pairs of runs and its standard error). But with shuffled pixels it still leads, by
# [9 ± 2]{= leads['100, shuffled'] } and [6 ± 1]{= leads['1200, shuffled'] } points. So on a map of 4 x 4 positions,
# knowing the neighbors is at most part of the advantage. A pattern of weights that is *the same for every image* helps,
# too ([all arms](../benchmarks/lessons/after_2020.md)). Neither network is a good choice here: the nearest neighbor among
# the same 100 images reaches [0.86]{= f"{study['nearest neighbor, 100'].mean():.2f}" }.
#
# Large networks show the same dependence on data. Pretrained on ImageNet's 1.3 million images, large ViTs were worse
# than ResNets, and with 300 million they were better (Dosovitskiy et al., 2020, figure 3). Two months later, Touvron
# et al. trained good ViTs on ImageNet alone, with strong augmentation and regularization.

# %% [markdown]
# ## Attention in PyTorch and Keras
#
# In PyTorch, the layer is `nn.MultiheadAttention`. It keeps $W_Q$, $W_K$ and $W_V$ in one array, and agrees with our
# function. The last lines show **the one thing that goes wrong**: the layer expects the axis of the *tokens* first, unless
# you write `batch_first=True`.

# %% needs="torch"
import torch
from torch import nn

layer = nn.MultiheadAttention(32, num_heads=4, bias=False, batch_first=True)
with torch.no_grad():
    layer.in_proj_weight.copy_(torch.tensor(np.hstack(matrices[:3]).T))
    layer.out_proj.weight.copy_(torch.tensor(matrices[3].T))
x = torch.tensor(X[None], dtype=torch.float32)  # (m, n, d)
y, _ = layer(x, x, x, need_weights=False)
print("as in NumPy:", np.allclose(y[0].detach(), Y, atol=1e-4))

batch = torch.randn(2, 196, 32)
changed = torch.stack([batch[0], torch.zeros(196, 32)])  # another second image
for batch_first in (True, False):
    layer = nn.MultiheadAttention(32, num_heads=4, batch_first=batch_first)
    before, after = (layer(x, x, x, need_weights=False)[0] for x in (batch, changed))
    change = (after[0] - before[0]).abs().max().item()
    print(
        f"batch_first={batch_first!s:6} {tuple(before.shape)}, first image changes by {change:.2f}"
    )

# %% [markdown]
# Without `batch_first=True`, every position attends to the same position of *all images in the batch*, and never to
# another part of its own image. The shape is right, nothing is raised, and the prediction for your photograph depends
# on the photographs next to it. In Keras, the batch always comes first. Here is a whole transformer block:


# %% needs="keras tensorflow"
from keras import Input, Model, layers


def transformer_block(x, n_heads):
    d = x.shape[-1]
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    x = layers.Add()([x, layers.MultiHeadAttention(n_heads, key_dim=d // n_heads)(y, y)])
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    y = layers.Dense(d)(layers.Dense(4 * d, activation="gelu")(y))
    return layers.Add()([x, y])


inputs = Input((196, 768))
model = Model(inputs, transformer_block(inputs, 12))
print(f"{model.count_params():,} parameters, counted: {block + 4 * 768:,}")

# %% [markdown]
# In practice you load these networks with trained weights, from timm as in [Transfer
# learning](28_transfer_learning.ipynb): `timm.create_model("vit_base_patch16_224", pretrained=True)`, or
# `"convnext_tiny"`. Many of these weights come from pretraining without class labels, such as CLIP and DINO, and you
# use the features as you did there. CLIP was published with ResNets as well as ViTs, so pretraining and architecture
# are separate choices.

# %% [markdown]
# ## Attention on your own photograph
#
# Back to the layer without training. Put your own photograph next to the notebook, or keep the astronaut. For color, a window has
# three times as many numbers. Choose `pixel`, and see where it looks.

# %%
picture = photograph("astronaut.jpg", 60) / 255  # or "my_photo.jpg"
pixel = (40, 15)  # row and column

grainy = picture + rng.normal(0, 0.1, picture.shape)
X = np.hstack([windows(grainy[..., k], 3) for k in range(3)])
weights = softmax(scores(X, X, alpha=4))
cleaned = (weights @ grainy.reshape(-1, 3)).reshape(picture.shape)
draw.your_photo(grainy, cleaned, weights, pixel)

# %% [markdown]
# One pixel of the space suit finds most of the suit, although the layer compares nothing but windows of 3 x 3 pixels
# and has never been trained. On photographs, its lead is lost: it beats the best kernel, shared by the channels, on
# three of five, but a convolution of all three channels, fitted to the clean image, beats it
# ([details](../benchmarks/lessons/after_2020.md)). Comparing better features than raw pixels is what $W_Q$ and $W_K$
# are trained for.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: find the bug
#
# `attend_buggy` computes attention with one head. It runs, returns the right shape and, if all queries are 0, even the
# right values. What do the weights of one token sum to? Write a correct version, `attend`.


# %%
def attend_buggy(Q, K, V):
    scores = np.exp(Q @ K.T / np.sqrt(K.shape[1]))
    return scores / scores.sum(axis=0) @ V


def attend(Q, K, V):
    result = None
    ### BEGIN SOLUTION
    scores = np.exp(Q @ K.T / np.sqrt(K.shape[1]))
    result = scores / scores.sum(axis=1, keepdims=True) @ V  # each token's weights sum to 1
    ### END SOLUTION
    return result


# %%
check("attend", attend)

# %% [markdown]
# ### Exercise 2: by hand
#
# 1. ViT with patches of 16 x 16 reads an image of 384 x 384. How many `n_tokens` are there?
# 2. At which number of tokens, `n_equal`, do the scores and means of a block with $d = 768$ take as many MACs as its 1x1
#    convolutions?
# 3. How many weights does a ConvNeXt block with 384 channels have, without biases and normalization (`block_weights`)? A
#    depthwise 7 x 7 convolution is followed by 1x1 convolutions to 1,536 channels and back.

# %%
n_tokens = None
n_equal = None
block_weights = None
### BEGIN SOLUTION
n_tokens = (384 // 16) ** 2
n_equal = 6 * 768  # 12 n d² = 2 n² d
block_weights = 49 * 384 + 2 * 384 * 4 * 384
### END SOLUTION

# %%
check("n_tokens", n_tokens)
check("n_equal", n_equal)
check("block_weights", block_weights)

# %% [markdown]
# ### Exercise 3: which shifts?
#
# "Convolutional networks are equivariant to translation, transformers are not." Test the second half. A detail lies on a
# black background and moves right by 1 to 8 pixels. Cut the image into patches of 4 x 4, apply attention *without*
# position embeddings, and average the outputs over all tokens. For which of the eight shifts is the average the same as
# without a shift? Reason or compute, and give the list `unchanged`.

# %%
canvas = np.zeros((48, 48, 1))
canvas[16:32, 12:28] = image[60:76, 60:76].mean(axis=2, keepdims=True) / 255
W_4 = rng.normal(0, 1, (16, 32))
unchanged = None
### BEGIN SOLUTION
means = [
    self_attention(cut(np.roll(canvas, k, axis=1), 4) @ W_4, *matrices, 4).mean(axis=0)
    for k in range(9)
]
unchanged = [k for k in range(1, 9) if np.allclose(means[k], means[0])]
### END SOLUTION

# %%
check("unchanged", unchanged)

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# A shift by a multiple of 4 only permutes the tokens, and attention is equivariant to permutations. A shift by 1 pixel cuts
# the detail into other patches. So it is the stride of the patch embedding that breaks equivariance here, and ConvNeXt's
# stem has a stride of 4, too. Position embeddings break what is left.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **write [self-attention](glossary.md#self-attention):** a weighted mean of values, whose weights are the softmax of
#    queries times keys, in several heads;
# 2. **turn attention into a convolution:** compare positions instead of contents. Unlike a kernel's weights, those of
#    attention can depend on the image;
# 3. **say what stayed convolution** in a [vision transformer](glossary.md#transformer): its patch embedding and its 1x1
#    convolutions, while the scores take $n^2$ MACs and have no weights.

# %% [markdown]
# ## What to read next
#
# - Next is [Saving and resuming training](30_working_in_colab.ipynb).
# - Liu, Mao, Wu, Feichtenhofer, Darrell and Xie, *A ConvNet for the 2020s* (2022):
#   [arXiv:2201.03545](https://arxiv.org/abs/2201.03545), a model of an experiment.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning*, chapter 11,
#   [Attention mechanisms and transformers](https://d2l.ai/chapter_attention-mechanisms-and-transformers/index.html).
# - Dosovitskiy et al., *An image is worth 16x16 words* (2020), ViT: [arXiv:2010.11929](https://arxiv.org/abs/2010.11929).
