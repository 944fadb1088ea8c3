"""Feedback pages in one zip, named so that Canvas or Moodle gives each to its student.

Both know a student by how they have named the submission, so the names are taken from an archive
of submissions that was downloaded there; `archives.py` has their form.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from nbjudge.course.folders import folder_of
from nbjudge.course.outcome import listed
from nbjudge.course.standings import Person, Standing, Standings, State
from nbjudge.files import MAX_FILE, read_folder
from nbjudge.lms.archives import RUBBISH, name_in_zip, read_name
from nbjudge.lms.matching import Roster

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same pages give the same zip
_NOT_GRADED = "This submission could not be graded: {why}.\n"


@dataclass(frozen=True)
class _Entry:
    """A submitted file in an archive, and where its student's feedback goes."""

    prefix: str
    file: str
    known: tuple[tuple[str, str], ...]
    content: str

    @property
    def stem(self) -> str:
        return PurePosixPath(self.file).stem


@dataclass
class Packed:
    """A zip of feedback.

    Attributes
    ----------
    included
        The standings whose feedback is in it.
    said
        Sentences on what is not.
    """

    content: bytes = b""
    included: list[Standing] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def pack_feedback(archive: Path, standings: Standings) -> Packed:
    """The feedback of one assignment for those whose submissions an archive holds.

    Students are found by the names in the archive, or else by the content of their notebooks in
    `submitted/`. Graded work and work that waits for a person has its pages, and work that could
    not be graded a text that says why.

    Parameters
    ----------
    archive
        Of the submissions, as Canvas or Moodle makes it.
    standings
        Of the one assignment.

    Raises
    ------
    ValueError
        Where the file is no such archive, or nothing in it is of this class.
    """
    packed, buffer = Packed(), io.BytesIO()
    entries = _read_archive(archive, packed)
    (assignment,) = standings.assignments
    whose = _by_student(entries, standings, packed)
    absent, without = list[str](), list[str]()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for student in standings.students:
            standing = standings.by_student[student.id][assignment.name]
            if student.id not in whose:
                if standing.state not in (State.NOT_SUBMITTED, State.NOT_ASSIGNED):
                    absent.append(student.id)
                continue
            files = _feedback_of(standings, standing)
            if not files:
                without.append(f"{student.id} ({standing.state})")
                continue
            packed.included.append(standing)
            for name, content in files.items():
                prefix = _best(whose[student.id], Path(name).stem).prefix
                info = zipfile.ZipInfo(prefix + name, _EPOCH)
                info.external_attr = 0o644 << 16
                made.writestr(info, content, zipfile.ZIP_DEFLATED)
    if absent:
        packed.said.append(f"The archive has no submission of {listed(absent)}.")
    if without:
        packed.said.append(f"There is no feedback page for {listed(without)}.")
    if not packed.included:
        raise ValueError(
            f"There is no feedback for anything in {archive}: {' '.join(packed.said)} "
            f"Is it the archive of {assignment.name}, and is its work graded?"
        )
    packed.content = buffer.getvalue()
    return packed


def _read_archive(archive: Path, packed: Packed) -> list[_Entry]:
    """The submitted files of an archive; what is named otherwise is said."""
    entries = []
    try:
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                parts = PurePosixPath(name := name_in_zip(info)).parts
                if info.is_dir() or any(part in RUBBISH for part in parts):
                    continue
                entry = None if ".." in parts else _entry(opened, info, name)
                if entry is None:
                    packed.said.append(f"{name} is not named as Canvas or Moodle do.")
                else:
                    entries.append(entry)
    except (zipfile.BadZipFile, RuntimeError) as error:  # of an encrypted file, for one
        raise ValueError(f"{archive} is no zip file that can be read: {error}.") from None
    if not entries:
        raise ValueError(
            f"{archive} holds no submission that is named as Canvas or Moodle do. In Canvas: the "
            "assignment > Download Submissions. In Moodle: the assignment > Submissions > Download "
            "all submissions, in folders."
        )
    return entries


def _entry(opened: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> _Entry | None:
    content = opened.read(info) if info.file_size <= MAX_FILE else b""
    digest = hashlib.sha256(content).hexdigest() if content else ""
    upload = read_name(name)
    if upload is None or upload.platform not in ("Canvas", "Moodle"):
        return None
    known = tuple(pair for pairs in upload.known for pair in pairs)
    return _Entry(upload.prefix, upload.file, known, digest)


def _by_student(
    entries: Iterable[_Entry], standings: Standings, packed: Packed
) -> dict[str, list[_Entry]]:
    """The entries of each student; whose student is not found is said."""
    roster, contents = Roster(standings.students), _contents(standings)
    whose: dict[str, list[_Entry]] = {}
    unknown: dict[str, str] = {}
    for entry in entries:
        student, why = None, "nobody in the gradebook fits"
        try:
            student = roster.find(*entry.known)
        except ValueError as error:
            why = str(error)
        same = contents.get(entry.content, set())
        if student is None and len(same) == 1:
            (student,) = same
        if student is None:
            unknown[entry.prefix] = why
        else:
            whose.setdefault(student.id, []).append(entry)
    known = {entry.prefix for found in whose.values() for entry in found}
    for prefix, why in unknown.items():
        if prefix not in known:
            packed.said.append(f"{prefix.rstrip('/_')}: left out, as {why}.")
    return whose


def _contents(standings: Standings) -> dict[str, set[Person]]:
    """Who has submitted a notebook of a certain content."""
    (assignment,), coursedir = standings.assignments, standings.coursedir
    found: dict[str, set[Person]] = {}
    for student in standings.students:
        step = coursedir.submitted_directory
        folder = Path(folder_of(coursedir, step, student.id, assignment.name))
        if folder.is_dir() and not folder.is_symlink():
            for name, content in read_folder(folder).files.items():
                if name.endswith(".ipynb") and content:
                    digest = hashlib.sha256(content).hexdigest()
                    found.setdefault(digest, set()).add(student)
    return found


def _feedback_of(standings: Standings, standing: Standing) -> dict[str, bytes]:
    """What a student gets: {file name: content}."""
    if standing.state is State.NOT_GRADABLE:
        return {"not-graded.txt": _NOT_GRADED.format(why=standing.why).encode()}
    if standing.state not in (State.GRADED, State.WAITING):
        return {}
    coursedir, assignment = standings.coursedir, standing.assignment.name
    step = coursedir.feedback_directory
    folder = Path(folder_of(coursedir, step, standing.student.id, assignment))
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.html"))}


def _best(entries: list[_Entry], notebook: str) -> _Entry:
    """The submitted file that a page is of: the notebook of its name, else any, else any file."""
    notebooks = [entry for entry in entries if entry.file.endswith(".ipynb")]
    same = [entry for entry in notebooks if entry.stem.startswith(notebook)]
    return (same or notebooks or entries)[-1]  # the latest attempt
