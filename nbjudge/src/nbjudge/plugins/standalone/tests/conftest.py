"""Fixtures: a course without submissions, and its command line."""

import pytest

from tests.support.command_line import command_of
from tests.support.small_course import SmallCourse


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    yield tmp_path_factory.mktemp("standalone")
    SmallCourse.cool()


@pytest.fixture
def course(place, without_matplotlib):
    return SmallCourse.make(place / "course", place / "template")


@pytest.fixture
def command(course, monkeypatch):
    return command_of(course, monkeypatch)
