"""Count parameters and MACs of a list of layers, as in the lesson "Architectures".

Later lessons also count depthwise convolutions, batch normalization after a convolution, and
convolutions on the shortcut of a block. `NETWORKS` contains six networks for the 1,000 classes of
ImageNet.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from convnet.efficientnet import STAGES as LITE0_STAGES
from convnet.sizes import conv_output_shape

__all__ = [
    "NETWORKS",
    "LayerCount",
    "conv",
    "count",
    "dense",
    "depthwise",
    "inverted_residual_network",
    "pool",
    "show",
    "totals",
]

Layer = dict[str, Any]
Shape = tuple[int, ...]
Stage = tuple[int, int, int, int, int]


class LayerCount(NamedTuple):
    """Costs of a layer, and the shape of its output."""

    kind: str
    shape: Shape
    parameters: int
    macs: int


def conv(
    n_C: int, f: int = 3, stride: int = 1, pad: int = 0, groups: int = 1, norm: bool = False
) -> Layer:
    """Return the description of a convolution layer, with biases or with batch normalization."""
    sizes = {"n_C": n_C, "f": f, "stride": stride, "pad": pad, "groups": groups}
    return {"kind": "conv", **sizes, "norm": norm}


def depthwise(f: int = 3, stride: int = 1, norm: bool = False) -> Layer:
    """Return a convolution with one kernel per channel, padded to keep the size at stride 1."""
    return {"kind": "depthwise", "f": f, "stride": stride, "pad": f // 2, "norm": norm}


def pool(f: int = 2, stride: int = 2, pad: int = 0) -> Layer:
    """Return a pooling layer."""
    return {"kind": "pool", "f": f, "stride": stride, "pad": pad}


def dense(n: int) -> Layer:
    """Return a dense layer with n units, which flattens its input."""
    return {"kind": "dense", "n": n}


def count(architecture: Sequence[Layer], shape: Shape) -> list[LayerCount]:
    """Return a LayerCount for each layer; shape is the image's, (n_H, n_W, n_C)."""
    rows = []
    for layer in architecture:
        weights = others = 0  # others: biases, or scales and shifts
        positions = 1
        if layer["kind"] == "dense":
            weights, others = math.prod(shape) * layer["n"], layer["n"]
            output: Shape = (layer["n"],)
        else:
            n_H, n_W = conv_output_shape(
                (shape[0], shape[1]), layer["f"], layer["stride"], layer["pad"]
            )
            n_C = layer.get("n_C", shape[2])  # pooling and depthwise ones keep the channels
            if layer["kind"] != "pool":
                positions = n_H * n_W
                groups = layer.get("groups", shape[2])
                weights = layer["f"] ** 2 * (shape[2] // groups) * n_C
                others = 2 * n_C if layer["norm"] else n_C
            output = (n_H, n_W, n_C)
        rows.append(LayerCount(layer["kind"], output, weights + others, positions * weights))
        if layer["kind"] != "shortcut":  # the next layer reads the input of the block, too
            shape = output
    return rows


def totals(architecture: Sequence[Layer], shape: Shape) -> tuple[int, int, int]:
    """Return the parameters, MACs and activations of the whole network."""
    rows = count(architecture, shape)
    activations = sum(math.prod(row.shape) for row in rows)
    return sum(row.parameters for row in rows), sum(row.macs for row in rows), activations


def show(architecture: Sequence[Layer], shape: Shape) -> None:
    """Print the table of an architecture; layers with parameters are numbered."""
    print(f"{'layer':<13}{'output':<16}{'parameters':>12}{'MACs':>16}{'activations':>13}")
    number = 0
    for row in count(architecture, shape):
        number += row.parameters > 0
        name = f"{number:>2} {row.kind}" if row.parameters else f"   {row.kind}"
        size = " x ".join(map(str, row.shape))
        values = math.prod(row.shape)
        print(f"{name:<13}{size:<16}{row.parameters:>12,}{row.macs:>16,}{values:>13,}")
    parameters, macs, activations = totals(architecture, shape)
    print(f"{'total':<29}{parameters:>12,}{macs:>16,}{activations:>13,}")


def inverted_residual_network(stages: Sequence[Stage]) -> list[Layer]:
    """Return MobileNetV2 or EfficientNet-Lite0: convolution, inverted residual blocks, classifier.

    Parameters
    ----------
    stages : sequence of tuples
        For each stage: expansion factor of its blocks, kernel size, output channels, number of
        blocks, and stride of the first block.

    Returns
    -------
    architecture : list of dicts
        Layers for `count`.
    """
    n_C, layers = 32, [conv(32, 3, stride=2, pad=1, norm=True)]
    for expansion, f, n_C_next, blocks, stride in stages:
        for s in [stride] + [1] * (blocks - 1):
            layers += [conv(expansion * n_C, 1, norm=True)] if expansion > 1 else []
            layers += [depthwise(f, s, norm=True), conv(n_C_next, 1, norm=True)]
            n_C = n_C_next
    return [*layers, conv(1280, 1, norm=True), pool(7, 7), dense(1000)]


def _alexnet() -> list[Layer]:
    layers = [conv(96, 11, stride=4), pool(3, 2), conv(256, 5, pad=2, groups=2), pool(3, 2)]
    layers += [conv(384, pad=1), conv(384, pad=1, groups=2), conv(256, pad=1, groups=2)]
    return [*layers, pool(3, 2), dense(4096), dense(4096), dense(1000)]


def _vgg16() -> list[Layer]:
    layers = []
    for times, n_C in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        layers += [conv(n_C, pad=1)] * times + [pool()]
    return [*layers, dense(4096), dense(4096), dense(1000)]


def _resnet50() -> list[Layer]:
    layers = [conv(64, 7, stride=2, pad=3, norm=True), pool(3, 2, pad=1)]
    for stage, (blocks, n_C) in enumerate(((3, 64), (4, 128), (6, 256), (3, 512))):
        for block in range(blocks):
            s = 2 if stage > 0 and block == 0 else 1
            if block == 0:  # the shortcut needs the channels and the size of the block's output
                layers.append({**conv(4 * n_C, 1, s, norm=True), "kind": "shortcut"})
            layers += [conv(n_C, 1, norm=True), conv(n_C, 3, s, pad=1, norm=True)]
            layers.append(conv(4 * n_C, 1, norm=True))
    return [*layers, pool(7, 7), dense(1000)]


def _mobilenet() -> list[Layer]:
    layers = [conv(32, 3, stride=2, pad=1, norm=True)]
    widths = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5]
    for n_C, s in [*widths, (1024, 2), (1024, 1)]:
        layers += [depthwise(3, s, norm=True), conv(n_C, 1, norm=True)]
    return [*layers, pool(7, 7), dense(1000)]


MOBILENET_V2_STAGES = (
    (1, 3, 16, 1, 1),
    (6, 3, 24, 2, 2),
    (6, 3, 32, 3, 2),
    (6, 3, 64, 4, 2),
    (6, 3, 96, 3, 1),
    (6, 3, 160, 3, 2),
    (6, 3, 320, 1, 1),
)
PHOTO = (224, 224, 3)
NETWORKS: dict[str, tuple[list[Layer], Shape]] = {  # with the shape of the image
    "AlexNet": (_alexnet(), (227, 227, 3)),
    "VGG-16": (_vgg16(), PHOTO),
    "ResNet-50": (_resnet50(), PHOTO),
    "MobileNet": (_mobilenet(), PHOTO),
    "MobileNetV2": (inverted_residual_network(MOBILENET_V2_STAGES), PHOTO),
    "EfficientNet-Lite0": (inverted_residual_network(LITE0_STAGES), PHOTO),
}
