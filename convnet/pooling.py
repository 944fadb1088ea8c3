"""Pool windows of images, forward and backward: all windows at once, one offset at a time.

The maximum of a window is the maximum of its column maxima, and likewise for sums. The reduction
over rows comes first: each step works on whole rows of pixels, which are long runs in memory, and
it leaves less work for the reduction over columns, whose runs are the channels of one pixel.

Pooling does little arithmetic for each number that it reads, so memory bandwidth limits its speed.
A few images are processed at a time, so that they stay in the second-level cache for all steps.
"""

from collections.abc import Iterator

import numpy as np

from convnet.blocks import images
from convnet.types import Array

__all__ = ["pool", "pool_gradient"]

ROWS, COLUMNS = 1, 2  # the axes


def pool(x: Array, f: int, stride: int, mode: str) -> Array:
    """Take the maximum or the average of every window of every channel.

    Parameters
    ----------
    x : ndarray of shape (m, n_H_prev, n_W_prev, n_C)
        Images.
    f, stride : int
        Size of the windows, step between them.
    mode : {"max", "average"}
        Reduction of a window.

    Returns
    -------
    y : ndarray of shape (m, n_H, n_W, n_C)
        Maxima or averages.
    """
    (n_H, n_W) = ((n - f) // stride + 1 for n in x.shape[1:3])
    y = np.empty((len(x), n_H, n_W, x.shape[3]), x.dtype)
    for few in images(x):
        _reduce(_reduce(x[few], ROWS, f, stride, mode), COLUMNS, f, stride, mode, y[few])
        if mode == "average":
            y[few] /= f * f
    return y


def pool_gradient(dy: Array, x: Array, f: int, stride: int, mode: str) -> Array:
    """Compute the gradient of `pool`: dy goes to every maximum, or in equal parts to all values.

    Parameters
    ----------
    dy : ndarray of shape (m, n_H, n_W, n_C)
        Gradient with respect to the output.
    x, f, stride, mode
        Arguments passed to `pool`.

    Returns
    -------
    dx : ndarray of the shape of x
        Gradient with respect to x.
    """
    dx = np.zeros(x.shape, x.dtype)
    for few in images(x):
        if mode == "max":
            rows = _reduce(x[few], ROWS, f, stride, mode)
            y = _reduce(rows, COLUMNS, f, stride, mode)
            drows = np.zeros_like(rows)
            _to_maxima(drows, dy[few], rows, y, COLUMNS, f, stride)
            _to_maxima(dx[few], drows, x[few], rows, ROWS, f, stride)
        else:
            drows = np.zeros((*dy[few].shape[:2], *x.shape[2:]), x.dtype)
            for part in _offsets(drows, COLUMNS, f, stride):
                part += dy[few]
            for part in _offsets(dx[few], ROWS, f, stride):
                part += drows
            dx[few] /= f * f
    return dx


def _reduce(x: Array, axis: int, f: int, stride: int, mode: str, out: Array | None = None) -> Array:
    """Compute the maxima or sums of runs of length f along one axis."""
    (first, *others) = _offsets(x, axis, f, stride)
    if out is None:
        out = np.empty(first.shape, x.dtype)
    out[...] = first
    combine = np.maximum if mode == "max" else np.add
    for part in others:
        combine(out, part, out=out)
    return out


def _to_maxima(dx: Array, dy: Array, x: Array, y: Array, axis: int, f: int, stride: int) -> None:
    """Add dy to dx wherever x equals the maximum of its run, given in y."""
    parts = zip(_offsets(x, axis, f, stride), _offsets(dx, axis, f, stride), strict=True)
    for values, gradients in parts:
        gradients += dy * (values == y)


def _offsets(x: Array, axis: int, f: int, stride: int) -> Iterator[Array]:
    """Yield views of x along an axis: first entries of all runs of f, second entries, and so on."""
    count = (x.shape[axis] - f) // stride + 1
    for start in range(f):
        part = slice(start, start + (count - 1) * stride + 1, stride)
        yield x[:, part] if axis == ROWS else x[:, :, part]
