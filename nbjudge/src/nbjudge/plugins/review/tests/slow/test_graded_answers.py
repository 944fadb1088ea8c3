"""Answers of really graded notebooks in `nbjudge review`."""

import contextlib
import re

from nbjudge.course.assignment import Assignment
from nbjudge.course.loading import load_course
from nbjudge.plugins.review.answers import Answers
from nbjudge.plugins.review.claims import Seat
from nbjudge.plugins.review.operations import Review
from nbjudge.plugins.review.requests import FOLDER
from tests.support.classes import AN_HOUR_LATE, set_due
from tests.support.small_course import RIGHT


def test_a_saved_grade_updates_the_late_penalty(course):
    set_due(course)
    course.configure(
        "c.AssignLatePenalties.plugin_class = 'nbjudge.late.PerDay'\nc.PerDay.percent = 20\n"
    )
    course.submit("ann", files={"timestamp.txt": AN_HOUR_LATE})
    assert course.grade()["ann"].total == 4  # 5 points
    with contextlib.ExitStack() as stack:
        with course.here():
            assignment = stack.enter_context(contextlib.closing(Assignment("ps1", *load_course())))
        review = Review(stack.enter_context(contextlib.closing(Answers(assignment))))
        shown = review.step(Seat(), "answers", None, 1, True)["answer"]
        data = {"version": shown["version"], "points": 4, "comment": "", "ticked": []}
        review.save(Seat(), "answers", shown["id"], data)
        assert assignment.records.submission_points()["ann"].total == 7.2  # 80 percent of 9
        course.configure("c.AssignLatePenalties.plugin_class = 'nbjudge.late.PerDay'\n")


def test_a_question_graded_by_tests_is_regraded_too(course):
    course.submit("ann", RIGHT | {"double": "def double(x):\n    return 2"})
    course.grade()
    (course.root / FOLDER).mkdir()
    fields = "Assignment: ps1\nNotebook: ps1\nQuestion: double_test\nStudent: ann\n\nReason: Why?"
    (course.root / FOLDER / "ann.txt").write_text(fields)
    with contextlib.ExitStack() as stack:
        with course.here():
            assignment = stack.enter_context(contextlib.closing(Assignment("ps1", *load_course())))
        review = Review(stack.enter_context(contextlib.closing(Answers(assignment))))
        (key,) = review.lists(Seat())["requests"]
        shown, _ = review.open(Seat(), "requests", key)
        assert (shown["points"], shown["out_of"], shown["comment"]) == (0, 2, None)
        assert "return 2" in re.sub("<[^>]*>", "", shown["answer"])
        keys = [request["key"] for request in shown["requests"]]
        data = {"version": shown["version"], "points": 1, "comment": "", "ticked": []}
        review.save(Seat(), "requests", key, {**data, "requests": keys})
        assert review.lists(Seat())["requests"] == {}
    query = "select auto_score, manual_score, needs_manual_grade from grade where id = ?"
    assert course.rows(query, key) == [(0, 1, 0)]
