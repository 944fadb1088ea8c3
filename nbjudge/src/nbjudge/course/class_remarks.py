"""Messages about a whole class after a run: who has submitted nothing, and folders not as expected.

Plug-ins write them, in the group `nbjudge.remarks`; without any, there are none.
"""

from collections.abc import Collection

from nbgrader.coursedir import CourseDirectory

from nbjudge import plugins


def describe_missing(coursedir: CourseDirectory, assignment: str) -> str:
    """Return a line about students on the class list without work; "" if there are none."""
    lines = plugins.ask("nbjudge.remarks", "describe_missing", coursedir, assignment)
    return next(filter(None, lines.values()), "")


def folder_remarks(coursedir: CourseDirectory, assignments: Collection[str]) -> list[str]:
    """Return messages to the instructor about the folders of assignments, one sentence each."""
    remarks = plugins.ask("nbjudge.remarks", "folder_remarks", coursedir, assignments)
    return [text for texts in remarks.values() for text in texts]
