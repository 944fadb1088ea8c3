"""The locks of multiprocessing at the level "reduced", compared with Python's own."""

import _multiprocessing
import os
import threading

import pytest

from nbjudge.guest.semaphores import SemLock

RLOCK, SEMAPHORE = 0, 1
KINDS = pytest.mark.parametrize("kind", [SemLock, _multiprocessing.SemLock])


@pytest.fixture
def new(request):
    made = []

    def new(kind, which, value, most):
        made.append(kind(which, value, most, f"/nbjudge-test-{os.getpid()}-{len(made)}", True))
        return made[-1]

    return new


@KINDS
def test_a_lock_is_had_once_and_released_once(kind, new):
    lock = new(kind, SEMAPHORE, 1, 1)
    assert lock.acquire() and lock._is_zero() and lock._is_mine() and lock._count() == 1
    assert not lock.acquire(False) and not lock.acquire(True, 0.01)
    lock.release()
    assert not lock._is_zero() and not lock._is_mine()
    with pytest.raises(ValueError, match="released too many times"):
        lock.release()


@KINDS
def test_a_lock_that_is_unlinked_at_once_has_no_name(kind, new):
    """multiprocessing would try to remove a named lock, and complain that it is missing."""
    assert new(kind, SEMAPHORE, 1, 1).name is None


@KINDS
def test_a_bounded_semaphore_counts(kind, new):
    semaphore = new(kind, SEMAPHORE, 2, 3)
    assert [semaphore.acquire(False) for _ in range(3)] == [True, True, False]
    for _ in range(3):
        semaphore.release()
    with pytest.raises(ValueError, match="released too many times"):
        semaphore.release()
    assert new(kind, SEMAPHORE, 0, kind.SEM_VALUE_MAX)._is_zero()
    assert new(kind, SEMAPHORE, kind.SEM_VALUE_MAX, kind.SEM_VALUE_MAX).acquire(False)


@KINDS
def test_a_recursive_lock_belongs_to_a_thread(kind, new):
    lock, other = new(kind, RLOCK, 1, 1), []
    with lock, lock:
        assert lock._count() == 2

        def try_it():
            other.append(lock.acquire(False))
            try:
                lock.release()
            except AssertionError as error:
                other.append(str(error))

        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
    assert other == [False, "attempt to release recursive lock not owned by thread"]
    assert lock._count() == 0 and lock.acquire(False)


@KINDS
def test_a_fork_waits_for_its_parent(kind, new):
    lock, (read, write) = new(kind, SEMAPHORE, 0, 1), os.pipe()
    pid = os.fork()
    if pid == 0:
        lock._after_fork()
        os.write(write, b"1" if lock.acquire(True, 20) else b"0")
        os._exit(0)
    lock.release()
    assert os.read(read, 1) == b"1"
    os.waitpid(pid, 0)
    assert lock._is_zero()
    for one in (read, write):
        os.close(one)


def test_a_lock_that_is_gone_leaves_no_descriptor():
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        SemLock(SEMAPHORE, 1, 1, "/x", True)
    assert len(os.listdir("/proc/self/fd")) == before
