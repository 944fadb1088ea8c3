"""`nbjudge status`: the number of submissions in each state, and the messages about runs."""

import contextlib
import datetime
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook

from nbjudge.cli import main
from nbjudge.course import run_records
from nbjudge.course.dates import utc_now
from nbjudge.course.outcome import GradingOutcome
from nbjudge.course.run_records import RecordedRun
from nbjudge.plugins.standings.reading import read_standings, read_submissions
from nbjudge.plugins.standings.standings import WITHOUT_WORK
from tests.support.graded_class import WHY
from tests.support.waiting import wait_until


@pytest.fixture
def status(school, capsys):
    """A function that runs `nbjudge status` and returns (exit status, stdout, stderr)."""

    def run(*arguments):
        with contextlib.chdir(school.root):
            return main.main(["status", *arguments]), *capsys.readouterr()

    return run


def numbers(out):
    return {line.split()[0]: [*map(int, line.split()[1:])] for line in out.splitlines()[1:]}


def change(school, statement, *values):
    with contextlib.closing(sqlite3.connect(school.root / "gradebook.db")) as db, db:
        db.execute(statement, values)


def test_the_states_of_a_class(status):
    code, out, err = status()
    assert code == 0
    heading = "assignment  submitted  graded  by hand  failed  not graded yet"
    assert out.splitlines()[0] == heading
    assert numbers(out) == {
        "later": [0, 0, 0, 0, 0],
        "ps1": [5, 2, 1, 1, 1],
        "ps2": [1, 1, 0, 0, 0],
        "whole": [1, 1, 0, 0, 0],
    }
    assert err == f"Not graded: ps1 of dan: {WHY}.\n"


def test_states_are_those_of_the_standings(school):
    """Some submissions exist only as a graded folder, others only in the gradebook."""
    for student in ("ann", "eve"):
        (school.root / "submitted" / student / "ps1").rmdir()
    (school.root / "autograded/eve/ps1/ps1.ipynb").unlink()
    (school.root / "autograded/eve/ps1").rmdir()
    coursedir, _ = school.course()
    standings = read_standings(coursedir)
    for name, found in read_submissions(coursedir).items():
        expected = {
            one.student.id: one.state
            for one in standings.all
            if one.assignment.name == name and one.state not in WITHOUT_WORK
        }
        assert found.states == expected
        assert sum(found.counts.values()) == len(expected)


def test_only_some_assignments(status):
    assert [*numbers(status("ps2/")[1])] == ["ps2"]
    code, out, err = status("ps3")
    assert (code, out) == (2, "")
    assert err.startswith("The gradebook has no assignment ps3; did you mean ps")


def test_json(school, status, monkeypatch):
    monkeypatch.setattr(run_records, "BEAT", 0.05)
    with RecordedRun(school.url, "a", utc_now(), lambda: 2, {"ps1": 5}) as run:
        run.count("ps1", GradingOutcome("ann", "graded"))
        assert wait_until(lambda: "1 of 5 submissions" in status()[2])
        found = json.loads(status("ps1", "--json")[1])
    assert found["assignments"] == {
        "ps1": {
            "submitted": 5,
            "graded": 2,
            "waiting": 1,
            "not_gradable": 1,
            "not_graded": 1,
            "why": {"dan": WHY},
            "remarks": [],
        }
    }
    (run,) = found["runs"]
    assert run["alive"] is True and run["process"] == os.getpid()
    assert run["progress"] == {"ps1": {"total": 5, "graded": 1, "unchanged": 0, "failed": 0}}
    assert datetime.datetime.fromisoformat(run["began"]).tzinfo is not None


def test_a_run_under_way(school, status, monkeypatch):
    monkeypatch.setattr(run_records, "BEAT", 0.05)
    began = utc_now() - datetime.timedelta(minutes=5)
    with RecordedRun(school.url, "a", began, lambda: 2, {"ps1": 100}) as run:
        for _ in range(40):
            run.count("ps1", GradingOutcome("ann", "graded"))
        assert wait_until(lambda: "40 of 100 submissions" in status()[2])
        said = status("ps1")[2].splitlines()[-1]
        assert "Running:" not in status("ps2")[2]
    where = f"on {run.record.machine}, process {os.getpid()}, with 2 workers"
    expected = rf"Running: ps1, since \S+ \S+ UTC {where}: 40 of 100 submissions, [0-9.]+ per "
    assert re.match(rf"{expected}second, done in about \w+ \w+ \(\S+ \S+ UTC\)\.$", said)
    assert status("ps1")[2].splitlines()[-1].startswith("Ended: ps1, started ")


def test_the_last_run_of_each_assignment(school, status):
    began = utc_now()
    for minutes, name in enumerate(["ps1", "ps2", "ps2"]):
        when = began + datetime.timedelta(minutes=minutes)
        work = {"ps1": 5, "ps2": 1} if name == "ps1" else {name: 1}
        with RecordedRun(school.url, str(minutes), when, lambda: 2, work):
            pass
    said = [line for line in status()[2].splitlines() if line.startswith("Ended")]
    assert [line.split(", started")[0] for line in said] == ["Ended: ps1, ps2", "Ended: ps2"]


def test_a_run_that_was_killed(school, status):
    """As after `kill -9`: the end of the run is not recorded, and its process is gone."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with RecordedRun(school.url, "a", utc_now(), lambda: 2, {"ps1": 100}):
        pass
    change(school, "update nbjudge_run set ended = null, process = ?", gone.pid)
    said = status()[2].splitlines()[-1]
    assert said.startswith("Interrupted: ps1, started ")
    assert "0 of 100 submissions" in said
    assert said.endswith("run the same command again to continue (with --force, to start over).")
    with RecordedRun(school.url, "b", utc_now(), lambda: 2, {"ps1": 100}):
        pass
    assert "Interrupted" not in status()[2]


def test_runs_of_long_names_and_signs_stay_one_line(school, status):
    with RecordedRun(school.url, "a", utc_now(), lambda: 2, {"ps1": 1}):
        pass
    change(school, "update nbjudge_run set machine = 'x' || char(27) || ']0;' || char(10) || 'y'")
    assert "\x1b" not in status()[2]
    assert len(status()[2].splitlines()) == 2


def test_nothing_is_written(school, status):
    """This includes gradebooks that nbjudge has never written to."""
    (school.root / "gradebook.db").unlink()
    with school.gradebook() as gradebook:
        gradebook.add_assignment("ps1")
        gradebook.add_notebook("ps1", "ps1")
    before = (school.root / "gradebook.db").read_bytes()
    files = sorted(school.root.rglob("*"))
    (school.root / "gradebook.db").chmod(0o444)
    assert status()[0] == 0
    assert numbers(status()[1]) == {"ps1": [5, 0, 0, 0, 5]}
    assert (school.root / "gradebook.db").read_bytes() == before
    assert sorted(school.root.rglob("*")) == files
    with contextlib.closing(sqlite3.connect(school.root / "gradebook.db")) as db:
        tables = {name for (name,) in db.execute("select name from sqlite_master")}
    assert not [name for name in tables if name.startswith("nbjudge")]


def test_a_damaged_gradebook_is_reported_in_one_sentence(school, status):
    (school.root / "gradebook.db").write_text("no database at all, of any kind" * 100)
    assert status() == (2, "", "The gradebook cannot be used: file is not a database.\n")


def test_without_a_gradebook_none_is_made(school, status):
    """A new course without a gradebook is no error, unlike a folder that is not a course."""
    (school.root / "gradebook.db").unlink()
    code, _, err = status()
    assert code == 0 and err.startswith("Nothing has been graded yet: there is no gradebook ")
    code, out, _ = status("--json")
    assert code == 0 and json.loads(out) == {"assignments": {}, "runs": []}
    assert not (school.root / "gradebook.db").exists()
    (school.root / "nbgrader_config.py").unlink()
    code, _, err = status()
    assert code == 2 and "run the command in the folder of the course" in err


def test_a_run_over_a_deleted_class_is_not_reported(school, status):
    with RecordedRun(school.url, "a", utc_now(), lambda: 2, {"ps2": 1}):
        pass
    assert status("ps2")[2].startswith("Ended: ps2, ")
    shutil.rmtree(school.root / "submitted/ann/ps2")
    shutil.rmtree(school.root / "autograded/ann/ps2")
    with school.gradebook() as gradebook:
        gradebook.remove_submission("ps2", "ann")
    assert status("ps2")[2] == ""
    (school.root / "submitted/bob/ps2").mkdir(parents=True)  # a new class begins
    assert status("ps2")[2] == ""
    change(school, "update nbjudge_run set ended = 'KeyboardInterrupt'")
    assert status("ps2")[2].startswith("Interrupted: ps2, ")


def test_a_read_only_gradebook_refuses_to_be_written(school):
    database = run_records.read_only(school.url)
    with database.connect() as db, pytest.raises(Exception, match="readonly"):
        db.exec_driver_sql("delete from student")
    database.dispose()
    with Gradebook(school.url) as gradebook:
        assert gradebook.students
