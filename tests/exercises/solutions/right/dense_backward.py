"""Correct solutions of dense_backward in common styles."""

import logging

import numpy as np

from tests.exercises.solutions.registry import right


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
