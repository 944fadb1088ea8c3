"""Solutions of relu_backward: correct ones in common styles, and wrong ones."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import Solutions

add = Solutions("relu_backward")


@add.right("copy with zeros")
def _(dA, cache):
    dZ = np.array(dA)
    dZ[cache[0] <= 0] = 0
    return dZ


@add.right("mask of integers")
def _(dA, cache):
    (Z,) = cache
    return (Z > 0).astype(int) * dA


@add.right("by the output")
def _(dA, cache):
    A = np.maximum(0, cache[0])
    return dA * np.sign(A)


@add.right("0 counted as positive")  # no array contains a 0
def _(dA, cache):
    return np.where(cache[0] >= 0, dA, 0.0)


@add.right("number by number, with prints")
def _(dA, cache):
    dZ = np.zeros(dA.shape)
    for place, z in np.ndenumerate(cache[0]):
        if z > 0:
            print(place, z)
            dZ[place] = dA[place]
    return dZ


@add.right("np.heaviside")
def _(dA, cache):
    return np.multiply(dA, np.heaviside(cache[0], 0))


# Wrong solutions that are not among the known mistakes

add.wrong("largest of both")(lambda dA, cache: np.maximum(dA, cache[0]))
add.wrong("sigmoid, backward")(vectorized.sigmoid_backward)
add.wrong("absolute gradient")(lambda dA, cache: np.abs(dA) * (cache[0] > 0))
add.wrong("sign of the gradient alone")(lambda dA, cache: np.sign(dA) * (cache[0] > 0))
add.wrong("summed")(lambda dA, cache: np.sum(dA * (cache[0] > 0)))
add.wrong("Z from the gradient")(lambda dA, cache: cache[0] * (dA > 0))
add.edited("plus", {"np.where(Z > 0, dA, 0)": "dA + (Z > 0)"})
add.edited("divided", {"np.where(Z > 0, dA, 0)": "dA / ((Z > 0) + 1)"})


add.wrong("0 from 6 on")(lambda dA, cache: dA * ((cache[0] > 0) & (cache[0] < 6)))
add.wrong("0 from 1000 on")(lambda dA, cache: dA * ((cache[0] > 0) & (cache[0] < 1000)))
add.wrong("gradient clipped at 1")(lambda dA, cache: np.clip(dA, -1, 1) * (cache[0] > 0))
add.wrong("gradient clipped at 100")(lambda dA, cache: np.clip(dA, -100, 100) * (cache[0] > 0))
add.wrong("a fifth kept")(lambda dA, cache: np.where(cache[0] > 0, dA, 0.2 * dA))
add.wrong("from 0.01 on")(lambda dA, cache: dA * (cache[0] > 0.01))
