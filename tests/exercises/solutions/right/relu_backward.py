"""Correct solutions of relu_backward in common styles."""

import numpy as np

from tests.exercises.solutions.registry import right


@right("relu_backward", "copy with zeros")
def _(dA, cache):
    dZ = np.array(dA)
    dZ[cache[0] <= 0] = 0
    return dZ


@right("relu_backward", "mask of integers")
def _(dA, cache):
    (Z,) = cache
    return (Z > 0).astype(int) * dA


@right("relu_backward", "by the output")
def _(dA, cache):
    A = np.maximum(0, cache[0])
    return dA * np.sign(A)


@right("relu_backward", "0 counted as positive")  # no array contains a 0
def _(dA, cache):
    return np.where(cache[0] >= 0, dA, 0.0)


@right("relu_backward", "number by number, with prints")
def _(dA, cache):
    dZ = np.zeros(dA.shape)
    for place, z in np.ndenumerate(cache[0]):
        if z > 0:
            print(place, z)
            dZ[place] = dA[place]
    return dZ


@right("relu_backward", "np.heaviside")
def _(dA, cache):
    return np.multiply(dA, np.heaviside(cache[0], 0))
