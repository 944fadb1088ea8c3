"""Choose questions about a function, and ask them in its notebook or describe them as data."""

import itertools
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..judging.capture import TimeIsUpError, quiet, time_limit
from ..judging.model import CaseSet
from ..showing.display import publish
from .kinds import KINDS, WRONG
from .question import as_typed, asks_for_help
from .work import OwnQuestion, RefusedError, Work

__all__ = ["MIME_TYPE", "RefusedError", "Series", "publish_questions", "questions_about"]
__all__ += ["as_data", "series_about"]

NUMBER = 3  # questions about a function in its notebook
MIME_TYPE = "application/vnd.nbjudge.questions+json"
VERSION = 1  # of the format
SECONDS = 20  # of processor time, for all questions about a function
TURNS = 3  # most questions of each kind, each about another call if there are enough
FOR_A_SHEET = 6  # questions of which a sheet takes some


def questions_about(work: Work, rng: np.random.Generator, number: int) -> list[OwnQuestion]:
    """Return at most `number` questions about a function, of as many kinds as possible.

    Raises
    ------
    RefusedError
        If no questions can be made; the message says why.
    """
    chosen = list[OwnQuestion]()
    silently = warnings.catch_warnings(action="ignore")
    with quiet(), silently, suppress(TimeIsUpError), time_limit(SECONDS, SECONDS):
        for question in itertools.islice(_in_turn(work, rng), number):
            chosen.append(question)
    if not chosen:
        raise RefusedError("none of its lines has three plausible wrong answers to a question")
    return chosen


def _in_turn(work: Work, rng: np.random.Generator) -> Iterator[OwnQuestion]:
    """Yield a question of each kind, and then others, about other lines if possible."""
    cases = [work.cases[k] for k in rng.permutation(len(work.cases))]
    kinds = [KINDS[k] for k in rng.permutation(len(KINDS))]
    asked: set[Any] = set()
    for turn in range(TURNS if cases else 0):
        for kind in kinds:
            made = kind.questions(work, cases[turn % len(cases)])
            some = [q for q in made if _key(q) not in asked]
            some = [q for q in some if (q.kind, q.line) not in asked] or some
            if some:
                question = some[rng.integers(len(some))]
                asked |= {_key(question), (question.kind, question.line)}
                yield question


def _key(question: OwnQuestion) -> Any:
    """Return what makes two questions the same: their texts, or a text and its right option."""
    return (question.text, question.right) if question.options else question.in_full


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
        asks, reply = asks_for_help(given), " ".join(filter(None, sentences))
        if not (is_right or asks and self.helped):
            self.helped += asks
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


def as_data(question: OwnQuestion, with_comments: bool) -> dict[str, Any]:
    """Return a question with its options, the right one first, as data that JSON can hold."""
    answers = [(question.right, ""), *question.mistakes[:WRONG]]
    return {
        "kind": question.kind,
        "line": question.line,
        "setting": question.setting,
        "text": question.text,
        "options": [as_typed(answer) for answer, _ in answers],
        "comments": [comment if with_comments else "" for _, comment in answers],
        "right": 0,
        "why": question.why,
    }


def publish_questions(function: Any, case_set: CaseSet, passed: bool, seed: int) -> None:
    """Display questions about a function as data, for a grader that makes sheets of them.

    A function that failed gets them without comments, which might tell how to correct it.
    """
    data: dict[str, Any] = {"version": VERSION, "question": case_set.name, "seed": seed}
    data |= {"passed": passed, "code": "", "numbers": [1], "questions": [], "refused": ""}
    try:
        work = Work(function, case_set)
        data |= {"code": "\n".join(work.shown.values()), "numbers": [*work.shown]}
        questions = questions_about(work, np.random.default_rng(seed), FOR_A_SHEET)
        data["questions"] = [as_data(question, passed) for question in questions]
    except RefusedError as error:
        data["refused"] = str(error)
    publish({MIME_TYPE: data})
