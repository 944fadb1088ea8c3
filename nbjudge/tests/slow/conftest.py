"""The course of these tests; some have one of their own."""

import pytest

from nbjudge.engine import engine
from tests.support.small_course import SmallCourse


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    yield tmp_path_factory.mktemp("class")
    engine.stop_engines()


@pytest.fixture
def course(place):
    return SmallCourse.make(place / "course", place / "template")
