"""No grade depends on luck: a function earns the same points with every seed.

`make test-luck` uses twenty seeds; in `make test`, the tests of solutions use few.
"""

import functools

import pytest

from exercises import EXERCISES
from nbexercise.judging.deciding import decide
from tests.exercises.case_sets import NAMES, SEEDS, case_set
from tests.exercises.solutions import WRONG
from tests.exercises.test_right_solutions import styles


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_function_earns_the_same_points_with_every_seed(name):
    exercise = EXERCISES[name]
    # Functions are created for every seed, because some keep state.
    wrong = {m.name: functools.partial(exercise.wrong_function, m) for m in exercise.mistakes}
    wrong |= {f"{label} (wrong)": entry.make for label, entry in WRONG[name].items()}
    earned = {
        label: {decide(case_set(name, seed), make()).points for seed in range(SEEDS)}
        for label, make in wrong.items()
    }
    assert not {label: points for label, points in earned.items() if len(points) > 1}
    assert not {label for label, points in earned.items() if max(points) == exercise.points}


@pytest.mark.parametrize("name", NAMES)
def test_a_right_function_earns_all_points_with_every_seed(name):
    lost = [
        (style, seed)
        for style, function in styles(name).items()
        for seed in range(SEEDS)
        if decide(case_set(name, seed), function).points < EXERCISES[name].points
    ]
    assert not lost
