"""Assign the files of unpacked archives to students, and put them into `submitted/`.

Only what the platform wrote says who submitted a file and when. The zips that students submitted
are unpacked after that, each into the attempt that it belongs to.
"""

import hashlib
import itertools
import re
import shutil
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from nbgrader.coursedir import CourseDirectory

from nbjudge import plugins
from nbjudge.course.folders import folder_of
from nbjudge.course.outcome import listed, shortened
from nbjudge.course.times import LATE_MARK, TIMESTAMP
from nbjudge.files import (
    MAX_FILES,
    MAX_TOTAL,
    folded,
    inside,
    is_rubbish,
    put_file,
    read_submission,
    reason_of,
)
from nbjudge.plugins.lms.collected_names import CollectedNames, changed_names
from nbjudge.plugins.lms.matching import Match, Roster
from nbjudge.plugins.lms.platform import Key, UploadName
from nbjudge.plugins.lms.platforms import GROUP, PLATFORMS, POINTS, is_upload, read_archive
from nbjudge.plugins.lms.unpacking import Room, unpack
from nbjudge.plugins.shared.free_names import FreeNames
from nbjudge.plugins.standings.collection_record import COLLECTED, LEFT_OUT
from nbjudge.plugins.standings.reading import read_people

if TYPE_CHECKING:
    from nbjudge.plugins.standings.standings import Person

MAX_ID = 100  # characters of a student id derived from a name
OWN_FILES = (TIMESTAMP, LATE_MARK)  # in a collected submission


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
    left_out
        Paths in the submission where nbgrader or nbjudge would read the time of submission.
    modified
        Latest modification time of the files, in seconds. Canvas and Moodle set it to the time of
        the download, so it shows which archive is newer, but not when the work was submitted.
    """

    whose: UploadName
    names: list[UploadName] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    modified: float = 0.0
    _free: FreeNames = field(default_factory=FreeNames)

    def __post_init__(self) -> None:
        for name in OWN_FILES:
            self._free.take(name)

    def add(self, name: UploadName, path: Path) -> None:
        """Add a file to the attempt.

        Raises
        ------
        ValueError
            If its path in the submission is not valid.
        """
        if folded(name.file) in OWN_FILES:
            self.left_out.append(name.file)
        elif name.file:
            inside(Path(), name.file)
            self.files[self._free.take(name.file)] = path
        else:
            text = path.read_text(errors="replace")
            with plugins.naming(GROUP, POINTS[name.platform]):
                self.whose = PLATFORMS[name.platform].read_text(self.whose, text)
        self.names.append(name)
        self.modified = max(self.modified, path.stat().st_mtime)

    def unpack(self, folder: Path) -> list[str]:
        """Unpack each zip of the attempt next to it; return a sentence for each file left out.

        Parameters
        ----------
        folder
            Empty folder for the unpacked files.
        """
        left_out: list[str] = []
        sizes = [path.stat().st_size for path in self.files.values()]
        room = Room(MAX_FILES - len(sizes), MAX_TOTAL - sum(sizes))
        for number, (name, path) in enumerate(list(self.files.items())):
            if not name.lower().endswith(".zip"):
                continue
            unpacked = folder / str(number)
            try:
                left_out += unpack(path, unpacked, room)
            except ValueError as error:
                left_out.append(f"{error}; it is collected without unpacking")
            beside = name[: -len(".zip")].rstrip(".") or "zip"
            for file in sorted(file for file in unpacked.rglob("*") if file.is_file()):
                inner = f"{beside}/{file.relative_to(unpacked).as_posix()}"
                try:
                    inside(folder, inner)
                except ValueError as error:
                    left_out.append(f"{path.name}: {inner}: {error}")
                else:
                    self.files[self._free.take(inner)] = file
        return left_out

    @property
    def age(self) -> tuple[datetime, int, float]:
        """Sort key: larger for newer attempts."""
        upload = max(name.upload for name in self.names)  # Canvas numbers uploads in order
        return self.whose.time or datetime.min, upload, self.modified

    @property
    def late(self) -> bool:
        """True if a name says that the attempt was late, or may say so."""
        return any(one.late for name in self.names for one in (name, *name.others))

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
    unsure
        Work that may be of one of several students, or of somebody else: {generated id: their ids}.
    remarks
        Other remarks, a sentence each.
    unnamed, typed
        Files whose names match no platform's pattern, and texts or links that students entered on
        the platform.
    lost
        Descriptions of attempts that are in no folder of `submitted/`.
    """

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    unsure: dict[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def lose(self, why: str) -> None:
        """Note, and report in the remarks, an attempt that is in no folder of `submitted/`."""
        self.lost.append(why)
        self.remarks.append(why)


def collect(
    unpacked: Path,
    coursedir: CourseDirectory,
    assignment: str,
    zone: tzinfo,
    replaced: Path | None = None,
    platform: str = "",
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
    platform
        Name of the platform of all archives; "" to find it for each archive.

    Raises
    ------
    ValueError
        If the record of earlier collections cannot be read, or an archive may come from several
        platforms.
    """

    def place(student: str) -> Path:
        return Path(folder_of(coursedir, coursedir.submitted_directory, student, assignment))

    collected = Collected()
    students = read_people(coursedir)
    roster = Roster(students)
    attempts = _read_attempts(unpacked, roster, platform, collected)
    roster.choose_order(name for attempt in attempts for name in attempt.names)
    with changed_names(coursedir) as names:
        sorting = _Sorting(students, roster, assignment, names, place, collected)
        by_student = sorting.by_student(attempts)
        for student, own in by_student.items():
            uploads = (name for attempt in own for name in attempt.names)
            names.give(assignment, student, uploads, collected.unsure.get(student, ()))
    for student, own in by_student.items():
        newest = max(own, key=lambda attempt: attempt.age)
        collected.remarks += _describe(student, newest, own)
        if newest.late:
            collected.late.append(student)
        if not newest.files:
            collected.lost.append(f"{student}: the newest attempt has no files")
            continue
        with tempfile.TemporaryDirectory(prefix=".zips-", dir=unpacked.parent) as zips:
            left_out = newest.unpack(Path(zips))
            collected.remarks += [f"{student}: {sentence}" for sentence in shortened(left_out)]
            try:
                _put(student, newest, place(student), zone, replaced, collected)
            except OSError as error:
                target = place(student)
                collected.lose(
                    f"{student}: not collected: {target} cannot be written: {reason_of(error)}"
                )
    return collected


def _describe(
    student: str, newest: CollectedAttempt, own: Iterable[CollectedAttempt]
) -> Iterator[str]:
    """Yield remarks about the attempts of a student."""
    others = [a for a in own if a is not newest and a.contents != newest.contents]
    if others:
        time = f" ({newest.whose.time:%Y-%m-%d %H:%M})" if newest.whose.time else ""
        older = {name for attempt in others for name in attempt.files if name.endswith(".ipynb")}
        lacking = listed(older - newest.files.keys())
        only = f", which lacks {lacking} of an earlier one" if lacking else ""
        yield f"{student}: {len(others) + 1} attempts; the newest{time} is collected{only}"
    for name in newest.left_out:
        yield (
            f"{student}: the submitted file {name} is left out, because the submission time is "
            "read from files with this name"
        )


def _read_attempts(
    unpacked: Path, roster: Roster, platform: str, collected: Collected
) -> list[CollectedAttempt]:
    """Return the attempts in unpacked archives, except for those without a file.

    Raises
    ------
    ValueError
        If an archive may come from several platforms.
    """
    archives: dict[str, list[str]] = {}
    for file in sorted(file for file in unpacked.rglob("*") if file.is_file()):
        inner = file.relative_to(unpacked).as_posix()
        folder = inner.partition("/")[0] + "/"
        archive = "" if not inner.startswith(folder) or is_upload(folder) else folder
        archives.setdefault(archive, []).append(inner)
    attempts: dict[tuple[str, Key, datetime | None], CollectedAttempt] = {}
    for archive, paths in archives.items():
        try:
            names = read_archive(paths, platform, archive)
        except ValueError as error:
            raise ValueError(f"{unpacked / archive}: {error}") from None
        for path in paths:
            if path not in names or names[path].is_typed:
                (collected.typed if path in names else collected.unnamed).append(path)
                continue
            name = roster.settle(names[path])
            attempt = attempts.setdefault(
                (archive, name.keys[0], name.time), CollectedAttempt(name)
            )
            try:
                attempt.add(name, unpacked / path)
            except ValueError as error:
                collected.lose(f"{path}: not collected: {error}")
    for attempt in attempts.values():
        if not attempt.files and attempt.whose.time:
            when = f"{attempt.whose.time:%Y-%m-%d %H:%M}"
            collected.lose(f"{attempt.whose.label}: the attempt of {when} has no files")
    return [attempt for attempt in attempts.values() if attempt.files or attempt.left_out]


def _people(attempts: Iterable[CollectedAttempt]) -> list[list[CollectedAttempt]]:
    """Group attempts by person or group.

    If Canvas reveals the names of anonymous work later, the file numbers identify its authors.
    """
    attempts = list(attempts)
    named = {name.keys[-1]: name.keys[0] for a in attempts for name in a.names if name.number}
    people: dict[Key, list[CollectedAttempt]] = {}
    for attempt in attempts:
        keys = [
            named[name.keys[-1]]
            for name in attempt.names
            if not name.number and name.keys[-1] in named
        ]
        people.setdefault((keys or attempt.whose.keys)[0], []).append(attempt)
    return list(people.values())


class _Sorting:
    """Finds the student of each attempt in the record of earlier collections and the gradebook."""

    def __init__(
        self,
        students: "Iterable[Person]",
        roster: Roster,
        assignment: str,
        names: CollectedNames,
        place: Callable[[str], Path],
        collected: Collected,
    ):
        self.students, self.roster = students, roster
        self.assignment, self.names, self.place = assignment, names, place
        self.collected = collected

    def by_student(self, attempts: Iterable[CollectedAttempt]) -> dict[str, list[CollectedAttempt]]:
        """Return the attempts by student id; generate ids for unknown students."""
        whose: dict[str, list[CollectedAttempt]] = {}
        fitting: dict[str, list[list[CollectedAttempt]]] = {}
        strangers: list[tuple[list[CollectedAttempt], tuple[str, ...]]] = []
        people = _people(attempts)
        for person_attempts in people:
            match = self.roster.match([a.whose for a in person_attempts])
            listed = match.student.id if match.student else ""
            if student := self._before(person_attempts):
                whose.setdefault(student, []).extend(person_attempts)
                if listed and listed != student:
                    self.collected.remarks.append(
                        f"{student}: {person_attempts[0].whose.label} is {listed} in the "
                        f"gradebook, but was collected as {student} earlier. To collect the work "
                        f"as {listed}, remove {self.place(student)} and collect again with --force"
                    )
                if match.candidates:
                    self.collected.unsure[student] = _ids(match)
            elif listed:
                fitting.setdefault(listed, []).append(person_attempts)
            else:
                if match.why:
                    label = person_attempts[0].whose.label
                    self.collected.remarks.append(f"{label}: {match.why}")
                strangers.append((person_attempts, _ids(match)))
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
                strangers += [(person_attempts, (student,)) for person_attempts in candidates]
        labels = Counter(person_attempts[0].whose.labels[0] for person_attempts in people)
        for person_attempts, possible in strangers:
            name = person_attempts[0].whose
            if moved := self._moved(person_attempts, possible):
                self.collected.remarks.append(f"{name.label}: this work is already in {moved}")
                continue
            made = self._made(name, bool(possible) or labels[name.labels[0]] > 1, whose)
            self.collected.unknown[made], whose[made] = name.label, person_attempts
            if possible:
                self.collected.unsure[made] = possible
        return dict(sorted(whose.items()))

    def _before(self, person_attempts: list[CollectedAttempt]) -> str:
        """Return the id under which a person's work was collected, if it is still there, or ""."""
        keys = [key for attempt in person_attempts for name in attempt.names for key in name.keys]
        return self.names.find(self.assignment, keys, lambda student: self.place(student).exists())

    def _moved(self, attempts: list[CollectedAttempt], possible: Iterable[str]) -> Path | None:
        """Return the folder of a candidate into which unsure work was moved, or None."""
        contents = max(attempts, key=lambda attempt: attempt.age).contents
        for place in map(self.place, possible):
            if contents and contents <= (_contents_of(place) or Counter()):
                return place
        return None

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
            COLLECTED,
            LEFT_OUT,
            *(folded(person.id) for person in self.students if person.is_on_class_list),
            *(folded(other) for other in others if self.place(other).exists()),
            *map(folded, whose),
        }
        last, ending = name.labels[-1]
        labels = name.labels[-1:] if several else name.labels
        more = ((last, f"{ending}_{number}") for number in itertools.count(2))
        made = (safe_id(*label) for label in itertools.chain(labels, more))
        return next(one for one in made if folded(one) not in taken and not is_rubbish(one))


def _ids(match: Match) -> tuple[str, ...]:
    return tuple(person.id for person in match.candidates)


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
        old = inside(replaced, student)
        old = next(p for n in itertools.count(1) if not (p := old / str(n)).exists())
        old.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(target, old)
        collected.remarks.append(f"{student}: the previous submission was moved to {old}")
    new = target.with_name(f".{target.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        for name, path in attempt.files.items():
            copy = inside(new, name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        _put_time(attempt, new, zone)
        new.rename(target)
    except OSError:  # such as a full disk, which others need
        shutil.rmtree(new, ignore_errors=True)
        raise
    collected.written.append(student)


def _put_time(attempt: CollectedAttempt, folder: Path, zone: tzinfo) -> None:
    """Write the submission time if the archive has it; otherwise mark work that was late."""
    if attempt.whose.time:
        time = attempt.whose.time.replace(tzinfo=zone).astimezone(UTC)
        put_file(folder / TIMESTAMP, f"{time:%Y-%m-%d %H:%M:%S} UTC".encode())
    elif attempt.late:
        text = f"Marked as late by {attempt.whose.platform}, without a submission time.\n"
        put_file(folder / LATE_MARK, text.encode())


def _contents_of(folder: Path) -> Counter[str] | None:
    """Return hashes of the files of a submission; None if they cannot be read."""
    try:
        files = read_submission(folder).files
    except OSError:
        return None
    return Counter(_digest(content) for name, content in files.items() if name not in OWN_FILES)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
