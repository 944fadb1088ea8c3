"""A class with its gradebook in PostgreSQL, configured by nbgrader's `db_url`."""

import contextlib
import json
import re
import sqlite3
import threading
import time

import pytest
import sqlalchemy as sql

from nbjudge.course import database, gradebook, schema
from nbjudge.course.assignment import Assignment
from nbjudge.course.database import read_only
from nbjudge.course.loading import load_course
from nbjudge.course.run import Run
from nbjudge.course.saving import Result, Saver, Scores
from nbjudge.errors import KEPT, GradebookError
from nbjudge.plugins.lms.class_list import Person, write_class
from nbjudge.plugins.review.answers import Answers
from nbjudge.plugins.review.claims import Seat
from nbjudge.plugins.review.manual_grades import ChangedError, ManualGrades
from nbjudge.plugins.review.operations import Review
from nbjudge.plugins.shared.tables import added
from tests.support.formgrader import TOKEN, formgrader
from tests.support.small_course import RIGHT, TABLES, SmallCourse

WRONG = RIGHT | {"double": "def double(x):\n    return x"}


@pytest.fixture(scope="module")
def address(server):
    """The db_url of an empty database."""
    return server.url


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return tmp_path_factory.mktemp("postgresql") / "template"


@pytest.fixture
def course(server, tmp_path, template):
    course = SmallCourse.make(tmp_path / "course", template)
    course.database.unlink()
    yield configured(course, server.url)
    SmallCourse.cool()
    server.clear()


def configured(course, address, more=""):
    course.configure(f"c.CourseDirectory.db_url = {address!r}\n{more}")
    for assignment in ("ps1", "ps2"):
        course.release(assignment)
    return course


def tables(address):
    engine = sql.create_engine(address)
    with engine.connect() as db:
        found = {
            name: sorted(map(tuple, db.execute(sql.text(query))), key=repr)
            for name, query in TABLES.items()
        }
    engine.dispose()
    return found


def test_a_class(course, address, tmp_path, template):
    """The rows are the same as in SQLite."""
    other = SmallCourse.make(tmp_path / "other", template)
    for one in (course, other):
        one.submit("ann", files={"timestamp.txt": "2030-01-01 12:00:00 UTC"})
        one.submit("ben", WRONG)
        one.submit("Zoë O'Brien", {})
        one.submit("ann", assignment="ps2", notebooks=["two"])
        for assignment in ("ps1", "ps2"):
            assert {o.status for o in one.grade(assignment).values()} == {"graded"}
            assert {o.status for o in one.grade(assignment).values()} == {"unchanged"}
    assert not course.database.exists()
    grades = {row[:5] + (bool(row[7]),) for row in tables(address)["grades"]}
    assert grades == {row[:5] + (bool(row[7]),) for row in other.tables()["grades"]}
    assert [row[:2] for row in tables(address)["submissions"]] == [
        row[:2] for row in other.tables()["submissions"]
    ]
    assert tables(address)["comments"] == other.tables()["comments"]
    course.submit("ben")
    done = course.grade(workers=2)
    assert {n: o.status for n, o in done.items()} == {
        "ann": "unchanged",
        "ben": "graded",
        "Zoë O'Brien": "unchanged",
    }


def test_the_interfaces_of_nbgrader(course, address):
    configured(course, address, "import nbjudge\nnbjudge.configure(c)\n")
    course.submit("ann")
    done = course.python("-m", "nbgrader", "autograde", "ps1")
    assert done.returncode == 0, done.stderr
    assert ("ps1", "ann", "ps1", "half_test", 3) in {row[:5] for row in tables(address)["grades"]}
    with course.here():
        assert course.api().get_submission("ps1", "ann")["score"] == 5


LISTS = (
    *("assignments", "assignment/ps1", "notebooks/ps1", "submissions/ps1", "submission/ps1/ann"),
    *("submitted_notebooks/ps1/ps1", "students", "student/ann", "student_submissions/ann"),
    "student_notebook_submissions/ann/ps1",
)
PAGES = (
    *("manage_assignments", "manage_submissions/ps1", "gradebook", "gradebook/ps1"),
    *("gradebook/ps1/ps1", "manage_students", "manage_students/ann", "manage_students/ann/ps1"),
)


# The random ids that nbgrader generates, and the index of a notebook in their order.
DRAWN = r'"id": "[0-9a-f]{32}"|"index": [0-9]+'


def work_in_the_formgrader(course, home):
    """Grade with the formgrader's button, then manually; return the displayed data without ids."""
    shown = []

    def read(path):
        return json.loads(browser.get(f"formgrader/api/{path}"))

    def look():
        found = {}
        for path in LISTS:
            content = json.loads(re.sub(DRAWN, '"drawn": 0', json.dumps(read(path))))
            # Lists are in the order of the random ids, or unordered.
            is_list = isinstance(content, list)
            found[path] = sorted(content, key=json.dumps) if is_list else content
        shown.append(found)

    with formgrader(course, home) as browser:
        browser.get(f"login?token={TOKEN}")
        browser.get("formgrader/manage_assignments")
        for student in ("ann", "ben"):
            done = browser.post(f"formgrader/api/submission/ps1/{student}/autograde")
            assert done["success"], done
        look()
        notebooks = {one["student"]: one["id"] for one in read("submitted_notebooks/ps1/ps1")}
        key = notebooks["ann"]
        for page in (*PAGES, f"submissions/{key}", f"submissions/{key}/next"):
            browser.get(f"formgrader/{page}")
        (grade,) = (g for g in read(f"grades?submission_id={key}") if g["name"] == "essay")
        (text,) = (c for c in read(f"comments?submission_id={key}") if c["name"] == "essay")
        for path, given in {
            f"grade/{grade['id']}": {"manual_score": 3.25, "extra_credit": 0.5},
            f"comment/{text['id']}": {"manual_comment": "Ça va."},
            "student/cem": {"first_name": "Cem", "last_name": "Yılmaz", "email": ""},
            "assignment/ps2": {"duedate_notimezone": "2030-01-01 12:00", "duedate_timezone": "UTC"},
        }.items():
            browser.post(f"formgrader/api/{path}", method="PUT", **given)
        browser.post(f"formgrader/api/submitted_notebook/{notebooks['ben']}/flag")
        look()
        for command in ("assignment/ps1/assign", "submission/ps1/ann/autograde"):
            done = browser.post(f"formgrader/api/{command}")
            assert done["success"], done
        look()
    assert "Uncaught exception" not in (home / "log.txt").read_text()
    return shown


def test_the_formgrader(course, address, tmp_path, template):
    """The formgrader reads and writes the same data as in SQLite, and nbjudge sees them."""
    plugin = "import nbjudge\nnbjudge.configure(c)\n"
    other = SmallCourse.make(tmp_path / "other", template)
    other.configure(plugin)
    other.release("ps1")
    other.release("ps2")
    configured(course, address, plugin)
    for one in (course, other):
        one.submit("ann")
        one.submit("ben", WRONG)
    shown = work_in_the_formgrader(course, tmp_path / "home")
    expected = work_in_the_formgrader(other, tmp_path / "other-home")
    for mine, theirs in zip(shown, expected, strict=True):
        for path in LISTS:
            assert mine[path] == theirs[path], path
    assert not course.database.exists()
    before, by_hand, again = (one["submission/ps1/ann"]["score"] for one in shown)
    assert (before, by_hand, again) == (5, 8.75, 8.75)

    with course.here():
        assignment = Assignment("ps1", *load_course())
    try:
        grades = ManualGrades(assignment.records).all()
    finally:
        assignment.close()
    (essay,) = (one for one in grades if (one.cell, one.student) == ("essay", "ann"))
    assert (essay.points, essay.comment) == (3.25, "Ça va.")
    done = course.nbjudge("feedback", "ps1")
    assert done.returncode == 0, done.stderr
    page = (course.root / "feedback/ann/ps1/ps1.html").read_text()
    assert "Ça va." in page and "8.75 of 20" in page


def test_dates_and_late_penalties(course, address):
    configured(course, address, "c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    dates = course.root / "dates.toml"
    dates.write_text("[due]\nps1 = 2030-01-01 12:00:00\n[extensions.ps1]\nann = '2 days'\n")
    for student in ("ann", "ben"):
        course.submit(student, files={"timestamp.txt": "2030-01-02 12:00:00 UTC"})
    assert {s: o.total for s, o in course.grade().items()} == {"ann": 5, "ben": 0}
    dates.write_text("[due]\nps1 = 2030-01-01 12:00:00\n[extensions.ps1]\nben = '2 days'\n")
    assert {s: o.score_change for s, o in course.grade().items()} == {
        "ann": "5 -> 0 points (1 day late)",
        "ben": "0 -> 5 points (on time)",
    }
    with course.here(), course.api().gradebook as gradebook:
        assert gradebook.find_submission("ps1", "ben").late_submission_penalty == 0
        assert str(gradebook.find_submission("ps1", "ben").duedate) == "2030-01-03 12:00:00"


def end_connections(address):
    """Terminate all other connections, as a server does when it stops."""
    engine = sql.create_engine(address, poolclass=sql.NullPool)
    query = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
    with engine.connect() as db:
        db.execute(sql.text(query))


def scores_of(student):
    return Result(student=student, notebooks={"ps1": Scores({"double_test": 2.0}, [])})


def test_a_server_that_comes_back_costs_nothing(course, address):
    """A connection that is kept for the next scores is lost meanwhile."""
    course.submit("ann")
    with course.here():
        assignment = Assignment("ps1", *load_course())
    try:
        saver = Saver(assignment.records)
        saver.save(scores_of("ann"))
        end_connections(address)
        assert saver.save(scores_of("ben")).total == 2
        calls = []

        def write(db):
            calls.append(1)
            if len(calls) == 1:
                end_connections(address)
            return db.execute(sql.text("select 7")).scalar_one()

        assert assignment.records.transact(write) == 7, "once more, as it ended in the middle"
        assert len(calls) == 2
    finally:
        assignment.close()


def test_locked_rows_are_not_waited_for_forever(course, address, monkeypatch):
    """As if another run had been stopped in the middle of a write."""
    course.submit("ann")
    course.grade()
    monkeypatch.setitem(database._BEGIN, "postgresql", "SET LOCAL lock_timeout = '200ms'")
    monkeypatch.setattr(gradebook, "PATIENCE", 1)
    with course.here():
        assignment = Assignment("ps1", *load_course())
    other = sql.create_engine(address, poolclass=sql.NullPool)
    try:
        with other.begin() as db:
            db.execute(sql.text("update grade set auto_score = 1"))
            with pytest.raises(GradebookError, match="cannot be written: .* lock timeout"):
                Saver(assignment.records).save(scores_of("ann"))
        assert Saver(assignment.records).save(scores_of("ann")).total == 2
    finally:
        assignment.close()


def test_manual_grades_and_names_do_not_wait_forever_for_a_lock(course, monkeypatch):
    course.submit("ann")
    course.grade()
    monkeypatch.setitem(database._BEGIN, "postgresql", "SET LOCAL lock_timeout = '200ms'")
    with course.here():
        assignment = Assignment("ps1", *load_course())
    grades = ManualGrades(assignment.records)
    grade = grades.all()[0]
    try:
        with assignment.records.engine.begin() as db:
            db.execute(sql.text("update grade set auto_score = 1"))
            db.execute(sql.text("update student set first_name = 'Annie'"))
            with pytest.raises(sql.exc.OperationalError, match="lock timeout"):
                grades.save(grade, 1.0, "", [])
            with pytest.raises(sql.exc.OperationalError, match="lock timeout"):
                write_class(assignment.coursedir, [Person("ann", "Ann")], dry=False)
            db.rollback()
        grades.save(grade, 1.0, "", [])
    finally:
        assignment.close()


def test_a_stopped_run_releases_its_locks(course, monkeypatch):
    """The server ends an idle transaction, and the run repeats it."""
    begin = database._BEGIN["postgresql"]
    assert "lock_timeout" in begin and begin.endswith("idle_in_transaction_session_timeout = '60s'")
    monkeypatch.setitem(database._BEGIN, "postgresql", begin.replace("60s", "1s"))
    with course.here():
        assignment = Assignment("ps1", *load_course())
    calls = []

    def write(db):
        calls.append(1)
        time.sleep(3 if len(calls) == 1 else 0)
        return db.execute(sql.text("select 7")).scalar_one()

    try:
        assert assignment.records.transact(write) == 7
        assert len(calls) >= 2
    finally:
        assignment.close()


def test_feedback_waits_for_a_server_that_comes_back(course, monkeypatch):
    course.submit("ann")
    course.grade()
    read, calls = gradebook.read_about, []

    def read_later(*given):
        calls.append(1)
        if len(calls) == 1:
            raise sql.exc.OperationalError("select", {}, Exception("the server is starting"))
        return read(*given)

    monkeypatch.setattr(gradebook, "read_about", read_later)
    assert course.grade(feedback=True)["ann"].feedback == ""
    assert (course.root / "feedback/ann/ps1/ps1.html").exists() and len(calls) == 2


def test_a_server_that_stays_away_ends_the_run(course, server, monkeypatch):
    """The run reports it in one sentence, and the next run continues."""
    for student in ("ann", "ben", "cid"):
        course.submit(student)
    monkeypatch.setattr(gradebook, "PATIENCE", 1)
    replace_graded_folder = Run._replace_graded_folder

    def end_the_server(run, submission, answers):
        replace_graded_folder(run, submission, answers)
        if submission.student == "ben":
            server.kill()

    monkeypatch.setattr(Run, "_replace_graded_folder", end_the_server)
    try:
        with pytest.raises(GradebookError) as error:
            course.grade(workers=1)
    finally:
        server.start()
    assert re.match(r"The gradebook postgresql\S* cannot be written: ", str(error.value))
    assert str(error.value).endswith(KEPT)
    monkeypatch.undo()
    done = {student: outcome.status for student, outcome in course.grade().items()}
    assert set(done.values()) <= {"graded", "unchanged"} and "graded" in done.values()


def test_a_review_by_hand(course, address):
    """Points, comments, ticks and rubric items are saved; an outdated version is rejected."""
    course.submit("ann")
    course.grade()
    with course.here():
        assignment = Assignment("ps1", *load_course())
    try:
        grades = ManualGrades(assignment.records)
        seen = next(grade for grade in grades.all() if grade.cell == "essay")
        grades.save(seen, 3.5, "Well said.", ["a"])
        with pytest.raises(ChangedError):
            grades.save(seen, 4, "Better said.", [])
        grade = grades.one(seen.id)
        assert (grade.points, grade.waiting, grade.comment) == (3.5, False, "Well said.")
        grades.save(grade, 0.1, "Well said.", ["b"])
        assert grades.ticked(grades.one(seen.id)) == ["b"]
        assert grades.comments(grade) == ["Well said."]
        grades.add_item(grade.cell_id, 0.1, "A reason")
        grades.add_item(grade.cell_id, -1, "No example")
        (reason, example) = grades.items(grade.cell_id)
        grades.remove_item(grade.cell_id, reason.key)
        assert grades.items(grade.cell_id) == [example]
    finally:
        assignment.close()
    kept = {row[3]: row[5:] for row in tables(address)["grades"]}
    assert kept["essay"] == (0.1, None, False)


def test_three_servers_for_graders_give_no_answer_twice(course, address):
    """The claims of several graders hold between servers that share a gradebook in PostgreSQL."""
    students = ("ann", "ben", "cid", "dan")
    for student in students:
        course.submit(student)
    course.grade()
    opened, errors = [], []
    barrier = threading.Barrier(3)

    def grade(grader):
        with lock:
            assignment = Assignment("ps1", *configuration)
        try:
            review = Review(Answers(assignment, True), graders=("ana", "eva", "flo"))
            seat, start = Seat(grader, grader * 8), None
            barrier.wait(60)
            while shown := review.step(seat, "answers", start, 1, True)["answer"]:
                opened.append(shown["id"])
                data = {"version": shown["version"], "points": 1, "comment": "", "ticked": []}
                review.save(seat, "answers", shown["id"], data)
                start = shown["id"]
        except BaseException as error:
            errors.append(error)
        finally:
            assignment.close()

    lock = threading.Lock()
    with course.here():
        configuration = load_course()
        threads = [threading.Thread(target=grade, args=[name]) for name in ("ana", "eva", "flo")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
    assert errors == []
    assert len(opened) == len(set(opened)) == 3 * len(students)
    kept = everything(address)
    assert len(kept["nbjudge_grading"]) == len(opened)
    assert kept["nbjudge_claim"] == []


def test_the_status_of_a_class(course, address):
    """A run is recorded in PostgreSQL too, and reading the status changes nothing."""
    course.submit("ann")
    (course.submit("ben") / "ps1.ipynb").unlink()
    course.grade()
    before = everything(address)
    assert [row[3] for row in before["nbjudge_run"]] == ["done"]
    done = course.nbjudge("status", "ps1")
    assert done.returncode == 0, done.stderr
    assert re.search(r"ps1 +2 +0 +1 +1 +0", done.stdout)
    assert "Ended: ps1, started " in done.stderr and ": 2 of 2 submissions in " in done.stderr
    assert everything(address) == before
    course.submit("cid")
    done = course.nbjudge("autograde", "ps1", "--dry-run")
    assert done.returncode == 1, done.stderr
    assert re.search(r"ps1 +1 +0 +1 +0 +1", done.stderr)
    assert everything(address) == before
    with read_only(address).connect() as db, pytest.raises(sql.exc.DBAPIError, match="read-only"):
        db.execute(sql.text("delete from student"))


def test_a_gradebook_moves_there_and_back(server, address, tmp_path, template):
    """A copy of an SQLite gradebook continues where it was, and can be copied back unchanged."""
    course = SmallCourse.make(tmp_path / "course", template)
    (course.root / "dates.toml").write_text(
        "[due]\nps1 = 2030-01-01\n[extensions.ps1]\nann = '2 days'\n"
    )
    course.submit("ann", files={"timestamp.txt": "2030-01-01 12:00:00.25 UTC"})
    course.submit("ben", WRONG)
    course.submit("Zoë O'Brien", {})
    course.grade("ps1")
    with course.here():
        assignment = Assignment("ps1", *load_course())
        grades = ManualGrades(assignment.records)
        seen = next(grade for grade in grades.all() if grade.cell == "essay")
        grades.save(seen, 1 / 3, "Ça va. \U0001f642", [])
        assignment.close()
    before = everything(f"sqlite:///{course.database}")
    assert len(before["nbjudge_submission"]) == 3 and before["submitted_assignment"]
    assert len(before["nbjudge_run"]) == 1
    done = course.nbjudge("copy-gradebook", address)
    assert done.returncode == 0, done.stderr
    assert "Copied 3 students, 3 submissions and" in done.stderr
    assert everything(address) == before
    again = course.nbjudge("copy-gradebook", address)
    assert again.returncode == 2 and "is not empty" in again.stderr
    assert everything(address) == before

    course.configure(f"c.CourseDirectory.db_url = {address!r}\n")
    course.database.unlink()
    assert {o.status for o in course.grade("ps1").values()} == {"unchanged"}
    assert not course.database.exists()
    before = everything(address)
    done = course.nbjudge("copy-gradebook", f"sqlite:///{tmp_path}/back.db")
    assert done.returncode == 0, done.stderr
    assert everything(f"sqlite:///{tmp_path}/back.db") == before
    SmallCourse.cool()
    server.clear()


def test_a_failed_copy_leaves_nothing(address, tmp_path, template):
    course = SmallCourse.make(tmp_path / "course", template)
    with contextlib.closing(sqlite3.connect(course.database)) as db, db:
        db.execute("insert into student (id, first_name) values ('ann', ?)", ["x" * 200])
    done = course.nbjudge("copy-gradebook", address)
    assert done.returncode == 2
    assert "Nothing was copied" in done.stderr and "too long" in done.stderr
    assert "Traceback" not in done.stderr
    assert everything(address) == {}


def everything(address):
    """Return all rows of all tables, as nbgrader and nbjudge read them."""
    tables = [*schema.nbgraders.sorted_tables, *added.sorted_tables]
    engine = sql.create_engine(address)
    with engine.connect() as db:
        there = sql.inspect(db).get_table_names()
        found = {
            table.name: sorted(map(tuple, db.execute(sql.select(table))), key=repr)
            for table in tables
            if table.name in there
        }
        if "alembic_version" in there:
            found["alembic_version"] = db.execute(sql.text("select * from alembic_version")).all()
    engine.dispose()
    return found
