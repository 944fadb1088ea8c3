"""Draw grids of numbers, images, and training results.

The assignments' notebooks carry copies of some functions, so each function needs only `np` and
`plt`. No information is conveyed by color alone: cells show their numbers, padding is hatched, and
the outlines of windows also differ in line style. `draw_grid` and `draw_image`, which the notebooks
show, have docstrings in the form of those in the assignments.
"""

from collections.abc import Sequence
from typing import no_type_check

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from convnet.types import Array

__all__ = [
    "draw_confusion",
    "draw_grid",
    "draw_image",
]


@no_type_check
def draw_grid(ax, values, title="", windows=(), hatched=None, scale=None):
    """
    Draw a 2-D array as a grid of cells with the numbers written in them.

    ax -- the matplotlib axes to draw on
    values -- 2-D array; larger values are darker (negative: orange, positive: purple, nan: empty)
    windows -- rectangles to outline, each (row, column, height, width, color)
    hatched -- array of booleans, True for the cells to hatch, such as padding
    scale -- the smallest and the largest number of all grids to compare with this one
    """
    values = np.asarray(values, dtype=float)
    rows, columns = values.shape
    low, high = scale or (np.nanmin(values), np.nanmax(values))
    if low < 0:
        shades, cmap = 0.5 + 0.25 * np.nan_to_num(values) / max(-low, high), "PuOr"
    else:
        shades = 0.05 + 0.5 * (np.nan_to_num(values, nan=low) - low) / (high - low or 1)
        cmap = "Blues"
    edges = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    ax.pcolormesh(*edges, shades, cmap=cmap, vmin=0, vmax=1, edgecolors="0.5", linewidth=1)
    for (row, column), value in np.ndenumerate(values):
        backing = None
        if hatched is not None and hatched[row, column]:
            backing = {"color": "white", "pad": 1.5}
            cell = {"facecolor": "white", "edgecolor": "0.5", "hatch": "////", "in_layout": False}
            ax.add_artist(plt.Rectangle((column - 0.5, row - 0.5), 1, 1, **cell))
        text = "" if np.isnan(value) else f"{value + 0:.4g}"  # + 0 turns -0.0 into 0.0
        ax.text(column, row, text, ha="center", va="center", bbox=backing, in_layout=False)
    for k, (row, column, height, width, color) in enumerate(windows):
        inset = 0.07 * (k % 3)  # windows that share an edge stay apart
        corner = (column - 0.5 + inset, row - 0.5 + inset)
        line = {"fill": False, "color": color, "lw": 3, "ls": ["-", "--", ":"][k % 3]}
        ax.add_artist(plt.Rectangle(corner, width - 2 * inset, height - 2 * inset, **line))
    for axis, count in (ax.xaxis, columns), (ax.yaxis, rows):
        axis.set_major_locator(plt.FixedLocator(range(count)))  # makes its ticks when it is drawn
    ax.set(title=title, aspect="equal", frame_on=False)
    ax.set(xlim=(-0.6, columns - 0.4), ylim=(rows - 0.4, -0.6))
    ax.tick_params(length=0, labelsize=8, labelcolor="0.4")


@no_type_check
def draw_image(ax, image, title="", limits=None, scale=True):
    """
    Draw a 2-D array as an image, or a color image of three channels.

    Without negative numbers, black is 0 and white is the largest number. With negative
    numbers, white is 0, orange is below it and purple above it. `limits` sets the lowest and the
    highest number instead: use the same limits for panels that are compared. If `scale` is true, a
    color bar and the numbers of rows and columns are drawn too.
    """
    if limits is None:
        largest = np.max(np.abs(image)) or 1
        limits = (-largest if np.min(image) < 0 else 0, largest)
    low, high = limits
    shown = ax.imshow(image, cmap="PuOr" if low < 0 else "gray", vmin=low, vmax=high)
    ax.set_title(title)
    if scale:
        ax.locator_params(integer=True)
        ax.figure.colorbar(shown, ax=ax, shrink=0.7)
    else:
        ax.set(xticks=[], yticks=[])


def draw_confusion(ax: Axes, labels: Array, predictions: Array, names: Sequence[str]) -> None:
    """
    Draw a confusion matrix: rows are true classes, columns predicted ones.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes to draw on.
    labels, predictions : ndarray of m integers
        True and predicted classes, from 0 to len(names) - 1. Use argmax(axis=1) to turn
        probabilities into predictions.
    names : sequence of str
        Names of the classes.
    """
    counts = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(counts, (labels, predictions), 1)
    shades = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(shades, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        color = "white" if shades[row, column] > 0.6 else "black"
        ax.text(column, row, count, ha="center", va="center", color=color, fontsize=8)
    ax.set(xticks=range(len(names)), yticks=range(len(names)))
    ax.set_xticklabels(names, rotation=45, ha="right")
    ax.set_yticklabels(names)
    ax.set(xlabel="predicted class", ylabel="true class")
