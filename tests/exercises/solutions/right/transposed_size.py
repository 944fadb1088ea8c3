"""Correct solutions of transposed_size in common styles."""

import numpy as np

from tests.exercises.solutions.registry import right


@right("transposed_size", "step by step, with prints")
def _(n, f, stride, pad, output_pad):
    last = stride * (n - 1)
    print("the last filter begins at", last)
    return last + f - pad - pad + output_pad


@right("transposed_size", "multiplied out")
def _(n, f, stride, pad, output_pad):
    return n * stride - stride + f - 2 * pad + output_pad


@right("transposed_size", "largest that a convolution makes to n")
def _(n, f, stride, pad, output_pad):
    sizes = range(1, 1000)
    same = [o for o in sizes if o + 2 * pad >= f and (o + 2 * pad - f) // stride + 1 == n]
    return min(same) + output_pad


@right("transposed_size", "cells counted")
def _(n, f, stride, pad, output_pad):
    cells = {i * stride + k for i in range(n) for k in range(f)}
    return max(cells) + 1 - 2 * pad + output_pad


@right("transposed_size", "a float without a fraction")
def _(n, f, stride, pad, output_pad):
    return float(stride * (n - 1) + f - 2 * pad + output_pad)


@right("transposed_size", "NumPy integer")
def _(n, f, stride, pad, output_pad):
    return np.dot([n - 1, -2, 1, 1], [stride, pad, f, output_pad])
