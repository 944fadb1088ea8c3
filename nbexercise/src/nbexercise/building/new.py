"""Create a small course: settings, one exercise and one notebook."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

__all__ = ["NotEmptyError", "create"]

CONFIG = '''\
"""nbgrader's settings for this course."""

from pathlib import Path
from typing import Any

import nbexercise

c = get_config()
c.CourseDirectory.course_id = "{name}"
nbexercise.configure(c, Path(__file__).parent)

# With nbjudge, the hidden checks run outside the students' process, and no solution can be read:
# import nbjudge
# nbjudge.configure(c)
'''
EXERCISE = '''\
from nbexercise import define

ex = define("mean")


@ex.solution
def mean(values):
    """Return the mean of a list of numbers."""
    ### BEGIN SOLUTION
    total = 0.0
    for value in values:
        total += value
    result = total / len(values)
    ### END SOLUTION
    return result


@ex.cases("several numbers", points=3)
def several(rng):
    yield [1, 2, 6]
    yield [float(number) for number in rng.integers(-9, 9, 5)]


@ex.cases("one number", points=1, edge=True)
def one(rng):
    yield [4.5]


ex.mistake(
    "total / len(values)",
    "total / (len(values) - 1)",
    "The sum was divided by one less than the number of values.",
    hint="How many numbers were added?",
)
ex.mistake("total / len(values)", "total", "This is the sum.", hint="How does a mean differ?")
ex.hint("What is the mean of 1, 2 and 6, by hand?", "Add all numbers first.")
'''
CELLS = (
    ("markdown", "# Problem set 1"),
    ("code", "import numpy as np"),
    ("markdown", "## Means"),
    ("code", "### EXERCISE mean"),
    ("code", "### CHECK mean"),
    ("code", "### GRADE mean"),
)


class NotEmptyError(ValueError):
    """The folder of a new course contains something."""


def create(folder: Path) -> Iterator[Path]:
    """Create a course in a new or empty folder, and yield its files.

    Raises
    ------
    NotEmptyError
        If there is something in the folder.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotEmptyError(f"expected a new or empty folder, got {folder}; choose another name")
    texts = {**course_files(folder.resolve().name), "checks/mean.py": EXERCISE}
    texts["source/ps1/ps1.ipynb"] = json.dumps(notebook_of(CELLS), indent=1) + "\n"
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        yield path


def course_files(name: str) -> dict[str, str]:
    """Return the contents of a course's settings, by the name of the file."""
    return {"nbgrader_config.py": CONFIG.format(name=name)}


def notebook_of(cells: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return a notebook with these cells: pairs of a type and a source."""
    made = []
    for number, (kind, source) in enumerate(cells, 1):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        cell["source"] = source
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        made.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": made, "metadata": {"kernelspec": kernel}}
    return {**notebook, "nbformat": 4, "nbformat_minor": 5}
