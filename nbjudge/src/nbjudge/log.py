"""What grading tells the logger "nbjudge": events with ids and numbers, and a file of them.

A program around nbjudge gets the same events by `logging`: the fields of each are the attribute
`nbjudge` of its record. Nothing that a student can choose is among them but the student's id, so
neither names of files nor messages of failures.
"""

import contextlib
import datetime
import errno
import fcntl
import json
import logging
import os
import stat
import uuid
from collections.abc import Callable, Iterator

from nbjudge.files import lock_file

LOCKED = 1.0  # seconds that a line waits for those of others
__all__ = ["event", "new_run_id", "writing_log"]

_logger = logging.getLogger("nbjudge")
_logger.addHandler(logging.NullHandler())  # else Python prints warnings where nobody asks for them


def new_run_id() -> str:
    """An id that no other run has."""
    return uuid.uuid4().hex


def event(name: str, level: int = logging.INFO, **fields: object) -> None:
    """Log an event; fields that are None are left out."""
    values = {"event": name, **{key: value for key, value in fields.items() if value is not None}}
    _logger.log(level, "%s", json.dumps(values), extra={"nbjudge": values})


class _LogFile(logging.Handler):
    """Appends a line of JSON for each event, in one write, so that several runs can share a file.

    A write can be cut: by a full disk, by a machine that loses power, by `kill -9` where the line
    goes over the end of a page. Whichever run writes next ends the cut line before its own.

    Parameters
    ----------
    run
        The id of the run, for events that do not say theirs.
    say
        Called once, with a sentence, where a line cannot be written.

    Raises
    ------
    OSError
        The file cannot be opened.
    """

    def __init__(self, path: str, run: str, say: Callable[[str], object]):
        super().__init__()
        self.path, self.run, self.say, self.has_failed = path, run, say, False
        # Not blocking: a named pipe that nobody reads is no log.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        self.file = os.open(path, flags, 0o666)
        self.written: int | None = None  # the file again, to look at its end, where it has one
        if stat.S_ISREG(os.fstat(self.file).st_mode):
            with contextlib.suppress(OSError):
                self.written = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def emit(self, record: logging.LogRecord) -> None:
        """Write an event; the log of a run is not worth the run."""
        fields = getattr(record, "nbjudge", None)
        if fields is None or self.file < 0:
            return
        now = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        about = {"time": now.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
        line = json.dumps({**about, "run": self.run, **fields}).encode() + b"\n"
        try:
            self._append(line)
        except OSError as error:
            if not self.has_failed:
                self.has_failed = True
                self.say(
                    f"The log {self.path} cannot be written: {error.strerror}. Grading goes on; "
                    "the log lacks some lines."
                )

    def _append(self, line: bytes) -> None:
        """Write a line, if need be while whoever has locked the file for long keeps the lock.

        Raises
        ------
        OSError
            The line was not written, or not whole.
        """
        lock_file(self.file, LOCKED)
        try:
            if self._ends_torn():
                line = b"\n" + line
            if os.write(self.file, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            with contextlib.suppress(OSError):
                fcntl.flock(self.file, fcntl.LOCK_UN)

    def _ends_torn(self) -> bool:
        """Whether the last line of the file has no end."""
        if self.written is None:
            return False
        size = os.fstat(self.written).st_size
        return size > 0 and os.pread(self.written, 1, size - 1) != b"\n"

    def end(self) -> None:
        """Close the file.

        Not by `close`: whoever configures `logging`, as nbgrader does, has the handlers of all
        others closed.
        """
        self.close()
        self.acquire()
        try:
            os.close(self.file)
            if self.written is not None:
                os.close(self.written)
            self.file, self.written = -1, None  # a thread may have an event still
        finally:
            self.release()


@contextlib.contextmanager
def writing_log(path: str, run: str, say: Callable[[str], object]) -> Iterator[None]:
    """Append what happens to a file, a line of JSON for each event.

    Parameters
    ----------
    run
        The id of the run.
    say
        Called once, with a sentence, where a line cannot be written.

    Raises
    ------
    ValueError
        The file cannot be opened.
    """
    try:
        handler = _LogFile(path, run, say)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ValueError(f"The log {path} cannot be opened: {why}.") from None
    level = _logger.level
    _logger.addHandler(handler)
    if not _logger.isEnabledFor(logging.INFO):
        _logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        _logger.setLevel(level)
        _logger.removeHandler(handler)
        handler.end()
