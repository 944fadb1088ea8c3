"""Compare outputs: shapes, values within a tolerance, and where the first wrong one is."""

import functools
import hashlib
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .model import CallOutcome, Signature

__all__ = ["COMPARED", "agree", "close", "places_of_odd", "shape_right", "signature"]
__all__ += ["weighted_sums", "wrong_cells"]

# Relative to the largest expected value. Float64 uses the case set's own tolerance; coarser
# numbers, given or returned, are compared as finely as their precision and the sums' lengths allow.
COARSER = {2: 1e-2, 4: 1e-4}


def shape_right(got: NDArray[Any], expected: NDArray[Any]) -> bool:
    """Whether an output has the expected shape."""
    return got.shape == expected.shape


def wrong_cells(
    got: NDArray[Any], expected: NDArray[Any], tolerance: float, precision: int = 8
) -> NDArray[Any]:
    """A boolean array, true where `got` is wrong (nan included); the shapes must be equal.

    Parameters
    ----------
    tolerance
        Allowed difference, relative to the largest expected value (at least 1).
    precision
        Bytes per number of the coarsest floating-point input.
    """
    precision = _coarser(got, precision)
    got, expected = got.astype(float, copy=False), expected.astype(float, copy=False)
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    with np.errstate(over="ignore", invalid="ignore"):  # of infinite and of very large numbers
        right: NDArray[Any] = np.abs(got - expected) <= COARSER.get(precision, tolerance) * scale
        return ~right


def close(
    got: NDArray[Any] | Signature, expected: NDArray[Any], tolerance: float, precision: int = 8
) -> bool:
    """Whether two arrays have the same shape and the same values within the tolerance.

    A number in the wrong form, such as an array of shape (1, 1, 1), still has the right value.

    Parameters
    ----------
    got
        An array or the signature of one.
    """
    if isinstance(got, Signature):
        if expected.ndim == 0 and math.prod(got.shape) == 1:
            expected = expected.reshape(got.shape)
        return not got.odd and _fits(expected, got, tolerance, _coarser(got, precision))
    if got.size == expected.size == 1 and expected.ndim == 0:
        got = got.reshape(())
    if not shape_right(got, expected):
        return False
    return not wrong_cells(got, expected, tolerance, precision).any()


COMPARED = ("cache", "changed", "problem", "repeatable")  # of all outcomes, beside the values


def agree(
    a: CallOutcome,
    b: CallOutcome,
    tolerance: float,
    precision: int = 8,
    fields: Iterable[str] = (),
) -> bool:
    """Whether two calls gave the same, or the same problem.

    Parameters
    ----------
    fields
        What to compare beside the values and `COMPARED`: see `Kind.fields`.
    """
    if a.problem and b.problem:
        return (a.problem.kind, a.problem.key) == (b.problem.kind, b.problem.key)
    return all(
        getattr(a, name) == getattr(b, name) for name in (*COMPARED, *fields)
    ) and _values_agree(a.values, b.values, tolerance, precision)


def _values_agree(
    a: Mapping[str, Any], b: Mapping[str, Any], tolerance: float, precision: int
) -> bool:
    """Like `close`, but two nan agree, two infinities too, and a number must have the same form.

    b: arrays or signatures
    """
    return all(
        _fits(a[name], b[name], tolerance, precision)
        if isinstance(b[name], Signature)
        else _same_values(a[name], b[name], tolerance, precision)
        for name in b
    )


def _same_values(a: NDArray[Any], b: NDArray[Any], tolerance: float, precision: int) -> bool:
    if not shape_right(a, b):
        return False
    if np.isfinite(a).all() and np.isfinite(b).all():  # nearly always, and twice as fast
        return not wrong_cells(a, b, tolerance, precision).any()
    return np.array_equal(_odd(a), _odd(b), equal_nan=True) and not (
        wrong_cells(_finite(a), _finite(b), tolerance, precision).any()
    )


def _coarser(array: NDArray[Any] | Signature, precision: int) -> int:
    """Bytes per number of an array of floating-point numbers, if these are coarser."""
    return min(precision, array.dtype.itemsize) if array.dtype.kind == "f" else precision


def _odd(array: NDArray[Any]) -> NDArray[Any]:
    """What is nan or infinite in an array, as float64; 0 for the rest."""
    return np.where(np.isfinite(array), 0.0, array.astype(float))


def _finite(array: NDArray[Any]) -> NDArray[Any]:
    """The rest; 0 for what is nan or infinite."""
    finite: NDArray[Any] = np.nan_to_num(array, nan=0, posinf=0, neginf=0)
    return finite


# Of a mistake's output only a signature is stored, some twenty bytes for any number of values. Two
# arrays that agree have signatures that agree. Two that do not have others: each number counts
# with a weight of its own, at least 1/2, so that neither another number nor another order is missed
# unless the differences cancel in both sums.

UNITS = np.array([2.0**-28, 2.0**-12])  # of the sums: the first is nearly as fine as the tolerance


def signature(array: NDArray[Any]) -> Signature:
    """What is stored of an array that is only compared: shape, dtype and two weighted sums."""
    largest = float(np.max(np.abs(_finite(array).astype(float)), initial=1.0))
    scale = 2.0 ** (math.frexp(largest)[1] - 1)  # so that dividing by it rounds nothing
    sums = tuple(map(round, map(float, weighted_sums(array, scale) / UNITS)))
    return Signature(sums, array.shape, scale, array.dtype, places_of_odd(array))


def _fits(array: NDArray[Any], stored: Signature, tolerance: float, precision: int = 8) -> bool:
    """Whether an array agrees, within the tolerance, with the one of a signature.

    Roundings add up in a sum as a random walk does, with the square root of their number, and that
    is what sums are divided by.
    """
    if array.shape != stored.shape or places_of_odd(array) != stored.odd:
        return False
    allowed = COARSER.get(_coarser(array, precision), tolerance) + UNITS / 2
    with np.errstate(over="ignore", invalid="ignore"):  # of very large numbers
        return bool(
            np.all(np.abs(weighted_sums(array, stored.scale) - UNITS * stored.sums) <= allowed)
        )


def weighted_sums(array: NDArray[Any], scale: float) -> NDArray[Any]:
    numbers = _finite(array).astype(float).ravel() / scale
    return _weights(array.size) @ numbers / math.sqrt(max(1, array.size))


@functools.lru_cache(maxsize=64)
def _weights(size: int) -> NDArray[Any]:
    """Two rows of fixed weights between 1/2 and 1, or -1/2 and -1, from integers alone.

    They are SplitMix64's random numbers (Steele, Lea and Flood, 2014), the same on every machine.
    """
    step, *factors = map(np.uint64, (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
    z = np.arange(1, 2 * size + 1, dtype=np.uint64) * step
    for factor, shift in zip(factors, (30, 27), strict=True):
        z = (z ^ (z >> np.uint64(shift))) * factor
    z ^= z >> np.uint64(31)
    magnitude = 0.5 + (z % np.uint64(128)).astype(float) / 256
    return np.where(z >> np.uint64(63), -magnitude, magnitude).reshape(size, 2).T


def places_of_odd(array: NDArray[Any]) -> str:
    """A text that differs where nan and infinities do; "" where there are none."""
    if np.isfinite(array).all():
        return ""
    kinds = np.isnan(array) + 2 * np.isposinf(array) + 3 * np.isneginf(array)
    return hashlib.sha256(kinds.astype(np.int8).tobytes()).hexdigest()[:16]
