"""The gradebook's database: a file of SQLite, or what nbgrader's `db_url` names."""

import sqlalchemy as sql

__all__ = ["check_database", "check_driver", "shown"]

# Under which name pip has a driver, where that is another one or needs an extra.
_PACKAGES = {"psycopg": "'psycopg[binary]'", "psycopg2": "psycopg2-binary"}
_PATIENCE = {"postgresql": {"connect_timeout": 10}}  # seconds


def check_driver(db_url: str) -> sql.Engine:
    """An engine for a gradebook, which has not connected yet.

    Raises
    ------
    ValueError
        The address is none, or the package that speaks to such a database is not installed.
    """
    try:
        url = sql.make_url(db_url)
        options = _PATIENCE.get(url.get_backend_name(), {})
        return sql.create_engine(url, poolclass=sql.NullPool, connect_args=options)
    except ModuleNotFoundError as error:
        package = _PACKAGES.get(error.name or "", error.name)
        raise ValueError(
            f"the gradebook {shown(url)} needs the package {error.name}, which is not installed: "
            f"pip install {package}"
        ) from None
    except (sql.exc.ArgumentError, sql.exc.NoSuchModuleError) as error:
        raise ValueError(
            f"c.CourseDirectory.db_url in nbgrader_config.py is no address of a database: {error}"
        ) from None


def check_database(db_url: str) -> None:
    """Connect to a gradebook that is no file, to say so before anything is read or written.

    Raises
    ------
    ValueError
        As `check_driver`, or the server does not let anybody in.
    """
    engine = check_driver(db_url)
    if engine.url.get_backend_name() == "sqlite":
        return
    try:
        engine.connect().close()
    except sql.exc.SQLAlchemyError as error:
        said = " ".join(str(getattr(error, "orig", error)).split())
        text = f"the gradebook {shown(engine.url)} cannot be reached: {said}"
        raise ValueError(text) from None


def shown(url: sql.URL) -> str:
    """A database's address without its password."""
    return url.render_as_string(hide_password=True)
