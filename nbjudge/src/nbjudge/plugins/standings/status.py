"""`nbjudge status`: report the states of submissions and the progress of grading runs."""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from nbjudge.cli.console import (
    OK,
    Commands,
    console,
    exit_statuses,
    plain_table,
    print_remarks,
    report,
)
from nbjudge.cli.runs import describe
from nbjudge.wording import as_sentence

if TYPE_CHECKING:
    from nbjudge.course.run_records import RunRecord
    from nbjudge.plugins.standings.reading import Submissions


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    status = commands.add_parser(
        "status",
        help="show how many submissions are graded, and the progress of a run",
        description="Count the submissions of each assignment by state, and show the progress of "
        "the run that is grading them, on this or another machine, or the result of the last run. "
        "Nothing is written.",
        epilog=exit_statuses("the state of the submissions is printed"),
    )
    status.set_defaults(run=run)
    status.add_argument("assignment", nargs="*", help="only these assignments [all]")
    status.add_argument("--json", action="store_true", help="print the state as JSON to stdout")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    LookupError, ValueError
        If the current folder is not a course, or the gradebook lacks one of the assignments.
    """
    from nbjudge.course.database import not_begun
    from nbjudge.course.dates import course_zone
    from nbjudge.course.loading import load_course
    from nbjudge.course.run_records import read_runs
    from nbjudge.plugins.standings.reading import read_submissions

    coursedir, _ = load_course()
    if missing := not_begun(coursedir.db_url):
        if options.json:
            print(json.dumps(_as_json({}, []), indent=1))
        console.print(missing, markup=False)
        return OK
    assignments = read_submissions(coursedir, [name.rstrip("/") for name in options.assignment])
    runs = _shown(read_runs(coursedir.db_url, assignments), assignments)
    if options.json:
        print(json.dumps(_as_json(assignments, runs), indent=1))
        return OK
    _print(assignments)
    zone = course_zone(coursedir.config)
    for shown in runs:
        style = None if shown.is_alive else "yellow" if shown.was_interrupted else "dim"
        console.print(describe(shown, zone), markup=False, style=style)
    return OK


def _shown(
    runs: Sequence["RunRecord"], assignments: Mapping[str, "Submissions"]
) -> list["RunRecord"]:
    """Return the active runs, plus the latest run of every other assignment.

    An ended run is left out if all submissions that it graded have been removed.
    """
    from nbjudge.plugins.standings.standings import State

    alive = [run for run in runs if run.is_alive]
    shown = list(alive)
    for name, submissions in assignments.items():
        last = next((run for run in (*alive, *runs) if name in run.progress), None)
        states = set(submissions.states.values())
        if last and (states - {State.NOT_GRADED} or (states and last.was_interrupted)):
            shown.append(last)
    return list({run.id: run for run in shown}.values())


def _as_json(
    assignments: Mapping[str, "Submissions"], runs: Sequence["RunRecord"]
) -> dict[str, dict[str, Any] | list[Any]]:
    from nbjudge.plugins.standings.standings import State

    keys = {
        "graded": State.GRADED,
        "waiting": State.WAITING,
        "not_gradable": State.NOT_GRADABLE,
        "not_graded": State.NOT_GRADED,
    }
    return {
        "assignments": {
            name: {
                "submitted": len(submissions.states),
                **{key: submissions.counts.get(state, 0) for key, state in keys.items()},
                "why": submissions.why,
                "remarks": submissions.remarks,
            }
            for name, submissions in assignments.items()
        },
        "runs": [
            {
                **asdict(run),
                "began": run.began.isoformat() + "Z",
                "beat": run.beat.isoformat() + "Z",
                "alive": run.is_alive,
                "seconds_left": run.seconds_left if run.is_alive else None,
            }
            for run in runs
        ],
    }


def _print(assignments: Mapping[str, "Submissions"]) -> None:
    from nbjudge.course.gradebook import not_generated
    from nbjudge.course.outcome import MAX_LISTED, printable
    from nbjudge.plugins.standings.standings import State

    columns = {
        "graded": State.GRADED,
        "by hand": State.WAITING,
        "failed": State.NOT_GRADABLE,
        "not graded yet": State.NOT_GRADED,
    }
    table = plain_table("assignment", "submitted", *columns)
    for name, submissions in assignments.items():
        numbers = (
            len(submissions.states),
            *(submissions.counts.get(state, 0) for state in columns.values()),
        )
        table.add_row(name, *map(str, numbers))
    report.print(table, markup=False)
    for name, submissions in assignments.items():
        if not_generated(name) in submissions.why.values():
            console.print(f"{not_generated(name)}.", markup=False, style="red")
            continue
        for student, why in sorted(submissions.why.items())[:MAX_LISTED]:
            text = printable(f"Not graded: {name} of {student}: {as_sentence(why)}")
            console.print(text, markup=False, style="red")
        if (more := len(submissions.why) - MAX_LISTED) > 0:
            text = f"{name}: {more} more were not graded; `nbjudge export grades` says why."
            console.print(text, markup=False, style="red")
        print_remarks(submissions.remarks)
