"""Find facts about wrong answers that no known mistake explains.

Every sentence states a fact about the cases that were tried: in which cases the function is right,
and what all its wrong answers have in common. A sentence needs enough evidence: see `conditions`
and `_vary`.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..judging.calling import CaseRun
from ..judging.comparing import wrong_cells
from ..judging.subject import subject
from ..judging.wording import listed
from .conditions import right_where
from .findings import Diagnosis
from .misplaced import misplaced, off_by, plurals, resized
from .regions import at_edges, empty_part, some_entries
from .wrong_outputs import WrongOutput, in_sizes

__all__ = ["properties"]

ITSELF = "the right value"  # stands for the expected output instead of an argument
FEWEST_NUMBERS = 3  # different expected numbers needed to say how they are wrong
NEAR = 1e-2  # largest difference called small, relative to the largest expected value
ROUGH = 5e-2  # the same for values that are about a multiple of the expected ones
FEWEST_ENTRIES = 4  # wrong entries, and right values, needed: fewer may be separated by chance
CLEAR = 10  # multiple of the tolerance above which a difference is clear


_Outputs = Sequence[Mapping[str, WrongOutput]]  # wrong outputs of each case by name


def properties(diagnosis: Diagnosis) -> list[str]:
    """Return at most one sentence about where a function is right, and one about how it is wrong.

    If all wrong answers have nothing in common, those in the failing case's group are compared.

    Parameters
    ----------
    diagnosis
        Diagnosis of a failure without a known mistake.
    """
    if diagnosis.failing is None or not diagnosis.repeatable or diagnosis.failing.outcome.problem:
        return []  # the exception is said instead
    runs = diagnosis.runs[: len(diagnosis.case_set.cases)]
    if any(run.outcome.changed for run in runs):
        return []  # the changed arguments may be the cause, and any pattern a coincidence
    outputs = [_wrong_outputs(run, diagnosis) for run in runs]
    right = [not (run.outcome.problem or its) for run, its in zip(runs, outputs, strict=True)]
    where = right_where(runs, right, diagnosis.failing.case.group)
    if any(run.outcome.problem for run in runs):
        return where + _of_group(diagnosis)
    facts = (
        _zeros(runs, outputs) or _limited(outputs) or _entries(runs, diagnosis.case_set.tolerance)
    )
    if facts:
        return facts
    first = [*_wrong_outputs(diagnosis.failing, diagnosis)]
    return where + (_in_common(outputs, first) or _of_group(diagnosis))


def _of_group(diagnosis: Diagnosis) -> list[str]:
    """Return a sentence about the wrong answers in the failing case's group."""
    assert diagnosis.failing, "properties has tested it"
    group = diagnosis.failing.case.group
    runs = diagnosis.runs[: len(diagnosis.case_set.cases)]
    mine = [run for run in runs if run.case.group == group]
    named = any(group in check.groups for check in diagnosis.case_set.checks)
    if not named or len(mine) == len(runs) or any(run.outcome.problem for run in mine):
        return []
    first = [*_wrong_outputs(diagnosis.failing, diagnosis)]
    return _in_common([_wrong_outputs(run, diagnosis) for run in mine], first, f' of "{group}"')


def _in_common(outputs: _Outputs, first: Sequence[str], of: str = "") -> list[str]:
    """Return the most informative sentence about what all wrong answers have in common.

    Parameters
    ----------
    first
        Names of the wrong outputs in the failing case, which are described first.
    of
        Suffix of the sentence that names the cases.
    """
    names = dict.fromkeys([*first, *(name for its in outputs for name in its)])
    return next(filter(None, (_about(name, outputs, of) for name in names)), [])


def _about(name: str, outputs: _Outputs, of: str) -> list[str]:
    """Return the most informative sentence about one output."""
    wrong = [its[name] for its in outputs if name in its]
    are_finite = [bool(np.isfinite(output.actual.astype(float)).all()) for output in wrong]
    odd = [output for output, is_finite in zip(wrong, are_finite, strict=True) if not is_finite]
    if odd:
        what = "nan" if all(np.isnan(output.actual).any() for output in odd) else "infinity or nan"
        number = len(outputs)
        cases = _all_cases(number) if len(odd) == number else f"{len(odd)} of {number} cases"
        text = _text(name, list(itertools.compress(wrong, are_finite)))
        rest = [f"Where {name} is wrong and finite, {text}."] if text else []
        return [f"In {cases}{of} {name} holds {what}.", *rest]
    reshaped = [output for output in wrong if output.actual.shape != output.expected.shape]
    where = f"the shape of {name}" if 0 < len(reshaped) < len(wrong) else name
    wrong = reshaped or wrong
    cases = f"{'the one case' if len(wrong) == 1 else _all_cases(len(wrong))}{of}"
    if len(wrong) < len(outputs):
        cases += f" where {where} is wrong,"
    text = _text(name, wrong)
    return [f"In {cases} {text}."] if text else []


def _all_cases(number: int) -> str:
    return "both cases" if number == 2 else f"all {number} cases"


def _text(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Return the most informative clause about wrong outputs; "" if there is none."""
    same_shape = all(output.actual.shape == output.expected.shape for output in wrong)
    order = (
        *(_constant, _another, _in_memory_order, *subject().describers, _equal_along, _factor),
        *(some_entries, at_edges, empty_part, misplaced, off_by, _integers, _roughly, _signs),
        _near,
    )
    texts = (describe(name, wrong) for describe in (order if same_shape else (_another, resized)))
    return next(filter(None, texts), "") if wrong else ""


def _wrong_outputs(run: CaseRun, diagnosis: Diagnosis) -> dict[str, WrongOutput]:
    """Return the wrong outputs of a call by name; {} after an error."""
    outputs = (
        WrongOutput(run, name, run.outcome.values[name], expected, diagnosis.case_set.tolerance)
        for name, expected in run.case.expected.values.items()
        if name in run.outcome.values
    )
    return {output.name: output for output in outputs if not output.equals(output.expected)}


def _limited(outputs: _Outputs) -> list[str]:
    """Return a sentence about a limit above or below which all values of an output are cut off."""
    wrong = [output for its in outputs for output in its.values()]
    name = wrong[0].name if wrong else ""
    if not wrong or any(o.name != name or o.actual.shape != o.expected.shape for o in wrong):
        return []
    actual = np.concatenate([output.actual.astype(float).ravel() for output in wrong])
    expected = np.concatenate([output.numbers.ravel() for output in wrong])
    cells = np.concatenate([output.cells.ravel() for output in wrong])
    few = len(np.unique(actual[~cells])) < FEWEST_ENTRIES or len(np.unique(expected[cells])) < 2
    if few or not np.isfinite(actual).all():
        return []
    highest, lowest = actual.max(), actual.min()
    for limit, what, cut in ((highest, "above", np.minimum), (lowest, "below", np.maximum)):
        if limit and all(output.equals(cut(output.numbers, limit)) for output in wrong):
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
        wrong_cells(actual, expected, times * tolerance, run.case.precision) for times in (1, CLEAR)
    )
    returned = wrong | (run.case.precision == 8)
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
    if np.array_equal(wrong, entries != 0):
        return f"wrong where {name} is not 0, and right where it is 0"
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
    if not all(outputs):
        return []
    values = {
        name: [run.outcome.values[name] for run in runs] for name in runs[0].case.expected.values
    }
    # A missing output has no entries.
    names = [n for n, arrays in values.items() if all(a.size and not a.any() for a in arrays)]
    if not names:
        return []
    first = values[names[0]]
    zero, cases = _value(first[0].dtype.type(0)), f"in {_all_cases(len(runs))}"
    if not any(array.ndim for array in first):
        return [f"{names[0]} is {zero} {cases}."]
    verb, it = ("is", "it") if len(names) == 1 else ("are", "them")
    rest = "" if zero == "False" else f"; nothing was added to {it}"
    return [f"{listed(names)} {verb} {zero} everywhere {cases}{rest}."]


def _value(number: Any) -> str:
    return str(bool(number)) if number.dtype.kind == "b" else f"{number + 0:g}"


def _vary(wrong: Sequence[WrongOutput]) -> bool:
    """True if there are enough different expected values."""
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
            equal.append(called)
    text = plurals(equal) if equal else ""
    return f"all {text} {'in' if ' of ' in text else 'of'} {name} are equal" if equal else ""


def _another(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs that hold another output's values, actual or expected."""
    if not _vary(wrong) or not all(output.actual.size for output in wrong):
        return ""
    for other in wrong[0].run.case.expected.values:
        if other != name:
            if all(output.equals(output.run.case.expected.values[other]) for output in wrong):
                return f"{name} holds the right values of {other}"
            same = all(output.equals(output.run.outcome.values[other]) for output in wrong)
            if same and wrong[0].actual.ndim:
                return f"{name} holds the same values as {other}"
    return ""


def _in_memory_order(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs that begin with the numbers of an argument, whatever its shape."""
    for part, value in wrong[0].run.case.parts.items():
        if not isinstance(value, np.ndarray) or len(np.unique(value)) < FEWEST_NUMBERS:
            continue
        if all(_begins_with(output, output.run.case.parts[part]) for output in wrong):
            return (
                f"{name} begins with the numbers of {part} in the same order, as after a reshape "
                "or np.resize"
            )
    return ""


def _begins_with(output: WrongOutput, argument: NDArray[Any]) -> bool:
    """True if an output holds the numbers of an argument, repeated or followed by zeros."""
    numbers, size = output.actual.ravel(), argument.size
    if numbers.size < size or output.actual.shape == argument.shape:
        return False
    repeated = np.array_equal(numbers, np.resize(argument, numbers.size))
    return repeated or np.array_equal(numbers[:size], argument.ravel()) and not numbers[size:].any()


def _signs(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs without negative numbers, some of which should be negative."""
    negative = [output.numbers < 0 for output in wrong]
    if any((output.actual < 0).any() for output in wrong) or not any(n.any() for n in negative):
        return ""
    if sum(map(np.sum, negative)) < FEWEST_ENTRIES or wrong[0].actual.dtype.kind == "b":
        return ""
    return f"no value of {name} is negative, but some should be"


def _factor(name: str, wrong: Sequence[WrongOutput]) -> str:
    factors = [_factor_of(output) for output in wrong]
    if 0 in factors or not _vary(wrong):  # a single number always has a factor
        return ""
    if np.ptp(factors) <= 1e-6 * abs(factors[0]):
        if abs(factors[0] + 1) < 1e-6:
            return f"{name} has the wrong sign and is right otherwise"
        return f"every value of {name} is {factors[0]:.6g} times the expected value"
    for text, sizes in in_sizes(subject().factors, wrong):
        for size, times in (("large", np.array(sizes, float)), ("small", 1 / np.array(sizes))):
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
