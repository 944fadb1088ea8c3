"""Recognize exceptions caused by a limit or a missing feature of the grader.

`judging.causes` has the texts for students. Causes that only the judge can detect, such as a time
limit, are not handled here.
"""

import bdb
import errno
import getpass
import os
import re
import socket
import tempfile
import traceback
from collections.abc import Callable, Iterator

from nbjudge.guest.missing_modules import COLAB, missing_module
from nbjudge.wire.requests import Cause

NO_INPUT = "input() does not work while a notebook is graded: nobody can answer"
_UNREACHABLE = errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH
_FULL = errno.ENOSPC, errno.EDQUOT, errno.EFBIG
_CLOSED = errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT
_MOST = 20  # exceptions of a chain that are checked


def cause_of(error: BaseException) -> Cause | None:
    """Return the cause of an exception, or of one in its chain, if it lies with the grader."""
    try:
        causes = (recognize(e) for e in _chain(error) for recognize in _RECOGNISERS)
        return next(filter(None, causes), None)
    except Exception:  # raised by the student's exception class
        return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, then those it was raised from.

    `__context__` is followed only for import and operating system errors: libraries catch these and
    raise their own in an `except` block.
    """
    current: BaseException | None = error
    for _ in range(_MOST):
        if current is None:
            return
        yield current
        beside = current.__context__ if isinstance(current, OSError | ImportError) else None
        current = current.__cause__ or beside


def _last_frame(error: BaseException) -> tuple[str, str]:
    """Return the file and the source line that raised an exception."""
    frames = traceback.extract_tb(error.__traceback__)
    return (frames[-1].filename, frames[-1].line or "") if frames else ("", "")


def _package(error: BaseException) -> Cause | None:
    if not isinstance(error, ModuleNotFoundError) or not isinstance(error.name, str):
        return None
    lines = [frame.line or "" for frame in traceback.extract_tb(error.__traceback__)]
    from_colab = error.name == "google" and any(COLAB in line for line in lines)
    module = COLAB if from_colab else missing_module(error.name)
    if module == COLAB:
        return Cause("Colab only", module)
    return Cause("package missing", module) if module else None


def _memory(error: BaseException) -> Cause | None:
    full = isinstance(error, OSError) and error.errno == errno.ENOMEM
    return Cause("memory limit") if full or isinstance(error, MemoryError) else None


def _network(error: BaseException) -> Cause | None:
    if isinstance(error, socket.gaierror):
        return Cause("no network")
    if not isinstance(error, OSError):
        return None
    refused = isinstance(error, PermissionError) and _last_frame(error)[0] == socket.__file__
    return Cause("no network") if refused or error.errno in _UNREACHABLE else None


def _terminal(error: BaseException) -> Cause | None:
    asked = isinstance(error, EOFError) and (
        str(error) == NO_INPUT or _last_frame(error)[0] == getpass.__file__
    )
    return Cause("no terminal") if asked or isinstance(error, bdb.BdbQuit) else None


def _number(error: BaseException) -> Cause | None:
    """Recognize too many processes, threads or open files."""
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return Cause("process limit")
    if not isinstance(error, OSError):
        return None
    forked = error.errno == errno.EAGAIN and "fork" in _last_frame(error)[1]
    return Cause("process limit") if forked or error.errno == errno.EMFILE else None


def _disk(error: BaseException) -> Cause | None:
    if not isinstance(error, OSError):
        return None
    # NumPy raises this text without an errno.
    cut = re.fullmatch(r"\d+ requested and \d+ written", str(error))
    return Cause("disk limit") if cut or error.errno in _FULL else None


def _place(error: BaseException) -> Cause | None:
    """Recognize a file outside the folders a session may use, or a path from another machine."""
    if not isinstance(error, OSError) or error.errno not in _CLOSED:
        return None
    path = error.filename
    if not isinstance(path, str) or not re.match(r"/|[A-Za-z]:[\\/]", path):
        return None
    real = os.path.realpath(path)
    inside = (os.path.realpath("."), os.path.realpath(tempfile.gettempdir()), "/dev/shm")
    if path.startswith("/") and any(os.path.commonpath([real, top]) == top for top in inside):
        return None
    return Cause("other folders", path)


_RECOGNISERS: tuple[Callable[[BaseException], Cause | None], ...] = (
    _package,
    _memory,
    _network,
    _terminal,
    _number,
    _disk,
    _place,
)
