"""`nbjudge autograde`: grade what students submitted."""

import argparse
import contextlib
import importlib
import json
import logging
import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table

from nbjudge.cli import dry_run
from nbjudge.cli.commands import ENGINES
from nbjudge.cli.console import (
    NOT_CONFIGURED,
    NOT_GRADED,
    OK,
    Commands,
    add_assignments,
    as_number,
    choose_students,
    console,
    count_of,
    exit_statuses,
    is_configured,
    load,
    progress_bar,
    warn,
)
from nbjudge.cli.status import describe
from nbjudge.engine.engine import AnyEngine, Engine
from nbjudge.log import event, new_run_id, writing_log
from nbjudge.sandbox import probe
from nbjudge.sandbox.levels import CHOICES
from nbjudge.sandbox.linux import return_large_blocks

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

    from nbjudge.course.assignment import Assignment
    from nbjudge.course.outcome import GradingOutcome
    from nbjudge.settings import NbJudge

LONG = 30.0  # seconds of one submission that are worth a line


def add_parser(commands: Commands) -> None:
    """Add the command to those of nbjudge."""
    auto = commands.add_parser(
        "autograde",
        help="grade the submissions of assignments",
        description="Grade what lies in submitted/, write autograded/ and the gradebook. What has "
        "not changed since it was graded is left alone; an interrupted run is resumed by running "
        "it again.",
        epilog=exit_statuses("everything is graded, or could be", "something is not, or cannot be"),
    )
    auto.set_defaults(run=run, engine=None)
    add_assignments(auto)
    auto.add_argument("--student", action="append", default=[], help="only this student (repeat)")
    auto.add_argument("--workers", type=as_number, help="submissions at a time [all processors]")
    auto.add_argument("--isolation", choices=CHOICES, help="another level than the configured one")
    for module in ENGINES:
        importlib.import_module(module).add_option(auto)
    auto.add_argument("--feedback", action="store_true", help="write the feedback pages as well")
    auto.add_argument("--force", action="store_true", help="also what has not changed")
    auto.add_argument(
        "--seed", type=_seed, help="repeat a grading: metadata.nbjudge.seed of the graded notebook"
    )
    auto.add_argument("--json", action="store_true", help="print the outcome as JSON to stdout")
    auto.add_argument(
        "--dry-run",
        action="store_true",
        help="say what would be done and how long it takes, and do nothing",
    )
    auto.add_argument(
        "--log",
        metavar="FILE",
        help="append a line of JSON for each submission, with ids and without students' work",
    )


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"a number from 0 to 4294967295, not {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status."""
    options.run_id = new_run_id()
    if options.log and options.dry_run:
        raise ValueError("--dry-run writes nothing: leave out --log.")
    if not options.log:
        return _run(options)
    with writing_log(options.log, options.run_id, warn):
        try:
            return _run(options)
        except Exception as error:  # it may be one that ends the command before the run begins
            event("error", logging.ERROR, error=type(error).__name__)
            raise


def _run(options: argparse.Namespace) -> int:
    start = time.monotonic()
    return_large_blocks()  # or a few large submissions cost memory to the end of the run
    if options.engine:
        coursedir, settings = load()
        assignments = _assignments(options, coursedir, settings)
        with options.engine(options, assignments) as engine:
            workers = options.workers or sys.maxsize  # also those that join later
            return _grade(options, engine, start, coursedir, settings, assignments, workers)
    with Engine() as engine:
        if not options.dry_run:
            engine.warm_up()
        probe.start()
        coursedir, settings = load()
        assignments = _assignments(options, coursedir, settings)
        workers = options.workers or settings.workers or os.cpu_count() or 1
        return _grade(options, engine, start, coursedir, settings, assignments, workers)


def _assignments(
    options: argparse.Namespace, coursedir: "CourseDirectory", settings: "NbJudge"
) -> list["Assignment"]:
    from nbjudge.course.assignment import Assignment

    return [
        Assignment(name, coursedir, settings, for_reading=options.dry_run)
        for name in dict.fromkeys(options.assignment)
    ]


def _grade(
    options: argparse.Namespace,
    engine: AnyEngine,
    start: float,
    coursedir: "CourseDirectory",
    settings: "NbJudge",
    assignments: Sequence["Assignment"],
    workers: int,
) -> int:
    if options.dry_run:
        return dry_run.show(options, engine, assignments, engine.judged(workers))
    from nbjudge.course.grading import grade, notes
    from nbjudge.course.outcome import MAX_LINES, printable, shortened

    _, sentence = settings.level(coursedir, options.isolation, engine.missing_levels)
    console.print(sentence, markup=False)
    work = {
        assignment: choose_students(assignment, assignment.students(), options.student)
        for assignment in assignments
    }
    _say_who_grades_too(coursedir, assignments)
    outcomes: dict[Assignment, list[GradingOutcome]] = {one: [] for one in assignments}
    with progress_bar() as progress:
        tasks = {
            assignment: progress.add_task(assignment.name, total=len(who))
            for assignment, who in work.items()
        }
        for assignment, outcome in grade(
            engine,
            work,
            workers,
            options.feedback,
            isolation=options.isolation,
            again=options.force or options.seed is not None,
            seed=options.seed,
            run_id=options.run_id,
        ):
            outcomes[assignment].append(outcome)
            whose = printable(f"{assignment.name} of {outcome.student}")
            if outcome.status == "failed":
                text = f"{whose} was not graded: {outcome.why}"
                progress.console.print(text, markup=False, style="red")
            if outcome.feedback:
                progress.console.print(f"{whose}: {outcome.feedback}", markup=False, style="red")
            progress.advance(tasks[assignment])
    for assignment, students in work.items():
        if not students:
            place = assignment.submitted("STUDENT")
            text = f"No submissions of {assignment.name}: they are looked for in {place}."
            console.print(text, markup=False, style="yellow")
    for done in outcomes.values():
        done.sort(key=lambda outcome: outcome.student)
    seconds = time.monotonic() - start
    if options.json:
        print(json.dumps(_as_json(outcomes, seconds), indent=1))
    console.print(_table(outcomes))
    for lines, level in notes(outcomes, not options.student):
        for line in shortened(lines, MAX_LINES) if level < logging.ERROR else ():  # said already
            style = "yellow" if level == logging.WARNING else None
            console.print(line, markup=False, style=style)
    _say_duration(outcomes, seconds, engine.judged(workers))
    if not is_configured(settings):
        console.print(NOT_CONFIGURED, style="yellow")
    failed = (o.status == "failed" or o.feedback for done in outcomes.values() for o in done)
    return NOT_GRADED if any(failed) else OK


def _say_who_grades_too(coursedir: "CourseDirectory", assignments: Sequence["Assignment"]) -> None:
    """Name the runs over the same work that are under way; two runs do each other no harm."""
    from sqlalchemy.exc import SQLAlchemyError

    from nbjudge.course.dates import course_zone
    from nbjudge.course.run_records import read_runs

    zone, names = course_zone(coursedir.config), [assignment.name for assignment in assignments]
    with contextlib.suppress(SQLAlchemyError):
        for run in read_runs(coursedir.db_url, names):
            if run.is_alive:
                text = f"Another run grades the same work. {describe(run, zone)}"
                console.print(text, markup=False, style="yellow")


def _as_json(
    outcomes: Mapping["Assignment", list["GradingOutcome"]], seconds: float
) -> dict[str, Any]:
    return {
        "seconds": round(seconds, 3),
        "assignments": {one.name: [o.to_plain() for o in done] for one, done in outcomes.items()},
    }


def _table(outcomes: Mapping["Assignment", list["GradingOutcome"]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    headings = "assignment", "graded", "unchanged", "failed", "mean", "of", "by hand", "repaired"
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "assignment" else "right")
    for assignment, done in outcomes.items():
        count = {s: sum(o.status == s for o in done) for s in ("graded", "unchanged", "failed")}
        graded = [o.judgment for o in done if o.status == "graded"]
        mean = f"{sum(one.score or 0.0 for one in graded) / len(graded):.1f}" if graded else ""
        points = f"{graded[0].points:g}" if graded else ""
        by_hand = sum(bool(one.manual) for one in graded)
        repaired = sum(bool(one.repairs) for one in graded)
        numbers = [*count.values(), mean, points, by_hand, repaired]
        table.add_row(assignment.name, *map(str, numbers))
    return table


def _say_duration(
    outcomes: Mapping["Assignment", list["GradingOutcome"]], seconds: float, workers: int
) -> None:
    from nbjudge.course.outcome import printable

    times = [(o.seconds, f"{a.name} of {o.student}") for a, done in outcomes.items() for o in done]
    longest, whose = max(times, default=(0.0, ""))
    if longest >= LONG:
        text = f"The longest took {longest:.0f} s: {printable(whose)}."
        console.print(text, markup=False, style="yellow")
    total = count_of(len(times), "submission")
    console.print(f"{total} in {seconds:.1f} s with {count_of(workers, 'worker')}.")
