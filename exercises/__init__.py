"""The graded exercises, one module each: `EXERCISES` by name, and `grade` for the graded cells.

A module that defines `EXERCISE` is an exercise; the others hold what exercises are made of.
`grade_trained` is for the one that judges a trained network.

This is the instructor's side: it holds solutions, and is never part of what students get.
"""

import contextlib
import importlib
import pkgutil
import secrets
from collections.abc import Callable
from typing import Any

from exercises.exercise import Exercise
from exercises.training import grade_trained
from public_tests.report import as_report, publish_report
from public_tests.svg import draw
from public_tests.text import describe_graded

__all__ = ["EXERCISES", "grade", "grade_trained"]

_modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
EXERCISES: dict[str, Exercise] = {
    name: module.EXERCISE
    for name in _modules
    for module in [importlib.import_module(f"{__name__}.{name}")]
    if hasattr(module, "EXERCISE")
}


def grade(name: str, function: Callable[..., Any], seed: int | None = None) -> float:
    """Judge `function` on inputs nobody has seen, print the verdict, and return the points.

    In a notebook, the verdict is also displayed as a report, from which the feedback page is made,
    with a picture of a failing case that has values.

    Parameters
    ----------
    name
        The exercise.
    function
        The student's function.
    seed
        Repeats a grading; without it, every call draws new inputs and prints their seed.

    Returns
    -------
    float
        Points as a built-in float, which is how nbgrader reads partial credit.

    Raises
    ------
    KeyError
        If there is no such exercise.
    TypeError
        If `function` is no function.
    """
    if seed is None:
        seed = secrets.randbits(32)
    verdict = EXERCISES[name].judge(function, seed)
    print(describe_graded(verdict))
    picture = ""
    with contextlib.suppress(ValueError):  # nothing fails, or there is nothing to draw
        picture = draw(verdict)
    publish_report(as_report(verdict, seed), picture)
    print(f"\n(These inputs were drawn with seed {seed}, which repeats the grading.)")
    return float(verdict.points)
