"""The judge's side of a session: run cells and call functions in a sandbox that may die.

After a death the next request starts a fresh sandbox and replays the cells that went well, so that
one bad cell costs what depends on it and nothing else.
"""

import collections
import contextlib
import os
import secrets
import select
import socket
import time
from dataclasses import replace

from nbjudge.errors import (
    CannotJudgeError,
    IsolationError,
    SessionDiedError,
    TooDeepError,
    WireError,
)
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
from nbjudge.wire.encoding import encode
from nbjudge.wire.format import MAX_DEPTH
from nbjudge.wire.framing import receive_message
from nbjudge.wire.messages import Message, pack
from nbjudge.wire.outputs import Allowance, checked, stream_output
from nbjudge.wire.requests import (
    Begin,
    CallBack,
    CallBackRaised,
    CallBackReturned,
    CellRan,
    NotWritten,
    Request,
    RunCell,
    TakeValues,
    WriteFile,
)

PATIENCE = 3  # times its processor time that a cell may wait for something, by the clock
SHARE = 0.02  # of a processor: a cell that gets more is not waiting, however busy the machine is
SETUP_SECONDS = 60  # that a sandbox may take to start, or to take over data
GRACE = 2.0  # seconds that an interrupted cell has to come to an end
MAX_RESTARTS = 50


class _Timed:
    """A socket's receiving end with one deadline for any number of pieces."""

    def __init__(self, connection, deadline):
        self.connection, self.deadline = connection, deadline

    def recv(self, size):
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)
        return self.connection.recv(size)


class Session:
    """The student's process.

    control: the fork server's control socket; files: what lies in the working folder, {path: bytes}
    seed: of the student's random numbers; deadline: when the time for the submission is up
    output_size: characters that the outputs of one cell may have
    draw: whether all figures are drawn, or only those of cells that are run with `draw`
    """

    def __init__(self, control, files, seed: int, deadline: float, output_size: int, draw: bool):
        self.allowance = Allowance(output_size)
        self.control, self.files, self.seed, self.deadline = control, files, seed, deadline
        self.draw = draw
        self.connection = None
        self.not_written = {}  # files that did not fit into the sandbox, and why
        # Counts the sandboxes; what one holds is lost with it. No other judge counts from there.
        self.first = self.generation = os.getpid() * 1000
        self.replayed = []  # the (source, names, seconds) of the cells that went well
        self.offered = {}  # the judge's functions that the running call may use, by number
        self.refer = self.resolve = None  # how objects that cannot travel become Refs, and back
        self.tuples = ()  # the names of named tuples that may hold functions
        self.waiting = False  # for the beginning of an answer
        self.until = 0.0  # when the time of the running test cell is up
        self.alone = False  # whether the fork server is gone, for no fault of the student's
        self.ended = {}  # why sandboxes ended, as far as the fork server has said

    def close(self) -> None:
        """End the sandbox."""
        if self.connection:
            self.connection.close()
        self.connection = None

    def run(self, source: str, names: dict, seconds: float, draw=False) -> tuple[bool, list[dict]]:
        """Run a cell; returns whether it succeeded, and its outputs.

        seconds: of a processor that it may use
        names: what the judge computed for itself, which the student's process takes over where it
            has something else: {name: (digest, value)}
        raises: SessionDiedError
        """
        self._start()
        success, outputs, in_time = self._run(source, names, seconds, draw or self.draw)
        if in_time:
            self.replayed.append((source, names, seconds))
        return success, outputs

    def _run(self, source, names, seconds, draw):
        digests = {name: digest for name, (digest, _) in names.items()}
        what = f"This cell ran for more than {seconds:g} seconds"
        request = RunCell(source, digests, seconds, draw)
        answer, interrupted = self._exchange(request, None, what, allowed=seconds)
        outputs = checked(answer.outputs, self.allowance)
        ran = isinstance(answer, CellRan)
        too_long = bool(interrupted) or (ran and answer.too_long)
        if too_long:
            outputs.append(stream_output(f"[{what} and was interrupted.]\n"))
        if ran:
            values = {name: names[name][1] for name in answer.others if name in names}
            self._give(values, time.monotonic() + SETUP_SECONDS)
        return ran and answer.success, outputs, not too_long

    def _give(self, values, deadline):
        """Let names of the student's process have values of the judge's."""
        if not values:
            return
        try:
            what = "The data could not be handed over in time"
            self._exchange(TakeValues(values), deadline, what)
        except CannotJudgeError:  # too much at once; one that is too large by itself stays as it is
            if len(values) > 1:
                for name, value in values.items():
                    self._give({name: value}, deadline)

    def request(self, request: Request, known=()) -> tuple[Message, str]:
        """Any other request; the time left is that of the running test cell.

        known: the arguments that the call may change
        returns: the answer; why the request was interrupted, or ""
        raises: SessionDiedError
        """
        self._start()
        before = self.offered
        self.offered = dict(before)
        try:
            what = "It did not come to an end in the time that this test has"
            return self._exchange(request, self.until, what, known)
        finally:
            self.offered = before

    def offer(self, function) -> int:
        """Let the running call use a function of the judge's; returns its number."""
        number = len(self.offered)
        self.offered[number] = function
        return number

    def _start(self):
        """Make a sandbox if there is none, and bring it to where the last one was."""
        if self.connection:
            return
        if self.generation - self.first > MAX_RESTARTS:
            raise SessionDiedError(
                "The student's process ended too often; it is not started again."
            )
        self.generation += 1
        self.connection = self._open()
        try:
            self._await_isolation()
            self._prepare(Begin(self.seed, self.draw))
            for name, content in self.files.items():
                answer = self._prepare(WriteFile(name, content))
                if isinstance(answer, NotWritten):
                    self.not_written[name] = answer.why
        except SessionDiedError:  # nothing of the student's has run in it yet
            self.alone = time.monotonic() < self.deadline
            raise
        for source, names, seconds in list(self.replayed):
            try:
                self._run(source, names, seconds, draw=False)
            except SessionDiedError:  # it went well before; what it made is missing now
                self.replayed.remove((source, names, seconds))
                return self._start()

    def _open(self):
        """Have a sandbox started; returns the socket to it."""
        ours, other_end = socket.socketpair()
        try:
            control_socket.send(self.control, StartSession(self.generation), other_end.fileno())
        except OSError:
            self.alone = True
            ours.close()
            raise SessionDiedError(_REASONS["lost"]) from None
        finally:
            other_end.close()
        return ours

    def _await_isolation(self):
        answer = self._prepare(None)
        if isinstance(answer, Refused):
            raise IsolationError(f"The sandbox could not be made:\n{answer.reason}")

    def _interrupt_session(self):
        control_socket.send(self.control, InterruptSession(self.generation))

    def _prepare(self, request):
        deadline = time.monotonic() + SETUP_SECONDS
        answer, _ = self._exchange(request, deadline, "The sandbox did not start")
        return answer

    def _exchange(self, request, deadline, what, known=(), allowed=None):
        """Send a request and receive its answer; meanwhile serve the calls back to the judge.

        request: None for what a session says of itself when it starts
        allowed: the processor seconds that it may take, instead of a deadline
        """
        number, expected = 0, (Isolated, Refused)
        if request:
            number = secrets.randbits(64)  # so that no answer can be forged in advance
            expected = (*request.answers, CallBack)
            try:
                payload = self._encoded(replace(request, number=number))
            except TooDeepError as error:
                raise ValueError(f"cannot be passed on: {error}") from None
            except WireError as error:
                raise CannotJudgeError(f"the test passes to the student's code {error}") from None
        try:
            if time.monotonic() >= self.deadline:
                raise TimeoutError
            limit = _Limit(self, deadline, allowed)
            if request:
                self._send(payload, limit.deadline)
            return self._answer(expected, limit, what, known, number)
        except TimeoutError:
            self.close()
            raise SessionDiedError(f"{what}, and could not be interrupted.") from None
        except (EOFError, OSError, WireError) as error:
            self.close()
            raise SessionDiedError(self._cause(error)) from None
        except BaseException:  # the test has a time limit of its own, say
            self._interrupt(expected, known, number)
            raise

    def _interrupt(self, expected, known, number):
        """Stop what the student's process is doing, without asking what comes of it."""
        waiting, self.waiting = self.waiting, False
        try:
            if not waiting:  # in the middle of a frame
                raise TimeoutError
            self._interrupt_session()
            limit = _Limit(self, time.monotonic() + GRACE)
            self._answer(expected, limit, "", known, number, interrupted=True)
        except BaseException:
            self.close()

    def _encoded(self, message):
        # What came from the student's process may go back, a little deeper inside a message.
        return encode(pack(message), self.refer, deepest=MAX_DEPTH + 10)

    def _send(self, payload, deadline):
        self.connection.settimeout(max(0.001, deadline - time.monotonic()))
        self.connection.sendall(len(payload).to_bytes(4, "little") + bytes(8) + payload)

    def _answer(self, expected, limit, what, known, number, interrupted=False):
        while True:
            self.waiting = True
            in_time = _readable(self.connection, limit.deadline) and not limit.is_over()
            self.waiting = False
            if not in_time and limit.extend():
                continue
            if not in_time:
                if interrupted:
                    raise TimeoutError
                interrupted, limit = True, _Limit(self, time.monotonic() + GRACE)
                self._interrupt_session()
                continue
            timed = _Timed(self.connection, max(limit.deadline, time.monotonic() + GRACE))
            answer = receive_message(
                timed,
                *expected,
                resolve=self.resolve,
                known=known,
                number=number,
                deepest=MAX_DEPTH + 1,
                tuples=self.tuples,
            )
            if not isinstance(answer, CallBack):
                return answer, f"{what}." if interrupted else ""
            self._call_back(answer, limit.deadline)

    def used(self) -> float:
        """Processor seconds that the sandbox has used; 0 where the system does not say."""
        control_socket.send(self.control, MeasureSession(self.generation))
        while True:
            message = self._hear()
            if isinstance(message, SessionMeasured):
                return message.seconds

    def _hear(self):
        """The next message of the fork server; why a sandbox ended is remembered.

        raises: EOFError where the fork server is gone
        """
        message, _ = control_socket.receive(self.control, SessionEnded, SessionMeasured)
        if message is None:
            self.alone = True
            raise EOFError
        if isinstance(message, SessionEnded):
            self.ended[message.number] = message.why
        return message

    def _call_back(self, request, deadline):
        try:
            function = self.offered.get(request.function)
            if function is None:
                raise PermissionError("this function is not on offer now")
            payload = self._encoded(CallBackReturned(function(*request.args, **request.kwargs)))
        except SessionDiedError:
            raise
        except Exception as error:
            payload = self._encoded(CallBackRaised(type(error).__name__, str(error)[:2000]))
        self._send(payload, deadline)

    def _cause(self, error):
        """Why the sandbox ended, in words."""
        if isinstance(error, WireError):
            return f"The student's process answered with what cannot be read: {error}."
        deadline = time.monotonic() + 5
        with contextlib.suppress(EOFError):
            while self.generation not in self.ended and _readable(self.control, deadline):
                self._hear()
        return _REASONS[self.ended.get(self.generation, "lost")]


class _Limit:
    """Until when an answer is waited for.

    A cell has processor seconds instead of a deadline. A cell that waits is interrupted when it has
    waited PATIENCE times as long; one that others on the machine leave little of the processors
    gets more time, until it has used its own.
    """

    def __init__(self, session, deadline, allowed=None):
        self.session, self.allowed = session, allowed
        if allowed is None:
            self.deadline = min(deadline, session.deadline)
        else:
            self.last = session.used()
            self.most = self.last + allowed
            self._begin()

    def _begin(self):
        self.began = time.monotonic()
        self.deadline = min(self.began + PATIENCE * self.allowed, self.session.deadline)

    def is_over(self) -> bool:
        """Whether the time is up, unless there is more of it."""
        return time.monotonic() >= self.deadline

    def extend(self) -> bool:
        """Give a cell more time if it has been kept from using what it has; whether it has some."""
        if self.allowed is None or time.monotonic() >= self.session.deadline:
            return False
        used = self.session.used()
        share = (used - self.last) / (time.monotonic() - self.began)
        self.last = used
        if used >= self.most or share < SHARE:
            return False
        self._begin()
        return True


class _Reasons(collections.UserDict):
    def __missing__(self, why):
        kind, _, number = why.partition(" ")
        if kind == "exit":
            return f"The process that ran this code ended itself (exit status {number})."
        return f"The process that ran this code was ended by signal {number}."


_REASONS = _Reasons(
    {
        "memory": "The code used more memory than a submission may.",
        "lost": "The process that ran this code is gone.",
        "signal 9": "The process that ran this code was killed (signal 9), perhaps for memory.",
        "signal 11": "The process that ran this code crashed (segmentation fault).",
    }
)


def _readable(sock, deadline):
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))
