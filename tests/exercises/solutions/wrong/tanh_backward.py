"""Wrong solutions of tanh_backward that its known mistakes do not hold."""

import numpy as np

from exercises import vectorised
from tests.exercises.solutions.registry import edited, wrong

wrong("tanh_backward", "the forward pass")(lambda dA, cache: np.tanh(cache[0]))
wrong("tanh_backward", "the gradient as it came")(lambda dA, cache: dA + 0)
wrong("tanh_backward", "tanh of both")(lambda dA, cache: dA * np.tanh(cache[0]))
wrong("tanh_backward", "ReLU, backward")(lambda dA, cache: dA * (cache[0] > 0))
wrong("tanh_backward", "Z from the gradient")(
    lambda dA, cache: vectorised.tanh_backward(cache[0], (dA,))
)
wrong("tanh_backward", "summed")(lambda dA, cache: vectorised.tanh_backward(dA, cache).sum())
edited("tanh_backward", "cubed", {"A**2": "A**3"})
edited("tanh_backward", "tangent", {"np.tanh": "np.tan"})
edited("tanh_backward", "arctanh", {"np.tanh(Z)": "np.arctanh(np.clip(Z, -0.9, 0.9))"})
edited("tanh_backward", "doubled inside", {"np.tanh(Z)": "np.tanh(2 * Z)"})
edited("tanh_backward", "half", {"dA *": "0.5 * dA *"})
edited("tanh_backward", "matrix product", {"dA *": "dA @"})
