"""Linux functions that Python 3.11 lacks, called through the C library.

Other systems can import the module. There `return_large_blocks`, `set_process_name`,
`die_with_parent` and `erase_variable` do nothing, `landlock_version` returns 0, and all other
functions raise OSError.
"""

import contextlib
import ctypes
import errno
import os
import signal
import struct
import sys
from collections.abc import Callable, Iterable
from typing import Any

# Names and values from the kernel's headers.
# linux/sched.h
CLONE_NEWTIME = 0x00000080
CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
# linux/mount.h
MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_NOATIME = 1024
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MS_RELATIME = 1 << 21
MNT_DETACH = 2
# linux/prctl.h
PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
# linux/seccomp.h, linux/capability.h
SECCOMP_MODE_FILTER = 2
LINUX_CAPABILITY_VERSION_3 = 0x20080522
CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID, CAP_SETUID = 0, 1, 5, 6, 7
# linux/landlock.h; the system calls have these numbers on every architecture
SYS_LANDLOCK_CREATE_RULESET = 444
SYS_LANDLOCK_ADD_RULE = 445
SYS_LANDLOCK_RESTRICT_SELF = 446
LANDLOCK_CREATE_RULESET_VERSION = 1
LANDLOCK_RULE_PATH_BENEATH = 1
LANDLOCK_ACCESS_FS_EXECUTE = 1 << 0
LANDLOCK_ACCESS_FS_WRITE_FILE = 1 << 1
LANDLOCK_ACCESS_FS_READ_FILE = 1 << 2
LANDLOCK_ACCESS_FS_READ_DIR = 1 << 3
LANDLOCK_ACCESS_FS_REFER = 1 << 13  # from version 2 on
LANDLOCK_ACCESS_FS_TRUNCATE = 1 << 14  # from version 3 on
LANDLOCK_ACCESS_FS_IOCTL_DEV = 1 << 15  # from version 5 on
LANDLOCK_ACCESS_NET_BIND_TCP = 1 << 0  # from version 4 on
LANDLOCK_ACCESS_NET_CONNECT_TCP = 1 << 1
LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0  # from version 6 on
LANDLOCK_SCOPE_SIGNAL = 1 << 1
M_MMAP_THRESHOLD = -3


class _Missing:
    """Stand-in for the C library on other systems: every call fails with ENOSYS."""

    def __getattr__(self, name: str) -> Callable[..., int]:
        def fail(*_: object) -> int:
            ctypes.set_errno(errno.ENOSYS)
            return -1

        return fail


_libc: Any = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else _Missing()


def _check(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def return_large_blocks() -> None:
    """Return freed memory blocks of 128 kB or more to the system.

    By default glibc keeps freed blocks up to the size of the largest one freed so far: see
    M_MMAP_THRESHOLD in mallopt(3). Other C libraries are not affected.
    """
    if mallopt := getattr(_libc, "mallopt", None):
        mallopt(M_MMAP_THRESHOLD, 128 * 1024)


def unshare(flags: int) -> None:
    """Move this process into new namespaces of the kinds in `flags`."""
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def join_namespace(descriptor: int, kind: int) -> None:
    """Enter a namespace, given by an open file of /proc/PID/ns or by a process (a pidfd)."""
    _check(_libc.setns(ctypes.c_int(descriptor), ctypes.c_int(kind)), "setns")


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    def text(value: str | None) -> bytes | None:
        return None if value is None else os.fsencode(value)

    result = _libc.mount(
        text(source), text(target), text(kind), ctypes.c_ulong(flags), text(options)
    )
    _check(result, f"mount {target}")


def make_mounts_private() -> None:
    """Make all mounts private, so that later mounts are invisible in other namespaces."""
    _mount(None, "/", None, MS_REC | MS_PRIVATE)


def mount_tmpfs(target: str, options: str) -> None:
    """Mount an in-memory file system, without devices or set-user-id programs."""
    _mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, options)


def mount_proc(target: str) -> None:
    """Mount /proc, read-only, with the processes of this PID namespace."""
    _mount("proc", target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY)


def bind(source: str, target: str) -> None:
    """Bind-mount a file or folder, including mounts below it, read-only at a second path."""
    _mount(source, target, None, MS_BIND | MS_REC)
    remount_read_only(target, bind=True)


def remount_read_only(target: str, bind: bool = False) -> None:
    """Make a mount read-only. Its other flags are kept, as they may be locked."""
    flags = MS_REMOUNT | MS_RDONLY | MS_NOSUID | (MS_BIND if bind else 0)
    present = os.statvfs(target).f_flag
    for bit, flag in (
        (os.ST_NODEV, MS_NODEV),
        (os.ST_NOEXEC, MS_NOEXEC),
        (os.ST_NOATIME, MS_NOATIME),
        (os.ST_RELATIME, MS_RELATIME),
    ):
        if present & bit:
            flags |= flag
    _mount(None, target, None, flags)


def unmount(target: str) -> None:
    """Unmount lazily: detach a mount now, and release it once it is no longer in use."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"unmount {target}")


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root of this mount namespace and move the former root to `old`."""
    _check(_libc.pivot_root(os.fsencode(new), os.fsencode(old)), "pivot_root")


def _prctl(*arguments: int) -> None:
    _check(_libc.prctl(*(ctypes.c_ulong(argument) for argument in arguments)), "prctl")


def die_with_parent() -> None:
    """Kill this process when the thread that started it ends, where the system supports that.

    This is a second line of defense: each process exits when the socket to its parent closes.
    """
    with contextlib.suppress(OSError):
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def set_process_name(name: str) -> None:
    """Set the name of this process for `ps -e` and `top`, at most 15 characters."""
    text = ctypes.create_string_buffer(name.encode())
    with contextlib.suppress(OSError):
        _prctl(PR_SET_NAME, ctypes.addressof(text), 0, 0, 0)


def erase_variable(name: str) -> None:
    """Overwrite an environment variable in this program's initial memory.

    /proc/PID/environ shows that memory even after the variable has been removed.
    """
    if sys.platform == "linux":
        _libc.getenv.restype = ctypes.c_void_p
        address = _libc.getenv(os.fsencode(name))
        if address:
            ctypes.memset(address, 0, len(ctypes.string_at(address)))


def adopt_orphans() -> None:
    """Become a subreaper: the parent of every descendant whose own parent ends."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def no_new_privileges() -> None:
    """Disable set-user-id programs for this process and its children, permanently."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def has_capabilities(*numbers: int) -> bool:
    """True if this process has all of these capabilities.

    Raises
    ------
    OSError
        If /proc cannot be read.
    """
    with open("/proc/self/status") as file:
        lines = dict(line.split(":", 1) for line in file)
    held = int(lines.get("CapEff", "0"), 16)
    return all(held >> number & 1 for number in numbers)


def drop_bounding_set() -> None:
    """Empty the bounding set, so that this process can gain no capabilities.

    Dropping the set requires a capability, so call the function before changing the user.
    """
    for number in range(64):  # stops after the kernel's last capability
        if _libc.prctl(PR_CAPBSET_DROP, *map(ctypes.c_ulong, (number, 0, 0, 0))) < 0:
            break
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)


def drop_capabilities() -> None:
    """Drop all capabilities, including inheritable ones."""

    class Header(ctypes.Structure):
        _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]

    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(ctypes.byref(Header(LINUX_CAPABILITY_VERSION_3, 0)), nothing), "capset")


def apply_filter(program: bytes) -> None:
    """Filter the system calls of this process and its children with a BPF program, permanently."""

    class Filter(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_void_p)]

    code = ctypes.create_string_buffer(program, len(program))
    rules = Filter(len(program) // 8, ctypes.addressof(code))
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(rules), 0, 0)


_READ = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR
_OF_FILES = (  # rights that apply to files
    LANDLOCK_ACCESS_FS_EXECUTE
    | LANDLOCK_ACCESS_FS_WRITE_FILE
    | LANDLOCK_ACCESS_FS_READ_FILE
    | LANDLOCK_ACCESS_FS_TRUNCATE
    | LANDLOCK_ACCESS_FS_IOCTL_DEV
)
_LAST_RIGHT = {  # the last right of each version of the Landlock ABI
    1: LANDLOCK_ACCESS_FS_REFER >> 1,
    2: LANDLOCK_ACCESS_FS_REFER,
    3: LANDLOCK_ACCESS_FS_TRUNCATE,
    4: LANDLOCK_ACCESS_FS_TRUNCATE,
}


def landlock_version() -> int:
    """Return the kernel's Landlock ABI version; 0 if it does not support Landlock."""
    return max(0, _create_ruleset(None, 0, LANDLOCK_CREATE_RULESET_VERSION))


def landlock(
    readable: Iterable[str], writable: Iterable[str], listable: Iterable[str] = ()
) -> None:
    """Restrict this process to reading below some paths and writing below others, permanently.

    Parameters
    ----------
    readable
        Files and folders that the process can read and execute.
    writable
        Files and folders with full access.
    listable
        Folders below which the process can list names but cannot read files.

    Raises
    ------
    OSError
        If the kernel does not support Landlock.
    """
    version = landlock_version()
    everything = 2 * _LAST_RIGHT.get(version, LANDLOCK_ACCESS_FS_IOCTL_DEV) - 1
    handled = (ctypes.c_uint64 * 3)(
        everything,
        LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP,
        LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL,
    )
    size = 8 if version < 4 else 16 if version < 6 else 24  # older kernels know fewer fields
    rules = _check(_create_ruleset(handled, size, 0), "landlock_create_ruleset")

    rights_of = (
        (listable, LANDLOCK_ACCESS_FS_READ_DIR),
        (readable, _READ),
        (writable, everything),
    )
    for paths, rights in rights_of:
        for path in paths:
            folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
            given = rights if os.path.isdir(path) else rights & _OF_FILES & everything
            rule = struct.pack("=Qi", given, folder)  # landlock_path_beneath_attr, which is packed
            kind = LANDLOCK_RULE_PATH_BENEATH
            result = _libc.syscall(SYS_LANDLOCK_ADD_RULE, rules, kind, rule, ctypes.c_uint32(0))
            os.close(folder)
            _check(result, f"landlock_add_rule {path}")
    result = _libc.syscall(SYS_LANDLOCK_RESTRICT_SELF, rules, ctypes.c_uint32(0))
    _check(result, "landlock_restrict_self")
    os.close(rules)


def _create_ruleset(handled: Any, size: int, flags: int) -> int:
    arguments = handled, ctypes.c_size_t(size), ctypes.c_uint32(flags)
    return int(_libc.syscall(SYS_LANDLOCK_CREATE_RULESET, *arguments))
