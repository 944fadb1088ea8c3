"""Statistics of classical test theory for points: mean, median, difficulty, discrimination."""

import statistics
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

BINS = 10  # equally wide bins of a histogram
FEW = 20  # students; with fewer, a correlation says little
_EDGE = 1e-9  # tolerance: 0.7 of the points belong to the bin from 70 %, despite rounding


@dataclass(frozen=True)
class Summary:
    """Summary of students' points in an assignment or a question.

    Attributes
    ----------
    count
        Number of students.
    difficulty
        Mean share of the points: 1 if everybody has all of them, 0 if nobody has any.
    histogram
        Number of students in each tenth of the points; full points are in the last tenth.
    """

    count: int
    mean: float
    median: float
    difficulty: float
    histogram: tuple[int, ...]


def summarize(points: Collection[float], out_of: float) -> Summary | None:
    """Return the summary of points; None if there are no students, or no points to earn."""
    if not points or not out_of:
        return None
    counts = [0] * BINS
    for value in points:
        share = min(max(value / out_of, 0.0), 1.0)
        counts[min(int(share * BINS + _EDGE), BINS - 1)] += 1
    mean = statistics.fmean(points)
    return Summary(len(points), mean, statistics.median(points), mean / out_of, tuple(counts))


def discrimination(pairs: Iterable[tuple[float, float]]) -> float | None:
    """Return the corrected item-total correlation of a question.

    It is Pearson's r between a student's points x in the question and the same student's share y of
    the points in all other questions,

        r = sum((x - mean(x)) * (y - mean(y))) / sqrt(sum((x - mean(x))^2) * sum((y - mean(y))^2))

    "Corrected" means that y excludes the question itself: S. Henrysson, "Correction of item-total
    correlations in item analysis", Psychometrika 28 (1963), 211-218.

    Parameters
    ----------
    pairs
        (x, y) for each student.

    Returns
    -------
    float or None
        Value from -1 to 1; None for fewer than three students, or if all x or all y are equal.
    """
    values = list(pairs)
    if len(values) < 3:
        return None
    x, y = zip(*values, strict=True)
    if _is_constant(x) or _is_constant(y):
        return None
    return statistics.correlation(x, y)


def _is_constant(values: Sequence[float]) -> bool:
    return max(values) - min(values) < _EDGE
