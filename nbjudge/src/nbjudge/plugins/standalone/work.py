"""Find the notebooks to grade, and the assignment that each belongs to."""

import os
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

from nbgrader.coursedir import CourseDirectory

from nbjudge.course.assignment import Assignment
from nbjudge.course.outcome import listed, printable
from nbjudge.course.submission import NotGradedError, Submission, SubmissionJudge, choose_files
from nbjudge.files import MAX_FILE, Folder, read_file, read_submission, reason_of
from nbjudge.notebook.reading import is_notebook
from nbjudge.notebook.recognition import best_fits, grade_ids
from nbjudge.wording import did_you_mean, nearest

STDIN = "-", "/dev/stdin"
Notebooks = Mapping[str, Mapping[str, Collection[str]]]  # as `released_notebooks` returns them
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")


@dataclass(frozen=True)
class Work:
    """A submission to grade: a notebook, or a folder with notebooks and other files.

    Attributes
    ----------
    path
        Path as given on the command line.
    absolute
        Absolute path, for reading.
    content
        Content of standard input; None to read the path.
    """

    path: str
    absolute: Path
    content: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def is_folder(self) -> bool:
        """True for a folder, which may be a symbolic link."""
        return self.content is None and self.absolute.is_dir()

    @property
    def name(self) -> str:
        """Name of the file without its extension, or of the folder."""
        return self.absolute.name if self.is_folder else os.path.splitext(self.absolute.name)[0]


def find_work(paths: Iterable[str]) -> list[Work]:
    """Return the submissions at the given paths, without duplicates; - is standard input.

    Raises
    ------
    LookupError
        If there is no file or folder at a path.
    ValueError
        If standard input is too large.
    """
    unique = dict.fromkeys(STDIN[0] if path in STDIN else path for path in paths)
    submissions = [
        _read_stdin() if path == STDIN[0] else Work(path, Path(os.path.abspath(path)))
        for path in unique
    ]
    missing = [w.path for w in submissions if w.content is None and not os.path.lexists(w.absolute)]
    if missing:
        raise LookupError(f"There is no file or folder {listed(missing)}.")
    return submissions


def _read_stdin() -> Work:
    content = sys.stdin.buffer.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise ValueError(f"Standard input has more than {MAX_FILE:,} bytes.")
    return Work(STDIN[0], Path(os.path.abspath("stdin.ipynb")), content)


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


def assignment_of(work: Work, notebooks: Notebooks) -> tuple[str, str]:
    """Return the assignment that a submission belongs to, and a remark if its name is not theirs.

    No other assignment may have more of the submission's questions. If several assignments have
    equally many, the name of the file or folder decides, and if it fits none of them, a notebook
    with all of its questions. The name alone decides only if no question has kept its grade id.

    Parameters
    ----------
    notebooks
        The course's assignments, as returned by `released_notebooks`.

    Raises
    ------
    NotGradedError
        If no assignment or several assignments fit, or the name and the cells disagree.
    """
    files = _notebooks_in(work)
    named = _named(work, files, notebooks)
    parts = {name: cells.values() for name, cells in notebooks.items()}
    fitting = best_fits(grade_ids(files.values()), parts, named)
    if named and not named & fitting:
        raise NotGradedError(
            f"its name is that of {listed(named)}, but its cells are those of {listed(fitting)}; "
            "choose the assignment with --assignment"
        )
    if len(fitting) > 1:
        raise NotGradedError(
            f"it may belong to {listed(fitting)}; choose one of them with --assignment"
        )
    if fitting:
        (name,) = fitting
        return name, "" if named else f"recognized as {name} by the grade ids of its cells"
    archives = [] if files else _archives_in(work)
    if archives:
        raise NotGradedError(
            f"it contains no notebook, only {listed(archives)}: unpack the archive first"
        )
    known = sorted({name for names in notebooks.values() for name in names})
    raise NotGradedError(
        f"it is not named after a notebook of this course ({listed(known)}), and no cell has the "
        f"grade id of a question{did_you_mean(nearest(work.name, known)) or '.'} "
        "Choose its assignment with --assignment"
    )


def _notebooks_in(work: Work) -> dict[str, bytes]:
    """Return the notebooks of a submission, {path: content}; {} if it cannot be read."""
    if work.content is not None:
        return {work.path: work.content}
    try:
        if work.is_folder:
            files = read_submission(work.absolute).files
        else:
            files = {work.absolute.name: read_file(str(work.absolute))}
    except (OSError, ValueError):  # reported when the work is graded
        return {}
    return {
        path: content
        for path, content in files.items()
        if path.lower().endswith(".ipynb") or is_notebook(content)
    }


def _archives_in(work: Work) -> list[str]:
    """Return the names of archives in a folder, or of a file that is an archive."""
    names = os.listdir(work.absolute) if work.is_folder else [work.absolute.name]
    return sorted(name for name in names if name.lower().endswith(_ARCHIVES))


def _named(work: Work, files: Iterable[str], notebooks: Notebooks) -> set[str]:
    """Return the assignments that the name of a submission or of its notebooks fits."""
    if not work.is_folder:
        return set() if work.content is not None else set(_fitting(work.name, notebooks))
    if work.name in notebooks:
        return {work.name}
    return {name for file in files for name in _fitting(Path(file).stem, notebooks)}


def _fitting(stem: str, notebooks: Mapping[str, Iterable[str]]) -> list[str]:
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
        submission = judge.submission(work.name, "the folder", _as_folder(work, judge.assignment))
    for name, path in submission.chosen.items():
        stem = Path(path).stem if work.is_folder else work.name
        if stem != name:
            _check_belongs(path, submission.folder.files[path], judge.assignment)
    return submission


def _as_folder(work: Work, assignment: Assignment) -> Folder:
    """Return the file as the only one of a submission.

    Raises
    ------
    NotGradedError
        If the file cannot be read, or may be several notebooks of the assignment or none.
    """
    try:
        content = read_file(str(work.absolute)) if work.content is None else work.content
    except (OSError, ValueError) as error:
        raise NotGradedError(f"it cannot be read: {reason_of(error)}") from error
    specs, files = assignment.specs, {work.absolute.name: content}
    if len(specs) == 1 and not work.absolute.name.lower().endswith(".ipynb"):
        return Folder({f"{next(iter(specs))}.ipynb": content})  # which says what is wrong with it
    if not choose_files(specs, files):
        raise NotGradedError(
            f"{assignment.name} has several notebooks, and neither the name nor the cells of this "
            f"file match one of them: {listed(f'{name}.ipynb' for name in specs)}"
        )
    return Folder(files)


def _check_belongs(path: str, content: bytes, assignment: Assignment) -> None:
    """Raise NotGradedError if a notebook has cells of another assignment, and no answers of this.

    Assignments may share locked cells, such as a setup.
    """
    ids, specs = grade_ids([content]), assignment.specs.values()
    foreign = sorted(ids - {cell.grade_id for spec in specs for cell in spec.cells})
    if foreign and not any(ids & spec.questions for spec in specs):
        raise NotGradedError(
            f"{path} is a notebook of another assignment: its cells ({_some(foreign)}) are not "
            f"those of {assignment.name}"
        )


def _some(names: Sequence[str]) -> str:
    """Return the first names of a list on one line."""
    first = ", ".join(map(printable, names[:3]))
    return f"{first}, ..." if len(names) > 3 else first


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
        raise LookupError(
            f"{name} is not released: run `nbgrader generate_assignment {quote(name)}`"
        )
    hint = did_you_mean(nearest(name, known)) or f"; it has {listed(known) or 'none'}"
    raise LookupError(f"The course has no assignment {printable(name)!r}{hint}")
