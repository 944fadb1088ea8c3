"""Shared parts of the commands: consoles, exit statuses, a progress bar, loading a course."""

import argparse
import contextlib
import logging
import signal
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn, TypeAlias, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from nbjudge.sandbox.launch import loading
from nbjudge.wording import as_sentence, did_you_mean, nearest

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

    from nbjudge.course.assignment import Assignment
    from nbjudge.settings import NbJudge

T = TypeVar("T")
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
NOT_CONFIGURED = (
    "nbgrader_config.py does not call nbjudge.configure(c): `nbgrader autograde` and the "
    "formgrader still run student code themselves, with your permissions."
)
OK, NOT_GRADED, USAGE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
EVERYWHERE = {  # meanings of the statuses that all commands share
    USAGE: "nothing was done: wrong usage, or a file or setting of the course is invalid",
    INTERRUPTED: "interrupted by Ctrl-C",
    TERMINATED: "ended by SIGTERM",
}
STYLES = {logging.ERROR: "red", logging.WARNING: "yellow"}
console = Console(stderr=True, highlight=False, soft_wrap=True)
report = Console(highlight=False, soft_wrap=True)  # stdout, for the requested output


class Terminated(KeyboardInterrupt):
    """Raised on SIGTERM, which stops a command as Ctrl-C does."""


@contextlib.contextmanager
def raising_terminated() -> Iterator[None]:
    """Raise Terminated on SIGTERM in the block if SIGTERM would otherwise end the process.

    SLURM, systemd and Kubernetes send SIGTERM before they kill a process. Further signals are
    ignored, so that the work in progress can be ended cleanly.

    >>> import signal
    >>> from nbjudge.cli.console import raising_terminated
    >>> try:
    ...     with raising_terminated():
    ...         signal.raise_signal(signal.SIGTERM)
    ... except KeyboardInterrupt:
    ...     print("terminated")
    terminated
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def end(*_: object) -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Terminated

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def exit_statuses(ok: str, not_graded: str = "") -> str:
    """Return a sentence that explains a command's exit statuses.

    Parameters
    ----------
    ok, not_graded
        Meanings of OK and NOT_GRADED; "" if the command never returns that status.
    """
    meanings = {OK: ok, NOT_GRADED: not_graded, **EVERYWHERE}
    text = "; ".join(f"{status} {meaning}" for status, meaning in meanings.items() if meaning)
    return f"Exit status: {text}."


def add_assignments(parser: argparse.ArgumentParser) -> None:
    """Add the argument for one or more assignments."""
    parser.add_argument(
        "assignment", nargs="+", type=as_name, help="name of the folder below source/"
    )


def as_name(text: str) -> str:
    """Return an assignment's name without the trailing slash of shell completion."""
    return text.rstrip("/")


def as_number(text: str) -> int:
    """Parse a positive integer argument."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a positive integer, not {text!r}")
    return int(text)


def load() -> tuple["CourseDirectory", "NbJudge"]:
    """Import nbgrader, and return the course in the current folder with its settings."""
    with loading():
        from nbjudge.course import grading  # noqa: F401
        from nbjudge.course.loading import load_course
    return load_course()


def choose_students(
    assignment: "Assignment", found: Sequence[str], wanted: Collection[str]
) -> list[str]:
    """Return the requested students; all students if none is requested.

    Parameters
    ----------
    found
        Students whose work exists.
    wanted
        Requested students.

    Raises
    ------
    LookupError
        If a requested student has no work.
    """
    from nbjudge.course.outcome import printable

    missing = sorted(set(wanted) - set(found))
    if missing:
        near = (n for name in missing for n in nearest(name, found))
        hint = did_you_mean(map(printable, near))
        raise LookupError(f"There is no work by {', '.join(missing)} for {assignment.name}{hint}")
    return [student for student in found if not wanted or student in wanted]


def print_remarks(remarks: Iterable[str]) -> None:
    """Print remarks about the folders of a course."""
    from nbjudge.course.outcome import MAX_LINES, shortened

    for remark in shortened(list(remarks), MAX_LINES):
        console.print(as_sentence(remark), markup=False, style="yellow")


class Terminal:
    """The terminal as the place where a run is presented.

    Examples
    --------
    >>> import logging
    >>> import nbjudge
    >>> nbjudge.Terminal().say(logging.WARNING, "ps2 has no submissions.")
    """

    def say(self, level: int, text: str) -> None:
        """Print a message verbatim, in the color of its level."""
        console.print(text, markup=False, style=STYLES.get(level))

    def track(
        self, pieces: Iterable[T], totals: Mapping[str, int], name: Callable[[T], str]
    ) -> Iterator[T]:
        """Yield pieces of work, and show a progress bar for each name."""
        with progress_bar() as progress:
            tasks = {each: progress.add_task(each, total=totals[each]) for each in totals}
            for piece in pieces:
                yield piece
                progress.advance(tasks[name(piece)])

    def in_lines(self, pieces: Iterable[T], total: int) -> Iterator[T]:
        """Yield submissions, and print a line for each tenth where no progress bar is shown."""
        for done, piece in enumerate(pieces, 1):
            yield piece
            if not console.is_terminal and done * 10 // total > (done - 1) * 10 // total:
                self.say(logging.INFO, f"   {done} of {total} submissions")


def warn(text: str) -> None:
    """Print a warning verbatim."""
    Terminal().say(logging.WARNING, text)


def progress_bar() -> Progress:
    """Return a progress bar on stderr; it shows nothing unless stderr is a terminal.

    >>> from nbjudge.cli.console import progress_bar
    >>> with progress_bar() as progress:
    ...     students = list(progress.track(["ann", "bob"], description="Grading ps1"))
    >>> students
    ['ann', 'bob']
    """
    return Progress(
        TextColumn("{task.description:<30}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def plain_table(heading: str, *numbers: str) -> Table:
    """Return a table without lines: a column of names, and columns of numbers."""
    table = Table(heading, box=None, pad_edge=False, header_style="bold")
    for number in numbers:
        table.add_column(number, justify="right", no_wrap=True)
    return table


def count_of(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def is_configured(settings: "NbJudge") -> bool:
    """True if nbgrader's own commands grade with nbjudge as well."""
    return "nbjudge" in str(settings.config.get("Autograde", {}).get("exporter_class", ""))
