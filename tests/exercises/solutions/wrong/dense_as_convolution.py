"""Wrong solutions of dense_as_convolution that are not among its known mistakes."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import edited, wrong

OF_UNIT = "W[:, c].reshape(f, f, n_C_prev)"


@wrong("dense_as_convolution", "as they were")
def _(W, b, f):
    return W, b


@wrong("dense_as_convolution", "units before channels")
def _(W, b, f):
    W_conv, b_conv = vectorized.dense_as_convolution(W, b, f)
    return W_conv.transpose(0, 1, 3, 2), b_conv


@wrong("dense_as_convolution", "channels first")
def _(W, b, f):
    W_conv, b_conv = vectorized.dense_as_convolution(W, b, f)
    return W_conv.transpose(2, 0, 1, 3), b_conv


@wrong("dense_as_convolution", "in another order")
def _(W, b, f):
    return vectorized.dense_as_convolution(W, b, f)[::-1]


@wrong("dense_as_convolution", "b_conv of shape (n_C,)")
def _(W, b, f):
    return vectorized.dense_as_convolution(W, b, f)[0], b[0]


@wrong("dense_as_convolution", "f is 3")
def _(W, b, f):
    return vectorized.dense_as_convolution(np.resize(W, (18, W.shape[1])), b, 3)


@wrong("dense_as_convolution", "the inverse of W")
def _(W, b, f):
    W_conv, b_conv = vectorized.dense_as_convolution(np.linalg.pinv(W).T, b, f)
    return W_conv, b_conv


edited(
    "dense_as_convolution",
    "the order of the rows reversed",
    {OF_UNIT: "W[::-1, c].reshape(f, f, n_C_prev)"},
)
edited("dense_as_convolution", "upside down", {OF_UNIT: "W[:, c].reshape(f, f, n_C_prev)[::-1]"})
edited(
    "dense_as_convolution",
    "channels reversed",
    {OF_UNIT: "W[:, c].reshape(f, f, n_C_prev)[..., ::-1]"},
)
edited("dense_as_convolution", "unit before", {OF_UNIT: "W[:, c - 1].reshape(f, f, n_C_prev)"})
edited(
    "dense_as_convolution", "last unit missing", {"for c in range(n_C)": "for c in range(n_C - 1)"}
)
edited(
    "dense_as_convolution", "first unit missing", {"for c in range(n_C)": "for c in range(1, n_C)"}
)
edited("dense_as_convolution", "bias with the weights", {OF_UNIT: OF_UNIT + " + b[0, c]"})
edited("dense_as_convolution", "biases reversed", {"b[0, c]": "b[0, -1 - c]"})
edited(
    "dense_as_convolution",
    "one row too many",
    {"f, f, n_C_prev, n_C))": "f + 1, f, n_C_prev, n_C))"},
)


edited(
    "dense_as_convolution",
    "as many units as channels",
    {"for c in range(n_C):": "for c in range(n_C_prev if n_C_prev < n_C else n_C):"},
)


@wrong("dense_as_convolution", "reshaped at once, units first", "rows of W instead of columns")
def _(W, b, f):
    n, c = W.shape
    return (W.reshape(c, f, f, n // (f * f)).transpose(1, 2, 3, 0), b.reshape(1, 1, 1, c))


@wrong("dense_as_convolution", "n_C_prev is 3")
def _(W, b, f):
    return (W.reshape(f, f, 3, -1), b.reshape(1, 1, 1, -1))


@wrong("dense_as_convolution", "f + f")
def _(W, b, f):
    n, c = W.shape
    k = n // (f + f)
    return (W[: f * f * k].reshape(f, f, k, c), b.reshape(1, 1, 1, c))


@wrong("dense_as_convolution", "mean of the biases")
def _(W, b, f):
    n, c = W.shape
    return (W.reshape(f, f, -1, c), np.zeros((1, 1, 1, c)) + b.mean())


@wrong("dense_as_convolution", "whole numbers")
def _(W, b, f):
    n, c = W.shape
    return (W.reshape(f, f, -1, c), b.astype(int).reshape(1, 1, 1, c))


@wrong("dense_as_convolution", "b of shape (1, 1, n_C)")
def _(W, b, f):
    n, c = W.shape
    return (W.reshape(f, f, -1, c), b.reshape(1, 1, c))


@wrong("dense_as_convolution", "n_C before n_C_prev", "channels and filters exchanged")
def _(W, b, f):
    n_C = W.shape[1]
    return W.reshape(f, f, n_C, -1), b.reshape(1, 1, 1, n_C)
