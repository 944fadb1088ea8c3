"""Grade a function in a notebook's graded cell, on new inputs."""

import contextlib
import os
import secrets
from collections.abc import Callable
from typing import Any

from ..diagnosis.explanation import explain
from ..showing.report import as_report, publish_report
from ..showing.svg import draw
from ..showing.text import describe
from .exercise import Exercise

__all__ = ["grade"]

ASK = "NBJUDGE_QUESTIONS"  # variable of the environment; set while questions are made


def grade(exercise: Exercise | str, function: Callable[..., Any], seed: int | None = None) -> float:
    """Judge `function` on new inputs, print the verdict, and return the points.

    In a notebook, the verdict is also displayed as a report for the feedback page, with a picture
    of a failing case if it can be drawn.

    Parameters
    ----------
    exercise
        The exercise, or its name in the folder checks/ of the course.
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
    TypeError
        If `function` is not callable.
    """
    if isinstance(exercise, str):
        from ..building.folder import ready_to_grade

        exercise = ready_to_grade(exercise).exercise
    if seed is None:
        seed = secrets.randbits(32)
    case_set = exercise.case_set(seed)
    explanation = explain(exercise.judge_on(case_set, function), graded=True)
    print(describe(explanation))
    picture = ""
    with contextlib.suppress(ValueError):  # no failing case, or none that can be drawn
        picture = draw(explanation.diagnosis)
    publish_report(as_report(explanation, seed), picture)
    if ASK in os.environ:
        from ..asking.ask import publish_questions

        publish_questions(function, case_set, explanation.diagnosis.passed, seed)
    print(f"\n(These inputs were drawn with seed {seed}, which repeats the grading.)")
    return float(explanation.diagnosis.points)
