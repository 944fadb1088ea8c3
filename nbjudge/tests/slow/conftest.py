"""Fixtures for the slow tests: a course."""

import pytest

from tests.support.small_course import SmallCourse


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    yield tmp_path_factory.mktemp("class")
    SmallCourse.cool()


@pytest.fixture
def course(place):
    return SmallCourse.make(place / "course", place / "template")
