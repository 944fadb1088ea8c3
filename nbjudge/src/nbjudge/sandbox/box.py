"""The box: functions that read student content, in processes with limits on resources and files.

Notebooks, e-mails and code of students are parsed and rendered by libraries that may be slow, or
wrong, for some content. No command does so in its own process. A box starts one process that loads
the code and reads nothing; forks of it, the readers, call one function after another. A reader can
read Python's modules, but no other file, and write none. The kernel ends it at its limit of
processor time, which does not depend on the load of the machine.

The functions are those of nbjudge. Their arguments and their value are checked against their
annotations, as the fields of messages are: a reader may be under the control of a student.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import mmap
import os
import select
import signal
import socket
import sys
import threading
import time
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from nbjudge.errors import BoxError, EngineClosedError, WireError
from nbjudge.sandbox import control_socket, linux
from nbjudge.sandbox.confining import confine
from nbjudge.sandbox.launch import start
from nbjudge.sandbox.processes import limit_memory
from nbjudge.wire.format import MAX_CONFINED, MAX_TRUSTED
from nbjudge.wire.framing import readable, receive_message, send_message
from nbjudge.wire.messages import Message, read_value, write_value

SECONDS = 60.0  # limit of processor time for one call, about a hundred times the usual time
MEMORY = 1 << 30  # limit in bytes of what a reader uses in addition
MOST_KEPT = MEMORY // 8  # bytes that a reader may keep for its next call, such as cached texts
WAITING = 60.0  # seconds of an idle machine in which a reader that waits for nothing must answer
SENDING = 600.0  # seconds in which an answer must arrive once it has begun
LIMITS = f"the limits of {{:g}} s of processor time and {MEMORY >> 20:,} MB of memory"
V = TypeVar("V")


@dataclass(frozen=True)
class ForkReader(Message):
    """To the first process: fork a reader, which communicates over the attached socket.

    Attributes
    ----------
    module
        Module to load before the fork.
    hidden
        Folders below Python's that the reader cannot read.
    """

    module: str
    hidden: tuple[str, ...]


@dataclass(frozen=True)
class Call(Message):
    """To a reader: call a function of a module of nbjudge."""

    module: str
    name: str
    arguments: tuple[object, ...]
    seconds: float


@dataclass(frozen=True)
class Returned(Message):
    """The function returned a value.

    Attributes
    ----------
    is_last
        True if the reader serves no other call, which would have less memory.
    """

    value: object
    is_last: bool


@dataclass(frozen=True)
class Raised(Message):
    """The function raised an exception; its type and message."""

    reason: str


class Box:
    """Calls functions in readers; any number of threads may do so at the same time.

    Parameters
    ----------
    hidden
        Folders below Python's that readers cannot read.
    loads
        Module that the first process loads before it forks a reader; by default that of the called
        function.
    """

    def __init__(self, hidden: Iterable[str] = (), loads: str = "") -> None:
        self.hidden, self.loads = tuple(hidden), loads
        self.process: Any = None  # the first process, and its control socket
        self.control: socket.socket | None = None
        self.lock = threading.Lock()  # guards all of these; never held during a call
        self.idle: list[socket.socket] = []
        self.busy: set[socket.socket] = set()
        self.is_closed = False

    def __enter__(self) -> "Box":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm_up(self) -> None:
        """Start a reader that has loaded the module `loads`, without waiting for it.

        If it cannot be started, the first call reports that.
        """
        with self.lock, contextlib.suppress(OSError):
            if not (self.is_closed or self.process):
                self.idle.append(self._fork(self.loads))

    def call(self, function: Callable[..., V], *arguments: Any, seconds: float = SECONDS) -> V:
        """Return the value of a module's function for some arguments, called in a reader.

        Parameters
        ----------
        seconds
            Limit of the call's processor time.

        Raises
        ------
        BoxError
            If the call exceeds a limit, raises an exception, or returns a value that is too large.
        EngineClosedError
            If the box is closed, even during the call.
        """
        kinds, kind = _annotations(function)
        values = tuple(map(write_value, kinds, arguments))
        call = Call(function.__module__, function.__name__, values, seconds)
        with self._reader(self.loads or function.__module__) as reader:
            try:
                send_message(reader, call, limit=MAX_TRUSTED)
                _await(reader, seconds)
                answer = receive_message(_Answer(reader), Returned, Raised, limit=MAX_CONFINED)
                if isinstance(answer, Returned):
                    if answer.is_last:
                        reader.shutdown(socket.SHUT_RDWR)
                    return typing.cast(V, read_value(kind, answer.value, function.__name__))
            except (EOFError, OSError):
                if self.is_closed:
                    raise EngineClosedError("the box is closed") from None
                raise BoxError(f"it exceeds {LIMITS.format(seconds)}") from None
            except WireError as error:
                raise BoxError(str(error)) from None
        assert isinstance(answer, Raised)
        raise BoxError(answer.reason)

    def close(self) -> None:
        """End all processes; calls that wait for one raise an EngineClosedError."""
        with self.lock:
            self.is_closed = True
            readers, self.idle = [*self.idle, *self.busy], []
            if self.control:
                readers.append(self.control)
                self.control = None
        for reader in readers:
            with contextlib.suppress(OSError):
                reader.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits for it
            reader.close()
        if self.process:
            self.process.kill()
            self.process.wait()

    def processes(self) -> list[int]:
        """Return the id of the process from which the readers are forked, if it has started."""
        return [self.process.pid] if self.process else []

    @contextlib.contextmanager
    def _reader(self, module: str) -> Iterator[socket.socket]:
        """Yield the socket of a reader; a reader that has failed ends."""
        with self.lock:
            if self.is_closed:
                raise EngineClosedError("the box is closed")
            while self.idle and _is_gone(self.idle[-1]):
                self.idle.pop().close()
            reader = self.idle.pop() if self.idle else self._fork(module)
            self.busy.add(reader)
        failed = True
        try:
            yield reader
            failed = False
        finally:
            with self.lock:
                self.busy.discard(reader)
                failed = failed or self.is_closed
                if not failed:
                    self.idle.append(reader)
            if failed:
                reader.close()

    def _fork(self, module: str) -> socket.socket:
        """Return the socket of a new reader; start the first process if there is none."""
        if self.control and control_socket.is_gone(self.control):
            self.control.close()
            self.process.wait()
            self.control = None
        if self.control is None:
            control, other_end = control_socket.pair()
            with other_end, contextlib.ExitStack() as unstarted:
                unstarted.enter_context(control)
                self.process = start("sandbox.box", other_end)
                unstarted.pop_all()
            self.control = control
        ours, other_end = socket.socketpair()
        ours.settimeout(SENDING)
        with other_end:
            request = ForkReader(module, self.hidden)
            control_socket.send(self.control, request, other_end.fileno())
        return ours


def call_in_box(function: Callable[..., V], *arguments: Any, seconds: float = SECONDS) -> V:
    """Call a function in the box that this process shares; see `Box.call`."""
    return _shared_box(os.getpid()).call(function, *arguments, seconds=seconds)


@functools.cache
def _shared_box(process: int) -> Box:  # a fork has its own
    box = Box()
    atexit.register(box.close)
    return box


class _Answer:
    """Receives an answer from a reader, which may send it slowly on purpose."""

    def __init__(self, reader: socket.socket) -> None:
        self.reader, self.end = reader, time.monotonic() + SENDING

    def recv(self, size: int, /) -> bytes:
        """Receive at most `size` bytes.

        Raises
        ------
        TimeoutError
            If the answer takes too long.
        """
        if time.monotonic() > self.end:
            raise TimeoutError
        return self.reader.recv(size)


def _await(reader: socket.socket, seconds: float) -> None:
    """Wait for an answer, the longer the more processes share the processors.

    Raises
    ------
    TimeoutError
        If the reader neither answers nor uses its processor time.
    """
    begin, processors = time.monotonic(), os.cpu_count() or 1
    while not readable(reader, time.monotonic() + 1):
        load = max(1.0, os.getloadavg()[0] / processors)
        if time.monotonic() - begin > (seconds + WAITING) * load * 2:
            raise TimeoutError


def _is_gone(reader: socket.socket) -> bool:
    """True if the other end of an idle reader's socket is closed."""
    return readable(reader, 0)


@functools.cache
def _annotations(function: Callable[..., Any]) -> tuple[Sequence[Any], Any]:
    """Return the types of a function's parameters and of its value."""
    hints = typing.get_type_hints(function)
    kind = hints.pop("return")
    return tuple(hints.values()), kind


def _serve(connection: socket.socket) -> None:
    """Call functions until the socket is closed."""
    while True:
        try:
            call = receive_message(connection, Call, limit=MAX_TRUSTED)
        except (EOFError, OSError):
            return
        signal.setitimer(signal.ITIMER_PROF, call.seconds)  # the kernel then ends this process
        answer: Message
        try:
            value = _value(call)
            answer = Returned(value, not _has_memory())
        except MemoryError:
            return  # little works without memory
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            answer = Raised(text.encode("utf-8", "replace").decode()[:1000])
        signal.setitimer(signal.ITIMER_PROF, 0)
        try:
            send_message(connection, answer, limit=MAX_CONFINED)
        except (WireError, ValueError) as error:  # nothing was sent
            send_message(connection, Raised(str(error)), limit=MAX_CONFINED)


def _value(call: Call) -> object:
    function = getattr(importlib.import_module(call.module), call.name)
    kinds, kind = _annotations(function)
    arguments = map(read_value, kinds, call.arguments, [call.name] * len(kinds))
    return write_value(kind, function(*arguments))


def _has_memory() -> bool:
    """True if the next call can use its memory, whatever this reader has kept."""
    try:
        mmap.mmap(-1, MEMORY - MOST_KEPT, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except OSError:
        return False
    return True


def _be_reader(request: ForkReader, connection: socket.socket) -> NoReturn:
    """Call functions in the forked process; never returns."""
    try:
        linux.die_with_parent()
        linux.set_process_name("nbj-reader")
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        threading.Thread(target=_exit_after, args=[connection], daemon=True).start()
        limit_memory(MEMORY)
        confine(request.hidden, (), ())
        _serve(connection)
    finally:
        os._exit(0)


def _exit_after(connection: socket.socket) -> NoReturn:
    """End this process once nobody waits for its answer."""
    poll = select.poll()
    poll.register(connection, 0)  # reports only that the socket is closed
    poll.poll()
    os._exit(0)


def main() -> None:
    """Run the first process of a box; the only argument is the descriptor of its control socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    linux.set_process_name("nbj-box")
    for number in (signal.SIGINT, signal.SIGTERM):  # only the coordinator ends it
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombies
    while True:
        request, descriptors = control_socket.receive(control, ForkReader)
        if request is None:
            return
        with socket.socket(fileno=descriptors[0]) as connection:
            importlib.import_module(request.module)
            gc.collect()
            gc.freeze()
            if os.fork() == 0:
                control.close()
                _be_reader(request, connection)
