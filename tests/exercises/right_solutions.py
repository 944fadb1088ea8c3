"""Right solutions in the styles that people write, beside the taught ones: none may lose a point.

Each function is registered under its exercise; a test's id is the style. Helpers that a solution
calls are the ones defined here first, as in a notebook.
"""

import functools
import logging
import math
import os
import sys
import warnings

import numpy as np

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
