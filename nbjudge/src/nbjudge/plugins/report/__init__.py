"""The report about a class: one page for the instructor, from the gradebook and graded work."""

from typing import TYPE_CHECKING

from nbjudge.plugins import public_names

if TYPE_CHECKING:
    from nbjudge.plugins.report.overview import Overview, overviews

__all__ = ["Overview", "overviews"]

ENTRY_POINTS = {"nbjudge.commands": {"report": "nbjudge.plugins.report.command"}}

__getattr__ = public_names(__name__, {name: f"overview:{name}" for name in __all__})
