"""The judge can read and write few files, even if an attacker controls it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from nbjudge.sandbox import linux
from nbjudge.sandbox.confining import confine
from tests.support.engines import make_job, spec

needs_landlock = pytest.mark.skipif(
    not linux.landlock_version(), reason="the kernel has no Landlock"
)
REFUSED = """
def refused(path, mode):
    try:
        open(path, mode).close()
    except PermissionError:
        return True
    return False
"""


def in_fork(do):
    """Run a function in a fork; return True unless it raised an exception."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            do()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def judged(judge, test, readable=()):
    """Run a test cell in a judge that may read `readable`; return its points and the notebook."""
    job = make_job(spec((REFUSED + test, "test", "t")), master_files={"data/n.csv": b"1,2"})
    preparation = replace(job.preparation, readable=tuple(map(str, readable)))
    worker = judge.zygote.worker(preparation)
    try:
        answer = worker.request(job)
    finally:
        worker.stop()
    return answer.scores["t"], answer.notebook.decode()


@needs_landlock
def test_a_test_cell_reaches_no_file_of_the_class(judge, tmp_path):
    for name in ("gradebook.db", "submitted/ann/ps1.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("another student's")
    test = f"""
import os
for name in ("gradebook.db", "submitted/ann/ps1.ipynb"):
    path = os.path.join({str(tmp_path)!r}, name)
    assert refused(path, "r") and refused(path, "a"), path
assert refused({str(tmp_path / "new")!r}, "w")
assert refused("/tmp/nbjudge-new", "w")
"""
    points, shown = judged(judge, test)
    assert points == 1, shown
    assert not (tmp_path / "new").exists()


@needs_landlock
def test_a_test_cell_reads_its_assignment_and_what_the_course_names(judge, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "numbers.txt").write_text("1 2 3")
    (tmp_path / "answers.py").write_text("ANSWER = 42")
    test = f"""
import sys
assert open("data/n.csv").read() == "1,2"
assert open({str(tmp_path / "data" / "numbers.txt")!r}).read() == "1 2 3"
assert refused({str(tmp_path / "data" / "numbers.txt")!r}, "a")
sys.path.append({str(tmp_path)!r})
assert open({str(tmp_path / "answers.py")!r}).read() == "ANSWER = 42"
"""
    points, shown = judged(judge, test, [tmp_path / "data", tmp_path / "answers.py"])
    assert points == 1, shown


@needs_landlock
def test_a_test_cell_writes_temporary_files_and_uses_multiprocessing(judge):
    test = """
import multiprocessing, os, tempfile
from multiprocessing.shared_memory import SharedMemory
with tempfile.NamedTemporaryFile("w+") as file:
    file.write("x")
    assert os.path.dirname(file.name) == os.getcwd()
open("beside.txt", "w").close()
with multiprocessing.Pool(2) as pool:
    assert pool.map(abs, [-1, -2]) == [1, 2]
with multiprocessing.Manager() as manager:
    assert list(manager.list([1])) == [1]
memory = SharedMemory(create=True, size=8)
memory.close()
memory.unlink()
import colorsys  # not loaded yet
"""
    points, shown = judged(judge, test)
    assert points == 1, shown


@needs_landlock
def test_hidden_folders_in_readable_ones_stay_hidden(tmp_path):
    for name in ("shown", "hidden"):
        (tmp_path / "packages" / name).mkdir(parents=True)
        (tmp_path / "packages" / name / "file").write_text(name)

    def do():
        places = tmp_path / "packages"
        confine([str(places / "hidden")], [str(places)], [])
        assert (places / "shown" / "file").read_text() == "shown"
        with pytest.raises(PermissionError):
            (places / "hidden" / "file").read_text()

    assert in_fork(do)


def test_without_landlock_a_process_cannot_gain_privileges_and_opens_all_files(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(linux, "landlock_version", lambda: 0)
    monkeypatch.setattr(linux, "landlock", None)

    def do():
        confine([], [], [])
        (tmp_path / "file").write_text("x")
        assert "NoNewPrivs:\t1\n" in Path("/proc/self/status").read_text()

    assert in_fork(do)
