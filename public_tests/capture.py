"""Keep a call's output out of the cell, and stop it when its time is up."""

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
        True if the limit is one by the clock, not of a processor.
    """

    def __init__(self, by_clock: bool = False) -> None:
        super().__init__()
        self.by_clock = by_clock


class Sink(io.TextIOBase):
    """Where a call's output goes: a bounded buffer, and away."""

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
    """Keep what a call writes out of the cell: nbgrader takes all points for a word on stderr.

    stdout is kept for the verdict. stderr is dropped at three levels: the name sys.stderr, the
    stream object itself (a logging handler may hold it since an earlier cell) and descriptor 2.
    """
    sink, errors, stream = Sink(), Sink(), sys.stderr
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(sink))
        stack.enter_context(contextlib.redirect_stderr(errors))
        with contextlib.suppress(AttributeError, TypeError):  # a C stream refuses: it is no kernel
            stream.write = errors.write  # type: ignore[method-assign]
            stack.callback(delattr, stream, "write")
        with contextlib.suppress(OSError, AttributeError):  # no descriptor 2, as in a browser
            saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
            stack.callback(os.close, saved)
            os.dup2(nowhere, 2)
            os.close(nowhere)
            stack.callback(os.dup2, saved, 2)
        yield sink


@contextlib.contextmanager
def time_limit(of_processor: float, by_clock: float) -> Iterator[None]:
    """Raise TimeIsUpError in the body after so many seconds, if the platform has timers for it."""
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
    # Again every second, should a bare except swallow it. A timer of 0 seconds would be none.
    before, interval = signal.setitimer(timer, max(seconds, 1e-3), 1.0)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, handler)
        if before:  # whoever set it goes on
            signal.setitimer(timer, max(before - (clock() - began), 1e-3), interval)
