"""What became of one submission, in words that a terminal can show."""

from collections.abc import Sequence
from dataclasses import dataclass, field

MAX_SAID = 20  # sentences about one submission


@dataclass
class GradingOutcome:
    """What became of one submission.

    Attributes
    ----------
    status
        "graded", "unchanged" or "failed".
    why
        It failed; "" where it did not.
    score, points
        Earned and possible; None where nothing was graded now.
    manual
        How many questions a person has to grade.
    scores
        {notebook: {grade id: points, or None where a person has to grade}}.
    repairs
        What was repaired.
    errors
        What is wrong with the assignment itself.
    feedback
        Why there is no new feedback page where one was wanted, or "".
    seconds
        That it took, by the clock.
    """

    student: str
    status: str
    why: str = ""
    score: float | None = None
    points: float | None = None
    manual: int = 0
    scores: dict[str, dict[str, float | None]] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    feedback: str = ""
    seconds: float = 0.0


def printable(text: str) -> str:
    """Text for one line of a terminal: what would steer it is shown as an escape sequence."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def said_of(sentences: Sequence[str]) -> list[str]:
    """What is said of one submission: so many sentences that a person reads them."""
    more = len(sentences) - MAX_SAID
    rest = [f"... and {more:,} more of the like."] if more > 0 else []
    return [*map(printable, sentences[:MAX_SAID]), *rest]
