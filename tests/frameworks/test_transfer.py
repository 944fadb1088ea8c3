"""The benchmark of transfer learning: its features, its classifiers, and its stored results."""

import numpy as np
import pytest
import torch

from benchmarks import transfer
from convnet import efficientnet
from lesson_tools.transfer import transfer_results


def test_features_in_pytorch_are_those_of_numpy():
    network = efficientnet.load()
    images = transfer.enlarged(np.random.default_rng(0).random((2, 28, 28, 1)), 32)
    found = transfer.in_pytorch(network)(torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(found, network.features(images), atol=1e-4)


def test_images_are_chosen_class_by_class_in_turn():
    labels = np.tile(np.arange(10)[::-1], 3)
    assert labels[transfer.chosen(labels, 2)].tolist() == list(range(10)) * 2
    assert set(transfer.chosen(labels, 1, skip=2)) == set(range(20, 30))


def test_the_nearest_mean_is_that_of_the_smallest_distance():
    X = np.repeat(np.arange(10.0)[:, None], 2, axis=0)
    labels = np.repeat(np.arange(10), 2)
    tests = np.array([[0.4], [0.6], [8.9]])
    assert transfer.nearest_mean(X, labels, tests, np.array([0, 1, 9])) == 1


def test_the_table_has_all_results_that_are_stored():
    results = transfer_results()
    counts = len(results["counts"])
    for method in transfer.METHODS:
        rows = results[method]
        assert rows.shape[0] == len(transfer.SEEDS)
        assert rows.shape[1] == (3 if method == "random" else counts)
        assert 0.1 < rows.min() <= rows.max() < 1
        assert f"{rows[:, 0].mean():.3f}" in transfer.table()


@pytest.mark.parametrize("name", ["features", "pixels"])
def test_principal_components_have_the_largest_variance_first(name):
    points = transfer_results()[f"points_{name}"].astype(float)
    assert points.shape == (300, 2)
    assert points[:, 0].var() > points[:, 1].var()
