"""`nbjudge autograde`: grade what students submitted."""

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table

from nbjudge.cli.console import (
    NOT_CONFIGURED,
    NOT_GRADED,
    OK,
    choose_students,
    console,
    count_of,
    is_configured,
    load,
    progress_bar,
)
from nbjudge.engine.engine import AnyEngine, Engine
from nbjudge.errors import ClusterError
from nbjudge.sandbox import probe

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

    from nbjudge.cluster.engine import ClusterEngine
    from nbjudge.course.assignment import Assignment
    from nbjudge.course.outcome import GradingOutcome
    from nbjudge.settings import NbJudge

LONG = 30.0  # seconds of one submission that are worth a line


def run(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status."""
    start = time.monotonic()
    if options.cluster:
        coursedir, settings = load()
        assignments = _assignments(options, coursedir, settings)
        with _cluster(options.cluster, assignments) as cluster:
            workers = options.workers or cluster.ahead
            return _grade(options, cluster, start, coursedir, settings, assignments, workers)
    with Engine() as engine:
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

    return [Assignment(name, coursedir, settings) for name in options.assignment]


def _cluster(address: str, assignments: Sequence["Assignment"]) -> "ClusterEngine":
    """An engine on a cluster.

    Raises
    ------
    ClusterError
        Where it cannot be used, or Dask is not installed.
    """
    try:
        from nbjudge.cluster.engine import ClusterEngine
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"--cluster needs the package {error.name}, which is not installed: "
            "pip install distributed"
        ) from None
    cluster = ClusterEngine(
        address, assignments, lambda text: console.print(text, markup=False, style="yellow")
    )
    machines = {here.machine for here in cluster.workers.values()}
    console.print(
        f"{address}: {count_of(len(cluster.workers), 'worker')} on "
        f"{count_of(len(machines), 'machine')}."
    )
    versions = {
        f"Python {here.python} with NumPy {here.numpy}" for here in cluster.workers.values()
    }
    if len(versions) > 1:
        console.print(
            f"The workers differ: {', '.join(sorted(versions))}. Points may depend on where a "
            "submission is judged.",
            style="yellow",
        )
    return cluster


def _grade(
    options: argparse.Namespace,
    engine: AnyEngine,
    start: float,
    coursedir: "CourseDirectory",
    settings: "NbJudge",
    assignments: Sequence["Assignment"],
    workers: int,
) -> int:
    from nbjudge.course.grading import doubts, grade
    from nbjudge.course.outcome import printable
    from nbjudge.course.standings import who_is_missing

    _, sentence = settings.level(coursedir, options.isolation, engine.missing_levels)
    console.print(sentence, markup=False)
    work = {
        assignment: choose_students(assignment, assignment.students(), options.student)
        for assignment in assignments
    }
    outcomes: dict[str, list[GradingOutcome]] = {assignment.name: [] for assignment in assignments}
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
        ):
            outcomes[assignment.name].append(outcome)
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
    _summary(outcomes, seconds, workers)
    for assignment in assignments:
        for doubt in doubts(assignment, outcomes[assignment.name]):
            console.print(f"{assignment.name}: {doubt}", markup=False, style="yellow")
        if not options.student and (line := who_is_missing(coursedir, assignment.name)):
            console.print(f"{line}.", markup=False)
    if not is_configured(settings):
        console.print(NOT_CONFIGURED, style="yellow")
    failed = (o.status == "failed" or o.feedback for done in outcomes.values() for o in done)
    return NOT_GRADED if any(failed) else OK


def _as_json(outcomes: Mapping[str, list["GradingOutcome"]], seconds: float) -> dict[str, Any]:
    return {
        "seconds": round(seconds, 3),
        "assignments": {name: [vars(o) for o in done] for name, done in outcomes.items()},
    }


def _summary(outcomes: Mapping[str, list["GradingOutcome"]], seconds: float, workers: int) -> None:
    from nbjudge.course.outcome import moves, printable

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (
        "assignment",
        "graded",
        "unchanged",
        "failed",
        "mean",
        "of",
        "by hand",
        "repaired",
    ):
        table.add_column(heading, justify="left" if heading == "assignment" else "right")
    for name, done in outcomes.items():
        count = {s: sum(o.status == s for o in done) for s in ("graded", "unchanged", "failed")}
        graded = [o for o in done if o.status == "graded"]
        mean = f"{sum(o.score or 0.0 for o in graded) / len(graded):.1f}" if graded else ""
        points = f"{graded[0].points:g}" if graded else ""
        by_hand, repaired = sum(bool(o.manual) for o in done), sum(bool(o.repairs) for o in done)
        numbers = [*count.values(), mean, points, by_hand, repaired]
        table.add_row(name, *map(str, numbers))
    console.print(table)
    for name, done in outcomes.items():
        for error in sorted({e for o in done for e in o.errors}):
            console.print(f"{name}: the assignment itself: {error}", markup=False, style="yellow")
        for outcome in done:
            for text in outcome.repairs:
                whose = printable(f"{name} of {outcome.student}")
                console.print(f"{whose}: {text}", markup=False)
    for line in moves((name, outcome) for name, done in outcomes.items() for outcome in done):
        console.print(line, markup=False)
    times = [(o.seconds, f"{name} of {o.student}") for name, done in outcomes.items() for o in done]
    longest, whose = max(times, default=(0.0, ""))
    if longest >= LONG:
        text = f"The longest took {longest:.0f} s: {printable(whose)}."
        console.print(text, markup=False, style="yellow")
    total = sum(map(len, outcomes.values()))
    console.print(
        f"{count_of(total, 'submission')} in {seconds:.1f} s with {count_of(workers, 'worker')}."
    )
