"""Find out whether a release would change anything, so that grading can skip it.

A release depends on the files of the course, the installed packages, the settings, and the
assignments in the gradebook. Their hash is stored after a release without failures. While the hash
stays the same, and that of the released files too, another release would write the same files.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sql

from nbjudge import load_course
from nbjudge.course import schema
from nbjudge.course.assignment import environment
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

    The second one is "" without a gradebook. Returns None if the settings cannot be used.
    """
    try:
        coursedir, _ = load_course(root)
    except ValueError:  # a release reports it
        return None
    texts = sorted((root / "source").glob("*.py"))
    reads = hashlib.sha256(repr(coursedir.config).encode())
    for name, content in environment():
        reads.update(_part(name.encode(), content))
    _add_files(reads, root, [*texts, *(root / name for name in FILES)])
    for name in INPUTS:
        _add_files(reads, root, (root / name).rglob("*"))
    if missing_file(coursedir.db_url):
        return reads.hexdigest(), ""
    writes = hashlib.sha256()
    _add_files(writes, root, (root / "release").rglob("*"))
    _add_files(writes, root, (root / "source").glob("*/**/*"))
    with read_only(coursedir.db_url).connect() as db:
        for table in TABLES:
            columns = [column for column in table.columns if column.name != "duedate"]
            rows = db.execute(sql.select(*columns).order_by(table.c.id))
            writes.update(_part(table.name.encode(), repr([tuple(row) for row in rows]).encode()))
    return reads.hexdigest(), writes.hexdigest()


def is_current(root: Path, now: tuple[str, str] | None) -> bool:
    """True if the state is the one that the last release has left."""
    file = root / STORED
    return now is not None and file.exists() and file.read_text() == " ".join(now)


def record(root: Path, before: tuple[str, str] | None) -> None:
    """Store the state after a release, unless the files that it reads have changed meanwhile.

    Parameters
    ----------
    before
        State before the release.
    """
    after = state(root)
    if before and after and before[0] == after[0]:
        write_if_changed(root / STORED, " ".join(after).encode())


def _add_files(digest: "hashlib._Hash", root: Path, paths: Iterable[Path]) -> None:
    for path in sorted(paths):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(_part(str(path.relative_to(root)).encode(), path.read_bytes()))


def _part(name: bytes, content: bytes) -> bytes:
    return b"%d %d " % (len(name), len(content)) + name + content
