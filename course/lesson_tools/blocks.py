"""Draw a block of a network: its layers, and a shortcut around them."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

__all__ = ["BLUE", "GREEN", "ORANGE", "RED", "draw_block"]

BLUE, GREEN, ORANGE, RED = "#9ecae1", "#c7e9c0", "#fdd0a2", "tab:red"


def draw_block(
    ax: Axes,
    title: str,
    boxes: Sequence[tuple[str, str, float]],
    shortcut: bool | str,
    last: str = "",
) -> None:
    """Draw boxes (label, color, width) from top to bottom, with a shortcut around them.

    Parameters
    ----------
    shortcut
        True for an identity, or the label of a layer on the shortcut.
    last
        Label of the layer after the addition.
    """
    rows = [*boxes, *([(last, "w", 0.9)] if last else [])]
    gap = 0.75 if last else 0
    low = len(rows) + (1.2 if last else 0.5)
    ax.set(xlim=(-1.35, 2.15 if isinstance(shortcut, str) else 1.4), ylim=(-low - 0.1, 0.95))
    ax.set_title(title, fontsize=10)
    ax.axis("off")
    arrow: dict[str, Any] = {"arrowprops": {"arrowstyle": "->", "color": "0.3"}}
    for row, (label, color, width) in enumerate(rows):
        y = -row - (gap if last and row == len(boxes) else 0)
        ax.add_patch(plt.Rectangle((-width / 2, y - 0.28), width, 0.56, fc=color, ec="0.3"))
        ax.text(0, y, label, ha="center", va="center", fontsize=9)
        ax.annotate("", (0, y + 0.28), (0, y + 0.72), **arrow)
    end = -len(boxes) + 0.72
    if not last:
        ax.annotate("", (0, end - 1.1), (0, end), **arrow)
    else:
        ax.plot([0, 0], [end, end - 1.2], color="0.3", lw=1)
        low = -len(rows) + 1 - gap - 0.28
        ax.annotate("", (0, low - 0.45), (0, low), **arrow)
    if shortcut:
        right, plus = 1.6 if isinstance(shortcut, str) else 1.2, end - 0.5
        ax.plot([0, right, right], [0.6, 0.6, plus], color=RED, lw=2)
        line = {"arrowstyle": "->", "color": RED, "lw": 2}
        ax.annotate("", (0.13, plus), (right + 0.02, plus), arrowprops=line)
        box = {"boxstyle": "circle", "fc": "w"}
        ax.text(0, plus, "+", ha="center", va="center", bbox=box)
        if isinstance(shortcut, str):
            y, width = (0.6 + plus) / 2, 0.95
            ax.add_patch(
                plt.Rectangle(
                    (right - width / 2, y - 0.36), width, 0.72, fc=ORANGE, ec=RED, zorder=3
                )
            )
            ax.text(right, y, shortcut, ha="center", va="center", fontsize=8, zorder=4)
