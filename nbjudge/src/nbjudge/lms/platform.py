"""The learning platform as the rest of nbjudge sees it: names in archives, and a file of grades.

`platforms.py` has the table. A module of a platform is loaded by every command, as the help names
it: what takes long to load is imported where it is used.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbjudge.course.standings import Standings
    from nbjudge.lms.csv_files import CsvFile
    from nbjudge.lms.filling import Choices, Filled, Layout

__all__ = ["GradesFile", "Key", "Platform", "UploadName"]

Key = tuple[str, str, str]  # a platform; "number", "name" or "file"; its value there


@dataclass(frozen=True)
class UploadName:
    """The name of a file in an archive of submissions.

    Attributes
    ----------
    platform
        The platform's name.
    prefix
        The path up to the submitted file.
    file
        The path of the submitted file; "" of a text that the platform has written.
    name
        What the archive calls the student; in Blackboard the assignment precedes the user name.
    known
        What `Roster.find` can look for: each of these in turn, until one fits.
    labels
        Names for a student of whom the gradebook knows nothing, each with its ending. The last one
        fits nobody else in the assignment. One before it is the same in each assignment, and is for
        people alone: anonymous participants and groups have none.
    number
        The student's, "" where there is none.
    upload
        The file's number; a later file has a larger one.
    time
        When it was submitted, in the platform's time zone; None where the archive does not say.
    late
        True if the platform has marked it as late.
    """

    platform: str
    prefix: str
    file: str
    name: str
    known: tuple[tuple[tuple[str, str], ...], ...]
    labels: tuple[tuple[str, str], ...]
    number: str = ""
    upload: int = 0
    time: datetime.datetime | None = None
    late: bool = False

    @property
    def keys(self) -> tuple[Key, ...]:
        """Return what identifies the person or group in this assignment, the best key first.

        Names on a platform may change, and are hidden where work is anonymous; numbers stay.
        """
        person = ("number", self.number) if self.number else ("name", self.name)
        keys = ((self.platform, *person),)
        return (*keys, (self.platform, "file", str(self.upload))) if self.upload else keys

    @property
    def label(self) -> str:
        """The first of the labels, for messages."""
        return "".join(self.labels[0])


@dataclass(frozen=True)
class GradesFile:
    """The file of grades that a platform exports and imports, for `nbjudge export`.

    Attributes
    ----------
    purpose, file, notes
        For the help: what is done, which file is filled, and where notes go.
    read_layout
        Returns the layout of a file; raises ValueError if the file is no such file, does not fit
        the course, has other maxima, or was damaged by a spreadsheet.
    new
        Makes a file where none is given; None if one is needed.
    """

    purpose: str
    file: str
    notes: str
    read_layout: Callable[["CsvFile", "Standings", "Choices"], "Layout"]
    new: Callable[["Standings", "Choices"], "Filled"] | None = None


@dataclass(frozen=True)
class Platform:
    """A learning platform.

    Attributes
    ----------
    example
        The name of a file in an archive of submissions, for messages.
    download
        Where in the platform such an archive is downloaded.
    read_name
        Reads a path in an archive, None where the platform names no file so. It gets the path from
        each of its folders on, and the part before that.
    read_text
        Adds to the name of an attempt what the platform's own text about the attempt says.
    grades
        The platform's file of grades, if `nbjudge export` writes one.
    """

    name: str
    example: str
    download: str
    read_name: Callable[[str, str], UploadName | None]
    read_text: Callable[[UploadName, str], UploadName] = lambda name, text: name
    grades: GradesFile | None = None
