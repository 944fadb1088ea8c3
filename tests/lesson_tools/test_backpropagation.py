"""Statements of the lesson "Backpropagation" that no cell computes."""

import numpy as np
import pytest

from convnet import functional
from convnet.gradient_check import numeric_gradient
from lesson_tools.backpropagation.questions import learn, predict
from lesson_tools.cross_correlation import cross_correlated
from lesson_tools.riddles import FIRST, riddle

X = np.array([[3.0, 0.0, 1.0], [1.0, 2.0, 3.0], [2.0, 2.0, 0.0]])
W = np.array([[2.0, -1.0], [3.0, -2.0]])
T = np.array([[0.0, 2.0], [3.0, 0.0]])
dZ = np.array([[2.0, 0.0], [-1.0, 3.0]])
dW = np.array([[11.0, 7.0], [6.0, 2.0]])
dX = np.array([[4.0, -2.0, 0.0], [4.0, 3.0, -3.0], [-3.0, 11.0, -6.0]])


def batch(array):
    return array[None, :, :, None]


def cost(X, W, b):
    A = np.maximum(functional.conv2d(batch(X), W[:, :, None, None], b)[0, :, :, 0], 0)
    return np.mean((A - T) ** 2)


def test_the_gradients_by_hand_are_right():
    b = np.array([-1.0])
    assert cost(X, W, b) == 15
    np.testing.assert_allclose(numeric_gradient(lambda W: cost(X, W, b), W), dW, atol=1e-6)
    np.testing.assert_allclose(numeric_gradient(lambda X: cost(X, W, b), X), dX, atol=1e-6)
    np.testing.assert_allclose(numeric_gradient(lambda b: cost(X, W, b), b), [4], atol=1e-6)
    computed = functional.conv2d_backward(batch(dZ), batch(X), W[:, :, None, None])
    for array, expected in zip(computed, (dX, dW, [4]), strict=True):
        np.testing.assert_array_equal(np.squeeze(array), np.squeeze(expected))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("weight", dW[1, 1]),
        ("pixels", dX[2, 1:]),
    ],
)
def test_the_questions_on_the_small_network_have_the_right_answers(name, expected):
    np.testing.assert_array_equal(predict.questions[name].right, expected)


def test_a_kernel_is_found_through_a_relu_and_the_buggy_program_goes_uphill():
    photo, drawing = riddle()
    crop, edges = photo[166:182, 166:182], np.maximum(drawing[166:180, 166:180], 0)
    start = np.random.default_rng(1).normal(size=(3, 3))
    assert np.abs(learn(crop, edges, start, 1, 400) - FIRST).max() < 0.05
    buggy = learn(crop, edges, start, 1, 10, sign=1, once=True)
    before, after = (
        np.mean((np.maximum(cross_correlated(crop, kernel), 0) - edges) ** 2)
        for kernel in (start, buggy)
    )
    assert after > 2 * before
