"""nbjudge through nbgrader's interfaces: its command, its Python API and the formgrader."""

import contextlib
import json
import os
import re
import urllib.error
import urllib.request

import pytest
from nbformat.v4 import new_notebook

from nbjudge.course.nbgrader_autograde import GradingExporter
from tests.support.formgrader import TOKEN, formgrader
from tests.support.small_course import RIGHT, SmallCourse
from tests.support.waiting import wait_until

PLUGIN = "import nbjudge\nnbjudge.configure(c)\n"
WRONG = RIGHT | {"double": "def double(x):\n    return x"}
# Runs in the student's process; if the tests ran there too, it would get all points.
UNFAIR = RIGHT | {
    "double": "import builtins\nclass double(int):\n    def __eq__(self, other): return True",
    "half": "import sys\nsys.modules['answers'] = None\n" + RIGHT["half"],
}
TIMESTAMP = {"timestamp.txt": "2030-01-01 13:00:00 UTC"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    yield tmp_path_factory.mktemp("plugin")
    SmallCourse.cool()


@pytest.fixture
def course(place):
    course = SmallCourse.make(place / "course", place / "template")
    course.configure(PLUGIN)
    return course


def test_the_command(course):
    """nbgrader's command writes the same rows as nbjudge's."""
    course.configure(PLUGIN + "c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    course.write("update assignment set duedate = '2030-01-01 12:00:00.000000'")
    course.submit("ann")
    course.submit("ben", WRONG)
    course.submit("cid", {})
    course.submit("dan", files=TIMESTAMP)
    done = course.python("-m", "nbgrader", "autograde", "ps1")
    assert done.returncode == 0, done.stderr
    by_nbgrader = course.tables()
    assert course.scores("ann")["half_test"] == 3
    assert {row[1]: row[4] for row in by_nbgrader["notebooks"] if row[4]} == {"dan": 5}
    assert not any(row[3] for row in by_nbgrader["notebooks"])  # flagged for review
    assert set(status(course.grade()).values()) == {"unchanged"}
    assert set(status(course.grade(again=True)).values()) == {"graded"}
    assert course.tables() == by_nbgrader
    notebook = json.loads((course.autograded("ann") / "ps1.ipynb").read_text())
    assert notebook["metadata"]["nbjudge"]["isolation"] == "full"


def status(done):
    return {student: outcome.status for student, outcome in done.items()}


def test_the_command_for_several_notebooks(course):
    course.submit("ann", assignment="ps2")
    course.submit("ben", assignment="ps2", notebooks=["two"])
    done = course.python("-m", "nbgrader", "autograde", "ps2")
    assert done.returncode == 0, done.stderr
    assert course.scores("ann", "ps2") == {"double_test": 2, "square_test": 1}
    assert course.scores("ben", "ps2") == {"double_test": 0, "square_test": 1}


def test_a_class_with_one_that_cannot_be_graded(course):
    for number, student in enumerate(("ann", "ben", "cid", "dan", "eve")):
        answers = WRONG if number % 2 else RIGHT
        course.submit(student, answers | {"half": "half = round"})
    (course.submitted("cid") / "ps1.ipynb").write_text("{")
    (course.submit("x\x1b[2J\ny") / "ps1.ipynb").write_text("{")
    done = course.python("-m", "nbgrader", "autograde", "ps1")
    assert done.returncode != 0
    assert "Not graded: ps1 of x\\x1b[2J\\ny: " in done.stderr
    assert "ps1: half_test: none of 4 students earned a point; `nbjudge check ps1`" in done.stderr
    assert "double_test: nobody" not in done.stderr
    assert "Not graded: ps1 of cid: ps1.ipynb" in done.stderr
    assert [course.scores(name).get("double_test") for name in ("ann", "ben", "dan", "eve")] == [
        2,
        0,
        0,
        2,
    ]


def test_only_regular_files_are_read_or_copied(course, tmp_path):
    """nbgrader itself would hang on a named pipe, and copy the target of a link."""
    (tmp_path / "secret.txt").write_text("secret")
    folder = course.submit("ann")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    os.mkfifo(folder / "timestamp.txt")
    course.submit("ben")
    (course.submitted("ben") / "ps1.ipynb").unlink()
    os.mkfifo(course.submitted("ben") / "ps1.ipynb")
    done = course.python("-m", "nbgrader", "autograde", "ps1", timeout=100)
    assert "Not graded: ps1 of ben: " in done.stderr
    assert course.scores("ann")["half_test"] == 3
    assert sorted(path.name for path in course.autograded("ann").iterdir()) == [
        "data.csv",
        "ps1.ipynb",
    ]


def test_options_of_the_command(course):
    course.submit("ann")
    course.submit("ben")
    one = course.python("-m", "nbgrader", "autograde", "ps1", "--student", "b*", "--notebook", "x*")
    assert one.returncode != 0  # nbgrader finds no matching notebook
    one = course.python("-m", "nbgrader", "autograde", "ps1", "--student", "b*", "--notebook", "p*")
    assert "Ignored --notebook" in one.stderr
    assert set(course.rows("select student_id from submitted_assignment")) == {("ben",)}
    new = course.python("-m", "nbgrader", "autograde", "ps1", "--Autograde.create_student=False")
    assert new.returncode != 0
    assert "Not graded: ps1 of ann: the gradebook has no student with this id" in new.stderr
    assert "ps1 of ben has not changed" in new.stderr
    again = course.python("-m", "nbgrader", "autograde", "ps1", "--force")
    assert "ps1 of ben: 5 of 20 points; 3 to be graded by hand" in again.stderr


def test_hooks(course):
    hook = """
import os

def hook(when):
    def write(assignment, student, notebooks):
        with open("hooks.txt", "a") as file:
            print(when, assignment, [os.path.basename(path) for path in notebooks], file=file)
    return write

c.Autograde.pre_convert_hook = hook("before")
c.Autograde.post_convert_hook = hook("after")
"""
    course.configure(PLUGIN + hook)
    course.submit("ann")
    assert course.python("-m", "nbgrader", "autograde", "ps1").returncode == 0
    said = (course.root / "hooks.txt").read_text().splitlines()
    assert said == ["before ps1 ['ps1.ipynb']", "after ps1 ['ps1.ipynb']"]


def test_it_exports_nothing():
    notebook = new_notebook()
    with pytest.raises(RuntimeError, match="nbjudge.configure"):
        GradingExporter().from_notebook_node(notebook)


def test_the_command_where_isolation_is_refused(course):
    """An unknown level is not replaced by another; nothing is graded."""
    course.configure(PLUGIN + "c.NbJudge.isolation = 'ful'\n")
    course.submit("ann")
    done = course.python("-m", "nbgrader", "autograde", "ps1")
    assert done.returncode != 0
    assert "isolation" in done.stderr
    assert not (course.autograded("ann") / "ps1.ipynb").exists()
    assert set(course.scores("ann").values()) <= {None}


def test_the_programming_interface(course):
    course.submit("ann")
    course.submit("ben", WRONG)
    with course.here():
        api = course.api()
        for student in ("ann", "ben"):
            done = api.autograde("ps1", student)
            assert done["success"], done
        found = api.get_submission("ps1", "ann")
    assert (found["autograded"], found["score"], found["needs_manual_grade"]) == (True, 5, True)
    assert course.scores("ben")["double_test"] == 0
    (course.submitted("ben") / "ps1.ipynb").write_text("{")
    with course.here():
        assert not course.api().autograde("ps1", "ben")["success"]
        assert course.api().autograde("ps1", "ann")["success"]


def test_the_programming_interface_sees_changed_checks(course):
    course.submit("ann")
    with course.here():
        assert course.api().autograde("ps1", "ann")["success"]
        answers = course.root / "answers.py"
        answers.write_text(answers.read_text().replace("10: 20", "10: 210"))
        assert course.api().autograde("ps1", "ann")["success"]
    assert course.scores("ann")["double_test"] == 0


# The formgrader.


def test_the_button_of_the_formgrader(course, tmp_path):
    course.submit("ann")
    course.submit("ben", UNFAIR)
    (course.submit("zoe") / "ps1.ipynb").write_text("{")
    with formgrader(course, tmp_path / "home") as browser:
        browser.get(f"login?token={TOKEN}")
        page = browser.get("formgrader/manage_submissions/ps1")
        assert re.search("backbone_xsrf", page)
        listed = json.loads(browser.get("formgrader/api/submissions/ps1"))
        assert {one["student"]: one["autograded"] for one in listed} == {
            "ann": False,
            "ben": False,
            "zoe": False,
        }
        with pytest.raises(urllib.error.HTTPError) as refused:
            browser.post("formgrader/api/submission/ps1/ann/autograde", forged=True)
        refused.value.close()
        assert refused.value.code == 403
        for student in ("ann", "ben"):
            done = browser.post(f"formgrader/api/submission/ps1/{student}/autograde")
            assert done["success"], done
        done = browser.post("formgrader/api/submission/ps1/zoe/autograde")
        assert not done["success"]
        found = {
            student: json.loads(browser.get(f"formgrader/api/submission/ps1/{student}"))
            for student in ("ann", "ben", "zoe")
        }
        assert {s: one["autograded"] for s, one in found.items()} == {
            "ann": True,
            "ben": True,
            "zoe": False,
        }
        assert (found["ann"]["score"], found["ann"]["max_score"]) == (5, 20)
        # Again in the same warm server, after a check has changed.
        answers = course.root / "answers.py"
        answers.write_text(answers.read_text().replace("10: 20", "10: 210"))
        assert browser.post("formgrader/api/submission/ps1/ann/autograde")["success"]
        assert json.loads(browser.get("formgrader/api/submission/ps1/ann"))["score"] == 3
        one = json.loads(browser.get("formgrader/api/submitted_notebooks/ps1/ps1"))
        key = next(notebook["id"] for notebook in one if notebook["student"] == "ann")
        page = browser.get(f"formgrader/submissions/{key}")
        assert "a drawing" in page
    assert course.scores("ann")["double_test"] == 0
    assert course.scores("ben")["half_test"] == 3
    assert course.scores("ben")["double_test"] == 0
    log = (tmp_path / "home" / "log.txt").read_text()
    assert "Uncaught exception" not in log
    assert wait_until(lambda: not processes_of(tmp_path / "home"))


def processes_of(home):
    """Return the ids of the processes that were started with this HOME."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/environ", "rb") as file:
                mine = os.fsencode(home) in file.read()
            if mine and int(pid) != os.getpid():
                found.append(int(pid))
    return found
