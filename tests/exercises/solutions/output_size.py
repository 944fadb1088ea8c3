"""Solutions of output_size: correct ones in common styles, and wrong ones."""

import math

import numpy as np

from tests.exercises.solutions.registry import right, wrong


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


# Wrong solutions that are not among the known mistakes

wrong("output_size", "the input's size")(lambda n, f, stride, pad: n)
wrong("output_size", "as SAME")(lambda n, f, stride, pad: -(-n // stride))
wrong("output_size", "stride is 1", "stride left out")(
    lambda n, f, stride, pad: n - f + 2 * pad + 1
)
wrong("output_size", "stride is f")(lambda n, f, stride, pad: (n - f + 2 * pad) // f + 1)
wrong("output_size", "f is 3")(lambda n, f, stride, pad: (n - 3 + 2 * pad) // stride + 1)
wrong("output_size", "pad subtracted", "padding subtracted")(
    lambda n, f, stride, pad: (n - f - 2 * pad) // stride + 1
)
wrong("output_size", "multiplied by the stride")(
    lambda n, f, stride, pad: (n - f + 2 * pad) * stride + 1
)
wrong("output_size", "divided, then padded", "padding added after the division")(
    lambda n, f, stride, pad: (n - f) // stride + 1 + 2 * pad
)
wrong("output_size", "remainder")(lambda n, f, stride, pad: (n - f + 2 * pad) % stride + 1)
wrong("output_size", "brackets forgotten", "brackets forgotten")(
    lambda n, f, stride, pad: n - f + 2 * pad // stride + 1
)
wrong("output_size", "both sizes")(lambda n, f, stride, pad: (n, (n - f + 2 * pad) // stride + 1))
wrong("output_size", "an array of one")(
    lambda n, f, stride, pad: np.array([(n - f + 2 * pad) // stride + 1])
)
wrong("output_size", "transposed")(lambda n, f, stride, pad: stride * (n - 1) + f - 2 * pad)


wrong("output_size", "last of the range left out")(
    lambda n, f, stride, pad: len(range(0, n + 2 * pad - f, stride))
)
wrong("output_size", "two quotients")(
    lambda n, f, stride, pad: (n - f) // stride + 2 * pad // stride + 1
)
wrong("output_size", "padded size divided")(
    lambda n, f, stride, pad: (n + 2 * pad) // stride - f // stride + 1
)
wrong("output_size", "stride at most f")(
    lambda n, f, stride, pad: (n - f + 2 * pad) // min(stride, f) + 1
)
wrong("output_size", "padding less than f")(
    lambda n, f, stride, pad: (n - f + 2 * min(pad, f - 1)) // stride + 1
)
wrong("output_size", "nothing of an image smaller than the kernel")(
    lambda n, f, stride, pad: 0 if n < f else (n - f + 2 * pad) // stride + 1
)
wrong("output_size", "nothing of an image of the kernel's size")(
    lambda n, f, stride, pad: 0 if n == f else (n - f + 2 * pad) // stride + 1
)
wrong("output_size", "two outputs at least")(
    lambda n, f, stride, pad: max(2, (n - f + 2 * pad) // stride + 1)
)
wrong("output_size", "as SAME with any padding")(
    lambda n, f, stride, pad: -(-n // stride) if pad else (n - f) // stride + 1
)
wrong("output_size", "cut off towards 0")(
    lambda n, f, stride, pad: int((n - f) / stride) + int(2 * pad / stride) + 1
)
wrong("output_size", "size of 30 at most")(
    lambda n, f, stride, pad: min(30, (n - f + 2 * pad) // stride + 1)
)
