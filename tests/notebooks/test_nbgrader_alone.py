"""A submission earns the same points in every test with nbgrader alone as with nbjudge."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks.engine.grading import remove_nbjudge, scores, submission
from exercises import EXERCISES
from tests.files import run_python
from tools.course import ROOT, assignments
from tools.sample_class.scenarios import (
    COPIED,
    DELETED,
    EXCEPTION,
    NO_RETURN,
    PRINTS,
    SYNTAX,
    VECTORIZED,
    WARNS,
)

ODD = (VECTORIZED, PRINTS, WARNS, NO_RETURN, SYNTAX, EXCEPTION, DELETED)
# Submissions that earn other points with nbgrader alone, and why: docs/comparison.md lists them.
DIFFERENT = {
    DELETED.name: "nbgrader does not restore a deleted cell, so the question has no score",
    COPIED.name: "nbgrader grades no class in which two cells have the same id",
}


def cells_of(path: Path) -> dict:
    """Return a notebook with the text of each cell in one piece."""
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def submit(root: Path, name: str, odd: bool = False) -> set[str]:
    """Submit the solution, the released notebook and three wrong versions; return the students.

    In a wrong version, every exercise has one of its known mistakes. The notebooks have no figures.

    Parameters
    ----------
    odd
        True to submit the oddities of the sample class as well, for a notebook with one exercise.
    """
    solved, released = (
        cells_of(root / folder / name / f"{name}.ipynb") for folder in ("source", "release")
    )
    about = (cell["metadata"].get("nbgrader", {}) for cell in solved["cells"])
    exercises = [EXERCISES[a["grade_id"]] for a in about if a.get("grade_id") in EXERCISES]
    works = {"solution": submission(solved, 0, {}), "released": submission(released, 0, {})}
    for number in range(3):
        mistakes = ((e, e.mistakes[number % len(e.mistakes)]) for e in exercises)
        answers = {e.name: e.solution_text(mistake) for e, mistake in mistakes}
        works[f"wrong {number + 1}"] = submission(solved, 0, answers)
    for scenario in ODD if odd else ():
        (exercise,) = exercises
        answers = {exercise.name: scenario.write(exercise)}
        works[scenario.name] = submission(solved, 0, answers)
    if odd:
        remove_cell(works[DELETED.name], f"{exercises[0].name}_grade")
    for student, notebook in works.items():
        folder = root / "submitted" / student / name
        folder.mkdir(parents=True)
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook))
    return set(works)


def remove_cell(notebook: dict, grade_id: str) -> None:
    before = len(notebook["cells"])
    notebook["cells"] = [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") != grade_id
    ]
    assert len(notebook["cells"]) == before - 1


def autograde(root: Path, name: str, *options: str) -> subprocess.CompletedProcess:
    """Run `nbgrader autograde` with the course's configuration."""
    return run_python(root, "-m", "nbgrader", "autograde", name, "--create", *options)


def compare(root: Path, name: str, odd: bool = False) -> None:
    """Grade the submissions of an assignment with both, in a released course that this changes.

    The configuration is the course's own; for nbgrader alone, without the lines about nbjudge.
    """
    alone = root.with_name(f"{root.name}-alone")
    students = submit(root, name, odd)
    shutil.copytree(root, alone)
    remove_nbjudge(alone)
    for course in (root, alone):
        done = autograde(course, name)
        assert done.returncode == 0, done.stderr
    ours, theirs = scores(root, name), scores(alone, name)
    assert {student for student, _ in ours} == students
    of_solution = [points for (student, _), points in ours.items() if student == "solution"]
    assert of_solution and all(of_solution)
    assert {points for (student, _), points in theirs.items() if student == "released"} == {0}
    different = {key for key in ours if ours[key] != theirs.get(key)}
    expected = {key for key in ours if key[0] in DIFFERENT}
    assert different == expected, {key: (ours[key], theirs.get(key)) for key in different}
    assert not any(theirs[key] for key in expected)


@pytest.mark.parametrize("name", assignments())
def test_an_assignment_earns_the_same(course, tmp_path, name):
    root = tmp_path / "course"
    course.copy(root, [name])
    compare(root, name, odd=name == "padding")


def test_two_cells_with_one_id_are_not_graded(course, tmp_path):
    root = tmp_path / "course"
    course.copy(root, ["padding"])
    notebook = cells_of(root / "source/padding/padding.ipynb")
    place = next(n for n, cell in enumerate(notebook["cells"]) if cell["id"] == "zero_pad")
    notebook["cells"].insert(place, notebook["cells"][place] | {"id": "before"})
    folder = root / "submitted" / COPIED.name / "padding"
    folder.mkdir(parents=True)
    (folder / "padding.ipynb").write_text(json.dumps(notebook))
    assert autograde(root, "padding").returncode == 0
    assert scores(root, "padding") == {(COPIED.name, "zero_pad_grade"): 5}
    remove_nbjudge(root)
    assert autograde(root, "padding", "--force").returncode != 0


def test_the_documents_list_what_earns_other_points():
    text = (ROOT / "docs" / "comparison.md").read_text()
    for name in DIFFERENT:
        assert name in text
