"""Choose user ids that belong to nobody, so that sessions can run as separate users.

A run claims a block of BLOCK ids, PER_WORKER for each worker, and keeps it until it ends. Blocks
lie in ranges that neither Linux distributions, systemd nor directory services assign by default,
and outside those that this machine assigns in `/etc`.
"""

import fcntl
import functools
import os
import stat
from collections.abc import Callable
from pathlib import Path

from nbjudge.errors import IsolationError
from nbjudge.sandbox import linux

BLOCK = 1 << 14  # ids of one run
PER_WORKER = 16
RANGES = (  # multiples of BLOCK, in order of preference
    # Above SSSD's, below systemd's for foreign images.
    range(2_000_207_872, 2_147_352_576),
    # For containers with fewer ids: above /etc/login.defs', below systemd's.
    range(65_536, 524_288),
)
CAPABILITIES = (  # that running sessions as separate users takes
    linux.CAP_CHOWN,
    linux.CAP_DAC_OVERRIDE,
    linux.CAP_KILL,
    linux.CAP_SETGID,
    linux.CAP_SETUID,
)
ETC = Path("/etc")
PROC = Path("/proc/self")
FOLDERS = ("/run", "/dev/shm", "/tmp")  # for the file with the claims: the first that is writable
CLAIMS = "nbjudge-users"


@functools.cache  # sessions call it again but cannot read /proc
def has_users() -> bool:
    """True if this process can switch to user ids that no other user has."""
    return not missing()


def missing() -> str:
    """Return the reason why sessions cannot have separate users; "" if they can."""
    if os.getuid() != 0:
        return "only root can give sessions other users"
    if not free_blocks():
        return "this container has too few user ids, or /etc/subuid and /etc/subgid assign them all"
    return "" if linux.has_capabilities(*CAPABILITIES) else "root lacks the capabilities for it"


def free_blocks() -> list[int]:
    """Return the first ids of the blocks that this process may use and nobody else has.

    All are in the same range of RANGES.
    """
    mapped = [_mapped(f"{kind}_map") for kind in ("uid", "gid")]
    taken = [
        *_assigned("subuid", lambda fields: range(fields[1], fields[1] + fields[2])),
        *_assigned("subgid", lambda fields: range(fields[1], fields[1] + fields[2])),
        *_assigned("passwd", lambda fields: range(fields[2], fields[2] + 1)),
        *_assigned("group", lambda fields: range(fields[2], fields[2] + 1)),
    ]
    for ids in RANGES:
        uids, gids = ({first for part in parts for first in _within(ids, part)} for parts in mapped)
        free = (uids & gids).difference(*(_touching(ids, other) for other in taken if other))
        if free:
            return sorted(free)
    return []


@functools.cache
def first_user() -> int:
    """Claim a block that no other run on this machine has; return its first id, or 0 without any.

    Blocks are tried in a random order: containers that share a kernel, but no files, should not
    use the same ids, because the kernel counts the processes of a user in all containers.

    Raises
    ------
    IsolationError
        If other runs have claimed all blocks.
    """
    if not has_users():
        return 0
    blocks = free_blocks()
    blocks.sort(key=lambda first: os.urandom(8))
    claims = _open_claims()
    for first in blocks:
        if claims is None or _lock(claims, first):
            return first
    raise IsolationError(
        f"Nothing was graded: other runs of nbjudge use all {len(blocks)} blocks of user ids that "
        "are free here. Wait for one of them to end."
    )


def _open_claims() -> int | None:
    """Return a descriptor of the file whose locked bytes are claims, open until the process ends.

    Only root can open the file, so no other account can claim a block. Returns None if no folder is
    writable for root, or if another account has created the file in each of them.
    """
    for folder in FOLDERS:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            file = os.open(f"{folder}/{CLAIMS}", flags, 0o600)
        except OSError:
            continue
        status = os.fstat(file)
        is_private = not status.st_mode & 0o077 and status.st_nlink == 1
        if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and is_private:
            return file
        os.close(file)
    return None


def _lock(file: int, position: int) -> bool:
    """Lock one byte of a file until this process ends; return False if another process has."""
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, position)
    except OSError:
        return False
    return True


def _mapped(name: str) -> list[range]:
    """Return the ids that this process's user namespace has, from its uid_map or gid_map."""
    try:
        lines = (PROC / name).read_text().splitlines()
    except OSError:  # another system, or no such file in /proc
        return []
    starts = [(int(first), int(count)) for first, _, count in map(str.split, lines)]
    return [range(first, first + count) for first, count in starts]


def _assigned(name: str, ids: Callable[[list[int]], range]) -> list[range]:
    """Return the ids that each line of a file in /etc assigns, given its fields as numbers."""
    try:
        lines = (ETC / name).read_text(errors="replace").splitlines()
    except OSError:
        return []
    fields = [[int(field) if field.isdecimal() else -1 for field in x.split(":")] for x in lines]
    return [ids(numbers) for numbers in fields if len(numbers) > 2]


def _within(ids: range, part: range) -> range:
    """Return the first ids of the blocks of a range that lie in a part of all ids."""
    first = -(-max(ids.start, part.start) // BLOCK) * BLOCK
    return range(first, min(ids.stop, part.stop) - BLOCK + 1, BLOCK)


def _touching(ids: range, part: range) -> range:
    """Return the first ids of the blocks of a range that contain an id of a part of all ids."""
    first = max(ids.start, part.start) // BLOCK * BLOCK
    return range(first, min(ids.stop, part.stop), BLOCK)
