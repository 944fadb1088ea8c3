"""The sandboxed side of a session: runs cells and calls functions at the judge's request.

Each request is one frame and is answered by one frame. While a student's function runs, it may call
functions in the judge, with one frame in each direction per call.
"""

import builtins
import contextlib
import copy
import dataclasses
import dis
import inspect
import os
import random
import signal
import socket
import sys
import time
import traceback
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.random  # loaded lazily, so without this line every session would load it

from nbjudge.errors import WireError
from nbjudge.guest.causes import cause_of
from nbjudge.guest.tracebacks import is_ours, without_folders
from nbjudge.wire import requests
from nbjudge.wire.content import is_a
from nbjudge.wire.encoding import Refer
from nbjudge.wire.format import PLAIN_TYPES, Ref
from nbjudge.wire.framing import receive_message, send_message
from nbjudge.wire.messages import Message
from nbjudge.wire.requests import (
    TOO_LARGE,
    CallBack,
    CallBackRaised,
    CallBackReturned,
    Cause,
    CellRan,
    Done,
    ErrorReport,
    Found,
    NotFound,
    NotWritten,
    Raised,
    Request,
    Returned,
)
from nbjudge.wire.values import Kept, assign, digest, mutable_parts, snapshot

if TYPE_CHECKING:
    from nbjudge.guest.shell import Shell

MAX_TEXT = 5000


# Python 3.14 evaluates annotations lazily, and they may contain undefined names.
_AS_TEXT: dict[str, Any] = {}
if sys.version_info >= (3, 14):
    from annotationlib import Format

    _AS_TEXT["annotation_format"] = Format.STRING


def _signature(function: Callable[..., Any]) -> list[list[object]]:
    """Return the parameters of a function: [[name, kind, [default] or []], ...]."""
    missing = inspect.Parameter.empty
    return [
        [p.name, int(p.kind), [] if p.default is missing else [p.default]]
        for p in inspect.signature(function, **_AS_TEXT).parameters.values()
    ]


def _source(function: Callable[..., Any]) -> tuple[str, int]:
    """Return a function's source and the number of its first line.

    Raise ValueError if the function can keep state between calls.
    """
    plain = inspect.unwrap(function)
    lines, first = inspect.getsourcelines(plain)
    code, space = plain.__code__, plain.__globals__
    values = [*(space.get(name) for name in code.co_names), *(plain.__defaults__ or ())]
    stores = any(step.opname == "STORE_GLOBAL" for step in dis.get_instructions(code))
    if (
        stores
        or plain.__closure__
        or any(isinstance(v, list | dict | set | np.ndarray) for v in values)
    ):
        raise ValueError("the function can keep values for later calls")
    return "".join(lines), first


def _with_source(function: Callable[..., Any], text: str) -> Any:
    """Run a source in the namespace of a function; return the last value it defines.

    A class has no namespace: its source is run in a new one.
    """
    definitions: dict[str, Any] = {}
    namespace = getattr(inspect.unwrap(function), "__globals__", {})
    exec(compile(text, "<variant>", "exec"), namespace, definitions)
    return definitions.popitem()[1]


OPERATIONS: dict[str, Callable[..., Any]] = {
    "get": getattr,
    "set": setattr,
    "len": len,
    "item": lambda value, key: value[key],
    "contains": lambda value, item: item in value,
    "list": list,
    "dir": dir,
    "text": str,
    "repr": repr,
    "isinstance": lambda kind, value: isinstance(value, kind),
    "issubclass": issubclass,
    "signature": _signature,
    "source": _source,
    "with_source": _with_source,
}


class _JudgeFunction:
    """Stand-in for a function in the judge, as the student's code sees it."""

    def __init__(self, interpreter: "Interpreter", number: int, name: str):
        self._interpreter, self._number = interpreter, number
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._interpreter.call_judge(self._number, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        own = vars(self).get("__name__", "this function")  # not set yet in a copy
        text = f"{own} of the test can only be called; its attribute {name} cannot be read"
        raise AttributeError(text, name=name, obj=self)


_JudgeFunction.__name__ = "test's"  # shown in Python's messages


@contextlib.contextmanager
def interrupted_by_signal() -> Iterator[None]:
    """Raise KeyboardInterrupt on SIGINT while the block runs, if it runs in the main thread."""
    try:
        handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    except ValueError:  # only the main thread may handle signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


class Interpreter:
    """One notebook's session: a shell, a connection to the judge, and objects the judge can use.

    Parameters
    ----------
    answering
        Factory of the context manager in which a request is answered, and cells and functions run.
        A KeyboardInterrupt can arrive only inside that context.
    """

    def __init__(
        self,
        shell: "Shell",
        connection: socket.socket,
        answering: Callable[[], AbstractContextManager[None]] = interrupted_by_signal,
    ):
        self.shell, self.connection, self.answering = shell, connection, answering
        self.objects: list[Any] = []  # the student's objects; their Refs hold the indices
        self.kept = Kept(assign)  # arguments and results of the latest calls
        self.functions: dict[int, _JudgeFunction] = {}
        self.number = 0  # number of the request that is being answered
        self.draw = True  # True to draw figures that called functions show
        self.pid = self.shell.pid = os.getpid()
        self.does: dict[type[Request], Callable[[Any], Message]] = {
            requests.Begin: self.begin,
            requests.WriteFile: self.write_file,
            requests.RunCell: self.run_cell,
            requests.TakeValues: self.take_values,
            requests.LookUp: self.look_up,
            requests.Call: self.call,
            requests.Apply: self.apply,
        }

    def serve(self) -> None:
        """Answer requests until the judge closes the connection."""
        while True:
            try:
                request = self._receive()
            except EOFError:
                return
            if isinstance(request, Request):  # otherwise the answer to a forged CallBack
                self._obey(request)

    def _receive(self) -> Message:
        expected = (*requests.REQUESTS, CallBackReturned, CallBackRaised)
        return receive_message(self.connection, *expected, resolve=self._resolve)

    def _obey(self, request: Request) -> None:
        known = mutable_parts(getattr(request, "args", ()), getattr(request, "kwargs", {}))
        outer, self.number = self.number, request.number
        try:
            with self.answering():
                answer = self.does[type(request)](request)
        except KeyboardInterrupt as error:  # arrived just before or after the cell or function
            answer = Raised(self._describe(error), self.shell.take_outputs(), [])
        if os.getpid() != self.pid:  # a process that the student's code forked and did not end
            os._exit(0)
        try:
            self._send(answer, self._refer, known)
        except WireError as error:
            report = self._describe(ValueError(str(error)))
            report = dataclasses.replace(report, cause=Cause(TOO_LARGE))
            self._send(Raised(report, getattr(answer, "outputs", []), []))
        self.number = outer

    def _send(
        self, message: Message, refer: Refer | None = None, known: Sequence[Any] = ()
    ) -> None:
        send_message(self.connection, message, refer=refer, known=known, number=self.number)

    def write_file(self, request: requests.WriteFile) -> Done | NotWritten:
        """Write a file to the working folder, or report why that failed."""
        try:
            os.makedirs(os.path.dirname(request.name) or ".", exist_ok=True)
            with open(request.name, "wb") as file:
                file.write(request.content)
        except OSError as error:
            return NotWritten(error.strerror or str(error))
        return Done()

    def begin(self, request: requests.Begin) -> Done:
        """Make the working folder importable, seed random numbers, set whether to draw figures."""
        sys.path.insert(0, "")
        self.shell.draw = self.draw = request.draw
        random.seed(request.seed)
        np.random.seed(request.seed % 2**32)
        return Done()

    def run_cell(self, request: requests.RunCell) -> CellRan:
        """Run a cell, and list the names whose values do not match the judge's digests."""
        self.shell.draw = request.draw
        self.shell.dropped = [] if request.is_students else None
        with _time_limit(request.seconds) as limit:
            success, outputs = self.shell.run(request.source)
        self.shell.draw = self.draw
        error, dropped = self.shell.last_error, self.shell.dropped or []
        self.shell.dropped = None
        space, names = self.shell.user_ns, request.digests
        others = [n for n, d in names.items() if n not in space or digest(space[n]) != d]
        cause = cause_of(error) if error else None
        return CellRan(success, outputs, others, limit.is_up, cause, dropped)

    def take_values(self, request: requests.TakeValues) -> Done:
        """Assign the judge's values to names."""
        self.shell.user_ns.update(request.values)
        return Done()

    def look_up(self, request: requests.LookUp) -> Found | NotFound:
        """Return the value of a name."""
        space = self.shell.user_ns
        if request.name not in space:
            return NotFound()
        value = space[request.name]
        is_exception = is_a(value, type) and issubclass(value, BaseException)
        return Found(value, _classes(value) if is_exception else None)

    def call(self, request: requests.Call) -> Returned | Raised:
        """Call a function; report its result and the objects that the call changed.

        These objects are its arguments, and the arguments and results of the latest calls.
        """
        self.kept.take(request.earlier)
        leaves = mutable_parts(request.args, request.kwargs)
        snapshots = [snapshot(leaf) for leaf in leaves]
        if request.random_state:
            _set_random_state(request.random_state)
        bound = _Bound(self.shell.user_ns, request.names, request.without)
        with _time_limit(request.seconds) as limit:
            answer = self._attempt(request.function, request.args, request.kwargs, bound)
        changed = [
            (index, _copy(leaf))
            for index, (old, leaf) in enumerate(zip(snapshots, leaves, strict=True))
            if old != snapshot(leaf)
        ]
        answer = self._with_earlier(request, answer)
        return dataclasses.replace(answer, changed=changed, too_long=limit.is_up)

    def _with_earlier(
        self, request: requests.Call | requests.Apply, answer: Returned | Raised
    ) -> Returned | Raised:
        """Report the changes to values of earlier calls, and keep those of this one."""
        answer = dataclasses.replace(answer, earlier=self.kept.changes())
        self.kept.keep_call(request, answer)
        return answer

    def apply(self, request: requests.Apply) -> Returned | Raised:
        """Apply an operation other than a call to an object."""
        self.kept.take(request.earlier)
        operation = OPERATIONS[request.operation]
        answer = self._attempt(operation, request.args, {}, contextlib.nullcontext())
        return self._with_earlier(request, answer)

    def _attempt(
        self,
        function: Any,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        bound: AbstractContextManager[None],
    ) -> Returned | Raised:
        value = report = None
        self.shell.outputs.clear()
        with self.shell.redirected(), bound:
            try:
                value = function(*args, **kwargs)
            except BaseException as error:
                report = self._describe(error)
            self.shell.events.trigger("post_execute")
        outputs = self.shell.take_outputs()
        return Returned(value, outputs, []) if report is None else Raised(report, outputs, [])

    def call_judge(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function in the judge on behalf of student code."""
        self._send(CallBack(number, list(args), kwargs), self._refer)
        answer = self._receive()
        while isinstance(answer, Request):  # the judge's function may call the student's code
            self._obey(answer)
            answer = self._receive()
        if isinstance(answer, CallBackRaised):
            kind = getattr(builtins, answer.type_name, None)
            kind = kind if isinstance(kind, type) and issubclass(kind, Exception) else RuntimeError
            raise kind(answer.text)
        assert isinstance(answer, CallBackReturned)
        return answer.value

    def _refer(self, value: Any) -> Ref:
        if is_a(value, _JudgeFunction):
            return Ref(value._number, value.__name__, "judge")
        if any(value is kind for kind in PLAIN_TYPES.values()):
            return Ref(0, value.__name__, "type")
        self.objects.append(value)
        return Ref(len(self.objects) - 1, type(value).__name__, _kind(value))

    def _resolve(self, ref: Ref) -> Any:
        if ref.kind in ("builtin", "numpy"):
            return getattr(builtins if ref.kind == "builtin" else np, ref.type_name)
        if ref.kind == "plain":  # the test's own object, which is judged as its plain value
            return None
        if ref.kind != "judge":
            return self.objects[ref.number]
        if ref.number not in self.functions:
            self.functions[ref.number] = _JudgeFunction(self, ref.number, ref.type_name)
        return self.functions[ref.number]

    def _describe(self, error: BaseException) -> ErrorReport:
        """Describe an exception by its classes, text and traceback.

        The exception itself is included if the student defined its class.
        """
        kind = type(error)
        try:
            text = without_folders(str(error)[:MAX_TEXT])
        except BaseException:
            text = f"<{kind.__name__} whose message cannot be converted to text>"
        frames = traceback.extract_tb(error.__traceback__, limit=50)
        lines = [
            (frame.filename, frame.lineno or 0, frame.name, frame.line or "")
            for frame in frames
            if not is_ours(frame.filename)
        ]
        student_error = error if kind.__module__ == "__main__" else None
        return ErrorReport(_classes(kind), text, lines, student_error, cause_of(error))


class _time_limit:
    """Interrupt the block, as Ctrl-C does, once it has used up its processor time.

    Time spent waiting, or preempted by other processes, does not count; the judge limits that. With
    0 seconds, only the limit of an enclosing block applies.

    Parameters
    ----------
    seconds
        Limit of the processor time in seconds.
    """

    def __init__(self, seconds: float):
        self.seconds, self.is_up = seconds, False
        self.before: Callable[[int, types.FrameType | None], Any] | int | None = None

    def __enter__(self) -> "_time_limit":
        if self.seconds:
            with contextlib.suppress(ValueError):  # raised outside the main thread
                self.before = signal.signal(signal.SIGPROF, self._stop)
                self.began = time.process_time()
                # Repeat every second, in case the code catches the KeyboardInterrupt.
                self.outer = signal.setitimer(signal.ITIMER_PROF, self.seconds, 1.0)
        return self

    def _stop(self, *_: object) -> None:
        self.is_up = True
        raise KeyboardInterrupt

    def __exit__(self, *_: object) -> None:
        if self.before is not None:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, self.before)
            left, interval = self.outer
            if left:
                left = max(left - (time.process_time() - self.began), 1e-3)
                signal.setitimer(signal.ITIMER_PROF, left, interval)


class _Bound:
    """Context manager that binds and removes names of a namespace while a call runs."""

    def __init__(self, space: dict[str, Any], names: dict[str, Any], without: list[str]):
        self.space, self.names, self.without = space, names, without

    def __enter__(self) -> None:
        touched = [*self.names, *self.without]
        self.before = {name: self.space[name] for name in touched if name in self.space}
        for name in self.without:
            self.space.pop(name, None)
        self.space.update(self.names)

    def __exit__(self, *_: object) -> None:
        for name in self.names:
            self.space.pop(name, None)
        self.space.update(self.before)


def _classes(kind: type) -> list[tuple[str, str]]:
    """Return the module and name of a class and of each base class."""
    return [(str(base.__module__), base.__name__) for base in kind.__mro__ if base is not object]


def _kind(value: Any) -> str:
    if is_a(value, (Iterator, types.CoroutineType)):
        return "iterator"
    if is_a(value, type):
        return "class"
    if is_a(value, types.ModuleType):
        return "module"
    return "function" if callable(value) else "object"


def _copy(leaf: Any) -> Any:
    """Copy a changed argument, so that it is sent by value and not as a known object."""
    return np.array(leaf) if isinstance(leaf, np.ndarray) else copy.copy(leaf)


def _set_random_state(state: Any) -> None:
    version, numbers, gauss = state["random"]
    random.setstate((version, tuple(numbers), gauss))
    np.random.set_state(state["numpy"])


def serve(shell: "Shell", connection: socket.socket) -> None:
    """Serve one session on a connected socket until the judge closes it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # handled only while a request is answered
    shell.capture_descriptors()
    Interpreter(shell, connection).serve()
