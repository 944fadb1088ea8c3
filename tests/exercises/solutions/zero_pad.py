"""Solutions of zero_pad: correct ones in common styles, and wrong ones."""

import functools

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import Solutions

add = Solutions("zero_pad")


@add.right("assigned into zeros")
def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C))
    X_pad[:, pad : pad + n_H, pad : pad + n_W, :] = X
    return X_pad


@add.right("image by image, with prints")
def _(images, p):
    padded = []
    for image in images:
        print("padding", image.shape, image)
        padded.append(np.pad(image, ((p, p), (p, p), (0, 0)), "constant", constant_values=0))
    return np.array(padded)


@add.right("concatenated")
def _(X, pad):
    m, n_H, n_W, n_C = X.shape
    rows = np.zeros((m, pad, n_W, n_C), X.dtype)
    X = np.concatenate([rows, X, rows], axis=1)
    columns = np.zeros((m, n_H + 2 * pad, pad, n_C))
    return np.concatenate([columns, X, columns], axis=2)


@add.right("axis by axis, Fortran order")
def _(X, pad, value=0):
    padded = np.full(np.array(X.shape) + [0, 2 * pad, 2 * pad, 0], value, order="F", dtype=float)
    for i, row, column, c in np.ndindex(X.shape):
        padded[i, row + pad, column + pad, c] = X[i, row, column, c]
    return padded


add.right(
    "functools.partial",
    functools.partial(
        lambda mode, X, p: np.pad(X, [(0, 0), (p, p), (p, p), (0, 0)], mode), "constant"
    ),
)


@add.right("float32 result")
def _(X, pad):
    return np.pad(X.astype(np.float32), ((0, 0), (pad, pad), (pad, pad), (0, 0)))


@add.right("rolled into place")
def _(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C), X.dtype)
    X_pad[:, :n_H, :n_W] = X
    return np.roll(X_pad, (pad, pad), axis=(1, 2))


@add.right("a matrix product")
def _(X, pad):
    rows, columns = (np.eye(n, n + 2 * pad, pad) for n in X.shape[1:3])
    return np.einsum("ihwc,hy,wx->iyxc", X, rows, columns)


@add.right("one pixel at a time, recursive")
def _(X, pad):
    def wider(X, left):
        if left == 0:
            return X
        m, n_H, n_W, n_C = X.shape
        X = np.hstack([np.zeros((m, 1, n_W, n_C)), X, np.zeros((m, 1, n_W, n_C))])
        zeros = np.zeros((m, n_H + 2, 1, n_C))
        return wider(np.concatenate((zeros, X, zeros), 2), left - 1)

    return wider(X, pad)


# Wrong solutions that are not among the known mistakes

add.wrong("reflected")(
    lambda X, pad: np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="symmetric")
)
add.wrong("wrapped round")(
    lambda X, pad: np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="wrap")
)
add.wrong("border of nan")(
    lambda X, pad: np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), constant_values=np.nan)
)
add.wrong("one pixel short")(lambda X, pad: vectorized.zero_pad(X, max(pad - 1, 0)))
add.wrong("transposed")(lambda X, pad: vectorized.zero_pad(X, pad).transpose(0, 2, 1, 3))
add.wrong("channels first")(lambda X, pad: vectorized.zero_pad(X, pad).transpose(0, 3, 1, 2))
add.wrong("channels reversed")(lambda X, pad: vectorized.zero_pad(X, pad)[..., ::-1])
add.wrong("images reversed")(lambda X, pad: vectorized.zero_pad(X, pad)[::-1])
add.wrong("first image only")(lambda X, pad: vectorized.zero_pad(X[:1], pad))


@add.wrong("image in the corner")
def _(X, pad):
    X_pad = np.zeros(vectorized.zero_pad(X, pad).shape)
    X_pad[:, : X.shape[1], : X.shape[2]] = X
    return X_pad


@add.wrong("right only for squares")
def _(X, pad):
    m, n_H, _, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2 * pad, n_H + 2 * pad, n_C))
    X_pad[:, pad:-pad, pad:-pad] = X
    return X_pad


@add.wrong("sizes exchanged in the zeros")
def _(X, pad):
    m, h, w, c = X.shape
    out = np.zeros((m, w + 2 * pad, h + 2 * pad, c))
    out[:, pad : pad + h, pad : pad + w, :] = X
    return out


@add.wrong("bytes")
def _(X, pad):
    m, h, w, c = X.shape
    out = np.zeros((m, h + 2 * pad, w + 2 * pad, c), dtype="uint8")
    out[:, pad : pad + h, pad : pad + w, :] = X
    return out


@add.wrong("np.empty")
def _(X, pad):
    m, h, w, c = X.shape
    out = np.empty((m, h + 2 * pad, w + 2 * pad, c))
    out[:] = 7
    out[:, pad : pad + h, pad : pad + w, :] = X
    return out


@add.wrong("border of maxima")
def _(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), "maximum")


@add.wrong("half the padding on each side")
def _(X, pad):
    p = pad // 2
    return np.pad(X, ((0, 0), (p, pad - p), (p, pad - p), (0, 0)))


@add.wrong("scaled")
def _(X, pad):
    return np.pad(X / np.max(X), ((0, 0), (pad, pad), (pad, pad), (0, 0)))


@add.wrong("first channel only")
def _(X, pad):
    m, h, w, c = X.shape
    out = np.zeros((m, h + 2 * pad, w + 2 * pad, c))
    out[:, pad : pad + h, pad : pad + w, 0] = X[:, :, :, 0]
    return out


@add.wrong("last row and column missing")
def _(X, pad):
    out = np.zeros((X.shape[0], X.shape[1] + 2 * pad, X.shape[2] + 2 * pad, X.shape[3]))
    for i in range(X.shape[0]):
        for h in range(X.shape[1] - 1):
            for w in range(X.shape[2] - 1):
                out[i, h + pad, w + pad] = X[i, h, w]
    return out
