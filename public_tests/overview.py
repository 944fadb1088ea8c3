"""Where each exercise of a notebook stands, and where to go on."""

from collections.abc import Mapping

from .markup import FAILED, OPEN, PASSED
from .verdict import Verdict
from .wording import wrapped

__all__ = ["NOT_WRITTEN", "about_missing", "about_outdated", "heading", "standing", "summed_up"]

NOT_WRITTEN = "not written yet"


def heading(exercise: str) -> str:
    """The heading in the notebook under which an exercise stands."""
    return f"Exercise: {exercise}"


def about_missing(exercise: str, name: str = "") -> str:
    """What is said of a cell that stopped for want of an exercise, or of what that would make."""
    if name:
        return f"This cell needs {name}, which a cell above makes once {exercise} is written."
    return f"This cell stopped: {exercise} has not been written yet."


def about_outdated(exercise: str, error: str) -> str:
    """What is said of a function whose cell could not be run the last time."""
    why = (
        f"The last run of the cell with your {exercise} ended in a {error}, so that the notebook "
        f"has an earlier version of {exercise}, or none."
    )
    step = f"Next: correct what the {error} says, run that cell, then run this one again."
    return "\n".join([f"{exercise}: not checked.", "", *wrapped(why), "", *wrapped(step)])


def standing(verdict: Verdict) -> tuple[str, str]:
    """PASSED, FAILED or OPEN, and which checks fail."""
    if verdict.passed:
        return PASSED, "in the grader's NumPy, not in the one here" * bool(verdict.refused)
    if verdict.is_not_written:
        return OPEN, NOT_WRITTEN
    failed = [result.check.name for result in verdict.results if not result.passed]
    return FAILED, ", ".join(failed)


def summed_up(standings: Mapping[str, tuple[str, str]]) -> str:
    """The summary of a notebook, as text.

    Parameters
    ----------
    standings
        By exercise PASSED, FAILED or OPEN, and why.
    """
    todo = [name for name, (state, _) in standings.items() if state != PASSED]
    first = f"{len(standings) - len(todo)} of {len(standings)} exercises pass their checks."
    lines = [first, ""]
    for name, (state, why) in standings.items():
        row = f"{name}: {why}" if why else name
        lines += wrapped(f"  {state}  {row}")
    if todo:
        lines += ["", f'Next: "{heading(todo[0])}".']
    return "\n".join(lines)
