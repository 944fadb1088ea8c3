"""Copying a gradebook from one file to another; slow/test_postgresql.py covers PostgreSQL."""

import contextlib
import os
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from nbjudge.course.database import open_database
from nbjudge.course.dates import utc_now
from nbjudge.course.outcome import GradingOutcome
from nbjudge.course.run_records import RecordedRun, read_runs
from nbjudge.plugins.cluster import copying
from nbjudge.plugins.cluster.copy_gradebook import next_step
from nbjudge.plugins.cluster.copying import copy_gradebook
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def small_gradebook(tmp_path_factory):
    """The file of a gradebook with 30 students."""
    path = tmp_path_factory.mktemp("small") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        beside = str(Path(sys.executable).parent)  # nbgrader finds alembic on PATH
        patch.setenv("PATH", os.pathsep.join([beside, os.environ["PATH"]]))
        with Gradebook(f"sqlite:///{path}", "small") as book:
            book.add_assignment("ps1")
            for number in range(30):
                book.add_student(f"s{number}", first_name="Zoë")
    open_database(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def urls(small_gradebook, tmp_path, monkeypatch):
    """The URL of a gradebook with 30 students, and the URL of its copy."""
    beside = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", os.pathsep.join([beside, os.environ["PATH"]]))
    shutil.copy(small_gradebook, tmp_path / "old.db")
    return f"sqlite:///{tmp_path}/old.db", f"sqlite:///{tmp_path}/new.db"


def change(url, *statements):
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db, db:
        for statement in statements:
            db.execute(statement)


def rows(url, query):
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
        return sorted(db.execute(query).fetchall())


def test_everything_is_copied_and_counted(urls, monkeypatch):
    monkeypatch.setattr(copying, "ROWS", 7)
    change(urls[0], "insert into nbjudge_failure values ('ps1', 's1', 'no notebook')")
    steps = []
    counts = copy_gradebook(*urls, lambda total: steps.append(-total) or steps.append)
    assert counts["student"] == 30 and counts["nbjudge_failure"] == counts["course"] == 1
    assert sum(steps) == 0 and len(steps) > 5
    for query in ("select * from student", "select * from nbjudge_failure", "select * from course"):
        assert rows(urls[1], query) == rows(urls[0], query) != []
    with Gradebook(urls[1], "small") as book:  # nbgrader can use the copy
        assert len(book.students) == 30


def refuses(urls, said):
    with pytest.raises((LookupError, ValueError), match=said):
        copy_gradebook(*urls)


def test_a_nonempty_database_is_left_alone(urls):
    change(urls[1], "create table thesis (page text)", "insert into thesis values ('precious')")
    refuses(urls, "is not empty: use a new database or file")
    assert rows(urls[1], "select * from thesis") == [("precious",)]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("create table more (id text)", "has tables of other programs, .*: more"),
        ("alter table student drop column email", "The table student .* `nbgrader db upgrade`"),
        ("alter table student add column age integer", "The table student .* belongs to another"),
        ("drop table comment", "The table comment .* belongs to another version"),
    ],
)
def test_a_gradebook_of_another_kind_is_refused(urls, tmp_path, statement, said):
    change(urls[0], statement)
    refuses(urls, said)
    assert not (tmp_path / "new.db").exists()


def test_a_missing_gradebook_is_not_made(tmp_path):
    refuses(
        (f"sqlite:///{tmp_path}/none.db", f"sqlite:///{tmp_path}/new.db"), "here is no gradebook"
    )
    assert not list(tmp_path.iterdir())


def test_a_copy_with_other_values_is_an_error(urls, tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "_rows", lambda *_: iter([[{"id": object()}]]))
    monkeypatch.setattr(copying.sql, "insert", lambda table: copying.sql.text("select 1"))
    refuses(urls, "returns different values in the table course than were written")
    assert not (tmp_path / "new.db").exists()


def test_the_record_of_runs_is_copied(urls, tmp_path):
    with RecordedRun(urls[0], "a", utc_now(), lambda: 2, {"ps1": 3}) as run:
        run.count("ps1", GradingOutcome("ann", "graded"))
    third = f"sqlite:///{tmp_path}/third.db"
    assert copy_gradebook(urls[0], third)["nbjudge_run"] == 1
    assert read_runs(third) == read_runs(urls[0]) != []


def test_a_gradebook_that_is_being_graded_is_not_copied(urls):
    """Rows written after their table was read would be missing."""
    with RecordedRun(urls[0], "a", utc_now(), lambda: 2, {"ps1": 3}):
        assert wait_until(lambda: read_runs(urls[0]))
        refuses(
            urls,
            rf"is in use by a grading run on .*, process {os.getpid()}: "
            "copy it when the run has ended",
        )


def test_the_next_step_is_a_line_to_paste(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = next_step("postgresql+psycopg://ada:secret@host/course", tmp_path)
    assert said.endswith('\nc.CourseDirectory.db_url = "postgresql+psycopg://ada:***@host/course"')
    said = next_step("sqlite:///other.db", tmp_path)
    assert said.endswith(f'\nc.CourseDirectory.db_url = "sqlite:///{tmp_path}/other.db"')
    back = "Next: remove c.CourseDirectory.db_url from nbgrader_config.py."
    assert next_step("sqlite:///gradebook.db", tmp_path) == back


def test_an_invalid_target_address(urls):
    with pytest.raises(ValueError, match="^DB_URL is not a database address such as sqlite:///"):
        copy_gradebook(urls[0], "new.db")
