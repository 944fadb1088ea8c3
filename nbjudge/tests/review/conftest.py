"""Fixtures: a course with answers that await manual grading."""

import pytest

from tests.support.reviewed import Essays


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    return tmp_path_factory.mktemp("review") / "template"


@pytest.fixture
def course(template, tmp_path):
    return Essays.make(tmp_path / "course", template)
