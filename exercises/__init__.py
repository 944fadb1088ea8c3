"""The graded exercises, one module each: `EXERCISES` by name, and `grade` for the graded cells.

A module that defines `EXERCISE` is an exercise; the other modules are shared by the exercises.
`PAGES` holds the content of their pages on the site.
`grade_trained` grades a trained network.

This package is for instructors: it contains solutions and is never released to students.
"""

import contextlib
import importlib
import pkgutil
import secrets
from collections.abc import Callable
from typing import Any

from exercises.exercise import Exercise
from exercises.page import Page
from exercises.training import grade_trained
from public_tests.diagnosis.explanation import explain
from public_tests.showing.report import as_report, publish_report
from public_tests.showing.svg import draw
from public_tests.showing.text import describe

__all__ = ["EXERCISES", "PAGES", "grade", "grade_trained"]

_modules = {
    name: importlib.import_module(f"{__name__}.{name}")
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__))
}
EXERCISES: dict[str, Exercise] = {
    name: module.EXERCISE for name, module in _modules.items() if hasattr(module, "EXERCISE")
}
PAGES: dict[str, Page] = {
    name: module.PAGE for name, module in _modules.items() if hasattr(module, "PAGE")
}


def grade(name: str, function: Callable[..., Any], seed: int | None = None) -> float:
    """Judge `function` on new inputs, print the verdict, and return the points.

    In a notebook, the verdict is also displayed as a report for the feedback page, with a picture
    of a failing case if it can be drawn.

    Parameters
    ----------
    name
        Name of the exercise.
    function
        Function of the student.
    seed
        Seed of an earlier grading to repeat; by default every call draws new inputs and prints
        their seed.

    Returns
    -------
    float
        Points as a built-in float, the type that nbgrader reads as partial credit.

    Raises
    ------
    KeyError
        If there is no such exercise.
    TypeError
        If `function` is not callable.
    """
    if seed is None:
        seed = secrets.randbits(32)
    said = explain(EXERCISES[name].judge(function, seed), graded=True)
    print(describe(said))
    picture = ""
    with contextlib.suppress(ValueError):  # no failing case, or none that can be drawn
        picture = draw(said.verdict)
    publish_report(as_report(said, seed), picture)
    print(f"\n(These inputs were drawn with seed {seed}, which repeats the grading.)")
    return float(said.verdict.points)
