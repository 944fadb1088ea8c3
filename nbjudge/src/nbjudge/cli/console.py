"""What the commands share: consoles, exit statuses, a progress bar, how a course is loaded."""

import argparse
import contextlib
import signal
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from nbjudge.sandbox.launch import loading
from nbjudge.wording import as_sentence, did_you_mean, nearest

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

    from nbjudge.course.assignment import Assignment
    from nbjudge.settings import NbJudge

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
NOT_CONFIGURED = (
    "nbgrader_config.py does not call nbjudge.configure(c): `nbgrader autograde` and the "
    "formgrader still run student code themselves, with your rights."
)
OK, NOT_GRADED, USAGE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
EVERYWHERE = {  # what the other statuses mean
    USAGE: "nothing was done: wrong usage, or something in the course cannot be used",
    INTERRUPTED: "interrupted by Ctrl-C",
    TERMINATED: "ended by SIGTERM",
}
console = Console(stderr=True, highlight=False, soft_wrap=True)
report = Console(highlight=False, soft_wrap=True)  # what a command was asked for


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a command as Ctrl-C does."""


@contextlib.contextmanager
def raising_terminated() -> Iterator[None]:
    """Let SIGTERM raise Terminated, where it would end this process at once.

    SLURM, systemd and Kubernetes send it before they kill. The second and later ones are ignored,
    so that what is under way can be ended in order.
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
    """Return the meanings of a command's exit statuses, in one sentence.

    Parameters
    ----------
    ok, not_graded
        The meanings of OK and NOT_GRADED; "" if the command never returns it.
    """
    meanings = {OK: ok, NOT_GRADED: not_graded, **EVERYWHERE}
    said = "; ".join(f"{status} {meaning}" for status, meaning in meanings.items() if meaning)
    return f"Exit status: {said}."


def add_assignments(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names one or more assignments."""
    parser.add_argument(
        "assignment", nargs="+", type=as_name, help="its name, the folder below source/"
    )


def as_name(text: str) -> str:
    """Return the name of an assignment without the slash that a shell adds."""
    return text.rstrip("/")


def as_number(text: str) -> int:
    """Return a number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number from 1 on, not {text!r}")
    return int(text)


def load() -> tuple["CourseDirectory", "NbJudge"]:
    """Load nbgrader while the workers are getting warm, and read the course's settings."""
    with loading():
        from nbjudge.course import grading  # noqa: F401
        from nbjudge.course.loading import load_course
    return load_course()


def choose_students(
    assignment: "Assignment", found: Sequence[str], wanted: Collection[str]
) -> list[str]:
    """The students whose work was found and is wanted; all of them where none is named.

    Raises
    ------
    LookupError
        Where there is no work of one who is wanted.
    """
    from nbjudge.course.outcome import printable

    missing = sorted(set(wanted) - set(found))
    if missing:
        near = (n for name in missing for n in nearest(name, found))
        hint = did_you_mean(map(printable, near))
        raise LookupError(f"There is no work of {', '.join(missing)} for {assignment.name}{hint}")
    return [student for student in found if not wanted or student in wanted]


def print_remarks(remarks: Iterable[str]) -> None:
    """Print what a person should know about the folders of a course."""
    from nbjudge.course.outcome import MAX_LINES, shortened

    for remark in shortened(list(remarks), MAX_LINES):
        console.print(as_sentence(remark), markup=False, style="yellow")


def warn(text: str) -> None:
    """Print a warning, as it is."""
    console.print(text, markup=False, style="yellow")


def progress_bar() -> Progress:
    return Progress(
        TextColumn("{task.description:<30}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def count_of(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def is_configured(settings: "NbJudge") -> bool:
    """Whether nbgrader's own commands grade with nbjudge as well."""
    return "nbjudge" in str(settings.config.get("Autograde", {}).get("exporter_class", ""))
