"""Assignments of one question."""

from tests.support.engines import spec

DOUBLE = "def double(x):\n    return 2 * x"


def question(solution, test, points=1.0, name="f", before=()):
    """Return an assignment of one question: locked cells in `before`, the solution, the test."""
    locked = [(text, "locked") for text in before]
    return spec(*locked, (solution, "solution", name), (test, "test", "t", points))


def with_hidden(*lines):
    return "### BEGIN HIDDEN TESTS\n" + "\n".join(lines) + "\n### END HIDDEN TESTS"
