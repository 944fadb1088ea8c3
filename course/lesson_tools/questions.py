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
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from IPython.display import HTML

from nbexercise import CheckFailedError
from public_tests import check_answer, check_function
from public_tests.course.lessons import difference

__all__ = [
    "Answer",
    "Checks",
    "Design",
    "Function",
    "Prediction",
    "Predictions",
    "Question",
]

WIDTH = 90


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question: its right answer, typical wrong answers, and comments.

    Attributes
    ----------
    right
        Right answer, or one of several.
    wrong
        Typical wrong answers, each with a comment that leads to the right one: pairs, or a mapping.
    hint
        Comment on other wrong answers.
    """

    right: Any
    wrong: Sequence[tuple[Any, str]] | Mapping[Any, str] = ()
    hint: str = ""

    @property
    def mistakes(self) -> list[tuple[Any, str]]:
        """Return the typical wrong answers, each with its comment."""
        return list(self.wrong.items() if isinstance(self.wrong, Mapping) else self.wrong)


@dataclass(frozen=True, kw_only=True)
class Prediction(Question):
    """A question that is asked before the notebook shows the answer.

    The right answer is a number, a text, or a tuple or list of numbers; or a function that computes
    it, whose parameters are names of variables defined in earlier cells. Readers who ask for help
    get the hint.

    Attributes
    ----------
    why
        Comment on a right answer.
    decimals
        Decimal places to which answers are rounded before they are compared with the right answer
        and with the wrong ones; None to compare them exactly.
    """

    why: str = ""
    decimals: int | None = None

    def answer(self, variables: Mapping[str, Any]) -> Any:
        """Return the right answer, computed from the notebook's variables if it is a function."""
        if not callable(self.right):
            return self.right
        return self.right(*(variables[name] for name in inspect.signature(self.right).parameters))

    def matches(self, answer: Any, value: Any) -> bool:
        """True if an answer is a right or wrong value, in any container and with more decimals."""
        if self.decimals is not None and not isinstance(answer, str):
            with suppress(TypeError, ValueError):
                answer = np.round(np.asarray(answer, dtype=float), self.decimals)
                value = np.round(np.asarray(value, dtype=float), self.decimals)
        return _same(answer, value)


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
        answer = answers[0] if len(answers) == 1 else answers
        if not answers or answer is None or answer is Ellipsis:
            print('No prediction yet: replace None with your answer, or with "?" for a hint.')
        elif isinstance(answer, str) and answer.strip() == "?":
            self._help(name, question, right)
        elif isinstance(answer, str) and not isinstance(right, str):
            print("Answer without quotes: a number, a tuple or a list.")
        elif question.matches(answer, right):
            _say("Right.", question.why)
        else:
            comments = [
                text for value, text in question.mistakes if question.matches(answer, value)
            ]
            _say("Not quite.", *(comments or [question.hint])[:1])

    def _help(self, name: str, question: Prediction, right: Any) -> None:
        """Print the hint of a question when asked for the first time, and then its answer."""
        self.asked[name] += 1
        if question.hint and self.asked[name] == 1:
            _say("Hint:", question.hint, 'For the answer, run this cell again with "?".')
        else:
            _say(f"The answer is {_plain(right)}.", question.why)

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
            "answer": _plain(right),
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
    return html.escape(_plain(answer))


def _plain(answer: Any) -> str:
    """Return an answer as a reader would type it."""
    if not isinstance(answer, str):
        answer = np.round(np.asarray(answer, dtype=float), 6).tolist()
        answer = str(answer).replace(".0,", ",").replace(".0]", "]").removesuffix(".0")
    return answer


def _same(given: Any, right: Any) -> bool:
    """True if two answers are the same.

    Brackets, as in [-2] or [[4], [5]], are ignored. A list that repeats a single right number is
    right, too, such as (22, 22) for 22.
    """
    if not isinstance(given, str) and not isinstance(right, str):
        try:
            given, right = (np.ravel(np.asarray(value, dtype=float)) for value in (given, right))
        except (TypeError, ValueError):
            return False
        if given.size and right.size == 1:
            right = np.broadcast_to(right, given.shape)
        given, right = given.tolist(), right.tolist()  # which are compared item by item
    return not difference(given, right)


def _with_code(text: str) -> str:
    """Return a text as HTML, with code where it has backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _say(*sentences: str) -> None:
    print(textwrap.fill(" ".join(filter(None, sentences)), WIDTH))
