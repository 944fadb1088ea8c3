"""Results of transfer learning on photographs, and the images and features that a lesson uses.

`python -m benchmarks.lessons.transfer` creates the results and the features; that module describes
the measurements.
"""

from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from convnet.data import (
    CIFAR10_NAMES,
    FASHION_MNIST_NAMES,
    cifar10,
    digits,
    load_sample_image,
)
from convnet.types import Array
from lesson_tools.fashion import fashion_sample
from lesson_tools.stored import stored_arrays

__all__ = ["Few", "clothes", "few_digits", "few_images", "own_photographs"]
__all__ += ["photo_features", "photo_pixels", "transfer_results"]

IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")  # Pillow reads them everywhere
LARGEST = 6.0  # largest value of a feature, the mean of outputs of ReLU6


class Few(NamedTuple):
    """A few examples of some classes.

    Attributes
    ----------
    train, test : ndarray of shape (m, ...)
        Images or features to train with and to test with.
    train_labels, test_labels : ndarray of int64, shape (m,)
        Classes from 0 on.
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


def photo_pixels() -> Few:
    """Load the pixels of the same photographs, projected onto the training photographs, (m, 99).

    The 100 training photographs and their differences lie in a space of 99 dimensions. Distances to
    them differ from those between pixels by the same number for all of them, so a linear classifier
    with weight decay and the nearest neighbor are those of the pixels.
    """
    arrays = stored_arrays("transfer_learning/features.npz")
    train, test = (arrays[f"{name}_pixels"].astype(np.float32) for name in ("train", "test"))
    return photo_features()._replace(train=train, test=test)


def projected(train: Array, test: Array) -> dict[str, Array]:
    """Return the pixels that `photo_pixels` loads."""
    X, T = (images.reshape(len(images), -1) / 255 for images in (train, test))
    basis = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[2][: len(X) - 1]
    parts = {"train_pixels": X, "test_pixels": T}
    return {name: ((A - X.mean(axis=0)) @ basis.T).astype(np.float16) for name, A in parts.items()}


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


def few_digits(seed: int, validation: bool = False) -> Few:
    """Load ten handwritten digits of each class, and others to test with, (m, 28, 28, 1).

    Parameters
    ----------
    seed : int
        Chooses the training images.
    validation : bool
        True for 500 of the remaining training images instead of the 297 test images.
    """
    data = digits()
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(np.flatnonzero(data.train_labels == c))[:10] for c in range(10)]
    train = np.concatenate(rows)
    tests = data.test_images, data.test_labels
    if validation:
        rest = np.setdiff1d(np.arange(len(data.train_labels)), train)[:500]
        tests = data.train_images[rest], data.train_labels[rest]
    images, labels = _enlarged(data.train_images[train]), data.train_labels[train]
    return Few(images, labels, _enlarged(tests[0]), tests[1], data.names)


def _enlarged(images: Array) -> Array:
    """Resize images of digits to 28 x 28 pixels."""
    sizes = [Image.fromarray(A[..., 0]).resize((28, 28), Image.Resampling.BICUBIC) for A in images]
    return np.clip(np.stack([np.asarray(size) for size in sizes]), 0, 1)[..., None].astype(
        np.float32
    )


def own_photographs(folder: str | PathLike[str] | None = None, size: int = 96) -> Few:
    """Load photographs, (m, size, size, 3), half of them to train with.

    Parameters
    ----------
    folder : path, optional
        Folder with a folder of photographs for each class; without it, patches of 32 x 32 pixels of
        three textures are loaded: five from the left half of each to train with, and six from the
        right half to test with.
    size : int
        Height and width to which the largest square in the middle is resized.

    Raises
    ------
    ValueError
        If there are not at least two classes with two photographs each.
    """
    train, test = {}, {}
    if folder is None:
        for name in ("brick", "grass", "gravel"):
            image = Image.fromarray(load_sample_image(f"{name}.jpg")).convert("RGB")
            n = image.width // 2
            corners = [(x, y) for y in (0, 80, 160) for x in (0, 64)]
            left = [image.crop((x, y, x + 32, y + 32)) for x, y in corners]
            right = [image.crop((n + x, y, n + x + 32, y + 32)) for x, y in corners]
            train[name], test[name] = left[:5], right
    else:
        for path in sorted(path for path in Path(folder).iterdir() if path.is_dir()):
            files = sorted(file for file in path.iterdir() if file.suffix.lower() in IMAGES)
            photos = [ImageOps.exif_transpose(Image.open(file)).convert("RGB") for file in files]
            train[path.name], test[path.name] = photos[::2], photos[1::2]
        if len(train) < 2 or not all(test.values()):
            raise ValueError(f"{folder} needs two folders, with two or more photographs in each")
    names = tuple(train)
    images = [
        np.stack(
            [
                np.asarray(ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC))
                for name in names
                for image in part[name]
            ]
        )
        for part in (train, test)
    ]
    labels = [
        np.repeat(np.arange(len(names)), [len(part[n]) for n in names]) for part in (train, test)
    ]
    return Few(images[0], labels[0], images[1], labels[1], names)


def _in_turn(count: int) -> Array:
    """Return indices into examples sorted by class, so that the ten classes alternate."""
    return np.arange(count).reshape(10, -1).T.ravel()
