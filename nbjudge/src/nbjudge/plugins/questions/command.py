"""`nbjudge questions`: make sheets of questions about students' own code, and grade the answers."""

import argparse
import contextlib
import math
from pathlib import Path

from nbjudge.cli.console import Commands, as_name, as_number, exit_statuses, load


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    parser = commands.add_parser(
        "questions",
        help="ask students on paper about their own code, and grade the answers",
        description="Write a sheet of questions for each student who has submitted, about the "
        "student's own functions, with a key for graders. With --answers, grade what the students "
        "ticked. Sheets that exist are kept.",
        epilog=exit_statuses(
            "every student who has submitted has a sheet, or every filled-in row is graded",
            "a student has no sheet, or a row is left to a person",
        ),
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add("assignment", type=as_name, help="name of the folder below source/")
    add("student", nargs="*", help="only these students [all]")
    add("--number", type=as_number, help="questions on a sheet [3]")
    add("--output", type=Path, default=Path("questions"), help="folder of all sheets [questions]")
    add("--again", action="store_true", help="replace sheets that exist, with new numbers")
    add("--answers", type=Path, metavar="FILE", help="grade the filled-in answers.csv")
    points = "with --answers: write the points, of this maximum, to the gradebook"
    add("--points", type=float, help=f"{points}, as ASSIGNMENT-questions")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    if options.answers and any([options.student, options.number, options.again]):
        raise ValueError("--answers grades sheets: omit --number, --again and the students.")
    if options.points is not None and not (options.answers and 0 < options.points < math.inf):
        raise ValueError("--points needs a positive number, and --answers FILE.")
    coursedir, settings = load()
    from nbjudge.course.assignment import Assignment
    from nbjudge.plugins.questions.steps import grade, make

    reading = not options.points
    assignment = Assignment(options.assignment, coursedir, settings, for_reading=reading)
    with contextlib.closing(assignment):
        try:
            return (grade if options.answers else make)(assignment, options)
        except OSError as error:
            raise ValueError(f"{error.filename}: {error.strerror}.") from None
