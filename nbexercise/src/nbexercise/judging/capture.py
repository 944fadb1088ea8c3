"""Capture the output of a call and limit its time."""

import contextlib
import gc
import io
import itertools
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

__all__ = ["Sink", "TimeIsUpError", "idle_seconds", "quiet", "time_limit"]

PRINT_LIMIT = 20_000  # characters kept of what a call prints
AGAIN = 1.0  # seconds until a timer fires again
SOON = 0.01  # the same, if an exception would be lost


class TimeIsUpError(BaseException):
    """Raised inside the student's function when a time limit has passed.

    Attributes
    ----------
    waited
        True for the limit of waiting, False for that of the processor time.
    """

    def __init__(self, waited: bool = False) -> None:
        super().__init__()
        self.waited = waited


class Sink(io.TextIOBase):
    """A text stream that keeps the first PRINT_LIMIT characters and counts the rest."""

    def __init__(self) -> None:
        self.kept = io.StringIO()
        self.lost = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        room = PRINT_LIMIT - self.kept.tell()
        self.kept.write(text[:room] if room > 0 else "")
        self.lost += max(0, len(text) - max(room, 0))
        return len(text)

    def text(self) -> str:
        cut = f"\n... ({self.lost} more characters)" if self.lost else ""
        return self.kept.getvalue() + cut


@contextlib.contextmanager
def quiet() -> Iterator[Sink]:
    """Keep output out of the cell while the block runs.

    stdout is captured for the verdict. stderr is dropped, because nbgrader gives 0 points to a cell
    that writes to it. It is dropped at three levels: the name sys.stderr, the stream object itself
    (a logging handler from an earlier cell may hold it) and descriptor 2.
    """
    sink, errors, stream = Sink(), Sink(), sys.stderr
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(sink))
        stack.enter_context(contextlib.redirect_stderr(errors))
        with contextlib.suppress(AttributeError, TypeError):  # outside a kernel, a C stream refuses
            stream.write = errors.write  # type: ignore[method-assign]
            stack.callback(delattr, stream, "write")
        with contextlib.suppress(OSError, AttributeError):  # a browser has no descriptor 2
            saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
            stack.callback(os.close, saved)
            os.dup2(nowhere, 2)
            os.close(nowhere)
            stack.callback(os.dup2, saved, 2)
        yield sink


def idle_seconds() -> float:
    """Return a clock that stands still while this process computes or waits for a processor.

    Linux reports how long the thread has waited for a processor. Elsewhere that counts as idle.
    """
    try:
        with open("/proc/thread-self/schedstat", "rb", buffering=0) as file:
            delay = int(file.read().split()[1])  # nanoseconds
    except (OSError, ValueError, IndexError):
        delay = 0
    return time.monotonic() - time.process_time() - delay / 1e9


@contextlib.contextmanager
def time_limit(of_processor: float, waiting: float = math.inf) -> Iterator[None]:
    """Limit the time of the block: raise TimeIsUpError in it when a limit has passed.

    The processor time of child processes does not count; waiting for them does. Does nothing
    outside the main thread and on platforms without interval timers. Among these are Windows and
    the browser, where there is only the wall clock: a check has no time limit there.

    Parameters
    ----------
    of_processor
        CPU seconds.
    waiting
        Seconds in which this process neither computes nor waits for a processor.
    """
    usable = hasattr(signal, "setitimer") and (
        threading.current_thread() is threading.main_thread()
    )
    if not usable:
        yield
        return
    if of_processor <= 0 or waiting <= 0:
        raise TimeIsUpError(waited=waiting <= 0)
    end = waiting if waiting == math.inf else idle_seconds() + waiting
    end_of_processor = time.process_time() + of_processor

    def left(waited: bool) -> float:
        """Return the seconds until a limit. The timers count ticks, and more of them under load."""
        if waited:
            return end - idle_seconds()
        return end_of_processor - time.process_time()

    def stop(timer: int, waited: bool) -> Callable[[int, FrameType | None], None]:
        postponed = itertools.count()

        def handle(signum: int, frame: FrameType | None) -> None:
            # While the code runs in another process, its owner disarms the timer; when that process
            # has used up the time, the owner raises the signal.
            is_owners = signal.getitimer(timer) == (0, 0)
            if left(waited) > 0 and not is_owners:
                signal.setitimer(timer, max(left(waited), SOON), AGAIN)
            elif _is_lost_in(frame) and next(postponed) < AGAIN / SOON:
                signal.setitimer(timer, SOON, AGAIN)
            else:
                raise TimeIsUpError(waited)

        return handle

    with contextlib.ExitStack() as stack:
        timer = (signal.ITIMER_PROF, signal.SIGPROF, of_processor, time.process_time)
        stack.enter_context(_timer(*timer, stop(signal.ITIMER_PROF, waited=False)))
        if waiting < math.inf:
            timer = (signal.ITIMER_REAL, signal.SIGALRM, waiting, time.monotonic)
            stack.enter_context(_timer(*timer, stop(signal.ITIMER_REAL, waited=True)))
        yield


def _is_lost_in(frame: FrameType | None) -> bool:
    """True if Python only reports an exception that leaves the frame, and goes on.

    It does so in finalizers and in callbacks of the garbage collector and of weak references.
    """
    callbacks = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while frame:
        code, module = frame.f_code, frame.f_globals.get("__name__")
        if code.co_name == "__del__" or code in callbacks or module == "weakref":
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def _timer(
    timer: int,
    number: int,
    seconds: float,
    clock: Callable[[], float],
    stop: Callable[[int, Any], None],
) -> Iterator[None]:
    running = True

    def handle(signum: int, frame: FrameType | None) -> None:
        if running:  # Python may call this after the timer has been disarmed
            stop(signum, frame)

    handler, began = signal.signal(number, handle), clock()
    # Fire again in case a bare except swallows the exception, or the time was not up. 0 seconds
    # would disarm the timer.
    before, interval = signal.setitimer(timer, max(seconds, 1e-3), AGAIN)
    try:
        yield
    finally:
        running = False
        signal.setitimer(timer, 0)
        signal.signal(number, handler)
        if before:  # restart a timer that was running before
            signal.setitimer(timer, max(before - (clock() - began), 1e-3), interval)
