"""dense_backward: the gradients of a dense layer's input, weights and biases."""

import numpy as np

from exercises import dense_forward, lenet, vectorized
from exercises.cases import LARGE
from exercises.page import Page, row_of
from nbexercise.defining.cases import Cases, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

D_A, D_W, D_B = "dZ @ W.T", "A_prev.T @ dZ", "dZ.sum(axis=0, keepdims=True)"
SHAPES, OF_A, OF_W, OF_B, REST = (
    "output shapes",
    "gradient of the input",
    "gradient of the weights",
    "gradient of the biases",
    "input left alone",
)


def cases(rng: Rng) -> Cases:
    """Yield gradients for the cases of the forward pass, and also large ones for the last case."""
    for group, forward in dense_forward.cases(rng):
        Z, cache = vectorized.dense_forward(**forward)
        dZ = exact_fractions(rng, *Z.shape)
        yield group, {"dZ": dZ, "cache": cache}
    yield group, {"dZ": LARGE * dZ, "cache": cache}


EXERCISE = Exercise(
    loops=lenet.dense_backward,
    vectorized=vectorized.dense_backward,
    title="Dense layer, backward",
    assignment="lenet",
    section="Gradients of a fully connected layer",
    returns=(Return("dA_prev"), Return("dW"), Return("db")),
    cases=cases,
    checks=(
        Check(SHAPES, 1, "shape"),
        Check(OF_A, 3, outputs=("dA_prev",)),
        Check(OF_W, 3, outputs=("dW",)),
        Check(OF_B, 2, outputs=("db",)),
        Check(REST, 1, "unchanged"),
    ),
    mistakes=(
        Mistake(
            "dA_prev without the weights",
            {D_A: "dZ.sum(axis=1, keepdims=True) + 0 * A_prev"},
            (OF_A,),
            "`dA_prev` holds, for each image, the sum of its row of `dZ`; the weights are missing.",
            "An input is multiplied by a weight in each output. What is its local derivative?",
        ),
        Mistake(
            "dW without the inputs",
            {D_W: "dZ.sum(axis=0) + 0 * W"},
            (OF_W,),
            "`dW` is the sum of `dZ`; the inputs, the factors of the weights, are missing.",
            "A weight that was multiplied by 0 had no effect on the output.",
        ),
        Mistake(
            "dW averaged over the batch",
            {D_W: "A_prev.T @ dZ / len(dZ)"},
            (OF_W,),
            "`dW` is divided by the number of images, but `dZ` contains this factor already.",
            "The gradient is the sum of the contributions of all images.",
        ),
        Mistake(
            "db averaged over the batch",
            {D_B: "dZ.mean(axis=0, keepdims=True)"},
            (OF_B,),
            "`db` is the mean of `dZ` over the images.",
            "The gradient is the sum of the contributions of all images.",
        ),
        Mistake(
            "both averaged over the batch",
            {D_W: "A_prev.T @ dZ / len(dZ)", D_B: "dZ.mean(axis=0, keepdims=True)"},
            (OF_W, OF_B),
            (
                "`dW` and `db` are divided by the number of images, but `dZ` contains this factor "
                "already."
            ),
            "The gradient is the sum of the contributions of all images.",
        ),
        Mistake(
            "db of all outputs together",
            {D_B: "np.full(b.shape, dZ.sum())"},
            (OF_B,),
            "Every bias gets the sum of the whole `dZ`, including the other outputs.",
            "A bias belongs to one output, which is one column of `dZ`.",
        ),
        Mistake(
            "db over the outputs",
            {D_B: "dZ.sum(axis=1, keepdims=True)"},
            (SHAPES, OF_B),
            "`db` is summed over the outputs, and has one number for each image.",
            "`b` has one number for each output. Which axis of `dZ` counts the outputs?",
        ),
        Mistake(
            "db of the last image",
            {D_B: "dZ[-1:]"},
            (OF_B,),
            "`db` is the contribution of the last image only.",
            "The same bias was added for every image.",
        ),
        Mistake(
            "dW of the last image",
            {D_W: "A_prev[-1:].T @ dZ[-1:]"},
            (OF_W,),
            "`dW` is the contribution of the last image only.",
            "The same weights were used for every image.",
        ),
        Mistake(
            "db without its axis",
            {D_B: "dZ.sum(axis=0)"},
            (SHAPES, OF_B),
            "`db` has lost its first axis: its shape is `(n,)`, and `b` has `(1, n)`.",
            "`keepdims=True` keeps an axis that is summed over.",
        ),
        Mistake(
            "dW transposed",
            {D_W: "dZ.T @ A_prev"},
            (SHAPES, OF_W),
            "`dW` is transposed: a gradient has the shape of the array that it belongs to.",
            "Compare the shapes of `dW` and `W`.",
        ),
        Mistake(
            "dA_prev and dW exchanged",
            {
                "dA_prev = dZ @ W.T": "dW = dZ @ W.T",
                "dW = A_prev.T @ dZ": "dA_prev = A_prev.T @ dZ",
            },
            (SHAPES, OF_A, OF_W),
            "The gradients of the input and of the weights are swapped.",
            "`dA_prev` has a row for each image.",
        ),
    ),
    hints=(
        "A gradient has the shape of the array that it belongs to. That excludes most products.",
        "The gradient of an input is a sum over the outputs, with the weights as factors; the "
        "gradient of a weight is a sum over the images, with the inputs as factors.",
        "`dA_prev` is `dZ` times the transposed `W`, `dW` is the transposed `A_prev` times `dZ`, "
        "and `db` is `dZ` summed over the images with `keepdims=True`.",
    ),
)

PAGE = Page(
    terms=("dense layer", "upstream gradient", "gradient", "chain rule"),
    mistakes=(
        "dW averaged over the batch",
        "db without its axis",
        "dA_prev without the weights",
        "dW transposed",
    ),
    cases=(
        {
            "dZ": np.array([[1.0, 0.0], [2.0, -1.0]]),
            "cache": (
                np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 1.0]]),
                np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 0.0]]),
                row_of(0, 0),
            ),
        },
    ),
    reading="Each gradient has the shape of its array. The first weight was used with the "
    "inputs 1 and 0, so its gradient is `1 * 1 + 2 * 0` = [1]{= dW[0, 0] }.",
)
