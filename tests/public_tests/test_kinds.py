"""A kind of checks is one class: a new one is judged, described and reported."""

import pytest

from public_tests.judging import judge
from public_tests.kinds import KINDS, Kind, kind_of
from public_tests.model import Check
from public_tests.report import as_report
from public_tests.text import describe, describe_graded
from tests.public_tests.small_case_set import ONE, TWO, case_set, square


@pytest.fixture
def quiet():
    """A kind that is about what a function prints, for the length of a test."""

    class Quiet(Kind):
        name = "quiet"

        def is_right(self, check, run, tolerance):
            return not run.printed

        def fault(self, check, run, tolerance):
            return [f"the function prints {len(run.printed)} characters."]

        def next_step(self, case_set, graded):
            return "take the print away."

    yield Check("nothing printed", 2, "quiet")
    del KINDS["quiet"]


def loud(x):
    print("loud")
    return 2 * x


def test_a_new_kind_is_one_class(quiet):
    cases = case_set(ONE, TWO, checks=(Check("values", 3), quiet))
    assert judge(cases, lambda x: 2 * x).points == 5
    verdict = judge(cases, loud)
    assert verdict.points == 3
    text = describe(verdict)
    assert "  pass  values\n  FAIL  nothing printed\n" in text
    assert "\n  the function prints 5 characters.\n" in text
    assert text.endswith('Next: take the print away.\nRead again: "" in the notebook .')
    assert "  FAIL     0 of 2    nothing printed" in describe_graded(verdict)
    report = as_report(verdict)
    assert report["headline"] == "nothing printed: the function prints 5 characters."
    assert report["next"] == ["take the print away."]


def test_a_call_that_raises_decides_no_new_kind_either(quiet):
    cases = case_set(ONE, checks=(Check("values", 3), quiet))
    verdict = judge(cases, lambda x: 1 / 0)
    assert verdict.points == 0
    assert [bool(result.undecided) for result in verdict.results] == [False, True]


def test_a_kind_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match="check 'speed': expected one of the kinds 'shape', "):
        kind_of(Check("speed", 1, "fast"))
    with pytest.raises(ValueError, match="'fast'"):
        judge(case_set(ONE, checks=(Check("speed", 1, "fast"),)), square)
