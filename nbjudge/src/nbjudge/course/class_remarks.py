"""Messages about a whole class after a run: who has submitted nothing, and folders not as expected.

Plug-ins write them, in the group `nbjudge.remarks`; without any, there are none.
"""

from collections.abc import Collection

from nbgrader.coursedir import CourseDirectory

from nbjudge import plugins


def describe_missing(coursedir: CourseDirectory, assignment: str) -> str:
    """Return a line about students on the class list without work; "" if there are none."""
    sources = plugins.load_all("nbjudge.remarks").values()
    return next(
        filter(None, (each.describe_missing(coursedir, assignment) for each in sources)), ""
    )


def folder_remarks(coursedir: CourseDirectory, assignments: Collection[str]) -> list[str]:
    """Return messages to the instructor about the folders of assignments, one sentence each."""
    sources = plugins.load_all("nbjudge.remarks").values()
    return [text for each in sources for text in each.folder_remarks(coursedir, assignments)]
