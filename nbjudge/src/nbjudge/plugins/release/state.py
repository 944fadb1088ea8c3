"""Find out whether another release of a course would change anything."""

import ast
import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config.loader import LazyConfigValue

from nbjudge.course import schema
from nbjudge.course.assignment import environment
from nbjudge.course.course_modules import course_modules
from nbjudge.course.database import missing_file, read_only
from nbjudge.course.loading import load_course
from nbjudge.files import digest_of

TABLES = (
    schema.courses,
    schema.assignments,
    schema.notebooks,
    schema.cells,
    schema.grade_cells,
    schema.solution_cells,
    schema.task_cells,
    schema.source_cells,
)


def release_state(root: Path) -> tuple[str, str]:
    """Return hashes of what `nbgrader generate_assignment` reads and writes beside the notebooks.

    It reads the course's settings, the files and modules that they name, and the installed
    packages. It writes the assignments in the gradebook; their due dates do not count.

    Parameters
    ----------
    root
        Folder of the course.

    Returns
    -------
    read, written
        The second is "" without a usable gradebook.

    Raises
    ------
    ValueError
        If the settings cannot be used.
    OSError
        If a file cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from nbjudge.plugins.release import release_state
    >>> read, written = release_state(Path("."))
    >>> with open("nbgrader_config.py", "a") as config:
    ...     print("c.ClearSolutions.code_stub = {'python': '# Your code'}", file=config)
    >>> changed, written_still = release_state(Path("."))
    >>> changed == read, written_still == written
    (False, True)
    """
    coursedir, _ = load_course(root)
    config = coursedir.config
    files = ((str(path), path.read_bytes()) for path in sorted(_named(root, config)))
    read = digest_of([("settings", repr(config).encode()), *environment(), *files])
    return read, _in_gradebook(coursedir.db_url)


def _in_gradebook(db_url: str) -> str:
    """Return a hash of the assignments in a gradebook; "" if it cannot be used."""
    if missing_file(db_url):
        return ""
    engine = read_only(db_url)
    pairs = []
    try:
        with engine.connect() as db:
            for table in TABLES:
                columns = [column for column in table.columns if column.name != "duedate"]
                rows = db.execute(sql.select(*columns).order_by(table.c.id))
                pairs.append((table.name, repr([tuple(row) for row in rows]).encode()))
    except SQLAlchemyError:  # an empty database, or a damaged file
        return ""
    finally:
        engine.dispose()
    return digest_of(pairs)


def _named(root: Path, config: Mapping[str, Any]) -> list[Path]:
    """Return the files of the course that settings name: notebooks, plug-ins, and their modules."""
    names = {name for name in _strings(config) if name and "\0" not in name}
    modules = {name.partition(".")[0] for name in names}
    with contextlib.suppress(OSError, SyntaxError):
        for node in ast.walk(ast.parse((root / "nbgrader_config.py").read_bytes())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add((node.module or "").partition(".")[0])
    others = sorted(filter(str.isidentifier, modules - {"nbjudge"}))
    path = [str(root), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    files = (root / name for name in names)
    return [
        *course_modules([f"import {name}" for name in others], path),
        *(file for file in files if os.path.isfile(file)),
    ]


def _strings(setting: object) -> Iterator[str]:
    if isinstance(setting, str):
        yield setting
    elif isinstance(setting, LazyConfigValue):
        yield from _strings(setting.to_dict())
    elif isinstance(setting, Mapping):
        for value in setting.values():
            yield from _strings(value)
    elif isinstance(setting, list | tuple | set):
        for value in setting:
            yield from _strings(value)
