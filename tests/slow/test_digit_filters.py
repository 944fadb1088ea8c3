"""Statements of "The convolution layer" about filters in front of a dense layer: networks train."""

import numpy as np
import pytest

from benchmarks.lessons.digit_filters import ARMS, SPLITS, accuracy, best_rate, nearest_neighbors


def mean(name, split, rate=0.03):
    return np.mean([accuracy(ARMS[name], rate, split, seed) for seed in range(5)])


@pytest.mark.parametrize("split", SPLITS)
def test_one_filter_gains_nothing_and_a_random_one_loses(split):
    alone = mean("no convolution", split)
    assert abs(mean("1 learned filter, ReLU", split) - alone) < 0.01
    assert mean("1 random filter, ReLU", split) < alone - 0.04
    assert abs(mean("1 random filter, no ReLU", split) - alone) < 0.02


@pytest.mark.parametrize("split", SPLITS)
def test_eight_filters_gain_two_points_learned_or_not(split):
    alone, learned = mean("no convolution", split), mean("8 learned filters, ReLU", split)
    assert 0.015 < learned - alone < 0.035
    assert abs(mean("8 random filters, ReLU", split) - learned) < 0.01


def test_nearest_neighbors_read_more_official_test_digits_than_any_network():
    np.testing.assert_allclose(nearest_neighbors("official", 0), 0.96, atol=0.005)


def test_the_rate_is_chosen_on_validation_digits():
    assert best_rate(ARMS["no convolution"], "official") == 0.03
