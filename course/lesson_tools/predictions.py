"""
Predictions: a reader commits to an answer before the notebook shows it.

The questions of a lesson stand together in a module of `lesson_tools.questions`::

    predict = Predictions(
        overflow=Question(right=44, wrong={300: "300 does not fit into 8 bits."}),
    )

A lesson imports them and asks each by its name::

    from lesson_tools.questions.images_and_filters import predict

    predict("overflow", None)
    predict("overflow", 300)
"""

import html
import inspect
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from IPython.display import HTML

__all__ = ["Predictions", "Question"]

TOLERANCE = 1e-6
WIDTH = 90


@dataclass(frozen=True)
class Question:
    """What is known about one question.

    Attributes
    ----------
    right
        The right answer: a number, a text, or a tuple or list of numbers; or a function that
        computes it, whose parameters are names of what the cells above have defined.
    wrong
        For each typical wrong answer, the comment that leads from it to the right one. A list of
        numbers is written as a tuple.
    why
        What to say to a right answer.
    hint
        What to say to a wrong answer that is not a typical one.
    """

    right: Any
    wrong: Mapping[Any, str] = field(default_factory=dict)
    why: str = ""
    hint: str = ""

    def answer(self, variables: Mapping[str, Any]) -> Any:
        """The right answer, computed from a notebook's variables if it is a function of them."""
        if not callable(self.right):
            return self.right
        return self.right(*(variables[name] for name in inspect.signature(self.right).parameters))


class Predictions:
    """
    The questions of a lesson, to be asked by name: `predict("overflow", None)`.

    The cell below a question holds its name and the reader's answer and nothing else, so the right
    answer cannot be read there by accident, even where no short expression would compute it.

    Parameters
    ----------
    **questions : Question
        The questions by name.
    """

    def __init__(self, **questions: Question):
        self.questions = questions

    def __call__(self, name: str, *answers: Any) -> None:
        """
        Print a comment on the reader's answer; never the right answer, unless it was given.

        A wrong answer raises nothing. Without an answer one line says where to type it, so that
        a notebook whose cells are all run goes on.

        Parameters
        ----------
        name : str
            The question.
        *answers : object
            The reader's answer, None as long as there is none; several values count as a tuple.

        Raises
        ------
        KeyError
            There is no question of that name, or the notebook lacks a variable that the right
            answer is computed from.
        ValueError
            The question contradicts itself: a typical wrong answer is the right one.
        """
        if name not in self.questions:
            raise KeyError(f"there is no question {name!r}; there are {', '.join(self.questions)}")
        question = self.questions[name]
        # Even if nobody answers, so that a broken question is noticed.
        right = question.answer(vars(sys.modules["__main__"]))
        for value in question.wrong:
            if _same(value, right):
                raise ValueError(f"the question {name!r} calls its right answer {value!r} wrong")
        answer = answers[0] if len(answers) == 1 else answers
        if not answers or answer is None or answer is Ellipsis:
            print("No prediction yet: replace None by your answer and run this cell again.")
        elif isinstance(answer, str) and not isinstance(right, str):
            print("Answer without quotes: a number, a tuple or a list.")
        elif _same(answer, right):
            _say("Right.", question.why)
        else:
            comments = [text for value, text in question.wrong.items() if _same(answer, value)]
            _say("Not quite.", *(comments or [question.hint])[:1])

    def folded_answer(self, name: str) -> HTML:
        """
        The answer to a question and what is known about wrong ones, folded.

        It is for a page on which no cell can be run, as the web site's.

        Parameters
        ----------
        name : str
            The question.

        Returns
        -------
        html : IPython.display.HTML
            A `details` element.

        Raises
        ------
        KeyError
            As a call with this name does.
        """
        question = self.questions[name]
        right = question.answer(vars(sys.modules["__main__"]))
        comments = [f"<p><strong>{_written(right)}</strong>. {html.escape(question.why)}</p>"]
        for value, text in question.wrong.items():
            comments.append(f"<p>Not {_written(value)}: {html.escape(text)}</p>")
        body = "".join(comments)
        return HTML(f'<details class="prediction"><summary>Answer</summary>{body}</details>')


def _written(answer: Any) -> str:
    """An answer as a reader would type it, as HTML."""
    if not isinstance(answer, str):
        answer = np.round(np.asarray(answer, dtype=float), 6).tolist()
        answer = str(answer).replace(".0,", ",").replace(".0]", "]").removesuffix(".0")
    return html.escape(answer)


def _same(given: Any, right: Any) -> bool:
    """
    Whether two answers are the same: texts but for case, numbers but for rounding and for brackets
    around the whole answer, as in [-2] for -2.
    """
    if isinstance(given, str) or isinstance(right, str):
        both = isinstance(given, str) and isinstance(right, str)
        return both and given.strip().lower() == right.strip().lower()
    try:
        a, b = (np.squeeze(np.asarray(value, dtype=float)) for value in (given, right))
    except (TypeError, ValueError):
        return False
    return a.shape == b.shape and np.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE)


def _say(*sentences: str) -> None:
    print(textwrap.fill(" ".join(filter(None, sentences)), WIDTH))
