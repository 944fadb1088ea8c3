"""nbgrader's tables of a gradebook, as `nbgrader.api` defines them.

Defining them here saves the import of nbgrader's classes, which takes longer than reading a
gradebook.
"""

import uuid

import sqlalchemy as sql

__all__ = [
    "assignments",
    "cells",
    "comments",
    "courses",
    "grade_cells",
    "grades",
    "nbgraders",
    "new_id",
    "notebooks",
    "solution_cells",
    "source_cells",
    "students",
    "submissions",
    "submitted_notebooks",
    "task_cells",
]

nbgraders = sql.MetaData()


def new_id() -> str:
    """Return a random id for a new row."""
    return uuid.uuid4().hex


def _key() -> sql.Column[str]:
    return sql.Column("id", sql.String(32), primary_key=True, default=new_id)


def _text(name: str, size: int = 128, nullable: bool = True) -> sql.Column[str]:
    return sql.Column(name, sql.String(size), nullable=nullable)


def _refers(name: str, to: str, size: int = 32, nullable: bool = True) -> sql.Column[str]:
    return sql.Column(name, sql.String(size), sql.ForeignKey(f"{to}.id"), nullable=nullable)


def _is_cell() -> sql.Column[str]:
    return sql.Column("id", sql.String(32), sql.ForeignKey("base_cell.id"), primary_key=True)


def _kind(of: str) -> sql.Column[str]:
    kinds = sql.Enum("code", "markdown", name=of, validate_strings=True)
    return sql.Column("cell_type", kinds, nullable=False)


def _score(name: str, nullable: bool = True) -> sql.Column[float]:
    return sql.Column(name, sql.Float, nullable=nullable)


courses = sql.Table(
    "course", nbgraders, sql.Column("id", sql.String(128), primary_key=True, unique=True)
)
assignments = sql.Table(
    "assignment",
    nbgraders,
    _key(),
    sql.Column("name", sql.String(128), unique=True, nullable=False),
    sql.Column("duedate", sql.DateTime),
    _refers("course_id", "course", 128, nullable=False),
)
notebooks = sql.Table(  # the released notebooks of assignments
    "notebook",
    nbgraders,
    _key(),
    _text("name", nullable=False),
    _refers("assignment_id", "assignment"),
    _text("kernelspec", 1024),
    sql.UniqueConstraint("name", "assignment_id"),
)
cells = sql.Table(  # a cell with both a grade and a solution has two rows
    "base_cell",
    nbgraders,
    _key(),
    _text("name", nullable=False),
    _refers("notebook_id", "notebook", nullable=False),
    _text("type", 50),
    sql.UniqueConstraint("name", "notebook_id", "type"),
)
grade_cells = sql.Table(
    "grade_cells", nbgraders, _is_cell(), _score("max_score", False), _kind("grade_cell_type")
)
solution_cells = sql.Table("solution_cells", nbgraders, _is_cell())
task_cells = sql.Table(
    "task_cells", nbgraders, _is_cell(), _score("max_score", False), _kind("grade_cell_type")
)
source_cells = sql.Table(  # sources and checksums of cells
    "source_cell",
    nbgraders,
    _key(),
    _text("name", nullable=False),
    _kind("source_cell_type"),
    sql.Column("locked", sql.Boolean, default=False, nullable=False),
    sql.Column("source", sql.Text),
    _text("checksum"),
    _refers("notebook_id", "notebook"),
    sql.UniqueConstraint("name", "notebook_id"),
)
students = sql.Table(
    "student",
    nbgraders,
    sql.Column("id", sql.String(128), primary_key=True),
    _text("first_name"),
    _text("last_name"),
    _text("email"),
    _text("lms_user_id"),
)
submissions = sql.Table(
    "submitted_assignment",
    nbgraders,
    _key(),
    _refers("assignment_id", "assignment"),
    _refers("student_id", "student", 128),
    sql.Column("timestamp", sql.DateTime),
    sql.Column("extension", sql.Interval),
    sql.UniqueConstraint("assignment_id", "student_id"),
)
submitted_notebooks = sql.Table(
    "submitted_notebook",
    nbgraders,
    _key(),
    _refers("assignment_id", "submitted_assignment"),
    _refers("notebook_id", "notebook"),
    sql.Column("flagged", sql.Boolean, default=False),
    sql.Column("late_submission_penalty", sql.Float(0)),
    sql.UniqueConstraint("notebook_id", "assignment_id"),
)
grades = sql.Table(
    "grade",
    nbgraders,
    _key(),
    _refers("notebook_id", "submitted_notebook"),
    _refers("cell_id", "base_cell"),
    _score("auto_score"),
    _score("manual_score"),
    _score("extra_credit"),
    sql.Column("needs_manual_grade", sql.Boolean, default=True, nullable=False),
    sql.UniqueConstraint("cell_id", "notebook_id"),
)
comments = sql.Table(
    "comment",
    nbgraders,
    _key(),
    _refers("notebook_id", "submitted_notebook"),
    _refers("cell_id", "base_cell"),
    sql.Column("auto_comment", sql.Text),
    sql.Column("manual_comment", sql.Text),
    sql.UniqueConstraint("cell_id", "notebook_id"),
)
