"""Solutions of one_by_one_forward: correct ones in common styles, and wrong ones."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.conv_forward import conv_forward
from tests.exercises.solutions.registry import Solutions

add = Solutions("one_by_one_forward")


@add.right("matrix product")
def _(A_prev, W, b):
    return A_prev @ W[0, 0] + b[0, 0, 0]


@add.right("einsum")
def _(A_prev, W, b):
    return np.einsum("ihwp,yxpc->ihwc", A_prev, W) + b


@add.right("all pixels in one matrix")
def _(A_prev, W, b):
    m, n_H, n_W, n_C_prev = A_prev.shape
    pixels = A_prev.reshape(-1, n_C_prev)
    return (pixels @ W.reshape(n_C_prev, -1) + b.reshape(1, -1)).reshape(m, n_H, n_W, -1)


@add.right("five loops, with prints")
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


@add.right("filter by filter, stacked")
def _(A_prev, W, b):
    maps = []
    for c in range(W.shape[-1]):
        maps.append((A_prev * W[:, :, :, c]).sum(axis=-1) + b[..., c])
    return np.stack(maps, axis=-1)


@add.right("channel by channel, added up")
def _(A_prev, W, b):
    total = b
    for k in range(A_prev.shape[3]):
        total = total + A_prev[..., k : k + 1] * W[:, :, k]
    return total


@add.right("the convolution of an earlier notebook")
def _(A_prev, W, b, stride=1):
    return conv_forward(A_prev, W, b, {"stride": stride, "pad": 0})[0]


@add.right("a list of lists, made an array")
def _(A_prev, W, b):
    def dense(pixel):
        return np.matmul(pixel[np.newaxis], W[0, 0])[0] + b.ravel()

    return np.array([[[dense(pixel) for pixel in row] for row in image] for image in A_prev])


# Wrong solutions that are not among the known mistakes

PIXEL, WEIGHTED = "pixel = A_prev[i, h, w]", "np.dot(pixel, weights) + biases"


@add.wrong("rows and columns swapped")
def _(A_prev, W, b):
    return vectorized.one_by_one_forward(A_prev, W, b).transpose(0, 2, 1, 3)


@add.wrong("channels first")
def _(A_prev, W, b):
    return vectorized.one_by_one_forward(A_prev, W, b).transpose(0, 3, 1, 2)


@add.wrong("one vector for each image")
def _(A_prev, W, b):
    return vectorized.one_by_one_forward(A_prev, W, b).mean(axis=(1, 2))


@add.wrong("average over the image")
def _(A_prev, W, b):
    return vectorized.one_by_one_forward(A_prev, W, b).mean(axis=(1, 2), keepdims=True)


@add.wrong("all pixels in a long row")
def _(A_prev, W, b):
    m, _, _, n_C = (Z := vectorized.one_by_one_forward(A_prev, W, b)).shape
    return Z.reshape(m, 1, -1, n_C)


@add.wrong("units in the opposite order")
def _(A_prev, W, b):
    return vectorized.one_by_one_forward(A_prev, W, b)[..., ::-1]


@add.wrong("softmax applied")
def _(A_prev, W, b):
    Z = np.exp(vectorized.one_by_one_forward(A_prev, W, b))
    return Z / Z.sum(axis=-1, keepdims=True)


add.edited("largest product", {WEIGHTED: "np.max(pixel[:, np.newaxis] * weights, axis=0) + biases"})
add.edited("bias subtracted", {WEIGHTED: "np.dot(pixel, weights) - biases"})
add.edited("bias multiplied", {WEIGHTED: "np.dot(pixel, weights) * biases"})
add.edited("bias twice", {WEIGHTED: "np.dot(pixel, weights) + 2 * biases"})
add.edited("previous pixel", {PIXEL: "pixel = A_prev[i, h, w - 1]"})
add.edited("image before", {PIXEL: "pixel = A_prev[i - 1, h, w]"})
add.edited("last row missing", {"for h in range(n_H)": "for h in range(n_H - 1)"})
add.edited("last column missing", {"for w in range(n_W)": "for w in range(n_W - 1)"})
add.edited("a row too many", {"for h in range(n_H)": "for h in range(n_H + 1)"})
add.edited("channels reversed", {PIXEL: "pixel = A_prev[i, h, w, ::-1]"})
add.edited("whole b", {"biases = b[0, 0, 0]": "biases = b.sum()"})

add.edited("square images", {"range(n_W)": "range(n_H)"})

add.edited("reshaped weights", {"W[0, 0]": "W.reshape(n_C, n_C_prev).T"})

add.edited("element-wise", {"np.dot(pixel, weights)": "(pixel.sum() * weights.sum(axis=0))"})

add.edited("columns from the rows", {"pixel = A_prev[i, h, w]": "pixel = A_prev[i, h, h % n_W]"})

add.edited("bias of each position", {"+ biases": "+ biases[w % n_C]"})


@add.wrong("reshape in the wrong order")
def _(A_prev, W, b):
    m, h, w, k = A_prev.shape
    flat = A_prev.reshape(k, -1).T
    return (flat @ W[0, 0] + b[0, 0, 0]).reshape(m, h, w, W.shape[3])


@add.wrong("bias where the product is not 0")
def _(A_prev, W, b):
    Z = vectorized.one_by_one_forward(A_prev, W, 0 * b)
    return np.where(Z != 0, Z + b, Z)
