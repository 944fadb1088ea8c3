"""`nbjudge report`: write a report about the class for the instructor."""

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
    """Add the subcommand to the parser."""
    parser = commands.add_parser(
        "report",
        help="write a report about the class: points, mistakes, every student",
        description="Write a self-contained HTML page with submissions, means, medians, "
        "histograms, difficulty and discrimination for each assignment and question; the mistakes "
        "that cost points; crashes and time-outs; identical work; and a page for each "
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
        help="file or folder whose functions count as the course's own code, in addition to its "
        "notebooks, when work is compared (repeatable)",
    )
    parser.add_argument("--output", type=Path, default=Path("report.html"), help="[report.html]")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    LookupError, ValueError
        If nothing is written; the message says why.
    """
    from nbjudge.course.dates import course_zone, utc_now
    from nbjudge.course.loading import load_course
    from nbjudge.course.outcome import listed, printable
    from nbjudge.files import put_file
    from nbjudge.plugins.report.class_report import make_report
    from nbjudge.plugins.report.identical import own_fingerprints
    from nbjudge.plugins.report.page import render
    from nbjudge.plugins.standings.reading import check_names, read_standings

    coursedir, settings = load_course()
    standings = read_standings(coursedir, parts=settings.parts)
    names = [assignment.name for assignment in standings.assignments]
    check_names("assignment", options.assignment, names)
    own = own_fingerprints(coursedir, names, options.code)
    class_report = make_report(standings, options.assignment, own)
    page = render(class_report, utc_now(), course_zone(coursedir.config))
    try:
        put_file(options.output, page.encode())
    except OSError as error:
        raise ValueError(f"{options.output} cannot be written: {error.strerror}.") from None
    for assignment in class_report.assignments:
        report.print(printable(str(assignment)), markup=False)
    if class_report.outside:
        outside = listed(person.id for person in class_report.outside)
        report.print(f"Not on the class list, so not counted: {outside}", markup=False)
    print_remarks(standings.remarks)
    students = count_of(len(class_report.students), "student")
    console.print(f"Wrote {options.output}: {students}.", markup=False)
    return OK
