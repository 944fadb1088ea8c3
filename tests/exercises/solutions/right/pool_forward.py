"""Correct solutions of pool_forward in common styles."""

import functools
import sys

import numpy as np

from tests.exercises.solutions.registry import right


@right("pool_forward", "windows as a view")
def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    windows = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), (1, 2))
    windows = windows[:, ::stride, ::stride].reshape(
        len(A_prev), *(1 + (n - f) // stride for n in A_prev.shape[1:3]), A_prev.shape[3], f * f
    )
    return {"max": np.amax, "average": np.average}[mode](windows, -1), (A_prev, hparameters)


@right("pool_forward", "other loop order, started at -inf, prints")
def _(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = int(1 + (n_H_prev - f) / stride), int(1 + (n_W_prev - f) / stride)
    A = np.full((m, n_H, n_W, n_C), -np.inf if mode == "max" else 0.0)
    for y in range(f):
        for x in range(f):
            for c in range(n_C):
                for w in range(n_W):
                    for h in range(n_H):
                        value = A_prev[:, h * stride + y, w * stride + x, c]
                        if mode == "max":
                            A[:, h, w, c] = np.maximum(A[:, h, w, c], value)
                        else:
                            A[:, h, w, c] += value / f**2
        print(A)
    return A, [A_prev, hparameters]


@right("pool_forward", "all images and channels at once")
def _(A_prev, hparameters, mode, keep=None):
    f, s = hparameters["f"], hparameters["stride"]
    rows = range(0, A_prev.shape[1] - f + 1, s)
    columns = range(0, A_prev.shape[2] - f + 1, s)
    reduce = np.max if mode == "max" else np.mean
    planes = [[reduce(A_prev[:, y : y + f, x : x + f], axis=(1, 2)) for x in columns] for y in rows]
    return np.array(planes).transpose(2, 0, 1, 3), (A_prev, hparameters)


@right("pool_forward", "float32 inside, sorted windows, stderr")
def _(X, hp, mode):
    print("pooling", file=sys.stderr)
    A, cache = pool_forward(X.astype("float32"), hp, mode)
    return A.astype("float32"), (X * 1, dict(hp))


class _Pool:
    def forward(self, A_prev, hparameters, mode="max"):
        self.A, self.cache = pool_forward(A_prev, hparameters, mode)
        return self.A, self.cache


right("pool_forward", "a method", _Pool().forward)


@right("pool_forward", "fancy indices")
def _(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    y, x = (np.arange(0, n - f + 1, s)[:, None] + np.arange(f) for n in A_prev.shape[1:3])
    windows = A_prev[:, y[:, None, :, None], x[None, :, None, :]]
    return getattr(windows, {"max": "max", "average": "mean"}[mode])((3, 4)), (A_prev, hparameters)


@right("pool_forward", "functools.reduce over the places of the window")
def _(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    n_H, n_W = ((n - f) // s + 1 for n in A_prev.shape[1:3])
    places = [
        A_prev[:, y : y + s * n_H : s, x : x + s * n_W : s][:, :n_H, :n_W]
        for y in range(f)
        for x in range(f)
    ]
    if mode == "max":
        return functools.reduce(np.maximum, places), (A_prev, hparameters)
    return sum(places) / f**2, (A_prev, hparameters)


@right("pool_forward", "max and np.mean of Python lists")
def _(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    summary = {"max": max, "average": lambda items: sum(items) / len(items)}[mode]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    A = [
        [
            [
                [summary(A_prev[i, h : h + f, w : w + f, c].ravel().tolist()) for c in range(n_C)]
                for w in range(0, n_W_prev - f + 1, s)
            ]
            for h in range(0, n_H_prev - f + 1, s)
        ]
        for i in range(m)
    ]
    return np.array(A), (A_prev, hparameters)
