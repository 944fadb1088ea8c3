"""Solutions of conv_parameters: correct ones in common styles, and wrong ones."""

import math

import numpy as np

from tests.exercises.solutions.registry import Solutions

add = Solutions("conv_parameters")


@add.right("weights and biases apart")
def _(f_H, f_W, n_C_prev, n_C):
    weights = f_H * f_W * n_C_prev * n_C
    biases = n_C
    return weights + biases


@add.right("sizes of arrays, with prints")
def _(f_H, f_W, n_C_prev, n_C):
    W, b = np.zeros((f_H, f_W, n_C_prev, n_C)), np.zeros((1, 1, 1, n_C))
    print(W.shape, b.shape)
    return W.size + b.size


@add.right("math.prod")
def _(*sizes):
    return math.prod(sizes) + sizes[-1]


@add.right("filter by filter")
def _(f_H, f_W, n_C_prev, n_C):
    count = 0
    for _ in range(n_C):
        count += f_H * f_W * n_C_prev
        count += 1
    return count


@add.right("a float without a fraction")
def _(f_H, f_W, n_C_prev, n_C):
    return float(n_C * (1 + n_C_prev * f_H * f_W))


@add.right("0-d array")
def _(f_H, f_W, n_C_prev, n_C):
    return np.array(n_C + n_C * f_H * f_W * n_C_prev)


# Wrong solutions that are not among the known mistakes

add.wrong("numbers of the output")(lambda f_H, f_W, c, n_C: f_H * f_W * n_C)
add.wrong("everything added")(lambda f_H, f_W, c, n_C: f_H + f_W + c + n_C)
add.wrong("bias for each channel of both")(lambda f_H, f_W, c, n_C: f_H * f_W * c * n_C + c + n_C)
add.wrong("a bias for each weight")(lambda f_H, f_W, c, n_C: 2 * f_H * f_W * c * n_C)
add.wrong("channels added")(lambda f_H, f_W, c, n_C: f_H * f_W * (c + n_C) + n_C)
add.wrong("area squared")(lambda f_H, f_W, c, n_C: (f_H * f_W) ** 2 * c * n_C + n_C)
add.wrong("last bias forgotten")(lambda f_H, f_W, c, n_C: (f_H * f_W * c + 1) * n_C - 1)
add.wrong("color images alone")(lambda f_H, f_W, c, n_C: (f_H * f_W * 3 + 1) * n_C)
add.wrong("an array of one")(lambda f_H, f_W, c, n_C: np.array([(f_H * f_W * c + 1) * n_C]))


add.wrong("no bias for a single filter")(
    lambda f_H, f_W, n_C_prev, n_C: (f_H * f_W * n_C_prev + (n_C > 1)) * n_C
)
add.wrong("no bias for filters of one pixel")(
    lambda f_H, f_W, n_C_prev, n_C: (f_H * f_W * n_C_prev + (f_H * f_W > 1)) * n_C
)
add.wrong("no bias for gray images")(
    lambda f_H, f_W, n_C_prev, n_C: (f_H * f_W * n_C_prev + (n_C_prev > 1)) * n_C
)
add.wrong("one filter for each channel where there are as many")(
    lambda f_H, f_W, n_C_prev, n_C: (f_H * f_W * (n_C_prev if n_C != n_C_prev else 1) + 1) * n_C
)
add.wrong("larger side squared")(
    lambda f_H, f_W, n_C_prev, n_C: (max(f_H, f_W) ** 2 * n_C_prev + 1) * n_C
)
add.wrong("16-bit numbers")(
    lambda f_H, f_W, n_C_prev, n_C: (f_H * f_W * n_C_prev + 1) * n_C % 2**16
)
