"""A question with one right answer, typical wrong ones, and a comment on each."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..judging.values import difference

__all__ = ["Question", "as_typed", "asks_for_help", "same_answer", "same_text"]

TOLERANCE = 1e-6  # relative to the right number, at least 1
HELP = "?"  # the answer of somebody who asks for a hint


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question: its right answer, typical wrong answers, and comments.

    Attributes
    ----------
    right
        Right answer: a number, a text, or a tuple or list of numbers.
    wrong
        Typical wrong answers, each with a comment that leads to the right one: pairs, or a mapping.
    hint
        Comment on other wrong answers, and help for those who ask.
    why
        Comment on a right answer.
    decimals
        Decimal places to which answers are rounded before they are compared with the right answer
        and with the wrong ones; None to compare them exactly.
    """

    right: Any
    wrong: Sequence[tuple[Any, str]] | Mapping[Any, str] = ()
    hint: str = ""
    why: str = ""
    decimals: int | None = None

    @property
    def mistakes(self) -> list[tuple[Any, str]]:
        """Return the typical wrong answers, each with its comment."""
        return list(self.wrong.items() if isinstance(self.wrong, Mapping) else self.wrong)

    def matches(self, answer: Any, value: Any) -> bool:
        """True if an answer is a right or wrong value, in any container and with more decimals."""
        if self.decimals is not None and not isinstance(answer, str):
            with suppress(TypeError, ValueError):
                answer = np.round(np.asarray(answer, dtype=float), self.decimals)
                value = np.round(np.asarray(value, dtype=float), self.decimals)
        return same_answer(answer, value)

    def reply(self, answer: Any, right: Any, asked: int = 0) -> tuple[bool, list[str]]:
        """Return whether an answer is right, and the sentences of the reply to it.

        Parameters
        ----------
        answer
            Answer of the reader; None if there is none yet, "?" for help.
        right
            The right answer, which may be computed.
        asked
            Number of times that the reader has asked for help before.
        """
        if answer is None or answer is Ellipsis:
            again = f'replace None with your answer, or with "{HELP}" for a hint.'
            return False, [f"No answer yet: {again}"]
        if asks_for_help(answer):
            if self.hint and not asked:
                again = f'For the answer, run this cell again with "{HELP}".'
                return False, ["Hint:", self.hint, again]
            return False, [f"The answer is {as_typed(right)}.", self.why]
        if isinstance(answer, str) and not isinstance(right, str):
            return False, ["Answer without quotes: a number, a tuple or a list."]
        if self.matches(answer, right):
            return True, ["Right.", self.why]
        comments = [text for value, text in self.mistakes if self.matches(answer, value)]
        return False, ["Not quite.", *(comments or [self.hint])[:1]]


def asks_for_help(answer: Any) -> bool:
    """True if an answer is "?"."""
    return isinstance(answer, str) and answer.strip() == HELP


def as_typed(answer: Any) -> str:
    """Return an answer as a reader would type it."""
    if isinstance(answer, str):
        return answer
    text = str(np.round(np.asarray(answer, dtype=float), 6).tolist())
    text = text.replace(".0,", ",").replace(".0]", "]").removesuffix(".0")
    comma = "," if isinstance(answer, tuple) and len(answer) == 1 else ""
    return f"({text[1:-1]}{comma})" if isinstance(answer, tuple) else text


def same_answer(given: Any, right: Any) -> bool:
    """True if two answers are the same.

    Brackets, as in [-2] or [[4], [5]], are ignored. A list that repeats a single right number is
    right, too, such as (22, 22) for 22.
    """
    if isinstance(right, str):
        return same_text(given, right)
    if isinstance(given, str):
        return False
    try:
        given, right = (np.ravel(np.asarray(value, dtype=float)) for value in (given, right))
    except (TypeError, ValueError):
        return False
    if given.size and right.size == 1:
        right = np.broadcast_to(right, given.shape)
    return not difference(given.tolist(), right.tolist(), TOLERANCE)


def same_text(given: Any, right: str) -> bool:
    """True if a text, or a list of its parts, is right but for case, blanks and commas."""
    parts = given if isinstance(given, tuple | list) else [given]
    texts = [part for part in parts if isinstance(part, str)]
    one, other = ("".join(text.replace(",", " ").split()) for text in ("".join(texts), right))
    return len(texts) == len(parts) and one.lower() == other.lower()
