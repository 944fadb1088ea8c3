"""Features for grading thousands of submissions: `nbjudge status`, `--log`, `--dry-run`."""

import json
import re
import signal
import subprocess
import sys
import time

import pytest

from nbjudge.course import run_records
from tests.support.interruptions import Tree
from tests.support.small_course import RIGHT
from tests.support.waiting import wait_until

WRONG = RIGHT | {"double": "def double(x):\n    return x"}
SLOW = RIGHT | {"double": "import time\ntime.sleep(120)\n" + RIGHT["double"]}
GRADED = "select 1 from submitted_assignment where student_id = 'ann'"


@pytest.fixture
def grading(course):
    """A run that takes two minutes; it grades the first of two submissions quickly."""
    course.submit("ann")
    course.submit("zoe", SLOW)
    with course.here():
        process = subprocess.Popen(
            [sys.executable, "-m", "nbjudge", "autograde", "ps1", "--workers", "2"],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    with process:
        yield process
        process.kill()


def test_a_run_is_seen_from_another_process(course, grading):
    def under_way():
        done = course.nbjudge("status", "ps1")
        assert done.returncode == 0, done.stderr
        return "with 2 workers: 1 of 2 submissions, " in done.stderr and done

    done = wait_until(under_way, 60)
    assert done and f"process {grading.pid}, " in done.stderr
    assert done.stdout.split()[-6:] == ["ps1", "2", "0", "1", "0", "1"]
    second = course.nbjudge("autograde", "ps1", "--student", "ann")
    assert second.returncode == 0, second.stderr
    assert "Another run is grading the same work. Running: ps1, since " in second.stderr
    assert f"process {grading.pid}, " in second.stderr
    grading.kill()
    grading.wait()
    done = course.nbjudge("status", "ps1")
    assert "Running:" not in done.stderr
    third = course.nbjudge("autograde", "ps1", "--student", "ann")
    assert "Another run" not in third.stderr


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_terminated_run_is_reported_as_such(course, grading, number):
    assert wait_until(lambda: course.rows(GRADED), 60)
    coursedir_url = f"sqlite:///{course.database}"
    assert wait_until(lambda: run_records.read_runs(coursedir_url))
    grading.send_signal(number)
    grading.wait(40)
    done = course.nbjudge("status", "ps1")
    assert "Interrupted: ps1, started " in done.stderr
    assert done.stderr.endswith("same command again to continue (with --force, to start over).\n")
    assert done.stdout.split()[-6:] == ["ps1", "2", "0", "1", "0", "1"]


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_log_of_two_runs(course, tmp_path):
    course.submit("ann")
    (course.submit("ben") / "ps1.ipynb").unlink()
    (course.submitted("ben") / "a secret.txt").write_text("no notebook")
    (course.submit("cid") / "ps1.ipynb").write_text("{ a secret")
    log = tmp_path / "log.jsonl"
    assert course.nbjudge("autograde", "ps1", "--log", str(log)).returncode == 1
    assert course.nbjudge("autograde", "ps1", "--log", str(log)).returncode == 1
    found = lines(log)
    assert "secret" not in log.read_text()
    runs = list(dict.fromkeys(line["run"] for line in found))
    assert len(runs) == 2
    assert runs == [one.id for one in run_records.read_runs(f"sqlite:///{course.database}")][::-1]
    for run, status in zip(runs, ("graded", "unchanged"), strict=True):
        first, *submissions, last = [line for line in found if line["run"] == run]
        assert (first["event"], first["submissions"]) == ("start", {"ps1": 3})
        assert {line["student"]: line["status"] for line in submissions} == {
            "ann": status,
            "ben": "failed",
            "cid": "failed",
        }
        assert (last["event"], last["ended"], last["failed"]) == ("end", "done", 2)


def test_a_log_that_cannot_be_opened_is_reported_before_grading(course, tmp_path):
    course.submit("ann")
    done = course.nbjudge("autograde", "ps1", "--log", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == f"The log {tmp_path} cannot be opened: Is a directory.\n"
    assert not course.autograded("ann").exists()


def test_a_log_on_a_full_disk_costs_no_submission(course):
    for student in ("ann", "ben"):
        course.submit(student)
    done = course.nbjudge("autograde", "ps1", "--log", "/dev/full")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("The log /dev/full cannot be written: No space left on device.") == 1
    assert course.scores("ben")["double_test"] == 2


def test_the_log_of_a_run_that_is_killed(course, tmp_path):
    course.submit("ann")
    course.submit("zoe", SLOW)
    log = tmp_path / "log.jsonl"
    with course.here():
        command = [sys.executable, "-m", "nbjudge", "autograde", "ps1", "--workers", "2"]
        process = subprocess.Popen([*command, "--log", str(log)], stderr=subprocess.DEVNULL)
    with process:
        assert wait_until(lambda: log.exists() and len(lines(log)) == 2, 60)
        process.kill()
    assert [line["event"] for line in lines(log)] == ["start", "submission"]


def test_a_run_that_does_not_begin_is_in_the_log(course, tmp_path):
    course.submit("ann")
    log = tmp_path / "log.jsonl"
    done = course.nbjudge("autograde", "ps9", "--log", str(log))
    assert done.returncode == 2
    assert [(line["event"], line["error"]) for line in lines(log)] == [("error", "LookupError")]


def tree(root):
    """Return all files and folders of a course with contents and times, except Python's caches."""
    found = {}
    for path in sorted(root.rglob("*")):
        if "__pycache__" not in path.parts:
            about = path.stat()
            content = path.read_bytes() if path.is_file() else None
            found[str(path.relative_to(root))] = content, about.st_mtime_ns, about.st_mode
    return found


def dry_run(course, *arguments):
    """Return (completed process, plan) of a dry run, which must not change anything."""
    before = tree(course.root)
    done = course.nbjudge("autograde", *arguments, "--dry-run", "--json")
    assert tree(course.root) == before
    assert "Nothing was written." in done.stderr, done.stderr
    return done, json.loads(done.stdout)


def statuses(plan, assignment="ps1"):
    return {one["student"]: one["status"] for one in plan["assignments"][assignment]}


def test_a_dry_run_of_a_class_that_was_never_graded(course):
    """The gradebook has no tables of nbjudge, and dates.toml has not been applied."""
    (course.root / "dates.toml").write_text("[due]\nps1 = 2030-01-01\n")
    course.submit("ann")
    (course.submit("ben") / "ps1.ipynb").rename(course.submitted("ben") / "two.txt")
    (course.submitted("ben") / "two.txt").write_text("my answers")
    done, plan = dry_run(course, "ps1", "ps2", "--workers", "3")
    assert done.returncode == 1
    assert not (course.root / "autograded").exists()
    assert statuses(plan) == {"ann": "new", "ben": "failed"}
    assert statuses(plan, "ps2") == {}
    expected = {"judged": 1, "seconds": None, "unknown": ["ps1"], "workers": 3}
    assert {name: plan[name] for name in expected} == expected
    line = "ps1 of ben cannot be graded: ps1.ipynb is missing; the folder has two.txt"
    assert line in done.stderr
    assert "1 of 2 submissions would be judged; no time estimate yet" in done.stderr
    assert dry_run(course, "ps1", "--student", "ann")[0].returncode == 0
    assert "Isolation: none" in dry_run(course, "ps1", "--isolation", "none")[0].stderr


def test_a_dry_run_predicts_the_run(course):
    for student in ("ann", "ben", "cid"):
        course.submit(student)
    (course.submit("dan") / "ps1.ipynb").write_text("{")
    (course.submit("eve") / "ps1.ipynb").unlink()
    course.grade()
    course.submit("ben", WRONG)
    course.submit("fay")
    (course.submit("gil") / "ps1.ipynb").unlink()
    (course.submitted("gil") / "a.ipynb").write_text("")
    (course.submitted("gil") / "b.ipynb").write_text("")
    done, plan = dry_run(course, "ps1")
    assert done.returncode == 1
    assert statuses(plan) == {
        "ann": "unchanged",
        "ben": "changed",
        "cid": "unchanged",
        "dan": "retried",
        "eve": "failed",
        "fay": "new",
        "gil": "failed",
    }
    assert "ps1 of dan failed in the last run: ps1.ipynb: not a Jupyter notebook" in done.stderr
    assert re.search(r"3 of 7 submissions would be judged, in about \d+ seconds? with", done.stderr)
    assert plan["judged"] == 3 and plan["unknown"] == []
    planned = {one["student"]: one for one in plan["assignments"]["ps1"]}
    forced = dry_run(course, "ps1", "--force")[1]
    assert statuses(forced)["ann"] == "unchanged" and forced["judged"] == 5
    for student, outcome in course.grade().items():
        judged = outcome.status == "graded" or student == "dan"
        assert planned[student]["is_judged"] == judged, student
        if student in ("eve", "gil"):
            assert (outcome.status, outcome.why) == ("failed", planned[student]["why"])


def test_a_dry_run_leaves_no_process(course):
    course.submit("ann")
    with course.here():
        command = [sys.executable, "-m", "nbjudge", "autograde", "ps1", "--dry-run"]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    processes = Tree(process.pid)
    with process:
        while process.poll() is None:
            assert not processes.look()["zygote"]
            time.sleep(0.02)
        assert "1 of 1 submission would be judged" in process.stderr.read()
    assert processes.left() == []


def test_a_dry_run_of_what_cannot_be_run(course, tmp_path):
    course.submit("ann")
    before = tree(course.root)
    for arguments, said in (
        (["ps9"], "The gradebook has no assignment 'ps9'; it has ps1, ps2."),
        (["ps1", "--student", "zoe"], "There is no work by zoe for ps1"),
        (["ps1", "--log", str(tmp_path / "log")], "--dry-run writes nothing: omit --log."),
    ):
        done = course.nbjudge("autograde", *arguments, "--dry-run")
        assert done.returncode == 2 and said in done.stderr
    assert tree(course.root) == before
    assert not (tmp_path / "log").exists()
