"""The lesson on explanations: its stored results, and its copies of weights for PyTorch."""

import numpy as np
import pytest

from convnet.functional import conv2d, max_pool2d, relu
from convnet.models import digits_network
from lesson_tools.explaining_predictions.explanations import (
    explanations,
    judged_maps,
    torch_arrays,
    verdict,
)
from lesson_tools.explaining_predictions.questions import predict

PALACE = 698


def test_the_class_activation_map_adds_up_to_the_score_but_for_the_bias():
    maps = explanations()
    bias = {
        name: maps[score][label] - maps[name].mean()
        for name, score, label in (
            ("cam_daisy", "scores", 985),
            ("cam_flower", "flower_scores", 985),
        )
    }
    assert bias["cam_daisy"] == pytest.approx(bias["cam_flower"], abs=1e-3)


def test_the_photographs_have_the_classes_by_which_their_maps_are_judged():
    judged = judged_maps()
    np.testing.assert_array_equal(judged["scores"].argmax(axis=1), judged["labels"])
    np.testing.assert_allclose(judged["scores"][0], explanations()["scores"], atol=0.5)
    assert (judged["fooled_class"] == judged["labels"][:, None]).sum() == 0


def test_one_gray_level_is_enough_for_the_class_that_was_second():
    judged = judged_maps()
    assert judged["sizes"][0] == 1 and judged["fooled"][:, 0].all()
    second = judged["scores"].argsort(axis=1)[:, -2]
    np.testing.assert_array_equal(judged["fooled_class"][:, 0], second)


def test_fractions_and_correlations_are_in_their_ranges():
    judged = judged_maps()
    for name in ("pointing", "pointing_products", "pointing_dense", "pointing_everything"):
        known = judged[name][~np.isnan(judged[name])]  # NaN: a map without positive values
        assert known.min() >= 0 and known.max() <= 1
    for name in ("dense", "everything"):
        assert judged[name].shape == (2, 4, len(judged["methods"]), 5)
        assert np.abs(judged[name]).max() <= 1


def test_the_stored_sheet_gives_the_stored_fractions():
    """The first arrangement has class 0 at the upper left, and class 2 at the lower left."""
    judged = judged_maps()
    for label, rows in ((0, slice(0, 4)), (2, slice(4, 8))):
        quarters = judged["sheet"][label, :, rows, :4].sum(axis=(1, 2))
        fractions = quarters / judged["sheet"][label].sum(axis=(1, 2))
        np.testing.assert_allclose(fractions, judged["pointing"][0, 0, label], atol=1e-5)


def test_the_weights_for_pytorch_compute_the_same_scores():
    network = digits_network(3, "float64")
    W_1, b_1, W_2, b_2, W, b = torch_arrays(network)
    X = np.random.default_rng(0).uniform(size=(2, 8, 8, 1))
    A = relu(conv2d(X, W_1.transpose(2, 3, 1, 0), b_1, padding=1))
    A = relu(conv2d(A, W_2.transpose(2, 3, 1, 0), b_2, padding=1))
    flat = max_pool2d(A, 2).transpose(0, 3, 1, 2).reshape(2, -1)  # channels first, as in PyTorch
    np.testing.assert_allclose(flat @ W.T + b, network.scores(X))


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (lambda X: None, None),
        (lambda X: X, "one score for each image is expected"),
        (lambda X: 0 * X[:, 0], "the score does not drop"),
        (lambda X: X[:, 0] * X[:, 1], "occlusion of one pixel shows it"),
        (lambda X: 2 * (X[:, 0] + X[:, 1] - X[:, 0] * X[:, 1]), "the drop is not 1"),
        (lambda X: X.max(axis=1), "the gradient shows it"),
        (lambda X: 1 - ((1 - X) ** 2).prod(axis=1), "right"),
    ],
)
def test_exercise_1_accepts_any_score_that_deceives_both_methods(score, expected):
    assert verdict(score) == expected


def test_the_predictions_on_the_small_network_hold():
    def score(x):
        return 2 * x[0] - x[1] + 3 * min(x[2], 1)

    x, eye = np.array([1.0, 2, 4]), np.eye(3)
    slopes = [(score(x + 1e-6 * e) - score(x)) / 1e-6 for e in eye]
    np.testing.assert_allclose(slopes, predict.questions["gradient"].right, atol=1e-6)
    drops = [score(x) - score(x * (1 - e)) for e in eye]
    np.testing.assert_allclose(drops, predict.questions["drop"].right)
