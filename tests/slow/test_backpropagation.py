"""Statements of the lesson "Backpropagation" on its network that reads digits."""

import numpy as np
import pytest

from convnet.data import digits
from convnet.functional import cross_entropy_backward
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network
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


def test_at_the_kink_one_gradient_is_the_derivative_to_the_right_and_one_to_the_left():
    lesson = run_cell("13_backpropagation", "def one_at_a_time")
    parameters, loss = lesson["parameters"], lesson["loss"]
    here, by_pass = loss(), lesson["all_at_once"]()
    for number in range(72, 80):
        sides = []
        for step in (1e-6, -1e-6):
            parameters[number] += step
            sides.append((loss() - here) / step)
            parameters[number] -= step
        np.testing.assert_allclose([lesson["slow"][number], by_pass[number]], sides, atol=1e-6)


@pytest.mark.parametrize(("rate", "low", "high"), [(0.3, 0.85, 1), (2, 0, 0.15)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_from_every_start_one_rate_learns_and_one_does_not(rate, low, high, seed):
    rng = np.random.default_rng(seed)
    layers = [Conv2D(8, 3, padding=1), ReLU(), MaxPooling2D(2), Conv2D(16, 3, padding=1), ReLU()]
    network = Network([*layers, Flatten(), Dense(10)], (8, 8, 1), seed=seed)
    data = digits()
    for _ in range(500):
        chosen = rng.choice(1500, 50)
        scores = network.forward(data.train_images[chosen])
        network.backward(cross_entropy_backward(scores, data.train_labels[chosen]))
        network.parameters -= np.float32(rate) * network.gradients
    right = network.forward(data.test_images).argmax(axis=1) == data.test_labels
    assert low <= right.mean() <= high
