"""Wrong solutions of sigmoid that its known mistakes do not hold."""

import numpy as np

from exercises import vectorised
from tests.exercises.solutions.registry import edited, wrong

wrong("sigmoid", "A alone")(lambda Z: 1 / (1 + np.exp(-Z)))
wrong("sigmoid", "cache first")(lambda Z: ((Z,), 1 / (1 + np.exp(-Z))))
wrong("sigmoid", "cache without its comma", "cache of the output")(
    lambda Z: (vectorised.sigmoid(Z)[0], Z)
)
wrong("sigmoid", "sigmoid of a single number")(lambda Z: (1 / (1 + np.exp(-Z.flat[0])), (Z,)))
wrong("sigmoid", "twice as steep")(lambda Z: vectorised.sigmoid(2 * Z))
wrong("sigmoid", "steps", "rounded to 0 and 1")(lambda Z: ((Z > 0) * 1.0, (Z,)))
wrong("sigmoid", "softsign")(lambda Z: (Z / (1 + np.abs(Z)), (Z,)))
wrong("sigmoid", "straight in the middle")(lambda Z: (np.clip(0.5 + Z / 4, 0, 1), (Z,)))
wrong("sigmoid", "nan far below zero")(lambda Z: (np.exp(-Z) / np.exp(-Z) / (1 + np.exp(-Z)), (Z,)))
wrong("sigmoid", "e rounded", "power of two")(lambda Z: (1 / (1 + 2.7**-Z), (Z,)))
wrong("sigmoid", "softmax")(lambda Z: (np.exp(Z) / np.sum(np.exp(Z)), (Z,)))
edited("sigmoid", "one half added", {"/ (1 + E)": "/ (1 + E) + 0.5"})
edited("sigmoid", "numerator the same everywhere", {"np.where(Z >= 0, 1, E)": "E"})
edited("sigmoid", "branches swapped", {"(Z >= 0, 1, E)": "(Z >= 0, E, 1)"}, "sign of the exponent")
