"""Questions and answers of the lesson "What filters see": read this when you are done."""

from collections.abc import Callable
from typing import Any

import numpy as np

from convnet.edges import load_blocks
from convnet.functional import conv2d, max_pool2d, relu
from convnet.types import Array
from lesson_tools.cross_correlation import SOBEL_X
from lesson_tools.questions import Checks, Design, Function, Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    template=Prediction(
        right="b",
        why="Its strong contrast gives 27. Patch a is the filter itself, and gives only 6.",
        wrong={
            "a": "That is the most similar patch. But the response also grows with the contrast.",
            "c": "The weights of the filter add up to 0, so a constant patch gives 0.",
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
    climbed=Prediction(
        right=1,
        why="The gradient is the filter itself, so each step adds a multiple of the filter.",
        wrong={
            0: "That is the beginning: noise has nothing in common with the filter.",
            1000: "That is the length of the image. A cosine is at most 1.",
        },
        hint="What is the derivative of the response with respect to a pixel?",
    ),
    control=Prediction(
        right="a",
        why="Random weights have no smooth favorites.",
        wrong={
            "b": "Then the network would not have learned it. Are neighboring weights of a random "
            "filter similar?",
            "c": "That would be an image of one color.",
        },
        hint=LETTER,
    ),
)


def cosine(a: Array, b: Array) -> float:
    """Return the cosine similarity of two arrays."""
    return float(np.vdot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)))


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
# Divided by the sum of the patch, the single 9 would win.
CASES.append((np.array([[1.0, 2, 0, 0], [3, 4, 0, 9]]), np.array([[1.0, 2], [3, 4]])))


# ---- Exercise 3: an image for a channel

CHANNEL, LENGTH = 100, 1000
ENOUGH = 1200  # more than half the response that the lesson's gradient ascent reaches, 2,105


def response(x: Array, channel: int) -> float:
    """Return the response of a channel of block 2 to an image, (14, 14, 3), before the ReLU."""
    maps = x[None].astype(np.float32)
    *first, (W, b) = [pair for block in load_blocks().blocks for pair in block]
    for number, pair in enumerate(first):
        maps = relu(conv2d(max_pool2d(maps, 2) if number == 2 else maps, *pair))
    return float(conv2d(maps, W, b)[0, 0, 0, channel])


def drawing_problem(drawing: Any) -> str:
    """Return the problem with an answer to exercise 3; "" if there is none."""
    try:
        drawing = np.asarray(drawing, dtype=float)
    except (TypeError, ValueError):
        return "Answer with an array of numbers."
    if drawing.shape != (14, 14, 3):
        return f"my_drawing has shape {drawing.shape}, but should have (14, 14, 3)."
    norm = np.linalg.norm(drawing)
    if not 0 < norm < np.inf:
        return "All values are 0, which is gray, or some are not finite."
    actual = response(drawing * LENGTH / norm, CHANNEL)
    if actual < ENOUGH:
        advice = (
            (
                "The direction is right. Gray is 0, so dark pixels are negative."
                if drawing.min() >= 0
                else "The direction is right. Compare the width and the colors with the sheet."
            )
            if actual > 0
            else "Look at channel 100 in the sheet: which direction, and how wide are the stripes?"
        )
        return f"The response is {actual:.0f}, but should be {ENOUGH} or more. {advice}"
    return ""


def stripes(period: int) -> Array:
    """Return vertical stripes from -1 to 1, (14, 14, 3)."""
    columns = np.where(np.arange(14) % period < period / 2, 1.0, -1.0)
    return np.tile(columns[:, None], (14, 1, 3))


check = Checks(
    strongest_patch=Function(
        right=lambda W: np.where(W > 0, 255, 0),
        calls=[(np.random.default_rng(n).normal(size=(n, n, 3)),) for n in (2, 3)],
        hint="A value x contributes w times x. Which x from 0 to 255 is best for a positive weight "
        "w, and which for a negative one?",
        wrong=[
            (
                lambda W: np.clip(255 * W / np.abs(W).max(), 0, 255),
                "Where the weight is positive, a brighter value always adds more.",
            ),
            (
                lambda W: 255 * (W - W.min()) / np.ptp(W),
                "That resembles the filter. But a brighter value under a positive weight, and a "
                "darker one under a negative weight, always adds more.",
            ),
            (lambda W: 255 * np.sign(W), "Negative values are not allowed. What is the best one?"),
            (lambda W: np.where(W > 0, 0, 255), "That is the patch with the smallest response."),
            (lambda W: np.full(W.shape, 255), "Under a negative weight, 255 subtracts the most."),
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
                lambda image, W: position_of(
                    image, W, lambda x, V: cosine(x - x.mean(), V - V.mean())
                ),
                "That is the correlation: do not subtract the means.",
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
    drawing=Design(
        drawing_problem,
        right=stripes(2),
        wrong=[
            ("stripes", "array of numbers"),
            (stripes(2)[..., 0], "has shape"),
            (np.zeros((14, 14, 3)), "All values are 0"),
            (stripes(3), "Compare the width"),
            (stripes(2) + 1, "dark pixels are negative"),
            (stripes(2).swapaxes(0, 1), "which direction"),
            (stripes(6), "how wide"),
        ],
    ),
)
