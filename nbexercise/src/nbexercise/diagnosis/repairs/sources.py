"""The source of a student's function, if it is safe to change and to call again."""

import dis
import inspect
import re
import textwrap
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from ...judging.beside import code_of, is_remote
from .changes import LONGEST

__all__ = ["keeps_attributes", "may_crash", "methods_of", "source_of"]

# With names such as these, a change can make code read or write outside its arrays, which ends the
# kernel; so no change is tried.
UNSAFE = {"as_strided", "strides", "stride_tricks", "ctypes", "memoryview", "frombuffer"}
CHANGEABLE = (list, dict, set, np.ndarray)
UNSAFE |= {"__array_interface__", "__array_struct__", "from_dlpack", "cffi", "setflags"}


def source_of(function: Any) -> tuple[str, int] | None:
    """Return the source of a function and the number of its first line; None if unknown."""
    try:
        lines, first = _lines(function)
    except (OSError, TypeError, ValueError, SyntaxError, AttributeError):  # such as a class
        return None
    if sum(map(len, lines)) > LONGEST:
        return None
    decorators = next((n for n, line in enumerate(lines) if line.lstrip().startswith("def ")), 0)
    return textwrap.dedent("".join(lines[decorators:])), first + decorators


def methods_of(function: Any) -> list[Callable[..., Any]]:
    """Return the methods of a class of this process; [] for anything else."""
    values = vars(function).values() if isinstance(function, type) else ()
    return [value for value in values if isinstance(value, types.FunctionType)]


def keeps_attributes(function: Any) -> bool:
    """True if a class itself holds values that objects can change."""
    return any(isinstance(value, CHANGEABLE) for value in vars(function).values())


def _lines(function: Any) -> tuple[list[str], int]:
    """Return the lines of a function, which may be remote, and the number of the first one."""
    if is_remote(function):
        text, first = function.__source__
        return text.splitlines(keepends=True), first
    plain = inspect.unwrap(function)
    # In a class, a change of one method can hide a fault in another, through what both keep.
    if not isinstance(plain, types.FunctionType) or plain.__closure__ or _keeps_values(plain):
        raise ValueError("the function can keep values for later calls")
    return inspect.getsourcelines(plain)


def _keeps_values(function: types.FunctionType) -> bool:
    """True if a function can keep state between calls, which trial calls would alter."""
    code, space = function.__code__, function.__globals__
    stores = any(step.opname == "STORE_GLOBAL" for step in dis.get_instructions(code))
    kept = [*(space.get(name) for name in code.co_names), *(function.__defaults__ or ())]
    return stores or any(isinstance(value, CHANGEABLE) for value in kept)


def may_crash(function: Any, text: str) -> bool:
    """True if a function, or one of its notebook that it calls, uses a name in `UNSAFE`."""
    words = {*re.findall(r"\w+", text)}
    functions = [function]
    for plain in functions:
        code, space = code_of(plain)
        names = _names_of(code)
        words |= {part for name in names for part in name.split(".")}
        called = [space[name] for name in sorted(names & space.keys())]
        functions += [
            f
            for f in called
            if isinstance(f, types.FunctionType) and f.__globals__ is space and f not in functions
        ]
    return bool(words & UNSAFE)


def _names_of(code: Any) -> set[str]:
    """Return the names that code uses, including its nested functions."""
    if not isinstance(code, types.CodeType):
        return set()
    return {*code.co_names}.union(*map(_names_of, code.co_consts))
