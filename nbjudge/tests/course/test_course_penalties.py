"""A late penalty may depend on all of a student's submissions in the course."""

import json

import pytest

from nbjudge.cli.console import OK
from nbjudge.course import run
from tests.support.classes import AN_HOUR_LATE, PENALTIES, WRONG, set_due, statuses
from tests.support.small_course import RIGHT, SmallCourse, questions


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


def each_later_work_costs_a_point(submissions):
    """Deduct a point for each late work that the student has submitted before."""
    return {
        key: sum(other.timestamp < one.timestamp for other in submissions if other.late)
        for one in submissions
        if one.late
        for key in list(one.points)[:1]
    }


def submit(course, **hours):
    """Submit ann's assignments a number of hours late."""
    for assignment, hour in hours.items():
        late = {"timestamp.txt": f"2030-01-01 {12 + hour}:00:00 UTC"}
        course.submit("ann", RIGHT, assignment, files=late)


def totals(done):
    """Return the points before and after a run, and the penalties, from `--json`."""
    outcomes = {name: one[0] for name, one in json.loads(done.stdout)["assignments"].items()}
    return {name: (o["before"], o["total"], o["penalty"]) for name, o in outcomes.items()}


@pytest.mark.parametrize(("feedback", "workers"), [([], "2"), (["--feedback"], "1")])
@pytest.mark.parametrize(("first", "last"), [("ps1", "ps2"), ("ps2", "ps1")])
def test_a_run_reports_the_penalties_at_its_end(
    course, command, monkeypatch, first, last, feedback, workers
):
    """The work that is graded last changes the penalty of the other one."""
    monkeypatch.setattr(run, "configured_policy", lambda settings: each_later_work_costs_a_point)
    options = [first, last, "--student", "ann", "--json", "--workers", workers, *feedback]
    full = {"ps1": 5, "ps2": 3}
    submit(course, **{first: 2, last: 1})
    done = command("autograde", *options)
    assert totals(done) == {
        first: (None, full[first] - 1, 1),
        last: (None, full[last], 0),
    }
    assert "Changed:" not in done.stderr
    text = "points (graded for the first time)"
    assert changes(course, first)["ann"] == (None, full[first] - 1, f"{full[first] - 1} {text}")
    submit(course, **{first: 3, last: 4})
    done = command("autograde", *options)
    assert totals(done) == {
        first: (full[first] - 1, full[first], 0),
        last: (full[last], full[last] - 1, 1),
    }
    lines = [line for line in done.stderr.splitlines() if line.startswith("Changed:")]
    why = {first: "graded again, 3 hours late", last: "graded again, 4 hours late"}
    points = {
        first: f"{full[first] - 1} -> {full[first]}",
        last: f"{full[last]} -> {full[last] - 1}",
    }
    assert lines == [
        f"Changed: {name} of ann: {points[name]} points ({why[name]})" for name in (first, last)
    ]
    for name in (first, last):
        assert changes(course, name)["ann"][2] == f"{points[name]} points ({why[name]})"
    pages = [*course.root.glob("feedback/ann/*/*.html")]
    assert len(pages) == (3 if feedback else 0)
    named = {page.parent.name for page in pages if "\n1 of " in page.read_text()}
    assert named == ({last} if feedback else set())


@pytest.mark.parametrize(("points", "taken_back"), [(2, False), (0, True)])
def test_other_work_is_reported_once_with_its_points_before_the_run(
    course, command, monkeypatch, points, taken_back
):
    """Both assignments of the run change the penalty of a third: by 1 point, then to `points`."""
    course.write_source("ps3", ps3=questions()[:5])
    course.release("ps3")
    set_due(course)
    course.submit("ann", RIGHT, "ps3", files={"timestamp.txt": AN_HOUR_LATE})
    counted = {1: 0, 2: 1, 3: points}

    def policy(submissions):
        third = [one for one in submissions if one.assignment == "ps3"]
        return {key: counted[len(submissions)] for one in third for key in one.points}

    monkeypatch.setattr(run, "configured_policy", lambda settings: policy)
    assert command("autograde", "ps3", "--student", "ann").status == OK
    before = changes(course, "ps3")
    assert before == {"ann": (None, 2, "2 points (graded for the first time)")}
    done = command("autograde", "ps1", "ps2", "--student", "ann", "--workers", "1")
    text = "2 -> 0 points (1 hour late)"
    lines = [line for line in done.stderr.splitlines() if line.startswith("Changed:")]
    assert lines == ([] if taken_back else [f"Changed: ps3 of ann: {text}"])
    assert changes(course, "ps3") == ({} if taken_back else {"ann": (2, 0, text)})
