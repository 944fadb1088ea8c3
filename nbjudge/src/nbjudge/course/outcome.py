"""The outcome of grading one submission, and messages about the outcome for a terminal."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbjudge.course.dates import duration_text
from nbjudge.course.penalties import SubmissionPoints
from nbjudge.points import add_points
from nbjudge.wording import as_sentence, brief

MAX_LISTED = 20  # sentences about one submission, or names on one line
MAX_LINES = 100  # messages of one kind about a class


@dataclass(frozen=True, kw_only=True)
class Judgment:
    """The scores of a submission, and the messages from judging it.

    Attributes
    ----------
    scores
        {notebook: {grade id: points, or None for manual grading}}.
    points
        Maximum points; None if nothing was judged in this run.
    repairs
        Repairs to the submission.
    remarks
        Other messages, such as a time that cannot be read.
    suspicions
        Sentences for the instructor alone about what the submission may have done to tests, all of
        them: code can forge the score of a test that it has moved to the child.
    errors
        Problems with the assignment itself.
    causes
        Limits and missing features of the grader that affected the work: (name, sentence for the
        instructor with {students} in it).
    machine, worker
        Machine and worker of a cluster that judged the submission.
    """

    scores: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    points: float | None = None
    repairs: Sequence[str] = ()
    remarks: Sequence[str] = ()
    suspicions: Sequence[str] = ()
    errors: Sequence[str] = ()
    causes: Sequence[tuple[str, str]] = ()
    machine: str = ""
    worker: str = ""

    @property
    def score(self) -> float | None:
        """Points earned; None if nothing was judged in this run."""
        return None if self.points is None else add_points(score or 0.0 for score in self._all())

    @property
    def manual(self) -> int:
        """Number of questions for manual grading."""
        return sum(score is None for score in self._all())

    def _all(self) -> list[float | None]:
        return [score for scores in self.scores.values() for score in scores.values()]


@dataclass(frozen=True)
class GradingOutcome:
    """The outcome of grading one submission.

    Attributes
    ----------
    status
        "graded", "unchanged" or "failed".
    why
        Reason for a failure, or "".
    error
        Type of the exception that caused the failure, if any.
    judgment
        Result of judging; only its causes and suspicions for unchanged work.
    before
        Points in the gradebook before this run, after late penalties; None if not graded before.
    recorded
        Points in the gradebook after this run; None if grading failed.
    marked_late
        True if a platform has marked the work as late and its time is unknown.
    feedback
        Why a requested feedback page could not be written, or "".
    seconds
        Wall-clock duration of grading.

    Examples
    --------
    >>> import nbjudge
    >>> outcome = nbjudge.GradingOutcome("dan", "failed", "ps1.ipynb is missing")
    >>> print(outcome.student, outcome.why, outcome.total)
    dan ps1.ipynb is missing None
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
        """Seconds from the due date, with the extension, to the submission."""
        return self.recorded.late if self.recorded else 0.0

    @property
    def total(self) -> float | None:
        """Points in the gradebook after this run and late penalties; None if grading failed."""
        return self.recorded.total if self.recorded else None

    @property
    def waiting(self) -> int:
        """Number of answers in the gradebook that wait for a person."""
        return self.recorded.waiting if self.recorded else 0

    @property
    def has_time(self) -> bool:
        """False if the time of the submission is unknown."""
        return self.recorded is None or self.recorded.timestamp is not None

    def to_plain(self) -> dict[str, Any]:
        """Return the outcome as JSON data."""
        plain = {**vars(self), **vars(self.judgment)}
        del plain["judgment"], plain["recorded"]
        recorded = self.recorded
        return {
            **plain,
            "score": self.judgment.score,
            "manual": self.waiting,
            "late": self.late,
            "extension": recorded.extension.total_seconds() if recorded else 0.0,
            "penalty": recorded.penalty if recorded else 0.0,
            "total": self.total,
            "has_time": self.has_time,
        }

    @property
    def lateness(self) -> str:
        """Delay, late penalty and extension in words, or ""."""
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
    def score_change(self) -> str:
        """Change in the points made by this run, with the reason, or ""."""
        if self.before is None or self.total is None:
            return ""
        regraded = self.recorded.regraded if self.recorded else None
        is_same = math.isclose(self.before, self.total, abs_tol=1e-9)
        if is_same and not (regraded and regraded.reopened):
            return ""
        late = f"{duration_text(self.late)} late" if self.late else "on time"
        graded = "graded again, " if self.status == "graded" else ""
        why = f"; {regraded}" if regraded and regraded.questions else ""
        return f"{self.before:g} -> {self.total:g} points ({graded}{late}{why})"

    @property
    def change(self) -> str:
        """Failure, first points or changed points in this run, to store in the gradebook, or ""."""
        if self.status == "failed":
            return f"not graded: {self.why}"
        if self.before is None and self.total is not None:
            return f"{self.total:g} points (graded for the first time)"
        return self.score_change


def printable(text: str) -> str:
    """Return text for one terminal line, with nonprintable characters escaped.

    Examples
    --------
    >>> import nbjudge
    >>> print(nbjudge.printable("Ada" + chr(27) + "[2J"))
    Ada\\x1b[2J
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def shortened(sentences: Sequence[str], most: int = MAX_LISTED, place: str = "") -> list[str]:
    """Return at most `most` sentences of a list and, if it is longer, the number of the others.

    Parameters
    ----------
    place
        Where the others are, such as " in grading.txt".
    """
    more = len(sentences) - most
    rest = [f"... and {more:,} more{place}."] if more > 0 else []
    return [*map(printable, sentences[:most]), *rest]


def first_line(error: BaseException) -> str:
    """Return the type of an exception and the first line of its message."""
    return brief(f"{type(error).__name__}: {error}".strip().splitlines()[0])


def last_line(error: BaseException) -> str:
    """Return the last line of an exception's message; its type if the message is empty."""
    return brief([type(error).__name__, *str(error).strip().splitlines()][-1])


def listed(names: Iterable[str]) -> str:
    """Join sorted names on one line; shorten a long list to its first names and a count."""
    ordered = sorted(names)
    more = len(ordered) - MAX_LISTED
    rest = f" and {more:,} more" if more > 0 else ""
    return ", ".join(map(printable, ordered[:MAX_LISTED])) + rest


def with_students(
    outcomes: Iterable[GradingOutcome], sentences: Callable[[GradingOutcome], Iterable[str]]
) -> list[str]:
    """Return the sentences about submissions, each once, after the names of all its students."""
    students: dict[str, list[str]] = {}
    for outcome in sorted(outcomes, key=lambda outcome: outcome.student):
        for sentence in filter(None, sentences(outcome)):
            students.setdefault(sentence, []).append(outcome.student)
    return [f"{', '.join(names)}: {as_sentence(text)}" for text, names in students.items()]


def limits_met(outcomes: Iterable[GradingOutcome]) -> list[str]:
    """Return messages about the grader's limits and missing features, one line for each."""
    students: dict[str, list[str]] = {}
    sentences: dict[str, str] = {}
    for outcome in outcomes:
        for name, sentence in outcome.judgment.causes:
            students.setdefault(name, []).append(outcome.student)
            sentences.setdefault(name, sentence)
    lines = []
    for name in sorted(students):
        count = len(students[name])
        whose = f"{count} student{'s' if count > 1 else ''} ({listed(students[name])})"
        lines.append(printable(sentences[name]).replace("{students}", whose))
    return lines
