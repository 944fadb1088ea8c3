"""Score a test cell as nbgrader does: by the outputs that it leaves in the notebook."""

import math
from collections.abc import Iterable

from nbjudge.wire.outputs import Output


def score_of(outputs: Iterable[Output], points: float) -> float:
    """Return the points that a test cell earns, like `determine_grade` in nbgrader/utils.py.

    An error or output on stderr earns no points. If the cell's last expression is a number, that
    number is the score, except for those that `points_of` rejects. Otherwise, the test earns full
    points.

    Parameters
    ----------
    points
        Maximum number of points.

    Raises
    ------
    ValueError
        If the number is larger than `points`.
    """
    for output in outputs:
        kind = output["output_type"]
        if kind == "error" or (kind == "stream" and output["name"] == "stderr"):
            return 0.0
        if kind == "execute_result":
            try:
                number = float(output["data"].get("text/plain", ""))
            except ValueError:
                return points
            return points_of(number, points)
    return points


def points_of(number: float, points: float) -> float:
    """Return the points for the number in a cell's last line; a number that is no score earns 0.

    nbgrader gives full points for NaN and for negative numbers, which students can bring about.

    Parameters
    ----------
    points
        Maximum number of points.

    Raises
    ------
    ValueError
        If the number is finite and larger than `points`.
    """
    if points < number < math.inf:
        raise ValueError(f"its last line gives a score of {number:g} out of {points:g}")
    return number if 0 <= number <= points else 0.0
