"""The network that draws edges, layer by layer, on a photograph or on the reader's picture."""

import base64
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from convnet.edges import MEAN, EdgeNetwork, halved, load_blocks, normalized
from convnet.functional import conv2d, relu
from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.explorables.page import explorable
from lesson_tools.figures import FigureOutput


def explore_edges(photo: Array) -> FigureOutput:
    """Show the edge network, layer by layer, on a photograph or a picture of the reader's.

    The network consists of the first two blocks of HED with their second side output, which come
    with the course. For each value of a feature map, its window, the kernel, the products and the
    sum are shown.

    Parameters
    ----------
    photo : ndarray of shape (n_H, n_W, 3), uint8
        Red, green and blue, with even height and width. The network is computed in the reader's
        browser, in a few seconds for 128 pixels of the longer side.

    Returns
    -------
    picture : FigureOutput
        Output to use as the last value of a cell; it takes 0.7 MB because it includes the weights.

    Raises
    ------
    ValueError
        If the array is not a color photograph, or its height or width is odd.
    """
    if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8:
        raise ValueError(
            f"expected a photograph of shape (height, width, 3) and dtype uint8, got {photo.shape} "
            f"and {photo.dtype}"
        )
    n_H, n_W, _ = photo.shape
    if n_H % 2 or n_W % 2:
        raise ValueError(f"expected an even height and width, got {n_H} x {n_W}")
    network = load_blocks()
    layers: list[dict[str, Any]] = []
    parameters = []
    for number, block in enumerate(network.blocks, 1):
        if number > 1:
            layers.append({"name": "pooling", "kind": "pool"})
        for place, (W, b) in enumerate(block, 1):
            name = f"block {number}, convolution {place}"
            layers.append(_convolution(name, W) | {"relu": True})
            parameters += [W, b]
    side = network.sides[-1]
    layers += [_convolution("side output", side[0]), {"name": "edges", "kind": "edges"}]
    # The network's file has float16 numbers, so nothing is rounded here.
    numbers = b"".join(array.astype("<f2").tobytes() for array in (*parameters, *side))
    return explorable(
        "edges",
        _draw_edges(photo, network),
        "A photograph, a feature map of each of the two blocks of a network, brighter where it "
        "responds more, and the edges that it draws, dark on white.",
        photo={
            "rows": n_H,
            "columns": n_W,
            "colors": base64.b64encode(photo.tobytes()).decode(),
        },
        layers=layers,
        weights=base64.b64encode(numbers).decode(),
        mean=MEAN.tolist(),
    )


def _convolution(name: str, W: Array) -> dict[str, Any]:
    f, _, n_C_prev, n_C = W.shape
    return {"name": name, "kind": "conv", "f": f, "n_C_prev": n_C_prev, "n_C": n_C}


def _draw_edges(photo: Array, network: EdgeNetwork) -> Figure:
    maps, strongest = normalized(photo), []
    for number, block in enumerate(network.blocks):
        maps = halved(maps) if number else maps
        for W, b in block:
            maps = relu(conv2d(maps, W, b, padding=1))
        channel = int(maps.mean(axis=(0, 1, 2)).argmax())
        strongest.append((channel, maps[0, :, :, channel]))
    fig, axes = plt.subplots(2, 2, figsize=(7, 5), layout="constrained")
    draw_image(axes[0, 0], photo, "photograph", (0, 255), scale=False)
    for ax, number, (channel, values) in zip(axes.flat[1:], (1, 2), strongest, strict=False):
        draw_image(ax, values, f"block {number}, channel {channel}", scale=False)
    draw_image(axes[1, 1], 1 - network.draw(photo), "edges", (0, 1), scale=False)
    return fig
