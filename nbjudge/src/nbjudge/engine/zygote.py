"""The zygote: the trusted, warm process from which workers are forked. It judges nothing itself.

It communicates over one socket. Before it receives any data it forks a fork server, and each worker
later gets a clone of that fork server.
"""

import contextlib
import gc
import importlib
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
import warnings
from typing import NoReturn

from nbjudge.engine.fork_servers import (
    await_isolation,
    fork_first_server,
    isolate,
    living_fork_server,
)
from nbjudge.engine.messages import Clone, Failed, Preparation, Ready, SandboxConfig, SetUp
from nbjudge.engine.worker import Worker
from nbjudge.errors import IsolationError
from nbjudge.files import write_files
from nbjudge.guest.shell import make_shell
from nbjudge.judging.namespace import JudgeShell
from nbjudge.judging.prepare import Prepared, prepare
from nbjudge.judging.random_state import watch_seeding
from nbjudge.notebook.static_names import imported_modules
from nbjudge.sandbox import control_socket, fork_server, linux
from nbjudge.sandbox.messages import CloneServer, LoadModules, Refused
from nbjudge.wire.format import MAX_TRUSTED
from nbjudge.wire.framing import receive_message, send_message
from nbjudge.wire.messages import Message


class Zygote:
    """Prepares assignments and forks workers; it judges nothing itself.

    Parameters
    ----------
    connection
        Socket to the coordinator.
    fork_server
        Process id of the first fork server.
    control
        Control socket of the first fork server.
    """

    def __init__(self, connection: socket.socket, fork_server: int, control: socket.socket):
        self.connection, self.fork_server, self.control = connection, fork_server, control
        watch_seeding()
        warnings.formatwarning = _without_source
        self.shell = make_shell(1000, JudgeShell)
        self.config: SandboxConfig | None = None
        self.prepared: dict[str, Prepared] = {}  # prepared notebooks by key
        self.loaded: list[str] = []  # modules imported by notebooks
        self.folder: str | None = None  # for temporary files
        self.workers: list[int] = []  # process ids
        self.started = 0  # number of workers so far, including those that have ended
        self.isolated = False  # whether the fork server has confirmed its isolation
        self.refusal: IsolationError | None = None  # reason why it has not

    def serve(self) -> None:
        """Answer requests until the connection is closed."""
        while True:
            try:
                expected = (SetUp, Preparation, Clone)
                request = receive_message(self.connection, *expected, limit=MAX_TRUSTED)
            except (EOFError, OSError):
                return
            answer: Message = Ready()
            try:
                self.obey(request)
            except IsolationError as error:
                answer = Refused(str(error))
            except OSError as error:  # no process or disk space left, so retrying is useless
                answer = Refused(f"cannot start a worker: {error}")
            except Exception:
                answer = Failed(traceback.format_exc())
            send_message(self.connection, answer, limit=MAX_TRUSTED)

    def obey(self, request: Message) -> None:
        """Execute a request."""
        match request:
            case SetUp():
                self.set_up(request)
            case Preparation():
                self.prepare(request)
            case Clone():
                self.clone()

    def set_up(self, request: SetUp) -> None:
        """Send the fork server its isolation, and adopt the coordinator's environment."""
        self.config = request.config
        os.environ.clear()
        os.environ.update(request.environment)
        sys.path[:0] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
        self.folder = request.folder
        self.shell.outputs.limit = self.config.output_size
        isolate(self.control, self.config, [])

    def prepare(self, request: Preparation) -> None:
        """Run the parts of a notebook that do not depend on a submission."""
        if request.key in self.prepared:
            return
        assert self.folder is not None  # set by set_up
        folder = tempfile.mkdtemp(dir=self.folder)
        write_files(folder, request.files)
        self.load(request)
        os.chdir(folder)
        sys.path.insert(0, folder)
        self.shell.draw = False  # these outputs are discarded
        try:
            prepared = prepare(request.spec, self.shell)
        finally:
            self.shell.draw = True
            sys.path.remove(folder)
            os.chdir("/")
        prepared.folder, prepared.files = folder, request.files
        prepared.readable = request.readable
        self.prepared[request.key] = prepared
        gc.collect()
        gc.freeze()

    def load(self, request: Preparation) -> None:
        """Import the modules that the notebook's cells import, here and in the fork server.

        A file next to the notebook comes before an installed module of the same name.
        """
        texts = [cell.solved for cell in request.spec.cells if cell.cell_type == "code"]
        beside = {name.partition("/")[0].removesuffix(".py") for name in request.files}
        names = [
            name
            for name in imported_modules(texts)
            if name not in self.loaded and name.partition(".")[0] not in beside
        ]
        for name in names:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        self.loaded += names
        assert self.config is not None
        try:
            control_socket.send(self.control, LoadModules(tuple(names)))
        except OSError:
            self._await_isolation()  # otherwise it was killed since, and the next clone replaces it

    def clone(self) -> None:
        """Fork a worker that communicates over the socket sent next, with its own fork server."""
        _, descriptors, _, _ = socket.recv_fds(self.connection, 1, 1)
        connection = socket.socket(fileno=descriptors[0])
        control = self._clone_fork_server()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                linux.die_with_parent()
                linux.set_process_name("nbj-worker")
                self.connection.close()
                self.control.close()
                Worker(connection, control, self).serve()
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        connection.close()
        control.close()
        running = [worker for worker in self.workers if os.waitpid(worker, os.WNOHANG) == (0, 0)]
        self.workers = [*running, pid]

    def _clone_fork_server(self) -> socket.socket:
        """Return the control socket of a clone of the fork server."""
        assert self.config is not None
        self._await_isolation()
        self.control = living_fork_server(self.control, self.config, self.loaded)
        control, other_end = control_socket.pair()
        self.started += 1
        control_socket.send(self.control, CloneServer(self.started), other_end.fileno())
        other_end.close()
        return control

    def _await_isolation(self) -> None:
        """Wait until the first fork server is isolated.

        Raises
        ------
        IsolationError
            If the fork server cannot be isolated; every caller gets the same reason.
        """
        assert self.config is not None
        if self.refusal:
            raise self.refusal
        if not self.isolated:
            try:
                await_isolation(self.control, self.config)
            except IsolationError as error:
                self.refusal = error
                raise
            self.isolated = True

    def close(self) -> None:
        """End the fork server and the workers, and remove the temporary files."""
        self.control.close()
        for pid in self.workers:  # they end because the coordinator has closed their sockets
            os.waitpid(pid, 0)
        deadline = time.monotonic() + 5
        while os.waitpid(self.fork_server, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(self.fork_server, signal.SIGKILL)
            time.sleep(0.002)
        if self.folder:  # in case the coordinator is gone and cannot remove the folder
            shutil.rmtree(self.folder, ignore_errors=True)


def _without_source(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    line: str | None = None,
) -> str:
    """Format a warning without its source line, which may belong to a hidden test."""
    return f"{category.__name__}: {message}\n"


def main() -> NoReturn:
    """Run a zygote; the only argument is the descriptor of its socket."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    linux.set_process_name("nbj-zygote")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # only the coordinator ends it
    fork_server.load_common()
    zygote = Zygote(connection, *fork_first_server(connection))
    try:
        zygote.serve()
    finally:
        zygote.close()
        os._exit(0)  # skip the slow cleanup of the interpreter
