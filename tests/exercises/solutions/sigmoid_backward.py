"""Solutions of sigmoid_backward: correct ones in common styles, and wrong ones."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import edited, right, wrong
from tests.exercises.solutions.sigmoid import sigmoid


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


# Wrong solutions that are not among the known mistakes

wrong("sigmoid_backward", "the forward pass", "forward pass")(
    lambda dA, cache: vectorized.sigmoid(cache[0])[0]
)
wrong("sigmoid_backward", "the gradient as it came")(lambda dA, cache: dA + 0)
wrong("sigmoid_backward", "divided by the slope")(
    lambda dA, cache: dA / (vectorized.sigmoid_backward(np.ones(dA.shape), cache) + 1e-9)
)
wrong("sigmoid_backward", "ReLU, backward")(lambda dA, cache: dA * (cache[0] > 0))
wrong("sigmoid_backward", "summed")(lambda dA, cache: vectorized.sigmoid_backward(dA, cache).sum())
wrong("sigmoid_backward", "Z from the gradient")(
    lambda dA, cache: vectorized.sigmoid_backward(cache[0], (dA,))
)
wrong("sigmoid_backward", "mean over the first axis", "divided by the rows")(
    lambda dA, cache: vectorized.sigmoid_backward(dA, cache) / len(dA)
)
edited("sigmoid_backward", "whole cache", {"(Z,) = cache": "Z = cache", "A, _ =": "A, Z ="})
edited("sigmoid_backward", "A taken for a tuple", {"A, _ =": "A ="})
edited("sigmoid_backward", "A not unpacked", {"1 - A": "1 - A[0]"})
edited("sigmoid_backward", "square", {"A * (1 - A)": "(A * (1 - A)) ** 2"})
edited("sigmoid_backward", "sigmoid twice", {"(1 - A)": "(1 - sigmoid(A)[0])"})
edited("sigmoid_backward", "plus", {"(1 - A)": "(1 + A)"})


def _A(cache):
    return vectorized.sigmoid(cache[0])[0]


def _slope(cache):
    return _A(cache) * (1 - _A(cache))


wrong("sigmoid_backward", "0 beyond 5")(
    lambda dA, cache: dA * _slope(cache) * (np.abs(cache[0]) < 5)
)
wrong("sigmoid_backward", "0 beyond 12")(
    lambda dA, cache: dA * _slope(cache) * (np.abs(cache[0]) < 12)
)
wrong("sigmoid_backward", "A kept from the ends")(
    lambda dA, cache: dA * np.clip(_A(cache), 0.01, 0.99) * (1 - np.clip(_A(cache), 0.01, 0.99))
)
wrong("sigmoid_backward", "small number added")(lambda dA, cache: dA * (_slope(cache) + 1e-6))
wrong("sigmoid_backward", "gradient clipped at 5")(
    lambda dA, cache: np.clip(dA, -5, 5) * _slope(cache)
)
wrong("sigmoid_backward", "gradient squared")(lambda dA, cache: dA**2 * _slope(cache))
wrong("sigmoid_backward", "gradient by its sign")(lambda dA, cache: np.sign(dA) * _slope(cache))
wrong("sigmoid_backward", "matrix product")(lambda dA, cache: dA @ _slope(cache).T)


@wrong("sigmoid_backward", "array of the type of Z", "array of the type of Z")
def _(dA, cache):
    dZ = np.zeros_like(cache[0])
    dZ[...] = dA * _slope(cache)
    return dZ
