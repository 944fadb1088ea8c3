"""Scores are saved in batches; each submission is saved completely or not at all."""

import datetime
import threading

import pytest
import sqlalchemy as sql

from nbjudge.course import saving
from nbjudge.course.assignment import Assignment
from nbjudge.course.database import read_only
from nbjudge.course.gradebook import Change
from nbjudge.course.loading import load_course
from nbjudge.course.saving import Result, Saver, Scores, save_all
from nbjudge.errors import GradebookError
from nbjudge.files import locked
from tests.support.small_course import SmallCourse
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return tmp_path_factory.mktemp("saving") / "template"


@pytest.fixture
def course(tmp_path, template):
    return SmallCourse.make(tmp_path / "course", template)


@pytest.fixture
def records(course):
    with course.here():
        assignment = Assignment("ps1", *load_course())
    yield assignment.records
    assignment.close()


def result(student, points=2.0, work="w", **more):
    scores = {"double_test": points, "half_test": 3.0, "essay": None, "drawing": 0.0}
    notebooks = {"ps1": Scores(scores, ["drawing"], flagged=student == "ben")}
    return Result(
        student=student,
        notebooks=notebooks,
        fingerprint="f" * 64,
        work=work,
        report={"seconds": 1.0},
        files="h",
        **more,
    )


def by_hand(course):
    course.write(
        "update grade set manual_score = 1, needs_manual_grade = 0 where notebook_id in ("
        "select n.id from submitted_notebook n join submitted_assignment s "
        "on s.id = n.assignment_id where s.student_id = 'ann')"
    )


SECOND = [
    result("cid", 1.0),
    result("ann"),
    result("ben", 2.0, "other"),
    result("dan"),
    Result(student="eve", notebooks={"ps1": Scores({}, [], missing=True)}),
]


def test_a_batch_equals_single_saves(course, records, tmp_path, template):
    """The submissions are new, unchanged, changed, manually graded and missing."""
    together = course
    save_all(records, [result(student) for student in ("ann", "ben", "cid", "eve")])
    by_hand(course)
    points = save_all(records, SECOND)
    assert [found.total for found in points] == [4, 5, 5, 5, 0]
    one_by_one = SmallCourse.make(tmp_path / "other", template)
    with one_by_one.here():
        assignment = Assignment("ps1", *load_course())
    for student in ("ann", "ben", "cid", "eve"):
        save_all(assignment.records, [result(student)])
    by_hand(one_by_one)
    for one in SECOND:
        save_all(assignment.records, [one])
    assignment.close()
    assert together.tables() == one_by_one.tables()
    waits = {(row[1], row[3]): bool(row[7]) for row in together.tables()["grades"]}
    assert not waits["ann", "essay"], "graded by hand, and the work is the same"
    assert waits["ben", "essay"] and not waits["eve", "essay"]


def test_pending_scores_are_saved_together(records, monkeypatch):
    sizes, save = [], saving.save_all

    def count(records, results, policy):
        sizes.append(len(results))
        return save(records, results, policy)

    monkeypatch.setattr(saving, "save_all", count)
    saver = Saver(records)
    threads = [
        threading.Thread(target=saver.save, args=[result(f"s{number}")]) for number in range(20)
    ]
    with saving.writing:
        for thread in threads:
            thread.start()
        assert wait_until(lambda: len(saver.waiting) == 20)
    for thread in threads:
        thread.join()
    assert sizes == [20]
    assert len(records.earlier()) == 20


def test_a_failure_affects_nothing_else(records, monkeypatch):
    def broken(points):
        raise ZeroDivisionError

    saver, raised = Saver(records), {}

    def save(one):
        try:
            saver.save(one)
        except Exception as error:
            raised[one.student] = error

    results = [result("ann"), result("ben", change=broken), result("cid")]
    threads = [threading.Thread(target=save, args=[one]) for one in results]
    with saving.writing:
        for thread in threads:
            thread.start()
        assert wait_until(lambda: len(saver.waiting) == 3)
    for thread in threads:
        thread.join()
    assert set(raised) == {"ben"} and isinstance(raised["ben"], ZeroDivisionError)
    assert set(records.earlier()) == {"ann", "cid"}
    assert set(records.students()) == {"ann", "cid"}


def test_two_runs_that_add_the_same_student_both_go_on(records, monkeypatch):
    """The other run inserts its row just before this one."""
    insert, tried = saving.insert_rows, []

    def insert_late(db, table, rows):
        if table.name == "submitted_assignment" and not tried:
            tried.append(1)
            raise sql.exc.IntegrityError("insert", {}, Exception("UNIQUE constraint failed"))
        insert(db, table, rows)

    monkeypatch.setattr(saving, "insert_rows", insert_late)
    assert Saver(records).save(result("ann")).total == 5
    assert tried


def test_remarks_about_points_are_saved_with_them(records, course):
    records.note("ann", "no notebook", None)
    text = "5 points (graded for the first time)"

    def change(points):
        return Change(datetime.datetime(2030, 1, 1), None, points.total, text)

    Saver(records).save(result("ann", change=change))
    assert records.earlier()["ann"].failure == ""
    assert course.rows("select student, after, text from nbjudge_change") == [("ann", 5, text)]


def test_a_folder_is_locked_by_one_at_a_time(tmp_path):
    inside, most = [], []

    def work():
        with locked(tmp_path / "folder"):
            inside.append(1)
            most.append(len(inside))
            threading.Event().wait(0.05)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]
    assert [*(tmp_path / "folder").iterdir()] == []


def test_a_gradebook_that_is_read_only_ends_the_run(course, records, monkeypatch):
    """No later submission could be saved either."""
    with course.here():
        db_url = load_course()[0].db_url
    records.engine.dispose()
    monkeypatch.setattr(records, "engine", read_only(db_url))
    with pytest.raises(GradebookError, match="cannot be written: attempt to write a readonly"):
        Saver(records).save(result("ann"))
