"""Plan a grading run without judging or writing anything."""

import heapq
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from nbjudge.course.assignment import Assignment
from nbjudge.course.queue import in_parallel, locked_iterator
from nbjudge.course.run import Run
from nbjudge.engine.engine import AnyEngine

START = 2.0  # seconds until the first submission is judged
THREADS = 8  # readers of submissions; on a network drive each mostly waits


@dataclass(frozen=True)
class PlannedSubmission:
    """The action planned for a submission.

    Attributes
    ----------
    status, why
        Return values of `Run.preview`.
    is_judged
        True if the submission would be judged.
    seconds
        Expected duration of judging, from the submission's last grading or the assignment's mean;
        None if no work for the assignment has been graded yet.
    """

    student: str
    status: str
    why: str
    is_judged: bool
    seconds: float | None


@dataclass(frozen=True)
class Plan:
    """The plan of a run over some assignments.

    Attributes
    ----------
    submissions
        Planned submissions, by assignment.
    seconds
        Seconds to read the submissions, in addition to the time for judging.
    """

    submissions: Mapping[str, Sequence[PlannedSubmission]]
    seconds: float

    @cached_property
    def judged(self) -> list[tuple[str, PlannedSubmission]]:
        """The submissions that would be judged, each with its assignment."""
        return [
            (name, submission)
            for name, submissions in self.submissions.items()
            for submission in submissions
            if submission.is_judged
        ]

    @property
    def unknown(self) -> list[str]:
        """The assignments without an estimate of the judging time."""
        return sorted({name for name, submission in self.judged if submission.seconds is None})

    def counts(self, assignment: str) -> Mapping[str, int]:
        """Return the number of submissions with each status."""
        return Counter(submission.status for submission in self.submissions[assignment])

    def seconds_with(self, workers: int) -> float | None:
        """Estimate the run's duration, leaving out unknown times; None if all are unknown."""
        estimates = [seconds for _, s in self.judged if (seconds := s.seconds) is not None]
        if self.judged and not estimates:
            return None
        start = START if self.judged else 0.0
        return self.seconds + start + seconds_with(workers, estimates)


def seconds_with(workers: int, pieces: Iterable[float]) -> float:
    """Return the total time if idle workers always take the longest remaining job.

    Parameters
    ----------
    pieces
        Duration of each job in seconds.
    """
    ends = [0.0] * workers
    for seconds in sorted(pieces, reverse=True):
        heapq.heapreplace(ends, ends[0] + seconds)
    return max(ends)


def plan_submissions(
    engine: AnyEngine,
    work: Mapping[Assignment, Sequence[str]],
    isolation: str | None = None,
    again: bool = False,
) -> Iterator[tuple[str, PlannedSubmission]]:
    """Read submissions as a run would; yield (assignment, planned submission) in any order.

    Parameters
    ----------
    engine
        Engine that the run would use; only its isolation levels are read.
    work
        {assignment: students}; assignments must be opened with `for_reading`.
    isolation, again
        Parameters of `Run`.

    Raises
    ------
    IsolationError
        If the isolation level is unavailable.
    """
    runs = {assignment: Run(engine, assignment, isolation, again) for assignment in work}
    seconds_of = {assignment: run.durations() for assignment, run in runs.items()}
    means = {a: sum(s.values()) / len(s) if s else None for a, s in seconds_of.items()}
    pieces = [(a, student) for a, students in work.items() for student in students]

    def plan_one(piece: tuple[Assignment, str]) -> tuple[str, PlannedSubmission]:
        assignment, student = piece
        status, why = runs[assignment].preview(student)
        is_judged = status != "failed" and (again or status != "unchanged")
        seconds = seconds_of[assignment].get(student, means[assignment])
        return assignment.name, PlannedSubmission(student, status, why, is_judged, seconds)

    yield from in_parallel(locked_iterator(pieces), plan_one, lambda: THREADS, lambda: [])


def make_plan(planned: Iterable[tuple[str, PlannedSubmission]], assignments: Iterable[str]) -> Plan:
    """Collect planned submissions in a plan; the time to read them is part of its duration."""
    start = time.monotonic()
    by_assignment = {name: list[PlannedSubmission]() for name in assignments}
    for name, submission in planned:
        by_assignment[name].append(submission)
    for submissions in by_assignment.values():
        submissions.sort(key=lambda submission: submission.student)
    return Plan(by_assignment, time.monotonic() - start)
