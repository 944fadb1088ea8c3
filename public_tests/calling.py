"""Call a student's function once, safely: fresh arguments, captured output, a time limit.

The judge only ever calls and looks at what came back, so the function may as well live in another
process: nothing here reads its source, its globals or its memory. (The one exception, tracebacks,
is read from the exception and is empty for a function that runs elsewhere.)
"""

import contextlib
import io
import os
import re
import signal
import sys
import threading
import traceback
import warnings
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .model import Case, Outcome, Problem, Return

__all__ = ["LINE_OF_CODE", "CaseRun", "call", "is_not_written"]

TIME_LIMIT = 3.0  # seconds for one call; the cases take a right solution a few milliseconds
PRINT_LIMIT = 20_000  # characters kept of what a call prints
FRAMES = 8  # of a traceback that are shown
MESSAGE_LIMIT = 500  # characters kept of an exception's message


class TimeIsUp(BaseException):
    """Raised inside the student's function when the time limit has passed."""


@dataclass(frozen=True)
class CaseRun:
    """One case and what the function gave for it: the outcome, printed text, warnings."""

    case: Case
    outcome: Outcome
    printed: str = ""
    warned: tuple[str, ...] = ()

    @cached_property
    def precision(self) -> int:
        """Bytes per number of the coarsest floating-point argument."""
        return min((a.itemsize for a in _floats(self.case.arguments.values())), default=8)


def _floats(values):
    for value in values:
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            yield value
        elif isinstance(value, tuple):
            yield from _floats(value)


def call(returns: tuple[Return, ...], case: Case, function) -> CaseRun:
    """Call `function` on a copy of the case's arguments and describe what it returned."""
    arguments = case.fresh_arguments()
    problem, returned = None, None
    with _quiet() as sink, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with _time_limit(TIME_LIMIT):
                returned = _returned(function, arguments, case.optional)
        except TimeIsUp:
            problem = Problem("time", "time", _TOO_LONG.format(limit=TIME_LIMIT))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            problem = _describe_error(error, arguments)
    outcome = _read(returns, case, returned) if problem is None else Outcome(problem=problem)
    changed = tuple(n for n in arguments if not _same(arguments[n], case.arguments[n]))
    outcome = replace(outcome, changed=changed)
    return CaseRun(case, outcome, sink.text(), tuple(dict.fromkeys(str(w.message) for w in caught)))


def _returned(function, arguments, optional):
    """What a call returns that leaves out what has a default, as long as the default is there."""
    try:
        return function(*arguments.values())
    except TypeError as error:
        if not optional or "missing 1 required positional argument" not in str(error):
            raise
    return function(*arguments.values(), *optional.values())


_TOO_LONG = (
    "was still running after {limit:g} seconds and was stopped.\n"
    "Is there a loop that never ends, such as a `while` whose condition stays true?"
)

_STUB = "NotImplementedError"  # the key of the problem of a function that is still a stub
LINE_OF_CODE = "\n  line "  # what a line of the student's code begins with in a problem's text

_NOT_WRITTEN = (
    "has not been written yet: it still holds a `raise NotImplementedError` line.\n"
    "Write your code in its place, run the cell, then run this one again."
)


def is_not_written(outcome: Outcome) -> bool:
    """Whether a call reached the stub that was handed out."""
    return outcome.problem is not None and outcome.problem.key == _STUB


def _describe_error(error, arguments) -> Problem:
    if isinstance(error, NotImplementedError):
        return Problem("error", _STUB, _NOT_WRITTEN)
    kind, message = type(error).__name__, str(error)[:MESSAGE_LIMIT]
    text = f"raised {kind}: {message}" if message else f"raised {kind}"
    if error.__cause__ is not None:
        text += f"\nbecause of {type(error.__cause__).__name__}: {error.__cause__}"
    frames = _student_frames(error)
    if frames:
        text += "".join(map(_describe_frame, frames))
    elif kind == "TypeError" and re.search(r"(takes|missing) .*\bargument", message):
        text += f"\nIt was called with {', '.join(arguments)}: leave its `def` line as it was."
    # An index that is too large, and shapes that do not fit, say by their numbers which mistake it
    # was. In other messages the numbers differ from one style to the next.
    exact = kind in ("IndexError", "ValueError")
    plain = re.sub(r"numpy\.float\d+", "float", message)
    key = message if exact else re.split(r"[\d(\[]", plain, maxsplit=1)[0]
    return Problem("error", f"{kind}: {key}", text)


def _describe_frame(frame):
    """One line of the student's code that the exception came through."""
    file = os.path.basename(frame.filename)
    of_file = f" of {file}" if file.endswith(".py") and "ipykernel" not in frame.filename else ""
    return f"{LINE_OF_CODE}{frame.lineno}{of_file}, in {frame.name}: {frame.line}"


def _student_frames(error):
    """The traceback of the student's own lines: no frames of ours and none of libraries.

    Frames of ours elsewhere hide themselves as they do from pytest, by a local `__tracebackhide__`.
    """
    hidden = (os.path.dirname(__file__), os.path.dirname(os.__file__))
    hidden += ("site-packages", "dist-packages")
    frames = zip(
        traceback.extract_tb(error.__traceback__),
        traceback.walk_tb(error.__traceback__),
        strict=True,
    )
    shown = [
        summary
        for summary, (frame, _) in frames
        if not any(part in summary.filename for part in hidden)
        and "__tracebackhide__" not in frame.f_locals
    ]
    return shown[-FRAMES:]


def _read(returns, case, returned) -> Outcome:
    """Sort what a call returned into named outputs, or say what is wrong with its form."""
    names = [spec.name for spec in returns]
    if returned is None:
        return _wrong("nothing", "nothing", "returned None.\n" + _no_return(names))
    if len(names) == 1:
        returned = (returned,)
    elif not isinstance(returned, (tuple, list)):
        text = f"returned {_a(returned)} alone; expected {len(names)} values: {', '.join(names)}"
        return _wrong("count", "1", text + ".\nEnd the function with: return " + ", ".join(names))
    if len(returned) != len(names):
        values = f"{len(returned)} value{'' if len(returned) == 1 else 's'}"
        text = f"returned {values}; expected {len(names)}: {', '.join(names)}."
        return _wrong("count", str(len(returned)), text)
    values, cache = {}, ""
    for spec, value in zip(returns, returned, strict=True):
        if spec.form == "cache":
            cache = _cache_fault(spec, value, case)
            continue
        found, fault = _as_arrays(spec, value, case.expected.values)
        if fault and isinstance(value, tuple) and len(names) > 1:
            fault += f"\nAre the values in this order: {', '.join(names)}?"
        elif fault and isinstance(value, tuple):
            fault += f"\nA comma after `return {spec.name}` makes a tuple, and so do two values."
        if fault:
            return _wrong("type", f"{spec.name} {type(value).__name__}", fault)
        values |= found
    return Outcome(values, cache)


def _as_arrays(spec, value, expected):
    """The output as arrays by name, several for a dictionary, and what is wrong with its type."""
    if spec.form != "arrays":
        array, fault = _as_array(spec, value, expected.get(spec.name))
        return {spec.name: array}, fault
    if not isinstance(value, dict):
        return {}, f"returned {_a(value)} for {spec.name}; expected a dictionary of arrays."
    found = {}
    for part in spec.parts:
        one = Return(f"{spec.name}[{part!r}]")
        if part not in value:  # the others are looked at all the same
            found[one.name] = np.empty(0)
            continue
        found[one.name], fault = _as_array(one, value[part], expected.get(one.name))
        if fault:
            return {}, fault
    return found, ""


def _wrong(kind, key, text):
    return Outcome(problem=Problem(kind, key, text))


def _no_return(names):
    if len(names) > 1:
        return f"The function needs a `return {', '.join(names)}` at its end."
    return (
        f"Either the function has no `return {names[0]}` at its end, or {names[0]} is still None: "
        "put your own code where the cell says so."
    )


def _as_array(spec, value, expected):
    """The output as an array, and what is wrong with its type ("" where nothing is).

    expected: the right output, or None where it is only being made
    """
    if value is None:
        return None, f"returned None for {spec.name}: it has not been computed yet."
    if spec.form == "number":
        wanted = "a single number"
        right = isinstance(value, (int, float, np.number, np.ndarray)) and not (
            isinstance(value, bool)
        )
    else:
        wanted = "a NumPy array"
        right = isinstance(value, np.ndarray)
    if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
        right = False  # a matrix or a masked array computes by other rules
    if not right:
        text = f"returned {_a(value)} for {spec.name}; expected {wanted}."
        if isinstance(value, list) and spec.form != "number":
            text += f"\nnp.array({spec.name}) makes one of it."
        elif spec.form != "number" and np.isscalar(value) and expected is not None:
            text += f"\n{spec.name} must be an array of shape {expected.shape}"
            makers = "np.zeros(shape), np.ones(shape) or np.full(shape, value) makes one"
            text += f": {makers}." if spec.form == "array" else "."
        return None, text
    array = np.array(value)
    if array.dtype.kind not in "biuf":
        what = "complex numbers" if array.dtype.kind == "c" else f"dtype {array.dtype}"
        return None, f"returned an array of {what} for {spec.name}; expected real numbers."
    return array, ""


def _a(value):
    if value is None:
        return "None"
    name = "NumPy array" if type(value) is np.ndarray else type(value).__name__
    return ("an " if name[0].lower() in "aeiou" else "a ") + name


def _cache_fault(spec, value, case):
    """What is wrong with a cache, in a few words; "" where it is right."""
    wanted = f"expected the tuple ({', '.join(spec.parts)})"
    if not isinstance(value, (tuple, list)):
        return f"cache is {_a(value)}; {wanted}"
    if len(value) != len(spec.parts):
        return f"cache has {len(value)} items; {wanted}"
    for index, (part, item) in enumerate(zip(spec.parts, value, strict=True)):
        if not _same(item, case.arguments[part]):
            return f"cache[{index}] is not the {part} that the function was given; {wanted}"
    return ""


def _same(a, b):
    """Whether two arguments are equal, arrays and dictionaries within included."""
    try:
        return _equal(a, b)
    except Exception:  # ragged lists, objects that refuse to be compared
        return False


def _equal(a, b):
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.shape(a) == np.shape(b) and bool(np.array_equal(a, b))
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    return type(a) is type(b) and bool(a == b)


class _Sink(io.TextIOBase):
    """Where a call's output goes: a bounded buffer, and away."""

    def __init__(self):
        self.kept = io.StringIO()
        self.lost = 0

    def writable(self):
        return True

    def write(self, text):
        room = PRINT_LIMIT - self.kept.tell()
        self.kept.write(text[:room] if room > 0 else "")
        self.lost += max(0, len(text) - max(room, 0))
        return len(text)

    def text(self):
        cut = f"\n... ({self.lost} more characters)" if self.lost else ""
        return self.kept.getvalue() + cut


@contextlib.contextmanager
def _quiet():
    """Keep what a call writes out of the cell: nbgrader takes all points for a word on stderr.

    stdout is kept for the verdict. stderr is dropped at three levels: the name sys.stderr, the
    stream object itself (a logging handler may hold it since an earlier cell) and descriptor 2.
    """
    sink, errors, stream = _Sink(), _Sink(), sys.stderr
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(sink))
        stack.enter_context(contextlib.redirect_stderr(errors))
        with contextlib.suppress(AttributeError, TypeError):  # a C stream refuses: it is no kernel
            stream.write = errors.write
            stack.callback(delattr, stream, "write")
        with contextlib.suppress(OSError, AttributeError):  # no descriptor 2, as in a browser
            saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
            stack.callback(os.close, saved)
            os.dup2(nowhere, 2)
            os.close(nowhere)
            stack.callback(os.dup2, saved, 2)
        yield sink


@contextlib.contextmanager
def _time_limit(seconds):
    """Raise TimeIsUp in the body after `seconds`, where the platform has timers for it."""
    usable = hasattr(signal, "setitimer") and (
        threading.current_thread() is threading.main_thread()
    )
    if not usable:
        yield
        return

    def stop(signum, frame):
        raise TimeIsUp

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)  # again, should a bare except swallow it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
