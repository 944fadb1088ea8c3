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


@pytest.fixture(scope="module")
def taught():
    names = ("descend", "as_probabilities", "squared_error_backward")
    used = {f.__name__: f for f in (cross_entropy, cross_entropy_backward, softmax)}
    return defined("12_losses", *names, X=X, labels=LABELS, **used)


def right(W, b, images, labels):
    return np.mean((images @ W + b).argmax(axis=1) == labels)


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
    p, t = softmax(np.stack([Z5, np.zeros(5)], axis=1))[:, 0], 2 * Y5 - 1
    measured = numeric_gradient(lambda z: np.log(1 + np.exp(z)).sum() - z @ Y5, Z5)
    np.testing.assert_allclose(measured, p - Y5, atol=1e-8)
    measured = numeric_gradient(lambda z: np.sum((1 / (1 + np.exp(-z)) - Y5) ** 2), Z5)
    np.testing.assert_allclose(measured, 2 * (p - Y5) * p * (1 - p), atol=1e-8)
    # Exercise 4, with tanh.
    doubled = (1 + np.tanh(Z5)) / 2
    measured = numeric_gradient(lambda z: np.log(1 + np.exp(2 * z)).sum() - 2 * z @ Y5, Z5)
    np.testing.assert_allclose(measured, 2 * (doubled - Y5), atol=1e-8)
    measured = numeric_gradient(lambda z: np.sum((np.tanh(z) - t) ** 2), Z5)
    tanh = np.tanh(Z5)
    np.testing.assert_allclose(measured, 2 * (tanh - t) * (1 - tanh**2), atol=1e-8)


def test_a_step_uses_the_gradient_of_the_weights():
    measured = numeric_gradient(
        lambda W: cross_entropy(X[:50] @ W, LABELS[:50]), np.zeros((64, 10))
    )
    np.testing.assert_allclose(measured, X[:50].T @ (0.1 - Y[:50]) / 50, atol=1e-8)


def test_what_300_steps_from_zeros_reach(taught):
    zeros = np.zeros((64, 10)), np.zeros(10)
    W, b, _ = taught["descend"](*zeros, LABELS)
    assert cross_entropy(X @ W + b, LABELS) == pytest.approx(0.133, abs=5e-4)
    np.testing.assert_allclose(
        (right(W, b, X, LABELS), right(W, b, X_TEST, TEST_LABELS)), (0.975, 0.892), atol=5e-4
    )
    targets = np.random.default_rng(0).permutation(LABELS)
    W, b, _ = taught["descend"](*zeros, targets)
    assert right(W, b, X_TEST, TEST_LABELS) < 0.12, "random labels teach nothing"
    for loss, gradient in {
        "cross-entropy": cross_entropy_backward,
        "squared error": taught["squared_error_backward"],
    }.items():
        images = two_losses.Images(X, LABELS)
        expected = two_losses.descend(loss, images, *zeros, rate=3, steps=5)
        W, b, _ = taught["descend"](*zeros, LABELS, rate=3, steps=5, gradient=gradient)
        np.testing.assert_allclose(W, expected[0])
        np.testing.assert_allclose(b, expected[1])


def test_softmax_applied_twice_learns_more_slowly():
    W, b = np.zeros((64, 10)), np.zeros(10)
    for _ in range(300):
        Y_hat = softmax(X @ W + b)
        dY = (softmax(Y_hat) - Y) / len(Y)
        dZ = Y_hat * (dY - np.sum(dY * Y_hat, axis=1, keepdims=True))
        W, b = W - X.T @ dZ, b - dZ.sum(axis=0)
    assert right(W, b, X, LABELS) == pytest.approx(0.87, abs=0.005)
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


def test_clipped_scores_have_no_gradient(taught):
    Z = np.arange(1.0, 11)[None]
    before = taught["as_probabilities"](Z)
    np.testing.assert_array_equal(
        taught["as_probabilities"](Z + 0.001 * np.eye(10)), [before[0]] * 10
    )


def test_the_square_of_the_missing_part_is_not_honest_with_three_classes():
    truth = np.array([0.5, 0.3, 0.2])
    grid = np.array([(p, q, 1 - p - q) for p in np.arange(101) / 100 for q in np.arange(101) / 100])
    grid = grid[grid[:, 2] > -1e-9]
    missing = ((1 - grid) ** 2) @ truth
    squared = np.sum(
        [c * np.sum((grid - e) ** 2, axis=1) for c, e in zip(truth, np.eye(3), strict=True)], axis=0
    )
    np.testing.assert_allclose(grid[squared.argmin()], truth)
    assert np.abs(grid[missing.argmin()] - truth).max() > 0.1


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


def test_the_honest_probability_is_the_cheapest_for_two_of_four_losses():
    stated = np.linspace(0.01, 0.99, 99)
    for loss, best in ((lambda p: 1 - p, 0.99), (lambda p: (1 - p) ** 2, 0.7), (np.log, 0.7)):
        sign = -1 if loss is np.log else 1
        average = sign * (0.7 * loss(stated) + 0.3 * loss(1 - stated))
        assert stated[average.argmin()] == pytest.approx(best)


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
