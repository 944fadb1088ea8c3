"""Correct solutions of tanh_backward in common styles."""

import math

import numpy as np

from tests.exercises.solutions.registry import right
from tests.exercises.solutions.right.sigmoid import sigmoid


@right("tanh_backward", "np.square")
def _(dA, cache):
    return dA - dA * np.square(np.tanh(cache[0]))


@right("tanh_backward", "hyperbolic cosine")
def _(dA, cache):
    return dA / np.cosh(np.clip(cache[0], -300, 300)) ** 2


@right("tanh_backward", "by the sigmoid")
def _(dA, cache):
    A = 2 * sigmoid(2 * cache[0])[0] - 1
    return dA * (1 - A) * (1 + A)


@right("tanh_backward", "number by number, with prints")
def _(dA, cache):
    (Z,) = cache
    print(Z.shape)
    slopes = [1 - math.tanh(z) ** 2 for z in Z.flat]
    return np.array([g * slope for g, slope in zip(dA.flat, slopes, strict=True)]).reshape(Z.shape)


@right("tanh_backward", "copy multiplied in place")
def _(dA, cache):
    dZ = np.array(dA, dtype=float)
    dZ *= 1 - np.power(np.tanh(cache[0]), 2)
    return dZ


@right("tanh_backward", "einsum")
def _(dA, cache):
    slope = 1 - np.tanh(*cache) ** 2
    return np.einsum("...,...->...", dA, slope)
