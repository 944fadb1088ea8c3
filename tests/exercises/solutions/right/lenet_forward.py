"""Correct solutions of lenet_forward in common styles."""

import warnings

import numpy as np

from exercises import lenet
from tests.exercises.solutions.registry import right
from tests.exercises.solutions.right.dense_forward import dense_forward


def lenet_parts(parameters):
    return [(parameters[f"W{n}"], parameters[f"b{n}"]) for n in range(1, 6)]


def relu_of(Z):
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

    convolutions, dense = lenet_parts(parameters)[:2], lenet_parts(parameters)[2:]
    A = X
    for (W, b), pad in zip(convolutions, (2, 0), strict=True):
        A = block(A, W, b, pad)
    A = np.array([image.flatten() for image in A])
    for W, b in dense[:-1]:
        A = relu_of(A @ W + b)
    return A @ dense[-1][0] + dense[-1][1]


@right("lenet_forward", "pooling before the ReLU")
def _(X, parameters):
    parts, pool = lenet_parts(parameters), {"f": 2, "stride": 2}
    A = lenet.conv_forward(X, *parts[0], {"stride": 1, "pad": 2})[0]
    A = relu_of(lenet.pool_forward(A, pool)[0])
    A = lenet.conv_forward(A, *parts[1], {"stride": 1, "pad": 0})[0]
    A = relu_of(lenet.pool_forward(A, pool)[0]).reshape(len(X), -1)
    for W, b in parts[2:4]:
        A = relu_of(dense_forward(A, W, b)[0])
    Z, _ = dense_forward(A, *parts[4])
    return Z


@right("lenet_forward", "padded by hand, pooled by reshaping, warnings")
def _(X, parameters):
    warnings.warn("slow", stacklevel=2)

    def pooled(A):
        m, n_H, n_W, n_C = A.shape
        A = A[:, : n_H // 2 * 2, : n_W // 2 * 2]
        return A.reshape(m, n_H // 2, 2, n_W // 2, 2, n_C).max(axis=(2, 4))

    parts = lenet_parts(parameters)
    X = np.pad(X, ((0, 0), (2, 2), (2, 2), (0, 0)))
    for W, b in parts[:2]:
        X = pooled(relu_of(lenet.conv_forward(X, W, b, {"stride": 1, "pad": 0})[0]))
    X = X.reshape(X.shape[0], -1)
    for place, (W, b) in enumerate(parts[2:]):
        X = X @ W + b
        X = relu_of(X) if place < 2 else X
    return X


@right("lenet_forward", "dense layers as convolutions")
def _(X, parameters):
    parts, pool = lenet_parts(parameters), {"f": 2, "stride": 2}
    for (W, b), pad in zip(parts[:2], (2, 0), strict=True):
        X = relu_of(lenet.conv_forward(X, W, b, {"stride": 1, "pad": pad})[0])
        X = lenet.pool_forward(X, pool)[0]
    X = X.reshape(len(X), 1, 1, -1)
    for place, (W, b) in enumerate(parts[2:]):
        X, _ = lenet.conv_forward(X, W[None, None], b[None, None], {"stride": 1, "pad": 0})
        X = X if place == 2 else relu_of(X)
    return X[:, 0, 0]
