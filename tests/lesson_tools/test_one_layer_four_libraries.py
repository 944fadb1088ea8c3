"""Statements of the lesson "One layer, four libraries" that no cell computes."""

import numpy as np
import pytest

from convnet import functional
from convnet.data import digits
from convnet.network import Network
from convnet.types import Array
from lesson_tools.one_layer_four_libraries.copies import COPIES, LAYERS, outputs, trained
from tests.lesson_tools.cells import defined

# First layer whose output a copy's mistake changes
FIRST = {"A": "flatten", "B": "conv 2", "C": "conv 1", "D": "conv 1"}
FIRST |= {"E": "conv 2", "F": "conv 1", "G": "ReLU 2", "H": "conv 1"}


@pytest.fixture(scope="module")
def taught():
    return defined("16_one_layer_four_libraries", "round_to_tf32", "dense_to_torch")


def test_with_rtol_alone_only_small_values_fail(taught):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((1, 10, 10, 64)).astype(np.float32)
    W = rng.standard_normal((3, 3, 64, 16)).astype(np.float32)
    exact = functional.conv2d(X.astype(np.float64), W.astype(np.float64))
    error = np.abs(functional.conv2d(X, W) - exact)
    fails = error > 1e-5 * np.abs(exact)
    assert exact.size == 1024
    assert fails.any()
    assert np.abs(exact[fails]).max() < 0.1 * np.abs(exact).max()
    accepted = 1e-5 * (np.abs(exact).max() + np.abs(exact))
    assert not (error > accepted).any()
    rounded = (taught["round_to_tf32"](x) for x in (X, W))
    assert np.mean(np.abs(functional.conv2d(*rounded) - exact) > accepted) > 0.5


def test_the_copies_leave_the_tolerance_as_the_figure_says():
    network, X = trained(), digits().test_images
    reference = outputs(network, X.astype(np.float64))
    far = {}
    for copy in ("", *"ABCD"):
        actual = outputs(network, X.astype(np.float32), copy)
        far[copy] = [
            np.abs(actual[n] - reference[n]).max() / np.abs(reference[n]).max() for n in LAYERS
        ]
    assert max(far[""]) < 1e-6
    assert 1e5 < far["D"][0] / far[""][0] < 1e6
    black = {copy: outputs(network, np.zeros((1, 8, 8, 1)), copy)["conv 1"] for copy in ("", *"CD")}
    np.testing.assert_array_equal(black["C"], black[""])
    assert np.abs(black["D"] - black[""]).max() > 0.1


def test_a_dense_layer_gives_the_same_outputs_in_both_orders(taught):
    W, A = np.arange(60.0).reshape(30, 2), np.arange(30.0).reshape(2, 3, 5)
    moved = taught["dense_to_torch"](W, 2, 3, 5) @ A.transpose(2, 0, 1).reshape(-1)
    np.testing.assert_array_equal(moved, A.reshape(-1) @ W)


def test_tf32_keeps_ten_bits_and_rounds_to_the_nearest(taught):
    x = np.float32([1, 1 + 2**-10, 1 + 3 * 2**-12, 1 + 2**-12, -3.5])
    expected = [1, 1 + 2**-10, 1 + 2**-10, 1, -3.5]
    np.testing.assert_array_equal(taught["round_to_tf32"](x), expected)


@pytest.fixture(scope="module")
def network() -> Network:
    return trained()


@pytest.fixture(scope="module")
def images() -> Array:
    return digits().test_images[:20]


def test_without_a_mistake_the_scores_are_those_of_the_network(network, images):
    right = outputs(network, images)
    assert tuple(right) == LAYERS
    np.testing.assert_allclose(right["dense"], network.scores(images), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_differs_from_one_layer_on_and_keeps_all_shapes(network, images, copy):
    right, wrong = outputs(network, images), outputs(network, images, copy)
    assert [a.shape for a in wrong.values()] == [a.shape for a in right.values()]
    differs = [not np.allclose(right[name], wrong[name], atol=1e-4) for name in LAYERS]
    first = LAYERS.index(FIRST[copy])
    assert differs == [False] * first + [True] * (len(LAYERS) - first)
