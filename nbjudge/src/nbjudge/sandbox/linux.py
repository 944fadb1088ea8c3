"""The few Linux calls that Python 3.11 does not offer, through the C library.

The module can be imported on any system. Elsewhere `call_process` and `die_with_parent` do nothing,
and all others raise OSError.
"""

import contextlib
import ctypes
import errno
import os
import sys

NEW_MOUNTS, NEW_NAMES, NEW_IPC = 0x20000, 0x4000000, 0x8000000
NEW_USERS, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEVICES, NO_PROGRAMS, REMOUNT = 1, 2, 4, 8, 32
BIND, RECURSIVE, PRIVATE, NO_ATIME, RELATIVE_ATIME = 4096, 16384, 1 << 18, 1024, 1 << 21


class _Missing:
    """The C library of another system: every call fails as one that its kernel does not know."""

    def __getattr__(self, name):
        def fail(*_):
            ctypes.set_errno(errno.ENOSYS)
            return -1

        return fail


_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else _Missing()


def _check(result, what):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` names for new ones."""
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def join_namespace(descriptor: int, kind: int) -> None:
    """Enter a namespace: that of an open file of /proc/PID/ns, or of a process (a pidfd)."""
    _check(_libc.setns(ctypes.c_int(descriptor), ctypes.c_int(kind)), "setns")


def _mount(source, target, kind, flags, options=None):
    def text(value):
        return None if value is None else os.fsencode(value)

    result = _libc.mount(
        text(source), text(target), text(kind), ctypes.c_ulong(flags), text(options)
    )
    _check(result, f"mount {target}")


def make_mounts_private() -> None:
    """Let no mount made from now on be seen outside this namespace."""
    _mount(None, "/", None, RECURSIVE | PRIVATE)


def mount_tmpfs(target: str, options: str) -> None:
    """Mount a file system in memory, without devices or set-user-id programs."""
    _mount("tmpfs", target, "tmpfs", NO_SUID | NO_DEVICES, options)


def mount_proc(target: str) -> None:
    """Mount a view of this process namespace, through which no setting can be written."""
    _mount("proc", target, "proc", NO_SUID | NO_DEVICES | NO_PROGRAMS | READ_ONLY)


def bind(source: str, target: str) -> None:
    """Show a file or folder, and what is mounted below it, at a second place, to be read only."""
    _mount(source, target, None, BIND | RECURSIVE)
    remount_read_only(target, bind=True)


def remount_read_only(target: str, bind: bool = False) -> None:
    """Forbid writing through a mount; its present flags must be kept, as they may be locked."""
    flags = REMOUNT | READ_ONLY | NO_SUID | (BIND if bind else 0)
    present = os.statvfs(target).f_flag
    for bit, flag in (
        (os.ST_NODEV, NO_DEVICES),
        (os.ST_NOEXEC, NO_PROGRAMS),
        (os.ST_NOATIME, NO_ATIME),
        (os.ST_RELATIME, RELATIVE_ATIME),
    ):
        if present & bit:
            flags |= flag
    _mount(None, target, None, flags)


def unmount(target: str) -> None:
    """Detach a mount now; it goes when nobody uses it any more."""
    _check(_libc.umount2(os.fsencode(target), 2), f"unmount {target}")


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root of this mount namespace; the former root is then at `old`."""
    _check(_libc.pivot_root(os.fsencode(new), os.fsencode(old)), "pivot_root")


def _prctl(*arguments):
    _check(_libc.prctl(*(ctypes.c_ulong(argument) for argument in arguments)), "prctl")


def die_with_parent() -> None:
    """Be killed when the thread that started this process ends, where the system can do that.

    It is a second line: all our processes end when the socket to whoever started them closes.
    """
    with contextlib.suppress(OSError):
        _prctl(1, 9, 0, 0, 0)


def call_process(name: str) -> None:
    """Give this process a name of at most 15 letters, for `ps -e` and `top`."""
    text = ctypes.create_string_buffer(name.encode())
    with contextlib.suppress(OSError):
        _prctl(15, ctypes.addressof(text), 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    _prctl(36, 1, 0, 0, 0)


def no_new_privileges() -> None:
    """Gain nothing by running a set-user-id program, from now on."""
    _prctl(38, 1, 0, 0, 0)


def drop_bounding_set() -> None:
    """Never gain a capability again. This needs one itself: do it before changing the user."""
    for number in range(64):  # ends at the last capability of this kernel
        if _libc.prctl(24, *(ctypes.c_ulong(value) for value in (number, 0, 0, 0))) < 0:
            break
    _prctl(47, 4, 0, 0, 0)  # the ambient set


def drop_capabilities() -> None:
    """Give up every capability, those to be inherited included."""

    class Header(ctypes.Structure):
        _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]

    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(ctypes.byref(Header(0x20080522, 0)), nothing), "capset")


def apply_filter(program: bytes) -> None:
    """Filter this process's system calls with a BPF program, for good and for its children."""

    class Filter(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_void_p)]

    code = ctypes.create_string_buffer(program, len(program))
    rules = Filter(len(program) // 8, ctypes.addressof(code))
    _prctl(22, 2, ctypes.addressof(rules), 0, 0)


# Landlock's calls have these numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ = 0b1101  # run a file, read a file, list a folder
_RIGHTS_OF_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}


def landlock_version() -> int:
    """Which version of Landlock the kernel has; 0 where it has none."""
    return max(0, _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))


def landlock(readable, writable) -> None:
    """Allow this process only to read below some places and to write below others, for good.

    raises: OSError where the kernel has no Landlock
    """
    version = landlock_version()
    everything = (1 << _RIGHTS_OF_VERSION.get(version, 16)) - 1
    # From version 4 on: no TCP; from version 6 on: no signal or abstract socket to the outside.
    handled = (ctypes.c_uint64 * 3)(everything, 0b11, 0b11)
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = _check(
        _libc.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(size), ctypes.c_uint32(0)),
        "landlock_create_ruleset",
    )

    class Rule(ctypes.Structure):
        _pack_ = 1
        _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]

    of_files = everything & 0b1100000000000111  # the rights that a file can have
    for places, rights in ((readable, _READ), (writable, everything)):
        for place in places:
            folder = os.open(place, os.O_PATH | os.O_CLOEXEC)
            given = rights if os.path.isdir(place) else rights & of_files
            rule = Rule(given, folder)
            result = _libc.syscall(_ADD_RULE, rules, 1, ctypes.byref(rule), ctypes.c_uint32(0))
            os.close(folder)
            _check(result, f"landlock_add_rule {place}")
    _check(_libc.syscall(_RESTRICT_SELF, rules, ctypes.c_uint32(0)), "landlock_restrict_self")
    os.close(rules)
