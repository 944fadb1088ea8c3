"""The images, features and stored results of the lesson on transfer learning."""

import numpy as np
import pytest

from lesson_tools.transfer_learning.results import (
    clothes,
    few_images,
    packed,
    photo_features,
    transfer_results,
    unpacked,
)


def test_the_sample_has_ten_images_of_each_class_in_both_parts():
    few = clothes()
    for images, labels in ((few.train, few.train_labels), (few.test, few.test_labels)):
        assert images.shape == (100, 28, 28, 1)
        assert images.dtype == np.float32
        assert (images.min(), images.max()) == (0, 1)
        assert labels.tolist() == list(range(10)) * 10


def test_no_image_is_in_both_parts():
    few = clothes()
    assert not (few.train[:, None] == few.test[None]).all(axis=(2, 3, 4)).any()


def test_without_a_download_the_images_are_clothes_in_three_equal_channels():
    few, gray = few_images(download=False), clothes()
    assert few.train.shape == (100, 28, 28, 3)
    assert few.train.dtype == np.uint8
    np.testing.assert_array_equal(few.test[..., 0], few.test[..., 2])
    np.testing.assert_allclose(few.test[..., :1] / 255, gray.test, atol=1e-6)


def test_with_a_download_the_images_are_the_first_photographs_of_each_class(monkeypatch):
    from convnet.data import CIFAR10_NAMES, Dataset

    rng = np.random.default_rng(0)
    images = rng.random((300, 32, 32, 3), np.float32)
    labels = np.repeat(np.arange(10), 30)
    data = Dataset(images, labels, images, labels, CIFAR10_NAMES)
    monkeypatch.setattr("lesson_tools.transfer_learning.results.cifar10", lambda: data)
    few = few_images(download=True)
    assert few.train.shape == (100, 32, 32, 3)
    assert few.test_labels.tolist() == list(range(10)) * 20
    np.testing.assert_array_equal(few.train[11], np.round(255 * images[31]))


def test_packed_features_lose_little():
    features = np.linspace(0, 6, 1001)
    assert np.abs(unpacked(packed(features)) - features).max() < 0.025
    small = np.linspace(0, 0.1, 101)
    assert np.abs(unpacked(packed(small)) - small).max() < 0.004


def test_the_class_means_of_the_stored_features_classify_most_photographs():
    photos = photo_features()
    means = np.array([photos.train[photos.train_labels == c].mean(axis=0) for c in range(10)])
    distances = ((photos.test[:, None] - means) ** 2).sum(axis=2)
    assert (distances.argmin(axis=1) == photos.test_labels).mean() > 0.45


@pytest.mark.parametrize(
    "better, worse",
    [
        ("tuned_augmented", "frozen"),
        ("frozen", "network"),
        ("frozen", "gradients"),
        ("frozen", "random"),
    ],
)
def test_every_draw_agrees_with_what_the_lesson_says(better, worse):
    results = transfer_results()
    a, b = (
        values if values.ndim == 1 else values[:, 1] for values in map(results.get, (better, worse))
    )
    assert len(a) == 5
    assert a.min() > b.max()


def test_the_scaler_harms_both_heads_and_not_without_the_features_that_vary_least():
    results = transfer_results()
    for head in ("linear", "means"):
        raw, each = (results[f"scaler_{head}_{how}"].mean(axis=0) for how in ("raw", "each"))
        assert each[0] < raw[0] - 0.03
        assert abs(each[1] - raw[1]) < 0.01


@pytest.mark.parametrize("name", ["network", "network_100", "scratch", "tuned", "tuned_augmented"])
def test_the_best_learning_rate_lies_between_two_others(name):
    results = transfer_results()
    scores = results[f"tuning_{name}"]
    assert len(scores) == len(results[f"rates_{name.partition('_')[0]}"])
    assert 0 < scores.argmax() < len(scores) - 1
