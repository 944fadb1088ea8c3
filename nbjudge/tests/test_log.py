"""The events of grading and their log file: a truncated line does not damage the others."""

import fcntl
import json
import logging
import logging.config
import os
import subprocess
import sys
import threading

import pytest

from nbjudge import log
from nbjudge.course.dates import utc_now
from nbjudge.course.outcome import GradingOutcome, Judgment
from nbjudge.course.run_records import RecordedRun
from nbjudge.log import event, new_run_id, writing_log


def refuse(text):
    raise AssertionError(text)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_program_around_nbjudge_gets_the_events(caplog):
    with caplog.at_level(logging.INFO, "nbjudge"):
        event("submission", student="a\nb", seconds=1.5, worker=None)
    (record,) = caplog.records
    assert record.name == "nbjudge" and record.levelno == logging.INFO
    assert record.nbjudge == {"event": "submission", "student": "a\nb", "seconds": 1.5}
    assert "\n" not in record.getMessage()


def test_without_a_log_nothing_is_printed():
    program = "from nbjudge.log import event; event('x', 40)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_run_says_what_became_of_whom_and_nothing_of_the_work(tmp_path):
    secret = "secret.ipynb: the student's words"

    def run(name):
        url = f"sqlite:///{tmp_path}/gradebook.db"
        return RecordedRun(url, name, utc_now(), lambda: 2, {"ps1": 2}, "full")

    with writing_log(str(tmp_path / "log"), "r", refuse), run("r"):
        pass
    with (
        writing_log(str(tmp_path / "log"), "r", refuse),
        pytest.raises(KeyboardInterrupt),
        run("s") as entered,
    ):
        judgment = Judgment(repairs=[secret], machine="node1", worker="tcp://node1:1")
        entered.count("ps1", GradingOutcome("ann", "graded", judgment=judgment, seconds=1.23456))
        bad = GradingOutcome("Zoë\n", "failed", secret, error="EngineError", feedback=secret)
        entered.count("ps1", bad)
        raise KeyboardInterrupt
    text = (tmp_path / "log").read_text()
    assert "secret" not in text and text.isascii()
    start, end, second, ann, zoe, interrupted = lines(tmp_path / "log")
    assert start["event"] == "start" and start["submissions"] == {"ps1": 2}
    assert (start["workers"], start["process"]) == (2, os.getpid())
    assert (end["event"], end["ended"]) == ("end", "done")
    assert (end["graded"], end["unchanged"], end["failed"]) == (0, 0, 0)
    assert second["run"] == ann["run"] == zoe["run"] == interrupted["run"] == "s"
    for one in (start, ann):
        assert one.pop("time").endswith("Z")
    assert ann == {
        "run": "s",
        "event": "submission",
        "assignment": "ps1",
        "student": "ann",
        "status": "graded",
        "seconds": 1.235,
        "machine": "node1",
        "worker": "tcp://node1:1",
    }
    assert (zoe["student"], zoe["status"], zoe["error"]) == ("Zoë\n", "failed", "EngineError")
    assert (zoe["see"], zoe["page"]) == ("nbjudge status ps1", "failed")
    assert (interrupted["ended"], interrupted["graded"], interrupted["failed"]) == (
        "KeyboardInterrupt",
        1,
        1,
    )


def test_events_of_others_and_later_ones_are_not_in_the_file(tmp_path):
    logger = logging.getLogger("nbjudge")
    before = logger.level, list(logger.handlers)
    with writing_log(str(tmp_path / "log"), "r", refuse):
        event("one")
        logger.error("what a student wrote")
    event("two")
    assert [line["event"] for line in lines(tmp_path / "log")] == ["one"]
    assert (logger.level, logger.handlers) == before


@pytest.mark.parametrize("place", ["", ".", "no/folder/log", "pipe", "a\0b"])
def test_a_log_that_cannot_be_opened_is_reported_in_one_sentence(tmp_path, place):
    os.mkfifo(tmp_path / "pipe")
    path = str(tmp_path / place) if place else ""
    with pytest.raises(ValueError, match=r"^The log .*cannot be opened: [^\n]+\.$"):  # noqa: SIM117
        with writing_log(path, "r", refuse):
            pass


def test_a_full_disk_is_reported_once_and_stops_nothing(tmp_path):
    said = []
    with writing_log("/dev/full", "r", said.append):
        for _ in range(3):
            event("one")
    assert said == [
        "The log /dev/full cannot be written: No space left on device. Grading continues, but "
        "the log is incomplete."
    ]


def test_a_line_that_was_cut_is_ended_before_the_next_one(tmp_path, monkeypatch):
    """A full disk or a power failure during an earlier run truncates the line."""
    path, said, write = tmp_path / "log", [], os.write
    path.write_text('{"event": "cu')
    cut = [False, True, False, False]
    with writing_log(str(path), "r", said.append), monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda f, data: write(f, data[:9] if cut.pop(0) else data))
        for number in range(4):
            event("one", number=number)
    first, *rest = path.read_text().splitlines()
    assert first == '{"event": "cu'
    assert len(rest) == 4 and len(rest[1]) == 9
    assert [json.loads(line)["number"] for line in rest if len(line) > 9] == [0, 2, 3]
    assert len(said) == 1 and "No space left" in said[0]


RUN = """
import sys
from nbjudge.log import event, writing_log
with writing_log(sys.argv[1], sys.argv[2], print):
    print("ready", flush=True)
    number = 0
    while True:
        event("submission", number=number, student="x" * 300)
        number += 1
"""


def test_a_line_that_another_run_left_cut_is_ended(tmp_path, monkeypatch):
    """As after `kill -9`, at a line that crosses a page boundary of the file."""
    path, said, write = tmp_path / "log", [], os.write
    cut = [True, False, False, False]
    with (
        writing_log(str(path), "a", said.append),
        writing_log(str(path), "b", refuse),
        monkeypatch.context() as patch,
    ):
        patch.setattr(os, "write", lambda f, data: write(f, data[:9] if cut.pop(0) else data))
        event("one")
        event("two")
    first, *rest = path.read_text().splitlines()
    assert len(first) == 9 and len(said) == 1
    assert [(json.loads(line)["run"], json.loads(line)["event"]) for line in rest] == [
        ("b", "one"),
        ("a", "two"),
        ("b", "two"),
    ]


def test_a_run_that_is_killed_spoils_no_line_but_its_last(tmp_path):
    """Several runs write to one file and are killed one after the other."""
    path = tmp_path / "log"
    runs = [
        subprocess.Popen([sys.executable, "-c", RUN, path, name], stdout=subprocess.PIPE)
        for name in "abc"
    ]
    for run in runs:
        assert run.stdout.readline() == b"ready\n"
    for run, name in zip(runs, "abc", strict=True):
        size, own = path.stat().st_size, f'"run": "{name}"'.encode()
        while path.stat().st_size < size + 200_000 or own not in path.read_bytes():
            assert run.poll() is None
        run.kill()
        run.communicate()
    numbers, cut = {"a": 0, "b": 0, "c": 0}, []
    for line in path.read_text().splitlines():
        try:
            fields = json.loads(line)
        except ValueError:
            cut.append(line)
            continue
        assert fields["number"] == numbers[fields["run"]]
        numbers[fields["run"]] += 1
    assert all(numbers.values())
    assert len(cut) <= len(runs) and all(line[:9] in '{"time": ' for line in cut)


def test_a_lock_on_the_file_stops_nothing(tmp_path, monkeypatch):
    """As with `flock FILE nbjudge autograde --log FILE`, or a network drive whose locks hang."""
    monkeypatch.setattr(log, "LOCKED", 0.1)
    path = tmp_path / "log"
    with open(path, "w") as other, writing_log(str(path), "r", refuse):
        fcntl.flock(other, fcntl.LOCK_EX)
        event("one")
        event("two")
    assert [line["event"] for line in lines(path)] == ["one", "two"]


def test_a_program_that_configures_logging_does_not_end_the_log(tmp_path):
    """Every Jupyter application configures logging when it starts."""
    with writing_log(str(tmp_path / "log"), "r", refuse):
        event("one")
        logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})
        event("two")
    assert [line["event"] for line in lines(tmp_path / "log")] == ["one", "two"]


def test_threads_share_the_file(tmp_path):
    path = tmp_path / "log"
    with writing_log(str(path), new_run_id(), refuse):
        threads = [
            threading.Thread(target=lambda: [event("one") for _ in range(100)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(lines(path)) == 400
