"""A whole gradebook copied into another database, as from SQLite to PostgreSQL, or back."""

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

__all__ = ["copy_gradebook"]

ROWS = 2000  # that are read and written at a time
_VERSION = sql.Table(  # of nbgrader's tables
    "alembic_version", sql.MetaData(), sql.Column("version_num", sql.String(32), nullable=False)
)


def copy_gradebook(
    db_url: str,
    to: str,
    begin: Callable[[int], Callable[[int], object]] = lambda total: lambda rows: None,
) -> dict[str, int]:
    """Copy a gradebook into an empty database, and compare what that gives with what it got.

    Parameters
    ----------
    db_url
        Of the gradebook, which is only read.
    to
        Of the database.
    begin
        Called with the number of rows to copy; what it gives is called with the rows of each step.

    Returns
    -------
    dict
        The number of rows, by table.

    Raises
    ------
    LookupError
        There is no gradebook.
    ValueError
        Nothing was copied: one of the databases cannot be used, the first is being graded or has
        other tables than nbgrader's and nbjudge's, the second is not empty or does not take a
        value.
    """
    source, target = check_database(db_url), check_database(to, "DB_URL")
    check_file(db_url)
    for run in read_runs(db_url):
        if run.is_alive:
            raise ValueError(
                f"{shown(source.url)} is being graded on {run.machine}, process {run.process}: "
                "copy it when that has ended."
            )
    new_file = missing_file(to)
    try:
        with source.connect() as old, target.begin() as new:
            if sql.inspect(new).get_table_names():
                raise ValueError(f"{shown(target.url)} is not empty: name a new database or file.")
            return _copy(old, new, _tables(old), begin)
    except BaseException as error:
        if new_file:  # SQLite has its new tables even where the transaction fails
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
    """Return the tables of a gradebook, each after those that it refers to."""
    inspected, name = sql.inspect(old), shown(old.engine.url)
    there = {
        table: {column["name"] for column in inspected.get_columns(table)}
        for table in inspected.get_table_names()
    }
    tables = []
    for table in [*schema.nbgraders.sorted_tables, _VERSION, *schema.added.sorted_tables]:
        columns = there.pop(table.name, None)
        if columns is None and table.metadata is schema.added:
            continue
        if columns != set(table.columns.keys()):
            raise ValueError(
                f"The table {table.name} of {name} is none of this version of nbgrader and "
                "nbjudge: run `nbgrader db upgrade` first, or use the version that made it."
            )
        tables.append(table)
    if there:
        others = ", ".join(sorted(there))
        raise ValueError(f"{name} has tables of something else, which cannot be copied: {others}.")
    return tables


def _copy(
    old: sql.Connection,
    new: sql.Connection,
    tables: Sequence[sql.Table],
    begin: Callable[[int], Callable[[int], object]],
) -> dict[str, int]:
    count = sql.select(sql.func.count())
    counts = {t.name: old.execute(count.select_from(t)).scalar_one() for t in tables}
    copied = begin(sum(counts.values()))
    for metadata in dict.fromkeys(table.metadata for table in tables):
        metadata.create_all(new)
    for table in tables:
        given = _Sum()
        for rows in _rows(old, table):
            new.execute(sql.insert(table), [dict(row) for row in rows])
            given.add(rows)
            copied(len(rows))
        kept = _Sum()
        for rows in _rows(new, table):
            kept.add(rows)
        if given.value != kept.value:
            raise ValueError(
                f"Nothing was copied: {shown(new.engine.url)} gives other values in the table "
                f"{table.name} than it got."
            )
    return counts


def _rows(database: sql.Connection, table: sql.Table) -> Iterator[Sequence[sql.RowMapping]]:
    """Yield the rows of a table in groups of at most ROWS."""
    options = {"yield_per": ROWS}
    streamed = database.execute(sql.select(table), execution_options=options)
    yield from streamed.mappings().partitions()


class _Sum:
    """A sum over rows that does not depend on their order."""

    def __init__(self) -> None:
        self.value = 0

    def add(self, rows: Sequence[sql.RowMapping]) -> None:
        """Count rows in."""
        for row in rows:
            digest = hashlib.blake2b(repr(list(row.values())).encode(), digest_size=16).digest()
            self.value = (self.value + int.from_bytes(digest)) % 2**128
