"""Find students' work in the folders of a course."""

import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nbgrader.coursedir import CourseDirectory

from nbjudge.files import IS_LINK, is_rubbish, reason_of


def folder_of(coursedir: CourseDirectory, step: str, student: str, assignment: str) -> str:
    """Return a student's folder for an assignment in one of nbgrader's steps.

    Parameters
    ----------
    step
        A directory of the course, such as `coursedir.submitted_directory`.
    """
    path: str = coursedir.format_path(step, student, assignment)
    return os.path.join(str(coursedir.root), path)


@dataclass(frozen=True)
class Listing:
    """The students with a folder for an assignment in one of nbgrader's steps.

    Attributes
    ----------
    present
        Students whose folder exists, readable or not.
    unreadable
        Students whose folder cannot be searched for the assignment, and why: {student: reason}.
    hidden
        Folders skipped because their names begin with a dot; nbgrader skips them as well.
    """

    present: Collection[str]
    unreadable: Mapping[str, str]
    hidden: Collection[str]

    @property
    def students(self) -> list[str]:
        """Students whose folders must be read, sorted; reading reports unreadable ones."""
        return sorted({*self.present, *self.unreadable})


def list_class(coursedir: CourseDirectory, step: str, assignment: str) -> Listing:
    """List the students who have a folder for an assignment in one of nbgrader's steps.

    An unreadable folder of one student does not affect the others.

    Raises
    ------
    ValueError
        If the folder of the whole class cannot be listed.

    Examples
    --------
    >>> import nbjudge
    >>> coursedir, _ = nbjudge.load_course()
    >>> nbjudge.list_class(coursedir, coursedir.submitted_directory, "ps1").students
    ['ann', 'bob']
    """
    before, _, after = folder_of(coursedir, step, "*", assignment).partition("*")
    excluded = coursedir.student_id_exclude.split(",")
    try:
        names = [name for name in os.listdir(before) if not is_rubbish(name)]
    except (FileNotFoundError, NotADirectoryError):
        names = []
    except OSError as error:
        raise ValueError(
            f"{before} cannot be listed: {reason_of(error)}. It must be a folder that this user "
            "can read."
        ) from None
    present, unreadable, hidden = list[str](), dict[str, str](), list[str]()
    for name in names:
        try:
            mode = os.lstat(f"{before}{name}{after}").st_mode
        except OSError as error:
            folder = f"{before}{name}"
            leads_nowhere = os.path.islink(folder) and not os.path.exists(folder)
            is_absent = isinstance(error, FileNotFoundError | NotADirectoryError)
            is_student = name not in excluded and not name.startswith(".")
            if is_student and (leads_nowhere or not is_absent):
                unreadable[name] = IS_LINK if leads_nowhere else reason_of(error)
            continue
        # In the usual layout, submitted/STUDENT/ASSIGNMENT, the name exists only as a submission.
        # If the student is the last part of the path, the folder may hold other files as well.
        if name not in excluded and (after or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
            (hidden if name.startswith(".") else present).append(name)
    return Listing(present, unreadable, sorted(hidden))
