"""Compare outputs: arrays and plain values within a tolerance, and signatures of arrays."""

import functools
import hashlib
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .model import CallOutcome, Signature
from .values import COARSER, coarser, difference, wrong_cells

__all__ = ["COARSER", "COMPARED", "agree", "close", "places_of_odd", "signature"]
__all__ += ["weighted_sums", "wrong_cells"]


def close(got: Any, expected: Any, tolerance: float, precision: int = 8) -> bool:
    """True if two arrays have the same shape and the same values, or two plain values are equal.

    For an expected number, an array with one entry, such as one of shape (1, 1, 1), is accepted.

    Parameters
    ----------
    got
        Array, signature of an array, or plain value.
    """
    if not isinstance(expected, np.ndarray):
        return not difference(got, expected, tolerance, precision)
    if isinstance(got, Signature):
        if expected.ndim == 0 and math.prod(got.shape) == 1:
            expected = expected.reshape(got.shape)
        return not got.odd and _fits(expected, got, tolerance, coarser(got, precision))
    if not isinstance(got, np.ndarray):
        return False
    if got.size == expected.size == 1 and expected.ndim == 0:
        got = got.reshape(())
    if got.shape != expected.shape:
        return False
    return not wrong_cells(got, expected, tolerance, precision).any()


COMPARED = ("cache", "changed", "problem", "repeatable")  # fields compared besides the values


def agree(
    a: CallOutcome, b: CallOutcome, tolerance: float, precision: int = 8, fields: Iterable[str] = ()
) -> bool:
    """True if two outcomes are the same, or have the same problem.

    Parameters
    ----------
    fields
        Fields to compare besides the values and `COMPARED`: see `Kind.fields`.
    """
    if a.problem and b.problem:
        return (a.problem.kind, a.problem.key) == (b.problem.kind, b.problem.key)
    return all(
        getattr(a, name) == getattr(b, name) for name in (*COMPARED, *fields)
    ) and _values_agree(a.values, b.values, tolerance, precision)


def _values_agree(
    a: Mapping[str, Any], b: Mapping[str, Any], tolerance: float, precision: int
) -> bool:
    """Compare as `close` does, but nan and infinities equal themselves and shapes must be equal.

    Parameters
    ----------
    b
        Arrays, signatures or plain values by name.
    """
    return all(_same_values(a[name], b[name], tolerance, precision) for name in b)


def _same_values(a: Any, b: Any, tolerance: float, precision: int) -> bool:
    if not isinstance(b, np.ndarray | Signature):
        return not difference(a, b, tolerance, precision)
    if not isinstance(a, np.ndarray):
        return False
    if isinstance(b, Signature):
        return _fits(a, b, tolerance, precision)
    if a.shape != b.shape:
        return False
    if np.isfinite(a).all() and np.isfinite(b).all():  # the common case, twice as fast
        return not wrong_cells(a, b, tolerance, precision).any()
    return np.array_equal(_odd(a), _odd(b), equal_nan=True) and not (
        wrong_cells(_finite(a), _finite(b), tolerance, precision).any()
    )


def _odd(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array as float64 with its finite numbers replaced by 0."""
    return np.where(np.isfinite(array), 0.0, array.astype(float))


def _finite(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array with nan and infinities replaced by 0."""
    finite: NDArray[Any] = np.nan_to_num(array, nan=0, posinf=0, neginf=0)
    return finite


# For the output of a mistake, only a signature is stored: about twenty bytes for any number of
# values. Arrays that agree have signatures that agree. Arrays that differ have signatures that
# differ, unless the differences cancel in both sums: every number has a different weight of at
# least 1/2, so a changed number or a changed order shows.

UNITS = np.array([2.0**-28, 2.0**-12])  # units of the sums; the first is close to the tolerance


def signature(array: NDArray[Any]) -> Signature:
    """Return the signature of an array: shape, dtype and two weighted sums."""
    largest = float(np.max(np.abs(_finite(array).astype(float)), initial=1.0))
    scale = 2.0 ** (math.frexp(largest)[1] - 1)  # a power of two: dividing by it is exact
    sums = tuple(map(round, map(float, weighted_sums(array, scale) / UNITS)))
    return Signature(sums, array.shape, scale, array.dtype, places_of_odd(array))


def _fits(array: NDArray[Any], stored: Signature, tolerance: float, precision: int = 8) -> bool:
    """True if an array agrees with a signature within the tolerance.

    Rounding errors in a sum grow like a random walk, with the square root of their number.
    `weighted_sums` divides by that root, so one tolerance fits all sizes.
    """
    if array.shape != stored.shape or places_of_odd(array) != stored.odd:
        return False
    allowed = COARSER.get(coarser(array, precision), tolerance) + UNITS / 2
    with np.errstate(over="ignore", invalid="ignore"):  # raised by very large numbers
        return bool(
            np.all(np.abs(weighted_sums(array, stored.scale) - UNITS * stored.sums) <= allowed)
        )


def weighted_sums(array: NDArray[Any], scale: float) -> NDArray[Any]:
    """Return two weighted sums of an array's finite numbers, divided by scale * sqrt(size)."""
    numbers = _finite(array).astype(float).ravel() / scale
    return _weights(array.size) @ numbers / math.sqrt(max(1, array.size))


@functools.lru_cache(maxsize=64)
def _weights(size: int) -> NDArray[Any]:
    """Return two rows of fixed weights with magnitudes between 1/2 and 1 and random signs.

    The weights derive from SplitMix64's random integers (Steele, Lea and Flood, 2014), so they
    are the same on every machine.
    """
    step, *factors = map(np.uint64, (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
    z = np.arange(1, 2 * size + 1, dtype=np.uint64) * step
    for factor, shift in zip(factors, (30, 27), strict=True):
        z = (z ^ (z >> np.uint64(shift))) * factor
    z ^= z >> np.uint64(31)
    magnitude = 0.5 + (z % np.uint64(128)).astype(float) / 256
    return np.where(z >> np.uint64(63), -magnitude, magnitude).reshape(size, 2).T


def places_of_odd(array: NDArray[Any]) -> str:
    """Return a hash of the positions of nan and infinities; "" if there are none."""
    if np.isfinite(array).all():
        return ""
    kinds = np.isnan(array) + 2 * np.isposinf(array) + 3 * np.isneginf(array)
    return hashlib.sha256(kinds.astype(np.int8).tobytes()).hexdigest()[:16]
