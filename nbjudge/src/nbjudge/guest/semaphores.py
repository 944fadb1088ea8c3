"""Locks for multiprocessing without shared memory in the file system.

Python's own are files below /dev/shm. At the level "reduced" that folder is the machine's: whoever
may write there leaves something for others to see. These are event counters, which forks inherit
and which have no name. So they work between a process and its forks, not with "spawn".
"""

import contextlib
import os
import select
import threading
import time
from typing import Any

RECURSIVE = 0  # multiprocessing's number for an RLock; 1 is a semaphore


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
        raise NotImplementedError("a semaphore does not tell its value here")

    def _after_fork(self) -> None:
        self._held = 0


def _take(counter: int) -> bool:
    """Lower a counter by one; returns whether it was above 0."""
    try:
        os.eventfd_read(counter)
    except BlockingIOError:
        return False
    return True


def install() -> None:
    """Let multiprocessing, in this process and its forks, use these locks, and forks."""
    import _multiprocessing
    import multiprocessing.context
    import multiprocessing.heap

    _multiprocessing.SemLock = SemLock
    arena: Any = multiprocessing.heap.Arena
    arena._dir_candidates = []  # the folder for temporary files instead
    # From Python 3.14 on it is a server, to whose socket nobody can connect here.
    contexts: Any = multiprocessing.context
    contexts._default_context._default_context = contexts._concrete_contexts["fork"]
