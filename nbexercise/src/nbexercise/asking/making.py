"""Choose questions about a function, and describe them as plain data."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..judging.capture import TimeIsUpError, quiet, time_limit
from ..judging.model import CaseSet
from ..showing.display import publish
from .kinds import KINDS, LETTERS, WRONG
from .question import as_typed
from .work import OwnQuestion, RefusedError, Work

__all__ = ["MIME_TYPE", "RefusedError", "publish_questions", "questions_about"]

MIME_TYPE = "application/vnd.nbjudge.questions+json"
VERSION = 1  # of the format
SECONDS = 20  # of processor time, for all questions about a function
TURNS = 3  # most questions of each kind, each about another call if there are enough
FOR_A_SHEET = 6  # questions of which a sheet takes some

Rng = np.random.Generator


def questions_about(function: Any, case_set: CaseSet, rng: Rng, number: int) -> list[OwnQuestion]:
    """Return at most `number` questions about a function, of as many kinds as possible.

    Parameters
    ----------
    case_set
        The exercise's cases: the questions are about calls with their arguments.

    Raises
    ------
    RefusedError
        If no questions can be made; the message says why.
    """
    work, chosen = Work(function, case_set), list[OwnQuestion]()
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with time_limit(SECONDS, SECONDS):
                for question in _in_turn(work, rng):
                    chosen.append(question)
                    if len(chosen) == number:
                        break
        except TimeIsUpError:
            pass
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
    options = question.options
    return question.text, options[LETTERS.index(question.right)] if options else question.in_full


def as_data(question: OwnQuestion, rng: Rng, with_comments: bool) -> dict[str, Any]:
    """Return a question with its options in a random order, as data that JSON can hold."""
    if question.options:
        by_letter = dict(question.mistakes)
        texts = list(question.options)
        comments = [by_letter.get(letter, "") for letter in LETTERS[: len(texts)]]
        right = texts[LETTERS.index(question.right)]
    else:
        right = as_typed(question.right)
        some = [(as_typed(value), comment) for value, comment in question.mistakes[:WRONG]]
        texts, comments = [right, *(t for t, _ in some)], ["", *(c for _, c in some)]
    order = rng.permutation(len(texts)).tolist()
    return {
        "kind": question.kind,
        "line": question.line,
        "setting": question.setting,
        "text": question.text,
        "options": [texts[k] for k in order],
        "comments": [comments[k] if with_comments else "" for k in order],
        "right": order.index(texts.index(right)),
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
        questions = questions_about(function, case_set, rng, FOR_A_SHEET)
        data["questions"] = [as_data(question, rng, passed) for question in questions]
    except RefusedError as error:
        data["refused"] = str(error)
    publish({MIME_TYPE: data})
