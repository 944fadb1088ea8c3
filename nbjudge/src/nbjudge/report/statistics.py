"""The numbers of classical test theory for points: mean, median, difficulty, discrimination."""

import statistics
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

BINS = 10  # of a histogram, each as wide as the others
FEW = 20  # students; below, a correlation says little
_EDGE = 1e-9  # 0.7 of the points belong to the bin from 70 %, however they are rounded


@dataclass(frozen=True)
class Summary:
    """The points of some students in an assignment or a question.

    Attributes
    ----------
    count
        How many students.
    difficulty
        The mean share of the points: 1 where everybody has all, 0 where nobody has any.
    histogram
        How many students have less than a tenth of the points, less than two tenths, and so on;
        all points are in the last of the ten.
    """

    count: int
    mean: float
    median: float
    difficulty: float
    histogram: tuple[int, ...]


def summarize(points: Collection[float], out_of: float) -> Summary | None:
    """The summary of points; None where nobody has any, or there are none to be had."""
    if not points or not out_of:
        return None
    counts = [0] * BINS
    for value in points:
        share = min(max(value / out_of, 0.0), 1.0)
        counts[min(int(share * BINS + _EDGE), BINS - 1)] += 1
    mean = statistics.fmean(points)
    return Summary(len(points), mean, statistics.median(points), mean / out_of, tuple(counts))


def discrimination(pairs: Iterable[tuple[float, float]]) -> float | None:
    """The corrected item-total correlation: do those who do well elsewhere do well here?

    Pearson's r between the points x of a question and the share y of the points that the same
    student has in all other questions,

        r = sum((x - mean(x)) * (y - mean(y))) / sqrt(sum((x - mean(x))^2) * sum((y - mean(y))^2))

    "Corrected", as the question itself is not part of y: S. Henrysson, "Correction of item-total
    correlations in item analysis", Psychometrika 28 (1963), 211-218.

    Parameters
    ----------
    pairs
        (x, y) for each student.

    Returns
    -------
    float or None
        From -1 to 1; None below three students, and where all x or all y are the same.
    """
    found = list(pairs)
    if len(found) < 3:
        return None
    x, y = zip(*found, strict=True)
    if _is_constant(x) or _is_constant(y):
        return None
    return statistics.correlation(x, y)


def _is_constant(values: Sequence[float]) -> bool:
    return max(values) - min(values) < _EDGE
