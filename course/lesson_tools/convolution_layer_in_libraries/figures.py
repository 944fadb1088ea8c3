"""Figures of the lesson "The convolution layer in libraries", and copies of a network with bugs."""

from collections.abc import Callable
from functools import cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from convnet.data import load_sample_image
from convnet.edges import EdgeNetwork, enlarge, halved, load_blocks, normalized
from convnet.functional import conv2d, relu
from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.cross_correlation import cross_correlated
from lesson_tools.figures import FigureOutput, animate, present
from lesson_tools.sweep import axes_for_grids

__all__ = [
    "BUGS",
    "copy_a_minus_c",
    "difference",
    "drawing",
    "edges",
    "flower",
    "gallery",
    "lanes",
    "logits",
    "memory",
    "three_copies",
    "two_shapes",
    "with_filters",
]

BLUE, ORANGE = "tab:blue", "tab:orange"


def flower() -> Array:
    """Return the photograph that the copies draw, (214, 200, 3), uint8."""
    return load_sample_image("flower.jpg")[::2, 120:520:2]


def with_filters(network: EdgeNetwork, change: Callable[[Array], Array]) -> EdgeNetwork:
    """Return a network with the filters of each layer changed."""
    blocks = tuple(tuple((change(W), b) for W, b in block) for block in network.blocks)
    return EdgeNetwork(blocks, tuple((change(W), b) for W, b in network.sides))


def without_biases(network: EdgeNetwork) -> EdgeNetwork:
    """Return a network with all biases 0."""
    blocks = tuple(tuple((W, 0 * b) for W, b in block) for block in network.blocks)
    return EdgeNetwork(blocks, tuple((W, 0 * b) for W, b in network.sides))


def logits(network: EdgeNetwork, maps: Array) -> Array:
    """Return the output of the last 1x1 convolution for a normalized photograph."""
    for number, block in enumerate(network.blocks):
        if number > 0:
            maps = halved(maps)
        for W, b in block:
            maps = relu(conv2d(maps, W, b, padding=1))
    return conv2d(maps, *network.sides[-1])


def edges(network: EdgeNetwork, maps: Array) -> Array:
    """Return the probability of an edge at each pixel of a normalized photograph."""
    upsampled = enlarge(logits(network, maps)[0, :, :, 0], maps.shape[1:3])
    probabilities: Array = np.exp(-np.logaddexp(0, -upsampled))
    return probabilities


def _reshaped(maps: Array) -> Array:
    """Reshape a batch to channels first, as if the channels could be moved in this way."""
    m, n_H, n_W, n_C = maps.shape
    return maps.reshape(m, n_C, n_H, n_W).transpose(0, 2, 3, 1)


# What a copy does with the network and with a photograph, by the name of its bug.
Bug = tuple[Callable[[EdgeNetwork], EdgeNetwork], Callable[[Array], Array]]
BUGS: dict[str, Bug] = {
    "no bug": (lambda network: network, normalized),
    "rows and columns swapped": (
        lambda network: with_filters(network, lambda W: W.swapaxes(0, 1)),
        normalized,
    ),
    "filters reshaped": (
        lambda network: with_filters(network, lambda W: W.transpose(3, 2, 0, 1).reshape(W.shape)),
        normalized,
    ),
    "kernels flipped": (
        lambda network: with_filters(network, lambda W: W[::-1, ::-1]),
        normalized,
    ),
    "biases forgotten": (without_biases, normalized),
    "photograph reshaped": (lambda network: network, lambda x: _reshaped(normalized(x))),
    "red and blue swapped": (lambda network: network, lambda x: normalized(x[..., ::-1])),
    "mean not subtracted": (
        lambda network: network,
        lambda x: x[None, ..., ::-1].astype(np.float32),
    ),
    "pixels from 0 to 1": (lambda network: network, lambda x: normalized(x) / 255),
}


@cache
def drawn(bug: str) -> Array:
    """Return the drawing that a copy with this bug makes of the flower, white 1 and black 0."""
    change, prepare = BUGS[bug]
    drawing: Array = 1 - edges(change(load_blocks()), prepare(flower()))
    return drawing


def difference(bug: str) -> tuple[float, float]:
    """Return the mean and the largest difference between a copy's drawing and the right one."""
    error = np.abs(drawn(bug) - drawn("no bug"))
    return float(error.mean()), float(error.max())


def three_copies() -> FigureOutput:
    """Show the flower and the drawings of three copies of the network."""
    bugs = {"A": "rows and columns swapped", "B": "filters reshaped", "C": "no bug"}
    fig, axes = plt.subplots(2, 2, figsize=(6, 6.6), layout="constrained")
    draw_image(axes[0, 0], flower(), "photograph", (0, 255), scale=False)
    for ax, (letter, bug) in zip(axes.flat[1:], bugs.items(), strict=True):
        draw_image(ax, drawn(bug), f"copy {letter}", (0, 1), scale=False)
    return present(
        fig,
        "A photograph of a round flower with many petals, and three drawings. Copies A and C draw "
        "the rim of the flower and the outlines of its petals, and look alike. Copy B is an even "
        "gray, with the faintest trace of a flower.",
        "One is clearly wrong. Which of the other two is right?",
    )


def copy_a_minus_c() -> FigureOutput:
    """Show the difference between the drawings of copies A and C."""
    fig, ax = plt.subplots(figsize=(3.6, 3.6), layout="constrained")
    error = drawn("rows and columns swapped") - drawn("no bug")
    draw_image(ax, error, "A minus C", (-1, 1), scale=False)
    return present(
        fig,
        "The difference of two drawings: short orange and purple strokes along the rim of the "
        "flower and along its petals, and white between them.",
        "White where both agree, orange where copy A is darker, purple where it is lighter.",
    )


def memory(image: Array) -> FigureOutput:
    """Animate the numbers of a small image in memory, channels last and channels first."""
    orders = {
        "NHWC": (image.reshape(1, 12), ORANGE),
        "NCHW": (image.transpose(0, 3, 1, 2).reshape(1, 12), "black"),
    }

    def step(offset: int) -> Figure:
        fig, axes = plt.subplot_mosaic(
            [["0", "1"], ["NHWC", "NHWC"], ["NCHW", "NCHW"]],
            figsize=(7, 4.4),
            height_ratios=[2.2, 1, 1],
            layout="constrained",
        )
        marks: dict[int, list[Any]] = {0: [], 1: []}
        positions = []
        for name, (sequence, color) in orders.items():
            value = int(sequence[0, offset])
            k = int(value >= 10)
            h, w = divmod(value // 10**k - 1, 3)
            marks[k].append((h, w, 1, 1, color))
            positions.append(f"{name}: row {h}, column {w}, channel {k}")
            window = [(0, offset, 1, 1, color)]
            draw_grid(axes[name], sequence, name, window, sequence >= 10, (0, 20))
            axes[name].set_yticks([])
        for k in range(2):
            values = image[0, :, :, k]
            draw_grid(axes[str(k)], values, f"channel {k}", marks[k], values >= 10, (0, 20))
        fig.suptitle(f"offset {offset}\n" + "\n".join(positions), fontsize=11)
        return fig

    return animate(
        step,
        range(12),
        "The two channels of the image as grids of 2 by 3, and below them the twelve numbers in "
        "memory, once in NHWC and once in NCHW order. An outline visits the offsets 0 to 11. NHWC: "
        "1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60; the channels alternate. NCHW: 1 to 6, then 10 "
        "to 60.",
        seconds=1.0,
        caption="Channel 1 is hatched. In NHWC the channels alternate, in NCHW they do not.",
    )


def lanes(images: tuple[int, ...], filters: tuple[int, ...]) -> FigureOutput:
    """Show the shapes of images, filters and outputs of a layer in Keras and in PyTorch."""
    m, n_H, n_W, n_C_prev = images
    f_H, f_W, _, n_C = filters
    fig, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
    ax.set(xlim=(-0.2, 11), ylim=(-0.2, 6.1))
    ax.axis("off")
    array, layer = "#dbe9f6", "#f9c58d"
    boxes = [
        (0, 4.9, f"images, NHWC\n{images}", array),
        (4, 4.9, 'Conv2D in Keras\npadding="same"', layer),
        (8, 4.9, f"output, NHWC\n{(m, n_H, n_W, n_C)}", array),
        (4, 2.8, f"filters, HWIO\n{filters}", array),
        (4, 0.0, "Conv2d in PyTorch\npadding=1", layer),
        (0, 0.0, f"images, NCHW\n{(m, n_C_prev, n_H, n_W)}", array),
        (8, 0.0, f"output, NCHW\n{(m, n_C, n_H, n_W)}", array),
    ]
    for x, y, text, color in boxes:
        style: dict[str, Any] = {
            "boxstyle": "round,pad=0.1",
            "facecolor": color,
            "edgecolor": "0.3",
        }
        ax.add_patch(FancyBboxPatch((x, y), 2.8, 1, **style))
        ax.text(x + 1.4, y + 0.5, text, ha="center", va="center", fontsize=9)
    oihw = (n_C, n_C_prev, f_H, f_W)
    arrows: list[tuple[tuple[float, float], tuple[float, float], str]] = [
        ((2.95, 5.4), (3.85, 5.4), ""),
        ((6.95, 5.4), (7.85, 5.4), ""),
        ((2.95, 0.5), (3.85, 0.5), ""),
        ((6.95, 0.5), (7.85, 0.5), ""),
        ((5.4, 3.95), (5.4, 4.75), "unchanged"),
        ((5.4, 2.65), (5.4, 1.15), f"transpose(3, 2, 0, 1)\nOIHW {oihw}"),
        ((1.4, 4.75), (1.4, 1.15), "transpose\n(0, 3, 1, 2)"),
        ((9.4, 1.15), (9.4, 4.75), "transpose\n(0, 2, 3, 1)"),
    ]
    for start, end, label in arrows:
        _draw_arrow(ax, start, end, label)
    return present(
        fig,
        f"A flow chart. Upper lane: images in NHWC order, {images}, go through Conv2D in Keras and "
        f"become an output of {(m, n_H, n_W, n_C)}. The filters, HWIO, {filters}, enter it "
        "unchanged. Lower lane: the images are transposed by (0, 3, 1, 2) to "
        f"{(m, n_C_prev, n_H, n_W)}, go through Conv2d in PyTorch, with the filters transposed by "
        f"(3, 2, 0, 1) to {oihw}, and become {(m, n_C, n_H, n_W)}. The transpose (0, 2, 3, 1) "
        "leads from there to the output of the upper lane.",
        "From left to right, the same layer twice. Downward arrows lead to PyTorch, and one leads "
        "back.",
    )


def _draw_arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], label: str) -> None:
    """Draw an arrow with a label on its right."""
    ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "lw": 1.5, "color": "0.3"})
    x, y = ((a + b) / 2 for a, b in zip(start, end, strict=True))
    ax.text(x + 0.15, y, label, ha="left", va="center", fontsize=8.5, family="monospace")


def feature_map(image: Array, W: Array) -> Array:
    """Return the first feature map of filters of any shape (f_H, f_W, n_C_prev, n_C)."""
    channels = range(image.shape[2])
    maps = [cross_correlated(image[:, :, k], W[:, :, k, 0]) for k in channels]
    return np.sum(maps, axis=0)


def two_shapes(image: Array, W: Array) -> FigureOutput:
    """Show the first patches of filters in an image, and a feature map, right and swapped."""
    right, swapped = feature_map(image, W), feature_map(image, W.swapaxes(0, 1))
    fig = plt.figure(figsize=(7, 3.3))
    axes = axes_for_grids(fig, [image.shape[:2], right.shape, swapped.shape])
    scale = (min(right.min(), swapped.min()), max(right.max(), swapped.max()))
    patches = [(0, 0, 3, 4, ORANGE), (0, 0, 4, 3, "black")]
    draw_grid(axes[0], image[:, :, 0], "channel 0", patches)
    draw_grid(axes[1], right, "right", [(0, 0, 1, 1, ORANGE)], scale=scale)
    draw_grid(axes[2], swapped, "swapped", [(0, 0, 1, 1, "black")], scale=scale)
    return present(
        fig,
        "Channel 0 of the image, 7 by 7 numbers, with two patches outlined in its upper left "
        "corner: 3 rows and 4 columns (solid), and 4 rows and 3 columns (dashed). Next to it "
        "feature map 0 for the right kernels, 5 by 4, and for the swapped ones, 4 by 5. The "
        "numbers differ, too.",
        "The two feature maps have different shapes, so this mistake cannot hide.",
    )


def gallery() -> FigureOutput:
    """Show the network's drawing without a bug, and with each of eight bugs."""
    fig, axes = plt.subplots(3, 3, figsize=(7, 8.1), layout="constrained")
    for number, (ax, bug) in enumerate(zip(axes.flat, BUGS, strict=True)):
        title = bug if number == 0 else f"{number}: {bug}\n{difference(bug)[0]:.2f}"
        draw_image(ax, drawn(bug), "", (0, 1), scale=False)
        ax.set_title(title, fontsize=10)
    errors = "; ".join(
        f"{number}, {bug}, {difference(bug)[0]:.2f}" for number, bug in enumerate(BUGS) if number
    )
    return present(
        fig,
        "Nine drawings of the flower, the first without a bug. The others, with the mean "
        f"difference from the first: {errors}. 1, 3 and 4 look like the first. 6 has bolder "
        "lines. In 7 the background is full of gray spots. 2 and 8 are an even gray, and 5 shows "
        "only cracks.",
        "The number below each name is the mean difference from the right drawing.",
    )


def drawing(probabilities: Array) -> FigureOutput:
    """Show edge probabilities as a drawing, dark on white."""
    fig, ax = plt.subplots(figsize=(3.6, 3.6), layout="constrained")
    draw_image(ax, 1 - probabilities, "", (0, 1), scale=False)
    return present(fig, "A drawing of the outlines in a photograph, made by a copy of the network.")
