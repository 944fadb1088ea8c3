# %% [markdown]
# # After 2020
#
# In October 2020 a network without a single convolution layer, pretrained on 300 million photographs, passed the best
# convolutional networks on ImageNet. It cut each photograph into squares, put them in a row, and read the row like a
# sentence. Is everything that you learned in this course out of date?

# %% include="lesson_setup"

# %%
from convnet.data import load_sample_image
from convnet.functional import conv2d, depthwise_conv2d, relu, softmax
from lesson_tools.after_2020 import results
from lesson_tools.counter import conv, dense, depthwise, pool, totals
from lesson_tools.drawings import after_2020 as draw
from lesson_tools.questions.after_2020 import check, predict

photo = load_sample_image("china.jpg")[100:324, 150:374]  # 224 x 224 x 3, from 0 to 255
rng = np.random.default_rng(0)
draw.patches(photo)

# %% [markdown]
# The network is called **vision transformer**, or ViT, and its squares are what you see on the right. Fifteen
# months later, Liu et al. changed a ResNet from 2015 in a dozen small steps, without any attention, and it caught up
# again.
#
# So who is right? You will decide it yourself, with the tools of this course. You rebuild both networks piece by
# piece, count what every change costs, and find out where exactly they differ. They differ less than you would think:
# ViT's first layer *is* a convolution, and you will turn its famous attention layer into one with a few
# weights set by hand.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. write self-attention in ten lines of NumPy, and use it in PyTorch and Keras;
# 2. say what attention and convolution have in common, and test both for equivariance;
# 3. turn ResNet-50 into ConvNeXt, edit by edit, and count parameters and MACs on the way.
#
# **Time:** about 85 minutes, and 30 for the exercises. **You need:**
# [1x1 convolution](22_one_by_one_convolution.ipynb), [Residual networks](19_residual_networks.ipynb) and
# [Efficient networks](23_efficient_networks.ipynb).

# %% [markdown]
# ## Two questions to start
#
# - A depthwise convolution with kernels of 7 x 7 reads a feature map with 96 channels. How many weights does it
#   have, without biases?
# - A convolution with stride 4 is followed by pooling with stride 2. By how many pixels must the image move so
#   that the pooled map moves by exactly one position?

# %%
predict("depthwise_weights", None)
predict("moves", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# One kernel for each channel: $49 \cdot 96 =$ [4,704]{= f"{49 * 96:,}" }. (If this was new, go back to
# [Efficient networks](23_efficient_networks.ipynb).)
#
# By $4 \cdot 2 =$ [8]{= 4 * 2 }, the total stride. (If this was new, go back to [Pooling](10_pooling.ipynb).)
#
# </details>

# %% [markdown]
# ## A photograph as a sentence
#
# A [**transformer**](glossary.md#transformer) was built for text. Its input is a sequence of vectors, one for
# each word or part of a word, and such a vector is called a [**token**](glossary.md#token). To feed it a
# photograph, Dosovitskiy et al. (2020) cut the photograph into [patches](glossary.md#patch) of 16 x 16 pixels.
# A patch has $16 \cdot 16 \cdot 3 = 768$ numbers, and a dense layer turns these into a token of $d$ numbers. That
# is the **patch embedding**, and the same dense layer serves all patches.


# %%
def cut(image, f):
    """Cut an image (n_H, n_W, n_C) into patches, and return (number of patches, f * f * n_C)."""
    n_H, n_W, n_C = image.shape
    patches = image.reshape(n_H // f, f, n_W // f, f, n_C).swapaxes(1, 2)
    return patches.reshape(-1, f * f * n_C)


W = rng.integers(-8, 9, (16 * 16 * 3, 32)) / 8  # a token has 32 numbers
tokens = cut(photo.astype(float), 16) @ W
print("tokens:", tokens.shape)

# %% [markdown]
# **Predict.** The real ViT has tokens of 768 numbers. How many tokens does it make of 224 x 224 pixels, and how
# many parameters does the dense layer have, with biases? Answer with `(tokens, parameters)`.

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
#
# Now think about what you have just read. A small patch, the same weights at every position, a dot product for
# each output channel. You have seen this before.

# %%
filters = W.reshape(16, 16, 3, 32)  # the same numbers, in the order of a convolution
feature_map = conv2d(photo[None].astype(float), filters, stride=16)
print("feature map:", feature_map.shape)
print("equal:", np.array_equal(feature_map.reshape(196, 32), tokens))

# %% [markdown]
# Equal to the last digit. (Our weights are multiples of 1/8, so nothing was rounded. Otherwise the last digits
# might differ with the order of the sums.) **A patch embedding is a convolution whose stride is its kernel size.**
# And that is how people write it:

# %% needs="torch"
import torch
from torch import nn
from torch.nn import functional as F

embed = nn.Conv2d(3, 32, kernel_size=16, stride=16, bias=False, dtype=torch.float64)
with torch.no_grad():
    embed.weight.copy_(torch.tensor(filters).permute(3, 2, 0, 1))
x = torch.tensor(photo, dtype=torch.float64).permute(2, 0, 1)[None]
tokens_torch = embed(x).flatten(2).transpose(1, 2)  # (1, 196, 32)
print(tuple(tokens_torch.shape), np.array_equal(tokens_torch[0].detach(), tokens))

# %% needs="keras tensorflow"
import keras
from keras import layers

embed_keras = layers.Conv2D(32, kernel_size=16, strides=16, use_bias=False, dtype="float64")
embed_keras.build((None, 224, 224, 3))
embed_keras.set_weights([filters])
tokens_keras = keras.ops.reshape(embed_keras(photo[None].astype(float)), (1, 196, 32))
print(tokens_keras.shape, np.array_equal(tokens_keras[0], tokens))

# %% [markdown]
# ## Self-attention, from the question it answers
#
# The patches are in a row now. How does a patch of the upper roof learn that there is another roof below? A
# convolution would look at its neighbors, with weights that are the same for every image. **Attention** lets each token
# *choose* where to look, depending on the image.
#
# Each token $x_i$ is multiplied by three matrices of weights, and becomes three vectors:
#
# - the **query** $q_i = x_i W_Q$: what this token is looking for;
# - the **key** $k_i = x_i W_K$: what it offers to the others;
# - the **value** $v_i = x_i W_V$: what it passes on if they choose it.
#
# The dot product $q_i \cdot k_j$ says how well token $j$ matches what token $i$ is looking for. A
# [softmax](glossary.md#softmax) over all $j$ turns these scores into weights that sum to 1, and the output for
# token $i$ is the weighted mean of all values:
#
# $$y_i = \sum_j a_{ij}\, v_j, \qquad
# a_{i \cdot} = \text{softmax}\left(\frac{q_i \cdot k_1}{\sqrt{d_k}}, \ldots, \frac{q_i \cdot k_n}{\sqrt{d_k}}\right)$$
#
# Here $d_k$ is the number of components of a key. Without the division by its root, longer keys would give larger scores,
# the same problem of variance as in [initialization](glossary.md#initialization). As queries, keys and values all come
# from the same tokens, this is [**self-attention**](glossary.md#self-attention).

# %% [markdown]
# ## Ten lines of NumPy
#
# One set of attention weights can look for one thing only. So the vectors are cut into several **heads**, each with its
# own softmax. That takes no more than a reshape. Finally, a matrix $W_O$ mixes the outputs of the heads.


# %%
def heads(Y, n_heads):
    """Split tokens into heads: (n, n_heads * d) to (n_heads, n, d)."""
    return Y.reshape(len(Y), n_heads, -1).transpose(1, 0, 2)


def attention_weights(X, W_Q, W_K, n_heads):
    Q, K = heads(X @ W_Q, n_heads), heads(X @ W_K, n_heads)
    return softmax(Q @ K.transpose(0, 2, 1) / np.sqrt(Q.shape[-1]))  # (n_heads, n, n)


def attention(X, W_Q, W_K, W_V, W_O, n_heads):
    """Self-attention with several heads, for tokens X of shape (n, d)."""
    Y = attention_weights(X, W_Q, W_K, n_heads) @ heads(X @ W_V, n_heads)
    return Y.transpose(1, 0, 2).reshape(len(X), -1) @ W_O


d, n_heads = 32, 4
X = (tokens - tokens.mean(axis=0)) / tokens.std(axis=0)
weights = [rng.normal(0, d**-0.5, (d, d)) for _ in range(4)]
Y = attention(X, *weights, n_heads)
print(X.shape, "to", Y.shape)

# %% [markdown]
# **Predict.** Let $W_Q = 0$, and let $W_V$ and $W_O$ be the identity, with one head. The image consists of four tokens,
# whose first numbers are 1, 2, 3 and 6. What is the first number of the output for the last token?

# %%
predict("zero_query", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# All scores are 0, so all four weights are 1/4, and every token receives the mean,
# $(1 + 2 + 3 + 6) / 4 =$ [3]{= round(attention(np.array([[1.0], [2], [3], [6]]), 0 * np.eye(1), *[np.eye(1)] * 3, 1)[3, 0]) }.
# You know this layer: it is [global average pooling](glossary.md#global-average-pooling). With small weights in $W_Q$,
# attention is close to it, and only training makes it choosy.
#
# </details>

# %% [markdown]
# ## The layer in PyTorch and Keras
#
# In PyTorch you write the projections yourself and call `F.scaled_dot_product_attention`, or take
# `nn.MultiheadAttention`. Keras offers one layer for everything. Both give what our ten lines give:

# %% needs="torch"
q, k, v = (torch.tensor(heads(X @ W, n_heads)) for W in weights[:3])
result = F.scaled_dot_product_attention(q, k, v)  # (n_heads, n, d / n_heads)
result = result.transpose(0, 1).reshape(196, d) @ torch.tensor(weights[3])
print(np.allclose(result, Y))

# %% needs="keras tensorflow"
layer = layers.MultiHeadAttention(n_heads, key_dim=d // n_heads, use_bias=False, dtype="float64")
layer.build((1, 196, d), (1, 196, d))
layer.set_weights(
    [
        *[W.reshape(d, n_heads, d // n_heads) for W in weights[:3]],
        weights[3].reshape(n_heads, d // n_heads, d),
    ]
)
print(np.allclose(layer(X[None], X[None])[0], Y))

# %% [markdown]
# ## Attention does not know where anything is
#
# **Predict.** We shuffle the tokens, so that the sky lies between the roofs, and feed them to the same attention layer. What comes
# out, compared with the output $Y$ for the right order? `"a"` Exactly $Y$. `"b"` The rows of $Y$, shuffled in the
# same way. `"c"` Other numbers.

# %%
predict("shuffled", None)

# %%
order = rng.permutation(196)
Y_shuffled = attention(X[order], *weights, n_heads)
print("as before:         ", np.allclose(Y_shuffled, Y))
print("shuffled like X:   ", np.allclose(Y_shuffled, Y[order]))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. Each output is a sum over *all* tokens, and a sum does not care about the order. Only the query says whose
# output it is.
#
# </details>
#
# This is **permutation equivariance**. You met it in [1x1 convolution](22_one_by_one_convolution.ipynb), where shuffled
# pixels gave the same outputs in shuffled order, so that such a layer cannot see edges. For an attention layer, a
# photograph is a bag of patches.
#
# So a transformer has to be told where each patch is. The simplest way is to add a vector to each token
# that depends on its position, a [**position embedding**](glossary.md#position-embedding). ViT *learns* one for each of its
# 196 positions, and nobody tells it that position 15 lies below position 1. (ViT also adds a 197th token, the **class
# token**, whose output the classifier reads. Many later networks take the mean of all tokens instead.)

# %% [markdown]
# ## Attention that is a convolution
#
# Could an attention layer look at its neighbors, as a convolution does? Let us build one by hand. Every pixel
# is a token, and its position $(r, q)$ is written into it as additional numbers. For a 3 x 3 kernel we need nine
# heads, one for each **relative position** $\Delta$: up left, up, up right, and so on. The head for $\Delta$ should
# make the pixel at position $p$ look exactly at $p + \Delta$. For that, its score must be largest there:
#
# $$\text{score}(p, u) = -\alpha \lVert u - (p + \Delta) \rVert^2
# = \alpha \left( 2\, (p + \Delta) \cdot u - \lVert u \rVert^2 \right) - \alpha \lVert p + \Delta \rVert^2$$
#
# for the pixel at each position $u$. The last term is the same for all $u$, so the softmax cancels it. What is left is a
# dot product of a query, which contains $p + \Delta$, and a key, which contains $u$ and $\lVert u \rVert^2$. With a large $\alpha$, the softmax puts all its weight on
# one pixel.
#
# **Predict.** The image has 3 channels, each head passes on all of them, and the layer should have 5 output channels.
# $W_O$ maps what the nine heads have found to the output. What is its shape?

# %%
predict("output_matrix", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (27, 5). Nine heads with three numbers each make 27. And $3 \cdot 3 \cdot 3 \cdot 5$ weights is exactly what the five filters of a 3 x 3
# convolution have. So $W_O$ *is* the filters, reshaped.
#
# </details>

# %%
n_H, n_W, n_C = 14, 18, 3
image = rng.normal(size=(n_H, n_W, n_C))
filters_3x3 = rng.normal(size=(3, 3, n_C, 5))

r, q = np.indices((n_H, n_W)).reshape(2, -1)
pixels = np.column_stack([image.reshape(-1, n_C), r, q, r**2 + q**2, np.ones(n_H * n_W)])


def convolving_weights(filters, alpha):
    """Return W_Q, W_K, W_V and W_O of nine heads, for tokens (channels, r, q, r² + q², 1)."""
    n_C = filters.shape[2]
    W_Q, W_K = np.zeros((2, n_C + 4, 9, 3))
    W_V = np.zeros((n_C + 4, 9, n_C))
    for head, (r, q) in enumerate(np.ndindex(3, 3)):  # relative position: (r - 1, q - 1)
        W_K[n_C : n_C + 3, head] = np.eye(3)  # key: r, q, r² + q²
        W_Q[n_C, head, 0] = W_Q[n_C + 1, head, 1] = 2
        W_Q[n_C + 3, head] = 2 * (r - 1), 2 * (q - 1), -1
        W_V[:n_C, head] = np.eye(n_C)
    W_Q *= alpha * np.sqrt(3)  # the root makes up for the division in attention()
    return *(W.reshape(n_C + 4, -1) for W in (W_Q, W_K, W_V)), filters.reshape(9 * n_C, -1)


hand_set = convolving_weights(filters_3x3, alpha=50)
by_attention = attention(pixels, *hand_set, n_heads=9).reshape(n_H, n_W, 5)
by_convolution = conv2d(image[None], filters_3x3, padding=1)[0]
difference = abs(by_attention - by_convolution).max(axis=2)
print(f"largest difference inside:        {difference[1:-1, 1:-1].max():.1e}")
print(f"largest difference at the border: {difference.max():.1e}")

# %% [markdown]
# Inside, nine heads of attention *are* a 3 x 3 convolution, up to rounding errors. Cordonnier, Loukas and Jaggi
# (2020) proved this for kernels of any size, with as many heads as the kernel has positions. But what happens at the border?
#
# **Predict.** For the pixel in the upper left corner, the head for "up left" looks for a pixel outside the image. Where does it look? `"a"`
# Nowhere, its output is 0. `"b"` At the corner pixel itself. `"c"` At all pixels equally. (The formula of the score tells you.)

# %%
predict("border", None)

# %%
padded = np.pad(image, ((1, 1), (1, 1), (0, 0)), mode="edge")
same = conv2d(padded[None], filters_3x3)[0]
print(f"largest difference, with the border repeated: {abs(by_attention - same).max():.1e}")
draw.nine_heads(pixels, hand_set, convolving_weights(filters_3x3, alpha=0.3), (n_H, n_W))

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. A softmax cannot look nowhere, since its weights sum to 1. The score is largest for the pixel that is *nearest* to
# $p + \Delta$, which is the corner. So this layer pads, not with zeros but by repeating the border
# (`mode="edge"` in [Padding](04_padding.ipynb)).
#
# </details>
#
# This example shows that attention **can** convolve, so it is the more general layer. It does not show that trained
# transformers do so. Cordonnier et al. looked into trained ones, and found that many heads of the first layers do look at
# fixed relative positions around the pixel, while later ones look far away.

# %% [markdown]
# ## What one layer sees, and what it costs
#
# A 3 x 3 convolution has a [receptive field](glossary.md#receptive-field) of 3 x 3. An attention layer sees
# **the whole image**, from the first layer on. You pay for it, because each of $n$ tokens is compared with all $n$ tokens.
#
# **Predict.** An image becomes twice as high and twice as wide, and the patches stay as they are. By which factor does the number of
# attention weights grow, for each head?

# %%
predict("growth", None)


# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# There are 4 times as many tokens, and so $4 \cdot 4 =$ [16]{= 4 * 4 } times as many pairs.
#
# </details>


# %%
def attention_macs(n, d):
    projections = 4 * n * d * d  # Q, K, V, and the output
    pairs = 2 * n * n * d  # the scores, and the weighted means
    return projections, pairs


def convnext_macs(n, d):
    return n * 49 * d  # a depthwise convolution of 7 x 7


print("side   tokens   projections        pairs     depthwise 7x7   (d = 96, in MACs)")
for side in (14, 28, 56, 112):
    projections, pairs = attention_macs(side**2, 96)
    print(f"{side:>4}{side**2:>9,}{projections:>14,}{pairs:>16,}{convnext_macs(side**2, 96):>14,}")

# %% [markdown]
# At 14 x 14, as in ViT, attention is affordable. On the maps of 56 x 56 with which a ResNet begins, the pairs alone take
# [1.9]{= f"{attention_macs(56**2, 96)[1] / 1e9:.1f}" } billion MACs in a single layer, nearly half of all that ResNet-50
# needs. That is why ViT cuts the image so coarsely. The **Swin** transformer (Liu et al., 2021) has another answer: it computes
# attention only inside windows of 7 x 7 tokens, which lie side by side. In every second layer they are shifted by half a
# window, so that neighboring windows can exchange what they know. Local windows, and the same weights everywhere: the
# convolution had come back through the window.

# %% [markdown]
# ## From ResNet-50 to ConvNeXt
#
# Swin beat ResNets, but why? Because of attention, or because of everything else that had changed since 2015? Zhuang Liu
# et al. (2022) answered this question by experiment. They started from ResNet-50, a
# [residual network](19_residual_networks.ipynb) whose blocks are the [bottlenecks](22_one_by_one_convolution.ipynb) of 1x1,
# 3 x 3 and 1x1 convolutions, and changed **one thing at a time** towards Swin. The only rule was
# that every layer had to stay a convolution.
#
# Here are their edits, for the counter that you know from [Efficient networks](23_efficient_networks.ipynb).


# %%
def block(kind, n, kernel, s, norms):
    """The layers of a block with n channels; s is the stride of its spatial convolution."""
    if kind == "bottleneck":
        return [conv(n, 1, norm=True), conv(n, 3, s, pad=1, norm=True), conv(4 * n, 1, norm=True)]
    if kind == "depthwise":
        return [conv(n, 1, norm=True), depthwise(3, s, norm=True), conv(4 * n, 1, norm=True)]
    if kind == "inverted":
        return [conv(4 * n, 1, norm=True), depthwise(3, s, norm=True), conv(n, 1, norm=True)]
    every = norms == 3  # "depthwise first"
    return [depthwise(kernel, s, norm=True), conv(4 * n, 1, norm=every), conv(n, 1, norm=every)]


def network(blocks, width, stem, kind, kernel, norms, separate):
    layers = [conv(width, 7, 2, pad=3, norm=True), pool(3, 2, pad=1)]
    if stem == "patches":
        layers = [conv(width, 4, 4, norm=True)]
    for stage, repeats in enumerate(blocks):
        n = width * 2**stage
        if separate and stage:
            layers.append(conv(n, 2, 2, norm=True))  # its own layer halves the size
        for number in range(repeats):
            s = 2 if stage and number == 0 and not separate else 1
            n_out = 4 * n if kind in ("bottleneck", "depthwise") else n
            if number == 0 and (s == 2 or n_out != n):
                layers.append({**conv(n_out, 1, s, norm=True), "kind": "shortcut"})
            layers += block(kind, n, kernel, s, norms)
    return [*layers, pool(7, 7), dense(1000)]


settings = {"blocks": (3, 4, 6, 3), "width": 64, "stem": "7x7 and pooling", "kind": "bottleneck"}
settings |= {"kernel": 3, "norms": 3, "separate": False}
EDITS = {
    "ResNet-50, as in 2015": {},
    "trained as in 2021": {},
    "blocks: 3, 3, 9, 3": {"blocks": (3, 3, 9, 3)},
    "stem: patches of 4x4": {"stem": "patches"},
    "depthwise 3x3": {"kind": "depthwise"},
    "width 64 to 96": {"width": 96},
    "inverted bottleneck": {"kind": "inverted"},
    "depthwise first": {"kind": "depthwise first"},
    "kernel 7x7": {"kernel": 7},
    "ReLU to GELU": {},
    "one activation per block": {},
    "one norm per block": {"norms": 1},
    "batch to layer norm": {},
    "separate downsampling": {"separate": True},
}

# %% [markdown]
# **Predict.** Look at the edit "kernel 7x7". In a block with 96 channels, a depthwise convolution of 7 x 7 is followed by 1x1 convolutions
# to 384 channels and back to 96. What share of the block's weights belongs to the large kernels? Give two decimals, and
# leave out biases.

# %%
predict("share", None)

# %%
steps = []
print(f"{'':<26}{'million parameters':>20}{'billion MACs':>14}")
for name, changes in EDITS.items():
    settings |= changes
    n_parameters, n_macs, _ = totals(network(**settings), (224, 224, 3))
    steps.append((name, n_parameters, n_macs))
    print(f"{name:<26}{n_parameters / 1e6:>20.1f}{n_macs / 1e9:>14.2f}")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $49 \cdot 96 = 4704$ of $4704 + 2 \cdot 96 \cdot 384 = 78432$ weights, which is
# [0.06]{= round(4704 / (4704 + 2 * 96 * 384), 2) }. The two 1x1 convolutions do nearly all the work. Compare the rows above and below
# "kernel 7x7": once a convolution is depthwise, large kernels are nearly free.
#
# </details>
#
# From the first row to "one norm per block", your counts are those of the paper, to the second decimal. The last row
# is what torchvision's documentation lists for ConvNeXt-T, 4.46 billion.

# %% [markdown]
# ## What each edit brought
#
# We cannot train 14 networks on 1.3 million photographs, and neither can you. So the accuracies in the next figure are
# **theirs**: Liu et al. (2022), section 2, with means and standard deviations of three runs in table 10 of the appendix. The MACs are yours.

# %%
draw.edits(steps)

# %% [markdown]
# Read the figure with the rules of this course in mind.
#
# 1. **The largest single step is no edit at all.** The same ResNet-50, trained with the methods of
#    [How networks are trained today](20_training_today.ipynb), gains 2.7 points. That is nearly half of the way from 76.1% to 82.0%.
#    Comparing a new network with an old *training* is comparing arms that are not tuned alike. (Wightman et al., 2021, even
#    got 80.4% out of an unchanged ResNet-50.)
# 2. **A step back can be worth it.** The depthwise convolution loses a point and saves nearly half of the MACs. The width
#    spends them again, and gains two.
# 3. **Small differences are small.** Standard deviations are 0.02 to 0.2 points with three runs, so steps of 0.1 (the stem, ReLU to
#    GELU, layer normalization) could be nothing.
# 4. **The order matters.** Each edit was tried at one point of the sequence. Nobody measured here what a 7 x 7 kernel would
#    bring to the first ResNet.
#
# And the result? ConvNeXt-T: 82.0%. Swin-T, with attention and as many MACs: 81.3%. So attention was **not** what made the
# difference between 2015 and 2021. That is all it shows: on ImageNet, at this size.

# %% [markdown]
# ## Two blocks, one difference
#
# Put the blocks side by side, and you see how close they have come.

# %%
draw.blocks()

# %% [markdown]
# In ConvNeXt and in the transformer, one layer mixes **positions**, and then two dense layers at each position mix
# **channels**. (A dense layer at each position is a 1x1 convolution.) Both expand the channels by 4, and both add a
# shortcut. Two differences remain. The layer that mixes positions is a convolution in one and attention in the other, and
# only the transformer gives this layer a normalization and a shortcut of its own.
#
# To compare the two layers fairly, everything else must be equal. So here is the block of a transformer, into which you
# can put either:

# %% needs="torch"


class Convolution(nn.Module):
    def __init__(self, dim, kernel_size=7):
        super().__init__()
        self.depthwise = nn.Conv2d(dim, dim, kernel_size, padding="same", groups=dim)

    def forward(self, x):  # (m, n_H, n_W, dim)
        return self.depthwise(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


class Attention(nn.Module):
    def __init__(self, dim, n_heads=4):
        super().__init__()
        self.attention = nn.MultiheadAttention(dim, n_heads, batch_first=True)

    def forward(self, x):
        tokens = x.flatten(1, 2)
        return self.attention(tokens, tokens, tokens, need_weights=False)[0].reshape(x.shape)


class Block(nn.Module):
    def __init__(self, dim, mix):
        super().__init__()
        self.mix, self.norm_1, self.norm_2 = mix, nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.dense = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))

    def forward(self, x):
        x = x + self.mix(self.norm_1(x))
        return x + self.dense(self.norm_2(x))


x = torch.randn(2, 14, 14, 96)
print([tuple(Block(96, mix)(x).shape) for mix in (Convolution(96), Attention(96))])

# %% [markdown]
# The published ConvNeXt-T is a stem, 18 blocks as in the second column of the figure, in four stages, a normalization and
# a 2 x 2 convolution with stride 2 between two stages, and a dense layer. Keras can build it, and so can torchvision, with
# trained weights (`torchvision.models.convnext_tiny(weights="DEFAULT")`, and
# `torchvision.models.vit_b_16(weights="DEFAULT")` for a vision transformer). Does our counter agree?

# %% needs="keras tensorflow"
convnext = keras.applications.ConvNeXtTiny(weights=None, include_preprocessing=False)
print(f"Keras: {convnext.count_params():,} parameters, counted: {steps[-1][1]:,}")

# %% [markdown]
# The difference is what our counter left out. In each block, these are the biases of the depthwise convolution and a
# learned factor for each channel, together $2 \cdot 6624$ in 18 blocks. A last normalization (1,536) and the biases of
# the stem (96) make it [14,880]{= f"{28_589_128 - steps[-1][1]:,}" }, and none is missing.

# %% [markdown]
# ## Which one is equivariant?
#
# "Convolutional networks are equivariant to translation, transformers are not." You will often read this, and it is
# easy to test. We move a detail of the photograph over a black background. If a network is equivariant, then the
# *averages* of its last feature map do not change, as long as nothing leaves the image ([Pooling](10_pooling.ipynb)). We
# compare four networks with random weights, since equivariance does not come from training:
#
# - **3x3:** a 3 x 3 convolution, stride 1;
# - **patches, 7x7:** patches of 4 x 4, then a depthwise 7 x 7 convolution, as ConvNeXt begins;
# - **patches, attention:** the same patches, then attention *without* position embeddings;
# - **with positions:** the same with position embeddings.
#
# **Predict.** The image moves by **one** pixel. Which of the averages stay exactly as they are? `"a"` Those of the
# first network. `"b"` Those of the first two. `"c"` Those of the first three.

# %%
predict("equivariant", None)


# %%
def normalized(X):
    return (X - X.mean(-1, keepdims=True)) / np.sqrt(X.var(-1, keepdims=True) + 1e-6)


def four_averages(image, seed, d=32):
    rng = np.random.default_rng(seed)
    small = conv2d(image[None], rng.normal(size=(3, 3, 1, d)), padding=1)
    X = normalized(conv2d(image[None], rng.normal(size=(4, 4, 1, d)), stride=4))
    large = depthwise_conv2d(X, rng.normal(size=(7, 7, d)), padding=3)
    weights = [rng.normal(0, d**-0.5, (d, d)) for _ in range(4)]
    tokens = X.reshape(-1, d)
    positions = rng.normal(0, 0.5, tokens.shape)
    attended = [tokens + attention(t, *weights, 4) for t in (tokens, tokens + positions)]
    return [relu(A).reshape(-1, d).mean(axis=0) for A in (small, large, *attended)]


def change(before, after):
    return np.linalg.norm(after - before) / np.linalg.norm(before - before.mean())


canvas = np.zeros((96, 96, 1))
canvas[24:72, 24:72] = photo[60:108, 60:108].mean(axis=2, keepdims=True) / 255
names = ["3x3", "patches, 7x7", "patches, attention", "with positions"]
shifts = {}
for k in (1, 2, 3, 4):
    moved = np.roll(canvas, k, axis=1)
    shifts[k] = np.array(
        [
            [
                change(*pair)
                for pair in zip(four_averages(canvas, s), four_averages(moved, s), strict=True)
            ]
            for s in range(5)
        ]
    )
draw.shifts(shifts, names)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"a"`. A stride of 4 keeps one of four positions, and a photograph that has moved by one pixel is cut along other lines.
#
# </details>
#
# It is not the attention that breaks equivariance! Without positions, the attention layer behaves as the convolution
# does: the averages of both change at 1 to 3 pixels, and are exact again at 4, the stride. **What breaks equivariance is
# the stride of the stem, which both share.** Position embeddings break it, too, since they change the averages even at 4
# pixels, though here by only [1%]{= f"{shifts[4][:, 3].mean():.0%}" }. ConvNeXt is as little equivariant to one pixel as
# ViT. (In the whole networks, the total strides are 32 for ConvNeXt and 16 for ViT. These are random
# weights and random positions. We have not measured how a trained ViT responds to a shift.)

# %% [markdown]
# ## What is the bias worth?
#
# You will often read that a convolution needs fewer images because it **knows that neighbors belong together**, while
# attention has to learn it. We tried to break that explanation. Small networks read 8 x 8 digits as 16 patches. They have
# learned position embeddings and two of the blocks above, and differ in one layer: a depthwise 3 x 3 convolution, or
# attention with four heads. Then comes the control, in which we shuffle the pixels, in the same way for all images. Now
# neighbors mean nothing, so if the explanation is right, the convolution must lose its lead.
#
# (600 steps with AdamW. Two seeds and 300 validation digits choose the learning rate of each network, and we tried more
# rates until the best one lay between two others. Then there are five runs, each with its own training set. At the end,
# the training loss is below 0.05 in every run: `python -m benchmarks.after_2020`.)

# %%
study = results()
draw.bias(study)

# %%
for name, accuracies in study.items():
    print(
        f"{name:<28}{accuracies.mean():.2f}, from {accuracies.min():.2f} to {accuracies.max():.2f}"
    )

# %% [markdown]
# The convolution is ahead. With 100 images, it reaches [0.83]{= f"{study['convolution, 100'].mean():.2f}" } on average
# and attention [0.70]{= f"{study['attention, 100'].mean():.2f}" }, although the ranges overlap. With 1,200 images,
# the lead is smaller, [0.92]{= f"{study['convolution, 1200'].mean():.2f}" } against
# [0.88]{= f"{study['attention, 1200'].mean():.2f}" }. So here, the convolution does need fewer images.
#
# But the explanation fares badly. With shuffled pixels and 100 images, the convolution still reaches
# [0.80]{= f"{study['convolution, shuffled, 100'].mean():.2f}" }, and attention
# [0.71]{= f"{study['attention, shuffled, 100'].mean():.2f}" }. The lead shrinks from
# [13]{= f"{100 * (study['convolution, 100'].mean() - study['attention, 100'].mean()):.0f}" } points to
# [9]{= f"{100 * (study['convolution, shuffled, 100'].mean() - study['attention, shuffled, 100'].mean()):.0f}" }, so
# most of it has nothing to do with neighbors. (On a map of 4 x 4 positions, a 3 x 3 kernel sees nearly everything
# anyway.) Our guess is that the number of weights matters: an attention layer here has
# [4,224]{= f"{4 * 32 * 33:,}" } parameters, and the convolution [320]{= 10 * 32 }. We have not tested it, nor
# anything at the size of ImageNet.
#
# We first ran this experiment with ConvNeXt's block, in which attention gets neither a normalization nor a shortcut of
# its own, and for 200 steps only. Attention then reached 0.49 with 100 images. More than half of the lead that we saw
# was our own doing.

# %% [markdown]
# ## What remains true
#
# | from this course | in a vision transformer |
# |---|---|
# | [output sizes](08_output_sizes.ipynb) | $(224 - 16) / 16 + 1 = 14$, so 196 tokens |
# | [1x1 convolution](22_one_by_one_convolution.ipynb) | all dense layers at each token, most of its parameters |
# | [residual connections](19_residual_networks.ipynb) | around every attention and every pair of dense layers |
# | [normalization](17_batch_normalization.ipynb) | [layer normalization](glossary.md#layer-normalization), over the channels of each token |
# | [training](14_training.ipynb) | the same loop, AdamW, warm-up and cosine schedule, augmentation |
# | [transfer learning](28_transfer_learning.ipynb) | matters more: it is how ViTs are used |
#
# And what changes? **The [inductive bias](glossary.md#inductive-bias).** A convolution is local and shares its weights before
# training begins, and attention is neither. Trained on ImageNet's 1.3 million images, the large
# ViTs were *worse* than ResNets, and better after pretraining on 300 million (Dosovitskiy et al., 2020, figure 3). Only two months
# later, Touvron et al. (published in 2021) trained ViTs well on ImageNet alone, with strong augmentation. Data, real or augmented, can make up for a missing bias.
#
# So who was right? Neither headline. Both papers teach what this course teaches: change one thing at a time, tune
# both arms, and be careful with your conclusion.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: by hand
#
# 1. ViT with patches of 16 x 16 reads an image of 384 x 384. How many `n_tokens` are there?
# 2. With $n = 196$ tokens of $d = 768$ numbers, how many MACs do the scores $QK^T$ and the weighted means take together,
#    in all heads (`pair_macs`)?
# 3. How many weights do $W_Q$, $W_K$, $W_V$ and $W_O$ have together for $d = 768$, without biases (`projection_weights`)?
# 4. And how many weights does a ConvNeXt block with 384 channels have, without biases, norms and scale (`block_weights`)?

# %%
n_tokens = None
pair_macs = None
projection_weights = None
block_weights = None
### BEGIN SOLUTION
n_tokens = (384 // 16) ** 2
pair_macs = 2 * 196 * 196 * 768
projection_weights = 4 * 768 * 768
block_weights = 49 * 384 + 2 * 384 * 4 * 384
### END SOLUTION

# %%
check("n_tokens", n_tokens)
check("pair_macs", pair_macs)
check("projection_weights", projection_weights)
check("block_weights", block_weights)

# %% [markdown]
# ### Exercise 2: windows
#
# Swin computes attention inside windows. Write `windows(X, f)`, which cuts a feature map $(n_H, n_W, d)$ into windows of
# $f \times f$ tokens, side by side, and returns $(\text{number of windows}, f^2, d)$. (`cut` is nearly there.) You may assume that $f$
# divides both sizes.


# %%
def windows(X, f):
    result = None
    ### BEGIN SOLUTION
    result = cut(X, f).reshape(-1, f * f, X.shape[-1])
    ### END SOLUTION
    return result


# %%
check("windows", windows)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `attend_buggy` computes attention with one head. It runs, it returns the right shape, and if $W_Q = 0$ it is even
# right. What do the weights of one token sum to? Fix a copy in `attend`.


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
# ### Exercise 4: what happens if ...
#
# Decide first, then change the cells above.
#
# 1. ... the $\alpha$ of the hand-set layer is 0.3 instead of 50? What kind of convolution is it then?
# 2. ... you leave out the position numbers, so that a token is its three channels and zeros?
# 3. ... the patches of the stem overlap: a 7 x 7 convolution with stride 4 and padding 3? Repeat the test of equivariance.
# 4. ... you multiply `weights[0]` by 10? Look at `attention_weights(X, *weights[:2], 4).max(axis=2)`.
#
# <details>
# <summary>Discussion</summary>
#
# 1. Each head averages over a soft, round window around $p + \Delta$, so the layer first blurs and then convolves. Since
#    $\alpha$ is a weight like others, the layer could *learn* the size of its window. Cordonnier et al. let it.
# 2. Then all scores are 0, and all nine heads see the mean of the image. The output is the same at every position.
# 3. It still changes, because the stride is still 4. It is the subsampling that does the harm, as in
#    [Pooling](10_pooling.ipynb), although overlapping windows may soften it.
# 4. The scores become ten times as large, and the softmax puts nearly all its weight on one token. Its gradient is then nearly 0,
#    as for a saturated [sigmoid](glossary.md#sigmoid). The division by $\sqrt{d_k}$ prevents this.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **write [self-attention](glossary.md#self-attention):** a weighted mean of values, whose weights are the softmax of
#    queries times keys, with heads by a reshape;
# 2. **say what attention and convolution share:** a patch embedding is a strided convolution, and nine heads can be a 3 x 3
#    convolution. Without position embeddings, attention is equivariant to every permutation, and so to translations by whole
#    patches. It costs $n^2$ pairs and sees everything;
# 3. **turn ResNet-50 into ConvNeXt**, count each edit, and tell the gains of the architecture from those of the training.
#
# Terms: [transformer](glossary.md#transformer), [token](glossary.md#token),
# [self-attention](glossary.md#self-attention), [position embedding](glossary.md#position-embedding),
# [layer normalization](glossary.md#layer-normalization), [GELU](glossary.md#gelu),
# [depthwise convolution](glossary.md#depthwise-convolution).

# %% [markdown]
# ## What to read next
#
# - Next is [Saving and resuming training](30_working_in_colab.ipynb).
# - Liu, Mao, Wu, Feichtenhofer, Darrell and Xie, *A ConvNet for the 2020s* (2022):
#   [arXiv:2201.03545](https://arxiv.org/abs/2201.03545). Read it beside this lesson; it is a model of an experiment.
# - Dosovitskiy et al., *An image is worth 16x16 words* (2020), ViT: [arXiv:2010.11929](https://arxiv.org/abs/2010.11929).
# - Cordonnier, Loukas and Jaggi, *On the relationship between self-attention and convolutional layers* (2020):
#   [arXiv:1911.03584](https://arxiv.org/abs/1911.03584).
# - Vaswani et al., *Attention is all you need* (2017): [arXiv:1706.03762](https://arxiv.org/abs/1706.03762); Zhang, Lipton, Li
#   and Smola, *Dive into Deep Learning*, chapter 11,
#   [Attention mechanisms and transformers](https://d2l.ai/chapter_attention-mechanisms-and-transformers/index.html).
# - Liu et al., *Swin transformer* (2021): [arXiv:2103.14030](https://arxiv.org/abs/2103.14030); Touvron et al., *Training
#   data-efficient image transformers* (2021): [arXiv:2012.12877](https://arxiv.org/abs/2012.12877).
# - Wightman, Touvron and Jégou, *ResNet strikes back* (2021): [arXiv:2110.00476](https://arxiv.org/abs/2110.00476).
