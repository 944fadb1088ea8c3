"""Wrong solutions lose points, in the public check and in the graded one, and get no wrong name."""

import pytest

from exercises import EXERCISES
from exercises.exercise import PUBLIC_SEED
from public_tests.judging import decide, judge
from public_tests.kinds import kind_of
from public_tests.picture import in_words
from public_tests.properties import properties
from public_tests.text import describe, describe_graded
from tests.exercises.case_sets import HIDDEN_SEEDS, NAMES, case_set
from tests.exercises.reports import missing_in_report
from tests.exercises.solutions.broken import BROKEN
from tests.exercises.solutions.wrong import WRONG

EVERY = [(name, label) for name in NAMES for label in WRONG[name]]


def test_there_are_enough_of_each_exercises_own():
    own = {name: len(set(WRONG[name]) - set(BROKEN)) for name in NAMES}
    lacking = [name for name in NAMES if own[name] < 10]
    assert not lacking, f"write ten of each in tests/exercises/solutions/wrong/: {lacking}"
    assert sum(own.values()) >= 40


def decided(name):
    """The checks that some mistake or wrong solution fails, each for a fault that was found."""
    exercise = EXERCISES[name]
    wrong = [exercise.wrong_function(mistake) for mistake in exercise.mistakes]
    for function in (*wrong, *(entry.make() for entry in WRONG[name].values())):
        for result in decide(case_set(name), function).results:
            if not (result.passed or result.waits or result.undecided):
                yield result.check


@pytest.mark.parametrize("name", NAMES)
def test_every_check_beside_the_values_finds_a_fault_of_its_own(name):
    """Most mistakes fail it by waiting for the values, as they would if it never found a fault."""
    found = set(decided(name))
    for check in EXERCISES[name].checks:
        assert not kind_of(check).beside_values or check in found, check.name


@pytest.mark.parametrize(("name", "label"), EVERY)
def test_a_wrong_solution_loses_points_and_gets_no_wrong_name(name, label, capfd):
    entry = WRONG[name][label]
    points = set()
    for seed in (PUBLIC_SEED, *HIDDEN_SEEDS):
        verdict = judge(case_set(name, seed), entry.make())
        points.add(verdict.points)
        assert verdict.mistake is None or verdict.mistake.name in entry.named, (seed, verdict)
        for text in (describe(verdict), describe_graded(verdict)):
            assert "First failing case" in text, seed
        assert missing_in_report(verdict, seed) == []
        try:
            assert in_words(verdict), seed
        except ValueError as nothing:  # the judge's own, in words
            assert str(nothing).startswith(name), seed
        facts = properties(verdict)
        assert len(facts) <= 2 and not (facts and verdict.failing.outcome.problem), seed
        assert all(fact.endswith(".") and "  " not in fact for fact in facts), seed
        assert capfd.readouterr() == ("", ""), seed
    (earned,) = points  # the same with every seed
    assert earned < EXERCISES[name].points
