"""The cross-correlation of an image and a kernel, and examples of both."""

import numpy as np

from convnet.types import Array

__all__ = ["BLUR", "EMBOSS", "SOBEL_X", "W", "W7", "X", "X7", "cross_correlated"]

# An image and a kernel to compute with by hand
X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])
W = np.array([[1, 2], [0, -1]])
X7 = np.array(
    [
        [1, 0, 2, 5, 3, 0, 1],
        [4, 2, 1, 0, 6, 2, 3],
        [0, 3, 5, 1, 2, 4, 0],
        [2, 1, 0, 4, 1, 3, 5],
        [5, 2, 3, 0, 3, 4, 6],
        [1, 0, 4, 2, 9, 8, 3],
        [3, 6, 1, 5, 2, 1, 4],
    ]
)
W7 = np.array([[3, 4, 4], [1, 0, 2], [-1, 0, 3]])
BLUR = np.ones((3, 3)) / 9
EMBOSS = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
SOBEL_X = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def cross_correlated(X: Array, W: Array, s: int = 1) -> Array:
    """Return the cross-correlation of an image and a kernel, with stride s."""
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape)[::s, ::s]
    Z: Array = np.einsum("hwrq,rq->hw", windows, W)
    return Z
