"""What is graded next, and how many submissions at a time: no processor waits while there is work.

All assignments share one queue, so that nothing waits for the last submission of an assignment.
Threads take from it, each a submission at a time; the work itself is done in other processes.
"""

import math
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Generic, TypeVar

from nbjudge.sandbox.processes import Processes

PAUSE = 0.25  # seconds between two looks at what the processors do
IDLE = 0.5  # of a processor: so much has to be free before another submission is begun
MOST = 2  # submissions at a time for each worker, where those that run only wait
_processes = Processes()
A = TypeVar("A")  # an assignment
P = TypeVar("P")  # a piece of work
R = TypeVar("R")  # its result


class Queue(Generic[A]):
    """Submissions of several assignments, those that are expected to take longest first.

    Of an assignment about which nothing is known one submission is begun before all others; from
    then on the mean of those that are done is expected of the rest.

    Parameters
    ----------
    work
        {assignment: students}.
    known
        {assignment: {student: seconds}}, of an earlier time.
    suspect
        Called with an assignment and a student; whether that work may never come to an end.
    """

    def __init__(
        self,
        work: Mapping[A, Iterable[str]],
        known: dict[A, dict[str, float]],
        suspect: Callable[[A, str], bool],
    ):
        self.lock = threading.Lock()
        self.known = known
        self.waiting: dict[A, list[str]] = {}  # the next one is the last
        self.begun: set[A] = set()
        self.measured: dict[A, list[float]] = {}
        for assignment, students in work.items():
            expected = {s: known[assignment].get(s) for s in students}
            for student, seconds in expected.items():
                if seconds is None and suspect(assignment, student):
                    expected[student] = math.inf
            self.known[assignment] = {s: t for s, t in expected.items() if t is not None}
            seconds_of = self.known[assignment]
            longest = sorted(expected, key=lambda s: seconds_of.get(s, 0), reverse=True)
            self.waiting[assignment] = longest[::-1]
            self.measured[assignment] = [t for t in known[assignment].values() if t < math.inf]

    def take(self) -> tuple[A, str] | None:
        """The next (assignment, student), or None where there is none."""
        with self.lock:
            waiting = [assignment for assignment, students in self.waiting.items() if students]
            if not waiting:
                return None
            assignment = max(waiting, key=self._expected)
            self.begun.add(assignment)
            return assignment, self.waiting[assignment].pop()

    def done(self, assignment: A, seconds: float) -> None:
        """Remember how long a submission took."""
        with self.lock:
            self.measured[assignment].append(seconds)

    def _expected(self, assignment: A) -> float:
        """The seconds that the next submission of an assignment will take, as far as is known."""
        known = self.known[assignment].get(self.waiting[assignment][-1])
        if known is not None:
            return known
        measured = self.measured[assignment]
        if measured:
            return sum(measured) / len(measured)
        return 0.0 if assignment in self.begun else math.inf


class _Slots:
    """How many submissions are worked on at a time: `workers`, and more while those only wait.

    Parameters
    ----------
    workers
        Called for how many that is now.
    ancestors
        Called for the processes whose descendants do the work.
    """

    def __init__(self, workers: Callable[[], int], ancestors: Callable[[], list[int]]):
        self.workers, self.ancestors = workers, ancestors
        self.condition, self.taken = threading.Condition(), 0
        self.then, self.used = time.monotonic(), self._seconds()

    def __enter__(self) -> None:
        with self.condition:
            while self.taken >= self.workers() and not self._another():
                self.condition.wait(PAUSE)
            self.taken += 1

    def __exit__(self, *_: object) -> None:
        with self.condition:
            self.taken -= 1
            self.condition.notify()

    def _another(self) -> bool:
        """Whether most of a processor was idle since the last look, and there may be more."""
        now, workers = time.monotonic(), self.workers()
        if now - self.then < PAUSE or self.taken >= MOST * workers:
            return False
        used = self._seconds()
        share = (used - self.used) / (now - self.then)
        self.then, self.used = now, used
        return used > 0 and 0 <= share < workers - IDLE

    def _seconds(self) -> float:
        """Processor time of this process and all that works for it; 0 where that is not known."""
        below = sum(map(_processes.seconds, self.ancestors()))
        return below and below + time.process_time()


def one_by_one(pieces: Iterable[P]) -> Callable[[], P | None]:
    """Gives what there is to do in its order, to threads that ask for it."""
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
    """Do what there is to do, in threads; yields what `do` returns, each as it is done.

    What `do` raises is raised here; nothing is begun after that, nor where the caller ends early.

    Parameters
    ----------
    take
        Gives the next piece of work, or None where there is no more.
    do
        Called with it.
    workers
        Called for how many are done at a time; more are, while those only wait.
    ancestors
        Called for the processes whose descendants do the work.
    """
    slots, ended = _Slots(workers, ancestors), threading.Event()
    # Results, exceptions, and a None for each thread that has ended.
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
                    if is_new:  # so that there is always one that waits for the next slot
                        start_another()
                        is_new = False
                    done.put((do(piece),))
        except BaseException as error:  # an interrupt too: it is raised where it is waited for
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
