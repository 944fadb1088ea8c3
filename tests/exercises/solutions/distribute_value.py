"""Solutions of distribute_value: correct ones in common styles, and wrong ones."""

import math
import warnings

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import right, wrong


@right("distribute_value", "ones times")
def distribute_value(dz, shape):
    return np.ones(shape) * dz / (shape[0] * shape[1])


@right("distribute_value", "np.prod, filled, prints")
def _(dz, shape):
    a = np.empty(shape)
    a.fill(dz / np.prod(shape))
    print(a)
    return a


@right("distribute_value", "loops")
def _(value, size, dtype=float):
    a = np.zeros(size, dtype)
    for place in np.ndindex(size):
        a[place] = value / a.size
    return a


@right("distribute_value", "broadcast view, read-only")
def _(dz, shape):
    return np.broadcast_to(dz / (shape[0] * shape[1]), shape)


@right("distribute_value", "float32, warnings")
def _(dz, shape):
    warnings.warn("this could be slow", RuntimeWarning, stacklevel=1)
    return np.full(shape, np.float32(dz) / np.float32(np.prod(shape)))


@right("distribute_value", "np.tile of a list")
def _(dz, shape):
    return np.tile([dz / shape[0] / shape[1]], shape)


@right("distribute_value", "repeated and reshaped")
def _(dz, shape):
    return np.repeat(dz / math.prod(shape), math.prod(shape)).reshape(shape)


# Wrong solutions that are not among the known mistakes

wrong("distribute_value", "half of it everywhere, as published", "the published number")(
    lambda dz, shape: np.full(shape, 0.5)
)
wrong("distribute_value", "for windows of 2x2")(lambda dz, shape: np.full((2, 2), dz / 4))
wrong("distribute_value", "a quarter", "divided by 4")(lambda dz, shape: np.full(shape, dz / 4))
wrong("distribute_value", "divided by the number of sides", "divided by the length of the shape")(
    lambda dz, shape: np.full(shape, dz / len(shape))
)
wrong("distribute_value", "divided by the square of the height", "divided by the height squared")(
    lambda dz, shape: np.full(shape, dz / shape[0] ** 2)
)
wrong("distribute_value", "multiplied", "multiplied")(
    lambda dz, shape: np.full(shape, dz * shape[0] * shape[1])
)
wrong("distribute_value", "a share of 1", "dz left out")(
    lambda dz, shape: np.full(shape, 1 / (shape[0] * shape[1]))
)
wrong("distribute_value", "magnitude")(
    lambda dz, shape: np.abs(vectorized.distribute_value(dz, shape))
)
wrong("distribute_value", "one number")(lambda dz, shape: dz / (shape[0] * shape[1]))
wrong("distribute_value", "one row")(
    lambda dz, shape: np.full(shape[1], dz / (shape[0] * shape[1]))
)
wrong("distribute_value", "first row")(
    lambda dz, shape: vectorized.distribute_value(dz, shape) * (np.arange(shape[0]) == 0)[:, None]
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


@wrong("distribute_value", "the reciprocal", "the reciprocal")
def _(dz, shape):
    return np.ones(shape) * (shape[0] * shape[1]) / dz


@wrong("distribute_value", "multiplied by the number", "multiplied")
def _(dz, shape):
    return np.ones(shape) * dz * shape[0] * shape[1]


@wrong("distribute_value", "1 / number without dz", "dz left out")
def _(dz, shape):
    return np.ones(shape) / (shape[0] * shape[1])


@wrong("distribute_value", "sqrt")
def _(dz, shape):
    return np.full(shape, dz / np.sqrt(shape[0] * shape[1]))


@wrong("distribute_value", "vector")
def _(dz, shape):
    return np.full(shape[0] * shape[1], dz / (shape[0] * shape[1]))


@wrong("distribute_value", "int array")
def _(dz, shape):
    a = np.ones(shape, dtype=int)
    a[:] = dz / (shape[0] * shape[1])
    return a


@wrong("distribute_value", "dtype of the value, by np.full", "dtype of the value")
def _(dz, shape):
    return np.full(shape, dz / (shape[0] * shape[1]), dtype=type(dz))


@wrong("distribute_value", "rounded")
def _(dz, shape):
    return np.full(shape, round(dz / (shape[0] * shape[1]), 2))


@wrong("distribute_value", "divided by width squared", "divided by the width squared")
def _(dz, shape):
    return np.full(shape, dz / shape[1] ** 2)


@wrong("distribute_value", "one entry too many")
def _(dz, shape):
    return np.full(shape, dz / (shape[0] * shape[1] + 1))


@wrong("distribute_value", "absolute")
def _(dz, shape):
    return np.full(shape, max(dz, 0) / (shape[0] * shape[1]))


@wrong("distribute_value", "average of one number", "not divided")
def _(dz, shape):
    return np.full(shape, np.mean(dz))


@wrong("distribute_value", "np.size of shape", "divided by the length of the shape")
def _(dz, shape):
    return np.full(shape, dz / np.size(shape))
