"""The log of manual grades: who gave which points to an answer, and when.

The log keeps every grade that `nbjudge review` saves. The points that count are nbgrader's own.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sql

from nbjudge.course import schema
from nbjudge.course.gradebook import Records
from nbjudge.plugins.review.regrade import RegradeRequest
from nbjudge.plugins.shared import tables


class Kind(StrEnum):
    """Occasion on which an answer was graded; values are stored in the gradebook."""

    GRADE = "grade"
    REGRADE = "regrade"  # at the student's request


@dataclass(frozen=True)
class Grading:
    """Points and a comment that a grader gave to an answer.

    Attributes
    ----------
    grade_id
        Id of the answer.
    grader
        Name of the grader; "" in a review by one person.
    time
        Time in UTC.
    work
        Hash of the answer as the grader saw it.
    requests
        Keys of the regrade requests that the grade answers.
    """

    grade_id: str
    kind: Kind
    grader: str
    time: datetime
    points: float
    comment: str
    work: str
    requests: tuple[str, ...] = ()


class Gradings:
    """The log of an assignment."""

    def __init__(self, records: Records):
        self.engine, self.assignment_id = records.engine, records.id

    def all(self) -> dict[str, list[Grading]]:
        """Return the gradings of each answer, oldest first, by the answer's id."""
        return self._read(schema.submissions.c.assignment_id == self.assignment_id)

    def of(self, key: str) -> list[Grading]:
        """Return the gradings of an answer, oldest first."""
        return self._read(tables.gradings.c.grade_id == key).get(key, [])

    def _read(self, condition: "sql.ColumnElement[bool]") -> dict[str, list[Grading]]:
        table, submitted, work = tables.gradings, schema.submitted_notebooks, schema.submissions
        query = (
            sql.select(table)
            .join(schema.grades, schema.grades.c.id == table.c.grade_id)
            .join(submitted, submitted.c.id == schema.grades.c.notebook_id)
            .join(work, work.c.id == submitted.c.assignment_id)
            .where(condition)
            .order_by(table.c.grade_id, table.c.number)
        )
        gradings: dict[str, list[Grading]] = {}
        with self.engine.connect() as db:
            for row in db.execute(query):
                requests = tuple(json.loads(row.requests))
                gradings.setdefault(row.grade_id, []).append(
                    Grading(
                        row.grade_id,
                        Kind(row.kind),
                        row.grader,
                        row.time,
                        row.points,
                        row.comment,
                        row.work,
                        requests,
                    )
                )
        return gradings

    def add(self, db: sql.Connection, grading: Grading) -> None:
        """Append a grading in a transaction."""
        table = tables.gradings
        last = sql.select(sql.func.max(table.c.number)).where(table.c.grade_id == grading.grade_id)
        row = {
            "grade_id": grading.grade_id,
            "number": (db.execute(last).scalar() or 0) + 1,
            "kind": str(grading.kind),
            "grader": grading.grader,
            "time": grading.time,
            "points": grading.points,
            "comment": grading.comment,
            "work": grading.work,
            "requests": json.dumps(list(grading.requests)),
        }
        db.execute(sql.insert(table).values(row))


def unanswered(
    requests: Sequence[RegradeRequest], gradings: Sequence[Grading]
) -> list[RegradeRequest]:
    """Return the requests for an answer that no grading has answered."""
    answered = {key for grading in gradings for key in grading.requests}
    return [request for request in requests if request.key not in answered]
