"""Grade the submissions of several assignments in parallel, and write their feedback pages."""

import contextlib
import datetime
import functools
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from nbjudge.course.assignment import Assignment
from nbjudge.course.dates import utc_now
from nbjudge.course.feedback_pages import write_pages
from nbjudge.course.outcome import GradingOutcome, last_line, printable
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
Outcome = tuple[Assignment, GradingOutcome]
T = TypeVar("T")


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
    _place(engine, students_of, workers, isolation)
    runs = {a: Run(engine, a, isolation, again, seed, create, began) for a in work}
    grading = _Grading(engine, students_of, runs, workers, feedback, before)
    with (
        grading.record(run_id or new_run_id(), began, again) as record,
        # Closed first: if the caller ends early, no further submission is started.
        contextlib.closing(grading.outcomes()) as outcomes,
    ):
        for assignment, outcome in outcomes:
            record.count(assignment.name, outcome)
            yield assignment, outcome
        yield from grading.settled()


def _place(
    engine: AnyEngine,
    students_of: Mapping[Assignment, Sequence[str]],
    workers: int,
    isolation: str | None,
) -> None:
    """Choose where the tests of assignments are judged if this is unknown."""
    unplaced = [a for a, students in students_of.items() if students and not a.is_placed]

    def place(assignment: Assignment) -> None:
        config = assignment.settings.sandbox_config(
            assignment.coursedir, isolation, engine.missing_levels
        )
        each = max(1, engine.capacity(workers) // len(unplaced))
        place_tests(engine, assignment, config, each)

    in_flight = functools.partial(engine.jobs_in_flight, workers)
    for _ in in_parallel(locked_iterator(unplaced), place, in_flight, engine.processes):
        pass


class _Grading:
    """The work of `grade`: threads grade its pieces, and the later pieces settle the earlier."""

    def __init__(
        self,
        engine: AnyEngine,
        students_of: Mapping[Assignment, Sequence[str]],
        runs: Mapping[Assignment, Run],
        workers: int,
        feedback: bool,
        before: Callable[[Assignment, str], None] | None,
    ):
        self.engine, self.students_of, self.runs = engine, students_of, runs
        self.workers, self.feedback, self.before = workers, feedback, before
        durations = {assignment: run.durations() for assignment, run in runs.items()}
        self.waiting = Queue(students_of, durations, Assignment.may_be_endless)
        self.hooks = threading.Lock()
        works = Counter(chain.from_iterable(students_of.values()))
        self.repeated = {student for student, count in works.items() if count > 1}
        self.unsettled: list[Outcome] = []  # of these students

    def record(self, run_id: str, began: datetime.datetime, again: bool) -> RecordedRun:
        """Return the record of the run."""
        totals = {a.name: len(students) for a, students in self.students_of.items()}
        db_url = next((assignment.coursedir.db_url for assignment in self.runs), "")
        level = next((run.isolation for run in self.runs.values()), "")
        capacity = functools.partial(self.engine.capacity, self.workers)
        return RecordedRun(db_url, run_id, began, capacity, totals, level, again)

    def outcomes(self) -> Generator[Outcome, None, None]:
        """Grade all pieces, and yield their outcomes."""
        return self._in_parallel(self.waiting.take, self._grade_piece)

    def settled(self) -> Iterator[Outcome]:
        """Yield the outcomes that the penalties of other works have changed, as they are now."""
        if not self.unsettled:
            return
        now = defaultdict[str, dict[str, SubmissionPoints]](dict)
        graded = defaultdict[str, set[str]](set)
        for one in self.unsettled[0][0].records.course_points():
            now[one.student][one.assignment] = one
        for assignment, outcome in self.unsettled:
            graded[outcome.student].add(assignment.name)
        changed = list[Outcome]()
        for assignment, outcome in self.unsettled:
            student = outcome.student
            if assignment.name in now[student]:  # nobody has removed it since
                run = self.runs[assignment]
                final = run.settle(outcome, now[student], graded[student])
                if final != outcome:
                    changed.append((assignment, final))
        yield from self._in_parallel(locked_iterator(changed), self._with_page)

    def _in_parallel(
        self, take: Callable[[], T | None], do: Callable[[T], Outcome]
    ) -> Generator[Outcome, None, None]:
        in_flight = functools.partial(self.engine.jobs_in_flight, self.workers)
        return in_parallel(take, do, in_flight, self.engine.processes)

    def _grade_piece(self, piece: Piece) -> Outcome:
        assignment, student = piece
        if self.before:
            with self.hooks:
                self.before(assignment, student)
        start = time.monotonic()
        outcome = self.runs[assignment].grade(student)
        if outcome.status == "graded":
            self.waiting.done(assignment, time.monotonic() - start)
        outcome = replace(outcome, why=printable(outcome.why))
        if outcome.status != "failed":
            assignment, outcome = self._with_page((assignment, outcome))
        if student in self.repeated and outcome.recorded:
            self.unsettled.append((assignment, outcome))
        return assignment, outcome

    def _with_page(self, graded: Outcome) -> Outcome:
        """Write the feedback page of an outcome, and add the problem with it to the outcome."""
        assignment, outcome = graded
        if not self.feedback:
            return graded
        problem = printable(_write_page(self.engine, assignment, outcome.student))
        return assignment, replace(outcome, feedback=problem)


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
