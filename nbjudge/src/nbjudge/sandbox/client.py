"""Clients of a sandbox: start it, interrupt it, and find out why it ended.

`SandboxClient` is the interface. Judges use a `ForkServerClient`. Code that runs student code in
another way, such as the tests of judging, implements its own client.
"""

import contextlib
import signal
import socket
import time
from abc import ABC, abstractmethod
from typing import NamedTuple

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

OUT_OF_MEMORY = "The code used more memory than a submission may use."
OUT_OF_DISK = "The code wrote more to files than a submission may write."
START_GRACE = 2.0  # seconds for a sandbox that failed to start in time to report a traceback
REPORT_SECONDS = 60.0  # time limit for the fork server to report on a sandbox, or on its end


class Usage(NamedTuple):
    """Activity of the processes of a sandbox.

    Attributes
    ----------
    processor
        Their processor time in seconds; 0 if the system does not report it.
    is_running
        True if one of them runs, or is ready to run and waits for a processor.
    """

    processor: float
    is_running: bool


class SandboxClient(ABC):
    """Starts sandboxes for one judge, one at a time; other methods refer to the latest sandbox.

    Attributes
    ----------
    sandbox
        Isolation and limits of student code; None if it is not isolated.
    is_gone
        True once the process that starts sandboxes is known to have ended.
    """

    sandbox: Sandbox | None = None
    is_gone = False

    @abstractmethod
    def start(self, number: int, deadline: float) -> socket.socket:
        """Start a sandbox with an interpreter in it.

        Parameters
        ----------
        number
            Number of the sandbox, a different one each time.
        deadline
            Time on the monotonic clock by which the sandbox must have started.

        Returns
        -------
        connection
            Socket over which the interpreter answers requests. Closing it ends the sandbox.

        Raises
        ------
        IsolationError
            If student code cannot be isolated.
        EOFError, OSError, WireError
            If the sandbox does not start; TimeoutError if it does not start in time.
        """

    @abstractmethod
    def interrupt(self) -> None:
        """Interrupt the interpreter as Ctrl-C does."""

    @abstractmethod
    def usage(self) -> Usage:
        """Return the activity of the sandbox's processes.

        Raises
        ------
        EOFError, OSError
            If the process that started the sandbox is gone or does not answer.
        """

    @abstractmethod
    def why_it_ended(self) -> str:
        """Return why the sandbox ended unexpectedly: a sentence for the student."""


class ForkServerClient(SandboxClient):
    """Client that asks a fork server for sandboxes, over its control socket."""

    def __init__(self, control: socket.socket, sandbox: Sandbox | None = None):
        self.control, self.sandbox, self.number = control, sandbox, 0
        self.ended: dict[int, SessionEnded] = {}  # the fork server's reports, by sandbox number

    def start(self, number: int, deadline: float) -> socket.socket:
        self.number = number
        ours, other_end = socket.socketpair()
        try:
            with other_end:
                control_socket.send(self.control, StartSession(number), other_end.fileno())
            if not readable(ours, deadline):
                self.interrupt()  # the sandbox then answers Refused, with a traceback
            ours.settimeout(START_GRACE)
            answer = receive_message(ours, Isolated, Refused)
            if isinstance(answer, Refused):
                raise IsolationError(f"The sandbox could not be created:\n{answer.reason}")
        except BaseException:
            ours.close()
            raise
        return ours

    def interrupt(self) -> None:
        control_socket.send(self.control, InterruptSession(self.number))

    def usage(self) -> Usage:
        control_socket.send(self.control, MeasureSession(self.number))
        deadline = time.monotonic() + REPORT_SECONDS
        while readable(self.control, deadline):
            message = self._hear()
            if isinstance(message, SessionMeasured) and message.number == self.number:
                return Usage(message.seconds, message.is_running)
        self.is_gone = True
        raise EOFError("the fork server does not answer")

    def why_it_ended(self) -> str:
        deadline = time.monotonic() + REPORT_SECONDS
        with contextlib.suppress(EOFError):
            while self.number not in self.ended and readable(self.control, deadline):
                self._hear()
        return _in_words(self.ended.get(self.number))

    def _hear(self) -> Message:
        """Receive the next message of the fork server, and record why a sandbox ended.

        Raises
        ------
        EOFError
            If the fork server is gone.
        """
        message, _ = control_socket.receive(self.control, SessionEnded, SessionMeasured)
        if message is None:
            self.is_gone = True
            raise EOFError("the fork server has ended")
        if isinstance(message, SessionEnded):
            self.ended[message.number] = message
        return message


def _in_words(ended: SessionEnded | None) -> str:
    """Describe how a sandbox ended; None means that the fork server did not report it."""
    match ended:
        case None:
            return "The process that ran this code ended unexpectedly."
        case SessionEnded(cause="memory"):
            return OUT_OF_MEMORY
        case SessionEnded(cause="disk"):
            return OUT_OF_DISK
        case SessionEnded(cause="signal", status=signal.SIGKILL):
            return "The process that ran this code was killed (signal 9), perhaps out of memory."
        case SessionEnded(cause="signal", status=signal.SIGSEGV):
            return "The process that ran this code crashed (segmentation fault)."
        case SessionEnded(cause="signal"):
            return f"The process that ran this code was terminated by signal {ended.status}."
        case _:
            return f"The process that ran this code exited (exit status {ended.status})."
