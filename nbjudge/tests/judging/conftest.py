"""Checks of whether a solution of one question earns its points, by the best available engine."""

import pytest

from tests.support.questions import question


@pytest.fixture(scope="session")
def passes(judge):
    """Return a check that a solution earns the test's points; it returns the whole answer."""

    def passes(solution, test, *locked, **changes):
        answer = judge(question(solution, test, before=locked), **changes)
        assert answer.faults == [], answer.faults
        assert answer.scores == {"t": 1.0}, answer.shown("t")
        return answer

    return passes


@pytest.fixture(scope="session")
def fails(judge):
    """Return a check that a solution fails the test; it returns the output of the test cell."""

    def fails(solution, test, *locked, **changes):
        answer = judge(question(solution, test, before=locked), **changes)
        assert answer.faults == [], answer.faults
        assert answer.scores == {"t": 0.0}
        return answer.shown("t")

    return fails
