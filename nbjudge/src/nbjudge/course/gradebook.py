"""Read and write an assignment in the gradebook: its recorded cells and its submissions.

The gradebook's tables are defined in `schema`.
"""

import datetime
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from shlex import quote
from typing import Any, TypeVar

import sqlalchemy as sql

from nbjudge.course import schema
from nbjudge.course.database import (
    cannot_write,
    check_file,
    database_message,
    file_of,
    insert_rows,
    open_database,
    read_only,
    shown,
    transaction,
    update_rows,
)
from nbjudge.course.dates import duration_text, seconds_late, time_text
from nbjudge.course.penalties import LatePolicy, SubmissionPoints, penalize
from nbjudge.errors import KEPT, GradebookError
from nbjudge.feedback.about import About, CellGrade
from nbjudge.notebook.spec import CellSpec
from nbjudge.points import add_points

A = TypeVar("A")
PATIENCE = 60  # seconds for a database server to come back
UNANSWERED = "No response."  # nbgrader's comment on a cell without an answer


def not_generated(assignment: str) -> str:
    """Return an error message for an assignment without notebooks in the gradebook."""
    return (
        f"{assignment} has no notebooks in the gradebook: run "
        f"`nbgrader generate_assignment {quote(assignment)}`"
    )


@dataclass(frozen=True)
class Change:
    """A change in a submission's points, after late penalties, made by a grading run.

    Attributes
    ----------
    run
        Start of the run, in UTC.
    before, after
        Points before and after the run; None if the work was not graded.
    text
        Both numbers, and the reason for the change.
    """

    run: datetime.datetime
    before: float | None
    after: float | None
    text: str

    @property
    def is_first(self) -> bool:
        """True if the work was graded for the first time."""
        return self.before is None and self.after is not None


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """The last grading of a student's submission.

    Attributes
    ----------
    fingerprint
        Fingerprint of the inputs of the saved scores; None if no scores are saved.
    report
        Report of the grading that saved them.
    failure
        Reason why the last grading saved no scores; "" if it did.
    files
        Hash of the submission's files at the last grading; "" if unknown.
    """

    fingerprint: str | None = None
    report: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""
    files: str = ""

    @property
    def causes(self) -> list[tuple[str, str]]:
        """The grader's limits and missing features, in the form of `Judgment.causes`."""
        return [(name, text) for name, text in self.report.get("causes", ())]


@dataclass(frozen=True)
class _RecordedCell:
    """A cell that nbgrader recorded when the assignment was released.

    Attributes
    ----------
    kind
        One of the schema's tables grade_cells, solution_cells and task_cells; a cell of two kinds
        is recorded twice.
    points
        Maximum points of the cell.
    """

    id: str
    kind: sql.Table
    points: float


class Records:
    """An assignment in an open gradebook.

    Parameters
    ----------
    for_reading
        True to open the gradebook read-only; missing tables are not created.

    Raises
    ------
    LookupError
        If the gradebook does not have the assignment.
    """

    def __init__(self, db_url: str, course_id: str, assignment: str, *, for_reading: bool = False):
        self.assignment, self.for_reading = assignment, for_reading
        check_file(db_url, assignment)
        if for_reading:
            self.engine = read_only(db_url)
        else:
            schema.create_tables(db_url, course_id)
            self.engine = open_database(db_url)
        self.tables = set(sql.inspect(self.engine).get_table_names())
        table, notebook = schema.assignments, schema.notebooks
        with self.engine.connect() as db:
            query = sql.select(table.c.name, table.c.id, table.c.duedate)
            recorded = {row.name: row for row in db.execute(query)}
            self.assignments = set(recorded)
            if assignment not in recorded:
                raise LookupError(
                    f"The gradebook has no assignment {assignment!r}; it has "
                    f"{', '.join(sorted(recorded)) or 'none'}. To add it, run "
                    f"`nbgrader generate_assignment {quote(assignment)}`"
                )
            self.id, self.duedate = recorded[assignment].id, recorded[assignment].duedate
            query = sql.select(notebook.c.name, notebook.c.id).order_by(notebook.c.name)
            of_assignment = query.where(notebook.c.assignment_id == self.id)
            # Notebooks' ids, by name.
            self.notebooks: dict[str, str] = {row.name: row.id for row in db.execute(of_assignment)}
        # For later submissions: {student: extra time}. Plug-ins set them.
        self.extensions: Mapping[str, datetime.timedelta] = {}
        self.is_closed = False
        self.cells = {name: self._cells(key) for name, key in self.notebooks.items()}

    def close(self) -> None:
        """Close the database; waiting results are discarded."""
        self.is_closed = True
        self.engine.dispose()

    def _cells(self, notebook: str) -> dict[str, list[_RecordedCell]]:
        """Return a notebook's cells with grades or comments, by grade id."""
        cells: dict[str, list[_RecordedCell]] = {}
        with self.engine.connect() as db:
            for kind, points in (
                (schema.grade_cells, schema.grade_cells.c.max_score),
                (schema.solution_cells, sql.literal(0.0)),
                (schema.task_cells, schema.task_cells.c.max_score),
            ):
                query = (
                    sql.select(schema.cells.c.name, kind.c.id, points)
                    .join_from(kind, schema.cells, kind.c.id == schema.cells.c.id)
                    .where(schema.cells.c.notebook_id == notebook)
                )
                for name, cell, most in db.execute(query):
                    cells.setdefault(name, []).append(_RecordedCell(cell, kind, most))
        return cells

    def recorded(self, notebook: str) -> list[CellSpec]:
        """Return the cells of a notebook, in order, as nbgrader recorded them at its release."""
        table = schema.source_cells
        query = sql.select(table).where(table.c.notebook_id == self.notebooks[notebook])
        cells = []
        with self.engine.connect() as db:
            for row in db.execute(query):
                kinds = {c.kind: c.points for c in self.cells[notebook].get(row.name, [])}
                cells.append(
                    CellSpec(
                        grade_id=row.name,
                        cell_type=row.cell_type,
                        source=row.source or "",
                        solved=row.source or "",
                        checksum=row.checksum or "",
                        points=kinds.get(schema.grade_cells, kinds.get(schema.task_cells, 0.0)),
                        grade=schema.grade_cells in kinds,
                        solution=schema.solution_cells in kinds,
                        locked=bool(row.locked),
                        task=schema.task_cells in kinds,
                    )
                )
        return cells

    def students(self) -> set[str]:
        """Return the ids of all students in the gradebook."""
        with self.engine.connect() as db:
            return set(db.execute(sql.select(schema.students.c.id)).scalars())

    def submission_points(self) -> dict[str, SubmissionPoints]:
        """Return the points of each student's submission."""
        with self.engine.connect() as db:
            found = _submission_points(db, schema.submissions.c.assignment_id == self.id)
        return {submission.student: submission for submission in found}

    def course_points(self) -> list[SubmissionPoints]:
        """Return the points of all submissions of the course.

        Raises
        ------
        GradebookError
            If the gradebook stays unavailable or is closed.
        """

        def read() -> list[SubmissionPoints]:
            with self.engine.connect() as db:
                return _submission_points(db, sql.true())

        return self._patiently(read, "read")

    def apply_penalties(
        self, db: sql.Connection, students: Iterable[str], policy: LatePolicy
    ) -> list[tuple[SubmissionPoints, SubmissionPoints]]:
        """Recompute and store students' late penalties in all assignments.

        Returns
        -------
        list of (SubmissionPoints, SubmissionPoints)
            All submissions of these students, before and after.
        """
        before = _submission_points(db, schema.submissions.c.student_id.in_(list(students)))
        after = penalize(before, policy)
        rows = [
            {"key": key, "late_submission_penalty": penalty}
            for old, new in zip(before, after, strict=True)
            for key, penalty in new.penalties.items()
            if penalty != old.penalties[key]
        ]
        update_rows(db, schema.submitted_notebooks, rows)
        return list(zip(before, after, strict=True))

    def earlier(self) -> dict[str, Earlier]:
        """Return what the gradebook has of the students' last gradings: {student: grading}."""
        submitted, judgments = schema.submissions, schema.judgments
        queries = {
            table: sql.select(table).where(table.c.assignment == self.assignment)
            for table in (schema.failures, schema.attempts)
        }
        queries[judgments] = (
            sql.select(submitted.c.student_id.label("student"), judgments)
            .join(judgments, judgments.c.submission_id == submitted.c.id)
            .where(submitted.c.assignment_id == self.id)
        )
        rows: dict[str, dict[str, Any]] = {}
        with self.engine.connect() as db:
            for table, query in queries.items():
                if table.name in self.tables:
                    for row in db.execute(query):
                        rows.setdefault(row.student, {}).update(row._mapping)
        return {
            student: Earlier(
                fingerprint=row.get("fingerprint"),
                report=json.loads(row.get("report", "{}")),
                failure=row.get("why", ""),
                files=row.get("files", ""),
            )
            for student, row in rows.items()
        }

    def placement(self, key: str) -> dict[str, list[str]] | None:
        """Return the tests to judge in the child, by notebook; None if none are stored for the key.

        Parameters
        ----------
        key
            Hash of everything that the placement depends on.
        """
        table = schema.placements
        if table.name not in self.tables:
            return None
        query = sql.select(table.c.in_child).where(
            table.c.assignment == self.assignment, table.c.key == key
        )
        with self.engine.connect() as db:
            text = db.execute(query).scalar()
        return json.loads(text) if text else None

    def write_placement(self, key: str, in_child: Mapping[str, Sequence[str]]) -> None:
        """Store which tests are judged in the child: {notebook: grade ids}."""

        def write(db: sql.Connection) -> None:
            table = schema.placements
            db.execute(sql.delete(table).where(table.c.assignment == self.assignment))
            row = {"key": key, "in_child": json.dumps(in_child, sort_keys=True)}
            insert_rows(db, table, [{"assignment": self.assignment, **row}])

        self.transact(write)

    def about(self, student: str, zone: datetime.tzinfo) -> dict[str, About]:
        """Return the gradebook's data for a submission's feedback pages, by notebook.

        Raises
        ------
        GradebookError
            If the gradebook stays unavailable or is closed.
        """

        def read() -> dict[str, About]:
            with self.engine.connect() as db:
                return read_about(db, self.assignment, student, zone)

        return self._patiently(read, "read")

    def transact(self, do: Callable[[sql.Connection], A]) -> A:
        """Run a function in a transaction.

        While a database server is unavailable, for example during a restart, wait and retry the
        whole transaction.

        Raises
        ------
        GradebookError
            If the server stays unavailable, the file is read-only or stays locked, or the gradebook
            is closed.
        """

        def begin() -> A:
            with transaction(self.engine) as db:
                return do(db)

        return self._patiently(begin, "written")

    def _patiently(self, do: Callable[[], A], verb: str) -> A:
        end, is_file = time.monotonic() + PATIENCE, file_of(self.engine.url) is not None
        while not self.is_closed:
            try:
                return do()
            except sql.exc.DBAPIError as error:
                is_operational = isinstance(error, sql.exc.OperationalError)
                if not is_operational and not error.connection_invalidated:
                    raise
                if is_file and not cannot_write(error):
                    raise
                if is_file or time.monotonic() > end:
                    raise GradebookError(
                        f"The gradebook {shown(self.engine.url)} cannot be {verb}: "
                        f"{database_message(error)}. {KEPT}"
                    ) from None
                time.sleep(0.5)
        raise GradebookError("The gradebook is closed: the run has ended.")

    def note(self, student: str, why: str, change: Change | None, files: str = "") -> None:
        """Record a grading that saved no scores.

        Parameters
        ----------
        why
            Reason for a failure; "" if the work was graded before.
        change
            Change in the points, if any.
        files
            Hash of the submitted files; "" if they could not be read.
        """

        def write(db: sql.Connection) -> None:
            write_failures(db, self.assignment, {student: why})
            write_changes(db, self.assignment, {student: change} if change else {})
            write_attempts(db, self.assignment, {student: files} if files else {})

        self.transact(write)


def _submission_points(
    db: sql.Connection, where: sql.ColumnElement[bool]
) -> list[SubmissionPoints]:
    """Return the points of submissions.

    Parameters
    ----------
    where
        Condition on the columns of `schema.submitted`.
    """
    submitted, notebook, grade = schema.submissions, schema.submitted_notebooks, schema.grades
    assignment = schema.assignments
    scores = sql.func.sum(schema.score + sql.func.coalesce(grade.c.extra_credit, 0.0))
    waits = sql.func.sum(sql.case((schema.waits, 1), else_=0))
    keys = sql.select(notebook.c.id).select_from(schema.submitted).where(where)
    # A separate query is faster: nbgrader's tables have no index for a join.
    query = sql.select(grade.c.notebook_id, scores, waits).group_by(grade.c.notebook_id)
    rows = db.execute(query.where(grade.c.notebook_id.in_(keys)))
    points: dict[str, tuple[float, int]] = {
        key: (add_points([sum_ or 0.0]), count) for key, sum_, count in rows
    }
    query = (
        sql.select(
            assignment.c.name,
            assignment.c.duedate,
            submitted.c.student_id,
            submitted.c.timestamp,
            submitted.c.extension,
            notebook.c.id,
            notebook.c.late_submission_penalty,
        )
        .select_from(schema.submitted)
        .where(where)
        .order_by(notebook.c.id)
    )
    submissions: dict[tuple[str, str], SubmissionPoints] = {}
    for row in db.execute(query):
        total, waiting = points.get(row.id, (0.0, 0))
        submission = submissions.get((row.name, row.student_id))
        if submission is None:
            submission = SubmissionPoints(
                student=row.student_id,
                assignment=row.name,
                due=row.duedate,
                timestamp=row.timestamp,
                late=seconds_late(row.timestamp, row.duedate, row.extension),
                extension=row.extension or datetime.timedelta(),
                points={},
                penalties={},
            )
        submission.points[row.id] = total
        submission.penalties[row.id] = row.late_submission_penalty
        submission = replace(submission, waiting=submission.waiting + waiting)
        submissions[row.name, row.student_id] = submission
    return list(submissions.values())


def write_failures(db: sql.Connection, assignment: str, reasons: Mapping[str, str]) -> None:
    """Record why submissions could not be graded: {student: reason, or "" if graded}."""
    _replace(
        db,
        schema.failures,
        assignment,
        {s: {"why": why} if why else None for s, why in reasons.items()},
    )


def write_attempts(db: sql.Connection, assignment: str, files: Mapping[str, str]) -> None:
    """Record the files of submissions at their grading: {student: hash}."""
    rows = {student: {"files": digest} for student, digest in files.items()}
    _replace(db, schema.attempts, assignment, rows)


def write_changes(
    db: sql.Connection, assignment: str, changes: Mapping[str, Change | None]
) -> None:
    """Record the latest change in each submission's points: {student: change}.

    None removes the recorded change.
    """
    _replace(
        db,
        schema.changes,
        assignment,
        {student: asdict(change) if change else None for student, change in changes.items()},
    )


def _replace(
    db: sql.Connection,
    table: sql.Table,
    assignment: str,
    rows: Mapping[str, Mapping[str, object] | None],
) -> None:
    """Replace an assignment's rows for some students: {student: row, or None to delete only}."""
    is_old = table.c.assignment == assignment, table.c.student.in_(rows)
    db.execute(sql.delete(table).where(*is_old))
    new = [{"assignment": assignment, "student": s, **row} for s, row in rows.items() if row]
    insert_rows(db, table, new)


def read_about(
    db: sql.Connection, assignment: str, student: str, zone: datetime.tzinfo
) -> dict[str, About]:
    """Return the gradebook's data for a submission's feedback pages: {notebook: About}.

    The mapping is empty if the gradebook does not have the submission.

    Parameters
    ----------
    zone
        Time zone of the times on the page.
    """
    submitted, notebook = schema.submissions, schema.submitted_notebooks
    person, original = schema.students, schema.notebooks
    query = (
        sql.select(
            original.c.name,
            notebook.c.id,
            notebook.c.late_submission_penalty,
            submitted.c.timestamp,
            submitted.c.extension,
            schema.assignments.c.duedate,
            person.c.first_name,
            person.c.last_name,
        )
        .select_from(schema.submitted)
        .join(original, original.c.id == notebook.c.notebook_id)
        .join(person, person.c.id == submitted.c.student_id)
        .where(schema.assignments.c.name == assignment, person.c.id == student)
        .order_by(original.c.name)
    )
    pages, graded = {}, _read_time_of_grading(db, assignment, student)
    for row in db.execute(query).all():
        late, longer = seconds_late(row.timestamp, row.duedate, row.extension), row.extension
        due = row.duedate and row.duedate + (longer or datetime.timedelta())
        pages[row.name] = About(
            assignment,
            row.name,
            student,
            " ".join(filter(None, (row.first_name, row.last_name))),
            submitted=time_text(row.timestamp, zone) if row.timestamp else "",
            due=time_text(due, zone) if due else "",
            graded=time_text(graded, zone).partition(" ")[0] if graded else "",
            extension=duration_text(longer.total_seconds()) if due and longer else "",
            late=duration_text(late) if late else "",
            late_penalty=row.late_submission_penalty or 0.0,
            cells=_read_grades(db, row.id),
        )
    return pages


def _read_time_of_grading(
    db: sql.Connection, assignment: str, student: str
) -> datetime.datetime | None:
    """Return when nbjudge graded a submission, in UTC; None if that is not recorded."""
    judgment, submitted = schema.judgments, schema.submissions
    if not sql.inspect(db).has_table(judgment.name):
        return None
    query = (
        sql.select(judgment.c.report)
        .join(submitted, submitted.c.id == judgment.c.submission_id)
        .join(schema.assignments, schema.assignments.c.id == submitted.c.assignment_id)
        .where(schema.assignments.c.name == assignment, submitted.c.student_id == student)
    )
    graded = json.loads(db.execute(query).scalar() or "{}").get("graded")
    return datetime.datetime.fromisoformat(graded) if graded else None


def _read_grades(db: sql.Connection, notebook: str) -> dict[str, CellGrade]:
    """Return the grades and comments of a submitted notebook, by grade id."""
    grade, comment, cell = schema.grades, schema.comments, schema.cells
    query = (
        sql.select(cell.c.name, grade, schema.score.label("score"), schema.out_of.label("out_of"))
        .select_from(schema.gradable)
        .join(grade, grade.c.cell_id == cell.c.id)
        .where(grade.c.notebook_id == notebook)
        .order_by(cell.c.name)
    )
    grades = {
        row.name: CellGrade(
            row.score,
            row.out_of or 0.0,
            row.score is not None and row.manual_score is not None,
            row.extra_credit or 0.0,
        )
        for row in db.execute(query)
    }
    query = (
        sql.select(cell.c.name, comment)
        .join_from(comment, cell, cell.c.id == comment.c.cell_id)
        .where(comment.c.notebook_id == notebook)
        .order_by(cell.c.name)
    )
    for row in db.execute(query):
        text = row.auto_comment if row.manual_comment is None else row.manual_comment
        unanswered = text == UNANSWERED
        if text:
            graded, text = grades.get(row.name, CellGrade()), "" if unanswered else text
            grades[row.name] = replace(graded, comment=text, unanswered=unanswered)
    return grades
