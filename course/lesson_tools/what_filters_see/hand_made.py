"""Seventeen color filters designed by hand, to compare with learned ones."""

import numpy as np

from convnet.types import Array
from lesson_tools.cross_correlation import SOBEL_X

__all__ = ["HAND_MADE"]

DIAGONAL = np.array([[0.0, 1, 2], [-1, 0, 1], [-2, -1, 0]])
LINE = np.array([[-1.0, 2, -1]] * 3)
DIAGONAL_LINE = np.array([[2.0, -1, -1], [-1, 2, -1], [-1, -1, 2]])
SHAPES = {
    "edge |": SOBEL_X,
    "edge -": SOBEL_X.T,
    "edge \\": DIAGONAL,
    "edge /": DIAGONAL[::-1],
    "line |": LINE,
    "line -": LINE.T,
    "line \\": DIAGONAL_LINE,
    "line /": DIAGONAL_LINE[::-1],
    "blob": np.array([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]]),
    "wide blob": np.where(np.arange(9).reshape(3, 3) == 4, 8.0, -1.0),
}
COLORS = {
    "brightness": (1, 1, 1),
    "red": (2, -1, -1),
    "green": (-1, 2, -1),
    "blue": (-1, -1, 2),
    "red - green": (1, -1, 0),
    "red - blue": (1, 0, -1),
    "green - blue": (0, 1, -1),
}
HAND_MADE: dict[str, Array] = {  # each (3, 3, 3): row, column, and red, green, blue
    **{name: shape[:, :, None] * np.ones(3) for name, shape in SHAPES.items()},
    **{name: np.ones((3, 3, 1)) * np.array(color) for name, color in COLORS.items()},
}
