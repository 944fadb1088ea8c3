"""The kinds of checks: how each decides, and how it explains a failure.

A new kind is a subclass of `Kind` in this module; a `Check` and the stored cases refer to it by
name. The data that a kind compares must be in `CallOutcome`; otherwise known mistakes are
recognized without regard to it.
"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from .calling import CaseRun
from .comparing import close
from .model import CallOutcome, CaseSet, Check, Problem, has_only_arrays
from .values import Raised, difference, kind_of_value, wrong_cells
from .verdict import WAITS, CheckResult
from .wording import DIGITS, PRINTED, number, tuple_of

__all__ = ["KINDS", "Kind", "decided", "is_drawn", "kind_of", "looked_at", "wrong_output"]

KINDS: dict[str, "Kind"] = {}  # by name
MORE_DIGITS = (12, 17)
MOST_SHAPES = 3  # wrong shapes to list


class Kind:
    """Base class of the kinds of checks; a subclass registers itself.

    Attributes
    ----------
    name
        Unique name, which a `Check` refers to.
    of_values
        True if the check compares values.
    beside_values
        True if the check counts only if a check of values passes; until then it waits.
    said_aside
        True if a failure is reported even if another check is shown.
    gives_way
        True if a check of values is shown instead when a call returned nothing to compare.
    drawn
        True if `show` can draw a failure.
    fields
        Fields of `CallOutcome` that the check compares besides the values, `cache`, `changed`,
        `problem` and `repeatable`; by default the dtypes of the outputs. In an exercise with such
        a check, a known mistake is recognized only if these fields agree as well.
    """

    name: ClassVar[str]
    of_values: ClassVar[bool] = False
    beside_values: ClassVar[bool] = False
    said_aside: ClassVar[bool] = False
    gives_way: ClassVar[bool] = False
    drawn: ClassVar[bool] = False
    fields: ClassVar[tuple[str, ...]] = ("dtypes",)

    def __init_subclass__(cls) -> None:
        if getattr(cls, "name", "") in ("", *KINDS):
            taken = ", ".join(KINDS)
            raise TypeError(f"{cls.__name__}: expected a unique name; taken: {taken}.")
        KINDS[cls.name] = cls()

    def is_right(self, check: Check, run: CaseRun, tolerance: float) -> bool:
        """True if a call that returned something to compare is right."""
        raise NotImplementedError

    def decide(self, check: Check, case_set: CaseSet, runs: Sequence[CaseRun]) -> CheckResult:
        """Decide a check, which passes if each of its cases was run and is right.

        A failed check shows the first call whose results can be computed by hand, or the first one.
        """

        def concerns(group: str) -> bool:
            return not check.groups or group in check.groups

        failed = [
            run
            for run in runs
            if concerns(run.case.group)
            and (run.outcome.problem or not self.is_right(check, run, case_set.tolerance))
        ]
        if not failed and any(concerns(case.group) for case in case_set.cases[len(runs) :]):
            failed = [runs[-1]]
        if not failed:
            return CheckResult(check, True)
        failing = next((run for run in failed if not run.case.is_large), failed[0])
        return CheckResult(check, False, failing, self.undecided(failing.outcome))

    def fault(self, check: Check, run: CaseRun, tolerance: float) -> list[str]:
        """Return lines that describe the faults in the outputs of the first failing call."""
        raise NotImplementedError

    def outputs(self, check: Check, run: CaseRun) -> tuple[str, ...]:
        """Return the names of the outputs that a failed check shows; empty for all outputs."""
        return check.outputs

    def undecided(self, outcome: CallOutcome) -> str:
        """Return why a failed check could not be decided; "" if it found a fault."""
        return _not_checked(outcome.problem, "") if outcome.problem else ""

    def next_step(self, case_set: CaseSet, graded: bool) -> str:
        """Return the next step after a failure that no known mistake explains; "" for a hint."""
        return ""


def kind_of(check: Check) -> Kind:
    """Return the kind that a check names.

    Raises
    ------
    ValueError
        If there is no kind with this name.
    """
    if check.kind not in KINDS:
        names = ", ".join(map(repr, KINDS))
        text = f"check {check.name!r}: expected one of the kinds {names}, got {check.kind!r}"
        raise ValueError(text)
    return KINDS[check.kind]


def decided(
    case_set: CaseSet, runs: Sequence[CaseRun]
) -> tuple[tuple[CheckResult, ...], CheckResult | None]:
    """Decide all checks; return their results, and the failed one to show (None if all passed).

    That is the first failed check, or one of values if the first had no output to check. A check
    that waits is shown only if all failed checks wait.
    """
    kinds = {check: kind_of(check) for check in case_set.checks}
    results = [kind.decide(check, case_set, runs) for check, kind in kinds.items()]
    if not any(result.passed and kinds[result.check].of_values for result in results):
        names = [c.name for c, kind in kinds.items() if kind.of_values and not kind.beside_values]
        what = "a check of values" if names else "another check"
        what = f'"{names[0]}"' if len(names) == 1 else what
        for place, (check, kind) in enumerate(kinds.items()):
            if kind.beside_values and results[place].passed:
                results[place] = CheckResult(check, False, runs[0], WAITS.format(what))
    failed = [result for result in results if not result.passed]
    failed.sort(key=lambda result: result.waits)
    first = failed[0].failing if failed else None
    if first and first.outcome.problem and kinds[failed[0].check].gives_way:
        failed.sort(key=lambda result: not kinds[result.check].of_values)
    return tuple(results), failed[0] if failed else None


def looked_at(checks: Iterable[Check]) -> set[str]:
    """Return the `fields` that the kinds of these checks compare."""
    return {name for check in checks for name in kind_of(check).fields}


_WITHOUT_ANSWER = {
    "error": "raised an error",
    "limit": "hit a limit of the grader",
    "time": "took too long",
    "nothing": "returned None",
}


def _not_checked(problem: Problem, where: str) -> str:
    what = _WITHOUT_ANSWER.get(problem.kind, "returned something else")
    return f"not checked{where} because a call {what}"


class _Shape(Kind):
    """Check that the outputs have the right shapes."""

    name = "shape"
    gives_way = drawn = True
    fields = ()

    def is_right(self, check: Check, run: CaseRun, tolerance: float) -> bool:
        return not self.outputs(check, run)

    def outputs(self, check: Check, run: CaseRun) -> tuple[str, ...]:
        expected, got = run.case.expected.values, run.outcome.values
        return tuple(name for name in expected if _form(got[name]) != _form(expected[name]))

    def fault(self, check: Check, run: CaseRun, tolerance: float) -> list[str]:
        wrong = self.outputs(check, run)
        more = [f"... and {len(wrong) - MOST_SHAPES} more"] if len(wrong) > MOST_SHAPES else []
        return [*(_about_shape(run, name, tolerance) for name in wrong[:MOST_SHAPES]), *more]

    def undecided(self, outcome: CallOutcome) -> str:
        return _not_checked(outcome.problem, " in every case") if outcome.problem else ""


class _Values(Kind):
    """Check that the outputs have the right values."""

    name = "values"
    of_values = drawn = True
    fields = ()

    def is_right(self, check: Check, run: CaseRun, tolerance: float) -> bool:
        expected = run.case.expected.values
        return all(
            close(run.outcome.values[name], expected[name], tolerance, run.case.precision)
            for name in (check.outputs or expected)
        )

    def fault(self, check: Check, run: CaseRun, tolerance: float) -> list[str]:
        return _wrong_values(check, run, tolerance)

    def undecided(self, outcome: CallOutcome) -> str:
        return ""


class _Edge(_Values):
    """Check the values of an edge case in which wrong functions may be right, such as a size 0."""

    name = "edge"
    of_values, beside_values = False, True


class _Cache(Kind):
    """Check that the cache holds the expected arguments."""

    name = "cache"
    fields = ()

    def is_right(self, check: Check, run: CaseRun, tolerance: float) -> bool:
        return not run.outcome.cache

    def fault(self, check: Check, run: CaseRun, tolerance: float) -> list[str]:
        return [f"{run.outcome.cache}."]

    def next_step(self, case_set: CaseSet, graded: bool) -> str:
        parts = next(value.parts for value in case_set.returns if value.form == "cache")
        return f"store the arguments unchanged, in this order: cache = {tuple_of(parts)}."


class _Unchanged(Kind):
    """Check that the arguments are unchanged; counts only if a check of values passes."""

    name = "unchanged"
    beside_values = said_aside = True
    fields = ()

    def is_right(self, check: Check, run: CaseRun, tolerance: float) -> bool:
        return not run.outcome.changed

    def fault(self, check: Check, run: CaseRun, tolerance: float) -> list[str]:
        names = " and ".join(run.changed)
        belong = "belong" if " and " in names else "belongs"
        changed = [run.case.arguments[name] for name in run.outcome.changed]
        parts = [p for v in changed for p in (v.values() if isinstance(v, dict) else [v])]
        plain = not any(isinstance(part, np.ndarray | tuple) for part in parts)
        has_dict = any(isinstance(value, dict) for value in changed)
        new = f"a new array{' or a new dictionary' if has_dict else ''}"
        is_nested = any(isinstance(i, list | dict | set) for p in parts for i in _items(p))
        deep = "copy.deepcopy(...), because .copy() keeps the inner lists."
        copied = f"Work on a copy, made with {deep if is_nested else '.copy().'}"
        return [
            f"the call changed {names}, which {belong} to the caller.",
            copied if plain else f"Write into {new}, or into a copy made with .copy().",
        ]

    def undecided(self, outcome: CallOutcome) -> str:
        return "" if outcome.changed else super().undecided(outcome)


def _items(value: Any) -> Iterable[Any]:
    """Return the items of a list, or the values of a dictionary; nothing of other values."""
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _form(value: Any) -> Any:
    """Return the shape of an array; of another value, its kind and the number of its items."""
    if isinstance(value, np.ndarray):
        return value.shape
    return kind_of_value(value), len(value) if isinstance(value, list | tuple | set | dict) else 0


def wrong_output(
    run: CaseRun, tolerance: float, names: tuple[str, ...] = ()
) -> tuple[str, Any, Any, Any] | None:
    """Return the first wrong output of a call.

    Parameters
    ----------
    names
        Names of the outputs to compare; all outputs if empty.

    Returns
    -------
    tuple or None
        Name, actual value, expected value, and a boolean array that marks wrong values (None if
        the shapes differ, or for plain values). None if all outputs are right.
    """
    for name, expected in run.case.expected.values.items():
        actual = run.outcome.values[name]
        if names and name not in names:
            continue
        if not (isinstance(actual, np.ndarray) and isinstance(expected, np.ndarray)):
            if not close(actual, expected, tolerance, run.case.precision):
                return name, actual, expected, None
            continue
        if actual.shape != expected.shape:
            return name, actual, expected, None
        wrong = wrong_cells(actual, expected, tolerance, run.case.precision)
        if wrong.any():
            return name, actual, expected, wrong
    return None


def is_drawn(run: CaseRun) -> bool:
    """True if a picture can show a call: all its results are arrays."""
    return has_only_arrays(run.outcome) and has_only_arrays(run.case.expected)


def _about_shape(run: CaseRun, name: str, tolerance: float) -> str:
    """Return a sentence about the wrong shape of an output, or a wrong plain value."""
    actual, expected = run.outcome.values[name], run.case.expected.values[name]
    if not (isinstance(actual, np.ndarray) and isinstance(expected, np.ndarray)):
        return f"{difference(actual, expected, tolerance, run.case.precision, name)}."
    if name.endswith("]") and actual.shape == (0,):
        return f"{name} is missing: it has not been computed yet, or has another name."
    what = "a single number, shape ()" if expected.ndim == 0 else f"shape {expected.shape}"
    return f"{name} has shape {actual.shape}, expected {what}."


def _wrong_values(check: Check, run: CaseRun, tolerance: float) -> list[str]:
    first_wrong = wrong_output(run, tolerance, check.outputs)
    assert first_wrong is not None, "the check failed"
    name, actual, expected, wrong = first_wrong
    if wrong is None:
        is_instead = actual is None and run.printed and not isinstance(expected, Raised)
        return [_about_shape(run, name, tolerance), *[PRINTED][: bool(is_instead)]]
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = f"{name}[{', '.join(map(str, index))}]" if index else name
    text = "{} is {}, expected {}".format(place, *_values(actual[index], expected[index]))
    if wrong.size > 1:
        are = "is" if wrong.sum() == 1 else "are"
        text += f" ({wrong.sum()} of {wrong.size} values {are} wrong)"
    return [text + "."]


def _values(*values: Any) -> list[str]:
    """Format values briefly, with more digits if they would otherwise look equal."""
    for digits in (DIGITS, *MORE_DIGITS):
        texts = [str(bool(v)) if v.dtype.kind == "b" else number(v, digits) for v in values]
        if len(set(texts)) == len(texts):
            break
    return texts
