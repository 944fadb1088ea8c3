"""The sample of Fashion-MNIST that comes with the lessons."""

import numpy as np
import pytest

import tools.fashion_sample
from convnet.data import FASHION_MNIST_FILES, cache_folder, fashion_mnist
from convnet.models import trained
from lesson_tools.fashion import fashion_sample
from tools.fashion_sample import PATH, TRAIN_IMAGES, first_of_each, main


def test_help_writes_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(tools.fashion_sample, "PATH", tmp_path / "sample.npz")
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0 and "tools.fashion_sample" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_the_first_images_of_each_class_are_chosen_class_by_class():
    labels = np.array([1, 0, 1, 1, 0, 0])
    assert first_of_each(labels, 2).tolist() == [1, 4, 0, 2]


def test_the_sample_has_images_of_each_class_and_the_license_beside_it():
    sample = fashion_sample()
    for images, labels, each in (
        (sample.images, sample.labels, 12),
        (sample.train_images, sample.train_labels, 10),
    ):
        assert images.shape == (10 * each, 28, 28, 1) and images.dtype == np.float32
        assert (images.min(), images.max()) == (0, 1)
        np.testing.assert_array_equal(labels, np.repeat(np.arange(10), each))
    assert PATH.stat().st_size < 110_000
    assert "Zalando SE" in PATH.with_name("NOTICE.md").read_text("utf-8")


def test_the_confusion_matrix_is_that_of_the_trained_network():
    sample = fashion_sample()
    assert sample.counts.sum(axis=1).tolist() == [1000] * 10
    predictions = trained("lenet-fashion-mnist").predict(sample.images).argmax(axis=1)
    seen = np.zeros((10, 10), dtype=int)
    np.add.at(seen, (sample.labels, predictions), 1)
    assert (seen <= sample.counts).all()  # the sample is a part of the test set


def test_the_sample_is_part_of_the_data_set():
    folder = cache_folder() / "fashion-mnist"
    if not all((folder / name).is_file() for name in FASHION_MNIST_FILES):
        pytest.skip("Fashion-MNIST is not available")
    data = fashion_mnist()
    sample = fashion_sample()
    chosen, train = first_of_each(data.test_labels), first_of_each(data.train_labels, TRAIN_IMAGES)
    np.testing.assert_array_equal(sample.images, data.test_images[chosen])
    np.testing.assert_array_equal(sample.train_images, data.train_images[train])
