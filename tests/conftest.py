"""What the tests of building, releasing and grading share.

They work on copies of the repository in temporary folders, never on the repository itself. To
release and to grade takes long, so it is done once a run, by the first of the processes that
pytest-xdist runs side by side; the gradings run while tests do.

Only the standard library and pytest are imported here: the tests of convnet, exercises and
public_tests also run where nbgrader is not installed.
"""

import gc
import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.files import environment, files_of, wait_until

ROOT = Path(__file__).resolve().parents[1]
WORKER = "PYTEST_XDIST_WORKER"  # pytest-xdist's name of a process: gw0 is the first

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
    "rows": [(r.student, r.assignment, r.exercise, r.points, r.diagnosis) for r in graded],
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
            env=environment(self.root) | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


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
def shared(tmp_path_factory) -> Path:
    """The folder that the processes of a run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if WORKER in os.environ else folder


def _is_first():
    return os.environ.get(WORKER, "gw0") == "gw0"


def _wait_for(file: Path) -> str:
    """The text of a file, once the first process has put it there."""
    assert wait_until(file.exists, 900), f"{file.name} has not come; did the first process end?"
    return file.read_text()


def _put(file: Path, text: str) -> None:
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text(text)
    partial.replace(file)


@pytest.fixture(scope="session")
def course(shared) -> Course:
    """A copy of the repository in which everything has been released. It stays as it is."""
    made, before = Course(shared / "course", {}), shared / "release-before"
    if _is_first():
        copy_repository(made.root)
        shutil.copytree(made.root / "release", before)
        released = made.run("-m", "tools.release", PYTHONHASHSEED="1")
        _put(shared / "released", released.stderr if released.returncode else "")
    problem = _wait_for(shared / "released")
    assert not problem, problem
    return Course(made.root, files_of(before))


@pytest.fixture(scope="session")
def gradings(request, course, shared):
    """The gradings that the chosen tests need, begun together: a process in a copy for each."""
    if not _is_first():
        yield
        return
    begun = {}
    for name in _needed_gradings(request):
        root = shared / name
        shutil.copytree(course.root, root)
        PREPARE[name](root)
        with (shared / f"{name}.log").open("w") as log, (shared / f"{name}.out").open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-c", GRADE],
                cwd=root,
                env=environment(root),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
            )
        begun[process] = threading.Thread(
            target=_note_end, args=(process, shared / f"{name}.ended")
        )
        begun[process].start()
    yield
    for process, thread in begun.items():
        if WORKER not in os.environ:  # else another process may be waiting for it
            process.kill()
        thread.join()


def _note_end(process, file):
    _put(file, str(process.wait()))


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


def _finished(root) -> Graded:
    status = _wait_for(root.with_suffix(".ended"))
    assert status == "0", root.with_suffix(".log").read_text()
    return Graded(root, **eval(root.with_suffix(".out").read_text()))


@pytest.fixture(scope="session")
def gates(gradings, shared) -> Graded:
    """Every assignment handed in twice: as students get it, and solved as in source/."""
    return _finished(shared / "gates")


@pytest.fixture(scope="session")
def sample(gradings, shared) -> Graded:
    """A part of the sample class in which every fate occurs but the endless loop, graded."""
    return _finished(shared / "sample")


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


def pytest_collection_finish():
    """Some ten thousand tests stay to the end: the collector need not search them each time."""
    gc.collect()
    gc.freeze()


SUBJECTS = {  # of the tests, by the folder or file that they lie in; the first that fits
    "tests/convnet": "layers, networks, training (convnet)",
    "tests/exercises": "right and wrong solutions (exercises)",
    "tests/public_tests": "what the checks say (public_tests)",
    "nbjudge/tests": "the grading engine (nbjudge)",
    "tests/frameworks": "agreement with PyTorch and Keras",
    "tests/test_lessons": "lessons",
    "tests": "notebooks, release, grading, documents",
}


def pytest_terminal_summary(terminalreporter):
    """Say how many tests of what passed, above the line that counts all."""
    counts = {subject: Counter() for subject in SUBJECTS.values()}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, ()):
            place = next((place for place in SUBJECTS if report.nodeid.startswith(place)), "tests")
            counts[SUBJECTS[place]][outcome] += 1
    terminalreporter.section("what was tested")
    for subject, found in counts.items():
        if found:
            numbers = ", ".join(f"{number:,} {outcome}" for outcome, number in found.items())
            terminalreporter.write_line(f"{subject + ' ':.<42} {numbers}")
