"""Write the small sample of Fashion-MNIST that comes with the lessons.

    python -m tools.fashion_sample

Reads the whole data set, from the folder in the variable CONVNET_DATA or from the web, and writes
course/lesson_tools/data/fashion-mnist.npz:

images, labels
    The first twelve test images of each class, class by class, as bytes.
train_images, train_labels
    The first ten training images of each class, class by class, as bytes.
counts
    The confusion matrix of the course's trained LeNet for all 10,000 test images.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from convnet.data import fashion_mnist
from convnet.models import trained
from convnet.types import Array

__all__ = ["PATH", "confusion", "first_of_each", "main"]

PATH = Path(__file__).parents[1] / "course/lesson_tools/data/fashion-mnist.npz"
IMAGES, TRAIN_IMAGES = 12, 10  # per class
BATCH = 500
DESCRIPTION = "Write the small sample of Fashion-MNIST that comes with the lessons."


def first_of_each(labels: Array, images: int = IMAGES) -> Array:
    """Return the indices of the first images of each class, class by class."""
    classes = range(int(labels.max()) + 1)
    return np.concatenate([np.flatnonzero(labels == c)[:images] for c in classes])


def confusion(images: Array, labels: Array) -> Array:
    """Return the trained LeNet's confusion matrix: rows are true classes, columns predictions."""
    network = trained("lenet-fashion-mnist")
    counts = np.zeros((10, 10), dtype=np.int16)
    for start in range(0, len(images), BATCH):
        part = slice(start, start + BATCH)
        np.add.at(counts, (labels[part], network.scores(images[part]).argmax(axis=1)), 1)
    return counts


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.fashion_sample", description=DESCRIPTION)
    parser.parse_args(arguments)
    data = fashion_mnist()
    chosen = first_of_each(data.test_labels)
    train = first_of_each(data.train_labels, TRAIN_IMAGES)
    with PATH.open("wb") as file:
        np.savez_compressed(
            file,
            images=np.round(255 * data.test_images[chosen]).astype(np.uint8),
            labels=data.test_labels[chosen].astype(np.uint8),
            train_images=np.round(255 * data.train_images[train]).astype(np.uint8),
            train_labels=data.train_labels[train].astype(np.uint8),
            counts=confusion(data.test_images, data.test_labels),
        )
    print(f"{PATH.name}: {PATH.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
