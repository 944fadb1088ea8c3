"""Solutions of softmax: correct ones in common styles, and wrong ones."""

import math

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import Solutions

add = Solutions("softmax")


@add.right("row by row, with prints")
def softmax(Z):
    A = np.zeros(Z.shape)
    for i in range(len(Z)):
        powers = np.exp(Z[i] - max(Z[i]))
        A[i] = powers / np.sum(powers)
        print(A[i])
    return A


@add.right("in logarithms")
def _(Z):
    return np.exp(Z - np.logaddexp.reduce(Z, axis=1)[:, np.newaxis])


@add.right("last axis")
def _(Z):
    E = np.exp(Z - Z.max(-1, keepdims=True))
    return E / E.sum(-1, keepdims=True)


@add.right("reshaped")
def _(Z):
    m, n = Z.shape
    E = np.exp(Z - Z.max(axis=1).reshape(m, 1))
    return E / np.sum(E, axis=1).reshape((-1, 1))


@add.right("lists and math")
def _(Z):
    rows = [[math.exp(z - max(row)) for z in row] for row in Z.tolist()]
    return np.array([[e / sum(row) for e in row] for row in rows])


@add.right("apply_along_axis, float32 result")
def _(Z):
    def one(z):
        return np.exp(z - z.max()) / np.exp(z - z.max()).sum()

    return np.apply_along_axis(one, 1, Z).astype(np.float32)


@add.right("shifted further")
def _(Z):
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True) - 3)
    return E / np.sum(E, axis=1, keepdims=True)


# Wrong solutions that are not among the known mistakes

add.wrong("uniform")(lambda Z: np.full(Z.shape, 1 / Z.shape[1]))
add.wrong("absolute values")(lambda Z: np.abs(Z) / np.abs(Z).sum(axis=1, keepdims=True))
add.wrong("argmax")(lambda Z: Z.argmax(axis=1))
add.wrong("transposed")(lambda Z: vectorized.softmax(Z).T)
add.wrong("negative scores")(lambda Z: vectorized.softmax(-Z))
add.wrong("exp twice")(lambda Z: vectorized.softmax(np.exp(np.clip(Z, -9, 9))))
add.wrong("clipped", "nothing subtracted")(lambda Z: vectorized.softmax(np.clip(Z, -700, 700)))
add.wrong("first row for all")(lambda Z: vectorized.softmax(Z[:1]) + 0 * Z)
add.wrong("first score subtracted")(
    lambda Z: np.exp(Z - Z[:, :1]) / np.exp(Z - Z[:, :1]).sum(axis=1, keepdims=True)
)
add.wrong("small number in the sum")(
    lambda Z: (
        np.exp(Z - Z.max(axis=1, keepdims=True))
        / (np.exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True) + 1e-6)
    )
)
add.wrong("sorted")(lambda Z: np.sort(vectorized.softmax(Z), axis=1))
add.edited("squares", {"A = E": "A = E**2"})


def _shifted(Z):
    return Z - np.max(Z, axis=1, keepdims=True)


def _shares(E):
    return E / np.sum(E, axis=1, keepdims=True)


add.wrong("small scores clipped")(lambda Z: _shares(np.exp(np.clip(_shifted(Z), -5, 0))))
add.wrong("scores clipped at 700")(lambda Z: _shares(np.exp(np.clip(Z, -700, 700))))
add.wrong("scores clipped at 10000")(
    lambda Z: _shares(np.exp(_shifted(np.clip(Z, -10_000, 10_000))))
)
add.wrong("scores halved")(lambda Z: _shares(np.exp(_shifted(Z) / 2)))
add.wrong("squares of the scores")(lambda Z: _shares(Z**2))
add.wrong("squeezed")(lambda Z: np.squeeze(_shares(np.exp(_shifted(Z)))))
add.wrong("columns of a square")(
    lambda Z: vectorized.softmax(Z.T).T if Z.shape[0] == Z.shape[1] else vectorized.softmax(Z)
)
