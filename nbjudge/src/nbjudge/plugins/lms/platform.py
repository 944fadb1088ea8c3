"""Interface of a learning platform: file names in archives, a grades file and class lists.

Entry points in `nbjudge.platforms` name the platforms; `platforms.py` loads them. `nbjudge --help`
and the commands of this folder import the platforms' modules, so these import slow modules only
where they use them.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbjudge.plugins.lms.filling import Choices, Filled, Layout
    from nbjudge.plugins.shared.csv_files import CsvFile
    from nbjudge.plugins.standings.standings import Standings

__all__ = ["ClassList", "GradesFile", "Key", "Platform", "UploadName", "check_key"]

Key = tuple[str, str, str]  # platform; "number", "name" or "file"; value on the platform


def check_key(platform: str, kind: str) -> None:
    """Raise ValueError if no record of a collected archive can have a key of this kind."""
    from nbjudge.plugins.lms.platforms import PLATFORMS  # which loads modules that import this one

    for value, allowed in (platform, PLATFORMS), (kind, ("number", "name", "file")):
        if value not in allowed:
            raise ValueError(
                f"unknown key ({platform!r}, {kind!r}, ...) of collected work: use one of "
                f"{', '.join(allowed)} instead of {value!r}"
            )


@dataclass(frozen=True, kw_only=True)
class UploadName:
    """The name of a file in an archive of submissions.

    The platform has written its first part, which identifies the student and the time. The student
    has chosen the rest, from which only the path of the file is read.

    Attributes
    ----------
    platform
        Name of the platform.
    prefix
        Path before the submitted file.
    file
        Path of the submitted file; "" for a text written by the platform.
    name
        The archive's name for the student; in Blackboard, the assignment precedes the user name.
    known
        What the name says about the student: one or several readings, each with pairs of a key
        and a value as for `Rows.find`. If they match different students, nobody is certain.
    labels
        Names from which ids are derived for students outside the gradebook, each with a suffix.
        The last label is unique in the assignment. A label before it is the same in all
        assignments; anonymous participants and groups have none.
    number
        The student's number, "" if there is none.
    upload
        The file's number; later files have larger numbers.
    time
        Submission time in the platform's time zone; None if the archive does not give it.
    late
        True if the platform has marked the file as late.
    is_typed
        True for a text or a link that the student entered on the platform.
    others
        Other ways to read the name, if a student could have typed the separator of its parts.
    """

    platform: str
    prefix: str
    file: str
    name: str
    known: tuple[tuple[tuple[str, str], ...], ...] = ()
    labels: tuple[tuple[str, str], ...]
    number: str = ""
    upload: int = 0
    time: datetime.datetime | None = None
    late: bool = False
    is_typed: bool = False
    others: tuple["UploadName", ...] = ()

    @classmethod
    def of_number(cls, number: str, **fields: Any) -> "UploadName":
        """Return a name that identifies the student by a number, which is an id in the gradebook.

        Parameters
        ----------
        fields
            The fields `platform`, `prefix` and `file`, and others that are not the student's.
        """
        known, labels = ((("id", number),),), ((number, ""),)
        return cls(name=number, number=number, known=known, labels=labels, **fields)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Keys that identify the person or group in this assignment, the most reliable first.

        Names on a platform may change, and are hidden for anonymous work; numbers are stable.
        """
        person = ("number", self.number) if self.number else ("name", self.name)
        keys = ((self.platform, *person),)
        is_sure = self.upload and not self.others
        return (*keys, (self.platform, "file", str(self.upload))) if is_sure else keys

    @property
    def is_of_several(self) -> bool:
        """True if the readings of the name say different people, see `Roster.settle`."""
        return bool(self.others) and not self.number

    @property
    def label(self) -> str:
        """The first of the labels, for messages."""
        return "".join(self.labels[0])


@dataclass(frozen=True, kw_only=True)
class GradesFile:
    """The grades file that a platform exports and imports, for `nbjudge export`.

    Attributes
    ----------
    purpose, file, notes
        Help texts: the purpose of the command, the file to fill in, where notes are written; ""
        if the file has no column for them.
    read_layout
        Function that returns the layout of a file, and raises ValueError if the file is of another
        type, does not match the course, has other maximum points, or was damaged by a spreadsheet.
    new
        Function that creates a file if none is given; None if a file is required.
    """

    purpose: str
    file: str
    notes: str
    read_layout: Callable[["CsvFile", "Standings", "Choices"], "Layout"]
    new: Callable[["Standings", "Choices"], "Filled"] | None = None


@dataclass(frozen=True)
class ClassList:
    """The columns of a platform's class lists, for `nbjudge students`.

    Attributes
    ----------
    id_columns
        Titles of the columns that may contain the students' ids, in order of preference.
    columns
        Titles of other columns, in order of preference: {field of `Person`, or "name": titles}.
    nobody
        Full names in rows that are not students.
    clean_id
        Function that returns the id in a cell of `id_columns`.
    """

    id_columns: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    nobody: tuple[str, ...] = ()
    clean_id: Callable[[str], str] = str.strip


@dataclass(frozen=True)
class Platform:
    """A learning platform.

    Its entry point names the command, `nbjudge export NAME`.

    Attributes
    ----------
    name
        Name of the platform in messages and records.
    example
        Example of a file name in an archive of submissions, for messages; "" without archives.
    download
        Menu path for downloading such an archive; likewise.
    read_names
        Function that parses the first level of an archive as a whole: its argument are the names
        of the files and folders there, folders with a "/" at the end. It returns None for each
        name that the platform cannot have written. None if nbjudge reads no archives of the
        platform.
    read_text
        Function that adds information from the platform's text about an attempt to its name.
    grades
        The platform's grades file, if `nbjudge export` supports it.
    class_list
        The platform's class lists, if `nbjudge students` supports them.
    """

    name: str
    example: str = ""
    download: str = ""
    read_names: Callable[[Sequence[str]], "list[UploadName | None]"] | None = None
    read_text: Callable[[UploadName, str], UploadName] = lambda name, text: name
    grades: GradesFile | None = None
    class_list: ClassList | None = None
