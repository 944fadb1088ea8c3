"""Statements of the lesson "Losses" that no cell computes."""

import numpy as np
import pytest

from benchmarks.lessons import two_losses
from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward, softmax
from convnet.gradient_check import numeric_gradient
from lesson_tools.losses import figures as draw
from lesson_tools.losses.questions import Y5, Z5
from lesson_tools.stored import stored_arrays
from tests.lesson_tools.cells import defined

DATA = digits()
X, X_TEST = (a.reshape(len(a), 64) for a in (DATA.train_images, DATA.test_images))
LABELS, TEST_LABELS = DATA.train_labels, DATA.test_labels
Y = np.eye(10)[LABELS]
SCORES = np.array([1.0, 2.0, 3.0])


def test_the_functions_of_the_lesson_are_those_of_convnet_and_survive_large_scores():
    taught = defined("12_losses", "softmax_of", "cross_entropy")
    Z = np.random.default_rng(0).normal(0, 3, (1500, 10))
    np.testing.assert_allclose(taught["softmax_of"](Z[0]), softmax(Z[0]))
    assert taught["cross_entropy"](Z, Y) == pytest.approx(cross_entropy(Z, LABELS))
    np.testing.assert_allclose((softmax(Z) - Y) / len(Z), cross_entropy_backward(Z, LABELS))
    with np.errstate(all="raise", under="ignore"):
        assert taught["cross_entropy"](np.array([1000.0, 0.0]), np.array([0.0, 1.0])) == 1000


def test_the_derivatives_of_softmax_and_of_its_losses():
    y, y_hat = np.array([1.0, 0.0, 0.0]), softmax(SCORES)
    measured = numeric_gradient(lambda z: -np.log(softmax(z)[0]), SCORES)
    np.testing.assert_allclose(y_hat - y, measured, atol=1e-8)
    for j in range(3):
        measured = numeric_gradient(lambda z, j=j: softmax(z)[j], SCORES)
        np.testing.assert_allclose(y_hat[j] * (np.eye(3)[j] - y_hat), measured, atol=1e-8)
    Z, labels = np.array([[1.0, 2.0, 3.0], [2.0, -1.0, 0.5]]), np.array([0, 2])
    losses = {
        "cross-entropy": cross_entropy,
        "squared error": lambda Z, labels: np.mean(
            np.sum((softmax(Z) - np.eye(3)[labels]) ** 2, axis=1)
        ),
    }
    for name, loss in losses.items():
        measured = numeric_gradient(lambda Z, loss=loss: loss(Z, labels), Z)
        np.testing.assert_allclose(two_losses.gradient(name, Z, labels), measured, atol=1e-8)


def test_the_derivatives_for_two_classes():
    p = softmax(np.stack([Z5, np.zeros(5)], axis=1))[:, 0]
    measured = numeric_gradient(lambda z: np.log(1 + np.exp(z)).sum() - z @ Y5, Z5)
    np.testing.assert_allclose(measured, p - Y5, atol=1e-8)
    measured = numeric_gradient(lambda z: np.sum((1 / (1 + np.exp(-z)) - Y5) ** 2), Z5)
    np.testing.assert_allclose(measured, 2 * (p - Y5) * p * (1 - p), atol=1e-8)


def test_a_step_uses_the_gradient_of_the_weights():
    measured = numeric_gradient(
        lambda W: cross_entropy(X[:50] @ W, LABELS[:50]), np.zeros((64, 10))
    )
    np.testing.assert_allclose(measured, X[:50].T @ (0.1 - Y[:50]) / 50, atol=1e-8)


def test_softmax_applied_twice_learns_more_slowly():
    W, b = np.zeros((64, 10)), np.zeros(10)
    for _ in range(300):
        Y_hat = softmax(X @ W + b)
        dY = (softmax(Y_hat) - Y) / len(Y)
        dZ = Y_hat * (dY - np.sum(dY * Y_hat, axis=1, keepdims=True))
        W, b = W - X.T @ dZ, b - dZ.sum(axis=0)
    correct = np.argmax(X @ W + b, axis=1) == LABELS
    assert correct.mean() < 0.9, "with softmax applied once, 97.5%"
    assert cross_entropy(np.eye(10), np.arange(10)) == pytest.approx(np.log(np.e + 9) - 1)


def test_large_weights_and_pixels_that_are_not_scaled_begin_at_more_than_10():
    rng = np.random.default_rng(0)
    assert cross_entropy(X @ rng.normal(0, 3, (64, 10)), LABELS) > 10
    W = rng.uniform(-0.28, 0.28, (64, 10))
    assert cross_entropy(X @ W, LABELS) < 3
    assert cross_entropy(255 * X @ W, LABELS) > 10


def test_pixels_that_are_not_scaled_turn_every_parameter_into_nan():
    X_255 = 255.0 * X
    W, b = np.zeros((64, 10)), np.zeros(10)
    with np.errstate(all="ignore"):
        for _ in range(2):
            E = np.exp(X_255 @ W + b)
            dZ = (E / E.sum(axis=1)[:, None] - Y) / len(Y)
            W, b = W - X_255.T @ dZ, b - dZ.sum(axis=0)
    assert np.isnan(W).all() and np.isnan(b).all()


def test_the_readers_losses_are_those_of_their_answers():
    losses = draw.losses_of([(8, 0.5), (1, 0.1), (3, 1), (4, 1), (4, 0.1)], [8, 2, 3, 5, 5])
    np.testing.assert_allclose(losses, [np.log(2), np.log(10), 0, np.inf, np.log(10)])
    probabilities = np.full((297, 10), 0.1)
    answers = [(0, 1), (6, 0.9), (9, 0.9), (3, 0.9), (0, 0.1)]
    text = draw.your_losses(answers, X_TEST, TEST_LABELS, probabilities).text
    assert "an 8: you infinite, the network 2.30; a 6: you 0.11" in text
    assert "yours infinite, the network's 2.30" in text
    with pytest.raises(ValueError, match="from 0 to 1"):
        draw.losses_of([(8, 90)], [8])


def test_the_stored_study_shows_what_the_lesson_says():
    arrays = stored_arrays("losses/two_losses.npz")
    for d, data in enumerate(two_losses.DATA):
        usual = [draw.tested(data, "usual", loss).mean() for loss in two_losses.LOSSES]
        assert abs(usual[0] - usual[1]) < 0.02
        for start in ("large", "misled"):
            good, bad = (draw.tested(data, start, loss) for loss in two_losses.LOSSES)
            assert good.min() > bad.max()
            assert draw.tested(data, start, "cross-entropy", "train").min() == 1
            later = draw.tested(data, start, "squared error", "later_train")
            assert draw.tested(data, start, "squared error", "train").max() < 0.895
            assert later.min() > 0.69
        assert 0.85 < arrays["sure"][d, 1:].mean() < 0.96
    large = arrays["chosen"][0, 1]
    assert [two_losses.RATES[rate] for rate in large] == [30, 30], "the rate of the lesson's run"


def test_the_study_is_reproduced_by_its_script():
    arrays = stored_arrays("losses/two_losses.npz")
    rng, (train, _, test) = next(two_losses.runs("digits"))
    start = two_losses.initialize("digits", "large", train, rng)
    for number, loss in enumerate(two_losses.LOSSES):
        end = two_losses.descend(loss, train, *start, rate=30, steps=300)
        found = two_losses.accuracy(train, *end), two_losses.accuracy(test, *end)
        rate = two_losses.RATES.index(30)
        expected = [arrays[part][0, 1, number, rate, 0] for part in ("train", "test")]
        np.testing.assert_allclose(found, expected, atol=0.01)
