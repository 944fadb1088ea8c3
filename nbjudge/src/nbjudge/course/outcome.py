"""What became of one submission, in words that a terminal can show."""

from dataclasses import dataclass, field

MAX_SAID = 20  # sentences about one submission


@dataclass
class Outcome:
    """What became of one submission.

    status: "graded", "unchanged" or "failed"; why: of a failure
    score, points: earned and possible; None where nothing was graded now
    scores: {notebook: {grade id: points, or None where a person has to grade}}
    repairs: what was repaired; errors: what is wrong with the assignment itself
    feedback: why there is no new feedback page where one was wanted, or ""
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


def printable(text: str) -> str:
    """Text for one line of a terminal: what would steer it is shown as an escape sequence."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def said_of(sentences):
    """What is said of one submission: so many sentences that a person reads them."""
    more = len(sentences) - MAX_SAID
    rest = [f"... and {more:,} more of the like."] if more > 0 else []
    return [*map(printable, sentences[:MAX_SAID]), *rest]
