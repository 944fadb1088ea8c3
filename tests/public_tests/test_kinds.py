"""A kind of checks is one class: a new one is judged, described, reported and diagnosed."""

from dataclasses import replace

import numpy as np
import pytest

from exercises.stored import dump_case_set
from public_tests.judging import judge
from public_tests.kinds import KINDS, Kind, kind_of
from public_tests.model import CallOutcome, Check
from public_tests.report import as_report
from public_tests.storage import load_case_set
from public_tests.text import describe, describe_graded
from tests.public_tests.small_case_set import ONE, TWO, case_set, square


@pytest.fixture
def dtype():
    """A kind that is about dtypes, for the length of a test."""

    class Dtype(Kind):
        name = "dtype"

        def is_right(self, check, run, tolerance):
            return not self.fault(check, run, tolerance)

        def fault(self, check, run, tolerance):
            actual, expected = run.outcome.values["y"].dtype, run.case.expected.values["y"].dtype
            return [] if actual == expected else [f"y has dtype {actual}, expected {expected}."]

        def next_step(self, case_set, graded):
            return "keep the dtype of the arguments."

    yield Check("data type", 2, "dtype")
    del KINDS["dtype"]


def test_no_kind_takes_the_name_of_another():
    """A class without a name of its own would take its parent's place, for every exercise."""
    for name, kind in KINDS.items():
        assert vars(type(kind)).get("name") == name, f"{type(kind).__name__} has no name of its own"


def test_a_new_kind_is_one_class(dtype):
    cases = case_set(ONE, TWO, checks=(Check("values", 3), dtype))
    assert judge(cases, TWICE).points == 5
    verdict = judge(cases, doubling(TWICE, "f4"))
    assert verdict.points == 3
    text = describe(verdict)
    assert "  pass  values\n  FAIL  data type\n" in text
    assert "\n  y has dtype float32, expected float64.\n" in text
    end = 'Next: keep the dtype of the arguments.\nRead again: "" in the notebook .'
    assert text.endswith(end)
    assert "  FAIL     0 of 2    data type" in describe_graded(verdict)
    report = as_report(verdict)
    assert report["headline"] == "data type: y has dtype float32, expected float64."
    assert report["next"] == ["keep the dtype of the arguments."]


def test_a_call_that_raises_decides_no_new_kind_either(dtype):
    cases = case_set(ONE, checks=(Check("values", 3), dtype))
    verdict = judge(cases, lambda x: 1 / 0)
    assert verdict.points == 0
    assert [bool(result.undecided) for result in verdict.results] == [False, True]


def doubling(function, dtype):
    return lambda x: function(x).astype(dtype)


TWICE, SQUARE = (lambda x: 2 * x), (lambda x: x * x)
MISTAKES = {  # each with what a student with this mistake writes
    "float64": doubling(TWICE, "f8"),
    "float16": doubling(TWICE, "f2"),
    "square": SQUARE,
    "square in float64": doubling(SQUARE, "f8"),
}


def float32_cases(*checks):
    def with_mistakes(case):
        x = case.arguments["x"].astype("f4")
        outcomes = {
            name: CallOutcome({"y": function(x)})
            for name, function in MISTAKES.items()
            if checks or "float" not in name
        }
        return replace(
            case, arguments={"x": x}, expected=CallOutcome({"y": 2 * x}), mistaken=outcomes
        )

    cases = [with_mistakes(case) for case in (ONE, TWO)]
    return case_set(*cases, mistakes=cases[0].mistaken, checks=(Check("values", 3), *checks))


def named(cases, function):
    """The known mistake that the judge names, the same with stored cases as with those drawn."""
    drawn, stored = (judge(one, function) for one in (cases, load_case_set(dump_case_set(cases))))
    assert drawn.mistake == stored.mistake
    return drawn.mistake.name if drawn.mistake else None


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_a_new_kind_looks_at_decides_which_mistake_is_named(dtype, mistake):
    assert named(float32_cases(dtype), MISTAKES[mistake]) == mistake


@pytest.mark.parametrize(("function", "points"), [(TWICE, 3), (SQUARE, 0)])
def test_a_dtype_that_no_mistake_gives_gets_no_name(dtype, function, points):
    cases = float32_cases(dtype)
    wrong = doubling(function, int)
    assert named(cases, wrong) is None
    assert judge(cases, wrong).points == points


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8"])
def test_where_no_kind_looks_at_dtypes_a_mistake_has_its_name_in_each(dtype):
    assert named(float32_cases(), doubling(SQUARE, dtype)) == "square"


@pytest.mark.parametrize("dtype", ["?", "i4", "f2", "f4", "f8"])
def test_the_dtype_of_a_mistakes_output_is_stored(dtype):
    outcome = CallOutcome({"y": np.array([1, 0]).astype(dtype)})
    cases = case_set(replace(ONE, mistaken={"wrong": outcome}), mistakes=["wrong"])
    stored = load_case_set(dump_case_set(cases)).cases[0].mistaken["wrong"]
    assert stored.values["y"].dtype == np.dtype(dtype)


@pytest.fixture
def dtype_beside_values(dtype):
    """The kind about dtypes, where it counts only beside values."""
    KINDS[dtype.kind].beside_values = True
    return dtype


HALF = doubling(SQUARE, "f2")


@pytest.mark.parametrize("first", [True, False])
def test_a_new_kind_beside_values_waits_for_them(dtype_beside_values, first):
    checks = [Check("values", 3)]
    checks.insert(0 if first else 1, dtype_beside_values)
    cases = replace(float32_cases(), checks=tuple(checks))
    verdict = judge(cases, doubling(SQUARE, "f4"))
    assert verdict.points == 0
    assert "  ----  data type: counts once some of the values are right\n" in describe(verdict)
    assert verdict.shown.check.name == "values"
    assert as_report(verdict)["headline"] == "This is square."
    assert "  FAIL  data type\n" in describe(judge(cases, HALF))
    assert judge(cases, doubling(TWICE, "f4")).points == 5


@pytest.mark.parametrize("function", [SQUARE, HALF])
def test_only_the_check_of_the_arguments_says_that_a_call_changed_them(
    dtype_beside_values, function
):
    def changing(x):
        y = function(x)
        x[...] = 0
        return y

    checks = Check("values", 3), dtype_beside_values, Check("input left alone", 1, "unchanged")
    text = describe(judge(replace(float32_cases(), checks=checks), changing))
    assert text.count("the call changed x") == 1
    assert "\ninput left alone: the call changed x" in text


def test_where_no_check_of_values_passes_or_could_the_first_that_waits_is_shown(
    dtype_beside_values,
):
    verdict = judge(replace(float32_cases(), checks=(dtype_beside_values,)), TWICE)
    said = "data type: counts once some of the values are right."
    assert (verdict.points, as_report(verdict)["headline"]) == (0, said)


def test_a_kind_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match="check 'speed': expected one of the kinds 'shape', "):
        kind_of(Check("speed", 1, "fast"))
    with pytest.raises(ValueError, match="'fast'"):
        judge(case_set(ONE, checks=(Check("speed", 1, "fast"),)), square)
