"""Wrong solutions of conv_forward that its known mistakes do not hold."""

import numpy as np

from exercises import vectorised
from tests.exercises.solutions.registry import edited, wrong


@wrong("conv_forward", "Z alone")
def _(*arguments):
    return vectorised.conv_forward(*arguments)[0]


@wrong("conv_forward", "cache first")
def _(*arguments):
    return vectorised.conv_forward(*arguments)[::-1]


@wrong("conv_forward", "three values")
def _(*arguments):
    return *vectorised.conv_forward(*arguments), None


@wrong("conv_forward", "channels first")
def _(*arguments):
    Z, cache = vectorised.conv_forward(*arguments)
    return Z.transpose(0, 3, 1, 2), cache


@wrong("conv_forward", "height and width of the result swapped")
def _(*arguments):
    Z, cache = vectorised.conv_forward(*arguments)
    return Z.transpose(0, 2, 1, 3), cache


@wrong("conv_forward", "negative outputs cut off")
def _(*arguments):
    Z, cache = vectorised.conv_forward(*arguments)
    return np.maximum(Z, 0), cache


@wrong("conv_forward", "cache of ragged lists")
def _(A_prev, W, b, hparameters):
    return vectorised.conv_forward(A_prev, W, b, hparameters)[0], ([[1], [1, 2]], W, b, {})


@wrong("conv_forward", "the stride that was published")
def _(A_prev, W, b, hparameters):
    return vectorised.conv_forward(A_prev, W, b, {**hparameters, "stride": 2})


@wrong("conv_forward", "the padding that was published")
def _(A_prev, W, b, hparameters):
    return vectorised.conv_forward(A_prev, W, b, {**hparameters, "pad": 1})


@wrong("conv_forward", "padding ignored", "padding left out")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorised.conv_forward(A_prev, W, b, {**hparameters, "pad": 0})
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "stride ignored in the size too", "stride ignored in the size too")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorised.conv_forward(A_prev, W, b, {**hparameters, "stride": 1})
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "cropped to a square")
def _(A_prev, W, b, hparameters):
    n = min(A_prev.shape[1:3])
    Z, _ = vectorised.conv_forward(A_prev[:, :n, :n], W, b, hparameters)
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "the mean of the biases")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorised.conv_forward(A_prev, W, b.mean() + 0 * b, hparameters)
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "cache of copies that were changed")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorised.conv_forward(A_prev, W, b, hparameters)
    return Z, (A_prev, W, b * 2, hparameters)


FLOORED_H, FLOORED_W = (f"n_H = (n_{x}_prev - f + 2 * pad) // stride + 1" for x in "HW")
FLOORED_W = FLOORED_W.replace("n_H = ", "n_W = ")
edited(
    "conv_forward",
    "sizes as floats",
    {"// stride + 1\n    n_W": "/ stride + 1\n    n_W"},
    "sizes as floats",
)
edited(
    "conv_forward", "stride in the size forgotten", {FLOORED_H: "n_H = n_H_prev - f + 2 * pad + 1"}
)
edited(
    "conv_forward",
    "size rounded up",
    {FLOORED_H: "n_H = -(-(n_H_prev - f + 2 * pad) // stride) + 1"},
)
edited("conv_forward", "a row too many", {FLOORED_H: FLOORED_H + " + 1"})
edited("conv_forward", "last filter missing", {"for c in range(n_C)": "for c in range(n_C - 1)"})
edited("conv_forward", "last row missing", {"for h in range(n_H)": "for h in range(n_H - 1)"})
edited("conv_forward", "rows over the width", {"for h in range(n_H)": "for h in range(n_W)"})
edited("conv_forward", "filters over the channels", {"range(n_C)": "range(n_C_prev)"})
edited("conv_forward", "first row of windows", {"vert_start = h * stride": "vert_start = 0"})
edited("conv_forward", "f left out", {"vert_start + f": "vert_start + stride"})
edited("conv_forward", "window of 3", {"vert_start + f": "vert_start + 3"})
edited(
    "conv_forward",
    "h and w swapped in Z",
    {"Z[i, h, w, c] =": "Z[i, w, h, c] ="},
    "h and w swapped in Z",
)
edited(
    "conv_forward",
    "one image",
    {"for i in range(m)": "for i in range(1)"},
    "returned after the first image",
)
edited(
    "conv_forward",
    "outputs added up",
    {"= conv_single_step": "= Z[i - 1, h, w, c] + conv_single_step"},
)
edited(
    "conv_forward",
    "returned too early",
    {"    cache = (A": "        cache = (A", "    return Z": "        return Z"},
    "returned after the first image",
)
edited("conv_forward", "unknown name", {"a_slice_prev, weights": "a_slice, weights"})
edited(
    "conv_forward", "normalised weights", {"weights = W[:, :, :, c]": "weights = W[:, :, :, c] / f"}
)
