"""The definitions: points, unique names, hints, and consistent mistakes."""

import ast
import dataclasses
import doctest
from pathlib import Path

import pytest

import exercises
from exercises import EXERCISES, lenet, loops, vectorized
from nbexercise.defining.exercise import Mistake, as_plain
from nbexercise.judging.kinds import KINDS
from tests.exercises.case_sets import MISTAKES, NAMES, case_set

ROOT = Path(__file__).resolve().parents[2]
SMALL = {name for name, exercise in EXERCISES.items() if exercise.points <= 5}

each_exercise = pytest.mark.parametrize("name", NAMES)


def test_vectorized_solutions_have_the_names_of_exercises():
    assert set(vectorized.__all__) <= set(EXERCISES)


def test_pad_0_in_conv_backward_is_a_check_of_its_own_worth_2_points():
    (check,) = [c for c in EXERCISES["conv_backward"].checks if c.name == "no padding"]
    assert check.points == 2
    pads = {
        case.arguments["cache"][3]["pad"]: case.group == "no padding"
        for case in case_set("conv_backward").cases
    }
    assert pads == {0: True, 1: False, 2: False, 3: False}
    others = [c for c in EXERCISES["conv_backward"].checks if c is not check]
    assert all(c.groups and "no padding" not in c.groups for c in others)


@each_exercise
def test_an_exercise_is_frozen_and_stands_under_its_own_name(name):
    exercise = EXERCISES[name]
    assert exercise.name == name
    if name in loops.__all__:
        assert exercise.loops is getattr(loops, name)
    elif exercise.loops.__module__ == "exercises.lenet":
        assert exercise.loops is getattr(lenet, name)
    else:  # others are in the module of their definition
        assert exercise.loops.__module__ == f"exercises.{name}"
    if exercise.vectorized is exercise.loops:
        nodes = ast.walk(ast.parse(exercise.solution_text()))
        assert not any(isinstance(node, ast.For | ast.While) for node in nodes)
    else:
        assert exercise.vectorized is getattr(vectorized, name, exercise.vectorized)
    with pytest.raises(dataclasses.FrozenInstanceError):
        exercise.title = "another"


@each_exercise
def test_checks_have_unique_names_and_positive_whole_points(name):
    checks = EXERCISES[name].checks
    assert len({check.name for check in checks}) == len(checks)
    wrong = {c.name: c.points for c in checks if c.points <= 0 or c.points != int(c.points)}
    assert not wrong, f"exercises/{name}.py: expected whole points above 0, got {wrong}"
    assert {check.kind for check in checks} <= set(KINDS)


@each_exercise
def test_every_group_of_a_check_has_cases_and_every_case_a_values_check(name):
    checks, cases = EXERCISES[name].checks, case_set(name).cases
    groups = {case.group for case in cases}
    for check in checks:
        text = f"exercises/{name}.py: groups of {check.name!r} is a text: a comma is missing"
        assert isinstance(check.groups, tuple), text
    assert {group for check in checks for group in check.groups} <= groups
    valued = [check for check in checks if check.kind in ("values", "edge")]
    assert all(not c.groups for c in valued) or groups == {g for c in valued for g in c.groups}


def test_cases_of_an_earlier_definition_are_refused(monkeypatch):
    """Otherwise a test would report that the case set lacks a new check."""
    monkeypatch.setattr("nbexercise.defining.stored.FORMAT", "of another day")
    message = "exercises/relu.py has changed since its cases were stored: run make release"
    with pytest.raises(AssertionError, match=message):
        case_set.__wrapped__("relu")


@each_exercise
def test_there_are_three_hints_and_they_grow_into_sentences(name):
    hints = EXERCISES[name].hints
    assert len(set(hints)) == 3
    assert all(hint.strip() == hint and hint[-1] in ".?" for hint in hints)


@each_exercise
def test_the_hints_and_diagnoses_hold_no_line_of_the_solution(name):
    exercise = EXERCISES[name]
    texts = [*exercise.hints, *(t for m in exercise.mistakes for t in (m.diagnosis, m.hint))]
    told = " ".join(as_plain("".join(texts)).split())
    for line in exercise.solution_text().splitlines():
        if "=" in line and len(line.strip()) > 20 and not line.strip().startswith("def "):
            assert " ".join(line.split()) not in told


@each_exercise
def test_code_in_sentences_has_backticks_in_pairs_and_students_see_none(name):
    exercise = EXERCISES[name]
    texts = [*exercise.hints, *(t for m in exercise.mistakes for t in (m.diagnosis, m.hint))]
    assert [text for text in texts if text.count("`") % 2] == []
    shown = case_set(name)
    said = [*shown.hints, *(t for m in shown.mistakes for t in (m.diagnosis, m.hint))]
    assert said == list(map(as_plain, texts))
    assert "`" not in "".join(said)


@each_exercise
def test_mistakes_are_many_have_unique_names_and_lose_checks_that_exist(name):
    exercise = EXERCISES[name]
    mistakes = exercise.mistakes
    needed = 6 if name in SMALL else 12
    lacking = {check.name for check in exercise.checks}.difference(*(m.fails for m in mistakes))
    assert len(mistakes) >= needed, (
        f"exercises/{name}.py: {exercise.points} points need {needed} mistakes, and there are "
        f"{len(mistakes)}; checks that none of them fails: {sorted(lacking) or 'none'}"
    )
    assert len({mistake.name for mistake in mistakes}) == len(mistakes)
    names = {check.name for check in exercise.checks}
    for mistake in mistakes:
        assert mistake.fails, mistake.name
        assert len(set(mistake.fails)) == len(mistake.fails), mistake.name
        assert set(mistake.fails) <= names, mistake.name
        for text in (mistake.diagnosis, mistake.hint):
            assert text[-1] in ".?", text


@each_exercise
def test_the_changes_of_a_mistake_fit_and_change_something(name, subtests):
    exercise = EXERCISES[name]
    for mistake in exercise.mistakes:
        with subtests.test(mistake.name):
            assert exercise.solution_text(mistake) != exercise.solution_text()
            assert exercise.wrong_function(mistake).__name__ == name


@pytest.mark.parametrize("piece", ["no such piece", "pad"], ids=["missing", "several times"])
def test_a_change_that_does_not_fit_is_refused_with_its_mistake(piece):
    mistake = Mistake("misfit", {piece: "0"}, ("image and border",), "Wrong.", "Right?")
    with pytest.raises(ValueError, match=f"zero_pad, mistake 'misfit': expected '{piece}' once"):
        EXERCISES["zero_pad"].solution_text(mistake)


COUNTED = {  # mistakes counted in real notebooks, and the checks that must detect them
    ("pool_backward", "stride ignored"),
    ("conv_backward", "stride ignored"),
    ("pool_forward", "stride ignored"),
    ("conv_forward", "stride ignored"),
    ("conv_backward", "started from random numbers"),
    ("pool_backward", "started from random numbers"),
    ("distribute_value", "divided by the sum of the sides"),
    ("pool_forward", "whole image pooled"),
    ("pool_forward", "all channels pooled together"),
    ("conv_forward", "height and width swapped in the window"),
    ("pool_forward", "maximum in both modes"),
    ("conv_backward", "last image only"),
    ("conv_backward", "h and w swapped in dZ"),
    ("conv_backward", "[pad:-pad] at pad 0"),
    ("conv_forward", "n_W from the height"),
    ("conv_single_step", "array of shape (1, 1, 1)"),
}


def test_what_people_get_wrong_most_is_in_the_catalogue():
    assert {(name, mistake.name) for name, mistake in MISTAKES} >= COUNTED


@each_exercise
def test_the_sections_to_read_again_are_in_the_lesson(name):
    exercise = EXERCISES[name]
    text = (ROOT / "source" / f"{exercise.assignment}.py").read_text()
    headings = {line.lstrip("# ") for line in text.splitlines() if line.startswith("# #")}
    known = {mistake.name for mistake in exercise.mistakes}
    missing = {exercise.section, *exercise.elsewhere} - headings
    assert not missing, f"exercises/{name}.py: source/{exercise.assignment}.py has no {missing}"
    for names in exercise.elsewhere.values():
        assert set(names) <= known
    listed = [name for names in exercise.elsewhere.values() for name in names]
    assert len(listed) == len(set(listed))


def test_the_example_of_an_exercise_is_true():
    example = doctest.DocTestParser().get_doctest(exercises.__doc__, {}, "exercises", None, 0)
    report = []
    doctest.DocTestRunner().run(example, out=report.append)
    assert example.examples
    assert not report, "".join(report)
