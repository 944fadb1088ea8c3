"""The judge's side of a session: run cells and call functions in a sandbox that may die.

After a death, the next request starts a fresh sandbox and replays the cells that finished, even
with an exception, so that a cell that ends its sandbox affects only what depends on it.

The call chain: `run` and `request` start a sandbox if there is none (`_start`), `_exchange` sends a
request and closes the sandbox on failure (`_death`), and `_answer` waits for the answer, interrupts
the code at its time limit, and serves calls to the judge's functions (`_call_back`).
"""

import contextlib
import os
import secrets
import socket
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nbjudge.errors import ForkServerGoneError, SessionDiedError, WireError
from nbjudge.judging.waiting import INTERRUPT_GRACE, CellLimit, Limit, TimedReceiver, grace
from nbjudge.sandbox.client import OUT_OF_DISK, OUT_OF_MEMORY, SandboxClient
from nbjudge.wire.decoding import Resolve
from nbjudge.wire.encoding import Refer, encode
from nbjudge.wire.format import MAX_DEPTH
from nbjudge.wire.framing import receive_message
from nbjudge.wire.messages import Message, pack
from nbjudge.wire.outputs import Allowance, Output, checked, error_output, stream_output
from nbjudge.wire.requests import (
    Begin,
    CallBack,
    CallBackRaised,
    CallBackReturned,
    Cause,
    CellRan,
    DroppedImport,
    ErrorReport,
    NotWritten,
    Raised,
    Request,
    RunCell,
    TakeValues,
    WriteFile,
)
from nbjudge.wire.values import refer_to_public

SETUP_SECONDS = 60  # time limit for a sandbox to start, or to receive data
MAX_RESTARTS = 50
MAX_REFUSED = 100  # limit of a sandbox's calls to functions that were not offered
NOT_STARTED = "The sandbox did not start"
USED_UP = "The time limit for a submission was reached before this."


@dataclass(frozen=True)
class Handed:
    """A value that the judge computed, to be defined in a session as well."""

    digest: bytes
    value: Any


@dataclass(frozen=True, eq=False)  # two cells may have the same source
class _CellRun:
    """A cell, to be replayed if it has finished; the fields are parameters of `Session.run`."""

    source: str
    names: Mapping[str, Handed]
    seconds: float
    is_students: bool


@dataclass(frozen=True)
class CellResult:
    """The result of running a cell.

    Attributes
    ----------
    cause
        Cause of the failure, if it lies with the grader.
    dropped
        Imports that were dropped from the cell.
    too_long
        True if the cell exceeded its time limit, even if the cell then continued.
    """

    succeeded: bool
    outputs: list[Output]
    cause: Cause | None = None
    dropped: Sequence[DroppedImport] = ()
    too_long: bool = False


@dataclass(frozen=True)
class Exchanged:
    """The answer to a request.

    Attributes
    ----------
    answer
        A message of one of the request's `answers`.
    exceeded
        The limit at which the request was interrupted or not sent; None if it finished.
    """

    answer: Message
    exceeded: Limit | None = None


@dataclass(frozen=True)
class Crossing:
    """Parameters of `wire.encoding` and `wire.decoding` for one request and its answer.

    Attributes
    ----------
    known
        Arguments that the call may change.
    refer, resolve
        Convert objects that cannot be sent by value to Refs, and back.
    tuples
        Names of named tuples that may hold functions.
    """

    known: Sequence[Any] = ()
    refer: Refer | None = None
    resolve: Resolve | None = None
    tuples: Collection[str] = ()


BY_VALUE = Crossing()


class Session:
    """The student's process.

    Parameters
    ----------
    client
        Client that starts the sandboxes.
    files
        Files of the working folder, {path: content}.
    seed
        Seed of the student's random numbers.
    deadline
        Time limit of the submission, on the monotonic clock.
    output_size
        Maximum number of characters of one cell's outputs.
    draw
        True to draw all figures; False to draw only those of cells run with `draw`.
    """

    def __init__(
        self,
        client: SandboxClient,
        files: Mapping[str, bytes],
        seed: int,
        deadline: float,
        output_size: int,
        draw: bool,
    ):
        self.output_size, self.allowance = output_size, Allowance(output_size)
        self.client, self.files, self.seed, self.deadline = client, files, seed, deadline
        self.draw = draw
        self.connection: socket.socket | None = None
        self.not_written: dict[str, str] = {}  # files that could not be written: reasons by name
        # Number of the current sandbox, whose objects die with it; `first` before any was started.
        # Unique to this judge's process.
        self.first = self.generation = os.getpid() * 1000
        self.replayed: list[_CellRun] = []
        # The judge's functions that the running call may use, by number.
        self.offered: dict[int, Callable[..., Any]] = {}
        self.refused = 0  # refused callbacks of this sandbox
        self.waiting = False  # True until the first byte of the answer arrives
        self.test_seconds = 0.0  # time limit of the running test cell
        self.until = 0.0  # its deadline on the monotonic clock
        self.cannot_start = False  # True if the last sandbox ended before running student code
        self.is_out_of_time = False  # True if the deadline has kept student code from running

    def another(self, deadline: float) -> "Session":
        """Close this session, and return a new session for the same submission.

        Parameters
        ----------
        deadline
            Time limit of the other session, on the monotonic clock.
        """
        self.close()
        size = self.output_size
        other = Session(self.client, self.files, self.seed, deadline, size, self.draw)
        other.allowance = self.allowance
        other.first = other.generation = self.generation + 1
        return other

    def close(self) -> None:
        """End the sandbox."""
        if self.connection:
            self.connection.close()
        self.connection = None

    def check_can_start(self) -> None:
        """Raise a ForkServerGoneError if no sandbox starts, and the student is not at fault."""
        if self.client.is_gone or self.cannot_start:
            raise ForkServerGoneError

    @property
    def _sandbox(self) -> socket.socket:
        if self.connection is None:
            raise EOFError("there is no sandbox")
        return self.connection

    def run(
        self,
        source: str,
        names: Mapping[str, Handed],
        seconds: float,
        draw: bool = False,
        is_students: bool = False,
    ) -> CellResult:
        """Run a cell. A cell that ends the sandbox counts as failed.

        Parameters
        ----------
        names
            Values that the judge computed, by name. They replace different values in the student's
            process.
        seconds
            Limit of the cell's processor time in seconds.
        draw
            True to draw the cell's figures.
        is_students
            True if students can change the cell.

        Raises
        ------
        ForkServerGoneError
            If no sandbox can be started anymore, and the student is not at fault.
        """
        cell = _CellRun(source, names, seconds, is_students)
        try:
            self._start()
            result = self._run(cell, draw or self.draw)
            if not result.too_long:
                self.replayed.append(cell)
        except SessionDiedError as death:
            result = CellResult(False, [error_output("CellDied", str(death))], death.cause)
        self.check_can_start()
        return result

    def _run(self, cell: _CellRun, draw: bool) -> CellResult:
        names, seconds = cell.names, cell.seconds
        digests = {name: handed.digest for name, handed in names.items()}
        limit = CellLimit(self.client, seconds, self.deadline)
        request = RunCell(cell.source, digests, seconds, draw, cell.is_students)
        exchanged = self._exchange(request, limit)
        answer = exchanged.answer
        assert isinstance(answer, (CellRan, Raised))
        outputs = checked(answer.outputs, self.allowance)
        ran = answer if isinstance(answer, CellRan) else CellRan(False, [], [], False)
        too_long, cause = ran.too_long or exchanged.exceeded is not None, ran.cause
        if too_long:
            what, time_is_up = limit.own_reason, limit.own_cause
            if exchanged.exceeded:
                what, time_is_up = limit.what, limit.cause
            outputs.append(stream_output(f"[{what} and was interrupted.]\n"))
            cause = None if ran.success else time_is_up
        values = {name: names[name].value for name in ran.others if name in names}
        self._give(values, time.monotonic() + SETUP_SECONDS)
        return CellResult(ran.success, outputs, cause, ran.dropped, too_long)

    def _give(self, values: dict[str, Any], deadline: float) -> None:
        """Assign the judge's values to names in the student's process."""
        if not values:
            return
        try:
            limit = self._limit(deadline, "The data could not be transferred in time")
            self._exchange(TakeValues(values), limit, Crossing(refer=refer_to_public))
        except WireError:  # too large for one message; a single large value is skipped
            if len(values) > 1:
                for name, value in values.items():
                    self._give({name: value}, deadline)

    def begin_test(self, seconds: float) -> None:
        """Start the clock of a test cell, after replacing a sandbox that has ended.

        Replaying cells does not count against the time of the test.
        """
        ended = self.connection is None and self.generation > self.first
        if ended and time.monotonic() < self.deadline:
            with contextlib.suppress(SessionDiedError):  # raised again if the test needs a sandbox
                self._start()
        self.test_seconds, self.until = seconds, time.monotonic() + seconds

    def request(self, request: Request, crossing: Crossing = BY_VALUE) -> Exchanged:
        """Send any other request, within the time left for the running test cell.

        If no time is left, the request is not sent, and the answer is an exception without a class.

        Raises
        ------
        SessionDiedError
            If the request ended the sandbox.
        WireError
            If the request is too large or nested too deeply.
        """
        self._start()
        before = self.offered
        self.offered = dict(before)
        try:
            what = "It did not finish within the time limit of this test"
            cause = Cause("test time", f"{self.test_seconds:g}")
            limit = Limit(self.until, self.deadline, what, cause)
            if time.monotonic() >= limit.deadline:
                return Exchanged(Raised(ErrorReport([], "", [], None), [], []), limit)
            return self._exchange(request, limit, crossing)
        finally:
            self.offered = before

    def offer(self, function: Callable[..., Any]) -> int:
        """Let the running call use one of the judge's functions; return its number."""
        number = len(self.offered)
        self.offered[number] = function
        return number

    def _start(self) -> None:
        """Start a sandbox if there is none, and replay the cells so far."""
        self._check_time()
        if self.connection:
            return
        if self.generation - self.first > MAX_RESTARTS:
            raise SessionDiedError(
                "The student's process ended too many times, so it is not restarted."
            )
        self.generation += 1
        try:
            self._make_ready()
        except BaseException:  # for example the test's own time limit
            self.close()
            raise

    def _make_ready(self) -> None:
        try:
            self.connection, self.refused = self._connect(), 0
            self._prepare(Begin(self.seed, self.draw))
            for name, content in self.files.items():
                answer = self._prepare(WriteFile(name, content))
                if isinstance(answer, NotWritten):
                    self.not_written[name] = answer.why
        except SessionDiedError:  # before any student code ran
            self.cannot_start = time.monotonic() < self.deadline
            raise
        for cell in list(self.replayed):
            try:
                self._run(cell, draw=False)
            except SessionDiedError:  # the cell finished before; its names are missing now
                self.replayed.remove(cell)
                return self._start()

    def _check_time(self) -> None:
        """Raise a SessionDiedError if the submission has exceeded its time limit."""
        if time.monotonic() >= self.deadline:
            self.close()
            self.is_out_of_time = True
            raise SessionDiedError(USED_UP, Cause("notebook time"))

    def _connect(self) -> socket.socket:
        try:
            return self.client.start(self.generation, time.monotonic() + SETUP_SECONDS)
        except (EOFError, OSError, WireError) as error:
            raise self._death(grace(NOT_STARTED), error) from None

    def _prepare(self, request: Request) -> Message:
        limit = self._limit(time.monotonic() + SETUP_SECONDS, NOT_STARTED)
        return self._exchange(request, limit).answer

    def _limit(self, deadline: float, what: str) -> Limit:
        return Limit(deadline, self.deadline, what)

    def _exchange(self, request: Request, limit: Limit, crossing: Crossing = BY_VALUE) -> Exchanged:
        """Send a request and receive its answer, serving callbacks meanwhile."""
        self._check_time()
        number = secrets.randbits(64)  # so that no answer can be forged in advance
        expected = (*request.answers, CallBack)
        payload = _encoded(replace(request, number=number), crossing)
        try:
            limit.begin()
            self._send(payload, limit.deadline)
            return self._answer(expected, limit, crossing, number)
        except (EOFError, OSError, WireError) as error:
            raise self._death(limit, error) from None
        except BaseException:  # for example the test's own time limit
            self._interrupt(expected, crossing, number)
            raise

    def _interrupt(
        self, expected: Sequence[type[Message]], crossing: Crossing, number: int
    ) -> None:
        """Stop the running request, ignoring its answer."""
        waiting, self.waiting = self.waiting, False
        if not waiting:  # part of a frame has been received
            self.close()
            return
        try:
            self.client.interrupt()
            self._answer(expected, grace(""), crossing, number, interrupted=True)
        except BaseException:
            self.close()

    def _send(self, payload: bytes, deadline: float) -> None:
        connection = self._sandbox
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        connection.sendall(len(payload).to_bytes(4, "little") + bytes(8) + payload)

    def _answer(
        self,
        expected: Sequence[type[Message]],
        limit: Limit,
        crossing: Crossing,
        number: int,
        interrupted: bool = False,
    ) -> Exchanged:
        current = limit
        while True:
            self.waiting = True
            in_time = current.wait(self._sandbox)
            self.waiting = False
            if not in_time and current.extend():
                continue
            if not in_time:
                if interrupted:
                    raise TimeoutError
                self.is_out_of_time |= limit.is_submissions
                interrupted, current = True, grace(limit.what)
                self.client.interrupt()
                continue
            until = max(current.deadline, time.monotonic() + INTERRUPT_GRACE)
            timed = TimedReceiver(self._sandbox, until)
            answer = receive_message(
                timed,
                *expected,
                resolve=crossing.resolve,
                known=crossing.known,
                tuples=crossing.tuples,
                number=number,
                deepest=MAX_DEPTH + 1,
            )
            if not isinstance(answer, CallBack):
                return Exchanged(answer, limit if interrupted else None)
            self._call_back(answer, crossing, current.deadline)

    def _call_back(self, request: CallBack, crossing: Crossing, deadline: float) -> None:
        function = self.offered.get(request.function)
        self.refused += function is None
        if self.refused > MAX_REFUSED:  # unread answers would fill the socket
            raise WireError(f"more than {MAX_REFUSED} calls to functions that were not offered")
        try:
            if function is None:
                raise PermissionError("this function is not available now")
            value = function(*request.args, **request.kwargs)
            payload = _encoded(CallBackReturned(value), crossing)
        except SessionDiedError:
            raise
        except Exception as error:
            raised = CallBackRaised(type(error).__name__, str(error)[:2000])
            payload = _encoded(raised, crossing)
        self._send(payload, deadline)

    def _death(self, limit: Limit, error: Exception) -> SessionDiedError:
        """Close the sandbox after a connection error; return the exception to raise."""
        self.close()
        if isinstance(error, TimeoutError):
            return SessionDiedError(f"{limit.what}, and could not be interrupted.", limit.cause)
        if isinstance(error, WireError):
            why = f"The student's process sent an invalid answer: {error}."
            return SessionDiedError(why)
        why = self.client.why_it_ended()
        cause = {OUT_OF_MEMORY: "memory limit", OUT_OF_DISK: "disk limit"}.get(why)
        return SessionDiedError(why, Cause(cause) if cause else None)


def _encoded(message: Message, crossing: Crossing) -> bytes:
    # Values from the student's process may be sent back, nested deeper inside a message.
    return encode(pack(message), crossing.refer, deepest=MAX_DEPTH + 10)
