"""`nbjudge dates`: show when assignments are due, and who has an extension."""

import argparse

from rich.table import Table

from nbjudge.cli.console import OK, Commands, console, exit_statuses, load, report


def add_parser(commands: Commands) -> None:
    """Add the command to those of nbjudge."""
    dates = commands.add_parser(
        "dates",
        help="show when assignments are due, and extensions",
        description="Write the due dates and extensions of dates.toml into the gradebook, as "
        "grading does, and show all that the gradebook has. No grade is changed: "
        "`nbjudge autograde` does that.",
        epilog=exit_statuses("the dates are in the gradebook"),
    )
    dates.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status."""
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
