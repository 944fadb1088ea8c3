"""Pooling, forward and backward: the windows of all images at once, one offset at a time.

The maximum of a window is the maximum of its rows' maxima, and so is its sum the sum of its rows'
sums. So rows come first: each step works on whole rows of pixels, which are long runs in memory,
and leaves less for the columns, whose runs are the channels of one pixel.

Pooling does little arithmetic with each number that it reads, so it is as fast as memory is. A few
images at a time stay in the second-level cache from the first step to the last.
"""

import numpy as np

from convnet._blocks import images

__all__ = ["pool", "unpool"]

ROWS, COLUMNS = 1, 2  # the axes


def pool(X, f, stride, mode):
    """
    The maximum or the average of every window of every channel.

    X -- array of shape (m, n_H_prev, n_W_prev, n_C); mode -- "max" or "average"

    Returns an array of shape (m, n_H, n_W, n_C).
    """
    (n_H, n_W) = ((n - f) // stride + 1 for n in X.shape[1:3])
    A = np.empty((len(X), n_H, n_W, X.shape[3]), X.dtype)
    for few in images(X):
        _reduce(_reduce(X[few], ROWS, f, stride, mode), COLUMNS, f, stride, mode, A[few])
        if mode == "average":
            A[few] /= f * f
    return A


def unpool(dA, X, f, stride, mode):
    """
    The gradient of `pool`: to every maximum of a window in full, or the same share to each entry.

    dA -- array of shape (m, n_H, n_W, n_C); X -- the array that was pooled

    Returns an array of the shape of X.
    """
    dX = np.zeros(X.shape, X.dtype)
    for few in images(X):
        if mode == "max":
            rows = _reduce(X[few], ROWS, f, stride, mode)
            A = _reduce(rows, COLUMNS, f, stride, mode)
            drows = np.zeros_like(rows)
            _to_maxima(drows, dA[few], rows, A, COLUMNS, f, stride)
            _to_maxima(dX[few], drows, X[few], rows, ROWS, f, stride)
        else:
            drows = np.zeros((*dA[few].shape[:2], *X.shape[2:]), X.dtype)
            for part in _offsets(drows, COLUMNS, f, stride):
                part += dA[few]
            for part in _offsets(dX[few], ROWS, f, stride):
                part += drows
            dX[few] /= f * f
    return dX


def _reduce(X, axis, f, stride, mode, out=None):
    """The maxima or sums of runs of f along one axis."""
    (first, *others) = _offsets(X, axis, f, stride)
    if out is None:
        out = np.empty(first.shape, X.dtype)
    out[...] = first
    combine = np.maximum if mode == "max" else np.add
    for part in others:
        combine(out, part, out=out)
    return out


def _to_maxima(dX, dA, X, A, axis, f, stride):
    """Add dA to dX wherever X is the maximum of its run, which is in A."""
    parts = zip(_offsets(X, axis, f, stride), _offsets(dX, axis, f, stride), strict=True)
    for values, gradients in parts:
        gradients += dA * (values == A)


def _offsets(X, axis, f, stride):
    """Views of X along an axis: the first entries of all runs of f, the second ones, and so on."""
    count = (X.shape[axis] - f) // stride + 1
    for start in range(f):
        part = slice(start, start + (count - 1) * stride + 1, stride)
        yield X[:, part] if axis == ROWS else X[:, :, part]
