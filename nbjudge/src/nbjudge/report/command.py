"""`nbjudge report`: write a page about the class, for the instructor."""

import argparse
from pathlib import Path

from nbjudge.cli.console import (
    OK,
    Commands,
    console,
    count_of,
    exit_statuses,
    print_remarks,
    report,
)


def add_parser(commands: Commands) -> None:
    """Add the command to those of nbjudge."""
    parser = commands.add_parser(
        "report",
        help="write a page about the class: points, mistakes, every student",
        description="Write one HTML page, which needs no network: for each assignment and question "
        "who has submitted, mean, median, histogram, difficulty and discrimination; where points "
        "were lost; crashes and time-outs; hints at answers that are the same; and a page for each "
        "student.",
        epilog=exit_statuses("the page is written"),
    )
    parser.set_defaults(run=run)
    parser.add_argument("assignment", nargs="*", help="only these assignments [all]")
    parser.add_argument(
        "--code",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="a file or folder whose functions count as the course's own, besides those of its "
        "notebooks, where answers are compared (repeat)",
    )
    parser.add_argument("--output", type=Path, default=Path("report.html"), help="[report.html]")


def run(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status.

    Raises
    ------
    LookupError, ValueError
        Where nothing is written; the text says why.
    """
    from nbjudge.course.dates import course_zone, utc_now
    from nbjudge.course.loading import load_course
    from nbjudge.course.outcome import listed, printable
    from nbjudge.course.standings import check_names, read_standings
    from nbjudge.files import put_file
    from nbjudge.report.class_report import make_report
    from nbjudge.report.page import render
    from nbjudge.report.similarity import own_fingerprints

    coursedir, settings = load_course()
    standings = read_standings(coursedir, parts=settings.parts)
    names = [one.name for one in standings.assignments]
    check_names("assignment", options.assignment, names)
    own = own_fingerprints(coursedir, names, options.code)
    made = make_report(standings, options.assignment, own)
    page = render(made, utc_now(), course_zone(coursedir.config))
    try:
        put_file(options.output, page.encode())
    except OSError as error:
        raise ValueError(f"{error.filename}: {error.strerror}.") from None
    for one in made.assignments:
        report.print(printable(str(one)), markup=False)
    if made.outside:
        who = listed(person.id for person in made.outside)
        report.print(f"Not on the class list, and in none of these numbers: {who}", markup=False)
    print_remarks(standings.remarks)
    students = count_of(len(made.students), "student")
    console.print(f"Wrote {options.output}: {students}.", markup=False)
    return OK
