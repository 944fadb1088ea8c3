"""A kind of check is one class: a new one is judged, described, reported and diagnosed."""

from dataclasses import replace

import numpy as np
import pytest

from nbexercise.defining.stored import dump_case_set
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.explanation import explain
from nbexercise.judging.kinds import KINDS, Kind, kind_of
from nbexercise.judging.model import CallOutcome, Check, Return
from nbexercise.judging.storage import load_case_set
from nbexercise.showing.report import as_report
from nbexercise.showing.text import describe
from tests.memory_kind import WithMemory, memory_kind
from tests.small_case_set import ONE, TWO, case_set, square


@pytest.fixture
def dtype():
    """Register a kind about dtypes for the duration of a test."""

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


@pytest.mark.parametrize(
    ("parent", "names"),
    [(Kind, {"name": "shape"}), (type(KINDS["values"]), {}), (Kind, {}), (Kind, {"name": ""})],
    ids=["taken", "the parent's", "none", "empty"],
)
def test_a_kind_without_a_name_of_its_own_is_refused(parent, names):
    """It would replace another kind in every exercise."""
    before = dict(KINDS)
    expected = "^Again: expected a unique name; taken: shape, values, edge, cache, unchanged"
    with pytest.raises(TypeError, match=expected):
        type("Again", (parent,), names)
    assert before == KINDS


def test_a_new_kind_is_one_class(dtype):
    cases = case_set(ONE, TWO, checks=(Check("values", 3), dtype))
    assert judge(cases, TWICE).points == 5
    verdict = judge(cases, doubling(TWICE, "f4"))
    assert verdict.points == 3
    text = describe(explain(verdict))
    assert text.endswith("\n\n  pass  values\n  FAIL  data type")
    assert "\n  y has dtype float32, expected float64.\n" in text
    end = 'hint("double") gives a hint.'
    assert f"\n\nNext: keep the dtype of the arguments.\n{end}\n\n" in text
    assert "  FAIL     0 of 2    data type" in describe(explain(verdict, graded=True))
    report = as_report(explain(verdict, graded=True))
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
MISTAKES = {  # with the function of a student who makes the mistake
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
    """Return the diagnosed mistake, which must be the same for stored and new cases."""
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
    """Make the kind about dtypes count only together with values."""
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
    assert '  ----  data type: waits until "values" passes' in describe(explain(verdict))
    assert verdict.shown.check.name == "values"
    assert as_report(explain(verdict, graded=True))["headline"] == "This is square."
    assert "  FAIL  data type" in describe(explain(judge(cases, HALF)))
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
    text = describe(explain(judge(replace(float32_cases(), checks=checks), changing)))
    assert text.count("the call changed x") == 1
    assert "\ninput left alone: the call changed x" in text


def test_where_no_check_of_values_passes_or_could_the_first_that_waits_is_shown(
    dtype_beside_values,
):
    verdict = judge(replace(float32_cases(), checks=(dtype_beside_values,)), TWICE)
    said = "data type: waits until another check passes."
    assert (verdict.points, as_report(explain(verdict, graded=True))["headline"]) == (0, said)


def test_a_kind_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match="check 'speed': expected one of the kinds 'shape', "):
        kind_of(Check("speed", 1, "fast"))
    with pytest.raises(ValueError, match="'fast'"):
        judge(case_set(ONE, checks=(Check("speed", 1, "fast"),)), square)


# Fields of an outcome that only some kinds read


@pytest.fixture
def memory(monkeypatch):
    """Register a check whose kind reads a new field, for the duration of a test."""
    with memory_kind(monkeypatch):
        yield Check("memory of its own", 1, "memory")


def in_place(x):
    x *= 2
    return x


def in_place_of_a_copy(x):
    return in_place(x).copy()


MEMORY_MISTAKES = {"in place": ("x",), "in place, then copied": ()}
IN_PLACE = CallOutcome({"y": 2 * ONE.arguments["x"]}, changed=("x",))


def memory_cases(*checks):
    shared = MEMORY_MISTAKES if checks else {"in place": ("x",)}
    one = replace(
        ONE,
        expected=WithMemory(**vars(ONE.expected)),
        mistaken={n: WithMemory(**vars(IN_PLACE), shared=s) for n, s in shared.items()},
    )
    checks = Check("values", 3), Check("alone", 1, "unchanged"), *checks
    return case_set(one, mistakes=shared, checks=checks)


@pytest.mark.parametrize(
    ("function", "name"),
    [(in_place, "in place"), (in_place_of_a_copy, "in place, then copied")],
)
def test_a_field_that_a_check_names_decides_which_mistake_is_named(memory, function, name):
    verdict = judge(memory_cases(memory), function)
    assert verdict.mistake.name == name
    assert verdict.points == 3 + (not MEMORY_MISTAKES[name])


@pytest.mark.parametrize("function", [in_place, in_place_of_a_copy])
def test_a_field_that_no_check_names_is_not_compared(memory, function):
    assert judge(memory_cases(), function).mistake.name == "in place"


def two_outputs(*checks):
    """Return the case set of a function with outputs x + 1 and x - 1, and two mistakes.

    The first mistake has another value in the new field.
    """
    x = ONE.arguments["x"]
    right = {"up": x + 1, "down": x - 1}
    outcomes = {
        "x itself": WithMemory(right | {"up": x}, shared=("x",)),
        "two less": WithMemory(right | {"down": x - 2}),
    }
    case = replace(ONE, expected=WithMemory(right), mistaken=outcomes)
    cases = case_set(case, mistakes=outcomes, checks=(Check("values", 3), *checks))
    return replace(cases, returns=(Return("up"), Return("down")))


def test_two_mistakes_apart_keep_the_field_of_the_one_that_changes_it(memory):
    cases = two_outputs(memory)
    named = judge(cases, lambda x: (x, x - 2)).mistakes
    assert {mistake.name for mistake in named} == {"x itself", "two less"}
    assert judge(cases, lambda x: (x.copy(), x - 2)).mistakes == ()
    assert len(judge(two_outputs(), lambda x: (x.copy(), x - 2)).mistakes) == 2


def test_two_mistakes_that_change_one_field_are_not_named_together(memory):
    cases = two_outputs(memory)
    (case,) = cases.cases
    other = replace(case.mistaken["two less"], shared=("x",))
    case = replace(case, mistaken={**case.mistaken, "two less": other})
    assert judge(replace(cases, cases=(case,)), lambda x: (x, x - 2)).mistakes == ()
