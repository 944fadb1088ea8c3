"""Recognize exceptions whose cause is a limit or a lack of the grader, not the student's code.

`judging.causes` has the sentences. What only the judge knows, such as a time limit, is not here.
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

NO_INPUT = "input() does not work here: nobody is there to answer while work is graded"
_UNREACHABLE = errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH
_FULL = errno.ENOSPC, errno.EDQUOT, errno.EFBIG
_CLOSED = errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT
_MOST = 20  # exceptions of a chain


def cause_of(error: BaseException) -> Cause | None:
    """Return the cause of an exception if that is the grader's, or that of one it came from."""
    try:
        causes = (recognize(e) for e in _chain(error) for recognize in _RECOGNISERS)
        return next(filter(None, causes), None)
    except Exception:  # of an exception class of the student's
        return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception, and those that it was raised from.

    What it was raised beside counts for errors of imports and of the system alone: there a library
    puts its own exception in the place of the system's.
    """
    current: BaseException | None = error
    for _ in range(_MOST):
        if current is None:
            return
        yield current
        beside = current.__context__ if isinstance(current, OSError | ImportError) else None
        current = current.__cause__ or beside


def _last_frame(error: BaseException) -> tuple[str, str]:
    """The file and the text of the line that raised an exception."""
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
    """Too many processes, threads or open files."""
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return Cause("process limit")
    if not isinstance(error, OSError):
        return None
    forked = error.errno == errno.EAGAIN and "fork" in _last_frame(error)[1]
    return Cause("process limit") if forked or error.errno == errno.EMFILE else None


def _disk(error: BaseException) -> Cause | None:
    if not isinstance(error, OSError):
        return None
    cut = re.fullmatch(r"\d+ requested and \d+ written", str(error))  # NumPy's, without a number
    return Cause("disk limit") if cut or error.errno in _FULL else None


def _place(error: BaseException) -> Cause | None:
    """A file outside the folders in which a session may write, or of another machine."""
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
