"""Exceptions of this package: failed checks, functions not written yet, and invalid calls."""

from .judging.wording import wrapped

__all__ = ["CheckFailedError", "NotWrittenError", "UsageError"]


class CheckFailedError(AssertionError):
    """A failed check; its message is the verdict, wrapped.

    Attributes
    ----------
    text
        The verdict without line breaks inside paragraphs.
    shown
        True if the cell already shows the verdict, so that the first line is enough.
    """

    shown = False

    def __init__(self, text: str) -> None:
        super().__init__(wrapped(text))
        self.text = text

    # IPython prints these lines in place of a traceback, so no frames of this package are shown.
    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()[: 1 if self.shown else None]


class NotWrittenError(CheckFailedError):
    """A check of a function that is not written yet, or that calls one that is not."""

    def __init__(self, text: str, exercise: str) -> None:
        super().__init__(text)
        self.exercise = exercise


class UsageError(ValueError):
    """An invalid call to a function of this package; its message says what to write instead."""

    def _render_traceback_(self) -> list[str]:  # as in CheckFailedError
        return str(self).splitlines()
