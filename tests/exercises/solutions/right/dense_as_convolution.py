"""Correct solutions of dense_as_convolution in common styles."""

import numpy as np

from tests.exercises.solutions.registry import right


@right("dense_as_convolution", "two reshapes")
def _(W, b, f):
    return W.reshape(f, f, -1, W.shape[-1]), b.reshape(1, 1, 1, -1)


@right("dense_as_convolution", "row by row, as the image was flattened")
def _(W, b, f):
    n_C_prev = W.shape[0] // f**2
    filters = np.zeros((f, f, n_C_prev, W.shape[1]))
    row = 0
    for y in range(f):
        for x in range(f):
            for k in range(n_C_prev):
                filters[y, x, k] = W[row]
                row += 1
    return filters, b[np.newaxis, np.newaxis]


@right("dense_as_convolution", "by the number of the row")
def _(W, b, f):
    n_C_prev = W.shape[0] // (f * f)
    W_conv = np.empty((f, f, n_C_prev, W.shape[1]), W.dtype)
    for y, x, k in np.ndindex(f, f, n_C_prev):
        W_conv[y, x, k, :] = W[(y * f + x) * n_C_prev + k, :]
    return W_conv, np.expand_dims(b, (0, 1))


@right("dense_as_convolution", "units first, then moved to the end")
def _(W, b, f):
    filters = [unit.reshape(f, f, len(unit) // f**2) for unit in W.T]
    return np.moveaxis(np.array(filters), 0, -1), b[None, None, :, :]


@right("dense_as_convolution", "stacked, with prints, a list returned")
def _(W, b, f):
    print(W.shape, b.shape, f)
    W_conv = np.stack([np.reshape(W[:, c], (f, f, -1)) for c in range(W.shape[1])], axis=-1)
    b_conv = np.zeros((1, 1, 1, W.shape[1]))
    b_conv[0, 0, 0, :] = b[0]
    return [W_conv, b_conv]


@right("dense_as_convolution", "the shape assigned")
def _(W, b, f):
    W_conv, b_conv = W.copy(), b.copy()
    W_conv.shape = f, f, W.shape[0] // f // f, W.shape[1]
    b_conv.shape = 1, 1, 1, W.shape[1]
    return W_conv, b_conv


@right("dense_as_convolution", "split twice")
def _(W, b, f, axis=0):
    rows = [np.split(part, f, axis) for part in np.split(W, f, axis)]
    return np.array(rows), np.array([[b]])
