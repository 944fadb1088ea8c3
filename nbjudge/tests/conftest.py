"""The engines of these tests, one warm process each for the whole session, and a graded class."""

import hypothesis
import pytest

from nbjudge.sandbox import probe
from nbjudge.sandbox.levels import NAMES
from tests.support.benches import bench
from tests.support.graded_class import GradedClass

# The same examples everywhere, however long they take; --hypothesis-profile=thorough draws others.
hypothesis.settings.load_profile("ci")
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=2000, database=None)


@pytest.fixture(scope="module", params=NAMES)
def level(request):
    """The name of each level of isolation that this machine has."""
    if reason := probe.missing()[request.param]:
        pytest.skip(f"{request.param} is not available here: {reason}")
    return request.param


@pytest.fixture(scope="session")
def judge():
    """Judges at the best isolation that there is here: judge(spec, answers) gives an Answer."""
    missing = probe.missing()
    one = bench("reduced" if missing["full"] else "full")
    yield one
    one.stop()


@pytest.fixture(scope="session")
def small():
    """The same with little of everything."""
    one = bench(
        "full",
        memory=300 << 20,
        processes=40,
        file_size=1 << 20,
        disk=4 << 20,
        open_files=64,
        output_size=20_000,
    )
    yield one
    one.stop()


@pytest.fixture(scope="session")
def class_template(tmp_path_factory):
    return tmp_path_factory.mktemp("class") / "template"


@pytest.fixture
def school(class_template, tmp_path):
    """A class in a folder, whose gradebook is ready."""
    return GradedClass.make(tmp_path / "school", class_template)
