"""Known mistakes: changes to the text of a loop implementation, compiled, and what they answer.

A mistake written as a change of text is short, runs, and can stand in a student's notebook.
"""

import functools
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from public_tests.calling import call
from public_tests.model import CallOutcome, Case, Problem

if TYPE_CHECKING:
    from exercises.exercise import Exercise  # which imports this module

__all__ = ["Mistake", "MistakenOutcomes", "changed_text", "compiled"]

REMEMBERED = 64  # results of a function, of some 100 kB each


@dataclass(frozen=True)
class Mistake:
    """A wrong implementation people really write.

    Attributes
    ----------
    changes
        Pieces of the loop implementation's text and what stands there instead.
    fails
        The names of the checks it fails.
    diagnosis
        One sentence for the student; code stands in backticks, which only the site shows.
    hint
        The thought that leads out, written likewise, without the code.
    """

    name: str
    changes: Mapping[str, str]
    fails: tuple[str, ...]
    diagnosis: str
    hint: str

    @property
    def is_random(self) -> bool:
        """Whether it gives other values each time."""
        return any("np.random" in new for new in self.changes.values())


def changed_text(text: str, mistake: Mistake, name: str) -> str:
    """The text of the loop implementation with a mistake's changes made.

    Parameters
    ----------
    name
        The exercise's name.

    Raises
    ------
    ValueError
        If a change does not fit the text.
    """
    for old, new in mistake.changes.items():
        if text.count(old) != 1:
            raise ValueError(
                f"{name}, mistake {mistake.name!r}: expected {old!r} once in the loop "
                f"implementation, but it occurs {text.count(old)} times."
            )
        text = text.replace(old, new)
    return text


@functools.cache
def compiled(texts: tuple[str, ...], given: tuple[str, ...], solution: str) -> dict[str, Any]:
    """The names that a solution and the texts of the functions that it calls define, beside `np`.

    Parameters
    ----------
    given
        Those of these functions whose results are remembered for other solutions.
    """
    namespace = dict(_given(texts, given))
    exec(solution, namespace)
    return namespace


@functools.cache
def _given(texts: tuple[str, ...], given: tuple[str, ...]) -> dict[str, Any]:
    namespace: dict[str, Any] = {"np": np}
    for text in texts:
        exec(text, namespace)
    return namespace | {name: _remembering(namespace[name]) for name in given}


def _remembering(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which computes only once what it gives for arguments of the same values.

    Dozens of networks that are wrong in one place call the right layers before it with the same
    data.
    """

    @functools.lru_cache(REMEMBERED)
    def answered(arguments: bytes) -> bytes:
        args, kwargs = pickle.loads(arguments)
        return pickle.dumps(function(*args, **kwargs))

    @functools.wraps(function)
    def remembering(*args: Any, **kwargs: Any) -> Any:
        try:
            arguments = pickle.dumps((args, kwargs))
        except Exception:  # what cannot be written down cannot be remembered
            return function(*args, **kwargs)
        return pickle.loads(answered(arguments))

    return remembering


class MistakenOutcomes(Mapping):
    """The outcomes of an exercise's mistakes on one case, each found out once, when asked for."""

    def __init__(self, exercise: "Exercise", case: Case) -> None:
        self._exercise, self._case = exercise, case
        self._mistakes = {mistake.name: mistake for mistake in exercise.mistakes}
        self._known: dict[Any, Any] = {}  # by a mistake's name, or by two names

    def __getitem__(self, name: str) -> CallOutcome:
        if name not in self._known:
            self._known[name] = self._outcome(name)
        return self._known[name]

    def both(self, one: str, other: str) -> CallOutcome | None:
        """The outcome of two mistakes made together; None where they exclude each other."""
        if (one, other) not in self._known:
            function = self._exercise.doubly_wrong(self._mistakes[one], self._mistakes[other])
            returns = self._exercise.returns
            self._known[one, other] = function and call(returns, self._case, function).outcome
        return self._known[one, other]

    def __iter__(self) -> Iterator[str]:
        return iter(self._mistakes)

    def __len__(self) -> int:
        return len(self._mistakes)

    def _outcome(self, name: str) -> CallOutcome:
        """What a wrong function of ours gives for the case, found out the way a student's is."""
        exercise, mistake = self._exercise, self._mistakes[name]
        outcome = call(exercise.returns, self._case, exercise.wrong_function(mistake)).outcome
        if outcome.problem:  # the text holds a traceback, lines of the solution and paths of ours
            problem = Problem(outcome.problem.kind, outcome.problem.key)
            return replace(outcome, problem=problem)
        if mistake.is_random:
            return CallOutcome(repeatable=False)  # without its values: what is stored is not random
        return outcome
