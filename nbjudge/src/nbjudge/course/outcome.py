"""The result of grading one submission, in words that a terminal can show."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbjudge.course.dates import duration_text
from nbjudge.course.penalties import SubmissionPoints

MAX_SAID = 20  # sentences about one submission, or names in a line
MAX_LINES = 100  # of one kind about a class


@dataclass(frozen=True)
class Judgment:
    """The scores of a submission, and what its judging reported.

    Attributes
    ----------
    scores
        {notebook: {grade id: points, or None where a person has to grade}}.
    points
        Possible; None where nothing was judged now.
    repairs
        What was repaired.
    remarks
        What else a person should know of it, such as a time that cannot be read.
    errors
        What is wrong with the assignment itself.
    causes
        The limits and lacks of the grader that the work met: (name, sentence for the instructor
        with {students} in it).
    machine, worker
        Where it was judged, in a cluster.
    """

    scores: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    points: float | None = None
    repairs: Sequence[str] = ()
    remarks: Sequence[str] = ()
    errors: Sequence[str] = ()
    causes: Sequence[tuple[str, str]] = ()
    machine: str = ""
    worker: str = ""

    @property
    def score(self) -> float | None:
        """Points earned; None where nothing was judged now."""
        return None if self.points is None else sum(score or 0.0 for score in self._all())

    @property
    def manual(self) -> int:
        """The number of questions that a person has to grade."""
        return sum(score is None for score in self._all())

    def _all(self) -> list[float | None]:
        return [score for scores in self.scores.values() for score in scores.values()]


@dataclass(frozen=True)
class GradingOutcome:
    """The result of grading one submission.

    Attributes
    ----------
    status
        "graded", "unchanged" or "failed".
    why
        It failed; "" where it did not.
    error
        The type of the exception that it failed with, where there was one.
    judgment
        What judging gave; of unchanged work only the causes.
    before
        Points in the gradebook, late penalties deducted, before this run; None where there were
        none.
    recorded
        What the gradebook has after this run; None where the work failed.
    marked_late
        True if a platform has marked the work as late, and it is not known when it was submitted.
    feedback
        Why there is no new feedback page where one was wanted, or "".
    seconds
        That it took, by the clock.
    """

    student: str
    status: str
    why: str = ""
    error: str = ""
    judgment: Judgment = Judgment()
    before: float | None = None
    recorded: SubmissionPoints | None = None
    marked_late: bool = False
    feedback: str = ""
    seconds: float = 0.0

    @property
    def late(self) -> float:
        """Seconds after it was due, an extension included."""
        return self.recorded.late if self.recorded else 0.0

    @property
    def total(self) -> float | None:
        """Points in the gradebook after this run, late penalties deducted; None where it failed."""
        return self.recorded.total if self.recorded else None

    @property
    def has_time(self) -> bool:
        """True unless it is not known when the work was submitted."""
        return self.recorded is None or self.recorded.timestamp is not None

    def to_plain(self) -> dict[str, Any]:
        """Return the outcome as JSON has it."""
        plain = {**vars(self), **vars(self.judgment)}
        del plain["judgment"], plain["recorded"]
        there = self.recorded
        return {
            **plain,
            "score": self.judgment.score,
            "manual": self.judgment.manual,
            "late": self.late,
            "extension": there.extension.total_seconds() if there else 0.0,
            "penalty": there.penalty if there else 0.0,
            "total": self.total,
            "has_time": self.has_time,
        }

    @property
    def lateness(self) -> str:
        """How late the work is and what that costs, and an extension; "" where there is neither."""
        if self.recorded is None:
            return ""
        parts, penalty = [], self.recorded.penalty
        if self.late:
            points = f"{penalty:g} of {self.recorded.total + penalty:g} points deducted"
            parts.append(f"{duration_text(self.late)} late: {points}")
        if self.recorded.extension:
            extension = duration_text(self.recorded.extension.total_seconds())
            parts.append(f"extension of {extension}")
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
        for name, sentence in outcome.judgment.causes:
            students.setdefault(name, []).append(outcome.student)
            sentences.setdefault(name, sentence)
    lines = []
    for name in sorted(students):
        count = len(students[name])
        who = f"{count} student{'s' if count > 1 else ''} ({listed(students[name])})"
        lines.append(printable(sentences[name]).replace("{students}", who))
    return lines
