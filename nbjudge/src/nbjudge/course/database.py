"""The gradebook's database: a file of SQLite, or what nbgrader's `db_url` names."""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sql

from nbjudge.course.schema import added

__all__ = [
    "check_database",
    "check_driver",
    "check_file",
    "connect_arguments",
    "file_of",
    "insert_rows",
    "missing_file",
    "not_begun",
    "open_database",
    "read_only",
    "said_by",
    "shown",
    "stays_so",
    "transaction",
    "update_rows",
]

# Under which name pip has a driver, where that is another one or needs an extra.
_PACKAGES = {
    "MySQLdb": "mysqlclient",
    "psycopg": "'psycopg[binary]'",
    "psycopg2": "psycopg2-binary",
}
_SETTING = "c.CourseDirectory.db_url in nbgrader_config.py"
# How long a server may be silent until its connection counts as broken, for the drivers that use
# libpq: in seconds, the last one in milliseconds.
_SILENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 60_000,
}
_LIBPQ = {"psycopg", "psycopg2"}
# With what a transaction begins. A server keeps no locks of a process that was stopped.
_BEGIN = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "SET LOCAL lock_timeout = '30s'; "
    "SET LOCAL idle_in_transaction_session_timeout = '60s'",
}


def connect_arguments(url: sql.URL) -> dict[str, Any]:
    """What a driver is given, so that it waits for no server that is gone."""
    if url.get_backend_name() == "sqlite":
        return {}
    return dict(_SILENCE) if url.get_dialect().driver in _LIBPQ else {}


def check_driver(db_url: str, name: str = _SETTING) -> sql.Engine:
    """An engine for a gradebook, which has not connected yet.

    Parameters
    ----------
    name
        What is said of the address where it is none.

    Raises
    ------
    ValueError
        The address is none, or the package that speaks to such a database is not installed.
    """
    try:
        url = sql.make_url(db_url)
        return sql.create_engine(url, poolclass=sql.NullPool, connect_args=connect_arguments(url))
    except ModuleNotFoundError as error:
        package = _PACKAGES.get(error.name or "", error.name)
        raise ValueError(
            f"The gradebook {shown(url)} needs the package {error.name}, which is not installed: "
            f"pip install {package}"
        ) from None
    except (sql.exc.ArgumentError, sql.exc.NoSuchModuleError) as error:
        raise ValueError(
            f"{name} is no address of a database, such as sqlite:///gradebook.db: {error}"
        ) from None


def check_database(db_url: str, name: str = _SETTING) -> sql.Engine:
    """An engine for a gradebook, which has connected to it, unless that is a file.

    Parameters
    ----------
    name
        As for `check_driver`.

    Raises
    ------
    ValueError
        As `check_driver`, or the server does not let anybody in.
    """
    engine = check_driver(db_url, name)
    if file_of(engine.url):
        return engine
    try:
        engine.connect().close()
    except sql.exc.SQLAlchemyError as error:
        text = f"The gradebook {shown(engine.url)} cannot be reached: {said_by(error)}"
        raise ValueError(text) from None
    return engine


def file_of(url: sql.URL) -> Path | None:
    """The file of a gradebook in SQLite; None of one on a server."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def missing_file(db_url: str) -> Path | None:
    """The file of a gradebook in SQLite that is not there, which opening it would make."""
    file = file_of(sql.make_url(db_url))
    return file if file and not file.exists() else None


def not_begun(db_url: str, assignment: str = "ASSIGNMENT") -> str:
    """Return a sentence on a course that has no gradebook yet; "" if it has one, or is none."""
    file = missing_file(db_url)
    folders = (Path(), file.parent) if file else ()
    if not any((folder / "nbgrader_config.py").exists() for folder in folders):
        return ""
    return (
        f"Nothing was graded yet: there is no gradebook {file}. "
        f"`nbgrader generate_assignment {assignment}` creates it."
    )


def check_file(db_url: str, assignment: str = "ASSIGNMENT") -> None:
    """Refuse a gradebook in SQLite whose file is not there.

    Raises
    ------
    LookupError
        The sentence says which file, and what to do.
    """
    file = missing_file(db_url)
    if not file:
        return
    if sentence := not_begun(db_url, assignment):
        raise LookupError(sentence)
    raise LookupError(
        f"There is no gradebook {file}: run this in the folder of the course, where "
        "nbgrader_config.py is."
    )


def open_database(db_url: str) -> sql.Engine:
    """Open a gradebook for writing; tables of nbjudge that are missing are created."""
    url = sql.make_url(db_url)
    options: dict[str, Any]
    if file_of(url):
        # The file is opened for each transaction: none is left open where a run is interrupted.
        options = {"connect_args": {"timeout": 60}, "poolclass": sql.NullPool}
    else:
        # A server may have been started again since.
        options = {"connect_args": connect_arguments(url), "pool_pre_ping": True}
    engine = sql.create_engine(url, **options)
    added.create_all(engine)
    return engine


def read_only(db_url: str) -> sql.Engine:
    """An engine for a gradebook that cannot write anything, nor make its file.

    Raises
    ------
    LookupError
        There is no such file.
    ValueError
        As `check_driver`.
    """
    engine = check_driver(db_url)
    if not file_of(engine.url):
        return engine.execution_options(postgresql_readonly=True)
    check_file(db_url)
    sql.event.listen(engine, "connect", _forbid_writing)
    return engine


def _forbid_writing(connection: Any, _: object) -> None:
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA busy_timeout = 60000")  # milliseconds


def shown(url: sql.URL) -> str:
    """A database's address without its password."""
    return url.render_as_string(hide_password=True)


def stays_so(error: sql.exc.DBAPIError) -> bool:
    """Whether nothing can be written to a file of SQLite, or beside it, or another process does."""
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY)


def said_by(error: Exception) -> str:
    """What a database said, in one line."""
    return " ".join(str(getattr(error, "orig", error)).split())


@contextlib.contextmanager
def transaction(engine: sql.Engine) -> Iterator[sql.Connection]:
    """A connection that writes all that is done with it or, where something fails, nothing.

    In a file nobody else writes meanwhile. PostgreSQL lets it wait 30 seconds for a lock, and ends
    it where its process is silent for 60.
    """
    with engine.begin() as db:
        if statements := _BEGIN.get(engine.dialect.name):
            db.exec_driver_sql(statements)
        yield db


def insert_rows(db: sql.Connection, table: sql.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Add rows, all at a time."""
    if rows:
        db.execute(sql.insert(table), rows)


def update_rows(db: sql.Connection, table: sql.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Change rows: each mapping has the row's id as `key`, and its new values, all the same."""
    if rows:
        values: dict[sql.Column[Any], Any] = {
            table.c[name]: sql.bindparam(name) for name in rows[0] if name != "key"
        }
        db.execute(sql.update(table).where(table.c.id == sql.bindparam("key")).values(values), rows)
