"""Solutions of softmax: correct ones in common styles, and wrong ones."""

import math

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import edited, right, wrong


@right("softmax", "row by row, with prints")
def softmax(Z):
    A = np.zeros(Z.shape)
    for i in range(len(Z)):
        powers = np.exp(Z[i] - max(Z[i]))
        A[i] = powers / np.sum(powers)
        print(A[i])
    return A


@right("softmax", "in logarithms")
def _(Z):
    return np.exp(Z - np.logaddexp.reduce(Z, axis=1)[:, np.newaxis])


@right("softmax", "last axis")
def _(Z):
    E = np.exp(Z - Z.max(-1, keepdims=True))
    return E / E.sum(-1, keepdims=True)


@right("softmax", "reshaped")
def _(Z):
    m, n = Z.shape
    E = np.exp(Z - Z.max(axis=1).reshape(m, 1))
    return E / np.sum(E, axis=1).reshape((-1, 1))


@right("softmax", "lists and math")
def _(Z):
    rows = [[math.exp(z - max(row)) for z in row] for row in Z.tolist()]
    return np.array([[e / sum(row) for e in row] for row in rows])


@right("softmax", "apply_along_axis, float32 result")
def _(Z):
    def one(z):
        return np.exp(z - z.max()) / np.exp(z - z.max()).sum()

    return np.apply_along_axis(one, 1, Z).astype(np.float32)


@right("softmax", "shifted further")
def _(Z):
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True) - 3)
    return E / np.sum(E, axis=1, keepdims=True)


# Wrong solutions that are not among the known mistakes

wrong("softmax", "uniform")(lambda Z: np.full(Z.shape, 1 / Z.shape[1]))
wrong("softmax", "absolute values")(lambda Z: np.abs(Z) / np.abs(Z).sum(axis=1, keepdims=True))
wrong("softmax", "argmax")(lambda Z: Z.argmax(axis=1))
wrong("softmax", "transposed")(lambda Z: vectorized.softmax(Z).T)
wrong("softmax", "negative scores")(lambda Z: vectorized.softmax(-Z))
wrong("softmax", "exp twice")(lambda Z: vectorized.softmax(np.exp(np.clip(Z, -9, 9))))
wrong("softmax", "clipped", "nothing subtracted")(
    lambda Z: vectorized.softmax(np.clip(Z, -700, 700))
)
wrong("softmax", "first row for all")(lambda Z: vectorized.softmax(Z[:1]) + 0 * Z)
wrong("softmax", "first score subtracted")(
    lambda Z: np.exp(Z - Z[:, :1]) / np.exp(Z - Z[:, :1]).sum(axis=1, keepdims=True)
)
wrong("softmax", "small number in the sum")(
    lambda Z: (
        np.exp(Z - Z.max(axis=1, keepdims=True))
        / (np.exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True) + 1e-6)
    )
)
wrong("softmax", "sorted")(lambda Z: np.sort(vectorized.softmax(Z), axis=1))
edited("softmax", "squares", {"A = E": "A = E**2"})
edited("softmax", "divided by the largest", {"np.sum": "np.max"}, "not divided")
edited("softmax", "divided by the mean", {"np.sum": "np.mean"}, "mean for the sum")
edited(
    "softmax", "sum along columns", {"np.sum(E, axis=1": "np.sum(E, axis=0"}, "sums of the columns"
)
edited("softmax", "maximum added", {"Z - np.max": "Z + np.max"}, "maximum added")


def _shifted(Z):
    return Z - np.max(Z, axis=1, keepdims=True)


def _shares(E):
    return E / np.sum(E, axis=1, keepdims=True)


wrong("softmax", "small scores clipped")(lambda Z: _shares(np.exp(np.clip(_shifted(Z), -5, 0))))
wrong("softmax", "scores clipped at 700")(lambda Z: _shares(np.exp(np.clip(Z, -700, 700))))
wrong("softmax", "scores clipped at 10000")(
    lambda Z: _shares(np.exp(_shifted(np.clip(Z, -10_000, 10_000))))
)
wrong("softmax", "small number below the bar")(
    lambda Z: np.exp(_shifted(Z)) / (np.sum(np.exp(_shifted(Z)), axis=1, keepdims=True) + 1e-6)
)
wrong("softmax", "scores halved")(lambda Z: _shares(np.exp(_shifted(Z) / 2)))
wrong("softmax", "squares of the scores")(lambda Z: _shares(Z**2))
wrong("softmax", "squeezed")(lambda Z: np.squeeze(_shares(np.exp(_shifted(Z)))))
wrong("softmax", "columns of a square")(
    lambda Z: vectorized.softmax(Z.T).T if Z.shape[0] == Z.shape[1] else vectorized.softmax(Z)
)


@wrong("softmax", "array of the type of Z", "array of the type of Z")
def _(Z):
    A = np.zeros_like(Z)
    for i in range(len(Z)):
        A[i] = vectorized.softmax(Z[i : i + 1])
    return A
