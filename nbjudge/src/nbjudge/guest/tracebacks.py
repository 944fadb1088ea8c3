"""Remove nbjudge's frames and the machine's folders from the tracebacks that students see."""

import os
import re
import sys
import types
from typing import Any

OURS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")  # the folder of nbjudge
# The descriptors of BaseException, because a student's class may override the attributes.
_TRACEBACK, _CAUSE, _CONTEXT = (
    vars(BaseException)[name] for name in ("__traceback__", "__cause__", "__context__")
)
_PARTS = vars(BaseExceptionGroup)["exceptions"]


# An entry of IPython's traceback for a file whose folder `without_folders` has removed, or for the
# import system.
_OF_LIBRARY = re.compile(r'\s*File "?(?![~/<]|[A-Za-z]:)|\s*File "?<frozen ')


def without_folders(text: str) -> str:
    """Return a text with the folders of importable modules removed from its paths."""
    paths = vars(sys).get("path")  # student code may have replaced it
    paths = [os.path.dirname(os.path.dirname(OURS)), *(paths if isinstance(paths, list) else ())]
    folders = {path for path in paths if isinstance(path, str) and path.strip(os.sep)}
    for folder in sorted(filter(os.path.isabs, folders), key=len, reverse=True):
        text = text.replace(os.path.join(folder, ""), "")
    return text


def is_of_library(entry: str) -> bool:
    """True if an entry of a traceback shown by a session belongs to a library's file."""
    return _OF_LIBRARY.match(entry) is not None


def is_ours(filename: str) -> bool:
    """True if a file belongs to nbjudge."""
    return filename.startswith(OURS)


def drop_our_frames(error: BaseException) -> types.TracebackType | None:
    """Remove nbjudge's frames from the tracebacks of an exception and its chain.

    Returns
    -------
    traceback
        The remaining traceback of the exception itself.
    """
    waiting: list[Any] = [error]
    visited: set[int] = set()
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in visited:
            continue
        visited.add(id(current))
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
