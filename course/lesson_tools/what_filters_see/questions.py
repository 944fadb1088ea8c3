"""Questions and answers of the lesson "What filters see": read this when you are done."""

from collections.abc import Callable
from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.cross_correlation import SOBEL_X
from lesson_tools.questions import Checks, Design, Function, Prediction, Predictions
from lesson_tools.what_filters_see.hand_made import HAND_MADE

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    reduced=Prediction(
        right=129,
        why="One weight for each of the 128 channels, and a bias.",
        wrong={
            128: "Almost: a convolution also learns a bias.",
            1153: "That is for a 3 x 3 kernel.",
            2: "A 1x1 convolution has a weight for each input channel.",
        },
        hint="How many weights does one output value need, if it reads one position?",
    ),
    enlarged=Prediction(
        right=208,
        why="4 * 52 = 208.",
        wrong={
            13: "That is a convolution with stride 4. A transposed one enlarges.",
            56: "The stride multiplies the size.",
            416: "That is for stride 8.",
        },
        hint="With stride 1 the size would stay the same. What does stride 4 do?",
    ),
    template=Prediction(
        right="b",
        why="Its strong contrast gives 27. Patch a is the filter itself, and gives only 6.",
        wrong={
            "a": "That is the most similar patch. But the response also grows with the contrast.",
            "c": "The weights of the filter add up to 0, so a constant patch gives 0.",
        },
        hint=LETTER,
    ),
    orthogonal=Prediction(
        right=0,
        why="The dot product with a constant is the sum of the weights, and Sobel's add up to 0.",
        wrong={
            1: "That would be so if one were a multiple of the other.",
            -1: "That would be so if one were a negative multiple of the other.",
            0.5: "Compute the dot product first: multiply each weight by 1, and add up.",
        },
        hint="What is the dot product of a kernel with a patch that is 1 everywhere?",
    ),
    start=Prediction(
        right="c",
        why="Training has made the weights larger, but has kept most of the initial pattern.",
        wrong={
            "a": "Then nothing of the initial pattern would be left. Look at the two rows again.",
            "b": "The pattern has changed even less than that.",
        },
        hint=LETTER,
    ),
    field=Prediction(
        right=14,
        why="1 + 2 + 2 = 5, then pooling adds 1, and two convolutions with stride 2 add 4 each.",
        wrong={
            5: "That is for the two convolutions before pooling.",
            9: "After pooling, neighbors are two pixels apart, so each layer adds twice as much.",
            10: "After pooling, a 3 x 3 kernel adds (3 - 1) * 2.",
            13: "Pooling with a window of 2 adds 1.",
        },
        hint="A layer adds (f - 1) times the product of the strides before it.",
    ),
    fused=Prediction(
        right=-1,
        why="(4 + 2 + 1 - 5 - 7) / 5 = -1, so the probability of an edge is 0.27.",
        wrong={
            -5: "That is the sum. Each logit has the weight 0.2.",
            1: "Check the sign: the two coarse side outputs are negative.",
            0.27: "That is the probability, the sigmoid of the logit.",
            -0.2: "Multiply each of the five logits by 0.2, and add up.",
        },
        hint="Add the five logits, and multiply by 0.2.",
    ),
)


def cosine(a: Array, b: Array) -> float:
    """Return the cosine similarity of two arrays."""
    return float(np.vdot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)))


# ---- Exercise 1: a filter by the signs of its responses

_step = np.tile([0.0, 0, 1], (3, 1))[:, :, None]
_red, _green = np.array([200.0, 30, 40]), np.array([20.0, 160, 40])
_gray = 50 + 100 * _step * np.ones(3)
SITUATIONS = {  # patches, and the sign of the response of a right filter
    "a red patch": (_red * np.ones((3, 3, 1)), 0),
    "a green patch": (_green * np.ones((3, 3, 1)), 0),
    "a gray patch": (np.full((3, 3, 3), 90.0), 0),
    "an edge from green to red": (_green + _step * (_red - _green), 1),
    "an edge from red to green": (_red + _step * (_green - _red), -1),
    "an edge from dark to light gray": (_gray, 0),
    "an edge from light to dark gray": (_gray[:, ::-1], 0),
    "a gray edge from top to bottom": (_gray.transpose(1, 0, 2), 0),
}
SIGNS = {1: "positive", -1: "negative", 0: "0"}


def problem(filter_: Any) -> str:
    """Return the problem with an answer to exercise 1; "" if there is none."""
    try:
        filter_ = np.asarray(filter_, dtype=float)
    except (TypeError, ValueError):
        return "Answer with an array of numbers."
    if filter_.shape != (3, 3, 3):
        return "my_filter needs three axes of length 3: row, column and color."
    for name, (patch, sign) in SITUATIONS.items():
        actual = int(np.sign(np.round(np.sum(filter_ * patch), 6)))
        if actual != sign:
            return f"For {name}, the response is {SIGNS[actual]}, but should be {SIGNS[sign]}."
    return ""


# ---- Exercise 2: the best match


def position_of(
    image: Array, W: Array, measure: Callable[[Array, Array], float]
) -> tuple[int, ...]:
    """Return the corner of the patch with the largest value of a measure."""
    f = W.shape[0]
    corners = np.ndindex(image.shape[0] - f + 1, image.shape[1] - f + 1)
    return max(corners, key=lambda at: measure(image[at[0] : at[0] + f, at[1] : at[1] + f], W))


def flattened(image: Array, W: Array) -> int:
    """Return the best position as an index of the flattened map."""
    shape = np.subtract(image.shape, W.shape) + 1
    return int(np.ravel_multi_index(position_of(image, W, cosine), tuple(shape)))


_rng = np.random.default_rng(0)
_kernels = [
    ((5, 7), SOBEL_X),
    ((8, 6), np.array([[0.0, 1, 2], [-1, 0, 1], [-2, -1, 0]])),
    ((6, 9), np.array([[1.0, -2], [3, 1]])),
    ((7, 8), np.array([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])),
]
CASES = [
    (_rng.integers(1, 9, size).astype(float) * np.linspace(1, 6, size[1]), kernel)
    for size, kernel in _kernels
]
CASES.append((np.ascontiguousarray(CASES[0][0][:, ::-1]), SOBEL_X))  # darker to the right

check = Checks(
    color_filter=Design(
        problem,
        right=SOBEL_X[:, :, None] * np.array([1, -1, 0]),
        wrong=[
            ("edge", "array of numbers"),
            (SOBEL_X, "three axes"),
            (SOBEL_X[:, :, None] * np.array([-1, 1, 0]), "should be positive"),
            (HAND_MADE["edge |"], "gray"),
            (HAND_MADE["red - green"], "a red patch"),
            (HAND_MADE["edge -"], "an edge from green to red"),
        ],
    ),
    best_match=Function(
        right=lambda image, W: position_of(image, W, cosine),
        calls=CASES,
        hint="Divide the response of each patch by the length of this patch.",
        wrong=[
            (
                lambda image, W: position_of(image, W, np.vdot),
                "That is the largest response. Divide it by the length of the patch.",
            ),
            (
                lambda image, W: position_of(image, W, cosine)[::-1],
                "That is (w, h): the row comes first.",
            ),
            (
                flattened,
                "That is the index in the flattened array; np.unravel_index gives row and column.",
            ),
            (
                lambda image, W: position_of(image, W, lambda x, V: np.vdot(x, V) / np.sum(x**2)),
                "The length of a patch is the square root of the sum of its squares.",
            ),
            (
                lambda image, W: tuple(
                    np.add(position_of(image, W, cosine), np.array(W.shape) // 2)
                ),
                "That is the middle of the patch: return its upper left corner.",
            ),
            (
                lambda image, W: position_of(image, W, lambda x, V: abs(cosine(x, V))),
                "The opposite of the filter is no match: do not take the absolute value.",
            ),
            (
                lambda image, W: position_of(image, W, lambda x, V: cosine(x, V[::-1, ::-1])),
                "Do not flip the filter.",
            ),
        ],
    ),
)
