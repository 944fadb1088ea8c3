"""Where the work of students lies in a course's folders."""

import os
from pathlib import Path

from nbgrader.coursedir import CourseDirectory


def folder_of(coursedir: CourseDirectory, step: str, student: str, assignment: str) -> str:
    """A student's folder for an assignment in one of nbgrader's steps.

    Parameters
    ----------
    step
        A directory of the course, such as `coursedir.submitted_directory`.
    """
    path: str = coursedir.format_path(step, student, assignment)
    return os.path.join(str(coursedir.root), path)


def students_with(coursedir: CourseDirectory, step: str, assignment: str) -> list[str]:
    """The students who have a folder for an assignment in one of nbgrader's steps, by name."""
    before, _, after = folder_of(coursedir, step, "*", assignment).partition("*")
    folders = [path for path in Path(before).glob("*") if Path(f"{path}{after}").is_dir()]
    excluded = coursedir.student_id_exclude.split(",")
    names = (path.name for path in folders)
    return sorted(name for name in names if name not in excluded and not name.startswith("."))
