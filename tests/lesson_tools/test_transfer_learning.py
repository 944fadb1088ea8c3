"""The images, features and stored results of the lesson on transfer learning."""

import numpy as np
import pytest
from PIL import Image

from lesson_tools.transfer_learning.results import (
    clothes,
    few_digits,
    few_images,
    own_photographs,
    packed,
    photo_features,
    photo_pixels,
    projected,
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


def test_projected_pixels_have_the_distances_of_pixels_between_training_photographs():
    rng = np.random.default_rng(0)
    photos = rng.integers(0, 256, (30, 8, 8, 3), np.uint8)
    stored = projected(photos[:10], photos[10:])
    X, Z = photos[:10].reshape(10, -1) / 255, stored["train_pixels"].astype(float)
    for A in (X, Z):
        assert A.shape[0] == 10
    wanted, got = (((A[:, None] - A) ** 2).sum(axis=2) for A in (X, Z))
    np.testing.assert_allclose(got, wanted, rtol=0.01, atol=0.01)


def test_a_nearest_photograph_is_better_among_features_than_among_pixels():
    scores = []
    for few in (photo_features(), photo_pixels()):
        distances = ((few.test[:, None] - few.train) ** 2).sum(axis=2)
        scores.append((few.train_labels[distances.argmin(axis=1)] == few.test_labels).mean())
    assert scores[0] > scores[1] + 0.1


@pytest.mark.parametrize("validation, count", [(False, 297), (True, 500)])
def test_digits_are_enlarged_and_ten_of_each_are_chosen(validation, count):
    few = few_digits(3, validation)
    assert few.train.shape == (100, 28, 28, 1)
    assert np.bincount(few.train_labels).tolist() == [10] * 10
    assert few.test.shape == (count, 28, 28, 1)
    assert not (few.train[:, None] == few.test[None, :50]).all(axis=(2, 3, 4)).any()


def test_textures_stand_in_for_photographs():
    few = own_photographs(size=48)
    assert few.names == ("brick", "grass", "gravel")
    assert few.train.shape == (15, 48, 48, 3)
    assert few.test_labels.tolist() == [0] * 6 + [1] * 6 + [2] * 6


def test_photographs_are_read_from_folders(tmp_path):
    for name, gray in (("mug", 10), ("cup", 200)):
        (tmp_path / name).mkdir()
        for number in range(4):
            image = Image.new("RGB", (30, 20), (gray + number,) * 3)
            image.save(tmp_path / name / f"{number}.png")
        (tmp_path / name / "notes.txt").write_text("no photograph")
    few = own_photographs(tmp_path, size=8)
    assert few.names == ("cup", "mug")
    assert few.train[:, 0, 0, 0].tolist() == [200, 202, 10, 12]
    assert few.test_labels.tolist() == [0, 0, 1, 1]


def test_a_class_without_photographs_is_reported(tmp_path):
    for name in ("mug", "cup"):
        (tmp_path / name).mkdir()
    with pytest.raises(ValueError, match="needs two folders"):
        own_photographs(tmp_path)


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


@pytest.mark.parametrize(
    "name",
    ["network", "network_100", "tuned", "tuned_augmented", "digits_clothes", "digits_random"],
)
def test_the_best_learning_rate_lies_between_two_others(name):
    results = transfer_results()
    scores = results[f"tuning_{name}"]
    assert len(scores) == len(results[f"rates_{name.partition('_')[0]}"])
    assert 0 < scores.argmax() < len(scores) - 1
