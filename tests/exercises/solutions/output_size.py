"""Solutions of output_size: correct ones in common styles, and wrong ones."""

import math

import numpy as np

from tests.exercises.solutions.registry import Solutions

add = Solutions("output_size")


@add.right("math.floor")
def _(n, f, stride, pad):
    return math.floor((n + 2 * pad - f) / stride) + 1


@add.right("np.floor, a float without a fraction")
def _(n, f, stride, pad):
    return np.floor((n - f + 2 * pad) / stride) + 1


@add.right("int")
def _(n, f, stride, pad):
    return int((n + pad + pad - f) / stride + 1)


@add.right("counted, with prints")
def _(n, f, stride, pad):
    positions, start = 0, -pad
    while start + f <= n + pad:
        print(start)
        positions += 1
        start += stride
    return positions


@add.right("one added before rounding")
def _(n, f, stride, pad):
    return (n - f + 2 * pad + stride) // stride


@add.right("NumPy integer")
def _(n, f, stride, pad):
    return np.arange(0, n + 2 * pad - f + 1, stride).size * np.int64(1)


@add.right("0-d array")
def _(n, f, stride, pad):
    return np.array(divmod(n - f + 2 * pad, stride)[0] + 1)


# Wrong solutions that are not among the known mistakes

add.wrong("as SAME")(lambda n, f, stride, pad: -(-n // stride))
add.wrong("stride is f")(lambda n, f, stride, pad: (n - f + 2 * pad) // f + 1)
add.wrong("f is 3")(lambda n, f, stride, pad: (n - 3 + 2 * pad) // stride + 1)
add.wrong("multiplied by the stride")(lambda n, f, stride, pad: (n - f + 2 * pad) * stride + 1)
add.wrong("remainder")(lambda n, f, stride, pad: (n - f + 2 * pad) % stride + 1)
add.wrong("an array of one")(lambda n, f, stride, pad: np.array([(n - f + 2 * pad) // stride + 1]))
add.wrong("transposed")(lambda n, f, stride, pad: stride * (n - 1) + f - 2 * pad)


add.wrong("last of the range left out")(
    lambda n, f, stride, pad: len(range(0, n + 2 * pad - f, stride))
)
add.wrong("two quotients")(lambda n, f, stride, pad: (n - f) // stride + 2 * pad // stride + 1)
add.wrong("padded size divided")(
    lambda n, f, stride, pad: (n + 2 * pad) // stride - f // stride + 1
)
add.wrong("stride at most f")(lambda n, f, stride, pad: (n - f + 2 * pad) // min(stride, f) + 1)
add.wrong("padding less than f")(
    lambda n, f, stride, pad: (n - f + 2 * min(pad, f - 1)) // stride + 1
)
add.wrong("nothing of an image smaller than the kernel")(
    lambda n, f, stride, pad: 0 if n < f else (n - f + 2 * pad) // stride + 1
)
add.wrong("nothing of an image of the kernel's size")(
    lambda n, f, stride, pad: 0 if n == f else (n - f + 2 * pad) // stride + 1
)
add.wrong("two outputs at least")(lambda n, f, stride, pad: max(2, (n - f + 2 * pad) // stride + 1))
add.wrong("as SAME with any padding")(
    lambda n, f, stride, pad: -(-n // stride) if pad else (n - f) // stride + 1
)
add.wrong("cut off towards 0")(
    lambda n, f, stride, pad: int((n - f) / stride) + int(2 * pad / stride) + 1
)
add.wrong("size of 30 at most")(lambda n, f, stride, pad: min(30, (n - f + 2 * pad) // stride + 1))
