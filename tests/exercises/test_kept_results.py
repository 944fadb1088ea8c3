"""A function that returns the same array each time loses the same points with every seed."""

import numpy as np
import pytest

from exercises import EXERCISES
from nbexercise.diagnosis.diagnose import judge
from tests.exercises.case_sets import LUCK, NAMES, case_set
from tests.exercises.solutions.kept import kept

SEEDS = 50 if LUCK else 3


@pytest.mark.parametrize("name", NAMES)
def test_a_kept_result_loses_the_same_with_every_seed_and_is_named(name):
    exercise = EXERCISES[name]
    lost = set()
    for seed in range(SEEDS if exercise.assignment != "lenet" else min(SEEDS, 5)):
        verdict = judge(case_set(name, seed), kept(exercise.vectorized))
        lost.add(frozenset(result.check for result in verdict.results if not result.passed))
        assert verdict.passed or "overwritten" in verdict.facts[0]
    (checks,) = lost
    of_numbers = all(value.form == "number" for value in exercise.returns)
    assert bool(checks) != of_numbers  # a number, which cannot be overwritten
    home = judge(case_set(name), kept(exercise.vectorized))
    assert {result.check for result in home.results if not result.passed} == checks


def test_a_new_array_with_the_same_numbers_loses_nothing():
    softmax = EXERCISES["softmax"]
    remembered = []

    def keeping_what_it_gave(Z):  # it never writes to the array again
        remembered.append(softmax.vectorized(Z))
        return remembered[-1]

    assert judge(case_set("softmax"), keeping_what_it_gave).passed
    assert not np.shares_memory(*remembered[:2])
