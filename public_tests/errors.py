"""The exceptions of this package: a check that failed, and one of a function not written yet."""

__all__ = ["CheckFailedError", "NotWrittenError"]


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
