"""Depthwise convolution: a kernel for each channel, in the three sums of a layer.

    convolve           y[i,h,w,c]  = sum_rq  x[i, h*stride+r, w*stride+q, c] W[r,q,c] + b[c]
    weight_gradient    dW[r,q,c]   = sum_ihw x[i, h*stride+r, w*stride+q, c] dy[i,h,w,c]
    input_gradient     dx[i, h*stride+r, w*stride+q, c] += dy[i,h,w,c] W[r,q,c]

x and dx include `padding` zeros on each side. No matrix product is needed, because each output
channel depends on only one input channel. For each position (r, q) in the kernel, the pixels that
it is multiplied with are a view of the padded images, so one array multiplication handles them all.

Source: Howard et al., "MobileNets: Efficient convolutional neural networks for mobile vision
applications", arXiv:1704.04861.
"""

from collections.abc import Iterator

import numpy as np

from convnet.types import Array, Shape, Size

__all__ = ["convolve", "input_gradient", "weight_gradient"]


def convolve(x: Array, W: Array, b: Array | None, stride: int, padding: int, size: Size) -> Array:
    """Compute the first sum, of shape (m, n_H, n_W, n_C); size is (n_H, n_W)."""
    y = np.zeros((len(x), *size, x.shape[3]), x.dtype)
    padded, inside = _framed(x.shape, padding, x.dtype)
    inside[:] = x
    for position, pixels in _pixels(padded, len(W), stride, size):
        y += pixels * W[position]
    return y if b is None else y + b


def weight_gradient(x: Array, dy: Array, f: int, stride: int, padding: int) -> Array:
    """Compute the second sum, of shape (f, f, n_C)."""
    dW = np.empty((f, f, x.shape[3]), x.dtype)
    padded, inside = _framed(x.shape, padding, x.dtype)
    inside[:] = x
    for position, pixels in _pixels(padded, f, stride, dy.shape[1:3]):
        dW[position] = np.einsum("ihwc,ihwc->c", pixels, dy)
    return dW


def input_gradient(dy: Array, W: Array, size: Size, stride: int, padding: int) -> Array:
    """Compute the third sum, (m, n_H_prev, n_W_prev, n_C); size is (n_H_prev, n_W_prev)."""
    padded, inside = _framed((len(dy), *size, dy.shape[3]), padding, dy.dtype)
    for position, pixels in _pixels(padded, len(W), stride, dy.shape[1:3]):
        pixels += dy * W[position]
    return inside


def _framed(shape: Shape, padding: int, dtype: np.dtype) -> tuple[Array, Array]:
    """Return an array of zeros with padding, and a view of it without the padding."""
    m, n_H_prev, n_W_prev, n_C = shape
    padded = np.zeros((m, n_H_prev + 2 * padding, n_W_prev + 2 * padding, n_C), dtype)
    return padded, padded[:, padding : padding + n_H_prev, padding : padding + n_W_prev]


def _pixels(
    padded: Array, f: int, stride: int, size: Size
) -> Iterator[tuple[tuple[int, ...], Array]]:
    """Yield each position in the kernel with a view of the pixels that it is multiplied with."""
    rows, columns = (stride * (n - 1) + 1 for n in size)
    for r, q in np.ndindex(f, f):
        yield (r, q), padded[:, r : r + rows : stride, q : q + columns : stride]
