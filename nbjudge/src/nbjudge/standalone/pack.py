"""`nbjudge pack`: write everything that grading an assignment needs to one file."""

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge.cli.console import OK, Commands, as_name, console, exit_statuses, load
from nbjudge.engine.engine import Engine
from nbjudge.sandbox.levels import CHOICES
from nbjudge.wording import as_sentence

if TYPE_CHECKING:
    from nbjudge.course.assignment import Assignment


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    parser = commands.add_parser(
        "pack",
        help="write an assignment to one file, for `nbjudge grade` on another machine",
        description="Write the hidden tests, the released notebooks, the settings and the course's "
        "modules that grading an assignment needs to one archive, without students and grades. "
        "The archive must be kept secret: it contains the hidden tests.",
        epilog=exit_statuses("the file is written"),
    )
    parser.set_defaults(run=run)
    parser.add_argument("assignment", type=as_name, help="name of the folder below source/")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="[ASSIGNMENT.nbpack]")
    parser.add_argument(
        "--isolation", choices=CHOICES, help="level for the machine that grades [as configured]"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    LookupError, ValueError
        If nothing is written; the message says why.
    """
    with Engine() as engine:
        engine.warm_up()
        coursedir, settings = load()
        from nbjudge.course.assignment import Assignment
        from nbjudge.course.gradebook import released_notebooks
        from nbjudge.standalone.pack_file import SUFFIX, make_pack
        from nbjudge.standalone.work import check_assignment

        check_assignment(options.assignment, coursedir, released_notebooks(coursedir.db_url))
        assignment = Assignment(options.assignment, coursedir, settings, for_reading=True)
        with contextlib.closing(assignment):
            _place(engine, assignment)
            changed = {"isolation": options.isolation} if options.isolation else {}
            content = make_pack(assignment, changed)
            _report(assignment)
    path = options.output or Path(f"{options.assignment}{SUFFIX}")
    _write(path, content)
    return OK


def _place(engine: Engine, assignment: "Assignment") -> None:
    """Decide where the tests are judged, unless that is stored in the gradebook."""
    if not assignment.is_placed:
        from nbjudge.course.placement import place_tests

        config = assignment.settings.sandbox_config(assignment.coursedir)
        place_tests(engine, assignment, config)


def _report(assignment: "Assignment") -> None:
    """Print what the instructor should know about the packed assignment."""
    from nbjudge.course.outcome import printable, shortened

    remarks = [*assignment.placement_remarks, *assignment.setting_remarks()]
    differences = [str(d) for found in assignment.differences.values() for d in found]
    if differences:
        remarks.append(
            f"source/ differs from the gradebook: {'; '.join(shortened(differences, 5))}. The "
            f"version in the gradebook was packed: {assignment.remedy()}, then pack it again"
        )
    for remark in remarks:
        console.print(as_sentence(printable(remark)), markup=False, style="yellow")


def _write(path: Path, content: bytes) -> None:
    """Write a pack that only its owner can read, and name it.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    from nbjudge.files import put_file

    try:
        put_file(path, content, 0o600)
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}.") from None
    size = len(content) / 1000
    text = f"Wrote {path} ({size:,.0f} kB). Keep it secret: it contains the hidden tests."
    console.print(text, markup=False)
