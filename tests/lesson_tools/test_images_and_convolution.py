"""Statements of the lesson "Images and convolution" that no cell computes."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convnet.data import load_sample_image
from lesson_tools.cross_correlation import W7, X7, W, X, cross_correlated
from lesson_tools.images_and_convolution.questions import check
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


def test_a_rate_of_1_is_too_large_for_most_crops():
    corners = np.ndindex(*(np.array(PHOTO.shape) // 8 - 1))
    crops = [PHOTO[8 * h : 8 * h + 16, 8 * w : 8 * w + 16] for h, w in corners]
    explodes = [np.linalg.eigvalsh(curvature(crop))[-1] > 2 for crop in crops]
    assert 0.9 < np.mean(explodes) < 0.97
    assert np.linalg.eigvalsh(curvature(PHOTO[FUR]))[-1] < 2


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


def test_the_second_kernel_is_found_as_the_exercise_suggests():
    land = cut(*second_riddle(), slice(140, 156), slice(60, 76))
    assert np.round(learned(*land, rate=0.1, steps=200)[0]).tolist() == SECOND.tolist()


def test_the_second_kernel_is_right_before_it_is_rounded(capsys):
    check("second_kernel", SECOND + 0.0003)
    assert capsys.readouterr().out == "second_kernel: right.\n"
    with pytest.raises(AssertionError, match="Are the crop and its target cut from `photo2`"):
        check("second_kernel", FIRST + 0.0003)


def test_a_stride_that_divides_before_it_subtracts_is_recognized():
    def too_short(X, W, s):
        n_H, n_W = (n // s for n in cross_correlated(X, W).shape)
        return cross_correlated(X, W, s)[:n_H, :n_W]

    with pytest.raises(AssertionError, match="How many steps follow position 0"):
        check("cross_correlate_stride", too_short)


def pressed(button):
    """Return a photograph before and after one of Pillow's filters, scaled as in the lesson."""
    gray = load_sample_image("chelsea.jpg").mean(axis=2).round()
    after = np.asarray(Image.fromarray(gray.astype(np.uint8)).filter(button))[1:-1, 1:-1]
    return (gray - gray.mean()) / gray.std(), (after - gray.mean()) / gray.std()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", ["SHARPEN", "SMOOTH", "DETAIL"])
def test_the_search_finds_the_weights_of_a_filter_of_pillow(name, seed):
    button = getattr(ImageFilter, name)
    kernel, _ = learned(*cut(*pressed(button), *FUR), rate=1, seed=seed)
    _, divisor, offset, weights = button.filterargs
    assert np.round(kernel * divisor).ravel().tolist() == list(weights) and offset == 0


def test_find_edges_needs_a_constant_and_a_clip_as_well():
    crop, target = cut(*pressed(ImageFilter.FIND_EDGES), *FUR)
    patches = np.lib.stride_tricks.sliding_window_view(crop, (3, 3)).reshape(-1, 9)

    def best_loss(inputs):
        weights = np.linalg.lstsq(inputs, target.ravel())[0]
        return np.mean((inputs @ weights - target.ravel()) ** 2)

    assert learned(crop, target, rate=1)[1] == pytest.approx(best_loss(patches), abs=0.01)
    assert best_loss(patches) == pytest.approx(4.1, abs=0.05)
    with_constant = np.column_stack([patches, np.ones(len(patches))])
    assert best_loss(with_constant) == pytest.approx(0.8, abs=0.05)
    gray = load_sample_image("chelsea.jpg").mean(axis=2).round()
    exact = patches @ np.reshape(ImageFilter.FIND_EDGES.filterargs[3], 9)
    clipped = np.clip(exact, 0, 255 / gray.std()) - gray.mean() / gray.std()
    np.testing.assert_allclose(clipped, target.ravel(), atol=1e-9)
