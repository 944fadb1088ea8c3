"""Detect digits on a page: feature maps, boxes of ink, and a count of the digits found."""

from collections.abc import Callable, Sequence

import numpy as np

from convnet.data import Dataset
from convnet.layers import Conv2D, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.types import Array
from lesson_tools.digit_page import Digit, make_page, trained_window_network

__all__ = [
    "box_iou",
    "examples",
    "ink_boxes",
    "pages_with_digits",
    "pooled_maps",
    "score",
    "window_maps",
]

INK = 0.4


def window_maps(page: Array) -> tuple[Array, Array]:
    """Run the window network of the lesson on 1x1 convolutions over a page.

    Parameters
    ----------
    page : ndarray of shape (n_H, n_W, 1)
        Page of digits.

    Returns
    -------
    features : ndarray of shape (h, w, 32)
        Input of the last layer, a 1x1 convolution.
    scores : ndarray of shape (h, w, 11)
        Its output; position (h, w) belongs to the window of 12 x 12 pixels at (2h, 2w).
    """
    *_, features, scores = _all_maps(page)
    return features, scores


def pooled_maps(page: Array) -> tuple[Array, Array]:
    """Return maps as `window_maps` does, with 4 x 4 x 16 pooled values as features."""
    *_, pooled, _, _, scores = _all_maps(page)
    windows = np.lib.stride_tricks.sliding_window_view(pooled, (4, 4, pooled.shape[2]))
    return windows.reshape(*scores.shape[:2], -1), scores


def _all_maps(page: Array) -> list[Array]:
    """Return the feature maps of every layer of the window network on a page."""
    layers = [Conv2D(8, 3), ReLU(), Conv2D(16, 3), ReLU(), MaxPooling2D(2)]
    scan = Network([*layers, Conv2D(32, 4), ReLU(), Conv2D(11, 1)], page.shape)
    scan.parameters[:] = trained_window_network().parameters
    return [maps[0] for maps in scan.feature_maps(page[None])]


def pages_with_digits(
    images: Array, labels: Array, seeds: Sequence[int]
) -> list[tuple[Array, list[Digit]]]:
    """Create a page of 64 x 96 pixels for each seed, with its digits."""
    return [make_page(images, labels, (64, 96), np.random.default_rng(seed)) for seed in seeds]


def ink_boxes(page: Array, digits: Sequence[Digit]) -> Array:
    """Return the box (top, left, bottom, right) around the ink of each digit, ends excluded."""
    boxes = []
    for row, column, _ in digits:
        rows, columns = np.nonzero(page[row : row + 8, column : column + 8, 0] >= INK)
        boxes.append(
            (
                row + rows.min(),
                column + columns.min(),
                row + rows.max() + 1,
                column + columns.max() + 1,
            )
        )
    return np.array(boxes, dtype=float)


def box_iou(one: Array, others: Array) -> Array:
    """Return the IoU of one box with each of several boxes."""
    low = np.maximum(one[:2], others[:, :2])
    high = np.minimum(one[2:], others[:, 2:])
    both = np.prod(np.maximum(high - low, 0), axis=1)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (one[None], others)]
    return both / (areas[0] + areas[1] - both)


def examples(
    data: Dataset, n_pages: int = 100, maps: Callable[[Array], tuple[Array, Array]] = window_maps
) -> tuple[Array, Array]:
    """Collect positions with a digit in the middle of their window, on pages of training digits.

    Returns
    -------
    features : ndarray of shape (m, n)
        Features of the positions, from `maps`.
    offsets : ndarray of shape (m, 4)
        Box of the digit's ink, relative to the upper left corner of the window.
    """
    X, Y = [], []
    for page, digits in pages_with_digits(data.train_images, data.train_labels, range(n_pages)):
        features, _ = maps(page)
        for (row, column, _), box in zip(digits, ink_boxes(page, digits), strict=True):
            for h in range(max(0, (row - 3) // 2), (row - 1) // 2 + 1):
                for w in range(max(0, (column - 3) // 2), (column - 1) // 2 + 1):
                    if abs(2 * h + 2 - row) <= 1 and abs(2 * w + 2 - column) <= 1:
                        X.append(features[h, w])
                        Y.append(box - np.array([2 * h, 2 * w, 2 * h, 2 * w]))
    return np.array(X), np.array(Y)


def score(
    boxes: Array, classes: Sequence[int], truth: Array, labels: Sequence[int], least: float
) -> int:
    """Count the true digits that a box of their class covers with at least this IoU, each once."""
    free, right = list(range(len(boxes))), 0
    for box, label in zip(truth, labels, strict=True):
        overlaps = {n: box_iou(box, boxes[n][None])[0] for n in free if classes[n] == label}
        best = max(overlaps, key=lambda n: overlaps[n], default=None)
        if best is not None and overlaps[best] >= least:
            free.remove(best)
            right += 1
    return right
