"""Sums of points."""

import math
from collections.abc import Iterable

DECIMALS = 9  # more than points have, and fewer than the errors of binary fractions affect


def add_points(points: Iterable[float]) -> float:
    """Return a sum of points without the errors of binary fractions: 0.1 and 0.7 make 0.8."""
    return round(math.fsum(points), DECIMALS)
