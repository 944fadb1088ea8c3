"""Statements of the lesson on padding, for more images and sizes than it shows."""

import itertools

import numpy as np
import pytest

from benchmarks.lessons.padding_guesses import drawing_errors, gray, mean_errors
from convnet.data import SAMPLE_IMAGES, digits
from convnet.edges import MEAN, load_blocks
from lesson_tools.cross_correlation import cross_correlated
from lesson_tools.padding.figures import touched
from lesson_tools.padding.questions import LETTERS, PADDED, check

rng = np.random.default_rng(4)
SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
BLUR = np.ones((3, 3)) / 9
MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


def test_the_outputs_that_the_animation_describes():
    full = np.correlate([2, 0, 1, 3, 1], [1, 2, -1], mode="full")
    np.testing.assert_array_equal(full, [-2, 4, 1, -1, 6, 5, 1])


@pytest.mark.parametrize("f", [1, 3, 5, 7])
def test_valid_is_a_part_of_same_and_same_of_full(f):
    image, kernel = rng.normal(size=(8, 11)), rng.normal(size=(f, f))
    p = (f - 1) // 2
    full, same, valid = (cross_correlated(np.pad(image, q), kernel) for q in (2 * p, p, 0))
    assert full.shape == (8 + f - 1, 11 + f - 1) and same.shape == (8, 11)
    assert valid.shape == (8 - f + 1, 11 - f + 1)
    np.testing.assert_allclose(full[p : p + 8, p : p + 11], same)
    np.testing.assert_allclose(same[p : 8 - p, p : 11 - p], valid)


@pytest.mark.parametrize("mode", MODES)
def test_what_padding_does_not_reach_is_what_no_padding_returns(mode):
    image = padded = rng.normal(size=(12, 15))
    for _ in range(4):
        image, padded = (cross_correlated(a, BLUR) for a in (image, np.pad(padded, 1, mode=mode)))
    np.testing.assert_allclose(padded[4:-4, 4:-4], image)


def test_each_blur_carries_the_padding_one_row_further():
    zeros = ones = rng.normal(size=(12, 15))
    for reach in (1, 2, 3, 4):
        zeros, ones = (
            cross_correlated(np.pad(image, 1, constant_values=value), BLUR)
            for image, value in ((zeros, 0), (ones, 1))
        )
        depends = np.ones((12, 15), dtype=bool)
        depends[reach:-reach, reach:-reach] = False
        np.testing.assert_array_equal(~np.isclose(zeros, ones, atol=1e-9), depends)


def test_reflected_images_have_no_edge_along_the_border():
    Z = cross_correlated(np.pad(rng.normal(size=(9, 9)), 1, mode="reflect"), SOBEL_X)
    np.testing.assert_allclose(Z[:, [0, -1]], 0, atol=1e-12)
    assert np.abs(Z[:, 1:-1]).min() > 0


def test_the_pixel_on_the_border_is_the_best_guess_for_its_neighbor_in_a_photograph():
    for name in SAMPLE_IMAGES:
        errors = mean_errors([gray(name)], 1, 64, parts=60)
        assert min(errors, key=errors.get) == "edge", name


def test_zeros_are_the_best_guess_for_the_pixels_around_a_digit():
    images = list(digits().train_images[..., 0])
    errors = mean_errors(images, 1, 6, parts=len(images))
    assert min(errors, key=errors.get) == "constant"


@pytest.mark.parametrize("name", ["chelsea.jpg", "flower.jpg", "brick.jpg"])
def test_padding_that_is_cropped_draws_the_border_better_than_zeros(name):
    zeros, *_, edge = drawing_errors(name, parts=3)
    assert edge < zeros / 2


def test_the_network_notices_seven_pixels_of_padding():
    *columns, drawn = touched()
    assert columns == [1, 2, 2, 3]
    # A column of the last maps counts for two pixels, and bilinear upsampling mixes in one more.
    assert drawn == 2 * columns[-1] + 1 == 7


@pytest.mark.parametrize("value", [0, 110, 200])
def test_the_network_draws_a_frame_on_a_wall_unless_it_has_the_color_of_the_zeros(value):
    wall = np.full((64, 96, 3), value, np.uint8)
    framed, plain = map(load_blocks().draw, (wall, np.full_like(wall, MEAN[::-1].round())))
    assert framed[32, 0] - framed[32, 48] > 0.05
    assert plain.max() - plain.min() < 0.02


def test_each_image_of_the_exercise_can_belong_to_one_mode_only():
    for image, p, _ in PADDED:
        for one, other in itertools.combinations(MODES, 2):
            assert np.any(np.pad(image, p, mode=one) != np.pad(image, p, mode=other))
    modes = check.exercises["modes"].right
    assert modes == "".join(LETTERS[mode] for _, _, mode in PADDED)
    assert set(modes) == set(LETTERS.values())
