"""Compare outputs: shapes, values within a tolerance, and where the first wrong one is."""

from collections.abc import Mapping

import numpy as np

from ._sheet import Outcome

__all__ = ["agree", "close", "outputs_right", "shape_right", "wrong_cells"]

# Relative to the largest expected value. Float64 uses the sheet's own tolerance; coarser numbers,
# given or returned, are compared as finely as their precision and the sums' lengths allow.
COARSER = {2: 1e-2, 4: 1e-4}


def shape_right(got: np.ndarray, expected: np.ndarray) -> bool:
    return got.shape == expected.shape


def wrong_cells(got, expected, tolerance: float, precision: int = 8) -> np.ndarray:
    """A boolean array, true where `got` is wrong (nan included); the shapes must be equal.

    tolerance: allowed difference, relative to the largest expected value (at least 1)
    precision: bytes per number of the coarsest floating-point input
    """
    if got.dtype.kind == "f":
        precision = min(precision, got.dtype.itemsize)
    got, expected = got.astype(float), expected.astype(float)
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    with np.errstate(over="ignore", invalid="ignore"):  # of infinite and of very large numbers
        return ~(np.abs(got - expected) <= COARSER.get(precision, tolerance) * scale)


def close(got, expected, tolerance, precision=8) -> bool:
    """Whether two arrays have the same shape and the same values within the tolerance.

    A number in the wrong form, such as an array of shape (1, 1, 1), still has the right value.
    """
    if got.size == expected.size == 1 and expected.ndim == 0:
        got = got.reshape(())
    if not shape_right(got, expected):
        return False
    return not wrong_cells(got, expected, tolerance, precision).any()


def outputs_right(got: Outcome, expected: Outcome, names, tolerance, precision=8) -> bool:
    """Whether the named outputs (all where `names` is empty) of a call are right."""
    return got.problem is None and all(
        close(got.values[name], expected.values[name], tolerance, precision)
        for name in (names or expected.values)
    )


def agree(a: Outcome, b: Outcome, tolerance, precision=8) -> bool:
    """Whether two calls gave the same: values, cache, changed arguments, or the same problem."""
    if (a.problem is None) != (b.problem is None):
        return False
    if a.problem is not None:
        return (a.problem.kind, a.problem.key) == (b.problem.kind, b.problem.key)
    same_form = a.cache == b.cache and set(a.changed) == set(b.changed)
    return same_form and _values_agree(a.values, b.values, tolerance, precision)


def _values_agree(a: Mapping, b: Mapping, tolerance, precision):
    """Like `close`, but two nan agree, two infinities too, and a number must have the same form."""
    return all(
        shape_right(a[name], b[name])
        and np.array_equal(_odd(a[name]), _odd(b[name]), equal_nan=True)
        and not wrong_cells(_finite(a[name]), _finite(b[name]), tolerance, precision).any()
        for name in b
    )


def _odd(array):
    """What is nan or infinite in an array, as float64; 0 for the rest."""
    return np.where(np.isfinite(array), 0.0, array.astype(float))


def _finite(array):
    """The rest; 0 for what is nan or infinite."""
    return np.nan_to_num(array, nan=0, posinf=0, neginf=0)
