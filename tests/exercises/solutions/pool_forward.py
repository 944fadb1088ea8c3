"""Solutions of pool_forward: correct ones in common styles, and wrong ones."""

import functools
import sys

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import Solutions

add = Solutions("pool_forward")


@add.right("windows as a view")
def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    windows = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), (1, 2))
    windows = windows[:, ::stride, ::stride].reshape(
        len(A_prev), *(1 + (n - f) // stride for n in A_prev.shape[1:3]), A_prev.shape[3], f * f
    )
    return {"max": np.amax, "average": np.average}[mode](windows, -1), (A_prev, hparameters)


@add.right("other loop order, started at -inf, prints")
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


@add.right("all images and channels at once")
def _(A_prev, hparameters, mode, keep=None):
    f, s = hparameters["f"], hparameters["stride"]
    rows = range(0, A_prev.shape[1] - f + 1, s)
    columns = range(0, A_prev.shape[2] - f + 1, s)
    reduce = np.max if mode == "max" else np.mean
    planes = [[reduce(A_prev[:, y : y + f, x : x + f], axis=(1, 2)) for x in columns] for y in rows]
    return np.array(planes).transpose(2, 0, 1, 3), (A_prev, hparameters)


@add.right("float32 inside, sorted windows, stderr")
def _(X, hp, mode):
    print("pooling", file=sys.stderr)
    A, cache = pool_forward(X.astype("float32"), hp, mode)
    return A.astype("float32"), (X * 1, dict(hp))


class _Pool:
    def forward(self, A_prev, hparameters, mode="max"):
        self.A, self.cache = pool_forward(A_prev, hparameters, mode)
        return self.A, self.cache


add.right("a method", _Pool().forward)


@add.right("fancy indices")
def _(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    y, x = (np.arange(0, n - f + 1, s)[:, None] + np.arange(f) for n in A_prev.shape[1:3])
    windows = A_prev[:, y[:, None, :, None], x[None, :, None, :]]
    return getattr(windows, {"max": "max", "average": "mean"}[mode])((3, 4)), (A_prev, hparameters)


@add.right("functools.reduce over the places of the window")
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


@add.right("max and np.mean of Python lists")
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


# Wrong solutions that are not among the known mistakes


@add.wrong("the stride is f")
def _(A_prev, hparameters, mode="max"):
    f = hparameters["f"]
    return vectorized.pool_forward(A_prev, {"f": f, "stride": f}, mode)


@add.wrong("f is 2")
def _(A_prev, hparameters, mode="max"):
    return vectorized.pool_forward(A_prev, {**hparameters, "f": 2}, mode)


@add.wrong("f is 3, as published")
def _(A_prev, hparameters, mode="max"):
    return vectorized.pool_forward(A_prev, {**hparameters, "f": 3}, mode)


@add.wrong("mode left out")
def _(A_prev, hparameters):
    return vectorized.pool_forward(A_prev, hparameters)


@add.wrong("the cache is a copy with other parameters")
def _(A_prev, hparameters, mode):
    return vectorized.pool_forward(A_prev, hparameters, mode)[0], (A_prev, {"f": 2, "stride": 1})


@add.wrong("pooled over the images")
def _(A_prev, hparameters, mode):
    A, cache = vectorized.pool_forward(A_prev, hparameters, mode)
    return A.max(axis=0, keepdims=True) + 0 * A, cache


add.edited("average called avg", {'elif mode == "average"': 'elif mode == "avg"'})
add.edited("median", {"np.mean": "np.median"})
add.edited("place of the maximum", {"np.max": "np.argmax"})
add.edited("divided by f", {"np.mean(a_prev_slice)": "np.sum(a_prev_slice) / f"})
add.edited("divided by f + f", {"np.mean(a_prev_slice)": "np.sum(a_prev_slice) / (f + f)"})
add.edited("divided by 4", {"np.mean(a_prev_slice)": "np.sum(a_prev_slice) / 4"})
add.edited("maximum of the first row", {"np.max(a_prev_slice)": "np.max(a_prev_slice[0])"})
add.edited("without its corner", {"np.max(a_prev_slice)": "np.max(a_prev_slice.flat[:-1])"})
add.edited("first channel only", {"horiz_start:horiz_end, c]": "horiz_start:horiz_end, 0]"})
add.edited("last channel missing", {"for c in range(n_C)": "for c in range(n_C - 1)"})
add.edited("h and w swapped in A", {"A[i, h, w, c] = np.max": "A[i, w, h, c] = np.max"})
add.edited("one image", {"for i in range(m)": "for i in range(1)"})
add.edited("image divided by m", {"np.mean(a_prev_slice)": "np.mean(a_prev_slice) / m"})


add.edited("average only when stride is f", {'elif mode == "average"': "elif stride == f"})

add.edited(
    "mean and max of absolute values",
    {
        "np.max(a_prev_slice)": "np.max(np.abs(a_prev_slice))",
        "np.mean(a_prev_slice)": "np.mean(np.abs(a_prev_slice))",
    },
)

add.edited(
    "max returned where a mask was meant",
    {"np.max(a_prev_slice)": "np.sum(a_prev_slice == np.max(a_prev_slice))"},
)

add.edited("maximum from -1", {"np.max(a_prev_slice)": "max(-1, np.max(a_prev_slice))"})

add.edited("maximum from -100", {"np.max(a_prev_slice)": "max(-100, np.max(a_prev_slice))"})

add.edited(
    "window of f + 1",
    {
        "vert_end = vert_start + f": "vert_end = vert_start + f + 1",
        "horiz_end = horiz_start + f": "horiz_end = horiz_start + f + 1",
    },
)

add.edited(
    "window of f - 1",
    {
        "vert_end = vert_start + f": "vert_end = vert_start + max(1, f - 1)",
        "horiz_end = horiz_start + f": "horiz_end = horiz_start + max(1, f - 1)",
    },
)


@add.wrong("reshaped into blocks of f")
def _(A_prev, hparameters, mode="max"):
    f = hparameters["f"]
    m, H, W, C = A_prev.shape
    h, w = (H // f, W // f)
    blocks = A_prev[:, : h * f, : w * f].reshape(m, h, f, w, f, C)
    A = blocks.max(axis=(2, 4)) if mode == "max" else blocks.mean(axis=(2, 4))
    return A, (A_prev, hparameters)


@add.wrong("vectorized, average divided by f")
def _(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    view = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), axis=(1, 2))[:, ::s, ::s]
    A = view.max(axis=(4, 5)) if mode == "max" else view.sum(axis=(4, 5)) / f
    return A, (A_prev, hparameters)


@add.wrong("vectorized, over the wrong axes")
def _(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    view = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), axis=(1, 2))[:, ::s, ::s]
    A = view.max(axis=(3, 4)) if mode == "max" else view.mean(axis=(3, 4))
    return A, (A_prev, hparameters)


@add.wrong("maximum of the average rows")
def _(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    m, H, W, C = A_prev.shape
    n_H, n_W = ((H - f) // s + 1, (W - f) // s + 1)
    A = np.zeros((m, n_H, n_W, C))
    for h in range(n_H):
        for w in range(n_W):
            win = A_prev[:, h * s : h * s + f, w * s : w * s + f].copy()
            A[:, h, w] = (
                win.max(axis=1).max(axis=1) if mode == "max" else win.mean(axis=1).max(axis=1)
            )
    return A, (A_prev, hparameters)


@add.wrong("as many windows as strides")
def _(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    m, H, W, C = A_prev.shape
    n_H, n_W = (H // s, W // s)
    A = np.zeros((m, n_H, n_W, C))
    op = np.max if mode == "max" else np.mean
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(C):
                    A[i, h, w, c] = op(A_prev[i, h * s : h * s + f, w * s : w * s + f, c])
    return A, (A_prev, hparameters)
