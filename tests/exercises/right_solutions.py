"""Right solutions in the styles that people write, beside the taught ones: none may lose a point.

Each function is registered under its exercise; a test's id is the style. Helpers that a solution
calls are the ones defined here first, as in a notebook.
"""

import collections
import functools
import logging
import math
import os
import sys
import warnings

import numpy as np

from exercises import lenet

RIGHT = {}  # exercise name -> {style: function}


def right(name, style, function=None):
    """Register a right solution; used as a decorator where `function` is left out."""

    def add(function):
        RIGHT.setdefault(name, {})[style] = function
        return function

    return add if function is None else add(function)


# zero_pad


@right("zero_pad", "assigned into zeros")
def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C))
    X_pad[:, pad : pad + n_H, pad : pad + n_W, :] = X
    return X_pad


@right("zero_pad", "image by image, with prints")
def _(images, p):
    padded = []
    for image in images:
        print("padding", image.shape, image)
        padded.append(np.pad(image, ((p, p), (p, p), (0, 0)), "constant", constant_values=0))
    return np.array(padded)


@right("zero_pad", "concatenated")
def _(X, pad):
    m, n_H, n_W, n_C = X.shape
    rows = np.zeros((m, pad, n_W, n_C), X.dtype)
    X = np.concatenate([rows, X, rows], axis=1)
    columns = np.zeros((m, n_H + 2 * pad, pad, n_C))
    return np.concatenate([columns, X, columns], axis=2)


@right("zero_pad", "axis by axis, Fortran order")
def _(X, pad, value=0):
    padded = np.full(np.array(X.shape) + [0, 2 * pad, 2 * pad, 0], value, order="F", dtype=float)
    for i, row, column, c in np.ndindex(X.shape):
        padded[i, row + pad, column + pad, c] = X[i, row, column, c]
    return padded


right(
    "zero_pad",
    "functools.partial",
    functools.partial(
        lambda mode, X, p: np.pad(X, [(0, 0), (p, p), (p, p), (0, 0)], mode), "constant"
    ),
)


@right("zero_pad", "float32 result")
def _(X, pad):
    return np.pad(X.astype(np.float32), ((0, 0), (pad, pad), (pad, pad), (0, 0)))


# conv_single_step


@right("conv_single_step", "np.float64 scalar")
def conv_single_step(a_slice_prev, W, b):
    return np.float64(np.sum(np.multiply(a_slice_prev, W)) + b[0, 0, 0])


@right("conv_single_step", "Python float")
def _(a, W, b):
    return float(np.sum(a * W)) + float(b.item())


@right("conv_single_step", "0-d array")
def _(a, W, b):
    return np.asarray(np.vdot(a, W)) + np.squeeze(b)


@right("conv_single_step", "loops, with prints")
def _(a_slice_prev, W, b):
    total = 0
    for place in np.ndindex(W.shape):
        total += a_slice_prev[place] * W[place]
        print(place, total)
    return total + b.reshape(-1)[0]


@right("conv_single_step", "einsum, warnings and stderr")
def _(a, W, b):
    warnings.warn("slow", stacklevel=1)
    warnings.warn("old", DeprecationWarning, stacklevel=1)
    print("a word on stderr", file=sys.stderr)
    logging.getLogger("student").warning("and one more")
    return np.einsum("hwc,hwc->", a, W) + b.sum()


@right("conv_single_step", "float32 inside")
def _(a, W, b, dtype=np.float32):
    return np.sum(a.astype(dtype) * W.astype(dtype), dtype=dtype) + b.astype(dtype).item()


@right("conv_single_step", "dot of flat arrays")
def _(a, W, b):
    return a.ravel() @ W.ravel() + b.ravel() @ [1.0]


class _SingleStep:
    def __init__(self):
        self.calls = 0

    def __call__(self, a_slice_prev, W, b):
        self.calls += 1
        return (a_slice_prev * W).sum() + b[0][0][0]


right("conv_single_step", "an instance", _SingleStep())


# conv_forward


@right("conv_forward", "einsum over windows")
def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded, f = zero_pad(A_prev, pad), W.shape[0]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (f, f), (1, 2))
    Z = np.einsum("ihwcyx,yxcn->ihwn", windows[:, ::stride, ::stride], W) + b
    return Z, (A_prev, W, b, hparameters)


@right("conv_forward", "other loop order, cache as a list, prints")
def _(A_prev, W, b, hparameters):
    f, stride, pad = len(W), hparameters["stride"], hparameters["pad"]
    n_H = int(np.floor((A_prev.shape[1] - f + 2 * pad) / stride)) + 1
    n_W = int((A_prev.shape[2] - f + 2 * pad) / stride) + 1
    Z, padded = np.zeros((A_prev.shape[0], n_H, n_W, W.shape[3])), zero_pad(A_prev, pad)
    for c in range(W.shape[3]):
        for w in range(n_W):
            for h in range(n_H):
                print("c", c, "w", w, "h", h)
                for i, image in enumerate(padded):
                    window = image[h * stride : h * stride + f, w * stride : w * stride + f]
                    Z[i, h, w, c] = conv_single_step(window, W[..., c], b[..., c])
    return Z, [A_prev, W, b, hparameters]


@right("conv_forward", "float32 inside, copies in the cache")
def _(A_prev, W, b, hparameters):
    small = [x.astype(np.float32) for x in (A_prev, W, b)]
    Z, _ = conv_forward(*small, hparameters)
    return Z.astype(np.float32), (A_prev.copy(), W.copy(), b.copy(), dict(hparameters))


@right("conv_forward", "all images and filters at once")
def _(A, W, b, hp, verbose=True):
    stride, pad, f = hp["stride"], hp["pad"], W.shape[0]
    rows = range(0, A.shape[1] + 2 * pad - f + 1, stride)
    columns = range(0, A.shape[2] + 2 * pad - f + 1, stride)
    padded = np.pad(A, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    Z = np.empty((A.shape[0], len(rows), len(columns), W.shape[3]))
    for h, top in enumerate(rows):
        for w, left in enumerate(columns):
            window = padded[:, top : top + f, left : left + f]
            Z[:, h, w] = np.tensordot(window, W, 3) + b[0, 0, 0]
            if verbose:
                print(Z[:, h, w])
    return Z, (A, W, b, hp)


@right("conv_forward", "sum over the places of the filter, np.int64 sizes, warnings")
def _(A_prev, W, b, hparameters):
    warnings.warn("this takes a while", stacklevel=1)
    os.write(2, b"a word on descriptor 2\n")
    stride, f = hparameters["stride"], W.shape[0]
    padded = zero_pad(A_prev, hparameters["pad"])
    n_H, n_W = (np.array(padded.shape[1:3]) - f) // stride + 1
    Z = np.zeros((padded.shape[0], n_H, n_W, W.shape[-1])) + b
    for y in range(f):
        for x in range(f):
            seen = padded[:, y : y + n_H * stride : stride, x : x + n_W * stride : stride]
            Z += seen[:, :n_H, :n_W] @ W[y, x]
    return (Z, (A_prev, W, b, hparameters))


# pool_forward


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


# conv_backward


@right("conv_backward", "all images at once, place by place")
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    n_H, n_W = dZ.shape[1:3]
    padded = zero_pad(A_prev, pad)
    dA, dW = np.zeros_like(padded), np.zeros_like(W)
    for h in range(n_H):
        for w in range(n_W):
            window = np.s_[:, h * stride : h * stride + f, w * stride : w * stride + f]
            dA[window] += np.einsum("in,yxcn->iyxc", dZ[:, h, w], W)
            dW += np.einsum("iyxc,in->yxcn", padded[window], dZ[:, h, w])
    dA = dA[:, pad : dA.shape[1] - pad, pad : dA.shape[2] - pad]
    return dA, dW, dZ.sum((0, 1, 2)).reshape(b.shape)


@right("conv_backward", "other loop order, a list, prints")
def _(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    dA, dW, db = zero_pad(np.zeros(A_prev.shape), pad), np.zeros(W.shape), np.zeros(b.shape)
    padded = zero_pad(A_prev, pad)
    for c in range(dZ.shape[3]):
        for w in range(dZ.shape[2]):
            for h in range(dZ.shape[1]):
                print(c, w, h)
                for i in range(dZ.shape[0]):
                    y, x = h * stride, w * stride
                    dA[i, y : y + f, x : x + f] += W[..., c] * dZ[i, h, w, c]
                    dW[..., c] += padded[i, y : y + f, x : x + f] * dZ[i, h, w, c]
                    db[..., c] += dZ[i, h, w, c]
    if pad:
        dA = dA[:, pad:-pad, pad:-pad]
    return [dA, dW, db]


@right("conv_backward", "float32 inside, warnings")
def _(dZ, cache):
    warnings.warn("float32 will do", UserWarning, stacklevel=1)
    *arrays, hparameters = cache
    dA, dW, db = conv_backward(
        dZ.astype("float32"), (*(a.astype("float32") for a in arrays), hparameters)
    )
    return dA.astype("float32"), dW.astype("float32"), db.astype("float32")


@right("conv_backward", "pixel by pixel, extra parameter")
def _(dZ, cache, clip=None):
    A_prev, W, b, hp = cache
    s, p = hp["stride"], hp["pad"]
    dA, dW = np.zeros(A_prev.shape), np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            for y in range(W.shape[0]):
                for x in range(W.shape[1]):
                    row, column = h * s + y - p, w * s + x - p
                    if 0 <= row < dA.shape[1] and 0 <= column < dA.shape[2]:
                        dA[:, row, column] += dZ[:, h, w] @ W[y, x].T
                        dW[y, x] += A_prev[:, row, column].T @ dZ[:, h, w]
    return dA, dW, dZ.sum(axis=(0, 1, 2), keepdims=True)


# create_mask_from_window


@right("create_mask_from_window", "integers 0 and 1")
def create_mask_from_window(x):
    return (x == x.max()).astype(int)


@right("create_mask_from_window", "floats, set at argmax")
def _(x):
    mask = np.zeros(x.shape)
    mask[np.unravel_index(np.argmax(x), x.shape)] = 1
    return mask


@right("create_mask_from_window", "loops, with prints")
def _(window):
    best, mask = window[0, 0], np.zeros_like(window, dtype=bool)
    for place in np.ndindex(window.shape):
        if window[place] > best:
            best = window[place]
        print(place, best)
    for place in np.ndindex(window.shape):
        mask[place] = window[place] == best
    return mask


@right("create_mask_from_window", "np.where, uint8")
def _(x):
    return np.where(x >= np.max(x), 1, 0).astype(np.uint8)


right("create_mask_from_window", "lambda", lambda x: np.isclose(x, np.max(x), rtol=0, atol=1e-9))
right("create_mask_from_window", "partial", functools.partial(lambda how, x: x == how(x), np.max))


# distribute_value


@right("distribute_value", "ones times")
def distribute_value(dz, shape):
    return np.ones(shape) * dz / (shape[0] * shape[1])


@right("distribute_value", "np.prod, filled, prints")
def _(dz, shape):
    a = np.empty(shape)
    a.fill(dz / np.prod(shape))
    print(a)
    return a


@right("distribute_value", "loops")
def _(value, size, dtype=float):
    a = np.zeros(size, dtype)
    for place in np.ndindex(size):
        a[place] = value / a.size
    return a


@right("distribute_value", "broadcast view, read-only")
def _(dz, shape):
    return np.broadcast_to(dz / (shape[0] * shape[1]), shape)


@right("distribute_value", "float32, warnings")
def _(dz, shape):
    warnings.warn("this could be slow", RuntimeWarning, stacklevel=1)
    return np.full(shape, np.float32(dz) / np.float32(np.prod(shape)))


# pool_backward


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


# More of each, by less usual means: views, recursion, generators, matrix products, other types.


@right("zero_pad", "rolled into place")
def _(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C), X.dtype)
    X_pad[:, :n_H, :n_W] = X
    return np.roll(X_pad, (pad, pad), axis=(1, 2))


@right("zero_pad", "a matrix product")
def _(X, pad):
    rows, columns = (np.eye(n, n + 2 * pad, pad) for n in X.shape[1:3])
    return np.einsum("ihwc,hy,wx->iyxc", X, rows, columns)


@right("zero_pad", "one pixel at a time, recursive")
def _(X, pad):
    def wider(X, left):
        if left == 0:
            return X
        m, n_H, n_W, n_C = X.shape
        X = np.hstack([np.zeros((m, 1, n_W, n_C)), X, np.zeros((m, 1, n_W, n_C))])
        zeros = np.zeros((m, n_H + 2, 1, n_C))
        return wider(np.concatenate((zeros, X, zeros), 2), left - 1)

    return wider(X, pad)


@right("conv_single_step", "generator of products, math.fsum")
def _(a_slice_prev, W, b):
    return math.fsum(x * w for x, w in zip(a_slice_prev.flat, W.flat, strict=True)) + b.sum()


@right("conv_single_step", "np.vdot, np.asarray of everything")
def _(a_slice_prev, W, b):
    return np.asarray(np.vdot(a_slice_prev, W)) + np.squeeze(b)


@right("conv_single_step", "recursive over the axes")
def _(a_slice_prev, W, b):
    def dot(a, w):
        return a * w if np.ndim(a) == 0 else sum(map(dot, a, w))

    return dot(a_slice_prev, W) + b.item()


@right("conv_forward", "columns of an image and one matrix product")
def _(A_prev, W, b, hparameters):
    (m, n_H_prev, n_W_prev, _), (f, _, _, n_C) = A_prev.shape, W.shape
    stride, pad = hparameters.get("stride"), hparameters.get("pad")
    n_H, n_W = ((n - f + 2 * pad) // stride + 1 for n in (n_H_prev, n_W_prev))
    padded = zero_pad(A_prev, pad)
    columns = [
        padded[i, h : h + f, w : w + f].ravel()
        for i in range(m)
        for h in range(0, n_H * stride, stride)
        for w in range(0, n_W * stride, stride)
    ]
    Z = np.stack(columns) @ W.reshape(-1, n_C) + b.reshape(1, n_C)
    return Z.reshape(m, n_H, n_W, n_C), (A_prev, W, b, hparameters)


@right("conv_forward", "as_strided views")
def _(A_prev, W, b, hparameters):
    f, s = W.shape[0], hparameters["stride"]
    padded = np.ascontiguousarray(zero_pad(A_prev, hparameters["pad"]))
    m, H, W_, C = padded.shape
    a, y, x, c = padded.strides
    shape = (m, (H - f) // s + 1, (W_ - f) // s + 1, f, f, C)
    windows = np.lib.stride_tricks.as_strided(padded, shape, (a, s * y, s * x, y, x, c))
    return np.tensordot(windows, W, axes=([3, 4, 5], [0, 1, 2])) + b, (A_prev, W, b, hparameters)


@right("conv_forward", "nested functions and a while loop, dtype object never seen")
def _(A_prev, W, b, hparameters):
    stride, pad, f = hparameters["stride"], hparameters["pad"], W.shape[1]

    def one_image(image, weights, bias):
        out, top = [], 0
        while top + f <= image.shape[0]:
            lefts = range(0, image.shape[1] - f + 1, stride)
            row = [conv_single_step(image[top : top + f, x : x + f], weights, bias) for x in lefts]
            out.append(row)
            top += stride
        return out

    filters = [(W[:, :, :, c], b[:, :, :, c]) for c in range(W.shape[-1])]
    Z = [[one_image(image, *each) for each in filters] for image in zero_pad(A_prev, pad)]
    return np.moveaxis(np.array(Z), 1, -1), (A_prev, W, b, hparameters)


class _Conv:
    """A layer as a class, with the function as one of its methods."""

    @classmethod
    def forward(cls, A_prev, W, b, hparameters):
        return cls._at_all_places(A_prev, W, hparameters) + b, (A_prev, W, b, hparameters)

    @staticmethod
    def _at_all_places(A_prev, W, hparameters):
        padded, f = zero_pad(A_prev, hparameters["pad"]), W.shape[0]
        full = sum(
            padded[:, y : padded.shape[1] - f + 1 + y, x : padded.shape[2] - f + 1 + x] @ W[y, x]
            for y in range(f)
            for x in range(f)
        )
        return full[:, :: hparameters["stride"], :: hparameters["stride"]]


right("conv_forward", "a class method", _Conv.forward)


@right("conv_forward", "np.pad with reflecting mode avoided, fancy indices")
def _(A_prev, W, b, hparameters):
    f, s, p = W.shape[0], hparameters["stride"], hparameters["pad"]
    padded = np.pad(A_prev, [(0,), (p,), (p,), (0,)], mode="constant")
    tops = np.arange(0, padded.shape[1] - f + 1, s)
    lefts = np.arange(0, padded.shape[2] - f + 1, s)
    y = tops[:, None, None, None] + np.arange(f)[None, None, :, None]
    x = lefts[None, :, None, None] + np.arange(f)[None, None, None, :]
    windows = padded[:, y, x]  # (m, n_H, n_W, f, f, n_C_prev)
    return np.einsum("mhwyxc,yxcn->mhwn", windows, W) + b, (A_prev, W, b, hparameters)


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


@right("conv_backward", "forward windows and tensordot")
def _(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, s, p = W.shape[0], hparameters["stride"], hparameters["pad"]
    padded = zero_pad(A_prev, p)
    dpadded, dW = np.zeros_like(padded, dtype=float), np.zeros_like(W, dtype=float)
    for h, w in np.ndindex(dZ.shape[1:3]):
        window = np.s_[:, h * s : h * s + f, w * s : w * s + f]
        dpadded[window] += np.tensordot(dZ[:, h, w], W, axes=(1, 3))
        dW += np.tensordot(padded[window], dZ[:, h, w], axes=(0, 0))
    end_H, end_W = (n + p for n in A_prev.shape[1:3])
    return dpadded[:, p:end_H, p:end_W], dW, np.sum(dZ, (0, 1, 2)).reshape(b.shape)


@right("conv_backward", "a full convolution with the turned filter")
def _(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, s, p = W.shape[0], hparameters["stride"], hparameters["pad"]
    m, n_H, n_W, n_C = dZ.shape
    H, W_ = (n + 2 * p for n in A_prev.shape[1:3])
    spread = np.zeros((m, H + f - 1, W_ + f - 1, n_C))  # dZ, s apart, with f - 1 zeros round it
    spread[:, f - 1 : f - 1 + n_H * s : s, f - 1 : f - 1 + n_W * s : s][:, :n_H, :n_W] = dZ
    views = np.lib.stride_tricks.sliding_window_view(spread, (f, f), axis=(1, 2))
    dA = np.einsum("mhwnyx,yxcn->mhwc", views, W[::-1, ::-1])
    pixels = np.lib.stride_tricks.sliding_window_view(zero_pad(A_prev, p), (f, f), axis=(1, 2))
    dW = np.einsum("mhwcyx,mhwn->yxcn", pixels[:, ::s, ::s], dZ)
    db = dZ.reshape(-1, n_C).sum(0)[None, None, None]
    return dA[:, p : H - p, p : W_ - p], dW, db


@right("create_mask_from_window", "unravel_index")
def _(x):
    mask = np.zeros(x.shape, dtype=bool)
    mask[np.unravel_index(np.argmax(x), x.shape)] = True
    return mask


@right("create_mask_from_window", "isclose to the last of the sorted")
def _(x):
    return np.isclose(x, np.sort(x, axis=None)[-1], rtol=0, atol=0)


@right("distribute_value", "np.tile of a list")
def _(dz, shape):
    return np.tile([dz / shape[0] / shape[1]], shape)


@right("distribute_value", "repeated and reshaped")
def _(dz, shape):
    return np.repeat(dz / math.prod(shape), math.prod(shape)).reshape(shape)


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


# conv_transpose_forward


@right("conv_transpose_forward", "einsum, cut from a larger canvas")
def _(A_prev, W, b, hparameters):
    stride, pad, more = hparameters["stride"], hparameters["pad"], hparameters["output_pad"]
    m, n_H, n_W, _ = A_prev.shape
    f, _, n_C, _ = W.shape
    canvas = np.zeros((m, stride * n_H + f + more, stride * n_W + f + more, n_C))
    for h in range(n_H):
        for w in range(n_W):
            top, left = stride * h, stride * w
            stamps = np.einsum("ip,yxcp->iyxc", A_prev[:, h, w], W)
            canvas[:, top : top + f, left : left + f] += stamps
    height, width = ((n - 1) * stride + f + more for n in (n_H, n_W))
    return canvas[:, pad : height - pad, pad : width - pad] + b, (A_prev, W, b, hparameters)


@right("conv_transpose_forward", "zeros between the pixels, then an ordinary convolution")
def _(A_prev, W, b, hparameters):
    stride, pad, more = hparameters["stride"], hparameters["pad"], hparameters["output_pad"]
    m, n_H, n_W, n_C_prev = A_prev.shape
    f = W.shape[0]
    spread = np.zeros((m, stride * (n_H - 1) + 1, stride * (n_W - 1) + 1, n_C_prev))
    spread[:, ::stride, ::stride] = A_prev
    border = (f - 1, f - 1 + more)
    spread = np.pad(spread, ((0, 0), border, border, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(spread, (f, f), (1, 2))
    whole = np.einsum("ihwpyx,yxcp->ihwc", windows, W[::-1, ::-1])
    height, width = whole.shape[1:3]
    return whole[:, pad : height - pad, pad : width - pad] + b, (A_prev, W, b, hparameters)


@right("conv_transpose_forward", "output by output, with prints")
def _(A_prev, W, b, hparameters):
    s, p, a = (hparameters[name] for name in ("stride", "pad", "output_pad"))
    (m, n_H_prev, n_W_prev, _), (f, _, n_C, _) = A_prev.shape, W.shape
    n_H, n_W = ((n - 1) * s + f - 2 * p + a for n in (n_H_prev, n_W_prev))
    Z = np.empty((m, n_H, n_W, n_C))
    for i, row, column in np.ndindex(m, n_H, n_W):
        total = b[0, 0, 0].copy()
        for h, w in np.ndindex(n_H_prev, n_W_prev):
            y, x = row + p - h * s, column + p - w * s
            if 0 <= y < f and 0 <= x < f:
                total = total + W[y, x] @ A_prev[i, h, w]
        print(i, row, column, total)
        Z[i, row, column] = total
    return Z, [A_prev, W, b, hparameters]


@right("conv_transpose_forward", "stamps that are cut at the edges of Z, bias first")
def _(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    rows, columns = ((n - 1) * s + f - 2 * p + hparameters["output_pad"] for n in A_prev.shape[1:3])
    Z = np.zeros((A_prev.shape[0], rows, columns, W.shape[2])) + b
    for (i, h, w, k), value in np.ndenumerate(A_prev):
        for y in range(f):
            for x in range(f):
                row, column = h * s + y - p, w * s + x - p
                if 0 <= row < rows and 0 <= column < columns:
                    Z[i, row, column] += value * W[y, x, :, k]
    return Z, (A_prev, W, b, hparameters)


@right("conv_transpose_forward", "np.kron where stamps do not overlap, else added up")
def _(A_prev, W, b, hparameters):
    stride, pad, more = hparameters["stride"], hparameters["pad"], hparameters["output_pad"]
    f, n = W.shape[0], A_prev.shape
    total = 0
    for y in range(f):
        for x in range(f):
            one = np.zeros((stride, stride))
            one[0, 0] = 1
            pixels = np.einsum("ihwp,cp->ichw", A_prev, W[y, x])
            spread = np.kron(pixels, one)[..., : stride * (n[1] - 1) + 1, : stride * (n[2] - 1) + 1]
            below, right_ = f - 1 - y + more, f - 1 - x + more
            total = total + np.pad(spread, ((0, 0), (0, 0), (y, below), (x, right_)))
    total = np.moveaxis(total, 1, -1)
    Z = total[:, pad : total.shape[1] - pad, pad : total.shape[2] - pad]
    return Z + b, (A_prev, W, b, hparameters)


class _Transposed:
    """A layer as a class; the function is its call."""

    def __call__(self, A_prev, W, b, hparameters, check=True):
        self.stride, self.pad = hparameters["stride"], hparameters["pad"]
        n_H, n_W = (self.size(n, W, hparameters) for n in A_prev.shape[1:3])
        canvas = np.zeros((len(A_prev), n_H + 2 * self.pad, n_W + 2 * self.pad, W.shape[2]))
        for image, a in zip(canvas, A_prev, strict=True):
            for h, w in np.ndindex(a.shape[:2]):
                place = np.s_[h * self.stride :, w * self.stride :]
                image[place][: W.shape[0], : W.shape[1]] += np.tensordot(W, a[h, w], axes=1)
        canvas += b
        inner = [np.arange(self.pad, self.pad + n) for n in (n_H, n_W)]
        return canvas[:, inner[0]][:, :, inner[1]], (A_prev, W, b, hparameters)

    def size(self, n, W, hparameters):
        return self.stride * (n - 1) + W.shape[0] - 2 * self.pad + hparameters["output_pad"]


right("conv_transpose_forward", "an instance", _Transposed())


@right("conv_transpose_forward", "a matrix for each axis, transposed")
def _(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]

    def taps(n):
        size = s * (n - 1) + f - 2 * p + hparameters["output_pad"]
        matrix = np.zeros((size, n, f))
        for place in range(n):
            for offset in range(f):
                if 0 <= s * place + offset - p < size:
                    matrix[s * place + offset - p, place, offset] = 1
        return matrix

    rows, columns = (taps(n) for n in A_prev.shape[1:3])
    Z = np.einsum("Hhy,Wwx,ihwp,yxcp->iHWc", rows, columns, A_prev, W, optimize=True) + b
    return Z, (A_prev, W, b, hparameters)


# one_by_one_forward


@right("one_by_one_forward", "matrix product")
def _(A_prev, W, b):
    return A_prev @ W[0, 0] + b[0, 0, 0]


@right("one_by_one_forward", "einsum")
def _(A_prev, W, b):
    return np.einsum("ihwp,yxpc->ihwc", A_prev, W) + b


@right("one_by_one_forward", "all pixels in one matrix")
def _(A_prev, W, b):
    m, n_H, n_W, n_C_prev = A_prev.shape
    pixels = A_prev.reshape(-1, n_C_prev)
    return (pixels @ W.reshape(n_C_prev, -1) + b.reshape(1, -1)).reshape(m, n_H, n_W, -1)


@right("one_by_one_forward", "five loops, with prints")
def _(A_prev, W, b):
    m, n_H, n_W, n_C_prev = A_prev.shape
    Z = np.zeros((m, n_H, n_W, W.shape[3]))
    for i, h, w, c in np.ndindex(Z.shape):
        total = 0.0
        for k in range(n_C_prev):
            total += A_prev[i, h, w, k] * W[0, 0, k, c]
        print(i, h, w, c, total)
        Z[i, h, w, c] = total + b[0, 0, 0, c]
    return Z


@right("one_by_one_forward", "filter by filter, stacked")
def _(A_prev, W, b):
    maps = []
    for c in range(W.shape[-1]):
        maps.append((A_prev * W[:, :, :, c]).sum(axis=-1) + b[..., c])
    return np.stack(maps, axis=-1)


@right("one_by_one_forward", "channel by channel, added up")
def _(A_prev, W, b):
    total = b
    for k in range(A_prev.shape[3]):
        total = total + A_prev[..., k : k + 1] * W[:, :, k]
    return total


@right("one_by_one_forward", "the convolution of an earlier notebook")
def _(A_prev, W, b, stride=1):
    return conv_forward(A_prev, W, b, {"stride": stride, "pad": 0})[0]


@right("one_by_one_forward", "a list of lists, made an array")
def _(A_prev, W, b):
    def dense(pixel):
        return np.matmul(pixel[np.newaxis], W[0, 0])[0] + b.ravel()

    return np.array([[[dense(pixel) for pixel in row] for row in image] for image in A_prev])


# dense_as_convolution


@right("dense_as_convolution", "two reshapes")
def _(W, b, f):
    return W.reshape(f, f, -1, W.shape[-1]), b.reshape(1, 1, 1, -1)


@right("dense_as_convolution", "row by row, as the image was flattened")
def _(W, b, f):
    n_C_prev = W.shape[0] // f**2
    filters = np.zeros((f, f, n_C_prev, W.shape[1]))
    row = 0
    for y in range(f):
        for x in range(f):
            for k in range(n_C_prev):
                filters[y, x, k] = W[row]
                row += 1
    return filters, b[np.newaxis, np.newaxis]


@right("dense_as_convolution", "by the number of the row")
def _(W, b, f):
    n_C_prev = W.shape[0] // (f * f)
    W_conv = np.empty((f, f, n_C_prev, W.shape[1]), W.dtype)
    for y, x, k in np.ndindex(f, f, n_C_prev):
        W_conv[y, x, k, :] = W[(y * f + x) * n_C_prev + k, :]
    return W_conv, np.expand_dims(b, (0, 1))


@right("dense_as_convolution", "units first, then moved to the end")
def _(W, b, f):
    filters = [unit.reshape(f, f, len(unit) // f**2) for unit in W.T]
    return np.moveaxis(np.array(filters), 0, -1), b[None, None, :, :]


@right("dense_as_convolution", "stacked, with prints, a list returned")
def _(W, b, f):
    print(W.shape, b.shape, f)
    W_conv = np.stack([np.reshape(W[:, c], (f, f, -1)) for c in range(W.shape[1])], axis=-1)
    b_conv = np.zeros((1, 1, 1, W.shape[1]))
    b_conv[0, 0, 0, :] = b[0]
    return [W_conv, b_conv]


@right("dense_as_convolution", "the shape assigned")
def _(W, b, f):
    W_conv, b_conv = W.copy(), b.copy()
    W_conv.shape = f, f, W.shape[0] // f // f, W.shape[1]
    b_conv.shape = 1, 1, 1, W.shape[1]
    return W_conv, b_conv


@right("dense_as_convolution", "split twice")
def _(W, b, f, axis=0):
    rows = [np.split(part, f, axis) for part in np.split(W, f, axis)]
    return np.array(rows), np.array([[b]])


# sigmoid


@right("sigmoid", "the formula")
def sigmoid(Z):
    A = 1 / (1 + np.exp(-Z))
    return A, (Z,)


@right("sigmoid", "number by number, with prints")
def _(Z):
    A = np.zeros(Z.shape)
    for place in np.ndindex(Z.shape):
        z = float(Z[place])
        A[place] = 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (math.exp(z) + 1)
        print(place, A[place])
    return A, (Z,)


@right("sigmoid", "two halves")
def _(Z):
    A, positive = np.empty(Z.shape), Z >= 0
    A[positive] = 1 / (1 + np.exp(-Z[positive]))
    A[~positive] = np.exp(Z[~positive]) / (1 + np.exp(Z[~positive]))
    return A, (Z,)


@right("sigmoid", "np.reciprocal, a list as cache")
def _(Z):
    return np.reciprocal(1 + np.e**-Z), [Z]


@right("sigmoid", "clipped far from zero")
def _(Z):
    return 1 / (1 + np.exp(-np.clip(Z, -500, 500))), (Z.copy(),)


@right("sigmoid", "logaddexp, float32 result")
def _(Z, dtype=np.float32):
    return np.exp(-np.logaddexp(0, -Z)).astype(dtype), (Z,)


right("sigmoid", "functools.partial", functools.partial(lambda base, Z: sigmoid(Z), 2))


# sigmoid_backward


@right("sigmoid_backward", "its own sigmoid")
def _(dA, cache):
    s = sigmoid(cache[0])[0]
    return np.multiply(dA, s * (1 - s))


@right("sigmoid_backward", "A minus its square")
def _(dA, cache):
    A = sigmoid(*cache)[0]
    return (A - A**2) * dA


@right("sigmoid_backward", "both sides")
def _(dA, cache):
    (Z,) = cache
    return dA * sigmoid(Z)[0] * sigmoid(-Z)[0]


@right("sigmoid_backward", "number by number, with prints")
def _(gradient, cache):
    result = np.zeros_like(gradient, dtype=float)
    for place, A in np.ndenumerate(sigmoid(cache[0])[0]):
        result[place] = gradient[place] * A * (1 - A)
        print(result[place])
    return result


@right("sigmoid_backward", "copy multiplied in place")
def _(dA, cache):
    A, Z = sigmoid(cache[0])
    dZ = dA.copy()
    dZ *= A
    dZ *= 1 - A
    return dZ


@right("sigmoid_backward", "hyperbolic cosine")
def _(dA, cache):
    with np.errstate(over="ignore"):
        return dA / (2 + 2 * np.cosh(cache[0]))


# tanh_backward


@right("tanh_backward", "np.square")
def _(dA, cache):
    return dA - dA * np.square(np.tanh(cache[0]))


@right("tanh_backward", "hyperbolic cosine")
def _(dA, cache):
    return dA / np.cosh(np.clip(cache[0], -300, 300)) ** 2


@right("tanh_backward", "by the sigmoid")
def _(dA, cache):
    A = 2 * sigmoid(2 * cache[0])[0] - 1
    return dA * (1 - A) * (1 + A)


@right("tanh_backward", "number by number, with prints")
def _(dA, cache):
    (Z,) = cache
    print(Z.shape)
    slopes = [1 - math.tanh(z) ** 2 for z in Z.flat]
    return np.array([g * slope for g, slope in zip(dA.flat, slopes, strict=True)]).reshape(Z.shape)


@right("tanh_backward", "copy multiplied in place")
def _(dA, cache):
    dZ = np.array(dA, dtype=float)
    dZ *= 1 - np.power(np.tanh(cache[0]), 2)
    return dZ


@right("tanh_backward", "einsum")
def _(dA, cache):
    slope = 1 - np.tanh(*cache) ** 2
    return np.einsum("...,...->...", dA, slope)


# relu


@right("relu", "product with a mask")
def _(Z):
    return Z * (Z > 0), (Z,)


@right("relu", "np.clip, the cache first named")
def _(Z):
    cache = (Z,)
    return np.clip(Z, 0, None), cache


@right("relu", "half of Z plus its absolute value")
def _(Z):
    return (Z + np.abs(Z)) / 2, (Z,)


@right("relu", "a copy with zeros")
def _(Z):
    A = Z.copy()
    A[A < 0] = 0.0
    return A, (Z,)


@right("relu", "number by number, with prints")
def _(Z):
    A = np.zeros(Z.shape)
    for place in np.ndindex(Z.shape):
        print(place)
        A[place] = max(0.0, Z[place])
    return A, (Z,)


@right("relu", "np.fmax, Fortran order, a list as cache")
def _(Z):
    return np.asfortranarray(np.fmax(0, Z)), [Z]


# relu_backward


@right("relu_backward", "copy with zeros")
def _(dA, cache):
    dZ = np.array(dA)
    dZ[cache[0] <= 0] = 0
    return dZ


@right("relu_backward", "mask of integers")
def _(dA, cache):
    (Z,) = cache
    return (Z > 0).astype(int) * dA


@right("relu_backward", "by the output")
def _(dA, cache):
    A = np.maximum(0, cache[0])
    return dA * np.sign(A)


@right("relu_backward", "0 counted as positive")  # no array holds a 0
def _(dA, cache):
    return np.where(cache[0] >= 0, dA, 0.0)


@right("relu_backward", "number by number, with prints")
def _(dA, cache):
    dZ = np.zeros(dA.shape)
    for place, z in np.ndenumerate(cache[0]):
        if z > 0:
            print(place, z)
            dZ[place] = dA[place]
    return dZ


@right("relu_backward", "np.heaviside")
def _(dA, cache):
    return np.multiply(dA, np.heaviside(cache[0], 0))


# softmax


@right("softmax", "row by row, with prints")
def softmax(Z):
    A = np.zeros(Z.shape)
    for i in range(len(Z)):
        powers = np.exp(Z[i] - max(Z[i]))
        A[i] = powers / np.sum(powers)
        print(A[i])
    return A


@right("softmax", "in logarithms")
def _(Z):
    return np.exp(Z - np.logaddexp.reduce(Z, axis=1)[:, np.newaxis])


@right("softmax", "last axis")
def _(Z):
    E = np.exp(Z - Z.max(-1, keepdims=True))
    return E / E.sum(-1, keepdims=True)


@right("softmax", "reshaped")
def _(Z):
    m, n = Z.shape
    E = np.exp(Z - Z.max(axis=1).reshape(m, 1))
    return E / np.sum(E, axis=1).reshape((-1, 1))


@right("softmax", "lists and math")
def _(Z):
    rows = [[math.exp(z - max(row)) for z in row] for row in Z.tolist()]
    return np.array([[e / sum(row) for e in row] for row in rows])


@right("softmax", "apply_along_axis, float32 result")
def _(Z):
    def one(z):
        return np.exp(z - z.max()) / np.exp(z - z.max()).sum()

    return np.apply_along_axis(one, 1, Z).astype(np.float32)


@right("softmax", "shifted further")
def _(Z):
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True) - 3)
    return E / np.sum(E, axis=1, keepdims=True)


# softmax_cross_entropy


@right("softmax_cross_entropy", "example by example, with prints")
def _(Z, labels):
    m = len(Z)
    loss, dZ = 0, np.zeros(Z.shape)
    for i in range(m):
        z = Z[i] - Z[i].max()
        log_sum = np.log(np.exp(z).sum())
        loss += (log_sum - z[labels[i]]) / m
        dZ[i] = np.exp(z - log_sum) / m
        dZ[i, labels[i]] -= 1 / m
        print(loss)
    return loss, dZ


@right("softmax_cross_entropy", "one-hot labels")
def _(Z, labels):
    Y = np.eye(Z.shape[1])[labels]
    logs = np.logaddexp.reduce(Z, axis=1)
    loss = np.mean(logs - np.sum(Y * Z, axis=1))
    return loss, (softmax(Z) - Y) / len(Z)


@right("softmax_cross_entropy", "take_along_axis")
def _(Z, labels):
    log_A = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    dZ = np.exp(log_A)
    dZ[range(len(Z)), labels] -= 1
    return -np.take_along_axis(log_A, labels[:, None], 1).mean(), dZ / len(Z)


@right("softmax_cross_entropy", "a Python float and a list")
def _(Z, labels):
    shifted = Z - Z.max(axis=1, keepdims=True)
    logs = np.log(np.sum(np.exp(shifted), axis=1))
    losses = [float(logs[i] - shifted[i, label]) for i, label in enumerate(labels)]
    dZ = softmax(Z)
    dZ[np.arange(len(labels)), labels] -= 1
    return [sum(losses) / len(losses), dZ / len(losses)]


@right("softmax_cross_entropy", "0-d array")
def _(Z, labels):
    difference = Z - Z[np.arange(len(Z)), labels][:, None]
    losses = np.logaddexp.reduce(difference, axis=1)
    right_class = np.equal.outer(labels, np.arange(Z.shape[1]))
    return np.array(losses.mean()), np.divide(softmax(Z) - right_class, len(Z))


@right("softmax_cross_entropy", "float32 result")
def _(Z, labels):
    log_A = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    dZ = np.exp(log_A)
    np.subtract.at(dZ, (np.arange(len(Z)), labels), 1)
    loss = np.float32(-np.mean(log_A[np.arange(len(Z)), labels]))
    return loss, (dZ / len(Z)).astype("float32")


# output_size


@right("output_size", "math.floor")
def _(n, f, stride, pad):
    return math.floor((n + 2 * pad - f) / stride) + 1


@right("output_size", "np.floor, a float without a fraction")
def _(n, f, stride, pad):
    return np.floor((n - f + 2 * pad) / stride) + 1


@right("output_size", "int")
def _(n, f, stride, pad):
    return int((n + pad + pad - f) / stride + 1)


@right("output_size", "counted, with prints")
def _(n, f, stride, pad):
    positions, start = 0, -pad
    while start + f <= n + pad:
        print(start)
        positions += 1
        start += stride
    return positions


@right("output_size", "one added before rounding")
def _(n, f, stride, pad):
    return (n - f + 2 * pad + stride) // stride


@right("output_size", "NumPy integer")
def _(n, f, stride, pad):
    return np.arange(0, n + 2 * pad - f + 1, stride).size * np.int64(1)


@right("output_size", "0-d array")
def _(n, f, stride, pad):
    return np.array(divmod(n - f + 2 * pad, stride)[0] + 1)


# padding_amounts


@right("padding_amounts", "math.ceil, returned from each branch")
def _(n, f, stride, mode):
    if mode == "VALID":
        return 0, 0
    if mode == "FULL":
        return f - 1, f - 1
    missing = (math.ceil(n / stride) - 1) * stride + f - n
    if missing < 0:
        return 0, 0
    return missing // 2, math.ceil(missing / 2)


@right("padding_amounts", "by the remainder")
def _(n, f, stride, mode):
    total = {"VALID": 0, "FULL": 2 * (f - 1)}.get(mode)
    if total is None:
        total = max(f - stride, 0) if n % stride == 0 else max(f - n % stride, 0)
    return total // 2, total - total // 2


@right("padding_amounts", "counted, with prints")
def _(n, f, stride, mode):
    before = after = 0
    if mode == "FULL":
        before = after = f - 1
    if mode == "SAME":
        last = list(range(0, n, stride))[-1]
        for column in range(n, last + f):
            print("a zero for column", column)
            if after > before:
                before += 1
            else:
                after += 1
    return before, after


@right("padding_amounts", "a list of NumPy integers")
def _(n, f, stride, mode):
    n_out = np.ceil(n / stride).astype(int)
    total = np.maximum((n_out - 1) * stride + f - n, 0) if mode == "SAME" else 0
    total = 2 * f - 2 if mode == "FULL" else total
    return [np.int64(total // 2), np.int64(total - total // 2)]


@right("padding_amounts", "floats without fractions")
def _(n, f, stride, mode):
    total = 0.0
    if mode != "VALID":
        total = max((np.ceil(n / stride) - 1) * stride + f - n, 0) if mode == "SAME" else 2 * f - 2
    return np.floor(total / 2), np.ceil(total / 2)


@right("padding_amounts", "lower case first letters")
def _(n, f, stride, mode):
    match mode.lower()[0]:
        case "v":
            total = 0
        case "s":
            total = max(((n + stride - 1) // stride - 1) * stride + f - n, 0)
        case "f":
            total = f - 1 + f - 1
    after = (total + 1) // 2
    return total - after, after


# conv_parameters


@right("conv_parameters", "weights and biases apart")
def _(f_H, f_W, n_C_prev, n_C):
    weights = f_H * f_W * n_C_prev * n_C
    biases = n_C
    return weights + biases


@right("conv_parameters", "sizes of arrays, with prints")
def _(f_H, f_W, n_C_prev, n_C):
    W, b = np.zeros((f_H, f_W, n_C_prev, n_C)), np.zeros((1, 1, 1, n_C))
    print(W.shape, b.shape)
    return W.size + b.size


@right("conv_parameters", "math.prod")
def _(*sizes):
    return math.prod(sizes) + sizes[-1]


@right("conv_parameters", "filter by filter")
def _(f_H, f_W, n_C_prev, n_C):
    count = 0
    for _ in range(n_C):
        count += f_H * f_W * n_C_prev
        count += 1
    return count


@right("conv_parameters", "a float without a fraction")
def _(f_H, f_W, n_C_prev, n_C):
    return float(n_C * (1 + n_C_prev * f_H * f_W))


@right("conv_parameters", "0-d array")
def _(f_H, f_W, n_C_prev, n_C):
    return np.array(n_C + n_C * f_H * f_W * n_C_prev)


# transposed_size


@right("transposed_size", "step by step, with prints")
def _(n, f, stride, pad, output_pad):
    last = stride * (n - 1)
    print("the last filter begins at", last)
    return last + f - pad - pad + output_pad


@right("transposed_size", "multiplied out")
def _(n, f, stride, pad, output_pad):
    return n * stride - stride + f - 2 * pad + output_pad


@right("transposed_size", "largest that a convolution makes to n")
def _(n, f, stride, pad, output_pad):
    sizes = range(1, 1000)
    same = [o for o in sizes if o + 2 * pad >= f and (o + 2 * pad - f) // stride + 1 == n]
    return min(same) + output_pad


@right("transposed_size", "cells counted")
def _(n, f, stride, pad, output_pad):
    cells = {i * stride + k for i in range(n) for k in range(f)}
    return max(cells) + 1 - 2 * pad + output_pad


@right("transposed_size", "a float without a fraction")
def _(n, f, stride, pad, output_pad):
    return float(stride * (n - 1) + f - 2 * pad + output_pad)


@right("transposed_size", "NumPy integer")
def _(n, f, stride, pad, output_pad):
    return np.dot([n - 1, -2, 1, 1], [stride, pad, f, output_pad])


# lenet. Its given functions are those of lenet.

softmax_cross_entropy = lenet.softmax_cross_entropy


@right("dense_forward", "np.dot")
def dense_forward(A_prev, W, b):
    return np.dot(A_prev, W) + b, (A_prev, W, b)


@right("dense_forward", "three loops, prints")
def _(A_prev, W, b):
    m, n_prev = A_prev.shape
    n = W.shape[1]
    Z = np.zeros((m, n))
    for i in range(m):
        for k in range(n):
            for j in range(n_prev):
                Z[i, k] += A_prev[i, j] * W[j, k]
            Z[i, k] += b[0, k]
    print("Z", Z)
    return Z, (A_prev, W, b)


@right("dense_forward", "image by image, b tiled")
def _(A_prev, W, b):
    Z = np.array([row @ W for row in A_prev]) + np.tile(b, (len(A_prev), 1))
    return Z, (A_prev, W, b)


@right("dense_forward", "output by output, a list for the cache")
def _(inputs, weights, biases):
    columns = [inputs @ weights[:, k] + biases[0, k] for k in range(weights.shape[1])]
    return np.stack(columns, axis=1), [inputs, weights, biases]


@right("dense_forward", "one column of ones more")
def _(A_prev, W, b):
    extended = np.hstack([A_prev, np.ones((len(A_prev), 1))])
    Z = extended @ np.vstack([W, b])
    cache = (A_prev, W, b)
    return Z, cache


@right("dense_forward", "added in place, float32 warnings")
def _(A_prev, W, b):
    warnings.warn("dense", stacklevel=2)
    Z = np.matmul(A_prev, W)
    Z += b
    return Z, (A_prev.copy(), W.copy(), b.copy())


@right("dense_forward", "transposed and back")
def _(A_prev, W, b):
    return (W.T @ A_prev.T + b.T).T, (A_prev, W, b)


@right("dense_backward", "np.dot, np.sum")
def dense_backward(dZ, cache):
    A_prev, W, b = cache
    return np.dot(dZ, W.T), np.dot(A_prev.T, dZ), np.sum(dZ, axis=0, keepdims=True)


@right("dense_backward", "summed image by image, prints")
def _(dZ, cache):
    (A_prev, W, b) = cache
    dA_prev, dW, db = np.zeros(A_prev.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i, (a, dz) in enumerate(zip(A_prev, dZ, strict=True)):
        dA_prev[i] = W @ dz
        dW += np.outer(a, dz)
        db += dz
        print(i, dz)
    return dA_prev, dW, db


@right("dense_backward", "four loops")
def _(dZ, cache):
    A_prev, W, b = cache
    dA_prev, dW, db = (np.zeros_like(array, float) for array in cache)
    for i, j, k in np.ndindex(len(A_prev), *W.shape):
        dA_prev[i, j] += dZ[i, k] * W[j, k]
        dW[j, k] += dZ[i, k] * A_prev[i, j]
    for i, k in np.ndindex(dZ.shape):
        db[0, k] += dZ[i, k]
    return dA_prev, dW, db


@right("dense_backward", "transposed and back, a list returned")
def _(dZ, cache):
    A_prev, W, b = cache
    return [(W @ dZ.T).T, (dZ.T @ A_prev).T, dZ.sum(0).reshape(b.shape)]


@right("dense_backward", "broadcast products, logging")
def _(dZ, cache):
    A_prev, W, b = cache
    logging.getLogger().warning("backward")
    dA_prev = (dZ[:, None, :] * W[None]).sum(axis=2)
    dW = (A_prev[:, :, None] * dZ[:, None, :]).sum(axis=0)
    return dA_prev, dW, dZ.sum(axis=0)[None, :]


@right("dense_backward", "one column of ones more")
def _(dZ, cache):
    A_prev, W, b = cache
    extended = np.hstack([A_prev, np.ones((len(A_prev), 1))])
    both = extended.T @ dZ
    return dZ @ W.T, both[:-1], both[-1:]


def _lenet_parts(parameters):
    return [(parameters[f"W{n}"], parameters[f"b{n}"]) for n in range(1, 6)]


def _relu(Z):
    return np.where(Z > 0, Z, 0.0)


@right("lenet_forward", "layer by layer, one name")
def lenet_forward(X, parameters):
    p = parameters
    A = lenet.conv_forward(X, p["W1"], p["b1"], {"pad": 2, "stride": 1})[0]
    A[A < 0] = 0
    A = lenet.pool_forward(A, {"f": 2, "stride": 2}, mode="max")[0]
    A = lenet.conv_forward(A, p["W2"], p["b2"], {"pad": 0, "stride": 1})[0]
    A[A < 0] = 0
    A = lenet.pool_forward(A, {"f": 2, "stride": 2}, mode="max")[0]
    A = A.reshape(A.shape[0], A.shape[1] * A.shape[2] * A.shape[3])
    A = dense_forward(A, p["W3"], p["b3"])[0]
    A[A < 0] = 0
    A = dense_forward(A, p["W4"], p["b4"])[0]
    A[A < 0] = 0
    return dense_forward(A, p["W5"], p["b5"])[0]


@right("lenet_forward", "image by image, prints")
def _(X, parameters):
    return np.concatenate([lenet_forward(image[None], parameters) for image in X])


@right("lenet_forward", "a helper for ReLU and pooling together")
def _(X, parameters):
    def block(A, W, b, pad):
        Z, _ = lenet.conv_forward(A, W, b, {"stride": 1, "pad": pad})
        return lenet.pool_forward((abs(Z) + Z) / 2, {"f": 2, "stride": 2})[0]

    convolutions, dense = _lenet_parts(parameters)[:2], _lenet_parts(parameters)[2:]
    A = X
    for (W, b), pad in zip(convolutions, (2, 0), strict=True):
        A = block(A, W, b, pad)
    A = np.array([image.flatten() for image in A])
    for W, b in dense[:-1]:
        A = _relu(A @ W + b)
    return A @ dense[-1][0] + dense[-1][1]


@right("lenet_forward", "pooling before the ReLU")
def _(X, parameters):
    parts, pool = _lenet_parts(parameters), {"f": 2, "stride": 2}
    A = lenet.conv_forward(X, *parts[0], {"stride": 1, "pad": 2})[0]
    A = _relu(lenet.pool_forward(A, pool)[0])
    A = lenet.conv_forward(A, *parts[1], {"stride": 1, "pad": 0})[0]
    A = _relu(lenet.pool_forward(A, pool)[0]).reshape(len(X), -1)
    for W, b in parts[2:4]:
        A = _relu(dense_forward(A, W, b)[0])
    Z, _ = dense_forward(A, *parts[4])
    return Z


@right("lenet_forward", "padded by hand, pooled by reshaping, warnings")
def _(X, parameters):
    warnings.warn("slow", stacklevel=2)

    def pooled(A):
        m, n_H, n_W, n_C = A.shape
        A = A[:, : n_H // 2 * 2, : n_W // 2 * 2]
        return A.reshape(m, n_H // 2, 2, n_W // 2, 2, n_C).max(axis=(2, 4))

    parts = _lenet_parts(parameters)
    X = np.pad(X, ((0, 0), (2, 2), (2, 2), (0, 0)))
    for W, b in parts[:2]:
        X = pooled(_relu(lenet.conv_forward(X, W, b, {"stride": 1, "pad": 0})[0]))
    X = X.reshape(X.shape[0], -1)
    for place, (W, b) in enumerate(parts[2:]):
        X = X @ W + b
        X = _relu(X) if place < 2 else X
    return X


@right("lenet_forward", "dense layers as convolutions")
def _(X, parameters):
    parts, pool = _lenet_parts(parameters), {"f": 2, "stride": 2}
    for (W, b), pad in zip(parts[:2], (2, 0), strict=True):
        X = _relu(lenet.conv_forward(X, W, b, {"stride": 1, "pad": pad})[0])
        X = lenet.pool_forward(X, pool)[0]
    X = X.reshape(len(X), 1, 1, -1)
    for place, (W, b) in enumerate(parts[2:]):
        X, _ = lenet.conv_forward(X, W[None, None], b[None, None], {"stride": 1, "pad": 0})
        X = X if place == 2 else _relu(X)
    return X[:, 0, 0]


def _there(X, parameters):
    """All that the way back needs: by layer the cache, Z, and the pooling's cache and shape."""
    parts, pool, kept, A = _lenet_parts(parameters), {"f": 2, "stride": 2}, [], X
    for (W, b), pad in zip(parts[:2], (2, 0), strict=True):
        Z, cache = lenet.conv_forward(A, W, b, {"stride": 1, "pad": pad})
        A, pooling = lenet.pool_forward(_relu(Z), pool)
        kept.append((cache, Z, pooling, A.shape))
    A = A.reshape(len(X), -1)
    for W, b in parts[2:]:
        Z, cache = dense_forward(A, W, b)
        kept.append((cache, Z))
        A = _relu(Z)
    return Z, kept


@right("lenet_gradients", "a list of caches")
def lenet_gradients(X, labels, parameters):
    scores, kept = _there(X, parameters)
    loss, dZ = softmax_cross_entropy(scores, labels)
    gradients = {}
    for layer in (5, 4, 3):
        dA, gradients[f"W{layer}"], gradients[f"b{layer}"] = dense_backward(dZ, kept[layer - 1][0])
        if layer > 3:
            dZ = dA * (kept[layer - 2][1] > 0)
    for layer in (2, 1):
        cache, Z, pooling, shape = kept[layer - 1]
        dZ = lenet.pool_backward(dA.reshape(shape), pooling)
        dZ[Z <= 0] = 0
        dA, gradients[f"W{layer}"], gradients[f"b{layer}"] = lenet.conv_backward(dZ, cache)
    return loss, gradients


@right("lenet_gradients", "the mean over single images")
def _(X, labels, parameters):
    found = [lenet_gradients(X[i : i + 1], labels[i : i + 1], parameters) for i in range(len(X))]
    loss = np.mean([one for one, _ in found])
    return loss, {n: np.mean([g[n] for _, g in found], axis=0) for n in parameters}


@right("lenet_gradients", "softmax of its own, a float, prints")
def _(X, labels, parameters):
    scores, _ = _there(X, parameters)
    e = np.exp(scores - scores.max())
    p = e / e.sum(axis=1, keepdims=True)
    loss = -sum(math.log(p[i, label]) for i, label in enumerate(labels)) / len(labels)
    print("loss", loss)
    return loss, lenet_gradients(X, labels, parameters)[1]


@right("lenet_gradients", "names in another order, and others besides, a list")
def _(X, labels, parameters):
    loss, gradients = lenet_gradients(X, labels, parameters)
    found = {name: gradients[name] for name in sorted(gradients, reverse=True)}
    return [np.array(loss), {**found, "X": X, "momentum": None}]


@right("lenet_gradients", "an ordered dictionary, integers kept as they are, logging")
def _(images, y, weights):
    logging.getLogger().error("training")
    loss, gradients = lenet_gradients(images, y, weights)
    return loss, collections.OrderedDict(gradients.items())


@right("lenet_gradients", "one-hot labels, np.where")
def _(X, labels, parameters):
    scores, kept = _there(X, parameters)
    one_hot = np.eye(scores.shape[1])[labels]
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -(one_hot * logs).sum() / len(X)
    dZ, gradients = (np.exp(logs) - one_hot) / len(X), {}
    for layer in (5, 4, 3):
        A, W, _ = kept[layer - 1][0]
        gradients[f"W{layer}"], gradients[f"b{layer}"] = A.T @ dZ, dZ.sum(0, keepdims=True)
        dA = dZ @ W.T
        if layer > 3:
            dZ = np.where(kept[layer - 2][1] > 0, dA, 0)
    for layer in (2, 1):
        cache, Z, pooling, shape = kept[layer - 1]
        dZ = np.where(Z > 0, lenet.pool_backward(dA.reshape(shape), pooling), 0)
        dA, gradients[f"W{layer}"], gradients[f"b{layer}"] = lenet.conv_backward(dZ, cache)
    return loss, gradients


@right("momentum_step", "in two lines")
def momentum_step(w, dw, velocity, learning_rate, momentum):
    v = momentum * velocity + dw
    return w - learning_rate * v, v


@right("momentum_step", "without the velocity's name, prints")
def _(w, dw, velocity, learning_rate, momentum):
    print(w.shape)
    new = w - learning_rate * dw - learning_rate * momentum * velocity
    return new, dw + momentum * velocity


@right("momentum_step", "copies changed in place")
def _(w, dw, velocity, learning_rate, momentum):
    w, velocity = w.copy(), velocity.copy()
    velocity *= momentum
    velocity += dw
    w -= learning_rate * velocity
    return w, velocity


@right("momentum_step", "number by number")
def _(w, dw, velocity, learning_rate, momentum):
    new_w, new_v = np.empty(w.shape), np.empty(w.shape)
    for i in np.ndindex(w.shape):
        new_v[i] = momentum * velocity[i] + dw[i]
        new_w[i] = w[i] - learning_rate * new_v[i]
    return new_w, new_v


@right("momentum_step", "subtracted the other way, a list")
def _(w, dw, velocity, alpha, mu):
    velocity = dw - (-mu) * velocity
    return [-(alpha * velocity - w), velocity]


@right("momentum_step", "flat and back, warnings")
def _(w, dw, velocity, learning_rate, momentum):
    warnings.warn("step", stacklevel=2)
    v = np.array([[momentum, 1.0]]) @ np.stack([velocity.ravel(), dw.ravel()])
    v = v.reshape(w.shape)
    return w + v * -learning_rate, v
