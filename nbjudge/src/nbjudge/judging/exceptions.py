"""Exceptions that a student's code raised, as the judge sees them: stand-ins with a traceback."""

import ast
import linecache
import types
from collections.abc import Sequence
from typing import Any

MAX_LINE = 100_000
STUDENTS = "__nbjudge_student__"  # among the globals of the frames that stand for the student's
# Exceptions that end a loop or a test as if all were well: they arrive as RuntimeErrors.
SWALLOWED = StopIteration, StopAsyncIteration, GeneratorExit
RUNNERS = {"unittest", "pytest", "_pytest", "bdb", "asyncio", "concurrent", "IPython", "nbjudge"}
RUNNERS |= {"hypothesis", "nose", "nose2", "ipytest", "twisted", "trio", "anyio"}


def key_of(text: str) -> object:
    """A KeyError's key, of which its message is the repr."""
    try:
        return ast.literal_eval(text)
    except Exception:
        return text


class ExceptionType(type):
    """The class of the judge's stand-ins for the student's exception classes."""

    student_class: Any  # the student's own, where the test asked for it

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make an exception in the student's process, and one here that stands for it."""
        made = cls.student_class(*args, **kwargs)
        return cls.standing_for(made, str(made))

    def standing_for(cls, student_error: Any, text: str) -> BaseException:
        """An exception that stands for one of the student's."""
        kind: Any = cls  # a class of exceptions, which mypy cannot know of a metaclass
        made: BaseException = kind.__new__(kind, text)
        vars(made).update(student_error=student_error, text=text)
        return made


def _attribute(error: Any, name: str) -> Any:
    """An attribute of the student's exception that an exception of the judge's stands for."""
    if error.student_error is None or name.startswith("__"):
        raise AttributeError(f"{type(error).__name__} has no attribute {name}")
    return getattr(error.student_error, name)


STANDING: dict[str, Any] = {
    "student_class": None,
    "student_error": None,
    "__str__": lambda error: error.text,
    "__getattr__": _attribute,
}


def make_traceback(frames: Sequence[tuple[str, int, str, str]]) -> types.TracebackType | None:
    """A traceback that shows the lines of the student's code, as a local call would have.

    Parameters
    ----------
    frames
        File, line, function and text of each line.
    """
    chain: types.TracebackType | None = None
    cache: dict[str, Any] = linecache.cache
    for filename, line, name, text in reversed(frames[:50]):
        # Whoever prints the traceback would open a file of this name, were it not in brackets.
        filename = f"<{str(filename).strip('<>')}>"
        line, text = min(max(1, int(line)), MAX_LINE), str(text)
        lines = cache[filename][2] if filename in cache else []
        lines = [*lines, *["\n"] * (line - len(lines))]
        lines[line - 1] = text.rstrip("\n") + "\n"
        cache[filename] = (len(lines), None, lines, filename)
        code = compile("\n" * (line - 1) + "raise Exception", filename, "exec")
        try:
            exec(code.replace(co_name=str(name)), {STUDENTS: True})
        except Exception as error:
            step = error.__traceback__ and error.__traceback__.tb_next
        assert step is not None
        chain = types.TracebackType(chain, step.tb_frame, step.tb_lasti, line)
    return chain


def is_of_a_runner(home: str | None, kind: type) -> bool:
    """Whether an exception is one of those with which test runners talk to themselves."""
    return not {str(home).partition(".")[0], kind.__module__.partition(".")[0]}.isdisjoint(RUNNERS)
