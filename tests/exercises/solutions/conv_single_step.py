"""Solutions of conv_single_step: correct ones in common styles, and wrong ones."""

import logging
import math
import sys
import warnings

import numpy as np

from tests.exercises.solutions.registry import Solutions

add = Solutions("conv_single_step")


@add.right("np.float64 scalar")
def conv_single_step(a_slice_prev, W, b):
    return np.float64(np.sum(np.multiply(a_slice_prev, W)) + b[0, 0, 0])


@add.right("Python float")
def _(a, W, b):
    return float(np.sum(a * W)) + float(b.item())


@add.right("0-d array")
def _(a, W, b):
    return np.asarray(np.vdot(a, W)) + np.squeeze(b)


@add.right("loops, with prints")
def _(a_slice_prev, W, b):
    total = 0
    for place in np.ndindex(W.shape):
        total += a_slice_prev[place] * W[place]
        print(place, total)
    return total + b.reshape(-1)[0]


@add.right("einsum, warnings and stderr")
def _(a, W, b):
    warnings.warn("slow", stacklevel=1)
    warnings.warn("old", DeprecationWarning, stacklevel=1)
    print("a word on stderr", file=sys.stderr)
    logging.getLogger("student").warning("and one more")
    return np.einsum("hwc,hwc->", a, W) + b.sum()


@add.right("float32 inside")
def _(a, W, b, dtype=np.float32):
    return np.sum(a.astype(dtype) * W.astype(dtype), dtype=dtype) + b.astype(dtype).item()


@add.right("dot of flat arrays")
def _(a, W, b):
    return a.ravel() @ W.ravel() + b.ravel() @ [1.0]


class _SingleStep:
    def __init__(self):
        self.calls = 0

    def __call__(self, a_slice_prev, W, b):
        self.calls += 1
        return (a_slice_prev * W).sum() + b[0][0][0]


add.right("an instance", _SingleStep())


@add.right("generator of products, math.fsum")
def _(a_slice_prev, W, b):
    return math.fsum(x * w for x, w in zip(a_slice_prev.flat, W.flat, strict=True)) + b.sum()


@add.right("np.vdot, np.asarray of everything")
def _(a_slice_prev, W, b):
    return np.asarray(np.vdot(a_slice_prev, W)) + np.squeeze(b)


@add.right("recursive over the axes")
def _(a_slice_prev, W, b):
    def dot(a, w):
        return a * w if np.ndim(a) == 0 else sum(map(dot, a, w))

    return dot(a_slice_prev, W) + b.item()


# Wrong solutions that are not among the known mistakes

add.wrong("products alone")(lambda a, W, b: a * W)
add.wrong("a sum for each channel")(lambda a, W, b: (a * W).sum((0, 1)) + b.item())
add.wrong("the sum of the weights")(lambda a, W, b: W.sum() + b.item())
add.wrong("the sum of the window")(lambda a, W, b: a.sum() + b.item())
add.wrong("the largest product")(lambda a, W, b: (a * W).max() + b.item())
add.wrong("matrix product")(lambda a, W, b: np.sum(a @ W) + b.item())
add.wrong("transposed filter")(lambda a, W, b: np.sum(a * W.transpose(1, 0, 2)) + b.item())
add.wrong("bias multiplied")(lambda a, W, b: np.sum(a * W) * b.item())
add.wrong("bias added twice")(lambda a, W, b: np.sum(a * W) + 2 * b.item())
add.wrong("magnitudes")(lambda a, W, b: np.abs(a * W).sum() + b.item())
add.wrong("one decimal")(lambda a, W, b: round(np.sum(a * W) + b.item(), 1))
add.wrong("shape (1,)")(lambda a, W, b: np.sum(a * W) + b[0, 0])
add.wrong("negative sums cut off")(lambda a, W, b: max(0.0, np.sum(a * W) + b.item()))


@add.wrong("channels of the filter reversed")
def _(a_slice_prev, W, b):
    return np.sum(a_slice_prev * W[..., ::-1]) + b.item()


@add.wrong("loops up to f - 1")
def _(a, W, b):
    Z = 0.0
    f, _, n = a.shape
    for r in range(f - 1):
        for q in range(f - 1):
            for k in range(n):
                Z += a[r, q, k] * W[r, q, k]
    return Z + b.item()


@add.wrong("three channels always")
def _(a, W, b):
    Z = 0.0
    for k in range(min(3, a.shape[2])):
        Z += np.sum(a[:, :, k] * W[:, :, k])
    return Z + b.item()


@add.wrong("mean over the channels")
def _(a, W, b):
    return np.sum(a * W) / a.shape[2] + b.item()


@add.wrong("sum of the bias and the window")
def _(a, W, b):
    return np.sum(np.multiply(a + b, W))


@add.wrong("assigned in the loop")
def _(a, W, b):
    for r in range(a.shape[0]):
        for q in range(a.shape[1]):
            Z = np.dot(a[r, q], W[r, q])
    return Z + b.item()


@add.wrong("sigmoid")
def _(a, W, b):
    return 1 / (1 + np.exp(-(np.sum(a * W) + b.item())))
