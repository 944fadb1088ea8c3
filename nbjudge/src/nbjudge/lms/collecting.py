"""Who has submitted what, by the names in unpacked archives, and where it is put."""

import hashlib
import itertools
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from nbjudge.course.standings import Person
from nbjudge.files import put_file, read_submission
from nbjudge.lms.archives import UploadName, read_name
from nbjudge.lms.matching import Roster

TIMESTAMP = "timestamp.txt"  # nbgrader's, in submitted/STUDENT/ASSIGNMENT
MAX_ID = 100  # characters of a student id that is made of a name
_Identity = tuple[str, str, str]  # the platform, a name there and a number there


@dataclass
class Attempt:
    """What a student has submitted at one time, as one archive has it.

    Attributes
    ----------
    whose
        The name of one of its files in the archive.
    files
        {path in the submission: where it was unpacked}.
    upload
        The largest of Canvas's numbers of the files.
    modified
        The latest time of the files, in seconds. Canvas and Moodle give all files the time of the
        download: it says which archive is newer, and not when the work was submitted.
    """

    whose: UploadName
    files: dict[str, Path] = field(default_factory=dict)
    upload: int = 0
    modified: float = 0.0

    def add(self, name: UploadName, path: Path) -> None:
        """Take in a file."""
        self.upload = max(self.upload, name.upload)
        self.modified = max(self.modified, path.stat().st_mtime)
        if name.file:
            stem, dot, ending = name.file.rpartition(".")
            same = (f"{stem}-{n}{dot}{ending}" for n in itertools.count(1))
            free = next(f for f in itertools.chain([name.file], same) if f not in self.files)
            self.files[free] = path

    @property
    def age(self) -> tuple[datetime, int, float]:
        """The larger, the newer."""
        return self.whose.time or datetime.min, self.upload, self.modified

    @property
    def contents(self) -> Counter[str]:
        """Hashes of the files."""
        return Counter(map(_digest, (path.read_bytes() for path in self.files.values())))


@dataclass
class Collected:
    """What became of unpacked archives.

    Attributes
    ----------
    written, unchanged, kept
        The students whose submission was put into `submitted/`, was there already, and differs from
        the one there, which stays.
    late
        The students whose work Canvas has marked as late.
    unknown
        Students that the gradebook does not have: {id that was made: name in the archive}.
    remarks
        What else a person should know, a sentence each.
    unnamed
        Files that are named as by no platform.
    """

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)


def collect(
    unpacked: Path,
    place: Callable[[str], Path],
    students: Iterable[Person],
    zone: tzinfo,
    replaced: Path | None = None,
) -> Collected:
    """Put the newest attempt of each student into `submitted/`.

    Parameters
    ----------
    unpacked
        The archives, each in a folder; or their files.
    place
        Gives the folder of a student's submission.
    students
        Of the gradebook.
    zone
        In which Blackboard's names give the time.
    replaced
        Where submissions are moved to that an attempt with another content takes the place of;
        without it they stay.
    """
    collected = Collected()
    attempts = _read_attempts(unpacked, collected)
    for student, found in _by_student(attempts, Roster(students), collected).items():
        newest = max(found, key=lambda attempt: attempt.age)
        others = [a for a in found if a is not newest and a.contents != newest.contents]
        if others:
            time = f", of {newest.whose.time:%Y-%m-%d %H:%M}," if newest.whose.time else ""
            collected.remarks.append(
                f"{student}: {len(others) + 1} attempts; the newest{time} is collected"
            )
        if newest.whose.late:
            collected.late.append(student)
        if newest.files.pop(TIMESTAMP, None):
            collected.remarks.append(
                f"{student}: the submitted file {TIMESTAMP} is left out, as nbgrader would take it "
                "for the time of the submission"
            )
        if not newest.files:
            continue
        _put(student, newest, place(student), zone, replaced, collected)
    return collected


def _read_attempts(unpacked: Path, collected: Collected) -> list[Attempt]:
    """The attempts in archives that are unpacked, those without a file left out."""
    attempts: dict[tuple[str, _Identity, datetime | None], Attempt] = {}
    for path in sorted(path for path in unpacked.rglob("*") if path.is_file()):
        archive, _, inside = str(path.relative_to(unpacked)).partition("/")
        name = read_name(inside) if inside else None
        if name is None:  # files and folders that were not in an archive
            archive, name = "", read_name(str(path.relative_to(unpacked)))
        if name is None:
            collected.unnamed.append(str(path.relative_to(unpacked)))
        else:
            key = archive, _identity(name), name.time
            attempts.setdefault(key, Attempt(name)).add(name, path)
    for attempt in attempts.values():
        if not attempt.files:
            when = f"{attempt.whose.time:%Y-%m-%d %H:%M}"
            collected.remarks.append(f"{attempt.whose.label}: the attempt of {when} has no file")
    return [attempt for attempt in attempts.values() if attempt.files]


def _identity(name: UploadName) -> _Identity:
    """Who it is, for the platform: Canvas's names may change, its numbers do not."""
    return (
        name.platform,
        "" if name.platform == "Canvas" and name.number else name.name,
        name.number,
    )


def _by_student(
    attempts: Iterable[Attempt], roster: Roster, collected: Collected
) -> dict[str, list[Attempt]]:
    """The attempts of each student, by id."""
    people: dict[_Identity, list[Attempt]] = {}
    for attempt in attempts:
        people.setdefault(_identity(attempt.whose), []).append(attempt)
    found: dict[str, list[_Identity]] = {}
    for identity, (attempt, *_) in people.items():
        if student := _find(attempt.whose, roster, collected):
            found.setdefault(student, []).append(identity)
    whose: dict[str, list[Attempt]] = {}
    for student, identities in found.items():
        platforms = [platform for platform, _, _ in identities]
        if len(set(platforms)) == len(platforms):
            whose[student] = [a for identity in identities for a in people.pop(identity)]
        else:
            names = ", ".join(people[identity][0].whose.prefix for identity in identities)
            collected.remarks.append(f"{student}: several fit, and none is taken for it: {names}")
    for (_, _, number), of_one in people.items():
        label = of_one[0].whose.label
        more = (f"{label}_{n}" for n in itertools.chain([number or 2], itertools.count(2)))
        made = map(safe_id, itertools.chain([label], more))
        student = next(one for one in made if one not in whose)
        collected.unknown[student], whose[student] = label, of_one
    return dict(sorted(whose.items()))


def _find(name: UploadName, roster: Roster, collected: Collected) -> str:
    """The id of the student that a gradebook has for a name, or ""."""
    for known in name.known:
        try:
            if student := roster.find(*known):
                return student.id
        except ValueError as error:
            collected.remarks.append(f"{name.label}: {error}")
    return ""


def safe_id(name: str) -> str:
    """A student id made of a name: a folder's name that every system and nbgrader can hold."""
    name = unicodedata.normalize("NFC", name)
    kept = re.sub(r"[^\w.@-]+", "-", name)[:MAX_ID].strip(".-")
    return kept or "student"


def _put(
    student: str,
    attempt: Attempt,
    target: Path,
    zone: tzinfo,
    replaced: Path | None,
    collected: Collected,
) -> None:
    """Put an attempt into its place, where nothing else is there or that is moved away first."""
    if target.exists() or target.is_symlink():
        if _contents_of(target) == attempt.contents:  # also where a person has renamed a file
            collected.unchanged.append(student)
            _put_time(attempt, target, zone)
            return
        if replaced is None:
            collected.kept.append(student)
            return
        old = replaced / student
        old = next(p for n in itertools.count(1) if not (p := old / str(n)).exists())
        old.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(target, old)
        collected.remarks.append(f"{student}: the submission before it is now {old}")
    new = target.with_name(f".{target.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    for name, path in attempt.files.items():
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, new / name)
    _put_time(attempt, new, zone)
    new.rename(target)
    collected.written.append(student)


def _put_time(attempt: Attempt, folder: Path, zone: tzinfo) -> None:
    """Write nbgrader's file with the time of the submission, if the archive gives that."""
    if attempt.whose.time:
        time = attempt.whose.time.replace(tzinfo=zone).astimezone(UTC)
        put_file(folder / TIMESTAMP, f"{time:%Y-%m-%d %H:%M:%S} UTC".encode())


def _contents_of(folder: Path) -> Counter[str] | None:
    """Hashes of the files of a submission, None where they cannot be read."""
    try:
        files = read_submission(folder).files
    except OSError:
        return None
    return Counter(_digest(content) for name, content in files.items() if name != TIMESTAMP)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
