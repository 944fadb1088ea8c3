"""Correct solutions of conv_backward in common styles."""

import warnings

import numpy as np

from tests.exercises.solutions.registry import right
from tests.exercises.solutions.right.zero_pad import zero_pad


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
    spread = np.zeros((m, H + f - 1, W_ + f - 1, n_C))  # dZ, s apart, padded with f - 1 zeros
    spread[:, f - 1 : f - 1 + n_H * s : s, f - 1 : f - 1 + n_W * s : s][:, :n_H, :n_W] = dZ
    views = np.lib.stride_tricks.sliding_window_view(spread, (f, f), axis=(1, 2))
    dA = np.einsum("mhwnyx,yxcn->mhwc", views, W[::-1, ::-1])
    pixels = np.lib.stride_tricks.sliding_window_view(zero_pad(A_prev, p), (f, f), axis=(1, 2))
    dW = np.einsum("mhwcyx,mhwn->yxcn", pixels[:, ::s, ::s], dZ)
    db = dZ.reshape(-1, n_C).sum(0)[None, None, None]
    return dA[:, p : H - p, p : W_ - p], dW, db
