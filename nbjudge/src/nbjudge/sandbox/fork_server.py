"""The fork server: a warm, isolated process that forks sessions, one at a time.

It loads NumPy, IPython and matplotlib once, so that a fork has them within a few milliseconds. It
receives commands over a socket from the zygote, a worker, or the judge that the worker forked, and
exits when all processes have closed the other end of that socket. `messages.py` lists the commands.
"""

import contextlib
import dataclasses
import gc
import importlib
import io
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from nbjudge.files import read_folder, remove_folder, size_of_folder
from nbjudge.guest import interpreter
from nbjudge.guest.shell import Shell, make_shell
from nbjudge.sandbox import control_socket, linux
from nbjudge.sandbox.cgroup import Groups
from nbjudge.sandbox.launch import KEPT, LIBRARIES, PATH, loading
from nbjudge.sandbox.levels import Level
from nbjudge.sandbox.messages import (
    COMMANDS,
    CloneServer,
    InterruptSession,
    Isolate,
    Isolated,
    LoadModules,
    MeasureSession,
    Refused,
    SessionEnded,
    SessionMeasured,
    StartSession,
)
from nbjudge.sandbox.processes import Processes
from nbjudge.sandbox.sandbox import Sandbox, below
from nbjudge.sandbox.signals import use_default_signals
from nbjudge.sandbox.users import BLOCK, PER_WORKER
from nbjudge.wire.framing import send_message

WATCH = 0.25  # seconds between two checks of a session's memory and files
SHARED = 64 << 20  # bytes of memory shared with the fork server that a session may overwrite

_File = tuple[bytes, float]  # content, and the time of the last change


@dataclass
class _Running:
    """The running session.

    Attributes
    ----------
    folder
        Working folder of the session, if the level does not provide one.
    pidfd
        Descriptor that is readable once the session has ended; None on systems without pidfds.
    status
        Status of the session from `os.waitpid`, on systems without pidfds.
    """

    pid: int
    number: int
    connection: socket.socket
    folder: str | None
    pidfd: int | None
    status: int | None = None


class ForkServer:
    """Forks other fork servers, and sessions, of which at most one runs at a time."""

    def __init__(
        self,
        control: socket.socket,
        sandbox: Sandbox,
        program: bytes,
        shell: Shell,
        groups: Groups | None,
        processes: Processes,
    ):
        self.control, self.sandbox, self.program, self.shell = control, sandbox, program, shell
        self.groups, self.processes = groups, processes
        self.session: _Running | None = None
        self.namespace = processes.namespace() if sandbox.level.own_namespaces else -1
        self.own_memory = processes.memory()
        self.is_first = True
        self.clones: list[int] = []  # process ids
        self.forked = 0  # number of sessions forked

    def serve(self) -> None:
        """Execute commands and monitor the session until the control socket is closed."""
        while True:
            poll = select.poll()
            poll.register(self.control, select.POLLIN)
            session = self.session
            if session:
                poll.register(session.connection, select.POLLHUP)
                if session.pidfd is not None:
                    poll.register(session.pidfd, select.POLLIN)
            ready = dict(poll.poll(WATCH * 1000 if session else None))
            if session and _has_ended(session, ready):
                self.end()
            elif session and session.connection.fileno() in ready:
                self.end(say=False)
            elif session and not ready and (limit := self.exceeded_limit()):
                self.end(limit=limit)
            if self.control.fileno() in ready and not self.obey():
                self.end(say=False)
                for pid in self.clones:  # clones exit when their own sockets close
                    os.waitpid(pid, 0)
                return

    def obey(self) -> bool:
        """Read and execute one command from the control socket; return False at the end."""
        command, descriptors = control_socket.receive(self.control, *COMMANDS)
        match command:
            case None:
                return False
            case LoadModules():
                self.load(command.names)
            case CloneServer():
                self.clone(command.number, socket.socket(fileno=descriptors[0]))
            case StartSession():
                self.end(say=False)
                self.start(command.number, socket.socket(fileno=descriptors[0]))
            case InterruptSession() if self.session and command.number == self.session.number:
                os.kill(self.session.pid, signal.SIGINT)
            case MeasureSession():
                numbers = self._processes_of_session()
                seconds = sum(map(self.processes.own_seconds, numbers))
                is_running = any(map(self.processes.is_running, numbers))
                answer = SessionMeasured(command.number, seconds, is_running)
                control_socket.send(self.control, answer)
        return True

    def load(self, modules: Iterable[str]) -> None:
        """Import modules that notebooks will need, ignoring those that are not installed."""
        for name in modules:
            # The instructor would see warnings, such as joblib's about a read-only system.
            with contextlib.suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                importlib.import_module(name)
        gc.collect()
        gc.freeze()
        self.own_memory = self.processes.memory()

    def clone(self, number: int, control: socket.socket) -> None:
        """Fork a fork server with its own control socket and its own range of user ids."""
        pid = os.fork()
        if pid:
            running = [clone for clone in self.clones if os.waitpid(clone, os.WNOHANG) == (0, 0)]
            self.clones = [*running, pid]
            control.close()
            return
        self.clones = []
        linux.die_with_parent()
        self.control.close()
        self.control, self.is_first = control, False
        self.sandbox.adopt_orphans()
        self.sandbox = dataclasses.replace(
            self.sandbox, user=self.sandbox.user + PER_WORKER * number % BLOCK
        )

    def start(self, number: int, connection: socket.socket) -> None:
        """Fork a session that communicates over `connection`."""
        own_files = self.sandbox.level.own_namespaces
        folder = None if own_files else tempfile.mkdtemp(prefix="nbjudge-")
        pid = self.sandbox.fork(self.namespace)
        if pid == 0:
            self.run(number, connection, folder)
        self.forked += 1
        self.session = _Running(pid, number, connection, folder, _open_process(pid))

    def run(self, number: int, connection: socket.socket, folder: str | None) -> NoReturn:
        """Run a session in the forked process; never returns."""
        try:
            sandbox = self.sandbox
            linux.set_process_name("nbj-session")
            use_default_signals()
            descriptor = connection.fileno()
            try:
                if self.groups:
                    limits = sandbox.limits
                    self.groups.enter(str(number), limits.memory + SHARED, limits.processes)
                sandbox.enter_session(self.program, self.processes, self.forked, folder, descriptor)
            except BaseException:
                send_message(connection, Refused(traceback.format_exc()))
                raise
            send_message(connection, Isolated(sandbox.level_name))
            interpreter.serve(self.shell, connection)
        finally:
            os._exit(0)

    def end(self, say: bool = True, limit: str | None = None) -> None:
        """Kill the session, if there is one, and its descendants.

        Parameters
        ----------
        say
            True to report the end with a SessionEnded.
        limit
            Limit that the session exceeded, "memory" or "disk".
        """
        session = self.session
        if not session:
            return
        with contextlib.suppress(OSError):  # its children, which some systems cannot list
            os.killpg(session.pid, signal.SIGKILL)
        if session.status is None:
            os.kill(session.pid, signal.SIGKILL)
            session.status = os.waitpid(session.pid, 0)[1]
        status = os.waitstatus_to_exitcode(session.status)
        self._end_orphans()
        self.session = None
        if session.pidfd is not None:
            os.close(session.pidfd)
        session.connection.close()
        if session.folder:
            remove_folder(session.folder)
        if self.groups:
            self.groups.remove(str(session.number))
        if say:
            cause = limit or ("exit" if status >= 0 else "signal")
            with contextlib.suppress(OSError):  # the other end is closed
                control_socket.send(self.control, SessionEnded(session.number, cause, abs(status)))

    def _end_orphans(self) -> None:
        """Kill the session's orphans, which this process adopts if there is no PID namespace."""
        if not self.sandbox.level.own_namespaces:
            self.processes.end_children(self.clones)

    def _adopted(self) -> list[int]:
        """Return the process ids of the session and its orphans: children except clones."""
        children = self.processes.children(os.getpid())
        return [number for number in children if number not in self.clones]

    def first_process(self) -> int:
        """Return the process id of the session's first process; 0 if there is none."""
        if not self.session:
            return 0
        if self.session.pidfd is None:
            return self.session.pid
        return self.processes.number(self.session.pidfd)

    def exceeded_limit(self) -> str | None:
        """Return "memory" or "disk" if the session exceeds the limit of that name."""
        limits, numbers = self.sandbox.limits, self._processes_of_session()
        if self.memory(numbers) > limits.memory:
            return "memory"
        return "disk" if self.disk(numbers) > limits.disk else None

    def memory(self, numbers: Iterable[int]) -> int:
        """Return the memory of processes in bytes, without that shared with the fork server."""
        return sum(max(0, self.processes.memory(number) - self.own_memory) for number in numbers)

    def disk(self, numbers: Iterable[int]) -> float:
        """Return the size in bytes of the session's files, even deleted ones that are still open.

        With namespaces, folders of the session's own limit it, and the result is 0.
        """
        if not self.session or not self.session.folder:
            return 0
        deleted: dict[tuple[int, int], int] = {}
        for number in numbers:
            deleted |= self.processes.deleted_files(number)
        return size_of_folder(self.session.folder) + sum(deleted.values())

    def _processes_of_session(self) -> list[int]:
        """Return the process ids of the session and its descendants."""
        first = self.first_process()
        numbers, waiting = [], [first] if first else []
        if not self.sandbox.level.own_namespaces:  # this process adopts the session's orphans
            waiting = self._adopted()
        while waiting:
            number = waiting.pop()
            numbers.append(number)
            waiting += self.processes.children(number)
        return numbers


def _has_ended(session: _Running, ready: dict[int, int]) -> bool:
    """True if a session has ended, given the result of a poll or, without pidfds, of a waitpid."""
    if session.pidfd is not None:
        return session.pidfd in ready
    pid, status = os.waitpid(session.pid, os.WNOHANG)
    session.status = status if pid else None
    return pid != 0


def _open_process(pid: int) -> int | None:
    """Return a descriptor that is readable once a process has ended; None if unsupported."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def _groups() -> Groups | None:
    try:
        return Groups()
    except OSError:
        return None


def _make_home(level: Level, packages: dict[str, dict[str, _File]]) -> str:
    """Create a home folder that all sessions can read, with the packages of the course."""
    home = "/home" if level.own_namespaces else tempfile.mkdtemp(prefix="nbjudge-home-")
    os.chmod(home, 0o755)
    os.environ.update(HOME=home, MPLCONFIGDIR=home, IPYTHONDIR=f"{home}/.ipython")
    for name, files in packages.items():
        for inside, (content, changed) in files.items():
            path = os.path.normpath(os.path.join(home, "packages", name, inside))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
            os.utime(path, (changed, changed))
    if packages:
        sys.path.append(f"{home}/packages")
    return home


def _read_packages(paths: Iterable[str]) -> dict[str, dict[str, _File]]:
    """Return the files of the packages that students have: {name: {path inside: file}}.

    Their bytecode is among them, which is valid only for modules with the time that it contains.
    """
    packages: dict[str, dict[str, _File]] = {}
    for path in paths:
        if os.path.isdir(path):
            files = packages[os.path.basename(path)] = dict[str, _File]()
            for inside, content in read_folder(path).files.items():
                # The zygote may be importing them: Python writes bytecode under another name first.
                with contextlib.suppress(FileNotFoundError):
                    files[inside] = content, os.stat(os.path.join(path, inside)).st_mtime
        else:
            with open(path, "rb") as file:
                module = file.read(), os.stat(file.fileno()).st_mtime
            packages.setdefault(".", {})[os.path.basename(path)] = module
    return packages


def load_common() -> None:
    """Load the modules that every notebook needs, before the course is known."""
    with loading():
        import multiprocessing.managers

        # Python 3.14 defaults to "forkserver", which cannot find the functions of a notebook.
        contexts: Any = multiprocessing.context
        contexts._default_context._default_context = contexts._concrete_contexts["fork"]
        with contextlib.suppress(ImportError):
            import matplotlib_inline.backend_inline  # noqa: F401


def _try_drawing() -> None:
    """Draw a text, so that all forks share the fonts and the user's cached font list."""
    with contextlib.suppress(Exception):  # the error will appear with a student's figure
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(1, 1))
        FigureCanvasAgg(figure)
        figure.text(0, 0, "text")
        figure.savefig(io.BytesIO(), format="png")


def serve(control: socket.socket) -> None:
    """Run a fork server, in a process that has loaded the common modules and holds no secrets.

    Parameters
    ----------
    control
        Control socket of the fork server; its first message is an Isolate.
    """
    linux.set_process_name("nbj-fork-server")
    _forget()
    _try_drawing()
    config, _ = control_socket.receive(control, Isolate)
    if config is None:
        return
    try:
        sandbox = config.sandbox
        _erase_variables(sandbox)
        packages = _read_packages(sandbox.packages)
        program = sandbox.prepare_filter()
        groups, processes = _groups(), Processes()
        sandbox.enter_fork_server(processes)
        home = _make_home(sandbox.level, packages)
        shell = make_shell(config.output_size, Shell)
        fork_server = ForkServer(control, sandbox, program, shell, groups, processes)
        fork_server.load(config.modules)
        sandbox.seal()
        control_socket.send(control, Isolated(sandbox.level_name))
    except Exception:
        with contextlib.suppress(OSError):  # the other end may be closed
            control_socket.send(control, Refused(traceback.format_exc()[-5000:]))
        return
    try:
        fork_server.serve()
    finally:
        if groups and fork_server.is_first:
            groups.close()
        if not sandbox.level.own_namespaces and fork_server.is_first:
            shutil.rmtree(home, ignore_errors=True)


def _forget() -> None:
    """Drop the state that a fork server inherits from its parent but must not keep."""
    for number in (signal.SIGINT, signal.SIGTERM):  # only the coordinator ends it
        signal.signal(number, signal.SIG_IGN)
    sys.dont_write_bytecode = True
    os.environ["NBGRADER_EXECUTION"] = "autograde"  # nbgrader sets it for notebooks
    if not PATH.endswith("-packages"):  # a checkout; an editable install lists it twice
        sys.path[:] = [path for path in sys.path if os.path.realpath(path) != PATH]


def _erase_variables(sandbox: Sandbox) -> None:
    """Erase the instructor's environment variables, except for readable library folders.

    The programs that a session starts may need these folders, as does Python in some environments.
    """
    libraries = os.environ.get(LIBRARIES, "").split(os.pathsep)
    for name in ("HOME", *KEPT):
        linux.erase_variable(name)
        os.environ.pop(name, None)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    if sandbox.level.landlock:
        os.environ["JOBLIB_MULTIPROCESSING"] = "0"  # joblib's processes need /dev/shm
    if sandbox.level.for_untrusted:
        libraries = below(libraries, sandbox.folders)
    if any(libraries):
        os.environ[LIBRARIES] = os.pathsep.join(libraries)


def main() -> None:
    """Run a fork server; the only argument is the descriptor of its control socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    load_common()
    serve(control)
