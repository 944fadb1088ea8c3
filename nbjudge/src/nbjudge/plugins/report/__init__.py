"""The report about a class: one page for the instructor, from the gradebook and graded work."""

ENTRY_POINTS = {"nbjudge.commands": {"report": "nbjudge.plugins.report.command"}}
