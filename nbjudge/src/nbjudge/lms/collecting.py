"""Assign the files of unpacked archives to students, and put them into `submitted/`."""

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

from nbgrader.coursedir import CourseDirectory

from nbjudge.course.folders import folder_of
from nbjudge.course.standings_reading import read_people
from nbjudge.course.times import LATE_MARK, TIMESTAMP
from nbjudge.files import put_file, read_submission, reason_of
from nbjudge.lms.collected_names import CollectedNames, changed_names
from nbjudge.lms.matching import Roster
from nbjudge.lms.platform import Key, UploadName
from nbjudge.lms.platforms import PLATFORMS, read_name

MAX_ID = 100  # characters of a student id derived from a name


@dataclass
class CollectedAttempt:
    """One attempt of a student in an archive.

    Attributes
    ----------
    whose
        Name of one of the attempt's files in the archive.
    names
        Names of all its files in the archive.
    files
        {path in the submission: path of the unpacked file}.
    modified
        Latest modification time of the files, in seconds. Canvas and Moodle set it to the time of
        the download, so it shows which archive is newer, but not when the work was submitted.
    """

    whose: UploadName
    names: list[UploadName] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    modified: float = 0.0

    def add(self, name: UploadName, path: Path) -> None:
        """Add a file to the attempt."""
        self.names.append(name)
        self.modified = max(self.modified, path.stat().st_mtime)
        if name.file:
            stem, dot, ending = name.file.rpartition(".")
            same = (f"{stem}-{n}{dot}{ending}" for n in itertools.count(1))
            free = next(f for f in itertools.chain([name.file], same) if f not in self.files)
            self.files[free] = path
        else:
            text = path.read_text(errors="replace")
            self.whose = PLATFORMS[name.platform].read_text(self.whose, text)

    @property
    def age(self) -> tuple[datetime, int, float]:
        """Sort key: larger for newer attempts."""
        upload = max(name.upload for name in self.names)  # Canvas numbers uploads in order
        return self.whose.time or datetime.min, upload, self.modified

    @property
    def contents(self) -> Counter[str]:
        """Hashes of the files."""
        return Counter(map(_digest, (path.read_bytes() for path in self.files.values())))


@dataclass
class Collected:
    """Result of collecting unpacked archives.

    Attributes
    ----------
    written, unchanged, kept
        Students whose submission was put into `submitted/`, was already there, or was left out
        because another submission is there.
    late
        Students whose work Canvas has marked as late.
    unknown
        Students who are not in the gradebook: {generated id: name in the archive}.
    remarks
        Other remarks, a sentence each.
    unnamed
        Files whose names match no platform's pattern.
    lost
        Descriptions of attempts that are in no folder of `submitted/`.
    """

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def collect(
    unpacked: Path,
    coursedir: CourseDirectory,
    assignment: str,
    zone: tzinfo,
    replaced: Path | None = None,
) -> Collected:
    """Put the newest attempt of each student into `submitted/`, and record the student's name.

    Parameters
    ----------
    unpacked
        Folder with the unpacked archives, each in a folder, or with their files.
    zone
        Time zone of the times in Blackboard's file names.
    replaced
        Folder for submissions that a different attempt replaces; None to keep existing
        submissions.

    Raises
    ------
    ValueError
        If the record of earlier collections cannot be read.
    """

    def place(student: str) -> Path:
        return Path(folder_of(coursedir, coursedir.submitted_directory, student, assignment))

    collected = Collected()
    attempts = _read_attempts(unpacked, collected)
    with changed_names(coursedir) as names:
        sorting = _Sorting(coursedir, assignment, names, place, collected)
        by_student = sorting.by_student(attempts)
        for student, own in by_student.items():
            uploads = (name for attempt in own for name in attempt.names)
            names.give(assignment, student, uploads)
    for student, own in by_student.items():
        newest = max(own, key=lambda attempt: attempt.age)
        others = [a for a in own if a is not newest and a.contents != newest.contents]
        if others:
            time = f" ({newest.whose.time:%Y-%m-%d %H:%M})" if newest.whose.time else ""
            collected.remarks.append(
                f"{student}: {len(others) + 1} attempts; the newest{time} is collected"
            )
        if newest.whose.late:
            collected.late.append(student)
        newest.files.pop(LATE_MARK, None)
        if newest.files.pop(TIMESTAMP, None):
            collected.remarks.append(
                f"{student}: the submitted file {TIMESTAMP} is left out, because nbgrader would "
                "read the submission time from it"
            )
        if not newest.files:
            collected.lost.append(f"{student}: the newest attempt has no files")
            continue
        try:
            _put(student, newest, place(student), zone, replaced, collected)
        except OSError as error:
            folder = place(student)
            why = f"{student}: not collected: {folder} cannot be written: {reason_of(error)}"
            collected.remarks.append(why)
            collected.lost.append(why)
    return collected


def _read_attempts(unpacked: Path, collected: Collected) -> list[CollectedAttempt]:
    """Return the attempts in unpacked archives, except for those without a file."""
    attempts: dict[tuple[str, Key, datetime | None], CollectedAttempt] = {}
    for path in sorted(path for path in unpacked.rglob("*") if path.is_file()):
        archive, _, inside = str(path.relative_to(unpacked)).partition("/")
        name = read_name(inside) if inside else None
        if name is None:  # the path may not begin with an archive's folder
            archive, name = "", read_name(str(path.relative_to(unpacked)))
        if name is None:
            collected.unnamed.append(str(path.relative_to(unpacked)))
        else:
            key = archive, name.keys[0], name.time
            attempts.setdefault(key, CollectedAttempt(name)).add(name, path)
    for attempt in attempts.values():
        if not attempt.files:
            when = f"{attempt.whose.time:%Y-%m-%d %H:%M}"
            why = f"{attempt.whose.label}: the attempt of {when} has no files"
            collected.remarks.append(why)
            collected.lost.append(why)
    return [attempt for attempt in attempts.values() if attempt.files]


def _people(attempts: Iterable[CollectedAttempt]) -> list[list[CollectedAttempt]]:
    """Group attempts by person or group.

    If Canvas reveals the names of anonymous work later, the file numbers identify its authors.
    """
    attempts = list(attempts)
    named = {name.keys[-1]: name.keys[0] for a in attempts for name in a.names if name.number}
    people: dict[Key, list[CollectedAttempt]] = {}
    for attempt in attempts:
        keys = [named[name.keys[-1]] for name in attempt.names if name.keys[-1] in named]
        people.setdefault((keys or attempt.whose.keys)[0], []).append(attempt)
    return list(people.values())


class _Sorting:
    """Finds the student of each attempt in the record of earlier collections and the gradebook."""

    def __init__(
        self,
        coursedir: CourseDirectory,
        assignment: str,
        names: CollectedNames,
        place: Callable[[str], Path],
        collected: Collected,
    ):
        self.students = read_people(coursedir)
        self.roster = Roster(self.students)
        self.assignment, self.names, self.place = assignment, names, place
        self.collected = collected

    def by_student(self, attempts: Iterable[CollectedAttempt]) -> dict[str, list[CollectedAttempt]]:
        """Return the attempts by student id; generate ids for unknown students."""
        whose: dict[str, list[CollectedAttempt]] = {}
        fitting: dict[str, list[list[CollectedAttempt]]] = {}
        strangers: list[tuple[list[CollectedAttempt], bool]] = []
        people = _people(attempts)
        for person_attempts in people:
            listed, several = self._listed(person_attempts)
            if student := self._before(person_attempts):
                whose.setdefault(student, []).extend(person_attempts)
                if listed and listed != student:
                    self.collected.remarks.append(
                        f"{student}: {person_attempts[0].whose.label} is {listed} in the "
                        f"gradebook, but was collected as {student} earlier. To collect the work "
                        f"as {listed}, remove {self.place(student)} and collect again with --force"
                    )
            elif listed:
                fitting.setdefault(listed, []).append(person_attempts)
            else:
                strangers.append((person_attempts, several))
        for student, candidates in fitting.items():
            earlier = [whose[student]] if student in whose else []
            platforms = [attempts[0].whose.platform for attempts in (*candidates, *earlier)]
            if len(set(platforms)) == len(platforms):
                whose.setdefault(student, []).extend(itertools.chain(*candidates))
            else:
                prefixes = ", ".join(
                    attempts[0].whose.prefix for attempts in (*candidates, *earlier)
                )
                self.collected.remarks.append(
                    f"{student}: several submissions match this student, so none is assigned: "
                    f"{prefixes}"
                )
                strangers += [(person_attempts, True) for person_attempts in candidates]
        labels = Counter(person_attempts[0].whose.labels[0] for person_attempts in people)
        for person_attempts, several in strangers:
            name = person_attempts[0].whose
            made = self._made(name, several or labels[name.labels[0]] > 1, whose)
            self.collected.unknown[made], whose[made] = name.label, person_attempts
        return dict(sorted(whose.items()))

    def _before(self, person_attempts: list[CollectedAttempt]) -> str:
        """Return the id under which a person's work was collected, if it is still there, or ""."""
        keys = [key for attempt in person_attempts for name in attempt.names for key in name.keys]
        return self.names.find(self.assignment, keys, lambda student: self.place(student).exists())

    def _listed(self, person_attempts: list[CollectedAttempt]) -> tuple[str, bool]:
        """Return the gradebook's id of a person, or "", and True if several students match."""
        known = dict.fromkeys(pairs for attempt in person_attempts for pairs in attempt.whose.known)
        student, reasons = self.roster.find_first(known)
        self.collected.remarks += [
            f"{person_attempts[0].whose.label}: {reason}" for reason in reasons
        ]
        return student.id if student else "", bool(reasons)

    def _made(self, name: UploadName, several: bool, whose: Iterable[str]) -> str:
        """Generate a unique student id.

        Parameters
        ----------
        several
            True if other students have the same name.
        whose
            Ids that are already in use in this collection.
        """
        others = (record.student for record in self.names.of(self.assignment))
        taken = {
            *(person.id.casefold() for person in self.students if person.is_on_class_list),
            *(other.casefold() for other in others if self.place(other).exists()),
            *(student.casefold() for student in whose),
        }
        last, ending = name.labels[-1]
        labels = name.labels[-1:] if several else name.labels
        more = ((last, f"{ending}_{number}") for number in itertools.count(2))
        made = (safe_id(*label) for label in itertools.chain(labels, more))
        return next(student for student in made if student.casefold() not in taken)


def safe_id(name: str, ending: str = "") -> str:
    """Derive a student id from a name: a valid folder name on every system and for nbgrader.

    Parameters
    ----------
    ending
        Suffix that distinguishes students with the same name; it is never cut off.
    """
    name = unicodedata.normalize("NFC", name)
    kept = re.sub(r"[^\w.@-]+", "-", name)[: MAX_ID - len(ending)].strip(".-")
    return (kept or "student") + ending


def _put(
    student: str,
    attempt: CollectedAttempt,
    target: Path,
    zone: tzinfo,
    replaced: Path | None,
    collected: Collected,
) -> None:
    """Copy an attempt to its folder; first move an existing submission, or keep it instead."""
    if target.exists() or target.is_symlink():
        if _contents_of(target) == attempt.contents:  # file names may differ
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
        collected.remarks.append(f"{student}: the previous submission was moved to {old}")
    new = target.with_name(f".{target.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    for name, path in attempt.files.items():
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, new / name)
    _put_time(attempt, new, zone)
    new.rename(target)
    collected.written.append(student)


def _put_time(attempt: CollectedAttempt, folder: Path, zone: tzinfo) -> None:
    """Write the submission time if the archive has it; otherwise mark work that was late."""
    if attempt.whose.time:
        time = attempt.whose.time.replace(tzinfo=zone).astimezone(UTC)
        put_file(folder / TIMESTAMP, f"{time:%Y-%m-%d %H:%M:%S} UTC".encode())
    elif attempt.whose.late:
        text = f"Marked as late by {attempt.whose.platform}, without a submission time.\n"
        put_file(folder / LATE_MARK, text.encode())


def _contents_of(folder: Path) -> Counter[str] | None:
    """Return hashes of the files of a submission; None if they cannot be read."""
    try:
        files = read_submission(folder).files
    except OSError:
        return None
    own = (TIMESTAMP, LATE_MARK)
    return Counter(_digest(content) for name, content in files.items() if name not in own)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
