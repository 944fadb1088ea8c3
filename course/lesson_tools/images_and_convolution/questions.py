"""Questions and answers of the lesson "Images and convolution": read this when you are done."""

from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.cross_correlation import W7, X7, W, X, cross_correlated
from lesson_tools.questions import Checks, Design, Function, Prediction, Predictions
from lesson_tools.riddles import FIRST, SECOND

__all__ = ["check", "predict"]

predict = Predictions(
    pixel=Prediction(
        right=(90, 150),
        why="Row 90 from the top, column 150 from the left.",
        wrong={
            (150, 90): "The column came first here. In a matrix, the row comes first.",
            (6, 6): "That is its position in the grid. The labels count from the image's corner.",
            (90, 149): "The pixel beside it, 142, is less bright.",
            (89, 150): "The pixel above it, 148, is less bright.",
        },
        hint="Read the row at the left side of the grid, and the column below it.",
    ),
    rest=Prediction(
        right=cross_correlated(X, W)[1, 1:],
        why="1 + 4 + 0 - 1 = 4 and 2 + 2 + 0 - 3 = 1.",
        wrong={
            (6, 7): "The weight -1 is at the lower right: subtract that pixel.",
            (5, 4): "The lower right pixel, 1 or 3, still has to be subtracted.",
            (3, 3): "Element-wise: the upper right pixel is multiplied by 2.",
            4: "That is the first of the two. Move one column further.",
        },
        hint="The first window has the rows 1, 2 and 0, 1. Which column comes next?",
    ),
    last=Prediction(
        right=np.sum(X7[4:7, 4:7] * W7),
        why="(9 + 16 + 24) + (9 + 0 + 6) + (-2 + 0 + 12).",
        wrong={
            78: "Check the sign of the weight in the lower left corner.",
            49: "That is the first row of the window. Add the other two rows.",
            64: "That is the first two rows of the window. Add the third.",
            48: "That is the value to its left. It is also the sum with the kernel rotated by 180 "
            "degrees: do not rotate it.",
        },
        hint="The window is [3, 4, 6], [9, 8, 3], [2, 1, 4]: nine products, then their sum.",
    ),
    step=Prediction(
        right=0.3,
        why="The derivative is 0.002 / 0.001 = 2, and 0.5 - 0.1 * 2 = 0.3.",
        wrong={
            0.7: "That step leads uphill. A larger weight increases the loss.",
            0.4998: "0.002 is the change. Divide it by 0.001 to get the derivative.",
            0.5002: "0.002 is the change, not the derivative, and the step leads uphill.",
            -1.5: "That is the step with learning rate 1. Here it is 0.1.",
            -0.2: "That is the change of the weight. What is its new value?",
            0.2: "That is the length of the step. Where does it lead from 0.5?",
        },
        hint="First the derivative: the change of the loss, divided by 0.001.",
    ),
    evaluations=Prediction(
        right=260_290,
        why="One for the present weights, and one for each weight made a little larger.",
        wrong={
            260_289: "Each difference also needs the loss of the unchanged weights, once.",
            520_578: "The loss of the unchanged weights is computed only once per step.",
            10: "That is the number for nine weights.",
            9: "How many weights does this network have?",
        },
        hint="For nine weights it is 10: `now` and nine times `loss(larger)`.",
    ),
)


def right_size(X: Array, W: Array, s: int) -> tuple[int, ...]:
    return tuple((n - f) // s + 1 for n, f in zip(X.shape, W.shape, strict=True))


def with_gaps(X: Array, W: Array, s: int) -> Array:
    Z = np.zeros(right_size(X, W, 1))
    Z[::s, ::s] = cross_correlated(X, W, s)
    return Z


def upper_left(Z: Array, size: tuple[int, ...]) -> Array:
    return Z[: size[0], : size[1]]


def of_size(X: Array, W: Array, n_H: int, n_W: int) -> Array:
    """Return a cross-correlation with loops over a given number of rows and columns."""
    f_H, f_W = W.shape
    Z = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            Z[h, w] = np.sum(X[h : h + f_H, w : w + f_W] * W)
    return Z


def buggy(X: Array, W: Array) -> Array:
    """Return the result of the lesson's `cross_correlate_buggy`."""
    return of_size(X, W, X.shape[1] - W.shape[0] + 1, X.shape[0] - W.shape[1] + 1)


def problem(image: Any) -> str:
    """Return why an image does not reveal the bug; "" if it does."""
    try:
        image = np.asarray(image, dtype=float)
    except (TypeError, ValueError):
        image = np.zeros(0)
    if image.ndim != 2 or min(image.shape) < 2:
        return (
            "Give a 2-D array of numbers with at least 2 rows and 2 columns, such as "
            "np.ones((7, 7))."
        )
    try:
        if not np.array_equal(buggy(image, W), cross_correlated(image, W)):
            return ""
    except ValueError:  # the windows at the end are too small
        return ""
    return (
        f"With this image of {image.shape[0]} x {image.shape[1]} the function is right, as on 7 x "
        "7 images. What is special about these shapes?"
    )


OTHER_KERNELS = [
    (
        FIRST,
        "That is the kernel of the first riddle. Are the crop and its target cut from `photo2` and "
        "`drawing2`?",
    ),
    (
        SECOND[::-1, ::-1],
        "That is the kernel rotated by 180 degrees. Do not flip your windows.",
    ),
    (np.zeros((3, 3)), "These are all zeros: did W change during the search?"),
]


def kernel_problem(kernel: Any) -> str:
    """Return why a kernel is not that of the second riddle; "" if its weights round to it."""
    try:
        rounded = np.round(np.asarray(kernel, dtype=float))
    except (TypeError, ValueError):
        rounded = np.zeros(0)
    if rounded.shape != (3, 3):
        return "Give the nine weights as an array of the shape (3, 3), as `search` does."
    if np.array_equal(rounded, SECOND):
        return ""
    comments = [text for other, text in OTHER_KERNELS if np.array_equal(rounded, other)]
    hint = (
        "Is the loss close to 0? If not, take more steps, or a smaller rate if it grows. If it is, "
        "but the weights are not near whole numbers, choose a crop with more contrast."
    )
    return (comments or [hint])[0]


GAPS = "Let h and w count the output, in steps of 1. The window starts at row h * s, column w * s."
check = Checks(
    cross_correlate_stride=Function(
        right=cross_correlated,
        calls=[
            (X, W, 1),
            (X7, W7, 2),
            (X7, W7, 3),
            (np.arange(48).reshape(6, 8) % 7, W, 2),
            (X7, W7[:2], 2),
            (X7, W7[:2], 1),
        ],
        hint="Output row h uses the window that starts at row h * s. How many such rows fit?",
        wrong=[
            (
                lambda X, W, s: cross_correlated(X, W),
                "This is the output for stride 1. Where does s enter?",
            ),
            (
                lambda X, W, s: upper_left(cross_correlated(X, W), right_size(X, W, s)),
                "The size is right, but your windows move by one pixel at a time.",
            ),
            (
                lambda X, W, s: cross_correlated(X, W, s)[:-1, :-1],
                "The last row and column are missing: the position at 0 counts, too.",
            ),
            (
                lambda X, W, s: upper_left(
                    cross_correlated(X, W, s), tuple(n // s for n in right_size(X, W, 1))
                ),
                "Rows or columns are missing at the end. Of 5 positions, a stride of 2 visits 0, 2 "
                "and 4, which are three, but 5 // 2 is only 2. How many steps follow position 0?",
            ),
            (with_gaps, GAPS),
            (lambda X, W, s: upper_left(with_gaps(X, W, s), right_size(X, W, s)), GAPS),
            (
                lambda X, W, s: cross_correlated(X, W)[::s],
                "The rows are right. The columns have a stride as well.",
            ),
            (
                lambda X, W, s: cross_correlated(X, W)[:, ::s],
                "The columns are right. The rows have a stride as well.",
            ),
            (
                lambda X, W, s: cross_correlated(X[::s, ::s], W),
                "You downsampled the image first. The kernel must see all of the pixels.",
            ),
        ],
    ),
    counterexample=Design(
        problem,
        right=X,
        wrong=[((3, 4), "such as np.ones((7, 7))."), (np.ones((3, 3)), "as on 7 x 7 images.")],
    ),
    cross_correlate_fixed=Function(
        right=cross_correlated,
        calls=[(X7, W7), (X, W), (X.T, W), (X7, W), (X7, W7[:2])],
        hint="Test it on the 3 x 4 image X. Which axis of an array is its height?",
        wrong=[
            (buggy, "This is still right on square images only. Try the 3 x 4 image."),
            (
                lambda X, W: buggy(X, W).T,
                "Transposing the output restores its shape, not its values.",
            ),
            (
                lambda X, W: of_size(X, W, X.shape[0] - len(W) + 1, X.shape[0] - W.shape[1] + 1),
                "The height is right now. Look at the width.",
            ),
            (
                lambda X, W: of_size(X, W, X.shape[1] - len(W) + 1, X.shape[1] - W.shape[1] + 1),
                "The width is right now. Look at the height.",
            ),
        ],
    ),
    second_kernel=Design(
        kernel_problem, right=SECOND, wrong=[*OTHER_KERNELS, (np.eye(3), "Is the loss close to 0?")]
    ),
)
