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
from nbjudge.judging.messages import TimeLeft
from nbjudge.judging.waiting import (
    Budget,
    Meter,
    MeteredSocket,
    call_budget,
    cell_budget,
    grace,
    submission_budget,
    test_budget,
)
from nbjudge.sandbox.client import OUT_OF_DISK, OUT_OF_MEMORY, SandboxClient
from nbjudge.wire.decoding import Resolve
from nbjudge.wire.encoding import Refer, encode
from nbjudge.wire.format import MAX_DEPTH
from nbjudge.wire.framing import receive_message, send_payload
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
        The budget at whose end the request was interrupted or not sent; None if it finished.
    """

    answer: Message
    exceeded: Budget | None = None


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

    `course.run.Run` describes its part in the life of a run.

    Parameters
    ----------
    client
        Client that starts the sandboxes.
    files
        Files of the working folder, {path: content}.
    seed
        Seed of the student's random numbers.
    left
        Time that the submission has left.
    output_size
        Maximum number of characters of one cell's outputs.
    draw
        True to draw all figures; False to draw only those of cells run with `draw`.
    report
        Parameter of `Meter`.
    """

    def __init__(
        self,
        client: SandboxClient,
        files: Mapping[str, bytes],
        seed: int,
        left: TimeLeft,
        output_size: int,
        draw: bool,
        report: Callable[[TimeLeft], None] = lambda left: None,
    ):
        self.output_size, self.allowance = output_size, Allowance(output_size)
        self.client, self.files, self.seed, self.draw = client, files, seed, draw
        self.submission = submission_budget(left)
        self.meter = Meter(client, self.submission, report)
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
        self.test = test_budget(0.0)  # of the running test cell
        self.cannot_start = False  # True if the last sandbox ended before running student code
        self.is_out_of_time = False  # True if the submission's limit has kept code from running

    def another(self, left: TimeLeft) -> "Session":
        """Close this session, and return a new session for the same submission.

        Parameters
        ----------
        left
            Time limit of the other session.
        """
        self.close()
        size, report = self.output_size, self.meter.report
        other = Session(self.client, self.files, self.seed, left, size, self.draw, report)
        other.allowance = self.allowance
        other.first = other.generation = self.generation + 1
        return other

    def close(self) -> None:
        """End the sandbox."""
        if self.connection:
            self.connection.close()
        self.connection = None

    @property
    def time_left(self) -> TimeLeft:
        """Time that the submission has left."""
        return TimeLeft(self.submission.processor, self.submission.idle)

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
        limit = cell_budget(seconds)
        request = RunCell(cell.source, digests, seconds, draw, cell.is_students)
        exchanged = self._exchange(request, [limit])
        answer = exchanged.answer
        assert isinstance(answer, (CellRan, Raised))
        outputs = checked(answer.outputs, self.allowance)
        ran = answer if isinstance(answer, CellRan) else CellRan(False, [], [], False)
        too_long, cause = ran.too_long or exchanged.exceeded is not None, ran.cause
        if too_long:
            limit = exchanged.exceeded or limit
            outputs.append(stream_output(f"[{limit.what} and was interrupted.]\n"))
            cause = None if ran.success else limit.cause
        self._give({name: names[name].value for name in ran.others if name in names})
        return CellResult(ran.success, outputs, cause, ran.dropped, too_long)

    def _give(self, values: dict[str, Any]) -> None:
        """Assign the judge's values to names in the student's process."""
        if not values:
            return
        try:
            limit = _setup_budget("The data could not be transferred in time")
            self._exchange(TakeValues(values), [limit], Crossing(refer=refer_to_public))
        except WireError:  # too large for one message; a single large value is skipped
            if len(values) > 1:
                for name, value in values.items():
                    self._give({name: value})

    def begin_test(self, seconds: float) -> None:
        """Start the time of a test cell, after replacing a sandbox that has ended.

        Replaying cells does not count against the time of the test.
        """
        ended = self.connection is None and self.generation > self.first
        if ended and not self.submission.is_spent:
            with contextlib.suppress(SessionDiedError):  # raised again if the test needs a sandbox
                self._start()
        self.test = test_budget(seconds)

    def processor_seconds(self) -> float:
        """Return the processor time that the student's processes have used so far.

        Raises
        ------
        EOFError, OSError
            If the process that started the sandbox is gone.
        """
        if self.connection:
            self.meter.measure()
        return self.meter.total

    def request(
        self, request: Request, crossing: Crossing = BY_VALUE, seconds: float = 0.0
    ) -> Exchanged:
        """Send any other request, within the time left for the running test cell.

        If no time is left, the request is not sent, and the answer is an exception without a class.

        Parameters
        ----------
        seconds
            Limit of the processor time of this request; 0 for none.

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
            if self.test.is_spent:
                return Exchanged(Raised(ErrorReport([], "", [], None), [], []), self.test)
            limits = [self.test, *([call_budget(seconds)] if seconds else ())]
            return self._exchange(request, limits, crossing)
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
            self.cannot_start = not self.submission.is_spent
            raise
        for cell in list(self.replayed):
            try:
                self._run(cell, draw=False)
            except SessionDiedError:  # the cell finished before; its names are missing now
                self.replayed.remove(cell)
                return self._start()

    def _check_time(self) -> None:
        """Raise a SessionDiedError if the submission has exceeded its time limit."""
        if self.submission.is_spent:
            self.close()
            self.is_out_of_time = True
            raise SessionDiedError(USED_UP, self.submission.cause)

    def _connect(self) -> socket.socket:
        self.meter.charged = 0.0
        try:
            return self.client.start(self.generation, time.monotonic() + SETUP_SECONDS)
        except (EOFError, OSError, WireError) as error:
            raise self._death(grace(NOT_STARTED), error) from None

    def _prepare(self, request: Request) -> Message:
        return self._exchange(request, [_setup_budget(NOT_STARTED)]).answer

    def _exchange(
        self, request: Request, limits: Sequence[Budget], crossing: Crossing = BY_VALUE
    ) -> Exchanged:
        """Send a request and receive its answer, serving callbacks meanwhile.

        Parameters
        ----------
        limits
            Budgets of the request, besides that of the submission.
        """
        self._check_time()
        number = secrets.randbits(64)  # so that no answer can be forged in advance
        expected = (*request.answers, CallBack)
        payload = _encoded(replace(request, number=number), crossing)
        try:
            with self.meter.charging(*limits, self.submission):
                self._send(payload)
                return self._answer(expected, crossing, number)
        except (EOFError, OSError, WireError) as error:
            limit = next((one for one in (*limits, self.submission) if one.is_spent), limits[0])
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
            self._finish(expected, crossing, number)
        except BaseException:
            self.close()

    def _finish(
        self, expected: Sequence[type[Message]], crossing: Crossing, number: int, what: str = ""
    ) -> Message:
        """Interrupt the running request, and return its answer."""
        running, self.meter.budgets = self.meter.budgets, []  # it may exceed these now
        try:
            with self.meter.charging(grace(what)):
                self.client.interrupt()
                answer = self._answer(expected, crossing, number).answer
        finally:
            self.meter.budgets = running
        return answer

    def _send(self, payload: bytes) -> None:
        send_payload(MeteredSocket(self._sandbox, self.meter), payload)

    def _answer(
        self,
        expected: Sequence[type[Message]],
        crossing: Crossing,
        number: int,
    ) -> Exchanged:
        """Receive the answer; interrupt the request if it exceeds a budget.

        Raises
        ------
        TimeoutError
            If an interrupted request does not finish.
        """
        while True:
            self.waiting = True
            in_time = self.meter.wait(self._sandbox)
            self.waiting = False
            if not in_time:
                limit = self.meter.exceeded()
                if limit is None or self.submission not in self.meter.budgets:  # interrupted before
                    raise TimeoutError
                self.is_out_of_time |= limit is self.submission
                return Exchanged(self._finish(expected, crossing, number, limit.what), limit)
            with self.meter.receiving():
                answer = receive_message(
                    MeteredSocket(self._sandbox, self.meter),
                    *expected,
                    resolve=crossing.resolve,
                    known=crossing.known,
                    tuples=crossing.tuples,
                    number=number,
                    deepest=MAX_DEPTH + 1,  # the message around the value
                )
            if not isinstance(answer, CallBack):
                return Exchanged(answer)
            self._call_back(answer, crossing)

    def _call_back(self, request: CallBack, crossing: Crossing) -> None:
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
            # Student code can catch a class of the test's by its builtin base.
            kinds = (kind for kind in type(error).__mro__ if issubclass(kind, Exception))
            kind = next(kind for kind in kinds if kind.__module__ == "builtins")
            raised = CallBackRaised(kind.__name__, str(error)[:2000])
            payload = _encoded(raised, crossing)
        self._send(payload)

    def _death(self, limit: Budget, error: Exception) -> SessionDiedError:
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


def _setup_budget(what: str) -> Budget:
    return Budget(SETUP_SECONDS, SETUP_SECONDS, what)


def _encoded(message: Message, crossing: Crossing) -> bytes:
    # Values from the student's process may be sent back, nested deeper inside a message.
    return encode(pack(message), crossing.refer, deepest=MAX_DEPTH + 10)
