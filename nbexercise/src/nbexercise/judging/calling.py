"""Call a student's function once, safely: fresh arguments, captured output, a time limit.

The judge only calls the function and inspects the returned values, so the function may run in
another process: nothing here reads its source, its globals or its memory. (The one exception is the
traceback, which is taken from the exception and is empty for a function that runs elsewhere.)
"""

import contextlib
import math
import os
import re
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .adapters import Adapter, adapted
from .beside import is_remote
from .capture import TimeIsUpError, idle_seconds, quiet, time_limit
from .model import LINE_OF_CODE, STUB, STUB_IN, CallOutcome, Case, Problem, Return, Step
from .names import about_name, about_nonlocal
from .notes import REFUSED_FOR_A_NUMBER
from .operands import about_operands, about_slices
from .returned import as_outcome, same
from .script import labels
from .subject import subject
from .values import difference
from .wording import WIDTH, filled, listed, number

__all__ = ["VALUES_THERE", "CaseRun", "CheckTime", "call", "describe_error", "is_of_library"]

TIME_LIMIT = 3.0  # CPU seconds per call; a correct solution takes a few milliseconds
# CPU seconds for all calls of a check, which may wait as long. A graded cell may repeat these calls
# with correct helpers, and has 60 seconds (c.NbJudge.test_seconds in nbgrader_config.py).
CHECK_LIMIT = 20.0
PROCESSORS = os.cpu_count() or 1
FRAMES = 8  # last frames of a traceback that are shown
WITH_VALUES = 2  # last frames shown with the values of their variables
MESSAGE_LIMIT = 500  # characters kept of an exception's message


class CheckTime:
    """The time that is left for the calls of a check, which starts now.

    The owner of another process ends code that waits there: this process waits during every call.
    """

    def __init__(self, function: Any) -> None:
        remote = is_remote(function)
        self.clock = function.processor_seconds if remote else time.process_time
        self.end = self.clock() + CHECK_LIMIT
        self.waiting = math.inf if remote else CHECK_LIMIT
        self.began = time.monotonic()

    @contextlib.contextmanager
    def of_call(self) -> Iterator[None]:
        """Limit the time of a call in the block; raise TimeIsUpError there when it has passed."""
        is_measured = self.waiting < math.inf
        start = idle_seconds() if is_measured else 0.0
        try:
            with time_limit(min(TIME_LIMIT, self.left), self.waiting):
                yield
        finally:
            if is_measured:
                self.waiting -= idle_seconds() - start

    @property
    def left(self) -> float:
        """Processor time in seconds, or less: it is measured once it may be short.

        Measuring another process takes longer than most calls.
        """
        most_used = (time.monotonic() - self.began) * PROCESSORS
        if CHECK_LIMIT - most_used > TIME_LIMIT:
            return CHECK_LIMIT - most_used
        return self.end - self.clock()


@dataclass(frozen=True)
class CaseRun:
    """One call: its case, its outcome, the printed text and the warnings.

    Attributes
    ----------
    overwritten
        Names of the outputs that a later call changed.
    refused
        Line of code that raises an error in the installed NumPy but not in the grader's.
    changed
        Descriptions of what the call changed: arguments, and parts of a cache or dictionary.
    """

    case: Case
    outcome: CallOutcome
    printed: str = ""
    warned: tuple[str, ...] = ()
    overwritten: tuple[str, ...] = ()
    refused: str = ""
    changed: tuple[str, ...] = ()


def call(
    returns: tuple[Return, ...],
    case: Case,
    function: Callable[..., Any],
    twice: bool = False,
    check_time: CheckTime | None = None,
) -> CaseRun:
    """Call `function` on a copy of the case's arguments and describe its result.

    NumPy 2.4 and newer refuse to convert an array that has axes to a number. If that error is
    raised, the function is called again with arrays that allow it, as in the grader's NumPy.

    Parameters
    ----------
    twice
        True to make a second call and report which outputs of the first one it overwrote; no call
        overwrites a number or a string.
    check_time
        Time left for the calls of the check; by default the check starts now.
    """
    check_time = check_time or CheckTime(function)
    arguments, refused = case.fresh_arguments(), ""
    function = adapted(function, returns, case)
    with quiet() as sink, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        returned, problem = _answer(returns, function, arguments, case.optional, check_time)
        if problem and REFUSED_FOR_A_NUMBER in problem.text:
            as_numbers = {n: _taken_for_numbers(a) for n, a in case.fresh_arguments().items()}
            again, another = _answer(returns, function, as_numbers, case.optional, check_time)
            if another is None:
                refused = (problem.quoted or [problem.text])[-1]
                arguments, returned, problem = as_numbers, again, None
                warnings.warn(REFUSED_FOR_A_NUMBER, stacklevel=2)
        if problem and isinstance(function, Adapter):
            problem = function.located(problem)
        outcome = CallOutcome(problem=problem)
        if problem is None:
            outcome = as_outcome(returns, case, returned, bool(sink.text()))
    remade = function.changed if isinstance(function, Adapter) else ()
    changed = {
        name: value
        for place, (name, value) in enumerate(arguments.items())
        if place in remade or not same(value, case.arguments[name])
    }
    overwritten: tuple[str, ...] = ()
    if twice and outcome.problem is None and not isinstance(returned, UNCHANGING):
        before = outcome
        with quiet(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kept = _kept(returns, case, function, returned, check_time)
            outcome = as_outcome(returns, case, kept)
        overwritten = _differing(before, outcome)
    outcome = replace(outcome, changed=tuple(changed))
    warned = tuple(dict.fromkeys(str(w.message) for w in caught))
    parts = tuple(
        _changed_parts(name, case.arguments[name], after) for name, after in changed.items()
    )
    return CaseRun(case, outcome, sink.text(), warned, overwritten, refused, parts)


def _kept(
    returns: tuple[Return, ...],
    case: Case,
    function: Callable[..., Any],
    returned: Any,
    check_time: CheckTime,
) -> Any:
    """Make another call, and return what the first call returned, which the other may change.

    A function, or an object of a class, is made again and used after that of the other call.
    """
    others = case.other_arguments()
    if not (isinstance(function, Adapter) and any(spec.keeps_state for spec in returns)):
        _answer(returns, function, others, case.optional, check_time)
        return returned
    function.between = [*others.values()]
    again, problem = _answer(returns, function, case.fresh_arguments(), case.optional, check_time)
    return returned if problem else again


def _changed_parts(name: str, before: Any, after: Any) -> str:
    """Describe which part of an argument was changed."""
    if parts := subject().parts(name, before):
        names = zip(parts, before, after, strict=True)
        return f"{listed(part for part, old, new in names if not same(new, old))} in the {name}"
    if isinstance(before, dict) and before.keys() == after.keys():
        return listed(f"{name}[{key!r}]" for key in before if not same(after[key], before[key]))
    if isinstance(before, list) and before and isinstance(before[0], Step):
        steps = zip(labels(before), before, after, strict=True)
        return listed(f"the argument of {label}" for label, old, new in steps if not same(new, old))
    return name


def _differing(before: CallOutcome, after: CallOutcome) -> tuple[str, ...]:
    """Return the names of the outputs that differ between two outcomes, including the cache."""
    names = tuple(
        name
        for name, array in before.values.items()
        if name not in after.values or not _identical(array, after.values[name])
    )
    return names if before.cache == after.cache else (*names, "cache")


def _identical(a: Any, b: Any) -> bool:
    """True if two outputs have the same bits, or are the same plain value."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.tobytes() == b.tobytes()
    return not difference(a, b)


def _answer(
    returns: tuple[Return, ...],
    function: Callable[..., Any],
    arguments: Mapping[str, Any],
    optional: Mapping[str, Any],
    check_time: CheckTime,
) -> tuple[Any, Problem | None]:
    """Call a function; return (result, None), or (None, problem) if the call failed."""
    is_last = check_time.left < TIME_LIMIT
    try:
        with check_time.of_call():
            return _returned(function, arguments, optional), None
    except TimeIsUpError as up:
        text = _WAITS if up.waited else _TOO_SLOW if is_last else _ENDLESS
        limit = TIME_LIMIT if text is _ENDLESS else CHECK_LIMIT
        return None, Problem("time", "time", text.format(limit))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if kind := getattr(error, "nbjudge_returned", ""):  # it stays in the student's process
            return type(kind, (), {})(), None
        return None, describe_error(error, returns, arguments)


class _NumberLike(np.ndarray[Any, Any]):
    """An array that converts to a number if it has one entry, as in NumPy up to 2.3."""

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())


def _taken_for_numbers(value: Any) -> Any:
    """Convert the arrays in an argument to `_NumberLike`."""
    if isinstance(value, np.ndarray):
        return value.view(_NumberLike)
    return tuple(map(_taken_for_numbers, value)) if isinstance(value, tuple) else value


def _returned(
    function: Callable[..., Any], arguments: Mapping[str, Any], optional: Mapping[str, Any]
) -> Any:
    """Call a function; pass optional arguments only if the function has lost their defaults."""
    try:
        return function(*arguments.values())
    except TypeError as error:
        if not optional or "missing 1 required positional argument" not in str(error):
            raise
    return function(*arguments.values(), *optional.values())


_ENDLESS = (
    "was still running after {:g} seconds of computing and was stopped.\n"
    "Is there a loop that never ends, such as a `while` whose condition stays true?"
)

_TOO_SLOW = (
    "is too slow: the calls in this check computed for more than {:g} seconds in total and were "
    "stopped.\nRemove repeated computations."
)

_WAITS = (
    "waits too long: the calls in this check waited for more than {:g} seconds in total and were "
    "stopped.\nRemove anything that waits, such as time.sleep or a download."
)

UNCHANGING = (int, float, complex, str, bytes, np.generic, types.NoneType)

Frame = tuple[traceback.FrameSummary, Mapping[str, Any], types.FrameType]

VALUES_THERE = "    with"  # prefix of the values of the variables in that line
MOST_VALUES = 8
LONGEST_VALUE = 30  # characters

_STUB_REMAINS = (
    "has not been written yet: it still holds a `raise NotImplementedError` line.\n"
    "Write your code in its place, run the cell, then run this one again."
)
# The code of a method, or of a function in another process, may be written above the line.
_STUB_IS_REACHED = (
    "is not finished: it stops at a `raise NotImplementedError` line.\n"
    "If your code is written, delete that line, else write it there. Run the cell, then this one "
    "again."
)
_HELPER_REMAINS = (
    "calls {0}, which has not been written yet.\n"
    "Write {0}, run its cell and its check, then run this one again."
)


def describe_error(
    error: BaseException, returns: tuple[Return, ...], arguments: Mapping[str, Any]
) -> Problem:
    """Describe an exception of a student's function, with the lines of code that raised it."""
    frames = _student_frames(error)
    # The stub raises NotImplementedError itself; input() raises a subclass.
    if type(error) is NotImplementedError and not _is_left_over(frames, returns, arguments):
        if helper := _called_stub(frames):
            return Problem("error", f"{STUB_IN}{helper}", _HELPER_REMAINS.format(helper))
        is_known = frames and frames[-1][1] and returns[0].form != "class"
        return Problem("error", STUB, _STUB_REMAINS if is_known else _STUB_IS_REACHED)
    kind, message = type(error).__name__, _shortened(str(error))
    limit = getattr(error, "nbjudge_cause", None)  # explanation by the grader
    text = f"raised {kind}: {message}" if message else f"raised {kind}"
    if limit:
        step = limit.next_step[:1].upper() + limit.next_step[1:]
        text = f"could not be run by the grader. {limit.says}\n{step}" + (
            f"\nIt {text}" if frames else ""  # else it is the grader's own exception
        )
    cause = error.__cause__
    if cause is not None and (type(cause), str(cause)) != (type(error), str(error)):
        text += f"\nbecause of {type(cause).__name__}: {cause}"
    if frames:
        called = [*frames[1:], None]
        last = [f for f, next_ in zip(frames, called, strict=True) if not _is_same(f, next_)]
        lines = (line for frame in last for line in _describe_frame(*frame[:2]))
        text = "\n".join([text, *lines])
    elif (
        kind == "TypeError"
        and re.search(r"(takes|missing) .*\bargument", message)
        # A method or a returned function may raise it.
        and all(value.form not in ("class", "function") for value in returns)
    ):
        text += f"\nIt was called with {', '.join(arguments)}: leave its `def` line as it was."
    # The numbers in messages on indices and shapes identify the mistake. In other messages they
    # depend on how the code is written.
    exact = kind in ("IndexError", "ValueError")
    if limit:
        return Problem("limit", limit.name, text)
    plain = re.sub(r"numpy\.float\d+", "float", message)
    key = _in_one_order(message) if exact else re.split(r"[\d(\[]", plain, maxsplit=1)[0]
    step, passed = _next_step(error, frames), _passed(frames)
    is_of_shapes = kind == "ValueError" and re.search("broadcast|shape-mismatch", message)
    cut = next(filter(None, (about_slices(*f) for f in frames[::-1])), "") if is_of_shapes else ""
    return Problem("error", f"{kind}: {key}", text, step, passed, cut)


def _is_same(frame: Frame, called: Frame | None) -> bool:
    """True if a function calls itself in the line in which it was called."""
    return called is not None and frame[0] == called[0]


def _is_left_over(
    frames: Sequence[Frame], returns: tuple[Return, ...], arguments: Mapping[str, Any]
) -> bool:
    """True if a function had computed all its outputs before it reached its stub line."""
    values = frames[-1][1] if frames else {}
    made = [value.name for value in returns if value.form != "cache"]
    return all(name in values and values[name] is not arguments.get(name) for name in made)


def _called_stub(frames: Sequence[Frame]) -> str:
    """Return the function of the notebook that another one called and that raised an error."""
    if len(frames) < 2:
        return ""
    (first, _, calling), (last, _, running) = frames[0], frames[-1]
    defined = calling.f_globals.get(last.name)
    is_own = getattr(defined, "__code__", None) is running.f_code
    return last.name if is_own and last.name != first.name else ""


def _next_step(error: BaseException, frames: Sequence[Frame]) -> str:
    """Return the next step, if the names or operands of the line that raised an error show it."""
    if not frames:
        return ""
    summary, values, running = frames[-1]
    if type(error) is NameError and error.name:
        return about_name(error.name, values)
    unbound = re.search(r"'(\w+)'", str(error)) if type(error) is UnboundLocalError else None
    if unbound and ".<locals>." in running.f_code.co_qualname:
        return about_nonlocal(unbound[1], summary.name)
    facts, question = about_operands(error, summary, {**running.f_globals, **values})
    return facts if _passed(frames) else f"{facts} {question}".strip()


def _passed(frames: Sequence[Frame]) -> str:
    """Return a sentence about the arguments passed to the function that raised an error.

    "" if the function raised the error itself.
    """
    if len(frames) < 2:
        return ""
    (caller, *_), (called, values, running) = frames[-2:]
    names = running.f_code.co_varnames[: running.f_code.co_argcount]
    arguments = ", ".join(
        filter(None, (_value(name, values[name]) for name in names if name in values))
    )
    if called.name == caller.name or called.name.startswith("<") or not arguments:
        return ""
    return f"{caller.name} calls {called.name} with {arguments}: is that what {called.name} needs?"


def _in_one_order(message: str) -> str:
    """Sort the shapes in a message about broadcasting: a * b and b * a get the same message."""
    before, together, shapes = message.partition(" broadcast together with shapes ")
    return before + together + " ".join(sorted(shapes.split()))


def _shortened(message: str) -> str:
    """Cut a message to MESSAGE_LIMIT characters, between two words."""
    if len(message) <= MESSAGE_LIMIT:
        return message
    words = message[: MESSAGE_LIMIT + 1].rsplit(maxsplit=1)
    return f"{words[0] if len(words) == 2 else message[:MESSAGE_LIMIT]} ..."


def _describe_frame(frame: traceback.FrameSummary, values: Mapping[str, Any]) -> list[str]:
    """Return a line of the student's code from a traceback, and the values of its variables."""
    file = os.path.basename(frame.filename)
    of_file = f" of {file}" if file.endswith(".py") and "ipykernel" not in frame.filename else ""
    line = f"{LINE_OF_CODE}{frame.lineno}{of_file}, in {frame.name}: {frame.line}"
    names = dict.fromkeys(re.findall(r"(?<![\w.'\"])[^\W\d]\w*", frame.line or ""))
    texts = [_value(name, values[name]) for name in names if name in values]
    known_values = list(filter(None, texts))[:MOST_VALUES]
    indent = " " * len(VALUES_THERE + " ")
    return [
        line,
        *(filled([VALUES_THERE, *known_values], WIDTH - 2, indent) if known_values else []),
    ]


def _value(name: str, value: Any) -> str:
    """Return "name = value" or the shape of an array; "" for values that have no short form."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"{name} of shape {value.shape}"
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.item()
    if type(value) is float:  # 2.0 is not 2 where an index is meant
        return f"{name} = {number(value)}" + (".0" if value.is_integer() else "")
    short = type(value) in (bool, int, str, type(None))
    if type(value) in (list, tuple):
        short = all(type(item) is int for item in value)
        if not short:
            return f"{name} a {type(value).__name__} of {len(value)}"
    return f"{name} = {value!r:.{LONGEST_VALUE}}" if short else ""


def is_of_library(filename: str) -> bool:
    """True if a file belongs to this package, the course's, Python or an installed package."""
    package, library = os.path.dirname(os.path.dirname(__file__)), os.path.dirname(os.__file__)
    folders = filter(None, (package, subject().folder, library))
    compiled = filename.endswith(".pyx")  # of NumPy's random numbers
    return (
        filename == "<variant>"
        or compiled
        or any(part in filename for part in (*folders, "site-packages", "dist-packages"))
    )


def _student_frames(error: BaseException) -> list[Frame]:
    """Return the frames of the student's own lines, with the variables of the last ones.

    Frames of this package and of libraries are left out, and so are frames with a local variable
    `__tracebackhide__`, which pytest hides too. A function that ran in another process has no
    variables.
    """
    frames = zip(
        traceback.extract_tb(error.__traceback__),
        traceback.walk_tb(error.__traceback__),
        strict=True,
    )
    shown = [
        (summary, frame)
        for summary, (frame, _) in frames
        if not is_of_library(summary.filename) and "__tracebackhide__" not in frame.f_locals
    ]
    with_values = shown[-WITH_VALUES:]
    return [
        (summary, frame.f_locals if (summary, frame) in with_values else {}, frame)
        for summary, frame in shown[-FRAMES:]
    ]
