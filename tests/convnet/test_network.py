"""Networks: shapes, the vector of parameters, gradients of the whole stack, and errors."""

import copy
import pickle

import numpy as np
import pytest

from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.gradient_check import check_gradients
from convnet.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Flatten,
    MaxPooling2D,
    ReLU,
)
from convnet.models import digits_network, lenet
from convnet.network import Network

EVERY_LAYER = [
    lambda: Conv2D(3, 3, stride=2, padding=1),
    lambda: BatchNormalization(),
    lambda: ReLU(),
    lambda: Conv2DTranspose(2, 3, stride=2, padding=1, output_padding=1),
    lambda: MaxPooling2D(2),
    lambda: Conv2D(4, 1),
    lambda: AveragePooling2D(2, stride=1),
    lambda: Flatten(),
    lambda: Dense(5),
]


def network_of_every_layer(seed=0, dtype=np.float64):
    return Network([make() for make in EVERY_LAYER], (7, 9, 2), seed, dtype)


def images(m=3, shape=(7, 9, 2)):
    return np.random.default_rng(5).standard_normal((m, *shape))


def test_shapes_and_parameters_of_every_layer():
    network = network_of_every_layer()
    assert network.shapes == [
        *[(4, 5, 3)] * 3,
        (8, 10, 2),
        (4, 5, 2),
        (4, 5, 4),
        (3, 4, 4),
        (48,),
        (5,),
    ]
    counts = [sum(a.size for a in layer.parameters.values()) for layer in network.layers]
    assert counts == [3 * 3 * 2 * 3 + 3, 6, 0, 3 * 3 * 2 * 3 + 2, 0, 2 * 4 + 4, 0, 0, 48 * 5 + 5]
    assert network.parameters.size == network.gradients.size == sum(counts)


def test_what_comes_out_has_the_shapes_that_were_announced():
    network = network_of_every_layer()
    maps = network.feature_maps(images())
    assert [a.shape[1:] for a in maps] == network.shapes
    np.testing.assert_array_equal(maps[-1], network.forward(images()))


def test_the_gradient_of_a_whole_network_is_that_of_its_loss():
    """All parameters together: the stack, the loss and their shared vector."""
    # With this seed, no sum or difference is so close to 0 that a step crosses a kink.
    network, labels = network_of_every_layer(3), np.array([0, 4, 2])

    def forward(parameters):
        network.parameters[...] = parameters
        return cross_entropy(network.forward(images(), training=True), labels)

    def backward(dloss, parameters):
        network.parameters[...] = parameters
        scores = network.forward(images(), training=True)
        network.backward(dloss * cross_entropy_backward(scores, labels))
        return (network.gradients.copy(),)

    check_gradients(forward, backward, {"parameters": network.parameters.copy()})


def test_the_first_layer_computes_the_same_gradients_without_that_of_its_input():
    network, labels = lenet(), np.array([3, 1])
    X = images(2, (28, 28, 1)).astype(np.float32)
    gradients = []
    for first in (True, False):
        network.layers[0].is_first = first
        network.backward(cross_entropy_backward(network.forward(X), labels))
        gradients.append(network.gradients.copy())
    np.testing.assert_array_equal(*gradients)


def test_the_layers_see_the_one_vector_of_parameters():
    network = network_of_every_layer()
    network.parameters[...] = 7
    assert all((a == 7).all() for layer in network.layers for a in layer.parameters.values())


def test_the_same_seed_gives_the_same_network_and_another_one_another():
    first, same, other = (network_of_every_layer(seed).parameters for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_weights_begin_as_glorot_and_bengio_say():
    W = lenet().layers[3].parameters["W"]
    limit = np.sqrt(6 / (25 * 6 + 25 * 16))
    assert np.abs(W).max() <= limit
    assert np.std(W) == pytest.approx(limit / np.sqrt(3), rel=0.05)
    assert not lenet().layers[3].parameters["b"].any()


@pytest.mark.parametrize(
    ("network", "parameters"),
    [(lenet, 61_706), (lambda: lenet((32, 32, 3)), 83_126), (digits_network, 3_818)],
    ids=["LeNet", "LeNet on 32x32x3", "digits"],
)
def test_the_networks_of_the_course_have_their_numbers_of_parameters(network, parameters):
    assert network().parameters.size == parameters
    assert f"{parameters:,}" in network().summary().splitlines()[-1]


def test_results_are_of_the_networks_type():
    for dtype in (np.float32, np.float64):
        network = network_of_every_layer(dtype=dtype)
        assert network.forward(images()).dtype == dtype
        assert network.predict(images()).dtype == dtype


def test_probabilities_add_up_to_1_whatever_the_batch():
    network = network_of_every_layer()
    whole, parts = (network.predict(images(5), batch) for batch in (5, 2))
    np.testing.assert_allclose(whole.sum(axis=1), 1)
    np.testing.assert_allclose(whole, parts, rtol=1e-12)


def test_batch_norm_keeps_a_running_average_and_uses_it_when_not_training():
    network = Network([BatchNormalization(momentum=0.75)], (4,), dtype=np.float64)
    X = images(50, (4,)) * [1, 2, 3, 4] + [5, 6, 7, 8]
    for _ in range(60):
        trained = network.forward(X, training=True)
    np.testing.assert_allclose(trained.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(network.layers[0].state["mean"], X.mean(axis=0), rtol=1e-6)
    variance = X.var(axis=0, ddof=1)
    np.testing.assert_allclose(network.layers[0].state["variance"], variance, rtol=1e-6)
    expected = (X - X.mean(axis=0)) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(network.forward(X), expected, rtol=1e-5, atol=1e-7)


WRONG = [
    ([], "a network needs at least one layer: give a list of layers"),
    ([Dense(3)], "layer 1, Dense: Dense takes vectors, but got arrays of shape (7, 9, 2): put "),
    ([Flatten(), Conv2D(1, 3)], "layer 2, Conv2D: Conv2D takes images (n_H, n_W, n_C), but got "),
    ([Flatten(), MaxPooling2D(2)], "layer 2, MaxPooling2D: MaxPooling2D takes images "),
    (
        [Conv2D(1, 3), Conv2D(1, 6)],
        "layer 2, Conv2D: conv2d: a kernel of 6x6 is larger than the padded input, 5x7 (",
    ),
]


@pytest.mark.parametrize(("layers", "beginning"), WRONG, ids=[text[:30] for _, text in WRONG])
def test_layers_that_do_not_fit_are_refused_with_their_number(layers, beginning):
    with pytest.raises(ValueError) as error:
        Network(layers, (7, 9, 2))
    assert str(error.value).startswith(beginning)


def test_images_of_another_size_are_refused():
    with pytest.raises(
        ValueError, match=r"X has shape \(3, 9, 7, 2\), expected an array of shape \(m, 7, 9, 2\)"
    ):
        network_of_every_layer().forward(images(3, (9, 7, 2)))


def test_a_layer_belongs_to_one_network():
    layers = [Flatten(), Dense(3)]
    Network(layers, (4,))
    for again in (layers, [Flatten(), Dense(3)] * 2):
        with pytest.raises(ValueError, match="already belongs to a network, which holds"):
            Network(again, (4,))


def test_a_class_is_no_layer_and_spoils_no_other_network():
    with pytest.raises(ValueError, match="expected a layer such as ReLU"):
        Network([Flatten(), ReLU], (4,))
    assert ReLU().is_first is False


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_a_copy_of_a_network_is_a_network_of_its_own(duplicate):
    network = network_of_every_layer(1)
    other = duplicate(network)
    other.parameters[...] = 0
    assert network.parameters.any()
    assert not other.forward(images()).any()
    other.forward(images(), training=True)
    other.backward(np.ones((3, 5)))
    assert other.gradients.any() and not network.gradients.any()


def test_batch_norm_has_no_gradient_for_a_batch_that_was_not_trained_on():
    network = Network([BatchNormalization()], (4,), dtype=np.float64)
    network.forward(images(3, (4,)), training=True)
    network.forward(images(5, (4,)))
    with pytest.raises(ValueError, match=r"call forward\(x, training=True\) before"):
        network.backward(np.ones((5, 4)))


def test_one_value_alone_changes_no_running_average():
    network = Network([BatchNormalization()], (4,), dtype=np.float64)
    network.forward(images(1, (4,)), training=True)
    assert (network.layers[0].state["variance"] == 1).all()


def test_a_gradient_of_another_shape_is_refused():
    network = network_of_every_layer()
    network.forward(images(), training=True)
    with pytest.raises(ValueError, match=r"dscores has shape \(2, 5\), expected \(3, 5\)"):
        network.backward(np.ones((2, 5)))


def test_no_images_have_no_scores():
    network = network_of_every_layer()
    assert network.predict(images(0)).shape == (0, 5)
    with pytest.raises(ValueError, match="batch is 0, expected 1 or more"):
        network.predict(images(), batch=0)


def test_what_only_a_backward_pass_needs_is_dropped_after_prediction():
    network = network_of_every_layer()
    for use in (network.predict, network.feature_maps):
        network.forward(images(), training=True)
        use(images())
        assert all(layer.saved is None for layer in network.layers)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (lambda: Conv2DTranspose(4, 3, padding=20), "layer 1, Conv2DTranspose: conv_transpose2d: "),
        (
            lambda: Conv2DTranspose(4, 3, output_padding=3),
            "layer 1, Conv2DTranspose: conv_transpose2d: ",
        ),
        (lambda: MaxPooling2D(2, stride=0), "layer 1, MaxPooling2D: max_pool2d: "),
        (lambda: AveragePooling2D(9), "layer 1, AveragePooling2D: avg_pool2d: a window of 9x9"),
        (lambda: Conv2D(2, 0), "layer 1, Conv2D: conv2d: "),
        (lambda: Conv2D(-1, 3), "layer 1, Conv2D: negative dimensions are not allowed"),
    ],
)
def test_sizes_are_checked_when_the_network_is_made(layer, message):
    with pytest.raises(ValueError) as error:
        Network([layer()], (7, 9, 2))
    assert str(error.value).startswith(message)


def test_a_network_of_integers_is_refused():
    with pytest.raises(ValueError, match="dtype is int64, expected a float type"):
        Network([Flatten()], (4,), dtype=np.int64)


def test_the_gradient_of_a_score_is_that_of_finite_differences():
    rng = np.random.default_rng(0)
    network = Network(
        [Conv2D(3, 3, padding=1), ReLU(), MaxPooling2D(2), Flatten(), Dense(4)],
        (6, 4, 2),
        dtype=np.float64,
    )
    network.backward(np.ones_like(network.forward(rng.normal(size=(3, 6, 4, 2)))))
    before = network.gradients.copy()
    X, classes = rng.normal(size=(2, 6, 4, 2)), [3, 1]
    gradient = network.input_gradient(X, classes)
    step = 1e-6 * rng.normal(size=X.shape)
    difference = network.scores(X + step) - network.scores(X - step)
    np.testing.assert_allclose(
        np.sum(gradient * step, axis=(1, 2, 3)), difference[[0, 1], classes] / 2, rtol=1e-5
    )
    np.testing.assert_array_equal(network.gradients, before)
    assert network.layers[0].is_first


def test_the_gradient_of_a_score_needs_a_class_for_each_image():
    network = digits_network()
    with pytest.raises(ValueError, match=r"classes has shape \(3,\), expected \(2,\)"):
        network.input_gradient(np.zeros((2, 8, 8, 1)), [1, 2, 3])
