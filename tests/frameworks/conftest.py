"""Fixtures for the tests with PyTorch, Keras and TensorFlow."""

import numpy as np
import pytest

from benchmarks.lessons import fashion_mnist
from convnet import data
from convnet.data import Dataset


@pytest.fixture(autouse=True)
def tensorflow_backend(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")


@pytest.fixture
def small_fashion_mnist(tmp_path, monkeypatch):
    """Replace Fashion-MNIST with 64 images of noise, and return the empty folder for histories."""
    rng = np.random.default_rng(0)
    images = rng.random((64, 28, 28, 1), np.float32)
    labels = rng.integers(0, 10, 64)
    monkeypatch.setattr(
        data, "fashion_mnist", lambda: Dataset(images, labels, images, labels, tuple("abcdefghij"))
    )
    monkeypatch.setattr(fashion_mnist, "HISTORIES", tmp_path)
    return tmp_path
