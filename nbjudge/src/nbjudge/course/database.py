"""Connect to the gradebook's database: an SQLite file or the server in nbgrader's `db_url`."""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

import sqlalchemy as sql

from nbjudge.course.schema import added

# Names of drivers on PyPI, if they differ from the import name or need an extra.
_PACKAGES = {
    "MySQLdb": "mysqlclient",
    "psycopg": "'psycopg[binary]'",
    "psycopg2": "psycopg2-binary",
}
_SETTING = "c.CourseDirectory.db_url in nbgrader_config.py"
# Timeouts after which a silent server's connection counts as broken, for drivers based on libpq:
# in seconds, tcp_user_timeout in milliseconds.
_SILENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 60_000,
}
_LIBPQ = {"psycopg", "psycopg2"}
# First statements of a transaction. The timeouts keep a stopped process from holding locks.
_BEGIN = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "SET LOCAL lock_timeout = '30s'; "
    "SET LOCAL idle_in_transaction_session_timeout = '60s'",
}


def connect_arguments(url: sql.URL) -> dict[str, Any]:
    """Return driver options that time out connections to an unreachable server."""
    if url.get_backend_name() == "sqlite":
        return {}
    return dict(_SILENCE) if url.get_dialect().driver in _LIBPQ else {}


def check_driver(db_url: str, name: str = _SETTING) -> sql.Engine:
    """Return an SQLAlchemy engine for a gradebook without connecting.

    Parameters
    ----------
    name
        Name of the address in error messages.

    Raises
    ------
    ValueError
        If the address is invalid, or the database driver is not installed.
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
            f"{name} is not a database address such as sqlite:///gradebook.db: {error}"
        ) from None


def check_database(db_url: str, name: str = _SETTING) -> sql.Engine:
    """Return an SQLAlchemy engine for a gradebook; test the connection if it is on a server.

    Parameters
    ----------
    name
        Name of the address in error messages.

    Raises
    ------
    ValueError
        If the address is invalid, the database driver is not installed, or the server refuses the
        connection.
    """
    engine = check_driver(db_url, name)
    if file_of(engine.url):
        return engine
    try:
        engine.connect().close()
    except sql.exc.SQLAlchemyError as error:
        text = f"The gradebook {shown(engine.url)} cannot be reached: {database_message(error)}"
        raise ValueError(text) from None
    return engine


def file_of(url: sql.URL) -> Path | None:
    """Return the file of an SQLite gradebook; None for a gradebook on a server."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def missing_file(db_url: str) -> Path | None:
    """Return the file of an SQLite gradebook if it does not exist; connecting would create it."""
    file = file_of(sql.make_url(db_url))
    return file if file and not file.exists() else None


def not_begun(db_url: str, assignment: str = "ASSIGNMENT") -> str:
    """Return a message if a course has no gradebook yet; "" if it has one, or outside a course."""
    file = missing_file(db_url)
    folders = (Path(), file.parent) if file else ()
    if not any((folder / "nbgrader_config.py").exists() for folder in folders):
        return ""
    return (
        f"Nothing has been graded yet: there is no gradebook {file}. "
        f"`nbgrader generate_assignment {quote(assignment)}` creates it."
    )


def check_file(db_url: str, assignment: str = "ASSIGNMENT") -> None:
    """Raise LookupError if the file of an SQLite gradebook does not exist.

    Raises
    ------
    LookupError
        The message names the missing file and the command or folder to use.
    """
    file = missing_file(db_url)
    if not file:
        return
    if sentence := not_begun(db_url, assignment):
        raise LookupError(sentence)
    raise LookupError(
        f"There is no gradebook {file}: run the command in the folder of the course, which "
        "contains nbgrader_config.py."
    )


def open_database(db_url: str) -> sql.Engine:
    """Open a gradebook for writing; create the tables of nbjudge that are missing."""
    url = sql.make_url(db_url)
    options: dict[str, Any]
    if file_of(url):
        # Each transaction opens the file, so that an interrupted run leaves no file open.
        options = {"connect_args": {"timeout": 60}, "poolclass": sql.NullPool}
    else:
        # The server may have been restarted since the last transaction.
        options = {"connect_args": connect_arguments(url), "pool_pre_ping": True}
    engine = sql.create_engine(url, **options)
    added.create_all(engine)
    return engine


def read_only(db_url: str) -> sql.Engine:
    """Return a read-only SQLAlchemy engine for a gradebook; its file is never created.

    Raises
    ------
    LookupError
        If the gradebook's file does not exist.
    ValueError
        If the address is invalid, or the database driver is not installed.
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
    """Return a database's address without its password."""
    return url.render_as_string(hide_password=True)


def cannot_write(error: sql.exc.DBAPIError) -> bool:
    """True if an SQLite file is read-only, cannot be opened, or stays locked by another process."""
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY)


def database_message(error: Exception) -> str:
    """Return a database's error message on one line."""
    return " ".join(str(getattr(error, "orig", error)).split())


@contextlib.contextmanager
def transaction(engine: sql.Engine) -> Iterator[sql.Connection]:
    """Open a transaction: commit it at the end of the block, roll it back after an exception.

    SQLite locks the file against other writers from the start of the block. PostgreSQL aborts a
    statement that waits 30 seconds for a lock, and the session of a process that is idle for 60
    seconds.
    """
    with engine.begin() as db:
        if statements := _BEGIN.get(engine.dialect.name):
            db.exec_driver_sql(statements)
        yield db


def insert_rows(db: sql.Connection, table: sql.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows in one statement."""
    if rows:
        db.execute(sql.insert(table), rows)


def update_rows(db: sql.Connection, table: sql.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Update rows: mappings of the same columns to values, with the row's id as `key`."""
    if rows:
        values: dict[sql.Column[Any], Any] = {
            table.c[name]: sql.bindparam(name) for name in rows[0] if name != "key"
        }
        db.execute(sql.update(table).where(table.c.id == sql.bindparam("key")).values(values), rows)
