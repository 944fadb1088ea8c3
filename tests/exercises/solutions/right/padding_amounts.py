"""Correct solutions of padding_amounts in common styles."""

import math

import numpy as np

from tests.exercises.solutions.registry import right


@right("padding_amounts", "math.ceil, returned from each branch")
def _(n, f, stride, mode):
    if mode == "VALID":
        return 0, 0
    if mode == "FULL":
        return f - 1, f - 1
    missing = (math.ceil(n / stride) - 1) * stride + f - n
    if missing < 0:
        return 0, 0
    return missing // 2, math.ceil(missing / 2)


@right("padding_amounts", "by the remainder")
def _(n, f, stride, mode):
    total = {"VALID": 0, "FULL": 2 * (f - 1)}.get(mode)
    if total is None:
        total = max(f - stride, 0) if n % stride == 0 else max(f - n % stride, 0)
    return total // 2, total - total // 2


@right("padding_amounts", "counted, with prints")
def _(n, f, stride, mode):
    before = after = 0
    if mode == "FULL":
        before = after = f - 1
    if mode == "SAME":
        last = list(range(0, n, stride))[-1]
        for column in range(n, last + f):
            print("a zero for column", column)
            if after > before:
                before += 1
            else:
                after += 1
    return before, after


@right("padding_amounts", "a list of NumPy integers")
def _(n, f, stride, mode):
    n_out = np.ceil(n / stride).astype(int)
    total = np.maximum((n_out - 1) * stride + f - n, 0) if mode == "SAME" else 0
    total = 2 * f - 2 if mode == "FULL" else total
    return [np.int64(total // 2), np.int64(total - total // 2)]


@right("padding_amounts", "floats without fractions")
def _(n, f, stride, mode):
    total = 0.0
    if mode != "VALID":
        total = max((np.ceil(n / stride) - 1) * stride + f - n, 0) if mode == "SAME" else 2 * f - 2
    return np.floor(total / 2), np.ceil(total / 2)


@right("padding_amounts", "lower case first letters")
def _(n, f, stride, mode):
    match mode.lower()[0]:
        case "v":
            total = 0
        case "s":
            total = max(((n + stride - 1) // stride - 1) * stride + f - n, 0)
        case "f":
            total = f - 1 + f - 1
    after = (total + 1) // 2
    return total - after, after
