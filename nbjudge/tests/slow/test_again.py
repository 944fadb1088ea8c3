"""Conditions under which a submission is regraded."""

import json
import os
import shutil

import pytest

from tests.support.classes import UTC, WRONG, statuses
from tests.support.small_course import DOUBLE_TEST, questions


@pytest.fixture
def graded(course):
    course.submit("ann")
    course.submit("ben", WRONG)
    course.grade()
    return course


def again(course, **options):
    """Grade the class again; return the students who were regraded."""
    done = course.grade(**options)
    assert set(statuses(done).values()) <= {"graded", "unchanged"}
    return sorted(student for student, outcome in done.items() if outcome.status == "graded")


def test_unchanged_work_is_left_alone(graded):
    before, rows = graded.autograded("ann").stat().st_mtime_ns, graded.tables()
    assert again(graded) == []
    assert graded.autograded("ann").stat().st_mtime_ns == before
    assert graded.tables() == rows


def test_a_changed_submission_is_graded_again(graded):
    graded.submit("ben")
    assert again(graded) == ["ben"]
    assert graded.scores("ben")["double_test"] == 2
    (graded.submitted("ann") / "new.txt").write_text("")
    assert again(graded) == ["ann"]
    (graded.submitted("ann") / "new.txt").rename(graded.submitted("ann") / "newer.txt")
    assert again(graded) == ["ann"]
    (graded.submitted("ann") / "newer.txt").unlink()
    assert again(graded) == ["ann"]
    assert again(graded) == []


def test_a_new_timestamp_alone_is_graded_again(graded):
    (graded.submitted("ann") / "timestamp.txt").write_text(UTC)
    assert again(graded) == ["ann"]


def test_a_changed_test_is_graded_again(graded):
    cells = questions()
    changed = next(cell for cell in cells if cell["source"] == DOUBLE_TEST)
    changed["source"] = "assert double(1) == 1"
    graded.write_source("ps1", ps1=cells)
    assert again(graded) == [], "the gradebook's version is graded"
    graded.release("ps1")
    assert again(graded) == ["ann", "ben"]
    assert graded.scores("ann")["double_test"] == 0
    assert graded.scores("ben")["double_test"] == 2
    assert again(graded) == []


def test_changed_points_are_graded_again(graded):
    cells = questions()
    next(cell for cell in cells if cell["source"] == DOUBLE_TEST).metadata.nbgrader.points = 7
    graded.write_source("ps1", ps1=cells)
    graded.release("ps1")
    assert again(graded) == ["ann", "ben"]
    assert graded.scores("ann")["double_test"] == 7


def test_a_changed_check_module_is_graded_again(graded):
    module = graded.root / "answers.py"
    module.write_text(module.read_text().replace("10: 20", "10: 21"))
    assert again(graded) == ["ann", "ben"]
    assert graded.scores("ann")["double_test"] == 0
    assert graded.scores("ann")["half_test"] == 3
    assert again(graded) == []


def test_a_module_that_a_check_module_imports_is_graded_again(graded):
    module = graded.root / "answers.py"
    (graded.root / "numbers_of_answers.py").write_text("TWENTY = 20\n")
    text = module.read_text().replace("10: 20", "10: TWENTY")
    module.write_text("from numbers_of_answers import TWENTY\n" + text)
    assert again(graded) == ["ann", "ben"]
    assert graded.scores("ann")["double_test"] == 2
    (graded.root / "numbers_of_answers.py").write_text("TWENTY = 21\n")
    assert again(graded) == ["ann", "ben"]
    assert graded.scores("ann")["double_test"] == 0


def test_a_changed_data_file_is_graded_again(graded):
    (graded.root / "source/ps1/data.csv").write_text("4\n")
    assert again(graded) == ["ann", "ben"]
    assert (graded.autograded("ann") / "data.csv").read_text() == "4\n"
    assert again(graded) == []


def test_changed_check_files_are_graded_again(graded):
    (graded.root / "expected").mkdir()
    (graded.root / "expected/a.json").write_text("1")
    (graded.root / "one.txt").write_text("1")
    graded.configure("c.NbJudge.test_files = ['expected', 'one.txt']\n")
    assert again(graded) == ["ann", "ben"]
    assert again(graded) == []
    (graded.root / "expected/a.json").write_text("2")
    assert again(graded) == ["ann", "ben"]
    (graded.root / "one.txt").write_text("2")
    assert again(graded) == ["ann", "ben"]
    assert again(graded) == []


def test_a_graded_notebook_that_is_gone_or_changed_is_made_again(graded):
    notebook = graded.autograded("ann") / "ps1.ipynb"
    notebook.unlink()
    assert again(graded) == ["ann"]
    assert notebook.exists()
    shutil.rmtree(graded.root / "autograded/ben")
    assert again(graded) == ["ben"]
    notebook.chmod(0o644)
    notebook.write_text("{}")
    assert again(graded) == ["ann"]
    assert again(graded) == []


def test_scores_that_are_gone_are_made_again(graded):
    with graded.here():
        gradebook = graded.api().gradebook
        with gradebook:
            gradebook.remove_submission("ps1", "ann")
    assert again(graded) == ["ann"]
    assert graded.scores("ann")["double_test"] == 2


def test_limits_do_not_matter(graded):
    graded.configure("c.NbJudge.cell_seconds = 12\nc.NbJudge.memory = 999\nc.NbJudge.workers = 1\n")
    assert again(graded) == []


def test_limits_matter_where_work_met_them(graded):
    graded.submit(
        "cleo", {"double": "import time\ntime.sleep(60)\ndef double(x):\n    return 2 * x"}
    )
    graded.configure("c.NbJudge.cell_seconds = 0.2\n")
    met = graded.grade()["cleo"].judgment.causes
    assert [name for name, _ in met] == ["time limit"]
    unchanged = graded.grade()  # still reports the limit
    assert set(statuses(unchanged).values()) == {"unchanged"}
    assert unchanged["cleo"].judgment.causes == met
    assert unchanged["ann"].judgment.causes == []
    graded.configure("c.NbJudge.cell_seconds = 0.3\n")
    assert again(graded) == ["cleo"]


def test_another_environment_matters_where_work_lacked_a_package(graded, tmp_path):
    source = "import nopackage\ndef double(x):\n    return nopackage.twice(x)"
    graded.submit("cleo", {"double": source})
    done = graded.nbjudge("autograde", "ps1")
    assert (
        "ps1: nopackage is not installed here: the cells of 1 student (cleo) import it."
        in done.stderr
    )
    assert graded.scores("cleo")["double_test"] == 0
    site = tmp_path / "site-packages"  # a temporary folder, which sandboxes do not show
    (site / "another-1.0.dist-info").mkdir(parents=True)
    with graded.here():
        path = f"{os.environ['PYTHONPATH']}{os.pathsep}{site}"
        variables = {**os.environ, "PYTHONPATH": path}
    done = graded.nbjudge("autograde", "ps1", "--json", env=variables)
    outcomes = json.loads(done.stdout)["assignments"]["ps1"]
    assert {o["student"]: o["status"] for o in outcomes} == {
        "ann": "unchanged",
        "ben": "unchanged",
        "cleo": "graded",
    }


def test_other_assignments_do_not_matter(graded):
    graded.submit("ann", assignment="ps2")
    cells = questions()[:5]
    cells[3]["source"] = cells[3]["source"].replace("2 * x", "x * 2")
    graded.write_source("ps2", one=cells)
    graded.release("ps2")
    assert again(graded) == []


def test_grading_with_stock_in_between_is_noticed(graded):
    done = graded.python("-m", "nbgrader", "autograde", "ps1", "--student", "ann", "--force")
    assert done.returncode == 0, done.stderr
    assert again(graded) == ["ann"]


def test_force(graded):
    assert again(graded, again=True) == ["ann", "ben"]


def test_a_source_that_lost_a_cell(graded):
    graded.write_source("ps1", ps1=questions()[:5])
    with pytest.raises(ValueError, match="half_test.*: undo the changes in source/"):
        graded.grade()


def test_modules_beside_the_notebooks_are_each_assignments_own(course):
    """A warm engine must not mix up modules with the same name, students' or the course's."""
    cells = questions()[:5]
    cells[1]["source"] = "import helper"
    cells[3]["source"] = "def double(x):\n    ### BEGIN SOLUTION\n    ### END SOLUTION"
    cells[4]["source"] = "assert double(2) == helper.DOUBLE"
    for assignment, value in (("ps3", 4), ("ps4", 5)):
        course.write_source(assignment, one=cells)
        (course.root / f"source/{assignment}/helper.py").write_text(f"DOUBLE = {value}\n")
        course.release(assignment)
    answer = {"double": "def double(x):\n    import helper\n    return helper.DOUBLE"}
    always = {"double": "def double(x):\n    return 4"}
    theirs = {"helper.py": "DOUBLE = 6\n"}
    for assignment in ("ps3", "ps4"):
        course.submit("ann", answer, assignment, files=theirs)
        course.submit("ben", always, assignment, files=theirs)
    assert {n: o.judgment.score for n, o in course.grade("ps3").items()} == {"ann": 2, "ben": 2}
    assert {n: o.judgment.score for n, o in course.grade("ps4").items()} == {"ann": 2, "ben": 0}
    (course.root / "source/ps3/helper.py").write_text("DOUBLE = 7\n")
    assert {n: o.judgment.score for n, o in course.grade("ps3").items()} == {"ann": 2, "ben": 0}


DATA = {"double": "def double(x):\n    return 2 * x if open('data.csv').read() == TEXT else 0"}


@pytest.mark.parametrize("own", [{}, {"data.csv": "mine"}])
def test_student_code_reads_the_master_copies(course, own):
    course.submit("ann", {"double": DATA["double"].replace("TEXT", r"'1,2,3\n'")}, files=own)
    assert course.grade()["ann"].judgment.score == 2


def test_files_that_students_may_change(course):
    course.configure("c.Autograde.exclude_overwriting = {'ps1': ['data.csv']}\n")
    answer = {"double": DATA["double"].replace("TEXT", "'mine'")}
    course.submit("ann", answer, files={"data.csv": "mine"})
    course.submit("ben", answer)
    assert {n: o.judgment.score for n, o in course.grade().items()} == {"ann": 2, "ben": 0}
    assert (course.autograded("ann") / "data.csv").read_text() == "mine"
    assert (course.autograded("ben") / "data.csv").read_text() == "1,2,3\n"
