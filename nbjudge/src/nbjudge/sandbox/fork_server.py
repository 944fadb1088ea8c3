"""The fork server: a warm process, itself isolated, that forks sessions, one at a time.

It loads NumPy, IPython and matplotlib once; a fork has them in a few milliseconds. It is told what
to do over a socket, by the zygote, by a worker or by the judge that the worker forked, and it ends
when nobody holds the other end of that socket any more. Which messages those are, and who answers
them, is in `messages.py`.
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

from nbjudge.files import read_folder, remove_folder
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
from nbjudge.sandbox.sandbox import USERS_OF_RUN, Sandbox, below
from nbjudge.sandbox.signals import use_default_signals
from nbjudge.wire.framing import send_message

WATCH = 0.25  # seconds between two looks at the memory that a session uses
SHARED = 64 << 20  # bytes of what it shares with the fork server that a session may write to


@dataclass
class _Running:
    """The session that is alive.

    Attributes
    ----------
    folder
        Its working folder, where the level gives it none of its own.
    pidfd
        A descriptor that says when it has ended, on systems that have such.
    status
        What `os.waitpid` said of its end, on others.
    """

    pid: int
    number: int
    connection: socket.socket
    folder: str | None
    pidfd: int | None
    status: int | None = None


class ForkServer:
    """Forks sessions, of which at most one is alive, and other fork servers."""

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
        self.forked = 0  # sessions

    def serve(self) -> None:
        """Do what the control socket says until it is closed."""
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
            elif session and not ready and self.memory() > self.sandbox.limits.memory:
                self.end(for_memory=True)
            if self.control.fileno() in ready and not self.obey():
                self.end(say=False)
                for pid in self.clones:  # which end as this one does
                    os.waitpid(pid, 0)
                return

    def obey(self) -> bool:
        """Read one message of the control socket and do as it says; False at its end."""
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
                seconds = self.processes.seconds(self.first_process())
                answer = SessionMeasured(command.number, seconds)
                control_socket.send(self.control, answer)
        return True

    def load(self, modules: Iterable[str]) -> None:
        """Import modules that notebooks will need; those that are not installed do not matter."""
        for name in modules:
            # A warning would be shown to the instructor, as joblib's of a system that is read-only.
            with contextlib.suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                importlib.import_module(name)
        gc.collect()
        gc.freeze()
        self.own_memory = self.processes.memory()

    def clone(self, number: int, control: socket.socket) -> None:
        """Fork another fork server, which obeys another socket and whose users are others."""
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
            self.sandbox, user=self.sandbox.user + 16 * number % USERS_OF_RUN
        )

    def start(self, number: int, connection: socket.socket) -> None:
        """Fork a session that talks over `connection`."""
        own_files = self.sandbox.level.own_namespaces
        folder = None if own_files else tempfile.mkdtemp(prefix="nbjudge-")
        pid = self.sandbox.fork(self.namespace)
        if pid == 0:
            self.run(number, connection, folder)
        self.forked += 1
        self.session = _Running(pid, number, connection, folder, _open_process(pid))

    def run(self, number: int, connection: socket.socket, folder: str | None) -> NoReturn:
        """What the fork does; it never returns."""
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

    def end(self, say: bool = True, for_memory: bool = False) -> None:
        """Kill the session, if there is one, with all that it started; and say why it ended."""
        session = self.session
        if not session:
            return
        with contextlib.suppress(OSError):  # what it started, on a system that cannot list that
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
            cause = "memory" if for_memory else "exit" if status >= 0 else "signal"
            with contextlib.suppress(OSError):  # whoever would want to know is gone
                control_socket.send(self.control, SessionEnded(session.number, cause, abs(status)))

    def _end_orphans(self) -> None:
        """Without a process namespace, what a session started is adopted by this process."""
        while not self.sandbox.level.own_namespaces:
            for child in self.processes.children(os.getpid()):
                os.kill(child, signal.SIGKILL)
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return

    def first_process(self) -> int:
        """The number of the session's first process; 0 where there is none."""
        if not self.session:
            return 0
        if self.session.pidfd is None:
            return self.session.pid
        return self.processes.number(self.session.pidfd)

    def memory(self) -> int:
        """Bytes that the session's processes have beyond what the fork server shares with them."""
        first = self.first_process()
        total, waiting = 0, [first] if first else []
        if not self.sandbox.level.own_namespaces:  # what it left is adopted by this process
            children = self.processes.children(os.getpid())
            waiting = [number for number in children if number not in self.clones]
        while waiting:
            number = waiting.pop()
            waiting += self.processes.children(number)
            total += max(0, self.processes.memory(number) - self.own_memory)
        return total


def _has_ended(session: _Running, ready: dict[int, int]) -> bool:
    """Whether a session has, by what a poll gave; without pidfds, at the next look."""
    if session.pidfd is not None:
        return session.pidfd in ready
    pid, status = os.waitpid(session.pid, os.WNOHANG)
    session.status = status if pid else None
    return pid != 0


def _open_process(pid: int) -> int | None:
    """A descriptor that says when a process has ended; None on systems that have none."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def _groups() -> Groups | None:
    try:
        return Groups()
    except OSError:
        return None


def _make_home(level: Level, packages: dict[str, dict[str, bytes]]) -> str:
    """A home for the fork server, with what all sessions may read: the packages of the course."""
    home = "/home" if level.own_namespaces else tempfile.mkdtemp(prefix="nbjudge-home-")
    os.chmod(home, 0o755)
    os.environ.update(HOME=home, MPLCONFIGDIR=home, IPYTHONDIR=f"{home}/.ipython")
    for name, files in packages.items():
        for inside, content in files.items():
            path = os.path.normpath(os.path.join(home, "packages", name, inside))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
    if packages:
        sys.path.append(f"{home}/packages")
    return home


def _read_packages(places: Iterable[str]) -> dict[str, dict[str, bytes]]:
    """The files of the packages that students have: {name: {path inside: content}}."""
    found: dict[str, dict[str, bytes]] = {}
    for place in places:
        if os.path.isdir(place):
            found[os.path.basename(place)] = read_folder(place, ["__pycache__"]).files
        else:
            with open(place, "rb") as file:
                found.setdefault(".", {})[os.path.basename(place)] = file.read()
    return found


def load_common() -> None:
    """Load what every notebook needs, before anything is known of the course."""
    with loading():
        import multiprocessing.managers

        # From Python 3.14 on it is a server, which cannot find the functions of a notebook.
        contexts: Any = multiprocessing.context
        contexts._default_context._default_context = contexts._concrete_contexts["fork"]
        with contextlib.suppress(ImportError):
            import matplotlib_inline.backend_inline  # noqa: F401


def _try_drawing() -> None:
    """Draw a figure, so that all forks have the fonts, with the user's own list of them."""
    with contextlib.suppress(ImportError):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(layout="constrained")
        FigureCanvasAgg(figure)
        lines, image = figure.subplots(1, 2)
        lines.plot([0, 1], label="line")
        lines.legend()
        image.imshow([[0, 1]])
        image.set(title="a title", xlabel="0123456789", ylabel="abc")
        figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")


def serve(control: socket.socket) -> None:
    """Be a fork server, in a process that has loaded what is common and knows no secret.

    Parameters
    ----------
    control
        Its socket, over which the message Isolate comes.
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
        with contextlib.suppress(OSError):  # nobody may be there any more
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
    """Leave behind what a fork server must not do, or know, as its parent does."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the coordinator ends it
        signal.signal(number, signal.SIG_IGN)
    sys.dont_write_bytecode = True
    os.environ["NBGRADER_EXECUTION"] = "autograde"  # as nbgrader says it to a notebook
    if not PATH.endswith("-packages"):  # a checkout; one that is installed from is listed twice
        sys.path[:] = [place for place in sys.path if os.path.realpath(place) != PATH]


def _erase_variables(sandbox: Sandbox) -> None:
    """Forget the variables of whoever grades, but for the folders of libraries that can be read.

    The programs that a session starts may need these, as Python itself in some environments.
    """
    libraries = os.environ.get(LIBRARIES, "").split(os.pathsep)
    for name in ("HOME", *KEPT):
        linux.erase_variable(name)
        os.environ.pop(name, None)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    if sandbox.level.landlock:
        os.environ["JOBLIB_MULTIPROCESSING"] = "0"  # its processes do not work without /dev/shm
    if sandbox.level.for_untrusted:
        libraries = below(libraries, sandbox.folders)
    if any(libraries):
        os.environ[LIBRARIES] = os.pathsep.join(libraries)


def main() -> None:
    """Be a fork server: the only argument is the descriptor of its socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    load_common()
    serve(control)
