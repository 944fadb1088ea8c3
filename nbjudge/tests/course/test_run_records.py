"""The record of a run in the gradebook: its contents, and whether the run is alive."""

import contextlib
import datetime
import os
import socket
import sqlite3
import subprocess
import sys
import time

import pytest

from nbjudge.course import run_records
from nbjudge.course.dates import utc_now
from nbjudge.course.outcome import GradingOutcome
from nbjudge.course.run_records import Progress, RecordedRun, read_runs
from tests.support.waiting import wait_until

TOTALS = {"ps1": 4, "ps2": 2}


@pytest.fixture
def url(school):
    return school.url


def entered(url, run="a", began=None):
    return RecordedRun(url, run, began or utc_now(), lambda: 3, TOTALS)


def change(url, statement, *values):
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db, db:
        db.execute(statement, values)


def test_a_run_reports_its_progress(url, monkeypatch):
    monkeypatch.setattr(run_records, "BEAT", 0.05)
    assert read_runs(url) == []
    with entered(url) as run:
        for status in ("graded", "graded", "failed"):
            run.count("ps1", GradingOutcome("ann", status))
        run.count("ps2", GradingOutcome("ann", "unchanged"))
        assert wait_until(lambda: [one.done for one in read_runs(url)] == [4])
        (now,) = read_runs(url)
        assert (now.machine, now.process, now.workers) == (socket.gethostname(), os.getpid(), 3)
        assert now.progress == {"ps1": Progress(4, 2, 0, 1), "ps2": Progress(2, 0, 1)}
        assert now.is_alive and not now.was_interrupted
        assert now.rate > 0 and now.seconds_left == pytest.approx(2 / now.rate)
        before = now.beat
        assert wait_until(lambda: read_runs(url)[0].beat > before)
    (after,) = read_runs(url)
    assert (after.ended, after.is_alive, after.was_interrupted) == ("done", False, False)


def test_runs_are_found_by_what_they_grade(url):
    now = utc_now()
    for number, name in enumerate(["ps1", "ps2", "ps1"]):
        began = now + datetime.timedelta(seconds=number)
        with RecordedRun(url, f"run{number}", began, lambda: 1, {name: 1}):
            pass
    assert [one.id for one in read_runs(url)] == ["run2", "run1", "run0"]
    assert [one.id for one in read_runs(url, ["ps1"])] == ["run2", "run0"]
    assert read_runs(url, ["whole"]) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_run_that_is_interrupted_says_so(url, error):
    with pytest.raises(error), entered(url):
        raise error
    (one,) = read_runs(url)
    assert (one.ended, one.is_alive, one.was_interrupted) == (error.__name__, False, True)


def test_a_run_whose_process_is_gone_is_not_alive(url):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with entered(url):
        assert wait_until(lambda: read_runs(url))
        change(url, "update nbjudge_run set process = ?", ended.pid)
        (one,) = read_runs(url)
        assert not one.is_alive and one.was_interrupted
        change(url, "update nbjudge_run set machine = 'elsewhere'")
        assert read_runs(url)[0].is_alive


@pytest.mark.parametrize(("seconds", "alive"), [(-40, False), (-20, True), (20, True)])
def test_a_run_that_is_silent_is_not_alive(url, seconds, alive):
    """The clock of another machine may be a few seconds ahead."""
    with entered(url):
        assert wait_until(lambda: read_runs(url))
        beat = utc_now() + datetime.timedelta(seconds=seconds)
        change(url, "update nbjudge_run set beat = ?, machine = 'elsewhere'", str(beat))
        assert read_runs(url)[0].is_alive is alive


@pytest.mark.parametrize("broken", ["locked", "gone", "no driver", "no address"])
def test_a_gradebook_that_cannot_be_written_does_not_stop_a_run(url, tmp_path, monkeypatch, broken):
    monkeypatch.setattr(run_records, "BEAT", 0.05)
    monkeypatch.setattr(run_records, "PATIENCE", 1)
    given = {
        "locked": url,
        "gone": f"sqlite:///{tmp_path}/no/folder.db",
        "no driver": "mysql+nothing://host/database",
        "no address": "",
    }[broken]
    start = time.monotonic()
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as other:
        other.execute("begin immediate")
        with entered(given) as run:
            run.count("ps1", GradingOutcome("ann", "graded"))
            time.sleep(0.2)
        other.rollback()
    assert time.monotonic() - start < 5
    assert list(tmp_path.glob("*.db")) == []


def test_the_run_goes_on_being_written_once_the_gradebook_can_be(url, monkeypatch):
    monkeypatch.setattr(run_records, "BEAT", 0.05)
    check_driver, calls = run_records.check_driver, []

    def fail_twice(address):
        calls.append(address)
        return check_driver(address if len(calls) > 2 else "sqlite:////no/such/folder/x.db")

    monkeypatch.setattr(run_records, "check_driver", fail_twice)
    with entered(url):
        assert wait_until(lambda: len(calls) > 3 and read_runs(url))


def test_the_rate_is_of_the_last_minute(url, monkeypatch):
    """Unchanged submissions take no time and must not affect the estimate of the remaining time."""
    run, clock = entered(url), [1000.0]
    monkeypatch.setattr(run_records.time, "monotonic", lambda: clock[0])
    run.done[0] = clock[0], 0
    for second in range(5, 205, 5):
        clock[0] = 1000.0 + second
        for _ in range(500 if second <= 10 else 10):
            run.count("ps1", GradingOutcome("ann", "graded"))
        rate = run._now().rate
    assert rate == pytest.approx(2, rel=0.1)
