"""Known mistakes as changes to the source of a loop implementation, and their outcomes.

A mistake written as a change of the source is short, can be run, and can be put into a notebook.
"""

import functools
import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..judging.calling import call
from ..judging.model import CallOutcome, Case, Problem
from ..judging.values import Within
from .source import BEGIN, END, without_markers

if TYPE_CHECKING:
    from .exercise import Exercise  # circular import

__all__ = ["Mistake", "MistakenOutcomes", "changed_text", "compiled"]

Modules = tuple[tuple[str, ModuleType], ...]

SEEDED = re.compile(r"(default_rng|seed|RandomState)\(\d")
STUDENTS = re.compile(f"^ *{BEGIN}$.*?^ *{END}$", re.DOTALL | re.MULTILINE)
REMEMBERED = 64  # cached results of a function, about 100 kB each


@dataclass(frozen=True)
class Mistake:
    """A wrong implementation that students actually write.

    Attributes
    ----------
    changes
        Pieces of the loop implementation's source and their replacements.
    fails
        Names of the checks that the implementation fails.
    diagnosis
        One sentence for the student; backticks mark code, and only the site shows them.
    hint
        Sentence that leads to the fix without giving the code, written in the same way.
    """

    name: str
    changes: Mapping[str, str]
    fails: tuple[str, ...]
    diagnosis: str
    hint: str

    @property
    def is_random(self) -> bool:
        """True if the function draws numbers without a seed, so each call returns other values."""
        return any("np.random" in n and not SEEDED.search(n) for n in self.changes.values())


def changed_text(text: str, mistake: Mistake, name: str) -> str:
    """Apply a mistake's changes to a solution, and drop its markers.

    Parameters
    ----------
    text
        Source of the solution, with its markers. What occurs between them is changed only there, so
        it may occur in the docstring as well.
    name
        Name of the exercise.

    Raises
    ------
    ValueError
        If a change does not fit the text.
    """
    for old, new in mistake.changes.items():
        piece = re.compile(re.escape(old))
        found = [m for part in STUDENTS.finditer(text) for m in piece.finditer(text, *part.span())]
        if not found:  # it is a given line, or begins or ends in one
            text = without_markers(text)
            found = [*piece.finditer(text)]
        if len(found) != 1:
            lines = dict.fromkeys(text.count("\n", 0, match.start()) for match in found)
            quoted = "".join(f"\n    {text.splitlines()[line].strip()}" for line in lines)
            raise ValueError(
                f"{name}, mistake {mistake.name!r}: expected {old!r} once in the solution, got it "
                f"{len(found)} times; write a piece that occurs once.{quoted}"
            )
        text = text[: found[0].start()] + new + text[found[0].end() :]
    text = without_markers(text)
    try:
        _code(text)
    except SyntaxError as error:
        raise ValueError(
            f"{name}, mistake {mistake.name!r}: expected Python code after the change, got a "
            f"syntax error ({error.msg}): {(error.text or '').strip()}"
        ) from None
    return text


@functools.cache
def _code(text: str) -> CodeType:
    return compile(text, "<string>", "exec")


@functools.cache
def compiled(
    texts: tuple[str, ...], given: tuple[str, ...], solution: str, modules: Modules = ()
) -> dict[str, Any]:
    """Compile a solution with the functions that it calls, and return their namespace.

    Parameters
    ----------
    texts
        Sources of the functions that the solution calls.
    given
        Names of called functions whose results are cached across solutions.
    modules
        Names of modules besides `np`, and the modules.
    """
    namespace = {**dict(modules), **_given(texts, given)}
    exec(_code(solution), namespace)
    return namespace


@functools.cache
def _given(texts: tuple[str, ...], given: tuple[str, ...]) -> dict[str, Any]:
    namespace: dict[str, Any] = {"np": np}
    for text in texts:
        exec(text, namespace)
    return namespace | {name: _remembering(namespace[name]) for name in given}


def _remembering(function: Callable[..., Any]) -> Callable[..., Any]:
    """Cache the results of a function by the values of its arguments.

    Dozens of networks with one wrong layer call the correct layers before it with the same data.
    """

    @functools.lru_cache(REMEMBERED)
    def answered(arguments: bytes) -> bytes:
        args, kwargs = pickle.loads(arguments)
        return pickle.dumps(function(*args, **kwargs))

    @functools.wraps(function)
    def remembering(*args: Any, **kwargs: Any) -> Any:
        try:
            arguments = pickle.dumps((args, kwargs))
        except Exception:  # arguments that cannot be pickled cannot be cached
            return function(*args, **kwargs)
        return pickle.loads(answered(arguments))

    return remembering


class MistakenOutcomes(Mapping[str, CallOutcome]):
    """Outcomes of an exercise's mistakes on one case, computed on first access."""

    def __init__(self, exercise: "Exercise", case: Case) -> None:
        self._exercise, self._case = exercise, case
        self._mistakes = {mistake.name: mistake for mistake in exercise.mistakes}
        self._known: dict[Any, Any] = {}  # by the name of a mistake, or by two names

    def __getitem__(self, name: str) -> CallOutcome:
        if name not in self._known:
            self._known[name] = self._outcome(name)
        return self._known[name]

    def both(self, one: str, other: str) -> CallOutcome | None:
        """Return the outcome of two mistakes made together; None if they are incompatible."""
        if (one, other) not in self._known:
            function = self._exercise.doubly_wrong(self._mistakes[one], self._mistakes[other])
            returns = self._exercise.returns
            self._known[one, other] = function and call(returns, self._case, function).outcome
        return self._known[one, other]

    def fails(self, name: str) -> tuple[str, ...]:
        """Return the names of the checks that a mistake fails."""
        return self._mistakes[name].fails

    def __iter__(self) -> Iterator[str]:
        return iter(self._mistakes)

    def __len__(self) -> int:
        return len(self._mistakes)

    def _outcome(self, name: str) -> CallOutcome:
        """Compute the outcome of a wrong function on the case, as for a student's function."""
        exercise, mistake = self._exercise, self._mistakes[name]
        outcome = call(exercise.returns, self._case, exercise.wrong_function(mistake)).outcome
        if outcome.problem and outcome.problem.key.startswith("NameError"):
            raise ValueError(
                f"exercise {exercise.name!r}, mistake {name!r}: expected a change of the code that "
                f"students make, but it {outcome.problem.text.splitlines()[0]}"
            )
        if outcome.problem:  # drop its text: the traceback has lines of the solution, and paths
            problem = Problem(outcome.problem.kind, outcome.problem.key)
            return replace(outcome, problem=problem)
        within = any(isinstance(v, Within) for v in self._case.expected.values.values())
        if mistake.is_random or within:
            return CallOutcome(repeatable=False)  # random values are not stored
        return outcome
