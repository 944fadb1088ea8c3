"""Write the students' code as Python files, in the folders that JPlag and MOSS expect."""

import hashlib
import random
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from nbgrader.coursedir import CourseDirectory

from nbjudge.course.folders import folder_of
from nbjudge.files import inside, is_rubbish, put_file
from nbjudge.notebook.reading import read_notebook
from nbjudge.plugins.lms.students_code import code_in, code_of
from nbjudge.plugins.shared.csv_files import as_csv
from nbjudge.plugins.standings.standings import Standings

MAX_SAFE = 200  # characters of a name


def write_code(standings: Standings, folder: Path, pseudonyms: bool = False) -> int:
    """Write the code of all graded work; return the number of students' files.

    Parameters
    ----------
    folder
        New or empty folder.
    pseudonyms
        True to replace the students' ids.

    Raises
    ------
    ValueError
        If the folder contains files.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"{folder} exists and is not an empty folder: choose another --output.")
    names = {person.id: file_name(person.id) for person in standings.students}
    if pseudonyms:
        numbers = random.SystemRandom().sample(range(1, len(names) + 1), len(names))
        names = {student: f"s{number:05}" for student, number in zip(names, numbers, strict=True)}
    files = 0
    for standing in standings.all:
        name = file_name(standing.assignment.name)
        code = standings.read(standing, code_in) if standing.questions else ""
        if code:
            _put(folder, f"{name}/submissions/{names[standing.student.id]}/{name}.py", code)
            files += 1
    for assignment in standings.assignments:
        name = file_name(assignment.name)
        base = code_of(_released(standings.coursedir, assignment.name))
        if base and (folder / name).exists():
            _put(folder, f"{name}/base/{name}.py", base)
    if pseudonyms:
        rows = sorted((pseudonym, student) for student, pseudonym in names.items())
        folder.mkdir(parents=True, exist_ok=True)
        put_file(folder / "pseudonyms.csv", as_csv(("pseudonym", "student_id"), rows))
    return files


def file_name(name: str) -> str:
    """Return a name in ASCII that is safe on all systems; different names stay different.

    A letter may take twelve characters, so a long name is cut, with its hash after "=".
    """
    safe = re.sub(r"\A[.~-]", lambda mark: f"%{ord(mark[0]):02X}", quote(name, safe="@+"))
    if len(safe) <= MAX_SAFE:
        return safe
    return f"{safe[:MAX_SAFE]}={hashlib.sha256(name.encode()).hexdigest()[:16]}"


def _released(coursedir: CourseDirectory, assignment: str) -> list[Mapping[str, object]]:
    folder = Path(folder_of(coursedir, coursedir.release_directory, ".", assignment))
    paths = sorted(path for path in folder.glob("*.ipynb") if not is_rubbish(path.name))
    return [dict(cell) for path in paths for cell in read_notebook(path.read_bytes())]


def _put(folder: Path, name: str, code: str) -> None:
    path = inside(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    put_file(path, f"{code}\n".encode("utf-8", "replace"))
