"""Solutions of relu: correct ones in common styles, and wrong ones."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import edited, right, wrong


@right("relu", "product with a mask")
def _(Z):
    return Z * (Z > 0), (Z,)


@right("relu", "np.clip, the cache first named")
def _(Z):
    cache = (Z,)
    return np.clip(Z, 0, None), cache


@right("relu", "half of Z plus its absolute value")
def _(Z):
    return (Z + np.abs(Z)) / 2, (Z,)


@right("relu", "a copy with zeros")
def _(Z):
    A = Z.copy()
    A[A < 0] = 0.0
    return A, (Z,)


@right("relu", "number by number, with prints")
def _(Z):
    A = np.zeros(Z.shape)
    for place in np.ndindex(Z.shape):
        print(place)
        A[place] = max(0.0, Z[place])
    return A, (Z,)


@right("relu", "np.fmax, Fortran order, a list as cache")
def _(Z):
    return np.asfortranarray(np.fmax(0, Z)), [Z]


# Wrong solutions that are not among the known mistakes

wrong("relu", "A alone")(lambda Z: np.maximum(Z, 0))
wrong("relu", "cache first")(lambda Z: ((Z,), np.maximum(Z, 0)))
wrong("relu", "Z itself")(lambda Z: (Z, (Z,)))
wrong("relu", "from below")(lambda Z: (np.maximum(Z, -1), (Z,)))
wrong("relu", "one entry too many")(lambda Z: (np.maximum(Z + 1, 0), (Z,)))
wrong("relu", "cut off at 6")(lambda Z: (np.clip(Z, 0, 3), (Z,)))
wrong("relu", "exponential below zero")(lambda Z: (np.where(Z > 0, Z, np.exp(Z) - 1), (Z,)))
wrong("relu", "softplus")(lambda Z: (np.log1p(np.exp(Z)), (Z,)))
wrong("relu", "sigmoid")(vectorized.sigmoid)
wrong("relu", "whole numbers")(lambda Z: (np.maximum(Z, 0).astype(int), (Z,)))
wrong("relu", "largest of each row")(
    lambda Z: (np.maximum(Z, 0).max(axis=-1, keepdims=True) + 0 * Z, (Z,))
)
wrong("relu", "wrong side", "negative part")(lambda Z: (np.where(Z < 0, Z, 0), (Z,)))
edited("relu", "cache of zeros", {"(Z,)\n": "(0 * Z,)\n"}, "cache of the output")


wrong("relu", "ReLU6")(lambda Z: (np.clip(Z, 0, 6), (Z,)))
wrong("relu", "cut off at 1000")(lambda Z: (np.clip(Z, 0, 1000), (Z,)))
wrong("relu", "from 0.01 on")(lambda Z: (np.where(Z > 0.01, Z, 0), (Z,)))
wrong("relu", "a thousandth kept")(lambda Z: (np.where(Z > 0, Z, 0.001 * Z), (Z,)))
wrong("relu", "a fifth kept")(lambda Z: (np.maximum(Z, 0.2 * Z), (Z,)))
wrong("relu", "nan at 0")(lambda Z: ((Z + Z * Z / np.abs(Z)) / 2, (Z,)))
wrong("relu", "rounded to 2 decimals")(lambda Z: (np.round(np.maximum(Z, 0), 2), (Z,)))
wrong("relu", "small number added")(lambda Z: (np.maximum(Z, 1e-6), (Z,)))
wrong("relu", "squeezed")(lambda Z: (np.squeeze(np.maximum(Z, 0)), (Z,)))
wrong("relu", "half precision")(lambda Z: (np.maximum(Z, 0).astype("float16"), (Z,)))


@wrong("relu", "two axes")
def _(Z):
    A = np.zeros(Z.shape)
    for h in range(Z.shape[0]):
        for w in range(Z.shape[1]):
            A[h, w] = max(Z[h, w], 0)
    return A, (Z,)
