"""Record which student id was used for each name in collected archives.

`nbgrader zip_collect` stores the record in `submitted/collected.json`, beside the work collected
under these ids. `nbjudge export` reads it to return feedback and grades under the platform's names,
including anonymous ones.
"""

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory

from nbjudge.files import locked, put_file
from nbjudge.lms.platform import Key, UploadName

FILE = "collected.json"  # in submitted/
LEFT_OUT = "not_collected.json"  # likewise


@dataclass
class Record:
    """A person or group in an archive, with the id under which the work was collected.

    Attributes
    ----------
    platform, name, number
        See `UploadName`.
    files
        Canvas's numbers of the submitted files.
    """

    assignment: str
    student: str
    platform: str
    name: str
    number: str = ""
    files: tuple[int, ...] = ()

    @property
    def heads(self) -> tuple[str, ...]:
        """How the platform's names of the person's files begin."""
        if not self.number:
            return (f"{self.name}_",)
        return f"{self.name}_{self.number}_", f"{self.name}_LATE_{self.number}_"

    @property
    def keys(self) -> set[Key]:
        """Keys that identify the person, see `UploadName.keys`."""
        person = ("number", self.number) if self.number else ("name", self.name)
        files = {(self.platform, "file", str(file)) for file in self.files}
        return {(self.platform, *person), *files}


class CollectedNames:
    """The records of a course."""

    def __init__(self, records: Iterable[Record] = ()):
        self.records = list(records)

    def of(self, assignment: str) -> list[Record]:
        """Return the records of an assignment."""
        return [record for record in self.records if record.assignment == assignment]

    def find(self, assignment: str, keys: Iterable[Key], is_there: Callable[[str], bool]) -> str:
        """Return the id recorded for a person or group, or "".

        Parameters
        ----------
        is_there
            Function that returns True if a student id has work in the assignment. Ids whose work
            was removed or renamed no longer count.
        """
        records = self.of(assignment)
        students = (record.student for key in keys for record in records if key in record.keys)
        return next(filter(is_there, students), "")

    def give(self, assignment: str, student: str, uploads: Iterable[UploadName]) -> None:
        """Record the names of a student's files in an archive.

        Earlier records of the same person or files are reassigned to this student.
        """
        for upload in uploads:
            person, *files = upload.keys
            numbers = {upload.upload} if files else set()
            same = [record for record in self.of(assignment) if record.keys & set(upload.keys)]
            for record in same:
                record.student = student
            current = next((record for record in same if person in record.keys), None)
            if current is None:
                current = Record(assignment, student, upload.platform, upload.name, upload.number)
                self.records.append(current)
            current.name, current.files = upload.name, tuple(sorted({*current.files, *numbers}))


def read_names(coursedir: CourseDirectory) -> CollectedNames:
    """Return the records of a course, which are empty if no archive was collected.

    Raises
    ------
    ValueError
        If the file is invalid.
    """
    return _read(_folder(coursedir) / FILE)


def read_left_out(coursedir: CourseDirectory) -> dict[str, list[str]]:
    """Return the files of the last collection that were not collected, with reasons, by assignment.

    Raises
    ------
    ValueError
        If the record is invalid.
    """
    path = _folder(coursedir) / LEFT_OUT
    try:
        files = json.loads(path.read_bytes())
        return {name: [str(file) for file in files[name]] for name in files}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} is damaged: {error}. Collect the archives again.") from None


def write_left_out(coursedir: CourseDirectory, assignment: str, files: Iterable[str]) -> None:
    """Record the files that the last collection of an assignment did not collect, with reasons.

    Files of people whose other files were collected are left out: their work is known.
    """
    path = _folder(coursedir) / LEFT_OUT
    with changed_names(coursedir) as names:
        heads = [head for record in names.of(assignment) for head in record.heads]
        lost = [file for file in files if not any(head in file for head in heads)]
        content = {**read_left_out(coursedir), assignment: lost}
        if path.exists() or lost:
            put_file(path, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


@contextlib.contextmanager
def changed_names(coursedir: CourseDirectory) -> Iterator[CollectedNames]:
    """Yield the records of a course for changes, and write them if the block raises nothing."""
    folder = _folder(coursedir)
    with locked(folder):
        names = _read(folder / FILE)
        yield names
        records = [asdict(record) for record in names.records]
        put_file(folder / FILE, (json.dumps(records, indent=1, ensure_ascii=False) + "\n").encode())


def _folder(coursedir: CourseDirectory) -> Path:
    return Path(coursedir.root) / str(coursedir.submitted_directory)


def _read(path: Path) -> CollectedNames:
    try:
        records = json.loads(path.read_bytes())
        if not isinstance(records, list):
            raise TypeError("a list is expected")
        return CollectedNames(map(_record, records))
    except FileNotFoundError:
        return CollectedNames()
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{path} is damaged: {error}. Restore it from a backup, or remove it and collect the "
            "archives again with --force."
        ) from None


def _record(values: dict[str, Any]) -> Record:
    """Return a record from its JSON values; raise TypeError or ValueError if they are invalid."""
    record = Record(**values)
    record.files = tuple(map(int, record.files))
    texts = (value for name, value in asdict(record).items() if name != "files")
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("text is expected")
    return record
