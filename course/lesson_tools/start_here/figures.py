"""Figures of the lesson "Start here"."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = ["brighter", "broadcast", "crop", "means", "outlines"]

BYTE = (0, 255)


def _panels(
    images: dict[str, Array],
    height: float,
    widths: Sequence[float] | None = None,
    limits: tuple[int, int] = BYTE,
) -> tuple[Figure, list[Axes]]:
    """Draw images in a row, with their names as titles, and return figure and axes."""
    fig, axes = plt.subplots(
        1,
        len(images),
        figsize=(7, height),
        layout="constrained",
        squeeze=False,
        width_ratios=widths,
    )
    for ax, (name, image) in zip(axes.flat, images.items(), strict=True):
        draw_image(ax, image, "", limits, scale=False)
        ax.set_title(name, fontsize=11)
    return fig, list(axes.flat)


def brighter(image: Array, bright: Array) -> FigureOutput:
    """Show an image beside one that should be brighter."""
    fig, _ = _panels({"before": image, "after": bright}, 2.6)
    if (bright.astype(int) < image).any():
        after = (
            "Where a number has passed 255, the color is not brighter but wrong: with 80 added, "
            "patches of the fur are turquoise."
        )
    else:
        after = "All of its colors are brighter."
    return present(
        fig,
        "The face of a cat, twice, in large pixels. On the left in its own colors, brown fur with "
        "gray stripes, yellow eyes and a red nose. On the right after a number has been added to "
        f"every pixel. {after}",
    )


def crop(image: Array, part: Array) -> FigureOutput:
    """Show an image and a slice of it, which is outlined in the image if it is a view."""
    fig, (left, right) = _panels(
        {f"{image.shape}": image, f"{part.shape}": part}, 2.6, widths=(5, 3)
    )
    if np.shares_memory(image, part):
        # A view begins at an address within the image's memory: count its rows and columns.
        addresses = [array.__array_interface__["data"][0] for array in (part, image)]
        row, rest = divmod(addresses[0] - addresses[1], image.strides[0])
        column = rest // image.strides[1]
        corner = (column - 0.5, row - 0.5)
        size = part.shape[1], part.shape[0]
        left.add_patch(Rectangle(corner, *size, fc="none", ec="white", lw=3))
        left.add_patch(Rectangle(corner, *size, fc="none", ec="black", lw=1.5, ls="--"))
    left.set(xticks=range(0, image.shape[1], 20), yticks=range(0, image.shape[0], 20))
    right.set(xticks=[0, part.shape[1] - 1], yticks=[0, part.shape[0] - 1])
    return present(
        fig,
        f"On the left the image of shape {image.shape} with a dashed box around a part of it, on "
        f"the right this part, of shape {part.shape}. Rows are numbered from the top, columns from "
        "the left, and both begin at 0, in the image and again in the part.",
        "The part begins at row 0 and column 0 again.",
    )


def means(gray: Array, columns: Array, rows: Array) -> FigureOutput:
    """Show the mean of an image over each of its three axes."""
    fig, axes = plt.subplot_mosaic(
        "ar;c.",
        figsize=(5.2, 3.95),
        layout="constrained",
        width_ratios=[10, 1],
        height_ratios=[6.7, 1],
    )
    draw_image(axes["a"], gray, "axis=2: the colors are gone", BYTE, scale=False)
    axes["a"].set_aspect("auto")  # as wide as the strip below it
    for name, strip in (("c", columns[None]), ("r", rows[:, None])):
        axes[name].imshow(strip.astype(np.uint8), aspect="auto")
        axes[name].set(xticks=[], yticks=[])
    axes["c"].set_xlabel("axis=0: the rows are gone", fontsize=11)
    axes["r"].yaxis.set_label_position("right")
    axes["r"].set_ylabel("axis=1: the columns are gone", fontsize=11)
    return present(
        fig,
        "The cat in gray. Below it a strip of 100 colors, one for each column, reddish brown in "
        "the middle and gray at both ends. To its right a strip of 67 colors, one for each row, "
        "browner in the middle rows than at the top and the bottom.",
        "Below the cat: the mean color of each column. On its right: the mean color of each row.",
    )


def broadcast(sepia: Array, across: Array, down: Array) -> FigureOutput:
    """Show three products of a grayscale image and a smaller array."""
    titles = "gray[:, :, None] * tint", "gray * ramp", "gray * steps[:, None]"
    images = sepia.astype(np.uint8), across, down
    fig, _ = _panels(dict(zip(titles, images, strict=True)), 1.9)
    return present(
        fig,
        "Three images of the cat. The first is in brown tones, like an old photograph. The second "
        "is black at its left edge and becomes brighter to the right. The third is black at its "
        "top edge and becomes brighter downward.",
        "Each smaller array has been repeated along the axes that it lacks.",
    )


def outlines(photo: Array, values: Array) -> FigureOutput:
    """Show a photograph and its outlines, dark on white, above each other or side by side."""
    n_H, n_W, _ = photo.shape
    rows, columns = (2, 1) if n_W > n_H else (1, 2)
    width = 5.4 if rows == 2 else 7
    height = min(rows * width / columns * n_H / n_W, 8)
    fig, (left, right) = plt.subplots(rows, columns, figsize=(width, height), layout="constrained")
    draw_image(left, photo, "", BYTE, scale=False)
    darkest = max(np.percentile(values, 99), 1)
    draw_image(right, 1 - np.minimum(values / darkest, 1), "", (0, 1), scale=False)
    return present(
        fig,
        "A photograph and, dark on white, its outlines, which look like a pencil drawing. They are "
        "darkest where neighboring pixels differ most.",
        "Outlines are dark where neighboring pixels differ.",
    )
