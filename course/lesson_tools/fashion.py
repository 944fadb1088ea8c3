"""A small sample of Fashion-MNIST, which needs no download.

It is made by `python -m tools.fashion_sample`; samples/NOTICE.md has the images' license.
"""

from typing import NamedTuple

import numpy as np

from convnet.data import FASHION_MNIST_NAMES
from convnet.types import Array
from lesson_tools.stored import stored_arrays

__all__ = ["Sample", "fashion_sample"]


class Sample(NamedTuple):
    """
    Test images of Fashion-MNIST, twelve of each class, and results for all test images.

    Attributes
    ----------
    images : ndarray of float32, shape (120, 28, 28, 1)
        Images, with values from 0 to 1, sorted by class.
    labels : ndarray of int64, shape (120,)
        Their classes, from 0 to 9.
    names : tuple of str
        Names of the classes.
    counts : ndarray of int64, shape (10, 10)
        The confusion matrix of the course's trained LeNet for all 10,000 test images: rows are true
        classes, columns predicted ones.
    """

    images: Array
    labels: Array
    names: tuple[str, ...]
    counts: Array


def fashion_sample() -> Sample:
    """Load the sample that comes with the course."""
    arrays = stored_arrays("samples/fashion-mnist.npz")
    images = arrays["images"].astype(np.float32) / np.float32(255)
    labels, counts = (arrays[name].astype(np.int64) for name in ("labels", "counts"))
    return Sample(images, labels, FASHION_MNIST_NAMES, counts)
