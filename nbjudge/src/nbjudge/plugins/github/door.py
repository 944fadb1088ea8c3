"""The door to GitHub: a pack as it is, and results as a job summary."""

from collections.abc import Mapping
from typing import Any

from nbjudge.plugins.github.results import read_report, summary
from nbjudge.plugins.standalone.door import no_options as add_options
from nbjudge.plugins.standalone.door import plain_pack as pack

__all__ = ["ONE_WORK", "add_options", "pack", "report"]

ONE_WORK = True


def report(document: Mapping[str, Any]) -> str:
    """Return the job summary of a run with one submission, in Markdown."""
    return summary(read_report(document))
