"""Correct solutions of output_size in common styles."""

import math

import numpy as np

from tests.exercises.solutions.registry import right


@right("output_size", "math.floor")
def _(n, f, stride, pad):
    return math.floor((n + 2 * pad - f) / stride) + 1


@right("output_size", "np.floor, a float without a fraction")
def _(n, f, stride, pad):
    return np.floor((n - f + 2 * pad) / stride) + 1


@right("output_size", "int")
def _(n, f, stride, pad):
    return int((n + pad + pad - f) / stride + 1)


@right("output_size", "counted, with prints")
def _(n, f, stride, pad):
    positions, start = 0, -pad
    while start + f <= n + pad:
        print(start)
        positions += 1
        start += stride
    return positions


@right("output_size", "one added before rounding")
def _(n, f, stride, pad):
    return (n - f + 2 * pad + stride) // stride


@right("output_size", "NumPy integer")
def _(n, f, stride, pad):
    return np.arange(0, n + 2 * pad - f + 1, stride).size * np.int64(1)


@right("output_size", "0-d array")
def _(n, f, stride, pad):
    return np.array(divmod(n - f + 2 * pad, stride)[0] + 1)
