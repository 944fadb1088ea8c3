"""Changes made by a grading run, as stored in the gradebook and shown in the report."""

import datetime

import pytest

from nbjudge.course.gradebook import Change, Records
from nbjudge.course.outcome import GradingOutcome
from nbjudge.course.penalties import SubmissionPoints
from nbjudge.plugins.report.class_report import make_report
from nbjudge.plugins.standings.reading import read_standings

FIRST, LAST = datetime.datetime(2030, 1, 2), datetime.datetime(2030, 1, 3, 12)
MOVED = Change(LAST, 8.5, 7.0, "8.5 -> 7 points (graded again, on time)")


def record(school, assignment="ps1", **changes):
    records = Records(school.url, "", assignment)
    for student, change in changes.items():
        records.note(student, "", change)
    records.close()


def report_of(school):
    return make_report(read_standings(school.course()[0]))


@pytest.mark.parametrize(
    ("values", "change"),
    [
        ({"status": "graded", "total": 8.5}, "8.5 points (graded for the first time)"),
        ({"status": "graded", "before": 8.5, "total": 8.5}, ""),
        ({"status": "unchanged", "before": 8.5, "total": 7.0}, "8.5 -> 7 points (on time)"),
        ({"status": "failed", "why": "no notebook", "before": 8.5}, "not graded: no notebook"),
        ({"status": "unchanged", "before": 7.0, "total": 7.0}, ""),
    ],
)
def test_a_change_is_what_differs_from_before_the_run(values, change):
    total = values.pop("total", None)
    now = SubmissionPoints(student="ann", assignment="ps1", points={"ps1": total})
    recorded = None if total is None else now
    assert GradingOutcome("ann", recorded=recorded, **values).change == change


def test_the_last_run_is_reported_student_by_student(school):
    record(
        school,
        eve=Change(LAST, None, 0.0, "0 points (graded for the first time)"),
        dan=Change(LAST, None, None, "not graded: no notebook"),
        ann=MOVED,
        bob=Change(FIRST, 1.0, 2.0, "1 -> 2 points (on time)"),
    )
    record(school, "ps2", ann=Change(FIRST, 9.0, 8.0, "9 -> 8 points (on time)"))
    report = report_of(school)
    assert report.last_run == LAST
    found = [(one.student.id, one.assignment.name, one.change.text) for one in report.changed]
    assert found == [("ann", "ps1", MOVED.text), ("dan", "ps1", "not graded: no notebook")]
    assert report.first_graded == {"ps1": 1}


def test_a_later_change_takes_the_place_of_an_earlier_one(school):
    record(school, ann=Change(FIRST, 9.0, 8.5, "9 -> 8.5 points (on time)"))
    record(school, ann=MOVED)
    assert [one.change for one in report_of(school).changed] == [MOVED]


def test_a_gradebook_without_runs_says_nothing(school):
    report = report_of(school)
    assert (report.last_run, report.changed, report.first_graded) == (None, (), {})
