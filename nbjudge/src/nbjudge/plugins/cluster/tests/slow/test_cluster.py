"""Grading a class on the workers of a local Dask scheduler.

The workers share this machine's disk and nbjudge, but read nothing from the course: where it
matters, the modules of the hidden tests are moved away.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from nbjudge.course.assignment import Assignment
from nbjudge.course.grading import grade
from nbjudge.course.loading import load_course
from nbjudge.errors import ClusterError, EngineClosedError, EngineError
from nbjudge.plugins.cluster.tests.dask_cluster import SLOWEST, Cluster
from tests.support.small_course import RIGHT, SmallCourse, cell, questions
from tests.support.waiting import wait_until

pytest.importorskip("distributed", reason="Dask is not installed: pip install distributed")

import dask  # noqa: E402

from nbjudge.plugins.cluster import engine as cluster  # noqa: E402
from nbjudge.plugins.cluster import scheduler  # noqa: E402
from nbjudge.plugins.cluster.engine import ClusterEngine  # noqa: E402

WRONG = RIGHT | {"double": "def double(x):\n    return x"}
SLOW = RIGHT | {"double": "import time\ntime.sleep(2)\ndef double(x):\n    return 2 * x"}


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
    log = tmp_path / "log.jsonl"
    options = ["--cluster", two_workers.address, "--feedback", "--log", str(log)]
    done = course.nbjudge("autograde", "ps1", "ps2", *options)
    assert done.returncode == 0, done.stderr
    assert f"{two_workers.address}: 2 workers on 1 machine." in done.stderr
    for assignment in ("ps1", "ps2"):
        other.grade(assignment)
    assert course.tables()["grades"] == other.tables()["grades"]
    assert course.tables()["comments"] == other.tables()["comments"]
    assert (course.root / "feedback/ann/ps1/ps1.html").exists()
    judged = [json.loads(line) for line in log.read_text().splitlines()][1:-1]
    assert len(judged) == 4
    for line in judged:
        assert line["machine"] == socket.gethostname()
        assert line["worker"].startswith("tcp://127.0.0.1:")
    done = course.nbjudge("autograde", "ps1", *options)
    assert re.search(r"ps1 +0 +3 +0", done.stderr), done.stderr


def test_a_dry_run_says_who_would_judge(course, two_workers):
    course.submit("ann")
    course.grade()
    course.submit("ann", WRONG)
    course.submit("ben")
    before = course.database.read_bytes()
    done = course.nbjudge("autograde", "ps1", "--dry-run", "--cluster", two_workers.address)
    assert done.returncode == 0, done.stderr
    assert re.search(
        rf"{socket.gethostname()}: Python 3\.\d+ with NumPy .*, 2 workers", done.stderr
    )
    assert re.search(
        r"2 of 2 submissions would be judged, in about .* with 2 workers\.", done.stderr
    )
    assert course.database.read_bytes() == before
    assert not course.autograded("ben").exists()
    SmallCourse.cool()


def test_workers_need_nothing_of_the_course_but_what_is_sent(course, two_workers):
    """The hidden tests import `answers` from the course's root, where it no longer exists."""
    course.submit("ann")
    course.submit("ben", WRONG)
    with engine_for(course, two_workers.address) as (engine, assignment):
        hidden = course.root / "answers.py"
        hidden.rename(course.root / "answers.txt")
        done = {o.student: o for _, o in grade(engine, {assignment: ["ann", "ben"]}, 2)}
    assert {s: o.status for s, o in done.items()} == {"ann": "graded", "ben": "graded"}
    assert done["ann"].judgment.score > done["ben"].judgment.score
    assert done["ann"].judgment.errors == []


def test_a_worker_that_is_killed_costs_no_submission(course, two_workers, caplog):
    students = [f"s{number}" for number in range(6)]
    for student in students:
        course.submit(student, SLOW)
    with (
        caplog.at_level("INFO", "nbjudge"),
        engine_for(course, two_workers.address) as (engine, assignment),
    ):
        outcomes = []
        for _, outcome in grade(engine, {assignment: students}, 6):
            if not outcomes:
                two_workers.workers[0].kill()
            outcomes.append(outcome)
    events = [record.nbjudge for record in caplog.records if record.name == "nbjudge"]
    (ended,) = [one["worker"] for one in events if one["event"] == "worker_ended"]
    assert ended in engine.workers
    assert {o.student: (o.status, o.why) for o in outcomes} == dict.fromkeys(
        students, ("graded", "")
    )
    assert len({tuple(o.judgment.scores["ps1"].items()) for o in outcomes}) == 1


def test_the_next_worker_removes_files_of_a_killed_one(course, two_workers, tmp_path):
    course.submit("ann")
    assert course.nbjudge("autograde", "ps1", "--cluster", two_workers.address).returncode == 0
    copy = next(tmp_path.glob("worker-*/**/nbjudge-course-*"))
    folder = copy.relative_to(tmp_path).parts[0]
    worker = two_workers.workers[int(folder.removeprefix("worker-"))]
    worker.kill()
    worker.wait()
    assert copy.exists()
    two_workers.add_worker("--local-directory", str(tmp_path / folder))
    assert not copy.exists()


def test_a_worker_that_cannot_take_in_the_course_is_left_out(course, two_workers, tmp_path):
    for student in ("ann", "ben", "cid", "dan"):
        course.submit(student)
    (place,) = (p for p in tmp_path.glob("worker-0/dask-scratch-space*/worker-*") if p.is_dir())
    shutil.rmtree(place)
    place.write_text("")
    done = course.nbjudge("autograde", "ps1", "--cluster", two_workers.address)
    assert done.returncode == 0, done.stderr
    assert "is not used: it cannot create its copy of the course: NotADirectoryError" in done.stderr
    assert course.scores("dan")["double_test"] == 2


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


def test_as_many_are_asked_for_as_there_are_workers_now(course, tmp_path):
    found = Cluster(tmp_path)
    try:
        found.add_worker()
        with engine_for(course, found.address) as (engine, _):
            assert (engine.capacity(sys.maxsize), engine.jobs_in_flight(sys.maxsize)) == (1, 2)
            found.add_worker("--nthreads", "3")
            assert wait_until(lambda: engine.capacity(sys.maxsize) == 4, SLOWEST)
            assert engine.jobs_in_flight(sys.maxsize) == 8
            assert (engine.capacity(2), engine.jobs_in_flight(2)) == (2, 2)
            first = next(iter(engine.scheduler.threads_of))
            engine.scheduler.leave_out(first, "it has other code")
            assert engine.capacity(sys.maxsize) == 4 - engine.scheduler.threads_of[first]
    finally:
        found.stop()


def test_workers_that_another_run_keeps_busy_are_used_later(course, two_workers, monkeypatch):
    course.submit("ann")
    with engine_for(course, two_workers.address) as (other, _):
        asked = other.scheduler.client.submit
        busy = [asked(time.sleep, 100_000, pure=False, workers=[name]) for name in other.workers]
        assert wait_until(lambda: any(other.scheduler.client.processing().values()), SLOWEST)
        monkeypatch.setattr(scheduler, "PATIENCE", 5)
        refused = pytest.raises(ClusterError, match="they do not answer in time: another run may")
        with refused, engine_for(course, two_workers.address):
            pass
        os.kill(next(iter(other.scheduler.client.run(os.getpid).values())), signal.SIGKILL)
        two_workers.add_worker()
        monkeypatch.setattr(scheduler, "PATIENCE", 10)
        said = []
        with engine_for(course, two_workers.address, said.append) as (engine, _):
            assert len(engine.workers) == 1 and len(engine.scheduler.threads_of) == 2
            assert (said, engine.scheduler.unfit) == ([], {})
        del busy


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
    assert len(said) == 1 and "modified code" in said[0]


def test_a_worker_that_lacks_a_package_is_left_out(course, two_workers, tmp_path, monkeypatch):
    """Otherwise students would lose points on questions that need the package."""
    (tmp_path / "only_here").mkdir()
    (tmp_path / "only_here/package_of_ours.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path / "only_here"))
    cells = [cell("setup", "import math, answers\nimport package_of_ours", locked=True)]
    course.write_source("ps1", ps1=[*cells, *questions()[3:]])
    course.release("ps1")
    course.submit("ann")
    said = []
    lacks = "it lacks packages that the notebooks import: package_of_ours"
    refused = pytest.raises(ClusterError, match=f"has no usable worker; .*{lacks}")
    monkeypatch.setattr(scheduler, "LOOK", 0.2)
    with engine_for(course, two_workers.address, said.append) as (engine, assignment):
        (copy,) = engine.copies.values()
        assert copy.installed == ("math", "package_of_ours")
        monkeypatch.setattr(scheduler, "PATIENCE", 6)
        with refused:
            list(grade(engine, {assignment: ["ann"]}, 1))
    assert len(said) == 3
    assert all(lacks in text for text in said[:2])
    assert said[2].endswith("has no usable worker; waiting up to 6 seconds.")
    monkeypatch.setattr(scheduler, "PATIENCE", SLOWEST)
    two_workers.add_worker(PYTHONPATH=str(tmp_path / "only_here"))
    with engine_for(course, two_workers.address, said.append) as (engine, assignment):
        done = [outcome for _, outcome in grade(engine, {assignment: ["ann"]}, 1)]
        assert [(one.status, one.judgment.score, one.judgment.errors) for one in done] == [
            ("graded", 5, [])
        ]


def test_a_worker_that_cannot_isolate_is_left_out(course, two_workers):
    """The worker reports the failure only when it judges, like a worker that joins later."""
    course.submit("ann")
    said = []
    with engine_for(course, two_workers.address, said.append) as (engine, assignment):
        judge, refused = cluster.worker.run_task, []

        def refuse_first(*given, **options):
            if given[1] is judge and not refused:
                refused.append(1)
                name = next(iter(engine.workers))
                return cluster.NotHere(
                    name, "the isolation level full is unavailable: no namespaces"
                )
            return run(*given, **options)

        run, engine.scheduler.run = engine.scheduler.run, refuse_first
        assert [o.status for _, o in grade(engine, {assignment: ["ann"]}, 1)] == ["graded"]
        assert len(said) == 1 and "is not used: the isolation level" in said[0]
        for name in engine.workers:
            engine.scheduler.leave_out(name, "isolation is unavailable")
        assert engine.scheduler._used(engine.scheduler.threads_of) == []
        two_workers.add_worker()
        assert engine.scheduler._fit() not in (None, []), "it waits for one that can"


def test_without_a_scheduler_nothing_is_graded(course, monkeypatch):
    course.submit("ann")
    monkeypatch.setattr(scheduler, "PATIENCE", 1)
    missing = pytest.raises(ClusterError, match="^No Dask scheduler answers at tcp://127.0.0.1:9")
    with missing, engine_for(course, "tcp://127.0.0.1:9"):
        pass


@pytest.mark.parametrize("address", ["tcp://10.255.255.1:8786", "grader.example.org:8786"])
def test_a_connection_to_another_machine_is_encrypted(address):
    said = f"^{address} is not encrypted: .*openssl req .*dask scheduler --protocol tls.*--insecure"
    with pytest.raises(ClusterError, match=said):
        scheduler.check_encryption(address)
    scheduler.check_encryption(address, insecure=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_connection_on_this_machine_needs_no_certificate(host):
    scheduler.check_encryption(f"tcp://{host}:8786")


@pytest.mark.parametrize("address", ["host", "tcp://127.0.0.1", "http://127.0.0.1:8786"])
def test_invalid_addresses_of_a_scheduler(course, address):
    course.submit("ann")
    refused = pytest.raises(ClusterError, match=f"^{address} is not an address of a Dask scheduler")
    with refused, engine_for(course, address):
        pass


def test_without_workers_nothing_is_graded(course, tmp_path, monkeypatch):
    monkeypatch.setattr(scheduler, "PATIENCE", 5)
    found = Cluster(tmp_path)
    try:
        missing = pytest.raises(ClusterError, match="has no workers: none joined within 5 seconds")
        with missing, engine_for(course, found.address):
            pass
    finally:
        found.stop()


def test_a_worker_that_fails_where_it_should_not_costs_nothing(course, two_workers, tmp_path):
    """A worker that is being stopped may fail: other workers get the job, a few times."""
    once = f"import pathlib, sys\np = pathlib.Path({str(tmp_path / 'asked')!r})\n"
    once += "sys.exit(p.mkdir(exist_ok=True) if p.exists() else p.mkdir() or 1)"
    with engine_for(course, two_workers.address) as (engine, _):
        assert (
            engine.scheduler.run("once", subprocess.check_output, [sys.executable, "-c", once])
            == b""
        )
        with pytest.raises(EngineError, match="died or failed: CalledProcessError: Command"):
            engine.scheduler.run(
                "always", subprocess.check_output, [sys.executable, "-c", "exit(1)"]
            )


@pytest.mark.parametrize("when", ["before it is waited for", "and Dask forgets it"])
def test_nobody_waits_for_an_answer_that_cannot_come(course, two_workers, monkeypatch, when):
    """The cluster is lost right after a request, or a canceled job does not end."""
    with engine_for(course, two_workers.address) as (engine, _):
        submit = engine.scheduler.client.submit

        def lose_and_submit(*given, **options):
            future = submit(*given, **options)
            engine.scheduler._lose("is lost")
            return future

        if when == "and Dask forgets it":
            monkeypatch.setattr(scheduler, "PATIENCE", 1)
            monkeypatch.setattr(engine.scheduler, "_cancel", lambda futures: None)
            threading.Timer(0.5, engine.scheduler._lose, ["is lost"]).start()
        else:
            monkeypatch.setattr(engine.scheduler.client, "submit", lose_and_submit)
        with pytest.raises(
            ClusterError, match="is lost. Grading was stopped. Finished grades are kept"
        ):
            engine.scheduler.run("endless", time.sleep, 100_000)


def test_waiting_threads_end_when_the_engine_is_closed(course, two_workers):
    with engine_for(course, two_workers.address) as (engine, _):
        threading.Timer(0.5, engine.close).start()
        with pytest.raises(EngineClosedError):
            engine.scheduler.run("endless", time.sleep, 100_000)
        with pytest.raises(EngineClosedError):
            engine.scheduler.run("later", abs, 1)


def test_a_scheduler_that_stands_still_is_not_waited_for(course, two_workers, monkeypatch):
    """As on a machine that is out of memory: the connections stay open."""
    monkeypatch.setattr(scheduler, "LOOK", 0.2)
    said = []
    with engine_for(course, two_workers.address, said.append) as (engine, _):
        monkeypatch.setattr(scheduler, "PATIENCE", 5)
        two_workers.scheduler.send_signal(signal.SIGSTOP)
        with pytest.raises(
            ClusterError, match="does not answer. Grading was stopped. Finished grades"
        ):
            engine.scheduler.run("endless", time.sleep, 100_000)
    what = "does not answer; waiting up to 5 seconds."
    assert said == [f"The Dask scheduler at {two_workers.address} {what}"]


def test_another_worker_is_waited_for_where_one_cannot_be_used(course, two_workers, monkeypatch):
    """A verdict about a worker does not apply to the next worker with the same address."""
    course.submit("ann", SLOW)
    monkeypatch.setattr(scheduler, "LOOK", 0.2)
    with engine_for(course, two_workers.address) as (engine, assignment):
        process_of = engine.scheduler.client.run(os.getpid)
        unfit, used = process_of
        engine.scheduler.leave_out(unfit, "it has other code")
        done = []
        outcomes = grade(engine, {assignment: ["ann"]}, 1)
        thread = threading.Thread(target=lambda: done.extend(outcomes))
        thread.start()
        assert wait_until(lambda: [used] in list(engine.scheduler.asked.values()), SLOWEST)
        os.kill(process_of[used], signal.SIGKILL)
        two_workers.add_worker()
        thread.join(SLOWEST)
        assert [outcome.status for _, outcome in done] == ["graded"]
        assert unfit in engine.scheduler.unfit
        os.kill(process_of[unfit], signal.SIGKILL)
        assert wait_until(lambda: unfit not in engine.scheduler.unfit, SLOWEST)


@pytest.mark.parametrize("ended", ["scheduler", "workers"])
def test_a_cluster_that_ends_loses_nothing(course, two_workers, monkeypatch, ended):
    """Graded work is kept, and the same command continues on another cluster."""
    monkeypatch.setattr(scheduler, "LOOK", 0.5)
    students = [f"s{number}" for number in range(8)]
    for student in students:
        course.submit(student, SLOW)
    done, said = [], []
    killed = [two_workers.scheduler] if ended == "scheduler" else two_workers.workers
    lost = pytest.raises(ClusterError, match="Finished grades are kept; run the same command")
    with lost, engine_for(course, two_workers.address, said.append) as (engine, assignment):
        for _, outcome in grade(engine, {assignment: students}, 4):
            done.append(outcome.student)
            if len(done) == 2:
                monkeypatch.setattr(scheduler, "PATIENCE", 6)
                for process in killed:
                    process.kill()
    assert 2 <= len(done) < 8
    what = "does not answer" if ended == "scheduler" else "has no workers"
    assert said == [f"The Dask scheduler at {two_workers.address} {what}; waiting up to 6 seconds."]
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
            names.extend(
                key for keys in engine.scheduler.client.processing().values() for key in keys
            )
            return any(name.startswith("ps1 of ann-") for name in names)

        thread = threading.Thread(target=lambda: [*running])
        thread.start()
        assert wait_until(look, SLOWEST), names
        thread.join()


def make_certificate(folder, name):
    """Create a self-signed certificate; return the settings with which Dask uses it everywhere."""
    key, cert = f"{folder}/{name}-key.pem", f"{folder}/{name}.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}"]
    subprocess.run([*made, "-keyout", key, "-out", cert], check=True, capture_output=True)
    settings = {"require-encryption": "True", "tls.ca-file": cert}
    for who in ("client", "scheduler", "worker"):
        settings |= {f"tls.{who}.cert": cert, f"tls.{who}.key": key}
    return {f"distributed.comm.{name}": value for name, value in settings.items()}


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_connections_are_encrypted_by_the_certificates_of_dask(course, tmp_path):
    ours, others = (make_certificate(tmp_path, name) for name in ("ours", "others"))
    names = {name: name.replace(".", "__").replace("-", "_").upper() for name in ours}
    variables = {f"DASK_{names[name]}": value for name, value in ours.items()}
    course.submit("ann")
    found = Cluster(tmp_path, "tls", **variables)
    try:
        found.add_worker()
        assert "tls://" in (tmp_path / "worker.log").read_text()
        with dask.config.set(ours), engine_for(course, found.address) as (engine, assignment):
            assert [o.status for _, o in grade(engine, {assignment: ["ann"]}, 1)] == ["graded"]

        for settings, address, said in (
            (others, found.address, "TLS certificate does not match"),
            ({}, found.address, "needs certificates: set ca-file, client.cert and client.key of"),
            ({}, found.address.replace("tls", "tcp"), "No Dask scheduler answers at tcp://"),
            (ours, found.address.replace("tls", "tcp"), "is not encrypted, but Dask's config"),
        ):
            refused = pytest.raises(ClusterError, match=said)
            with dask.config.set(settings), refused, engine_for(course, address):
                pass

        (tmp_path / "ours.pem").unlink()
        refused = pytest.raises(ClusterError, match="A certificate of .* cannot be read: ")
        with dask.config.set(ours), refused, engine_for(course, found.address):
            pass
    finally:
        found.stop()
