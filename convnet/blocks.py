"""Large arrays a block at a time, each so small that it stays in the second-level cache.

What is read again while it is there costs little, and the memory that a layer needs beside its
results does not grow with the batch.
"""

from collections.abc import Iterator

import numpy as np

from convnet.types import Array, Shape

__all__ = ["BLOCK", "images", "images_and_rows", "rows_of_channels", "sum_of_channels"]

BLOCK = 1 << 20  # bytes that are worked on at a time
FEWEST = 512  # windows that are multiplied at a time, however many bytes they take


def images(X: Array) -> Iterator[slice]:
    """Slices of the first axis, of at least one image."""
    step = max(1, BLOCK // max(1, X[:1].nbytes))
    for start in range(0, len(X), step):
        yield slice(start, start + step)


def images_and_rows(shape: Shape, bytes_of_a_window: int) -> Iterator[tuple[slice, slice]]:
    """
    Slices of images and of rows of an output, of a block of windows each.

    They are whole images, or, of large ones, a few rows of one: as many windows as BLOCK bytes
    hold, and at least FEWEST, below which their product spends its time on the weights.
    """
    (m, n_H, n_W) = shape[:3]
    rows = max(BLOCK // max(1, n_W * bytes_of_a_window), -(-FEWEST // max(1, n_W)))
    step = max(1, rows // max(1, n_H))
    rows = min(rows, n_H)
    for i in range(0, m, step):
        for h in range(0, n_H, rows):
            yield slice(i, min(i + step, m)), slice(h, min(h + rows, n_H))


def rows_of_channels(*arrays: Array) -> Iterator[tuple[Array, ...]]:
    """Arrays of one shape (..., n_C) as rows of channels, a block of all of them at a time."""
    flat = [array.reshape(-1, array.shape[-1]) for array in arrays]
    # Half a block, as what is computed from the rows takes place as well.
    step = max(1, BLOCK // max(1, 2 * flat[0].itemsize * flat[0].shape[1] * len(arrays)))
    for start in range(0, len(flat[0]), step):
        yield tuple(rows[start : start + step] for rows in flat)


def sum_of_channels(X: Array) -> Array:
    """The sum of each channel, shape (n_C,): a product with ones, many times as fast as np.sum."""
    total = np.zeros(X.shape[-1], X.dtype)
    for (rows,) in rows_of_channels(X):
        total += np.ones(len(rows), X.dtype) @ rows
    return total
