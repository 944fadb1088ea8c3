"""Releasing again repairs differences, and a failed release loses nothing."""

import contextlib
import json
import os
import re
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbgrader.api import Gradebook

from exercises import EXERCISES
from exercises.activations import FAR, WHOLE
from nbexercise.defining.exercise import Check
from nbexercise.judging.kinds import KINDS
from tests.files import files_of
from tools import release
from tools.course import gradebook_name, nbgrader_api
from tools.release import NothingReleasedError, WrongCheckError, generate, main

# Releasing again


def test_releasing_again_writes_no_file(course, tmp_path):
    """A clone's files are as old as the clone."""
    root = tmp_path / "again"
    shutil.copytree(course.root, root)
    for path in filter(Path.is_file, (root / "release").rglob("*")):
        os.utime(path, (0, 0))
    done = replace(course, root=root).run("-m", "tools.release")
    assert done.returncode == 0, done.stderr
    assert {path.stat().st_mtime for path in (root / "release").rglob("*") if path.is_file()} == {0}


def test_releasing_says_which_notebooks_are_new(tmp_path, monkeypatch, capsys):
    for name in ("same", "edited", "broken"):
        (tmp_path / "release" / name).mkdir(parents=True)
        (tmp_path / "release" / name / f"{name}.ipynb").write_text("before")

    def release_two(root):
        (tmp_path / "release/edited/edited.ipynb").write_text("after")
        (tmp_path / "course").mkdir()
        (tmp_path / "course/lesson.ipynb").write_text("the first time")
        return ["broken"]

    monkeypatch.setattr(release, "ROOT", tmp_path)
    monkeypatch.setattr(release, "assignments", lambda: ["same", "edited", "broken"])
    monkeypatch.setattr(release, "course_notebooks", lambda: ["lesson"])
    monkeypatch.setattr(release, "release", release_two)
    assert main([]) == 1
    assert "".join(capsys.readouterr()).splitlines() == [
        "release/ has new notebooks: edited",
        "release/ is unchanged: same",
        "course/ has new notebooks: lesson",
        "Not released: broken",
    ]


def in_gradebook(statement):
    def change(root):
        with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as gradebook:
            assert gradebook.execute(statement).rowcount
            gradebook.commit()

    return change


def in_cell(root):
    """Change the text of the last cell of the students' notebook."""
    path = root / "release" / "padding" / "padding.ipynb"
    notebook = json.loads(path.read_bytes())
    notebook["cells"][-1]["source"] = "changed"
    path.write_text(json.dumps(notebook))


def appended(place, text):
    def change(root):
        with (root / place).open("a") as file:
            file.write(text)

    return change


def removed(place):
    return lambda root: (root / place).unlink()


OF_ZERO_PAD = (
    "name = 'zero_pad' and notebook_id in (select id from notebook where name = 'padding')"
)
GRADED_ZERO_PAD = OF_ZERO_PAD.replace("'zero_pad'", "'zero_pad_grade'")

CHANGES = {
    "the students' notebook": in_cell,
    "no students' notebook": removed("release/padding/padding.ipynb"),
    "a students' notebook that cannot be read": appended("release/padding/padding.ipynb", "}"),
    "a file that only students have": appended("release/padding/data.csv", "1"),
    "no gradebook": removed("gradebook.db"),
    "a gradebook without the assignment": in_gradebook(
        "update assignment set name = 'other' where name = 'padding'"
    ),
    "a gradebook with another text of a cell": in_gradebook(
        f"update source_cell set source = 'changed' where {OF_ZERO_PAD}"
    ),
    "a gradebook without a cell": in_gradebook(f"delete from source_cell where {OF_ZERO_PAD}"),
    "a gradebook with another type of a cell": in_gradebook(
        f"update source_cell set cell_type = 'markdown' where {OF_ZERO_PAD}"
    ),
    "a gradebook with other points": in_gradebook(
        "update grade_cells set max_score = 99 where id in "
        f"(select id from base_cell where {GRADED_ZERO_PAD})"
    ),
}


def recorded(root):
    """Return the gradebook's cells for the padding assignment, with their points."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        notebook = gradebook.find_notebook("padding", "padding")
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
        cells = notebook.source_cells
        return {c.name: (c.cell_type, c.source, points.get(c.name)) for c in cells}


@pytest.fixture
def padding(course, tmp_path):
    """Return a copy of one assignment's release and sources."""
    for place in ("source/padding", "release/padding"):
        shutil.copytree(course.root / place, tmp_path / place)
    for name in ("gradebook.db", "nbgrader_config.py", "pyproject.toml"):
        shutil.copy(course.root / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_releasing_anew_puts_release_and_gradebook_right(padding, change):
    before, files = recorded(padding), files_of(padding / "release")
    change(padding)
    assert generate(nbgrader_api(padding), padding, "padding") == ""
    assert recorded(padding) == before
    assert files_of(padding / "release") == files


def test_a_new_file_of_the_assignment_is_released(padding):
    (padding / "source" / "padding" / "data.csv").write_text("1")
    assert generate(nbgrader_api(padding), padding, "padding") == ""
    assert (padding / "release" / "padding" / "data.csv").read_text() == "1"


def test_the_name_of_a_gradebook_is_its_file_or_its_address_without_the_password(tmp_path):
    root = tmp_path / "course"
    assert gradebook_name(f"sqlite:///{root}/gradebook.db", root) == "gradebook.db"
    assert gradebook_name(f"sqlite:///{tmp_path}/other.db", root) == f"{tmp_path}/other.db"
    server = "postgresql://ada:secret@host/course"
    assert gradebook_name(server, root) == "postgresql://ada:***@host/course"


# Failed releases


class Refusing:
    """nbgrader's API failing after it has written something."""

    def __init__(self, error):
        self.coursedir, self.error = SimpleNamespace(), error

    def generate_assignment(self, name, force, create):
        made = Path(self.coursedir.release_directory, name, f"{name}.ipynb")
        made.parent.mkdir()
        made.write_text("half of it")
        return {"success": False, "log": "[ERROR] no", "error": self.error}


@pytest.fixture
def released(tmp_path):
    released = tmp_path / "release" / "padding" / "padding.ipynb"
    released.parent.mkdir(parents=True)
    released.write_text("what students have")
    return released


def test_a_release_that_nbgrader_refuses_leaves_the_last_one_in_place(tmp_path, released):
    error = "RuntimeError: Cannot add or remove cells for notebook 'padding' because ..."
    problem = generate(Refusing(error), tmp_path, "padding")
    assert "move gradebook.db away" in problem
    assert files_of(tmp_path / "release") == {"padding/padding.ipynb": b"what students have"}


def test_an_interrupted_release_leaves_the_last_one_in_place(tmp_path, released):
    with pytest.raises(KeyboardInterrupt):
        generate(Refusing("KeyboardInterrupt"), tmp_path, "padding")
    assert files_of(tmp_path / "release") == {"padding/padding.ipynb": b"what students have"}


# Invalid checks

WRONG_CHECKS = {
    Check("far", 1, "far off"): (
        "exercises/sigmoid.py, check 'far': expected one of the kinds 'shape', 'values', 'edge', "
        "'cache', 'unchanged', got 'far off'."
    ),
    Check("far", 1, FAR): f"got {FAR!r}; for a group of cases write groups=({FAR!r},).",
    Check("far", 1, groups=FAR): (
        f"exercises/sigmoid.py, check 'far': expected a tuple of groups, such as ({FAR!r},), "
        f"got {FAR!r}: a comma is missing."
    ),
    Check("far", 1, outputs="A"): "expected a tuple of outputs, such as ('A',), got 'A': a comma",
    Check("far", 1, groups=(FAR, "far off")): (
        f"exercises/sigmoid.py, check 'far': expected some of the groups 'values', {FAR!r}, "
        f"{WHOLE!r}, got 'far off', which have no cases."
    ),
    Check("far", 1, outputs=("A", "B")): (
        "exercises/sigmoid.py, check 'far': expected some of the outputs 'A', got 'B', "
        "which the function does not return."
    ),
}


@pytest.mark.parametrize(("check", "message"), WRONG_CHECKS.items())
def test_a_check_that_could_not_be_right_is_refused(tmp_path, monkeypatch, check, message):
    """Otherwise every student's notebook would raise an error."""
    exercise = EXERCISES["sigmoid"]
    monkeypatch.setitem(EXERCISES, "sigmoid", replace(exercise, checks=(*exercise.checks, check)))
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "activations.py").write_text("")
    with pytest.raises(NothingReleasedError, match=re.escape(message)):
        release.release(tmp_path)
    assert files_of(tmp_path) == {"source/activations.py": b""}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("cache", "kind 'shape': expected a tuple of fields, such as ('cache',), got 'cache': a "),
        (
            ("cache", "writeable"),
            "kind 'shape': expected some of the fields 'cache', 'changed', 'dtypes', 'problem', "
            "'repeatable', 'size', 'values', got 'writeable', which CallOutcome does not have.",
        ),
    ],
)
def test_a_kind_whose_fields_an_outcome_lacks_is_refused(tmp_path, monkeypatch, fields, message):
    monkeypatch.setattr(type(KINDS["shape"]), "fields", fields)
    problem = f"nbexercise/src/nbexercise/judging/kinds.py, {message}"
    with pytest.raises(NothingReleasedError, match=re.escape(problem)):
        release.release(tmp_path)
    assert files_of(tmp_path) == {}


def test_with_invalid_settings_no_notebook_is_built(tmp_path, monkeypatch):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "padding.py").write_text("")
    (tmp_path / "nbgrader_config.py").write_text("c.NbJudge.workers = -1")
    monkeypatch.setattr(release, "build_cases", lambda root: None)
    before = files_of(tmp_path)
    with pytest.raises(NothingReleasedError, match="workers"):
        release.release(tmp_path)
    assert files_of(tmp_path) == before


def test_where_a_check_is_refused_nothing_is_said_of_the_lessons(tmp_path, monkeypatch, capsys):
    for name in ("source/padding.py", "course/01_lesson.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("")

    def refuse(root):
        raise WrongCheckError("a check is wrong.")

    monkeypatch.setattr(release, "ROOT", tmp_path)
    monkeypatch.setattr(release, "assignments", lambda root=None: ["padding"])
    monkeypatch.setattr(release, "course_notebooks", lambda: ["01_lesson"])
    monkeypatch.setattr(release, "build_cases", refuse)
    assert main([]) == 1
    expected = ["a check is wrong.", "Nothing was released."]
    assert "".join(capsys.readouterr()).splitlines() == expected
