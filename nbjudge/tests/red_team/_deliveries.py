"""Attacks by the names and contents of what is delivered: archives, and works for `nbjudge grade`.

In a class of such attacks, all submissions are delivered in the same way. The neighbors have
submitted in time, the attackers too late, and one student on the class list nothing. Each attack is
a function that returns the files of the attacker, {name: content}. None stands for the attacker's
notebook; in an archive, the platform writes the first part of the names.
"""

import itertools
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from nbjudge.plugins.lms.tests.hostile_archives import (
    DEADLINE,
    FIRST,
    LAST,
    Archive,
    Student,
    Upload,
    entry_name,
    put,
    zipped,
)  # fmt: skip
from tests.red_team.submission import MARK

__all__ = [
    "ATTACKS",
    "GRADE",
    "Attacker",
    "DeliveryAttack",
    "effects",
    "people",
    "write",
]

GRADE = ("grade",)  # the delivery of works for `nbjudge grade`, on the command line
_ALL = ("canvas", "moodle folders", "moodle files", "blackboard")
_TIMESTAMP, _LATE_MARK = "timestamp.txt", "marked_late.txt"
_EARLY, _LATE = DEADLINE - timedelta(days=1), DEADLINE + timedelta(days=1)
_FORGED = DEADLINE.replace(year=2030)
_ABSENT = "absent"
_LINK = 0o120777 << 16  # type and mode of a symbolic link in a zip

Files = Mapping[str, bytes | None]


@dataclass(frozen=True)
class Attacker:
    """What an attacker knows: everybody's names and numbers, and the notebook to submit."""

    me: Student
    victim: Student  # a neighbor
    absent: Student  # who has submitted nothing
    notebook: bytes

    def forged(self, *students: Student, time=_FORGED, file="ps1.ipynb") -> list[str]:
        """Return the names that the platforms would give to files of these students."""
        uploads = [Upload(student, file, b"", set(), time, False) for student in students]
        return [entry_name(name, one, 10**9) for one in uploads for name in _ALL]

    def zip(self, *names: str) -> bytes:
        """Return a zip with the notebook under these names."""
        return zipped(dict.fromkeys(names, self.notebook))


@dataclass(frozen=True)
class DeliveryAttack:
    """An attack by names and contents.

    Attributes
    ----------
    tries
        Purpose of the attack, as a sentence.
    files
        Function that returns an attacker's files.
    delivery
        Platform and form of the archive, or GRADE.
    shown
        Function that returns the attacker's name on the platform; None for the usual name.
    """

    tries: str
    files: Callable[[Attacker], Files]
    delivery: tuple[str, ...]
    shown: Callable[[Attacker], str] | None = None


ATTACKS: dict[str, DeliveryAttack] = {}


def _archives(*platforms: str, form: str = "zip") -> Callable:
    """Add an attack for archives of each platform."""

    def add(function):
        for platform in platforms or _ALL:
            words = "archive", function.__name__, platform, form
            name = "_".join(words).replace(" ", "_").removesuffix("_zip")
            ATTACKS[name] = DeliveryAttack(function.__doc__, function, (platform, form))
        return function

    return add


def _works(function):
    """Add an attack on `nbjudge grade`."""
    ATTACKS[f"grade_{function.__name__}"] = DeliveryAttack(function.__doc__, function, GRADE)
    return function


# ---------------------------------------------------------------------------- zips in archives


def _paths_out() -> list[str]:
    targets = (
        f"home/teacher/{MARK}",
        "home/teacher/.bashrc",
        "srv/course/nbgrader_config.py",
        "srv/course/gradebook.db",
        "srv/course/submitted/collected.json",
    )
    ways = "", "/", "//", "../" * 12, "d/" + "../" * 12, "..\\" * 12, "C:\\", "./", "~/"
    return [way + target for way in ways for target in targets] + ["../timestamp.txt", "..", "/"]


@_archives()
def zip_paths(attacker):
    """Zips have files with paths to the course and the home folder; some are named `.zip`."""
    packed = attacker.zip(*_paths_out())
    return {name: packed for name in (".zip", "..zip", "... .zip", ".ZIP", "w.zip", "../w.zip")}


@_archives()
@_archives("canvas", "moodle files", form="unpacked")
def zip_of_others(attacker):
    """Zips have files that are named as the platforms name those of other students."""
    names = attacker.forged(attacker.victim, attacker.absent)
    packed = attacker.zip(*names, *(f"submissions/{name}" for name in names))
    return {"w.zip": packed, "submissions.zip": packed, "ps1.ipynb": None}


@_archives()
def zip_in_zip(attacker):
    """Zips in zips in zips have files with such paths and names."""
    names = _paths_out() + attacker.forged(attacker.victim, attacker.absent)
    packed = attacker.zip(*names)
    for _ in range(5):
        packed = zipped({".zip": packed, "w.zip": packed, f"{names[-1]}.zip": packed})
    return {".zip": packed, "ps1.ipynb": None}


@_archives()
def zip_large(attacker):
    """Zips unpack to several gigabytes, and to as many files as a file system holds."""
    large = zipped({f"{n}.bin": bytes(30 << 20) for n in range(8)})
    many = zipped(dict.fromkeys((f"{n}/{n}.txt" for n in range(20_000)), b""))
    return {f"{n}.zip": large for n in range(12)} | {f"n{n}.zip": many for n in range(5)}


@_archives()
def zip_links(attacker):
    """Zips have symbolic links to files and folders outside, and files that are written there."""
    files = {}
    for number, target in enumerate(
        ("/etc/shadow", "/home/teacher", "/srv/course", f"../../{attacker.victim.id}/ps1")
    ):
        link = zipfile.ZipInfo(f"link{number}")
        link.external_attr = _LINK
        files |= {link: target, f"link{number}/{MARK}": MARK, f"link{number}/ps1.ipynb": MARK}
    return {"w.zip": zipped(files), "ps1.ipynb": None}


@_archives()
def zip_damaged(attacker):
    """Zips are no zips, end early, are encrypted, or declare other sizes than they have."""
    good = attacker.zip("ps1.ipynb", "b.ipynb")
    sizes = good.replace(len(attacker.notebook).to_bytes(4, "little"), b"\xff\xff\xff\x7f")
    encrypted = good.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0")
    method = good.replace(b"\x08\0\0\0", b"\x63\0\0\0")
    broken = (good[:-30], good[50:], sizes, encrypted, method, b"PK\5\6" + bytes(18), b"", b"x")
    return {f"{number}.zip": content for number, content in enumerate(broken)}


# ------------------------------------------------------------------- names of files in archives


@_archives()
@_archives("canvas", "moodle files", form="unpacked")
def file_of_others(attacker):
    """Files are named as the platforms name those of other students, and newer."""
    names = attacker.forged(attacker.victim, attacker.absent)
    text = f"Name: {attacker.victim.name} ({attacker.victim.id})\n".encode()
    texts = attacker.forged(attacker.victim, file=".txt") + [".txt", "x_.txt"]
    return dict.fromkeys(f"{x}{name}" for name in names for x in ("", "x_")) | dict.fromkeys(
        texts, text
    )


@_archives()
def file_in_folder_of_others(attacker):
    """Files are in folders that are named as the platforms name other students' files."""
    names = attacker.forged(attacker.victim, attacker.absent)
    return dict.fromkeys(f"{name}{end}" for name in names for end in ("/ps1.ipynb", "/", "/a/b"))


@_archives()
def file_with_time(attacker):
    """The file's name has an earlier time of submission."""
    times = attacker.forged(attacker.me, time=_EARLY)
    return dict.fromkeys([*times, *(f"x_{name}" for name in times)])


@_archives()
def file_with_own_time(attacker):
    """Files and zips are named like those from which the time of submission is read."""
    early = b"2020-01-01 00:00:00 UTC"
    inner = ("timestamp.txt", "TIMESTAMP.TXT", "../timestamp.txt", "marked_late.txt", "a/../x")
    names = ("timestamp.txt", "Timestamp.txt", "TIMESTAMP.TXT", "timestamp.txt ", "ps1.ipynb")
    packed = zipped(dict.fromkeys(inner, early))
    zips = (".zip", "timestamp.txt.zip", "marked_late.txt.zip", "w.zip")
    return dict.fromkeys(names, early) | dict.fromkeys(zips, packed) | {"ps1.ipynb": None}


@_archives()
def file_same_names(attacker):
    """Names of files and zips differ in case, in Unicode form or not at all."""
    names = ("a", "A", "é", "e\u0301", "a/b", "A/B", "a ", "a.", "ps1.ipynb", "PS1.IPYNB")
    packed = attacker.zip(*names)
    doubled = packed.replace(b"PS1.IPYNB", b"ps1.ipynb")
    zips = {
        "w.zip": packed,
        "W.ZIP": doubled,
        "w": b"",
        "W": b"",
        "w ": b"",
        "ps1.ipynb.zip": doubled,
    }
    return dict.fromkeys(names) | zips


@_archives()
def file_strange_names(attacker):
    """Names are too long, of devices, of options, or have control characters or formulas."""
    names = ("x" * 240 + ".ipynb", "é" * 125, "con", "nul.ipynb", "--force", "-", "~", "*", "$(id)")
    names += ("\x1b]0;x\7\x1b[2J.ipynb", "a\nb.ipynb", "\u202egpj.ipynb", "%2e%2e%2fx", "=cmd()")
    names += ("collected.json", "nbgrader_config.py", "gradebook.db", "sitecustomize.py", "{x}")
    packed = attacker.zip(*names, *(f"{name}/{name}" for name in names), "a/" * 200 + "b")
    return dict.fromkeys(names) | {"w.zip": packed, "\x1b[2J\n.zip": packed}


# ------------------------------------------------------ names of persons, which platforms show


_PERSONS: dict[str, tuple[str, Callable[[Attacker], str]]] = {
    "with_number_canvas": (
        "The attacker's name on Canvas ends with another student's name and numbers.",
        lambda a: f"{a.victim.last}, {a.victim.first}_{a.victim.number}-_99999-_p",
    ),
    "numbers_canvas": (
        "The attacker's name on Canvas consists of the numbers of a student without a submission.",
        lambda a: f"_{a.absent.number}-_99999-_",
    ),
    "late_canvas": (
        "The attacker's name on Canvas contains `LATE` and numbers.",
        lambda a: f"x_LATE_{a.me.number}-_99999-_y",
    ),
    "anonymous_canvas": (
        "The attacker's name on Canvas is that of anonymous work.",
        lambda a: "anon_x7K",
    ),
    "of_another_canvas": (
        "The attacker has another student's name on Canvas.",
        lambda a: f"{a.victim.last}, {a.victim.first}",
    ),
    "with_number_moodle_folders": (
        "The attacker's name in Moodle ends with another participant's number.",
        lambda a: f"{a.victim.name}_{a.victim.participant}_assignsubmission_file_",
    ),
    "path_moodle_folders": (
        "The attacker's name in Moodle is a path.",
        lambda a: "../../x/../..",
    ),
    "group_moodle_files": (
        "The attacker's name in Moodle looks like another student in a group.",
        lambda a: f"X-{a.victim.name}",
    ),
}


def _add_persons():
    def files(attacker):
        return {"ps1.ipynb": None, "w.zip": attacker.zip("ps1.ipynb")}

    for name, (tries, shown) in _PERSONS.items():
        platform = next(one for one in _ALL if name.endswith(one.replace(" ", "_")))
        ATTACKS[f"archive_person_{name}"] = DeliveryAttack(tries, files, (platform, "zip"), shown)


_add_persons()

# ------------------------------------------------------------------ works for `nbjudge grade`


@_works
def work_named_dots(attacker):
    """A notebook is named `..ipynb`, so that its page would leave the folder of pages."""
    return {"..ipynb": None}


@_works
def work_named_more_dots(attacker):
    """A notebook is named `...ipynb`."""
    return {"...ipynb": None}


@_works
def work_named_page_of_another(attacker):
    """A folder has the name of the page of a neighbor's notebook."""
    return {f"{attacker.victim.id}.html/ps1.ipynb": None}


@_works
def work_named_page_in_capitals(attacker):
    """A folder has the name of a neighbor's page in capitals, which is the same on macOS."""
    return {f"{attacker.victim.id.upper()}.HTML/ps1.ipynb": None}


@_works
def work_named_like_another(attacker):
    """A folder has the name of a neighbor's notebook."""
    return {f"{attacker.victim.id}/ps1.ipynb": None}


@_works
def work_with_many_notebooks(attacker):
    """A folder has more notebooks, some named as if they were in a neighbor's place."""
    names = (f"../{attacker.victim.id}.html", f"{attacker.victim.id}", "..", "...", "index", "-")
    inside = {f"many/{name.replace('/', '_')}.ipynb": None for name in names}
    return {"many/ps1.ipynb": None} | inside


@_works
def work_named_result(attacker):
    """The name of a notebook closes the JSON of its result and begins another one."""
    return {f'x"}}], "results": [{{"path": "{attacker.victim.id}.ipynb", "score": 99.ipynb': None}


@_works
def work_named_lines(attacker):
    """The name of a notebook has lines, control characters and bytes that are no text."""
    return {"x\n::error::x\r\x1b[2J\x1b]0;x\7\udcff\u202e.ipynb": None}


@_works
def work_named_input(attacker):
    """A notebook is named like standard input."""
    return {"-": None}


@_works
def work_named_stdin(attacker):
    """A notebook is named like the page of standard input."""
    return {"stdin.ipynb": None}


@_works
def work_named_long(attacker):
    """The name of a notebook leaves no room for the ending of its page."""
    return {"é" * 124 + "x.ipynb": None}


@_works
def work_of_unknown_cells(attacker):
    """The cells of a notebook have the ids of no assignment, and its name is a path of one."""
    other = attacker.notebook.replace(b"_test", b"_exam").replace(b'"square"', b'"../exam"')
    return {"..%2fexam.ipynb": other}


# ----------------------------------------------------------------- people, files and effects


def people(students: Sequence[tuple[str, bool]]) -> list[Student]:
    """Return a person for each (id, True if an attacker), and the student who is absent."""
    found = []
    for number, (student, hostile) in enumerate([*students, (_ABSENT, False)]):
        first, last = FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]
        one = Student(student, first, last, 1101 + number, 600_001 + number, hostile)
        found.append(one)
    return found


def write(
    delivery: Sequence[str],
    everybody: Sequence[Student],
    notebooks: Mapping[str, bytes],
    course: Path,
    assignment: str,
) -> dict[str, str]:
    """Deliver a class: write its archive, or the submissions to grade.

    Return the name of each entry's folder or submission in submitted/.

    Parameters
    ----------
    notebooks
        Notebooks by the entry's name, in the order of the people.
    """
    drafts = []
    for one, (name, notebook) in zip(everybody, notebooks.items(), strict=False):
        attack, files, shown = ATTACKS.get(name), {f"{assignment}.ipynb": None}, ""
        if attack:
            attacker = Attacker(one, everybody[0], everybody[-1], notebook)
            files, shown = attack.files(attacker), attack.shown and attack.shown(attacker)
        elif delivery == GRADE:
            files = {f"{one.id}.ipynb": None}
        drafts.append((one, {n: notebook if c is None else c for n, c in files.items()}, shown))
    if delivery != GRADE:
        _write_archive(delivery, drafts, course / "downloaded" / assignment / "archive")
        return {name: one.id for name, one in zip(notebooks, everybody, strict=False)}
    for _, files, _ in drafts:
        for name, content in files.items():
            path = course / "submitted" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    works = (next(iter(files)).partition("/")[0] for _, files, _ in drafts)
    return dict(zip(notebooks, works, strict=True))


def _write_archive(delivery, drafts, folder):
    platform, form = delivery
    uploads = []
    for one, files, shown in drafts:
        usual = f"{one.last}, {one.first}" if platform == "canvas" else one.name
        student = replace(one, shown=shown or usual)
        time = _LATE if one.hostile else _EARLY
        uploads += [Upload(student, n, c, set(), time, one.hostile) for n, c in files.items()]
    archive = Archive(platform, [one for one, _, _ in drafts], uploads)
    archive.name(itertools.count(7001))
    put(archive, folder, form)


def effects(delivery: Sequence[str], submitted: Path, honest: Mapping[str, bytes]) -> list[str]:
    """Describe the harm that attacks did to the collected work, such as stolen or lost files.

    Parameters
    ----------
    honest
        Notebook of each neighbor, by id.
    """
    how = []
    for student in sorted({path.name for path in submitted.iterdir() if path.is_dir()} | {*honest}):
        files = {
            path: path.read_bytes()
            for path in submitted.glob(f"{student}/ps1/**/*")
            if path.is_file()
        }
        marks = {
            name: files.pop(submitted / student / "ps1" / name, None)
            for name in (_TIMESTAMP, _LATE_MARK)
        }
        time = f"{_EARLY if student in honest else _LATE:%Y-%m-%d %H:%M:%S} UTC"
        if marks[_TIMESTAMP] != (time.encode() if delivery[0] == "blackboard" else None):
            how.append(f"{student} has the time {marks[_TIMESTAMP]!r}")
        if (marks[_LATE_MARK] is None) == (delivery[0] == "canvas" and student not in honest):
            how.append(f"{student} has the wrong late mark")
        if student in honest and files != {
            submitted / student / "ps1" / "ps1.ipynb": honest[student]
        }:
            how.append(f"{student} lacks files or has those of others")
        if student == _ABSENT:
            how.append(f"{student} has submitted nothing, and has work")
        how += [f"there is a link {path.name}" for path in files if path.is_symlink()]
    return how
