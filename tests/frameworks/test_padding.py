"""TensorFlow, Keras and PyTorch pad as NumPy does, and as the published course shows."""

import numpy as np
import pytest

REASON = "PyTorch or TensorFlow is not installed: `make test-packages` sets them up"
torch = pytest.importorskip("torch", reason=REASON)
tf = pytest.importorskip("tensorflow", reason=REASON)
keras = pytest.importorskip("keras", reason=REASON)

X = np.array([[1, 2, 0, 3], [0, 1, 2, 1], [2, 0, 1, 3]])


def cross_correlate(X, W):
    return np.sum(np.lib.stride_tricks.sliding_window_view(X, W.shape) * W, axis=(2, 3))


def test_the_arrays_of_the_published_course():
    expected = np.zeros((6, 6), int)
    expected[2:4, 2:4] = [[1, 2], [3, 4]]
    in_tensorflow = tf.pad(tf.constant([[1, 2], [3, 4]]), tf.constant([[2, 2], [2, 2]]))
    np.testing.assert_array_equal(in_tensorflow, expected)
    in_torch = torch.nn.ZeroPad2d(2)(torch.tensor([[[1, 2], [3, 4]]]))
    np.testing.assert_array_equal(in_torch, expected[None])

    x = np.arange(4).reshape(1, 1, 2, 2)  # one row of two pixels with two channels
    expected = np.zeros((1, 3, 4, 2), int)
    expected[0, 1, 1:3] = [[0, 1], [2, 3]]
    np.testing.assert_array_equal(keras.layers.ZeroPadding2D(padding=1)(x), expected)
    assert keras.layers.ZeroPadding2D(padding=1)(x.reshape(1, 2, 2, 1)).shape == (1, 4, 4, 1)


def test_the_four_numbers_in_each_order():
    expected = np.pad(X, ((1, 0), (2, 3)))
    np.testing.assert_array_equal(tf.pad(X, ((1, 0), (2, 3))), expected)
    in_keras = keras.layers.ZeroPadding2D(((1, 0), (2, 3)))(X.reshape(1, 3, 4, 1))
    np.testing.assert_array_equal(in_keras[0, :, :, 0], expected)
    in_torch = torch.nn.ZeroPad2d((2, 3, 1, 0))(torch.tensor(X.reshape(1, 1, 3, 4)))
    np.testing.assert_array_equal(in_torch[0, 0], expected)


@pytest.mark.parametrize("mode", ["constant", "reflect", "symmetric"])
def test_the_modes_of_tensorflow(mode):
    expected = np.pad(X, ((1, 1), (2, 2)), mode=mode)
    np.testing.assert_array_equal(tf.pad(X, ((1, 1), (2, 2)), mode=mode.upper()), expected)
    np.testing.assert_array_equal(keras.ops.pad(X, ((1, 1), (2, 2)), mode=mode), expected)


@pytest.mark.parametrize(
    ("mode", "layer", "name"),
    [
        ("constant", lambda sides: torch.nn.ConstantPad2d(sides, 0.0), "zeros"),
        ("edge", torch.nn.ReplicationPad2d, "replicate"),
        ("reflect", torch.nn.ReflectionPad2d, "reflect"),
        ("wrap", torch.nn.CircularPad2d, "circular"),
    ],
)
def test_the_modes_of_pytorch(mode, layer, name):
    image = torch.tensor(X.reshape(1, 1, 3, 4), dtype=torch.float32)
    expected = np.pad(X, ((1, 1), (2, 2)), mode=mode)
    np.testing.assert_array_equal(layer((2, 2, 1, 1))(image)[0, 0], expected)  # left first
    conv = torch.nn.Conv2d(1, 1, 3, padding=(1, 2), padding_mode=name, bias=False)
    torch.nn.init.ones_(conv.weight)
    result = conv(image)[0, 0].detach()
    np.testing.assert_allclose(result, cross_correlate(expected, np.ones((3, 3))), rtol=1e-6)
