"""Copy a whole gradebook to another database, for example from SQLite to PostgreSQL or back."""

import hashlib
from collections.abc import Callable, Iterator, Sequence

import sqlalchemy as sql

from nbjudge.course import schema
from nbjudge.course.database import (
    check_database,
    check_file,
    database_message,
    missing_file,
    shown,
)
from nbjudge.course.run_records import read_runs
from nbjudge.plugins.shared.tables import added

__all__ = ["copy_gradebook"]

ROWS = 2000  # rows read and written at a time
_VERSION = sql.Table(  # version of nbgrader's tables
    "alembic_version", sql.MetaData(), sql.Column("version_num", sql.String(32), nullable=False)
)


def copy_gradebook(
    db_url: str,
    to: str,
    begin: Callable[[int], Callable[[int], object]] = lambda total: lambda rows: None,
) -> dict[str, int]:
    """Copy a gradebook to an empty database, and verify the copy.

    Parameters
    ----------
    db_url
        Address of the gradebook, which is only read.
    to
        Address of the new database.
    begin
        Function called with the total number of rows; it returns a function that is called with the
        number of rows of each step.

    Returns
    -------
    dict
        Number of rows, by table.

    Raises
    ------
    LookupError
        If there is no gradebook.
    ValueError
        If nothing was copied: one of the databases is unusable, the gradebook is being graded or
        has tables other than nbgrader's and nbjudge's, or the new database is not empty or rejects
        a value.
    """
    source, target = check_database(db_url), check_database(to, "DB_URL")
    check_file(db_url)
    for run in read_runs(db_url):
        if run.is_alive:
            raise ValueError(
                f"{shown(source.url)} is in use by a grading run on {run.machine}, process "
                f"{run.process}: copy it when the run has ended."
            )
    new_file = missing_file(to)
    try:
        with source.connect() as old, target.begin() as new:
            if sql.inspect(new).get_table_names():
                raise ValueError(f"{shown(target.url)} is not empty: use a new database or file.")
            return _copy(old, new, _tables(old), begin)
    except BaseException as error:
        if new_file:  # SQLite keeps the new tables even if the transaction fails
            new_file.unlink(missing_ok=True)
        if not isinstance(error, sql.exc.SQLAlchemyError):
            raise
        raise ValueError(
            f"Nothing was copied to {shown(target.url)}: {database_message(error)}"
        ) from None
    finally:
        source.dispose()
        target.dispose()


def _tables(old: sql.Connection) -> list[sql.Table]:
    """Return the tables of a gradebook, each after the tables that it refers to."""
    inspected, name = sql.inspect(old), shown(old.engine.url)
    existing = {
        table: {column["name"] for column in inspected.get_columns(table)}
        for table in inspected.get_table_names()
    }
    tables = []
    for table in [*schema.nbgraders.sorted_tables, _VERSION, *added.sorted_tables]:
        columns = existing.pop(table.name, None)
        if columns is None and table.metadata is added:
            continue
        if columns != set(table.columns.keys()):
            raise ValueError(
                f"The table {table.name} of {name} belongs to another version of nbgrader or "
                "nbjudge: run `nbgrader db upgrade` first, or use the version that created it."
            )
        tables.append(table)
    if existing:
        others = ", ".join(sorted(existing))
        raise ValueError(f"{name} has tables of other programs, which cannot be copied: {others}.")
    return tables


def _copy(
    old: sql.Connection,
    new: sql.Connection,
    tables: Sequence[sql.Table],
    begin: Callable[[int], Callable[[int], object]],
) -> dict[str, int]:
    count = sql.select(sql.func.count())
    counts = {t.name: old.execute(count.select_from(t)).scalar_one() for t in tables}
    report_copied = begin(sum(counts.values()))
    for metadata in dict.fromkeys(table.metadata for table in tables):
        metadata.create_all(new)
    for table in tables:
        written = _Sum()
        for rows in _rows(old, table):
            new.execute(sql.insert(table), [dict(row) for row in rows])
            written.add(rows)
            report_copied(len(rows))
        read = _Sum()
        for rows in _rows(new, table):
            read.add(rows)
        if written.value != read.value:
            raise ValueError(
                f"Nothing was copied: {shown(new.engine.url)} returns different values in the "
                f"table {table.name} than were written."
            )
    return counts


def _rows(database: sql.Connection, table: sql.Table) -> Iterator[Sequence[sql.RowMapping]]:
    """Yield the rows of a table in groups of at most ROWS."""
    options = {"yield_per": ROWS}
    streamed = database.execute(sql.select(table), execution_options=options)
    yield from streamed.mappings().partitions()


class _Sum:
    """A checksum of rows that does not depend on their order."""

    def __init__(self) -> None:
        self.value = 0

    def add(self, rows: Sequence[sql.RowMapping]) -> None:
        """Add rows to the checksum."""
        for row in rows:
            digest = hashlib.blake2b(repr(list(row.values())).encode(), digest_size=16).digest()
            self.value = (self.value + int.from_bytes(digest)) % 2**128
