"""Random archives of a class with hostile students, and a model that knows who submitted what.

The names are built as Canvas, Moodle and Blackboard build them (canvas-lms: lib/content_zipper.rb,
Moodle: mod/assign/classes/downloader.php), not with the package's own patterns. Hostile students
choose file names, the content of zips and, where a platform allows it, their own names.
"""

import contextlib
import datetime
import io
import itertools
import os
import random
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

FORMS = "zip", "zip in a folder", "unpacked", "unpacked in a folder", "unpacked with its zips"
PLATFORMS = "canvas", "moodle folders", "moodle files", "blackboard", "unknown"
DOWNLOADED = (2030, 1, 2, 8, 0, 0)
DEADLINE = datetime.datetime(2026, 11, 2, 23, 59)
FIRST = ["Ann", "Ben", "Cem", "Dan", "Eve", "Zoë", "Jean-Luc", "李", "Nguyễn"]
LAST = ["Müller", "Victim", "O'Neil", "Yılmaz", "Roe", "Ito", "van der Berg"]


@dataclass
class Student:
    """A student, as in the class list; `shown` is the name that the platform shows now."""

    id: str
    first: str
    last: str
    number: int  # in Canvas
    participant: int  # in this assignment in Moodle
    hostile: bool = False
    listed: bool = True
    shown: str = ""  # full name in Moodle, sortable name in Canvas

    @property
    def name(self):
        return f"{self.first} {self.last}"


@dataclass
class Upload:
    """A file that a student submitted: its tokens are the contents that only this file has."""

    student: Student
    file: str
    content: bytes
    tokens: set[str]
    time: datetime.datetime
    late: bool
    entry: str = ""


@dataclass
class Archive:
    """Entries of one archive, {name: content}, and the truth about them."""

    platform: str
    students: list[Student]
    uploads: list[Upload]
    extra: dict[str, bytes] = field(default_factory=dict)

    def name(self, numbers: Iterator[int]) -> None:
        """Set the names that the platform gives to the uploads.

        Parameters
        ----------
        numbers
            Numbers of the files in Canvas.
        """
        names = set()
        for upload in self.uploads:
            upload.entry = entry_name(self.platform, upload, next(numbers))
            assert upload.student.hostile or upload.entry not in names
            names.add(upload.entry)
        last = {upload.entry: upload for upload in self.uploads}  # the platform has one of each
        self.uploads = list(last.values())
        if self.platform == "blackboard":
            for upload in self.uploads:
                about = f"PS_1_{upload.student.id}_attempt_{upload.time:%Y-%m-%d-%H-%M-%S}.txt"
                text = f"Name: {upload.student.name} ({upload.student.id})\nAssignment: PS_1\n"
                self.extra[about] = text.encode()

    @property
    def entries(self):
        return {upload.entry: upload.content for upload in self.uploads} | self.extra


class Fuzzer:
    """Generates one archive from a seed.

    Parameters
    ----------
    outside
        An absolute path that hostile zips try to write.
    """

    def __init__(self, seed, people, outside):
        self.random, self.people, self.outside = random.Random(seed), people, outside
        self.tokens = (f"token-{seed}-{n};" for n in itertools.count())
        self.files = itertools.count(self.random.choice([7001, 4_711_000, 812_345_678]), 3)

    def archive(self, platform):
        """Return an archive in the form of a platform."""
        students = self.random.sample(self.people, self.random.randint(1, len(self.people)))
        for student in students:
            student.hostile = self.random.random() < 0.45
            student.shown = self._shown(student, platform)
        uploads = []
        for student in students:
            attempts = self.random.choice([1, 1, 2]) if platform == "blackboard" else 1
            for attempt in range(attempts):
                uploads += self._attempt(student, attempt)
        archive = Archive(platform, students, uploads)
        archive.name(self.files)
        return archive

    # what students choose

    def _shown(self, student, platform):
        """Return a name on the platform, which hostile students may have changed."""
        usual = f"{student.last}, {student.first}" if platform == "canvas" else student.name
        if not (student.hostile and student.listed) or self.random.random() < 0.5:
            return usual
        victim = self._victim(student)
        if platform == "canvas":
            name = f"{victim.last}, {victim.first}"
            return self.random.choice(
                [
                    name,
                    f"{name}_{victim.number}-_47-12_p",
                    f"{name}_{victim.number}",
                    f"x_LATE_{victim.number}-_1-_2",
                    f"x_{student.number}-_99-_y",
                    f"{name}_{victim.number}-_999999999-_\u24e7",
                    f"_{victim.number}_",
                    f"x_ben_attempt_2030-01-01-00-00-00_{victim.id}",
                    "anon_x7Kd2",
                    "___",
                ]
            )
        if platform.startswith("moodle"):
            return self.random.choice(
                [
                    victim.name,
                    f"X-{victim.name}",
                    f"{victim.name}_{victim.participant}",
                    f"{victim.name}_{victim.participant}_assignsubmission_file_",
                    f"a_{victim.id}_attempt_2030-01-01-00-00-00_b",
                    "Default group",
                    "../../x",
                ]
            )
        return usual

    def _victim(self, student):
        return self.random.choice([p for p in self.people if p is not student])

    def _attempt(self, student, number):
        late = self.random.random() < 0.3
        hours = self.random.randint(1, 100)
        time = DEADLINE + datetime.timedelta(hours=hours if late else -hours, seconds=number)
        files = dict.fromkeys(self._files(student))
        return [Upload(student, file, *self._content(student, file), time, late) for file in files]

    def _files(self, student):
        count = self.random.choice([1, 1, 1, 2, 3])
        if not student.hostile:
            usual = ["ps1.ipynb", "data.csv", "work.zip", "ps1-2.ipynb", "12345678_ps1.ipynb"]
            usual += ["ps1 (1).ipynb", "hw_2026_11_02.ipynb", "Lösung.ipynb"]
            return self.random.sample(usual, count)
        return [self._hostile_file(student) for _ in range(count)]

    def _hostile_file(self, student):
        victim = self._victim(student)
        canvas = re.sub(r"\W", "", f"{victim.last}{victim.first}").lower()
        time = f"{self.random.choice([1999, 2026, 2030])}-01-01-00-00-00"
        middle = self.random.choice(
            [
                f"x_{victim.id}_attempt_{time}_",
                f"x_{student.id}_attempt_{time}_",
                f"{canvas}_{victim.number}_{self.random.randint(1, 10**9)}_",
                f"p_{student.number}_{self.random.randint(1, 10**9)}_",
                f"LATE_{victim.number}_1_",
                f"_{victim.number}_2_",
                f"anon_x7Kd2_{self.random.randint(1, 9999)}_",
                f"{victim.name}_{victim.participant}_assignsubmission_file_",
                f"{victim.name}_{victim.participant}_assignsubmission_file_/",
                f"x_attempt_{time}.txt_",
                f"a_attempt_{time}",
                "x" * self.random.choice([100, 200, 260]),
                "../",
                "..\\",
                "/",
                "",
            ]
        )
        end = self.random.choice(
            [
                *(
                    "ps1.ipynb",
                    "PS1.ipynb",
                    ".zip",
                    "..zip",
                    "...ZIP",
                    "w.zip",
                    "W.zip",
                    "w",
                    "con",
                ),
                *("timestamp.txt", "TIMESTAMP.TXT", "marked_late.txt", f"a_attempt_{time}.txt"),
                *("..", ".", ".ipynb", "a\nb.ipynb", "a\0b", "e\u0301.py", "é.py", "\x1b[2J.py"),
                *("nul.txt", "a:b.py", "__MACOSX", "a~", " ", "\u202egpj.ipynb", "%2e%2e%2fx"),
            ]
        )
        return middle + end

    def _content(self, student, file):
        """Return the content of a file and its tokens."""
        token = next(self.tokens)
        if not file.lower().endswith(".zip"):
            return (f"Name: X ({self._victim(student).id})\n" + token).encode(), {token}
        if student.hostile and self.random.random() < 0.1:
            return b"PK" + token.encode(), {token}
        buffer, tokens = io.BytesIO(), set()
        with zipfile.ZipFile(buffer, "w") as archive:
            names = ["ps1.ipynb", "work/ps1.ipynb", "work/data.csv"]
            if student.hostile:
                names = [self._inner(student) for _ in range(self.random.randint(1, 5))]
            for name in dict.fromkeys(names):
                info = zipfile.ZipInfo("x")
                info.filename, info.orig_filename = name, name
                info.external_attr, inner = 0o644 << 16, next(self.tokens)
                if name == "link":
                    info.external_attr, inner = 0o120777 << 16, str(self.outside.parent)
                else:
                    tokens.add(inner)
                archive.writestr(info, inner)
            if not tokens:
                tokens.add(inner := next(self.tokens))
                archive.writestr("own.txt", inner)
        return buffer.getvalue(), tokens

    def _inner(self, student):
        name = self._hostile_file(student)
        target = str(self.outside)
        return self.random.choice(
            [
                *(name, f"d/{name}", f"{name}/{name}", target, f"/{target}", target.lstrip("/")),
                *("../" * self.random.randint(1, 12) + target.lstrip("/"), "../../../evil"),
                *("link", f"link/{os.path.basename(target)}", "..\\..\\evil", "C:\\evil", "a//b"),
                *("./a", "a/./b", "a/../../evil", "ps1.ipynb", "PS1.IPYNB", "ps1.ipynb/x", "w.zip"),
            ]
        ).replace("\0", "")


def entry_name(platform: str, upload: Upload, number: int) -> str:
    """Return the name of an upload in an archive; Canvas adds the number of the file."""
    student, file = upload.student, upload.file
    if platform == "canvas":
        name = re.sub(r"_(\d+)_", r"\1", student.shown).lower()
        parts = [name, *(["LATE"] if upload.late else []), str(student.number)]
        word = "".join(c for c in "_".join(parts) if c == "_" or _is_word(c))
        clean = re.sub(r'[\0/\\:*?"<>|]+', "_", file)
        return f"{word}_{number}_{clean}"
    if platform.startswith("moodle"):
        prefix = student.shown.replace("_", " ") + f"_{student.participant}"
        prefix = _clean(f"{prefix}_assignsubmission_file_")
        if platform == "moodle files":
            return _clean(f"{prefix}{file}")
        parts = [part for part in map(_clean, file.split("/")) if part not in ("", ".", "..")]
        return "/".join([prefix, *(parts or ["x"])])
    if platform == "blackboard":
        clean = re.sub(r"[/\0]", "_", file)
        return f"PS_1_{student.id}_attempt_{upload.time:%Y-%m-%d-%H-%M-%S}_{clean}"
    parts = [part for part in map(_clean, file.split("/")) if part not in ("", ".", "..")]
    return "/".join(["assignment_export", f"submission_{student.number}", *(parts or ["x"])])


def _is_word(character):
    """True for what Ruby calls a word character: it includes other "_" and letters in circles."""
    circled = unicodedata.name(character, "").startswith("CIRCLED LATIN")
    return circled or unicodedata.category(character)[0] in "LMN"


def _clean(name):
    """Return a name without the characters that Moodle removes (PARAM_FILE)."""
    name = "".join(c for c in name if unicodedata.category(c) != "Cc" and c not in "&<>\"`|':\\/")
    return re.sub(r"\.\.+", "", name)


def put(archive, folder, form):
    """Write an archive as the platform packs it, or as a browser unpacks it."""
    folder.mkdir(parents=True)
    if form.startswith("zip"):
        above = "submissions/" if form == "zip in a folder" else ""
        with zipfile.ZipFile(folder / "submissions.zip", "w") as packed:
            for name, content in archive.entries.items():
                packed.writestr(zipfile.ZipInfo(above + name, DOWNLOADED), content)
        return
    top = folder / "submissions" if form == "unpacked in a folder" else folder
    unpacked = []
    for upload in archive.uploads:
        path = top / upload.entry
        with contextlib.suppress(OSError, ValueError):  # no browser can unpack this name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(upload.content)
            unpacked.append(upload)
            if form == "unpacked with its zips" and upload.entry.lower().endswith(".zip"):
                unpack(path)
    archive.uploads = unpacked
    for name, content in archive.extra.items():
        (top / name).write_bytes(content)


def unpack(path):
    """Unpack a zip next to it, as careful programs do."""
    target = path.with_name(path.name[: -len(".zip")])
    if target.name and not target.exists():
        errors = contextlib.suppress(zipfile.BadZipFile, OSError, ValueError)
        with errors, zipfile.ZipFile(path) as archive:
            archive.extractall(target)


def zipped(files, when=DOWNLOADED):
    """Return a zip archive with UTF-8 file names but without the UTF-8 flag.

    Parameters
    ----------
    files
        {name, or its ZipInfo: content}.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, when)
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
