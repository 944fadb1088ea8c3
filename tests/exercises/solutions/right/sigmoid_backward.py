"""Correct solutions of sigmoid_backward in common styles."""

import numpy as np

from tests.exercises.solutions.registry import right
from tests.exercises.solutions.right.sigmoid import sigmoid


@right("sigmoid_backward", "its own sigmoid")
def _(dA, cache):
    s = sigmoid(cache[0])[0]
    return np.multiply(dA, s * (1 - s))


@right("sigmoid_backward", "A minus its square")
def _(dA, cache):
    A = sigmoid(*cache)[0]
    return (A - A**2) * dA


@right("sigmoid_backward", "both sides")
def _(dA, cache):
    (Z,) = cache
    return dA * sigmoid(Z)[0] * sigmoid(-Z)[0]


@right("sigmoid_backward", "number by number, with prints")
def _(gradient, cache):
    result = np.zeros_like(gradient, dtype=float)
    for place, A in np.ndenumerate(sigmoid(cache[0])[0]):
        result[place] = gradient[place] * A * (1 - A)
        print(result[place])
    return result


@right("sigmoid_backward", "copy multiplied in place")
def _(dA, cache):
    A, Z = sigmoid(cache[0])
    dZ = dA.copy()
    dZ *= A
    dZ *= 1 - A
    return dZ


@right("sigmoid_backward", "hyperbolic cosine")
def _(dA, cache):
    with np.errstate(over="ignore"):
        return dA / (2 + 2 * np.cosh(cache[0]))
