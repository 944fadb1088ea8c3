"""Explorables: interactive figures in notebooks and on the course's site.

Each explorable is HTML that includes its style, script and data: nothing is fetched, and a reader's
own picture stays in the page. Without scripts, as on GitHub and in print, a still figure is shown
instead. The scripts are files in this folder; `drawing.js` has the code that they share.
"""

import base64
import json
import uuid
from collections.abc import Mapping
from importlib import resources
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from convnet.edges import MEAN, EdgeNetwork, halved, load_blocks, normalized
from convnet.functional import conv2d, conv_transpose2d, relu
from convnet.plots import draw_grid, draw_image
from convnet.sizes import conv_output_shape, conv_transpose_output_shape
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.sweep import axes_for_grids

__all__ = ["explore_edges", "explore_kernel", "explore_sizes"]

COLORS = 11  # colors stored per palette; the others are interpolated
CAPTION = "Run this cell in Jupyter to change the numbers."


def explore_kernel(image: ArrayLike, kernels: Mapping[str, ArrayLike]) -> FigureOutput:
    """
    Show the output of a 3x3 kernel for an image; the reader changes the kernel and the image.

    At each position of the kernel, its window, the products and their sum are shown.

    Parameters
    ----------
    image : array of shape (n_H, n_W)
        Image, which readers can replace with their own picture.
    kernels : dict of arrays of shape (3, 3)
        Kernels to choose from, by name. The first one is shown at the start.

    Returns
    -------
    picture : FigureOutput
        Output to use as the last value of a cell.

    Raises
    ------
    ValueError
        The image is smaller than a kernel, there is no kernel, or a kernel is not 3x3.
    """
    X = np.asarray(image, dtype=float)
    weights = {name: np.asarray(W, dtype=float) for name, W in kernels.items()}
    if X.ndim != 2 or min(X.shape) < 3:
        raise ValueError(f"expected an image of at least 3 rows and 3 columns, got {X.shape}")
    if not weights:
        raise ValueError('expected at least one kernel, such as {"blur": np.ones((3, 3)) / 9}')
    for name, W in weights.items():
        if W.shape != (3, 3):
            raise ValueError(f"expected kernels of shape (3, 3), got {W.shape} for {name!r}")
    name, W = next(iter(weights.items()))
    text = (
        f"An image and its cross-correlation with the kernel {name}. Below them, the window in the "
        "middle of the image, the kernel, and their products, whose sum is the output there."
    )
    return _explorable(
        "kernel",
        _draw_kernel(X, name, W),
        text,
        image=_array(X),
        kernels=[{"name": name, "weights": W.tolist()} for name, W in weights.items()],
    )


def _draw_kernel(X: Array, name: str, W: Array) -> Figure:
    Z = conv2d(X[None, :, :, None], W[:, :, None, None])[0, :, :, 0]
    h, w = (min(n // 2, n_out - 1) for n, n_out in zip(X.shape, Z.shape, strict=True))
    patch = X[h : h + 3, w : w + 3]
    signed = abs(W.sum()) < 1e-9 or X.min() < 0
    fig, axes = plt.subplot_mosaic(
        "aaabbb;ccddee", figsize=(7, 4.6), height_ratios=[3, 2], layout="constrained"
    )
    draw_image(axes["a"], X, "input", scale=False)
    draw_image(axes["b"], Z, name, None if signed else (0, X.max()), scale=False)
    draw_grid(axes["c"], patch, "window")
    draw_grid(axes["d"], W.round(4), "kernel")
    draw_grid(axes["e"], patch * W, f"products, sum {Z[h, w] + 0:.4g}")
    for ax in axes.values():
        ax.set(xticks=[], yticks=[])
    return fig


def explore_sizes(
    rows: int = 6,
    columns: int = 6,
    f: int = 3,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
    transposed: bool = False,
) -> FigureOutput:
    """
    Show where a kernel stops on a small input, and the output size; the reader changes all sizes.

    Parameters
    ----------
    rows, columns : int
        Size of the input, 1 to 8.
    f, stride, padding, dilation : int
        Kernel size, 1 to 5; step, 1 to 4; zeros on each side, 0 to 4, which a transposed
        convolution crops; distance between neighboring weights, 1 to 3.
    output_padding : int
        Output padding of a transposed convolution, less than the stride.
    transposed : bool
        True to begin with the transposed convolution.

    Returns
    -------
    picture : FigureOutput
        Output to use as the last value of a cell.

    Raises
    ------
    ShapeError
        The sizes are not compatible; see `convnet.sizes`.
    ValueError
        A number is outside its range.
    """
    ranges = {
        "rows": (rows, 1, 8),
        "columns": (columns, 1, 8),
        "f": (f, 1, 5),
        "stride": (stride, 1, 4),
        "padding": (padding, 0, 4),
        "dilation": (dilation, 1, 3),
        "output_padding": (output_padding, 0, 3),
    }
    for name, (value, low, high) in ranges.items():
        if not low <= value <= high:
            raise ValueError(f"{name} is {value}, expected {low} to {high}")
    rng = np.random.default_rng(0)
    X, W = rng.integers(0, 10, size=(8, 8)), rng.integers(-2, 4, size=(5, 5))
    A, kernel = X[:rows, :columns], _dilated(W[:f, :f], dilation)
    span, matrices = len(kernel), (A[None, :, :, None], kernel[:, :, None, None])
    if transposed:
        size = conv_transpose_output_shape(A.shape, span, stride, padding, output_padding)
        Z = conv_transpose2d(*matrices, None, stride, padding, output_padding)[0, :, :, 0]
    else:
        size = conv_output_shape(A.shape, span, stride, padding)
        Z = conv2d(*matrices, None, stride, padding)[0, :, :, 0]
    kind = "transposed convolution" if transposed else "convolution"
    text = (
        f"A {kind}: an input of {rows} by {columns}, a kernel of {f} by {f}, stride {stride}, "
        f"padding {padding}, dilation {dilation}, and its output of {size[0]} by {size[1]}."
    )
    return _explorable(
        "sizes",
        _draw_sizes(A, kernel, Z, padding, transposed),
        text,
        input=X.tolist(),
        kernel=W.tolist(),
        start={name: value for name, (value, *_) in ranges.items()} | {"transposed": transposed},
        ranges={name: [low, high] for name, (_, low, high) in ranges.items()},
    )


def _dilated(W: Array, dilation: int) -> Array:
    """Return a kernel with zeros between its weights."""
    kernel = np.zeros([dilation * (n - 1) + 1 for n in W.shape], dtype=W.dtype)
    kernel[::dilation, ::dilation] = W
    return kernel


def _draw_sizes(A: Array, kernel: Array, Z: Array, padding: int, transposed: bool) -> Figure:
    pad = 0 if transposed else padding
    X, is_padding = np.pad(A, pad), np.pad(np.zeros(A.shape, bool), pad, constant_values=True)
    fig = plt.figure(figsize=(7, 3.6))
    axes = axes_for_grids(fig, [X.shape, kernel.shape, Z.shape])
    draw_grid(axes[0], X, "padded input" if pad else "input", hatched=is_padding)
    draw_grid(axes[1], kernel, "kernel")
    draw_grid(axes[2], Z, f"output, {Z.shape[0]} x {Z.shape[1]}")
    for ax in axes:
        ax.set(xticks=[], yticks=[])
    return fig


def explore_edges(photo: Array) -> FigureOutput:
    """
    Show the network that draws edges, layer by layer, on a photograph or a picture of the reader's.

    The network consists of the first two blocks of HED with their second side output, which come
    with the course. For each value of a feature map, its window, the kernel, the products and the
    sum are shown.

    Parameters
    ----------
    photo : array of shape (n_H, n_W, 3), uint8
        Red, green and blue, with even height and width. The network is computed in the reader's
        browser, in a few seconds for 128 pixels of the longer side.

    Returns
    -------
    picture : FigureOutput
        Output to use as the last value of a cell; it takes 0.7 MB because it includes the weights.

    Raises
    ------
    ValueError
        The array is not a color photograph, or its height or width is odd.
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
    return _explorable(
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


def _explorable(name: str, figure: Figure, text: str, **settings: Any) -> FigureOutput:
    """Return an explorable with its still figure, and close the figure."""
    # A lesson may have seeded the global generators, but the explorables of a page must differ.
    token = uuid.uuid4().hex[:12]
    palette = {"signed": _palette("PuOr"), "positive": _palette("Blues")}
    given = json.dumps({"token": token, "palette": palette, **settings}, separators=(",", ":"))
    style, drawing, script = (
        resources.files("lesson_tools.explorables").joinpath(file).read_text("utf-8")
        for file in ("explorables.css", "drawing.js", f"{name}.js")
    )
    still = present(figure, text)
    page = (
        f'<div class="lesson-explorable" data-explorable="{token}">'
        f'<div class="lesson-explorable-still">{still.data}<div>{CAPTION}</div></div>'
        "</div>\n"
        f"<style>\n{style}</style>\n"
        f"<script>\n(() => {{\n{drawing}\n{script}\n"
        f"start{name.capitalize()}({given});\n}})();\n</script>"
    )
    return FigureOutput(page, still.png, text)


def _palette(name: str) -> list[list[int]]:
    """Return the colors of a matplotlib palette, red, green and blue from 0 to 255."""
    colors = plt.get_cmap(name)(np.linspace(0, 1, COLORS))[:, :3]
    return [[round(255 * float(value)) for value in color] for color in colors]


def _array(values: Array) -> dict[str, Any]:
    """Encode an array for a script, with one byte per number if that is exact."""
    whole = np.array_equal(values, values.round())
    small = whole and values.min() >= 0 and values.max() <= 255
    kind, dtype = ("Uint8Array", "u1") if small else ("Float64Array", "<f8")
    numbers = base64.b64encode(values.astype(dtype).tobytes()).decode()
    return {"numbers": numbers, "kind": kind, "rows": values.shape[0], "columns": values.shape[1]}
