"""`nbjudge students`: enter the class list of a learning platform into the gradebook."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge.cli.console import OK, Commands, console, count_of, exit_statuses, report

if TYPE_CHECKING:
    from nbjudge.course.standings import Person

OPTIONS = {  # the options that name a column, and its field
    "--id": ("id", "the student's id in nbgrader, which is also the name of the folder"),
    "--name": ("name", "the full name, as 'Lovelace, Ada' or 'Ada Lovelace'"),
    "--first-name": ("first_name", "the first name"),
    "--last-name": ("last_name", "the last name"),
    "--email": ("email", "the e-mail address"),
    "--lms-id": ("lms_user_id", "the student's number in the platform"),
}


def add_parser(commands: Commands) -> None:
    """Add the command to those of nbjudge."""
    students = commands.add_parser(
        "students",
        help="enter a class list from Canvas or Moodle",
        description="Enter the students of a CSV file into the gradebook, with their names, e-mail "
        "addresses and numbers in the platform, or update them. Nobody is removed. Exported "
        "gradebooks of Canvas and lists of Moodle in English are read as they are; the options "
        "name the columns of other files.",
        epilog=exit_statuses("the class list is in the gradebook"),
    )
    students.set_defaults(run=run)
    students.add_argument("file", type=Path, help="the list, CSV in UTF-8")
    for option, (field, what) in OPTIONS.items():
        students.add_argument(option, metavar="COLUMN", dest=field, help=f"has {what}")
    students.add_argument("--dry-run", action="store_true", help="say what would change")


def run(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status.

    Raises
    ------
    ValueError
        Where nothing is written; the text says why.
    """
    from nbjudge.course.loading import load_course
    from nbjudge.course.standings import read_people
    from nbjudge.lms.class_list import read_class, write_class
    from nbjudge.lms.csv_files import read_csv

    coursedir, _ = load_course()
    fields = [field for field, _ in OPTIONS.values()]
    titles = {field: title for field in fields if (title := getattr(options, field))}
    try:
        students = read_class(read_csv(options.file), titles, read_people(coursedir))
    except OSError as error:
        raise ValueError(f"{options.file}: {error.strerror}.") from None
    change = write_class(coursedir, students, options.dry_run)
    _say("new", change.new)
    _say("changed", change.changed)
    _say("in the gradebook and not in the list; `nbgrader db student remove ID`", change.missing)
    total = f"{count_of(len(students), 'student')} in {options.file}"
    counts = f"{len(change.new)} new, {len(change.changed)} changed, {len(change.same)} as before"
    console.print(f"{total}: {counts}.", markup=False)
    if options.dry_run:
        console.print("Nothing was written.")
    return OK


def _say(state: str, people: "Sequence[Person]") -> None:
    from nbjudge.course.outcome import MAX_LISTED, printable

    if people:
        report.print(f"{len(people)} {state}:", markup=False)
    for person in people[:MAX_LISTED]:
        parts = person.id, person.name, person.email, person.lms_user_id
        report.print(f"  {printable(', '.join(filter(None, parts)))}", markup=False)
    if len(people) > MAX_LISTED:
        report.print(f"  ... and {len(people) - MAX_LISTED} more", markup=False)
