"""What the commands share: consoles, exit statuses, a progress bar, how a course is loaded."""

import difflib
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

    from nbjudge.course.assignment import Assignment
    from nbjudge.settings import NbJudge

NOT_CONFIGURED = (
    "nbgrader_config.py does not call nbjudge.configure(c): `nbgrader autograde` and the "
    "formgrader still run student code themselves, with your rights."
)
OK, NOT_GRADED, USAGE, INTERRUPTED = 0, 1, 2, 130
console = Console(stderr=True, highlight=False, soft_wrap=True)
report = Console(highlight=False, soft_wrap=True)  # what a command was asked for


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
        near = [n for name in missing for n in difflib.get_close_matches(name, found, 1)]
        hint = f"; did you mean {', '.join(map(printable, near))}?" if near else ""
        raise LookupError(f"There is no work of {', '.join(missing)} for {assignment.name}{hint}")
    return [student for student in found if not wanted or student in wanted]


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
