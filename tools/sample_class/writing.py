"""Write the sample class to `submitted/`, recognize it there, and remove it.

The expected grades are stored with the submissions, in `submitted/sample_class.json`.
"""

import copy
import json
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from exercises import EXERCISES
from tools.course import DETAILS, ROOT, assignments, nbgrader_api, write_if_changed
from tools.sample_class.scenarios import COPIED, DELETED, Scenario, scenario_named
from tools.sample_class.students import (
    SEED,
    STUDENTS,
    SampleSubmission,
    plan,
    solution_cells,
)

__all__ = [
    "EXPECTED",
    "expected",
    "forget_class",
    "generated",
    "has_submissions",
    "is_as_written",
    "own_students",
    "write_class",
]

EXPECTED = "sample_class.json"


def write_class(root: Path = ROOT, seed: int = SEED) -> list[SampleSubmission]:
    """Write the sample class to `submitted/`, if there are no submissions yet.

    Returns
    -------
    list[SampleSubmission]
        The submissions that were written; empty if there were submissions already.

    Raises
    ------
    FileNotFoundError
        If an assignment has not been released.
    """
    folder = root / "submitted"
    if has_submissions(root):
        return []
    released = _released(root)
    submissions = plan(released, seed)
    try:
        for submission in submissions:
            for name, content in _files(root, submission, released).items():
                path = folder / submission.student / submission.assignment / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        text = json.dumps(expected(submissions), indent=1) + "\n"
        write_if_changed(folder / EXPECTED, text.encode())
    except BaseException:  # also after Ctrl-C: half a class would be mistaken for real submissions
        for student in STUDENTS:
            shutil.rmtree(folder / student, ignore_errors=True)
        raise
    return submissions


def has_submissions(root: Path = ROOT) -> bool:
    """True if `submitted/` has a folder."""
    return any(path.is_dir() for path in (root / "submitted").glob("*"))


def own_students(root: Path = ROOT) -> list[str]:
    """Return the ids of the gradebook's students who are not in the sample class."""
    from nbgrader.api import Gradebook  # slow to import

    api = nbgrader_api(root)
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        return sorted({student.id for student in gradebook.students} - set(STUDENTS))


def generated(root: Path = ROOT, seed: int = SEED) -> set[tuple[str, str]]:
    """Return the submissions that equal the generator's output, as (student, assignment).

    Files in `submitted/` cannot prove their origin, so every submission is generated again and
    compared byte by byte. Folders with additional files or from another release do not count.
    """
    released = _released(root)
    return {
        (submission.student, submission.assignment)
        for submission in plan(released, seed)
        if _contents(root / "submitted" / submission.student / submission.assignment)
        == _files(root, submission, released)
    }


def _released(root: Path) -> dict[str, NotebookNode]:
    return {name: _read(root / "release" / name / f"{name}.ipynb") for name in assignments(root)}


def _files(
    root: Path, submission: SampleSubmission, released: dict[str, NotebookNode]
) -> dict[str, Any]:
    """Return the files of a submission: those of the release, with the notebook completed."""
    filled = _fill_in(released[submission.assignment], submission.scenarios)
    notebook = nbformat.writes(filled).rstrip("\n") + "\n"
    files = _contents(root / "release" / submission.assignment)
    return files | {f"{submission.assignment}.ipynb": notebook.encode()}


def _contents(folder: Path) -> dict[str, bytes | None]:
    """Return the content of each file in a folder, by path; None for links and special files.

    Empty folders are left out. A folder that is a link counts as empty.
    """
    if folder.is_symlink() or folder.parent.is_symlink():
        return {}
    return {
        str(path.relative_to(folder)): None
        if path.is_symlink() or not path.is_file()
        else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def forget_class(root: Path = ROOT) -> tuple[list[Path], list[Path]]:
    """Remove the sample class: submissions, autograded work, feedback, grades and expected grades.

    Folders with edited solution cells may be a student's work, and are kept.

    Returns
    -------
    tuple[list[Path], list[Path]]
        The folders of `submitted/` that were removed, and those that were kept.

    Raises
    ------
    FileNotFoundError
        If there is no sample class.
    """
    note = root / "submitted" / EXPECTED
    table = json.loads(note.read_text())
    removed, kept_folders = [], []
    from nbgrader.api import Gradebook, MissingEntry  # slow to import

    api = nbgrader_api(root)
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        for student, assignment in ((s, a) for s, work in table.items() for a in work):
            folder = root / "submitted" / student / assignment
            if folder.exists():
                if not is_as_written(root, student, assignment, table):
                    kept_folders.append(folder)
                    continue
                removed.append(folder)
            for step in ("submitted", "autograded", "feedback"):
                _remove_tree(root / step / student / assignment)
            with suppress(MissingEntry):
                gradebook.remove_submission(assignment, student)
            with suppress(MissingEntry):
                if not gradebook.student_submissions(student):
                    gradebook.remove_student(student)
    kept: dict[str, Any] = {}
    for folder in kept_folders:
        student, assignment = folder.parent.name, folder.name
        kept.setdefault(student, {})[assignment] = table[student][assignment]
    if kept:  # so that they can be removed later
        write_if_changed(note, (json.dumps(kept, indent=1) + "\n").encode())
    else:
        note.unlink()
    (root / DETAILS).unlink(missing_ok=True)
    return removed, kept_folders


def is_as_written(root: Path, student: str, assignment: str, table: dict[str, Any]) -> bool:
    """True if the solution cells are those that the scenarios in `table` write."""
    scenarios = table[student][assignment]
    submitted, released = (
        root / folder / assignment / f"{assignment}.ipynb"
        for folder in (f"submitted/{student}", "release")
    )
    if not submitted.exists():
        return False
    cells, stubs = (
        {name: cell.source for name, cell in solution_cells(_read(path)).items()}
        for path in (submitted, released)
    )

    def written(name: str, scenario: Scenario) -> str:
        return scenario.write(EXERCISES.get(name)) if scenario.write else stubs[name]

    return all(
        cells.get(name) == written(name, scenario_named(intended["scenario"]))
        for name, intended in scenarios.items()
    )


def _read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def _remove_tree(folder: Path) -> None:
    """Remove a folder, and the student's folder if it is empty then."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()


def expected(submissions: Iterable[SampleSubmission]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the expected points and scenario by student, assignment and exercise.

    Points are None for manual grading.
    """
    table: dict[str, dict[str, dict]] = {}
    for submission in submissions:
        table.setdefault(submission.student, {})[submission.assignment] = {
            name: {"points": scenario.points(EXERCISES.get(name)), "scenario": scenario.name}
            for name, scenario in submission.scenarios.items()
        }
    return table


def _fill_in(released: NotebookNode, scenarios: Mapping[str, Scenario]) -> NotebookNode:
    """Return a student's notebook: the released one with completed solution cells."""
    notebook = copy.deepcopy(released)
    for name, cell in solution_cells(notebook).items():
        if scenarios[name] is COPIED:  # Jupyter copies metadata; the copy comes second
            stub = copy.deepcopy(cell)
            stub.id = f"{name}-before"
            notebook.cells.insert(notebook.cells.index(cell), stub)
        write = scenarios[name].write
        if write:
            cell.source = write(EXERCISES.get(name))
    gone = {f"{name}_grade" for name, scenario in scenarios.items() if scenario is DELETED}
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") not in gone
    ]
    return notebook
