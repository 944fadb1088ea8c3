"""The exception of this package: a check that failed."""

__all__ = ["CheckFailedError"]


class CheckFailedError(AssertionError):
    """A check that failed; its text is the verdict."""

    def _render_traceback_(
        self,
    ) -> list[str]:  # what IPython prints: the verdict, without our own frames
        return str(self).splitlines()
