"""The sample class is complete, reproducible, and graded as expected."""

import json
import os
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbgrader.api import Gradebook

from exercises import EXERCISES
from nbjudge import load_course
from nbjudge.plugins.standings import read_standings
from tests.files import TRAINED, files_of
from tools import sample_class
from tools.course import assignments, nbgrader_api
from tools.report import Report
from tools.sample_class import (
    EXPECTED,
    STUDENTS,
    expected,
    forget_class,
    plan,
    write_class,
)
from tools.sample_class.scenarios import (
    DELETED,
    ENDLESS,
    LOOPS,
    SCENARIOS,
    UNTOUCHED,
    VECTORIZED,
    mistake,
)
from tools.sample_class.students import CLASS, solution_cells


@pytest.fixture(scope="module")
def released(course):
    return {
        name: nbformat.read(course.root / "release" / name / f"{name}.ipynb", as_version=4)
        for name in assignments()
    }


@pytest.fixture(scope="module")
def submissions(released):
    return plan(released)


@pytest.fixture
def empty(course, tmp_path):
    """Return a released course without submissions."""
    for name in ("release", "source", "submitted"):
        shutil.copytree(course.root / name, tmp_path / name)
    return tmp_path


# Distribution of the work


def test_every_assignment_and_every_exercise_is_handed_in(submissions):
    assert {one.assignment for one in submissions} == set(assignments())
    graded = {*EXERCISES, "advantages", TRAINED}
    assert {name for one in submissions for name in one.scenarios} == graded


def test_the_class_is_planned_for_exercises_that_are_there(released):
    for assignment, planned in CLASS.items():
        assert set(planned) <= set(solution_cells(released[assignment]))


def test_an_exercise_without_a_plan_gets_right_work_and_mistakes(released, submissions):
    """A new exercise needs no entry in CLASS."""
    planned = {name: listed for name, listed in CLASS["activations"].items() if name != "softmax"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CLASS, "activations", planned)
        changed = plan(released)
    work = [one.scenarios for one in changed if one.assignment == "activations"]
    first = [known.name for known in EXERCISES["softmax"].mistakes[:3]]
    usual = [LOOPS.name, VECTORIZED.name, UNTOUCHED.name, *first, LOOPS.name]
    assert [one["softmax"].name for one in work] == usual
    for one, before in zip(changed, submissions, strict=True):
        same = set(before.scenarios) - {"softmax"}
        assert (one.student, one.assignment) == (before.student, before.assignment)
        assert {name: one.scenarios[name] for name in same} == {
            name: before.scenarios[name] for name in same
        }


def test_every_scenario_occurs(submissions):
    used = {scenario.name for one in submissions for scenario in one.scenarios.values()}
    assert set(SCENARIOS) <= used
    mistakes = {m.name for exercise in EXERCISES.values() for m in exercise.mistakes}
    assert used - set(SCENARIOS) <= mistakes


def test_every_exercise_has_right_work_in_both_styles_and_mistakes(submissions):
    for name, exercise in EXERCISES.items():
        scenarios = {one.scenarios[name].name for one in submissions if name in one.scenarios}
        assert {LOOPS.name, VECTORIZED.name} <= scenarios, name
        assert len(scenarios & {m.name for m in exercise.mistakes}) >= 2, name


def test_there_are_24_students_and_each_hands_in_something(submissions):
    assert len(set(STUDENTS)) == 24
    assert {one.student for one in submissions} == set(STUDENTS)


def test_nobody_hands_the_same_assignment_in_twice(submissions):
    pairs = [(one.student, one.assignment) for one in submissions]
    assert len(pairs) == len(set(pairs))


def test_another_seed_deals_otherwise(released, submissions):
    assert plan(released) == submissions
    assert plan(released, seed=1) != submissions


# Written files


def test_the_same_class_is_written_every_time(empty, submissions, tmp_path_factory):
    again = tmp_path_factory.mktemp("again")
    shutil.copytree(empty, again, dirs_exist_ok=True)
    assert write_class(empty) == submissions
    write_class(again)
    assert files_of(empty / "submitted") == files_of(again / "submitted")


def test_every_submission_is_a_notebook_with_the_checks_beside_it(empty):
    written = write_class(empty)
    assert written
    for one in written:
        folder = empty / "submitted" / one.student / one.assignment
        notebook = nbformat.read(folder / f"{one.assignment}.ipynb", as_version=4)
        nbformat.validate(notebook)
        released = files_of(empty / "release" / one.assignment)
        assert set(files_of(folder)) == set(released)
        stored = {c.metadata.nbgrader.grade_id for c in notebook.cells if "nbgrader" in c.metadata}
        for exercise, scenario in one.scenarios.items():
            assert exercise in stored
            if exercise in EXERCISES:  # not an answer in words
                assert (f"{exercise}_grade" in stored) == (scenario.name != DELETED.name)


def test_an_untouched_exercise_is_the_released_one(empty):
    for one in write_class(empty):
        name = f"{one.assignment}.ipynb"
        if all(scenario.name == UNTOUCHED.name for scenario in one.scenarios.values()):
            there = empty / "submitted" / one.student / one.assignment / name
            released = empty / "release" / one.assignment / name
            assert json.loads(there.read_text()) == json.loads(released.read_text())
            return
    pytest.fail("nobody left a whole assignment untouched")


@pytest.mark.parametrize("present", ["ada", "ada/padding", ".hidden"])
def test_nothing_is_written_where_there_is_any_folder(empty, present):
    (empty / "submitted" / present).mkdir(parents=True)
    before = files_of(empty / "submitted")
    assert write_class(empty) == []
    assert files_of(empty / "submitted") == before


def test_files_beside_the_folders_do_not_count(empty):
    assert (empty / "submitted" / "README.md").exists()
    assert write_class(empty)


def test_half_a_class_is_taken_back(empty, monkeypatch):
    written, write_bytes = [], Path.write_bytes

    def interrupted(path, content):
        if len(written) == 5:
            raise KeyboardInterrupt
        written.append(path)
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_class(empty)
    assert len(written) == 5
    assert [path.name for path in (empty / "submitted").iterdir()] == ["README.md"]


def test_without_a_release_there_is_no_class(empty):
    shutil.rmtree(empty / "release" / "pooling")
    with pytest.raises(FileNotFoundError):
        write_class(empty)
    assert [path.name for path in (empty / "submitted").iterdir()] == ["README.md"]


# Expected grades


def test_the_expected_points_are_stored_beside_the_submissions(empty):
    table = expected(write_class(empty))
    assert json.loads((empty / "submitted" / EXPECTED).read_text()) == table


def test_a_mistake_costs_the_checks_it_fails_and_no_others():
    for exercise in EXERCISES.values():
        for one in exercise.mistakes:
            lost = sum(check.points for check in exercise.checks if check.name in one.fails)
            assert mistake(one.name).points(exercise) == exercise.points - lost


def written(scenario, exercise):
    """Return the function that a student with this scenario writes; None if the cell fails."""
    text = scenario.write(exercise)
    namespace = {"np": np, **exercise.called}
    try:
        exec(text, namespace)
    except SyntaxError:
        return None
    return namespace[exercise.name]


def test_the_judge_gives_what_the_generator_intends(submissions):
    """The whole class, without notebooks, which the tests below grade."""
    pairs = {
        (name, scenario.name): scenario
        for one in submissions
        for name, scenario in one.scenarios.items()
        if scenario.write and scenario.name != ENDLESS.name and name in EXERCISES
    }
    assert len(pairs) > 50
    for (name, _), scenario in pairs.items():
        exercise = EXERCISES[name]
        function = written(scenario, exercise)
        got = 0 if function is None else exercise.judge(function, seed=3).points
        assert got == scenario.points(exercise), (name, scenario.name)


def test_real_grades_are_the_intended_ones(sample):
    assert sample.failed == []
    table = json.loads((sample.root / "submitted" / EXPECTED).read_text())
    for student, assignment, exercise, points, _ in sample.rows:
        intended = table[student][assignment][exercise]
        assert points == intended["points"], (student, assignment, exercise, intended)
    assert sample.mismatches == []


def test_work_that_was_changed_since_is_not_compared(sample, tmp_path, monkeypatch, capsys):
    for name in ("PATH", "PYTHONPATH"):  # changed by nbgrader_config.py
        monkeypatch.setenv(name, os.environ.get(name, ""))
    root = tmp_path / "course"
    shutil.copytree(sample.root, root)
    note = root / "submitted" / EXPECTED
    table = json.loads(note.read_text())
    student = next(s for s, work in table.items() if (root / "submitted" / s / "padding").is_dir())
    table[student]["padding"]["zero_pad"]["points"] = 99
    note.write_text(json.dumps(table))
    standings = read_standings(load_course(root)[0], ["padding"])
    changed = Report(standings, {}, root)
    changed.print()
    assert not changed.as_expected
    assert "expected 99" in capsys.readouterr().out
    path = root / "submitted" / student / "padding" / "padding.ipynb"
    notebook = nbformat.read(path, as_version=4)
    next(cell for cell in notebook.cells if cell.id == "zero_pad").source += "\n# mine"
    nbformat.write(notebook, path)
    changed = Report(standings, {}, root)
    changed.print()
    assert changed.as_expected
    assert f"padding of {student} was edited, and is not compared" in capsys.readouterr().out


def test_every_scenario_was_graded_but_the_endless_loop(sample):
    table = json.loads((sample.root / "submitted" / EXPECTED).read_text())
    graded = {table[s][a][e]["scenario"] for s, a, e, *_ in sample.rows}
    assert set(SCENARIOS) - graded == {ENDLESS.name}


def test_the_report_says_what_went_wrong_where_points_are_missing(sample):
    for student, assignment, exercise, points, said in sample.rows:
        worth = 10 if exercise == TRAINED else getattr(EXERCISES.get(exercise), "points", None)
        complete = points is not None and points == worth
        assert bool(said) != complete, (student, assignment, exercise, said)
        assert "\n" not in said


def test_answers_in_words_wait_for_a_person(sample):
    found = {(points, said) for _, _, e, points, said in sample.rows if e == "advantages"}
    assert (None, "Waiting for manual grading.") in found
    assert found <= {(None, "Waiting for manual grading."), (0, "There is no answer.")}


# Removing the sample class


def test_the_class_can_be_taken_away_and_real_work_stays(sample, tmp_path, monkeypatch):
    for name in ("PATH", "PYTHONPATH"):  # changed by nbgrader_config.py
        monkeypatch.setenv(name, os.environ.get(name, ""))
    root = tmp_path / "course"
    shutil.copytree(sample.root, root)
    table = json.loads((root / "submitted" / EXPECTED).read_text())
    there = [root / "submitted" / s / a for s, work in table.items() for a in work]
    there = [folder for folder in there if folder.exists()]  # a part of the class suffices
    real = next(f for f in there if f.name == "padding") / "padding.ipynb"
    student = real.parent.parent.name
    notebook = nbformat.read(real, as_version=4)
    cell = next(c for c in notebook.cells if c.id == "zero_pad")
    cell.source = "def zero_pad(X, pad):\n    return X"
    nbformat.write(notebook, real)
    content = real.read_bytes()

    removed, left = forget_class(root)

    assert left == [real.parent]
    assert real.read_bytes() == content
    assert set(removed) == set(there) - {real.parent}
    assert list((root / "submitted").glob("*/*/")) == [real.parent]
    for place in ("autograded", "feedback"):
        kept = {path.name for path in (root / place).iterdir() if path.is_dir()}
        assert kept <= {student}
    api = nbgrader_api(root)
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        assert {s.id for s in gradebook.students} <= {student}

    assert forget_class(root) == ([], [real.parent])
    shutil.rmtree(real.parent.parent)
    assert forget_class(root) == ([], [])
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        assert not gradebook.students
    assert not list((root / "autograded").glob("*/")) + list((root / "feedback").glob("*/"))
    with pytest.raises(FileNotFoundError):
        forget_class(root)


# Work that may be graded without isolation


def test_only_what_is_as_the_generator_writes_it_counts_as_generated(empty):
    written = {(one.student, one.assignment) for one in write_class(empty)}
    assert sample_class.generated(empty) == written
    (first, *others) = sorted(written)
    folders = {pair: empty / "submitted" / pair[0] / pair[1] for pair in written}

    def without(pair, change):
        change(folders[pair])
        found = sample_class.generated(empty)
        assert pair not in found
        return found

    notebook = f"{first[1]}.ipynb"
    content = (folders[first] / notebook).read_bytes()
    without(first, lambda folder: (folder / notebook).write_bytes(content + b" "))
    (folders[first] / notebook).write_bytes(content)
    assert sample_class.generated(empty) == written
    without(first, lambda folder: (folder / "numpy.py").write_text("print('mine')"))
    (folders[first] / "numpy.py").unlink()
    without(first, lambda folder: (folder / "link").symlink_to("/etc"))
    (folders[first] / "link").unlink()
    # The same files behind a link, which could point elsewhere by the time they are graded.
    moved = empty / "moved"
    folders[first].rename(moved)
    without(first, lambda folder: folder.symlink_to(moved))
    # Editing the list of expected grades makes no submission part of the class.
    note = empty / "submitted" / EXPECTED
    table = json.loads(note.read_text())
    table["mallory"] = {first[1]: table[first[0]][first[1]]}
    note.write_text(json.dumps(table))
    shutil.copytree(moved, empty / "submitted" / "mallory" / first[1])
    assert sample_class.generated(empty) == set(others)
