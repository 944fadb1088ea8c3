"""Statements of "The convolution layer" about learned and frozen filters: networks are trained."""

import numpy as np
import pytest

from convnet.data import digits
from convnet.layers import Conv2D, Dense, Flatten, ReLU
from convnet.network import Network
from convnet.training import Adam, train
from lesson_tools.convolution_layer.frozen_filters import learned_and_frozen


def test_the_pattern_of_the_animated_filter_changes_in_the_first_epoch_and_then_grows():
    data, filters = digits(), []
    network = Network([Conv2D(1, 3, padding=1), ReLU(), Flatten(), Dense(10)], (8, 8, 1), seed=4)

    def keep(history=None):
        filters.append(network.layers[0].parameters["W"][:, :, 0, 0].copy())

    keep()
    settings = {"epochs": 12, "optimizer": Adam(0.01), "after_epoch": keep, "progress": False}
    train(network, data.train_images, data.train_labels, **settings)
    norms = np.linalg.norm(filters, axis=(1, 2))
    cosines = np.sum(np.array(filters) * filters[-1], axis=(1, 2)) / (norms * norms[-1])
    assert cosines[0] < 0.75 and cosines[1] > 0.9 and (cosines[2:] > 0.95).all()
    assert norms[-1] > 1.8 * norms[1]
    for W in filters[1:]:
        assert (W[0] > 0).all() and (W[:, 2] > 0).all() and np.sum(W[1:, :2] < 0) >= 3


@pytest.mark.parametrize(
    ("split", "learned", "frozen", "worst"),
    [("official", 0.90, 0.82, 0.70), ("random", 0.96, 0.89, 0.79)],
)
def test_a_single_learned_filter_reads_more_digits_than_a_frozen_one(split, learned, frozen, worst):
    runs = np.array([learned_and_frozen(digits(), 1, split, seed) for seed in range(5)])
    np.testing.assert_allclose(runs.mean(axis=0), [learned, frozen], atol=0.01)
    np.testing.assert_allclose(runs[:, 1].min(), worst, atol=0.02)


@pytest.mark.parametrize("split", ["official", "random"])
def test_with_eight_filters_there_is_hardly_a_difference(split):
    runs = np.array([learned_and_frozen(digits(), 8, split, seed) for seed in range(5)])
    assert abs(np.diff(runs.mean(axis=0))[0]) < 0.015
    assert split == "random" or runs.max() < 0.95  # three nearest neighbors: 96%
