"""Figures of `course/bonus.py`."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = ["suppressed"]


def draw_boxes(ax: Axes, page: Array, boxes: Array, classes: Sequence[int]) -> None:
    """Draw boxes on a page, each in the color of its class."""
    draw_image(ax, page[:, :, 0], f"{len(boxes)} boxes", (0, 1), scale=False)
    for (top, left, bottom, right), digit in zip(boxes, classes, strict=True):
        size = (right - left, bottom - top)
        corner = (left - 0.5, top - 0.5)
        ax.add_patch(plt.Rectangle(corner, *size, fill=False, ec=f"C{digit}", lw=1.5))


def suppressed(
    page: Array, every: tuple[Array, Sequence[int]], kept: tuple[Array, Sequence[int]]
) -> FigureOutput:
    """Show all boxes of a page, and those that non-maximum suppression keeps."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 2.7), layout="constrained")
    draw_boxes(axes[0], page, *every)
    draw_boxes(axes[1], page, *kept)
    for (top, _, _, right), digit in zip(*kept, strict=True):
        axes[1].text(right, top, str(digit), color=f"C{digit}", fontsize=10, weight="bold")
    return present(
        fig,
        f"A page of digits twice. Left, {len(every[0])} boxes, several around each digit. "
        f"Right, the {len(kept[0])} boxes that are kept, each with its class.",
        "Left, every position that sees a digit reports it. Each color is a class.",
    )
