"""The gradients that are worked by hand agree with automatic differentiation."""

import numpy as np
import pytest

from convnet import functional

IMAGE = np.array([[1.0, 1, 2], [1, 2, 1], [2, 1, 1]])[None, :, :, None]
FILTERS = np.array([[0.6779961, -0.3282364], [0.61954254, -0.02001727]])[:, :, None, None]
POOLED = np.array([[1.0, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]])[None, :, :, None]
TIED = np.array([[4.0, 1], [4, 2]])[None, :, :, None]
FIRST, EQUAL = [[1, 0], [0, 0]], [[0.5, 0], [0.5, 0]]


@pytest.fixture
def tf():
    return pytest.importorskip("tensorflow", reason="`make test-packages` runs this test")


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="`make test-packages` runs this test")


def convolution():
    """Return dX, dW and db of a convolution and a ReLU for the cost mean((y - 1)^2)."""
    Z = functional.conv2d(IMAGE, FILTERS)
    dy = 2 * (functional.relu(Z) - 1) / Z.size
    return functional.conv2d_backward(functional.relu_backward(dy, Z), IMAGE, FILTERS)


def pooling(mode):
    """Return dx of a pooling layer for the same cost."""
    pool, back = {
        "max": (functional.max_pool2d, functional.max_pool2d_backward),
        "average": (functional.avg_pool2d, functional.avg_pool2d_backward),
    }[mode]
    y = pool(POOLED, 2)
    return back(2 * (y - 1) / y.size, POOLED, 2)


def test_a_convolution_in_tensorflow(tf):
    variables = [tf.Variable(values) for values in (IMAGE, FILTERS, np.zeros(1))]
    with tf.GradientTape() as tape:
        y = tf.nn.relu(tf.nn.conv2d(variables[0], variables[1], 1, "VALID") + variables[2])
        cost = tf.reduce_mean((y - 1) ** 2)
    for ours, theirs in zip(convolution(), tape.gradient(cost, variables), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_a_convolution_in_pytorch(torch):
    arrays = IMAGE.transpose(0, 3, 1, 2), FILTERS.transpose(3, 2, 0, 1), np.zeros(1)
    image, filters, bias = (torch.tensor(array, requires_grad=True) for array in arrays)
    y = torch.relu(torch.nn.functional.conv2d(image, filters, bias))
    torch.mean((y - 1) ** 2).backward()
    dX, dW, db = convolution()
    np.testing.assert_allclose(dX[0, :, :, 0], image.grad[0, 0], rtol=1e-12)
    np.testing.assert_allclose(dW[:, :, 0, 0], filters.grad[0, 0], rtol=1e-12)
    np.testing.assert_allclose(db, bias.grad, rtol=1e-12)


@pytest.mark.parametrize("mode", ["max", "average"])
def test_pooling_in_tensorflow(tf, mode):
    pool = tf.nn.max_pool2d if mode == "max" else tf.nn.avg_pool2d
    x = tf.Variable(POOLED)
    with tf.device("CPU"), tf.GradientTape() as tape:
        cost = tf.reduce_mean((pool(x, 2, 2, "VALID") - 1) ** 2)
    np.testing.assert_array_equal(pooling(mode), tape.gradient(cost, x))


@pytest.mark.parametrize("mode", ["max", "average"])
def test_pooling_in_pytorch(torch, mode):
    functions = torch.nn.functional
    pool = functions.max_pool2d if mode == "max" else functions.avg_pool2d
    x = torch.tensor(POOLED.transpose(0, 3, 1, 2), requires_grad=True)
    torch.mean((pool(x, 2) - 1) ** 2).backward()
    np.testing.assert_array_equal(pooling(mode)[0, :, :, 0], x.grad[0, 0])


def test_ties_in_tensorflow(tf):
    x = tf.Variable(TIED)
    with tf.device("CPU"), tf.GradientTape(persistent=True) as tape:
        first, equal = tf.nn.max_pool2d(x, 2, 2, "VALID"), tf.reduce_max(x)
    assert tape.gradient(first, x)[0, :, :, 0].numpy().tolist() == FIRST
    assert tape.gradient(equal, x)[0, :, :, 0].numpy().tolist() == EQUAL


def test_ties_in_pytorch(torch):
    for maximum, expected in (
        (lambda t: torch.nn.functional.max_pool2d(t, 2), FIRST),
        (torch.amax, EQUAL),
    ):
        x = torch.tensor(TIED[..., 0], requires_grad=True)
        maximum(x).sum().backward()
        assert x.grad[0].tolist() == expected
