"""A class whose gradebook is ready."""

import pytest

from tests.support.graded_class import GradedClass


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    return tmp_path_factory.mktemp("class") / "template"


@pytest.fixture
def school(template, tmp_path):
    return GradedClass.make(tmp_path / "school", template)
