"""Read and write manual grades in nbgrader's gradebook.

Points and comments are written to nbgrader's own columns, like in the formgrader. Two additional
tables hold the rubric items that graders have added, and the items ticked for an answer.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sql
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
    new_uuid,
)

from nbjudge.course.database import transaction
from nbjudge.course.gradebook import Records
from nbjudge.review.rubric import RubricItem

MOST_COMMENTS = 20  # earlier comments offered for a question
metadata = sql.MetaData()
_items = sql.Table(
    "nbjudge_rubric_item",
    metadata,
    sql.Column("id", sql.String(32), primary_key=True),
    sql.Column("cell_id", sql.String(32), nullable=False, index=True),
    sql.Column("number", sql.Integer, nullable=False),  # position among the items of a cell
    sql.Column("points", sql.Float, nullable=False),
    sql.Column("text", sql.Text, nullable=False),
)
_reviews = sql.Table(
    "nbjudge_review",
    metadata,
    sql.Column("grade_id", sql.String(32), primary_key=True),
    sql.Column("points", sql.Float, nullable=False),  # ticks are void once the points differ
    sql.Column("ticked", sql.Text, nullable=False),  # JSON list of items' keys
)


class ChangedError(Exception):
    """The gradebook has changed since it was read."""


@dataclass(frozen=True)
class ManualGrade:
    """A row of the gradebook that a person fills in.

    Attributes
    ----------
    id
        Id of the grade, drawn at random by nbgrader, so that it does not identify the student.
    notebook, cell
        Names of the notebook and the cell.
    cell_id
        Id of the cell, the same for all answers to a question.
    out_of
        Maximum points.
    waiting
        True if the answer still needs a manual grade.
    comment_id
        Id of the comment; None if nbgrader keeps no comment on such a cell.
    """

    id: str
    student: str
    name: str
    notebook: str
    cell: str
    cell_id: str
    out_of: float
    auto_score: float | None
    manual_score: float | None
    waiting: bool
    comment_id: str | None
    comment: str | None
    auto_comment: str | None

    @property
    def points(self) -> float | None:
        """Points of the answer, without extra credit."""
        return self.auto_score if self.manual_score is None else self.manual_score


class ManualGrades:
    """The manual grades of an assignment."""

    def __init__(self, records: Records):
        self.engine, self.assignment_id = records.engine, records.id
        metadata.create_all(self.engine)

    def all(self) -> list[ManualGrade]:
        """Return all grades of the assignment, ordered by their random ids."""
        return self._read(SubmittedAssignment.__table__.c.assignment_id == self.assignment_id)

    def one(self, key: str) -> ManualGrade:
        """Return a grade by its id.

        Raises
        ------
        LookupError
            If the gradebook no longer has the grade.
        """
        grades = self._read(Grade.__table__.c.id == key)
        if not grades:
            raise LookupError("The gradebook no longer has this answer: reload the page")
        return grades[0]

    def _read(self, condition: "sql.ColumnElement[bool]") -> list[ManualGrade]:
        grade, cell, comment = Grade.__table__, BaseCell.__table__, Comment.__table__
        submitted, notebook = SubmittedNotebook.__table__, Notebook.__table__
        work, student = SubmittedAssignment.__table__, Student.__table__
        graded, task = GradeCell.__table__, TaskCell.__table__
        comments = (
            sql.select(comment, cell.c.name).join(cell, cell.c.id == comment.c.cell_id).subquery()
        )
        same = (
            comments.c.notebook_id == grade.c.notebook_id,
            comments.c.name == cell.c.name,
        )
        query = (
            sql.select(
                grade.c.id,
                grade.c.cell_id,
                grade.c.auto_score,
                grade.c.manual_score,
                grade.c.needs_manual_grade,
                cell.c.name.label("cell"),
                notebook.c.name.label("notebook"),
                student.c.id.label("student"),
                student.c.first_name,
                student.c.last_name,
                sql.func.coalesce(graded.c.max_score, task.c.max_score, 0.0).label("out_of"),
                comments.c.id.label("comment_id"),
                comments.c.manual_comment,
                comments.c.auto_comment,
            )
            .join_from(grade, cell, cell.c.id == grade.c.cell_id)
            .join(submitted, submitted.c.id == grade.c.notebook_id)
            .join(notebook, notebook.c.id == submitted.c.notebook_id)
            .join(work, work.c.id == submitted.c.assignment_id)
            .join(student, student.c.id == work.c.student_id)
            .join(graded, graded.c.id == cell.c.id, isouter=True)
            .join(task, task.c.id == cell.c.id, isouter=True)
            .join(comments, sql.and_(*same), isouter=True)
            .where(condition)
            .order_by(grade.c.id)
        )
        with self.engine.connect() as db:
            rows = db.execute(query).all()
        return [
            ManualGrade(
                row.id,
                row.student,
                " ".join(filter(None, (row.first_name, row.last_name))),
                row.notebook,
                row.cell,
                row.cell_id,
                row.out_of,
                row.auto_score,
                row.manual_score,
                bool(row.needs_manual_grade),
                row.comment_id,
                row.manual_comment,
                row.auto_comment,
            )
            for row in rows
        ]

    def save(self, seen: ManualGrade, points: float, comment: str, ticked: Sequence[str]) -> None:
        """Write the points and the comment of an answer in one transaction, and mark it as graded.

        Extra credit stays unchanged.

        Parameters
        ----------
        seen
            The gradebook's values when the person decided.
        comment
            Markdown; "" for none.
        ticked
            Keys of the ticked rubric items.

        Raises
        ------
        ChangedError
            If the gradebook has changed since then; nothing is written.
        """
        grade, words = Grade.__table__, Comment.__table__
        with transaction(self.engine) as db:
            change = sql.update(grade).where(
                grade.c.id == seen.id,
                grade.c.manual_score.is_not_distinct_from(seen.manual_score),
                grade.c.auto_score.is_not_distinct_from(seen.auto_score),
                grade.c.needs_manual_grade == seen.waiting,
            )
            values = {"manual_score": points, "needs_manual_grade": False}
            if db.execute(change.values(values)).rowcount != 1:
                raise ChangedError
            if seen.comment_id is not None:
                change = sql.update(words).where(
                    words.c.id == seen.comment_id,
                    words.c.manual_comment.is_not_distinct_from(seen.comment),
                )
                if db.execute(change.values(manual_comment=comment or None)).rowcount != 1:
                    raise ChangedError
            db.execute(sql.delete(_reviews).where(_reviews.c.grade_id == seen.id))
            review = {"grade_id": seen.id, "points": points, "ticked": json.dumps(list(ticked))}
            db.execute(sql.insert(_reviews).values(review))

    def ticked(self, grade: ManualGrade) -> list[str]:
        """Return the keys of the ticked items, unless the points have changed since."""
        query = sql.select(_reviews.c.ticked).where(
            _reviews.c.grade_id == grade.id, _reviews.c.points == grade.manual_score
        )
        with self.engine.connect() as db:
            text = db.execute(query).scalar()
        return list(json.loads(text)) if text else []

    def comments(self, grade: ManualGrade) -> list[str]:
        """Return the lines of the comments on all answers to the same question, most used first."""
        words, cell = Comment.__table__, BaseCell.__table__
        question = sql.select(cell.c.notebook_id).where(cell.c.id == grade.cell_id)
        query = (
            sql.select(words.c.manual_comment)
            .join(cell, cell.c.id == words.c.cell_id)
            .where(
                cell.c.name == grade.cell,
                cell.c.notebook_id == question.scalar_subquery(),
                words.c.manual_comment.is_not(None),
            )
        )
        with self.engine.connect() as db:
            texts = db.execute(query).scalars().all()
        counts = Counter(line for text in texts for line in lines_of(text))
        return sorted(counts, key=lambda line: (-counts[line], line))[:MOST_COMMENTS]

    def items(self, cell_id: str) -> list[RubricItem]:
        """Return the rubric items that graders have added to a question, oldest first."""
        query = sql.select(_items).where(_items.c.cell_id == cell_id).order_by(_items.c.number)
        with self.engine.connect() as db:
            return [RubricItem(row.id, row.points, row.text, True) for row in db.execute(query)]

    def add_item(self, cell_id: str, points: float, text: str) -> None:
        """Add a rubric item to a question."""
        last = sql.select(sql.func.max(_items.c.number)).where(_items.c.cell_id == cell_id)
        values = {"id": new_uuid(), "cell_id": cell_id, "points": points, "text": text}
        with transaction(self.engine) as db:
            number = (db.execute(last).scalar() or 0) + 1
            db.execute(sql.insert(_items).values(**values, number=number))

    def remove_item(self, cell_id: str, key: str) -> None:
        """Remove a rubric item that a grader has added; points already given stay."""
        where = _items.c.cell_id == cell_id, _items.c.id == key
        with transaction(self.engine) as db:
            db.execute(sql.delete(_items).where(*where))


def lines_of(text: str) -> set[str]:
    """Return the nonempty lines of a comment."""
    return {line.strip() for line in text.splitlines() if line.strip()}
