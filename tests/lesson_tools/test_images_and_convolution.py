"""Statements of the lesson "Images and convolution" that no cell computes."""

import numpy as np
import pytest

from convnet.data import load_sample_image
from lesson_tools.cross_correlation import W, X, cross_correlated
from lesson_tools.images_and_convolution.questions import W7, X7, check
from lesson_tools.riddles import FIRST, SECOND, riddle, second_riddle
from tests.lesson_tools.cells import defined

PHOTO, DRAWING = riddle()
FUR = (slice(166, 182), slice(166, 182))


with_loops = defined("01_images_and_convolution", "cross_correlate")["cross_correlate"]
vectorized = defined("02_kernels", "cross_correlate")["cross_correlate"]


def learned(crop, target, rate, steps=60, seed=1):
    """Return the kernel that the search of lesson 01 finds, and its loss."""

    def loss(kernel):
        return np.mean((vectorized(crop, kernel) - target) ** 2)

    kernel = np.random.default_rng(seed).normal(size=(3, 3))
    for _ in range(steps):
        now, gradient = loss(kernel), np.zeros((3, 3))
        for position in np.ndindex(3, 3):
            larger = kernel.copy()
            larger[position] += 0.001
            gradient[position] = (loss(larger) - now) / 0.001
        kernel = kernel - rate * gradient
    return kernel, loss(kernel)


def cut(photo, drawing, rows, columns):
    """Return a crop of a photograph and its target."""
    return photo[rows, columns], drawing[rows, columns][:-2, :-2]


@pytest.mark.parametrize("image, kernel", [(X, W), (X7, W7), (X.T, W), (X7, W7[:2]), (X7[:4], W7)])
def test_both_versions_of_the_cross_correlation_agree(image, kernel):
    expected = with_loops(image, kernel)
    np.testing.assert_array_equal(vectorized(image, kernel), expected)
    np.testing.assert_array_equal(cross_correlated(image, kernel), expected)


def test_the_examples_by_hand_have_the_published_values():
    assert with_loops(X, W).tolist() == [[4, 0, 5], [2, 4, 1]]
    assert cross_correlated(X7, W7, 2).tolist() == [[32, 52, 23], [38, 35, 48], [44, 48, 74]]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("corner", [(166, 166), (166, 162), (170, 165)])
def test_the_search_finds_the_kernel_from_every_start(seed, corner):
    window = tuple(slice(start, start + 16) for start in corner)
    kernel, _ = learned(*cut(PHOTO, DRAWING, *window), rate=1, seed=seed)
    assert np.round(kernel).tolist() == FIRST.tolist()
    assert np.abs(kernel - FIRST).max() < 0.05


def curvature(crop):
    """Return the matrix of second derivatives of the loss by the nine weights."""
    patches = np.lib.stride_tricks.sliding_window_view(crop, (3, 3)).reshape(-1, 9)
    return 2 * patches.T @ patches / len(patches)


def error_at_the_best_rate(crop, steps=60):
    """Return the largest error of a weight after a search at the best rate for a crop."""
    values, vectors = np.linalg.eigh(curvature(crop))
    rate = 2 / (values[0] + values[-1])
    off = vectors.T @ (np.random.default_rng(1).normal(size=(3, 3)) - FIRST).ravel()
    return np.abs(vectors @ ((1 - rate * values) ** steps * off)).max()


def test_the_search_at_the_best_rate_is_as_computed():
    crop, target = cut(PHOTO, DRAWING, slice(150, 166), slice(150, 166))
    values = np.linalg.eigvalsh(curvature(crop))
    kernel, _ = learned(crop, target, rate=2 / (values[0] + values[-1]))
    assert np.abs(kernel - FIRST).max() == pytest.approx(error_at_the_best_rate(crop), abs=0.005)


def test_most_crops_are_worse_than_the_fur():
    corners = np.ndindex(*(np.array(PHOTO.shape) // 8 - 1))
    crops = [PHOTO[8 * h : 8 * h + 16, 8 * w : 8 * w + 16] for h, w in corners]
    explodes = [np.linalg.eigvalsh(curvature(crop))[-1] > 2 for crop in crops]
    assert 0.9 < np.mean(explodes) < 0.97
    assert np.mean([error_at_the_best_rate(crop) < 0.05 for crop in crops]) < 0.05
    assert error_at_the_best_rate(PHOTO[FUR]) < 0.002


def test_the_whole_photograph_is_worse_than_the_fur():
    assert np.linalg.eigvalsh(curvature(PHOTO))[-1] > 2
    assert error_at_the_best_rate(PHOTO) > 0.5


def test_a_rate_of_3_makes_the_loss_fall_once_and_then_grow():
    losses = [learned(*cut(PHOTO, DRAWING, *FUR), rate=3, steps=steps)[1] for steps in range(9)]
    assert np.round(losses[:2], 2).tolist() == [1.23, 0.91]
    assert (np.diff(losses[1:]) > 0).all() and losses[-1] / losses[-2] == pytest.approx(3, abs=0.5)
    rate_is_small_enough = np.linalg.eigvalsh(curvature(PHOTO[FUR])) < 2 / 3
    assert rate_is_small_enough.sum() == 7, "in most of the nine directions"


def test_a_smooth_crop_gives_a_small_loss_and_a_wrong_kernel():
    smooth = cut(PHOTO, DRAWING, slice(60, 76), slice(340, 356))
    kernel, loss = learned(*smooth, rate=0.1)
    assert loss < 0.02 and kernel[1, 2] == pytest.approx(0.24, abs=0.01)
    starts = [np.random.default_rng(seed).normal(size=(3, 3)) for seed in (1, 2, 7)]
    kernels = [learned(*smooth, rate=0.1, seed=seed)[0] for seed in (1, 2, 7)]
    assert [round(kernel[1, 2], 1) for kernel in kernels] == [0.2, 1.1, -0.8]
    for one, other in [(0, 1), (0, 2), (1, 2)]:
        left = np.linalg.norm(kernels[one] - kernels[other])
        assert left > 0.8 * np.linalg.norm(starts[one] - starts[other])


def test_a_photograph_that_is_not_centered_is_learned_slowly_whatever_its_scale():
    gray = load_sample_image("chelsea.jpg").mean(axis=2) / 255
    drawing = cross_correlated(gray, FIRST)
    kernel, _ = learned(*cut(gray, drawing, *FUR), rate=0.5, steps=500)
    assert np.abs(kernel - FIRST).max() > 0.6
    assert error_at_the_best_rate(gray[FUR] / gray.std(), steps=500) > 0.6
    kernel, _ = learned(*cut(gray - gray.mean(), drawing, *FUR), rate=60)
    assert np.abs(kernel - FIRST).max() < 0.01, "centered, but not scaled"


def test_the_second_kernel_is_found_as_the_exercise_suggests():
    land = cut(*second_riddle(), slice(140, 156), slice(60, 76))
    assert np.round(learned(*land, rate=0.1, steps=200)[0]).tolist() == SECOND.tolist()


def test_the_second_kernel_is_right_before_it_is_rounded(capsys):
    check("second_kernel", SECOND + 0.0003)
    assert capsys.readouterr().out == "second_kernel: right.\n"
    with pytest.raises(AssertionError, match="are they cut from `photo2`"):
        check("second_kernel", FIRST + 0.0003)


def test_a_stride_that_divides_before_it_subtracts_is_recognized():
    def too_short(X, W, s):
        n_H, n_W = (n // s for n in cross_correlated(X, W).shape)
        return cross_correlated(X, W, s)[:n_H, :n_W]

    with pytest.raises(AssertionError, match="How many steps follow position 0"):
        check("cross_correlate_stride", too_short)


def test_the_valley_of_two_weights_is_round_for_the_fur_and_narrow_for_the_background():
    ratios, ends = [], []
    for crop, rate in ((PHOTO[FUR], 0.5), (PHOTO[60:76, 340:356], 0.1)):
        two = curvature(crop)[np.ix_([3, 5], [3, 5])]  # W[1, 0] and W[1, 2]
        values = np.linalg.eigvalsh(two)
        ratios.append(values[1] / values[0])
        step = np.eye(2) - rate * two
        ends.append([-2, 2] + np.linalg.matrix_power(step, 60) @ ([1, 1.5] - np.array([-2, 2])))
    assert ratios[0] < 2 and ratios[1] > 50
    np.testing.assert_allclose(ends[0], [-2, 2], atol=0.01)
    assert abs(ends[1].sum()) < 0.3 and abs(ends[1][1] - 2) > 1.5
