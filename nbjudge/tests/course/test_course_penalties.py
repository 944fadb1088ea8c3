"""A late penalty may depend on all of a student's submissions in the course."""

import pytest

from nbjudge.course import run
from tests.support.classes import AN_HOUR_LATE, PENALTIES, WRONG, set_due, statuses
from tests.support.small_course import RIGHT, SmallCourse


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    yield tmp_path_factory.mktemp("course_penalties")
    SmallCourse.cool()


@pytest.fixture
def course(place):
    """Ann and ben submit ps1 and ps2 an hour late."""
    course = SmallCourse.make(place / "course", place / "template")
    set_due(course)
    for student in ("ann", "ben"):
        for assignment in ("ps1", "ps2"):
            course.submit(student, RIGHT, assignment, files={"timestamp.txt": AN_HOUR_LATE})
    return course


def one_late_work_is_free(submissions):
    """Deduct half of the points of a student's late work, except for the best assignment."""
    free = {}
    for one in submissions:
        total = sum(one.points.values())
        if one.late and total > free.get(one.student, (0.0, ""))[0]:
            free[one.student] = total, one.assignment
    return {
        key: points / 2 if one.late and one.assignment != free[one.student][1] else None
        for one in submissions
        for key, points in one.points.items()
    }


def deducted(course):
    """Return the points deducted: {(student, assignment): points}."""
    sums = {}
    for assignment, student, _, _, penalty in course.tables()["notebooks"]:
        sums[student, assignment] = sums.get((student, assignment), 0) + (penalty or 0)
    return sums


def changes(course, assignment):
    query = "select student, before, after, text from nbjudge_change where assignment = ?"
    return {row[0]: row[1:] for row in course.rows(query, assignment)}


def test_grading_an_assignment_updates_the_penalties_of_others(course, monkeypatch):
    monkeypatch.setattr(run, "configured_policy", lambda settings: one_late_work_is_free)
    course.submit("ann", WRONG, files={"timestamp.txt": AN_HOUR_LATE})
    course.grade("ps1")
    assert deducted(course) == {("ann", "ps1"): 0, ("ben", "ps1"): 0}
    course.grade("ps2", ["ann", "ben"])
    assert deducted(course) == {
        ("ann", "ps1"): 0.5,
        ("ann", "ps2"): 0,
        ("ben", "ps1"): 0,
        ("ben", "ps2"): 1.5,
    }
    first = "graded for the first time"
    assert changes(course, "ps1") == {
        "ann": (1, 0.5, "1 -> 0.5 points (1 hour late)"),
        "ben": (None, 5, f"5 points ({first})"),
    }
    assert changes(course, "ps2") == {
        "ann": (None, 3, f"3 points ({first})"),
        "ben": (None, 1.5, f"1.5 points ({first})"),
    }


def test_grading_unchanged_work_updates_the_penalties_of_others(course, monkeypatch):
    monkeypatch.setattr(run, "configured_policy", lambda settings: one_late_work_is_free)
    course.grade("ps1")
    course.grade("ps2")
    later = "2030-01-02 12:00:00.000000"
    course.write("update assignment set duedate = ? where name = 'ps1'", later)
    assert set(statuses(course.grade("ps1")).values()) == {"unchanged"}
    assert set(deducted(course).values()) == {0}
    assert changes(course, "ps2")["ann"] == (1.5, 3, "1.5 -> 3 points (1 hour late)")
    first = changes(course, "ps1")["ann"]
    assert first == (None, 5, "5 points (graded for the first time)")


def test_a_penalty_for_each_submission_alone_leaves_the_others_as_they_are(course):
    course.configure(PENALTIES)
    course.grade("ps1")
    before = changes(course, "ps1")
    course.grade("ps2")
    assert set(deducted(course).values()) == {1.5, 2.5}
    assert changes(course, "ps1") == before
