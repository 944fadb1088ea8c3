"""Questions and answers of the lesson "Mathematics of convolution": read this when you are done."""

from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.cross_correlation import EMBOSS, W, X, cross_correlated
from lesson_tools.questions import Answer, Checks, Design, Function, Prediction, Predictions

__all__ = ["check", "convolved", "predict"]


def convolved(X: Array, W: Array) -> Array:
    """Return the convolution of an image and a kernel, where the kernel lies inside the image."""
    return cross_correlated(X, W[::-1, ::-1])


predict = Predictions(
    six=Prediction(
        right=5,
        why="1 * 1 + 2 * 1 + 2 * 1 + 1 * 0, with 5, 4, 3 and 2 on the second die.",
        wrong={
            3: "Two faces of the first die show 2, and two show 3. Each of them counts.",
            4: "That is the number of ways to a 5. What partners do 1, 2, 3 and 4 need now?",
            6: "That is the number of ways to a 7. No face of the second die shows 2.",
            36: "That is the number of all throws.",
        },
        hint="The first die shows 1, 2, 3 or 4. What must the second show, and on how many faces?",
    ),
    echo=Prediction(
        right=13,
        why="12 from the clap at second 2, and 1 from the echo of the clap at second 0.",
        wrong={
            12: "That is the clap at second 2 alone. Is the first clap still to be heard?",
            7: "Those are the strengths 4 and 3, multiplied in the wrong pairs: 1 * 4 + 3 * 1.",
            4: "That is what you hear at second 0.",
            6: "That is what you hear at second 3.",
            3: "That is the force of the clap. How strong is a clap of force 3?",
            16: "That is both claps. The first one has become an echo by then.",
            15: "Of the first clap, only the echo after two seconds is heard at second 2.",
            14: "After two seconds, the second echo of the first clap is heard, not the first.",
        },
        hint="Each clap starts its own echo 4, 2, 1. Add up what is heard at second 2.",
    ),
    light=Prediction(
        right="lower right",
        why="The reversed kernel is rotated by 180 degrees, and so is the direction of the light.",
        wrong={
            "upper left": "Reverse the rows of emboss, then its columns. Is it the same kernel?",
            "upper right": "That would be so if only the columns were reversed.",
            "lower left": "That would be so if only the rows were reversed.",
            "lower-right": 'The place is right, but type "lower right".',
            "bottom right": 'The place is right, but type "lower right".',
            "right": "And above or below the middle?",
            "below": "And on the left or on the right?",
        },
        hint="Write down emboss with its rows and its columns in reverse. Where are the negative "
        "weights now?",
    ),
    next_patch=Prediction(
        right=(int(cross_correlated(X, W)[0, 1]), int(convolved(X, W)[0, 1])),
        why="2 * 1 + 2 * (-1) without the flip, and 2 * (-1) + 1 * 2 + 2 * 1 with it.",
        wrong={
            (2, 0): "The right numbers, in the other order.",
            (4, 0): "Those are the values of the first patch. The next one has the rows 2 0 and "
            "1 2.",
            (0, 0): "The first is right. For the second, use the rotated kernel.",
            (2, 2): "The second is right. For the first, use the kernel without a flip.",
            (0, 5): "The first is right. For the second, you flipped the rows only.",
            (0, 3): "The first is right. For the second, you flipped the columns only.",
            (2, 4): "That is the patch one row further down. Go one column to the right.",
            0: "Give both numbers, as a tuple.",
            2: "Give both numbers, as a tuple.",
        },
        hint="The patch has the rows 2 0 and 1 2. Take its dot products with W and the rotated W.",
    ),
)


def ways(dice: Any) -> Array:
    """Return the number of ways to each sum of two dice."""
    first, second = (np.bincount(die) for die in dice)
    return np.convolve(first, second)


def strange_pair(given: Any) -> str:
    """Return the problem with a pair of four-sided dice; "" if its sums are the ordinary ones."""
    try:
        dice = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        dice = np.zeros(0)
    if dice.shape != (2, 4) or np.any(dice % 1 != 0):
        return "Write two lists of four whole numbers, such as [1, 2, 3, 4], [1, 2, 3, 4]."
    if dice.min() < 1:
        return "Every face must show at least 1."
    if np.array_equal(np.sort(dice), [[1, 2, 3, 4]] * 2):
        return "These are two ordinary dice. There is one other pair."
    sums, ordinary = (np.zeros(max(9, int(dice.max()) * 2 + 1), dtype=int) for _ in range(2))
    for total, pair in ((sums, dice.astype(int)), (ordinary, [[1, 2, 3, 4]] * 2)):
        counts = ways(pair)
        total[: len(counts)] = counts
    different = np.flatnonzero(sums != ordinary)
    if len(different):
        t = different[0]
        return (
            f"The number of ways to a {t} is {sums[t]} with your dice, and {ordinary[t]} with "
            "ordinary ones."
        )
    return ""


def right_im2col(X: Array, f_H: int, f_W: int) -> Array:
    """Return the matrix of patches, a flattened patch in each row."""
    patches = np.lib.stride_tricks.sliding_window_view(X, (f_H, f_W))
    return patches.reshape(-1, f_H * f_W)


def column_major(X: Array, f_H: int, f_W: int) -> Array:
    """Return the matrix of patches, each flattened column by column."""
    patches = np.lib.stride_tricks.sliding_window_view(X, (f_H, f_W))
    return patches.swapaxes(2, 3).reshape(-1, f_H * f_W)


def by_columns(X: Array, f_H: int, f_W: int) -> Array:
    """Return the matrix of patches, in the order of the output's columns."""
    patches = np.lib.stride_tricks.sliding_window_view(X, (f_H, f_W))
    return patches.transpose(1, 0, 2, 3).reshape(-1, f_H * f_W)


def full(X: Array, W: Array) -> Array:
    """Return the convolution at all positions where kernel and image overlap."""
    rows, columns = W.shape[0] - 1, W.shape[1] - 1
    return convolved(np.pad(X, ((rows, rows), (columns, columns))), W)


IMPULSE = np.zeros((5, 5))
IMPULSE[2, 2] = 1
IMAGE = np.random.default_rng(0).integers(0, 10, size=(6, 8))

check = Checks(
    full=Answer(
        right=np.convolve([1, 2, 3], [1, 0, -1]),
        hint="Add three scaled copies of the kernel. They start at positions 0, 1 and 2.",
        wrong=[
            (np.correlate([1, 2, 3], [1, 0, -1], "full"), "That is the cross-correlation."),
            (np.correlate([1, 0, -1], [1, 2, 3], "full"), "That is a cross-correlation."),
            ([1, 2, 2], "The copies that start at positions 1 and 2 reach positions 3 and 4."),
            (np.convolve([1, 2, 3], [1, 0, -1], "same"), "Those are the middle 3 of the 5 values."),
            (2, "That is the only value where the two overlap completely. The full output has 5."),
            (
                [2],
                "That is the only value where the two overlap completely. The full output has 5.",
            ),
            ([1, 0, -3], "That is the element-wise product."),
        ],
    ),
    true_convolution=Function(
        right=convolved,
        calls=[(X, W), (IMAGE, EMBOSS), (IMPULSE, np.arange(1, 10).reshape(3, 3))]
        + [(IMAGE, EMBOSS[:2])],
        hint="Flip the kernel along both axes before you slide it.",
        wrong=[
            (cross_correlated, "The kernel is not flipped."),
            (full, "That is SciPy's full convolution. Use cross_correlate, with a flipped kernel."),
            (
                lambda x, w: cross_correlated(x, w.T),
                "Transposing exchanges rows and columns; flip them.",
            ),
            (
                lambda x, w: cross_correlated(x, w[::-1]),
                "The rows are flipped. Flip the columns, too.",
            ),
            (
                lambda x, w: cross_correlated(x, w[:, ::-1]),
                "The columns are flipped. Flip the rows, too.",
            ),
            (
                lambda x, w: cross_correlated(x, np.rot90(w)),
                "That is a rotation by 90 degrees, and you need 180.",
            ),
            (
                lambda x, w: cross_correlated(x[::-1, ::-1], w),
                "You flipped the image, so the output is flipped as well.",
            ),
        ],
    ),
    im2col=Function(
        right=right_im2col,
        calls=[
            (X, 2, 2),
            (X, 2, 3),
            (np.arange(30).reshape(5, 6), 3, 2),
            (np.arange(30).reshape(6, 5), 1, 4),
        ],
        hint="Loop over the output rows and, inside, over the output columns; ravel() flattens a "
        "patch.",
        wrong=[
            (lambda X, f_H, f_W: right_im2col(X, f_H, f_W).T, "Each patch is a column; use rows."),
            (
                by_columns,
                "You go down the columns first. The output values go along the rows first.",
            ),
            (column_major, "Each patch is flattened column by column. Go along its rows instead."),
            (
                lambda X, f_H, f_W: right_im2col(X, f_W, f_H),
                "Height and width of the kernel are exchanged.",
            ),
            (
                lambda X, f_H, f_W: right_im2col(X, f_H, f_W).reshape(-1, f_H, f_W),
                "The patches are right, but each one has to be flattened into a row.",
            ),
        ],
    ),
    dice=Design(
        strange_pair,
        right=([1, 2, 2, 3], [1, 3, 3, 5]),
        wrong=[
            (([1, 2, 3, 4], [4, 3, 2, 1]), "These are two ordinary dice."),
            (([0, 1, 1, 2], [2, 4, 4, 6]), "Every face must show at least 1."),
            (([1, 1, 2, 3], [1, 3, 3, 5]), "The number of ways to a 2 is 2 with your dice, and 1"),
            (([1, 2, 2, 4], [1, 3, 3, 4]), "The number of ways to a 4 is 2 with your dice, and 3"),
            ([1, 2, 2, 3], "Write two lists of four whole numbers"),
            (([1, 2, 2.5, 3], [1, 3, 3, 5]), "Write two lists of four whole numbers"),
            ("1223 1335", "Write two lists of four whole numbers"),
        ],
    ),
)
