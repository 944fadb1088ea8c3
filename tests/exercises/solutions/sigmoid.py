"""Solutions of sigmoid: correct ones in common styles, and wrong ones."""

import functools
import math

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import Solutions

add = Solutions("sigmoid")


@add.right("the formula")
def sigmoid(Z):
    A = 1 / (1 + np.exp(-Z))
    return A, (Z,)


@add.right("number by number, with prints")
def _(Z):
    A = np.zeros(Z.shape)
    for place in np.ndindex(Z.shape):
        z = float(Z[place])
        A[place] = 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (math.exp(z) + 1)
        print(place, A[place])
    return A, (Z,)


@add.right("two halves")
def _(Z):
    A, positive = np.empty(Z.shape), Z >= 0
    A[positive] = 1 / (1 + np.exp(-Z[positive]))
    A[~positive] = np.exp(Z[~positive]) / (1 + np.exp(Z[~positive]))
    return A, (Z,)


@add.right("np.reciprocal, a list as cache")
def _(Z):
    return np.reciprocal(1 + np.e**-Z), [Z]


@add.right("clipped far from zero")
def _(Z):
    return 1 / (1 + np.exp(-np.clip(Z, -500, 500))), (Z.copy(),)


@add.right("logaddexp, float32 result")
def _(Z, dtype=np.float32):
    return np.exp(-np.logaddexp(0, -Z)).astype(dtype), (Z,)


add.right("functools.partial", functools.partial(lambda base, Z: sigmoid(Z), 2))


# Wrong solutions that are not among the known mistakes

add.wrong("cache without its comma", "cache of the output")(lambda Z: (vectorized.sigmoid(Z)[0], Z))
add.wrong("sigmoid of a single number")(lambda Z: (1 / (1 + np.exp(-Z.flat[0])), (Z,)))
add.wrong("twice as steep")(lambda Z: vectorized.sigmoid(2 * Z))
add.wrong("softsign")(lambda Z: (Z / (1 + np.abs(Z)), (Z,)))
add.wrong("straight in the middle")(lambda Z: (np.clip(0.5 + Z / 4, 0, 1), (Z,)))
add.wrong("nan far below zero")(lambda Z: (np.exp(-Z) / np.exp(-Z) / (1 + np.exp(-Z)), (Z,)))
add.wrong("e rounded", "power of two")(lambda Z: (1 / (1 + 2.7**-Z), (Z,)))
add.wrong("softmax")(lambda Z: (np.exp(Z) / np.sum(np.exp(Z)), (Z,)))
add.edited("one half added", {"/ (1 + E)": "/ (1 + E) + 0.5"})
add.edited("numerator the same everywhere", {"np.where(Z >= 0, 1, E)": "E"})
add.edited("branches swapped", {"(Z >= 0, 1, E)": "(Z >= 0, E, 1)"}, "sign of the exponent")


def _of(change):
    """Return a changed sigmoid with its cache."""
    return lambda Z: (change(Z, vectorized.sigmoid(Z)[0]), (Z,))


add.wrong("input clipped at 5")(lambda Z: (vectorized.sigmoid(np.clip(Z, -5, 5))[0], (Z,)))
add.wrong("input clipped at 15")(lambda Z: (vectorized.sigmoid(np.clip(Z, -15, 15))[0], (Z,)))
add.wrong("1 from 10 on")(_of(lambda Z, A: np.where(Z > 10, 1, A)))
add.wrong("0 below -8")(_of(lambda Z, A: np.where(Z < -8, 0, A)))
add.wrong("0 at 0")(_of(lambda Z, A: np.where(Z == 0, 0, A)))
add.wrong("nan at 0")(_of(lambda Z, A: A * Z / np.where(Z == 0, np.nan, Z)))
add.wrong("squeezed")(_of(lambda Z, A: np.squeeze(A)))
add.wrong("shift and stretch forgotten in the argument")(lambda Z: ((np.tanh(Z) + 1) / 2, (Z,)))
add.wrong("small number below the bar")(lambda Z: (1 / (1 + np.exp(-Z) + 1e-7), (Z,)))
add.wrong("nan beyond 709")(_of(lambda Z, A: np.where(np.abs(Z) > 709, np.nan, A)))


@add.wrong("array of the type of Z", "array of the type of Z")
def _(Z):
    A = np.zeros_like(Z)
    A[...] = vectorized.sigmoid(Z)[0]
    return A, (Z,)


add.edited("the other branch from 0 to 1", {"Z >= 0": "Z >= 1"})
