"""Capture the output of a call and limit its time."""

import contextlib
import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator

__all__ = ["Sink", "TimeIsUpError", "quiet", "time_limit"]

PRINT_LIMIT = 20_000  # characters kept of what a call prints


class TimeIsUpError(BaseException):
    """Raised inside the student's function when a time limit has passed.

    Attributes
    ----------
    by_clock
        True for the wall-clock limit, False for the CPU limit.
    """

    def __init__(self, by_clock: bool = False) -> None:
        super().__init__()
        self.by_clock = by_clock


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


@contextlib.contextmanager
def time_limit(of_processor: float, by_clock: float) -> Iterator[None]:
    """Limit the time of the block: raise TimeIsUpError in it when a limit has passed.

    Does nothing on platforms without interval timers and outside the main thread.

    of_processor: CPU seconds
    by_clock: wall-clock seconds
    """
    usable = hasattr(signal, "setitimer") and (
        threading.current_thread() is threading.main_thread()
    )
    if not usable:
        yield
        return
    with (
        _timer(signal.ITIMER_PROF, signal.SIGPROF, of_processor, time.process_time),
        _timer(signal.ITIMER_REAL, signal.SIGALRM, by_clock, time.monotonic),
    ):
        yield


@contextlib.contextmanager
def _timer(timer: int, number: int, seconds: float, clock: Callable[[], float]) -> Iterator[None]:
    def stop(signum: int, frame: object) -> None:
        raise TimeIsUpError(by_clock=number == signal.SIGALRM)

    handler, began = signal.signal(number, stop), clock()
    # Fire again every second in case a bare except swallows the exception. 0 seconds would disarm
    # the timer.
    before, interval = signal.setitimer(timer, max(seconds, 1e-3), 1.0)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, handler)
        if before:  # restart a timer that was running before
            signal.setitimer(timer, max(before - (clock() - began), 1e-3), interval)
