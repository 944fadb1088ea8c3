"""`nbjudge dates`: show due dates and extensions."""

import argparse

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
    from nbjudge.course.dates import duration_text, time_text
    from nbjudge.course.outcome import printable

    table = Table("assignment", "student", "due", "extension", box=None, pad_edge=False)
    remarks = []
    for name in sources(coursedir):
        try:
            assignment = Assignment(name, coursedir, settings)
        except LookupError:
            table.add_row(name, "", "not released yet")
            continue
        assignment.set_dates()
        due = assignment.records.duedate
        table.add_row(name, "", time_text(due, assignment.zone) if due else "none")
        for student, longer in sorted(assignment.records.all_extensions().items()):
            if due and longer:
                until, more = due + longer, duration_text(longer.total_seconds())
                table.add_row("", printable(student), time_text(until, assignment.zone), more)
        remarks += [f"{name}: {remark}" for remark in assignment.date_remarks]
        assignment.close()
    report.print(table, markup=False)
    for remark in remarks:
        console.print(remark, markup=False, style="yellow")
    return OK
