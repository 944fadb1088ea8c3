"""The comparison with stock nbgrader on other courses: a course is made of an assignment."""

import json

from benchmarks.engine import foreign
from benchmarks.engine._foreign_courses import (
    Assignment,
    Course,
    prepare,
)
from benchmarks.engine._foreign_submissions import SUBMISSIONS
from tests.test_foreign import ANSWERS, notebook


def test_an_assignment_gets_a_course_with_six_submissions(tmp_path):
    folder = tmp_path / "a+b" / "x"
    folder.mkdir(parents=True)
    (folder / "data.csv").write_text("1,2\n")
    (folder / "x.ipynb").write_text(json.dumps(notebook(ANSWERS)))
    course, assignment = Course("a/b", "", "", ()), Assignment("x", "x")
    prepared = prepare(course, assignment, tmp_path / "a+b", tmp_path / "work")
    submitted = prepared / "submitted"
    assert {path.name for path in submitted.iterdir()} == set(SUBMISSIONS)
    assert {path.name for path in (submitted / "odd" / "x").iterdir()} == {"x.ipynb", "data.csv"}
    scores = foreign.scores_in(prepared, "x")
    assert scores == {(student, "x", "test"): None for student in SUBMISSIONS}
    made = (prepared / "gradebook.db").stat().st_mtime_ns
    assert prepare(course, assignment, tmp_path / "a+b", tmp_path / "work") == prepared
    assert (prepared / "gradebook.db").stat().st_mtime_ns == made
