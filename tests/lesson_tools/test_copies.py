"""The copies of a network that contain one mistake each."""

import numpy as np
import pytest

from convnet.data import digits
from convnet.network import Network
from convnet.types import Array
from lesson_tools.one_layer_four_libraries.copies import COPIES, LAYERS, outputs, trained

FIRST = {"A": "flatten", "B": "conv 2", "C": "conv 1", "D": "conv 1"}
FIRST |= {"E": "conv 2", "F": "conv 1", "G": "ReLU 2", "H": "conv 1"}


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
