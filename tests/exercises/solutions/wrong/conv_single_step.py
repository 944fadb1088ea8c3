"""Wrong solutions of conv_single_step that its known mistakes do not hold."""

import numpy as np

from tests.exercises.solutions.registry import wrong

wrong("conv_single_step", "the published number", "the published number")(
    lambda a, W, b: -6.999089450680221
)
wrong("conv_single_step", "products with the bias", "sum forgotten")(lambda a, W, b: a * W + b)
wrong("conv_single_step", "products alone")(lambda a, W, b: a * W)
wrong("conv_single_step", "a sum for each channel")(lambda a, W, b: (a * W).sum((0, 1)) + b.item())
wrong("conv_single_step", "the sum of the weights")(lambda a, W, b: W.sum() + b.item())
wrong("conv_single_step", "the sum of the window")(lambda a, W, b: a.sum() + b.item())
wrong("conv_single_step", "the largest product")(lambda a, W, b: (a * W).max() + b.item())
wrong("conv_single_step", "matrix product")(lambda a, W, b: np.sum(a @ W) + b.item())
wrong("conv_single_step", "transposed filter")(
    lambda a, W, b: np.sum(a * W.transpose(1, 0, 2)) + b.item()
)
wrong("conv_single_step", "bias multiplied")(lambda a, W, b: np.sum(a * W) * b.item())
wrong("conv_single_step", "bias added twice")(lambda a, W, b: np.sum(a * W) + 2 * b.item())
wrong("conv_single_step", "magnitudes")(lambda a, W, b: np.abs(a * W).sum() + b.item())
wrong("conv_single_step", "whole number", "results cut to whole numbers")(
    lambda a, W, b: int(np.sum(a * W) + b.item())
)
wrong("conv_single_step", "one decimal")(lambda a, W, b: round(np.sum(a * W) + b.item(), 1))
wrong("conv_single_step", "shape (1,)")(lambda a, W, b: np.sum(a * W) + b[0, 0])
wrong("conv_single_step", "shape (1, 1)")(lambda a, W, b: np.sum(a * W) + b[0])
wrong("conv_single_step", "negative sums cut off")(
    lambda a, W, b: max(0.0, np.sum(a * W) + b.item())
)
