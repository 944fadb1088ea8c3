"""The functions that students call: checks, pictures of failing cases, and hints."""

import contextlib
import os
from collections.abc import Callable, Mapping
from typing import Any

from .diagnosis.circumstances import in_notebook
from .diagnosis.diagnose import diagnose
from .diagnosis.explanation import Explanation, about_helpers, explain
from .diagnosis.findings import Diagnosis
from .errors import CheckFailedError, NotWrittenError, UsageError
from .judging.deciding import decide, not_callable
from .judging.names import alike
from .judging.storage import StoredCaseSets
from .judging.subject import subject
from .judging.verdict import Verdict
from .judging.wording import heading, with_article, wrapped
from .showing.display import display, kernel_shell, namespace, tell
from .showing.markup import FAILED, OPEN, PASSED
from .showing.overview import STILL_OPEN, about_outdated, standing, summed_up
from .showing.picture import in_words
from .showing.svg import draw
from .showing.text import describe

__all__ = [
    "CASE_SETS",
    "ask",
    "check",
    "checked_last",
    "hint",
    "make_test",
    "outdated",
    "passes_now",
    "show",
    "summary",
]
__all__ += ["validate", "verdict_now"]

CASE_SETS = StoredCaseSets()
outdated: dict[str, str] = {}  # functions whose cell raised an error in its last run, with it
_latest: dict[str, Explanation] = {}  # by exercise, the most recent last
_checked: dict[str, Callable[..., Any]] = {}  # the functions that they are about
_own_checks: dict[str, Callable[[], Any]] = {}  # checks of variables that are not functions
_hints_given: dict[str, int] = {}
_asked: dict[str, Any] = {}  # series of questions, by exercise


def check(name: str, function: Callable[..., Any]) -> None:
    """Judge `function`, and show the verdict or raise it."""
    if not callable(function):
        raise CheckFailedError(not_callable(name, function))
    if name in outdated and function is namespace().get(name):
        raise _failed(CheckFailedError(about_outdated(name, outdated[name])))
    explanation = _judged(name, function)
    diagnosis, text = explanation.diagnosis, describe(explanation)
    links = {f'"{section}"': section for section in [*explanation.advice.sections, heading(name)]}
    if diagnosis.unwritten:
        raise _failed(NotWrittenError(text, diagnosis.unwritten), OPEN, links)
    if not diagnosis.passed:
        subject().checked(diagnosis, function)
        raise _failed(CheckFailedError(text), FAILED, links)
    if namespace().get(name, function) is not function:
        text += f"\n\nThe function that you passed is not {name}; only {name} is graded."
    if diagnosis.runs_here and kernel_shell():
        text += f'\n\nDo you know what it does? ask("{name}") asks up to three questions about it.'
    if not tell(text, OPEN if diagnosis.refused else PASSED):
        print(wrapped(text))
    if diagnosis.runs_here:
        subject().checked(diagnosis, function)


def _failed(
    error: CheckFailedError, state: str = FAILED, links: Mapping[str, str] | None = None
) -> CheckFailedError:
    """Show the text of an exception in the cell if possible, and return the exception."""
    error.shown = tell(error.text, state, links)
    return error


def _judged(name: str, function: Callable[..., Any]) -> Explanation:
    """Judge `function`, and keep the explanation as the latest one of its exercise.

    While a notebook is graded, failures are not diagnosed and helpers not judged, because its
    graded cells do that: the text names them.
    """
    case_set, elsewhere = CASE_SETS[name], ""
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        reason = "judges new inputs and gives the reason for lost points"
        elsewhere = f"The graded cell of {name} {reason}."
    verdict = decide(case_set, function)
    diagnosis = Diagnosis.of(verdict) if elsewhere else diagnose(verdict, case_set, function)
    helpers = {} if elsewhere else CASE_SETS
    explanation = explain(in_notebook(diagnosis, function, helpers), elsewhere=elsewhere)
    _latest.pop(name, None)
    _latest[name], _checked[name] = explanation, function
    return explanation


def make_test(name: str, called: str) -> Callable[[Callable[..., Any]], None]:
    """Return the check of an exercise under one of its names."""

    def test(target: Callable[..., Any]) -> None:
        check(name, target)

    test.__name__ = test.__qualname__ = called
    test.__doc__ = (
        f"Check {name}: pass the function itself.\n\nPrints the verdict, or raises AssertionError."
    )
    return test


def passes_now(name: str) -> bool:
    """True if the function that the notebook has now passed its check."""
    function = _checked.get(name)
    return name in _latest and _latest[name].diagnosis.passed and namespace().get(name) is function


def checked_last(name: str | None = None) -> tuple[str, Diagnosis | None]:
    """Return an exercise, by default the one checked last, and the diagnosis of its last check.

    The name is "" if nothing has been checked.
    """
    name = _named(name)
    return name, _latest[name].diagnosis if name in _latest else None


def verdict_now(name: str) -> Verdict | None:
    """Judge the function that the notebook has now; return None if it has none."""
    function = namespace().get(name)
    return decide(CASE_SETS[name], function) if callable(function) else None


def show(name: str | None = None, function: Callable[..., Any] | None = None) -> None:
    """Draw a failing case: inputs, expected and actual output, and their difference.

    The numbers are folded below the picture, or printed outside a notebook. For functions that
    slide a window, the windows are listed one by one up to the first wrong one. Results that are no
    arrays are listed.

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
    if not (name := _named(name)):
        return
    if function is not None:
        _judged(name, function)
    if name not in _latest:
        print(f'{name} has not been checked yet: show("{name}", {name}) does both.')
        return
    diagnosis = _latest[name].diagnosis
    if about := about_helpers(diagnosis)[0]:
        print(wrapped(about), end="\n\n")
    try:
        words = in_words(diagnosis)
    except ValueError as nothing_to_draw:
        print(nothing_to_draw)
        return
    folded = False
    with contextlib.suppress(ValueError):  # the case cannot be drawn
        folded = display(draw(diagnosis), words)
    stepwise = subject().stepwise(diagnosis)
    text = "\n\n".join(filter(None, (stepwise, "" if folded else words)))
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
    if not (name := _named(name)):
        return
    hints = CASE_SETS[name].hints
    given = min(_hints_given.get(name, 0), len(hints) - 1)
    _hints_given[name] = given + 1
    print(wrapped(f"Hint {given + 1} of {len(hints)} for {name}: {hints[given]}"))


def ask(name: str | None = None, *answer: Any) -> None:
    """Ask up to three questions about your own function, one at a time, or answer the current one.

    The right answers come from running your function. They earn no points.

    Parameters
    ----------
    name
        Name of an exercise whose check has been run; by default the one checked last.
    answer
        Answer to the current question: a number, a tuple, or a letter in quotes; "?" for a hint,
        and the second time for the answer.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    from .asking.ask import RefusedError, series_about  # a notebook without questions starts faster

    name = _named(name)
    if not name or os.environ.get("NBGRADER_EXECUTION"):
        return
    function = namespace().get(name)
    is_checked = name in _latest and _checked[name] is function
    diagnosis = _latest[name].diagnosis if is_checked else None
    if function is None or diagnosis is None or diagnosis.is_not_written:
        print(wrapped(f"Run the check of {name} first: the questions are about your function."))
        return
    series = _asked.get(name)
    if series is None or series.function is not function or not answer and not series.current:
        try:
            series = series_about(name, function, CASE_SETS[name], diagnosis.passed)
        except RefusedError as refused:
            print(wrapped(f"There are no questions about your {name}: {refused}."))
            return
        if answer:
            print(wrapped("These are new questions, because the function has changed."))
        _asked[name], answer = series, ()
    before = len(series.done)
    print(wrapped(series.answer(*answer)))
    if len(series.done) > before and not series.current:
        subject().asked(name, sum(series.done), len(series.questions))


def summary(*names: str) -> None:
    """Show the state of each exercise: passed, failed, not written or not checked.

    Parameters
    ----------
    names
        Names of exercises, and of other variables that a notebook asks for; by default all
        exercises of the notebook.
    """
    standings = {name: _standing(name) for name in names or CASE_SETS.own}
    done = all(state == PASSED for state, _ in standings.values())
    text = summed_up(standings)
    if not tell(text, PASSED if done else OPEN, {name: heading(name) for name in standings}):
        print(wrapped(text))


def _standing(name: str) -> tuple[str, str]:
    """Return PASSED, FAILED or OPEN for an exercise, and a remark."""
    value = namespace().get(name)
    if name in outdated:
        return OPEN, f"the last run of its cell ended in {with_article(outdated[name])}"
    if name in _own_checks:
        if value is None:
            return OPEN, STILL_OPEN
        problem = _problem_of(_own_checks[name])
        return (FAILED, problem) if problem else (PASSED, "")
    if name not in _latest:
        return OPEN, "not checked yet"
    if _checked[name] is not namespace().get(name, _checked[name]):
        return OPEN, "changed since it was checked"
    return standing(_latest[name].diagnosis)


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
        raise CheckFailedError(f'{name}: {STILL_OPEN}. See "{heading(name)}".')
    if is_right is None:
        check(name, namespace()[name])
    elif problem := _problem_of(is_right):
        raise CheckFailedError(f'{name}: {problem}. See "{heading(name)}".')


def _problem_of(is_right: Callable[[], Any]) -> str:
    """Return what a notebook's own check of a variable finds, "" if the variable is right."""
    try:
        return "" if is_right() else "not right yet"
    except Exception as error:  # the variable may have any type
        raised = with_article(type(error).__name__)
        message = str(error).partition("\n")[0].removesuffix(".")
        return f"not right yet; its check ended in {raised}" + (f": {message}" if message else "")


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
