"""Solutions of relu_backward: correct ones in common styles, and wrong ones."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import edited, right, wrong


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


# Wrong solutions that are not among the known mistakes

wrong("relu_backward", "the forward pass", "Z instead of the slope")(
    lambda dA, cache: np.maximum(cache[0], 0)
)
wrong("relu_backward", "largest of both")(lambda dA, cache: np.maximum(dA, cache[0]))
wrong("relu_backward", "the gradient as it came", "everything passes")(lambda dA, cache: dA + 0)
wrong("relu_backward", "sigmoid, backward")(vectorized.sigmoid_backward)
wrong("relu_backward", "absolute gradient")(lambda dA, cache: np.abs(dA) * (cache[0] > 0))
wrong("relu_backward", "sign of the gradient alone")(lambda dA, cache: np.sign(dA) * (cache[0] > 0))
wrong("relu_backward", "summed")(lambda dA, cache: np.sum(dA * (cache[0] > 0)))
wrong("relu_backward", "a tuple")(lambda dA, cache: (dA * (cache[0] > 0),))
wrong("relu_backward", "Z from the gradient")(lambda dA, cache: cache[0] * (dA > 0))
edited(
    "relu_backward",
    "cache as an array",
    {"(Z,) = cache": "Z = cache", "(Z > 0": "(Z[0] > 1"},
    "passed from 1 on",
)
edited("relu_backward", "plus", {"np.where(Z > 0, dA, 0)": "dA + (Z > 0)"})
edited("relu_backward", "divided", {"np.where(Z > 0, dA, 0)": "dA / ((Z > 0) + 1)"})


wrong("relu_backward", "0 from 6 on")(lambda dA, cache: dA * ((cache[0] > 0) & (cache[0] < 6)))
wrong("relu_backward", "0 from 1000 on")(
    lambda dA, cache: dA * ((cache[0] > 0) & (cache[0] < 1000))
)
wrong("relu_backward", "gradient clipped at 1")(
    lambda dA, cache: np.clip(dA, -1, 1) * (cache[0] > 0)
)
wrong("relu_backward", "gradient clipped at 100")(
    lambda dA, cache: np.clip(dA, -100, 100) * (cache[0] > 0)
)
wrong("relu_backward", "a fifth kept")(lambda dA, cache: np.where(cache[0] > 0, dA, 0.2 * dA))
wrong("relu_backward", "from 0.01 on")(lambda dA, cache: dA * (cache[0] > 0.01))
wrong("relu_backward", "where the gradient is above 0 too", "both positive")(
    lambda dA, cache: dA * ((cache[0] > 0) & (dA > 0))
)


@wrong("relu_backward", "array of the type of Z", "array of the type of Z")
def _(dA, cache):
    (Z,) = cache
    dZ = np.zeros_like(Z)
    dZ[Z > 0] = dA[Z > 0]
    return dZ
