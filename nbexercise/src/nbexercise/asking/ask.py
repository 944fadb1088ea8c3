"""Ask the author of a function, in the notebook, what it does."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..judging.model import CaseSet
from .making import questions_about
from .question import asks_for_help
from .work import OwnQuestion, RefusedError, Work

__all__ = ["NUMBER", "RefusedError", "Series", "series_about"]

NUMBER = 3  # questions about a function


@dataclass
class Series:
    """Questions about a function, asked one at a time.

    Attributes
    ----------
    function
        The function that they are about.
    done
        Whether each question so far was answered before its answer was shown.
    helped
        Number of times that the reader has asked for help with the current question.
    """

    function: Callable[..., Any]
    name: str
    questions: list[OwnQuestion]
    done: list[bool]
    helped: int = 0

    @property
    def current(self) -> OwnQuestion | None:
        """The question that is open; None after the last one."""
        return self.questions[len(self.done)] if len(self.done) < len(self.questions) else None

    def answer(self, *answers: Any) -> str:
        """Return the reply to an answer, with the next question if there is one."""
        question = self.current
        if question is None or not answers:
            return self.text()
        given = answers[0] if len(answers) == 1 else answers
        if question.options and given is not None and not asks_for_help(given):
            letter = given.strip(" ().").lower() if isinstance(given, str) else ""
            given = question.options.get(letter)
            if given is None:
                return f'Answer with a letter in quotes, from "a" to "{[*question.options][-1]}".'
        is_right, sentences = question.reply(given, question.right, self.helped)
        asks = asks_for_help(given)
        shown = asks and self.helped > 0
        self.helped += asks
        reply = " ".join(filter(None, sentences))
        if not (is_right or shown):
            return reply
        self.done.append(is_right)
        self.helped = 0
        return f"{reply}\n\n{self.text()}"

    def text(self) -> str:
        """Return the current question and how to answer it, or the result."""
        question, total = self.current, len(self.questions)
        if question is None:
            again = f'For other questions, run ask("{self.name}") again.'
            return f"{sum(self.done)} of {total} questions about {self.name} answered. {again}"
        options = [f"  {letter}  {text}" for letter, text in question.options.items()]
        form = "a letter in quotes" if options else _form(question.right)
        how = f'Answer with ask("{self.name}", ...): {form}, or "?" for a hint.'
        head = f"Question {len(self.done) + 1} of {total} about {self.name}. {question.setting}"
        return "\n".join([head.rstrip(), "", question.text, *options, "", how])


def _form(right: Any) -> str:
    if isinstance(right, tuple):
        return f"a tuple of {len(right)} numbers" if len(right) > 1 else "a tuple such as (3,)"
    return "a number"


def series_about(
    name: str, function: Callable[..., Any], case_set: CaseSet, passed: bool
) -> Series:
    """Return questions about a function. If it failed, no comment tells what another line does.

    Raises
    ------
    RefusedError
        If no questions can be made; the message says why.
    """
    questions = questions_about(Work(function, case_set), np.random.default_rng(), NUMBER)
    if not passed:
        questions = [replace(q, wrong=[(v, q.hint) for v, _ in q.mistakes]) for q in questions]
    return Series(function, name, questions, [])
