"""Solutions of the exercises, which only notebooks for self-study carry."""

from nbexercise.checks import CASE_SETS, checked_last
from nbexercise.judging.verdict import Verdict
from nbexercise.judging.wording import wrapped
from nbexercise.showing.display import in_colab

from .syllabus import ASSIGNMENTS, SITE, SOLUTIONS_ON_SITE

__all__ = ["solution"]


def solution(name: str | None = None) -> None:
    """Print a solution of an exercise with loops, once you have tried it yourself.

    You have tried it if you have checked a function that you began to write since the notebook was
    started. The function need not be right, but it must return a value or raise an error.

    Parameters
    ----------
    name
        Name of an exercise; by default the one checked last.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    name, diagnosis = checked_last(name)
    if not name:
        return
    text = CASE_SETS[name].solution
    if not text:
        message = _elsewhere(name)
    elif not diagnosis or not _is_try(diagnosis):
        message = f"First try {name} yourself: write a part of it, right or wrong, and run "
        message += f"{name}_test({name})."
    elif diagnosis.passed:
        message = f"Your {name} passes all checks. Which steps of this solution differ from yours?"
    else:
        known = f": {diagnosis.mistakes[0].diagnosis}" if diagnosis.mistakes else "."
        message = (
            f"Your {name} does not pass all checks yet{known} Which lines of this solution make "
        )
        message += "the difference?"
    print(wrapped(message))
    if text and diagnosis and _is_try(diagnosis):
        print(f"\n{text}")


def _elsewhere(name: str) -> str:
    """Return where to find a solution if the notebook has none, or how to get a hint."""
    if not (SITE and SOLUTIONS_ON_SITE):
        message = f"This notebook has no solution of {name}, and its course publishes none."
        return (
            f'{message} hint("{name}") gives a hint, and a more detailed one each time you run it.'
        )
    assignment = next(step for step, (_, own) in ASSIGNMENTS.items() if name in own)
    page = f"{SITE}release/{assignment}/{assignment}.html"
    message = f"This copy of the notebook has no solution of {name}; the one on the web site does. "
    message += f"Download that one from {page} and paste your function into it."
    return f"{message} To open it in Colab, use File > Upload notebook." if in_colab() else message


def _is_try(verdict: Verdict) -> bool:
    """True if the function was begun: it is not the stub and does not only return None."""
    problems = (run.outcome.problem for run in verdict.runs)
    return not verdict.is_not_written and any(not p or p.kind != "nothing" for p in problems)
