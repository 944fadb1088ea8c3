"""Input and answers of a judge."""

from dataclasses import dataclass, field

from nbjudge.judging.causes import ExplainedCause
from nbjudge.wire.messages import Message


@dataclass(frozen=True)
class TimeLimits(Message):
    """Time limits in seconds.

    Attributes
    ----------
    cell_seconds
        Processor time of one of the student's cells.
    test_seconds
        Time of one test cell.
    submission_seconds
        Time of a whole submission.
    """

    cell_seconds: float
    test_seconds: float
    submission_seconds: float


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Graded(Message):
    """The result of judging a notebook.

    Attributes
    ----------
    notebook
        The graded notebook as file content.
    scores, unanswered, repairs, faults, causes, remarks, compared
        Fields of `JudgedNotebook`.
    seconds
        Time that judging took. Set by the engine.
    machine, worker
        Name of the machine and address of the worker, in a cluster. Set by the engine.
    """

    notebook: bytes
    scores: dict[str, float | None]
    unanswered: list[str]
    repairs: list[str]
    faults: list[Fault]
    causes: list[ExplainedCause] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    compared: dict[str, float | None] = field(default_factory=dict)
    seconds: float = field(default=0.0, compare=False)
    machine: str = field(default="", compare=False)
    worker: str = field(default="", compare=False)


@dataclass(frozen=True)
class Unreadable(Message):
    """The submission cannot be judged, and the student is at fault."""

    reason: str


@dataclass
class Attempt:
    """State of judging a submission, across attempts: if a judge dies, another judge tries again.

    Attributes
    ----------
    deadline
        Time limit on the monotonic clock; restarted when the first judge dies.
    timed_out
        Numbers of the test cells that exceeded their time limit.
    unjudgeable
        Reasons why other test cells are not run again, by cell number.
    """

    deadline: float
    timed_out: set[int] = field(default_factory=set)
    unjudgeable: dict[int, str] = field(default_factory=dict)
