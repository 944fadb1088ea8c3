"""A small sample of Fashion-MNIST, which needs no download.

`python -m tools.fashion_sample` creates it; data/NOTICE.md has the images' license.
"""

from typing import NamedTuple

import numpy as np

from convnet.data import FASHION_MNIST_NAMES
from convnet.types import Array
from lesson_tools.stored import stored_arrays

__all__ = ["FashionSample", "fashion_sample"]


class FashionSample(NamedTuple):
    """Images of Fashion-MNIST, and the confusion matrix of all test images.

    Attributes
    ----------
    images : ndarray of float32, shape (120, 28, 28, 1)
        Twelve test images of each class, with values from 0 to 1, sorted by class.
    labels : ndarray of int64, shape (120,)
        Classes of the images, from 0 to 9.
    names : tuple of str
        Names of the classes.
    counts : ndarray of intp, shape (10, 10)
        The confusion matrix of the course's trained LeNet for all 10,000 test images: rows are true
        classes, columns predicted ones.
    train_images : ndarray of float32, shape (100, 28, 28, 1)
        Ten training images of each class, in the same form.
    train_labels : ndarray of int64, shape (100,)
        Classes of the training images.
    """

    images: Array
    labels: Array
    names: tuple[str, ...]
    counts: Array
    train_images: Array
    train_labels: Array


def fashion_sample() -> FashionSample:
    """Load the sample that comes with the course."""
    arrays = stored_arrays("data/fashion-mnist.npz")
    images, train_images = (
        arrays[name].astype(np.float32) / np.float32(255) for name in ("images", "train_images")
    )
    labels, train_labels = (arrays[name].astype(np.int64) for name in ("labels", "train_labels"))
    counts = arrays["counts"].astype(np.intp)  # in a browser np.repeat takes no int64
    return FashionSample(images, labels, FASHION_MNIST_NAMES, counts, train_images, train_labels)
