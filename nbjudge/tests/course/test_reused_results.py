"""Results are reused for unchanged work alone, whatever a submission claims to be."""

import json
import os
import shutil

import pytest

from tests.support.small_course import RIGHT, SmallCourse


@pytest.fixture
def course(tmp_path, without_matplotlib):
    yield SmallCourse.make(tmp_path / "course", tmp_path / "template")
    SmallCourse.cool()


WRONG = {**RIGHT, "double": RIGHT["double"].replace("2 * x", "3 * x")}


def statuses(course):
    return {student: outcome.status for student, outcome in course.grade("ps1").items()}


def test_changed_work_of_the_same_size_and_time_is_graded_again(course):
    path = course.submit("ann", WRONG) / "ps1.ipynb"
    before = path.stat()
    assert statuses(course) == {"ann": "graded"}
    assert statuses(course) == {"ann": "unchanged"}
    points = course.scores("ann")
    path.write_text(path.read_text().replace("3 * x", "2 * x"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert statuses(course) == {"ann": "graded"}
    assert course.scores("ann") != points
    assert all(score != 0 for score in course.scores("ann").values() if score is not None)


def test_results_of_another_student_are_not_reused(course):
    """Not even if the work is the graded notebook of that student, with all marks of nbjudge."""
    course.submit("ann", RIGHT)
    assert statuses(course) == {"ann": "graded"}
    folder = course.submit("ben", WRONG)
    wrong = json.loads((folder / "ps1.ipynb").read_text())
    graded = json.loads((course.autograded("ann") / "ps1.ipynb").read_text())
    for cell, answer in zip(graded["cells"], wrong["cells"], strict=False):
        cell["source"] = answer["source"]
    (folder / "ps1.ipynb").write_text(json.dumps(graded))
    shutil.copystat(course.submitted("ann") / "ps1.ipynb", folder / "ps1.ipynb")
    assert statuses(course) == {"ann": "unchanged", "ben": "graded"}
    assert course.scores("ben")["double_test"] == 0
    assert course.scores("ann")["double_test"] > 0


FORGED = """\
import sys, types
sys.modules["answers"] = types.SimpleNamespace(DOUBLES={})
class Same:
    def __eq__(self, other):
        return True
def double(x):
    return Same()
"""


def test_a_test_that_code_has_moved_is_named_in_each_run(course):
    """Surplus files, which are noted too, do not drown the sentence."""
    for student in ("ann", "ben", "cid", "dan", "eve", "zoe"):
        folder = course.submit(student, {**RIGHT, "double": FORGED if student == "zoe" else ""})
        for number in range(30):
            (folder / f"again-{number}.ipynb").write_text("{}")
    for _ in ("graded", "unchanged"):
        done = course.nbjudge("autograde", "ps1", "--json")
        assert done.returncode == 0, done.stderr
        sentence = "Note: ps1 of zoe: double_test was judged in the student's process"
        assert sentence in " ".join(done.stderr.split())
        (zoe,) = [one for one in json.loads(done.stdout)["assignments"]["ps1"] if one["suspicions"]]
        assert (zoe["student"], zoe["suspicions"][0][:11]) == ("zoe", "double_test")
        assert course.scores("zoe")["double_test"] == 2
