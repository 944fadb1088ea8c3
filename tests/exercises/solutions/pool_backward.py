"""Solutions of pool_backward: correct ones in common styles, and wrong ones."""

import logging

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.create_mask_from_window import create_mask_from_window
from tests.exercises.solutions.distribute_value import distribute_value
from tests.exercises.solutions.registry import Solutions

add = Solutions("pool_backward")


@add.right("all images and channels at once")
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


@add.right("other loop order, prints")
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


@add.right("to the first maximum, by argmax")
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


@add.right("float32 inside, logging")
def _(dA, cache, mode="max"):
    logging.getLogger().error("a word from the root logger")
    A_prev, hparameters = cache
    A_prev = A_prev.astype(np.float32)
    return pool_backward(dA.astype(np.float32), (A_prev, hparameters), mode).astype(np.float32)


class _PoolBackward:
    def __call__(self, gradient, memory, kind="max", verbose=False):
        return pool_backward(gradient, memory, kind)


add.right("renamed, an instance", _PoolBackward())


@add.right("windows as writable views, one by one")
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


@add.right("np.add.at")
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


@add.wrong("transposed")
def _(dA, cache, mode="max"):
    return vectorized.pool_backward(dA, cache, mode).transpose(0, 2, 1, 3)


@add.wrong("the stride is 1 and dA is cut")
def _(dA, cache, mode="max"):
    A_prev, hparameters = cache
    return vectorized.pool_backward(dA[:, :1, :1], (A_prev, {**hparameters, "stride": 1}), mode)


@add.wrong("f is 2, as published")
def _(dA, cache, mode="max"):
    return vectorized.pool_backward(dA, (cache[0], {**cache[1], "f": 2}), mode)


@add.wrong("mode left out")
def _(dA, cache):
    return vectorized.pool_backward(dA, cache)


MASKED, SPREAD = "create_mask_from_window(window) * da", "distribute_value(da, (f, f))"
MY_SPREAD = "np.full((f, f), da / {})"
add.edited("divided by f", {SPREAD: MY_SPREAD.format("f")})
add.edited("divided by 4", {SPREAD: MY_SPREAD.format("4")})
add.edited("divided by the size of dA", {SPREAD: MY_SPREAD.format("(n_H * n_W)")})
add.edited("average called avg", {'elif mode == "average"': 'elif mode == "avg"'})
add.edited("minimum", {MASKED: "(window == window.min()) * da"})
add.edited("maximum from 0", {MASKED: "(window == window.max(initial=0)) * da"})
add.edited("positive pixels", {MASKED: "(window > 0) * da"})
add.edited("mask times mask", {MASKED: "create_mask_from_window(window) * da**2"})
add.edited("first gradient", {"dA[i, h, w, c]": "dA[0, h, w, c]"})
add.edited("first channel's mask", {"window = a_prev": "window = a_prev[..., :1].repeat(n_C, -1)"})
add.edited("last row missing", {"range(n_H)": "range(n_H - 1)"})
add.edited("a row too many", {"range(n_H)": "range(n_H + 1)"})
add.edited("one image", {"range(m)": "range(1)"})
add.edited("from ones", {"np.zeros(A_prev.shape)": "np.ones(A_prev.shape)"})
add.edited("into A_prev", {"np.zeros(A_prev.shape)": "A_prev"})


add.edited(
    "activations stored for gradients",
    {"c] += share": "c] += A_prev[i, vert_start:vert_end, horiz_start:horiz_end, c]"},
)

add.edited(
    "whole shape of dA", {"distribute_value(da, (f, f))": "distribute_value(da, (n_H, n_W))"}
)

add.edited(
    "shape of the image",
    {"distribute_value(da, (f, f))": "np.full((f, f), da / (A_prev.shape[1] * A_prev.shape[2]))"},
)

add.edited(
    "all channels in the mask",
    {
        "= a_prev[vert_start:vert_end, horiz_start:horiz_end, c]": "= a_prev["
        "vert_start:vert_end, horiz_start:horiz_end].max(axis=2)"
    },
)

add.edited(
    "mask of dA",
    {"create_mask_from_window(window) * da": "create_mask_from_window(window * da) * da"},
)

add.edited(
    "gradient of all of dA",
    {"share = distribute_value(da,": "share = distribute_value(dA[i, :, :, c].sum(),"},
)

add.edited(
    "maximum of the image",
    {"create_mask_from_window(window)": "(window == np.max(a_prev[:, :, c]))"},
)


@add.wrong("repeated")
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
