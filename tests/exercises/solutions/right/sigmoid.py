"""Correct solutions of sigmoid in common styles."""

import functools
import math

import numpy as np

from tests.exercises.solutions.registry import right


@right("sigmoid", "the formula")
def sigmoid(Z):
    A = 1 / (1 + np.exp(-Z))
    return A, (Z,)


@right("sigmoid", "number by number, with prints")
def _(Z):
    A = np.zeros(Z.shape)
    for place in np.ndindex(Z.shape):
        z = float(Z[place])
        A[place] = 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (math.exp(z) + 1)
        print(place, A[place])
    return A, (Z,)


@right("sigmoid", "two halves")
def _(Z):
    A, positive = np.empty(Z.shape), Z >= 0
    A[positive] = 1 / (1 + np.exp(-Z[positive]))
    A[~positive] = np.exp(Z[~positive]) / (1 + np.exp(Z[~positive]))
    return A, (Z,)


@right("sigmoid", "np.reciprocal, a list as cache")
def _(Z):
    return np.reciprocal(1 + np.e**-Z), [Z]


@right("sigmoid", "clipped far from zero")
def _(Z):
    return 1 / (1 + np.exp(-np.clip(Z, -500, 500))), (Z.copy(),)


@right("sigmoid", "logaddexp, float32 result")
def _(Z, dtype=np.float32):
    return np.exp(-np.logaddexp(0, -Z)).astype(dtype), (Z,)


right("sigmoid", "functools.partial", functools.partial(lambda base, Z: sigmoid(Z), 2))
