"""Read the regrade requests that the instructor has put into the course's folder."""

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from nbjudge.course.gradebook import Records
from nbjudge.errors import BoxError
from nbjudge.files import is_rubbish, read_file, reason_of
from nbjudge.plugins.review.gradings import Gradings, unanswered
from nbjudge.plugins.review.manual_grades import ManualGrade, ManualGrades
from nbjudge.plugins.review.regrade import RegradeRequest, read_request
from nbjudge.sandbox.box import Box

FOLDER = "regrade_requests"
LARGEST = 5_000_000  # bytes; an e-mail can have attachments
SECONDS = 5.0  # limit of processor time to read a request
_KINDS = (".txt", ".eml")


@dataclass(frozen=True)
class Requests:
    """The requests for an assignment.

    Attributes
    ----------
    by_answer
        Requests by the id of the answer.
    problems
        Messages about files that are not requests for a graded answer.
    unread
        Messages about what cannot be read, and may be or contain requests.
    """

    by_answer: dict[str, list[RegradeRequest]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def open_requests(coursedir: CourseDirectory, assignment: str) -> int:
    """Return the number of requests for an assignment that nobody has answered.

    Raises
    ------
    ValueError
        If the folder, or a file in it, cannot be read.
    """
    with (
        contextlib.closing(Records(coursedir.db_url, coursedir.course_id, assignment)) as records,
        Box() as box,
    ):
        folder = RequestFolder(Path(coursedir.root), records.assignments, assignment, box)
        found = folder.requests(ManualGrades(records).all())
        if found.unread:
            raise ValueError(
                f"There may be open regrade requests: {'; '.join(found.unread)}. Make it readable, "
                "or move it away."
            )
        requests = found.by_answer
        gradings = Gradings(records).all() if requests else {}
    return sum(len(unanswered(requests[key], gradings.get(key, ()))) for key in requests)


class RequestFolder:
    """The folder of requests; a file is read in a box, and read again only if it has changed."""

    def __init__(self, root: Path, assignments: Iterable[str], assignment: str, box: Box):
        self.folder, self.box = root / FOLDER, box
        self.assignments, self.assignment = set(assignments), assignment
        self._read: dict[tuple[str, int, int], RegradeRequest | str] = {}

    def requests(self, grades: Iterable[ManualGrade]) -> Requests:
        """Return the requests for the assignment, ordered by file name.

        Parameters
        ----------
        grades
            All grades of the assignment.
        """
        found, read = Requests(), {}
        ids = {(grade.student, grade.notebook, grade.cell): grade.id for grade in grades}
        try:
            files = self._files()
        except OSError as error:
            return Requests(unread=[f"{FOLDER} cannot be read: {reason_of(error)}"])
        for name, version in files:
            problem = ""
            try:
                request = read[version] = self._read.get(version) or self._parse(name)
            except FileNotFoundError:  # removed since the folder was listed
                continue
            except OSError as error:
                found.unread.append(f"{FOLDER}/{name} cannot be read: {reason_of(error)}")
                continue
            if isinstance(request, str):
                problem = request
            elif request.assignment not in self.assignments:
                problem = f"the course has no assignment {request.assignment!r}"
            elif request.assignment == self.assignment:
                key = ids.get((request.student, request.notebook, request.question))
                if key is None:
                    problem = "the gradebook has no such notebook, question or student"
                elif request not in found.by_answer.setdefault(key, []):
                    found.by_answer[key].append(request)
            if problem:
                found.problems.append(f"{FOLDER}/{name} is not used: {problem}")
        self._read = read
        return found

    def _files(self) -> list[tuple[str, tuple[str, int, int]]]:
        """Return the names of the files, each with a version that changes with its content."""
        files = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name.lower().endswith(_KINDS) and not is_rubbish(entry.name):
                    with contextlib.suppress(FileNotFoundError):  # just removed
                        status = entry.stat(follow_symlinks=False)
                        version = entry.name, status.st_mtime_ns, status.st_size
                        files.append((entry.name, version))
        return sorted(files)

    def _parse(self, name: str) -> RegradeRequest | str:
        """Return the request in a file, or the reason why there is none; OSError passes."""
        try:
            content = read_file(str(self.folder / name))
            if len(content) > LARGEST:
                return f"it has more than {LARGEST:,} bytes"
            is_email = name.lower().endswith(".eml")
            read = self.box.call(read_request, content, is_email, seconds=SECONDS)
            return read.request or read.problem
        except (ValueError, BoxError) as error:
            return str(error)
