"""The coordinator's handles to its processes: the zygote, and the workers forked from it."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any, cast

from nbjudge.engine.messages import (
    Clone,
    Failed,
    Job,
    Preparation,
    Ready,
    SandboxConfig,
    SetUp,
)
from nbjudge.errors import EngineError, IsolationError, JudgeDiedError, WireError
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.sandbox.launch import ALWAYS, start_zygote
from nbjudge.sandbox.messages import Refused
from nbjudge.wire.format import MAX_TRUSTED
from nbjudge.wire.framing import receive_message, send_message
from nbjudge.wire.messages import M, Message
from nbjudge.wire.outputs import ASK


@contextlib.contextmanager
def _asking(name: str) -> Iterator[None]:
    """Raise an EngineError that names the process if the process is lost while the block runs."""
    try:
        yield
    except (EOFError, OSError, WireError) as error:
        raise EngineError(f"the {name} ended: {error}") from None


def _ask(name: str, connection: socket.socket, question: Message, *expected: type[M]) -> M:
    """Send a message to the named process and return its answer.

    Raises
    ------
    EngineError
        If the process failed or is gone.
    IsolationError
        If the process reports that the sandbox could not be created.
    """
    with _asking(name):
        send_message(connection, question, limit=MAX_TRUSTED)
        return _receive(connection, *expected)


def _receive(connection: socket.socket, *expected: type[M]) -> M:
    anything: tuple[type[Any], ...] = (*expected, Refused, Failed)
    answer: Any = receive_message(connection, *anything, limit=MAX_TRUSTED)
    if isinstance(answer, Refused):
        raise IsolationError(answer.reason)
    if isinstance(answer, Failed):
        raise (JudgeDiedError if answer.judge_died else EngineError)(answer.reason)
    return cast(M, answer)


def _hang_up(connection: socket.socket) -> None:
    """Close a socket, and wake a thread that may be waiting for data from it."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


class ZygoteProcess:
    """The process from which workers are forked.

    Its socket carries one request at a time; `lock` serializes callers. The engine's lock guards
    `config` and `modules`.

    Parameters
    ----------
    environment
        Environment variables to add to, or override in, the environment of the judges.
    started
        Process and socket from `start_zygote`; by default, a process is started.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        started: tuple[subprocess.Popen[bytes], socket.socket] | None = None,
    ) -> None:
        self.environment = environment
        self.process, self.connection = started or start_zygote()
        self.lock = threading.Lock()
        self.config: SandboxConfig | None = None  # set when the first job arrives
        self.modules: dict[str, str] = {}  # course modules it may have imported: {name: hash}
        self.is_set_up = False
        self.folder = ""  # its temporary files, removed here because it may be killed
        self.keys: set[str] = set()  # keys of the notebooks that it has prepared

    def suits(self, config: SandboxConfig, modules: dict[str, str]) -> bool:
        """True if the zygote has this sandbox config and no other version of these modules."""
        return self.config == config and all(
            self.modules.get(name, version) == version for name, version in modules.items()
        )

    def worker(self, preparation: Preparation) -> "WorkerProcess":
        """Fork a worker that knows an assignment's notebook."""
        with self.lock:
            if not self.is_set_up:
                assert self.config is not None
                # Whoever has exported it would get keys in the graded notebooks.
                inherited = {name: v for name, v in os.environ.items() if name != ASK}
                environment = {**inherited, **ALWAYS, **self.environment}
                self.folder = self.folder or tempfile.mkdtemp(prefix="nbjudge-")
                set_up = SetUp(self.config, environment, self.folder)
                _ask("zygote", self.connection, set_up, Ready)
                self.is_set_up = True
            _ask("zygote", self.connection, preparation, Ready)
            self.keys.add(preparation.key)
            return WorkerProcess(self._clone(), self, frozenset(self.keys))

    def _clone(self) -> socket.socket:
        ours, other_end = socket.socketpair()
        try:
            with _asking("zygote"):
                send_message(self.connection, Clone())
                socket.send_fds(self.connection, [b"."], [other_end.fileno()])
                _receive(self.connection, Ready)
        except BaseException:
            ours.close()
            raise
        finally:
            other_end.close()
        return ours

    def has_ended(self) -> bool:
        """True if the process has ended."""
        return self.process.poll() is not None

    def stop(self) -> None:
        """End the process with all its descendants, and remove its folder."""
        _hang_up(self.connection)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.folder:
            _remove(self.folder)


def _remove(folder: str) -> None:
    """Remove a folder whose last writers may still be ending, so that one pass may not suffice."""
    deadline = time.monotonic() + 10
    shutil.rmtree(folder, ignore_errors=True)
    while os.path.isdir(folder) and time.monotonic() < deadline:
        time.sleep(0.002)
        shutil.rmtree(folder, ignore_errors=True)


class WorkerProcess:
    """The coordinator's handle to a worker.

    Parameters
    ----------
    keys
        Keys of the notebooks that the worker knows.
    """

    def __init__(self, connection: socket.socket, zygote: ZygoteProcess, keys: frozenset[str]):
        self.connection, self.zygote, self.keys = connection, zygote, keys

    def request(self, job: Job) -> Graded | Unreadable:
        """Return the worker's answer to a job.

        Raises
        ------
        EngineError
            If the worker failed.
        IsolationError
            If the sandbox could not be created.
        """
        answer = _ask("worker", self.connection, job.submission, Graded, Unreadable)
        assert isinstance(answer, Graded | Unreadable)
        return answer

    def stop(self) -> None:
        """End the worker by closing its socket."""
        _hang_up(self.connection)
