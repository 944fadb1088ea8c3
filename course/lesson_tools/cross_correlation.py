"""The cross-correlation of an image and a kernel, and examples of both."""

import numpy as np

from convnet.types import Array

__all__ = ["BLUR", "EMBOSS", "SOBEL_X", "W", "X", "cross_correlated"]

# An image and a kernel to compute with by hand
X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])
W = np.array([[1, 2], [0, -1]])
BLUR = np.ones((3, 3)) / 9
EMBOSS = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
SOBEL_X = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def cross_correlated(X: Array, W: Array, s: int = 1) -> Array:
    """Return the cross-correlation of an image and a kernel, with stride s."""
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape)[::s, ::s]
    Z: Array = np.einsum("hwrq,rq->hw", windows, W)
    return Z
