"""The lesson on explanations: its stored results, and its copies of weights for PyTorch."""

import numpy as np
import pytest

from convnet.functional import conv2d, max_pool2d, relu
from convnet.models import digits_network
from lesson_tools.explaining_predictions.explanations import explanations, torch_arrays, verdict
from lesson_tools.explaining_predictions.figures import on_tower
from lesson_tools.explaining_predictions.questions import predict

PALACE = 698


def test_the_fill_decides_whether_the_tower_is_marked():
    maps = explanations()
    score = maps["scores"][PALACE]
    assert maps["scores"].argmax() == PALACE
    assert on_tower(score - maps["gray"]) < 0.45 < 0.75 < on_tower(score - maps["blurred"])


def test_only_without_the_tower_does_the_score_fall_whatever_the_fill():
    maps = explanations()
    sky, sky_and_lake, tower = maps["regions"]
    assert min(*sky, *sky_and_lake) > maps["scores"][PALACE] > 2 * max(tower)


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
