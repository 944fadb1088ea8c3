"""Figures of the lesson "Padding"."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from convnet.edges import halved, load_blocks, normalized
from convnet.functional import conv2d, relu
from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.cross_correlation import BLUR, cross_correlated
from lesson_tools.figures import FigureOutput, animate, present
from lesson_tools.padding.questions import PADDED

__all__ = [
    "repaired",
    "slide",
    "three_programs",
    "touched",
    "wall",
    "which_mode",
]

BRIGHTNESS = (0, 255)
MODES = ("constant", "edge", "reflect", "wrap")
NAMES = {"constant": "zeros"}


def _frame(ax: Axes, padding: float, rows: int, columns: int) -> None:
    """Outline the image inside its padding."""
    corner = (padding - 0.5, padding - 0.5)
    ax.add_patch(plt.Rectangle(corner, columns, rows, fill=False, color="tab:orange", lw=2))


def _blurred(image: Array, times: int, mode: Any) -> Array:
    """Blur an image or each channel of it, and pad it first in this mode, unless that is None."""
    if image.ndim == 3:
        return np.dstack([_blurred(channel, times, mode) for channel in np.moveaxis(image, 2, 0)])
    for _ in range(times):
        padded = image if mode is None else np.pad(image, 1, mode=mode)
        image = cross_correlated(padded, BLUR)
    return image


def three_programs(photo: Array) -> FigureOutput:
    """Show a photograph, and the results of three programs after 25 blurs."""
    n_H, n_W = photo.shape[:2]
    image = photo.astype(float)
    outputs = {
        "the photograph": image,
        "program A": _blurred(image, 25, None),
        "program B": _blurred(image, 25, "constant"),
        "program C": _blurred(image, 25, "reflect"),
    }
    fig, axes = plt.subplots(2, 2, figsize=(7, 4.8), layout="constrained")
    for ax, (title, output) in zip(axes.flat, outputs.items(), strict=True):
        top, left = (n_H - output.shape[0]) / 2, (n_W - output.shape[1]) / 2
        extent = (left - 0.5, n_W - left - 0.5, n_H - top - 0.5, top - 0.5)
        ax.imshow(output / 255, extent=extent)
        ax.set(title=title, xlim=(-2, n_W + 1), ylim=(n_H + 1, -2), xticks=[], yticks=[])
    return present(
        fig,
        "Four images on one scale. A photograph of a cat's eyes and nose; and the same, blurred, "
        "from three programs. That of program A is smaller, with white all around it. That of "
        "program B is as large as the photograph, and it fades to black along the border. That of "
        "program C is as large, and it is evenly bright up to the border.",
        "Three programs, the same 25 blurs. Compare the borders.",
    )


def slide(strip: Array, kernel: Array) -> FigureOutput:
    """Animate a kernel of size 3 that slides over a vector, with FULL, SAME and VALID padding."""
    n, full = len(strip), np.correlate(strip, kernel, mode="full")
    padded = np.pad(strip, 2)
    outputs = [(2, 0, n + 1), (3, 1, n), (4, 2, n - 1)]  # row, first and last position
    hatched = np.zeros((5, n + 4), dtype=bool)
    hatched[0, [0, 1, -2, -1]] = True

    def draw(t: int) -> plt.Figure:
        table = np.full((5, n + 4), np.nan)
        table[0] = padded
        table[1, t : t + 3] = kernel
        for row, first, last in outputs:
            table[row, first + 1 : min(t, last) + 2] = full[first : min(t, last) + 1]
        boxes = [(0, t, 2, 3)]
        boxes += [(row, t + 1, 1, 1) for row, first, last in outputs if first <= t <= last]
        figure, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
        weights = [f"({weight})" if weight < 0 else f"{weight}" for weight in kernel]
        terms = " + ".join(f"{x}·{w}" for x, w in zip(padded[t : t + 3], weights, strict=True))
        draw_grid(ax, table, f"{terms} = {full[t]}", hatched=hatched, scale=(-2, 6))
        for row, column, height, width in boxes:
            corner = (column - 0.5, row - 0.5)
            ax.add_patch(plt.Rectangle(corner, width, height, fill=False, color="black", lw=3))
        ax.set_yticks(range(5), ["padded vector", "kernel", "FULL", "SAME", "VALID"], fontsize=10)
        ax.set_xticks([])
        return figure

    return animate(
        draw,
        range(n + 2),
        "The vector 2, 0, 1, 3, 1 with two hatched zeros on each side. The kernel 1, 2, -1 moves "
        "below it to 7 positions, and each dot product is written below the middle of the kernel. "
        "FULL takes all seven: -2, 4, 1, -1, 6, 5, 1. SAME takes the five whose middle lies on the "
        "vector: 4, 1, -1, 6, 5. VALID takes the three whose patch lies on the vector: 1, -1, 6.",
        seconds=1.4,
        caption="VALID is a part of SAME, and SAME is a part of FULL.",
    )


def touched(value: int = 200) -> list[int]:
    """Count the columns at the left border in which an even image does not give an even output.

    Return the counts after each convolution of the edge network, and in its drawing.
    """
    network, columns = load_blocks(), []
    image = np.full((64, 96, 3), value, np.uint8)
    maps = normalized(image)
    for number, block in enumerate(network.blocks):
        maps = halved(maps) if number else maps
        for W, b in block:
            maps = relu(conv2d(maps, W, b, padding=1))
            row = maps[0, maps.shape[1] // 2]
            columns.append(_uneven(row))
    drawing = network.draw(image)
    return [*columns, _uneven(drawing[32, :, None])]


def _uneven(row: Array) -> int:
    """Return how many columns at the left of a row (n_W, n_C) differ from the one in the middle."""
    half = len(row) // 2
    return int(np.argmax(np.all(np.abs(row[:half] - row[half]) < 1e-4, axis=1)))


def wall(image: Array, outlines: Array) -> FigureOutput:
    """Show an even image, the outlines that a network draws in it, and two rows of them."""
    middle, center = len(outlines) // 2, outlines.shape[1] // 2
    highest = int(outlines.max(axis=1).argmax())
    fig = plt.figure(figsize=(7, 4.4), layout="constrained")
    axes = fig.subplot_mosaic("ab;cc")
    draw_image(axes["a"], image, "a wall", (0, 255), scale=False)
    draw_image(axes["b"], 1 - outlines, "its outlines, from 0 (white) to 1", (0, 1), scale=False)
    axes["b"].title.set_fontsize(10)
    for row, color, style in ((highest, "tab:red", "s--"), (middle, "tab:blue", "o-")):
        axes["b"].axhline(row, color=color, ls=style[1:], lw=1.2)
        axes["c"].plot(outlines[row], style, color=color, markersize=3, label=f"row {row}")
    axes["c"].set(xlabel="column", ylabel="probability of an edge", ylim=(0, 1))
    axes["c"].legend()
    column = int(outlines[highest].argmax())
    border, inside, above = outlines[middle, 0], outlines[middle, center], outlines[highest, center]
    return present(
        fig,
        "An even image; the outlines that the network draws in it, dark on white; and curves of "
        f"the probability of an edge along two rows. In row {middle} it is {border:.2f} in column "
        f"0 and {inside:.3f} in the middle. In row {highest} it is {above:.2f} in the middle, and "
        f"{outlines.max():.2f}, the largest value of all, in column {column}.",
        "The wall is the same everywhere. Is the drawing? The lines mark the rows of the curves.",
    )


def repaired(truth: Array, drawings: Mapping[str, Array]) -> FigureOutput:
    """Show drawings of a part of a photograph, and how far they are from the true one."""
    fig, axes = plt.subplots(2, len(drawings), figsize=(7, 4.2), layout="constrained")
    for (above, below), (name, drawing) in zip(axes.T, drawings.items(), strict=True):
        draw_image(above, 1 - drawing, f"drawn with {name}", (0, 1), scale=False)
        error = np.abs(drawing - truth)
        draw_image(below, 1 - error, f"error with {name}", (0.5, 1), scale=False)
    means = [_outermost(np.abs(drawing - truth)) for drawing in drawings.values()]
    return present(
        fig,
        "Two drawings of the same part of a photograph, dark on white, and below each its distance "
        "from the true drawing, which is white except near the border. In the outermost rows and "
        "columns, the mean error is "
        + " and ".join(
            f"{mean:.2f} with {name}" for name, mean in zip(drawings, means, strict=True)
        )
        + ".",
        "Where do the drawings of the part differ from the drawing of the whole photograph?",
    )


def _outermost(image: Array) -> float:
    sides = (image[0], image[-1], image[1:-1, 0], image[1:-1, -1])
    return float(np.concatenate(sides).mean())


def which_mode() -> FigureOutput:
    """Show six padded images, whose modes are to be found."""
    fig, axes = plt.subplots(2, 3, figsize=(7, 4.6), layout="constrained")
    for number, (ax, (image, p, mode)) in enumerate(zip(axes.flat, PADDED, strict=True), 1):
        draw_image(
            ax,
            np.pad(image, p, mode=mode),
            f"{number}",
            (0, image.max()),
            scale=False,
        )
        _frame(ax, p, *image.shape)
    return present(
        fig,
        "Six images in orange frames, with padding around them. 1: printed words; outside the "
        "frame are the same words in mirror writing. 2: coins; those cut by a side of the frame "
        "are not completed outside of it, and there the other part of a coin from the opposite "
        "side begins. 3: a digit of 8 by 8 pixels; on each side of the frame, the first pixels "
        "outside equal the last ones inside, and the next ones are mirrored, too. 4: a face; "
        "outside the frame are straight stripes. 5: a part of a retina, which is black in one "
        "corner; outside the frame everything is black. 6: a digit of 8 by 8 pixels; outside the "
        "frame it is mirrored, and the last pixels inside are not repeated.",
        "The orange frame is the border of the image. What lies beyond?",
    )
