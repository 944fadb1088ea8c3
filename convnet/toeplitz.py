"""Compute convolutions with few channels: several neighboring outputs in one row of the matrix.

Along a row of an image, a convolution at stride 1 is the product with a Toeplitz matrix: for each
output, the weights are one column further. The product of the pixels of n + f - 1 columns with a
matrix of n copies of the kernel, each shifted by a column, computes n outputs at once::

    y0 y1  =  x0 x1 x2 x3  times  w0  0
                                  w1 w0        n = 2 outputs of a kernel of f = 3 weights
                                  w2 w1
                                   0 w2

The zeros cost multiplications, (n + f - 1) / f times those of `convnet.im2col`. But fewer pixels
are copied, (n + f - 1) / (n f) times as many, in longer runs; and the matrix has n times as many
columns. If there are few channels, copying takes more time than multiplying, and a product with a
narrow matrix runs far below the full speed of the processor.

A convolution of n outputs is one with windows of f rows and n + f - 1 columns, n columns apart, and
n times the channels, so `convnet.im2col` computes its three sums. The gradient with respect to the
weights sums those of the copies.

Source: Golub and Van Loan, "Matrix computations", 4th edition, section 4.7, on Toeplitz matrices.
"""

import numpy as np

from convnet import im2col
from convnet.types import Array, Size

__all__ = ["convolve", "input_gradient", "weight_gradient"]


def convolve(x: Array, W: Array, b: Array | None, padding: int, n: int) -> Array:
    """Compute the first sum of `convnet.im2col` at stride 1, n outputs of a row at a time.

    Parameters
    ----------
    x, W, b, padding
        As in `convnet.im2col.convolve`.
    n : int
        A divisor of the number of columns of the output.

    Returns
    -------
    y : ndarray of shape (m, n_H, n_W, n_C)
        Feature maps.
    """
    b = None if b is None else np.tile(b, n)
    y = im2col.convolve(x, _copies(W, n), b, (1, n), padding)
    return y.reshape(*y.shape[:2], y.shape[2] * n, W.shape[3])


def weight_gradient(x: Array, dy: Array, f: int, padding: int, n: int) -> Array:
    """Compute the second sum.

    Parameters
    ----------
    x, dy, padding
        As in `convnet.im2col.weight_gradient`.
    f, n : int
        Size of the kernel; a divisor of the number of columns of the output.

    Returns
    -------
    dW : ndarray of shape (f, f, n_C_prev, n_C)
        Gradient with respect to the weights.
    """
    kernel = (f, n + f - 1)
    copies = im2col.weight_gradient(x, _grouped(dy, n), kernel, (1, n), padding)
    copies = copies.reshape(*kernel, x.shape[3], n, dy.shape[3])
    return np.sum([copies[:, i : i + f, :, i] for i in range(n)], axis=0)


def input_gradient(dy: Array, W: Array, size: Size, padding: int, n: int) -> Array:
    """Compute the third sum.

    Parameters
    ----------
    dy, W, size, padding
        As in `convnet.im2col.input_gradient`.
    n : int
        A divisor of the number of columns of the output.

    Returns
    -------
    dx : ndarray of shape (m, n_H_prev, n_W_prev, n_C_prev)
        Gradient with respect to the input.
    """
    return im2col.input_gradient(_grouped(dy, n), _copies(W, n), size, (1, n), padding)


def _copies(W: Array, n: int) -> Array:
    """Return n copies of the kernels, (f, n + f - 1, n_C_prev, n * n_C), each a column further."""
    (f, _, n_C_prev, n_C) = W.shape
    copies = np.zeros((f, n + f - 1, n_C_prev, n, n_C), W.dtype)
    for i in range(n):
        copies[:, i : i + f, :, i] = W
    return copies.reshape(f, n + f - 1, n_C_prev, n * n_C)


def _grouped(dy: Array, n: int) -> Array:
    """Return n neighboring outputs as channels of one, (m, n_H, n_W / n, n * n_C)."""
    (m, n_H, n_W, n_C) = dy.shape
    return dy.reshape(m, n_H, n_W // n, n * n_C)
