"""Assignments of one question, and checks of whether a solution earns its points."""

from tests.support.engines import spec

DOUBLE = "def double(x):\n    return 2 * x"


def question(solution, test, points=1.0, name="f", before=()):
    """Return an assignment of one question: locked cells in `before`, the solution, the test."""
    locked = [(text, "locked") for text in before]
    return spec(*locked, (solution, "solution", name), (test, "test", "t", points))


def passes(judge, solution, test, *locked, **changes):
    """Return True if a solution earns the test's points, and the text that explains why not."""
    answer = judge(question(solution, test, before=locked), **changes)
    assert answer.faults == [], answer.faults
    assert answer.scores == {"t": 1.0}, answer.shown("t")
    return answer


def fails(judge, solution, test, *locked, **changes):
    """Return the output of a test cell that a solution fails."""
    answer = judge(question(solution, test, before=locked), **changes)
    assert answer.faults == [], answer.faults
    assert answer.scores == {"t": 0.0}
    return answer.shown("t")


def with_hidden(*lines):
    return "### BEGIN HIDDEN TESTS\n" + "\n".join(lines) + "\n### END HIDDEN TESTS"
