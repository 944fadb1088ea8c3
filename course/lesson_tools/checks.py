"""
Check the exercises of a lesson.

The exercises of a lesson are defined in the module `questions` of its package::

    check = Checks(
        size=Answer(right=7, hint="At which value does the last window begin?", wrong=[(6, "...")]),
        moving_average=Function(right=reference, calls=[(x, 3)], wrong=[(without_last, "...")]),
    )

A lesson imports them and checks each answer by its name::

    from lesson_tools.moving_averages.questions import check

    check("size", size)
    check("moving_average", moving_average)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from public_tests import check_answer, check_function
from public_tests.errors import CheckFailedError

__all__ = ["Answer", "Checks", "Design", "Function"]


@dataclass(frozen=True)
class Answer:
    """A question whose answer is a value.

    Attributes
    ----------
    right
        Right answer: a number, a text, a tuple or an array.
    hint
        Comment on other wrong answers.
    wrong
        Pairs of a typical wrong answer and a comment that leads to the right one.
    """

    right: Any
    hint: str = ""
    wrong: Sequence[tuple[Any, str]] = ()

    def check(self, title: str, given: Any) -> None:
        """Check an answer, as `public_tests.check_answer` does."""
        check_answer(title, given, self.right, self.hint, self.wrong)


@dataclass(frozen=True)
class Function:
    """A task whose answer is a function.

    Attributes
    ----------
    right
        Correct function.
    calls
        Tuples of arguments, one for each call.
    hint
        Comment on other wrong functions.
    wrong
        Pairs of a typical wrong function and a comment that leads to the right one.
    """

    right: Callable[..., Any]
    calls: Sequence[tuple[Any, ...]]
    hint: str = ""
    wrong: Sequence[tuple[Callable[..., Any], str]] = ()

    def check(self, title: str, given: Callable[..., Any]) -> None:
        """Check a function, as `public_tests.check_function` does."""
        check_function(title, given, self.right, self.calls, self.hint, self.wrong)


@dataclass(frozen=True)
class Design:
    """A task with many right answers, such as a network with a given output size.

    Attributes
    ----------
    problem
        Function of the answer that returns what is wrong with it, "" if nothing is.
    right
        One of the right answers.
    wrong
        Pairs of a typical wrong answer and a part of what `problem` returns for it.
    """

    problem: Callable[[Any], str]
    right: Any
    wrong: Sequence[tuple[Any, str]] = ()

    def check(self, title: str, given: Any) -> None:
        """Check an answer by its properties."""
        problem = "" if given is None or given is Ellipsis else self.problem(given)
        if problem:
            raise CheckFailedError(f"{title}: not yet.\n  {problem}")
        check_answer(title, given, given)


class Checks:
    """
    The exercises of a lesson, checked by name: `check("size", size)`.

    Parameters
    ----------
    **exercises : Answer, Function or Design
        Exercises by name.
    """

    def __init__(self, **exercises: Answer | Function | Design):
        self.exercises = exercises

    def __call__(self, name: str, given: Any) -> None:
        """
        Print whether an answer is right; without an answer, print where to write it.

        Parameters
        ----------
        name : str
            Name of the exercise.
        given : object
            Answer of the reader: a value, or a function.

        Raises
        ------
        AssertionError
            The answer is wrong; the message leads to the right one.
        KeyError
            There is no exercise of that name.
        """
        if name not in self.exercises:
            raise KeyError(f"there is no exercise {name!r}; there are {', '.join(self.exercises)}")
        self.exercises[name].check(name, given)
