"""Move a finished term into a folder of its own, and leave the course ready for the next class.

The archive is a course: a copy of all files that stay, with the work, the gradebook and the exports
of the class. All files are moved by renaming, the gradebook last, and first into a folder beside
the archive. If the command is interrupted, it continues where it stopped.
"""

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import sqlalchemy as sql
from nbgrader.coursedir import CourseDirectory

from nbjudge.course import schema
from nbjudge.course.database import cannot_write, file_of, open_database, shown, transaction
from nbjudge.files import is_rubbish, put_file
from nbjudge.plugins.shared import tables
from nbjudge.plugins.shared.text import nonempty_lines

CONFIG = "nbgrader_config.py"
# Besides the steps' folders.
TERM = ("dates.toml", "regrade_requests", "questions", "report.html", "code", "log.csv")
EXPORTS = tuple(
    f"{name}.{ending}"
    for name in ("grades", "questions", "mistakes", "totals")
    for ending in ("csv", "json")
)
PATTERNS = (*EXPORTS, "*-import.csv", "feedback-*.zip")
_ROOT = """

# This folder is the archive of a past term, written by `nbjudge archive`.
import pathlib

_archive = pathlib.Path(__file__).resolve().parent
c.CourseDirectory.root = str(_archive)
c.CourseDirectory.db_url = f"sqlite:///{_archive}/gradebook.db"
"""
_OF_THE_CLASS = (  # tables in an order in which their rows can be deleted
    schema.judgments,
    schema.failures,
    schema.attempts,
    tables.groups,
    schema.changes,
    schema.runs,
    tables.reviews,
    tables.claims,
    tables.gradings,
    schema.comments,
    schema.grades,
    schema.submitted_notebooks,
    schema.submissions,
    schema.students,
)


class Archive:
    """The archive of a course's term.

    Parameters
    ----------
    target
        Folder to create.
    others
        Further files and folders of the course that belong to the term.

    Raises
    ------
    ValueError
        If the term cannot be moved: the message says why.
    """

    def __init__(self, coursedir: CourseDirectory, target: Path, others: Iterable[Path] = ()):
        self.root, self.target = Path(coursedir.root).resolve(), target.resolve()
        self.coursedir = coursedir
        url = sql.make_url(coursedir.db_url)
        gradebook = file_of(url)
        if gradebook is None:
            raise ValueError(
                f"The gradebook {shown(url)} is on a database server. Copy it to a file first "
                "(nbjudge copy-gradebook sqlite:///gradebook.db), or keep the database as the "
                "archive and set c.CourseDirectory.db_url to a new one."
            )
        self.gradebook = Path(self.root, gradebook)
        self.partial = self.target.with_name(f".{self.target.name}.partial")
        if self.root in (self.target, *self.target.parents):
            raise ValueError(f"Name a folder outside the course's, such as {self.root}-last-term.")
        if self.target.exists():
            raise ValueError(f"{self.target} exists already: name a new folder.")
        if not self.target.parent.is_dir():
            raise ValueError(f"There is no folder {self.target.parent} to create the archive in.")
        if os.stat(self.target.parent).st_dev != os.stat(self.root).st_dev:
            raise ValueError(
                f"{self.target.parent} is on another file system than the course, so that nothing "
                "could be moved at once. Name a folder on the course's, and copy it afterwards."
            )
        self.others = [self._inside(path) for path in others]

    @property
    def is_begun(self) -> bool:
        """True if an interrupted command has moved a part of the term."""
        return self.partial.exists()

    def _inside(self, path: Path) -> Path:
        """Return a path relative to the course's folder."""
        absolute = Path(self.root, path).resolve()
        if not absolute.exists() and not (self.is_begun and (self.partial / path).exists()):
            raise ValueError(f"There is no file or folder {path}.")
        if self.root not in absolute.parents:
            raise ValueError(f"{path} is not in the course's folder {self.root}.")
        return absolute.relative_to(self.root)

    def paths(self) -> list[Path]:
        """Return the files and folders of the term, except for the gradebook.

        Raises
        ------
        ValueError
            If a folder of the course is elsewhere.
        """
        found: dict[Path, None] = {}
        directories = self.coursedir
        for step in (
            directories.submitted_directory,
            directories.autograded_directory,
            directories.feedback_directory,
        ):
            folder = self._inside_or_absent(step)
            found |= dict.fromkeys(folder / name for name in _entries(self.root / folder))
        collecting = directories.config.get("ZipCollectApp", {})
        downloads = self._inside_or_absent(collecting.get("downloaded_directory", "downloaded"))
        found |= dict.fromkeys([downloads, *map(Path, TERM), *self.others])
        for pattern in PATTERNS:
            found |= {path.relative_to(self.root): None for path in self.root.glob(pattern)}
        return [path for path in found if os.path.lexists(self.root / path)]

    def _inside_or_absent(self, step: str) -> Path:
        path = Path(self.root, step).resolve()
        if self.root not in path.parents:
            raise ValueError(f"{step} is not in the course's folder {self.root}: move it yourself.")
        return path.relative_to(self.root)

    def write(self) -> None:
        """Move the term; continue if an earlier command was interrupted.

        Raises
        ------
        ValueError
            If another program uses the gradebook; nothing is moved then.
        OSError
            If a file cannot be copied or moved. The command can be repeated.
        """
        moved = self.partial / self.gradebook.name
        if not moved.exists():
            _check_unused(self.gradebook)
        paths = self.paths()
        if not (self.partial / CONFIG).exists():
            self._copy_course(paths)
        for path in paths:
            (self.partial / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).rename(self.partial / path)
        new = self.gradebook.with_name(f".{self.gradebook.name}.new")
        if not moved.exists():
            new.unlink(missing_ok=True)
            _write_next_gradebook(self.gradebook, new)
            self.gradebook.rename(moved)
        if new.exists():
            new.rename(self.gradebook)
        self.partial.rename(self.target)

    def _copy_course(self, term: Sequence[Path]) -> None:
        """Copy everything that stays, nbgrader_config.py last."""
        moved = {self.gradebook, *(self.root / path for path in term)}
        new = self.partial.with_name(f".{self.target.name}.copy")
        shutil.rmtree(new, ignore_errors=True)

        def ignored(folder: str, names: list[str]) -> list[str]:
            is_moved = (Path(folder, name) in moved for name in names)
            return [
                name
                for name, skip in zip(names, is_moved, strict=True)
                if skip or name.startswith(".") or name == "__pycache__" or is_rubbish(name)
            ]

        shutil.copytree(self.root, new, symlinks=True, ignore=ignored)
        config = new / CONFIG
        text = config.read_text(encoding="utf-8") if config.exists() else "c = get_config()\n"
        put_file(config, (text + _ROOT).encode())
        new.rename(self.partial)


def _entries(folder: Path) -> list[str]:
    """Return the entries of a step's folder that belong to the class."""
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    kept = (".gitignore", ".gitkeep", "README.md")  # a repository's own
    return [name for name in names if name not in kept]


def _check_unused(gradebook: Path) -> None:
    """Write pending changes to the gradebook's file; raise ValueError if it is in use."""
    engine = open_database(f"sqlite:///{gradebook}")
    try:
        with engine.connect() as db:
            db.exec_driver_sql("PRAGMA busy_timeout = 2000")
            db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.exec_driver_sql("BEGIN EXCLUSIVE")
            db.rollback()
    except sql.exc.OperationalError as error:
        if not cannot_write(error):
            raise
        raise ValueError(
            f"The gradebook {gradebook} is in use or cannot be written. End all commands that use "
            "it (autograde, review, JupyterLab), and run this command again."
        ) from None
    finally:
        engine.dispose()


def _write_next_gradebook(gradebook: Path, new: Path) -> None:
    """Copy the gradebook without its class: assignments, rubrics and frequent comments stay."""
    with closing(sqlite3.connect(gradebook)) as old, closing(sqlite3.connect(new)) as copy:
        old.backup(copy)
    engine = open_database(f"sqlite:///{new}")
    try:
        with transaction(engine) as db:
            comments = Counter[tuple[str, str]](_comment_lines(db))
            rows = [
                {"cell_id": cell, "text": text}
                for (cell, text), count in comments.items()
                if count > 1  # the others may be about a student
            ]
            db.execute(sql.delete(tables.kept_comments))
            if rows:
                db.execute(sql.insert(tables.kept_comments), rows)
            for table in _OF_THE_CLASS:
                db.execute(sql.delete(table))
            db.execute(sql.update(schema.assignments).values(duedate=None))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.exec_driver_sql("VACUUM")  # deleted rows would stay readable in the file
    finally:
        engine.dispose()


def _comment_lines(db: sql.Connection) -> Iterator[tuple[str, str]]:
    """Yield the lines of all comments, each with the cell of its question."""
    comment, kept = schema.comments, tables.kept_comments
    query = sql.select(comment.c.cell_id, comment.c.manual_comment)
    for row in db.execute(query.where(comment.c.manual_comment.is_not(None))):
        yield from ((row.cell_id, line) for line in nonempty_lines(row.manual_comment))
    for row in db.execute(sql.select(kept)):  # of an earlier term
        yield from [(row.cell_id, row.text)] * 2
