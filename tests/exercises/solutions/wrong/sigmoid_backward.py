"""Wrong solutions of sigmoid_backward that its known mistakes do not hold."""

import numpy as np

from exercises import vectorised
from tests.exercises.solutions.registry import edited, wrong

wrong("sigmoid_backward", "the forward pass")(lambda dA, cache: vectorised.sigmoid(cache[0])[0])
wrong("sigmoid_backward", "the gradient as it came")(lambda dA, cache: dA + 0)
wrong("sigmoid_backward", "divided by the slope")(
    lambda dA, cache: dA / (vectorised.sigmoid_backward(np.ones(dA.shape), cache) + 1e-9)
)
wrong("sigmoid_backward", "ReLU, backward")(lambda dA, cache: dA * (cache[0] > 0))
wrong("sigmoid_backward", "summed")(lambda dA, cache: vectorised.sigmoid_backward(dA, cache).sum())
wrong("sigmoid_backward", "Z from the gradient")(
    lambda dA, cache: vectorised.sigmoid_backward(cache[0], (dA,))
)
wrong("sigmoid_backward", "mean over the first axis")(
    lambda dA, cache: vectorised.sigmoid_backward(dA, cache) / len(dA)
)
edited("sigmoid_backward", "whole cache", {"(Z,) = cache": "Z = cache", "A, _ =": "A, Z ="})
edited("sigmoid_backward", "A taken for a tuple", {"A, _ =": "A ="})
edited("sigmoid_backward", "A not unpacked", {"1 - A": "1 - A[0]"})
edited("sigmoid_backward", "square", {"A * (1 - A)": "(A * (1 - A)) ** 2"})
edited("sigmoid_backward", "sigmoid twice", {"(1 - A)": "(1 - sigmoid(A)[0])"})
edited("sigmoid_backward", "plus", {"(1 - A)": "(1 + A)"})
