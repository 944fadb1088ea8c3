"""`nbjudge copy-gradebook`: copy the gradebook to another database."""

import argparse
from collections.abc import Callable
from pathlib import Path

from nbjudge.cli.console import OK, Commands, console, count_of, exit_statuses, progress_bar


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    copy = commands.add_parser(
        "copy-gradebook",
        help="copy the gradebook to another database, such as PostgreSQL",
        description="Copy the whole gradebook to an empty database, and verify the copy. The "
        "gradebook is not changed; do not grade while it is copied. Then set the new database in "
        "nbgrader_config.py as c.CourseDirectory.db_url.",
        epilog=exit_statuses("the copy is complete"),
    )
    copy.set_defaults(run=run)
    copy.add_argument(
        "to",
        metavar="DB_URL",
        help="address of the new database: postgresql+psycopg://USER@HOST/DATABASE, with the "
        "password in ~/.pgpass, or sqlite:///gradebook.db",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    ValueError
        If nothing was copied; the message says why.
    """
    from nbjudge.course.loading import load_course
    from nbjudge.plugins.cluster.copying import copy_gradebook

    coursedir, _ = load_course()
    with progress_bar() as bar:

        def begin(total: int) -> Callable[[int], None]:
            task = bar.add_task("Copying the gradebook", total=total)
            return lambda rows: bar.advance(task, rows)

        counts = copy_gradebook(coursedir.db_url, options.to, begin)
    students, submissions = counts["student"], counts["submitted_assignment"]
    console.print(
        f"Copied {count_of(students, 'student')}, {count_of(submissions, 'submission')} and "
        f"{count_of(counts['grade'], 'grade')}, and verified the copy: "
        f"{count_of(sum(counts.values()), 'row')} in {count_of(len(counts), 'table')}."
    )
    console.print(next_step(options.to, Path(coursedir.root)), markup=False)
    return OK


def next_step(db_url: str, course: Path) -> str:
    """Return instructions for using a database in a course; the password is not shown."""
    from sqlalchemy import make_url  # slow to import

    from nbjudge.course.database import file_of, shown

    url, standard = make_url(db_url), course / "gradebook.db"
    if file := file_of(url):
        if file.resolve() == standard.resolve():
            return "Next: remove c.CourseDirectory.db_url from nbgrader_config.py."
        url = url.set(database=str(file.resolve()))
    return (
        "Next: in nbgrader_config.py, before nbjudge.configure(c):\n"
        f'c.CourseDirectory.db_url = "{shown(url)}"'
    )
