"""A class that is judged on the workers of a Dask scheduler on this machine.

They share its disk and its nbjudge, but read nothing of the course: what the hidden tests import is
moved away where that matters.
"""

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nbjudge.course.assignment import Assignment
from nbjudge.course.grading import grade
from nbjudge.course.loading import load_course
from nbjudge.errors import ClusterError, IsolationError
from tests.support.small_course import RIGHT, SmallCourse, environment
from tests.support.waiting import wait_until

pytest.importorskip("distributed", reason="Dask is not installed: pip install distributed")

from nbjudge.cluster import engine as cluster  # noqa: E402
from nbjudge.cluster.engine import ClusterEngine  # noqa: E402

WRONG = RIGHT | {"double": "def double(x):\n    return x"}
SLOW = RIGHT | {"double": "import time\ntime.sleep(2)\ndef double(x):\n    return 2 * x"}

SLOWEST = 180  # seconds that a busy machine may take to start a worker


class Cluster:
    """A scheduler and its workers, each a process of this machine."""

    def __init__(self, folder):
        self.folder, self.workers = Path(folder), []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.start_scheduler()

    def start(self, name, *arguments, **variables):
        command = [sys.executable, "-m", "distributed.cli.dask_" + name, *arguments]
        log = open(self.folder / f"{name}.log", "ab")  # noqa: SIM115
        with log:
            return subprocess.Popen(
                command, cwd=self.folder, env=environment(**variables), stdout=log, stderr=log
            )

    def start_scheduler(self):
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"]
        self.scheduler = self.start("scheduler", *options)

        def answers():
            assert self.scheduler.poll() is None, (self.folder / "scheduler.log").read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return True

        assert wait_until(answers, SLOWEST)

    def add_worker(self, *more, wait=True, **variables):
        options = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
        folder = self.folder / f"worker-{len(self.workers)}"
        options += ["--local-directory", str(folder), "--death-timeout", "60", *more]
        self.workers.append(self.start("worker", self.address, *options, **variables))
        log = self.folder / "scheduler.log"
        count = log.read_text().count("Register worker addr") + 1
        if wait:
            assert wait_until(
                lambda: log.read_text().count("Register worker addr") >= count, SLOWEST
            )
        return self.workers[-1]

    def stop(self):
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()


@pytest.fixture
def two_workers(tmp_path):
    found = Cluster(tmp_path)
    try:
        found.add_worker()
        found.add_worker()
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return tmp_path_factory.mktemp("cluster") / "template"


@pytest.fixture
def course(tmp_path, template):
    return SmallCourse.make(tmp_path / "course", template)


@contextlib.contextmanager
def engine_for(course, address, say=lambda text: None):
    with course.here():
        assignment = Assignment("ps1", *load_course())
        try:
            with ClusterEngine(address, [assignment], say) as engine:
                yield engine, assignment
        finally:
            assignment.close()


def test_the_gradebook_is_the_one_of_this_machine(course, tmp_path, template, two_workers):
    other = SmallCourse.make(tmp_path / "other", template)
    for one in (course, other):
        one.submit("ann")
        one.submit("ben", WRONG)
        one.submit("Zoë O'Brien", {})
        one.submit("ann", assignment="ps2", notebooks=["two"])
    options = ["--cluster", two_workers.address, "--feedback"]
    done = course.nbjudge("autograde", "ps1", "ps2", *options)
    assert done.returncode == 0, done.stderr
    assert f"{two_workers.address}: 2 workers on 1 machine." in done.stderr
    for assignment in ("ps1", "ps2"):
        other.grade(assignment)
    assert course.tables()["grades"] == other.tables()["grades"]
    assert course.tables()["comments"] == other.tables()["comments"]
    assert (course.root / "feedback/ann/ps1/ps1.html").exists()
    done = course.nbjudge("autograde", "ps1", *options)
    assert re.search(r"ps1 +0 +3 +0", done.stderr), done.stderr


def test_workers_need_nothing_of_the_course_but_what_is_sent(course, two_workers):
    """The hidden tests import `answers` of the course's root, which is not there any more."""
    course.submit("ann")
    course.submit("ben", WRONG)
    with engine_for(course, two_workers.address) as (engine, assignment):
        hidden = course.root / "answers.py"
        hidden.rename(course.root / "answers.txt")
        done = {o.student: o for _, o in grade(engine, {assignment: ["ann", "ben"]}, 2)}
    assert {s: o.status for s, o in done.items()} == {"ann": "graded", "ben": "graded"}
    assert done["ann"].score > done["ben"].score
    assert done["ann"].errors == []


def test_a_worker_that_is_killed_costs_no_submission(course, two_workers):
    students = [f"s{number}" for number in range(6)]
    for student in students:
        course.submit(student, SLOW)
    with engine_for(course, two_workers.address) as (engine, assignment):
        outcomes = []
        for _, outcome in grade(engine, {assignment: students}, 6):
            if not outcomes:
                two_workers.workers[0].kill()
            outcomes.append(outcome)
    assert {o.student: (o.status, o.why) for o in outcomes} == dict.fromkeys(
        students, ("graded", "")
    )
    assert len({tuple(o.scores["ps1"].items()) for o in outcomes}) == 1


def test_a_worker_that_joins_later_works(course, two_workers):
    students = [f"s{number}" for number in range(6)]
    for student in students:
        course.submit(student, SLOW)
    with engine_for(course, two_workers.address) as (engine, assignment):
        outcomes = []
        for _, outcome in grade(engine, {assignment: students}, 6):
            if not outcomes:
                two_workers.add_worker(wait=False)
                for worker in two_workers.workers[:2]:
                    worker.kill()
            outcomes.append(outcome)
    assert [o.status for o in outcomes] == ["graded"] * 6


def test_a_worker_with_other_code_is_not_used(course, tmp_path, two_workers):
    package = Path(cluster.__file__).parents[1]
    shutil.copytree(package, tmp_path / "src" / "nbjudge")
    changed = tmp_path / "src" / "nbjudge" / "late.py"
    changed.write_text(changed.read_text() + "# another version\n")
    two_workers.add_worker(PYTHONPATH=str(tmp_path / "src"))
    course.submit("ann")
    said = []
    with engine_for(course, two_workers.address, said.append) as (engine, assignment):
        assert len(engine.workers) == 2
        assert [o.status for _, o in grade(engine, {assignment: ["ann"]}, 2)] == ["graded"]
    assert len(said) == 1 and "has other code" in said[0]


def test_a_worker_that_cannot_isolate_is_left_out(course, two_workers):
    """One that says so only when it judges, as one that joins later would."""
    course.submit("ann")
    said = []
    with engine_for(course, two_workers.address, said.append) as (engine, assignment):
        judge, refused = cluster.worker.judge, []

        def refuse_first(*given, **options):
            if given[1] is judge and not refused:
                refused.append(1)
                name = next(iter(engine.workers))
                return cluster.NotHere(name, "it cannot isolate at the level full: no namespaces")
            return run(*given, **options)

        run, engine._run = engine._run, refuse_first
        assert [o.status for _, o in grade(engine, {assignment: ["ann"]}, 1)] == ["graded"]
        assert len(said) == 1 and "is not used: it cannot isolate" in said[0]
        for name in engine.workers:
            engine._leave_out(name, "it cannot isolate")
        with pytest.raises(IsolationError, match="No worker at .* can be used any more"):
            engine._fit()


def test_without_a_scheduler_nothing_is_graded(course, monkeypatch):
    course.submit("ann")
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    missing = pytest.raises(ClusterError, match="^No Dask scheduler answers at tcp://127.0.0.1:9")
    with missing, engine_for(course, "tcp://127.0.0.1:9"):
        pass


def test_without_workers_nothing_is_graded(course, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    found = Cluster(tmp_path)
    try:
        missing = pytest.raises(ClusterError, match="has no workers: none joined in 1 seconds")
        with missing, engine_for(course, found.address):
            pass
    finally:
        found.stop()


@pytest.mark.parametrize("ended", ["scheduler", "workers"])
def test_a_cluster_that_ends_loses_nothing(course, two_workers, monkeypatch, ended):
    """What is graded stays, and the same command goes on with another cluster."""
    monkeypatch.setattr(cluster, "LOOK", 0.5)
    students = [f"s{number}" for number in range(8)]
    for student in students:
        course.submit(student, SLOW)
    done = []
    killed = [two_workers.scheduler] if ended == "scheduler" else two_workers.workers
    lost = pytest.raises(ClusterError, match="What has been graded is kept; the same command")
    with lost, engine_for(course, two_workers.address) as (engine, assignment):
        for _, outcome in grade(engine, {assignment: students}, 4):
            done.append(outcome.student)
            if len(done) == 2:
                monkeypatch.setattr(cluster, "PATIENCE", 3)
                for process in killed:
                    process.kill()
    assert 2 <= len(done) < 8
    monkeypatch.undo()
    two_workers.stop()
    two_workers.start_scheduler()
    two_workers.add_worker()
    with engine_for(course, two_workers.address) as (engine, assignment):
        again = {o.student: o.status for _, o in grade(engine, {assignment: students}, 4)}
    assert {s for s, status in again.items() if status == "unchanged"} >= set(done)
    assert set(again.values()) <= {"graded", "unchanged"} and len(again) == 8


def test_the_dashboard_names_student_and_assignment(course, two_workers):
    course.submit("ann", SLOW)
    with engine_for(course, two_workers.address) as (engine, assignment):
        running = grade(engine, {assignment: ["ann"]}, 1)
        names = []

        def look():
            names.extend(key for keys in engine.client.processing().values() for key in keys)
            return any(name.startswith("ps1 of ann-") for name in names)

        thread = threading.Thread(target=lambda: [*running])
        thread.start()
        assert wait_until(look, SLOWEST), names
        thread.join()
