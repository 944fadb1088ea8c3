"""The lesson on batch normalization: its stored study."""

import numpy as np
import pytest

from benchmarks.lessons.batch_normalization import ARMS, deep_network, normalize_once
from convnet.data import digits
from convnet.layers import Conv2D
from lesson_tools.batch_normalization.results import EPOCHS, results


def test_each_network_of_the_study_has_five_runs_for_each_of_its_rates():
    for measure in ("loss", "test accuracy"):
        study = results(measure)
        assert list(study) == list(ARMS)
        for network, by_rate in study.items():
            assert tuple(by_rate) == ARMS[network][2]
            assert {runs.shape for runs in by_rate.values()} == {(5, len(EPOCHS))}


@pytest.mark.parametrize("epochs", EPOCHS)
def test_the_best_rate_of_each_network_is_none_at_the_border(epochs):
    for network, by_rate in results().items():
        losses = [np.median(runs[:, EPOCHS.index(epochs)]) for runs in by_rate.values()]
        assert 0 < np.argmin(losses) < len(losses) - 1, network


def test_networks_with_and_without_normalization_start_with_the_same_filters():
    filters = [
        [layer.parameters["W"] for layer in deep_network(3, kind).layers if "W" in layer.parameters]
        for kind in ("batch", "plain")
    ]
    for with_norm, without in zip(*filters, strict=True):
        np.testing.assert_array_equal(with_norm, without)


def test_a_network_normalized_once_has_mean_0_and_variance_1_in_each_channel():
    A = digits().train_images[:256].astype(np.float32)
    network = deep_network(0)
    normalize_once(network, A)
    for layer in network.layers:
        A = layer.forward(A, training=True)
        if isinstance(layer, Conv2D):
            np.testing.assert_allclose(A.mean(axis=(0, 1, 2)), 0, atol=1e-3)
            np.testing.assert_allclose(A.std(axis=(0, 1, 2)), 1, atol=1e-3)
