"""Stand-ins for exceptions that a student's code raised, with a traceback."""

import ast
import linecache
import sys
import types
from collections.abc import Sequence
from typing import Any

from nbjudge.wire.requests import ErrorReport

MAX_LINE = 100_000  # line number in a traceback
STUDENTS = "__nbjudge_student__"  # marks the globals of frames that stand for the student's
# Exceptions that would silently end a loop or a test. RuntimeErrors replace them.
_SWALLOWED = StopIteration, StopAsyncIteration, GeneratorExit
RUNNERS = {"unittest", "pytest", "_pytest", "bdb", "asyncio", "concurrent", "IPython", "nbjudge"}
RUNNERS |= {"hypothesis", "nose", "nose2", "ipytest", "twisted", "trio", "anyio"}


def _key_of(text: str) -> object:
    """Return a KeyError's key, given its message, which is the repr of the key."""
    try:
        return ast.literal_eval(text)
    except Exception:
        return text


class ExceptionType(type):
    """Metaclass of the stand-ins for the student's exception classes."""

    _nbjudge_class: Any  # the student's class, if the test looked it up

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Create an exception in the student's process, and return a stand-in for it."""
        made = cls._nbjudge_class(*args, **kwargs)
        return cls.standing_for(made, str(made))

    def standing_for(cls, student_error: Any, text: str) -> BaseException:
        """Return a stand-in for one of the student's exceptions."""
        kind: Any = cls  # a class of exceptions, which mypy cannot know of a metaclass
        made: BaseException = kind.__new__(kind, text)
        vars(made).update(_nbjudge_error=student_error, _nbjudge_text=text)
        return made


def _attribute(error: Any, name: str) -> Any:
    """Return an attribute of the student's exception, given its stand-in."""
    if error._nbjudge_error is None or name.startswith("__"):
        raise AttributeError(f"{type(error).__name__} has no attribute {name}")
    return getattr(error._nbjudge_error, name)


_STANDING: dict[str, Any] = {
    "_nbjudge_class": None,
    "_nbjudge_error": None,  # names that no exception of a student's has
    "__str__": lambda error: error._nbjudge_text,
    "__getattr__": _attribute,
}


class ExceptionClasses:
    """The classes with which the judge raises the student's exceptions."""

    def __init__(self) -> None:
        # Stand-ins, by the modules and names of the class and its bases.
        self.made: dict[tuple[tuple[str, str], ...], type[BaseException]] = {}

    def matching(self, classes: Sequence[tuple[str, str]]) -> type[BaseException]:
        """Return the judge's own class, if it exists, or a stand-in with the same name and bases.

        Parameters
        ----------
        classes
            Modules and names of the class and its bases.
        """
        ((module, name), *rest) = key = tuple((str(module), str(name)) for module, name in classes)
        home = None if module == "__main__" or module.startswith("nbjudge") else module
        # Not by getattr, since some modules import others when they are asked for a name.
        native = getattr(sys.modules.get(home or ""), "__dict__", {}).get(name)
        if not isinstance(native, type) or not issubclass(native, BaseException):
            native = None
        elif issubclass(native, _SWALLOWED) or _is_of_a_runner(home, native):
            native, home = RuntimeError, None
        elif issubclass(native, BaseExceptionGroup):
            native = None
        if home == "builtins" and native and not issubclass(native, UnicodeError):
            return native
        if key not in self.made:
            base = native or (self.matching(rest) if rest else Exception)
            made: Any = ExceptionType(name, (base,), {**_STANDING, "__module__": module})
            self.made[key] = made
        return self.made[key]

    def rebuild(self, error: ErrorReport) -> BaseException:
        """Return the student's exception, with its type, message and traceback."""
        kind: Any = self.matching(error.classes)
        exception: BaseException
        if isinstance(kind, ExceptionType):
            exception = kind.standing_for(error.exception, error.text)
        else:
            exception = kind(_key_of(error.text) if kind is KeyError else error.text)
        return exception.with_traceback(make_traceback(error.frames))


def make_traceback(frames: Sequence[tuple[str, int, str, str]]) -> types.TracebackType | None:
    """Return a traceback that shows the lines of the student's code, as a local call would.

    Parameters
    ----------
    frames
        File, line number, function and source of each line.
    """
    chain: types.TracebackType | None = None
    cache: dict[str, Any] = linecache.cache
    for filename, line, name, text in reversed(frames[:50]):
        # The brackets keep code that prints the traceback from opening a file with this name.
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


def _is_of_a_runner(home: str | None, kind: type) -> bool:
    """True if a test runner uses the exception class for its own control flow."""
    return not {str(home).partition(".")[0], kind.__module__.partition(".")[0]}.isdisjoint(RUNNERS)
