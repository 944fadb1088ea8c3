"""The functions, data and measurements of the lesson "Activations"."""

import numpy as np
import pytest

from convnet.data import digits, load_sample_image
from convnet.functional import conv2d
from convnet.gradient_check import check_gradients, numeric_gradient
from convnet.layers import Conv2D, Dense, Flatten
from convnet.network import Network
from lesson_tools.activations.experiments import (
    Activation,
    activate,
    gradient_norms,
    inverted,
    lines,
    patients,
    weights,
)
from lesson_tools.activations.questions import check

Z = np.array([1.0, 5.0, -4.0, 3.0, -2.0])
NAMES = ("ReLU", "sigmoid", "tanh", "GELU", "SiLU")


@pytest.mark.parametrize("name", NAMES)
def test_the_derivative_of_an_activation_function_is_right(name):
    measured = numeric_gradient(lambda Z: np.sum(activate(name, Z)[0]), Z)
    np.testing.assert_allclose(activate(name, Z)[1], measured, atol=1e-8)


def test_the_activation_functions_satisfy_the_formulas_of_the_lesson():
    sigmoid, doubled, opposite = (activate("sigmoid", z)[0] for z in (Z, 2 * Z, -Z))
    np.testing.assert_allclose(sigmoid, 1 / (1 + np.exp(-Z)))
    np.testing.assert_allclose(2 * doubled - 1, np.tanh(Z))
    np.testing.assert_allclose(sigmoid + opposite, 1)
    np.testing.assert_array_equal(activate("ReLU", Z)[0] + activate("ReLU", -Z)[0], np.abs(Z))


@pytest.mark.parametrize("name", ["GELU", "SiLU"])
def test_the_smooth_relatives_are_negative_for_negative_z_with_one_flat_point(name):
    z = np.linspace(-5, -1e-3, 50_001)
    A, derivative = activate(name, z)
    lowest = z[A.argmin()]
    assert (A < 0).all()
    assert lowest == pytest.approx({"SiLU": -1.278, "GELU": -0.752}[name], abs=1e-3)
    assert (derivative[z < lowest - 1e-3] < 0).all() and (derivative[z > lowest + 1e-3] > 0).all()
    slopes = activate(name, np.linspace(-10, 10, 2001))[1]
    assert slopes.min() > -0.13
    assert slopes.max() < 1.13


@pytest.mark.parametrize("name", [*NAMES, "no activation"])
def test_a_layer_with_an_activation_function_passes_the_gradient_check(name):
    layer = Activation(name)
    check_gradients(
        lambda x: layer.forward(x, training=True), lambda dy, x: layer.backward(dy), {"x": Z}
    )


def test_float32_stays_float32():
    assert {activate(name, Z.astype(np.float32))[0].dtype for name in NAMES[:3]} == {
        np.dtype("float32")
    }


def test_two_linear_layers_are_one():
    first, second, row = np.array([1, 0, -1]), np.array([1, 2, 1]), [2, 7, 1, 8, 2, 8, 1, 8]
    kernel = np.convolve(first, second)
    two = np.correlate(np.correlate(row, first), second)
    np.testing.assert_array_equal(two, np.correlate(row, kernel))
    assert tuple(kernel) == check.exercises["kernel"].right
    assert np.convolve(np.ones(3), np.ones(5)).size == check.exercises["size"].right


def test_half_of_the_images_have_a_line_as_often_bright_as_dark():
    images, labels = lines(800, seed=3)
    columns = images[:, :, :, 0].mean(axis=1)
    bright, dark = columns.max(axis=1) > 0.6, columns.min(axis=1) < -0.6
    np.testing.assert_array_equal(bright | dark, labels == 1)
    assert (bright.sum(), dark.sum()) == (200, 200)
    assert set(columns[bright].argmax(axis=1)) == set(range(8))


def test_no_linear_score_is_right_for_more_than_three_quarters_of_the_lines():
    rng = np.random.default_rng(0)
    noise, line = rng.normal(0, 0.3, (64, 500)), np.zeros((64, 1))
    line[3::8] = 1
    for _ in range(200):
        w, b = rng.normal(size=64), rng.normal()
        w[3::8] += rng.normal(0, 3)
        blank, bright, dark = (w @ (noise + c * line) + b > 0 for c in (0, 1, -1))
        right = ~blank.astype(bool) / 2 + bright / 4 + dark / 4
        assert right.max() <= 0.75


def test_with_biases_of_0_tanh_gives_negatives_opposite_scores():
    images = lines(20, seed=0)[0]
    for name, is_odd in (("tanh", True), ("no activation", True), ("ReLU", False)):
        layers = [Conv2D(8, 3, padding=1), Activation(name), Flatten(), Dense(2)]
        network = Network(layers, (8, 8, 1), seed=0)
        scores, opposite = network.scores(images), network.scores(-images)
        assert np.allclose(opposite, -scores, atol=1e-5) == is_odd


def test_about_half_of_the_images_are_inverted():
    images = digits().test_images
    changed = (inverted(images, seed=0) != images).any(axis=(1, 2, 3))
    assert 0.4 < changed.mean() < 0.6
    np.testing.assert_allclose(inverted(images, seed=0)[changed], 1 - images[changed])


def test_two_filters_with_relu_measure_lines_of_both_signs():
    gray = load_sample_image("chelsea.jpg")[130:190, :60].mean(axis=2)[None, :, :, None]
    kernel = np.array([[-1.0, -1, -1], [2, 2, 2], [-1, -1, -1]])
    both = np.stack([kernel, -kernel], axis=-1)[:, :, None]
    total = conv2d(np.maximum(conv2d(gray, both), 0), np.ones((1, 1, 2, 1)))
    np.testing.assert_allclose(total, np.abs(conv2d(gray, kernel[:, :, None, None])), atol=1e-9)


def test_the_gradient_vanishes_with_the_sigmoid_and_not_with_relu():
    relu, tanh = gradient_norms("ReLU", 0.02), gradient_norms("tanh", 0.01)
    sigmoid = gradient_norms("sigmoid", 0.01)
    assert len(relu) == 20 and 0.5 < relu[0] / relu[-1] < 2
    assert 0.1 < tanh[0] / tanh[-1] < 0.3
    assert sigmoid[0] / sigmoid[-1] < 1e-11


def test_a_dead_unit_stays_where_it_is_and_a_leaky_one_recovers():
    assert weights(0, 0.02)[-1] == pytest.approx(0.5, abs=0.05)
    np.testing.assert_allclose(weights(0, 0.2)[1:], -1.2)
    recovered = next(step for step, w in enumerate(weights(0.1, 0.2)) if step > 1 and w > 0.5)
    assert recovered <= 60
    assert -1.2 < weights(0.01, 0.2)[-1] < -0.9


def test_the_diagnoses_of_the_six_units_are_right():
    diagnosis = ""
    for name, z in patients().values():
        A, derivative = activate(name, z)
        line = np.polyval(np.polyfit(z, A, 1), z)
        if not derivative.any():
            diagnosis += "D"
        elif derivative.max() < 0.01:
            diagnosis += "S"
        else:
            diagnosis += "L" if np.abs(line - A).max() < 0.01 * np.ptp(A) else "H"
    assert diagnosis == check.exercises["diagnosis"].right
