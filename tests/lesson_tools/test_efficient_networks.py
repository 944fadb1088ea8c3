"""The lesson on efficient networks: its network, its counts and its exercises."""

from functools import partial

import numpy as np
import pytest

from convnet.efficientnet import STAGES, Block, EfficientNetLite0
from convnet.functional import conv2d, depthwise_conv2d
from lesson_tools.counter import NETWORKS, count, inverted_residual_network, totals
from lesson_tools.efficient_networks.questions import (
    block_macs,
    full_filters,
    nearest_separable,
)
from lesson_tools.timing import seconds
from tests.lesson_tools.cells import defined

LESSON = "23_efficient_networks"
rng = np.random.default_rng(0)


def random(*shape):
    return rng.normal(size=shape).astype(np.float32)


def test_a_separable_convolution_equals_a_full_one():
    x, D, P = (rng.normal(size=size) for size in ((2, 8, 9, 3), (3, 3, 3), (1, 1, 3, 5)))
    separable = defined(LESSON, "separable")["separable"](x, D, P)
    np.testing.assert_allclose(separable, conv2d(depthwise_conv2d(x, D), P))
    np.testing.assert_allclose(separable, conv2d(x, full_filters(D, P)))


def test_the_nearest_separable_filters_of_separable_ones_are_the_same():
    W = full_filters(rng.normal(size=(3, 3, 4)), rng.normal(size=(1, 1, 4, 6)))
    np.testing.assert_allclose(nearest_separable(W), W)
    W = rng.normal(size=W.shape)
    nearest = nearest_separable(W)
    np.testing.assert_allclose(nearest_separable(nearest), nearest)
    assert abs(np.sum(nearest * (W - nearest))) < 1e-9  # the projection is orthogonal


def test_the_network_of_the_lesson_is_that_of_the_package():
    lite0 = defined(LESSON, "inverted_residual", "lite0")["lite0"]
    with_bias = lambda *shape: (random(*shape), random(shape[-1]))  # noqa: E731
    blocks = (
        Block(None, with_bias(3, 3, 4), with_bias(1, 1, 4, 6), 1, False),
        Block(with_bias(1, 1, 6, 9), with_bias(5, 5, 9), with_bias(1, 1, 9, 6), 1, True),
        Block(with_bias(1, 1, 6, 9), with_bias(3, 3, 9), with_bias(1, 1, 9, 8), 2, False),
    )
    network = EfficientNetLite0(
        with_bias(3, 3, 3, 4), blocks, with_bias(1, 1, 8, 10), with_bias(10, 7)
    )
    images = random(2, 24, 24, 3)
    np.testing.assert_allclose(lite0(network, images), network.scores(images), rtol=1e-4, atol=1e-3)


def test_all_convolutions_of_the_network_are_measured():
    variables = {"count": count, "conv2d": conv2d, "depthwise_conv2d": depthwise_conv2d}
    variables |= {
        "partial": partial,
        "random": random,
        "seconds": lambda call, repeats: 0 * call().size,
    }
    architecture, shape = NETWORKS["EfficientNet-Lite0"]
    measured = defined(LESSON, "measure", **variables)["measure"](architecture, shape)
    kinds = [kind for kind, _, _ in measured]
    assert [kinds.count(kind) for kind in ("full", "depthwise", "pointwise")] == [1, 16, 32]
    assert sum(macs for _, macs, _ in measured) + 1280 * 1000 == totals(architecture, shape)[1]


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
