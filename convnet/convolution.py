"""Choose the fastest way to compute each of the three sums of a convolution layer.

`convnet.im2col` computes them for all sizes, and is the code to read first. `convnet.winograd`
computes them with a quarter of the products, if kernels have 3x3 weights and windows lie next to
each other. It transforms every input and output, which pays only if there are many channels: MANY
pairs of channels is where it takes 0.85 times as long or less (benchmarks/layers.md). Its rounding
errors are ten times those of im2col, so that numbers in float64, which are for those who need the
exact result, are left to im2col.
"""

import numpy as np

from convnet import im2col, winograd
from convnet.im2col import bias_gradient
from convnet.types import Array, Size

__all__ = ["bias_gradient", "convolve", "input_gradient", "weight_gradient"]

FEW, MANY = 32, 64 * 64  # channels of input and output at least; pairs of channels at least


def convolve(x: Array, W: Array, b: Array | None, stride: int, padding: int) -> Array:
    """Compute the output; parameters as in `convnet.im2col.convolve`."""
    if _suits(W.shape, x.dtype, stride):
        return winograd.convolve(x, W, b, padding)
    return im2col.convolve(x, W, b, stride, padding)


def weight_gradient(x: Array, dy: Array, f: int, stride: int, padding: int) -> Array:
    """Compute the gradient of the weights; parameters as in `convnet.im2col.weight_gradient`."""
    if _suits((f, f, x.shape[3], dy.shape[3]), x.dtype, stride):
        return winograd.weight_gradient(x, dy, padding)
    return im2col.weight_gradient(x, dy, f, stride, padding)


def input_gradient(dy: Array, W: Array, size: Size, stride: int, padding: int) -> Array:
    """Compute the gradient of the input; parameters as in `convnet.im2col.input_gradient`."""
    if _suits(W.shape, dy.dtype, stride) and padding <= 2:
        return winograd.input_gradient(dy, W, padding)
    return im2col.input_gradient(dy, W, size, stride, padding)


def _suits(shape: tuple[int, ...], dtype: np.dtype, stride: int) -> bool:
    """Return True if Winograd's algorithm is faster for weights of this shape."""
    (f, _, n_C_prev, n_C) = shape
    channels = min(n_C_prev, n_C) >= FEW and n_C_prev * n_C >= MANY
    return f == 3 and stride == 1 and dtype == np.float32 and channels
