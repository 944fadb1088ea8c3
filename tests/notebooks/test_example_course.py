"""The example course of nbexercise: released by nbgrader, and graded by it and by nbjudge."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from nbexercise import exercise_named

EXAMPLE = Path(__file__).parents[2] / "nbexercise" / "example"
NAMES = ("trapezoid", "word_counts", "t_statistic", "Stack", "heights")
POINTS = {  # by student, in the order of NAMES
    "right": [4, 4, 5, 4, 3],
    "first": [0, 2, 0, 0, 0],
    "second": [1, 2, 0, 3, 0],
    "blank": [0, 0, 0, 0, 0],
}
NBJUDGE = "\nimport nbjudge\n\nnbjudge.configure(c)\n"


def run(course, *command):
    environment = {**os.environ, "PYTHONPATH": ""}  # of this repository's own course
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def submit(course, student, place):
    """Submit the solutions (None), or the mistakes at a place."""
    notebook = json.loads((course / "release/ps1/ps1.ipynb").read_text())
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in NAMES:
            exercise = exercise_named(name, EXAMPLE).exercise
            mistake = None if place is None else exercise.mistakes[place]
            cell["source"] = exercise.solution_text(mistake)
    folder = course / "submitted" / student / "ps1"
    folder.mkdir(parents=True)
    (folder / "ps1.ipynb").write_text(json.dumps(notebook))


def points(course):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            submission.student.id: [
                next(
                    g.score
                    for n in submission.notebooks
                    for g in n.grades
                    if g.name == f"{name}_grade"
                )
                for name in NAMES
            ]
            for submission in gradebook.assignment_submissions("ps1")
        }


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    course = tmp_path_factory.mktemp("example") / "course"
    shutil.copytree(EXAMPLE, course)
    status, said = run(course, "nbgrader", "generate_assignment", "ps1")
    assert status == 0, said
    submit(course, "right", None)
    submit(course, "first", 0)
    submit(course, "second", 1)
    (course / "submitted/blank/ps1").mkdir(parents=True)
    shutil.copy(course / "release/ps1/ps1.ipynb", course / "submitted/blank/ps1")
    return course


def test_the_notebook_for_students_has_no_solution(released):
    text = (released / "release/ps1/ps1.ipynb").read_text()
    assert len(text) < 135_000
    for secret in ("HIDDEN TESTS", "grade(", "### EXERCISE", "text.lower()", "ddof"):
        assert secret not in text


def test_nbgrader_alone_grades_it(released):
    status, said = run(released, "nbgrader", "autograde", "ps1", "--create")
    assert status == 0, said
    assert points(released) == POINTS
    text = (released / "autograded/first/ps1/ps1.ipynb").read_text()
    assert "trapezoid: 0 of 4 points. The two ends were counted in full." in text


def test_nbjudge_grades_it_outside_the_students_process(released, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(released, course, ignore=shutil.ignore_patterns("autograded", "gradebook.db"))
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + NBJUDGE)
    status, said = run(course, "nbgrader", "generate_assignment", "ps1", "--force")
    assert status == 0, said
    status, said = run(course, "nbjudge", "check", "ps1")
    assert status == 0, said
    assert said.count("outside") == len(NAMES)
    assert "differ" not in said
    status, said = run(course, "nbjudge", "autograde", "ps1")
    assert status == 0, said
    assert "differs" not in said
    assert points(course) == POINTS
    text = (course / "autograded/second/ps1/ps1.ipynb").read_text()
    assert "The last inner point was left out." in text


def test_mistakes_are_proposed_from_submissions(released, tmp_path):
    for student, new in (("ann", "(b + a)"), ("bob", "(a + b)")):
        shutil.copytree(released / "submitted" / "right", tmp_path / student)
        path = tmp_path / student / "ps1" / "ps1.ipynb"
        path.write_text(path.read_text().replace("(b - a)", new))
    shutil.copytree(released / "submitted" / "first", tmp_path / "cem")
    status, said = run(released, "nbexercise", "mistakes", "trapezoid", str(tmp_path))
    assert status == 0, said
    assert said == (
        "trapezoid: 3 functions, 3 of them wrong\n\n"
        "2 x 0 of 4 points, not named: f(x) = x**3 - x, a -1.0, b 2.0, n 7: gave 0.67346939\n"
        "ex.mistake('h = (b - a) / n', 'h = (b + a) / n', \"What happened.\", hint=\"A question.\")"
        "\n\n1 x 0 of 4 points, named: The two ends were counted in full.\n"
    )


def test_nothing_is_released_whose_solution_loses_points(released, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(EXAMPLE, course)
    file = course / "checks" / "word_counts.py"
    text = file.read_text()
    file.write_text(
        text.replace(
            '@ex.cases("words"',
            '@ex.reference\ndef right(text):\n    return {}\n\n\n@ex.cases("words"',
        )
    )
    status, said = run(course, "nbgrader", "generate_assignment", "ps1")
    assert status != 0
    assert "### EXERCISE word_counts: exercise 'word_counts' is not released" in said
    assert "expected all 4 points for its own solution, got 0 with seed 0" in said
    assert not (course / "release").exists() or not any((course / "release").rglob("*.ipynb"))


def test_the_commands_of_the_first_page_work(tmp_path):
    """Its shell blocks, in their order; and it shows what they print."""
    page = (EXAMPLE.parent / "docs" / "start.md").read_text()
    script = "set -e\n" + "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": "", "PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    shown = re.findall(r"```\n(mean: .*?)\n```", page, re.DOTALL)
    assert len(shown) == 2
    for block in shown:
        seconds = r"takes [0-9.]+ s"
        assert re.sub(seconds, "", block) in re.sub(seconds, "", done.stdout)
    assert (tmp_path / "statistics/release/ps1/ps1.ipynb").is_file()
