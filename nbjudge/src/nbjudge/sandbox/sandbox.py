"""Isolate the processes that run student code, at each level of isolation.

Isolation has two stages, and the table in levels.py says which steps a level takes in each.
`enter_fork_server` moves a process that has loaded nothing yet into new namespaces, whose file
system is a read-only view of the Python environment. That process loads what notebooks need and
forks. `enter_session` isolates each fork further: its own processes, an empty working folder,
limits, Landlock, a user that owns nothing, no capabilities, and a system call filter.
"""

import contextlib
import os
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbjudge.guest import semaphores
from nbjudge.sandbox import linux
from nbjudge.sandbox.levels import Level, level_called
from nbjudge.sandbox.processes import Processes
from nbjudge.sandbox.system_calls import filter_program
from nbjudge.sandbox.users import BLOCK, PER_WORKER, first_user, has_users
from nbjudge.wire.messages import Message

WORK = os.path.join("/tmp", "submission")  # the working folder of a notebook
SYSTEM: tuple[str, ...] = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/sbin", "/etc/ld.so.cache")
SYSTEM += ("/etc/alternatives", "/etc/fonts", "/etc/localtime", "/etc/ssl/certs")
DEVICES = ("null", "zero", "full", "random", "urandom")
PASSWORD = f"student:x:{{0}}:{{0}}::{WORK}:/bin/sh\n"


@dataclass(frozen=True, kw_only=True)
class Limits(Message):
    """Limits of one submission; each is also a setting of the same name.

    Attributes
    ----------
    memory
        Memory of all processes together, in bytes.
    processes
        Number of processes and threads.
    file_size
        Size of one file, in bytes.
    disk
        Size of all files together, in bytes.
    open_files
        Number of file descriptors.
    """

    memory: int = 2 << 30
    processes: int = 128
    file_size: int = 64 << 20
    disk: int = 256 << 20
    open_files: int = 256


def environment_folders() -> list[str]:
    """Return the paths that a Python program of this environment reads, none nested in another.

    The folders of PYTHONPATH are excluded: courses keep their solutions there.
    """
    paths = [*SYSTEM, sys.base_prefix, sys.prefix, sys.base_exec_prefix, sys.exec_prefix]
    paths += [os.path.realpath(path) for path in paths if path not in SYSTEM]
    paths += [os.path.dirname(os.path.realpath(sys.executable))]
    paths += [path for path in sys.path if path.endswith(("/site-packages", "/dist-packages"))]
    folders: list[str] = []
    for path in sorted({os.path.abspath(path) for path in paths}, key=len):
        if os.path.lexists(path) and not any(_is_below(path, other) for other in folders):
            folders.append(path)
    return folders


def below(paths: Iterable[str], folders: Iterable[str]) -> list[str]:
    """Return the paths that are equal to or below one of the folders; links are not resolved."""
    tops = tuple(folder.rstrip("/") + "/" for folder in folders)
    return [path for path in paths if f"{os.path.normpath(path)}/".startswith(tops)]


def _is_below(path: str, other: str) -> bool:
    return not os.path.islink(other) and path.startswith(other.rstrip("/") + "/")


@contextlib.contextmanager
def _users_from_outside(first: int) -> Iterator[Callable[[], bool]]:
    """Yield a function that maps users into the new namespace and returns True on success.

    Use it around `unshare`: the map can be written only from outside, by a privileged process.

    Parameters
    ----------
    first
        First id of the run's block.
    """
    if not has_users():
        yield lambda: False
        return
    ours, other_end = socket.socketpair()
    helper = os.fork()
    if helper == 0:
        ours.close()
        with contextlib.suppress(OSError):
            if other_end.recv(1):
                for kind in ("uid", "gid"):
                    text = f"0 0 1\n{first} {first} {BLOCK}\n"
                    Path(f"/proc/{os.getppid()}/{kind}_map").write_text(text)
                other_end.send(b".")
        os._exit(0)
    other_end.close()
    try:
        yield lambda: bool(ours.send(b".") and ours.recv(1))
    finally:
        ours.close()
        os.waitpid(helper, 0)


@dataclass(frozen=True)
class Sandbox(Message):
    """Isolation of one fork server and its sessions.

    Attributes
    ----------
    level_name
        Name of one of LEVELS.
    folders
        Readable files and folders.
    hidden
        Folders below `folders` that cannot be read.
    packages
        Modules of the course that students have too. The fork server copies them.
    user
        First of sixteen user ids that the sessions use in turn, where possible; from the run's own.
    """

    level_name: str
    limits: Limits
    folders: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    user: int = field(default_factory=first_user)

    @property
    def level(self) -> Level:
        """Level of isolation."""
        return level_called(self.level_name)

    def enter_fork_server(self, processes: Processes) -> None:
        """Leave the machine's namespaces.

        If the level has namespaces, the process forks: the child returns, the parent waits for it.

        Parameters
        ----------
        processes
            The machine's processes, to find those that sessions start.

        Raises
        ------
        OSError
            If this machine forbids a required step.
        """
        if self.level.for_untrusted:
            processes.check()
            has_users()
        os.umask(0o022)  # sessions, which may have another user, read files created here
        if not self.level.own_namespaces:
            linux.die_with_parent()
            self.adopt_orphans()
            return
        self._leave_namespaces(processes)
        with contextlib.suppress(OSError):  # a container may forbid it, but has its own name
            socket.sethostname("localhost")
        linux.die_with_parent()
        fork_server = os.fork()
        if fork_server:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))
            status = os.waitstatus_to_exitcode(os.waitpid(fork_server, 0)[1])
            os._exit(status if status >= 0 else 128 - status)
        linux.die_with_parent()
        self._build_root()

    def adopt_orphans(self) -> None:
        """Adopt the processes that a session leaves behind, unless its PID namespace ends them.

        Raises
        ------
        OSError
            If that fails at a level for untrusted code.
        """
        try:
            if not self.level.own_namespaces:
                linux.adopt_orphans()
        except OSError:
            if self.level.for_untrusted:
                raise

    def _leave_namespaces(self, processes: Processes) -> None:
        spaces = linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWNET
        spaces |= linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
        if has_users():
            try:
                linux.unshare(spaces)
                return
            except OSError:
                pass  # root in a container still needs a user namespace, like an ordinary user
        user, group = os.getuid(), os.getgid()
        with _users_from_outside(self.user // BLOCK * BLOCK) as keep_users:
            linux.unshare(spaces | linux.CLONE_NEWUSER)
            if keep_users():
                return
        processes.map_user(user or 1000, user, group or 1000, group)
        has_users.cache_clear()
        has_users()

    def _build_root(self) -> None:
        """Create a small root file system in memory, with read-only views of the folders."""
        linux.make_mounts_private()
        root = self._covered()
        linux.mount_tmpfs(root, "size=64m,mode=755,nr_inodes=50000")
        for folder in self.folders:
            _show(folder, root + folder)
        for name in ("tmp", "proc", "old", "dev/shm", "etc", "home"):
            os.makedirs(f"{root}/{name}", exist_ok=True)
        for path in devices():
            _show(path, root + path)
        for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
            os.symlink(f"/proc/self/fd{target}", f"{root}/dev/{name}")
        for folder in self.folders:
            self._hide(folder, root + folder)
        users = range(self.user, self.user + PER_WORKER) if has_users() else [os.getuid()]
        Path(root, "etc/passwd").write_text("".join(map(PASSWORD.format, users)))
        Path(root, "etc/hosts").write_text("127.0.0.1 localhost\n")
        self._show_environments_in_tmp(root)
        with contextlib.suppress(OSError):  # forbidden if a container masks parts of /proc
            linux.mount_proc(root + "/proc")
        os.chdir(root)
        linux.pivot_root(".", "old")
        linux.unmount("/old")
        os.rmdir("/old")

    def _covered(self) -> str:
        """Return a folder, containing none of the visible folders, to mount the root over."""
        for path in ("/mnt", "/media", "/srv", "/tmp", "/var"):
            if os.path.isdir(path) and not any(_is_below(f, path) for f in self.folders):
                return path
        raise OSError("the Python environment is spread over /mnt, /media, /srv, /tmp and /var")

    def seal(self) -> None:
        """Make the fork server's root read-only, once everything is loaded."""
        if self.level.own_namespaces:
            linux.remount_read_only("/")

    def _show_environments_in_tmp(self, root: str) -> None:
        """Show environments below /tmp at a second path, since sessions have their own /tmp."""
        for number, folder in enumerate(self._in_tmp()):
            _show(folder, f"{root}/.tmp/{number}")
            self._hide(folder, f"{root}/.tmp/{number}")

    def _hide(self, folder: str, view: str) -> None:
        """Cover the hidden subfolders of a folder in its view."""
        if os.path.islink(folder):
            return
        real = os.path.realpath(folder)  # hidden paths are resolved; a parent may be a link
        for hidden in self.hidden:
            path = view + hidden.removeprefix(real)
            if _is_below(hidden, real) and os.path.isdir(path):
                linux.mount_tmpfs(path, "size=4k,mode=000")

    def _in_tmp(self) -> list[str]:
        return [f for f in self.folders if f.startswith("/tmp/") and not os.path.islink(f)]

    def prepare_filter(self) -> bytes:
        """Return the system call filter; call it once, before entering the fork server."""
        if not self.level.system_call_filter:
            return b""
        return filter_program(own_network=self.level.own_namespaces)

    def fork(self, namespace: int) -> int:
        """Fork a session of a fork server, in a new PID namespace if the level has one.

        Parameters
        ----------
        namespace
            Descriptor of the fork server's PID namespace, from `Processes.namespace`.

        Returns
        -------
        pid
            Process id in the parent, 0 in the child.
        """
        if not self.level.own_namespaces:
            return os.fork()
        linux.unshare(linux.CLONE_NEWPID)
        pid = os.fork()
        if pid:
            linux.join_namespace(namespace, linux.CLONE_NEWPID)
        return pid

    def user_of(self, earlier: int) -> int | None:
        """Return the user id for a session; None to keep the instructor's user id.

        Without its own namespaces, a session also keeps the instructor's user id if other users
        cannot enter the folder of the Python environment.

        Parameters
        ----------
        earlier
            Number of sessions that the fork server has forked before.
        """
        if not self.level.unprivileged or not has_users():
            return None
        if not self.level.own_namespaces and not is_open_to_all(sys.prefix, sys.base_prefix):
            return None
        return self.user + earlier % PER_WORKER

    def enter_session(
        self,
        program: bytes,
        processes: Processes,
        earlier: int,
        folder: str | None,
        connection: int,
    ) -> None:
        """Sandbox the calling process permanently; it is the first in its PID namespace, if any.

        Parameters
        ----------
        program
            The system call filter.
        earlier
            Number of sessions that this fork server has forked before.
        folder
            An empty working folder, if the level does not provide one.
        connection
            The only descriptor that stays open.
        """
        linux.die_with_parent()
        os.setsid()  # signals to its process group must not reach ours
        user = self.user_of(earlier)
        if self.level.own_namespaces:
            self._mount_own_folders()
            _count_processes_alone(processes)
            folder = WORK
        assert folder is not None
        os.chdir(folder)
        os.environ["HOME"] = os.environ["TMPDIR"] = folder
        tempfile.tempdir = None  # drop the cached path
        self._limit(processes)
        if self.level.landlock:
            readable = [os.environ["MPLCONFIGDIR"], *devices()]
            readable += without(self.hidden, self.folders)
            semaphores.install()  # Landlock closes /dev/shm, which Python's own locks need
            linux.no_new_privileges()  # required by Landlock for ordinary users
            linux.landlock(readable, [folder, "/dev/null"])
        _close_all_but(connection)
        if self.level.unprivileged:
            _drop_privileges(folder, user)
        if self.level.system_call_filter:
            linux.apply_filter(program)

    def _mount_own_folders(self) -> None:
        linux.unshare(linux.CLONE_NEWNS | linux.CLONE_NEWIPC)
        options = f"size={self.limits.disk},mode=1777,nr_inodes=20000"
        shown = list(enumerate(self._in_tmp()))  # before the mounts cover the links
        links = {f: os.readlink(f) for f in self.folders if _is_link_in_tmp(f)}
        for path in ("/tmp", "/dev/shm"):
            linux.mount_tmpfs(path, options)
        os.mkdir(WORK)
        for path, target in links.items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.symlink(target, path)
        for number, target in shown:  # a target may be reached through a link
            os.makedirs(target, exist_ok=True)
            linux.bind(f"/.tmp/{number}", target)
        with contextlib.suppress(OSError):
            linux.mount_proc("/proc")

    def _threads_of_others(self) -> int:
        """Return how many of the user's threads outside the session count against its limit."""
        if self.level.own_namespaces or has_users():
            return 0
        count = 0
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if process.stat().st_uid == os.getuid():
                    count += len(os.listdir(process / "task"))
        return count

    def _limit(self, processes: Processes) -> None:
        for which, amount in (
            (resource.RLIMIT_AS, processes.address_space() + self.limits.memory),
            (resource.RLIMIT_NPROC, self.limits.processes + self._threads_of_others()),
            (resource.RLIMIT_FSIZE, self.limits.file_size),
            (resource.RLIMIT_NOFILE, self.limits.open_files),
            (resource.RLIMIT_CORE, 0),
        ):
            most = resource.getrlimit(which)[1]  # the machine's own limit may be lower
            amount = amount if most == resource.RLIM_INFINITY else min(amount, most)
            try:
                resource.setrlimit(which, (amount, amount))
            except (OSError, ValueError):
                if self.level.for_untrusted:  # some systems define a limit but cannot set it
                    raise
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing too much raises an OSError


def _count_processes_alone(processes: Processes) -> None:
    """Count only this session's processes against its process limit.

    A session with its own user needs no further step. Any other session gets a user namespace,
    since Linux 5.14 and newer count a user's processes separately in each namespace.
    """
    if has_users():
        return
    user, group = os.getuid(), os.getgid()
    try:
        linux.unshare(linux.CLONE_NEWUSER)
    except OSError:  # no more namespaces are allowed: sessions then share the limit
        return
    processes.map_user(user, user, group, group)


def _drop_privileges(folder: str, user: int | None) -> None:
    """Drop all capabilities; become `user`, if given, after making it the owner of the folder."""
    linux.drop_bounding_set()
    if user is not None:
        os.chown(folder, user, user)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        linux.die_with_parent()  # changing the user clears it
    linux.drop_capabilities()
    linux.no_new_privileges()
    if not os.access(sys.prefix, os.R_OK | os.X_OK):
        raise PermissionError(
            f"sessions cannot read {sys.prefix}: make it readable for all users, or grade as an "
            "ordinary user"
        )


def _is_link_in_tmp(path: str) -> bool:
    return path.startswith("/tmp/") and os.path.islink(path)


def devices() -> list[str]:
    """Return the paths of the machine's devices that any program may read."""
    return [path for name in DEVICES if os.path.exists(path := f"/dev/{name}")]


def is_open_to_all(*folders: str) -> bool:
    """True if every user may read and enter these folders and all their parents."""
    return all(
        os.stat(path).st_mode & 0o005 == 0o005
        for folder in map(os.path.realpath, folders)
        for path in (folder, *map(str, Path(folder).parents))
    )


def without(hidden: Iterable[str], folders: Iterable[str]) -> list[str]:
    """Return paths that cover the contents of some folders, except for the hidden ones.

    A folder that contains a hidden one is replaced by its other entries, recursively. Such a folder
    cannot be listed, and files created in it later cannot be read.
    """
    paths: list[str] = []
    for folder in dict.fromkeys(map(os.path.realpath, folders)):
        inside = [path for path in hidden if path.startswith(folder.rstrip("/") + "/")]
        if any(map(os.path.lexists, inside)):
            with contextlib.suppress(OSError):  # sessions cannot read what we cannot list
                # Links are omitted: their targets are readable only under their own paths.
                entries = [e.path for e in os.scandir(folder) if not e.is_symlink()]
                paths += without(inside, [e for e in entries if e not in inside])
        elif os.path.exists(folder):
            paths.append(folder)
    return paths


def _show(source: str, target: str) -> None:
    """Create a read-only view of `source` at `target`; a symbolic link is copied."""
    if os.path.islink(source):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.symlink(os.readlink(source), target)
        return
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        open(target, "x").close()
    linux.bind(source, target)


def _close_all_but(kept: int) -> None:
    nothing = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.closerange(3, kept)
    os.closerange(kept + 1, max(os.sysconf("SC_OPEN_MAX"), 1 << 16))
