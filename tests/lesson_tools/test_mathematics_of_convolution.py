"""Statements of the lesson "The mathematics of convolution" that no cell computes."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
from scipy.signal import convolve2d

from convnet.data import load_sample_image
from lesson_tools.cross_correlation import EMBOSS, W, X, cross_correlated
from lesson_tools.kernels.questions import LAPLACE, SOBEL_X
from lesson_tools.mathematics_of_convolution.questions import check, convolved, ways

CHINA = load_sample_image("china.jpg").mean(axis=2).round().astype(int)
COINS = load_sample_image("coins.jpg")[:100, 250:375].astype(int)
BLUR = np.ones((3, 3)) / 9


def with_loops(X, W):
    """Return the convolution by the lesson's formula, with minus signs at the image."""
    f_H, f_W = W.shape
    Z = np.zeros((X.shape[0] - f_H + 1, X.shape[1] - f_W + 1))
    for h in range(f_H - 1, X.shape[0]):
        for w in range(f_W - 1, X.shape[1]):
            for r in range(f_H):
                for q in range(f_W):
                    Z[h - f_H + 1, w - f_W + 1] += X[h - r, w - q] * W[r, q]
    return Z


def pairs(faces, largest):
    """Yield all pairs of dice with positive faces and the sums of two ordinary dice."""
    ordinary = ways([range(1, faces + 1)] * 2)
    for first in combinations_with_replacement(range(1, largest + 1), faces):
        quotient, _ = np.polydiv(ordinary[::-1], np.bincount(first)[::-1])
        counts = np.round(quotient[::-1]).astype(int)  # of the faces of the second die
        if counts.min() >= 0 and counts[0] == 0 and counts.sum() == faces:
            second = tuple(np.repeat(np.arange(len(counts)), counts).tolist())
            if first <= second and np.array_equal(ways([first, second]), ordinary):
                yield first, second


@pytest.mark.parametrize(
    ("faces", "strange"),
    [(6, ((1, 2, 2, 3, 3, 4), (1, 3, 4, 5, 6, 8))), (4, ((1, 2, 2, 3), (1, 3, 3, 5)))],
)
def test_there_is_one_strange_pair_of_dice(faces, strange):
    ordinary = tuple(range(1, faces + 1))
    assert sorted(pairs(faces, 2 * faces - 1)) == sorted([(ordinary, ordinary), strange])


@pytest.mark.parametrize("dice", [([1, 3, 3, 5], [3, 2, 2, 1]), ((1, 2, 2, 3), (5, 3, 3, 1))])
def test_the_strange_dice_are_right_in_any_order(dice):
    check("dice", dice)


@pytest.mark.parametrize("image", [CHINA[100:120, 100:130], COINS[:20, :30], X])
@pytest.mark.parametrize("kernel", [EMBOSS, EMBOSS[:2], SOBEL_X, W])
def test_scipy_computes_the_formula(image, kernel):
    expected = with_loops(image, kernel)
    np.testing.assert_array_equal(convolve2d(image, kernel, mode="valid"), expected)
    np.testing.assert_array_equal(convolved(image, kernel), expected)


def test_both_operations_by_hand():
    assert cross_correlated(X, W)[0].tolist() == [4, 0, 5]
    assert with_loops(X, W)[0, :2].tolist() == [0, 2]


def test_a_single_1_leaves_a_copy_of_the_kernel_or_a_rotated_one():
    impulse, nine = np.zeros((5, 5)), np.arange(1, 10).reshape(3, 3)
    impulse[2, 2] = 1
    np.testing.assert_array_equal(convolved(impulse, nine), nine)
    np.testing.assert_array_equal(cross_correlated(impulse, nine), nine[::-1, ::-1])


def test_a_convolution_is_a_product_of_matrices_in_two_ways():
    Z = cross_correlated(X, W)
    patches = check.exercises["im2col"].right(X, 2, 2)
    np.testing.assert_array_equal((patches @ W.ravel()).reshape(2, 3), Z)
    T = np.zeros((6, 12))
    for output in range(6):
        h, w = divmod(output, 3)
        for weight in range(4):
            r, q = divmod(weight, 2)
            T[output, (h + r) * 4 + w + q] = W[r, q]
    np.testing.assert_array_equal((T @ X.ravel()).reshape(2, 3), Z)


@pytest.mark.parametrize("image", [CHINA, COINS])
def test_convolution_is_linear(image):
    edges = cross_correlated(image, SOBEL_X)
    np.testing.assert_array_equal(cross_correlated(2 * image, SOBEL_X), 2 * edges)
    np.testing.assert_array_equal(cross_correlated(255 - image, SOBEL_X), -edges)


@pytest.mark.parametrize("image", [CHINA, COINS])
@pytest.mark.parametrize("second", [SOBEL_X, EMBOSS, LAPLACE])
def test_two_kernels_become_the_convolution_of_both(image, second):
    two_steps = cross_correlated(cross_correlated(image, BLUR), second)
    one_kernel = convolve2d(BLUR, second)
    np.testing.assert_allclose(cross_correlated(image, one_kernel), two_steps, atol=1e-9)


def test_sobel_is_separable():
    np.testing.assert_array_equal(convolve2d([[1], [2], [1]], [[-1, 0, 1]]), SOBEL_X)


def test_blurring_twice_is_not_a_larger_blur():
    twice = np.round(81 * convolve2d(BLUR, BLUR))
    assert twice[0].tolist() == [1, 2, 3, 2, 1] and twice[2, 2] == 9


def test_the_continuous_example_has_the_areas_of_the_text():
    step = 1e-4
    tau = np.arange(0, 1, step) + step / 2  # where the tone is 1
    areas = [np.sum(np.where(t - tau >= 0, 1 - (t - tau), 0)) * step for t in (1, 0.5)]
    assert areas == pytest.approx([0.5, 0.375], abs=1e-3)
