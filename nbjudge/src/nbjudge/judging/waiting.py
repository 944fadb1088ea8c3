"""How long the judge waits for an answer of the student's process, and for the rest of one."""

import math
import socket
import time

from nbjudge.sandbox.client import SandboxClient
from nbjudge.wire.framing import readable
from nbjudge.wire.requests import Cause

PATIENCE = 3  # times its processor time that a cell may wait for something, by the clock
SHARE = 0.02  # of a processor: a cell that gets more is not waiting, however busy the machine is
INTERRUPT_GRACE = 2.0  # seconds that what was interrupted has to come to an end
TIME_ENDED = "This ran until the time for a submission was used up"


class Limit:
    """Until when an answer is waited for, and what is said when that is too late.

    Parameters
    ----------
    deadline
        On the monotonic clock.
    last
        The deadline of the submission, which comes first where it is earlier.
    what
        A sentence without its full stop.
    cause
        The cause of code that exceeds the limit; None of a limit that is no cause for students.
    """

    def __init__(self, deadline: float, last: float, what: str, cause: Cause | None = None):
        self.deadline, self.last = min(deadline, last), last
        self.own_reason, self.own_cause = what, cause

    @property
    def is_submissions(self) -> bool:
        """Whether it is the time for the submission that ends it."""
        return self.deadline >= self.last

    @property
    def what(self) -> str:
        """What is said when an answer comes too late."""
        return TIME_ENDED if self.is_submissions else self.own_reason

    @property
    def cause(self) -> Cause | None:
        """The cause of what fails when an answer comes too late."""
        return Cause("notebook time") if self.is_submissions else self.own_cause

    def begin(self) -> None:
        """The request is about to be sent.

        Raises
        ------
        EOFError, OSError
            Where what started the sandbox is gone.
        """

    def wait(self, connection: socket.socket) -> bool:
        """Wait for the beginning of an answer; whether it comes in time."""
        return readable(connection, self.deadline) and time.monotonic() < self.deadline

    def extend(self) -> bool:
        """Whether there is more time, though the deadline is over; raises what `begin` does."""
        return False


class CellLimit(Limit):
    """A cell has processor seconds instead of a deadline.

    A cell that waits is interrupted when it has waited PATIENCE times as long; one that others on
    the machine leave little of the processors gets more time, until it has used its own.

    Parameters
    ----------
    client
        Measures the sandbox.
    seconds
        Of a processor.
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
        """Give a cell more time if it has been kept from using what it has."""
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
    """What an interrupted request has, even where the time for the submission is used up."""
    return Limit(time.monotonic() + INTERRUPT_GRACE, math.inf, what)


class TimedReceiver:
    """A socket's receiving end with one deadline for any number of pieces."""

    def __init__(self, connection: socket.socket, deadline: float):
        self.connection, self.deadline = connection, deadline

    def recv(self, size: int, /) -> bytes:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)
        return self.connection.recv(size)
