"""The lesson on efficient networks: its blocks, its counts and its measurements."""

import numpy as np
import pytest

from convnet.efficientnet import STAGES, Block
from convnet.functional import conv2d, depthwise_conv2d
from lesson_tools.counter import NETWORKS, inverted_residual_network, totals
from lesson_tools.efficient_networks.operations import (
    operations,
    random_network,
    random_parameters,
)
from lesson_tools.efficient_networks.questions import block_macs, full_filters
from lesson_tools.timing import seconds


def test_a_separable_convolution_equals_a_full_one():
    rng = np.random.default_rng(0)
    x, D, P = (rng.normal(size=size) for size in ((2, 8, 9, 3), (3, 3, 3), (1, 1, 3, 5)))
    separable = conv2d(depthwise_conv2d(x, D), P)
    np.testing.assert_allclose(separable, conv2d(x, full_filters(D, P)))


def test_the_block_of_the_lesson_is_that_of_the_network():
    rng = np.random.default_rng(0)
    shapes = ((1, 1, 8, 48), (5, 5, 48), (1, 1, 48, 8))
    expand, spatial, project = (random_parameters(rng, *shape) for shape in shapes)
    x = rng.normal(size=(1, 7, 7, 8)).astype(np.float32)
    A = np.clip(conv2d(x, *expand), 0, 6)
    A = np.clip(depthwise_conv2d(A, *spatial, padding=2), 0, 6)
    expected = x + conv2d(A, *project)
    block = Block(expand, spatial, project, stride=1, shortcut=True)
    np.testing.assert_allclose(block(x), expected, atol=1e-4)


def test_the_measured_operations_are_all_convolutions_of_the_network():
    image = np.zeros((1, 224, 224, 3), np.float32)
    measured = list(operations(random_network(), image, repeats=1))
    assert len(measured) == 1 + 2 + 15 * 3 + 1
    n_macs = sum(operation.macs for operation in measured)
    assert n_macs + 1280 * 1000 == totals(*NETWORKS["EfficientNet-Lite0"])[1]


def test_the_macs_of_the_blocks_add_up():
    n, k, n_macs = 112, 32, 0
    for expansion, f, c, blocks, stride in STAGES:
        for s in (stride, *[1] * (blocks - 1)):
            n_macs += block_macs(n, k, c, expansion, f, s) - (expansion == 1) * n * n * k * k
            n, k = n // s, c
    n_macs += 112**2 * 27 * 32 + 49 * 320 * 1280 + 1280 * 1000
    assert n_macs == totals(inverted_residual_network(STAGES), (224, 224, 3))[1]


def test_the_shortest_time_is_reported(monkeypatch):
    clock = iter([0, 5, 10, 12, 20, 27])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    assert seconds(lambda: None, repeats=3) == pytest.approx(2)
