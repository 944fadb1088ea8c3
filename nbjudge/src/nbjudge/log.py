"""Structured logging: events with ids and numbers, for the logger "nbjudge" and a log file.

A program that embeds nbjudge receives the same events through `logging`: each record has its
fields in the attribute `nbjudge`. Of the values that students control, only the student id is
logged: no file names and no error messages.
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

LOCKED = 1.0  # seconds to wait for another process to release the file
_logger = logging.getLogger("nbjudge")
_logger.addHandler(logging.NullHandler())  # stops Python's default handler


def new_run_id() -> str:
    """Return a unique id for a run."""
    return uuid.uuid4().hex


def event(name: str, level: int = logging.INFO, **fields: object) -> None:
    """Log an event; omit fields that are None."""
    values = {"event": name, **{key: value for key, value in fields.items() if value is not None}}
    _logger.log(level, "%s", json.dumps(values), extra={"nbjudge": values})


class _LogFile(logging.Handler):
    """Appends one line of JSON per event, in one write, so that several runs can share a file.

    A write can be cut short by a full disk, by a power failure, or by `kill -9` if the line
    crosses a page boundary. The next run that writes terminates the incomplete line first.

    Parameters
    ----------
    run
        Id of the run, for events without one.
    say
        Callback that receives a message, at most once, if a line cannot be written.

    Raises
    ------
    OSError
        If the file cannot be opened.
    """

    def __init__(self, path: str, run: str, say: Callable[[str], object]):
        super().__init__()
        self.path, self.run, self.say, self.has_failed = path, run, say, False
        # Non-blocking: opening a named pipe without a reader fails instead of hanging.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        self.file = os.open(path, flags, 0o666)
        self.reader: int | None = None  # a regular file opened again, to read its last byte
        if stat.S_ISREG(os.fstat(self.file).st_mode):
            with contextlib.suppress(OSError):
                self.reader = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def emit(self, record: logging.LogRecord) -> None:
        """Write an event. A failure is reported once and does not stop the run."""
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
                    f"The log {self.path} cannot be written: {error.strerror}. Grading continues, "
                    "but the log is incomplete."
                )

    def _append(self, line: bytes) -> None:
        """Write a line, even if the lock is not released in time.

        Raises
        ------
        OSError
            If the line was not written completely.
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
        """True if the last line of the file does not end with a newline."""
        if self.reader is None:
            return False
        size = os.fstat(self.reader).st_size
        return size > 0 and os.pread(self.reader, 1, size - 1) != b"\n"

    def end(self) -> None:
        """Close the file.

        Not named `close`, because configuring `logging`, as nbgrader does, calls `close` on all
        existing handlers.
        """
        self.close()
        self.acquire()
        try:
            os.close(self.file)
            if self.reader is not None:
                os.close(self.reader)
            self.file, self.reader = -1, None  # a thread may still emit an event
        finally:
            self.release()


@contextlib.contextmanager
def writing_log(path: str, run: str, say: Callable[[str], object]) -> Iterator[None]:
    """Append each event to a file as a line of JSON while the block runs.

    Parameters
    ----------
    run
        Id of the run.
    say
        Callback that receives a message, at most once, if a line cannot be written.

    Raises
    ------
    ValueError
        If the file cannot be opened.
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
