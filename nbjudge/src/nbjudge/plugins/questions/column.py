"""Write the points for the answers to the gradebook, as an assignment with one manual grade."""

import contextlib
import html
import json
from collections.abc import Sequence
from pathlib import Path

from nbjudge.course import schema
from nbjudge.course.assignment import Assignment
from nbjudge.course.folders import folder_of
from nbjudge.course.penalties import keep_penalties
from nbjudge.course.saving import Result, Scores, save_all
from nbjudge.course.submission import manually_graded_work
from nbjudge.files import Folder, put_file
from nbjudge.plugins.questions.questions import LETTERS
from nbjudge.plugins.questions.sheets import Answered
from nbjudge.plugins.shared.released_notebooks import released_notebooks

NOTEBOOK, CELL = "questions", "answers"
FILE = f"{NOTEBOOK}.ipynb"
_KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
_ROLES = {"grade": True, "solution": True, "locked": False, "task": False}
_STUB = "YOUR ANSWER HERE"  # the text that nbgrader records for an answer
_TEXT = "The answers to the questions about your code, on paper."


def write_points(about: Assignment, answered: Sequence[Answered], points: float) -> str:
    """Give each student points for the share of right answers; return the new assignment's name.

    Each student's answers are in a notebook, which the formgrader and feedback pages show. Points
    of students without an answered sheet stay as they are.

    Parameters
    ----------
    about
        The assignment that the questions are about.
    points
        Maximum points.

    Raises
    ------
    ValueError
        If the gradebook has another assignment of that name.
    OSError
        If a file cannot be written.
    """
    name, coursedir = f"{about.name}-questions", about.coursedir
    if released_notebooks(coursedir.db_url).get(name, {NOTEBOOK: {CELL}}) != {NOTEBOOK: {CELL}}:
        raise ValueError(f"The gradebook has another assignment {name}: rename it first.")
    cell, kernel = (CELL, NOTEBOOK, name), json.dumps(_KERNEL["kernelspec"])
    with schema.open_gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        gradebook.update_or_create_assignment(name)
        gradebook.update_or_create_notebook(NOTEBOOK, name, kernelspec=kernel)
        gradebook.update_or_create_grade_cell(*cell, max_score=points, cell_type="markdown")
        gradebook.update_or_create_solution_cell(*cell)
        source = {"cell_type": "markdown", "locked": False, "source": _STUB}
        gradebook.update_or_create_source_cell(*cell, **source)
    folder = Path(folder_of(coursedir, coursedir.source_directory, ".", name))
    _write(folder, _notebook(_TEXT, points))
    with contextlib.closing(Assignment(name, coursedir, about.settings)) as column:
        results = list[Result]()
        for one in answered:
            student, content = one.sheet.student, _notebook(_shown(one), points)
            for step in (coursedir.submitted_directory, coursedir.autograded_directory):
                _write(Path(column.path(step, student)), content)
            files = Folder({FILE: content}).digest()
            work = manually_graded_work(files, column.specs.values())
            scores = {NOTEBOOK: Scores({CELL: None}, [])}
            results.append(Result(student=student, notebooks=scores, work=work, files=files))
        save_all(column.records, results, keep_penalties)
    with schema.open_gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        for one in answered:
            (grade,) = gradebook.find_submission(name, one.sheet.student).notebooks[0].grades
            grade.manual_score = points * one.right / len(one.letters)
            grade.needs_manual_grade = False
        gradebook.db.commit()
    return name


def _write(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    put_file(folder / FILE, content)


def _shown(one: Answered) -> str:
    """Return a student's answers as Markdown, in which all of their texts are escaped."""
    texts = [_TEXT]
    for (question, is_right), letter in zip(one.results, one.letters, strict=True):
        answer = question.options[LETTERS.index(letter)] if letter else "none"
        verdict = "right" if is_right else f"the right answer is {question.options[question.right]}"
        texts += [f"{question.exercise}: {question.text}", f"Your answer: {answer} ({verdict})."]
        texts += [question.why]
    words = html.escape("\n\n".join(filter(None, texts)))
    return f'<pre style="white-space: pre-wrap">{words}</pre>'


def _notebook(text: str, points: float) -> bytes:
    metadata = {"grade_id": CELL, "schema_version": 3, "points": points, **_ROLES}
    cell = {"cell_type": "markdown", "id": CELL, "metadata": {"nbgrader": metadata}, "source": text}
    document = {"cells": [cell], "metadata": _KERNEL, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1).encode()
