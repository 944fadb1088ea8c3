"""What can be said for certain of wrong answers that no known mistake explains.

Every sentence is a fact about the cases that were tried: where the function is right, and what all
of its wrong answers have in common. It is said only where the evidence is enough: see `_where` and
`_vary`.
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

AXES = {  # of outputs by their number of axes, the last ones
    4: ("image", "row", "column", "channel"),
    2: ("example", "column"),
}
WITHOUT_EXAMPLES = ("row", "column")  # of weights, and of a window
A_WINDOW = {"x", "shape"}  # arguments that say that the output is one
FILTERS, BIASES = ("dW", "W", "W_conv"), ("db", "b_conv")
FILTER_AXES = ("row of the filter", "column of the filter", "input channel", "filter")
SIDES = (("first row", 0, 0), ("last row", 0, -1), ("first column", 1, 0), ("last column", 1, -1))
ITSELF = "the right value"  # in the place of an argument's name
FEWEST_CASES = 2  # right ones, and wrong ones, for a remark on where it is right
MOST_REASONS = 3  # that are listed; where more coincide, nothing is said
FEWEST_NUMBERS = 3  # different ones that are expected, for a remark on what became of them
NEAR = 1e-2  # times the largest expected value: a difference that is said to be small
LARGEST_SHIFT = 2
MOST_DECIMALS = 6
FEWEST_ENTRIES = 4  # wrong ones, and right values: fewer may be separated by chance
CLEAR = 10  # times the tolerance


def properties(verdict: Verdict) -> list[str]:
    """At most one sentence on where a function is right, and one on how it is wrong.

    Where its wrong answers have nothing in common, those in the failing case's group may have.

    Parameters
    ----------
    verdict
        One that failed and names no mistake.
    """
    if verdict.failing is None or not verdict.repeatable:
        return []
    runs = verdict.runs[: len(verdict.case_set.cases)]
    if any(run.outcome.changed for run in runs):
        return []  # what was written there may be the cause, and the pattern a coincidence
    if any(run.outcome.problem for run in runs):
        return _of_group(runs, verdict, verdict.failing)
    found = [_wrong_pair(run, verdict) for run in runs]
    zeros = _zeros(runs, found)
    if zeros:
        return [zeros]
    entries = _entries(runs, verdict.case_set.tolerance)
    if entries:
        return [entries]
    how = list(itertools.islice(_how(found), 1))
    places = _where([run.case for run in runs], [pair is None for pair in found])
    # That is where, more clearly, or says that luck decides which numbers are near enough.
    settled = any("only the " in text or _NEARLY in text for text in how)
    where = [] if settled and len(places) > 1 else list(_right_where(places, found))
    return where + (how or _of_group(runs, verdict, verdict.failing))


def _of_group(runs: Sequence[CaseRun], verdict: Verdict, failing: CaseRun) -> list[str]:
    """The same of the cases alone that stand under one name with the failing case."""
    group = failing.case.group
    mine = [run for run in runs if run.case.group == group]
    named = any(group in check.groups for check in verdict.case_set.checks)
    if not named or len(mine) == len(runs) or any(run.outcome.problem for run in mine):
        return []
    found = [_wrong_pair(run, verdict) for run in mine]
    return list(itertools.islice(_how(found, f' of "{group}"'), 1))


class _Pair:
    """A wrong output of one run: its name, the actual and the expected array."""

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
        """Whether the output is this array."""
        return close(self.got, np.asarray(other), self.tolerance, self.precision)

    @property
    def wrong(self) -> NDArray[Any]:
        """Which cells are wrong; only where the shapes are the same."""
        return wrong_cells(self.got, self.expected, self.tolerance, self.precision)

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of the axes, for people; () if they have none."""
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


# Where it is right.


# What is said, the sizes that it is about, and whether it holds.
CONDITIONS: tuple[tuple[str, tuple[str, ...], Callable[[Any], bool]], ...] = (
    ("the stride is 1", ("stride",), lambda s: s["stride"] == 1),
    ("the stride is f", ("stride", "f"), lambda s: s["stride"] == s["f"]),
    ("pad is 0", ("pad",), lambda s: s["pad"] == 0),
    ("pad is not 0", ("pad",), lambda s: s["pad"] != 0),
    ('mode is "max"', ("mode",), lambda s: _pools(s) and s.get("mode", "max") == "max"),
    ('mode is "average"', ("mode",), lambda s: _pools(s) and s.get("mode") == "average"),
    ("there is one image", ("m",), lambda s: s["m"] == 1),
    ("the input has one channel", ("n_C_prev",), lambda s: s["n_C_prev"] == 1),
    ("there is one filter", ("n_C",), lambda s: s["n_C"] == 1),
    ("f is 1", ("f",), lambda s: s["f"] == 1),
    ("the input is float64", ("float32",), lambda s: not s["float32"]),
    # Of sizes alone.
    ("n is at least f", ("n", "f"), lambda s: s["n"] >= s["f"]),
    ("n is not f", ("n", "f"), lambda s: s["n"] != s["f"]),
    ("n is larger than 1", ("n",), lambda s: s["n"] > 1),
    ("pad is smaller than f", ("pad", "f"), lambda s: s["n"] > 0 and s["pad"] < s["f"]),
    ("the stride is at most f", ("stride", "f"), lambda s: s["n"] > 0 and s["stride"] <= s["f"]),
    ("the stride divides n", ("stride", "n"), lambda s: s["n"] % s["stride"] == 0),
    ("the stride does not divide n", ("stride", "n"), lambda s: s["n"] % s["stride"] > 0),
    ("output_pad is 0", ("output_pad",), lambda s: s["n"] > 0 and s["output_pad"] == 0),
    ("f_H and f_W are the same", ("f_H", "f_W"), lambda s: s["f_H"] == s["f_W"]),
    ("n_C_prev is larger than 1", ("n_C_prev",), lambda s: s["f_H"] > 0 and s["n_C_prev"] > 1),
    ("n_C is larger than 1", ("n_C",), lambda s: s["f_H"] > 0 and s["n_C"] > 1),
    (
        "n_C is not n_C_prev",
        ("n_C", "n_C_prev"),
        lambda s: s["f_H"] > 0 and s["n_C"] != s["n_C_prev"],
    ),
)


def _where(cases: Sequence[Case], right: list[bool]) -> list[str]:
    """What holds in all cases that are right and in no other; several things if they coincide.

    To a condition that is known belongs whatever else separates these cases, the length of an axis
    for one: that may be the reason as well.
    """
    if min(right.count(True), right.count(False)) < FEWEST_CASES:
        return []
    sizes = [case.sizes for case in cases]
    found = [
        (text, about)
        for text, about, holds in CONDITIONS
        if [_holds(holds, one) for one in sizes] == right
    ]
    named = [[one.get(key) for one in sizes] for _, about in found for key in about]
    others = [
        text
        for name, numbers in _numbers(cases)
        if numbers not in named
        for text in [_separated(name, numbers, right)]
        if text
    ]
    others += _signs([case.parts for case in cases], right)
    reasons = [text for text, _ in found] + (others if found else [])
    return reasons if len(reasons) <= MOST_REASONS else []


def _numbers(cases: Sequence[Case]) -> list[tuple[str, list[Any]]]:
    """The lengths of the axes of all arguments, and arguments that are numbers, by what they are.

    Only those that all cases have, and each that is the same in all cases as another once.
    """
    found = [dict(_lengths(case.parts)) for case in cases]
    shared = [key for key in found[0] if all(key in one for one in found)]
    once = {tuple(one[key] for one in found): key for key in reversed(shared)}
    return [(name, list(numbers)) for numbers, name in once.items()]


def _lengths(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            yield from ((f"{name}.shape[{axis}]", n) for axis, n in enumerate(value.shape))
        elif isinstance(value, dict):
            yield from _lengths(value)
        elif isinstance(value, int | float):
            yield name, value


def _separated(name: str, numbers: Sequence[Any], right: Sequence[bool]) -> str:
    """How a number differs between the cases that are right and all others; "" if it does not."""
    here = [number for number, is_right in zip(numbers, right, strict=True) if is_right]
    there = [number for number, is_right in zip(numbers, right, strict=True) if not is_right]
    if max(here) < min(there):
        return f"{name} is at most {max(here)}"
    if max(there) < min(here):
        return f"{name} is at least {min(here)}"
    odd, others = {number % 2 for number in here}, {number % 2 for number in there}
    if len(odd) == len(others) == 1 and odd != others and odd | others == {0, 1}:
        return f"{name} is {'odd' if odd == {1} else 'even'}"
    return ""


def _signs(cases: Sequence[Mapping[str, Any]], right: list[bool]) -> list[str]:
    """The arrays that have negative entries in all cases that are right and in no other, or not."""
    found = []
    for name, first in cases[0].items():
        if isinstance(first, np.ndarray) and first.dtype.kind == "f":
            negative = [bool((case[name] < 0).any()) for case in cases]
            if negative == right:
                found.append(f"{name} has negative entries")
            if [not one for one in negative] == right:
                found.append(f"{name} has no negative entries")
    return found


def _right_where(places: list[str], found: Sequence[_Pair | None]) -> Iterator[str]:
    """The sentence on where it is right, if there is one."""
    number, right = len(found), found.count(None)
    if len(places) == 1:
        yield f"Of {number} cases it is right in those where {places[0]}, and in no others."
    elif places:
        yield (
            f"It is right in {right} of {number} cases. They have in common that "
            f"{', that '.join(places[:-1])} and that {places[-1]}; "
            "each of these may be the reason."
        )


def _pools(sizes: Mapping[str, Any]) -> bool:
    return "stride" in sizes and "pad" not in sizes


def _holds(condition: Callable[[Any], bool], sizes: Mapping[str, Any]) -> bool | None:
    try:
        return bool(condition(sizes))
    except KeyError:
        return None


def _entries(runs: Sequence[CaseRun], tolerance: float) -> str:
    """A sentence on the entries of an argument, or right values, where an output is wrong.

    It is said if these entries and no others are zero, negative or positive, or lie on one side of
    a number or of a distance from zero; not where small faults, or values that a wrong function
    reaches as well, make it so.
    """
    for output in runs[0].case.expected.values:
        for name in (*runs[0].case.parts, ITSELF):
            columns = [_columns(run, name, output, tolerance) for run in runs]
            if all(one is not None for one in columns):
                entries, expected, wrong, clearly = np.hstack(columns)  # type: ignore[arg-type]
                wrong, clearly = wrong > 0, clearly > 0
                varied = len(np.unique(np.round(expected[~wrong], 6))) >= FEWEST_ENTRIES
                if varied and np.array_equal(wrong, clearly):
                    text = _wrong_where(name, entries, wrong)
                    if text:
                        return f"In all cases {output} is {text}."
    return ""


def _columns(run: CaseRun, name: str, output: str, tolerance: float) -> NDArray[Any] | None:
    """Four rows: the entries of an argument, what is expected there, whether it is wrong, clearly.

    None if the shapes differ. In coarser numbers a small fault is none: there only the wrong ones.
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


# How it is wrong.


def _zeros(runs: Sequence[CaseRun], found: Sequence[_Pair | None]) -> str:
    """A sentence that names the outputs that hold zeros alone, in every case; "" without one."""
    if None in found:
        return ""
    names = [
        name
        for name in runs[0].case.expected.values
        if all(_is_zero(run.outcome.values[name]) for run in runs)
    ]
    if not names:
        return ""
    got = [run.outcome.values[names[0]] for run in runs]
    zero, cases = _value(got[0].dtype.type(0)), f"in all {len(runs)} cases"
    if not any(array.ndim for array in got):
        return f"{names[0]} is {zero} {cases}."
    *others, last = names
    subject = f"{', '.join(others)} and {last} hold" if others else f"{last} holds"
    them = "them" if others else "it"
    return f"{subject} {zero} everywhere, {cases}: nothing else was stored in {them}."


def _is_zero(array: NDArray[Any]) -> bool:
    """Whether it holds zeros alone; what is missing has no entry."""
    return bool(array.size) and not array.any()


def _how(found: Sequence[_Pair | None], of: str = "") -> Iterator[str]:
    """Sentences on what all wrong answers have in common, the most telling first.

    found: the wrong pair of every case, None for one that is right; of: what cases these are
    """
    wrong = [pair for pair in found if pair is not None]
    name = wrong[0].name if wrong else ""
    pairs = [pair for pair in wrong if pair.name == name]
    odd = [pair for pair in pairs if not np.isfinite(pair.got.astype(float)).all()]
    if odd:
        what = "nan" if all(np.isnan(pair.got).any() for pair in odd) else "infinity or nan"
        yield f"In {_all_or_some(len(odd), len(found))} cases{of} {name} holds {what}."
        return
    if not pairs:
        return
    number = len(pairs)
    cases = f"{'the one case' if number == 1 else f'all {number} cases'}{of}"
    if number < len(found):
        cases += f" where {name} is wrong,"
    for property_ in _SHAPED if all(pair.same_shape for pair in pairs) else _UNSHAPED:
        text = property_(name, pairs)
        if text:
            yield f"In {cases} {text}."


def _all_or_some(some: int, number: int) -> str:
    return f"all {number}" if some == number else f"{some} of {number}"


def _value(number: Any) -> str:
    return str(bool(number)) if number.dtype.kind == "b" else f"{number + 0:g}"


def _vary(pairs: Sequence[_Pair]) -> bool:
    """Whether the expected values are enough different numbers."""
    expected = [pair.expected.astype(float).ravel() for pair in pairs]
    return len(np.unique(np.concatenate(expected))) >= FEWEST_NUMBERS


def _constant(name: str, pairs: Sequence[_Pair]) -> str:
    """One number everywhere; where that is wanted as well, the same one in all cases."""
    if any(np.ptp(pair.got.astype(float)) for pair in pairs) or not _vary(pairs):
        return ""
    values = {_value(pair.got.flat[0]) for pair in pairs}
    single = all(pair.expected.size < 2 for pair in pairs)
    if len(values) == 1 and len(pairs) > 1:
        return f"{name} is {values.pop()}" if single else f"{name} holds {values.pop()} everywhere"
    if all(np.ptp(pair.expected.astype(float)) for pair in pairs):
        what = values.pop() if len(values) == 1 else "one and the same number"
        return f"{name} holds {what} everywhere"
    return ""


FACTORS: tuple[
    tuple[str, Callable[[Any], float]], ...
] = (  # what a factor may be by the sizes of a case
    ("m, the number of images,", lambda s: s["m"]),
    ("f", lambda s: s["f"]),
    ("f * f", lambda s: s["f"] ** 2),
    ("f * f * n_C_prev", lambda s: s["f"] ** 2 * s["n_C_prev"]),
    ("n_C_prev", lambda s: s["n_C_prev"]),
    ("n_C", lambda s: s["n_C"]),
    ("n_H * n_W", lambda s: s["n_H"] * s["n_W"]),
    ("m * n_H * n_W", lambda s: s["m"] * s["n_H"] * s["n_W"]),
    ("the stride", lambda s: s["stride"]),
)


def _factor(name: str, pairs: Sequence[_Pair]) -> str:
    factors = [_factor_of(pair) for pair in pairs]
    if 0 in factors or not _vary(pairs):  # of one number there is always a factor
        return ""
    if np.ptp(factors) <= 1e-6 * abs(factors[0]):
        if abs(factors[0] + 1) < 1e-6:
            return f"{name} has the wrong sign and is right otherwise"
        return f"every value of {name} is {factors[0]:.6g} times what is expected"
    for text, of in FACTORS:
        try:
            known: NDArray[Any] = np.array([of(pair.case.sizes) for pair in pairs], float)
        except KeyError:
            continue
        for size, times in (("large", known), ("small", 1 / known)):
            if np.allclose(factors, times, rtol=1e-6):
                return f"{name} is {text} times too {size}"
    return ""


def _factor_of(pair: _Pair) -> float:
    """The number by which all expected values were multiplied; 0 if there is none."""
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
    return f"the values of {name} are all off by one number in each channel, as by a bias"


def _some_entries(name: str, pairs: Sequence[_Pair]) -> str:
    """Right but for some rows, columns, images or channels, the same in every case."""
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
        if len({len(one) for one in wrong}) > 1:  # else it may be the one with a certain index
            patterns += [
                (f"only the last {called} is wrong", lambda n: np.arange(n) == n - 1),
                (f"only the last {called} is right", lambda n: np.arange(n) < n - 1),
            ]
        for text, pattern in patterns:
            if all(np.array_equal(one, pattern(len(one))) for one in wrong):
                return f"{text} in {name}"
    return ""


def _border(name: str, pairs: Sequence[_Pair]) -> str:
    """Right but for the same sides of the images in every case."""
    if len(pairs) < 2 or name in (*FILTERS, *BIASES):
        return ""
    if any(pair.got.ndim != 4 or min(pair.got.shape[1:3]) < 3 for pair in pairs):
        return ""
    found = set()
    for pair in pairs:
        wrong: Any = pair.wrong.any(axis=(0, 3))
        # A corner belongs to two sides, so it says nothing of either.
        sides = [side for side in SIDES if np.take(wrong, side[2], axis=side[1])[1:-1].any()]
        for _, axis, index in sides:
            wrong = np.delete(wrong, index, axis=axis)
        found.add(() if wrong.any() else tuple(called for called, *_ in sides))
    names, *others = found
    if others or len(names) < 2:  # a single one is the matter of `_some_entries`
        return ""
    if len(names) == len(SIDES):
        return f"only the border of {name} is wrong: its first and last rows and columns"
    *before, last = names
    return f"only the {', the '.join(before)} and the {last} of {name} are wrong"


def _moved(name: str, pairs: Sequence[_Pair]) -> str:
    """The right values, in other places."""
    if not all(pair.axes for pair in pairs):
        return ""
    for axis, called in enumerate(pairs[0].axes):
        if all(pair.agrees(np.flip(pair.expected, axis)) for pair in pairs):
            return f"{name} is right but for the order of its {called}s, which is reversed"
        for shift in range(1, LARGEST_SHIFT + 1):
            for sign, where in ((1, "late"), (-1, "early")):
                if all(_is_shifted(pair, axis, sign * shift) for pair in pairs):
                    return f"the values of {name} stand {shift} {called} too {where}"
    if all(_same_numbers(pair) for pair in pairs) and pairs[0].expected.dtype.kind != "b":
        return f"{name} holds the right numbers in the wrong places"
    return ""


def _is_shifted(pair: _Pair, axis: int, shift: int) -> bool:
    length = pair.got.shape[axis] - abs(shift)
    if length < 2:
        return False
    got, expected = (np.moveaxis(array, axis, 0) for array in (pair.got, pair.expected))
    if shift < 0:
        got, expected, shift = got[::-1], expected[::-1], -shift
    got, expected = got[shift:], expected[:length]
    differ = np.ptp(expected.astype(float)) > 0
    return differ and close(got, expected, pair.tolerance, pair.precision)


def _same_numbers(pair: _Pair) -> bool:
    got, expected = (np.sort(array.astype(float), axis=None) for array in (pair.got, pair.expected))
    return np.ptp(expected) > 0 and close(got, expected, pair.tolerance, pair.precision)


def _rounded(name: str, pairs: Sequence[_Pair]) -> str:
    if not _vary(pairs):  # one may be so by chance
        return ""
    for text, change in (("cut off", np.trunc), ("rounded away", np.round)):
        if all(pair.agrees(change(pair.expected.astype(float))) for pair in pairs):
            return f"the fractions of {name} are {text}, as by integers"
    for decimals in range(1, MOST_DECIMALS + 1):
        if all(pair.agrees(np.round(pair.expected.astype(float), decimals)) for pair in pairs):
            places = "1 decimal" if decimals == 1 else f"{decimals} decimals"
            return f"{name} is what is expected, rounded to {places}"
    return ""


_NEARLY = "is nearly right"


def _near(name: str, pairs: Sequence[_Pair]) -> str:
    """How small the differences are; those to one side alone suggest where they come from."""
    expected = [pair.expected.astype(float) for pair in pairs]
    if all((known == np.round(known)).all() for known in expected):
        return ""
    off = [pair.got - known for pair, known in zip(pairs, expected, strict=True)]
    largest = [np.abs(one).max() for one in off]
    if any(
        size > NEAR * np.abs(known).max() for size, known in zip(largest, expected, strict=True)
    ):
        return ""
    wrong = [pair.wrong for pair in pairs]
    by = np.sign(np.concatenate([one[where] for one, where in zip(off, wrong, strict=True)]))
    of = np.sign(np.concatenate([k[where] for k, where in zip(expected, wrong, strict=True)]))
    text = f"{name} {_NEARLY}: the largest difference is {max(largest):.2g}"
    for signs, small, large in (
        (by, "a little too small", "a little too large"),
        (by * of, "a little too near 0", "a little too far from 0"),
    ):
        if len(signs) >= FEWEST_NUMBERS and len(set(signs)) == 1:
            side = small if signs[0] < 0 else large
            return (
                f"{text}, and all wrong values are {side}, as when a small number such as 1e-8 is "
                "added inside the formula or digits are cut off"
            )
    return text


def _transposed(name: str, pairs: Sequence[_Pair]) -> str:
    for first, second in itertools.combinations(range(pairs[0].expected.ndim), 2):
        if all(
            pair.got.ndim == pair.expected.ndim
            and pair.agrees(np.swapaxes(pair.expected, first, second))
            for pair in pairs
        ):
            axes = pairs[0].axes
            what = f"its {axes[first]}s and {axes[second]}s" if axes else "two of its axes"
            return f"{name} is right but for {what}, which are swapped"
    return ""


def _extra(name: str, pairs: Sequence[_Pair]) -> str:
    """One shape differs from the other by the same number of entries in every case."""
    if not all(pair.got.size for pair in pairs):  # an entry of a dictionary that is missing
        return ""
    if not all(pair.axes for pair in pairs):
        return "" if any(p.got.ndim == p.expected.ndim for p in pairs) else _axes_of(name, pairs)
    differences = {tuple(np.subtract(p.got.shape, p.expected.shape)) for p in pairs}
    if len(differences) != 1:
        return ""
    parts = [
        f"{abs(n)} {called}{'s' if abs(n) > 1 else ''} too {'many' if n > 0 else 'few'}"
        for n, called in zip(differences.pop(), pairs[0].axes, strict=True)
        if n
    ]
    return f"{name} has {' and '.join(parts)}"


def _axes_of(name: str, pairs: Sequence[_Pair]) -> str:
    found = {(pair.got.ndim, pair.expected.ndim) for pair in pairs}
    if len(found) != 1:
        return ""
    got, expected = found.pop()
    return f"{name} has {got} {'axis' if got == 1 else 'axes'}; {expected} are expected"


_SHAPED = (_constant, _factor, _offset, _some_entries, _border, _moved, _rounded, _near)
_UNSHAPED = (_transposed, _extra)
