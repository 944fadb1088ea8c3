"""Wrong solutions of tanh_backward that are not among its known mistakes."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import edited, wrong

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
