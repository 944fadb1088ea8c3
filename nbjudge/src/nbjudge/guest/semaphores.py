"""Locks and shared memory for multiprocessing without /dev/shm.

Python's own are files in that folder. At the level "reduced" it is the machine's: whoever may write
there leaves something for others to see. These locks are event counters, which forks inherit and
which have no name. So they work between a process and its forks, not with "spawn". Shared memory is
in files of the working folder.
"""

import contextlib
import os
import select
import tempfile
import threading
import time
from types import SimpleNamespace
from typing import Any, NoReturn

RECURSIVE = 0  # multiprocessing's number for an RLock; 1 is a semaphore
MISSING = "{} is not available where this notebook is graded (isolation level: reduced)"


def _counter(value: int) -> int:
    return os.eventfd(value, os.EFD_SEMAPHORE | os.EFD_NONBLOCK | os.EFD_CLOEXEC)


class SemLock:
    """What multiprocessing makes all its locks of, with the interface of `_multiprocessing`'s.

    Two counters: how often it can still be acquired, and how often released.
    """

    SEM_VALUE_MAX = 2**31 - 1

    def __init__(self, kind: int, value: int, maxvalue: int, name: str, unlink: bool):
        self.kind, self.maxvalue = kind, maxvalue
        self.name = None if unlink else name  # by which multiprocessing would clean it up
        self.handle, self._taken = _counter(value), _counter(maxvalue - value)
        self._held = 0
        self._owner: int | None = None

    def __del__(self) -> None:
        for counter in (self.handle, self._taken):
            with contextlib.suppress(OSError):
                os.close(counter)

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Take one, or wait until one can be had; returns whether it was."""
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
        """Give one back.

        Raises
        ------
        AssertionError
            For an RLock of another thread.
        ValueError
            Where none was taken.
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
    """Lower a counter by one; returns whether it was above 0."""
    try:
        os.eventfd_read(counter)
    except BlockingIOError:
        return False
    return True


def _file_of(name: str) -> str:
    """Return the path of a block of shared memory, which is named as in `shm_open`."""
    return os.path.join(tempfile.gettempdir(), name.strip("/"))


def _shm_open(path: str, flags: int, mode: int = 0o777) -> int:
    return os.open(_file_of(path), flags | os.O_CLOEXEC, mode)


def _shm_unlink(path: str) -> None:
    os.unlink(_file_of(path))


def _refuse_start_method(self: Any) -> NoReturn:
    what = MISSING.format(f"The start method {self._name!r}")
    raise ValueError(f"{what}; use multiprocessing.get_context('fork')")


def _refuse_manager(*_: object, **__: object) -> NoReturn:
    what = MISSING.format("A multiprocessing Manager")
    raise RuntimeError(f"{what}; use Queue, Pipe, Value, Array or shared_memory instead")


def install() -> None:
    """Let multiprocessing, in this process and its forks, do without /dev/shm and sockets.

    What needs them raises an exception that says so: otherwise a server or a spawned process dies
    at once, and its parent waits for it or starts another.
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
    arena._dir_candidates = []  # the folder for temporary files instead
    contexts: Any = multiprocessing.context
    for kind in (contexts.SpawnContext, contexts.ForkServerContext):
        kind._check_available = _refuse_start_method
    managers: Any = multiprocessing.managers
    managers.BaseManager.start = managers.BaseManager.get_server = _refuse_manager
