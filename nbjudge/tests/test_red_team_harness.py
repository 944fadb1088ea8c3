"""Conditions under which the red team's harness accepts the result of a class, and a report."""

import pytest

pytest.importorskip("nbjudge.plugins.lms", reason="the red team attacks nbjudge as a whole")

from nbjudge.judging.causes import ExplainedCause
from nbjudge.judging.explanations import limit_report
from nbjudge.wire.outputs import REPORT
from tests.red_team._run import Entry, Harness, is_the_judges

RIGHT, HALF, LEAK = (
    {"points": {"q": p}, "moved": [], "leaks": leaks}
    for p, leaks in ((2.0, {}), (1.0, {}), (1.0, {"autograded": ["source"]}))
)
ENTRY = Entry("bomb", "attack", "tries to cost others points", {"q": 2.0})


def harness_with(*students):
    """Return a harness whose classes yield these reports on one student, one after the other."""
    harness, left = object.__new__(Harness), list(students)
    harness.engine, harness._say = "nbjudge", lambda line: None
    blank = {"leaks": {"autograded": []}, "pages": {}}
    harness._blank = {"nbjudge": {"students": {"blank": blank}}}

    def grade(some, engine):
        student = left.pop(0) | {"reports": [], "pages": {}}
        students = {entry.name: student for entry in some}
        return {"not_built": {}, "graded_by": engine, "students": students}

    harness._grade, harness._shared = grade, lambda report: []
    return harness, left


@pytest.mark.parametrize(
    ("students", "lost"),
    [([RIGHT], False), ([HALF, RIGHT], False), ([HALF, HALF], True), ([LEAK], True)],
    ids=[
        "right",
        "lost once, on a busy machine",
        "lost twice",
        "a leak, which is believed at once",
    ],
)
def test_points_that_are_lost_must_be_lost_again(monkeypatch, students, lost):
    monkeypatch.setattr("tests.red_team._run.POINTS", {"q": 2.0})
    harness, left = harness_with(*students)
    (outcome,) = harness._try([ENTRY])
    assert (outcome.lost, left) == (lost, [])


def test_points_lost_in_a_class_must_be_lost_again_alone(monkeypatch):
    monkeypatch.setattr("tests.red_team._run.POINTS", {"q": 2.0})
    harness, left = harness_with(HALF, HALF, HALF, RIGHT)
    other = Entry("other", "attack", "the same", {"q": 2.0})
    outcomes = list(harness._try([ENTRY, other]))
    assert [outcome.lost for outcome in outcomes] == [True, False]
    assert left == []


@pytest.mark.parametrize(
    ("points", "moved", "places", "reads_child", "how", "of_child"),
    [
        ({"vector_test": 4.0}, [], [], True, [], ["4 points of 0 deserved"]),
        ({"vector_test": 5.0}, [], [], True, ["vector_test: 5 points of 0 deserved"], []),
        ({"square_test": 1.0}, [], [], True, ["square_test: 1 points of 0 deserved"], []),
        (
            {"square_test": 1.0},
            ["square_test"],
            [],
            True,
            [],
            ["square_test, which is named: 1 points of 0 deserved"],
        ),
        (
            {"square_test": 1.0},
            ["vector_test"],
            [],
            True,
            ["square_test: 1 points of 0 deserved"],
            [],
        ),
        ({}, [], ["child test, hex"], True, [], ["autograded shows its text"]),
        ({}, [], ["child test"], False, ["autograded shows a canary: child test"], []),
        ({}, [], ["hidden"], True, ["autograded shows a canary: hidden"], []),
    ],
)
def test_only_the_text_and_the_points_of_tests_in_the_child_are_no_success(
    points, moved, places, reads_child, how, of_child
):
    student = {"points": points, "moved": moved, "leaks": {"autograded": places}}
    harness, _ = harness_with(student)
    deserves = dict.fromkeys(["square_test", "vector_test"], 0.0)
    entry = Entry("child_text", "attack", "tries", deserves, reads_child=reads_child)
    (outcome,) = harness._try([entry])
    assert (outcome.how, outcome.of_child) == (how, of_child)


def test_a_report_is_forged_unless_the_judge_wrote_it_into_a_test_cell():
    says = "The code uses the network, but the grader has no network access."
    report = limit_report(ExplainedCause("no network", says, "", ""), "line 1")["data"][REPORT]
    assert is_the_judges({"in_test": True, "content": report})
    for in_test, content in (
        (False, report),
        (True, {**report, "headline": f"{says} All is right."}),
        (True, {**report, "points": 4}),
        (True, "All is right."),
    ):
        assert not is_the_judges({"in_test": in_test, "content": content})
