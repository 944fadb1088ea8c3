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


@dataclass
class Record:
    """A person or group in an archive, with the id under which the work was collected.

    Attributes
    ----------
    platform, name, number
        See `UploadName`.
    files
        Canvas's numbers of the submitted files.
    candidates
        Ids of students in the gradebook who may have submitted the work, if that is unsure. Until
        an instructor has moved it to one of them, nobody may conclude that they submitted nothing.
    """

    assignment: str
    student: str
    platform: str
    name: str
    number: str = ""
    files: tuple[int, ...] = ()
    candidates: tuple[str, ...] = ()

    @property
    def keys(self) -> set[Key]:
        """Keys that identify the person, see `UploadName.keys`."""
        person = ("number", self.number) if self.number else ("name", self.name)
        files = {(self.platform, "file", str(file)) for file in self.files}
        return {(self.platform, *person), *files}

    def fits(self, key: Key, number: str) -> bool:
        """True if a key is one of the person's, who has no other number on the platform."""
        return key in self.keys and self.number in ("", number or self.number)


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
        keys
            Keys of all files of the person, see `UploadName.keys`.
        is_there
            Function that returns True if a student id has work in the assignment. Ids whose work
            was removed or renamed no longer count.
        """
        records, keys = self.of(assignment), list(keys)
        number = next((value for _, kind, value in keys if kind == "number"), "")
        students = (r.student for key in keys for r in records if r.fits(key, number))
        return next(filter(is_there, students), "")

    def give(
        self,
        assignment: str,
        student: str,
        uploads: Iterable[UploadName],
        candidates: tuple[str, ...] = (),
    ) -> None:
        """Record the names of a student's files in an archive.

        Earlier records of the same person or files are reassigned to this student.

        Parameters
        ----------
        candidates
            Ids of students who may have submitted the files, if that is unsure.
        """
        for upload in uploads:
            person, *files = upload.keys
            numbers = {upload.upload} if files else set()
            same = [
                record
                for record in self.of(assignment)
                if any(record.fits(key, upload.number) for key in upload.keys)
            ]
            for record in same:
                record.student, record.candidates = student, candidates
            current = next((record for record in same if person in record.keys), None)
            if current is None:
                current = Record(assignment, student, upload.platform, upload.name, upload.number)
                current.candidates = candidates
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
    record.candidates = tuple(record.candidates)
    texts = [value for name, value in asdict(record).items() if name not in ("files", "candidates")]
    if not all(isinstance(text, str) for text in (*texts, *record.candidates)):
        raise TypeError("text is expected")
    return record
