"""What a judge can do with a sandbox beside talking to it: start one, interrupt it, ask after it.

`SandboxClient` is the whole of it. A judge of submissions has a `ForkServerClient`; whoever wants
student code elsewhere, as the tests of judging do, writes another.
"""

import contextlib
import signal
import socket
import time
from abc import ABC, abstractmethod

from nbjudge.errors import IsolationError
from nbjudge.sandbox import control_socket
from nbjudge.sandbox.messages import (
    InterruptSession,
    Isolated,
    MeasureSession,
    Refused,
    SessionEnded,
    SessionMeasured,
    StartSession,
)
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.wire.framing import readable, receive_message
from nbjudge.wire.messages import Message

OUT_OF_MEMORY = "The code used more memory than a submission may."
START_GRACE = 2.0  # seconds in which a sandbox that does not start can say where it is
MEASURE_SECONDS = 60.0  # that a fork server may take to say how much a sandbox has used
ENDING_SECONDS = 5.0  # that a fork server may take to say how a sandbox ended


class SandboxClient(ABC):
    """Starts sandboxes for one judge, one after the other; the last one is meant where one is.

    Attributes
    ----------
    sandbox
        How student code is isolated and limited; None where it is not.
    is_gone
        Whether what starts sandboxes is found to have ended: no other can be started.
    """

    sandbox: Sandbox | None = None
    is_gone = False

    @abstractmethod
    def start(self, number: int, deadline: float) -> socket.socket:
        """Start a sandbox, with an interpreter in it.

        Parameters
        ----------
        number
            By which it is known, another one each time.
        deadline
            Until when it may take, on the monotonic clock.

        Returns
        -------
        connection
            Over which the interpreter answers requests. When it is closed, the sandbox ends.

        Raises
        ------
        IsolationError
            Where it cannot be isolated.
        EOFError, OSError, WireError
            Where it does not come so far; TimeoutError where it takes too long.
        """

    @abstractmethod
    def interrupt(self) -> None:
        """Interrupt the interpreter as Ctrl-C does."""

    @abstractmethod
    def seconds_used(self) -> float:
        """Processor seconds that the sandbox has used; 0 where the system does not say.

        Raises
        ------
        EOFError, OSError
            Where what started it is gone, or does not answer.
        """

    @abstractmethod
    def why_it_ended(self) -> str:
        """Why the sandbox ended unasked: a sentence for the student."""


class ForkServerClient(SandboxClient):
    """Has sandboxes forked by a fork server, over its control socket."""

    def __init__(self, control: socket.socket, sandbox: Sandbox | None = None):
        self.control, self.sandbox, self.number = control, sandbox, 0
        self.ended: dict[int, SessionEnded] = {}  # how sandboxes ended, as the fork server said

    def start(self, number: int, deadline: float) -> socket.socket:
        self.number = number
        ours, other_end = socket.socketpair()
        try:
            with other_end:
                control_socket.send(self.control, StartSession(number), other_end.fileno())
            if not readable(ours, deadline):
                self.interrupt()  # which makes it say where it is, as the reason of a refusal
            ours.settimeout(START_GRACE)
            answer = receive_message(ours, Isolated, Refused)
            if isinstance(answer, Refused):
                raise IsolationError(f"The sandbox could not be made:\n{answer.reason}")
        except BaseException:
            ours.close()
            raise
        return ours

    def interrupt(self) -> None:
        control_socket.send(self.control, InterruptSession(self.number))

    def seconds_used(self) -> float:
        control_socket.send(self.control, MeasureSession(self.number))
        deadline = time.monotonic() + MEASURE_SECONDS
        while readable(self.control, deadline):
            message = self._hear()
            if isinstance(message, SessionMeasured) and message.number == self.number:
                return message.seconds
        self.is_gone = True
        raise EOFError("no answer of the fork server")

    def why_it_ended(self) -> str:
        deadline = time.monotonic() + ENDING_SECONDS
        with contextlib.suppress(EOFError):
            while self.number not in self.ended and readable(self.control, deadline):
                self._hear()
        return _in_words(self.ended.get(self.number))

    def _hear(self) -> Message:
        """The next message of the fork server; why a sandbox ended is remembered.

        Raises EOFError where the fork server is gone.
        """
        message, _ = control_socket.receive(self.control, SessionEnded, SessionMeasured)
        if message is None:
            self.is_gone = True
            raise EOFError("there is no fork server")
        if isinstance(message, SessionEnded):
            self.ended[message.number] = message
        return message


def _in_words(ended: SessionEnded | None) -> str:
    """How a sandbox ended; None where the fork server did not say."""
    match ended:
        case None:
            return "The process that ran this code is gone."
        case SessionEnded(cause="memory"):
            return OUT_OF_MEMORY
        case SessionEnded(cause="signal", status=signal.SIGKILL):
            return "The process that ran this code was killed (signal 9), perhaps for memory."
        case SessionEnded(cause="signal", status=signal.SIGSEGV):
            return "The process that ran this code crashed (segmentation fault)."
        case SessionEnded(cause="signal"):
            return f"The process that ran this code was ended by signal {ended.status}."
        case _:
            return f"The process that ran this code ended itself (exit status {ended.status})."
