"""The path in the notebooks agrees with the tables in course/README.md."""

import shutil

import pytest

from exercises import EXERCISES
from public_tests.course import syllabus as known
from tools.course import ROOT, assignments, lessons, set_solutions
from tools.release import build_syllabus
from tools.syllabus import syllabus


@pytest.fixture
def root(tmp_path):
    for name in ("course/README.md", "pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for name in lessons():
        shutil.copy(ROOT / "course" / f"{name}.py", tmp_path / "course")
    (tmp_path / "public_tests").mkdir()
    return tmp_path


def test_what_is_committed_is_what_the_syllabus_gives(root):
    build_syllabus(root)
    written = (root / "public_tests/course/syllabus.py").read_text()
    assert written == (ROOT / "public_tests/course/syllabus.py").read_text()


def test_the_path_has_every_lesson_and_assignment_and_every_exercise():
    assert list(known.LESSONS) == lessons()
    expected = set(assignments()) - {"convolution_step_by_step"}
    assert set(known.ASSIGNMENTS) == expected, (
        "course/README.md: a table must list every assignment"
    )
    points = {name: value for _, own in known.ASSIGNMENTS.values() for name, value in own.items()}
    assert points == {name: exercise.points for name, exercise in EXERCISES.items()}
    assert known.LESSONS["03_mathematics_of_convolution"][2]
    assert not known.LESSONS["04_padding"][2]
    assert all(checks for _, checks, _ in known.LESSONS.values())


def test_an_assignment_follows_its_lesson_and_milestones_keep_their_order():
    path = known.PATH
    assert path.index("padding") == path.index("04_padding") + 1
    assert path.index("1") == path.index("conv_forward") + 1
    assert [step for step in path if step in known.MILESTONES] == sorted(known.MILESTONES)


def test_a_change_of_the_syllabus_reaches_the_path(root):
    path = root / "course" / "README.md"
    path.write_text(path.read_text().replace("| [Padding](04", "| [Zero padding](04"))
    assert "'04_padding': ('Zero padding', 5, False)" in syllabus(root)


def test_a_milestone_that_needs_no_exercise_of_ours_is_refused(root):
    path = root / "course" / "README.md"
    path.write_text(path.read_text().replace("conv_single_step, conv_forward |", "conv |"))
    with pytest.raises(ValueError, match="milestone 1 needs the unknown exercise 'conv'"):
        syllabus(root)


def test_elsewhere_there_are_no_addresses(root):
    path = root / "pyproject.toml"
    path.write_text(path.read_text().replace("https://raw.githubusercontent.com", "https://x.org"))
    assert 'REPOSITORY = ""' in syllabus(root)
    assert 'SITE = ""' in syllabus(root)


@pytest.mark.parametrize(("where", "on_site"), [("site", True), ("nowhere", False)])
def test_the_notebooks_know_whether_the_site_has_solutions(root, where, on_site):
    set_solutions(where, root)
    assert f"SOLUTIONS_ON_SITE = {on_site} " in syllabus(root)
