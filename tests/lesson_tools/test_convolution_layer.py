"""The statements of the lesson "The convolution layer", and its published reference values."""

import numpy as np
import pytest

from convnet.data import load_sample_image
from convnet.edges import load_blocks
from convnet.functional import conv2d, relu
from lesson_tools.convolution_layer.figures import PAIRS
from lesson_tools.convolution_layer.questions import (
    _count_with,
    _of_image,
    a_prev,
    check,
    filter_0,
    filter_1,
)

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


@pytest.fixture
def part():
    return load_sample_image("flower.jpg")[None, 87:, 150:490] / 255


@pytest.fixture
def W_own():
    W = np.zeros((3, 3, 3, 4))
    W[..., 0], W[..., 1] = SOBEL_X[:, :, None] / 3, SOBEL_X.T[:, :, None] / 3
    W[1, 1, :, 2], W[1, 1, :, 3] = [1, -0.5, -0.5], [-0.5, 1, -0.5]
    return W


def test_the_forward_pass_gives_the_published_values():
    # Deep Learning Specialization, course 4, week 1: the output that its assignment prints.
    np.random.seed(1)
    A, W, b = (np.random.randn(*shape) for shape in ((2, 5, 7, 4), (3, 3, 4, 8), (8,)))
    Z = conv2d(A, W, b, stride=2, padding=1)
    np.testing.assert_allclose(Z.mean(), 0.5511276474566768)
    np.testing.assert_allclose(Z[0, 2, 1, :3], [-2.17796037, 8.07171329, -0.5772704], rtol=1e-6)


def test_the_feature_maps_are_those_that_the_animation_describes():
    W = np.stack([filter_0, filter_1], axis=-1)
    Z = conv2d(a_prev[None], W, np.array([1, -1]))[0]
    np.testing.assert_array_equal(Z[..., 0], [[7, 4, 3], [1, 3, 3]])
    np.testing.assert_array_equal(Z[..., 1], [[2, 4, 0], [-2, -1, 1]])


def test_swapped_colors_matter_unless_they_are_swapped_in_the_filters_too(part, W_own):
    A = relu(conv2d(part, W_own, padding=1))
    swapped = part[..., ::-1]
    A_both = relu(conv2d(swapped, W_own[:, :, ::-1], padding=1))
    np.testing.assert_allclose(A_both, A, atol=1e-12)
    A_swapped = relu(conv2d(swapped, W_own, padding=1))
    np.testing.assert_allclose(A_swapped[..., [0, 1, 3]], A[..., [0, 1, 3]], atol=1e-12)
    assert not np.allclose(A_swapped[..., 2], A[..., 2])


def test_the_learned_filters_of_the_pairs_resemble_the_hand_made_ones(W_own):
    W = load_blocks().blocks[0][0][0][:, :, ::-1, PAIRS].reshape(27, 4)
    own = W_own.reshape(27, 4)
    norms = np.linalg.norm(W, axis=0) * np.linalg.norm(own, axis=0)
    assert (np.sum(W * own, axis=0) / norms > [0.8, 0.8, 0.3, 0.3]).all()


def test_the_buggy_count_is_right_for_one_layer_only():
    count_buggy, count_fixed = _count_with(_of_image), check.exercises["count_fixed"].right
    assert count_buggy(3, [(5, 4)]) == count_fixed(3, [(5, 4)]) == 304
    assert count_buggy(3, [(3, 64), (3, 64)]) != count_fixed(3, [(3, 64), (3, 64)])
