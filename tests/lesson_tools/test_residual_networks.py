"""The lesson on residual networks: its stored results, and the exercise's numbers."""

import numpy as np
import pytest

from convnet.functional import conv2d, relu
from convnet.gradient_check import numeric_gradient
from lesson_tools.counter import conv, totals
from lesson_tools.residual_networks.questions import branch, check
from lesson_tools.residual_networks.results import results, tuned


def test_each_network_of_the_study_has_five_runs_for_each_of_its_rates():
    for network, measures in results().items():
        rates = measures.pop("rates")
        assert len(rates) >= 3, network
        assert {values.shape for values in measures.values()} == {(len(rates), 5)}, network
        assert all(np.isfinite(values).all() for values in measures.values())


def test_the_rate_is_tuned_by_training_loss_or_by_validation_accuracy():
    measures = {
        "rates": np.array([0.1, 0.2, 0.3]),
        "training loss, 4 epochs": np.array([[3, 3], [1, 2], [0, 4]]),
        "validation accuracy, 4 epochs": np.array([[0.5, 0.7], [0.1, 0.1], [0.9, 0.2]]),
        "test accuracy, 4 epochs": np.array([[0.4, 0.6], [0.2, 0.2], [1, 1]]),
    }
    assert (tuned(measures, 4).rate, *tuned(measures, 4).values) == (0.2, 1, 2)
    accuracy = tuned(measures, 4, "test accuracy")
    assert (accuracy.rate, *accuracy.values) == (0.1, 0.4, 0.6)


def test_exercise_1_counts_as_the_counter_does():
    main = [conv(128, 3, 2, 1, norm=True), conv(128, 3, pad=1, norm=True)]
    shortcut = [conv(128, 1, 2, norm=True)]
    expected = sum(totals(path, (56, 56, 64))[0] for path in (main, shortcut))
    assert check.exercises["parameters"].right == expected


def test_the_gradient_of_exercise_3_is_that_of_finite_differences():
    rng = np.random.default_rng(0)
    dy, x, W = (rng.normal(size=size) for size in ((1, 4, 5, 2), (1, 4, 5, 2), (3, 3, 2, 2)))
    expected = numeric_gradient(lambda X: np.sum(dy * (X + relu(conv2d(X, W, padding=1)))), x)
    assert dy + branch(dy, x, W) == pytest.approx(expected, abs=1e-6)
