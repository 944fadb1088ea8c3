"""Wrong solutions of conv_transpose_forward that are not among its known mistakes."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import edited, wrong

CANVAS = "np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C))"
SCALED = "A_prev[i, h, w, k] * W[:, :, :, k]"
LAY = "canvas[i, vert_start:vert_end, horiz_start:horiz_end, :] += scaled"
LEFT = "canvas[:, pad : pad + n_H, pad : pad + n_W, :] + b"
SIZES = {
    n_H: n_H.replace("n_H", "n_W") for n_H in ["stride * (n_H_prev - 1) + f - 2 * pad + output_pad"]
}


@wrong("conv_transpose_forward", "an ordinary convolution")
def _(A_prev, W, b, hparameters):
    swapped = W.transpose(0, 1, 3, 2)
    return vectorized.conv_forward(A_prev, swapped, b, hparameters)


@wrong("conv_transpose_forward", "Z alone")
def _(*arguments):
    return vectorized.conv_transpose_forward(*arguments)[0]


@wrong("conv_transpose_forward", "rows and columns of Z swapped")
def _(*arguments):
    Z, cache = vectorized.conv_transpose_forward(*arguments)
    return Z.transpose(0, 2, 1, 3), cache


@wrong("conv_transpose_forward", "every pixel repeated")
def _(A_prev, W, b, hparameters):
    Z, cache = vectorized.conv_transpose_forward(A_prev, W, b, hparameters)
    rows = np.arange(Z.shape[1]) * A_prev.shape[1] // Z.shape[1]
    columns = np.arange(Z.shape[2]) * A_prev.shape[2] // Z.shape[2]
    return Z * 0 + A_prev[:, rows][:, :, columns, :1], cache


@wrong("conv_transpose_forward", "sizes of the published examples")
def _(A_prev, W, b, hparameters):
    settings = {"stride": 1, "pad": 0, "output_pad": 0}
    return vectorized.conv_transpose_forward(A_prev, W, b, settings)[0], (A_prev, W, b, hparameters)


@wrong("conv_transpose_forward", "cache with other parameters")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorized.conv_transpose_forward(A_prev, W, b, hparameters)
    return Z, (A_prev, W, b, {"stride": 1, "pad": 0})


@wrong("conv_transpose_forward", "the average where copies overlap")
def _(A_prev, W, b, hparameters):
    Z, cache = vectorized.conv_transpose_forward(A_prev, W, 0 * b, hparameters)
    ones = np.ones(A_prev[:1, :, :, :1].shape), np.ones((*W.shape[:2], 1, 1))
    count, _ = vectorized.conv_transpose_forward(*ones, np.zeros((1, 1, 1, 1)), hparameters)
    return Z / np.maximum(count, 1) + b, cache


@wrong("conv_transpose_forward", "filter transposed")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorized.conv_transpose_forward(A_prev, W.transpose(1, 0, 2, 3), b, hparameters)
    return Z, (A_prev, W, b, hparameters)


edited(
    "conv_transpose_forward",
    "last row missing",
    {"for h in range(n_H_prev)": "for h in range(n_H_prev - 1)"},
)
edited(
    "conv_transpose_forward",
    "rows over the width",
    {"for h in range(n_H_prev)": "for h in range(n_W_prev)"},
)
edited(
    "conv_transpose_forward",
    "one image",
    {"for i in range(m)": "for i in range(1)"},
    "returned after the first image",
)
edited("conv_transpose_forward", "subtracted", {LAY: LAY.replace("+=", "-=")})
edited("conv_transpose_forward", "from ones", {CANVAS: CANVAS.replace("zeros", "ones")})
edited("conv_transpose_forward", "bias subtracted", {LEFT: LEFT.replace("+ b", "- b")})
edited("conv_transpose_forward", "bias twice", {LEFT: LEFT.replace("+ b", "+ 2 * b")})
edited(
    "conv_transpose_forward",
    "cut a row too late",
    {LEFT: LEFT.replace("pad : pad + n_H", "pad + 1 : pad + 1 + n_H")},
)
edited(
    "conv_transpose_forward",
    "last channel missing",
    {"for k in range(n_C_prev)": "for k in range(n_C_prev - 1)"},
)
edited(
    "conv_transpose_forward",
    "channels of the output",
    {"for k in range(n_C_prev)": "for k in range(n_C)"},
)
edited("conv_transpose_forward", "window of 3", {"vert_start + f": "vert_start + 3"})
edited(
    "conv_transpose_forward",
    "stride in the rows only",
    {"horiz_start = w * stride": "horiz_start = w"},
    "stride in the rows only",
)
edited("conv_transpose_forward", "height from the width", SIZES)
edited("conv_transpose_forward", "stamp without the filter", {SCALED: "A_prev[i, h, w, k]"})
edited("conv_transpose_forward", "filter without the value", {SCALED: "W[:, :, :, k]"})
edited(
    "conv_transpose_forward",
    "averaged over the channels",
    {LEFT: LEFT.replace("+ b", "/ n_C_prev + b")},
)


edited(
    "conv_transpose_forward",
    "corner rows from w",
    {
        "for w in range(n_W_prev):": "for w in range(n_W_prev):\n"
        "                vert_start, vert_end = w * stride, w * stride + f"
    },
)

edited("conv_transpose_forward", "output_pad of one", {'hparameters.get("output_pad", 0)': "1"})

edited("conv_transpose_forward", "bias summed", {":] + b\n": ":] + b.sum()\n"})

edited(
    "conv_transpose_forward",
    "size of 'same', stride times the input",
    {
        "stride * (n_H_prev - 1) + f - 2 * pad + output_pad": "stride * n_H_prev",
        "stride * (n_W_prev - 1) + f - 2 * pad + output_pad": "stride * n_W_prev",
    },
)
