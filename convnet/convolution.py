"""Choose the fastest way to compute each of the three sums of a convolution layer.

`convnet.im2col` computes them for all sizes, and is the code to read first. At stride 1, others are
faster for some sizes (benchmarks/layers/speed.md):

- With many channels, `convnet.winograd` and `convnet.fourier` take fewer multiplications, tile by
  tile (`convnet.tiles`). The one with the lowest cost, transformations included, is used if that is
  less than 0.7 times im2col's multiplications, and if its memory stays within 2.5 times the size of
  inputs and result. Rounding errors are larger: for normally distributed numbers, up to 2e-5 of the
  largest value. So numbers in float64, which are for those who need the exact result, are not
  computed in this way.
- With few channels, `convnet.toeplitz` copies fewer pixels, at the price of more multiplications.

In both cases, neighboring outputs share their inputs. So nan and inf spread to outputs whose
windows do not contain them, and a pixel many times as large as the others costs its neighbors
accuracy. The choice depends on the number of images, so the result for one image may differ in its
last digits from that in a batch. `convnet.im2col` has none of these effects.
"""

import math
from functools import lru_cache

import numpy as np

from convnet import im2col, tiles, toeplitz
from convnet.fourier import fourier
from convnet.im2col import bias_gradient
from convnet.tiles import Method
from convnet.types import Array, Size
from convnet.winograd import winograd

__all__ = ["bias_gradient", "convolve", "input_gradient", "weight_gradient"]

FEWER = 0.7  # cost of a method over the multiplications of im2col, at most
MEMORY = 2.5  # memory of a method over the size of inputs and result, at most
WINOGRAD, FOURIER = range(3, 6), range(5, 14)  # sizes of kernels
N_FOURIER = (4, 6, 8, 10)  # sizes of tiles
COPY = 40  # multiplications in the time that it takes to copy a number
FASTER = 0.87  # time of `convnet.toeplitz` over that of im2col, at most
LONG = 100  # numbers: a row of a window that is copied fast, at least


def convolve(x: Array, W: Array, b: Array | None, stride: int, padding: int) -> Array:
    """Compute y[i,h,w,c] = sum_rqk x[i, h*stride+r, w*stride+q, k] W[r,q,k,c] + b[c].

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Images.
    W : ndarray of shape (f, f, n_C_prev, n_C)
        Weights.
    b : ndarray of shape (n_C,), or None
        Biases.
    stride, padding : int
        Step between windows, zeros on each side.

    Returns
    -------
    y : ndarray of shape (m, n_H, n_W, n_C)
        Feature maps.
    """
    (f, _, n_C_prev, n_C) = W.shape
    if stride == 1:
        shape = (len(x), *(n + 2 * padding - f + 1 for n in x.shape[1:3]))
        if method := _with_fewer(f, x.dtype, shape, shape, n_C_prev, n_C):
            return tiles.convolve(x, W, b, padding, method)
        if (n := _neighbors(f, shape[2], n_C_prev, n_C)) > 1:
            return toeplitz.convolve(x, W, b, padding, n)
    return im2col.convolve(x, W, b, (stride, stride), padding)


def weight_gradient(x: Array, dy: Array, f: int, stride: int, padding: int) -> Array:
    """Compute dW[r,q,k,c] = sum_ihw x[i, h*stride+r, w*stride+q, k] dy[i,h,w,c].

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Images.
    dy : ndarray of shape (m, n_H, n_W, n_C)
        Gradient with respect to the output.
    f, stride, padding : int
        Size of the kernel, step between windows, zeros on each side.

    Returns
    -------
    dW : ndarray of shape (f, f, n_C_prev, n_C)
        Gradient with respect to the weights.
    """
    if stride == 1:
        (*shape, n_C) = dy.shape
        if method := _with_fewer(f, x.dtype, tuple(shape), tuple(shape), x.shape[3], n_C):
            return tiles.weight_gradient(x, dy, padding, method)
        if (n := _neighbors(f, shape[2], x.shape[3], n_C)) > 1:
            return toeplitz.weight_gradient(x, dy, f, padding, n)
    return im2col.weight_gradient(x, dy, (f, f), (stride, stride), padding)


def input_gradient(dy: Array, W: Array, size: Size, stride: int, padding: int) -> Array:
    """Compute dx[i, h*stride+r, w*stride+q, k] += sum_c dy[i,h,w,c] W[r,q,k,c].

    Parameters
    ----------
    dy : ndarray of shape (m, n_H, n_W, n_C)
        Gradient with respect to the output.
    W : ndarray of shape (f, f, n_C_prev, n_C)
        Weights.
    size : tuple of int
        (n_H_prev, n_W_prev), the height and width of the input without padding.
    stride, padding : int
        Step between windows, zeros on each side.

    Returns
    -------
    dx : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Gradient with respect to the input.
    """
    (f, _, n_C_prev, n_C) = W.shape
    if stride == 1:
        windows = dy.shape[:3]
        method = _with_fewer(f, dy.dtype, (len(dy), *size), windows, n_C, n_C_prev)
        if method and padding < f:
            return tiles.input_gradient(dy, W, padding, method)
        if (n := _neighbors(f, dy.shape[2], n_C_prev, n_C)) > 1:
            return toeplitz.input_gradient(dy, W, size, padding, n)
    return im2col.input_gradient(dy, W, size, (stride, stride), padding)


@lru_cache(maxsize=1024)
def _with_fewer(
    f: int,
    dtype: np.dtype,
    shape: tuple[int, int, int],
    windows: tuple[int, int, int],
    n_C_prev: int,
    n_C: int,
) -> Method | None:
    """Return the method with the lowest cost, or None if im2col is as fast.

    `shape` is (m, n_H, n_W) of the array that is tiled, and `windows` that of the layer's output.
    """
    methods = [winograd(4, f)] if f in WINOGRAD else []
    methods += [fourier(n, f) for n in N_FOURIER if f in FOURIER]
    if not methods or dtype != np.float32:
        return None
    size = math.prod(shape) * (n_C_prev + n_C) + f * f * n_C_prev * n_C
    cost = {
        method: method.cost(shape, n_C_prev, n_C)
        for method in methods
        if method.memory(shape, n_C_prev, n_C) <= MEMORY * size
    }
    if not cost:
        return None
    best = min(cost, key=cost.__getitem__)
    return best if cost[best] < FEWER * math.prod(windows) * f * f * n_C_prev * n_C else None


@lru_cache(maxsize=1024)
def _neighbors(f: int, n_W: int, n_C_prev: int, n_C: int) -> int:
    """Return the number of outputs that `convnet.toeplitz` computes at once; 1 if it is slower.

    An output takes, for each row and channel of its window, (n + f - 1) / n copies and n + f - 1
    times n_C multiplications.
    """
    if f == 1 or f * n_C_prev >= LONG:
        return 1
    time = {n: (n + f - 1) * (COPY / n + n_C) for n in range(1, n_W + 1) if n_W % n == 0}
    best = min(time, key=time.__getitem__)
    return best if time[best] < FASTER * time[1] else 1
