"""A statement of the lesson "Backpropagation" about gradients by differences."""

import numpy as np
import pytest

from tests.lesson_tools.cells import run_cell


@pytest.mark.parametrize(
    ("bias", "noise", "number"),
    [(0, 0, 8), (-0.01, 0, 0), (0.01, 0, 8), (0, 0.01, 0), (0.01, 0.01, 0)],
    ids=["a kink", "left of it", "ties", "no kink with noise", "no ties with noise"],
)
def test_the_eight_biases_differ_at_kinks_and_ties_only(bias, noise, number):
    lesson = run_cell("13_backpropagation", "def one_at_a_time")
    lesson["images"] += noise * np.random.default_rng(1).normal(size=lesson["images"].shape)
    lesson["parameters"][72:80] = bias
    apart = np.abs(lesson["one_at_a_time"]() - lesson["all_at_once"]()) > 1e-5
    assert np.flatnonzero(apart).tolist() == list(range(72, 80))[:number]
