"""Solutions of dense_forward: correct ones in common styles, and wrong ones."""

import warnings

import numpy as np

from tests.exercises.solutions.registry import Solutions

add = Solutions("dense_forward")


@add.right("np.dot")
def dense_forward(A_prev, W, b):
    return np.dot(A_prev, W) + b, (A_prev, W, b)


@add.right("three loops, prints")
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


@add.right("image by image, b tiled")
def _(A_prev, W, b):
    Z = np.array([row @ W for row in A_prev]) + np.tile(b, (len(A_prev), 1))
    return Z, (A_prev, W, b)


@add.right("output by output, a list for the cache")
def _(inputs, weights, biases):
    columns = [inputs @ weights[:, k] + biases[0, k] for k in range(weights.shape[1])]
    return np.stack(columns, axis=1), [inputs, weights, biases]


@add.right("one column of ones more")
def _(A_prev, W, b):
    extended = np.hstack([A_prev, np.ones((len(A_prev), 1))])
    Z = extended @ np.vstack([W, b])
    cache = (A_prev, W, b)
    return Z, cache


@add.right("added in place, float32 warnings")
def _(A_prev, W, b):
    warnings.warn("dense", stacklevel=2)
    Z = np.matmul(A_prev, W)
    Z += b
    return Z, (A_prev.copy(), W.copy(), b.copy())


@add.right("transposed and back")
def _(A_prev, W, b):
    return (W.T @ A_prev.T + b.T).T, (A_prev, W, b)


# Wrong solutions that are not among the known mistakes

DENSE = "A_prev @ W + b"
add.edited("bias twice", {DENSE: "A_prev @ W + 2 * b"})
add.edited("last bias for all", {DENSE: "A_prev @ W + b[0, -1]"})
add.edited("mean of the biases", {DENSE: "A_prev @ W + b.mean()"})
add.edited("biases reversed", {DENSE: "A_prev @ W + b[:, ::-1]"})
add.edited("bias alone", {DENSE: "0 * (A_prev @ W) + b"})
add.edited("magnitudes", {DENSE: "abs(A_prev @ W + b)"})
add.edited("transposed weights", {DENSE: "A_prev @ W.T + b"})
add.edited("inputs reversed", {DENSE: "A_prev[:, ::-1] @ W + b"})
add.edited("images reversed", {DENSE: "A_prev[::-1] @ W + b"})
add.edited("tanh", {DENSE: "np.tanh(A_prev @ W + b)"})
add.edited("ReLU on the product", {DENSE: "np.maximum(A_prev @ W, 0) + b"})
add.edited("first input left out", {DENSE: "A_prev[:, 1:] @ W[1:] + b"})
add.changed("cache without b")(lambda answer, A, W, b: (answer[0], (A, W)))
add.changed("Z in the cache")(lambda answer, A, W, b: (answer[0], (answer[0], W, b)))
add.changed("clipped at 255")(lambda answer, *_: (answer[0].clip(-255, 255), answer[1]))
