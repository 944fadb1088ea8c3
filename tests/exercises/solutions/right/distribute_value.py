"""Correct solutions of distribute_value in common styles."""

import math
import warnings

import numpy as np

from tests.exercises.solutions.registry import right


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
