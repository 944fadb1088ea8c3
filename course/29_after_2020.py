# %% [markdown]
# # After 2020
#
# In October 2020, a network that claimed to do without convolutions beat the best convolutional networks on ImageNet,
# after pretraining on 300 million photographs. It cuts an image into squares, lines them up, and reads the row like the
# words of a sentence. Is everything that you learned in this course out of date?

# %% include="lesson_setup"

# %%
from convnet.data import load_sample_image
from convnet.functional import conv2d, depthwise_conv2d, relu, softmax
from lesson_tools.after_2020 import figures as draw
from lesson_tools.after_2020.questions import check, predict
from lesson_tools.after_2020.results import results
from lesson_tools.counter import conv, dense, depthwise, pool, totals

photo = load_sample_image("china.jpg")[100:324, 150:374]  # 224 x 224 x 3, from 0 to 255
rng = np.random.default_rng(0)
draw.patches(photo)

# %% [markdown]
# This network is the **vision transformer** (ViT), and the squares on the right are its input. Fifteen months later, Liu
# et al. took a ResNet from 2015, modernized it in a dozen small steps without adding any attention, and caught up.
#
# So who is right? In this lesson you rebuild both networks piece by piece, count what each change costs, and find
# out where exactly they differ. They differ less than you would think: ViT's first layer *is* a convolution, and you will
# turn its famous attention layer into one by setting a few weights by hand.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. write self-attention in ten lines of NumPy, and use it in PyTorch and Keras;
# 2. say what attention and convolution have in common, and test both for equivariance;
# 3. turn ResNet-50 into ConvNeXt, edit by edit, and count parameters and MACs on the way.
#
# **Time:** about 85 minutes, and 35 for the exercises. (Take a break before "From ResNet-50 to ConvNeXt".) **You need:**
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
# A [**transformer**](glossary.md#transformer) was built for text. It reads a sequence of vectors, called
# [**tokens**](glossary.md#token), one for each word or part of a word. To feed it a photograph, Dosovitskiy et al. (2020)
# cut the photograph into [patches](glossary.md#patch) of 16 x 16 pixels. One dense layer, shared by all patches, turns the
# $16 \cdot 16 \cdot 3 = 768$ numbers of a patch into a token of $d$ numbers. This is the **patch embedding**.


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
# **Predict.** In the published ViT-Base, a token has 768 numbers, too. How many tokens does an image of 224 x 224 pixels
# give, and how many parameters does the dense layer have, with biases? Answer with `(tokens, parameters)`.

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
# A small patch, the same weights at every position, a dot product for each output channel: does this remind you of
# anything?

# %%
filters = W.reshape(16, 16, 3, 32)  # the same numbers, in the order of a convolution
feature_map = conv2d(photo[None].astype(float), filters, stride=16)
print("feature map:", feature_map.shape)
print("equal:", np.array_equal(feature_map.reshape(196, 32), tokens))

# %% [markdown]
# Equal to the last digit. (Our weights are multiples of 1/8, so nothing is rounded, not even in 32 bits below. With
# other weights, the last digits would depend on the order of the sums.) **A patch embedding is a convolution whose
# stride equals its kernel size**, and this is how it is written in practice:

# %% needs="torch"
import torch
from torch import nn
from torch.nn import functional as F

embed = nn.Conv2d(3, 32, kernel_size=16, stride=16, bias=False)
x = torch.tensor(photo, dtype=torch.float32).permute(2, 0, 1)[None]  # (1, 3, 224, 224)
with torch.no_grad():
    embed.weight.copy_(torch.tensor(filters).permute(3, 2, 0, 1))
    tokens_torch = embed(x).flatten(2).transpose(1, 2)  # (1, 196, 32)
print(tuple(tokens_torch.shape), np.array_equal(tokens_torch[0], tokens))

# %% needs="keras tensorflow"
import keras
from keras import layers

embed_keras = keras.Sequential(
    [
        keras.Input((224, 224, 3)),
        layers.Conv2D(32, kernel_size=16, strides=16, use_bias=False),
        layers.Reshape((-1, 32)),
    ]
)
embed_keras.set_weights([filters])
tokens_keras = embed_keras(photo[None])
print(tokens_keras.shape, np.array_equal(tokens_keras[0], tokens))

# %% [markdown]
# ## Self-attention, from the question it answers
#
# The patches now stand in a row. How does a patch of the upper roof learn that there is another roof below? A
# convolution would look at its neighbors, with the same weights in every image. **Attention** lets each token
# *choose* where to look, depending on the image.
#
# Three weight matrices map each token $x_i$ to three vectors:
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
# Here $d_k$ is the number of components of a key. The division by $\sqrt{d_k}$ keeps the variance of the scores from growing
# with $d_k$, as [initialization](glossary.md#initialization) does for activations. Since queries, keys and values all come
# from the same tokens, this is [**self-attention**](glossary.md#self-attention).

# %% [markdown]
# ## Ten lines of NumPy
#
# A single softmax can look for one thing only. **Multi-head attention** therefore splits queries, keys and values into
# several **heads**, each with a softmax of its own, which takes only a reshape. A matrix $W_O$ then mixes the outputs of
# the heads.


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
# attention stays close to it. It becomes selective only through training.
#
# </details>

# %% [markdown]
# ## The layer in PyTorch and Keras
#
# In PyTorch, most implementations compute queries, keys and values in one linear layer and call
# `F.scaled_dot_product_attention`, which uses a fast fused kernel where there is one. (`nn.MultiheadAttention` is the
# same layer, ready-made.) In Keras, it is `layers.MultiHeadAttention`. Both agree with our ten lines:


# %% needs="torch"
class SelfAttention(nn.Module):
    def __init__(self, d, n_heads, bias=True):
        super().__init__()
        self.n_heads = n_heads
        self.qkv = nn.Linear(d, 3 * d, bias=bias)  # W_Q, W_K and W_V side by side
        self.project = nn.Linear(d, d, bias=bias)  # W_O

    def forward(self, x):  # (m, n, d)
        m, n, d = x.shape
        qkv = self.qkv(x).view(m, n, 3, self.n_heads, d // self.n_heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (m, n_heads, n, d / n_heads)
        y = F.scaled_dot_product_attention(q, k, v)
        return self.project(y.transpose(1, 2).reshape(m, n, d))


attention_torch = SelfAttention(d, n_heads, bias=False).double()
with torch.no_grad():
    attention_torch.qkv.weight.copy_(torch.tensor(np.hstack(weights[:3]).T))
    attention_torch.project.weight.copy_(torch.tensor(weights[3].T))
    print(np.allclose(attention_torch(torch.tensor(X)[None])[0], Y))

# %% needs="keras tensorflow"
attention_keras = layers.MultiHeadAttention(
    n_heads, key_dim=d // n_heads, use_bias=False, dtype="float64"
)
attention_keras.build(query_shape=(None, 196, d), value_shape=(None, 196, d))
W_Q, W_K, W_V = (W.reshape(d, n_heads, -1) for W in weights[:3])  # Keras has an axis for heads
attention_keras.set_weights([W_Q, W_K, W_V, weights[3].reshape(n_heads, -1, d)])
print(np.allclose(attention_keras(query=X[None], value=X[None])[0], Y))

# %% [markdown]
# ## Position embeddings
#
# **Predict.** We shuffle the tokens, so that the sky lies between the roofs, and feed them to the same attention layer. How
# does the output compare with $Y$, the output for the correct order? `"a"` It is exactly $Y$. `"b"` It contains the rows of
# $Y$, shuffled in the same way. `"c"` It contains different numbers.

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
# `"b"`. Each output is a sum over *all* tokens, and a sum does not depend on the order of its terms. Only the query
# belongs to one token.
#
# </details>
#
# This is **permutation equivariance**, which you know from [1x1 convolution](22_one_by_one_convolution.ipynb): shuffled
# pixels give the same outputs in shuffled order, so such a layer cannot see edges. To an attention layer, a photograph is
# a bag of patches.
#
# So we have to tell a transformer where each patch is. The simplest way is to add to each token a vector that depends on
# its position, a [**position embedding**](glossary.md#position-embedding). ViT *learns* one for each of its 196 positions,
# and must find out from data that position 15 lies below position 1. (ViT also adds a 197th token, the **class
# token**, from which the classifier reads its prediction. Many later networks average all tokens instead.)

# %% [markdown]
# ## Attention that is a convolution
#
# Can an attention layer look at neighbors only, as a convolution does? Let us build one by hand. Every pixel is a
# token, which contains the pixel's position $(r, q)$ as additional numbers. A 3 x 3 kernel needs nine heads, one for each
# **relative position** $\Delta$: up left, up, up right, and so on. The head for $\Delta$ should make the pixel at position
# $p$ look exactly at $p + \Delta$, so its score must be largest there:
#
# $$\text{score}(p, u) = -\alpha \lVert u - (p + \Delta) \rVert^2
# = \alpha \left( 2\, (p + \Delta) \cdot u - \lVert u \rVert^2 \right) - \alpha \lVert p + \Delta \rVert^2$$
#
# for the pixel at each position $u$. The last term is the same for all $u$, so it cancels in the softmax. The rest is a
# dot product of a query, which contains $p + \Delta$, and a key, which contains $u$ and $\lVert u \rVert^2$. With a large
# $\alpha$, the softmax puts all its weight on one pixel.
#
# **Predict.** The image has 3 channels, each head passes on all of them, and the layer should have 5 output channels.
# $W_O$ maps the concatenated outputs of the nine heads to these. What is the shape of $W_O$?

# %%
predict("output_matrix", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (27, 5). Nine heads with three numbers each make 27. The five filters of a 3 x 3 convolution have
# $3 \cdot 3 \cdot 3 \cdot 5$ weights, exactly as many. So $W_O$ *is* the filters, reshaped.
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
# **Predict.** For the pixel in the upper left corner, the head for "up left" looks for a pixel outside the image. Where does
# it look? `"a"` Nowhere, so its output is 0. `"b"` At the corner pixel itself. `"c"` At all pixels equally. (Use the formula
# of the score.)

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
# `"b"`. The weights of a softmax sum to 1, so it must look somewhere. The score is largest for the pixel that is
# *nearest* to $p + \Delta$, and that is the corner. So this layer pads by repeating the border instead of with zeros
# (`mode="edge"` in [Padding](04_padding.ipynb)).
#
# </details>
#
# So attention **can** convolve: it is the more general layer. Whether trained transformers do so is another question.
# Cordonnier et al. examined trained ones and found that many heads of the first layers look at fixed relative positions
# around the pixel, while later ones look far away.

# %% [markdown]
# ## What one layer sees, and what it costs
#
# A 3 x 3 convolution has a [receptive field](glossary.md#receptive-field) of 3 x 3. An attention layer sees **the whole
# image**, even in the first layer. The price is that each of $n$ tokens is compared with all $n$ tokens.
#
# **Predict.** An image becomes twice as high and twice as wide, and the patches keep their size. By which factor does the
# number of attention weights of each head grow?

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
# At 14 x 14, as in ViT, attention is affordable. On maps of 56 x 56, as in the first stage of a ResNet, the pairs alone
# take [1.9]{= f"{attention_macs(56**2, 96)[1] / 1e9:.1f}" } billion MACs in a single layer, nearly half of all MACs of
# ResNet-50. That is why ViT cuts the image so coarsely. The **Swin** transformer (Liu et al., 2021) has another answer. It
# computes attention only within windows of 7 x 7 tokens, and shifts these windows by half their size in every second
# layer, so that information passes between them. Local windows and the same weights everywhere: convolution had come back
# through the window.

# %% [markdown]
# ## From ResNet-50 to ConvNeXt
#
# Swin beat ResNets, but was it because of attention, or because of everything else that had changed since 2015? Zhuang Liu
# et al. (2022) answered this question by experiment. They started from ResNet-50, a
# [residual network](19_residual_networks.ipynb) with [bottleneck](22_one_by_one_convolution.ipynb) blocks of 1x1, 3 x 3 and
# 1x1 convolutions, and made it more like Swin, **one change at a time**. The only rule was that attention stays out.
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
# **Predict.** Look at the edit "kernel 7x7". In a block with 96 channels, a depthwise 7 x 7 convolution is followed by 1x1
# convolutions to 384 channels and back to 96. What share of the block's weights belongs to the large kernels? Give two
# decimals, and leave out biases.

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
# [0.06]{= round(4704 / (4704 + 2 * 96 * 384), 2) }. The two 1x1 convolutions hold nearly all weights. Compare the row
# "kernel 7x7" with the one above: once a convolution is depthwise, a large kernel is nearly free.
#
# </details>
#
# From the first row to "one norm per block", your counts are those of the paper, to the second decimal. The last row
# is what torchvision's documentation lists for ConvNeXt-T, 4.46 billion.

# %% [markdown]
# ## What each edit brought
#
# Training 14 networks on 1.3 million photographs is out of reach for us, and probably for you. So the accuracies in the
# next figure are **published** ones (Liu et al., 2022, table 10, means of three runs). The MACs are yours.

# %%
draw.edits(steps)

# %% [markdown]
# Read the figure with the rules of this course in mind.
#
# 1. **The largest single step does not change the network.** The same ResNet-50, trained with the methods of
#    [How networks are trained today](20_training_today.ipynb), gains 2.7 points, nearly half of the way from 76.1% to
#    82.0%. A new network with new training, against an old network with old training, is an unfair comparison. (Wightman et
#    al., 2021, even reached 80.4% with an unchanged ResNet-50.)
# 2. **A step back can be worth it.** The depthwise convolution loses a point and saves nearly half of the MACs. The larger
#    width spends them again, and gains two points.
# 3. **Some steps may be chance.** Over three runs, the standard deviations are 0.02 to 0.2 points, so steps of about 0.1
#    (the stem, ReLU to GELU, layer normalization) are not distinguishable from zero.
# 4. **The order matters.** Each edit was tried at one point of the sequence. What a 7 x 7 kernel would bring to the
#    original ResNet was not measured.
#
# The result: ConvNeXt-T reaches 82.0%, and Swin-T, with attention and about as many MACs, 81.3%. So a network does not
# need attention to get from the accuracy of 2015 to that of 2021, at least on ImageNet and at this size. The experiment
# does not show more than that.

# %% [markdown]
# ## Two blocks, one difference
#
# Side by side, the blocks show how close the two families have come.

# %%
draw.blocks()

# %% [markdown]
# In both, one layer mixes **positions**, and then two dense layers at each position, which are 1x1 convolutions, mix
# **channels**. Both expand the channels by a factor of 4, and both add a shortcut. Two differences remain: the layer that
# mixes positions is a convolution or attention, and only the transformer gives it a normalization and a shortcut of its
# own.
#
# To compare the two layers fairly, everything else must be equal. So here is the transformer's block, with a choice of
# the layer that mixes positions:


# %% needs="torch"
class Depthwise(nn.Module):
    """Depthwise convolution of tokens (m, n, d) on a square map."""

    def __init__(self, d, kernel_size=7):
        super().__init__()
        self.convolution = nn.Conv2d(d, d, kernel_size, padding="same", groups=d)

    def forward(self, x):
        side = round(x.shape[1] ** 0.5)
        maps = x.transpose(1, 2).unflatten(2, (side, side))  # (m, d, side, side)
        return self.convolution(maps).flatten(2).transpose(1, 2)


class Block(nn.Module):
    def __init__(self, d, mix):
        super().__init__()
        self.norm_1, self.mix = nn.LayerNorm(d), mix
        self.norm_2 = nn.LayerNorm(d)
        self.mlp = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))

    def forward(self, x):
        x = x + self.mix(self.norm_1(x))
        return x + self.mlp(self.norm_2(x))


x = torch.randn(2, 196, 96)
for mix in (Depthwise(96), SelfAttention(96, n_heads=4)):
    block_torch = Block(96, mix)
    n_weights = sum(p.numel() for p in block_torch.parameters())
    print(f"{type(mix).__name__:14}{tuple(block_torch(x).shape)}, {n_weights:,} parameters")


# %% needs="keras tensorflow"
def transformer_block(x, n_heads):
    """Build the same block with attention from Keras layers, for tokens x (m, n, d)."""
    d = x.shape[-1]
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    x = layers.Add()([x, layers.MultiHeadAttention(n_heads, key_dim=d // n_heads)(y, y)])
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    y = layers.Dense(d)(layers.Dense(4 * d, activation="gelu")(y))
    return layers.Add()([x, y])


inputs = keras.Input((196, 96))
print(f"{keras.Model(inputs, transformer_block(inputs, 4)).count_params():,} parameters")

# %% [markdown]
# Nobody writes the published networks by hand: torchvision has them with trained weights
# (`torchvision.models.vit_b_16(weights="DEFAULT")`, `torchvision.models.convnext_tiny(weights="DEFAULT")`), and Keras has
# ConvNeXt. ConvNeXt-T consists of a stem, 18 blocks in four stages with a normalization and a 2 x 2 convolution with
# stride 2 between stages, and a dense layer. Does our counter agree?

# %% needs="keras tensorflow"
convnext = keras.applications.ConvNeXtTiny(weights=None, include_preprocessing=False)
print(f"Keras: {convnext.count_params():,} parameters, counted: {steps[-1][1]:,}")

# %% [markdown]
# Our counter left out [14,880]{= f"{28_589_128 - steps[-1][1]:,}" } parameters: the biases of the depthwise convolutions and
# a learned factor for each channel ($2 \cdot 6624$ in 18 blocks), a last normalization (1,536) and the biases of the stem
# (96).

# %% [markdown]
# ## Which one is equivariant?
#
# "Convolutional networks are equivariant to translation, transformers are not." You will often read this, and it is
# easy to test. We move a detail of the photograph over a black background. If a network is equivariant, the *averages* of
# its last feature map do not change, as long as nothing leaves the image ([Pooling](10_pooling.ipynb)). The networks have
# random weights, since a layer that is equivariant is so for any weights:
#
# - **3x3:** a 3 x 3 convolution, stride 1;
# - **patches, 7x7:** patches of 4 x 4, then a depthwise 7 x 7 convolution, as ConvNeXt begins;
# - **patches, attention:** the same patches, then attention *without* position embeddings;
# - **with positions:** the same with position embeddings.
#
# **Predict.** The image moves by **one** pixel. Which averages stay exactly the same? `"a"` Those of the first network.
# `"b"` Those of the first two. `"c"` Those of the first three.

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
# `"a"`. A stride of 4 keeps one of four positions, so a photograph that has moved by one pixel is cut into different
# patches.
#
# </details>
#
# So it is not attention that breaks equivariance! Without position embeddings, the averages of the attention layer and of
# the convolution both change at 1 to 3 pixels, and both return at 4, the stride. **The stride of the stem breaks
# equivariance, and both networks have one.** Position embeddings break it, too: they change the averages even at 4 pixels,
# though here by only [1%]{= f"{shifts[4][:, 3].mean():.0%}" }. To a shift of one pixel, ConvNeXt is no more equivariant than
# ViT. (The total stride is 32 in the whole ConvNeXt and 16 in ViT. How far a *trained* ViT departs from equivariance,
# we have not measured.)

# %% [markdown]
# ## What is the inductive bias worth?
#
# A convolution needs fewer images, you will often read, because it **knows that neighbors belong together**, while attention
# has to learn it. Let us try to break this explanation. Small networks read 8 x 8 digits as 16 patches, with learned
# position embeddings and two of the blocks above. They differ in one layer: a depthwise 3 x 3 convolution, or attention
# with four heads. As a control, we shuffle the pixels, in the same way in all images. Now neighbors mean nothing, so if the
# explanation is right, the convolution must lose its lead.
#
# (600 steps with AdamW. Two seeds and 300 validation digits choose the learning rate of each arm, from rates that are tried
# until the best lies between two others. The five runs of an arm differ in their seeds and, with 100 images, in the images.
# All end with a training loss below 0.1: `python -m benchmarks.lessons.after_2020`.)
#
# The simplest baseline is the nearest neighbor among the same training images. It cannot tell shuffled pixels from others.

# %%
from sklearn.neighbors import KNeighborsClassifier

from convnet.data import digits

data = digits()
flat, flat_test = data.train_images.reshape(-1, 64), data.test_images.reshape(-1, 64)
study = results()
for size in (100, 1200):
    subsets = [np.random.default_rng(seed).permutation(1200)[:size] for seed in range(5)]
    nearest = [KNeighborsClassifier(1).fit(flat[i], data.train_labels[i]) for i in subsets]
    study[f"nearest neighbor, {size}"] = np.array(
        [model.score(flat_test, data.test_labels) for model in nearest]
    )
draw.bias(study)

# %%
leads = {}
for size in (100, 1200):
    for pixels in ("", ", shuffled"):
        lead = study[f"convolution{pixels}, {size}"] - study[f"attention{pixels}, {size}"]
        mean, error = 100 * lead.mean(), 100 * lead.std(ddof=1) / np.sqrt(len(lead))
        leads[f"{size}{pixels}"] = f"{mean:.0f} ± {error:.0f}"
        print(
            f"{size:>5} images{pixels:<10}  lead of the convolution: {mean:.1f} ± {error:.1f} points"
        )

# %% [markdown]
# (Means of five pairs with the same seed and images, ± their standard error.) The convolution is ahead by
# [13 ± 3]{= leads['100'] } points with 100 images and by [4 ± 1]{= leads['1200'] } with 1,200, so here it does need fewer
# images. But the explanation fares badly. With shuffled pixels, it is still ahead by [9 ± 2]{= leads['100, shuffled'] } and
# [6 ± 1]{= leads['1200, shuffled'] } points. Most of the lead with 100 images, and all that we can see with 1,200, has
# nothing to do with neighbors. (On a map of 4 x 4 positions, a 3 x 3 kernel sees nearly everything anyway.) And the
# nearest neighbor beats both networks, so neither is a good choice for digits of this size.
#
# What else could it be? Perhaps the number of weights: an attention layer has [4,224]{= f"{4 * 32 * 33:,}" } parameters,
# and the convolution [320]{= 10 * 32 }. Two more layers test this guess with 100 images. They mix the 16 positions by
# learned matrices, which know nothing about neighbors and are the same for every image. With one matrix for all channels,
# [272]{= 16 * 17 } parameters, the mean is [0.77]{= f"{study['one matrix, 100'].mean():.2f}" }. With a matrix for each
# channel, [8,224]{= f"{32 * 257:,}" } parameters, it is [0.84]{= f"{study['a matrix per channel, 100'].mean():.2f}" },
# as good as the convolution's [0.83]{= f"{study['convolution, 100'].mean():.2f}" } and far above attention's
# [0.70]{= f"{study['attention, 100'].mean():.2f}" }. So the guess is wrong, too. In this experiment, what pays is a
# pattern of weights for each channel that does not depend on the image. None of this has been tested at the size of
# ImageNet.

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
# What changes is the **[inductive bias](glossary.md#inductive-bias)**. A convolution is local by construction. Attention
# shares its weights between positions, too, but has to learn where to look. Pretrained on ImageNet's 1.3 million images,
# large ViTs were *worse* than ResNets, and with 300 million they were better (Dosovitskiy et al., 2020, figure 3). Two
# months later, Touvron et al. trained ViTs well on ImageNet alone, with strong augmentation and regularization. So training
# data, real or augmented, can make up for a missing bias.
#
# Who was right, then? Neither headline. Both papers teach what this course teaches: change one thing at a time, tune both
# arms, and do not conclude more than the experiment shows.

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
# Swin computes attention within windows. Write `windows(X, f)`, which cuts a feature map $(n_H, n_W, d)$ into windows of
# $f \times f$ tokens, side by side, and returns $(\text{number of windows}, f^2, d)$. (`cut` does most of the work.) You may
# assume that $f$ divides both sizes.


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
# `attend_buggy` computes attention with one head. It runs, returns the right shape and, if $W_Q = 0$, even the right
# values. What do the weights of one token sum to? Write a correct version, `attend`.


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
#    $\alpha$ is part of the weights, the layer could *learn* the size of its window, as in the experiments of Cordonnier
#    et al.
# 2. Then all scores are 0, and all nine heads see the mean of the image. The output is the same at every position.
# 3. The averages still change, because the stride is still 4. Subsampling does the harm, as in [Pooling](10_pooling.ipynb),
#    although overlapping windows may soften it.
# 4. The scores become ten times as large, and the softmax puts nearly all its weight on one token. Its gradient is then
#    nearly 0, as for a saturated [sigmoid](glossary.md#sigmoid). The division by $\sqrt{d_k}$ prevents this.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **write [self-attention](glossary.md#self-attention):** a weighted mean of values, whose weights are the softmax of
#    queries times keys, with heads by a reshape;
# 2. **say what attention and convolution share:** a patch embedding is a strided convolution, and nine heads can compute a
#    3 x 3 convolution. Without position embeddings, attention is equivariant to every permutation, and so to translations by
#    whole patches. It sees the whole image, at the cost of $n^2$ pairs;
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
