"""Plain data that a feedback page shows in addition to the graded notebook."""

from dataclasses import dataclass, field

from nbjudge.notebook.spec import HIDDEN_MARKS, SCHEME_MARKS, Marks
from nbjudge.wire.messages import Message


@dataclass(frozen=True)
class CellGrade(Message):
    """The gradebook's grade and comment for a cell.

    Attributes
    ----------
    points
        Points without extra credit; None before manual grading.
    out_of
        Maximum points; None for a cell with only a comment.
    manual
        True if the cell was graded manually.
    unanswered
        True if the cell is unchanged from the release.
    """

    points: float | None = None
    out_of: float | None = None
    manual: bool = False
    extra_credit: float = 0.0
    comment: str = ""
    unanswered: bool = False

    @property
    def waiting(self) -> bool:
        """True if the cell still needs manual grading."""
        return self.out_of is not None and self.points is None

    @property
    def lost(self) -> bool:
        """True if the student lost points."""
        return self.points is not None and self.out_of is not None and self.points < self.out_of

    @property
    def full(self) -> bool:
        """True if the cell has all its points, or none to earn."""
        return not self.lost and not self.waiting


@dataclass(frozen=True)
class About(Message):
    """Data that a page shows in addition to the graded notebook.

    Attributes
    ----------
    name
        The student's name, if the gradebook has it.
    course
        The course's id, if it has one.
    contact
        Address for questions about the points (http, https or mailto), or "".
    regrades
        True if the page has links for regrade requests.
    submitted, due, graded
        Submission time, due date and date of grading as text, if known.
    extension, late
        Length of the extension, and the delay past the due date, as text.
    late_penalty
        Points deducted for lateness.
    cells
        The gradebook's grades and comments, by grade id.
    marks, scheme
        Delimiters of hidden tests and of marking schemes.
    """

    assignment: str
    notebook: str
    student: str
    name: str = ""
    course: str = ""
    contact: str = ""
    regrades: bool = False
    submitted: str = ""
    due: str = ""
    graded: str = ""
    extension: str = ""
    late: str = ""
    late_penalty: float = 0.0
    cells: dict[str, CellGrade] = field(default_factory=dict)
    marks: Marks = HIDDEN_MARKS
    scheme: Marks = SCHEME_MARKS
