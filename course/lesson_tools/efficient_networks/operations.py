"""Measured times of convolutions, for the lesson "Efficient networks"."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from convnet.efficientnet import STAGES, Block, EfficientNetLite0, Parameters, relu6, same
from convnet.functional import conv2d, depthwise_conv2d
from convnet.types import Array
from lesson_tools.timing import seconds

__all__ = ["Operation", "operations", "random_network", "random_parameters"]


class Operation(NamedTuple):
    """A measured convolution.

    Attributes
    ----------
    part : str
        "stem", the number of the block from "1" to "16", or "head".
    kind : str
        "full", "depthwise" or "pointwise".
    macs : int
        Multiply-accumulates.
    seconds : float
        Time.
    """

    part: str
    kind: str
    macs: int
    seconds: float


def random_parameters(rng: np.random.Generator, *shape: int) -> Parameters:
    """Draw weights of variance 2 / inputs, and biases of 0; the last axis is the outputs'."""
    W = rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape)
    return W.astype(np.float32), np.zeros(shape[-1], np.float32)


def random_network(seed: int = 0) -> EfficientNetLite0:
    """Build EfficientNet-Lite0 with random weights."""
    rng = np.random.default_rng(seed)
    blocks, n_C = [], 32
    for expansion, f, n_C_next, number, stride in STAGES:
        for place in range(number):
            wide = expansion * n_C
            expand = random_parameters(rng, 1, 1, n_C, wide) if expansion > 1 else None
            depthwise = random_parameters(rng, f, f, wide)
            project = random_parameters(rng, 1, 1, wide, n_C_next)
            blocks.append(Block(expand, depthwise, project, 1 if place else stride, place > 0))
            n_C = n_C_next
    stem, head = random_parameters(rng, 3, 3, 3, 32), random_parameters(rng, 1, 1, n_C, 1280)
    return EfficientNetLite0(stem, tuple(blocks), head, random_parameters(rng, 1280, 1000))


def operations(network: EfficientNetLite0, image: Array, repeats: int = 5) -> Iterator[Operation]:
    """Measure each convolution of the network for one image, (1, n_H, n_W, 3)."""

    def measure(part: str, kind: str, W: Array, compute: Callable[[], Array]) -> Operation:
        n_H, n_W = compute().shape[1:3]
        return Operation(part, kind, n_H * n_W * W.size, seconds(compute, repeats))

    x = same(image, 3, 2)
    yield measure("stem", "full", network.stem[0], lambda: conv2d(x, *network.stem, stride=2))
    A = relu6(conv2d(x, *network.stem, stride=2))
    for number, block in enumerate(network.blocks, 1):
        yield from _in_block(str(number), block, A, measure)
        A = block(A)
    yield measure("head", "pointwise", network.head[0], lambda: conv2d(A, *network.head))


def _in_block(
    part: str, block: Block, A: Array, measure: Callable[..., Operation]
) -> Iterator[Operation]:
    """Measure the two or three convolutions of a block."""
    if expand := block.expand:
        yield measure(part, "pointwise", expand[0], lambda: conv2d(A, *expand))
    wide = relu6(conv2d(A, *expand)) if expand else A
    W, b = block.depthwise
    padded = same(wide, len(W), block.stride)
    yield measure(part, "depthwise", W, lambda: depthwise_conv2d(padded, W, b, block.stride))
    deep = relu6(depthwise_conv2d(padded, W, b, block.stride))
    yield measure(part, "pointwise", block.project[0], lambda: conv2d(deep, *block.project))
