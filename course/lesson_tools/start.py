"""Begin a lesson: note it in the learner's progress, and enable cells for optional packages."""

from lesson_tools import needs
from public_tests.course.record import begin_lesson

__all__ = ["begin"]


def begin(lesson: str) -> None:
    """Begin a lesson, in its first cell.

    Parameters
    ----------
    lesson : str
        Name of the lesson's notebook, without its extension.
    """
    begin_lesson(lesson)
    needs.start()
