"""Record which student id was used for each name in collected archives.

`nbgrader zip_collect` stores the record in `submitted/collected.json`, beside the work collected
under these ids. `nbjudge export` reads it to return feedback and grades under the platform's names,
including anonymous ones.
"""

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict

from nbgrader.coursedir import CourseDirectory

from nbjudge.files import locked, put_file
from nbjudge.plugins.lms.platform import Key, UploadName
from nbjudge.plugins.standings.collection_record import (
    COLLECTED,
    LEFT_OUT,
    Record,
    folder_of_records,
    read_left_out,
    read_records,
)


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
    return CollectedNames(read_records(coursedir))


def write_left_out(coursedir: CourseDirectory, assignment: str, files: Iterable[str]) -> None:
    """Record the files that the last collection of an assignment did not collect, with reasons.

    Files of people whose other files were collected are left out: their work is known.
    """
    path = folder_of_records(coursedir) / LEFT_OUT
    with changed_names(coursedir) as names:
        heads = [re.escape(head) for record in names.of(assignment) for head in record.heads]
        known = re.compile(rf"(?:^|/|: )(?:{'|'.join(heads)})")  # a path, perhaps after its archive
        lost = [file for file in files if not (heads and known.search(file))]
        content = {**read_left_out(coursedir), assignment: lost}
        if path.exists() or lost:
            put_file(path, _as_json(content))


@contextlib.contextmanager
def changed_names(coursedir: CourseDirectory) -> Iterator[CollectedNames]:
    """Yield the records of a course for changes, and write them if the block raises nothing."""
    folder = folder_of_records(coursedir)
    with locked(folder):
        names = read_names(coursedir)
        yield names
        put_file(folder / COLLECTED, _as_json([asdict(record) for record in names.records]))


def _as_json(content: object) -> bytes:
    """Return JSON in UTF-8; bytes of file names that are not valid UTF-8 become JSON's escapes."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    return f"{text}\n".encode(errors="backslashreplace")
