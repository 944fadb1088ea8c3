"""Results of transfer learning on Fashion-MNIST, and the images that a lesson begins with.

`python -m benchmarks.transfer` creates the results; that module describes the measurements. The
images are those of lesson_tools.fashion.
"""

from typing import NamedTuple

import numpy as np

from convnet.types import Array
from lesson_tools.fashion import fashion_sample
from lesson_tools.stored import stored_arrays

__all__ = ["TransferSample", "sample", "transfer_results"]


class TransferSample(NamedTuple):
    """
    Ten training images and ten test images of each class.

    Attributes
    ----------
    train_images, test_images : ndarray of float32, shape (100, 28, 28, 1)
        Images, with values from 0 to 1; the ten classes alternate.
    train_labels, test_labels : ndarray of int64, shape (100,)
        Classes of the images, as indices of convnet.data.FASHION_MNIST_NAMES.
    """

    train_images: Array
    train_labels: Array
    test_images: Array
    test_labels: Array


def transfer_results() -> dict[str, Array]:
    """Load the stored arrays by name: accuracies of each method, (seeds, counts), and others."""
    return stored_arrays("maps/transfer.npz")


def sample() -> TransferSample:
    """Load 200 of the images of Fashion-MNIST that come with the course."""
    images = fashion_sample()
    train, test = (_in_turn(len(labels))[:100] for labels in (images.train_labels, images.labels))
    return TransferSample(
        images.train_images[train],
        images.train_labels[train],
        images.images[test],
        images.labels[test],
    )


def _in_turn(count: int) -> Array:
    """Return indices into examples sorted by class, so that the ten classes alternate."""
    return np.arange(count).reshape(10, -1).T.ravel()
