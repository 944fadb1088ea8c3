"""The tables of the gradebook are nbgrader's own."""

import os
import sys
from pathlib import Path

import pytest
import sqlalchemy as sql
from nbgrader import api
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from nbjudge.course import schema

NBGRADERS = api.Base.metadata.tables


def test_there_are_as_many_tables_as_in_nbgrader():
    assert set(schema.nbgraders.tables) == set(NBGRADERS)


@pytest.mark.parametrize("name", NBGRADERS)
def test_a_table_is_as_in_nbgrader(name):
    def described(table, dialect):
        lines = str(CreateTable(table).compile(dialect=dialect())).splitlines()
        return sorted(line.strip().rstrip(",") for line in lines)

    ours, theirs = schema.nbgraders.tables[name], NBGRADERS[name]
    for dialect in (sqlite.dialect, postgresql.dialect):
        assert described(ours, dialect) == described(theirs, dialect)
    assert [column.name for column in ours.columns] == [column.name for column in theirs.columns]
    assert not ours.indexes and not theirs.indexes
    for column in ours.columns:
        default, other = column.default, theirs.c[column.name].default
        assert (default is None) == (other is None)
        if default and default.is_scalar:
            assert default.arg == other.arg


def test_missing_tables_and_a_missing_course_are_created(tmp_path, monkeypatch):
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    monkeypatch.setenv("PATH", programs)  # nbgrader starts alembic by name
    db_url = f"sqlite:///{tmp_path}/gradebook.db"
    for course in ("first", "first", "second"):
        schema.create_tables(db_url, course)
    engine = sql.create_engine(db_url)
    assert {*NBGRADERS, "alembic_version"} == set(sql.inspect(engine).get_table_names())
    with engine.begin() as db:
        assert set(db.execute(sql.select(schema.courses.c.id)).scalars()) == {"first", "second"}
        db.execute(sql.text("DROP TABLE comment"))
    schema.create_tables(db_url, "first")
    assert "comment" in sql.inspect(engine).get_table_names()
