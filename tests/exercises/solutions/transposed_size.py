"""Solutions of transposed_size: correct ones in common styles, and wrong ones."""

import numpy as np

from tests.exercises.solutions.registry import right, wrong


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


# Wrong solutions that are not among the known mistakes

wrong("transposed_size", "n times the stride")(lambda n, f, stride, pad, extra: n * stride)
wrong("transposed_size", "the published formula, total padding", "padding on one side")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + extra + f - pad
)
wrong("transposed_size", "extra times the stride")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + f - 2 * pad + extra * stride
)
wrong("transposed_size", "extra of one at least")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + f - 2 * pad + max(extra, stride - 1)
)
wrong("transposed_size", "pad for both", "output padding on both sides")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + f - 2 * (pad - extra)
)
wrong("transposed_size", "zeros between inputs")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + 1 + 2 * (f - 1 - pad) + extra
)
wrong("transposed_size", "full convolution of n", "stride left out")(
    lambda n, f, stride, pad, extra: n + f - 1 - 2 * pad + extra
)
wrong("transposed_size", "divided")(lambda n, f, stride, pad, extra: (n - 1) / stride + f - 2 * pad)
wrong("transposed_size", "the input's size")(lambda n, f, stride, pad, extra: n)
wrong("transposed_size", "brackets forgotten")(
    lambda n, f, stride, pad, extra: stride * n - 1 + f - 2 * pad + extra
)
wrong("transposed_size", "three positions more")(
    lambda n, f, stride, pad, extra: stride * (n + 1) + f - 2 * pad + extra
)
wrong("transposed_size", "a string of both")(
    lambda n, f, stride, pad, extra: f"{stride * (n - 1) + f - 2 * pad + extra}"
)


wrong("transposed_size", "as Keras, kernels of at least the stride")(
    lambda n, f, stride, pad, output_pad: stride * n + max(f - stride, 0) - 2 * pad + output_pad
)
wrong("transposed_size", "one input is a kernel")(
    lambda n, f, stride, pad, output_pad: (
        f if n == 1 else stride * (n - 1) + f - 2 * pad + output_pad
    )
)
wrong("transposed_size", "padding less than f")(
    lambda n, f, stride, pad, output_pad: stride * (n - 1) + f - 2 * min(pad, f - 1) + output_pad
)
wrong("transposed_size", "output padding at most 1")(
    lambda n, f, stride, pad, output_pad: stride * (n - 1) + f - 2 * pad + min(output_pad, 1)
)
wrong("transposed_size", "output padding only with padding")(
    lambda n, f, stride, pad, output_pad: (
        stride * (n - 1) + f - 2 * pad + (output_pad if pad else 0)
    )
)
wrong("transposed_size", "multiple of the stride with padding")(
    lambda n, f, stride, pad, output_pad: stride * n if pad else stride * (n - 1) + f + output_pad
)
wrong("transposed_size", "never below n")(
    lambda n, f, stride, pad, output_pad: max(n, stride * (n - 1) + f - 2 * pad + output_pad)
)
