"""Wrong solutions of conv_backward that are not among its known mistakes."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.broken import CHANGING
from tests.exercises.solutions.registry import edited, wrong


@wrong("conv_backward", "in another order", "dA_prev and dW in each other's place")
def _(dZ, cache):
    dA_prev, dW, db = vectorized.conv_backward(dZ, cache)
    return dW, dA_prev, db


@wrong("conv_backward", "two values")
def _(dZ, cache):
    return vectorized.conv_backward(dZ, cache)[:2]


@wrong("conv_backward", "db of shape (n_C,)")
def _(dZ, cache):
    dA_prev, dW, db = vectorized.conv_backward(dZ, cache)
    return dA_prev, dW, db.ravel()


@wrong("conv_backward", "dA_prev transposed")
def _(dZ, cache):
    dA_prev, dW, db = vectorized.conv_backward(dZ, cache)
    return dA_prev.transpose(0, 2, 1, 3), dW, db


@wrong("conv_backward", "dW transposed")
def _(dZ, cache):
    dA_prev, dW, db = vectorized.conv_backward(dZ, cache)
    return dA_prev, dW.transpose(1, 0, 2, 3), db


@wrong("conv_backward", "dW not computed")
def _(dZ, cache):
    dA_prev, dW, db = vectorized.conv_backward(dZ, cache)
    return dA_prev, None, db


@wrong("conv_backward", "stride of the published test")
def _(dZ, cache):
    return vectorized.conv_backward(dZ, (*cache[:3], {**cache[3], "stride": 2}))


@wrong("conv_backward", "clipped")
def _(dZ, cache):
    return tuple(np.clip(x, -3, 3) for x in vectorized.conv_backward(dZ, cache))


ADD_A = "da_slice += W[:, :, :, c] * dZ[i, h, w, c]"
ADD_W = "dW[:, :, :, c] += a_slice * dZ[i, h, w, c]"
ADD_B = "db[:, :, :, c] += dZ[i, h, w, c]"
UNPAD = "dA_prev[i] = da_prev_pad[pad : pad + n_H_prev, pad : pad + n_W_prev, :]"
STARTED = "np.zeros(A_prev.shape)"
edited(
    "conv_backward",
    "stride in the rows only",
    {"horiz_start = w * stride": "horiz_start = w"},
    "stride in the rows only",
)
edited(
    "conv_backward",
    "cut at the wrong end",
    {UNPAD: "dA_prev[i] = da_prev_pad[:n_H_prev, :n_W_prev]"},
)
edited("conv_backward", "never stored", {UNPAD: "pass"})
edited(
    "conv_backward",
    "dA_prev from random numbers",
    {STARTED: "np.random.randn(*A_prev.shape)", UNPAD: UNPAD.replace("= ", "+= ", 1)},
    *CHANGING,
)
edited(
    "conv_backward",
    "db from random numbers",
    {"np.zeros(b.shape)": "np.random.randn(*b.shape)"},
    *CHANGING,
)
edited("conv_backward", "from ones", {"np.zeros(b.shape)": "np.ones(b.shape)"})
edited(
    "conv_backward",
    "h and w swapped in dW",
    {ADD_W: ADD_W.replace("h, w, c]", "min(w, n_H - 1), min(h, n_W - 1), c]")},
)
edited("conv_backward", "a row too many", {"range(n_H)": "range(n_H + 1)"})
edited("conv_backward", "a column too many", {"range(n_W)": "range(n_W + 1)"})
edited("conv_backward", "an image too many", {"range(m)": "range(m + 1)"})
edited("conv_backward", "last row missing", {"range(n_H)": "range(n_H - 1)"})
edited(
    "conv_backward",
    "averaged over the pixels",
    {"return dA_prev, dW, db": "return dA_prev, dW, db / (n_H * n_W)"},
    "db averaged over the positions",
)
edited(
    "conv_backward", "dA_prev averaged", {"return dA_prev, dW, db": "return dA_prev / m, dW, db"}
)
edited("conv_backward", "signs turned", {ADD_A: ADD_A.replace("+=", "-=")})
edited(
    "conv_backward",
    "dW and db subtracted",
    {ADD_W: ADD_W.replace("+=", "-="), ADD_B: ADD_B.replace("+=", "-=")},
)
edited(
    "conv_backward", "first filter only", {ADD_A: ADD_A.replace("W[:, :, :, c]", "W[:, :, :, 0]")}
)
edited(
    "conv_backward", "dZ left out of dW", {ADD_W: "dW[:, :, :, c] += a_slice"}, "dZ left out of dW"
)
edited("conv_backward", "outputs counted", {ADD_B: "db[:, :, :, c] += 1"}, "outputs counted in db")
edited("conv_backward", "filters over the channels", {"range(n_C)": "range(n_C_prev)"})
edited("conv_backward", "window as large as the stride", {"vert_start + f": "vert_start + stride"})
edited("conv_backward", "nothing but db", {ADD_A: "pass", ADD_W: "pass"})


edited(
    "conv_backward",
    "first image of dZ in dW",
    {"a_slice * dZ[i, h, w, c]": "a_slice * dZ[0, h, w, c]"},
)

edited(
    "conv_backward",
    "cut by 1",
    {"[pad : pad + n_H_prev, pad : pad + n_W_prev, :]": "[1:-1, 1:-1, :]"},
)

edited(
    "conv_backward",
    "cut by 2",
    {"[pad : pad + n_H_prev, pad : pad + n_W_prev, :]": "[2:-2, 2:-2, :]"},
)

edited(
    "conv_backward",
    "bias times the gradient",
    {"db[:, :, :, c] += dZ[i, h, w, c]": "db[:, :, :, c] += b[:, :, :, c] * dZ[i, h, w, c]"},
)

edited(
    "conv_backward",
    "whole W",
    {"da_slice += W[:, :, :, c] * dZ[i, h, w, c]": "da_slice += W.sum(axis=3) * dZ[i, h, w, c]"},
)

edited("conv_backward", "first filter alone", {"for c in range(n_C)": "for c in range(1)"})

edited(
    "conv_backward",
    "dA_prev and da_slice not a view",
    {"horiz_start:horiz_end, :]  # a view": "horiz_start:horiz_end, :].copy()"},
)

edited(
    "conv_backward",
    "corner rows from w",
    {
        "for w in range(n_W):": "for w in range(n_W):\n"
        "                vert_start, vert_end = w * stride, w * stride + f"
    },
)

edited(
    "conv_backward",
    "filter transposed",
    {"W[:, :, :, c] * dZ": "W[:, :, :, c].transpose(1, 0, 2) * dZ"},
)

edited(
    "conv_backward", "divided by n_C", {"return dA_prev, dW, db": "return dA_prev / n_C, dW, db"}
)

edited(
    "conv_backward",
    "dZ times W in dW",
    {"a_slice * dZ[i, h, w, c]": "W[:, :, :, c] * dZ[i, h, w, c]"},
)

edited(
    "conv_backward",
    "cut without pad",
    {"[pad : pad + n_H_prev, pad : pad + n_W_prev, :]": "[:n_H_prev, :n_W_prev, :]"},
)
