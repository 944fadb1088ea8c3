"""Read the record of collected archives: who submitted what, and what was not collected.

`nbgrader zip_collect` writes both files into `submitted/`.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory

COLLECTED = "collected.json"  # in submitted/
LEFT_OUT = "not_collected.json"  # likewise


@dataclass
class Record:
    """A person or group in an archive, with the id under which the work was collected.

    Attributes
    ----------
    platform, name, number
        Platform of the archive; its name for the person or group, and its number, or "".
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
    def heads(self) -> tuple[str, ...]:
        """Beginning of the platform's names of a person's files."""
        if self.platform == "Blackboard":  # another's user name may begin with this one and "_"
            return (f"{self.name}_attempt_",)
        if not self.number:
            return (f"{self.name}_",)
        return f"{self.name}_{self.number}_", f"{self.name}_LATE_{self.number}_"

    @property
    def keys(self) -> set[tuple[str, str, str]]:
        """Keys that identify the person, as in the names of uploads."""
        person = ("number", self.number) if self.number else ("name", self.name)
        files = {(self.platform, "file", str(file)) for file in self.files}
        return {(self.platform, *person), *files}

    def fits(self, key: tuple[str, str, str], number: str) -> bool:
        """True if a key is one of the person's, who has no other number on the platform."""
        return key in self.keys and self.number in ("", number or self.number)


def folder_of_records(coursedir: CourseDirectory) -> Path:
    """Return the folder of the record."""
    return Path(coursedir.root) / str(coursedir.submitted_directory)


def read_records(coursedir: CourseDirectory) -> list[Record]:
    """Return the record of a course, which is empty if no archive was collected.

    Raises
    ------
    ValueError
        If the file is invalid.
    """
    path = folder_of_records(coursedir) / COLLECTED
    try:
        records = json.loads(path.read_bytes())
        if not isinstance(records, list):
            raise TypeError(f"expected a list, not a {type(records).__name__}")
        return list(map(_record, records))
    except FileNotFoundError:
        return []
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
        raise TypeError("expected text in every field but files and candidates")
    return record


def read_left_out(coursedir: CourseDirectory) -> dict[str, list[str]]:
    """Return the files of the last collection that were not collected, with reasons, by assignment.

    Raises
    ------
    ValueError
        If the record is invalid.
    """
    path = folder_of_records(coursedir) / LEFT_OUT
    try:
        files = json.loads(path.read_bytes())
        return {name: [str(file) for file in files[name]] for name in files}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} is damaged: {error}. Collect the archives again.") from None
