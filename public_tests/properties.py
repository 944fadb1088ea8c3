"""Find facts about wrong answers that no known mistake explains.

Every sentence states a fact about the cases that were tried: in which cases the function is right,
and what all its wrong answers have in common. A sentence needs enough evidence: see `_right_where`
and `_vary`.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .calling import CaseRun
from .comparing import wrong_cells
from .misplaced import misplaced, off_by, resized
from .verdict import Verdict
from .wrong_outputs import WrongOutput

__all__ = ["properties"]

ITSELF = "the right value"  # stands for the expected output instead of an argument
FEWEST_CASES = 2  # right cases, and wrong cases, needed to say where a function is right
FEWEST_NUMBERS = 3  # different expected numbers needed to say how they are wrong
NEAR = 1e-2  # largest difference called small, relative to the largest expected value
ROUGH = 5e-2  # the same for values that are about a multiple of the expected ones
FEWEST_ENTRIES = 4  # wrong entries, and right values, needed: fewer may be separated by chance
CLEAR = 10  # multiple of the tolerance above which a difference is clear


_Outputs = Sequence[WrongOutput | None]  # first wrong output of each case; None if it is right


def properties(verdict: Verdict) -> list[str]:
    """Return at most one sentence about where a function is right, and one about how it is wrong.

    If all wrong answers have nothing in common, those in the failing case's group are compared.

    Parameters
    ----------
    verdict
        Failed verdict without a known mistake.
    """
    if verdict.failing is None or not verdict.repeatable:
        return []
    runs = verdict.runs[: len(verdict.case_set.cases)]
    if any(run.outcome.changed for run in runs):
        return []  # the changed arguments may be the cause, and any pattern a coincidence
    if any(run.outcome.problem for run in runs):
        return _of_group(verdict)
    outputs = [_wrong_output(run, verdict) for run in runs]
    if (
        facts := _zeros(runs, outputs)
        or _limited(outputs)
        or _entries(runs, verdict.case_set.tolerance)
    ):
        return facts
    return _right_where(runs, outputs) + (_in_common(outputs) or _of_group(verdict))


def _of_group(verdict: Verdict) -> list[str]:
    """Return a sentence about the wrong answers in the failing case's group."""
    assert verdict.failing, "properties has tested it"
    group = verdict.failing.case.group
    runs = verdict.runs[: len(verdict.case_set.cases)]
    mine = [run for run in runs if run.case.group == group]
    named = any(group in check.groups for check in verdict.case_set.checks)
    if not named or len(mine) == len(runs) or any(run.outcome.problem for run in mine):
        return []
    return _in_common([_wrong_output(run, verdict) for run in mine], f' of "{group}"')


def _in_common(outputs: _Outputs, of: str = "") -> list[str]:
    """Return the most informative sentence about what all wrong answers have in common.

    of: suffix of the sentence that names the cases
    """
    name = next((output.name for output in outputs if output), "")
    wrong = [output for output in outputs if output and output.name == name]
    odd = [output for output in wrong if not np.isfinite(output.actual.astype(float)).all()]
    if odd:
        what = "nan" if all(np.isnan(output.actual).any() for output in odd) else "infinity or nan"
        some = "all" if len(odd) == len(outputs) else f"{len(odd)} of"
        return [f"In {some} {len(outputs)} cases{of} {name} holds {what}."]
    if not wrong:
        return []
    number = len(wrong)
    cases = f"{'the one case' if number == 1 else f'all {number} cases'}{of}"
    if number < len(outputs):
        cases += f" where {name} is wrong,"
    same_shape = all(output.actual.shape == output.expected.shape for output in wrong)
    order = (
        *(_constant, _sums, _equal_along, _factor, _offset, _some_entries, misplaced, off_by),
        *(_integers, _roughly, _near),
    )
    texts = (describe(name, wrong) for describe in (order if same_shape else (resized,)))
    text = next(filter(None, texts), "")
    return [f"In {cases} {text}."] if text else []


def _wrong_output(run: CaseRun, verdict: Verdict) -> WrongOutput | None:
    outputs = (
        WrongOutput(run, name, run.outcome.values[name], expected, verdict.case_set.tolerance)
        for name, expected in run.case.expected.values.items()
    )
    return next((output for output in outputs if not output.equals(output.expected)), None)


# Cases in which the function is right.


class _Condition(NamedTuple):
    text: str  # end of a sentence
    sizes: tuple[str, ...]  # that it is about
    holds: Callable[[Any], bool]

    def of(self, sizes: Mapping[str, Any]) -> bool | None:
        """Return True if a case's sizes meet the condition; None if it lacks one of them."""
        try:
            return bool(self.holds(sizes))
        except KeyError:
            return None


def _is_square(sizes: Any) -> bool:
    return bool(sizes["n_H_prev"] == sizes["n_W_prev"])


CONDITIONS = (
    _Condition("the stride is 1", ("stride",), lambda s: s["stride"] == 1),
    _Condition("the stride is f", ("stride", "f"), lambda s: s["stride"] == s["f"]),
    _Condition("pad is 0", ("pad",), lambda s: s["pad"] == 0),
    _Condition('mode is "max"', ("mode",), lambda s: _pools(s) and s.get("mode", "max") == "max"),
    _Condition('mode is "average"', ("mode",), lambda s: _pools(s) and s.get("mode") == "average"),
    _Condition("there is one image", ("m",), lambda s: s["m"] == 1),
    _Condition("the input has one channel", ("n_C_prev",), lambda s: s["n_C_prev"] == 1),
    _Condition("there is one filter", ("n_C",), lambda s: s["n_C"] == 1),
    _Condition("height and width are equal", ("n_H_prev", "n_W_prev"), _is_square),
    _Condition("the window is square", ("n_H", "n_W"), lambda s: s["n_H"] == s["n_W"]),
    _Condition("the stride is at most f", ("stride", "f"), lambda s: s["stride"] <= s["f"]),
    _Condition("the stride divides n", ("stride", "n"), lambda s: s["n"] % s["stride"] == 0),
)


def _right_where(runs: Sequence[CaseRun], outputs: _Outputs) -> list[str]:
    """Return a sentence about the only condition that holds in all right cases and in no others.

    If anything else separates these cases, such as the length of an axis, that may be the reason,
    and nothing is returned.
    """
    right = [output is None for output in outputs]
    if min(right.count(True), right.count(False)) < FEWEST_CASES:
        return []
    sizes = [run.case.sizes for run in runs]
    reasons = [c for c in CONDITIONS if [c.of(size) for size in sizes] == right]
    if len(reasons) != 1:
        return []
    (reason,) = reasons
    of_reason = [[size.get(key) for size in sizes] for key in reason.sizes]
    numbers = [dict(_numbers(run.case.parts)) for run in runs]  # by name, for each case
    shared = set(numbers[0]).intersection(*numbers)
    others = ([of_case[name] for of_case in numbers] for name in shared)
    if any(_separates(values, right) for values in others if values not in of_reason):
        return []
    return [f"Of {len(right)} cases, it is right in those where {reason.text}, and in no others."]


def _numbers(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of numeric arguments, and the lengths of arrays."""
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            yield from ((f"{name}.shape[{axis}]", n) for axis, n in enumerate(value.shape))
        elif isinstance(value, dict):
            yield from _numbers(value)
        elif isinstance(value, int | float):
            yield name, value


def _separates(numbers: Sequence[Any], right: Sequence[bool]) -> bool:
    """Return True if a number is smaller, or larger, in all right cases than in all others."""
    in_right = [number for number, is_right in zip(numbers, right, strict=True) if is_right]
    in_wrong = [number for number, is_right in zip(numbers, right, strict=True) if not is_right]
    return bool(max(in_right) < min(in_wrong) or max(in_wrong) < min(in_right))


def _pools(sizes: Mapping[str, Any]) -> bool:
    return "stride" in sizes and "pad" not in sizes


def _limited(outputs: _Outputs) -> list[str]:
    """Return a sentence about a limit above or below which all values of an output are cut off."""
    wrong = [output for output in outputs if output]
    name = wrong[0].name if wrong else ""
    if not wrong or any(o.name != name or o.actual.shape != o.expected.shape for o in wrong):
        return []
    actual, expected = (
        np.concatenate([array.ravel() for array in arrays])
        for arrays in (
            [output.actual.astype(float) for output in wrong],
            [output.numbers for output in wrong],
        )
    )
    cells = np.concatenate([output.cells.ravel() for output in wrong])
    if not np.isfinite(actual).all() or len(np.unique(actual[~cells])) < FEWEST_ENTRIES:
        return []
    for limit, what, cut in (
        (actual.max(), "above", np.minimum),
        (actual.min(), "below", np.maximum),
    ):
        if (
            limit
            and len(np.unique(expected[cells])) > 1
            and all(output.equals(cut(output.numbers, limit)) for output in wrong)
        ):
            return [f"No value of {name} is {what} {limit:g}: values {what} it are cut off."]
    return []


class _Entries(NamedTuple):
    """Entries of an argument and of an output of the same shape, flattened."""

    argument: NDArray[Any]
    expected: NDArray[Any]
    wrong: NDArray[Any]
    clearly_wrong: NDArray[Any]


def _entries(runs: Sequence[CaseRun], tolerance: float) -> list[str]:
    """Return a sentence about the entries of an argument for which an output is wrong.

    The output must be wrong for exactly the entries that are zero, negative or positive, or on one
    side of a threshold (of the value or its absolute value). Its errors must be well above the
    tolerance, and its right values must vary. With `ITSELF` in place of an argument, the entries
    are the expected values.
    """
    case = runs[0].case
    for output, name in itertools.product(case.expected.values, (*case.parts, ITSELF)):
        parts = [_entries_of(run, name, output, tolerance) for run in runs]
        if None in parts:
            continue
        entries = _Entries(*map(np.concatenate, zip(*parts, strict=True)))
        varied = len(np.unique(np.round(entries.expected[~entries.wrong], 6))) >= FEWEST_ENTRIES
        clear = np.array_equal(entries.wrong, entries.clearly_wrong)
        if varied and clear and (text := _wrong_where(name, entries.argument, entries.wrong)):
            return [f"In all cases {output} is {text}."]
    return []


def _entries_of(run: CaseRun, name: str, output: str, tolerance: float) -> _Entries | None:
    """Return the entries of a run; None if the shapes differ.

    For dtypes coarser than float64, only wrong entries are returned, because their tolerance hides
    small errors.
    """
    actual, expected = run.outcome.values[output], run.case.expected.values[output]
    if name == ITSELF and expected.dtype.kind != "f":
        return None
    argument: Any = expected if name == ITSELF else run.case.parts.get(name)
    if not np.shape(argument) == actual.shape == expected.shape != ():
        return None
    wrong, clearly = (
        wrong_cells(actual, expected, times * tolerance, run.precision) for times in (1, CLEAR)
    )
    returned = wrong | (run.precision == 8)
    numbers = argument[returned].astype(float), expected[returned].astype(float)
    return _Entries(*numbers, wrong[returned], clearly[returned])


def _wrong_where(name: str, entries: NDArray[Any], wrong: NDArray[Any]) -> str:
    if wrong.any() and np.array_equal(wrong, entries == 0):
        return f"wrong where {name} is 0, and right everywhere else"
    if wrong.sum() < FEWEST_ENTRIES:
        return ""
    for sign, which in ((entries < 0, "negative"), (entries > 0, "positive")):
        if np.array_equal(wrong, sign):
            return f"wrong where {name} is {which}, and right everywhere else"
    if name == ITSELF:
        return ""
    for numbers, what in ((entries, name), (np.abs(entries), f"the absolute value of {name}")):
        low, high = numbers[wrong], numbers[~wrong]
        if low.max() < high.min():
            return f"wrong where {what} is {low.max():.6g} or less, and right where it is larger"
        if low.min() > high.max():
            return f"wrong where {what} is {low.min():.6g} or more, and right where it is smaller"
    return ""


# Common properties of the wrong answers.


def _zeros(runs: Sequence[CaseRun], outputs: _Outputs) -> list[str]:
    """Return a sentence about outputs that are all zeros, if every case is wrong."""
    if None in outputs:
        return []
    values = {
        name: [run.outcome.values[name] for run in runs] for name in runs[0].case.expected.values
    }
    # A missing output has no entries.
    names = [n for n, arrays in values.items() if all(a.size and not a.any() for a in arrays)]
    if not names:
        return []
    first = values[names[0]]
    zero, cases = _value(first[0].dtype.type(0)), f"in all {len(runs)} cases"
    if not any(array.ndim for array in first):
        return [f"{names[0]} is {zero} {cases}."]
    *others, last = names
    subject = f"{', '.join(others)} and {last} hold" if others else f"{last} holds"
    them = "them" if others else "it"
    return [f"{subject} {zero} everywhere, {cases}: nothing else was stored in {them}."]


def _value(number: Any) -> str:
    return str(bool(number)) if number.dtype.kind == "b" else f"{number + 0:g}"


def _vary(wrong: Sequence[WrongOutput]) -> bool:
    """Return True if there are enough different expected values."""
    numbers = [output.numbers.ravel() for output in wrong]
    return len(np.unique(np.concatenate(numbers))) >= FEWEST_NUMBERS


def _constant(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs that hold one number everywhere.

    If the expected outputs are constant as well, the number must be the same in all cases.
    """
    if any(np.ptp(output.actual.astype(float)) for output in wrong):
        return ""
    if wrong[0].expected.dtype.kind == "b" and not any(output.actual.any() for output in wrong):
        return f"{name} is False everywhere"
    if not _vary(wrong):
        return ""
    values = {_value(output.actual.flat[0]) for output in wrong}
    single = all(output.expected.size < 2 for output in wrong)
    if len(values) == 1 and len(wrong) > 1:
        return f"{name} is {values.pop()}" if single else f"{name} holds {values.pop()} everywhere"
    if all(np.ptp(output.numbers) for output in wrong):
        what = values.pop() if len(values) == 1 else "the same number"
        return f"{name} holds {what} everywhere"
    return ""


def _sums(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs that add up to the right sum, but not along the right axis or unequally."""
    if any(output.expected.ndim != 2 or output.expected.dtype.kind != "f" for output in wrong):
        return ""
    totals = [output.numbers.sum(1) for output in wrong]  # of each row
    if not all(np.allclose(total, 1) for total in totals):
        equal = all(not np.ptp(output.numbers) for output in wrong)
        if equal and all(_is_close(output.actual.sum(), output.numbers.sum()) for output in wrong):
            return f"the values of {name} have the right sum, but they should be equal"
        return ""
    several = any(len(output.actual) > 1 for output in wrong)
    if several and all(_is_close(output.actual.sum(), 1) for output in wrong):
        return f"{name} adds up to 1 as a whole, but each row should"
    if all(_is_close(output.actual.sum(0), 1) for output in wrong):
        return f"each column of {name} adds up to 1, but each row should"
    return ""


def _is_close(actual: Any, expected: Any) -> bool:
    return bool(np.allclose(actual, expected, rtol=1e-4))


def _equal_along(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs that are the same along some axes."""
    equal = []
    for axis, called in enumerate(wrong[0].axes if wrong[0].expected.dtype.kind != "b" else ()):
        if all(
            output.axes
            and not np.ptp(output.actual.astype(float), axis).any()
            and np.ptp(output.numbers, axis).any()
            for output in wrong
        ):
            equal.append(f"{called}s")
    return f"all {' and '.join(equal)} of {name} are equal" if equal else ""


FACTORS: dict[str, Callable[[Any], float]] = {  # functions of a case's sizes
    "m, the number of images,": lambda s: s["m"],
    "f": lambda s: s["f"],
    "f * f": lambda s: s["f"] ** 2,
}


def _factor(name: str, wrong: Sequence[WrongOutput]) -> str:
    factors = [_factor_of(output) for output in wrong]
    if 0 in factors or not _vary(wrong):  # a single number always has a factor
        return ""
    if np.ptp(factors) <= 1e-6 * abs(factors[0]):
        if abs(factors[0] + 1) < 1e-6:
            return f"{name} has the wrong sign and is right otherwise"
        return f"every value of {name} is {factors[0]:.6g} times the expected value"
    for text, of in FACTORS.items():
        try:
            sizes: NDArray[Any] = np.array([of(output.run.case.sizes) for output in wrong], float)
        except KeyError:
            continue
        for size, times in (("large", sizes), ("small", 1 / sizes)):
            if np.allclose(factors, times, rtol=1e-6):
                return f"{name} is {text} times too {size}"
    return ""


def _factor_of(output: WrongOutput) -> float:
    """Return the number by which all expected values were multiplied; 0 if there is none."""
    largest = np.argmax(np.abs(output.numbers))
    if not output.expected.flat[largest]:
        return 0
    factor = float(output.actual.flat[largest]) / float(output.expected.flat[largest])
    return factor if factor and output.equals(factor * output.numbers) else 0


def _offset(name: str, wrong: Sequence[WrongOutput]) -> str:
    if any(output.actual.ndim != 4 or output.actual[..., 0].size < 2 for output in wrong):
        return ""
    if not all(output.equals(output.expected + output.error.mean((0, 1, 2))) for output in wrong):
        return ""
    return f"each channel of {name} is off by a constant, as if by a wrong bias"


def _some_entries(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs of which only the first or last row, column, image or channel is wrong."""
    if len(wrong) < 2 or not all(output.axes for output in wrong):
        return ""
    for axis, called in enumerate(wrong[0].axes):
        others = tuple(a for a in range(wrong[0].actual.ndim) if a != axis)
        faults: list[Any] = [output.cells.any(axis=others) for output in wrong]
        lengths = set(map(len, faults))
        if min(lengths) < 2:
            continue
        ends = {"first": 0, "last": -1}
        if len(lengths) == 1:  # "last" may be a coincidence: the index is always the same
            del ends["last"]
        for end, index in ends.items():
            at_end = [np.arange(len(fault)) == index % len(fault) for fault in faults]
            for state, marked in (("wrong", faults), ("right", [~fault for fault in faults])):
                if all(map(np.array_equal, marked, at_end)):
                    return f"only the {end} {called} is {state} in {name}"
    return ""


def _integers(name: str, wrong: Sequence[WrongOutput]) -> str:
    if not _vary(wrong):  # a single number may be an integer by chance
        return ""
    if all(output.equals(np.trunc(output.numbers)) for output in wrong):
        return f"the values of {name} are truncated to integers"
    return ""


def _roughly(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs that are nearly the expected ones times one number."""
    factors = []
    for output in wrong:
        actual, scale = output.actual.astype(float), float((output.numbers**2).sum())
        factors.append(float((actual * output.numbers).sum()) / scale if scale else 0.0)
        if np.abs(actual - factors[-1] * output.numbers).max() > ROUGH * np.abs(actual).max():
            return ""
    if np.ptp(factors) > NEAR * abs(factors[0]) or abs(factors[0] - 1) < ROUGH or not _vary(wrong):
        return ""
    return f"every value of {name} is about {np.mean(factors):.2g} times the expected value"


def _near(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs that are nearly right; errors of one sign suggest a cause."""
    if all((output.numbers == np.round(output.numbers)).all() for output in wrong):
        return ""
    largest = [np.abs(output.error).max() for output in wrong]
    scales = [np.abs(output.numbers).max() for output in wrong]
    if any(size > NEAR * scale for size, scale in zip(largest, scales, strict=True)):
        return ""
    signs = np.sign(np.concatenate([output.error[output.cells] for output in wrong]))
    most = max(size / scale for size, scale in zip(largest, scales, strict=True))
    text = f"{name} is nearly right: the largest difference is {most:.2g} times its largest value"
    if len(signs) < FEWEST_NUMBERS or len(set(signs)) > 1:
        return text
    return (
        f"{text}, and all wrong values are a little too {'small' if signs[0] < 0 else 'large'}, as "
        "when a small number such as 1e-8 is added inside the formula or digits are cut off"
    )
