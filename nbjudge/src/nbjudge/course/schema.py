"""The tables of a gradebook: nbgrader's own, and those that nbjudge adds.

No other module of nbjudge imports nbgrader's ORM classes; queries use the tables below.
"""

import sqlalchemy as sql
from nbgrader import api

nbgraders: sql.MetaData = api.Base.metadata
courses: sql.Table = api.Course.__table__
assignments: sql.Table = api.Assignment.__table__
notebooks: sql.Table = api.Notebook.__table__  # the released notebooks of assignments
# The cells of a notebook. A cell with both a grade and a solution has two rows in `cells`.
cells: sql.Table = api.BaseCell.__table__
grade_cells: sql.Table = api.GradeCell.__table__
solution_cells: sql.Table = api.SolutionCell.__table__
task_cells: sql.Table = api.TaskCell.__table__
source_cells: sql.Table = api.SourceCell.__table__  # sources and checksums of cells
students: sql.Table = api.Student.__table__
submissions: sql.Table = api.SubmittedAssignment.__table__
submitted_notebooks: sql.Table = api.SubmittedNotebook.__table__
grades: sql.Table = api.Grade.__table__
comments: sql.Table = api.Comment.__table__

out_of = sql.func.coalesce(grade_cells.c.max_score, task_cells.c.max_score)  # null: no points
gradable = cells.outerjoin(grade_cells, grade_cells.c.id == cells.c.id).outerjoin(
    task_cells, task_cells.c.id == cells.c.id
)
submitted = submitted_notebooks.join(
    submissions, submissions.c.id == submitted_notebooks.c.assignment_id
).join(assignments, assignments.c.id == submissions.c.assignment_id)
_any_score = sql.func.coalesce(grades.c.manual_score, grades.c.auto_score)
# True if a person has to grade a cell, or to confirm a manual grade given to other work.
waits = sql.or_(_any_score.is_(None), grades.c.needs_manual_grade)
score = sql.case((waits, None), else_=_any_score)  # null: waits

added = sql.MetaData()  # nbjudge's own tables, also those of plug-ins
judgments = sql.Table(  # what the scores of a submission were computed from
    "nbjudge_submission",
    added,
    sql.Column("submission_id", sql.String(32), primary_key=True),
    sql.Column("fingerprint", sql.String(64), nullable=False),
    sql.Column("report", sql.Text, nullable=False),  # JSON
    sql.Column("work", sql.String(64), nullable=False),
)
failures = sql.Table(  # submissions whose last grading failed
    "nbjudge_failure",
    added,
    sql.Column("assignment", sql.String(128), primary_key=True),
    sql.Column("student", sql.String(128), primary_key=True),
    sql.Column("why", sql.Text, nullable=False),
)
attempts = sql.Table(  # the files of each submission at its last grading, also if it failed
    "nbjudge_attempt",
    added,
    sql.Column("assignment", sql.String(128), primary_key=True),
    sql.Column("student", sql.String(128), primary_key=True),
    sql.Column("files", sql.String(64), nullable=False),  # hash
)
changes = sql.Table(  # the last change of each submission's points by a grading run
    "nbjudge_change",
    added,
    sql.Column("assignment", sql.String(128), primary_key=True),
    sql.Column("student", sql.String(128), primary_key=True),
    sql.Column("run", sql.DateTime, nullable=False),
    sql.Column("before", sql.Float),
    sql.Column("after", sql.Float),
    sql.Column("text", sql.Text, nullable=False),
)
placements = sql.Table(  # where an assignment's tests are judged
    "nbjudge_placement",
    added,
    sql.Column("assignment", sql.String(128), primary_key=True),
    sql.Column("key", sql.String(64), nullable=False),  # of the assignment and its environment
    sql.Column("in_child", sql.Text, nullable=False),  # JSON: grade ids by notebook
)
runs = sql.Table(
    "nbjudge_run",
    added,
    sql.Column("id", sql.String(32), primary_key=True),
    sql.Column("began", sql.DateTime, nullable=False),
    sql.Column("beat", sql.DateTime, nullable=False),  # the last heartbeat
    sql.Column("ended", sql.String(64)),  # "done" or an exception's name; null while running
    sql.Column("machine", sql.String(255), nullable=False),
    sql.Column("process", sql.Integer, nullable=False),
    sql.Column("workers", sql.Integer, nullable=False),
    sql.Column("rate", sql.Float),  # submissions per second, lately
    sql.Column("progress", sql.Text, nullable=False),  # JSON, by assignment
)


def create_tables(db_url: str, course_id: str) -> None:
    """Create nbgrader's tables and its row for the course if they are missing."""
    api.Gradebook(db_url, course_id).close()


def open_gradebook(db_url: str, course_id: str) -> api.Gradebook:
    """Return a gradebook as nbgrader's own API, a context manager; opening it takes a second."""
    return api.Gradebook(db_url, course_id)


def new_id() -> str:
    """Return a random id for a new row."""
    return str(api.new_uuid())
