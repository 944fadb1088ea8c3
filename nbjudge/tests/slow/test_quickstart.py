"""nbgrader's example course gets the same scores from stock nbgrader and from nbjudge.

Where the scores differ, stock nbgrader is unfair: any output on stderr costs all points.
"""

import json
import shutil

import pytest

from tests.support.small_course import SmallCourse, answered

WARNING = "import warnings\n"
WARN = '\n    warnings.warn("take care")'


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course that `nbgrader quickstart` creates, with four submissions."""
    folder = tmp_path_factory.mktemp("quickstart")
    done = SmallCourse(folder).python("-m", "nbgrader", "quickstart", "course101")
    assert done.returncode == 0, done.stderr
    course = SmallCourse(folder / "course101")
    course.release("ps1")
    release = course.root / "release/ps1"
    solved = solutions(course)
    for student, answers in {
        "bitdiddle": solved,
        "hacker": {
            "squares": solved["squares"],
            "sum_of_squares": "def sum_of_squares(n): return 1",
        },
        "reasoner": {},
        "warned": solved | {"squares": WARNING + with_warning(solved["squares"])},
    }.items():
        shutil.copytree(release, course.submitted(student))
        for path in course.submitted(student).glob("*.ipynb"):
            path.write_text(answered(path, answers))
    yield course
    SmallCourse.cool()


def solutions(course):
    """Return the instructor's cells: {grade_id: text}."""
    found = {}
    for path in (course.root / "source/ps1").glob("*.ipynb"):
        for cell in json.loads(path.read_text())["cells"]:
            fields = cell["metadata"].get("nbgrader", {})
            if fields.get("solution"):
                lines = "".join(cell["source"]).splitlines()
                kept = [line for line in lines if "SOLUTION" not in line]
                found[fields["grade_id"]] = "\n".join(kept)
    return found


def with_warning(function):
    head, _, body = function.partition("\n")
    return head + WARN + "\n" + body


@pytest.fixture(scope="module")
def graded(course):
    """The results of both engines: (nbjudge's course, stock nbgrader's)."""
    stock = SmallCourse(course.root.with_name("stock"))
    shutil.copytree(course.root, stock.root)
    done = stock.python("-m", "nbgrader", "autograde", "ps1")
    assert done.returncode == 0, done.stderr
    outcomes = course.grade()
    assert {outcome.status for outcome in outcomes.values()} == {"graded"}
    assert not [outcome.judgment.errors for outcome in outcomes.values() if outcome.judgment.errors]
    return course, stock


def test_the_gradebook_is_the_same(graded):
    ours, theirs = (one.tables() for one in graded)
    for table in ours:
        for name in ("bitdiddle", "hacker", "reasoner"):
            rows = [[row for row in one[table] if name in row] for one in (ours, theirs)]
            assert rows[0] == rows[1], (table, name)


def test_differences_from_stock(graded):
    """A warning costs nothing with nbjudge, and all points of the question with stock nbgrader."""
    ours, theirs = (one.scores("warned") for one in graded)
    different = {name: (theirs[name], ours[name]) for name in ours if ours[name] != theirs[name]}
    assert different
    points = graded[0].scores("bitdiddle")
    for name, (stock, own) in different.items():
        assert stock == 0, name
        assert own == points[name], name
