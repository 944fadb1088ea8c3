"""Isolate processes: what a student's code runs in, at each level of isolation.

There are two steps, of which each level has those that the table in levels.py says.
`enter_fork_server` takes a process that has loaded nothing yet into namespaces of its own, where
the file system is a read-only view of the Python environment. That process loads what notebooks
need and forks; `enter_session` isolates each fork further: its own processes, an empty folder to
work in, limits, Landlock, a user that owns nothing, no capabilities, and a filter for system calls.
"""

import contextlib
import functools
import os
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbjudge.guest import semaphores
from nbjudge.sandbox import linux
from nbjudge.sandbox.levels import Level, level_called
from nbjudge.sandbox.processes import Processes
from nbjudge.sandbox.system_calls import filter_program
from nbjudge.wire.messages import Message

FIRST_USER = 200_000  # user ids that belong to nobody
USERS = 400_000_000
USERS_OF_RUN = 1 << 14  # sixteen for each worker
WORK = os.path.join("/tmp", "submission")  # the folder in which a notebook runs
SYSTEM: tuple[str, ...] = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/sbin", "/etc/ld.so.cache")
SYSTEM += ("/etc/alternatives", "/etc/fonts", "/etc/localtime", "/etc/ssl/certs")
DEVICES = ("null", "zero", "full", "random", "urandom")
PASSWORD = f"student:x:{{0}}:{{0}}::{WORK}:/bin/sh\n"


@functools.cache  # a session, which asks again, cannot look
def has_users() -> bool:
    """Whether this process can become one of the users that belong to nobody.

    Root can, unless in a container that has fewer of them.
    """
    if os.getuid() != 0:
        return False
    try:
        lines = Path("/proc/self/uid_map").read_text().splitlines()
    except OSError:  # another system, or a /proc that does not say: then none
        return False
    for line in lines:
        first, _, count = map(int, line.split())
        if first <= FIRST_USER and first + count >= FIRST_USER + USERS:
            return True
    return False


@functools.cache
def first_user() -> int:
    """Claim USERS_OF_RUN user ids that no other run on this machine has; return the first.

    The claim is the name of an abstract socket: it is given out once, and is free again when the
    process that bound it has ended, however it ends.
    """
    if not has_users():
        return FIRST_USER
    for first in range(FIRST_USER, FIRST_USER + USERS - USERS_OF_RUN, USERS_OF_RUN):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0nbjudge-users-{first}")
            claim.detach()  # it stays open until this process ends
            return first
        except OSError:
            claim.close()
    raise OSError("all user ids are taken by other runs of nbjudge")


@dataclass(frozen=True, kw_only=True)
class Limits(Message):
    """What one submission may use; each is a setting of the same name too.

    Attributes
    ----------
    memory
        Bytes, of all its processes together.
    processes
        How many, threads included.
    file_size
        Bytes of one file.
    disk
        Bytes of all files.
    open_files
        How many descriptors.
    """

    memory: int = 2 << 30
    processes: int = 128
    file_size: int = 64 << 20
    disk: int = 256 << 20
    open_files: int = 256


def environment_folders() -> list[str]:
    """The places that a Python program of this environment reads, no one inside another.

    The folders of PYTHONPATH are not among them: that is where courses keep their solutions.
    """
    places = [*SYSTEM, sys.base_prefix, sys.prefix, sys.base_exec_prefix, sys.exec_prefix]
    places += [os.path.realpath(place) for place in places if place not in SYSTEM]
    places += [os.path.dirname(os.path.realpath(sys.executable))]
    places += [place for place in sys.path if place.endswith(("/site-packages", "/dist-packages"))]
    kept: list[str] = []
    for place in sorted({os.path.abspath(place) for place in places}, key=len):
        if os.path.lexists(place) and not any(_is_below(place, other) for other in kept):
            kept.append(place)
    return kept


def below(places: Iterable[str], folders: Iterable[str]) -> list[str]:
    """Those of some places that are one of the folders or lie below one, through a link as well."""
    tops = tuple(folder.rstrip("/") + "/" for folder in folders)
    return [place for place in places if f"{os.path.normpath(place)}/".startswith(tops)]


def _is_below(place: str, other: str) -> bool:
    return not os.path.islink(other) and place.startswith(other.rstrip("/") + "/")


@contextlib.contextmanager
def _users_from_outside() -> Iterator[Callable[[], bool]]:
    """While users are left: a function that lets the new namespace have all users, if it can.

    Only a process that has stayed outside may write that down, and only one with the right to.
    """
    if not has_users():
        yield lambda: False
        return
    ours, theirs = socket.socketpair()
    helper = os.fork()
    if helper == 0:
        ours.close()
        with contextlib.suppress(OSError):
            if theirs.recv(1):
                for kind in ("uid", "gid"):
                    text = f"0 0 1\n{FIRST_USER} {FIRST_USER} {USERS}\n"
                    Path(f"/proc/{os.getppid()}/{kind}_map").write_text(text)
                theirs.send(b".")
        os._exit(0)
    theirs.close()
    try:
        yield lambda: bool(ours.send(b".") and ours.recv(1))
    finally:
        ours.close()
        os.waitpid(helper, 0)


@dataclass(frozen=True)
class Sandbox(Message):
    """How one fork server and its sessions are isolated.

    Attributes
    ----------
    level_name
        The name of one of LEVELS.
    folders
        What can be read.
    hidden
        Folders below those that cannot.
    packages
        Modules of the course that students have too; the fork server keeps copies.
    user
        The id of the first of sixteen users that the sessions take in turn, where they can.
    """

    level_name: str
    limits: Limits
    folders: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    user: int = FIRST_USER

    @property
    def level(self) -> Level:
        """The level of isolation."""
        return level_called(self.level_name)

    def enter_fork_server(self, processes: Processes) -> None:
        """Leave the machine's namespaces. The calling process waits for a fork that goes on.

        Parameters
        ----------
        processes
            The machine's, to find what sessions start.

        Raises
        ------
        OSError
            Where this machine forbids it.
        """
        if self.level.for_untrusted:
            processes.check()
            has_users()
        os.umask(0o022)  # sessions, some of another user, read what is made here
        if not self.level.own_namespaces:
            linux.die_with_parent()
            self.adopt_orphans()
            return
        self._leave_namespaces(processes)
        with contextlib.suppress(OSError):  # a container may forbid it; its name is then its own
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
        """Become the parent of what a session leaves, where no namespace ends with it.

        Raises
        ------
        OSError
            Where that is promised and cannot be.
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
                pass  # root of a container, who may do it with a namespace of users, as anybody may
        user, group = os.getuid(), os.getgid()
        with _users_from_outside() as keep_users:
            linux.unshare(spaces | linux.CLONE_NEWUSER)
            if keep_users():
                return
        processes.map_user(user or 1000, user, group or 1000, group)
        has_users.cache_clear()
        has_users()

    def _build_root(self) -> None:
        """Make a small file system in memory the root, with read-only views of the folders."""
        linux.make_mounts_private()
        root = self._covered()
        linux.mount_tmpfs(root, "size=64m,mode=755,nr_inodes=50000")
        for folder in self.folders:
            _show(folder, root + folder)
        for name in ("tmp", "proc", "old", "dev/shm", "etc", "home"):
            os.makedirs(f"{root}/{name}", exist_ok=True)
        for place in devices():
            _show(place, root + place)
        for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
            os.symlink(f"/proc/self/fd{target}", f"{root}/dev/{name}")
        for folder in self.folders:
            self._hide(folder, root + folder)
        users = range(self.user, self.user + 16) if has_users() else [os.getuid()]
        Path(root, "etc/passwd").write_text("".join(map(PASSWORD.format, users)))
        Path(root, "etc/hosts").write_text("127.0.0.1 localhost\n")
        self._keep_what_lies_in_tmp(root)
        with contextlib.suppress(OSError):  # forbidden where a container masks parts of it
            linux.mount_proc(root + "/proc")
        os.chdir(root)
        linux.pivot_root(".", "old")
        linux.unmount("/old")
        os.rmdir("/old")

    def _covered(self) -> str:
        """A folder of the machine's to build the root over: none of what is shown lies below it."""
        for place in ("/mnt", "/media", "/srv", "/tmp", "/var"):
            if os.path.isdir(place) and not any(_is_below(f, place) for f in self.folders):
                return place
        raise OSError("the Python environment is spread over /mnt, /media, /srv, /tmp and /var")

    def seal(self) -> None:
        """Make the fork server's root read-only, once all is loaded."""
        if self.level.own_namespaces:
            linux.remount_read_only("/")

    def _keep_what_lies_in_tmp(self, root: str) -> None:
        """An environment below /tmp is shown a second time, as sessions get a /tmp of their own."""
        for number, folder in enumerate(self._in_tmp()):
            _show(folder, f"{root}/.tmp/{number}")
            self._hide(folder, f"{root}/.tmp/{number}")

    def _hide(self, folder: str, view: str) -> None:
        """Cover what is hidden of a folder where that is shown."""
        if os.path.islink(folder):
            return
        real = os.path.realpath(folder)  # as the hidden ones are named; a parent may be a link
        for hidden in self.hidden:
            place = view + hidden.removeprefix(real)
            if _is_below(hidden, real) and os.path.isdir(place):
                linux.mount_tmpfs(place, "size=4k,mode=000")

    def _in_tmp(self) -> list[str]:
        return [f for f in self.folders if f.startswith("/tmp/") and not os.path.islink(f)]

    def prepare_filter(self) -> bytes:
        """The filter for system calls; made once, before the fork server is entered."""
        if not self.level.system_call_filter:
            return b""
        return filter_program(own_network=self.level.own_namespaces)

    def fork(self, namespace: int) -> int:
        """Fork a session of a fork server, into a namespace of processes where it has its own.

        Parameters
        ----------
        namespace
            That of the fork server, as `Processes.namespace` gives it.

        Returns
        -------
        pid
            As of `os.fork`.
        """
        if not self.level.own_namespaces:
            return os.fork()
        linux.unshare(linux.CLONE_NEWPID)
        pid = os.fork()
        if pid:
            linux.join_namespace(namespace, linux.CLONE_NEWPID)
        return pid

    def user_of(self, earlier: int) -> int | None:
        """The user that a session after so many becomes; None where it stays the one who grades.

        It does so too where the Python environment lies in a folder that others cannot enter.
        """
        if not self.level.unprivileged or not has_users():
            return None
        if not self.level.own_namespaces and not is_open_to_all(sys.prefix, sys.base_prefix):
            return None
        return self.user + earlier % 16

    def enter_session(
        self,
        program: bytes,
        processes: Processes,
        earlier: int,
        folder: str | None,
        connection: int,
    ) -> None:
        """Sandbox the calling process for good, the first of a namespace where it has one.

        Parameters
        ----------
        program
            The filter.
        earlier
            How many sessions this fork server has forked before.
        folder
            An empty one to work in, where the level gives none of its own.
        connection
            The one descriptor that stays open.
        """
        linux.die_with_parent()
        os.setsid()  # a signal to its process group shall not reach ours
        user = self.user_of(earlier)
        if self.level.own_namespaces:
            self._mount_own_folders()
            _count_processes_alone(processes)
            folder = WORK
        assert folder is not None
        os.chdir(folder)
        os.environ["HOME"] = os.environ["TMPDIR"] = folder
        tempfile.tempdir = None  # to be looked up again
        self._limit(processes)
        if self.level.landlock:
            readable = [os.environ["MPLCONFIGDIR"], *devices()]
            readable += without(self.hidden, self.folders)
            semaphores.install()  # as Landlock closes /dev/shm; elsewhere Python's own locks work
            linux.no_new_privileges()  # or an ordinary user may not confine itself
            linux.landlock(readable, [folder, "/dev/null"])
        _close_all_but(connection)
        if self.level.unprivileged:
            _drop_privileges(folder, user)
        if self.level.system_call_filter:
            linux.apply_filter(program)

    def _mount_own_folders(self) -> None:
        linux.unshare(linux.CLONE_NEWNS | linux.CLONE_NEWIPC)
        options = f"size={self.limits.disk},mode=1777,nr_inodes=20000"
        shown = list(enumerate(self._in_tmp()))  # asked before the links are covered as well
        links = {f: os.readlink(f) for f in self.folders if _is_link_in_tmp(f)}
        for place in ("/tmp", "/dev/shm"):
            linux.mount_tmpfs(place, options)
        os.mkdir(WORK)
        for place, target in links.items():
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.symlink(target, place)
        for number, target in shown:  # some of them through a link
            os.makedirs(target, exist_ok=True)
            linux.bind(f"/.tmp/{number}", target)
        with contextlib.suppress(OSError):
            linux.mount_proc("/proc")

    def _threads_of_others(self) -> int:
        """What counts against the limit of processes besides the session: all of the same user."""
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
            most = resource.getrlimit(which)[1]  # the machine's own limit may be a lower one
            amount = amount if most == resource.RLIM_INFINITY else min(amount, most)
            try:
                resource.setrlimit(which, (amount, amount))
            except (OSError, ValueError):
                if self.level.for_untrusted:  # some systems know a limit and do not set it
                    raise
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing too much is an error, not a death


def _count_processes_alone(processes: Processes) -> None:
    """Let the limit of processes count those of this session and no other.

    A user of its own does that. Else the kernel (from Linux 5.14 on) counts the processes of a user
    in each namespace of users apart.
    """
    if has_users():
        return
    user, group = os.getuid(), os.getgid()
    try:
        linux.unshare(linux.CLONE_NEWUSER)
    except OSError:  # there are as many as the machine allows: sessions share the limit then
        return
    processes.map_user(user, user, group, group)


def _drop_privileges(folder: str, user: int | None) -> None:
    """Give up all capabilities, and become another user, to whom a folder is given, where named."""
    linux.drop_bounding_set()
    if user is not None:
        os.chown(folder, user, user)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        linux.die_with_parent()  # a change of user has cleared it
    linux.drop_capabilities()
    linux.no_new_privileges()
    if not os.access(sys.prefix, os.R_OK | os.X_OK):
        raise PermissionError(f"{sys.prefix} cannot be read by another user than root")


def _is_link_in_tmp(place: str) -> bool:
    return place.startswith("/tmp/") and os.path.islink(place)


def devices() -> list[str]:
    """The machine's devices that any program may read."""
    return [place for name in DEVICES if os.path.exists(place := f"/dev/{name}")]


def is_open_to_all(*folders: str) -> bool:
    """Whether users other than the owners can read some folders, by the modes of all above."""
    return all(
        os.stat(place).st_mode & 0o005 == 0o005
        for folder in map(os.path.realpath, folders)
        for place in (folder, *map(str, Path(folder).parents))
    )


def without(hidden: Iterable[str], folders: Iterable[str]) -> list[str]:
    """Places that hold what some folders hold, and nothing of the hidden ones.

    A folder with a hidden one somewhere in it is replaced by what lies beside the way there, so it
    cannot be listed, and what is made in it later cannot be read.
    """
    places: list[str] = []
    for folder in dict.fromkeys(map(os.path.realpath, folders)):
        inside = [place for place in hidden if place.startswith(folder.rstrip("/") + "/")]
        if any(map(os.path.lexists, inside)):
            with contextlib.suppress(OSError):  # what we cannot list a session cannot read
                # What a link leads to is open where it lies, or not at all.
                entries = [e.path for e in os.scandir(folder) if not e.is_symlink()]
                places += without(inside, [e for e in entries if e not in inside])
        elif os.path.exists(folder):
            places.append(folder)
    return places


def _show(source: str, target: str) -> None:
    """A read-only view of `source` at `target`; a symbolic link is made again."""
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
