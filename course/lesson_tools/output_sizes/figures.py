"""Figures of the lesson "Output sizes"."""

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from convnet.plots import draw_grid, draw_image
from convnet.shapes import ShapeError
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.stacks import Layers, layers_of, sizes, unread

__all__ = ["board", "counting", "four_squares", "unread"]

READ = "#9ecae1"
HATCHED: dict[str, Any] = {"facecolor": "white", "edgecolor": "tab:red", "hatch": "//", "lw": 0}


def four_squares(page: Array, network: Callable[[Array], Array], layers: Layers) -> FigureOutput:
    """Show four squares of a page, the network's output for each, and the pixels it never reads."""
    fig, axes = plt.subplots(2, 2, figsize=(7, 7.2), layout="constrained")
    for ax, n in zip(axes.flat, (93, 94, 125, 126), strict=True):
        square = page[:n, :n]
        try:
            outcome = "output {} x {}".format(*network(square).shape[1:3])
            read = n - int(unread(n, layers).sum())
        except ShapeError:
            outcome, read = "error", n
        draw_image(ax, square, limits=(0, 255), scale=False)
        ax.set_title(f"{n} x {n} pixels: {outcome}", fontsize=12)
        if read < n:
            for corner, width, height in (
                ((read - 0.5, -0.5), n - read, n),
                ((-0.5, read - 0.5), read, n - read),
            ):
                ax.add_patch(plt.Rectangle(corner, width, height, alpha=0.6, **HATCHED))
        ax.set(xlim=(-1, 126), ylim=(126, -1), frame_on=False)
    return present(
        fig,
        "Four squares of a printed page, on one scale. 93 by 93 pixels: an error. 94 by 94: the "
        "output is 1 by 1. 125 by 125: the output is 1 by 1 as well, and the last 31 rows and "
        "columns are hatched, with a line of text. 126 by 126: the output is 2 by 2.",
        "From 93 to 94 pixels, the error disappears. From 125 to 126, the hatched part is read at "
        "last.",
    )


def board(n: int, given: Any) -> FigureOutput:
    """Show the sizes of a network along one axis, and the entries that each layer drops."""
    layers = layers_of(given)
    before = sizes(n, layers)
    fits = len(before) > len(layers)
    rows = len(before) + (not fits)
    fig, ax = plt.subplots(figsize=(7, 0.7 + 0.42 * rows), layout="constrained")
    fitting, dropped = layers[: len(before) - 1], []
    for row, size in enumerate(before):
        ax.add_patch(plt.Rectangle((0, row - 0.32), size, 0.64, facecolor=READ, edgecolor="0.3"))
        mask = unread(size, fitting[row : row + 1])
        dropped.append(int(mask.sum()))
        for entry in np.flatnonzero(mask):
            ax.add_patch(plt.Rectangle((entry, row - 0.45), 1, 0.9, color="tab:red", zorder=3))
        name = f"{layers[row - 1]}" if row else "image"
        ax.text(-0.02 * n, row, name, ha="right", va="center", fontsize=11)
        ax.text(size + 0.02 * n, row, f"{size}", va="center", fontsize=12, weight="bold")
        if dropped[row]:
            place, text = size + 0.13 * n, f"{dropped[row]} dropped"
            ax.text(place, row, text, va="center", fontsize=12, color="tab:red", weight="bold")
    if not fits:
        row, (f, _, p) = len(before), layers[len(before) - 1]
        text = f"fails: a kernel of {f} does not fit {before[-1] + 2 * p}"
        ax.text(-0.02 * n, row, f"{layers[row - 1]}", ha="right", va="center", fontsize=11)
        ax.text(0, row, text, va="center", color="tab:red", fontsize=12)
    ax.set(xlim=(-0.3 * n, max(before) + 0.36 * n), ylim=(rows - 0.5, -0.5))
    ax.axis("off")
    chain = " -> ".join(map(str, before))
    if fits:
        never = int(unread(n, layers).sum())
        verdict = f"{never} of {n} pixels are never read" if never else "every pixel is read"
    else:
        verdict = f"layer {len(before)} fails"
    ax.set_title(f"{chain}: {verdict}" if len(chain) < 50 else verdict, fontsize=12)
    red = ", ".join(f"{lost} of {size}" for lost, size in zip(dropped, before, strict=True) if lost)
    text = f"A bar for the image and for the output of each layer: {chain}; {verdict}."
    text += f" Dropped by the next layer, and red: {red}." if red else ""
    return present(fig, text, "Red: entries that are in no window of the next layer.")


def counting() -> FigureOutput:
    """Show how the positions on a padded strip are counted, for n = 6, p = 1, f = 3, s = 2."""
    fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
    padding = np.zeros((1, 8), dtype=bool)
    padding[:, [0, -1]] = True
    draw_grid(ax, np.array([[0, 3, 1, 4, 1, 5, 9, 0]]), hatched=padding, scale=(0, 12))
    for number, start in enumerate((0, 2, 4)):
        y = 1.1 + 0.45 * number
        ax.plot([start - 0.45, start + 2.45], [y, y], "tab:orange", lw=5, solid_capstyle="butt")
        ax.text(start + 2.6, y, f"start {start}", va="center", fontsize=11)
    ax.plot([4.55, 7.45], [2.6, 2.6], "0.6", lw=5, solid_capstyle="butt")
    ax.text(4.4, 2.6, "latest possible start, 5: not a multiple of 2", ha="right", va="center")
    for left, right, y, text in ((0, 8, -0.85, "n + 2p = 8"), (0, 5, -1.5, "n + 2p - f = 5")):
        ends = {"arrowstyle": "<->", "color": "0.3"}
        ax.annotate("", (left - 0.5, y), (right - 0.5, y), arrowprops=ends)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        ax.text((left + right) / 2 - 0.5, y, text, ha="center", va="center", bbox=box)
    ax.set(xticks=[], yticks=[], xlim=(-0.7, 8.2), ylim=(2.9, -1.8))
    return present(
        fig,
        "The strip 3 1 4 1 5 9 with a hatched zero on each side, 8 entries. Bars for the kernel "
        "start at 0, 2 and 4. A gray bar starts at 5, the latest possible start, n + 2p - f, which "
        "is not a multiple of 2.",
        "With stride 2, only the multiples of 2 up to the latest start count: 0, 2 and 4.",
    )
