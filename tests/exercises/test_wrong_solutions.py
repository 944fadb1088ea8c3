"""Wrong solutions lose points in public and graded checks, and get no wrong diagnosis."""

import functools

import pytest

from exercises import EXERCISES
from nbexercise.defining.exercise import PUBLIC_SEED
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.explanation import explain
from nbexercise.diagnosis.properties import properties
from nbexercise.judging.deciding import decide
from nbexercise.judging.kinds import kind_of
from nbexercise.showing.picture import in_words
from nbexercise.showing.text import describe
from tests.exercises.case_sets import HIDDEN_SEEDS, NAMES, case_set
from tests.exercises.reports import missing_in_report
from tests.exercises.solutions import WRONG
from tests.exercises.solutions.broken import BROKEN


@pytest.mark.parametrize("name", NAMES)
def test_there_are_enough_of_each_exercises_own(name):
    file = f"tests/exercises/solutions/{name}.py"
    assert len(set(WRONG[name]) - set(BROKEN)) >= 10, f"{file} needs ten wrong solutions"


@functools.cache
def verdict_on(name, label, seed):
    """Judge a wrong solution, once for all tests."""
    return judge(case_set(name, seed), WRONG[name][label].make())


@pytest.mark.parametrize("name", NAMES)
def test_wrong_solutions_lose_points_and_get_no_wrong_name(name, capfd, subtests):
    where = f"solutions/{name}.py, or a generic solution's in TRUE in solutions/broken.py"
    for label, entry in WRONG[name].items():
        for seed in (PUBLIC_SEED, *HIDDEN_SEEDS):
            with subtests.test(label, seed=seed):
                verdict = verdict_on(name, label, seed)
                assert verdict.points < EXERCISES[name].points
                named = verdict.mistake.name if verdict.mistake else ""
                assert named in ("", *entry.named), f"if this diagnosis is true, add it to {where}"
                graded = explain(verdict, graded=True)
                for text in (describe(explain(verdict)), describe(graded)):
                    assert "First failing case" in text
                assert missing_in_report(graded, seed) == []
                try:
                    assert in_words(verdict)
                except ValueError as nothing:  # the judge's own words
                    assert str(nothing).startswith(name)
                facts = properties(verdict)
                assert len(facts) <= 2 and not (facts and verdict.failing.outcome.problem)
                assert all(fact.endswith(".") and "  " not in fact for fact in facts)
                assert capfd.readouterr() == ("", "")


def results_on(name):
    """Yield the results of an exercise's wrong solutions and mistakes, check by check."""
    for label in WRONG[name]:
        yield from verdict_on(name, label, PUBLIC_SEED).results
    exercise = EXERCISES[name]
    for mistake in exercise.mistakes:
        yield from decide(case_set(name), exercise.wrong_function(mistake)).results


@pytest.mark.parametrize("name", NAMES)
def test_every_check_beside_the_values_finds_a_fault_of_its_own(name):
    """Most mistakes fail such a check only because it waits for a check of values."""
    results = results_on(name)
    missing = {check for check in EXERCISES[name].checks if kind_of(check).beside_values}
    while missing and (one := next(results, None)):
        if not (one.passed or one.waits or one.undecided):
            missing.discard(one.check)
    assert not missing
