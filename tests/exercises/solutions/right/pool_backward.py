"""Correct solutions of pool_backward in common styles."""

import logging

import numpy as np

from tests.exercises.solutions.registry import right
from tests.exercises.solutions.right.create_mask_from_window import create_mask_from_window
from tests.exercises.solutions.right.distribute_value import distribute_value


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
