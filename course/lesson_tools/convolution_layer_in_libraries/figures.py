"""Figures of the lesson "The convolution layer in libraries", and copies with mistakes."""

from collections.abc import Callable
from functools import cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from convnet.data import load_sample_image
from convnet.edges import load_blocks, normalized
from convnet.functional import conv2d, relu
from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = [
    "BUGS",
    "difference",
    "drawing",
    "edges_of_copy",
    "flower",
    "gallery",
    "lanes",
    "three_copies",
    "trained_layers",
]

Layers = list[tuple[Array, Array]]  # pairs of weights, HWIO, and biases


def flower() -> Array:
    """Return the photograph that the copies draw, (214, 200, 3), uint8."""
    return load_sample_image("flower.jpg")[::2, 120:520:2]


def trained_layers() -> Layers:
    """Return the weights and biases of the network's first block and of its side output."""
    network = load_blocks()
    return [*network.blocks[0], network.sides[0]]


def edges(X: Array, layers: Layers) -> Array:
    """Return the probability of an edge at each pixel of a normalized photograph."""
    for W, b in layers[:-1]:
        X = relu(conv2d(X, W, b, padding=1))
    probabilities: Array = 1 / (1 + np.exp(-conv2d(X, *layers[-1])))
    return probabilities


def _reshaped(maps: Array) -> Array:
    """Reshape a batch to channels first, as if the channels could be moved in this way."""
    m, n_H, n_W, n_C = maps.shape
    return maps.reshape(m, n_C, n_H, n_W).transpose(0, 2, 3, 1)


# What a copy does with the weights of a layer and with a photograph, by the name of its mistake.
Bug = tuple[Callable[[Array, Array], tuple[Array, Array]], Callable[[Array], Array]]
BUGS: dict[str, Bug] = {
    "no mistake": (lambda W, b: (W, b), normalized),
    "rows and columns swapped": (lambda W, b: (W.swapaxes(0, 1), b), normalized),
    "filters reshaped": (
        lambda W, b: (W.transpose(3, 2, 0, 1).reshape(W.shape), b),
        normalized,
    ),
    "kernels flipped": (lambda W, b: (W[::-1, ::-1], b), normalized),
    "biases forgotten": (lambda W, b: (W, 0 * b), normalized),
    "photograph reshaped": (lambda W, b: (W, b), lambda photo: _reshaped(normalized(photo))),
    "red and blue swapped": (lambda W, b: (W, b), lambda photo: normalized(photo[..., ::-1])),
    "mean not subtracted": (
        lambda W, b: (W, b),
        lambda photo: photo[None, ..., ::-1].astype(np.float32),
    ),
    "divided by 255 as well": (lambda W, b: (W, b), lambda photo: normalized(photo) / 255),
}


def edges_of_copy(bug: str, photo: Array) -> Array:
    """Return the edge probabilities that a copy with this mistake computes for a photograph."""
    change, prepare = BUGS[bug]
    layers = [change(W, b) for W, b in trained_layers()]
    return edges(prepare(photo), layers)[0, :, :, 0]


@cache
def drawn(bug: str) -> Array:
    """Return the drawing that a copy with this mistake makes of the flower, white 1 and black 0."""
    drawing: Array = 1 - edges_of_copy(bug, flower())
    return drawing


def difference(bug: str) -> tuple[float, float]:
    """Return the mean and the largest difference between a copy's drawing and the right one."""
    error = np.abs(drawn(bug) - drawn("no mistake"))
    return float(error.mean()), float(error.max())


def three_copies() -> FigureOutput:
    """Show the flower and the drawings of three copies of the network."""
    bugs = {"A": "rows and columns swapped", "B": "filters reshaped", "C": "no mistake"}
    fig, axes = plt.subplots(2, 2, figsize=(6, 6.6), layout="constrained")
    draw_image(axes[0, 0], flower(), "photograph", (0, 255), scale=False)
    for ax, (letter, bug) in zip(axes.flat[1:], bugs.items(), strict=True):
        draw_image(ax, drawn(bug), f"copy {letter}", (0, 1), scale=False)
    return present(
        fig,
        "A photograph of a round flower with many petals, and three drawings. Copies A and C draw "
        "the rim of the flower and the outlines of its petals, and look alike. Copy B is an even "
        "gray, with the faintest trace of petals.",
        "One is clearly wrong. Which of the other two is right?",
    )


def lanes(images: tuple[int, ...], filters: tuple[int, ...]) -> FigureOutput:
    """Show the shapes of images, filters and outputs, without padding, in Keras and in PyTorch."""
    m, n_H, n_W, n_C_prev = images
    f_H, f_W, _, n_C = filters
    size = n_H - f_H + 1, n_W - f_W + 1
    fig, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
    ax.set(xlim=(-0.2, 11), ylim=(-0.2, 6.1))
    ax.axis("off")
    array, layer = "#dbe9f6", "#f9c58d"
    boxes = [
        (0, 4.9, f"images, NHWC\n{images}", array),
        (4, 4.9, "Conv2D in Keras", layer),
        (8, 4.9, f"output, NHWC\n{(m, *size, n_C)}", array),
        (4, 2.8, f"filters, HWIO\n{filters}", array),
        (4, 0.0, "Conv2d in PyTorch", layer),
        (0, 0.0, f"images, NCHW\n{(m, n_C_prev, n_H, n_W)}", array),
        (8, 0.0, f"output, NCHW\n{(m, n_C, *size)}", array),
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
        f"become an output of {(m, *size, n_C)}. The filters, HWIO, {filters}, enter it "
        "unchanged. Lower lane: the images are transposed by (0, 3, 1, 2) to "
        f"{(m, n_C_prev, n_H, n_W)}, go through Conv2d in PyTorch, with the filters transposed by "
        f"(3, 2, 0, 1) to {oihw}, and become {(m, n_C, *size)}. The transpose (0, 2, 3, 1) "
        "leads from there to the output of the upper lane.",
        "From left to right, the same layer twice. Downward arrows lead to PyTorch, and one leads "
        "back.",
    )


def _draw_arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], label: str) -> None:
    """Draw an arrow with a label on its right."""
    ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "lw": 1.5, "color": "0.3"})
    x, y = ((a + b) / 2 for a, b in zip(start, end, strict=True))
    ax.text(x + 0.15, y, label, ha="left", va="center", fontsize=8.5, family="monospace")


def gallery() -> FigureOutput:
    """Show the drawing of the right network, and of copies with eight mistakes."""
    fig, axes = plt.subplots(3, 3, figsize=(7, 8.1), layout="constrained")
    for number, (ax, bug) in enumerate(zip(axes.flat, BUGS, strict=True)):
        title = bug if number == 0 else f"{number}: {bug}\n{difference(bug)[0]:.3f}"
        draw_image(ax, drawn(bug), "", (0, 1), scale=False)
        ax.set_title(title, fontsize=10)
    errors = "; ".join(
        f"{number}, {bug}, {difference(bug)[0]:.3f}" for number, bug in enumerate(BUGS) if number
    )
    return present(
        fig,
        "Nine drawings of the flower, the first without a mistake. The others, with the mean "
        f"difference from the first: {errors}. 1, 3 and 4 look like the first. 6 has bolder "
        "lines. In 7 the background is full of gray spots. 2 and 8 are an even gray, and 5 is a "
        "gray pattern with distorted petals.",
        "The number below each name is the mean difference from the right drawing.",
    )


def drawing(probabilities: Array) -> FigureOutput:
    """Show edge probabilities as a drawing, dark on white."""
    fig, ax = plt.subplots(figsize=(3.6, 3.6), layout="constrained")
    draw_image(ax, 1 - probabilities, "", (0, 1), scale=False)
    return present(fig, "A drawing of the outlines in a photograph, made by a copy of the network.")
