"""The standing of each student: `nbjudge status`, and what reports and exports of a class read.

`standings.py` says what a standing is, and `reading.py` reads the standings from the gradebook and
the folders. `collection_record.py` reads who submitted what in archives, and `unassigned.py` finds
work whose author is unknown.
"""

from typing import TYPE_CHECKING

from nbjudge.plugins import public_names

if TYPE_CHECKING:
    from nbjudge.plugins.standings.collection_record import COLLECTED
    from nbjudge.plugins.standings.reading import read_standings
    from nbjudge.plugins.standings.standings import (
        Assigned,
        GradedQuestion,
        Person,
        Question,
        Standing,
        Standings,
        State,
    )

__all__ = [
    "COLLECTED",
    "Assigned",
    "GradedQuestion",
    "Person",
    "Question",
    "Standing",
    "Standings",
    "State",
    "read_standings",
]

ENTRY_POINTS = {
    "nbjudge.commands": {"status": "nbjudge.plugins.standings.status"},
    "nbjudge.remarks": {"standings": "nbjudge.plugins.standings.reading"},
}

__getattr__ = public_names(
    __name__,
    {
        **{name: f"standings:{name}" for name in __all__},
        "COLLECTED": "collection_record:COLLECTED",
        "read_standings": "reading:read_standings",
    },
)
