"""Tracebacks as a student is to see them: without nbjudge's frames and the machine's folders."""

import os
import re
import sys
import types
from typing import Any

OURS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")  # where nbjudge is
# Read so, they are the exception's own: a class of the student's may say something else.
_TRACEBACK, _CAUSE, _CONTEXT = (
    vars(BaseException)[name] for name in ("__traceback__", "__cause__", "__context__")
)
_PARTS = vars(BaseExceptionGroup)["exceptions"]


# An entry of IPython's traceback, of a file whose folder `without_folders` has left out, or of the
# import system.
_OF_LIBRARY = re.compile(r'\s*File "?(?![~/<]|[A-Za-z]:)|\s*File "?<frozen ')


def without_folders(text: str) -> str:
    """Return text in which modules that can be imported are named without the machine's folders."""
    places = vars(sys).get("path")  # which student code may have spoilt
    known = [os.path.dirname(os.path.dirname(OURS)), *(places if isinstance(places, list) else ())]
    folders = {place for place in known if isinstance(place, str) and place.strip(os.sep)}
    for folder in sorted(filter(os.path.isabs, folders), key=len, reverse=True):
        text = text.replace(os.path.join(folder, ""), "")
    return text


def is_of_library(entry: str) -> bool:
    """True if an entry of a traceback that a session has shown is of a library's file."""
    return _OF_LIBRARY.match(entry) is not None


def is_ours(filename: str) -> bool:
    """Whether a file is nbjudge's own."""
    return filename.startswith(OURS)


def drop_our_frames(error: BaseException) -> types.TracebackType | None:
    """Take our frames out of the tracebacks of an exception and of all that it is chained to.

    Returns
    -------
    traceback
        Of the exception itself.
    """
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        BaseException.with_traceback(current, _without_ours(_TRACEBACK.__get__(current)))
        waiting += [_CAUSE.__get__(current), _CONTEXT.__get__(current)]
        if issubclass(type(current), BaseExceptionGroup):
            waiting += _PARTS.__get__(current)
    kept: types.TracebackType | None = _TRACEBACK.__get__(error)
    return kept


def _without_ours(traceback: types.TracebackType | None) -> types.TracebackType | None:
    steps = []
    step = traceback
    while step:
        steps.append(step)
        step = step.tb_next
    chain: types.TracebackType | None = None
    for step in reversed(steps):
        if not is_ours(step.tb_frame.f_code.co_filename):
            chain = types.TracebackType(chain, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return chain
