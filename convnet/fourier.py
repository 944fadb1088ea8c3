"""The convolution theorem: n outputs of a kernel with a product for each frequency.

The discrete Fourier transform turns a circular convolution into one product for each frequency.
With N = n + f - 1 inputs, n outputs of a kernel of f weights do not reach around the circle, and
are those of the convolution. If inputs and weights are real, half of the frequencies determine the
rest. A few of their products are real, and take one multiplication each; the others are complex,
and take three (Gauss):

    (a + ib) (c + id) = (p - r) + i (p + q)     p = c (a + b),  q = a (d - c),  r = b (c + d)

Cross-correlation, which convolution layers compute, needs the complex conjugate of the transformed
kernel. The transforms are one matrix product, over both dimensions at once: N is so small that this
is about as fast as `numpy.fft`, and it yields the factors a, b and a + b directly.

Complex products cost more multiplications than those of `convnet.winograd` for the same tile. But
all numbers in the matrices lie between -2 and 2, so that rounding errors stay small for tiles of
any size, and large kernels need large tiles.

Source: Mathieu, Henaff and LeCun, "Fast training of convolutional networks through FFTs",
arXiv:1312.5851.
"""

from functools import cache

import numpy as np

from convnet.tiles import Method

__all__ = ["fourier"]


@cache
def fourier(n: int, f: int) -> Method:
    """Derive the matrices for n x n outputs of an f x f kernel.

    Parameters
    ----------
    n, f : int
        Height and width of a tile of outputs, and of the kernel.

    Returns
    -------
    method : convnet.tiles.Method
        With 1.5 multiplications, approximately, for each of the (n + f - 1)^2 inputs.

    Examples
    --------
    >>> fourier(6, 7).B.shape
    (214, 144)
    """
    N = n + f - 1
    frequencies = [(k, j) for k in range(N) for j in range(N) if (k, j) <= (-k % N, -j % N)]
    real = [(k, j) for (k, j) in frequencies if (k, j) == (-k % N, -j % N)]
    pairs = [frequency for frequency in frequencies if frequency not in real]

    def waves(of: list[tuple[int, int]], size: int, sign: int) -> np.ndarray:
        """Return the values of each wave, in a row, at the positions of a square."""
        k, j = np.array(of).T[:, :, None]
        h, w = np.indices((size, size)).reshape(2, 1, -1)
        return np.exp(sign * 2j * np.pi * (k * h + j * w) / N)

    inputs, weights, outputs = waves(pairs, N, -1), waves(pairs, f, 1), waves(pairs, n, 1).T
    a, b, c, d = inputs.real, inputs.imag, weights.real, weights.imag
    # Twice the real part of the product, for the frequency and its conjugate.
    of_real, of_imaginary = 2 * outputs.real, -2 * outputs.imag
    B = np.vstack([waves(real, N, -1).real, a + b, a, b])
    G = np.vstack([waves(real, f, 1).real, c, d - c, c + d])
    A = np.hstack([waves(real, n, 1).T.real, of_real + of_imaginary, of_imaginary, -of_real])
    return Method(n, f, A / N**2, B, G)
