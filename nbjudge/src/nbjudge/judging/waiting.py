"""Time limits for the student's process, which do not depend on what else the machine does.

Code is limited by the processor time of all its processes. The wall clock alone ends only code that
waits, such as `time.sleep` or a deadlock: a moment counts as waiting if no thread of the code is
running or ready to run, and the judge neither computes nor waits for a processor itself. So code
that gets few processors on a busy machine, or calls the judge's functions, loses no time by that.
All code ends nevertheless: it counts as using LEAST processors, however little is measured.
"""

import functools
import math
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nbjudge.judging.causes import CALL_TIME
from nbjudge.judging.messages import TimeLeft
from nbjudge.sandbox.client import SandboxClient, Usage
from nbjudge.wire.requests import Cause

PATIENCE = 3  # seconds that a cell may wait, in multiples of its processor time limit
POLL = 0.25  # seconds between two measurements of running code
LEAST = 1 / 50  # processors that running code counts as using, because some use is not measured
INTERRUPT_GRACE = 2.0  # seconds for an interrupted request to finish
MOST = 100  # bytes of a thread's statistics, which are three numbers
TIME_ENDED = "This ran until the time limit for a submission was reached"


class Budget:
    """Time that code has left, with the message for exceeding it.

    Parameters
    ----------
    processor
        Processor time in seconds.
    idle
        Time to spend waiting, in seconds.
    what
        Message without its period.
    cause
        Cause of failure for code that exceeds the budget; None if there is nothing to explain.
    """

    def __init__(self, processor: float, idle: float, what: str, cause: Cause | None = None):
        self.processor, self.idle, self.what, self.cause = processor, idle, what, cause

    @property
    def is_spent(self) -> bool:
        """True if no processor time or no time to wait is left."""
        return self.processor <= 0 or self.idle <= 0

    def spend(self, processor: float, idle: float) -> None:
        """Deduct time, in seconds."""
        self.processor -= processor
        self.idle -= idle


def submission_budget(left: TimeLeft) -> Budget:
    """Return the budget of a submission, which all its requests share."""
    return Budget(left.processor, left.idle, TIME_ENDED, Cause("notebook time"))


def cell_budget(seconds: float) -> Budget:
    """Return the budget of a cell that may use some seconds of processor time.

    The session itself interrupts the cell after these seconds, and may then finish: a second
    interrupt would cut off the traceback. So this budget ends only cells that go on nevertheless.
    """
    message = f"This cell ran for more than {seconds:g} seconds"
    cause = Cause("time limit", f"{seconds:g}")
    return Budget(seconds + INTERRUPT_GRACE, PATIENCE * seconds, message, cause)


def test_budget(seconds: float) -> Budget:
    """Return the budget that all requests of a test share."""
    message = "It did not finish within the time limit of this test"
    return Budget(seconds, seconds, message, Cause("test time", f"{seconds:g}"))


def call_budget(seconds: float) -> Budget:
    """Return the budget of a call whose processor time the test limits."""
    message = "It used up the processor time that the test allows a call"
    return Budget(seconds, math.inf, message, CALL_TIME)


def grace(what: str) -> Budget:
    """Return the budget of an interrupted request, to finish."""
    return Budget(INTERRUPT_GRACE, INTERRUPT_GRACE, what)


def seconds_of_judge() -> float:
    """Return the time that this thread has computed or waited for a processor, in seconds."""
    try:
        statistics = os.pread(_statistics(threading.get_native_id()), MOST, 0)
        delay = int(statistics.split()[1])  # nanoseconds
    except (OSError, ValueError, IndexError):  # not reported, as by gVisor
        delay = 0
    return time.thread_time() + delay / 1e9


@functools.cache
def _statistics(thread: int) -> int:
    """Return the descriptor of the kernel's file about a thread, which is read at each request."""
    return os.open(f"/proc/self/task/{thread}/schedstat", os.O_RDONLY | os.O_CLOEXEC)


class Meter:
    """Measures the student's processes while the judge waits for them, and charges budgets.

    Whether code waits is sampled: each interval of POLL seconds counts as the state at its end.
    Intervals that end with an answer count as work, because code that has answered always waits.

    Parameters
    ----------
    client
        Client that measures the sandbox.
    submission
        Budget of the submission.
    report
        Function that is told, at each measurement, the time that the submission has left.
    clock
        Function that returns the time on the wall clock, in seconds.
    own
        Function that returns `seconds_of_judge`.
    """

    def __init__(
        self,
        client: SandboxClient,
        submission: Budget,
        report: Callable[[TimeLeft], None] = lambda left: None,
        clock: Callable[[], float] = time.monotonic,
        own: Callable[[], float] = seconds_of_judge,
    ):
        self.client, self.submission, self.report = client, submission, report
        self.clock, self.own = clock, own
        self.budgets: list[Budget] = []  # of the running requests; outer requests come first
        self.grace: Budget | None = None  # to receive an answer that has begun
        self.charged = 0.0  # processor time of the current sandbox that has been charged
        self.total = 0.0  # processor time of all sandboxes
        self.next = 0.0  # time of the next measurement
        self._restart()

    @contextmanager
    def charging(self, *budgets: Budget) -> Iterator[None]:
        """Charge these budgets, and those of outer requests, while the block runs."""
        outer = self.budgets
        self.budgets = [*outer, *(b for b in budgets if b not in outer)]
        self._restart()
        try:
            yield
        finally:
            self.budgets = outer

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """Give the rest of an answer some time, even if a budget ends while the block runs."""
        self.grace = grace("")
        try:
            yield
        finally:
            self.grace = None

    def exceeded(self) -> Budget | None:
        """Return the first spent budget of the running requests; None if all have time left."""
        return next((budget for budget in self.budgets if budget.is_spent), None)

    def measure(self) -> None:
        """Charge the processor time that has been used since the last measurement."""
        self._charge(self.client.usage(), 0.0)

    def wait(self, connection: socket.socket, event: int = select.POLLIN) -> bool:
        """Wait until a socket is ready; return False if a budget is spent before.

        Raises
        ------
        EOFError, OSError
            If the process that started the sandbox is gone.
        """
        poll = select.poll()
        poll.register(connection, event)
        while True:
            if self.exceeded() and (self.grace is None or self.grace.is_spent):
                return False
            left = self.next - self.clock()
            if left <= 0:  # the judge was busy: this moment is no sample
                self.measure()
                continue
            if poll.poll(left * 1000):
                return True
            usage, passed = self.client.usage(), self.clock() - self.mark
            busy = usage.processor - self.charged + self.own() - self.own_mark
            self._charge(usage, 0.0 if usage.is_running else max(0.0, passed - busy))

    def _charge(self, usage: Usage, idle: float) -> None:
        passed = self.clock() - self.mark - (self.own() - self.own_mark)
        # The measured time decreases if a child has been lost.
        processor = max(0.0, LEAST * passed, usage.processor - self.charged)
        self.charged = usage.processor
        self.total += processor
        for budget in (*self.budgets, *filter(None, [self.grace])):
            budget.spend(processor, idle)
        self.report(TimeLeft(self.submission.processor, self.submission.idle))
        self._restart()
        self.next = self.mark + POLL

    def _restart(self) -> None:
        self.mark, self.own_mark = self.clock(), self.own()


class MeteredSocket:
    """A socket whose other end answers within the budgets that a meter charges."""

    def __init__(self, connection: socket.socket, meter: Meter):
        self.connection, self.meter = connection, meter

    def recv(self, size: int, /) -> bytes:
        """Receive at most `size` bytes; raise TimeoutError if a budget is spent before."""
        if not self.meter.wait(self.connection):
            raise TimeoutError
        return self.connection.recv(size)

    def sendall(self, data: bytes) -> None:
        """Send all data; raise TimeoutError if a budget is spent before."""
        view = memoryview(data)
        while view:
            if not self.meter.wait(self.connection, select.POLLOUT):
                raise TimeoutError
            view = view[self.connection.send(view, socket.MSG_DONTWAIT) :]
