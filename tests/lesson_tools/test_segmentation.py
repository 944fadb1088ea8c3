"""The lesson on segmentation: its layers, measures and stored results."""

import numpy as np
import pytest

from benchmarks.lessons.segmentation import ARMS, LESSON, best_rate, fit, rates
from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from lesson_tools.digit_page import make_page
from lesson_tools.segmentation.unet import (
    BACKGROUND,
    confusion,
    ious,
    load_weights,
    make_pages,
    segmentation_results,
)

u_net = LESSON["u_net"]


@pytest.fixture(scope="module")
def data():
    return digits()


def test_the_gradients_of_a_u_net_are_right(data):
    pages = make_pages(data.train_images, data.train_labels, 2, 0, size=(16, 16))
    network = u_net((16, 16, 1))
    network.dtype = np.dtype(float)
    network.parameters, network.gradients = (
        values.astype(float) for values in (network.parameters, network.gradients)
    )
    network._share()
    for layer in network.layers:
        if hasattr(layer, "inner"):
            layer.share()

    def loss():
        scores = network.forward(pages.X, training=True).reshape(pages.Y.size, -1)
        return cross_entropy(scores, pages.Y.ravel())

    scores = network.forward(pages.X, training=True)
    gradient = cross_entropy_backward(scores.reshape(pages.Y.size, -1), pages.Y.ravel())
    network.backward(gradient.reshape(scores.shape))
    computed = network.gradients.copy()
    for number in np.random.default_rng(0).choice(len(computed), 12, replace=False):
        kept, change = network.parameters[number], []
        for step in (1e-5, -1e-5):
            network.parameters[number] = kept + step
            change.append(loss())
        network.parameters[number] = kept
        assert (change[0] - change[1]) / 2e-5 == pytest.approx(computed[number], abs=1e-6)


def test_a_network_that_holds_running_averages_can_be_copied_to_another_size(data):
    pages = make_pages(data.train_images, data.train_labels, 4, 0)
    small, large = u_net(), u_net((64, 64, 1))
    fit(small, pages, epochs=1, rate=0.01, seed=0)
    for array, trained in zip(
        large.named_arrays().values(), small.named_arrays().values(), strict=True
    ):
        array[...] = trained
    blank = large.scores(np.zeros((1, 64, 64, 1), np.float32))[0, 28:32, 28:32]
    inside = small.scores(np.zeros((1, 32, 32, 1), np.float32))[0, 12:16, 12:16]
    np.testing.assert_allclose(blank, inside, rtol=1e-3, atol=1e-3)


def test_pages_without_noise_are_dark_where_there_is_background(data):
    X, Y, _ = make_pages(data.train_images, data.train_labels, 5, 0, noise=0.0)
    assert X[Y == BACKGROUND].max() < 0.4 <= X[Y != BACKGROUND].min()


def test_the_iou_counts_the_pixels_of_all_pages_together():
    truth, predicted = np.array([[0, 0, 1], [1, 1, 10]]), np.array([[0, 1, 1], [1, 1, 10]])
    values = ious(predicted, truth)
    assert values[[0, 1, 2, 10]].tolist() == [0.5, 0.75, 0, 1]
    assert confusion(predicted, truth)[0, :2].tolist() == [1, 1]


def test_the_stored_network_segments_pages_of_any_size(data):
    pages = make_pages(data.test_images, data.test_labels, 40, 1)
    assert ious(load_weights(u_net()).scores(pages.X).argmax(axis=-1), pages.Y).mean() > 0.6
    wide = make_pages(data.test_images, data.test_labels, 10, 1, size=(48, 96))
    network = load_weights(u_net((48, 96, 1)))
    assert np.mean(network.scores(wide.X).argmax(axis=-1) == wide.Y) > 0.97


def test_pages_know_their_digits(data):
    pages = make_pages(data.train_images, data.train_labels, 3, 0)
    assert 0 < len(pages.used) <= 12 and len(set(pages.used)) == len(pages.used)
    assert set(data.train_labels[pages.used]) == set(pages.Y.ravel()) - {BACKGROUND}


def test_stored_results_have_what_the_lesson_shows():
    results = segmentation_results()
    few = {"unet-long": 1, "unet-same": 1}
    for arm in ARMS:
        runs = [run for name, run in results[arm].items() if name.startswith("seed")]
        assert len(runs) >= few.get(arm, 5), arm
        assert all(len(run["iou"]) == BACKGROUND + 1 for run in runs), arm


@pytest.mark.parametrize("arm", [arm for arm in ARMS if "rate of" not in ARMS[arm]])
def test_the_best_learning_rate_lies_between_worse_ones(arm):
    assert min(rates(arm)) < best_rate(arm) < max(rates(arm))


def test_both_methods_are_compared_with_the_same_number_of_digits(data):
    def placed(pages, size):
        rng = np.random.default_rng(0)
        source, shape = (data.train_images, data.train_labels), (size, size)
        return sum(len(make_page(*source, shape, rng)[1]) for _ in range(pages))

    pages, windows = ARMS["unet-more"]["pages"], ARMS["window"]["pages"]
    assert placed(pages, 32) == pytest.approx(placed(windows, 96), rel=0.05)
