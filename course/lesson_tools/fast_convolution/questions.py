"""Questions and answers of the lesson "Fast convolution": read this when you are done."""

from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Checks, Design, Function, Prediction, Predictions

__all__ = ["check", "predict"]

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    intensity=Prediction(
        right=(1, 57),
        decimals=0,
        why="A single position uses each weight once. In the layer, all values are used often.",
        wrong={
            (57, 1): "The single position comes first.",
            (0, 57): "With a = 1, it is 36,864 MACs on 576 + 36,864 + 64 values.",
            (1, 64): "64 is the limit if the weights and the outputs do not count. They do.",
            (1, 63): "The outputs count, too: a * c of them.",
            (1, 58): "The weights count, too: b * c of them.",
            (58, 58): "The weights count, too: b * c of them.",
        },
        hint="Put a = 1, b = 576, c = 64 into the formula, and then a = 3136.",
    ),
    four=Prediction(
        right=[1, 12, 2, 3],
        why="1 * 1, 4 * 3, 2 * 1 and 1 * 3.",
        wrong={
            (1, 24, 4, 3): "The two sums of the weights are halved.",
            (1, 12, 2, -3): "The last difference is d3 - d1 = 2 - 1.",
            (1, 12, -2, 3): "The third difference is d2 - d1 = 3 - 1.",
            (1, 12, 3, 2): "In the order m0, m1, m2, m3: m3 is the last one, on the left.",
        },
        hint="The sums of the weights are (1 + 2 + 3) / 2 = 3 and (1 - 2 + 3) / 2 = 1.",
    ),
    values=Prediction(
        right=[4, 30, 6, 3],
        why="4 * 1, 5 * 6, 3 * 2 and 1 * 3.",
        wrong={
            (4, 9, 14, 3): "These are the coefficients of the product. Its values are asked for.",
            (4, 30, 30, 3): "At -1, the polynomials are 4 - 1 = 3 and 1 - 2 + 3 = 2.",
            (4, 30, 6, 4): "At infinity, the values are the leading coefficients, 1 and 3.",
            (4, 6, 30, 3): "The point 1 comes before -1.",
            (1, 6, 2, 3): "These are the values of w. Multiply them by those of g.",
            (4, 5, 3, 1): "These are the values of g. Multiply them by those of w.",
        },
        hint="At 1, the values are 4 + 1 and 1 + 2 + 3. At infinity, they are 1 and 3.",
    ),
    channels=Prediction(
        right=7,
        why="2.25 + 42 / 7 = 8.25, and with 6 channels it would be 9.25.",
        wrong={
            6: "2.25 + 42 / 6 = 9.25.",
            5: "42 / 9 is not the condition: the products count, too.",
            19: "42 / 2.25 is not the condition. The whole sum must be below 9.",
        },
        hint="Solve 2.25 + 42 / n_C < 9, and round up to a whole number.",
    ),
    accuracy=Prediction(
        right="c",
        why="The powers of 5 in the matrices are so large that their rounding errors win.",
        wrong={
            "a": "On paper yes. How large are the numbers that have to cancel?",
            "b": "This is what happens at n = 5 or 6. Compare the powers of 3 with those of 5.",
        },
        hint=LETTER,
    ),
    wrapped=Prediction(
        right=[19, 13, 15, 13],
        why="12 + 7, 11 + 2, and the last two are untouched.",
        wrong={
            (12, 11, 15, 13): "x^4 = 1 adds the fifth coefficient to the first.",
            (15, 13): "The interpolation gives four coefficients. These are the last two.",
            (12, 11, 22, 15): "x^4 = 1, so 7 belongs to the constant, and 2 to x.",
        },
        hint="Replace x^4 with 1 and x^5 with x in 12 + 11x + 15x^2 + 13x^3 + 7x^4 + 2x^5.",
    ),
)


def f_2_2() -> tuple[list[list[int]], ...]:
    """Return A, B and G of a solution."""
    return (
        [[1, 1, 0], [0, 1, 1]],
        [[1, -1, 0], [0, 1, 0], [0, -1, 1]],
        [[1, 0], [1, 1], [0, 1]],
    )


def problem_of(matrices: Any) -> str:
    """Return the problem with A, B and G of F(2, 2); "" if there is none."""
    try:
        A, B, G = (np.array(matrix, float) for matrix in matrices)
    except (TypeError, ValueError):
        return "Give three matrices, (A, B, G)."
    shapes = {"A": (A, (2, 3)), "B": (B, (3, 3)), "G": (G, (3, 2))}
    for name, (matrix, shape) in shapes.items():
        if matrix.shape != shape:
            return f"{name} has the shape {matrix.shape}, expected {shape}."
    for j, d in enumerate(np.eye(3)):  # the formula is linear in d and in w
        for k, w in enumerate(np.eye(2)):
            actual, expected = A @ ((G @ w) * (B @ d)), np.correlate(d, w)
            wrong = np.flatnonzero(~np.isclose(actual, expected))
            if wrong.size:
                i = int(wrong[0])
                return (
                    f"In y{i}, the factor of d{j} w{k} is {actual[i]:g}, expected {expected[i]:g}."
                )
    return ""


def depthwise_intensity(n_H: int, n_W: int, n_C: int, f: int) -> float:
    """Return the MACs of a depthwise convolution by the values that it reads or writes."""
    return n_H * n_W * n_C * f * f / (2 * n_H * n_W * n_C + f * f * n_C)


def filtered(d: Array, w: Array) -> Array:
    """Filter a signal: the cross-correlation at all positions."""
    return np.correlate(d, w)


def _signals() -> list[tuple[Array, Array]]:
    rng = np.random.default_rng(0)
    return [(rng.integers(-5, 6, size).astype(float), rng.normal(size=3)) for size in (4, 6, 10)]


check = Checks(
    depthwise_intensity=Function(
        right=depthwise_intensity,
        calls=[(56, 56, 64, 3), (7, 9, 10, 5), (1, 1, 1, 1)],
        hint="Divide the MACs by the values that are read or written, without the factor 4 for "
        "bytes.",
        wrong=[
            (
                lambda n_H, n_W, n_C, f: n_H * n_W * f * f / (n_H * n_W + f * f),
                "The output is written, too.",
            ),
            (
                lambda n_H, n_W, n_C, f: f * f / 2,
                "The weights are read, too.",
            ),
            (
                lambda n_H, n_W, n_C, f: n_C * depthwise_intensity(n_H, n_W, n_C, f),
                "A depthwise convolution has one kernel for each channel: no sum over channels.",
            ),
            (
                lambda n_H, n_W, n_C, f: 2 * depthwise_intensity(n_H, n_W, n_C, f),
                "A multiplication and its addition are one MAC, not two.",
            ),
            (
                lambda n_H, n_W, n_C, f: n_H * n_W * f * f / (2 * n_H * n_W + f * f * n_C),
                "A depthwise layer has f * f * n_C weights.",
            ),
        ],
    ),
    matrices=Design(
        problem_of,
        right=f_2_2(),
        wrong=[
            (([[1, 1, 0], [0, 1, 1]], [[1, -1, 0], [0, 1, 0], [0, 1, -1]], f_2_2()[2]), "In y1"),
            (f_2_2()[:2], "Give three matrices"),
            ((f_2_2()[0], f_2_2()[1], np.transpose(f_2_2()[2])), "G has the shape"),
        ],
    ),
    filter_fixed=Function(
        right=filtered,
        calls=_signals(),
        hint="Where does the second tile begin, if the first one gives y[0] and y[1]?",
        wrong=[
            (
                lambda d, w: np.concatenate(
                    [filtered(d[start : start + 4], w) for start in range(0, len(d) - 3, 4)]
                ),
                "Each tile gives two outputs, so the next one begins two values later: tiles "
                "overlap.",
            ),
            (
                lambda d, w: np.concatenate(
                    [filtered(d[start : start + 4], w) for start in range(len(d) - 3)]
                ),
                "Now most outputs occur twice. A tile gives two.",
            ),
            (
                lambda d, w: filtered(d, w[::-1]),
                "Do not flip the kernel: y[0] begins with d[0] * w[0].",
            ),
            (lambda d, w: filtered(d, w)[:-2], "The last tile is missing. Where does it begin?"),
        ],
    ),
)
