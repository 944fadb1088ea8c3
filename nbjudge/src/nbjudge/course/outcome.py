"""What became of one submission, in words that a terminal can show."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nbjudge.course.dates import duration_text

MAX_SAID = 20  # sentences about one submission, or names in a line
MAX_LINES = 100  # of one kind about a class


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
    remarks
        What else a person should know of it, such as a time that cannot be read.
    errors
        What is wrong with the assignment itself.
    causes
        The limits and lacks of the grader that the work met: (name, sentence for the instructor
        with {students} in it).
    feedback
        Why there is no new feedback page where one was wanted, or "".
    seconds
        That it took, by the clock.
    late, extension
        Seconds after it was due, an extension included, and those of the extension.
    penalty
        Points deducted because it was late.
    before, total
        Points in the gradebook, late penalties deducted, before this run and after it; None where
        there were none, or none came of it.
    has_time
        Whether it is known when the work was submitted.
    marked_late
        True if a platform has marked the work as late, and it is not known when it was submitted.
    machine, worker
        Where it was judged, in a cluster.
    error
        The type of the exception that it failed with, where there was one.
    """

    student: str
    status: str
    why: str = ""
    score: float | None = None
    points: float | None = None
    manual: int = 0
    scores: dict[str, dict[str, float | None]] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    causes: list[tuple[str, str]] = field(default_factory=list)
    feedback: str = ""
    seconds: float = 0.0
    late: float = 0.0
    extension: float = 0.0
    penalty: float = 0.0
    before: float | None = None
    total: float | None = None
    has_time: bool = True
    marked_late: bool = False
    machine: str = ""
    worker: str = ""
    error: str = ""

    @property
    def lateness(self) -> str:
        """How late the work is and what that costs, and an extension; "" where there is neither."""
        parts = []
        if self.late and self.total is not None:
            points = f"{self.penalty:g} of {self.total + self.penalty:g} points deducted"
            parts.append(f"{duration_text(self.late)} late: {points}")
        if self.extension:
            parts.append(f"extension of {duration_text(self.extension)}")
        return "; ".join(parts)

    @property
    def move(self) -> str:
        """How the points differ from those before this run and why, or ""."""
        if self.before is None or self.total is None:
            return ""
        if math.isclose(self.before, self.total, abs_tol=1e-9):
            return ""
        late = f"{duration_text(self.late)} late" if self.late else "on time"
        graded = "graded again, " if self.status == "graded" else ""
        return f"{self.before:g} -> {self.total:g} points ({graded}{late})"

    @property
    def change(self) -> str:
        """What is new about the points since before this run, or ""."""
        if self.status == "failed":
            return f"not graded: {self.why}"
        if self.before is None and self.total is not None:
            return f"{self.total:g} points (graded for the first time)"
        return self.move


def printable(text: str) -> str:
    """Text for one line of a terminal: what would steer it is shown as an escape sequence."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def said_of(sentences: Sequence[str], most: int = MAX_SAID) -> list[str]:
    """So many sentences, of one submission by default, that a person reads them."""
    more = len(sentences) - most
    rest = [f"... and {more:,} more of the like."] if more > 0 else []
    return [*map(printable, sentences[:most]), *rest]


def first_line(error: BaseException) -> str:
    """The type of an exception, and the first line of its message."""
    return f"{type(error).__name__}: {error}".strip().splitlines()[0]


def last_line(error: BaseException) -> str:
    """The last line of an exception's message, or its type where it has none."""
    return [type(error).__name__, *str(error).strip().splitlines()][-1]


def listed(names: Iterable[str]) -> str:
    """Names in one line, so many that a person reads them."""
    ordered = sorted(names)
    more = len(ordered) - MAX_SAID
    rest = f" and {more:,} more" if more > 0 else ""
    return ", ".join(map(printable, ordered[:MAX_SAID])) + rest


def limits_met(outcomes: Iterable[GradingOutcome]) -> list[str]:
    """Report the limits and lacks of the grader that work for an assignment met, a line each."""
    students: dict[str, list[str]] = {}
    sentences: dict[str, str] = {}
    for outcome in outcomes:
        for name, sentence in outcome.causes:
            students.setdefault(name, []).append(outcome.student)
            sentences.setdefault(name, sentence)
    lines = []
    for name in sorted(students):
        count = len(students[name])
        who = f"{count} student{'s' if count > 1 else ''} ({listed(students[name])})"
        lines.append(printable(sentences[name]).replace("{students}", who))
    return lines
