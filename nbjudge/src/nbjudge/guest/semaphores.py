"""Locks and shared memory for multiprocessing without /dev/shm.

Python keeps both as files in /dev/shm. At the level "reduced" that folder is the machine's, so a
file written there would be visible to other processes. The locks here are event counters
(eventfd), which have no name and are inherited by forks. They therefore work with "fork", not with
"spawn". Shared memory blocks are files in the working folder.
"""

import contextlib
import os
import select
import tempfile
import threading
import time
from types import SimpleNamespace
from typing import Any, NoReturn

RECURSIVE = 0  # multiprocessing's number for an RLock; a semaphore is 1
MISSING = "{} is not available where this notebook is graded (isolation level: reduced)"


def _counter(value: int) -> int:
    return os.eventfd(value, os.EFD_SEMAPHORE | os.EFD_NONBLOCK | os.EFD_CLOEXEC)


class SemLock:
    """The primitive from which multiprocessing builds all its locks.

    It implements the interface of `_multiprocessing.SemLock` with two counters: how often the lock
    can still be acquired, and how often it can be released.
    """

    SEM_VALUE_MAX = 2**31 - 1

    def __init__(self, kind: int, value: int, maxvalue: int, name: str, unlink: bool):
        self.kind, self.maxvalue = kind, maxvalue
        self.name = None if unlink else name  # multiprocessing cleans up by name
        self.handle, self._taken = _counter(value), _counter(maxvalue - value)
        self._held = 0
        self._owner: int | None = None

    def __del__(self) -> None:
        for counter in (self.handle, self._taken):
            with contextlib.suppress(OSError):
                os.close(counter)

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Acquire the lock, waiting if necessary; return False if it was not acquired in time."""
        if self.kind == RECURSIVE and self._is_mine():
            self._held += 1
            return True
        until = None if timeout is None else time.monotonic() + max(0, timeout)
        while not _take(self.handle):
            left = None if until is None else until - time.monotonic()
            if not block or (left is not None and left <= 0):
                return False
            poll = select.poll()
            poll.register(self.handle, select.POLLIN)
            poll.poll(left if left is None else left * 1000)
        os.eventfd_write(self._taken, 1)
        self._held, self._owner = self._held + 1, threading.get_ident()
        return True

    def release(self) -> None:
        """Release the lock.

        Raises
        ------
        AssertionError
            If another thread owns the RLock.
        ValueError
            If the lock is released more often than acquired.
        """
        if self.kind == RECURSIVE:
            if not self._is_mine():
                raise AssertionError("attempt to release recursive lock not owned by thread")
            if self._held > 1:
                self._held -= 1
                return
        if not _take(self._taken):
            raise ValueError("semaphore or lock released too many times")
        self._held -= 1
        os.eventfd_write(self.handle, 1)

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _count(self) -> int:
        return self._held

    def _is_mine(self) -> bool:
        return self._held > 0 and self._owner == threading.get_ident()

    def _is_zero(self) -> bool:
        poll = select.poll()
        poll.register(self.handle, select.POLLIN)
        return not poll.poll(0)

    def _get_value(self) -> int:
        raise NotImplementedError(
            MISSING.format("The value of a semaphore, or qsize() of a queue,")
        )

    def _after_fork(self) -> None:
        self._held = 0


def _take(counter: int) -> bool:
    """Decrement a counter; return False if it is 0."""
    try:
        os.eventfd_read(counter)
    except BlockingIOError:
        return False
    return True


def _file_of(name: str) -> str:
    """Return the path of a shared memory block, given its `shm_open` name."""
    return os.path.join(tempfile.gettempdir(), name.strip("/"))


def _shm_open(path: str, flags: int, mode: int = 0o777) -> int:
    return os.open(_file_of(path), flags | os.O_CLOEXEC, mode)


def _shm_unlink(path: str) -> None:
    os.unlink(_file_of(path))


def _refuse_start_method(self: Any) -> NoReturn:
    reason = MISSING.format(f"The start method {self._name!r}")
    raise ValueError(f"{reason}; use multiprocessing.get_context('fork')")


def _refuse_manager(*_: object, **__: object) -> NoReturn:
    reason = MISSING.format("A multiprocessing Manager")
    raise RuntimeError(f"{reason}; use Queue, Pipe, Value, Array or shared_memory instead")


def install() -> None:
    """Make multiprocessing work without /dev/shm and sockets, in this process and its forks.

    Features that need either raise an exception that says so. Otherwise a manager's server or a
    spawned process would die at once, and its parent would wait for it or start another.
    """
    import _multiprocessing
    import multiprocessing.context
    import multiprocessing.heap
    import multiprocessing.managers
    import multiprocessing.shared_memory

    _multiprocessing.SemLock = SemLock
    memory: Any = multiprocessing.shared_memory
    memory._posixshmem = SimpleNamespace(shm_open=_shm_open, shm_unlink=_shm_unlink)
    arena: Any = multiprocessing.heap.Arena
    arena._dir_candidates = []  # falls back to the folder for temporary files
    contexts: Any = multiprocessing.context
    for kind in (contexts.SpawnContext, contexts.ForkServerContext):
        kind._check_available = _refuse_start_method
    managers: Any = multiprocessing.managers
    managers.BaseManager.start = managers.BaseManager.get_server = _refuse_manager
