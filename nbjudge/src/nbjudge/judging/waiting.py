"""Time limits for the answers of the student's process."""

import math
import socket
import time

from nbjudge.sandbox.client import SandboxClient
from nbjudge.wire.framing import readable
from nbjudge.wire.requests import Cause

PATIENCE = 3  # wall-clock limit of a waiting cell, in multiples of its processor time limit
SHARE = 0.02  # fraction of a processor; a cell that uses less is waiting
INTERRUPT_GRACE = 2.0  # seconds for an interrupted request to finish
TIME_ENDED = "This ran until the time limit for a submission was reached"


class Limit:
    """A time limit for an answer, with the message for exceeding it.

    Parameters
    ----------
    deadline
        Time on the monotonic clock.
    last
        Deadline of the submission, which applies if it is earlier.
    what
        Message without its period.
    cause
        Cause of failure for code that exceeds the limit; None if there is nothing to explain.
    """

    def __init__(self, deadline: float, last: float, what: str, cause: Cause | None = None):
        self.deadline, self.last = min(deadline, last), last
        self.own_reason, self.own_cause = what, cause

    @property
    def is_submissions(self) -> bool:
        """True if the time limit of the submission applies."""
        return self.deadline >= self.last

    @property
    def what(self) -> str:
        """Message for an answer that arrives too late."""
        return TIME_ENDED if self.is_submissions else self.own_reason

    @property
    def cause(self) -> Cause | None:
        """Cause of failure if an answer arrives too late."""
        return Cause("notebook time") if self.is_submissions else self.own_cause

    def begin(self) -> None:
        """Start the limit, just before the request is sent.

        Raises
        ------
        EOFError, OSError
            If the process that started the sandbox is gone.
        """

    def wait(self, connection: socket.socket) -> bool:
        """Wait for the first byte of an answer; return False if none arrives in time."""
        return readable(connection, self.deadline) and time.monotonic() < self.deadline

    def extend(self) -> bool:
        """Extend the deadline, if possible; return True if so. Raise the errors of `begin`."""
        return False


class CellLimit(Limit):
    """The limit of a cell: processor seconds instead of a deadline.

    A cell that waits is interrupted after PATIENCE times its limit. A cell that gets little
    processor time because the machine is busy may continue until it has used up its limit.

    Parameters
    ----------
    client
        Client that measures the sandbox.
    seconds
        Limit of the processor time in seconds.
    """

    def __init__(self, client: SandboxClient, seconds: float, last: float):
        what = f"This cell ran for more than {seconds:g} seconds"
        super().__init__(last, last, what, Cause("time limit", f"{seconds:g}"))
        self.client, self.seconds = client, seconds

    def begin(self) -> None:
        self.used = self.client.seconds_used()
        self.most = self.used + self.seconds
        self._go_on()

    def _go_on(self) -> None:
        self.began = time.monotonic()
        self.deadline = min(self.began + PATIENCE * self.seconds, self.last)

    def extend(self) -> bool:
        """Extend the deadline if other load has kept the cell from using its processor time."""
        if time.monotonic() >= self.last:
            return False
        used = self.client.seconds_used()
        share = (used - self.used) / (time.monotonic() - self.began)
        self.used = used
        if used >= self.most or share < SHARE:
            return False
        self._go_on()
        return True


def grace(what: str) -> Limit:
    """Return the limit for an interrupted request, which may exceed the submission's time limit."""
    return Limit(time.monotonic() + INTERRUPT_GRACE, math.inf, what)


class TimedReceiver:
    """The receiving end of a socket, with one deadline for any number of calls."""

    def __init__(self, connection: socket.socket, deadline: float):
        self.connection, self.deadline = connection, deadline

    def recv(self, size: int, /) -> bytes:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)
        return self.connection.recv(size)
