"""Fixtures: engines, one warm process each for the whole session, and a graded class."""

import errno
import functools
import os
import sys
from pathlib import Path

import hypothesis
import nbgrader.api
import pytest

from nbjudge.sandbox import launch, probe
from nbjudge.sandbox.levels import NAMES
from tests.support.benches import bench
from tests.support.command_line import command_of
from tests.support.graded_class import GradedClass
from tests.support.installed import Site
from tests.support.small_course import SmallCourse

# Deterministic examples without a deadline; --hypothesis-profile=thorough draws random ones.
hypothesis.settings.load_profile("ci")
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=2000, database=None)

# nbgrader starts `alembic` by name, for the same answer whenever it creates a gradebook.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
nbgrader.api.get_alembic_version = functools.cache(nbgrader.api.get_alembic_version)


@pytest.fixture(scope="module", params=NAMES)
def level(request):
    """Each level of isolation that is available on this machine."""
    if reason := probe.missing()[request.param]:
        pytest.skip(f"{request.param} is not available here: {reason}")
    return request.param


@pytest.fixture(scope="session")
def judge():
    """An engine at the best available level: judge(spec, answers) returns an Answer."""
    missing = probe.missing()
    one = bench("reduced" if missing["full"] else "full")
    yield one
    one.stop()


@pytest.fixture(scope="session")
def small():
    """An engine with low limits."""
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


@pytest.fixture
def without_matplotlib(monkeypatch):
    """Start zygotes in half the time, for tests that draw nothing."""
    without = "import sys\nsys.modules['matplotlib'] = None\n"
    monkeypatch.setattr(launch, "PROGRAM", without + launch.PROGRAM)


@pytest.fixture(scope="session")
def class_template(tmp_path_factory):
    return tmp_path_factory.mktemp("class") / "template"


@pytest.fixture
def school(class_template, tmp_path):
    """A class in a folder, with a complete gradebook."""
    return GradedClass.make(tmp_path / "school", class_template)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    yield tmp_path_factory.mktemp("place")
    SmallCourse.cool()


@pytest.fixture
def course(place, without_matplotlib):
    return SmallCourse.make(place / "course", place / "template")


@pytest.fixture
def command(course, monkeypatch):
    return command_of(course, monkeypatch)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder in which a test installs packages."""
    (tmp_path / "site").mkdir()
    monkeypatch.syspath_prepend(tmp_path / "site")
    one = Site(tmp_path / "site")
    yield one
    one.clear()


@pytest.fixture(params=["EACCES", "ESTALE", "EIO", "ELOOP", "ENAMETOOLONG", "ETIMEDOUT"])
def broken(request, school, monkeypatch):
    """A class in which every access to gil's files fails: (class, error message of the system)."""
    school.submit("gil", "ps1")
    code = getattr(errno, request.param)
    text = os.strerror(code)

    def failing(call):
        def raises(path, *arguments, **options):
            if not isinstance(path, int) and "/gil" in os.fspath(path):
                raise OSError(code, text, os.fspath(path))
            return call(path, *arguments, **options)

        return raises

    for name in ("lstat", "stat", "listdir", "scandir", "open"):
        monkeypatch.setattr(os, name, failing(getattr(os, name)))
    yield school, text
    monkeypatch.undo()
