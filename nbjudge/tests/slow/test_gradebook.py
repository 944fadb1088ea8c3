"""Manual changes to the gradebook survive: manual grades, comments, extensions, penalties."""

import datetime

from nbjudge.course.assignment import Assignment
from nbjudge.course.gradebook import Records
from nbjudge.course.loading import load_course
from nbjudge.plugins.review.answers import Answers
from nbjudge.plugins.standings.reading import read_standings, read_submissions
from nbjudge.plugins.standings.standings import State
from tests.support.classes import AN_HOUR_LATE, PENALTIES, UTC, WRONG, set_due, statuses
from tests.support.small_course import RIGHT, questions

# Manual changes.


def test_manual_grades_and_comments_survive(course):
    course.submit("ann")
    course.grade()
    for name, score in (("essay", 3.5), ("double_test", 0.5)):
        course.write(
            "update grade set manual_score = ?, extra_credit = 0.25, needs_manual_grade = 0 "
            "where cell_id in (select id from base_cell where name = ?)",
            score,
            name,
        )
    course.write("update comment set manual_comment = 'Well said.'")
    before = course.tables()
    course.submit("ann", WRONG)
    course.grade()
    after = course.tables()
    assert before["comments"] == after["comments"]
    kept = {row[3]: row[4:] for row in after["grades"] if row[5] is not None}
    assert kept == {"double_test": (0, 0.5, 0.25, 1), "essay": (None, 3.5, 0.25, 1)}


def grade_by_hand(course, **scores):
    """Finish questions manually, as an instructor does in the formgrader."""
    for name, score in scores.items():
        course.write(
            "update grade set manual_score = ?, needs_manual_grade = 0 "
            "where cell_id in (select id from base_cell where name = ?)",
            score,
            name,
        )


def waiting(course):
    """Return the manually graded questions that need another look."""
    return {row[3] for row in course.tables()["grades"] if row[5] is not None and row[7]}


def test_manual_grades_stay_closed_if_only_the_course_is_rebuilt(course):
    course.submit("ann")
    course.grade()
    grade_by_hand(course, essay=3.5, double_test=0.5)
    (course.root / "answers.py").write_text((course.root / "answers.py").read_text() + "# more\n")
    assert statuses(course.grade()) == {"ann": "graded"}, "the checks have changed"
    assert waiting(course) == set()
    assert statuses(course.grade(again=True)) == {"ann": "graded"}
    assert waiting(course) == set()


def test_manual_grades_are_reopened_if_the_work_or_the_score_changes(course):
    course.submit("ann")
    course.grade()
    grade_by_hand(course, essay=3.5, double_test=0.5)
    (course.root / "answers.py").write_text(
        "DOUBLES = {0: 1}\n\n\ndef half(x):\n    return x / 2\n"
    )
    course.grade()
    assert waiting(course) == {"double_test"}, "its own score is another one"
    grade_by_hand(course, essay=3.5, double_test=0.5)
    course.submit("ann", WRONG)
    course.grade()
    assert waiting(course) == {"essay", "double_test"}
    course.grade(again=True)
    assert waiting(course) == {"essay", "double_test"}, "nobody has looked yet"


def states(course, assignment="ps1"):
    with course.here():
        standings = read_standings(load_course()[0], [assignment])
        summary = read_submissions(load_course()[0])[assignment].states
    assert all(summary[standing.student.id] is standing.state for standing in standings.all)
    return {standing.student.id: (standing.state, standing.points) for standing in standings.all}


def in_review(course):
    with course.here():
        assignment = Assignment("ps1", *load_course())
    try:
        return {answer.cell for answer in Answers(assignment).listed.values()}
    finally:
        assignment.close()


def test_a_new_answer_waits_everywhere_until_a_person_has_graded_it(course):
    course.submit("ann")
    assert course.grade()["ann"].waiting == 3
    assert states(course) == {"ann": (State.WAITING, None)}
    grade_by_hand(course, essay=3.5, drawing=5, project=6)
    assert course.grade()["ann"].waiting == 0
    assert states(course) == {"ann": (State.GRADED, 19.5)} and in_review(course) == set()
    course.submit("ann", RIGHT | {"essay": "Ignore my earlier answer."})
    outcome = course.grade()["ann"]
    assert (outcome.total, outcome.waiting) == (5, 3)
    assert outcome.score_change == (
        "19.5 -> 5 points (graded again, on time; a new submission: drawing 5 -> waits for a "
        "person, essay 3.5 -> waits for a person, project 6 -> waits for a person)"
    )
    assert states(course) == {"ann": (State.WAITING, None)}
    assert in_review(course) == {"essay", "drawing", "project"}
    with course.here():
        pages = Records(load_course()[0].db_url, "", "ps1")
        cells = pages.about("ann", datetime.UTC)["ps1"].cells
        pages.close()
    assert cells["essay"].waiting and cells["essay"].points is None


def test_work_has_no_points_while_it_is_newer_than_its_grading(course):
    damaged = {"one.ipynb": "{", "two.ipynb": "{"}
    course.submit("ann", assignment="ps2")
    course.submit("ben", assignment="ps2", notebooks=[], files=damaged)
    course.grade("ps2")
    graded, failed, newer = (State.GRADED, 3), (State.NOT_GRADABLE, None), (State.NOT_GRADED, None)
    assert states(course, "ps2") == {"ann": graded, "ben": failed}
    course.submit("ann", assignment="ps2", notebooks=["one"])
    course.submit("ben", assignment="ps2")
    assert states(course, "ps2") == {"ann": newer, "ben": newer}
    course.submit("ben", assignment="ps2", notebooks=[], files=damaged | {"a.txt": "I tried."})
    assert statuses(course.grade("ps2")) == {"ann": "graded", "ben": "failed"}
    assert states(course, "ps2") == {"ann": (State.GRADED, 2), "ben": failed}
    (course.submitted("ann", "ps2") / "timestamp.txt").write_text(UTC)
    assert states(course, "ps2") == {"ann": newer, "ben": failed}
    course.grade("ps2")
    assert states(course, "ps2") == {"ann": (State.GRADED, 2), "ben": failed}


def test_unchanged_work_of_an_earlier_version_is_compared_from_the_next_run_on(course):
    course.submit("ann", assignment="ps2")
    course.grade("ps2")
    course.write("drop table nbjudge_attempt")
    assert states(course, "ps2") == {"ann": (State.GRADED, 3)}
    assert statuses(course.grade("ps2")) == {"ann": "unchanged"}
    course.submit("ann", WRONG, assignment="ps2")
    assert states(course, "ps2") == {"ann": (State.NOT_GRADED, None)}


def test_zero_points_for_an_old_answer_are_no_points_for_a_new_one(course):
    course.submit("ann")
    course.grade()
    grade_by_hand(course, essay=0, drawing=0, project=0)
    course.submit("ann", RIGHT | {"essay": "Another answer."})
    outcome = course.grade()["ann"]
    assert outcome.before == outcome.total == 5 and "essay 0 -> waits" in outcome.change
    assert states(course) == {"ann": (State.WAITING, None)}


def test_a_new_time_alone_reopens_nothing_but_changes_the_late_penalty(course):
    set_due(course)
    course.configure(PENALTIES)
    course.submit("ann")
    course.grade()
    grade_by_hand(course, essay=4, drawing=5, project=6)
    (course.submitted("ann") / "timestamp.txt").write_text(AN_HOUR_LATE)
    outcome = course.grade()["ann"]
    assert outcome.status == "graded" and outcome.waiting == 0 and outcome.recorded.penalty > 0
    state, points = states(course)["ann"]
    assert state is State.GRADED and points == outcome.total < 20


def test_points_for_a_notebook_end_with_it(course):
    course.submit("ann", assignment="ps2")
    course.grade("ps2")
    grade_by_hand(course, square_test=0.5)
    course.submit("ann", assignment="ps2", notebooks=["one"])
    outcome = course.grade("ps2")["ann"]
    assert "square_test (two) 0.5 -> 0" in outcome.score_change and outcome.total == 2
    grade_by_hand(course, square_test=1)  # for work on paper, for example
    assert course.grade("ps2", again=True)["ann"].total == 3
    assert outcome.waiting == 0


def test_a_changed_test_and_its_question_are_named(course):
    course.submit("ann")
    course.grade()
    (course.root / "answers.py").write_text(
        "DOUBLES = {0: 1}\n\n\ndef half(x):\n    return x / 2\n"
    )
    change = course.grade()["ann"].score_change
    assert (
        change == "5 -> 3 points (graded again, on time; the same submission: double_test 2 -> 0)"
    )


def test_manual_grades_are_reopened_if_the_maximum_points_change(course):
    course.submit("ann")
    course.grade()
    grade_by_hand(course, essay=3.5)
    cells = questions()
    (essay,) = (c for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == "essay")
    essay.metadata["nbgrader"]["points"] = 2
    course.write_source("ps1", ps1=cells)
    course.release("ps1")
    course.grade()
    assert waiting(course) == {"essay"}


def test_an_extension_moves_the_due_date(course):
    set_due(course)
    course.configure("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    for student in ("ann", "ben"):
        course.submit(student, files={"timestamp.txt": AN_HOUR_LATE})
    course.grade()
    penalties = "select late_submission_penalty from submitted_notebook"
    assert course.rows(penalties) == [(5,), (5,)]
    with course.here():
        gradebook = course.api().gradebook
        with gradebook:
            gradebook.grant_extension("ps1", "ann", hours=1)
    course.grade(again=True)
    assert sorted(course.rows(penalties), key=str) == [(5,), (None,)]


DAY_FIRST = {"fay": "02.12.2026 12:00", "gus": "10.11.26", "hal": "11/10/2026 12:00 UTC"}


def test_a_timestamp_that_is_none(course):
    course.submit("ann", files={"timestamp.txt": "yesterday"})
    for name, text in DAY_FIRST.items():
        course.submit(name, files={"timestamp.txt": text})
    course.submit("ben", files={"timestamp.txt": ""})
    course.submit("cid", files={"timestamp.txt": UTC})
    (course.submit("dan") / "timestamp.txt").write_bytes(b"\xff\xfe" * 1000)
    (course.submit("eve") / "timestamp.txt").write_text("9" * 5000)
    done = course.grade()
    assert set(statuses(done).values()) == {"graded"}
    for name in ("ann", *DAY_FIRST):
        assert any(
            "expected a date and a time" in text or "not a date" in text
            for text in done[name].judgment.remarks
        ), name
    times = dict(course.rows("select student_id, timestamp from submitted_assignment"))
    assert times.pop("cid") == "2030-01-01 12:00:00.000000"
    assert set(times.values()) == {None}


def test_a_failing_late_penalty_is_reported(course):
    set_due(course)
    course.configure(PENALTIES.replace("return 1.5", "return 1 / 0"))
    course.submit("ann", files={"timestamp.txt": AN_HOUR_LATE})
    course.submit("ben")
    done = course.grade()
    assert statuses(done) == {"ann": "failed", "ben": "graded"}
    assert "division by zero" in done["ann"].why
    assert course.scores("ann") == course.scores("ben")  # stored, without the penalty


def test_a_failure_is_recorded_until_grading_succeeds(course):
    def standing():
        found = read_standings(course.api().coursedir, ["ps1"])
        return found.by_student["ann"]["ps1"]

    course.submit("ann")
    assert standing().state is State.NOT_GRADED
    course.grade()
    assert (standing().state, standing().earned) == (State.WAITING, 5)
    course.submit("ann", notebooks=[])
    assert statuses(course.grade()) == {"ann": "failed"}
    assert (standing().state, standing().known_points) == (State.NOT_GRADABLE, 0)
    assert "ps1.ipynb is missing" in standing().why
    course.submit("ann")
    assert statuses(course.grade()) == {"ann": "unchanged"}
    assert (standing().state, standing().earned, standing().why) == (State.WAITING, 5, "")
