"""Solutions of tanh_backward: correct ones in common styles, and wrong ones."""

import math

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import edited, right, wrong
from tests.exercises.solutions.sigmoid import sigmoid


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


# Wrong solutions that are not among the known mistakes

wrong("tanh_backward", "the forward pass", "forward pass")(lambda dA, cache: np.tanh(cache[0]))
wrong("tanh_backward", "the gradient as it came")(lambda dA, cache: dA + 0)
wrong("tanh_backward", "tanh of both")(lambda dA, cache: dA * np.tanh(cache[0]))
wrong("tanh_backward", "ReLU, backward")(lambda dA, cache: dA * (cache[0] > 0))
wrong("tanh_backward", "Z from the gradient")(
    lambda dA, cache: vectorized.tanh_backward(cache[0], (dA,))
)
wrong("tanh_backward", "summed")(lambda dA, cache: vectorized.tanh_backward(dA, cache).sum())
edited("tanh_backward", "cubed", {"A**2": "A**3"})
edited("tanh_backward", "tangent", {"np.tanh": "np.tan"})
edited("tanh_backward", "arctanh", {"np.tanh(Z)": "np.arctanh(np.clip(Z, -0.9, 0.9))"})
edited("tanh_backward", "doubled inside", {"np.tanh(Z)": "np.tanh(2 * Z)"})
edited("tanh_backward", "half", {"dA *": "0.5 * dA *"})
edited("tanh_backward", "matrix product", {"dA *": "dA @"})


wrong("tanh_backward", "one over cosh")(lambda dA, cache: dA / np.cosh(cache[0]))
wrong("tanh_backward", "difference squared", "bracket squared")(
    lambda dA, cache: dA * (1 - np.tanh(cache[0])) ** 2
)
wrong("tanh_backward", "sigmoid doubled less one")(
    lambda dA, cache: dA * (1 - (2 / (1 + np.exp(-cache[0])) - 1) ** 2)
)
wrong("tanh_backward", "0 beyond 5")(
    lambda dA, cache: vectorized.tanh_backward(dA, cache) * (np.abs(cache[0]) < 5)
)
wrong("tanh_backward", "nan at 0")(
    lambda dA, cache: vectorized.tanh_backward(dA, cache) * cache[0] / cache[0]
)
wrong("tanh_backward", "gradient clipped at 5")(
    lambda dA, cache: vectorized.tanh_backward(np.clip(dA, -5, 5), cache)
)
wrong("tanh_backward", "slope at least a tenth")(
    lambda dA, cache: dA * np.maximum(1 - np.tanh(cache[0]) ** 2, 0.1)
)


@wrong("tanh_backward", "array of the type of Z", "array of the type of Z")
def _(dA, cache):
    dZ = np.zeros_like(cache[0])
    dZ[...] = vectorized.tanh_backward(dA, cache)
    return dZ


@wrong("tanh_backward", "brackets forgotten", "square subtracted from the gradient")
def _(dA, cache):
    return dA * 1 - np.tanh(cache[0]) ** 2
