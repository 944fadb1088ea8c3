"""Assignments of one question, and whether a solution earns its points."""

from tests.support.engines import spec

DOUBLE = "def double(x):\n    return 2 * x"


def question(solution, test, points=1.0, name="f", before=()):
    """An assignment of one question: locked cells before it, the solution, the test."""
    locked = [(text, "locked") for text in before]
    return spec(*locked, (solution, "solution", name), (test, "test", "t", points))


def passes(judge, solution, test, *locked, **changes):
    """Whether a test cell gives its points for a solution, and why not."""
    answer = judge(question(solution, test, before=locked), **changes)
    assert answer.faults == [], answer.faults
    assert answer.scores == {"t": 1.0}, answer.shown("t")
    return answer


def fails(judge, solution, test, *locked, **changes):
    """The text shown where a test cell gives no points."""
    answer = judge(question(solution, test, before=locked), **changes)
    assert answer.faults == [], answer.faults
    assert answer.scores == {"t": 0.0}
    return answer.shown("t")


def with_hidden(*lines):
    return "### BEGIN HIDDEN TESTS\n" + "\n".join(lines) + "\n### END HIDDEN TESTS"
