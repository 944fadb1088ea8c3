"""Solutions of distribute_value: correct ones in common styles, and wrong ones."""

import math
import warnings

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import Solutions

add = Solutions("distribute_value")


@add.right("ones times")
def distribute_value(dz, shape):
    return np.ones(shape) * dz / (shape[0] * shape[1])


@add.right("np.prod, filled, prints")
def _(dz, shape):
    a = np.empty(shape)
    a.fill(dz / np.prod(shape))
    print(a)
    return a


@add.right("loops")
def _(value, size, dtype=float):
    a = np.zeros(size, dtype)
    for place in np.ndindex(size):
        a[place] = value / a.size
    return a


@add.right("broadcast view, read-only")
def _(dz, shape):
    return np.broadcast_to(dz / (shape[0] * shape[1]), shape)


@add.right("float32, warnings")
def _(dz, shape):
    warnings.warn("this could be slow", RuntimeWarning, stacklevel=1)
    return np.full(shape, np.float32(dz) / np.float32(np.prod(shape)))


@add.right("np.tile of a list")
def _(dz, shape):
    return np.tile([dz / shape[0] / shape[1]], shape)


@add.right("repeated and reshaped")
def _(dz, shape):
    return np.repeat(dz / math.prod(shape), math.prod(shape)).reshape(shape)


# Wrong solutions that are not among the known mistakes

add.wrong("for windows of 2x2")(lambda dz, shape: np.full((2, 2), dz / 4))
add.wrong("magnitude")(lambda dz, shape: np.abs(vectorized.distribute_value(dz, shape)))
add.wrong("one number")(lambda dz, shape: dz / (shape[0] * shape[1]))
add.wrong("one row")(lambda dz, shape: np.full(shape[1], dz / (shape[0] * shape[1])))
add.wrong("first row")(
    lambda dz, shape: vectorized.distribute_value(dz, shape) * (np.arange(shape[0]) == 0)[:, None]
)
add.wrong("unequal shares")(
    lambda dz, shape: dz * np.random.dirichlet(np.ones(shape[0] * shape[1])).reshape(shape)
)
add.wrong("whole numbers")(lambda dz, shape: np.full(shape, dz / np.prod(shape), dtype=int))
add.wrong("counted up")(
    lambda dz, shape: np.arange(np.prod(shape)).reshape(shape) * dz / np.prod(shape)
)


@add.wrong("multiplied by the number", "multiplied")
def _(dz, shape):
    return np.ones(shape) * dz * shape[0] * shape[1]


@add.wrong("sqrt")
def _(dz, shape):
    return np.full(shape, dz / np.sqrt(shape[0] * shape[1]))


@add.wrong("vector")
def _(dz, shape):
    return np.full(shape[0] * shape[1], dz / (shape[0] * shape[1]))


@add.wrong("rounded")
def _(dz, shape):
    return np.full(shape, round(dz / (shape[0] * shape[1]), 2))


@add.wrong("one entry too many")
def _(dz, shape):
    return np.full(shape, dz / (shape[0] * shape[1] + 1))


@add.wrong("absolute")
def _(dz, shape):
    return np.full(shape, max(dz, 0) / (shape[0] * shape[1]))


@add.wrong("average of one number", "not divided")
def _(dz, shape):
    return np.full(shape, np.mean(dz))
