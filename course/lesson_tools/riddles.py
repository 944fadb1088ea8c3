"""The unknown kernels of the first lesson, which later ones use: read this when you know them."""

import numpy as np

from convnet.data import load_sample_image
from convnet.functional import conv2d
from convnet.types import Array

__all__ = ["FIRST", "SECOND", "riddle", "second_riddle"]

# The lost kernels.
FIRST = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
SECOND = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])


def riddle(name: str = "chelsea.jpg") -> tuple[Array, Array]:
    """Return a photograph, and the drawing of it by the first lost kernel.

    Parameters
    ----------
    name : str
        Color image, as for `convnet.data.load_sample_image`.

    Returns
    -------
    photo : ndarray of shape (n_H, n_W)
        The image in grayscale, with mean 0 and standard deviation 1.
    drawing : ndarray of shape (n_H - 2, n_W - 2)
        Its cross-correlation with the kernel.
    """
    return _drawn(name, FIRST)


def second_riddle() -> tuple[Array, Array]:
    """Return a satellite image and its drawing by the second lost kernel, as `riddle` does."""
    return _drawn("satellite.jpg", SECOND)


def _drawn(name: str, kernel: Array) -> tuple[Array, Array]:
    gray = load_sample_image(name).mean(axis=2)
    photo = (gray - gray.mean()) / gray.std()
    W = kernel[:, :, None, None].astype(float)
    return photo, conv2d(photo[None, :, :, None], W)[0, :, :, 0]
