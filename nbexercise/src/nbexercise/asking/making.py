"""Choose questions about a function, and describe them as plain data."""

import itertools
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from ..judging.capture import TimeIsUpError, quiet, time_limit
from ..judging.model import CaseSet
from ..showing.display import publish
from .kinds import KINDS, WRONG
from .question import as_typed
from .work import OwnQuestion, RefusedError, Work

__all__ = ["MIME_TYPE", "publish_questions", "questions_about"]

MIME_TYPE = "application/vnd.nbjudge.questions+json"
VERSION = 1  # of the format
SECONDS = 20  # of processor time, for all questions about a function
TURNS = 3  # most questions of each kind, each about another call if there are enough
FOR_A_SHEET = 6  # questions of which a sheet takes some

Rng = np.random.Generator


def questions_about(work: Work, rng: Rng, number: int) -> list[OwnQuestion]:
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


def _in_turn(work: Work, rng: Rng) -> Iterator[OwnQuestion]:
    """Yield a question of each kind, and then others, about other lines if possible."""
    cases = [work.cases[k] for k in rng.permutation(len(work.cases))]
    kinds = [KINDS[k] for k in rng.permutation(len(KINDS))]
    asked: set[Any] = set()
    for turn in range(TURNS if cases else 0):
        for kind in kinds:
            made = kind.questions(work, cases[turn % len(cases)])
            some = [q for q in made if not asked & {q.in_full, _chosen(q)}]
            some = [q for q in some if (q.kind, q.line) not in asked] or some
            if some:
                question = some[rng.integers(len(some))]
                asked |= {question.in_full, (question.kind, question.line), _chosen(question)}
                yield question


def _chosen(question: OwnQuestion) -> Any:
    """Return a text and its right option, which are asked once; a typed answer is another one."""
    return question.text, question.right if question.options else question.in_full


def as_data(question: OwnQuestion, rng: Rng, with_comments: bool) -> dict[str, Any]:
    """Return a question with its options in a random order, as data that JSON can hold."""
    answers = [(question.right, ""), *question.mistakes[:WRONG]]
    order = rng.permutation(len(answers)).tolist()
    return {
        "kind": question.kind,
        "line": question.line,
        "setting": question.setting,
        "text": question.text,
        "options": [as_typed(answers[k][0]) for k in order],
        "comments": [answers[k][1] if with_comments else "" for k in order],
        "right": order.index(0),
        "why": question.why,
    }


def publish_questions(function: Any, case_set: CaseSet, passed: bool, seed: int) -> None:
    """Display questions about a function as data, for a grader that makes sheets of them.

    A function that failed gets them without comments, which might tell how to correct it.
    """
    rng = np.random.default_rng(seed)
    data: dict[str, Any] = {"version": VERSION, "question": case_set.name, "seed": seed}
    data |= {"passed": passed, "code": "", "numbers": [1], "questions": [], "refused": ""}
    try:
        work = Work(function, case_set)
        data |= {"code": "\n".join(work.shown.values()), "numbers": [*work.shown]}
        questions = questions_about(work, rng, FOR_A_SHEET)
        data["questions"] = [as_data(question, rng, passed) for question in questions]
    except RefusedError as error:
        data["refused"] = str(error)
    publish({MIME_TYPE: data})
