"""Wrong solutions of conv_forward that are not among its known mistakes."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import edited, wrong


@wrong("conv_forward", "Z alone")
def _(*arguments):
    return vectorized.conv_forward(*arguments)[0]


@wrong("conv_forward", "cache first")
def _(*arguments):
    return vectorized.conv_forward(*arguments)[::-1]


@wrong("conv_forward", "three values")
def _(*arguments):
    return *vectorized.conv_forward(*arguments), None


@wrong("conv_forward", "channels first")
def _(*arguments):
    Z, cache = vectorized.conv_forward(*arguments)
    return Z.transpose(0, 3, 1, 2), cache


@wrong("conv_forward", "height and width of the result swapped")
def _(*arguments):
    Z, cache = vectorized.conv_forward(*arguments)
    return Z.transpose(0, 2, 1, 3), cache


@wrong("conv_forward", "negative outputs cut off")
def _(*arguments):
    Z, cache = vectorized.conv_forward(*arguments)
    return np.maximum(Z, 0), cache


@wrong("conv_forward", "cache of ragged lists")
def _(A_prev, W, b, hparameters):
    return vectorized.conv_forward(A_prev, W, b, hparameters)[0], ([[1], [1, 2]], W, b, {})


@wrong("conv_forward", "the stride that was published")
def _(A_prev, W, b, hparameters):
    return vectorized.conv_forward(A_prev, W, b, {**hparameters, "stride": 2})


@wrong("conv_forward", "the padding that was published")
def _(A_prev, W, b, hparameters):
    return vectorized.conv_forward(A_prev, W, b, {**hparameters, "pad": 1})


@wrong("conv_forward", "padding ignored", "padding left out")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorized.conv_forward(A_prev, W, b, {**hparameters, "pad": 0})
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "stride ignored in the size too", "stride ignored in the size too")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorized.conv_forward(A_prev, W, b, {**hparameters, "stride": 1})
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "cropped to a square")
def _(A_prev, W, b, hparameters):
    n = min(A_prev.shape[1:3])
    Z, _ = vectorized.conv_forward(A_prev[:, :n, :n], W, b, hparameters)
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "the mean of the biases")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorized.conv_forward(A_prev, W, b.mean() + 0 * b, hparameters)
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "cache of copies that were changed")
def _(A_prev, W, b, hparameters):
    Z, _ = vectorized.conv_forward(A_prev, W, b, hparameters)
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
    "conv_forward", "normalized weights", {"weights = W[:, :, :, c]": "weights = W[:, :, :, c] / f"}
)


edited(
    "conv_forward",
    "whole b passed, summed",
    {"conv_single_step(a_slice_prev, weights, biases)": "np.sum(a_slice_prev * weights) + b.sum()"},
)

edited("conv_forward", "padded by 1", {"zero_pad(A_prev, pad)": "zero_pad(A_prev, 1)"})

edited("conv_forward", "padded by 2", {"zero_pad(A_prev, pad)": "zero_pad(A_prev, 2)"})

edited("conv_forward", "f is 3", {"n_H = (": "f = 3\n    n_H = ("})

edited("conv_forward", "f is 2", {"n_H = (": "f = 2\n    n_H = ("})

edited(
    "conv_forward",
    "corner rows from w",
    {
        "for w in range(n_W):": "for w in range(n_W):\n"
        "                vert_start, vert_end = w * stride, w * stride + f"
    },
)

edited("conv_forward", "corner from i", {"vert_start = h * stride": "vert_start = i * stride"})

edited("conv_forward", "last image", {"a_prev_pad = A_prev_pad[i]": "a_prev_pad = A_prev_pad[-1]"})

edited(
    "conv_forward",
    "one range too short",
    {"range(n_H)": "range(n_H - 1)", "range(n_W)": "range(n_W - 1)"},
)

edited(
    "conv_forward",
    "pad taken for the stride",
    {
        "vert_start = h * stride": "vert_start = h * pad",
        "horiz_start = w * stride": "horiz_start = w * pad",
    },
)

edited(
    "conv_forward",
    "loops over the input",
    {"range(n_H)": "range(n_H_prev)", "range(n_W)": "range(n_W_prev)"},
)

edited("conv_forward", "filters transposed", {"W[:, :, :, c]": "W[:, :, :, c].transpose(1, 0, 2)"})

edited("conv_forward", "last filter only", {"W[:, :, :, c]": "W[:, :, :, -1]"})


@wrong("conv_forward", "vectorized, bias for each product")
def _(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    X = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    n_H = (X.shape[1] - f) // s + 1
    n_W = (X.shape[2] - f) // s + 1
    Z = np.zeros((len(X), n_H, n_W, W.shape[3])) + b
    for r in range(f):
        for q in range(f):
            Z += X[:, r : r + n_H * s : s, q : q + n_W * s : s] @ W[r, q] + b
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "vectorized, end without the stride")
def _(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    X = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(X, (f, f), axis=(1, 2))
    Z = np.einsum("ihwkrq,rqkc->ihwc", view, W) + b
    return (Z[:, :, :][:, ::s], (A_prev, W, b, hparameters))


@wrong("conv_forward", "vectorized, row and column of the kernel exchanged")
def _(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    X = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(X, (f, f), axis=(1, 2))[:, ::s, ::s]
    Z = np.einsum("ihwkrq,qrkc->ihwc", view, W) + b
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "im2col, channels before rows")
def _(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    X = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(X, (f, f), axis=(1, 2))[:, ::s, ::s]
    m, n_H, n_W = view.shape[:3]
    Z = view.reshape(m, n_H, n_W, -1) @ W.reshape(-1, W.shape[3]) + b
    return Z, (A_prev, W, b, hparameters)


@wrong("conv_forward", "starts by range with a stride, last window missing")
def _(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    f, f, _, n_C = W.shape
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    X = vectorized.zero_pad(A_prev, pad)
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h, top in enumerate(range(0, X.shape[1] - f, stride)):
            for w, left in enumerate(range(0, X.shape[2] - f, stride)):
                for c in range(n_C):
                    Z[i, h, w, c] = vectorized.conv_single_step(
                        X[i, top : top + f, left : left + f], W[..., c], b[..., c]
                    )
    return Z, (A_prev, W, b, hparameters)


edited("conv_forward", "average filter", {"W[:, :, :, c]": "W.mean(axis=3)"})

edited(
    "conv_forward",
    "padding in the width only",
    {"zero_pad(A_prev, pad)": "np.pad(A_prev, ((0, 0), (0, 0), (pad, pad), (0, 0)))"},
)

edited(
    "conv_forward",
    "Z in the cache",
    {"cache = (A_prev, W, b, hparameters)": "cache = (Z, W, b, hparameters)"},
)
