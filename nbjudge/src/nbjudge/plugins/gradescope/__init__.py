"""Gradescope: the zip file of an autograder, and its results.json."""

ENTRY_POINTS = {"nbjudge.doors": {"gradescope": "nbjudge.plugins.gradescope.door"}}
