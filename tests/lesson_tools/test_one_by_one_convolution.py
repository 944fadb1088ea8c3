"""The lesson "1x1 convolution": what its figures and its text state."""

import numpy as np
import pytest

from convnet.data import digits
from convnet.functional import softmax
from convnet.layers import Conv2D, Dense, MaxPooling2D, ReLU
from convnet.models import trained
from convnet.network import Network
from lesson_tools.digit_page import NOTHING, trained_window_network
from lesson_tools.one_by_one_convolution.questions import check
from lesson_tools.one_by_one_convolution.window_scan import (
    black_box,
    changed,
    find_digits,
    heat_map,
    layer_macs,
    new_page,
    on_pages,
    read,
    scores_of,
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


def test_a_page_twice_as_large_is_read_worse(page):
    recall, precision, false_peaks = on_pages([page], zoom=2)
    assert recall < 0.5
    assert precision < 0.5
    assert false_peaks > 5


def test_on_an_inverted_page_almost_everything_is_a_digit(page):
    scores = scores_of(changed(page[0], invert=True))
    assert heat_map(scores).mean() > 0.9


def test_without_the_class_nothing_most_positions_are_sure_of_a_digit(page):
    scores = scores_of(page[0])
    assert np.mean(softmax(scores[..., :NOTHING]).max(axis=-1) > 0.9) > 0.8
    scores[..., NOTHING] = -99
    assert len(find_digits(scores)) > 15


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
