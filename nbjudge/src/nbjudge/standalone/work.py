"""Find the notebooks to grade, and the assignment that each belongs to."""

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from nbjudge.course.assignment import Assignment
from nbjudge.course.outcome import listed, printable
from nbjudge.course.submission import NotGradedError, Submission, SubmissionJudge
from nbjudge.files import Folder, read_file, reason_of
from nbjudge.wording import did_you_mean, nearest

_GRADE_ID = re.compile(rb'"grade_id"\s*:\s*"((?:[^"\\]|\\.){1,200})"')


@dataclass(frozen=True)
class Work:
    """A submission to grade: a notebook, or a folder with notebooks and other files.

    Attributes
    ----------
    path
        Path as given on the command line.
    absolute
        Absolute path, for reading.
    """

    path: str
    absolute: Path

    @property
    def is_folder(self) -> bool:
        """True for a folder, which may be a symbolic link."""
        return self.absolute.is_dir()

    @property
    def name(self) -> str:
        """Name of the file without its extension, or of the folder."""
        return self.absolute.name if self.is_folder else self.absolute.stem


def find_work(paths: Iterable[str]) -> list[Work]:
    """Return the submissions at the given paths, without duplicates.

    Raises
    ------
    LookupError
        If there is no file or folder at a path.
    """
    works = [Work(path, Path(os.path.abspath(path))) for path in dict.fromkeys(paths)]
    missing = [work.path for work in works if not os.path.lexists(work.absolute)]
    if missing:
        raise LookupError(f"There is no file or folder {listed(missing)}.")
    return works


def find_course(path: Path) -> tuple[Path, str]:
    """Return the course of an assignment's folder, such as source/ps1, and the assignment's name.

    Raises
    ------
    LookupError
        If no folder above the path has a nbgrader_config.py or a gradebook.
    """
    path = path.resolve()
    for root in path.parents:
        if any((root / name).exists() for name in ("nbgrader_config.py", "gradebook.db")):
            return root, path.name
    raise LookupError(
        f"{path} is not in a course: no folder above it has a nbgrader_config.py. Give the name "
        "of an assignment, its folder source/NAME, or a pack."
    )


def assignment_of(work: Work, notebooks: Mapping[str, Collection[str]]) -> str:
    """Return the assignment that a submission belongs to, by its name.

    Parameters
    ----------
    notebooks
        Names of the notebooks of each assignment of the course.

    Raises
    ------
    NotGradedError
        If no assignment or several assignments fit.
    """
    if work.is_folder:
        if work.name in notebooks:
            return work.name
        try:
            names = [name for name in os.listdir(work.absolute) if name.lower().endswith(".ipynb")]
        except OSError as error:
            raise NotGradedError(f"its folder cannot be read: {reason_of(error)}") from error
        fitting = {name for file in names for name in _fitting(Path(file).stem, notebooks)}
    else:
        fitting = set(_fitting(work.name, notebooks))
    if len(fitting) == 1:
        return fitting.pop()
    if fitting:
        raise NotGradedError(
            f"it may belong to {listed(fitting)}; choose one of them with --assignment"
        )
    known = sorted({name for names in notebooks.values() for name in names})
    raise NotGradedError(
        f"it is not named after a notebook of this course ({listed(known)})"
        f"{did_you_mean(nearest(work.name, known)) or '.'} Choose its assignment with --assignment"
    )


def _fitting(stem: str, notebooks: Mapping[str, Collection[str]]) -> list[str]:
    """Return the assignments with a notebook of this name, or whose name begins the file's."""
    exact = [name for name, names in notebooks.items() if stem in names]
    if exact:
        return [stem] if stem in exact else exact
    begins = [
        (len(notebook), name)
        for name, names in notebooks.items()
        for notebook in names
        if re.match(rf"{re.escape(notebook)}(?![^\W_])", stem, re.IGNORECASE)
    ]
    longest = max((length for length, _ in begins), default=0)
    return [name for length, name in begins if length == longest]


def read_work(work: Work, judge: SubmissionJudge) -> Submission:
    """Read a submission.

    Raises
    ------
    NotGradedError
        If the work cannot be read, or is a notebook of another assignment.
    """
    if work.is_folder:
        submission = judge.read(work.name, work.absolute, "the folder")
    else:
        submission = judge.submission(work.name, "the folder", _read_file(work, judge.assignment))
    for name, path in submission.chosen.items():
        stem = Path(path).stem if work.is_folder else work.name
        if stem != name:
            _check_belongs(path, submission.folder.files[path], judge.assignment)
    return submission


def _read_file(work: Work, assignment: Assignment) -> Folder:
    """Return the file as the only one of a submission."""
    try:
        content = read_file(str(work.absolute))
    except (OSError, ValueError) as error:
        raise NotGradedError(f"it cannot be read: {reason_of(error)}") from error
    file, names = work.absolute.name, list(assignment.specs)
    if file.lower().endswith(".ipynb") and (len(names) == 1 or work.name in names):
        return Folder({file: content})
    fitting = _fitting(work.name, {name: [name] for name in names})
    if len(names) > 1 and len(fitting) != 1:
        raise NotGradedError(
            f"{assignment.name} has several notebooks, and this one is named after none of them: "
            f"{listed(f'{name}.ipynb' for name in names)}"
        )
    return Folder({f"{(fitting or names)[0]}.ipynb": content})


def _check_belongs(path: str, content: bytes, assignment: Assignment) -> None:
    """Raise NotGradedError if a notebook has cells of another assignment, and no answers of this.

    Assignments may share locked cells, such as a setup.
    """
    found = {text.decode(errors="replace") for text in _GRADE_ID.findall(content)}
    cells = [cell for spec in assignment.specs.values() for cell in spec.cells]
    foreign = sorted(found - {cell.grade_id for cell in cells})
    if foreign and not found & {c.grade_id for c in cells if c.grade or c.solution or c.task}:
        raise NotGradedError(
            f"{path} is a notebook of another assignment: its cells ({_some(foreign)}) are not "
            f"those of {assignment.name}"
        )


def _some(names: Sequence[str]) -> str:
    """Return the first names of a list on one line."""
    shown = ", ".join(map(printable, names[:3]))
    return f"{shown}, ..." if len(names) > 3 else shown


def check_assignment(name: str, coursedir: CourseDirectory, known: Collection[str]) -> None:
    """Raise LookupError if the course does not have an assignment of this name.

    Raises
    ------
    LookupError
        The message suggests the nearest name, or the command that releases the assignment.
    """
    if name in known:
        return
    if Path(coursedir.root, coursedir.source_directory, name).is_dir():
        raise LookupError(f"{name} is not released: run `nbgrader generate_assignment {name}`")
    hint = did_you_mean(nearest(name, known)) or f"; it has {listed(known) or 'none'}"
    raise LookupError(f"The course has no assignment {printable(name)!r}{hint}")
