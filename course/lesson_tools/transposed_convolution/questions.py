"""Questions and answers of the lesson "Transposed convolution": read this when you are done."""

from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Design, Function, Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    same_size=Prediction(
        right=(2, 2),
        why="(3 - 3 + 2) // 2 + 1 = 2, and (4 - 3 + 2) // 2 + 1 = 2, rounded down.",
        wrong={
            (2, 3): "The division is rounded down. Does a third window fit into 4 + 2 rows?",
            (1, 1): "The padding adds a row on each side: there are 5 and 6 rows.",
            (3, 4): "That is stride 1.",
            (1, 2): "With padding, 3 rows become 5. How many windows of 3 fit, two rows apart?",
        },
        hint="Add the padding on both sides, and count where a window of 3 can begin: 0, 2, ...",
    ),
    gradient=Prediction(
        right=9,
        why="It was computed from a 3 x 3 patch, and its gradient flows back into that patch.",
        wrong={
            1: "How many pixels did this one output read?",
            3: "The kernel has two dimensions.",
            4: "Only one output has a gradient. How many pixels does one output read?",
            25: "An output reads only its patch, not the whole image.",
        },
        hint="Which pixels did the one output with a gradient read?",
    ),
    overlap=Prediction(
        right=17,
        why="1 * 0 + 2 * 3 + 3 * 1 + 4 * 2 = 17.",
        wrong={
            13: "That is the output at row 1, column 1, which was the example.",
            6: "That is the contribution of the value 2 alone. Three others reach this output.",
            9: "Values 2 and 3 contribute 6 and 3. What does the value 4 contribute?",
            14: "Values 2 and 4 contribute 6 and 8. What does the value 3 contribute?",
            4: "That is row 1, column 3, which only the copies of 2 and 4 reach.",
        },
        hint="The copies of 1, 2, 3 and 4 begin at (0, 0), (0, 1), (1, 0) and (1, 1). Which weight "
        "of each lies at (1, 2)?",
    ),
    stride=Prediction(
        right=5,
        why="The second copy starts at row 2 and is 3 rows long: rows 0 to 4.",
        wrong={
            2: "The stride of a transposed convolution makes the output larger.",
            3: "One copy alone has 3 rows. Where does the second one start?",
            4: "That is the size for stride 1. Where does the second copy end now?",
            6: "The copies still overlap, in one row.",
            8: "The stride moves the copies apart. It does not double the output of stride 1.",
        },
        hint="There are two copies of 3 rows. At which row does the second one start, and end?",
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
    frameworks=Prediction(
        right="b",
        why="Keras crops the last row and column, PyTorch the first.",
        wrong={
            "a": "One row of five has to be cropped. Do both libraries crop on the same side?",
            "c": "Both add copies of the kernel as it is, at the same positions.",
        },
        hint=LETTER,
    ),
    inverse=Prediction(
        right="c",
        why="Detail is lost, and each pixel receives 1/16 of the averages of only four windows.",
        wrong={
            "a": "6,400 averages cannot hold what 25,600 pixels did.",
            "b": "How many windows contribute to one pixel, and with which weight?",
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
    upsampling=Prediction(
        right="repeating",
        why="It keeps the mean of each 2 x 2 block, while interpolation mixes neighboring blocks.",
        wrong={"bilinear": "It looks smoother. But is a thin stroke of a pen smooth?"},
        hint="Answer with one of the two names, in quotes.",
    ),
    linear=Prediction(
        right="no",
        why="The averages are one linear encoder among many, and PCA is the best of them all.",
        wrong={"yes": "Taking averages is linear, too. What is PCA the best of?"},
        hint='Answer "yes" or "no". Is taking averages a linear encoder?',
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


# ---- Exercise 3: a layer that leads from 7 x 7 to 28 x 28, with equal counts


def problem(settings: Any) -> str:
    """Return why (f, s, p, a) does not solve exercise 3, "" if it does."""
    try:
        f, s, p, a = (int(value) for value in settings)
    except (TypeError, ValueError):
        return "Answer with four whole numbers, (f, s, p, a)."
    if f < 1 or s < 1 or p < 0 or not 0 <= a < s:
        return "f and s must be at least 1, p at least 0, and a from 0 to s - 1."
    along = np.zeros(6 * s + f + a, int)
    for start in range(0, 7 * s, s):
        along[start : start + f] += 1
    kept = along[p : len(along) - p]
    if len(kept) != 28:
        return f"From 7 rows, these settings lead to {len(kept)}, not to 28."
    if f == s:
        return "The copies touch, but they do not overlap. Find settings with an overlap."
    inside = kept[len(kept) // 2 - s : len(kept) // 2 + s]
    if inside.min() != inside.max():
        return (
            f"In the middle, some rows receive {inside.min()} copies and others {inside.max()}: "
            "choose f as a multiple of s."
        )
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
    layer=Design(
        problem,
        right=(8, 4, 2, 0),
        wrong=[
            ((4, 4, 0, 0), "they do not overlap"),
            ((3, 4, 0, 1), "In the middle, some rows receive 0"),
            ((5, 4, 1, 1), "In the middle, some rows receive 1"),
            ((4, 2, 1, 0), "From 7 rows, these settings lead to 14"),
            ((8, 4, 2, 4), "a from 0 to s - 1"),
            (28, "Answer with four whole numbers"),
        ],
    ),
)
