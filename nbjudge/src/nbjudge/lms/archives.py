"""How Canvas, Moodle and Blackboard name the files in their archives of submissions.

Canvas
    `lovelaceada_1815_4711_padding.ipynb`: last and first name, `LATE_` where it is late, the
    student's number, the file's number and its name, with `-1` where it was uploaded again;
    `anon_x7Kd2_4711_padding.ipynb` where the assignment is graded anonymously.
Moodle
    `Ada Lovelace_657737_assignsubmission_file_/padding.ipynb`, in folders or in one folder, where a
    `_` stands for the `/`. The number is the participant's, another one in each assignment. With
    anonymous submissions, `Participant` (in Moodle's language) stands for all names. For groups,
    `Group 3-Ada Lovelace_657737` is a member's copy up to Moodle 4.0. Since then the group has one
    copy, `Group 3_77` with the group's own number, and `Default group` has no number.
Blackboard
    `Padding_ada_attempt_2026-11-02-23-59-00_padding.ipynb`: assignment, user name, time. A text
    about the attempt ends with the time: `Padding_ada_attempt_2026-11-02-23-59-00.txt`. It begins
    with `Name: Ada Lovelace (ada)`.
"""

import datetime
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

__all__ = ["EXPECTED", "Key", "UploadName", "login_in", "name_in_zip", "read_name"]

Key = tuple[str, str, str]  # a platform; "number", "name" or "file"; its value there

EXPECTED = (
    "Canvas: lovelaceada_1815_4711_FILE; "
    "Moodle: Ada Lovelace_657737_assignsubmission_file_/FILE; "
    "Blackboard: ASSIGNMENT_ada_attempt_2026-11-02-23-59-00_FILE"
)
_MOODLE = re.compile(
    r"(?P<name>[^/_]+)(?:_(?P<number>\d+))?_assignsubmission_file(?:_?/|_)(?P<file>.+)"
)
_BLACKBOARD = re.compile(
    r"(?P<name>[^/]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)"
)
_ANONYMOUS = re.compile(r"(?P<late>LATE_)?(?P<name>anon_[^/_]+)_(?P<upload>\d+)_(?P<file>.+)")
_CANVAS = re.compile(
    r"(?P<name>[^/]*?)_(?P<late>LATE_)?(?P<number>\d+)_(?P<upload>\d+)_(?P<file>.+)"
)
_WORDS = re.compile(r"[^\W\d]\D*\s\D*[^\W\d]\D*")  # a full name: two words without a digit
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
    login
        The user name, where Blackboard's text about the attempt says it.
    """

    platform: str
    prefix: str
    file: str
    name: str
    number: str = ""
    upload: int = 0
    time: datetime.datetime | None = None
    late: bool = False
    login: str = ""

    @property
    def keys(self) -> tuple[Key, ...]:
        """Return what identifies the person or group in this assignment, the best key first.

        Names on a platform may change, and are hidden where work is anonymous; numbers stay.
        """
        person = ("number", self.number) if self.number else ("name", self.name)
        keys = ((self.platform, *person),)
        return (*keys, (self.platform, "file", str(self.upload))) if self.upload else keys

    @property
    def known(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """What `Roster.find` can look for: each of these in turn, until one fits."""
        if self.platform == "Moodle":
            parts = self.name.split("-")  # a group's name may precede that of its member
            names = ("-".join(parts[start:]) for start in range(len(parts)))
            members = [name for name in names if name == self.name or _WORDS.fullmatch(name)]
            return tuple((("name", name),) for name in members)
        if self.platform == "Canvas":
            numbers = ("lms_user_id", self.number), ("id", self.number), ("sortable", self.name)
            return (numbers,) if self.number else ()
        words = self.name.split("_")
        logins = ["_".join(words[start:]) for start in range(1, len(words))]  # the longest first
        logins = [self.login] if self.login else logins
        return tuple((("id", login), ("lms_user_id", login)) for login in logins)

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """Return names for a student of whom the gradebook knows nothing, each with its ending.

        The last one fits nobody else in the assignment. One before it is the same in each
        assignment, and is for people alone: anonymous participants and groups have none.
        """
        number = f"_{self.number}" if self.number else ""
        if self.platform == "Blackboard":
            return (self.login or self.name.rpartition("_")[2], ""), (self.name, "")
        if self.platform == "Canvas":
            return ((self.name, number),) if self.name else ((self.number, ""),)
        is_person = _WORDS.fullmatch(self.name) and not self.name.endswith("-Participant")
        return ((self.name, ""), (self.name, number)) if is_person else ((self.name, number),)

    @property
    def label(self) -> str:
        """The first of the labels, for messages."""
        return "".join(self.labels[0])


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
        return UploadName("Moodle", prefix, found["file"], found["name"], found["number"] or "")
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


def login_in(text: str, name: UploadName) -> str:
    """Return the user name in Blackboard's text about an attempt, "" where it has none.

    Parameters
    ----------
    name
        The text's own name, which ends in the user name.
    """
    login = re.search(r"\(([^()]+)\)\s*$", text.partition("\n")[0])
    return login[1] if login and f"_{name.name}".endswith(f"_{login[1]}") else ""


def name_in_zip(info: zipfile.ZipInfo) -> str:
    """The name of a file in a zip, which may be in UTF-8 without saying so."""
    name = info.orig_filename.replace("\\", "/")
    if info.flag_bits & _SAYS_UTF_8:
        return name
    try:
        return name.encode("cp437").decode()
    except UnicodeError:
        return name
