"""The exceptions of this package: checks that fail, functions not written yet, and wrong calls."""

__all__ = ["CheckFailedError", "NotWrittenError", "UsageError"]


class CheckFailedError(AssertionError):
    """A check that failed; its text is the verdict.

    Attributes
    ----------
    shown
        Whether the cell shows the verdict already, so that its first line is enough.
    """

    shown = False

    def _render_traceback_(
        self,
    ) -> list[str]:  # what IPython prints: the verdict, without our own frames
        return str(self).splitlines()[: 1 if self.shown else None]


class NotWrittenError(CheckFailedError):
    """A check of a function that is as it was handed out: the one of this exercise."""

    def __init__(self, text: str, exercise: str) -> None:
        super().__init__(text)
        self.exercise = exercise


class UsageError(ValueError):
    """A wrong call of a function of this package; its text says what to write."""

    def _render_traceback_(self) -> list[str]:  # as of a check
        return str(self).splitlines()
