"""Keras, TensorFlow and PyTorch compute the convolution layer as the lessons 06 and 07 say."""

import numpy as np
import pytest

from convnet.data import digits
from convnet.edges import normalized
from convnet.functional import conv2d
from lesson_tools.convolution_layer_in_libraries import figures as draw

REASON = "PyTorch or TensorFlow is not installed: `make test-packages` sets them up"
torch = pytest.importorskip("torch", reason=REASON)
tf = pytest.importorskip("tensorflow", reason=REASON)
keras = pytest.importorskip("keras", reason=REASON)
F, layers, nn = torch.nn.functional, keras.layers, torch.nn

# The layer of lesson 06: two filters of 2 x 2 on one image of 3 x 4 with two channels.
CHANNEL_0 = np.array([[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1]])
CHANNEL_1 = np.array([[0, 2, 1, 0], [2, 0, 0, 1], [1, 1, 2, 0]])
A_PREV = np.stack([CHANNEL_0, CHANNEL_1], axis=-1)[None].astype(np.float32)
FILTER_0 = np.stack([[[1, 0], [0, 1]], [[0, 2], [-1, 0]]], axis=-1)
FILTER_1 = np.stack([[[1, -1], [2, 0]], [[0, 1], [0, -2]]], axis=-1)
W = np.stack([FILTER_0, FILTER_1], axis=-1).astype(np.float32)
B = np.array([1, -1], dtype=np.float32)
Z = conv2d(A_PREV, W, B)
A = np.maximum(Z, 0)

# Kernels that are not square, 3 x 4, on 7 x 9 pixels with 5 channels.
rng = np.random.default_rng(3)
X_5 = rng.integers(0, 10, size=(7, 9, 5)).astype(np.float32)
W_34 = rng.integers(-2, 3, size=(3, 4, 5, 2)).astype(np.float32)


def not_square(W):
    """Return the output of kernels of any shape on the image of 7 x 9."""
    windows = np.lib.stride_tricks.sliding_window_view(X_5, W.shape[:2], axis=(0, 1))
    return np.einsum("hwkrq,rqkc->hwc", windows, W)


def keras_layer(W, b=None, **settings):
    """Return a layer of Keras with these weights."""
    f_H, f_W, n_C_prev, n_C = W.shape
    layer = layers.Conv2D(n_C, (f_H, f_W), use_bias=b is not None, **settings)
    layer.build((None, None, None, n_C_prev))
    layer.set_weights([W] if b is None else [W, b])
    return layer


def test_keras_computes_the_layer():
    layer = keras_layer(W, B, activation="relu")
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(A_PREV)), A)
    assert (tuple(layer.kernel.shape), tuple(layer.bias.shape)) == ((2, 2, 2, 2), (2,))


def test_tensorflow_computes_the_layer():
    in_tensorflow = tf.nn.conv2d(A_PREV, W, strides=1, padding="VALID") + B
    np.testing.assert_allclose(in_tensorflow, Z)
    np.testing.assert_allclose(tf.nn.relu(in_tensorflow), A)


def test_pytorch_computes_the_layer():
    layer = nn.Conv2d(in_channels=2, out_channels=2, kernel_size=2)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(W.transpose(3, 2, 0, 1)))
        layer.bias.copy_(torch.from_numpy(B))
        output = F.relu(layer(torch.from_numpy(A_PREV.transpose(0, 3, 1, 2)))).numpy()
    np.testing.assert_allclose(output.transpose(0, 2, 3, 1), A)
    assert tuple(layer.weight.shape) == (2, 2, 2, 2)


def test_pytorch_takes_rows_for_channels():
    with pytest.raises(RuntimeError, match="to have 2 channels, but got 3"):
        nn.Conv2d(2, 2, 2)(torch.from_numpy(A_PREV))
    with pytest.raises(RuntimeError, match="to have 3 channels, but got 60"):
        nn.Conv2d(3, 6, 2)(torch.zeros(4, 60, 90, 3))
    assert nn.Conv2d(3, 6, 2)(torch.zeros(4, 3, 90, 3)).shape == (4, 6, 89, 2), "no error"


def test_shapes_and_parameters_in_keras():
    layer = layers.Conv2D(6, kernel_size=2, strides=2, activation="relu")
    assert layer(np.zeros((4, 60, 90, 3), np.float32)).shape == (4, 30, 45, 6)
    assert layer.count_params() == 78


def test_shapes_and_parameters_in_pytorch():
    layer = nn.Conv2d(4, 16, 6, stride=2)
    assert layer(torch.zeros(2, 4, 50, 100)).shape == (2, 16, 23, 48)
    assert layer.weight.shape == (16, 4, 6, 6)
    assert sum(p.numel() for p in layer.parameters()) == 2320


def test_kernels_that_are_not_square():
    Z_34 = not_square(W_34)
    assert Z_34.shape == (5, 6, 2)
    np.testing.assert_allclose(keras_layer(W_34)(X_5[None])[0], Z_34)
    np.testing.assert_allclose(tf.nn.conv2d(X_5[None], W_34, 1, "VALID")[0], Z_34)
    images = torch.from_numpy(X_5[None].transpose(0, 3, 1, 2))
    right = F.conv2d(images, torch.from_numpy(W_34.transpose(3, 2, 0, 1)))
    np.testing.assert_allclose(right[0].permute(1, 2, 0), Z_34)
    swapped = F.conv2d(images, torch.from_numpy(W_34.transpose(3, 2, 1, 0)))
    np.testing.assert_allclose(swapped[0].permute(1, 2, 0), not_square(W_34.swapaxes(0, 1)))
    assert swapped.shape == (1, 2, 4, 7)


def test_the_mistakes_of_exercise_1():
    images, layer = torch.zeros(8, 40, 60, 16), nn.Conv2d(16, 32, (5, 3), padding=(2, 1))
    same = layers.Conv2D(32, (5, 3), padding="same")(images.numpy())
    assert same.shape == (8, 40, 60, 32) and layer.weight.shape == (32, 16, 5, 3)
    assert layer(images.reshape(8, 16, 40, 60)).shape == (8, 32, 40, 60), "mistake c is silent"
    with pytest.raises(RuntimeError, match="to have 3 channels, but got 16"):  # mistake d
        F.conv2d(images.permute(0, 3, 1, 2), layer.weight.permute(2, 3, 1, 0))
    swapped = F.conv2d(images.permute(0, 3, 1, 2), layer.weight.mT, padding=(2, 1))
    assert swapped.shape == (8, 32, 42, 58), "mistake b changes the shape"


def test_three_trained_layers_in_keras_and_pytorch():
    X, trained = normalized(draw.flower()), draw.trained_layers()
    expected = draw.edges_of_copy("no mistake", draw.flower())
    conv = {"padding": "same", "activation": "relu"}
    in_keras = keras.Sequential(
        [keras.Input((None, None, 3))]
        + [layers.Conv2D(64, 3, **conv) for _ in range(2)]
        + [layers.Conv2D(1, 1, activation="sigmoid")]
    )
    in_keras.set_weights([array for pair in trained for array in pair])
    np.testing.assert_allclose(in_keras.predict(X, verbose=0)[0, :, :, 0], expected, atol=1e-4)
    Y = torch.from_numpy(X.transpose(0, 3, 1, 2))
    for number, (W_layer, b_layer) in enumerate(trained):
        filters = torch.from_numpy(np.ascontiguousarray(W_layer.transpose(3, 2, 0, 1)))
        Y = F.conv2d(Y, filters, torch.from_numpy(b_layer), padding=len(W_layer) // 2)
        Y = F.relu(Y) if number < 2 else torch.sigmoid(Y)
    np.testing.assert_allclose(Y[0, 0], expected, atol=1e-4)


class DigitNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(1, 1, kernel_size=3, padding=1)
        self.dense = nn.Linear(64, 10)

    def forward(self, images):
        return self.dense(torch.relu(self.convolution(images)).flatten(start_dim=1))


def test_the_digit_network_in_pytorch_reads_nine_in_ten_digits():
    data = digits()
    torch.manual_seed(0)
    model = DigitNetwork()
    X, labels = torch.tensor(data.train_images).permute(0, 3, 1, 2), torch.tensor(data.train_labels)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(12):
        for batch in torch.randperm(len(X)).split(32):
            loss = F.cross_entropy(model(X[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    predictions = model(torch.tensor(data.test_images).permute(0, 3, 1, 2)).argmax(dim=1)
    assert np.mean(predictions.numpy() == data.test_labels) == pytest.approx(0.9, abs=0.04)
    assert sum(p.numel() for p in model.parameters()) == 660


def test_the_digit_network_in_keras_reads_nine_in_ten_digits():
    data = digits()
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(1, 3, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    model.fit(data.train_images, data.train_labels, batch_size=32, epochs=12, verbose=0)
    _, accuracy = model.evaluate(data.test_images, data.test_labels, verbose=0)
    assert accuracy == pytest.approx(0.9, abs=0.04)
    assert model.count_params() == 660
