"""Questions and answers of the lesson "Transposed convolution": read this when you are done."""

from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Design, Function, Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    overlap=Prediction(
        right=11,
        why="3 * 1 + 4 * 2 = 11.",
        wrong={
            12: "That is the output in row 2, column 2, which was the example.",
            3: "That is the contribution of the value 3 alone. One more copy reaches this output.",
            8: "That is the contribution of the value 4 alone. One more copy reaches this output.",
            6: "That is row 2, column 4, which the copies of 2 and 4 reach.",
            10: "Which weight of its copy does the value 4 contribute: the lower left one is 2.",
        },
        hint="The copies of 3 and 4 start in row 2, in columns 0 and 2. Which weight of each lies "
        "in row 4, column 2?",
    ),
    output_padding=Prediction(
        right="c",
        why="The full output has 5 rows. Padding crops two of them, and output padding keeps one.",
        wrong={
            "a": "The name suggests this. But the full output has values in that row already.",
            "b": "Nothing is copied. Compare with the full 5 x 5 output.",
        },
        hint=LETTER,
    ),
    checkerboard=Prediction(
        right=4,
        why="Each of the four positions of a 2 x 2 block receives four other weights.",
        wrong={
            1: "Each position receives four copies, but with which weights of the kernel?",
            2: "That is right along one axis. There are two axes.",
            3: "Count the positions in a block of stride x stride outputs.",
            16: "Each output receives four of the 16 weights. How many such groups are there?",
        },
        hint="Which weights of the kernel reach row 4, column 4, and which reach row 4, column 5?",
    ),
    frameworks=Prediction(
        right="b",
        why="Keras crops the last row and column, PyTorch the first.",
        wrong={
            "a": "One row of five has to be cropped. Do both libraries crop on the same side?",
            "c": "Both add copies of the kernel as it is, at the same positions.",
        },
        hint=LETTER,
    ),
    sums=Prediction(
        right=1,
        why="In a uniform area, the output is the input times the sum of a group.",
        wrong={
            4: "That is the sum of all four groups together.",
            0.25: "Each output is reached by one group. By what does it multiply uniform inputs?",
            0: "Then uniform areas would become black.",
            9: "That is the number of weights in a group. What do they add up to?",
            36: "That is the number of weights. What do those of one group add up to?",
        },
        hint="By what does a group multiply a uniform input?",
    ),
)


# ---- Exercise 2: the reference, and functions with typical mistakes


def spread(A: Array, s: int) -> Array:
    """Return A with s - 1 zeros after each value along both axes."""
    return np.kron(A, np.eye(1, s * s).reshape(s, s))


def between(A: Array, s: int) -> Array:
    return spread(A, s)[: s * (len(A) - 1) + 1, : s * (A.shape[1] - 1) + 1]


def arrays() -> list[tuple[Array, int]]:
    rng = np.random.default_rng(0)
    shapes = (((2, 3), 2), ((3, 2), 3), ((4, 3), 1), ((1, 2), 4))
    return [(rng.integers(1, 9, size=shape), s) for shape, s in shapes]


# ---- Exercise 3: a 3 x 3 kernel that draws no checkerboard with stride 2


def problem(W: Any) -> str:
    """Return why the kernel W does not solve exercise 3, "" if it does."""
    try:
        W = np.asarray(W, dtype=float)
    except (TypeError, ValueError):
        return "Answer with a 3 x 3 array of numbers."
    if W.shape != (3, 3):
        return f"The kernel has the shape {W.shape}, not (3, 3)."
    if not (W > 0).all():
        return "All nine weights should be positive."
    sums = [W[r::2, q::2].sum() for r in (0, 1) for q in (0, 1)]
    if not np.allclose(sums, sums[0]):
        return (
            f"The sums of the four groups are {', '.join(f'{value:.3g}' for value in sums)}, not "
            "equal. The first group consists of the four corners, the last one of the center."
        )
    if not np.allclose(sums, 1):
        return f"No checkerboard, but ones become {sums[0]:.3g}. Which sums does each group need?"
    return ""


check = Checks(
    output_padding=Answer(
        right=(1, 2),
        hint="Which size do you get for n = 9 and a = 0? How many rows and columns are missing?",
        wrong=[
            ((2, 1), "The right two numbers in the wrong order: the height comes first."),
            ((0, 1), "Count the kernel, and crop the padding on both sides."),
            ((-1, 0), "You have not cropped anything. And a is never below 0."),
            (
                (3, 4),
                "The last copy starts at 3 * 8, and it is f long. Crop from where it ends.",
            ),
            ((1, 1), "The images are not square: compute the width on its own."),
            ((2, 2), "The images are not square: compute the height on its own."),
            (1, "That is right for the height. The width needs a number of its own."),
            (2, "That is right for the width. The height needs a number of its own."),
            ((0, 0), "Without output padding, both sizes are 3 * 8 + 4 - 2."),
            (
                (2, 3),
                "a must be smaller than s. How long is the last copy, and where does it start?",
            ),
        ],
    ),
    insert_zeros=Function(
        right=between,
        calls=arrays(),
        hint="How large is the result along one axis? Start from zeros, and assign to a slice with "
        "a step.",
        wrong=[
            (spread, "There are zeros after the last value, too. They belong between the values."),
            (
                lambda A, s: A.repeat(s, axis=0).repeat(s, axis=1),
                "The values are repeated. Only one of each s x s block should remain.",
            ),
            (
                lambda A, s: np.pad(A, s - 1),
                "The zeros surround the values. They belong between them.",
            ),
            (
                lambda A, s: between(A, s + 1),
                "There are s zeros between neighbors instead of s - 1.",
            ),
            (
                lambda A, s: between(A, s)[:, ::s],
                "The zeros are missing between the columns.",
            ),
            (lambda A, s: between(A, s)[::s], "The zeros are missing between the rows."),
        ],
    ),
    smooth=Design(
        problem,
        right=np.outer([1, 2, 1], [1, 2, 1]) / 4,
        wrong=[
            (np.full((3, 3), 4 / 9), "The sums of the four groups are 1.78, 0.889"),
            (np.outer([1, 2, 1], [1, 2, 1]), "ones become 4"),
            (np.eye(3), "should be positive"),
            (np.ones((4, 4)), "the shape (4, 4)"),
            ("smooth", "a 3 x 3 array"),
        ],
    ),
)
