"""Read which notebooks and questions the assignments of a gradebook have."""

import sqlalchemy as sql

from nbjudge.course import schema
from nbjudge.course.database import read_only


def released_notebooks(db_url: str) -> dict[str, dict[str, set[str]]]:
    """Return the notebooks of each assignment in a gradebook, with their questions' grade ids.

    Locked cells that are not tests have no part in it: assignments may share them.

    Returns
    -------
    dict
        {assignment: {notebook: grade ids of its tests, answers and tasks}}

    Raises
    ------
    LookupError
        If the file of an SQLite gradebook does not exist.
    """
    table, notebook, cell = schema.assignments, schema.notebooks, schema.cells
    query = sql.select(table.c.name, notebook.c.name.label("notebook"), cell.c.name.label("cell"))
    query = query.join_from(table, notebook, notebook.c.assignment_id == table.c.id)
    query = query.outerjoin(cell, cell.c.notebook_id == notebook.c.id).order_by(notebook.c.name)
    engine, found = read_only(db_url), dict[str, dict[str, set[str]]]()
    try:
        with engine.connect() as db:
            for row in db.execute(query):
                cells = found.setdefault(row.name, {}).setdefault(row.notebook, set())
                cells |= {row.cell} - {None}
    finally:
        engine.dispose()
    return found
