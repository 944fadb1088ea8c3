"""Wrong solutions of one_by_one_forward that its known mistakes do not hold."""

import numpy as np

from exercises import vectorised
from tests.exercises.solutions.registry import edited, wrong

PIXEL, WEIGHTED = "pixel = A_prev[i, h, w]", "np.dot(pixel, weights) + biases"


@wrong("one_by_one_forward", "with a cache")
def _(A_prev, W, b):
    return vectorised.one_by_one_forward(A_prev, W, b), (A_prev, W, b)


@wrong("one_by_one_forward", "rows and columns swapped")
def _(A_prev, W, b):
    return vectorised.one_by_one_forward(A_prev, W, b).transpose(0, 2, 1, 3)


@wrong("one_by_one_forward", "channels first")
def _(A_prev, W, b):
    return vectorised.one_by_one_forward(A_prev, W, b).transpose(0, 3, 1, 2)


@wrong("one_by_one_forward", "one vector for each image")
def _(A_prev, W, b):
    return vectorised.one_by_one_forward(A_prev, W, b).mean(axis=(1, 2))


@wrong("one_by_one_forward", "average over the image")
def _(A_prev, W, b):
    return vectorised.one_by_one_forward(A_prev, W, b).mean(axis=(1, 2), keepdims=True)


@wrong("one_by_one_forward", "all pixels in a long row")
def _(A_prev, W, b):
    m, _, _, n_C = (Z := vectorised.one_by_one_forward(A_prev, W, b)).shape
    return Z.reshape(m, 1, -1, n_C)


@wrong("one_by_one_forward", "units in the opposite order")
def _(A_prev, W, b):
    return vectorised.one_by_one_forward(A_prev, W, b)[..., ::-1]


@wrong("one_by_one_forward", "softmax applied")
def _(A_prev, W, b):
    Z = np.exp(vectorised.one_by_one_forward(A_prev, W, b))
    return Z / Z.sum(axis=-1, keepdims=True)


edited(
    "one_by_one_forward",
    "largest product",
    {WEIGHTED: "np.max(pixel[:, np.newaxis] * weights, axis=0) + biases"},
)
edited("one_by_one_forward", "bias subtracted", {WEIGHTED: "np.dot(pixel, weights) - biases"})
edited("one_by_one_forward", "bias multiplied", {WEIGHTED: "np.dot(pixel, weights) * biases"})
edited("one_by_one_forward", "bias twice", {WEIGHTED: "np.dot(pixel, weights) + 2 * biases"})
edited("one_by_one_forward", "previous pixel", {PIXEL: "pixel = A_prev[i, h, w - 1]"})
edited("one_by_one_forward", "image before", {PIXEL: "pixel = A_prev[i - 1, h, w]"})
edited("one_by_one_forward", "last row missing", {"for h in range(n_H)": "for h in range(n_H - 1)"})
edited(
    "one_by_one_forward", "last column missing", {"for w in range(n_W)": "for w in range(n_W - 1)"}
)
edited("one_by_one_forward", "a row too many", {"for h in range(n_H)": "for h in range(n_H + 1)"})
edited("one_by_one_forward", "channels reversed", {PIXEL: "pixel = A_prev[i, h, w, ::-1]"})
edited(
    "one_by_one_forward",
    "one image",
    {"for i in range(m)": "for i in range(1)"},
    "returned after the first image",
)
