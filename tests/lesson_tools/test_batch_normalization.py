"""The lesson on batch normalization: its stored study, and the layer's gradient."""

import numpy as np

from benchmarks.lessons.batch_normalization import ARMS, RATES, deep_network
from convnet import functional
from convnet.gradient_check import check_gradients
from lesson_tools.batch_normalization.results import EPOCHS, results, tuned


def test_each_network_of_the_study_has_five_runs_for_each_of_its_rates():
    for measure in ("loss", "test accuracy"):
        study = results(measure)
        assert list(study) == list(ARMS)
        for network, by_rate in study.items():
            assert tuple(by_rate) == RATES[ARMS[network][2]]
            assert {runs.shape for runs in by_rate.values()} == {(5, len(EPOCHS))}


def test_the_best_rate_of_each_network_is_none_at_the_border():
    for network, by_rate in results().items():
        for epochs in EPOCHS:
            assert tuned(network, epochs)[0] in list(by_rate)[1:-1], (network, epochs)


def test_networks_with_and_without_normalization_start_with_the_same_filters():
    filters = [
        [layer.parameters["W"] for layer in network.layers if "W" in layer.parameters]
        for network in (deep_network(3, True, 1.0), deep_network(3, False, 1.0))
    ]
    for with_norm, without in zip(*filters, strict=True):
        np.testing.assert_array_equal(with_norm, without)


def test_the_gradient_of_the_lesson_is_that_of_finite_differences():
    def norm_backward(dy, x, gamma, beta):
        _, mean, variance = functional.batch_norm(x, gamma, beta)
        return functional.batch_norm_backward(dy, x, gamma, mean, variance)

    rng = np.random.default_rng(0)
    inputs = {
        "x": rng.standard_normal((3, 2, 4, 2)),
        "gamma": rng.uniform(0.5, 1.5, 2),
        "beta": rng.standard_normal(2),
    }
    assert check_gradients(lambda **a: functional.batch_norm(**a)[0], norm_backward, inputs) < 1e-6
