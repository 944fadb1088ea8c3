"""The lesson "1x1 convolution": what its figures and its text state."""

import numpy as np
import pytest

from convnet.data import digits
from convnet.layers import Conv2D, Dense, MaxPooling2D, ReLU
from convnet.models import trained
from convnet.network import Network
from lesson_tools.digit_page import trained_window_network
from lesson_tools.one_by_one_convolution.questions import check
from lesson_tools.one_by_one_convolution.window_scan import (
    black_box,
    digits_of_pi,
    layer_macs,
    new_page,
    read,
    scores_of,
    write_page,
)


@pytest.fixture(scope="module")
def page():
    return new_page(digits(), seed=5)


def test_a_1x1_convolution_is_a_dense_layer_at_each_pixel():
    dense, pointwise = Network([Dense(3)], (6,)), Network([Conv2D(3, 1)], (4, 5, 6))
    pointwise.parameters[:] = dense.parameters
    A = np.random.default_rng(0).normal(size=(1, 4, 5, 6)).astype(np.float32)
    expected = dense.forward(A.reshape(-1, 6)).reshape(1, 4, 5, 3)
    np.testing.assert_allclose(pointwise.forward(A), expected, rtol=1e-4, atol=1e-5)


def test_the_score_map_holds_the_scores_of_all_windows(page):
    scores = scores_of(page[0])
    view = np.lib.stride_tricks.sliding_window_view(page[0][:, :, 0], (12, 12))[::2, ::2]
    each_alone = trained_window_network().scores(view.reshape(-1, 12, 12, 1))
    np.testing.assert_allclose(scores, each_alone.reshape(scores.shape), rtol=1e-4, atol=1e-4)


def test_all_digits_of_the_page_are_read_and_no_others(page):
    assert list(read(scores_of(page[0]), page[1])) == [15, 15, 15]


def test_pi_ends_in_the_known_digits():
    lines = digits_of_pi(1000, width=50)
    assert [len(line) for line in lines] == [50] * 20
    assert lines[0].startswith("31415926535897932384")
    assert lines[-1].endswith("216420198")  # places 991 to 999 after the point


def test_a_page_of_lines_has_their_digits_in_their_squares():
    page, spots = write_page(digits(), ["7", "a 1"])
    assert page.shape == (32, 48, 1)
    assert [(row // 16, column // 16, digit) for row, column, digit in spots] == [
        (0, 0, 7),
        (1, 2, 1),
    ]


def test_a_page_twice_as_large_is_read_worse():
    page, spots = write_page(digits(), digits_of_pi(100, width=50))
    correct, written, _ = read(scores_of(page), spots)
    large, _, _ = read(scores_of(page.repeat(2, axis=0).repeat(2, axis=1)), spots, zoom=2)
    assert correct > 0.9 * written
    assert large < 0.3 * written


def test_padding_changes_the_scores_of_both_digits():
    data, classifier = digits(), trained("digits")
    page, corners = np.zeros((16, 48, 1), np.float32), ((4, 6), (4, 34))
    for (row, column), image in zip(corners, data.test_images[5:7], strict=True):
        page[row : row + 8, column : column + 8] = image
    layers = [Conv2D(8, 3, padding=1), ReLU(), Conv2D(16, 3, padding=1), ReLU(), MaxPooling2D(2)]
    padded = Network([*layers, Conv2D(10, 4)], page.shape)
    padded.parameters[:] = classifier.parameters
    on_map = np.array([padded.forward(page[None])[0, r // 2, q // 2] for r, q in corners])
    differences = np.abs(on_map - classifier.scores(data.test_images[5:7])).max(axis=1)
    assert differences.min() > 0.5


def test_the_macs_of_a_network_are_those_of_its_layers():
    network = Network([Conv2D(2, 3), ReLU(), Conv2D(3, 1)], (5, 6, 1))
    assert layer_macs(network).tolist() == [3 * 4 * 9 * 2, 3 * 4 * 2 * 3]


def test_the_black_box_has_the_window_and_stride_of_exercise_1():
    window, stride = check.exercises["window_and_stride"].right
    assert (black_box(window), black_box(window + stride - 1)) == (1, 1)
    assert black_box(window + stride) == 2
    with pytest.raises(ValueError):
        black_box(window - 1)
