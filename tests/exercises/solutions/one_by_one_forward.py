"""Solutions of one_by_one_forward: correct ones in common styles, and wrong ones."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.conv_forward import conv_forward
from tests.exercises.solutions.registry import edited, right, wrong


@right("one_by_one_forward", "matrix product")
def _(A_prev, W, b):
    return A_prev @ W[0, 0] + b[0, 0, 0]


@right("one_by_one_forward", "einsum")
def _(A_prev, W, b):
    return np.einsum("ihwp,yxpc->ihwc", A_prev, W) + b


@right("one_by_one_forward", "all pixels in one matrix")
def _(A_prev, W, b):
    m, n_H, n_W, n_C_prev = A_prev.shape
    pixels = A_prev.reshape(-1, n_C_prev)
    return (pixels @ W.reshape(n_C_prev, -1) + b.reshape(1, -1)).reshape(m, n_H, n_W, -1)


@right("one_by_one_forward", "five loops, with prints")
def _(A_prev, W, b):
    m, n_H, n_W, n_C_prev = A_prev.shape
    Z = np.zeros((m, n_H, n_W, W.shape[3]))
    for i, h, w, c in np.ndindex(Z.shape):
        total = 0.0
        for k in range(n_C_prev):
            total += A_prev[i, h, w, k] * W[0, 0, k, c]
        print(i, h, w, c, total)
        Z[i, h, w, c] = total + b[0, 0, 0, c]
    return Z


@right("one_by_one_forward", "filter by filter, stacked")
def _(A_prev, W, b):
    maps = []
    for c in range(W.shape[-1]):
        maps.append((A_prev * W[:, :, :, c]).sum(axis=-1) + b[..., c])
    return np.stack(maps, axis=-1)


@right("one_by_one_forward", "channel by channel, added up")
def _(A_prev, W, b):
    total = b
    for k in range(A_prev.shape[3]):
        total = total + A_prev[..., k : k + 1] * W[:, :, k]
    return total


@right("one_by_one_forward", "the convolution of an earlier notebook")
def _(A_prev, W, b, stride=1):
    return conv_forward(A_prev, W, b, {"stride": stride, "pad": 0})[0]


@right("one_by_one_forward", "a list of lists, made an array")
def _(A_prev, W, b):
    def dense(pixel):
        return np.matmul(pixel[np.newaxis], W[0, 0])[0] + b.ravel()

    return np.array([[[dense(pixel) for pixel in row] for row in image] for image in A_prev])


# Wrong solutions that are not among the known mistakes

PIXEL, WEIGHTED = "pixel = A_prev[i, h, w]", "np.dot(pixel, weights) + biases"


@wrong("one_by_one_forward", "with a cache")
def _(A_prev, W, b):
    return vectorized.one_by_one_forward(A_prev, W, b), (A_prev, W, b)


@wrong("one_by_one_forward", "rows and columns swapped")
def _(A_prev, W, b):
    return vectorized.one_by_one_forward(A_prev, W, b).transpose(0, 2, 1, 3)


@wrong("one_by_one_forward", "channels first")
def _(A_prev, W, b):
    return vectorized.one_by_one_forward(A_prev, W, b).transpose(0, 3, 1, 2)


@wrong("one_by_one_forward", "one vector for each image")
def _(A_prev, W, b):
    return vectorized.one_by_one_forward(A_prev, W, b).mean(axis=(1, 2))


@wrong("one_by_one_forward", "average over the image")
def _(A_prev, W, b):
    return vectorized.one_by_one_forward(A_prev, W, b).mean(axis=(1, 2), keepdims=True)


@wrong("one_by_one_forward", "all pixels in a long row")
def _(A_prev, W, b):
    m, _, _, n_C = (Z := vectorized.one_by_one_forward(A_prev, W, b)).shape
    return Z.reshape(m, 1, -1, n_C)


@wrong("one_by_one_forward", "units in the opposite order")
def _(A_prev, W, b):
    return vectorized.one_by_one_forward(A_prev, W, b)[..., ::-1]


@wrong("one_by_one_forward", "softmax applied")
def _(A_prev, W, b):
    Z = np.exp(vectorized.one_by_one_forward(A_prev, W, b))
    return Z / Z.sum(axis=-1, keepdims=True)


edited(
    "one_by_one_forward",
    "largest product",
    {WEIGHTED: "np.max(pixel[:, np.newaxis] * weights, axis=0) + biases"},
)
edited("one_by_one_forward", "bias subtracted", {WEIGHTED: "np.dot(pixel, weights) - biases"})
edited("one_by_one_forward", "bias multiplied", {WEIGHTED: "np.dot(pixel, weights) * biases"})
edited("one_by_one_forward", "bias twice", {WEIGHTED: "np.dot(pixel, weights) + 2 * biases"})
edited("one_by_one_forward", "previous pixel", {PIXEL: "pixel = A_prev[i, h, w - 1]"})
edited("one_by_one_forward", "image before", {PIXEL: "pixel = A_prev[i - 1, h, w]"})
edited("one_by_one_forward", "last row missing", {"for h in range(n_H)": "for h in range(n_H - 1)"})
edited(
    "one_by_one_forward", "last column missing", {"for w in range(n_W)": "for w in range(n_W - 1)"}
)
edited("one_by_one_forward", "a row too many", {"for h in range(n_H)": "for h in range(n_H + 1)"})
edited("one_by_one_forward", "channels reversed", {PIXEL: "pixel = A_prev[i, h, w, ::-1]"})
edited(
    "one_by_one_forward",
    "one image",
    {"for i in range(m)": "for i in range(1)"},
    "returned after the first image",
)


edited("one_by_one_forward", "whole b", {"biases = b[0, 0, 0]": "biases = b.sum()"})

edited("one_by_one_forward", "square images", {"range(n_W)": "range(n_H)"})

edited("one_by_one_forward", "reshaped weights", {"W[0, 0]": "W.reshape(n_C, n_C_prev).T"})

edited(
    "one_by_one_forward",
    "element-wise",
    {"np.dot(pixel, weights)": "(pixel.sum() * weights.sum(axis=0))"},
)

edited(
    "one_by_one_forward",
    "columns from the rows",
    {"pixel = A_prev[i, h, w]": "pixel = A_prev[i, h, h % n_W]"},
)

edited("one_by_one_forward", "bias of each position", {"+ biases": "+ biases[w % n_C]"})


@wrong("one_by_one_forward", "reshape in the wrong order")
def _(A_prev, W, b):
    m, h, w, k = A_prev.shape
    flat = A_prev.reshape(k, -1).T
    return (flat @ W[0, 0] + b[0, 0, 0]).reshape(m, h, w, W.shape[3])


@wrong("one_by_one_forward", "normalized pixels", "averaged over the channels")
def _(A_prev, W, b):
    return A_prev @ W[0, 0] / A_prev.shape[3] + b


@wrong("one_by_one_forward", "bias where the product is not 0")
def _(A_prev, W, b):
    Z = vectorized.one_by_one_forward(A_prev, W, 0 * b)
    return np.where(Z != 0, Z + b, Z)
