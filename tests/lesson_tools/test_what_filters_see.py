"""The lesson on what filters see: its hand-made filters, its stored maps and its exercises."""

import numpy as np
import pytest

from convnet.edges import enlarge, load_blocks
from convnet.functional import conv_transpose2d
from lesson_tools.cross_correlation import SOBEL_X
from lesson_tools.what_filters_see.deep_maps import deep_maps
from lesson_tools.what_filters_see.hand_made import COLORS, HAND_MADE, SHAPES
from lesson_tools.what_filters_see.questions import cosine, predict, problem


def test_shapes_are_blind_to_uniform_patches_and_colors_to_gray_ones():
    assert len(HAND_MADE) == len(SHAPES) + len(COLORS) == 17
    for name, filter_ in HAND_MADE.items():
        assert filter_.shape == (3, 3, 3)
        if name in SHAPES:
            np.testing.assert_allclose(filter_.sum(axis=(0, 1)), 0)
        elif name != "brightness":
            np.testing.assert_allclose(filter_.sum(axis=2), 0)


def test_the_predictions_on_filters_hold():
    questions = predict.questions
    assert cosine(SOBEL_X, np.ones((3, 3))) == questions["orthogonal"].right
    W, _ = load_blocks().sides[1]
    assert W.shape[2] + 1 == questions["reduced"].right
    assert np.mean([4, 2, 1, -5, -7]) == questions["fused"].right
    W = np.ones((4, 4, 1, 1))
    enlarged = conv_transpose2d(np.ones((1, 52, 1, 1)), W, stride=4)
    assert enlarged.shape[1] == questions["enlarged"].right


def test_the_side_outputs_have_the_sizes_of_their_blocks_and_nearly_equal_weights():
    deep = deep_maps()
    for n in (3, 4, 5):
        assert deep[f"side_{n}"].shape == (208 // 2 ** (n - 1), 320 // 2 ** (n - 1))
        assert deep[f"maps_{n}"].shape == (*deep[f"side_{n}"].shape, 4)
        assert (deep[f"weights_{n}"] < 0).all() or n == 3
    np.testing.assert_allclose(deep["fuse"][:5], 0.2, atol=0.01)


def test_a_transposed_convolution_upsamples_as_resizing_does():
    side = np.random.default_rng(0).normal(size=(5, 7))
    distance = np.abs(np.arange(8) + 0.5 - 4) / 4
    W = np.outer(1 - distance, 1 - distance)[:, :, None, None]
    x = np.pad(side, 1, mode="edge")[None, :, :, None]
    upsampled = conv_transpose2d(x, W, stride=4, padding=2)[0, 4:-4, 4:-4, 0]
    np.testing.assert_allclose(upsampled, enlarge(side, (20, 28)))


@pytest.mark.parametrize("scale", [0.1, 3])
def test_exercise_1_accepts_other_filters_with_the_right_signs(scale):
    assert problem(scale * SOBEL_X[:, :, None] * np.array([1, -1, 0])) == ""
    assert problem(scale * np.array([[-1, 0, 1]] * 3)[:, :, None] * np.array([2, -1, -1])) == ""
