"""`nbjudge autograde --dry-run`: report the planned work and its estimated duration."""

import argparse
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from nbjudge.cli.console import console, count_of, plain_table
from nbjudge.engine.engine import AnyEngine

if TYPE_CHECKING:
    from nbjudge.course.assignment import Assignment
    from nbjudge.course.dry_run import Plan
    from nbjudge.course.presenter import Presenter

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
    presenter: "Presenter",
    work: Mapping["Assignment", Sequence[str]],
    workers: int,
) -> int:
    """Show the planned work and return the exit status.

    Parameters
    ----------
    work
        {assignment: students}; the assignments are open for reading.
    workers
        Number of submissions that would be judged in parallel.
    """
    from nbjudge.course.dry_run import make_plan, plan_submissions

    again = options.force or options.seed is not None
    planned = plan_submissions(engine, work, options.isolation, again)
    totals = {"Dry run": sum(map(len, work.values()))}
    seen = presenter.sink.track(planned, totals, lambda _: "Dry run")
    plan = make_plan(seen, [assignment.name for assignment in work])
    if options.json:
        print(json.dumps(_as_json(plan, workers), indent=1))
    console.print(_table(plan), markup=False)
    for status, has_failed, level in (
        ("retried", "failed in the last run", logging.WARNING),
        ("failed", "cannot be graded", logging.ERROR),
    ):
        lines = [
            f"{name} of {submission.student} {has_failed}: {submission.why}"
            for name, submissions in plan.submissions.items()
            for submission in submissions
            if submission.status == status
        ]
        presenter.show(lines, level)
    presenter.say(f"{_sentence(plan, workers)} Nothing was written.")
    return presenter.status


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


def _table(plan: "Plan") -> Table:
    table = plain_table("assignment", *COLUMNS.values())
    for name in plan.submissions:
        counts = plan.counts(name)
        table.add_row(name, *(str(counts[status]) for status in COLUMNS))
    return table


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
