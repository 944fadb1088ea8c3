"""Watch the cells of an assignment's notebook, in a Jupyter kernel.

A cell that needs a function that is not written yet says so and does not stop Run All, nor does one
that needs what such a cell would have made. And a function is remembered as outdated whose cell
could not be run: its name still has what an earlier version of the cell gave it.
"""

import ast
import traceback
from typing import Any

from .checks import CASE_SETS, outdated
from .display import kernel_shell, namespace, tell
from .errors import CheckFailedError, NotWrittenError
from .markup import FAILED, OPEN
from .overview import about_missing, about_outdated, heading

__all__ = ["watch"]

STUB = "# YOUR CODE HERE"  # what nbgrader puts in the place of a solution

_cell = [""]  # the text of the running cell
_before: dict[str, Any] = {}  # the functions that the running cell defines, as they were
_missing: dict[str, str] = {}  # names that no cell has made, with the exercise that they wait for
_waiting: list[str] = []  # the exercise that the running cell waits for


def watch() -> None:
    """Watch the cells that run from now on, in the place of an earlier version's watch."""
    shell = kernel_shell()
    if shell is None:
        return
    for event, callback in (("pre_run_cell", _begin), ("post_run_cell", _end)):
        for earlier in list(shell.events.callbacks[event]):
            if earlier.__module__ == __name__:
                shell.events.unregister(event, earlier)
        shell.events.register(event, callback)
    shell.set_custom_exc((NotImplementedError, NotWrittenError, NameError), _caught)


def _begin(info: Any) -> None:
    _waiting.clear()
    _before.clear()
    _cell[0] = info.raw_cell
    defined = [name for name in CASE_SETS if f"def {name}(" in info.raw_cell]
    _before.update((name, namespace().get(name)) for name in defined)


def _end(result: Any) -> None:
    error = result.error_before_exec or result.error_in_exec
    if _waiting:
        result.error_in_exec = None  # so that the kernel runs the cells that follow
        _missing.update(dict.fromkeys(_assigned(), _waiting[0]))
    for name, function in _before.items():
        if error and namespace().get(name) is function:
            outdated[name] = type(error).__name__
        else:
            outdated.pop(name, None)


def _assigned() -> list[str]:
    """The names that the running cell assigns."""
    tree = ast.parse(kernel_shell().transform_cell(_cell[0]))
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return [node.id for node in names if isinstance(node.ctx, ast.Store)]


def _caught(
    shell: Any, kind: type, error: BaseException, trace: Any, tb_offset: int | None = None
) -> None:
    """Show an exception that ended a cell; IPython calls this in the place of doing so itself."""
    name = getattr(error, "name", "")
    if isinstance(error, NotWrittenError):
        _waiting.append(error.exercise)
        if error.shown:
            return
        name = ""
    elif isinstance(error, NotImplementedError):
        last = [frame.f_code.co_name for frame, _ in traceback.walk_tb(trace)][-1]
        # What is asked for is no function. IPython before 9 calls a cell "<cell line: 1>".
        if last.startswith(("<module>", "<cell line")) and STUB in _cell[0]:
            _waiting.append(_assigned()[0])
        elif last in CASE_SETS:
            _waiting.append(last)
    elif name in _missing:
        _waiting.append(_missing[name])
    elif name in outdated:
        error = CheckFailedError(about_outdated(name, outdated[name]))
        error.shown = tell(str(error), FAILED)
    if _waiting:
        exercise = _waiting[0]
        tell(about_missing(exercise, name), OPEN, {exercise: heading(exercise)})
    else:
        shell.showtraceback((type(error), error, trace), tb_offset=tb_offset)
