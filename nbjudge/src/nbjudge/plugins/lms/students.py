"""`nbjudge students`: import a class list from a learning platform into the gradebook."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge.cli.console import OK, Commands, console, count_of, exit_statuses, report
from nbjudge.plugins.lms.platforms import LISTS, either

if TYPE_CHECKING:
    from nbjudge.plugins.standings.standings import Person

OPTIONS = {  # {option for a column: (field, content of the column)}
    "--id": ("id", "the student's id in nbgrader, which is also the name of the folder"),
    "--name": ("name", "the full name, as 'Lovelace, Ada' or 'Ada Lovelace'"),
    "--first-name": ("first_name", "the first name"),
    "--last-name": ("last_name", "the last name"),
    "--email": ("email", "the e-mail address"),
    "--lms-id": ("lms_user_id", "the student's number on the platform"),
    "--group": ("group", "the group of students who may share work"),
}


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    students = commands.add_parser(
        "students",
        help=f"import a class list from {either(LISTS)}",
        description="Add the students in a CSV file to the gradebook or update them, with their "
        "names, e-mail addresses and numbers on the platform. Nobody is removed. Files with the "
        f"usual columns of {either(LISTS)} need no options; for others, the options name the "
        "columns.",
        epilog=exit_statuses("the class list is in the gradebook"),
    )
    students.set_defaults(run=run)
    students.add_argument("file", type=Path, help="the class list, a CSV file in UTF-8")
    for option, (field, content) in OPTIONS.items():
        students.add_argument(option, metavar="COLUMN", dest=field, help=f"column with {content}")
    students.add_argument(
        "--dry-run", action="store_true", help="show the changes without writing them"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    ValueError
        If nothing is written; the message says why.
    """
    from nbjudge.course.loading import load_course
    from nbjudge.plugins.lms.class_list import read_class, write_class
    from nbjudge.plugins.shared.csv_files import read_csv
    from nbjudge.plugins.standings.reading import read_people

    coursedir, _ = load_course()
    fields = [field for field, _ in OPTIONS.values()]
    titles = {field: title for field in fields if (title := getattr(options, field))}
    try:
        students = read_class(read_csv(options.file), titles, read_people(coursedir))
    except OSError as error:
        raise ValueError(f"{options.file} cannot be read: {error.strerror}.") from None
    change = write_class(coursedir, students, options.dry_run)
    _say("new", change.new)
    _say("changed", change.changed)
    _say(
        "in the gradebook, but not in the list (to remove: `nbgrader db student remove ID`)",
        change.missing,
    )
    total = f"{count_of(len(students), 'student')} in {options.file}"
    counts = f"{len(change.new)} new, {len(change.changed)} changed, {len(change.same)} unchanged"
    console.print(f"{total}: {counts}.", markup=False)
    if options.dry_run:
        console.print("Nothing was written.")
    return OK


def _say(state: str, people: "Sequence[Person]") -> None:
    from nbjudge.course.outcome import MAX_LISTED, printable

    if people:
        report.print(f"{len(people)} {state}:", markup=False)
    for person in people[:MAX_LISTED]:
        parts = person.id, person.name, person.email, person.lms_user_id, person.group
        report.print(f"  {printable(', '.join(filter(None, parts)))}", markup=False)
    if len(people) > MAX_LISTED:
        report.print(f"  ... and {len(people) - MAX_LISTED} more", markup=False)
