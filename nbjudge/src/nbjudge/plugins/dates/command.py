"""`nbjudge dates`: show due dates and extensions."""

import argparse
import contextlib

from rich.table import Table

from nbjudge.cli.console import OK, Commands, console, exit_statuses, load, report


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    dates = commands.add_parser(
        "dates",
        help="show due dates and extensions",
        description="Write the due dates and extensions of dates.toml to the gradebook, as "
        "grading does, and show all dates in the gradebook. No grade is changed: "
        "`nbjudge autograde` recomputes late penalties.",
        epilog=exit_statuses("the dates are in the gradebook"),
    )
    dates.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    coursedir, settings = load()
    from nbjudge.course.assignment import Assignment, sources
    from nbjudge.course.dates import course_zone, duration_text, time_text
    from nbjudge.course.outcome import printable
    from nbjudge.plugins.dates.dates_file import all_extensions, read_dates
    from nbjudge.plugins.shared.released_notebooks import released_notebooks

    table = Table("assignment", "student", "due", "extension", box=None, pad_edge=False)
    remarks, names, zone = [], sources(coursedir), course_zone(coursedir.config)
    known = set(names)
    with contextlib.suppress(LookupError):  # there is no gradebook yet
        known |= released_notebooks(coursedir.db_url).keys()
    dates = read_dates(coursedir, known) or {}
    for name in [*names, *sorted(set(dates) - set(names))]:
        try:
            assignment = Assignment(name, coursedir, settings)
        except LookupError:
            due = dates[name].due if name in dates else None
            when = f"{time_text(due, zone)}; " if due else ""
            state = "not generated yet" if name in names else "not in source/ yet"
            table.add_row(name, "", f"{when}{state}")
            continue
        assignment.set_dates()
        due = assignment.records.duedate
        table.add_row(name, "", time_text(due, assignment.zone) if due else "none")
        for student, longer in sorted(all_extensions(assignment.records).items()):
            if due and longer:
                until, more = due + longer, duration_text(longer.total_seconds())
                table.add_row("", printable(student), time_text(until, assignment.zone), more)
        remarks += [f"{name}: {remark}" for remark in assignment.date_remarks]
        assignment.close()
    report.print(table, markup=False)
    for remark in remarks:
        console.print(remark, markup=False, style="yellow")
    return OK
