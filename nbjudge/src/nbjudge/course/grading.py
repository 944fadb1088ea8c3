"""Grade the submissions of several assignments in parallel, and write their feedback pages."""

import contextlib
import functools
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from nbjudge.course.assignment import Assignment
from nbjudge.course.dates import utc_now
from nbjudge.course.feedback_pages import write_pages
from nbjudge.course.outcome import (
    GradingOutcome,
    last_line,
    printable,
)
from nbjudge.course.penalties import SubmissionPoints
from nbjudge.course.placement import place_tests
from nbjudge.course.queue import Queue, in_parallel, locked_iterator
from nbjudge.course.run import Run
from nbjudge.course.run_records import RecordedRun
from nbjudge.course.saving import writing
from nbjudge.engine.engine import AnyEngine
from nbjudge.errors import ClusterError, GradebookError
from nbjudge.log import new_run_id

Piece = tuple[Assignment, str]  # assignment, student


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

    A late policy may change the penalty of work that the run has graded already. The outcome of
    such work is yielded again at the end, with the points that are then in the gradebook, and its
    feedback page is written again.

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
    durations = {assignment: run.durations() for assignment, run in runs.items()}
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
    repeated = _with_several_works(students_of.values())
    yielded: list[tuple[Assignment, GradingOutcome]] = []  # of these students
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
            if outcome.student in repeated and outcome.recorded:
                yielded.append((assignment, outcome))
            yield assignment, outcome
        changed = _settle(runs, yielded)

        def rewrite(piece: tuple[Assignment, GradingOutcome]) -> tuple[Assignment, GradingOutcome]:
            assignment, outcome = piece
            if feedback:
                problem = printable(_write_page(engine, assignment, outcome.student))
                outcome = replace(outcome, feedback=problem)
            return assignment, outcome

        yield from in_parallel(locked_iterator(changed), rewrite, in_flight, engine.processes)


def _with_several_works(students: Iterable[Sequence[str]]) -> set[str]:
    """Return the students who are in several lists."""
    works = Counter(student for of_assignment in students for student in of_assignment)
    return {student for student, count in works.items() if count > 1}


def _settle(
    runs: Mapping[Assignment, Run], yielded: Sequence[tuple[Assignment, GradingOutcome]]
) -> list[tuple[Assignment, GradingOutcome]]:
    """Return the outcomes that the penalties of other works have changed, as they are now."""
    if not yielded:
        return []
    now = defaultdict[str, dict[str, SubmissionPoints]](dict)
    graded = defaultdict[str, set[str]](set)
    for one in yielded[0][0].records.course_points():
        now[one.student][one.assignment] = one
    for assignment, outcome in yielded:
        graded[outcome.student].add(assignment.name)
    settled = (
        (assignment, outcome, runs[assignment].settle(outcome, now[student], graded[student]))
        for assignment, outcome in yielded
        if assignment.name in now[student := outcome.student]  # nobody has removed it since
    )
    return [(assignment, final) for assignment, outcome, final in settled if final != outcome]


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
