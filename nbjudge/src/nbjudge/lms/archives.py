"""How Canvas, Moodle and Blackboard name the files in their archives of submissions.

Canvas
    `lovelaceada_1815_4711_padding.ipynb`: last and first name, `LATE_` where it is late, the
    student's number, the file's number and its name, with `-1` where it was uploaded again;
    `anon_x7Kd2_4711_padding.ipynb` where the assignment is graded anonymously.
Moodle
    `Ada Lovelace_657737_assignsubmission_file_/padding.ipynb`, in folders or in one folder, where a
    `_` stands for the `/`. The number is the participant's, another one in each assignment.
Blackboard
    `Padding_ada_attempt_2026-11-02-23-59-00_padding.ipynb`: assignment, user name, time. A text
    about the attempt ends with the time: `Padding_ada_attempt_2026-11-02-23-59-00.txt`.
"""

import datetime
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

__all__ = ["EXPECTED", "RUBBISH", "UploadName", "name_in_zip", "read_name"]

EXPECTED = (
    "Canvas: lovelaceada_1815_4711_FILE; "
    "Moodle: Ada Lovelace_657737_assignsubmission_file_/FILE; "
    "Blackboard: ASSIGNMENT_ada_attempt_2026-11-02-23-59-00_FILE"
)
RUBBISH = ("__MACOSX", ".DS_Store", "Thumbs.db")  # what systems leave in archives
_MOODLE = re.compile(r"(?P<name>[^/_]+)_(?P<number>\d+)_assignsubmission_file(?:_?/|_)(?P<file>.+)")
_BLACKBOARD = re.compile(
    r"(?P<name>[^/]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)"
)
_ANONYMOUS = re.compile(r"(?P<late>LATE_)?(?P<name>anon_[^/_]+)_(?P<upload>\d+)_(?P<file>.+)")
_CANVAS = re.compile(
    r"(?P<name>[^/]*?)_(?P<late>LATE_)?(?P<number>\d+)_(?P<upload>\d+)_(?P<file>.+)"
)
_SAYS_UTF_8 = 0x800


@dataclass(frozen=True)
class UploadName:
    """The name of a file in an archive of submissions.

    Attributes
    ----------
    platform
        "Canvas", "Moodle" or "Blackboard".
    prefix
        The path up to the submitted file.
    file
        The path of the submitted file; "" of a text that Blackboard has written.
    name
        What the archive calls the student; in Blackboard the assignment precedes the user name.
    number
        The student's, "" where there is none.
    upload
        The file's number; a later file has a larger one.
    time
        When it was submitted, in Blackboard's time zone; None where the archive does not say.
    late
        Whether Canvas has marked it as late.
    """

    platform: str
    prefix: str
    file: str
    name: str
    number: str = ""
    upload: int = 0
    time: datetime.datetime | None = None
    late: bool = False

    @property
    def known(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """What `Roster.find` can look for: each of these in turn, until one fits."""
        if self.platform == "Moodle":
            return ((("name", self.name),),)
        if self.platform == "Canvas":
            numbers = ("lms_user_id", self.number), ("id", self.number), ("sortable", self.name)
            return (numbers,) if self.number else ()
        words = self.name.split("_")
        logins = ("_".join(words[start:]) for start in range(1, len(words)))  # the longest first
        return tuple((("id", login), ("lms_user_id", login)) for login in logins)

    @property
    def label(self) -> str:
        """A name for a student of whom the gradebook knows nothing."""
        if self.platform == "Canvas" and self.number:
            return f"{self.name}_{self.number}".lstrip("_")
        return self.name.rpartition("_")[2] if self.platform == "Blackboard" else self.name


def read_name(path: str) -> UploadName | None:
    """What the path of a file in an archive says; None where no platform names files so."""
    parts = PurePosixPath(path).parts
    for start in range(len(parts)):
        before = "".join(f"{part}/" for part in parts[:start])
        if found := _read("/".join(parts[start:]), before):
            return found
    return None


def _read(path: str, before: str) -> UploadName | None:
    if found := _BLACKBOARD.fullmatch(path):
        try:
            time = datetime.datetime.strptime(found["time"], "%Y-%m-%d-%H-%M-%S")
        except ValueError:  # no day of a calendar
            return None
        file = found["file"] or ""
        prefix = path.removesuffix(file)
        return UploadName("Blackboard", before + prefix, file, found["name"], time=time)
    if found := _MOODLE.fullmatch(path):
        prefix = before + path[: found.start("file")]
        return UploadName("Moodle", prefix, found["file"], found["name"], found["number"])
    for pattern in (_ANONYMOUS, _CANVAS):
        if found := pattern.fullmatch(path):
            number = found.groupdict().get("number", "")
            return UploadName(
                "Canvas",
                before + path[: found.start("file")],
                found["file"],
                found["name"],
                number,
                int(found["upload"]),
                late=bool(found["late"]),
            )
    return None


def name_in_zip(info: zipfile.ZipInfo) -> str:
    """The name of a file in a zip, which may be in UTF-8 without saying so."""
    name = info.orig_filename.replace("\\", "/")
    if info.flag_bits & _SAYS_UTF_8:
        return name
    try:
        return name.encode("cp437").decode()
    except UnicodeError:
        return name
