"""Solutions of tanh_backward: correct ones in common styles, and wrong ones."""

import math

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import Solutions
from tests.exercises.solutions.sigmoid import sigmoid

add = Solutions("tanh_backward")


@add.right("np.square")
def _(dA, cache):
    return dA - dA * np.square(np.tanh(cache[0]))


@add.right("hyperbolic cosine")
def _(dA, cache):
    return dA / np.cosh(np.clip(cache[0], -300, 300)) ** 2


@add.right("by the sigmoid")
def _(dA, cache):
    A = 2 * sigmoid(2 * cache[0])[0] - 1
    return dA * (1 - A) * (1 + A)


@add.right("number by number, with prints")
def _(dA, cache):
    (Z,) = cache
    print(Z.shape)
    slopes = [1 - math.tanh(z) ** 2 for z in Z.flat]
    return np.array([g * slope for g, slope in zip(dA.flat, slopes, strict=True)]).reshape(Z.shape)


@add.right("copy multiplied in place")
def _(dA, cache):
    dZ = np.array(dA, dtype=float)
    dZ *= 1 - np.power(np.tanh(cache[0]), 2)
    return dZ


@add.right("einsum")
def _(dA, cache):
    slope = 1 - np.tanh(*cache) ** 2
    return np.einsum("...,...->...", dA, slope)


# Wrong solutions that are not among the known mistakes

add.wrong("tanh of both")(lambda dA, cache: dA * np.tanh(cache[0]))
add.wrong("ReLU, backward")(lambda dA, cache: dA * (cache[0] > 0))
add.wrong("Z from the gradient")(lambda dA, cache: vectorized.tanh_backward(cache[0], (dA,)))
add.wrong("summed")(lambda dA, cache: vectorized.tanh_backward(dA, cache).sum())
add.edited("cubed", {"A**2": "A**3"})
add.edited("tangent", {"np.tanh": "np.tan"})
add.edited("arctanh", {"np.tanh(Z)": "np.arctanh(np.clip(Z, -0.9, 0.9))"})
add.edited("doubled inside", {"np.tanh(Z)": "np.tanh(2 * Z)"})
add.edited("half", {"dA *": "0.5 * dA *"})
add.edited("matrix product", {"dA *": "dA @"})


add.wrong("one over cosh")(lambda dA, cache: dA / np.cosh(cache[0]))
add.wrong("sigmoid doubled less one")(
    lambda dA, cache: dA * (1 - (2 / (1 + np.exp(-cache[0])) - 1) ** 2)
)
add.wrong("0 beyond 5")(
    lambda dA, cache: vectorized.tanh_backward(dA, cache) * (np.abs(cache[0]) < 5)
)
add.wrong("nan at 0")(lambda dA, cache: vectorized.tanh_backward(dA, cache) * cache[0] / cache[0])
add.wrong("gradient clipped at 5")(
    lambda dA, cache: vectorized.tanh_backward(np.clip(dA, -5, 5), cache)
)
add.wrong("slope at least a tenth")(
    lambda dA, cache: dA * np.maximum(1 - np.tanh(cache[0]) ** 2, 0.1)
)


@add.wrong("array of the type of Z", "array of the type of Z")
def _(dA, cache):
    dZ = np.zeros_like(cache[0])
    dZ[...] = vectorized.tanh_backward(dA, cache)
    return dZ
