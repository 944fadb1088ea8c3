"""The pooling layers of Keras, TensorFlow and PyTorch that the lesson on pooling names."""

import numpy as np
import pytest

from convnet.functional import avg_pool2d, max_pool2d

keras = pytest.importorskip("keras", reason="Keras is not installed: run `make test-packages`")
tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
torch = pytest.importorskip("torch", reason="PyTorch is not installed")

X = np.random.default_rng(1).normal(size=(2, 6, 8, 3)).astype(np.float32)
MAX, AVERAGE, MEAN = max_pool2d(X, 2), avg_pool2d(X, 2), X.mean(axis=(1, 2))
# L2 pooling is the root of the sum of all squares; f * f is their number.
L2 = 2 * np.sqrt(avg_pool2d(X**2, 2))


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("MaxPooling2D", (2,), MAX),
        ("AveragePooling2D", (2,), AVERAGE),
        ("GlobalAveragePooling2D", (), MEAN),
    ],
)
def test_layers_of_keras(name, arguments, expected):
    model = keras.Sequential([keras.Input(X.shape[1:]), getattr(keras.layers, name)(*arguments)])
    assert model.count_params() == 0
    np.testing.assert_allclose(model(X).numpy(), expected, atol=1e-6)


def test_windows_of_keras_need_not_be_square():
    pool = keras.layers.MaxPooling2D(pool_size=(2, 4), strides=(3, 2))
    assert pool(np.zeros((1, 31, 21, 16))).shape == (1, 10, 9, 16)
    row = np.array([0, 0, 3, 3, 0, 0], "float32").reshape(1, 6, 1)
    assert keras.layers.MaxPooling1D(2)(row).numpy().ravel().tolist() == [0, 3, 0]
    assert keras.layers.AveragePooling1D(2)(row).numpy().ravel().tolist() == [0, 3, 0]


def test_functions_of_tensorflow():
    window = {"ksize": 2, "strides": 2, "padding": "VALID"}
    np.testing.assert_allclose(tf.nn.max_pool2d(X, **window), MAX, atol=1e-6)
    np.testing.assert_allclose(tf.nn.avg_pool2d(X, **window), AVERAGE, atol=1e-6)
    np.testing.assert_allclose(2 * tf.sqrt(tf.nn.avg_pool2d(X**2, **window)), L2, rtol=1e-5)
    np.testing.assert_allclose(tf.reduce_mean(X, axis=[1, 2]), MEAN, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("MaxPool2d", (2,), MAX),
        ("AvgPool2d", (2,), AVERAGE),
        ("LPPool2d", (2, 2), L2),
        ("AdaptiveAvgPool2d", (1,), MEAN[:, None, None]),
    ],
)
def test_layers_of_pytorch(name, arguments, expected):
    layer = getattr(torch.nn, name)(*arguments)
    pooled = layer(torch.tensor(X).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    np.testing.assert_allclose(pooled.numpy(), expected, rtol=1e-5, atol=1e-6)


def test_averages_at_the_border_and_ties():
    ones = torch.ones(1, 1, 4, 4)
    counted = torch.nn.AvgPool2d(3, stride=1, padding=1)
    not_counted = torch.nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
    assert counted(ones)[0, 0, 0, 0].item() == pytest.approx(4 / 9)
    assert not_counted(ones)[0, 0, 0, 0].item() == 1
    assert tf.nn.avg_pool2d(np.ones((1, 4, 4, 1)), 3, 1, "SAME")[0, 0, 0, 0] == 1
    assert torch.nn.MaxPool2d(3, 1, 1)(-ones)[0, 0, 0, 0].item() == -1
    tie = torch.tensor([[1.0, 3.0], [3.0, 2.0]]).reshape(1, 1, 2, 2)
    assert torch.nn.MaxPool2d(2, return_indices=True)(tie)[1].item() == 1
