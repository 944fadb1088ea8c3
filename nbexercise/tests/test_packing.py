"""The checks of any course can be packed into a line, which a notebook unpacks and runs."""

import importlib
import subprocess
import sys

import pytest

from nbexercise.building.filling import CARRIED, LARGEST
from nbexercise.defining.stored import dump_case_set
from nbexercise.notebook import opened, sources
from nbexercise.packing import alone, payload, unpacked
from tests.small_case_set import ONE, TWO, case_set

PACKAGE = '''
"""The checks of a course."""

from nbexercise import show
from nbexercise.cells import watch as _watch
from nbexercise.checks import CASE_SETS, make_test
from nbexercise.judging.storage import stored_beside


def _add(stored):
    CASE_SETS.add(stored)
    globals().update({f"{name}_test": make_test(name, f"{name}_test") for name in stored})


_add(stored_beside(__spec__))
'''
SETUP = """
import base64, bz2, sys
_checks, _modules = sys.stdin.read().split()
_checks = bz2.decompress(base64.b85decode(_checks)).partition(b"\\0")
exec(_checks[0], {"carried": _checks[2], "modules": _modules})
from small_checks import double_test
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "small_checks"
    (folder / "cases").mkdir(parents=True)
    (folder / "__init__.py").write_text(PACKAGE)
    (folder / "for_authors.py").write_text("import nothing")
    (folder / "cases" / "double.cases").write_bytes(dump_case_set(case_set(ONE, TWO), "key"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("nbexercise.checks.CASE_SETS._stored", {})
    yield importlib.import_module("small_checks")
    del sys.modules["small_checks"]


def run(line, program, before=""):
    """Run a program in a notebook's process, after the setup cell, and return its output."""
    done = subprocess.run(
        [sys.executable, "-c", before + SETUP + program], input=line, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_notebook_carries_the_package_and_the_engine_as_a_part_of_it(package):
    line = payload(["double"], package, {}, left_out=["for_authors"])
    said = run(
        line,
        "double_test(lambda x: 2 * x)\n"
        "print({name.partition('.')[0] for name in sys.modules if 'nbexercise' in name})",
    )
    assert "double: all 2 checks passed." in said
    assert said.splitlines()[-1] == "{'small_checks'}"
    _, carried, modules = unpacked(line)
    assert [*sources(opened(carried)[0], modules)][:1] == ["small_checks"]
    assert "small_checks.for_authors" not in sources(opened(carried)[0], modules)


def test_a_package_that_is_imported_already_stays_if_it_is_the_same(package):
    line = payload(["double"], package, {}, left_out=["for_authors"])
    before = f"import sys\nsys.path.insert(0, {package.__path__[0]!r}[:-len('/small_checks')])\n"
    where = "import small_checks\nprint(small_checks.__file__)\n"
    assert run(line, where, before + where) == 2 * f"{package.__file__}\n"
    checks, _ = line.split()
    assert run(f"{checks} -", where, before + where) == 2 * f"{package.__file__}\n", "not unpacked"
    with open(package.__file__, "a") as file:
        file.write("# another version\n")
    first, second = run(line, where, before + where).splitlines()
    assert (first, second) == (
        package.__file__,
        "<carried by this notebook>/small_checks/__init__.py",
    )


def test_the_engine_leaves_room_for_the_cases_of_a_notebook():
    assert len(alone("checks", CARRIED, {})) < min(LARGEST / 2, 120_000)
