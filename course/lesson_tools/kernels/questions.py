"""Questions and answers of the lesson "Kernels": read this when you are done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.cross_correlation import EMBOSS, SOBEL_X
from lesson_tools.questions import Answer, Checks, Design, Prediction, Predictions

__all__ = ["FINAL", "ROUNDS", "Round", "check", "predict"]

COPY = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
ONES = np.ones((3, 3), dtype=int)
SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
DIAGONAL = np.array([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]])
DIFFERENCE = np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]])
LAPLACE = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])


@dataclass(frozen=True)
class Round:
    """A round of the game "which kernel did this?".

    Attributes
    ----------
    kernels
        Pairs of a kernel of whole numbers and the number by which it is divided.
    answer
        Letter of the output of each kernel, in order.
    """

    kernels: Sequence[tuple[Array, int]]
    answer: str


ROUNDS = (
    Round([(COPY, 2), (ONES, 9), (2 * ONES, 9), (DIFFERENCE, 1)], "BDCA"),
    Round([(SOBEL_X.T, 1), (-SOBEL_X, 1), (SOBEL_X, 1), (DIAGONAL, 1)], "CADB"),
)
FINAL = Round(
    [(SHARPEN, 1), (SOBEL_X.T, 1), (ONES, 9), (LAPLACE, 1), (SOBEL_X, 1), (EMBOSS, 1)], "EABFDC"
)

SMALL_EDGE = np.tile([2, 2, 2, 7, 7], (3, 1))

predict = Predictions(
    round_1=Prediction(
        right=ROUNDS[0].answer,
        why="Sums 1/2, 1, 2 and 0: darker, as bright, brighter, and 0 where nothing changes.",
        wrong={
            "BCDA": "Nine times 1/9 is 1, so kernel 2 keeps the brightness. Kernel 3 doubles it.",
            "DBCA": "Kernel 1 has no neighbors with a weight: its output is sharp. Its sum is 1/2.",
            "ADCB": "Kernel 4 adds up to 0, so the plain background must become 0, that is, black.",
        },
        hint="Add up the weights of each kernel first. Which output shows a black background?",
    ),
    sharpen=Prediction(
        right=-20,
        why="5 * 10 minus the neighbors 10, 10, 10 and 40 gives -20.",
        wrong={
            10: "That would be right if all four neighbors were 10. One of them is 40.",
            0: "The pixels above and below count as well. And the result is not clipped at 0.",
            70: "That is the value of the bright pixel beside it.",
            20: "The sign is lost: 50 minus 70.",
        },
        hint="Five times the pixel minus its four neighbors: above, below, left and right.",
    ),
    sobel=Prediction(
        right=lambda cross_correlate, sobel_x: cross_correlate(SMALL_EDGE, sobel_x)[0],
        why="At two of the three positions the change of 5 counts 1 + 2 + 1 times.",
        wrong={
            (0, 20, 0): "At two positions the 2 and the 7 are in the outer columns of the kernel.",
            (0, 0, 20): "At two positions the 2 and the 7 are in the outer columns of the kernel.",
            (0, 5, 5): "That is the change in one row. Add up three rows, weighted 1, 2 and 1.",
            (0, 10, 10): "That is the middle row alone. The other two rows count as well.",
            (0, 15, 15): "The middle row has twice the weight of the other two.",
            (0, -20, -20): "Right neighbor minus left neighbor: the image gets brighter.",
            (0, 0, 20, 20, 0): "In 5 columns, a kernel of 3 columns has 3 positions.",
            (0, 20, 20, 0): "In 5 columns, a kernel of 3 columns has 3 positions.",
            20: "That is the largest value. What are the other two?",
        },
        hint="At each position, take the right column minus the left one, weighted 1, 2 and 1.",
    ),
    round_2=Prediction(
        right=ROUNDS[1].answer,
        why="At the left side of a bright joint the image gets brighter: purple with Sobel x.",
        wrong={
            "CDAB": "At the left side of a bright joint the image gets brighter, so Sobel x, "
            "kernel 3, is positive there: purple.",
            "ACDB": "Sobel x responds to vertical edges, such as those of the long joints.",
            "BADC": "Kernel 1 adds up to 0 in each column, so it gives 0 on vertical edges.",
        },
        hint="Which kernels give 0 on a vertical edge? Then follow one joint from left to right: "
        "dark, bright, dark.",
    ),
    line=Prediction(
        right=lambda A_line: A_line[0],
        why="With the line under the middle and an outer column, three rows give 3 * (2 - 1).",
        wrong={
            (0, -3, 3, 3, -3, 0): "That is the row before ReLU, which sets negative values to 0.",
            (0, 0, 0, 3, 3, 0, 0, 0): "The kernel fits in only 6 columns, so there are 6 values.",
            (0, 0, 0, 3, 3, 0): "Output column w looks at image columns w to w + 2.",
            (0, 0, 1, 1, 0, 0): "That is one row of the kernel. Add up all three.",
            (0, 0, 6, 6, 0, 0): "The line is two pixels wide, so an outer weight, -1, counts, too.",
            (0, 0, 3, 0, 0, 0): "The line is two pixels wide.",
            (0, 3, 3, 3, 3, 0): "Where only an outer column lies on the line, the sum is negative.",
        },
        hint="For each output column w, write down the image columns w, w + 1 and w + 2, and "
        "multiply them by -1, 2 and -1. Then add up three rows, and apply ReLU.",
    ),
)


def sight(kernel: Any) -> str:
    """Return the pattern that a kernel detects although it should be blind to edges; "" if none."""
    try:
        kernel = np.asarray(kernel, dtype=float)
    except (TypeError, ValueError):
        kernel = np.zeros(0)
    if kernel.shape != (3, 3):
        return "Write a 3 x 3 array of numbers, such as np.array([[0, 1, 0]] * 3)."
    if not np.isfinite(kernel).all():
        return "All nine weights must be finite numbers."
    if not kernel.any():
        return "This kernel sees nothing at all. At least one weight must not be 0."
    kernel = kernel / np.abs(kernel).max()  # so that the tolerances are relative
    if abs(kernel.sum()) > 1e-9:
        return (
            "This kernel responds to uniform images: the output is their value times the sum of "
            "the weights (rule 1)."
        )
    vertical, horizontal = (np.abs(kernel.sum(axis=axis)).max() > 1e-9 for axis in (0, 1))
    if vertical and horizontal:
        return (
            "This kernel responds to vertical and to horizontal edges. Make each of its rows and "
            "each of its columns add up to 0."
        )
    if vertical:
        return (
            "This kernel responds to vertical edges. If all rows of an image are the same, only "
            "the sum of each column of the kernel counts."
        )
    if horizontal:
        return (
            "This kernel responds to horizontal edges. If all columns of an image are the same, "
            "only the sum of each row of the kernel counts."
        )
    return ""


MIDDLE_ROW = "These weights belong in the middle row of a 3 x 3 kernel."
check = Checks(
    difference=Answer(
        right=DIFFERENCE,
        hint="Which two of the nine pixels count, and with which sign? All other weights are 0.",
        wrong=[
            (-DIFFERENCE, "That is left minus right."),
            (DIFFERENCE.T, "That is below minus above."),
            (np.array([[0, 0, 0], [0, -1, 1], [0, 0, 0]]), "That is right minus middle."),
            (np.array([[0, 0, 0], [-1, 1, 0], [0, 0, 0]]), "That is middle minus left."),
            (
                np.array([[-1, 0, 1]] * 3),
                "That is the difference in three rows; use the middle row.",
            ),
            (SOBEL_X, "That is Sobel x: the difference in three rows. Use the middle row."),
            (np.array([-1, 0, 1]), MIDDLE_ROW),
            (np.array([[-1, 0, 1]]), MIDDLE_ROW),
        ],
    ),
    laplace=Answer(
        right=LAPLACE,
        hint="Four neighbors with weight 1. Which weight makes the sum of all weights 0?",
        wrong=[
            (-LAPLACE, "All signs are reversed: the middle weight is the negative one."),
            (np.array([[1, 1, 1], [1, -8, 1], [1, 1, 1]]), "That uses all eight neighbors."),
            (
                np.array([[1, 1, 1], [1, -4, 1], [1, 1, 1]]),
                "The corners are not among the neighbors.",
            ),
            (SHARPEN, "That is the sharpening kernel. Its weights add up to 1."),
            (np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]]), "Four times the middle is subtracted."),
        ],
    ),
    final=Answer(
        right=FINAL.answer,
        hint="Begin with the sums of the weights: white stands for 0 in the colored outputs.",
        wrong=[
            (
                "EDBFAC",
                "You exchanged the two Sobel kernels. Kernel 5 responds to vertical edges, which "
                "are at the left and right sides of a coin.",
            ),
            (
                "CABFDE",
                "You exchanged sharpen and emboss. Emboss has a bright and a dark side, like a "
                "relief.",
            ),
            (
                "EFBADC",
                "You exchanged Sobel y and Laplace. Laplace treats all directions alike.",
            ),
        ],
    ),
    blind=Design(
        sight,
        right=np.array([[1, 0, -1], [0, 0, 0], [-1, 0, 1]]),
        wrong=[
            (np.ones(9), "3 x 3 array"),
            (np.zeros((3, 3)), "nothing at all"),
            (ONES, "uniform images"),
            (SOBEL_X, "vertical edges."),
            (SOBEL_X.T, "horizontal edges."),
            (DIAGONAL, "vertical and to horizontal edges"),
        ],
    ),
)
