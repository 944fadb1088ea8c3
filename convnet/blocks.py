"""Process large arrays in blocks that fit into the second-level cache.

Data that is read again while it is in the cache costs little, and the memory that a layer needs
besides its results does not grow with the batch, apart from a padded copy of the input.
"""

import math
from collections.abc import Iterator

import numpy as np

from convnet.types import Array, Shape

__all__ = ["BLOCK", "Memory", "images", "images_and_rows", "rows_of_channels", "sum_of_channels"]

BLOCK = 1 << 20  # bytes in a block
FEWEST = 512  # windows in a block at least, whatever their size in bytes


class Memory:
    """Memory that all blocks use in turn, because new memory costs time when it is first written.

    Parameters
    ----------
    dtype : numpy.dtype
        Type of the numbers.

    Examples
    --------
    >>> memory = Memory(np.dtype("float32"))
    >>> memory(2, 3).shape
    (2, 3)
    """

    def __init__(self, dtype: np.dtype) -> None:
        self.array = np.empty(0, dtype)

    def __call__(self, *shape: int) -> Array:
        """Return an uninitialized array of this shape, valid until the next call."""
        size = math.prod(shape)
        if self.array.size < size:
            self.array = np.empty(size, self.array.dtype)
        return self.array[:size].reshape(shape)


def images(X: Array) -> Iterator[slice]:
    """Yield slices of the first axis, one block of at least one image each."""
    step = max(1, BLOCK // max(1, X[:1].nbytes))
    for start in range(0, len(X), step):
        yield slice(start, start + step)


def images_and_rows(shape: Shape, bytes_of_a_window: int) -> Iterator[tuple[slice, slice]]:
    """Yield slices of images and of output rows, one block of windows each.

    A block consists of whole images or, for large images, of a few rows of one image. It has as
    many windows as fit into BLOCK bytes, but at least FEWEST: with fewer, the product would spend
    its time loading the weights.
    """
    (m, n_H, n_W) = shape[:3]
    rows = max(BLOCK // max(1, n_W * bytes_of_a_window), -(-FEWEST // max(1, n_W)))
    step = max(1, rows // max(1, n_H))
    rows = min(rows, n_H)
    for i in range(0, m, step):
        for h in range(0, n_H, rows):
            yield slice(i, min(i + step, m)), slice(h, min(h + rows, n_H))


def rows_of_channels(*arrays: Array) -> Iterator[tuple[Array, ...]]:
    """Reshape arrays of one shape (..., n_C) to (rows, n_C), and yield them block by block."""
    flat = [array.reshape(-1, array.shape[-1]) for array in arrays]
    # Half a block, because the results computed from the rows need space too.
    step = max(1, BLOCK // max(1, 2 * flat[0].itemsize * flat[0].shape[1] * len(arrays)))
    for start in range(0, len(flat[0]), step):
        yield tuple(rows[start : start + step] for rows in flat)


def sum_of_channels(X: Array) -> Array:
    """Sum each channel, shape (n_C,), by a product with ones: many times as fast as np.sum."""
    total = np.zeros(X.shape[-1], X.dtype)
    for (rows,) in rows_of_channels(X):
        total += np.ones(len(rows), X.dtype) @ rows
    return total
