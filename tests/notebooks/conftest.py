"""Copies of the repository for the tests of the tools: released, and graded.

The tests never change the repository itself. Releasing and grading take long, so each copy is made
once per run of pytest: the first process of pytest-xdist that needs it makes it, the others wait.
"""

import fcntl
import json
import os
import shutil
import subprocess
import traceback
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from tests.files import copy_repository, files_of, keep_assignments, run_python


@dataclass(frozen=True)
class CourseCopy:
    """A copy of the repository.

    Attributes
    ----------
    release_before
        Content of the files in release/ as committed.
    """

    root: Path
    release_before: dict[str, bytes]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        """Run Python in the copy."""
        return run_python(self.root, *arguments, **variables)

    def copy(self, root: Path, names: Collection[str]) -> "CourseCopy":
        """Make a copy with some assignments and without lessons, which is released quickly."""
        shutil.copytree(self.root, root, dirs_exist_ok=True)
        keep_assignments(root, names)
        return CourseCopy(root, self.release_before)


@dataclass(frozen=True)
class GradedCopy:
    """A copy with graded submissions, and the output of `grade_submissions.py`."""

    root: Path
    failed: list
    rows: list
    mismatches: list


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory) -> Path:
    """Return the folder that all processes of this run of pytest share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def once(folder: Path, make: Callable[[], object]):
    """Call `make` in the first process of this run that gets here, and return its result in all.

    The result must be JSON data. If `make` raises an error, every process fails with its traceback.
    """
    result = folder.with_suffix(".json")
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # unlocked when the file is closed or the process ends
        if not result.exists():
            try:
                answer = {"made": make()}
            except Exception:
                answer = {"error": traceback.format_exc()}
            result.write_text(json.dumps(answer))
    answer = json.loads(result.read_text())
    assert "error" not in answer, answer["error"]
    return answer["made"]


@pytest.fixture(scope="session")
def course(run_folder) -> CourseCopy:
    """Return a copy of the repository in which everything is released; tests must not change it."""
    root, before = run_folder / "course", run_folder / "release-before"

    def release():
        copy_repository(root)
        shutil.copytree(root / "release", before)
        done = run_python(root, "-m", "tools.release", PYTHONHASHSEED="1")
        assert done.returncode == 0, done.stderr

    once(root, release)
    return CourseCopy(root, files_of(before))


def graded_copy(course: CourseCopy, root: Path, submit: Callable[[Path], None]) -> GradedCopy:
    """Return a copy of the course with the graded submissions that `submit` writes."""

    def grade():
        shutil.copytree(course.root, root)
        submit(root)
        done = run_python(root, "-m", "tests.notebooks.grade_submissions")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return GradedCopy(root, **once(root, grade))


@pytest.fixture(scope="session")
def extremes(course, run_folder) -> GradedCopy:
    """Return every assignment submitted twice: as released, and solved as in source/."""
    return graded_copy(course, run_folder / "extremes", submit_extremes)


def submit_extremes(root: Path) -> None:
    for student, folder in (("untouched", "release"), ("solved", "source")):
        for path in (root / folder).iterdir():
            if path.is_dir():
                shutil.copytree(path, root / "submitted" / student / path.name)


@pytest.fixture(scope="session")
def sample(course, run_folder) -> GradedCopy:
    """Return a graded part of the sample class with every scenario except the endless loop."""
    return graded_copy(course, run_folder / "sample", submit_sample)


def submit_sample(root: Path) -> None:
    from tools.sample_class import write_class
    from tools.sample_class.scenarios import ENDLESS, SCENARIOS

    wanted = SCENARIOS.keys() - {ENDLESS.name} | {"[pad:-pad] at pad 0"}
    work = [
        (one, {scenario.name for scenario in one.scenarios.values()}) for one in write_class(root)
    ]
    # Submissions with many scenarios come first, so that few notebooks cover all but the slowest.
    for one, names in sorted(work, key=lambda pair: len(pair[1]), reverse=True):
        folder = root / "submitted" / one.student / one.assignment
        short = one.assignment != "convolution_step_by_step" and ENDLESS.name not in names
        if short and names & wanted:
            wanted -= names
            without_figures(folder / f"{one.assignment}.ipynb")
        else:
            shutil.rmtree(folder)
    assert not wanted


def read(path: Path):
    return nbformat.read(path, as_version=4)


def without_figures(path: Path) -> None:
    """Remove the cells that only draw: they take most of a notebook's time."""
    notebook = read(path)
    notebook.cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    nbformat.write(notebook, path)
