"""What a run of grading would do, without doing it: nothing is judged, and nothing is written."""

import heapq
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from nbjudge.course.assignment import Assignment
from nbjudge.course.queue import in_parallel, one_by_one
from nbjudge.course.run import Run
from nbjudge.engine.engine import AnyEngine

__all__ = ["Foreseen", "Plan", "foresee", "make_plan", "seconds_with"]

START = 2.0  # seconds until the first submission is judged
THREADS = 8  # that read submissions: on a network drive each waits for most of its time


@dataclass(frozen=True)
class Foreseen:
    """What would become of a submission.

    Attributes
    ----------
    status, why
        As `Run.foresee` gives them.
    is_judged
        Whether it would be judged.
    seconds
        That judging it may take, by what is known of it or of the assignment's other submissions;
        None where nothing is.
    """

    student: str
    status: str
    why: str
    is_judged: bool
    seconds: float | None


@dataclass(frozen=True)
class Plan:
    """What a run over some assignments would do.

    Attributes
    ----------
    foreseen
        By assignment.
    seconds
        That a run takes besides judging.
    """

    foreseen: Mapping[str, Sequence[Foreseen]]
    seconds: float

    @cached_property
    def judged(self) -> list[tuple[str, Foreseen]]:
        """The submissions that would be judged, each with its assignment."""
        return [
            (name, submission)
            for name, submissions in self.foreseen.items()
            for submission in submissions
            if submission.is_judged
        ]

    @property
    def unknown(self) -> list[str]:
        """The assignments of which it is not known how long judging takes."""
        return sorted({name for name, submission in self.judged if submission.seconds is None})

    def counts(self, assignment: str) -> Mapping[str, int]:
        """How many submissions there are of each status."""
        return Counter(submission.status for submission in self.foreseen[assignment])

    def seconds_with(self, workers: int) -> float | None:
        """How long the run would take, without what is unknown; None where all is."""
        estimates = [seconds for _, s in self.judged if (seconds := s.seconds) is not None]
        if self.judged and not estimates:
            return None
        start = START if self.judged else 0.0
        return self.seconds + start + seconds_with(workers, estimates)


def seconds_with(workers: int, pieces: Iterable[float]) -> float:
    """When all is done, if each worker takes the longest piece that is left.

    Parameters
    ----------
    pieces
        The seconds that each takes.
    """
    ends = [0.0] * workers
    for seconds in sorted(pieces, reverse=True):
        heapq.heapreplace(ends, ends[0] + seconds)
    return max(ends)


def foresee(
    engine: AnyEngine,
    work: Mapping[Assignment, Sequence[str]],
    isolation: str | None = None,
    again: bool = False,
) -> Iterator[tuple[str, Foreseen]]:
    """Look at submissions as a run would; yields (assignment, what is foreseen), in no order.

    Parameters
    ----------
    engine
        Asked only which levels of isolation there are.
    work
        {assignment: students}; the assignments are only for reading.
    isolation, again
        As for `Run`.

    Raises
    ------
    IsolationError
        Where the level of isolation cannot be had.
    """
    runs = {assignment: Run(engine, assignment, isolation, again) for assignment in work}
    seconds_of = {assignment: assignment.records.seconds() for assignment in work}
    means = {a: sum(s.values()) / len(s) if s else None for a, s in seconds_of.items()}
    pieces = [(a, student) for a, students in work.items() for student in students]

    def look(piece: tuple[Assignment, str]) -> tuple[str, Foreseen]:
        assignment, student = piece
        status, why = runs[assignment].foresee(student)
        is_judged = status != "failed" and (again or status != "unchanged")
        seconds = seconds_of[assignment].get(student, means[assignment])
        return assignment.name, Foreseen(student, status, why, is_judged, seconds)

    yield from in_parallel(one_by_one(pieces), look, lambda: THREADS, lambda: [])


def make_plan(foreseen: Iterable[tuple[str, Foreseen]], assignments: Iterable[str]) -> Plan:
    """The plan of what was foreseen, and how long that took."""
    start = time.monotonic()
    by_assignment = {name: list[Foreseen]() for name in assignments}
    for name, submission in foreseen:
        by_assignment[name].append(submission)
    for submissions in by_assignment.values():
        submissions.sort(key=lambda submission: submission.student)
    return Plan(by_assignment, time.monotonic() - start)
