"""Fixtures: those of the commands that this door adds to."""

from nbjudge.plugins.standalone.tests.conftest import command, course, place

__all__ = ["command", "course", "place"]
