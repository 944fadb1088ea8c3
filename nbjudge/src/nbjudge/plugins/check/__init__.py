"""`nbjudge check`, and what it and a run say about the instructor's own notebooks.

`command.py` is the command, which compares the scores of tests with nbgrader's. `source_cells.py`
compares source/ with the version that nbgrader has recorded, and finds likely mistakes.
"""

ENTRY_POINTS = {
    "nbjudge.commands": {"check": "nbjudge.plugins.check.command"},
    "nbjudge.checks": {"source": "nbjudge.plugins.check.source_cells"},
}
