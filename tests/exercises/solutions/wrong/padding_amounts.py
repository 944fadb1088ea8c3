"""Wrong solutions of padding_amounts that its known mistakes do not hold."""

import numpy as np

from exercises import vectorised
from tests.exercises.solutions.registry import edited, wrong

SAME_TOTAL = "max((n_out - 1) * stride + f - n, 0)"
wrong("padding_amounts", "the total")(
    lambda n, f, stride, mode: sum(vectorised.padding_amounts(n, f, stride, mode))
)
wrong("padding_amounts", "after first", "odd one in front")(
    lambda n, f, stride, mode: vectorised.padding_amounts(n, f, stride, mode)[::-1]
)
wrong("padding_amounts", "an array")(
    lambda n, f, stride, mode: np.array(vectorised.padding_amounts(n, f, stride, mode))
)
wrong("padding_amounts", "three numbers")(
    lambda n, f, stride, mode: (*vectorised.padding_amounts(n, f, stride, mode), n)
)
wrong("padding_amounts", "SAME for all")(
    lambda n, f, stride, mode: vectorised.padding_amounts(n, f, stride, "SAME")
)
wrong("padding_amounts", "FULL for all")(
    lambda n, f, stride, mode: vectorised.padding_amounts(n, f, stride, "FULL")
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
edited("padding_amounts", "n_out one more", {"-(-n // stride)": "n // stride + 1"})
