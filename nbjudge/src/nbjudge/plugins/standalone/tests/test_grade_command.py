"""`nbjudge grade` run by another program: a time-out leaves no process of a submission behind."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nbjudge.plugins.standalone.grade_command import run_grade
from nbjudge.sandbox.levels import SAFE
from nbjudge.sandbox.probe import missing
from tests.support.waiting import wait_until

# Leaves its process group, its parent, and Python; then the cell waits.
STARTS_A_PROGRAM = """
import os, time
if not os.fork():
    os.setpgid(0, 0)
    if not os.fork():
        os.execv("/bin/sleep", ["sleep", "{seconds}"])
    os._exit(0)
while True:
    time.sleep(60)
"""


def programs(*command):
    """Return the process ids of the programs with this command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            if (folder / "cmdline").read_bytes() == "".join(
                f"{word}\0" for word in command
            ).encode():
                found.append(int(folder.name))
    return found


def descendants(pid):
    """Return the names of a process's descendants by process id."""
    found = {}
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):
            for child in map(int, (task / "children").read_text().split()):
                found[child] = Path(f"/proc/{child}/comm").read_text().strip()
                found |= descendants(child)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="safe levels require Linux")
@pytest.mark.parametrize("level", SAFE)
@pytest.mark.parametrize("is_server_killed", [False, True])
def test_a_time_out_ends_every_process_of_a_submission(
    course, monkeypatch, level, is_server_killed
):
    """Even if the fork server, which ends them otherwise, was killed before."""
    if reason := missing()[level]:
        pytest.skip(f"{level} is unavailable: {reason}")
    seconds = str(10**8 + os.getpid())
    answers = {"double": STARTS_A_PROGRAM.format(seconds=seconds)}
    work = course.submit("ann", answers) / "ps1.ipynb"
    communicate = subprocess.Popen.communicate

    def time_out(process, input=None, timeout=None):
        monkeypatch.setattr(subprocess.Popen, "communicate", communicate)
        assert wait_until(lambda: programs("sleep", seconds), 300)
        for pid, name in descendants(process.pid).items() if is_server_killed else ():
            if name == "nbj-fork-server":
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        raise subprocess.TimeoutExpired(process.args, timeout)

    monkeypatch.setattr(subprocess.Popen, "communicate", time_out)
    with pytest.raises(TimeoutError):
        run_grade(
            [str(work), "--assignment", str(course.root / "source" / "ps1"), "--isolation", level],
            600,
            lambda messages: None,
        )
    left = programs("sleep", seconds)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left
