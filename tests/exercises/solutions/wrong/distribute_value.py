"""Wrong solutions of distribute_value that its known mistakes do not hold."""

import numpy as np

from exercises.vectorised import distribute_value
from tests.exercises.solutions.registry import wrong

wrong("distribute_value", "half of it everywhere, as published", "the published number")(
    lambda dz, shape: np.full(shape, 0.5)
)
wrong("distribute_value", "for windows of 2x2")(lambda dz, shape: np.full((2, 2), dz / 4))
wrong("distribute_value", "a quarter")(lambda dz, shape: np.full(shape, dz / 4))
wrong("distribute_value", "divided by the number of sides")(
    lambda dz, shape: np.full(shape, dz / len(shape))
)
wrong("distribute_value", "divided by the square of the height", "divided by the height squared")(
    lambda dz, shape: np.full(shape, dz / shape[0] ** 2)
)
wrong("distribute_value", "multiplied")(lambda dz, shape: np.full(shape, dz * shape[0] * shape[1]))
wrong("distribute_value", "a share of 1")(
    lambda dz, shape: np.full(shape, 1 / (shape[0] * shape[1]))
)
wrong("distribute_value", "magnitude")(lambda dz, shape: np.abs(distribute_value(dz, shape)))
wrong("distribute_value", "one number")(lambda dz, shape: dz / (shape[0] * shape[1]))
wrong("distribute_value", "one row")(
    lambda dz, shape: np.full(shape[1], dz / (shape[0] * shape[1]))
)
wrong("distribute_value", "first row")(
    lambda dz, shape: distribute_value(dz, shape) * (np.arange(shape[0]) == 0)[:, None]
)
wrong("distribute_value", "unequal shares")(
    lambda dz, shape: dz * np.random.dirichlet(np.ones(shape[0] * shape[1])).reshape(shape)
)
wrong("distribute_value", "whole numbers")(
    lambda dz, shape: np.full(shape, dz / np.prod(shape), dtype=int)
)
wrong("distribute_value", "counted up")(
    lambda dz, shape: np.arange(np.prod(shape)).reshape(shape) * dz / np.prod(shape)
)
