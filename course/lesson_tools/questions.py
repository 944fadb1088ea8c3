"""
Ask readers to commit to an answer before the notebook shows it, and check their exercises.

The questions of a lesson are defined in the module `questions` of its package::

    predict = Predictions(
        overflow=Prediction(right=24, wrong={280: "280 does not fit into 8 bits."}),
    )
    check = Checks(
        size=Answer(right=7, hint="At which value does the last window begin?", wrong=[(6, "...")]),
        moving_average=Function(right=reference, calls=[(x, 3)], wrong=[(without_last, "...")]),
    )

A lesson imports them, and asks each question and checks each answer by its name::

    from lesson_tools.moving_averages.questions import check, predict

    predict("overflow", None)
    predict("overflow", 280)
    check("size", size)
    check("moving_average", moving_average)

A reader who is stuck asks for help: the first `predict("overflow", "?")` prints a hint, the second
one the answer.
"""

import html
import inspect
import json
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from IPython.display import HTML

from nbexercise import CheckFailedError, Question
from nbexercise.asking.question import as_typed, asks_for_help
from public_tests import check_answer, check_function
from public_tests.course.lessons import difference

__all__ = [
    "Answer",
    "Checks",
    "Design",
    "Function",
    "Prediction",
    "Predictions",
]

WIDTH = 90


@dataclass(frozen=True, kw_only=True)
class Prediction(Question):
    """A question that is asked before the notebook shows the answer.

    The right answer may be a function that computes it, whose parameters are names of variables
    defined in earlier cells.
    """

    def answer(self, variables: Mapping[str, Any]) -> Any:
        """Return the right answer, computed from the notebook's variables if it is a function."""
        if not callable(self.right):
            return self.right
        return self.right(*(variables[name] for name in inspect.signature(self.right).parameters))


@dataclass(frozen=True, kw_only=True)
class Answer(Question):
    """An exercise whose answer is a value: a number, a text, a tuple or an array."""

    def check(self, title: str, given: Any) -> None:
        """Check an answer, as `public_tests.check_answer` does. (8,) and (8, 8) mean 8, too."""
        if np.ndim(self.right) == 0 and isinstance(given, tuple | list) and given:
            given = given[0] if not any(difference(it, self.right) for it in given) else given
        check_answer(title, given, self.right, self.hint, self.mistakes)


@dataclass(frozen=True, kw_only=True)
class Function(Question):
    """An exercise whose answer is a function.

    Attributes
    ----------
    calls
        Tuples of arguments, one for each call.
    wrap
        Decorator through which each function is called.
    """

    calls: Sequence[tuple[Any, ...]]
    wrap: Callable[[Any], Callable[..., Any]] = lambda function: function

    def check(self, title: str, given: Callable[..., Any]) -> None:
        """Check a function, as `public_tests.check_function` does."""
        wrong = [(self.wrap(function), comment) for function, comment in self.mistakes]
        right = self.wrap(self.right)
        check_function(title, self.wrap(given), right, self.calls, self.hint, wrong)


@dataclass(frozen=True)
class Design(Question):
    """An exercise with many right answers, such as a network with a given output size.

    Attributes
    ----------
    problem
        Function of the answer that returns what is wrong with it, "" if nothing is. For a typical
        wrong answer, it returns a text that contains the comment.
    """

    problem: Callable[[Any], str]

    def check(self, title: str, given: Any) -> None:
        """Check an answer by its properties."""
        problem = "" if given is None or given is Ellipsis else self.problem(given)
        if problem:
            raise CheckFailedError(f"{title}: not yet.\n  {problem}")
        check_answer(title, given, given)


class Checks:
    """The exercises of a lesson, checked by name: `check("size", size)`.

    Parameters
    ----------
    **exercises : Answer, Function or Design
        Exercises by name.
    """

    def __init__(self, **exercises: Answer | Function | Design):
        self.exercises = exercises

    def __call__(self, name: str, given: Any) -> None:
        """Print whether an answer is right; without an answer, print where to write it.

        Parameters
        ----------
        name : str
            Name of the exercise.
        given : object
            Answer of the reader: a value, or a function.

        Raises
        ------
        AssertionError
            If the answer is wrong; the message leads to the right one.
        KeyError
            If there is no exercise of that name.
        """
        if name not in self.exercises:
            raise KeyError(f"there is no exercise {name!r}; there are {', '.join(self.exercises)}")
        self.exercises[name].check(name, given)


class Predictions:
    """The questions of a lesson, asked by name: `predict("overflow", None)`.

    The cell below a question contains only its name and the reader's answer, so that readers do not
    see the right answer by accident.

    Parameters
    ----------
    **questions : Prediction
        Questions by name.
    """

    def __init__(self, **questions: Prediction):
        self.questions = questions
        self.asked: Counter[str] = Counter()  # how often the reader asked for help, by question

    def __call__(self, name: str, *answers: Any) -> None:
        """Print a comment on the reader's answer, without revealing the right one.

        A wrong answer raises no exception. Without an answer, a line says where to type it, so that
        running all cells does not stop. The answer "?" prints a hint, and the second time the right
        answer.

        Parameters
        ----------
        name : str
            Name of the question.
        *answers : object
            Answer of the reader; None if there is none yet, "?" for help. Several values count as a
            tuple.

        Raises
        ------
        KeyError
            If there is no question of that name, or the notebook lacks a variable from which the
            right answer is computed.
        ValueError
            If the question contradicts itself: a typical wrong answer, rounded, is the right one.
        """
        if name not in self.questions:
            raise KeyError(f"there is no question {name!r}; there are {', '.join(self.questions)}")
        question = self.questions[name]
        # Compute the right answer even if the reader gives none, so that broken questions show.
        right = question.answer(vars(sys.modules["__main__"]))
        for value, _ in question.mistakes:
            if question.matches(value, right):
                raise ValueError(f"the question {name!r} calls its right answer {value!r} wrong")
        answer = None if not answers else answers[0] if len(answers) == 1 else answers
        _, sentences = question.reply(answer, right, self.asked[name])
        self.asked[name] += asks_for_help(answer)
        print(textwrap.fill(" ".join(filter(None, sentences)), WIDTH))

    def folded_answer(self, name: str) -> HTML:
        """Return the answer to a question and the comments on wrong answers, folded.

        It is used on pages that cannot run cells. The web site's script reads the question from the
        attribute `data-question` and adds a field that comments on answers as a notebook does.

        Parameters
        ----------
        name : str
            Name of the question.

        Returns
        -------
        html : IPython.display.HTML
            A `div` element that contains a `details` element.

        Raises
        ------
        KeyError
            If there is no question of that name, or the notebook lacks a variable from which the
            right answer is computed.
        """
        question = self.questions[name]
        right = question.answer(vars(sys.modules["__main__"]))
        comments = [f"<p><strong>{_written(right)}</strong>. {_with_code(question.why)}</p>"]
        for value, text in question.mistakes:
            comments.append(f"<p>Not {_written(value)}: {_with_code(text)}</p>")
        fold = f"<details><summary>Answer</summary>{''.join(comments)}</details>"
        live = {
            "right": _values(right),
            "answer": as_typed(right),
            "why": question.why,
            "wrong": [[_values(value), text] for value, text in question.mistakes],
            "hint": question.hint,
            "decimals": question.decimals,
        }
        data = html.escape(json.dumps(live, ensure_ascii=False))
        return HTML(f'<div class="prediction" data-question="{data}">{fold}</div>')


def _values(answer: Any) -> str | list[float | str]:
    """Return an answer as a text, or as a flat list of numbers; JSON has no "inf" but as a text."""
    if isinstance(answer, str):
        return answer
    values = np.ravel(np.asarray(answer, float))
    return [value if np.isfinite(value) else str(value) for value in values.tolist()]


def _written(answer: Any) -> str:
    """Return an answer as a reader would type it, as HTML."""
    return html.escape(as_typed(answer))


def _with_code(text: str) -> str:
    """Return a text as HTML, with code where it has backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
