"""`nbjudge archive`: move a finished term away and prepare the course for the next class."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge import plugins
from nbjudge.cli.console import OK, Commands, console, count_of, exit_statuses

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    archive = commands.add_parser(
        "archive",
        help="move a finished term into a folder, and prepare the next one",
        description="Move the class, with all its work, grades, dates and exports, into a new "
        "folder that is a course of its own. The course keeps its assignments, rubrics and the "
        "comments used for several answers. If the command is interrupted, run it again.",
        epilog=exit_statuses("the term is in the folder"),
    )
    archive.set_defaults(run=run)
    archive.add_argument("folder", type=Path, help="folder to create, such as ../last-term")
    archive.add_argument(
        "also", nargs="*", type=Path, help="further files and folders that belong to the term"
    )
    archive.add_argument(
        "--unfinished", action="store_true", help="move the term even if work is waiting"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    ValueError
        If nothing was moved, or not everything; the message says why.
    """
    from nbjudge.course.database import check_file
    from nbjudge.course.loading import load_course
    from nbjudge.plugins.archive.term import Archive

    coursedir, _ = load_course()
    archive = Archive(coursedir, options.folder, options.also)
    if not archive.is_begun:
        check_file(coursedir.db_url)
        if not options.unfinished and (unfinished := _unfinished(coursedir)):
            raise ValueError(
                f"Nothing was moved, because work is waiting: {'; '.join(unfinished)}. Finish it, "
                "or move it as it is with --unfinished."
            )
    try:
        archive.write()
    except OSError as error:
        raise ValueError(
            f"The term cannot be moved: {error}. A part of the term may be in {archive.partial}: "
            "run the command again to continue."
        ) from None
    console.print(
        f"Moved the term to {archive.target}. To look at it, run commands there. The next term has "
        "the same assignments, without dates: import the class list (nbjudge students).",
        markup=False,
    )
    return OK


def _unfinished(coursedir: "CourseDirectory") -> list[str]:
    """Return the work that waits for a person or for grading, by assignment, and active runs."""
    from nbjudge.course.run_records import read_runs
    from nbjudge.plugins.standings.reading import read_submissions
    from nbjudge.plugins.standings.standings import State

    unfinished = []
    for name, submissions in read_submissions(coursedir).items():
        counts = [
            f"{submissions.counts[state]} {state}"
            for state in (State.NOT_GRADED, State.NOT_GRADABLE, State.WAITING)
            if submissions.counts.get(state)
        ]
        for what, count in plugins.ask("nbjudge.open_work", "__call__", coursedir, name).items():
            if count:
                counts.append(count_of(count, what))
        if counts:
            unfinished.append(f"{name}: {', '.join(counts)}")
    if any(run.is_alive for run in read_runs(coursedir.db_url)):
        unfinished.append("a run is grading")
    return unfinished
