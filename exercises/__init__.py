"""The graded exercises, one module each: `EXERCISES` by name, and `grade` for the graded cells.

A module that defines `EXERCISE` is an exercise; the other modules are shared by the exercises.
`PAGES` holds the content of their pages on the site.
`grade_trained` grades a trained network.

This package is for instructors: it contains solutions and is never released to students.

Examples
--------
>>> from exercises import EXERCISES
>>> zero_pad = EXERCISES["zero_pad"]
>>> zero_pad.points
5
>>> zero_pad.judge(zero_pad.loops, seed=0).passed
True
>>> mistake = zero_pad.mistakes[0]
>>> diagnosis = zero_pad.judge(zero_pad.wrong_function(mistake), seed=0)
>>> diagnosis.points, diagnosis.mistake.name
(4.0, '[pad:-pad] at pad 0')
"""

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbexercise
from exercises.page import Page
from exercises.training import grade_trained
from nbexercise.defining.exercise import Exercise
from nbexercise.defining.key import Sources
from nbexercise.notebook import uncovered

# It registers the course's subject and adds the public cases. With nbgrader alone, this process is
# the student's, where the package that the notebook carries hides this one.
with uncovered("public_tests"):
    import public_tests  # noqa: F401

__all__ = ["EXERCISES", "PAGES", "SOURCES", "grade", "grade_trained"]

SOURCES = Sources(Path(__file__).resolve().parents[1], ("exercises", "convnet"))

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
    """Judge a function on new inputs, print the verdict, and return the points.

    Parameters
    ----------
    name
        Name of the exercise.
    function
        Function of the student.
    seed
        Seed of an earlier grading to repeat, as in `nbexercise.grade`.

    Raises
    ------
    KeyError
        If there is no such exercise.
    TypeError
        If `function` is not callable.
    """
    return nbexercise.grade(EXERCISES[name], function, seed)
