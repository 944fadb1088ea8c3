"""`nbjudge autograde`: grade submissions."""

import argparse
import contextlib
import json
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table

from nbjudge import plugins
from nbjudge.cli.console import (
    NOT_CONFIGURED,
    Commands,
    Terminal,
    add_assignments,
    as_number,
    choose_students,
    console,
    count_of,
    exit_statuses,
    is_configured,
    load,
    plain_table,
    warn,
)
from nbjudge.cli.runs import describe
from nbjudge.log import event, new_run_id, writing_log
from nbjudge.sandbox import probe
from nbjudge.sandbox.launch import start_zygote
from nbjudge.sandbox.levels import CHOICES
from nbjudge.sandbox.linux import return_large_blocks

if TYPE_CHECKING:
    from nbjudge.course.assignment import Assignment
    from nbjudge.course.outcome import GradingOutcome
    from nbjudge.course.presenter import Presenter
    from nbjudge.engine.engine import AnyEngine

LONG = 30.0  # seconds; a longer duration of a submission is reported


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    auto = commands.add_parser(
        "autograde",
        help="grade the submissions of assignments",
        description="Grade the submissions in submitted/; write autograded/ and the gradebook. "
        "Submissions that have not changed since they were graded are skipped. Run an interrupted "
        "command again to resume it.",
        epilog=exit_statuses(
            "all submissions are graded, or could be", "a submission is not graded, or cannot be"
        ),
    )
    auto.set_defaults(run=run, engine=None)
    add_assignments(auto)
    auto.add_argument(
        "--student", action="append", default=[], help="grade only this student (repeatable)"
    )
    auto.add_argument(
        "--workers", type=as_number, help="submissions judged in parallel [all processors]"
    )
    auto.add_argument("--isolation", choices=CHOICES, help="override the configured level")
    auto.add_argument("--feedback", action="store_true", help="write the feedback pages as well")
    auto.add_argument("--force", action="store_true", help="regrade unchanged submissions as well")
    auto.add_argument(
        "--seed",
        type=as_seed,
        help="seed of a grading to reproduce: metadata.nbjudge.seed of the graded notebook",
    )
    auto.add_argument("--json", action="store_true", help="print the results as JSON to stdout")
    auto.add_argument(
        "--dry-run",
        action="store_true",
        help="report the planned work and its estimated duration without doing it",
    )
    auto.add_argument(
        "--log",
        metavar="FILE",
        help="append a line of JSON for each submission, with ids but without students' work",
    )
    plugins.ask("nbjudge.engines", "add_option", auto)


def as_seed(text: str) -> int:
    """Parse the argument --seed."""
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 4294967295, not {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    options.run_id = new_run_id()
    if options.log and options.dry_run:
        raise ValueError("--dry-run writes nothing: omit --log.")
    if not options.log:
        return _run(options)
    with writing_log(options.log, options.run_id, warn):
        try:
            return _run(options)
        except Exception as error:  # including errors before the run begins
            event("error", logging.ERROR, error=type(error).__name__)
            raise


def _run(options: argparse.Namespace) -> int:
    start = time.monotonic()
    return_large_blocks()  # else a few large submissions hold memory until the end of the run
    if options.engine:
        assignments = _open_assignments(options)
        with options.engine(options, assignments) as engine:
            workers = options.workers or sys.maxsize  # including workers that join later
            return _grade(options, engine, start, assignments, workers)
    zygote = None if options.dry_run else start_zygote()  # warms up while this process imports
    from nbjudge.engine.engine import Engine

    with Engine(makes_pages=options.feedback) as engine:
        if zygote:
            engine.warm_up(zygote)
        probe.probe_isolation()
        assignments = _open_assignments(options)
        workers = assignments[0].settings.count_workers(options.workers)
        return _grade(options, engine, start, assignments, workers)


def _open_assignments(options: argparse.Namespace) -> list["Assignment"]:
    course = load()
    from nbjudge.course.assignment import Assignment

    names = dict.fromkeys(options.assignment)
    return [Assignment(name, *course, for_reading=options.dry_run) for name in names]


def _grade(
    options: argparse.Namespace,
    engine: "AnyEngine",
    start: float,
    assignments: Sequence["Assignment"],
    workers: int,
) -> int:
    from nbjudge.course.grading import grade
    from nbjudge.course.presenter import Presenter

    presenter = Presenter(Terminal())
    coursedir, settings = assignments[0].coursedir, assignments[0].settings
    presenter.say(settings.level(coursedir, options.isolation, engine.missing_levels)[1])
    work = {
        assignment: choose_students(assignment, assignment.students(), options.student)
        for assignment in assignments
    }
    if options.dry_run:
        from nbjudge.cli import dry_run

        return dry_run.show(options, engine, presenter, work, engine.capacity(workers))
    _report_other_runs(presenter, assignments)
    graded = grade(
        engine,
        work,
        workers,
        options.feedback,
        isolation=options.isolation,
        again=options.force or options.seed is not None,
        seed=options.seed,
        run_id=options.run_id,
    )
    for assignment, outcome in presenter.follow(work, graded):
        if outcome.status == "failed":
            presenter.say_not_graded(f"{assignment.name} of {outcome.student}", outcome.why)
    presenter.show_missing_pages()
    for assignment, students in work.items():
        if not students:
            folder = assignment.submitted("STUDENT")
            text = f"No submissions of {assignment.name}: expected in {folder}."
            presenter.say(text, logging.WARNING)
    seconds = time.monotonic() - start
    if options.json:
        print(json.dumps(_as_json(presenter.outcomes, seconds), indent=1))
    console.print(_table(presenter.outcomes))
    presenter.show_notes(not options.student)
    _say_duration(presenter, seconds, engine.capacity(workers))
    if not is_configured(settings):
        presenter.say(NOT_CONFIGURED, logging.WARNING)
    return presenter.status


def _report_other_runs(presenter: "Presenter", assignments: Sequence["Assignment"]) -> None:
    """Report active runs over the same work; concurrent runs are safe."""
    from sqlalchemy.exc import SQLAlchemyError

    from nbjudge.course.dates import course_zone
    from nbjudge.course.run_records import read_runs

    coursedir, names = assignments[0].coursedir, [assignment.name for assignment in assignments]
    zone = course_zone(coursedir.config)
    with contextlib.suppress(SQLAlchemyError):
        for run in read_runs(coursedir.db_url, names):
            if run.is_alive:
                text = f"Another run is grading the same work. {describe(run, zone)}"
                presenter.say(text, logging.WARNING)


def _as_json(
    outcomes: Mapping["Assignment", list["GradingOutcome"]], seconds: float
) -> dict[str, Any]:
    return {
        "seconds": round(seconds, 3),
        "assignments": {
            assignment.name: [outcome.to_plain() for outcome in done]
            for assignment, done in outcomes.items()
        },
    }


def _table(outcomes: Mapping["Assignment", list["GradingOutcome"]]) -> Table:
    headings = "assignment", "graded", "unchanged", "failed", "mean", "of", "by hand", "repaired"
    table = plain_table(*headings)
    for assignment, done in outcomes.items():
        count = {s: sum(o.status == s for o in done) for s in ("graded", "unchanged", "failed")}
        graded = [o.judgment for o in done if o.status == "graded"]
        scores = [judgment.score or 0.0 for judgment in graded]
        mean = f"{sum(scores) / len(scores):.1f}" if scores else ""
        points = f"{graded[0].points:g}" if graded else ""
        by_hand = sum(outcome.waiting for outcome in done)
        repaired = sum(bool(judgment.repairs) for judgment in graded)
        numbers = [*count.values(), mean, points, by_hand, repaired]
        table.add_row(assignment.name, *map(str, numbers))
    return table


def _say_duration(presenter: "Presenter", seconds: float, workers: int) -> None:
    outcomes = presenter.outcomes.items()
    times = [(o.seconds, f"{a.name} of {o.student}") for a, done in outcomes for o in done]
    longest, whose = max(times, default=(0.0, ""))
    if longest >= LONG:
        presenter.say(f"The slowest submission took {longest:.0f} s: {whose}.", logging.WARNING)
    total = count_of(len(times), "submission")
    presenter.say(f"{total} in {seconds:.1f} s with {count_of(workers, 'worker')}.")
