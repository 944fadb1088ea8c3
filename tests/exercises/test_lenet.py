"""LeNet in students' form agrees with the library's network."""

import inspect

import numpy as np
import pytest

from convnet import models
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.network import Network
from exercises import EXERCISES, lenet
from nbexercise.defining.exercise import PUBLIC_SEED

WRITTEN = (
    "dense_forward",
    "dense_backward",
    "lenet_forward",
    "lenet_gradients",
    "momentum_step",
)


def assert_close(got, expected, tolerance=1e-10):
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance, strict=True)


SHAPES = [(16, 20, 1), (17, 16, 2)]
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def batch(shape, m=3):
    """Return images and labels."""
    rng = np.random.default_rng(4)
    return rng.standard_normal((m, *shape)), rng.integers(0, 10, m)


def network_and_parameters(shape):
    """Return the course's LeNet in float64 with nonzero biases, and its parameters by name."""
    layers_of = [type(layer)(**layer.settings) for layer in models.lenet(shape).layers]
    network = Network(layers_of, shape, seed=3, dtype=np.float64)
    weighted = [layer for layer in network.layers if layer.parameters]
    rng = np.random.default_rng(5)
    for layer in weighted:
        layer.parameters["b"][...] = rng.standard_normal(layer.parameters["b"].shape) / 4
    return network, weighted


def named(weighted, arrays):
    """Return parameters or gradients by name, with biases in the published interface's shape."""
    found = {}
    for number, layer in enumerate(weighted, start=1):
        W, b = (getattr(layer, arrays)[kind].copy() for kind in "Wb")
        found |= {f"W{number}": W, f"b{number}": b.reshape(*[1] * (W.ndim - 1), -1)}
    return found


@pytest.mark.parametrize("name", WRITTEN)
def test_the_source_of_a_function_that_students_write_is_its_text(name):
    source = inspect.getsource(getattr(lenet, name))
    assert f"def {name}(" in source
    assert source.count("### BEGIN SOLUTION") == source.count("### END SOLUTION") == 1


def test_all_lists_what_is_written_and_what_is_given():
    given = {"conv_forward", "conv_backward", "pool_forward", "pool_backward"}
    assert set(lenet.__all__) == {*WRITTEN, *given, "softmax_cross_entropy"}
    for name in given:  # the bodies are complete
        assert "### BEGIN" not in inspect.getsource(getattr(lenet, name))


def test_the_given_loss_is_that_of_the_layers_and_takes_large_scores():
    for size in (1, 1000):
        Z = size * np.random.default_rng(6).standard_normal((5, 4))
        labels = np.array([3, 0, 0, 1, 2])
        loss, dZ = lenet.softmax_cross_entropy(Z, labels)
        assert abs(loss - cross_entropy(Z, labels)) < 1e-10
        assert_close(dZ, cross_entropy_backward(Z, labels))


@each_shape
def test_lenet_agrees_with_the_network_of_layers(shape):
    network, weighted = network_and_parameters(shape)
    parameters, (X, labels) = named(weighted, "parameters"), batch(shape)
    scores = network.forward(X, training=True)
    assert_close(lenet.lenet_forward(X, parameters), scores)

    loss, dscores = lenet.softmax_cross_entropy(scores, labels)
    network.backward(dscores)
    got, gradients = lenet.lenet_gradients(X, labels, parameters)
    assert abs(got - loss) < 1e-12
    expected = named(weighted, "gradients")
    assert set(gradients) == set(expected)
    for name, gradient in gradients.items():
        assert_close(gradient, expected[name])


def test_momentum_steps_add_up_and_leave_the_old_parameter_alone():
    w, velocity = np.array([1.0, -2.0]), np.zeros(2)
    before = w
    for _ in range(2):
        w, velocity = lenet.momentum_step(w, np.array([1.0, 2.0]), velocity, 0.1, 0.5)
    assert_close(velocity, np.array([1.5, 3.0]))
    assert_close(w, np.array([1 - 0.25, -2 - 0.5]))
    assert_close(before, np.array([1.0, -2.0]))


@pytest.mark.parametrize("seed", [PUBLIC_SEED, 126, 272])
def test_every_image_of_the_cases_has_a_negative_score(seed):
    """Otherwise a ReLU of the scores would pass, as it once did with these hidden seeds."""
    for _, arguments in EXERCISES["lenet_forward"].cases(np.random.default_rng(seed)):
        assert (lenet.lenet_forward(**arguments).min(axis=1) < 0).all()
