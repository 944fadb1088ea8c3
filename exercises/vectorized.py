"""Vectorized solutions of the exercises, with the published interface.

If an exercise is written with loops, its expected outcomes are computed by these functions. The
sample class submits them, and the tests judge them. Their sources are also pasted into notebooks,
so each function needs only `np` and the earlier exercises.
"""

import numpy as np

from exercises.loops import create_mask_from_window, zero_pad

__all__ = [
    "conv_backward",
    "conv_forward",
    "conv_single_step",
    "conv_transpose_forward",
    "create_mask_from_window",
    "dense_as_convolution",
    "dense_backward",
    "dense_forward",
    "distribute_value",
    "lenet_forward",
    "lenet_gradients",
    "momentum_step",
    "one_by_one_forward",
    "pool_backward",
    "pool_forward",
    "zero_pad",
    # activations
    "relu",
    "relu_backward",
    "sigmoid",
    "sigmoid_backward",
    "softmax",
    "softmax_cross_entropy",
    "tanh_backward",
    # arithmetic
    "conv_parameters",
    "output_size",
    "padding_amounts",
    "transposed_size",
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
    dA_padded, dW = np.zeros(padded.shape, dZ.dtype), np.zeros(W.shape, dZ.dtype)
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
    dA_prev = np.zeros(A_prev.shape, dA.dtype)
    for h in range(dA.shape[1]):
        for w in range(dA.shape[2]):
            window = np.s_[:, h * stride : h * stride + f, w * stride : w * stride + f, :]
            share = dA[:, h : h + 1, w : w + 1, :]
            if mode == "max":
                pixels = A_prev[window]
                share = share * (pixels == pixels.max(axis=(1, 2), keepdims=True))
            dA_prev[window] += share
    return dA_prev if mode == "max" else dA_prev / f**2


def conv_transpose_forward(A_prev, W, b, hparameters):
    stride, pad, more = (hparameters[name] for name in ("stride", "pad", "output_pad"))
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, n_C, _ = W.shape
    height, width = (stride * (n - 1) + f + more for n in (n_H_prev, n_W_prev))
    canvas = np.zeros((m, height, width, n_C), np.result_type(A_prev, W))
    for x in range(f):
        for y in range(f):
            rows = slice(x, x + stride * n_H_prev, stride)
            columns = slice(y, y + stride * n_W_prev, stride)
            canvas[:, rows, columns][:, :n_H_prev, :n_W_prev] += A_prev @ W[x, y].T
    Z = canvas[:, pad : height - pad, pad : width - pad] + b
    return Z, (A_prev, W, b, hparameters)


def one_by_one_forward(A_prev, W, b):
    return np.tensordot(A_prev, W[0, 0], axes=1) + b


def dense_as_convolution(W, b, f):
    return W.reshape(f, f, -1, W.shape[1]), b.reshape(1, 1, 1, -1)


# activations


def sigmoid(Z):
    return (1 + np.tanh(Z / 2)) / 2, (Z,)


def sigmoid_backward(dA, cache):
    (Z,) = cache
    half = np.tanh(Z / 2)
    return dA * (1 - half) * (1 + half) / 4


def tanh_backward(dA, cache):
    (Z,) = cache
    return dA * (1 - np.tanh(Z)) * (1 + np.tanh(Z))


def relu(Z):
    return np.where(Z > 0, Z, 0), (Z,)


def relu_backward(dA, cache):
    (Z,) = cache
    return dA * (Z > 0)


def softmax(Z):
    columns = Z.T - Z.max(axis=1)
    powers = np.exp(columns)
    return (powers / powers.sum(axis=0)).T


def softmax_cross_entropy(Z, labels):
    m, n = Z.shape
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_A = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    right = labels[:, None] == np.arange(n)
    return -np.sum(log_A[right]) / m, (np.exp(log_A) - right) / m


# arithmetic


def output_size(n, f, stride, pad):
    return len(range(0, n + 2 * pad - f + 1, stride))


def padding_amounts(n, f, stride, mode):
    last = (n - 1) // stride * stride  # start of the last window of SAME
    totals = {"VALID": 0, "SAME": max(last + f - n, 0), "FULL": 2 * f - 2}
    return totals[mode] // 2, (totals[mode] + 1) // 2


def conv_parameters(f_H, f_W, n_C_prev, n_C):
    return np.prod([f_H, f_W, n_C_prev, n_C]) + n_C


def transposed_size(n, f, stride, pad, output_pad):
    return (n - 1) * stride + (f - pad) - (pad - output_pad)


# lenet: its small functions have no loops, so these are written in another way


def dense_forward(A_prev, W, b):
    return np.einsum("ij,jk->ik", A_prev, W) + b, (A_prev, W, b)


def dense_backward(dZ, cache):
    A_prev, W, b = cache
    dA_prev, dW = np.einsum("ik,jk->ij", dZ, W), np.einsum("ij,ik->jk", A_prev, dZ)
    return dA_prev, dW, np.ones((1, len(dZ))) @ dZ


def lenet_forward(X, parameters):
    A = X
    for layer, pad in ((1, 2), (2, 0)):
        W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
        Z, _ = conv_forward(A, W, b, {"stride": 1, "pad": pad})
        A, _ = pool_forward(Z * (Z > 0), {"f": 2, "stride": 2})
    A = A.reshape(len(A), -1)
    for layer in (3, 4, 5):
        Z, _ = dense_forward(A, parameters[f"W{layer}"], parameters[f"b{layer}"])
        A = Z * (Z > 0)
    return Z


def lenet_gradients(X, labels, parameters):
    A, caches, gradients = X, {}, {}
    for layer in range(1, 6):
        W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
        if layer < 3:
            Z, cache = conv_forward(A, W, b, {"stride": 1, "pad": 2 if layer == 1 else 0})
            A, pooling = pool_forward(np.maximum(Z, 0), {"f": 2, "stride": 2})
            caches[layer] = cache, Z, pooling, A.shape
            if layer == 2:
                A = A.reshape(len(A), -1)
        else:
            Z, cache = dense_forward(A, W, b)
            caches[layer] = cache, Z
            A = np.maximum(Z, 0)
    loss, dZ = softmax_cross_entropy(Z, labels)
    for layer in range(5, 0, -1):
        if layer < 5:
            if layer < 3:
                dZ = pool_backward(dZ.reshape(caches[layer][3]), caches[layer][2])
            dZ = np.where(caches[layer][1] > 0, dZ, 0)
        back = conv_backward if layer < 3 else dense_backward
        dZ, gradients[f"W{layer}"], gradients[f"b{layer}"] = back(dZ, caches[layer][0])
    return loss, gradients


def momentum_step(w, dw, velocity, learning_rate, momentum):
    velocity = np.add(np.multiply(velocity, momentum), dw)
    return np.subtract(w, np.multiply(velocity, learning_rate)), velocity
