"""Solutions of conv_parameters: correct ones in common styles, and wrong ones."""

import math

import numpy as np

from tests.exercises.solutions.registry import right, wrong


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


# Wrong solutions that are not among the known mistakes

wrong("conv_parameters", "numbers of the output")(lambda f_H, f_W, c, n_C: f_H * f_W * n_C)
wrong("conv_parameters", "everything added")(lambda f_H, f_W, c, n_C: f_H + f_W + c + n_C)
wrong("conv_parameters", "all but the channels", "input channels left out")(
    lambda f_H, f_W, c, n_C: (f_H * f_W + 1) * n_C
)
wrong("conv_parameters", "bias for each channel of both")(
    lambda f_H, f_W, c, n_C: f_H * f_W * c * n_C + c + n_C
)
wrong("conv_parameters", "a bias for each weight")(lambda f_H, f_W, c, n_C: 2 * f_H * f_W * c * n_C)
wrong("conv_parameters", "channels added")(lambda f_H, f_W, c, n_C: f_H * f_W * (c + n_C) + n_C)
wrong("conv_parameters", "area squared")(lambda f_H, f_W, c, n_C: (f_H * f_W) ** 2 * c * n_C + n_C)
wrong("conv_parameters", "last bias forgotten")(
    lambda f_H, f_W, c, n_C: (f_H * f_W * c + 1) * n_C - 1
)
wrong("conv_parameters", "color images alone")(lambda f_H, f_W, c, n_C: (f_H * f_W * 3 + 1) * n_C)
wrong("conv_parameters", "brackets forgotten", "one bias in all")(
    lambda f_H, f_W, c, n_C: 1 + f_H * f_W * c * n_C
)
wrong("conv_parameters", "shapes")(lambda f_H, f_W, c, n_C: ((f_H, f_W, c, n_C), (n_C,)))
wrong("conv_parameters", "an array of one")(
    lambda f_H, f_W, c, n_C: np.array([(f_H * f_W * c + 1) * n_C])
)


wrong("conv_parameters", "no bias for a single filter")(
    lambda f_H, f_W, n_C_prev, n_C: (f_H * f_W * n_C_prev + (n_C > 1)) * n_C
)
wrong("conv_parameters", "no bias for filters of one pixel")(
    lambda f_H, f_W, n_C_prev, n_C: (f_H * f_W * n_C_prev + (f_H * f_W > 1)) * n_C
)
wrong("conv_parameters", "no bias for gray images")(
    lambda f_H, f_W, n_C_prev, n_C: (f_H * f_W * n_C_prev + (n_C_prev > 1)) * n_C
)
wrong("conv_parameters", "one filter for each channel where there are as many")(
    lambda f_H, f_W, n_C_prev, n_C: (f_H * f_W * (n_C_prev if n_C != n_C_prev else 1) + 1) * n_C
)
wrong("conv_parameters", "larger side squared")(
    lambda f_H, f_W, n_C_prev, n_C: (max(f_H, f_W) ** 2 * n_C_prev + 1) * n_C
)
wrong("conv_parameters", "16-bit numbers")(
    lambda f_H, f_W, n_C_prev, n_C: (f_H * f_W * n_C_prev + 1) * n_C % 2**16
)
