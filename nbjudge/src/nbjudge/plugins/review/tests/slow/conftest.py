"""Fixtures for the slow tests: a course."""

from tests.slow.conftest import course, place

__all__ = ["course", "place"]
