"""Wrong solutions of conv_parameters that are not among its known mistakes."""

import numpy as np

from tests.exercises.solutions.registry import wrong

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
