"""Watch the cells of an assignment's notebook, in a Jupyter kernel.

A cell that needs a function that is not written yet says so and does not stop Run All. The same
holds for a cell that needs a variable from such a cell. If the cell of a function raises an error,
the function is recorded as outdated: its name still refers to the version of an earlier run.

A cell that calls a function but is not its check shows only the student's lines of a traceback
and points to the check. If the cell runs for a long time, a message says how to interrupt it.
"""

import ast
import contextlib
import sys
import threading
import traceback
import types
from collections.abc import Iterator
from typing import Any

from .checks import CASE_SETS, outdated, verdict_now
from .errors import CheckFailedError, NotWrittenError
from .judging.calling import is_of_library
from .judging.wording import heading, wrapped
from .showing import overview
from .showing.display import in_colab, kernel_shell, namespace, tell
from .showing.markup import FAILED, OPEN

__all__ = ["watch"]

YOUR_CODE = "# YOUR CODE HERE"  # begins nbgrader's replacement of a solution
# Exceptions of cells that ran. IPython handles a SyntaxError separately.
ERRORS: tuple[type[BaseException], ...]
ERRORS = (ArithmeticError, AssertionError, AttributeError, ImportError, KeyboardInterrupt)
ERRORS += (LookupError, MemoryError, NameError, OSError, RuntimeError, TypeError, ValueError)
PATIENCE = 10.0  # seconds before a running cell shows how to interrupt it
ENDS = 4  # frames shown from each end of a long traceback

_cell = [""]  # source of the running cell
_before: dict[str, Any] = {}  # earlier versions of the functions that the running cell defines
_missing: dict[str, str] = {}  # undefined names, with the unwritten exercise they depend on
_waiting: list[str] = []  # the unwritten exercise that the running cell depends on
_timers: list[threading.Timer] = []  # timers of the running cell


def watch() -> None:
    """Watch the cells that run from now on, and remove the watcher of an earlier version."""
    shell = kernel_shell()
    if shell is None:
        return
    for event, callback in (("pre_run_cell", _begin), ("post_run_cell", _end)):
        for earlier in list(shell.events.callbacks[event]):
            if earlier.__module__ == __name__:
                shell.events.unregister(event, earlier)
        shell.events.register(event, callback)
    shell.set_custom_exc(ERRORS, _caught)


def _begin(info: Any) -> None:
    _waiting.clear()
    _before.clear()
    _cell[0] = info.raw_cell
    defined = [name for name in CASE_SETS if f"def {name}(" in info.raw_cell]
    _before.update((name, namespace().get(name)) for name in defined)
    if any(f"{name}(" in info.raw_cell for name in CASE_SETS) and _is_interactive():
        _timers.append(threading.Timer(PATIENCE, _say_how_to_interrupt, [PATIENCE]))
        _timers[-1].daemon = True
        _timers[-1].start()


def _is_interactive() -> bool:
    """True if a person who can interrupt the cells is running them.

    Programs that run notebooks accept no input. In a browser there are no threads, and the kernel
    cannot be interrupted.
    """
    accepts_input = in_colab() or getattr(kernel_shell().kernel, "_allow_stdin", False)
    return bool(accepts_input) and sys.platform != "emscripten"


def _say_how_to_interrupt(seconds: float) -> None:
    print(wrapped(overview.about_long_run(seconds, in_colab())), flush=True)


def _end(result: Any) -> None:
    while _timers:
        _timers.pop().cancel()
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
    """Return the names that the running cell assigns."""
    names = (node for node in ast.walk(_tree()) if isinstance(node, ast.Name))
    return [node.id for node in names if isinstance(node.ctx, ast.Store)]


def _tree() -> ast.Module:
    """Return the syntax tree of the running cell."""
    text: str = kernel_shell().transform_cell(_cell[0])
    return ast.parse(text)


def _caught(
    shell: Any, kind: type, error: BaseException, trace: Any, tb_offset: int | None = None
) -> None:
    """Show an exception that ended a cell, in place of IPython's own display."""
    name = getattr(error, "name", "") if isinstance(error, NameError) else ""
    if isinstance(error, NotWrittenError):
        _waiting.append(error.exercise)
        if error.shown:
            return
        name = ""
    elif type(error) is NotImplementedError:
        last = [frame.f_code.co_name for frame, _ in traceback.walk_tb(trace)][-1]
        # The stub is at the level of the cell. IPython before 9 calls a cell "<cell line: 1>".
        if last.startswith(("<module>", "<cell line")) and YOUR_CODE in _cell[0]:
            _waiting.append(_assigned()[0])
        elif last in CASE_SETS and (verdict := verdict_now(last)) and verdict.is_not_written:
            _waiting.append(last)
    elif _is_waited_for(name, trace):
        _waiting.append(_missing[name])
    elif name in outdated:
        error = CheckFailedError(overview.about_outdated(name, outdated[name]))
        error.shown = tell(error.text, FAILED)
    if _waiting:
        exercise = _waiting[0]
        tell(overview.about_missing(exercise, name), OPEN, {exercise: heading(exercise)})
        return
    exercise = "" if isinstance(error, CheckFailedError) else _tried(trace)
    # IPython passes running_compiled_code=True when it shows an exception itself.
    own = exercise or isinstance(error, KeyboardInterrupt)
    shown = type(error), error, _own_lines(trace) if own else trace
    shell.showtraceback(shown, tb_offset=tb_offset, running_compiled_code=True)
    if exercise in outdated:
        tell(overview.about_outdated(exercise, outdated[exercise]), FAILED)
    elif type(error) is NameError and name and _is_of_cell(trace):
        defined = namespace().keys() - CASE_SETS.keys()
        tell(overview.about_undefined(name, name in CASE_SETS, defined), OPEN)
    elif exercise and _says_more(exercise, error, trace):
        tell(overview.about_check(exercise), OPEN, {exercise: heading(exercise)})


def _is_waited_for(name: str, trace: Any) -> bool:
    """True if the cell needs a name whose cell depends on an unwritten exercise."""
    exercise = _missing.get(name)
    if not exercise or not _is_of_cell(trace):
        return False
    verdict = verdict_now(exercise) if exercise in CASE_SETS else None
    return verdict is None or verdict.is_not_written


def _is_of_cell(trace: Any) -> bool:
    """True if an error was raised in the cell itself, outside of any function."""
    return len(_names(trace)) == 2


def _tried(trace: Any) -> str:
    """Return the exercise that the running cell tries, from the traceback or else its calls."""
    called = []
    with contextlib.suppress(SyntaxError, ValueError):  # the cell cannot be parsed
        called = [
            node.func.id
            for node in ast.walk(_tree())
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
    names = [*filter(called.__contains__, _names(trace)), *called]
    # Functions that the notebook provides have no known mistakes and no check in it.
    return next((name for name in names if name in CASE_SETS and not CASE_SETS[name].is_given), "")


def _says_more(exercise: str, error: BaseException, trace: Any) -> bool:
    """True if the check of an exercise says more about an error than the traceback.

    It does if the check raises the same error, or if a wrong result led to the error.
    """
    verdict = None if isinstance(error, KeyboardInterrupt) else verdict_now(exercise)
    if verdict is None or verdict.passed and not verdict.notes:
        return False
    problems = (run.outcome.problem for run in verdict.runs)
    raised = {problem.key.partition(":")[0] for problem in problems if problem}
    in_call = exercise in _names(trace) or str(error).startswith(f"{exercise}()")  # arguments
    return not in_call or type(error).__name__ in raised


def _steps(trace: Any) -> Iterator[types.TracebackType]:
    while trace:
        yield trace
        trace = trace.tb_next


def _names(trace: Any) -> list[str]:
    """Return the functions in a traceback; a cell is <module>, before IPython 9 <cell line: 1>."""
    return [step.tb_frame.f_code.co_name for step in _steps(trace)]


def _own_lines(trace: Any) -> Any:
    """Return a traceback without the frames of libraries, and with both ends of a long recursion.

    The first frame, IPython's own, stays because IPython hides it.
    """
    first, *others = _steps(trace)
    own = [step for step in others if not is_of_library(step.tb_frame.f_code.co_filename)]
    own = own if len(own) <= 2 * ENDS else [*own[:ENDS], *own[-ENDS:]]
    chain = None
    for step in [first, *own][::-1]:
        chain = types.TracebackType(chain, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return chain
