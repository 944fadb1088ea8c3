"""Solutions of transposed_size: correct ones in common styles, and wrong ones."""

import numpy as np

from tests.exercises.solutions.registry import Solutions

add = Solutions("transposed_size")


@add.right("step by step, with prints")
def _(n, f, stride, pad, output_pad):
    last = stride * (n - 1)
    print("the last filter begins at", last)
    return last + f - pad - pad + output_pad


@add.right("multiplied out")
def _(n, f, stride, pad, output_pad):
    return n * stride - stride + f - 2 * pad + output_pad


@add.right("largest that a convolution makes to n")
def _(n, f, stride, pad, output_pad):
    sizes = range(1, 1000)
    same = [o for o in sizes if o + 2 * pad >= f and (o + 2 * pad - f) // stride + 1 == n]
    return min(same) + output_pad


@add.right("cells counted")
def _(n, f, stride, pad, output_pad):
    cells = {i * stride + k for i in range(n) for k in range(f)}
    return max(cells) + 1 - 2 * pad + output_pad


@add.right("a float without a fraction")
def _(n, f, stride, pad, output_pad):
    return float(stride * (n - 1) + f - 2 * pad + output_pad)


@add.right("NumPy integer")
def _(n, f, stride, pad, output_pad):
    return np.dot([n - 1, -2, 1, 1], [stride, pad, f, output_pad])


# Wrong solutions that are not among the known mistakes

add.wrong("n times the stride")(lambda n, f, stride, pad, extra: n * stride)
add.wrong("extra times the stride")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + f - 2 * pad + extra * stride
)
add.wrong("extra of one at least")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + f - 2 * pad + max(extra, stride - 1)
)
add.wrong("zeros between inputs")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + 1 + 2 * (f - 1 - pad) + extra
)
add.wrong("divided")(lambda n, f, stride, pad, extra: (n - 1) / stride + f - 2 * pad)
add.wrong("brackets forgotten")(
    lambda n, f, stride, pad, extra: stride * n - 1 + f - 2 * pad + extra
)
add.wrong("three positions more")(
    lambda n, f, stride, pad, extra: stride * (n + 1) + f - 2 * pad + extra
)
add.wrong("as Keras, kernels of at least the stride")(
    lambda n, f, stride, pad, output_pad: stride * n + max(f - stride, 0) - 2 * pad + output_pad
)
add.wrong("one input is a kernel")(
    lambda n, f, stride, pad, output_pad: (
        f if n == 1 else stride * (n - 1) + f - 2 * pad + output_pad
    )
)
add.wrong("padding less than f")(
    lambda n, f, stride, pad, output_pad: stride * (n - 1) + f - 2 * min(pad, f - 1) + output_pad
)
add.wrong("output padding at most 1")(
    lambda n, f, stride, pad, output_pad: stride * (n - 1) + f - 2 * pad + min(output_pad, 1)
)
add.wrong("output padding only with padding")(
    lambda n, f, stride, pad, output_pad: (
        stride * (n - 1) + f - 2 * pad + (output_pad if pad else 0)
    )
)
add.wrong("multiple of the stride with padding")(
    lambda n, f, stride, pad, output_pad: stride * n if pad else stride * (n - 1) + f + output_pad
)
add.wrong("never below n")(
    lambda n, f, stride, pad, output_pad: max(n, stride * (n - 1) + f - 2 * pad + output_pad)
)
