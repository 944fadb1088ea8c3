"""A class whose gradebook is in PostgreSQL, as nbgrader's `db_url` allows.

The server is one of its own, with its data in a temporary folder and no network.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sql
from nbgrader.api import Base

from nbjudge.course import gradebook
from nbjudge.course.assignment import Assignment
from nbjudge.course.loading import load_course
from nbjudge.review import manual_grades
from nbjudge.review.manual_grades import ChangedError, ManualGrades
from tests.support.small_course import RIGHT, TABLES, SmallCourse
from tests.support.waiting import wait_until

WRONG = RIGHT | {"double": "def double(x):\n    return x"}
DRIVERS = {"psycopg2": "postgresql+psycopg2", "psycopg": "postgresql+psycopg"}


def find(program):
    """Where a program of PostgreSQL is; Debian does not put them on the path."""
    places = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"))[::-1]]
    return shutil.which(program) or shutil.which(program, path=os.pathsep.join(places))


@pytest.fixture(scope="module")
def address():
    """The db_url of an empty database."""
    drivers = [url for name, url in DRIVERS.items() if importlib.util.find_spec(name)]
    if not drivers:
        pytest.skip("no driver for PostgreSQL is installed: pip install psycopg[binary]")
    if not find("initdb") or not find("postgres"):
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("PostgreSQL is not installed: apt install postgresql")
    user = {}
    if os.getuid() == 0:  # the server refuses to run as root
        try:
            user = {
                "user": "postgres",
                "group": pwd.getpwnam("postgres").pw_gid,
                "extra_groups": [],
            }
        except KeyError:
            pytest.skip("started by root, without a user postgres to run the server as")
    folder = tempfile.mkdtemp(prefix="nbjudge-postgresql-")
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        if user:
            shutil.chown(folder, user["user"], user["group"])
        given = {"cwd": folder, "check": True, "capture_output": True, "text": True, **user}
        options = ["-U", "grader", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        subprocess.run([find("initdb"), "-D", f"{folder}/data", *options], **given)
        server = [find("postgres"), "-D", f"{folder}/data", "-k", folder, "-c", "fsync=off"]
        server += ["-c", "listen_addresses="]
        with open(f"{folder}/log.txt", "w") as log:
            process = subprocess.Popen(server, cwd=folder, stdout=log, stderr=log, **user)
        stack.callback(process.wait, 30)
        stack.callback(process.terminate)
        url = f"{drivers[0]}://grader@/postgres?host={folder}"
        wait_for(url, process)
        yield url


def wait_for(url, process):
    engine = sql.create_engine(url)

    def answers():
        assert process.poll() is None
        with contextlib.suppress(sql.exc.OperationalError), engine.connect():
            return True

    assert wait_until(answers)
    engine.dispose()


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return tmp_path_factory.mktemp("postgresql") / "template"


@pytest.fixture
def course(address, tmp_path, template):
    course = SmallCourse.make(tmp_path / "course", template)
    course.database.unlink()
    yield configured(course, address)
    SmallCourse.cool()
    clear(address)


def clear(address):
    database = sql.create_engine(address)
    with database.begin() as db:
        db.execute(sql.text("drop schema public cascade"))
        db.execute(sql.text("create schema public"))
    database.dispose()


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
    """The same rows as in SQLite."""
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


def test_the_doors_of_nbgrader(course, address):
    configured(course, address, "import nbjudge\nnbjudge.configure(c)\n")
    course.submit("ann")
    done = course.python("-m", "nbgrader", "autograde", "ps1")
    assert done.returncode == 0, done.stderr
    assert ("ps1", "ann", "ps1", "half_test", 3) in {row[:5] for row in tables(address)["grades"]}
    with course.here():
        assert course.api().get_submission("ps1", "ann")["score"] == 5


def test_dates_and_late_penalties(course, address):
    configured(course, address, "c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    dates = course.root / "dates.toml"
    dates.write_text("[due]\nps1 = 2030-01-01 12:00:00\n[extensions.ps1]\nann = '2 days'\n")
    for student in ("ann", "ben"):
        course.submit(student, files={"timestamp.txt": "2030-01-02 12:00:00 UTC"})
    assert {s: o.total for s, o in course.grade().items()} == {"ann": 5, "ben": 0}
    dates.write_text("[due]\nps1 = 2030-01-01 12:00:00\n[extensions.ps1]\nben = '2 days'\n")
    assert {s: o.move for s, o in course.grade().items()} == {
        "ann": "5 -> 0 points (1 day late)",
        "ben": "0 -> 5 points (on time)",
    }
    with course.here(), course.api().gradebook as gradebook:
        assert gradebook.find_submission("ps1", "ben").late_submission_penalty == 0
        assert str(gradebook.find_submission("ps1", "ben").duedate) == "2030-01-03 12:00:00"


def test_a_review_by_hand(course, address):
    """Points, comment, ticks and rubric items are written; a stale reading is refused."""
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


def test_a_gradebook_moves_there_and_back(address, tmp_path, template):
    """Copied from SQLite, it goes on where it was, and comes back as it went."""
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
    clear(address)


def test_what_the_other_database_does_not_take_leaves_nothing(address, tmp_path, template):
    course = SmallCourse.make(tmp_path / "course", template)
    with contextlib.closing(sqlite3.connect(course.database)) as db, db:
        db.execute("insert into student (id, first_name) values ('ann', ?)", ["x" * 200])
    done = course.nbjudge("copy-gradebook", address)
    assert done.returncode == 2
    assert "Nothing was copied" in done.stderr and "too long" in done.stderr
    assert "Traceback" not in done.stderr
    assert everything(address) == {}


def everything(address):
    """All rows of all tables, as nbgrader and nbjudge read them."""
    tables = [*Base.metadata.sorted_tables, *gradebook.metadata.sorted_tables]
    tables += manual_grades.metadata.sorted_tables
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
