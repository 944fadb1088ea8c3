"""Wrong solutions of relu that its known mistakes do not hold."""

import numpy as np

from exercises import vectorised
from tests.exercises.solutions.registry import edited, wrong

wrong("relu", "A alone")(lambda Z: np.maximum(Z, 0))
wrong("relu", "cache first")(lambda Z: ((Z,), np.maximum(Z, 0)))
wrong("relu", "Z itself")(lambda Z: (Z, (Z,)))
wrong("relu", "from below")(lambda Z: (np.maximum(Z, -1), (Z,)))
wrong("relu", "one more")(lambda Z: (np.maximum(Z + 1, 0), (Z,)))
wrong("relu", "cut off at 6")(lambda Z: (np.clip(Z, 0, 3), (Z,)))
wrong("relu", "exponential below zero")(lambda Z: (np.where(Z > 0, Z, np.exp(Z) - 1), (Z,)))
wrong("relu", "softplus")(lambda Z: (np.log1p(np.exp(Z)), (Z,)))
wrong("relu", "sigmoid")(vectorised.sigmoid)
wrong("relu", "whole numbers")(lambda Z: (np.maximum(Z, 0).astype(int), (Z,)))
wrong("relu", "largest of each row")(
    lambda Z: (np.maximum(Z, 0).max(axis=-1, keepdims=True) + 0 * Z, (Z,))
)
wrong("relu", "wrong side", "negative part")(lambda Z: (np.where(Z < 0, Z, 0), (Z,)))
edited("relu", "cache of zeros", {"(Z,)\n": "(0 * Z,)\n"}, "cache of the output")
