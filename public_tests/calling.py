"""Call a student's function once, safely: fresh arguments, captured output, a time limit.

The judge only ever calls and looks at what came back, so the function may as well live in another
process: nothing here reads its source, its globals or its memory. (The one exception, tracebacks,
is read from the exception and is empty for a function that runs elsewhere.)
"""

import os
import re
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .capture import TimeIsUpError, quiet, time_limit
from .model import CallOutcome, Case, Problem, Return
from .names import about_name
from .notes import REFUSED_FOR_A_NUMBER
from .operands import about_operands
from .returned import as_outcome, same
from .wording import WIDTH, filled, number

__all__ = ["VALUES_THERE", "CaseRun", "call", "end_of_check", "is_not_written"]
__all__ += ["is_of_library", "quoted_lines"]

TIME_LIMIT = 3.0  # seconds of a processor for a call; a right solution takes some milliseconds
# Seconds by the clock for all calls of a check together. A graded cell may make these calls once
# more, with right helpers, and has 60 seconds (c.NbJudge.test_seconds).
CHECK_LIMIT = 20.0
FRAMES = 8  # of a traceback that are shown
WITH_VALUES = 2  # of these, the last ones, with the values of their variables
MESSAGE_LIMIT = 500  # characters kept of an exception's message


@dataclass(frozen=True)
class CaseRun:
    """One case and what the function gave for it: the outcome, printed text, warnings.

    Attributes
    ----------
    overwritten
        Names of the outputs that another call changed afterwards.
    refused
        The line of code that raises an error in the NumPy that runs here, and not in the grader's.
    """

    case: Case
    outcome: CallOutcome
    printed: str = ""
    warned: tuple[str, ...] = ()
    overwritten: tuple[str, ...] = ()
    refused: str = ""

    @cached_property
    def precision(self) -> int:
        """Bytes per number of the coarsest floating-point argument."""
        return min((a.itemsize for a in _floats(self.case.arguments.values())), default=8)


def _floats(values: Iterable[Any]) -> Iterator[NDArray[Any]]:
    for value in values:
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            yield value
        elif isinstance(value, tuple):
            yield from _floats(value)


def call(
    returns: tuple[Return, ...],
    case: Case,
    function: Callable[..., Any],
    twice: bool = False,
    until: float | None = None,
) -> CaseRun:
    """Call `function` on a copy of the case's arguments and describe what it returned.

    Where NumPy 2.4 or newer refuses to take an array that has axes for a number, the function is
    called again with arrays that are taken for one, as in the NumPy of the graded environment.

    Parameters
    ----------
    twice
        Whether what it returned is looked at after another call, which may overwrite it.
    until
        When the time of the check is over, on the monotonic clock; by default it begins now.
    """
    until = end_of_check() if until is None else until
    arguments, refused = case.fresh_arguments(), ""
    with quiet() as sink, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        returned, problem = _answer(returns, function, arguments, case.optional, until)
        if problem and REFUSED_FOR_A_NUMBER in problem.text:
            as_numbers = {n: _taken_for_numbers(a) for n, a in case.fresh_arguments().items()}
            again, another = _answer(returns, function, as_numbers, case.optional, until)
            if another is None:
                refused = (quoted_lines(problem) or [problem.text])[-1]
                arguments, returned, problem = as_numbers, again, None
                warnings.warn(REFUSED_FOR_A_NUMBER, stacklevel=2)
        outcome = CallOutcome(problem=problem)
        if problem is None:
            outcome = as_outcome(returns, case, returned)
    changed = tuple(n for n in arguments if not same(arguments[n], case.arguments[n]))
    overwritten: tuple[str, ...] = ()
    if twice and outcome.problem is None:
        before = outcome
        with quiet(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _answer(returns, function, case.other_arguments(), case.optional, until)
            outcome = as_outcome(returns, case, returned)
        overwritten = _differing(before, outcome)
    outcome = replace(outcome, changed=changed)
    warned = tuple(dict.fromkeys(str(w.message) for w in caught))
    return CaseRun(case, outcome, sink.text(), warned, overwritten, refused)


def end_of_check() -> float:
    """Return when the time of a check that begins now is over, on the monotonic clock."""
    return time.monotonic() + CHECK_LIMIT


def _differing(before: CallOutcome, after: CallOutcome) -> tuple[str, ...]:
    """The names of the outputs that are no longer what they were, the cache among them."""
    names = tuple(
        name
        for name, array in before.values.items()
        if name not in after.values or array.tobytes() != after.values[name].tobytes()
    )
    return names if before.cache == after.cache else (*names, "cache")


def _answer(
    returns: tuple[Return, ...],
    function: Callable[..., Any],
    arguments: Mapping[str, Any],
    optional: Mapping[str, Any],
    until: float,
) -> tuple[Any, Problem | None]:
    """What a call returns, or its problem."""
    try:
        with time_limit(TIME_LIMIT, until - time.monotonic()):
            return _returned(function, arguments, optional), None
    except TimeIsUpError as up:
        text = _TOO_SLOW.format(CHECK_LIMIT) if up.by_clock else _ENDLESS.format(TIME_LIMIT)
        return None, Problem("time", "time", text)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return None, _describe_error(error, returns, arguments)


class _NumberLike(np.ndarray[Any, Any]):
    """An array of one number that is taken for it, as all were up to NumPy 2.3."""

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())


def _taken_for_numbers(value: Any) -> Any:
    """The same arguments with arrays that are taken for numbers."""
    if isinstance(value, np.ndarray):
        return value.view(_NumberLike)
    return tuple(map(_taken_for_numbers, value)) if isinstance(value, tuple) else value


def _returned(
    function: Callable[..., Any], arguments: Mapping[str, Any], optional: Mapping[str, Any]
) -> Any:
    """What a call returns that leaves out what has a default, as long as the default is there."""
    try:
        return function(*arguments.values())
    except TypeError as error:
        if not optional or "missing 1 required positional argument" not in str(error):
            raise
    return function(*arguments.values(), *optional.values())


_ENDLESS = (
    "was still running after {:g} seconds and was stopped.\n"
    "Is there a loop that never ends, such as a `while` whose condition stays true?"
)

_TOO_SLOW = (
    "is too slow: the calls of this check took more than {:g} seconds together and were stopped.\n"
    "Take out what waits, such as time.sleep or a download, and what is computed again and again."
)

Frame = tuple[traceback.FrameSummary, Mapping[str, Any], types.FrameType]

_STUB = "NotImplementedError"  # the key of the problem of a function that is still a stub
_LINE_OF_CODE = "  line "  # what a line of the student's code begins with in a problem's text
VALUES_THERE = "    with"  # and the values that its variables had
MOST_VALUES = 8
LONGEST_VALUE = 30  # characters

_NOT_WRITTEN = (
    "has not been written yet: it still holds a `raise NotImplementedError` line.\n"
    "Write your code in its place, run the cell, then run this one again."
)


def is_not_written(outcome: CallOutcome) -> bool:
    """Whether a call reached the stub that was handed out."""
    return outcome.problem is not None and outcome.problem.key == _STUB


def _describe_error(
    error: BaseException, returns: tuple[Return, ...], arguments: Mapping[str, Any]
) -> Problem:
    frames = _student_frames(error)
    # A subclass is none of ours: input() raises one.
    if type(error) is NotImplementedError and not _is_left_over(frames, returns, arguments):
        return Problem("error", _STUB, _NOT_WRITTEN)
    kind, message = type(error).__name__, _shortened(str(error))
    limit = getattr(error, "nbjudge_cause", None)  # of the grader, which explains it
    text = f"raised {kind}: {message}" if message else f"raised {kind}"
    if limit:
        step = limit.next_step[:1].upper() + limit.next_step[1:]
        text = f"could not be run by the grader. {limit.says}\n{step}" + (
            f"\nIt {text}" if frames else ""  # else it is the grader's own exception
        )
    if error.__cause__ is not None:
        text += f"\nbecause of {type(error.__cause__).__name__}: {error.__cause__}"
    if frames:
        lines = (line for frame in frames for line in _describe_frame(*frame[:2]))
        text = "\n".join([text, *lines])
    elif kind == "TypeError" and re.search(r"(takes|missing) .*\bargument", message):
        text += f"\nIt was called with {', '.join(arguments)}: leave its `def` line as it was."
    # An index that is too large, and shapes that do not fit, say by their numbers which mistake it
    # was. In other messages the numbers differ from one style to the next.
    exact = kind in ("IndexError", "ValueError")
    if limit:
        return Problem("limit", limit.name, text)
    plain = re.sub(r"numpy\.float\d+", "float", message)
    key = _in_one_order(message) if exact else re.split(r"[\d(\[]", plain, maxsplit=1)[0]
    step, passed = _next_step(error, frames), _passed(frames)
    return Problem("error", f"{kind}: {key}", text, step, passed)


def _is_left_over(
    frames: Sequence[Frame], returns: tuple[Return, ...], arguments: Mapping[str, Any]
) -> bool:
    """True if a function had made all that it returns when it came to the line of its stub."""
    values = frames[-1][1] if frames else {}
    made = [value.name for value in returns if value.form != "cache"]
    return all(name in values and values[name] is not arguments.get(name) for name in made)


def _next_step(error: BaseException, frames: Sequence[Frame]) -> str:
    """Return the next step, if the names or operands of the line that raised an error show it."""
    if not frames:
        return ""
    summary, values, running = frames[-1]
    if type(error) is NameError and error.name:
        return about_name(error.name, values, running.f_globals)
    facts, question = about_operands(error, summary, {**running.f_globals, **values})
    return facts if _passed(frames) else f"{facts} {question}".strip()


def _passed(frames: Sequence[Frame]) -> str:
    """What the function passed to the one that raised an error; "" if it raised it itself."""
    if len(frames) < 2:
        return ""
    (caller, *_), (called, values, running) = frames[-2:]
    names = running.f_code.co_varnames[: running.f_code.co_argcount]
    said = ", ".join(filter(None, (_value(name, values[name]) for name in names if name in values)))
    if called.name == caller.name or called.name.startswith("<") or not said:
        return ""
    return f"{caller.name} calls {called.name} with {said}: is that what {called.name} needs?"


def _in_one_order(message: str) -> str:
    """A message on shapes that do not fit, these sorted: a * b and b * a are the same."""
    before, together, shapes = message.partition(" broadcast together with shapes ")
    return before + together + " ".join(sorted(shapes.split()))


def _shortened(message: str) -> str:
    """A message without what is beyond the limit, cut between two words."""
    if len(message) <= MESSAGE_LIMIT:
        return message
    words = message[: MESSAGE_LIMIT + 1].rsplit(maxsplit=1)
    return f"{words[0] if len(words) == 2 else message[:MESSAGE_LIMIT]} ..."


def quoted_lines(problem: Problem) -> list[str]:
    """The lines of the student's code that an error came through, "line 3, in name: code"."""
    lines = problem.text.splitlines()
    return [line.strip() for line in lines if line.startswith(_LINE_OF_CODE)]


def _describe_frame(frame: traceback.FrameSummary, values: Mapping[str, Any]) -> list[str]:
    """One line of the student's code that the exception came through, and the values in it."""
    file = os.path.basename(frame.filename)
    of_file = f" of {file}" if file.endswith(".py") and "ipykernel" not in frame.filename else ""
    line = f"{_LINE_OF_CODE}{frame.lineno}{of_file}, in {frame.name}: {frame.line}"
    names = dict.fromkeys(re.findall(r"(?<![\w.'\"])[^\W\d]\w*", frame.line or ""))
    known = [_value(name, values[name]) for name in names if name in values]
    said = list(filter(None, known))[:MOST_VALUES]
    indent = " " * len(VALUES_THERE + " ")
    return [line, *(filled([VALUES_THERE, *said], WIDTH - 2, indent) if said else [])]


def _value(name: str, value: Any) -> str:
    """A variable's value in short; "" of what has no short one."""
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
    """True if a file is one of ours, of Python or of a package, and not the student's."""
    ours, library = os.path.dirname(__file__), os.path.dirname(os.__file__)
    return any(part in filename for part in (ours, library, "site-packages", "dist-packages"))


def _student_frames(error: BaseException) -> list[Frame]:
    """The traceback of the student's own lines, with the variables of the last ones.

    There are no frames of ours and none of libraries; a function that ran elsewhere has no
    variables here.

    Frames of ours elsewhere hide themselves as they do from pytest, by a local `__tracebackhide__`.
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
    known = shown[-WITH_VALUES:]
    return [
        (summary, frame.f_locals if (summary, frame) in known else {}, frame)
        for summary, frame in shown[-FRAMES:]
    ]
