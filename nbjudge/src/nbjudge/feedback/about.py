"""What a feedback page says besides what the graded notebook holds, as plain data."""

from dataclasses import dataclass, field

from nbjudge.notebook.spec import HIDDEN_MARKS, SCHEME_MARKS
from nbjudge.wire.messages import Message


@dataclass(frozen=True)
class CellGrade(Message):
    """What the gradebook has about one of nbgrader's cells.

    points: without extra credit; None while a person has to grade
    out_of: None for a cell that has no points, only a comment
    manual: whether a person has graded; unanswered: whether the cell is as it was handed out
    """

    points: float | None = None
    out_of: float | None = None
    manual: bool = False
    extra_credit: float = 0.0
    comment: str = ""
    unanswered: bool = False

    @property
    def waiting(self) -> bool:
        """Whether a person still has to grade."""
        return self.out_of is not None and self.points is None

    @property
    def lost(self) -> bool:
        """Whether points were lost."""
        return self.points is not None and self.out_of is not None and self.points < self.out_of

    @property
    def full(self) -> bool:
        """Whether there is nothing to say about points."""
        return not self.lost and not self.waiting


@dataclass(frozen=True)
class About(Message):
    """What a page says besides what the graded notebook holds.

    name: the student's, where the gradebook knows it; handed_in: the time, as text
    late_penalty: points that are deducted; cells: the gradebook's grades and comments, by grade id
    marks: what the lines around hidden tests contain; scheme: those around a marking scheme
    """

    assignment: str
    notebook: str
    student: str
    name: str = ""
    handed_in: str = ""
    late_penalty: float = 0.0
    cells: dict[str, CellGrade] = field(default_factory=dict)
    marks: tuple[str, str] = HIDDEN_MARKS
    scheme: tuple[str, str] = SCHEME_MARKS
