"""The kinds of checks: how each decides, what it says of a failure, and what comes next.

A new kind is one subclass of `Kind`, here; a `Check` names it, and so do the stored cases. What
it looks at must be in `CallOutcome`, else a known mistake is recognized whatever the kind says.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from .calling import CaseRun
from .comparing import close, shape_right, wrong_cells
from .model import CallOutcome, CaseSet, Check, Problem
from .wording import DIGITS, number, tuple_of

__all__ = ["KINDS", "Kind", "kind_of", "looked_at", "wrong_output"]

KINDS: dict[str, "Kind"] = {}  # by name
MORE_DIGITS = (12, 17)
MOST_SHAPES = 3  # wrong ones that are listed


class Kind:
    """What all checks of one kind have in common; a subclass registers itself.

    Attributes
    ----------
    name
        What a `Check` calls it; no other kind has this name.
    of_values
        Whether it compares values.
    beside_values
        Whether it counts only if a check of values passes; until then it waits.
    said_aside
        Whether what it finds wrong is said also where another check is shown.
    gives_way
        Whether a check of values is shown in its place if a call returned nothing to compare.
    drawn
        Whether `show` has something to draw where it fails.
    fields
        What of a `CallOutcome` it looks at beside the values, `cache`, `changed`, `problem` and
        `repeatable`. Where an exercise has such a check, a known mistake is recognized only if
        these are its own: the dtypes of the outputs, unless the kind says otherwise.
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
            raise TypeError(f"{cls.__name__}: expected a name of its own; taken: {taken}.")
        KINDS[cls.name] = cls()

    def is_right(self, check: Check, run: CaseRun, tolerance: float) -> bool:
        """Whether a call that returned something to compare is right."""
        raise NotImplementedError

    def fault(self, check: Check, run: CaseRun, tolerance: float) -> list[str]:
        """What is wrong with the outputs of the first failing call, in lines."""
        raise NotImplementedError

    def outputs(self, check: Check, run: CaseRun) -> tuple[str, ...]:
        """The names of the outputs that a failed check shows; all of them if empty."""
        return check.outputs

    def undecided(self, outcome: CallOutcome) -> str:
        """Why a failed check found nothing wrong with what it is about; "" if it did."""
        return _not_checked(outcome.problem, "") if outcome.problem else ""

    def next_step(self, case_set: CaseSet, graded: bool) -> str:
        """What to do about a failure that no known mistake explains."""
        hint = f'hint("{case_set.name}") gives a hint.'
        if graded:
            return f"in your notebook, {hint}"
        return f'show("{case_set.name}") draws this case; {hint}' if self.drawn else hint


def kind_of(check: Check) -> Kind:
    """The kind that a check names.

    Raises
    ------
    ValueError
        If there is no kind of this name.
    """
    if check.kind not in KINDS:
        known = ", ".join(map(repr, KINDS))
        text = f"check {check.name!r}: expected one of the kinds {known}, got {check.kind!r}"
        raise ValueError(text)
    return KINDS[check.kind]


def looked_at(checks: Iterable[Check]) -> set[str]:
    """The `fields` of the kinds of some checks."""
    return {name for check in checks for name in kind_of(check).fields}


_WITHOUT_ANSWER = {
    "error": "raised an error",
    "limit": "met a limit of the grader",
    "time": "took too long",
    "nothing": "returned None",
}


def _not_checked(problem: Problem, where: str) -> str:
    what = _WITHOUT_ANSWER.get(problem.kind, "returned something else")
    return f"not checked{where}: a call {what}"


class _Shape(Kind):
    """The outputs have the right shapes."""

    name = "shape"
    gives_way = drawn = True
    fields = ()

    def is_right(self, check: Check, run: CaseRun, tolerance: float) -> bool:
        return not self.outputs(check, run)

    def outputs(self, check: Check, run: CaseRun) -> tuple[str, ...]:
        expected, got = run.case.expected.values, run.outcome.values
        return tuple(name for name in expected if not shape_right(got[name], expected[name]))

    def fault(self, check: Check, run: CaseRun, tolerance: float) -> list[str]:
        wrong = self.outputs(check, run)
        more = [f"... and {len(wrong) - MOST_SHAPES} more"] if len(wrong) > MOST_SHAPES else []
        return [*(_about_shape(run, name) for name in wrong[:MOST_SHAPES]), *more]

    def undecided(self, outcome: CallOutcome) -> str:
        return _not_checked(outcome.problem, " in every case") if outcome.problem else ""


class _Values(Kind):
    """The outputs have the right values."""

    name = "values"
    of_values = drawn = True
    fields = ()

    def is_right(self, check: Check, run: CaseRun, tolerance: float) -> bool:
        expected = run.case.expected.values
        return all(
            close(run.outcome.values[name], expected[name], tolerance, run.precision)
            for name in (check.outputs or expected)
        )

    def fault(self, check: Check, run: CaseRun, tolerance: float) -> list[str]:
        return _wrong_values(check, run, tolerance)

    def undecided(self, outcome: CallOutcome) -> str:
        return ""


class _Edge(_Values):
    """The values of an edge case, where wrong functions are right as well: no padding, say."""

    name = "edge"
    of_values, beside_values = False, True


class _Cache(Kind):
    """The cache holds what it should."""

    name = "cache"
    fields = ()

    def is_right(self, check: Check, run: CaseRun, tolerance: float) -> bool:
        return not run.outcome.cache

    def fault(self, check: Check, run: CaseRun, tolerance: float) -> list[str]:
        return [f"{run.outcome.cache}."]

    def next_step(self, case_set: CaseSet, graded: bool) -> str:
        parts = next(value.parts for value in case_set.returns if value.form == "cache")
        return f"make it of these, in this order and as they were given: cache = {tuple_of(parts)}."


class _Unchanged(Kind):
    """The arguments are as they were; worth points only to a function that does something right."""

    name = "unchanged"
    beside_values = said_aside = True
    fields = ()

    def is_right(self, check: Check, run: CaseRun, tolerance: float) -> bool:
        return not run.outcome.changed

    def fault(self, check: Check, run: CaseRun, tolerance: float) -> list[str]:
        return [
            f"the call changed {', '.join(run.outcome.changed)}, which belongs to the caller.",
            "Write into a new array, or into a copy made with .copy().",
        ]

    def undecided(self, outcome: CallOutcome) -> str:
        return "" if outcome.changed else super().undecided(outcome)


def wrong_output(
    run: CaseRun, tolerance: float, names: tuple[str, ...] = ()
) -> tuple[str, Any, Any, Any] | None:
    """The first wrong output of a call.

    Parameters
    ----------
    names
        The outputs to look at; all of them if empty.

    Returns
    -------
    tuple or None
        Name, actual and expected array, and a boolean array of the wrong values, which is None if
        the shapes differ. None if all outputs are right.
    """
    for name, expected in run.case.expected.values.items():
        actual = run.outcome.values[name]
        if names and name not in names:
            continue
        if actual.shape != expected.shape:
            return name, actual, expected, None
        wrong = wrong_cells(actual, expected, tolerance, run.precision)
        if wrong.any():
            return name, actual, expected, wrong
    return None


def _about_shape(run: CaseRun, name: str) -> str:
    """What is wrong with the shape of an output."""
    actual, expected = run.outcome.values[name], run.case.expected.values[name]
    if name.endswith("]") and actual.shape == (0,):
        return f"{name} is missing: it is not computed yet, or has another name."
    what = "a single number, shape ()" if expected.ndim == 0 else f"shape {expected.shape}"
    return f"{name} has shape {actual.shape}, expected {what}."


def _wrong_values(check: Check, run: CaseRun, tolerance: float) -> list[str]:
    found = wrong_output(run, tolerance, check.outputs)
    assert found is not None, "the check failed"
    name, actual, expected, wrong = found
    if wrong is None:
        return [_about_shape(run, name)]
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = f"{name}[{', '.join(map(str, index))}]" if index else name
    text = "{} is {}, expected {}".format(place, *_values(actual[index], expected[index]))
    if wrong.size > 1:
        are = "is" if wrong.sum() == 1 else "are"
        text += f" ({wrong.sum()} of {wrong.size} values {are} wrong)"
    return [text + "."]


def _values(*values: Any) -> list[str]:
    """Values as people write them, with more digits where these make no difference."""
    for digits in (DIGITS, *MORE_DIGITS):
        texts = [str(bool(v)) if v.dtype.kind == "b" else number(v, digits) for v in values]
        if len(set(texts)) == len(texts):
            break
    return texts
