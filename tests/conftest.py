"""What the tests of building, releasing and grading share.

They work on copies of the repository in temporary folders, never on the repository itself. Grading
takes long, so it is done once a session, by two processes that run while other tests do.

Only the standard library and pytest are imported here: the tests of convnet, exercises and
public_tests also run where nbgrader is not installed.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.files import files_of

ROOT = Path(__file__).resolve().parents[1]

# Grades everything in submitted/, and prints the table as Python sees it.
GRADE = """
import matplotlib.font_manager  # makes its cache here and not in the first notebook
from tools.course import assignments
from tools.grade import grade_all
from tools.report import rows, surprises

outcome = grade_all(assignments())
graded = rows(assignments())
print(repr({
    "failed": outcome.failed,
    "rows": [(r.student, r.assignment, r.exercise, r.points, r.what_went_wrong) for r in graded],
    "surprises": [(row.student, row.exercise) for row, _ in surprises(graded) or []],
}))
"""


@dataclass(frozen=True)
class Course:
    """A copy of the repository. release_before: the files of release/ as they were committed."""

    root: Path
    release_before: dict[str, bytes]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        """Run Python in the copy."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=environment() | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


def environment() -> dict[str, str]:
    """The environment without what an outer run has put into it."""
    return {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MPLBACKEND")}


def copy_repository(destination: Path) -> Path:
    """Copy what is committed or about to be, and nothing that git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (destination / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, destination / name)
    return destination


@pytest.fixture(scope="session")
def course(tmp_path_factory) -> Course:
    """A copy of the repository in which everything has been released. It stays as it is."""
    root = copy_repository(tmp_path_factory.mktemp("course"))
    made = Course(root, files_of(root / "release"))
    released = made.run("-m", "tools.release", PYTHONHASHSEED="1")
    assert released.returncode == 0, released.stderr
    return made


@pytest.fixture(scope="session")
def gradings(request, course, tmp_path_factory):
    """The gradings that the chosen tests need, begun together: a process in a copy for each."""
    begun = {}
    for name in _needed_gradings(request):
        root = tmp_path_factory.mktemp(name)
        shutil.copytree(course.root, root, dirs_exist_ok=True)
        PREPARE[name](root)
        with (root / "grading.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", GRADE],
                cwd=root,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        begun[name] = (root, process)
    yield begun
    for _, process in begun.values():
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="session", autouse=True)
def _begin_gradings(request):
    """Begins them with the first test, whichever that is."""
    if _needed_gradings(request):
        request.getfixturevalue("gradings")


def _needed_gradings(request):
    wanted = {name for item in request.session.items for name in item.fixturenames}
    return sorted(wanted & set(PREPARE))


@dataclass(frozen=True)
class Graded:
    """A copy in which everything handed in was graded, and what came of it."""

    root: Path
    failed: dict
    rows: list
    surprises: list


def _finished(root, process) -> Graded:
    printed = process.stdout.read()
    assert process.wait() == 0, (root / "grading.log").read_text()
    return Graded(root, **eval(printed))


@pytest.fixture(scope="session")
def gates(gradings) -> Graded:
    """Every assignment handed in twice: as students get it, and solved as in source/."""
    return _finished(*gradings["gates"])


@pytest.fixture(scope="session")
def sample(gradings) -> Graded:
    """A part of the sample class in which every fate occurs but the endless loop, graded."""
    return _finished(*gradings["sample"])


def _hand_in_both(root):
    for student, folder in (("untouched", "release"), ("solved", "source")):
        for path in (root / folder).iterdir():
            if path.is_dir():
                shutil.copytree(path, root / "submitted" / student / path.name)


def _hand_in_sample(root):
    from tools import sample_class
    from tools.sample_class import CLASS, ENDLESS, Fate, plan, write_class

    write_class(root)
    released = {name: _read(root / "release" / name / f"{name}.ipynb") for name in CLASS}
    wanted = {fate.name for fate in vars(sample_class).values() if isinstance(fate, Fate)}
    wanted = wanted - {ENDLESS.name} | {"[pad:-pad] at pad 0"}
    work = [(one, {fate.name for fate in one.fates.values()}) for one in plan(released)]
    # Those with many fates first, so that few notebooks show them all; the longest not at all.
    for one, fates in sorted(work, key=lambda pair: len(pair[1]), reverse=True):
        folder = root / "submitted" / one.student / one.assignment
        short = one.assignment != "convolution_step_by_step" and ENDLESS.name not in fates
        if short and fates & wanted:
            wanted -= fates
            _without_figures(folder / f"{one.assignment}.ipynb")
        else:
            shutil.rmtree(folder)
    assert not wanted


def _read(path):
    import nbformat

    return nbformat.read(path, as_version=4)


def _without_figures(path):
    """Take the cells out that only show something: they take most of a notebook's time."""
    import nbformat

    notebook = _read(path)
    notebook.cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    nbformat.write(notebook, path)


PREPARE = {"gates": _hand_in_both, "sample": _hand_in_sample}


@pytest.fixture(autouse=True)
def outside_a_notebook(request, monkeypatch):
    """The checks are tested as from a terminal, though tests of nbjudge leave a shell behind."""
    if request.path.parent.name in ("public_tests", "exercises") and "IPython" in sys.modules:
        monkeypatch.setattr("IPython.get_ipython", lambda: None)
