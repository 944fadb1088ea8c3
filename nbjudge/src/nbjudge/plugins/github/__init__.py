"""GitHub: the action of nbjudge/action.yml, its job summary, annotations and outputs."""

ENTRY_POINTS = {"nbjudge.doors": {"github": "nbjudge.plugins.github.door"}}
