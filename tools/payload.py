"""Pack the checks of a notebook's exercises into the line of its setup cell."""

import re
from pathlib import Path

import public_tests
from exercises import EXERCISES
from nbexercise import packing

__all__ = ["LINE", "payload"]

LINE = re.compile(r'^_checks = "([^"\n]*)"$', re.MULTILINE)  # in the setup cell
LEFT_OUT = ("course.lessons",)  # only for lessons
# Modules with functions that students call, and whose docstrings `?` and `help` show.
READ = ("course.published", "course.record", "course.solutions")


def payload(names: list[str], root: Path, solutions: bool = False) -> str:
    """Return the line for a notebook, as `nbexercise.packing.payload` does.

    Parameters
    ----------
    solutions
        True to include the solutions, for self-study.
    """
    return packing.payload(
        names,
        public_tests,
        EXERCISES,
        folder=root / "public_tests",
        left_out=LEFT_OUT,
        read=READ,
        solutions=solutions,
    )
