"""Wrong solutions of padding_amounts that are not among its known mistakes."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import edited, wrong

SAME_TOTAL = "max((n_out - 1) * stride + f - n, 0)"
wrong("padding_amounts", "the total")(
    lambda n, f, stride, mode: sum(vectorized.padding_amounts(n, f, stride, mode))
)
wrong("padding_amounts", "after first", "odd one in front")(
    lambda n, f, stride, mode: vectorized.padding_amounts(n, f, stride, mode)[::-1]
)
wrong("padding_amounts", "an array")(
    lambda n, f, stride, mode: np.array(vectorized.padding_amounts(n, f, stride, mode))
)
wrong("padding_amounts", "three numbers")(
    lambda n, f, stride, mode: (*vectorized.padding_amounts(n, f, stride, mode), n)
)
wrong("padding_amounts", "SAME for all")(
    lambda n, f, stride, mode: vectorized.padding_amounts(n, f, stride, "SAME")
)
wrong("padding_amounts", "FULL for all")(
    lambda n, f, stride, mode: vectorized.padding_amounts(n, f, stride, "FULL")
)
wrong("padding_amounts", "no padding", "size of the output without padding")(
    lambda n, f, stride, mode: (0, 0) if mode != "FULL" else (f - 1, f - 1)
)
edited("padding_amounts", "n for f", {"+ f - n": "+ n - f"})
edited("padding_amounts", "odd window taken for granted", {SAME_TOTAL: "2 * (f // 2)"})
edited("padding_amounts", "stride of FULL", {"2 * (f - 1)": "2 * (f - stride)"})
edited("padding_amounts", "at least one", {SAME_TOTAL: SAME_TOTAL.replace(", 0)", ", 1)")})
edited("padding_amounts", "absolute total", {SAME_TOTAL: "abs((n_out - 1) * stride + f - n)"})
edited("padding_amounts", "lower case", {'elif mode == "SAME"': 'elif mode == "same"'})
edited(
    "padding_amounts",
    "n_out one more",
    {"-(-n // stride)": "n // stride + 1"},
    "remainder 0 forgotten",
)


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


wrong("padding_amounts", "remainder 0 forgotten", "remainder 0 forgotten")(
    _same(lambda n, f, s: max(f - n % s, 0))
)
wrong("padding_amounts", "only f less the stride")(_same(lambda n, f, s: max(f - s, 0)))
wrong("padding_amounts", "nothing where the stride is not below f")(
    _same(lambda n, f, s: 0 if s >= f else max((-(-n // s) - 1) * s + f - n, 0))
)
wrong("padding_amounts", "less than the image")(
    _same(lambda n, f, s: min(n, max((-(-n // s) - 1) * s + f - n, 0)))
)
wrong("padding_amounts", "nothing for one pixel")(
    _same(lambda n, f, s: 0 if n == 1 else max((-(-n // s) - 1) * s + f - n, 0))
)
wrong("padding_amounts", "absolute difference")(
    _same(lambda n, f, s: abs((-(-n // s) - 1) * s + f - n))
)
wrong("padding_amounts", "FULL divided by the stride")(
    _except("FULL", lambda n, f, s: ((f - 1) // s, (f - 1) // s))
)
wrong("padding_amounts", "FULL at most the image")(
    _except("FULL", lambda n, f, s: (min(f - 1, n), min(f - 1, n)))
)
wrong("padding_amounts", "VALID up to a whole step")(
    _except("VALID", lambda n, f, s: (0, -(n - f) % s))
)
wrong("padding_amounts", "VALID up to the kernel's size")(
    _except("VALID", lambda n, f, s: (0, max(0, f + s - n)))
)
wrong("padding_amounts", "small letters")(
    lambda n, f, stride, mode: vectorized.padding_amounts(n, f, stride, mode.lower())
)
