"""Solutions of pool_backward: correct ones in common styles, and wrong ones."""

import logging

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.create_mask_from_window import create_mask_from_window
from tests.exercises.solutions.distribute_value import distribute_value
from tests.exercises.solutions.registry import edited, right, wrong


@right("pool_backward", "all images and channels at once")
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, s = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros_like(A_prev)
    for h in range(dA.shape[1]):
        for w in range(dA.shape[2]):
            window = np.s_[:, h * s : h * s + f, w * s : w * s + f]
            share = dA[:, h, w][:, None, None]
            if mode == "max":
                seen = A_prev[window]
                dA_prev[window] += (seen == seen.max(axis=(1, 2), keepdims=True)) * share
            else:
                dA_prev[window] += share / f**2
    return dA_prev


@right("pool_backward", "other loop order, prints")
def _(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for c in range(dA.shape[3]):
        for w in range(dA.shape[2]):
            for h in range(dA.shape[1]):
                for i in range(dA.shape[0]):
                    top, left, da = h * stride, w * stride, dA[i, h, w, c]
                    window = np.s_[i, top : top + f, left : left + f, c]
                    print(window, da)
                    if mode == "max":
                        dA_prev[window] += da * create_mask_from_window(A_prev[window])
                    if mode == "average":
                        dA_prev[window] += distribute_value(da, (f, f))
    return dA_prev


@right("pool_backward", "to the first maximum, by argmax")
def _(dA, cache, mode):
    A_prev, hp = cache
    f, s = hp["f"], hp["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):
        window = A_prev[i, h * s : h * s + f, w * s : w * s + f, c]
        if mode == "max":
            y, x = divmod(int(np.argmax(window)), f)
            dA_prev[i, h * s + y, w * s + x, c] += dA[i, h, w, c]
        else:
            dA_prev[i, h * s : h * s + f, w * s : w * s + f, c] += dA[i, h, w, c] / (f * f)
    return dA_prev


@right("pool_backward", "float32 inside, logging")
def _(dA, cache, mode="max"):
    logging.getLogger().error("a word from the root logger")
    A_prev, hparameters = cache
    A_prev = A_prev.astype(np.float32)
    return pool_backward(dA.astype(np.float32), (A_prev, hparameters), mode).astype(np.float32)


class _PoolBackward:
    def __call__(self, gradient, memory, kind="max", verbose=False):
        return pool_backward(gradient, memory, kind)


right("pool_backward", "renamed, an instance", _PoolBackward())


@right("pool_backward", "windows as writable views, one by one")
def _(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, s = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):
        y, x = h * s, w * s
        view, window = (a[i, y : y + f, x : x + f, c] for a in (dA_prev, A_prev))
        view += (
            create_mask_from_window(window) * dA[i, h, w, c]
            if mode == "max"
            else distribute_value(dA[i, h, w, c], window.shape)
        )
    return dA_prev


@right("pool_backward", "np.add.at")
def _(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, s = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    i, h, w, c = np.indices(dA.shape).reshape(4, -1)
    values = dA[i, h, w, c]
    offsets = np.indices((f, f)).reshape(2, -1)
    y, x = h[:, None] * s + offsets[0], w[:, None] * s + offsets[1]
    if mode == "max":
        best = A_prev[i[:, None], y, x, c[:, None]].argmax(1)[:, None]
        y, x = np.take_along_axis(y, best, 1), np.take_along_axis(x, best, 1)
        np.add.at(dA_prev, (i[:, None], y, x, c[:, None]), values[:, None])
    else:
        np.add.at(dA_prev, (i[:, None], y, x, c[:, None]), values[:, None] / f**2)
    return dA_prev


# Wrong solutions that are not among the known mistakes


@wrong("pool_backward", "transposed")
def _(dA, cache, mode="max"):
    return vectorized.pool_backward(dA, cache, mode).transpose(0, 2, 1, 3)


@wrong("pool_backward", "with the cache")
def _(dA, cache, mode="max"):
    return vectorized.pool_backward(dA, cache, mode), cache


@wrong("pool_backward", "the stride is 1 and dA is cut")
def _(dA, cache, mode="max"):
    A_prev, hparameters = cache
    return vectorized.pool_backward(dA[:, :1, :1], (A_prev, {**hparameters, "stride": 1}), mode)


@wrong("pool_backward", "f is 2, as published")
def _(dA, cache, mode="max"):
    return vectorized.pool_backward(dA, (cache[0], {**cache[1], "f": 2}), mode)


@wrong("pool_backward", "the shape of dA")
def _(dA, cache, mode="max"):
    return dA.copy()


@wrong("pool_backward", "mode left out")
def _(dA, cache):
    return vectorized.pool_backward(dA, cache)


MASKED, SPREAD = "create_mask_from_window(window) * da", "distribute_value(da, (f, f))"
MY_SPREAD = "np.full((f, f), da / {})"
ADD = "dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += share"
edited(
    "pool_backward",
    "stride in the rows only",
    {"horiz_start = w * stride": "horiz_start = w"},
    "stride in the rows only",
)
edited(
    "pool_backward",
    "stride in the columns only",
    {"vert_start = h * stride": "vert_start = h"},
    "stride in the columns only",
)
edited(
    "pool_backward", "divided by f + f", {SPREAD: MY_SPREAD.format("(f + f)")}, "divided by f + f"
)
edited("pool_backward", "divided by f", {SPREAD: MY_SPREAD.format("f")})
edited("pool_backward", "divided by 4", {SPREAD: MY_SPREAD.format("4")})
edited("pool_backward", "divided by the size of dA", {SPREAD: MY_SPREAD.format("(n_H * n_W)")})
edited("pool_backward", "average called avg", {'elif mode == "average"': 'elif mode == "avg"'})
edited("pool_backward", "minimum", {MASKED: "(window == window.min()) * da"})
edited("pool_backward", "maximum from 0", {MASKED: "(window == window.max(initial=0)) * da"})
edited("pool_backward", "positive pixels", {MASKED: "(window > 0) * da"})
edited(
    "pool_backward",
    "weighted by the window",
    {MASKED: "window * da"},
    "the window instead of the mask",
)
edited("pool_backward", "mask times mask", {MASKED: "create_mask_from_window(window) * da**2"})
edited("pool_backward", "subtracted", {ADD: ADD.replace("+=", "-=")})
edited(
    "pool_backward",
    "h and w swapped in dA",
    {"dA[i, h, w, c]": "dA[i, w, h, c]"},
    "h and w swapped in dA",
)
edited("pool_backward", "first gradient", {"dA[i, h, w, c]": "dA[0, h, w, c]"})
edited(
    "pool_backward",
    "first channel's mask",
    {"window = a_prev": "window = a_prev[..., :1].repeat(n_C, -1)"},
)
edited("pool_backward", "last row missing", {"range(n_H)": "range(n_H - 1)"})
edited("pool_backward", "a row too many", {"range(n_H)": "range(n_H + 1)"})
edited("pool_backward", "one image", {"range(m)": "range(1)"})
edited("pool_backward", "from ones", {"np.zeros(A_prev.shape)": "np.ones(A_prev.shape)"})
edited(
    "pool_backward",
    "from A_prev",
    {"np.zeros(A_prev.shape)": "A_prev.copy()"},
    "started from A_prev",
)
edited("pool_backward", "into A_prev", {"np.zeros(A_prev.shape)": "A_prev"})


edited(
    "pool_backward", "average if mode is avg", {'elif mode == "average":': 'elif mode == "avg":'}
)

edited(
    "pool_backward", "first image of A_prev, of dA", {"da = dA[i, h, w, c]": "da = dA[0, h, w, c]"}
)

edited(
    "pool_backward",
    "activations stored for gradients",
    {"c] += share": "c] += A_prev[i, vert_start:vert_end, horiz_start:horiz_end, c]"},
)

edited(
    "pool_backward",
    "whole shape of dA",
    {"distribute_value(da, (f, f))": "distribute_value(da, (n_H, n_W))"},
)

edited(
    "pool_backward",
    "shape of the image",
    {"distribute_value(da, (f, f))": "np.full((f, f), da / (A_prev.shape[1] * A_prev.shape[2]))"},
)

edited(
    "pool_backward",
    "all channels in the mask",
    {
        "= a_prev[vert_start:vert_end, horiz_start:horiz_end, c]": "= a_prev["
        "vert_start:vert_end, horiz_start:horiz_end].max(axis=2)"
    },
)

edited(
    "pool_backward",
    "mask of dA",
    {"create_mask_from_window(window) * da": "create_mask_from_window(window * da) * da"},
)

edited(
    "pool_backward",
    "gradient of all of dA",
    {"share = distribute_value(da,": "share = distribute_value(dA[i, :, :, c].sum(),"},
)

edited(
    "pool_backward",
    "corner rows from w",
    {
        "for w in range(n_W):": "for w in range(n_W):\n"
        "                vert_start, vert_end = w * stride, w * stride + f"
    },
    "vertical corners from w",
)

edited(
    "pool_backward",
    "maximum of the image",
    {"create_mask_from_window(window)": "(window == np.max(a_prev[:, :, c]))"},
)


@wrong("pool_backward", "repeated")
def _(dA, cache, mode="max"):
    A_prev, hp = cache
    f = hp["f"]
    up = dA.repeat(f, axis=1).repeat(f, axis=2)
    out = np.zeros(A_prev.shape)
    h, w = (min(up.shape[1], out.shape[1]), min(up.shape[2], out.shape[2]))
    out[:, :h, :w] = up[:, :h, :w]
    if mode == "average":
        out /= f * f
    return out
