"""Solutions of dense_backward: correct ones in common styles, and wrong ones."""

import logging

import numpy as np

from tests.exercises.solutions.registry import Solutions

add = Solutions("dense_backward")


@add.right("np.dot, np.sum")
def dense_backward(dZ, cache):
    A_prev, W, b = cache
    return np.dot(dZ, W.T), np.dot(A_prev.T, dZ), np.sum(dZ, axis=0, keepdims=True)


@add.right("summed image by image, prints")
def _(dZ, cache):
    (A_prev, W, b) = cache
    dA_prev, dW, db = np.zeros(A_prev.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i, (a, dz) in enumerate(zip(A_prev, dZ, strict=True)):
        dA_prev[i] = W @ dz
        dW += np.outer(a, dz)
        db += dz
        print(i, dz)
    return dA_prev, dW, db


@add.right("four loops")
def _(dZ, cache):
    A_prev, W, b = cache
    dA_prev, dW, db = (np.zeros_like(array, float) for array in cache)
    for i, j, k in np.ndindex(len(A_prev), *W.shape):
        dA_prev[i, j] += dZ[i, k] * W[j, k]
        dW[j, k] += dZ[i, k] * A_prev[i, j]
    for i, k in np.ndindex(dZ.shape):
        db[0, k] += dZ[i, k]
    return dA_prev, dW, db


@add.right("transposed and back, a list returned")
def _(dZ, cache):
    A_prev, W, b = cache
    return [(W @ dZ.T).T, (dZ.T @ A_prev).T, dZ.sum(0).reshape(b.shape)]


@add.right("broadcast products, logging")
def _(dZ, cache):
    A_prev, W, b = cache
    logging.getLogger().warning("backward")
    dA_prev = (dZ[:, None, :] * W[None]).sum(axis=2)
    dW = (A_prev[:, :, None] * dZ[:, None, :]).sum(axis=0)
    return dA_prev, dW, dZ.sum(axis=0)[None, :]


@add.right("one column of ones more")
def _(dZ, cache):
    A_prev, W, b = cache
    extended = np.hstack([A_prev, np.ones((len(A_prev), 1))])
    both = extended.T @ dZ
    return dZ @ W.T, both[:-1], both[-1:]


# Wrong solutions that are not among the known mistakes

D_A, D_W, D_B = "dZ @ W.T", "A_prev.T @ dZ", "dZ.sum(axis=0, keepdims=True)"
add.edited("dA_prev averaged", {D_A: "dZ @ W.T / len(dZ)"})
add.edited("dA_prev averaged over outputs", {D_A: "dZ @ W.T / dZ.shape[1]"})
add.edited("dA_prev times the input", {D_A: "(dZ @ W.T) * A_prev"})
add.edited("dA_prev where the input is positive", {D_A: "(dZ @ W.T) * (A_prev > 0)"})
add.edited("dW twice", {D_W: "2 * A_prev.T @ dZ"})
add.edited("dW with weight decay", {D_W: "A_prev.T @ dZ + 0.1 * W"})
add.edited("dW negated", {D_W: "-A_prev.T @ dZ"})
add.edited("dW of the first image", {D_W: "A_prev[:1].T @ dZ[:1]"})
add.edited("dW with reversed images", {D_W: "A_prev[::-1].T @ dZ"})
add.edited("db from the first image", {D_B: "dZ[:1]"})
add.edited("db negated", {D_B: "-dZ.sum(axis=0, keepdims=True)"})
add.edited("db the largest", {D_B: "dZ.max(axis=0, keepdims=True)"})
add.edited("db of magnitudes", {D_B: "abs(dZ).sum(axis=0, keepdims=True)"})
add.edited("db plus b", {D_B: "b + dZ.sum(axis=0, keepdims=True)"})
add.edited("db is b", {D_B: "b"})
add.changed("another order")(lambda answer, *_: answer[::-1])
add.changed("clipped at 5")(lambda answer, *_: tuple(d.clip(-5, 5) for d in answer))
add.changed("clipped at 100")(lambda answer, *_: tuple(d.clip(-100, 100) for d in answer))
