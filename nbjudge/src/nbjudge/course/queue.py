"""Schedule submissions of several assignments so that no processor is idle while work is left.

All assignments share one queue, so no assignment's last submission delays the next assignment.
Threads take one submission at a time from the queue; other processes do the work.
"""

import math
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Generic, TypeVar

from nbjudge.sandbox.processes import Processes

PAUSE = 0.25  # seconds between two checks of the processors' load
IDLE = 0.5  # processors that must be idle before another submission is started
MAX_PER_WORKER = 2  # maximum submissions at a time per worker, while the running ones only wait
_processes = Processes()
A = TypeVar("A")  # an assignment
P = TypeVar("P")  # a work item
R = TypeVar("R")  # its result


class Queue(Generic[A]):
    """A queue of submissions of several assignments, ordered by expected duration, longest first.

    If no duration is known for an assignment, one of its submissions is taken before all others.
    The mean of the finished submissions is then the estimate for the rest.

    Parameters
    ----------
    work
        {assignment: students}.
    durations
        Durations of earlier gradings, {assignment: {student: seconds}}.
    suspect
        Function of an assignment and a student; True if the submission may never end.
    """

    def __init__(
        self,
        work: Mapping[A, Iterable[str]],
        durations: Mapping[A, Mapping[str, float]],
        suspect: Callable[[A, str], bool],
    ):
        self.lock = threading.Lock()
        self.expected: dict[A, dict[str, float]] = {}  # seconds; infinite for a suspect
        self.waiting: dict[A, list[str]] = {}  # students; the last one is next
        self.begun: set[A] = set()
        self.measured: dict[A, list[float]] = {}
        for assignment, students in work.items():
            earlier, expected = durations[assignment], dict[str, float]()
            waiting = list(dict.fromkeys(students))
            for student in waiting:
                if student in earlier:
                    expected[student] = earlier[student]
                elif suspect(assignment, student):
                    expected[student] = math.inf
            longest = sorted(waiting, key=lambda s: expected.get(s, 0.0), reverse=True)
            self.expected[assignment], self.waiting[assignment] = expected, longest[::-1]
            self.measured[assignment] = [earlier[s] for s in waiting if s in earlier]

    def take(self) -> tuple[A, str] | None:
        """Return the next (assignment, student), or None if the queue is empty."""
        with self.lock:
            waiting = [assignment for assignment, students in self.waiting.items() if students]
            if not waiting:
                return None
            assignment = max(waiting, key=self._expected)
            self.begun.add(assignment)
            return assignment, self.waiting[assignment].pop()

    def done(self, assignment: A, seconds: float) -> None:
        """Record the duration of a submission."""
        with self.lock:
            self.measured[assignment].append(seconds)

    def _expected(self, assignment: A) -> float:
        """Return the expected duration in seconds of an assignment's next submission."""
        seconds = self.expected[assignment].get(self.waiting[assignment][-1])
        if seconds is not None:
            return seconds
        measured = self.measured[assignment]
        if measured:
            return sum(measured) / len(measured)
        return 0.0 if assignment in self.begun else math.inf


class _Slots:
    """Context manager that limits work in progress: `workers` items, more while those only wait.

    Parameters
    ----------
    workers
        Function that returns the current number of workers.
    ancestors
        Function that returns the processes whose descendants do the work.
    """

    def __init__(self, workers: Callable[[], int], ancestors: Callable[[], list[int]]):
        self.workers, self.ancestors = workers, ancestors
        self.condition, self.taken = threading.Condition(), 0
        self.then, self.used = time.monotonic(), self._seconds()

    def __enter__(self) -> None:
        with self.condition:
            while self.taken >= self.workers() and not self._may_start_another():
                self.condition.wait(PAUSE)
            self.taken += 1

    def __exit__(self, *_: object) -> None:
        with self.condition:
            self.taken -= 1
            self.condition.notify()

    def _may_start_another(self) -> bool:
        """True if a processor was mostly idle since the last check and the limit allows more."""
        now, workers = time.monotonic(), self.workers()
        if now - self.then < PAUSE or self.taken >= MAX_PER_WORKER * workers:
            return False
        used = self._seconds()
        busy = (used - self.used) / (now - self.then)
        self.then, self.used = now, used
        # The time of a process that has ended is no longer counted, so `busy` can be negative.
        return used > 0 and 0 <= busy < workers - IDLE

    def _seconds(self) -> float:
        """Return the processor time of this process and its workers; 0 if it is unknown."""
        below = sum(map(_processes.seconds, self.ancestors()))
        return below and below + time.process_time()


def locked_iterator(pieces: Iterable[P]) -> Callable[[], P | None]:
    """Return a thread-safe function that returns the next item, or None after the last one."""
    left, lock = iter(pieces), threading.Lock()

    def take() -> P | None:
        with lock:
            return next(left, None)

    return take


def in_parallel(
    take: Callable[[], P | None],
    do: Callable[[P], R],
    workers: Callable[[], int],
    ancestors: Callable[[], list[int]],
) -> Generator[R, None, None]:
    """Process work items in threads; yield each result as soon as it is available.

    An exception from `do` is raised here. No further work is started after an exception, or if the
    caller ends early.

    Parameters
    ----------
    take
        Function that returns the next item, or None if there is none left.
    do
        Function called with each item.
    workers
        Function that returns the number of items to process at a time; more are processed while
        those only wait.
    ancestors
        Function that returns the processes whose descendants do the work.
    """
    slots, ended = _Slots(workers, ancestors), threading.Event()
    # Holds results, exceptions, and a None for each thread that has ended.
    done: queue.SimpleQueue[tuple[R] | BaseException | None] = queue.SimpleQueue()

    threads: list[threading.Thread] = []

    def start_another() -> None:
        thread = threading.Thread(target=work, daemon=True)
        threads.append(thread)
        thread.start()

    def work() -> None:
        is_new = True
        try:
            while True:
                with slots:
                    piece = None if ended.is_set() else take()
                    if piece is None:
                        break
                    if is_new:  # so that one thread always waits for the next slot
                        start_another()
                        is_new = False
                    done.put((do(piece),))
        except BaseException as error:  # an interrupt too: it is raised in the waiting thread
            ended.set()
            done.put(error)
        finally:
            done.put(None)

    start_another()
    finished = 0
    try:
        while finished < len(threads):
            item = done.get()
            if item is None:
                finished += 1
                continue
            if isinstance(item, BaseException):
                raise item
            yield item[0]
    finally:
        ended.set()
