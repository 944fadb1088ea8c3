"""Results of transfer learning on photographs, and the images and features that a lesson uses.

`python -m benchmarks.lessons.transfer` creates the results and the features; that module describes
the measurements.
"""

from typing import NamedTuple

import numpy as np

from convnet.data import CIFAR10_NAMES, FASHION_MNIST_NAMES, cifar10
from convnet.types import Array
from lesson_tools.fashion import fashion_sample
from lesson_tools.stored import stored_arrays

__all__ = ["Few", "clothes", "few_images", "photo_features", "transfer_results"]

LARGEST = 6.0  # largest value of a feature, the mean of outputs of ReLU6


class Few(NamedTuple):
    """A few examples of ten classes, which alternate.

    Attributes
    ----------
    train, test : ndarray of shape (m, ...)
        Images or features to train with, ten of each class, and to test with.
    train_labels, test_labels : ndarray of int64, shape (m,)
        Classes from 0 to 9.
    names : tuple of str
        Names of the classes.
    """

    train: Array
    train_labels: Array
    test: Array
    test_labels: Array
    names: tuple[str, ...]


def transfer_results() -> dict[str, Array]:
    """Load the stored results by name: accuracies of an arm, (draws,) or (draws, counts), etc."""
    return stored_arrays("transfer_learning/results.npz")


def photo_features() -> Few:
    """Load EfficientNet-Lite0's features of 100 and 200 photographs of CIFAR-10, (m, 1280)."""
    arrays = stored_arrays("transfer_learning/features.npz")
    train, test = (unpacked(arrays[name]) for name in ("train", "test"))
    labels, test_labels = (np.arange(len(X)) % 10 for X in (train, test))
    return Few(train, labels, test, test_labels, CIFAR10_NAMES)


def packed(features: Array) -> Array:
    """Store features from 0 to 6 as bytes, small ones more precisely than large ones."""
    return np.round(255 * np.sqrt(features / LARGEST)).astype(np.uint8)


def unpacked(stored: Array) -> Array:
    """Return features that `packed` has stored."""
    return LARGEST * (stored / 255) ** 2


def clothes() -> Few:
    """Load 200 of the images of Fashion-MNIST that come with the course, (m, 28, 28, 1)."""
    images = fashion_sample()
    train, test = (_in_turn(len(labels))[:100] for labels in (images.train_labels, images.labels))
    return Few(
        images.train_images[train],
        images.train_labels[train],
        images.images[test],
        images.labels[test],
        FASHION_MNIST_NAMES,
    )


def few_images(download: bool) -> Few:
    """Load a few images as bytes, (m, n_H, n_W, 3): photographs, or the course's images of clothes.

    Parameters
    ----------
    download : bool
        True for 100 and 200 photographs of CIFAR-10, which downloads 170 MB once; False for 100
        and 100 images of clothes, with three equal channels.

    Raises
    ------
    convnet.data.DataError
        If CIFAR-10 cannot be downloaded.
    """
    if not download:
        few = clothes()
        train, test = (
            np.repeat(np.round(255 * images).astype(np.uint8), 3, axis=-1)
            for images in (few.train, few.test)
        )
        return few._replace(train=train, test=test)
    data = cifar10()
    train, test = (
        np.array([np.flatnonzero(labels == c)[:count] for c in range(10)]).T.ravel()
        for labels, count in ((data.train_labels, 10), (data.test_labels, 20))
    )
    return Few(
        np.round(255 * data.train_images[train]).astype(np.uint8),
        data.train_labels[train],
        np.round(255 * data.test_images[test]).astype(np.uint8),
        data.test_labels[test],
        CIFAR10_NAMES,
    )


def _in_turn(count: int) -> Array:
    """Return indices into examples sorted by class, so that the ten classes alternate."""
    return np.arange(count).reshape(10, -1).T.ravel()
