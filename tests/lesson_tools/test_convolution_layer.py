"""The statements of the lesson "The convolution layer", and its published reference values."""

import numpy as np
import pytest

from convnet.edges import halved, load_blocks, normalized
from convnet.functional import conv2d, relu
from convnet.own_edges import photograph
from lesson_tools.convolution_layer.questions import a_prev, check, filter_0, filter_1
from tests.lesson_tools.cells import defined

LESSON = "06_convolution_layer"


@pytest.fixture
def convolution():
    return defined(LESSON, "convolution")["convolution"]


def test_the_forward_pass_gives_the_published_values():
    # Deep Learning Specialization, course 4, week 1: the output that its assignment prints.
    np.random.seed(1)
    A, W, b = (np.random.randn(*shape) for shape in ((2, 5, 7, 4), (3, 3, 4, 8), (8,)))
    Z = conv2d(A, W, b, stride=2, padding=1)
    np.testing.assert_allclose(Z.mean(), 0.5511276474566768)
    np.testing.assert_allclose(Z[0, 2, 1, :3], [-2.17796037, 8.07171329, -0.5772704], rtol=1e-6)


def test_the_feature_maps_are_those_that_the_animation_describes():
    W = np.stack([filter_0, filter_1], axis=-1)
    Z = conv2d(a_prev[None], W, np.array([1, -1]))[0]
    np.testing.assert_array_equal(Z[..., 0], [[7, 4, 3], [1, 3, 3]])
    np.testing.assert_array_equal(Z[..., 1], [[2, 4, 0], [-2, -1, 1]])


@pytest.mark.parametrize(("f", "p"), [(1, 0), (2, 0), (3, 1), (5, 2), (3, 2)])
def test_the_nine_lines_compute_a_convolution(convolution, f, p):
    rng = np.random.default_rng(0)
    image, W, b = (rng.normal(size=shape) for shape in ((6, 8, 3), (f, f, 3, 4), (4,)))
    Z = conv2d(image[np.newaxis], W, b, padding=p)
    np.testing.assert_allclose(convolution(image, W, b, p), Z[0])


def test_three_layers_of_nine_lines_compute_the_first_side_output(convolution):
    network, photo = load_blocks(), photograph("astronaut.jpg", 64)
    a = normalized(photo)[0]
    for W, b in network.blocks[0]:
        a = relu(convolution(a, W, b, p=1))
    z = convolution(a, *network.sides[0])[:, :, 0]
    np.testing.assert_allclose(z, network.side_outputs(photo)[0], rtol=1e-3, atol=1e-3)


def test_the_drawing_depends_on_5_and_that_of_the_first_figure_on_14_pixels():
    network = load_blocks()

    def outputs(X):
        for number, (block, side) in enumerate(zip(network.blocks, network.sides, strict=True)):
            X = halved(X) if number else X
            for W, b in block:
                X = relu(conv2d(X, W, b, padding=1))
            yield conv2d(X, *side)[:, X.shape[1] // 2, X.shape[2] // 2, 0]

    first = np.random.default_rng(0).normal(0, 60, (1, 40, 40, 3)).astype(np.float32)
    reads = np.zeros((2, 40), bool)
    for row in range(40):
        others = np.repeat(first, 2, axis=0)
        others[0, row] += 100
        others[1, row] -= 100
        for change, now, before in zip(reads, outputs(others), outputs(first), strict=True):
            change[row] = np.abs(now - before).max() > 1e-2
    np.testing.assert_array_equal(reads.sum(axis=1), [5, 14])


@pytest.mark.parametrize("gains", [(-0.1, 2.4), [0.4, 2.6], np.array([-1.2, 1.5])])
def test_gains_of_other_machines_are_right(gains):
    check("gains", gains)
