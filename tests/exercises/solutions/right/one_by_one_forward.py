"""Correct solutions of one_by_one_forward in common styles."""

import numpy as np

from tests.exercises.solutions.registry import right
from tests.exercises.solutions.right.conv_forward import conv_forward


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
