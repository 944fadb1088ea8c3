"""Run `nbjudge grade --json` in another process, with a time limit."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from nbjudge.sandbox import linux
from nbjudge.sandbox.processes import Processes
from nbjudge.wording import as_sentence


class NoResultsError(Exception):
    """The command ended without results, which is the grader's fault."""


def run_grade(
    arguments: Sequence[str], seconds: float, show: Callable[[str], object] | None = None
) -> dict[str, Any]:
    """Run the command in the root folder, and return its results.

    No process that it has started is left when it has ended. Meanwhile, the program must not start
    others in another thread, because they would be ended too.

    Parameters
    ----------
    arguments
        Absolute paths of the work, and options.
    seconds
        Time limit of the command, after which it and all its processes are ended.
    show
        Function that gets the command's messages when it has ended. They may quote student code.
        By default, they go to stderr.

    Raises
    ------
    NoResultsError
        If the command ends without results; the message is a sentence.
    TimeoutError
        If it takes too long; the message is a sentence.
    """
    command = [sys.executable, "-P", "-m", "nbjudge", "grade", *arguments, "--json"]
    # A process group, so that a time-out ends the workers and sandboxes as well.
    with (
        _without_orphans(),
        subprocess.Popen(
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if show else None,
            process_group=0,
        ) as process,
    ):
        is_late = False
        try:
            output, messages = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            is_late = True
            output, messages = _stop(process)
    if show:
        show((messages or b"").decode(errors="replace"))
    if is_late:
        raise TimeoutError(f"Grading took longer than {seconds:g} seconds.")
    try:
        document: dict[str, Any] = json.loads(output)
    except ValueError as error:
        text = f"nbjudge grade ended with status {process.returncode} and without results."
        raise NoResultsError(text) from error
    return document


def problems_of(document: dict[str, Any]) -> list[str]:
    """Return messages about the assignment, from the results of one submission."""
    return [f"The assignment itself: {text}" for text in document["results"][0]["errors"]]


def suspicions_in(document: dict[str, Any]) -> list[str]:
    """Return what one submission may have done to its tests, for instructors alone."""
    return [as_sentence(f"Note: {text}") for text in document["results"][0]["suspicions"]]


@contextlib.contextmanager
def _without_orphans() -> Iterator[None]:
    """Kill what the processes that are started in the block leave behind.

    At "reduced", processes of a submission survive if the fork server that ends them is killed.
    """
    processes = Processes()
    before = processes.children(os.getpid())
    with contextlib.suppress(OSError):  # not on Linux
        linux.adopt_orphans()
    try:
        yield
    finally:
        processes.end_children(before)


def _stop(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """End a command and all its processes, and return their remaining output."""
    process.terminate()  # removes its temporary files
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.communicate(timeout=5)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.communicate()
