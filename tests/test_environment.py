"""pyproject.toml, requirements.lock and environment.yml agree.

Also covers the settings in nbgrader_config.py and the files that .gitignore excludes.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from traitlets.config.loader import PyFileConfigLoader

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()

# Each package in the lock: the requirement, then its hashes, on lines joined by backslashes.
LOCKED = re.findall(r"^([a-z0-9][^ ]*)==([^ ]+)((?:.*\\\n)*.*)", LOCK, flags=re.MULTILINE)


def bounds(requirements: list[str]) -> dict[str, SpecifierSet]:
    """Return the bounds on each package's version, by name."""
    parsed = [Requirement(text) for text in requirements]
    return {requirement.name: requirement.specifier for requirement in parsed}


def direct_dependencies() -> dict[str, SpecifierSet]:
    return bounds(PYPROJECT["project"]["dependencies"] + PYPROJECT["dependency-groups"]["test"])


def build_backend() -> list[str]:
    """Return what nbexercise and nbjudge are built with, which pip downloads outside the lock."""
    return PYPROJECT["dependency-groups"]["build"]


def held_back() -> dict[str, SpecifierSet]:
    """Return the version bounds of the locked environment that the code itself does not need."""
    return bounds(PYPROJECT["tool"]["uv"]["constraint-dependencies"])


def test_environment_yml_lists_what_pyproject_lists():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    # The first entry is Python, the last two are pip and its packages.
    listed = [*listed[1:-2], *listed[-1]["pip"]]
    expected = direct_dependencies()
    for name, bound in held_back().items():
        expected[name] &= bound
    assert bounds(listed) == expected
    assert len(listed) == len(expected), "a package is listed twice"


def test_binder_finds_its_python_and_its_last_step():
    """Binder's repo2docker ignores `>=`, and uses an old Python if no version is given."""
    python = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"][0]
    version = re.match(r"python\s*=+\s*([\d\.]*)", python)[1]  # repo2docker's pattern
    assert version in SpecifierSet(PYPROJECT["project"]["requires-python"])
    assert (ROOT / ".binder/postBuild").stat().st_mode & 0o111
    assert "./nbexercise --editable ./nbjudge" in (ROOT / ".binder/postBuild").read_text()


def test_lock_pins_every_direct_dependency_within_its_bounds():
    for name, bound in (direct_dependencies() | bounds(build_backend())).items():
        versions = [version for locked, version, _ in LOCKED if locked == name]
        assert versions, f"{name} is not in requirements.lock: run `make lock`"
        assert all(Version(version) in bound for version in versions), (name, versions)


@pytest.mark.parametrize("package", ["nbexercise", "nbjudge"])
def test_lock_pins_what_the_packages_are_built_with(package):
    project = tomllib.loads((ROOT / package / "pyproject.toml").read_text())
    assert project["build-system"]["requires"] == build_backend()


def test_lock_has_a_hash_for_every_package():
    pinned = [line for line in LOCK.splitlines() if "==" in line and not line.startswith(" ")]
    assert len(pinned) == len(LOCKED) > len(direct_dependencies())
    unhashed = [name for name, _, rest in LOCKED if "--hash=sha256:" not in rest]
    assert not unhashed


def test_lock_holds_numpy_below_2_4():
    versions = [version for name, version, _ in LOCKED if name == "numpy"]
    assert versions
    assert all(Version(version) < Version("2.4") for version in versions)


@pytest.mark.parametrize("unwanted", ["://", "file:", " @ ", "index-url", "find-links"])
def test_lock_names_no_address(unwanted):
    assert unwanted not in LOCK


def test_nbgrader_config_sets_the_course_and_the_search_paths_once(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/bin")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    for _ in range(2):
        config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    assert config.CourseDirectory.course_id == "convolution"
    assert config.CourseDirectory.root == str(ROOT)
    assert os.environ["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "/bin"]
    assert os.environ["PYTHONPATH"].split(os.pathsep) == [str(ROOT), str(ROOT / "nbexercise/src")]


@pytest.mark.parametrize("package", [None, ModuleType("nbjudge")], ids=["none", "only a folder"])
def test_without_nbjudge_nothing_is_configured_and_the_remedy_is_named(monkeypatch, package):
    """nbgrader ignores exceptions in its configuration, and would run student code unprotected."""
    for name in ("PATH", "PYTHONPATH"):  # changed by nbgrader_config.py
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.setitem(sys.modules, "nbjudge", package)
    with pytest.raises(SystemExit, match="^nbjudge, .* is not installed in .* `make setup`"):
        PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()


def test_without_nbjudge_the_tools_name_the_remedy(tmp_path):
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    (tmp_path / "nbjudge").mkdir()
    program = "import runpy; runpy.run_module('tools.grade', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],  # without this environment's packages
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    (said,) = done.stderr.splitlines()
    assert said.startswith("nbjudge, ") and "`make setup`" in said


@pytest.mark.parametrize(
    ("path", "committed"),
    [
        ("submitted/README.md", True),
        ("submitted/ada/padding/padding.ipynb", False),
        ("submitted/ada.zip", False),
        ("autograded/README.md", True),
        ("autograded/ada/padding/padding.ipynb", False),
        ("feedback/ada/padding/padding.html", False),
        ("gradebook.db", False),
        ("gradebook.db-journal", False),
        ("grades.csv", False),
        ("questions.json", False),
        ("canvas-import.csv", False),
        ("feedback-padding.zip", False),
        ("downloaded/padding/archive/ada.zip", False),
        ("source/padding.py", True),
        ("source/padding/padding.ipynb", False),
        ("release/padding/padding.ipynb", True),
        (".venv/bin/python", False),
        (".venv-newest/bin/python", False),
    ],
)
def test_git_ignores_students_work_and_built_notebooks(path, committed, tmp_path):
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    ignored = subprocess.run(["git", "check-ignore", "--quiet", path], cwd=tmp_path)
    assert ignored.returncode == (1 if committed else 0)
