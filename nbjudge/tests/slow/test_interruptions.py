"""Dying processes, full disks and closed folders: all output is complete, and the rest goes on."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
import sqlalchemy as sql

from nbjudge.course import assignment, run, saving
from nbjudge.course.grading import grade
from nbjudge.course.loading import load_course
from nbjudge.course.run_records import RecordedRun
from nbjudge.errors import GradebookError
from tests.support.interruptions import Interruptions, Tree
from tests.support.small_course import RIGHT, SmallCourse
from tests.support.waiting import wait_until

WRONG = RIGHT | {"double": "def double(x):\n    return x"}


@pytest.mark.parametrize("role", ["coordinator", "worker", "judge", "fork-server"])
def test_a_process_that_is_killed(tmp_path, role):
    """One process of each role; `python -m tests.support.interruptions` kills at many moments."""
    trial = Interruptions(tmp_path, 20, seed=sum(map(ord, role)))
    for _ in range(10):  # a class may be done before the kill
        trial.one_class(1, [role])
        if trial.killed[role]:
            break
    assert trial.killed[role] == 1
    assert trial.problems == []


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    yield tmp_path_factory.mktemp("interruptions")
    SmallCourse.cool()


@pytest.fixture
def course(place):
    course = SmallCourse.make(place / "course", place / "template")
    for student in ("ann", "ben", "cid"):
        course.submit(student)
    return course


def status(done):
    return {student: outcome.status for student, outcome in done.items()}


def left_over(course):
    """Return the names of temporary files next to the graded folders."""
    return [p.name for p in (course.root / "autograded").glob("*/.*")]


def kill_all(fork_servers):
    for pid in fork_servers:
        with contextlib.suppress(ProcessLookupError):  # a clone may have exited with the first one
            os.kill(pid, signal.SIGKILL)


def test_a_fork_server_that_ends_during_a_test_costs_nobody_points(course):
    """The student whose function the test was calling is not at fault."""
    slow = "import time\nslept = []\ndef double(x):\n    if not slept:\n        time.sleep(3)\n"
    course.submit("ann", RIGHT | {"double": slow + "    slept.append(x)\n    return 2 * x"})
    tree, killed = Tree(os.getpid()), []

    def kill():
        wait_until(lambda: tree.look()["session"])
        time.sleep(1)
        killed.extend(tree.look()["fork-server"])
        kill_all(killed)

    thread = threading.Thread(target=kill)
    thread.start()
    start = time.monotonic()
    done = course.grade(students=["ann"])
    thread.join()
    assert killed
    assert time.monotonic() - start > 4
    assert (done["ann"].judgment.score, done["ann"].judgment.errors) == (5, [])


CHILD = """
import os, signal, time
def double(x):
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    time.sleep(0.5)
    os.kill(child, signal.SIGTERM)
    return 2 * x if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -15 else 0
"""


@pytest.mark.parametrize(
    "roles", [("session",), ("zygote", "worker", "judge", "fork-server", "session")]
)
@pytest.mark.parametrize("level", ["reduced", "full"])
def test_sigterm_to_all_processes_costs_nobody_points(course, level, roles):
    """SLURM and systemd send it when they end a job; processes started by students obey it."""
    course.submit("ann", RIGHT | {"double": CHILD})
    tree, ended = Tree(os.getpid()), []

    def end():
        # The submission's session has a child.
        wait_until(lambda: len(tree.look()["session"]) > 1, 120)
        for pids in (pids for role, pids in tree.look().items() if role in roles):
            for pid in pids:
                ended.append(pid)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)

    thread = threading.Thread(target=end)
    thread.start()
    done = course.grade(students=["ann"], isolation=level)
    thread.join()
    assert len(ended) >= len(roles)
    assert (done["ann"].judgment.score, done["ann"].judgment.errors) == (5, [])


def test_new_workers_are_made_after_the_end_of_all_fork_servers(course):
    course.grade(students=["ann"])
    kill_all(Tree(os.getpid()).look()["fork-server"])
    course.submit("ann", WRONG)
    course.submit("ben", WRONG)
    done = course.grade(workers=2)
    assert {outcome.status for outcome in done.values()} == {"graded"}


@pytest.mark.parametrize("before", [False, True])
def test_an_interrupted_write_of_a_folder(course, monkeypatch, before):
    """The disk is full: existing results stay, and the next run succeeds."""
    if before:
        course.grade()
        course.submit("ben", WRONG)
    write, count = run.Path.write_bytes, []

    def full(path, content):
        if ".new" in str(path) and "ben" in str(path):
            count.append(path)
            if len(count) == 2:
                write(path, content[:100])
                raise OSError(28, "No space left on device", str(path))
        return write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(run.Path, "write_bytes", full)
        done = course.grade()
    others = "unchanged" if before else "graded"
    assert status(done) == {"ann": others, "ben": "failed", "cid": others}
    assert "No space left on device" in done["ben"].why
    assert course.autograded("ben").exists() == before
    assert course.scores("ben").get("double_test") == (2 if before else None)
    assert course.grade()["ben"].judgment.score == (3 if before else 5)
    assert left_over(course) == []


def test_a_folder_that_cannot_be_written(course):
    """A file is in the way; an unwritable folder would not stop root."""
    (course.root / "autograded").mkdir()
    (course.root / "autograded/ben").write_text("")
    done = course.grade()
    assert status(done) == {"ann": "graded", "ben": "failed", "cid": "graded"}
    assert "cannot be written" in done["ben"].why
    assert course.scores("ben") == {}


def test_a_disk_that_is_really_full(course):
    """autograded/ is a small file system in a mount namespace."""
    course.submit("ben", files={"big.txt": "x" * 3_000_000})
    (course.root / "autograded").mkdir()
    script = "mount -t tmpfs -o size=1m none autograded && "
    script += '"$@"; status=$?; cp -r autograded kept; exit $status'
    command = [sys.executable, "-m", "nbjudge", "autograde", "ps1"]
    with course.here():
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", script, "sh", *command],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    assert done.returncode == 1, done.stderr
    assert "Not graded: ps1 of ben: " in done.stderr
    assert "No space left on device" in done.stderr
    kept = course.root / "kept"
    assert sorted(path.parts[-3] for path in kept.glob("*/ps1/ps1.ipynb")) == ["ann", "cid"]
    assert course.scores("ben") == {}
    assert [path.name for path in kept.glob("ben/*")] == []
    shutil.rmtree(kept)
    assert {o.status for o in course.grade().values()} == {"graded"}


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is unwritable for root")
def test_an_unwritable_folder(course):
    (course.root / "autograded/ben").mkdir(parents=True)
    (course.root / "autograded/ben").chmod(0o500)
    done = course.grade()
    assert status(done) == {"ann": "graded", "ben": "failed", "cid": "graded"}
    assert "Permission denied" in done["ben"].why


def test_an_abandoned_run_starts_nothing_more(tmp_path, place, monkeypatch):
    """This includes the up to ten seconds in which the run's record is written."""
    course = SmallCourse.make(tmp_path / "course", place / "template")
    students = [f"s{number}" for number in range(9)]
    for student in students:
        course.submit(student, RIGHT | {"drawing": "import time\ntime.sleep(0.3)"})
    begun, seen = [], []

    def leave(*_):
        time.sleep(0.5)  # jobs already taken start
        seen.append(len(begun))
        time.sleep(2)
        seen.append(len(begun))

    monkeypatch.setattr(RecordedRun, "__exit__", leave)
    with course.here():
        one = assignment.Assignment("ps1", *load_course())
        before = lambda _, student: begun.append(student)  # noqa: E731
        running = grade(course.engine(), {one: students}, 1, before=before)
        next(running)
        running.close()
        one.close()
    assert seen[0] == seen[1] < len(students)


def test_a_gradebook_that_stays_locked(course, monkeypatch):
    """Scores cannot be saved, so the run ends; the next run uses the graded folder."""
    connect = assignment.Records.__init__

    def hasty(records, *arguments, **options):
        connect(records, *arguments, **options)
        records.engine.dispose()
        url = records.engine.url
        records.engine = grading_engine(url)

    def grading_engine(url):
        return sql.create_engine(url, connect_args={"timeout": 0.2})

    course.grade(students=[])  # creates the tables
    with monkeypatch.context() as patch:
        patch.setattr(assignment.Records, "__init__", hasty)
        with contextlib.closing(sqlite3.connect(course.database)) as other:
            other.execute("begin exclusive")
            other.rollback()
            other.execute("begin immediate")
            with pytest.raises(GradebookError, match="cannot be written: database is locked. "):
                course.grade(students=["ann", "ben"])
            other.rollback()
    assert course.scores("ann") == {}
    done = course.grade()
    assert {o.status for o in done.values()} == {"graded"}
    assert course.scores("ann")["double_test"] == 2


def test_a_gradebook_without_room(course, monkeypatch):
    """Scores are saved completely or not at all."""
    write = saving.write_changes

    def fail(db, assignment, found):
        write(db, assignment, found)
        if "ben" in found:
            raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(saving, "write_changes", fail)
        done = course.grade()
    assert status(done) == {"ann": "graded", "ben": "failed", "cid": "graded"}
    assert "database or disk is full" in done["ben"].why
    assert course.scores("ben") == {}
    assert course.grade()["ben"].status == "graded"
    assert course.scores("ben")["double_test"] == 2
