"""The lesson on residual networks: its stored results, and the exercise's numbers."""

import numpy as np
import pytest

from benchmarks.lessons.residual_networks import TAUGHT, Arm
from convnet.functional import conv2d, cross_entropy, cross_entropy_backward, relu
from convnet.gradient_check import numeric_gradient
from lesson_tools.counter import conv, totals
from lesson_tools.residual_networks.questions import branch, check, path_gradient
from lesson_tools.residual_networks.results import last_losses, results


def test_each_network_of_the_study_has_five_runs():
    for network, one in results().items():
        assert len(last_losses(network)) == len(one["accuracy"]) == 5, network
        assert np.isfinite(last_losses(network)).all()


def test_forty_residual_layers_are_ahead_of_forty_plain_ones_in_each_run():
    assert last_losses("residual, 40 layers").max() < last_losses("plain, 40 layers").min()


@pytest.mark.parametrize("kind", ["plain", "copying", "residual"])
def test_the_gradient_of_a_network_is_that_of_finite_differences(kind):
    network = Arm(4, kind).network(0)
    network.dtype = np.dtype(np.float64)
    network.parameters, network.gradients = (
        array.astype(np.float64) for array in (network.parameters, network.gradients)
    )
    network._share()
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(3, 8, 8, 1)), np.array([1, 5, 7])
    network.backward(cross_entropy_backward(network.forward(x, training=True), labels))
    W, gradient = (
        values["W"] for values in (network.layers[0].parameters, network.layers[0].gradients)
    )
    part = np.s_[1, :, 0, :4]

    def loss(values):
        W[part] = values
        return cross_entropy(network.forward(x, training=True), labels)

    expected = numeric_gradient(loss, W[part].copy())
    assert gradient[part] == pytest.approx(expected, abs=1e-5)


def test_the_gradient_agrees_with_itself_after_a_tiny_step():
    (cosine,) = TAUGHT["agreement"](Arm(4, "residual").network(0), np.array([1e-5]))
    assert cosine == pytest.approx(1, abs=1e-3)


def test_all_paths_of_exercise_1_add_up_to_the_product():
    paths = [path_gradient(20, -0.5, k) for k in range(21)]
    assert sum(paths) == pytest.approx(0.5**20)


def test_exercise_2_counts_as_the_counter_does():
    main = [conv(128, 3, 2, 1, norm=True), conv(128, 3, pad=1, norm=True)]
    shortcut = [conv(128, 1, 2, norm=True)]
    expected = sum(totals(path, (56, 56, 64))[0] for path in (main, shortcut))
    assert check.exercises["parameters"].right == expected


def test_the_gradient_of_exercise_3_is_that_of_finite_differences():
    rng = np.random.default_rng(0)
    dy, x, W = (rng.normal(size=size) for size in ((1, 4, 5, 2), (1, 4, 5, 2), (3, 3, 2, 2)))
    expected = numeric_gradient(lambda X: np.sum(dy * (X + relu(conv2d(X, W, padding=1)))), x)
    assert dy + branch(dy, x, W) == pytest.approx(expected, abs=1e-6)
