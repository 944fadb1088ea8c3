"""Small drawing helpers for the lessons: arrays as grids of numbers, and arrays as images.

The notebooks carry copies of these functions, so each one needs nothing but `np` and `plt`.
Nothing is told by colour alone: cells show their numbers, padding is hatched, and the outlines of
windows differ in line style too.
"""

import matplotlib.pyplot as plt
import numpy as np

__all__ = ["draw_grid", "draw_image"]


def draw_grid(ax, values, title="", windows=(), hatched=None):
    """
    Draw a 2-D array as a grid of cells with the numbers written in them.

    ax -- the matplotlib axes to draw on
    values -- 2-D array; a larger number gets a darker cell, nan an empty one
    windows -- rectangles to outline, each (row, column, height, width, colour)
    hatched -- array of booleans, True for the cells to hatch, such as padding
    """
    values = np.asarray(values, dtype=float)
    rows, columns = values.shape
    low, high = np.nanmin(values), np.nanmax(values)
    shades = 0.05 + 0.5 * (np.nan_to_num(values, nan=low) - low) / (high - low or 1)
    edges = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    ax.pcolormesh(*edges, shades, cmap="Blues", vmin=0, vmax=1, edgecolors="0.5", linewidth=1)
    for (row, column), value in np.ndenumerate(values):
        backing = None
        if hatched is not None and hatched[row, column]:
            backing = {"color": "white", "pad": 1.5}
            cell = {"facecolor": "white", "edgecolor": "0.5", "hatch": "////", "in_layout": False}
            ax.add_patch(plt.Rectangle((column - 0.5, row - 0.5), 1, 1, **cell))
        text = "" if np.isnan(value) else f"{value + 0:.4g}"  # + 0 turns -0.0 into 0.0
        ax.text(column, row, text, ha="center", va="center", bbox=backing, in_layout=False)
    for k, (row, column, height, width, colour) in enumerate(windows):
        inset = 0.07 * (k % 3)  # windows that share an edge stay apart
        corner = (column - 0.5 + inset, row - 0.5 + inset)
        line = {"fill": False, "color": colour, "lw": 3, "ls": ["-", "--", ":"][k % 3]}
        ax.add_patch(plt.Rectangle(corner, width - 2 * inset, height - 2 * inset, **line))
    ax.set(title=title, aspect="equal", xticks=range(columns), yticks=range(rows))
    ax.set(xlim=(-0.6, columns - 0.4), ylim=(rows - 0.4, -0.6), frame_on=False)
    ax.tick_params(length=0, labelsize=8, labelcolor="0.4")


def draw_image(ax, image, title=""):
    """
    Draw a 2-D array as an image with a scale beside it.

    Without negative numbers it runs from black, 0, to white, the largest number. With negative
    numbers, white is 0, orange is below it and purple above it.
    """
    largest = np.max(np.abs(image)) or 1
    if np.min(image) < 0:
        shown = ax.imshow(image, cmap="PuOr", vmin=-largest, vmax=largest)
    else:
        shown = ax.imshow(image, cmap="gray", vmin=0, vmax=largest)
    ax.set_title(title)
    ax.locator_params(integer=True)
    ax.figure.colorbar(shown, ax=ax, shrink=0.7)
