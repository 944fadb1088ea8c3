"""Correct solutions of relu in common styles."""

import numpy as np

from tests.exercises.solutions.registry import right


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
