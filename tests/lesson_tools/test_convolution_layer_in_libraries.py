"""Statements of the lesson on the layer in libraries about axes and about copies with bugs."""

import numpy as np
import pytest

from convnet.data import load_sample_image
from convnet.edges import load_blocks, normalized
from lesson_tools.convolution_layer_in_libraries import figures as draw
from lesson_tools.convolution_layer_in_libraries.questions import check, predict

CHANNEL = np.array([[1, 2, 3], [4, 5, 6]])
IMAGE = np.stack([CHANNEL, 10 * CHANNEL], axis=-1)[None]
NETWORK = load_blocks()


def test_transpose_moves_no_number_and_a_copy_does():
    first = IMAGE.transpose(0, 3, 1, 2)
    assert np.shares_memory(IMAGE, first) and not first.flags.c_contiguous
    assert not np.shares_memory(IMAGE, np.ascontiguousarray(first))
    assert first.reshape(-1).tolist() == [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60]
    assert predict.questions["offset"].right == (
        IMAGE.reshape(-1).tolist().index(6),
        first.reshape(-1).tolist().index(6),
    )


def test_the_permutation_of_images_goes_in_a_circle():
    once = IMAGE.transpose(0, 3, 1, 2)
    twice = once.transpose(0, 3, 1, 2)
    assert twice.shape == (1, 3, 2, 2)
    np.testing.assert_array_equal(twice.transpose(0, 3, 1, 2), IMAGE)
    np.testing.assert_array_equal(once.transpose(0, 2, 3, 1), IMAGE)


def test_the_copy_without_a_bug_draws_what_the_network_draws():
    np.testing.assert_allclose(draw.drawn("no bug"), 1 - NETWORK.draw(draw.flower()), atol=1e-5)


@pytest.mark.parametrize("bug", list(draw.BUGS)[1:])
def test_every_bug_changes_the_drawing_of_the_flower(bug):
    mean, largest = draw.difference(bug)
    assert mean > 0.005 and largest > 0.04


def test_one_bug_makes_no_difference_on_a_gray_photograph():
    gray = load_sample_image("flower.jpg")[100:160, 300:360].mean(axis=2).astype(np.uint8)
    photo = np.repeat(gray[:, :, None], 3, axis=2)
    expected = draw.edges(NETWORK, normalized(photo))
    without_effect = [
        number
        for number, (change, prepare) in enumerate(draw.BUGS.values())
        if number and np.allclose(draw.edges(change(NETWORK), prepare(photo)), expected, atol=1e-4)
    ]
    assert without_effect == [predict.questions["gray"].right]


def test_copy_a_draws_a_transposed_photograph_right():
    photo = draw.flower()
    turned = np.ascontiguousarray(photo.swapaxes(0, 1))
    copy_a = draw.with_filters(NETWORK, lambda W: W.swapaxes(0, 1))
    np.testing.assert_allclose(copy_a.draw(turned).T, NETWORK.draw(photo), atol=1e-4)


@pytest.mark.parametrize("shape", [(3, 4, 16, 32), (1, 2, 1, 1)])
def test_a_counterexample_is_a_shape_that_the_buggy_function_gets_wrong(shape):
    f_H, f_W, n_C_prev, n_C = shape
    assert np.zeros(shape).T.shape != (n_C, n_C_prev, f_H, f_W)
    check("counterexample", shape)


@pytest.mark.parametrize("letters", ["ac", "ca", "A, C", ("a", "c")])
def test_the_silent_mistakes_can_be_written_in_any_order(letters):
    check("silent", letters)
