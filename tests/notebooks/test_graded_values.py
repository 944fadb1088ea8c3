"""Functions that take and return more than arrays earn the same in the notebook and when graded."""

import pytest
from tests.value_exercises import EXERCISES, FUNCTIONS

import exercises
from nbexercise.defining.stored import dump_case_set, public_case_set
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.explanation import explain
from nbexercise.judging.storage import load_case_set
from nbexercise.showing.report import as_report
from nbexercise.showing.text import describe
from tests.notebooks.test_graded_kinds import SEED, reports

each = pytest.mark.parametrize(
    ("name", "function", "lost"),
    [(name, function, lost) for name, _, function, lost in FUNCTIONS],
    ids=[f"{name}-{label}" for name, label, *_ in FUNCTIONS],
)


def lost_by(verdict):
    return {result.check.name for result in verdict.results if not result.passed}


@each
def test_a_function_loses_the_same_by_new_and_by_stored_cases(name, function, lost):
    exercise = EXERCISES[name]
    stored = judge(load_case_set(dump_case_set(exercise.case_set())), function)
    assert lost_by(stored) == lost, describe(explain(stored))
    new = exercise.judge(function, SEED)
    assert lost_by(new) == lost, describe(explain(new))


@pytest.mark.parametrize("name", [n for n in EXERCISES if n != "estimate"])
def test_each_mistake_is_named(name):
    for mistake in EXERCISES[name].mistakes:
        diagnosis = EXERCISES[name].judge(EXERCISES[name].wrong_function(mistake), SEED)
        assert diagnosis.mistake and diagnosis.mistake.name == mistake.name


@pytest.mark.parametrize(
    ("label", "fact"),
    [("unnamed", "range(n) should start at 1"), ("midpoint", "No line reads n.")],
)
def test_an_unknown_mistake_is_found_in_the_code(label, fact):
    ((name, _, function, _),) = (row for row in FUNCTIONS if row[1] == label)
    assert fact in explain(EXERCISES[name].judge(function, SEED), graded=True).headline


def test_an_exception_in_a_method_quotes_its_line():
    ((name, _, function, _),) = (row for row in FUNCTIONS if row[1] == "Misspelled")
    diagnosis = EXERCISES[name].judge(function, SEED)
    assert [line.partition(": ")[2] for line in diagnosis.problem.quoted] == [
        "self.itms.append(item)"
    ]


def test_a_function_is_stored_as_what_an_output_depends_on():
    stored = load_case_set(dump_case_set(public_case_set(EXERCISES["trapezoid"])))
    assert ("area", "f") in stored.depends
    diagnosis = judge(stored, lambda f, a, b, n: (b - a) / n)
    assert "area does not depend on f: with another f it is the same." in diagnosis.facts


def test_functions_lose_the_same_for_the_same_reason_when_graded(monkeypatch):
    for name, exercise in EXERCISES.items():
        monkeypatch.setitem(exercises.EXERCISES, name, exercise)
    found = reports([(name, function) for name, _, function, _ in FUNCTIONS])
    for (name, label, function, _), report in zip(FUNCTIONS, found, strict=True):
        diagnosis = EXERCISES[name].judge(function, SEED)
        here = as_report(explain(diagnosis, graded=True), SEED)
        # Fewer changes of the code are tried in another process.
        headline = () if diagnosis.repair else ("headline",)
        step = ("next",) if name == "Account" else ()  # another process has no variables to show
        for field in ("points", "checks", "diagnoses", *headline, *step):
            assert report.get(field) == here.get(field), f"{name}, {label}"
