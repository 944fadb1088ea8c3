"""Find facts about wrong answers that no known mistake explains.

Every sentence states a fact about the cases that were tried: in which cases the function is right,
and what all its wrong answers have in common. A sentence needs enough evidence: see `_right_where`
and `_vary`.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .calling import CaseRun
from .comparing import close, wrong_cells
from .model import Case
from .verdict import Verdict

__all__ = ["properties"]

AXES = {  # names of the last axes of outputs, by number of axes
    4: ("image", "row", "column", "channel"),
    2: ("example", "column"),
}
WITHOUT_EXAMPLES = ("row", "column")  # axes of weights and windows
A_WINDOW = {"x", "shape"}  # arguments of exercises whose output is a window
FILTERS, BIASES = ("dW", "W", "W_conv"), ("db", "b_conv")
FILTER_AXES = ("row of the filter", "column of the filter", "input channel", "filter")
ITSELF = "the right value"  # stands for the expected output instead of an argument
FEWEST_CASES = 2  # right cases, and wrong cases, needed to say where a function is right
FEWEST_NUMBERS = 3  # different expected numbers needed to say how they are wrong
NEAR = 1e-2  # largest difference called small, relative to the largest expected value
FEWEST_ENTRIES = 4  # wrong entries, and right values, needed: fewer may be separated by chance
CLEAR = 10  # multiple of the tolerance above which a difference is clear


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
        return _of_group(verdict, runs)
    found = [_wrong_pair(run, verdict) for run in runs]
    order = (_zeros, _entries, _where_and_how)  # the first that states a fact
    return next(filter(None, (facts(verdict, runs, found) for facts in order)), [])


def _where_and_how(
    verdict: Verdict, runs: Sequence[CaseRun], found: Sequence["_Pair | None"]
) -> list[str]:
    where = _right_where([run.case for run in runs], [pair is None for pair in found])
    return where + (_how(found) or _of_group(verdict, runs))


def _of_group(verdict: Verdict, runs: Sequence[CaseRun]) -> list[str]:
    """Return a sentence about the wrong answers in the failing case's group."""
    assert verdict.failing, "properties has tested it"
    group = verdict.failing.case.group
    mine = [run for run in runs if run.case.group == group]
    named = any(group in check.groups for check in verdict.case_set.checks)
    if not named or len(mine) == len(runs) or any(run.outcome.problem for run in mine):
        return []
    return _how([_wrong_pair(run, verdict) for run in mine], f' of "{group}"')


def _how(found: Sequence["_Pair | None"], of: str = "") -> list[str]:
    """Return the most informative sentence about what all wrong answers have in common.

    found: wrong pair of every case, or None for a right case
    of: suffix that says which cases these are
    """
    wrong = [pair for pair in found if pair is not None]
    name = wrong[0].name if wrong else ""
    pairs = [pair for pair in wrong if pair.name == name]
    odd = [pair for pair in pairs if not np.isfinite(pair.got.astype(float)).all()]
    if odd:
        what = "nan" if all(np.isnan(pair.got).any() for pair in odd) else "infinity or nan"
        return [f"In {_all_or_some(len(odd), len(found))} cases{of} {name} holds {what}."]
    if not pairs:
        return []
    number = len(pairs)
    cases = f"{'the one case' if number == 1 else f'all {number} cases'}{of}"
    if number < len(found):
        cases += f" where {name} is wrong,"
    order = (_constant, _factor, _offset, _some_entries, _moved, _integers, _near)
    fit = order if all(pair.same_shape for pair in pairs) else (_transposed,)
    texts = filter(None, (describe(name, pairs) for describe in fit))
    return [f"In {cases} {text}." for text in itertools.islice(texts, 1)]


class _Pair:
    """A wrong output of one run: its name, its actual and its expected array."""

    def __init__(
        self,
        name: str,
        got: NDArray[Any],
        expected: NDArray[Any],
        run: CaseRun,
        tolerance: float,
    ) -> None:
        self.name, self.got, self.expected = name, got, expected
        self.case = run.case
        self.tolerance, self.precision = tolerance, run.precision
        self.same_shape = got.shape == expected.shape

    def agrees(self, other: Any) -> bool:
        """Return True if the output equals an array within the tolerance."""
        return close(self.got, np.asarray(other), self.tolerance, self.precision)

    @property
    def wrong(self) -> NDArray[Any]:
        """Boolean array of the wrong cells; the shapes must be the same."""
        return wrong_cells(self.got, self.expected, self.tolerance, self.precision)

    @property
    def axes(self) -> tuple[str, ...]:
        """Readable names of the axes; () if they have none."""
        if self.got.ndim != self.expected.ndim:
            return ()
        if self.expected.ndim == 4 and self.name in FILTERS:
            return FILTER_AXES
        if self.expected.ndim == 2 and ("W" in self.name or self.case.parts.keys() & A_WINDOW):
            return WITHOUT_EXAMPLES
        return AXES.get(self.expected.ndim, ()) if self.name not in BIASES else ()


def _wrong_pair(run: CaseRun, verdict: Verdict) -> _Pair | None:
    for name, expected in run.case.expected.values.items():
        pair = _Pair(name, run.outcome.values[name], expected, run, verdict.case_set.tolerance)
        if not pair.agrees(expected):
            return pair
    return None


# Cases in which the function is right.


# End of a sentence, the sizes that it is about, and its condition.
CONDITIONS: tuple[tuple[str, tuple[str, ...], Callable[[Any], bool]], ...] = (
    ("the stride is 1", ("stride",), lambda s: s["stride"] == 1),
    ("the stride is f", ("stride", "f"), lambda s: s["stride"] == s["f"]),
    ("pad is 0", ("pad",), lambda s: s["pad"] == 0),
    ('mode is "max"', ("mode",), lambda s: _pools(s) and s.get("mode", "max") == "max"),
    ('mode is "average"', ("mode",), lambda s: _pools(s) and s.get("mode") == "average"),
    ("there is one image", ("m",), lambda s: s["m"] == 1),
    ("the input has one channel", ("n_C_prev",), lambda s: s["n_C_prev"] == 1),
    ("there is one filter", ("n_C",), lambda s: s["n_C"] == 1),
)


def _right_where(cases: Sequence[Case], right: list[bool]) -> list[str]:
    """Return a sentence about the only condition that holds in all right cases and in no others.

    Nothing is returned if something else separates these cases as well, such as the length of an
    axis, because that may be the reason.
    """
    if min(right.count(True), right.count(False)) < FEWEST_CASES:
        return []
    sizes = [case.sizes for case in cases]
    reasons = [
        (text, about)
        for text, about, holds in CONDITIONS
        if [_holds(holds, one) for one in sizes] == right
    ]
    if len(reasons) != 1:
        return []
    ((text, about),) = reasons
    named = [[one.get(key) for one in sizes] for key in about]
    numbers = [dict(_numbers(case.parts)) for case in cases]
    shared = set(numbers[0]).intersection(*numbers)
    others = ([one[name] for one in numbers] for name in shared)
    if any(_separates(one, right) for one in others if one not in named):
        return []
    return [f"Of {len(cases)} cases, it is right in those where {text}, and in no others."]


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


def _holds(condition: Callable[[Any], bool], sizes: Mapping[str, Any]) -> bool | None:
    try:
        return bool(condition(sizes))
    except KeyError:
        return None


def _entries(verdict: Verdict, runs: Sequence[CaseRun], found: Sequence[_Pair | None]) -> list[str]:
    """Return a sentence about the entries of an argument for which an output is wrong.

    The sentence requires that exactly these entries are zero, negative or positive, or lie on one
    side of a threshold (of the value or its absolute value). It also requires that the faults are
    clear, well above the tolerance, and that the right values vary. `ITSELF` stands for the
    expected values in place of an argument.
    """
    for output in runs[0].case.expected.values:
        for name in (*runs[0].case.parts, ITSELF):
            columns = [_columns(run, name, output, verdict.case_set.tolerance) for run in runs]
            if all(one is not None for one in columns):
                entries, expected, wrong, clearly = np.hstack(columns)  # type: ignore[arg-type]
                wrong, clearly = wrong > 0, clearly > 0
                varied = len(np.unique(np.round(expected[~wrong], 6))) >= FEWEST_ENTRIES
                if varied and np.array_equal(wrong, clearly):
                    text = _wrong_where(name, entries, wrong)
                    if text:
                        return [f"In all cases {output} is {text}."]
    return []


def _columns(run: CaseRun, name: str, output: str, tolerance: float) -> NDArray[Any] | None:
    """Return four rows: entries of an argument, expected values, wrong (0 or 1), clearly wrong.

    None if the shapes differ. For numbers coarser than float64, only wrong entries are returned,
    because small faults are within their tolerance.
    """
    got, expected = run.outcome.values[output], run.case.expected.values[output]
    if name == ITSELF and expected.dtype.kind != "f":
        return None
    argument: Any = expected if name == ITSELF else run.case.parts.get(name)
    if not np.shape(argument) == got.shape == expected.shape != ():
        return None
    wrong, clearly = (
        wrong_cells(got, expected, times * tolerance, run.precision) for times in (1, CLEAR)
    )
    rows = np.array([argument, expected, wrong, clearly], float).reshape(4, -1)
    return rows if run.precision == 8 else rows[:, wrong.ravel()]


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


def _zeros(verdict: Verdict, runs: Sequence[CaseRun], found: Sequence[_Pair | None]) -> list[str]:
    """Return a sentence about outputs that are zero in every case."""
    if None in found:
        return []
    names = [
        name
        for name in runs[0].case.expected.values
        if all(_is_zero(run.outcome.values[name]) for run in runs)
    ]
    if not names:
        return []
    got = [run.outcome.values[names[0]] for run in runs]
    zero, cases = _value(got[0].dtype.type(0)), f"in all {len(runs)} cases"
    if not any(array.ndim for array in got):
        return [f"{names[0]} is {zero} {cases}."]
    *others, last = names
    subject = f"{', '.join(others)} and {last} hold" if others else f"{last} holds"
    them = "them" if others else "it"
    return [f"{subject} {zero} everywhere, {cases}: nothing else was stored in {them}."]


def _is_zero(array: NDArray[Any]) -> bool:
    """Return True if all entries are zero; a missing output has no entries."""
    return bool(array.size) and not array.any()


def _all_or_some(some: int, number: int) -> str:
    return f"all {number}" if some == number else f"{some} of {number}"


def _value(number: Any) -> str:
    return str(bool(number)) if number.dtype.kind == "b" else f"{number + 0:g}"


def _vary(pairs: Sequence[_Pair]) -> bool:
    """Return True if there are enough different expected values."""
    expected = [pair.expected.astype(float).ravel() for pair in pairs]
    return len(np.unique(np.concatenate(expected))) >= FEWEST_NUMBERS


def _constant(name: str, pairs: Sequence[_Pair]) -> str:
    """Describe outputs that hold one number everywhere.

    If the expected outputs are constant too, the number must be the same in all cases.
    """
    if any(np.ptp(pair.got.astype(float)) for pair in pairs) or not _vary(pairs):
        return ""
    values = {_value(pair.got.flat[0]) for pair in pairs}
    single = all(pair.expected.size < 2 for pair in pairs)
    if len(values) == 1 and len(pairs) > 1:
        return f"{name} is {values.pop()}" if single else f"{name} holds {values.pop()} everywhere"
    if all(np.ptp(pair.expected.astype(float)) for pair in pairs):
        what = values.pop() if len(values) == 1 else "the same number"
        return f"{name} holds {what} everywhere"
    return ""


FACTORS: tuple[tuple[str, Callable[[Any], float]], ...] = (  # functions of a case's sizes
    ("m, the number of images,", lambda s: s["m"]),
    ("f", lambda s: s["f"]),
    ("f * f", lambda s: s["f"] ** 2),
)


def _factor(name: str, pairs: Sequence[_Pair]) -> str:
    factors = [_factor_of(pair) for pair in pairs]
    if 0 in factors or not _vary(pairs):  # a single number always has a factor
        return ""
    if np.ptp(factors) <= 1e-6 * abs(factors[0]):
        if abs(factors[0] + 1) < 1e-6:
            return f"{name} has the wrong sign and is right otherwise"
        return f"every value of {name} is {factors[0]:.6g} times the expected value"
    for text, of in FACTORS:
        try:
            sizes: NDArray[Any] = np.array([of(pair.case.sizes) for pair in pairs], float)
        except KeyError:
            continue
        for size, times in (("large", sizes), ("small", 1 / sizes)):
            if np.allclose(factors, times, rtol=1e-6):
                return f"{name} is {text} times too {size}"
    return ""


def _factor_of(pair: _Pair) -> float:
    """Return the number by which all expected values were multiplied; 0 if there is none."""
    largest = np.argmax(np.abs(pair.expected.astype(float)))
    if not pair.expected.flat[largest]:
        return 0
    factor = float(pair.got.flat[largest]) / float(pair.expected.flat[largest])
    return factor if factor and pair.agrees(factor * pair.expected.astype(float)) else 0


def _offset(name: str, pairs: Sequence[_Pair]) -> str:
    if any(pair.got.ndim != 4 or pair.got[..., 0].size < 2 for pair in pairs):
        return ""
    differences = [pair.got.astype(float) - pair.expected for pair in pairs]
    offsets = [difference.mean(axis=(0, 1, 2)) for difference in differences]
    if not all(pair.agrees(pair.expected + o) for pair, o in zip(pairs, offsets, strict=True)):
        return ""
    return f"each channel of {name} is off by a constant, as if by a wrong bias"


def _some_entries(name: str, pairs: Sequence[_Pair]) -> str:
    """Describe outputs of which only the first or last row, column, image or channel is wrong."""
    if len(pairs) < 2 or not all(pair.axes for pair in pairs):
        return ""
    for axis, called in enumerate(pairs[0].axes):
        others = tuple(a for a in range(pairs[0].got.ndim) if a != axis)
        wrong: list[Any] = [pair.wrong.any(axis=others) for pair in pairs]
        if any(len(one) < 2 for one in wrong):
            continue
        patterns: list[tuple[str, Callable[[int], Any]]] = [
            (f"only the first {called} is wrong", lambda n: np.arange(n) == 0),
            (f"only the first {called} is right", lambda n: np.arange(n) > 0),
        ]
        if len({len(one) for one in wrong}) > 1:  # else the index may matter, not being last
            patterns += [
                (f"only the last {called} is wrong", lambda n: np.arange(n) == n - 1),
                (f"only the last {called} is right", lambda n: np.arange(n) < n - 1),
            ]
        for text, pattern in patterns:
            if all(np.array_equal(one, pattern(len(one))) for one in wrong):
                return f"{text} in {name}"
    return ""


def _moved(name: str, pairs: Sequence[_Pair]) -> str:
    """Describe outputs that hold the right values in other positions."""
    if not all(pair.axes for pair in pairs):
        return ""
    for axis, called in enumerate(pairs[0].axes):
        if all(pair.agrees(np.flip(pair.expected, axis)) for pair in pairs):
            return f"{name} is right except that its {called}s are in reversed order"
    if all(_same_numbers(pair) for pair in pairs) and pairs[0].expected.dtype.kind != "b":
        return f"{name} holds the right numbers in the wrong places"
    return ""


def _same_numbers(pair: _Pair) -> bool:
    got, expected = (np.sort(array.astype(float), axis=None) for array in (pair.got, pair.expected))
    return np.ptp(expected) > 0 and close(got, expected, pair.tolerance, pair.precision)


def _integers(name: str, pairs: Sequence[_Pair]) -> str:
    if not _vary(pairs):  # a single number may be an integer by chance
        return ""
    if all(pair.agrees(np.trunc(pair.expected.astype(float))) for pair in pairs):
        return f"the values of {name} are truncated to integers"
    return ""


def _near(name: str, pairs: Sequence[_Pair]) -> str:
    """Describe outputs that are nearly right; errors of one sign suggest a cause."""
    expected = [pair.expected.astype(float) for pair in pairs]
    if all((known == np.round(known)).all() for known in expected):
        return ""
    off = [pair.got - known for pair, known in zip(pairs, expected, strict=True)]
    largest = [np.abs(one).max() for one in off]
    if any(
        size > NEAR * np.abs(known).max() for size, known in zip(largest, expected, strict=True)
    ):
        return ""
    signs = np.sign(np.concatenate([one[pair.wrong] for one, pair in zip(off, pairs, strict=True)]))
    text = f"{name} is nearly right: the largest difference is {max(largest):.2g}"
    if len(signs) < FEWEST_NUMBERS or len(set(signs)) > 1:
        return text
    return (
        f"{text}, and all wrong values are a little too {'small' if signs[0] < 0 else 'large'}, as "
        "when a small number such as 1e-8 is added inside the formula or digits are cut off"
    )


def _transposed(name: str, pairs: Sequence[_Pair]) -> str:
    for first, second in itertools.combinations(range(pairs[0].expected.ndim), 2):
        if all(
            pair.got.ndim == pair.expected.ndim
            and pair.agrees(np.swapaxes(pair.expected, first, second))
            for pair in pairs
        ):
            axes = pairs[0].axes
            what = f"its {axes[first]}s and {axes[second]}s" if axes else "two of its axes"
            return f"{name} is right except that {what} are swapped"
    return ""
