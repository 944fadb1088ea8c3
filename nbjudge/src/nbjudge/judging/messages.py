"""Input and answers of a judge."""

from collections.abc import Callable
from dataclasses import dataclass, field

from nbjudge.judging.causes import ExplainedCause
from nbjudge.wire.messages import Message

CHILD, PERSON = "child", "person"  # values of NotebookSubmission.fallback


@dataclass(frozen=True)
class TimeLimits(Message):
    """Limits of the processor time of a submission's processes, in seconds.

    A cell may wait three times as long, tests and whole submissions as long.

    Attributes
    ----------
    cell_seconds
        Limit of one of the student's cells.
    test_seconds
        Limit of one test cell.
    submission_seconds
        Limit of all cells and tests together.
    """

    cell_seconds: float
    test_seconds: float
    submission_seconds: float

    @property
    def of_submission(self) -> "TimeLeft":
        """Time that a submission has at its start."""
        return TimeLeft(self.submission_seconds, self.submission_seconds)


@dataclass(frozen=True, kw_only=True)
class NotebookSubmission(Message):
    """One submitted notebook.

    Attributes
    ----------
    key
        Key of the Preparation for this notebook.
    files
        Submitted files, {path: content}.
    seed
        Seed of all random numbers.
    draw_all
        True to draw all figures, including those that nobody grades.
    mark
        Metadata about the grading, to be stored in the graded notebook.
    own_files
        Paths of the files that are the student's own work and may contain an answer.
    compare
        True to judge every test in the child as well, and to report those scores.
    fallback
        Where to judge a test that has lost points after it missed something outside the student's
        process: CHILD, PERSON, or "" to leave the score as it is.
    """

    key: str
    notebook: bytes
    files: dict[str, bytes]
    seed: int
    limits: TimeLimits
    draw_all: bool
    mark: dict[str, object]
    own_files: list[str] = field(default_factory=list)
    compare: bool = False
    fallback: str = ""


@dataclass(frozen=True)
class Fault(Message):
    """An error in a cell of the assignment itself.

    Attributes
    ----------
    grade_id
        The cell's grade id; "" if it has none.
    reason
        Description of the error, to follow a colon.
    lacks_module
        True if the cell imports a module that this machine does not have.
    """

    grade_id: str
    reason: str
    lacks_module: bool = False

    def __str__(self) -> str:
        return f"{self.grade_id or 'a cell'}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class Graded(Message):
    """The result of judging a notebook.

    Attributes
    ----------
    notebook
        The graded notebook as file content.
    scores, unanswered, repairs, faults, causes, remarks, compared, limited, missed, suspicions
        Fields of `JudgedNotebook`.
    seconds
        Time that judging took. Set by the engine.
    machine, worker
        Name of the machine and address of the worker, in a cluster. Set by the engine.
    """

    notebook: bytes
    scores: dict[str, float | None]
    unanswered: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    causes: list[ExplainedCause] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    compared: dict[str, float | None] = field(default_factory=dict)
    limited: list[str] = field(default_factory=list)
    missed: dict[str, str] = field(default_factory=dict)
    suspicions: dict[str, str] = field(default_factory=dict)
    seconds: float = field(default=0.0, compare=False)
    machine: str = field(default="", compare=False)
    worker: str = field(default="", compare=False)


@dataclass(frozen=True)
class Unreadable(Message):
    """The submission cannot be judged, and the student is at fault.

    Attributes
    ----------
    timed_out
        True if it exceeded a time limit.
    """

    reason: str
    timed_out: bool = False


@dataclass(frozen=True)
class TimeLeft(Message):
    """From a judge, several times per second: the time that the submission has left, in seconds.

    Attributes
    ----------
    processor
        Processor time.
    idle
        Time to spend waiting.
    """

    processor: float
    idle: float


@dataclass
class Attempt:
    """State of judging a submission, across attempts: if a judge dies, another judge tries again.

    Attributes
    ----------
    left
        Time that the submission has left; restored when the first judge dies.
    report
        Function that a judge tells the time left.
    timed_out
        Numbers of the test cells that exceeded their time limit.
    unjudgeable
        Reasons why other test cells are not run again, by cell number.
    """

    left: TimeLeft
    timed_out: set[int] = field(default_factory=set)
    unjudgeable: dict[int, str] = field(default_factory=dict)
    report: Callable[[TimeLeft], None] = lambda left: None
