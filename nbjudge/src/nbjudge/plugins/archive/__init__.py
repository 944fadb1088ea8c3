"""`nbjudge archive`: move a finished term into a course of its own."""

ENTRY_POINTS = {"nbjudge.commands": {"archive": "nbjudge.plugins.archive.command"}}
