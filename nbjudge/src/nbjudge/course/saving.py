"""Write scores to the gradebook in batches; each submission is written completely or not at all."""

import datetime
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

import sqlalchemy as sql

from nbjudge.course import schema
from nbjudge.course.database import insert_rows, update_rows
from nbjudge.course.gradebook import (
    UNANSWERED,
    Change,
    Records,
    write_attempts,
    write_changes,
    write_failures,
)
from nbjudge.course.penalties import (
    NO_PENALTY,
    LatePolicy,
    PenaltyError,
    Regraded,
    SubmissionPoints,
    keep_penalties,
)
from nbjudge.errors import GradebookError
from nbjudge.wording import in_notebook

# Function of a submission's points after late penalties: the change in the run, if any.
DescribeChange = Callable[[SubmissionPoints], Change | None]
MOST = 200  # submissions in one transaction
writing = threading.Lock()  # the gradebook allows one writer at a time; waiting here is fair


@dataclass
class Scores:
    """The scores to write for one notebook.

    Attributes
    ----------
    scores
        {grade id: points, or None for manual grading}.
    unanswered
        Solution cells that are blank, or unchanged from the release.
    flagged
        True if the instructor should review the notebook.
    missing
        True if the notebook was not submitted.
    """

    scores: Mapping[str, float | None]
    unanswered: Sequence[str]
    flagged: bool = False
    missing: bool = False


@dataclass(frozen=True, kw_only=True)
class Result:
    """The results to write for one submission.

    Attributes
    ----------
    timestamp
        Time of the submission; None if unknown.
    notebooks
        Scores by notebook.
    fingerprint
        Hash of everything that the scores depend on.
    work
        Hash of the submitted files and of the questions' maximum points.
    report
        Report of the grading, as JSON data.
    files
        Hash of the submitted files.
    change
        Function that returns the change to record for one of the student's submissions, in any
        assignment, given its points.
    """

    student: str
    timestamp: datetime.datetime | None = None
    notebooks: Mapping[str, Scores]
    fingerprint: str = ""
    work: str = ""
    report: Mapping[str, object] = field(default_factory=dict)
    files: str = ""
    change: DescribeChange = lambda points: None


class Saver:
    """Writes results to the gradebook; safe to use from any number of threads.

    Results that arrive during a write are collected and written together, since a transaction takes
    little longer for 100 submissions than for one.
    """

    def __init__(self, records: Records, policy: LatePolicy = NO_PENALTY):
        self.records, self.policy, self.lock = records, policy, threading.Lock()
        self.waiting: list[tuple[Result, Future[SubmissionPoints]]] = []

    def save(self, result: Result) -> SubmissionPoints:
        """Write a result to the gradebook, and return the submission's points after the commit.

        Raises
        ------
        PenaltyError
            If the late policy fails. The result is then written with the former penalties.
        Exception
            If the gradebook fails; no part of the result is then written.
        """
        written: Future[SubmissionPoints] = Future()
        with self.lock:
            self.waiting.append((result, written))
        with writing:
            while not written.done():
                self._write()
        return written.result()

    def _write(self) -> None:
        with self.lock:
            batch, self.waiting = self.waiting[:MOST], self.waiting[MOST:]
        try:
            saved = save_all(self.records, [result for result, _ in batch], self.policy)
        except (sql.exc.OperationalError, GradebookError) as error:  # concerns the whole batch
            for _, written in batch:
                written.set_exception(error)
        except Exception:  # concerns one result, or two runs have added the same student
            for result, written in batch:
                try:
                    written.set_result(self._save(result))
                except Exception as error:
                    written.set_exception(error)
        else:
            for (_, written), points in zip(batch, saved, strict=True):
                written.set_result(points)

    def _save(self, result: Result) -> SubmissionPoints:
        try:
            return save_all(self.records, [result], self.policy)[0]
        except PenaltyError:
            save_all(self.records, [result], keep_penalties)
            raise


def save_all(
    records: Records, results: Sequence[Result], policy: LatePolicy = NO_PENALTY
) -> list[SubmissionPoints]:
    """Write the results of submissions of different students in one transaction.

    A manually graded question needs a new review if the work or the question's automatic score has
    changed, but not if only the assignment was generated again.

    Returns
    -------
    list of SubmissionPoints
        Points of each submission after the write, in the order of the results.
    """
    by_student = {result.student: result for result in sorted(results, key=lambda r: r.student)}
    points = records.transact(lambda db: _save(db, records, by_student, policy))
    return [points[result.student] for result in results]


def _save(
    db: sql.Connection, records: Records, results: Mapping[str, Result], policy: LatePolicy
) -> dict[str, SubmissionPoints]:
    keys = _existing(db, records, results)
    regraded = _update(db, records, {keys[s]: result for s, result in results.items() if s in keys})
    keys |= _insert(db, records, [result for s, result in results.items() if s not in keys])
    db.execute(
        sql.delete(schema.judgments).where(schema.judgments.c.submission_id.in_(keys.values()))
    )
    rows = [
        {
            "submission_id": keys[student],
            "fingerprint": result.fingerprint,
            "report": json.dumps(result.report),
            "work": result.work,
        }
        for student, result in results.items()
    ]
    insert_rows(db, schema.judgments, rows)
    write_failures(db, records.assignment, dict.fromkeys(results, ""))
    write_attempts(db, records.assignment, {s: result.files for s, result in results.items()})
    changes = {student: result.change for student, result in results.items()}
    return save_penalties(db, records, changes, policy, regraded)


def save_penalties(
    db: sql.Connection,
    records: Records,
    describe: Mapping[str, DescribeChange],
    policy: LatePolicy,
    regraded: Mapping[str, Regraded] | None = None,
) -> dict[str, SubmissionPoints]:
    """Store students' late penalties and the changes in their points, in all assignments.

    Parameters
    ----------
    describe
        Function for each student that returns the change to record for a submission.
    regraded
        Differences in submissions of this assignment that were graded again, by student.

    Returns
    -------
    dict
        Points of each student's submission of this assignment.
    """
    points, changes = {}, defaultdict[str, dict[str, Change | None]](dict)
    elsewhere = defaultdict[str, dict[str, str]](dict)
    for before, after in records.apply_penalties(db, describe, policy):
        student, assignment = after.student, after.assignment
        if assignment == records.assignment:
            points[student] = replace(after, regraded=(regraded or {}).get(student))
            if change := describe[student](points[student]):
                changes[assignment][student] = change
        elif before.total != after.total:
            # None if the run has taken back a change.
            changes[assignment][student] = change = describe[student](after)
            if change and not change.is_first:
                elsewhere[student][assignment] = change.text
    for assignment, of_students in changes.items():
        write_changes(db, assignment, of_students)
    return {student: replace(one, elsewhere=elsewhere[student]) for student, one in points.items()}


def _existing(
    db: sql.Connection, records: Records, results: Mapping[str, Result]
) -> dict[str, str]:
    """Update the times of existing submissions; return the submissions' ids, by student."""
    table = schema.submissions
    query = sql.select(table.c.id, table.c.student_id, table.c.timestamp).where(
        table.c.assignment_id == records.id, table.c.student_id.in_(results)
    )
    keys, times = {}, []
    for row in db.execute(query):
        keys[row.student_id] = row.id
        timestamp = results[row.student_id].timestamp
        if timestamp and timestamp != row.timestamp:
            times.append({"key": row.id, "timestamp": timestamp})
    update_rows(db, table, times)
    return keys


def _insert(db: sql.Connection, records: Records, results: Sequence[Result]) -> dict[str, str]:
    """Add submissions with notebooks, grades and comments; return their ids, by student."""
    keys = {result.student: schema.new_id() for result in results}
    student = schema.students.c.id
    present = set(db.execute(sql.select(student).where(student.in_(keys))).scalars())
    rows: dict[sql.Table, list[dict[str, object]]] = defaultdict(list)
    rows[schema.students] = [{"id": student} for student in keys if student not in present]
    for result in results:
        submission = {"id": keys[result.student], "assignment_id": records.id}
        submission |= {"student_id": result.student, "timestamp": result.timestamp}
        submission["extension"] = records.extensions.get(result.student) or None
        rows[schema.submissions].append(submission)
        for name, notebook in records.notebooks.items():
            scores, key = result.notebooks.get(name), schema.new_id()
            of_submission = {"id": key, "assignment_id": submission["id"]}
            of_submission |= {"notebook_id": notebook, "flagged": bool(scores and scores.flagged)}
            rows[schema.submitted_notebooks].append(of_submission)
            for grade_id, cells in records.cells[name].items():
                for cell in cells:
                    row = {"notebook_id": key, "cell_id": cell.id}
                    if cell.kind is not schema.solution_cells:
                        grade = _grade_columns(scores, grade_id)
                        rows[schema.grades].append({"id": schema.new_id(), **row, **grade})
                    if cell.kind is not schema.grade_cells:
                        comment = {"auto_comment": _comment(scores, grade_id)}
                        rows[schema.comments].append({"id": schema.new_id(), **row, **comment})
    for table in (
        schema.students,
        schema.submissions,
        schema.submitted_notebooks,
        schema.grades,
        schema.comments,
    ):
        insert_rows(db, table, rows[table])
    return keys


def _grade_columns(scores: Scores | None, grade_id: str) -> dict[str, object]:
    """Return the columns of a grade that automatic grading sets."""
    points = None
    if scores:
        points = 0.0 if scores.missing else scores.scores.get(grade_id)
    return {"auto_score": points, "needs_manual_grade": points is None}


def _comment(scores: Scores | None, grade_id: str) -> str | None:
    return UNANSWERED if scores and grade_id in scores.unanswered else None


def _update(
    db: sql.Connection, records: Records, results: Mapping[str, Result]
) -> dict[str, Regraded]:
    """Update existing submissions, {submission id: result}; return the differences by student.

    A manual grade belongs to the work for which it was given: if the work or the automatic score
    has changed, a person has to confirm it, and without a notebook it is removed.
    """
    if not results:
        return {}
    notebook, names = schema.submitted_notebooks, {n: k for k, n in records.notebooks.items()}
    query = sql.select(schema.judgments.c.submission_id, schema.judgments.c.work)
    before = db.execute(query.where(schema.judgments.c.submission_id.in_(results)))
    works: dict[str, str | None] = {row.submission_id: row.work for row in before}
    scores: dict[str, Scores] = {}  # by the id of the submitted notebook
    students: dict[str, str] = {}  # likewise
    flagged = []
    query = sql.select(notebook.c.id, notebook.c.assignment_id, notebook.c.notebook_id)
    for row in db.execute(query.where(notebook.c.assignment_id.in_(results))):
        result = results[row.assignment_id]
        if row.notebook_id in names and names[row.notebook_id] in result.notebooks:
            scores[row.id] = result.notebooks[names[row.notebook_id]]
            students[row.id] = result.student
            if scores[row.id].flagged:
                flagged.append({"key": row.id, "flagged": True})
    update_rows(db, notebook, flagged)
    ids = {
        cell.id: (grade_id, in_notebook(grade_id, name, records.cells))
        for name, cells in records.cells.items()
        for grade_id, recorded in cells.items()
        for cell in recorded
    }
    grade, changed = schema.grades, []
    regraded = {
        result.student: Regraded(works.get(key) == result.work, [])
        for key, result in results.items()
    }
    query = sql.select(grade, schema.score.label("score"))
    query = query.where(grade.c.notebook_id.in_(scores)).order_by(grade.c.id)
    for row in db.execute(query.with_for_update()):
        values = {"manual_score": row.manual_score}
        grade_id, label = ids[row.cell_id]
        values |= _grade_columns(scores[row.notebook_id], grade_id)
        if row.manual_score is not None:
            is_same_work = regraded[students[row.notebook_id]].is_same_work
            settled = is_same_work and row.auto_score == values["auto_score"]
            if scores[row.notebook_id].missing and not settled:
                values["manual_score"] = None
            else:
                values["needs_manual_grade"] = not settled or row.needs_manual_grade
        if any(getattr(row, name) != value for name, value in values.items()):
            changed.append({"key": row.id, **values})
        score = values["auto_score"] if values["manual_score"] is None else values["manual_score"]
        points = None if values["needs_manual_grade"] else score
        if points != row.score:
            difference = label, row.score, points
            regraded[students[row.notebook_id]].questions.append(difference)
    update_rows(db, grade, changed)
    comment, changed = schema.comments, []
    query = sql.select(comment).where(comment.c.notebook_id.in_(scores)).order_by(comment.c.id)
    for row in db.execute(query.with_for_update()):
        text = _comment(scores[row.notebook_id], ids[row.cell_id][0])
        if row.auto_comment != text:
            changed.append({"key": row.id, "auto_comment": text})
    update_rows(db, comment, changed)
    return regraded
