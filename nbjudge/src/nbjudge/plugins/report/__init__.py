"""The report about a class: one page for the instructor, from the gradebook and graded work."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbjudge.plugins.report.overview import Overview, overviews

__all__ = ["Overview", "overviews"]

ENTRY_POINTS = {"nbjudge.commands": {"report": "nbjudge.plugins.report.command"}}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from nbjudge.plugins.report import overview  # slow to import

    return getattr(overview, name)
