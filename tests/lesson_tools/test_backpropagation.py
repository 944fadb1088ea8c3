"""Statements of the lesson "Backpropagation" that no cell computes."""

import numpy as np
import pytest

from convnet import functional
from convnet.gradient_check import numeric_gradient
from lesson_tools.backpropagation import figures as draw
from lesson_tools.backpropagation.patients import PATIENTS
from lesson_tools.backpropagation.questions import learn, predict
from lesson_tools.cross_correlation import cross_correlated
from lesson_tools.riddles import FIRST, riddle
from tests.lesson_tools.cells import run_cell

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


def test_both_gradients_are_cross_correlations():
    lesson = run_cell("13_backpropagation", "def cross_correlate", riddle=riddle, draw=draw)
    assert np.round(lesson["kernel"]).tolist() == FIRST.tolist()
    cross_correlate = lesson["cross_correlate"]
    np.testing.assert_array_equal(cross_correlate(X, dZ), dW)
    np.testing.assert_array_equal(cross_correlate(np.pad(dZ, 1), W[::-1, ::-1]), dX)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("weight", dW[1, 1]),
        ("pixels", dX[2, 1:]),
        ("relu", 2 * (np.maximum([[2, -4], [-1, 4]], 0) - T) / 4 * [[1, 0], [0, 1]]),
    ],
)
def test_the_questions_on_the_small_network_have_the_right_answers(name, expected):
    np.testing.assert_array_equal(predict.questions[name].right, expected)


def test_the_window_of_the_published_mask_has_its_maximum_in_the_last_row():
    window = np.array([[1.0, 2, 3], [2, 3, 2], [1, 5, 2]])
    mask = functional.max_pool2d_backward(np.ones((1, 1, 1, 1)), batch(window), 3)[0, :, :, 0]
    assert mask.tolist() == [[0, 0, 0], [0, 0, 0], [0, 1, 0]]


def test_each_patient_has_the_symptoms_that_lead_to_its_cause():
    A, B, C = PATIENTS.values()
    right = np.zeros((4, 4), bool)
    right[::3, ::3] = True  # the corners
    np.testing.assert_array_equal(A.actual == A.expected, right)
    assert (B.actual != B.expected).mean() > 0.9
    assert len(np.unique(B.actual / B.expected)) > 2
    np.testing.assert_array_equal(2 * C.actual, C.expected)


def search(crop, target, rate, steps, seed=1):
    """Return the kernel and the loss after the steps of the lesson's search."""
    kernel = np.random.default_rng(seed).normal(size=(3, 3))
    for _ in range(steps):
        upstream = 2 * (cross_correlated(crop, kernel) - target) / target.size
        kernel = kernel - rate * cross_correlated(crop, upstream)
    return kernel, np.mean((cross_correlated(crop, kernel) - target) ** 2)


@pytest.mark.parametrize("seed", range(8))
def test_the_exact_search_finds_the_kernel_from_every_start(seed):
    photo, drawing = riddle()
    kernel, _ = search(photo[166:182, 166:182], drawing[166:180, 166:180], 1, 60, seed)
    assert np.abs(kernel - FIRST).max() < 0.05


def test_both_searches_have_the_same_losses():
    photo, drawing = riddle()
    crop, target = photo[166:182, 166:182], drawing[166:180, 166:180]
    start = np.random.default_rng(1).normal(size=(3, 3))
    slow = draw.finite_difference_search(crop, target, start, 1, 60)
    fast = [search(crop, target, 1, steps)[1] for steps in range(61)]
    np.testing.assert_allclose(slow[:31], fast[:31], rtol=0.02)


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


@pytest.mark.parametrize("rate", [0.1, 1])
def test_six_values_do_not_determine_nine_weights(rate):
    photo, drawing = riddle()
    kernel, loss = search(photo[170:175, 170:174], drawing[170:173, 170:172], rate, 400)
    assert loss < 1e-4 and np.abs(kernel - FIRST).max() == pytest.approx(1.06, abs=0.01)
    whole = np.mean((cross_correlated(photo, kernel) - drawing) ** 2)
    assert whole == pytest.approx(6.3, abs=0.1)
    assert np.mean(drawing**2) == pytest.approx(2.3, abs=0.01)


def test_no_kernel_gives_an_absolute_value():
    photo, drawing = riddle()
    crop, target = photo[166:182, 166:182], np.abs(drawing[166:180, 166:180])
    assert search(crop, target, 0.1, 400)[1] == pytest.approx(1.29, abs=0.001)
    windows = np.lib.stride_tricks.sliding_window_view(crop, (3, 3)).reshape(-1, 9)
    _, (residual,), _, _ = np.linalg.lstsq(windows, target.ravel())
    assert residual / target.size == pytest.approx(1.289, abs=0.001), "the best of all kernels"
    assert np.mean(target**2) == pytest.approx(1.92, abs=0.01)


def test_two_layers_of_zeros_have_no_gradient():
    W_1, W_2 = np.zeros((3, 3, 1, 4)), np.zeros((3, 3, 4, 1))
    image = np.random.default_rng(0).normal(size=(1, 8, 8, 1))
    A = functional.relu(functional.conv2d(image, W_1))
    dA, dW_2, _ = functional.conv2d_backward(np.ones((1, 4, 4, 1)), A, W_2)
    assert not dA.any() and not dW_2.any()


def test_a_tie_counts_once_for_each_maximum():
    by_mask, by_differences = draw.wrong_at_a_tie()
    assert by_mask == 16 and by_differences == pytest.approx(4)
