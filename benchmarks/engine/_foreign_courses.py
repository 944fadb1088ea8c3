"""Third-party courses: their list, their repositories, and a course folder per assignment."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from benchmarks.engine import _foreign_submissions
from benchmarks.engine._foreign_submissions import is_test, submissions

__all__ = [
    "Assignment",
    "Course",
    "SkippedError",
    "checkout",
    "command",
    "courses",
    "digest",
    "prepare",
]

ROOT = Path(__file__).resolve().parents[2]
COURSES = Path(__file__).with_name("foreign.toml")
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "foreign"
"""
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.ipynb")
LARGEST = 32  # megabytes of the files beside a notebook


class SkippedError(Exception):
    """Raised if an assignment cannot be compared; the message is the reason."""


@dataclass(frozen=True)
class Assignment:
    """An assignment of a course.

    Attributes
    ----------
    name
        Name of the assignment's course folder and release.
    folder
        Folder of the assignment in the repository.
    notebooks
        Names of the notebooks in that folder; if empty, all notebooks with tests.
    files
        Additional files and folders of the repository, by their new path beside the notebooks.
    skip
        Reason for skipping the assignment; "" if it is compared.
    """

    name: str
    folder: str
    notebooks: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    skip: str = ""


@dataclass(frozen=True)
class Course:
    """A public course: address, version, subject and assignments.

    Attributes
    ----------
    unseen
        True if the course is held out for the final measurement.
    """

    repository: str
    commit: str
    subject: str
    assignments: tuple[Assignment, ...]
    header: str = ""
    unseen: bool = False

    @property
    def folder_name(self) -> str:
        """Name of the course's folder."""
        return self.repository.replace("/", "+")


def courses(path: Path = COURSES) -> list[Course]:
    """Read the list of courses."""
    return [_course(**entry) for entry in tomllib.loads(path.read_text())["course"]]


def _course(
    repository: str,
    commit: str,
    subject: str,
    source: str = "",
    assignments: tuple[str, ...] = (),
    assignment: tuple[dict[str, Any], ...] = (),
    skip: Mapping[str, str] | None = None,
    **more: Any,
) -> Course:
    entries = [{"name": name, "folder": f"{source}/{name}"} for name in assignments]
    entries += [{**entry, "notebooks": tuple(entry.get("notebooks", ()))} for entry in assignment]
    skip = dict(skip or {})
    every = tuple(Assignment(**entry, skip=skip.pop(entry["name"], "")) for entry in entries)
    if skip:
        raise ValueError(f"{repository}: there is no assignment {', '.join(skip)} to skip.")
    return Course(repository, commit, subject, every, **more)


def checkout(course: Course, folder: Path | None, work: Path) -> Path:
    """Return the folder of a course's checkout; clone the repository if necessary.

    Parameters
    ----------
    folder
        Folder of existing checkouts, named owner+name; None to clone the repository.
    work
        The benchmark's work folder, which keeps the clones.
    """
    if folder:
        place = folder / course.folder_name
        if not place.is_dir():
            raise SkippedError(f"there is no checkout {place}")
        return place
    place = work / "checkouts" / course.folder_name
    if not place.exists():
        new = place.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        address = f"https://github.com/{course.repository}.git"
        for git in (
            ["init", "--quiet", str(new)],
            ["-C", str(new), "fetch", "--quiet", "--depth", "1", address, course.commit],
            ["-C", str(new), "checkout", "--quiet", "FETCH_HEAD"],
        ):
            done = subprocess.run(["git", *git], capture_output=True, text=True)
            if done.returncode:
                raise SkippedError(f"it could not be cloned: {_last_line(done.stderr)}")
        new.rename(place)
    return place


def command(*words: str, folder: Path, log: Path, seconds: float = 3600) -> int:
    """Run a command of this environment in a course folder; return its exit status.

    The command's output is written to `log`. Personal Jupyter settings are ignored, and nbjudge is
    the only package of this repository on the path. The status after a timeout is 124.
    """
    own = folder.parent / "settings"
    (own / "ipython").mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT / "nbjudge/src"),
        "IPYTHONDIR": str(own / "ipython"),
        "JUPYTER_CONFIG_DIR": str(own / "jupyter"),
        "JUPYTER_DATA_DIR": str(own / "data"),
    }
    with log.open("w") as output:
        try:
            done = subprocess.run(
                [sys.executable, "-m", *words],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            return 124
    return done.returncode


def prepare(course: Course, assignment: Assignment, files: Path, place: Path) -> Path:
    """Build an assignment's course folder, with a release and six submissions.

    An existing folder that was built from the same files is reused.

    Parameters
    ----------
    files
        Checkout of the course's repository.
    place
        Folder that will contain the course folder.

    Returns
    -------
    folder
        Course folder with source/, release/, submitted/ and gradebook.db, not yet graded.

    Raises
    ------
    SkippedError
        If the assignment is to be skipped, cannot be released, or has no tests.
    """
    if assignment.skip:
        raise SkippedError(assignment.skip)
    place.mkdir(parents=True, exist_ok=True)
    new, folder = place / "new", place / "prepared"
    shutil.rmtree(new, ignore_errors=True)
    _copy_source(course, assignment, files, new)
    key = digest(new, Path(_foreign_submissions.__file__))
    if (folder / "key").exists() and (folder / "key").read_text() == key:
        shutil.rmtree(new)
        return folder
    _release(assignment.name, new)
    _submit(assignment.name, new)
    (new / "key").write_text(key)
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    return folder


def _copy_source(course: Course, assignment: Assignment, files: Path, folder: Path) -> None:
    source = folder / "source" / assignment.name
    origin = files / assignment.folder
    if not origin.is_dir():
        raise SkippedError(f"there is no folder {assignment.folder}")
    size = sum(path.stat().st_size for path in origin.rglob("*") if path.is_file())
    if size > LARGEST * 2**20:
        raise SkippedError(f"its folder has more than {LARGEST} MB")
    shutil.copytree(origin, source, ignore=LEFT_OUT)
    for name, path in assignment.files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        if (files / path).is_dir():
            shutil.copytree(files / path, source / name, ignore=LEFT_OUT, dirs_exist_ok=True)
        else:
            shutil.copy(files / path, source / name)
    if assignment.notebooks:
        names = list(assignment.notebooks)
    else:
        names = sorted(path.name for path in origin.glob("[!.]*.ipynb") if _has_tests(path))
    if not names:
        raise SkippedError("no notebook has a test")
    for name in names:
        notebook = _read(origin / name)
        if (language := _language(notebook)) != "python":
            raise SkippedError(f"{name} is written in {language}")
        # The kernel of the comparison's environment replaces the course's own.
        python = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook["metadata"]["kernelspec"] = python
        for cell in notebook["cells"]:  # nbgrader rejects a cell with metadata but no id
            if "grade_id" not in cell["metadata"].get("nbgrader", {}):
                cell["metadata"].pop("nbgrader", None)
        for cell in filter(is_test, notebook["cells"]):  # a score of 0 out of 0 says nothing
            own = cell["metadata"]["nbgrader"]
            own["points"] = own.get("points") or 1
        (source / name).write_text(json.dumps(notebook, indent=1))
    header = ""
    if course.header:
        shutil.copy(files / course.header, folder / "header.ipynb")
        header = 'c.IncludeHeaderFooter.header = "header.ipynb"\n'
    (folder / "nbgrader_config.py").write_text(CONFIG + header)


def _language(notebook: Mapping[str, Any]) -> str:
    metadata = notebook["metadata"]
    kernel, info = metadata.get("kernelspec", {}), metadata.get("language_info", {})
    return str(info.get("name") or kernel.get("language") or "python").lower()


def _has_tests(path: Path) -> bool:
    return any(map(is_test, _read(path)["cells"]))


def _read(path: Path) -> dict[str, Any]:
    """Read a notebook of any version, as plain data."""
    notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    text: dict[str, Any] = json.loads(json.dumps(notebook))
    return text


def _release(name: str, folder: Path) -> None:
    """Release the assignment with nbgrader."""
    for step, words in (("update", ["source"]), ("generate_assignment", [name])):
        log = folder / f"{step}.log"
        if command("nbgrader", step, *words, folder=folder, log=log):
            raise SkippedError(f"nbgrader {step} fails: {_last_line(log.read_text())}")


def _submit(name: str, folder: Path) -> None:
    """Write the six submissions, with all files of the release."""
    for path in sorted((folder / "release" / name).glob("*.ipynb")):
        source = _read(folder / "source" / name / path.name)
        for student, notebook in submissions(source, _read(path)).items():
            place = folder / "submitted" / student / name
            if not place.exists():
                shutil.copytree(path.parent, place)
            (place / path.name).write_text(json.dumps(notebook, indent=1))


def digest(folder: Path, *more: Path) -> str:
    """Return a hash of the contents of a folder and of additional files.

    Cell ids are ignored: nbformat generates new ones for a notebook without ids.
    """
    number = hashlib.sha256()
    for path in [*sorted(p for p in folder.rglob("*") if p.is_file()), *more]:
        name = str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name
        content = path.read_bytes()
        if path.suffix == ".ipynb":
            notebook = json.loads(content)
            for cell in notebook["cells"]:
                cell.pop("id", None)
            content = json.dumps(notebook, sort_keys=True).encode()
        number.update(f"{name}\0{len(content)}\0".encode() + content)
    return number.hexdigest()


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line]
    return (errors or lines or ["no message"])[-1][:300]
