"""Correct solutions of conv_parameters in common styles."""

import math

import numpy as np

from tests.exercises.solutions.registry import right


@right("conv_parameters", "weights and biases apart")
def _(f_H, f_W, n_C_prev, n_C):
    weights = f_H * f_W * n_C_prev * n_C
    biases = n_C
    return weights + biases


@right("conv_parameters", "sizes of arrays, with prints")
def _(f_H, f_W, n_C_prev, n_C):
    W, b = np.zeros((f_H, f_W, n_C_prev, n_C)), np.zeros((1, 1, 1, n_C))
    print(W.shape, b.shape)
    return W.size + b.size


@right("conv_parameters", "math.prod")
def _(*sizes):
    return math.prod(sizes) + sizes[-1]


@right("conv_parameters", "filter by filter")
def _(f_H, f_W, n_C_prev, n_C):
    count = 0
    for _ in range(n_C):
        count += f_H * f_W * n_C_prev
        count += 1
    return count


@right("conv_parameters", "a float without a fraction")
def _(f_H, f_W, n_C_prev, n_C):
    return float(n_C * (1 + n_C_prev * f_H * f_W))


@right("conv_parameters", "0-d array")
def _(f_H, f_W, n_C_prev, n_C):
    return np.array(n_C + n_C * f_H * f_W * n_C_prev)
