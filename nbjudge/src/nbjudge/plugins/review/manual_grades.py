"""Read and write manual grades in nbgrader's gradebook.

Points and comments are written to nbgrader's own columns, like in the formgrader. Two additional
tables hold the rubric items that graders have added, and the items selected for an answer. The
modules `claims` and `gradings` have a table each.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sql

from nbjudge.course import schema
from nbjudge.course.database import transaction
from nbjudge.course.gradebook import Records
from nbjudge.plugins.review.rubric import RubricItem
from nbjudge.plugins.shared import tables
from nbjudge.plugins.shared.text import nonempty_lines

MOST_COMMENTS = 20  # earlier comments offered for a question


class ChangedError(Exception):
    """The gradebook has changed since it was read."""


@dataclass(frozen=True, kw_only=True)
class ManualGrade:
    """A grade in the gradebook that a person assigns.

    Attributes
    ----------
    id
        Random id of the grade, assigned by nbgrader; it does not identify the student.
    name
        First and last name of the student.
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

    def all(self) -> list[ManualGrade]:
        """Return all grades of the assignment, ordered by their random ids."""
        return self._read(schema.submissions.c.assignment_id == self.assignment_id)

    def one(self, key: str) -> ManualGrade:
        """Return a grade by its id.

        Raises
        ------
        LookupError
            If the gradebook no longer has the grade.
        """
        grades = self._read(schema.grades.c.id == key)
        if not grades:
            raise LookupError("The gradebook no longer has this answer: reload the page")
        return grades[0]

    def _read(self, condition: "sql.ColumnElement[bool]") -> list[ManualGrade]:
        grade, cell, comment = schema.grades, schema.cells, schema.comments
        submitted, notebook = schema.submitted_notebooks, schema.notebooks
        work, student = schema.submissions, schema.students
        comments = (
            sql.select(comment, cell.c.name).join(cell, cell.c.id == comment.c.cell_id).subquery()
        )
        same = (
            comments.c.notebook_id == grade.c.notebook_id,
            comments.c.name == cell.c.name,
        )
        first, last = (
            sql.func.coalesce(part, "") for part in (student.c.first_name, student.c.last_name)
        )
        query = (
            sql.select(
                grade.c.id,
                grade.c.cell_id,
                grade.c.auto_score,
                grade.c.manual_score,
                schema.waits.label("waiting"),
                cell.c.name.label("cell"),
                notebook.c.name.label("notebook"),
                student.c.id.label("student"),
                sql.func.trim(first + " " + last).label("name"),
                sql.func.coalesce(schema.out_of, 0.0).label("out_of"),
                comments.c.id.label("comment_id"),
                comments.c.manual_comment.label("comment"),
                comments.c.auto_comment,
            )
            .select_from(schema.gradable)
            .join(grade, grade.c.cell_id == cell.c.id)
            .join(submitted, submitted.c.id == grade.c.notebook_id)
            .join(notebook, notebook.c.id == submitted.c.notebook_id)
            .join(work, work.c.id == submitted.c.assignment_id)
            .join(student, student.c.id == work.c.student_id)
            .join(comments, sql.and_(*same), isouter=True)
            .where(condition)
            .order_by(grade.c.id)
        )
        with self.engine.connect() as db:
            rows = db.execute(query).all()
        return [ManualGrade(**row._mapping) for row in rows]

    def save(
        self,
        seen: ManualGrade,
        points: float,
        comment: str,
        ticked: Sequence[str],
        also: Callable[[sql.Connection], None] = lambda db: None,
    ) -> None:
        """Write the points and the comment of an answer in one transaction, and mark it as graded.

        Extra credit stays unchanged.

        Parameters
        ----------
        seen
            The grade as read from the gradebook when the person decided.
        comment
            Markdown; "" for none.
        ticked
            Keys of the selected rubric items.
        also
            Further changes in the same transaction; if it raises, nothing is written.

        Raises
        ------
        ChangedError
            If the gradebook has changed since then; nothing is written.
        """
        grade, words = schema.grades, schema.comments
        with transaction(self.engine) as db:
            change = sql.update(grade).where(
                grade.c.id == seen.id,
                grade.c.manual_score.is_not_distinct_from(seen.manual_score),
                grade.c.auto_score.is_not_distinct_from(seen.auto_score),
                schema.waits == seen.waiting,
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
            db.execute(sql.delete(tables.reviews).where(tables.reviews.c.grade_id == seen.id))
            review = {"grade_id": seen.id, "points": points, "ticked": json.dumps(list(ticked))}
            db.execute(sql.insert(tables.reviews).values(review))
            also(db)

    def ticked(self, grade: ManualGrade) -> list[str]:
        """Return the keys of the selected items; none if the points have changed since."""
        query = sql.select(tables.reviews.c.ticked).where(
            tables.reviews.c.grade_id == grade.id, tables.reviews.c.points == grade.manual_score
        )
        with self.engine.connect() as db:
            text = db.execute(query).scalar()
        return list(json.loads(text)) if text else []

    def comments(self, grade: ManualGrade) -> list[str]:
        """Return the comment lines of all answers to a question, the most frequent first.

        The lines of earlier terms come last.
        """
        words, cell = schema.comments, schema.cells
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
        kept = tables.kept_comments
        earlier = (
            sql.select(kept.c.text)
            .join(cell, cell.c.id == kept.c.cell_id)
            .where(cell.c.name == grade.cell, cell.c.notebook_id == question.scalar_subquery())
            .order_by(kept.c.text)
        )
        with self.engine.connect() as db:
            lines = frequent_lines(db.execute(query).scalars())
            lines += db.execute(earlier).scalars()
        return list(dict.fromkeys(lines))[:MOST_COMMENTS]

    def items(self, cell_id: str) -> list[RubricItem]:
        """Return the rubric items that graders have added to a question, oldest first."""
        query = (
            sql.select(tables.rubric_items)
            .where(tables.rubric_items.c.cell_id == cell_id)
            .order_by(tables.rubric_items.c.number)
        )
        with self.engine.connect() as db:
            return [RubricItem(row.id, row.points, row.text, True) for row in db.execute(query)]

    def add_item(self, cell_id: str, points: float, text: str) -> None:
        """Add a rubric item to a question."""
        last = sql.select(sql.func.max(tables.rubric_items.c.number)).where(
            tables.rubric_items.c.cell_id == cell_id
        )
        values = {"id": schema.new_id(), "cell_id": cell_id, "points": points, "text": text}
        with transaction(self.engine) as db:
            number = (db.execute(last).scalar() or 0) + 1
            db.execute(sql.insert(tables.rubric_items).values(**values, number=number))

    def remove_item(self, cell_id: str, key: str) -> None:
        """Remove a rubric item that a grader has added; points already given do not change."""
        where = tables.rubric_items.c.cell_id == cell_id, tables.rubric_items.c.id == key
        with transaction(self.engine) as db:
            db.execute(sql.delete(tables.rubric_items).where(*where))


def frequent_lines(comments: Iterable[str]) -> list[str]:
    """Return the lines of comments, the most frequent first."""
    counts = Counter(line for comment in comments for line in nonempty_lines(comment))
    return sorted(counts, key=lambda line: (-counts[line], line))[:MOST_COMMENTS]
