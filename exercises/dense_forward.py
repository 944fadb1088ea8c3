"""dense_forward: the forward pass of a fully connected layer."""

import numpy as np

from convnet.types import Array
from exercises import lenet, vectorized
from exercises.cases import LARGE
from exercises.page import Page, row_of
from nbexercise.defining.cases import Arguments, Cases, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

SUM = "A_prev @ W + b"
SHAPE, VALUES, ONE, CACHE, REST = (
    "output shape",
    "values",
    "one image, one output",
    "cache",
    "input left alone",
)


def cases(rng: Rng) -> Cases:
    for m, n_prev, n in ((3, 4, 2), (2, 3, 5), (2, 3, 5), (4, 4, 4)):
        yield VALUES, _arguments(rng, m, n_prev, n, b=3 * exact_fractions(rng, 1, n))
    large = _arguments(rng, 3, 4, 3, b=LARGE * exact_fractions(rng, 1, 3))
    yield VALUES, {**large, "A_prev": LARGE * large["A_prev"]}
    for m, n_prev, n in ((1, 3, 2), (3, 2, 1)):  # no output is negative here
        yield ONE, _arguments(rng, m, n_prev, n, b=exact_fractions(rng, 1, n, sign=1) + 12)


def _arguments(rng: Rng, m: int, n_prev: int, n: int, b: Array) -> Arguments:
    return {"A_prev": exact_fractions(rng, m, n_prev), "W": exact_fractions(rng, n_prev, n), "b": b}


EXERCISE = Exercise(
    loops=lenet.dense_forward,
    vectorized=vectorized.dense_forward,
    title="Dense layer, forward",
    assignment="lenet",
    section="Fully connected layers",
    returns=(Return("Z"), Return("cache", "cache", ("A_prev", "W", "b"))),
    cases=cases,
    checks=(
        Check(SHAPE, 1, "shape"),
        Check(VALUES, 2, groups=(VALUES, ONE)),
        Check(CACHE, 1, "cache"),
        Check(REST, 1, "unchanged"),
    ),
    mistakes=(
        Mistake(
            "bias forgotten",
            {SUM: "A_prev @ W"},
            (VALUES, REST),
            "The bias is not added.",
            "Each output has its own bias, which is added once.",
        ),
        Mistake(
            "bias subtracted",
            {SUM: "A_prev @ W - b"},
            (VALUES, REST),
            "The bias is subtracted.",
            "With an input of zeros, the output is the bias itself.",
        ),
        Mistake(
            "bias added to the input",
            {SUM: "(A_prev + b.mean()) @ W"},
            (VALUES, REST),
            "The mean of the biases is multiplied by the weights, as if it were added to the "
            "inputs, before the product.",
            "There is one bias for each output, not for each input.",
        ),
        Mistake(
            "first bias for all",
            {SUM: "A_prev @ W + b[0, 0]"},
            (VALUES, REST),
            "Every output gets the bias of the first one.",
            "`b` has the shape `(1, n)`: one column for each output.",
        ),
        Mistake(
            "elementwise product",
            {SUM: "(A_prev.sum(axis=1, keepdims=True)) * W[0] + b"},
            (VALUES, REST),
            "The inputs are summed and multiplied by one weight, that of the first input.",
            "Each input has its own weight for each output: this is a matrix product.",
        ),
        Mistake(
            "transposed",
            {SUM: "(A_prev @ W + b).T"},
            (SHAPE, VALUES, REST),
            "The output is transposed: it has a column for each image.",
            "The images are the rows of `A_prev` and also the rows of `Z`.",
        ),
        Mistake(
            "first image for all",
            {SUM: "A_prev[:1] @ W + b + 0 * (A_prev @ W)"},
            (VALUES, REST),
            "Every image gets the output of the first one.",
            "Each row of `Z` belongs to the same row of `A_prev`.",
        ),
        Mistake(
            "averaged",
            {SUM: "A_prev @ W / A_prev.shape[1] + b"},
            (VALUES, REST),
            "The products are averaged instead of added up.",
            "An output is the sum over all inputs of input times weight.",
        ),
        Mistake(
            "activation added",
            {SUM: "np.maximum(A_prev @ W + b, 0)"},
            (VALUES, REST),
            "Negative outputs have become zero: the ReLU comes after this layer, not in it.",
            "The function returns `Z`, before any activation.",
        ),
    ),
    hints=(
        "An output is the sum of each input times its weight, plus a bias.",
        "A product of two matrices computes all images and all outputs at once.",
        "The product of `A_prev`, `(m, n_prev)`, and `W`, `(n_prev, n)`, has the shape `(m, n)`; "
        "`b` is added to every row of it.",
    ),
)

PAGE = Page(
    terms=("dense layer", "matrix product", "weight", "bias"),
    mistakes=(
        "bias forgotten",
        "elementwise product",
        "first bias for all",
        "activation added",
    ),
    cases=(
        {
            "A_prev": np.array([[1.0, 2.0], [3.0, 4.0]]),
            "W": np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]]),
            "b": row_of(1, 0, 0),
        },
    ),
    reading="Two examples with two inputs each go in, and three outputs for each come out. "
    "The first output of the first example is `1 * 1 + 2 * 0 + 1` = [2]{= Z[0, 0] }.",
)
