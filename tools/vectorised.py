"""Right solutions without loops, as some students write them, for the sample class.

They are texts for notebooks as much as functions: each stands alone with `np` and the earlier
exercises in scope.
"""

import numpy as np

from convnet.loops import create_mask_from_window, zero_pad

__all__ = [
    "conv_backward",
    "conv_forward",
    "conv_single_step",
    "create_mask_from_window",
    "distribute_value",
    "pool_backward",
    "pool_forward",
    "zero_pad",
]


def conv_single_step(a_slice_prev, W, b):
    return np.tensordot(a_slice_prev, W, axes=3) + b[0, 0, 0]


def distribute_value(dz, shape):
    return np.ones(shape) * dz / np.prod(shape)


def conv_forward(A_prev, W, b, hparameters):
    f, stride = W.shape[0], hparameters["stride"]
    padded = zero_pad(A_prev, hparameters["pad"])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (f, f), axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    Z = np.einsum("mhwcxy,xycn->mhwn", windows, W) + b
    return Z, (A_prev, W, b, hparameters)


def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    windows = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    A = windows.max(axis=(4, 5)) if mode == "max" else windows.mean(axis=(4, 5))
    return A, (A_prev, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    n_H, n_W = dZ.shape[1:3]
    padded = zero_pad(A_prev, pad)
    dA_padded, dW = np.zeros(padded.shape), np.zeros(W.shape)
    for x in range(W.shape[0]):
        for y in range(W.shape[1]):
            rows = slice(x, x + n_H * stride, stride)
            columns = slice(y, y + n_W * stride, stride)
            pixels = padded[:, rows, columns][:, :n_H, :n_W]
            dW[x, y] = np.einsum("mhwc,mhwn->cn", pixels, dZ)
            dA_padded[:, rows, columns][:, :n_H, :n_W] += dZ @ W[x, y].T
    height, width = A_prev.shape[1:3]
    dA_prev = dA_padded[:, pad : pad + height, pad : pad + width]
    return dA_prev, dW, dZ.sum(axis=(0, 1, 2), keepdims=True)


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for h in range(dA.shape[1]):
        for w in range(dA.shape[2]):
            window = np.s_[:, h * stride : h * stride + f, w * stride : w * stride + f, :]
            if mode == "max":
                pixels = A_prev[window]
                share = pixels == pixels.max(axis=(1, 2), keepdims=True)
            else:
                share = 1 / f**2
            dA_prev[window] += share * dA[:, h : h + 1, w : w + 1, :]
    return dA_prev
