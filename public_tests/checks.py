"""The functions that students call: checks, pictures of failing cases, and hints."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .course.record import record_verdict
from .course.windows import steps
from .diagnosis.circumstances import in_notebook
from .diagnosis.diagnose import diagnose
from .diagnosis.explanation import Explanation, explain
from .diagnosis.findings import Diagnosis
from .errors import CheckFailedError, NotWrittenError, UsageError
from .judging.deciding import decide, not_callable
from .judging.names import alike
from .judging.returned import as_real
from .judging.storage import StoredCaseSets
from .judging.verdict import Verdict
from .judging.wording import with_article, wrapped
from .showing.display import display, is_graded, namespace, tell
from .showing.markup import FAILED, OPEN, PASSED
from .showing.overview import NOT_WRITTEN, about_outdated, heading, standing, summed_up
from .showing.picture import in_words
from .showing.svg import draw
from .showing.text import describe

__all__ = ["CASE_SETS", "PUBLISHED_NAMES", "check", "conv_forward_test_1", "hint", "make_test"]
__all__ += ["outdated", "passes_now", "show", "summary", "validate", "verdict_now"]

CASE_SETS = StoredCaseSets()
PUBLISHED_NAMES = {  # names of checks besides NAME_test
    "conv_forward": ("conv_forward_test_2",),
    "pool_forward": ("pool_forward_test_1", "pool_forward_test_2"),
}
outdated: dict[str, str] = {}  # functions whose cell raised an error in its last run, with it
_latest: dict[str, Explanation] = {}  # by exercise, the most recent last
_checked: dict[str, Callable[..., Any]] = {}  # the functions that they are about
_own_checks: dict[str, Callable[[], Any]] = {}  # checks of variables that are not functions
_hints_given: dict[str, int] = {}


def check(name: str, function: Callable[..., Any]) -> None:
    """Judge `function`, and show the verdict or raise it."""
    if not callable(function):
        raise CheckFailedError(not_callable(name, function))
    if name in outdated and function is namespace().get(name):
        raise _failed(CheckFailedError(about_outdated(name, outdated[name])))
    said = _judged(name, function)
    verdict, text = said.verdict, describe(said)
    links = {f'"{section}"': section for section in [*said.sections, heading(name)]}
    if verdict.is_not_written:
        raise _failed(NotWrittenError(text, name), OPEN, links)
    if not verdict.passed:
        record_verdict(verdict, function)
        raise _failed(CheckFailedError(text), FAILED, links)
    if namespace().get(name, function) is not function:
        text += f"\n\nThe function that you passed is not {name}; only {name} is graded."
    if not tell(text, OPEN if verdict.refused else PASSED):
        print(wrapped(text))
    if verdict.runs_here:  # the milestones run the recorded functions
        record_verdict(verdict, function)


def _failed(
    error: CheckFailedError, state: str = FAILED, links: Mapping[str, str] | None = None
) -> CheckFailedError:
    """Show the text of an exception in the cell if possible, and return the exception."""
    error.shown = tell(error.text, state, links)
    return error


def _judged(name: str, function: Callable[..., Any]) -> Explanation:
    """Judge `function`, and keep the explanation as the latest one of its exercise.

    While a notebook is graded, failures are not diagnosed, because its graded cells do that.
    """
    case_set = CASE_SETS[name]
    verdict = decide(case_set, function)
    found = Diagnosis.of(verdict) if is_graded() else diagnose(verdict, case_set, function)
    said = explain(in_notebook(found, function, CASE_SETS))
    _latest.pop(name, None)
    _latest[name], _checked[name] = said, function
    return said


def make_test(name: str, called: str) -> Callable[[Callable[..., Any]], None]:
    """Return the check of an exercise under one of its names."""

    def test(target: Callable[..., Any]) -> None:
        check(name, target)

    test.__name__ = test.__qualname__ = called
    test.__doc__ = (
        f"Check {name}: pass the function itself.\n\nPrints the verdict, or raises AssertionError."
    )
    return test


# conv_forward on the published inputs, with a batch of 2 and with one of 10: the mean of Z, and
# Z[0, 2, 1] or Z[3, 2, 1]. cache[0][1][2][3] is the same for both.
_PUBLISHED_Z = {
    "Z[0,2,1] of a batch of 2": (
        0.5511276474566768,
        (-2.17796037, 8.07171329, -0.5772704, 3.36286738)
        + (4.48113645, -2.89198428, 10.99288867, 3.03171932),
    ),
    "Z[3,2,1] of a batch of 10": (
        0.6923608807576933,
        (-1.28912231, 2.27650251, 6.61941931, 0.95527176)
        + (8.25132576, 2.31329639, 13.00689405, 2.34576051),
    ),
}
_PUBLISHED_CACHE = (-1.1191154, 1.9560789, -0.3264995, -1.34267579)


def conv_forward_test_1(z_mean: Any, z_0_2_1: Any, cache_0_1_2_3: Any = ...) -> None:
    """Check three values of conv_forward on the published inputs (seed 1, pad 1, stride 2).

    Parameters
    ----------
    z_mean
        `np.mean(Z)`.
    z_0_2_1
        Z[0, 2, 1], or Z[3, 2, 1] of the batch of 10.
    cache_0_1_2_3
        `cache[0][1][2][3]`, which one edition leaves out.

    Raises
    ------
    AssertionError
        If a value is wrong; the message says which.
    """
    rows = {
        name: _near(z_mean, mean) + _near(z_0_2_1, values)
        for name, (mean, values) in _PUBLISHED_Z.items()
    }
    which = max(rows, key=lambda name: rows[name])
    mean, values = _PUBLISHED_Z[which]
    wrong = [
        f"  {name} is {_in_one_line(got)}\n    expected {_in_one_line(expected)}"
        for name, got, expected in (
            ("the mean of Z", z_mean, mean),
            (which.split(" of ")[0], z_0_2_1, values),
            ("cache[0][1][2][3]", cache_0_1_2_3, _PUBLISHED_CACHE),
        )
        if got is not ... and not _near(got, expected)
    ]
    if wrong and passes_now("conv_forward") and tell(_STALE, OPEN):
        return
    if wrong:
        raise CheckFailedError(
            "\n".join(["conv_forward on the published inputs:", *wrong, "", _AGAIN])
        )
    print("conv_forward: the published values are right.")


_AGAIN = """\
Next: conv_forward_test_2(conv_forward) says what is wrong with the function. If that passes,
  run the cell that computes these three values again: they may come from an earlier version."""


_STALE = """\
conv_forward on the published inputs: not checked.

conv_forward passes its checks, so these values come from an earlier version of it.
Next: run the cell that computes them again, then this one."""


def passes_now(name: str) -> bool:
    """Return True if the function that the notebook has now passed its check."""
    function = _checked.get(name)
    return name in _latest and _latest[name].verdict.passed and namespace().get(name) is function


def verdict_now(name: str) -> Verdict | None:
    """Judge the function that the notebook has now; return None if it has none."""
    function = namespace().get(name)
    return decide(CASE_SETS[name], function) if callable(function) else None


def _in_one_line(value: object) -> str:
    return " ".join(str(value).split())


def _near(got: Any, expected: Any) -> bool:
    try:
        got, fault = as_real(np.asarray(got))
    except ValueError:  # lists of different lengths
        return False
    return (
        not fault
        and got.shape == np.shape(expected)
        and bool(np.allclose(got, expected, rtol=1e-5, atol=1e-7))
    )


def show(name: str | None = None, function: Callable[..., Any] | None = None) -> None:
    """Draw a failing case: inputs, expected and actual output, and their difference.

    The numbers are folded below the picture, or printed outside a notebook. For functions that
    slide a window, the windows are listed one by one up to the first wrong one.

    Parameters
    ----------
    name
        Name of an exercise; by default the one checked last.
    function
        Function to judge first; by default the verdict of the last check is drawn.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    name = _named(name)
    if not name:
        return
    if function is not None:
        _judged(name, function)
    if name not in _latest:
        print(f'{name} has not been checked yet: show("{name}", {name}) does both.')
        return
    verdict = _latest[name].verdict
    if about := _latest[name].helpers:
        print(wrapped(about), end="\n\n")
    try:
        words = in_words(verdict)
    except ValueError as nothing_to_draw:
        print(nothing_to_draw)
        return
    by_window, folded = steps(verdict), display(draw(verdict), words)
    text = "\n\n".join(filter(None, (by_window, "" if folded else words)))
    if text:
        print(wrapped(text))


def hint(name: str | None = None) -> None:
    """Print the next hint for an exercise; each hint says more than the one before.

    Parameters
    ----------
    name
        Name of an exercise; by default the one checked last.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    name = _named(name)
    if not name:
        return
    hints = CASE_SETS[name].hints
    given = min(_hints_given.get(name, 0), len(hints) - 1)
    _hints_given[name] = given + 1
    print(wrapped(f"Hint {given + 1} of {len(hints)} for {name}: {hints[given]}"))


def summary(*names: str) -> None:
    """Show the state of each exercise: passed, failed, not written or not checked.

    Parameters
    ----------
    names
        Names of exercises, and of other variables that a notebook asks for.
    """
    standings = {name: _standing(name) for name in names}
    done = all(state == PASSED for state, _ in standings.values())
    text = summed_up(standings)
    if not tell(text, PASSED if done else OPEN, {name: heading(name) for name in names}):
        print(wrapped(text))


def _standing(name: str) -> tuple[str, str]:
    """Return PASSED, FAILED or OPEN for an exercise, and a remark."""
    value = namespace().get(name)
    if name in outdated:
        return OPEN, f"the last run of its cell ended in {with_article(outdated[name])}"
    if name in _own_checks:
        if value is None:
            return OPEN, NOT_WRITTEN
        return (PASSED, "") if _own_checks[name]() else (FAILED, "not right yet")
    if name not in _latest:
        return OPEN, "not checked yet"
    if _checked[name] is not namespace().get(name, _checked[name]):
        return OPEN, "changed since it was checked"
    return standing(_latest[name].verdict)


def validate(name: str, is_right: Callable[[], Any] | None = None) -> None:
    """Raise an error if an exercise is not right while nbgrader's Validate runs the notebook.

    Does nothing otherwise: grading uses hidden checks.

    Parameters
    ----------
    is_right
        For a variable that is not a function: a callable that returns True if it is right.
        `summary` calls it too.

    Raises
    ------
    AssertionError
        If the exercise is not right; the message is the verdict.
    """
    if is_right is not None:
        _own_checks[name] = is_right
    if "NBGRADER_VALIDATING" not in os.environ:
        return
    if namespace().get(name) is None:
        raise CheckFailedError(f'{name}: {NOT_WRITTEN}. See "{heading(name)}".')
    if is_right is None:
        check(name, namespace()[name])
    elif not is_right():
        raise CheckFailedError(f'{name}: not right yet. See "{heading(name)}".')


def _named(name: Any) -> str:
    """Return the name of an existing exercise; for None, the one checked last, or "" if none."""
    if name is None:
        if not _latest:
            print("Nothing has been checked yet: run a check first, or name an exercise.")
        return next(reversed(_latest), "")
    if callable(name):
        called = getattr(name, "__name__", "...")
        raise UsageError(f"Give the name in quotes: {called!r}, not the function itself.")
    if name not in CASE_SETS:
        meant = " or ".join(map(repr, alike(str(name), CASE_SETS)))
        others = f"Did you mean {meant}?" if meant else f"There are: {', '.join(CASE_SETS)}."
        raise UsageError(f"There is no exercise {name!r}. {others}")
    return str(name)
