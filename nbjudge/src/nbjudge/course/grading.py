"""Grade the submissions of several assignments in parallel, and write their feedback pages."""

import contextlib
import functools
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from shlex import quote
from typing import NamedTuple

from nbjudge.course.assignment import Assignment
from nbjudge.course.class_remarks import describe_missing, folder_remarks
from nbjudge.course.dates import utc_now
from nbjudge.course.feedback_pages import write_pages
from nbjudge.course.outcome import (
    GradingOutcome,
    last_line,
    limits_met,
    listed,
    printable,
    with_students,
)
from nbjudge.course.placement import place_tests
from nbjudge.course.queue import Queue, in_parallel, locked_iterator
from nbjudge.course.run import Run
from nbjudge.course.run_records import RecordedRun
from nbjudge.course.saving import writing
from nbjudge.engine.engine import AnyEngine
from nbjudge.errors import ClusterError, GradebookError
from nbjudge.log import new_run_id
from nbjudge.wording import as_sentence

FEW = 3  # a test that nobody passes is reported from this number of submissions on
Piece = tuple[Assignment, str]  # assignment, student


class Notes(NamedTuple):
    """Messages of one kind to the instructor, with their logging level.

    Attributes
    ----------
    is_whole
        True to print all messages, however many there are.
    """

    lines: list[str]
    level: int = logging.INFO
    is_whole: bool = False


def notes(
    outcomes: Mapping[Assignment, Sequence[GradingOutcome]], is_whole_class: bool = True
) -> list[Notes]:
    """Return messages to the instructor after a run, grouped by kind.

    Parameters
    ----------
    is_whole_class
        False if only some students' work was graded; missing students are then not reported.
    """

    def of_work(kind: str, sentences: Callable[[GradingOutcome], Iterable[str]]) -> list[str]:
        return [
            printable(f"{kind}: {assignment.name} of {line}")
            for assignment, done in outcomes.items()
            for line in with_students(done, sentences)
        ]

    missing, remarks = list[str](), list[str]()
    if is_whole_class and outcomes:
        coursedir = next(iter(outcomes)).coursedir
        names = [assignment.name for assignment in outcomes]
        missing = [line for name in names if (line := describe_missing(coursedir, name))]
        remarks = folder_remarks(coursedir, names)
    limits = ((a.name, text) for a, done in outcomes.items() for text in limits_met(done))
    problems = ((a.name, text) for a, done in outcomes.items() for text in _problems(a, done))
    times = [
        f"Times: {assignment.name}: {text}"
        for assignment, done in outcomes.items()
        for text in _unknown_times(assignment, done)
    ]
    return [
        Notes(of_work("Not graded", lambda outcome: [outcome.why]), logging.ERROR),
        Notes(of_work("No feedback", lambda outcome: [outcome.feedback]), logging.ERROR),
        Notes(
            [
                printable(
                    f"Changed: {assignment.name} of {outcome.student}: {outcome.score_change}"
                )
                for assignment, done in outcomes.items()
                for outcome in sorted(done, key=lambda outcome: outcome.student)
                if outcome.score_change
            ]
        ),
        Notes(of_work("Repaired", lambda outcome: outcome.judgment.repairs)),
        Notes(of_work("Note", lambda outcome: outcome.judgment.remarks)),
        Notes(of_work("Note", lambda outcome: outcome.judgment.suspicions), is_whole=True),
        Notes([f"Missing: {line}." for line in missing]),
        Notes(times, logging.WARNING),
        Notes([f"Folders: {as_sentence(line)}" for line in remarks], logging.WARNING),
        Notes([f"The grader: {name}: {text}" for name, text in limits], logging.WARNING),
        Notes(
            [assignment_problem(name, text) for name, text in problems],
            logging.WARNING,
        ),
    ]


def assignment_problem(name: str, text: object) -> str:
    """Return the summary line about a problem with an assignment."""
    return f"The assignment itself: {name}: {as_sentence(text)}"


def _problems(assignment: Assignment, outcomes: Sequence[GradingOutcome]) -> list[str]:
    """Return actual and possible problems with an assignment.

    Problems are errors in its tests, tests in which nobody earned a point, replaced dates and dates
    that `dates.toml` does not name, settings that may be meant for this assignment, and changes in
    source/ that were not released.
    """
    problems = sorted({error for outcome in outcomes for error in outcome.judgment.errors})
    problems += [*assignment.date_remarks, *assignment.setting_remarks()]
    problems += [*assignment.slips(), *assignment.placement_remarks]
    if differences := assignment.describe_differences():
        problems.append(f"{differences}. {assignment.describe_graded_version()}")
    for name, spec in assignment.specs.items():
        scores = [o.judgment.scores for o in outcomes]
        graded = [notebooks[name] for notebooks in scores if name in notebooks]
        for cell in spec.graded if len(graded) >= FEW else ():
            if cell.is_test and cell.points and all(s[cell.grade_id] == 0 for s in graded):
                problem = (
                    f"{cell.grade_id}: none of {len(graded)} students earned a point; `nbjudge "
                    f"check {quote(assignment.name)}` shows whether the assignment's own solution "
                    "does"
                )
                problems.append(assignment.named(name, problem))
    return problems


def _unknown_times(assignment: Assignment, outcomes: Sequence[GradingOutcome]) -> Iterator[str]:
    """Yield sentences about submissions whose times are unknown."""
    marked = [outcome.student for outcome in outcomes if outcome.marked_late]
    if marked:
        yield (
            f"marked late by the platform, without a time: {len(marked)} of {len(outcomes)} "
            f"submissions ({listed(marked)}). No late penalty is deducted until timestamp.txt has "
            "the time."
        )
    untimed = [o.student for o in outcomes if not (o.has_time or o.marked_late)]
    if untimed and assignment.records.duedate:
        yield (
            f"no time in timestamp.txt, so counted as on time: {len(untimed)} of {len(outcomes)} "
            f"submissions ({listed(untimed)})."
        )


def grade(
    engine: AnyEngine,
    work: Mapping[Assignment, Iterable[str]],
    workers: int,
    feedback: bool = False,
    before: Callable[[Assignment, str], None] | None = None,
    *,
    isolation: str | None = None,
    again: bool = False,
    seed: int | None = None,
    create: bool | None = None,
    run_id: str | None = None,
) -> Iterator[tuple[Assignment, GradingOutcome]]:
    """Grade submissions; yield each outcome as soon as it is available, in any order.

    Parameters
    ----------
    engine
        Open engine; the caller closes it, even if grading ends early.
    work
        {assignment: students}.
    workers
        Maximum number of submissions judged at a time.
    feedback
        True to write feedback pages as well.
    before
        Function called with an assignment and a student before that submission is read.
    isolation, again, seed, create
        Parameters of `Run`.
    run_id
        Id of the run in the gradebook and the log; a new one by default.

    Raises
    ------
    IsolationError
        If the isolation level is unavailable.
    ValueError
        If the graded notebooks cannot be written.
    """
    began, students_of = utc_now(), {a: list(students) for a, students in work.items()}
    for assignment, students in students_of.items():
        if students and not assignment.is_placed:
            config = assignment.settings.sandbox_config(
                assignment.coursedir, isolation, engine.missing_levels
            )
            place_tests(engine, assignment, config, engine.capacity(workers))
    runs = {a: Run(engine, a, isolation, again, seed, create, began) for a in work}
    durations = {assignment: assignment.records.seconds() for assignment in work}
    waiting, hooks = Queue(students_of, durations, Assignment.may_be_endless), threading.Lock()

    def grade_piece(piece: Piece) -> tuple[Assignment, GradingOutcome]:
        assignment, student = piece
        if before:
            with hooks:
                before(assignment, student)
        start = time.monotonic()
        outcome = runs[assignment].grade(student)
        if outcome.status == "graded":
            waiting.done(assignment, time.monotonic() - start)
        if feedback and outcome.status != "failed":
            problem = printable(_write_page(engine, assignment, student))
            outcome = replace(outcome, feedback=problem)
        return assignment, replace(outcome, why=printable(outcome.why))

    totals = {a.name: len(students) for a, students in students_of.items()}
    db_url = next((assignment.coursedir.db_url for assignment in work), "")
    run_id = run_id or new_run_id()
    level = next((run.isolation for run in runs.values()), "")
    capacity = functools.partial(engine.capacity, workers)
    in_flight = functools.partial(engine.jobs_in_flight, workers)
    with (
        RecordedRun(db_url, run_id, began, capacity, totals, level, again) as record,
        # Closed first: if the caller ends early, no further submission is started.
        contextlib.closing(
            in_parallel(waiting.take, grade_piece, in_flight, engine.processes)
        ) as done,
    ):
        for assignment, outcome in done:
            record.count(assignment.name, outcome)
            yield assignment, outcome


def write_feedback(
    engine: AnyEngine,
    work: Mapping[Assignment, Iterable[str]],
    workers: int,
    again: bool = False,
) -> Iterator[tuple[Assignment, str, str]]:
    """Write the feedback pages that have changed; yield (assignment, student, error message or "").

    Parameters
    ----------
    work
        {assignment: students}.
    workers
        Number of submissions whose pages are written at a time.
    again
        True to rewrite unchanged pages as well.
    """
    pieces = [(a, student) for a, students in work.items() for student in students]

    def write_piece(piece: Piece) -> tuple[Assignment, str, str]:
        return *piece, printable(_write_page(engine, *piece, again))

    yield from in_parallel(locked_iterator(pieces), write_piece, lambda: workers, engine.processes)


def _write_page(
    engine: AnyEngine, assignment: Assignment, student: str, again: bool = False
) -> str:
    """Write the feedback pages of a submission; return an error message, or ""."""
    try:
        with writing:
            about = assignment.records.about(student, assignment.zone)
        write_pages(engine, assignment, student, about, again)
    except (ClusterError, GradebookError):
        raise
    except Exception as error:  # from the disk, the gradebook, or a notebook that breaks its page
        return f"its feedback page cannot be written: {last_line(error)}"
    return ""
