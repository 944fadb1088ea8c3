"""Solutions of dense_as_convolution: correct ones in common styles, and wrong ones."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import Solutions

add = Solutions("dense_as_convolution")


@add.right("two reshapes")
def _(W, b, f):
    return W.reshape(f, f, -1, W.shape[-1]), b.reshape(1, 1, 1, -1)


@add.right("row by row, as the image was flattened")
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


@add.right("by the number of the row")
def _(W, b, f):
    n_C_prev = W.shape[0] // (f * f)
    W_conv = np.empty((f, f, n_C_prev, W.shape[1]), W.dtype)
    for y, x, k in np.ndindex(f, f, n_C_prev):
        W_conv[y, x, k, :] = W[(y * f + x) * n_C_prev + k, :]
    return W_conv, np.expand_dims(b, (0, 1))


@add.right("units first, then moved to the end")
def _(W, b, f):
    filters = [unit.reshape(f, f, len(unit) // f**2) for unit in W.T]
    return np.moveaxis(np.array(filters), 0, -1), b[None, None, :, :]


@add.right("stacked, with prints, a list returned")
def _(W, b, f):
    print(W.shape, b.shape, f)
    W_conv = np.stack([np.reshape(W[:, c], (f, f, -1)) for c in range(W.shape[1])], axis=-1)
    b_conv = np.zeros((1, 1, 1, W.shape[1]))
    b_conv[0, 0, 0, :] = b[0]
    return [W_conv, b_conv]


@add.right("the shape assigned")
def _(W, b, f):
    W_conv, b_conv = W.copy(), b.copy()
    W_conv.shape = f, f, W.shape[0] // f // f, W.shape[1]
    b_conv.shape = 1, 1, 1, W.shape[1]
    return W_conv, b_conv


@add.right("split twice")
def _(W, b, f, axis=0):
    rows = [np.split(part, f, axis) for part in np.split(W, f, axis)]
    return np.array(rows), np.array([[b]])


# Wrong solutions that are not among the known mistakes

OF_UNIT = "W[:, c].reshape(f, f, n_C_prev)"


@add.wrong("as they were")
def _(W, b, f):
    return W, b


@add.wrong("units before channels")
def _(W, b, f):
    W_conv, b_conv = vectorized.dense_as_convolution(W, b, f)
    return W_conv.transpose(0, 1, 3, 2), b_conv


@add.wrong("channels first")
def _(W, b, f):
    W_conv, b_conv = vectorized.dense_as_convolution(W, b, f)
    return W_conv.transpose(2, 0, 1, 3), b_conv


@add.wrong("in another order")
def _(W, b, f):
    return vectorized.dense_as_convolution(W, b, f)[::-1]


@add.wrong("b_conv of shape (n_C,)")
def _(W, b, f):
    return vectorized.dense_as_convolution(W, b, f)[0], b[0]


@add.wrong("f is 3")
def _(W, b, f):
    return vectorized.dense_as_convolution(np.resize(W, (18, W.shape[1])), b, 3)


@add.wrong("the inverse of W")
def _(W, b, f):
    W_conv, b_conv = vectorized.dense_as_convolution(np.linalg.pinv(W).T, b, f)
    return W_conv, b_conv


add.edited("the order of the rows reversed", {OF_UNIT: "W[::-1, c].reshape(f, f, n_C_prev)"})
add.edited("upside down", {OF_UNIT: "W[:, c].reshape(f, f, n_C_prev)[::-1]"})
add.edited("channels reversed", {OF_UNIT: "W[:, c].reshape(f, f, n_C_prev)[..., ::-1]"})
add.edited("unit before", {OF_UNIT: "W[:, c - 1].reshape(f, f, n_C_prev)"})
add.edited("last unit missing", {"for c in range(n_C)": "for c in range(n_C - 1)"})
add.edited("first unit missing", {"for c in range(n_C)": "for c in range(1, n_C)"})
add.edited("bias with the weights", {OF_UNIT: OF_UNIT + " + b[0, c]"})
add.edited("biases reversed", {"b[0, c]": "b[0, -1 - c]"})
add.edited("one row too many", {"f, f, n_C_prev, n_C))": "f + 1, f, n_C_prev, n_C))"})


add.edited(
    "as many units as channels",
    {"for c in range(n_C):": "for c in range(n_C_prev if n_C_prev < n_C else n_C):"},
)


@add.wrong("reshaped at once, units first", "rows of W instead of columns")
def _(W, b, f):
    n, c = W.shape
    return (W.reshape(c, f, f, n // (f * f)).transpose(1, 2, 3, 0), b.reshape(1, 1, 1, c))


@add.wrong("n_C_prev is 3")
def _(W, b, f):
    return (W.reshape(f, f, 3, -1), b.reshape(1, 1, 1, -1))


@add.wrong("f + f")
def _(W, b, f):
    n, c = W.shape
    k = n // (f + f)
    return (W[: f * f * k].reshape(f, f, k, c), b.reshape(1, 1, 1, c))


@add.wrong("mean of the biases")
def _(W, b, f):
    n, c = W.shape
    return (W.reshape(f, f, -1, c), np.zeros((1, 1, 1, c)) + b.mean())


@add.wrong("whole numbers")
def _(W, b, f):
    n, c = W.shape
    return (W.reshape(f, f, -1, c), b.astype(int).reshape(1, 1, 1, c))


@add.wrong("b of shape (1, 1, n_C)")
def _(W, b, f):
    n, c = W.shape
    return (W.reshape(f, f, -1, c), b.reshape(1, 1, c))
