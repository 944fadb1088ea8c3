"""The lesson on adversarial examples: its gradient, its exercises and its stored results."""

import numpy as np
import pytest

from convnet.functional import cross_entropy, softmax
from convnet.models import digits_network
from lesson_tools.adversarial_examples.figures import photographs, trained
from lesson_tools.adversarial_examples.questions import check
from tests.lesson_tools.cells import defined

LESSON = "33_adversarial_examples"


def test_the_gradient_of_the_loss_is_right():
    loss_gradient = defined(LESSON, "loss_gradient")["loss_gradient"]
    network = digits_network(0, "float64")
    X, labels = np.random.default_rng(0).uniform(size=(2, 8, 8, 1)), np.array([3, 7])
    gradient = loss_gradient(network, X, labels)
    assert network.layers[0].is_first
    for position in [(0, 3, 4, 0), (1, 2, 2, 0), (1, 6, 5, 0)]:
        losses = []
        for step in (1e-5, -1e-5):
            Z = X.copy()
            Z[position] += step
            losses.append(cross_entropy(network.scores(Z), labels) * len(X))  # a mean
        assert (losses[0] - losses[1]) / 2e-5 == pytest.approx(gradient[position], abs=1e-7)


def smallest_by_vectors(w, b, x):
    return np.abs(np.vdot(w, x) + b) / np.linalg.norm(np.ravel(w), 1)


def targeted_by_minimum(X, gradient_at, target, epsilon):
    up = gradient_at(X, [target] * len(X)) > 0
    return np.maximum(np.minimum(np.where(up, X - epsilon, X + epsilon), 1), 0)


def iterated_by_change(X, gradient_at, epsilon, size, steps):
    d = np.zeros_like(X)
    for _ in range(steps):
        d = np.clip(d + size * np.sign(gradient_at(X + d)), -epsilon, epsilon)
        d = np.clip(X + d, 0, 1) - X
    return X + d


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("smallest_epsilon", smallest_by_vectors),
        ("targeted", targeted_by_minimum),
        ("iterated", iterated_by_change),
    ],
)
def test_a_solution_in_another_style_is_right(name, function, capsys):
    check(name, function)
    assert f"{name}: right, in" in capsys.readouterr().out


def test_one_gray_level_is_enough_for_the_class_that_was_second():
    stored = photographs()
    assert stored["sizes"][0] == 1 and stored["fooled"][:, 0].all()
    assert not stored["fooled_random"][:, 0].any()
    second = stored["scores"].argsort(axis=1)[:, -2]
    np.testing.assert_array_equal(stored["fooled_class"][:, 0], second)
    before, after = np.exp(-stored["losses"][0, :2])
    assert (round(before, 2), round(after, 2)) == (0.30, 0.02)  # the titles of the figure
    assert softmax(stored["scores"])[0, second[0]] == pytest.approx(0.22, abs=0.005)
    assert (second[0], stored["labels"][0]) == (442, 698)  # bell cote, palace


def test_only_training_on_attacks_helps_against_them():
    attacked = [trained(arm, "one step") for arm in ("plain", "random signs", "attacks")]
    assert attacked[2] > max(attacked[:2]) + 0.15
