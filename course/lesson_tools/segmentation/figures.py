"""Figures of `course/25_segmentation.py`."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from scipy.ndimage import find_objects, label

from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.sweep import axes_for_grids

__all__ = [
    "architecture",
    "arms",
    "curves",
    "overlaps",
    "suppressed",
    "task",
    "two_masks",
]

TAB10 = [f"C{k}" for k in range(10)]  # the default color cycle
CLASSES = ListedColormap([*TAB10, "white"])
NAMED = 8  # pixels of the smallest group of one class that gets its digit


def draw_classes(ax: Axes, classes: Array, title: str = "") -> None:
    """Draw the class of each pixel as a color, and name the larger groups of connected pixels."""
    ax.imshow(classes, cmap=CLASSES, vmin=-0.5, vmax=10.5)
    for digit, color in enumerate(TAB10):
        groups, _ = label(classes == digit)
        for number, (rows, columns) in enumerate(find_objects(groups), 1):
            if np.sum(groups == number) >= NAMED:
                place: dict[str, Any] = {"va": "center", "color": color, "weight": "bold"}
                ax.text(columns.stop, rows.start, str(digit), fontsize=8, **place)
    ax.set_title(title)
    ax.set(xticks=[], yticks=[])


def legend(fig: Figure) -> None:
    """Add the colors of the ten digits above the axes."""
    marks = [plt.Rectangle((0, 0), 1, 1, color=color) for color in TAB10]
    fig.legend(
        marks,
        [str(k) for k in range(10)],
        loc="outside lower center",
        ncols=10,
        fontsize=9,
        handlelength=1,
        columnspacing=1,
    )


def task(pages: Array, truth: Array, predicted: Array | None = None) -> FigureOutput:
    """Show pages, the true classes of their pixels, and the predicted ones, if any."""
    rows = {"page": pages, "true classes": truth}
    if predicted is not None:
        rows["predicted"] = predicted
    fig, axes = plt.subplots(
        len(rows), len(pages), figsize=(7, 1.85 * len(rows) + 0.4), layout="constrained"
    )
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        for ax, image in zip(line, images, strict=True):
            if name == "page":
                draw_image(ax, image[:, :, 0], "", (-0.3, 1.1), scale=False)
                ax.images[0].set_cmap("gray")
            else:
                draw_classes(ax, image)
        line[0].set_ylabel(name)
    legend(fig)
    last = (
        ""
        if predicted is None
        else " In the third row, the network's predictions, mostly the same."
    )
    return present(
        fig,
        f"{len(pages)} noisy dark pages of 32 by 32 pixels, each with up to four digits. "
        "Below each, the same page in colors: the strokes of a digit have the color of "
        f"its class, and everything else is white.{last}",
        "Each color is a class. White is the eleventh class, the background.",
    )


def two_masks(truth: Array, predicted: Array) -> FigureOutput:
    """Show two masks, their intersection and their union."""
    fig = plt.figure(figsize=(7, 2.2))
    panels = {
        "truth": truth,
        "prediction": predicted,
        "intersection": truth & predicted,
        "union": truth | predicted,
    }
    axes = axes_for_grids(fig, [mask.shape for mask in panels.values()])
    for ax, (name, mask) in zip(axes, panels.items(), strict=True):
        draw_grid(ax, mask.astype(int), name, scale=(0, 1.6))
        ax.title.set_fontsize(10)
    described = "; ".join(
        f"{name}: {', '.join(''.join(str(int(v)) for v in row) for row in mask)}"
        for name, mask in panels.items()
    )
    return present(
        fig,
        f"Four grids of zeros and ones. Row by row, {described}.",
        "Count the ones in the third grid and in the fourth.",
    )


def architecture() -> FigureOutput:
    """Draw the U-Net: the shapes of its maps, on the way down, at the bottom and up again."""
    fig, ax = plt.subplots(figsize=(7, 3.7), layout="constrained")
    places = {
        (0.0, 2): "page\n32 x 32 x 1",
        (1.6, 2): "32 x 32 x 16",
        (2.4, 1): "16 x 16 x 32",
        (3.5, 0): "8 x 8 x 64",
        (4.6, 1): "16 x 16 x 32",
        (5.4, 2): "32 x 32 x 16",
        (7.0, 2): "scores\n32 x 32 x 11",
    }
    for (x, y), text in places.items():
        ax.text(
            x,
            y,
            text,
            ha="center",
            va="center",
            fontsize=9,
            zorder=2,
            bbox={"boxstyle": "round", "fc": "white", "ec": "black"},
        )
    arrow = {"arrowstyle": "->", "lw": 1.8, "shrinkA": 30, "shrinkB": 38}
    for start, end, color in (
        ((0.0, 2), (1.6, 2), "black"),
        ((1.6, 2), (2.4, 1), "tab:blue"),
        ((2.4, 1), (3.5, 0), "tab:blue"),
        ((3.5, 0), (4.6, 1), "tab:green"),
        ((4.6, 1), (5.4, 2), "tab:green"),
        ((5.4, 2), (7.0, 2), "black"),
    ):
        close = {"shrinkA": 16, "shrinkB": 16} if color != "black" else {}
        ax.annotate("", end, start, arrowprops={**arrow, "color": color, **close}, zorder=1)
    for start, end in (((1.6, 2), (5.4, 2)), ((2.4, 1), (4.6, 1))):
        dashed = {**arrow, "color": "tab:orange", "ls": "--", "shrinkA": 34, "shrinkB": 34}
        ax.annotate("", end, start, arrowprops=dashed)
    ax.text(3.5, 2.13, "skip connection", ha="center", color="tab:orange", fontsize=9)
    ax.text(3.5, 1.13, "skip connection", ha="center", color="tab:orange", fontsize=9)
    ax.text(1.75, 0.5, "pooling,\nconvolution", ha="right", color="tab:blue", fontsize=9)
    up = "transposed convolution,\nconcatenation,\nconvolution"
    ax.text(5.0, 0.35, up, ha="left", color="tab:green", fontsize=9)
    ax.set(xlim=(-0.7, 7.8), ylim=(-0.45, 2.5))
    ax.axis("off")
    return present(
        fig,
        "A diagram in the shape of the letter U. On the left, from the page of 32 by 32 by 1 down: "
        "maps of 32 by 32 by 16, of 16 by 16 by 32 and, at the bottom, of 8 by 8 by 64. On the "
        "right up again: 16 by 16 by 32, 32 by 32 by 16, and scores of 32 by 32 by 11. Dashed "
        "arrows, the skip connections, lead straight across from the left to the right on the two "
        "upper levels.",
        "Down, the maps become smaller and deeper; up, larger again. The dashed arrows skip the "
        "bottom.",
    )


def curves(history: Sequence[tuple[float, float, float]]) -> FigureOutput:
    """Show accuracy, IoU of the ink and mean IoU by epoch."""
    fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
    epochs = np.arange(1, len(history) + 1)
    names = ("accuracy", "IoU of ink, any digit", "mean IoU of 11 classes")
    for values, name, mark in zip(zip(*history, strict=True), names, "os^", strict=True):
        ax.plot(epochs, values, f"-{mark}", label=name)
    ax.set(xlabel="epoch", ylim=(0, 1), xticks=epochs)
    fig.legend(loc="outside upper center", ncols=3, fontsize=9)
    ax.grid(alpha=0.4)
    last = ", ".join(f"{name} {value:.2f}" for name, value in zip(names, history[-1], strict=True))
    return present(
        fig,
        "Three curves by epoch. The accuracy begins near 0.93 and rises only a little. The IoU of "
        "ink rises first, and the mean IoU follows it more slowly. At the end: "
        f"{last}.",
        "The accuracy looks fine from the first epoch. Which curve tells you how well the network "
        "works?",
    )


def arms(
    results: Mapping[str, Mapping[str, Sequence[float]]], text: str, caption: str
) -> FigureOutput:
    """Show several measures of several arms: a panel for each measure, a dot for each seed."""
    measures = list(next(iter(results.values())))
    fig, axes = plt.subplots(
        1,
        len(measures),
        figsize=(7, 0.95 + 0.42 * len(results)),
        sharey=True,
        layout="constrained",
        squeeze=False,
    )
    for ax, measure in zip(axes[0], measures, strict=True):
        for number, values in enumerate(results.values()):
            dots = np.asarray(values[measure])
            ax.axhline(number, color="0.88", lw=1, zorder=0)
            ax.plot(dots, np.full(len(dots), number), "o", color="tab:blue", alpha=0.55, ms=6)
            ax.plot([dots.mean()] * 2, [number - 0.3, number + 0.3], color="black", lw=2)
        ax.set_title(measure, fontsize=10)
        ax.tick_params(axis="x", labelsize=8)
        ax.locator_params(axis="x", nbins=4)
    axes[0, 0].set(yticks=range(len(results)), yticklabels=list(results))
    axes[0, 0].set_ylim(len(results) - 0.5, -0.5)
    described = "; ".join(
        f"{name}: "
        + ", ".join(
            f"{measure} {min(dots):.3g} to {max(dots):.3g}" for measure, dots in values.items()
        )
        for name, values in results.items()
    )
    return present(fig, f"{text} {described}.", caption)


def overlaps(one: Array, other: Array) -> FigureOutput:
    """Show two boxes on a grid of pixels, with their overlap."""
    fig, ax = plt.subplots(figsize=(3.2, 3.0), layout="constrained")
    for (top, left, bottom, right), color, style in (
        (one, "tab:blue", "-"),
        (other, "tab:orange", "--"),
    ):
        size = (right - left, bottom - top)
        ax.add_patch(plt.Rectangle((left, top), *size, fill=False, ec=color, lw=2.5, ls=style))
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    ax.add_patch(plt.Rectangle(low[::-1], *(high - low)[::-1], color="0.8", zorder=0))
    ax.set(xlim=(0, 9), ylim=(9, 0), xticks=range(10), yticks=range(10), aspect="equal")
    ax.grid(alpha=0.5)
    return present(
        fig,
        f"Two boxes on a grid. One covers rows {one[0]:g} to {one[2]:g} and columns {one[1]:g} to "
        f"{one[3]:g}, the other rows {other[0]:g} to {other[2]:g} and columns {other[1]:g} to "
        f"{other[3]:g}. Their overlap is gray.",
        "Count cells: the gray ones, and those in at least one of the boxes.",
    )


def draw_boxes(ax: Axes, page: Array, found: Array, classes: Sequence[int], title: str) -> None:
    """Draw boxes on a page, each with its class."""
    draw_image(ax, page[:, :, 0], title, (0, 1), scale=False)
    for (top, left, bottom, right), digit in zip(found, classes, strict=True):
        size = (right - left, bottom - top)
        corner = (left - 0.5, top - 0.5)
        ax.add_patch(plt.Rectangle(corner, *size, fill=False, ec=TAB10[digit], lw=1.5))


def suppressed(
    page: Array, every: tuple[Array, Sequence[int]], kept: tuple[Array, Sequence[int]]
) -> FigureOutput:
    """Show all boxes of a page, and those that non-maximum suppression keeps."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 2.7), layout="constrained")
    draw_boxes(axes[0], page, *every, f"{len(every[0])} boxes")
    draw_boxes(axes[1], page, *kept, f"{len(kept[0])} boxes")
    for (top, _, _, right), digit in zip(*kept, strict=True):
        axes[1].text(right, top, str(digit), color=TAB10[digit], fontsize=10, weight="bold")
    legend(fig)
    return present(
        fig,
        f"A page of digits twice. Left, {len(every[0])} boxes, several around each digit, which do "
        f"not quite agree. Right, {len(kept[0])} boxes, one around each digit, with its class.",
        "Left, every position that sees a digit reports it. Right, one report for each digit.",
    )
