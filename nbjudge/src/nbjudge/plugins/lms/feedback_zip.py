"""Pack feedback pages into a zip, named so that a platform assigns each page to its student.

A platform identifies students by its names for their submissions, so the names are taken from an
archive of submissions downloaded from the platform.
"""

import datetime
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from shlex import quote

from nbjudge.course.folders import folder_of
from nbjudge.course.outcome import listed
from nbjudge.files import MAX_FILE, inside, is_rubbish, read_folder, read_submission
from nbjudge.plugins.lms.collected_names import read_names
from nbjudge.plugins.lms.matching import Match, Roster
from nbjudge.plugins.lms.platform import Key, UploadName
from nbjudge.plugins.lms.platforms import ARCHIVES, either, read_archive, top_folder
from nbjudge.plugins.lms.unpacking import name_in_zip
from nbjudge.plugins.standings.standings import WITHOUT_WORK, Person, Standing, Standings, State

_EPOCH = (1980, 1, 1, 0, 0, 0)  # fixed, so that equal pages give an identical zip
_NOT_GRADED = "This submission could not be graded: {why}.\n"


@dataclass(frozen=True)
class _Entry:
    """A submitted file in an archive, with the hash of its content."""

    name: UploadName
    content: str

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name.file).stem

    @property
    def age(self) -> tuple[datetime.datetime, int]:
        """Sort key: larger for newer files."""
        return self.name.time or datetime.datetime.min, self.name.upload


@dataclass
class Packed:
    """A zip of feedback.

    Attributes
    ----------
    included
        Standings whose feedback is in the zip.
    said
        Sentences about the work that was left out.
    """

    content: bytes = b""
    included: list[Standing] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def pack_feedback(archive: Path, standings: Standings, platform: str = "") -> Packed:
    """Pack the feedback of one assignment for the students in an archive of submissions.

    Students are identified by the record of `nbgrader zip_collect`, otherwise by the names in the
    archive, otherwise by the content of their notebooks in `submitted/`. The zip has the feedback
    pages of graded work and of work that awaits manual grading. For work that could not be graded,
    it has a text file with the reason.

    Parameters
    ----------
    archive
        Archive of submissions as downloaded from the platform.
    standings
        Standings of a single assignment.
    platform
        Name of the platform; "" to find it by the file names.

    Raises
    ------
    ValueError
        If `archive` is not an archive of submissions, or contains no work of this class.
    """
    packed, buffer = Packed(), io.BytesIO()
    entries = sorted(_read_archive(archive, platform, packed), key=lambda entry: entry.age)
    (assignment,) = standings.assignments
    whose = _by_student(entries, standings, packed)
    absent, without = list[str](), list[str]()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as output:
        for student in standings.students:
            standing = standings.by_student[student.id][assignment.name]
            if student.id not in whose:
                if standing.state not in WITHOUT_WORK:
                    absent.append(student.id)
                continue
            files = _feedback_of(standings, standing)
            if not files:
                without.append(f"{student.id} ({standing.state})")
                continue
            packed.included.append(standing)
            for name, content in files.items():
                prefix = _best(whose[student.id], Path(name).stem).name.prefix
                info = zipfile.ZipInfo(prefix + name, _EPOCH)
                info.external_attr = 0o644 << 16
                output.writestr(info, content, zipfile.ZIP_DEFLATED)
    if absent:
        packed.said.append(f"The archive has no submission from {listed(absent)}.")
    if without:
        packed.said.append(
            f"There is no feedback page for {listed(without)}: run `nbjudge autograde "
            f"{quote(assignment.name)} --feedback`."
        )
    if not packed.included:
        raise ValueError(
            f"There is no feedback for any file in {archive}: {' '.join(packed.said)} "
            f"Is this the archive of {assignment.name}?"
        )
    packed.content = buffer.getvalue()
    return packed


def _read_archive(archive: Path, platform: str, packed: Packed) -> list[_Entry]:
    """Return the submitted files of an archive, and report files with other names."""
    try:
        with zipfile.ZipFile(archive) as opened:
            infos = {
                name: info
                for info in opened.infolist()
                if not info.is_dir() and not _is_skipped(name := name_in_zip(info))
            }
            names = read_archive(infos, platform, top_folder(infos))
            entries = [
                _Entry(name, _digest_in(opened, infos[path]))
                for path, name in names.items()
                if name.file and not name.is_typed
            ]
    except (zipfile.BadZipFile, RuntimeError) as error:  # RuntimeError: for example, encrypted
        raise ValueError(f"{archive} is not a readable zip file: {error}.") from None
    unnamed = (name for name in infos if name not in names)
    packed.said += [f"{name}: the name matches no platform's pattern." for name in unnamed]
    if not entries:
        menus = (f"In {name}: {platform.download}." for name, platform in ARCHIVES.items())
        raise ValueError(
            f"{archive} contains no submission with a name of {either(ARCHIVES)}. {' '.join(menus)}"
        )
    return entries


def _is_skipped(name: str) -> bool:
    """True for a file that no platform writes: one of an editor, or outside the archive."""
    if any(map(is_rubbish, name.split("/"))):
        return True
    try:
        inside(Path(), name)
    except ValueError:
        return True
    return False


def _digest_in(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    """Return the hash of a file in a zip; "" for an empty or a large file."""
    content = opened.read(info) if info.file_size <= MAX_FILE else b""
    return hashlib.sha256(content).hexdigest() if content else ""


def _by_student(
    entries: Iterable[_Entry], standings: Standings, packed: Packed
) -> dict[str, list[_Entry]]:
    """Return the entries of each student, and report entries without a match."""
    (assignment,), names = standings.assignments, read_names(standings.coursedir)
    roster, contents = Roster(standings.students), _contents(standings)
    people = dict[Key, list[_Entry]]()
    for entry in entries:
        entry = _Entry(roster.settle(entry.name), entry.content)
        people.setdefault(entry.name.keys[0], []).append(entry)
    whose: dict[str, list[_Entry]] = {}
    unknown: dict[Key, str] = {}
    for person, person_entries in people.items():
        keys = [key for entry in person_entries for key in entry.name.keys]
        collected = names.find(
            assignment.name, keys, lambda student: standings.has_work(student, assignment.name)
        )
        if collected and not person_entries[0].name.is_of_several:
            whose.setdefault(collected, []).extend(person_entries)
        else:
            unknown[person] = "nobody in the gradebook matches"
    for search in (
        lambda entries: roster.match([entry.name for entry in entries]),
        lambda entries: _match_content(entries, contents),
    ):
        fitting: dict[str, list[Key]] = {}
        for person in unknown:
            match = search(people[person])
            if match.student and match.student.id not in whose:
                fitting.setdefault(match.student.id, []).append(person)
            elif match.why:
                unknown[person] = match.why
        for fits, persons in fitting.items():
            if len(persons) == 1:
                whose[fits] = people[persons[0]]
                del unknown[persons[0]]
            else:
                unknown |= {person: f"several entries match {fits}" for person in persons}
    for person, why in unknown.items():
        prefixes = dict.fromkeys(entry.name.prefix.rstrip("/_") for entry in people[person])
        packed.said += [f"{prefix}: left out: {why}." for prefix in prefixes]
    return whose


def _match_content(entries: list[_Entry], contents: dict[str, set[Person]]) -> Match:
    """Return the student if exactly one submitted a notebook with the same content."""
    if entries[0].name.is_of_several:
        return Match()
    same = {student for entry in entries for student in contents.get(entry.content, ())}
    return Match(next(iter(same))) if len(same) == 1 else Match()


def _contents(standings: Standings) -> dict[str, set[Person]]:
    """Return the students who submitted each notebook content: {hash: students}."""
    (assignment,), coursedir = standings.assignments, standings.coursedir
    students: dict[str, set[Person]] = {}
    for student in standings.students:
        step = coursedir.submitted_directory
        folder = Path(folder_of(coursedir, step, student.id, assignment.name))
        try:
            files = read_submission(folder).files
        except OSError:  # not submitted or not readable: only the names can identify the student
            continue
        for name, content in files.items():
            if name.endswith(".ipynb") and content:
                digest = hashlib.sha256(content).hexdigest()
                students.setdefault(digest, set()).add(student)
    return students


def _feedback_of(standings: Standings, standing: Standing) -> dict[str, bytes]:
    """Return a student's feedback: {file name: content}."""
    if standing.state is State.NOT_GRADABLE:
        return {"not-graded.txt": _NOT_GRADED.format(why=standing.why).encode()}
    if standing.state not in (State.GRADED, State.WAITING):
        return {}
    coursedir, assignment = standings.coursedir, standing.assignment.name
    step = coursedir.feedback_directory
    folder = Path(folder_of(coursedir, step, standing.student.id, assignment))
    try:
        pages = read_folder(folder).files
    except OSError:
        return {}
    return {name: page for name, page in pages.items() if re.fullmatch(r"[^/]+\.html", name)}


def _best(entries: list[_Entry], notebook: str) -> _Entry:
    """Return the submitted file for a page: a notebook with its name, any notebook, or any file.

    If several files qualify, return the latest.
    """
    notebooks = [entry for entry in entries if entry.name.file.endswith(".ipynb")]
    same = [entry for entry in notebooks if entry.stem.startswith(notebook)]
    return (same or notebooks or entries)[-1]
