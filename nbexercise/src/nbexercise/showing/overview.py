"""The state of each exercise of a notebook, and the next step."""

from collections.abc import Iterable, Mapping

from ..judging.names import alike
from ..judging.verdict import Verdict
from ..judging.wording import heading, with_article
from .markup import FAILED, OPEN, PASSED

__all__ = ["STILL_OPEN", "about_check", "about_long_run", "about_missing", "about_outdated"]
__all__ += ["about_undefined", "standing", "summed_up"]

STILL_OPEN = "not written yet"


def about_missing(exercise: str, name: str = "") -> str:
    """Return the message of a cell that needs an unwritten exercise, or a name that depends on it.

    Parameters
    ----------
    name
        The undefined name; "" if the cell needs the exercise itself.
    """
    if name:
        return f"This cell needs {name}, which a cell above defines once {exercise} is written."
    return f"This cell stopped at a `raise NotImplementedError` line: {exercise} is not finished."


def about_outdated(exercise: str, error: str) -> str:
    """Return the message about a function whose cell raised an error in its last run."""
    why = (
        f"The last run of the cell with {exercise} ended in {with_article(error)}, so the "
        f"notebook has an earlier version of {exercise}, or none."
    )
    step = f"Next: fix what the {error} reports, run that cell, then run this one again."
    return "\n".join([f"{exercise}: not checked.", "", why, "", step])


def about_undefined(name: str, is_exercise: bool, defined: Iterable[str]) -> str:
    """Return the message of a cell that reads a name which no cell has defined.

    Parameters
    ----------
    is_exercise
        True if the name is that of an exercise's function.
    defined
        Names that cells have defined, without those of exercises.
    """
    if meant := alike(name, defined):
        return f"No cell that has been run defines {name}: did you mean {' or '.join(meant)}?"
    if is_exercise:
        return f"The cell with {name} has not been run yet: run it first, then this one."
    return (
        f"No cell that has been run defines {name}. Run the cells above this one first (in Jupyter "
        "Run > Run All Above Selected Cell, in Colab Runtime > Run before), or correct the name."
    )


def about_check(exercise: str) -> str:
    """Return the message below the error of a cell that tries a function."""
    return f"The check of {exercise} says more about this error: run its cell, too."


def about_long_run(seconds: float, colab: bool) -> str:
    """Return the message of a cell that tries a function and is still running."""
    menu = "Runtime > Interrupt execution" if colab else "Kernel > Interrupt Kernel"
    return (
        f"Still running after {seconds:g} seconds. If it should have ended by now, stop it with "
        f"{menu}, and look for a loop that never ends."
    )


def standing(verdict: Verdict) -> tuple[str, str]:
    """Return PASSED, FAILED or OPEN, and the names of the checks that failed."""
    if verdict.passed:
        return PASSED, "in the grader's NumPy, not in the one here" * bool(verdict.refused)
    if verdict.is_not_written:
        method = verdict.problem.call if verdict.problem else ""
        return OPEN, f"{method} is not finished" if method else STILL_OPEN
    if verdict.waits_for:
        return OPEN, f"calls {verdict.waits_for}, which is {STILL_OPEN}"
    failed = [result for result in verdict.results if not result.passed]
    decided = [result for result in failed if not result.undecided] or failed
    return FAILED, "; ".join(result.check.name for result in decided)


def summed_up(standings: Mapping[str, tuple[str, str]]) -> str:
    """Return the summary of a notebook as text.

    Parameters
    ----------
    standings
        PASSED, FAILED or OPEN, and a remark, by exercise.
    """
    todo = [name for name, (state, _) in standings.items() if state != PASSED]
    first = f"{len(standings) - len(todo)} of {len(standings)} exercises pass their checks."
    lines = [first, ""]
    for name, (state, why) in standings.items():
        lines += [f"  {state}  {name}: {why}" if why else f"  {state}  {name}"]
    if todo:
        lines += ["", f'Next: "{heading(todo[0])}".']
    return "\n".join(lines)
