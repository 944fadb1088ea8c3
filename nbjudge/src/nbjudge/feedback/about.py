"""What a feedback page says besides what the graded notebook holds, as plain data."""

from dataclasses import dataclass, field

from nbjudge.notebook.spec import HIDDEN_MARKS, SCHEME_MARKS, Marks
from nbjudge.wire.messages import Message


@dataclass(frozen=True)
class CellGrade(Message):
    """What the gradebook has about one of nbgrader's cells.

    Attributes
    ----------
    points
        Without extra credit; None while a person has to grade.
    out_of
        None for a cell that has no points, only a comment.
    manual
        Whether a person has graded.
    unanswered
        Whether the cell is as it was handed out.
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

    Attributes
    ----------
    name
        The student's, where the gradebook knows it.
    submitted, due
        The times, as text, where they are known.
    extension, late
        How much longer the student had, and by how much that was too late, as text.
    late_penalty
        Points that are deducted.
    cells
        The gradebook's grades and comments, by grade id.
    marks, scheme
        Around hidden tests, and around a marking scheme.
    """

    assignment: str
    notebook: str
    student: str
    name: str = ""
    submitted: str = ""
    due: str = ""
    extension: str = ""
    late: str = ""
    late_penalty: float = 0.0
    cells: dict[str, CellGrade] = field(default_factory=dict)
    marks: Marks = HIDDEN_MARKS
    scheme: Marks = SCHEME_MARKS
