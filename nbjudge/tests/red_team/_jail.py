"""A jail in which attacks do no harm: separate namespaces and a separate file system.

`command` returns the command line to run outside; it starts `enter` as process 1 of new namespaces,
which builds the file system and becomes `tests.red_team._inside`. The root is a file system in
memory. Files that Python programs of this environment need are mounted read-only; everything else
is invented: passwords, home directories, /tmp. The network leads nowhere.

The engine in the jail runs either as the same user as outside ("same") or, if that is root, as an
ordinary user ("ordinary"). Stock nbgrader runs as a root without power outside the jail: it
executes any code, and the machine must survive.
"""

import ctypes
import fcntl
import importlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

__all__ = [
    "COURSE",
    "ENGINE",
    "EXCHANGE",
    "HOME",
    "KEPT",
    "REPOSITORY",
    "SPECIFICATION",
    "command",
    "copy_repository",
    "missing",
]

COURSE = Path("/srv/course")
EXCHANGE = Path("/srv/exchange")
HOME = Path("/home/teacher")
REPOSITORY = Path("/opt/repository")  # contains src, tests/red_team and tests/support
ENGINE = REPOSITORY / "src"
KEPT = Path("/mnt/kept")  # the only writable folder from outside
SPECIFICATION = Path("/run/specification.json")
ORDINARY_USER = 1000

_ROOT = Path(__file__).resolve().parents[2]  # of the project, outside the jail
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime")
_SETTINGS += ("mime.types", "nsswitch.conf", "protocols", "services")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_BIND, _RECURSIVE, _PRIVATE, _REMOUNT, _READ_ONLY, _NO_SUID = 4096, 16384, 1 << 18, 32, 1, 2
_NO_DEVICES, _NO_PROGRAMS, _NO_ATIME, _RELATIVE_ATIME = 4, 8, 1024, 1 << 21
_NEW_USERS = 0x10000000


def command(specification: Path, kept: Path, powerless: bool, container=()) -> list[str]:
    """Return a command line that starts `enter` in namespaces or `enter_container` in a container.

    Parameters
    ----------
    powerless
        True to use a user namespace, whose root has no power outside the namespace.
    container
        Command that starts a container, and its image; its isolation is the container's.
    """
    if container:
        *start, image = container
        repository = json.loads(specification.read_text())["repository"]
        shown = {kept: KEPT, repository: f"{REPOSITORY}:ro", specification: f"{SPECIFICATION}:ro"}
        volumes = [f"--volume={outside}:{inside}" for outside, inside in shown.items()]
        start += ["--rm", "--network=none", "--user=0", *volumes, image]
        return [*start, "python", f"{REPOSITORY}/tests/red_team/_jail.py"]
    namespaces = ["--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child"]
    if powerless or os.geteuid() != 0:
        namespaces += ["--user", "--map-root-user"]
    inside = [sys.executable, str(Path(__file__).resolve()), str(specification), str(kept)]
    return ["unshare", *namespaces, *inside]


def copy_repository(target: Path) -> None:
    """Copy the attacks, the engine and its plug-ins, so that edits do not change a running test."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("tests/red_team", "tests/support", "src"):
        if (_ROOT / name).is_dir():
            shutil.copytree(_ROOT / name, target / name, ignore=ignored)
    # Installed plug-ins may be links to folders that the jail does not show.
    points = [point for installed in distributions() for point in installed.entry_points]
    modules = {point.module for point in points if point.group.startswith("nbjudge.")}
    for package in {module.partition(".")[0] for module in modules} - {"nbjudge"}:
        for folder in importlib.import_module(package).__path__:
            shutil.copytree(folder, target / "src" / package, ignore=ignored)


def missing() -> str | None:
    """Return why no jail can be created on this machine, or None."""
    if not sys.platform.startswith("linux"):
        return "attacks run in Linux namespaces"
    if shutil.which("unshare") is None:
        return "the command `unshare` (util-linux) is missing"
    flags = ["--mount", "--pid", "--net", "--fork", "--user", "--map-root-user", "--mount-proc"]
    tried = subprocess.run(["unshare", *flags, "true"], capture_output=True, text=True)
    return None if tried.returncode == 0 else f"no namespaces: {tried.stderr.strip()}"


# ---------------------------------------------------------------------------- inside the namespaces


_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result, what):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def _mount(source, target, kind, flags, options=None):
    given = [None if part is None else os.fsencode(part) for part in (source, target, kind)]
    options = None if options is None else options.encode()
    _checked(_libc.mount(*given, ctypes.c_ulong(flags), options), f"mount {target}")


def _show(source: Path, target: Path, read_only: bool = True) -> None:
    """Bind-mount a file or folder of the machine in the jail."""
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _mount(source, target, None, _BIND | _RECURSIVE)
    if not read_only:
        return
    present = os.statvfs(target).f_flag
    kept = [(os.ST_NODEV, _NO_DEVICES), (os.ST_NOEXEC, _NO_PROGRAMS)]
    kept += [(os.ST_NOATIME, _NO_ATIME), (os.ST_RELATIME, _RELATIVE_ATIME)]
    flags = sum(flag for bit, flag in kept if present & bit)
    flags |= _BIND | _REMOUNT | _READ_ONLY | (0 if str(source).startswith("/dev") else _NO_SUID)
    _mount(None, target, None, flags)


def _environment() -> list[Path]:
    """Return the folders that contain Python and its packages, none nested in another."""
    found = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]}
    found |= {path.resolve() for path in set(found)}
    found = {path for path in found if not path.is_relative_to("/usr")}
    return sorted(
        path for path in found if not any(path != o and path.is_relative_to(o) for o in found)
    )


def _build(root: Path, specification: Path, repository: Path, kept: Path, powerless: bool) -> None:
    """Create the jail's file system below root."""
    _mount(None, "/", None, _RECURSIVE | _PRIVATE)
    _mount("tmpfs", root, "tmpfs", _NO_SUID | _NO_DEVICES, "size=1g,mode=755")
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():
            (root / name[1:]).symlink_to(path.readlink())
        elif path.is_dir():
            _show(path, root / name[1:])
    for path in _environment():
        _show(path, root / str(path)[1:])
    for name in _SETTINGS:
        if Path("/etc", name).exists():
            _show(Path("/etc", name), root / "etc" / name)
    _show(repository, root / str(REPOSITORY)[1:])
    _show(kept, root / str(KEPT)[1:], read_only=False)
    if Path("/var/cache/fontconfig").is_dir():
        _show(Path("/var/cache/fontconfig"), root / "var/cache/fontconfig")
    (root / "run").mkdir()
    (root / str(SPECIFICATION)[1:]).write_bytes(specification.read_bytes())

    for name, mode in (("tmp", 0o1777), ("var/tmp", 0o1777), ("var/spool/cron/crontabs", 0o1777)):
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name).chmod(mode)
    (root / "root").mkdir(exist_ok=True)
    (root / "etc/passwd").write_text(
        f"root:x:0:0:root:/root:/bin/bash\nteacher:x:{ORDINARY_USER}:{ORDINARY_USER}::{HOME}:/bin/bash\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
    )
    (root / "etc/group").write_text(f"root:x:0:\nteacher:x:{ORDINARY_USER}:\nnogroup:x:65534:\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")

    for name in _DEVICES:
        _show(Path("/dev", name), root / "dev" / name, read_only=False)
    (root / "dev/shm").mkdir()
    (root / "dev/shm").chmod(0o1777)
    (root / "dev/pts").mkdir()
    _mount("devpts", root / "dev/pts", "devpts", _NO_SUID, "newinstance,ptmxmode=0666,mode=620")
    (root / "dev/ptmx").symlink_to("pts/ptmx")
    (root / "dev/fd").symlink_to("/proc/self/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        (root / "dev" / name).symlink_to(f"/proc/self/fd/{number}")
    (root / "proc").mkdir()
    _mount("proc", root / "proc", "proc", _NO_SUID | _NO_DEVICES | _NO_PROGRAMS)
    if powerless:  # root in a user namespace may still write the machine's kernel settings
        _show(root / "proc/sys", root / "proc/sys")
    elif Path("/sys/fs/cgroup").is_dir():
        _show(Path("/sys/fs/cgroup"), root / "sys/fs/cgroup", read_only=False)


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        # IFF_UP and IFF_RUNNING.
        fcntl.ioctl(one, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))


def _map_user(inside: int, outside: int) -> None:
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{inside} {outside} 1")
    Path("/proc/self/gid_map").write_text(f"{inside} {outside} 1")


def _become(user: str, powerless: bool) -> None:
    """Switch to the user who grades, after creating the folders."""
    ordinary = user == "ordinary"
    owner = ORDINARY_USER if ordinary and not powerless else 0
    for path in (COURSE, EXCHANGE, HOME):
        path.mkdir(parents=True)
        os.chown(path, owner, owner)
    os.chown(KEPT, owner, owner)
    if ordinary and powerless:  # already an ordinary user outside: look like one inside too
        _checked(_libc.unshare(_NEW_USERS), "unshare")
        _map_user(ORDINARY_USER, 0)
    elif ordinary:
        os.setgroups([])
        os.setresgid(*[ORDINARY_USER] * 3)
        os.setresuid(*[ORDINARY_USER] * 3)


def enter() -> None:
    """Build the jail, change the root to it, and execute the program that grades a class."""
    specification, kept = map(Path, sys.argv[1:])
    settings = json.loads(specification.read_text())
    root = kept / "root"
    root.mkdir(exist_ok=True)
    _build(root, specification, Path(settings["repository"]), kept, settings["powerless"])
    _raise_loopback()
    os.chdir(root)
    (root / "old").mkdir()
    _checked(_libc.pivot_root(b".", b"old"), "pivot_root")
    os.chdir("/")
    _checked(_libc.umount2(b"/old", 2), "umount")
    os.rmdir("/old")
    _move_in(settings)


def enter_container() -> None:
    """Start the program as process 1 of a container, which already has a file system."""
    _move_in(json.loads(SPECIFICATION.read_text()))


def _move_in(settings):
    for name, (text, mode) in settings["files"].items():  # only root may write these
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
        Path(name).chmod(mode)
    _become(settings["user"], settings["powerless"])
    os.chdir(REPOSITORY)
    os.umask(0o022)
    environment = {
        "HOME": str(HOME),
        "LANG": "C.UTF-8",
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin:/usr/sbin:/sbin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ENGINE),
        "USER": "teacher",
    }
    arguments = [sys.executable, "-m", "tests.red_team._inside"]
    os.execve(sys.executable, arguments, environment)


if __name__ == "__main__":
    enter() if len(sys.argv) > 1 else enter_container()
