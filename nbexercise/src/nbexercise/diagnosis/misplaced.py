"""Describe wrong outputs that hold the right numbers in other positions, or have a wrong size."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from ..judging.subject import subject
from ..judging.wording import listed
from .wrong_outputs import WrongOutput, in_sizes

__all__ = ["amount_of", "counted", "misplaced", "off_by", "plurals", "resized"]

FARTHEST = 5  # rows or columns by which an output can be shifted
FEWEST_NUMBERS = 3  # different numbers that are compared after a shift


def misplaced(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs of the right shape that hold the right numbers in other positions."""
    if not all(output.axes for output in wrong) or wrong[0].expected.dtype.kind == "b":
        return ""
    for axis, called in enumerate(wrong[0].axes):
        if all(output.equals(np.flip(output.expected, axis)) for output in wrong):
            return f"{name} is right except that its {plurals([called])} are in reversed order"
    if text := _permuted(name, wrong) or _shifted(name, wrong):
        return text
    if not all(map(_same_numbers, wrong)):
        return ""
    clause = f"{name} holds the right numbers in the wrong places"
    for order in itertools.permutations(range(wrong[0].expected.ndim)):
        if all(map(_filled_in(order), wrong)):
            axes = ", ".join(wrong[0].axes[axis] for axis in order)
            return f"{clause}: they are stored in the order ({axes}), and reshape moves no axis"
    return clause


def _same_numbers(output: WrongOutput) -> bool:
    actual = np.sort(output.actual.astype(float), axis=None)
    expected = np.sort(output.numbers, axis=None)
    return np.ptp(expected) > 0 and output.agree(actual, expected)


def _filled_in(order: tuple[int, ...]) -> Callable[[WrongOutput], bool]:
    """Return a predicate: True if an output holds the numbers of its axes in another order."""
    return lambda output: output.equals(
        output.expected.transpose(order).reshape(output.expected.shape)
    )


def _shifted(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs whose values are all shifted by some rows or columns."""
    if not {"row", "column"} <= {*wrong[0].axes}:
        return ""
    axes = wrong[0].axes.index("row"), wrong[0].axes.index("column")
    steps = range(-FARTHEST, FARTHEST + 1)
    shifts = sorted(itertools.product(steps, steps), key=lambda shift: sum(map(abs, shift)))
    offsets = [next(filter(_is_shifted(output, axes), shifts[1:]), None) for output in wrong]
    if None in offsets:
        return ""
    parts = []
    for (low, high), called, shift in (
        (("up", "down"), "row", [one[0] for one in offsets if one]),
        (("to the left", "to the right"), "column", [one[1] for one in offsets if one]),
    ):
        if any(shift):
            amount = amount_of(shift, wrong)
            if not amount:
                return ""
            parts.append(f"{counted(amount, called)} too far {low if max(shift) <= 0 else high}")
    return f"the values of {name} are right, but {' and '.join(parts)}"


def _is_shifted(output: WrongOutput, axes: tuple[int, int]) -> Callable[[tuple[int, int]], bool]:
    """Return a predicate: True if an output is the expected one, shifted along two axes.

    The parts that overlap must agree. They must be at least a quarter of the output, and hold
    different numbers.
    """

    def test(shift: tuple[int, int]) -> bool:
        actual, expected = output.actual, output.expected
        for axis, step in zip(axes, shift, strict=True):
            length = actual.shape[axis] - abs(step)
            if length < 1:
                return False
            actual = actual.take(range(max(step, 0), max(step, 0) + length), axis)
            expected = expected.take(range(max(-step, 0), max(-step, 0) + length), axis)
        varied = len(np.unique(expected)) >= FEWEST_NUMBERS
        enough = 4 * expected.size >= output.expected.size and varied
        return enough and output.agree(actual, expected)

    return test


def _permuted(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs whose axes are in another order."""
    axes = wrong[0].axes
    for order in itertools.permutations(range(wrong[0].expected.ndim)):
        if all(output.equals(output.expected.transpose(order)) for output in wrong):
            moved = [axis for axis, place in enumerate(order) if axis != place]
            swapped = plurals([axes[axis] for axis in moved]) if axes else "two of its axes"
            what = f"{'the' if ' of ' in swapped else 'its'} {swapped}" if axes else swapped
            if len(moved) == 2:
                return f"{name} is right except that {what} are swapped"
            named = ", ".join(axes[axis] for axis in order) if axes else ""
            return f"the values of {name} are right, but its axes are in the order ({named})"
    return ""


def resized(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs of a wrong shape: axes in another order, or some that are too long."""
    if any(output.actual.ndim != output.expected.ndim for output in wrong):
        return ""
    if text := _permuted(name, wrong):
        return text
    axes = range(wrong[0].expected.ndim)
    parts = [_length(axis, wrong) for axis in axes if not _has_length(axis, wrong)]
    if not parts or not all(text for _, text in parts):
        return ""
    verbs = {"few": "is {} short", "many": "has {} too many", "": "has {}"}
    texts = {verb: [text for its, text in parts if its == verb] for verb in verbs}
    said = [form.format(listed(texts[verb])) for verb, form in verbs.items() if texts[verb]]
    return f"{name} {', and '.join(said)}"


def _has_length(axis: int, wrong: Sequence[WrongOutput]) -> bool:
    """True if an axis has the right length in all outputs."""
    return all(output.actual.shape[axis] == output.expected.shape[axis] for output in wrong)


def _named(axis: int, wrong: Sequence[WrongOutput]) -> str:
    """Return a length of an axis that is the same size of every case, such as "n columns"."""
    lengths = [output.actual.shape[axis] for output in wrong]
    for name in subject().lengths:
        sizes = [output.run.case.sizes.get(name) for output in wrong]
        if sizes == lengths and len({*sizes}) > 1:
            return counted(name, wrong[0].axes[axis])
    return ""


def _length(axis: int, wrong: Sequence[WrongOutput]) -> tuple[str, str]:
    """Return "few" or "many" and by how much an axis is off, or "" and its length if known."""
    numbers = [output.actual.shape[axis] - output.expected.shape[axis] for output in wrong]
    axes = wrong[0].axes
    if not axes:
        return "", ""
    amount, named = amount_of(numbers, wrong), _named(axis, wrong)
    # Steps and borders change rows and columns; other axes may differ by as much by chance.
    if named and not amount.isdigit() and axes[axis] not in ("row", "column") or not amount:
        return "", named
    return "many" if max(numbers) > 0 else "few", counted(amount, axes[axis])


def off_by(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe integers that are too large or too small by the same amount in every case."""
    if any(o.actual.ndim or o.expected.ndim or o.expected.dtype.kind not in "iu" for o in wrong):
        return ""
    errors = [int(output.error) for output in wrong if float(output.error).is_integer()]
    amount = amount_of(errors, wrong) if len(errors) == len(wrong) > 1 else ""
    return f"{name} is too {'large' if max(errors) > 0 else 'small'} by {amount}" if amount else ""


def amount_of(numbers: Sequence[int], wrong: Sequence[WrongOutput]) -> str:
    """Return the absolute value of numbers, one for each output, as a number or a size.

    It is "" if they have different signs, or equal no known amount.
    """
    if min(numbers) < 0 < max(numbers):
        return ""
    amounts = [abs(number) for number in numbers]
    if len({*amounts}) == 1:
        return str(amounts[0])
    sizes = in_sizes(subject().amounts, wrong)
    return next((text for text, values in sizes if values == amounts), "")


def counted(amount: str, called: str) -> str:
    return f"{amount} {called if amount == '1' else plurals([called])}"


def plurals(axes: Sequence[str]) -> str:
    """Return axes in the plural, such as rows and columns of each filter for a filter's."""
    wholes = {axis.partition(" of the ")[2] for axis in axes}
    if len(wholes) > 1 or "" in wholes:
        return " and ".join(
            axis.replace(" of", "s of") if " of" in axis else f"{axis}s" for axis in axes
        )
    heads = " and ".join(f"{axis.partition(' of the ')[0]}s" for axis in axes)
    return f"{heads} of each {wholes.pop()}"
