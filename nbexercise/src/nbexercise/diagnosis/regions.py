"""Describe the parts of outputs that are wrong, or hold nothing but zeros."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..judging.subject import subject
from .misplaced import amount_of, counted
from .wrong_outputs import WrongOutput, in_sizes

__all__ = ["at_edges", "empty_part", "some_entries"]

FEWEST_OUTPUTS = 2  # wrong outputs that have a region in common
ENDS = {"first": (True, False), "last": (False, True), "first and last": (True, True)}


def some_entries(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs that are wrong, or right, at only the first or last index of an axis."""
    if len(wrong) < FEWEST_OUTPUTS or not all(output.axes for output in wrong):
        return ""
    for axis, called in enumerate(wrong[0].axes):
        others = tuple(a for a in range(wrong[0].actual.ndim) if a != axis)
        faults: list[Any] = [output.cells.any(axis=others) for output in wrong]
        lengths = set(map(len, faults))
        if min(lengths) < 2 or max(lengths) < 3:
            continue  # of two, the first and the others cannot be distinguished
        ends = {"first": 0, "last": -1}
        if len(lengths) == 1:  # "last" may be a coincidence: the index is always the same
            del ends["last"]
        for end, index in ends.items():
            at_end = [np.arange(len(fault)) == index % len(fault) for fault in faults]
            for state, marked in (("wrong", faults), ("right", [~fault for fault in faults])):
                if all(map(np.array_equal, marked, at_end)):
                    return f"only the {end} {called} is {state} in {name}"
    return ""


def at_edges(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs that are wrong only in their first or last rows and columns."""
    if len(wrong) < FEWEST_OUTPUTS or not {"row", "column"} <= {*wrong[0].axes}:
        return ""
    axes = wrong[0].axes.index("row"), wrong[0].axes.index("column")
    others = tuple(axis for axis in range(wrong[0].actual.ndim) if axis not in axes)
    faults = [output.cells.any(axis=others) for output in wrong]
    for amount, widths in in_sizes({"1": lambda _: 1, **subject().amounts}, wrong):
        for ends, which in itertools.product(ENDS, ("rows", "columns", "rows and columns")):
            if all(map(_in_strips(ends, which), faults, widths)):
                one = amount == "1" and ends != "first and last" and " " not in which
                lines = f"{which[:-1]} of {name} is" if one else f"{which} of {name} are"
                size = "" if amount == "1" else f"{amount} "
                zeros = not any(output.actual[output.cells].any() for output in wrong)
                held = ": they hold 0" if zeros else subject().held(wrong)
                return f"only the {ends} {size}{lines} wrong{held}"
    return ""


def _in_strips(ends: str, which: str) -> Callable[..., bool]:
    """Return a predicate: True if all faults are in strips, and reach their inner lines."""

    def test(faults: NDArray[Any], width: int) -> bool:
        inside = np.zeros(faults.shape, bool)
        lines = []
        for axis, called in enumerate(("rows", "columns")):
            length = faults.shape[axis]
            if called not in which:
                continue
            if width < 1 or 2 * width >= length:
                return False
            places = np.arange(length)
            first, last = ENDS[ends]
            at_start, at_end = places < width, places >= length - width
            strip = np.logical_or(at_start & first, at_end & last)
            inside |= np.expand_dims(strip, 1 - axis)
            wrong = np.asarray(faults.any(axis=1 - axis))
            inner = [width - 1] * ENDS[ends][0] + [length - width] * ENDS[ends][1]
            lines.append(wrong[inner].all())
        return bool(all(lines) and not (faults & ~inside).any())

    return test


def empty_part(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs that hold only zeros at the last indices of an axis."""
    if len(wrong) < FEWEST_OUTPUTS or not all(output.axes for output in wrong):
        return ""
    for axis, called in enumerate(wrong[0].axes):
        kept = [_used(output.actual, axis) for output in wrong]
        lengths = [_used(output.expected, axis) for output in wrong]
        missing = [length - some for length, some in zip(lengths, kept, strict=True)]
        full = [output.expected.shape[axis] for output in wrong]
        if min(missing) < 1 or lengths != full or len({*full}) == 1:
            continue  # the last index may be a coincidence if it is always the same
        if amount := amount_of(missing, wrong):
            return f"the last {_hold(amount, called, name)} nothing but 0"
        if min(kept) and (amount := amount_of(kept, wrong)):
            return f"only the first {_hold(amount, called, name)} anything but 0"
    return ""


def _hold(amount: str, called: str, name: str) -> str:
    one = amount == "1"
    return f"{called if one else counted(amount, called)} of {name} {'holds' if one else 'hold'}"


def _used(array: NDArray[Any], axis: int) -> int:
    """Return the length of an axis without the zeros at its end."""
    others = tuple(a for a in range(array.ndim) if a != axis)
    places = np.flatnonzero((array != 0).any(axis=others))
    return int(places[-1]) + 1 if len(places) else 0
