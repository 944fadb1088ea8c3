"""What a judge is given, and what it answers."""

from dataclasses import dataclass, field

from nbjudge.judging.causes import ExplainedCause
from nbjudge.wire.messages import Message


@dataclass(frozen=True)
class TimeLimits(Message):
    """Seconds: of a processor for a student's cell, for a test cell, for a submission."""

    cell_seconds: float
    test_seconds: float
    submission_seconds: float


@dataclass(frozen=True)
class NotebookSubmission(Message):
    """One submitted notebook.

    Attributes
    ----------
    key
        Of its preparation.
    files
        The student's own, {path: content}.
    seed
        Of all random numbers.
    draw_all
        Whether figures are drawn that nobody grades.
    mark
        What the graded notebook's metadata say of the grading.
    own_files
        Paths of those files that are the student's work, in which an answer may be.
    """

    key: str
    notebook: bytes
    files: dict[str, bytes]
    seed: int
    limits: TimeLimits
    draw_all: bool
    mark: dict[str, object]
    own_files: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Fault(Message):
    """Something that is wrong with the assignment itself, in one of its cells.

    Attributes
    ----------
    grade_id
        Of the cell; "" where it has none.
    reason
        What is wrong there, as the end of a sentence.
    """

    grade_id: str
    reason: str

    def __str__(self) -> str:
        return f"{self.grade_id or 'a cell'}: {self.reason}"


@dataclass(frozen=True)
class Graded(Message):
    """A notebook was judged.

    Attributes
    ----------
    notebook
        The graded one, as the text of a file.
    scores, unanswered, repairs, faults, causes, remarks
        As a JudgedNotebook has them.
    seconds
        That judging took; the engine writes it here.
    machine, worker
        Where that was, in a cluster: the machine's name and the worker's address; likewise.
    """

    notebook: bytes
    scores: dict[str, float | None]
    unanswered: list[str]
    repairs: list[str]
    faults: list[Fault]
    causes: list[ExplainedCause] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    seconds: float = field(default=0.0, compare=False)
    machine: str = field(default="", compare=False)
    worker: str = field(default="", compare=False)


@dataclass(frozen=True)
class Unreadable(Message):
    """What was submitted cannot be judged, for the student's own doing."""

    reason: str


@dataclass
class Attempt:
    """One attempt at a submission: several follow each other where a judge dies in a test cell.

    Attributes
    ----------
    deadline
        When its time is up, on the monotonic clock. After the first death the time begins again.
    timed_out
        The numbers of the test cells that had their time.
    unjudgeable
        Why other test cells are not run again, by number.
    """

    deadline: float
    timed_out: set[int] = field(default_factory=set)
    unjudgeable: dict[int, str] = field(default_factory=dict)
