"""Statements of the lesson on the layer in libraries about axes and about copies with mistakes."""

import numpy as np
import pytest

from convnet.data import load_sample_image
from convnet.edges import load_blocks
from lesson_tools.convolution_layer_in_libraries import figures as draw
from lesson_tools.convolution_layer_in_libraries.questions import check, predict

NETWORK = load_blocks()


def test_reshape_is_not_the_transpose():
    channel = np.arange(1, 13).reshape(3, 4)
    image = np.stack([channel, 10 * channel], axis=-1)[None]
    right = predict.questions["reshape"].right
    assert tuple(image.reshape(1, 2, 3, 4)[0, 0, 0].tolist()) == right
    assert image.transpose(0, 3, 1, 2)[0, 0, 0].tolist() == [1, 2, 3, 4]


def test_the_copy_without_a_mistake_draws_what_the_network_draws():
    side_output = NETWORK.side_outputs(draw.flower())[0]
    expected = 1 / (1 + np.exp(-side_output))
    np.testing.assert_allclose(draw.drawn("no mistake"), 1 - expected, atol=1e-5)


@pytest.mark.parametrize("bug", list(draw.BUGS)[1:])
def test_every_mistake_changes_the_drawing_of_the_flower(bug):
    mean, largest = draw.difference(bug)
    assert mean > 0.003 and largest > 0.02


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_layer_of_the_lesson_shows_every_mistake_in_the_weights(number):
    rng = np.random.default_rng(3)
    x = rng.integers(0, 10, size=(7, 9, 5))
    W, b = rng.integers(-2, 3, size=(3, 4, 5, 2)), np.array([1, -1])
    change = list(draw.BUGS.values())[number][0]
    expected, actual = layer_output(x, W, b), layer_output(x, *change(W, b))
    assert actual.shape != expected.shape or np.abs(actual - expected).max() >= 1


def layer_output(x, W, b):
    """Return the output of filters of any kernel size for one image."""
    windows = np.lib.stride_tricks.sliding_window_view(x, W.shape[:2], axis=(0, 1))
    return np.einsum("hwkrq,rqkc->hwc", windows, W) + b


def test_one_mistake_makes_no_difference_on_a_gray_photograph():
    gray = load_sample_image("flower.jpg")[100:160, 300:360].mean(axis=2).astype(np.uint8)
    photo = np.repeat(gray[:, :, None], 3, axis=2)
    expected = draw.edges_of_copy("no mistake", photo)
    without_effect = [
        number
        for number, bug in enumerate(draw.BUGS)
        if number and np.allclose(draw.edges_of_copy(bug, photo), expected, atol=1e-4)
    ]
    assert without_effect == [predict.questions["gray"].right]


@pytest.mark.parametrize("shape", [(3, 4, 16, 32), (1, 2, 1, 1)])
def test_a_counterexample_is_a_shape_that_the_buggy_function_gets_wrong(shape):
    f_H, f_W, n_C_prev, n_C = shape
    assert np.zeros(shape).T.shape != (n_C, n_C_prev, f_H, f_W)
    check("counterexample", shape)


@pytest.mark.parametrize("letters", ["ac", "ca", "A, C", ("a", "c")])
def test_the_silent_mistakes_can_be_written_in_any_order(letters):
    check("silent", letters)
