"""Find out whether a release would change anything, so that grading can skip it.

A release depends on the files of the course, the installed packages, the settings with the files
and plug-ins that they name, and the assignments in the gradebook. Their hash, and that of the
released files, are stored after a release that has changed nothing and failed nowhere. While they
stay the same, another release would change nothing either.
"""

import ast
import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config.loader import LazyConfigValue

from nbjudge import load_course
from nbjudge.course import schema
from nbjudge.course.assignment import environment
from nbjudge.course.course_modules import course_modules
from nbjudge.course.database import missing_file, read_only
from tools.course import write_if_changed

__all__ = ["is_current", "record", "state"]

STORED = "source/.released"
INPUTS = ("convnet", "course", "exercises", "nbjudge/src", "public_tests", "tools")
FILES = ("nbgrader_config.py", "pyproject.toml", "requirements.lock")
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


def state(root: Path) -> tuple[str, str] | None:
    """Return the hashes of what a release reads and of what it writes.

    The second one is "" without a usable gradebook. Returns None if the settings cannot be used, or
    if not all files can be hashed.
    """
    try:
        coursedir, _ = load_course(root)
        return _reads(root, coursedir.config), _writes(root, coursedir.db_url)
    except (ValueError, OSError):  # a release reports it
        return None


def _reads(root: Path, config: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(repr(config).encode())
    for name, content in environment():
        digest.update(_part(name.encode(), content))
    texts = (root / "source").glob("*.py")
    _add_files(digest, root, [*texts, *(root / name for name in FILES), *_named(root, config)])
    for name in INPUTS:
        _add_files(digest, root, (root / name).rglob("*"))
    return digest.hexdigest()


def _writes(root: Path, db_url: str) -> str:
    if missing_file(db_url):
        return ""
    digest = hashlib.sha256()
    _add_files(digest, root, (root / "release").rglob("*"))
    _add_files(digest, root, (root / "source").glob("*/**/*"))
    engine = read_only(db_url)
    try:
        with engine.connect() as db:
            for table in TABLES:
                columns = [column for column in table.columns if column.name != "duedate"]
                rows = db.execute(sql.select(*columns).order_by(table.c.id))
                content = repr([tuple(row) for row in rows]).encode()
                digest.update(_part(table.name.encode(), content))
    except SQLAlchemyError:  # an empty database, or a damaged file
        return ""
    finally:
        engine.dispose()
    return digest.hexdigest()


def is_current(root: Path, now: tuple[str, str] | None) -> bool:
    """True if the state is the one that the last release has left."""
    if now is None or not all(now):
        return False
    with contextlib.suppress(OSError):
        return (root / STORED).read_bytes() == " ".join(now).encode()
    return False


def record(root: Path, before: tuple[str, str] | None) -> None:
    """Store the state if a release has not changed it.

    A release that writes something is not recorded, but the next one, which repeats it: a file that
    somebody else changes meanwhile would be taken for the result of the release.

    Parameters
    ----------
    before
        State before the release.
    """
    after = state(root)
    if after and all(after) and before == after:
        with contextlib.suppress(OSError):  # the next run releases again
            write_if_changed(root / STORED, " ".join(after).encode())


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
    others = sorted(filter(str.isidentifier, modules - {"nbjudge", *INPUTS}))
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


def _add_files(digest: "hashlib._Hash", root: Path, paths: Iterable[Path]) -> None:
    for path in sorted(paths):
        if "__pycache__" in path.parts:
            continue
        if path.is_symlink() and path.is_dir():
            raise OSError(f"{path}: the files in a linked folder are not listed")
        if path.is_file():
            digest.update(_part(os.fsencode(os.path.relpath(path, root)), path.read_bytes()))


def _part(name: bytes, content: bytes) -> bytes:
    return b"%d %d " % (len(name), len(content)) + name + content
