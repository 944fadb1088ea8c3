"""The standing of each student: `nbjudge status`, and what reports and exports of a class read.

`standings.py` says what a standing is, and `reading.py` reads the standings from the gradebook and
the folders. `collection_record.py` reads who submitted what in archives, and `unassigned.py` finds
work whose author is unknown.
"""

ENTRY_POINTS = {
    "nbjudge.commands": {"status": "nbjudge.plugins.standings.status"},
    "nbjudge.remarks": {"standings": "nbjudge.plugins.standings.reading"},
    "nbjudge.names": {
        "COLLECTED": "nbjudge.plugins.standings.collection_record:COLLECTED",
        "GradedQuestion": "nbjudge.plugins.standings.standings:GradedQuestion",
        "Standings": "nbjudge.plugins.standings.standings:Standings",
        "State": "nbjudge.plugins.standings.standings:State",
        "read_standings": "nbjudge.plugins.standings.reading:read_standings",
    },
}
