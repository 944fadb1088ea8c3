"""Write a gradebook that holds the cells of one assignment, and no students."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sql

from nbjudge.course import schema
from nbjudge.course.database import insert_rows
from nbjudge.course.gradebook import Records

Rows = list[dict[str, Any]]


def write_gradebook(records: Records, path: Path) -> None:
    """Write an assignment's cells to a new SQLite gradebook.

    The keys of rows are derived from names, so that the file's bytes depend on the assignment
    alone. The gradebook has no dates, students, submissions or grades.
    """
    rows = _read(records)
    names = {row["id"]: row["name"] for row in rows[schema.notebooks]}
    keys = {records.id: _key("assignment", records.assignment)}
    for table in (schema.notebooks, schema.source_cells, schema.cells):
        for row in rows[table]:
            notebook = names.get(row.get("notebook_id", ""), "")
            keys[row["id"]] = _key(table.name, notebook, row.get("type", ""), row["name"])
    engine = sql.create_engine(f"sqlite:///{path}", poolclass=sql.NullPool)
    try:
        schema.nbgraders.create_all(engine)
        with engine.begin() as db:
            for table, table_rows in rows.items():
                insert_rows(db, table, [_renamed(row, keys) for row in table_rows])
    finally:
        engine.dispose()


def _read(records: Records) -> dict[sql.Table, Rows]:
    """Return the assignment's rows in each table, in the order in which they are inserted."""
    assignment, notebook = schema.assignments, schema.notebooks
    with records.engine.connect() as db:

        def select(table: sql.Table, column: str, values: Iterable[str], order: bool) -> Rows:
            query = sql.select(table).where(table.c[column].in_(list(values)))
            rows = [dict(row._mapping) for row in db.execute(query)]
            return sorted(rows, key=_by_name) if order else rows

        rows = {assignment: select(assignment, "id", [records.id], False)}
        rows[assignment] = [row | {"duedate": None} for row in rows[assignment]]
        rows[notebook] = select(notebook, "assignment_id", [records.id], True)
        notebooks = [row["id"] for row in rows[notebook]]
        # The order of these rows is the order of the cells in the notebook.
        rows[schema.source_cells] = select(schema.source_cells, "notebook_id", notebooks, False)
        rows[schema.cells] = select(schema.cells, "notebook_id", notebooks, True)
        ids = [row["id"] for row in rows[schema.cells]]
        for table in (schema.grade_cells, schema.solution_cells, schema.task_cells):
            found = {row["id"]: row for row in select(table, "id", ids, False)}
            rows[table] = [found[key] for key in ids if key in found]
    return rows


def _by_name(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["name"], row.get("type", "")


def _key(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:32]


def _renamed(row: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    """Return a row with new keys."""
    columns = ("id", "assignment_id", "notebook_id")
    return {name: keys[value] if name in columns else value for name, value in row.items()}
