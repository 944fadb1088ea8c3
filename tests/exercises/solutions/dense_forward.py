"""Solutions of dense_forward: correct ones in common styles, and wrong ones."""

import warnings

import numpy as np

from tests.exercises.solutions.registry import changed, edited, right


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


# Wrong solutions that are not among the known mistakes

DENSE = "A_prev @ W + b"
edited("dense_forward", "bias twice", {DENSE: "A_prev @ W + 2 * b"})
edited("dense_forward", "last bias for all", {DENSE: "A_prev @ W + b[0, -1]"})
edited("dense_forward", "mean of the biases", {DENSE: "A_prev @ W + b.mean()"})
edited("dense_forward", "biases reversed", {DENSE: "A_prev @ W + b[:, ::-1]"})
edited("dense_forward", "bias alone", {DENSE: "0 * (A_prev @ W) + b"})
edited("dense_forward", "magnitudes", {DENSE: "abs(A_prev @ W + b)"})
edited("dense_forward", "transposed weights", {DENSE: "A_prev @ W.T + b"})
edited("dense_forward", "inputs reversed", {DENSE: "A_prev[:, ::-1] @ W + b"})
edited("dense_forward", "images reversed", {DENSE: "A_prev[::-1] @ W + b"})
edited("dense_forward", "tanh", {DENSE: "np.tanh(A_prev @ W + b)"})
edited("dense_forward", "ReLU on the product", {DENSE: "np.maximum(A_prev @ W, 0) + b"})
edited("dense_forward", "first input left out", {DENSE: "A_prev[:, 1:] @ W[1:] + b"})
changed("dense_forward", "Z alone")(lambda answer, *_: answer[0])
changed("dense_forward", "cache first")(lambda answer, *_: answer[::-1])
changed("dense_forward", "cache without b")(lambda answer, A, W, b: (answer[0], (A, W)))
changed("dense_forward", "Z in the cache")(lambda answer, A, W, b: (answer[0], (answer[0], W, b)))
changed("dense_forward", "clipped at 255")(
    lambda answer, *_: (answer[0].clip(-255, 255), answer[1])
)
