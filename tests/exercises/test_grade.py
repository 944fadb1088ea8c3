"""grade() returns a built-in float, prints a verdict, and repeats its inputs for a seed."""

import re

import numpy as np
import pytest

from exercises import EXERCISES, grade, vectorized
from tests.exercises.case_sets import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_right_solution_gets_the_points_of_the_exercise(name, capsys):
    points = grade(name, EXERCISES[name].vectorized)
    out = capsys.readouterr().out
    assert type(points) is float
    assert points == EXERCISES[name].points
    assert out.startswith(f"{name}: {points:g} of {points:g} points\n")
    assert re.search(
        r"\n\(These inputs were drawn with seed \d+, which repeats the grading\.\)\n$", out
    )


def test_without_a_seed_the_inputs_are_new_every_time():
    seen = []

    def zero_pad(X, pad):
        seen.append(X)
        return vectorized.zero_pad(X, pad)

    for _ in range(2):
        grade("zero_pad", zero_pad)
    half = len(seen) // 2
    assert not any(np.array_equal(a, b) for a in seen[:half] for b in seen[half:])


def test_a_printed_seed_repeats_the_grading(capsys):
    def wrong(x):
        return x == x.min()

    points = grade("create_mask_from_window", wrong)
    out = capsys.readouterr().out
    seed = int(re.search(r"seed (\d+)", out)[1])
    assert grade("create_mask_from_window", wrong, seed) == points
    assert capsys.readouterr().out == out


def test_the_hidden_inputs_are_not_the_public_ones():
    public, hidden = (EXERCISES["zero_pad"].case_set(*seed).cases for seed in ((), (1,)))
    assert not any(
        np.array_equal(a.arguments["X"], b.arguments["X"]) for a in public for b in hidden
    )


def test_an_unknown_exercise_is_an_error_of_the_notebook():
    with pytest.raises(KeyError, match="zeropad"):
        grade("zeropad", lambda: None)


@pytest.mark.parametrize("name", NAMES)
def test_the_released_stub_earns_nothing_and_returning_the_input_earns_no_values(name, capsys):
    def stub(*arguments):
        raise NotImplementedError("write your code here, then delete this line")

    assert grade(name, stub, seed=1) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first == (
        f"{name}: 0 of {EXERCISES[name].points} points. The function has not been written yet: "
        "it still holds a `raise NotImplementedError` line."
    )


def test_leaving_the_input_alone_is_worth_nothing_to_a_function_that_does_nothing_right(capsys):
    assert grade("zero_pad", lambda X, pad: np.zeros((1, 1, 1, 1)), seed=1) == 0
    assert grade("distribute_value", lambda dz, shape: np.zeros(shape), seed=1) == 2


@pytest.mark.parametrize("name", ["pool_forward", "pool_backward"])
def test_a_call_without_the_mode_is_a_maximum(name, capsys):
    right = getattr(vectorized, name)
    assert grade(name, lambda a, b, mode="average": right(a, b, mode), seed=1) < 15
    assert "mode left out" in capsys.readouterr().out
    assert grade(name, lambda a, b, mode: right(a, b, mode), seed=1) == 15  # without its def line
    assert grade(name, lambda a, b, *mode: right(a, b, *mode), seed=1) == 15
