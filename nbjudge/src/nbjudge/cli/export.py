"""`nbjudge export`: write grades, questions, mistakes and totals, for people and for platforms."""

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge.cli.console import OK, console

if TYPE_CHECKING:
    from nbjudge.course.standings import Standings

TABLES = {
    "grades": "a row for each assignment and student, as nbgrader export writes it",
    "questions": "a row for each question and student",
    "mistakes": "a row for each mistake, with those who lost points by it",
    "totals": "a row for each student, with the points of all assignments",
}


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to nbjudge's."""
    export = commands.add_parser(
        "export",
        help="write grades for a spreadsheet, a script or a learning platform",
        description="Write what the gradebook holds. Work that is not assigned, not submitted, not "
        "graded yet, not gradable or waiting for a person has a state and no points: none of these "
        "is written as 0.",
        epilog="Exit status: 0 the file is written, 2 it is not, and the reason is printed.",
    )
    kinds = export.add_subparsers(dest="kind", required=True, metavar="WHAT")
    for name, what in TABLES.items():
        table = kinds.add_parser(name, help=what, description=f"Write {what}.")
        table.add_argument("assignment", nargs="*", help="only these assignments [all]")
        table.add_argument("--student", action="append", default=[], help="only this one (repeat)")
        ending = "its ending, .csv or .json, is the format"
        table.add_argument("--output", type=Path, default=Path(f"{name}.csv"), help=ending)
        table.set_defaults(export=_write_table)


def run(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status.

    Raises
    ------
    LookupError, ValueError
        Where nothing is written; the text says why.
    """
    try:
        options.export(options)
    except OSError as error:
        raise ValueError(f"{error.filename}: {error.strerror}.") from None
    return OK


def _write_table(options: argparse.Namespace) -> None:
    from nbjudge.lms.tables import write_table

    standings = _standings(options.assignment, options.student)
    rows = write_table(options.kind, standings, options.output)
    console.print(f"Wrote {options.output}: {rows} rows.", markup=False)
    print_states(standings)


def _standings(assignments: list[str], students: list[str]) -> "Standings":
    from nbjudge.course.loading import load_course
    from nbjudge.course.standings import read_standings

    coursedir, settings = load_course()
    return read_standings(coursedir, assignments, students, settings.parts)


def print_states(standings: "Standings") -> None:
    """Say how much work is in each state, and what could not be graded."""
    from nbjudge.course.outcome import printable
    from nbjudge.course.standings import State

    counts = Counter(standing.state for standing in standings.all)
    said = ", ".join(f"{counts[state]} {state}" for state in State if counts[state])
    console.print(f"Of {len(standings.all)} pieces of work: {said}.", markup=False)
    for standing in standings.all:
        if standing.state is State.NOT_GRADABLE:
            work = printable(f"{standing.assignment.name} of {standing.student.id}")
            console.print(f"Not gradable: {work}: {standing.why}.", markup=False)
