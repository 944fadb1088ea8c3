"""What can be said for certain of wrong answers that no known mistake explains.

Every sentence is a fact about the cases that were tried: where the function is right, and what all
of its wrong answers have in common.
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
    2: ("row", "column"),
}
FILTERS, BIASES = ("dW", "W", "W_conv"), ("db", "b_conv")
FILTER_AXES = ("row of the filter", "column of the filter", "input channel", "filter")
LARGEST_SHIFT = 2
MOST_DECIMALS = 6


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
    if any(run.outcome.problem for run in runs):
        return _of_group(runs, verdict, verdict.failing)
    found = [_wrong_pair(run, verdict) for run in runs]
    zeros = _zeros(runs, found)
    if zeros:
        return [zeros]
    how = list(itertools.islice(_how(found), 1))
    places = _where([run.case for run in runs], [pair is None for pair in found])
    settled = any("only the " in text for text in how)  # that is where, more clearly
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
        return AXES.get(self.expected.ndim, ()) if self.name not in BIASES else ()


def _wrong_pair(run: CaseRun, verdict: Verdict) -> _Pair | None:
    for name, expected in run.case.expected.values.items():
        pair = _Pair(name, run.outcome.values[name], expected, run, verdict.case_set.tolerance)
        if not pair.agrees(expected):
            return pair
    return None


# Where it is right.


CONDITIONS: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    ("the stride is 1", lambda s: s["stride"] == 1),
    ("the stride is f", lambda s: s["stride"] == s["f"]),
    ("pad is 0", lambda s: s["pad"] == 0),
    ("pad is not 0", lambda s: s["pad"] != 0),
    ('mode is "max"', lambda s: _pools(s) and s.get("mode", "max") == "max"),
    ('mode is "average"', lambda s: _pools(s) and s.get("mode") == "average"),
    ("there is one image", lambda s: s["m"] == 1),
    ("the input has one channel", lambda s: s["n_C_prev"] == 1),
    ("there is one filter", lambda s: s["n_C"] == 1),
    ("f is 1", lambda s: s["f"] == 1),
    ("the input is float64", lambda s: not s["float32"]),
)


def _where(cases: Sequence[Case], right: list[bool]) -> list[str]:
    """What holds in all cases that are right and in no other; several things if they coincide."""
    if not any(right) or all(right):
        return []
    sizes = [case.sizes for case in cases]
    return [text for text, holds in CONDITIONS if [_holds(holds, one) for one in sizes] == right]


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


# How it is wrong.


def _zeros(runs: Sequence[CaseRun], found: Sequence[_Pair | None]) -> str:
    """A sentence that names the outputs that hold zeros alone, in every case; "" without one."""
    if None in found:
        return ""
    names = [
        name
        for name in runs[0].case.expected.values
        if not any(run.outcome.values[name].any() for run in runs)
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


def _constant(name: str, pairs: Sequence[_Pair]) -> str:
    """One number everywhere; where that is wanted as well, the same one in all cases."""
    if any(np.ptp(pair.got.astype(float)) for pair in pairs):
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
    single = all(pair.expected.size < 2 for pair in pairs)
    if 0 in factors or (single and len(pairs) < 3):  # of one number there is always a factor
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
        patterns: tuple[tuple[str, Callable[[int], Any]], ...] = (
            (f"only the first {called} is wrong", lambda n: np.arange(n) == 0),
            (f"only the last {called} is wrong", lambda n: np.arange(n) == n - 1),
            (f"only the first {called} is right", lambda n: np.arange(n) > 0),
            (f"only the last {called} is right", lambda n: np.arange(n) < n - 1),
        )
        for text, pattern in patterns:
            if all(np.array_equal(one, pattern(len(one))) for one in wrong):
                return f"{text} in {name}"
    return ""


def _border(name: str, pairs: Sequence[_Pair]) -> str:
    if len(pairs) < 2:
        return ""
    for pair in pairs:
        if (
            pair.got.ndim != 4
            or pair.name in ("dW", "db", "W_conv", "b_conv")
            or min(pair.got.shape[1:3]) < 3
        ):
            return ""
        inner = pair.wrong[:, 1:-1, 1:-1]
        if inner.any() or not inner.size:
            return ""
    return f"only the border of {name} is wrong: its first and last rows and columns"


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
    if all(_same_numbers(pair) for pair in pairs):
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
    if all(pair.expected.size < 2 for pair in pairs) and len(pairs) < 3:  # one may be so by chance
        return ""
    for text, change in (("cut off", np.trunc), ("rounded away", np.round)):
        if all(pair.agrees(change(pair.expected.astype(float))) for pair in pairs):
            return f"the fractions of {name} are {text}, as by integers"
    for decimals in range(1, MOST_DECIMALS + 1):
        if all(pair.agrees(np.round(pair.expected.astype(float), decimals)) for pair in pairs):
            places = "1 decimal" if decimals == 1 else f"{decimals} decimals"
            return f"{name} is what is expected, rounded to {places}"
    return ""


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


_SHAPED = (_constant, _factor, _offset, _some_entries, _border, _moved, _rounded)
_UNSHAPED = (_transposed, _extra)
