"""`nbjudge autograde --dry-run`: report the planned work and its estimated duration."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from nbjudge.cli.console import NOT_GRADED, OK, choose_students, console, count_of, progress_bar
from nbjudge.engine.engine import AnyEngine

if TYPE_CHECKING:
    from nbjudge.course.assignment import Assignment
    from nbjudge.course.dry_run import Plan

COLUMNS = {  # table headings by the counted status
    "new": "new",
    "changed": "changed",
    "unchanged": "unchanged",
    "retried": "failed before",
    "failed": "not gradable",
}


def show(
    options: argparse.Namespace,
    engine: AnyEngine,
    assignments: Sequence["Assignment"],
    workers: int,
) -> int:
    """Print the planned work and return the exit status.

    Parameters
    ----------
    workers
        Number of submissions that would be judged in parallel.
    """
    from nbjudge.course.dry_run import make_plan, plan_submissions

    first = assignments[0]
    level = first.settings.level(first.coursedir, options.isolation, engine.missing_levels)
    console.print(level[1], markup=False)
    work = {
        assignment: choose_students(assignment, assignment.students(), options.student)
        for assignment in assignments
    }
    again = options.force or options.seed is not None
    with progress_bar() as progress:
        total = sum(map(len, work.values()))
        seen = progress.track(
            plan_submissions(engine, work, options.isolation, again), total, description="Dry run"
        )
        plan = make_plan(seen, [assignment.name for assignment in assignments])
    if options.json:
        print(json.dumps(_as_json(plan, workers), indent=1))
    _print(plan)
    console.print(f"{_sentence(plan, workers)} Nothing was written.", markup=False)
    is_complete = not any(plan.counts(name)["failed"] for name in plan.submissions)
    return OK if is_complete else NOT_GRADED


def _as_json(plan: "Plan", workers: int) -> dict[str, Any]:
    return {
        "dry_run": True,
        "workers": workers,
        "judged": len(plan.judged),
        "seconds": plan.seconds_with(workers),
        "unknown": plan.unknown,
        "assignments": {
            name: [asdict(submission) for submission in submissions]
            for name, submissions in plan.submissions.items()
        },
    }


def _print(plan: "Plan") -> None:
    from nbjudge.course.outcome import printable, shortened

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("assignment")
    for heading in COLUMNS.values():
        table.add_column(heading, justify="right", no_wrap=True)
    for name in plan.submissions:
        counts = plan.counts(name)
        table.add_row(name, *(str(counts[status]) for status in COLUMNS))
    console.print(table, markup=False)
    for status, has_failed, style in (
        ("retried", "failed in the last run", "yellow"),
        ("failed", "cannot be graded", "red"),
    ):
        lines = [
            f"{name} of {submission.student} {has_failed}: {submission.why}"
            for name, submissions in plan.submissions.items()
            for submission in submissions
            if submission.status == status
        ]
        for line in shortened(lines):
            console.print(printable(line), markup=False, style=style)


def _sentence(plan: "Plan", workers: int) -> str:
    """Return a sentence with the number of submissions to judge and the estimated duration."""
    from nbjudge.course.dates import duration_text

    total = sum(map(len, plan.submissions.values()))
    judged = f"{len(plan.judged)} of {count_of(total, 'submission')} would be judged"
    if not plan.judged:
        return f"{judged}."
    seconds, unknown = plan.seconds_with(workers), ", ".join(plan.unknown)
    if seconds is None:
        return f"{judged}; no time estimate yet: nothing has been graded for {unknown}."
    estimate = f"in about {duration_text(seconds)} with {count_of(workers, 'worker')}"
    if unknown:
        estimate += f", plus {unknown}, for which nothing has been graded yet"
    return f"{judged}, {estimate}."
