"""Correct solutions of conv_forward in common styles."""

import os
import warnings

import numpy as np

from tests.exercises.solutions.registry import right
from tests.exercises.solutions.right.conv_single_step import conv_single_step
from tests.exercises.solutions.right.zero_pad import zero_pad


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
    """A layer as a class with the function as a method."""

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
