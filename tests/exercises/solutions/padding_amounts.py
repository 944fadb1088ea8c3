"""Solutions of padding_amounts: correct ones in common styles, and wrong ones."""

import math

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import Solutions

add = Solutions("padding_amounts")


@add.right("math.ceil, returned from each branch")
def _(n, f, stride, mode):
    if mode == "VALID":
        return 0, 0
    if mode == "FULL":
        return f - 1, f - 1
    missing = (math.ceil(n / stride) - 1) * stride + f - n
    if missing < 0:
        return 0, 0
    return missing // 2, math.ceil(missing / 2)


@add.right("by the remainder")
def _(n, f, stride, mode):
    total = {"VALID": 0, "FULL": 2 * (f - 1)}.get(mode)
    if total is None:
        total = max(f - stride, 0) if n % stride == 0 else max(f - n % stride, 0)
    return total // 2, total - total // 2


@add.right("counted, with prints")
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


@add.right("a list of NumPy integers")
def _(n, f, stride, mode):
    n_out = np.ceil(n / stride).astype(int)
    total = np.maximum((n_out - 1) * stride + f - n, 0) if mode == "SAME" else 0
    total = 2 * f - 2 if mode == "FULL" else total
    return [np.int64(total // 2), np.int64(total - total // 2)]


@add.right("floats without fractions")
def _(n, f, stride, mode):
    total = 0.0
    if mode != "VALID":
        total = max((np.ceil(n / stride) - 1) * stride + f - n, 0) if mode == "SAME" else 2 * f - 2
    return np.floor(total / 2), np.ceil(total / 2)


@add.right("lower case first letters")
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


# Wrong solutions that are not among the known mistakes

SAME_TOTAL = "max((n_out - 1) * stride + f - n, 0)"
add.wrong("three numbers")(
    lambda n, f, stride, mode: (*vectorized.padding_amounts(n, f, stride, mode), n)
)
add.wrong("SAME for all")(
    lambda n, f, stride, mode: vectorized.padding_amounts(n, f, stride, "SAME")
)
add.wrong("FULL for all")(
    lambda n, f, stride, mode: vectorized.padding_amounts(n, f, stride, "FULL")
)
add.edited("n for f", {"+ f - n": "+ n - f"})
add.edited("odd window taken for granted", {SAME_TOTAL: "2 * (f // 2)"})
add.edited("stride of FULL", {"2 * (f - 1)": "2 * (f - stride)"})
add.edited("at least one", {SAME_TOTAL: SAME_TOTAL.replace(", 0)", ", 1)")})
add.edited("lower case", {'elif mode == "SAME"': 'elif mode == "same"'})


def _halves(total):
    return total // 2, total - total // 2


def _same(total):
    """Return correct results except for SAME, with another total."""
    return lambda n, f, stride, mode: (
        _halves(total(n, f, stride))
        if mode == "SAME"
        else vectorized.padding_amounts(n, f, stride, mode)
    )


def _except(wanted, answer):
    """Return correct results except for one mode."""
    return lambda n, f, stride, mode: (
        answer(n, f, stride) if mode == wanted else vectorized.padding_amounts(n, f, stride, mode)
    )


add.wrong("only f less the stride")(_same(lambda n, f, s: max(f - s, 0)))
add.wrong("nothing where the stride is not below f")(
    _same(lambda n, f, s: 0 if s >= f else max((-(-n // s) - 1) * s + f - n, 0))
)
add.wrong("less than the image")(
    _same(lambda n, f, s: min(n, max((-(-n // s) - 1) * s + f - n, 0)))
)
add.wrong("nothing for one pixel")(
    _same(lambda n, f, s: 0 if n == 1 else max((-(-n // s) - 1) * s + f - n, 0))
)
add.wrong("absolute difference")(_same(lambda n, f, s: abs((-(-n // s) - 1) * s + f - n)))
add.wrong("FULL divided by the stride")(
    _except("FULL", lambda n, f, s: ((f - 1) // s, (f - 1) // s))
)
add.wrong("FULL at most the image")(_except("FULL", lambda n, f, s: (min(f - 1, n), min(f - 1, n))))
add.wrong("VALID up to a whole step")(_except("VALID", lambda n, f, s: (0, -(n - f) % s)))
add.wrong("VALID up to the kernel's size")(_except("VALID", lambda n, f, s: (0, max(0, f + s - n))))
add.wrong("small letters")(
    lambda n, f, stride, mode: vectorized.padding_amounts(n, f, stride, mode.lower())
)
