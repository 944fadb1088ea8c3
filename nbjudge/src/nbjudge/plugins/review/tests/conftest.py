"""Fixtures: a course with answers that await manual grading."""

import pytest

from tests.support.reviewed import Essays, LargerClass


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    return tmp_path_factory.mktemp("review") / "template"


@pytest.fixture
def course(template, tmp_path):
    return Essays.make(tmp_path / "course", template)


@pytest.fixture(scope="session")
def class_template(tmp_path_factory):
    return tmp_path_factory.mktemp("review_of_a_class") / "template"


@pytest.fixture
def larger_class(class_template, tmp_path):
    return LargerClass.make(tmp_path / "course", class_template)
