"""Keras, TensorFlow and PyTorch pad, and report shapes, as the lessons on sizes say."""

import numpy as np
import pytest

REASON = "PyTorch or TensorFlow is not installed: `make test-packages` sets them up"
torch = pytest.importorskip("torch", reason=REASON)
tf = pytest.importorskip("tensorflow", reason=REASON)
keras = pytest.importorskip("keras", reason=REASON)
functional, layers = torch.nn.functional, keras.layers

rng = np.random.default_rng(3)
IMAGE = rng.integers(1, 10, size=(7, 7)).astype("float32")
W_34 = rng.integers(-2, 3, size=(3, 4)).astype("float32")
W_33 = rng.integers(-2, 3, size=(3, 3)).astype("float32")
PADDING = {  # of a 3x4 kernel: ((top, bottom), (left, right))
    "VALID": ((0, 0), (0, 0)),
    "SAME": ((1, 1), (1, 2)),
    "FULL": ((2, 2), (3, 3)),
}


def cross_correlate(X, W, stride=1):
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape)[::stride, ::stride]
    return np.sum(windows * W, axis=(2, 3))


def keras_conv(X, W, stride=1, padding="valid"):
    layer = layers.Conv2D(1, W.shape, strides=stride, padding=padding, use_bias=False)
    layer.build((None, *X.shape, 1))
    layer.set_weights([W[:, :, None, None]])
    return keras.ops.convert_to_numpy(layer(X[None, :, :, None]))[0, :, :, 0]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("name", PADDING)
def test_an_even_kernel_gets_the_extra_zero_at_the_end(name):
    (top, bottom), (left, right) = PADDING[name]
    Z = cross_correlate(np.pad(IMAGE, PADDING[name]), W_34)
    X, W = torch.tensor(IMAGE)[None, None], torch.tensor(W_34)[None, None]
    pairs = [[0, 0], [top, bottom], [left, right], [0, 0]]
    in_tensorflow = tf.nn.conv2d(IMAGE[None, :, :, None], W_34[:, :, None, None], 1, pairs)
    np.testing.assert_allclose(in_tensorflow[0, :, :, 0], Z)
    padded = functional.pad(X, (left, right, top, bottom))
    np.testing.assert_allclose(functional.conv2d(padded, W)[0, 0], Z)
    if name != "FULL":
        np.testing.assert_allclose(keras_conv(IMAGE, W_34, padding=name.lower()), Z)
        in_torch = functional.conv2d(X, W, padding=name.lower())
        np.testing.assert_allclose(in_torch[0, 0], Z)


@pytest.mark.parametrize(("n_W", "left", "size"), [(7, 1, 4), (6, 0, 3), (5, 1, 3)])
def test_same_padding_at_stride_2_depends_on_the_parity(n_W, left, size):
    X = IMAGE[:, :n_W]
    Z = cross_correlate(np.pad(X, ((1, 1), (left, 1))), W_33, stride=2)
    assert Z.shape == (4, size)
    np.testing.assert_allclose(keras_conv(X, W_33, 2, "same"), Z)
    padded = functional.pad(torch.tensor(X)[None, None], (left, 1, 1, 1))
    W = torch.tensor(W_33)[None, None]
    np.testing.assert_allclose(functional.conv2d(padded, W, stride=2)[0, 0], Z)


def test_pytorch_has_no_same_padding_at_stride_2():
    with pytest.raises(ValueError, match="padding='same' is not supported for strided"):
        torch.nn.Conv2d(1, 1, 3, stride=2, padding="same")


def test_the_published_models_have_their_shapes_and_parameters():
    small = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(8, (3, 5)),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 3),
            layers.MaxPooling2D(2),
        ]
    )
    shapes = [(30, 28, 8), (15, 14, 8), (13, 12, 16), (6, 6, 16)]
    assert [layer.output.shape[1:] for layer in small.layers] == shapes
    kernels = [(3, 5, 3, 8), (3, 3, 8, 16)]
    assert [tuple(layer.kernel.shape) for layer in small.layers[::2]] == kernels
    assert small.count_params() == 1536

    padded = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(16, (3, 5)),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 3, padding="same"),
        ]
    )
    shapes = [(30, 28, 16), (15, 14, 16), (15, 14, 16)]
    assert [layer.output.shape[1:] for layer in padded.layers] == shapes
    assert padded.count_params() == 3056

    large = keras.Sequential(
        [
            keras.Input((128, 128, 3)),
            layers.Conv2D(16, 5, strides=(2, 3)),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 7, padding="same"),
            layers.MaxPooling2D((2, 4), strides=(3, 2)),
            layers.Conv2D(16, 3, padding="same", strides=2),
            layers.Flatten(),
            layers.Dense(16),
            layers.Dense(1),
        ]
    )
    counted = [layer for layer in large.layers if not isinstance(layer, layers.Flatten)]
    shapes = [(62, 42, 16), (31, 21, 16), (31, 21, 16), (10, 9, 16), (5, 5, 16), (16,), (1,)]
    assert [layer.output.shape[1:] for layer in counted] == shapes
    parameters = [1216, 0, 12_560, 0, 2320, 6416, 17]
    assert [layer.count_params() for layer in counted] == parameters
    assert large.count_params() == 22_529
