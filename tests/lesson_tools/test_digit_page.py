"""The page of digits of the lesson on 1x1 convolutions, and the network that reads it."""

import numpy as np
import pytest

from convnet.data import digits
from lesson_tools.digit_page import (
    NOTHING,
    make_page,
    make_windows,
    train_window_network,
    trained_window_network,
)


@pytest.fixture(scope="module")
def data():
    return digits()


def test_a_page_holds_the_digits_that_it_names(data):
    page, spots = make_page(data.test_images, data.test_labels, (64, 96), np.random.default_rng(0))
    assert page.shape == (64, 96, 1)
    assert 0 < len(spots) <= 24
    total = 0
    for row, column, label in spots:
        square = page[row : row + 8, column : column + 8]
        total += square.sum()
        same = (data.test_images == square).all(axis=(1, 2, 3))
        assert label in data.test_labels[same]
    assert page.sum() == pytest.approx(total)


def test_half_of_the_windows_have_a_digit_in_the_middle(data):
    X, classes = make_windows(data, 3, np.random.default_rng(0))
    assert X.shape == (len(classes), 12, 12, 1)
    assert (classes == NOTHING).mean() == 0.5
    assert (X[classes != NOTHING].max(axis=(1, 2, 3)) > 0).all()


def test_the_stored_network_knows_windows_that_it_was_not_trained_on(data):
    unseen = data._replace(train_images=data.test_images, train_labels=data.test_labels)
    X, classes = make_windows(unseen, 10, np.random.default_rng(1))
    predicted = trained_window_network().scores(X).argmax(axis=1)
    assert (predicted == classes).mean() > 0.9


def test_training_starts_from_the_same_architecture(data):
    trained = train_window_network(data, pages=1)
    assert trained.parameters.shape == trained_window_network().parameters.shape
    assert np.isfinite(trained.parameters).all()
