"""Error messages if the gradebook's database cannot be used."""

import sys

import pytest
from traitlets.config import Config

import nbjudge
from nbjudge.course.database import check_database, check_driver
from nbjudge.course.loading import load_course

ADDRESS = "postgresql+psycopg://ada:secret@127.0.0.1:1/course"


@pytest.fixture
def without_driver(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)


def settings(address):
    config = Config()
    config.HTMLExporter.preprocessors = []
    config.CourseDirectory.db_url = address
    return config


def test_files_need_nothing(tmp_path):
    check_database(f"sqlite:///{tmp_path}/gradebook.db")
    assert not list(tmp_path.iterdir())
    nbjudge.configure(settings("sqlite:///gradebook.db"))


@pytest.mark.usefixtures("without_driver")
def test_a_missing_driver_is_reported_without_the_password():
    with pytest.raises(ValueError, match="needs the package psycopg, which is not") as raised:
        check_driver(ADDRESS)
    assert str(raised.value).endswith("pip install 'psycopg[binary]'")
    assert "secret" not in str(raised.value) and "ada:***@" in str(raised.value)


@pytest.mark.usefixtures("without_driver")
def test_nbgrader_ends_where_the_driver_is_missing():
    with pytest.raises(
        SystemExit, match=r"nbgrader_config\.py: The gradebook .* needs the package"
    ):
        nbjudge.configure(settings(ADDRESS))


@pytest.mark.usefixtures("without_driver")
def test_a_course_whose_driver_is_missing_is_not_loaded(tmp_path):
    text = f"c = get_config()\nc.CourseDirectory.db_url = {ADDRESS!r}\n"
    (tmp_path / "nbgrader_config.py").write_text(text)
    with pytest.raises(ValueError, match="^The gradebook .* needs the package psycopg"):
        load_course(tmp_path)


@pytest.mark.parametrize("address", ["gradebook.db", "nosuch://host/course", "://"])
def test_invalid_addresses(address):
    with pytest.raises(ValueError, match="db_url in nbgrader_config.py is no address"):
        check_database(address)


def test_an_unreachable_server_is_reported_without_the_password():
    pytest.importorskip("psycopg", reason="no driver for PostgreSQL: pip install psycopg[binary]")
    with pytest.raises(ValueError, match="cannot be reached: ") as raised:
        check_database(ADDRESS)
    assert "secret" not in str(raised.value) and "\n" not in str(raised.value)
